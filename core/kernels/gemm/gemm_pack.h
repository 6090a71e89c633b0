/* How the factors of gemm_packed.c are packed: in panels of some lanes (rows of op(a), columns of
   op(b)), one operand of every lane after the other along the sum. */
#ifndef MS_GEMM_PACK_H
#define MS_GEMM_PACK_H

#include <string.h>

#include "../simd/operand.h"
#include "../simd/transpose.h"

/* A factor's number q of lane l is x[q * ld + l] where `along`, else x[l * ld + q]. */
typedef struct ms_factor {
  int along;
  const real *x;
  size_t ld, lanes, full; /* full: lanes with what fills the last panel, with zeros */
  operand *to;
} ms_factor;

#ifdef __AVX512BF16__
enum { MS_PACK_AHEAD = 24 };

/* Up to 16 lanes that lie side by side, `depth` of their `numbers`, from number q on. */
MS_INLINE void ms_pack_pairs(const ms_factor *f, const real *x, size_t q, size_t numbers,
                             size_t depth, __mmask16 have, __mmask16 want, size_t width,
                             operand *to)
{
  for (size_t i = 0; i < depth; i++, q += 2, to += width) {
    __builtin_prefetch(x + (q + MS_PACK_AHEAD) * f->ld);
    __builtin_prefetch(x + (q + MS_PACK_AHEAD + 1) * f->ld);
    const vec early = (vec)_mm512_maskz_loadu_ps(have, x + q * f->ld);
    const vec late = q + 1 < numbers ? (vec)_mm512_maskz_loadu_ps(have, x + (q + 1) * f->ld) :
        (vec){ 0 };
    _mm512_mask_storeu_epi32(to, want, (__m512i)ms_pairs(early, late));
  }
}

/* The first n of 16 lanes. */
MS_INLINE __mmask16 ms_first_lanes(size_t n)
{
  return n < MS_LANES ? (__mmask16)((1u << n) - 1) : 0xffff;
}

MS_INLINE void ms_pack_along(const ms_factor *f, const real *x, size_t q, size_t numbers,
                             size_t depth, size_t lanes, const size_t width, operand *to)
{
  for (size_t l = 0; l < width; l += MS_LANES)
    ms_pack_pairs(f, x + l, q, numbers, depth, ms_first_lanes(lanes < l ? 0 : lanes - l),
                  ms_first_lanes(width - l), width, to + l);
}

/* Four lanes' eight numbers become four rows of four operands. */
MS_INLINE void ms_turn_four(const real *x, size_t ld, operand *to, size_t width)
{
  __m128i row[4];
  MS_UNROLL for (size_t l = 0; l < 4; l++)
    row[l] = (__m128i)_mm256_cvtneps_pbh(_mm256_loadu_ps(x + l * ld));
  const __m128i a = _mm_unpacklo_epi32(row[0], row[1]), b = _mm_unpacklo_epi32(row[2], row[3]);
  const __m128i c = _mm_unpackhi_epi32(row[0], row[1]), d = _mm_unpackhi_epi32(row[2], row[3]);
  _mm_storeu_si128((__m128i *)to, _mm_unpacklo_epi64(a, b));
  _mm_storeu_si128((__m128i *)(to + width), _mm_unpackhi_epi64(a, b));
  _mm_storeu_si128((__m128i *)(to + 2 * width), _mm_unpacklo_epi64(c, d));
  _mm_storeu_si128((__m128i *)(to + 3 * width), _mm_unpackhi_epi64(c, d));
}

MS_INLINE operand ms_pack_one(const real *x, int more)
{
  return ms_operand_of(x[0], more ? x[1] : 0);
}
#else
MS_INLINE void ms_pack_along(const ms_factor *f, const real *x, size_t q, size_t numbers,
                             size_t depth, size_t lanes, const size_t width, operand *to)
{
  (void)numbers;
  x += q * f->ld;
  for (size_t i = 0; lanes == width && i < depth; i++, x += f->ld, to += width)
    memcpy(to, x, width * sizeof *to);
  for (size_t i = 0; lanes < width && i < depth; i++, x += f->ld, to += width)
    for (size_t l = 0; l < width; l++) to[l] = l < lanes ? x[l] : 0;
}

/* Four lanes' four numbers become four rows. */
MS_INLINE void ms_turn_four(const real *x, size_t ld, operand *to, size_t width)
{
  ms_transpose_four(x, ld, to, width);
}

MS_INLINE operand ms_pack_one(const real *x, int more)
{
  (void)more;
  return x[0];
}
#endif

/* A lane's numbers lie side by side: four lanes at a time (the last four may meet those before)
   while there are enough numbers. */
MS_INLINE void ms_pack_across(const ms_factor *f, const real *x, size_t q, size_t numbers,
                              size_t depth, size_t lanes, const size_t width, operand *to)
{
  enum { LINE = 64 / sizeof(operand) }; /* operands that a lane gives before the next one's turn */
  const size_t pair = MS_PER_OPERAND;
  const size_t whole = (numbers - q) / (4 * pair) * 4, most = whole < depth ? whole : depth / 4 * 4;
  const size_t quick = lanes < 4 ? 0 : most;
  for (size_t i = 0; i < quick; i += LINE)
    for (size_t l = 0; l < lanes; l += 4) {
      const size_t at = l + 4 <= lanes ? l : lanes - 4;
      for (size_t k = i; k < quick && k < i + LINE; k += 4)
        ms_turn_four(x + at * f->ld + q + pair * k, f->ld, to + k * width + at, width);
    }
  for (size_t i = 0; i < depth; i++)
    for (size_t l = i < quick ? lanes : 0; l < width; l++)
      to[i * width + l] = l >= lanes ? 0 :
          ms_pack_one(x + l * f->ld + q + pair * i, q + pair * i + 1 < numbers);
}

/* `depth` operands from number q on of the panel that begins with lane `first`, to `to`. */
MS_INLINE void ms_pack_panel(const ms_factor *f, size_t first, size_t q, size_t numbers,
                             size_t depth, const size_t width, operand *to)
{
  const size_t lanes = f->lanes - first < width ? f->lanes - first : width;
  if (f->along) ms_pack_along(f, f->x + first, q, numbers, depth, lanes, width, to);
  else ms_pack_across(f, f->x + first * f->ld, q, numbers, depth, lanes, width, to);
}

#endif
