/* An MPI whose end never comes: preloaded into ranks, as a library that hangs there. */
#include <unistd.h>

int MPI_Finalize(void);

int MPI_Finalize(void)
{
  for (;;) pause();
}
