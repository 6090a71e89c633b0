/* Numbers and bytes at places of a file. */
#ifndef MS_BYTES_H
#define MS_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The whole number in the `bytes` bytes at b; little: the lowest byte comes first. */
static inline uint64_t ms_number(const uint8_t *b, int bytes, int little)
{
  uint64_t n = 0;
  for (int i = 0; i < bytes; i++) n = n << 8 | b[little ? bytes - 1 - i : i];
  return n;
}

/* How many of the `bytes` bytes from the place `at` on could be read. */
static inline size_t ms_read_at(FILE *f, uint64_t at, uint8_t *to, size_t bytes)
{
  int there = at < (uint64_t)1 << 62 && fseeko(f, (off_t)at, SEEK_SET) == 0;
  return there ? fread(to, 1, bytes, f) : 0;
}

#endif
