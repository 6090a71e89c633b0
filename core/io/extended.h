/* What JSON has no word for, spelled as MongoDB's Extended JSON (version 2) spells it:
     infinities and NaN        {"$numberDouble": "Infinity"}, "-Infinity" or "NaN"
     text that is not UTF-8    {"$binary": {"base64": "Y2Fm6Q==", "subType": "00"}}
   and, where that has no word either, so:
     names that are not UTF-8, or hold a zero byte                      "$binary:Y2Fm6Q=="
     names that would be taken for one of these get one more "$"        "$$numberDouble"
   Every strict reader can read such a file; ours gives back what was written. */
#ifndef MS_EXTENDED_H
#define MS_EXTENDED_H

#include <jansson.h>
#include <stddef.h>

enum { MS_EXTENDED_NUMBER_DEPTH = 1, MS_EXTENDED_BYTES_DEPTH = 2 }; /* levels that they nest */

/* New trees; NULL where memory lacks. */
json_t *ms_extended_number(double value);
json_t *ms_extended_bytes(const char *bytes, size_t n);

/* Whether a tree spells an infinity or NaN, which becomes *value. */
int ms_extended_is_number(const json_t *tree, double *value);

/* The bytes that a tree spells, to be freed; NULL where it spells none. */
char *ms_extended_read_bytes(const json_t *tree, size_t *n);

/* How a name is spelled, to be freed; NULL where memory lacks. */
char *ms_extended_name(const char *name, size_t n);

/* The name that a spelling stands for, to be freed; NULL where it is the name itself. */
char *ms_extended_read_name(const char *spelling, size_t n, size_t *length);

#endif
