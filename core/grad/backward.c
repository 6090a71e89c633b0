/* The backward sweep: newest node first, each one's gradient complete when its turn comes. */
#include <stdlib.h>

#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/profile.h"
#include "../kernels/elementwise.h"
#include "node.h"

static uint64_t sweeps;

/* A growing list of nodes. */
typedef struct list {
  ms_node **node;
  size_t count, room;
} list;

static int push(list *l, ms_node *n, uint64_t sweep)
{
  if (!n || n->seen == sweep) return 0;
  if (l->count == l->room) {
    size_t room = l->room ? 2 * l->room : 256;
    ms_node **grown = realloc(l->node, room * sizeof *grown);
    if (!grown) return ms_fail("no memory for the backward sweep");
    l->node = grown;
    l->room = room;
  }
  n->seen = sweep;
  l->node[l->count++] = n;
  return 0;
}

/* Every node below the first one of the list; none may be as old as `since`. */
static int collect(list *l, uint64_t sweep, uint64_t since)
{
  for (size_t at = 0; at < l->count; at++) {
    ms_node *n = l->node[at];
    if (n->number <= since)
      return ms_fail("the part that is computed again rests on a tensor from outside (made by %s) "
                     "that is none of its "
                     "arguments",
                     n->op->name);
    if (n->released)
      return ms_fail("backward: the graph below %s was freed by an earlier backward; "
                     "compute the loss again",
                     n->op->name);
    for (int i = 0; i < n->inputs; i++)
      if (n->input[i].variable && push(l, n->input[i].variable->node, sweep) != 0) return -1;
  }
  return 0;
}

static int newest_first(const void *a, const void *b)
{
  const ms_node *const *x = a, *const *y = b;
  return ((*x)->number < (*y)->number) - ((*x)->number > (*y)->number);
}

/* ---- gradients of variables, and those of leaves that are kept apart ---- */
static _Thread_local const ms_collection *collecting;

const ms_collection *ms_collect(const ms_collection *collection)
{
  const ms_collection *before = collecting;
  collecting = collection;
  return before;
}

static int is_collected(const ms_variable *v)
{
  return collecting && !v->node && v->place;
}

/* The first gradient of a variable; a leaf's is its own, as x.grad may be changed in place. Takes g
   over. */
static int first(const ms_variable *v, ms_tensor **grad, ms_tensor *g)
{
  if (v->node || ms_tensor_alone(g)) {
    *grad = g;
    return 0;
  }
  *grad = ms_tensor_copy(g);
  ms_tensor_free(g);
  return *grad ? 0 : -1;
}

/* Adds g to a variable's gradient; takes g over. */
static int add_to(ms_variable *v, ms_tensor *g)
{
  ms_tensor **grad = is_collected(v) ? &collecting->grad[v->place - 1] : &v->grad;
  if (!*grad) return first(v, grad, g);
  ms_tensor *sum = *grad;
  if (!ms_tensor_alone(sum)) sum = ms_tensor_like(g);
  ms_stop_hold(1); /* a leaf's gradient is never half a sum */
  if (sum) ms_k_elementwise()->binary(MS_BINARY_add, (*grad)->data, g->data, sum->data, g->count);
  ms_stop_hold(-1);
  ms_tensor_free(g);
  if (!sum) return -1;
  if (sum != *grad) ms_tensor_free(*grad);
  *grad = sum;
  return 0;
}

/* Counts how often the nodes of a sweep use each leaf that is collected, and tells of those that
   none does. */
static int count_uses(const list *l)
{
  int status = 0;
  if (!collecting || !collecting->done) return 0;
  for (int i = 0; i < collecting->count; i++) collecting->uses[i] = 0;
  for (size_t i = 0; i < l->count; i++)
    for (int k = 0; k < l->node[i]->inputs; k++) {
      const ms_variable *v = l->node[i]->input[k].variable;
      if (v && is_collected(v)) collecting->uses[v->place - 1]++;
    }
  for (int i = 0; i < collecting->count && status == 0; i++)
    if (collecting->uses[i] == 0) status = collecting->done(collecting->with, i);
  return status;
}

/* Tells of leaves that were used by this node last. */
static int tell_done(const ms_node *n)
{
  int status = 0;
  if (!collecting || !collecting->done) return 0;
  for (int i = 0; i < n->inputs && status == 0; i++) {
    const ms_variable *v = n->input[i].variable;
    if (v && is_collected(v) && --collecting->uses[v->place - 1] == 0)
      status = collecting->done(collecting->with, v->place - 1);
  }
  return status;
}

static int hand_down(ms_node *n, ms_tensor **gx)
{
  int status = 0;
  for (int i = 0; i < n->inputs; i++) {
    if (gx[i] && n->input[i].variable && status == 0) status = add_to(n->input[i].variable, gx[i]);
    else ms_tensor_free(gx[i]);
  }
  return status;
}

/* What a node reads and writes at least: its output's gradient, what it saved, and the gradients of
   its inputs. */
