/* schema_apply.c: the schema as tables. Adds what the database lacks; never drops. */
#include "base/buffer.h"
#include "base/hash.h"
#include "model/inside.h"
#include <inttypes.h>
#include <string.h>

/* Tables of the model that are not kinds. */
static const char shared_tables[] =
    "CREATE TABLE IF NOT EXISTS changes (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, row INTEGER NOT NULL, field TEXT NOT NULL,"
    " before, after, effective_at INTEGER NOT NULL, known_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,"
    " batch INTEGER NOT NULL, principal TEXT NOT NULL, source INTEGER NOT NULL, known_assumed INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX IF NOT EXISTS changes_row ON changes (kind, row, field, effective_at, id);"
    "CREATE INDEX IF NOT EXISTS changes_batch ON changes (batch, id) WHERE batch<>0;"
    /* Fields that have changes at all: the world of a day looks for no others. */
    "CREATE TABLE IF NOT EXISTS changed_fields (kind INTEGER NOT NULL, field TEXT NOT NULL, PRIMARY KEY (kind, field))"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, first_seen INTEGER NOT NULL);"
    /* What a source calls a row stands in the row that was made for it; what else it is called, or what was said of it, here. */
    "CREATE TABLE IF NOT EXISTS aliases (source INTEGER NOT NULL, kind INTEGER NOT NULL, external TEXT NOT NULL,"
    " row INTEGER NOT NULL, said BLOB, PRIMARY KEY (source, kind, external)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS aliases_row ON aliases (kind, row);"
    "CREATE TABLE IF NOT EXISTS batches (id INTEGER PRIMARY KEY, what TEXT NOT NULL, label TEXT NOT NULL, resume_key TEXT,"
    " principal TEXT NOT NULL, acting_for TEXT NOT NULL, source INTEGER NOT NULL, opened_at INTEGER NOT NULL,"
    " closed_at INTEGER, progress TEXT, undoes INTEGER);"
    "CREATE UNIQUE INDEX IF NOT EXISTS batches_open ON batches (resume_key) WHERE closed_at IS NULL;"
    "CREATE TABLE IF NOT EXISTS erased_fields (kind INTEGER NOT NULL, row INTEGER NOT NULL, field TEXT NOT NULL,"
    " at INTEGER NOT NULL, batch INTEGER NOT NULL, PRIMARY KEY (kind, row, field)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS segment_definitions (segment TEXT NOT NULL, since INTEGER NOT NULL, definition TEXT NOT NULL,"
    " PRIMARY KEY (segment, since)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS batch_rows (batch INTEGER NOT NULL, kind INTEGER NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, PRIMARY KEY (batch, kind, first)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS links (id INTEGER PRIMARY KEY, account INTEGER NOT NULL, into_account INTEGER NOT NULL,"
    " from_at INTEGER NOT NULL, until_at INTEGER, recorded_at INTEGER NOT NULL, principal TEXT NOT NULL);"
    "CREATE UNIQUE INDEX IF NOT EXISTS links_open ON links (account) WHERE until_at IS NULL;"
    "CREATE INDEX IF NOT EXISTS links_into ON links (into_account);"
    /* What an account is read as from when to when: the links followed to their end. */
    "CREATE TABLE IF NOT EXISTS account_roots (account INTEGER NOT NULL, from_at INTEGER NOT NULL, until_at INTEGER,"
    " root INTEGER NOT NULL, PRIMARY KEY (account, from_at)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS account_roots_root ON account_roots (root);";

/* Columns that shared tables got later. */
static const struct {
    const char *table, *column, *type;
} later_columns[] = {
    { "aliases", "said", "BLOB" },
    { "changes", "known_assumed", "INTEGER NOT NULL DEFAULT 0" },
};

static tend_status apply_later(tend_store *store, tend_buffer *sql, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < sizeof later_columns / sizeof *later_columns && status >= 0; i++) {
        bool is_there;

        status = tend_store_look_for(store, later_columns[i].table, later_columns[i].column, &is_there, reterr);
        if (status < 0 || is_there)
            continue;
        tend_buffer_reset(sql);
        tend_buffer_print(sql, "ALTER TABLE %s ADD COLUMN %s %s", later_columns[i].table, later_columns[i].column,
                          later_columns[i].type);
        status = sql->failed ? tend_fail(reterr, TEND_ENOMEM, "model: memory is used up")
                             : tend_store_run(store, tend_buffer_string(sql), reterr);
    }
    /* Most changes know their time: the mark is looked for by those that do not. */
    if (status >= 0)
        status = tend_store_run(store, "CREATE INDEX IF NOT EXISTS changes_assumed ON changes (kind, row) WHERE known_assumed<>0",
                                reterr);
    return status;
}

