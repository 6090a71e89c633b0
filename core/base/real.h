/* The one element type of a build: float, or double for gradient checks. */
#ifndef MS_REAL_H
#define MS_REAL_H

#ifdef MS_DOUBLE
typedef double real;
#define MS_REAL_NAME "f64"
#else
typedef float real;
#define MS_REAL_NAME "f32"
#endif

#endif
