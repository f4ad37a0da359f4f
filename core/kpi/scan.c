#include "kpi/scan.h"
#include "base/buffer.h"
#include "kpi/pick.h"
#include <stdlib.h>
#include <string.h>
#include <tend/plugin.h>

#define STORE_ROWS 8192u /* a block from the store ends with the account that reaches this */

uint32_t tend_currency_pack(const char *code)
{
    uint32_t packed = 0;

    if (!code || !*code)
        return 0;
    for (int i = 0; i < 3; i++)
        packed = packed << 8 | (*code ? (unsigned char)*code++ : 0u);
    return packed;
}

void tend_currency_unpack(uint32_t packed, char ret_code[4])
{
    ret_code[0] = (char)(packed >> 16 & 255);
    ret_code[1] = (char)(packed >> 8 & 255);
    ret_code[2] = (char)(packed & 255);
    ret_code[3] = '\0';
}

/* ---- a block under way ------------------------------------------------------------------------------------------------- */

typedef struct filling {
    const tend_scan *scan;
    tend_status (*visit)(void *self, const tend_block *block);
    void *self;
    tend_error *reterr;
    uint32_t *places, *starts; /* owned */
    size_t accounts, account_room;
    int64_t *ids, *at, *values[TEND_INPUTS_MAX]; /* owned */
    uint32_t *currencies;                        /* owned */
    size_t rows, row_room, assumed;
} filling;

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
}

static void clear(filling *f)
{
    free(f->places);
    free(f->starts);
    free(f->ids);
    free(f->at);
    free(f->currencies);
    for (size_t i = 0; i < TEND_INPUTS_MAX; i++)
        free(f->values[i]);
}

static bool grow(void *array, size_t count, size_t size)
{
    void *moved = realloc(*(void **)array, count * size);

    if (moved)
        *(void **)array = moved;
    return moved != NULL;
}

static tend_status reserve_rows(filling *f, size_t more)
{
    const size_t wanted = f->rows + more, room = wanted > 2 * f->row_room ? wanted : 2 * f->row_room;
    bool is_done = true;

    if (wanted <= f->row_room)
        return TEND_OK;
    if (wanted > UINT32_MAX)
        return tend_fail(f->reterr, TEND_ELIMIT, "columns of %s: more than 4 billion rows; compute fewer accounts at once",
                         f->scan->kind->table);
    if (f->scan->has_ids)
        is_done = grow(&f->ids, room, sizeof *f->ids);
    if (f->scan->is_split)
        is_done = is_done && grow(&f->currencies, room, sizeof *f->currencies);
    if (f->scan->has_at)
        is_done = is_done && grow(&f->at, room, sizeof *f->at);
    for (size_t i = 0; is_done && i < f->scan->input_count; i++)
        is_done = grow(&f->values[i], room, sizeof *f->values[i]);
    if (!is_done)
        return out_of_memory(f->reterr);
    f->row_room = room;
    return TEND_OK;
}

static tend_status add_account(filling *f, uint32_t place)
{
    if (f->accounts + 1 >= f->account_room) {
        const size_t room = f->account_room ? 2 * f->account_room : 1024;

        if (!grow(&f->places, room, sizeof *f->places) || !grow(&f->starts, room, sizeof *f->starts))
            return out_of_memory(f->reterr);
        f->account_room = room;
    }
    f->places[f->accounts] = place;
    f->starts[f->accounts++] = (uint32_t)f->rows;
    return TEND_OK;
}

static tend_status flush(filling *f)
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

/* ---- from the store ---------------------------------------------------------------------------------------------------- */

