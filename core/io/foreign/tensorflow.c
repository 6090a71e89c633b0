/* TensorFlow's checkpoints: an index of names, shapes and places, and files of numbers. */
#define _GNU_SOURCE
#include "tensorflow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../crc32c.h"
#include "table.h"

enum { SHARDS_MOST = 99999, STRING = 7 };

/* TensorFlow's numbers of types, and what we call them; those without a name in `ours` are listed
   but not read. */
static const struct { const char *name, *ours; } types[] = {
  [1] = { "float32", "F32" }, [2] = { "float64", "F64" }, [3] = { "int32", "I32" },
  [4] = { "uint8", "U8" },    [5] = { "int16", "I16" },   [6] = { "int8", "I8" },
  [STRING] = { "string", NULL }, [8] = { "complex64", NULL }, [9] = { "int64", "I64" },
  [10] = { "bool", "BOOL" },  [14] = { "bfloat16", "BF16" }, [17] = { "uint16", "U16" },
  [18] = { "complex128", NULL }, [19] = { "float16", "F16" }, [22] = { "uint32", "U32" },
  [23] = { "uint64", "U64" },
};
enum { TYPES = sizeof types / sizeof *types };

/* ---- the header --------------------------------------------------------------------------- */
/* VersionDef: 1 the writer's version, 2 the oldest reader's; we read version 1. */
static int parse_version(ms_bytes message)
{
  ms_field f;
  int more;
  while ((more = ms_field_next(&message, &f)) == 1)
    if (f.number == 2 && f.wire == MS_WIRE_VARINT && f.value > 1)
      return ms_fail("the checkpoint needs a reader of version %" PRIu64, f.value);
  return more == 0 ? 0 : ms_fail("the header of the index is malformed");
}

/* BundleHeaderProto: 1 files, 2 byte order (1 is big-endian), 3 version. */
static int parse_header(ms_tensorflow *c, ms_bytes message)
{
  ms_field f;
  int more;
  uint64_t shards = 0;
  while ((more = ms_field_next(&message, &f)) == 1) {
    if (f.number == 1 && f.wire == MS_WIRE_VARINT) shards = f.value;
    if (f.number == 2 && f.wire == MS_WIRE_VARINT && f.value != 0)
      return ms_fail("the numbers are big-endian, which is not read here");
    if (f.number == 3 && f.wire == MS_WIRE_BYTES && parse_version(f.bytes) != 0) return -1;
  }
  if (more != 0) return ms_fail("the header of the index is malformed");
  if (shards < 1 || shards > SHARDS_MOST)
    return ms_fail("%" PRIu64 " data files cannot be", shards);
  c->shards = shards;
  return 0;
}

/* ---- entries ------------------------------------------------------------------------------ */
static int refuse(const char *name, const char *why)
{
  return ms_fail("tensor %.80s: %s", name, why);
}

/* TensorShapeProto.Dim: 1 the size; left out where it is 0. */
static int parse_size(ms_tensorflow_entry *e, ms_bytes message)
{
  ms_field f;
  int more;
  uint64_t size = 0;
  while ((more = ms_field_next(&message, &f)) == 1)
    if (f.number == 1 && f.wire == MS_WIRE_VARINT) size = f.value;
  if (more != 0 || size > INT64_MAX) return refuse(e->name, "a size is not a whole number");
  if (e->ndim == MS_MAX_DIMS) return refuse(e->name, "more dimensions than a tensor can have");
  e->dim[e->ndim++] = (size_t)size;
  return 0;
}

/* TensorShapeProto: 2 a dimension, 3 whether there is no shape at all. */
static int parse_shape(ms_tensorflow_entry *e, ms_bytes message)
{
  ms_field f;
  int more;
  while ((more = ms_field_next(&message, &f)) == 1) {
    if (f.number == 2 && f.wire == MS_WIRE_BYTES && parse_size(e, f.bytes) != 0) return -1;
    if (f.number == 3 && f.value != 0) return refuse(e->name, "its shape is unknown");
  }
  return more == 0 ? 0 : refuse(e->name, "its shape is malformed");
}

