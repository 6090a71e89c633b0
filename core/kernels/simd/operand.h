/* The operand of one multiply-add in a register tile. It is one number; in the bf16 set it is a
   pair of neighbours along the sum, rounded to bf16 (to nearest, ties to even), so that one
   instruction adds two products to a float. */
#ifndef MS_OPERAND_H
#define MS_OPERAND_H

#include "isa.h"

#ifdef __AVX512BF16__
#include <immintrin.h>
#include <stdint.h>

enum { MS_PER_OPERAND = 2 };
typedef uint32_t operand; /* the earlier number is the low half */
typedef uint32_t operands __attribute__((vector_size(MS_VEC_BYTES), may_alias));
typedef uint32_t operands_u __attribute__((vector_size(MS_VEC_BYTES), may_alias,
                                           aligned(sizeof(operand))));

/* sum + a b, operand by operand */
static inline vec ms_add_products(vec sum, operands a, operands b)
{
  return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

/* Lane by lane, the pair of two registers' numbers. */
static inline operands ms_pairs(vec early, vec late)
{
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24,
                                         8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return (operands)_mm512_permutexvar_epi16(order,
                                            (__m512i)_mm512_cvtne2ps_pbh((__m512)late,
                                                (__m512)early));
}

/* Neighbours in two registers that follow each other: two pairs make an operand of each. */
static inline operands ms_neighbours(vec first, vec second)
{
  return (operands)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
}

/* One register's neighbours, as the 8 operands at `to`. */
static inline void ms_store_neighbours(operand *to, vec x)
{
  _mm256_storeu_si256((__m256i *)to, (__m256i)_mm512_cvtneps_pbh((__m512)x));
}

static inline operand ms_operand_of(real early, real late)
{
  return (operand)_mm_cvtsi128_si32((__m128i)_mm_cvtneps_pbh(_mm_set_ps(0, 0, late, early)));
}
#else
enum { MS_PER_OPERAND = 1 };
typedef real operand;
typedef vec operands;
typedef vec_u operands_u;

static inline vec ms_add_products(vec sum, operands a, operands b)
{
  return sum + a * b;
}
#endif

/* One operand in all lanes, hidden from the compiler, lest it be loaded once for each sum that it
   serves. */
static inline operands ms_broadcast(const operand *at)
{
  operands x = *at - (operands){ 0 };
#if defined(__x86_64__)
  __asm__("" : "+v"(x));
#endif
  return x;
}

#endif
