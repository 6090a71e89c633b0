/* What is known of an audio file once it is open. */
#ifndef MS_SOUND_INFO_H
#define MS_SOUND_INFO_H

#include <stddef.h>

#include "../../base/real.h"

/* A frame is one sample of every channel. */
typedef struct ms_sound_info {
  size_t frames;  /* as declared: a damaged file may hold fewer */
  int rough;      /* 1: `frames` may be wrong by some milliseconds, or more in Ogg */
  int open_ended; /* 1: no length is declared, as in a stream; frames 0 */
  int cut_off;    /* 1: its last bytes show that its end is missing */
  int holes;      /* 1: parts of what was read so far are lost */
  int followed;   /* 1: another file follows inside it, of which nothing is read */
  size_t slack;   /* frames that a good file of this codec may lack of those declared */
  int rate;       /* frames a second, 1 kHz..10 MHz */
  int channels;   /* 1..64 */
  char format[48];
} ms_sound_info;

typedef struct ms_sound ms_sound;

#endif
