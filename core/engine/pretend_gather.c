/* pretend_gather.c: what there is in a pretend world: rows of a kind, runs, steps, events, messages, calls, decisions. */
#include "engine/pretend_inside.h"

#include "playbook/script_value.h"
#include <string.h>

const char *const pretend_nouns[] = { "run", "step", "event", "message", "call", "decision", NULL };

/* Columns of a noun that is no kind of row: their names, and how each is read. */
typedef struct noun_columns {
    const char *noun;
    const char *keys[12];
    const char *sorts; /* t text, i integer, r row (two columns: kind, id), u user's name */
    const char *sql;   /* id first */
} noun_columns;

static const noun_columns nouns[] = {
    { "run",
      { "playbook", "state", "outcome", "reason", "waits_for", "subject", "account", NULL },
      "tttttri",
      "SELECT r.id, r.playbook, r.state, r.outcome, r.reason, w.step, r.kind, r.row, nullif(r.account, 0)"
      " FROM runs r LEFT JOIN waits w ON w.run = r.id ORDER BY r.id" },
    { "step",
      { "name", "verb", "state", "playbook", "arguments", "answer", "run", NULL },
      "ttttttr",
      "SELECT s.run, s.name, s.verb, s.state, r.playbook, s.arguments, s.answer, 0, s.run"
      " FROM steps s JOIN runs r ON r.id = s.run WHERE s.verb <> 'read' ORDER BY s.run, s.position" },
    { "event",
      { "topic", "row", "account", NULL },
      "tri",
      /* a range of rows is as many events; longer ones than a test makes are cut */
      "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
      " SELECT sequence, topic, kind, first + i, nullif(account, 0) FROM events JOIN n ON i <= last - first"
      " ORDER BY sequence, i" },
    { "message",
      { "subject", "text", "channel", "to", "user", "state", "account", NULL },
      "tttttti",
      "SELECT o.id, o.subject, o.text, o.channel, coalesce(nullif(o.recipient, ''), u.name), u.name, o.state, nullif(o.account, 0)"
      " FROM outbox o LEFT JOIN users u ON u.id = o.user ORDER BY o.id" },
    { "call",
      { "action", "to", "fields", "channel", "state", "error", "step", "account", NULL },
      "ttttttti",
      "SELECT o.id, o.subject, o.recipient, o.payload, o.channel, o.state, o.last_error, s.name, nullif(o.account, 0)"
      " FROM outbox o JOIN steps s ON s.run = o.run AND s.verb = 'call' AND o.once_key = 'run ' || s.run || '/' || s.name"
      " ORDER BY o.id" },
    { "decision",
      { "what", "why", "playbook", "topic", "row", "account", NULL },
      "ttttri",
      "SELECT id, what, why, playbook, topic, kind, row, nullif(account, 0) FROM decisions ORDER BY id" },
};

#define NOUNS (sizeof nouns / sizeof *nouns)

static tend_status take_cell(tend_pretend *pretend, tend_statement *statement, char sort, int *column, tend_tree *ret_value,
                             tend_error *reterr)
{
    const tend_schema *schema = tend_workspace_schema(pretend->workspace);
    int64_t kind;

    *ret_value = tend_tree_nil;
    if (sort == 'r') {
        kind = tend_statement_int(statement, *column);
        *column += 2;
        return pretend_handle(pretend, kind > 0 && kind < TEND_KIND_COUNT ? tend_schema_kind(schema, (tend_kind)kind)->name : "run",
                              tend_statement_int(statement, *column - 1), ret_value, reterr);
    }
    if (!tend_statement_is_null(statement, *column)) {
        *ret_value = sort == 'i'
                         ? tend_tree_int(tend_statement_int(statement, *column))
                         : tend_tree_text(tend_arena_string(pretend->scratch, tend_statement_text(statement, *column, NULL)));
        if (sort != 'i' && !ret_value->text)
            return pretend_no_memory(reterr);
    }
    *column += 1;
    return TEND_OK;
}

static tend_status take_noun(tend_pretend *pretend, const noun_columns *noun, tend_statement *statement, pretend_candidates *list,
                             tend_error *reterr)
{
    size_t count = strlen(noun->sorts);
    pretend_candidate *candidate = tend_arena_take(pretend->scratch, sizeof *candidate);
    tend_tree *values = tend_arena_take(pretend->scratch, count * sizeof *values);
    int column = 1;
    tend_status status = candidate && values ? TEND_OK : pretend_no_memory(reterr);

    for (size_t i = 0; i < count && status >= 0; i++)
        status = take_cell(pretend, statement, noun->sorts[i], &column, &values[i], reterr);
    if (status < 0)
        return status;
    *candidate = (pretend_candidate){
        .kind = noun->noun, .id = tend_statement_int(statement, 0), .count = count, .keys = noun->keys, .values = values
    };
    candidate->label = strcmp(noun->noun, "step") == 0
                           ? tend_arena_print(pretend->scratch, "step '%s' of run %lld", values[0].text, (long long)candidate->id)
                           : tend_arena_print(pretend->scratch, "%s %lld (%.80s)", noun->noun, (long long)candidate->id,
                                              values[0].text ? values[0].text : "");
    if (!candidate->label)
        return pretend_no_memory(reterr);
    pretend_candidates_add(list, candidate);
    return TEND_OK;
}

