/* erase.c: an account's or a contact's words, out of the store and the workspace. */
#include "engine/erase.h"
#include "base/file.h"
#include "engine/sweep.h"
#include "engine/workspace_inside.h"
#include "model/erase.h"
#include <string.h>

typedef struct erasing {
    tend_workspace *workspace;
    tend_model *model;
    tend_store *store;
    const tend_schema *schema;
    tend_origin origin;
    tend_person person;
    tend_sweep sweep;
    tend_arena *arena;
    tend_erase_line *lines;
    size_t count, room;
    bool has_failed; /* no memory for a line */
    tend_error *reterr;
} erasing;

static void tell(void *self, const char *where, const char *what, int64_t values)
{
    erasing *erase = self;

    for (size_t i = 0; i < erase->count; i++)
        if (strcmp(erase->lines[i].where, where) == 0 &&
            strcmp(erase->lines[i].what ? erase->lines[i].what : "", what ? what : "") == 0) {
            erase->lines[i].values += values;
            return;
        }
    if (erase->count == erase->room) {
        size_t room = erase->room ? erase->room * 2 : 32;
        tend_erase_line *lines = tend_arena_take(erase->arena, room * sizeof *lines);

        if (!lines) {
            erase->has_failed = true;
            return;
        }
        if (erase->count > 0)
            memcpy(lines, erase->lines, erase->count * sizeof *lines);
        erase->lines = lines;
        erase->room = room;
    }
    erase->lines[erase->count++] =
        (tend_erase_line){ tend_arena_string(erase->arena, where), what ? tend_arena_string(erase->arena, what) : NULL, values };
}

/* Texts of one column become words to look for elsewhere. */
static tend_status gather_from(erasing *erase, const char *sql)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = sql ? tend_store_prepare(erase->store, sql, &statement, erase->reterr)
                             : tend_fail(erase->reterr, TEND_ENOMEM, "erase: no memory");

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, erase->reterr)) >= 0 && has_row) {
        const char *text = tend_statement_text(statement, 0, NULL);

        if (text)
            status = tend_sweep_add(&erase->sweep, text, erase->reterr);
    }
    tend_statement_end(statement);
    return status;
}

/* What it is and was called, by us and by its sources. */
static tend_status gather_words(erasing *erase)
{
    static const tend_kind kinds[] = { TEND_KIND_ACCOUNT, TEND_KIND_CONTACT };
    tend_status status = TEND_OK;

    for (size_t k = 0; status >= 0 && k < sizeof kinds / sizeof *kinds; k++) {
        const tend_kind_schema *kind = tend_schema_kind(erase->schema, kinds[k]);
        const char *rows = tend_person_rows(erase->schema, &erase->person, kinds[k], "t", erase->arena);

        if (!rows)
            continue;
        for (int i = 0; status >= 0 && i < kind->field_count; i++) {
            if (!tend_person_names(kind, i))
                continue;
            status = gather_from(erase, tend_arena_print(erase->arena, "SELECT DISTINCT t.\"%s\" FROM \"%s\" AS t WHERE %s",
                                                         kind->fields[i].name, kind->table, rows));
            if (status >= 0)
                status = gather_from(
                    erase,
                    tend_arena_print(erase->arena,
                                     "SELECT c.before FROM changes c WHERE c.kind = %d AND c.field = '%s' AND c.row IN (SELECT "
                                     "t.id FROM \"%s\" AS t WHERE %s) UNION SELECT c.after FROM changes c WHERE c.kind = %d AND "
                                     "c.field = '%s' AND c.row IN (SELECT t.id FROM \"%s\" AS t WHERE %s)",
                                     (int)kinds[k], kind->fields[i].name, kind->table, rows, (int)kinds[k], kind->fields[i].name,
                                     kind->table, rows));
        }
    }
    return status;
}

