/* Rotations that make the rows of a small matrix orthogonal: one-sided Jacobi. */
#ifndef MS_ROTATIONS_H
#define MS_ROTATIONS_H

#include <stddef.h>

#include "../../base/real.h"

enum {
  MS_ROTATIONS_STEP = 16, /* rows are so many numbers long, or a multiple */
  MS_ROTATIONS_MOST = 64  /* rows at most */
};

/* w (rows, wide), of numbers near 1 and below, and turns (rows, turned), at first the identity:
   rows end in zeros. */
typedef struct ms_rotations {
  size_t rows, wide, turned;
  real *w, *turns;
  double *squares; /* of the rows' lengths, in the end */
} ms_rotations;

typedef struct __attribute__((designated_init)) ms_rotations_kernels {
  /* Takes w to turns w, rows orthogonal, with the turns that it took. 0, or 1 where it has not
     come to an end. */
  int (*orthogonal)(const ms_rotations *r);
} ms_rotations_kernels;

const ms_rotations_kernels *ms_k_rotations(void);

#endif
