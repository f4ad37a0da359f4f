/* export.c: everything that is kept about one account or contact, with its history and where it came from. */
#include "base/buffer.h"
#include "query/inside.h"
#include "query/person.h"
#include <string.h>

enum { COLUMNS_MAX = 160 };

typedef struct export
{
    const tend_query *query;
    const tend_person *person;
    bool has_internal;
    int64_t left_out; /* internal values that were not told */
    tend_result *result;
    tend_error *reterr;
}
export;

static const char *const sensitivities[] = { "open", "internal", "personal", "restricted" };

/* Of a person's own data nothing is only internal by the word of the schema; with --internal everything is told. */
static bool is_told(const export *what, const tend_kind_schema *kind, int field)
{
    return tend_access_field(what->query->principal, kind, field) &&
           (what->has_internal || kind->fields[field].sensitivity != TEND_INTERNAL);
}

static tend_status count_left_out(export *what, const tend_kind_schema *kind, const char *rows)
{
    for (int i = 0; i < kind->field_count; i++) {
        int64_t values = 0;
        const char *sql;
        tend_status status;

        if (is_told(what, kind, i))
            continue;
        sql = tend_arena_print(what->query->arena, "SELECT count(*) FROM \"%s\" AS t WHERE %s AND t.\"%s\" IS NOT NULL",
                               kind->table, rows, kind->fields[i].name);
        status = sql ? tend_store_number(what->query->world.store, sql, 0, &values, what->reterr)
                     : tend_fail(what->reterr, TEND_ENOMEM, "export: no memory");
        if (status < 0)
            return status;
        what->left_out += values;
    }
    return TEND_OK;
}

static tend_value cell_of(tend_statement *statement, int column, const tend_field *field, const char *currency)
{
    size_t length;
    const char *text;

    if (tend_statement_is_null(statement, column))
        return tend_value_none();
    if (field->type == TEND_TEXT) {
        text = tend_statement_text(statement, column, &length);
        return (tend_value){ .type = TEND_TEXT, .text = text, .length = length };
    }
    if (field->type == TEND_MONEY)
        return tend_value_money(tend_statement_int(statement, column), currency ? currency : "");
    if (field->type == TEND_DECIMAL)
        return tend_value_decimal(tend_statement_int(statement, column), field->scale);
    return (tend_value){ .type = field->type, .integer = tend_statement_int(statement, column) };
}

/* The rows of a kind as they stand, removed ones and earlier versions of facts included. */
static tend_status tell_kind(export *what, const tend_kind_schema *kind)
{
    const tend_query *query = what->query;
    const char *rows = tend_person_rows(query->world.schema, what->person, kind->kind, "t", query->arena);
    tend_heading headings[COLUMNS_MAX];
    tend_value values[COLUMNS_MAX];
    int told[COLUMNS_MAX], count = 0, columns = 0;
    tend_statement *statement = NULL;
    tend_buffer sql = { 0 };
    bool has_row = false, is_announced = false;
    tend_status status;

    if (!rows)
        return TEND_OK;
    headings[columns++] = (tend_heading){ .key = "id", .type = TEND_INT };
    tend_buffer_text(&sql, "SELECT t.id");
    for (int i = 0; i < kind->field_count && columns < COLUMNS_MAX - 6; i++)
        if (is_told(what, kind, i)) {
            told[count++] = i;
            headings[columns++] = (tend_heading){ .key = kind->fields[i].name, .type = kind->fields[i].type };
            tend_buffer_print(&sql, ", t.\"%s\"", kind->fields[i].name);
        }
    headings[columns++] = (tend_heading){ .key = "effective_at", .type = TEND_TIME };
    headings[columns++] = (tend_heading){ .key = "known_at", .type = TEND_TIME };
    headings[columns++] = (tend_heading){ .key = "recorded_at", .type = TEND_TIME };
    headings[columns++] = (tend_heading){ .key = "gone_at", .type = TEND_TIME };
    headings[columns++] = (tend_heading){ .key = "source", .type = TEND_TEXT };
    tend_buffer_print(
        &sql,
        ", t.effective_at, t.known_at, t.recorded_at, t.%s, coalesce((SELECT s.name FROM batches b JOIN sources s ON "
        "s.id = b.source WHERE b.id = t.batch), 'by hand')%s FROM \"%s\" AS t WHERE %s ORDER BY t.id",
        kind->is_fact ? "closed_at" : "removed_at",
        kind->currency_field >= 0 ? tend_arena_print(query->arena, ", t.\"%s\"", kind->fields[kind->currency_field].name) : "",
        kind->table, rows);
    status = sql.failed ? tend_fail(what->reterr, TEND_ENOMEM, "export: no memory")
                        : tend_store_prepare(query->world.store, tend_buffer_string(&sql), &statement, what->reterr);
    tend_buffer_clear(&sql);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, what->reterr)) >= 0 && has_row) {
        const char *currency = kind->currency_field >= 0 ? tend_statement_text(statement, count + 6, NULL) : NULL;

        if (!is_announced)
            status = what->result->section(what->result, kind->table, kind->help, headings, columns, false, what->reterr);
        is_announced = true;
        values[0] = tend_value_int(tend_statement_int(statement, 0));
        for (int i = 0; i < count; i++)
            values[i + 1] = cell_of(statement, i + 1, &kind->fields[told[i]], currency);
        for (int i = count + 1; i < count + 5; i++)
            values[i] =
                tend_statement_is_null(statement, i) ? tend_value_none() : tend_value_time(tend_statement_int(statement, i));
        values[count + 5] = tend_value_of(tend_statement_text(statement, count + 5, NULL));
        if (status >= 0)
            status = what->result->row(what->result, values, what->reterr);
        if (status < 0)
            break;
    }
    tend_statement_end(statement);
    return status < 0 ? status : count_left_out(what, kind, rows);
}

