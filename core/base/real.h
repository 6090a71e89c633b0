/* The one element type of a build: float, or double for gradient checks. */
#ifndef MS_REAL_H
#define MS_REAL_H

#ifdef MS_DOUBLE
typedef double real;
#define MS_REAL_NAME "f64"
#define MS_REAL_WHOLE 9007199254740992 /* all whole numbers up to there are exact */
#else
typedef float real;
#define MS_REAL_NAME "f32"
#define MS_REAL_WHOLE 16777216
#endif

#endif
