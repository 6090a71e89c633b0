/* TensorFlow's checkpoints: PREFIX.index (names, shapes, places) and PREFIX.data-0000i-of-0000n.
   The index is a sorted table; its values are protocol buffers (BundleHeaderProto under the
   empty name, BundleEntryProto under every other). */
#ifndef MS_TENSORFLOW_H
#define MS_TENSORFLOW_H

#include "../numbers.h"

typedef struct ms_tensorflow_entry {
  char *name;
  const char *dtype;    /* "float32", "string", ... */
  const ms_dtype *type; /* NULL where we do not read such numbers */
  int text;             /* strings: no tensor at all */
  int ndim;
  size_t dim[MS_MAX_DIMS];
  uint64_t shard, first, bytes;
  uint32_t crc;         /* masked */
} ms_tensorflow_entry;

typedef struct ms_tensorflow {
  char *prefix, *path; /* path: of `in` */
  uint64_t shards, shard; /* how many; the open one */
  ms_input in;
  size_t count, room;
  ms_tensorflow_entry *entry; /* by name */
} ms_tensorflow;

/* Reads and checks the index alone. Strict: the table's rules (table.h), little-endian data,
   spans equal to shape times type that do not overlap. NULL and a message naming the file. */
ms_tensorflow *ms_tensorflow_open(const char *prefix);

/* Reads one entry from its data file and checks its checksum. NULL and a message. */
ms_tensor *ms_tensorflow_read(ms_tensorflow *c, size_t entry);

void ms_tensorflow_close(ms_tensorflow *c); /* NULL is fine */

#endif
