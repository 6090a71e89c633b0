/* Bytes as letters (RFC 4648, with padding). */
#ifndef MS_BASE64_H
#define MS_BASE64_H

#include <stddef.h>

/* Letters that n bytes take, without a closing zero. */
size_t ms_base64_size(size_t n);

/* Writes them to `to`. */
void ms_base64_encode(const unsigned char *from, size_t n, char *to);

/* Bytes of n letters to `to` (room for n / 4 * 3); their number is `bytes`. 0, or -1 without a
   message where the letters are none of this alphabet or padded wrongly. */
int ms_base64_decode(const char *from, size_t n, char *to, size_t *bytes);

#endif
