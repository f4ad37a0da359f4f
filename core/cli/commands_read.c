/* commands_read.c: list, show, today, segments, batches, reports: what people look at. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/form.h"
#include <stdlib.h>
#include <string.h>

tend_status tend_cli_query(tend_session *session, tend_query *ret_query, tend_error *reterr)
{
    return tend_cli_query_over(session, session->workspace, ret_query, reterr);
}

tend_status tend_cli_query_over(tend_session *session, tend_workspace *workspace, tend_query *ret_query, tend_error *reterr)
{
    bool is_own = workspace == session->workspace;
    tend_query query = { .model = tend_workspace_model(workspace),
                         .world = is_own ? tend_session_world(session) : tend_world_live(tend_workspace_model(workspace)),
                         .principal = &session->principal,
                         .segments = tend_workspace_segments(session->workspace),
                         .currency = tend_config_text(tend_workspace_config(session->workspace), "tend", NULL, "currency"),
                         .company = tend_config_text(tend_workspace_config(session->workspace), "tend", NULL, "name"),
                         .language = tend_session_language(session),
                         .config = tend_workspace_config(session->workspace),
                         .zone = tend_workspace_zone(session->workspace),
                         .today = tend_session_today(session),
                         .arena = session->arena };
    tend_status status = tend_workspace_rates(workspace, &query.rates, reterr);

    if (status >= 0)
        *ret_query = query;
    return status;
}

tend_status tend_cli_matching(tend_session *session, const tend_query *query, tend_kind kind, const char *where,
                              tend_cli_ids *ret_ids, tend_error *reterr)
{
    tend_filter *filter = NULL;
    tend_statement *statement = NULL;
    const char *source, *condition, *sql;
    bool has_row;
    int room = 0;
    tend_status status = tend_world_source(&query->world, kind, session->arena, &source, reterr);

    if (status >= 0)
        status = tend_filter_parse(query->world.schema, query->segments, kind, where, "--where", &filter, reterr);
    if (status >= 0)
        status = tend_filter_may(filter, query->principal, "--where", reterr);
    if (status >= 0)
        status = tend_filter_sql(filter, &query->world, "t", session->arena, &condition, reterr);
    if (status < 0)
        goto out;
    sql = tend_arena_print(session->arena, "SELECT t.id FROM %s AS t WHERE (%s) AND (%s) ORDER BY t.id", source,
                           tend_access_rows(query->principal, kind), condition);
    status = sql ? tend_store_prepare(query->world.store, sql, &statement, reterr) : TEND_ENOMEM;
    while (status >= 0) {
        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        if (ret_ids->count == room) {
            int64_t *more;

            room = room ? room * 2 : 64;
            more = tend_arena_take(session->arena, (size_t)room * sizeof *more);
            if (!more) {
                status = tend_fail(reterr, TEND_ENOMEM, "no memory for %d rows; narrow the filter", room);
                break;
            }
            if (ret_ids->count > 0)
                memcpy(more, ret_ids->rows, (size_t)ret_ids->count * sizeof *more);
            ret_ids->rows = more;
        }
        ret_ids->rows[ret_ids->count++] = tend_statement_int(statement, 0);
    }
out:
    tend_statement_end(statement);
    tend_filter_free(filter);
    return status;
}

tend_status tend_cli_tell_batch(tend_session *session, const char *what, int count, int changed, int64_t batch, tend_error *reterr)
{
    static const tend_heading headings[] = { { "kind", NULL, TEND_TEXT, false },
                                             { "found", NULL, TEND_INT, false },
                                             { "changed", NULL, TEND_INT, false },
                                             { "batch", NULL, TEND_INT, false } };
    tend_result *result;
    tend_status status;

    if (session->output == TEND_OUTPUT_TEXT) {
        fprintf(session->out, "%d of %d %s written %s\n", changed, count, what, tend_form_says(session, batch));
        return TEND_OK;
    }
    result = tend_session_result(session);
    if (!result)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    status = result->section(result, "", NULL, headings, 4, true, reterr);
    return status < 0 ? status
                      : result->row(result,
                                    (tend_value[]){ tend_value_of(what), tend_value_int(count), tend_value_int(changed),
                                                    batch ? tend_value_int(batch) : tend_value_none() },
                                    reterr);
}

tend_status tend_cli_begin(tend_session *session, tend_query *ret_query, tend_result **ret_result, tend_error *reterr)
{
    tend_status status = tend_cli_query(session, ret_query, reterr);

    *ret_result = tend_session_result(session);
    if (status >= 0 && !*ret_result)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return status;
}

tend_status tend_cli_list(tend_session *session, tend_error *reterr)
{
    tend_list_options options = { .where = tend_session_option(session, "where"),
                                  .sort = tend_session_option(session, "sort"),
                                  .fields = tend_session_option(session, "fields") };
    const tend_kind_schema *kind;
    tend_query query;
    tend_result *result;
    tend_status status = tend_cli_kind(session, session->words[0], &kind, reterr);

    if (status >= 0)
        status = tend_session_number(session, "limit", 0, &options.limit, reterr);
    if (status >= 0)
        status = tend_session_number(session, "offset", 0, &options.offset, reterr);
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_list(&query, kind->kind, &options, result, reterr);
}

tend_status tend_cli_show(tend_session *session, tend_error *reterr)
{
    const tend_kind_schema *kind;
    tend_query query;
    tend_result *result;
    int64_t row;
    tend_status status = tend_cli_kind(session, session->words[0], &kind, reterr);

    if (status >= 0)
        status = tend_session_row(session, kind->kind, session->words[1], &row, reterr);
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_row(&query, kind->kind, row, result, reterr);
}

/* The account of the first word, the query and the result: what all of `account …` begin with. */
static tend_status begin_account(tend_session *session, int64_t *ret_account, tend_query *ret_query, tend_result **ret_result,
                                 tend_error *reterr)
{
    tend_status status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[0], ret_account, reterr);

    return status < 0 ? status : tend_cli_begin(session, ret_query, ret_result, reterr);
}

