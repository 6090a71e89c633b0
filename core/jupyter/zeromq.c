/* Loads ZeroMQ. */
#include "zeromq.h"

#include "../base/error.h"
#include "../base/system/library.h"

struct ms_zmq ms_zmq;

#define SYMBOL(name) { "zmq_" #name, &ms_zmq.name }

int ms_zmq_load(void)
{
  static int loaded;
  static const ms_symbol symbols[] = {
    SYMBOL(ctx_new), SYMBOL(ctx_term), SYMBOL(socket), SYMBOL(close), SYMBOL(setsockopt),
    SYMBOL(bind), SYMBOL(connect), SYMBOL(poll), SYMBOL(send), SYMBOL(msg_init), SYMBOL(msg_recv),
    SYMBOL(msg_data), SYMBOL(msg_size), SYMBOL(msg_more), SYMBOL(msg_close), SYMBOL(strerror),
    { "zmq_errno", &ms_zmq.error_number }, { NULL, NULL },
  };
  if (!loaded && ms_library_load("libzmq.so.5", "libzmq5", symbols) != 0) return -1;
  loaded = 1;
  return 0;
}

int ms_zmq_fail(const char *what)
{
  return ms_fail("%s: %s", what, ms_zmq.strerror(ms_zmq.error_number()));
}
