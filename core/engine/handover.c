/* handover.c: accounts pass from one colleague to another. */
#include "engine/handover.h"
#include "base/date.h"
#include <string.h>

/* What belongs to a person: the kind, the field that names the person, and which rows are still open. */
typedef struct belonging {
    tend_kind kind;
    const char *field;
    const char *open; /* SQL over the kind's columns */
} belonging;

static const belonging belongings[] = {
    { TEND_KIND_ACCOUNT, "owner", "1" },
    { TEND_KIND_OWNER, "user", "(ends_on IS NULL OR ends_on >= ?3)" },
    { TEND_KIND_CONTRACT, "owner", "status IS NULL OR status NOT IN ('ended', 'cancelled')" },
    { TEND_KIND_OPPORTUNITY, "owner", "stage IS NULL OR stage NOT IN ('won', 'lost')" },
    { TEND_KIND_TICKET, "owner", "status IS NULL OR status NOT IN ('solved', 'closed')" },
    { TEND_KIND_TASK, "assignee", "status = 'open'" },
    { TEND_KIND_APPROVAL, "asked_of", "status = 'open'" },
    { TEND_KIND_CONTACT, "counterpart", "left_on IS NULL" },
};

static tend_status gather(const tend_world *world, const tend_handover_plan *plan, const belonging *what, tend_arena *arena,
                          tend_handover_item **items, size_t *count, size_t *room, tend_error *reterr)
{
    const char *account = what->kind == TEND_KIND_ACCOUNT ? "id" : "account", *source, *sql;
    tend_statement *statement = NULL;
    bool has_row;
    tend_status status = tend_world_source(world, what->kind, arena, &source, reterr);

    if (status < 0)
        return status;
    sql = tend_arena_print(arena,
                           "SELECT id, %s FROM %s AS t WHERE \"%s\" = ?1 AND (?2 = 0 OR %s = ?2) AND ?3 = ?3 AND (%s) ORDER BY id",
                           account, source, what->field, account, what->open);
    status = sql ? tend_store_prepare(world->store, sql, &statement, reterr) : TEND_ENOMEM;
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, plan->from);
    tend_statement_bind_int(statement, 2, plan->account);
    tend_statement_bind_int(statement, 3, plan->on);
    for (;;) {
        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        if (*count == *room) {
            size_t more = *room ? *room * 2 : 256;
            tend_handover_item *grown = tend_arena_take(arena, more * sizeof *grown);

            if (!grown) {
                status = tend_fail(reterr, TEND_ENOMEM, "handover: no memory for %zu rows", more);
                break;
            }
            if (*count > 0)
                memcpy(grown, *items, *count * sizeof *grown);
            *items = grown;
            *room = more;
        }
        (*items)[(*count)++] =
            (tend_handover_item){ what->kind, tend_statement_int(statement, 0), tend_statement_int(statement, 1) };
    }
    tend_statement_end(statement);
    return status;
}

tend_status tend_handover_items(const tend_world *world, const tend_handover_plan *plan, tend_arena *arena,
                                const tend_handover_item **ret_items, size_t *ret_count, tend_error *reterr)
{
    tend_handover_item *items = NULL;
    size_t count = 0, room = 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < sizeof belongings / sizeof *belongings; i++)
        status = gather(world, plan, &belongings[i], arena, &items, &count, &room, reterr);
    if (status >= 0) {
        *ret_items = items;
        *ret_count = count;
    }
    return status;
}

static tend_assignment field_of(const tend_model *model, tend_kind kind, const char *name, tend_value value)
{
    return (tend_assignment){ tend_schema_field(tend_schema_kind(tend_model_schema(model), kind), name), value };
}

static tend_status put(tend_model *model, const tend_origin *origin, tend_kind kind, int64_t row, const tend_assignment *fields,
                       int count, tend_error *reterr)
{
    tend_put_result result;
    tend_put record = {
        .kind = kind, .id = row, .fields = fields, .field_count = count, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME
    };

    return tend_model_put(model, origin, &record, &result, reterr);
}

static tend_value ref(int64_t row)
{
    return (tend_value){ .type = TEND_REF, .integer = row };
}

static tend_value day(tend_date date)
{
    return (tend_value){ .type = TEND_DATE, .integer = date };
}

