/* Picks each family's kernels for this processor. */
#include "../base/cpu.h"
#include "attention.h"
#include "convolution.h"
#include "elementwise.h"
#include "layer_norms.h"
#include "norm_pooling.h"
#include "norms.h"
#include "pooling.h"
#include "products.h"
#include "reductions.h"
#include "softmax.h"
#include "up_convolution.h"
#include "updates.h"

/* Outside x86-64 there is one set, compiled for the machine's own vectors. */
#if defined(__x86_64__)
#define MS_PICK(family)                                                                  \
  extern const ms_##family##_kernels ms_k_##family##_portable, ms_k_##family##_avx2,     \
      ms_k_##family##_avx512;                                                            \
  const ms_##family##_kernels *ms_k_##family(void)                                       \
  {                                                                                      \
    static const ms_##family##_kernels *const set[] = { &ms_k_##family##_portable,       \
                                                        &ms_k_##family##_avx2,           \
                                                        &ms_k_##family##_avx512 };       \
    return set[ms_cpu_level()];                                                          \
  }
#else
#define MS_PICK(family)                                                                  \
  extern const ms_##family##_kernels ms_k_##family##_portable;                           \
  const ms_##family##_kernels *ms_k_##family(void) { return &ms_k_##family##_portable; }
#endif

MS_PICK(attention)
MS_PICK(convolution)
MS_PICK(elementwise)
MS_PICK(layer_norms)
MS_PICK(norm_pooling)
MS_PICK(norms)
MS_PICK(pooling)
MS_PICK(products)
MS_PICK(reductions)
MS_PICK(softmax)
MS_PICK(up_convolution)
MS_PICK(updates)
