/* Spectra with gradients: TensorFlow's STFT, its inverse, magnitudes, and masking. */
#include <string.h>

#include "../audio/spectrum/stft.h"
#include "../base/error.h"
#include "../base/thread_pool.h"
#include "ops.h"

enum { PARTS = 2 }; /* real and imaginary */

static ms_stft convention(void)
{
  return MS_STFT_PAPER;
}

static size_t bins(void)
{
  return convention().size / 2 + 1;
}

/* Rows and samples of a wave (..., samples). */
static int wave_shape(const char *name, const ms_tensor *wave, size_t *rows, size_t *samples)
{
  char a[MS_SHAPE_TEXT];
  *rows = *samples = 0;
  if (wave->ndim == 2 && wave->dim[0] >= convention().size && wave->dim[1] < convention().size)
    return ms_fail("%s: a batch of waves is (batch, sample), got %s; "
                   "of a recording (sample, channel) "
                   "take x:permute{2, 1}", name, ms_shape_text(wave->ndim, wave->dim, a));
  if (wave->ndim < 1 || wave->dim[wave->ndim - 1] < convention().size ||
      wave->ndim > MS_MAX_DIMS - 2)
    return ms_fail("%s: the wave must be ... x samples with at least %zu samples, got %s", name,
                   convention().size, ms_shape_text(wave->ndim, wave->dim, a));
  *samples = wave->dim[wave->ndim - 1];
  *rows = wave->count / *samples;
  return 0;
}

/* ---- wave -> spectrum --------------------------------------------------------------- */
static int stft_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_new(ndim, dim);
  if (!gx[0]) return -1;
  const size_t samples = dim[ndim - 1], rows = gx[0]->count / samples;
  return ms_stft_adjoint(convention(), gy->data, rows, samples, gx[0]->data);
}

static ms_tensor *stft(const ms_call *c)
{
  const ms_tensor *wave = c->input[0];
  size_t rows, samples, dim[MS_MAX_DIMS];
  if (wave_shape("stft", wave, &rows, &samples) != 0) return NULL;
  memcpy(dim, wave->dim, sizeof dim);
  dim[wave->ndim - 1] = ms_stft_frames(convention(), samples);
  dim[wave->ndim] = bins();
  dim[wave->ndim + 1] = PARTS;
  ms_tensor *y = ms_tensor_new(wave->ndim + 2, dim);
  if (!y) return NULL;
  if (ms_stft_forward(convention(), wave->data, rows, samples, y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 0, NULL);
}

/** ms.audio.stft(wave) -> (..., frames, 257, 2): Hann window 512, hop 160, no padding. wave is
    (sample) or a batch of mono waves, (batch, sample); of a recording (sample, channel) take
    wave:permute{2, 1}. */
static const ms_op stft_op = {
  .name = "stft", .forward = stft, .backward = stft_backward, .takes = { MS_TENSOR(wave) },
};
MS_OPERATOR(stft_op)

/* ---- spectrum -> wave --------------------------------------------------------------- */
static int istft_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_tensor_new(ndim, dim);
  if (!gx[0]) return -1;
  const size_t frames = dim[ndim - 3], rows = gx[0]->count / (frames * bins() * PARTS);
  return ms_istft_adjoint(convention(), gy->data, rows, frames, gx[0]->data);
}

static ms_tensor *istft(const ms_call *c)
{
  const ms_tensor *spectrum = c->input[0];
  char text[MS_SHAPE_TEXT];
  int n = spectrum->ndim;
  if (n < 3 || spectrum->dim[n - 1] != PARTS || spectrum->dim[n - 2] != bins() || !spectrum->count)
    return ms_fail("istft: the spectrum must be ... x frames x %zu x 2, got %s", bins(),
                   ms_shape_text(n, spectrum->dim, text)), NULL;
  size_t dim[MS_MAX_DIMS], frames = spectrum->dim[n - 3];
  size_t rows = spectrum->count / (frames * bins() * PARTS);
  memcpy(dim, spectrum->dim, sizeof dim);
  dim[n - 3] = ms_istft_samples(convention(), frames);
  ms_tensor *y = ms_tensor_new(n - 2, dim);
  if (!y) return NULL;
  if (ms_istft_forward(convention(), spectrum->data, rows, frames, y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 0, NULL);
}

/** ms.audio.istft(spectrum) -> waves (..., sample), as stft takes them: overlap-add with
    TensorFlow's inverse window */
static const ms_op istft_op = {
  .name = "istft", .forward = istft, .backward = istft_backward, .takes = { MS_TENSOR(spectrum) },
};
MS_OPERATOR(istft_op)

/* ---- wave -> magnitude --------------------------------------------------------------- */
static int magnitude_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const ms_tensor *wave = ms_node_saved(n, 0);
  const size_t samples = wave->dim[wave->ndim - 1], rows = wave->count / samples;
  gx[0] = ms_tensor_like(wave);
  if (!gx[0]) return -1;
  return ms_stft_magnitude_adjoint(convention(), wave->data, gy->data, rows, samples,
                                   gx[0]->data);
}

