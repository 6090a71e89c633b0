/* Reading what no library here reads through the program ffmpeg, a child process: MP4, Matroska,
   AAC, WMA, WavPack, FLAC in Ogg, sound of videos, ... The .stem.mp4 files of musdb18 hold five
   streams: 0 mixture, 1 drums, 2 bass, 3 other, 4 vocals. A crash or an endless loop of a
   foreign decoder stays outside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../base/error.h"
#include "../../base/system/process.h"
#include "../formats/chunks.h"
#include "../formats/ogg_pages.h"
#include "child.h"
#include "decoder.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RAW_FLOAT "f32le"
#else
#define RAW_FLOAT "f32be"
#endif

/* Containers that ffmpeg may open: files of sound, no playlists, which name other files. */
#define CONTAINERS                                                                      \
  "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,iff,libopenmpt,loas," \
  "matroska,mlp,mov,mp3,mp4,mpc,mpc8,mpeg,mpegts,oga,ogg,oma,rm,shn,tak,truehd,tta,voc," \
  "w64,wav,webm,wv,xwma"

enum { MPEG_FRAME = 1152 };

typedef struct foreign {
  ms_child child; /* id 0 when none runs */
  size_t channels;
  int ended;    /* 1: it gave all there is */
  int open_wav; /* 1: a WAV whose size is to be ignored */
  char *url; /* "file:PATH": no other protocol, whatever the name looks like */
} foreign;

static int start(ms_child *c, const char *const argv[])
{
  int status = ms_child_start(c, argv);
  if (status != MS_NO_PROGRAM) return status;
  return ms_fail("this kind of file is read by the program %s, which is missing: install "
                 "the package ffmpeg",
                 argv[0]);
}

/* Where the text after `key=` at a line's start begins in ffprobe's answer; "" if there is
   none. */
static const char *text_of(const char *text, const char *key)
{
  size_t n = strlen(key);
  for (const char *line = text; line; line = strchr(line, '\n')) {
    line += *line == '\n';
    if (strncmp(line, key, n) == 0) return line + n;
  }
  return "";
}

static double value_of(const char *text, const char *key)
{
  return strtod(text_of(text, key), NULL); /* 0 for "N/A" */
}

/* ---- what a file declares ---- */

/* How far a container's length is to be trusted: others guess it from a bit rate. */
static const struct container {
  const char *name; /* as ffprobe says it */
  const char *ours;
  double rough; /* seconds it may be wrong by: counted in milliseconds, priming included */
} containers[] = {
  { "mov", "mp4", 0 },    { "matroska", "matroska", 0.1 }, { "asf", "asf", 0.5 },
  { "wv", "wavpack", 0 }, { "ogg", "ogg", 0 },             { "flac", "flac", 0 },
  { "tta", "tta", 0 },    { "ape", "ape", 0 },
};

/* Codecs that give back every sample; encoders count the ends of the others differently. */
static const char *const lossless[] = { "alac", "flac", "wavpack", "pcm", "tta", "ape" };

static int begins(const char *text, const char *with)
{
  return strncmp(text, with, strlen(with)) == 0;
}

static const struct container *find_container(const char *name)
{
  for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
    if (begins(name, containers[i].name)) return &containers[i];
  return NULL;
}

static size_t slack_of(const char *codec)
{
  for (size_t i = 0; i < sizeof lossless / sizeof *lossless; i++)
    if (begins(codec, lossless[i])) return 0;
  return (size_t)4 * MPEG_FRAME;
}

/* The length that is declared for the stream, in seconds; 0 where there is none. A file's
   length is that of its only stream. */
static double declared_seconds(const char *text)
{
  const char *file = text_of(text, "nb_streams="); /* the file's properties begin with it */
  double seconds = value_of(text, "duration=");
  if (seconds > 0) return seconds;
  return strtol(file, NULL, 10) == 1 ? value_of(file, "duration=") : 0;
}

static void set_length(ms_sound *s, const struct container *k, const char *text)
{
  double seconds = k ? declared_seconds(text) : 0;
  s->info.open_ended = !(seconds > 0 && seconds < 1e9);
  if (s->info.open_ended) return;
  s->info.frames = (size_t)(seconds * s->info.rate + 0.5);
  s->info.slack = slack_of(text_of(text, "codec_name=")) +
                  (size_t)(k->rough * s->info.rate);
  s->info.rough = k->rough > 0;
}

static int read_properties(ms_sound *s, const char *text)
{
  const char *codec = text_of(text, "codec_name="), *name = text_of(text, "format_name=");
  const struct container *k = find_container(name);
  s->info.channels = (int)value_of(text, "channels=");
  s->info.rate = (int)value_of(text, "sample_rate=");
  if (s->info.channels == 0)
    return ms_fail("there is no audio stream %d in it", s->stream);
  if (begins(codec, "unknown") || begins(codec, "none"))
    return ms_fail("its sound is in a code that ffmpeg does not know");
  set_length(s, k, text);
  if (begins(name, "ogg") && ms_ogg_cut_off(s->path)) s->info.cut_off = 1;
  snprintf(s->info.format, sizeof s->info.format, "%.*s, %.*s",
           k ? 16 : (int)strcspn(name, ",\n"), k ? k->ours : name,
           (int)strcspn(codec, "\n"), codec);
  return 0;
}

