#include "plugin/items.h"
#include "base/belt.h"
#include "base/host_wire.h"
#include "base/utf8.h"
#include <string.h>

#define AHEAD_BYTES 1024 /* of the block are asked for before they are looked at */

uint32_t tend_items_u32(tend_items *items)
{
    uint32_t number;

    if ((size_t)(items->end - items->at) < sizeof number) {
        items->has_lied = true;
        return 0;
    }
    number = tend_belt_number(items->at); /* the host may still write there */
    items->at += sizeof number;
    return number;
}

uint64_t tend_items_u64(tend_items *items)
{
    uint64_t low = tend_items_u32(items);

    return low | (uint64_t)tend_items_u32(items) << 32;
}

tend_cell tend_items_cell(tend_items *items)
{
    uint32_t length = tend_items_u32(items);
    tend_cell cell = { 0 };

    if (length == 0)
        return cell;
    if ((size_t)(items->end - items->at) < length || items->at[length - 1] != '\0') {
        items->has_lied = true;
        return cell;
    }
    cell.text = items->at;
    cell.length = length - 1;
    items->at += length;
    return cell;
}

bool tend_items_record(tend_items *items, tend_raw_record *ret_record)
{
    if (items->at == items->end || *items->at++ != TEND_ITEM_RECORD)
        return false;
    ret_record->line = tend_items_u64(items);
    ret_record->modified_at = (tend_time)tend_items_u64(items);
    ret_record->count = tend_items_u32(items);
    ret_record->length = tend_items_u32(items);
    ret_record->cells = items->at;
    if (items->has_lied || (size_t)(items->end - items->at) < ret_record->length)
        return false;
    items->at += ret_record->length;
    __builtin_prefetch(items->at + AHEAD_BYTES); /* another processor wrote it */
    __builtin_prefetch(items->at + AHEAD_BYTES + 64);
    return true;
}

bool tend_items_is_text(const tend_cell *cell)
{
    return !cell->text || tend_utf8_is_plain(cell->text, cell->length) ||
           (tend_utf8_valid(cell->text, cell->length, NULL) && !memchr(cell->text, '\0', cell->length));
}

tend_cell tend_raw_cell(const tend_raw_record *record, uint32_t i)
{
    tend_items items = { .at = record->cells, .end = record->cells + record->length };

    if (i >= record->count)
        return (tend_cell){ 0 };
    for (uint32_t before = 0; before < i; before++)
        (void)tend_items_cell(&items);
    return tend_items_cell(&items);
}
