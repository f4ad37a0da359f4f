/* replay_put.c: rows, changes, ends and merges put as they come, or later when they have to wait. */
#include "model/replay_inside.h"
#include <string.h>

static tend_status put(tend_replay *replay, const tend_put *what, bool *ret_done, tend_error *reterr)
{
    tend_put_result result;
    tend_error why = { 0 };
    tend_status status = tend_replay_open_transaction(replay, reterr);

    *ret_done = false;
    if (status < 0)
        return status;
    status = tend_model_put(replay->into, &replay->origin, what, &result, &why);
    if (status == TEND_EINVAL || status == TEND_ENOTFOUND || status == TEND_EEXISTS || status == TEND_EDENIED) {
        if (replay->counts.refused++ == 0)
            (void)snprintf(replay->counts.why, sizeof replay->counts.why, "%.590s", why.text);
        return TEND_OK;
    }
    if (status < 0)
        return tend_fail(reterr, status, "%s", why.text);
    *ret_done = true;
    replay->counts.rows++;
    replay->counts.assumed += what->known_assumed;
    replay->in_transaction++;
    return TEND_OK;
}

static tend_status wait_for(tend_replay *replay, tend_waiting waiting, tend_kind kind, int64_t id, tend_error *reterr)
{
    waiting.for_kind = kind;
    waiting.for_id = id;
    return tend_waits_add(&replay->waits, &waiting) < 0 ? tend_replay_no_memory(reterr) : TEND_OK;
}

/* The fields of a row that stands in `statement`. References to what is not there yet are left for later; *ret_waits: the row has
 * to wait as a whole. */
static tend_status read_fields(tend_replay *replay, const tend_kind_schema *kind, tend_statement *statement, int *ret_count,
                               bool *ret_waits, tend_error *reterr)
{
    int64_t id = tend_statement_int(statement, REPLAY_ROW_ID);
    tend_status status = TEND_OK;

    *ret_count = 0;
    *ret_waits = false;
    for (int i = 0; i < kind->field_count && status >= 0; i++) {
        const tend_field *field = &kind->fields[i];
        tend_value value;

        tend_stored_read(statement, REPLAY_ROW_FIELDS + i, field, &value);
        if (value.type == TEND_NULL)
            continue;
        if (field->type == TEND_REF && !tend_waits_has(&replay->waits, field->target, value.integer)) {
            *ret_waits = i == kind->account_field || (field->flags & TEND_FIELD_REQUIRED);
            status = wait_for(
                replay,
                *ret_waits
                    ? (tend_waiting){ .what = TEND_WAITING_ROW, .kind = kind->kind, .id = id }
                    : (tend_waiting){ .what = TEND_WAITING_FIELD, .kind = kind->kind, .id = id, .last = value.integer, .field = i },
                field->target, value.integer, reterr);
            if (*ret_waits)
                return status;
            continue;
        }
        replay->fields[(*ret_count)++] = (tend_assignment){ .field = i, .value = value };
    }
    return status;
}

tend_status tend_replay_put_row(tend_replay *replay, const tend_kind_schema *kind, tend_statement *statement, tend_error *reterr)
{
    int64_t id = tend_statement_int(statement, REPLAY_ROW_ID), fact = tend_statement_int(statement, REPLAY_ROW_FACT);
    tend_put made = { .kind = kind->kind,
                      .id = fact == id ? 0 : fact,
                      .as_id = id,
                      .fields = replay->fields,
                      .effective_at = tend_statement_int(statement, REPLAY_ROW_EFFECTIVE),
                      .known_at = tend_statement_int(statement, REPLAY_ROW_KNOWN),
                      .known_assumed = tend_statement_int(statement, REPLAY_ROW_ASSUMED) != 0 };
    bool waits, is_done;
    tend_status status;

    if (fact != id && !tend_waits_has(&replay->waits, kind->kind, fact))
        return wait_for(replay, (tend_waiting){ .what = TEND_WAITING_ROW, .kind = kind->kind, .id = id }, kind->kind, fact, reterr);
    status = read_fields(replay, kind, statement, &made.field_count, &waits, reterr);
    if (status < 0 || waits)
        return status;
    status = put(replay, &made, &is_done, reterr);
    if (status >= 0 && is_done && tend_waits_came(&replay->waits, kind->kind, id) < 0)
        status = tend_replay_no_memory(reterr);
    return status;
}

/* What one writing changed in a row: the change that stands in `statement` and those after it that belong to it. */
typedef struct changed_row {
    const tend_kind_schema *kind;
    int64_t row, first, last;
    tend_time known, effective;
    bool is_assumed, is_of_row, is_removed;
    int count;
} changed_row;

