/* Shared libraries that few programs need: they are loaded when one is first used, so that all
   others start as fast as without them, and run where they are not installed. */
#ifndef MS_LIBRARY_H
#define MS_LIBRARY_H

typedef struct ms_symbol {
  const char *name;
  void *place; /* a pointer to the function, which is filled in */
} ms_symbol;

/* Loads a library and finds the functions of a list that ends with a NULL name. 0, or -1 and a
   message that names the package. */
int ms_library_load(const char *file, const char *package, const ms_symbol *symbols);

#endif
