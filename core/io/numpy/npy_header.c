/* The header of a .npy file: magic, version, length, and a Python dictionary such as
   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }. */
#include "npy_header.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"

enum { HEADER_MOST = 1 << 16, WORD = 16 };

typedef struct reader {
  const char *at; /* what is left of the text */
  ms_npy_header *to;
  int seen; /* bits: 1 descr, 2 fortran_order, 4 shape */
} reader;

static void skip_blank(reader *h)
{
  while (isspace((unsigned char)*h->at)) h->at++;
}

/* Takes a piece of text where it stands next. */
static int take(reader *h, const char *text)
{
  skip_blank(h);
  size_t n = strlen(text);
  if (strncmp(h->at, text, n) != 0) return 0;
  h->at += n;
  return 1;
}

static int take_string(reader *h, char text[WORD])
{
  skip_blank(h);
  char quote = *h->at;
  if (quote != '\'' && quote != '"') return 0;
  const char *end = strchr(h->at + 1, quote);
  if (!end || end - h->at >= WORD) return 0;
  memcpy(text, h->at + 1, (size_t)(end - h->at - 1));
  text[end - h->at - 1] = '\0';
  h->at = end + 1;
  return 1;
}

/* A whole number below 2^48 where it stands next. */
static int take_size(reader *h, size_t *size)
{
  skip_blank(h);
  if (!isdigit((unsigned char)*h->at)) return 0;
  for (*size = 0; isdigit((unsigned char)*h->at); h->at++) {
    if (*size > ((size_t)1 << 44)) return 0;
    *size = *size * 10 + (size_t)(*h->at - '0');
  }
  return 1;
}

static int parse_shape(reader *h)
{
  if (!take(h, "(")) return ms_fail("its shape is not written in brackets");
  for (h->to->ndim = 0; !take(h, ")"); h->to->ndim++) {
    if (h->to->ndim == MS_MAX_DIMS)
      return ms_fail("it has more dimensions than a tensor can have");
    if (!take_size(h, &h->to->dim[h->to->ndim])) return ms_fail("a size is not a whole number");
    skip_blank(h);
    if (!take(h, ",") && *h->at != ')') return ms_fail("its shape is cut short");
  }
  return 0;
}

/* ---- types --------------------------------------------------------------------------------- */
static int refuse_type(const char *text)
{
  if (strchr(text, 'O'))
    return ms_fail("it holds Python objects (type %s), which are code when they are read; save "
                   "numbers or texts", text);
  if (strchr(text, 'V'))
    return ms_fail("it holds structures (type %s); save each field as an array of its own", text);
  if (strchr(text, 'M') || strchr(text, 'm'))
    return ms_fail("it holds times (type %s); save them by .astype('float64')", text);
  return ms_fail("numbers of type %s cannot be read", text);
}

/* "U12" or "S12": texts of so many characters or bytes. */
static int parse_text_type(ms_npy_header *to, const char *text)
{
  char *end;
  unsigned long long length = strtoull(text + 2, &end, 10);
  if (!isdigit((unsigned char)text[2]) || *end || length > HEADER_MOST * 1024ull)
    return refuse_type(text);
  to->is_unicode = text[1] == 'U';
  to->unit = to->is_unicode ? 4 : 1;
  to->item = (size_t)length * to->unit;
  return 0;
}

/* The type of a number, or of each half of a complex one, by its little-endian name. */
static int parse_number_type(ms_npy_header *to, const char *text)
{
  char name[WORD] = "";
  const int is_complex = text[1] == 'c', is_byte = text[1] && strcmp(text + 2, "1") == 0;
  if (!is_complex) snprintf(name, sizeof name, "%c%s", is_byte ? '|' : '<', text + 1);
  else if (strcmp(text + 2, "8") == 0) snprintf(name, sizeof name, "<f4");
  else if (strcmp(text + 2, "16") == 0) snprintf(name, sizeof name, "<f8");
  to->type = ms_dtype_by_npy(name);
  if (!to->type) return refuse_type(text);
  to->parts = is_complex ? 2 : 1;
  to->unit = to->type->bytes;
  to->item = to->unit * (size_t)to->parts;
  return 0;
}

static int parse_type(reader *h)
{
  char text[WORD];
  if (take(h, "["))
    return ms_fail("it is a structured array; save each field as an array of its own");
  if (!take_string(h, text)) return ms_fail("it holds something else than plain numbers");
  if (!strchr("<>=|", text[0]) || !text[0] || !text[1]) return refuse_type(text);
  int status = text[1] == 'U' || text[1] == 'S' ? parse_text_type(h->to, text)
                                                : parse_number_type(h->to, text);
  if (text[0] != '>') h->to->unit = 1;
  return status;
}

static int parse_order(reader *h)
{
  h->to->is_column = take(h, "True");
  return h->to->is_column || take(h, "False") ? 0 : ms_fail("its header is damaged");
}

static int parse(reader *h)
{
  static const struct { const char *key; int bit; int (*parse)(reader *); } keys[] = {
    { "descr", 1, parse_type }, { "fortran_order", 2, parse_order }, { "shape", 4, parse_shape }
  };
  char key[WORD];
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

/* Reads the header's text, ended by '\0'; *data: where the items begin. */
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

int ms_npy_header_read(const ms_input *in, ms_npy_header *h)
{
  char text[HEADER_MOST + 1];
  reader r = { .at = text, .to = h };
  *h = (ms_npy_header){ .parts = 1 };
  return read_text(in, text, &h->data) != 0 ? -1 : parse(&r);
}
