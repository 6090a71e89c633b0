/* Long work of other people's libraries, which hear of no Ctrl-C: done by a child process, which
   can be ended. */
#ifndef MS_APART_H
#define MS_APART_H

#include <stddef.h>

/* Numbers that the work writes. */
typedef struct ms_apart_block {
  void *data;
  size_t bytes;
} ms_apart_block;

/* Calls work(arg), here or, where so many multiply-adds or the like take longer than a hand at
   Ctrl-C waits, in a copy of this process, whose blocks (8 at most) are copied back: the same bits.
   Nothing else that the work changes comes back. Cut off, it ends at once (ms_cut). 0, or -1 and a
   message: the copy died. */
int ms_apart(double operations, void (*work)(void *arg), void *arg, const ms_apart_block *blocks,
             int count);

#endif