/* account, id, effective_at, currency, whether the known time is assumed (asked only when it matters), then the inputs. */
static tend_status write_select(const tend_scan *scan, size_t count, tend_arena *arena, tend_buffer *sql, tend_error *reterr)
{
    const tend_kind_schema *kind = scan->kind;
    const char *source;
    char account[80];
    tend_status status = tend_world_source(scan->world, kind->kind, arena, &source, reterr);

    if (status < 0)
        return status;
    if (kind->kind == TEND_KIND_ACCOUNT)
        (void)snprintf(account, sizeof account, "s.id");
    else
        (void)snprintf(account, sizeof account, "s.\"%s\"", kind->fields[kind->account_field].name);
    tend_buffer_print(sql, "SELECT %s, s.id, s.effective_at, ", account);
    if (scan->is_split)
        tend_buffer_print(sql,
                          "coalesce(nullif(s.\"%s\", ''), (SELECT nullif(c.currency, '') FROM accounts c WHERE c.id = %s), '%s')",
                          kind->fields[kind->currency_field].name, account, scan->currency);
    else
        tend_buffer_text(sql, "NULL");
    tend_buffer_text(sql, scan->world->known == TEND_NO_TIME ? ", 0" : ", s.known_assumed");
    for (size_t i = 0; i < scan->input_count; i++) {
        if (scan->inputs[i].found->sql)
            tend_buffer_print(sql, ", %s", scan->inputs[i].found->sql);
        else
            tend_buffer_print(sql, ", s.\"%s\"", kind->fields[scan->inputs[i].found->field].name);
    }
    tend_buffer_print(sql, " FROM %s s WHERE %s IS NOT NULL", source, account);
    tend_pick_write(account, count, 1, sql);
    tend_buffer_text(sql, " ORDER BY 1, 4, 3, 2");
    return sql->failed ? out_of_memory(reterr) : TEND_OK;
}

static tend_status take_row(filling *f, tend_statement *statement)
{
    tend_status status = reserve_rows(f, 1);
    size_t length;

    if (status < 0)
        return status;
    if (f->scan->has_ids)
        f->ids[f->rows] = tend_statement_int(statement, 1);
    if (f->scan->has_at)
        f->at[f->rows] = tend_statement_int(statement, 2);
    if (f->scan->is_split)
        f->currencies[f->rows] = tend_currency_pack(tend_statement_text(statement, 3, NULL));
    f->assumed += tend_statement_int(statement, 4) != 0;
    for (size_t i = 0; i < f->scan->input_count; i++) {
        const int column = 5 + (int)i;
        int64_t value = TEND_UNKNOWN;

        if (!tend_statement_is_null(statement, column)) {
            if (f->scan->inputs[i].words) {
                const char *text = tend_statement_text(statement, column, &length);

                value = tend_words_number(f->scan->inputs[i].words, text, length);
                if (value < 0)
                    return out_of_memory(f->reterr);
            } else {
                value = tend_statement_int(statement, column);
            }
        }
        f->values[i][f->rows] = value;
    }
    f->rows++;
    return TEND_OK;
}

/* The rows of `picked` (places in the scope): all of them in one statement, for a short list by its accounts. `ends` blocks when
 * they are large enough. */
static tend_status read_store(filling *f, const uint32_t *picked, size_t count, bool ends)
{
    const tend_scan *scan = f->scan;
    tend_arena *arena = tend_arena_new();
    int64_t *accounts = calloc(count + 1, sizeof *accounts);
    tend_buffer sql = { 0 };
    tend_statement *statement = NULL;
    bool has_row = false;
    size_t at = 0, last = SIZE_MAX;
    tend_status status = arena && accounts ? write_select(scan, count, arena, &sql, f->reterr) : out_of_memory(f->reterr);

    for (size_t i = 0; accounts && i < count; i++)
        accounts[i] = scan->accounts[picked ? picked[i] : i];
    if (status >= 0)
        status = tend_store_prepare(scan->world->store, tend_buffer_string(&sql), &statement, f->reterr);
    if (status >= 0)
        tend_pick_bind(statement, accounts, count, 1);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, f->reterr)) >= 0 && has_row) {
        const int64_t account = tend_statement_int(statement, 0);

        while (at < count && accounts[at] < account)
            at++;
        if (at == count)
            break;
        if (accounts[at] != account)
            continue;
        if (at != last) {
            if (ends && f->rows >= STORE_ROWS)
                status = flush(f);
            if (status >= 0)
                status = add_account(f, picked ? picked[at] : (uint32_t)at);
            last = at;
        }
        if (status >= 0)
            status = take_row(f, statement);
    }
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    tend_arena_free(arena);
    free(accounts);
    return status;
}

/* ---- from the chunks --------------------------------------------------------------------------------------------------- */

typedef struct chunk_reading {
    tend_chunk *chunk;
    int columns[TEND_INPUTS_MAX], currency; /* in the chunk */
    int64_t *numbers[TEND_INPUTS_MAX];      /* owned: by word of the chunk its number for the reader, -1: none yet */
    uint32_t *codes;                        /* owned: packed, by word of the currency */
    int64_t *accounts;                      /* owned; of the group */
    uint32_t *starts;                       /* owned */
    int64_t *scratch;                       /* owned; currencies of a run */
    size_t room, scratch_room;
} chunk_reading;

