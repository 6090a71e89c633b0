/* Finding out what kind of sound a file holds, by its bytes and never by its name. */
#include "sniff.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../../base/error.h"
#include "../formats/chunks.h"
#include "../formats/mpeg_header.h"

enum { HEAD = 64, WAV_MP2 = 0x50, WAV_MP3 = 0x55 };

static const struct {
  size_t at, bytes;
  const char *magic;
  ms_sniffed kind;
} magics[] = {
  { 8, 4, "AVI ", MS_SNIFF_FOREIGN },
  { 0, 4, "RIFF", MS_SNIFF_OTHER },
  { 0, 4, "fLaC", MS_SNIFF_OTHER },
  { 8, 4, "8SVX", MS_SNIFF_FOREIGN }, /* libsndfile takes its channels for interleaved */
  { 0, 4, "FORM", MS_SNIFF_OTHER },
  { 28, 7, "\1vorbis", MS_SNIFF_VORBIS }, /* of an Ogg page with one packet */
  { 28, 8, "OpusHead", MS_SNIFF_OPUS },
  { 0, 4, "OggS", MS_SNIFF_FOREIGN },
  { 4, 4, "ftyp", MS_SNIFF_FOREIGN },
  { 4, 4, "moov", MS_SNIFF_FOREIGN },
  { 4, 4, "mdat", MS_SNIFF_FOREIGN },
  { 4, 4, "wide", MS_SNIFF_FOREIGN },
  { 0, 4, "\x1A\x45\xDF\xA3", MS_SNIFF_FOREIGN }, /* Matroska, WebM */
  { 0, 4, "wvpk", MS_SNIFF_FOREIGN },
  { 0, 4, "\x30\x26\xB2\x75", MS_SNIFF_FOREIGN }, /* ASF: WMA, WMV */
  { 0, 4, "\0\0\1\xBA", MS_SNIFF_FOREIGN },       /* MPEG program stream */
  { 0, 3, "FLV", MS_SNIFF_FOREIGN },
};

static int find_magic(const uint8_t head[HEAD], ms_sniffed *kind)
{
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
    if (memcmp(head + magics[i].at, magics[i].magic, magics[i].bytes) == 0)
      return *kind = magics[i].kind, 1;
  return 0;
}

static ms_sniffed look_into(FILE *f)
{
  uint8_t head[HEAD] = { 0 };
  uint64_t from = ms_mpeg_after_tags(f, 0);
  ms_sniffed kind = MS_SNIFF_OTHER;
  ms_chunks chunks;
  if (fseeko(f, (off_t)from, SEEK_SET) != 0 || fread(head, 1, HEAD, f) < 4) return kind;
  if (ms_chunks_read(f, &chunks))
    return chunks.codec == WAV_MP3 || chunks.codec == WAV_MP2 ? MS_SNIFF_MPEG : kind;
  if (find_magic(head, &kind)) return kind;
  return ms_mpeg_find(f, from, &from) ? MS_SNIFF_MPEG : kind;
}

int ms_sniff(const char *path, ms_sniffed *kind)
{
  struct stat st;
  if (stat(path, &st) != 0) return ms_fail("%s", strerror(errno));
  if (S_ISDIR(st.st_mode)) return ms_fail("it is a folder, not an audio file");
  if (!S_ISREG(st.st_mode)) return ms_fail("it is not a regular file");
  if (st.st_size == 0) return ms_fail("the file is empty (0 bytes)");
  FILE *f = fopen(path, "rb");
  if (!f) return ms_fail("%s", strerror(errno));
  *kind = look_into(f);
  fclose(f);
  return 0;
}
