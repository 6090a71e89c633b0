/* Large blocks out of regions of the machine's memory, where free neighbours become one. */
#ifndef MS_ARENA_H
#define MS_ARENA_H

#include <stddef.h>

/* Not safe from several threads: base/memory.c holds its lock around every call. */

/* A block of at least `bytes`, 64-byte aligned; NULL when the machine refuses. *grown: bytes of it
   that no earlier block has touched, so that the machine's pages for them are fresh. */
void *ms_arena_take(size_t bytes, size_t *grown);

/* Gives a block back; its pages stay with the process. */
void ms_arena_give(void *block);

/* The bytes that the block really has. */
size_t ms_arena_size(const void *block);

/* Returns the pages of all free space to the machine; how many bytes. */
size_t ms_arena_trim(void);

#endif
