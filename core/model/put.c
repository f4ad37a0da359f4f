/* put.c: the one path by which rows are written: who may, which row, what is said; then the entity's or the fact's way. */
#include "base/buffer.h"
#include "base/utf8.h"
#include "model/inside.h"
#include <assert.h>
#include <string.h>

bool tend_stored_equal(const tend_value *a, const tend_value *b)
{
    if (a->type == TEND_NULL || b->type == TEND_NULL)
        return a->type == b->type;
    if (a->type == TEND_TEXT)
        return a->length == b->length && !memcmp(a->text, b->text, a->length);
    return a->integer == b->integer;
}

void tend_stored_read(tend_statement *statement, int column, const tend_field *field, tend_value *ret_value)
{
    tend_value value = { .type = TEND_NULL };

    if (!tend_statement_is_null(statement, column)) {
        value.type = field->type;
        if (field->type == TEND_TEXT)
            value.text = tend_statement_text(statement, column, &value.length);
        else
            value.integer = tend_statement_int(statement, column);
        if (field->type == TEND_DECIMAL)
            value.scale = field->scale;
    }
    *ret_value = value;
}

void tend_row_currency(const tend_kind_schema *kind, tend_value *values)
{
    const tend_value *currency = kind->currency_field >= 0 ? &values[kind->currency_field] : NULL;

    if (!currency || currency->type != TEND_TEXT || currency->length != 3)
        return;
    for (int i = 0; i < kind->field_count; i++) {
        if (values[i].type == TEND_MONEY) {
            memcpy(values[i].currency, currency->text, 3);
            values[i].currency[3] = 0;
        }
    }
}

/* The first amount brings the row's currency along when nobody names one. */
void tend_put_currency(const tend_kind_schema *kind, const tend_put *put, tend_value *values)
{
    if (kind->currency_field < 0 || values[kind->currency_field].type != TEND_NULL)
        return;
    for (int i = 0; i < put->field_count; i++) {
        const tend_value *value = &put->fields[i].value;

        if (value->type != TEND_MONEY || !value->currency[0])
            continue;
        values[kind->currency_field] = (tend_value){ .type = TEND_TEXT, .text = value->currency, .length = 3 };
        break;
    }
}

tend_status tend_put_merge(const tend_writing *writing, tend_value *values)
{
    const tend_put *put = writing->put;

    for (int i = 0; i < put->field_count; i++) {
        const tend_assignment *assignment = &put->fields[i];
        tend_status status = tend_check_value(writing->kind, assignment->field, &assignment->value, &values[assignment->field],
                                              writing->model->scratch, writing->reterr);

        if (status >= 0)
            status = tend_check_calendar(writing->model, writing->kind, assignment->field, &assignment->value, writing->reterr);
        if (status < 0) {
            writing->result->bad_field = assignment->field;
            return status;
        }
    }
    tend_put_currency(writing->kind, put, values);
    return TEND_OK;
}

bool tend_put_is_same(const tend_writing *writing, const tend_value *values)
{
    bool is_same = writing->said->count == 0 && writing->is_bound;

    for (int i = 0; i < writing->kind->field_count && is_same; i++)
        is_same = tend_stored_equal(&values[i], &writing->model->merged[i]);
    return is_same;
}

void tend_put_wrote(const tend_writing *writing)
{
    writing->model->writes++;
    if (writing->result)
        writing->result->has_written = true;
}

static tend_status write_insert(tend_model *model, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_buffer sql = { 0 };
    int parameter = kind->is_fact ? 11 : 8;
    tend_status status;

    tend_buffer_print(&sql, "INSERT INTO \"%s\" (id, effective_at, known_at, known_assumed, recorded_at, batch, source, external%s",
                      kind->table, kind->is_fact ? ", fact, closed_at, closed_known" : "");
    for (int i = 0; i < kind->field_count; i++)
        tend_buffer_print(&sql, ", \"%s\"", kind->fields[i].name);
    tend_buffer_text(&sql, ") VALUES (?1");
    for (int i = 2; i <= parameter + kind->field_count; i++)
        tend_buffer_print(&sql, ", ?%d", i);
    tend_buffer_byte(&sql, ')');
    status = sql.failed ? tend_fail(reterr, TEND_ENOMEM, "model: memory is used up")
                        : tend_store_prepare(model->store, tend_buffer_string(&sql), &model->kinds[kind->kind].insert, reterr);
    tend_buffer_clear(&sql);
    return status;
}

