/* What the header of a .npy file says. */
#ifndef MS_NPY_HEADER_H
#define MS_NPY_HEADER_H

#include "../numbers.h"

typedef struct ms_npy_header {
  const ms_dtype *type; /* NULL: texts */
  int parts;            /* numbers of an item: 2 where they are complex */
  int is_unicode;
  size_t item;   /* bytes of an item */
  size_t unit;   /* bytes that are swapped together; 1 where nothing is */
  int is_column; /* column (Fortran) order */
  int ndim;
  size_t dim[MS_MAX_DIMS];
  uint64_t data; /* where the items begin */
} ms_npy_header;

/* 0, or -1 and a message. */
int ms_npy_header_read(const ms_input *in, ms_npy_header *h);

#endif
