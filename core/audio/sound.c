/* Audio files: choosing a decoder, reading, checking. */
#include "sound.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/memory.h"
#include "decode/decoder.h"
#include "decode/sniff.h"

enum {
  MAX_CHANNELS = 64,
  MIN_RATE = 1000, /* a damaged header; resampling it would make gigabytes */
  MAX_RATE = 10000000,
  BLOCK_FRAMES = 65536,
  SKIP_FRAMES = 4096
};

static const ms_decoder *const decoders[] = {
  [MS_SNIFF_OTHER] = &ms_decoder_sndfile, [MS_SNIFF_MPEG] = &ms_decoder_mpeg,
  [MS_SNIFF_VORBIS] = &ms_decoder_vorbis, [MS_SNIFF_OPUS] = &ms_decoder_opus,
  [MS_SNIFF_FOREIGN] = &ms_decoder_ffmpeg,
};

static int open_with(ms_sound *s, const ms_decoder *decoder)
{
  s->decoder = decoder;
  s->info = (ms_sound_info){ 0 };
  if (decoder->open(s) != 0) return -1;
  if (s->info.channels < 1 || s->info.channels > MAX_CHANNELS || s->info.rate < MIN_RATE ||
      s->info.rate > MAX_RATE)
    return ms_fail("%d channels at %d Hz are out of range", s->info.channels,
                   s->info.rate);
  return 0;
}

static void close_decoder(ms_sound *s)
{
  if (s->decoder) s->decoder->close(s);
  s->state = NULL;
}

/* ffmpeg may read what the libraries refuse; if not, the library's message says more. */
static int open_here(ms_sound *s)
{
  ms_sniffed kind;
  char message[512];
  if (ms_sniff(s->path, &kind) != 0) return -1;
  const ms_decoder *first = s->stream ? &ms_decoder_ffmpeg : decoders[kind];
  if (open_with(s, first) == 0) return 0;
  if (first == &ms_decoder_ffmpeg) return -1;
  snprintf(message, sizeof message, "%s", ms_error());
  close_decoder(s);
  if (open_with(s, &ms_decoder_ffmpeg) == 0) return 0;
  return ms_fail("%s", message);
}

ms_sound *ms_sound_open(const char *path, int stream)
{
  const size_t bytes = strlen(path) + 1;
  ms_sound *s = calloc(1, sizeof *s + bytes);
  if (!s) return ms_fail("%s: no memory to open it", path), NULL;
  memcpy(s->path, path, bytes);
  s->stream = stream;
  if (open_here(s) == 0) return s;
  ms_fail_within(path);
  ms_sound_close(s);
  return NULL;
}

void ms_sound_close(ms_sound *s)
{
  if (!s) return;
  close_decoder(s);
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
  if (ms_stop_taken()) return ms_fail("%s: interrupted", s->path);
  int status = s->decoder->read(s, first, count, out, got);
  s->at = first + *got;
  return status == 0 ? 0 : ms_fail_within(s->path);
}

int ms_sound_skip(ms_sound *s, size_t first)
{
  size_t channels = (size_t)s->info.channels, got = 1;
  real *block = s->at < first ? ms_alloc(SKIP_FRAMES * channels * sizeof *block) : NULL;
  if (s->at < first && !block) return -1;
  int status = 0;
  while (s->at < first && got > 0 && status == 0) {
    size_t want = first - s->at < SKIP_FRAMES ? first - s->at : SKIP_FRAMES;
    got = 0;
    status = s->decoder->read(s, s->at, want, block, &got);
    s->at += got;
  }
  ms_free(block);
  return status;
}

int ms_sound_changes(void)
{
  return ms_fail("its rate or channels change on the way");
}

int ms_sound_falls_short(const ms_sound *s, size_t decoded, char text[MS_SHORT_TEXT])
{
  const ms_sound_info *about = &s->info;
  *text = '\0';
  if (!about->open_ended && decoded + about->slack < about->frames)
    snprintf(text, MS_SHORT_TEXT, "%zu frames are declared, but only %zu can be decoded",
             about->frames, decoded);
  else if (about->cut_off)
    snprintf(text, MS_SHORT_TEXT, "the file's end is missing");
  else if (about->holes)
    snprintf(text, MS_SHORT_TEXT, "parts of it are missing");
  else if (about->followed)
    snprintf(text, MS_SHORT_TEXT, "another file is joined to it, which is not read");
  return *text != '\0';
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
  r->low_mono = fmin(r->low_mono, (double)value);
  r->high_mono = fmax(r->high_mono, (double)value);
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

/* Decodes everything; a decoder that gives up leaves its message in the report. */
static int decode_all(ms_sound *s, ms_sound_report *r)
{
  size_t channels = (size_t)s->info.channels, got = BLOCK_FRAMES;
  real *block = ms_alloc(BLOCK_FRAMES * channels * sizeof *block);
  if (!block) return -1;
  while (got == BLOCK_FRAMES && !r->error[0]) {
    if (ms_sound_read(s, r->decoded, BLOCK_FRAMES, block, &got) != 0)
      snprintf(r->error, sizeof r->error, "%s", ms_error());
    look_over(r, block, got, s->info.channels);
    r->decoded += got;
  }
  ms_free(block);
  return 0;
}

int ms_sound_length(ms_sound *s, size_t *frames)
{
  ms_sound_report r = { 0 };
  *frames = s->info.frames;
  if (!s->info.open_ended && !s->info.rough) return 0;
  if (decode_all(s, &r) != 0) return -1;
  *frames = r.decoded;
  return 0;
}

int ms_sound_check(const char *path, int stream, ms_sound_report *report)
{
  *report = (ms_sound_report){ .finite = 1, .content = 0xcbf29ce484222325,
                                .low_mono = INFINITY, .high_mono = -INFINITY };
  ms_sound *s = ms_sound_open(path, stream);
  if (!s) return -1;
  int status = decode_all(s, report);
  if (!report->error[0]) ms_sound_falls_short(s, report->decoded, report->error);
  report->complete = !report->error[0];
  report->about = s->info;
  if (s->info.open_ended || (s->info.rough && report->complete))
    report->about.frames = report->decoded;
  ms_sound_close(s);
  return status;
}
