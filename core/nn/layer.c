/* Layers: owners of named parameters around operators. */
#include "layer.h"

#include <math.h>
#include <stdlib.h>

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/rng.h"
#include "../ops/fill.h"

/* ---- forward ---------------------------------------------------------------------------- */
static ms_tensor *conv2d(ms_layer *l, ms_tensor *x)
{
  return ms_conv2d(x, l->param[0], l->param[1], l->stride_h, l->stride_w, l->same);
}

static ms_tensor *conv_transpose2d(ms_layer *l, ms_tensor *x)
{
  return ms_conv_transpose2d(x, l->param[0], l->param[1]);
}

static ms_norm norm_of(const ms_layer *l)
{
  ms_norm norm = { l->param[0], l->param[1], l->param[2], l->param[3], l->norm };
  norm.o.training = l->training;
  return norm;
}

static ms_tensor *batch_norm(ms_layer *l, ms_tensor *x)
{
  const ms_norm norm = norm_of(l);
  return ms_batch_norm(x, &norm);
}

static ms_tensor *linear(ms_layer *l, ms_tensor *x)
{
  return ms_linear(x, l->param[0], l->param[1]);
}

static ms_tensor *layer_norm(ms_layer *l, ms_tensor *x)
{
  return ms_layer_norm(x, l->param[0], l->param[1], l->epsilon);
}

static ms_tensor *attention(ms_layer *l, ms_tensor *x)
{
  ms_tensor *qkv = ms_linear(x, l->param[0], l->param[1]);
  ms_tensor *mixed = qkv ? ms_attention(qkv, l->heads) : NULL;
  ms_tensor *y = mixed ? ms_linear(mixed, l->param[2], l->param[3]) : NULL;
  ms_tensor_free(qkv);
  ms_tensor_free(mixed);
  return y;
}

static ms_tensor *parameter(ms_layer *l, ms_tensor *x)
{
  (void)x;
  return ms_tensor_ref(l->param[0]);
}

static ms_tensor *dropout(ms_layer *l, ms_tensor *x)
{
  if (!l->training || l->rate == 0) return ms_tensor_ref(x);
  return ms_dropout(x, l->rate, l->seed, l->stream + ms_rng_step() * 0x9E3779B97F4A7C15u);
}

static const ms_layer_kind conv2d_kind = { "conv2d", conv2d, 0, 2, { { "weight", 1 }, { "bias", 1 } } };
static const ms_layer_kind up_kind = { "conv_transpose2d", conv_transpose2d, 0, 2, { { "weight", 1 }, { "bias", 1 } } };
static const ms_layer_kind linear_kind = { "linear", linear, 0, 2, { { "weight", 1 }, { "bias", 1 } } };
static const ms_layer_kind layer_norm_kind = { "layer_norm", layer_norm, 0, 2, { { "weight", 1 }, { "bias", 1 } } };
static const ms_layer_kind parameter_kind = { "parameter", parameter, 1, 1, { { "value", 1 } } };
static const ms_layer_kind attention_kind = {
  "attention", attention, 0, 4,
  { { "qkv.weight", 1 }, { "qkv.bias", 1 }, { "out.weight", 1 }, { "out.bias", 1 } }
};
static const ms_layer_kind dropout_kind = { .name = "dropout", .forward = dropout };
static const ms_layer_kind norm_kind = {
  "batch_norm", batch_norm, 0, 4,
  { { "weight", 1 }, { "bias", 1 }, { "running_mean", 0 }, { "running_var", 0 } }
};

/* ---- what layers start from ---------------------------------------------------------------- */
/* Fan in + fan out of a kernel (..., in, out): the places before are the receptive field. */
static double fans(const ms_tensor *w)
{
  size_t in = w->dim[w->ndim - 2], out = w->dim[w->ndim - 1];
  return (double)(w->count / (in * out)) * (double)(in + out);
}

/* Kernels Glorot-uniform, each of its own stream, biases 0. */
static void draw_kernels(ms_layer *l)
{
  for (int i = 0; i < l->kind->params; i++) {
    ms_tensor *p = l->param[i];
    if (p && p->ndim > 1) {
      double limit = sqrt(6 / fans(p));
      ms_fill_uniform(p, l->seed, l->stream + (uint64_t)i, -limit, limit);
    } else if (p) {
      ms_fill_constant(p, 0);
    }
  }
}

/* A layer inside a network is given a stream of its own after it is made: only the last one is drawn from. */
static void draw(ms_layer *l)
{
  if (!l->due) return;
  l->due = 0;
  ms_stop_hold(1); /* kernels are drawn once */
  if (l->kind == &norm_kind || l->kind == &layer_norm_kind)
    for (int i = 0; i < l->kind->params; i++) ms_fill_constant(l->param[i], i == 0 || i == 3);
  else if (l->kind == &parameter_kind)
    ms_fill_normal(l->param[0], l->seed, l->stream, 0, l->deviation);
  else
    draw_kernels(l);
  ms_stop_hold(-1);
  for (int i = 0; i < l->kind->params; i++)
    if (l->param[i]) ms_tensor_changed(l->param[i]);
}

void ms_layer_reset(ms_layer *l, uint64_t seed, uint64_t stream)
{
  l->seed = seed;
  l->stream = stream;
  if (l->due) return;
  l->due = 1;
  draw(l); /* who holds its tensors sees it */
}

ms_tensor *ms_layer_param(ms_layer *l, int i)
{
  draw(l);
  return l->param[i];
}

/* ---- making ------------------------------------------------------------------------------ */
static ms_layer *layer_new(const ms_layer_kind *kind)
{
  ms_layer *l = calloc(1, sizeof *l);
  if (!l) return ms_fail("no memory for a layer"), NULL;
  l->kind = kind;
  l->training = 1;
  l->stride_h = l->stride_w = 1;
  l->same = 1;
  l->due = 1;
  return l;
}

