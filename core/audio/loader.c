/* Batches of audio made ready by threads while the training step runs.
   The unit of work is a row; rows are taken in order, batch after batch, and a batch may
   be begun only while fewer than `ahead` batches before it wait to be popped. Every crop
   opens its file anew: what comes out depends on the file and the place alone. */
#include "loader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../base/cpu.h"
#include "../base/error.h"
#include "../base/interrupt.h"
#include "../base/memory.h"
#include "../base/thread.h"
#include "segment.h"
#include "spectrum/stft.h"

typedef struct segment {
  struct segment *next;
  size_t first;
  real weight;
  int stream;
  char path[];
} segment;

struct ms_loader_batch {
  ms_loader_batch *next;
  size_t rows, taken, done;
  ms_tensor *out; /* made when the first row is taken */
  char *error;    /* of the first row that failed */
  size_t error_row;
  segment *row[]; /* (rows) */
};

struct ms_loader {
  ms_loader_options o;
  ms_mutex lock;          /* guards all below */
  ms_cond work, ready; /* there may be a row to take; a batch is done */
  ms_loader_batch *oldest, *newest;
  ms_loader_batch *current; /* the first one with rows to take */
  size_t pending;           /* batches from oldest to newest */
  size_t begun;             /* of these, with a row taken */
  int closing, threads;
  ms_thread thread[MS_MOST_WORKERS];
};

/* ---- batches ---- */

ms_loader_batch *ms_loader_batch_new(size_t rows)
{
  ms_loader_batch *b = NULL;
  if (rows < ((size_t)1 << 32)) b = calloc(1, sizeof *b + rows * sizeof *b->row);
  if (!b) return ms_fail("feed: no memory for a batch of %zu rows", rows), NULL;
  b->rows = rows;
  return b;
}

static void free_segments(segment *s)
{
  for (segment *next; s; s = next) {
    next = s->next;
    free(s);
  }
}

void ms_loader_batch_free(ms_loader_batch *b)
{
  if (!b) return;
  for (size_t r = 0; r < b->rows; r++) free_segments(b->row[r]);
  ms_tensor_free(b->out);
  free(b->error);
  free(b);
}

int ms_loader_batch_add(ms_loader_batch *b, size_t row, const char *path, int stream,
                        size_t first, real weight)
{
  const size_t bytes = strlen(path) + 1;
  segment *s = malloc(sizeof *s + bytes);
  if (!s) return ms_fail("feed: no memory for a segment");
  *s = (segment){ .first = first, .weight = weight, .stream = stream };
  memcpy(s->path, path, bytes);
  segment **end = &b->row[row];
  while (*end) end = &(*end)->next; /* sums are made in the order given */
  *end = s;
  return 0;
}

/* ---- one row ---- */

static int check_crop(const ms_loader *l, const segment *s, const real *x, size_t got)
{
  size_t n = l->o.samples;
  if (got < n && !l->o.pad)
    return ms_fail(
        "%s: of %zu samples from sample %zu on (at %d Hz) only %zu can be read", s->path,
        n, s->first, l->o.rate, got);
  for (size_t i = 0; i < got; i++)
    if (!isfinite(x[i]))
      return ms_fail("%s: sample %zu at %d Hz is not a finite number", s->path,
                     s->first + i, l->o.rate);
  return 0;
}

/* The crop of one segment to x (samples). */
static int read_crop(const ms_loader *l, const segment *s, real *x)
{
  ms_sound *sound = ms_sound_open(s->path, s->stream);
  if (!sound) return -1;
  size_t got;
  ms_stretch stretch = { l->o.rate, 1, s->first, l->o.samples };
  int status = ms_segment_read(sound, stretch, x, &got);
  ms_sound_close(sound);
  return status == 0 ? check_crop(l, s, x, got) : -1;
}

static void scale_into(real *restrict sum, const real *restrict x, real weight, size_t n,
                       int first)
{
  if (first)
    for (size_t i = 0; i < n; i++) sum[i] = weight * x[i];
  else
    for (size_t i = 0; i < n; i++) sum[i] += weight * x[i];
}

/* The weighted sum of the segments to wave; x is room for one crop. */
static int sum_segments(const ms_loader *l, const segment *s, real *wave, real *x)
{
  int first = 1;
  for (; s; s = s->next, first = 0) {
    if (read_crop(l, s, x) != 0) return -1;
    scale_into(wave, x, s->weight, l->o.samples, first);
  }
  return 0;
}

static int make_row(const ms_loader *l, const ms_loader_batch *b, size_t row)
{
  size_t n = l->o.samples, width = b->out->count / b->rows;
  real *out = b->out->data + row * width;
  real *blocks = ms_alloc(2 * n * sizeof *blocks);
  if (!blocks) return -1;
  real *wave = l->o.magnitude ? blocks + n : out;
  int status = sum_segments(l, b->row[row], wave, blocks);
  if (status == 0 && l->o.magnitude)
    status = ms_stft_magnitude_here(MS_STFT_PAPER, wave, 1, n, out);
  ms_free(blocks);
  return status;
}

/* ---- threads; all of this with the lock held, except where a row is made ---- */

