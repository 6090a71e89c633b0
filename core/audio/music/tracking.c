/* Beats, onsets and pitches of a wave, by aubio. */
#include "tracking.h"

#include <aubio/aubio.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/system/library.h"

/* The functions of aubio that are used, under their own names. */
#define FUNCTIONS(F)                                                                     \
  F(new_fvec) F(del_fvec) F(new_aubio_tempo) F(aubio_tempo_do) F(aubio_tempo_get_last_s) \
  F(aubio_tempo_set_silence) F(aubio_tempo_set_threshold) F(del_aubio_tempo)             \
  F(new_aubio_onset) F(aubio_onset_do) F(aubio_onset_get_last_s)                         \
  F(aubio_onset_set_silence) F(aubio_onset_set_threshold) F(aubio_onset_set_minioi_s)    \
  F(aubio_onset_set_delay)                                                               \
  F(del_aubio_onset) F(new_aubio_pitch) F(aubio_pitch_do) F(aubio_pitch_set_unit)        \
  F(aubio_pitch_set_silence) F(aubio_pitch_set_tolerance) F(aubio_pitch_get_confidence)  \
  F(del_aubio_pitch)
#define POINTER(name) __typeof__(name) *(name);
#define SYMBOL(name) { #name, &aubio.name },

static struct { FUNCTIONS(POINTER) } aubio;

static int load(void)
{
  static int loaded;
  static const ms_symbol symbols[] = { FUNCTIONS(SYMBOL) { NULL, NULL } };
  if (!loaded && ms_library_load("libaubio.so.5", "libaubio5", symbols) != 0) return -1;
  loaded = 1;
  return 0;
}

/* aubio misses most onsets that end in digital silence: a noise this far below the loudest sample
   stands under the wave, which is taken to a level that aubio's thresholds fit. */
static const double NOISE = 5e-4, LEVEL = 0.5;
/* aubio takes onsets for 4.3 hops late; those of clicks are 3 hops late. */
static const int ONSET_DELAY = 3;

/* ---- one call ------------------------------------------------------------------------------ */
typedef struct call {
  ms_tracking o;
  const real *wave;
  size_t samples;
  double scale; /* 0: the wave as it is */
  fvec_t *in, *out;
} call;

static void close_call(call *c)
{
  if (c->in) aubio.del_fvec(c->in);
  if (c->out) aubio.del_fvec(c->out);
}

/* aubio took at most 2.1 MB with frames of 1024, measured, and does not look whether it gets
   them. */
static int room(int frame)
{
  return ms_memory_room(((size_t)4 << 20) + 1024 * (size_t)frame);
}

static int open_call(call *c)
{
  if (load() != 0 || room(c->o.size) != 0) return -1;
  c->in = aubio.new_fvec((uint_t)c->o.hop);
  c->out = aubio.new_fvec(2);
  if (c->in && c->out) return 0;
  close_call(c);
  return ms_fail("no memory for aubio");
}

/* What takes the loudest sample to LEVEL; 0 where all are 0. */
static double scale_of(const real *wave, size_t samples)
{
  double most = 0;
  for (size_t i = 0; i < samples; i++) most = fmax(most, fabs((double)wave[i]));
  return most > 1e-30 ? LEVEL / most : 0;
}

/* A number in -1..1 for each position: a mixing of its bits. */
static double hash(uint64_t i)
{
  i = (i + 1) * 0x9E3779B97F4A7C15u;
  i = (i ^ (i >> 30)) * 0xBF58476D1CE4E5B9u;
  i = (i ^ (i >> 27)) * 0x94D049BB133111EBu;
  return (double)(int64_t)(i ^ (i >> 31)) * 0x1p-63;
}

/* Fills `in` with hop `h`, zeros behind the end. */
static void load_hop(const call *c, size_t h)
{
  const size_t first = h * (size_t)c->o.hop;
  for (size_t i = 0; i < (size_t)c->o.hop; i++) {
    const double x = first + i < c->samples ? (double)c->wave[first + i] : 0;
    c->in->data[i] =
        (smpl_t)(c->scale > 0 ? x * c->scale + NOISE * LEVEL * hash(first + i) : x);
  }
}

size_t ms_track_hops(ms_tracking o, size_t samples)
{
  return (samples + (size_t)o.hop - 1) / (size_t)o.hop;
}

static int refused(ms_tracking o, const char *what)
{
  return ms_fail("aubio has no %s of method \"%s\" for windows of %d samples every %d at %d Hz",
                 what, o.method, o.size, o.hop, o.rate);
}

