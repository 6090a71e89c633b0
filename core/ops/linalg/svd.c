/* Singular values and vectors. */
#include "svd.h"

#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../kernels/lapack/lapack.h"
#include "../../kernels/lapack/rotations.h"
#include "../ops.h"
#include "matrices.h"
#include "svd_small.h"

enum { SMALL = MS_ROTATIONS_MOST /* larger matrices go to LAPACK, which divides them */ };

/* Column by column x is its own transpose, v s u^T: what LAPACK calls u are the rows of vt. */
int ms_svd_one(int full, size_t m, size_t n, const real *x, real *u, real *s, real *vt)
{
  if (!m || !n) {
    memset(u, 0, (full ? m * m : 0) * sizeof *u);
    memset(vt, 0, (full ? n * n : 0) * sizeof *vt);
    for (size_t i = 0; full && i < m; i++) u[i * m + i] = 1;
    for (size_t i = 0; full && i < n; i++) vt[i * n + i] = 1;
    return 0;
  }
  const int small = m <= SMALL && n <= SMALL && (!full || m == n);
  const int status = small ? ms_svd_small(m, n, x, u, s, vt) : 1;
  if (status <= 0) return status;
  real *copy = ms_matrix_room(m * n);
  if (!copy) return -1;
  memcpy(copy, x, m * n * sizeof *copy);
  const int info = ms_lapack_gesdd(full, n, m, copy, s, vt, u);
  ms_free(copy);
  return info > 0 ? 1 : info;
}

typedef struct svd {
  int full;
} svd;

/* Where u, s and vt of all matrices lie, and how large those of one are. */
typedef struct parts {
  size_t m, n, k, count, columns_u, rows_v;
  size_t u, s, vt; /* numbers of one matrix */
} parts;

static int parts_of(const ms_tensor *x, int full, parts *p)
{
  ms_matrices m;
  if (ms_matrices_of("svd", x, &m) != 0) return -1;
  const size_t k = m.rows < m.columns ? m.rows : m.columns;
  *p = (parts){ .m = m.rows, .n = m.columns, .k = k, .count = m.count,
                .columns_u = full ? m.rows : k, .rows_v = full ? m.columns : k };
  p->u = p->m * p->columns_u;
  p->s = k;
  p->vt = p->rows_v * p->n;
  return 0;
}

typedef struct job {
  parts p;
  int full;
  const real *x, *y, *gy;
  real *to;
} job;

/* u, s and vt of matrix i in a packed row. */
static const real *part(const parts *p, const real *y, size_t i, char which)
{
  const size_t s = p->count * p->u, vt = s + p->count * p->s;
  return which == 'u' ? y + i * p->u : which == 's' ? y + s + i * p->s : y + vt + i * p->vt;
}

static int one(void *arg, size_t i)
{
  const job *j = arg;
  const parts *p = &j->p;
  return ms_svd_one(j->full, p->m, p->n, j->x + i * p->m * p->n, (real *)part(p, j->to, i, 'u'),
                    (real *)part(p, j->to, i, 's'), (real *)part(p, j->to, i, 'v'));
}

/* ---- gradients, of the first k columns of u and rows of vt ---------------------------- */
/* b / a, and 0 where b is */
static real ratio(real b, real a)
{
  return b != 0 ? b / a : 0;
}

/* (k, k): what turns among the singular vectors; g (k, k) is u^T gu, h is v^T gv. */
static void inner(size_t k, const real *s, const real *gs, const real *g, const real *h, real *to)
{
  for (size_t r = 0; r < k; r++)
    for (size_t c = 0; c < k; c++) {
      const real e = (s[c] - s[r]) * (s[c] + s[r]);
      const real a = g[r * k + c] - g[c * k + r], b = h[r * k + c] - h[c * k + r];
      to[r * k + c] = r == c ? gs[r] : ratio(a * s[c] + s[r] * b, e);
    }
}

/* Only those columns of u or its gradient that have a singular value: in place, or in `room`. */
static const real *cut_columns(const parts *p, const real *from, real *room)
{
  if (p->columns_u == p->k) return from;
  for (size_t i = 0; i < p->m; i++)
    memcpy(room + i * p->k, from + i * p->columns_u, p->k * sizeof *room);
  return room;
}

/* gx += the part of gu beside u: (gu - u u^T gu) s^-1 vt; g = u^T gu; room for (m, k) twice */
static void add_beside(size_t m, size_t n, size_t k, const real *u, const real *gu, const real *g,
                       const real *s, const real *vt, real *room, real *gx)
{
  memcpy(room, gu, m * k * sizeof *room);
  ms_matrix_product("NN", m, k, k, -1, u, g, 1, room);
  for (size_t i = 0; i < m * k; i++) room[i] = ratio(room[i], s[i % k]);
  ms_matrix_product("NN", m, n, k, 1, room, vt, 1, gx);
}

