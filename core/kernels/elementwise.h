/* Loops over numbers of equal count: y may be any of the inputs. */
#ifndef MS_ELEMENTWISE_H
#define MS_ELEMENTWISE_H

#include <stddef.h>

#include "../base/real.h"

/* MS_BINARY_add and the other rows of binary.def. */
typedef enum ms_binary_kind {
#define BINARY(name, ...) MS_BINARY_##name,
#include "binary.def"
#undef BINARY
  MS_BINARY_KINDS
} ms_binary_kind;

/* MS_UNARY_exp and the other rows of unary.def; how many. */
typedef enum ms_unary_kind {
#define UNARY(name, ...) MS_UNARY_##name,
#include "unary.def"
#undef UNARY
  MS_UNARY_KINDS
} ms_unary_kind;

typedef struct __attribute__((designated_init)) ms_elementwise_kernels {
  /* y = f(a, b), and the gradient of input 0 or 1 from that of y; a and b unread where the row
     saves nothing */
  void (*binary)(ms_binary_kind kind, const real *a, const real *b, real *y, size_t n);
  void (*binary_back)(ms_binary_kind kind, int input, const real *a, const real *b, const real *gy,
                      real *gx, size_t n);
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
