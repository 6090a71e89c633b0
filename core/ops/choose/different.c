/* The different numbers of a list, once their order is known. */
#include "different.h"

/* The i-th number in order. */
static inline real number(const ms_tensor *x, const ms_tensor *at, size_t i)
{
  return x->data[(size_t)at->data[i] - 1];
}

size_t ms_different_count(const ms_tensor *x, const ms_tensor *at)
{
  size_t many = at->count > 0;
  for (size_t i = 1; i < at->count; i++) many += number(x, at, i) != number(x, at, i - 1);
  return many;
}

void ms_different(const ms_tensor *x, const ms_tensor *at, size_t many, real *list, real *place,
                  real *counts)
{
  size_t found = 0, since = 0;
  for (size_t i = 0; i < at->count; i++) {
    const real v = number(x, at, i);
    if (!i || (v != list[found - 1] && found < many)) {
      list[found++] = v;
      since = i;
    }
    place[(size_t)at->data[i] - 1] = (real)found;
    counts[found - 1] = (real)(i - since + 1);
  }
}
