/* frame.c: one frame from the rows of scan.h. */
#include "kpi/stock.h"
#include "kpi/words.h"
#include <stdlib.h>
#include <string.h>

/* ---- rows of one kind as they are read --------------------------------------------------------------------------------- */

static tend_status push(tend_numbers *list, int64_t number)
{
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 256;
        int64_t *items = realloc(list->items, room * sizeof *items);

        if (!items)
            return TEND_ENOMEM;
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = number;
    return TEND_OK;
}

/* A block's rows behind those that are there. */
static tend_status append(tend_numbers *list, const int64_t *items, size_t count)
{
    if (count > list->room - list->count) {
        const size_t wanted = list->count + count, room = wanted > 2 * list->room ? wanted : 2 * list->room;
        int64_t *moved = realloc(list->items, room * sizeof *moved);

        if (!moved)
            return TEND_ENOMEM;
        list->items = moved;
        list->room = room;
    }
    if (count > 0)
        memcpy(list->items + list->count, items, count * sizeof *items);
    list->count += count;
    return TEND_OK;
}

typedef struct loading {
    tend_kept_frame *kept;
    tend_loaded_kind *loaded;
} loading;

static tend_status take_block(void *self, const tend_block *block)
{
    const loading *l = self;
    tend_kept_frame *kept = l->kept;
    tend_loaded_kind *loaded = l->loaded;
    const size_t first = loaded->keys.count;
    tend_status status = append(&loaded->ids, block->ids, block->rows);
    size_t input = 0;

    if (status >= 0)
        status = append(&loaded->at, block->at, block->rows);
    if (status >= 0) /* for their number alone */
        status = append(&loaded->keys, block->at, block->rows);
    for (size_t i = 0; status >= 0 && i < kept->input_count; i++)
        if (kept->found[i].kind == loaded->kind)
            status = append(&kept->values[i], block->values[input++], block->rows);
    for (size_t i = 0; status >= 0 && i < block->accounts; i++)
        for (uint32_t row = block->starts[i]; row < block->starts[i + 1]; row++)
            loaded->keys.items[first + row] =
                (int64_t)((uint64_t)block->places[i] << 32 | (block->currencies ? block->currencies[row] : 0));
    kept->frame.facts += block->rows;
    kept->frame.assumed += block->assumed;
    return status;
}

static void forget_rows(tend_kept_frame *kept, tend_loaded_kind *loaded)
{
    kept->frame.facts -= loaded->keys.count;
    loaded->keys.count = loaded->ids.count = loaded->at.count = 0;
    for (size_t i = 0; i < kept->input_count; i++)
        if (kept->found[i].kind == loaded->kind)
            kept->values[i].count = 0;
}

static tend_status load_kind(const tend_stock *stock, tend_kept_frame *kept, tend_loaded_kind *loaded, tend_error *reterr)
{
    tend_scan_input inputs[TEND_INPUTS_MAX];
    loading l = { kept, loaded };
    size_t count = 0;
    tend_status status;

    for (size_t i = 0; i < kept->input_count; i++)
        if (kept->found[i].kind == loaded->kind)
            inputs[count++] =
                (tend_scan_input){ .name = kept->inputs[i].column, .found = &kept->found[i], .words = kept->words[i] };
    status = tend_members_scan(stock->members, loaded->kind, inputs, count, true, true, loaded->is_split, take_block, &l, reterr);
    if (status == TEND_ECORRUPT) {
        forget_rows(kept, loaded);
        status =
            tend_members_scan(stock->members, loaded->kind, inputs, count, true, true, loaded->is_split, take_block, &l, reterr);
    }
    if (status >= 0 && loaded->ids.count >= UINT32_MAX)
        status = tend_fail(reterr, TEND_ELIMIT, "columns of %s: more than 4 billion rows; compute fewer accounts at once",
                           loaded->kind->table);
    return status;
}

/* ---- entries ----------------------------------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

static void sort(int64_t *items, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (items[i - 1] > items[i]) { /* seldom */
            qsort(items, count, sizeof *items, compare_numbers);
            return;
        }
}

/* The sorted keys of all entries: every account at least once. */
static tend_status gather_entries(const tend_stock *stock, const tend_kept_frame *kept, tend_numbers *ret_entries)
{
    const int64_t fallback = tend_currency_pack(stock->currency);
    tend_status status = TEND_OK;
    size_t unique = 0;

    for (size_t k = 0; status >= 0 && k < kept->kind_count; k++) {
        const tend_loaded_kind *loaded = &kept->kinds[k];

        for (size_t i = 0; status >= 0 && loaded->is_split && i < loaded->keys.count; i++)
            if (i == 0 || loaded->keys.items[i] != loaded->keys.items[i - 1])
                status = push(ret_entries, loaded->keys.items[i]);
    }
    sort(ret_entries->items, ret_entries->count);
    for (size_t i = 0; i < ret_entries->count; i++)
        if (i == 0 || ret_entries->items[i] != ret_entries->items[unique - 1])
            ret_entries->items[unique++] = ret_entries->items[i];
    ret_entries->count = unique;
    for (size_t account = 0, at = 0; status >= 0 && account < stock->account_count; account++) {
        while (at < unique && ret_entries->items[at] >> 32 < (int64_t)account)
            at++;
        if (at == unique || ret_entries->items[at] >> 32 != (int64_t)account)
            status = push(ret_entries, (int64_t)account << 32 | (kept->is_money ? fallback : 0));
    }
    sort(ret_entries->items, ret_entries->count);
    return status;
}