/* Waits for the child's end; the message about a failure has no name of the file. */
static int end(foreign *d)
{
  if (ms_child_end(&d->child, 0) == 0) return 0;
  size_t n = strlen(d->url);
  const char *text = ms_error();
  int named = strncmp(text, d->url, n) == 0 && strncmp(text + n, ": ", 2) == 0;
  return named ? ms_fail("%s", text + n + 2) : -1;
}

/* ---- starting the programs ---- */

typedef struct arguments {
  const char *v[40];
  int n;
} arguments;

static void add(arguments *a, const char *const *list)
{
  while (*list) a->v[a->n++] = *list++;
}
#define ADD(a, ...) add(a, (const char *const[]){ __VA_ARGS__, NULL })

/* Adds the file as input, which must not lead to other files. */
static void add_input(arguments *a, const foreign *d)
{
  ADD(a, "-protocol_whitelist", "file,pipe", "-format_whitelist", CONTAINERS);
  if (d->open_wav) ADD(a, "-ignore_length", "1");
  ADD(a, "-i", d->url);
}

/* Asks ffprobe about one stream. */
static int probe(ms_sound *s)
{
  foreign *d = s->state;
  char select[32], text[2048];
  snprintf(select, sizeof select, "a:%d", s->stream);
  arguments a = { 0 };
  ADD(&a, "ffprobe", "-v", "error", "-select_streams", select, "-show_entries",
      "stream=codec_name,sample_rate,channels,duration:"
      "format=format_name,nb_streams,duration",
      "-of", "default=noprint_wrappers=1");
  add_input(&a, d);
  if (start(&d->child, a.v) != 0) return -1;
  size_t n = ms_child_read(&d->child, text, sizeof text - 1);
  text[n] = '\0';
  return end(d) == 0 ? read_properties(s, text) : -1;
}

static int open_ffmpeg(ms_sound *s)
{
  foreign *d = calloc(1, sizeof *d + strlen(s->path) + 8);
  if (!d) return ms_fail("no memory to open it");
  s->state = d;
  d->url = (char *)(d + 1);
  sprintf(d->url, "file:%s", s->path);
  ms_chunks c;
  if (ms_chunks_of(s->path, &c)) {
    d->open_wav = c.riff && !c.declared;
    s->info.cut_off = c.declared > c.there;
  }
  if (probe(s) != 0) return -1;
  d->channels = (size_t)s->info.channels;
  return 0;
}

/* ---- decoding ---- */

/* Starts a decoder at the first frame: ffmpeg's jumps (-ss) are exact in some containers
   only, before AAC they drop the frame that primes the decoder, and the noise that stands
   for quiet bands of AAC depends on all that was decoded before. Some 2 ms for
   each second of sound. */
static int restart(ms_sound *s)
{
  foreign *d = s->state;
  char map[32];
  snprintf(map, sizeof map, "0:a:%d", s->stream);
  ms_child_end(&d->child, 1);
  arguments a = { 0 };
  ADD(&a, "ffmpeg", "-v", "error", "-nostdin");
  add_input(&a, d);
  ADD(&a, "-map", map, "-c:a", "pcm_" RAW_FLOAT, "-f", RAW_FLOAT, "pipe:1");
  s->at = 0;
  d->ended = 0;
  return start(&d->child, a.v);
}

/* On from where the child is. */
static int read_on(ms_sound *s, size_t count, real *out, size_t *got)
{
  foreign *d = s->state;
  float block[4096];
  size_t most = sizeof block / sizeof *block / d->channels;
  while (*got < count) {
    size_t want = (count - *got < most ? count - *got : most) * d->channels;
    size_t n = ms_child_read(&d->child, block, want * sizeof *block) / sizeof *block;
    for (size_t i = 0; i < n; i++) out[*got * d->channels + i] = block[i];
    *got += n / d->channels;
    if (n == want) continue;
    d->ended = 1;
    return end(d);
  }
  return 0;
}

static int read_ffmpeg(ms_sound *s, size_t first, size_t count, real *out, size_t *got)
{
  foreign *d = s->state;
  int runs = d->child.id || d->ended;
  if ((first < s->at || !runs) && restart(s) != 0) return -1;
  if (first > s->at && ms_sound_skip(s, first) != 0) return -1;
  return s->at == first && !d->ended ? read_on(s, count, out, got) : 0;
}

static void close_ffmpeg(ms_sound *s)
{
  foreign *d = s->state;
  if (!d) return;
  ms_child_end(&d->child, 1);
  free(d);
}

const ms_decoder ms_decoder_ffmpeg = { open_ffmpeg, read_ffmpeg, close_ffmpeg };
