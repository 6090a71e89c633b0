#pragma GCC diagnostic ignored "-Wmisleading-indentation"
/* PLACEHOLDER until the fast kernels land: plain loops. */
#include "convolution.h"
#include <string.h>
#include "isa.h"
static int forward(const ms_conv_shape *s, const real *x, const real *w, const real *bias, real *y)
{
  for (size_t n = 0; n < s->n; n++) for (size_t i = 0; i < s->oh; i++) for (size_t j = 0; j < s->ow; j++) {
    real *o = y + ((n * s->oh + i) * s->ow + j) * s->cout;
    for (size_t k = 0; k < s->cout; k++) o[k] = bias ? bias[k] : 0;
    for (size_t a = 0; a < s->kh; a++) for (size_t b = 0; b < s->kw; b++) {
      size_t r = i * s->sh + a - s->ph, c = j * s->sw + b - s->pw;
      if (r >= s->h || c >= s->w) continue;
      const real *v = x + ((n * s->h + r) * s->w + c) * s->cin;
      for (size_t q = 0; q < s->cin; q++) { const real *ww = w + ((a * s->kw + b) * s->cin + q) * s->cout;
        for (size_t k = 0; k < s->cout; k++) o[k] += v[q] * ww[k]; } } }
  return 0;
}
static int by_input(const ms_conv_shape *s, const real *w, const real *gy, real *gx)
{
  memset(gx, 0, s->n * s->h * s->w * s->cin * sizeof *gx);
  for (size_t n = 0; n < s->n; n++) for (size_t i = 0; i < s->oh; i++) for (size_t j = 0; j < s->ow; j++) {
    const real *o = gy + ((n * s->oh + i) * s->ow + j) * s->cout;
    for (size_t a = 0; a < s->kh; a++) for (size_t b = 0; b < s->kw; b++) {
      size_t r = i * s->sh + a - s->ph, c = j * s->sw + b - s->pw;
      if (r >= s->h || c >= s->w) continue;
      real *v = gx + ((n * s->h + r) * s->w + c) * s->cin;
      for (size_t q = 0; q < s->cin; q++) { const real *ww = w + ((a * s->kw + b) * s->cin + q) * s->cout; real t = 0;
        for (size_t k = 0; k < s->cout; k++) t += o[k] * ww[k]; v[q] += t; } } }
  return 0;
}
static int by_weight(const ms_conv_shape *s, const real *x, const real *gy, real *gw, real *gb)
{
  memset(gw, 0, s->kh * s->kw * s->cin * s->cout * sizeof *gw);
  if (gb) memset(gb, 0, s->cout * sizeof *gb);
  for (size_t n = 0; n < s->n; n++) for (size_t i = 0; i < s->oh; i++) for (size_t j = 0; j < s->ow; j++) {
    const real *o = gy + ((n * s->oh + i) * s->ow + j) * s->cout;
    for (size_t k = 0; gb && k < s->cout; k++) gb[k] += o[k];
    for (size_t a = 0; a < s->kh; a++) for (size_t b = 0; b < s->kw; b++) {
      size_t r = i * s->sh + a - s->ph, c = j * s->sw + b - s->pw;
      if (r >= s->h || c >= s->w) continue;
      const real *v = x + ((n * s->h + r) * s->w + c) * s->cin;
      for (size_t q = 0; q < s->cin; q++) { real *ww = gw + ((a * s->kw + b) * s->cin + q) * s->cout;
        for (size_t k = 0; k < s->cout; k++) ww[k] += v[q] * o[k]; } } }
  return 0;
}
const ms_convolution_kernels MS_K(convolution) = { forward, by_input, by_weight };
