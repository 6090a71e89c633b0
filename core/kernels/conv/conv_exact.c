/* Sums over what lies inside x: the border of y, and the weight's gradient tap by tap; and whether
   they are needed. */
#include "conv_exact.h"

#include <stdatomic.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "../simd/leaky.h"
#include "conv_backward_weight.h"

/* ---- whether all is finite ------------------------------------------------------------- */
enum { PIECE = 1 << 15, AT_ONCE = 4 };

typedef struct look {
  const real *x;
  size_t count;
  atomic_int odd;
} look;

/* 0 times each number is added: 0, or NaN. */
static void look_at(void *arg, size_t chunk)
{
  look *l = arg;
  const size_t left = l->count - chunk * PIECE, n = left < PIECE ? left : PIECE;
  const real *x = l->x + chunk * PIECE;
  vec sum[AT_ONCE] = { { 0 } }; /* so many that none waits for the one before */
  real rest = 0;
  size_t i = 0;
  for (; i + AT_ONCE * MS_LANES <= n; i += AT_ONCE * MS_LANES)
    for (int k = 0; k < AT_ONCE; k++) sum[k] += 0 * *(const vec_u *)(x + i + k * MS_LANES);
  for (; i < n; i++) rest += 0 * x[i];
  sum[0] += sum[1] + sum[2] + sum[3];
  for (int lane = 0; lane < MS_LANES; lane++) rest += sum[0][lane];
  if (rest != 0) atomic_store(&l->odd, 1);
}

int MS_K(conv_finite)(const real *x, size_t count)
{
  look l = { .x = x, .count = count };
  ms_parallel((count + PIECE - 1) / PIECE, look_at, &l);
  return !atomic_load(&l.odd);
}

/* A stretch first .. end-1 along one axis. */
typedef struct stretch {
  size_t first, end;
} stretch;

/* The kernel's taps that meet x at place `at` of y. */
static stretch taps_of(size_t at, size_t step, size_t pad, size_t kernel, size_t size)
{
  const size_t start = at * step, first = start < pad ? pad - start : 0;
  const size_t left = size + pad > start ? size + pad - start : 0;
  return (stretch){ first, left < kernel ? left : kernel };
}

/* ---- the border of y ------------------------------------------------------------------ */
/* What one number of x adds to a pixel of y. */
static void add_channel(const ms_conv_task *t, real x, const real *w, real *y)
{
  for (size_t o = 0; o < t->s.cout; o++) y[o] += x * w[(ptrdiff_t)o * t->out];
}

static void add_tap(const ms_conv_task *t, const real *x, size_t tap, real *y)
{
  const real *w = t->weight + (ptrdiff_t)tap * t->tap;
  for (size_t c = 0; c < t->s.cin; c++, w += t->in) {
    const ms_affine_relu *f = t->prologue ? &t->prologue->norm : NULL;
    add_channel(t, f ? ms_leaky(f->scale[c] * x[c] + f->shift[c], f->slope) : x[c], w, y);
  }
}

static void pixel(const ms_conv_task *t, const real *image, size_t i, size_t j, stretch a,
                  stretch b, real *y)
{
  const ms_conv_shape *s = &t->s;
  if (t->bias) memcpy(y, t->bias, s->cout * sizeof *y);
  else memset(y, 0, s->cout * sizeof *y);
  for (size_t p = a.first; p < a.end; p++)
    for (size_t q = b.first; q < b.end; q++)
      add_tap(t, image + ((i * s->sh + p - s->ph) * s->w + j * s->sw + q - s->pw) * s->cin,
              p * s->kw + q, y);
}

static int whole(stretch taps, size_t kernel)
{
  return taps.first == 0 && taps.end == kernel;
}