tend_status tend_cli_with_health(tend_session *session, tend_query *query, tend_error *reterr)
{
    query->card = tend_workspace_scorecard(session->workspace);
    return tend_workspace_kpis(session->workspace, &query->kpis, reterr);
}

tend_status tend_cli_account_show(tend_session *session, tend_error *reterr)
{
    int64_t account;
    tend_query query;
    tend_result *result;
    tend_status status = begin_account(session, &account, &query, &result, reterr);

    if (status >= 0)
        status = tend_cli_with_health(session, &query, reterr);
    return status < 0 ? status : tend_query_account(&query, account, result, reterr);
}

tend_status tend_cli_account_timeline(tend_session *session, tend_error *reterr)
{
    int64_t account, limit;
    tend_query query;
    tend_result *result;
    tend_status status = begin_account(session, &account, &query, &result, reterr);

    if (status >= 0)
        status = tend_session_number(session, "limit", 50, &limit, reterr);
    return status < 0 ? status : tend_query_timeline(&query, account, limit, result, reterr);
}

tend_status tend_cli_account_tree(tend_session *session, tend_error *reterr)
{
    int64_t account;
    tend_query query;
    tend_result *result;
    tend_status status = begin_account(session, &account, &query, &result, reterr);

    return status < 0 ? status : tend_query_tree(&query, account, result, reterr);
}

tend_status tend_cli_account_duplicates(tend_session *session, tend_error *reterr)
{
    tend_query query;
    tend_result *result;
    tend_status status = tend_cli_begin(session, &query, &result, reterr);

    return status < 0 ? status : tend_query_duplicates(&query, result, reterr);
}

tend_status tend_cli_today(tend_session *session, tend_error *reterr)
{
    int64_t user = session->principal.user, limit;
    bool is_team = tend_session_option(session, "team") != NULL;
    tend_query query;
    tend_result *result;
    tend_status status = tend_session_number(session, "limit", 25, &limit, reterr);

    if (status >= 0 && is_team && user == 0)
        status = tend_fail(reterr, TEND_EINVAL, "tend today --team: whose team? write --user MANAGER");
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_today(&query, user, is_team, limit, result, reterr);
}

tend_status tend_cli_batches(tend_session *session, tend_error *reterr)
{
    int64_t limit;
    tend_query query;
    tend_result *result;
    tend_status status = tend_session_number(session, "limit", 20, &limit, reterr);

    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_batches(&query, limit, result, reterr);
}

tend_status tend_cli_segment_list(tend_session *session, tend_error *reterr)
{
    tend_query query;
    tend_result *result;
    tend_status status = tend_cli_begin(session, &query, &result, reterr);

    return status < 0 ? status : tend_query_segments(&query, result, reterr);
}

