/* Bytes as UTF-8: what is none becomes the sign for that, U+FFFD. */
#ifndef MS_UTF8_H
#define MS_UTF8_H

#include <stddef.h>

/* Mends n bytes into `to`, which has room for 3 n; how many came out. used: how many were read:
   all, or all but a letter that the end cuts, if more is to come. */
size_t ms_utf8_mend(const char *from, size_t n, int more, char *to, size_t *used);

#endif
