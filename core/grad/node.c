/* Recording operators, and releasing the graph without recursion. */
#include "node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/profile.h"
#include "tape.h"

static uint64_t counter;

uint64_t ms_node_newest(void)
{
  return counter;
}

static _Thread_local int off;

int ms_no_grad(int change)
{
  return off += change;
}

static ms_variable *variable_of(const ms_tensor *t)
{
  return (ms_variable *)t->autograd;
}

static void release_autograd(ms_autograd_meta *meta)
{
  ms_variable_free((ms_variable *)meta);
}

static ms_variable *variable_new(const ms_tensor *t)
{
  ms_variable *v = calloc(1, sizeof *v);
  if (!v) return ms_fail("no memory for the graph"), NULL;
  v->autograd.release = release_autograd;
  v->refs = 1;
  v->ndim = t->ndim;
  memcpy(v->dim, t->dim, sizeof v->dim);
  return v;
}

void ms_node_release(ms_node *n)
{
  for (int i = 0; i < n->saved; i++) ms_tensor_free(n->save[i].tensor);
  if (!n->released && n->op->release) n->op->release(n->attributes);
  n->saved = 0;
  n->released = 1;
}

/* Frees a node and hands its inputs' variables to `take`. */
static void node_free(ms_node *n, void (*take)(ms_variable *v))
{
  ms_node_release(n);
  for (int i = 0; i < n->inputs; i++)
    if (n->input[i].variable) take(n->input[i].variable);
  free(n);
}

/* A chain of thousands of nodes must not become thousands of stack frames: variables that
   die while another one is being freed wait in a list, linked through `grad`'s place. */
static _Thread_local ms_variable *dying;
static _Thread_local int freeing;

static void drop(ms_variable *v)
{
  if (--v->refs > 0) return;
  ms_tensor_free(v->grad);
  v->grad = (ms_tensor *)(void *)dying;
  dying = v;
}

void ms_variable_free(ms_variable *v)
{
  drop(v);
  if (freeing) return;
  freeing = 1;
  while (dying) {
    ms_variable *d = dying;
    dying = (ms_variable *)(void *)d->grad;
    if (d->node) node_free(d->node, drop);
    free(d);
  }
  freeing = 0;
}

int ms_recording(int inputs, ms_tensor *const *input)
{
  if (off > 0) return 0;
  for (int i = 0; i < inputs; i++)
    if (input[i] && input[i]->autograd) return 1;
  return 0;
}

/* A node's struct, its inputs, saved tensors and attributes, in one block. */
static ms_node *node_new(const ms_call *call, int saved)
{
  const size_t bytes = sizeof(ms_node) + (size_t)call->inputs * sizeof((ms_node *)0)->input[0];
  const size_t kept = (size_t)saved * sizeof(ms_saved);
  ms_node *n = calloc(1, bytes + kept + call->op->attributes);
  if (!n) return ms_fail("no memory for the graph"), NULL;
  n->op = call->op;
  n->precision = call->precision;
  n->save = (ms_saved *)(void *)&n->input[call->inputs];
  n->attributes = &n->save[saved];
  if (call->op->attributes) memcpy(n->attributes, call->attributes, call->op->attributes);
  n->number = ++counter;
  n->inputs = call->inputs;
  for (int i = 0; i < n->inputs; i++) {
    const ms_tensor *t = call->input[i];
    if (!t) continue;
    n->input[i].ndim = t->ndim;
    memcpy(n->input[i].dim, t->dim, sizeof n->input[i].dim);
    n->input[i].variable = variable_of(t);
    if (n->input[i].variable) n->input[i].variable->refs++;
  }
  return n;
}

/* Whether the node has all that it saved at hand: then `recompute` takes one step, not a chain. */
static int has_all(const ms_node *n)
{
  for (int i = 0; i < n->saved; i++)
    if (n->save[i].from) return 0;
  return 1;
}

/* Which input a tensor is that can be recomputed, plus 1; 0: none. */
static int source_of(const ms_node *n, const ms_tensor *t)
{
  const ms_variable *v = t ? variable_of(t) : NULL;
  if (!v || !v->node || !v->node->op->recompute || !has_all(v->node)) return 0;
  for (int i = 0; i < n->inputs; i++)
    if (n->input[i].variable == v) return i + 1;
  return 0;
}

/* Which input a tensor is, plus 1; 0: none. */
static int place_of(const ms_tensor *t, int inputs, ms_tensor *const *input)
{
  for (int i = 0; i < inputs; i++)
    if (input[i] == t) return i + 1;
  return 0;
}

static int node_save(ms_node *n, ms_tensor *const *input, int saved, ms_tensor *const *save)
{
  for (int i = 0; i < saved; i++) {
    ms_saved *k = &n->save[i];
    k->from = source_of(n, save[i]);
    k->tensor = save[i] && !k->from ? ms_tensor_alias(save[i]) : NULL;
    n->saved = i + 1;
    if (!save[i] || k->from) continue;
    if (!k->tensor) return -1;
    k->version = ms_tensor_version(k->tensor);
    k->input = place_of(save[i], n->inputs, input);
  }
  return 0;
}

/* ---- numbers that were changed in place --------------------------------------------------- */
static int changed(const ms_node *n, const ms_saved *k, const ms_variable *y)
{
  char result[MS_SHAPE_TEXT], kept[MS_SHAPE_TEXT], what[32] = "its result";
  if (k->input) snprintf(what, sizeof what, "its input %d", k->input);
  return ms_fail(
      "backward: %s (%s) needs %s (%s), which was changed in place after the forward pass (by "
      "set, copy, load, an optimizer's step, ...): call backward before that, or change a "
      "detach():clone()",
      n->op->name, ms_shape_text(y->ndim, y->dim, result), what,
      ms_shape_text(k->tensor->ndim, k->tensor->dim, kept));
}