/* Fields that say something about the person, in the rows that are about it: gone, and never taken from a source again. */
static tend_status erase_row(erasing *erase, const tend_kind_schema *kind, int64_t row)
{
    bool is_own = kind->kind == erase->person.kind || kind->kind == TEND_KIND_CONTACT || kind->kind == TEND_KIND_ACCOUNT;
    int64_t names = 0;
    tend_status status = TEND_OK;

    for (int i = 0; status >= 0 && i < kind->field_count; i++) {
        int64_t values = 0;

        if (!tend_person_field(&erase->person, kind, i) && !(is_own && i == kind->name_field))
            continue;
        status = tend_erase_field(erase->model, &erase->origin, kind->kind, row, i, &values, erase->reterr);
        if (values > 0)
            tell(erase, kind->table, kind->fields[i].name, values);
    }
    if (status >= 0 && is_own) {
        status = tend_erase_names(erase->model, kind->kind, row, &names, erase->reterr);
        if (status >= 0)
            status = tend_erase_tell(erase->model, &erase->origin, kind->kind, row, erase->reterr);
    }
    if (names > 0)
        tell(erase, "identities", "external", names);
    return status;
}

static bool has_words(const erasing *erase, const tend_kind_schema *kind)
{
    for (int i = 0; i < kind->field_count; i++)
        if (tend_person_field(&erase->person, kind, i))
            return true;
    return false;
}

static tend_status read_ids(erasing *erase, const char *sql, int64_t **ret_ids, size_t *ret_count)
{
    tend_statement *statement = NULL;
    int64_t *ids = NULL;
    size_t count = 0, room = 0;
    bool has_row = false;
    tend_status status = sql ? tend_store_prepare(erase->store, sql, &statement, erase->reterr)
                             : tend_fail(erase->reterr, TEND_ENOMEM, "erase: no memory");

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, erase->reterr)) >= 0 && has_row) {
        if (count == room) {
            int64_t *more = tend_arena_take(erase->arena, (room ? room * 2 : 64) * sizeof *more);

            if (!more) {
                status = tend_fail(erase->reterr, TEND_ENOMEM, "erase: no memory for the rows");
                break;
            }
            if (count > 0)
                memcpy(more, ids, count * sizeof *ids);
            ids = more;
            room = room ? room * 2 : 64;
        }
        ids[count++] = tend_statement_int(statement, 0);
    }
    tend_statement_end(statement);
    *ret_ids = ids;
    *ret_count = count;
    return status;
}

static tend_status erase_rows(erasing *erase, const tend_kind_schema *kind)
{
    const char *rows = tend_person_rows(erase->schema, &erase->person, kind->kind, "t", erase->arena);
    int64_t *ids;
    size_t count;
    tend_status status;

    if (!rows || !has_words(erase, kind))
        return TEND_OK;
    status = read_ids(erase,
                      tend_arena_print(erase->arena, "SELECT DISTINCT %s FROM \"%s\" AS t WHERE %s ORDER BY 1",
                                       kind->is_fact ? "t.fact" : "t.id", kind->table, rows),
                      &ids, &count);
    for (size_t i = 0; status >= 0 && i < count; i++)
        status = erase_row(erase, kind, ids[i]);
    return status;
}

/* Rows that a source calls by one of the words get another name there. */
static tend_status erase_spoken_names(erasing *erase, const tend_kind_schema *kind, const char *rows)
{
    int64_t names = 0, *ids;
    size_t count;
    tend_status status =
        tend_store_run(erase->store, "CREATE TEMP TABLE IF NOT EXISTS erase_rows (id INTEGER PRIMARY KEY)", erase->reterr);

    if (status >= 0)
        status =
            tend_sweep_run(&erase->sweep, erase->store,
                           tend_arena_print(erase->arena,
                                            "DELETE FROM temp.erase_rows; INSERT INTO temp.erase_rows SELECT DISTINCT i.row FROM "
                                            "%s i WHERE i.row IN (SELECT t.id FROM \"%s\" AS t WHERE %s) "
                                            "AND tend_sweep(i.external) IS NOT NULL",
                                            tend_schema_names_of(erase->schema, kind->kind), kind->table, rows),
                           &names, erase->reterr);
    names = 0;
    if (status >= 0)
        status = read_ids(erase, "SELECT id FROM temp.erase_rows ORDER BY id", &ids, &count);
    for (size_t i = 0; status >= 0 && i < count; i++)
        status = tend_erase_names(erase->model, kind->kind, ids[i], &names, erase->reterr);
    if (names > 0)
        tell(erase, "identities", "external", names);
    return status;
}

