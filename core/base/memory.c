/* Blocks for tensors: aligned, recycled, counted. Small ones are kept by size, large ones are cut
   out of the arena, where what is free can be joined. */
#include "memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arena.h"
#include "error.h"
#include "thread.h"

enum {
  ALIGN = 64,
  CLASSES = 48 * 8, /* eight sizes to every power of two */
  MOST_KEYS = 64,
  LARGE = 1 << 20,
  NO_CLASS = -1
};

/* Sits in the 64 bytes before every block, and leaves the last of them to the block's owner. */
typedef struct header {
  struct header *next;
  size_t bytes; /* of the block itself, as counted */
  int class;    /* or NO_CLASS: from the arena */
} header;

_Static_assert(sizeof(header) + MS_BESIDE_BYTES <= ALIGN, "the owner's notes have their place");

static ms_mutex lock = MS_MUTEX_INIT;
MS_HELD_OVER_FORKS(lock)
static header *kept[CLASSES];
static ms_memory now;
static size_t fail_at;

/* The class of a size: the smallest of eight steps within a power of two that holds it. */
static int class_of(size_t bytes, size_t *rounded)
{
  if (bytes < 512) bytes = 512;
  int power = 63 - __builtin_clzll((unsigned long long)(bytes - 1));
  size_t base = (size_t)1 << power, step = base / 8;
  size_t part = (bytes - base + step - 1) / step; /* 1..8 */
  *rounded = base + part * step;
  return (power - 8) * 8 + (int)part - 1;
}

/* What the machine has, or less where a control group says so. An allocation beyond it may
   succeed (pages are promised freely) and end the process when it is written to. */
static size_t machine_memory(void)
{
  static const char *const groups[] = { "/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes" };
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  size_t most = pages > 0 && page > 0 ? (size_t)pages * (size_t)page : SIZE_MAX / 4;
  for (int i = 0; i < 2; i++) {
    char text[32] = "";
    FILE *f = fopen(groups[i], "r");
    if (!f) continue;
    const size_t granted = fgets(text, sizeof text, f) ? strtoull(text, NULL, 10) : 0;
    if (granted && granted < most) most = granted; /* 0: "max" */
    fclose(f);
  }
  return most;
}

/* Returns all kept blocks and free pages; called with the lock held. */
static void release_kept(void)
{
  for (int c = 0; c < CLASSES; c++)
    while (kept[c]) {
      header *h = kept[c];
      kept[c] = h->next;
      now.held -= h->bytes;
      free(h);
    }
  now.held -= ms_arena_trim();
}

static header *small_block(size_t bytes)
{
  size_t rounded;
  const int class = class_of(bytes, &rounded);
  void *p = kept[class];
  if (p) {
    kept[class] = kept[class]->next;
    return p;
  }
  if (now.held + rounded > now.limit) release_kept(); /* blocks of other sizes */
  if (posix_memalign(&p, ALIGN, rounded + ALIGN) != 0) return NULL;
  now.held += rounded;
  *(header *)p = (header){ .bytes = rounded, .class = class };
  return p;
}

static header *large_block(size_t bytes)
{
  size_t grown;
  header *h = ms_arena_take(bytes + ALIGN, &grown);
  if (!h) return NULL;
  now.held += grown;
  if (grown && now.held > now.limit) release_kept();
  *h = (header){ .bytes = ms_arena_size(h), .class = NO_CLASS };
  return h;
}

/* A size as people read it: "512 bytes", "3.6 TiB". */
static const char *size_text(size_t bytes, char text[24])
{
  static const char *const unit[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  double size = (double)bytes;
  int i = 0;
  for (; size >= 1024; i++) size /= 1024;
  snprintf(text, 24, i ? "%.1f %s" : "%.0f %s", size, unit[i]);
  return text;
}

static int refuse(size_t bytes, const ms_memory *m)
{
  char more[24], live[24], limit[24];
  return ms_fail("no memory for %s more (%s in use, at most %s)", size_text(bytes, more),
                 size_text(m->live, live), size_text(m->limit, limit));
}

int ms_memory_room(size_t bytes)
{
  ms_lock(&lock);
  if (!now.limit) now.limit = machine_memory();
  const int refused = (fail_at && --fail_at == 0) || now.live + bytes > now.limit;
  ms_memory copy = now;
  ms_unlock(&lock);
  void *volatile block = refused ? NULL : malloc(bytes); /* volatile: the pair is not left out */
  const int found = block != NULL;
  free(block);
  return found ? 0 : refuse(bytes, &copy);
}

void *ms_alloc(size_t bytes)
{
  if (bytes > SIZE_MAX / 4) return ms_fail("a block of %zu bytes is too large", bytes), NULL;
  ms_lock(&lock);
  header *h = NULL;
  if (!now.limit) now.limit = machine_memory();
  const int refused = (fail_at && --fail_at == 0) || now.live + bytes > now.limit;
  if (!refused) h = bytes < LARGE ? small_block(bytes) : large_block(bytes);
  if (h) {
    now.live += h->bytes;
    if (now.live > now.peak) now.peak = now.live;
  }
  ms_memory copy = now;
  ms_unlock(&lock);
  if (!h) return refuse(bytes, &copy), NULL;
  return (char *)h + ALIGN;
}

void ms_free(void *block)
{
  if (!block) return;
  header *h = (header *)((char *)block - ALIGN);
  ms_lock(&lock);
  now.live -= h->bytes;
  if (h->class == NO_CLASS) {
    ms_arena_give(h);
  } else {
    h->next = kept[h->class];
    kept[h->class] = h;
  }
  ms_unlock(&lock);
}

void ms_memory_trim(void)
{
  ms_lock(&lock);
  release_kept();
  ms_unlock(&lock);
}

void ms_memory_set_limit(size_t bytes)
{
  ms_lock(&lock);
  now.limit = bytes ? bytes : machine_memory();
  ms_unlock(&lock);
}

ms_memory ms_memory_now(void)
{
  ms_lock(&lock);
  if (!now.limit) now.limit = machine_memory();
  ms_memory copy = now;
  ms_unlock(&lock);
  return copy;
}

void ms_memory_fail_at(size_t n)
{
  ms_lock(&lock);
  fail_at = n;
  ms_unlock(&lock);
}

typedef struct scratch {
  void *block;
  size_t bytes;
} scratch;

static _Thread_local scratch mine[MOST_KEYS];

/* Runs when a thread ends: its scratch goes back. */
static void give_scratch_back(void *all)
{
  scratch *s = all;
  for (int i = 0; i < MOST_KEYS; i++) {
    ms_free(s[i].block);
    s[i].block = NULL;
    s[i].bytes = 0;
  }
}

/* The number of a key, or -1 where there are too many of them. */
static int number_of(ms_scratch_key *key)
{
  static atomic_int given;
  int number = atomic_load(&key->number), none = 0;
  if (number) return number - 1;
  number = atomic_fetch_add(&given, 1) + 1;
  if (number > MOST_KEYS) return ms_fail("scratch: more than %d keys", MOST_KEYS), -1;
  return (atomic_compare_exchange_strong(&key->number, &none, number) ? number : none) - 1;
}

void *ms_scratch(ms_scratch_key *key, size_t bytes)
{
  const int number = number_of(key);
  if (number < 0) return NULL;
  scratch *s = &mine[number];
  if (s->bytes >= bytes && s->block) return s->block;
  ms_thread_at_exit(give_scratch_back, mine);
  ms_free(s->block);
  s->block = ms_alloc(bytes);
  s->bytes = s->block ? bytes : 0;
  return s->block;
}
