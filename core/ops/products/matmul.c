/* Matrix products of any batch: matmul, and products of factors that are stored transposed. */
#include <stdatomic.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/thread_pool.h"
#include "../../kernels/gemm/gemm.h"
#include "../ops.h"

enum {
  ONE_TILE_M = 192, /* up to these sizes a product is one tile: the same bits on any thread */
  ONE_TILE_N = 512,
  WORK = 1 << 17 /* multiply-adds of one chunk of small products */
};

/* Whether a factor is (..., k, m) or (..., n, k): transposed before it is multiplied. */
typedef struct transposed {
  int a, b;
} transposed;

/* How two tensors multiply: a matrix of each for every place of the batch. */
typedef struct layout {
  size_t m, n, k, batches;
  int ndim; /* of the batch */
  size_t dim[MS_MAX_DIMS];
  size_t a[MS_MAX_DIMS], b[MS_MAX_DIMS], y[MS_MAX_DIMS]; /* steps along the batch, in matrices */
  ms_precision precision;
} layout;

/* ---- shapes ---------------------------------------------------------------------------- */
/* Steps along the batch of a factor whose batch has `ndim` sizes; 0 where it is repeated. */
static void set_steps(const layout *p, int ndim, const size_t *dim, size_t *step)
{
  size_t run = 1;
  for (int d = p->ndim - 1; d >= 0; d--) {
    const int own = d - (p->ndim - ndim);
    const size_t size = own < 0 ? 1 : dim[own];
    step[d] = size == 1 ? 0 : run;
    run *= size;
  }
}

/* The batches of both, stretched to each other. */
static int set_batch(layout *p, int na, const size_t *a, int nb, const size_t *b)
{
  if (ms_shape_broadcast(na, a, nb, b, &p->ndim, p->dim) != 0) return -1;
  p->batches = 1;
  for (int d = 0; d < p->ndim; d++) p->batches *= p->dim[d];
  set_steps(p, na, a, p->a);
  set_steps(p, nb, b, p->b);
  set_steps(p, p->ndim, p->dim, p->y);
  return 0;
}

/* A vector is one row on the left and one column on the right. */
static int make_layout(layout *p, int na, const size_t *a, int nb, const size_t *b, transposed t)
{
  *p = (layout){ .m = 1, .n = 1, .batches = 1 };
  if (na < 1 || nb < 1) return -1;
  if (na > 1) p->m = a[na - 1 - !t.a];
  if (nb > 1) p->n = b[nb - 1 - t.b];
  p->k = na > 1 ? a[na - 1 - t.a] : a[0];
  if (p->k != (nb > 1 ? b[nb - 1 - !t.b] : b[0])) return -1;
  if (nb > 2 || t.a) return set_batch(p, na > 2 ? na - 2 : 0, a, nb > 2 ? nb - 2 : 0, b);
  for (int d = 0; d < na - 2; d++) p->m *= a[d]; /* all rows of a are one matrix */
  return 0;
}

/* The sizes of the product: the batch, then those of a and b that are left. */
static int product_shape(const layout *p, const ms_tensor *a, const ms_tensor *b, transposed t,
                         size_t *dim)
{
  int n = 0;
  if (b->ndim > 2 || t.a)
    for (; n < p->ndim; n++) dim[n] = p->dim[n];
  else
    for (; n < a->ndim - 2; n++) dim[n] = a->dim[n];
  if (n + (a->ndim > 1) + (b->ndim > 1) > MS_MAX_DIMS)
    return ms_fail("matmul: the product has more than %d dimensions", MS_MAX_DIMS);
  if (a->ndim > 1) dim[n++] = a->dim[a->ndim - 1 - !t.a];
  if (b->ndim > 1) dim[n++] = p->n;
  return n;
}

/* ---- one product for each place of the batch ---------------------------------------------- */
typedef struct job {
  const layout *batch;
  ms_product p; /* of the first place */
  const size_t *a, *b, *c;
  size_t step; /* products of a chunk */
  atomic_int failed;
} job;

static size_t offset(const layout *p, const size_t *step, size_t at)
{
  size_t sum = 0;
  for (int d = p->ndim - 1; d >= 0; at /= p->dim[d--]) sum += at % p->dim[d] * step[d];
  return sum;
}

static ms_product at(const job *j, size_t i)
{
  ms_product p = j->p;
  p.a += offset(j->batch, j->a, i) * p.m * p.k;
  p.b += offset(j->batch, j->b, i) * p.k * p.n;
  p.c += offset(j->batch, j->c, i) * p.m * p.n;
  return p;
}

static void some(void *arg, size_t chunk)
{
  job *j = arg;
  const size_t all = j->batch->batches;
  const size_t end = (chunk + 1) * j->step < all ? (chunk + 1) * j->step : all;
  for (size_t i = chunk * j->step; i < end; i++) {
    const ms_product p = at(j, i);
    if (ms_k_gemm(j->batch->precision)->here(&p) != 0) atomic_store(&j->failed, 1);
  }
}

/* Small products are shared out among the threads; large ones are cut, one after the other, and so
   are those that are added to the same matrix. */