/* Where a text repeats a name: the row is marked as well, so that a source does not bring the text again. */
static tend_status sweep_kind(erasing *erase, const tend_kind_schema *kind)
{
    const char *rows = tend_person_around(erase->schema, &erase->person, kind->kind, "t", erase->arena), *history;
    tend_status status;

    if (!rows)
        return TEND_OK;
    status = erase_spoken_names(erase, kind, rows);
    for (int i = 0; status >= 0 && i < kind->field_count; i++) {
        const tend_field *field = &kind->fields[i];
        int64_t marks = 0, values = 0;

        if (field->type != TEND_TEXT || field->choices || (field->unit && strcmp(field->unit, "email") != 0))
            continue;
        status = tend_sweep_run(
            &erase->sweep, erase->store,
            tend_arena_print(erase->arena,
                             "INSERT OR IGNORE INTO erased_fields (kind, row, field, at, batch) SELECT DISTINCT %d, "
                             "t.%s, '%s', %lld, %lld FROM \"%s\" AS t WHERE (%s) AND tend_sweep(t.\"%s\") NOT NULL",
                             (int)kind->kind, kind->is_fact ? "fact" : "id", field->name, (long long)tend_model_now(erase->model),
                             (long long)erase->origin.batch, kind->table, rows, field->name),
            &marks, erase->reterr);
        if (status >= 0)
            status = tend_sweep_column(&erase->sweep, erase->store, kind->table, field->name, rows, &values, erase->reterr);
        if (values > 0)
            tell(erase, kind->table, field->name, values);
    }
    history = tend_arena_print(erase->arena, "t.kind = %d AND t.row IN (SELECT t.id FROM \"%s\" AS t WHERE %s)", (int)kind->kind,
                               kind->table, rows);
    if (status >= 0 && !history)
        status = tend_fail(erase->reterr, TEND_ENOMEM, "erase: no memory");
    return status < 0 ? status
                      : tend_sweep_table(&erase->sweep, erase->store, "changes", history,
                                         (const char *const[]){ "field", "principal", NULL }, tell, erase, erase->reterr);
}

/* Tables that are no kinds: by the account or the run they name, or as a whole where they name neither. Names of steps are what a
 * run is replayed by, so they stay. */
static tend_status sweep_work(erasing *erase)
{
    static const char *const keys[] = { "playbook", "state",     "verb", "topic", "name", "step", "once_key",   "channel",
                                        "language", "principal", "what", "sink",  "part", "sort", "if_stopped", NULL };
    static const struct {
        const char *table, *before, *after; /* around the accounts; NULL: every row */
    } tables[] = {
        { "runs", "t.account IN (", ")" },
        { "steps", "t.run IN (SELECT id FROM runs WHERE account IN (", "))" },
        { "parts", "t.run IN (SELECT id FROM runs WHERE account IN (", "))" },
        { "starts", "t.sequence IN (SELECT sequence FROM events WHERE account IN (", "))" },
        { "waits", "t.run IN (SELECT id FROM runs WHERE account IN (", "))" },
        { "decisions", "t.account IN (", ")" },
        { "events_told", "t.sequence IN (SELECT sequence FROM events WHERE account IN (", "))" },
        { "outbox", "t.account IN (0, ", ")" }, /* 0: to colleagues, about many */
        { "syncs", NULL, NULL },
    };
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < sizeof tables / sizeof *tables; i++) {
        const char *where =
            tables[i].before ? tend_arena_print(erase->arena, "%s%s%s", tables[i].before, erase->person.accounts, tables[i].after)
                             : "1";

        if (!tend_store_has_table(erase->store, tables[i].table))
            continue;
        status = where ? tend_sweep_table(&erase->sweep, erase->store, tables[i].table, where, keys, tell, erase, erase->reterr)
                       : tend_fail(erase->reterr, TEND_ENOMEM, "erase: no memory");
    }
    if (status >= 0 && tend_store_has_table(erase->store, "owed_records")) {
        int64_t owed = 0;

        status = tend_sweep_run(&erase->sweep, erase->store,
                                "DELETE FROM owed_records WHERE tend_sweep(key) IS NOT NULL OR tend_sweep(reason) IS NOT NULL",
                                &owed, erase->reterr);
        if (status >= 0 && owed > 0)
            tell(erase, "owed_records", "reason", owed);
    }
    /* A message to somebody who is gone does not leave any more. */
    if (status >= 0)
        status = tend_store_run(erase->store,
                                "UPDATE outbox SET state = 'dropped', last_error = 'the recipient was erased' WHERE recipient LIKE "
                                "'%" TEND_ERASED "%' AND state IN ('waiting', 'dead')",
                                erase->reterr);
    return status;
}

