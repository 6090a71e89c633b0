/* Tensors: making, sharing and letting go. */
#include "tensor.h"

#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"

/* Lies beside the block of its numbers. */
typedef struct ms_storage {
  int refs;
  uint64_t version; /* counts the changes in place */
  real *data;
  ms_derived *derived; /* or NULL */
} ms_storage;

_Static_assert(sizeof(ms_storage) <= MS_BESIDE_BYTES, "a storage fits beside its block");

static void drop_derived(ms_storage *s)
{
  if (s->derived) s->derived->release(s->derived);
  s->derived = NULL;
}

static void storage_free(ms_storage *s)
{
  if (!s || --s->refs > 0) return;
  drop_derived(s);
  ms_free(s->data);
}

static ms_storage *storage_new(size_t count)
{
  real *data = ms_alloc((count ? count : 1) * sizeof(real));
  if (!data) return NULL;
  ms_storage *s = ms_beside(data);
  *s = (ms_storage){ .refs = 1, .data = data };
  return s;
}

/* A handle without storage. */
static ms_tensor *handle(int ndim, const size_t *dim)
{
  size_t count;
  if (ndim > MS_MAX_DIMS)
    return ms_fail("a tensor has at most %d dimensions, not %d", MS_MAX_DIMS, ndim), NULL;
  if (ms_shape_count(ndim, dim, &count) != 0) return NULL;
  ms_tensor *t = calloc(1, sizeof *t);
  if (!t) return ms_fail("no memory for a tensor"), NULL;
  t->refs = 1;
  t->ndim = ndim;
  t->count = count;
  if (ndim) memcpy(t->dim, dim, (size_t)ndim * sizeof *dim);
  return t;
}

ms_tensor *ms_tensor_new(int ndim, const size_t *dim)
{
  ms_tensor *t = handle(ndim, dim);
  if (!t) return NULL;
  t->storage = storage_new(t->count);
  if (!t->storage) return free(t), NULL;
  t->data = t->storage->data;
  return t;
}

ms_tensor *ms_tensor_zeros(int ndim, const size_t *dim)
{
  ms_tensor *t = ms_tensor_new(ndim, dim);
  if (t) memset(t->data, 0, t->count * sizeof(real));
  return t;
}

ms_tensor *ms_tensor_like(const ms_tensor *t)
{
  return ms_tensor_new(t->ndim, t->dim);
}

ms_tensor *ms_tensor_number(double value)
{
  ms_tensor *t = ms_tensor_new(0, NULL);
  if (t) t->data[0] = (real)value;
  return t;
}

ms_tensor *ms_tensor_copy(const ms_tensor *t)
{
  ms_tensor *c = ms_tensor_like(t);
  if (!c) return NULL;
  memcpy(c->data, t->data, t->count * sizeof(real));
  c->mask = t->mask;
  return c;
}

ms_tensor *ms_tensor_ref(ms_tensor *t)
{
  t->refs++;
  return t;
}

void ms_tensor_free(ms_tensor *t)
{
  if (!t || --t->refs > 0) return;
  if (t->autograd) t->autograd->release(t->autograd);
  storage_free(t->storage);
  free(t);
}

/* A handle on part of t's storage. */
static ms_tensor *share(ms_tensor *t, int ndim, const size_t *dim, size_t offset)
{
  ms_tensor *v = handle(ndim, dim);
  if (!v) return NULL;
  v->storage = t->storage;
  v->storage->refs++;
  v->data = t->data + offset;
  v->mask = t->mask;
  return v;
}

ms_tensor *ms_tensor_view(ms_tensor *t, int ndim, const size_t *dim)
{
  size_t count;
  if (ms_shape_count(ndim, dim, &count) != 0) return NULL;
  if (count != t->count) {
    char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
    return ms_fail("reshape: %s does not hold as many numbers as %s",
                   ms_shape_text(t->ndim, t->dim, a), ms_shape_text(ndim, dim, b)), NULL;
  }
  return share(t, ndim, dim, 0);
}

ms_tensor *ms_tensor_alias(ms_tensor *t)
{
  return share(t, t->ndim, t->dim, 0);
}

ms_tensor *ms_tensor_rows(ms_tensor *t, size_t first, size_t rows)
{
  size_t dim[MS_MAX_DIMS];
  memcpy(dim, t->dim, sizeof dim);
  size_t row = t->dim[0] ? t->count / t->dim[0] : 0;
  dim[0] = rows;
  return share(t, t->ndim, dim, first * row);
}

ms_tensor *ms_tensor_part(ms_tensor *t, int ndim, const size_t *dim, size_t offset)
{
  return share(t, ndim, dim, offset);
}

int ms_tensor_alone(const ms_tensor *t)
{
  return t->refs == 1 && t->storage->refs == 1;
}

void ms_tensor_changed(ms_tensor *t)
{
  t->storage->version++;
  drop_derived(t->storage);
}

ms_derived **ms_tensor_derived(ms_tensor *t)
{
  return &t->storage->derived;
}

uint64_t ms_tensor_version(const ms_tensor *t)
{
  return t->storage->version;
}

int ms_tensor_same_storage(const ms_tensor *a, const ms_tensor *b)
{
  return a->storage == b->storage;
}

int ms_tensor_same_shape(const ms_tensor *a, const ms_tensor *b)
{
  return ms_shape_same(a->ndim, a->dim, b->ndim, b->dim);
}
