/* history.c: what became of one row: the changes of an entity, the versions of a fact. */
#include "base/buffer.h"
#include "model/inside.h"
#include <stdlib.h>
#include <string.h>

typedef struct telling {
    const tend_world *world;
    const tend_principal *principal;
    const tend_kind_schema *kind;
    int64_t id;
    tend_arena *arena;
    tend_change *changes;
    size_t count, room;
    tend_error *reterr;
} telling;

static tend_status no_memory(const telling *tell)
{
    return tend_fail(tell->reterr, TEND_ENOMEM, "history: memory is used up");
}

static tend_status add(telling *tell, const tend_change *change)
{
    if (tell->count == tell->room) {
        size_t room = tell->room ? tell->room * 2 : 16;
        tend_change *changes = tend_arena_take(tell->arena, room * sizeof *changes);

        if (!changes)
            return no_memory(tell);
        if (tell->count > 0)
            memcpy(changes, tell->changes, tell->count * sizeof *changes);
        tell->changes = changes;
        tell->room = room;
    }
    tell->changes[tell->count++] = *change;
    return TEND_OK;
}

static const char *keep(const telling *tell, tend_statement *statement, int column, const char *otherwise)
{
    const char *text = tend_statement_text(statement, column, NULL);

    return text && *text ? tend_arena_string(tell->arena, text) : otherwise;
}

static bool is_in_time(const telling *tell, const tend_change *change)
{
    return (tell->world->effective == TEND_NO_TIME || change->effective_at <= tell->world->effective) &&
           (tell->world->known == TEND_NO_TIME || change->known_at <= tell->world->known);
}

static tend_value instant(tend_time at)
{
    return (tend_value){ .type = TEND_TIME, .integer = at };
}

/* Both texts from the arena; a removal shows as the row that went, a return as the row that came. */
static tend_status read_change(const telling *tell, tend_statement *statement, tend_change *ret_change, bool *ret_shown)
{
    static const tend_field row = { .name = "", .type = TEND_TIME };
    const char *name = tend_statement_text(statement, 1, NULL);
    int field = *name ? tend_schema_field(tell->kind, name) : -1;
    const tend_field *described = field < 0 ? &row : &tell->kind->fields[field];
    tend_value before, after;

    *ret_shown = !*name || (field >= 0 && tend_access_field(tell->principal, tell->kind, field));
    if (!*ret_shown)
        return TEND_OK;
    tend_stored_read(statement, 2, described, &before);
    tend_stored_read(statement, 3, described, &after);
    *ret_change = (tend_change){ .id = tend_statement_int(statement, 0),
                                 .field = field,
                                 .effective_at = tend_statement_int(statement, 4),
                                 .known_at = tend_statement_int(statement, 5),
                                 .recorded_at = tend_statement_int(statement, 6),
                                 .batch = tend_statement_int(statement, 7),
                                 .known_assumed = tend_statement_int(statement, 10) != 0,
                                 .by = keep(tell, statement, 8, ""),
                                 .source = keep(tell, statement, 9, "by hand") };
    if (field < 0) {
        bool has_gone = after.type != TEND_NULL;

        ret_change->before = has_gone ? instant(ret_change->effective_at) : (tend_value){ 0 };
        ret_change->after = has_gone ? (tend_value){ 0 } : instant(ret_change->effective_at);
        *ret_shown = is_in_time(tell, ret_change);
        return TEND_OK;
    }
    if (tend_arena_value(tell->arena, &before, &ret_change->before) < 0 ||
        tend_arena_value(tell->arena, &after, &ret_change->after) < 0 || !ret_change->by || !ret_change->source)
        return no_memory(tell);
    *ret_shown = is_in_time(tell, ret_change);
    return TEND_OK;
}

/* Changes on record, newest first. *ret_has_birth: the row's coming is among them. */
static tend_status tell_changes(telling *tell, int64_t row, bool *ret_has_birth)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        tell->world->store,
        "SELECT c.id, c.field, c.before, c.after, c.effective_at, c.known_at, c.recorded_at, c.batch, c.principal,"
        " s.name, c.known_assumed FROM changes c LEFT JOIN sources s ON s.id=c.source WHERE c.kind=?1 AND c.row=?2"
        " ORDER BY c.id DESC",
        &statement, tell->reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, tell->kind->kind);
    tend_statement_bind_int(statement, 2, row);
    while ((status = tend_statement_step(statement, &has_row, tell->reterr)) >= 0 && has_row) {
        tend_change change;
        bool is_shown = false;

        status = read_change(tell, statement, &change, &is_shown);
        if (status < 0)
            break;
        *ret_has_birth = *ret_has_birth || (!*tend_statement_text(statement, 1, NULL) && tend_statement_is_null(statement, 2) &&
                                            tend_statement_is_null(statement, 3));
        if (is_shown && (status = add(tell, &change)) < 0)
            break;
    }
    tend_statement_end(statement);
    return status;
}

