/* Gradients of a model summed over micro-batches and processes, in buckets. */
#include "reducer.h"

#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/error.h"
#include "../base/memory.h"
#include "../base/share/turns.h"
#include "../kernels/elementwise.h"
#include "world.h"

/* Parameters that are sent together: numbers first..last - 1 of the list. */
typedef struct bucket {
  int first, last, waits_for; /* parameters of it that backward has not finished with */
  real *numbers;
  ms_exchange exchange;
  int begun;
} bucket;

struct ms_reducer {
  int count, buckets, overlap;
  ms_tensor **parameter;
  size_t *offset; /* of each parameter in its bucket */
  int *bucket_of;
  bucket *bucket;
  int next;             /* the bucket that is sent next: the same order everywhere */
  ms_tensor **grad;     /* of the micro-batches here: so many rows of `count` */
  size_t *uses;
  int grads;            /* rows that there is room for */
  ms_reducer_times times;
};

/* ---- buckets -------------------------------------------------------------------------------- */
static size_t bytes_of(const bucket *b) { return b->exchange.count * sizeof(real); }

/* Cuts the list into buckets from its end on: what is used last is finished first. */
static void cut(ms_reducer *r, size_t bucket_bytes)
{
  for (int i = r->count; i-- > 0;) {
    bucket *b = r->buckets ? &r->bucket[r->buckets - 1] : NULL;
    const size_t more = r->parameter[i]->count;
    if (!b || bytes_of(b) + more * sizeof(real) > bucket_bytes) {
      b = &r->bucket[r->buckets++];
      *b = (bucket){ .last = i + 1 };
    }
    b->first = i;
    r->bucket_of[i] = r->buckets - 1;
    r->offset[i] = b->exchange.count;
    b->exchange.count += more;
  }
}

static int allocate(ms_reducer *r)
{
  for (int i = 0; i < r->buckets; i++) {
    bucket *b = &r->bucket[i];
    if (!(b->numbers = ms_alloc(bytes_of(b) + 1))) return -1;
    b->exchange.data = b->numbers;
    r->times.bytes += bytes_of(b);
  }
  r->times.buckets = (size_t)r->buckets;
  return 0;
}

ms_reducer *ms_reducer_new(int count, ms_tensor *const *parameter, size_t bucket_bytes, int overlap)
{
  ms_reducer *r = calloc(1, sizeof *r);
  const size_t n = (size_t)count + 1;
  if (!r) return ms_fail("no memory for buckets of gradients"), NULL;
  r->overlap = overlap;
  r->parameter = calloc(n, sizeof *r->parameter);
  r->offset = calloc(n, sizeof *r->offset);
  r->bucket_of = calloc(n, sizeof *r->bucket_of);
  r->bucket = calloc(n, sizeof *r->bucket);
  r->uses = calloc(n, sizeof *r->uses);
  if (!r->parameter || !r->offset || !r->bucket_of || !r->bucket || !r->uses) {
    ms_reducer_free(r);
    return ms_fail("no memory for buckets of gradients"), NULL;
  }
  for (; r->count < count; r->count++) r->parameter[r->count] = ms_tensor_ref(parameter[r->count]);
  cut(r, bucket_bytes);
  if (allocate(r) == 0) return r;
  ms_reducer_free(r);
  return NULL;
}

static void drop_grads(ms_reducer *r)
{
  for (int i = 0; i < r->grads * r->count; i++) ms_tensor_free(r->grad[i]);
  free(r->grad);
  r->grad = NULL;
  r->grads = 0;
}

void ms_reducer_free(ms_reducer *r)
{
  if (!r) return;
  drop_grads(r);
  for (int i = 0; i < r->count; i++) ms_tensor_free(r->parameter[i]);
  for (int i = 0; i < r->buckets; i++) ms_free(r->bucket[i].numbers);
  free(r->parameter);
  free(r->offset);
  free(r->bucket_of);
  free(r->bucket);
  free(r->uses);
  free(r);
}

/* ---- sending ------------------------------------------------------------------------------ */
/* Sends off the buckets that are complete, in their order. */
static void send_complete(ms_reducer *r)
{
  for (; r->next < r->buckets && r->bucket[r->next].waits_for == 0; r->next++) {
    bucket *b = &r->bucket[r->next];
    for (int i = b->first; i < b->last; i++) {
      real *to = b->numbers + r->offset[i];
      if (r->grad[i]) memcpy(to, r->grad[i]->data, r->grad[i]->count * sizeof *to);
      else
        for (size_t k = 0; k < r->parameter[i]->count; k++) to[k] = (real)-0.0; /* adds nothing */
    }
    b->begun = 1;
    ms_world_begin(&b->exchange);
  }
}

/* Backward has finished with parameter i. */
static int done(void *with, int i)
{
  ms_reducer *r = with;
  r->bucket[r->bucket_of[i]].waits_for--;
  send_complete(r);
  return 0;
}

