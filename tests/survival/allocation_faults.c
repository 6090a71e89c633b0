/* Allocations that fail on order: a library that is preloaded into the program, whose malloc and
   its kin stand before the C library's, and which is a module of Lua's:
     faults.run(mode, n, f, x)   calls f(x) while, of all threads together, "ours": the n-th
                                 allocation of the program and of libraries that report a failure
                                 finds no memory; "others": the n-th of other libraries; "limit":
                                 all that pass n bytes more. Gives how many there were, by how many
                                 bytes there was more in use at most, and what pcall(f, x) gives
     faults.used()               bytes of all blocks in use
     faults.blamed()             file name of the library whose allocation was the last to fail, in
                                 this process or in one that was forked from it */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <lua.h>
#include <lauxlib.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* glibc's own, under the names that it keeps for such libraries. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t align, size_t bytes);
void __libc_free(void *block);

typedef enum mode { NONE, OURS, OTHERS, LIMIT } mode;

static _Atomic mode armed;
static atomic_llong count, chosen, more, most;

/* Libraries that report every failure to us: what they ask for counts as asked by the program. */
static const char *const reporting[] = { "moonstem", "liblua", "libc.so", "libjansson", "libz.so",
                                         "allocation-faults", "libpng" };

enum { NAME = 256 };

static char *blamed; /* NAME bytes that processes share: whose allocation failed last */

static const char *library_of(void *caller)
{
  Dl_info about;
  if (!dladdr(caller, &about) || !about.dli_fname) return reporting[0];
  const char *slash = strrchr(about.dli_fname, '/');
  return slash ? slash + 1 : about.dli_fname;
}

static int is_ours(const char *library)
{
  for (size_t i = 0; i < sizeof reporting / sizeof *reporting; i++)
    if (strncmp(library, reporting[i], strlen(reporting[i])) == 0) return 1;
  return 0;
}

/* Whether an allocation is to find no memory. */
static int fails(void *caller, size_t bytes)
{
  const mode now = atomic_load_explicit(&armed, memory_order_relaxed);
  if (now == NONE || bytes == 0) return 0;
  int failed;
  if (now == LIMIT) {
    atomic_fetch_add(&count, 1);
    failed = atomic_load(&more) + (long long)bytes > atomic_load(&chosen);
  } else {
    const char *library = library_of(caller);
    if (is_ours(library) != (now == OURS)) return 0;
    failed = atomic_fetch_add(&count, 1) + 1 == atomic_load(&chosen);
    if (failed) strncpy(blamed, library, NAME - 1);
  }
  if (failed) errno = ENOMEM;
  return failed;
}

/* Adds a block to what is in use, or takes it away. */
static void tally(void *block, int sign)
{
  if (!block || atomic_load_explicit(&armed, memory_order_relaxed) == NONE) return;
  const long long bytes = sign * (long long)malloc_usable_size(block);
  const long long now = atomic_fetch_add(&more, bytes) + bytes;
  if (now > atomic_load(&most)) atomic_store(&most, now);
}

static void *made(void *block)
{
  tally(block, 1);
  return block;
}

#define CALLER __builtin_return_address(0)

void *malloc(size_t bytes) { return fails(CALLER, bytes) ? NULL : made(__libc_malloc(bytes)); }

void *calloc(size_t n, size_t bytes)
{
  return fails(CALLER, n && bytes > SIZE_MAX / n ? bytes : n * bytes)
           ? NULL : made(__libc_calloc(n, bytes));
}

void *realloc(void *block, size_t bytes)
{
  const size_t before = block ? malloc_usable_size(block) : 0;
  if (bytes > before && fails(CALLER, bytes - before)) return NULL;
  tally(block, -1);
  void *moved = __libc_realloc(block, bytes);
  tally(moved ? moved : bytes ? block : NULL, 1);
  return moved;
}

void free(void *block)
{
  tally(block, -1);
  __libc_free(block);
}

void *memalign(size_t align, size_t bytes)
{
  return fails(CALLER, bytes) ? NULL : made(__libc_memalign(align, bytes));
}

void *aligned_alloc(size_t align, size_t bytes)
{
  return fails(CALLER, bytes) ? NULL : made(__libc_memalign(align, bytes));
}

int posix_memalign(void **block, size_t align, size_t bytes)
{
  void *got = fails(CALLER, bytes) ? NULL : made(__libc_memalign(align, bytes));
  if (!got) return ENOMEM;
  *block = got;
  return 0;
}

/* No step between what fails and the end of the faults takes memory. */
static int run(lua_State *L)
{
  static const char *const modes[] = { "none", "ours", "others", "limit", NULL };
  const int asked = luaL_checkoption(L, 1, NULL, modes);
  luaL_checkstack(L, LUA_MINSTACK, "run");
  atomic_store(&chosen, luaL_checkinteger(L, 2));
  atomic_store(&count, 0);
  atomic_store(&more, 0);
  atomic_store(&most, 0);
  lua_settop(L, 4);
  atomic_store(&armed, (mode)asked);
  const int status = lua_pcall(L, 1, 2, 0);
  atomic_store(&armed, NONE);
  if (status != LUA_OK) lua_pushnil(L);
  lua_pushinteger(L, atomic_load(&count));
  lua_pushinteger(L, atomic_load(&most));
  lua_pushboolean(L, status == LUA_OK);
  lua_rotate(L, -5, 3);
  return 5;
}

static int used(lua_State *L)
{
  const struct mallinfo2 m = mallinfo2();
  lua_pushinteger(L, (lua_Integer)(m.uordblks + m.hblkhd));
  return 1;
}

static int push_blamed(lua_State *L)
{
  lua_pushstring(L, blamed);
  return 1;
}

int luaopen_allocation_faults(lua_State *L);

int luaopen_allocation_faults(lua_State *L)
{
  const luaL_Reg functions[] = {
    { "run", run }, { "used", used }, { "blamed", push_blamed }, { NULL, NULL }
  };
  blamed = mmap(NULL, NAME, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (blamed == MAP_FAILED) return luaL_error(L, "no memory");
  luaL_newlib(L, functions);
  return 1;
}