/* Who wrote a batch, and from which source. */
static tend_status name_batch(const telling *tell, int64_t batch, tend_change *change)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        tell->world->store, "SELECT b.principal, s.name FROM batches b LEFT JOIN sources s ON s.id=b.source WHERE b.id=?1",
        &statement, tell->reterr);

    change->batch = batch;
    change->by = "";
    change->source = "by hand";
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, batch);
    status = tend_statement_step(statement, &has_row, tell->reterr);
    if (status >= 0 && has_row) {
        change->by = keep(tell, statement, 0, "");
        change->source = keep(tell, statement, 1, "by hand");
    }
    tend_statement_end(statement);
    return status;
}

/* The row itself, as the oldest thing that is known of it. */
static tend_status tell_birth(telling *tell)
{
    tend_statement *statement = NULL;
    tend_change birth = { .field = -1 };
    bool has_row = false;
    tend_status status = tend_store_prepare(tell->world->store, tend_schema_sql_of(tell->world->schema, tell->kind->kind)->read_any,
                                            &statement, tell->reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, tell->id);
    status = tend_statement_step(statement, &has_row, tell->reterr);
    if (status >= 0 && has_row) {
        birth.effective_at = tend_statement_int(statement, TEND_ROW_EFFECTIVE);
        birth.known_at = tend_statement_int(statement, TEND_ROW_KNOWN);
        birth.recorded_at = tend_statement_int(statement, TEND_ROW_RECORDED);
        birth.known_assumed = tend_statement_int(statement, TEND_ROW_ASSUMED) != 0;
        birth.after = instant(birth.effective_at);
        status = name_batch(tell, tend_statement_int(statement, TEND_ROW_FIELDS + tell->kind->field_count), &birth);
    }
    tend_statement_end(statement);
    return status >= 0 && has_row && is_in_time(tell, &birth) ? add(tell, &birth) : status;
}

/* The currency that the row had right before (or right after) everything recorded at an instant. */
static void currency_around(const telling *tell, const tend_value *now, tend_time recorded_at, bool is_after, char ret_code[4])
{
    const tend_value *currency = now;

    for (size_t i = 0; i < tell->count; i++) {
        const tend_change *change = &tell->changes[i];

        if (change->field == tell->kind->currency_field &&
            (is_after ? change->recorded_at > recorded_at : change->recorded_at >= recorded_at))
            currency = &change->before;
    }
    memset(ret_code, 0, 4);
    if (currency->type == TEND_TEXT && currency->length == 3)
        memcpy(ret_code, currency->text, 3);
}

static void give_currencies(telling *tell, const tend_value *now)
{
    for (size_t i = 0; i < tell->count; i++) {
        tend_change *change = &tell->changes[i];

        if (change->before.type == TEND_MONEY)
            currency_around(tell, now, change->recorded_at, false, change->before.currency);
        if (change->after.type == TEND_MONEY)
            currency_around(tell, now, change->recorded_at, true, change->after.currency);
    }
}

static tend_status tell_entity(telling *tell)
{
    tend_value currency = { 0 };
    tend_statement *statement = NULL;
    bool has_birth = false, has_row = false;
    tend_status status = tell_changes(tell, tell->id, &has_birth);

    if (status >= 0 && !has_birth)
        status = tell_birth(tell);
    if (status < 0 || tell->kind->currency_field < 0)
        return status;
    status = tend_store_prepare(tell->world->store, tend_schema_sql_of(tell->world->schema, tell->kind->kind)->read_any, &statement,
                                tell->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, tell->id);
    status = tend_statement_step(statement, &has_row, tell->reterr);
    if (status >= 0 && has_row)
        tend_stored_read(statement, TEND_ROW_FIELDS + tell->kind->currency_field, &tell->kind->fields[tell->kind->currency_field],
                         &currency);
    if (status >= 0)
        give_currencies(tell, &currency);
    tend_statement_end(statement);
    return status;
}

/* What one version says other than the one before it. */
static tend_status tell_version(telling *tell, const tend_row *row, const tend_row *before, int64_t batch)
{
    tend_change change = { .id = row->id,
                           .field = -1,
                           .effective_at = row->effective_at,
                           .known_at = row->known_at,
                           .recorded_at = row->recorded_at,
                           .known_assumed = row->known_assumed };
    tend_status status = name_batch(tell, batch, &change);

    if (status < 0 || !is_in_time(tell, &change))
        return status;
    if (!before) {
        change.after = instant(row->effective_at);
        return add(tell, &change);
    }
    for (int i = 0; i < tell->kind->field_count && status >= 0; i++) {
        if (tend_stored_equal(&row->values[i], &before->values[i]))
            continue;
        change.field = i;
        change.before = before->values[i];
        change.after = row->values[i];
        status = add(tell, &change);
    }
    return status;
}

