/* What the headers of WAV, RF64, W64, AIFF, CAF and AU declare. */
#include "chunks.h"

#include <string.h>

#include "bytes.h"

enum { MOST_CHUNKS = 1000, EXTENSIBLE = 0xFFFE };

/* How the containers differ. A chunk is its name, its size, its bytes, and some bytes more
   up to a whole multiple of `align`. */
typedef struct container {
  const char *magic;
  int first;       /* where the first chunk begins */
  int name, width; /* bytes of a chunk's name and of its size */
  int little;      /* 1: the lowest byte comes first */
  int counts_head; /* 1: a size counts name and size too */
  int align;
  const char *sound; /* the chunk of the sound */
  int before;        /* bytes in it before the sound */
} container;

static const container containers[] = {
  { "RIFF", 12, 4, 4, 1, 0, 2, "data", 0 }, { "RF64", 12, 4, 4, 1, 0, 2, "data", 0 },
  { "BW64", 12, 4, 4, 1, 0, 2, "data", 0 }, { "RIFX", 12, 4, 4, 0, 0, 2, "data", 0 },
  { "riff", 40, 16, 8, 1, 1, 8, "data", 0 }, { "FORM", 12, 4, 4, 0, 0, 2, "SSND", 8 },
  { "caff", 8, 4, 8, 0, 0, 1, "data", 4 },
};

/* Whether a program left the size open because it could not go back to the header. */
static int is_open(uint64_t size, int width)
{
  if (width == 8) return size == 0 || size >= (uint64_t)1 << 62;
  return size == 0 || size >= 0xFFFF0000 || (size >= 0x7F000000 && size <= 0x80000000);
}

static int format_tag(FILE *f, uint64_t at, uint64_t size, int little)
{
  uint8_t b[26];
  if (size < 16 || ms_read_at(f, at, b, 16) != 16) return 0;
  int tag = (int)ms_number(b, 2, little);
  if (tag != EXTENSIBLE || size < 26 || ms_read_at(f, at, b, 26) != 26) return tag;
  return (int)ms_number(b + 24, 2, little);
}

static uint64_t size_of(FILE *f)
{
  return fseeko(f, 0, SEEK_END) == 0 ? (uint64_t)ftello(f) : 0;
}

/* Measures the sound, whose chunk begins at `at`; `large` is the size that RF64 has elsewhere. */
static int measure(FILE *f, const container *k, uint64_t at, uint64_t size, uint64_t large,
                  ms_chunks *c)
{
  uint64_t end = size_of(f), before = (uint64_t)k->before;
  int width = k->width;
  c->riff = k->little && width == 4;
  if (size == 0xFFFFFFFF && large) size = large, width = 8;
  c->declared = is_open(size, width) || size <= before ? 0 : size - before;
  c->there = end > at + before ? end - at - before : 0;
  return 1;
}

static int walk(FILE *f, const container *k, ms_chunks *c)
{
  uint64_t at = (uint64_t)k->first, large = 0;
  uint8_t b[24], wide[16];
  size_t head = (size_t)k->name + (size_t)k->width;
  for (int n = 0; n < MOST_CHUNKS && ms_read_at(f, at, b, head) == head; n++) {
    uint64_t size = ms_number(b + k->name, k->width, k->little);
    if (k->counts_head) size = size > head ? size - head : 0;
    if (memcmp(b, k->sound, 4) == 0) return measure(f, k, at + head, size, large, c);
    if (memcmp(b, "fmt ", 4) == 0) c->codec = format_tag(f, at + head, size, k->little);
    if (memcmp(b, "ds64", 4) == 0 && ms_read_at(f, at + head, wide, 16) == 16)
      large = ms_number(wide + 8, 8, 1);
    uint64_t align = (uint64_t)k->align;
    at += head + (size + align - 1) / align * align;
  }
  return 0;
}

/* AU: a fixed header with the offset and the size of the sound. */
static int read_au(FILE *f, const uint8_t *b, ms_chunks *c)
{
  uint64_t from = ms_number(b + 4, 4, 0), size = ms_number(b + 8, 4, 0), end = size_of(f);
  c->declared = is_open(size, 4) ? 0 : size;
  c->there = end > from ? end - from : 0;
  return 1;
}

int ms_chunks_read(FILE *f, ms_chunks *c)
{
  uint8_t b[12];
  *c = (ms_chunks){ 0 };
  if (ms_read_at(f, 0, b, 12) != 12) return 0;
  if (memcmp(b, ".snd", 4) == 0) return read_au(f, b, c);
  for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
    if (memcmp(b, containers[i].magic, 4) == 0) return walk(f, &containers[i], c);
  return 0;
}

int ms_chunks_of(const char *path, ms_chunks *c)
{
  FILE *f = fopen(path, "rb");
  int known = f && ms_chunks_read(f, c);
  if (f) fclose(f);
  return known;
}
