/* Archives as zip files, as .npz has them: members stored as they are or deflated, also above
   4 GiB (zip64). */
#ifndef MS_ZIP_H
#define MS_ZIP_H

#include "../numbers.h"

/* ---- reading ------------------------------------------------------------------------------- */
typedef struct ms_zip_entry {
  char *name;
  unsigned method;       /* 0 stored, 8 deflated */
  uint32_t crc;
  uint64_t packed, size; /* bytes in the archive, bytes unpacked */
  uint64_t at;           /* of its local header */
} ms_zip_entry;

typedef struct ms_zip {
  ms_input in;
  size_t count;
  ms_zip_entry *entry;
} ms_zip;

/* Reads the list of members at the archive's end, which alone says how long each one is. Strict:
   names are unique, and members take no more room than the file has. `path` must outlive the
   result. NULL and a message naming the path. */
ms_zip *ms_zip_open(const char *path);
void ms_zip_close(ms_zip *z); /* NULL is fine */

/* A member's bytes, checked against its CRC; to be released by ms_zip_release before the archive is
   closed. 0, or -1 and a message. */
int ms_zip_member(const ms_zip *z, size_t entry, ms_input *member);
void ms_zip_release(ms_input *member);

/* ---- writing ------------------------------------------------------------------------------- */
typedef struct ms_zip_writer ms_zip_writer;

/* Begins an archive that appears whole; `bytes` is about what will be written. deflate: members are
   packed. The same members give the same bytes. NULL and a message. */
ms_zip_writer *ms_zip_create(const char *path, uint64_t bytes, int deflate);

/* Adds a member of two blocks. 0, or -1 and a message. */
int ms_zip_add(ms_zip_writer *w, const char *name, const void *head, size_t head_bytes,
               const void *data, size_t bytes);

/* Ends it and frees w, also on failure. 0, or -1 and a message. */
int ms_zip_commit(ms_zip_writer *w);
void ms_zip_cancel(ms_zip_writer *w); /* NULL is fine */

#endif
