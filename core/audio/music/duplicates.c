/* Which of many fingerprints are of the same recording. The numbers of all prints are sorted; equal
   ones are votes for a pair of prints at an offset. Where some offset of a pair has votes, the bits
   of both prints are compared there. */
#include "duplicates.h"

#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"

enum {
  CROWD = 64,   /* a number that more prints have says nothing: silence, a held chord */
  VOTES = 2,    /* equal numbers at about one offset that are worth a look */
  NEAR = 2,     /* offsets beside the voted one that are tried */
  WINDOW = 16,  /* numbers of a piece whose errors say whether the prints agree there */
};

typedef struct place {
  uint32_t number, print, at;
} place;

typedef struct vote {
  uint32_t a, b;
  int32_t offset;
} vote;

typedef struct votes {
  vote *list;
  size_t count, room;
} votes;

static int by_number(const void *x, const void *y)
{
  const place *a = x, *b = y;
  if (a->number != b->number) return a->number < b->number ? -1 : 1;
  if (a->print != b->print) return a->print < b->print ? -1 : 1;
  return a->at < b->at ? -1 : a->at > b->at;
}

static int by_pair(const void *x, const void *y)
{
  const vote *a = x, *b = y;
  if (a->a != b->a) return a->a < b->a ? -1 : 1;
  if (a->b != b->b) return a->b < b->b ? -1 : 1;
  return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* All numbers with their places, sorted; a run of equal ones within a print counts once. */
static place *sorted_places(const ms_print *prints, size_t count, size_t *total)
{
  size_t n = 0;
  for (size_t p = 0; p < count; p++) n += prints[p].count;
  place *list = malloc((n ? n : 1) * sizeof *list);
  if (!list) return ms_fail("no memory for %zu numbers of fingerprints", n), NULL;
  n = 0;
  for (size_t p = 0; p < count; p++)
    for (size_t i = 0; i < prints[p].count; i++)
      if (!i || prints[p].number[i] != prints[p].number[i - 1])
        list[n++] = (place){ prints[p].number[i], (uint32_t)p, (uint32_t)i };
  qsort(list, n, sizeof *list, by_number);
  *total = n;
  return list;
}

static int add_vote(votes *v, place a, place b)
{
  if (v->count == v->room) {
    const size_t room = v->room ? 2 * v->room : 1024;
    vote *more = realloc(v->list, room * sizeof *more);
    if (!more) return ms_fail("no memory for %zu equal numbers of fingerprints", room);
    v->list = more;
    v->room = room;
  }
  v->list[v->count++] = (vote){ a.print, b.print, (int32_t)a.at - (int32_t)b.at };
  return 0;
}

/* Votes of the places first .. end - 1, which hold one number. */
static int vote_among(votes *v, const place *list, size_t first, size_t end)
{
  if (end - first > CROWD) return 0;
  for (size_t i = first; i < end; i++)
    for (size_t j = i + 1; j < end; j++)
      if (list[i].print != list[j].print && add_vote(v, list[i], list[j]) != 0) return -1;
  return 0;
}

static int collect(votes *v, const place *list, size_t total)
{
  for (size_t first = 0, end; first < total; first = end) {
    for (end = first + 1; end < total && list[end].number == list[first].number;) end++;
    if (vote_among(v, list, first, end) != 0) return -1;
  }
  if (v->count) qsort(v->list, v->count, sizeof *v->list, by_pair);
  return 0;
}

/* The longest stretch at an offset in which every window of numbers keeps to the errors: its
   length, and the share of its bits that differ. */
static size_t stretch_of(const ms_print *a, const ms_print *b, ptrdiff_t offset, double errors,
                         double *share)
{
  const size_t from = offset < 0 ? (size_t)-offset : 0;
  const size_t shift = offset > 0 ? (size_t)offset : 0;
  if (from >= b->count || shift >= a->count) return 0;
  size_t overlap = b->count - from, best = 0, start = 0, bits = 0;
  if (a->count - shift < overlap) overlap = a->count - shift;
  const uint32_t *x = a->number + shift, *y = b->number + from;
  unsigned in_window = 0;
  for (size_t i = 0; i < overlap; i++) {
    in_window += (unsigned)__builtin_popcount(x[i] ^ y[i]);
    if (i >= WINDOW) in_window -= (unsigned)__builtin_popcount(x[i - WINDOW] ^ y[i - WINDOW]);
    if (i + 1 < WINDOW) continue;
    if (in_window > errors * 32 * WINDOW) start = i + 2 - WINDOW;
    else if (i + 1 - start > best) best = i + 1 - start, bits = start;
  }
  unsigned wrong = 0;
  for (size_t i = bits; i < bits + best; i++) wrong += (unsigned)__builtin_popcount(x[i] ^ y[i]);
  *share = best ? wrong / (32.0 * (double)best) : 1;
  return best;
}

/* Looks at a pair at the offsets around one. */
static void look(const ms_print *prints, vote v, double errors, ms_duplicate *best)
{
  for (ptrdiff_t offset = v.offset - NEAR; offset <= v.offset + NEAR; offset++) {
    double share;
    const size_t n = stretch_of(&prints[v.a], &prints[v.b], offset, errors, &share);
    if (n > best->length || (n && n == best->length && share < best->errors))
      *best = (ms_duplicate){ v.a, v.b, offset, n, share };
  }
}

/* The best that the votes of one pair lead to. */
static ms_duplicate best_of(const ms_print *prints, const vote *v, size_t count, double errors)
{
  ms_duplicate best = { .errors = 1 };
  ptrdiff_t looked = PTRDIFF_MIN;
  for (size_t i = 0; i < count; i++) {
    size_t near = 1;
    while (i + near < count && v[i + near].offset <= v[i].offset + NEAR) near++;
    if (near < VOTES || v[i].offset == looked) continue;
    looked = v[i].offset;
    look(prints, v[i], errors, &best);
  }
  return best;
}

static int of_votes(const ms_print *prints, const votes *v, size_t length, double errors,
                    ms_duplicate **pairs, size_t *found)
{
  size_t room = 0;
  for (size_t first = 0, end; first < v->count; first = end) {
    const vote *w = v->list;
    for (end = first + 1; end < v->count && w[end].a == w[first].a && w[end].b == w[first].b;)
      end++;
    const ms_duplicate best = best_of(prints, w + first, end - first, errors);
    if (best.length < length) continue;
    if (*found == room) {
      room = room ? 2 * room : 16;
      ms_duplicate *more = realloc(*pairs, room * sizeof *more);
      if (!more) return ms_fail("no memory for %zu pairs", room);
      *pairs = more;
    }
    (*pairs)[(*found)++] = best;
  }
  return 0;
}

int ms_duplicates(const ms_print *prints, size_t count, size_t length, double errors,
                  ms_duplicate **pairs, size_t *found)
{
  size_t total;
  votes v = { 0 };
  *pairs = NULL;
  *found = 0;
  place *list = sorted_places(prints, count, &total);
  if (!list) return -1;
  int status = collect(&v, list, total);
  if (status == 0) status = of_votes(prints, &v, length, errors, pairs, found);
  free(list);
  free(v.list);
  if (status != 0) free(*pairs), *pairs = NULL;
  return status;
}
