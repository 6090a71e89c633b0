/* Reading zip files. The list of members (the central directory) stands at the end; its sizes are
   true, while the local headers before the members may hold 0 or 0xFFFFFFFF in their place. */
#include "zip.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../crc32c.h"
#include "flate.h"

enum { END = 22, END64 = 56, LOCATOR = 20, ENTRY = 46, LOCAL = 30, COMMENT_MOST = 0xFFFF };

static uint64_t number(const unsigned char *p, int bytes)
{
  uint64_t n = 0;
  while (bytes-- > 0) n = n << 8 | p[bytes];
  return n;
}

typedef struct directory { uint64_t at, bytes, count; } directory;

/* ---- the end of the file ------------------------------------------------------------------- */
/* Where the zip64 form says more, it counts. `end` is where the short form stands. */
static int read_end64(const ms_input *in, uint64_t end, directory *d)
{
  unsigned char b[END64];
  if (end < LOCATOR || ms_input_read(in, end - LOCATOR, b, LOCATOR) != 0) return 0;
  if (memcmp(b, "PK\6\7", 4) != 0) return 0;
  uint64_t at = number(b + 8, 8);
  if (in->size < END64 || at > in->size - END64 || ms_input_read(in, at, b, END64) != 0 ||
      memcmp(b, "PK\6\6", 4) != 0)
    return ms_fail("its end is damaged");
  *d = (directory){ number(b + 48, 8), number(b + 40, 8), number(b + 32, 8) };
  return 0;
}

static int find_directory(const ms_input *in, directory *d)
{
  size_t most = END + COMMENT_MOST, n = in->size < most ? (size_t)in->size : most;
  unsigned char *tail = malloc(n + 1);
  if (!tail) return ms_fail("no memory");
  int status = ms_input_read(in, in->size - n, tail, n);
  const unsigned char *found = NULL;
  for (size_t i = n < END ? 0 : n - END + 1; status == 0 && !found && i-- > 0;)
    if (memcmp(tail + i, "PK\5\6", 4) == 0 && i + END + number(tail + i + 20, 2) == n)
      found = tail + i;
  if (status == 0 && !found) status = ms_fail("it is not a zip file, or cut short");
  if (found) {
    *d = (directory){ number(found + 16, 4), number(found + 12, 4), number(found + 10, 2) };
    status = read_end64(in, in->size - n + (uint64_t)(found - tail), d);
  }
  free(tail);
  if (status != 0) return status;
  if (d->at > in->size || d->bytes > in->size - d->at || d->count > d->bytes / ENTRY)
    return ms_fail("its list of members does not fit into the file");
  return 0;
}

/* ---- the list of members ------------------------------------------------------------------- */
/* Numbers that do not fit into 32 bits follow in an extra field, in this order. */
static int read_extra(const unsigned char *p, size_t bytes, ms_zip_entry *e)
{
  uint64_t *wide[] = { &e->size, &e->packed, &e->at };
  while (bytes >= 4) {
    size_t n = (size_t)number(p + 2, 2);
    if (n > bytes - 4) break;
    const unsigned char *at = p + 4, *end = at + n;
    for (int k = 0; k < 3 && number(p, 2) == 1; k++) {
      if (*wide[k] != 0xFFFFFFFF) continue;
      if (end - at < 8) return ms_fail("the sizes of a member are cut short");
      *wide[k] = number(at, 8);
      at += 8;
    }
    p += 4 + n;
    bytes -= 4 + n;
  }
  return 0;
}

static int check_entry(const ms_zip *z, const ms_zip_entry *e, unsigned flags)
{
  if (strlen(e->name) == 0) return ms_fail("a member has no name");
  if (flags & 1) return ms_fail("member %.80s is encrypted", e->name);
  if (e->method != 0 && e->method != 8)
    return ms_fail("member %.80s is packed by method %u, not by deflate", e->name, e->method);
  if (e->packed > z->in.size || (e->method == 0 && e->packed != e->size))
    return ms_fail("member %.80s has a size that cannot be", e->name);
  return 0;
}

