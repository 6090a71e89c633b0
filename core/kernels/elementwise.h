/* Loops over numbers of equal count: y may be any of the inputs. */
#ifndef MS_ELEMENTWISE_H
#define MS_ELEMENTWISE_H

#include <stddef.h>

#include "../base/real.h"

typedef void ms_k_binary(const real *a, const real *b, real *y, size_t n);

/* MS_UNARY_exp and the other rows of unary.def; how many. */
typedef enum ms_unary_kind {
#define UNARY(name, ...) MS_UNARY_##name,
#include "unary.def"
#undef UNARY
  MS_UNARY_KINDS
} ms_unary_kind;

typedef struct __attribute__((designated_init)) ms_elementwise_kernels {
  ms_k_binary *add, *sub, *mul, *div;
  /* y = scale x + offset */
  void (*affine)(const real *x, real *y, size_t n, real scale, real offset);
  void (*accumulate)(const real *x, real *y, size_t n, real scale);          /* y += scale x */
  /* y = f(x; p), and gx = gy f'(x; p), read from x or y as the row says */
  void (*unary)(ms_unary_kind kind, const real *x, real *y, size_t n, real p);
  void (*unary_back)(ms_unary_kind kind, const real *from, const real *gy, real *gx, size_t n,
                     real p);
} ms_elementwise_kernels;

const ms_elementwise_kernels *ms_k_elementwise(void);

#endif