static tend_status find_segment(tend_session *session, const char *name, const tend_filter **ret_filter, tend_error *reterr)
{
    const tend_segments *segments = tend_workspace_segments(session->workspace);
    const char *names[160], *near;
    size_t count = 0;

    *ret_filter = tend_segments_filter(segments, name);
    if (*ret_filter)
        return TEND_OK;
    while (count < 159 && (names[count] = tend_segments_name(segments, count)) != NULL)
        count++;
    names[count] = NULL;
    near = tend_near(name, names);
    if (near)
        return tend_fail(reterr, TEND_ENOTFOUND, "no segment is called '%s'; did you mean %s?", name, near);
    return tend_fail(reterr, TEND_ENOTFOUND, "no segment is called '%s'; see tend segment list", name);
}

tend_status tend_cli_segment_show(tend_session *session, tend_error *reterr)
{
    const tend_filter *filter;
    tend_list_options options = { 0 };
    tend_query query;
    tend_result *result;
    tend_status status = find_segment(session, session->words[0], &filter, reterr);

    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    if (status >= 0) {
        options.where = tend_filter_text(filter);
        status = tend_query_list(&query, TEND_KIND_ACCOUNT, &options, result, reterr);
    }
    return status < 0 ? status : tend_query_segment_note(&query, session->words[0], result, reterr);
}

tend_status tend_cli_segment_diff(tend_session *session, tend_error *reterr)
{
    const tend_filter *filter;
    tend_query query;
    tend_result *result;
    tend_date from, to;
    tend_status status = find_segment(session, session->words[0], &filter, reterr);

    if (status >= 0)
        status = tend_session_date(session, session->words[1], &from, reterr);
    if (status >= 0)
        status = tend_session_date(session, session->word_count > 2 ? session->words[2] : "today", &to, reterr);
    if (status >= 0 && from >= to)
        status = tend_fail(reterr, TEND_EINVAL, "tend segment diff: %s is not before %s; write the earlier day first",
                           session->words[1], session->word_count > 2 ? session->words[2] : "today");
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_segment_diff(&query, session->words[0], from, to, result, reterr);
}

/* The page of --html FILE, written whole or not at all. `account` 0: the portfolio. */
typedef struct page_wanted {
    int64_t account, owner;
    int days;
} page_wanted;

static tend_status write_page(tend_session *session, const tend_query *query, const page_wanted *wanted, const char *written,
                              tend_error *reterr)
{
    const char *path = tend_session_path(session, written);
    char *page = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&page, &length);
    tend_status status = tend_session_may_open(session, reterr);

    if (status >= 0 && (!out || !path))
        status = tend_fail(reterr, TEND_ENOMEM, "report: no memory for the page");
    if (status >= 0)
        status = wanted->account ? tend_report_account(query, wanted->account, out, reterr)
                                 : tend_report_portfolio(query, wanted->days, wanted->owner, out, reterr);
    if (out && fclose(out) != 0 && status >= 0)
        status = tend_fail(reterr, TEND_ENOMEM, "report: no memory for the page");
    if (status >= 0)
        status = tend_file_write_atomic(path, page, length, 0640, reterr);
    if (status >= 0 && session->output == TEND_OUTPUT_TEXT)
        fprintf(session->out, "%s\n", path);
    free(page);
    return status;
}

tend_status tend_cli_report_account(tend_session *session, tend_error *reterr)
{
    const char *html = tend_session_option(session, "html");
    page_wanted wanted = { 0 };
    tend_query query;
    tend_status status;

    if (!html)
        return tend_cli_account_show(session, reterr);
    status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[0], &wanted.account, reterr);
    if (status >= 0)
        status = tend_cli_query(session, &query, reterr);
    if (status >= 0)
        status = tend_cli_with_health(session, &query, reterr);
    return status < 0 ? status : write_page(session, &query, &wanted, html, reterr);
}

tend_status tend_cli_report_portfolio(tend_session *session, tend_error *reterr)
{
    const char *owner = tend_session_option(session, "owner"), *html = tend_session_option(session, "html");
    page_wanted wanted = { 0 };
    tend_query query;
    tend_result *result;
    int64_t days;
    tend_status status = tend_session_number(session, "days", 90, &days, reterr);

    if (status >= 0 && owner)
        status = tend_session_row(session, TEND_KIND_USER, owner, &wanted.owner, reterr);
    if (status >= 0)
        status = html ? tend_cli_query(session, &query, reterr) : tend_cli_begin(session, &query, &result, reterr);
    if (status >= 0)
        status = tend_cli_with_health(session, &query, reterr);
    if (status < 0)
        return status;
    wanted.days = (int)(days > 40000 ? 40000 : days);
    return html ? write_page(session, &query, &wanted, html, reterr)
                : tend_query_portfolio(&query, wanted.days, wanted.owner, result, reterr);
}
