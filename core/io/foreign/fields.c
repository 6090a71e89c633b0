/* Reading variable-length numbers and the fields of protocol buffers from untrusted bytes. */
#include "fields.h"

size_t ms_bytes_left(const ms_bytes *b)
{
  return (size_t)(b->end - b->at);
}

uint32_t ms_fixed32(const unsigned char *p)
{
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t ms_fixed64(const unsigned char *p)
{
  return ms_fixed32(p) | (uint64_t)ms_fixed32(p + 4) << 32;
}

int ms_varint(ms_bytes *b, uint64_t *value)
{
  *value = 0;
  for (int shift = 0; shift < 64 && b->at < b->end; shift += 7) {
    unsigned char byte = *b->at++;
    if (shift == 63 && byte > 1) return -1; /* beyond 64 bits */
    *value |= (uint64_t)(byte & 127) << shift;
    if (byte < 128) return 0;
  }
  return -1;
}

int ms_bytes_take(ms_bytes *b, uint64_t count, ms_bytes *part)
{
  if (count > ms_bytes_left(b)) return -1;
  part->at = b->at;
  part->end = b->at += count;
  return 0;
}

static int fixed(ms_bytes *message, ms_field *f, size_t bytes)
{
  if (ms_bytes_take(message, bytes, &f->bytes) != 0) return -1;
  f->value = bytes == 8 ? ms_fixed64(f->bytes.at) : ms_fixed32(f->bytes.at);
  return 1;
}

int ms_field_next(ms_bytes *message, ms_field *f)
{
  uint64_t tag;
  if (message->at == message->end) return 0;
  if (ms_varint(message, &tag) != 0 || tag >> 3 == 0) return -1;
  *f = (ms_field){ .number = tag >> 3, .wire = (int)(tag & 7) };
  switch (f->wire) {
  case MS_WIRE_VARINT: return ms_varint(message, &f->value) == 0 ? 1 : -1;
  case MS_WIRE_FIXED64: return fixed(message, f, 8);
  case MS_WIRE_FIXED32: return fixed(message, f, 4);
  case MS_WIRE_BYTES:
    if (ms_varint(message, &f->value) != 0) return -1;
    return ms_bytes_take(message, f->value, &f->bytes) == 0 ? 1 : -1;
  default: return -1; /* groups are long gone */
  }
}
