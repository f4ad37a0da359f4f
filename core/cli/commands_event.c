/* commands_event.c: events told by hand. */
#include "cli/commands.h"
#include "engine/data.h"
#include <string.h>

/* "contract=12" or "reason=…". */
static tend_status take_word(tend_session *session, const char *word, tend_told *told, tend_error *reterr)
{
    const tend_schema *schema = tend_workspace_schema(session->workspace);
    const char *equals = strchr(word, '=');
    const char *name = equals ? tend_arena_copy(session->arena, word, (size_t)(equals - word)) : word;
    const tend_kind_schema *kind = equals ? tend_schema_find(schema, name) : NULL;
    const char *near;

    if (!equals)
        return tend_fail(reterr, TEND_EINVAL, "tend event send: '%s': write KIND=ROW, such as contract=12, or reason=TEXT", word);
    if (strcmp(name, "reason") == 0) {
        told->reason = equals + 1;
        return TEND_OK;
    }
    if (!kind) {
        near = tend_near(name, tend_schema_names(schema));
        return tend_fail(reterr, TEND_EINVAL, "tend event send: an event has no field '%s'%s%s%s", name,
                         near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    if (told->kind != TEND_KIND_NONE)
        return tend_fail(reterr, TEND_EINVAL, "tend event send: an event is about one row; leave out '%s'", word);
    told->kind = kind->kind;
    return tend_session_row(session, kind->kind, equals + 1, &told->row, reterr);
}

static tend_status show(tend_session *session, const tend_told *told, int64_t sequence, const char *status_now, tend_error *reterr)
{
    static const tend_heading headings[] = { { "sequence", "event", TEND_INT, false }, { "topic", NULL, TEND_TEXT, false },
                                             { "kind", NULL, TEND_TEXT, false },       { "row", NULL, TEND_INT, false },
                                             { "name", NULL, TEND_TEXT, false },       { "told_by", "told by", TEND_TEXT, false },
                                             { "reason", NULL, TEND_TEXT, true } };
    const tend_kind_schema *kind = tend_schema_kind(tend_workspace_schema(session->workspace), told->kind);
    tend_world world = tend_world_live(tend_workspace_model(session->workspace));
    const tend_value values[] = { tend_value_int(sequence),
                                  tend_value_of(told->topic),
                                  tend_value_of(kind->name),
                                  tend_value_int(told->row),
                                  tend_value_of(tend_row_name(&world, told->kind, told->row, session->arena)),
                                  tend_value_of(session->principal.name),
                                  tend_value_of(told->reason) };
    tend_result *result = tend_session_result(session);
    tend_status status =
        result ? result->section(result, "", session->is_dry_run ? "Would be told" : "Told", headings, 7, true, reterr)
               : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    if (status >= 0)
        status = result->row(result, values, reterr);
    if (status >= 0 && status_now)
        status = result->note(
            result,
            tend_arena_print(session->arena, "%s %lld itself says %s %s; tend set %s %lld %s=%s changes that and tells it.",
                             kind->name, (long long)told->row, kind->fields[kind->status_field].name, status_now, kind->name,
                             (long long)told->row, kind->fields[kind->status_field].name, strchr(told->topic, '.') + 1),
            reterr);
    if (status >= 0 && session->is_dry_run)
        status = result->note(result, "A dry run: nothing was told.", reterr);
    return status;
}

tend_status tend_cli_event_send(tend_session *session, tend_error *reterr)
{
    tend_model *model = tend_workspace_model(session->workspace);
    tend_origin origin = tend_session_origin(session);
    tend_told told = { .topic = session->words[0] };
    const char *status_now = NULL;
    int64_t sequence = 0;
    tend_status status = TEND_OK;

    for (int i = 1; status >= 0 && i < session->word_count; i++)
        status = take_word(session, session->words[i], &told, reterr);
    if (status >= 0 && told.kind == TEND_KIND_NONE)
        status = tend_fail(reterr, TEND_EINVAL, "tend event send: about which row? write KIND=ROW, such as contract=12");
    if (status >= 0)
        status = tend_model_begin(model, reterr);
    if (status < 0)
        return status;
    status = tend_event_tell(model, &origin, &told, session->arena, &sequence, &status_now, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    status = tend_model_commit(model, reterr);
    return status < 0 ? status : show(session, &told, sequence, status_now, reterr);
}
