/* commands_columns.c: what a KPI plugin may ask for. */
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/here.h"
#include "kpi/input.h"

/* How a value stands in the int64_t of a column. */
static const char *form_of(uint8_t type)
{
    static const char *const forms[] = { "",
                                         "0 or 1",
                                         "number",
                                         "number · 10^digits",
                                         "minor units of its currency",
                                         "day number",
                                         "milliseconds since 1970",
                                         "word number",
                                         "row id" };

    return type < sizeof forms / sizeof *forms ? forms[type] : "";
}

static tend_status show_column(tend_session *session, const tend_kind_schema *kind, const char *name, const tend_field *field,
                               tend_error *reterr)
{
    const char *column = tend_arena_print(session->arena, "%s.%s", kind->name, name);
    const char *form =
        field->type == TEND_DECIMAL ? tend_arena_print(session->arena, "number · 10^%u", field->scale) : form_of(field->type);

    if (!column || !form)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return session->result->row(session->result,
                                (tend_value[]){ tend_value_of(column), tend_value_of(form), tend_value_of(field->unit),
                                                tend_value_of(field->choices), tend_value_of(field->help) },
                                reterr);
}

static tend_status show_kind(tend_session *session, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_field field;
    const char *name;
    tend_status status = TEND_OK;

    for (int i = 0; status >= 0 && i < kind->field_count; i++)
        if (!(kind->fields[i].flags & TEND_FIELD_RETIRED))
            status = show_column(session, kind, kind->fields[i].name, &kind->fields[i], reterr);
    for (size_t i = 0; status >= 0 && (name = tend_input_derived(kind->kind, i, &field)); i++)
        status = show_column(session, kind, name, &field, reterr);
    return status;
}

tend_status tend_cli_plugin_columns(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = { { "column", NULL, TEND_TEXT, false },
                                             { "value", NULL, TEND_TEXT, false },
                                             { "unit", NULL, TEND_TEXT, true },
                                             { "words", NULL, TEND_TEXT, true },
                                             { "meaning", NULL, TEND_TEXT, false } };
    const char *wanted = session->word_count > 0 ? session->words[0] : NULL;
    const tend_kind_schema *only = NULL;
    const char *const *names = NULL;
    tend_result *result = NULL;
    tend_here here;
    tend_status status = tend_here_open(session, false, &here, reterr);

    if (status >= 0) {
        names = tend_schema_names(here.schema);
        only = wanted ? tend_schema_find(here.schema, wanted) : NULL;
        result = tend_session_result(session);
        status = result ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    }
    if (status >= 0 && wanted && !only)
        status = tend_fail(reterr, TEND_ENOTFOUND, "%s: no such kind; tend plugin columns shows those that there are", wanted);
    if (status >= 0 && only && !tend_input_serves(only))
        status = tend_fail(reterr, TEND_EINVAL, "%s: belongs to no account, so no KPI can read it", only->name);
    if (status >= 0)
        status = result->section(result, "columns", NULL, headings, 5, false, reterr);
    for (; status >= 0 && names && *names; names++) {
        const tend_kind_schema *kind = tend_schema_find(here.schema, *names);

        if (tend_input_serves(kind) && (!only || only == kind))
            status = show_kind(session, kind, reterr);
    }
    tend_here_close(&here);
    return status;
}
