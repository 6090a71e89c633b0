/* Reflections that make a matrix triangular, a panel of columns at a time, and several of them as
   one: I - v t v^T. */
#ifndef MS_REFLECTORS_H
#define MS_REFLECTORS_H

#include <stddef.h>

#include "../../base/real.h"

enum { MS_REFLECTORS = 32 /* columns of a panel */ };

typedef struct __attribute__((designated_init)) ms_reflectors_kernels {
  /* a (m, MS_REFLECTORS), of which n <= m columns count and the others are 0. Each column is
     reflected onto its first numbers, as LAPACK's geqrf does it: the triangle stays over the
     diagonal, below it are the reflectors, whose first number is 1. tau (n): their factors. */
  void (*panel)(size_t m, size_t n, real *a, real *tau);
  /* g (n, MS_REFLECTORS) = v^T v becomes the upper triangle t. */
  void (*join)(size_t n, real *g, const real *tau);
} ms_reflectors_kernels;

const ms_reflectors_kernels *ms_k_reflectors(void);

#endif
