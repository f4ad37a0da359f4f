/* replay.c: rows, versions, changes, removals and merges of one store, each at the instant at which it became known. */
#include "model/replay_inside.h"
#include <stdlib.h>

enum { BULK_ROWS = 20000 };

static tend_status advance(tend_stream *ahead, tend_error *reterr)
{
    bool has_row = false;
    tend_status status = tend_statement_step(ahead->statement, &has_row, reterr);

    ahead->at = status >= 0 && has_row ? tend_statement_int(ahead->statement, 1) : TEND_NO_TIME;
    return status;
}

static tend_status add_stream(tend_replay *replay, tend_stream_what what, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_stream *added = &replay->streams[replay->count];
    tend_status status;

    *added = (tend_stream){ .what = what, .kind = kind };
    tend_arena_reset(replay->arena);
    if (what == TEND_STREAM_ROWS)
        status = tend_replay_ask_rows(replay, kind, false, &added->statement, reterr);
    else if (what == TEND_STREAM_CLOSED)
        status = tend_replay_ask_closed(replay, kind, &added->statement, reterr);
    else if (what == TEND_STREAM_CHANGES)
        status = tend_replay_ask_changes(replay, &added->statement, reterr);
    else if (what == TEND_STREAM_LINKED)
        status = tend_store_prepare(replay->from, "SELECT account, from_at, into_account FROM links ORDER BY from_at, id",
                                    &added->statement, reterr);
    else
        status = tend_store_prepare(
            replay->from, "SELECT account, until_at, into_account FROM links WHERE until_at IS NOT NULL ORDER BY until_at, id",
            &added->statement, reterr);
    if (status >= 0) {
        replay->count++;
        status = advance(added, reterr);
    }
    return status;
}

/* -- transactions -- */

tend_status tend_replay_open_transaction(tend_replay *replay, tend_error *reterr)
{
    bool resumed;
    tend_status status;

    if (replay->in_transaction >= 0)
        return TEND_OK;
    status = tend_model_begin_soft(replay->into, reterr);
    if (status < 0)
        return status;
    replay->in_transaction = 0;
    /* Rows of a batch need no line each that says who made them. */
    if (replay->origin.batch == 0)
        status = tend_batch_open(replay->into, &replay->origin, "import", "history", NULL, &replay->origin.batch, &resumed, reterr);
    return status;
}

static tend_status close_transaction(tend_replay *replay, tend_error *reterr)
{
    if (replay->in_transaction < 0)
        return TEND_OK;
    replay->in_transaction = -1;
    return tend_model_commit(replay->into, reterr);
}

static void give_up(tend_replay *replay)
{
    if (replay->in_transaction >= 0)
        tend_model_rollback(replay->into);
    replay->in_transaction = -1;
}

/* -- one instant -- */

/* What comes at `at`: rows, or what becomes of rows that are there. */
static tend_status put_instant(tend_replay *replay, tend_time at, bool only_rows, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < replay->count && status >= 0; i++) {
        tend_stream *ahead = &replay->streams[i];
        bool more = false;

        while (status >= 0 && ahead->at == at && (ahead->what == TEND_STREAM_ROWS) == only_rows) {
            if (ahead->what == TEND_STREAM_CHANGES) {
                status = tend_replay_put_changes(replay, ahead->statement, &more, reterr);
                ahead->at = status >= 0 && more ? tend_statement_int(ahead->statement, 1) : TEND_NO_TIME;
                continue;
            }
            if (ahead->what == TEND_STREAM_ROWS)
                status = tend_replay_put_row(replay, ahead->kind, ahead->statement, reterr);
            else if (ahead->what == TEND_STREAM_CLOSED)
                status = tend_replay_put_closed(replay, ahead->kind->kind, tend_statement_int(ahead->statement, 0), at, reterr);
            else
                status = tend_replay_put_link(replay, ahead, reterr);
            if (status >= 0)
                status = advance(ahead, reterr);
        }
    }
    return status < 0 ? status : tend_replay_put_ready(replay, only_rows, reterr);
}

tend_time tend_replay_next(const tend_replay *replay)
{
    tend_time next = TEND_NO_TIME;

    for (size_t i = 0; i < replay->count; i++)
        if (replay->streams[i].at != TEND_NO_TIME && (next == TEND_NO_TIME || replay->streams[i].at < next))
            next = replay->streams[i].at;
    return next;
}

tend_status tend_replay_to(tend_replay *replay, tend_time until, bool in_bulk, tend_error *reterr)
{
    tend_time at;
    tend_status status = TEND_OK;

    while (status >= 0 && (at = tend_replay_next(replay)) != TEND_NO_TIME && at <= until) {
        status = put_instant(replay, at, true, reterr);
        /* Rows and what becomes of others do not share a commit: events tell new rows by their ids, which are not in order here. */
        if (status >= 0 && !in_bulk)
            status = close_transaction(replay, reterr);
        if (status >= 0)
            status = put_instant(replay, at, false, reterr);
        if (status >= 0 && (!in_bulk || replay->in_transaction > BULK_ROWS))
            status = close_transaction(replay, reterr);
    }
    if (status >= 0)
        status = close_transaction(replay, reterr);
    if (status < 0)
        give_up(replay);
    replay->counts.waiting = replay->waits.count;
    return status;
}

const tend_replay_counts *tend_replay_counted(const tend_replay *replay)
{
    return &replay->counts;
}

/* -- beginning and end -- */

