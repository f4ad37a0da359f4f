/* fact.c: what happened, in versions: a correction adds one and closes the one before; a tombstone only closes. */
#include "base/buffer.h"
#include "model/inside.h"
#include <string.h>

typedef struct version {
    int64_t id;
    tend_time effective_at, known_at;
    tend_time closed_known; /* TEND_NO_TIME: open */
    tend_value *values;
} version;

/* One version by a condition over ?1 (the fact) and ?2; its texts go to the scratch arena unless it is the live one. */
static tend_status load_where(const tend_writing *writing, int64_t fact, tend_time at, const char *condition, version *ret_version,
                              bool *ret_found)
{
    const tend_kind_schema *kind = writing->kind;
    tend_model *model = writing->model;
    const char *columns = tend_schema_sql_of(model->schema, kind->kind)->columns;
    tend_statement *statement = NULL;
    tend_buffer sql = { 0 };
    tend_status status;

    tend_buffer_print(&sql, "SELECT %s, r.closed_known FROM \"%s\" r WHERE (r.id=?1 OR r.id IN ", columns, kind->table);
    tend_buffer_print(&sql, "(SELECT v.id FROM \"%s\" v WHERE v.fact=?1 AND v.fact<>v.id)) AND (?2 IS ?2) AND %s", kind->table,
                      condition);
    status = sql.failed ? tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up")
                        : tend_store_prepare(model->store, tend_buffer_string(&sql), &statement, writing->reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, fact);
        tend_statement_bind_int(statement, 2, at);
        status = tend_statement_step(statement, ret_found, writing->reterr);
    }
    if (status >= 0 && *ret_found) {
        int closed = TEND_ROW_FIELDS + kind->field_count;

        ret_version->id = tend_statement_int(statement, TEND_ROW_ID);
        ret_version->effective_at = tend_statement_int(statement, TEND_ROW_EFFECTIVE);
        ret_version->known_at = tend_statement_int(statement, TEND_ROW_KNOWN);
        ret_version->closed_known =
            tend_statement_is_null(statement, closed) ? TEND_NO_TIME : tend_statement_int(statement, closed);
        ret_version->values = tend_arena_take(model->scratch, (size_t)kind->field_count * sizeof(tend_value));
        for (int i = 0; i < kind->field_count && ret_version->values && status >= 0; i++) {
            tend_value value;

            tend_stored_read(statement, TEND_ROW_FIELDS + i, &kind->fields[i], &value);
            status = tend_arena_value(model->scratch, &value, &ret_version->values[i]);
        }
        if (!ret_version->values || status < 0)
            status = tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
    }
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    return status;
}

/* The live version; texts stay the select statement's. */
static tend_status load_live(const tend_writing *writing, int64_t fact, version *ret_version, bool *ret_found)
{
    const tend_kind_schema *kind = writing->kind;
    tend_model *model = writing->model;
    tend_statement **select = &model->kinds[kind->kind].select;
    tend_status status = tend_model_keep(model, select, tend_schema_sql_of(model->schema, kind->kind)->read_live, writing->reterr);

    *ret_found = writing->is_read;
    if (status < 0)
        return status;
    if (!writing->is_read) {
        tend_statement_reset(*select);
        tend_statement_bind_int(*select, 1, fact);
        status = tend_statement_step(*select, ret_found, writing->reterr);
    }
    if (status < 0 || !*ret_found)
        return status;
    ret_version->id = tend_statement_int(*select, TEND_ROW_ID);
    ret_version->effective_at = tend_statement_int(*select, TEND_ROW_EFFECTIVE);
    ret_version->known_at = tend_statement_int(*select, TEND_ROW_KNOWN);
    ret_version->closed_known = TEND_NO_TIME;
    ret_version->values = model->current;
    for (int i = 0; i < kind->field_count; i++)
        tend_stored_read(*select, TEND_ROW_FIELDS + i, &kind->fields[i], &model->current[i]);
    return TEND_OK;
}

static bool values_equal(const tend_kind_schema *kind, const tend_value *a, const tend_value *b, int *ret_count)
{
    int differ = 0;

    for (int i = 0; i < kind->field_count; i++)
        differ += !tend_stored_equal(&a[i], &b[i]);
    *ret_count = differ;
    return differ == 0;
}

static tend_status close_version(const tend_writing *writing, int64_t id, tend_time closed_known, bool keep_closed_at)
{
    tend_statement **kept = &writing->model->kinds[writing->kind->kind].close;
    char sql[240];
    tend_status status = TEND_OK;

    if (!*kept) {
        (void)snprintf(sql, sizeof sql,
                       "UPDATE \"%s\" SET closed_known=?2, closed_at=CASE WHEN ?4=1 THEN coalesce(closed_at, ?3) ELSE ?3 END"
                       " WHERE id=?1",
                       writing->kind->table);
        status = tend_model_keep(writing->model, kept, sql, writing->reterr);
    }
    if (status < 0)
        return status;
    tend_statement_bind_int(*kept, 1, id);
    tend_statement_bind_int(*kept, 2, closed_known);
    tend_statement_bind_int(*kept, 3, writing->now);
    tend_statement_bind_int(*kept, 4, keep_closed_at);
    return tend_statement_run(*kept, writing->reterr);
}

