/* Shared by the audio bindings. */
#ifndef MS_BIND_WAVES_H
#define MS_BIND_WAVES_H

#include "../tensor_arg.h"

/* Readers take the header of a file with a rate below the least for damaged. */
enum { LMS_LEAST_FILE_RATE = 1000, LMS_MOST_RATE = 1000000, LMS_MOST_CHANNELS = 64 };

/* Add their functions to the table on the top. */
void lms_add_feed(lua_State *L);
void lms_add_sources(lua_State *L);
void lms_add_sinks(lua_State *L);

/* n as an int; raises outside of low..high. */
int lms_within(lua_State *L, const char *who, const char *what, lua_Integer n, int low,
               int high);

/* The option `stream`, 0 where it is absent. */
int lms_stream_option(lua_State *L, int arg, const char *who);

/* Channels of a recording, (sample) or (sample, channel); raises on any other shape. */
int lms_channels(lua_State *L, const ms_tensor *t, const char *who);

#endif
