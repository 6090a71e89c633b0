/* The message that explains the last failure of this thread. */
#ifndef MS_ERROR_H
#define MS_ERROR_H

/* Keeps a message and returns -1, so that callers write `return ms_fail(...)`,
   or `return ms_fail(...), NULL` where they return an object. */
int ms_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Puts `PREFIX: ` in front of the message; returns -1. For callers that know more. */
int ms_fail_within(const char *prefix);

/* The message; "unknown failure" where nothing was kept. Never NULL. */
const char *ms_error(void);

#endif
