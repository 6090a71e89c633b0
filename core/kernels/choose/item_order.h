/* Items put in order: which way is fastest depends on how many there are. */
#ifndef MS_ITEM_ORDER_H
#define MS_ITEM_ORDER_H

#include "../simd/isa.h"
#include "sort_items.h"

enum { MS_ITEM_COLUMNS = 16, MS_ITEM_LONG = 1 << 16 };

/* Bytes that the functions below need beside n items and as many for `other`. */
size_t MS_K(item_room)(size_t n);

/* n items in rising order: a or other, whichever holds them. Those of a long list are dealt out by
   all threads. */
ms_item *MS_K(order_items)(ms_item *a, ms_item *other, size_t n, void *room);

/* Moves the k smallest to the front, in any order; the others stay behind them. */
void MS_K(select_items)(ms_item *a, ms_item *other, size_t n, size_t k, void *room);

/* a (n, columns): each column in rising order. */
void MS_K(order_columns)(ms_item *a, size_t n);

#endif
