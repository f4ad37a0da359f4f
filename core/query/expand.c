/* expand.c: SQL with the world filled in. */
#include "base/buffer.h"
#include "model/measure.h"
#include "model/merge.h"
#include "query/inside.h"
#include <string.h>

enum { WORDS_MAX = 4, WORD_ROOM = 96 };

typedef struct expansion {
    const tend_query *query;
    const char *condition;
    tend_buffer out;
    char words[WORDS_MAX][WORD_ROOM]; /* of one pair of braces */
    int count;
    bool has_today, has_now;
} expansion;

/* Days and instants are parameters, so that the text stays the same and is prepared once; the caller's own are below these. */
#define TODAY "?8"
#define NOW "?9"
enum { TODAY_PLACE = 8, NOW_PLACE = 9 };

tend_status query_begin(const tend_query *query, tend_error *reterr)
{
    return tend_filter_define(query->world.store, query->rates, reterr);
}

tend_status query_begin_account(const tend_query *query, int64_t *inout_account, tend_error *reterr)
{
    tend_row row;
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_ACCOUNT, *inout_account, reterr);

    if (status >= 0)
        status = query_begin(query, reterr);
    if (status >= 0)
        status = tend_merge_resolve(&query->world, *inout_account, inout_account, reterr);
    return status < 0 ? status
                      : tend_read(&query->world, query->principal, TEND_KIND_ACCOUNT, *inout_account, query->arena, &row, reterr);
}

static bool split(expansion *work, const char *text, size_t length)
{
    size_t at = 0;

    work->count = 0;
    memset(work->words, 0, sizeof work->words);
    while (at < length && work->count < WORDS_MAX) {
        size_t end = at;

        while (end < length && text[end] != ' ')
            end++;
        if (end - at >= WORD_ROOM)
            return false;
        memcpy(work->words[work->count++], text + at, end - at);
        at = end + (end < length);
    }
    return work->count > 0;
}

static tend_status write_rows(expansion *work, const tend_kind_schema *kind, tend_error *reterr)
{
    const char *source, *condition = tend_access_rows(work->query->principal, kind->kind);
    tend_status status = tend_world_source(&work->query->world, kind->kind, work->query->arena, &source, reterr);

    if (status < 0)
        return status;
    if (strcmp(condition, "1") == 0)
        tend_buffer_text(&work->out, source);
    else
        tend_buffer_print(&work->out, "(SELECT t.* FROM %s AS t WHERE %s)", source, condition);
    return TEND_OK;
}

static void write_source_name(expansion *work, const tend_kind_schema *kind, const char *alias)
{
    tend_buffer_print(&work->out,
                      "coalesce((SELECT s.name FROM %s i JOIN sources s ON s.id = i.source WHERE i.row = "
                      "%s.%s ORDER BY s.name LIMIT 1), (SELECT s.name FROM batches b JOIN sources s ON s.id = b.source WHERE b.id "
                      "= %s.batch), 'by hand')",
                      tend_schema_names_of(work->query->world.schema, kind->kind), alias, kind->is_fact ? "fact" : "id", alias);
}

static void write_currency(expansion *work, const char *alias)
{
    tend_buffer_print(&work->out, "coalesce(%s.currency, (SELECT x.currency FROM accounts x WHERE x.id = %s.account), '%.3s')",
                      alias, alias, work->query->currency);
}

/* As the calculators see it: not a trial, signed, begun, not over; what renews itself is over only when it was ended. */
static void write_active(expansion *work, const char *c)
{
    work->has_today = true;
    tend_buffer_print(&work->out,
                      "(coalesce(%s.is_trial, 0) = 0 AND coalesce(%s.status, '') NOT IN ('offered', 'agreed') AND %s.starts_on "
                      "<= " TODAY " AND (%s.ended_on IS NULL OR %s.ended_on >= " TODAY ") AND ",
                      c, c, c, c, c);
    tend_buffer_print(&work->out,
                      "(%s.ends_on >= " TODAY " OR (%s.ends_on IS NULL AND (%s.ended_on IS NOT NULL OR coalesce(%s.status, '') "
                      "NOT IN ('ended', 'cancelled'))) OR (%s.auto_renew = 1 AND %s.status = 'active')))",
                      c, c, c, c, c, c);
}