/* Adds a time that lies in the wave and behind the others. */
static int add(const call *c, ms_times *t, double at)
{
  if (!(at >= 0 && at * c->o.rate < (double)c->samples)) return 0;
  if (t->count && at <= t->at[t->count - 1]) return 0;
  if (t->count == t->room) {
    const size_t room = t->room ? 2 * t->room : 64;
    double *more = realloc(t->at, room * sizeof *more);
    if (!more) return ms_fail("no memory for %zu times", room);
    t->at = more;
    t->room = room;
  }
  t->at[t->count++] = at;
  return 0;
}

/* ---- beats --------------------------------------------------------------------------------- */
int ms_track_beats(ms_tracking o, const real *wave, size_t samples, ms_times *beats)
{
  call c = { .o = o, .wave = wave, .samples = samples, .scale = scale_of(wave, samples) };
  if (open_call(&c) != 0) return -1;
  aubio_tempo_t *t = aubio.new_aubio_tempo(o.method, (uint_t)o.size, (uint_t)o.hop, (uint_t)o.rate);
  int status = t ? 0 : refused(o, "beats");
  if (t) {
    aubio.aubio_tempo_set_silence(t, (smpl_t)o.silence);
    if (!isnan(o.threshold)) aubio.aubio_tempo_set_threshold(t, (smpl_t)o.threshold);
  }
  for (size_t h = 0; status == 0 && h < ms_track_hops(o, samples); h++) {
    load_hop(&c, h);
    aubio.aubio_tempo_do(t, c.in, c.out);
    if (c.out->data[0] != 0) status = add(&c, beats, aubio.aubio_tempo_get_last_s(t));
  }
  if (t) aubio.del_aubio_tempo(t);
  close_call(&c);
  return status;
}

/* ---- onsets -------------------------------------------------------------------------------- */
int ms_track_onsets(ms_tracking o, const real *wave, size_t samples, ms_times *onsets)
{
  call c = { .o = o, .wave = wave, .samples = samples, .scale = scale_of(wave, samples) };
  if (open_call(&c) != 0) return -1;
  aubio_onset_t *t = aubio.new_aubio_onset(o.method, (uint_t)o.size, (uint_t)o.hop, (uint_t)o.rate);
  int status = t ? 0 : refused(o, "onsets");
  if (t) {
    aubio.aubio_onset_set_silence(t, (smpl_t)o.silence);
    aubio.aubio_onset_set_delay(t, (uint_t)(ONSET_DELAY * o.hop));
    if (!isnan(o.threshold)) aubio.aubio_onset_set_threshold(t, (smpl_t)o.threshold);
    if (!isnan(o.gap)) aubio.aubio_onset_set_minioi_s(t, (smpl_t)o.gap);
  }
  for (size_t h = 0; status == 0 && h < ms_track_hops(o, samples); h++) {
    load_hop(&c, h);
    aubio.aubio_onset_do(t, c.in, c.out);
    if (c.out->data[0] != 0) status = add(&c, onsets, aubio.aubio_onset_get_last_s(t));
  }
  if (t) aubio.del_aubio_onset(t);
  close_call(&c);
  return status;
}

/* ---- pitches ------------------------------------------------------------------------------- */
int ms_track_pitch(ms_tracking o, const real *wave, size_t samples, real *pitch, real *confidence)
{
  call c = { .o = o, .wave = wave, .samples = samples };
  if (open_call(&c) != 0) return -1;
  aubio_pitch_t *t = aubio.new_aubio_pitch(o.method, (uint_t)o.size, (uint_t)o.hop, (uint_t)o.rate);
  if (t) {
    aubio.aubio_pitch_set_unit(t, "Hz");
    aubio.aubio_pitch_set_silence(t, (smpl_t)o.silence);
    if (!isnan(o.threshold)) aubio.aubio_pitch_set_tolerance(t, (smpl_t)o.threshold);
  }
  for (size_t h = 0; t && h < ms_track_hops(o, samples); h++) {
    load_hop(&c, h);
    aubio.aubio_pitch_do(t, c.in, c.out);
    const double hertz = c.out->data[0];
    pitch[h] = hertz > 0 && hertz < o.rate / 2.0 ? (real)hertz : 0; /* yin may say the rate */
    confidence[h] = (real)aubio.aubio_pitch_get_confidence(t);
  }
  if (t) aubio.del_aubio_pitch(t);
  close_call(&c);
  return t ? 0 : refused(o, "pitch");
}
