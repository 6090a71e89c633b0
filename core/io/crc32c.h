/* CRC-32C (Castagnoli), the checksum of LevelDB's tables and TensorFlow's tensors. */
#ifndef MS_CRC32C_H
#define MS_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of what came before (0 at first) followed by these bytes. */
uint32_t ms_crc32c(uint32_t before, const void *data, size_t bytes);

/* As it is stored: rotated and shifted, so that checksums of checksums stay useful. */
uint32_t ms_crc32c_masked(uint32_t crc);

/* Whether a checksum is the one that a file tells. For tests/fuzz any is: changed files would never
   get past it. */
static inline int ms_sum_is(uint32_t sum, uint32_t told)
{
#ifdef MS_FUZZ
  return (void)sum, (void)told, 1;
#else
  return sum == told;
#endif
}

#endif
