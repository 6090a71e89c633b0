/* Packing by zlib: deflate and its way back, and the checksum that zip files have. */
#include "flate.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "../../base/error.h"

enum { RAW = -15, MEMORY = 8, BLOCK = 1 << 16, GAIN_MOST = 1032, PIECE = 1 << 30 };

uint32_t ms_crc32(uint32_t before, const void *data, size_t bytes)
{
  return (uint32_t)crc32_z(before, data, bytes);
}

/* zlib counts what it is given in 32 bits. */
static uInt piece_of(uint64_t bytes)
{
  return bytes < PIECE ? (uInt)bytes : PIECE;
}

/* Gives a block to the stream, and takes what comes out. */
static int pack(z_stream *z, const void *data, size_t bytes, unsigned char *end, int flush)
{
  int status = Z_OK;
  z->next_in = (z_const Bytef *)data;
  while (status == Z_OK && (bytes > 0 || flush == Z_FINISH)) {
    uInt piece = piece_of(bytes);
    z->avail_in = piece;
    z->avail_out = piece_of((uint64_t)(end - z->next_out));
    status = deflate(z, bytes > piece ? Z_NO_FLUSH : flush);
    bytes -= piece - z->avail_in;
  }
  return status;
}

unsigned char *ms_deflate(const void *head, size_t head_bytes, const void *data, size_t bytes,
                          size_t *packed)
{
  z_stream z = { 0 };
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
    return ms_fail("no memory to pack"), NULL;
  size_t room = deflateBound(&z, head_bytes + bytes) + 64;
  unsigned char *to = malloc(room);
  z.next_out = to;
  int status = to ? pack(&z, head, head_bytes, to + room, Z_NO_FLUSH) : Z_MEM_ERROR;
  if (status == Z_OK) status = pack(&z, data, bytes, to + room, Z_FINISH);
  *packed = to ? (size_t)(z.next_out - to) : 0;
  deflateEnd(&z);
  if (status == Z_STREAM_END) return to;
  free(to);
  return ms_fail("no memory to pack %zu bytes", head_bytes + bytes), NULL;
}

/* Whether the stream ends where the packed bytes and the room end. */
static int unpack(z_stream *z, const ms_input *in, uint64_t at, uint64_t packed,
                  const unsigned char *end)
{
  unsigned char block[BLOCK];
  int status = Z_OK;
  while (status == Z_OK || status == Z_BUF_ERROR) {
    if (z->avail_in == 0 && packed > 0) {
      uInt n = packed < BLOCK ? (uInt)packed : BLOCK;
      if (ms_input_read(in, at, block, n) != 0) return -1;
      z->next_in = block;
      z->avail_in = n;
      at += n;
      packed -= n;
    }
    z->avail_out = piece_of((uint64_t)(end - z->next_out));
    status = inflate(z, Z_NO_FLUSH);
    if (status == Z_BUF_ERROR && (packed == 0 || z->avail_in > 0)) break;
  }
  if (status == Z_MEM_ERROR) return ms_fail("no memory to unpack it");
  int whole = status == Z_STREAM_END && packed == 0 && z->avail_in == 0 && z->next_out == end;
  return whole ? 0 : ms_fail("its packed bytes are damaged");
}

unsigned char *ms_inflate(const ms_input *in, uint64_t at, uint64_t packed, uint64_t size)
{
  z_stream z = { 0 };
  if (size / GAIN_MOST > packed)
    return ms_fail("%llu packed bytes cannot hold %llu", (unsigned long long)packed,
                   (unsigned long long)size), NULL;
  unsigned char *to = malloc((size_t)size + 1);
  if (!to || inflateInit2(&z, RAW) != Z_OK)
    return free(to), ms_fail("no memory for %llu bytes", (unsigned long long)size), NULL;
  z.next_out = to;
  int status = unpack(&z, in, at, packed, to + size);
  inflateEnd(&z);
  if (status == 0) return to;
  free(to);
  return NULL;
}
