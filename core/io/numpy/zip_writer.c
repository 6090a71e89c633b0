/* Writing zip files: members, then the list of them. Sizes and places stand in a zip64 field where
   32 bits do not hold them. */
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/system/atomic.h"
#include "flate.h"
#include "zip.h"

enum { FIRST_OF_1980 = 0x21, VERSION = 20, VERSION64 = 45, UTF8 = 0x800, NAME_MOST = 0xFFFF };

typedef struct growing { unsigned char *at; size_t bytes, room; } growing;

struct ms_zip_writer {
  ms_atomic *file;
  int deflate;
  uint64_t written, count;
  growing list; /* the list of members so far */
};

static void put(unsigned char **p, uint64_t value, int bytes)
{
  for (; bytes-- > 0; value >>= 8) *(*p)++ = (unsigned char)value;
}

static int is_wide(uint64_t n)
{
  return n >= 0xFFFFFFFF;
}

static uint64_t narrow(uint64_t n)
{
  return is_wide(n) ? 0xFFFFFFFF : n;
}

/* Room for `bytes` more at the end of the list; NULL and a message. */
static unsigned char *room_for(growing *b, size_t bytes)
{
  if (b->room - b->bytes < bytes) {
    size_t room = 2 * b->room + bytes;
    unsigned char *larger = realloc(b->at, room);
    if (!larger) return ms_fail("no memory"), NULL;
    b->at = larger;
    b->room = room;
  }
  return b->at + b->bytes;
}

static int send(ms_zip_writer *w, const void *data, size_t bytes)
{
  w->written += bytes;
  return ms_atomic_write(w->file, data, bytes);
}

ms_zip_writer *ms_zip_create(const char *path, uint64_t bytes, int deflate)
{
  ms_zip_writer *w = calloc(1, sizeof *w);
  if (!w) return ms_fail("%s: no memory", path), NULL;
  w->deflate = deflate;
  w->file = ms_atomic_open(path, bytes);
  if (w->file) return w;
  free(w);
  return NULL;
}

void ms_zip_cancel(ms_zip_writer *w)
{
  if (!w) return;
  ms_atomic_cancel(w->file);
  free(w->list.at);
  free(w);
}

/* ---- members ------------------------------------------------------------------------------- */
/* What the local header and the entry of the list share: version to names' lengths. */
static void put_common(unsigned char **p, const ms_zip_entry *e, int wide, size_t extra)
{
  put(p, wide ? VERSION64 : VERSION, 2);
  put(p, UTF8, 2);
  put(p, e->method, 2);
  put(p, (uint64_t)FIRST_OF_1980 << 16, 4);
  put(p, e->crc, 4);
  put(p, wide ? 0xFFFFFFFF : e->packed, 4);
  put(p, wide ? 0xFFFFFFFF : e->size, 4);
  put(p, strlen(e->name), 2);
  put(p, extra, 2);
}

static int send_local(ms_zip_writer *w, const ms_zip_entry *e)
{
  unsigned char head[64], *p = head;
  int wide = is_wide(e->size) || is_wide(e->packed);
  put(&p, 0x04034b50, 4);
  put_common(&p, e, wide, wide ? 20 : 0);
  if (send(w, head, (size_t)(p - head)) != 0 || send(w, e->name, strlen(e->name)) != 0) return -1;
  if (!wide) return 0;
  p = head;
  put(&p, 1 | 16 << 16, 4);
  put(&p, e->size, 8);
  put(&p, e->packed, 8);
  return send(w, head, (size_t)(p - head));
}

static int list_entry(ms_zip_writer *w, const ms_zip_entry *e)
{
  int wide = is_wide(e->size) || is_wide(e->packed), far = is_wide(e->at);
  size_t extra = wide || far ? 4u + 16u * (wide != 0) + 8u * (far != 0) : 0;
  unsigned char *p = room_for(&w->list, 46 + strlen(e->name) + extra), *begin = p;
  if (!p) return -1;
  put(&p, 0x02014b50, 4);
  put(&p, VERSION64, 2);
  put_common(&p, e, wide, extra);
  put(&p, 0, 10); /* comment, disk, kinds of file */
  put(&p, narrow(e->at), 4);
  memcpy(p, e->name, strlen(e->name));
  p += strlen(e->name);
  if (extra) put(&p, 1 | (extra - 4) << 16, 4);
  if (wide) put(&p, e->size, 8), put(&p, e->packed, 8);
  if (far) put(&p, e->at, 8);
  w->list.bytes += (size_t)(p - begin);
  w->count++;
  return 0;
}

static int add_packed(ms_zip_writer *w, ms_zip_entry *e, const void *head, size_t head_bytes,
                      const void *data, size_t bytes)
{
  size_t packed;
  unsigned char *block = ms_deflate(head, head_bytes, data, bytes, &packed);
  if (!block) return -1;
  e->method = 8;
  e->packed = packed;
  int status = send_local(w, e) == 0 ? send(w, block, packed) : -1;
  free(block);
  return status;
}

int ms_zip_add(ms_zip_writer *w, const char *name, const void *head, size_t head_bytes,
               const void *data, size_t bytes)
{
  if (strlen(name) > NAME_MOST) return ms_fail("a name of %zu letters is too long", strlen(name));
  ms_zip_entry e = { .name = (char *)name, .at = w->written };
  e.size = e.packed = (uint64_t)head_bytes + bytes;
  e.crc = ms_crc32(ms_crc32(0, head, head_bytes), data, bytes);
  if (w->deflate) {
    if (add_packed(w, &e, head, head_bytes, data, bytes) != 0) return -1;
  } else if (send_local(w, &e) != 0 || send(w, head, head_bytes) != 0 ||
             send(w, data, bytes) != 0) {
    return -1;
  }
  return list_entry(w, &e);
}

/* ---- the end ------------------------------------------------------------------------------- */
static void put_end64(unsigned char **p, const ms_zip_writer *w, uint64_t at)
{
  put(p, 0x06064b50, 4);
  put(p, 44, 8);
  put(p, VERSION64, 2);
  put(p, VERSION64, 2);
  put(p, 0, 8); /* disks */
  put(p, w->count, 8);
  put(p, w->count, 8);
  put(p, w->list.bytes, 8);
  put(p, at, 8);
  put(p, 0x07064b50, 4);
  put(p, 0, 4);
  put(p, at + w->list.bytes, 8);
  put(p, 1, 4);
}

static int send_end(ms_zip_writer *w)
{
  unsigned char end[128], *p = end;
  uint64_t at = w->written, count = w->count < 0xFFFF ? w->count : 0xFFFF;
  if (send(w, w->list.at, w->list.bytes) != 0) return -1;
  if (count == 0xFFFF || is_wide(at) || is_wide(w->list.bytes)) put_end64(&p, w, at);
  put(&p, 0x06054b50, 4);
  put(&p, 0, 4);
  put(&p, count, 2);
  put(&p, count, 2);
  put(&p, narrow(w->list.bytes), 4);
  put(&p, narrow(at), 4);
  put(&p, 0, 2);
  return send(w, end, (size_t)(p - end));
}

int ms_zip_commit(ms_zip_writer *w)
{
  int status = send_end(w);
  if (status == 0) {
    status = ms_atomic_commit(w->file);
    free(w->list.at);
    free(w);
  } else {
    ms_zip_cancel(w);
  }
  return status;
}
