/* The gradient by the weight of convolutions of long sequences: each row of y is cut into stretches
   whose patches of x stay in the second cache. Either side can lie along the vectors, as in
   conv_backward_weight.c; stretches are cut into parts with sums of their own, added in order. */
#include <stdatomic.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"
#include "conv_solver.h"

enum { STRETCH_BYTES = 96 << 10, LEAST_PIXELS = 192, LONG_BYTES = 192 << 10, MOST_PARTS = 16 };
static ms_scratch_key room_for_x, room_for_gradients, room_for_sums;

typedef struct job {
  const ms_conv_backward_weight *t;
  int across;            /* x lies along the vectors, not gy */
  size_t count, vectors; /* broadcast numbers, vectors beside them */
  size_t pixels, stretches, parts, size; /* of a stretch; of all rows; of sums; of a part's */
  real *sums;
  atomic_int failed;
} job;

static size_t filled(size_t n)
{
  return n * 100 / (ms_conv_vectors(n) * MS_LANES);
}

static void cut(job *j)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t run = s->kw * s->cin;
  j->across = filled(run) > filled(s->cout);
  j->count = j->across ? s->cout : run;
  j->vectors = ms_conv_vectors(j->across ? run : s->cout);
  j->pixels = STRETCH_BYTES / sizeof(real) / (s->sw * s->cin);
  if (j->pixels < LEAST_PIXELS) j->pixels = LEAST_PIXELS;
  j->stretches = s->n * ((s->ow + j->pixels - 1) / j->pixels);
  j->parts = j->stretches < MOST_PARTS ? j->stretches : MOST_PARTS;
  j->size = j->count * j->vectors * MS_LANES;
}

/* The patches of x under `count` pixels of y from `first` on: in place where no kernel and no
   vector reaches outside, else with zeros around. */
static const real *patches(const job *j, size_t image, size_t first, size_t count)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t c = s->cin, places = (count - 1) * s->sw + s->kw, start = first * s->sw;
  const real *x = j->t->x + image * s->w * c;
  if (start >= s->pw && start - s->pw + places + MS_LANES <= s->w)
    return x + (start - s->pw) * c;
  real *to = ms_scratch(&room_for_x, (places * c + MS_LANES) * sizeof *to);
  const size_t left = start < s->pw ? s->pw - start : 0, from = start + left - s->pw;
  const size_t inside = from < s->w ? s->w - from : 0, room = places > left ? places - left : 0;
  const size_t middle = inside < room ? inside : room, zeros = left < places ? left : places;
  if (!to) return NULL;
  memset(to, 0, zeros * c * sizeof *to);
  memcpy(to + zeros * c, x + from * c, middle * c * sizeof *to);
  memset(to + (zeros + middle) * c, 0, ((places - zeros - middle) * c + MS_LANES) * sizeof *to);
  return to;
}

/* Gradients of `count` pixels, in whole vectors where they lie along them. */
static const real *gradients(const job *j, const real *gy, size_t count)
{
  const size_t cout = j->t->s.cout, step = j->vectors * MS_LANES;
  if (j->across || step == cout) return gy;
  real *to = ms_scratch(&room_for_gradients, count * step * sizeof *to);
  for (size_t p = 0; to && p < count; p++) {
    memcpy(to + p * step, gy + p * cout, cout * sizeof *to);
    memset(to + p * step + cout, 0, (step - cout) * sizeof *to);
  }
  return to;
}

static int add(const job *j, size_t stretch, int fresh, real *sums)
{
  const ms_conv_shape *s = &j->t->s;
  const size_t row = (s->ow + j->pixels - 1) / j->pixels, image = stretch / row;
  const size_t first = stretch % row * j->pixels, left = s->ow - first;
  const size_t count = left < j->pixels ? left : j->pixels;
  const real *x = patches(j, image, first, count);
  const real *gy = gradients(j, j->t->gy + (image * s->ow + first) * s->cout, count);
  if (!x || !gy) return -1;
  const size_t step = s->sw * s->cin, wide = j->across ? s->cout : j->vectors * MS_LANES;
  const ms_conv_outer t = { .a = (const operand *)(j->across ? gy : x),
                            .b = (const operand *)(j->across ? x : gy),
                            .a_step = j->across ? wide : step, .b_step = j->across ? step : wide,
                            .images = 1, .rows = 1, .pixels = count, .c = sums,
                            .c_step = j->vectors * MS_LANES, .fresh = fresh };
  MS_K(conv_outer)(&t, j->count, j->vectors);
  return 0;
}

/* A chunk is a part of all stretches. */
static void part(void *arg, size_t p)
{
  job *j = arg;
  const size_t from = j->stretches * p / j->parts, to = j->stretches * (p + 1) / j->parts;
  for (size_t k = from; k < to; k++)
    if (add(j, k, k == from, j->sums + p * j->size) != 0) {
      atomic_store(&j->failed, 1);
      return;
    }
}

/* Adds the parts of one row of sums and writes it where it belongs. */
static void finish(void *arg, size_t row)
{
  const job *j = arg;
  const ms_conv_backward_weight *t = j->t;
  const size_t width = j->vectors * MS_LANES, c = t->s.cin;
  const size_t used = j->across ? t->s.kw * c : t->s.cout;
  real *restrict sum = j->sums + row * width;
  for (size_t p = 1; p < j->parts; p++) {
    const real *restrict more = sum + p * j->size;
    for (size_t i = 0; i < width; i++) sum[i] += more[i];
  }
  for (size_t i = 0; i < used; i++) {
    const size_t run = j->across ? i : row, o = j->across ? row : i;
    t->gw[run / c * t->tap + run % c * t->in + o * t->out] = sum[i];
  }
}

static int run(const ms_conv_backward_weight *t)
{
  job j = { .t = t };
  cut(&j);
  j.sums = ms_scratch(&room_for_sums, j.parts * j.size * sizeof *j.sums);
  if (!j.sums) return -1;
  ms_parallel(j.parts, part, &j);
  if (atomic_load(&j.failed)) return ms_fail("conv1d: no memory for a stretch");
  ms_parallel(j.count, finish, &j);
  return 0;
}

static int takes(const ms_conv_shape *s)
{
  return MS_PER_OPERAND == 1 && s->h == 1 && s->kh == 1 && s->oh == 1 && s->kw > 1 &&
         s->ow * s->sw * s->cin * sizeof(real) > LONG_BYTES;
}

/* As much work as outer products, out of a nearer cache. */
static size_t cost(const ms_conv_shape *s)
{
  return s->n * s->ow * s->kw * s->cin * ms_conv_vectors(s->cout) / 2;
}

const ms_conv_solver MS_K(conv_stretches) = {
  .name = "stretches", .applicable = takes, .cost = cost, .run.backward_weight = run,
};
