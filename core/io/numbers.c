/* Number types of foreign files, and files read by position. */
#define _GNU_SOURCE
#include "numbers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/error.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files are little-endian, as we are");

/* The plain C types, unaligned in the file. */
#define CONVERT(name, type)                                                        \
  static void from_##name(const unsigned char *from, real *to, size_t n)           \
  {                                                                                \
    for (size_t i = 0; i < n; i++) {                                               \
      type value;                                                                  \
      memcpy(&value, from + i * sizeof value, sizeof value);                       \
      to[i] = (real)value;                                                         \
    }                                                                              \
  }
CONVERT(f32, float)
CONVERT(f64, double)
CONVERT(i64, int64_t)
CONVERT(i32, int32_t)
CONVERT(i16, int16_t)
CONVERT(i8, int8_t)
CONVERT(u64, uint64_t)
CONVERT(u32, uint32_t)
CONVERT(u16, uint16_t)
CONVERT(u8, uint8_t)

static float float_of_bits(uint32_t bits)
{
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* IEEE half: 5 exponent bits, 10 of fraction. */
static float half(uint16_t h)
{
  uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, fraction = h & 1023;
  if (exponent == 31) return float_of_bits(sign | 0x7f800000u | fraction << 13);
  if (exponent == 0) { /* subnormal: fraction * 2^-24 */
    float value = (float)fraction * 0x1p-24f;
    return sign ? -value : value;
  }
  return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

static void from_f16(const unsigned char *from, real *to, size_t n)
{
  for (size_t i = 0; i < n; i++) to[i] = (real)half((uint16_t)(from[2 * i] | from[2 * i + 1] << 8));
}

static void from_bf16(const unsigned char *from, real *to, size_t n)
{
  for (size_t i = 0; i < n; i++)
    to[i] = (real)float_of_bits((uint32_t)(from[2 * i] | from[2 * i + 1] << 8) << 16);
}

static const ms_dtype types[] = {
  { "F32", "<f4", 4, from_f32 },   { "F64", "<f8", 8, from_f64 },  { "F16", "<f2", 2, from_f16 },
  { "BF16", NULL, 2, from_bf16 },  { "I64", "<i8", 8, from_i64 },  { "I32", "<i4", 4, from_i32 },
  { "I16", "<i2", 2, from_i16 },   { "I8", "|i1", 1, from_i8 },    { "U64", "<u8", 8, from_u64 },
  { "U32", "<u4", 4, from_u32 },   { "U16", "<u2", 2, from_u16 },  { "U8", "|u1", 1, from_u8 },
  { "BOOL", "|b1", 1, from_u8 },
};
enum { TYPES = sizeof types / sizeof *types };

const ms_dtype *ms_dtype_by_name(const char *name)
{
  for (int i = 0; i < TYPES; i++)
    if (strcmp(types[i].name, name) == 0) return &types[i];
  return NULL;
}

const ms_dtype *ms_dtype_by_npy(const char *npy)
{
  for (int i = 0; i < TYPES; i++)
    if (types[i].npy && strcmp(types[i].npy, npy) == 0) return &types[i];
  return NULL;
}

const ms_dtype *ms_dtype_real(void)
{
  return &types[sizeof(real) == 4 ? 0 : 1];
}

int ms_input_open(ms_input *in, const char *path)
{
  struct stat s;
  *in = (ms_input){ .path = path };
  in->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hang us */
  if (in->file < 0) return ms_fail("cannot open %s: %s", path, strerror(errno));
  if (fstat(in->file, &s) == 0 && S_ISREG(s.st_mode)) {
    in->size = (uint64_t)s.st_size;
    return 0;
  }
  ms_input_close(in);
  return ms_fail("cannot open %s: it is not a regular file", path);
}

void ms_input_close(ms_input *in)
{
  if (in->file >= 0) close(in->file);
  free(in->memory);
  in->file = -1;
  in->memory = NULL;
}

int ms_input_read(const ms_input *in, uint64_t at, void *to, size_t bytes)
{
  char *p = to;
  if (in->memory) return memcpy(to, in->memory + at, bytes), 0;
  at += in->begin;
  while (bytes > 0) {
    ssize_t done = pread(in->file, p, bytes < (1u << 30) ? bytes : (1u << 30), (off_t)at);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return ms_fail("cannot read %s: %s", in->path, strerror(errno));
    if (done == 0) return ms_fail("cannot read %s: it ends too early", in->path);
    p += done;
    at += (uint64_t)done;
    bytes -= (size_t)done;
  }
  return 0;
}

static int read_converted(const ms_input *in, uint64_t at, const ms_dtype *type, ms_tensor *t)
{
  unsigned char block[1 << 14];
  size_t most = sizeof block / type->bytes;
  for (size_t i = 0; i < t->count;) {
    size_t n = t->count - i < most ? t->count - i : most;
    if (ms_input_read(in, at + i * type->bytes, block, n * type->bytes) != 0) return -1;
    type->to_real(block, t->data + i, n);
    i += n;
  }
  return 0;
}

ms_tensor *ms_input_tensor(const ms_input *in, uint64_t at, const ms_dtype *type, int ndim,
                           const size_t *dim)
{
  ms_tensor *t = ms_tensor_new(ndim, dim);
  if (!t) return NULL;
  int status = type == ms_dtype_real() ? ms_input_read(in, at, t->data, t->count * sizeof(real))
                                       : read_converted(in, at, type, t);
  if (status == 0) return t;
  ms_tensor_free(t);
  return NULL;
}

/* Until the end, not by size: files under /proc say that they are empty. */
char *ms_input_text(const char *path, size_t *bytes)
{
  ms_input in;
  if (ms_input_open(&in, path) != 0) return NULL;
  size_t used = 0, room = (size_t)in.size + 4096;
  char *text = malloc(room);
  for (ssize_t done = 1; text && done != 0;) {
    done = pread(in.file, text + used, room - used - 1, (off_t)used);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) ms_fail("cannot read %s: %s", path, strerror(errno));
    if (done < 0) return free(text), ms_input_close(&in), NULL;
    used += (size_t)done;
    if (room - used > 1) continue;
    char *larger = realloc(text, room *= 2);
    if (!larger) free(text);
    text = larger;
  }
  ms_input_close(&in);
  if (!text) return ms_fail("no memory to read %s", path), NULL;
  text[used] = '\0';
  *bytes = used;
  return text;
}
