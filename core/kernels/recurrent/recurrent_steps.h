/* How a recurrent layer is cut into chunks, and where things lie: for its way forward and back. */
#ifndef MS_RECURRENT_STEPS_H
#define MS_RECURRENT_STEPS_H

#include "../simd/isa.h"
#include "recurrent.h"

/* Columns of the gates that one product with the input's weights fills: GRU's n stands apart. */
typedef struct gate_block {
  size_t slot, gate, count;
} gate_block;

static inline int input_blocks(ms_cell cell, gate_block block[2])
{
  const int apart = cell == MS_CELL_GRU;
  block[0] = (gate_block){ 0, 0, apart ? 2 : ms_cell_gates(cell) };
  block[1] = (gate_block){ 3, 2, 1 };
  return 1 + apart;
}

/* Sequences of one direction that one thread takes through its steps. Sizes alone decide how many:
   two chunks and more where there are two sequences. */
typedef struct step_chunk {
  size_t direction, first, count, longest;
} step_chunk;

static inline size_t chunk_rows(const ms_recurrent *r)
{
  return r->batch >= 16 ? 8 : (r->batch + 1) / 2;
}

static inline size_t chunk_count(const ms_recurrent *r)
{
  const size_t rows = chunk_rows(r);
  return rows ? r->directions * ((r->batch + rows - 1) / rows) : 0;
}

static inline size_t length_of(const ms_recurrent *r, size_t b)
{
  return r->lengths ? (size_t)r->lengths[b] : r->steps;
}

static inline step_chunk chunk_of(const ms_recurrent *r, size_t chunk)
{
  const size_t rows = chunk_rows(r), cuts = (r->batch + rows - 1) / rows;
  step_chunk s = { .direction = chunk / cuts, .first = chunk % cuts * rows };
  s.count = r->batch - s.first < rows ? r->batch - s.first : rows;
  for (size_t k = 0; k < s.count; k++)
    if (length_of(r, s.first + k) > s.longest) s.longest = length_of(r, s.first + k);
  return s;
}

/* The place in time of a direction's step. */
static inline size_t time_of(const ms_recurrent *r, size_t direction, size_t step)
{
  return direction ? r->steps - 1 - step : step;
}

/* Rows (direction, batch, step) of gates and cells; (direction, batch) of states. */
static inline size_t step_at(const ms_recurrent *r, size_t d, size_t b, size_t t)
{
  return (d * r->batch + b) * r->steps + t;
}

static inline size_t state_at(const ms_recurrent *r, size_t d, size_t b)
{
  return (d * r->batch + b) * r->hidden;
}

static inline size_t output_at(const ms_recurrent *r, size_t d, size_t b, size_t t)
{
  return ((b * r->steps + t) * r->directions + d) * r->hidden;
}

/* Where the last states begin behind y. */
static inline size_t last_at(const ms_recurrent *r)
{
  return r->batch * r->steps * r->directions * r->hidden;
}

int MS_K(recurrent_back)(const ms_recurrent *r, real *gates, const real *cells, const real *out,
                         const real *gout, const ms_recurrent_gradients *g);

#endif
