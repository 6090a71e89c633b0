/* Matrix products through OpenBLAS: what gemm.h promises, in float and in double. */
#ifndef MS_GEMM_OPENBLAS_H
#define MS_GEMM_OPENBLAS_H

#include "gemm.h"

/* Loads the library with the kernel for this processor. Call once, before any product;
   0, or -1 and a message. */
int ms_gemm_open(void);

/* The kernel that is in use, e.g. "SkylakeX". */
const char *ms_gemm_core(void);

/* Sets a pointer to a function of the library. 0, or -1 and a message. */
int ms_openblas_find(const char *name, void *function);

extern const ms_gemm_kernels ms_k_gemm_openblas;

#endif
