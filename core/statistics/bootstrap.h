/* Clips drawn anew with replacement, many times: how often each is in each draw, and what means and
   ranking metrics of the drawn clips are (the bootstrap; Efron 1979). */
#ifndef MS_BOOTSTRAP_H
#define MS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct ms_bootstrap {
  size_t clips, draws;
  uint32_t *count; /* draws x clips */
} ms_bootstrap;

/* Draw d (from 1) takes at place k (from 1) the clip that the counter-based generator names for
   (seed, stream, d, k). NULL and a message where memory is refused. */
ms_bootstrap *ms_bootstrap_new(size_t clips, size_t draws, uint64_t seed, uint64_t stream);
void ms_bootstrap_free(ms_bootstrap *r); /* NULL is fine */

/* Area under the ROC curve and average precision of every draw, both `draws` long; NaN where a draw
   has no positive clip (or, of the former, no negative one). scores: `clips`, none NaN; positive: 0
   or 1 for each clip. Clips are sorted once and counted in each draw. 0, or -1 and a message where
   memory is refused. */
int ms_bootstrap_ranking(const ms_bootstrap *r, const double *scores, const unsigned char *positive,
                           double *roc, double *precision);

/* Mean of the drawn clips' values; all three lists as above. */
void ms_bootstrap_mean(const ms_bootstrap *r, const double *values, double *mean);

#endif