/* Where each entry's rows of this kind begin. Rows without a currency belong to the account's first entry. */
static uint32_t *starts_of(const tend_kept_frame *kept, const tend_loaded_kind *loaded, const tend_numbers *entries)
{
    uint32_t *starts = tend_arena_take(kept->arena, (entries->count + 1) * sizeof *starts);
    size_t row = 0;

    for (size_t i = 0; starts && i < entries->count; i++) {
        const int64_t entry = loaded->is_split ? entries->items[i] : entries->items[i] >> 32;

        starts[i] = (uint32_t)row;
        while (row < loaded->keys.count && (loaded->is_split ? loaded->keys.items[row] : loaded->keys.items[row] >> 32) == entry)
            row++;
    }
    if (starts)
        starts[entries->count] = (uint32_t)row;
    return starts;
}

/* Turns all rows of an input into one per entry: the newest that is not unknown by the end of the period. */
static tend_status keep_latest(tend_kept_frame *kept, size_t input, const tend_loaded_kind *loaded, const uint32_t *starts,
                               size_t entries)
{
    const tend_time end = ((tend_time)kept->period.to + 1) * INT64_C(86400000);
    int64_t *values = tend_arena_take(kept->arena, (entries + 1) * sizeof *values);
    int64_t *rows = tend_arena_take(kept->arena, (entries + 1) * sizeof *rows);
    tend_time *at = tend_arena_take(kept->arena, (entries + 1) * sizeof *at);

    if (!values || !rows || !at)
        return TEND_ENOMEM;
    for (size_t i = 0; i < entries; i++) {
        values[i] = TEND_UNKNOWN;
        at[i] = TEND_NO_TIME;
        for (uint32_t row = starts[i]; row < starts[i + 1] && loaded->at.items[row] < end; row++) {
            if (kept->values[input].items[row] == TEND_UNKNOWN)
                continue;
            values[i] = kept->values[input].items[row];
            rows[i] = loaded->ids.items[row];
            at[i] = loaded->at.items[row];
        }
    }
    ((tend_column *)kept->frame.batch.columns)[input].values = values;
    ((const int64_t **)kept->frame.rows)[input] = rows;
    ((const tend_time **)kept->frame.at)[input] = at;
    return TEND_OK;
}

static void find_newest(const tend_loaded_kind *loaded, const uint32_t *starts, size_t entries, tend_time *newest)
{
    for (size_t i = 0; i < entries; i++)
        for (uint32_t row = starts[i]; row < starts[i + 1]; row++)
            if (loaded->at.items[row] > newest[i])
                newest[i] = loaded->at.items[row];
}

static tend_status fill_inputs(tend_kept_frame *kept, const tend_numbers *entries)
{
    tend_column *filled = tend_arena_take(kept->arena, kept->input_count * sizeof *filled);
    const int64_t **rows = tend_arena_take(kept->arena, kept->input_count * sizeof *rows);
    const tend_time **at = tend_arena_take(kept->arena, kept->input_count * sizeof *at);
    tend_kind *kinds = tend_arena_take(kept->arena, kept->input_count * sizeof *kinds);
    tend_time *newest = tend_arena_take(kept->arena, (entries->count + 1) * sizeof *newest);
    tend_status status = TEND_OK;

    if (!filled || !rows || !at || !kinds || !newest)
        return TEND_ENOMEM;
    kept->frame.batch.columns = filled;
    kept->frame.rows = rows;
    kept->frame.at = at;
    kept->frame.kinds = kinds;
    kept->frame.newest = newest;
    for (size_t i = 0; i < entries->count; i++)
        newest[i] = TEND_NO_TIME;
    for (size_t k = 0; status >= 0 && k < kept->kind_count; k++) {
        const tend_loaded_kind *loaded = &kept->kinds[k];
        const uint32_t *starts = starts_of(kept, loaded, entries);

        if (!starts)
            return TEND_ENOMEM;
        find_newest(loaded, starts, entries->count, newest);
        for (size_t i = 0; status >= 0 && i < kept->input_count; i++) {
            if (kept->found[i].kind != loaded->kind)
                continue;
            kinds[i] = loaded->kind->kind;
            if (kept->words[i])
                filled[i].words = tend_words_list(kept->words[i], &filled[i].word_count);
            if (kept->found[i].take == TEND_LATEST) {
                status = keep_latest(kept, i, loaded, starts, entries->count);
                continue;
            }
            filled[i].starts = starts;
            filled[i].values = kept->values[i].items;
            rows[i] = loaded->ids.items;
            at[i] = loaded->at.items;
        }
    }
    return status;
}