static tend_status write_words(expansion *work, tend_error *reterr)
{
    const char *first = work->words[0];
    const tend_kind_schema *kind = tend_schema_find(work->query->world.schema, work->count == 1 ? first : work->words[1]);

    if (work->count == 1 && strcmp(first, "today") == 0) {
        work->has_today = true;
        tend_buffer_text(&work->out, TODAY);
    } else if (work->count == 1 && strcmp(first, "now") == 0) {
        work->has_now = true;
        tend_buffer_text(&work->out, NOW);
    } else if (work->count == 1 && strcmp(first, "where") == 0 && work->condition) {
        tend_buffer_text(&work->out, work->condition);
    } else if (work->count == 1 && strcmp(first, "company") == 0) {
        tend_buffer_print(&work->out, "'%.3s'", work->query->currency);
    } else if (work->count == 1 && kind) {
        return write_rows(work, kind, reterr);
    } else if (work->count == 3 && strcmp(first, "source") == 0 && kind) {
        write_source_name(work, kind, work->words[2]);
    } else if (work->count == 2 && strcmp(first, "currency") == 0) {
        write_currency(work, work->words[1]);
    } else if (work->count == 2 && strcmp(first, "active") == 0) {
        write_active(work, work->words[1]);
    } else if (work->count == 3 && strcmp(first, "money") == 0) {
        tend_buffer_print(&work->out, "tend_convert(%s, ", work->words[1]);
        write_currency(work, work->words[2]);
        tend_buffer_print(&work->out, ", '%.3s', " TODAY ")", work->query->currency);
        work->has_today = true;
    } else if (work->count == 4 && strcmp(first, "measure") == 0) {
        const char *sql =
            tend_measure_column(&work->query->world, work->words[1], work->words[2], work->words[3], work->query->arena);

        if (!sql)
            return tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
        tend_buffer_text(&work->out, sql);
    } else {
        return tend_fail(reterr, TEND_ERROR, "query: {%s …} is not known; see query/inside.h", first);
    }
    return TEND_OK;
}

tend_status query_prepare(const tend_query *query, const char *sql, tend_statement **ret_statement, tend_error *reterr)
{
    return query_prepare_where(query, sql, NULL, ret_statement, reterr);
}

tend_status query_prepare_where(const tend_query *query, const char *sql, const char *condition, tend_statement **ret_statement,
                                tend_error *reterr)
{
    expansion work = { .query = query, .condition = condition };
    tend_status status = TEND_OK;

    while (status >= 0 && *sql) {
        size_t plain = strcspn(sql, "{");

        tend_buffer_append(&work.out, sql, plain);
        sql += plain;
        if (*sql) {
            size_t length = strcspn(sql + 1, "}");

            status = split(&work, sql + 1, length) ? write_words(&work, reterr)
                                                   : tend_fail(reterr, TEND_ERROR, "query: {} that cannot be read");
            sql += length + 1 + (sql[length + 1] == '}');
        }
    }
    if (status >= 0 && work.out.failed)
        status = tend_fail(reterr, TEND_ENOMEM, "query: memory is used up");
    if (status >= 0)
        status = tend_store_prepare(query->world.store, tend_buffer_string(&work.out), ret_statement, reterr);
    if (status >= 0 && work.has_today)
        tend_statement_bind_int(*ret_statement, TODAY_PLACE, query->today);
    if (status >= 0 && work.has_now)
        tend_statement_bind_int(*ret_statement, NOW_PLACE, query->world.now);
    tend_buffer_clear(&work.out);
    return status;
}
