/* Mixing desk of the stand-in corpora: gain, filters, levels and effects on waves, in place.
   A wave is a tensor (sample) or (sample, channel) with 1 or 2 channels. */
#ifndef MS_MIXING_H
#define MS_MIXING_H

#include <stdint.h>

#include "../tensor/tensor.h"

/* ---- levels ---------------------------------------------------------------------------- */
double ms_mix_rms(const ms_tensor *x);

/* Root mean square of the parts that sound: of the frames of `window` samples that are not
   silent, the louder 60 %. 1e-9 for silence, negative with a message out of memory. */
double ms_mix_active_rms(const ms_tensor *x, size_t window);

/* ---- gain and sum ------------------------------------------------------------------------ */
/* into[at..] += gain * x; what falls outside is dropped. A mono x goes to both channels of a
   stereo `into`, with gain[0] left and gain[1] right. -1 when x has more channels. */
int ms_mix_add(ms_tensor *into, const ms_tensor *x, int64_t at, const double gain[2]);
void ms_mix_scale(ms_tensor *x, double gain);
void ms_mix_clip(ms_tensor *x, double limit);

/* Every sample to the nearest k / 32768 with k = round(32767 x): sums of such waves are exact. */
void ms_mix_quantise(ms_tensor *x);

/* ---- filters ------------------------------------------------------------------------------ */
/* x = dry x + wet H(x),  H = (b0 + b1/z + b2/z2) / (1 + a1/z + a2/z2), coef = {b0 b1 b2 a1 a2} */
void ms_mix_filter(ms_tensor *x, const double coef[5], double dry, double wet);

/* Evens out a mono wave: x (target / max(local, least))^power, `local` the root mean square
   over `window` samples about the place. -1 and a message out of memory. */
int ms_mix_even(ms_tensor *x, size_t window, double target, double least, double power);

/* Adds the echo of a mono wave to a stereo one: a feedback delay network of eight lines behind
   12 ms of pre-delay, falling by 60 dB in `time` seconds, its impulse response scaled to the
   energy wet^2 in each channel. `size` stretches the lines (about 0.7 to 1.4). */
int ms_mix_reverb(ms_tensor *into, const ms_tensor *x, double rate, double time,
                  double wet, double size);

/* ---- effects -------------------------------------------------------------------------------- */
/* drive: tanh(gain x). pump: x (1 - depth e^(-5 phase)), the phase running from 0 to 1 in every
   period (samples). ring: x sin(2 pi turns n). noise: adds a hiss of rms `level`; pulses: adds
   `count` clicks of height `level` at random places. */
void ms_mix_drive(ms_tensor *x, double gain);
void ms_mix_pump(ms_tensor *x, double period, double depth);
void ms_mix_ring(ms_tensor *x, double turns);
void ms_mix_reverse(ms_tensor *x);
void ms_mix_noise(ms_tensor *x, uint64_t seed, double level);
void ms_mix_pulses(ms_tensor *x, uint64_t seed, size_t count, double level);

#endif
