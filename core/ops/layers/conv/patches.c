/* Convolutions whose kernels lie side by side on the image: every patch becomes a row of a matrix,
   whose product with the weight (patch, out) is y. */
#include "patches.h"

#include <string.h>

#include "../../../base/memory.h"
#include "../../../base/profile.h"
#include "../../../base/thread_pool.h"
#include "../../../kernels/gemm/gemm.h"
#include "../../../kernels/reductions.h"

enum { LEAST_DEPTH = 128, LEAST_OUT = 32 };

/* Copies between the image and its patches (n, oh, ow, kh, kw, cin). */
typedef struct copy {
  const ms_conv_shape *s;
  real *image, *patches;
  int back; /* from patches to the image */
} copy;

static size_t depth_of(const ms_conv_shape *s)
{
  return s->kh * s->kw * s->cin;
}

static size_t rows_of(const ms_conv_shape *s)
{
  return s->n * s->oh * s->ow;
}

int ms_conv_is_patches(const ms_conv_shape *s)
{
  return s->kh * s->kw > 1 && s->sh == s->kh && s->sw == s->kw &&
         s->ph == 0 && s->pw == 0 && s->h == s->oh * s->kh && s->w == s->ow * s->kw &&
         depth_of(s) >= LEAST_DEPTH && s->cout >= LEAST_OUT;
}

/* A row of patches. */
static void copy_row(void *arg, size_t row)
{
  const copy *c = arg;
  const ms_conv_shape *s = c->s;
  const size_t run = s->kw * s->cin;
  real *image = c->image + row * s->kh * s->w * s->cin;
  real *patch = c->patches + row * s->ow * depth_of(s);
  for (size_t j = 0; j < s->ow; j++)
    for (size_t a = 0; a < s->kh; a++, patch += run) {
      real *at = image + (a * s->w + j * s->kw) * s->cin;
      memcpy(c->back ? at : patch, c->back ? patch : at, run * sizeof *at);
    }
}

/* The patches of x, or room for them where it is NULL. */
static real *patches_of(const ms_conv_shape *s, const real *x)
{
  real *patches = ms_alloc(rows_of(s) * depth_of(s) * sizeof *patches);
  if (ms_profile_on)
    ms_profile_solver("patch_product",
                      (double)(rows_of(s) * depth_of(s)) * (double)s->cout , "");
  if (patches && x)
    ms_parallel(s->n * s->oh, copy_row, &(copy){ s, (real *)x, patches, 0 });
  return patches;
}

int ms_patches_forward(const ms_conv_shape *s, const real *x, const real *weight, const real *bias,
                       real *y)
{
  const size_t depth = depth_of(s);
  real *patches = patches_of(s, x);
  const ms_product p = { .m = rows_of(s), .n = s->cout, .k = depth, .scale = 1, .a = patches,
                         .lda = depth, .b = weight, .ldb = s->cout, .bias = bias, .c = y,
                         .ldc = s->cout };
  const int status = patches ? ms_k_gemm(s->precision)->all(&p) : -1;
  ms_free(patches);
  return status;
}

int ms_patches_by_input(const ms_conv_shape *s, const real *weight, const real *gy, real *gx)
{
  const size_t depth = depth_of(s);
  real *patches = patches_of(s, NULL);
  const ms_product p = { .tb = 1, .m = rows_of(s), .n = depth, .k = s->cout, .scale = 1, .a = gy,
                         .lda = s->cout, .b = weight, .ldb = s->cout, .c = patches,
                         .ldc = depth };
  const int status = patches ? ms_k_gemm(s->precision)->all(&p) : -1;
  if (status == 0) ms_parallel(s->n * s->oh, copy_row, &(copy){ s, gx, patches, 1 });
  ms_free(patches);
  return status;
}

int ms_patches_by_weight(const ms_conv_shape *s, const real *x, const real *gy, real *gw,
                         real *gb)
{
  const size_t depth = depth_of(s);
  real *patches = patches_of(s, x);
  const ms_product p = { .ta = 1, .m = depth, .n = s->cout, .k = rows_of(s), .scale = 1,
                         .a = patches, .lda = depth, .b = gy, .ldb = s->cout, .c = gw,
                         .ldc = s->cout };
  const int status = patches ? ms_k_gemm(s->precision)->all(&p) : -1;
  ms_free(patches);
  if (gb) ms_k_reductions()->sum_along(gy, gb, 1, rows_of(s), s->cout);
  return status;
}
