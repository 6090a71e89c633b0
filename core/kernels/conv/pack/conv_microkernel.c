/* Register tiles of the convolutions. Each body is inlined once for every tile size, so that
   the sums stay in registers. */
#include "conv_microkernel.h"

#include <string.h>

#include "../../simd/stream_store.h"

/* Tile heights for 1, 2 and 3 vectors: the sums, a row of b and one number of a must fit. */
#ifdef __AVX512F__
enum { TALL1 = 28, TALL2 = 14, TALL3 = 9, TALL_SLIDE = 28 };
#else
enum { TALL1 = 12, TALL2 = 6, TALL3 = 4, TALL_SLIDE = 12 };
#endif

/* One operand in all lanes; shared: it serves several sums. */
MS_INLINE operands broadcast(const operand *at, int shared)
{
#if defined(__x86_64__) && defined(__AVX512F__)
  if (shared) return ms_broadcast(at);
#else
  (void)shared;
#endif
  return *at - (operands){ 0 };
}

/* The first numbers of a vector, where a row of y ends inside it. */
static __attribute__((noinline)) void store_part(real *to, const vec *x, size_t columns)
{
  memcpy(to, x, columns * sizeof *to);
}

static __attribute__((noinline)) void load_part(const real *from, vec *x, size_t columns)
{
  *x = (vec){ 0 };
  memcpy(x, from, columns * sizeof *from);
}

/* What a tile's sums of vector v of pixel i begin from. */
MS_INLINE vec begin(const ms_conv_product *t, int i, int v)
{
  if (!t->add) return ((const vec *)t->bias)[v];
  const real *y = t->y + (size_t)i * t->y_step + v * MS_LANES;
  const size_t left = t->columns - (size_t)v * MS_LANES;
  if (left >= (size_t)MS_LANES) return *(const vec_u *)y;
  vec x;
  load_part(y, &x, left);
  return x;
}

/* Lines of y that the next tile will write. Stores that wait for memory hold up later loads whose
   addresses only look alike: twice slower where the stack happens to lie so. Rows of y one right
   after the other are scratch, in the caches already. */
MS_INLINE void announce(const ms_conv_product *t, const int tall, const int wide)
{
  if (t->nontemporal || t->y_step == t->columns) return;
  MS_UNROLL for (int i = tall; i < 2 * tall; i++)
    MS_UNROLL for (int v = 0; v < wide; v++)
      __builtin_prefetch(t->y + (size_t)i * t->y_step + v * MS_LANES, 1, 3);
}

/* Pixels are reached from one pointer to every three: base, base + step, base + 2 step. */
MS_INLINE void product(const ms_conv_product *t, const int tall, const int wide)
{
  vec sum[TALL1][3];
  const size_t step = t->step;
  announce(t, tall, wide);
  MS_UNROLL for (int i = 0; i < tall; i++)
    MS_UNROLL for (int v = 0; v < wide; v++) sum[i][v] = begin(t, i, v);
  const operands *b = (const operands *)t->b;
  for (size_t q = 0; q < t->parts; q++) {
    const operand *a[(TALL1 + 2) / 3];
    MS_UNROLL for (int g = 0; g < (tall + 2) / 3; g++)
      a[g] = t->a + q * t->part_step + (size_t)g * 3 * step;
    for (size_t k = t->run; k > 0; k--, b += wide) {
      operands row[3];
      MS_UNROLL for (int v = 0; v < wide; v++) row[v] = b[v];
      MS_UNROLL for (int i = 0; i < tall; i++) {
        const operands x = broadcast(a[i / 3] + (size_t)(i % 3) * step, wide > 1);
        MS_UNROLL for (int v = 0; v < wide; v++) sum[i][v] = ms_add_products(sum[i][v], x, row[v]);
      }
      MS_UNROLL for (int g = 0; g < (tall + 2) / 3; g++) {
        a[g]++;
        MS_STEPPED(a[g]); /* keeps step in the addresses */
      }
    }
  }
  if (t->nontemporal) {
    MS_UNROLL for (int i = 0; i < tall; i++)
      MS_UNROLL for (int v = 0; v < wide; v++)
        ms_stream_store(t->y + (size_t)i * t->y_step + v * MS_LANES, sum[i][v]);
    return;
  }
  const int whole = t->columns == (size_t)wide * MS_LANES;
  MS_UNROLL for (int i = 0; i < tall; i++) {
    real *y = t->y + (size_t)i * t->y_step;
    MS_UNROLL for (int v = 0; v < wide - 1; v++) *(vec_u *)(y + v * MS_LANES) = sum[i][v];
    y += (wide - 1) * MS_LANES;
    if (whole)
      *(vec_u *)y = sum[i][wide - 1];
    else {
      vec last = sum[i][wide - 1];
      store_part(y, &last, t->columns - (size_t)(wide - 1) * MS_LANES);
    }
  }
}

