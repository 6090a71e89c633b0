/* What JSON has no word for, spelled by the conventions of Extended JSON. */
#include "extended.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "unicode.h"

#define NUMBER "numberDouble"
#define BINARY "binary"
#define PREFIX "$binary:"

/* ---- values ------------------------------------------------------------------------------ */
json_t *ms_extended_number(double value)
{
  const char *word = isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  return json_pack("{s:s}", "$" NUMBER, word);
}

int ms_extended_is_number(const json_t *tree, double *value)
{
  const char *word = json_string_value(json_object_get(tree, "$" NUMBER));
  if (json_object_size(tree) != 1 || !word) return 0;
  if (strcmp(word, "NaN") == 0) *value = NAN;
  else if (strcmp(word, "Infinity") == 0) *value = INFINITY;
  else if (strcmp(word, "-Infinity") == 0) *value = -INFINITY;
  else return 0;
  return 1;
}

/* Room for n letters behind a prefix, which is there, and a closing zero, which is, too; to be
   freed. */
static char *after_prefix(const char *prefix, size_t n)
{
  size_t before = strlen(prefix);
  char *text = malloc(before + n + 1);
  if (text) memcpy(text, prefix, before), text[before + n] = '\0';
  return text;
}

/* Letters of n bytes behind a prefix; to be freed. */
static char *letters_of(const char *prefix, const char *bytes, size_t n)
{
  char *text = after_prefix(prefix, ms_base64_size(n));
  if (text) ms_base64_encode((const unsigned char *)bytes, n, text + strlen(prefix));
  return text;
}

/* Bytes of n letters, to be freed; NULL where they are none. */
static char *bytes_of(const char *letters, size_t n, size_t *bytes)
{
  char *block = malloc(n + 1);
  if (block && ms_base64_decode(letters, n, block, bytes) == 0) return block;
  free(block);
  return NULL;
}

json_t *ms_extended_bytes(const char *bytes, size_t n)
{
  char *text = letters_of("", bytes, n);
  if (!text) return NULL;
  json_t *tree = json_pack("{s:{s:s, s:s}}", "$" BINARY, "base64", text, "subType", "00");
  free(text);
  return tree;
}

char *ms_extended_read_bytes(const json_t *tree, size_t *n)
{
  const json_t *inner = json_object_get(tree, "$" BINARY);
  const json_t *letters = json_object_get(inner, "base64");
  const char *type = json_string_value(json_object_get(inner, "subType"));
  if (json_object_size(tree) != 1 || json_object_size(inner) != 2) return NULL;
  if (!json_is_string(letters) || !type || strcmp(type, "00") != 0) return NULL;
  return bytes_of(json_string_value(letters), json_string_length(letters), n);
}

/* ---- names ------------------------------------------------------------------------------- */
/* How many "$" stand before a word that means something here; 0 where none does. */
static size_t dollars(const char *name, size_t n)
{
  size_t before = 0;
  while (before < n && name[before] == '$') before++;
  const char *word = name + before;
  size_t rest = n - before;
  int known = (rest == strlen(NUMBER) && memcmp(word, NUMBER, rest) == 0) ||
              (rest >= strlen(BINARY) && memcmp(word, BINARY, strlen(BINARY)) == 0 &&
               (rest == strlen(BINARY) || word[strlen(BINARY)] == ':'));
  return known ? before : 0;
}

/* Whether JSON can hold a name as it is. */
static int plain(const char *name, size_t n)
{
  return !memchr(name, '\0', n) && ms_unicode_valid(name, n);
}

/* A piece of text behind a prefix; to be freed. */
static char *joined(const char *prefix, const char *text, size_t n)
{
  char *both = after_prefix(prefix, n);
  if (both) memcpy(both + strlen(prefix), text, n);
  return both;
}

char *ms_extended_name(const char *name, size_t n)
{
  if (!plain(name, n)) return letters_of(PREFIX, name, n);
  return joined(dollars(name, n) ? "$" : "", name, n);
}

/* The bytes behind the prefix, where they could not have been written otherwise. */
static char *read_prefixed(const char *spelling, size_t n, size_t *length)
{
  size_t before = strlen(PREFIX);
  if (n < before || memcmp(spelling, PREFIX, before) != 0) return NULL;
  char *name = bytes_of(spelling + before, n - before, length);
  if (!name || !plain(name, *length)) return name;
  free(name);
  return NULL;
}

char *ms_extended_read_name(const char *spelling, size_t n, size_t *length)
{
  if (dollars(spelling, n) < 2) return read_prefixed(spelling, n, length);
  return joined("", spelling + 1, *length = n - 1);
}
