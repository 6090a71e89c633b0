/* A tape: all calls of operators on this thread, in order, with what they were given and gave.
   Unlike the graph it has constants, too, and keeps everything. */
#ifndef MS_TAPE_H
#define MS_TAPE_H

#include "op.h"

typedef struct ms_tape_row {
  const ms_op *op;
  int inputs;
  ms_tensor **tensor; /* inputs (NULL where one was left out), then the result: references */
  uint64_t *version;  /* of each, when the call was over */
  void *attributes;
} ms_tape_row;

typedef struct ms_tape {
  size_t count, room;
  ms_tape_row *row;
  int failed; /* there was no memory for a row */
} ms_tape;

/* Begins to record; NULL and a message, also while another tape runs. */
ms_tape *ms_tape_begin(void);
void ms_tape_end(void);
void ms_tape_free(ms_tape *tape); /* NULL is fine */

/* For ms_record: the tape that runs, or NULL, and a call that is over. */
extern _Thread_local ms_tape *ms_tape_running;
void ms_tape_add(ms_tape *tape, const ms_call *call, ms_tensor *y);

#endif
