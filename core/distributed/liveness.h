/* Who of all processes is still there, and who keeps the others waiting. Each tells rank 0 once a
   second how far it is; rank 0 judges, and tells all; rank 0 is judged by everybody. */
#ifndef MS_LIVENESS_H
#define MS_LIVENESS_H

#include "transport.h"

/* What a process does: between steps it may be busy with other things (a validation, files) as long
   as its notes come. */
typedef enum ms_phase { MS_BETWEEN_STEPS, MS_IN_STEP, MS_LEFT } ms_phase;

typedef struct ms_peer {
  double heard, moved; /* when its last note came, and the last that told of progress */
  uint64_t posted;     /* sums that it has begun, or waited for, so far */
  uint64_t work;       /* loops of its threads */
  int phase, process;
} ms_peer;

typedef struct ms_liveness {
  int rank, size;
  double patience; /* seconds */
  double beaten;   /* when the last notes were sent */
  ms_peer *peer;   /* by rank; only rank 0 knows all */
  int all_left;    /* rank 0 says so: there is nothing more to come */
  int culprit;     /* -1: nobody */
  int why;
  char message[256];
} ms_liveness;

int ms_liveness_open(ms_liveness *l, int rank, int size, double patience);
void ms_liveness_close(ms_liveness *l);

/* Reads and sends notes about this process, and judges, once a second, or `soon`. */
void ms_liveness_turn(ms_liveness *l, const ms_transport *t, const ms_peer *own, int soon);

#endif
