/* What a Jupyter kernel uses of ZeroMQ. The library is loaded when a kernel starts; its interface
   (that of libzmq.so.5) is declared here, so that nobody needs its headers to build. */
#ifndef MS_ZEROMQ_H
#define MS_ZEROMQ_H

#include <stddef.h>

enum { MS_ZMQ_PAIR = 0, MS_ZMQ_PUB = 1, MS_ZMQ_REP = 4, MS_ZMQ_ROUTER = 6 };     /* kinds */
enum { MS_ZMQ_LINGER = 17, MS_ZMQ_SNDHWM = 23, MS_ZMQ_RCVHWM = 24 };             /* options */
enum { MS_ZMQ_DONTWAIT = 1, MS_ZMQ_SNDMORE = 2, MS_ZMQ_POLLIN = 1 };             /* flags */

typedef struct ms_zmq_frame { /* zmq_msg_t */
  _Alignas(void *) unsigned char opaque[64];
} ms_zmq_frame;

typedef struct ms_zmq_poll { /* zmq_pollitem_t */
  void *socket;
  int fd;
  short events, revents;
} ms_zmq_poll;

extern struct ms_zmq {
  void *(*ctx_new)(void);
  int (*ctx_term)(void *context);
  void *(*socket)(void *context, int kind);
  int (*close)(void *socket);
  int (*setsockopt)(void *socket, int option, const void *value, size_t bytes);
  int (*bind)(void *socket, const char *address);
  int (*connect)(void *socket, const char *address);
  int (*poll)(ms_zmq_poll *items, int count, long milliseconds);
  int (*send)(void *socket, const void *data, size_t bytes, int flags);
  int (*msg_init)(ms_zmq_frame *frame);
  int (*msg_recv)(ms_zmq_frame *frame, void *socket, int flags);
  void *(*msg_data)(ms_zmq_frame *frame);
  size_t (*msg_size)(const ms_zmq_frame *frame);
  int (*msg_more)(const ms_zmq_frame *frame);
  int (*msg_close)(ms_zmq_frame *frame);
  int (*error_number)(void);
  const char *(*strerror)(int number);
} ms_zmq;

/* 0, or -1 and a message that names Debian's package. */
int ms_zmq_load(void);

int ms_zmq_fail(const char *what); /* keeps "WHAT: why" and returns -1 */

#endif
