/* Pictures as PNG, by libpng. */
#ifndef MS_PNG_H
#define MS_PNG_H

#include <stddef.h>

#include "../tensor/tensor.h"

/* Rows of 8-bit pixels from the top, `channels` 1 (grey), 3 (RGB) or 4 (RGBA), as a PNG file in
   memory. To be freed with free(); NULL and a message. */
unsigned char *ms_png_encode(const unsigned char *pixels, size_t width, size_t height, int channels,
                             size_t *bytes);

enum { MS_HEAT_COLOURS = 255 };

typedef struct ms_heat {
  double low, high;             /* values of the first and the last colour */
  int decibel;                  /* 20 log10 of the values first */
  size_t columns;               /* wider pictures keep the maximum of neighbouring columns */
  const unsigned char *palette; /* 255 x RGB; what is not finite is painted red */
} ms_heat;

/* A picture of x (column, row): columns to the right, row 1 at the bottom, as for a spectrogram
   (frame, frequency). PNG bytes as above. */
unsigned char *ms_png_heat(const ms_tensor *x, const ms_heat *how, size_t *bytes);

#endif
