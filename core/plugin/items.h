/* items.h: what a pull is made of, as it stands in a frame or on the belt (base/host_wire.h). Private to this layer. */
#ifndef TEND_PLUGIN_ITEMS_H
#define TEND_PLUGIN_ITEMS_H

#include "plugin/plugins.h"

/* Reads packed items; after the first lie everything is zero. */
typedef struct tend_items {
    const char *at, *end;
    bool has_lied;
} tend_items;

uint32_t tend_items_u32(tend_items *items);
uint64_t tend_items_u64(tend_items *items);
/* Borrowed from where it stands; text is NULL when the cell is not named. */
tend_cell tend_items_cell(tend_items *items);
/* The record whose item begins here; the items go behind it. False when it is none, or lies. Its cells are not looked into. */
bool tend_items_record(tend_items *items, tend_raw_record *ret_record);
/* A cell that is not named is one. */
bool tend_items_is_text(const tend_cell *cell);

#endif
