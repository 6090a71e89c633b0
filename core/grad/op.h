/* What an operator declares of itself, in one constant at the end of its file: the graph, the
   binding to Lua, argument checks, help and tests are all made from it. */
#ifndef MS_OP_H
#define MS_OP_H

#include <stddef.h>
#include <stdint.h>

#include "../base/cpu.h"
#include "../tensor/tensor.h"

typedef struct ms_node ms_node;
typedef struct ms_op ms_op;

/* One call. Attributes are all arguments but tensors: the operator's own struct, which the node
   keeps a copy of, so it holds no pointers. */
typedef struct ms_call {
  const ms_op *op;
  int inputs;
  ms_tensor *const *input; /* borrowed; NULL where an optional one was left out */
  const void *attributes;
  ms_precision precision; /* of products; the node keeps it for backward */
} ms_call;

/* Kinds of arguments, and what attribute they fill. Positions and dimensions count from 0 in C. */
typedef enum ms_arg_kind {
  MS_ARG_NONE,
  MS_ARG_TENSOR,   /* an input */
  MS_ARG_OPTIONAL, /* an input that may be left out */
  MS_ARG_OPERAND,  /* an input that may be given as a number; left out unless needed */
  MS_ARG_LIST,     /* a list of tensors: all inputs there are */
  MS_ARG_NUMBER,   /* double */
  MS_ARG_INTEGER,  /* uint64_t: any whole number */
  MS_ARG_COUNT,    /* size_t: `least` or more */
  MS_ARG_FLAG,     /* int */
  MS_ARG_CHOICE,   /* int: the place of a word among `choices` */
  MS_ARG_PAIR,     /* size_t[2]: `least` or more, one for both or a list of two; named */
  MS_ARG_AXIS,     /* int: a dimension of input 0; MS_LAST is its last one */
  MS_ARG_AXES,     /* uint32_t, a bit for each dimension of input 0: one, a list, or all */
  MS_ARG_POSITION, /* size_t: along the dimension before it in the list */
  MS_ARG_SIZES     /* ms_sizes: a list, or all arguments that follow; named ones may come */
} ms_arg_kind;

typedef struct ms_sizes {
  int count;
  ptrdiff_t size[MS_MAX_DIMS];
} ms_sizes;

typedef struct ms_arg {
  const char *name;
  ms_arg_kind kind;
  int named;     /* written as name = value, in a table */
  int needed;    /* has no value of its own */
  double value;  /* where it is left out */
  size_t least;  /* of a count, and of both of a pair */
  const char *const *choices; /* ends with NULL; of counts and pairs: words in place of numbers */
  size_t offset; /* in the struct of attributes */
} ms_arg;

/* The axis that stands for the last one. */
#define MS_LAST (-2)

/* Whether a dimension is one of the axes. */
static inline int ms_axes_has(uint32_t axes, int d)
{
  return (int)(axes >> d & 1);
}

enum { MS_MAX_ARGS = 14, MS_MAX_INPUTS = 8, MS_ATTRIBUTES_BYTES = 128 };

/* Arguments, in Lua's order. Attributes name their struct and field, whose type is checked. */
#define MS_TENSOR(its_name) { .name = #its_name, .kind = MS_ARG_TENSOR, .needed = 1 }
#define MS_OPTIONAL(its_name) { .name = #its_name, .kind = MS_ARG_OPTIONAL }
#define MS_OPERAND(its_name) { .name = #its_name, .kind = MS_ARG_OPERAND, .needed = 1 }
#define MS_OPTIONAL_OPERAND(its_name) { .name = #its_name, .kind = MS_ARG_OPERAND }
#define MS_LIST(its_name) { .name = #its_name, .kind = MS_ARG_LIST, .needed = 1 }

/* The offset of a field, which must be of that type. */
#define MS_FIELD(type, attributes, field)                                               \
  (offsetof(attributes, field) + 0 * sizeof((type *)0 == &((attributes *)0)->field))
#define MS_ARG(its_kind, type, attributes, field, ...)                                  \
  { .name = #field, .kind = MS_ARG_##its_kind,                                          \
    .offset = MS_FIELD(type, attributes, field), __VA_ARGS__ }

#define MS_NUMBER(attributes, field, other) \
  MS_ARG(NUMBER, double, attributes, field, .value = other)
#define MS_COUNT(attributes, field, other) \
  MS_ARG(COUNT, size_t, attributes, field, .value = other, .least = 1)
#define MS_INTEGER(attributes, field, other) \
  MS_ARG(INTEGER, uint64_t, attributes, field, .value = other)
#define MS_FLAG(attributes, field, other) MS_ARG(FLAG, int, attributes, field, .value = other)
#define MS_CHOICE(attributes, field, words, other) \
  MS_ARG(CHOICE, int, attributes, field, .choices = words, .value = other)
#define MS_AXIS(attributes, field, other) MS_ARG(AXIS, int, attributes, field, .value = other)
#define MS_AXES(attributes, field) MS_ARG(AXES, uint32_t, attributes, field)
#define MS_THE_NUMBER(attributes, field) MS_ARG(NUMBER, double, attributes, field, .needed = 1)
#define MS_THE_COUNT(attributes, field) \
  MS_ARG(COUNT, size_t, attributes, field, .needed = 1, .least = 1)
