#include "kpi/columns.h"
#include "base/buffer.h"
#include "kpi/input.h"
#include "kpi/pick.h"
#include "kpi/words.h"
#include <stdlib.h>
#include <string.h>

/* ---- rows of one kind as they are read --------------------------------------------------------------------------------- */

typedef struct numbers {
    int64_t *items; /* owned */
    size_t count, room;
} numbers;

static tend_status push(numbers *list, int64_t number)
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

typedef struct loaded_kind {
    const tend_kind_schema *kind;
    bool is_split; /* its money is read, by currency */
    numbers keys;  /* by row: index of the account << 32 | currency */
    numbers ids, at;
} loaded_kind;

typedef struct kept_frame {
    tend_frame frame;
    const tend_input *inputs; /* copied */
    size_t input_count;
    bool is_money;
    tend_found_input found[TEND_INPUTS_MAX];
    loaded_kind kinds[TEND_INPUTS_MAX];
    size_t kind_count;
    numbers values[TEND_INPUTS_MAX];
    tend_words *words[TEND_INPUTS_MAX];
    struct kept_frame *next;
} kept_frame;

struct tend_columns {
    const tend_world *world;
    tend_period period;
    char currency[4];
    tend_arena *arena;
    numbers accounts;
    kept_frame *frames;
};

static uint32_t pack_currency(const char *code)
{
    uint32_t packed = 0;

    for (int i = 0; i < 3; i++)
        packed = packed << 8 | (code && *code ? (unsigned char)*code++ : 0u);
    return packed;
}

static void unpack_currency(uint32_t packed, char ret_code[4])
{
    ret_code[0] = (char)(packed >> 16 & 255);
    ret_code[1] = (char)(packed >> 8 & 255);
    ret_code[2] = (char)(packed & 255);
    ret_code[3] = '\0';
}

/* Columns of the statement: account, id, effective_at, currency, whether the known time is assumed (asked only when it matters),
 * then the frame's inputs of this kind. */
static tend_status write_select(const tend_columns *columns, const kept_frame *kept, const loaded_kind *loaded, tend_buffer *sql,
                                tend_error *reterr)
{
    const tend_kind_schema *kind = loaded->kind;
    const char *source;
    char account[80];
    tend_status status = tend_world_source(columns->world, kind->kind, columns->arena, &source, reterr);

    if (status < 0)
        return status;
    if (kind->kind == TEND_KIND_ACCOUNT)
        (void)snprintf(account, sizeof account, "s.id");
    else
        (void)snprintf(account, sizeof account, "s.\"%s\"", kind->fields[kind->account_field].name);
    tend_buffer_print(sql, "SELECT %s, s.id, s.effective_at, ", account);
    if (loaded->is_split)
        tend_buffer_print(sql,
                          "coalesce(nullif(s.\"%s\", ''), (SELECT nullif(c.currency, '') FROM accounts c WHERE c.id = %s), '%s')",
                          kind->fields[kind->currency_field].name, account, columns->currency);
    else
        tend_buffer_text(sql, "NULL");
    tend_buffer_text(sql, columns->world->known == TEND_NO_TIME ? ", 0" : ", s.known_assumed");
    for (size_t i = 0; i < kept->input_count; i++) {
        if (kept->found[i].kind != kind)
            continue;
        if (kept->found[i].sql)
            tend_buffer_print(sql, ", %s", kept->found[i].sql);
        else
            tend_buffer_print(sql, ", s.\"%s\"", kind->fields[kept->found[i].field].name);
    }
    tend_buffer_print(sql, " FROM %s s WHERE %s IS NOT NULL", source, account);
    tend_pick_write(account, columns->accounts.count, 1, sql);
    tend_buffer_text(sql, " ORDER BY 1, 4, 3, 2");
    return sql->failed ? TEND_ENOMEM : TEND_OK;
}

static tend_status read_value(kept_frame *kept, size_t input, tend_statement *statement, int column)
{
    int64_t value = TEND_UNKNOWN;
    size_t length;

    if (!tend_statement_is_null(statement, column)) {
        if (kept->words[input]) {
            const char *text = tend_statement_text(statement, column, &length);

            value = tend_words_number(kept->words[input], text, length);
            if (value < 0)
                return TEND_ENOMEM;
        } else {
            value = tend_statement_int(statement, column);
        }
    }
    return push(&kept->values[input], value);
}

