/* Recurrent layers, forward: the input's products for a stretch of steps at once, then step after
   step the state's products and the gates. A chunk of sequences goes through these steps on one
   thread. The gates of a stretch have a room of their own, whether they are kept for backward or
   not: so both ways give the same bits. */
#include "../../base/interrupt.h"
#include "../../base/memory.h"
#include "../../base/profile.h"
#include "../../base/sizes.h"
#include "../../base/thread_pool.h"
#include "../gemm/gemm.h"
#include "recurrent_cells.h"
#include "recurrent_steps.h"
#include "step_product.h"

enum { ROWS = 1024 }; /* of the input, in a stretch */

typedef struct job {
  ms_recurrent r;
  real *kept, *cells, *out; /* kept: the gates of all steps, or NULL */
  real *gates;              /* (direction, batch, step of the stretch, row) */
  real *x;                  /* (batch, step of the stretch, in) */
  const real *packed;       /* (direction): weight_hh */
  size_t packed_count, row; /* row: numbers of the gates at one step */
  size_t first, count;      /* the stretch: steps in the order in which a direction takes them */
} job;

/* ---- the input's products ---- */
/* What the sums of a step start from, in slots: both biases, which GRU's n keeps apart. */
static void start_of(const ms_recurrent *r, size_t d, real *start)
{
  const size_t n = r->hidden, gates = ms_cell_gates(r->cell) * n;
  const real *ih = r->bias_ih + d * gates, *hh = r->bias_hh + d * gates;
  const size_t joint = r->cell == MS_CELL_GRU ? 2 * n : gates;
  for (size_t i = 0; i < joint; i++) start[i] = ih[i] + hh[i];
  for (size_t i = joint; i < gates; i++) start[i] = hh[i], start[i + n] = ih[i];
}

typedef struct taking {
  const job *j;
  size_t direction;
} taking;

/* The stretch of one sequence, in the order of its direction. */
static void take_sequence(void *arg, size_t b)
{
  const taking *t = arg;
  const job *j = t->j;
  const ms_recurrent *r = &j->r;
  real *to = j->x + b * j->count * r->in;
  for (size_t i = 0; i < j->count; i++, to += r->in)
    memcpy(to, r->x + (b * r->steps + time_of(r, t->direction, j->first + i)) * r->in,
           r->in * sizeof *to);
}

static ms_scratch_key room_for_start;

static int input_products(const job *j, size_t d)
{
  const ms_recurrent *r = &j->r;
  const size_t n = r->hidden, columns = ms_cell_gates(r->cell) * n;
  gate_block block[2];
  real *start = r->bias_ih ? ms_scratch(&room_for_start, j->row * sizeof *start) : NULL;
  if (r->bias_ih && !start) return -1;
  if (start) start_of(r, d, start);
  const int blocks = input_blocks(r->cell, block);
  ms_parallel_of(r->batch * j->count * r->in, r->batch, take_sequence, &(taking){ j, d });
  for (int k = 0; k < blocks; k++) {
    const gate_block *b = &block[k];
    const ms_product p = {
      .m = r->batch * j->count, .n = b->count * n, .k = r->in, .scale = 1, .a = j->x,
      .lda = r->in, .b = r->weight_ih + d * r->in * columns + b->gate * n, .ldb = columns,
      .bias = start ? start + b->slot * n : NULL,
      .c = j->gates + d * r->batch * j->count * j->row + b->slot * n, .ldc = j->row
    };
    if (ms_k_gemm(r->precision)->all(&p) != 0) return -1;
  }
  return 0;
}

/* ---- the steps ---- */
/* The recurrent part of GRU's n has a sum of its own. */
static void start_apart(const job *j, const step_chunk *s, real *gates, size_t pitch)
{
  const size_t n = j->r.hidden;
  const real *bias = j->r.bias_hh ? j->r.bias_hh + (s->direction * 3 + 2) * n : NULL;
  for (size_t k = 0; k < s->count; k++)
    for (size_t i = 0; i < n; i++) gates[k * pitch + 2 * n + i] = bias ? bias[i] : 0;
}

