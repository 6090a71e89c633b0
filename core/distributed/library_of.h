/* Which MPI library started this process, and its transport. */
#ifndef MS_LIBRARY_OF_H
#define MS_LIBRARY_OF_H

#include "transport.h"

/* library: "openmpi", "mpich", or NULL: by the variables that its launcher sets. NULL and a message
   that says what to install or how to start. */
const ms_transport *ms_transport_load(const char *library);

#endif
