/* entity.c: rows with a life of their own: the current row in its table, each replaced value on record. */
#include "base/buffer.h"
#include "model/inside.h"
#include <string.h>

/* A change that is to be written when all checks have passed. */
typedef struct planned {
    int field;
    tend_time effective_at;
    tend_time since; /* when what it replaces was said */
    bool is_older;   /* kept as history only */
} planned;

typedef struct row_now {
    int64_t id;
    tend_time effective_at, removed_at;
    tend_value *values; /* texts of the select statement */
} row_now;

static tend_status load(const tend_writing *writing, int64_t id, row_now *ret_row, bool *ret_found)
{
    tend_model *model = writing->model;
    const tend_kind_schema *kind = writing->kind;
    tend_statement **select = &model->kinds[kind->kind].select;
    tend_status status = tend_model_keep(model, select, tend_schema_sql_of(model->schema, kind->kind)->read_any, writing->reterr);
    int gone = TEND_ROW_FIELDS + kind->field_count + TEND_ROW_GONE;

    *ret_found = writing->is_read;
    if (status < 0)
        return status;
    if (!writing->is_read) {
        tend_statement_reset(*select);
        tend_statement_bind_int(*select, 1, id);
        status = tend_statement_step(*select, ret_found, writing->reterr);
    }
    if (status < 0 || !*ret_found)
        return status;
    ret_row->id = id;
    ret_row->values = model->current;
    ret_row->effective_at = tend_statement_int(*select, TEND_ROW_EFFECTIVE);
    ret_row->removed_at = tend_statement_is_null(*select, gone) ? TEND_NO_TIME : tend_statement_int(*select, gone);
    for (int i = 0; i < kind->field_count; i++)
        tend_stored_read(*select, TEND_ROW_FIELDS + i, &kind->fields[i], &model->current[i]);
    return TEND_OK;
}

static tend_status tell_word(const tend_writing *writing, int64_t id, int64_t account, const tend_value *values)
{
    const tend_value *word = writing->kind->status_field >= 0 ? &values[writing->kind->status_field] : NULL;

    if (!word || word->type != TEND_TEXT)
        return TEND_OK;
    return tend_gather_word(&writing->model->gather, writing->origin, writing->kind->kind, id, account, word->text, word->length,
                            writing->reterr);
}

static tend_status create(const tend_writing *writing)
{
    tend_model *model = writing->model;
    int64_t id = 0, account = 0;
    tend_status status = tend_put_create(writing, &id);

    if (status >= 0)
        status = tend_model_account(model, writing->kind, id, model->merged, &account, writing->reterr);
    if (status >= 0)
        status = tend_gather_created(&model->gather, writing->origin, writing->kind->kind, id, account, writing->reterr);
    return status >= 0 ? tell_word(writing, id, account, model->merged) : status;
}

/* The newest change of the field: TEND_NO_TIME when there is none. */
static tend_status newest_change(const tend_writing *writing, int64_t row, int field, tend_time *ret_effective)
{
    tend_model *model = writing->model;
    const char *name = field < 0 ? "" : writing->kind->fields[field].name;
    bool has_row = false;
    tend_status status = TEND_OK;

    *ret_effective = TEND_NO_TIME;
    if (!model->kinds[writing->kind->kind].changed[field < 0 ? writing->kind->field_count : field])
        return TEND_OK;
    status = tend_model_keep(model, &model->change_newest,
                             "SELECT effective_at FROM changes WHERE kind=?1 AND row=?2 AND field=?3 "
                             "ORDER BY effective_at DESC, id DESC LIMIT 1",
                             writing->reterr);
    if (status < 0)
        return status;
    tend_statement_reset(model->change_newest);
    tend_statement_bind_int(model->change_newest, 1, writing->kind->kind);
    tend_statement_bind_int(model->change_newest, 2, row);
    tend_statement_bind_string(model->change_newest, 3, name);
    status = tend_statement_step(model->change_newest, &has_row, writing->reterr);
    if (status >= 0 && has_row)
        *ret_effective = tend_statement_int(model->change_newest, 0);
    tend_statement_reset(model->change_newest);
    return status;
}

/* The value of the field at an instant in the past, as history has it now: whether it is `value` already, and which value stood
 * there before (texts from the scratch arena). */