static int run(job *j)
{
  const ms_product *p = &j->p;
  const size_t all = j->batch->batches;
  if (!p->m || !p->n) return 0;
  j->step = WORK / (p->m * p->n * (p->k + 1)) + 1;
  if (all > 1 && !p->add && p->m <= ONE_TILE_M && p->n <= ONE_TILE_N) {
    ms_parallel((all + j->step - 1) / j->step, some, j);
    return atomic_load(&j->failed) ? ms_fail("matmul: no memory for the factors") : 0;
  }
  for (size_t i = 0; i < all; i++) {
    const ms_product q = at(j, i);
    if (ms_k_gemm(j->batch->precision)->all(&q) != 0) return -1;
  }
  return 0;
}

/* c = op(a) op(b): sizes of op(a) and op(b). */
static ms_product dense(int ta, int tb, size_t m, size_t n, size_t k, const real *a,
                        const real *b, real *c)
{
  return (ms_product){ .ta = ta, .tb = tb, .m = m, .n = n, .k = k, .scale = 1, .a = a,
                       .lda = ta ? m : k, .b = b, .ldb = tb ? k : n, .c = c, .ldc = n };
}

/* ---- matmul -------------------------------------------------------------------------------- */
static transposed how(const ms_op *op, const void *attributes)
{
  return op->attributes ? *(const transposed *)attributes : (transposed){ 0, 0 };
}

/* Whether several places of the batch share a matrix. */
static int is_shared(const layout *p, const size_t *step)
{
  for (int d = 0; d < p->ndim; d++)
    if (!step[d] && p->dim[d] > 1) return 1;
  return 0;
}

/* The gradient of a factor, from the product that j describes but for its place; its sum over the
   batch where it was repeated. */
static ms_tensor *gradient(job *j, const ms_tensor *of, const size_t *step)
{
  const layout *p = j->batch;
  ms_tensor *g = is_shared(p, step) ? ms_tensor_zeros(of->ndim, of->dim) : ms_tensor_like(of);
  if (!g) return NULL;
  j->p.c = g->data;
  j->c = step;
  j->p.add = is_shared(p, step);
  if (run(j) == 0) return g;
  ms_tensor_free(g);
  return NULL;
}

static int matmul_backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *a = ms_node_saved(node, 0), *b = ms_node_saved(node, 1);
  const transposed t = how(ms_node_op(node), ms_node_attributes(node));
  const real *g = gy->data;
  layout p;
  make_layout(&p, a->ndim, a->dim, b->ndim, b->dim, t);
  p.precision = ms_node_precision(node);
  if (ms_needs_input_grad(node, 0)) {
    job j = { .batch = &p, .a = t.a ? p.b : p.y, .b = t.a ? p.y : p.b };
    j.p = t.a ? dense(t.b, 1, p.k, p.m, p.n, b->data, g, NULL)
              : dense(0, !t.b, p.m, p.k, p.n, g, b->data, NULL);
    if (!(gx[0] = gradient(&j, a, p.a))) return -1;
  }
  if (ms_needs_input_grad(node, 1)) {
    job j = { .batch = &p, .a = t.b ? p.y : p.a, .b = t.b ? p.a : p.y };
    j.p = t.b ? dense(1, t.a, p.n, p.k, p.m, g, a->data, NULL)
              : dense(!t.a, 0, p.k, p.n, p.m, a->data, g, NULL);
    if (!(gx[1] = gradient(&j, b, p.b))) return -1;
  }
  return 0;
}

static ms_tensor *matmul(const ms_call *c)
{
  const ms_tensor *a = c->input[0], *b = c->input[1];
  const transposed t = how(c->op, c->attributes);
  char x[MS_SHAPE_TEXT], y[MS_SHAPE_TEXT];
  size_t dim[MS_MAX_DIMS];
  layout p;
  if (make_layout(&p, a->ndim, a->dim, b->ndim, b->dim, t) != 0)
    return ms_fail("matmul: %s and %s do not multiply", ms_shape_text(a->ndim, a->dim, x),
                   ms_shape_text(b->ndim, b->dim, y)), NULL;
  p.precision = c->precision;
  const int ndim = product_shape(&p, a, b, t, dim);
  ms_tensor *out = ndim < 0 ? NULL : ms_tensor_new(ndim, dim);
  if (!out) return NULL;
  job j = { .batch = &p, .a = p.a, .b = p.b, .c = p.y,
            .p = dense(t.a, t.b, p.m, p.n, p.k, a->data, b->data, out->data) };
  if (run(&j) != 0) return ms_tensor_free(out), NULL;
  return ms_record(c, out, 2, c->input);
}

/** a:matmul(b) -> the matrix product: a (..., m, k) times b (..., k, n) is (..., m, n). Batches
    broadcast; a vector (k) is one row on the left and one column on the right, and its size 1 is
    dropped, as in PyTorch */
static const ms_op matmul_op = {
  .name = "matmul", .forward = matmul, .backward = matmul_backward,
  .takes = { MS_TENSOR(a), MS_TENSOR(b) },
};
MS_OPERATOR(matmul_op)

/* core.internal.product(a, b, transposed_a, transposed_b): matmul of matrices that are stored
   transposed: a (..., k, m), b (..., n, k). */
static const ms_op product_op = {
  .name = "product", .module = "internal", .forward = matmul, .backward = matmul_backward,
  .attributes = MS_ATTRIBUTES(transposed),
  .takes = { MS_TENSOR(x), MS_TENSOR(y), MS_FLAG(transposed, a, 0), MS_FLAG(transposed, b, 0) },
};
MS_OPERATOR(product_op)