/* Sends the rest and waits for all: the sums become the gradients of the first row. */
static int finish(ms_reducer *r)
{
  int status = 0;
  double began = 0, busy = 0;
  for (int i = 0; i < r->buckets; i++) r->bucket[i].waits_for = 0;
  const double waited_from = ms_clock();
  send_complete(r);
  for (int i = 0; i < r->buckets && status == 0; i++) {
    bucket *b = &r->bucket[i];
    status = ms_world_wait(&b->exchange);
    if (status != 0) break;
    if (b->exchange.ended > began) {
      busy += b->exchange.ended - (b->exchange.began > began ? b->exchange.began : began);
      began = b->exchange.ended;
    }
    for (int k = b->first; k < b->last; k++)
      if (r->grad[k])
        memcpy(r->grad[k]->data, b->numbers + r->offset[k], r->grad[k]->count * sizeof(real));
  }
  r->times.waiting = ms_clock() - waited_from;
  r->times.summing = busy;
  return status;
}

/* ---- a step --------------------------------------------------------------------------------- */
typedef struct step {
  ms_reducer *r;
  ms_share *shares;
  int fixed;
  int (*run)(void *with, int i);
  void *with;
} step;

/* What one micro-batch asks the others. */
typedef struct asker {
  ms_turns *turns;
  int i;
} asker;

static int ask(void *with, double *x, size_t n)
{
  const asker *a = with;
  return ms_turns_meet(a->turns, a->i, x, n);
}

/* x[0] += x[1], x[2] += x[3], ...; x[0] += x[2], ...: a tree. */
static int add_here(void *with, int count, double *const *x, size_t n)
{
  const step *s = with;
  for (int side = 1; side < count; side *= 2)
    for (int k = 0; k + side < count; k += 2 * side)
      for (size_t i = 0; i < n; i++) x[k][i] += x[k + side][i];
  ms_exchange e = { .kind = MS_SUM_DOUBLES, .data = x[0], .count = n, .tree = s->fixed };
  return ms_world_size() > 1 ? ms_world_exchange(&e) : 0;
}

static int run_one(void *with, ms_turns *turns, int i)
{
  const step *s = with;
  ms_reducer *r = s->r;
  asker a = { turns, i };
  const int early = r->overlap && r->grads == 1 && ms_world_size() > 1;
  const ms_collection collection = { .count = r->count, .grad = r->grad + (size_t)i * r->count,
                                     .uses = r->uses, .done = early ? done : NULL, .with = r };
  s->shares[i].sum = ask;
  s->shares[i].with = &a;
  ms_share *share_before = ms_share_set(&s->shares[i]);
  const ms_collection *before = ms_collect(&collection);
  const int status = s->run(s->with, i);
  ms_collect(before);
  ms_share_set(share_before);
  return status;
}

/* Adds the gradients of all micro-batches here up into those of the first, in a tree. */
static int add_rows(ms_reducer *r)
{
  for (int side = 1; side < r->grads; side *= 2)
    for (int k = 0; k + side < r->grads; k += 2 * side)
      for (int i = 0; i < r->count; i++) {
        ms_tensor **to = &r->grad[k * r->count + i], *more = r->grad[(k + side) * r->count + i];
        if (!more) continue;
        if (!*to && !(*to = ms_tensor_zeros(more->ndim, more->dim))) return -1;
        ms_k_elementwise()->binary(MS_BINARY_add, (*to)->data, more->data, (*to)->data,
                                   more->count);
      }
  return 0;
}

/* What is summed becomes the parameters' gradients, or is added to them. */
static int hand_over(ms_reducer *r)
{
  for (int i = 0; i < r->count; i++) {
    ms_tensor *sum = r->grad[i], *old = ms_grad(r->parameter[i]);
    if (!sum) continue;
    if (old)
      ms_k_elementwise()->binary(MS_BINARY_add, old->data, sum->data, sum->data, sum->count);
    ms_grad_set(r->parameter[i], sum);
    r->grad[i] = NULL;
  }
  return 0;
}

static int prepare(ms_reducer *r, int count, int fixed)
{
  drop_grads(r);
  r->grad = calloc((size_t)count * (size_t)r->count + 1, sizeof *r->grad);
  if (!r->grad) return ms_fail("no memory for the gradients of %d micro-batches", count);
  r->grads = count;
  r->next = 0;
  for (int i = 0; i < r->buckets; i++) {
    bucket *b = &r->bucket[i];
    b->waits_for = b->last - b->first;
    b->begun = 0;
    b->exchange.kind = MS_SUM_REALS;
    b->exchange.tree = fixed;
  }
  return 0;
}

int ms_reducer_step(ms_reducer *r, int count, ms_share *shares, int fixed,
                    int (*run)(void *with, int i), void *with)
{
  step s = { r, shares, fixed, run, with };
  const ms_turns_job job = { count, run_one, add_here, &s };
  if (prepare(r, count, fixed) != 0) return -1;
  for (int i = 0; i < r->count; i++) ms_leaf_place(r->parameter[i], i);
  int status = ms_turns_run(&job);
  for (int i = 0; i < r->count; i++) ms_leaf_place(r->parameter[i], -1);
  if (status == 0) status = add_rows(r);
  if (status == 0 && ms_world_size() > 1) status = finish(r);
  if (status == 0) status = hand_over(r);
  drop_grads(r);
  return status;
}

ms_reducer_times ms_reducer_last(const ms_reducer *r)
{
  return r->times;
}
