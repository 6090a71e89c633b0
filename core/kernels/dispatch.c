/* Picks each family's kernels for this processor. */
#include "../base/cpu.h"
#include "attention.h"
#include "choose/counting.h"
#include "choose/gathering.h"
#include "choose/searching.h"
#include "choose/sorting.h"
#include "conv/convolution.h"
#include "conv/general/general_convolution.h"
#include "products/distances.h"
#include "philox.h"
#include "elementwise.h"
#include "gemm/gemm_openblas.h"
#include "lapack/reflectors.h"
#include "lapack/rotations.h"
#include "lapack/symmetric.h"
#include "losses/class_losses.h"
#include "losses/ctc_sums.h"
#include "losses/pair_losses.h"
#include "norms/layer_norms.h"
#include "norms/rms_norms.h"
#include "prelus.h"
#include "norms/norms.h"
#include "recurrent/recurrent.h"
#include "reductions.h"
#include "signal/fft_lanes.h"
#include "signal/fir.h"
#include "reduce/extremes.h"
#include "reduce/fold_backs.h"
#include "reduce/folds.h"
#include "reduce/log_sums.h"
#include "reduce/moments.h"
#include "reduce/scans.h"
#include "softmax.h"
#include "strided.h"
#include "conv/up_convolution.h"
#include "optim/optimizer_steps.h"
#include "optim/parameters.h"
#include "windows/norm_pooling.h"
#include "windows/pooling.h"
#include "windows/upsampling.h"
#include "windows/window_pooling.h"

/* Outside x86-64 there is one set, compiled for the machine's own vectors. */
#if defined(__x86_64__)
#define MS_FAMILY(family, last, takes, pick)                                            \
  extern const ms_##family##_kernels ms_k_##family##_portable, ms_k_##family##_avx2,    \
      ms_k_##family##_avx512, ms_k_##family##_##last;                                   \
  const ms_##family##_kernels *ms_k_##family(takes)                                     \
  {                                                                                     \
    static const ms_##family##_kernels *const set[] = {                                 \
      &ms_k_##family##_portable, &ms_k_##family##_avx2, &ms_k_##family##_avx512,        \
      &ms_k_##family##_##last                                                           \
    };                                                                                  \
    return set[pick];                                                                   \
  }
#else
#define MS_FAMILY(family, last, takes, pick)                                            \
  extern const ms_##family##_kernels ms_k_##family##_portable;                          \
  const ms_##family##_kernels *ms_k_##family(takes)                                     \
  {                                                                                     \
    return (void)(pick), &ms_k_##family##_portable;                                     \
  }
#endif
#define MS_PICK(family) MS_FAMILY(family, avx512, void, ms_cpu_level())
/* Processors with AMX take pairs of bf16 no faster than floats, of which Winograd's filtering needs
   fewer: convolutions stay in float there. */
#ifdef MS_FLOAT
#define MS_PICK_PRECISION(family)                                                       \
  MS_FAMILY(family, bf16, ms_precision precision,                                       \
            precision == MS_PRECISION_BF16 && !ms_cpu_amx() ? MS_CPU_AVX512 + 1         \
                                                            : ms_cpu_level())
#else
#define MS_PICK_PRECISION(family) \
  MS_FAMILY(family, avx512, ms_precision precision, ((void)precision, ms_cpu_level()))
#endif

MS_PICK(attention)
MS_PICK_PRECISION(convolution)
MS_PICK_PRECISION(general_convolution)
MS_PICK(distances)
MS_PICK(fft_lanes)
MS_PICK(fir)
MS_PICK(philox)
MS_PICK(counting)
MS_PICK(ctc_sums)
MS_PICK(elementwise)
MS_PICK(extremes)
MS_PICK(fold_backs)
MS_PICK(folds)
MS_PICK(gathering)
MS_PICK(layer_norms)
MS_PICK(log_sums)
MS_PICK(moments)
MS_PICK(norm_pooling)
MS_PICK(norms)
MS_PICK(pooling)
MS_PICK(prelus)
MS_PICK(recurrent)
MS_PICK(reductions)
MS_PICK(reflectors)
MS_PICK(scans)
MS_PICK(rms_norms)
MS_PICK(rotations)
MS_PICK(searching)
MS_PICK(softmax)
MS_PICK(sorting)
MS_PICK(strided)
MS_PICK(symmetric)
MS_PICK_PRECISION(up_convolution)
MS_PICK(optimizer_steps)
MS_PICK(parameters)
MS_PICK(pair_losses)
MS_PICK(class_losses)
MS_PICK(upsampling)
MS_PICK(window_pooling)

const ms_gemm_kernels *ms_k_gemm(ms_precision precision)
{
#if defined(__x86_64__)
  extern const ms_gemm_kernels ms_k_gemm_avx2, ms_k_gemm_avx512;
#ifdef MS_FLOAT
  extern const ms_gemm_kernels ms_k_gemm_bf16, ms_k_gemm_amx;
  if (precision == MS_PRECISION_BF16) return ms_cpu_amx() ? &ms_k_gemm_amx : &ms_k_gemm_bf16;
#endif
  if (ms_cpu_level() == MS_CPU_AVX512) return &ms_k_gemm_avx512;
  if (ms_cpu_level() == MS_CPU_AVX2) return &ms_k_gemm_avx2;
#endif
  (void)precision;
  return &ms_k_gemm_openblas;
}
