/* undo_fact.c: a fact that a batch wrote to stands again as the last version before the batch said. */
#include "base/buffer.h"
#include "model/inside.h"

/* Puts the values of an earlier version again. */
static tend_status put_version(tend_undoing *undo, const tend_kind_schema *kind, int64_t id, int64_t version)
{
    tend_model *model = undo->model;
    tend_put record = { .kind = kind->kind, .id = id, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME };
    tend_assignment *assignments = tend_arena_take(undo->arena, (size_t)kind->field_count * sizeof *assignments);
    tend_statement *statement = NULL;
    tend_put_result result = { 0 };
    bool has_row = false;
    tend_status status;

    if (!assignments)
        return tend_fail(undo->reterr, TEND_ENOMEM, "undo: memory is used up");
    status = tend_store_prepare(model->store, tend_schema_sql_of(model->schema, kind->kind)->read_any, &statement, undo->reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, version);
        status = tend_statement_step(statement, &has_row, undo->reterr);
    }
    for (int i = 0; status >= 0 && has_row && i < kind->field_count; i++) {
        tend_value value;

        if (kind->fields[i].flags & TEND_FIELD_RETIRED)
            continue;
        tend_stored_read(statement, TEND_ROW_FIELDS + i, &kind->fields[i], &value);
        assignments[record.field_count].field = i;
        status = tend_arena_value(undo->arena, &value, &assignments[record.field_count++].value);
    }
    tend_statement_end(statement);
    record.fields = assignments;
    if (status >= 0 && has_row)
        status = tend_undo_put(undo, &record, &result);
    undo->report.restored += result.outcome == TEND_PUT_UPDATED;
    return status;
}

/* Where the fact stood before the batch, found by walking its versions in the order they came. */
typedef struct standing {
    int64_t before;     /* the version that stood; 0: none */
    int64_t last;       /* the last version that the batch wrote or deleted */
    bool was_live;      /* it was not deleted */
    bool is_touched;    /* the batch wrote a version or deleted one */
    bool is_undone;     /* this undo has been here */
    bool is_older_only; /* all it wrote went into history */
    bool is_overtaken;  /* somebody wrote after it */
} standing;

static void walk(const tend_undoing *undo, tend_statement *versions, tend_time *newest, standing *found)
{
    int64_t id = tend_statement_int(versions, 0), batch = tend_statement_int(versions, 1);
    tend_time known = tend_statement_int(versions, 2);
    bool is_deleted = !tend_statement_is_null(versions, 3);

    if (batch == undo->batch || (is_deleted && tend_statement_int(versions, 3) == undo->batch))
        found->last = id;
    if (batch == undo->origin.batch || (is_deleted && tend_statement_int(versions, 3) == undo->origin.batch))
        found->is_undone = true;
    if (known < *newest) {
        found->is_older_only = found->is_older_only || batch == undo->batch;
    } else {
        *newest = known;
        if (batch == undo->batch) {
            found->is_touched = true;
        } else if (undo->earlier != 0 && batch == undo->earlier) {
            found->is_touched = false; /* put back already */
        } else if (found->is_touched) {
            found->is_overtaken = true;
        } else {
            found->before = id;
            found->was_live = true;
        }
    }
    if (!is_deleted)
        return;
    if (tend_statement_int(versions, 3) == undo->batch)
        found->is_touched = true;
    else if (found->is_touched)
        found->is_overtaken = true;
    else
        found->was_live = false;
}

static tend_status find_standing(tend_undoing *undo, const tend_kind_schema *kind, int64_t fact, standing *ret_standing)
{
    tend_buffer sql = { 0 };
    tend_statement *versions = NULL;
    tend_time newest = TEND_NO_TIME;
    bool has_row = false;
    tend_status status;

    tend_buffer_print(
        &sql,
        "SELECT v.id, v.batch, v.known_at, (SELECT c.batch FROM changes c WHERE c.kind=%d AND c.row=v.id AND c.field=''"
        " AND c.after IS NOT NULL LIMIT 1) FROM \"%s\" v WHERE v.id IN (SELECT id FROM \"%s\" WHERE id=?1 UNION ALL"
        " SELECT id FROM \"%s\" WHERE fact=?1 AND fact<>id) ORDER BY v.id",
        (int)kind->kind, kind->table, kind->table, kind->table);
    status = sql.failed ? tend_fail(undo->reterr, TEND_ENOMEM, "undo: memory is used up")
                        : tend_store_prepare(undo->model->store, tend_buffer_string(&sql), &versions, undo->reterr);
    tend_buffer_clear(&sql);
    if (status < 0)
        return status;
    tend_statement_bind_int(versions, 1, fact);
    while ((status = tend_statement_step(versions, &has_row, undo->reterr)) >= 0 && has_row)
        walk(undo, versions, &newest, ret_standing);
    tend_statement_end(versions);
    return status;
}

tend_status tend_undo_fact(tend_undoing *undo, const tend_kind_schema *kind, int64_t version)
{
    standing found = { 0 };
    int64_t fact = 0;
    char sql[120];
    tend_status status;

    (void)snprintf(sql, sizeof sql, "SELECT fact FROM \"%s\" WHERE id=?1 AND ?2=?2", kind->table);
    status = tend_undo_ask(undo, sql, version, 0, &fact);
    if (status >= 0 && fact)
        status = find_standing(undo, kind, fact, &found);
    if (status < 0 || fact == 0 || found.is_undone || version != found.last)
        return status;
    if (found.is_overtaken)
        return tend_undo_leave(undo, kind->kind, version, -1, "a later version came since");
    if (!found.is_touched)
        return found.is_older_only ? tend_undo_leave(undo, kind->kind, version, -1, "it went into history only") : TEND_OK;
    if (!found.was_live) {
        tend_put record = {
            .kind = kind->kind, .id = fact, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME, .is_removed = true
        };
        tend_put_result result;

        status = tend_undo_put(undo, &record, &result);
        undo->report.restored += result.outcome == TEND_PUT_UPDATED;
        return status;
    }
    return put_version(undo, kind, fact, found.before);
}