void ms_layer_free(ms_layer *l)
{
  for (int i = 0; l && i < l->kind->params; i++) ms_tensor_free(l->param[i]);
  free(l);
}

ms_tensor *ms_layer_forward(ms_layer *l, ms_tensor *x)
{
  draw(l);
  return l->kind->forward(l, x);
}

ms_tensor *ms_layer_after(ms_layer *l, const ms_layer *norm, ms_tensor *x)
{
  if (l->kind != &conv2d_kind || norm->kind != &norm_kind)
    return ms_fail("after: a conv2d follows a batch_norm, not a %s a %s", l->kind->name,
                   norm->kind->name), NULL;
  const ms_norm first = norm_of(norm);
  draw(l);
  return ms_norm_conv2d(x, &first, l->param[0], l->param[1], l->stride_h, l->stride_w, l->same);
}

ms_tensor *ms_layer_max_pool2d(const ms_layer *norm, ms_tensor *x, size_t ph, size_t pw)
{
  if (norm->kind != &norm_kind)
    return ms_fail("max_pool2d: of a batch_norm, not a %s", norm->kind->name), NULL;
  const ms_norm first = norm_of(norm);
  return ms_norm_max_pool2d(x, &first, ph, pw);
}

/* Gives the layer a parameter; nothing when an earlier one failed. */
static int add(ms_layer *l, int i, int ndim, const size_t *dim)
{
  l->param[i] = ms_tensor_new(ndim, dim);
  if (!l->param[i]) return -1;
  return l->kind->param[i].trainable ? ms_needs_grad(l->param[i]) : 0;
}

/* A kernel of shape dim, whose last size is that of the bias. */
static ms_layer *kernel_layer(const ms_layer_kind *kind, int ndim, const size_t *dim, int bias,
                              uint64_t seed, uint64_t stream)
{
  for (int d = 0; d < ndim; d++)
    if (dim[d] < 1) return ms_fail("%s: all sizes must be 1 or more", kind->name), NULL;
  ms_layer *l = layer_new(kind);
  if (!l) return NULL;
  if (add(l, 0, ndim, dim) != 0 || (bias && add(l, 1, 1, dim + ndim - 1) != 0))
    return ms_layer_free(l), NULL;
  ms_layer_reset(l, seed, stream);
  return l;
}

ms_layer *ms_conv2d_layer(size_t kh, size_t kw, size_t in, size_t out, int bias, uint64_t seed,
                          uint64_t stream)
{
  return kernel_layer(&conv2d_kind, 4, (size_t[]){ kh, kw, in, out }, bias, seed, stream);
}

ms_layer *ms_conv_transpose2d_layer(size_t in, size_t out, uint64_t seed, uint64_t stream)
{
  return kernel_layer(&up_kind, 4, (size_t[]){ 2, 2, in, out }, 1, seed, stream);
}

ms_layer *ms_linear_layer(size_t in, size_t out, int bias, uint64_t seed, uint64_t stream)
{
  return kernel_layer(&linear_kind, 2, (size_t[]){ in, out }, bias, seed, stream);
}

ms_layer *ms_batch_norm_layer(size_t channels, const ms_batch_norm_options *options)
{
  if (channels < 1) return ms_fail("batch_norm: channels must be 1 or more"), NULL;
  ms_layer *l = layer_new(&norm_kind);
  if (!l) return NULL;
  l->norm = *options;
  for (int i = 0; i < 4; i++)
    if (add(l, i, 1, &channels) != 0) return ms_layer_free(l), NULL;
  draw(l);
  return l;
}

ms_layer *ms_layer_norm_layer(size_t channels, double epsilon)
{
  if (channels < 1) return ms_fail("layer_norm: channels must be 1 or more"), NULL;
  ms_layer *l = layer_new(&layer_norm_kind);
  if (!l) return NULL;
  l->epsilon = epsilon;
  if (add(l, 0, 1, &channels) != 0 || add(l, 1, 1, &channels) != 0) return ms_layer_free(l), NULL;
  draw(l);
  return l;
}

ms_layer *ms_attention_layer(size_t dim, size_t heads, uint64_t seed, uint64_t stream)
{
  if (dim < 1 || heads < 1 || dim % heads)
    return ms_fail("attention: a dim of %zu does not divide into %zu heads", dim, heads), NULL;
  const size_t qkv[] = { dim, 3 * dim }, out[] = { dim, dim };
  ms_layer *l = layer_new(&attention_kind);
  if (!l) return NULL;
  l->heads = heads;
  if (add(l, 0, 2, qkv) != 0 || add(l, 1, 1, qkv + 1) != 0 || add(l, 2, 2, out) != 0 ||
      add(l, 3, 1, out) != 0)
    return ms_layer_free(l), NULL;
  ms_layer_reset(l, seed, stream);
  return l;
}

ms_layer *ms_parameter_layer(int ndim, const size_t *dim, double deviation, uint64_t seed,
                             uint64_t stream)
{
  ms_layer *l = layer_new(&parameter_kind);
  if (!l) return NULL;
  l->deviation = deviation;
  if (add(l, 0, ndim, dim) != 0) return ms_layer_free(l), NULL;
  ms_layer_reset(l, seed, stream);
  return l;
}

ms_layer *ms_dropout_layer(double rate, uint64_t seed, uint64_t stream)
{
  if (!(rate >= 0 && rate < 1)) return ms_fail("dropout: the rate must be 0..1 (below 1), got %g", rate), NULL;
  ms_layer *l = layer_new(&dropout_kind);
  if (!l) return NULL;
  l->rate = rate;
  ms_layer_reset(l, seed, stream);
  return l;
}
