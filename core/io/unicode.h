/* Characters of UTF-8. */
#ifndef MS_UNICODE_H
#define MS_UNICODE_H

#include <stddef.h>
#include <stdint.h>

/* Takes the next character of [*at, end): its number, or -1 where the bytes are not UTF-8. */
int64_t ms_unicode_take(const unsigned char **at, const unsigned char *end);

/* Whether bytes are valid UTF-8. */
int ms_unicode_valid(const char *bytes, size_t n);

#endif
