/* Filters that make an estimate from references as well as least squares can. */
#ifndef MS_PROJECTION_H
#define MS_PROJECTION_H

#include "bss_input.h"

/* For each source the filters from references to its estimate: `all` (sources, channels of the
   estimate, sources, channels of the reference, taps) from all references, `own` (sources,
   channels, channels, taps) from its own alone. 0, or -1 and a message. */
int ms_bss_filters(const ms_bss_input *in, double *all, double *own);

#endif
