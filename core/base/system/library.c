/* Shared libraries that few programs need. */
#include "library.h"

#include <dlfcn.h>
#include <stddef.h>

#include "../error.h"
#include "../memory.h"

/* What a library and those that it needs take when they are loaded, 2 MB at most, measured. Some
   end the process where they do not get it. */
enum { LOADING = 1 << 22 };

int ms_library_load(const char *file, const char *package, const ms_symbol *symbols)
{
  if (ms_memory_room(LOADING) != 0) return -1;
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!library) return ms_fail("%s is missing (package %s): %s", file, package, dlerror());
  for (const ms_symbol *s = symbols; s->name; s++) {
    void *found = dlsym(library, s->name);
    if (!found) return ms_fail("%s has no function %s", file, s->name);
    *(void **)s->place = found;
  }
  return 0;
}
