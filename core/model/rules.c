/* rules.c: rules that look at other rows, in one table. Further ones are a line there and a function here. */
#include "base/buffer.h"
#include "base/date.h"
#include "model/inside.h"
#include <string.h>

#define WALK_MAX 10000

typedef struct rule {
    tend_kind kind;
    const char *field;   /* what a refusal points to */
    bool is_about_field; /* asked only when the field changes */
    tend_status (*check)(tend_model *model, const tend_kind_schema *kind, int field, int64_t id, const tend_value *values,
                         tend_error *reterr);
} rule;

static tend_world world_now(tend_model *model)
{
    return tend_world_live(model);
}

/* The row above in the tree; merged accounts count as what they are read as. */
static tend_status step_up(tend_model *model, const tend_kind_schema *kind, int field, int64_t id, int64_t *ret_above,
                           tend_error *reterr)
{
    char sql[200];
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    (void)snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE id=?1", kind->fields[field].name, kind->table);
    status = tend_store_prepare(model->store, sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, id);
    status = tend_statement_step(statement, &has_row, reterr);
    *ret_above = status >= 0 && has_row && !tend_statement_is_null(statement, 0) ? tend_statement_int(statement, 0) : 0;
    tend_statement_end(statement);
    if (status >= 0 && kind->kind == TEND_KIND_ACCOUNT)
        status = tend_model_root(model, *ret_above, ret_above, reterr);
    return status;
}

/* "Seoul > Korea > Seoul": the way from `from` up to `id`. */
static tend_status tell_cycle(tend_model *model, const tend_kind_schema *kind, int field, int64_t id, int64_t from,
                              tend_error *reterr)
{
    tend_world world = world_now(model);
    tend_buffer way = { 0 };
    int64_t at = from;
    tend_status status = TEND_OK;

    tend_buffer_text(&way, tend_row_name(&world, kind->kind, id, model->scratch));
    for (int i = 0; i < 20 && at != id && status >= 0; i++) {
        tend_buffer_print(&way, " > %s", tend_row_name(&world, kind->kind, at, model->scratch));
        status = step_up(model, kind, field, at, &at, reterr);
    }
    tend_buffer_print(&way, "%s > %s", at == id ? "" : " > …", tend_row_name(&world, kind->kind, id, model->scratch));
    if (status >= 0)
        status = tend_fail(reterr, TEND_EINVAL, "%s.%s: it would stand above itself: %s; choose another one", kind->name,
                           kind->fields[field].name, tend_buffer_string(&way));
    tend_buffer_clear(&way);
    return status;
}

static tend_status refuse_cycle(tend_model *model, const tend_kind_schema *kind, int field, int64_t id, const tend_value *values,
                                tend_error *reterr)
{
    int64_t above = values[field].type == TEND_REF ? values[field].integer : 0;
    tend_status status = TEND_OK;

    if (id == 0 || above == 0)
        return TEND_OK; /* nobody stands below a new row */
    if (above == id)
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: it cannot be its own; choose another one", kind->name,
                         kind->fields[field].name);
    if (kind->kind == TEND_KIND_ACCOUNT)
        status = tend_model_root(model, above, &above, reterr);
    for (int64_t at = above, steps = 0; at != 0 && status >= 0; steps++) {
        if (at == id)
            return tell_cycle(model, kind, field, id, above, reterr);
        if (steps == WALK_MAX)
            return tend_fail(reterr, TEND_EINVAL, "%s.%s: the tree is more than %d levels deep; flatten it", kind->name,
                             kind->fields[field].name, WALK_MAX);
        status = step_up(model, kind, field, at, &at, reterr);
    }
    return status;
}

static void show_span(tend_statement *statement, int column, const char *otherwise, char room[static TEND_DATE_ROOM])
{
    if (tend_statement_is_null(statement, column))
        (void)snprintf(room, TEND_DATE_ROOM, "%s", otherwise);
    else
        (void)tend_date_format((tend_date)tend_statement_int(statement, column), room);
}

/* One owner and one single point of contact per account at a time. */
static tend_status refuse_second_owner(tend_model *model, const tend_kind_schema *kind, int field, int64_t id,
                                       const tend_value *values, tend_error *reterr)
{
    const tend_value *account = &values[tend_schema_field(kind, "account")],
                     *starts = &values[tend_schema_field(kind, "starts_on")], *ends = &values[tend_schema_field(kind, "ends_on")],
                     *role = &values[field];
    tend_statement *statement = NULL;
    tend_world world = world_now(model);
    bool has_row = false;
    tend_status status;

    if (role->type != TEND_TEXT || account->type != TEND_REF ||
        (strcmp(role->text, "spoc") != 0 && strcmp(role->text, "owner") != 0))
        return TEND_OK;
    status = tend_store_prepare(model->store,
                                "SELECT \"user\", starts_on, ends_on FROM owners WHERE account=?1 AND role=?2 AND id<>?3 AND"
                                " removed_at IS NULL AND (ends_on IS NULL OR ends_on>=?4) AND (starts_on IS NULL OR starts_on<=?5)"
                                " ORDER BY id LIMIT 1",
                                &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, account->integer);
    tend_statement_bind_value(statement, 2, role);
    tend_statement_bind_int(statement, 3, id);
    tend_statement_bind_int(statement, 4, starts->type == TEND_NULL ? INT32_MIN : starts->integer);
    tend_statement_bind_int(statement, 5, ends->type == TEND_NULL ? INT32_MAX : ends->integer);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        char first[TEND_DATE_ROOM], last[TEND_DATE_ROOM];

        show_span(statement, 1, "always", first);
        show_span(statement, 2, "further notice", last);
        status = tend_fail(reterr, TEND_EINVAL, "owner.role: %s is %s of %s from %s until %s; end that first or choose other days",
                           tend_row_name(&world, TEND_KIND_USER, tend_statement_int(statement, 0), model->scratch), role->text,
                           tend_row_name(&world, TEND_KIND_ACCOUNT, account->integer, model->scratch), first, last);
    }
    tend_statement_end(statement);
    return status;
}

