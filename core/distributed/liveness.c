/* Who of all processes is still there, and who keeps the others waiting. */
#include "liveness.h"

#include <stdio.h>
#include <stdlib.h>

#include "../base/clock.h"
#include "../base/error.h"

enum { BEAT, VERDICT, ALL_LEFT };      /* kinds of notes */
enum { SILENT, STALLED, LEFT_EARLY }; /* why a process is named */
static const double SECOND = 1;

int ms_liveness_open(ms_liveness *l, int rank, int size, double patience)
{
  *l = (ms_liveness){ .rank = rank, .size = size, .patience = patience, .culprit = -1 };
  l->peer = calloc((size_t)size, sizeof *l->peer);
  if (!l->peer) return ms_fail("no memory for %d processes", size);
  for (int i = 0; i < size; i++) l->peer[i].heard = l->peer[i].moved = ms_clock();
  return 0;
}

void ms_liveness_close(ms_liveness *l)
{
  free(l->peer);
  l->peer = NULL;
}

/* ---- the verdict ---------------------------------------------------------------------------- */
static void describe(ms_liveness *l, const char *what)
{
  snprintf(l->message, sizeof l->message, "rank %d (process %d) %s", l->culprit,
           l->peer[l->culprit].process, what);
}

static void name(ms_liveness *l, int culprit, int why)
{
  char text[128];
  if (l->culprit >= 0) return;
  l->culprit = culprit;
  l->why = why;
  if (why == LEFT_EARLY) return describe(l, "has ended before the others");
  if (why == SILENT)
    snprintf(text, sizeof text, "is missing: nothing was heard of it for %.0f s", l->patience);
  else
    snprintf(text, sizeof text, "is stalled: others wait for it, and it has computed nothing for "
             "%.0f s", l->patience);
  describe(l, text);
}

static uint64_t furthest(const ms_liveness *l)
{
  uint64_t most = 0;
  for (int i = 0; i < l->size; i++)
    if (l->peer[i].posted > most) most = l->peer[i].posted;
  return most;
}

/* Looks at one process, of which `posted` is how far others are. */
static void judge(ms_liveness *l, int i, uint64_t posted)
{
  const ms_peer *p = &l->peer[i];
  const double now = ms_clock();
  if (p->phase == MS_LEFT) {
    if (p->posted < posted) name(l, i, LEFT_EARLY);
  } else if (i != l->rank && now - p->heard > l->patience) {
    name(l, i, SILENT);
  } else if (p->phase == MS_IN_STEP && p->posted < posted && now - p->moved > l->patience) {
    name(l, i, STALLED);
  }
}

static void judge_all(ms_liveness *l)
{
  if (l->rank != 0) {
    judge(l, 0, l->peer[l->rank].posted);
    return;
  }
  int left = 0;
  for (int i = 0; i < l->size; i++) {
    judge(l, i, furthest(l));
    left += l->peer[i].phase == MS_LEFT;
  }
  l->all_left = left == l->size;
}

/* ---- notes ---------------------------------------------------------------------------------- */
static void take_in(ms_peer *p, const ms_note *n)
{
  p->heard = ms_clock();
  if (n->posted != p->posted || n->work != p->work || n->phase != p->phase) p->moved = p->heard;
  p->posted = n->posted;
  p->work = n->work;
  p->phase = n->phase;
  p->process = n->process;
}

static void receive_all(ms_liveness *l, const ms_transport *t)
{
  ms_note n;
  while (t->receive_note(&n)) {
    if (n.from < 0 || n.from >= l->size) continue;
    take_in(&l->peer[n.from], &n);
    if (n.kind == VERDICT && n.culprit >= 0 && n.culprit < l->size) name(l, n.culprit, n.why);
    if (n.kind == ALL_LEFT) l->all_left = 1;
  }
}

static void send_all(const ms_liveness *l, const ms_transport *t)
{
  const ms_peer *own = &l->peer[l->rank];
  ms_note n = { .from = l->rank, .kind = BEAT, .phase = own->phase, .process = own->process,
                .posted = own->posted, .work = own->work, .culprit = l->culprit, .why = l->why };
  if (l->culprit >= 0) n.kind = VERDICT;
  else if (l->rank == 0 && l->all_left) n.kind = ALL_LEFT;
  if (l->rank != 0) t->send_note(&n, 0);
  for (int i = 1; l->rank == 0 && i < l->size; i++) t->send_note(&n, i);
}

void ms_liveness_turn(ms_liveness *l, const ms_transport *t, const ms_peer *own, int soon)
{
  receive_all(l, t);
  const double now = ms_clock();
  if (!soon && now - l->beaten < SECOND) return;
  l->beaten = now;
  take_in(&l->peer[l->rank], &(ms_note){ .posted = own->posted, .work = own->work,
                                         .phase = own->phase, .process = own->process });
  judge_all(l);
  send_all(l, t);
}