static tend_value word(const char *text)
{
    return (tend_value){ .type = TEND_TEXT, .text = text, .length = strlen(text) };
}

/* A dated role ends the day before, and goes on under the new colleague. */
static tend_status pass_role(tend_model *model, const tend_origin *origin, const tend_handover_plan *plan, int64_t row,
                             tend_arena *arena, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(tend_model_schema(model), TEND_KIND_OWNER);
    int starts = tend_schema_field(kind, "starts_on"), ends = tend_schema_field(kind, "ends_on"),
        user = tend_schema_field(kind, "user");
    tend_world world = tend_world_live(model);
    tend_assignment next[64], last;
    int count = 0;
    tend_row role;
    tend_status status = tend_read(&world, origin->principal, TEND_KIND_OWNER, row, arena, &role, reterr);

    if (status < 0)
        return status;
    if (role.values[starts].type == TEND_DATE && role.values[starts].integer >= plan->on) {
        last = (tend_assignment){ user, ref(plan->to) }; /* it had not begun: it simply gets another holder */
        return put(model, origin, TEND_KIND_OWNER, row, &last, 1, reterr);
    }
    last = (tend_assignment){ ends, day(plan->on - 1) };
    status = put(model, origin, TEND_KIND_OWNER, row, &last, 1, reterr);
    if (status < 0)
        return status;
    for (int i = 0; i < kind->field_count && count < 64; i++) {
        tend_value value = i == user ? ref(plan->to) : i == starts ? day(plan->on) : role.values[i];

        if (value.type != TEND_NULL)
            next[count++] = (tend_assignment){ i, value };
    }
    return put(model, origin, TEND_KIND_OWNER, 0, next, count, reterr);
}

static tend_status pass_items(tend_model *model, const tend_origin *origin, const tend_handover_plan *plan, tend_arena *arena,
                              tend_error *reterr)
{
    tend_world world = tend_world_live(model);
    const tend_handover_item *items;
    size_t count;
    tend_status status = tend_handover_items(&world, plan, arena, &items, &count, reterr);

    for (size_t i = 0; status >= 0 && i < count; i++) {
        tend_assignment given;

        if (items[i].kind == TEND_KIND_OWNER) {
            status = pass_role(model, origin, plan, items[i].row, arena, reterr);
            continue;
        }
        for (size_t b = 0; b < sizeof belongings / sizeof *belongings; b++)
            if (belongings[b].kind == items[i].kind)
                given = field_of(model, items[i].kind, belongings[b].field, ref(plan->to));
        status = put(model, origin, items[i].kind, items[i].row, &given, 1, reterr);
    }
    return status;
}

/* What changed hands in batch ?1 and is still with ?2, of account ?4; rows that were made are roles. */
static tend_status gather_passed(tend_model *model, const tend_handover_plan *plan, int64_t batch, const belonging *what,
                                 int64_t **ret_rows, size_t *ret_count, tend_arena *arena, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(tend_model_schema(model), what->kind);
    tend_statement *statement = NULL;
    int64_t *rows = NULL;
    size_t count = 0, room = 0;
    bool has_row;
    const char *sql =
        tend_arena_print(arena,
                         "SELECT id FROM \"%s\" AS t WHERE \"%s\" = ?2 AND %s = ?4 AND removed_at IS NULL AND ?3 = ?3 AND (%s) AND "
                         "((%d AND batch = ?1) "
                         "OR id IN (SELECT row FROM changes WHERE batch = ?1 AND kind = %d AND field = '%s')) ORDER BY id",
                         kind->table, what->field, what->kind == TEND_KIND_ACCOUNT ? "id" : "account", what->open,
                         what->kind == TEND_KIND_OWNER, (int)what->kind, what->field);
    tend_status status = sql ? tend_store_prepare(tend_model_store(model), sql, &statement, reterr)
                             : tend_fail(reterr, TEND_ENOMEM, "handover: no memory");

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, batch);
    tend_statement_bind_int(statement, 2, plan->from);
    tend_statement_bind_int(statement, 3, plan->on);
    tend_statement_bind_int(statement, 4, plan->account);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        if (count == room) {
            int64_t *more = tend_arena_take(arena, (room ? 2 * room : 64) * sizeof *more);

            if (!more) {
                status = tend_fail(reterr, TEND_ENOMEM, "handover: no memory");
                break;
            }
            if (count > 0)
                memcpy(more, rows, count * sizeof *more);
            rows = more;
            room = room ? 2 * room : 64;
        }
        rows[count++] = tend_statement_int(statement, 0);
    }
    tend_statement_end(statement);
    *ret_rows = rows;
    *ret_count = count;
    return status;
}