static int set_type(ms_tensorflow_entry *e, uint64_t number)
{
  if (number >= TYPES || !types[number].name) return refuse(e->name, "values of an unknown type");
  e->dtype = types[number].name;
  e->text = number == STRING;
  e->type = types[number].ours ? ms_dtype_by_name(types[number].ours) : NULL;
  return 0;
}

/* One field of BundleEntryProto: 1 type, 2 shape, 3 file, 4 first byte, 5 bytes, 6 checksum,
   7 slices. */
static int parse_field(ms_tensorflow_entry *e, const ms_field *f)
{
  static const int wires[] = { 0, MS_WIRE_VARINT, MS_WIRE_BYTES, MS_WIRE_VARINT, MS_WIRE_VARINT,
                               MS_WIRE_VARINT, MS_WIRE_FIXED32, MS_WIRE_BYTES };
  if (f->number > 7) return 0; /* of later versions */
  if (f->wire != wires[f->number]) return refuse(e->name, "its entry is malformed");
  switch (f->number) {
  case 1: return set_type(e, f->value);
  case 2: return parse_shape(e, f->bytes);
  case 3: e->shard = f->value; return 0;
  case 4: e->first = f->value; return 0;
  case 5: e->bytes = f->value; return 0;
  case 6: e->crc = (uint32_t)f->value; return 0;
  default: return refuse(e->name, "it is stored in slices, which are not read here");
  }
}

static int check_entry(const ms_tensorflow *c, const ms_tensorflow_entry *e)
{
  size_t count;
  if (!e->dtype) return refuse(e->name, "it has no type");
  if (e->shard >= c->shards) return refuse(e->name, "its data file is beyond the last one");
  if (e->first > INT64_MAX || e->bytes > INT64_MAX - e->first)
    return refuse(e->name, "its place is malformed");
  if (ms_shape_count(e->ndim, e->dim, &count) != 0) return refuse(e->name, ms_error());
  if (e->type && (e->bytes / e->type->bytes != count || e->bytes % e->type->bytes != 0))
    return refuse(e->name, "shape and type do not give the length of its data");
  return 0;
}

static ms_tensorflow_entry *new_entry(ms_tensorflow *c, const char *name)
{
  if (c->count == c->room) {
    size_t room = c->room ? 2 * c->room : 64;
    ms_tensorflow_entry *larger = realloc(c->entry, room * sizeof *larger);
    if (!larger) return ms_fail("no memory for the index"), NULL;
    c->entry = larger;
    c->room = room;
  }
  ms_tensorflow_entry *e = &c->entry[c->count];
  *e = (ms_tensorflow_entry){ .name = strdup(name) };
  if (!e->name) return ms_fail("no memory for the index"), NULL;
  c->count++;
  return e;
}

/* The empty name comes first. */
static int visit(void *arg, const char *key, ms_bytes value)
{
  ms_tensorflow *c = arg;
  ms_field f;
  int more;
  if (*key == '\0') return parse_header(c, value);
  if (c->shards == 0) return ms_fail("the index has no header");
  ms_tensorflow_entry *e = new_entry(c, key);
  if (!e) return -1;
  while ((more = ms_field_next(&value, &f)) == 1)
    if (parse_field(e, &f) != 0) return -1;
  return more == 0 ? check_entry(c, e) : refuse(key, "its entry is malformed");
}

