#include "kpi/filling.h"
#include <stdlib.h>
#include <string.h>

tend_status tend_filling_no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
}

void tend_filling_clear(tend_filling *f)
{
    free(f->places);
    free(f->starts);
    free(f->ids);
    free(f->at);
    free(f->currencies);
    for (size_t i = 0; i < TEND_INPUTS_MAX; i++)
        free(f->values[i]);
}

bool tend_grow(void *array, size_t count, size_t size)
{
    void *moved = realloc(*(void **)array, count * size);

    if (moved)
        *(void **)array = moved;
    return moved != NULL;
}

tend_status tend_filling_reserve(tend_filling *f, size_t more)
{
    const size_t wanted = f->rows + more, room = wanted > 2 * f->row_room ? wanted : 2 * f->row_room;
    bool is_done = true;

    if (wanted <= f->row_room)
        return TEND_OK;
    if (wanted > UINT32_MAX)
        return tend_fail(f->reterr, TEND_ELIMIT, "columns of %s: more than 4 billion rows; compute fewer accounts at once",
                         f->scan->kind->table);
    if (f->scan->has_ids)
        is_done = tend_grow(&f->ids, room, sizeof *f->ids);
    if (f->scan->is_split)
        is_done = is_done && tend_grow(&f->currencies, room, sizeof *f->currencies);
    if (f->scan->has_at)
        is_done = is_done && tend_grow(&f->at, room, sizeof *f->at);
    for (size_t i = 0; is_done && i < f->scan->input_count; i++)
        is_done = tend_grow(&f->values[i], room, sizeof *f->values[i]);
    if (!is_done)
        return tend_filling_no_memory(f->reterr);
    f->row_room = room;
    return TEND_OK;
}

static tend_status reserve_accounts(tend_filling *f, size_t more)
{
    const size_t wanted = f->accounts + more + 1, room = wanted > 2 * f->account_room ? wanted : 2 * f->account_room;

    if (wanted <= f->account_room)
        return TEND_OK;
    if (!tend_grow(&f->places, room, sizeof *f->places) || !tend_grow(&f->starts, room, sizeof *f->starts))
        return tend_filling_no_memory(f->reterr);
    f->account_room = room;
    return TEND_OK;
}

tend_status tend_filling_add(tend_filling *f, uint32_t place)
{
    const tend_status status = reserve_accounts(f, 1);

    if (status < 0)
        return status;
    f->places[f->accounts] = place;
    f->starts[f->accounts++] = (uint32_t)f->rows;
    return TEND_OK;
}

tend_status tend_filling_add_all(tend_filling *f, const uint32_t *places, const uint32_t *starts, size_t count)
{
    const tend_status status = reserve_accounts(f, count);
    const uint32_t off = (uint32_t)f->rows - starts[0];

    if (status < 0)
        return status;
    memcpy(f->places + f->accounts, places, count * sizeof *places);
    for (size_t i = 0; i < count; i++)
        f->starts[f->accounts + i] = starts[i] + off;
    f->accounts += count;
    return TEND_OK;
}

tend_status tend_filling_flush(tend_filling *f)
{
    const int64_t *values[TEND_INPUTS_MAX];
    tend_block block = { .accounts = f->accounts,
                         .places = f->places,
                         .starts = f->starts,
                         .rows = f->rows,
                         .ids = f->ids,
                         .at = f->at,
                         .currencies = f->currencies,
                         .values = values,
                         .assumed = f->assumed };
    tend_status status = TEND_OK;

    if (f->accounts > 0) {
        f->starts[f->accounts] = (uint32_t)f->rows;
        for (size_t i = 0; i < f->scan->input_count; i++)
            values[i] = f->values[i];
        status = f->visit(f->self, &block);
    }
    f->accounts = f->rows = f->assumed = 0;
    return status;
}
