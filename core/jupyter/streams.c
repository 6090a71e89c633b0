/* What is printed, as messages of type "stream". */
#define _GNU_SOURCE
#include "streams.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../base/error.h"
#include "../io/json.h"
#include "signature.h"
#include "utf8.h"

enum { CHUNK = 1 << 16 };

static ms_part copy(ms_part from)
{
  ms_part to = { malloc(from.bytes + 1), from.bytes };
  if (to.data) memcpy(to.data, from.data, from.bytes), to.data[from.bytes] = '\0';
  return to;
}

int ms_streams_headers(ms_streams *s, ms_part header, ms_part parent)
{
  ms_part one = copy(header), two = copy(parent);
  if (!one.data || !two.data)
    return free(one.data), free(two.data), ms_fail("no memory for a header");
  free(s->header.data);
  free(s->parent.data);
  s->header = one;
  s->parent = two;
  return 0;
}

void ms_streams_free(ms_streams *s)
{
  free(s->header.data);
  free(s->parent.data);
}

/* The text of a tree, which is freed; its data is NULL where there is no memory. */
static ms_part text_of(json_t *tree)
{
  ms_part text = { NULL, 0 };
  if (tree) text.data = ms_json_text(tree, 1, 0, &text.bytes);
  json_decref(tree);
  return text;
}

/* The header of the next message: msg_id and date are its own. */
static ms_part next_header(ms_streams *s)
{
  char id[80], second[32], date[48];
  struct timespec now;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &now);
  strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &parts));
  snprintf(date, sizeof date, "%s.%06dZ", second, (int)(now.tv_nsec / 1000) % 1000000);
  json_t *tree = ms_json_parse(s->header.data, s->header.bytes, "header");
  const char *session = json_string_value(json_object_get(tree, "session"));
  snprintf(id, sizeof id, "%.40s_s%llu", session ? session : "", ++s->sent);
  json_object_set_new(tree, "msg_id", json_string(id));
  json_object_set_new(tree, "date", json_string(date));
  return text_of(tree);
}

static void publish_text(ms_streams *s, void *publish, const char *key, int stream,
                         const char *text, size_t bytes)
{
  char digits[MS_SIGNATURE_ROOM];
  ms_part four[4] = { next_header(s), s->parent, { (char *)"{}", 2 },
                      text_of(json_pack("{s:s, s:s%}", "name", stream ? "stderr" : "stdout", "text",
                                        text, bytes)) };
  if (four[0].data && four[3].data) {
    ms_parts p = { .count = 0 };
    ms_signature_of(key, four, digits);
    ms_parts_add(&p, "stream", 6);
    ms_parts_add(&p, MS_PARTS_MARK, strlen(MS_PARTS_MARK));
    ms_parts_add(&p, digits, strlen(digits));
    for (int i = 0; i < 4; i++) ms_parts_add(&p, four[i].data, four[i].bytes);
    ms_parts_send(publish, &p, 0);
  }
  free(four[0].data);
  free(four[3].data);
}

/* One piece of a stream; whether there may be more. */
static int flush_piece(ms_streams *s, void *publish, const char *key, int stream, int last)
{
  static char raw[CHUNK + 4], text[3 * (CHUNK + 4)]; /* of the one thread that flushes */
  const size_t before = s->kept_bytes[stream];
  memcpy(raw, s->kept[stream], before);
  const size_t got = ms_capture_read(&s->capture, stream, raw + before, CHUNK);
  if (got == 0 && !(last && before)) return 0;
  size_t used;
  const size_t bytes = ms_utf8_mend(raw, before + got, got > 0, text, &used);
  s->kept_bytes[stream] = before + got - used;
  memcpy(s->kept[stream], raw + used, s->kept_bytes[stream]);
  if (bytes > 0 && s->header.data) publish_text(s, publish, key, stream, text, bytes);
  return 1;
}

/* No more than what a pipe holds, lest a child process that prints without end keeps us here. */
void ms_streams_flush(ms_streams *s, void *publish, const char *key, int last)
{
  for (int stream = 0; stream < 2; stream++)
    for (int i = 0; i <= MS_CAPTURE_PIPE / CHUNK + 1; i++)
      if (!flush_piece(s, publish, key, stream, last)) break;
}
