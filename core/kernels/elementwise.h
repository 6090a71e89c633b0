/* Loops over numbers: y may be any of the inputs that are not stretched. */
#ifndef MS_ELEMENTWISE_H
#define MS_ELEMENTWISE_H

#include <float.h>
#include <stddef.h>

#include "../base/real.h"
#include "pointwise/stretched.h"

/* The largest number. */
#ifdef MS_DOUBLE
#define MS_LARGEST DBL_MAX
#else
#define MS_LARGEST FLT_MAX
#endif

/* MS_BINARY_add and the other rows of binary.def, MS_TERNARY_where and those of ternary.def. */
typedef enum ms_binary_kind {
#define BINARY(name, ...) MS_BINARY_##name,
#include "binary.def"
#undef BINARY
  MS_BINARY_KINDS,
  MS_TERNARY_BEFORE = MS_BINARY_KINDS - 1,
#define TERNARY(name, ...) MS_TERNARY_##name,
#include "pointwise/ternary.def"
#undef TERNARY
  MS_JOINT_KINDS
} ms_binary_kind;

/* MS_UNARY_exp and the other rows of unary.def; how many. */
typedef enum ms_unary_kind {
#define UNARY(name, ...) MS_UNARY_##name,
#include "unary.def"
#undef UNARY
  MS_UNARY_KINDS
} ms_unary_kind;

enum { MS_UNARY_PARAMETERS = 3 };

typedef struct __attribute__((designated_init)) ms_elementwise_kernels {
  /* y = f(inputs), and the gradient of one of them from that of y, at the shape of y: rows of
     binary.def and ternary.def */
  void (*joint)(ms_binary_kind kind, const ms_broadcast *in, real *y);
  void (*joint_back)(ms_binary_kind kind, int input, const ms_broadcast *in, const real *gy,
                     real *gx);
  /* the same for two inputs that are not stretched */
  void (*binary)(ms_binary_kind kind, const real *a, const real *b, real *y, size_t n);
  /* y = scale x + offset */
  void (*affine)(const real *x, real *y, size_t n, real scale, real offset);
  void (*accumulate)(const real *x, real *y, size_t n, real scale);          /* y += scale x */
  /* y = f(x; p), and gx = gy f'(x; p), read from x or y as the row says */
  void (*unary)(ms_unary_kind kind, const real *x, real *y, size_t n,
                const real p[MS_UNARY_PARAMETERS]);
  void (*unary_back)(ms_unary_kind kind, const real *from, const real *gy, real *gx, size_t n,
                     const real p[MS_UNARY_PARAMETERS]);
} ms_elementwise_kernels;

const ms_elementwise_kernels *ms_k_elementwise(void);

#endif
