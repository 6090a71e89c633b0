/* Sizes of convolutions, and what is wrong with those that do not fit. */
#include <stdio.h>

#include "../../../base/error.h"
#include "convolve.h"

const char *const ms_paddings[] = { "same", NULL };

/* Products of a tensor's size with it stay exact. */
enum { MOST = 1 << 24 };

/* One call: its name, inputs, and sizes, where sequences are images of one row. */
typedef struct call {
  const char *name;
  int axes;
  const ms_tensor *x, *weight, *bias;
  size_t size[2], kernel[2]; /* down, across */
  size_t in, out;            /* channels of x; the weight's last size */
} call;

/* What a message says: x and w with their sizes. */
static int refuse(const call *c, const char *what)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  return ms_fail("%s: %s (x %s, w %s)", c->name, what, ms_shape_text(c->x->ndim, c->x->dim, a),
                 ms_shape_text(c->weight->ndim, c->weight->dim, b));
}

static int read(call *c, ms_tensor *const *input)
{
  char a[MS_SHAPE_TEXT];
  const ms_tensor *x = c->x = input[0], *w = c->weight = input[1];
  c->bias = input[2];
  if (x->ndim != c->axes + 2)
    return ms_fail("%s: x must be batch x time x %s, got %s", c->name,
                   c->axes == 2 ? "frequency x channel" : "channel",
                   ms_shape_text(x->ndim, x->dim, a));
  if (w->ndim != c->axes + 2)
    return refuse(c, c->axes == 2 ? "the kernel must be height x width x in x out"
                                  : "the kernel must be width x in x out");
  for (int d = 0; d < 2; d++) {
    c->size[d] = d || c->axes == 2 ? x->dim[c->axes + d - 1] : 1;
    c->kernel[d] = d || c->axes == 2 ? w->dim[c->axes + d - 2] : 1;
  }
  c->in = x->dim[c->axes + 1];
  c->out = w->dim[c->axes + 1];
  return 0;
}

static int divides(size_t part, size_t whole)
{
  return part && whole % part == 0;
}

/* Whether the kernel takes as many channels as a group has. */
static int check_channels(const call *c, const ms_conv_window *w, size_t expected)
{
  char what[160];
  if (c->weight->dim[c->axes] == expected) return 0;
  if (w->groups == 1)
    snprintf(what, sizeof what, "x has %zu channels but the kernel expects %zu", c->in,
             c->weight->dim[c->axes]);
  else
    snprintf(what, sizeof what,
             "x has %zu channels in %zu groups, so the kernel must take %zu, not %zu", c->in,
             w->groups, expected, c->weight->dim[c->axes]);
  return refuse(c, what);
}

static int check_windows(const call *c, const ms_conv_window *w)
{
  for (int d = 0; d < 2; d++)
    if (w->stride[d] > MOST || w->dilation[d] > MOST ||
        (w->padding[d] > MOST && w->padding[d] != MS_SAME) || c->kernel[d] > MOST)
      return refuse(c, "a stride, padding or dilation is too large");
  return 0;
}

static int check(const call *c, const ms_conv_window *w, size_t out)
{
  if (c->bias && (c->bias->ndim != 1 || c->bias->dim[0] != out))
    return refuse(c, "the bias must have one number for each output channel");
  if (!c->x->count || !c->weight->count) return refuse(c, "nothing to convolve");
  return check_windows(c, w);
}

/* One axis: padding in front, and places of y. */
static void fit(size_t size, size_t kernel, size_t stride, size_t dilation, size_t padding,
                size_t *pad, size_t *out)
{
  const size_t reach = ms_general_reach(kernel, dilation);
  if (padding == MS_SAME) {
    ms_conv_axis(size, reach, stride, 1, pad, out);
    return;
  }
  *pad = padding;
  *out = size + 2 * padding < reach ? 0 : (size + 2 * padding - reach) / stride + 1;
}

int ms_conv_sizes(const char *name, int axes, ms_tensor *const *input, const ms_conv_window *w,
                  ms_precision precision, ms_general_shape *g)
{
  call c = { .name = name, .axes = axes };
  if (read(&c, input) != 0) return -1;
  if (!divides(w->groups, c.in) || !divides(w->groups, c.out))
    return refuse(&c, "groups must divide the channels that go in and those that come out");
  if (check_channels(&c, w, c.in / w->groups) != 0 || check(&c, w, c.out) != 0) return -1;
  ms_conv_shape *s = &g->s;
  *g = (ms_general_shape){ .dh = w->dilation[0], .dw = w->dilation[1], .groups = w->groups };
  *s = (ms_conv_shape){ .n = c.x->dim[0], .h = c.size[0], .w = c.size[1], .cin = c.in,
                        .kh = c.kernel[0], .kw = c.kernel[1], .cout = c.out,
                        .sh = w->stride[0], .sw = w->stride[1], .precision = precision };
  fit(s->h, s->kh, s->sh, g->dh, w->padding[0], &s->ph, &s->oh);
  fit(s->w, s->kw, s->sw, g->dw, w->padding[1], &s->pw, &s->ow);
  ms_general_weight(g);
  return s->oh && s->ow ? 0 : refuse(&c, "the kernel does not fit into x");
}

/* Places of y along one axis, or 0 where nothing is left of them. */
static size_t grow(size_t size, size_t kernel, size_t stride, size_t dilation, size_t padding,
                   size_t more)
{
  const size_t all = (size - 1) * stride + ms_general_reach(kernel, dilation) + more;
  return all > 2 * padding ? all - 2 * padding : 0;
}

static int check_more(const call *c, const ms_conv_window *w, const size_t more[2])
{
  for (int d = 0; d < 2; d++)
    if (more[d] >= w->stride[d] && more[d] >= w->dilation[d])
      return refuse(c, "output_padding must be below the stride or the dilation");
  return 0;
}

int ms_conv_transpose_sizes(const char *name, int axes, ms_tensor *const *input,
                            const ms_conv_window *w, const size_t more[2],
                            ms_precision precision, ms_general_shape *g)
{
  call c = { .name = name, .axes = axes };
  if (read(&c, input) != 0) return -1;
  if (!divides(w->groups, c.in))
    return refuse(&c, "groups must divide the channels that go in");
  char what[120];
  snprintf(what, sizeof what, "x has %zu channels but the kernel expects %zu", c.in,
           c.weight->dim[axes]);
  if (c.weight->dim[axes] != c.in) return refuse(&c, what);
  if (check(&c, w, c.out * w->groups) != 0 || check_more(&c, w, more) != 0) return -1;
  *g = (ms_general_shape){ .dh = w->dilation[0], .dw = w->dilation[1], .groups = w->groups };
  g->s = (ms_conv_shape){ .n = c.x->dim[0], .cin = c.out * w->groups, .kh = c.kernel[0],
                          .kw = c.kernel[1], .cout = c.in, .sh = w->stride[0],
                          .sw = w->stride[1], .ph = w->padding[0], .pw = w->padding[1],
                          .oh = c.size[0], .ow = c.size[1], .precision = precision };
  g->s.h = grow(g->s.oh, g->s.kh, g->s.sh, g->dh, g->s.ph, more[0]);
  g->s.w = grow(g->s.ow, g->s.kw, g->s.sw, g->dw, g->s.pw, more[1]);
  ms_general_weight_transposed(g);
  return g->s.h && g->s.w ? 0 : refuse(&c, "the padding leaves nothing of y");
}
