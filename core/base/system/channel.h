/* Messages from a child to its parent: the bytes lie in shared memory, a socket tells when. */
#ifndef MS_CHANNEL_H
#define MS_CHANNEL_H

#include <stddef.h>

typedef struct ms_channel ms_channel;

/* For a parent and a child that is forked afterwards. At most `slots` messages wait; who sends more
   waits until the reader has released one. NULL and a message. */
ms_channel *ms_channel_new(int slots);
void ms_channel_free(ms_channel *c); /* NULL is fine */

/* After the fork, in either process: closes the other's end. */
void ms_channel_writes(ms_channel *c);
void ms_channel_reads(ms_channel *c);

/* Room for the next message, 64-byte aligned; waits until a slot is free. NULL and a message where
   memory is short or the reader has gone. */
void *ms_channel_room(ms_channel *c, size_t bytes);
int ms_channel_send(ms_channel *c, size_t bytes); /* 0, or -1 and a message */

/* The reader's next message, which stays valid until it is released. 1; 0 where nothing came within
   `seconds` or a signal arrived; -1 and a message once the writer has ended. */
int ms_channel_receive(ms_channel *c, double seconds, const void **data, size_t *bytes);
void ms_channel_release(ms_channel *c);

#endif
