/* form.c: field=value words as a record. */
#include "cli/form.h"
#include "base/near.h"
#include "base/utf8.h"
#include "cli/command.h"
#include <assert.h>
#include <string.h>

void tend_form_init(tend_form *form, const tend_session *session, tend_kind kind)
{
    *form = (tend_form){ .kind = tend_schema_kind(tend_workspace_schema(session->workspace), kind) };
}

static void set_field(tend_form *form, int field, tend_value value)
{
    for (int i = 0; i < form->count; i++)
        if (form->fields[i].field == field) {
            form->fields[i].value = value;
            return;
        }
    assert(form->count < TEND_FORM_MAX);
    form->fields[form->count++] = (tend_assignment){ field, value };
}

void tend_form_set(tend_form *form, const char *field, tend_value value)
{
    int index = tend_schema_field(form->kind, field);

    assert(index >= 0);
    if (value.type == TEND_INT && form->kind->fields[index].type == TEND_REF)
        value.type = TEND_REF;
    set_field(form, index, value);
}

bool tend_form_has(const tend_form *form, const char *field)
{
    int index = tend_schema_field(form->kind, field);

    for (int i = 0; i < form->count; i++)
        if (form->fields[i].field == index)
            return true;
    return false;
}

static tend_status unknown_field(const tend_form *form, const char *name, tend_error *reterr)
{
    const char *names[160];
    int count = 0;
    const char *near;

    for (int i = 0; i < form->kind->field_count && count < 159; i++)
        names[count++] = form->kind->fields[i].name;
    names[count] = NULL;
    near = tend_near(name, names);
    if (near)
        return tend_fail(reterr, TEND_EINVAL, "%s: no such field of %s; did you mean %s?", name, form->kind->table, near);
    return tend_fail(reterr, TEND_EINVAL, "%s: no such field of %s; see tend list %s --fields all", name, form->kind->table,
                     form->kind->table);
}

/* The currency that money on this form is in: named on it, of the row, or the company's. */
static void currency_of(const tend_form *form, tend_session *session, int64_t row, char ret_currency[4])
{
    int field = form->kind->currency_field;
    const char *fallback = tend_config_text(tend_workspace_config(session->workspace), "tend", NULL, "currency");

    (void)snprintf(ret_currency, 4, "%s", fallback ? fallback : "");
    if (field < 0)
        return;
    for (int i = 0; i < form->count; i++)
        if (form->fields[i].field == field && form->fields[i].value.type == TEND_TEXT) {
            (void)snprintf(ret_currency, 4, "%s", form->fields[i].value.text);
            return;
        }
    if (row > 0) {
        tend_world world = tend_world_live(tend_workspace_model(session->workspace));
        tend_row read;

        if (tend_read(&world, &session->principal, form->kind->kind, row, session->arena, &read, NULL) == TEND_OK &&
            read.values[field].type == TEND_TEXT)
            (void)snprintf(ret_currency, 4, "%s", read.values[field].text);
    }
}

static tend_status parse_value(const tend_form *form, tend_session *session, int64_t row, int index, const char *text,
                               tend_value *ret_value, tend_error *reterr)
{
    const tend_field *field = &form->kind->fields[index];
    tend_format format = { .zone = tend_workspace_zone(session->workspace), .number = tend_number_plain };
    tend_error why;
    const char *clean;
    size_t length;
    char currency[4] = "";
    tend_date date;
    tend_status status;

    if (!*text) {
        *ret_value = tend_value_none();
        return TEND_OK;
    }
    status = tend_utf8_valid(text, strlen(text), NULL) ? tend_utf8_nfc(session->arena, text, strlen(text), &clean, &length)
                                                       : TEND_EINVAL;
    if (status < 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: the value is not UTF-8; set the terminal to UTF-8", field->name);
    if (field->type == TEND_REF) {
        *ret_value = (tend_value){ .type = TEND_REF };
        return tend_session_row(session, (tend_kind)field->target, clean, &ret_value->integer, reterr);
    }
    if (field->type == TEND_DATE && tend_session_date(session, clean, &date, NULL) == TEND_OK) {
        *ret_value = tend_value_date(date);
        return TEND_OK;
    }
    if (field->type == TEND_MONEY)
        currency_of(form, session, row, currency);
    status = tend_field_parse(field, clean, length, currency, &format, session->arena, ret_value, &why);
    if (status < 0)
        return tend_fail(reterr, status, "%s: %s", field->name, why.text);
    return TEND_OK;
}

tend_status tend_form_word(tend_form *form, tend_session *session, int64_t row, const char *word, tend_error *reterr)
{
    const char *equals = strchr(word, '=');
    char name[128];
    tend_value value;
    tend_status status;
    int index;

    if (!equals || equals == word || (size_t)(equals - word) >= sizeof name)
        return tend_fail(reterr, TEND_EINVAL, "'%s': write field=value", word);
    (void)snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
    index = tend_schema_field(form->kind, name);
    if (index < 0)
        return unknown_field(form, name, reterr);
    if (form->count >= TEND_FORM_MAX)
        return tend_fail(reterr, TEND_EINVAL, "more than %d fields; write some of them with a second set", TEND_FORM_MAX);
    status = parse_value(form, session, row, index, equals + 1, &value, reterr);
    if (status >= 0)
        set_field(form, index, value);
    return status;
}

tend_status tend_form_words(tend_form *form, tend_session *session, int64_t row, const char *const *words, int count,
                            tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; status >= 0 && i < count; i++)
            if ((strncmp(words[i], "currency=", 9) == 0) == (pass == 0))
                status = tend_form_word(form, session, row, words[i], reterr);
    return status;
}

