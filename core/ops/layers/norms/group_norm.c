/* Group norm and instance norm: mean and variance of each clip's channels, some of them together.
   The kernels of batch norm compute them clip by clip: sums of a group are sums over its
   channels. */
#include <math.h>

#include "../../../base/error.h"
#include "../../../kernels/norms/norms.h"
#include "../../ops.h"

typedef struct group_norm {
  size_t groups; /* 0: as many as channels */
  double epsilon;
} group_norm;

/* Rows of each clip's facts, per channel: (batch, ROWS, channels). */
enum { MEAN, INVERSE, SCALE, SHIFT, ROWS };
/* Rows of scratch for backward. */
enum { S0, S1, A, B, C, WORK };

typedef struct shape {
  size_t batch, rows, channels, groups, size; /* size: channels of a group */
} shape;

static shape shape_of(const ms_tensor *x, const group_norm *a)
{
  const size_t channels = x->dim[x->ndim - 1], groups = a->groups ? a->groups : channels;
  return (shape){ x->dim[0], x->count / x->dim[0] / channels, channels, groups,
                  channels / groups };
}

static real *row_of(const ms_tensor *stats, const shape *s, size_t clip, int row)
{
  return stats->data + (clip * ROWS + (size_t)row) * s->channels;
}

/* Means and variances of channels become mean and inverse deviation of their groups. */
static void merge(const shape *s, double epsilon, real *mean, real *variance)
{
  for (size_t g = 0; g < s->channels; g += s->size) {
    double centre = 0, squares = 0;
    for (size_t c = g; c < g + s->size; c++) centre += (double)mean[c];
    centre /= (double)s->size;
    for (size_t c = g; c < g + s->size; c++) {
      const double d = (double)mean[c] - centre;
      squares += (double)variance[c] + d * d;
    }
    const double inverse = 1 / sqrt(squares / (double)s->size + epsilon);
    for (size_t c = g; c < g + s->size; c++) {
      mean[c] = (real)centre;
      variance[c] = (real)inverse;
    }
  }
}

/* One clip: its facts, and y. */
static int normalise(const shape *s, const ms_call *c, ms_tensor *stats, size_t clip, real *y)
{
  const ms_tensor *gamma = c->input[1], *beta = c->input[2];
  const real *x = c->input[0]->data + clip * s->rows * s->channels;
  real *mean = row_of(stats, s, clip, MEAN), *inverse = row_of(stats, s, clip, INVERSE);
  real *scale = row_of(stats, s, clip, SCALE), *shift = row_of(stats, s, clip, SHIFT);
  if (ms_k_norms()->statistics(x, s->rows, s->channels, mean, inverse) != 0) return -1;
  merge(s, ((const group_norm *)c->attributes)->epsilon, mean, inverse);
  for (size_t k = 0; k < s->channels; k++) {
    const double wide = (double)inverse[k] * (gamma ? (double)gamma->data[k] : 1);
    scale[k] = (real)wide;
    shift[k] = (real)((beta ? (double)beta->data[k] : 0) - wide * (double)mean[k]);
  }
  const ms_affine_relu f = { scale, shift, 1 };
  return ms_k_norms()->apply(x, s->rows, s->channels, &f, y + clip * s->rows * s->channels);
}

/* With s0 = sum gy and s1 = sum gy (x - mean) of each channel, gamma g, m numbers of a group and
   its inverse deviation r: gx = g r gy - r (sum g s0) / m - r^3 (x - mean) (sum g s1) / m. */
static void coefficients(const shape *s, const ms_tensor *gamma, const real *inverse, real *work)
{
  const double count = (double)(s->rows * s->size);
  const size_t n = s->channels;
  for (size_t g = 0; g < n; g += s->size) {
    double s0 = 0, s1 = 0;
    for (size_t c = g; c < g + s->size; c++) {
      const double w = gamma ? (double)gamma->data[c] : 1;
      s0 += w * (double)work[S0 * n + c];
      s1 += w * (double)work[S1 * n + c];
    }
    const double r = (double)inverse[g];
    for (size_t c = g; c < g + s->size; c++) {
      work[A * n + c] = (real)(r * (gamma ? (double)gamma->data[c] : 1));
      work[B * n + c] = (real)(-r * r * r * s1 / count);
      work[C * n + c] = (real)(-r * s0 / count);
    }
  }
}

/* Adds a clip's part to the gradients of weight and bias. */
static void add(const shape *s, const real *inverse, const real *work, ms_tensor **gx)
{
  for (size_t c = 0; c < s->channels; c++) {
    if (gx[1]) gx[1]->data[c] += inverse[c] * work[S1 * s->channels + c];
    if (gx[2]) gx[2]->data[c] += work[S0 * s->channels + c];
  }
}

