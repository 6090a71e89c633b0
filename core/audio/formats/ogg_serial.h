/* One serial number for the Ogg files that we write. */
#ifndef MS_OGG_SERIAL_H
#define MS_OGG_SERIAL_H

/* Gives all pages of an Ogg file with one stream the serial number 1 and their new check
   sums: libsndfile draws the number anew each time, and two writes would differ. The file
   is open for reading and writing. 0, or -1 and a message without a name. */
int ms_ogg_renumber(int file);

#endif
