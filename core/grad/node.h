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
  uint64_t version; /* of its numbers as the node made them */
  int follows;      /* a leaf, or a view of one: other numbers may be put in, its place in the graph stays right */
} ms_var;

/* A tensor that backward needs: kept, or made again. */
typedef struct ms_kept {
  ms_tensor *tensor; /* NULL: nothing was given, or it is made again */
  uint64_t version;  /* of its numbers when it was kept */
  int from;          /* it is the output of input from - 1, made again; 0: kept */
  int input;         /* it is input - 1 of the node; 0: its result, or what it worked out */
} ms_kept;

struct ms_node {
  const ms_op *op;
  uint64_t number; /* counts up: a node's inputs have smaller ones */
  uint64_t seen;   /* the last sweep that met it */
  int spent;       /* its saved tensors are gone */
  int inputs, saved;
  ms_kept *save;    /* behind input[] */
  void *attributes; /* behind save[]; NULL: none */
  struct {
    ms_var *var; /* NULL where no gradient is needed */
    int ndim;
    size_t dim[MS_MAX_DIMS];
  } input[];
};

uint64_t ms_node_newest(void); /* the number of the newest node */
void ms_var_free(ms_var *v);
void ms_node_spend(ms_node *n); /* lets the saved tensors go */

/* Whether what the node kept, output's shape in `y`, has the numbers that it had then. 0, or -1 and a sentence. */
int ms_node_unchanged(const ms_node *n, const ms_var *y);

/* Makes again what was not kept. 0, or -1 and a sentence. */
int ms_node_complete(ms_node *n);

/* Whether t, a result, has other numbers than its node made: backward would not know. 1 for yes. */
int ms_is_stale(const ms_tensor *t);

#endif
