/* Arrays as NumPy's .npy files. */
#ifndef MS_NPY_H
#define MS_NPY_H

#include "numbers.h"

/* Reads little-endian floats, whole numbers and booleans in row order (format 1 to 3); the
   file must hold exactly the numbers that its header promises. NULL and a message. */
ms_tensor *ms_npy_read(const char *path);

/* Writes atomically, as `real`. 0, or -1 and a message. */
int ms_npy_write(const char *path, const ms_tensor *t);

#endif
