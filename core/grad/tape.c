/* A tape: all calls of operators on this thread, in order. */
#include "tape.h"

#include <stdlib.h>
#include <string.h>

#include "../base/error.h"

_Thread_local ms_tape *ms_tape_running;

ms_tape *ms_tape_begin(void)
{
  if (ms_tape_running) return ms_fail("a tape runs already"), NULL;
  ms_tape_running = calloc(1, sizeof *ms_tape_running);
  if (!ms_tape_running) return ms_fail("no memory for a tape"), NULL;
  return ms_tape_running;
}

void ms_tape_end(void)
{
  ms_tape_running = NULL;
}

static void row_free(ms_tape_row *row)
{
  for (int i = 0; i <= row->inputs; i++) ms_tensor_free(row->tensor[i]);
  free(row->tensor);
}

void ms_tape_free(ms_tape *tape)
{
  if (!tape) return;
  for (size_t i = 0; i < tape->count; i++) row_free(&tape->row[i]);
  free(tape->row);
  free(tape);
}

/* Tensors, versions and attributes of a row lie in one block. */
static int row_new(ms_tape_row *row, const ms_call *call, ms_tensor *y)
{
  const size_t n = (size_t)call->inputs + 1, one = sizeof *row->tensor + sizeof *row->version;
  *row = (ms_tape_row){ .op = call->op, .inputs = call->inputs };
  row->tensor = calloc(1, n * one + call->op->attributes);
  if (!row->tensor) return -1;
  row->version = (uint64_t *)(void *)&row->tensor[n];
  row->attributes = &row->version[n];
  if (call->op->attributes) memcpy(row->attributes, call->attributes, call->op->attributes);
  for (size_t i = 0; i < n; i++) {
    ms_tensor *t = i + 1 < n ? call->input[i] : y;
    row->tensor[i] = t ? ms_tensor_ref(t) : NULL;
    row->version[i] = t ? ms_tensor_version(t) : 0;
  }
  return 0;
}

void ms_tape_add(ms_tape *tape, const ms_call *call, ms_tensor *y)
{
  if (tape->count == tape->room) {
    const size_t room = 2 * tape->room + 64;
    ms_tape_row *larger = realloc(tape->row, room * sizeof *larger);
    if (!larger) {
      tape->failed = 1;
      return;
    }
    tape->row = larger;
    tape->room = room;
  }
  if (row_new(&tape->row[tape->count], call, y) != 0) tape->failed = 1;
  else tape->count++;
}