static const char *column_type(const tend_field *field)
{
    return field->type == TEND_TEXT ? "TEXT" : "INTEGER";
}

static void write_table(const tend_kind_schema *kind, tend_buffer *sql)
{
    tend_buffer_print(sql, "CREATE TABLE IF NOT EXISTS \"%s\" (id INTEGER PRIMARY KEY, ", kind->table);
    if (kind->is_fact)
        tend_buffer_text(sql, "fact INTEGER NOT NULL, ");
    tend_buffer_text(sql, "effective_at INTEGER NOT NULL, known_at INTEGER NOT NULL, known_assumed INTEGER NOT NULL,"
                          " recorded_at INTEGER NOT NULL, batch INTEGER NOT NULL, source INTEGER, external TEXT, ");
    tend_buffer_text(sql, kind->is_fact ? "closed_at INTEGER, closed_known INTEGER" : "removed_at INTEGER");
    for (int i = 0; i < kind->field_count; i++)
        tend_buffer_print(sql, ", \"%s\" %s", kind->fields[i].name, column_type(&kind->fields[i]));
    tend_buffer_text(sql, ");");
}

/* Rows that say nothing need no place in it, and no search by `=`, `<` or LIKE looks for them. */
bool tend_schema_is_indexed(const tend_kind_schema *kind, int field)
{
    return field == kind->account_field || (kind->fields[field].flags & (TEND_FIELD_KEY | TEND_FIELD_INDEXED));
}

void tend_schema_write_indexes(const tend_kind_schema *kind, tend_buffer *sql)
{
    if (kind->is_fact)
        tend_buffer_print(sql, "CREATE INDEX IF NOT EXISTS \"%s.fact\" ON \"%s\" (fact) WHERE fact<>id;", kind->table, kind->table);
    tend_buffer_print(sql, "CREATE INDEX IF NOT EXISTS \"%s.external\" ON \"%s\" (source, external) WHERE external IS NOT NULL;",
                      kind->table, kind->table);
    for (int i = 0; i < kind->field_count; i++) {
        const char *name = kind->fields[i].name;

        if (i == kind->account_field && kind->is_fact)
            tend_buffer_print(sql, "CREATE INDEX IF NOT EXISTS \"%s.%s\" ON \"%s\" (\"%s\", effective_at);", kind->table, name,
                              kind->table, name);
        else if (tend_schema_is_indexed(kind, i))
            tend_buffer_print(sql, "CREATE INDEX IF NOT EXISTS \"%s.%s\" ON \"%s\" (\"%s\") WHERE \"%s\" IS NOT NULL;", kind->table,
                              name, kind->table, name, name);
    }
}

static tend_status apply_kind(const tend_kind_schema *kind, tend_store *store, tend_buffer *sql, tend_error *reterr)
{
    bool has_table, has_column;
    tend_status status = tend_store_look_for(store, kind->table, NULL, &has_table, reterr);

    tend_buffer_reset(sql);
    if (status >= 0 && !has_table) {
        write_table(kind, sql);
    } else if (status >= 0) {
        status = tend_store_look_for(store, kind->table, "external", &has_column, reterr);
        if (status >= 0 && !has_column)
            tend_buffer_print(sql, "ALTER TABLE \"%s\" ADD COLUMN source INTEGER; ALTER TABLE \"%s\" ADD COLUMN external TEXT;",
                              kind->table, kind->table);
        for (int i = 0; i < kind->field_count && status >= 0; i++) {
            status = tend_store_look_for(store, kind->table, kind->fields[i].name, &has_column, reterr);
            if (status >= 0 && !has_column)
                tend_buffer_print(sql, "ALTER TABLE \"%s\" ADD COLUMN \"%s\" %s;", kind->table, kind->fields[i].name,
                                  column_type(&kind->fields[i]));
        }
    }
    if (status < 0)
        return status;
    tend_schema_write_indexes(kind, sql);
    if (sql->failed)
        status = tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up");
    else if (sql->length > 0)
        status = tend_store_run(store, tend_buffer_string(sql), reterr);
    return status;
}

/* All names of all rows, for who looks into the store with other programs; the queries of the code know their kind. */
static tend_status apply_names(const tend_schema *schema, tend_store *store, tend_buffer *sql, tend_error *reterr)
{
    tend_buffer_reset(sql);
    tend_buffer_text(sql, "CREATE VIEW IF NOT EXISTS identities AS SELECT source, kind, external, row, said FROM aliases");
    for (int i = 1; i < TEND_KIND_COUNT; i++) {
        if (tend_schema_has(schema, (tend_kind)i))
            tend_buffer_print(sql, " UNION ALL SELECT source, %d, external, id, NULL FROM \"%s\" WHERE external IS NOT NULL", i,
                              tend_schema_kind(schema, (tend_kind)i)->table);
    }
    return sql->failed ? tend_fail(reterr, TEND_ENOMEM, "schema: memory is used up")
                       : tend_store_run(store, tend_buffer_string(sql), reterr);
}

