/* Linear equations in double through the OpenBLAS that is loaded. */
#include "lapack_double.h"

#include "../gemm/gemm_openblas.h"

typedef const int *in;
typedef void (*gesv)(in n, in columns, double *a, in lda, int *pivot, double *b, in ldb, int *info);

int ms_lapack_solve_double(size_t n, double *a, size_t columns, double *b, int *pivot)
{
  gesv f;
  if (ms_openblas_find("dgesv_", &f) != 0) return -1;
  int info = 0, size = (int)n;
  f(&size, &(int){ (int)columns }, a, &size, pivot, b, &size, &info);
  return info;
}