static int currency_column(const tend_scan *scan, const tend_chunk *chunk)
{
    const tend_kind_schema *kind = scan->kind;
    tend_found_input found;
    tend_error error;
    char name[96];

    (void)snprintf(name, sizeof name, "%s.%s", kind->name, kind->fields[kind->currency_field].name);
    if (tend_input_find(scan->world->schema, &(tend_input){ name, TEND_ALL }, &found, &error) < 0)
        return -1;
    return tend_cached_column(chunk, &found, name);
}

static bool find_columns(const tend_scan *scan, chunk_reading *reading)
{
    reading->chunk = scan->cached ? scan->cached->chunks[scan->kind->kind] : NULL;
    reading->currency = -1;
    if (!reading->chunk || !scan->is_direct)
        return false;
    for (size_t i = 0; i < scan->input_count; i++) {
        reading->columns[i] = tend_cached_column(reading->chunk, scan->inputs[i].found, scan->inputs[i].name);
        if (reading->columns[i] < 0)
            return false;
    }
    if (scan->is_split)
        reading->currency = currency_column(scan, reading->chunk);
    return !scan->is_split || reading->currency >= 0;
}

bool tend_scan_is_cached(const tend_scan *scan)
{
    chunk_reading reading = { 0 };

    return find_columns(scan, &reading);
}

static tend_status prepare_words(const tend_scan *scan, chunk_reading *reading, tend_error *reterr)
{
    uint32_t count;

    for (size_t i = 0; i < scan->input_count; i++) {
        if (!scan->inputs[i].words)
            continue;
        (void)tend_chunk_words(reading->chunk, (size_t)reading->columns[i], &count);
        reading->numbers[i] = malloc((count + 1) * sizeof *reading->numbers[i]);
        if (!reading->numbers[i])
            return out_of_memory(reterr);
        for (uint32_t k = 0; k <= count; k++)
            reading->numbers[i][k] = -1;
    }
    if (scan->is_split) {
        const char *const *words = tend_chunk_words(reading->chunk, (size_t)reading->currency, &count);

        reading->codes = calloc(count + 1, sizeof *reading->codes);
        if (!reading->codes)
            return out_of_memory(reterr);
        for (uint32_t k = 0; k < count; k++)
            reading->codes[k] = tend_currency_pack(words[k]);
    }
    return TEND_OK;
}

/* Numbers of the chunk become those of the reader, who hears of words in the order they are met. */
static tend_status translate(filling *f, const chunk_reading *reading, size_t input, int64_t *values, uint32_t count)
{
    int64_t *numbers = reading->numbers[input];
    uint32_t known;
    const char *const *words = tend_chunk_words(reading->chunk, (size_t)reading->columns[input], &known);

    for (uint32_t i = 0; i < count; i++) {
        if (values[i] == TEND_UNKNOWN)
            continue;
        if (values[i] < 0 || values[i] >= (int64_t)known)
            return tend_fail(f->reterr, TEND_ECORRUPT, "columns of %s: a word that is not there", f->scan->kind->table);
        if (numbers[values[i]] < 0)
            numbers[values[i]] = tend_words_number(f->scan->inputs[input].words, words[values[i]], strlen(words[values[i]]));
        if (numbers[values[i]] < 0)
            return out_of_memory(f->reterr);
        values[i] = numbers[values[i]];
    }
    return TEND_OK;
}

/* The row's currency, else the account's, else the scan's; `first` is the first row of the account in the block. */
static void name_currencies(filling *f, const chunk_reading *reading, const int64_t *numbers, uint32_t place, size_t first,
                            size_t count)
{
    const uint32_t own = f->scan->currencies ? f->scan->currencies[place] : 0;
    const uint32_t otherwise = own ? own : tend_currency_pack(f->scan->currency);

    for (size_t i = 0; i < count; i++) {
        const uint32_t code = numbers[i] == TEND_UNKNOWN ? 0 : reading->codes[numbers[i]];

        f->currencies[first + i] = code ? code : otherwise;
    }
}

