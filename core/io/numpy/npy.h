/* Arrays as NumPy's .npy files. */
#ifndef MS_NPY_H
#define MS_NPY_H

#include "../numbers.h"

/* An array of numbers or of texts, in row order. */
typedef struct ms_array {
  ms_tensor *numbers;  /* or NULL, and then: */
  unsigned char *text; /* `count` items of `width` bytes, filled up with zeros; free() */
  size_t width, count;
  int is_unicode; /* characters are numbers of four bytes; otherwise bytes */
  int ndim;
  size_t dim[MS_MAX_DIMS];
} ms_array;

void ms_array_release(ms_array *a);

/* Reads floats, whole numbers, booleans, complex numbers (as pairs in a last dimension), texts
   and bytes, of either byte order, in row or column order (format 1 to 3). The input must hold
   exactly what its header promises. 0, or -1 and a message. */
int ms_npy_read(const ms_input *in, ms_array *a);

/* All of a file; messages name the path. */
int ms_npy_load(const char *path, ms_array *a);

/* What a file of the array holds: a header, then its data, which stay the array's. */
typedef struct ms_npy_parts {
  char head[512];
  size_t head_bytes;
  const void *data;
  size_t bytes;
} ms_npy_parts;

void ms_npy_parts_of(const ms_array *a, ms_npy_parts *parts);

/* Writes atomically, numbers as `real`. 0, or -1 and a message. */
int ms_npy_write(const char *path, const ms_array *a);

#endif
