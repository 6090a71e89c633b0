/* Bytes as UTF-8. */
#include "utf8.h"

#include <string.h>

/* Bytes of the letter that begins with `first` and the range of its second byte; 0: none does. */
static size_t letter(unsigned char first, unsigned char *low, unsigned char *high)
{
  *low = 0x80;
  *high = 0xBF;
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  if (first == 0xE0) *low = 0xA0;
  if (first == 0xED) *high = 0x9F;
  if (first == 0xF0) *low = 0x90;
  if (first == 0xF4) *high = 0x8F;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* How many bytes, of n, belong to one letter; whole: whether that is all of it. */
static size_t extent(const unsigned char *s, size_t n, int *whole)
{
  unsigned char low, high;
  const size_t bytes = letter(s[0], &low, &high);
  size_t i = 1;
  while (i < bytes && i < n && s[i] >= low && s[i] <= high) {
    low = 0x80;
    high = 0xBF;
    i++;
  }
  *whole = i == bytes;
  return i;
}

size_t ms_utf8_mend(const char *from, size_t n, int more, char *to, size_t *used)
{
  size_t at = 0, out = 0;
  while (at < n) {
    int whole;
    const size_t bytes = extent((const unsigned char *)from + at, n - at, &whole);
    if (!whole && more && at + bytes == n && bytes < 4) break;
    memcpy(to + out, whole ? from + at : "\xEF\xBF\xBD", whole ? bytes : 3);
    out += whole ? bytes : 3;
    at += bytes;
  }
  *used = at;
  return out;
}
