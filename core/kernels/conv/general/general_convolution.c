/* Convolutions with any stride, dilation, padding and groups: which way each goes. */
#include "general_convolution.h"

#include <string.h>

#include "../../../base/profile.h"
#include "../../simd/isa.h"
#include "../conv_backward_weight.h"
#include "../conv_exact.h"
#include "../conv_solver.h"
#include "conv_gather.h"

static size_t weights(const ms_general_shape *g)
{
  return g->s.kh * g->s.kw * g->s.cin / g->groups * g->s.cout;
}

static int is_depthwise(const ms_gather *j)
{
  return j->reads == 1 && j->gives == 1 && j->group == 1;
}

static void count_work(const ms_general_shape *g)
{
  const ms_conv_shape *s = &g->s;
  if (ms_profile_on)
    ms_profile_work(2.0 * (double)(s->n * s->oh * s->ow * s->cout) *
                    (double)(s->kh * s->kw * s->cin / g->groups));
}

static int nothing(const ms_conv_shape *s)
{
  return !s->n || !s->oh || !s->ow || !s->cin || !s->cout;
}

/* For the profile: the way that all phases go. */
static void tell(const ms_general_shape *g, const char *solver)
{
  const ms_conv_shape *s = &g->s;
  const size_t each = s->kh * s->kw * s->cin / g->groups;
  if (ms_profile_on)
    ms_profile_solver(solver, (double)(s->n * s->oh * s->ow * s->cout) * (double)each / MS_LANES,
                      "");
}

/* How a phase is computed whose weight is all finite or not. */
static int run(const ms_gather *j, int finite)
{
  if (is_depthwise(j)) return MS_K(gather_depthwise)(j);
  if (MS_K(are_small_groups)(j)) return MS_K(gather_small_groups)(j);
  if (!finite && !ms_gather_inside(j)) return MS_K(gather_plainly)(j);
  return (MS_K(gather_takes_rows)(j) ? MS_K(gather_rows) : MS_K(gather_products))(j);
}

static const char *name_of(const ms_gather *j)
{
  if (is_depthwise(j)) return "depthwise";
  if (MS_K(are_small_groups)(j)) return "small_groups";
  return MS_K(gather_takes_rows)(j) ? "row_products" : "patch_products";
}

/* ---- with neither dilation nor groups: the solvers of conv/ ---------------------------- */
static int is_dense(const ms_general_shape *g)
{
  return g->groups == 1 && g->dh == 1 && g->dw == 1 && g->s.ph < g->s.kh && g->s.pw < g->s.kw;
}

static int dense_forward(const ms_general_shape *g, const real *x, const real *weight,
                         const real *bias, real *y)
{
  const ms_conv_task t = { .s = g->s, .x = x, .weight = weight, .tap = (ptrdiff_t)g->tap,
                           .in = (ptrdiff_t)g->in, .out = (ptrdiff_t)g->out, .bias = bias,
                           .y = y };
  return MS_K(conv_run)(&t, weight);
}

/* Of stride 1: a convolution of gy with the flipped weight. */
static int dense_back(const ms_general_shape *g, const real *weight, const real *gy,
                      const real *bias, real *gx)
{
  const ms_conv_shape *s = &g->s;
  ms_conv_task t = { .x = gy, .weight = weight + (s->kh * s->kw - 1) * g->tap,
                     .tap = -(ptrdiff_t)g->tap, .in = (ptrdiff_t)g->out, .out = (ptrdiff_t)g->in,
                     .bias = bias, .y = gx };
  t.s = (ms_conv_shape){ .n = s->n, .h = s->oh, .w = s->ow, .cin = s->cout, .kh = s->kh,
                         .kw = s->kw, .cout = s->cin, .sh = 1, .sw = 1, .ph = s->kh - 1 - s->ph,
                         .pw = s->kw - 1 - s->pw, .oh = s->h, .ow = s->w };
  return MS_K(conv_run)(&t, weight);
}

static int dense_by_weight(const ms_general_shape *g, const real *x, const real *gy, real *gw)
{
  const ms_conv_backward_weight t = { .s = g->s, .x = x, .gy = gy, .gw = gw, .tap = g->tap,
                                      .in = g->in, .out = g->out };
  const ms_conv_solver *solver = MS_K(conv_solver_for)(MS_CONV_BACKWARD_WEIGHT, &t.s);
  if (solver->run.backward_weight(&t) != 0) return -1;
  if (ms_conv_borderless(&g->s) || MS_K(conv_finite)(gw, weights(g))) return 0;
  return MS_K(conv_taps)(&t);
}

