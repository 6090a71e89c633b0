/* FLAC files that were joined end to end. */
#include "joined_flac.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK = 1 << 16, MARK = 8 };

/* "fLaC", then the header of a stream info block: 34 bytes long, the last of its kind or not. */
static int is_beginning(const unsigned char *bytes)
{
  return memcmp(bytes, "fLaC", 4) == 0 && (bytes[4] & 0x7f) == 0 &&
         memcmp(bytes + 5, "\0\0\x22", 3) == 0;
}

static int search(const unsigned char *bytes, size_t count)
{
  if (count < MARK) return 0;
  const unsigned char *at = bytes, *end = bytes + count - MARK + 1;
  for (; (at = memchr(at, 'f', (size_t)(end - at))) != NULL; at++)
    if (is_beginning(at)) return 1;
  return 0;
}

/* Blocks overlap by a mark less a byte. The file's own beginning is passed over. */
int ms_flac_is_joined(const char *path)
{
  unsigned char bytes[BLOCK];
  size_t kept = 0, n;
  int found = 0;
  FILE *f = fopen(path, "rb");
  if (!f) return 0;
  if (fseek(f, 4, SEEK_SET) == 0)
    while (!found && (n = fread(bytes + kept, 1, BLOCK - kept, f)) > 0) {
      size_t count = kept + n;
      found = search(bytes, count);
      kept = count < MARK - 1 ? count : MARK - 1;
      memmove(bytes, bytes + count - kept, kept);
    }
  fclose(f);
  return found;
}
