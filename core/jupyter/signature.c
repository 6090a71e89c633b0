/* Signatures of Jupyter's messages: HMAC-SHA256, by libsodium. */
#include "signature.h"

#include <stdio.h>
#include <string.h>

#include "../base/error.h"
#include "../base/system/library.h"

enum { DIGEST = 32, STATE = 512 }; /* bytes; libsodium's own state has 208 */

static struct {
  int (*init)(void *state, const unsigned char *key, size_t bytes);
  int (*update)(void *state, const unsigned char *data, unsigned long long bytes);
  int (*final)(void *state, unsigned char *digest);
  size_t (*state_bytes)(void);
  int (*compare)(const void *a, const void *b, size_t bytes); /* takes the same time for all */
} sodium;

int ms_signature_load(void)
{
  static int loaded;
  static const ms_symbol symbols[] = {
    { "crypto_auth_hmacsha256_init", &sodium.init },
    { "crypto_auth_hmacsha256_update", &sodium.update },
    { "crypto_auth_hmacsha256_final", &sodium.final },
    { "crypto_auth_hmacsha256_statebytes", &sodium.state_bytes },
    { "sodium_memcmp", &sodium.compare }, { NULL, NULL },
  };
  if (loaded) return 0;
  if (ms_library_load("libsodium.so.23", "libsodium23", symbols) != 0) return -1;
  if (sodium.state_bytes() > STATE) return ms_fail("libsodium.so.23 is not the one of Debian 12");
  loaded = 1;
  return 0;
}

void ms_signature_of(const char *key, const ms_part four[4], char digits[MS_SIGNATURE_ROOM])
{
  _Alignas(64) unsigned char state[STATE];
  unsigned char digest[DIGEST];
  digits[0] = '\0';
  if (!*key) return;
  sodium.init(state, (const unsigned char *)key, strlen(key));
  for (int i = 0; i < 4; i++)
    sodium.update(state, (const unsigned char *)four[i].data, four[i].bytes);
  sodium.final(state, digest);
  for (size_t i = 0; i < DIGEST; i++) snprintf(digits + 2 * i, 3, "%02x", digest[i]);
}

int ms_signature_fits(const char *key, const ms_parts *p, int mark)
{
  char digits[MS_SIGNATURE_ROOM];
  if (mark < 0 || p->count < (size_t)mark + 6) return 0;
  const ms_part given = p->part[mark + 1];
  ms_signature_of(key, p->part + mark + 2, digits);
  return !*key ||
         (given.bytes == strlen(digits) && sodium.compare(given.data, digits, given.bytes) == 0);
}
