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
  real last = 0;
  for (size_t i = 0; i < at->count; i++) {
    const real v = number(x, at, i);
    const int is_new = (i == 0) | ((v != last) & (found < many));
    found += (size_t)is_new;
    since = is_new ? i : since;
    last = is_new ? v : last;
    list[found - 1] = last;
    place[(size_t)at->data[i] - 1] = (real)found;
    counts[found - 1] = (real)(i - since + 1);
  }
}
