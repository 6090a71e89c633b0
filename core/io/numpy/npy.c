/* Arrays as NumPy's .npy files: a header (npy_header.h), then items of one size. */
#define _GNU_SOURCE
#include "npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/system/atomic.h"
#include "npy_header.h"

enum { ALIGN = 64, CHARACTER = 4 };

void ms_array_release(ms_array *a)
{
  ms_tensor_free(a->numbers);
  free(a->text);
  *a = (ms_array){ 0 };
}

/* ---- reading ------------------------------------------------------------------------------- */
static void swap_units(unsigned char *data, size_t bytes, size_t unit)
{
  for (size_t i = 0; i + unit <= bytes; i += unit)
    for (size_t a = i, b = i + unit - 1; a < b; a++, b--) {
      unsigned char kept = data[a];
      data[a] = data[b];
      data[b] = kept;
    }
}

/* Items in column order (the first index runs fastest) put in row order. */
static void to_rows(const ms_npy_header *h, size_t count, const unsigned char *from,
                    unsigned char *to)
{
  size_t index[MS_MAX_DIMS] = { 0 }, step[MS_MAX_DIMS + 1] = { 1 }, at = 0;
  for (int d = 0; d < h->ndim; d++) step[d + 1] = step[d] * h->dim[d];
  for (size_t i = 0; i < count; i++) {
    memcpy(to + i * h->item, from + at * h->item, h->item);
    for (int d = h->ndim; d-- > 0;) {
      at += step[d];
      if (++index[d] < h->dim[d]) break;
      at -= step[d + 1];
      index[d] = 0;
    }
  }
}

/* All items in row order and our order of bytes, to be freed with free(). NULL and a message. */
static unsigned char *read_items(const ms_input *in, const ms_npy_header *h, size_t count)
{
  size_t bytes = count * h->item;
  unsigned char *items = malloc(bytes + 1);
  unsigned char *rows = items && h->is_column && h->ndim > 1 ? malloc(bytes + 1) : items;
  if (!rows) return free(items), ms_fail("no memory for %zu bytes", bytes), NULL;
  if (ms_input_read(in, h->data, items, bytes) != 0) {
    if (rows != items) free(rows);
    return free(items), NULL;
  }
  if (rows != items) {
    to_rows(h, count, items, rows);
    free(items);
  }
  if (h->unit > 1) swap_units(rows, bytes, h->unit);
  return rows;
}

/* Numbers that are not simply the file's bytes. */
static ms_tensor *read_numbers(const ms_input *in, const ms_npy_header *h, size_t count)
{
  size_t dim[MS_MAX_DIMS + 1];
  int is_complex = h->parts == 2, ndim = h->ndim + is_complex;
  memcpy(dim, h->dim, sizeof h->dim);
  dim[h->ndim] = 2;
  if (ndim > MS_MAX_DIMS)
    return ms_fail("complex numbers need one more dimension than a tensor can have"), NULL;
  unsigned char *items = read_items(in, h, count);
  ms_tensor *t = items ? ms_tensor_new(ndim, is_complex ? dim : h->dim) : NULL;
  if (t) h->type->to_real(items, t->data, t->count);
  free(items);
  return t;
}

static int check_characters(const unsigned char *text, size_t bytes)
{
  for (size_t i = 0; i < bytes; i += CHARACTER) {
    uint32_t c;
    memcpy(&c, text + i, sizeof c);
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
      return ms_fail("a text holds %" PRIX32 ", which is no character of Unicode", c);
  }
  return 0;
}

static int read_texts(const ms_input *in, const ms_npy_header *h, ms_array *a)
{
  if (h->item == 0 && a->count > 0) return ms_fail("its texts have no characters");
  a->is_unicode = h->is_unicode;
  a->width = h->item;
  a->text = read_items(in, h, a->count);
  if (!a->text) return -1;
  return a->is_unicode ? check_characters(a->text, a->count * a->width) : 0;
}

static int read_array(const ms_input *in, ms_array *a)
{
  ms_npy_header h;
  if (ms_npy_header_read(in, &h) != 0 || ms_shape_count(h.ndim, h.dim, &a->count) != 0) return -1;
  uint64_t bytes;
  if (__builtin_mul_overflow((uint64_t)a->count, h.item, &bytes) || bytes != in->size - h.data)
    return ms_fail("its header promises %zu times %zu bytes of data, there are %" PRIu64, a->count,
                   h.item, in->size - h.data);
  a->ndim = h.ndim;
  memcpy(a->dim, h.dim, sizeof a->dim);
  if (!h.type) return read_texts(in, &h, a);
  int is_plain = h.parts == 1 && h.unit == 1 && !(h.is_column && h.ndim > 1);
  a->numbers = is_plain ? ms_input_tensor(in, h.data, h.type, h.ndim, h.dim)
                        : read_numbers(in, &h, a->count);
  return a->numbers ? 0 : -1;
}

int ms_npy_read(const ms_input *in, ms_array *a)
{
  *a = (ms_array){ 0 };
  int status = read_array(in, a);
  if (status != 0) ms_array_release(a);
  return status;
}

int ms_npy_load(const char *path, ms_array *a)
{
  ms_input in;
  if (ms_input_open(&in, path) != 0) return -1;
  int status = ms_npy_read(&in, a);
  ms_input_close(&in);
  if (status != 0) ms_fail_within(path);
  return status;
}

/* ---- writing ------------------------------------------------------------------------------- */
static int put_type(const ms_array *a, char *text)
{
  if (a->numbers) return sprintf(text, "%s", ms_dtype_real()->npy);
  return sprintf(text, "<U%zu", a->width / CHARACTER);
}

void ms_npy_parts_of(const ms_array *a, ms_npy_parts *parts)
{
  const size_t *dim = a->numbers ? a->numbers->dim : a->dim;
  int ndim = a->numbers ? a->numbers->ndim : a->ndim;
  char *text = parts->head;
  memcpy(text, "\x93NUMPY\x01\0\0", 10); /* version 1.0; the length follows below */
  int n = 10 + sprintf(text + 10, "{'descr': '");
  n += put_type(a, text + n);
  n += sprintf(text + n, "', 'fortran_order': False, 'shape': (");
  for (int d = 0; d < ndim; d++) n += sprintf(text + n, "%zu, ", dim[d]);
  n += sprintf(text + n, "), }");
  int whole = (n + ALIGN) / ALIGN * ALIGN;
  memset(text + n, ' ', (size_t)(whole - n));
  text[whole - 1] = '\n';
  text[8] = (char)((whole - 10) & 255);
  text[9] = (char)((whole - 10) >> 8);
  parts->head_bytes = (size_t)whole;
  parts->data = a->numbers ? (const void *)a->numbers->data : a->text;
  parts->bytes = a->numbers ? a->numbers->count * sizeof(real) : a->count * a->width;
}

int ms_npy_write(const char *path, const ms_array *a)
{
  ms_npy_parts parts;
  ms_npy_parts_of(a, &parts);
  ms_atomic *f = ms_atomic_open(path, parts.head_bytes + parts.bytes);
  if (!f) return -1;
  if (ms_atomic_write(f, parts.head, parts.head_bytes) == 0 &&
      ms_atomic_write(f, parts.data, parts.bytes) == 0)
    return ms_atomic_commit(f);
  ms_atomic_cancel(f);
  return -1;
}
