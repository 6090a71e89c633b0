/* Mixing desk of the stand-in corpora (lua/standins): gain, filters, levels and effects on waves,
   in place.

   Why it is C, although only a renderer uses it: filters and echoes feed every sample back into the
   next one, which no operator on whole tensors expresses (lua/standins/sound/mixing.lua has what
   tensors can do). The same loops in Lua take 35 (filter) and 60 times (reverb) as long, a minute
   of a song's voice 11 s instead of 0.2 s. The rest sums in double and rounds once, so that a
   corpus has the same bytes whatever instruction set the operators run on. */
#include "mixing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"

#define PI 3.14159265358979323846

static size_t frames_of(const ms_tensor *x)
{
  return x->ndim ? x->dim[0] : 0;
}

static size_t channels_of(const ms_tensor *x)
{
  return x->ndim > 1 ? x->dim[1] : 1;
}

/* ---- levels ---------------------------------------------------------------------------- */
double ms_mix_rms(const ms_tensor *x)
{
  double sum = 0;
  for (size_t i = 0; i < x->count; i++) sum += (double)x->data[i] * x->data[i];
  return x->count ? sqrt(sum / (double)x->count) : 0;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Writes the mean square of each whole window that is not silent; returns how many there are. */
static size_t window_powers(const ms_tensor *x, size_t window, double *power)
{
  size_t size = window * channels_of(x), kept = 0;
  for (size_t w = 0; w < frames_of(x) / window; w++) {
    const real *p = x->data + w * size;
    double sum = 0;
    for (size_t i = 0; i < size; i++) sum += (double)p[i] * p[i];
    if (sum > 1e-8 * (double)size) power[kept++] = sum / (double)size;
  }
  return kept;
}

double ms_mix_active_rms(const ms_tensor *x, size_t window)
{
  if (!window || frames_of(x) < window) return ms_mix_rms(x);
  double *power = ms_alloc(frames_of(x) / window * sizeof *power);
  if (!power) return -1;
  size_t n = window_powers(x, window, power), first = (size_t)(0.4 * (double)n);
  qsort(power, n, sizeof *power, ascending);
  double sum = 0;
  for (size_t i = first; i < n; i++) sum += power[i];
  ms_free(power);
  return n ? sqrt(sum / (double)(n - first)) : 1e-9;
}

/* ---- gain and sum ------------------------------------------------------------------------ */
int ms_mix_add(ms_tensor *into, const ms_tensor *x, int64_t at, const double gain[2])
{
  size_t ci = channels_of(into), cx = channels_of(x);
  int64_t length = (int64_t)frames_of(x), room = (int64_t)frames_of(into);
  if (cx > ci) return ms_fail("add: a stereo wave does not fit into a mono one");
  if (at > room || at < -length) return 0;
  int64_t first = at < 0 ? -at : 0, last = length < room - at ? length : room - at;
  for (size_t c = 0; c < ci; c++) {
    real g = (real)gain[c];
    for (int64_t i = first; i < last; i++)
      into->data[(size_t)(at + i) * ci + c] +=
          g * x->data[(size_t)i * cx + (cx > 1 ? c : 0)];
  }
  return 0;
}

/* Every number x of t becomes y. */
#define EACH(t, x, y)                                                                            \
  for (size_t i = 0; i < (t)->count; i++) {                                                      \
    const real x = (t)->data[i];                                                                 \
    (t)->data[i] = (real)(y);                                                                    \
  }

void ms_mix_scale(ms_tensor *t, double gain)
{
  EACH(t, x, x * (real)gain)
}

void ms_mix_clip(ms_tensor *t, double limit)
{
  EACH(t, x, x > (real)limit ? (real)limit : x < -(real)limit ? -(real)limit : x)
}

void ms_mix_drive(ms_tensor *t, double gain)
{
  EACH(t, x, tanh(gain * (double)x))
}

void ms_mix_quantise(ms_tensor *x)
{
  for (size_t i = 0; i < x->count; i++) {
    double k = rint((double)x->data[i] * 32767);
    x->data[i] = (real)((k > 32767 ? 32767 : k < -32768 ? -32768 : k) / 32768);
  }
}

/* ---- filters ------------------------------------------------------------------------------ */
void ms_mix_filter(ms_tensor *x, const double coef[5], double dry, double wet)
{
  size_t channels = channels_of(x);
  double b0 = coef[0], b1 = coef[1], b2 = coef[2], a1 = coef[3], a2 = coef[4];
  for (size_t c = 0; c < channels; c++) {
    double s1 = 0, s2 = 0; /* transposed direct form */
    for (size_t i = c; i < x->count; i += channels) {
      double in = x->data[i], out = b0 * in + s1;
      s1 = b1 * in - a1 * out + s2;
      s2 = b2 * in - a2 * out;
      x->data[i] = (real)(dry * in + wet * out);
    }
  }
}

int ms_mix_even(ms_tensor *x, size_t window, double target, double least, double power)
{
  size_t n = x->count, half = window / 2;
  double *total = ms_alloc((n + 1) * sizeof *total);
  if (!total) return -1;
  total[0] = 0;
  for (size_t i = 0; i < n; i++)
    total[i + 1] = total[i] + (double)x->data[i] * x->data[i];
  for (size_t i = 0; i < n; i++) {
    size_t low = i > half ? i - half : 0, high = i + half + 1 < n ? i + half + 1 : n;
    double local = sqrt((total[high] - total[low]) / (double)(window ? window : 1));
    x->data[i] *= (real)pow(target / (local > least ? local : least), power);
  }
  ms_free(total);
  return 0;
}

/* ---- reverberation ------------------------------------------------------------------------- */
enum { LINES = 8, PRE = LINES }; /* the pre-delay is kept as a ninth line */

typedef struct network {
  real *line[LINES + 1]; /* rings inside one block */
  size_t length[LINES + 1], place[LINES + 1];
  double gain[LINES], low[LINES]; /* loss of a line, and the state of its treble loss */
  double dull;                    /* state of the filter in front */
  void *block;
} network;

/* Lengths in samples at 44.1 kHz: primes between 23 and 64 ms. */
static const double line_length[LINES] = {
  1031, 1327, 1523, 1777, 2053, 2311, 2539, 2801
};

static int network_open(network *w, double rate, double time, double size)
{
  size_t sum = 0, start = 0;
  memset(w, 0, sizeof *w);
  for (int i = 0; i <= LINES; i++) {
    double length = i == PRE ? 0.012 * rate : line_length[i] * size * rate / 44100;
    w->length[i] = length < 1 ? 1 : (size_t)length;
    if (i < LINES) w->gain[i] = pow(10, -3 * (double)w->length[i] / (rate * time));
    sum += w->length[i];
  }
  if (!(w->block = ms_alloc(sum * sizeof(real)))) return -1;
  memset(w->block, 0, sum * sizeof(real));
  for (int i = 0; i <= LINES; i++, start += w->length[i - 1])
    w->line[i] = (real *)w->block + start;
  return 0;
}

/* Puts a sample in a line and takes out the oldest. */
static real turn(network *w, int i, real in)
{
  real *p = w->line[i] + w->place[i], out = *p;
  *p = in;
  if (++w->place[i] == w->length[i]) w->place[i] = 0;
  return out;
}

/* One sample through the network: eight lines joined by the mirror I - 2/8 (Householder). */
static void network_step(network *w, double in, double out[2])
{
  double y[LINES], sum = 0;
  w->dull = 0.35 * turn(w, PRE, (real)in) + 0.65 * w->dull;
  for (int i = 0; i < LINES; i++) {
    double oldest = w->line[i][w->place[i]];
    w->low[i] = 0.85 * oldest + 0.15 * w->low[i];
    y[i] = w->gain[i] * w->low[i];
    sum += y[i];
  }
  for (int i = 0; i < LINES; i++) turn(w, i, (real)(w->dull + y[i] - 0.25 * sum));
  out[0] = y[0] - y[1] + y[2] - y[3] + y[4] - y[5] + y[6] - y[7];
  out[1] = y[0] + y[1] - y[2] - y[3] + y[4] + y[5] - y[6] - y[7];
}

/* Energy of the impulse response, mean of both channels. */
static double network_energy(network *w, size_t samples)
{
  double energy = 0, out[2];
  for (size_t n = 0; n < samples; n++) {
    network_step(w, n == 0, out);
    energy += 0.5 * (out[0] * out[0] + out[1] * out[1]);
  }
  return energy;
}

int ms_mix_reverb(ms_tensor *into, const ms_tensor *x, double rate, double time,
                  double wet, double size)
{
  network w;
  if (channels_of(into) != 2 || channels_of(x) != 1)
    return ms_fail("reverb: takes a mono wave to a stereo one");
  if (!(rate >= 1000 && rate <= 1e6 && time > 0 && time < 60 && size > 0.05 && size < 20))
    return ms_fail("reverb: rate, time and size must be those of a room");
  if (network_open(&w, rate, time, size) != 0) return -1;
  double energy = network_energy(&w, (size_t)(rate * time));
  ms_free(w.block);
  if (network_open(&w, rate, time, size) != 0) return -1;
  double gain = wet / sqrt(energy + 1e-12), out[2];
  size_t n = frames_of(x) < frames_of(into) ? frames_of(x) : frames_of(into);
  for (size_t i = 0; i < frames_of(into); i++) {
    network_step(&w, i < n ? (double)x->data[i] : 0, out);
    into->data[2 * i] += (real)(gain * out[0]);
    into->data[2 * i + 1] += (real)(gain * out[1]);
  }
  ms_free(w.block);
  return 0;
}

/* ---- effects -------------------------------------------------------------------------------- */
void ms_mix_pump(ms_tensor *x, double period, double depth)
{
  size_t channels = channels_of(x);
  for (size_t i = 0; i < x->count; i++) {
    const size_t frame = i / channels;
    double beats = (double)frame / period;
    x->data[i] *= (real)(1 - depth * exp(-5 * (beats - floor(beats))));
  }
}

void ms_mix_ring(ms_tensor *x, double turns)
{
  size_t channels = channels_of(x);
  for (size_t i = 0; i < x->count; i++) {
    const size_t frame = i / channels;
    double phase = turns * (double)frame;
    x->data[i] *= (real)sin(2 * PI * (phase - floor(phase)));
  }
}

void ms_mix_reverse(ms_tensor *x)
{
  size_t channels = channels_of(x), frames = frames_of(x);
  for (size_t i = 0; i < frames / 2; i++)
    for (size_t c = 0; c < channels; c++) {
      real *a = x->data + i * channels + c,
           *b = x->data + (frames - 1 - i) * channels + c, t = *a;
      *a = *b;
      *b = t;
    }
}

/* The splitmix64 generator: one addition and one mixing step per number. */
static uint64_t next_bits(uint64_t *state)
{
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* The sum of four uniform 16-bit numbers is close enough to a normal one for a hiss. */
void ms_mix_noise(ms_tensor *x, uint64_t seed, double level)
{
  double scale = level * sqrt(3) / 65536;
  for (size_t i = 0; i < x->count; i++) {
    uint64_t z = next_bits(&seed);
    double sum =
        (double)((z & 0xffff) + (z >> 16 & 0xffff) + (z >> 32 & 0xffff) + (z >> 48));
    x->data[i] += (real)(scale * (sum - 2 * 65535));
  }
}

void ms_mix_pulses(ms_tensor *x, uint64_t seed, size_t count, double level)
{
  size_t frames = frames_of(x), channels = channels_of(x);
  for (size_t k = 0; k < count && frames; k++) {
    size_t i = next_bits(&seed) % frames;
    for (size_t c = 0; c < channels; c++) x->data[i * channels + c] += (real)level;
  }
}
