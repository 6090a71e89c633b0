/* The graph's own parts, for the files of grad/ alone. */
#ifndef MS_NODE_H
#define MS_NODE_H

#include "grad.h"

/* One value in the graph. Tensors hold variables, variables hold the node that made them,
   nodes hold the variables of their inputs: references only point down. */
typedef struct ms_var {
  ms_link link; /* first: a tensor's link is its variable */
  int refs;
  int ndim;
  size_t dim[MS_MAX_DIMS];
  ms_node *node;   /* NULL for a leaf */
  ms_tensor *grad; /* collected so far */
} ms_var;

struct ms_node {
  const ms_op *op;
  uint64_t number; /* counts up: a node's inputs have smaller ones */
  uint64_t seen;   /* the last sweep that met it */
  int spent;       /* its saved tensors are gone */
  int inputs, saved;
  ms_tensor *save[MS_MAX_SAVED];
  int from[MS_MAX_SAVED]; /* saved tensor i is the output of input from[i] - 1, made again; 0: kept */
  ms_args args;
  struct {
    ms_var *var; /* NULL where no gradient is needed */
    int ndim;
    size_t dim[MS_MAX_DIMS];
  } input[];
};

uint64_t ms_node_newest(void); /* the number of the newest node */
void ms_var_free(ms_var *v);
void ms_node_spend(ms_node *n); /* lets the saved tensors go */

/* Makes again what was not kept. 0, or -1 and a sentence. */
int ms_node_complete(ms_node *n);

#endif
