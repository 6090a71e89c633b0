/* Recurrent layers, back: step after step the gates' gradients and through them the state's; then
   those of weights and inputs as products over all steps. */
#include <stdatomic.h>

#include "../../base/error.h"
#include "../../base/interrupt.h"
#include "../../base/memory.h"
#include "../../base/profile.h"
#include "../../base/thread_pool.h"
#include "../gemm/gemm.h"
#include "../reductions.h"
#include "recurrent_cells.h"
#include "recurrent_steps.h"
#include "step_product.h"

enum { COLUMNS = 128 }; /* of a weight's gradient to a chunk */

typedef struct job {
  ms_recurrent r;
  real *gates, *before; /* before (direction, batch, step, hidden): the state before each step */
  const real *cells, *out, *gout;
  const real *packed; /* (direction): weight_hh, transposed */
  const ms_recurrent_gradients *g;
  size_t packed_count, row;
  atomic_int failed;
} job;

/* ---- the steps ---- */
/* Rows of y or of cells where the state before step t stands; -1: before the first. */
static ptrdiff_t before(const ms_recurrent *r, size_t d, size_t b, size_t t)
{
  if (d) return t + 1 < length_of(r, b) ? (ptrdiff_t)t + 1 : -1;
  return (ptrdiff_t)t - 1;
}

static const real *h_before(const job *j, size_t d, size_t b, size_t t, const real *zeros)
{
  const ptrdiff_t earlier = before(&j->r, d, b, t);
  if (earlier >= 0) return j->out + output_at(&j->r, d, b, (size_t)earlier);
  return j->r.h ? j->r.h + state_at(&j->r, d, b) : zeros;
}

static const real *c_before(const job *j, size_t d, size_t b, size_t t, const real *zeros)
{
  const ptrdiff_t earlier = before(&j->r, d, b, t);
  if (earlier >= 0) return j->cells + step_at(&j->r, d, b, (size_t)earlier) * j->r.hidden;
  return j->r.c ? j->r.c + state_at(&j->r, d, b) : zeros;
}

static void row_back(const job *j, const step_chunk *s, size_t k, size_t t, real *gh, real *gc,
                     const real *zeros)
{
  const ms_recurrent *r = &j->r;
  const size_t n = r->hidden, b = s->first + k, d = s->direction, at = step_at(r, d, b, t);
  real *gates = j->gates + at * j->row, *kept = j->before + at * n;
  if (t >= length_of(r, b)) {
    memset(gates, 0, j->row * sizeof *gates);
    memset(kept, 0, n * sizeof *kept);
    return;
  }
  step_row w = { .n = n, .gates = gates, .h = gh + k * n, .c = gc + k * n,
                 .gy = j->gout + output_at(r, d, b, t), .h_before = h_before(j, d, b, t, zeros) };
  if (j->cells) {
    w.cell = (real *)j->cells + at * n;
    w.c_before = c_before(j, d, b, t, zeros);
  }
  cells_of[r->cell].back(&w);
  memcpy(kept, w.h_before, n * sizeof *kept);
}

static ms_scratch_key room_for_state;

static void chunk_back(void *arg, size_t chunk)
{
  job *j = arg;
  const ms_recurrent *r = &j->r;
  const step_chunk s = chunk_of(r, chunk);
  const size_t n = r->hidden, numbers = s.count * n, at = state_at(r, s.direction, s.first);
  const size_t columns = ms_cell_gates(r->cell) * n, states = r->directions * r->batch * n;
  const real *last = j->gout + last_at(r) + at;
  real *gh = ms_scratch(&room_for_state, (2 * numbers + n) * sizeof *gh), *gc = gh + numbers;
  if (!gh) {
    atomic_store(&j->failed, 1);
    return;
  }
  real *zeros = memset(gc + numbers, 0, n * sizeof *gc);
  memcpy(gh, last, numbers * sizeof *gh);
  if (r->cell == MS_CELL_LSTM) memcpy(gc, last + states, numbers * sizeof *gc);
  for (size_t step = r->steps; step-- > 0 && !ms_stop_taken();) {
    const size_t t = time_of(r, s.direction, step);
    for (size_t k = 0; k < s.count; k++) row_back(j, &s, k, t, gh, gc, zeros);
    if ((!step && !j->g->h) || t >= s.longest) continue;
    step_product(s.count, columns, n, j->gates + step_at(r, s.direction, s.first, t) * j->row,
                 r->steps * j->row, j->packed + s.direction * j->packed_count, gh, n);
  }
  if (j->g->h) memcpy(j->g->h + at, gh, numbers * sizeof *gh);
  if (j->g->c) memcpy(j->g->c + at, gc, numbers * sizeof *gc);
}

/* ---- the products ---- */
/* Products of which every chunk takes some columns: few rows and a long sum. */
typedef struct products {
  ms_product p[6];
  int count;
  ms_precision precision;
  atomic_int failed;
} products;

static size_t cuts_of(const ms_product *p)
{
  return (p->n + COLUMNS - 1) / COLUMNS;
}

static void some_columns(void *arg, size_t chunk)
{
  products *all = arg;
  int k = 0;
  while (chunk >= cuts_of(&all->p[k])) chunk -= cuts_of(&all->p[k++]);
  ms_product p = all->p[k];
  p.b += chunk * COLUMNS;
  p.c += chunk * COLUMNS;
  p.n = p.n - chunk * COLUMNS < COLUMNS ? p.n - chunk * COLUMNS : COLUMNS;
  if (ms_k_gemm(all->precision)->here(&p) != 0) atomic_store(&all->failed, 1);
}

