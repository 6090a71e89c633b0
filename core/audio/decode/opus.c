/* Ogg Opus through libopusfile, the reference decoder: the only door to it. Opus is always
   decoded at 48 kHz, its own rate; the rate in its header is that of the encoder's input.
   libsndfile 1.2.0 reads Opus too, with the faults that vorbis.c lists. */
#include <opusfile.h>
#include <stdio.h>

#include "../../base/error.h"
#include "../formats/ogg_pages.h"
#include "ogg.h"

enum { RATE = 48000, FEW = 960, MOST_CHANNELS = 8 };

static const char *text_of(int status)
{
  switch (status) {
  case OP_EREAD: return "it cannot be read";
  case OP_EFAULT: return "there is no memory for it";
  case OP_EIMPL: return "its kind of Opus is unknown";
  case OP_EVERSION: return "its version of Opus is unknown";
  case OP_EBADTIMESTAMP: return "its first or last time stamp is impossible";
  default: return "it holds no Opus sound, or its header is damaged";
  }
}

static long next(ms_sound *s, size_t count, real *out)
{
  float x[FEW * MOST_CHANNELS];
  size_t channels = (size_t)s->info.channels, most = FEW;
  int link;
  if (count < most) most = count;
  int n = op_read_float(s->state, x, (int)(most * channels), &link);
  if (n == OP_HOLE || n == OP_EBADPACKET) return MS_OGG_HOLE;
  if (n < 0) return ms_fail("decoding stopped: %s", text_of(n)), MS_OGG_FAILED;
  if (n > 0 && op_channel_count(s->state, link) != s->info.channels)
    return ms_sound_changes(), MS_OGG_FAILED;
  for (size_t i = 0; i < (size_t)n * channels; i++) out[i] = x[i];
  return n;
}

static long long tell(ms_sound *s)
{
  return op_pcm_tell(s->state);
}

static int seek(ms_sound *s, size_t to)
{
  return op_pcm_seek(s->state, (ogg_int64_t)to);
}

/* Of an Opus packet, by its first two bytes: RFC 6716, section 3. *speech becomes 1 where
   the packet is of the speech coder, whose state depends on all that came before: after a
   jump it was seen to differ by 1e-3 of full scale for ever. */
static long duration(void *speech, uint8_t *packet, size_t bytes)
{
  if (bytes && !(packet[0] & 0x80)) *(int *)speech = 1;
  int n = bytes ? opus_packet_get_nb_samples(packet, (opus_int32)bytes, RATE) : 0;
  return n > 0 ? n : 0;
}

static void look(ms_sound *s)
{
  int speech = 0;
  s->info.rough = !ms_ogg_stamps_add_up(s->path, 2, duration, &speech);
  s->jumps = !s->info.rough && !speech;
}

static const ms_ogg calls = { next, tell, seek, look, 1.0 };

static int open_opus(ms_sound *s)
{
  int status = 0;
  OggOpusFile *f = s->state = op_open_file(s->path, &status);
  if (!f) return ms_fail("%s", text_of(status));
  s->info.rate = RATE;
  s->info.channels = op_channel_count(f, 0);
  ms_ogg_declare(s, &calls, op_pcm_total(f, -1));
  snprintf(s->info.format, sizeof s->info.format, "Ogg, Opus");
  return 0;
}

static void close_opus(ms_sound *s)
{
  op_free(s->state); /* NULL is fine */
}

const ms_decoder ms_decoder_opus = { open_opus, ms_ogg_read, close_opus };
