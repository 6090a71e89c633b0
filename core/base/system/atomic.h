/* Files that appear whole or not at all: temporary name, fsync, rename. */
#ifndef MS_ATOMIC_H
#define MS_ATOMIC_H

#include <stddef.h>
#include <stdint.h>

typedef struct ms_atomic ms_atomic;

/* Opens `path` + ".HOST.ms~" beside it (of a long name its front); what stands under `path` stays
   as it is until the commit. `bytes` is what will be written, for the message when there is no
   room; 0: not known yet. Two programs that write one path take turns, or, on two machines and
   where the file system has no locks, write a temporary file each; a second writer in the same
   program is refused. NULL and a message naming the path. */
ms_atomic *ms_atomic_open(const char *path, uint64_t bytes);

/* The descriptor of the temporary file, for a library that writes by itself; it stays ours. */
int ms_atomic_file(const ms_atomic *f);

/* 0, or -1 and a message. After a failure only ms_atomic_cancel is left to do. */
int ms_atomic_write(ms_atomic *f, const void *data, size_t bytes);

/* Syncs, renames, syncs the folder and frees f, also on failure. 0, or -1 and a message. */
int ms_atomic_commit(ms_atomic *f);

/* Removes the temporary file and frees f; NULL is fine. */
void ms_atomic_cancel(ms_atomic *f);

/* All of the above for one block. */
int ms_atomic_put(const char *path, const void *data, size_t bytes);

/* Appends a line with one write, after a newline if the file's last line was cut short, and waits
   until the disk has it: what is written afterwards may rely on it. */
int ms_append_line(const char *path, const char *line, size_t bytes);

#endif