/* Ids that rows of `from` have are taken. */
static tend_status reserve(tend_replay *replay, const char *table, tend_error *reterr)
{
    char sql[120];
    int64_t highest = 0, first;
    tend_status status;

    (void)snprintf(sql, sizeof sql, "SELECT max(id) FROM \"%.80s\"", table);
    status = tend_store_number(replay->from, sql, 0, &highest, reterr);
    return status < 0 || highest == 0 ? status : tend_store_ids(tend_model_store(replay->into), table, highest, &first, reterr);
}

static tend_status reserve_all(tend_replay *replay, tend_error *reterr)
{
    tend_status status = tend_store_begin(tend_model_store(replay->into), reterr);

    if (status < 0)
        return status;
    for (int i = 1; i < TEND_KIND_COUNT && status >= 0; i++)
        if (tend_schema_has(replay->schema, (tend_kind)i))
            status = reserve(replay, tend_schema_kind(replay->schema, (tend_kind)i)->table, reterr);
    if (status >= 0 && replay->has_runs)
        status = reserve(replay, "runs", reterr);
    if (status >= 0)
        return tend_store_commit(tend_model_store(replay->into), reterr);
    tend_store_rollback(tend_model_store(replay->into));
    return status;
}

static tend_status count_left_out(tend_replay *replay, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(replay->from, "SELECT count(*) FROM tasks WHERE playbook=?1", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, replay->without);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        replay->counts.left_out = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

static tend_status open_streams(tend_replay *replay, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (int i = 1; i < TEND_KIND_COUNT && status >= 0; i++)
        if (tend_schema_has(replay->schema, (tend_kind)i))
            status = add_stream(replay, TEND_STREAM_ROWS, tend_schema_kind(replay->schema, (tend_kind)i), reterr);
    if (status >= 0)
        status = add_stream(replay, TEND_STREAM_CHANGES, NULL, reterr);
    for (int i = 1; i < TEND_KIND_COUNT && status >= 0; i++)
        if (tend_schema_has(replay->schema, (tend_kind)i) && tend_schema_kind(replay->schema, (tend_kind)i)->is_fact)
            status = add_stream(replay, TEND_STREAM_CLOSED, tend_schema_kind(replay->schema, (tend_kind)i), reterr);
    if (status >= 0)
        status = add_stream(replay, TEND_STREAM_LINKED, NULL, reterr);
    return status < 0 ? status : add_stream(replay, TEND_STREAM_UNLINKED, NULL, reterr);
}

tend_status tend_replay_open(tend_store *from, tend_model *into, const char *without, const char *principal,
                             tend_replay **ret_replay, tend_error *reterr)
{
    tend_replay *replay = calloc(1, sizeof *replay);
    int widest = 0;
    tend_status status;

    if (!replay)
        return tend_replay_no_memory(reterr);
    *replay = (tend_replay){ .from = from,
                             .into = into,
                             .schema = tend_model_schema(into),
                             .principal = tend_principal_administrator(),
                             .without = without,
                             .principal_name = principal ? principal : "",
                             .has_runs = tend_store_has_table(from, "runs"),
                             .arena = tend_arena_new(),
                             .in_transaction = -1 };
    replay->origin = (tend_origin){ .principal = &replay->principal };
    for (int i = 1; i < TEND_KIND_COUNT; i++)
        if (tend_schema_has(replay->schema, (tend_kind)i) && tend_schema_kind(replay->schema, (tend_kind)i)->field_count > widest)
            widest = tend_schema_kind(replay->schema, (tend_kind)i)->field_count;
    replay->fields = calloc((size_t)widest + 1, sizeof *replay->fields);
    status = replay->arena && replay->fields && tend_waits_init(&replay->waits) >= 0 ? TEND_OK : tend_replay_no_memory(reterr);
    if (status >= 0)
        status = reserve_all(replay, reterr);
    if (status >= 0 && without)
        status = count_left_out(replay, reterr);
    if (status >= 0)
        status = open_streams(replay, reterr);
    if (status < 0) {
        tend_replay_close(replay);
        return status;
    }
    *ret_replay = replay;
    return TEND_OK;
}

void tend_replay_close(tend_replay *replay)
{
    if (!replay)
        return;
    give_up(replay);
    for (size_t i = 0; i < replay->count; i++)
        tend_statement_end(replay->streams[i].statement);
    tend_waits_clear(&replay->waits);
    tend_arena_free(replay->arena);
    free(replay->fields);
    free(replay);
}

/* -- how far it goes -- */

tend_status tend_replay_last(tend_store *from, const tend_schema *schema, tend_time until, tend_time *ret_at, tend_error *reterr)
{
    char sql[200];
    int64_t found;
    tend_status status = TEND_OK;

    *ret_at = TEND_NO_TIME;
    for (int i = 0; i < TEND_KIND_COUNT && status >= 0; i++) { /* 0: changes */
        if (i > 0 && !tend_schema_has(schema, (tend_kind)i))
            continue;
        (void)snprintf(sql, sizeof sql, "SELECT max(known_at) FROM \"%.60s\" WHERE known_at<=%lld",
                       i == 0 ? "changes" : tend_schema_kind(schema, (tend_kind)i)->table, (long long)until);
        status = tend_store_number(from, sql, TEND_NO_TIME, &found, reterr);
        if (status >= 0 && found != TEND_NO_TIME && (*ret_at == TEND_NO_TIME || found > *ret_at))
            *ret_at = found;
    }
    return status;
}
