/* Counter-based randomness (Philox4x32-10; Salmon et al. 2011): a pure function of where. */
#include "rng.h"

uint64_t ms_rng_stream(const char *purpose)
{
  uint64_t h = 0xcbf29ce484222325u;
  for (; *purpose; purpose++) h = (h ^ (unsigned char)*purpose) * 0x100000001b3u;
  return h;
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
