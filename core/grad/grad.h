/* Define-by-run differentiation: operators record nodes, backward sweeps them. */
#ifndef MS_GRAD_H
#define MS_GRAD_H

#include <stdint.h>

#include "op.h"

/* Ends an operator: hangs y on the graph if recording is on and an input needs a gradient. The node
   keeps a copy of the call's attributes, and the saved tensors (NULLs allowed), outside the graph.
   y is taken over and returned, or released: then NULL and a message. A NULL y is returned. */
ms_tensor *ms_record(const ms_call *call, ms_tensor *y, int saved, ms_tensor *const *save);

/* For backward functions. */
const ms_op *ms_node_op(const ms_node *node);
int ms_needs_input_grad(const ms_node *node, int input);
ms_tensor *ms_node_saved(const ms_node *node, int i); /* borrowed */
const void *ms_node_attributes(const ms_node *node);
ms_precision ms_node_precision(const ms_node *node); /* of the call */
const size_t *ms_node_input_dim(const ms_node *node, int input, int *ndim);

/* Whether ms_record would record: lets operators skip work that only backward needs. */
int ms_recording(int inputs, ms_tensor *const *input);

/* Recording off (depth +1) and on again (-1) on this thread; the depth, 0: on. */
int ms_no_grad(int change);

/* Makes a tensor a leaf that collects its gradient. 0, or -1 and a message. */
int ms_needs_grad(ms_tensor *t);
void ms_needs_no_grad(ms_tensor *t); /* a constant again: what it collected goes */
int ms_has_grad(const ms_tensor *t); /* whether it needs one, as leaf or result */
/* Whether an operator made it inside the graph: gradients pass through it. */
int ms_is_result(const ms_tensor *t);

/* The gradient that a leaf has collected: borrowed, or NULL. */
ms_tensor *ms_grad(const ms_tensor *t);
void ms_grad_clear(ms_tensor *t);

/* Adds the gradient of y (a single number) to every leaf below it and frees the graph on
   the way. 0, or -1 and a message. */
int ms_backward(ms_tensor *y);

/* ---- gradients of some leaves kept apart (distributed/reducer.c) ---- */
/* While a thread has a collection, what its sweeps add to leaves with a place goes to grad[place],
   not to the leaf. */
typedef struct ms_collection {
  int count;
  ms_tensor **grad; /* references, or NULL */
  size_t *uses;     /* room for `count` numbers: how often a sweep has still to come by */
  /* Or NULL: called when a sweep adds nothing more to a leaf. 0, or -1 and a message. */
  int (*done)(void *with, int place);
  void *with;
} ms_collection;

/* On this thread from here on, or NULL; what it was before. */
const ms_collection *ms_collect(const ms_collection *collection);
void ms_leaf_place(ms_tensor *leaf, int place); /* from 0; -1: none */
void ms_grad_set(ms_tensor *leaf, ms_tensor *grad); /* takes grad over */

/* The same from a given gradient of y's shape. */
int ms_backward_from(ms_tensor *y, ms_tensor *gy);

/* The gradients of y at these tensors, leaves or results, in place of adding them to leaves, whose
   own stay as they are; gy: as above, or NULL where y is a single number. Frees the graph on the
   way. Fills gradient[] with references, NULL for what y does not depend on. 0, or -1 and a
   message. */
int ms_gradients(ms_tensor *y, ms_tensor *gy, int count, ms_tensor *const *x, ms_tensor **gradient);

/* ---- recomputing a part of the graph while backward sweeps (bind/tensor/recompute.c) ---- */
/* Records what `run` computes, although backward sweeps, and sweeps it from its result, whose
   gradient is gy. What it computes may rest on leaves alone, not on nodes that were there before.
   0, or -1 and a message. */
int ms_backward_recompute(ms_tensor *(*run)(void *with), void *with, ms_tensor *gy);

/* Whether that is going on: what follows the data (running statistics) has followed already. */
int ms_is_recomputing(void);

#endif
