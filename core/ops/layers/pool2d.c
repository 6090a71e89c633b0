/* Max and average pooling with unequal factors. */
#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../kernels/norm_pooling.h"
#include "batch_norm.h"
#include "../operator.h"

static int pool_shape(const char *name, const ms_tensor *x, size_t ph, size_t pw, ms_pool_shape *s)
{
  char a[MS_SHAPE_TEXT];
  if (x->ndim != 4)
    return ms_fail("%s: x must be batch x time x frequency x channel, got %s", name,
                   ms_shape_text(x->ndim, x->dim, a));
  if (ph < 1 || pw < 1 || ph * pw > 256 || x->dim[1] < ph || x->dim[2] < pw)
    return ms_fail("%s: a window of %zux%zu does not fit x %s", name, ph, pw,
                   ms_shape_text(x->ndim, x->dim, a));
  *s = (ms_pool_shape){ x->dim[0], x->dim[1], x->dim[2], x->dim[3], ph, pw };
  return 0;
}

static ms_tensor *pooled(const ms_pool_shape *s)
{
  size_t dim[] = { s->n, s->h / s->ph, s->w / s->pw, s->channels };
  return ms_tensor_new(4, dim);
}

static int max_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const ms_pool_shape *s = ms_node_args(n);
  gx[0] = ms_tensor_new(4, ms_node_input_dim(n, 0, &ndim));
  if (!gx[0]) return -1;
  ms_k_pooling()->max_back(s, gy->data, (unsigned char *)ms_node_saved(n, 0)->data, gx[0]->data);
  return 0;
}

static const ms_op max_op = {
  .name = "max_pool2d", .backward = max_backward, .args = sizeof(ms_pool_shape)
};

/* The places are bytes, and only backward needs them; they live in a tensor's storage because the
   graph keeps tensors. */
ms_tensor *ms_max_pool2d(ms_tensor *x, size_t ph, size_t pw)
{
  ms_pool_shape s;
  if (pool_shape("max_pool2d", x, ph, pw, &s) != 0) return NULL;
  ms_tensor *y = pooled(&s), *place = NULL;
  if (y && ms_recording(1, &x)) {
    size_t room = y->count / sizeof(real) + 1;
    place = ms_tensor_new(1, &room);
    if (!place) return ms_tensor_free(y), NULL;
  }
  if (!y) return NULL;
  ms_k_pooling()->max_forward(&s, x->data, y->data, place ? (unsigned char *)place->data : NULL);
  y = ms_record(y, &max_op, 1, &x, 1, &place, &s);
  ms_tensor_free(place);
  return y;
}

/* ---- after a batch norm ------------------------------------------------------------------- */
typedef struct args {
  ms_batch_norm_options norm; /* first, for batch_norm.h */
  ms_pool_shape s;
} args;

static ms_pool_norm norm_of(const ms_tensor *facts, double slope)
{
  return (ms_pool_norm){ ms_norm_fact(facts, MS_NORM_SCALE), ms_norm_fact(facts, MS_NORM_SHIFT),
                         ms_norm_fact(facts, MS_NORM_MEAN), (real)slope };
}

static int norm_max_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const args *a = ms_node_args(n);
  ms_tensor *x = ms_node_saved(n, 0), *work = ms_norm_work(n, gx);
  const ms_pool_norm norm = norm_of(ms_node_saved(n, 1), a->norm.slope);
  if (!work) return -1;
  int status = ms_k_norm_pooling()->back_sums(&a->s, &norm, x->data, gy->data, gx[2]->data,
                                              ms_norm_fact(work, MS_NORM_S1));
  if (status == 0) ms_norm_coefficients(n, gx, work);
  if (status == 0 && ms_node_wants(n, 0)) {
    gx[0] = ms_tensor_like(x);
    status = gx[0] ? 0 : -1;
    if (gx[0])
      ms_k_norm_pooling()->back_apply(&a->s, &norm, x->data, gy->data,
                                      ms_norm_fact(work, MS_NORM_A),
                                      ms_norm_following(n, work, MS_NORM_B),
                                      ms_norm_following(n, work, MS_NORM_C), gx[0]->data);
  }
  ms_tensor_free(work);
  return status;
}

static const ms_op norm_max_op = {
  .name = "norm_max_pool2d", .backward = norm_max_backward, .args = sizeof(args)
};

ms_tensor *ms_norm_max_pool2d(ms_tensor *x, const ms_norm *norm, size_t ph, size_t pw)
{
  ms_pool_shape s;
  if (pool_shape("max_pool2d", x, ph, pw, &s) != 0) return NULL;
  ms_tensor *facts = ms_norm_facts(x, norm), *y = facts ? pooled(&s) : NULL;
  if (y) {
    const ms_pool_norm f = norm_of(facts, norm->o.slope);
    ms_k_norm_pooling()->forward(&s, &f, x->data, y->data);
    ms_tensor *input[] = { x, norm->gamma, norm->beta }, *save[] = { x, facts, norm->gamma };
    y = ms_record(y, &norm_max_op, 3, input, 3, save, &(args){ norm->o, s });
  }
  ms_tensor_free(facts);
  return y;
}

static int avg_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const ms_pool_shape *s = ms_node_args(n);
  gx[0] = ms_tensor_new(4, ms_node_input_dim(n, 0, &ndim));
  if (!gx[0]) return -1;
  ms_k_pooling()->mean_back(s, gy->data, gx[0]->data);
  return 0;
}

static const ms_op avg_op = {
  .name = "avg_pool2d", .backward = avg_backward, .args = sizeof(ms_pool_shape)
};

ms_tensor *ms_avg_pool2d(ms_tensor *x, size_t ph, size_t pw)
{
  ms_pool_shape s;
  if (pool_shape("avg_pool2d", x, ph, pw, &s) != 0) return NULL;
  ms_tensor *y = pooled(&s);
  if (!y) return NULL;
  ms_k_pooling()->mean_forward(&s, x->data, y->data);
  return ms_record(y, &avg_op, 1, &x, 0, NULL, &s);
}

/* The window of a call: ph and, by default as much, pw; 0 where one is none. */
static void window_of(const ms_arg *a, size_t *ph, size_t *pw)
{
  const int64_t wide = a[2].given ? a[2].whole : a[1].whole;
  *ph = a[1].whole > 0 ? (size_t)a[1].whole : 0;
  *pw = wide > 0 ? (size_t)wide : 0;
}

#define POOL(name)                                          \
  static ms_tensor *call_##name(const ms_arg *a)            \
  {                                                         \
    size_t ph, pw;                                          \
    window_of(a, &ph, &pw);                                 \
    return ms_##name(a[0].tensor, ph, pw);                  \
  }

POOL(max_pool2d)
/** x:max_pool2d([ph = 2], [pw = ph]) -> the largest number of every window side by side */
MS_OPERATOR(max_pool2d, call_max_pool2d, MS_TENSOR("x"), MS_WHOLE("ph", 2), MS_WHOLE("pw", 2))

POOL(avg_pool2d)
/** x:avg_pool2d([ph = 2], [pw = ph]) -> the mean of every window side by side */
MS_OPERATOR(avg_pool2d, call_avg_pool2d, MS_TENSOR("x"), MS_WHOLE("ph", 2), MS_WHOLE("pw", 2))
