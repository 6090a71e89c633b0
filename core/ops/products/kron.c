/* The Kronecker product. */
#include "../../base/error.h"
#include "../broadcast.h"
#include "../ops.h"

enum { MOST = MS_MAX_DIMS / 2 };

/* Sizes of both, side by side: (a, b, a, b, ...); how many of each. */
typedef struct pairs {
  int n;
  size_t a[MS_MAX_DIMS], b[MS_MAX_DIMS], both[MS_MAX_DIMS], y[MOST];
} pairs;

static int pairs_of(int na, const size_t *a, int nb, const size_t *b, pairs *p)
{
  p->n = na > nb ? na : nb;
  if (p->n > MOST) return ms_fail("kron: at most %d dimensions are possible, got %d", MOST, p->n);
  for (int d = 0; d < p->n; d++) {
    const int of_a = d - p->n + na, of_b = d - p->n + nb;
    const size_t m = of_a < 0 ? 1 : a[of_a], n = of_b < 0 ? 1 : b[of_b];
    const size_t outer = 2 * (size_t)d, inner = outer + 1;
    p->a[outer] = p->both[outer] = m;
    p->b[inner] = p->both[inner] = n;
    p->a[inner] = p->b[outer] = 1;
    p->y[d] = m * n;
  }
  return 0;
}

/* t, whose sizes are `own` among ones, stretched to `both` (a new reference). */
static ms_tensor *stretch(ms_tensor *t, const pairs *p, const size_t *own)
{
  ms_tensor *v = ms_tensor_view(t, 2 * p->n, own);
  ms_tensor *wide = v ? ms_stretch(v, 2 * p->n, p->both) : NULL;
  ms_tensor_free(v);
  return wide;
}

/* x y, number by number, of tensors of equal count; takes both over. */
static ms_tensor *product(ms_tensor *x, ms_tensor *y, int ndim, const size_t *dim)
{
  ms_tensor *z = x && y ? ms_tensor_new(ndim, dim) : NULL;
  if (z) ms_k_elementwise()->binary(MS_BINARY_mul, x->data, y->data, z->data, z->count);
  ms_tensor_free(x);
  ms_tensor_free(y);
  return z;
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *in[] = { ms_node_saved(node, 0), ms_node_saved(node, 1) };
  pairs p;
  if (pairs_of(in[0]->ndim, in[0]->dim, in[1]->ndim, in[1]->dim, &p) != 0) return -1;
  for (int i = 0; i < 2; i++) {
    if (!ms_needs_input_grad(node, i)) continue;
    ms_tensor *other = stretch(in[1 - i], &p, i ? p.a : p.b);
    ms_tensor *wide = product(ms_tensor_ref(gy), other, 2 * p.n, p.both);
    ms_tensor *folded = wide ? ms_fold(wide, 2 * p.n, i ? p.b : p.a) : NULL;
    gx[i] = folded ? ms_tensor_view(folded, in[i]->ndim, in[i]->dim) : NULL;
    ms_tensor_free(wide);
    ms_tensor_free(folded);
    if (!gx[i]) return -1;
  }
  return 0;
}

static ms_tensor *forward(const ms_call *c)
{
  ms_tensor *a = c->input[0], *b = c->input[1];
  pairs p;
  if (pairs_of(a->ndim, a->dim, b->ndim, b->dim, &p) != 0) return NULL;
  ms_tensor *y = product(stretch(a, &p, p.a), stretch(b, &p, p.b), p.n, p.y);
  return ms_record(c, y, 2, c->input);
}

/** x:kron(y) -> the Kronecker product: every number of x times all of y, as blocks; any number of
    dimensions up to 4, the smaller one filled up with sizes of 1 in front */
static const ms_op kron_op = {
  .name = "kron", .forward = forward, .backward = backward,
  .takes = { MS_TENSOR(x), MS_OPERAND(y) },
};
MS_OPERATOR(kron_op)