/* Of v beside vt: u s^-1 (gvt - gvt v vt); h = v^T gv, (k, k) */
static void add_below(size_t m, size_t n, size_t k, const real *vt, const real *gvt, const real *h,
                      const real *s, const real *u, real *room, real *gx)
{
  memcpy(room, gvt, k * n * sizeof *room);
  ms_matrix_product("TN", k, n, k, -1, h, vt, 1, room);
  for (size_t i = 0; i < k * n; i++) room[i] = ratio(room[i], s[i / n]);
  ms_matrix_product("NN", m, n, k, 1, u, room, 1, gx);
}

static void one_gradient(const parts *p, const real *u, const real *s, const real *vt,
                         const real *gu, const real *gs, const real *gvt, real *room, real *gx)
{
  const size_t m = p->m, n = p->n, k = p->k;
  real *g = room, *h = g + k * k, *wide = h + k * k, *turn = gx; /* where gx comes later */
  ms_matrix_product("TN", k, k, m, 1, u, gu, 0, g);
  ms_matrix_product("NT", k, k, n, 1, vt, gvt, 0, h);
  inner(k, s, gs, g, h, turn);
  ms_matrix_product("NN", m, k, k, 1, u, turn, 0, wide);
  ms_matrix_product("NN", m, n, k, 1, wide, vt, 0, gx);
  if (m > k) add_beside(m, n, k, u, gu, g, s, vt, wide, gx);
  if (n > k) add_below(m, n, k, vt, gvt, h, s, u, wide, gx);
}

static int one_back(void *arg, size_t i)
{
  const job *j = arg;
  const parts *p = &j->p;
  const size_t m = p->m, n = p->n, k = p->k;
  const size_t cut = p->columns_u > k ? m * k : 0, wide = m > n ? m * k : k * n;
  real *room = ms_matrix_room(2 * cut + 2 * k * k + wide);
  if (!room) return -1;
  const real *u = cut_columns(p, part(p, j->y, i, 'u'), room);
  const real *gu = cut_columns(p, part(p, j->gy, i, 'u'), room + cut);
  one_gradient(p, u, part(p, j->y, i, 's'), part(p, j->y, i, 'v'), gu, part(p, j->gy, i, 's'),
               part(p, j->gy, i, 'v'), room + 2 * cut, j->to + i * m * n);
  ms_free(room);
  return 0;
}

/* Whether the vectors without a singular value have a gradient: which they cannot. */
static int check_full(const parts *p, const real *gy)
{
  int has = 0;
  for (size_t i = 0; i < p->count; i++) {
    const real *gu = part(p, gy, i, 'u'), *gvt = part(p, gy, i, 'v');
    for (size_t q = 0; q < p->u; q++) has |= q % p->columns_u >= p->k && gu[q] != 0;
    for (size_t q = p->k * p->n; q < p->vt; q++) has |= gvt[q] != 0;
  }
  if (!has) return 0;
  return ms_fail("svd: vectors without a singular value are not unique and have no gradient; take "
                 "full_matrices = false");
}

static int backward(const ms_node *node, ms_tensor *gy, ms_tensor **gx)
{
  const svd *a = ms_node_attributes(node);
  int ndim;
  const size_t *dim = ms_node_input_dim(node, 0, &ndim);
  size_t at;
  job j = { .full = a->full, .y = ms_node_saved(node, 0)->data, .gy = gy->data };
  if (!(gx[0] = ms_tensor_new(ndim, dim)) || parts_of(gx[0], a->full, &j.p) != 0) return -1;
  if (a->full && check_full(&j.p, gy->data) != 0) return -1;
  j.to = gx[0]->data;
  return ms_each_matrix(j.p.count, 4 * j.p.m * j.p.n * j.p.k, one_back, &j, &at);
}

static ms_tensor *forward(const ms_call *c)
{
  const ms_tensor *x = c->input[0];
  const svd *a = c->attributes;
  size_t at;
  job j = { .full = a->full, .x = x->data };
  if (parts_of(x, a->full, &j.p) != 0 || ms_matrices_finite("svd", x) != 0) return NULL;
  ms_tensor *y = ms_tensor_new(1, &(size_t){ j.p.count * (j.p.u + j.p.s + j.p.vt) });
  if (!y) return NULL;
  j.to = y->data;
  const int info = ms_each_matrix(j.p.count, 6 * j.p.m * j.p.n * j.p.k, one, &j, &at);
  if (info > 0) ms_fail("svd: matrix %zu: the singular values did not converge", at + 1);
  if (info != 0) return ms_tensor_free(y), NULL;
  return ms_record(c, y, 1, &y);
}

/* core.internal.svd(x, full) -> u, s and vt of all matrices, one after the other, in one row. */
static const ms_op svd_op = {
  .name = "svd", .module = "internal", .forward = forward, .backward = backward,
  .attributes = MS_ATTRIBUTES(svd), .takes = { MS_TENSOR(x), MS_FLAG(svd, full, 0) },
};
MS_OPERATOR(svd_op)
