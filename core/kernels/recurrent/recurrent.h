/* Recurrent layers over sequences: all steps of one layer, in one direction or both. */
#ifndef MS_RECURRENT_H
#define MS_RECURRENT_H

#include <stddef.h>

#include "../../base/cpu.h"
#include "../../base/real.h"

typedef enum ms_cell { MS_CELL_TANH, MS_CELL_RELU, MS_CELL_LSTM, MS_CELL_GRU } ms_cell;

/* Gates of a cell, side by side in weights and biases in PyTorch's order: LSTM i, f, g, o; GRU
   r, z, n; the plain cells have one. */
static inline size_t ms_cell_gates(ms_cell cell)
{
  return cell == MS_CELL_LSTM ? 4 : cell == MS_CELL_GRU ? 3 : 1;
}

/* What is kept of each step, in rows of `hidden` numbers: the gates; of GRU r, z, the recurrent
   part of n, n. */
static inline size_t ms_cell_slots(ms_cell cell)
{
  return cell == MS_CELL_LSTM || cell == MS_CELL_GRU ? 4 : 1;
}

/* The second direction goes through time backwards. Steps of a sequence from its length on change
   no state, and their output is 0. */
typedef struct ms_recurrent {
  ms_cell cell;
  ms_precision precision;
  size_t batch, steps, in, hidden, directions;
  const real *x;                  /* (batch, step, in) */
  const real *weight_ih;          /* (direction, in, gates x hidden) */
  const real *weight_hh;          /* (direction, hidden, gates x hidden) */
  const real *bias_ih, *bias_hh;  /* (direction, gates x hidden), or NULL */
  const real *h, *c;              /* (direction, batch, hidden): before the first step, or NULL */
  const real *lengths;            /* (batch), whole numbers from 1 to steps, or NULL */
} ms_recurrent;

/* Where gradients go; NULL where none is wanted. */
typedef struct ms_recurrent_gradients {
  real *x, *weight_ih, *weight_hh, *bias_ih, *bias_hh, *h, *c;
} ms_recurrent_gradients;

typedef struct __attribute__((designated_init)) ms_recurrent_kernels {
  /* out: y (batch, step, directions x hidden), then the last h and, of LSTM, the last c (direction,
     batch, hidden). gates (direction, batch, step, slots x hidden) and, of LSTM, cells (direction,
     batch, step, hidden) are what `back` needs; NULL: none will come. 0, or -1 and a message. */
  int (*forward)(const ms_recurrent *r, real *gates, real *cells, real *out);
  /* From gout, the gradient of out. Overwrites gates. */
  int (*back)(const ms_recurrent *r, real *gates, const real *cells, const real *out,
              const real *gout, const ms_recurrent_gradients *g);
} ms_recurrent_kernels;

const ms_recurrent_kernels *ms_k_recurrent(void);

#endif