static tend_status erase_store(erasing *erase, bool is_meant)
{
    const char *label = tend_arena_print(erase->arena, "erase of %s %lld",
                                         tend_schema_kind(erase->schema, erase->person.kind)->name, (long long)erase->person.id);
    tend_status status = tend_model_begin(erase->model, erase->reterr);

    if (status < 0)
        return status;
    tend_seals_break_all(erase->model); /* texts are swept past the usual path */
    status = tend_batch_open(erase->model, &erase->origin, "erase", label, NULL, &erase->origin.batch, NULL, erase->reterr);
    for (int k = 1; status >= 0 && k < TEND_KIND_COUNT; k++)
        status = erase_rows(erase, tend_schema_kind(erase->schema, (tend_kind)k));
    for (int k = 1; status >= 0 && k < TEND_KIND_COUNT; k++)
        status = sweep_kind(erase, tend_schema_kind(erase->schema, (tend_kind)k));
    if (status >= 0)
        status = sweep_work(erase);
    if (status >= 0)
        status = tend_batch_close(erase->model, erase->origin.batch, NULL, erase->reterr);
    if (status >= 0 && is_meant)
        status = tend_model_commit(erase->model, erase->reterr);
    else
        tend_model_rollback(erase->model);
    tend_erase_forget(erase->model);
    return status;
}

static tend_status sweep_files(erasing *erase, bool is_meant)
{
    static const char *const folders[] = { "spool", "rejects" };
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < sizeof folders / sizeof *folders; i++)
        status = tend_sweep_folder(&erase->sweep,
                                   tend_arena_print(erase->arena, "%s/%s", tend_workspace_folder(erase->workspace), folders[i]),
                                   is_meant, tell, erase, erase->reterr);
    return status;
}

/* They are made again by the next refresh, without what was erased. */
static void forget_columns(const tend_workspace *workspace)
{
    char folder[PATH_MAX];
    tend_error error;

    if (tend_path_join(tend_workspace_folder(workspace), TEND_COLUMNS_FOLDER, folder, sizeof folder, &error) >= 0)
        tend_cache_remove(folder);
}

tend_status tend_erase(tend_workspace *workspace, const tend_origin *origin, tend_kind kind, int64_t id, bool is_meant,
                       tend_arena *arena, tend_erase_report *ret_report, tend_error *reterr)
{
    tend_store *store = tend_workspace_store(workspace);
    bool is_copy = tend_store_is_simulated(store), is_whole = true;
    erasing erase = { .workspace = workspace,
                      .model = tend_workspace_model(workspace),
                      .store = store,
                      .schema = tend_workspace_schema(workspace),
                      .origin = *origin,
                      .sweep = { .arena = arena },
                      .arena = arena };
    tend_status status = tend_access_may(origin->principal, TEND_VERB_ADMINISTER, kind, id, reterr);

    erase.reterr = reterr;
    if (status >= 0)
        status = tend_person_find(store, kind, id, arena, &erase.person, reterr);
    if (status >= 0)
        status = gather_words(&erase);
    if (status >= 0)
        status = erase_store(&erase, is_meant);
    if (status >= 0)
        status = sweep_files(&erase, is_meant && !is_copy); /* the copy of a dry run has no files of its own */
    if (status >= 0 && is_meant && !is_copy)
        forget_columns(workspace);
    if (status >= 0 && is_meant)
        status = tend_store_scrub(store, &is_whole, reterr);
    if (status >= 0 && erase.has_failed)
        status = tend_fail(reterr, TEND_ENOMEM, "erase: no memory for the report; everything was %s",
                           is_meant ? "erased" : "left as it was");
    if (status >= 0)
        *ret_report = (tend_erase_report){ .person = erase.person,
                                           .lines = erase.lines,
                                           .count = erase.count,
                                           .batch = is_meant ? erase.origin.batch : 0,
                                           .is_whole = is_whole };
    return status;
}
