/* The message that explains the last failure of this thread. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE = 1024 };

static _Thread_local char message[MESSAGE] = "unknown failure";

void ms_set_error(const char *format, ...)
{
  char text[MESSAGE]; /* the arguments may point into the old message */
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  memcpy(message, text, sizeof message);
}

void ms_prefix_error(const char *prefix)
{
  ms_set_error("%s: %.900s", prefix, message);
}

const char *ms_error(void)
{
  return message;
}
