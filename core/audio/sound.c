/* Audio files: choosing a decoder, reading, checking. */
#include "sound.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "decoder.h"

enum {
  MAX_CHANNELS = 64,
  MIN_RATE = 1000, /* a damaged header; resampling it would make gigabytes */
  MAX_RATE = 10000000,
  CHECK_FRAMES = 65536,
  MPEG_FRAME = 1152,
  TOLERANCE = 4 * MPEG_FRAME
};

/* What the first bytes say goes before what the name says. */
static const struct {
  const char *magic;
  size_t at;
  const ms_decoder *decoder;
} magics[] = {
  { "RIFF", 0, &ms_decoder_sndfile }, { "fLaC", 0, &ms_decoder_sndfile },
  { "OggS", 0, &ms_decoder_sndfile }, { "FORM", 0, &ms_decoder_sndfile },
  { "ftyp", 4, &ms_decoder_stems },
};

static const struct {
  const char *ending;
  const ms_decoder *decoder;
} endings[] = {
  { ".mp3", &ms_decoder_mpeg },
  { ".mp2", &ms_decoder_mpeg },
  { ".mp4", &ms_decoder_stems },
  { ".m4a", &ms_decoder_stems },
};

static int ends_with(const char *path, const char *ending)
{
  size_t n = strlen(path), m = strlen(ending);
  return n >= m && strcasecmp(path + n - m, ending) == 0;
}

static const ms_decoder *choose(const char *path, const char head[12])
{
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
    if (memcmp(head + magics[i].at, magics[i].magic, strlen(magics[i].magic)) == 0)
      return magics[i].decoder;
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
    if (ends_with(path, endings[i].ending)) return endings[i].decoder;
  return &ms_decoder_sndfile;
}

/* Reads the first bytes of a regular file: a pipe or a device would make a decoder wait
   for ever. 0, or -1 and a sentence without the name. */
static int look_at(const char *path, char head[12])
{
  struct stat st;
  if (stat(path, &st) != 0) return ms_fail("%s", strerror(errno));
  if (S_ISDIR(st.st_mode)) return ms_fail("it is a folder, not an audio file");
  if (!S_ISREG(st.st_mode)) return ms_fail("it is not a regular file");
  if (st.st_size == 0) return ms_fail("the file is empty (0 bytes)");
  FILE *f = fopen(path, "rb");
  if (!f) return ms_fail("%s", strerror(errno));
  memset(head, 0, 12);
  size_t n = fread(head, 1, 12, f);
  fclose(f);
  return n ? 0 : ms_fail("it cannot be read");
}

static int open_here(ms_sound *s)
{
  char head[12];
  if (look_at(s->path, head) != 0) return -1;
  s->decoder = choose(s->path, head);
  if (s->stream && s->decoder != &ms_decoder_stems)
    return ms_fail("only .mp4 files have several streams; there is no stream %d",
                   s->stream);
  if (s->decoder->open(s) != 0) return -1;
  if (s->info.channels < 1 || s->info.channels > MAX_CHANNELS || s->info.rate < MIN_RATE ||
      s->info.rate > MAX_RATE)
    return ms_fail("%d channels at %d Hz are out of range", s->info.channels,
                   s->info.rate);
  return 0;
}

ms_sound *ms_sound_open(const char *path, int stream)
{
  ms_sound *s = calloc(1, sizeof *s + strlen(path) + 1);
  if (!s) return ms_fail("%s: no memory to open it", path), NULL;
  strcpy(s->path, path);
  s->stream = stream;
  if (open_here(s) == 0) return s;
  ms_fail_within(path);
  ms_sound_close(s);
  return NULL;
}

void ms_sound_close(ms_sound *s)
{
  if (!s) return;
  if (s->decoder) s->decoder->close(s);
  free(s);
}

const ms_sound_info *ms_sound_about(const ms_sound *s)
{
  return &s->info;
}

const char *ms_sound_path(const ms_sound *s)
{
  return s->path;
}

int ms_sound_read(ms_sound *s, size_t first, size_t count, real *out, size_t *got)
{
  *got = 0;
  int status = s->decoder->read(s, first, count, out, got);
  s->at = first + *got;
  return status == 0 ? 0 : ms_fail_within(s->path);
}

int ms_sound_falls_short(const ms_sound *s, size_t decoded)
{
  size_t slack = s->decoder->lossy ? TOLERANCE : 0;
  return s->info.cut_off || decoded + slack < s->info.frames;
}

void ms_sound_mono(const real *in, size_t frames, int channels, real *out)
{
  if (channels == 1) {
    if (in != out) memmove(out, in, frames * sizeof *out);
    return;
  }
  real scale = 1 / (real)channels;
  for (size_t i = 0; i < frames; i++) {
    const real *x = in + i * (size_t)channels;
    real sum = x[0];
    for (int c = 1; c < channels; c++) sum += x[c];
    out[i] = sum * scale;
  }
}

/* One frame's mean goes into the report: its size, and its bits into the sum that tells one
   sound from another. */
static void look_at_mean(ms_sound_report *r, real mean)
{
  float value = (float)mean + 0.0f; /* one zero, not two */
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  r->content = (r->content ^ bits) * 0x100000001b3; /* FNV-1a, a word at a time */
  if (fabs((double)value) > r->peak_mono) r->peak_mono = fabs((double)value);
}

static void look_over(ms_sound_report *r, const real *x, size_t frames, int channels)
{
  for (size_t i = 0; i < frames; i++, x += channels) {
    int finite = 1;
    for (int c = 0; c < channels; c++) {
      double a = fabs((double)x[c]);
      if (!isfinite(a)) finite = 0;
      else if (a > r->peak) r->peak = a;
    }
    real mean = 0;
    if (finite) ms_sound_mono(x, 1, channels, &mean);
    else r->finite = 0;
    look_at_mean(r, mean);
  }
}

static int check_all(ms_sound *s, ms_sound_report *r)
{
  size_t channels = (size_t)s->info.channels, got = CHECK_FRAMES;
  real *block = ms_alloc(CHECK_FRAMES * channels * sizeof *block);
  if (!block) return -1;
  while (got == CHECK_FRAMES) {
    if (ms_sound_read(s, r->decoded, CHECK_FRAMES, block, &got) != 0) {
      snprintf(r->error, sizeof r->error, "%s", ms_error());
      look_over(r, block, got, s->info.channels);
      r->decoded += got;
      break;
    }
    look_over(r, block, got, s->info.channels);
    r->decoded += got;
  }
  ms_free(block);
  return 0;
}

int ms_sound_check(const char *path, int stream, ms_sound_report *report)
{
  *report = (ms_sound_report){ .finite = 1, .content = 0xcbf29ce484222325 };
  ms_sound *s = ms_sound_open(path, stream);
  if (!s) return -1;
  report->about = s->info;
  int status = check_all(s, report);
  report->complete = !report->error[0] && !ms_sound_falls_short(s, report->decoded);
  ms_sound_close(s);
  return status;
}
