/* One source, several instruction sets. Every kernel file is compiled once for each, with
   MS_ISA naming it; MS_K gives its table a name of its own and dispatch.c picks one. */
#ifndef MS_ISA_H
#define MS_ISA_H

#include <stddef.h>

#include "../../base/real.h"

#ifndef MS_ISA
#define MS_ISA portable
#endif

#define MS_JOIN2(a, b) ms_k_##a##_##b
#define MS_JOIN(a, b) MS_JOIN2(a, b)
#define MS_K(name) MS_JOIN(name, MS_ISA)

#if defined(__AVX512F__)
enum { MS_VEC_BYTES = 64 };
#elif defined(__AVX2__)
enum { MS_VEC_BYTES = 32 };
#else
enum { MS_VEC_BYTES = 16 };
#endif
enum { MS_LANES = MS_VEC_BYTES / (int)sizeof(real) };

/* What this set multiplies in. */
#ifdef __AVX512BF16__
#define MS_SET_PRECISION MS_PRECISION_BF16
#else
#define MS_SET_PRECISION MS_PRECISION_FULL
#endif

/* A register of numbers, for aligned and for any addresses. */
typedef real vec __attribute__((vector_size(MS_VEC_BYTES), may_alias));
typedef real vec_u __attribute__((vector_size(MS_VEC_BYTES), may_alias, aligned(sizeof(real))));

/* Bodies that are written once and compiled for constants: sizes of a tile, whole registers or the
   end of a row. */
#define MS_INLINE static inline __attribute__((always_inline))
#define MS_UNROLL _Pragma("GCC unroll 32")

/* After a step of a pointer or number in an unrolled loop: the compiler must not replace the steps
   by one address for each, which it would keep in memory. */
#define MS_STEPPED(x) __asm__("" : "+r"(x))

/* Before a loop whose pointers are the same or apart, never a step of the loop from one another. */
#ifdef __clang__
#define MS_STEPS_APART
#else
#define MS_STEPS_APART _Pragma("GCC ivdep")
#endif

#endif
