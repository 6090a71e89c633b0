/* Signatures of Jupyter's messages: HMAC-SHA256, by libsodium, which ZeroMQ itself needs. */
#ifndef MS_SIGNATURE_H
#define MS_SIGNATURE_H

#include <stddef.h>

#include "parts.h"

enum { MS_SIGNATURE_ROOM = 65 }; /* 64 hexadecimal digits and a zero byte */

int ms_signature_load(void); /* 0, or -1 and a message that names Debian's package */

/* The signature of four parts: header, parent's header, metadata, content. Empty where the key
   is. */
void ms_signature_of(const char *key, const ms_part four[4], char digits[MS_SIGNATURE_ROOM]);

/* Whether the parts behind the mark begin with the signature of the four that follow. */
int ms_signature_fits(const char *key, const ms_parts *p, int mark);

#endif
