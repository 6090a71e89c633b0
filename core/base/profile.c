/* What each operator costs. */
#define _GNU_SOURCE
#include "profile.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"

enum { MOST = 256 };

_Thread_local int ms_profile_on;

static _Thread_local struct {
  /* of the operator that runs; in its loops */
  double all_flops, began, flops, looped, on[MS_PROFILE_CORES];
  size_t chosen, chosen_last;
  /* of the operator that runs, that ended */
  ms_profile_choice choice[MS_PROFILE_SOLVERS], last[MS_PROFILE_SOLVERS];
  size_t count;
  ms_profile_row row[MOST];
} mine;

static ms_profile_row *row_of(const char *name, int way)
{
  for (size_t i = 0; i < mine.count; i++)
    if (mine.row[i].way == way && strcmp(mine.row[i].name, name) == 0) return mine.row + i;
  if (mine.count == MOST) return NULL;
  mine.row[mine.count] = (ms_profile_row){ .name = name, .way = way };
  return mine.row + mine.count++;
}

static void begin_at(double seconds)
{
  mine.began = seconds;
  mine.flops = mine.looped = 0;
  mine.chosen = 0;
  memset(mine.on, 0, sizeof mine.on);
}

void ms_profile_begin(void)
{
  begin_at(ms_clock());
}

static void add_choice(ms_profile_row *row, const ms_profile_choice *choice)
{
  size_t i = 0;
  while (i < row->solvers && strcmp(row->solver[i].name, choice->name) != 0) i++;
  if (i == MS_PROFILE_SOLVERS) return;
  const size_t calls = i < row->solvers ? row->solver[i].calls : 0;
  row->solver[i] = *choice;
  row->solver[i].calls = calls + 1;
  if (i == row->solvers) row->solvers++;
}

void ms_profile_end(const char *name, int way, double bytes)
{
  const double end = ms_clock(), seconds = end - mine.began;
  ms_profile_row *row = row_of(name, way);
  if (row) {
    row->calls++;
    row->seconds += seconds;
    row->flops += mine.flops;
    row->bytes += bytes;
    for (size_t i = 0; i < mine.chosen; i++) add_choice(row, &mine.choice[i]);
    for (int k = 0; k < MS_PROFILE_CORES; k++) row->on[k] += seconds - mine.looped + mine.on[k];
  }
  mine.all_flops += mine.flops;
  memcpy(mine.last, mine.choice, mine.chosen * sizeof *mine.last);
  mine.chosen_last = mine.chosen;
  begin_at(end);
}

size_t ms_profile_last(const ms_profile_choice **choices)
{
  *choices = mine.last;
  return mine.chosen_last;
}

double ms_profile_flops(void)
{
  return mine.all_flops;
}

void ms_profile_loop(size_t chunks, int threads, double seconds)
{
  const double each = seconds * threads / (double)chunks;
  mine.looped += seconds;
  for (int k = 0; k < MS_PROFILE_CORES; k++) {
    const size_t cores = (size_t)1 << k, turns = (chunks + cores - 1) / cores;
    mine.on[k] += each * (double)turns;
  }
}

void ms_profile_work(double flops)
{
  mine.flops += flops;
}

void ms_profile_solver(const char *name, double cost, const char *others)
{
  if (mine.chosen == MS_PROFILE_SOLVERS) return;
  ms_profile_choice *c = &mine.choice[mine.chosen++];
  *c = (ms_profile_choice){ .name = name, .cost = cost };
  snprintf(c->others, sizeof c->others, "%s", others);
}

void ms_profile_start(void)
{
  mine.count = 0;
  ms_profile_on = 1;
  ms_profile_begin();
}

size_t ms_profile_stop(const ms_profile_row **rows)
{
  ms_profile_on = 0;
  *rows = mine.row;
  return mine.count;
}
