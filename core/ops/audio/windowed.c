/* Spectra of any window and hop, with gradients: complex, as magnitudes or powers, and back to
   waves by overlap-add. ms.audio's features are made from them. */
#include <string.h>

#include "../../audio/spectrum/stft.h"
#include "../../base/error.h"
#include "../ops.h"

enum { PARTS = 2 }; /* real and imaginary */
static const uint64_t MOST_PADDING = 1 << 20, MOST_HOP = (uint64_t)1 << 40;

typedef struct framing {
  size_t hop;
  uint64_t padding, power;
} framing;

typedef struct overlap {
  size_t hop;
  uint64_t padding;
  size_t samples;
} overlap;

/* The transform that window, hop and padding ask for. 0, or -1 and a message. */
static int form_of(const char *name, const ms_tensor *window, size_t hop, uint64_t padding,
                   ms_stft *f)
{
  char text[MS_SHAPE_TEXT];
  if (window->ndim != 1 || window->count < 2)
    return ms_fail("%s: the window must have one dimension and 2 numbers or more, got %s", name,
                   ms_shape_text(window->ndim, window->dim, text));
  if (ms_has_grad(window)) return ms_fail("%s: windows have no gradient; take detach()", name);
  if (padding > MOST_PADDING)
    return ms_fail("%s: the padding must be 0 to %llu samples", name,
                   (unsigned long long)MOST_PADDING);
  if (hop > MOST_HOP) return ms_fail("%s: the hop is too large", name);
  *f = (ms_stft){ window->count, hop, window->data, (size_t)padding };
  return 0;
}

/* Rows and frames of a wave (..., samples). */
static int wave_shape(const char *name, ms_stft f, const ms_tensor *wave, size_t *rows,
                      size_t *frames)
{
  char text[MS_SHAPE_TEXT];
  size_t samples = wave->ndim ? wave->dim[wave->ndim - 1] : 0;
  *frames = ms_stft_frames(f, samples);
  *rows = samples ? wave->count / samples : 0;
  if (wave->ndim >= 1 && wave->ndim <= MS_MAX_DIMS - 2 && samples && *frames) return 0;
  return ms_fail("%s: the wave must be (..., samples) with at least %zu samples, got %s", name,
                 f.size > 2 * f.padding + 1 ? f.size - 2 * f.padding : 1,
                 ms_shape_text(wave->ndim, wave->dim, text));
}

/* ---- wave -> complex spectrum ------------------------------------------------------------- */
static int spectrum_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const framing *a = ms_node_attributes(n);
  ms_stft f;
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim), samples = dim[ndim - 1];
  if (form_of("spectrum", ms_node_saved(n, 0), a->hop, a->padding, &f) != 0) return -1;
  gx[0] = ms_tensor_new(ndim, dim);
  if (!gx[0]) return -1;
  return ms_stft_adjoint(f, gy->data, gx[0]->count / samples, samples, gx[0]->data);
}

static ms_tensor *spectrum(const ms_call *c)
{
  const framing *a = c->attributes;
  ms_tensor *wave = c->input[0], *window = c->input[1];
  ms_stft f;
  size_t rows, dim[MS_MAX_DIMS];
  if (form_of("spectrum", window, a->hop, a->padding, &f) != 0) return NULL;
  memcpy(dim, wave->dim, sizeof dim);
  if (wave_shape("spectrum", f, wave, &rows, &dim[wave->ndim ? wave->ndim - 1 : 0]) != 0)
    return NULL;
  dim[wave->ndim] = f.size / 2 + 1;
  dim[wave->ndim + 1] = PARTS;
  ms_tensor *y = ms_tensor_new(wave->ndim + 2, dim);
  if (!y) return NULL;
  if (ms_stft_forward(f, wave->data, rows, wave->dim[wave->ndim - 1], y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 1, &window);
}

/** x:spectrum(window, hop, [padding = 0]) -> (..., frames, bins, 2): transforms of frames that
    begin every hop samples, each times the window (size), whose size is the transform's; bins =
    size / 2 + 1, real and imaginary part. x is a wave (..., samples); so many zeros of padding
    stand in front and behind, size / 2 where frames shall be centred on their samples. NumPy's
    rfft of each frame. No gradient for the window. */
static const ms_op spectrum_op = {
  .name = "spectrum", .forward = spectrum, .backward = spectrum_backward,
  .attributes = MS_ATTRIBUTES(framing),
  .takes = { MS_TENSOR(wave), MS_TENSOR(window), MS_THE_COUNT(framing, hop),
             MS_INTEGER(framing, padding, 0) },
};
MS_OPERATOR(spectrum_op)

/* ---- wave -> magnitudes or powers --------------------------------------------------------- */
static int power_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const framing *a = ms_node_attributes(n);
  const ms_tensor *wave = ms_node_saved(n, 0);
  const size_t samples = wave->dim[wave->ndim - 1];
  ms_stft f;
  if (form_of("power_spectrum", ms_node_saved(n, 1), a->hop, a->padding, &f) != 0) return -1;
  gx[0] = ms_tensor_like(wave);
  if (!gx[0]) return -1;
  return ms_stft_power_adjoint(f, (int)a->power, wave->data, gy->data, wave->count / samples,
                               samples, gx[0]->data);
}

