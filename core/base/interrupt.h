/* Signals that ask the program to stop: Ctrl-C (SIGINT), SIGTERM and SIGUSR1. */
#ifndef MS_INTERRUPT_H
#define MS_INTERRUPT_H

/* From now on these signals set a flag instead of ending the process; a second Ctrl-C or
   SIGTERM ends it all the same. A write past a file size limit fails instead of killing. */
void ms_interrupt_watch(void);

/* The number of the signal that arrived, or 0. */
int ms_interrupted(void);
void ms_interrupt_clear(void);

/* tell() is called from the signal handler, on the main thread: only what is safe there. */
void ms_interrupt_tell(void (*tell)(void));

#endif
