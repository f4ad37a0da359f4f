/* world.c: what to write after FROM, for now and for any past day. */
#include "model/world.h"
#include "base/buffer.h"
#include "model/inside.h"
#include <string.h>

tend_world tend_world_live(const tend_model *model)
{
    return (tend_world){ .store = model->store,
                         .schema = model->schema,
                         .now = tend_model_now(model),
                         .effective = TEND_NO_TIME,
                         .known = TEND_NO_TIME };
}

bool tend_world_is_live(const tend_world *world)
{
    return world->effective == TEND_NO_TIME && world->known == TEND_NO_TIME;
}

/* Which fields of the kind have changes at all; the last place is the row itself. */
static tend_status read_changed(const tend_world *world, const tend_kind_schema *kind, bool *changed, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(world->store, "SELECT field FROM changed_fields WHERE kind=?1", &statement, reterr);
    bool has_row = false;

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, kind->kind);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *name = tend_statement_text(statement, 0, NULL);
        int field = *name ? tend_schema_field(kind, name) : kind->field_count;

        if (field >= 0)
            changed[field] = true;
    }
    tend_statement_end(statement);
    return status;
}

/* The value of a field that has changes: after the last one by then; before the first one when all came later. */
static void write_then(const tend_world *world, const tend_kind_schema *kind, const char *field, const char *column,
                       tend_buffer *sql)
{
    char of_row[160];
    long long effective = world->effective == TEND_NO_TIME ? INT64_MAX : world->effective;
    long long known = world->known == TEND_NO_TIME ? INT64_MAX : world->known;

    (void)snprintf(of_row, sizeof of_row,
                   "FROM changes c WHERE c.kind=%d AND c.row=r.id AND c.field='%s' AND c.effective_at>=r.effective_at",
                   (int)kind->kind, field);
    tend_buffer_print(sql, "CASE WHEN NOT EXISTS (SELECT 1 %s) THEN r.\"%s\" ", of_row, column);
    tend_buffer_print(sql, "WHEN EXISTS (SELECT 1 %s AND c.effective_at<=%lld AND c.known_at<=%lld) ", of_row, effective, known);
    tend_buffer_print(
        sql,
        "THEN (SELECT c.after %s AND c.effective_at<=%lld AND c.known_at<=%lld ORDER BY c.effective_at DESC, c.id DESC"
        " LIMIT 1) ",
        of_row, effective, known);
    tend_buffer_print(sql, "ELSE (SELECT c.before %s ORDER BY c.effective_at, c.id LIMIT 1) END", of_row);
}

/* The row came with an assumed time, or one of the changes that made it what it was then. */
static void write_assumed(const tend_world *world, const tend_kind_schema *kind, tend_buffer *sql)
{
    tend_buffer_print(sql,
                      "(r.known_assumed<>0 OR EXISTS (SELECT 1 FROM changes c WHERE c.kind=%d AND c.row=r.id AND"
                      " c.known_assumed<>0 AND c.effective_at>=r.effective_at",
                      (int)kind->kind);
    if (world->effective != TEND_NO_TIME)
        tend_buffer_print(sql, " AND c.effective_at<=%lld", (long long)world->effective);
    if (world->known != TEND_NO_TIME)
        tend_buffer_print(sql, " AND c.known_at<=%lld", (long long)world->known);
    tend_buffer_text(sql, "))");
}

static void write_entity(const tend_world *world, const tend_kind_schema *kind, const bool *changed, tend_buffer *sql)
{
    tend_buffer_text(sql, "(SELECT r.id, r.effective_at, r.known_at, ");
    write_assumed(world, kind, sql);
    tend_buffer_text(sql, " AS known_assumed, r.recorded_at, r.batch, NULL AS removed_at");
    for (int i = 0; i < kind->field_count; i++) {
        const char *name = kind->fields[i].name;

        tend_buffer_text(sql, ", ");
        if (changed[i]) {
            write_then(world, kind, name, name, sql);
            tend_buffer_print(sql, " AS \"%s\"", name);
        } else {
            tend_buffer_print(sql, "r.\"%s\"", name);
        }
    }
    tend_buffer_print(sql, " FROM \"%s\" r WHERE ", kind->table);
    if (world->effective != TEND_NO_TIME)
        tend_buffer_print(sql, "r.effective_at<=%lld AND ", (long long)world->effective);
    if (world->known != TEND_NO_TIME)
        tend_buffer_print(sql, "r.known_at<=%lld AND ", (long long)world->known);
    tend_buffer_byte(sql, '(');
    if (changed[kind->field_count])
        write_then(world, kind, "", "removed_at", sql);
    else
        tend_buffer_text(sql, "r.removed_at");
    tend_buffer_text(sql, ") IS NULL)");
}

static void write_fact(const tend_world *world, const tend_kind_schema *kind, tend_buffer *sql)
{
    tend_buffer_print(sql, "(SELECT * FROM \"%s\" WHERE ", kind->table);
    if (world->effective != TEND_NO_TIME)
        tend_buffer_print(sql, "effective_at<=%lld AND ", (long long)world->effective);
    if (world->known == TEND_NO_TIME)
        tend_buffer_text(sql, "closed_at IS NULL)");
    else
        tend_buffer_print(sql, "known_at<=%lld AND (closed_known IS NULL OR closed_known>%lld))", (long long)world->known,
                          (long long)world->known);
}

static void write_link_time(const tend_world *world, tend_buffer *sql)
{
    if (world->effective == TEND_NO_TIME)
        tend_buffer_text(sql, "l.until_at IS NULL");
    else
        tend_buffer_print(sql, "l.from_at<=%lld AND (l.until_at IS NULL OR l.until_at>%lld)", (long long)world->effective,
                          (long long)world->effective);
}

