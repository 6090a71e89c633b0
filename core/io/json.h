/* JSON text to and from libjansson's trees, under our rules. */
#ifndef MS_JSON_H
#define MS_JSON_H

#include <jansson.h>
#include <stddef.h>

enum { MS_JSON_DEPTH = 1000 };

/* One JSON value from text. Repeated keys, bytes after the value, numbers beyond double or
   int64 and nesting beyond MS_JSON_DEPTH are refused. A new reference, or NULL and a
   message that begins with `who` and names line and column. */
json_t *ms_json_parse(const char *text, size_t bytes, const char *who);

/* Text of a tree: keys sorted if asked, `indent` spaces (0: one line). To be freed with
   free(); NULL and a message. Doubles get 17 digits, which bring back the same bits. */
char *ms_json_text(const json_t *tree, int sorted, int indent, size_t *bytes);

#endif
