/* load_row.c: a new row of a load. What an import has checked is only put into its place. */
#include "base/utf8.h"
#include "model/inside.h"
#include <string.h>

static tend_value integer(int64_t number)
{
    return (tend_value){ .type = TEND_INT, .integer = number };
}

/* The cells before the fields, in the order of tend_load_room. */
static void fill_common(const tend_writing *writing, int64_t id, tend_time effective_at, tend_value *row)
{
    const tend_put *put = writing->put;

    row[0] = integer(id);
    row[1] = integer(effective_at);
    row[2] = integer(writing->known_at);
    row[3] = integer(put->known_assumed);
    row[4] = integer(writing->now);
    row[5] = integer(writing->origin->batch);
    row[6] = integer(writing->origin->source);
    row[7] = (tend_value){ .type = TEND_TEXT, .text = put->external, .length = put->external_length };
    if (writing->kind->is_fact)
        row[8] = integer(id);
}

static tend_status add(const tend_writing *writing, int64_t id)
{
    tend_load_add(writing, id);
    tend_put_wrote(writing);
    return tend_gather_made(&writing->model->gather, writing->kind->kind, id, writing->origin->batch, writing->reterr);
}

tend_status tend_load_insert(const tend_writing *writing, int64_t id, tend_time effective_at, const tend_value *values)
{
    int at;
    tend_value *row = tend_load_room(writing, &at);
    tend_status status;

    fill_common(writing, id, effective_at, row);
    status = tend_load_keep(writing, &row[7]);
    for (int i = 0; i < writing->kind->field_count && status >= 0; i++) {
        row[at + i] = values[i];
        status = tend_load_keep(writing, &row[at + i]);
    }
    return status >= 0 ? add(writing, id) : status;
}

/* What tend_check_value makes of a value that it lets pass. */
static tend_status take_value(const tend_writing *writing, const tend_assignment *given, tend_value *ret_value)
{
    tend_value value = given->value;

    if (value.type == TEND_DECIMAL)
        return tend_check_value(writing->kind, given->field, &value, ret_value, writing->model->scratch, writing->reterr);
    if (value.type == TEND_TEXT && value.length == 0)
        value = (tend_value){ .type = TEND_NULL };
    if (value.type == TEND_TEXT) {
        if (tend_utf8_nfc(writing->model->scratch, value.text, value.length, &value.text, &value.length) < 0)
            return tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
        if (value.text != given->value.text && tend_load_keep(writing, &value) < 0)
            return TEND_ENOMEM;
    }
    *ret_value = value;
    return TEND_OK;
}

/* That of an amount is no text of the record's. */
static tend_status take_currency(const tend_writing *writing, tend_value *values)
{
    int field = writing->kind->currency_field;

    if (field < 0 || values[field].type != TEND_NULL)
        return TEND_OK;
    tend_put_currency(writing->kind, writing->put, values);
    return tend_load_keep(writing, &values[field]);
}

/* It is there, and its status is one of these. */
static tend_status tell(const tend_writing *writing, int64_t id, const tend_value *values)
{
    tend_gather *gather = &writing->model->gather;
    const tend_kind_schema *kind = writing->kind;
    const tend_value *word = kind->status_field >= 0 ? &values[kind->status_field] : NULL;
    int64_t account = 0;
    tend_status status = tend_model_account(writing->model, kind, id, values, &account, writing->reterr);

    if (status >= 0)
        status = tend_gather_created(gather, writing->origin, kind->kind, id, account, writing->reterr);
    if (status >= 0 && word && word->type == TEND_TEXT)
        status = tend_gather_word(gather, writing->origin, kind->kind, id, account, word->text, word->length, writing->reterr);
    return status;
}

tend_status tend_load_put(const tend_writing *writing)
{
    const tend_kind_schema *kind = writing->kind;
    const tend_put *put = writing->put;
    int at;
    tend_value *row = tend_load_room(writing, &at), *values = row + at;
    int64_t id = 0;
    tend_status status = TEND_OK;

    memset(values, 0, (size_t)kind->field_count * sizeof *values);
    for (int i = 0; i < put->field_count && status >= 0; i++)
        status = take_value(writing, &put->fields[i], &values[put->fields[i].field]);
    if (status >= 0)
        status = take_currency(writing, values);
    if (status >= 0)
        status = tend_check_others(writing->model, kind, 0, values, NULL, &writing->result->bad_field, writing->reterr);
    if (status >= 0)
        status = tend_store_ids(writing->model->store, kind->table, 1, &id, writing->reterr);
    if (status < 0)
        return status;
    fill_common(writing, id, tend_put_happened(writing, values), row);
    status = add(writing, id);
    if (status >= 0)
        status = tell(writing, id, values);
    writing->result->id = id;
    writing->result->outcome = TEND_PUT_CREATED;
    return status;
}
