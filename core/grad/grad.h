/* Define-by-run differentiation: operators record nodes, backward sweeps them. */
#ifndef MS_GRAD_H
#define MS_GRAD_H

#include <stdint.h>

#include "../tensor/tensor.h"

typedef struct ms_node ms_node;

/* What an operator tells about itself. */
typedef struct __attribute__((designated_init)) ms_op {
  const char *name;
  /* From gy, the gradient of the output, fills gx[i] with a new reference to the gradient
     of input i wherever ms_node_wants(node, i); the others stay NULL.
     0, or -1 and a sentence (what was filled is let go by the caller). */
  int (*backward)(const ms_node *node, ms_tensor *gy, ms_tensor **gx);
  /* Where making the output again is cheaper than keeping it: makes it from what the node saved.
     Operators that would save such an output keep a note of its node instead. NULL and a sentence. */
  ms_tensor *(*again)(const ms_node *node);
  size_t args; /* bytes of what backward needs besides tensors: a struct of the operator's own */
  /* Or NULL: called once, when the node's saved tensors go: what its arguments name may go, too. */
  void (*release)(const void *args);
} ms_op;

/* Ends an operator: hangs y on the graph if recording is on and an input needs a gradient.
   The saved tensors (NULLs allowed) are kept for backward, outside the graph; so is a copy of
   op->args bytes from args.
   y is taken over and returned, or let go: then NULL and a sentence. */
ms_tensor *ms_record(ms_tensor *y, const ms_op *op, int inputs, ms_tensor *const *input,
                     int saved, ms_tensor *const *save, const void *args);

/* For backward functions. */
int ms_node_wants(const ms_node *node, int input);
ms_tensor *ms_node_saved(const ms_node *node, int i); /* borrowed */
const void *ms_node_args(const ms_node *node); /* the copy of the operator's struct */
const size_t *ms_node_input_dim(const ms_node *node, int input, int *ndim);

/* Whether ms_record would record: lets operators skip work that only backward needs. */
int ms_recording(int inputs, ms_tensor *const *input);

/* Recording off (depth +1) and on again (-1) on this thread; the depth, 0: on. */
int ms_no_grad(int change);

/* Makes a tensor a leaf that collects its gradient. 0, or -1 and a sentence. */
int ms_needs_grad(ms_tensor *t);
void ms_needs_no_grad(ms_tensor *t); /* a constant again: what it collected goes */
int ms_has_grad(const ms_tensor *t); /* whether it needs one, as leaf or result */
int ms_is_result(const ms_tensor *t); /* whether an operator made it inside the graph: gradients pass through it */

/* The gradient that a leaf has collected: borrowed, or NULL. */
ms_tensor *ms_grad(const ms_tensor *t);
void ms_grad_clear(ms_tensor *t);

/* Adds the gradient of y (a single number) to every leaf below it and frees the graph on
   the way. 0, or -1 and a sentence. */
int ms_backward(ms_tensor *y);

/* The same from a given gradient of y's shape. */
int ms_backward_from(ms_tensor *y, ms_tensor *gy);

/* ---- computing a part of the graph again, while backward sweeps (bind/tensor/recompute.c) ------- */
/* Records what `run` computes, although backward sweeps, and sweeps it from its result, whose gradient is gy. What
   it computes may rest on leaves alone, not on nodes that were there before. 0, or -1 and a sentence. */
int ms_backward_again(ms_tensor *(*run)(void *with), void *with, ms_tensor *gy);

/* Whether that is going on: what follows the data (running statistics) has followed already. */
int ms_computing_again(void);

#endif