static tend_status fill_frame(const tend_stock *stock, tend_kept_frame *kept)
{
    const uint32_t own = tend_currency_pack(stock->currency);
    tend_numbers entries = { 0 };
    tend_status status = gather_entries(stock, kept, &entries);
    int64_t *accounts = tend_arena_take(kept->arena, (entries.count + 1) * sizeof *accounts);
    char(*currencies)[4] = tend_arena_take(kept->arena, (entries.count + 1) * sizeof *currencies);

    if (status >= 0 && (!accounts || !currencies))
        status = TEND_ENOMEM;
    kept->frame.is_one_currency = true;
    for (size_t i = 0; status >= 0 && i < entries.count; i++) {
        kept->frame.is_one_currency &= (uint32_t)entries.items[i] == own;
        accounts[i] = stock->accounts[entries.items[i] >> 32];
        tend_currency_unpack((uint32_t)entries.items[i], currencies[i]);
    }
    if (status >= 0)
        status = fill_inputs(kept, &entries);
    kept->frame.accounts = accounts;
    kept->frame.currencies = kept->is_money ? (const char(*)[4])currencies : NULL;
    kept->frame.batch.size = sizeof kept->frame.batch;
    kept->frame.batch.accounts = (uint32_t)entries.count;
    kept->frame.batch.inputs = (uint32_t)kept->input_count;
    kept->frame.batch.from = kept->period.from;
    kept->frame.batch.to = kept->period.to;
    free(entries.items);
    return status;
}

static tend_status begin_frame(const tend_stock *stock, tend_kept_frame *kept, const tend_input *inputs, tend_error *reterr)
{
    tend_status status = tend_columns_check(stock->world.schema, inputs, reterr);
    tend_input *copy;

    if (status < 0)
        return status;
    while (inputs[kept->input_count].column)
        kept->input_count++;
    copy = tend_arena_take(kept->arena, (kept->input_count + 1) * sizeof *copy); /* a NULL column ends it */
    if (!copy)
        return TEND_ENOMEM;
    kept->inputs = copy;
    for (size_t i = 0; status >= 0 && i < kept->input_count; i++) {
        size_t k = 0;

        copy[i] = (tend_input){ tend_arena_string(kept->arena, inputs[i].column), inputs[i].take };
        kept->has_latest |= inputs[i].take == TEND_LATEST;
        status = copy[i].column ? tend_input_find(stock->world.schema, &copy[i], &kept->found[i], reterr) : TEND_ENOMEM;
        if (status >= 0 && kept->found[i].type == TEND_TEXT && !(kept->words[i] = tend_words_new()))
            status = TEND_ENOMEM;
        if (status < 0)
            break;
        while (k < kept->kind_count && kept->kinds[k].kind != kept->found[i].kind)
            k++;
        if (k == kept->kind_count) {
            kept->kinds[k].kind = kept->found[i].kind;
            kept->kind_count++;
        }
        if (kept->is_money && kept->found[i].type == TEND_MONEY && kept->found[i].kind->currency_field >= 0)
            kept->kinds[k].is_split = true;
    }
    return status;
}

void tend_kept_frame_free(tend_kept_frame *kept)
{
    if (!kept)
        return;
    for (size_t i = 0; i < TEND_INPUTS_MAX; i++) {
        free(kept->values[i].items);
        tend_words_free(kept->words[i]);
        free(kept->kinds[i].keys.items);
        free(kept->kinds[i].ids.items);
        free(kept->kinds[i].at.items);
    }
    tend_sealed_free(kept->sealed);
    tend_arena_free(kept->arena);
    free(kept);
}

tend_status tend_kept_frame_fill(const tend_stock *stock, tend_kept_frame *kept, const tend_input *inputs, tend_error *reterr)
{
    tend_status status;

    kept->arena = tend_arena_new();
    status = kept->arena ? begin_frame(stock, kept, inputs, reterr) : TEND_ENOMEM;
    for (size_t k = 0; status >= 0 && k < kept->kind_count; k++)
        status = load_kind(stock, kept, &kept->kinds[k], reterr);
    if (status >= 0)
        status = fill_frame(stock, kept);
    for (size_t k = 0; k < kept->kind_count; k++) {
        free(kept->kinds[k].keys.items);
        kept->kinds[k].keys = (tend_numbers){ 0 };
    }
    return status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up") : status;
}
