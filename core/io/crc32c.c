/* CRC-32C (Castagnoli): polynomial 0x1EDC6F41, bits reversed; by the processor's instruction, eight
   bytes at a time, or half a byte at a time. */
#include "crc32c.h"

#include <string.h>

/* Entry n is what the four bits n leave behind: n, four times shifted right, 0x82F63B78 xored in
   for every bit that fell out. */
static const uint32_t table[16] = {
  0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
  0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

static uint32_t by_table(uint32_t crc, const unsigned char *p, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++) {
    crc ^= p[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2")))
static uint32_t by_instruction(uint32_t crc, const unsigned char *p, size_t bytes)
{
  uint64_t wide = crc, eight;
  for (; bytes >= 8; bytes -= 8, p += 8) {
    memcpy(&eight, p, 8);
    wide = __builtin_ia32_crc32di(wide, eight);
  }
  crc = (uint32_t)wide;
  for (; bytes > 0; bytes--, p++) crc = __builtin_ia32_crc32qi(crc, *p);
  return crc;
}
#endif

uint32_t ms_crc32c(uint32_t before, const void *data, size_t bytes)
{
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return ~by_instruction(~before, data, bytes);
#endif
  return ~by_table(~before, data, bytes);
}

uint32_t ms_crc32c_masked(uint32_t crc)
{
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}
