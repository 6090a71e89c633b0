/* Numbers as whole numbers in the same order, with their places in the low bits: so that any way of
   sorting them is stable. */
#ifndef MS_SORT_ITEMS_H
#define MS_SORT_ITEMS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../base/real.h"

#ifdef MS_DOUBLE
typedef uint64_t ms_key;
typedef unsigned __int128 ms_item;
enum { MS_KEY_BITS = 64 };
#else
typedef uint32_t ms_key;
typedef uint64_t ms_item;
enum { MS_KEY_BITS = 32 };
#endif

/* Negative numbers are turned round, positive ones set above them; -0 becomes 0. */
static inline ms_key ms_key_of(real v, int descending)
{
  ms_key key;
  const real plain = v + 0;
  memcpy(&key, &plain, sizeof key);
  const ms_key sign = (ms_key)1 << (MS_KEY_BITS - 1);
  const ms_key turn = (ms_key)0 - (key >> (MS_KEY_BITS - 1));
  key ^= turn | sign;
  key = v != v ? (ms_key)-1 : key;
  return descending ? ~key : key;
}

static inline ms_item ms_item_of(ms_key key, size_t at)
{
  return (ms_item)key << MS_KEY_BITS | (ms_item)at;
}

static inline size_t ms_item_place(ms_item item)
{
  return (size_t)(ms_key)item;
}

static inline ms_key ms_item_key(ms_item item)
{
  return (ms_key)(item >> MS_KEY_BITS);
}

#endif
