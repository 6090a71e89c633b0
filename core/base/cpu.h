/* What this processor can do. */
#ifndef MS_CPU_H
#define MS_CPU_H

enum { MS_CPU_PORTABLE, MS_CPU_AVX2, MS_CPU_AVX512, MS_CPU_LEVELS };

/* The instruction set that the kernels use: the best one here, or less if the environment
   says so (MOONSTEM_CPU = portable, avx2 or avx512). Settled at the first call. */
int ms_cpu_level(void);

/* Whether the environment asks for an instruction set that there is: 0, or -1 and a message. */
int ms_cpu_check(void);

/* Its name: "portable", "avx2", "avx512". */
const char *ms_cpu_name(int level);

/* Whether it multiplies pairs of bf16 numbers (avx512_bf16) and may: MOONSTEM_CPU holds here,
   too. */
int ms_cpu_bf16(void);

/* Whether it also multiplies tiles of such numbers (AMX), and the kernel grants the room for them:
   not where MOONSTEM_CPU is avx512. Settled at the first call. */
int ms_cpu_amx(void);

/* The precision of products: in convolutions, matrix products, recurrent layers. Whoever asks for
   kernels that multiply says it, and shapes carry it. bf16: factors are rounded to bf16 (8 bits of
   a float's 24) where they are packed, and multiplied in pairs; sums, and all that is kept in
   tensors, stay float. */
typedef enum ms_precision { MS_PRECISION_FULL, MS_PRECISION_BF16 } ms_precision;

/* Whether this processor and this build have such products: 0, or -1 and a message. */
int ms_precision_check(ms_precision precision);

/* How many processors this process may use. */
int ms_cpu_count(void);

/* Tells the processor that this thread spins. */
void ms_cpu_pause(void);

/* Makes denormal numbers zero on this thread: they cost a hundred times a normal one. */
void ms_cpu_flush_denormals(void);

#endif
