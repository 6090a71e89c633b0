/* One serial number for the Ogg files that we write. */
#define _GNU_SOURCE
#include "ogg_serial.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../../base/error.h"

/* A page: "OggS", version, flags, position (8), serial (4), number (4), sum (4), how many
   lengths, the lengths, the body. */
enum { HEAD = 27, SERIAL = 14, SUM = 22, LENGTHS = 26, MOST = HEAD + 255 + 255 * 255 };

/* The CRC of Ogg: polynomial 0x04c11db7, highest bit first, from 0. */
static uint32_t sum_of(const unsigned char *x, size_t count)
{
  uint32_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    sum ^= (uint32_t)x[i] << 24;
    for (int bit = 0; bit < 8; bit++) sum = sum << 1 ^ (sum >> 31 ? 0x04c11db7u : 0);
  }
  return sum;
}

static void put32(unsigned char *to, uint32_t value)
{
  for (int i = 0; i < 4; i++) to[i] = (unsigned char)(value >> 8 * i);
}

/* Bytes of the page whose head and lengths are there; 0 if it is none. */
static size_t page_size(const unsigned char *page, size_t there)
{
  if (there < HEAD || memcmp(page, "OggS", 4) != 0) return 0;
  size_t size = HEAD + (size_t)page[LENGTHS];
  if (there < size) return 0;
  for (int i = 0; i < page[LENGTHS]; i++) size += page[HEAD + i];
  return size <= there ? size : 0;
}

int ms_ogg_renumber(int file)
{
  static _Thread_local unsigned char page[MOST];
  off_t at = 0;
  for (;;) {
    ssize_t n = pread(file, page, sizeof page, at);
    if (n < 0) return ms_fail("%s", strerror(errno));
    if (n == 0) return 0;
    size_t size = page_size(page, (size_t)n);
    if (!size) return ms_fail("it is no whole Ogg file");
    put32(page + SERIAL, 1);
    put32(page + SUM, 0);
    put32(page + SUM, sum_of(page, size));
    if (pwrite(file, page, HEAD, at) != HEAD) return ms_fail("%s", strerror(errno));
    at += (off_t)size;
  }
}
