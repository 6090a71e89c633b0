/* Pictures as PNG, by libpng. */
#include "png.h"

#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"

enum { MOST = 1 << 16 }; /* pixels along a side */

static int fits(size_t width, size_t height)
{
  if (width && height && width <= MOST && height <= MOST) return 1;
  return ms_fail("a picture of %zu x %zu pixels cannot be made", width, height), 0;
}

static unsigned char *encode(const void *pixels, size_t width, size_t height, png_uint_32 format,
                             const void *colours, size_t *bytes)
{
  png_image image = { .version = PNG_IMAGE_VERSION, .width = (png_uint_32)width,
                      .height = (png_uint_32)height, .format = format };
  if (colours) image.colormap_entries = MS_HEAT_COLOURS + 1;
  if (!fits(width, height)) return NULL;
  png_alloc_size_t room = PNG_IMAGE_PNG_SIZE_MAX(image);
  unsigned char *file = malloc(room);
  if (!file) return ms_fail("no memory for a picture of %zu x %zu pixels", width, height), NULL;
  if (!png_image_write_to_memory(&image, file, &room, 0, pixels, 0, colours)) {
    free(file);
    return ms_fail("libpng: %s", image.message), NULL;
  }
  unsigned char *fitting = realloc(file, room);
  *bytes = room;
  if (!fitting) return file;
  return fitting;
}

unsigned char *ms_png_encode(const unsigned char *pixels, size_t width, size_t height, int channels,
                             size_t *bytes)
{
  png_uint_32 format = channels == 1 ? PNG_FORMAT_GRAY
                       : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
  return encode(pixels, width, height, format, NULL, bytes);
}

static unsigned char colour_of(double value, const ms_heat *how)
{
  if (how->decibel) value = 20 * log10(value > 1e-12 ? value : value <= 1e-12 ? 1e-12 : NAN);
  if (!isfinite(value)) return MS_HEAT_COLOURS;
  double place = (value - how->low) / (how->high - how->low) * (MS_HEAT_COLOURS - 1);
  if (!(place > 0)) return 0;
  return place > MS_HEAT_COLOURS - 1 ? MS_HEAT_COLOURS - 1 : (unsigned char)lround(place);
}

/* The largest of x[first..last-1][row]; NaN as soon as one is NaN. */
static double column_peak(const ms_tensor *x, size_t first, size_t last, size_t row)
{
  double peak = -INFINITY;
  for (size_t c = first; c < last; c++) {
    double value = (double)x->data[c * x->dim[1] + row];
    if (isnan(value)) return value;
    if (value > peak) peak = value;
  }
  return peak;
}

unsigned char *ms_png_heat(const ms_tensor *x, const ms_heat *how, size_t *bytes)
{
  if (x->ndim != 2 || !x->count)
    return ms_fail("a picture needs a filled (column, row) tensor"), NULL;
  size_t width = x->dim[0] < how->columns ? x->dim[0] : how->columns, height = x->dim[1];
  unsigned char colours[MS_HEAT_COLOURS + 1][3] = { [MS_HEAT_COLOURS] = { 255, 0, 0 } };
  memcpy(colours, how->palette, (size_t)3 * MS_HEAT_COLOURS);
  if (!fits(width, height)) return NULL;
  unsigned char *pixels = malloc(width * height);
  if (!pixels) return ms_fail("no memory for a picture of %zu x %zu pixels", width, height), NULL;
  for (size_t row = 0; row < height; row++)
    for (size_t c = 0; c < width; c++)
      pixels[(height - 1 - row) * width + c] = colour_of(
        column_peak(x, c * x->dim[0] / width, (c + 1) * x->dim[0] / width, row), how);
  unsigned char *file = encode(pixels, width, height, PNG_FORMAT_RGB_COLORMAP, colours, bytes);
  free(pixels);
  return file;
}
