/* draft.c: a row that a playbook writes, field by field. */
#include "playbook/draft.h"

#include <string.h>

void draft_value(draft_row *writer, const char *name, tend_value value)
{
    int field = tend_schema_field(writer->kind, name);

    if (field >= 0 && writer->count < 40)
        writer->fields[writer->count++] = (tend_assignment){ .field = field, .value = value };
}

void draft_text(draft_row *writer, const char *name, const char *text)
{
    if (text)
        draft_value(writer, name, (tend_value){ .type = TEND_TEXT, .text = text, .length = strlen(text) });
}

void draft_number(draft_row *writer, const char *name, uint8_t type, int64_t number)
{
    draft_value(writer, name, (tend_value){ .type = type, .integer = number });
}

tend_status draft_put(const tend_subject *subject, const tend_origin *origin, draft_row *writer, int64_t id, int64_t *ret_id,
                      tend_error *reterr)
{
    tend_put put = { .kind = writer->kind->kind,
                     .id = id,
                     .fields = writer->fields,
                     .field_count = writer->count,
                     .effective_at = TEND_NO_TIME,
                     .known_at = TEND_NO_TIME };
    tend_put_result result;
    tend_status status = tend_model_put(subject->playbooks->model, origin, &put, &result, reterr);

    if (status >= 0)
        *ret_id = result.id;
    return status;
}

void draft_subject(draft_row *writer, const tend_subject *subject)
{
    if (subject->account != 0)
        draft_number(writer, "account", TEND_REF, subject->account);
    if (subject->kind->kind != TEND_KIND_ACCOUNT && tend_schema_field(writer->kind, subject->kind->name) >= 0)
        draft_number(writer, subject->kind->name, TEND_REF, subject->row);
}
