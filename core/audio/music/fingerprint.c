/* Fingerprints of recordings, by Chromaprint. */
#include "fingerprint.h"

#include <chromaprint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/system/library.h"

enum { BLOCK = 8192 };

#define FUNCTIONS(F)                                                                  \
  F(chromaprint_new) F(chromaprint_free) F(chromaprint_start) F(chromaprint_feed)     \
  F(chromaprint_finish) F(chromaprint_get_raw_fingerprint) F(chromaprint_dealloc)
#define POINTER(name) __typeof__(name) *(name);
#define SYMBOL(name) { #name, &chroma.name },

static struct { FUNCTIONS(POINTER) } chroma;

static int load(void)
{
  static int loaded;
  static const ms_symbol symbols[] = { FUNCTIONS(SYMBOL) { NULL, NULL } };
  if (!loaded && ms_library_load("libchromaprint.so.1", "libchromaprint1", symbols) != 0)
    return -1;
  loaded = 1;
  return 0;
}

static int16_t whole(real x)
{
  const double v = floor((double)x * 32767 + 0.5);
  return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v);
}

static int feed(ChromaprintContext *c, const real *wave, size_t samples)
{
  int16_t block[BLOCK];
  for (size_t first = 0; first < samples; first += BLOCK) {
    const size_t count = samples - first < BLOCK ? samples - first : BLOCK;
    for (size_t i = 0; i < count; i++) block[i] = whole(wave[first + i]);
    if (!chroma.chromaprint_feed(c, block, (int)count)) return 0;
  }
  return chroma.chromaprint_finish(c);
}

/* A copy that free() frees, of what Chromaprint found. */
static int take(ChromaprintContext *c, uint32_t **numbers, size_t *count)
{
  uint32_t *own = NULL;
  int n = 0;
  if (!chroma.chromaprint_get_raw_fingerprint(c, &own, &n))
    return ms_fail("Chromaprint gives no fingerprint");
  *count = (size_t)n;
  *numbers = malloc((*count ? *count : 1) * sizeof **numbers);
  if (*numbers) memcpy(*numbers, own, *count * sizeof **numbers);
  chroma.chromaprint_dealloc(own);
  return *numbers ? 0 : ms_fail("no memory for a fingerprint");
}

/* Chromaprint takes 0.3 MB, measured, and ends the process where it does not get them. */
enum { TAKEN = 1 << 20 };

int ms_fingerprint(const real *wave, size_t samples, int rate, uint32_t **numbers, size_t *count)
{
  if (load() != 0 || ms_memory_room(TAKEN) != 0) return -1;
  ChromaprintContext *c = chroma.chromaprint_new(CHROMAPRINT_ALGORITHM_DEFAULT);
  if (!c) return ms_fail("no memory for a fingerprint");
  int status = 0;
  if (!chroma.chromaprint_start(c, rate, 1) || !feed(c, wave, samples))
    status = ms_fail("Chromaprint refuses a wave at %d Hz", rate);
  if (status == 0) status = take(c, numbers, count);
  chroma.chromaprint_free(c);
  return status;
}
