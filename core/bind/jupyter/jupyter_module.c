/* A Jupyter kernel's messages, and output that is captured. moonstem.core.jupyter */
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/system/capture.h"
#include "../../jupyter/kernel_io.h"
#include "../../jupyter/utf8.h"
#include "../handle.h"
#include "../open.h"
#include "../options.h"
#include "../results.h"
#include "../sys/signals.h"

#define KERNEL "moonstem.jupyter_kernel"
#define CAPTURE "moonstem.capture"

static const char *const channels[] = { "shell", "control", "stdin", "iopub", NULL };

static void release_kernel(void *k) { ms_kernel_io_free(k); }

static int port(lua_State *L, const char *name)
{
  const lua_Integer n = lms_opt_integer(L, 1, name, 0);
  if (n < 1 || n > 65535) luaL_error(L, "open: %s must be a port, 1..65535", name);
  return (int)n;
}

/* open{transport = "tcp", ip =, key =, shell =, control =, stdin =, iopub =, heartbeat =}
   -> kernel, or nil and a message
   Opens the sockets that a connection file of Jupyter names (the last five are ports), and takes
   over standard output and error: what is printed is sent as messages of type "stream". */
static int jupyter_open(lua_State *L)
{
  static const char *const known[] = { "transport", "ip", "key", "shell", "control", "stdin",
                                       "iopub", "heartbeat", NULL };
  luaL_checktype(L, 1, LUA_TTABLE);
  lms_options(L, 1, "open", known);
  ms_kernel_address a = { .transport = lms_opt_string(L, 1, "transport", "tcp"),
                          .ip = lms_opt_string(L, 1, "ip", "127.0.0.1"),
                          .key = lms_opt_string(L, 1, "key", ""),
                          .shell = port(L, "shell"), .control = port(L, "control"),
                          .input = port(L, "stdin"), .iopub = port(L, "iopub"),
                          .heartbeat = port(L, "heartbeat") };
  if (strcmp(a.transport, "tcp") != 0 && strcmp(a.transport, "ipc") != 0)
    return luaL_error(L, "open: transport must be tcp or ipc, got %s", a.transport);
  void **h = lms_handle(L, KERNEL);
  *h = ms_kernel_io_open(&a);
  if (!*h) return lms_refuse(L);
  lms_signals_stay();
  return 1;
}

/* load() -> true, or nil and a message that names the package of a library that is missing */
static int jupyter_load(lua_State *L)
{
  return lms_done(L, ms_kernel_io_load());
}

static void push_part(lua_State *L, ms_part part) { lua_pushlstring(L, part.data, part.bytes); }

/* Pushes the identities as a list, and the four texts. */
static int push_request(lua_State *L, const ms_parts *p)
{
  const int mark = ms_parts_mark(p);
  lua_createtable(L, mark, 0);
  for (int i = 0; i < mark; i++) {
    push_part(L, p->part[i]);
    lua_rawseti(L, -2, i + 1);
  }
  for (int i = 0; i < 4; i++) push_part(L, p->part[mark + 2 + i]);
  return 5;
}

/* kernel:receive(seconds [, answer]) -> channel, identities, header, parent, metadata, content; nil
   where nothing came in time or a signal arrived; or nil and a message
   Channel is "shell" or "control"; with answer = true "stdin" or "control". Texts are JSON. */
static int kernel_receive(lua_State *L)
{
  ms_kernel_io *k = lms_check(L, 1, KERNEL);
  ms_parts p;
  ms_kernel_channel channel;
  const int found = ms_kernel_io_receive(k, luaL_checknumber(L, 2), lua_toboolean(L, 3), &p,
                                         &channel);
  if (found < 0) return lms_refuse(L);
  if (found == 0) return 0;
  lua_pushstring(L, channels[channel]);
  const int pushed = push_request(L, &p);
  ms_parts_free(&p);
  return 1 + pushed;
}

static ms_part part_at(lua_State *L, int arg)
{
  ms_part part;
  part.data = (char *)luaL_checklstring(L, arg, &part.bytes);
  return part;
}

/* kernel:send(channel, identities, header, parent, metadata, content) -> true, or nil and a message
   Texts are JSON; on "iopub" the identities are the topic alone. */
