/* Seeds for random tensors, and the functions of machine.c. */
#ifndef MS_MACHINE_H
#define MS_MACHINE_H

#include <lua.h>
#include <stdint.h>

#include "../../base/cpu.h"

uint64_t lms_seed(void);        /* what ms.seed set */
ms_precision lms_precision(void); /* what ms.precision set: that of the next calls */
uint64_t lms_next_stream(void); /* a stream of its own for every random tensor */

/* Adds seed, threads, memory, random, ... to the table on the top. */
void lms_machine_functions(lua_State *L);

#endif
