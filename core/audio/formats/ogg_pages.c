/* Pages of Ogg files (RFC 3533, section 6): "OggS", version, flags, time stamp (8), serial number
   (4), page number (4), check sum (4), how many lengths, the lengths, the body. */
#define _GNU_SOURCE
#include "ogg_pages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../base/error.h"
#include "bytes.h"

enum { FLAGS = 5, STAMP = 6, SERIAL = 14, SUM = 22, LENGTHS = 26, HEAD = 27 };
enum { FIRST = 2, LAST = 4 }; /* flags */
enum { MOST = HEAD + 255 + 255 * 255 };

/* Bytes of the page at b, of which `there` are at hand; more than those if it goes on behind
   them. */
static size_t page_bytes(const uint8_t *b, size_t there)
{
  if (there < HEAD || there < (size_t)HEAD + b[LENGTHS]) return there + 1;
  size_t bytes = (size_t)HEAD + b[LENGTHS];
  for (int i = 0; i < b[LENGTHS]; i++) bytes += b[HEAD + i];
  return bytes;
}

static int is_page(const uint8_t *b)
{
  return memcmp(b, "OggS", 4) == 0;
}

/* ---- time stamps ---- */

typedef struct walk {
  ms_ogg_duration duration;
  void *state;
  int headers;         /* packets to come that hold no sound */
  int sound_pages;     /* with a stamp */
  uint8_t begin[2];    /* of the packet at hand */
  size_t begun;        /* bytes of it, at most 2 */
  int64_t sum, offset; /* frames so far; the first stamp minus those */
} walk;

/* The next page, whole; 0 where there is none. */
static int read_page(FILE *f, uint8_t page[MOST])
{
  if (fread(page, 1, HEAD, f) != HEAD || !is_page(page)) return 0;
  size_t n = page[LENGTHS];
  if (fread(page + HEAD, 1, n, f) != n) return 0;
  size_t body = page_bytes(page, HEAD + n) - HEAD - n;
  return fread(page + HEAD + n, 1, body, f) == body;
}

static void end_packet(walk *w)
{
  if (w->headers > 0) w->headers--;
  else w->sum += w->duration(w->state, w->begin, w->begun);
  w->begun = 0;
}

static void add_packets(walk *w, const uint8_t *page)
{
  const uint8_t *lengths = page + HEAD, *b = lengths + page[LENGTHS];
  for (int i = 0; i < page[LENGTHS]; i++) {
    for (size_t k = 0; k < lengths[i] && w->begun < sizeof w->begin; k++)
      w->begin[w->begun++] = b[k];
    b += lengths[i];
    if (lengths[i] < 255) end_packet(w);
  }
}

/* Whether the stamp of a page is where its packets end. */
static int adds_up(walk *w, const uint8_t *page)
{
  int64_t stamp = (int64_t)ms_number(page + STAMP, 8, 1), before = w->sum;
  add_packets(w, page);
  if (w->sum == before && w->sound_pages == 0) return 1;
  if (stamp == -1 || page[FLAGS] & LAST) return 1;
  if (w->sound_pages++ == 0) w->offset = stamp - w->sum;
  return w->offset >= 0 && stamp - w->sum == w->offset;
}

static int walk_through(FILE *f, walk *w)
{
  uint8_t page[MOST];
  uint64_t stream = 0;
  for (int pages = 0; read_page(f, page); pages++) {
    uint64_t own = ms_number(page + SERIAL, 4, 1);
    if (pages == 0) stream = own;
    else if (own != stream || page[FLAGS] & FIRST) return 0;
    if (!adds_up(w, page)) return 0;
  }
  return feof(f) != 0;
}

int ms_ogg_stamps_add_up(const char *path, int headers, ms_ogg_duration duration,
                         void *state)
{
  walk w = { .duration = duration, .state = state, .headers = headers };
  FILE *f = fopen(path, "rb");
  int well = f && walk_through(f, &w);
  if (f) fclose(f);
  return well;
}

/* ---- the end of the file ---- */

int ms_ogg_cut_off(const char *path)
{
  static const uint8_t mark[5] = { 'O', 'g', 'g', 'S', 0 };
  uint8_t b[MOST];
  FILE *f = fopen(path, "rb");
  if (!f) return 0;
  if (fseeko(f, -(off_t)sizeof b, SEEK_END) != 0) rewind(f);
  size_t n = fread(b, 1, sizeof b, f), at = n > 5 ? n - 5 : 0;
  fclose(f);
  while (at > 0 && memcmp(b + at, mark, sizeof mark) != 0) at--;
  return page_bytes(b + at, n - at) > n - at;
}

/* ---- serial numbers ---- */

/* The CRC of Ogg: polynomial 0x04c11db7, highest bit first, from 0. */
static uint32_t sum_of(const uint8_t *x, size_t count)
{
  uint32_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    sum ^= (uint32_t)x[i] << 24;
    for (int bit = 0; bit < 8; bit++) sum = sum << 1 ^ (sum >> 31 ? 0x04c11db7u : 0);
  }
  return sum;
}

static void put32(uint8_t *to, uint32_t value)
{
  for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> 8 * i);
}

int ms_ogg_renumber(int file)
{
  uint8_t page[MOST];
  ssize_t n;
  for (off_t at = 0; (n = pread(file, page, sizeof page, at)) > 0;) {
    size_t bytes = page_bytes(page, (size_t)n);
    if (bytes > (size_t)n || !is_page(page)) return ms_fail("it is no whole Ogg file");
    put32(page + SERIAL, 1);
    put32(page + SUM, 0);
    put32(page + SUM, sum_of(page, bytes));
    if (pwrite(file, page, HEAD, at) != HEAD) return ms_fail("%s", strerror(errno));
    at += (off_t)bytes;
  }
  return n == 0 ? 0 : ms_fail("%s", strerror(errno));
}