static ms_tensor *magnitude(const ms_call *c)
{
  const ms_tensor *wave = c->input[0];
  size_t rows, samples, dim[MS_MAX_DIMS];
  if (wave_shape("magnitude", wave, &rows, &samples) != 0) return NULL;
  memcpy(dim, wave->dim, sizeof dim);
  dim[wave->ndim - 1] = ms_stft_frames(convention(), samples);
  dim[wave->ndim] = bins() - 1;
  ms_tensor *y = ms_tensor_new(wave->ndim + 1, dim);
  if (!y) return NULL;
  if (ms_stft_magnitude(convention(), wave->data, rows, samples, y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 1, c->input);
}

/** ms.audio.magnitude(wave) -> (..., frames, 256): magnitudes without the Nyquist bin, of waves as
    stft takes them */
static const ms_op magnitude_op = {
  .name = "magnitude", .forward = magnitude, .backward = magnitude_backward,
  .takes = { MS_TENSOR(wave) },
};
MS_OPERATOR(magnitude_op)

/* ---- masking: estimate s of example n at (t, f) is spectrum times mask (n, t, f, s) ------ */
typedef struct masking {
  const real *spectrum, *mask, *gy;
  real *out, *gmask;
  size_t frames, sources;
} masking;

/* One chunk is one frame of one example. */
static void mask_frame(void *arg, size_t chunk)
{
  const masking *m = arg;
  size_t example = chunk / m->frames, t = chunk % m->frames, width = bins() * PARTS;
  const real *x = m->spectrum + chunk * width, *mask = m->mask + chunk * (bins() - 1) * m->sources;
  for (size_t s = 0; s < m->sources; s++) {
    real *y = m->out + ((example * m->sources + s) * m->frames + t) * width;
    for (size_t f = 0; f < bins() - 1; f++) {
      y[2 * f] = x[2 * f] * mask[f * m->sources + s];
      y[2 * f + 1] = x[2 * f + 1] * mask[f * m->sources + s];
    }
    memcpy(y + width - PARTS, x + width - PARTS, PARTS * sizeof(real));
  }
}

static void mask_frame_back(void *arg, size_t chunk)
{
  const masking *m = arg;
  size_t example = chunk / m->frames, t = chunk % m->frames, width = bins() * PARTS;
  const real *x = m->spectrum + chunk * width;
  for (size_t s = 0; s < m->sources; s++) {
    const real *g = m->gy + ((example * m->sources + s) * m->frames + t) * width;
    for (size_t f = 0; f < bins() - 1; f++)
      m->gmask[(chunk * (bins() - 1) + f) * m->sources + s] = g[2 * f] * x[2 * f] + g[2 * f + 1] *
          x[2 * f + 1];
  }
}

/* The gradient of the spectrum: the sum over sources of gy times the mask (1 at Nyquist). */
static void spectrum_frame_back(void *arg, size_t chunk)
{
  const masking *m = arg;
  size_t example = chunk / m->frames, t = chunk % m->frames, width = bins() * PARTS;
  const real *mask = m->mask + chunk * (bins() - 1) * m->sources;
  real *gx = m->out + chunk * width;
  memset(gx, 0, width * sizeof *gx);
  for (size_t s = 0; s < m->sources; s++) {
    const real *g = m->gy + ((example * m->sources + s) * m->frames + t) * width;
    for (size_t i = 0; i < width; i++)
      gx[i] += g[i] * (i / PARTS < bins() - 1 ? mask[i / PARTS * m->sources + s] : 1);
  }
}

static int mask_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  ms_tensor *spectrum = ms_node_saved(n, 0), *mask = ms_node_saved(n, 1);
  masking m = { .spectrum = spectrum->data, .mask = mask->data, .gy = gy->data,
                .frames = mask->dim[1], .sources = mask->dim[3] };
  size_t chunks = mask->dim[0] * mask->dim[1];
  if (ms_needs_input_grad(n, 0)) {
    if (!(gx[0] = ms_tensor_like(spectrum))) return -1;
    m.out = gx[0]->data;
    ms_parallel(chunks, spectrum_frame_back, &m);
  }
  if (ms_needs_input_grad(n, 1)) {
    if (!(gx[1] = ms_tensor_like(mask))) return -1;
    m.gmask = gx[1]->data;
    ms_parallel(chunks, mask_frame_back, &m);
  }
  return 0;
}

static ms_tensor *mask_spectrum(const ms_call *c)
{
  const ms_tensor *spectrum = c->input[0], *mask = c->input[1];
  char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
  if (spectrum->ndim != 4 || mask->ndim != 4 || spectrum->dim[0] != mask->dim[0] ||
      spectrum->dim[1] != mask->dim[1] || spectrum->dim[2] != bins() || spectrum->dim[3] != PARTS ||
      mask->dim[2] != bins() - 1)
    return ms_fail("mask_spectrum: a spectrum of batch x frames x %zu x 2 and a mask of batch x "
                   "frames x %zu x sources are expected, got %s and %s", bins(), bins() - 1,
                   ms_shape_text(spectrum->ndim, spectrum->dim, a),
                   ms_shape_text(mask->ndim, mask->dim, b)), NULL;
  size_t dim[] = { mask->dim[0], mask->dim[3], mask->dim[1], bins(), PARTS };
  ms_tensor *y = ms_tensor_new(5, dim);
  if (!y) return NULL;
  masking m = { .spectrum = spectrum->data, .mask = mask->data, .out = y->data,
                .frames = mask->dim[1], .sources = mask->dim[3] };
  ms_parallel(mask->dim[0] * mask->dim[1], mask_frame, &m);
  return ms_record(c, y, 2, c->input);
}

/** spectrum:mask_spectrum(mask) -> (batch, sources, frames, 257, 2): spectrum (batch, frames, 257,
    2) times each mask of (batch, frames, 256, sources); Nyquist passes unmasked */
static const ms_op mask_spectrum_op = {
  .name = "mask_spectrum", .forward = mask_spectrum, .backward = mask_backward,
  .takes = { MS_TENSOR(spectrum), MS_TENSOR(mask) },
};
MS_OPERATOR(mask_spectrum_op)