static tend_status value_then(const tend_writing *writing, const row_now *row, int field, tend_value *ret_value,
                              bool *ret_on_record)
{
    const tend_field *described = &writing->kind->fields[field];
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status =
        tend_store_prepare(writing->model->store,
                           "SELECT after FROM (SELECT after, 0 AS place, -effective_at AS at, -id AS nth FROM changes"
                           "  WHERE kind=?1 AND row=?2 AND field=?3 AND effective_at<=?4 AND (effective_at>=?5 OR ?4<?5)"
                           " UNION ALL SELECT before, 1, effective_at, id FROM changes"
                           "  WHERE kind=?1 AND row=?2 AND field=?3 AND effective_at>?4 AND effective_at>=?5 AND ?4>=?5)"
                           " ORDER BY place, at, nth LIMIT 1",
                           &statement, writing->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, writing->kind->kind);
    tend_statement_bind_int(statement, 2, row->id);
    tend_statement_bind_string(statement, 3, described->name);
    tend_statement_bind_int(statement, 4, writing->effective_at);
    tend_statement_bind_int(statement, 5, row->effective_at);
    status = tend_statement_step(statement, &has_row, writing->reterr);
    *ret_value = (tend_value){ .type = TEND_NULL };
    *ret_on_record = has_row;
    if (status >= 0 && has_row) {
        tend_value value;

        tend_stored_read(statement, 0, described, &value);
        status = tend_arena_value(writing->model->scratch, &value, ret_value);
    }
    tend_statement_end(statement);
    return status;
}

/* Sorts one differing field: it replaces the current value, or says something older, or says nothing new. */
static tend_status plan_field(const tend_writing *writing, const row_now *row, int field, planned *ret_plan, bool *ret_needed)
{
    tend_time newest = TEND_NO_TIME;
    tend_value then;
    bool on_record = false;
    tend_status status = newest_change(writing, row->id, field, &newest);

    *ret_needed = true;
    *ret_plan = (planned){ .field = field,
                           .effective_at = writing->effective_at,
                           .since = newest < row->effective_at ? row->effective_at : newest };
    if (status < 0)
        return status;
    if (newest < row->effective_at && writing->effective_at < row->effective_at && row->values[field].type == TEND_NULL) {
        ret_plan->effective_at = row->effective_at; /* never known so far: better late than unknown */
        return TEND_OK;
    }
    if (writing->effective_at >= ret_plan->since)
        return TEND_OK;
    ret_plan->is_older = true;
    status = value_then(writing, row, field, &then, &on_record);
    if (status >= 0 && on_record && tend_stored_equal(&then, &writing->model->merged[field]))
        *ret_needed = false;
    return status;
}

static tend_status write_update(const tend_writing *writing, const row_now *row, const planned *plans, int count, bool comes_back)
{
    const tend_kind_schema *kind = writing->kind;
    tend_buffer sql = { 0 };
    tend_statement *update = NULL;
    int parameter = 1;
    tend_status status;

    tend_buffer_print(&sql, "UPDATE \"%s\" SET ", kind->table);
    if (comes_back)
        tend_buffer_text(&sql, "removed_at=NULL");
    for (int i = 0; i < count; i++) {
        if (!plans[i].is_older) {
            parameter++;
            tend_buffer_print(&sql, "%s\"%s\"=?%d", parameter > 2 || comes_back ? ", " : "", kind->fields[plans[i].field].name,
                              parameter);
        }
    }
    tend_buffer_text(&sql, " WHERE id=?1");
    if (sql.failed)
        status = tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
    else if (parameter == 1 && !comes_back)
        status = TEND_OK;
    else
        status = tend_store_prepare(writing->model->store, tend_buffer_string(&sql), &update, writing->reterr);
    if (update) {
        parameter = 1;
        tend_statement_bind_int(update, 1, row->id);
        for (int i = 0; i < count; i++) {
            if (!plans[i].is_older)
                tend_statement_bind_value(update, ++parameter, &writing->model->merged[plans[i].field]);
        }
        status = tend_statement_run(update, writing->reterr);
    }
    tend_statement_end(update);
    tend_buffer_clear(&sql);
    return status;
}