static double bytes_of(const ms_node *n, const ms_tensor *gy, ms_tensor *const *gx)
{
  double count = (double)gy->count;
  for (int i = 0; i < n->saved; i++)
    count += n->save[i].tensor ? (double)n->save[i].tensor->count : 0;
  for (int i = 0; i < n->inputs; i++) count += gx[i] ? (double)gx[i]->count : 0;
  return count * sizeof(real);
}

/* Runs one node, whose output's gradient is gy (taken over; NULL: nothing reached it). */
static int step(ms_node *n, ms_tensor *gy)
{
  ms_tensor **gx = calloc((size_t)n->inputs, sizeof *gx);
  double bytes = 0;
  if (ms_profile_on) ms_profile_begin();
  int status = gx ? 0 : ms_fail("no memory for the backward sweep");
  if (status == 0 && gy) {
    status = ms_node_complete(n);
    if (status == 0) status = n->op->backward(n, gy, gx);
    if (status == 0 && ms_cut()) status = ms_fail("interrupted");
    if (status != 0) ms_fail_within(n->op->name);
    if (ms_profile_on) bytes = bytes_of(n, gy, gx);
  }
  ms_tensor_free(gy);
  ms_node_release(n);
  if (status == 0) status = hand_down(n, gx);
  else
    for (int i = 0; gx && i < n->inputs; i++) ms_tensor_free(gx[i]);
  free(gx);
  if (ms_profile_on) ms_profile_end(n->op->name, MS_BACKWARD, bytes);
  return status;
}

/* Before anything is swept: whether every node's numbers are those of the forward pass. */
static int check_all(const list *l, ms_variable *const *output)
{
  for (size_t i = 0; i < l->count; i++)
    if (ms_node_unchanged(l->node[i], output[i]) != 0) return -1;
  return 0;
}

/* The gradient of a node's output sits with its variable, which only inputs of later
   nodes and the caller's tensor hold: so each node is told where, before the sweep. */
static ms_tensor *take_grad(ms_variable *v)
{
  ms_tensor *g = v->grad;
  v->grad = NULL;
  return g;
}

/* Variables whose gradients somebody waits for (ms_gradients); NULL: nobody does. */
typedef struct question {
  int count;
  ms_tensor *const *x;
  ms_tensor **gradient;
} question;

static _Thread_local const question *asking;

/* Keeps what v has collected for whoever asked. */
static void answer(const ms_variable *v)
{
  for (int i = 0; asking && i < asking->count; i++)
    if ((const ms_variable *)asking->x[i]->autograd == v && v->grad && !asking->gradient[i])
      asking->gradient[i] = ms_tensor_ref(v->grad);
}

static _Thread_local int depth; /* of sweeps: parts that are computed again sweep inside another */

static int sweep_all(list *l, ms_variable *top)
{
  if (!l->count) return 0;
  ms_variable **output = calloc(l->count, sizeof *output);
  if (!output) return ms_fail("no memory for the backward sweep");
  for (size_t i = 0; i < l->count; i++) l->node[i]->seen = i; /* place in the list */
  output[top->node->seen] = top;
  for (size_t i = 0; i < l->count; i++)
    for (int k = 0; k < l->node[i]->inputs; k++) {
      ms_variable *v = l->node[i]->input[k].variable;
      if (v && v->node) output[v->node->seen] = v;
    }
  int status = check_all(l, output);
  for (size_t i = 0; i < l->count && status == 0; i++) {
    answer(output[i]);
    status = step(l->node[i], take_grad(output[i]));
    if (status == 0 && depth == 1) status = tell_done(l->node[i]);
  }
  for (size_t i = 0; i < l->count; i++) /* after a failure, nothing may linger */
    if (status != 0) ms_tensor_free(take_grad(output[i]));
  for (size_t i = 0; i < l->count; i++) l->node[i]->seen = 0;
  free(output);
  return status;
}

/* Gives y its gradient. */
static int start(ms_tensor *y, ms_tensor *gy)
{
  if (!y->autograd)
    return ms_fail(
        "backward: nothing to differentiate; no tensor in the computation needs a gradient");
  if (ms_is_outdated(y))
    return ms_fail("backward: this result was changed in place, of which its graph does not know");
  if (!ms_tensor_same_shape(y, gy)) {
    char a[MS_SHAPE_TEXT], b[MS_SHAPE_TEXT];
    return ms_fail("backward: the gradient is %s but the tensor is %s",
                   ms_shape_text(gy->ndim, gy->dim, a), ms_shape_text(y->ndim, y->dim, b));
  }
  ms_tensor *g = ms_tensor_alias(gy); /* outside the graph: gy may be y itself */
  return g ? add_to((ms_variable *)y->autograd, g) : -1;
}

