/* BSS Eval, version 4, "images" (Stoeter, Liutkus, Ito 2018; Vincent, Gribonval, Fevotte 2006):
   how far estimates of sources are from the sources, and what the rest consists of. */
#ifndef MS_BSS_EVAL_H
#define MS_BSS_EVAL_H

#include "bss_input.h"

enum { MS_BSS_SDR, MS_BSS_ISR, MS_BSS_SIR, MS_BSS_SAR, MS_BSS_SCORES };

/* How many frames there are: whole ones, or one of all samples. */
size_t ms_bss_frames(const ms_bss_input *in);

/* scores (MS_BSS_SCORES, sources, frames) in dB: NaN in frames where a reference or an estimate is
   silent, infinite where nothing is wrong. 0, or -1 and a message. */
int ms_bss_eval(const ms_bss_input *in, double *scores);

#endif
