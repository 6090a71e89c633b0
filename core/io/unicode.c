/* Characters of UTF-8: no overlong forms, no surrogates, none above U+10FFFF. */
#include "unicode.h"

int64_t ms_unicode_take(const unsigned char **at, const unsigned char *end)
{
  static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
  uint32_t c = *(*at)++;
  int more = c < 0x80 ? 0 : c < 0xC0 ? -1 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : c < 0xF8 ? 3 : -1;
  if (more < 0 || end - *at < more) return -1;
  if (more) c &= 0x3Fu >> more;
  for (int k = 0; k < more; k++, (*at)++) {
    if ((**at & 0xC0) != 0x80) return -1;
    c = c << 6 | (**at & 0x3F);
  }
  int is_none = c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000);
  return is_none ? -1 : (int64_t)c;
}

int ms_unicode_valid(const char *bytes, size_t n)
{
  const unsigned char *at = (const unsigned char *)bytes, *end = at + n;
  while (at < end)
    if (ms_unicode_take(&at, end) < 0) return 0;
  return 1;
}
