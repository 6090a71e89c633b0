/* Signals that ask the program to stop: Ctrl-C (SIGINT), SIGTERM and SIGUSR1. */
#define _GNU_SOURCE
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t arrived;
static void (*volatile tell_caller)(void);

static void arrive(int number)
{
  if (arrived == number && number != SIGUSR1) { /* who asks twice means it */
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  arrived = number;
  if (tell_caller) tell_caller();
}

void ms_interrupt_watch(void)
{
  static const int stops[] = { SIGINT, SIGTERM, SIGUSR1 };
  struct sigaction action = { .sa_handler = arrive, .sa_flags = SA_RESTART };
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) sigaction(stops[i], &action, NULL);
  signal(SIGXFSZ, SIG_IGN);
}

int ms_interrupted(void)
{
  return arrived;
}

void ms_interrupt_clear(void)
{
  arrived = 0;
}

void ms_interrupt_tell(void (*tell)(void))
{
  tell_caller = tell;
}
