/* filling.h: a block of rows under way, from the store or from chunks. Private to this layer. */
#ifndef TEND_KPI_FILLING_H
#define TEND_KPI_FILLING_H

#include "kpi/scan.h"
#include <tend/plugin.h>

typedef struct tend_filling {
    const tend_scan *scan;
    tend_status (*visit)(void *self, const tend_block *block);
    void *self;
    tend_error *reterr;
    uint32_t *places, *starts; /* owned */
    size_t accounts, account_room;
    int64_t *ids, *at, *values[TEND_INPUTS_MAX]; /* owned */
    uint32_t *currencies;                        /* owned */
    size_t rows, row_room, assumed;
} tend_filling;

tend_status tend_filling_no_memory(tend_error *reterr);
bool tend_grow(void *array, size_t count, size_t size); /* `array` points to a pointer; false: it stays as it is */

tend_status tend_filling_reserve(tend_filling *f, size_t more); /* rows */
tend_status tend_filling_add(tend_filling *f, uint32_t place);  /* an account whose rows begin here */
/* `count` accounts whose rows follow each other from here on; they begin where `starts` says, counted from the first. */
tend_status tend_filling_add_all(tend_filling *f, const uint32_t *places, const uint32_t *starts, size_t count);
tend_status tend_filling_flush(tend_filling *f); /* visits what is there, and begins anew */
void tend_filling_clear(tend_filling *f);

/* scan_store.c: the rows of `picked` (places in the scope; NULL: all) in one statement, for a short list by its accounts. `ends`
 * blocks when they are large enough. */
tend_status tend_scan_store(tend_filling *f, const uint32_t *picked, size_t count, bool ends);

/* scan_chunk.c: whether chunks hold all that is asked for; then the rows of all accounts that they hold, and the others from the
 * store. */
tend_status tend_scan_chunks(const tend_scan *scan, tend_status (*visit)(void *self, const tend_block *block), void *self,
                             tend_error *reterr);

#endif
