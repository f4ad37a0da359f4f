/* schema.c: the built-in kinds and the administrators' fields, made ready for everyone to look up. */
#include "model/schema.h"
#include "model/inside.h"
#include "model/schema_table.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct tend_schema {
    tend_arena *arena;
    tend_kind_schema kinds[TEND_KIND_COUNT]; /* by number; kind NONE where a number is not used */
    tend_schema_sql sql[TEND_KIND_COUNT];
    const char *names[TEND_KIND_COUNT + 1];
};

static int index_of(const tend_field *fields, int count, const char *name)
{
    for (int i = 0; name && i < count; i++) {
        if (!strcmp(fields[i].name, name))
            return i;
    }
    return -1;
}

/* Pairs of fields that must not run backwards, in every kind that has both. */
static const char *const ordered[TEND_SPANS][2] = {
    { "starts_on", "ends_on" },
    { "absent_from", "absent_to" },
    { "opened_at", "closed_at" },
    { "opened_on", "closed_on" },
};

static void fill_spans(tend_kind_schema *kind)
{
    for (size_t i = 0; i < sizeof ordered / sizeof *ordered; i++) {
        tend_span span = { tend_schema_field(kind, ordered[i][0]), tend_schema_field(kind, ordered[i][1]) };

        if (span.first >= 0 && span.last >= 0)
            kind->spans[kind->span_count++] = span;
    }
}

static tend_status fill_kind(tend_schema *schema, const tend_builtin_kind *builtin, const tend_config *config, tend_error *reterr)
{
    tend_kind_schema *kind = &schema->kinds[builtin->kind];
    int count = 0;

    while (builtin->fields[count].name)
        count++;
    *kind = (tend_kind_schema){
        .kind = builtin->kind,
        .name = builtin->name,
        .table = builtin->table,
        .help = builtin->help,
        .is_fact = builtin->is_fact,
        .fields = builtin->fields,
        .field_count = count,
        .account_field = index_of(builtin->fields, count, builtin->account),
        .name_field = index_of(builtin->fields, count, builtin->label),
        .status_field = index_of(builtin->fields, count, builtin->status),
        .currency_field = index_of(builtin->fields, count, builtin->currency),
        .effective_field = index_of(builtin->fields, count, builtin->effective),
    };
    fill_spans(kind);
    return config ? tend_schema_custom(schema, config, kind, schema->arena, reterr) : TEND_OK;
}

/* What is asked for every row is written once: the columns and the live read. */
static tend_status fill_sql(tend_schema *schema, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_schema_sql *sql = &schema->sql[kind->kind];
    const char *gone = kind->is_fact ? "closed_at" : "removed_at";

    sql->columns = tend_row_columns(kind, "r", schema->arena);
    if (!sql->columns)
        return tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up");
    sql->live = tend_arena_print(schema->arena, "(SELECT * FROM \"%s\" WHERE %s IS NULL)", kind->table, gone);
    sql->read_any = tend_arena_print(schema->arena, "SELECT %s, r.batch, r.%s, r.source, r.external FROM \"%s\" r WHERE r.id=?1",
                                     sql->columns, gone, kind->table);
    if (kind->is_fact)
        sql->read_live = tend_arena_print(schema->arena,
                                          "SELECT %s, r.batch, r.closed_at, r.source, r.external FROM \"%s\" r"
                                          " WHERE r.closed_at IS NULL AND r.id=?1 UNION ALL"
                                          " SELECT %s, r.batch, r.closed_at, NULL, NULL FROM \"%s\" r"
                                          " WHERE r.closed_at IS NULL AND r.fact=?1 AND r.fact<>r.id",
                                          sql->columns, kind->table, sql->columns, kind->table);
    else
        sql->read_live = tend_arena_print(schema->arena, "%s AND r.removed_at IS NULL", sql->read_any);
    sql->names = tend_arena_print(schema->arena,
                                  "(SELECT id AS row, source, external FROM \"%s\" WHERE external IS NOT NULL"
                                  " UNION ALL SELECT row, source, external FROM aliases WHERE kind=%d)",
                                  kind->table, (int)kind->kind);
    sql->find_name = tend_arena_print(schema->arena,
                                      "SELECT id, NULL FROM \"%s\" WHERE source=?1 AND external=?2"
                                      " UNION ALL SELECT row, said FROM aliases WHERE source=?1 AND kind=%d AND external=?2",
                                      kind->table, (int)kind->kind);
    sql->row_names = tend_arena_print(schema->arena,
                                      "SELECT source, external, NULL FROM \"%s\" WHERE id=?1 AND external IS NOT NULL"
                                      " UNION ALL SELECT source, external, said FROM aliases WHERE kind=%d AND row=?1",
                                      kind->table, (int)kind->kind);
    sql->is_named = tend_arena_print(schema->arena, "SELECT 1 FROM \"%s\" WHERE id=?1 AND source=?2 AND external=?3", kind->table);
    sql->any_name = tend_arena_print(schema->arena,
                                     "SELECT 1 FROM \"%s\" WHERE source=?1 AND external IS NOT NULL UNION ALL"
                                     " SELECT 1 FROM aliases WHERE source=?1 AND kind=%d LIMIT 1",
                                     kind->table, (int)kind->kind);
    if (!sql->names || !sql->find_name || !sql->row_names || !sql->is_named || !sql->any_name)
        return tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up");
    return sql->live && sql->read_any && sql->read_live ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up");
}

