/* Blocks for tensors: aligned, recycled by size, counted. */
#ifndef MS_MEMORY_H
#define MS_MEMORY_H

#include <stddef.h>

/* A block of at least `bytes`, 64-byte aligned, contents undefined. NULL and a message
   when the machine refuses. Fresh pages are the dearest thing in a training step, so freed
   blocks are kept and handed out again. Safe from any thread. */
void *ms_alloc(size_t bytes);

/* Gives a block back; NULL is fine. */
void ms_free(void *block);

/* Room for the owner's own notes beside a block of ms_alloc, undefined at first, 8-byte aligned. */
enum { MS_BESIDE_BYTES = 32 };
static inline void *ms_beside(void *block)
{
  return (char *)block - MS_BESIDE_BYTES;
}

/* Whether the machine has so many bytes: asked before other libraries take memory that do not look
   whether they got it. 0, or -1 and a message. */
int ms_memory_room(size_t bytes);

/* Names a use of scratch: a static variable of the file that uses it, zero at first. */
typedef struct ms_scratch_key {
  _Atomic int number; /* given by the first use; 0: none yet */
} ms_scratch_key;

/* Scratch of this thread: grows, is never shrunk, and stays valid until the same key
   is asked for again on this thread. NULL and a message on refusal. */
void *ms_scratch(ms_scratch_key *key, size_t bytes);

/* Returns kept blocks to the machine. */
void ms_memory_trim(void);

typedef struct ms_memory {
  size_t live; /* bytes in blocks that are in use */
  size_t held; /* bytes taken from the machine: live and kept */
  size_t peak; /* largest `live` so far */
  size_t limit; /* of `live` */
} ms_memory;

ms_memory ms_memory_now(void);

/* Blocks are refused, with a message, where all of them together would pass this limit: by
   default the machine's memory, or what a control group grants. 0 brings the default back. */
void ms_memory_set_limit(size_t bytes);

/* For tests: the n-th allocation from now fails, once; 0 switches it off. */
void ms_memory_fail_at(size_t n);

#endif
