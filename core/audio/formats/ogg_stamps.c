/* Whether the time stamps of an Ogg file tell the places of its samples. */
#include "ogg_stamps.h"

#include <stdio.h>
#include <string.h>

enum { HEAD = 27, FIRST = 2, LAST = 4, MOST_BODY = 255 * 255 };

typedef struct page {
  uint8_t head[HEAD], lacing[255], body[MOST_BODY];
  size_t bytes;
} page;

typedef struct walk {
  ms_ogg_duration duration;
  void *state;
  int headers;         /* packets to come that hold no sound */
  int sound_pages;     /* with a stamp */
  uint8_t begin[2];    /* of the packet at hand */
  size_t begun;        /* bytes of it, at most 2 */
  int64_t sum, offset; /* frames so far; the first stamp minus those */
} walk;

static int read_page(FILE *f, page *p)
{
  if (fread(p->head, 1, HEAD, f) != HEAD || memcmp(p->head, "OggS", 4) != 0) return 0;
  size_t n = p->head[26];
  if (fread(p->lacing, 1, n, f) != n) return 0;
  p->bytes = 0;
  for (size_t i = 0; i < n; i++) p->bytes += p->lacing[i];
  return fread(p->body, 1, p->bytes, f) == p->bytes;
}

static int64_t stamp_of(const page *p)
{
  uint64_t n = 0;
  for (int i = 7; i >= 0; i--) n = n << 8 | p->head[6 + i];
  return (int64_t)n;
}

static void end_packet(walk *w)
{
  if (w->headers > 0) w->headers--;
  else w->sum += w->duration(w->state, w->begin, w->begun);
  w->begun = 0;
}

static void add_packets(walk *w, const page *p)
{
  const uint8_t *b = p->body;
  for (int i = 0; i < p->head[26]; i++) {
    for (size_t k = 0; k < p->lacing[i] && w->begun < sizeof w->begin; k++)
      w->begin[w->begun++] = b[k];
    b += p->lacing[i];
    if (p->lacing[i] < 255) end_packet(w);
  }
}

/* Whether the stamp of a page is where its packets end. */
static int adds_up(walk *w, const page *p)
{
  int64_t stamp = stamp_of(p), before = w->sum;
  add_packets(w, p);
  if (w->sum == before && w->sound_pages == 0) return 1;
  if (stamp == -1 || p->head[5] & LAST) return 1;
  if (w->sound_pages++ == 0) w->offset = stamp - w->sum;
  return w->offset >= 0 && stamp - w->sum == w->offset;
}

static int walk_through(FILE *f, walk *w, page *p)
{
  uint32_t stream = 0, own;
  for (int pages = 0; read_page(f, p); pages++) {
    memcpy(&own, p->head + 14, 4);
    if (pages == 0) stream = own;
    else if (own != stream || p->head[5] & FIRST) return 0;
    if (!adds_up(w, p)) return 0;
  }
  return feof(f) != 0;
}

int ms_ogg_stamps_add_up(const char *path, int headers, ms_ogg_duration duration,
                         void *state)
{
  walk w = { .duration = duration, .state = state, .headers = headers };
  page p;
  FILE *f = fopen(path, "rb");
  if (!f) return 0;
  int well = walk_through(f, &w, &p);
  fclose(f);
  return well;
}
