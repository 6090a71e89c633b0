/* Loops of the row `pow` for one number as the power: those that products and roots make. */
#ifndef MS_POWERS_H
#define MS_POWERS_H

#define EACH(value)                                                                       \
  for (size_t i = 0; i < n; i++) {                                                        \
    const real a = as[i], g = gs[i];                                                      \
    (void)a, (void)g;                                                                     \
    ys[i] = value;                                                                        \
  }
#define POWER(power, value) if (*bs == (real)(power)) EACH(value) else

static void power_loop(const real *as, const real *bs, const real *cs, const real *gs, real *ys,
                       size_t n)
{
  POWER(2, a * a)
  POWER(0.5, F(sqrt)(a))
  POWER(3, a * a * a)
  POWER(-1, 1 / a)
  POWER(-0.5, 1 / F(sqrt)(a))
  POWER(-2, 1 / (a * a))
  POWER(1, a)
  pow_loop(as, bs, cs, gs, ys, n);
}

static void power_back_loop(const real *as, const real *bs, const real *cs, const real *gs,
                            real *ys, size_t n)
{
  POWER(2, g * (2 * a))
  POWER(0.5, g * ((real)0.5 / F(sqrt)(a)))
  POWER(3, g * (3 * (a * a)))
  POWER(-1, g * (-1 / (a * a)))
  POWER(-0.5, g * ((real)-0.5 / (a * F(sqrt)(a))))
  POWER(-2, g * (-2 / (a * a * a)))
  POWER(1, g)
  pow_back_a(as, bs, cs, gs, ys, n);
}

#undef EACH
#undef POWER

#endif