static ms_tensor *power_spectrum(const ms_call *c)
{
  const framing *a = c->attributes;
  ms_tensor *wave = c->input[0], *window = c->input[1];
  ms_stft f;
  size_t rows, dim[MS_MAX_DIMS];
  if (a->power != 1 && a->power != 2)
    return ms_fail("power_spectrum: power must be 1 (magnitudes) or 2 (powers)"), NULL;
  if (form_of("power_spectrum", window, a->hop, a->padding, &f) != 0) return NULL;
  memcpy(dim, wave->dim, sizeof dim);
  if (wave_shape("power_spectrum", f, wave, &rows, &dim[wave->ndim ? wave->ndim - 1 : 0]) != 0)
    return NULL;
  dim[wave->ndim] = f.size / 2 + 1;
  ms_tensor *y = ms_tensor_new(wave->ndim + 1, dim);
  if (!y) return NULL;
  if (ms_stft_power(f, (int)a->power, wave->data, rows, wave->dim[wave->ndim - 1], y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 2, c->input);
}

/** x:power_spectrum(window, hop, [padding = 0], [power = 2]) -> (..., frames, bins): the powers of
    x:spectrum(window, hop, padding), or its magnitudes with power = 1, whose gradient is 0 where
    they are 0 */
static const ms_op power_spectrum_op = {
  .name = "power_spectrum", .forward = power_spectrum, .backward = power_backward,
  .attributes = MS_ATTRIBUTES(framing),
  .takes = { MS_TENSOR(wave), MS_TENSOR(window), MS_THE_COUNT(framing, hop),
             MS_INTEGER(framing, padding, 0), MS_INTEGER(framing, power, 2) },
};
MS_OPERATOR(power_spectrum_op)

/* ---- complex spectrum -> wave ------------------------------------------------------------- */
static int overlap_backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  const overlap *a = ms_node_attributes(n);
  ms_stft f;
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim), frames = dim[ndim - 3];
  if (form_of("overlap_spectrum", ms_node_saved(n, 0), a->hop, a->padding, &f) != 0) return -1;
  gx[0] = ms_tensor_new(ndim, dim);
  if (!gx[0]) return -1;
  return ms_stft_overlap_adjoint(f, gy->data, gy->count / a->samples, frames, a->samples,
                                 gx[0]->data);
}

static int overlap_shape(ms_stft f, const ms_tensor *x, size_t samples)
{
  char text[MS_SHAPE_TEXT];
  const int n = x->ndim;
  if (n < 3 || x->dim[n - 1] != PARTS || x->dim[n - 2] != f.size / 2 + 1 || !x->count)
    return ms_fail("overlap_spectrum: the spectrum must be (..., frames, %zu, 2), got %s",
                   f.size / 2 + 1, ms_shape_text(n, x->dim, text));
  const size_t most = ((size_t)1 << 50) / f.hop;
  const size_t all = x->dim[n - 3] < most ? (x->dim[n - 3] - 1) * f.hop + f.size : 0;
  if (samples + f.padding <= all) return 0;
  return ms_fail("overlap_spectrum: %zu frames of %zu samples every %zu, less %zu of padding, "
                 "do not reach %zu samples", x->dim[n - 3], f.size, f.hop, f.padding, samples);
}

static ms_tensor *overlap_spectrum(const ms_call *c)
{
  const overlap *a = c->attributes;
  ms_tensor *x = c->input[0], *window = c->input[1];
  ms_stft f;
  size_t dim[MS_MAX_DIMS];
  if (form_of("overlap_spectrum", window, a->hop, a->padding, &f) != 0 ||
      overlap_shape(f, x, a->samples) != 0) return NULL;
  const size_t frames = x->dim[x->ndim - 3];
  memcpy(dim, x->dim, sizeof dim);
  dim[x->ndim - 3] = a->samples;
  ms_tensor *y = ms_tensor_new(x->ndim - 2, dim);
  if (!y) return NULL;
  if (ms_stft_overlap(f, x->data, y->count / a->samples, frames, a->samples, y->data) != 0)
    return ms_tensor_free(y), NULL;
  return ms_record(c, y, 1, &window);
}

/** spectrum:overlap_spectrum(window, hop, padding, samples) -> (..., samples): the inverse
    transform of each frame (as NumPy's irfft) times the window, added up every hop samples; what
    lies before `padding` and beyond is cut off. ms.audio.griffin_lim divides by the squares of the
    windows to invert spectrum(). No gradient for the window. */
static const ms_op overlap_spectrum_op = {
  .name = "overlap_spectrum", .forward = overlap_spectrum, .backward = overlap_backward,
  .attributes = MS_ATTRIBUTES(overlap),
  .takes = { MS_TENSOR(spectrum), MS_TENSOR(window), MS_THE_COUNT(overlap, hop),
             MS_INTEGER(overlap, padding, 0), MS_THE_COUNT(overlap, samples) },
};
MS_OPERATOR(overlap_spectrum_op)
