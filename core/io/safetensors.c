/* Weights as safetensors files: named tensors and strings, data and never code. */
#define _GNU_SOURCE
#include "safetensors.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/system/atomic.h"
#include "crc32c.h"
#include "json.h"
#include "safetensors_sums.h"
#include "unicode.h"

enum { HEADER_MOST = 100000000, ALIGN = 64, SUMMED = 1 << 18 };

/* ---- reading ------------------------------------------------------------------------- */
static int refuse(const ms_safetensors *s, const char *name, const char *why)
{
  return ms_fail("%s: tensor %.80s: %s", s->in.path, name, why);
}

static int parse_shape(const ms_safetensors *s, ms_safetensor *e, json_t *shape)
{
  size_t n = json_array_size(shape);
  if (!json_is_array(shape)) return refuse(s, e->name, "shape is not a list");
  if (n > MS_MAX_DIMS) return refuse(s, e->name, "more dimensions than a tensor can have");
  e->ndim = (int)n;
  for (size_t d = 0; d < n; d++) {
    json_t *size = json_array_get(shape, d);
    if (!json_is_integer(size) || json_integer_value(size) < 0)
      return refuse(s, e->name, "a size is not a whole number");
    e->dim[d] = (size_t)json_integer_value(size);
  }
  return 0;
}

static int parse_span(const ms_safetensors *s, ms_safetensor *e, json_t *span)
{
  json_t *first = json_array_get(span, 0), *last = json_array_get(span, 1);
  if (json_array_size(span) != 2 || !json_is_integer(first) || !json_is_integer(last) ||
      json_integer_value(first) < 0 || json_integer_value(last) < json_integer_value(first))
    return refuse(s, e->name, "data_offsets are not two rising numbers");
  e->first = (uint64_t)json_integer_value(first);
  e->last = (uint64_t)json_integer_value(last);
  return 0;
}

static int parse_entry(const ms_safetensors *s, ms_safetensor *e, json_t *fields)
{
  const char *type = json_string_value(json_object_get(fields, "dtype"));
  size_t count;
  if (!json_is_object(fields) || json_object_size(fields) != 3 || !type)
    return refuse(s, e->name, "dtype, shape and data_offsets are expected");
  e->type = ms_dtype_by_name(type);
  if (!e->type) return refuse(s, e->name, "numbers of an unknown type");
  if (parse_shape(s, e, json_object_get(fields, "shape")) != 0) return -1;
  if (parse_span(s, e, json_object_get(fields, "data_offsets")) != 0) return -1;
  if (ms_shape_count(e->ndim, e->dim, &count) != 0) return refuse(s, e->name, ms_error());
  if (count * e->type->bytes != e->last - e->first)
    return refuse(s, e->name, "shape and type do not give the length of its data");
  return 0;
}

static int check_metadata(ms_safetensors *s, json_t *metadata)
{
  const char *key;
  json_t *value;
  if (!json_is_object(metadata)) return ms_fail("%s: __metadata__ is not a table", s->in.path);
  json_object_foreach(metadata, key, value)
    if (!json_is_string(value))
      return ms_fail("%s: __metadata__.%.80s is not a string", s->in.path, key);
  s->metadata = metadata;
  return 0;
}

static int by_place(const void *a, const void *b)
{
  const ms_safetensor *x = a, *y = b;
  if (x->first != y->first) return x->first < y->first ? -1 : 1;
  if (x->last != y->last) return x->last < y->last ? -1 : 1;
  return strcmp(x->name, y->name);
}

/* Every byte of the data belongs to exactly one tensor. */
static int check_tiling(const ms_safetensors *s)
{
  uint64_t at = 0, rest = s->in.size - s->data;
  for (size_t i = 0; i < s->count; i++) {
    if (s->entry[i].first != at)
      return refuse(s, s->entry[i].name, "its data overlaps another's, or leaves a hole before it");
    at = s->entry[i].last;
  }
  if (at == rest) return 0;
  return ms_fail("%s: the header describes %" PRIu64 " bytes of data but there are %" PRIu64,
                 s->in.path, at, rest);
}

