/* Weights as convolutions have packed them, kept beside parameters. */
#include "kept.h"

#include <stdlib.h>

#include "../../../base/memory.h"
#include "../../../grad/grad.h"

typedef struct kept {
  ms_derived derived; /* first */
  ms_kept_weight packed;
} kept;

static void release(ms_derived *derived)
{
  kept *k = (kept *)derived;
  ms_free(k->packed.room);
  free(k);
}

ms_kept_weight *ms_conv_kept(ms_tensor *weight)
{
  if (!ms_has_grad(weight) || ms_recording(1, &weight)) return NULL;
  ms_derived **place = ms_tensor_derived(weight);
  if (!*place) {
    kept *k = calloc(1, sizeof *k);
    if (!k) return NULL; /* it goes without */
    k->derived.release = release;
    *place = &k->derived;
  }
  return (*place)->release == release ? &((kept *)*place)->packed : NULL;
}