static tend_status tell(const tend_writing *writing, int64_t id, const tend_value *values, bool is_new)
{
    tend_model *model = writing->model;
    const tend_kind_schema *kind = writing->kind;
    int64_t account = 0;
    tend_status status = tend_model_account(model, kind, id, values, &account, writing->reterr);
    const tend_value *word = kind->status_field >= 0 ? &values[kind->status_field] : NULL;

    if (status < 0)
        return status;
    if (is_new)
        status = tend_gather_created(&model->gather, writing->origin, kind->kind, id, account, writing->reterr);
    else
        status = tend_gather_event(&model->gather, writing->origin, kind->kind, id, account, "updated", writing->reterr);
    if (status >= 0 && word && word->type == TEND_TEXT && is_new)
        status =
            tend_gather_word(&model->gather, writing->origin, kind->kind, id, account, word->text, word->length, writing->reterr);
    return status;
}

static tend_status create(const tend_writing *writing)
{
    int64_t id = 0;
    tend_status status = tend_put_create(writing, &id);

    return status >= 0 ? tell(writing, id, writing->model->merged, true) : status;
}

/* A new version that stands from `writing->known_at` on, or until `closed_known` when it is an older one. */
static tend_status add_version(const tend_writing *writing, int64_t fact, const tend_value *values, tend_time closed_known,
                               int64_t *ret_id)
{
    tend_status status = TEND_OK;

    *ret_id = writing->put->as_id;
    if (*ret_id == 0)
        status = tend_store_ids(writing->model->store, writing->kind->table, 1, ret_id, writing->reterr);
    if (status >= 0)
        status = tend_row_insert(writing, *ret_id, fact, tend_put_happened(writing, values), values,
                                 closed_known == TEND_NO_TIME ? TEND_NO_TIME : writing->now, closed_known);
    return status;
}

static bool is_assigned(const tend_put *put, int field)
{
    for (int i = 0; i < put->field_count; i++) {
        if (put->fields[i].field == field)
            return true;
    }
    return false;
}

/* Something that was known before the live version: it goes between the versions of its time. */
static tend_status put_older(const tend_writing *writing, int64_t fact, const version *live)
{
    tend_model *model = writing->model;
    version then = { 0 }, next = { 0 };
    bool has_then = false, has_next = false;
    int64_t id = 0;
    int differ = 0;
    tend_status status =
        load_where(writing, fact, writing->known_at,
                   "r.known_at<=?2 AND (r.closed_known IS NULL OR r.closed_known>?2) ORDER BY r.id DESC LIMIT 1", &then, &has_then);

    if (status >= 0 && !has_then)
        status = load_where(writing, fact, writing->known_at, "r.known_at>?2 ORDER BY r.known_at, r.id LIMIT 1", &next, &has_next);
    writing->result->id = live->id;
    writing->result->outcome = TEND_PUT_OLDER;
    if (status < 0)
        return status;
    memcpy(model->merged,
           has_then   ? then.values
           : has_next ? next.values
                      : live->values,
           (size_t)writing->kind->field_count * sizeof *model->merged);
    status = tend_put_merge(writing, model->merged);
    if (status >= 0 && has_then && values_equal(writing->kind, model->merged, then.values, &differ)) {
        writing->result->outcome = TEND_PUT_UNCHANGED;
        return TEND_OK;
    }
    if (status >= 0)
        status = tend_check_row(writing->kind, model->merged, NULL, writing->put, &writing->result->bad_field, writing->reterr);
    if (status >= 0)
        status = tend_check_others(model, writing->kind, live->id, model->merged, live->values, &writing->result->bad_field,
                                   writing->reterr);
    if (status >= 0)
        status = add_version(writing, fact, model->merged,
                             has_then && then.closed_known != TEND_NO_TIME ? then.closed_known
                             : has_next                                    ? next.known_at
                                                                           : live->known_at,
                             &id);
    if (status >= 0 && has_then)
        status = close_version(writing, then.id, writing->known_at, true);
    for (int i = 0; i < writing->kind->field_count && status >= 0; i++) {
        if (!tend_stored_equal(&model->merged[i], &live->values[i]) && is_assigned(writing->put, i))
            status = tend_said_outvoted(writing, live->id, i, &model->merged[i], writing->known_at);
    }
    return status;
}

/* Tells the fact's other sources what becomes of what they said. */
static tend_status tell_sources(const tend_writing *writing, int64_t fact, const version *last, bool is_live)
{
    tend_status status = is_live ? TEND_OK : tend_said_presence(writing, fact, false, last->closed_known);

    for (int i = 0; i < writing->kind->field_count && status >= 0; i++) {
        if (!tend_stored_equal(&writing->model->merged[i], &last->values[i]))
            status = tend_said_changed(writing, fact, i, &last->values[i], &writing->model->merged[i], last->known_at);
    }
    return status;
}