tend_status tend_form_begin(tend_session *session, const char *what, const char *label, tend_origin *ret_origin, tend_error *reterr)
{
    tend_model *model = tend_workspace_model(session->workspace);
    tend_origin origin = tend_session_origin(session);
    bool resumed;
    tend_status status = tend_model_begin(model, reterr);

    if (status < 0)
        return status;
    status = tend_batch_open(model, &origin, what, label, NULL, &origin.batch, &resumed, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    *ret_origin = origin;
    return TEND_OK;
}

tend_status tend_form_put(tend_form *form, tend_session *session, const tend_origin *origin, int64_t row,
                          tend_put_result *ret_result, tend_error *reterr)
{
    tend_put put = { .kind = form->kind->kind,
                     .id = row,
                     .fields = form->fields,
                     .field_count = form->count,
                     .effective_at = TEND_NO_TIME,
                     .known_at = TEND_NO_TIME };
    tend_error why;
    tend_status status = tend_model_put(tend_workspace_model(session->workspace), origin, &put, ret_result, &why);

    if (status == TEND_EINVAL && ret_result->bad_field >= 0)
        return tend_fail(reterr, status, "%s: %s", form->kind->fields[ret_result->bad_field].name, why.text);
    if (status < 0)
        return tend_fail(reterr, status, "%s", why.text);
    return status;
}

tend_status tend_form_end(tend_session *session, tend_origin *origin, tend_error *reterr)
{
    return tend_batch_finish(tend_workspace_model(session->workspace), origin->batch, &origin->batch, reterr);
}

const char *tend_form_says(const tend_session *session, int64_t batch)
{
    const char *text = session->is_dry_run ? "(dry run: nothing was written)"
                       : batch == 0        ? "(nothing new: nothing was written)"
                                           : tend_arena_print(session->arena, "(batch %lld; tend undo %lld takes it back)",
                                                              (long long)batch, (long long)batch);

    return text ? text : "";
}

void tend_form_abandon(tend_session *session)
{
    tend_model_rollback(tend_workspace_model(session->workspace));
}

static tend_status tell(tend_session *session, const tend_form *form, const tend_put_result *put, int64_t batch, tend_error *reterr)
{
    static const char *const words[] = { "", "created", "updated", "unchanged", "unchanged" };
    static const tend_heading headings[] = { { "kind", NULL, TEND_TEXT, false },
                                             { "id", NULL, TEND_INT, false },
                                             { "outcome", NULL, TEND_TEXT, false },
                                             { "batch", NULL, TEND_INT, false } };
    tend_value values[] = { tend_value_of(form->kind->name), tend_value_int(put->id), tend_value_of(words[put->outcome]),
                            batch ? tend_value_int(batch) : tend_value_none() };
    tend_result *result;
    tend_status status;

    if (session->output == TEND_OUTPUT_TEXT) {
        fprintf(session->out, "%s %lld %s%s%s %s\n", form->kind->name, (long long)put->id, words[put->outcome],
                form->says ? ": " : "", form->says ? form->says : "", tend_form_says(session, batch));
        return TEND_OK;
    }
    result = tend_session_result(session);
    if (!result)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    status = result->section(result, "", NULL, headings, 4, true, reterr);
    return status < 0 ? status : result->row(result, values, reterr);
}

/* "tend add task", "tend task done", "tend log call": what was typed, without the values. */
static const char *label_of(const tend_session *session, const tend_form *form)
{
    const char *command = session->command->name;
    const char *more = strcmp(command, "add") == 0 || strcmp(command, "set") == 0 ? form->kind->name
                       : strcmp(command, "log") == 0                              ? session->words[0]
                                                                                  : NULL;

    return tend_arena_print(session->arena, "tend %s%s%s", command, more ? " " : "", more ? more : "");
}

tend_status tend_form_write(tend_form *form, tend_session *session, const char *what, int64_t row, int64_t *ret_row,
                            tend_error *reterr)
{
    tend_put_result put;
    tend_origin origin;
    tend_status status = tend_form_begin(session, what, label_of(session, form), &origin, reterr);

    if (status < 0)
        return status;
    status = tend_form_put(form, session, &origin, row, &put, reterr);
    if (status < 0) {
        tend_form_abandon(session);
        return status;
    }
    status = tend_form_end(session, &origin, reterr);
    if (status >= 0)
        status = tell(session, form, &put, origin.batch, reterr);
    if (status >= 0 && ret_row)
        *ret_row = put.id;
    return status;
}
