/* Counter-based randomness (Philox4x32-10; Salmon et al. 2011): a pure function of where. */
#include "rng.h"

#include "hash.h"

uint64_t ms_rng_stream(const char *purpose)
{
  return ms_hash_of(purpose);
}

static uint64_t now;

uint64_t ms_rng_step(void)
{
  return now;
}

void ms_rng_set_step(uint64_t step)
{
  now = step;
}