static int parse_entries(ms_safetensors *s)
{
  const char *key;
  json_t *value;
  if (!json_is_object(s->header)) return ms_fail("%s: the header is not a table", s->in.path);
  s->entry = calloc(json_object_size(s->header) + 1, sizeof *s->entry);
  if (!s->entry) return ms_fail("%s: no memory for the header", s->in.path);
  json_object_foreach(s->header, key, value) {
    if (strcmp(key, "__metadata__") == 0) {
      if (check_metadata(s, value) != 0) return -1;
      continue;
    }
    s->entry[s->count].name = key;
    if (parse_entry(s, &s->entry[s->count], value) != 0) return -1;
    s->count++;
  }
  qsort(s->entry, s->count, sizeof *s->entry, by_place);
  return check_tiling(s);
}

/* The checksum of the header, where it has one; the key is ours and not for callers. */
static int check_sums(ms_safetensors *s, char *text, size_t bytes)
{
  json_t *metadata = json_object_get(s->header, "__metadata__");
  json_t *value = json_object_get(metadata, MS_SUMS_KEY);
  if (!value) return 0;
  if (!json_is_string(value) || ms_sums_check(text, bytes, json_string_value(value), &s->sum) != 0)
    return ms_fail("%s is damaged: its header is not the one that was written (where another "
                   "program changed it, that must not keep " MS_SUMS_KEY " in the metadata)",
                   s->in.path);
  s->summed = 1;
  return json_object_del(metadata, MS_SUMS_KEY);
}

static int read_header(ms_safetensors *s)
{
  unsigned char field[8];
  uint64_t length = 0;
  if (s->in.size < 8) return ms_fail("%s: too short for a safetensors file", s->in.path);
  if (ms_input_read(&s->in, 0, field, 8) != 0) return -1;
  for (int i = 7; i >= 0; i--) length = length << 8 | field[i];
  if (length > HEADER_MOST || length > s->in.size - 8)
    return ms_fail("%s: a header of %" PRIu64 " bytes cannot be: not a safetensors file, or cut "
                   "short", s->in.path, length);
  char *text = malloc((size_t)length + 1);
  if (!text) return ms_fail("%s: no memory for the header", s->in.path);
  int status = ms_input_read(&s->in, 8, text, (size_t)length);
  if (status == 0) s->header = ms_json_parse(text, (size_t)length, s->in.path);
  s->data = 8 + length;
  status = s->header ? check_sums(s, text, (size_t)length) : -1;
  free(text);
  return status;
}

ms_safetensors *ms_safetensors_open(const char *path)
{
  ms_safetensors *s = calloc(1, sizeof *s);
  if (!s) return ms_fail("%s: no memory", path), NULL;
  s->in.file = -1;
  if (ms_input_open(&s->in, path) == 0 && read_header(s) == 0 && parse_entries(s) == 0) return s;
  ms_safetensors_close(s);
  return NULL;
}

static int sum_of_data(const ms_safetensors *s, unsigned char *block, uint32_t *sum)
{
  *sum = 0;
  for (uint64_t at = s->data; at < s->in.size;) {
    size_t n = s->in.size - at < SUMMED ? (size_t)(s->in.size - at) : SUMMED;
    if (ms_input_read(&s->in, at, block, n) != 0) return -1;
    *sum = ms_crc32c(*sum, block, n);
    at += n;
  }
  return 0;
}

int ms_safetensors_verify(const ms_safetensors *s)
{
  uint32_t sum;
  if (!s->summed) return 0;
  unsigned char *block = malloc(SUMMED);
  if (!block) return ms_fail("%s: no memory to read it", s->in.path);
  const int status = sum_of_data(s, block, &sum);
  free(block);
  if (status != 0 || ms_sum_is(sum, s->sum)) return status;
  return ms_fail("%s is damaged: its numbers are not those that were written (checksum %08" PRIx32
                 ", not %08" PRIx32 ")", s->in.path, sum, s->sum);
}

ms_tensor *ms_safetensors_read(const ms_safetensors *s, size_t entry)
{
  const ms_safetensor *e = &s->entry[entry];
  return ms_input_tensor(&s->in, s->data + e->first, e->type, e->ndim, e->dim);
}

void ms_safetensors_close(ms_safetensors *s)
{
  if (!s) return;
  ms_input_close(&s->in);
  json_decref(s->header);
  free(s->entry);
  free(s);
}

