/* The precision of products: in convolutions, matrix products and attention. */
#ifndef MS_PRECISION_H
#define MS_PRECISION_H

/* reduced: factors are rounded to bf16 (8 bits of a float's 24) where they are packed, and
   multiplied in pairs; sums, and all that is kept in tensors, stay float. 0, or -1 and a sentence
   where this processor or this build has no such products. Call it between operators. */
int ms_precision_set(int reduced);

/* Whether they are. */
int ms_precision_reduced(void);

#endif
