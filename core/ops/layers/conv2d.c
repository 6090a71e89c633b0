/* 2-D convolution of images (batch, time, frequency, channel), alone or after a batch norm. */
#include <stdio.h>

#include "../../base/error.h"
#include "../../kernels/conv/convolution.h"
#include "batch_norm.h"
#include "../operator.h"

/* What a message says: x and w with their sizes. */
static int refuse(const ms_tensor *x, const ms_tensor *w, const char *what)
{
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  return ms_fail("conv2d: %s (x %s, w %s)", what, ms_shape_text(x->ndim, x->dim, a),
                 ms_shape_text(w->ndim, w->dim, b));
}

static int check(const ms_tensor *x, const ms_tensor *w, const ms_tensor *bias)
{
  char a[MS_SHAPE_TEXT];
  if (x->ndim != 4)
    return ms_fail("conv2d: x must be batch x time x frequency x channel, got %s",
                   ms_shape_text(x->ndim, x->dim, a));
  if (w->ndim != 4) return refuse(x, w, "the kernel must be height x width x in x out");
  if (x->dim[3] != w->dim[2]) {
    char what[120];
    snprintf(what, sizeof what, "x has %zu channels but the kernel expects %zu", x->dim[3],
             w->dim[2]);
    return refuse(x, w, what);
  }
  if (bias && (bias->ndim != 1 || bias->dim[0] != w->dim[3]))
    return refuse(x, w, "the bias must have one number for each output channel");
  return x->count && w->count ? 0 : refuse(x, w, "nothing to convolve");
}

typedef struct args {
  ms_batch_norm_options norm; /* of norm_conv2d; first, for batch_norm.h */
  size_t stride_h, stride_w;
  int same, bias;
} args;

static ms_conv_shape shape_of(const ms_tensor *x, const ms_tensor *w, const args *a)
{
  ms_conv_shape s = { .n = x->dim[0], .h = x->dim[1], .w = x->dim[2], .cin = x->dim[3],
                      .kh = w->dim[0], .kw = w->dim[1], .cout = w->dim[3],
                      .sh = a->stride_h, .sw = a->stride_w };
  ms_conv_fill(&s, a->same);
  return s;
}

/* The gradients of weight and bias, which are inputs `at` and at + 1. */
static int by_weight(const ms_node *n, const ms_conv_shape *s, const ms_conv_norm *norm,
                     const ms_tensor *x, const ms_tensor *w, const ms_tensor *gy, int at,
                     ms_tensor **gx)
{
  const args *a = ms_node_args(n);
  const int bias = a->bias && ms_node_wants(n, at + 1);
  if (!ms_node_wants(n, at) && !bias) return 0;
  if (!(gx[at] = ms_tensor_like(w)) || (bias && !(gx[at + 1] = ms_tensor_new(1, &s->cout))))
    return -1;
  return ms_k_convolution()->by_weight(s, norm, x->data, gy->data, gx[at]->data,
                                       bias ? gx[at + 1]->data : NULL);
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 1);
  ms_conv_shape s = shape_of(x, w, ms_node_args(n));
  if (ms_node_wants(n, 0)) {
    if (!(gx[0] = ms_tensor_like(x))) return -1;
    if (ms_k_convolution()->by_input(&s, w->data, gy->data, gx[0]->data) != 0) return -1;
  }
  return by_weight(n, &s, NULL, x, w, gy, 1, gx);
}

static const ms_op conv2d_op = { .name = "conv2d", .backward = backward, .args = sizeof(args) };

static ms_conv_norm norm_of(const ms_tensor *facts, double slope)
{
  return (ms_conv_norm){ ms_norm_fact(facts, MS_NORM_SCALE), ms_norm_fact(facts, MS_NORM_SHIFT),
                         (real)slope };
}

