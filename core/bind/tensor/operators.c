/* Operators in Lua: one function reads the arguments of all of them by what they declare
   (grad/op.h). x:NAME(...) and ms.ops.NAME(x, ...) are the same. */
#include "operators.h"

#include <limits.h>
#include <string.h>

#include "../../base/profile.h"
#include "../../grad/op.h"
#include "../options.h"
#include "../scope.h"
#include "arguments.h"
#include "machine.h"
#include "nested.h"

/* What is worked out of a declaration once. Upvalue of its function. */
typedef struct bound {
  const ms_op *op;
  int most;                      /* arguments at most, or LMS_ANY */
  int pushes;                    /* whether reading the arguments leaves values on the stack */
  const char *name[MS_MAX_ARGS]; /* of named arguments: each table's end with a NULL */
} bound;

/* One call that is being read. */
typedef struct reading {
  const bound *b;
  int at[MS_MAX_ARGS]; /* where on the stack an argument is */
  ms_tensor **input;
  double number[MS_MAX_INPUTS]; /* of an input that is NULL because a number was given for it */
  unsigned numbers;             /* bits of those inputs */
  int inputs, axis;             /* axis: read last */
  char *attributes;
} reading;

/* ---- first what may run a finalizer, and with it scripts: tables and new tensors ---------- */
/* Opens the table of named arguments that begins with argument k. */
static void check_table(lua_State *L, const bound *b, int k, int place)
{
  int needed = 0;
  for (int i = k; b->name[i]; i++) needed |= b->op->takes[i].needed;
  if (needed) luaL_checktype(L, place, LUA_TTABLE);
  lms_options(L, place, b->op->name, &b->name[k]);
}

/* Pushes named argument k of the table at `place`; where there is none, the nil there will do. */
static void push_named(lua_State *L, reading *r, int k, int place)
{
  r->at[k] = place;
  if (lua_type(L, place) != LUA_TTABLE) return;
  lua_pushstring(L, r->b->name[k]);
  lua_rawget(L, place);
  r->at[k] = lua_gettop(L);
}

/* Room for a list of tensors at `place`, where it is long. */
static void make_room(lua_State *L, reading *r, int place)
{
  luaL_checktype(L, place, LUA_TTABLE);
  const size_t n = lua_rawlen(L, place);
  if (n < 1 || n > INT_MAX)
    luaL_error(L, "%s: a list of 1 or more tensors is expected, got %I", r->b->op->name,
               (LUAI_UACINT)n);
  if (n > MS_MAX_INPUTS) r->input = lua_newuserdatauv(L, n * sizeof *r->input, 0);
}

static int is_number(lua_State *L, const reading *r, int k)
{
  return r->b->op->takes[k].kind == MS_ARG_OPERAND && lua_type(L, r->at[k]) == LUA_TNUMBER;
}

/* A nested table where a tensor is expected becomes one, and so does a number in the first place;
   other numbers need no handle. */
static void make_tensor(lua_State *L, const reading *r, int k)
{
  const ms_arg_kind kind = r->b->op->takes[k].kind;
  const int is_tensor =
      kind == MS_ARG_TENSOR || kind == MS_ARG_OPTIONAL || kind == MS_ARG_OPERAND;
  if ((is_tensor && lua_type(L, r->at[k]) == LUA_TTABLE) || (!k && is_number(L, r, k)))
    lms_to_tensor(L, r->at[k], r->b->op->name);
}

static void locate(lua_State *L, reading *r)
{
  const ms_arg *a = r->b->op->takes;
  int place = 0;
  for (int k = 0; a[k].kind; k++) {
    const int opens = a[k].named && !(k && a[k - 1].named);
    if (opens || !a[k].named) place++;
    r->at[k] = place;
    if (opens) check_table(L, r->b, k, place);
    if (a[k].named) push_named(L, r, k, place);
    if (a[k].kind == MS_ARG_LIST) make_room(L, r, place);
    else make_tensor(L, r, k);
  }
}

/* ---- then the tensors, which nothing can close any more, and plain values -------------------- */
static void read_list(lua_State *L, reading *r, int at)
{
  const int n = (int)lua_rawlen(L, at);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, at, i + 1);
    r->input[i] = lms_tensor_at(L, -1, "%s: item %d of the list", r->b->op->name, i + 1);
    lua_pop(L, 1); /* the list holds it; the stack has no room for thousands */
  }
  r->inputs = n;
}