tend_status tend_schema_new(const tend_config *config, tend_schema **ret_schema, tend_error *reterr)
{
    tend_schema *schema = calloc(1, sizeof *schema);
    tend_status status = TEND_ENOMEM;
    size_t names = 0;

    if (schema)
        schema->arena = tend_arena_new();
    if (!schema || !schema->arena) {
        status = tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up");
        goto out;
    }
    /* Names first: custom references name other kinds. */
    for (const tend_builtin_kind *builtin = tend_builtin_kinds; builtin->kind != TEND_KIND_NONE; builtin++) {
        tend_kind_schema *kind = &schema->kinds[builtin->kind];

        assert(kind->kind == TEND_KIND_NONE);
        kind->kind = builtin->kind;
        kind->name = builtin->name;
        kind->table = builtin->table;
        schema->names[names++] = builtin->name;
    }
    for (const tend_builtin_kind *builtin = tend_builtin_kinds; builtin->kind != TEND_KIND_NONE; builtin++) {
        status = fill_kind(schema, builtin, config, reterr);
        if (status == TEND_OK)
            status = fill_sql(schema, &schema->kinds[builtin->kind], reterr);
        if (status < 0)
            goto out;
    }
    status = config ? tend_schema_custom_check(schema, config, reterr) : TEND_OK;
    if (status < 0)
        goto out;
    *ret_schema = schema;
    schema = NULL;
out:
    tend_schema_free(schema);
    return status;
}

void tend_schema_free(tend_schema *schema)
{
    if (!schema)
        return;
    tend_arena_free(schema->arena);
    free(schema);
}

const tend_kind_schema *tend_schema_kind(const tend_schema *schema, tend_kind kind)
{
    assert(tend_schema_has(schema, kind));
    return &schema->kinds[kind];
}

bool tend_schema_has(const tend_schema *schema, tend_kind kind)
{
    return (int)kind > TEND_KIND_NONE && (int)kind < TEND_KIND_COUNT && schema->kinds[kind].kind != TEND_KIND_NONE;
}

const tend_schema_sql *tend_schema_sql_of(const tend_schema *schema, tend_kind kind)
{
    assert(tend_schema_has(schema, kind));
    return &schema->sql[kind];
}

const char *tend_schema_names_of(const tend_schema *schema, tend_kind kind)
{
    return tend_schema_sql_of(schema, kind)->names;
}

const tend_kind_schema *tend_schema_find(const tend_schema *schema, const char *name)
{
    for (int i = 1; i < TEND_KIND_COUNT; i++) {
        const tend_kind_schema *kind = &schema->kinds[i];

        if (kind->kind != TEND_KIND_NONE && (!strcmp(kind->name, name) || !strcmp(kind->table, name)))
            return kind;
    }
    return NULL;
}

int tend_schema_field(const tend_kind_schema *kind, const char *name)
{
    return index_of(kind->fields, kind->field_count, name);
}

const char *const *tend_schema_names(const tend_schema *schema)
{
    return schema->names;
}

bool tend_field_allows(const tend_field *field, const char *text, size_t length)
{
    const char *word = field->choices;

    if (!word)
        return true;
    while (*word) { /* words are short: a look at their letters is all that it takes */
        size_t same = 0;

        while (same < length && word[same] == text[same] && word[same] != ' ')
            same++;
        if (same == length && length > 0 && (word[same] == ' ' || word[same] == '\0'))
            return true;
        while (*word != '\0' && *word != ' ')
            word++;
        while (*word == ' ')
            word++;
    }
    return false;
}
