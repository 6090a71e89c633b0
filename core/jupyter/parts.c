/* Messages of several parts, as ZeroMQ carries them. */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "zeromq.h"

/* Keeps a copy of a frame as the next part. */
static int keep(ms_zmq_frame *frame, ms_parts *to)
{
  const size_t bytes = ms_zmq.msg_size(frame);
  if (to->count == MS_MOST_PARTS) return 0;
  char *data = malloc(bytes + 1);
  if (!data) return ms_fail("no memory for a message of %zu bytes", bytes);
  memcpy(data, ms_zmq.msg_data(frame), bytes);
  data[bytes] = '\0';
  ms_part *part = &to->part[to->count++];
  part->data = data;
  part->bytes = bytes;
  return 0;
}

int ms_parts_receive(void *socket, ms_parts *to)
{
  to->count = 0;
  for (int more = 1, first = 1; more; first = 0) {
    ms_zmq_frame frame;
    ms_zmq.msg_init(&frame);
    int status = ms_zmq.msg_recv(&frame, socket, MS_ZMQ_DONTWAIT) < 0 ? -1 : 0;
    const int none = status != 0 && first && ms_zmq.error_number() == EAGAIN;
    if (status == 0) status = keep(&frame, to);
    else if (!none) ms_zmq_fail("a message could not be received");
    more = status == 0 && ms_zmq.msg_more(&frame);
    ms_zmq.msg_close(&frame);
    if (none) return 0;
    if (status != 0) return ms_parts_free(to), -1;
  }
  return 1;
}

void ms_parts_free(ms_parts *p)
{
  for (size_t i = 0; i < p->count; i++) free(p->part[i].data);
  p->count = 0;
}

int ms_parts_send(void *socket, const ms_parts *p, size_t first)
{
  for (size_t i = first; i < p->count; i++) {
    const int more = i + 1 < p->count ? MS_ZMQ_SNDMORE : 0;
    int sent;
    do sent = ms_zmq.send(socket, p->part[i].data, p->part[i].bytes, more);
    while (sent < 0 && ms_zmq.error_number() == EINTR);
    if (sent < 0) return ms_zmq_fail("a message could not be sent");
  }
  return 0;
}

int ms_parts_add(ms_parts *p, const char *data, size_t bytes)
{
  if (p->count == MS_MOST_PARTS)
    return ms_fail("a message has at most %d parts", (int)MS_MOST_PARTS);
  p->part[p->count++] = (ms_part){ (char *)data, bytes };
  return 0;
}

int ms_parts_mark(const ms_parts *p)
{
  for (size_t i = 0; i < p->count; i++)
    if (p->part[i].bytes == strlen(MS_PARTS_MARK) &&
        memcmp(p->part[i].data, MS_PARTS_MARK, p->part[i].bytes) == 0)
      return (int)i;
  return -1;
}
