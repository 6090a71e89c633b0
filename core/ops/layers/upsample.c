/* Sequences and images at other sizes. */
#include "../../kernels/windows/upsampling.h"

#include <math.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../ops.h"

enum { NEAREST, LINEAR, BILINEAR };
static const char *const modes[] = { "nearest", "linear", "bilinear", NULL };

typedef struct upsample {
  size_t scale[2], size[2]; /* 0: not given */
  int mode, align_corners;
} upsample;

enum { MOST = 1 << 24 };

static int refuse(const ms_tensor *x, const char *what)
{
  char text[MS_SHAPE_TEXT];
  return ms_fail("upsample: %s (x %s)", what, ms_shape_text(x->ndim, x->dim, text));
}

static int check(const ms_tensor *x, const upsample *a)
{
  if (x->ndim != 3 && x->ndim != 4)
    return refuse(x, "x must be batch x time x channel or batch x time x frequency x channel");
  if (!a->scale[0] == !a->size[0]) return refuse(x, "give scale or size, one of them");
  if (a->mode != NEAREST && (a->mode == BILINEAR) != (x->ndim == 4))
    return refuse(x, "sequences are interpolated linear, images bilinear");
  if (a->align_corners && a->mode == NEAREST)
    return refuse(x, "align_corners has no meaning for nearest");
  if (x->ndim == 3 && (a->scale[0] != a->scale[1] || a->size[0] != a->size[1]))
    return refuse(x, "sequences have one scale or size");
  for (int d = 0; d < 2; d++)
    if (a->scale[d] > MOST || a->size[d] > MOST) return refuse(x, "a scale or size is too large");
  return x->count ? 0 : refuse(x, "nothing to interpolate");
}

/* Places of y along axis d. */
static size_t places(const upsample *a, int d, size_t size)
{
  return a->size[d] ? a->size[d] : size * a->scale[d];
}

/* Where place i of y lies in x. */
static double source(const upsample *a, size_t i, size_t size, size_t out)
{
  const double ratio = (double)size / (double)out;
  if (a->mode == NEAREST) return floor((double)i * (double)size / (double)out);
  if (!a->align_corners) {
    const double at = ((double)i + 0.5) * ratio - 0.5;
    return at < 0 ? 0 : at;
  }
  return out == 1 ? 0 : (double)i * (double)(size - 1) / (double)(out - 1);
}

/* Fills an axis, whose tables take (size + out) * 2 numbers of size_t, and `out` parts. */
static void fill(const upsample *a, size_t size, size_t out, size_t *table, real *part,
                 ms_upsample_axis *axis)
{
  size_t *low = table, *first = low + out, *end = first + size;
  for (size_t i = 0; i < out; i++) {
    const double at = source(a, i, size, out);
    low[i] = (size_t)at < size - 1 ? (size_t)at : size - 1;
    part[i] = low[i] == size - 1 ? 0 : (real)(at - (double)low[i]);
  }
  for (size_t p = 0, i = 0, k = 0; p < size; p++) {
    while (i < out && low[i] + 1 < p) i++;
    while (k < out && low[k] <= p) k++;
    first[p] = i;
    end[p] = k;
  }
  *axis = (ms_upsample_axis){ size, out, low, first, end, part };
}

static size_t words(size_t size, size_t out)
{
  return (out + 2 * size) * sizeof(size_t) + out * sizeof(real) + sizeof(size_t);
}

static ms_scratch_key room_for_axes;

/* Sizes of x and y and tables of both axes. 0, or -1 and a message. */
static int shape_of(const upsample *a, int ndim, const size_t *dim, ms_upsample_shape *s)
{
  const size_t h = ndim == 4 ? dim[1] : 1, w = dim[ndim - 2];
  const size_t oh = ndim == 4 ? places(a, 0, h) : 1, ow = places(a, 1, w);
  char *room = ms_scratch(&room_for_axes, words(h, oh) + words(w, ow));
  if (!room) return -1;
  size_t *table = (size_t *)room;
  *s = (ms_upsample_shape){ .n = dim[0], .channels = dim[ndim - 1] };
  real *part = (real *)(table + oh + 2 * h + ow + 2 * w);
  fill(a, h, oh, table, part, &s->y);
  fill(a, w, ow, table + oh + 2 * h, part + oh, &s->x);
  return 0;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  ms_upsample_shape s;
  if (shape_of(ms_node_attributes(n), ndim, dim, &s) != 0) return -1;
  if (!(gx[0] = ms_tensor_new(ndim, dim))) return -1;
  ms_k_upsampling()->back(&s, gy->data, gx[0]->data);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const upsample *a = c->attributes;
  if (check(x, a) != 0) return NULL;
  const int ndim = x->ndim;
  size_t dim[] = { x->dim[0], 1, 1, 1 };
  for (int d = 1; d < ndim - 1; d++) dim[d] = places(a, ndim == 4 ? d - 1 : 1, x->dim[d]);
  dim[ndim - 1] = x->dim[ndim - 1];
  ms_upsample_shape s;
  ms_tensor *y = ms_tensor_new(ndim, dim);
  if (y && shape_of(a, ndim, x->dim, &s) != 0) return ms_tensor_free(y), NULL;
  if (y) ms_k_upsampling()->forward(&s, x->data, y->data);
  return ms_record(c, y, 0, NULL);
}

/** x:upsample{scale = | size =, mode = "nearest", align_corners = false} -> sequences (batch, time,
    channel) or images (batch, time, frequency, channel) with scale times as many places, or with
    size of them, as PyTorch's interpolate. scale (whole) and size: a number or {rows, columns}.
    mode: "nearest"; "linear" for sequences, "bilinear" for images. */
static const ms_op upsample_op = {
  .name = "upsample", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(upsample),
  .takes = { MS_TENSOR(x), MS_NAMED_PAIR(upsample, scale, 0), MS_NAMED_PAIR(upsample, size, 0),
             MS_NAMED_CHOICE(upsample, mode, modes, NEAREST),
             MS_NAMED_FLAG(upsample, align_corners, 0) },
};
MS_OPERATOR(upsample_op)
