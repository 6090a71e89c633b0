/* Heartbeats: while a process lives, a thread of it renews the time of change of files. */
#ifndef MS_HEARTBEAT_H
#define MS_HEARTBEAT_H

enum { MS_HEARTBEAT_SECONDS = 20 }; /* between two beats */

typedef struct ms_heartbeat ms_heartbeat;

/* Renews the file from now on, by the clock of the machine that keeps it. NULL and a message. A
   forked child does not go on with it. */
ms_heartbeat *ms_heartbeat_start(const char *path);

/* The file is not touched any more once this has returned. */
void ms_heartbeat_stop(ms_heartbeat *h);

#endif
