/* What is printed, as messages of type "stream". */
#ifndef MS_STREAMS_H
#define MS_STREAMS_H

#include "../base/system/capture.h"
#include "parts.h"

typedef struct ms_streams {
  ms_capture capture;
  ms_part header, parent;       /* JSON that their messages carry; owned */
  char kept[2][4];              /* the beginning of a letter whose end is still to come */
  size_t kept_bytes[2];
  unsigned long long sent;      /* messages so far */
} ms_streams;

/* Sends what was printed since the last call over a socket of kind PUB. last: no more is to come
   for these headers. */
void ms_streams_flush(ms_streams *s, void *publish, const char *key, int last);

int ms_streams_headers(ms_streams *s, ms_part header, ms_part parent); /* copies them */
void ms_streams_free(ms_streams *s);

#endif