static int by_place(const void *a, const void *b)
{
  const ms_tensorflow_entry *x = *(ms_tensorflow_entry *const *)a;
  const ms_tensorflow_entry *y = *(ms_tensorflow_entry *const *)b;
  if (x->shard != y->shard) return x->shard < y->shard ? -1 : 1;
  if (x->first != y->first) return x->first < y->first ? -1 : 1;
  return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* No byte belongs to two tensors: all of them together are no larger than the files. */
static int check_overlap(const ms_tensorflow *c)
{
  ms_tensorflow_entry **list = malloc((c->count + 1) * sizeof *list);
  if (!list) return ms_fail("no memory for the index");
  for (size_t i = 0; i < c->count; i++) list[i] = &c->entry[i];
  qsort(list, c->count, sizeof *list, by_place);
  int status = 0;
  for (size_t i = 1; i < c->count && status == 0; i++) {
    const ms_tensorflow_entry *e = list[i], *before = list[i - 1];
    if (e->shard == before->shard && e->first < before->first + before->bytes)
      status = refuse(e->name, "its data overlaps another's");
  }
  free(list);
  return status;
}

/* ---- files -------------------------------------------------------------------------------- */
static int read_index(ms_tensorflow *c, const char *path)
{
  size_t bytes;
  char *text = ms_input_text(path, &bytes);
  if (!text) return -1;
  const unsigned char *first = (const unsigned char *)text;
  int status = ms_table_walk((ms_bytes){ first, first + bytes }, visit, c);
  free(text);
  if (status == 0 && c->shards == 0) status = ms_fail("the index has no header");
  if (status == 0) status = check_overlap(c);
  return status == 0 ? 0 : ms_fail_within(path);
}

ms_tensorflow *ms_tensorflow_open(const char *prefix)
{
  ms_tensorflow *c = calloc(1, sizeof *c);
  char *path = NULL;
  if (c) c->in.file = -1;
  if (!c || !(c->prefix = strdup(prefix)) || asprintf(&path, "%s.index", prefix) < 0) {
    ms_tensorflow_close(c);
    return ms_fail("%s: no memory", prefix), NULL;
  }
  int status = read_index(c, path);
  free(path);
  if (status == 0) return c;
  ms_tensorflow_close(c);
  return NULL;
}

static int open_shard(ms_tensorflow *c, uint64_t shard)
{
  if (c->in.file >= 0 && c->shard == shard) return 0;
  ms_input_close(&c->in);
  free(c->path);
  c->path = NULL;
  if (asprintf(&c->path, "%s.data-%05" PRIu64 "-of-%05" PRIu64, c->prefix, shard, c->shards) < 0) {
    c->path = NULL;
    return ms_fail("%s: no memory", c->prefix);
  }
  c->shard = shard;
  return ms_input_open(&c->in, c->path);
}

static int check_data(const ms_tensorflow *c, const ms_tensorflow_entry *e)
{
  unsigned char block[1 << 14];
  uint32_t crc = 0;
  if (e->first > c->in.size || e->bytes > c->in.size - e->first)
    return refuse(e->name, "its data lies beyond the end of the file");
  for (uint64_t at = 0; at < e->bytes;) {
    size_t n = e->bytes - at < sizeof block ? (size_t)(e->bytes - at) : sizeof block;
    if (ms_input_read(&c->in, e->first + at, block, n) != 0) return -1;
    crc = ms_crc32c(crc, block, n);
    at += n;
  }
  if (ms_sum_is(ms_crc32c_masked(crc), e->crc)) return 0;
  return refuse(e->name, "the checksum of its data is wrong");
}

ms_tensor *ms_tensorflow_read(ms_tensorflow *c, size_t entry)
{
  const ms_tensorflow_entry *e = &c->entry[entry];
  if (!e->type)
    return ms_fail("%s: tensor %.80s: %s is not read here", c->prefix, e->name, e->dtype), NULL;
  if (open_shard(c, e->shard) != 0) return NULL;
  if (check_data(c, e) != 0) return ms_fail_within(c->path), NULL;
  return ms_input_tensor(&c->in, e->first, e->type, e->ndim, e->dim);
}

void ms_tensorflow_close(ms_tensorflow *c)
{
  if (!c) return;
  for (size_t i = 0; i < c->count; i++) free(c->entry[i].name);
  ms_input_close(&c->in);
  free(c->entry);
  free(c->prefix);
  free(c->path);
  free(c);
}
