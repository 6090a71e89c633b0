/* A Jupyter kernel's sockets, and the thread beside the program's own. */
#define _GNU_SOURCE
#include "kernel_io.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/error.h"
#include "../base/thread.h"
#include "../io/json.h"
#include "signature.h"
#include "streams.h"
#include "zeromq.h"

enum { ROUND = 50, GOODBYE = 1000 }; /* milliseconds: of a round of the thread; to send the last */

/* Sockets belong to one thread each: the program's has shell, stdin and the near end of the link,
   over which it hands the other one what to send; requests on control come back over it. */
struct ms_kernel_io {
  void *context, *shell, *input, *near;      /* the program's */
  void *control, *publish, *heartbeat, *far;  /* the thread's */
  char *key;
  ms_streams streams;
  ms_thread thread;
  int runs;
  ms_mutex lock;
  ms_cond obeyed;
  unsigned long long asked, done; /* messages over the link, and how many of them were obeyed */
  pid_t parent; /* 0: the kernel does not end with it */
};

/* What the program's thread asks of the other one: the first letter of a message over the link. */
enum { PUBLISH = 'p', REPLY = 'r', HEADERS = 'h', END = 'e' };

/* ---- the thread ---------------------------------------------------------------------------- */
/* Whether a request asks to stop what is computed. */
static int stops(const ms_parts *p, int mark)
{
  json_t *header = ms_json_parse(p->part[mark + 2].data, p->part[mark + 2].bytes, "header");
  const char *type = json_string_value(json_object_get(header, "msg_type"));
  const int yes = type && (!strcmp(type, "interrupt_request") || !strcmp(type, "shutdown_request"));
  json_decref(header);
  return yes;
}

/* As Ctrl-C at a terminal: to all programs that the kernel has started, where it leads a group. */
static void stop_computation(void)
{
  kill(getpgrp() == getpid() ? 0 : getpid(), SIGINT);
}

static void take_control(ms_kernel_io *k)
{
  ms_parts p;
  while (ms_parts_receive(k->control, &p) == 1) {
    const int mark = ms_parts_mark(&p);
    if (ms_signature_fits(k->key, &p, mark)) {
      if (stops(&p, mark)) stop_computation();
      ms_parts_send(k->far, &p, 0);
    }
    ms_parts_free(&p);
  }
}

static void answer_heartbeat(ms_kernel_io *k)
{
  ms_parts p;
  if (ms_parts_receive(k->heartbeat, &p) != 1) return;
  ms_parts_send(k->heartbeat, &p, 0);
  ms_parts_free(&p);
}

static void tell_obeyed(ms_kernel_io *k)
{
  ms_lock(&k->lock);
  k->done++;
  ms_cond_wake(&k->obeyed);
  ms_unlock(&k->lock);
}

/* Does what came over the link; 0 once that was the end. */
static int obey(ms_kernel_io *k)
{
  ms_parts p;
  int goes_on = 1;
  while (goes_on && ms_parts_receive(k->far, &p) == 1) {
    ms_streams_flush(&k->streams, k->publish, k->key, 1);
    switch (p.part[0].data[0]) {
      case PUBLISH: ms_parts_send(k->publish, &p, 1); break;
      case REPLY: ms_parts_send(k->control, &p, 1); break;
      case HEADERS: ms_streams_headers(&k->streams, p.part[1], p.part[2]); break;
      default: goes_on = 0;
    }
    ms_parts_free(&p);
    tell_obeyed(k);
  }
  return goes_on;
}

/* A kernel without the server that started it is of no use to anybody. */
static void mind_parent(ms_kernel_io *k)
{
  if (!k->parent || getppid() == k->parent) return;
  k->parent = 0;
  kill(getpid(), SIGTERM);
}

