/* Bytes as letters (RFC 4648, with padding). */
#include "base64.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t ms_base64_size(size_t n)
{
  return (n + 2) / 3 * 4;
}

void ms_base64_encode(const unsigned char *from, size_t n, char *to)
{
  for (size_t i = 0; i < n; i += 3) {
    unsigned long group = (unsigned long)from[i] << 16;
    if (i + 1 < n) group |= (unsigned long)from[i + 1] << 8;
    if (i + 2 < n) group |= from[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) *to++ = letters[group >> shift & 63];
    if (i + 1 >= n) to[-2] = '=';
    if (i + 2 >= n) to[-1] = '=';
  }
}

/* The number that a letter stands for, or -1. */
static int value_of(char letter)
{
  const char *at = letter ? strchr(letters, letter) : NULL;
  return at ? (int)(at - letters) : -1;
}

int ms_base64_decode(const char *from, size_t n, char *to, size_t *bytes)
{
  size_t padding = n && from[n - 1] == '=' ? n > 1 && from[n - 2] == '=' ? 2 : 1 : 0;
  *bytes = 0;
  if (n % 4) return -1;
  for (size_t i = 0; i < n; i += 4) {
    unsigned long group = 0;
    for (size_t k = i; k < i + 4; k++) {
      int value = k >= n - padding ? 0 : value_of(from[k]);
      if (value < 0) return -1;
      group = group << 6 | (unsigned long)value;
    }
    for (int shift = 16; shift >= 0; shift -= 8) to[(*bytes)++] = (char)(group >> shift & 255);
  }
  *bytes -= padding;
  return 0;
}
