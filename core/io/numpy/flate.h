/* Packing by zlib: deflate and its way back, and the checksum that zip files have. */
#ifndef MS_FLATE_H
#define MS_FLATE_H

#include "../numbers.h"

/* CRC-32 of more bytes behind those of `before` (0 at first). */
uint32_t ms_crc32(uint32_t before, const void *data, size_t bytes);

/* Packs two blocks as one. A block to be freed with free(); NULL and a message. */
unsigned char *ms_deflate(const void *head, size_t head_bytes, const void *data, size_t bytes,
                          size_t *packed);

/* Unpacks `packed` bytes of a file at a place into exactly `size` bytes, to be freed with free().
   NULL and a message: also where so few bytes cannot hold so many. */
unsigned char *ms_inflate(const ms_input *in, uint64_t at, uint64_t packed, uint64_t size);

#endif
