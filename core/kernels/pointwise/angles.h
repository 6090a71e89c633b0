/* Loops in place of those of the rows sin, cos and tan: pieces that hold a large angle, of which
   whole turns must be taken off with care, are the C library's. */
#ifndef MS_ANGLES_H
#define MS_ANGLES_H

static int is_far(const real *x, size_t n)
{
  int far = 0;
  for (size_t i = 0; i < n; i++) far |= F(fabs)(x[i]) > MS_ANGLES_MOST;
  return far;
}

/* A row's loop, or for large angles that of an expression. */
#define ANGLES(name, loop, expression)                                                    \
  UNARY_LOOP(name##_far, x, expression)                                                   \
  static void name##_any(const job *j, size_t first, size_t n)                            \
  {                                                                                       \
    (is_far(j->x + first, n) ? name##_far : loop)(j, first, n);                           \
  }
ANGLES(sin, sin_loop, F(sin)(x))
ANGLES(cos, cos_loop, F(cos)(x))
ANGLES(tan, tan_loop, F(tan)(x))
ANGLES(sin_back, sin_back_loop, g * F(cos)(x))
ANGLES(cos_back, cos_back_loop, g * -F(sin)(x))
#undef ANGLES

#endif