/* A chunk is a row of y. */
static void border_row(void *arg, size_t row)
{
  const ms_conv_task *t = arg;
  const ms_conv_shape *s = &t->s;
  const size_t i = row % s->oh;
  const stretch a = taps_of(i, s->sh, s->ph, s->kh, s->h);
  for (size_t j = 0; j < s->ow; j++) {
    const stretch b = taps_of(j, s->sw, s->pw, s->kw, s->w);
    if (whole(a, s->kh) && whole(b, s->kw)) continue;
    pixel(t, t->x + row / s->oh * s->h * s->w * s->cin, i, j, a, b,
          t->y + (row * s->ow + j) * s->cout);
  }
}

void MS_K(conv_border)(const ms_conv_task *t)
{
  ms_parallel(t->s.n * t->s.oh, border_row, (void *)t);
}

/* ---- the weight's gradient -------------------------------------------------------------- */
typedef struct job {
  const ms_conv_backward_weight *t;
  size_t a, b;       /* the tap */
  stretch rows, columns; /* of y, whose kernels have this tap inside x */
  real *x, *gy;      /* its pixels of both, side by side */
} job;

/* The places of y from which the tap meets x. */
static stretch places_of(size_t tap, size_t step, size_t pad, size_t size, size_t out)
{
  const size_t first = tap < pad ? (pad - tap + step - 1) / step : 0;
  const size_t end = size + pad > tap ? (size + pad - tap + step - 1) / step : 0;
  return (stretch){ first, end < out ? end : out };
}

static size_t length(stretch s)
{
  return s.end > s.first ? s.end - s.first : 0;
}

/* A chunk is a row of places. */
static void copy_row(void *arg, size_t row)
{
  const job *j = arg;
  const ms_conv_shape *s = &j->t->s;
  const size_t rows = length(j->rows), columns = length(j->columns), image = row / rows;
  const size_t i = j->rows.first + row % rows;
  const real *x = j->t->x + (image * s->h + i * s->sh + j->a - s->ph) * s->w * s->cin;
  const real *gy = j->t->gy + (image * s->oh + i) * s->ow * s->cout;
  for (size_t k = 0; k < columns; k++)
    memcpy(j->x + (row * columns + k) * s->cin,
           x + ((j->columns.first + k) * s->sw + j->b - s->pw) * s->cin, s->cin * sizeof *x);
  memcpy(j->gy + row * columns * s->cout, gy + j->columns.first * s->cout,
         columns * s->cout * sizeof *gy);
}

static int one_tap(job *j)
{
  const ms_conv_backward_weight *t = j->t;
  const ms_conv_shape *s = &t->s;
  j->rows = places_of(j->a, s->sh, s->ph, s->h, s->oh);
  j->columns = places_of(j->b, s->sw, s->pw, s->w, s->ow);
  const size_t rows = length(j->rows), columns = length(j->columns);
  ms_conv_backward_weight one = *t;
  one.gw += (j->a * s->kw + j->b) * t->tap;
  if (!rows || !columns) {
    for (size_t c = 0; c < s->cin; c++)
      for (size_t o = 0; o < s->cout; o++) one.gw[c * t->in + o * t->out] = 0;
    return 0;
  }
  ms_parallel(s->n * rows, copy_row, j);
  one.s = (ms_conv_shape){ .n = s->n, .h = rows, .w = columns, .cin = s->cin, .kh = 1, .kw = 1,
                           .cout = s->cout, .sh = 1, .sw = 1, .oh = rows, .ow = columns };
  one.x = j->x;
  one.gy = j->gy;
  return MS_K(conv_backward_weight)(&one);
}

int MS_K(conv_taps)(const ms_conv_backward_weight *t)
{
  const ms_conv_shape *s = &t->s;
  const size_t pixels = s->n * s->oh * s->ow;
  job j = { .t = t, .x = ms_alloc(pixels * (s->cin + s->cout) * sizeof(real)) };
  if (!j.x) return -1;
  j.gy = j.x + pixels * s->cin;
  int status = 0;
  for (j.a = 0; j.a < s->kh && status == 0; j.a++)
    for (j.b = 0; j.b < s->kw && status == 0; j.b++) status = one_tap(&j);
  ms_free(j.x);
  return status;
}
