/* Losses of a prediction and a target of one shape, number by number: what their files share. */
#ifndef MS_PAIRS_H
#define MS_PAIRS_H

#include "../../kernels/losses/pair_losses.h"
#include "reduction.h"

/* All options that such losses have. */
typedef struct ms_pair_options {
  int reduction, log_target, log_input, full;
  double delta, label_smoothing, margin, eps, gamma, alpha;
} ms_pair_options;

/* An operator's row; op is first: a call's or a node's operator is its row. */
typedef struct ms_pair_row {
  ms_op op;
  ms_pair_kind kind;
  int third, weight; /* which input is v, and which w; 0: none */
  int variance;      /* whether v is one, which has a gradient */
  /* Or NULL: chooses the kind and its parameters. */
  void (*set)(const ms_pair_options *o, ms_pair_loss *l);
  /* Or NULL: looks at the inputs. 0, or -1 and a message. */
  int (*check)(const ms_call *c);
} ms_pair_row;

/* For the declarations. */
ms_tensor *ms_pair_forward(const ms_call *c);
int ms_pair_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx);

#define MS_PAIR_OP(its_name, ...)                                                         \
  .op = { .name = its_name, .module = "loss", .forward = ms_pair_forward,                \
          .backward = ms_pair_backward, .attributes = MS_ATTRIBUTES(ms_pair_options),     \
          .takes = { __VA_ARGS__ } }
#define MS_PAIR_REDUCTION MS_NAMED_CHOICE(ms_pair_options, reduction, ms_reductions, MS_MEAN)
#define MS_PAIR_NUMBER(field, other) MS_NAMED_NUMBER(ms_pair_options, field, other)
#define MS_PAIR_FLAG(field, other) MS_NAMED_FLAG(ms_pair_options, field, other)

/* 0, or -1 and a message unless the number is from `least` to `most`. */
int ms_pair_within(const char *who, const char *what, double value, double least, double most);

#endif
