/* Loops over numbers of equal count. */
#include "elementwise.h"

#include <math.h>

#include "../base/thread_pool.h"
#include "simd/vmath.h"
#include "simd/leaky.h"

enum { PIECE = 1 << 14 };

/* ---- cutting into pieces ---------------------------------------------------------- */
typedef struct job {
  void (*loop)(const struct job *j, size_t first, size_t n);
  const real *a, *b, *g;
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

/* ---- two inputs: binary.def ------------------------------------------------------- */
/* Loops over a and b as `value` and the gradients read them, into y. */
#define LOOP(name, expression)                                                            \
  static void name(const job *j, size_t first, size_t n)                                  \
  {                                                                                       \
    const real *as = j->a + first, *bs = j->b + first, *gs = j->g + first;                \
    real *ys = j->y + first;                                                              \
    for (size_t i = 0; i < n; i++) {                                                      \
      const real a = as[i], b = bs[i], g = gs[i];                                         \
      (void)a, (void)b, (void)g;                                                          \
      ys[i] = expression;                                                                 \
    }                                                                                     \
  }
#define BINARY(name, value, gradient_a, gradient_b, saves)                                \
  LOOP(name##_loop, value)                                                                \
  LOOP(name##_back_a, gradient_a)                                                         \
  LOOP(name##_back_b, gradient_b)
#include "binary.def"
#undef BINARY

static const struct {
  void (*value)(const job *j, size_t first, size_t n);
  void (*gradient[2])(const job *j, size_t first, size_t n);
} binary_loops[] = {
#define BINARY(name, ...)                                                                 \
  [MS_BINARY_##name] = { .value = name##_loop, .gradient = { name##_back_a, name##_back_b } },
#include "binary.def"
#undef BINARY
};

static void binary(ms_binary_kind kind, const real *a, const real *b, real *y, size_t n)
{
  run((job){ .loop = binary_loops[kind].value, .a = a, .b = b, .g = a, .y = y, .n = n });
}

static void binary_back(ms_binary_kind kind, int input, const real *a, const real *b,
                        const real *gy, real *gx, size_t n)
{
  run((job){ .loop = binary_loops[kind].gradient[input], .a = a, .b = b, .g = gy, .y = gx,
             .n = n });
}

/* ---- one input, with scalars -------------------------------------------------------- */
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

/* ---- one input: unary.def ------------------------------------------------------------- */
#ifdef MS_DOUBLE
#define F(name) name
#else
#define F(name) name##f
#endif

#define ROOT_HALF ((real)0.70710678118654752440)
#define GAUSS ((real)0.39894228040143267794) /* 1 / sqrt(2 pi) */
#define LN10 ((real)2.30258509299404568402)
#define LN2 ((real)0.69314718055994530942)
#define TWO_OVER_ROOT_PI ((real)1.12837916709551257390)
#define LOG10_E ((real)0.43429448190325182765)

/* The value of x; and from `from`, which is x or y, and g, the gradient of y, the gradient of x. */
#define UNARY(name, value, gradient, from, output, parameter)                             \
  static void name##_loop(const job *j, size_t first, size_t n)                           \
  {                                                                                       \
    const real *xs = j->a + first;                                                        \
    real *ys = j->y + first;                                                              \
    const real p = j->p;                                                                  \
    (void)p;                                                                              \
    for (size_t i = 0; i < n; i++) {                                                      \
      const real x = xs[i];                                                               \
      ys[i] = value;                                                                      \
    }                                                                                     \
  }                                                                                       \
  static void name##_back_loop(const job *j, size_t first, size_t n)                      \
  {                                                                                       \
    const real *froms = j->a + first, *gs = j->b + first;                                 \
    real *gx = j->y + first;                                                              \
    const real p = j->p;                                                                  \
    (void)p;                                                                              \
    for (size_t i = 0; i < n; i++) {                                                      \
      const real from = froms[i], g = gs[i];                                              \
      gx[i] = gradient;                                                                   \
    }                                                                                     \
  }
#include "unary.def"
#undef UNARY

static const struct {
  void (*value)(const job *j, size_t first, size_t n),
  (*gradient)(const job *j, size_t first, size_t n);
} unary_loops[] = {
#define UNARY(name, ...) [MS_UNARY_##name] = { .value = name##_loop, .gradient = name##_back_loop },
#include "unary.def"
#undef UNARY
};

static void unary(ms_unary_kind kind, const real *x, real *y, size_t n, real p)
{
  run((job){ .loop = unary_loops[kind].value, .a = x, .y = y, .n = n, .p = p });
}

static void unary_back(ms_unary_kind kind, const real *from, const real *gy, real *gx, size_t n,
                       real p)
{
  run((job){ .loop = unary_loops[kind].gradient, .a = from, .b = gy, .y = gx, .n = n, .p = p });
}

const ms_elementwise_kernels MS_K(elementwise) = {
  .binary = binary, .binary_back = binary_back, .affine = affine,
  .accumulate = accumulate, .unary = unary, .unary_back = unary_back,
};
