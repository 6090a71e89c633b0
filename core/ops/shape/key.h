/* Tensors as keys, x[key]: masks and positions along the first dimensions. */
#ifndef MS_KEY_H
#define MS_KEY_H

#include "../../tensor/tensor.h"

typedef enum ms_key_kind { MS_KEY_WRONG = -1, MS_KEY_MASK, MS_KEY_POSITIONS } ms_key_kind;

/* What a tensor means as a key of x. A mask has the shape of x's first dimensions and holds only 0
   and 1, and a comparison made it or a 0 is in it. All others are positions along the first
   dimension, whole numbers from 1 or, from the end, from -1. What could be both, or neither, is
   WRONG, with a message. */
ms_key_kind ms_key_kind_of(const ms_tensor *x, const ms_tensor *key);

/* The positions from 1 of a mask's ones, as a list. */
ms_tensor *ms_mask_positions(const ms_tensor *mask);

/* Writes value, stretched to key's shape and the rest of x's, into the rows that are meant; of
   equal positions the last one counts. 0, or -1 and a message. */
int ms_rows_write(ms_tensor *x, const ms_tensor *positions, const ms_tensor *value);

/* Writes value, a number or a row for each 1 of the mask, in order. 0, or -1 and a message. */
int ms_mask_write(ms_tensor *x, const ms_tensor *mask, const ms_tensor *value);

#endif
