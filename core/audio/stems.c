/* MP4 files, which libsndfile does not read: the program ffmpeg, as a child process.
   The .stem.mp4 files of musdb18 hold five streams: 0 mixture, 1 drums, 2 bass, 3 other,
   4 vocals. A crash or an endless loop of a foreign decoder stays outside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/error.h"
#include "child.h"
#include "decoder.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RAW_FLOAT "f32le"
#else
#define RAW_FLOAT "f32be"
#endif

/* An AAC decoder needs the frame before. From half a second before on, samples are those
   of a decode from the start (measured: to the bit), save for the random noise that
   stands for quiet bands where the encoder asked for it (seen: 1e-5 of full scale). */
#define LEAD 0.5

typedef struct stems {
  ms_child child; /* pid 0 when none runs */
  size_t channels;
  char *url; /* "file:PATH": no other protocol, whatever the name looks like */
} stems;

static int start(ms_child *c, const char *const argv[])
{
  int status = ms_child_start(c, argv);
  if (status != -2) return status;
  return ms_fail(
      "the program %s is missing: it reads .mp4 files; install the package ffmpeg",
      argv[0]);
}

/* The number after `key=` at a line's start in ffprobe's answer; 0 if there is none. */
static double value_of(const char *text, const char *key)
{
  for (const char *line = text; line; line = strchr(line, '\n')) {
    line += *line == '\n';
    if (strncmp(line, key, strlen(key)) == 0) return atof(line + strlen(key));
  }
  return 0;
}

static int read_facts(ms_sound *s, const char *text)
{
  s->info.channels = (int)value_of(text, "channels=");
  s->info.rate = (int)value_of(text, "sample_rate=");
  double seconds = value_of(text, "duration=");
  if (s->info.channels == 0)
    return ms_fail("there is no audio stream %d in it", s->stream);
  s->info.frames = seconds > 0 ? (size_t)(seconds * s->info.rate + 0.5) : 0;
  const char *codec = strstr(text, "codec_name=");
  snprintf(s->info.format, sizeof s->info.format, "mp4, %.*s",
           codec ? (int)strcspn(codec + 11, "\n") : 0, codec ? codec + 11 : "");
  return 0;
}

/* Waits for the child's end; its complaint comes without the file's name. */
static int end(stems *d)
{
  if (ms_child_end(&d->child, 0) == 0) return 0;
  size_t n = strlen(d->url);
  const char *words = ms_error();
  int named = strncmp(words, d->url, n) == 0 && strncmp(words + n, ": ", 2) == 0;
  return named ? ms_fail("%s", words + n + 2) : -1;
}

/* Asks ffprobe about one stream. */
static int probe(ms_sound *s)
{
  stems *d = s->state;
  char select[32], text[1024];
  snprintf(select, sizeof select, "a:%d", s->stream);
  const char *const argv[] = {
    /* clang-format off */
    "ffprobe", "-v", "error", "-protocol_whitelist", "file,pipe", "-select_streams", select,
    "-show_entries", "stream=codec_name,sample_rate,channels,duration",
    "-of", "default=noprint_wrappers=1", d->url, NULL
    /* clang-format on */
  };
  if (start(&d->child, argv) != 0) return -1;
  size_t n = ms_child_read(&d->child, text, sizeof text - 1);
  text[n] = '\0';
  return end(d) == 0 ? read_facts(s, text) : -1;
}

static int open_stems(ms_sound *s)
{
  stems *d = calloc(1, sizeof *d + strlen(s->path) + 8);
  if (!d) return ms_fail("no memory to open it");
  s->state = d;
  d->url = (char *)(d + 1);
  sprintf(d->url, "file:%s", s->path);
  if (probe(s) != 0) return -1;
  d->channels = (size_t)s->info.channels;
  return 0;
}

/* Starts a decoder whose first frame is `first`. */
static int start_at(ms_sound *s, size_t first)
{
  stems *d = s->state;
  size_t lead = (size_t)(LEAD * s->info.rate), skip = first < lead ? first : lead;
  char from[32], map[32];
  snprintf(from, sizeof from, "%.6f", (double)(first - skip) / s->info.rate);
  snprintf(map, sizeof map, "0:a:%d", s->stream);
  const char *const argv[] = {
    /* clang-format off */
    "ffmpeg", "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-ss", from,
    "-i", d->url, "-map", map, "-c:a", "pcm_" RAW_FLOAT, "-f", RAW_FLOAT, "pipe:1", NULL
    /* clang-format on */
  };
  if (start(&d->child, argv) != 0) return -1;
  s->at = first;
  float frame[64];
  for (; skip > 0; skip--)
    if (ms_child_read(&d->child, frame, d->channels * sizeof *frame) == 0) break;
  return 0;
}

static int read_stems(ms_sound *s, size_t first, size_t count, real *out, size_t *got)
{
  stems *d = s->state;
  if (first != s->at || !d->child.pid) {
    ms_child_end(&d->child, 1);
    if (start_at(s, first) != 0) return -1;
  }
  float block[4096];
  size_t most = sizeof block / sizeof *block / d->channels;
  while (*got < count) {
    size_t want = (count - *got < most ? count - *got : most) * d->channels;
    size_t n = ms_child_read(&d->child, block, want * sizeof *block) / sizeof *block;
    for (size_t i = 0; i < n; i++) out[*got * d->channels + i] = block[i];
    *got += n / d->channels;
    if (n < want) return end(d);
  }
  return 0;
}

static void close_stems(ms_sound *s)
{
  stems *d = s->state;
  if (!d) return;
  ms_child_end(&d->child, 1);
  free(d);
}

const ms_decoder ms_decoder_stems = { open_stems, read_stems, close_stems, 1 };