static void add_product(products *all, const job *j, size_t d, const real *a, size_t rows,
                        const gate_block *b, real *to)
{
  const ms_recurrent *r = &j->r;
  const size_t n = r->hidden, columns = ms_cell_gates(r->cell) * n;
  all->p[all->count++] = (ms_product){
    .ta = 1, .m = rows, .n = b->count * n, .k = r->batch * r->steps, .scale = 1, .a = a,
    .lda = rows, .b = j->gates + step_at(r, d, 0, 0) * j->row + b->slot * n, .ldb = j->row,
    .c = to + d * rows * columns + b->gate * n, .ldc = columns
  };
}

static int weight_gradients(const job *j)
{
  const ms_recurrent *r = &j->r;
  products all = { .precision = r->precision };
  size_t chunks = 0;
  gate_block block[2];
  const gate_block whole = { 0, 0, ms_cell_gates(r->cell) };
  const int blocks = input_blocks(r->cell, block);
  for (size_t d = 0; d < r->directions; d++) {
    for (int k = 0; k < blocks && j->g->weight_ih; k++)
      add_product(&all, j, d, r->x, r->in, &block[k], j->g->weight_ih);
    if (j->g->weight_hh)
      add_product(&all, j, d, j->before + step_at(r, d, 0, 0) * r->hidden, r->hidden, &whole,
                  j->g->weight_hh);
  }
  for (int k = 0; k < all.count; k++) {
    chunks += cuts_of(&all.p[k]);
    if (ms_profile_on)
      ms_profile_work(2.0 * (double)all.p[k].m * (double)all.p[k].n * (double)all.p[k].k);
  }
  ms_parallel(chunks, some_columns, &all);
  return atomic_load(&all.failed) ? -1 : 0;
}

/* gx = sum of gates' gradients times weight_ih' */
static int input_gradient(const job *j)
{
  const ms_recurrent *r = &j->r;
  const size_t n = r->hidden, columns = ms_cell_gates(r->cell) * n;
  gate_block block[2];
  const int blocks = input_blocks(r->cell, block);
  for (size_t d = 0; d < r->directions; d++)
    for (int k = 0; k < blocks; k++) {
      const gate_block *b = &block[k];
      const ms_product p = {
        .tb = 1, .m = r->batch * r->steps, .n = r->in, .k = b->count * n, .scale = 1,
        .a = j->gates + step_at(r, d, 0, 0) * j->row + b->slot * n, .lda = j->row,
        .b = r->weight_ih + d * r->in * columns + b->gate * n, .ldb = columns,
        .add = d || k, .c = j->g->x, .ldc = r->in
      };
      if (ms_k_gemm(r->precision)->all(&p) != 0) return -1;
    }
  return 0;
}

static ms_scratch_key room_for_sums;

/* Sums of the gates' gradients over all steps: of both biases but for GRU's n the same. */
static int bias_gradients(const job *j)
{
  const ms_recurrent *r = &j->r;
  const size_t n = r->hidden, gates = ms_cell_gates(r->cell) * n;
  const int apart = r->cell == MS_CELL_GRU;
  real *sums = ms_scratch(&room_for_sums, j->row * sizeof *sums);
  if (!sums) return -1;
  for (size_t d = 0; d < r->directions; d++) {
    ms_k_reductions()->sum_along(j->gates + step_at(r, d, 0, 0) * j->row, sums, 1,
                                 r->batch * r->steps, j->row);
    if (j->g->bias_hh) memcpy(j->g->bias_hh + d * gates, sums, gates * sizeof *sums);
    if (!j->g->bias_ih) continue;
    memcpy(j->g->bias_ih + d * gates, sums, gates * sizeof *sums);
    if (apart) memcpy(j->g->bias_ih + d * gates + 2 * n, sums + 3 * n, n * sizeof *sums);
  }
  return 0;
}

static int sweep(job *j)
{
  const ms_recurrent_gradients *g = j->g;
  ms_parallel(chunk_count(&j->r), chunk_back, j);
  if (atomic_load(&j->failed)) return ms_fail("no memory for the states");
  if ((g->weight_ih || g->weight_hh) && weight_gradients(j) != 0) return -1;
  if ((g->bias_ih || g->bias_hh) && bias_gradients(j) != 0) return -1;
  return g->x ? input_gradient(j) : 0;
}

int MS_K(recurrent_back)(const ms_recurrent *r, real *gates, const real *cells, const real *out,
                         const real *gout, const ms_recurrent_gradients *g)
{
  const size_t n = r->hidden, columns = ms_cell_gates(r->cell) * n;
  job j = { .r = *r, .gates = gates, .cells = cells, .out = out, .gout = gout, .g = g,
            .row = ms_cell_slots(r->cell) * n, .packed_count = ms_packed_count(columns, n) };
  real *packed = ms_alloc(r->directions * j.packed_count * sizeof *packed);
  j.before = ms_alloc((r->directions * r->batch * r->steps * n + 1) * sizeof *j.before);
  j.packed = packed;
  for (size_t d = 0; d < r->directions && packed; d++)
    pack(r->weight_hh + d * n * columns, 1, columns, columns, n, packed + d * j.packed_count);
  const int status = packed && j.before ? sweep(&j) : -1;
  ms_free(packed);
  ms_free(j.before);
  return status;
}
