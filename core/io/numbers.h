/* Number types of foreign files, and files read by position. */
#ifndef MS_NUMBERS_H
#define MS_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "../tensor/tensor.h"

/* What a file's numbers look like; little-endian. */
typedef struct ms_dtype {
  const char *name; /* as safetensors writes it: "F32" */
  const char *npy;  /* as npy writes it: "<f4"; NULL where it cannot */
  size_t bytes;
  void (*to_real)(const unsigned char *from, real *to, size_t n);
} ms_dtype;

/* NULL where the type is unknown (no message). */
const ms_dtype *ms_dtype_by_name(const char *name);
const ms_dtype *ms_dtype_by_npy(const char *npy);

/* The type of `real` itself. */
const ms_dtype *ms_dtype_real(void);

typedef struct ms_input {
  int file;
  uint64_t begin; /* where it begins in the file: 0 but for a member of an archive */
  uint64_t size;
  unsigned char *memory; /* the bytes where they were unpacked; else NULL: they are in the file */
  const char *path;      /* borrowed, for messages */
} ms_input;

/* Opens a regular file. 0, or -1 and a message. */
int ms_input_open(ms_input *in, const char *path);
void ms_input_close(ms_input *in);

/* Reads exactly these bytes; a file that shrank meanwhile fails. */
int ms_input_read(const ms_input *in, uint64_t at, void *to, size_t bytes);

/* A tensor from numbers of that type at a position. NULL and a message. */
ms_tensor *ms_input_tensor(const ms_input *in, uint64_t at, const ms_dtype *type, int ndim,
                           const size_t *dim);

/* All of a regular file, with a zero behind it, to be freed with free(). NULL and a message. */
char *ms_input_text(const char *path, size_t *bytes);

#endif
