/* A child process that goes on as a copy of this one. */
#ifndef MS_FORK_H
#define MS_FORK_H

/* The child's id in the parent, 0 in the child, or -1 and a message. The child has one thread and
   all memory as it was; it ends with its parent at the latest, and Ctrl-C is left to the parent.
   It must leave by ms_fork_leave: what runs at the end of a program is the parent's to do. */
long ms_process_fork(void);
_Noreturn void ms_fork_leave(int status);

#endif
