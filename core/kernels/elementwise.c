/* Loops over numbers, from the rows of unary.def, binary.def and ternary.def. */
#include "elementwise.h"

#include <math.h>

#include "../base/thread_pool.h"
#include "pointwise/exp.h"
#include "pointwise/strips.h"
#include "simd/leaky.h"
#include "simd/prefetch.h"
#include "simd/special.h"
#include "simd/stream_store.h"

enum { PIECE = 1 << 14, STRIP = 64, CACHED = 1 << 18 }; /* numbers */

#ifdef MS_DOUBLE
#define F(name) name
#else
#define F(name) name##f
#endif

#define ZERO ((real)0)
#define ROOT_HALF ((real)0.70710678118654752440)
#define GAUSS ((real)0.39894228040143267794) /* 1 / sqrt(2 pi) */
#define LN10 ((real)2.30258509299404568402)
#define LN2 ((real)0.69314718055994530942)
#define TWO_OVER_ROOT_PI ((real)1.12837916709551257390)
#define HALF_ROOT_PI ((real)0.88622692545275801365)
#define LOG10_E ((real)0.43429448190325182765)
#define SELU_SCALE ((real)1.05070098735548049342)
#define SELU_LOW ((real)1.75809934084737685994) /* scale alpha */

/* x, or the bound beyond which it lies; high where they cross. */
static inline real clamped(real x, real low, real high)
{
  const real y = x < low ? low : x;
  return y > high ? high : y;
}

/* x, or where a margin is asked for, x between it and 1 less it. */
static inline real inside(real x, real margin)
{
  return margin > 0 ? clamped(x, margin, 1 - margin) : x;
}

/* ---- cutting into pieces ---------------------------------------------------------- */
typedef struct job job;
typedef void unary_loop(const job *j, size_t first, size_t n);
struct job {
  unary_loop *loop;
  const real *x, *g;
  real *y;
  size_t n;
  real p[MS_UNARY_PARAMETERS];
  int past; /* whether y goes past the caches, strip by strip: not where formulas cost more */
};

/* Whether y is too large for the caches; what is written in place, as g or x, is in them. */
static int goes_past(const real *y, const real *g, const real *x, size_t n)
{
  return y != g && y != x && n * sizeof *y > MS_NONTEMPORAL_BYTES;
}

static void piece_past(const job *j, size_t first, size_t end)
{
  _Alignas(MS_VEC_BYTES) real room[MS_STRIP];
  for (size_t at = first, n; at < end; at += n) {
    job strip = *j;
    n = end - at < MS_STRIP ? end - at : MS_STRIP;
    strip.x += at;
    strip.g += at;
    strip.y = room;
    j->loop(&strip, 0, n);
    ms_stream_row(j->y + at, room, n);
  }
  ms_stream_done();
}

/* In strips, of what is too large for the caches: of loops that are as slow as formulas processors
   fetch ahead too little by themselves. */
static void piece_strips(const job *j, size_t first, size_t end)
{
  for (size_t at = first; at < end; at += STRIP) {
    ms_prefetch_ahead(j->x + at, STRIP);
    if (j->g != j->x) ms_prefetch_ahead(j->g + at, STRIP);
    if (j->y != j->x && j->y != j->g) ms_prefetch_ahead(j->y + at, STRIP);
    j->loop(j, at, end - at < STRIP ? end - at : STRIP);
  }
}

static void piece(void *arg, size_t chunk)
{
  const job *j = arg;
  const size_t first = chunk * PIECE, left = j->n - first, n = left < PIECE ? left : PIECE;
  if (j->past) piece_past(j, first, first + n);
  else if (j->n > CACHED) piece_strips(j, first, first + n);
  else j->loop(j, first, n);
}

static void run(job j)
{
  ms_parallel((j.n + PIECE - 1) / PIECE, piece, &j);
}

/* ---- two and three inputs: binary.def, ternary.def ---------------------------------- */
typedef void joint_loop(const real *as, const real *bs, const real *cs, const real *gs, real *ys,
                        size_t n);

