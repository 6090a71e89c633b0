/* Signals that ask the program to stop: Ctrl-C (SIGINT), SIGTERM, SIGHUP and SIGUSR1. */
#define _GNU_SOURCE
#include "interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

static volatile sig_atomic_t arrived, asked, patient; /* asked: by somebody else than our starter */
static pid_t starter; /* one of us, with whom we end; 0 where nobody ends us */
static void (*volatile on_signal)(int again);

static atomic_int requested, cut; /* loops are to be cut off; one was */
static _Thread_local int may_stop, holds;

static void print_last_message(void)
{
  static const char text[] = "\nmoonstem: asked twice to stop, so it ends at once\n";
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0) return;
}

/* Who asks twice means it; but a terminal that is closed sends SIGHUP itself and by its shell, and
   one of us who started this process passes on what it got, also where all of its group got it. */
static void arrive(int number, siginfo_t *info, void *context)
{
  (void)context;
  const int passed_on = starter && info->si_code == SI_USER && info->si_pid == starter;
  const int again = !passed_on && asked == number && (number == SIGINT || number == SIGTERM);
  if (!passed_on) asked = number;
  if (again && !(patient && number == SIGINT)) {
    print_last_message();
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  arrived = number;
  if (on_signal) on_signal(again);
}

int ms_hangup_ignored(void)
{
  struct sigaction now;
  return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void ms_interrupt_watch(void)
{
  static const int stops[] = { SIGINT, SIGTERM, SIGUSR1 };
  int number = 0;
  starter = prctl(PR_GET_PDEATHSIG, &number) == 0 && number ? getppid() : 0;
  struct sigaction action = { .sa_sigaction = arrive, .sa_flags = SA_RESTART | SA_SIGINFO };
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) sigaction(stops[i], &action, NULL);
  if (!ms_hangup_ignored()) sigaction(SIGHUP, &action, NULL);
  signal(SIGXFSZ, SIG_IGN);
  may_stop = 1;
}

void ms_interrupt_patient(int on)
{
  patient = on;
}

int ms_interrupted(void)
{
  return arrived;
}

int ms_asked_to_end(void)
{
  return arrived == SIGTERM || arrived == SIGHUP;
}

void ms_interrupt_clear(void)
{
  arrived = asked = 0;
  ms_stop_clear();
}

void ms_interrupt_hook(void (*hook)(int again))
{
  on_signal = hook;
}

void ms_stop_request(void) { atomic_store(&requested, 1); }

void ms_stop_clear(void)
{
  atomic_store(&requested, 0);
  atomic_store(&cut, 0);
}

void ms_stop_hold(int by) { holds += by; }

int ms_stop_may(void) { return may_stop && !holds; }

void ms_stop_lend(int may) { may_stop = may; }

int ms_stop_wanted(void)
{
  return may_stop && !holds && atomic_load_explicit(&requested, memory_order_relaxed);
}

void ms_stop_note(void) { atomic_store(&cut, 1); }

int ms_stop_taken(void)
{
  if (!ms_stop_wanted()) return 0;
  ms_stop_note();
  return 1;
}

int ms_cut(void) { return may_stop && atomic_load_explicit(&cut, memory_order_relaxed); }
