/* Philox for several counters at once: each of a block's four words has a register, a counter to
   every 64 bits of it, so that products come in whole. What lies above a word's 32 bits is left
   there until the end. */
#include "philox.h"

#include <math.h>
#include <string.h>

#include "../base/rng.h"
#include "simd/isa.h"
#include "simd/shuffle.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { LANES = MS_VEC_BYTES / 8 };
typedef uint64_t wide __attribute__((vector_size(MS_VEC_BYTES), may_alias));
typedef uint64_t wide_u __attribute__((vector_size(MS_VEC_BYTES), may_alias, aligned(4)));

static const uint64_t LOW = 0xFFFFFFFFu;

/* Of the lower 32 bits of each lane. */
MS_INLINE wide products(wide a, uint32_t factor)
{
#if defined(__AVX512F__)
  return (wide)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(factor));
#elif defined(__AVX2__)
  return (wide)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(factor));
#elif defined(__x86_64__)
  return (wide)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(factor));
#else
  return (a & LOW) * factor;
#endif
}

/* Lanes of both in turn: the lower halves', the upper halves'. */
#if defined(__AVX512F__)
static const wide FIRST = { 0, 8, 1, 9, 2, 10, 3, 11 }, SECOND = { 4, 12, 5, 13, 6, 14, 7, 15 };
static const wide COUNT = { 0, 1, 2, 3, 4, 5, 6, 7 };
#elif defined(__AVX2__)
static const wide FIRST = { 0, 4, 1, 5 }, SECOND = { 2, 6, 3, 7 }, COUNT = { 0, 1, 2, 3 };
#else
static const wide FIRST = { 0, 2 }, SECOND = { 1, 3 }, COUNT = { 0, 1 };
#endif

/* LANES blocks. */
MS_INLINE void blocks_at_once(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t *to)
{
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  wide a = counter + COUNT, b = a >> 32, c = (wide){ 0 } + stream, d = c >> 32;
#pragma GCC unroll 10
  for (int round = 0; round < 10; round++) {
    const wide p = products(a, 0xD2511F53u), q = products(c, 0xCD9E8D57u);
    a = (q >> 32) ^ b ^ k0, b = q;
    c = (p >> 32) ^ d ^ k1, d = p;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  const wide ab = (a & LOW) | b << 32, cd = (c & LOW) | d << 32;
  *(wide_u *)to = MS_SHUFFLE_TWO(ab, cd, FIRST);
  *(wide_u *)(to + 2 * LANES) = MS_SHUFFLE_TWO(ab, cd, SECOND);
}

static void words(uint64_t seed, uint64_t stream, uint64_t counter, size_t blocks, uint32_t *to)
{
  for (; blocks >= LANES; blocks -= LANES, counter += LANES, to += 4 * LANES)
    blocks_at_once(seed, stream, counter, to);
  for (; blocks > 0; blocks--, counter++, to += 4) ms_rng_block(seed, stream, counter, to);
}

/* ---- normal numbers: logarithm, sine and cosine in double, without branches ---------------- */
MS_INLINE double double_of(uint64_t bits)
{
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/* ln x of a normal number: x = 2^n m with m from sqrt(1/2) to sqrt(2), ln m = 2 atanh(s) with
   s = (m - 1) / (m + 1), by a polynomial that is exact to the last bit or two. */
MS_INLINE double logarithm(double x)
{
  const uint64_t ONE = (uint64_t)1023 << 52, HALF_ROOT = 0x3FE6A09E667F3BCDu;
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint64_t power = (bits - HALF_ROOT + ONE) >> 52; /* n + 1023 */
  const double n = double_of(power | 0x4330000000000000u) - (0x1p52 + 1023);
  const double f = double_of(bits - (power << 52) + ONE) - 1, s = f / (2 + f), z = s * s;
  double p = 1.479819860511658591e-01;
  p = p * z + 1.531383769920937332e-01;
  p = p * z + 1.818357216161805012e-01;
  p = p * z + 2.222219843214978396e-01;
  p = p * z + 2.857142874366239149e-01;
  p = p * z + 3.999999999940941908e-01;
  p = p * z + 6.666666666666735130e-01;
  const double half = 0.5 * f * f; /* ln 2 in two parts */
  return n * 6.93147180369123816490e-01 -
         (half - (s * (half + z * p) + n * 1.90821492927058770002e-10) - f);
}

/* Sine and cosine of r pi / 2, |r| <= 1/2, likewise. */
MS_INLINE double sine(double r)
{
  const double x = r * 1.57079632679489661923, z = x * x;
  double p = 1.58969099521155010221e-10;
  p = p * z - 2.50507602534068634195e-08;
  p = p * z + 2.75573137070700676789e-06;
  p = p * z - 1.98412698298579493134e-04;
  p = p * z + 8.33333333332248946124e-03;
  p = p * z - 1.66666666666666324348e-01;
  return x + x * z * p;
}

MS_INLINE double cosine(double r)
{
  const double x = r * 1.57079632679489661923, z = x * x;
  double p = -1.13596475577881948265e-11;
  p = p * z + 2.08757232129817482790e-09;
  p = p * z - 2.75573143513906633035e-07;
  p = p * z + 2.48015872894767294178e-05;
  p = p * z - 1.38888888888741095749e-03;
  p = p * z + 4.16666666666666019037e-02;
  return 1 - (0.5 * z - z * z * p);
}

static void normal(const uint32_t *word, double mean, double deviation, real *to, size_t n)
{
  for (size_t i = 0; i < n; i += 2) {
    const int32_t turn = (int32_t)(word[i + 1] >> 8), quarter = (turn + (1 << 21)) >> 22;
    const double r = (turn - (quarter << 22)) * 0x1p-22, s = sine(r), c = cosine(r);
    const double radius = deviation * sqrt(-2 * logarithm(ms_rng_unit(word[i]) + 0x1p-25));
    const int odd = quarter & 1;
    const double across = odd ? s : c, along = odd ? c : s; /* the signs follow */
    to[i] = (real)(mean + radius * ((quarter + 1) & 2 ? -across : across));
    to[i + 1] = (real)(mean + radius * (quarter & 2 ? -along : along));
  }
}

const ms_philox_kernels MS_K(philox) = { .words = words, .normal = normal };
