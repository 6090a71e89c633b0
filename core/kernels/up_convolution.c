#pragma GCC diagnostic ignored "-Wmisleading-indentation"
/* PLACEHOLDER until the fast kernels land: plain loops. */
#include "up_convolution.h"
#include <string.h>
#include "isa.h"
#define EACH for (size_t n = 0; n < s->n; n++) for (size_t p = 0; p < s->h; p++) for (size_t q = 0; q < s->w; q++) for (size_t a = 0; a < 2; a++) for (size_t b = 0; b < 2; b++)
#define AT(base) (base + ((n * 2 * s->h + 2 * p + a) * 2 * s->w + 2 * q + b) * s->cout)
#define XAT(base) (base + ((n * s->h + p) * s->w + q) * s->cin)
static int forward(const ms_up_shape *s, const real *x, const real *w, const real *bias, real *y)
{
  EACH { real *o = AT(y); const real *v = XAT(x);
    for (size_t k = 0; k < s->cout; k++) o[k] = bias ? bias[k] : 0;
    for (size_t c = 0; c < s->cin; c++) { const real *ww = w + ((a * 2 + b) * s->cin + c) * s->cout;
      for (size_t k = 0; k < s->cout; k++) o[k] += v[c] * ww[k]; } }
  return 0;
}
static int by_input(const ms_up_shape *s, const real *w, const real *gy, real *gx)
{
  memset(gx, 0, s->n * s->h * s->w * s->cin * sizeof *gx);
  EACH { const real *o = AT(gy); real *v = XAT(gx);
    for (size_t c = 0; c < s->cin; c++) { const real *ww = w + ((a * 2 + b) * s->cin + c) * s->cout;
      for (size_t k = 0; k < s->cout; k++) v[c] += o[k] * ww[k]; } }
  return 0;
}
static int by_weight(const ms_up_shape *s, const real *x, const real *gy, real *gw, real *gb)
{
  memset(gw, 0, 4 * s->cin * s->cout * sizeof *gw);
  if (gb) memset(gb, 0, s->cout * sizeof *gb);
  EACH { const real *o = AT(gy); const real *v = XAT(x);
    for (size_t k = 0; gb && k < s->cout; k++) gb[k] += o[k];
    for (size_t c = 0; c < s->cin; c++) { real *ww = gw + ((a * 2 + b) * s->cin + c) * s->cout;
      for (size_t k = 0; k < s->cout; k++) ww[k] += v[c] * o[k]; } }
  return 0;
}
const ms_up_convolution_kernels MS_K(up_convolution) = { forward, by_input, by_weight };