/* What the fields mean, and how the schema ranks them. */
static tend_status tell_fields(const export *what)
{
    static const tend_heading headings[] = { { "kind", NULL, TEND_TEXT, false },
                                             { "field", NULL, TEND_TEXT, false },
                                             { "meaning", NULL, TEND_TEXT, false },
                                             { "sensitivity", NULL, TEND_TEXT, false },
                                             { "unit", NULL, TEND_TEXT, true } };
    tend_status status = what->result->section(what->result, "fields", "What the fields mean", headings, 5, false, what->reterr);

    for (int k = 1; k < TEND_KIND_COUNT; k++) {
        const tend_kind_schema *kind = tend_schema_kind(what->query->world.schema, (tend_kind)k);

        if (!tend_person_rows(what->query->world.schema, what->person, kind->kind, "t", what->query->arena))
            continue;
        for (int i = 0; status >= 0 && i < kind->field_count; i++)
            if (is_told(what, kind, i))
                status = what->result->row(what->result,
                                           (tend_value[]){ tend_value_of(kind->name), tend_value_of(kind->fields[i].name),
                                                           tend_value_of(kind->fields[i].help),
                                                           tend_value_of(sensitivities[kind->fields[i].sensitivity]),
                                                           tend_value_of(kind->fields[i].unit) },
                                           what->reterr);
    }
    return status;
}

/* Each replaced value of the rows above, newest last. */
static tend_status tell_history(const export *what)
{
    static const tend_heading headings[] = {
        { "kind", NULL, TEND_TEXT, false },        { "id", NULL, TEND_INT, false },     { "field", NULL, TEND_TEXT, false },
        { "before", NULL, TEND_TEXT, false },      { "after", NULL, TEND_TEXT, false }, { "effective_at", NULL, TEND_TIME, false },
        { "recorded_at", NULL, TEND_TIME, false }, { "by", NULL, TEND_TEXT, false },    { "source", NULL, TEND_TEXT, false },
    };
    const tend_query *query = what->query;
    tend_status status = what->result->section(what->result, "history", "What was replaced", headings, 9, false, what->reterr);

    for (int k = 1; status >= 0 && k < TEND_KIND_COUNT; k++) {
        const tend_kind_schema *kind = tend_schema_kind(query->world.schema, (tend_kind)k);
        const char *rows = tend_person_rows(query->world.schema, what->person, kind->kind, "t", query->arena), *sql;
        tend_statement *statement = NULL;
        bool has_row = false;

        if (!rows || kind->is_fact)
            continue;
        sql = tend_arena_print(query->arena,
                               "SELECT c.row, c.field, c.before, c.after, c.effective_at, c.recorded_at, c.principal, s.name FROM "
                               "changes c LEFT JOIN sources s ON s.id = c.source WHERE c.kind = %d AND c.field <> '' AND c.row IN "
                               "(SELECT t.id FROM \"%s\" AS t WHERE %s) ORDER BY c.id",
                               k, kind->table, rows);
        status = sql ? tend_store_prepare(query->world.store, sql, &statement, what->reterr)
                     : tend_fail(what->reterr, TEND_ENOMEM, "export: no memory");
        while (status >= 0 && (status = tend_statement_step(statement, &has_row, what->reterr)) >= 0 && has_row) {
            int field = tend_schema_field(kind, tend_statement_text(statement, 1, NULL));
            const char *by = tend_statement_text(statement, 7, NULL);

            if (field < 0 || !is_told(what, kind, field))
                continue;
            status = what->result->row(
                what->result,
                (tend_value[]){ tend_value_of(kind->name), tend_value_int(tend_statement_int(statement, 0)),
                                tend_value_of(kind->fields[field].name), cell_of(statement, 2, &kind->fields[field], NULL),
                                cell_of(statement, 3, &kind->fields[field], NULL),
                                tend_value_time(tend_statement_int(statement, 4)),
                                tend_value_time(tend_statement_int(statement, 5)),
                                tend_value_of(tend_statement_text(statement, 6, NULL)), tend_value_of(by ? by : "by hand") },
                what->reterr);
        }
        tend_statement_end(statement);
    }
    return status;
}