static bool is_resolved(const tend_kind_schema *kind, int field)
{
    return kind->fields[field].type == TEND_REF && kind->fields[field].target == TEND_KIND_ACCOUNT;
}

/* The field by which rows are asked for: the account they belong to; accounts themselves by the one above. -1: none. */
static int resolved_field(const tend_kind_schema *kind)
{
    for (int i = 0; i < kind->field_count; i++) {
        if (is_resolved(kind, i) && (i == kind->account_field || kind->account_field < 0))
            return i;
    }
    return -1;
}

static void write_unless_merged(const tend_world *world, const char *column, tend_buffer *sql)
{
    tend_buffer_print(sql, "NOT EXISTS (SELECT 1 FROM account_roots l WHERE l.account=m.\"%s\" AND ", column);
    write_link_time(world, sql);
    tend_buffer_byte(sql, ')');
}

/* Rows by what became of the account they name. */
typedef enum part {
    PART_AS_IT_IS,  /* not merged */
    PART_ELSEWHERE, /* read as another account */
    PART_ITSELF     /* an account below one that was merged into it: nobody becomes his own parent */
} part;

/* In each part the resolved account is a plain column, so that asking for one account uses its index. */
static void write_part(const tend_world *world, const tend_kind_schema *kind, const char *inner, part which, tend_buffer *sql)
{
    int resolved = resolved_field(kind);
    const char *by = kind->fields[resolved].name;

    tend_buffer_print(sql, "SELECT m.id, m.effective_at, m.known_at, m.known_assumed, m.recorded_at, m.batch, %s",
                      kind->is_fact ? "m.fact, m.closed_at, m.closed_known" : "m.removed_at");
    for (int i = 0; i < kind->field_count; i++) {
        if (i == resolved && which != PART_AS_IT_IS)
            tend_buffer_print(sql, ", %s AS \"%s\"", which == PART_ITSELF ? "NULL" : "l.root", by);
        else
            tend_buffer_print(sql, ", m.\"%s\"", kind->fields[i].name);
    }
    if (which == PART_AS_IT_IS) {
        tend_buffer_print(sql, " FROM %s m WHERE ", inner);
        write_unless_merged(world, by, sql);
    } else {
        /* Few accounts are merged: where no index of the rows helps, the links lead. */
        tend_buffer_print(sql, " FROM account_roots l %s %s m ON l.account=m.\"%s\" AND ",
                          which == PART_ITSELF ? "CROSS JOIN" : "JOIN", inner, by);
        write_link_time(world, sql);
    }
    if (kind->kind != TEND_KIND_ACCOUNT)
        return;
    if (which != PART_AS_IT_IS)
        tend_buffer_print(sql, " WHERE l.root%sm.id", which == PART_ITSELF ? "=" : "<>");
    tend_buffer_text(sql, " AND ");
    write_unless_merged(world, "id", sql);
}

/* Lays the merges over `inner`. A merged account is not a row of its own. */
static void write_resolved(const tend_world *world, const tend_kind_schema *kind, const char *inner, tend_buffer *sql)
{
    part last = kind->kind == TEND_KIND_ACCOUNT ? PART_ITSELF : PART_ELSEWHERE;

    for (part which = PART_AS_IT_IS; which <= last; which++) {
        tend_buffer_text(sql, which == PART_AS_IT_IS ? "(" : " UNION ALL ");
        write_part(world, kind, inner, which, sql);
    }
    tend_buffer_byte(sql, ')');
}

static tend_status write_source(const tend_world *world, const tend_kind_schema *kind, bool has_links, tend_arena *arena,
                                const char **ret_sql, tend_error *reterr)
{
    tend_buffer inner = { 0 }, outer = { 0 };
    bool *changed = tend_arena_take(arena, (size_t)kind->field_count + 1);
    tend_status status = changed ? TEND_OK : TEND_ENOMEM;
    tend_buffer *whole = &inner;

    if (status >= 0 && tend_world_is_live(world)) {
        tend_buffer_text(&inner, tend_schema_sql_of(world->schema, kind->kind)->live);
    } else if (status >= 0 && kind->is_fact) {
        write_fact(world, kind, &inner);
    } else if (status >= 0) {
        status = read_changed(world, kind, changed, reterr);
        write_entity(world, kind, changed, &inner);
    }
    if (status >= 0 && has_links && resolved_field(kind) >= 0) {
        write_resolved(world, kind, tend_buffer_string(&inner), &outer);
        whole = &outer;
    }
    if (status >= 0) {
        *ret_sql = whole->failed ? NULL : tend_arena_copy(arena, whole->bytes, whole->length);
        status = *ret_sql ? TEND_OK : TEND_ENOMEM;
    }
    if (status == TEND_ENOMEM)
        (void)tend_fail(reterr, TEND_ENOMEM, "world: memory is used up");
    tend_buffer_clear(&inner);
    tend_buffer_clear(&outer);
    return status;
}

tend_status tend_world_source(const tend_world *world, tend_kind number, tend_arena *arena, const char **ret_sql,
                              tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(world->schema, number);
    int64_t has_links = 0;
    tend_status status = tend_store_number(world->store, "SELECT EXISTS (SELECT 1 FROM account_roots)", 0, &has_links, reterr);

    if (status < 0)
        return status;
    if (!has_links && tend_world_is_live(world)) {
        *ret_sql = tend_schema_sql_of(world->schema, number)->live;
        return TEND_OK;
    }
    return write_source(world, kind, has_links != 0, arena, ret_sql, reterr);
}
