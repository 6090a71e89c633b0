/* Weights of Winograd's convolution: transformed to planes of cin x cout, each packed as
   conv_product reads it. */
#include "../../../base/thread_pool.h"
#include "winograd.h"
#include "winograd_lines.h"

typedef struct job {
  const ms_conv_task *t;
  size_t side, planes, depth;
  operand *to;
} job;

/* The first `have` of a register's numbers, `apart` from each other; zeros after them. */
MS_INLINE vec gather(const real *w, ptrdiff_t apart, size_t have)
{
  if (have == MS_LANES && apart == 1) return *(const vec_u *)w;
  vec x = { 0 };
  if (have == MS_LANES) {
    MS_UNROLL for (int i = 0; i < MS_LANES; i++) x[i] = w[i * apart];
    return x;
  }
  for (size_t i = 0; i < have; i++) x[i] = w[(ptrdiff_t)i * apart];
  return x;
}

/* Nine taps become the planes' numbers. */
MS_INLINE void transform(const int m, const ms_conv_task *t, const real *w, size_t have, vec to[36])
{
  vec k[3][6];
  MS_UNROLL for (int j = 0; j < 3; j++) {
    vec d[3];
    MS_UNROLL for (int i = 0; i < 3; i++) d[i] = gather(w + (3 * i + j) * t->tap, t->out, have);
    ms_line_weight(m, d, k[j]);
  }
  MS_UNROLL for (int i = 0; i < m + 2; i++) {
    vec line[3];
    MS_UNROLL for (int j = 0; j < 3; j++) line[j] = k[j][i];
    ms_line_weight(m, line, to + i * (m + 2));
  }
}

static void transform_here(const job *j, size_t channel, size_t from, size_t have, vec to[36])
{
  const real *w = j->t->weight + (ptrdiff_t)channel * j->t->in + (ptrdiff_t)from * j->t->out;
  if (j->side == 2) transform(2, j->t, w, have, to);
  else transform(4, j->t, w, have, to);
}

/* One row of operands of `wide` registers from output channel `from` on. */
static void pack_block(const job *j, size_t row, size_t from, size_t wide)
{
  const size_t cout = j->t->s.cout, plane = j->depth * wide * MS_LANES;
  operand *to = j->to + from * j->planes * j->depth + row * wide * MS_LANES;
  vec all[3][36];
  for (size_t v = 0; v < wide; v++) {
    const size_t at = from + v * MS_LANES, have = cout - at < MS_LANES ? cout - at : MS_LANES;
    transform_here(j, row * MS_PER_OPERAND, at, have, all[v]);
#ifdef __AVX512BF16__
    vec late[36];
    transform_here(j, row * MS_PER_OPERAND + 1, at, have, late);
    for (size_t xi = 0; xi < j->planes; xi++) all[v][xi] = (vec)ms_pairs(all[v][xi], late[xi]);
#endif
  }
  for (size_t xi = 0; xi < j->planes; xi++, to += plane)
    for (size_t v = 0; v < wide; v++) *(vec *)(to + v * MS_LANES) = all[v][xi];
}

/* A chunk is one row of operands of every plane. */
static void pack_row(void *arg, size_t row)
{
  const job *j = arg;
  const size_t vectors = ms_conv_vectors(j->t->s.cout);
  for (size_t v = 0, wide; v < vectors; v += wide) {
    wide = ms_conv_block(vectors - v);
    pack_block(j, row, v * MS_LANES, wide);
  }
}

void MS_K(winograd_pack)(const ms_conv_task *t, size_t side, operand *to)
{
  job j = { t, side, (side + 2) * (side + 2), ms_conv_operands(t->s.cin), to };
  ms_parallel(j.depth, pack_row, &j);
}
