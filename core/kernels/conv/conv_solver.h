/* Ways to compute convolutions, and the choice among them. A solver is one row: what it is called,
   which shapes it takes, what one costs it, how it runs. To add one: its file, its row in
   conv_solver.c. */
#ifndef MS_CONV_SOLVER_H
#define MS_CONV_SOLVER_H

#include "conv_task.h"

/* What is asked for; the gradient by input of stride 1 is MS_CONV_FORWARD of the flipped weight. */
typedef enum ms_conv_family {
  MS_CONV_FORWARD,
  MS_CONV_BACKWARD_INPUT,
  MS_CONV_BACKWARD_WEIGHT,
  MS_CONV_UP_WEIGHT, /* of transposed convolutions, told of the convolution that halves */
  MS_CONV_FAMILIES
} ms_conv_family;

/* What a forward run may return besides 0 and -1: a number that is not finite came up and is in
   more places of y than belong to it. A direct solver must compute y again. */
enum { MS_CONV_NOT_FINITE = 1 };

typedef struct __attribute__((designated_init)) ms_conv_solver {
  const char *name;
  int (*applicable)(const ms_conv_shape *s);
  size_t (*cost)(const ms_conv_shape *s); /* in multiply-adds of registers */
  int direct; /* of MS_CONV_FORWARD: each product is one of the definition's, or of a border zero */
  union {
    int (*forward)(const ms_conv_task *t);
    int (*backward_input)(const ms_conv_backward_input *t);
    int (*backward_weight)(const ms_conv_backward_weight *t);
  } run;
} ms_conv_solver;

extern const ms_conv_solver MS_K(conv_points), MS_K(conv_patches), MS_K(conv_rows),
    MS_K(conv_folded), MS_K(winograd_2x2), MS_K(winograd_4x4);
extern const ms_conv_solver MS_K(conv_scatter), MS_K(conv_scatter_add);
extern const ms_conv_solver MS_K(conv_outer_products), MS_K(winograd_weight_2x2),
    MS_K(winograd_weight_4x4), MS_K(conv_stretches);
extern const ms_conv_solver MS_K(conv_tap_products);

/* The applicable solver of the least cost, of equal ones the first of its family's table. */
const ms_conv_solver *MS_K(conv_solver_for)(ms_conv_family family, const ms_conv_shape *s);
/* The same of the direct ones alone. */
const ms_conv_solver *MS_K(conv_direct_solver)(const ms_conv_shape *s);

/* Runs the chosen solver, and sees to numbers that are not finite. weight: the lowest of its
   addresses, for t may read it backwards. */
int MS_K(conv_run)(const ms_conv_task *t, const real *weight);

#endif
