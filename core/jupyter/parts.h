/* Messages of several parts, as ZeroMQ carries them. */
#ifndef MS_PARTS_H
#define MS_PARTS_H

#include <stddef.h>

enum { MS_MOST_PARTS = 64 };

typedef struct ms_part {
  char *data; /* owned by the message where it was received */
  size_t bytes;
} ms_part;

typedef struct ms_parts {
  ms_part part[MS_MOST_PARTS];
  size_t count;
} ms_parts;

/* The next message, without waiting: 1; 0 where none is there; -1 and a message. Parts beyond
   MS_MOST_PARTS are dropped. To be freed. */
int ms_parts_receive(void *socket, ms_parts *to);
void ms_parts_free(ms_parts *p);

/* Sends parts first .. count - 1. 0, or -1 and a message. */
int ms_parts_send(void *socket, const ms_parts *p, size_t first);

/* Adds a part that is borrowed. -1 and a message where there are too many. */
int ms_parts_add(ms_parts *p, const char *data, size_t bytes);

/* The place of the mark between identities and the message, or -1. */
int ms_parts_mark(const ms_parts *p);

#define MS_PARTS_MARK "<IDS|MSG>"

#endif
