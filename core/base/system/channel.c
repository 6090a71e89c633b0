/* Messages from a child to its parent: the bytes lie in shared memory, a socket tells when.
   Slot n % slots holds message n. Pages of a slot are used again, for fresh ones cost more than
   the copy. */
#define _GNU_SOURCE
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../error.h"

enum { GRAIN = 1 << 20 }; /* slots grow by whole megabytes */

typedef struct slot {
  int file;
  size_t mapped; /* bytes seen by this process */
  void *at;
} slot;

struct ms_channel {
  int end[2]; /* of a socket: the reader's, the writer's; -1 once closed */
  int slots, busy; /* busy: messages that were sent and not released, as the writer knows */
  size_t turn; /* messages so far */
  slot slot[];
};

static void close_end(ms_channel *c, int which)
{
  if (c->end[which] >= 0) close(c->end[which]);
  c->end[which] = -1;
}

void ms_channel_free(ms_channel *c)
{
  if (!c) return;
  for (int i = 0; i < c->slots; i++) {
    if (c->slot[i].at) munmap(c->slot[i].at, c->slot[i].mapped);
    if (c->slot[i].file >= 0) close(c->slot[i].file);
  }
  close_end(c, 0);
  close_end(c, 1);
  free(c);
}

ms_channel *ms_channel_new(int slots)
{
  ms_channel *c = calloc(1, sizeof *c + (size_t)slots * sizeof *c->slot);
  if (!c) return ms_fail("no memory for a channel"), NULL;
  c->end[0] = c->end[1] = -1;
  c->slots = slots;
  for (int i = 0; i < slots; i++) c->slot[i].file = -1;
  int status = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, c->end);
  for (int i = 0; i < slots && status == 0; i++)
    if ((c->slot[i].file = memfd_create("channel", MFD_CLOEXEC)) < 0) status = -1;
  if (status == 0) return c;
  ms_fail("no channel to another process: %s", strerror(errno));
  return ms_channel_free(c), NULL;
}

void ms_channel_writes(ms_channel *c) { close_end(c, 0); }
void ms_channel_reads(ms_channel *c) { close_end(c, 1); }

/* Maps at least `bytes` of a slot; whole megabytes, which both sides count alike. */
static int map(slot *s, size_t bytes)
{
  if (bytes <= s->mapped) return 0;
  if (s->at) munmap(s->at, s->mapped);
  s->mapped = 0;
  const size_t whole = (bytes + GRAIN - 1) / GRAIN * GRAIN;
  s->at = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_SHARED, s->file, 0);
  if (s->at == MAP_FAILED) {
    s->at = NULL;
    return ms_fail("no memory for a message of %zu bytes: %s", bytes, strerror(errno));
  }
  s->mapped = whole;
  return 0;
}

/* Takes pages from the machine here, where a refusal is an error and not the end of the process. */
static int grow(slot *s, size_t bytes)
{
  if (bytes <= s->mapped) return 0;
  const size_t whole = (bytes + GRAIN - 1) / GRAIN * GRAIN;
  const int status = posix_fallocate(s->file, 0, (off_t)whole);
  if (status == 0) return map(s, bytes);
  return ms_fail("no memory for a message of %zu bytes: %s", bytes, strerror(status));
}

static slot *current(ms_channel *c) { return &c->slot[c->turn % (size_t)c->slots]; }

/* Receives `bytes` of the other side's; 0 once it has ended. One that ended before it had read all
   of ours is told by an error, once, before what it sent. */
static int take(int end, void *data, size_t bytes)
{
  ssize_t n;
  do n = recv(end, data, bytes, 0);
  while (n < 0 && (errno == EINTR || errno == ECONNRESET));
  return n == (ssize_t)bytes;
}

static int gone(void) { return ms_fail("the other process has ended"); }

void *ms_channel_room(ms_channel *c, size_t bytes)
{
  char released;
  while (c->busy >= c->slots) {
    if (!take(c->end[1], &released, 1)) return gone(), NULL;
    c->busy--;
  }
  return grow(current(c), bytes) == 0 ? current(c)->at : NULL;
}

int ms_channel_send(ms_channel *c, size_t bytes)
{
  c->busy++;
  c->turn++;
  return send(c->end[1], &bytes, sizeof bytes, MSG_NOSIGNAL) == sizeof bytes ? 0 : gone();
}

int ms_channel_receive(ms_channel *c, double seconds, const void **data, size_t *bytes)
{
  struct pollfd p = { .fd = c->end[0], .events = POLLIN };
  const int ready = poll(&p, 1, (int)(seconds * 1000));
  if (ready < 0 && errno != EINTR) return ms_fail("a channel broke: %s", strerror(errno));
  if (ready <= 0) return 0;
  if (!take(c->end[0], bytes, sizeof *bytes)) return gone();
  if (map(current(c), *bytes) != 0) return -1;
  *data = current(c)->at;
  return 1;
}

void ms_channel_release(ms_channel *c)
{
  c->turn++;
  (void)!send(c->end[0], "", 1, MSG_NOSIGNAL); /* one that has ended needs no room */
}