/* ---- writing ------------------------------------------------------------------------- */
static int by_name(const void *a, const void *b)
{
  const ms_named_tensor *x = a, *y = b;
  return strcmp(x->name, y->name);
}

static json_t *describe(const ms_tensor *t, uint64_t first)
{
  uint64_t last = first + t->count * sizeof(real);
  json_t *shape = json_array();
  int status = shape ? 0 : -1;
  for (int d = 0; status == 0 && d < t->ndim; d++)
    status = json_array_append_new(shape, json_integer((json_int_t)t->dim[d]));
  if (status != 0) return json_decref(shape), NULL;
  return json_pack("{s:s, s:o, s:[I, I]}", "dtype", ms_dtype_real()->name, "shape", shape,
                   "data_offsets", (json_int_t)first, (json_int_t)last);
}

/* The metadata with the checksum of the data; NULL where there is no memory. */
static json_t *summed(size_t count, const ms_named_tensor *list, json_t *metadata)
{
  uint32_t sum = 0;
  char text[MS_SUMS_LENGTH + 1];
  json_t *all = metadata ? json_copy(metadata) : json_object();
  for (size_t i = 0; i < count; i++)
    sum = ms_crc32c(sum, list[i].value->data, list[i].value->count * sizeof(real));
  ms_sums_text(sum, text);
  if (json_object_set_new(all, MS_SUMS_KEY, json_string(text)) == 0) return all;
  return json_decref(all), NULL;
}

/* The header's text, padded with spaces so that the data begins aligned. */
static char *header_text(size_t count, const ms_named_tensor *list, json_t *metadata, size_t *bytes)
{
  json_t *header = json_object();
  uint64_t at = 0;
  int status = json_object_set_new(header, "__metadata__", summed(count, list, metadata));
  for (size_t i = 0; i < count && status == 0; i++) {
    status = json_object_set_new(header, list[i].name, describe(list[i].value, at));
    at += list[i].value->count * sizeof(real);
  }
  if (status != 0) ms_fail("no memory for the header");
  char *text = status == 0 ? ms_json_text(header, 1, 0, bytes) : NULL;
  json_decref(header);
  if (!text) return NULL;
  size_t padded = (*bytes + 8 + ALIGN - 1) / ALIGN * ALIGN - 8;
  if (padded > HEADER_MOST) return free(text), ms_fail("the header would be too long"), NULL;
  char *larger = realloc(text, padded);
  if (!larger) return free(text), ms_fail("no memory for the header"), NULL;
  memset(larger + *bytes, ' ', padded - *bytes);
  *bytes = padded;
  ms_sums_sign(larger, padded);
  return larger;
}

static int write_parts(ms_atomic *f, const char *header, size_t bytes, size_t count,
                       const ms_named_tensor *list)
{
  unsigned char length[8];
  for (int i = 0; i < 8; i++) length[i] = (unsigned char)((uint64_t)bytes >> (8 * i));
  if (ms_atomic_write(f, length, 8) != 0 || ms_atomic_write(f, header, bytes) != 0) return -1;
  int status = 0;
  for (size_t i = 0; i < count && status == 0; i++)
    status = ms_atomic_write(f, list[i].value->data, list[i].value->count * sizeof(real));
  return status;
}

int ms_safetensors_write(const char *path, size_t count, ms_named_tensor *list, json_t *metadata)
{
  size_t bytes;
  uint64_t total = 8;
  qsort(list, count, sizeof *list, by_name);
  for (size_t i = 0; i < count; i++)
    if (!ms_unicode_valid(list[i].name, strlen(list[i].name)))
      return ms_fail("the tensor name %.80s is not valid UTF-8", list[i].name),
             ms_fail_within(path);
  for (size_t i = 0; i < count; i++) total += list[i].value->count * sizeof(real);
  char *header = header_text(count, list, metadata, &bytes);
  if (!header) return ms_fail_within(path);
  ms_atomic *f = ms_atomic_open(path, total + bytes);
  int status = f ? write_parts(f, header, bytes, count, list) : -1;
  if (status == 0) status = ms_atomic_commit(f);
  else ms_atomic_cancel(f);
  free(header);
  return status;
}
