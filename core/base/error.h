/* The message that explains the last failure of this thread. */
#ifndef MS_ERROR_H
#define MS_ERROR_H

/* Keeps the message. */
void ms_set_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline int ms_failed(void) { return -1; }

/* ms_fail(format, ...) keeps a message and is -1, so that callers write `return ms_fail(...)`,
   or `return ms_fail(...), NULL` where they return an object. A macro: compilers and analysers see
   the -1. */
#define ms_fail(...) (ms_set_error(__VA_ARGS__), ms_failed())

/* Puts `PREFIX: ` in front of the message; the macro is -1, too. For callers that know more. */
void ms_prefix_error(const char *prefix);
#define ms_fail_within(prefix) (ms_prefix_error(prefix), ms_failed())

/* The message; "unknown failure" where nothing was kept. Never NULL. */
const char *ms_error(void);

#endif
