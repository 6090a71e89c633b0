/* Which MPI library started this process, and its transport: a shared object beside the program, or
   where it is installed. */
#define _GNU_SOURCE
#include "library_of.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/error.h"

static const struct library {
  const char *name, *set_by[3], *package, *headers;
} libraries[] = {
  { "openmpi", { "OMPI_COMM_WORLD_RANK", "PMIX_RANK", NULL }, "openmpi-bin", "libopenmpi-dev" },
  { "mpich", { "PMI_RANK", NULL }, "mpich", "libmpich-dev" },
};
enum { LIBRARIES = sizeof libraries / sizeof *libraries };

static int has_started(const struct library *l)
{
  for (int i = 0; l->set_by[i]; i++)
    if (getenv(l->set_by[i])) return 1;
  return 0;
}

static const struct library *find(const char *name)
{
  for (int i = 0; i < LIBRARIES; i++)
    if (name ? strcmp(libraries[i].name, name) == 0 : has_started(&libraries[i]))
      return &libraries[i];
  if (name) ms_fail("there is no MPI library %s: openmpi and mpich are known", name);
  else
    ms_fail("this process was not started by MPI: start it by mpirun -n 2 moonstem ... (Debian "
            "package openmpi-bin or mpich), or by srun --mpi=pmix or --mpi=pmi2");
  return NULL;
}

/* The transport's path, beside the program or seen from there; 0 where there is none. */
static int path_of(const struct library *l, char path[PATH_MAX])
{
  static const char *const folders[] = { ".", MS_INSTALLED_LIBRARIES };
  char program[PATH_MAX] = "";
  if (readlink("/proc/self/exe", program, sizeof program - 1) <= 0) return 0;
  *strrchr(program, '/') = '\0';
  for (int i = 0; i < 2; i++) {
    snprintf(path, PATH_MAX, "%.3000s/%.500s/moonstem-%s.so", program, folders[i], l->name);
    if (access(path, R_OK) == 0) return 1;
  }
  return 0;
}

const ms_transport *ms_transport_load(const char *name)
{
  char path[PATH_MAX];
  const struct library *l = find(name ? name : getenv("MOONSTEM_MPI"));
  if (!l) return NULL;
  if (!path_of(l, path))
    return ms_fail("this program was built without %s: install the Debian package %s and build it "
                   "again", l->name, l->headers), NULL;
  /* libraries of MPI load parts of their own, which look for its names among those of all */
  void *object = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  if (!object)
    return ms_fail("%s is missing (Debian package %s): %s", l->name, l->package, dlerror()), NULL;
  const ms_transport *(*get)(void);
  *(void **)&get = dlsym(object, "ms_transport_of_library");
  const ms_transport *t = get ? get() : NULL;
  if (t && t->version == MS_TRANSPORT_VERSION) return t;
  return ms_fail("%s belongs to another version of the program: build it again", path), NULL;
}
