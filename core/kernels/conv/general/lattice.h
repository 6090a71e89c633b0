/* Which places of one image meet which of another under a kernel's taps, along one axis. Forward,
   every place of y meets all taps. The gradient by input falls into phases: places of x that are a
   stride apart meet the same taps, so each phase is a convolution of gy with stride 1 and those
   taps alone; nothing is multiplied by inserted zeros. */
#ifndef MS_LATTICE_H
#define MS_LATTICE_H

#include "general_shape.h"

/* Result i (at place first + i*step) and tap k (the kernel's tap + k*tap_step) read place
   i*reads + at + k*apart, where that is inside 0 .. size-1; apart is above 0. */
typedef struct ms_lattice {
  size_t first, step, count;
  size_t reads;
  ptrdiff_t at, apart;
  size_t tap, taps;
  ptrdiff_t tap_step;
  size_t size;
} ms_lattice;

/* Of y: one phase. */
static inline ms_lattice ms_lattice_forward(size_t x, size_t kernel, size_t stride,
                                            size_t dilation, size_t pad, size_t y)
{
  return (ms_lattice){ .step = 1, .count = y, .reads = stride, .at = -(ptrdiff_t)pad,
                       .apart = (ptrdiff_t)dilation, .tap_step = 1, .taps = kernel, .size = x };
}

/* Of x: phase r < stride, from y. Tap a reaches it where r + pad - a*dilation is a multiple of the
   stride. */
static inline ms_lattice ms_lattice_back(size_t x, size_t kernel, size_t stride, size_t dilation,
                                         size_t pad, size_t y, size_t r)
{
  ms_lattice l = { .first = r, .step = stride, .count = r < x ? (x - r - 1) / stride + 1 : 0,
                   .reads = 1, .apart = 1, .size = y };
  size_t step = 1; /* between the taps that meet */
  while (step < kernel && step * dilation % stride) step++;
  const size_t about = r + pad, turn = dilation % stride;
  size_t a = 0;
  while (a < step && (about + a * (stride - turn)) % stride) a++;
  if (a >= step || a >= kernel) return l;
  l.taps = (kernel - 1 - a) / step + 1;
  l.tap = a + (l.taps - 1) * step; /* the last one reads the first place */
  l.tap_step = -(ptrdiff_t)step;
  l.at = ((ptrdiff_t)about - (ptrdiff_t)(l.tap * dilation)) / (ptrdiff_t)stride;
  if (l.taps > 1) l.apart = (ptrdiff_t)(step * dilation / stride);
  return l;
}

/* A stretch first .. end-1. */
typedef struct ms_stretch {
  size_t first, end;
} ms_stretch;

/* The least i >= 0 with start + i*step >= least, for step > 0. */
static inline size_t ms_steps_to(ptrdiff_t start, size_t step, ptrdiff_t least)
{
  return start >= least ? 0 : ((size_t)(least - start) + step - 1) / step;
}

/* The taps that meet a place inside for result i. */
static inline ms_stretch ms_lattice_taps(const ms_lattice *l, size_t i)
{
  const ptrdiff_t start = (ptrdiff_t)(i * l->reads) + l->at, size = (ptrdiff_t)l->size;
  ms_stretch s = { ms_steps_to(start, (size_t)l->apart, 0),
                   ms_steps_to(start, (size_t)l->apart, size) };
  if (s.end > l->taps) s.end = l->taps;
  if (s.first > s.end) s.first = s.end;
  return s;
}

/* The results that meet a place inside for tap k. */
static inline ms_stretch ms_lattice_results(const ms_lattice *l, size_t k)
{
  const ptrdiff_t start = l->at + (ptrdiff_t)k * l->apart;
  ms_stretch s = { ms_steps_to(start, l->reads, 0),
                   ms_steps_to(start, l->reads, (ptrdiff_t)l->size) };
  if (s.end > l->count) s.end = l->count;
  if (s.first > s.end) s.first = s.end;
  return s;
}

/* The results whose taps all meet places inside; without taps, none. */
static inline ms_stretch ms_lattice_within(const ms_lattice *l)
{
  if (!l->taps) return (ms_stretch){ 0, 0 };
  ms_stretch s = { ms_lattice_results(l, 0).first, ms_lattice_results(l, l->taps - 1).end };
  if (s.end < s.first) s.end = s.first;
  return s;
}

/* Whether all results and taps meet places inside. */
static inline int ms_lattice_inside(const ms_lattice *l)
{
  if (!l->count || !l->taps) return 1;
  const ptrdiff_t last = (ptrdiff_t)((l->count - 1) * l->reads);
  const ptrdiff_t tap = (ptrdiff_t)(l->taps - 1) * l->apart;
  return l->at >= 0 && l->at + last + tap < (ptrdiff_t)l->size;
}

#endif
