/* FNV-1a of a text, for names: no two of a few are likely to share one. */
#ifndef MS_HASH_H
#define MS_HASH_H

#include <stdint.h>

static inline uint64_t ms_hash_of(const char *text)
{
  uint64_t hash = 0xcbf29ce484222325u;
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
  return hash;
}

#endif
