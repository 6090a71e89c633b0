/* Counter-based randomness (Philox4x32-10; Salmon et al. 2011): a pure function of where. */
#include "rng.h"

static uint32_t product(uint32_t a, uint32_t b, uint32_t *high)
{
  uint64_t p = (uint64_t)a * b;
  *high = (uint32_t)(p >> 32);
  return (uint32_t)p;
}

void ms_rng_block(uint64_t seed, uint64_t stream, uint64_t counter, uint32_t out[4])
{
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  uint32_t c[4] = { (uint32_t)counter, (uint32_t)(counter >> 32), (uint32_t)stream,
                    (uint32_t)(stream >> 32) };
  for (int round = 0; round < 10; round++) {
    uint32_t h0, h1;
    uint32_t l0 = product(0xD2511F53u, c[0], &h0), l1 = product(0xCD9E8D57u, c[2], &h1);
    uint32_t n0 = h1 ^ c[1] ^ k0, n2 = h0 ^ c[3] ^ k1;
    c[0] = n0, c[1] = l1, c[2] = n2, c[3] = l0;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < 4; i++) out[i] = c[i];
}

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
