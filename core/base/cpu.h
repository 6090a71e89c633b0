/* What this processor can do. */
#ifndef MS_CPU_H
#define MS_CPU_H

enum { MS_CPU_PORTABLE, MS_CPU_AVX2, MS_CPU_AVX512 };

/* The instruction set that the kernels use: the best one here, or less if the environment
   says so (MOONSTEM_CPU = portable, avx2 or avx512). Settled at the first call. */
int ms_cpu_level(void);

/* Its name: "portable", "avx2", "avx512". */
const char *ms_cpu_name(int level);

/* Whether it multiplies pairs of bf16 numbers (avx512_bf16) and may: MOONSTEM_CPU holds here,
   too. */
int ms_cpu_bf16(void);

/* How many processors this process may use. */
int ms_cpu_count(void);

/* Tells the processor that this thread spins. */
void ms_cpu_pause(void);

/* Makes denormal numbers zero on this thread: they cost a hundred times a normal one. */
void ms_cpu_flush_denormals(void);

#endif