static tend_status write_changes(const tend_writing *writing, const row_now *row, const planned *plans, int count)
{
    tend_status status = TEND_OK;

    for (int i = 0; i < count && status >= 0; i++) {
        const tend_value *after = &writing->model->merged[plans[i].field];
        tend_value before = row->values[plans[i].field];
        bool on_record;

        if (plans[i].is_older)
            status = value_then(writing, row, plans[i].field, &before, &on_record);
        if (status >= 0 && plans[i].is_older)
            status = tend_said_outvoted(writing, row->id, plans[i].field, after, writing->effective_at);
        else if (status >= 0)
            status = tend_said_changed(writing, row->id, plans[i].field, &before, after, plans[i].since);
        if (status >= 0)
            status = tend_change_write(writing, row->id, plans[i].field, &before, after, plans[i].effective_at);
    }
    return status;
}

static tend_status tell_update(const tend_writing *writing, const row_now *row, const planned *plans, int count, bool comes_back)
{
    tend_model *model = writing->model;
    int64_t account = 0;
    bool has_word = comes_back;
    tend_status status = tend_model_account(model, writing->kind, row->id, model->merged, &account, writing->reterr);

    if (status >= 0)
        status = tend_gather_updated(&model->gather, writing->origin, writing->kind->kind, row->id, account, writing->reterr);
    for (int i = 0; i < count; i++)
        has_word = has_word || (plans[i].field == writing->kind->status_field && !plans[i].is_older);
    if (status >= 0 && has_word)
        status = tell_word(writing, row->id, account, model->merged);
    return status;
}

/* The fields that differ, each with what is to become of it; what is on record already goes back to the current value. */
static tend_status plan_fields(const tend_writing *writing, const row_now *row, planned *plans, int *ret_count, int *ret_current)
{
    tend_model *model = writing->model;
    tend_status status = TEND_OK;

    *ret_count = *ret_current = 0;
    for (int i = 0; i < writing->kind->field_count && status >= 0; i++) {
        bool is_needed = false;

        if (tend_stored_equal(&row->values[i], &model->merged[i]))
            continue;
        status = plan_field(writing, row, i, &plans[*ret_count], &is_needed);
        if (status < 0 || !is_needed) {
            model->merged[i] = row->values[i];
            continue;
        }
        *ret_current += !plans[*ret_count].is_older;
        (*ret_count)++;
    }
    return status;
}

/* The row as it will stand: without what is older. */
static tend_status check_after(const tend_writing *writing, const row_now *row, const planned *plans, int count)
{
    tend_model *model = writing->model;
    size_t size = (size_t)writing->kind->field_count * sizeof(tend_value);
    tend_value *after = tend_arena_take(model->scratch, size);
    tend_status status;

    if (!after)
        return tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
    memcpy(after, model->merged, size);
    for (int i = 0; i < count; i++) {
        if (plans[i].is_older)
            after[plans[i].field] = row->values[plans[i].field];
    }
    status = tend_check_row(writing->kind, after, row->values, writing->put, &writing->result->bad_field, writing->reterr);
    if (status >= 0)
        status = tend_check_others(model, writing->kind, row->id, after, row->values, &writing->result->bad_field, writing->reterr);
    return status;
}

