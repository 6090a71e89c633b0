/* Sizes: the lesser of two, and how many parts something is cut into. */
#ifndef MS_SIZES_H
#define MS_SIZES_H

#include <stddef.h>

static inline size_t ms_least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Parts of `unit` that n is cut into, the last of which may be smaller. */
static inline size_t ms_parts_of(size_t n, size_t unit)
{
  return (n + unit - 1) / unit;
}

#endif