/* A new version of a fact that is known already. */
static tend_status correct(tend_writing *writing, int64_t fact, version *last, bool is_live)
{
    tend_model *model = writing->model;
    const tend_kind_schema *kind = writing->kind;
    int64_t id = 0;
    int differ = 0;
    tend_status status;

    memcpy(model->merged, last->values, (size_t)kind->field_count * sizeof *model->merged);
    status = tend_put_merge(writing, model->merged);
    writing->result->id = last->id;
    writing->result->outcome = TEND_PUT_UNCHANGED;
    if (status < 0)
        return status;
    writing->result->is_settled = is_live && tend_put_is_same(writing, last->values);
    tend_said_leave(writing, last->values, model->merged, writing->known_at);
    if (is_live)
        tend_said_agrees_on_presence(writing);
    if (values_equal(kind, model->merged, last->values, &differ) && (is_live || tend_said_repeats_presence(writing, false)))
        return TEND_OK;
    if (is_live && writing->known_at < last->known_at)
        return put_older(writing, fact, last);
    if (!is_live && writing->known_at < last->closed_known)
        writing->known_at = last->closed_known; /* it was gone until then */
    status = tend_check_row(kind, model->merged, last->values, writing->put, &writing->result->bad_field, writing->reterr);
    if (status >= 0)
        status =
            tend_check_others(model, kind, last->id, model->merged, last->values, &writing->result->bad_field, writing->reterr);
    if (status >= 0)
        status = add_version(writing, fact, model->merged, TEND_NO_TIME, &id);
    if (status >= 0 && is_live)
        status = close_version(writing, last->id, writing->known_at, false);
    if (status >= 0 && writing->origin->batch == 0)
        status =
            tend_change_write(writing, id, -1, &(tend_value){ 0 }, &(tend_value){ 0 }, tend_put_happened(writing, model->merged));
    if (status >= 0)
        status = tell_sources(writing, fact, last, is_live);
    if (status >= 0)
        status = tell(writing, id, model->merged, false);
    writing->result->id = id;
    writing->result->changed_count = differ;
    writing->result->outcome = TEND_PUT_UPDATED;
    return status;
}

static tend_status remove_fact(const tend_writing *writing, int64_t fact, const version *live)
{
    tend_model *model = writing->model;
    tend_time known = writing->known_at > live->known_at ? writing->known_at : live->known_at;
    tend_value closed = { .type = TEND_TIME, .integer = known };
    int64_t account = 0;
    tend_status status;

    writing->result->id = live->id;
    if (tend_said_repeats_presence(writing, true))
        return TEND_OK;
    status = close_version(writing, live->id, known, false);
    if (status >= 0)
        status = tend_said_presence(writing, fact, true, live->known_at);
    if (status >= 0)
        status = tend_change_write(writing, live->id, -1, &(tend_value){ 0 }, &closed, live->effective_at);
    if (status >= 0)
        status = tend_model_account(model, writing->kind, live->id, live->values, &account, writing->reterr);
    if (status >= 0)
        status =
            tend_gather_event(&model->gather, writing->origin, writing->kind->kind, live->id, account, "removed", writing->reterr);
    writing->result->outcome = TEND_PUT_UPDATED;
    return status;
}

/* Any version's id leads to the fact. */
static tend_status fact_of(const tend_writing *writing, int64_t id, int64_t *ret_fact)
{
    tend_buffer sql = { 0 };
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    tend_buffer_print(&sql, "SELECT fact FROM \"%s\" WHERE id=?1", writing->kind->table);
    status = tend_store_prepare(writing->model->store, tend_buffer_string(&sql), &statement, writing->reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, id);
        status = tend_statement_step(statement, &has_row, writing->reterr);
    }
    if (status >= 0 && has_row)
        *ret_fact = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    if (status >= 0 && !has_row)
        status = tend_fail(writing->reterr, TEND_ENOTFOUND, "%s %lld: no such row; `tend list %s` shows those that exist",
                           writing->kind->name, (long long)id, writing->kind->table);
    return status;
}

tend_status tend_fact_put(const tend_writing *writing, int64_t fact)
{
    tend_writing mine = *writing;
    version last = { 0 };
    bool is_live = false, is_known = false;
    tend_status status = TEND_OK;

    if (fact && writing->put->id)
        status = fact_of(writing, fact, &fact);
    if (status >= 0 && fact)
        status = load_live(writing, fact, &last, &is_live);
    if (status >= 0 && fact && !is_live)
        status = load_where(writing, fact, 0, "1 ORDER BY r.closed_known DESC, r.id DESC LIMIT 1", &last, &is_known);
    if (status < 0)
        return status;
    writing->result->outcome = TEND_PUT_UNCHANGED;
    writing->result->id = last.id;
    if (!is_live && !is_known && !writing->put->is_removed)
        status = create(&mine);
    else if (is_live && writing->put->is_removed)
        status = remove_fact(&mine, fact, &last);
    else if (!writing->put->is_removed)
        status = correct(&mine, fact, &last, is_live);
    else if (is_known)
        tend_said_agrees_on_presence(&mine);
    if (is_live)
        tend_statement_reset(writing->model->kinds[writing->kind->kind].select);
    return status;
}