static tend_status update(const tend_writing *writing, const row_now *row)
{
    tend_model *model = writing->model;
    const tend_kind_schema *kind = writing->kind;
    bool is_gone = row->removed_at != TEND_NO_TIME, comes_back;
    planned *plans = tend_arena_take(model->scratch, (size_t)(kind->field_count + 1) * sizeof *plans);
    int count = 0, current = 0;
    tend_status status;

    if (!plans)
        return tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
    memcpy(model->merged, row->values, (size_t)kind->field_count * sizeof *model->merged);
    status = tend_put_merge(writing, model->merged);
    writing->result->is_settled = status >= 0 && !is_gone && tend_put_is_same(writing, row->values);
    if (status >= 0)
        tend_said_leave(writing, row->values, model->merged, writing->effective_at);
    if (status >= 0)
        status = plan_fields(writing, row, plans, &count, &current);
    writing->result->id = row->id;
    writing->result->outcome = TEND_PUT_UNCHANGED;
    if (status < 0)
        return status;
    comes_back = is_gone && (current > 0 || !tend_said_repeats_presence(writing, false));
    if (!is_gone)
        tend_said_agrees_on_presence(writing);
    if (count == 0 && !comes_back)
        return tend_put_bind(writing, row->id);
    status = check_after(writing, row, plans, count);
    if (status >= 0 && comes_back)
        status = tend_change_write(writing, row->id, -1, &(tend_value){ .type = TEND_TIME, .integer = row->removed_at },
                                   &(tend_value){ 0 }, writing->effective_at);
    if (status >= 0 && comes_back)
        status = tend_said_presence(writing, row->id, false, row->removed_at);
    if (status >= 0)
        status = write_changes(writing, row, plans, count);
    if (status >= 0)
        status = write_update(writing, row, plans, count, comes_back);
    if (status >= 0)
        status = tend_put_bind(writing, row->id);
    for (int i = 0; i < count; i++) {
        if (plans[i].is_older)
            model->merged[plans[i].field] = row->values[plans[i].field];
    }
    writing->result->changed_count = current;
    writing->result->outcome = current > 0 || comes_back ? TEND_PUT_UPDATED : TEND_PUT_OLDER;
    if (status >= 0 && writing->result->outcome == TEND_PUT_UPDATED)
        status = tell_update(writing, row, plans, count, comes_back);
    return status;
}

static tend_status remove_row(const tend_writing *writing, const row_now *row)
{
    tend_model *model = writing->model;
    tend_value removed = { .type = TEND_TIME, .integer = writing->effective_at };
    tend_statement *statement = NULL;
    tend_buffer sql = { 0 };
    tend_time newest = TEND_NO_TIME;
    int64_t account = 0;
    tend_status status = newest_change(writing, row->id, -1, &newest);

    writing->result->id = row->id;
    writing->result->outcome = TEND_PUT_UNCHANGED;
    if (status < 0)
        return status;
    if (row->removed_at != TEND_NO_TIME) {
        tend_said_agrees_on_presence(writing);
        return TEND_OK;
    }
    if (tend_said_repeats_presence(writing, true))
        return TEND_OK;
    /* A row that came (back) after the tombstone stays. */
    if (writing->effective_at < row->effective_at || (newest != TEND_NO_TIME && writing->effective_at < newest)) {
        writing->result->outcome = TEND_PUT_OLDER;
        return TEND_OK;
    }
    status = tend_change_write(writing, row->id, -1, &(tend_value){ 0 }, &removed, writing->effective_at);
    if (status >= 0)
        status = tend_said_presence(writing, row->id, true, newest < row->effective_at ? row->effective_at : newest);
    tend_buffer_print(&sql, "UPDATE \"%s\" SET removed_at=?2 WHERE id=?1", writing->kind->table);
    if (status >= 0)
        status = tend_store_prepare(model->store, tend_buffer_string(&sql), &statement, writing->reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, row->id);
        tend_statement_bind_int(statement, 2, writing->effective_at);
        status = tend_statement_run(statement, writing->reterr);
    }
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    if (status >= 0)
        status = tend_model_account(model, writing->kind, row->id, row->values, &account, writing->reterr);
    if (status >= 0)
        status =
            tend_gather_event(&model->gather, writing->origin, writing->kind->kind, row->id, account, "removed", writing->reterr);
    writing->result->outcome = TEND_PUT_UPDATED;
    return status;
}

tend_status tend_entity_put(const tend_writing *writing, int64_t id)
{
    row_now row = { 0 };
    bool is_found = false;
    tend_status status = id ? load(writing, id, &row, &is_found) : TEND_OK;

    if (status < 0)
        return status;
    if (id && !is_found)
        return tend_fail(writing->reterr, TEND_ENOTFOUND, "%s %lld: no such row; `tend list %s` shows those that exist",
                         writing->kind->name, (long long)id, writing->kind->table);
    if (!is_found && writing->put->is_removed)
        writing->result->outcome = TEND_PUT_UNCHANGED; /* gone before it came */
    else if (!is_found)
        status = create(writing);
    else if (writing->put->is_removed)
        status = remove_row(writing, &row);
    else
        status = update(writing, &row);
    if (is_found)
        tend_statement_reset(writing->model->kinds[writing->kind->kind].select);
    return status;
}
