/* scan_store.c: rows from the store. */
#include "base/buffer.h"
#include "kpi/filling.h"
#include "kpi/pick.h"
#include <stdlib.h>

#define STORE_ROWS 8192u /* a block ends with the account that reaches this */

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
    return sql->failed ? tend_filling_no_memory(reterr) : TEND_OK;
}

static tend_status take_row(tend_filling *f, tend_statement *statement)
{
    tend_status status = tend_filling_reserve(f, 1);
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
                    return tend_filling_no_memory(f->reterr);
            } else {
                value = tend_statement_int(statement, column);
            }
        }
        f->values[i][f->rows] = value;
    }
    f->rows++;
    return TEND_OK;
}

tend_status tend_scan_store(tend_filling *f, const uint32_t *picked, size_t count, bool ends)
{
    const tend_scan *scan = f->scan;
    tend_arena *arena = tend_arena_new();
    int64_t *accounts = calloc(count + 1, sizeof *accounts);
    tend_buffer sql = { 0 };
    tend_statement *statement = NULL;
    bool has_row = false;
    size_t at = 0, last = SIZE_MAX;
    tend_status status = arena && accounts ? write_select(scan, count, arena, &sql, f->reterr) : tend_filling_no_memory(f->reterr);

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
                status = tend_filling_flush(f);
            if (status >= 0)
                status = tend_filling_add(f, picked ? picked[at] : (uint32_t)at);
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