/* The way back: `plan` names as giver the one who took it in `batch`. */
static tend_status pass_back(tend_model *model, const tend_origin *origin, const tend_handover_plan *plan, int64_t batch,
                             tend_arena *arena, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t b = 0; status >= 0 && b < sizeof belongings / sizeof *belongings; b++) {
        const belonging *what = &belongings[b];
        int64_t *rows = NULL;
        size_t count = 0;

        status = gather_passed(model, plan, batch, what, &rows, &count, arena, reterr);
        for (size_t i = 0; status >= 0 && i < count; i++) {
            tend_assignment given = field_of(model, what->kind, what->field, ref(plan->to));

            status = what->kind == TEND_KIND_OWNER ? pass_role(model, origin, plan, rows[i], arena, reterr)
                                                   : put(model, origin, what->kind, rows[i], &given, 1, reterr);
        }
    }
    return status;
}

static tend_status write_row(tend_model *model, const tend_origin *origin, const tend_handover_plan *plan, int64_t account,
                             bool is_done, tend_error *reterr)
{
    const tend_assignment fields[] = {
        field_of(model, TEND_KIND_HANDOVER, "account", ref(account)),
        field_of(model, TEND_KIND_HANDOVER, "from_user", ref(plan->from)),
        field_of(model, TEND_KIND_HANDOVER, "to_user", ref(plan->to)),
        field_of(model, TEND_KIND_HANDOVER, "on_date", day(plan->on)),
        field_of(model, TEND_KIND_HANDOVER, "until_on", plan->until ? day(plan->until) : (tend_value){ .type = TEND_NULL }),
        field_of(model, TEND_KIND_HANDOVER, "status", word(is_done ? "done" : "accepted")),
        field_of(model, TEND_KIND_HANDOVER, "passed_in",
                 is_done ? (tend_value){ .type = TEND_INT, .integer = origin->batch } : (tend_value){ .type = TEND_NULL }),
        field_of(model, TEND_KIND_HANDOVER, "checklist", plan->reason ? word(plan->reason) : (tend_value){ .type = TEND_NULL }),
    };

    return put(model, origin, TEND_KIND_HANDOVER, 0, fields, sizeof fields / sizeof *fields, reterr);
}

/* What was announced is not announced again. */
static tend_status refuse_second(tend_model *model, const tend_handover_plan *plan, int64_t account, tend_arena *arena,
                                 tend_error *reterr)
{
    tend_world world = tend_world_live(model);
    tend_statement *statement = NULL;
    char date[TEND_DATE_ROOM];
    bool has_row = false;
    tend_status status = tend_store_prepare(tend_model_store(model),
                                            "SELECT id, to_user, on_date FROM handovers WHERE account = ?1 AND from_user = ?2 AND "
                                            "status = 'accepted' AND removed_at IS NULL ORDER BY id LIMIT 1",
                                            &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, account);
    tend_statement_bind_int(statement, 2, plan->from);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        status = tend_fail(
            reterr, TEND_EINVAL,
            "handover: %s goes from %s to %s on %s already; take that back first, with tend undo, or tend set handover "
            "'#%lld' status=declined",
            tend_row_name(&world, TEND_KIND_ACCOUNT, account, arena), tend_row_name(&world, TEND_KIND_USER, plan->from, arena),
            tend_row_name(&world, TEND_KIND_USER, tend_statement_int(statement, 1), arena),
            tend_date_format((tend_date)tend_statement_int(statement, 2), date), (long long)tend_statement_int(statement, 0));
    tend_statement_end(statement);
    return status;
}

