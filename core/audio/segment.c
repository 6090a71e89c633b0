/* Any stretch of a file at any rate, whole or piece by piece. */
#include "segment.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"
#include "resample.h"

/* PIECE: frames decoded at once; BLOCK: numbers of a part, 4 MB. */
enum { PIECE = 4096, BLOCK = 1 << 20 };

struct ms_stream {
  ms_sound *sound;
  ms_stretch stretch;
  size_t width;           /* numbers of a sample */
  size_t start, limit;    /* frames of the file: the first, and how many are wanted */
  size_t decoded;         /* of these, how many came */
  size_t skip, made;      /* samples before the first wanted one; samples given */
  int ended, failed;      /* the file gave fewer than wanted; it gave none, and an error */
  int odd;                /* a sample was not finite, or beyond MS_ODD: */
  size_t odd_frame;
  real odd_sample;
  ms_resampler *resampler; /* NULL at the file's own rate */
  real *block;            /* (PIECE, channels), for the mean of several channels */
  char notice[MS_NOTICE];
};

/* ---- from the file ---- */

static size_t samples_of(const ms_stream *m, size_t frames)
{
  return ms_resample_length(frames, ms_sound_about(m->sound)->rate, m->stretch.rate);
}

/* How many of the wanted samples lie before the end that the file has. */
static size_t covered(const ms_stream *m)
{
  if (!m->ended) return m->stretch.count;
  size_t there = samples_of(m, m->decoded);
  there = there > m->skip ? there - m->skip : 0;
  return there < m->stretch.count ? there : m->stretch.count;
}

/* Whether the file declares all of the stretch. */
static int is_declared(const ms_stream *m)
{
  size_t all = samples_of(m, ms_sound_about(m->sound)->frames);
  return m->stretch.first < all && m->stretch.count < all - m->stretch.first;
}

/* The file ended before the stretch did: writes a notice where that is damage. */
static void say_short(ms_stream *m)
{
  const char *path = ms_sound_path(m->sound);
  char text[MS_SHORT_TEXT];
  if (!ms_sound_falls_short(m->sound, m->start + m->decoded, text)) return;
  if (is_declared(m))
    snprintf(m->notice, MS_NOTICE, "%s: only %zu of %zu samples can be decoded", path,
             covered(m), m->stretch.count);
  else
    snprintf(m->notice, MS_NOTICE, "%s: %s", path, text);
}

/* Writes a notice about damage inside the stretch. */
static void say_holes(ms_stream *m)
{
  if (ms_sound_about(m->sound)->holes && !*m->notice)
    snprintf(m->notice, MS_NOTICE, "%s: parts of it are missing",
             ms_sound_path(m->sound));
}

/* Looks at frames as the file has them: resampling would spread what is not finite. */
static void look_for_odd(ms_stream *m, const real *x, size_t frames)
{
  size_t channels = (size_t)ms_sound_about(m->sound)->channels;
  for (size_t i = 0; i < frames * channels && !m->odd; i++) {
    if (fabs((double)x[i]) <= MS_ODD) continue;
    m->odd = 1;
    m->odd_frame = m->start + m->decoded + i / channels;
    m->odd_sample = x[i];
  }
}

/* A decoder that gives up after some frames is no failure: the frames are good. */
static size_t decode(ms_stream *m, real *out, size_t count)
{
  size_t got = 0;
  int status = ms_sound_read(m->sound, m->start + m->decoded, count, out, &got);
  look_for_odd(m, out, got);
  m->decoded += got;
  if (status != 0) snprintf(m->notice, MS_NOTICE, "%s", ms_error());
  m->failed = status != 0 && m->decoded == 0;
  m->ended = status != 0 || got < count;
  if (m->ended && status == 0) say_short(m);
  return got;
}

/* Up to `count` frames of (width) to out; fewer only at the end. */
static size_t next_frames(void *stream, real *out, size_t count)
{
  ms_stream *m = stream;
  int channels = ms_sound_about(m->sound)->channels;
  size_t done = 0, left = m->limit - m->decoded;
  if (count > left) count = left;
  while (done < count && !m->ended) {
    size_t n = count - done < PIECE ? count - done : PIECE;
    real *here = out + done * m->width;
    size_t got = decode(m, m->block ? m->block : here, n);
    if (m->block) ms_sound_mono(m->block, got, channels, here);
    done += got;
  }
  return done;
}

/* ---- a stretch in order ---- */

static int prepare(ms_stream *m)
{
  const ms_sound_info *about = ms_sound_about(m->sound);
  ms_stretch t = m->stretch;
  ms_resample_window w = ms_resample_reach(t.first, t.count, about->rate, t.rate);
  m->start = w.start;
  m->limit = w.frames;
  m->skip = w.skip;
  if (t.mono && about->channels > 1) {
    m->block = ms_alloc(PIECE * (size_t)about->channels * sizeof *m->block);
    if (!m->block) return -1;
  }
  if (about->rate == t.rate) return 0;
  m->resampler = ms_resampler_new((int)m->width, about->rate, t.rate, w.skip, next_frames,
                                  m);
  return m->resampler ? 0 : -1;
}

