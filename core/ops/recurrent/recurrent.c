/* One recurrent layer over all steps: plain cells, LSTM, GRU. */
#include "../../base/error.h"
#include "../../kernels/recurrent/recurrent.h"
#include "../ops.h"

#include <math.h>

typedef struct recurrent {
  int nonlinearity; /* of plain cells */
} recurrent;

static const char *const nonlinearities[] = { "tanh", "relu", NULL };

/* The inputs of a call: LSTM alone has a c. */
enum { X, WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH, H, C, LENGTHS, INPUTS };
enum { OUT = INPUTS, GATES, CELLS, SAVED }; /* behind them, what backward needs */

static ms_cell cell_of(const ms_op *op, const recurrent *a)
{
  if (op->name[0] == 'l') return MS_CELL_LSTM;
  if (op->name[0] == 'g') return MS_CELL_GRU;
  return a->nonlinearity ? MS_CELL_RELU : MS_CELL_TANH;
}

/* The place of an input in the call; -1: it has none. */
static int place_of(ms_cell cell, int input)
{
  if (cell == MS_CELL_LSTM) return input;
  return input == C ? -1 : input > C ? input - 1 : input;
}

static const real *numbers_of(const ms_tensor *t)
{
  return t ? t->data : NULL;
}

static ms_recurrent layer_of(ms_cell cell, ms_precision precision, ms_tensor *const *input)
{
  const ms_tensor *x = input[X], *w = input[WEIGHT_HH];
  return (ms_recurrent){ .cell = cell,
                         .precision = precision,
                         .batch = x->dim[0],
                         .steps = x->dim[1],
                         .in = x->dim[2],
                         .hidden = w->dim[1],
                         .directions = w->dim[0],
                         .x = x->data,
                         .weight_ih = input[WEIGHT_IH]->data,
                         .weight_hh = w->data,
                         .bias_ih = numbers_of(input[BIAS_IH]),
                         .bias_hh = numbers_of(input[BIAS_HH]),
                         .h = numbers_of(input[H]),
                         .c = numbers_of(input[C]),
                         .lengths = numbers_of(input[LENGTHS]) };
}

/* ---- checks ---- */
static int check_one(const char *who, const char *what, const ms_tensor *t, int ndim,
                     const size_t *dim, const char *meaning)
{
  char given[MS_SHAPE_TEXT], expected[MS_SHAPE_TEXT];
  if (!t || ms_shape_same(t->ndim, t->dim, ndim, dim)) return 0;
  return ms_fail("%s: %s must be %s (%s), got %s", who, what, ms_shape_text(ndim, dim, expected),
                 meaning, ms_shape_text(t->ndim, t->dim, given));
}

static int check_lengths(const char *who, const ms_tensor *lengths, size_t steps)
{
  for (size_t b = 0; lengths && b < lengths->count; b++) {
    const double n = lengths->data[b];
    if (!(n >= 1 && n <= (double)steps && n == floor(n)))
      return ms_fail("%s: length %zu must be a whole number from 1 to the %zu steps, got %g", who,
                     b + 1, steps, n);
  }
  return 0;
}

static int check(const char *who, ms_cell cell, ms_tensor *const *input)
{
  const ms_tensor *x = input[X], *w = input[WEIGHT_HH];
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  const size_t gates = ms_cell_gates(cell);
  if (x->ndim != 3)
    return ms_fail("%s: x must be batch x time x channels, got %s", who,
                   ms_shape_text(x->ndim, x->dim, a));
  if (w->ndim != 3 || w->dim[0] < 1 || w->dim[0] > 2 || w->dim[1] < 1 ||
      w->dim[2] / gates != w->dim[1] || w->dim[2] % gates)
    return ms_fail("%s: weight_hh must be directions (1 or 2) x hidden x %zu hidden, got %s", who,
                   gates, ms_shape_text(w->ndim, w->dim, b));
  const size_t d = w->dim[0], n = w->dim[1], all = w->dim[2];
  const size_t ih[] = { d, x->dim[2], all }, bias[] = { d, all }, state[] = { d, x->dim[0], n };
  if (!input[BIAS_IH] != !input[BIAS_HH])
    return ms_fail("%s: both biases are needed, or none", who);
  return check_one(who, "weight_ih", input[WEIGHT_IH], 3, ih, "directions, channels, gates") ||
      check_one(who, "bias_ih", input[BIAS_IH], 2, bias, "directions, gates") ||
      check_one(who, "bias_hh", input[BIAS_HH], 2, bias, "directions, gates") ||
      check_one(who, "h", input[H], 3, state, "directions, batch, hidden") ||
      check_one(who, "c", input[C], 3, state, "directions, batch, hidden") ||
      check_one(who, "lengths", input[LENGTHS], 1, x->dim, "batch") ||
      check_lengths(who, input[LENGTHS], x->dim[1]) ? -1 : 0;
}

