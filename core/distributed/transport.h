/* What carries numbers between processes: a shared object for each MPI library, which gives one of
   these. The program itself knows no MPI. All functions are called by one thread. */
#ifndef MS_TRANSPORT_H
#define MS_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

enum { MS_TRANSPORT_VERSION = 1 };

/* What processes tell each other beside the numbers; see liveness.h. */
typedef struct ms_note {
  int32_t from, kind, phase, culprit, why;
  int32_t process; /* its number on its host */
  uint64_t posted, work;
} ms_note;

typedef struct ms_transport {
  int version;         /* MS_TRANSPORT_VERSION */
  const char *name;    /* "Open MPI" */
  int (*open)(int *rank, int *size);
  /* Start and return what `test` takes; NULL: refused. Sums are in place. */
  void *(*sum_floats)(float *x, size_t n);
  void *(*sum_doubles)(double *x, size_t n);
  void *(*broadcast)(void *bytes, size_t n, int root);
  void *(*send)(const void *bytes, size_t n, int to, int tag);
  void *(*receive)(void *bytes, size_t n, int from, int tag);
  int (*test)(void *request); /* 1: done, and gone; 0: not yet; -1: failed, and gone */
  void (*send_note)(const ms_note *note, int to); /* dropped where the last one is on its way */
  int (*receive_note)(ms_note *note);             /* 1: there was one */
  void (*end)(int status);                        /* of all processes, at once */
  void (*close)(void);
} ms_transport;

/* The one symbol of such an object. */
const ms_transport *ms_transport_of_library(void);

#endif
