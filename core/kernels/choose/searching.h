/* Looking numbers up in sorted lists. */
#ifndef MS_SEARCHING_H
#define MS_SEARCHING_H

#include <stddef.h>

#include "../../base/real.h"

typedef struct __attribute__((designated_init)) ms_searching_kernels {
  /* For each of m values the place, from 1, that keeps the n sorted numbers in order with it
     there: the first one, or the last one (right). In every one of the lines; or all in one list.
     */
  void (*search)(const real *sorted, size_t n, const real *values, size_t m, size_t lines,
                 int one_list, int right, real *at);
} ms_searching_kernels;

const ms_searching_kernels *ms_k_searching(void);

#endif