static tend_status gather_noun(tend_pretend *pretend, const noun_columns *noun, pretend_candidates *list, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(tend_workspace_store(pretend->workspace), noun->sql, &statement, reterr);

    if (status < 0)
        return status;
    list->noun = noun->noun;
    list->keys = noun->keys;
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        status = take_noun(pretend, noun, statement, list, reterr);
        if (status < 0)
            break;
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* ---- rows -------------------------------------------------------------------------------------------------------------- */

static tend_status take_row(tend_pretend *pretend, const tend_kind_schema *kind, const char *const *keys, int64_t id,
                            pretend_candidates *list, tend_error *reterr)
{
    tend_world world = tend_world_live(tend_workspace_model(pretend->workspace));
    size_t count = (size_t)kind->field_count + 1;
    pretend_candidate *candidate = tend_arena_take(pretend->scratch, sizeof *candidate);
    tend_tree *values = tend_arena_take(pretend->scratch, count * sizeof *values);
    const char **names = tend_arena_take(pretend->scratch, count * sizeof *names);
    const char *called;
    tend_row row;
    tend_status status = candidate && values && names ? TEND_OK : pretend_no_memory(reterr);

    if (status >= 0)
        status = tend_read(&world, &pretend->principal, kind->kind, id, pretend->scratch, &row, reterr);
    if (status < 0)
        return status;
    for (int i = 0; i < kind->field_count; i++) {
        values[i] = tend_value_tree(&row.values[i], pretend->scratch);
        if (row.values[i].type == TEND_REF)
            names[i] = tend_row_name(&world, (tend_kind)kind->fields[i].target, row.values[i].integer, pretend->scratch);
    }
    values[kind->field_count] = tend_tree_int(id);
    called = kind->kind == TEND_KIND_TASK || kind->kind == TEND_KIND_APPROVAL
                 ? values[tend_schema_field(kind, "title")].text
                 : tend_row_name(&world, kind->kind, id, pretend->scratch);
    *candidate = (pretend_candidate){ .kind = kind->name,
                                      .id = id,
                                      .count = count,
                                      .keys = keys,
                                      .values = values,
                                      .names = names,
                                      .label = tend_arena_print(pretend->scratch, "%s %lld '%.150s'", kind->name, (long long)id,
                                                                called ? called : "") };
    if (!candidate->label)
        return pretend_no_memory(reterr);
    pretend_candidates_add(list, candidate);
    return TEND_OK;
}

/* Tasks and approvals that are open, unless their status is asked for. */
static bool is_open_only(const tend_kind_schema *kind, const tend_tree *wanted)
{
    return (kind->kind == TEND_KIND_TASK || kind->kind == TEND_KIND_APPROVAL) && !(wanted && tend_tree_get(wanted, "status"));
}

static tend_status gather_rows(tend_pretend *pretend, const tend_kind_schema *kind, const tend_tree *wanted,
                               pretend_candidates *list, tend_error *reterr)
{
    const char **keys = tend_arena_take(pretend->scratch, ((size_t)kind->field_count + 2) * sizeof *keys);
    bool is_open = is_open_only(kind, wanted), has_row = false;
    const char *sql =
        tend_arena_print(pretend->scratch, "SELECT id FROM %s WHERE %s%s ORDER BY id", kind->table,
                         kind->is_fact ? "closed_at IS NULL" : "removed_at IS NULL", is_open ? " AND status = 'open'" : "");
    tend_statement *statement = NULL;
    tend_status status;

    if (!keys || !sql)
        return pretend_no_memory(reterr);
    for (int i = 0; i < kind->field_count; i++)
        keys[i] = kind->fields[i].name;
    keys[kind->field_count] = "id";
    list->noun = is_open ? tend_arena_print(pretend->scratch, "open %s", kind->name) : kind->name;
    list->keys = keys;
    status = list->noun ? tend_store_prepare(tend_workspace_store(pretend->workspace), sql, &statement, reterr)
                        : pretend_no_memory(reterr);
    if (status < 0)
        return status;
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        status = take_row(pretend, kind, keys, tend_statement_int(statement, 0), list, reterr);
        if (status < 0)
            break;
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status pretend_gather(tend_pretend *pretend, const char *noun, const tend_tree *wanted, pretend_candidates *ret_list,
                           tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_find(tend_workspace_schema(pretend->workspace), noun);

    *ret_list = (pretend_candidates){ .first = NULL };
    ret_list->end = &ret_list->first;
    for (size_t i = 0; i < NOUNS; i++)
        if (strcmp(nouns[i].noun, noun) == 0)
            return gather_noun(pretend, &nouns[i], ret_list, reterr);
    if (kind && strcmp(kind->name, noun) == 0)
        return gather_rows(pretend, kind, wanted, ret_list, reterr);
    return tend_fail(reterr, TEND_ENOTFOUND, "there is nothing called '%s'", noun);
}
