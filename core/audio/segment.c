/* Any stretch of a file at any rate. */
#include "segment.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "resample.h"

/* LARGE: stretches above it grow while they decode, whatever a header promises. */
enum { PIECE = 65536, LARGE = 1 << 24 };

/* Frames as they are in the file, made mono if asked; room for (count, channels). A
   decoder that gives up after some frames is no failure here: the frames are good. */
static int read_frames(ms_sound *s, size_t first, size_t count, int mono, real *out,
                       size_t *got)
{
  int status = ms_sound_read(s, first, count, out, got);
  if (status != 0 && *got == 0) return -1;
  if (mono) ms_sound_mono(out, *got, ms_sound_about(s)->channels, out);
  return 0;
}

/* How many of the wanted samples lie before the end of the file. */
static size_t covered(ms_resample_window w, size_t frames, int from, int to, size_t count)
{
  if (frames == w.frames) return count;
  size_t there = ms_resample_length(frames, from, to);
  there = there > w.skip ? there - w.skip : 0;
  return there < count ? there : count;
}

int ms_segment_read(ms_sound *s, int rate, size_t first, size_t count, int mono,
                    real *out, size_t *got)
{
  const ms_sound_info *about = ms_sound_about(s);
  size_t channels = (size_t)about->channels, width = mono ? 1 : channels, frames;
  if (count > SIZE_MAX / 64 / channels || first > SIZE_MAX / 64)
    return ms_fail("a stretch of %zu samples is out of reach", count);
  ms_resample_window w = ms_resample_reach(first, count, about->rate, rate);
  real *in = ms_alloc(w.frames * channels * sizeof *in);
  if (!in) return -1;
  int status = read_frames(s, w.start, w.frames, mono, in, &frames);
  if (status == 0) {
    *got = covered(w, frames, about->rate, rate, count);
    status = ms_resample(in, frames, (int)width, about->rate, rate, w.skip, out, count);
    memset(out + *got * width, 0, (count - *got) * width * sizeof *out);
  }
  ms_free(in);
  return status;
}

/* Twice the room, contents kept; NULL and the old block freed on refusal. */
static real *grow(real *block, size_t used, size_t *room)
{
  real *larger = ms_alloc(2 * *room * sizeof *larger);
  if (larger) memcpy(larger, block, used * sizeof *larger);
  ms_free(block);
  *room *= 2;
  return larger;
}

/* Frames from `first` to the end, (frames, width). */
static real *read_to_end(ms_sound *s, size_t first, int mono, size_t *frames,
                         char *notice)
{
  size_t channels = (size_t)ms_sound_about(s)->channels, width = mono ? 1 : channels;
  size_t room = 4 * PIECE * channels, got = PIECE;
  real *all = ms_alloc(room * sizeof *all);
  for (*frames = 0; all && got == PIECE; *frames += got) {
    if (*frames * width + PIECE * channels > room)
      all = grow(all, *frames * width, &room);
    if (!all) return NULL;
    real *here = all + *frames * width;
    if (ms_sound_read(s, first + *frames, PIECE, here, &got) != 0) {
      snprintf(notice, MS_NOTICE, "%s", ms_error());
      if (*frames + got == 0) return ms_free(all), NULL;
    }
    if (mono) ms_sound_mono(here, got, (int)channels, here);
    if (*notice) return *frames += got, all;
  }
  return all;
}

/* All that is left from sample `first` on. */
static real *load_rest(ms_sound *s, int rate, size_t first, int mono, size_t *got,
                       char *notice)
{
  const ms_sound_info *about = ms_sound_about(s);
  size_t width = mono ? 1 : (size_t)about->channels, frames = 0;
  ms_resample_window w = ms_resample_reach(first, 0, about->rate, rate);
  real *in = read_to_end(s, w.start, mono, &frames, notice);
  char words[MS_SHORT_TEXT];
  if (in && !*notice && ms_sound_falls_short(s, w.start + frames, words))
    snprintf(notice, MS_NOTICE, "%s: %s", ms_sound_path(s), words);
  if (!in || about->rate == rate) return *got = frames, in;
  size_t all = ms_resample_length(frames, about->rate, rate);
  *got = all > w.skip ? all - w.skip : 0;
  real *out = ms_alloc((*got ? *got : 1) * width * sizeof *out);
  if (out &&
      ms_resample(in, frames, (int)width, about->rate, rate, w.skip, out, *got) != 0) {
    ms_free(out);
    out = NULL;
  }
  ms_free(in);
  return out;
}

static real *load_some(ms_sound *s, int rate, size_t first, size_t count, int mono,
                       size_t *got, char *notice)
{
  size_t width = mono ? 1 : (size_t)ms_sound_about(s)->channels;
  real *out = ms_alloc((count ? count : 1) * width * sizeof *out);
  if (!out) return NULL;
  if (ms_segment_read(s, rate, first, count, mono, out, got) != 0)
    return ms_free(out), NULL;
  if (*got < count)
    snprintf(notice, MS_NOTICE, "%s: only %zu of %zu samples can be decoded",
             ms_sound_path(s), *got, count);
  return out;
}

real *ms_segment_load(ms_sound *s, int rate, size_t first, size_t count, int mono,
                      size_t *got, char notice[MS_NOTICE])
{
  const ms_sound_info *about = ms_sound_about(s);
  size_t all = ms_resample_length(about->frames, about->rate, rate);
  *notice = '\0';
  if (first < all && count < all - first && count <= LARGE)
    return load_some(s, rate, first, count, mono, got, notice);
  real *out = load_rest(s, rate, first, mono, got, notice);
  if (*got > count) *got = count;
  return out;
}
