/* Headers of MPEG audio frames (MP1, MP2, MP3): finding such audio by what is in a file.
   ISO 11172-3 and 13818-3, section 2.4.1.3; version 2.5 is in use without a standard. */
#include "mpeg_header.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

enum {
  SEARCH = 1 << 16,        /* bytes of something else that may come before the first frame */
  LONGEST = 2881,          /* bytes of a frame */
  CHAIN = 4,               /* headers in a row, which no other data have */
  WINDOW = SEARCH + (CHAIN + 1) * LONGEST
};

/* kbit/s by (version 1 or not), layer 1..3, index 1..14 */
static const short kbits[2][3][15] = {
  { { 0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448 },
    { 0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384 },
    { 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 } },
  { { 0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256 },
    { 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
    { 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 } },
};

typedef struct header {
  int version, layer; /* 1, 2 or 3 (2.5); 1..3 */
  int rate, mono;
  size_t bytes;       /* of the whole frame */
} header;

/* 1, or 0 where the four bytes are no header. Frames of free bit rate do not tell their
   length and are not found. */
static int read_header(const uint8_t *b, header *h)
{
  static const int versions[] = { 3, 0, 2, 1 }, rates[] = { 44100, 48000, 32000 };
  int index = b[2] >> 4, rate = b[2] >> 2 & 3;
  h->version = versions[b[1] >> 3 & 3];
  h->layer = 4 - (b[1] >> 1 & 3);
  if (b[0] != 0xFF || (b[1] & 0xE0) != 0xE0 || !h->version || h->layer == 4) return 0;
  if (index == 0 || index == 15 || rate == 3 || (b[3] & 3) == 2) return 0;
  h->rate = rates[rate] >> (h->version - 1);
  h->mono = b[3] >> 6 == 3;
  int padding = b[2] >> 1 & 1, bits = kbits[h->version != 1][h->layer - 1][index] * 1000;
  int eighth = h->layer == 3 && h->version != 1 ? 72 : 144; /* samples a frame / 8 */
  h->bytes = (size_t)(h->layer == 1 ? (12 * bits / h->rate + padding) * 4
                                    : eighth * bits / h->rate + padding);
  return 1;
}

static int alike(const header *a, const header *b)
{
  return a->version == b->version && a->layer == b->layer && a->rate == b->rate;
}

uint64_t ms_mpeg_after_tags(FILE *f, uint64_t from)
{
  uint8_t b[10];
  while (ms_read_at(f, from, b, 10) == 10 && memcmp(b, "ID3", 3) == 0) {
    uint64_t size = (uint64_t)(b[6] & 127) << 21 | (uint64_t)(b[7] & 127) << 14 |
                    (uint64_t)(b[8] & 127) << 7 | (b[9] & 127);
    from += 10 + size + (b[5] & 0x10 ? 10 : 0);
  }
  return from;
}

/* Whether a file of `bytes` bytes can end at b + at: there, or with a tag. */
static int ends(const uint8_t *b, size_t at, size_t bytes)
{
  static const char *const tags[] = { "TAG", "APETAGEX", "ID3", "LYRICSBEGIN" };
  if (at >= bytes) return 1;
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
    size_t n = strlen(tags[i]);
    if (at + n <= bytes && memcmp(b + at, tags[i], n) == 0) return 1;
  }
  return 0;
}

/* Whether frames follow each other from b + at on. */
static int is_chain(const uint8_t *b, size_t at, size_t bytes)
{
  header first, next;
  size_t start = at;
  for (int n = 0; n < CHAIN; n++, at += next.bytes) {
    if (n > 0 && ends(b, at, bytes)) return n > 1 || start == 0;
    if (at + 4 > bytes || !read_header(b + at, &next)) return 0;
    if (n == 0) first = next;
    if (!alike(&first, &next)) return 0;
  }
  return 1;
}

int ms_mpeg_find(FILE *f, uint64_t from, uint64_t *at)
{
  uint8_t *b = malloc(WINDOW);
  size_t bytes = b ? ms_read_at(f, from, b, WINDOW) : 0, i = 0;
  while (i < SEARCH && i + 4 <= bytes && !(b[i] == 0xFF && is_chain(b, i, bytes))) i++;
  *at = from + i;
  free(b);
  return i < SEARCH && i + 4 <= bytes;
}

int ms_mpeg_follows(FILE *f, uint64_t from)
{
  uint64_t at = from;
  int found;
  while (!(found = ms_mpeg_find(f, from, &at)) && at - from == SEARCH) from = at;
  return found;
}

int ms_mpeg_length_is_whole(FILE *f, uint64_t at)
{
  enum { FRAMES = 1, BYTES = 2 };
  uint8_t b[64] = { 0 };
  header h;
  if (ms_read_at(f, at, b, sizeof b) != sizeof b || !read_header(b, &h)) return 0;
  size_t side = h.version == 1 ? (h.mono ? 17 : 32) : (h.mono ? 9 : 17);
  const uint8_t *x = b + 4 + (b[1] & 1 ? 0 : 2) + side; /* two bytes of checksum */
  if (memcmp(x, "Xing", 4) != 0 && memcmp(x, "Info", 4) != 0) return 0;
  if ((x[7] & (FRAMES | BYTES)) != (FRAMES | BYTES)) return 0;
  uint64_t more = ms_mpeg_after_tags(f, at + ms_number(x + 12, 4, 0));
  return !ms_mpeg_find(f, more, &more);
}