/* Rows of one account by currency, otherwise in the order they stand in: few, and nearly always in order already. */
static void sort_by_currency(filling *f, size_t first, size_t end)
{
    for (size_t i = first + 1; i < end; i++) {
        for (size_t k = i; k > first && f->currencies[k - 1] > f->currencies[k]; k--) {
#define SWAP(array)                                      \
    do {                                                 \
        const int64_t other_ = (int64_t)(array)[k];      \
                                                         \
        (array)[k] = (array)[k - 1];                     \
        (array)[k - 1] = (__typeof__((array)[0]))other_; \
    } while (0)
            SWAP(f->currencies);
            if (f->scan->has_at)
                SWAP(f->at);
            if (f->scan->has_ids)
                SWAP(f->ids);
            for (size_t input = 0; input < f->scan->input_count; input++)
                SWAP(f->values[input]);
        }
    }
}

/* Accounts `from` to `to` of the group, whose rows follow each other; `places` by account of the group. */
static tend_status take_run(filling *f, chunk_reading *reading, size_t group, size_t from, size_t to, const uint32_t *places)
{
    const uint32_t first = reading->starts[from], count = reading->starts[to] - first;
    const size_t rows = f->rows;
    tend_status status = reserve_rows(f, count);

    for (size_t i = from; status >= 0 && i < to; i++) {
        f->rows = rows + reading->starts[i] - first;
        status = add_account(f, places[i]);
    }
    if (status < 0)
        return status;
    f->rows = rows + count;
    if (f->scan->has_at)
        tend_chunk_read(reading->chunk, group, TEND_CHUNK_AT, first, count, f->at + rows);
    if (f->scan->has_ids)
        tend_chunk_read(reading->chunk, group, TEND_CHUNK_ID, first, count, f->ids + rows);
    for (size_t i = 0; status >= 0 && i < f->scan->input_count; i++) {
        tend_chunk_read(reading->chunk, group, reading->columns[i], first, count, f->values[i] + rows);
        if (f->scan->inputs[i].words)
            status = translate(f, reading, i, f->values[i] + rows, count);
    }
    if (status < 0 || !f->scan->is_split)
        return status;
    if (count > reading->scratch_room && !grow(&reading->scratch, reading->scratch_room = count, sizeof *reading->scratch))
        return out_of_memory(f->reterr);
    tend_chunk_read(reading->chunk, group, reading->currency, first, count, reading->scratch);
    for (size_t i = from; i < to; i++) {
        const size_t begin = reading->starts[i] - first, end = reading->starts[i + 1] - first;

        name_currencies(f, reading, reading->scratch + begin, places[i], rows + begin, end - begin);
        sort_by_currency(f, rows + begin, rows + end);
    }
    return TEND_OK;
}

/* What was read from the store beforehand, account by account. */
typedef struct kept_block {
    filling f;
    size_t next; /* the account to be taken next */
} kept_block;

static tend_status keep_block(void *self, const tend_block *block)
{
    (void)self;
    (void)block;
    return TEND_OK;
}

static tend_status take_kept(filling *f, kept_block *kept)
{
    const filling *from = &kept->f;
    const size_t i = kept->next++, first = from->starts[i];
    const size_t count = (i + 1 < from->accounts ? from->starts[i + 1] : from->rows) - first;
    tend_status status = reserve_rows(f, count);

    if (status >= 0)
        status = add_account(f, from->places[i]);
    if (status < 0 || count == 0)
        return status;
    if (f->scan->has_at)
        memcpy(f->at + f->rows, from->at + first, count * sizeof *f->at);
    if (f->scan->has_ids)
        memcpy(f->ids + f->rows, from->ids + first, count * sizeof *f->ids);
    if (f->scan->is_split)
        memcpy(f->currencies + f->rows, from->currencies + first, count * sizeof *f->currencies);
    for (size_t input = 0; input < f->scan->input_count; input++)
        memcpy(f->values[input] + f->rows, from->values[input] + first, count * sizeof *f->values[input]);
    f->rows += count;
    return TEND_OK;
}

/* Whether the next account that was read from the store comes before `account`, or is it. */
static bool is_kept_due(const tend_scan *scan, const kept_block *kept, int64_t account)
{
    return kept->next < kept->f.accounts && scan->accounts[kept->f.places[kept->next]] <= account;
}

/* The accounts of one group that are asked for, and those read from the store that stand among them. `*at` is the place in the
 * scope; `places` has room for the group's accounts. */