static void read_number(lua_State *L, reading *r, int at)
{
  r->numbers |= 1u << r->inputs;
  r->number[r->inputs] = lua_tonumber(L, at);
  r->input[r->inputs++] = NULL;
}

static void read_tensor(lua_State *L, reading *r, int k)
{
  const ms_arg *a = &r->b->op->takes[k];
  const int at = r->at[k];
  if (a->kind == MS_ARG_LIST) read_list(L, r, at);
  else if (is_number(L, r, k)) read_number(L, r, at);
  else if (!a->needed && lua_isnoneornil(L, at)) r->input[r->inputs++] = NULL;
  else if (a->named)
    r->input[r->inputs++] = lms_tensor_at(L, at, "%s: %s", r->b->op->name, a->name);
  else r->input[r->inputs++] = lms_tensor(L, at);
}

static void read_value(lua_State *L, reading *r, int k)
{
  const ms_arg *a = &r->b->op->takes[k];
  lms_argument value = { r->b->op->name, a, r->b->name[k], r->at[k], r->input[0], r->axis };
  void *to = r->attributes + a->offset;
  lms_read_argument(L, &value, to);
  if (a->kind == MS_ARG_AXIS) r->axis = *(int *)to;
}

static int is_input(ms_arg_kind kind)
{
  return kind >= MS_ARG_TENSOR && kind <= MS_ARG_LIST;
}

/* ---- last the tensors of numbers, which nothing but this call knows -------------------------- */
static void free_numbers(reading *r)
{
  for (int i = 0; r->numbers >> i; i++)
    if (r->numbers >> i & 1) ms_tensor_free(r->input[i]);
}

static ms_tensor *forward(reading *r)
{
  const ms_op *op = r->b->op;
  int made = 1;
  for (int i = 0; r->numbers >> i; i++)
    if (r->numbers >> i & 1) made &= (r->input[i] = ms_tensor_number(r->number[i])) != NULL;
  ms_tensor *y = NULL;
  if (made)
    y = op->forward(&(ms_call){ op, r->inputs, r->input, r->attributes, lms_precision() });
  free_numbers(r);
  return y;
}

static int call(lua_State *L)
{
  const bound *b = lua_touserdata(L, lua_upvalueindex(1));
  ms_tensor *input[MS_MAX_INPUTS];
  _Alignas(8) char attributes[MS_ATTRIBUTES_BYTES];
  reading r = { .b = b, .input = input, .attributes = attributes };
  if (b->most != LMS_ANY) lms_check_surplus(L, b->op->name, b->most);
  if (b->pushes) lua_settop(L, b->most);
  if (ms_profile_on) ms_profile_begin();
  memset(attributes, 0, b->op->attributes);
  locate(L, &r);
  for (int k = 0; b->op->takes[k].kind; k++)
    if (is_input(b->op->takes[k].kind)) read_tensor(L, &r, k);
    else read_value(L, &r, k);
  return lms_push_tensor(L, forward(&r));
}

/* ---- one function each ---------------------------------------------------------------------- */
static void bind(bound *b, const ms_op *op)
{
  *b = (bound){ .op = op };
  int places = 0;
  for (int k = 0; op->takes[k].kind; k++) {
    const ms_arg *a = &op->takes[k];
    places += !a->named || !(k && a[-1].named);
    b->pushes |= a->named || a->kind == MS_ARG_LIST;
    if (a->named) b->name[k] = lms_argument_name(a);
    if (a->kind == MS_ARG_SIZES && !a[1].kind) b->most = LMS_ANY;
  }
  if (b->most != LMS_ANY) b->most = places;
}

static int is_of(const ms_op *op, const char *module)
{
  return op->module == module || (op->module && module && strcmp(op->module, module) == 0);
}

void lms_operators(lua_State *L, const char *module)
{
  for (const ms_op *const *op = __start_ms_operators; op != __stop_ms_operators; op++) {
    if (!is_of(*op, module)) continue;
    bind(lua_newuserdatauv(L, sizeof(bound), 0), *op);
    lua_pushcclosure(L, call, 1);
    lua_setfield(L, -2, (*op)->name);
  }
}
