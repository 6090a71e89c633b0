/* Tracker modules, by libopenmpt. */
#include "tracker.h"

#include <libopenmpt/libopenmpt.h>
#include <libopenmpt/libopenmpt_ext.h>
#include <stdlib.h>

#include "../../base/error.h"
#include "../../base/system/library.h"

enum { BLOCK = 4096 }; /* frames in one call: renderings in other blocks have other bits */

#define FUNCTIONS(F)                                                                          \
  F(openmpt_module_ext_create_from_memory) F(openmpt_module_ext_destroy)                      \
  F(openmpt_module_ext_get_module) F(openmpt_module_ext_get_interface)                        \
  F(openmpt_module_get_num_instruments) F(openmpt_module_get_num_samples)                     \
  F(openmpt_module_get_instrument_name) F(openmpt_module_get_sample_name)                     \
  F(openmpt_module_get_duration_seconds) F(openmpt_module_get_metadata)                       \
  F(openmpt_module_read_interleaved_float_stereo) F(openmpt_free_string)                      \
  F(openmpt_log_func_silent) F(openmpt_error_func_ignore)
#define POINTER(name) __typeof__(name) *(name);
#define SYMBOL(name) { #name, &mpt.name },

static struct { FUNCTIONS(POINTER) } mpt;

static int load(void)
{
  static int loaded;
  static const ms_symbol symbols[] = { FUNCTIONS(SYMBOL) { NULL, NULL } };
  if (!loaded && ms_library_load("libopenmpt.so.0", "libopenmpt0", symbols) != 0) return -1;
  loaded = 1;
  return 0;
}

struct ms_tracker {
  openmpt_module_ext *ext;
  openmpt_module *module;
  openmpt_module_ext_interface_interactive interactive;
};

static int open_module(ms_tracker *t, const void *bytes, size_t size)
{
  t->ext = mpt.openmpt_module_ext_create_from_memory(
    bytes, size, mpt.openmpt_log_func_silent, NULL, mpt.openmpt_error_func_ignore, NULL, NULL,
    NULL, NULL);
  if (!t->ext) return ms_fail("libopenmpt knows no such format");
  t->module = mpt.openmpt_module_ext_get_module(t->ext);
  if (mpt.openmpt_module_ext_get_interface(t->ext, LIBOPENMPT_EXT_C_INTERFACE_INTERACTIVE,
                                           &t->interactive, sizeof t->interactive) != 1)
    return ms_fail("this libopenmpt cannot make instruments silent");
  return 0;
}

ms_tracker *ms_tracker_open(const void *bytes, size_t size)
{
  if (load() != 0) return NULL;
  ms_tracker *t = calloc(1, sizeof *t);
  if (t && open_module(t, bytes, size) == 0) return t;
  if (!t) ms_fail("no memory for libopenmpt");
  else ms_tracker_close(t);
  return NULL;
}

void ms_tracker_close(ms_tracker *t)
{
  if (t->ext) mpt.openmpt_module_ext_destroy(t->ext);
  free(t);
}

double ms_tracker_seconds(const ms_tracker *t)
{
  return mpt.openmpt_module_get_duration_seconds(t->module);
}

int ms_tracker_instruments(const ms_tracker *t)
{
  const int count = mpt.openmpt_module_get_num_instruments(t->module);
  return count > 0 ? count : mpt.openmpt_module_get_num_samples(t->module);
}

const char *ms_tracker_name(const ms_tracker *t, int instrument)
{
  return mpt.openmpt_module_get_num_instruments(t->module) > 0
           ? mpt.openmpt_module_get_instrument_name(t->module, instrument)
           : mpt.openmpt_module_get_sample_name(t->module, instrument);
}

const char *ms_tracker_words(const ms_tracker *t, const char *key)
{
  return mpt.openmpt_module_get_metadata(t->module, key);
}

void ms_tracker_give_back(const char *words)
{
  mpt.openmpt_free_string(words);
}

int ms_tracker_mute(ms_tracker *t, int instrument)
{
  if (t->interactive.set_instrument_mute_status(t->ext, instrument, 1) == 1) return 0;
  return ms_fail("libopenmpt cannot make instrument %d silent", instrument + 1);
}

size_t ms_tracker_read(ms_tracker *t, int rate, size_t frames, real *stereo)
{
  float block[2 * BLOCK];
  size_t done = 0;
  for (size_t n; done < frames; done += n) {
    const size_t want = frames - done < BLOCK ? frames - done : BLOCK;
    n = mpt.openmpt_module_read_interleaved_float_stereo(t->module, rate, want, block);
    if (n == 0) break;
    for (size_t i = 0; i < 2 * n; i++) stereo[2 * done + i] = (real)block[i];
  }
  return done;
}