static tend_status take_group(filling *f, chunk_reading *reading, size_t group, uint32_t *places, size_t *at, kept_block *kept)
{
    const tend_scan *scan = f->scan;
    const size_t accounts = tend_chunk_group_at(reading->chunk, group).accounts;
    tend_status status = tend_chunk_accounts(reading->chunk, group, reading->accounts, reading->starts, f->reterr);
    size_t run = SIZE_MAX; /* where a run of wanted accounts began */

    for (size_t i = 0; status >= 0 && i < accounts; i++) {
        const int64_t account = reading->accounts[i];

        while (*at < scan->account_count && scan->accounts[*at] < account)
            ++*at;
        const bool is_wanted = *at < scan->account_count && scan->accounts[*at] == account && !scan->is_direct[*at];
        const bool is_due = is_kept_due(scan, kept, account);

        if (run != SIZE_MAX && (!is_wanted || is_due)) {
            status = take_run(f, reading, group, run, i, places);
            run = SIZE_MAX;
        }
        while (status >= 0 && is_kept_due(scan, kept, account))
            status = take_kept(f, kept);
        places[i] = (uint32_t)*at;
        if (is_wanted && run == SIZE_MAX)
            run = i;
    }
    if (status >= 0 && run != SIZE_MAX)
        status = take_run(f, reading, group, run, accounts, places);
    return status;
}

static tend_status read_direct(const tend_scan *scan, kept_block *kept, tend_error *reterr)
{
    uint32_t *picked = malloc((scan->account_count + 1) * sizeof *picked);
    size_t count = 0;
    tend_status status = picked ? TEND_OK : out_of_memory(reterr);

    kept->f = (filling){ .scan = scan, .visit = keep_block, .reterr = reterr };
    for (size_t i = 0; picked && i < scan->account_count; i++)
        if (scan->is_direct[i])
            picked[count++] = (uint32_t)i;
    for (size_t i = 0; status >= 0 && i < count; i += TEND_PICK_MOST)
        status = read_store(&kept->f, picked + i, count - i < TEND_PICK_MOST ? count - i : TEND_PICK_MOST, false);
    free(picked);
    return status;
}

static tend_status read_chunks(filling *f, chunk_reading *reading, kept_block *kept)
{
    const tend_scan *scan = f->scan;
    uint32_t *places = NULL;
    size_t at = 0;
    tend_status status = TEND_OK;

    for (size_t group = 0; status >= 0 && group < tend_chunk_groups(reading->chunk) && at < scan->account_count; group++) {
        const tend_chunk_group about = tend_chunk_group_at(reading->chunk, group);

        while (at < scan->account_count && scan->accounts[at] < about.first)
            at++;
        if (at == scan->account_count || scan->accounts[at] > about.last)
            continue;
        if (about.accounts + 1 > reading->room) {
            reading->room = about.accounts + 1;
            if (!grow(&reading->accounts, reading->room, sizeof *reading->accounts) ||
                !grow(&reading->starts, reading->room, sizeof *reading->starts) || !grow(&places, reading->room, sizeof *places))
                status = out_of_memory(f->reterr);
        }
        while (status >= 0 && kept->next < kept->f.accounts && kept->f.places[kept->next] < at)
            status = take_kept(f, kept);
        if (status >= 0)
            status = take_group(f, reading, group, places, &at, kept);
        if (status >= 0)
            status = flush(f);
    }
    while (status >= 0 && kept->next < kept->f.accounts)
        status = take_kept(f, kept);
    free(places);
    return status;
}

tend_status tend_scan_run(const tend_scan *scan, tend_status (*visit)(void *self, const tend_block *block), void *self,
                          tend_error *reterr)
{
    filling f = { .scan = scan, .visit = visit, .self = self, .reterr = reterr };
    chunk_reading reading = { 0 };
    kept_block kept = { 0 };
    tend_status status;

    if (find_columns(scan, &reading)) {
        status = prepare_words(scan, &reading, reterr);
        if (status >= 0)
            status = read_direct(scan, &kept, reterr);
        if (status >= 0)
            status = read_chunks(&f, &reading, &kept);
    } else {
        status = read_store(&f, NULL, scan->account_count, true);
    }
    if (status >= 0)
        status = flush(&f);
    clear(&f);
    clear(&kept.f);
    for (size_t i = 0; i < TEND_INPUTS_MAX; i++)
        free(reading.numbers[i]);
    free(reading.codes);
    free(reading.accounts);
    free(reading.starts);
    free(reading.scratch);
    return status;
}
