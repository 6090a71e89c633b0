/* A tensor in a few lines, however large it is. */
#ifndef MS_SHOW_H
#define MS_SHOW_H

#include "tensor.h"

enum { MS_SHOW_TEXT = 4096 };

/* Shape; smallest, mean and largest of the finite numbers, and how many others there are; the first
   rows' corners; into text of MS_SHOW_TEXT bytes, which is returned. */
const char *ms_show(const ms_tensor *t, char *text);

typedef struct ms_extent {
  double low, high, sum; /* of the finite numbers; low above high where there is none */
  size_t nan, infinite;  /* how many others there are */
} ms_extent;

ms_extent ms_extent_of(const ms_tensor *t);

#endif
