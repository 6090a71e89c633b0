/* Sorted tables of keys and values as LevelDB lays them out. */
#include "table.h"

#include <inttypes.h>
#include <string.h>

#include "../../base/error.h"
#include "../crc32c.h"

enum { FOOTER = 48, TRAILER = 5 }; /* trailer of a block: type, masked checksum */
static const uint64_t MAGIC = 0xdb4775248b80fb57u;

typedef struct table {
  ms_bytes file; /* without the footer */
  ms_table_visit *visit;
  void *arg;
  const unsigned char *next; /* data blocks begin here or later */
  char key[MS_TABLE_KEY + 1];
  size_t length;             /* of that key */
  int some;                  /* it is a key, not the start */
  uint64_t swollen;          /* bytes of all keys */
} table;

/* ---- one block ------------------------------------------------------------------------ */
static int check_block(ms_bytes block)
{
  const unsigned char *trailer = block.end;
  uint32_t crc = ms_crc32c(0, block.at, ms_bytes_left(&block) + 1);
  if (!ms_sum_is(ms_crc32c_masked(crc), ms_fixed32(trailer + 1)))
    return ms_fail("the checksum of a block of the index is wrong");
  if (trailer[0] == 1)
    return ms_fail("the index is compressed with snappy, which is not read here");
  if (trailer[0] != 0) return ms_fail("the index is compressed in an unknown way (%d)", trailer[0]);
  return 0;
}

/* The pairs of the block at a handle (offset, size), without the list of restarts behind them. */
static int open_block(const table *t, ms_bytes *handle, ms_bytes *pairs)
{
  uint64_t at, size, most = ms_bytes_left(&t->file);
  if (ms_varint(handle, &at) != 0 || ms_varint(handle, &size) != 0)
    return ms_fail("the place of a block of the index is malformed");
  if (at > most || size > most - at || most - at - size < TRAILER || size < 4)
    return ms_fail("a block of the index is said to be where the file has none");
  *pairs = (ms_bytes){ t->file.at + at, t->file.at + at + size };
  if (check_block(*pairs) != 0) return -1;
  uint64_t restarts = ms_fixed32(pairs->end - 4);
  if (restarts > (size - 4) / 4)
    return ms_fail("a block of the index has more restarts than bytes");
  pairs->end -= 4 + 4 * restarts;
  return 0;
}

typedef struct pair { uint64_t shared; ms_bytes rest, value; } pair;

static int next_pair(ms_bytes *pairs, pair *p)
{
  uint64_t rest, value;
  if (ms_varint(pairs, &p->shared) == 0 && ms_varint(pairs, &rest) == 0 &&
      ms_varint(pairs, &value) == 0 && ms_bytes_take(pairs, rest, &p->rest) == 0 &&
      ms_bytes_take(pairs, value, &p->value) == 0)
    return 0;
  return ms_fail("an entry of the index is malformed");
}

/* ---- the whole table --------------------------------------------------------------------- */
/* Makes the pair's key the current one. The first key of a block shares nothing. */
static int next_key(table *t, const pair *p, int first)
{
  size_t rest = ms_bytes_left(&p->rest), shared = (size_t)p->shared;
  if (p->shared > t->length || (first && shared > 0))
    return ms_fail("a name in the index shares more than its neighbour has");
  if (shared + rest > MS_TABLE_KEY)
    return ms_fail("a name in the index is longer than %d bytes", MS_TABLE_KEY);
  if (memchr(p->rest.at, 0, rest))
    return ms_fail("a name in the index has a zero byte (tensors in slices are not read here)");
  t->key[t->length] = '\0';
  char after[MS_TABLE_KEY + 1];
  memcpy(after, p->rest.at, rest);
  after[rest] = '\0';
  if (t->some && strcmp(after, t->key + shared) <= 0)
    return ms_fail("the names in the index are not in rising order");
  memcpy(t->key + shared, after, rest + 1);
  t->length = shared + rest;
  t->some = 1;
  t->swollen += t->length;
  if (t->swollen / MS_TABLE_SWELL <= ms_bytes_left(&t->file) + FOOTER) return 0;
  return ms_fail("the names in the index are out of proportion to its size");
}

static int walk_block(table *t, ms_bytes pairs)
{
  for (int first = 1; pairs.at < pairs.end; first = 0) {
    pair p;
    if (next_pair(&pairs, &p) != 0 || next_key(t, &p, first) != 0) return -1;
    if (t->visit(t->arg, t->key, p.value) != 0) return -1;
  }
  return 0;
}

/* Blocks follow each other: none is read twice, however long the list of them. */
static int walk_blocks(table *t, ms_bytes index)
{
  while (index.at < index.end) {
    pair p;
    ms_bytes pairs;
    if (next_pair(&index, &p) != 0 || open_block(t, &p.value, &pairs) != 0) return -1;
    if (pairs.at < t->next) return ms_fail("the blocks of the index overlap");
    t->next = pairs.end;
    if (walk_block(t, pairs) != 0) return -1;
  }
  return 0;
}

int ms_table_walk(ms_bytes file, ms_table_visit *visit, void *arg)
{
  table t = { .file = file, .visit = visit, .arg = arg, .next = file.at };
  ms_bytes index;
  uint64_t unused;
  if (ms_bytes_left(&file) < FOOTER || ms_fixed64(file.end - 8) != MAGIC)
    return ms_fail("not an index of a TensorFlow checkpoint, or cut short");
  t.file.end -= FOOTER;
  ms_bytes footer = { t.file.end, file.end - 8 };
  for (int k = 0; k < 2; k++) /* place and size of the meta block */
    if (ms_varint(&footer, &unused) != 0) return ms_fail("the footer of the index is malformed");
  if (open_block(&t, &footer, &index) != 0) return -1;
  return walk_blocks(&t, index);
}
