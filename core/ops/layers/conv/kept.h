/* Weights as convolutions have packed them, kept beside parameters: a network at work packs each of
   its weights once. */
#ifndef MS_KEPT_H
#define MS_KEPT_H

#include "../../../kernels/conv/convolution.h"
#include "../../../tensor/tensor.h"

/* Where the packed weight is kept until the weight changes or goes; NULL where it is not to be: in
   training, where it changes at every step, and of a result, which is met once. */
ms_kept_weight *ms_conv_kept(ms_tensor *weight);

#endif
