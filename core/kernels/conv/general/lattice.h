/* Which places of one image meet which of another under a kernel's taps, along one axis. Forward,
   every place of y meets all taps. The gradient by input falls into phases: places of x that are a
   stride apart meet the same taps, so each phase is a convolution of gy with stride 1 and those
   taps alone; nothing is multiplied by inserted zeros. */
#ifndef MS_LATTICE_H
#define MS_LATTICE_H

#include "general_shape.h"

/* Result i (at place first + i*step) and tap k (the kernel's tap + k*tap_step) read place
   i*reads + at + k*apart, where that is inside 0 .. size-1; apart is not 0. */
typedef struct ms_lattice {
  size_t first, step, count;
  size_t reads;
  ptrdiff_t at, apart;
  size_t tap, tap_step, taps;
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
                   .reads = 1, .tap_step = 1, .size = y };
  while (l.tap_step < kernel && l.tap_step * dilation % stride) l.tap_step++;
  const size_t about = r + pad, turn = dilation % stride;
  size_t a = 0;
  while (a < l.tap_step && (about + a * (stride - turn)) % stride) a++;
  l.apart = -1; /* of one tap alone it does not matter */
  if (a >= l.tap_step || a >= kernel) return l;
  l.tap = a;
  l.taps = (kernel - 1 - a) / l.tap_step + 1;
  l.at = ((ptrdiff_t)about - (ptrdiff_t)(a * dilation)) / (ptrdiff_t)stride;
  if (l.taps > 1) l.apart = -(ptrdiff_t)(l.tap_step * dilation / stride);
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
  ms_stretch s;
  if (l->apart > 0) {
    s.first = ms_steps_to(start, (size_t)l->apart, 0);
    s.end = ms_steps_to(start, (size_t)l->apart, size);
  } else {
    s.first = ms_steps_to(-start, (size_t)-l->apart, 1 - size);
    s.end = ms_steps_to(-start, (size_t)-l->apart, 1);
  }
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

/* Whether all results and taps meet places inside. */
static inline int ms_lattice_inside(const ms_lattice *l)
{
  if (!l->count || !l->taps) return 1;
  const ptrdiff_t last = (ptrdiff_t)((l->count - 1) * l->reads);
  const ptrdiff_t tap = (ptrdiff_t)(l->taps - 1) * l->apart;
  const ptrdiff_t low = l->at + (tap < 0 ? tap : 0), high = l->at + last + (tap > 0 ? tap : 0);
  return low >= 0 && high < (ptrdiff_t)l->size;
}

#endif
