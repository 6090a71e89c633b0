/* Rotations that make the rows of a small matrix orthogonal, pair by pair, until none is left to
   turn. Products of rows are taken in double. */
#include "rotations.h"

#include <float.h>
#include <math.h>

#include "../simd/isa.h"

enum { SWEEPS = 40, MOST_PAIRS = MS_ROTATIONS_MOST / 2 };

#ifdef MS_DOUBLE
#define EPSILON DBL_EPSILON
#else
#define EPSILON ((double)FLT_EPSILON)
#endif

/* A register of doubles, and as many numbers. */
enum { DOUBLES = MS_VEC_BYTES / (int)sizeof(double), SUMS = 2 };
typedef double doubles __attribute__((vector_size(MS_VEC_BYTES)));
typedef real numbers __attribute__((vector_size(DOUBLES * sizeof(real)), may_alias,
                                    aligned(sizeof(real))));

static double dot(const real *x, const real *y, size_t n)
{
  doubles sum[SUMS] = { 0 };
  for (size_t i = 0; i < n; i += SUMS * DOUBLES)
    MS_UNROLL for (int k = 0; k < SUMS; k++) {
      const numbers a = ((const numbers *)(x + i))[k], b = ((const numbers *)(y + i))[k];
      sum[k] += __builtin_convertvector(a, doubles) * __builtin_convertvector(b, doubles);
    }
  sum[0] += sum[1];
  double all = 0;
  for (int k = 0; k < DOUBLES; k++) all += sum[0][k];
  return all;
}

static void turn(real *x, real *y, real c, real s, size_t n)
{
  for (size_t i = 0; i < n; i += MS_LANES) {
    const vec a = *(const vec_u *)(x + i), b = *(const vec_u *)(y + i);
    *(vec_u *)(x + i) = c * a - s * b;
    *(vec_u *)(y + i) = s * a + c * b;
  }
}

/* Pairs of rows that have no row in common, so that none waits for another. */
typedef struct pairs {
  size_t count, p[MOST_PAIRS], q[MOST_PAIRS];
  double apart[MOST_PAIRS], product[MOST_PAIRS], c[MOST_PAIRS], s[MOST_PAIRS];
} pairs;

static void multiply_pairs(const ms_rotations *r, pairs *t)
{
  for (size_t i = 0; i < t->count; i++) {
    const double a = r->squares[t->p[i]], b = r->squares[t->q[i]];
    const double product = dot(r->w + t->p[i] * r->wide, r->w + t->q[i] * r->wide, r->wide);
    t->apart[i] = b - a;
    t->product[i] = product * product > 4 * EPSILON * EPSILON * a * b ? product : 0;
  }
}

/* The angles of a round: none where the product is 0. */
static void find_angles(pairs *t)
{
  for (size_t i = 0; i < t->count; i++) {
    const double apart = t->apart[i], twice = 2 * t->product[i];
    const double most = fabs(apart) + sqrt(apart * apart + twice * twice);
    const double tangent = copysign(1, apart) * twice / (most > 0 ? most : 1);
    t->c[i] = 1 / sqrt(1 + tangent * tangent);
    t->s[i] = t->c[i] * tangent;
    t->product[i] *= tangent;
  }
}

/* Whether any pair had to be turned. */
static int turn_pairs(const ms_rotations *r, const pairs *t)
{
  int turned = 0;
  for (size_t i = 0; i < t->count; i++) {
    const size_t p = t->p[i], q = t->q[i];
    const real c = (real)t->c[i], s = (real)t->s[i];
    if (t->s[i] == 0) continue;
    turn(r->w + p * r->wide, r->w + q * r->wide, c, s, r->wide);
    turn(r->turns + p * r->turned, r->turns + q * r->turned, c, s, r->turned);
    r->squares[p] -= t->product[i];
    r->squares[q] += t->product[i];
    turned = 1;
  }
  return turned;
}

/* The pairs of a round, of which there are one fewer than rows: as in a tournament, the first row
   keeps its place and the others move round. An odd number has a row that does not play. */
static void draw_pairs(size_t rows, size_t round, pairs *t)
{
  const size_t places = (rows + 1) / 2 * 2, others = places - 1;
  t->count = 0;
  for (size_t i = 0; i < places / 2; i++) {
    const size_t a = i ? 1 + (round + i) % others : 0, b = 1 + (round + others - i) % others;
    if (a >= rows || b >= rows) continue;
    t->p[t->count] = a < b ? a : b;
    t->q[t->count++] = a < b ? b : a;
  }
}

static int turn_all(const ms_rotations *r)
{
  pairs t;
  int turned = 0;
  for (size_t round = 0; round < (r->rows + 1) / 2 * 2 - 1; round++) {
    draw_pairs(r->rows, round, &t);
    multiply_pairs(r, &t);
    find_angles(&t);
    turned |= turn_pairs(r, &t);
  }
  return turned;
}

static void measure(const ms_rotations *r)
{
  for (size_t p = 0; p < r->rows; p++) {
    const real *row = r->w + p * r->wide;
    r->squares[p] = dot(row, row, r->wide);
  }
}

static int orthogonal(const ms_rotations *r)
{
  int turned = 1;
  for (int sweep = 0; turned && sweep < SWEEPS; sweep++) {
    measure(r);
    turned = turn_all(r);
  }
  measure(r);
  return turned;
}

const ms_rotations_kernels MS_K(rotations) = { .orthogonal = orthogonal };
