/* Windows: weights that fade a frame in and out. */
#ifndef MS_WINDOWS_H
#define MS_WINDOWS_H

#include "../tensor/tensor.h"

extern const char *const ms_window_names[]; /* "hann" and so on, NULL-ended */
#define MS_WINDOW_KAISER 4

/* The window of that name's place, n long; periodic: the first n of n + 1. beta: of Kaiser's. */
ms_tensor *ms_window(int kind, size_t n, int periodic, double beta);

#endif