/* The normalised image is read again from x; its gradient becomes x's in place. */
static int norm_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *x = ms_node_saved(n, 0), *w = ms_node_saved(n, 3);
  const args *a = ms_node_args(n);
  const ms_conv_norm norm = norm_of(ms_node_saved(n, 1), a->norm.slope);
  ms_conv_shape s = shape_of(x, w, a);
  if (by_weight(n, &s, &norm, x, w, gy, 3, gx) != 0) return -1;
  if (!ms_node_wants(n, 0) && !ms_node_wants(n, 1) && !ms_node_wants(n, 2)) return 0;
  ms_tensor *g = ms_tensor_like(x);
  int status = g ? ms_k_convolution()->by_input(&s, w->data, gy->data, g->data) : -1;
  if (status == 0) status = ms_norm_backward(n, g, gx);
  ms_tensor_free(g);
  return status;
}

static const ms_op norm_conv2d_op = {
  .name = "norm_conv2d", .backward = norm_backward, .args = sizeof(args)
};

/* y outside the graph, or NULL and a sentence. */
static ms_tensor *convolve(const ms_tensor *x, const ms_conv_norm *norm, const ms_tensor *weight,
                           const ms_tensor *bias, const args *a)
{
  ms_conv_shape s = shape_of(x, weight, a);
  if (!s.oh || !s.ow) return refuse(x, weight, "the kernel does not fit into x"), NULL;
  size_t dim[] = { s.n, s.oh, s.ow, s.cout };
  ms_tensor *y = ms_tensor_new(4, dim);
  if (!y) return NULL;
  if (ms_k_convolution()->forward(&s, norm, x->data, weight->data, bias ? bias->data : NULL,
                                  y->data) != 0)
    return ms_tensor_free(y), NULL;
  return y;
}

ms_tensor *ms_conv2d(ms_tensor *x, ms_tensor *weight, ms_tensor *bias, size_t stride_h,
                     size_t stride_w, int same)
{
  if (check(x, weight, bias) != 0) return NULL;
  if (!stride_h || !stride_w) return ms_fail("conv2d: strides must be 1 or more"), NULL;
  const args a = { .stride_h = stride_h, .stride_w = stride_w, .same = same, .bias = bias != NULL };
  ms_tensor *y = convolve(x, NULL, weight, bias, &a), *input[] = { x, weight, bias };
  return y ? ms_record(y, &conv2d_op, bias ? 3 : 2, input, 2, input, &a) : NULL;
}

ms_tensor *ms_norm_conv2d(ms_tensor *x, const ms_norm *norm, ms_tensor *weight, ms_tensor *bias,
                          size_t stride_h, size_t stride_w, int same)
{
  if (!stride_h || !stride_w) return ms_fail("conv2d: strides must be 1 or more"), NULL;
  ms_tensor *facts = ms_norm_facts(x, norm), *y = NULL;
  const args a = { norm->o, stride_h, stride_w, same, bias != NULL };
  if (facts && check(x, weight, bias) == 0) {
    const ms_conv_norm prologue = norm_of(facts, norm->o.slope);
    y = convolve(x, &prologue, weight, bias, &a);
  }
  if (y) {
    ms_tensor *input[] = { x, norm->gamma, norm->beta, weight, bias };
    ms_tensor *save[] = { x, facts, norm->gamma, weight };
    y = ms_record(y, &norm_conv2d_op, bias ? 5 : 4, input, 4, save, &a);
  }
  ms_tensor_free(facts);
  return y;
}

static ms_tensor *call(const ms_arg *a)
{
  return ms_conv2d(a[0].tensor, a[1].tensor, a[2].tensor, a[3].pair[0], a[3].pair[1],
                   (int)a[4].whole);
}

/** x:conv2d(weight, [bias], [{stride =, same =}]) -> images (batch, time, frequency, channel) with
    weight (kh, kw, in, out); same (the default) puts zeros around */
MS_OPERATOR(conv2d, call, MS_TENSOR("x"), MS_TENSOR("weight"), MS_MAYBE_TENSOR("bias"),
            MS_PAIR_OPTION("stride", 1), MS_FLAG_OPTION("same", 1))