static void *serve(void *arg)
{
  ms_kernel_io *k = arg;
  ms_zmq_poll sockets[] = { { k->control, 0, MS_ZMQ_POLLIN, 0 },
                            { k->heartbeat, 0, MS_ZMQ_POLLIN, 0 },
                            { k->far, 0, MS_ZMQ_POLLIN, 0 } };
  do {
    ms_zmq.poll(sockets, 3, ROUND);
    ms_streams_flush(&k->streams, k->publish, k->key, 0);
    mind_parent(k);
    if (sockets[0].revents) take_control(k);
    if (sockets[1].revents) answer_heartbeat(k);
  } while (!sockets[2].revents || obey(k));
  return NULL;
}

/* ---- opening ------------------------------------------------------------------------------- */
static void *open_socket(ms_kernel_io *k, int kind)
{
  const int none = 0, goodbye = GOODBYE;
  void *socket = ms_zmq.socket(k->context, kind);
  if (!socket) return ms_zmq_fail("a socket could not be made"), NULL;
  ms_zmq.setsockopt(socket, MS_ZMQ_SNDHWM, &none, sizeof none); /* nothing is dropped */
  ms_zmq.setsockopt(socket, MS_ZMQ_RCVHWM, &none, sizeof none);
  ms_zmq.setsockopt(socket, MS_ZMQ_LINGER, &goodbye, sizeof goodbye);
  return socket;
}

static void *listen_at(ms_kernel_io *k, const ms_kernel_address *a, int kind, int port)
{
  char address[256];
  const char *mark = strcmp(a->transport, "ipc") == 0 ? "-" : ":";
  void *socket = open_socket(k, kind);
  snprintf(address, sizeof address, "%.10s://%.200s%s%d", a->transport, a->ip, mark, port);
  if (!socket || ms_zmq.bind(socket, address) == 0) return socket;
  ms_zmq_fail(address);
  ms_zmq.close(socket);
  return NULL;
}

static int open_link(ms_kernel_io *k)
{
  static const char address[] = "inproc://link";
  k->near = open_socket(k, MS_ZMQ_PAIR);
  k->far = k->near ? open_socket(k, MS_ZMQ_PAIR) : NULL;
  if (!k->far) return -1;
  if (ms_zmq.bind(k->far, address) == 0 && ms_zmq.connect(k->near, address) == 0) return 0;
  return ms_zmq_fail(address);
}

static int open_all(ms_kernel_io *k, const ms_kernel_address *a)
{
  k->key = strdup(a->key);
  k->context = ms_zmq.ctx_new();
  if (!k->key || !k->context) return ms_fail("no memory for a kernel");
  if (open_link(k) != 0 || !(k->shell = listen_at(k, a, MS_ZMQ_ROUTER, a->shell)) ||
      !(k->control = listen_at(k, a, MS_ZMQ_ROUTER, a->control)) ||
      !(k->input = listen_at(k, a, MS_ZMQ_ROUTER, a->input)) ||
      !(k->publish = listen_at(k, a, MS_ZMQ_PUB, a->iopub)) ||
      !(k->heartbeat = listen_at(k, a, MS_ZMQ_REP, a->heartbeat)))
    return -1;
  if (getenv("JPY_PARENT_PID")) k->parent = getppid();
  if (ms_capture_open(&k->streams.capture, 1) != 0) return -1;
  if (ms_thread_start(&k->thread, serve, k) != 0) return -1;
  k->runs = 1;
  return 0;
}

int ms_kernel_io_load(void)
{
  return ms_zmq_load() == 0 && ms_signature_load() == 0 ? 0 : -1;
}

ms_kernel_io *ms_kernel_io_open(const ms_kernel_address *address)
{
  if (ms_kernel_io_load() != 0) return NULL;
  ms_kernel_io *k = calloc(1, sizeof *k);
  if (!k) return ms_fail("no memory for a kernel"), NULL;
  ms_mutex_init(&k->lock);
  ms_cond_init(&k->obeyed);
  k->streams.capture = (ms_capture){ .file = { -1, -1 }, .before = { -1, -1 } };
  if (open_all(k, address) == 0) return k;
  ms_kernel_io_free(k);
  return NULL;
}