/* A loop into y over a, b, c and g, which the formulas of rows read. */
#define LOOP(name, expression)                                                            \
  static void name(const real *as, const real *bs, const real *cs, const real *gs,        \
                   real *ys, size_t n)                                                    \
  {                                                                                       \
    for (size_t i = 0; i < n; i++) {                                                      \
      const real a = as[i], b = bs[i], c = cs[i], g = gs[i];                              \
      (void)a, (void)b, (void)c, (void)g;                                                 \
      ys[i] = expression;                                                                 \
    }                                                                                     \
  }
#define BINARY(name, value, gradient_a, gradient_b, saves)                                \
  LOOP(name##_loop, value)                                                                \
  LOOP(name##_back_a, gradient_a)                                                         \
  LOOP(name##_back_b, gradient_b)
#include "binary.def"
#undef BINARY
#define TERNARY(name, first, second, third, value, gradient_a, gradient_b, gradient_c)    \
  LOOP(name##_loop, value)                                                                \
  LOOP(name##_back_a, gradient_a)                                                         \
  LOOP(name##_back_b, gradient_b)                                                         \
  LOOP(name##_back_c, gradient_c)
#include "pointwise/ternary.def"
#undef TERNARY

#include "pointwise/powers.h"

static const struct {
  joint_loop *value, *gradient[MS_BROADCAST_INPUTS];
} joint_loops[] = {
#define BINARY(name, ...)                                                                 \
  [MS_BINARY_##name] = { name##_loop, { name##_back_a, name##_back_b } },
#define TERNARY(name, ...)                                                                \
  [MS_TERNARY_##name] = { name##_loop, { name##_back_a, name##_back_b, name##_back_c } },
#include "binary.def"
#include "pointwise/ternary.def"
#undef BINARY
#undef TERNARY
};

/* The loop of y (input -1) or of an input's gradient; powers of a number have their own. */
static joint_loop *loop_of(ms_binary_kind kind, int input, const ms_broadcast *in)
{
  if (kind == MS_BINARY_pow && in->in[1].number && input <= 0)
    return input < 0 ? power_loop : power_back_loop;
  return input < 0 ? joint_loops[kind].value : joint_loops[kind].gradient[input];
}

typedef struct joint_job {
  joint_loop *loop;
  const ms_broadcast *in;
  const real *g;
  real *y;
  int past; /* whether y goes past the caches */
} joint_job;

static void joint_piece(void *arg, size_t chunk)
{
  const joint_job *j = arg;
  const ms_broadcast *in = j->in;
  const size_t first = chunk * PIECE, left = in->count - first;
  const size_t end = first + (left < PIECE ? left : PIECE);
  const real *from[MS_BROADCAST_INPUTS] = { NULL };
  real room[MS_BROADCAST_INPUTS][MS_STRIP];
  _Alignas(MS_VEC_BYTES) real result[MS_STRIP];
  for (int i = 0; i < in->inputs; i++)
    if (ms_strip_stays(in, i)) ms_strip_begin(in, i, first, room[i]);
  for (size_t at = first, n; at < end; at += n) {
    n = ms_strip_length(in, at, end);
    for (int i = 0; i < MS_BROADCAST_INPUTS; i++)
      from[i] = i < in->inputs ? ms_strip(in, i, at, n, room[i]) : j->y + at;
    j->loop(from[0], from[1], from[2], j->g + at, j->past ? result : j->y + at, n);
    if (j->past) ms_stream_row(j->y + at, result, n);
  }
  if (j->past) ms_stream_done();
}

static void run_joint(joint_job j)
{
  j.past = 1;
  for (int i = 0; i < j.in->inputs; i++)
    j.past &= goes_past(j.y, j.g, j.in->in[i].data, j.in->count);
  ms_parallel((j.in->count + PIECE - 1) / PIECE, joint_piece, &j);
}

static void joint(ms_binary_kind kind, const ms_broadcast *in, real *y)
{
  run_joint((joint_job){ .loop = loop_of(kind, -1, in), .in = in, .g = in->in[0].data, .y = y });
}

static void joint_back(ms_binary_kind kind, int input, const ms_broadcast *in, const real *gy,
                       real *gx)
{
  run_joint((joint_job){ .loop = loop_of(kind, input, in), .in = in, .g = gy, .y = gx });
}

static void binary(ms_binary_kind kind, const real *a, const real *b, real *y, size_t n)
{
  joint(kind, &(ms_broadcast){ .inputs = 2, .ndim = 1, .count = n, .dim = { n },
                               .in = { { .data = a, .step = { 1 }, .dense = 1 },
                                       { .data = b, .step = { 1 }, .dense = 1 } } }, y);
}

/* ---- one input, with scalars -------------------------------------------------------- */
static void affine_loop(const job *j, size_t first, size_t n)
{
  const real *x = j->x + first;
  real *y = j->y + first, p = j->p[0], q = j->p[1];
  for (size_t i = 0; i < n; i++) y[i] = p * x[i] + q;
}

static void affine(const real *x, real *y, size_t n, real scale, real offset)
{
  run((job){ .loop = affine_loop, .x = x, .g = x, .y = y, .n = n, .p = { scale, offset },
             .past = goes_past(y, x, x, n) });
}

static void accumulate_loop(const job *j, size_t first, size_t n)
{
  const real *x = j->x + first;
  real *y = j->y + first, p = j->p[0];
  for (size_t i = 0; i < n; i++) y[i] += p * x[i];
}

static void accumulate(const real *x, real *y, size_t n, real scale)
{
  run((job){ .loop = accumulate_loop, .x = x, .y = y, .n = n, .p = { scale } });
}

/* ---- one input: unary.def ------------------------------------------------------------- */
/* The value of x; and from `from`, which is x or y, and g, the gradient of y, the gradient of x. */
#define UNARY_LOOP(name, from, expression)                                                \
  static void name(const job *j, size_t first, size_t n)                                  \
  {                                                                                       \
    const real *froms = j->x + first, *gs = j->g + first;                                 \
    real *ys = j->y + first;                                                              \
    const real p = j->p[0], q = j->p[1], r = j->p[2];                                     \
    (void)p, (void)q, (void)r;                                                            \
    for (size_t i = 0; i < n; i++) {                                                      \
      const real from = froms[i], g = gs[i];                                              \
      (void)from, (void)g;                                                                \
      ys[i] = expression;                                                                 \
    }                                                                                     \
  }
#define UNARY(name, value, gradient, from, output, parameter)                             \
  UNARY_LOOP(name##_loop, x, value)                                                       \
  UNARY_LOOP(name##_back_loop, from, gradient)
#include "unary.def"
#undef UNARY

#include "pointwise/angles.h"

static const struct {
  unary_loop *value, *gradient;
} unary_loops[] = {
#define UNARY(name, ...) [MS_UNARY_##name] = { .value = name##_loop, .gradient = name##_back_loop },
#include "unary.def"
#undef UNARY
};

static void exact_exp(const job *j, size_t first, size_t n)
{
  MS_K(exp)(j->x + first, j->y + first, n, 1);
}

static void exact_sigmoid(const job *j, size_t first, size_t n)
{
  real *y = j->y + first;
  MS_K(exp)(j->x + first, y, n, -1);
  for (size_t i = 0; i < n; i++) y[i] = 1 / (1 + y[i]);
}

/* A row's loop, or what stands in its place. */
static unary_loop *unary_loop_of(ms_unary_kind kind, int back)
{
  if (kind == MS_UNARY_sin) return back ? sin_back_any : sin_any;
  if (kind == MS_UNARY_cos) return back ? cos_back_any : cos_any;
  if (kind == MS_UNARY_tan && !back) return tan_any;
  if (kind == MS_UNARY_exp && !back) return exact_exp;
  if (kind == MS_UNARY_sigmoid && !back) return exact_sigmoid;
  return back ? unary_loops[kind].gradient : unary_loops[kind].value;
}

static void unary(ms_unary_kind kind, const real *x, real *y, size_t n,
                  const real p[MS_UNARY_PARAMETERS])
{
  run((job){ .loop = unary_loop_of(kind, 0), .x = x, .g = x, .y = y, .n = n,
             .p = { p[0], p[1], p[2] } });
}

static void unary_back(ms_unary_kind kind, const real *from, const real *gy, real *gx, size_t n,
                       const real p[MS_UNARY_PARAMETERS])
{
  run((job){ .loop = unary_loop_of(kind, 1), .x = from, .g = gy, .y = gx, .n = n,
             .p = { p[0], p[1], p[2] } });
}

const ms_elementwise_kernels MS_K(elementwise) = {
  .joint = joint, .joint_back = joint_back, .binary = binary, .affine = affine,
  .accumulate = accumulate, .unary = unary, .unary_back = unary_back,
};
