/* Fingerprints of recordings: the only door to Chromaprint. */
#ifndef MS_FINGERPRINT_H
#define MS_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "../../base/real.h"

/* Of a mono wave (samples), finite; full scale is -1..1. `count` numbers of 32 bits, one for about
   every 0.124 s, which the caller frees; none of a wave below some 2.6 s. 0, or -1 and a
   message. */
int ms_fingerprint(const real *wave, size_t samples, int rate, uint32_t **numbers, size_t *count);

#endif
