/* Loops over numbers of equal count. */
#include "elementwise.h"

#include <math.h>

#include "../base/pool.h"
#include "curves.h"
#include "leaky.h"

enum { PIECE = 1 << 14 };

/* ---- cutting into pieces ---------------------------------------------------------- */
typedef struct job {
  void (*loop)(const struct job *j, size_t first, size_t n);
  const real *a, *b, *c;
  real *y;
  size_t n;
  real p, q;
} job;

static void piece(void *arg, size_t chunk)
{
  const job *j = arg;
  size_t first = chunk * PIECE, left = j->n - first;
  j->loop(j, first, left < PIECE ? left : PIECE);
}

static void run(job j)
{
  ms_parallel((j.n + PIECE - 1) / PIECE, piece, &j);
}

/* ---- two inputs ------------------------------------------------------------------- */
#define BINARY(name, expression)                                                          \
  static void name##_loop(const job *j, size_t first, size_t n)                           \
  {                                                                                       \
    const real *a = j->a + first, *b = j->b + first;                                      \
    real *y = j->y + first;                                                               \
    for (size_t i = 0; i < n; i++) y[i] = expression;                                     \
  }                                                                                       \
  static void k_##name(const real *a, const real *b, real *y, size_t n)                   \
  {                                                                                       \
    run((job){ .loop = name##_loop, .a = a, .b = b, .y = y, .n = n });                    \
  }

BINARY(add, a[i] + b[i])
BINARY(sub, a[i] - b[i])
BINARY(mul, a[i] * b[i])
BINARY(div, a[i] / b[i])

static void affine_loop(const job *j, size_t first, size_t n)
{
  const real *x = j->a + first;
  real *y = j->y + first, p = j->p, q = j->q;
  for (size_t i = 0; i < n; i++) y[i] = p * x[i] + q;
}

static void affine(const real *x, real *y, size_t n, real scale, real offset)
{
  run((job){ .loop = affine_loop, .a = x, .y = y, .n = n, .p = scale, .q = offset });
}

static void accumulate_loop(const job *j, size_t first, size_t n)
{
  const real *x = j->a + first;
  real *y = j->y + first, p = j->p;
  for (size_t i = 0; i < n; i++) y[i] += p * x[i];
}

static void accumulate(const real *x, real *y, size_t n, real scale)
{
  run((job){ .loop = accumulate_loop, .a = x, .y = y, .n = n, .p = scale });
}

/* ---- one input: the value of x, and the gradient of x from x, y and g, the gradient of y --- */
#define UNARY(name, value, gradient)                                                        \
  static void name##_loop(const job *j, size_t first, size_t n)                           \
  {                                                                                       \
    const real *xs = j->a + first;                                                        \
    real *ys = j->y + first;                                                              \
    const real p = j->p;                                                                  \
    (void)p;                                                                              \
    for (size_t i = 0; i < n; i++) {                                                      \
      real x = xs[i];                                                                     \
      ys[i] = value;                                                                      \
    }                                                                                     \
  }                                                                                       \
  static void k_##name(const real *x, real *y, size_t n, real a)                          \
  {                                                                                       \
    run((job){ .loop = name##_loop, .a = x, .y = y, .n = n, .p = a });                    \
  }                                                                                       \
  static void name##_back_loop(const job *j, size_t first, size_t n)                      \
  {                                                                                       \
    const real *xs = j->a + first, *ys = j->b + first, *gs = j->c + first;                \
    real *gx = j->y + first;                                                              \
    const real p = j->p;                                                                  \
    (void)p;                                                                              \
    for (size_t i = 0; i < n; i++) {                                                      \
      real x = xs[i], y = ys[i], g = gs[i];                                               \
      (void)x, (void)y;                                                                   \
      gx[i] = gradient;                                                                   \
    }                                                                                     \
  }                                                                                       \
  static void k_##name##_back(const real *x, const real *y, const real *gy, real *gx,     \
                              size_t n, real a)                                           \
  {                                                                                       \
    run((job){ .loop = name##_back_loop, .a = x, .b = y, .c = gy, .y = gx, .n = n,        \
               .p = a });                                                                 \
  }

#ifdef MS_DOUBLE
#define F(name) name
#else
#define F(name) name##f
#endif

#define ROOT_HALF ((real)0.70710678118654752440)
#define GAUSS ((real)0.39894228040143267794) /* 1 / sqrt(2 pi) */
#define LN10 ((real)2.30258509299404568402)
#define LOG10_E ((real)0.43429448190325182765)

UNARY(abs, F(fabs)(x), g * (x > 0 ? (real)1 : x < 0 ? (real)-1 : (real)0))
UNARY(exp, F(exp)(x), g * y)
UNARY(log, ms_curve_log(x + p), g * (1 / (x + p)))
UNARY(log10, ms_curve_log(x + p) * LOG10_E, g * (1 / ((x + p) * LN10)))
UNARY(sqrt, F(sqrt)(x), g * ((real)0.5 / y))
UNARY(square, x * x, g * (2 * x))
UNARY(sigmoid, 1 / (1 + F(exp)(-x)), g * (y * (1 - y)))
UNARY(tanh, F(tanh)(x), g * (1 - y * y))
UNARY(leaky_relu, ms_leaky(x, p), ms_leaky_back(x, g, p))
UNARY(gelu, (real)0.5 * x * (1 + ms_curve_erf(x * ROOT_HALF)),
      g * ((real)0.5 * (1 + ms_curve_erf(x * ROOT_HALF)) + x * GAUSS * ms_curve_exp((real)-0.5 * x * x)))

const ms_elementwise_kernels MS_K(elementwise) = {
  k_add, k_sub, k_mul, k_div, affine, accumulate,
  k_abs, k_exp, k_log, k_log10, k_sqrt, k_square, k_sigmoid, k_tanh, k_leaky_relu, k_gelu,
  k_abs_back, k_exp_back, k_log_back, k_log10_back, k_sqrt_back, k_square_back,
  k_sigmoid_back, k_tanh_back, k_leaky_relu_back, k_gelu_back,
};
