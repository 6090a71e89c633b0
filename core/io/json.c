/* JSON text to and from libjansson's trees, under our rules. */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "../base/memory.h"

/* What a tree takes for each byte of most texts, and for none. */
enum { TREE_BYTES = 8, TREE_LEAST = 1 << 16 };

/* Jansson stops at 2048 levels of its own; ours is the same for both directions. */
static int deeper_than(const json_t *tree, int levels)
{
  const char *key;
  json_t *value;
  size_t i;
  if (!json_is_object(tree) && !json_is_array(tree)) return 0;
  if (levels == 0) return 1;
  json_array_foreach(tree, i, value) if (deeper_than(value, levels - 1)) return 1;
  json_object_foreach((json_t *)tree, key, value) if (deeper_than(value, levels - 1)) return 1;
  return 0;
}

json_t *ms_json_parse(const char *text, size_t bytes, const char *who)
{
  const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
  json_error_t error;
  json_t *tree = json_loadb(text, bytes, flags, &error);
  if (!tree) { /* jansson also blames the text where there was no memory: once more, with room */
    if (ms_memory_room(TREE_BYTES * bytes + TREE_LEAST) != 0) return ms_fail_within(who), NULL;
    tree = json_loadb(text, bytes, flags, &error);
  }
  if (!tree && json_error_code(&error) == json_error_out_of_memory)
    return ms_fail("%s: no memory for what it holds", who), NULL;
  if (!tree)
    return ms_fail("%s: line %d, column %d: %s", who, error.line, error.column, error.text), NULL;
  if (!deeper_than(tree, MS_JSON_DEPTH)) return tree;
  json_decref(tree);
  return ms_fail("%s: nested deeper than %d levels", who, MS_JSON_DEPTH), NULL;
}

typedef struct growing { char *text; size_t used, room; } growing;

static int grow(const char *piece, size_t bytes, void *data)
{
  growing *g = data;
  if (g->used + bytes + 1 > g->room) {
    size_t room = 2 * (g->used + bytes + 1);
    char *text = realloc(g->text, room);
    if (!text) return -1;
    g->text = text;
    g->room = room;
  }
  memcpy(g->text + g->used, piece, bytes);
  g->used += bytes;
  g->text[g->used] = '\0';
  return 0;
}

char *ms_json_text(const json_t *tree, int sorted, int indent, size_t *bytes)
{
  growing g = { NULL, 0, 0 };
  size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(17);
  flags |= indent ? JSON_INDENT((size_t)indent) : 0;
  flags |= sorted ? JSON_SORT_KEYS : 0;
  if (json_dump_callback(tree, grow, &g, flags) == 0 && g.text) return *bytes = g.used, g.text;
  free(g.text);
  return ms_fail("no memory for the text"), NULL;
}
