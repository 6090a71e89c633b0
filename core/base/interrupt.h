/* Signals that ask the program to stop: Ctrl-C (SIGINT), SIGTERM, SIGHUP and SIGUSR1. */
#ifndef MS_INTERRUPT_H
#define MS_INTERRUPT_H

/* From now on these signals set a flag instead of ending the process; a second Ctrl-C or
   SIGTERM ends it all the same, unless one of us who started this process passed it on. A write
   past a file size limit fails instead of killing. SIGHUP is left alone where whoever started us
   has it ignored, as nohup does. */
void ms_interrupt_watch(void);
int ms_hangup_ignored(void);

/* The number of the signal that arrived, or 0. */
int ms_interrupted(void);

/* Whether one arrived that is meant for the whole program: SIGTERM or SIGHUP. */
int ms_asked_to_end(void);
void ms_interrupt_clear(void);

/* While `on`, a second Ctrl-C is as the first: whoever sends it can end the process otherwise. */
void ms_interrupt_patient(int on);

/* hook(again) is called from the signal handler, on the main thread, where it may only do what is
   safe. again: the same signal came before and nobody has cleared it. */
void ms_interrupt_hook(void (*hook)(int again));

/* ---- cutting long loops off ------------------------------------------------------------------
   Ctrl-C in the middle of a long operation: ms_parallel hands out no more chunks, and what the
   operation was to compute is of no use. So whoever hands a result to somebody asks ms_cut() first.
   What writes in place (a step of an optimizer, a sum of gradients, weights drawn again) holds the
   request off until it is done. */

/* Safe in a signal handler: loops of the thread that called ms_interrupt_watch are to be cut off
   from now on. */
void ms_stop_request(void);

/* Drops the request, and the note that a loop was cut: the caller has seen to both. */
void ms_stop_clear(void);

/* 1: until the matching -1, loops of this thread run to their end. May be nested. */
void ms_stop_hold(int by);

/* Whether this thread's loops may be cut off; a loop lends that to the threads that work for it. */
int ms_stop_may(void);
void ms_stop_lend(int may);

/* Whether a loop of this thread is to end now. One that does says so by ms_stop_note; ms_stop_taken
   does both. */
int ms_stop_wanted(void);
void ms_stop_note(void);
int ms_stop_taken(void);

/* Whether a loop was cut off since ms_stop_clear: what came of it is not to be used. */
int ms_cut(void);

#endif