static const char applied_name[] = "schema"; /* in the store's own settings */
#define LAYOUT 1                             /* grows when columns that all kinds have change */

/* The names of all tables and columns as one number, in hexadecimal. */
static void write_fingerprint(const tend_schema *schema, char text[static 20])
{
    uint64_t sum = 0;

    for (int i = 1; i < TEND_KIND_COUNT; i++) {
        const tend_kind_schema *kind;

        if (!tend_schema_has(schema, (tend_kind)i))
            continue;
        kind = tend_schema_kind(schema, (tend_kind)i);
        sum = sum * 31 + tend_hash64(kind->table, strlen(kind->table)) + LAYOUT;
        for (int f = 0; f < kind->field_count; f++)
            sum = sum * 31 + tend_hash64(kind->fields[f].name, strlen(kind->fields[f].name));
    }
    (void)snprintf(text, 20, "%016" PRIx64, sum);
}

static bool is_applied(const tend_schema *schema, tend_store *store)
{
    tend_arena *arena = tend_arena_new();
    const char *before = NULL;
    char now[20];
    bool is;

    write_fingerprint(schema, now);
    is = arena && tend_store_meta_get(store, arena, applied_name, &before, NULL) == TEND_OK && before && strcmp(before, now) == 0;
    tend_arena_free(arena);
    return is;
}

/* False where the look fails, too: whoever reads on hears of it. */
static bool lacks(tend_store *store, const char *table, const char *column)
{
    bool is_there;

    return tend_store_look_for(store, table, column, &is_there, NULL) >= 0 && !is_there;
}

bool tend_schema_lacks(const tend_schema *schema, tend_store *store, char ret_what[static TEND_SCHEMA_LACKS])
{
    if (is_applied(schema, store))
        return false;
    for (int i = 1; i < TEND_KIND_COUNT; i++) {
        const tend_kind_schema *kind;

        if (!tend_schema_has(schema, (tend_kind)i))
            continue;
        kind = tend_schema_kind(schema, (tend_kind)i);
        if (lacks(store, kind->table, NULL)) {
            (void)snprintf(ret_what, TEND_SCHEMA_LACKS, "%s", kind->table);
            return true;
        }
        if (lacks(store, kind->table, "external")) {
            (void)snprintf(ret_what, TEND_SCHEMA_LACKS, "%s.external", kind->name);
            return true;
        }
        for (int f = 0; f < kind->field_count; f++)
            if (lacks(store, kind->table, kind->fields[f].name)) {
                (void)snprintf(ret_what, TEND_SCHEMA_LACKS, "%s.%s", kind->name, kind->fields[f].name);
                return true;
            }
    }
    return false;
}

tend_status tend_schema_apply(const tend_schema *schema, tend_store *store, tend_error *reterr)
{
    tend_buffer sql = { 0 };
    bool is_ours = !tend_store_in_transaction(store), has_identities = false;
    tend_status status = is_ours ? tend_store_begin(store, reterr) : TEND_OK;

    if (status < 0)
        return status;
    /* Before it was a view it was a table. */
    status = tend_store_look_for(store, "identities", NULL, &has_identities, reterr);
    if (status >= 0 && has_identities)
        status = tend_store_run(store, "DROP INDEX IF EXISTS identities_row; ALTER TABLE identities RENAME TO aliases", reterr);
    if (status >= 0)
        status = tend_store_run(store, shared_tables, reterr);
    if (status >= 0)
        status = apply_later(store, &sql, reterr);
    for (int i = 1; status >= 0 && i < TEND_KIND_COUNT; i++) {
        if (tend_schema_has(schema, (tend_kind)i))
            status = apply_kind(tend_schema_kind(schema, (tend_kind)i), store, &sql, reterr);
    }
    if (status >= 0)
        status = apply_names(schema, store, &sql, reterr);
    if (status >= 0 && !is_applied(schema, store)) {
        char now[20];

        write_fingerprint(schema, now);
        status = tend_store_meta_set(store, applied_name, now, reterr);
    }
    if (is_ours) {
        if (status >= 0)
            status = tend_store_commit(store, reterr);
        else
            tend_store_rollback(store);
    }
    tend_buffer_clear(&sql);
    return status;
}
