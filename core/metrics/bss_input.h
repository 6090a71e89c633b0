/* What BSS Eval compares. */
#ifndef MS_BSS_INPUT_H
#define MS_BSS_INPUT_H

#include <stddef.h>

#include "../base/real.h"

/* Signals are (sources, samples, channels). */
typedef struct ms_bss_input {
  const real *reference, *estimate;
  size_t sources, samples, channels;
  size_t window, hop; /* samples of a frame, and from one to the next */
  size_t taps;        /* of the filters that are allowed for */
} ms_bss_input;

#endif