static void step_forward(const job *j, const step_chunk *s, size_t step, real *h, real *c)
{
  const ms_recurrent *r = &j->r;
  const size_t n = r->hidden, t = time_of(r, s->direction, step), pitch = j->count * j->row;
  const size_t place = (s->direction * r->batch + s->first) * j->count + (step - j->first);
  real *gates = j->gates + place * j->row;
  if (r->cell == MS_CELL_GRU) start_apart(j, s, gates, pitch);
  step_product(s->count, n, ms_cell_gates(r->cell) * n, h, n,
               j->packed + s->direction * j->packed_count, gates, pitch);
  for (size_t k = 0; k < s->count; k++) {
    const size_t at = step_at(r, s->direction, s->first + k, t);
    real *y = j->out + output_at(r, s->direction, s->first + k, t);
    const step_row w = { .n = n, .gates = gates + k * pitch, .h = h + k * n, .c = c + k * n, .y = y,
      .cell = j->cells ? j->cells + at * n : NULL };
    if (t < length_of(r, s->first + k)) cells_of[r->cell].forward(&w);
    else memset(y, 0, n * sizeof *y);
    if (j->kept) memcpy(j->kept + at * j->row, w.gates, j->row * sizeof *y);
  }
}

/* The states begin, and move on, where the last ones belong: behind y. */
static void begin(const ms_recurrent *r, real *out)
{
  const real *const from[] = { r->h, r->c };
  const size_t numbers = r->directions * r->batch * r->hidden;
  real *to = out + last_at(r);
  for (int k = 0; k < (r->cell == MS_CELL_LSTM ? 2 : 1); k++, to += numbers) {
    if (from[k]) memcpy(to, from[k], numbers * sizeof *to);
    else memset(to, 0, numbers * sizeof *to);
  }
}

static void rest(const job *j, const step_chunk *s, size_t t)
{
  for (size_t k = 0; k < s->count; k++)
    memset(j->out + output_at(&j->r, s->direction, s->first + k, t), 0, j->r.hidden * sizeof(real));
}

static void chunk_forward(void *arg, size_t chunk)
{
  const job *j = arg;
  const ms_recurrent *r = &j->r;
  const step_chunk s = chunk_of(r, chunk);
  real *h = j->out + last_at(r) + state_at(r, s.direction, s.first);
  real *c = r->cell == MS_CELL_LSTM ? h + r->directions * r->batch * r->hidden : NULL;
  for (size_t step = j->first; step < j->first + j->count && !ms_stop_taken(); step++) {
    const size_t t = time_of(r, s.direction, step);
    if (t < s.longest) step_forward(j, &s, step, h, c);
    else rest(j, &s, t);
  }
}

static void profile(const ms_recurrent *r)
{
  const double rows = (double)r->directions * (double)r->batch * (double)r->steps;
  const double columns = (double)(ms_cell_gates(r->cell) * r->hidden);
  if (ms_profile_on) ms_profile_work(2 * rows * columns * (double)r->hidden);
}

/* The input's products of a stretch, then its steps. */
static int stretch_forward(job *j)
{
  for (size_t d = 0; d < j->r.directions; d++)
    if (input_products(j, d) != 0) return -1;
  ms_parallel(chunk_count(&j->r), chunk_forward, j);
  return 0;
}

static int stretches(job *j)
{
  const ms_recurrent *r = &j->r;
  const size_t most = ms_least(ms_parts_of(ROWS, r->batch + !r->batch), r->steps);
  const size_t rows = r->batch * most, gates = r->directions * rows * j->row;
  int status = 0;
  j->gates = ms_alloc((gates + rows * r->in) * sizeof *j->gates);
  if (!j->gates) return -1;
  j->x = j->gates + gates;
  for (; j->first < r->steps && status == 0; j->first += j->count) {
    j->count = ms_least(most, r->steps - j->first);
    status = stretch_forward(j);
  }
  ms_free(j->gates);
  return status;
}

static int forward(const ms_recurrent *r, real *gates, real *cells, real *out)
{
  const size_t n = r->hidden, columns = ms_cell_gates(r->cell) * n;
  job j = { .r = *r, .kept = gates, .cells = cells, .out = out, .row = ms_cell_slots(r->cell) * n,
            .packed_count = ms_packed_count(n, columns) };
  real *packed = ms_alloc(r->directions * j.packed_count * sizeof *packed);
  if (!packed) return -1;
  j.packed = packed;
  for (size_t d = 0; d < r->directions; d++)
    pack(r->weight_hh + d * n * columns, columns, 1, n, columns, packed + d * j.packed_count);
  profile(r);
  begin(r, out);
  const int status = stretches(&j);
  ms_free(packed);
  return status;
}

const ms_recurrent_kernels MS_K(recurrent) = { .forward = forward, .back = MS_K(recurrent_back) };
