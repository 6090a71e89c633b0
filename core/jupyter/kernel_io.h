/* A Jupyter kernel's sockets. The program's own thread answers requests; another one answers the
   heartbeat, takes requests to stop while something is computed, and sends on what is printed. */
#ifndef MS_KERNEL_IO_H
#define MS_KERNEL_IO_H

#include "parts.h"

typedef struct ms_kernel_io ms_kernel_io;

typedef enum ms_kernel_channel { MS_SHELL, MS_CONTROL, MS_STDIN, MS_IOPUB } ms_kernel_channel;

typedef struct ms_kernel_address { /* what Jupyter's connection file says */
  const char *transport, *ip, *key;
  int shell, control, input, iopub, heartbeat; /* ports */
} ms_kernel_address;

/* Loads the libraries. 0, or -1 and a message that names the package of one that is missing. */
int ms_kernel_io_load(void);

/* Opens the sockets and takes over standard output and error, of which the first must have no
   buffer from then on. NULL and a message. */
ms_kernel_io *ms_kernel_io_open(const ms_kernel_address *address);
void ms_kernel_io_free(ms_kernel_io *k);

/* Waits up to `seconds` for a request whose signature fits, or for what answers a question of ours
   on MS_STDIN if `answer`. 1; 0 where none came or a signal arrived; -1 and a message. */
int ms_kernel_io_receive(ms_kernel_io *k, double seconds, int answer, ms_parts *to,
                         ms_kernel_channel *channel);

/* Signs and sends header, parent's header, metadata and content behind the identities in p, which
   are a topic for MS_IOPUB. What was printed before goes out before. 0, or -1 and a message. */
int ms_kernel_io_send(ms_kernel_io *k, ms_kernel_channel channel, ms_parts *p,
                      const ms_part four[4]);

/* What is printed from now on belongs to this parent; the header (JSON, without msg_id and date) is
   that of its messages. */
int ms_kernel_io_streams(ms_kernel_io *k, ms_part header, ms_part parent);

#endif
