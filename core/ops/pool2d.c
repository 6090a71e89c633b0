/* Max and average pooling with unequal factors. */
#include "../base/error.h"
#include "../base/memory.h"
#include "../kernels/pooling.h"
#include "ops.h"

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

static ms_pool_shape saved_shape(const ms_node *n)
{
  const size_t *a = ms_node_args(n)->n;
  return (ms_pool_shape){ a[0], a[1], a[2], a[3], a[4], a[5] };
}

#define SHAPE_ARGS(s) { .n = { (s).n, (s).h, (s).w, (s).channels, (s).ph, (s).pw } }

static int max_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  ms_pool_shape s = saved_shape(n);
  gx[0] = ms_tensor_new(4, ms_node_input_dim(n, 0, &ndim));
  if (!gx[0]) return -1;
  ms_k_pooling()->max_back(&s, gy->data, (unsigned char *)ms_node_saved(n, 0)->data, gx[0]->data);
  return 0;
}

static const ms_op max_op = { .name = "max_pool2d", .backward = max_backward };

/* The places are bytes; they live in a tensor's storage because the graph keeps tensors. */
ms_tensor *ms_max_pool2d(ms_tensor *x, size_t ph, size_t pw)
{
  ms_pool_shape s;
  if (pool_shape("max_pool2d", x, ph, pw, &s) != 0) return NULL;
  ms_tensor *y = pooled(&s);
  if (!y) return NULL;
  size_t room = y->count / sizeof(real) + 1;
  ms_tensor *place = ms_tensor_new(1, &room);
  if (!place) return ms_tensor_free(y), NULL;
  ms_k_pooling()->max_forward(&s, x->data, y->data, (unsigned char *)place->data);
  y = ms_record(y, &max_op, 1, &x, 1, &place, &(ms_args)SHAPE_ARGS(s));
  ms_tensor_free(place);
  return y;
}

static int avg_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  ms_pool_shape s = saved_shape(n);
  gx[0] = ms_tensor_new(4, ms_node_input_dim(n, 0, &ndim));
  if (!gx[0]) return -1;
  ms_k_pooling()->mean_back(&s, gy->data, gx[0]->data);
  return 0;
}

static const ms_op avg_op = { .name = "avg_pool2d", .backward = avg_backward };

ms_tensor *ms_avg_pool2d(ms_tensor *x, size_t ph, size_t pw)
{
  ms_pool_shape s;
  if (pool_shape("avg_pool2d", x, ph, pw, &s) != 0) return NULL;
  ms_tensor *y = pooled(&s);
  if (!y) return NULL;
  ms_k_pooling()->mean_forward(&s, x->data, y->data);
  return ms_record(y, &avg_op, 1, &x, 0, NULL, &(ms_args)SHAPE_ARGS(s));
}
