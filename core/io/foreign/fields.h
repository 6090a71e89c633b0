/* Reading variable-length numbers and the fields of protocol buffers from untrusted bytes. */
#ifndef MS_FIELDS_H
#define MS_FIELDS_H

#include <stddef.h>
#include <stdint.h>

/* The bytes at..end-1 that are left; none of these functions reads beyond. */
typedef struct ms_bytes { const unsigned char *at, *end; } ms_bytes;

size_t ms_bytes_left(const ms_bytes *b);

/* Little-endian numbers of known places. */
uint32_t ms_fixed32(const unsigned char *p);
uint64_t ms_fixed64(const unsigned char *p);

/* Takes a whole number of seven bits a byte, the lowest first. 0, or -1 (no message). */
int ms_varint(ms_bytes *b, uint64_t *value);

/* Takes `count` bytes as `part`. 0, or -1 (no message). */
int ms_bytes_take(ms_bytes *b, uint64_t count, ms_bytes *part);

enum { MS_WIRE_VARINT = 0, MS_WIRE_FIXED64 = 1, MS_WIRE_BYTES = 2, MS_WIRE_FIXED32 = 5 };

typedef struct ms_field {
  uint64_t number;
  int wire;
  uint64_t value; /* of numbers */
  ms_bytes bytes; /* of texts and messages inside */
} ms_field;

/* Takes the next field of a message: 1, 0 at its end, -1 where it is malformed (no message). */
int ms_field_next(ms_bytes *message, ms_field *f);

#endif