static void bind_time(tend_statement *statement, int parameter, tend_time at)
{
    if (at == TEND_NO_TIME)
        tend_statement_bind_null(statement, parameter);
    else
        tend_statement_bind_int(statement, parameter, at);
}

tend_status tend_row_insert(const tend_writing *writing, int64_t id, int64_t fact, tend_time effective_at, const tend_value *values,
                            tend_time closed_at, tend_time closed_known)
{
    tend_model *model = writing->model;
    const tend_kind_schema *kind = writing->kind;
    tend_statement *insert;
    int parameter = 8;
    bool is_named = id == fact && writing->put && writing->put->external && !writing->is_bound;
    tend_status status = TEND_OK;

    if (writing->is_loading)
        return tend_load_insert(writing, id, effective_at, values);
    if (!model->kinds[kind->kind].insert)
        status = write_insert(model, kind, writing->reterr);
    if (status < 0)
        return status;
    insert = model->kinds[kind->kind].insert;
    tend_statement_bind_int(insert, 1, id);
    tend_statement_bind_int(insert, 2, effective_at);
    tend_statement_bind_int(insert, 3, writing->known_at);
    tend_statement_bind_int(insert, 4, writing->put->known_assumed);
    tend_statement_bind_int(insert, 5, writing->now);
    tend_statement_bind_int(insert, 6, writing->origin->batch);
    if (is_named) {
        tend_statement_bind_int(insert, 7, writing->origin->source);
        tend_statement_bind_text(insert, 8, writing->put->external, writing->put->external_length);
    } else {
        tend_statement_bind_null(insert, 7);
        tend_statement_bind_null(insert, 8);
    }
    if (kind->is_fact) {
        tend_statement_bind_int(insert, ++parameter, fact);
        bind_time(insert, ++parameter, closed_at);
        bind_time(insert, ++parameter, closed_known);
    }
    for (int i = 0; i < kind->field_count; i++)
        tend_statement_bind_value(insert, ++parameter, &values[i]);
    status = tend_statement_run(insert, writing->reterr);
    if (status >= 0)
        status = tend_gather_made(&model->gather, kind->kind, id, writing->origin->batch, writing->reterr);
    tend_put_wrote(writing);
    return status;
}

tend_time tend_put_happened(const tend_writing *writing, const tend_value *values)
{
    int field = writing->kind->effective_field;

    if (field < 0 || values[field].type == TEND_NULL)
        return writing->effective_at;
    return values[field].type == TEND_DATE ? values[field].integer * 86400000 : values[field].integer;
}

