/* Loops over numbers of equal count: y may be any of the inputs. */
#ifndef MS_ELEMENTWISE_H
#define MS_ELEMENTWISE_H

#include <stddef.h>

#include "../base/real.h"

typedef void ms_k_binary(const real *a, const real *b, real *y, size_t n);

/* y = f(x; a) and gx = gy * f'(x; a), where f' may be written in x or in y = f(x). */
typedef void ms_k_unary(const real *x, real *y, size_t n, real a);
typedef void ms_k_unary_back(const real *x, const real *y, const real *gy, real *gx, size_t n, real a);

typedef struct ms_elementwise_kernels {
  ms_k_binary *add, *sub, *mul, *div;
  void (*affine)(const real *x, real *y, size_t n, real scale, real offset); /* y = scale x + offset */
  void (*accumulate)(const real *x, real *y, size_t n, real scale);          /* y += scale x */
  ms_k_unary *abs, *exp, *log, *log10, *sqrt, *square, *sigmoid, *tanh, *leaky_relu, *gelu;
  ms_k_unary_back *abs_back, *exp_back, *log_back, *log10_back, *sqrt_back, *square_back,
      *sigmoid_back, *tanh_back, *leaky_relu_back, *gelu_back;
} ms_elementwise_kernels;

const ms_elementwise_kernels *ms_k_elementwise(void);

#endif