tend_status tend_handover_write(tend_model *model, const tend_origin *origin, const tend_handover_plan *plan, tend_date today,
                                tend_arena *arena, int64_t *ret_accounts, tend_error *reterr)
{
    tend_world world = tend_world_live(model);
    bool is_due = plan->on <= today;
    const tend_handover_item *items;
    size_t count;
    tend_status status = tend_handover_items(&world, plan, arena, &items, &count, reterr);

    *ret_accounts = 0;
    for (size_t i = 0; status >= 0 && i < count; i++) {
        bool is_first = items[i].account != 0;

        for (size_t before = 0; is_first && before < i; before++)
            is_first = items[before].account != items[i].account;
        if (!is_first)
            continue;
        status = refuse_second(model, plan, items[i].account, arena, reterr);
        if (status >= 0)
            status = write_row(model, origin, plan, items[i].account, is_due, reterr);
        (*ret_accounts)++;
    }
    return status >= 0 && is_due ? pass_items(model, origin, plan, arena, reterr) : status;
}

/* *ret_passed_in: 0, or the batch whose items go back; then the plan names the one who took them as giver. */
static tend_status next_due(tend_model *model, tend_date today, int64_t *ret_row, tend_handover_plan *ret_plan,
                            int64_t *ret_passed_in, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        tend_model_store(model),
        "SELECT id, account, from_user, to_user, on_date, 0 AS batch, on_date AS day FROM handovers WHERE "
        "removed_at IS NULL AND status = 'accepted' AND on_date <= ?1 AND from_user IS NOT NULL AND to_user IS NOT "
        "NULL UNION ALL SELECT id, account, to_user, from_user, until_on, passed_in, until_on FROM handovers WHERE "
        "removed_at IS NULL AND status = 'done' AND until_on <= ?1 AND passed_in IS NOT NULL AND from_user IS NOT "
        "NULL AND to_user IS NOT NULL ORDER BY day, id LIMIT 1",
        &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, today);
    status = tend_statement_step(statement, &has_row, reterr);
    *ret_row = 0;
    if (status >= 0 && has_row) {
        *ret_row = tend_statement_int(statement, 0);
        *ret_plan = (tend_handover_plan){ .account = tend_statement_int(statement, 1),
                                          .from = tend_statement_int(statement, 2),
                                          .to = tend_statement_int(statement, 3),
                                          .on = (tend_date)tend_statement_int(statement, 4) };
        *ret_passed_in = tend_statement_int(statement, 5);
    }
    tend_statement_end(statement);
    return status;
}

tend_status tend_handover_due(tend_model *model, tend_date today, int64_t *ret_done, tend_error *reterr)
{
    tend_principal engine = tend_principal_administrator();
    tend_arena *arena = tend_arena_new();
    tend_status status = arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "handover: no memory");

    (void)snprintf(engine.name, sizeof engine.name, "engine");
    *ret_done = 0;
    while (status >= 0) {
        tend_handover_plan plan;
        tend_origin origin = { .principal = &engine };
        int64_t row = 0, passed_in = 0, events;
        tend_assignment done[2];
        bool resumed;

        status = next_due(model, today, &row, &plan, &passed_in, reterr);
        if (status < 0 || row == 0)
            break;
        status = tend_model_begin(model, reterr);
        if (status < 0)
            break;
        status = tend_batch_open(model, &origin, "handover",
                                 passed_in ? "the time of a handover is over" : "the day of a handover has come", NULL,
                                 &origin.batch, &resumed, reterr);
        if (status >= 0)
            status = passed_in ? pass_back(model, &origin, &plan, passed_in, arena, reterr)
                               : pass_items(model, &origin, &plan, arena, reterr);
        done[0] = field_of(model, TEND_KIND_HANDOVER, "status", word(passed_in ? "returned" : "done"));
        done[1] = field_of(model, TEND_KIND_HANDOVER, "passed_in", (tend_value){ .type = TEND_INT, .integer = origin.batch });
        if (status >= 0)
            status = put(model, &origin, TEND_KIND_HANDOVER, row, done, passed_in ? 1 : 2, reterr);
        if (status >= 0)
            status = tend_batch_close(model, origin.batch, &events, reterr);
        if (status >= 0)
            status = tend_model_commit(model, reterr);
        else
            tend_model_rollback(model);
        tend_arena_reset(arena);
        *ret_done += status >= 0;
    }
    tend_arena_free(arena);
    return status;
}