/* ---- back ---- */
/* A gradient for input `input` where one is needed: its numbers, or NULL. */
static real *gradient_of(const ms_node *node, ms_cell cell, int input, ms_tensor **gx, int *failed)
{
  const int place = place_of(cell, input);
  int ndim;
  if (place < 0 || !ms_needs_input_grad(node, place)) return NULL;
  const size_t *dim = ms_node_input_dim(node, place, &ndim);
  gx[place] = ms_tensor_new(ndim, dim);
  *failed |= !gx[place];
  return gx[place] ? gx[place]->data : NULL;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const ms_cell cell = cell_of(ms_node_op(node), ms_node_attributes(node));
  ms_tensor *input[INPUTS];
  int failed = 0;
  for (int i = 0; i < INPUTS; i++) input[i] = ms_node_saved(node, i);
  const ms_recurrent r = layer_of(cell, ms_node_precision(node), input);
  const ms_recurrent_gradients g = {
    .x = gradient_of(node, cell, X, gx, &failed),
    .weight_ih = gradient_of(node, cell, WEIGHT_IH, gx, &failed),
    .weight_hh = gradient_of(node, cell, WEIGHT_HH, gx, &failed),
    .bias_ih = gradient_of(node, cell, BIAS_IH, gx, &failed),
    .bias_hh = gradient_of(node, cell, BIAS_HH, gx, &failed),
    .h = gradient_of(node, cell, H, gx, &failed), .c = gradient_of(node, cell, C, gx, &failed)
  };
  if (failed) return -1;
  return ms_k_recurrent()->back(&r, ms_node_saved(node, GATES)->data,
                                numbers_of(ms_node_saved(node, CELLS)),
                                ms_node_saved(node, OUT)->data, gy->data, &g);
}

/* ---- forward ---- */
static ms_tensor *output_of(const ms_recurrent *r)
{
  const size_t states = r->cell == MS_CELL_LSTM ? 2 : 1;
  const size_t dim[] = { r->batch, r->steps + states, r->directions, r->hidden };
  size_t count;
  if (ms_shape_count(4, dim, &count) != 0) return NULL;
  return ms_tensor_new(1, &count);
}

static ms_tensor *kept_of(const ms_recurrent *r, size_t slots)
{
  return ms_tensor_new(4, (size_t[]){ r->directions, r->batch, r->steps, slots * r->hidden });
}

static ms_tensor *forward(const ms_call *call)
{
  const ms_cell cell = cell_of(call->op, call->attributes);
  ms_tensor *save[SAVED] = { 0 };
  for (int i = 0; i < INPUTS; i++) {
    const int place = place_of(cell, i);
    save[i] = place < 0 ? NULL : call->input[place];
  }
  if (check(call->op->name, cell, save) != 0) return NULL;
  const ms_recurrent r = layer_of(cell, call->precision, save);
  const int keeps = ms_recording(call->inputs, call->input);
  const int keeps_cells = keeps && cell == MS_CELL_LSTM;
  ms_tensor *gates = keeps ? kept_of(&r, ms_cell_slots(cell)) : NULL;
  ms_tensor *cells = keeps_cells ? kept_of(&r, 1) : NULL;
  ms_tensor *y = (gates || !keeps) && (cells || !keeps_cells) ? output_of(&r) : NULL;
  if (y && ms_k_recurrent()->forward(&r, gates ? gates->data : NULL, cells ? cells->data : NULL,
                                     y->data) != 0) {
    ms_tensor_free(y);
    y = NULL;
  }
  save[OUT] = y, save[GATES] = gates, save[CELLS] = cells;
  y = ms_record(call, y, SAVED, save);
  ms_tensor_free(gates);
  ms_tensor_free(cells);
  return y;
}

/** x:rnn_layer(weight_ih, weight_hh, [bias_ih], [bias_hh], [h], [lengths], [{nonlinearity =
    "tanh"}]) -> one layer of plain cells over x (batch, time, channels), h' = tanh(x weight_ih +
    bias_ih + h weight_hh + bias_hh), in one direction or both: weights (directions, in, hidden),
    biases (directions, hidden), h (directions, batch, hidden); nonlinearity "tanh" or "relu". One
    row of numbers comes back: y (batch, time, directions x hidden), then the last h. ms.nn.rnn cuts
    it up */
static const ms_op rnn_op = {
  .name = "rnn_layer", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(recurrent),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight_ih), MS_TENSOR(weight_hh), MS_OPTIONAL(bias_ih),
             MS_OPTIONAL(bias_hh), MS_OPTIONAL(h), MS_OPTIONAL(lengths),
             MS_NAMED_CHOICE(recurrent, nonlinearity, nonlinearities, 0) },
};
MS_OPERATOR(rnn_op)

/** x:lstm_layer(weight_ih, weight_hh, [bias_ih], [bias_hh], [h], [c], [lengths]) -> one layer of
    LSTM cells, as x:rnn_layer; the gates i, f, g, o side by side: weights (directions, in,
    4 hidden). One row of numbers comes back: y, the last h, the last c */
static const ms_op lstm_op = {
  .name = "lstm_layer", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(recurrent),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight_ih), MS_TENSOR(weight_hh), MS_OPTIONAL(bias_ih),
             MS_OPTIONAL(bias_hh), MS_OPTIONAL(h), MS_OPTIONAL(c), MS_OPTIONAL(lengths) },
};
MS_OPERATOR(lstm_op)

/** x:gru_layer(weight_ih, weight_hh, [bias_ih], [bias_hh], [h], [lengths]) -> one layer of GRU
    cells, as x:rnn_layer; the gates r, z, n side by side: weights (directions, in, 3 hidden), n =
    tanh(x part + r (h part)) */
static const ms_op gru_op = {
  .name = "gru_layer", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(recurrent),
  .takes = { MS_TENSOR(x), MS_TENSOR(weight_ih), MS_TENSOR(weight_hh), MS_OPTIONAL(bias_ih),
             MS_OPTIONAL(bias_hh), MS_OPTIONAL(h), MS_OPTIONAL(lengths) },
};
MS_OPERATOR(gru_op)
