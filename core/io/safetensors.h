/* Weights as safetensors files: named tensors and strings, data and never code.
   Layout: length of the header (8 bytes), header (JSON), data. */
#ifndef MS_SAFETENSORS_H
#define MS_SAFETENSORS_H

#include <jansson.h>

#include "numbers.h"

typedef struct ms_safetensor {
  const char *name;
  const ms_dtype *type;
  int ndim;
  size_t dim[MS_MAX_DIMS];
  uint64_t first, last; /* bytes first..last-1 of the data */
} ms_safetensor;

typedef struct ms_safetensors {
  ms_input in;
  json_t *header;
  json_t *metadata;     /* an object of strings, or NULL; borrowed from the header */
  int summed;           /* whether the file holds the checksum of its data */
  uint32_t sum;
  uint64_t data;        /* where the data begins */
  size_t count;
  ms_safetensor *entry; /* in the order of the data */
} ms_safetensors;

/* Reads and checks the header, by its checksum where the file has one. Strict: at most 100 MB of
   it, no repeated names, every span equal to shape times type, and the spans tile the data without
   holes, overlaps or rest.
   `path` must outlive the result. NULL and a message naming the path. */
ms_safetensors *ms_safetensors_open(const char *path);

/* Whether the data are those that were written: 0 also where the file does not tell; -1 and a
   message. */
int ms_safetensors_verify(const ms_safetensors *s);

/* Reads the numbers of one entry, converted to `real`. NULL and a message. */
ms_tensor *ms_safetensors_read(const ms_safetensors *s, size_t entry);

void ms_safetensors_close(ms_safetensors *s); /* NULL is fine */

typedef struct ms_named_tensor { const char *name; const ms_tensor *value; } ms_named_tensor;

/* Writes atomically, sorted by name (the list is sorted in place); numbers as `real`, the
   data begins at a multiple of 64 bytes. metadata: an object of strings, or NULL. Checksums of
   header and data are added to them (safetensors_sums.h). */
int ms_safetensors_write(const char *path, size_t count, ms_named_tensor *list, json_t *metadata);

#endif
