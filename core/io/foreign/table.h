/* Sorted tables of keys and values as LevelDB lays them out (the .index of TensorFlow).
   Data blocks, an index block of their places, a footer; every block has a checksum, and keys
   leave out what they share with the key before. */
#ifndef MS_TABLE_H
#define MS_TABLE_H

#include "fields.h"

/* Called for every pair in the order of the keys. `key` ends with a zero byte and holds no
   other; it and the value are valid during the call. 0, or -1 and a message that ends the walk. */
typedef int ms_table_visit(void *arg, const char *key, ms_bytes value);

/* Walks through a whole table in memory. Strict: checksums, blocks that follow each other, keys
   that rise, at most MS_TABLE_KEY bytes long, together at most MS_TABLE_SWELL times the file.
   0, or -1 and a message (without the file's name). */
enum { MS_TABLE_KEY = 1024, MS_TABLE_SWELL = 64 };
int ms_table_walk(ms_bytes file, ms_table_visit *visit, void *arg);

#endif
