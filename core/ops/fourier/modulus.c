/* Sizes of complex numbers. */
#include <math.h>

#include "../../base/error.h"
#include "../../base/thread_pool.h"
#include "../ops.h"

enum { PIECE = 1 << 14 };

typedef struct modulus {
  int squared;
} modulus;

typedef struct job {
  const real *z, *y, *gy;
  real *to;
  size_t n;
  int squared;
} job;

static size_t end_of(const job *j, size_t chunk)
{
  return (chunk + 1) * PIECE < j->n ? (chunk + 1) * PIECE : j->n;
}

static void piece(void *arg, size_t chunk)
{
  const job *j = arg;
  for (size_t i = chunk * PIECE, end = end_of(j, chunk); i < end; i++) {
    const real a = j->z[2 * i], b = j->z[2 * i + 1], sum = a * a + b * b;
#ifdef MS_DOUBLE
    j->to[i] = j->squared ? sum : sqrt(sum);
#else
    j->to[i] = j->squared ? sum : sqrtf(sum);
#endif
  }
}

/* gz = gy z / |z|, 0 at 0; or 2 gy z */
static void piece_back(void *arg, size_t chunk)
{
  const job *j = arg;
  for (size_t i = chunk * PIECE, end = end_of(j, chunk); i < end; i++) {
    const real g = j->squared ? 2 * j->gy[i] : j->y[i] == 0 ? 0 : j->gy[i] / j->y[i];
    j->to[2 * i] = g * j->z[2 * i];
    j->to[2 * i + 1] = g * j->z[2 * i + 1];
  }
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const modulus *a = ms_node_attributes(n);
  const ms_tensor *z = ms_node_saved(n, 0), *y = ms_node_saved(n, 1);
  if (!(gx[0] = ms_tensor_like(z))) return -1;
  job j = { z->data, y ? y->data : NULL, gy->data, gx[0]->data, gy->count, a->squared };
  ms_parallel((j.n + PIECE - 1) / PIECE, piece_back, &j);
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *z = c->input[0];
  const modulus *a = c->attributes;
  char text[MS_SHAPE_TEXT];
  if (z->ndim < 1 || z->dim[z->ndim - 1] != 2)
    return ms_fail("abs: complex numbers, a last dimension of 2, are expected, got %s",
                   ms_shape_text(z->ndim, z->dim, text)), NULL;
  ms_tensor *y = ms_tensor_new(z->ndim - 1, z->dim);
  if (!y) return NULL;
  job j = { .z = z->data, .to = y->data, .n = y->count, .squared = a->squared };
  ms_parallel((j.n + PIECE - 1) / PIECE, piece, &j);
  return ms_record(c, y, 2, (ms_tensor *[]){ c->input[0], a->squared ? NULL : y });
}

/* core.internal.modulus(z, squared) -> |z| or |z|^2 of complex numbers (..., 2). */
static const ms_op modulus_op = {
  .name = "modulus", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(modulus),
  .takes = { MS_TENSOR(z), MS_FLAG(modulus, squared, 0) },
};
MS_OPERATOR(modulus_op)
