/* All processes that train together. One thread speaks to the others (world_thread.c): sums go on
   while this thread computes, notes are sent however long it does, and whoever waits sleeps. */
#ifndef MS_WORLD_H
#define MS_WORLD_H

#include "exchange.h"

/* Loads the transport of a library ("openmpi" or "mpich"; NULL: of whatever has started this
   process), and meets the others. patience: seconds after which a process counts as lost. 0, or -1
   and a message. */
int ms_world_open(const char *library, double patience);
int ms_world_is_open(void);
int ms_world_rank(void); /* from 0; 0 and 1 where no world is open */
int ms_world_size(void);
const char *ms_world_library(void); /* "Open MPI" */

/* Begins an exchange; ms_world_wait ends it: 0, or -1 and a message that names the rank at
   fault. */
void ms_world_begin(ms_exchange *e);
int ms_world_wait(ms_exchange *e);
int ms_world_exchange(ms_exchange *e); /* both */

/* Whether this process is inside a step, in which it may keep the others waiting for so many
   seconds at most. */
void ms_world_in_step(int inside);

/* The rank that has failed, -1 where none has; and the message that names it. */
int ms_world_culprit(void);
const char *ms_world_message(void);

/* Ends all processes at once with a status that is not 0. Does not return. */
void ms_world_end(int status);

/* Waits until all others have come here, too, and for the library at most as long as a rank may be
   silent. Also called when the program ends. */
void ms_world_close(void);

/* Whether the library still works on the end, on its thread: the program must then end by _exit,
   as nothing may be taken away under it. */
int ms_world_is_stuck(void);
int ms_world_lost_others(void); /* and not all have come to their end, which is a failure */

#endif