/* ---- the program's own thread -------------------------------------------------------------- */
/* Hands p to the other thread, which does as `order` says; waits until it has: what is printed next
   must not come before. */
static int hand_over(ms_kernel_io *k, char order, const ms_parts *p)
{
  ms_parts all = { .count = 0 };
  ms_parts_add(&all, &order, 1);
  for (size_t i = 0; i < p->count; i++)
    if (ms_parts_add(&all, p->part[i].data, p->part[i].bytes) != 0) return -1;
  if (ms_parts_send(k->near, &all, 0) != 0) return -1;
  ms_lock(&k->lock);
  k->asked++;
  while (k->done < k->asked) ms_cond_wait(&k->obeyed, &k->lock);
  ms_unlock(&k->lock);
  return 0;
}

void ms_kernel_io_free(ms_kernel_io *k)
{
  if (!k) return;
  if (k->runs) {
    hand_over(k, END, &(ms_parts){ .count = 0 });
    ms_thread_join(&k->thread);
  }
  ms_capture_close(&k->streams.capture);
  void *sockets[] = { k->near, k->far, k->shell, k->control, k->input, k->publish, k->heartbeat };
  for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++)
    if (sockets[i]) ms_zmq.close(sockets[i]);
  if (k->context) ms_zmq.ctx_term(k->context);
  ms_streams_free(&k->streams);
  ms_mutex_end(&k->lock);
  ms_cond_end(&k->obeyed);
  free(k->key);
  free(k);
}

/* Takes the next message of a socket; 0 where none fits. */
static int take(ms_kernel_io *k, void *socket, int trusted, ms_parts *to)
{
  int found;
  while ((found = ms_parts_receive(socket, to)) == 1) {
    if (trusted || ms_signature_fits(k->key, to, ms_parts_mark(to))) return 1;
    ms_parts_free(to);
  }
  return found;
}

int ms_kernel_io_receive(ms_kernel_io *k, double seconds, int answer, ms_parts *to,
                         ms_kernel_channel *channel)
{
  ms_zmq_poll sockets[] = { { k->near, 0, MS_ZMQ_POLLIN, 0 },
                            { answer ? k->input : k->shell, 0, MS_ZMQ_POLLIN, 0 } };
  const int ready = ms_zmq.poll(sockets, 2, (long)(seconds * 1000));
  if (ready < 0 && ms_zmq.error_number() != EINTR) return ms_zmq_fail("waiting for requests");
  if (ready <= 0) return 0;
  *channel = sockets[0].revents ? MS_CONTROL : answer ? MS_STDIN : MS_SHELL;
  return take(k, *channel == MS_CONTROL ? k->near : sockets[1].socket, *channel == MS_CONTROL, to);
}

int ms_kernel_io_send(ms_kernel_io *k, ms_kernel_channel channel, ms_parts *p,
                      const ms_part four[4])
{
  char digits[MS_SIGNATURE_ROOM];
  ms_signature_of(k->key, four, digits);
  if (ms_parts_add(p, MS_PARTS_MARK, strlen(MS_PARTS_MARK)) != 0 ||
      ms_parts_add(p, digits, strlen(digits)) != 0)
    return -1;
  for (int i = 0; i < 4; i++)
    if (ms_parts_add(p, four[i].data, four[i].bytes) != 0) return -1;
  fflush(NULL);
  if (channel == MS_IOPUB) return hand_over(k, PUBLISH, p);
  if (channel == MS_CONTROL) return hand_over(k, REPLY, p);
  return ms_parts_send(channel == MS_STDIN ? k->input : k->shell, p, 0);
}

int ms_kernel_io_streams(ms_kernel_io *k, ms_part header, ms_part parent)
{
  fflush(NULL);
  return hand_over(k, HEADERS, &(ms_parts){ .part = { header, parent }, .count = 2 });
}
