/* Tensors: dense, row-major, channels last. Views share storage where a region is dense.
   Every function that returns a tensor returns a new reference; arguments are borrowed.
   NULL comes with a message (base/error.h). */
#ifndef MS_TENSOR_H
#define MS_TENSOR_H

#include <stdint.h>

#include "../base/real.h"
#include "shape.h"

struct ms_storage;

/* What the graph of grad/ hangs on a tensor: this floor only knows how to release it. */
typedef struct ms_autograd_meta {
  void (*release)(struct ms_autograd_meta *meta);
} ms_autograd_meta;

typedef struct ms_tensor {
  int refs;
  int ndim;
  size_t dim[MS_MAX_DIMS];
  size_t count;
  real *data;
  struct ms_storage *storage;
  ms_autograd_meta *autograd;
  int mask; /* a comparison made it: 1 says yes and 0 no (ops/shape/key.h) */
} ms_tensor;

ms_tensor *ms_tensor_new(int ndim, const size_t *dim); /* contents undefined */
ms_tensor *ms_tensor_zeros(int ndim, const size_t *dim);
ms_tensor *ms_tensor_like(const ms_tensor *t); /* same shape, contents undefined */
ms_tensor *ms_tensor_number(double value);     /* no dimensions */
ms_tensor *ms_tensor_copy(const ms_tensor *t); /* own storage, outside the graph */

ms_tensor *ms_tensor_ref(ms_tensor *t);
void ms_tensor_free(ms_tensor *t); /* NULL is fine */

/* The same numbers under another shape of equal count; outside the graph. */
ms_tensor *ms_tensor_view(ms_tensor *t, int ndim, const size_t *dim);
ms_tensor *ms_tensor_alias(ms_tensor *t); /* the same shape, outside the graph */

/* Rows first..first+rows-1 of the first dimension, sharing storage; outside the graph. */
ms_tensor *ms_tensor_rows(ms_tensor *t, size_t first, size_t rows);

/* Numbers of t from `offset` on in another shape, sharing storage; outside the graph. */
ms_tensor *ms_tensor_part(ms_tensor *t, int ndim, const size_t *dim, size_t offset);

/* What a floor above makes of a storage's numbers and keeps beside them until they change or go. */
typedef struct ms_derived {
  void (*release)(struct ms_derived *derived);
} ms_derived;
ms_derived **ms_tensor_derived(ms_tensor *t); /* of its storage; NULL in there: nothing is kept */

/* Whether nobody else sees its numbers, so that they may be changed in place. */
int ms_tensor_alone(const ms_tensor *t);

/* Who changes numbers in place that others may see says so; all views of a storage share one
   version. */
void ms_tensor_changed(ms_tensor *t);
uint64_t ms_tensor_version(const ms_tensor *t); /* counts the changes */

int ms_tensor_same_storage(const ms_tensor *a, const ms_tensor *b);

int ms_tensor_same_shape(const ms_tensor *a, const ms_tensor *b);

#endif
