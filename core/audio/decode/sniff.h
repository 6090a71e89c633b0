/* Finding out what kind of sound a file holds, by its bytes and never by its name. */
#ifndef MS_SNIFF_H
#define MS_SNIFF_H

typedef enum ms_sniffed {
  MS_SNIFF_OTHER,   /* perhaps known to libsndfile */
  MS_SNIFF_MPEG,    /* MP3, MP2, MP1, bare or in WAV */
  MS_SNIFF_VORBIS,  /* Ogg whose first stream is Vorbis */
  MS_SNIFF_OPUS,    /* Ogg whose first stream is Opus */
  MS_SNIFF_FOREIGN, /* MP4, Matroska, other Ogg, ...: not for libsndfile */
} ms_sniffed;

/* 0, or -1 and a message without the file's name when it is no regular file or is empty:
   a pipe or a device would make a decoder wait for ever. */
int ms_sniff(const char *path, ms_sniffed *kind);

#endif
