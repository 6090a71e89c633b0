/* Which of many fingerprints are of the same recording. */
#ifndef MS_DUPLICATES_H
#define MS_DUPLICATES_H

#include <stddef.h>
#include <stdint.h>

typedef struct ms_print {
  const uint32_t *number;
  size_t count;
} ms_print;

typedef struct ms_duplicate {
  size_t a, b;      /* which prints, a < b */
  ptrdiff_t offset; /* number i of b lies at number i + offset of a */
  size_t length;    /* numbers that overlap */
  double errors;    /* the share of their bits that differ */
} ms_duplicate;

/* Pairs whose prints differ in at most `errors` of their bits over a stretch of at least `length`
   numbers, found through numbers that both have: an index, not all pairs. `pairs` is the caller's
   to free. 0, or -1 and a message. */
int ms_duplicates(const ms_print *prints, size_t count, size_t length, double errors,
                  ms_duplicate **pairs, size_t *found);

#endif
