/* Register tiles of the convolutions: the two loops where all the time goes. */
#ifndef MS_CONV_MICROKERNEL_H
#define MS_CONV_MICROKERNEL_H

#include <stddef.h>

#include "../../simd/operand.h"

/* y[p, j] = bias[j] + sum over parts q and k < run of
   a[p*step + q*part_step + k] * b[(q*run + k)*vectors*LANES + j]     for j < columns.
   a and b are operands (operand.h), and so count step, part_step and run. */
typedef struct ms_conv_product {
  const operand *a;
  size_t step, parts, part_step, run;
  const operand *b;    /* aligned, `vectors` whole vectors to a row */
  const real *bias; /* aligned, whole vectors */
  real *y;
  size_t y_step, columns; /* columns <= vectors * LANES */
  /* whether y goes past the caches (stream_store.h), where columns are whole vectors */
  int nontemporal;
  int add; /* sums begin from y, not from bias */
} ms_conv_product;

/* For `pixels` pixels; vectors is 1, 2 or 3. */
void MS_K(conv_product)(const ms_conv_product *t, size_t pixels, size_t vectors);

/* c[i, j] += sum over images n, rows r and pixels p of a[n*a_image + r*a_row + p*a_step + i] *
   b[n*b_image + r*b_row + p*b_step + j]      for i < count, j < vectors*LANES. Whole vectors of b
   are read. With `fresh`, c begins at zero. a and b are operands, pairs along the pixels; so
   `pixels` counts operands, and the steps do. */
typedef struct ms_conv_outer {
  const operand *a, *b;
  size_t a_step, a_row, a_image, b_step, b_row, b_image;
  size_t images, rows, pixels;
  real *c; /* aligned */
  size_t c_step;
  int fresh;
} ms_conv_outer;

/* For any count and any number of vectors. */
void MS_K(conv_outer)(const ms_conv_outer *t, size_t count, size_t vectors);

/* How many vectors hold n numbers. */
static inline size_t ms_conv_vectors(size_t n)
{
  return (n + MS_LANES - 1) / MS_LANES;
}

/* How many operands hold n numbers. */
static inline size_t ms_conv_operands(size_t n)
{
  return (n + MS_PER_OPERAND - 1) / MS_PER_OPERAND;
}

/* How many of the remaining vectors the next block of columns takes: 2, or 1 or 3 at the end. */
static inline size_t ms_conv_block(size_t remaining)
{
  return remaining == 1 || remaining == 3 ? remaining : 2;
}

#endif
