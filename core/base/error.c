/* The sentence that explains the last failure of this thread. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE = 1024 };

static _Thread_local char sentence[SENTENCE] = "unknown failure";

int ms_fail(const char *format, ...)
{
  char text[SENTENCE]; /* the arguments may point into the old sentence */
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  memcpy(sentence, text, sizeof sentence);
  return -1;
}

int ms_fail_within(const char *prefix)
{
  return ms_fail("%s: %.900s", prefix, sentence);
}

const char *ms_error(void)
{
  return sentence;
}
