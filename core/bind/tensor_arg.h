/* Tensors, and what describes them, as arguments of functions. */
#ifndef MS_TENSOR_ARG_H
#define MS_TENSOR_ARG_H

#include <stdint.h>

#include "../tensor/tensor.h"
#include "handle.h"

#define LMS_TENSOR "moonstem.tensor"

/* A tensor's handle. The scope that is to release it has it in its ring. */
typedef struct lms_ring {
  struct lms_ring *before, *after;
} lms_ring;

typedef struct lms_tensor_handle {
  ms_tensor *tensor; /* first, as in every handle; NULL: empty, or closed */
  lms_ring ring;     /* alone where no scope has it */
  const void *scope; /* that has it, or NULL */
} lms_tensor_handle;

void lms_tensor_type(lua_State *L, const lms_function *methods);
lms_tensor_handle *lms_tensor_handle_new(lua_State *L); /* pushes an empty one, in no scope */
void lms_tensor_handle_enter(lms_tensor_handle *h, lms_ring *ring, const void *scope);
void lms_tensor_handle_leave(lms_tensor_handle *h); /* no scope has it from now on */
lms_tensor_handle *lms_tensor_handle_at(lua_State *L, int index); /* NULL: no tensor's handle */
ms_tensor *lms_tensor(lua_State *L, int arg);          /* borrowed; raises unless an open tensor */
ms_tensor *lms_test_tensor(lua_State *L, int arg);     /* borrowed, or NULL if no tensor */

/* The open tensor at `index`; else raises "WHAT must be a tensor, got ...", where the format of
   lua_pushfstring gives WHAT. */
ms_tensor *lms_tensor_at(lua_State *L, int index, const char *format, ...);

/* The same tensor through a handle on the top of the stack that no script can close: for functions
   during which the collector, and with it a script's finalizers, may run. */
ms_tensor *lms_hold(lua_State *L, int arg);

/* Sizes from a table {2, 3, 4}, behind which nothing may come, or from the numbers from `arg` on.
   */
int lms_sizes(lua_State *L, int arg, size_t dim[MS_MAX_DIMS]);

/* Raises where a list of sizes at `arg` is not the last argument. */
void lms_sizes_alone(lua_State *L, int arg);

/* A dimension from 1..n, or -1..-n from the end, as 0..n-1; raises outside. */
int lms_axis(lua_State *L, int arg, int ndim, const char *who);

/* A position in 1..size, negative from the end, as 0..size-1; raises outside. */
size_t lms_index(lua_State *L, int arg, size_t size, const char *who);

#endif
