/* Regions of a tensor: along each dimension a first position, a step and a count. What lies in one
   piece is a view, the rest is copied. */
#include "region.h"

#include "../../base/error.h"
#include "strides.h"

ms_region ms_region_all(const ms_tensor *x)
{
  ms_region r;
  for (int d = 0; d < x->ndim; d++) {
    r.first[d] = 0;
    r.count[d] = x->dim[d];
    r.step[d] = 1;
  }
  return r;
}

/* The dimensions that are left, with the strides that they have in x, and the offset of the first
   number; strides of the result are filled in as row-major ones. */
static ms_strided layout(int ndim, const size_t *dim, const ms_region *r, size_t *offset)
{
  ms_strided s = { .ndim = 0 };
  ptrdiff_t stride[MS_MAX_DIMS];
  ms_strides(ndim, dim, stride);
  *offset = 0;
  for (int d = 0; d < ndim; d++) {
    *offset += r->first[d] * (size_t)stride[d];
    if (!r->step[d]) continue;
    s.dim[s.ndim] = r->count[d];
    s.from[s.ndim++] = stride[d] * r->step[d];
  }
  ms_strides(s.ndim, s.dim, s.to);
  return s;
}

/* Whether the numbers lie in x as they would in the result. */
static int in_one_piece(const ms_strided *s)
{
  for (int d = 0; d < s->ndim; d++)
    if (s->dim[d] > 1 && s->from[d] != s->to[d]) return 0;
  return 1;
}

static int is_empty(const ms_strided *s)
{
  for (int d = 0; d < s->ndim; d++)
    if (!s->dim[d]) return 1;
  return 0;
}

static void turn_round(ms_strided *s)
{
  for (int d = 0; d < s->ndim; d++) {
    const ptrdiff_t from = s->from[d];
    s->from[d] = s->to[d];
    s->to[d] = from;
  }
}

ms_tensor *ms_region_back(int ndim, const size_t *dim, const ms_region *region,
                            const ms_tensor *gy)
{
  size_t offset;
  ms_strided s = layout(ndim, dim, region, &offset);
  ms_tensor *gx = ms_tensor_zeros(ndim, dim);
  turn_round(&s);
  if (gx && !is_empty(&s)) ms_strided_copy(&s, gy->data, gx->data + offset);
  return gx;
}

static int backward(const ms_node *n, ms_tensor *gy, ms_tensor **gx)
{
  int ndim;
  const size_t *dim = ms_node_input_dim(n, 0, &ndim);
  gx[0] = ms_region_back(ndim, dim, ms_node_attributes(n), gy);
  return gx[0] ? 0 : -1;
}

ms_tensor *ms_region_cut(ms_tensor *x, const ms_region *region)
{
  size_t offset;
  const ms_strided s = layout(x->ndim, x->dim, region, &offset);
  if (is_empty(&s)) return ms_tensor_new(s.ndim, s.dim);
  if (in_one_piece(&s)) return ms_tensor_part(x, s.ndim, s.dim, offset);
  ms_tensor *y = ms_tensor_new(s.ndim, s.dim);
  if (!y) return NULL;
  ms_strided_copy(&s, x->data + offset, y->data);
  y->mask = x->mask;
  return y;
}

static ms_tensor *forward(const ms_call *c)
{
  return ms_record(c, ms_region_cut(c->input[0], c->attributes), 0, NULL);
}

/* Called by bindings and other operators, not by its name. */
static const ms_op region_op = {
  .name = "index", .forward = forward, .backward = backward, .attributes = sizeof(ms_region),
  .takes = { MS_TENSOR(x) },
};

ms_tensor *ms_region_read(ms_tensor *x, const ms_region *region)
{
  return ms_apply(&region_op, 1, &x, region);
}

/* How the value's numbers go along the dimensions of the region: 0 where it is stretched, as all of
   `along` is before. -1 and a message where the shapes do not fit; more dimensions of the value
   must be of size 1. */
static int stretch(const ms_strided *s, const ms_tensor *value, ptrdiff_t *along)
{
  char region[MS_SHAPE_TEXT], given[MS_SHAPE_TEXT];
  ptrdiff_t stride[MS_MAX_DIMS];
  const int ahead = s->ndim - value->ndim;
  int fits = 1;
  ms_strides(value->ndim, value->dim, stride);
  for (int v = 0; v < value->ndim && fits; v++) {
    const int d = ahead + v;
    if (value->dim[v] == 1) continue;
    fits = d >= 0 && value->dim[v] == s->dim[d];
    if (fits) along[d] = stride[v];
  }
  if (fits) return 0;
  return ms_fail("writing: a tensor of %s does not fit into a region of %s",
                 ms_shape_text(value->ndim, value->dim, given),
                 ms_shape_text(s->ndim, s->dim, region));
}

int ms_region_write(ms_tensor *x, const ms_region *region, const ms_tensor *value)
{
  size_t offset;
  ptrdiff_t along[MS_MAX_DIMS] = { 0 };
  ms_strided s = layout(x->ndim, x->dim, region, &offset);
  if (stretch(&s, value, along) != 0) return -1;
  if (is_empty(&s)) return 0;
  ms_tensor *own = NULL; /* what is read must not change meanwhile */
  if (ms_tensor_same_storage(x, value)) {
    own = ms_tensor_copy(value);
    if (!own) return -1;
  }
  turn_round(&s);
  for (int d = 0; d < s.ndim; d++) s.from[d] = along[d];
  ms_strided_copy(&s, own ? own->data : value->data, x->data + offset);
  ms_tensor_free(own);
  return 0;
}
