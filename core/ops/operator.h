/* What an operator declares about itself, so that bind/ can offer it: a name, arguments with kinds
   and defaults, a call. Its file ends with the declaration, under a comment that begins with two
   stars and is its help ("x:softmax() -> exponentials over their sum"):

     MS_OPERATOR(softmax, call, MS_TENSOR("x"))

   That is x:softmax() and ms.ops.softmax(x); MS_FUNCTION(loss, l1, ...) is ms.loss.l1(...). The
   build lists these lines by itself. Rows of unary.def and binary.def declare operators, too. */
#ifndef MS_OPERATOR_H
#define MS_OPERATOR_H

#include <math.h>
#include <stdint.h>

#include "../tensor/tensor.h"

typedef enum ms_kind {
  MS_KIND_NONE, /* ends the list of arguments */
  MS_KIND_TENSOR,
  MS_KIND_MAYBE_TENSOR, /* nil gives NULL */
  MS_KIND_OPERAND,      /* a tensor or a number */
  MS_KIND_NUMBER,
  MS_KIND_WHOLE,
  MS_KIND_FLAG,
  MS_KIND_PAIR, /* one whole number of 1 or more for both, or a list of two */
  MS_KIND_AXIS  /* of the first argument: 1.. or -1.. from the end; 0.. in C */
} ms_kind;

typedef struct ms_param {
  const char *name;
  ms_kind kind;
  double other; /* where it is left out; NAN: it is needed */
  int option;   /* a key of the table behind the other arguments */
} ms_param;

#define MS_NEEDED NAN
#define MS_ALL (-1) /* the axis that stands for all of them */
#define MS_END { NULL, MS_KIND_NONE, 0, 0 }
#define MS_TENSOR(name) { name, MS_KIND_TENSOR, MS_NEEDED, 0 }
#define MS_MAYBE_TENSOR(name) { name, MS_KIND_MAYBE_TENSOR, 0, 0 }
#define MS_OPERAND(name) { name, MS_KIND_OPERAND, MS_NEEDED, 0 }
#define MS_NUMBER(name, other) { name, MS_KIND_NUMBER, other, 0 }
#define MS_WHOLE(name, other) { name, MS_KIND_WHOLE, other, 0 }
#define MS_AXIS(name, other) { name, MS_KIND_AXIS, other, 0 }
#define MS_NUMBER_OPTION(name, other) { name, MS_KIND_NUMBER, other, 1 }
#define MS_FLAG_OPTION(name, other) { name, MS_KIND_FLAG, other, 1 }
#define MS_PAIR_OPTION(name, other) { name, MS_KIND_PAIR, other, 1 }

/* An argument as the call gets it: the member that its kind names. */
typedef struct ms_arg {
  int given; /* or the default */
  ms_tensor *tensor; /* borrowed */
  double number;
  int64_t whole; /* also of flags and axes */
  size_t pair[2];
} ms_arg;

enum { MS_MOST_PARAMS = 8 };

typedef struct __attribute__((designated_init)) ms_operator {
  const char *name, *home; /* home: the library of ms that has it; NULL: a method of tensors */
  ms_tensor *(*call)(const ms_arg *a); /* a new reference, or NULL and a message */
  ms_param param[MS_MOST_PARAMS + 1];
} ms_operator;

#define MS_OPERATOR(its_name, its_call, ...)          \
  extern const ms_operator ms_operator_##its_name;    \
  const ms_operator ms_operator_##its_name = {        \
    .name = #its_name, .call = its_call, .param = { __VA_ARGS__ } };

#define MS_FUNCTION(its_home, its_name, its_call, ...)         \
  extern const ms_operator ms_operator_##its_home##_##its_name; \
  const ms_operator ms_operator_##its_home##_##its_name = {     \
    .name = #its_name, .home = #its_home, .call = its_call, .param = { __VA_ARGS__ } };

/* All of them: the rows of the tables first. Ends with NULL. */
extern const ms_operator *const ms_operators[];

#endif
