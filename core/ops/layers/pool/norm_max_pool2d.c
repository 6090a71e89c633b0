/* Max pooling after a batch norm, in one operator. */
#include "../../../base/error.h"
#include "../../../base/memory.h"
#include "../../../kernels/windows/norm_pooling.h"
#include "../norms/batch_norm.h"

typedef struct window {
  size_t ph, pw; /* pw 0: as ph */
} window;

typedef struct norm_max_pool2d {
  ms_batch_norm norm; /* first */
  window window;
} norm_max_pool2d;

static ms_pool_shape shape_of(const size_t *dim, const window *a)
{
  return (ms_pool_shape){ dim[0], dim[1], dim[2], dim[3], a->ph, a->pw ? a->pw : a->ph };
}

static int pool_shape(const char *name, const ms_tensor *x, const window *a, ms_pool_shape *s)
{
  char text[MS_SHAPE_TEXT];
  if (x->ndim != 4)
    return ms_fail("%s: x must be batch x time x frequency x channel, got %s", name,
                   ms_shape_text(x->ndim, x->dim, text));
  *s = shape_of(x->dim, a);
  if (s->ph * s->pw > 256 || s->h < s->ph || s->w < s->pw)
    return ms_fail("%s: a window of %zux%zu does not fit x %s", name, s->ph, s->pw,
                   ms_shape_text(x->ndim, x->dim, text));
  return 0;
}

static ms_tensor *pooled(const ms_pool_shape *s)
{
  size_t dim[] = { s->n, s->h / s->ph, s->w / s->pw, s->channels };
  return ms_tensor_new(4, dim);
}

static ms_centred_norm norm_of(const ms_tensor *stats, const ms_batch_norm *a)
{
  return (ms_centred_norm){ ms_norm_folded(stats, a), ms_norm_row(stats, MS_NORM_MEAN) };
}

static int norm_max_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const norm_max_pool2d *a = ms_node_attributes(n);
  ms_tensor *x = ms_node_saved(n, 0), *work = ms_norm_work(n, gx);
  const ms_centred_norm norm = norm_of(ms_node_saved(n, 1), &a->norm);
  const ms_pool_shape s = shape_of(x->dim, &a->window);
  if (!work) return -1;
  int status = ms_k_norm_pooling()->back_sums(&s, &norm, x->data, gy->data, gx[2]->data,
                                              ms_norm_row(work, MS_NORM_S1));
  if (status == 0) status = ms_norm_coefficients(n, gx, work);
  if (status == 0 && ms_needs_input_grad(n, 0)) {
    gx[0] = ms_tensor_like(x);
    status = gx[0] ? 0 : -1;
    if (gx[0])
      ms_k_norm_pooling()->back_apply(&s, &norm, x->data, gy->data, ms_norm_row(work, MS_NORM_A),
                                      ms_norm_following(n, work, MS_NORM_B),
                                      ms_norm_following(n, work, MS_NORM_C), gx[0]->data);
  }
  ms_tensor_free(work);
  return status;
}

static ms_tensor *norm_max(const ms_call *c)
{
  ms_tensor *x = c->input[0];
  const norm_max_pool2d *a = c->attributes;
  ms_pool_shape s;
  if (pool_shape("max_pool2d", x, &a->window, &s) != 0) return NULL;
  ms_tensor *stats = ms_norm_stats(c), *y = stats ? pooled(&s) : NULL;
  if (y) {
    const ms_centred_norm f = norm_of(stats, &a->norm);
    ms_k_norm_pooling()->forward(&s, &f, x->data, y->data);
  }
  y = ms_record(c, y, 3, (ms_tensor *[]){ x, stats, c->input[1] });
  ms_tensor_free(stats);
  return y;
}

/** x:norm_max_pool2d(norm, [ph = 2], [pw = ph]) -> x:batch_norm(norm):max_pool2d(ph, pw) as one
    operator that stores nothing in between */
static const ms_op norm_max_pool2d_op = {
  .name = "norm_max_pool2d", .forward = norm_max, .backward = norm_max_backward,
  .attributes = MS_ATTRIBUTES(norm_max_pool2d),
  .takes = { MS_TENSOR(x), MS_BATCH_NORM, MS_COUNT(norm_max_pool2d, window.ph, 2),
             MS_COUNT(norm_max_pool2d, window.pw, 0) },
};
MS_OPERATOR(norm_max_pool2d_op)
