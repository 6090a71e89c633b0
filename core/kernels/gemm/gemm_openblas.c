/* Matrix products through OpenBLAS, one thread to a tile. OpenBLAS 0.3.21 takes Haswell kernels on
   processors that are newer than itself (less than half as fast on those with AVX-512), and reads
   its core type from the environment while it loads: so it is loaded by hand, after our own look at
   the processor. */
#define _GNU_SOURCE
#include "gemm_openblas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/cpu.h"
#include "../../base/error.h"
#include "../../base/interrupt.h"
#include "../../base/thread_pool.h"
#include "../../base/profile.h"

/* Of long sums DEPTH products are added at a time, between which Ctrl-C is heard: a multiple of the
   pieces that OpenBLAS itself makes (256, 320, 384, 448 products), so that bits stay the same. */
enum { TILE_M = 192, TILE_N = 512, DEPTH = 26880 };

#ifdef MS_DOUBLE
#define GEMM_NAME "cblas_dgemm"
#else
#define GEMM_NAME "cblas_sgemm"
#endif

typedef void gemm_function(CBLAS_LAYOUT, CBLAS_TRANSPOSE, CBLAS_TRANSPOSE, blasint, blasint,
                           blasint, real, const real *, blasint, const real *, blasint, real,
                           real *, blasint);

static void *library;
static gemm_function *gemm;
static const char *core = "none";

int ms_openblas_find(const char *name, void *function)
{
  void *found = dlsym(library, name);
  *(void **)function = found;
  return found ? 0 : ms_fail("OpenBLAS has no %s", name);
}

int ms_gemm_open(void)
{
  if (gemm) return 0;
  if (ms_cpu_level() == MS_CPU_AVX512) setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
  else if (ms_cpu_level() == MS_CPU_AVX2) setenv("OPENBLAS_CORETYPE", "Haswell", 1);
  setenv("OPENBLAS_NUM_THREADS", "1", 1); /* no threads of its own beside our pool */
  library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) return ms_fail("OpenBLAS is missing (package libopenblas0): %s", dlerror());
  char *(*name)(void);
  void (*threads)(int);
  if (ms_openblas_find("openblas_get_corename", &name) != 0 ||
      ms_openblas_find("openblas_set_num_threads", &threads) != 0 ||
      ms_openblas_find(GEMM_NAME, &gemm) != 0)
    return -1;
  threads(1);
  core = name();
  return 0;
}

const char *ms_gemm_core(void)
{
  return core;
}

/* Rows i.. and columns o.. of c, m by n of them: products at.. of their sums, k of them. */
static void add_some(const ms_product *p, size_t i, size_t o, size_t m, size_t n, size_t at,
                     size_t k)
{
  const real *a = p->a + (p->ta ? at * p->lda + i : i * p->lda + at);
  const real *b = p->b + (p->tb ? o * p->ldb + at : at * p->ldb + o);
  gemm(CblasRowMajor, p->ta ? CblasTrans : CblasNoTrans, p->tb ? CblasTrans : CblasNoTrans,
       (blasint)m, (blasint)n, (blasint)k, p->scale, a, (blasint)p->lda, b, (blasint)p->ldb,
       at || p->add || p->bias ? 1 : 0, p->c + i * p->ldc + o, (blasint)p->ldc);
}

static void multiply(const ms_product *p, size_t i, size_t o, size_t m, size_t n)
{
  real *c = p->c + i * p->ldc + o;
  size_t at = 0;
  for (size_t r = 0; p->bias && r < m; r++) memcpy(c + r * p->ldc, p->bias + o, n * sizeof *c);
  for (; p->k - at >= 2 * DEPTH; at += DEPTH) {
    add_some(p, i, o, m, n, at, DEPTH);
    if (ms_stop_taken()) return;
  }
  add_some(p, i, o, m, n, at, p->k - at);
}

static int here(const ms_product *p)
{
  if (p->m && p->n) multiply(p, 0, 0, p->m, p->n);
  return 0;
}

static void tile(void *arg, size_t chunk)
{
  const ms_product *p = arg;
  const size_t columns = (p->n + TILE_N - 1) / TILE_N;
  const size_t i = chunk / columns * TILE_M, o = chunk % columns * TILE_N;
  multiply(p, i, o, p->m - i < TILE_M ? p->m - i : TILE_M, p->n - o < TILE_N ? p->n - o : TILE_N);
}

static int all(const ms_product *p)
{
  if (!p->m || !p->n) return 0;
  if (ms_profile_on) ms_profile_work(2.0 * (double)p->m * (double)p->n * (double)p->k);
  ms_product job = *p;
  ms_parallel((p->m + TILE_M - 1) / TILE_M * ((p->n + TILE_N - 1) / TILE_N), tile, &job);
  return 0;
}

const ms_gemm_kernels ms_k_gemm_openblas = { .all = all, .here = here };
