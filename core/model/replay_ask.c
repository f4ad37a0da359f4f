/* replay_ask.c: what is asked of the store that is replayed. */
#include "model/replay_inside.h"
#include <string.h>

tend_status tend_replay_no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "replay: memory is used up");
}

static tend_status read_changed(tend_replay *replay, const tend_kind_schema *kind, bool *changed, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(replay->from, "SELECT field FROM changed_fields WHERE kind=?1", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, kind->kind);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        int field = tend_schema_field(kind, tend_statement_text(statement, 0, NULL));

        if (field >= 0)
            changed[field] = true;
    }
    tend_statement_end(statement);
    return status;
}

/* What the playbook made stays out. */
static void write_without(const tend_replay *replay, tend_kind kind, const char *row, tend_buffer *sql)
{
    if (!replay->without)
        return;
    if (kind == TEND_KIND_TASK)
        tend_buffer_print(sql, " AND %s NOT IN (SELECT id FROM tasks WHERE playbook=?8)", row);
    else if (kind == TEND_KIND_APPROVAL && replay->has_runs)
        tend_buffer_print(sql, " AND %s NOT IN (SELECT a.id FROM approvals a JOIN runs u ON u.id=a.run WHERE u.playbook=?8)", row);
}

/* Rows as they were when they came: of a field that has changed since, what stood before its first change. */
static void write_rows(const tend_replay *replay, const tend_kind_schema *kind, const bool *changed, bool is_one, tend_buffer *sql)
{
    tend_buffer_print(sql, "SELECT r.id, r.known_at, r.effective_at, r.known_assumed, %s", kind->is_fact ? "r.fact" : "r.id");
    for (int i = 0; i < kind->field_count; i++) {
        const tend_field *field = &kind->fields[i];
        char of_row[200];

        (void)snprintf(of_row, sizeof of_row,
                       "FROM changes c WHERE c.kind=%d AND c.row=r.id AND c.field='%.60s'"
                       " AND c.effective_at>=r.effective_at",
                       (int)kind->kind, field->name);
        if (field->flags & TEND_FIELD_RETIRED)
            tend_buffer_text(sql, ", NULL");
        else if (!kind->is_fact && changed[i])
            tend_buffer_print(sql,
                              ", CASE WHEN EXISTS (SELECT 1 %s) THEN (SELECT c.before %s ORDER BY c.effective_at, c.id LIMIT 1)"
                              " ELSE r.\"%s\" END",
                              of_row, of_row, field->name);
        else
            tend_buffer_print(sql, ", r.\"%s\"", field->name);
    }
    tend_buffer_print(sql, " FROM \"%s\" r WHERE %s", kind->table, is_one ? "r.id=?1" : "1");
    write_without(replay, kind->kind, "r.id", sql);
    if (!is_one)
        tend_buffer_text(sql, " ORDER BY r.known_at, r.id");
}

static tend_status ask(tend_replay *replay, tend_buffer *sql, tend_statement **ret_statement, tend_error *reterr)
{
    tend_status status = sql->failed ? tend_replay_no_memory(reterr)
                                     : tend_store_prepare(replay->from, tend_buffer_string(sql), ret_statement, reterr);

    if (status >= 0 && strstr(tend_buffer_string(sql), "?8"))
        tend_statement_bind_string(*ret_statement, 8, replay->without);
    if (status >= 0 && strstr(tend_buffer_string(sql), "?9"))
        tend_statement_bind_string(*ret_statement, 9, replay->principal_name);
    return status;
}

tend_status tend_replay_ask_rows(tend_replay *replay, const tend_kind_schema *kind, bool is_one, tend_statement **ret_statement,
                                 tend_error *reterr)
{
    tend_buffer sql = { 0 };
    bool *changed = tend_arena_take(replay->arena, (size_t)kind->field_count * sizeof *changed);
    tend_status status = changed ? TEND_OK : tend_replay_no_memory(reterr);

    if (status >= 0)
        status = read_changed(replay, kind, changed, reterr);
    if (status >= 0) {
        write_rows(replay, kind, changed, is_one, &sql);
        status = ask(replay, &sql, ret_statement, reterr);
    }
    tend_buffer_clear(&sql);
    return status;
}

/* Facts that ended without a version that goes on. */
tend_status tend_replay_ask_closed(tend_replay *replay, const tend_kind_schema *kind, tend_statement **ret_statement,
                                   tend_error *reterr)
{
    tend_buffer sql = { 0 };
    tend_status status;

    tend_buffer_print(&sql,
                      "SELECT r.fact, r.closed_known, r.known_assumed FROM \"%s\" r WHERE r.closed_known IS NOT NULL AND NOT EXISTS"
                      " (SELECT 1 FROM \"%s\" n WHERE n.fact=r.fact AND n.fact<>n.id AND n.id<>r.id AND n.known_at=r.closed_known)"
                      " AND NOT EXISTS (SELECT 1 FROM \"%s\" f WHERE f.id=r.fact AND f.id<>r.id AND f.known_at=r.closed_known)"
                      " ORDER BY r.closed_known, r.id",
                      kind->table, kind->table, kind->table);
    status = ask(replay, &sql, ret_statement, reterr);
    tend_buffer_clear(&sql);
    return status;
}

/* Of facts the versions say it all, and a change that says nothing only says who made the row. */
tend_status tend_replay_ask_changes(tend_replay *replay, tend_statement **ret_statement, tend_error *reterr)
{
    tend_buffer sql = { 0 };
    tend_status status;

    tend_buffer_text(&sql, REPLAY_CHANGES_ASKED " WHERE (c.field<>'' OR c.before IS NOT NULL OR c.after IS NOT NULL)");
    for (int i = 1; i < TEND_KIND_COUNT; i++)
        if (tend_schema_has(replay->schema, (tend_kind)i) && tend_schema_kind(replay->schema, (tend_kind)i)->is_fact)
            tend_buffer_print(&sql, " AND c.kind<>%d", i);
    if (replay->without) {
        tend_buffer_text(&sql, " AND c.principal<>?9");
        tend_buffer_print(&sql, " AND (c.kind<>%d OR 1", TEND_KIND_TASK);
        write_without(replay, TEND_KIND_TASK, "c.row", &sql);
        tend_buffer_print(&sql, ") AND (c.kind<>%d OR 1", TEND_KIND_APPROVAL);
        write_without(replay, TEND_KIND_APPROVAL, "c.row", &sql);
        tend_buffer_byte(&sql, ')');
    }
    tend_buffer_text(&sql, " ORDER BY c.known_at, c.id");
    status = ask(replay, &sql, ret_statement, reterr);
    tend_buffer_clear(&sql);
    return status;
}
