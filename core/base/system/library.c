/* Shared libraries that few programs need. */
#include "library.h"

#include <dlfcn.h>
#include <stddef.h>

#include "../error.h"

int ms_library_load(const char *file, const char *package, const ms_symbol *symbols)
{
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!library) return ms_fail("%s is missing (package %s): %s", file, package, dlerror());
  for (const ms_symbol *s = symbols; s->name; s++) {
    void *found = dlsym(library, s->name);
    if (!found) return ms_fail("%s has no function %s", file, s->name);
    *(void **)s->place = found;
  }
  return 0;
}
