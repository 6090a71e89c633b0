/* Which solver computes a convolution: the cheapest of those that can. */
#include <stdio.h>

#include "../../base/profile.h"
#include "conv_solver.h"

enum { MOST = 6 }; /* and one more, which ends the row */

static const ms_conv_solver *const solvers[MS_CONV_FAMILIES][MOST + 1] = {
  [MS_CONV_FORWARD] = { &MS_K(conv_points), &MS_K(conv_patches), &MS_K(conv_rows),
                        &MS_K(conv_folded), &MS_K(winograd_2x2), &MS_K(winograd_4x4) },
  [MS_CONV_BACKWARD_INPUT] = { &MS_K(conv_scatter), &MS_K(conv_scatter_add) },
  [MS_CONV_BACKWARD_WEIGHT] = { &MS_K(conv_outer_products), &MS_K(winograd_weight_2x2),
                                &MS_K(winograd_weight_4x4), &MS_K(conv_stretches) },
  [MS_CONV_UP_WEIGHT] = { &MS_K(conv_tap_products), &MS_K(conv_outer_products) },
};

static const ms_conv_solver *cheapest(ms_conv_family family, const ms_conv_shape *s, int direct)
{
  const ms_conv_solver *best = NULL;
  size_t least = 0;
  for (const ms_conv_solver *const *one = solvers[family]; *one; one++) {
    if ((direct && !(*one)->direct) || !(*one)->applicable(s)) continue;
    const size_t cost = (*one)->cost(s);
    if (best && cost >= least) continue;
    best = *one;
    least = cost;
  }
  return best;
}

/* For the profile: what was chosen for which shape, and what else could have been. */
static void tell(ms_conv_family family, const ms_conv_shape *s, const ms_conv_solver *chosen)
{
  char others[MS_PROFILE_TEXT] = "";
  size_t used = 0;
  for (const ms_conv_solver *const *one = solvers[family]; *one; one++) {
    if (*one == chosen || !(*one)->applicable(s) || used >= sizeof others) continue;
    used += (size_t)snprintf(others + used, sizeof others - used, "%s%s %.3g", used ? ", " : "",
                             (*one)->name, (double)(*one)->cost(s));
  }
  ms_profile_solver(chosen->name, (double)chosen->cost(s), others);
}

const ms_conv_solver *MS_K(conv_solver_for)(ms_conv_family family, const ms_conv_shape *s)
{
  const ms_conv_solver *chosen = cheapest(family, s, 0);
  if (ms_profile_on) tell(family, s, chosen);
  return chosen;
}

const ms_conv_solver *MS_K(conv_direct_solver)(const ms_conv_shape *s)
{
  return cheapest(MS_CONV_FORWARD, s, 1);
}