static ms_tensor *new_result(const ms_loader *l, size_t rows)
{
  size_t frames = ms_stft_frames(MS_STFT_PAPER, l->o.samples);
  size_t dim[3] = { rows, l->o.magnitude ? frames : l->o.samples,
                    MS_STFT_PAPER.size / 2 };
  return ms_tensor_new(l->o.magnitude ? 3 : 2, dim);
}

/* Keeps the failure of the lowest row: the same one for any number of threads, since
   lower rows were taken earlier. The rows not yet taken are given up. */
static void keep_error(ms_loader_batch *b, size_t row)
{
  b->done += b->rows - b->taken;
  b->taken = b->rows;
  if (b->error && b->error_row < row) return;
  free(b->error);
  b->error = strdup(ms_error());
  b->error_row = row;
}

/* The batch of the next row to make, or NULL when there is none or enough is ahead. */
static ms_loader_batch *next_batch(ms_loader *l)
{
  while (l->current && l->current->taken == l->current->rows)
    l->current = l->current->next;
  ms_loader_batch *b = l->current;
  if (!b || (b->taken == 0 && l->begun >= (size_t)l->o.ahead)) return NULL;
  return b;
}

static void work_on(ms_loader *l, ms_loader_batch *b)
{
  if (b->taken == 0) l->begun++;
  size_t row = b->taken++;
  if (!b->out) b->out = new_result(l, b->rows);
  int status = -1;
  if (b->out) {
    ms_unlock(&l->lock);
    status = make_row(l, b, row);
    ms_lock(&l->lock);
  }
  b->done++;
  if (status != 0) keep_error(b, row);
  if (b->done == b->rows) ms_cond_wake(&l->ready);
}

static void *worker(void *loader)
{
  ms_loader *l = loader;
  ms_cpu_flush_denormals(); /* as the main thread: the same bits */
  ms_lock(&l->lock);
  while (!l->closing) {
    ms_loader_batch *b = next_batch(l);
    if (b) work_on(l, b);
    else ms_cond_wait(&l->work, &l->lock);
  }
  ms_unlock(&l->lock);
  return NULL;
}

/* ---- the calls ---- */

ms_loader *ms_loader_new(ms_loader_options o)
{
  size_t least = MS_STFT_PAPER.size;
  if (o.magnitude && o.samples < least)
    return ms_fail("feed: samples must be %zu or more, got %zu", least, o.samples), NULL;
  ms_loader *l = calloc(1, sizeof *l);
  if (!l) return ms_fail("feed: no memory"), NULL;
  l->o = o;
  ms_mutex_init(&l->lock);
  ms_cond_init(&l->work);
  ms_cond_init(&l->ready);
  for (; l->threads < o.workers; l->threads++)
    if (ms_thread_start(&l->thread[l->threads], worker, l) != 0) break;
  if (l->threads > 0) return l; /* a machine that refuses threads gets fewer */
  ms_loader_close(l);
  return NULL;
}

void ms_loader_close(ms_loader *l)
{
  ms_lock(&l->lock);
  l->closing = 1;
  ms_cond_wake(&l->work);
  ms_unlock(&l->lock);
  for (int i = 0; i < l->threads; i++) ms_thread_join(&l->thread[i]);
  for (ms_loader_batch *next; l->oldest; l->oldest = next) {
    next = l->oldest->next;
    ms_loader_batch_free(l->oldest);
  }
  ms_cond_end(&l->work);
  ms_cond_end(&l->ready);
  ms_mutex_end(&l->lock);
  free(l);
}

void ms_loader_push(ms_loader *l, ms_loader_batch *b)
{
  ms_lock(&l->lock);
  if (l->newest) l->newest->next = b;
  else l->oldest = b;
  l->newest = b;
  if (!l->current) l->current = b;
  l->pending++;
  ms_cond_wake(&l->work);
  ms_unlock(&l->lock);
}

size_t ms_loader_pending(ms_loader *l)
{
  ms_lock(&l->lock);
  size_t n = l->pending;
  ms_unlock(&l->lock);
  return n;
}

/* Takes the oldest batch out of the queue once it is done. NULL and a message, and the batch stays,
   after Ctrl-C. */
static ms_loader_batch *take_oldest(ms_loader *l)
{
  ms_loader_batch *b = l->oldest;
  while (b->done < b->rows && !ms_stop_wanted()) ms_cond_wait_shortly(&l->ready, &l->lock);
  if (b->done < b->rows) {
    ms_stop_note();
    return ms_fail("feed: interrupted"), NULL;
  }
  if (l->current == b) l->current = b->next;
  l->oldest = b->next;
  if (!l->oldest) l->newest = NULL;
  l->pending--;
  l->begun--;
  ms_cond_wake(&l->work);
  return b;
}

ms_tensor *ms_loader_pop(ms_loader *l)
{
  ms_lock(&l->lock);
  if (!l->oldest) ms_fail("feed: nothing is pending");
  ms_loader_batch *b = l->oldest ? take_oldest(l) : NULL;
  ms_unlock(&l->lock);
  if (!b) return NULL;
  ms_tensor *out = b->error ? NULL : b->out;
  if (out) b->out = NULL;
  else ms_fail("%s", b->error ? b->error : "feed: no memory");
  ms_loader_batch_free(b);
  return out;
}
