/* Running medians along one axis of three. */
#include "median.h"

#include <stdatomic.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/memory.h"
#include "../../base/thread_pool.h"

enum { LINES = 8 }; /* of one chunk */
static ms_scratch_key room;

typedef struct job {
  const real *x;
  real *y;
  size_t outer, n, inner, size;
  atomic_int failed;
} job;

static int is_less(real a, real b)
{
  return a < b || (b != b && a == a);
}

/* The first place of a sorted list whose number is not less than v. */
static size_t place_of(const real *sorted, size_t count, real v)
{
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (is_less(sorted[middle], v)) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void insert(real *sorted, size_t count, real v)
{
  const size_t at = place_of(sorted, count, v);
  memmove(sorted + at + 1, sorted + at, (count - at) * sizeof *sorted);
  sorted[at] = v;
}

static void leave(real *sorted, size_t count, real v)
{
  const size_t at = place_of(sorted, count, v);
  memmove(sorted + at, sorted + at + 1, (count - at - 1) * sizeof *sorted);
}

/* Position i of a line of n mirrored at both ends, in 0..n-1: d c b a | a b c d | d c b a. */
static size_t mirrored(ptrdiff_t i, size_t n)
{
  const ptrdiff_t period = 2 * (ptrdiff_t)n;
  i %= period;
  if (i < 0) i += period;
  return (size_t)(i < (ptrdiff_t)n ? i : period - 1 - i);
}

static void run_line(const job *j, const real *x, real *y, real *sorted)
{
  const ptrdiff_t before = (ptrdiff_t)(j->size / 2);
  for (size_t k = 0; k < j->size; k++)
    insert(sorted, k, x[mirrored((ptrdiff_t)k - before, j->n) * j->inner]);
  for (size_t i = 0; i < j->n; i++) {
    y[i * j->inner] = sorted[j->size / 2];
    const ptrdiff_t first = (ptrdiff_t)i - before;
    leave(sorted, j->size, x[mirrored(first, j->n) * j->inner]);
    insert(sorted, j->size - 1, x[mirrored(first + (ptrdiff_t)j->size, j->n) * j->inner]);
  }
}

static void run_lines(void *arg, size_t chunk)
{
  job *j = arg;
  real *sorted = ms_scratch(&room, j->size * sizeof *sorted);
  if (!sorted) {
    atomic_store(&j->failed, 1);
    return;
  }
  const size_t lines = j->outer * j->inner;
  for (size_t line = chunk * LINES; line < lines && line < (chunk + 1) * LINES; line++) {
    const size_t at = line / j->inner * j->n * j->inner + line % j->inner;
    run_line(j, j->x + at, j->y + at, sorted);
  }
}

int ms_running_median(const real *x, size_t outer, size_t n, size_t inner, size_t size, real *y)
{
  job j = { .x = x, .y = y, .outer = outer, .n = n, .inner = inner, .size = size };
  if (n) ms_parallel((outer * inner + LINES - 1) / LINES, run_lines, &j);
  return atomic_load(&j.failed) ? ms_fail("no memory for a median of %zu numbers", size) : 0;
}
