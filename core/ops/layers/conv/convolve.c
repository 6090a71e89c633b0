/* Which kernels compute a convolution, and its gradients. */
#include "convolve.h"

#include "../../../kernels/conv/convolution.h"
#include "kept.h"
#include "patches.h"

int ms_conv_is_dense(const ms_general_shape *g)
{
  return g->groups == 1 && g->dh == 1 && g->dw == 1 && g->s.ph < g->s.kh && g->s.pw < g->s.kw;
}

static int in_patches(const ms_general_shape *g)
{
  return ms_conv_is_dense(g) && ms_conv_is_patches(&g->s);
}

/* (n, h, w, channels), without h where there is one axis. */
static ms_tensor *image(int axes, size_t n, size_t h, size_t w, size_t channels)
{
  size_t dim[] = { n, h, w, channels };
  if (axes == 2) return ms_tensor_new(4, dim);
  return ms_tensor_new(3, (size_t[]){ n, w, channels });
}

static const real *numbers(const ms_tensor *t)
{
  return t ? t->data : NULL;
}

ms_tensor *ms_conv_forward(const ms_general_shape *g, int axes, ms_tensor *const *input)
{
  const ms_conv_shape *s = &g->s;
  const real *x = input[0]->data, *weight = input[1]->data, *bias = numbers(input[2]);
  ms_tensor *y = image(axes, s->n, s->oh, s->ow, s->cout);
  if (!y) return NULL;
  const int status =
      in_patches(g) ? ms_patches_forward(s, x, weight, bias, y->data)
      : ms_conv_is_dense(g)
          ? ms_k_convolution(s->precision)->forward(s, NULL, x, weight, bias, y->data,
                                                    ms_conv_kept(input[1]))
          : ms_k_general_convolution(s->precision)->forward(g, x, weight, bias, y->data);
  if (status == 0) return y;
  ms_tensor_free(y);
  return NULL;
}

/* Room for the gradients of weight (input 1) and bias (input 2): whether any is wanted, or -1. */
static int make_room(const ms_node *n, const ms_tensor *weight, size_t out, ms_tensor **gx)
{
  const int bias = ms_needs_input_grad(n, 2);
  if (!ms_needs_input_grad(n, 1) && !bias) return 0;
  if (!(gx[1] = ms_tensor_like(weight)) || (bias && !(gx[2] = ms_tensor_new(1, &out)))) return -1;
  return 1;
}

static int sums(const ms_tensor *gy, ms_tensor *gb)
{
  return gb ? ms_k_general_convolution(MS_PRECISION_FULL)
                  ->sums(gy->data, gy->count / gb->count, gb->count, gb->data)
            : 0;
}

static int by_weight(const ms_node *n, const ms_general_shape *g, const ms_tensor *gy,
                     ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(n, 0);
  const int wanted = make_room(n, ms_node_saved(n, 1), g->s.cout, gx);
  if (wanted < 1) return wanted;
  if (in_patches(g))
    return ms_patches_by_weight(&g->s, x->data, gy->data, gx[1]->data,
                                gx[2] ? gx[2]->data : NULL);
  if (ms_conv_is_dense(g))
    return ms_k_convolution(g->s.precision)->by_weight(&g->s, NULL, x->data, gy->data, gx[1]->data,
                                         gx[2] ? gx[2]->data : NULL);
  if (ms_k_general_convolution(g->s.precision)->by_weight(g, x->data, gy->data, gx[1]->data) != 0)
    return -1;
  return sums(gy, gx[2]);
}

int ms_conv_backward(const ms_node *n, const ms_general_shape *g, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 1);
  if (ms_needs_input_grad(n, 0)) {
    if (!(gx[0] = ms_tensor_like(x))) return -1;
    const int status =
        in_patches(g)
            ? ms_patches_by_input(&g->s, w->data, gy->data, gx[0]->data)
        : ms_conv_is_dense(g)
            ? ms_k_convolution(g->s.precision)->by_input(&g->s, w->data, gy->data, gx[0]->data)
            : ms_k_general_convolution(g->s.precision)
                  ->by_input(g, w->data, gy->data, NULL, gx[0]->data);
    if (status != 0) return -1;
  }
  return by_weight(n, g, gy, gx);
}

ms_tensor *ms_conv_transpose_forward(const ms_general_shape *g, int axes, ms_tensor *const *input)
{
  const ms_conv_shape *s = &g->s;
  ms_tensor *y = image(axes, s->n, s->h, s->w, s->cin);
  if (y && ms_k_general_convolution(s->precision)->by_input(g, input[1]->data, input[0]->data,
                                                numbers(input[2]), y->data) != 0)
    return ms_tensor_free(y), NULL;
  return y;
}

int ms_conv_transpose_backward(const ms_node *n, const ms_general_shape *g, ms_tensor *gy,
                               ms_tensor **gx)
{
  const ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 1);
  const ms_general_convolution_kernels *k = ms_k_general_convolution(g->s.precision);
  if (ms_needs_input_grad(n, 0)) {
    if (!(gx[0] = ms_tensor_like(x))) return -1;
    if (k->forward(g, gy->data, w->data, NULL, gx[0]->data) != 0) return -1;
  }
  const int wanted = make_room(n, w, g->s.cin, gx);
  if (wanted < 1) return wanted;
  return k->by_weight(g, gy->data, x->data, gx[1]->data) == 0 ? sums(gy, gx[2]) : -1;
}