int ms_node_unchanged(const ms_node *n, const ms_variable *y)
{
  for (int i = 0; i < n->saved; i++) {
    const ms_saved *k = &n->save[i];
    if (k->tensor && ms_tensor_version(k->tensor) != k->version) return changed(n, k, y);
  }
  return 0;
}

int ms_is_outdated(const ms_tensor *t)
{
  const ms_variable *v = variable_of(t);
  return v && v->node && !v->follows && ms_tensor_version(t) != v->version;
}

static int check_inputs(const ms_call *call)
{
  char text[MS_SHAPE_TEXT];
  for (int i = 0; i < call->inputs; i++) {
    const ms_tensor *t = call->input[i];
    if (t && ms_is_outdated(t))
      return ms_fail("%s: input %d (%s) is a result that was changed in place, of which backward "
                     "would not know: go on from its detach(), whose numbers are constants",
                     call->op->name, i + 1, ms_shape_text(t->ndim, t->dim, text));
  }
  return 0;
}

int ms_node_complete(ms_node *n)
{
  for (int i = 0; i < n->saved; i++) {
    ms_saved *k = &n->save[i];
    if (!k->from || k->tensor) continue;
    const ms_node *source = n->input[k->from - 1].variable->node;
    k->tensor = source->op->recompute(source);
    if (!k->tensor) return -1;
    k->version = ms_tensor_version(k->tensor);
  }
  return 0;
}

static double bytes_of(int n, ms_tensor *const *t)
{
  double bytes = 0;
  for (int i = 0; i < n; i++)
    if (t[i]) bytes += (double)t[i]->count * sizeof(real);
  return bytes;
}

/* Whether y is but another view of a leaf among the inputs. */
static int views_leaf(const ms_tensor *y, int inputs, ms_tensor *const *input)
{
  for (int i = 0; i < inputs; i++)
    if (input[i] && input[i]->autograd && ms_tensor_same_storage(y, input[i]))
      return variable_of(input[i])->follows;
  return 0;
}

/* Hangs y on the node. */
static void attach(ms_tensor *y, ms_variable *v, ms_node *n, ms_tensor *const *input)
{
  v->node = n;
  v->version = ms_tensor_version(y);
  v->follows = views_leaf(y, n->inputs, input);
  y->autograd = &v->autograd;
}

static void profile(const ms_call *call, ms_tensor *y)
{
  ms_profile_end(call->op->name, MS_FORWARD, bytes_of(call->inputs, call->input) + bytes_of(1, &y));
}

ms_tensor *ms_record(const ms_call *call, ms_tensor *y, int saved, ms_tensor *const *save)
{
  if (!y) return NULL;
  if (ms_profile_on) profile(call, y);
  if (ms_tape_running) ms_tape_add(ms_tape_running, call, y);
  if (!call->op->backward || !ms_recording(call->inputs, call->input)) return y;
  ms_node *n = check_inputs(call) == 0 ? node_new(call, saved) : NULL;
  ms_variable *v = n ? variable_new(y) : NULL;
  if (v && node_save(n, call->input, saved, save) == 0) {
    attach(y, v, n, call->input);
    return y;
  }
  free(v);
  if (n) node_free(n, ms_variable_free);
  ms_tensor_free(y);
  return NULL;
}

const ms_op *ms_node_op(const ms_node *node)
{
  return node->op;
}
int ms_needs_input_grad(const ms_node *node, int input)
{
  return node->input[input].variable != NULL;
}
ms_tensor *ms_node_saved(const ms_node *node, int i)
{
  return node->save[i].tensor;
}
ms_precision ms_node_precision(const ms_node *node)
{
  return node->precision;
}

const void *ms_node_attributes(const ms_node *node)
{
  return node->attributes;
}

const size_t *ms_node_input_dim(const ms_node *node, int input, int *ndim)
{
  *ndim = node->input[input].ndim;
  return node->input[input].dim;
}

int ms_needs_grad(ms_tensor *t)
{
  if (t->autograd) return 0;
  ms_variable *v = variable_new(t);
  if (!v) return -1;
  v->follows = 1;
  t->autograd = &v->autograd;
  return 0;
}

void ms_needs_no_grad(ms_tensor *t)
{
  if (!t->autograd) return;
  t->autograd->release(t->autograd);
  t->autograd = NULL;
}

int ms_has_grad(const ms_tensor *t)
{
  return t->autograd != NULL;
}

int ms_is_result(const ms_tensor *t)
{
  return t->autograd && variable_of(t)->node;
}

ms_tensor *ms_grad(const ms_tensor *t)
{
  return t->autograd ? variable_of(t)->grad : NULL;
}

void ms_grad_clear(ms_tensor *t)
{
  if (!t->autograd) return;
  ms_tensor_free(variable_of(t)->grad);
  variable_of(t)->grad = NULL;
}

void ms_grad_set(ms_tensor *leaf, ms_tensor *grad)
{
  ms_tensor_free(variable_of(leaf)->grad);
  variable_of(leaf)->grad = grad;
}

void ms_leaf_place(ms_tensor *leaf, int place)
{
  if (leaf->autograd) variable_of(leaf)->place = place + 1;
}