/* ---- any -------------------------------------------------------------------------------- */
static int forward(const ms_general_shape *g, const real *x, const real *weight, const real *bias,
                   real *y)
{
  count_work(g);
  if (nothing(&g->s)) return 0;
  if (is_dense(g)) return dense_forward(g, x, weight, bias, y);
  const ms_gather j = MS_K(gather_forward)(g, x, weight, bias, y);
  tell(g, name_of(&j));
  return run(&j, is_depthwise(&j) || MS_K(conv_finite)(weight, weights(g)));
}

/* Pixels that nothing reaches are the bias alone. */
static void fill(const ms_conv_shape *s, const real *bias, real *gx)
{
  if (!bias) memset(gx, 0, s->n * s->h * s->w * s->cin * sizeof *gx);
  for (size_t p = 0; bias && p < s->n * s->h * s->w; p++)
    memcpy(gx + p * s->cin, bias, s->cin * sizeof *gx);
}

/* Whether taps reach all phases of an axis of x. */
static int covers(size_t size, size_t kernel, size_t stride, size_t dilation, size_t pad)
{
  for (size_t r = 0; r < stride && r < size; r++)
    if (!ms_lattice_back(size, kernel, stride, dilation, pad, 1, r).taps) return 0;
  return 1;
}

/* The phases that taps reach: a stride may have many that they do not. */
static int all_phases(const ms_general_shape *g, const real *weight, const real *gy,
                      const real *bias, real *gx)
{
  const ms_conv_shape *s = &g->s;
  const int depthwise = g->groups == s->cin && g->groups == s->cout;
  const int finite = depthwise || MS_K(conv_finite)(weight, weights(g));
  int reported = 0;
  for (size_t r = 0; r < s->sh && r < s->h; r++) {
    if (!ms_lattice_back(s->h, s->kh, s->sh, g->dh, s->ph, s->oh, r).taps) continue;
    for (size_t q = 0; q < s->sw && q < s->w; q++) {
      const ms_gather j = MS_K(gather_back)(g, weight, gy, bias, gx, r, q);
      if (!j.x.taps) continue;
      if (!reported++) tell(g, name_of(&j));
      if (run(&j, finite) != 0) return -1;
    }
  }
  return 0;
}

static int by_input(const ms_general_shape *g, const real *weight, const real *gy,
                    const real *bias, real *gx)
{
  const ms_conv_shape *s = &g->s;
  count_work(g);
  if (nothing(s)) {
    fill(s, bias, gx);
    return 0;
  }
  if (is_dense(g) && s->sh * s->sw == 1) return dense_back(g, weight, gy, bias, gx);
  if (!covers(s->h, s->kh, s->sh, g->dh, s->ph) || !covers(s->w, s->kw, s->sw, g->dw, s->pw))
    fill(s, bias, gx);
  return all_phases(g, weight, gy, bias, gx);
}

static int by_weight(const ms_general_shape *g, const real *x, const real *gy, real *gw)
{
  count_work(g);
  if (nothing(&g->s)) {
    memset(gw, 0, weights(g) * sizeof *gw);
    return 0;
  }
  if (is_dense(g)) return dense_by_weight(g, x, gy, gw);
  const ms_gather j = MS_K(gather_forward)(g, x, NULL, NULL, (real *)gy);
  tell(g, name_of(&j));
  if (is_depthwise(&j)) return MS_K(weight_depthwise)(&j, gw);
  if (MS_K(are_small_groups)(&j)) return MS_K(weight_small_groups)(&j, gw);
  if (MS_K(gather_takes_rows)(&j)) return MS_K(weight_rows)(&j, gw);
  if (MS_K(weight_products)(&j, gw) != 0) return -1;
  if (ms_gather_inside(&j) || MS_K(conv_finite)(gw, weights(g))) return 0;
  return MS_K(weight_plainly)(&j, gw);
}

const ms_general_convolution_kernels MS_K(general_convolution) = {
  .forward = forward, .by_input = by_input, .by_weight = by_weight, .sums = MS_K(conv_sums),
};
