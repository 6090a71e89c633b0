/* What this processor can do. */
#define _GNU_SOURCE
#include "cpu.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "real.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

static const char *const names[] = { "portable", "avx2", "avx512" };

static int best_here(void)
{
#if defined(__x86_64__)
  __builtin_cpu_init();
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return avx512 ? MS_CPU_AVX512 : avx2 ? MS_CPU_AVX2 : MS_CPU_PORTABLE;
#else
  return MS_CPU_PORTABLE;
#endif
}

/* The level that the environment names; MS_CPU_LEVELS where it names none, -1 where there is no
   such one. */
static int asked_level(void)
{
  const char *asked = getenv("MOONSTEM_CPU");
  if (!asked || !*asked) return MS_CPU_LEVELS;
  for (int i = 0; i < MS_CPU_LEVELS; i++)
    if (strcmp(asked, names[i]) == 0) return i;
  return -1;
}

int ms_cpu_check(void)
{
  if (asked_level() >= 0) return 0;
  return ms_fail("there is no MOONSTEM_CPU=%.40s: portable, avx2 and avx512 are known",
                 getenv("MOONSTEM_CPU"));
}

int ms_cpu_level(void)
{
  static int settled = -1;
  if (settled >= 0) return settled;
  const int best = best_here(), asked = asked_level();
  return settled = asked >= 0 && asked < best ? asked : best;
}

int ms_cpu_bf16(void)
{
#if defined(__x86_64__)
  return ms_cpu_level() == MS_CPU_AVX512 && __builtin_cpu_supports("avx512bf16");
#else
  return 0;
#endif
}

#if defined(__x86_64__)
/* CPUID's leaf 7: AMX-BF16 and AMX-TILE; and Linux gives a process the tiles' 8 KiB on request. */
static int grant_amx(void)
{
  enum { REQUEST = 0x1023, TILES = 18 }; /* ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA */
  const unsigned wanted = 1u << 22 | 1u << 24;
  unsigned a, b, c, d = 0;
  if (!ms_cpu_bf16() || asked_level() == MS_CPU_AVX512) return 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & wanted) != wanted) return 0;
  return syscall(SYS_arch_prctl, REQUEST, TILES) == 0;
}
#endif

int ms_cpu_amx(void)
{
#if defined(__x86_64__)
  static int settled = -1;
  return settled >= 0 ? settled : (settled = grant_amx());
#else
  return 0;
#endif
}

const char *ms_cpu_name(int level)
{
  return names[level];
}

int ms_precision_check(ms_precision precision)
{
#if defined(__x86_64__) && defined(MS_FLOAT)
  const int able = ms_cpu_bf16();
#else
  const int able = 0;
#endif
  if (precision == MS_PRECISION_FULL || able) return 0;
  return ms_fail("precision: bf16 needs a processor with bf16 dot products (avx512_bf16) "
                 "and the float build; this is %s, %s",
                 ms_cpu_name(ms_cpu_level()), MS_REAL_NAME);
}

int ms_cpu_count(void)
{
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return n > 0 ? n : 1;
}

void ms_cpu_pause(void)
{
#if defined(__x86_64__)
  _mm_pause();
#endif
}

void ms_cpu_flush_denormals(void)
{
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040); /* flush to zero, denormals are zero */
#endif
}
