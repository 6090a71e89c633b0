/* What the cells do with one sequence at one step, gates number by number, and back. */
#ifndef MS_RECURRENT_CELLS_H
#define MS_RECURRENT_CELLS_H

#include "../simd/leaky.h"
#include "../simd/vmath.h"
#include "recurrent.h"

static inline real curve_sigmoid(real x)
{
  return 1 / (1 + ms_vexp(-x));
}

/* One sequence at one step, n = hidden numbers each. gates: the sums on the way there, activated on
   the way back and then their gradients. */
typedef struct step_row {
  size_t n;
  real *gates;            /* (slots, n) */
  real *h, *c;            /* the state, which moves on; on the way back its gradient */
  real *y;                /* forward: takes h */
  real *cell;             /* c after the step: forward, kept if not NULL; back, read */
  const real *gy;         /* back: the gradient of y */
  const real *h_before, *c_before; /* back: the state before the step */
} step_row;

/* ---- forward ---- */
static void tanh_forward(const step_row *w)
{
  real *restrict z = w->gates, *restrict h = w->h, *restrict y = w->y;
  MS_STEPS_APART for (size_t i = 0; i < w->n; i++) z[i] = h[i] = y[i] = ms_vtanh(z[i]);
}

static void relu_forward(const step_row *w)
{
  real *restrict z = w->gates, *restrict h = w->h, *restrict y = w->y;
  MS_STEPS_APART for (size_t i = 0; i < w->n; i++) z[i] = h[i] = y[i] = ms_leaky(z[i], 0);
}

static void lstm_forward(const step_row *w)
{
  const size_t n = w->n;
  real *restrict zi = w->gates, *restrict zf = zi + n, *restrict zg = zf + n,
      *restrict zo = zg + n, *restrict h = w->h, *restrict c = w->c, *restrict y = w->y;
  MS_STEPS_APART for (size_t k = 0; k < n; k++) {
    const real i = curve_sigmoid(zi[k]), f = curve_sigmoid(zf[k]), g = ms_vtanh(zg[k]),
        o = curve_sigmoid(zo[k]);
    const real now = f * c[k] + i * g;
    zi[k] = i, zf[k] = f, zg[k] = g, zo[k] = o;
    c[k] = now;
    h[k] = y[k] = o * ms_vtanh(now);
  }
  if (w->cell)
    for (size_t k = 0; k < n; k++) w->cell[k] = c[k];
}

static void gru_forward(const step_row *w)
{
  const size_t k = w->n;
  real *restrict zr = w->gates, *restrict zz = zr + k, *restrict zq = zz + k,
      *restrict zn = zq + k, *restrict h = w->h, *restrict y = w->y;
  MS_STEPS_APART for (size_t i = 0; i < k; i++) {
    const real r = curve_sigmoid(zr[i]), z = curve_sigmoid(zz[i]),
        n = ms_vtanh(zn[i] + r * zq[i]);
    zr[i] = r, zz[i] = z, zn[i] = n;
    h[i] = y[i] = n + z * (h[i] - n);
  }
}

/* ---- back: h and c hold the gradients that later steps sent; gates' gradients replace the gates;
   what of h's gradient does not pass through the gates stays in h. */
static void tanh_back(const step_row *w)
{
  real *restrict z = w->gates, *restrict gh = w->h;
  const real *restrict gy = w->gy;
  MS_STEPS_APART for (size_t i = 0; i < w->n; i++) {
    z[i] = (gh[i] + gy[i]) * (1 - z[i] * z[i]);
    gh[i] = 0;
  }
}

static void relu_back(const step_row *w)
{
  real *restrict z = w->gates, *restrict gh = w->h;
  const real *restrict gy = w->gy;
  MS_STEPS_APART for (size_t i = 0; i < w->n; i++) {
    z[i] = ms_leaky_back(z[i], gh[i] + gy[i], 0);
    gh[i] = 0;
  }
}

static void lstm_back(const step_row *w)
{
  const size_t n = w->n;
  real *restrict zi = w->gates, *restrict zf = zi + n, *restrict zg = zf + n,
      *restrict zo = zg + n, *restrict gh = w->h, *restrict gc = w->c;
  const real *restrict gy = w->gy, *restrict cell = w->cell, *restrict before = w->c_before;
  MS_STEPS_APART for (size_t k = 0; k < n; k++) {
    const real i = zi[k], f = zf[k], g = zg[k], o = zo[k], t = ms_vtanh(cell[k]);
    const real to_h = gh[k] + gy[k], to_c = gc[k] + to_h * o * (1 - t * t);
    zi[k] = to_c * g * i * (1 - i);
    zf[k] = to_c * before[k] * f * (1 - f);
    zg[k] = to_c * i * (1 - g * g);
    zo[k] = to_h * t * o * (1 - o);
    gc[k] = to_c * f;
    gh[k] = 0;
  }
}

static void gru_back(const step_row *w)
{
  const size_t k = w->n;
  real *restrict zr = w->gates, *restrict zz = zr + k, *restrict zq = zz + k,
      *restrict zn = zq + k, *restrict gh = w->h;
  const real *restrict gy = w->gy, *restrict before = w->h_before;
  MS_STEPS_APART for (size_t i = 0; i < k; i++) {
    const real r = zr[i], z = zz[i], q = zq[i], n = zn[i];
    const real g = gh[i] + gy[i], to_n = g * (1 - z) * (1 - n * n);
    zr[i] = to_n * q * r * (1 - r);
    zz[i] = g * (before[i] - n) * z * (1 - z);
    zq[i] = to_n * r;
    zn[i] = to_n;
    gh[i] = g * z;
  }
}

static const struct {
  void (*forward)(const step_row *w);
  void (*back)(const step_row *w);
} cells_of[] = {
  [MS_CELL_TANH] = { .forward = tanh_forward, .back = tanh_back },
  [MS_CELL_RELU] = { .forward = relu_forward, .back = relu_back },
  [MS_CELL_LSTM] = { .forward = lstm_forward, .back = lstm_back },
  [MS_CELL_GRU] = { .forward = gru_forward, .back = gru_back },
};

#endif
