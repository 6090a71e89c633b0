/* Other lengths and other pitches of a wave, by Rubber Band. */
#include "stretch.h"

#include <math.h>
#include <rubberband/rubberband-c.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/interrupt.h"
#include "../../base/memory.h"
#include "../../base/system/library.h"

/* Of a wave shorter than LEAST samples Rubber Band makes warnings: zeros go behind it. */
enum { BLOCK = 4096, LEAST = 4 * BLOCK };

#define FUNCTIONS(F)                                                                   \
  F(rubberband_new) F(rubberband_delete) F(rubberband_set_expected_input_duration)     \
  F(rubberband_set_max_process_size) F(rubberband_study) F(rubberband_process)         \
  F(rubberband_available) F(rubberband_retrieve) F(rubberband_set_debug_level)
#define POINTER(name) __typeof__(name) *(name);
#define SYMBOL(name) { #name, &band.name },

static struct { FUNCTIONS(POINTER) } band;

static int load(void)
{
  static int loaded;
  static const ms_symbol symbols[] = { FUNCTIONS(SYMBOL) { NULL, NULL } };
  if (!loaded && ms_library_load("librubberband.so.2", "librubberband2", symbols) != 0) return -1;
  loaded = 1;
  return 0;
}

size_t ms_stretch_samples(ms_stretching o, size_t samples)
{
  const double n = floor((double)samples / o.speed + 0.5);
  return n < 1 ? 1 : (size_t)n;
}

/* One call: a block of each channel lies side by side in `block`. */
typedef struct call {
  RubberBandState state;
  const real *wave;
  real *out;
  size_t channels, samples, wanted, got;
  float *block;
  float **rows; /* of the block */
} call;

static void load_block(const call *c, size_t first, size_t count)
{
  for (size_t k = 0; k < c->channels; k++)
    for (size_t i = 0; i < count; i++)
      c->rows[k][i] = first + i < c->samples ? (float)c->wave[k * c->samples + first + i] : 0;
}

/* Takes what is ready; drops what is not wanted. */
static void retrieve(call *c)
{
  int ready;
  while ((ready = band.rubberband_available(c->state)) > 0) {
    const unsigned n = band.rubberband_retrieve(c->state, c->rows,
                                                ready < BLOCK ? (unsigned)ready : BLOCK);
    if (!n) return;
    const size_t keep = n < c->wanted - c->got ? n : c->wanted - c->got;
    for (size_t k = 0; k < c->channels; k++)
      for (size_t i = 0; i < keep; i++)
        c->out[k * c->wanted + c->got + i] = (real)c->rows[k][i];
    c->got += keep;
  }
}

/* Shows all blocks to Rubber Band: once to be studied, once to be stretched. */
static void pass(call *c, int stretch)
{
  const size_t all = c->samples < LEAST ? LEAST : c->samples;
  for (size_t first = 0; first < all && !ms_stop_taken(); first += BLOCK) {
    const size_t count = all - first < BLOCK ? all - first : BLOCK;
    const int last = first + count == all;
    load_block(c, first, count);
    if (!stretch) {
      band.rubberband_study(c->state, (const float *const *)c->rows, (unsigned)count, last);
      continue;
    }
    band.rubberband_process(c->state, (const float *const *)c->rows, (unsigned)count, last);
    retrieve(c);
  }
}

static int open_call(call *c, ms_stretching o)
{
  const RubberBandOptions options = RubberBandOptionProcessOffline |
                                    RubberBandOptionThreadingNever |
                                    (o.fine ? RubberBandOptionEngineFiner : 0) |
                                    (o.formants ? RubberBandOptionFormantPreserved : 0);
  /* Rubber Band took at most 3.7 MB a channel, measured, and does not look whether it gets them. */
  if (load() != 0 || ms_memory_room((c->channels + 1) << 23) != 0) return -1;
  c->block = malloc(c->channels * BLOCK * sizeof *c->block);
  c->rows = malloc(c->channels * sizeof *c->rows);
  if (!c->block || !c->rows) return ms_fail("no memory to stretch a wave");
  for (size_t k = 0; k < c->channels; k++) c->rows[k] = c->block + k * BLOCK;
  c->state = band.rubberband_new((unsigned)o.rate, (unsigned)c->channels, options, 1 / o.speed,
                                 o.pitch);
  if (!c->state) return ms_fail("Rubber Band refuses %zu channels at %d Hz", c->channels, o.rate);
  band.rubberband_set_debug_level(c->state, -1); /* what it writes of itself is for nobody */
  band.rubberband_set_expected_input_duration(
      c->state, (unsigned)(c->samples < LEAST ? LEAST : c->samples));
  band.rubberband_set_max_process_size(c->state, BLOCK);
  return 0;
}

int ms_time_stretch(ms_stretching o, const real *wave, size_t channels, size_t samples, real *out)
{
  call c = { .wave = wave, .out = out, .channels = channels, .samples = samples,
             .wanted = ms_stretch_samples(o, samples) };
  const int status = open_call(&c, o);
  memset(out, 0, channels * c.wanted * sizeof *out);
  if (status == 0) {
    pass(&c, 0);
    pass(&c, 1);
    retrieve(&c);
  }
  if (c.state) band.rubberband_delete(c.state);
  free(c.block);
  free(c.rows);
  return status;
}
