/* Checksums inside safetensors files that we write: of the header, and of the data. */
#define _GNU_SOURCE
#include "safetensors_sums.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"

void ms_sums_text(uint32_t data, char text[MS_SUMS_LENGTH + 1])
{
  snprintf(text, MS_SUMS_LENGTH + 1, "00000000 %08" PRIx32, data);
}

/* Where the value begins behind its key, which no string holds: quotes in them are escaped. */
static char *value_in(char *header, size_t bytes)
{
  static const char key[] = "\"" MS_SUMS_KEY "\"";
  char *at = memmem(header, bytes, key, sizeof key - 1), *end = header + bytes;
  if (!at) return NULL;
  at = memchr(at + sizeof key - 1, '"', (size_t)(end - at) - (sizeof key - 1));
  return at && end - at > MS_SUMS_LENGTH + 1 ? at + 1 : NULL;
}

void ms_sums_sign(char *header, size_t bytes)
{
  char digits[9], *at = value_in(header, bytes);
  if (!at) return;
  snprintf(digits, sizeof digits, "%08" PRIx32, ms_crc32c(0, header, bytes));
  memcpy(at, digits, 8);
}

int ms_sums_check(char *header, size_t bytes, const char *value, uint32_t *data)
{
  char digits[MS_SUMS_LENGTH + 1];
  char *at = value_in(header, bytes);
  if (!at || strlen(value) != MS_SUMS_LENGTH || memcmp(at, value, MS_SUMS_LENGTH) != 0) return -1;
  *data = (uint32_t)strtoul(value + 8, NULL, 16); /* what is no number differs below */
  memset(at, '0', 8);
  snprintf(digits, sizeof digits, "%08" PRIx32 " %08" PRIx32, ms_crc32c(0, header, bytes), *data);
  return strcmp(digits, value) == 0 ? 0 : -1;
}