#define MS_THE_AXIS(attributes, field) MS_ARG(AXIS, int, attributes, field, .needed = 1)
#define MS_THE_POSITION(attributes, field) MS_ARG(POSITION, size_t, attributes, field, .needed = 1)
#define MS_THE_SIZES(attributes, field) MS_ARG(SIZES, ms_sizes, attributes, field, .needed = 1)

/* Arguments by name: those that stand side by side in the list are one table, {name = value}. */
#define MS_NAMED_TENSOR(its_name) \
  { .name = #its_name, .kind = MS_ARG_TENSOR, .needed = 1, .named = 1 }
#define MS_NAMED_OPTIONAL(its_name) { .name = #its_name, .kind = MS_ARG_OPTIONAL, .named = 1 }
#define MS_NAMED(its_kind, type, attributes, field, ...)                                \
  MS_ARG(its_kind, type, attributes, field, .named = 1, __VA_ARGS__)
#define MS_NAMED_NUMBER(attributes, field, other) \
  MS_NAMED(NUMBER, double, attributes, field, .value = other)
#define MS_NAMED_COUNT(attributes, field, other) \
  MS_NAMED(COUNT, size_t, attributes, field, .value = other, .least = 1)
#define MS_NAMED_INTEGER(attributes, field, other) \
  MS_NAMED(INTEGER, uint64_t, attributes, field, .value = other)
#define MS_NAMED_FLAG(attributes, field, other) \
  MS_NAMED(FLAG, int, attributes, field, .value = other)
#define MS_NAMED_CHOICE(attributes, field, words, other) \
  MS_NAMED(CHOICE, int, attributes, field, .choices = words, .value = other)
#define MS_NAMED_AXIS(attributes, field, other) \
  MS_NAMED(AXIS, int, attributes, field, .value = other)
#define MS_PAIR_FROM(its_least, attributes, field, other)                               \
  { .name = #field, .kind = MS_ARG_PAIR, .value = other, .least = its_least, .named = 1, \
    .offset = offsetof(attributes, field) +                                             \
              0 * sizeof((size_t (*)[2])0 == &((attributes *)0)->field) }
#define MS_NAMED_PAIR(attributes, field, other) MS_PAIR_FROM(1, attributes, field, other)
#define MS_NAMED_PAIR0(attributes, field, other) MS_PAIR_FROM(0, attributes, field, other)

/* Counts and pairs that may be given as a word, too: its value is MS_WORD of its place among the
   words. A default below 0 is a word: -1 the first. */
#define MS_WORD(place) ((size_t)-1 - (size_t)(place))
#define MS_NAMED_COUNT_OR(words, attributes, field, other) \
  MS_NAMED(COUNT, size_t, attributes, field, .value = other, .choices = words)
#define MS_NAMED_PAIR_OR(words, attributes, field, other)                               \
  { .name = #field, .kind = MS_ARG_PAIR, .value = other, .choices = words, .named = 1,  \
    .offset = offsetof(attributes, field) +                                             \
              0 * sizeof((size_t (*)[2])0 == &((attributes *)0)->field) }

/* For .attributes: their size, within what the binding has room for. */
#define MS_ATTRIBUTES(type) \
  sizeof(type) + 0 * sizeof(char[sizeof(type) <= MS_ATTRIBUTES_BYTES ? 1 : -1])

struct __attribute__((designated_init)) ms_op {
  const char *name;
  const char *module; /* "loss": a function of ms.loss; "internal": for the library's own Lua;
                         NULL: a method, and a function of ms.ops */
  ms_arg takes[MS_MAX_ARGS]; /* what Lua gives; ends with MS_ARG_NONE */
  size_t attributes;         /* bytes */
  /* Checks shapes, computes, and ends with ms_record. NULL and a message on failure. */
  ms_tensor *(*forward)(const ms_call *call);
  /* From gy, the gradient of the output, fills gx[i] with a new reference to the gradient
     of input i wherever ms_needs_input_grad(node, i); the others may stay NULL.
     0, or -1 and a message (what was filled is released by the caller). NULL: results are
     constants, outside the graph. */
  int (*backward)(const ms_node *node, ms_tensor *gy, ms_tensor **gx);
  /* Where computing the output again is cheaper than keeping it: computes it from what the node
     saved. Operators that would save such an output keep a note of its node instead. NULL and a
     message on failure. */
  ms_tensor *(*recompute)(const ms_node *node);
  /* Or NULL: called once, when the node's saved tensors go: what attributes name may go, too. */
  void (*release)(const void *attributes);
};

/* Enters the operator in the list that the binding reads, between these two. */
#define MS_OPERATOR(op) MS_OPERATOR_NAMED(op, &op)
#define MS_OPERATOR_NAMED(name, pointer)                                                \
  static const ms_op *const name##_entry __attribute__((used, section("ms_operators"))) = pointer;
extern const ms_op *const __start_ms_operators[], *const __stop_ms_operators[];

/* Calls an operator from C, one without products: inputs, then the attributes. */
static inline ms_tensor *ms_apply(const ms_op *op, int inputs, ms_tensor *const *input,
                                  const void *attributes)
{
  return op->forward(&(ms_call){ op, inputs, input, attributes, MS_PRECISION_FULL });
}

#endif
