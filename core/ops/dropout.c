/* Dropout: a mask that is a function of (seed, stream, position), so any step can be replayed. */
#include "../base/error.h"
#include "../base/rng.h"
#include "../kernels/elementwise.h"
#include "ops.h"

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  gx[0] = ms_tensor_like(gy);
  if (!gx[0]) return -1;
  ms_k_elementwise()->mul(gy->data, ms_node_saved(n, 0)->data, gx[0]->data, gy->count);
  return 0;
}

static const ms_op dropout_op = { .name = "dropout", .backward = backward };

static void fill_mask(ms_tensor *mask, double rate, uint64_t seed, uint64_t stream)
{
  real keep = (real)(1 / (1 - rate));
  for (size_t i = 0; i < mask->count; i += 4) {
    uint32_t word[4];
    ms_rng_block(seed, stream, i / 4, word);
    for (size_t k = 0; k < 4 && i + k < mask->count; k++)
      mask->data[i + k] = ms_rng_unit(word[k]) < rate ? 0 : keep;
  }
}

ms_tensor *ms_dropout(ms_tensor *x, double rate, uint64_t seed, uint64_t stream)
{
  if (!(rate >= 0 && rate < 1)) return ms_fail("dropout: the rate must be 0..1 (below 1), got %g", rate), NULL;
  ms_tensor *mask = ms_tensor_like(x), *y = mask ? ms_tensor_like(x) : NULL;
  if (y) {
    fill_mask(mask, rate, seed, stream);
    ms_k_elementwise()->mul(x->data, mask->data, y->data, x->count);
    y = ms_record(y, &dropout_op, 1, &x, 1, &mask, NULL);
  }
  ms_tensor_free(mask);
  return y;
}
