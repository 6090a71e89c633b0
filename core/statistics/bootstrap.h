/* The bootstrap (Efron 1979): clips drawn with replacement, many times. How often each clip is in
   each resample, and what means and ranking metrics of the resamples are. */
#ifndef MS_BOOTSTRAP_H
#define MS_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct ms_bootstrap {
  size_t clips, resamples;
  uint32_t *count; /* resamples x clips */
} ms_bootstrap;

/* Resample d (from 1) has at place k (from 1) the clip that the counter-based generator names for
   (seed, stream, d, k). NULL and a message where memory is refused. */
ms_bootstrap *ms_bootstrap_new(size_t clips, size_t resamples, uint64_t seed, uint64_t stream);
void ms_bootstrap_free(ms_bootstrap *r); /* NULL is fine */

/* Area under the ROC curve and average precision of every resample, both `resamples` long; NaN
   where one has no positive clip (or, of the former, no negative one). scores: `clips`, none NaN;
   positive: 0 or 1 for each clip. Clips are sorted once and counted in each resample. 0, or -1 and
   a message where memory is refused. */
int ms_bootstrap_ranking(const ms_bootstrap *r, const double *scores, const unsigned char *positive,
                         double *roc, double *precision);

/* Mean of the values of each resample's clips; all three lists as above. */
void ms_bootstrap_mean(const ms_bootstrap *r, const double *values, double *mean);

#endif
