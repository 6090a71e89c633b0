/* Matrix products through OpenBLAS, one thread to a tile.
   OpenBLAS 0.3.21 takes Haswell kernels on processors that are newer than itself, and reads
   its core type from the environment while it loads: so it is loaded by hand, after our own
   look at the processor. */
#define _GNU_SOURCE
#include "gemm.h"

#include <cblas.h>
#include <dlfcn.h>
#include <stdlib.h>

#include "../base/cpu.h"
#include "../base/error.h"
#include "../base/pool.h"

enum { TILE_M = 192, TILE_N = 512 };

#ifdef MS_DOUBLE
#define GEMM_NAME "cblas_dgemm"
#else
#define GEMM_NAME "cblas_sgemm"
#endif

typedef void gemm_function(CBLAS_LAYOUT, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint,
                           blasint, real, const real *, blasint, const real *, blasint, real,
                           real *, blasint);

static gemm_function *product;
static const char *core = "none";

static int look_up(void *library, const char *name, void *function)
{
  void *found = dlsym(library, name);
  *(void **)function = found;
  return found ? 0 : ms_fail("OpenBLAS has no %s", name);
}

int ms_gemm_open(void)
{
  if (product) return 0;
  if (ms_cpu_level() == MS_CPU_AVX512) setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
  else if (ms_cpu_level() == MS_CPU_AVX2) setenv("OPENBLAS_CORETYPE", "Haswell", 1);
  setenv("OPENBLAS_NUM_THREADS", "1", 1); /* no threads of its own beside our pool */
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return ms_fail("OpenBLAS is missing (package libopenblas0): %s", dlerror());
  char *(*name)(void);
  void (*threads)(int);
  if (look_up(library, "openblas_get_corename", &name) != 0 ||
      look_up(library, "openblas_set_num_threads", &threads) != 0 ||
      look_up(library, GEMM_NAME, &product) != 0)
    return -1;
  threads(1);
  core = name();
  return 0;
}

const char *ms_gemm_core(void)
{
  return core;
}

typedef struct job {
  int ta, tb;
  size_t m, n, k, lda, ldb, ldc, columns;
  real alpha, beta;
  const real *a, *b;
  real *c;
} job;

void ms_gemm_here(int ta, int tb, size_t m, size_t n, size_t k, real alpha, const real *a,
                  size_t lda, const real *b, size_t ldb, real beta, real *c, size_t ldc)
{
  product(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, (blasint)m,
          (blasint)n, (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
}

static void tile(void *arg, size_t chunk)
{
  const job *j = arg;
  size_t i = chunk / j->columns * TILE_M, o = chunk % j->columns * TILE_N;
  size_t m = j->m - i < TILE_M ? j->m - i : TILE_M, n = j->n - o < TILE_N ? j->n - o : TILE_N;
  const real *a = j->a + (j->ta ? i : i * j->lda), *b = j->b + (j->tb ? o * j->ldb : o);
  ms_gemm_here(j->ta, j->tb, m, n, j->k, j->alpha, a, j->lda, b, j->ldb, j->beta,
               j->c + i * j->ldc + o, j->ldc);
}

void ms_gemm(int ta, int tb, size_t m, size_t n, size_t k, real alpha, const real *a, size_t lda,
             const real *b, size_t ldb, real beta, real *c, size_t ldc)
{
  job j = { ta, tb, m, n, k, lda, ldb, ldc, (n + TILE_N - 1) / TILE_N, alpha, beta, a, b, c };
  ms_parallel((m + TILE_M - 1) / TILE_M * j.columns, tile, &j);
}
