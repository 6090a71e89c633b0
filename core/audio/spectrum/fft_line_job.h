/* What both ways of fft_lines.c work on: lines of a tensor, in and out. */
#ifndef MS_FFT_LINE_JOB_H
#define MS_FFT_LINE_JOB_H

#include <stdatomic.h>

#include "fft_lane_plan.h"
#include "fft_line.h"

/* Numbers to which the distance of lines in a room is rounded up. */
enum { MS_LINE_GRAIN = 64 / (int)sizeof(real) };

typedef struct ms_line_job {
  ms_line l;
  const struct ms_line_plan *plan; /* FFTW's */
  const ms_lane_tables *lanes;
  const real *turns; /* of cosines */
  const real *x;
  real *y;
  size_t nx, ny, inner, lines, step; /* step: lines of a chunk and of its room */
  atomic_int failed;
} ms_line_job;

/* One side: the points that the transform has, those that the tensor has, the numbers of a point,
   and those from one line of a room to the next. */
typedef struct ms_line_side {
  size_t points, there, parts, pitch;
} ms_line_side;

static inline size_t ms_line_pitch(const ms_line *l, int out)
{
  const size_t numbers = ms_line_points(l, out) * (ms_line_is_complex(l->kind, out) ? 2 : 1);
  return (numbers + MS_LINE_GRAIN - 1) / MS_LINE_GRAIN * MS_LINE_GRAIN;
}

static inline ms_line_side ms_line_side_of(const ms_line_job *j, int out)
{
  return (ms_line_side){ .points = ms_line_points(&j->l, out), .there = out ? j->ny : j->nx,
                         .parts = ms_line_is_complex(j->l.kind, out) ? 2 : 1,
                         .pitch = ms_line_pitch(&j->l, out) };
}

/* Where line `at` begins in a tensor, in numbers. */
static inline size_t ms_line_begin(const ms_line_job *j, const ms_line_side *s, size_t at)
{
  return (at / j->inner * s->there * j->inner + at % j->inner) * s->parts;
}

static inline int ms_line_ends_in_spectrum(ms_line_kind kind)
{
  return kind != MS_LINE_HALF && kind != MS_LINE_COSINE3;
}

/* Chunk by chunk, as many lines as there are lanes (fft_lane_lines.c). */
void ms_line_lanes(void *job, size_t chunk);

#endif