static bool belongs(const changed_row *changed, tend_statement *statement)
{
    return !changed->is_of_row && tend_statement_int(statement, REPLAY_CHANGE_KIND) == (int64_t)changed->kind->kind &&
           tend_statement_int(statement, REPLAY_CHANGE_ROW) == changed->row &&
           tend_statement_int(statement, REPLAY_CHANGE_KNOWN) == changed->known &&
           tend_statement_int(statement, REPLAY_CHANGE_EFFECTIVE) == changed->effective &&
           tend_statement_text(statement, REPLAY_CHANGE_FIELD, NULL)[0] != '\0';
}

static void begin_change(const tend_replay *replay, tend_statement *statement, changed_row *ret_changed)
{
    *ret_changed =
        (changed_row){ .kind = tend_schema_kind(replay->schema, (tend_kind)tend_statement_int(statement, REPLAY_CHANGE_KIND)),
                       .row = tend_statement_int(statement, REPLAY_CHANGE_ROW),
                       .first = tend_statement_int(statement, REPLAY_CHANGE_ID),
                       .known = tend_statement_int(statement, REPLAY_CHANGE_KNOWN),
                       .effective = tend_statement_int(statement, REPLAY_CHANGE_EFFECTIVE),
                       .is_assumed = tend_statement_int(statement, REPLAY_CHANGE_ASSUMED) != 0,
                       .is_of_row = tend_statement_text(statement, REPLAY_CHANGE_FIELD, NULL)[0] == '\0',
                       .is_removed = !tend_statement_is_null(statement, REPLAY_CHANGE_AFTER) };
}

/* *ret_is_twice: the field has a value in this group already, so that this change begins another one. */
static tend_status take_change(tend_replay *replay, tend_statement *statement, changed_row *changed, bool *ret_is_twice,
                               tend_error *reterr)
{
    int field = tend_schema_field(changed->kind, tend_statement_text(statement, REPLAY_CHANGE_FIELD, NULL));
    tend_value value;
    tend_status status = TEND_OK;

    *ret_is_twice = false;
    for (int i = 0; i < changed->count; i++)
        *ret_is_twice = *ret_is_twice || replay->fields[i].field == field;
    if (*ret_is_twice)
        return TEND_OK;
    changed->last = tend_statement_int(statement, REPLAY_CHANGE_ID);
    if (!tend_waits_has(&replay->waits, changed->kind->kind, changed->row))
        return TEND_OK; /* they wait together */
    if (field < 0 || (changed->kind->fields[field].flags & TEND_FIELD_RETIRED))
        return TEND_OK;
    tend_stored_read(statement, REPLAY_CHANGE_AFTER, &changed->kind->fields[field], &value);
    if (value.type == TEND_REF && !tend_waits_has(&replay->waits, changed->kind->fields[field].target, value.integer))
        return wait_for(replay,
                        (tend_waiting){ .what = TEND_WAITING_FIELD,
                                        .kind = changed->kind->kind,
                                        .id = changed->row,
                                        .last = value.integer,
                                        .field = field },
                        changed->kind->fields[field].target, value.integer, reterr);
    replay->fields[changed->count].field = field;
    status = tend_arena_value(replay->arena, &value, &replay->fields[changed->count].value);
    changed->count++;
    return status < 0 ? tend_replay_no_memory(reterr) : TEND_OK;
}

static tend_status put_changed(tend_replay *replay, const changed_row *changed, tend_error *reterr)
{
    tend_put made = { .kind = changed->kind->kind,
                      .id = changed->row,
                      .fields = replay->fields,
                      .field_count = changed->count,
                      .effective_at = changed->effective,
                      .known_at = changed->known,
                      .known_assumed = changed->is_assumed,
                      .is_removed = changed->is_of_row && changed->is_removed };
    bool is_done;

    if (!tend_waits_has(&replay->waits, changed->kind->kind, changed->row))
        return wait_for(
            replay,
            (tend_waiting){
                .what = TEND_WAITING_CHANGES, .kind = changed->kind->kind, .id = changed->first, .last = changed->last },
            changed->kind->kind, changed->row, reterr);
    if (changed->count == 0 && !changed->is_of_row)
        return TEND_OK;
    return put(replay, &made, &is_done, reterr);
}

/* The change that stands in the stream, with those that belong to it; the stream stands behind them. */
tend_status tend_replay_put_changes(tend_replay *replay, tend_statement *statement, bool *ret_more, tend_error *reterr)
{
    changed_row changed;
    bool is_twice = false;
    tend_status status;

    tend_arena_reset(replay->arena);
    begin_change(replay, statement, &changed);
    do {
        status = take_change(replay, statement, &changed, &is_twice, reterr);
        if (status >= 0 && !is_twice)
            status = tend_statement_step(statement, ret_more, reterr);
    } while (status >= 0 && *ret_more && !is_twice && belongs(&changed, statement));
    return status < 0 ? status : put_changed(replay, &changed, reterr);
}

