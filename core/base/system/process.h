/* Other programs as child processes, started without a shell. */
#ifndef MS_PROCESS_H
#define MS_PROCESS_H

typedef struct ms_command {
  const char *const *argv;  /* NULL-ended; argv[0] is looked up in PATH */
  char *const *environment; /* NULL-ended "NAME=value", or NULL for our own */
  const char *folder;       /* where it runs, or NULL for ours */
  int in, out, err;         /* file descriptors that become 0, 1, 2; -1 keeps ours */
  int follow;               /* the signal that it gets when this thread ends, however; 0: none */
} ms_command;

/* Starts the command with fresh signal handling. Its process id, or -1 and a message, or
   MS_NO_PROGRAM and a message where there is no such program. */
enum { MS_NO_PROGRAM = -2 };
long ms_process_start(const ms_command *command);

/* Waits for a child until it ends or `seconds` have passed (less than 0: for ever).
   1 and its exit status in *status (128 + number when a signal ended it), 0 while it
   runs, -1 and a message. SIGTERM to us while waiting is passed on to the child. */
int ms_process_wait(long id, double seconds, int *status);

/* Sends a signal by number. 0, or -1 and a message. */
int ms_process_signal(long id, int number);

/* Sleeps; a signal that asks to stop ends the sleep. */
void ms_sleep(double seconds);

#endif