ms_stream *ms_stream_new(ms_sound *s, ms_stretch t)
{
  size_t channels = (size_t)ms_sound_about(s)->channels;
  if (t.count > SIZE_MAX / 64 / channels || t.first > SIZE_MAX / 64)
    return ms_fail("a stretch of %zu samples is too long", t.count), NULL;
  ms_stream *m = calloc(1, sizeof *m);
  if (!m) return ms_fail("%s: no memory to read it", ms_sound_path(s)), NULL;
  *m = (ms_stream){ .sound = s, .stretch = t, .width = t.mono ? 1 : channels };
  if (prepare(m) == 0) return m;
  ms_stream_free(m);
  return NULL;
}

void ms_stream_free(ms_stream *m)
{
  if (!m) return;
  ms_resampler_free(m->resampler);
  ms_free(m->block);
  free(m);
}

int ms_stream_read(ms_stream *m, real *out, size_t count, size_t *got)
{
  size_t left = covered(m) - m->made;
  *got = 0;
  if (count > left) count = left;
  if (m->resampler && ms_resampler_read(m->resampler, out, count) != 0)
    return ms_fail_within(ms_sound_path(m->sound));
  if (!m->resampler) next_frames(m, out, count);
  if (m->failed) return ms_fail("%s", m->notice);
  left = covered(m) - m->made;
  *got = count < left ? count : left;
  m->made += *got;
  say_holes(m);
  return 0;
}

int ms_stream_odd(const ms_stream *m, size_t *frame, real *sample)
{
  *frame = m->odd_frame;
  *sample = m->odd_sample;
  return m->odd;
}

const char *ms_stream_notice(const ms_stream *m)
{
  return m->notice;
}

/* ---- a stretch at once ---- */

int ms_segment_read(ms_sound *s, ms_stretch t, real *out, size_t *got)
{
  ms_stream *m = ms_stream_new(s, t);
  if (!m) return -1;
  int status = ms_stream_read(m, out, t.count, got);
  memset(out + *got * m->width, 0, (t.count - *got) * m->width * sizeof *out);
  ms_stream_free(m);
  return status;
}

/* A stretch of unknown length comes in parts. */
typedef struct part {
  struct part *next;
  size_t samples;
  real data[];
} part;

/* All of a stream as a list of parts; `last` is where the next part goes. 0, or -1 and a
   message; the list is the caller's in both cases. */
static int read_parts(ms_stream *m, part **last, size_t *total)
{
  size_t most = BLOCK / m->width;
  for (*total = 0;; last = &(*last)->next) {
    part *p = *last = ms_alloc(sizeof *p + most * m->width * sizeof *p->data);
    if (!p) return -1;
    p->next = NULL;
    if (ms_stream_read(m, p->data, most, &p->samples) != 0) return -1;
    *total += p->samples;
    if (p->samples < most) return 0;
  }
}

/* Copies parts to `to` unless that is NULL, and frees each once it is copied. */
static void join_parts(part *p, size_t width, real *to)
{
  for (part *next; p; p = next) {
    if (to) memcpy(to, p->data, p->samples * width * sizeof *to);
    if (to) to += p->samples * width;
    next = p->next;
    ms_free(p);
  }
}

static ms_tensor *load_all(ms_stream *m)
{
  part *parts = NULL;
  size_t total;
  ms_tensor *t = NULL;
  if (read_parts(m, &parts, &total) == 0) {
    size_t dim[2] = { total, m->width };
    if (total) t = ms_tensor_new(m->stretch.mono ? 1 : 2, dim);
    else if (!m->stretch.count)
      ms_fail("%s: the length asked for is below one sample at %d Hz", ms_sound_path(m->sound),
              m->stretch.rate);
    else if (!m->stretch.first) ms_fail("%s: there is no sound in it", ms_sound_path(m->sound));
    else ms_fail("%s: no sound can be read from %g seconds on", ms_sound_path(m->sound),
                 (double)m->stretch.first / m->stretch.rate);
  }
  join_parts(parts, m->width, t ? t->data : NULL);
  return t;
}

ms_tensor *ms_segment_load(ms_sound *s, ms_stretch t, char notice[MS_NOTICE])
{
  *notice = '\0';
  ms_stream *m = ms_stream_new(s, t);
  if (!m) return NULL;
  ms_tensor *out = load_all(m);
  memcpy(notice, m->notice, MS_NOTICE);
  ms_stream_free(m);
  return out;
}