/* Three columns of a kernel row on one vector: runs of 3*step operands, where each operand of a
   serves three pixels, so that it is loaded once instead of three times. Pixels are reached from
   one pointer to every five. */
MS_INLINE void slide(const ms_conv_product *t, const int tall)
{
  vec sum[TALL_SLIDE];
  const size_t step = t->step;
  announce(t, tall, 1);
  size_t three = 3 * step;
  __asm__("" : "+r"(three)); /* a register of its own, not another pointer */
  MS_UNROLL for (int i = 0; i < tall; i++) sum[i] = begin(t, i, 0);
  const operands *b = (const operands *)t->b;
  for (size_t q = 0; q < t->parts; q++, b += 2 * step) {
    const operand *a[(TALL_SLIDE + 6) / 5];
    MS_UNROLL for (int g = 0; g < (tall + 6) / 5; g++)
      a[g] = t->a + q * t->part_step + (size_t)g * 5 * step;
    for (size_t k = step; k > 0; k--, b++) {
      const operands left = b[0], middle = b[step], right = b[2 * step];
      MS_UNROLL for (int i = 0; i < tall + 2; i++) {
        const size_t at = i % 5 == 3 ? three : (size_t)(i % 5) * step;
        const operands x = broadcast(a[i / 5] + at, 1);
        vec *const here = sum + (i < tall ? i : 0),
            *const before = sum + (i > 0 && i <= tall ? i - 1 : 0);
        vec *const two = sum + (i > 1 ? i - 2 : 0);
        if (i < tall) *here = ms_add_products(*here, x, left);
        if (i > 0 && i <= tall) *before = ms_add_products(*before, x, middle);
        if (i > 1) *two = ms_add_products(*two, x, right);
      }
      MS_UNROLL for (int g = 0; g < (tall + 6) / 5; g++) {
        a[g]++;
        MS_STEPPED(a[g]);
      }
    }
  }
  MS_UNROLL for (int i = 0; i < tall; i++) {
    real *y = t->y + (size_t)i * t->y_step;
    if (t->nontemporal) ms_stream_store(y, sum[i]);
    else *(vec_u *)y = sum[i];
  }
}

MS_INLINE void outer(const ms_conv_outer *t, const int tall, const int wide)
{
  vec sum[TALL1][3];
  MS_UNROLL for (int i = 0; i < tall; i++)
    MS_UNROLL for (int v = 0; v < wide; v++)
      sum[i][v] = t->fresh ? (vec){ 0 }
                           : *(const vec *)(t->c + (size_t)i * t->c_step + v * MS_LANES);
  const size_t a_step = t->a_step, b_step = t->b_step;
  for (size_t n = 0; n < t->images; n++)
    for (size_t r = 0; r < t->rows; r++) {
      const operand *a = t->a + n * t->a_image + r * t->a_row;
      const operand *b = t->b + n * t->b_image + r * t->b_row;
      for (size_t p = t->pixels; p > 0; p--, a += a_step, b += b_step) {
        operands row[3];
        MS_UNROLL for (int v = 0; v < wide; v++) row[v] = *(const operands_u *)(b + v * MS_LANES);
        MS_UNROLL for (int i = 0; i < tall; i++) {
          const operands x = broadcast(a + i, wide > 1);
          MS_UNROLL for (int v = 0; v < wide; v++)
            sum[i][v] = ms_add_products(sum[i][v], x, row[v]);
        }
      }
    }
  MS_UNROLL for (int i = 0; i < tall; i++)
    MS_UNROLL for (int v = 0; v < wide; v++)
      *(vec *)(t->c + (size_t)i * t->c_step + v * MS_LANES) = sum[i][v];
}

