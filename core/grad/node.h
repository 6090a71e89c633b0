/* The graph's own parts, for the files of grad/ alone. */
#ifndef MS_NODE_H
#define MS_NODE_H

#include "grad.h"

/* One value in the graph. Tensors hold variables, variables hold the node that made them,
   nodes hold the variables of their inputs: references only point down. */
typedef struct ms_variable {
  ms_autograd_meta autograd; /* first: a tensor's metadata is its variable */
  int refs;
  int ndim;
  size_t dim[MS_MAX_DIMS];
  ms_node *node;    /* NULL for a leaf */
  ms_tensor *grad;  /* collected so far */
  uint64_t version; /* of its numbers as the node made them */
  int follows;      /* a leaf, or a view of one: stays right where other numbers are put in */
  int place;        /* of a leaf among those of an ms_collection, from 1; 0: in none */
} ms_variable;

/* A tensor that backward needs: kept, or recomputed. */
typedef struct ms_saved {
  ms_tensor *tensor; /* NULL: nothing was given, or it is recomputed */
  uint64_t version;  /* of its numbers when it was kept */
  int from;          /* it is the output of input from - 1, recomputed; 0: kept */
  int input;         /* it is input - 1 of the node; 0: its result, or what it worked out */
} ms_saved;

struct ms_node {
  const ms_op *op;
  uint64_t number; /* counts up: a node's inputs have smaller ones */
  uint64_t seen;   /* the last sweep that met it */
  int released;    /* its saved tensors are gone */
  ms_precision precision;
  int inputs, saved;
  ms_saved *save;   /* behind input[] */
  void *attributes; /* behind save[]; NULL: none */
  struct {
    ms_variable *variable; /* NULL where no gradient is needed */
    int ndim;
    size_t dim[MS_MAX_DIMS];
  } input[];
};

uint64_t ms_node_newest(void); /* the number of the newest node */
void ms_variable_free(ms_variable *v);
void ms_node_release(ms_node *n); /* releases the saved tensors */

/* Whether what the node kept, whose output is y, has the numbers that it had then. 0, or -1 and a
   message. */
int ms_node_unchanged(const ms_node *n, const ms_variable *y);

/* Recomputes what was not kept. 0, or -1 and a message. */
int ms_node_complete(ms_node *n);

/* Whether t, a result, has other numbers than its node made: backward would not know. 1 for yes. */
int ms_is_outdated(const ms_tensor *t);

#endif