tend_status tend_replay_put_closed(tend_replay *replay, tend_kind kind, int64_t fact, tend_time at, tend_error *reterr)
{
    tend_put made = { .kind = kind, .id = fact, .known_at = at, .effective_at = TEND_NO_TIME, .is_removed = true };
    bool is_done;

    if (!tend_waits_has(&replay->waits, kind, fact))
        return wait_for(replay, (tend_waiting){ .what = TEND_WAITING_CLOSED, .kind = kind, .id = fact }, kind, fact, reterr);
    return put(replay, &made, &is_done, reterr);
}

/* Whatever was refused when it was done would be refused again: it was not done, then. */
tend_status tend_replay_put_link(tend_replay *replay, tend_stream *links, tend_error *reterr)
{
    int64_t account = tend_statement_int(links->statement, 0), into = tend_statement_int(links->statement, 2), stays;
    tend_error why = { 0 };
    tend_status status = tend_replay_open_transaction(replay, reterr);

    if (status < 0)
        return status;
    status = links->what == TEND_STREAM_LINKED ? tend_merge(replay->into, &replay->origin, account, into, &why)
                                               : tend_unmerge(replay->into, &replay->origin, account, &stays, &why);
    if (status >= 0) {
        replay->counts.rows++;
        replay->in_transaction++;
        return TEND_OK;
    }
    if (status != TEND_EINVAL && status != TEND_ENOTFOUND && status != TEND_EEXISTS)
        return tend_fail(reterr, status, "%s", why.text);
    if (replay->counts.refused++ == 0)
        (void)snprintf(replay->counts.why, sizeof replay->counts.why, "%.590s", why.text);
    return TEND_OK;
}

/* -- what waited -- */

static tend_status put_one_row(tend_replay *replay, const tend_waiting *waiting, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(replay->schema, waiting->kind);
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    tend_arena_reset(replay->arena);
    status = tend_replay_ask_rows(replay, kind, true, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, waiting->id);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        status = tend_replay_put_row(replay, kind, statement, reterr);
    tend_statement_end(statement);
    return status;
}

static tend_status put_waited_changes(tend_replay *replay, const tend_waiting *waiting, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool more = false;
    tend_status status = tend_store_prepare(
        replay->from, REPLAY_CHANGES_ASKED " WHERE c.id BETWEEN ?1 AND ?2 AND c.kind=?3 AND c.row=?4 ORDER BY c.id", &statement,
        reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, waiting->id);
    tend_statement_bind_int(statement, 2, waiting->last);
    tend_statement_bind_int(statement, 3, waiting->kind);
    tend_statement_bind_int(statement, 4, waiting->for_id);
    status = tend_statement_step(statement, &more, reterr);
    while (status >= 0 && more)
        status = tend_replay_put_changes(replay, statement, &more, reterr);
    tend_statement_end(statement);
    return status;
}

/* A reference whose target has come: it is filled in where nothing else has been said since. */
static tend_status put_field(tend_replay *replay, const tend_waiting *waiting, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(replay->schema, waiting->kind);
    tend_assignment field = { .field = waiting->field, .value = { .type = TEND_REF, .integer = waiting->last } };
    tend_put made = { .kind = waiting->kind,
                      .id = waiting->id,
                      .fields = &field,
                      .field_count = 1,
                      .effective_at = TEND_NO_TIME,
                      .known_at = TEND_NO_TIME };
    tend_statement *statement = NULL;
    bool has_row = false, is_done;
    char sql[200];
    tend_status status;

    if (!tend_waits_has(&replay->waits, waiting->kind, waiting->id))
        return TEND_OK; /* the row itself still waits, and will bring it */
    (void)snprintf(sql, sizeof sql, "SELECT 1 FROM \"%.60s\" WHERE id=?1 AND \"%.60s\" IS NULL", kind->table,
                   kind->fields[waiting->field].name);
    status = tend_store_prepare(tend_model_store(replay->into), sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, waiting->id);
    status = tend_statement_step(statement, &has_row, reterr);
    tend_statement_end(statement);
    return status < 0 || !has_row ? status : put(replay, &made, &is_done, reterr);
}

tend_status tend_replay_put_ready(tend_replay *replay, bool only_rows, tend_error *reterr)
{
    tend_waiting waiting;
    tend_status status = TEND_OK;

    while (status >= 0 && tend_waits_take(&replay->waits, only_rows, &waiting)) {
        if (waiting.what == TEND_WAITING_ROW)
            status = put_one_row(replay, &waiting, reterr);
        else if (waiting.what == TEND_WAITING_CHANGES)
            status = put_waited_changes(replay, &waiting, reterr);
        else if (waiting.what == TEND_WAITING_CLOSED)
            status = tend_replay_put_closed(replay, waiting.kind, waiting.id, tend_model_now(replay->into), reterr);
        else
            status = put_field(replay, &waiting, reterr);
    }
    return status;
}
