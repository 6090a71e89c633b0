/* Checksums inside safetensors files that we write: of the header, and of the data. They stand in
   the metadata, which other programs ignore. */
#ifndef MS_SAFETENSORS_SUMS_H
#define MS_SAFETENSORS_SUMS_H

#include <stddef.h>
#include <stdint.h>

#define MS_SUMS_KEY "moonstem_crc32c"
enum { MS_SUMS_LENGTH = 17 }; /* "HHHHHHHH DDDDDDDD": header, data, in hexadecimal */

/* The value for a header that is still to be signed. */
void ms_sums_text(uint32_t data, char text[MS_SUMS_LENGTH + 1]);

/* Puts the header's checksum into its text, which holds such a value: that of all of the text with
   eight zeros in its place. */
void ms_sums_sign(char *header, size_t bytes);

/* Whether a header is the one that was signed; `value` is its metadata's. *data: the sum of the
   data. 0, or -1 where it is another one. The header's text is changed. */
int ms_sums_check(char *header, size_t bytes, const char *value, uint32_t *data);

#endif
