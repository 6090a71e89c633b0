/* Dimensions that a result has more than its input. */
#ifndef MS_NEW_AXIS_H
#define MS_NEW_AXIS_H

#include <stdint.h>

/* The place from 0 of a new dimension, given as a signed number from 1 or from the end, in a result
   of ndim + 1; -1 and a message where there is none. */
int ms_new_axis(const char *who, uint64_t given, int ndim);

#endif