static tend_status load_kind(tend_columns *columns, kept_frame *kept, loaded_kind *loaded, tend_error *reterr)
{
    const numbers *accounts = &columns->accounts;
    tend_buffer sql = { 0 };
    tend_statement *statement = NULL;
    size_t account = 0;
    bool has_row = false;
    tend_status status = write_select(columns, kept, loaded, &sql, reterr);

    if (status >= 0)
        status = tend_store_prepare(columns->world->store, tend_buffer_string(&sql), &statement, reterr);
    if (status >= 0)
        tend_pick_bind(statement, accounts->items, accounts->count, 1);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const int64_t id = tend_statement_int(statement, 0);
        int column = 5;

        while (account < accounts->count && accounts->items[account] < id)
            account++;
        if (account == accounts->count)
            break;
        if (accounts->items[account] != id)
            continue;
        const uint32_t currency = loaded->is_split ? pack_currency(tend_statement_text(statement, 3, NULL)) : 0;

        kept->frame.facts++;
        kept->frame.assumed += tend_statement_int(statement, 4) != 0;
        status = push(&loaded->keys, (int64_t)((uint64_t)account << 32 | currency));
        if (status >= 0)
            status = push(&loaded->ids, tend_statement_int(statement, 1));
        if (status >= 0)
            status = push(&loaded->at, tend_statement_int(statement, 2));
        for (size_t i = 0; status >= 0 && i < kept->input_count; i++)
            if (kept->found[i].kind == loaded->kind)
                status = read_value(kept, i, statement, column++);
        if (status >= 0 && loaded->ids.count >= UINT32_MAX)
            status = tend_fail(reterr, TEND_ELIMIT, "columns of %s: more than 4 billion rows; compute fewer accounts at once",
                               loaded->kind->table);
    }
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    return status;
}

/* ---- entries ----------------------------------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return left < right ? -1 : left > right;
}

/* The sorted keys of all entries: every account at least once. */
static tend_status gather_entries(const tend_columns *columns, const kept_frame *kept, numbers *ret_entries)
{
    const int64_t fallback = pack_currency(columns->currency);
    tend_status status = TEND_OK;
    size_t unique = 0;

    for (size_t k = 0; status >= 0 && k < kept->kind_count; k++) {
        const loaded_kind *loaded = &kept->kinds[k];

        for (size_t i = 0; status >= 0 && loaded->is_split && i < loaded->keys.count; i++)
            if (i == 0 || loaded->keys.items[i] != loaded->keys.items[i - 1])
                status = push(ret_entries, loaded->keys.items[i]);
    }
    if (ret_entries->count > 1)
        qsort(ret_entries->items, ret_entries->count, sizeof *ret_entries->items, compare_numbers);
    for (size_t i = 0; i < ret_entries->count; i++)
        if (i == 0 || ret_entries->items[i] != ret_entries->items[unique - 1])
            ret_entries->items[unique++] = ret_entries->items[i];
    ret_entries->count = unique;
    for (size_t account = 0, at = 0; status >= 0 && account < columns->accounts.count; account++) {
        while (at < unique && ret_entries->items[at] >> 32 < (int64_t)account)
            at++;
        if (at == unique || ret_entries->items[at] >> 32 != (int64_t)account)
            status = push(ret_entries, (int64_t)account << 32 | (kept->is_money ? fallback : 0));
    }
    if (ret_entries->count > unique)
        qsort(ret_entries->items, ret_entries->count, sizeof *ret_entries->items, compare_numbers);
    return status;
}