static int back_clip(const ms_node *node, const shape *s, size_t clip, const ms_tensor *gy,
                     real *work, ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(node, 0), *stats = ms_node_saved(node, 1);
  const size_t at = clip * s->rows * s->channels, n = s->channels;
  const real *mean = row_of(stats, s, clip, MEAN), *inverse = row_of(stats, s, clip, INVERSE);
  const ms_affine_relu f = { row_of(stats, s, clip, SCALE), row_of(stats, s, clip, SHIFT), 1 };
  if (ms_k_norms()->back_sums(x->data + at, gy->data + at, s->rows, n, &f, mean, work + S0 * n,
                              work + S1 * n) != 0)
    return -1;
  add(s, inverse, work, gx);
  if (!gx[0]) return 0;
  coefficients(s, ms_node_saved(node, 2), inverse, work);
  return ms_k_norms()->back_apply(x->data + at, gy->data + at, s->rows, n, &f, mean, work + A * n,
                                  work + B * n, work + C * n, gx[0]->data + at);
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(node, 0);
  const shape s = shape_of(x, ms_node_attributes(node));
  if (ms_needs_input_grad(node, 0) && !(gx[0] = ms_tensor_like(x))) return -1;
  for (int i = 1; i < 3; i++)
    if (ms_needs_input_grad(node, i) && !(gx[i] = ms_tensor_zeros(1, &s.channels))) return -1;
  ms_tensor *work = ms_tensor_new(2, (size_t[]){ WORK, s.channels });
  int status = work ? 0 : -1;
  for (size_t clip = 0; clip < s.batch && status == 0; clip++)
    status = back_clip(node, &s, clip, gy, work->data, gx);
  ms_tensor_free(work);
  return status;
}

static int check(const char *name, const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const group_norm *a = c->attributes;
  char shape_text[MS_SHAPE_TEXT];
  ms_shape_text(x->ndim, x->dim, shape_text);
  if (x->ndim < 2)
    return ms_fail("%s: x must be batch x ... x channel, got %s", name, shape_text);
  const size_t channels = x->dim[x->ndim - 1];
  if (a->groups && channels % a->groups)
    return ms_fail("%s: %zu groups do not divide %zu channels (x %s)", name, a->groups, channels,
                   shape_text);
  for (int i = 1; i < 3; i++)
    if (c->input[i] && (c->input[i]->ndim != 1 || c->input[i]->count != channels))
      return ms_fail("%s: weight and bias have one number for each channel (x %s)", name,
                     shape_text);
  if (!x->count) return ms_fail("%s: nothing to normalise (x %s)", name, shape_text);
  return 0;
}

static ms_tensor *run(const char *name, const ms_call *c)
{
  ms_tensor *x = c->input[0];
  if (check(name, c) != 0) return NULL;
  const shape s = shape_of(x, c->attributes);
  ms_tensor *stats = ms_tensor_new(3, (size_t[]){ s.batch, ROWS, s.channels });
  ms_tensor *y = stats ? ms_tensor_like(x) : NULL;
  for (size_t clip = 0; y && clip < s.batch; clip++)
    if (normalise(&s, c, stats, clip, y->data) != 0) {
      ms_tensor_free(y);
      y = NULL;
    }
  y = ms_record(c, y, 3, (ms_tensor *[]){ x, stats, c->input[1] });
  ms_tensor_free(stats);
  return y;
}

static ms_tensor *group_forward(const ms_call *c)
{
  return run("group_norm", c);
}

/** x:group_norm(groups, [weight], [bias], [epsilon = 1e-5]) -> x (batch, ..., channel), normalised
    by mean and variance of each clip's groups of channels, times weight plus bias (of channels), as
    PyTorch's group_norm */
static const ms_op group_norm_op = {
  .name = "group_norm", .forward = group_forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(group_norm),
  .takes = { MS_TENSOR(x), MS_THE_COUNT(group_norm, groups), MS_OPTIONAL(weight),
             MS_OPTIONAL(bias), MS_NUMBER(group_norm, epsilon, 1e-5) },
};
MS_OPERATOR(group_norm_op)

static ms_tensor *instance_forward(const ms_call *c)
{
  return run("instance_norm", c);
}

/** x:instance_norm([weight], [bias], [epsilon = 1e-5]) -> x (batch, ..., channel), normalised by
    mean and variance of each channel of each clip, times weight plus bias, as PyTorch's
    instance_norm */
static const ms_op instance_norm_op = {
  .name = "instance_norm", .forward = instance_forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(group_norm),
  .takes = { MS_TENSOR(x), MS_OPTIONAL(weight), MS_OPTIONAL(bias),
             MS_NUMBER(group_norm, epsilon, 1e-5) },
};
MS_OPERATOR(instance_norm_op)
