/* What a loss makes of one number each: their mean, their sum, or all of them. */
#ifndef MS_REDUCTION_H
#define MS_REDUCTION_H

#include "../ops.h"

enum { MS_MEAN, MS_SUM, MS_NONE, MS_BATCHMEAN };

static const char *const ms_reductions[] __attribute__((unused)) = { "mean", "sum", "none", NULL };

#endif