/* Where each entry's rows of this kind begin. Rows without a currency belong to the account's first entry. */
static uint32_t *starts_of(tend_columns *columns, const loaded_kind *loaded, const numbers *entries)
{
    uint32_t *starts = tend_arena_take(columns->arena, (entries->count + 1) * sizeof *starts);
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
static tend_status keep_latest(tend_columns *columns, kept_frame *kept, size_t input, const loaded_kind *loaded,
                               const uint32_t *starts, size_t entries)
{
    const tend_time end = ((tend_time)columns->period.to + 1) * INT64_C(86400000);
    int64_t *values = tend_arena_take(columns->arena, (entries + 1) * sizeof *values);
    int64_t *rows = tend_arena_take(columns->arena, (entries + 1) * sizeof *rows);
    tend_time *at = tend_arena_take(columns->arena, (entries + 1) * sizeof *at);

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

static void find_newest(const loaded_kind *loaded, const uint32_t *starts, size_t entries, tend_time *newest)
{
    for (size_t i = 0; i < entries; i++)
        for (uint32_t row = starts[i]; row < starts[i + 1]; row++)
            if (loaded->at.items[row] > newest[i])
                newest[i] = loaded->at.items[row];
}

static tend_status fill_inputs(tend_columns *columns, kept_frame *kept, const numbers *entries)
{
    tend_column *filled = tend_arena_take(columns->arena, kept->input_count * sizeof *filled);
    const int64_t **rows = tend_arena_take(columns->arena, kept->input_count * sizeof *rows);
    const tend_time **at = tend_arena_take(columns->arena, kept->input_count * sizeof *at);
    tend_kind *kinds = tend_arena_take(columns->arena, kept->input_count * sizeof *kinds);
    tend_time *newest = tend_arena_take(columns->arena, (entries->count + 1) * sizeof *newest);
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
        const loaded_kind *loaded = &kept->kinds[k];
        const uint32_t *starts = starts_of(columns, loaded, entries);

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
                status = keep_latest(columns, kept, i, loaded, starts, entries->count);
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

static tend_status fill_frame(tend_columns *columns, kept_frame *kept)
{
    numbers entries = { 0 };
    tend_status status = gather_entries(columns, kept, &entries);
    int64_t *accounts = tend_arena_take(columns->arena, (entries.count + 1) * sizeof *accounts);
    char(*currencies)[4] = tend_arena_take(columns->arena, (entries.count + 1) * sizeof *currencies);

    if (status >= 0 && (!accounts || !currencies))
        status = TEND_ENOMEM;
    for (size_t i = 0; status >= 0 && i < entries.count; i++) {
        accounts[i] = columns->accounts.items[entries.items[i] >> 32];
        unpack_currency((uint32_t)entries.items[i], currencies[i]);
    }
    if (status >= 0)
        status = fill_inputs(columns, kept, &entries);
    kept->frame.accounts = accounts;
    kept->frame.currencies = kept->is_money ? (const char(*)[4])currencies : NULL;
    kept->frame.batch.size = sizeof kept->frame.batch;
    kept->frame.batch.accounts = (uint32_t)entries.count;
    kept->frame.batch.inputs = (uint32_t)kept->input_count;
    kept->frame.batch.from = columns->period.from;
    kept->frame.batch.to = columns->period.to;
    free(entries.items);
    return status;
}

/* ---- frames ------------------------------------------------------------------------------------------------------------ */

static void free_frame(kept_frame *kept)
{
    for (size_t i = 0; i < TEND_INPUTS_MAX; i++) {
        free(kept->values[i].items);
        tend_words_free(kept->words[i]);
        free(kept->kinds[i].keys.items);
        free(kept->kinds[i].ids.items);
        free(kept->kinds[i].at.items);
    }
    free(kept);
}

static bool is_same_inputs(const kept_frame *kept, const tend_input *inputs, bool is_money)
{
    size_t i = 0;

    for (; i < kept->input_count; i++)
        if (!inputs[i].column || inputs[i].take != kept->inputs[i].take || strcmp(inputs[i].column, kept->inputs[i].column) != 0)
            return false;
    return !inputs[i].column && kept->is_money == is_money;
}

static tend_status begin_frame(tend_columns *columns, kept_frame *kept, const tend_input *inputs, bool is_money, tend_error *reterr)
{
    tend_status status = tend_columns_check(columns->world->schema, inputs, reterr);
    tend_input *copy;

    if (status < 0)
        return status;
    kept->is_money = is_money;
    while (inputs[kept->input_count].column)
        kept->input_count++;
    copy = tend_arena_take(columns->arena, kept->input_count * sizeof *copy);
    if (!copy)
        return TEND_ENOMEM;
    kept->inputs = copy;
    for (size_t i = 0; status >= 0 && i < kept->input_count; i++) {
        size_t k = 0;

        copy[i] = (tend_input){ tend_arena_string(columns->arena, inputs[i].column), inputs[i].take };
        status = copy[i].column ? tend_input_find(columns->world->schema, &copy[i], &kept->found[i], reterr) : TEND_ENOMEM;
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
        if (is_money && kept->found[i].type == TEND_MONEY && kept->found[i].kind->currency_field >= 0)
            kept->kinds[k].is_split = true;
    }
    return status;
}

tend_status tend_columns_frame(tend_columns *columns, const tend_input *inputs, bool is_money, const tend_frame **ret_frame,
                               tend_error *reterr)
{
    kept_frame *kept = columns->frames;
    tend_status status;

    while (kept && !is_same_inputs(kept, inputs, is_money))
        kept = kept->next;
    if (kept) {
        *ret_frame = &kept->frame;
        return TEND_OK;
    }
    kept = calloc(1, sizeof *kept);
    if (!kept)
        return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
    status = begin_frame(columns, kept, inputs, is_money, reterr);
    for (size_t k = 0; status >= 0 && k < kept->kind_count; k++)
        status = load_kind(columns, kept, &kept->kinds[k], reterr);
    if (status >= 0)
        status = fill_frame(columns, kept);
    if (status < 0) {
        free_frame(kept);
        return status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up") : status;
    }
    kept->next = columns->frames;
    columns->frames = kept;
    *ret_frame = &kept->frame;
    return TEND_OK;
}

/* ---- the accounts of the scope ----------------------------------------------------------------------------------------- */

static tend_status read_accounts(tend_columns *columns, const tend_filter *filter, tend_error *reterr)
{
    const char *source, *condition = "1";
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_world_source(columns->world, TEND_KIND_ACCOUNT, columns->arena, &source, reterr);

    if (status >= 0 && filter)
        status = tend_filter_sql(filter, columns->world, "s", columns->arena, &condition, reterr);
    if (status < 0)
        return status;
    const char *sql = tend_arena_print(columns->arena, "SELECT s.id FROM %s s WHERE %s ORDER BY s.id", source, condition);

    if (!sql)
        return tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up");
    status = tend_store_prepare(columns->world->store, sql, &statement, reterr);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        status = push(&columns->accounts, tend_statement_int(statement, 0));
    tend_statement_end(statement);
    return status;
}

static tend_status copy_accounts(tend_columns *columns, const tend_scope *scope)
{
    numbers *accounts = &columns->accounts;
    tend_status status = TEND_OK;
    size_t unique = 0;

    for (size_t i = 0; status >= 0 && i < scope->count; i++)
        status = push(accounts, scope->accounts[i]);
    if (accounts->count > 1)
        qsort(accounts->items, accounts->count, sizeof *accounts->items, compare_numbers);
    for (size_t i = 0; i < accounts->count; i++)
        if (i == 0 || accounts->items[i] != accounts->items[unique - 1])
            accounts->items[unique++] = accounts->items[i];
    accounts->count = unique;
    return status;
}

tend_status tend_columns_new(const tend_world *world, const tend_scope *scope, tend_period period, const char currency[4],
                             tend_columns **ret_columns, tend_error *reterr)
{
    tend_columns *columns = calloc(1, sizeof *columns);
    tend_status status = TEND_ENOMEM;

    if (columns) {
        columns->world = world;
        columns->period = period;
        memcpy(columns->currency, currency, 4);
        columns->arena = tend_arena_new();
    }
    if (columns && columns->arena)
        status =
            scope && scope->accounts ? copy_accounts(columns, scope) : read_accounts(columns, scope ? scope->filter : NULL, reterr);
    if (status < 0) {
        tend_columns_free(columns);
        return status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "columns: memory is used up") : status;
    }
    *ret_columns = columns;
    return TEND_OK;
}

void tend_columns_free(tend_columns *columns)
{
    if (!columns)
        return;
    while (columns->frames) {
        kept_frame *next = columns->frames->next;

        free_frame(columns->frames);
        columns->frames = next;
    }
    free(columns->accounts.items);
    tend_arena_free(columns->arena);
    free(columns);
}

const int64_t *tend_columns_accounts(const tend_columns *columns, size_t *ret_count)
{
    *ret_count = columns->accounts.count;
    return columns->accounts.items;
}