/* Every tile size as a function, and the tables of them. */
#define UP_TO_4(X, w) X(1, w) X(2, w) X(3, w) X(4, w)
#define UP_TO_6(X, w) UP_TO_4(X, w) X(5, w) X(6, w)
#define UP_TO_9(X, w) UP_TO_6(X, w) X(7, w) X(8, w) X(9, w)
#define UP_TO_12(X, w) UP_TO_9(X, w) X(10, w) X(11, w) X(12, w)
#define UP_TO_14(X, w) UP_TO_12(X, w) X(13, w) X(14, w)
#define UP_TO_28(X, w)                                                                   \
  UP_TO_14(X, w) X(15, w) X(16, w) X(17, w) X(18, w) X(19, w) X(20, w) X(21, w)          \
  X(22, w) X(23, w) X(24, w) X(25, w) X(26, w) X(27, w) X(28, w)
#ifdef __AVX512F__
#define TILES1(X) UP_TO_28(X, 1)
#define TILES2(X) UP_TO_14(X, 2)
#define TILES3(X) UP_TO_9(X, 3)
#else
#define TILES1(X) UP_TO_12(X, 1)
#define TILES2(X) UP_TO_6(X, 2)
#define TILES3(X) UP_TO_4(X, 3)
#endif

#define DEFINE(tall, wide)                                                               \
  static void product_##tall##_##wide(const ms_conv_product *t) { product(t, tall, wide); } \
  static void outer_##tall##_##wide(const ms_conv_outer *t) { outer(t, tall, wide); }
#define DEFINE_SLIDE(tall, wide)                                                         \
  static void slide_##tall(const ms_conv_product *t) { slide(t, tall); }
TILES1(DEFINE_SLIDE)
TILES1(DEFINE)
TILES2(DEFINE)
TILES3(DEFINE)

#define PRODUCT(tall, wide) product_##tall##_##wide,
#define OUTER(tall, wide) outer_##tall##_##wide,
static void (*const products[3][TALL1])(const ms_conv_product *) = { { TILES1(PRODUCT) },
                                                                     { TILES2(PRODUCT) },
                                                                     { TILES3(PRODUCT) } };
static void (*const outers[3][TALL1])(const ms_conv_outer *) = { { TILES1(OUTER) },
                                                                 { TILES2(OUTER) },
                                                                 { TILES3(OUTER) } };
#define SLIDE(tall, wide) slide_##tall,
static void (*const slides[TALL_SLIDE])(const ms_conv_product *) = { TILES1(SLIDE) };
static const size_t tallest[3] = { TALL1, TALL2, TALL3 };

/* Tiles of nearly equal height: the i-th of `tiles` begins here. */
static size_t cut(size_t count, size_t tiles, size_t i)
{
  return count * i / tiles;
}

void MS_K(conv_product)(const ms_conv_product *t, size_t pixels, size_t vectors)
{
  const int sliding = vectors == 1 && t->run == 3 * t->step && t->columns == MS_LANES;
  void (*const *tile)(const ms_conv_product *) = sliding ? slides : products[vectors - 1];
  const size_t tall = tallest[vectors - 1], tiles = (pixels + tall - 1) / tall;
  for (size_t i = 0; i < tiles; i++) {
    const size_t p = cut(pixels, tiles, i), height = cut(pixels, tiles, i + 1) - p;
    ms_conv_product one = *t;
    one.a += p * t->step;
    one.y += p * t->y_step;
    tile[height - 1](&one);
  }
}

void MS_K(conv_outer)(const ms_conv_outer *t, size_t count, size_t vectors)
{
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    const size_t tall = tallest[wide - 1], tiles = (count + tall - 1) / tall;
    for (size_t i = 0; i < tiles; i++) {
      const size_t k = cut(count, tiles, i), height = cut(count, tiles, i + 1) - k;
      ms_conv_outer one = *t;
      one.a += k;
      one.b += v * MS_LANES;
      one.c += k * t->c_step + v * MS_LANES;
      outers[wide - 1][height - 1](&one);
    }
  }
}
