/* Batches of audio made ready by threads while the training step runs. */
#ifndef MS_LOADER_H
#define MS_LOADER_H

#include <stddef.h>

#include "../base/real.h"
#include "../tensor/tensor.h"

enum { MS_MOST_WORKERS = 64, MS_MOST_AHEAD = 1024 };

/* Each is 1 or more. */
typedef struct ms_loader_options {
  int workers;    /* threads, up to MS_MOST_WORKERS */
  int ahead;      /* up to so many batches are finished or in work before they are asked for */
  size_t samples; /* of a row */
  int rate;       /* Hz */
  int magnitude;  /* 0: waves (rows, samples); 1: magnitudes (rows, frames, 256) */
  int pad;        /* 1: a crop that ends beyond its file is filled with zeros; 0: it is an error */
} ms_loader_options;

typedef struct ms_loader ms_loader;
typedef struct ms_loader_batch ms_loader_batch;

/* Starts the threads. NULL and a message. */
ms_loader *ms_loader_new(ms_loader_options o);

/* Ends the threads, each after the row that it works on, and drops all batches. */
void ms_loader_close(ms_loader *l);

/* A batch of `rows` (1 or more) empty rows; NULL and a message. */
ms_loader_batch *ms_loader_batch_new(size_t rows);
void ms_loader_batch_free(ms_loader_batch *b); /* only before it is pushed; NULL is fine */

/* Adds weight * (samples first.. at the loader's rate, mono, of stream `stream`) to a row. */
int ms_loader_batch_add(ms_loader_batch *b, size_t row, const char *path, int stream,
                        size_t first, real weight);

/* Queues a batch, which the loader now owns; every row must have a segment. Cheap. */
void ms_loader_push(ms_loader *l, ms_loader_batch *b);

/* Batches pushed and not yet popped. */
size_t ms_loader_pending(ms_loader *l);

/* The oldest batch, waiting for it if need be. NULL and a message that names the file
   when one of its rows could not be made (the first of them), or when nothing is pending.
   The numbers do not depend on how many threads there are. */
ms_tensor *ms_loader_pop(ms_loader *l);

#endif
