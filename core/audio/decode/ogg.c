/* What Vorbis and Opus in Ogg have in common: gaps, links, jumps, the file's end. */
#include "ogg.h"

#include <sys/stat.h>

#include "../../base/error.h"
#include "../formats/ogg_channels.h"
#include "../formats/ogg_pages.h"

/* Time stamps of the last page say where the encoder's padding begins, and libraries
   differ in where they put it: the last seconds are reached by decoding on. */
#define END_SECONDS 2

static int read_on(ms_sound *s, size_t count, real *out, size_t *got)
{
  size_t channels = (size_t)s->info.channels;
  while (*got < count) {
    real *to = out + *got * channels;
    long n = s->codec->next(s, count - *got, to);
    if (n == 0) return 0;
    if (n == MS_OGG_FAILED) return -1;
    if (n == MS_OGG_HOLE) s->hole = 1, n = 0;
    ms_ogg_channels_to_wav(to, (size_t)n, channels);
    *got += (size_t)n;
    /* no frames are lost where links of one number meet: then the stamps begin anew */
    if (s->hole && s->codec->tell(s) > (long long)s->at + (long long)*got) s->info.holes = 1;
  }
  return 0;
}

/* A place before `first` from which decoding on is exact. */
static size_t safe_place(const ms_sound *s, size_t first)
{
  size_t lead = (size_t)(s->codec->lead * s->info.rate);
  size_t end = (size_t)(END_SECONDS * s->info.rate), frames = s->info.frames;
  size_t sure = frames > end ? frames - end : 0;
  size_t to = first > lead ? first - lead : 0;
  return to < sure ? to : sure;
}

static int go_to(ms_sound *s, size_t first)
{
  size_t to = s->jumps ? safe_place(s, first) : 0;
  if (first < s->at || to > s->at) {
    if (s->codec->seek(s, to) != 0) return ms_fail("frame %zu cannot be reached", first);
    s->at = to;
    s->hole = 0;
  }
  return ms_sound_skip(s, first);
}

int ms_ogg_read(ms_sound *s, size_t first, size_t count, real *out, size_t *got)
{
  if (first != s->at && go_to(s, first) != 0) return -1;
  return s->at < first ? 0 : read_on(s, count, out, got);
}

/* A stamp that promises more than the file's bytes can hold declares nothing. */
static int is_possible(long long frames, const char *path)
{
  enum { LONGEST_PACKET = 5760 }; /* frames; two bytes at least: Opus, 120 ms */
  struct stat st;
  return frames > 0 && stat(path, &st) == 0 && frames / LONGEST_PACKET <= st.st_size;
}

void ms_ogg_declare(ms_sound *s, const ms_ogg *codec, long long frames)
{
  s->codec = codec;
  codec->look(s);
  s->info.open_ended = !is_possible(frames, s->path);
  s->info.frames = s->info.open_ended ? 0 : (size_t)frames;
  s->info.slack = s->info.frames;
  s->info.cut_off = ms_ogg_cut_off(s->path);
}
