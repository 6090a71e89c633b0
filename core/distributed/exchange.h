/* Numbers that all processes add up or hand round together. */
#ifndef MS_EXCHANGE_H
#define MS_EXCHANGE_H

#include <stddef.h>

typedef enum ms_exchange_kind { MS_SUM_REALS, MS_SUM_DOUBLES, MS_BROADCAST } ms_exchange_kind;

/* Something that all processes do together, in the same order everywhere. */
typedef struct ms_exchange {
  ms_exchange_kind kind;
  void *data;    /* stays where it is until the exchange is over */
  size_t count;  /* numbers, or bytes of a broadcast */
  int root;      /* of a broadcast */
  int tree;      /* a sum in a fixed tree over the ranks, whatever the library would do */
  double began, ended; /* by ms_clock */

  int over; /* from here on the thread's own: 1: done, -1: failed */
  int part, level;
  void *request, *other;
  struct ms_exchange *next;
} ms_exchange;

#endif