static tend_status remember_changed(const tend_writing *writing, int slot, const char *name)
{
    tend_model *model = writing->model;
    bool *changed = &model->kinds[writing->kind->kind].changed[slot];
    tend_statement *insert = NULL;
    tend_status status;

    if (*changed)
        return TEND_OK;
    status = tend_store_prepare(model->store, "INSERT OR IGNORE INTO changed_fields (kind, field) VALUES (?1, ?2)", &insert,
                                writing->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(insert, 1, writing->kind->kind);
    tend_statement_bind_string(insert, 2, name);
    status = tend_statement_run(insert, writing->reterr);
    tend_statement_end(insert);
    *changed = status >= 0;
    return status;
}

tend_status tend_change_write(const tend_writing *writing, int64_t row, int field, const tend_value *before,
                              const tend_value *after, tend_time effective_at)
{
    tend_model *model = writing->model;
    const char *name = field < 0 ? "" : writing->kind->fields[field].name;
    tend_statement *insert;
    tend_status status =
        tend_model_keep(model, &model->change_insert,
                        "INSERT INTO changes (id, kind, row, field, before, after, effective_at, known_at, recorded_at, batch, "
                        "principal, source, known_assumed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                        writing->reterr);
    int64_t id;

    if (status >= 0)
        status = remember_changed(writing, field < 0 ? writing->kind->field_count : field, name);
    if (status >= 0)
        status = tend_store_ids(model->store, "changes", 1, &id, writing->reterr);
    if (status < 0)
        return status;
    insert = model->change_insert;
    tend_statement_bind_int(insert, 1, id);
    tend_statement_bind_int(insert, 2, writing->kind->kind);
    tend_statement_bind_int(insert, 3, row);
    tend_statement_bind_string(insert, 4, name);
    tend_statement_bind_value(insert, 5, before);
    tend_statement_bind_value(insert, 6, after);
    tend_statement_bind_int(insert, 7, effective_at);
    tend_statement_bind_int(insert, 8, writing->known_at);
    tend_statement_bind_int(insert, 9, writing->now);
    tend_statement_bind_int(insert, 10, writing->origin->batch);
    tend_statement_bind_string(insert, 11, writing->origin->principal->name);
    tend_statement_bind_int(insert, 12, writing->origin->source);
    tend_statement_bind_int(insert, 13, writing->put && writing->put->known_assumed);
    tend_put_wrote(writing);
    return tend_statement_run(insert, writing->reterr);
}

tend_status tend_put_create(const tend_writing *writing, int64_t *ret_id)
{
    tend_model *model = writing->model;
    const tend_kind_schema *kind = writing->kind;
    tend_value *values = model->merged;
    tend_time since = TEND_NO_TIME;
    tend_status status;

    memset(values, 0, (size_t)kind->field_count * sizeof *values);
    status = tend_put_merge(writing, values);
    if (status >= 0)
        status = tend_check_row(kind, values, NULL, writing->put, &writing->result->bad_field, writing->reterr);
    if (status >= 0)
        status = tend_check_others(model, kind, 0, values, NULL, &writing->result->bad_field, writing->reterr);
    *ret_id = writing->put->as_id;
    if (status >= 0 && *ret_id == 0)
        status = tend_store_ids(model->store, kind->table, 1, ret_id, writing->reterr);
    if (status < 0)
        return status;
    since = tend_put_happened(writing, values);
    status = tend_row_insert(writing, *ret_id, *ret_id, since, values, TEND_NO_TIME, TEND_NO_TIME);
    if (status >= 0 && writing->origin->batch == 0) /* a batch knows who made it; a lone row says so itself */
        status = tend_change_write(writing, *ret_id, -1, &(tend_value){ 0 }, &(tend_value){ 0 }, since);
    writing->result->id = *ret_id;
    writing->result->outcome = TEND_PUT_CREATED;
    return status;
}

static tend_status refuse_shape(const tend_kind_schema *kind, const tend_put *put, tend_put_result *result, tend_error *reterr)
{
    for (int i = 0; i < put->field_count; i++) {
        int field = put->fields[i].field;

        assert(field >= 0 && field < kind->field_count);
        if (!(kind->fields[field].flags & TEND_FIELD_RETIRED))
            continue;
        result->bad_field = field;
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: retired by the administrator; leave it out", kind->name,
                         kind->fields[field].name);
    }
    return TEND_OK;
}

tend_status tend_model_check(const tend_model *model, const tend_put *put, bool is_new, tend_put_result *ret_result,
                             tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(model->schema, put->kind);
    tend_value *values;
    tend_status status;

    tend_arena_reset(model->checking);
    values = tend_arena_take(model->checking, (size_t)kind->field_count * sizeof *values);
    *ret_result = (tend_put_result){ .bad_field = -1 };
    if (!values)
        return tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
    status = refuse_shape(kind, put, ret_result, reterr);
    for (int i = 0; status >= 0 && i < put->field_count; i++) {
        int field = put->fields[i].field;

        if (put->fits && put->fits[i]) {
            values[field] = put->fields[i].value;
            continue;
        }
        status = tend_check_value(kind, field, &put->fields[i].value, &values[field], model->checking, reterr);
        if (status >= 0)
            status = tend_check_calendar(model, kind, field, &put->fields[i].value, reterr);
        if (status < 0)
            ret_result->bad_field = field;
    }
    /* Of an old row only what the record says can be looked at; the rest is checked when it meets the row. */
    if (status >= 0 && is_new && !put->is_removed)
        status = tend_check_row(kind, values, NULL, put, &ret_result->bad_field, reterr);
    return status;
}

/* The row that the record is about, 0: a new one. */
static tend_status find_row(tend_writing *writing, int64_t *ret_id)
{
    const tend_put *put = writing->put;
    int64_t bound = 0;
    tend_status status = TEND_OK;

    *ret_id = put->id;
    if (!put->external)
        return TEND_OK;
    status = tend_put_find(writing, &bound);
    if (status < 0 || bound == 0)
        return status;
    writing->is_bound = true;
    if (put->id != 0 && put->id != bound)
        return tend_fail(writing->reterr, TEND_EINVAL, "%s %lld: the id %s of this source belongs to %s %lld; merge the two",
                         writing->kind->name, (long long)put->id, put->external, writing->kind->name, (long long)bound);
    *ret_id = bound;
    return TEND_OK;
}

static tend_status refuse_unwritable(const tend_writing *writing, int64_t id)
{
    const tend_principal *principal = writing->origin->principal;
    tend_verb verb = writing->put->is_removed ? TEND_VERB_REMOVE : id ? TEND_VERB_UPDATE : TEND_VERB_CREATE;
    tend_status status = tend_access_may(principal, verb, writing->kind->kind, id, writing->reterr);

    if (status >= 0 && id != 0 && writing->kind->kind == TEND_KIND_APPROVAL)
        status = tend_access_may_decide(writing->model, principal, id, writing->reterr);
    return status;
}

tend_status tend_model_put(tend_model *model, const tend_origin *origin, const tend_put *put, tend_put_result *ret_result,
                           tend_error *reterr)
{
    tend_put_result result = { .bad_field = -1 };
    tend_said said = { 0 };
    tend_writing writing = { .model = model,
                             .origin = origin,
                             .put = put,
                             .kind = tend_schema_kind(model->schema, put->kind),
                             .now = tend_model_now(model),
                             .said = &said,
                             .result = &result,
                             .reterr = reterr };
    int64_t id = 0;
    tend_put kept;
    tend_status status = tend_model_refuse_outside(model, reterr);

    tend_arena_reset(model->scratch);
    writing.known_at = put->known_at == TEND_NO_TIME || put->known_at > writing.now ? writing.now : put->known_at;
    writing.effective_at = put->effective_at == TEND_NO_TIME ? writing.known_at : put->effective_at;
    if (status >= 0 && !put->is_checked)
        status = refuse_shape(writing.kind, put, &result, reterr);
    if (status >= 0)
        status = tend_load_choose(&writing);
    if (status >= 0 && writing.is_loading && put->is_checked) {
        status = refuse_unwritable(&writing, 0);
        if (status >= 0)
            status = tend_load_put(&writing);
        model->kinds[put->kind].version += status >= 0;
        result.is_settled = put->external && !put->is_removed;
        *ret_result = result;
        return status;
    }
    if (status >= 0 && !writing.is_loading)
        status = find_row(&writing, &id);
    if (status >= 0)
        status = refuse_unwritable(&writing, id);
    if (status >= 0)
        status = tend_erased_leave(&writing, id, &kept);
    if (status >= 0)
        status = writing.kind->is_fact ? tend_fact_put(&writing, id) : tend_entity_put(&writing, id);
    if (status >= 0)
        status = tend_said_end(&writing);
    if (status >= 0 && result.outcome == TEND_PUT_CREATED)
        model->kinds[put->kind].version++;
    result.is_settled = result.erased_count == 0 && !put->is_removed &&
                        (result.is_settled || (put->external && result.outcome == TEND_PUT_CREATED));
    if (status >= 0 && result.outcome == TEND_PUT_UPDATED)
        tend_model_touched(model, put->kind);
    if (status < 0 && writing.is_read)
        tend_statement_reset(model->kinds[put->kind].select);
    *ret_result = result;
    return status;
}
