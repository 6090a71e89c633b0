/* Large blocks out of regions of the machine's memory, where neighbours that are free become one.
   Blocks kept by size serve a training step badly: activations that backward frees do not have
   the sizes that the weights' gradients need. */
#define _GNU_SOURCE
#include "arena.h"

#include <stdint.h>
#include <sys/mman.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#endif

enum { HEAD = 64, PAGE = 4096, SLIVER = 1 << 16 };
#define HUGE_PAGE ((size_t)2 << 20)
#define REGION ((size_t)1 << 30) /* of addresses: pages come as they are touched */

/* Sits in the HEAD bytes before every block, and at the start of free space. */
typedef struct chunk {
  size_t bytes;               /* with the head */
  size_t resident;            /* of free space: so many bytes have been touched */
  struct chunk *below, *above;   /* the neighbours in the region, NULL at its ends */
  struct chunk *before, *after;  /* of free space: others in the list, by address */
  int is_free;
} chunk;

_Static_assert(sizeof(chunk) <= HEAD, "a chunk's head has its place");

static chunk *free_list; /* by address */

static void *body(chunk *c)
{
  return (char *)c + HEAD;
}

static const chunk *head_of(const void *block)
{
  return (const chunk *)((const char *)block - HEAD);
}

/* The next address that is a multiple. */
static char *rounded_up(char *at, size_t multiple)
{
  return at + (multiple - (uintptr_t)at % multiple) % multiple;
}

/* ---- the list of free space ------------------------------------------------------------- */
static void list_remove(chunk *c)
{
  if (c->before) c->before->after = c->after;
  else free_list = c->after;
  if (c->after) c->after->before = c->before;
}

static void list_insert(chunk *c)
{
  chunk *before = NULL, *after = free_list;
  while (after && after < c) before = after, after = after->after;
  c->before = before;
  c->after = after;
  if (before) before->after = c;
  else free_list = c;
  if (after) after->before = c;
  c->is_free = 1;
}

/* c and the space above it, neither of them in the list, become one. */
static void join_above(chunk *c)
{
  const chunk other = *c->above;
  ASAN_POISON_MEMORY_REGION(c->above, HEAD);
  c->bytes += other.bytes;
  c->resident += other.resident;
  c->above = other.above;
  if (c->above) c->above->below = c;
}

/* Cuts c, which is in no list, to `bytes`; the rest becomes free space. */
static void cut(chunk *c, size_t bytes)
{
  chunk *rest = (chunk *)((char *)c + bytes);
  ASAN_UNPOISON_MEMORY_REGION(rest, HEAD);
  const size_t mine = c->resident < bytes ? c->resident : bytes;
  *rest = (chunk){ .bytes = c->bytes - bytes, .resident = c->resident - mine,
                   .below = c, .above = c->above };
  if (c->above) c->above->below = rest;
  c->above = rest;
  c->bytes = bytes;
  c->resident = mine;
  list_insert(rest);
}

/* ---- regions ------------------------------------------------------------------------------ */
static chunk *region_of(size_t bytes)
{
  bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
  char *at = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return NULL;
  chunk *c = (chunk *)rounded_up(at, HUGE_PAGE);
  madvise(c, bytes, MADV_HUGEPAGE);
  *c = (chunk){ .bytes = bytes };
  ASAN_POISON_MEMORY_REGION(body(c), bytes - HEAD);
  list_insert(c);
  return c;
}

/* Bytes that have not been touched yet where a block is cut out of c. */
static size_t fresh(const chunk *c, size_t bytes)
{
  return c->resident < bytes ? bytes - c->resident : 0;
}

/* The free space that holds so much and needs the least fresh memory for it; of equals the
   smallest, the lowest. */
static chunk *best_fit(size_t bytes)
{
  chunk *best = NULL;
  for (chunk *c = free_list; c; c = c->after) {
    if (c->bytes < bytes) continue;
    if (!best || fresh(c, bytes) < fresh(best, bytes) ||
        (fresh(c, bytes) == fresh(best, bytes) && c->bytes < best->bytes))
      best = c;
  }
  return best;
}

void *ms_arena_take(size_t bytes, size_t *grown)
{
  const size_t want = (bytes + HEAD + PAGE - 1) / PAGE * PAGE;
  chunk *c = best_fit(want);
  if (!c && want < REGION) c = region_of(REGION);
  if (!c) c = region_of(want);
  if (!c) return NULL;
  list_remove(c);
  if (c->bytes - want >= SLIVER) cut(c, want);
  c->is_free = 0;
  *grown = c->bytes - c->resident;
  c->resident = c->bytes;
  ASAN_UNPOISON_MEMORY_REGION(body(c), bytes);
  return body(c);
}

void ms_arena_give(void *block)
{
  chunk *c = (chunk *)((char *)block - HEAD);
  ASAN_POISON_MEMORY_REGION(block, c->bytes - HEAD);
  if (c->above && c->above->is_free) {
    list_remove(c->above);
    join_above(c);
  }
  if (c->below && c->below->is_free) {
    c = c->below;
    list_remove(c);
    join_above(c);
  }
  list_insert(c);
}

size_t ms_arena_size(const void *block)
{
  return head_of(block)->bytes;
}

size_t ms_arena_trim(void)
{
  size_t given = 0;
  for (chunk *c = free_list; c; c = c->after) {
    char *first = rounded_up(body(c), PAGE), *end = (char *)c + c->bytes;
    if (c->resident && end > first) madvise(first, (size_t)(end - first), MADV_DONTNEED);
    given += c->resident;
    c->resident = 0;
  }
  return given;
}
