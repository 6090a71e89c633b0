/* Sizes of pooling, and what is wrong with those that do not fit. */
#include "pool.h"

#include "../../../base/error.h"

enum { MOST = 1 << 24 };

int ms_pool_check(const char *name, int axes, const ms_tensor *x)
{
  char text[MS_SHAPE_TEXT];
  if (x->ndim == axes + 2) return 0;
  return ms_fail("%s: x must be batch x time x %s, got %s", name,
                 axes == 2 ? "frequency x channel" : "channel",
                 ms_shape_text(x->ndim, x->dim, text));
}

static ms_pool_axis axis(size_t size, size_t window, size_t stride, size_t padding)
{
  ms_pool_axis a = { .size = size, .kernel = window, .stride = stride ? stride : window,
                     .pad = padding };
  const size_t all = size + 2 * padding;
  a.out = !size || all < window ? 0 : (all - window) / a.stride + 1; /* padding alone: none */
  return a;
}

void ms_pool_fill(int axes, const size_t *dim, const ms_pool_window *w, ms_window_shape *s)
{
  *s = (ms_window_shape){ .n = dim[0], .channels = dim[axes + 1] };
  s->y = axes == 2 ? axis(dim[1], w->size[0], w->stride[0], w->padding[0]) : axis(1, 1, 1, 0);
  s->x = axis(dim[axes], w->size[1], w->stride[1], w->padding[1]);
}

static int check_window(const char *name, const ms_pool_window *w)
{
  for (int d = 0; d < 2; d++) {
    if (w->size[d] > MOST || w->stride[d] > MOST)
      return ms_fail("%s: a window or stride of %zu is too large", name,
                     w->size[d] > MOST ? w->size[d] : w->stride[d]);
    if (w->padding[d] > w->size[d] / 2)
      return ms_fail("%s: the padding must be half of the window at most, got %zu of %zu", name,
                     w->padding[d], w->size[d]);
  }
  return 0;
}

int ms_pool_sizes(const char *name, int axes, const ms_tensor *x, const ms_pool_window *w,
                  ms_window_shape *s)
{
  char text[MS_SHAPE_TEXT];
  if (ms_pool_check(name, axes, x) != 0 || check_window(name, w) != 0) return -1;
  ms_pool_fill(axes, x->dim, w, s);
  if (s->y.out && s->x.out) return 0;
  ms_shape_text(x->ndim, x->dim, text);
  if (axes == 1) return ms_fail("%s: a window of %zu does not fit x %s", name, w->size[1], text);
  return ms_fail("%s: a window of %zux%zu does not fit x %s", name, w->size[0], w->size[1], text);
}

/* ---- of sequences and images --------------------------------------------------------------- */
static ms_pool_window window_of(int axes, const ms_any_pool *a)
{
  if (axes == 1)
    return (ms_pool_window){ { 1, a->kernel[1] }, { 1, a->stride[1] }, { 0, a->padding[1] } };
  return (ms_pool_window){ { a->kernel[0], a->kernel[1] }, { a->stride[0], a->stride[1] },
                           { a->padding[0], a->padding[1] } };
}

void ms_any_pool_fill(int ndim, const size_t *dim, const ms_any_pool *a, ms_window_shape *s)
{
  const ms_pool_window w = window_of(ndim - 2, a);
  ms_pool_fill(ndim - 2, dim, &w, s);
  s->border = a->count_include_pad;
}

int ms_any_pool_sizes(const char *name, const ms_tensor *x, const ms_any_pool *a,
                      ms_window_shape *s)
{
  char text[MS_SHAPE_TEXT];
  if (x->ndim != 3 && x->ndim != 4)
    return ms_fail("%s: x must be batch x time x channel or batch x time x frequency x channel, "
                   "got %s", name, ms_shape_text(x->ndim, x->dim, text));
  const size_t *const pairs[] = { a->kernel, a->stride, a->padding };
  static const char *const names[] = { "kernel", "stride", "padding" };
  for (int k = 0; k < 3 && x->ndim == 3; k++)
    if (pairs[k][0] != pairs[k][1])
      return ms_fail("%s: sequences have one %s, got two", name, names[k]);
  const ms_pool_window w = window_of(x->ndim - 2, a);
  if (ms_pool_sizes(name, x->ndim - 2, x, &w, s) != 0) return -1;
  s->border = a->count_include_pad;
  return 0;
}

ms_tensor *ms_pooled(int axes, const ms_window_shape *s)
{
  if (axes == 1) return ms_tensor_new(3, (size_t[]){ s->n, s->x.out, s->channels });
  return ms_tensor_new(4, (size_t[]){ s->n, s->y.out, s->x.out, s->channels });
}
