/* Arrays as NumPy's .npy files: magic, version, length of the header, a Python dictionary
   such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, data. */
#define _GNU_SOURCE
#include "npy.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/system/atomic.h"

enum { HEADER_MOST = 1 << 16, ALIGN = 64 };

typedef struct header {
  const char *at; /* what is left of the text */
  const ms_dtype *type;
  int ndim;
  size_t dim[MS_MAX_DIMS];
  int seen; /* bits: 1 descr, 2 fortran_order, 4 shape */
} header;

static void skip_blank(header *h)
{
  while (isspace((unsigned char)*h->at)) h->at++;
}

/* Takes a piece of text where it stands next. */
static int take(header *h, const char *text)
{
  skip_blank(h);
  size_t n = strlen(text);
  if (strncmp(h->at, text, n) != 0) return 0;
  h->at += n;
  return 1;
}

static int take_string(header *h, char text[16])
{
  skip_blank(h);
  char quote = *h->at;
  if (quote != '\'' && quote != '"') return 0;
  const char *end = strchr(h->at + 1, quote);
  if (!end || end - h->at > 15) return 0;
  memcpy(text, h->at + 1, (size_t)(end - h->at - 1));
  text[end - h->at - 1] = '\0';
  h->at = end + 1;
  return 1;
}

static int take_size(header *h, size_t *size)
{
  skip_blank(h);
  if (!isdigit((unsigned char)*h->at)) return 0;
  for (*size = 0; isdigit((unsigned char)*h->at); h->at++) {
    if (*size > ((size_t)1 << 48)) return 0;
    *size = *size * 10 + (size_t)(*h->at - '0');
  }
  return 1;
}

static int parse_shape(header *h)
{
  if (!take(h, "(")) return ms_fail("its shape is not written in brackets");
  for (h->ndim = 0; !take(h, ")"); h->ndim++) {
    if (h->ndim == MS_MAX_DIMS) return ms_fail("it has more dimensions than a tensor can have");
    if (!take_size(h, &h->dim[h->ndim])) return ms_fail("a size is not a whole number");
    skip_blank(h);
    if (!take(h, ",") && *h->at != ')') return ms_fail("its shape is cut short");
  }
  return 0;
}

static int parse_type(header *h)
{
  char text[16];
  if (!take_string(h, text)) return ms_fail("it holds something else than plain numbers");
  h->type = ms_dtype_by_npy(text);
  return h->type ? 0 : ms_fail("numbers of type %s cannot be read", text);
}

static int parse_order(header *h)
{
  if (take(h, "False")) return 0;
  return ms_fail("it is in column (Fortran) order; save it with numpy.ascontiguousarray");
}

static int parse_header(header *h)
{
  static const struct { const char *key; int bit; int (*parse)(header *); } keys[] = {
    { "descr", 1, parse_type }, { "fortran_order", 2, parse_order }, { "shape", 4, parse_shape }
  };
  char key[16];
  if (!take(h, "{")) return ms_fail("its header is not a dictionary");
  while (!take(h, "}")) {
    int k = 0;
    if (!take_string(h, key) || !take(h, ":")) return ms_fail("its header is damaged");
    while (k < 3 && strcmp(keys[k].key, key) != 0) k++;
    if (k == 3 || h->seen & keys[k].bit) return ms_fail("its header has a strange key %s", key);
    if (keys[k].parse(h) != 0) return -1;
    h->seen |= keys[k].bit;
    skip_blank(h);
    if (!take(h, ",") && *h->at != '}') return ms_fail("its header is damaged");
  }
  skip_blank(h);
  return h->seen == 7 && !*h->at ? 0 : ms_fail("its header is damaged");
}

/* Reads the header's text (ended by '\0', at most HEADER_MOST); *data: where the numbers begin. */
static int read_text(const ms_input *in, char text[HEADER_MOST + 1], uint64_t *data)
{
  unsigned char b[12] = { 0 };
  if (in->size < 12 || ms_input_read(in, 0, b, 12) != 0 || memcmp(b, "\x93NUMPY", 6) != 0)
    return ms_fail("it is not an npy file");
  if (b[6] < 1 || b[6] > 3) return ms_fail("npy version %d is unknown", b[6]);
  uint64_t begin = b[6] == 1 ? 10 : 12, length = (uint64_t)b[8] | (uint64_t)b[9] << 8;
  if (b[6] > 1) length |= (uint64_t)b[10] << 16 | (uint64_t)b[11] << 24;
  if (length > HEADER_MOST || begin + length > in->size)
    return ms_fail("a header of %" PRIu64 " bytes cannot be", length);
  text[length] = '\0';
  *data = begin + length;
  return ms_input_read(in, begin, text, (size_t)length);
}

static ms_tensor *read_all(const ms_input *in)
{
  char text[HEADER_MOST + 1];
  header h = { .at = text };
  uint64_t data = 0;
  size_t count;
  if (read_text(in, text, &data) != 0 || parse_header(&h) != 0) return NULL;
  if (ms_shape_count(h.ndim, h.dim, &count) != 0) return NULL;
  if (count * h.type->bytes != in->size - data)
    return ms_fail("its header promises %zu bytes of numbers, there are %" PRIu64,
                   count * h.type->bytes, in->size - data), NULL;
  return ms_input_tensor(in, data, h.type, h.ndim, h.dim);
}

ms_tensor *ms_npy_read(const char *path)
{
  ms_input in;
  if (ms_input_open(&in, path) != 0) return NULL;
  ms_tensor *t = read_all(&in);
  ms_input_close(&in);
  if (!t) ms_fail_within(path);
  return t;
}

int ms_npy_write(const char *path, const ms_tensor *t)
{
  char text[512] = "\x93NUMPY\x01"; /* version 1.0; the length follows below */
  int n = 10 + sprintf(text + 10, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                       ms_dtype_real()->npy);
  for (int d = 0; d < t->ndim; d++) n += sprintf(text + n, "%zu, ", t->dim[d]);
  n += sprintf(text + n, "), }");
  int whole = (n + ALIGN) / ALIGN * ALIGN;
  memset(text + n, ' ', (size_t)(whole - n));
  text[whole - 1] = '\n';
  text[8] = (char)((whole - 10) & 255);
  text[9] = (char)((whole - 10) >> 8);
  ms_atomic *f = ms_atomic_open(path, (uint64_t)whole + t->count * sizeof(real));
  if (!f) return -1;
  if (ms_atomic_write(f, text, (size_t)whole) == 0 &&
      ms_atomic_write(f, t->data, t->count * sizeof(real)) == 0)
    return ms_atomic_commit(f);
  ms_atomic_cancel(f);
  return -1;
}
