/* Singular values and vectors of row-major matrices. */
#ifndef MS_SVD_H
#define MS_SVD_H

#include <stddef.h>

#include "../../base/real.h"

/* x (m, n) = u (m, k) diag(s) vt (k, n), k the smaller; u (m, m) and vt (n, n) where `full`.
   0, 1 (no convergence), or -1 and a message. All numbers must be finite. */
int ms_svd_one(int full, size_t m, size_t n, const real *x, real *u, real *s, real *vt);

/* p (n, m) = v diag(1 / s) u^T, without singular values up to rtol times the largest, the
   pseudo-inverse of x (m, n). As ms_svd_one. */
int ms_pinv_one(size_t m, size_t n, const real *x, double rtol, real *p);

/* Of p as ms_pinv_one made it from x: gx (m, n) from gp (n, m). 0, or -1 and a message. */
int ms_pinv_one_back(size_t m, size_t n, const real *x, const real *p, const real *gp, real *gx);

/* The rtol of PyTorch: the larger size times the precision of the build's real. */
double ms_svd_rtol(size_t m, size_t n);

#endif