static int kernel_send(lua_State *L)
{
  ms_kernel_io *k = lms_check(L, 1, KERNEL);
  const int channel = lms_choice(L, 2, NULL, channels);
  luaL_checktype(L, 3, LUA_TTABLE);
  const ms_part four[4] = { part_at(L, 4), part_at(L, 5), part_at(L, 6), part_at(L, 7) };
  ms_parts p = { .count = 0 };
  const lua_Integer n = (lua_Integer)lua_rawlen(L, 3);
  luaL_checkstack(L, MS_MOST_PARTS, NULL);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_rawgeti(L, 3, i); /* stays on the stack until all is sent */
    const ms_part part = part_at(L, -1);
    if (ms_parts_add(&p, part.data, part.bytes) != 0) return lms_refuse(L);
  }
  return lms_done(L, ms_kernel_io_send(k, (ms_kernel_channel)channel, &p, four));
}

/* kernel:streams(header, parent) -> true, or nil and a message
   What is printed from now on carries these (JSON); msg_id and date are set by themselves. */
static int kernel_streams(lua_State *L)
{
  ms_kernel_io *k = lms_check(L, 1, KERNEL);
  return lms_done(L, ms_kernel_io_streams(k, part_at(L, 2), part_at(L, 3)));
}

/* ---- captured output ----------------------------------------------------------------------- */
static void release_capture(void *data)
{
  ms_capture_close(data);
  free(data);
}

/* capture() -> handle, or nil and a message
   Until it is closed, all that this program and its children print is kept. handle:read() -> what
   came on standard output and on standard error since the last call, as UTF-8. */
static int jupyter_capture(lua_State *L)
{
  void **h = lms_handle(L, CAPTURE);
  ms_capture *c = malloc(sizeof *c);
  if (!c) return luaL_error(L, "capture: no memory");
  if (ms_capture_open(c, 0) != 0) return free(c), lms_refuse(L);
  *h = c;
  return 1;
}

/* Pushes the bytes as UTF-8. */
static void push_mended(lua_State *L, const char *bytes, size_t n)
{
  luaL_Buffer text;
  size_t used;
  char *room = luaL_buffinitsize(L, &text, 3 * n + 1);
  luaL_pushresultsize(&text, ms_utf8_mend(bytes, n, 0, room, &used));
}

static int capture_read(lua_State *L)
{
  ms_capture *c = lms_check(L, 1, CAPTURE);
  for (int stream = 0; stream < 2; stream++) {
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (size_t n = 1; n > 0;) {
      char *room = luaL_prepbuffer(&text);
      n = ms_capture_read(c, stream, room, LUAL_BUFFERSIZE);
      luaL_addsize(&text, n);
    }
    luaL_pushresult(&text);
    size_t bytes;
    const char *all = lua_tolstring(L, -1, &bytes);
    push_mended(L, all, bytes);
    lua_remove(L, -2);
  }
  return 2;
}

/* utf8(bytes) -> text: bytes that are no UTF-8 become U+FFFD */
static int jupyter_utf8(lua_State *L)
{
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  push_mended(L, bytes, n);
  return 1;
}

/* attempt(f, handler) is that of signals.h: between two calls Ctrl-C stops nothing. */
int lms_open_jupyter(lua_State *L)
{
  static const lms_function functions[] = {
    { "open", jupyter_open, 1 }, { "attempt", lms_attempt, 2 },
    { "load", jupyter_load, 0 },
    { "capture", jupyter_capture, 0 }, { "utf8", jupyter_utf8, 1 },
    { NULL, NULL, 0 },
  };
  static const lms_function kernel[] = { { "receive", kernel_receive, 3 },
                                         { "send", kernel_send, 7 },
                                         { "streams", kernel_streams, 3 }, { NULL, NULL, 0 } };
  static const lms_function capture[] = { { "read", capture_read, 1 }, { NULL, NULL, 0 } };
  lms_type(L, KERNEL, kernel, release_kernel);
  lms_type(L, CAPTURE, capture, release_capture);
  lms_library(L, functions);
  return 1;
}