/* A question is answered with one of its choices, "yes | no". */
static tend_status refuse_other_answer(tend_model *model, const tend_kind_schema *kind, int field, int64_t id,
                                       const tend_value *values, tend_error *reterr)
{
    const tend_value *choices = &values[tend_schema_field(kind, "choices")], *outcome = &values[tend_schema_field(kind, "outcome")];
    const char *at;

    (void)model;
    if (choices->type != TEND_TEXT || values[field].type != TEND_TEXT || strcmp(values[field].text, "done") != 0)
        return TEND_OK;
    for (at = choices->text; at && outcome->type == TEND_TEXT; at = strstr(at, " | ") ? strstr(at, " | ") + 3 : NULL) {
        size_t length = strstr(at, " | ") ? (size_t)(strstr(at, " | ") - at) : strlen(at);

        if (length == outcome->length && strncmp(at, outcome->text, length) == 0)
            return TEND_OK;
    }
    return tend_fail(reterr, TEND_EINVAL, "task %lld: is a question; answer it with one of %s: tend task answer %lld CHOICE",
                     (long long)id, choices->text, (long long)id);
}

/* Where several have to agree, each of them is another person. */
static tend_status refuse_same_person(tend_model *model, const tend_kind_schema *kind, int field, int64_t id,
                                      const tend_value *values, tend_error *reterr)
{
    const tend_value *run = &values[tend_schema_field(kind, "run")], *step = &values[tend_schema_field(kind, "step")];
    tend_world world = world_now(model);
    tend_statement *statement = NULL;
    int64_t other = 0;
    bool has_row = false;
    tend_status status;

    if (values[field].type != TEND_REF || run->type != TEND_INT || step->type != TEND_TEXT)
        return TEND_OK;
    status = tend_store_prepare(model->store,
                                "SELECT id FROM approvals WHERE run=?1 AND step=?2 AND id<>?3 AND removed_at IS NULL AND"
                                " ((?5=1 AND asked_of=?4 AND status='open') OR decided_by=?4) ORDER BY id LIMIT 1",
                                &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, run->integer);
    tend_statement_bind_text(statement, 2, step->text, step->length);
    tend_statement_bind_int(statement, 3, id);
    tend_statement_bind_int(statement, 4, values[field].integer);
    tend_statement_bind_int(statement, 5, strcmp(kind->fields[field].name, "asked_of") == 0);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        other = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    if (status < 0 || other == 0)
        return status < 0 ? status : TEND_OK;
    return tend_fail(reterr, TEND_EINVAL,
                     "approval %lld: %s is in it already with approval %lld, and several have to agree; it takes somebody else",
                     (long long)id, tend_row_name(&world, TEND_KIND_USER, values[field].integer, model->scratch), (long long)other);
}

static const rule rules[] = {
    { TEND_KIND_TASK, "status", true, refuse_other_answer },        { TEND_KIND_APPROVAL, "asked_of", true, refuse_same_person },
    { TEND_KIND_APPROVAL, "decided_by", true, refuse_same_person }, { TEND_KIND_ACCOUNT, "parent", true, refuse_cycle },
    { TEND_KIND_CONTACT, "reports_to", true, refuse_cycle },        { TEND_KIND_USER, "manager", true, refuse_cycle },
    { TEND_KIND_OWNER, "role", false, refuse_second_owner },
};

bool tend_rules_look(tend_kind kind)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].kind == kind && !rules[i].is_about_field)
            return true;
    }
    return false;
}

tend_status tend_rules_check(tend_model *model, const tend_kind_schema *kind, int64_t id, const tend_value *values,
                             const tend_value *before, int *ret_field, tend_error *reterr)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        tend_status status;
        int field;

        if (rules[i].kind != kind->kind)
            continue;
        field = tend_schema_field(kind, rules[i].field);
        if (rules[i].is_about_field && before && tend_stored_equal(&before[field], &values[field]))
            continue;
        status = rules[i].check(model, kind, field, id, values, reterr);
        if (status < 0) {
            *ret_field = field;
            return status;
        }
    }
    return TEND_OK;
}