/* An entry at p, of which `left` bytes are there; *used: how many it takes. */
static int read_entry(ms_zip *z, const unsigned char *p, size_t left, size_t *used)
{
  if (left < ENTRY || memcmp(p, "PK\1\2", 4) != 0) return ms_fail("its list is damaged");
  size_t name = (size_t)number(p + 28, 2), extra = (size_t)number(p + 30, 2);
  *used = ENTRY + name + extra + (size_t)number(p + 32, 2);
  if (*used > left) return ms_fail("its list is cut short");
  ms_zip_entry *e = &z->entry[z->count];
  *e = (ms_zip_entry){ .method = (unsigned)number(p + 10, 2), .crc = (uint32_t)number(p + 16, 4),
                       .packed = number(p + 20, 4), .size = number(p + 24, 4),
                       .at = number(p + 42, 4) };
  e->name = malloc(name + 1);
  if (!e->name) return ms_fail("no memory");
  z->count++;
  memcpy(e->name, p + ENTRY, name);
  e->name[name] = '\0';
  if (strlen(e->name) != name) return ms_fail("a name holds a zero byte");
  if (read_extra(p + ENTRY + name, extra, e) != 0) return -1;
  return check_entry(z, e, (unsigned)number(p + 8, 2));
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const ms_zip_entry *)a)->name, ((const ms_zip_entry *)b)->name);
}

/* Members that lay over each other could unpack to far more than the file's size allows. */
static int check_all(const ms_zip *z)
{
  uint64_t left = z->in.size;
  for (size_t i = 0; i < z->count; i++) {
    if (i > 0 && strcmp(z->entry[i].name, z->entry[i - 1].name) == 0)
      return ms_fail("it has two members %.80s", z->entry[i].name);
    if (z->entry[i].packed > left) return ms_fail("its members lie over each other");
    left -= z->entry[i].packed;
  }
  return 0;
}

static int read_entries(ms_zip *z, const unsigned char *list, const directory *d)
{
  size_t at = 0, used = 0;
  for (uint64_t i = 0; i < d->count; i++, at += used)
    if (read_entry(z, list + at, (size_t)d->bytes - at, &used) != 0) return -1;
  qsort(z->entry, z->count, sizeof *z->entry, by_name);
  return check_all(z);
}

static int read_directory(ms_zip *z)
{
  directory d = { 0 };
  if (find_directory(&z->in, &d) != 0) return -1;
  unsigned char *list = malloc((size_t)d.bytes + 1);
  z->entry = calloc((size_t)d.count + 1, sizeof *z->entry);
  int status = list && z->entry ? ms_input_read(&z->in, d.at, list, (size_t)d.bytes)
                                : ms_fail("no memory");
  if (status == 0) status = read_entries(z, list, &d);
  free(list);
  return status;
}

ms_zip *ms_zip_open(const char *path)
{
  ms_zip *z = calloc(1, sizeof *z);
  if (!z) return ms_fail("%s: no memory", path), NULL;
  z->in.file = -1;
  if (ms_input_open(&z->in, path) == 0) {
    if (read_directory(z) == 0) return z;
    ms_fail_within(path);
  }
  ms_zip_close(z);
  return NULL;
}

void ms_zip_close(ms_zip *z)
{
  if (!z) return;
  for (size_t i = 0; i < z->count; i++) free(z->entry[i].name);
  free(z->entry);
  ms_input_close(&z->in);
  free(z);
}

/* ---- members ------------------------------------------------------------------------------- */
static int check_crc(const ms_input *m, uint32_t expected)
{
  unsigned char block[1 << 16];
  uint32_t crc = 0;
  for (uint64_t at = 0; at < m->size;) {
    size_t n = m->size - at < sizeof block ? (size_t)(m->size - at) : sizeof block;
    if (ms_input_read(m, at, block, n) != 0) return -1;
    crc = ms_crc32(crc, block, n);
    at += n;
  }
  return ms_sum_is(crc, expected) ? 0 : ms_fail("its checksum is wrong: the file is damaged");
}

int ms_zip_member(const ms_zip *z, size_t entry, ms_input *m)
{
  const ms_zip_entry *e = &z->entry[entry];
  unsigned char b[LOCAL];
  if (e->at > z->in.size || z->in.size - e->at < LOCAL || ms_input_read(&z->in, e->at, b, LOCAL) ||
      memcmp(b, "PK\3\4", 4) != 0)
    return ms_fail("its header is damaged");
  uint64_t begin = e->at + LOCAL + number(b + 26, 2) + number(b + 28, 2);
  if (begin > z->in.size || e->packed > z->in.size - begin) return ms_fail("it is cut short");
  *m = z->in;
  m->begin = begin;
  m->size = e->size;
  if (e->method && !(m->memory = ms_inflate(&z->in, begin, e->packed, e->size))) return -1;
  if (check_crc(m, e->crc) == 0) return 0;
  ms_zip_release(m);
  return -1;
}

void ms_zip_release(ms_input *m)
{
  m->file = -1; /* the archive's */
  ms_input_close(m);
}
