/* Line editing for the prompt, by readline. moonstem.core.readline */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "../../base/interrupt.h"
#include "../functions.h"
#include "../options.h"
#include "../open.h"
#include "signals.h"

enum { HISTORY = 5000 };

static const char completer_key = 0;
static lua_State *reader; /* the state that waits inside read() */
static int dropped;       /* the line was given up by Ctrl-C */

/* ---- completion ----------------------------------------------------------------------------
   What Lua proposes may begin anywhere. So readline's word is the whole line up to the cursor, and
   what is shown to the user the end of it that changes. */
static int changes_from;

/* Prints the text on the top, if there is one, under the line that is typed. */
static void show_hint(lua_State *L)
{
  const char *hint = lua_tostring(L, -1);
  if (hint) {
    rl_crlf();
    fputs(hint, rl_outstream);
    rl_crlf();
    rl_forced_update_display();
  }
  lua_pop(L, 1);
}

/* Calls the Lua completer; pushes its list of replacements, or nothing. */
static int push_words(lua_State *L, int cursor)
{
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &completer_key) != LUA_TFUNCTION) return lua_pop(L, 1), 0;
  lua_pushstring(L, rl_line_buffer);
  lua_pushinteger(L, cursor);
  if (lua_pcall(L, 2, 3, 0) != LUA_OK) return lua_pop(L, 1), 0;
  show_hint(L);
  const lua_Integer from = lua_tointeger(L, -1) - 1;
  lua_pop(L, 1);
  if (lua_type(L, -1) != LUA_TTABLE || from < 0 || from > cursor) return lua_pop(L, 1), 0;
  changes_from = (int)from;
  return 1;
}

/* Readline's generator: the line with the next word of the table on the top, for it to free. */
static char *next_word(const char *text, int state)
{
  static lua_Integer i;
  char *whole = NULL;
  if (state == 0) i = 0;
  lua_rawgeti(reader, -1, ++i);
  const char *word = lua_tostring(reader, -1);
  if (word && asprintf(&whole, "%.*s%s", changes_from, text, word) < 0) whole = NULL;
  lua_pop(reader, 1);
  return whole;
}

static char *no_word_ends(void)
{
  static char none[] = "";
  return none;
}

static char **complete(const char *text, int start, int end)
{
  (void)start;
  rl_attempted_completion_over = 1;
  rl_completion_append_character = '\0';
  if (!lua_checkstack(reader, 8) || !push_words(reader, end)) return NULL;
  char **matches = rl_completion_matches(text, next_word);
  lua_pop(reader, 1);
  return matches;
}

/* Lists proposals without the beginning of the line. */
static void show_matches(char **matches, int count, int longest)
{
  char **ends = malloc(((size_t)count + 1) * sizeof *ends);
  if (!ends) return;
  for (int i = 0; i <= count; i++) ends[i] = matches[i] + changes_from;
  rl_display_match_list(ends, count, longest - changes_from);
  free(ends);
  rl_forced_update_display();
}

/* ---- keys: Ctrl-C drops the line, SIGTERM and SIGHUP end the input ------------------------ */
static int give_up(void)
{
  int last = ms_asked_to_end();
  if (!last) ms_interrupt_clear();
  dropped = 1;
  rl_replace_line("", 0);
  rl_done = 1;
  return last ? EOF : '\n';
}

/* Looks up every tenth of a second, as a signal may come just before the waiting begins. */
static int next_key(FILE *in)
{
  unsigned char key;
  struct pollfd keys = { .fd = fileno(in), .events = POLLIN };
  for (;;) {
    rl_check_signals();
    if (ms_interrupted()) return give_up();
    int ready = poll(&keys, 1, 100);
    if (ready < 0 && errno != EINTR) return EOF;
    if (ready <= 0) continue;
    ssize_t n = read(keys.fd, &key, 1);
    if (n == 1) return key;
    if (n == 0 || errno != EINTR) return EOF;
  }
}

/* read(prompt) -> line; false when Ctrl-C dropped it; nil at the end of the input. */
static int read_line(lua_State *L)
{
  const char *prompt = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  reader = L;
  dropped = 0;
  char *line = readline(prompt);
  reader = NULL;
  lua_sethook(L, NULL, 0, 0); /* a Ctrl-C at the prompt is meant for the line alone */
  if (ms_asked_to_end() || (!line && !dropped)) lua_pushnil(L);
  else if (dropped) lua_pushboolean(L, 0);
  else lua_pushstring(L, line);
  free(line);
  return 1;
}

/* ---- history ------------------------------------------------------------------------------- */
/* remember(text) -> whether it is new at the end of the history: repetitions are left out. */
static int remember(lua_State *L)
{
  const char *text = luaL_checkstring(L, 1);
  HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
  const int is_new = !last || strcmp(last->line, text) != 0;
  if (is_new) add_history(text);
  lua_pushboolean(L, is_new);
  return 1;
}

/* complete_by(f): f(line, cursor), the number of bytes before the cursor, returns a list of
   replacements of line:sub(from, cursor), from, and a text to show instead or nil. */
static int complete_by(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &completer_key);
  return 0;
}

static const lms_function functions[] = {
  { "read", read_line, 1 },
  { "remember", remember, 1 },
  { "complete_by", complete_by, 1 },
  { "attempt", lms_attempt, 2 },
  { NULL, NULL, 0 },
};

int lms_open_readline(lua_State *L)
{
  lms_signals_stay();
  using_history();
  stifle_history(HISTORY);
  rl_readline_name = "moonstem";
  rl_getc_function = next_key;
  rl_attempted_completion_function = complete;
  rl_completion_word_break_hook = no_word_ends;
  rl_completion_display_matches_hook = show_matches;
  rl_variable_bind("blink-matching-paren", "on");
  lms_library(L, functions);
  return 1;
}