/* Hands down what top has collected, through nodes that are newer than `since`. */
static int sweep(ms_variable *top, uint64_t since)
{
  if (!top->node) return 0;
  list l = { 0 };
  ms_no_grad(1);
  const uint64_t mark = ++sweeps | (uint64_t)1 << 63;
  int status = push(&l, top->node, mark);
  if (status == 0) status = collect(&l, mark, since);
  if (status == 0) {
    if (l.count) qsort(l.node, l.count, sizeof *l.node, newest_first);
    if (++depth == 1) status = count_uses(&l);
    if (status == 0) status = sweep_all(&l, top);
    else ms_tensor_free(take_grad(top));
    depth--;
  } else {
    ms_tensor_free(take_grad(top));
  }
  ms_no_grad(-1);
  free(l.node);
  return status;
}

int ms_backward_from(ms_tensor *y, ms_tensor *gy)
{
  return start(y, gy) == 0 ? sweep((ms_variable *)y->autograd, 0) : -1;
}

static _Thread_local int recomputing;

int ms_is_recomputing(void)
{
  return recomputing;
}

/* run, with recording on. */
static ms_tensor *record_recompute(ms_tensor *(*run)(void *with), void *with)
{
  const int off = ms_no_grad(0);
  ms_no_grad(-off);
  recomputing++;
  ms_tensor *y = run(with);
  recomputing--;
  ms_no_grad(off);
  return y;
}

int ms_backward_recompute(ms_tensor *(*run)(void *with), void *with, ms_tensor *gy)
{
  const uint64_t since = ms_node_newest();
  ms_tensor *y = record_recompute(run, with);
  if (!y || !y->autograd) { /* it rests on no leaf */
    const int status = y ? 0 : -1;
    ms_tensor_free(y);
    return status;
  }
  int status = start(y, gy);
  ms_variable *top = (ms_variable *)y->autograd;
  top->refs++;
  ms_tensor_free(y); /* its numbers are no longer needed */
  if (status == 0) status = sweep(top, since);
  ms_variable_free(top);
  return status;
}

int ms_backward(ms_tensor *y)
{
  char a[MS_SHAPE_TEXT];
  if (y->count != 1)
    return ms_fail("backward: the loss must be a single number, got %s",
                   ms_shape_text(y->ndim, y->dim, a));
  size_t ndim = (size_t)y->ndim;
  ms_tensor *one = ms_tensor_new((int)ndim, y->dim);
  if (!one) return -1;
  one->data[0] = 1;
  int status = ms_backward_from(y, one);
  ms_tensor_free(one);
  return status;
}

/* ---- gradients of some tensors alone ---- */
/* Leaves and what they had collected: a leaf that is listed again has nothing there. */
typedef struct aside {
  ms_variable *leaf;
  ms_tensor *grad;
} aside;

typedef struct shelf {
  aside *at;
  size_t count, room;
} shelf;

static int put_aside(shelf *s, ms_variable *leaf)
{
  if (s->count == s->room) {
    const size_t room = s->room ? 2 * s->room : 256;
    aside *grown = realloc(s->at, room * sizeof *grown);
    if (!grown) return ms_fail("no memory for the backward sweep");
    s->at = grown;
    s->room = room;
  }
  s->at[s->count++] = (aside){ leaf, take_grad(leaf) };
  return 0;
}

/* Puts the gradients of all leaves below aside. */
static int clear_leaves(shelf *s, ms_variable *top)
{
  list l = { 0 };
  if (!top->node) return put_aside(s, top);
  const uint64_t mark = ++sweeps | (uint64_t)1 << 63;
  int status = push(&l, top->node, mark);
  if (status == 0) status = collect(&l, mark, 0);
  for (size_t i = 0; i < l.count; i++)
    for (int k = 0; k < l.node[i]->inputs && status == 0; k++) {
      ms_variable *v = l.node[i]->input[k].variable;
      if (v && !v->node) status = put_aside(s, v);
    }
  free(l.node);
  return status;
}

static void put_back(shelf *s)
{
  while (s->count) {
    aside *a = &s->at[--s->count];
    ms_tensor_free(take_grad(a->leaf));
    a->leaf->grad = a->grad;
  }
  free(s->at);
}

int ms_gradients(ms_tensor *y, ms_tensor *gy, int count, ms_tensor *const *x, ms_tensor **gradient)
{
  const question q = { count, x, gradient }, *before = asking;
  shelf leaves = { 0 };
  for (int i = 0; i < count; i++) {
    gradient[i] = NULL;
    if (!x[i]->autograd) return ms_fail("grad: tensor %d needs no gradient", i + 1);
  }
  int status = y->autograd ? clear_leaves(&leaves, (ms_variable *)y->autograd) : 0;
  asking = &q;
  if (status == 0) status = gy ? ms_backward_from(y, gy) : ms_backward(y);
  for (size_t i = 0; i < leaves.count && status == 0; i++) answer(leaves.at[i].leaf);
  asking = before;
  put_back(&leaves);
  for (int i = 0; i < count && status != 0; i++) {
    ms_tensor_free(gradient[i]);
    gradient[i] = NULL;
  }
  return status;
}