static int by_age(const void *one, const void *two)
{
    const tend_change *a = one, *b = two;

    if (a->recorded_at != b->recorded_at)
        return a->recorded_at > b->recorded_at ? -1 : 1;
    if (a->id != b->id)
        return a->id > b->id ? -1 : 1;
    return (a->field > b->field) - (a->field < b->field);
}

static tend_status tell_versions(telling *tell)
{
    tend_statement *statement = NULL;
    tend_buffer sql = { 0 };
    tend_row rows[2] = { 0 };
    bool has_row = false;
    int at = 0;
    tend_status status;

    tend_buffer_print(&sql, "SELECT %s, r.batch FROM \"%s\" r WHERE r.id IN (SELECT id FROM \"%s\" WHERE id=?1 UNION ALL ",
                      tend_schema_sql_of(tell->world->schema, tell->kind->kind)->columns, tell->kind->table, tell->kind->table);
    tend_buffer_print(&sql, "SELECT id FROM \"%s\" WHERE fact=?1 AND fact<>id) ORDER BY r.known_at, r.id", tell->kind->table);
    status =
        sql.failed ? no_memory(tell) : tend_store_prepare(tell->world->store, tend_buffer_string(&sql), &statement, tell->reterr);
    if (status >= 0)
        tend_statement_bind_int(statement, 1, tell->id);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, tell->reterr)) >= 0 && has_row) {
        tend_row *row = &rows[at % 2], *before = at ? &rows[(at + 1) % 2] : NULL;
        bool has_birth = false;

        status = tend_row_from(tell->world, tell->principal, statement, 0, tell->kind, tell->arena, row, tell->reterr);
        if (status >= 0)
            status = tell_version(tell, row, before, tend_statement_int(statement, TEND_ROW_FIELDS + tell->kind->field_count));
        if (status >= 0)
            status = tell_changes(tell, row->id, &has_birth);
        at++;
    }
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    return status;
}

/* A version written without a batch left a mark that says by whom: what it says goes over to the version's own lines. */
static void give_authors(telling *tell)
{
    size_t kept = 0;

    for (size_t i = 0; i < tell->count; i++) {
        tend_change *mark = &tell->changes[i];

        if (mark->field >= 0 || mark->batch != 0 || !*mark->by || mark->after.type == TEND_NULL)
            continue;
        for (size_t j = 0; j < tell->count; j++) {
            tend_change *change = &tell->changes[j];

            if (change != mark && change->batch == 0 && change->recorded_at == mark->recorded_at && !*change->by) {
                change->by = mark->by;
                change->source = mark->source;
                mark->id = -1;
            }
        }
    }
    for (size_t i = 0; i < tell->count; i++) {
        if (tell->changes[i].id != -1)
            tell->changes[kept++] = tell->changes[i];
    }
    tell->count = kept;
}

static tend_status find_fact(telling *tell)
{
    char sql[120];
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    (void)snprintf(sql, sizeof sql, "SELECT %s FROM \"%s\" WHERE id=?1", tell->kind->is_fact ? "fact" : "id", tell->kind->table);
    status = tend_store_prepare(tell->world->store, sql, &statement, tell->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, tell->id);
    status = tend_statement_step(statement, &has_row, tell->reterr);
    if (status >= 0 && !has_row)
        status = tend_fail(tell->reterr, TEND_ENOTFOUND, "%s %lld: no such row; `tend list %s` shows those that exist",
                           tell->kind->name, (long long)tell->id, tell->kind->table);
    if (status >= 0)
        tell->id = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

tend_status tend_history(const tend_world *world, const tend_principal *principal, tend_kind kind, int64_t id, tend_arena *arena,
                         const tend_change **ret_changes, size_t *ret_count, tend_error *reterr)
{
    telling tell = { .world = world,
                     .principal = principal,
                     .kind = tend_schema_kind(world->schema, kind),
                     .id = id,
                     .arena = arena,
                     .reterr = reterr };
    tend_status status = tend_access_may(principal, TEND_VERB_READ, kind, id, reterr);

    if (status >= 0)
        status = find_fact(&tell);
    if (status >= 0)
        status = tell.kind->is_fact ? tell_versions(&tell) : tell_entity(&tell);
    if (status < 0)
        return status;
    if (tell.kind->is_fact) {
        give_authors(&tell);
        if (tell.count > 1)
            qsort(tell.changes, tell.count, sizeof *tell.changes, by_age);
    }
    *ret_changes = tell.changes;
    *ret_count = tell.count;
    return TEND_OK;
}