/* A section of one statement that names the accounts or the person in braces of its own. */
static tend_status tell(const export *what, const query_section *section, const char *sql)
{
    query_section filled = *section;

    filled.sql = tend_arena_print(what->query->arena, sql, what->person->accounts);
    return filled.sql ? query_show(what->query, &filled, NULL, 0, what->result, NULL, what->reterr)
                      : tend_fail(what->reterr, TEND_ENOMEM, "export: no memory");
}

static tend_status tell_names(const export *what)
{
    static const tend_heading headings[] = { { "source", NULL, TEND_TEXT, false }, { "external_id", NULL, TEND_TEXT, false } };
    const query_section section = { "known_elsewhere_as", "Known elsewhere as", headings, 2, false, NULL };
    query_section filled = section;

    filled.sql = tend_arena_print(
        what->query->arena,
        "SELECT s.name, i.external FROM %s i JOIN sources s ON s.id = i.source WHERE i.row IN (%s) ORDER BY s.name, i.external",
        tend_schema_names_of(what->query->world.schema, what->person->kind),
        what->person->kind == TEND_KIND_ACCOUNT ? what->person->accounts
                                                : tend_arena_print(what->query->arena, "%lld", (long long)what->person->id));
    return query_show(what->query, &filled, NULL, 0, what->result, NULL, what->reterr);
}

/* What playbooks recorded and what was written in their name: of an account. */
static tend_status tell_work(const export *what)
{
    static const tend_heading steps[] = {
        { "run", NULL, TEND_INT, false },   { "playbook", NULL, TEND_TEXT, false }, { "step", NULL, TEND_TEXT, false },
        { "verb", NULL, TEND_TEXT, false }, { "asked", NULL, TEND_TEXT, false },    { "answer", NULL, TEND_TEXT, false },
        { "at", NULL, TEND_TIME, false },
    };
    static const tend_heading messages[] = {
        { "id", NULL, TEND_INT, false },       { "channel", NULL, TEND_TEXT, false }, { "recipient", NULL, TEND_TEXT, false },
        { "subject", NULL, TEND_TEXT, false }, { "text", NULL, TEND_TEXT, false },    { "created_at", NULL, TEND_TIME, false },
        { "state", NULL, TEND_TEXT, false },
    };
    const query_section played = { "playbook_steps", "What playbooks recorded", steps, QUERY_COUNT(steps), false, NULL },
                        sent = { "messages", "Messages", messages, QUERY_COUNT(messages), false, NULL };
    tend_status status =
        tell(what, &played,
             "SELECT r.id, r.playbook, s.name, s.verb, s.arguments, s.answer, s.at FROM runs r JOIN steps s ON s.run = "
             "r.id WHERE r.account IN (%s) ORDER BY r.id, s.position");

    return status < 0
               ? status
               : tell(what, &sent,
                      "SELECT id, channel, recipient, subject, text, created_at, state FROM outbox WHERE account IN (%s) ORDER "
                      "BY id");
}

tend_status tend_query_export(const tend_query *query, tend_kind kind, int64_t id, bool has_internal, tend_result *result,
                              tend_error *reterr)
{
    static const tend_heading about[] = { { "kind", NULL, TEND_TEXT, false },
                                          { "id", NULL, TEND_INT, false },
                                          { "name", NULL, TEND_TEXT, false },
                                          { "company", NULL, TEND_TEXT, false },
                                          { "made_at", NULL, TEND_TIME, false } };
    tend_person person = { 0 };
    export what = { .query = query, .person = &person, .has_internal = has_internal, .result = result, .reterr = reterr };
    tend_status status = tend_access_may(query->principal, TEND_VERB_ADMINISTER, kind, id, reterr);

    if (status >= 0)
        status = query_begin(query, reterr);
    if (status >= 0)
        status = tend_person_find(query->world.store, kind, id, query->arena, &person, reterr);
    if (status >= 0)
        status = result->section(result, "about", "About", about, 5, true, reterr);
    if (status >= 0)
        status =
            result->row(result,
                        (tend_value[]){ tend_value_of(tend_schema_kind(query->world.schema, kind)->name), tend_value_int(person.id),
                                        tend_value_of(tend_row_name(&query->world, kind, person.id, query->arena)),
                                        tend_value_of(query->company), tend_value_time(query->world.now) },
                        reterr);
    for (int k = 1; status >= 0 && k < TEND_KIND_COUNT; k++)
        status = tell_kind(&what, tend_schema_kind(query->world.schema, (tend_kind)k));
    if (status >= 0)
        status = tell_history(&what);
    if (status >= 0)
        status = tell_names(&what);
    if (status >= 0 && kind == TEND_KIND_ACCOUNT)
        status = tell_work(&what);
    if (status >= 0)
        status = tell_fields(&what);
    if (status >= 0 && what.left_out > 0)
        status = result->note(result,
                              tend_arena_print(query->arena, "%lld internal values were left out; --internal tells them as well",
                                               (long long)what.left_out),
                              reterr);
    return status;
}
