/* Recurrent layers, forward: the input's products for all steps at once, then step after step the
   state's products and the gates. A chunk of sequences goes through all steps on one thread. */
#include <stdatomic.h>

#include "../../base/error.h"
#include "../../base/interrupt.h"
#include "../../base/memory.h"
#include "../../base/profile.h"
#include "../../base/thread_pool.h"
#include "../gemm/gemm.h"
#include "recurrent_cells.h"
#include "recurrent_steps.h"
#include "step_product.h"

typedef struct job {
  ms_recurrent r;
  real *gates, *cells, *out;
  const real *packed; /* (direction): weight_hh */
  size_t packed_count, row; /* row: numbers of the gates at one step */
  atomic_int failed;
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
  for (int k = 0; k < blocks; k++) {
    const gate_block *b = &block[k];
    const ms_product p = {
      .m = r->batch * r->steps, .n = b->count * n, .k = r->in, .scale = 1, .a = r->x,
      .lda = r->in, .b = r->weight_ih + d * r->in * columns + b->gate * n, .ldb = columns,
      .bias = start ? start + b->slot * n : NULL,
      .c = j->gates + step_at(r, d, 0, 0) * j->row + b->slot * n, .ldc = j->row
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

static void step_forward(const job *j, const step_chunk *s, size_t t, real *h, real *c)
{
  const ms_recurrent *r = &j->r;
  const size_t n = r->hidden, at = step_at(r, s->direction, s->first, t), pitch = r->steps * j->row;
  real *gates = j->gates + at * j->row;
  if (r->cell == MS_CELL_GRU) start_apart(j, s, gates, pitch);
  step_product(s->count, n, ms_cell_gates(r->cell) * n, h, n,
               j->packed + s->direction * j->packed_count, gates, pitch);
  for (size_t k = 0; k < s->count; k++) {
    real *y = j->out + output_at(r, s->direction, s->first + k, t);
    const step_row w = { .n = n, .gates = gates + k * pitch, .h = h + k * n, .c = c + k * n, .y = y,
      .cell = j->cells ? j->cells + (at + k * r->steps) * n : NULL };
    if (t < length_of(r, s->first + k)) cells_of[r->cell].forward(&w);
    else memset(y, 0, n * sizeof *y);
  }
}

static void copy_state(const ms_recurrent *r, const step_chunk *s, const real *from, real *to)
{
  const size_t bytes = s->count * r->hidden * sizeof *to;
  if (from) memcpy(to, from + state_at(r, s->direction, s->first), bytes);
  else memset(to, 0, bytes);
}

static void rest(const job *j, const step_chunk *s, size_t t)
{
  for (size_t k = 0; k < s->count; k++)
    memset(j->out + output_at(&j->r, s->direction, s->first + k, t), 0, j->r.hidden * sizeof(real));
}

static ms_scratch_key room_for_state;

static void chunk_forward(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_recurrent *r = &j->r;
  const step_chunk s = chunk_of(r, chunk);
  const size_t numbers = s.count * r->hidden, states = r->directions * r->batch * r->hidden;
  real *h = ms_scratch(&room_for_state, 2 * numbers * sizeof *h), *c = h + numbers;
  if (!h) {
    atomic_store(&j->failed, 1);
    return;
  }
  copy_state(r, &s, r->h, h);
  copy_state(r, &s, r->c, c);
  for (size_t step = 0; step < r->steps && !ms_stop_taken(); step++) {
    const size_t t = time_of(r, &s, step);
    if (t < s.longest) step_forward(j, &s, t, h, c);
    else rest(j, &s, t);
  }
  real *last = j->out + last_at(r) + state_at(r, s.direction, s.first);
  memcpy(last, h, numbers * sizeof *h);
  if (r->cell == MS_CELL_LSTM) memcpy(last + states, c, numbers * sizeof *c);
}

static void profile(const ms_recurrent *r)
{
  const double rows = (double)r->directions * (double)r->batch * (double)r->steps;
  const double columns = (double)(ms_cell_gates(r->cell) * r->hidden);
  if (ms_profile_on) ms_profile_work(2 * rows * columns * (double)r->hidden);
}

static int forward(const ms_recurrent *r, real *gates, real *cells, real *out)
{
  const size_t n = r->hidden, columns = ms_cell_gates(r->cell) * n;
  job j = { .r = *r, .gates = gates, .cells = cells, .out = out, .row = ms_cell_slots(r->cell) * n,
            .packed_count = ms_packed_count(n, columns) };
  real *packed = ms_alloc(r->directions * j.packed_count * sizeof *packed);
  int status = packed ? 0 : -1;
  j.packed = packed;
  for (size_t d = 0; d < r->directions && status == 0; d++) {
    pack(r->weight_hh + d * n * columns, columns, 1, n, columns, packed + d * j.packed_count);
    status = input_products(&j, d);
  }
  profile(r);
  if (status == 0) ms_parallel(chunk_count(r), chunk_forward, &j);
  if (status == 0 && atomic_load(&j.failed)) status = ms_fail("no memory for the states");
  ms_free(packed);
  return status;
}

const ms_recurrent_kernels MS_K(recurrent) = { .forward = forward, .back = MS_K(recurrent_back) };
