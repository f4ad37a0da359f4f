/* pretend_row.c: rows of a pretend world, and what happens to them. They are written by the one path that everything takes. */
#include "engine/pretend_inside.h"

#include "base/near.h"
#include "base/utf8.h"
#include "model/measure.h"
#include "playbook/script_value.h"
#include <math.h>
#include <string.h>

enum { FIELDS_MAX = 256 };

tend_status pretend_handle(tend_pretend *pretend, const char *kind, int64_t id, tend_tree *ret_tree, tend_error *reterr)
{
    tend_tree_map map = { 0 };

    tend_tree_add(&map, "id", tend_tree_int(id));
    tend_tree_add(&map, "kind", tend_tree_text(tend_arena_string(pretend->scratch, kind)));
    return tend_tree_end(&map, pretend->scratch, ret_tree) < 0 ? pretend_no_memory(reterr) : TEND_OK;
}

tend_status pretend_take_row(tend_pretend *pretend, const tend_world_call *call, size_t i, const tend_kind_schema **ret_kind,
                             int64_t *ret_id, tend_error *reterr)
{
    const tend_tree *row = i < call->count ? &call->arguments[i] : &tend_tree_nil;
    const char *kind = tend_tree_string(row, "kind");

    *ret_kind = kind ? tend_schema_find(tend_workspace_schema(pretend->workspace), kind) : NULL;
    *ret_id = tend_tree_number(row, "id", 0);
    if (*ret_kind && *ret_id > 0)
        return TEND_OK;
    return tend_fail(reterr, TEND_EINVAL,
                     "world:%s: its %s is no row; give it what world:contract{ … } or world:expect_task{ … } "
                     "returned",
                     call->verb, i == 0 ? "first argument" : "second argument");
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

/* The row of the field's kind that a text calls so. */
static tend_status look_up(tend_pretend *pretend, const tend_field *field, const char *text, tend_value *ret_value,
                           tend_error *reterr)
{
    tend_model *model = tend_workspace_model(pretend->workspace);
    const tend_kind_schema *target = tend_schema_kind(tend_model_schema(model), (tend_kind)field->target);
    int64_t id;
    tend_status status;

    if (target->name_field < 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: a %s has no name; give it the row", field->name, target->name);
    status = tend_model_lookup(model, target->kind, target->name_field, text, strlen(text), &id, reterr);
    if (status == TEND_ENOTFOUND)
        return tend_fail(reterr, TEND_EINVAL, "%s: no %s is called '%s' in this world", field->name, target->name, text);
    *ret_value = (tend_value){ .type = TEND_REF, .integer = id };
    return status;
}

static tend_status take_reference(tend_pretend *pretend, const tend_field *field, const tend_tree *tree, tend_value *ret_value,
                                  tend_error *reterr)
{
    const tend_schema *schema = tend_workspace_schema(pretend->workspace);
    const char *kind = tend_tree_string(tree, "kind");

    if (tree->tag == TEND_TREE_TEXT)
        return look_up(pretend, field, tree->text, ret_value, reterr);
    if (kind && strcmp(kind, tend_schema_kind(schema, (tend_kind)field->target)->name) != 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: is a %s; it was given a %s", field->name,
                         tend_schema_kind(schema, (tend_kind)field->target)->name, kind);
    if (kind || tree->tag == TEND_TREE_INT) {
        *ret_value = (tend_value){ .type = TEND_REF, .integer = kind ? tend_tree_number(tree, "id", 0) : tree->integer };
        return TEND_OK;
    }
    return tend_fail(reterr, TEND_EINVAL, "%s: is a row; give it one, or its name", field->name);
}

static tend_status take_value(tend_pretend *pretend, const tend_field *field, const tend_tree *tree, const char *currency,
                              tend_value *ret_value, tend_error *reterr)
{
    const tend_zone *zone = tend_workspace_zone(pretend->workspace);
    tend_format format = { .zone = zone };
    const char *text = tree->text;

    if (tree->tag == TEND_TREE_FALSE && field->type != TEND_BOOL) { /* not known */
        *ret_value = (tend_value){ 0 };
        return TEND_OK;
    }
    if (field->type == TEND_REF)
        return take_reference(pretend, field, tree, ret_value, reterr);
    if (field->type != TEND_MONEY)
        return tend_effect_value(field, tree, zone, pretend->arena, ret_value, reterr);
    if (tree->tag == TEND_TREE_INT)
        text = tend_arena_print(pretend->arena, "%lld", (long long)tree->integer);
    else if (tree->tag == TEND_TREE_NUMBER)
        text = tend_arena_print(pretend->arena, "%.6f", tree->number);
    else if (tree->tag != TEND_TREE_TEXT)
        return tend_fail(reterr, TEND_EINVAL, "%s: an amount is a number in whole units of the currency, 1200 or 99.5",
                         field->name);
    (void)snprintf(format.currency, sizeof format.currency, "%.3s", currency);
    format.round_money = tree->tag == TEND_TREE_NUMBER;
    return tend_field_parse(field, text, strlen(text), format.currency, &format, pretend->arena, ret_value, reterr);
}

/* Of amounts: the one that is said, that of the row, that of the company. */
static const char *currency_of(tend_pretend *pretend, const tend_kind_schema *kind, int64_t id, const tend_tree *fields)
{
    const char *given = kind->currency_field >= 0 ? tend_tree_string(fields, kind->fields[kind->currency_field].name) : NULL;
    tend_world world = tend_world_live(tend_workspace_model(pretend->workspace));
    tend_row row;

    if (!given && id > 0 && kind->currency_field >= 0 &&
        tend_read(&world, &pretend->principal, kind->kind, id, pretend->scratch, &row, NULL) >= 0)
        given = row.values[kind->currency_field].text;
    return given ? given : tend_config_text(tend_workspace_config(pretend->workspace), "tend", NULL, "currency");
}

static tend_status fail_field(const tend_kind_schema *kind, const char *name, tend_error *reterr)
{
    const char *names[FIELDS_MAX + 1], *near;
    int count = 0;

    for (; count < kind->field_count && count < FIELDS_MAX; count++)
        names[count] = kind->fields[count].name;
    names[count] = NULL;
    near = tend_near(name, names);
    return tend_fail(reterr, TEND_EINVAL, "%s has no field '%s'%s%s%s", kind->name, name, near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

/* ---- writing ----------------------------------------------------------------------------------------------------------- */

typedef struct row_draft {
    const tend_kind_schema *kind;
    tend_assignment fields[FIELDS_MAX];
    int count;
} row_draft;

static bool is_assigned(const row_draft *draft, int field)
{
    for (int i = 0; i < draft->count; i++)
        if (draft->fields[i].field == field)
            return true;
    return false;
}

static tend_status take_fields(tend_pretend *pretend, row_draft *draft, int64_t id, const tend_tree *map, tend_error *reterr)
{
    const char *currency = currency_of(pretend, draft->kind, id, map);
    tend_status status = TEND_OK;

    for (size_t i = 0; map->tag == TEND_TREE_MAP && i < map->length && status >= 0 && draft->count < FIELDS_MAX; i++) {
        int field = tend_schema_field(draft->kind, map->keys[i]);

        if (field < 0)
            return fail_field(draft->kind, map->keys[i], reterr);
        draft->fields[draft->count].field = field;
        status =
            take_value(pretend, &draft->kind->fields[field], &map->items[i], currency, &draft->fields[draft->count].value, reterr);
        draft->count++;
    }
    return status;
}

static tend_status write_row(tend_pretend *pretend, const row_draft *draft, int64_t id, bool is_removed, int64_t *ret_id,
                             tend_error *reterr)
{
    tend_model *model = tend_workspace_model(pretend->workspace);
    const tend_origin origin = { .principal = &pretend->principal };
    tend_put put = { .kind = draft->kind->kind,
                     .id = id,
                     .fields = draft->fields,
                     .field_count = draft->count,
                     .effective_at = TEND_NO_TIME,
                     .known_at = TEND_NO_TIME,
                     .is_removed = is_removed };
    tend_put_result result;
    tend_status status = tend_model_begin(model, reterr);

    if (status < 0)
        return status;
    status = tend_model_put(model, &origin, &put, &result, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    *ret_id = result.id;
    return tend_model_commit(model, reterr);
}

tend_status pretend_change(tend_pretend *pretend, const tend_kind_schema *kind, int64_t id, const tend_tree *first,
                           const tend_tree *second, tend_error *reterr)
{
    row_draft draft = { .kind = kind };
    tend_status status = take_fields(pretend, &draft, id, first, reterr);

    if (status >= 0)
        status = take_fields(pretend, &draft, id, second, reterr);
    return status < 0 ? status : write_row(pretend, &draft, id, false, &id, reterr);
}

/* What every row needs and few tests are about: a name, and the day of a fact. */
static void add_defaults(tend_pretend *pretend, row_draft *draft)
{
    const tend_kind_schema *kind = draft->kind;
    tend_date today = tend_zone_date(tend_workspace_zone(pretend->workspace), pretend->now);
    char *name = NULL;

    pretend->made[kind->kind]++;
    pretend->is_lived_in = true;
    if (kind->name_field >= 0 && (kind->fields[kind->name_field].flags & TEND_FIELD_REQUIRED) &&
        !is_assigned(draft, kind->name_field) && draft->count < FIELDS_MAX) {
        name = tend_arena_print(pretend->arena, "%s %lld", kind->name, (long long)pretend->made[kind->kind]);
        if (name) {
            name[0] = (char)(name[0] - 'a' + 'A');
            draft->fields[draft->count++] =
                (tend_assignment){ kind->name_field, { .type = TEND_TEXT, .text = name, .length = strlen(name) } };
        }
    }
    if (kind->effective_field >= 0 && !is_assigned(draft, kind->effective_field) && draft->count < FIELDS_MAX) {
        uint8_t type = kind->fields[kind->effective_field].type;

        draft->fields[draft->count++] =
            (tend_assignment){ kind->effective_field, { .type = type, .integer = type == TEND_DATE ? today : pretend->now } };
    }
}

tend_status pretend_add(tend_pretend *pretend, const tend_kind_schema *kind, const tend_world_call *call, tend_tree *ret_answer,
                        tend_error *reterr)
{
    row_draft draft = { .kind = kind };
    int64_t id;
    tend_status status = TEND_OK;

    if (call->count > 1 || (call->count == 1 && call->arguments[0].tag != TEND_TREE_MAP))
        return tend_fail(reterr, TEND_EINVAL, "world:%s: write its fields, world:%s{ field = value }", kind->name, kind->name);
    if (call->count == 1)
        status = take_fields(pretend, &draft, 0, &call->arguments[0], reterr);
    if (status >= 0) {
        add_defaults(pretend, &draft);
        status = write_row(pretend, &draft, 0, false, &id, reterr);
    }
    return status < 0 ? status : pretend_handle(pretend, kind->name, id, ret_answer, reterr);
}

/* world:set(row, "field", value) or world:set(row, { field = value }): after all that is due before. */
tend_status pretend_set(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    row_draft draft = { 0 };
    int64_t id;
    tend_tree_map one = { 0 };
    tend_tree map = { 0 };
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    if (status >= 0)
        status = pretend_take_row(pretend, call, 0, &draft.kind, &id, reterr);
    if (status < 0)
        return status;
    if (call->count == 2 && call->arguments[1].tag == TEND_TREE_MAP) {
        map = call->arguments[1];
    } else if (call->count == 3 && call->arguments[1].tag == TEND_TREE_TEXT) {
        tend_tree_add(&one, call->arguments[1].text, call->arguments[2]);
        if (tend_tree_end(&one, pretend->scratch, &map) < 0)
            return pretend_no_memory(reterr);
    } else {
        return tend_fail(reterr, TEND_EINVAL,
                         "world:set: write (row, \"field\", value) or (row, { field = value }); false says that "
                         "it is not known");
    }
    status = take_fields(pretend, &draft, id, &map, reterr);
    return status < 0 ? status : write_row(pretend, &draft, id, false, &id, reterr);
}

tend_status pretend_remove(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    row_draft draft = { 0 };
    int64_t id;
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    if (status >= 0)
        status = pretend_take_row(pretend, call, 0, &draft.kind, &id, reterr);
    return status < 0 ? status : write_row(pretend, &draft, id, true, &id, reterr);
}

/* world:event("custom.visit", row, "why") */
tend_status pretend_event(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const tend_origin origin = { .principal = &pretend->principal };
    const tend_kind_schema *kind;
    tend_told told = { 0 };
    tend_model *model;
    int64_t sequence;
    const char *now;
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    if (status >= 0 && (call->count < 2 || call->arguments[0].tag != TEND_TREE_TEXT))
        status = tend_fail(reterr, TEND_EINVAL,
                           "world:event: write its topic and the row it is about, world:event(\"custom.visit\", "
                           "account)");
    if (status >= 0)
        status = pretend_take_row(pretend, call, 1, &kind, &told.row, reterr);
    if (status < 0)
        return status;
    told.topic = call->arguments[0].text;
    told.kind = kind->kind;
    told.reason = call->count > 2 ? call->arguments[2].text : NULL;
    model = tend_workspace_model(pretend->workspace);
    status = tend_model_begin(model, reterr);
    if (status < 0)
        return status;
    status = tend_event_tell(model, &origin, &told, pretend->scratch, &sequence, &now, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    return tend_model_commit(model, reterr);
}

/* world:start(row), world:start(row, "other"): somebody has it begin. */
tend_status pretend_start(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const tend_origin origin = { .principal = &pretend->principal };
    const char *name = call->count > 1 ? call->arguments[1].text : pretend->options.playbook;
    const tend_kind_schema *kind, *subject;
    tend_playbooks *playbooks;
    tend_model *model;
    int64_t row, sequence;
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    if (status >= 0)
        status = pretend_take_row(pretend, call, 0, &kind, &row, reterr);
    if (status >= 0 && !name)
        status = tend_fail(reterr, TEND_EINVAL, "world:start: write the playbook behind the row, world:start(row, \"NAME\")");
    if (status >= 0)
        status = tend_workspace_playbooks(pretend->workspace, &playbooks, reterr);
    if (status >= 0)
        status = tend_playbook_subject(playbooks, name, &subject, reterr);
    if (status >= 0 && subject->kind != kind->kind)
        status =
            tend_fail(reterr, TEND_EINVAL, "world:start: %s is about a %s; it was given a %s", name, subject->name, kind->name);
    if (status < 0)
        return status;
    model = tend_workspace_model(pretend->workspace);
    status = tend_model_begin(model, reterr);
    if (status < 0)
        return status;
    status = tend_playbook_start(playbooks, &origin, name, row, NULL, &sequence, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    return tend_model_commit(model, reterr);
}

/* world:measure(account, "nrr", 0.85): a KPI as it was published. */
tend_status pretend_measure(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const tend_origin origin = { .principal = &pretend->principal };
    const tend_kind_schema *kind;
    const tend_tree *number = call->count > 2 ? &call->arguments[2] : &tend_tree_nil;
    tend_measure measure = { .denominator = 1, .published_at = pretend->now };
    tend_model *model;
    bool differs;
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    if (status >= 0 && (call->count < 3 || call->arguments[1].tag != TEND_TREE_TEXT ||
                        (number->tag != TEND_TREE_INT && number->tag != TEND_TREE_NUMBER)))
        status = tend_fail(reterr, TEND_EINVAL,
                           "world:measure: write the account, the KPI and its value, world:measure(account, "
                           "\"nrr\", 0.85)");
    if (status >= 0)
        status = pretend_take_row(pretend, call, 0, &kind, &measure.account, reterr);
    if (status >= 0 && kind->kind != TEND_KIND_ACCOUNT)
        status = tend_fail(reterr, TEND_EINVAL, "world:measure: is of an account; it was given a %s", kind->name);
    if (status < 0)
        return status;
    measure.kpi = call->arguments[1].text;
    measure.day = tend_zone_date(tend_workspace_zone(pretend->workspace), pretend->now);
    measure.numerator = number->integer;
    if (number->tag == TEND_TREE_NUMBER) {
        measure.denominator = 10000;
        measure.numerator = llround(number->number * 10000);
    }
    model = tend_workspace_model(pretend->workspace);
    status = tend_model_begin(model, reterr);
    if (status < 0)
        return status;
    status = tend_measure_publish(model, &origin, &measure, &differs, reterr);
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    return tend_model_commit(model, reterr);
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

/* world:read(row, "field"), or world:read(row) for all that is known of it. */
tend_status pretend_read(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const tend_kind_schema *kind;
    const char *name = call->count > 1 ? call->arguments[1].text : NULL;
    tend_tree *values;
    const char **keys;
    tend_world world;
    tend_row row;
    int64_t id;
    int field;
    tend_status status = pretend_settle(pretend, reterr);

    if (status >= 0)
        status = pretend_take_row(pretend, call, 0, &kind, &id, reterr);
    if (status < 0)
        return status;
    world = tend_world_live(tend_workspace_model(pretend->workspace));
    status = tend_read(&world, &pretend->principal, kind->kind, id, pretend->scratch, &row, reterr);
    if (status < 0)
        return status;
    if (name) {
        field = tend_schema_field(kind, name);
        if (field < 0)
            return fail_field(kind, name, reterr);
        *ret_answer = tend_value_tree(&row.values[field], pretend->scratch);
        return TEND_OK;
    }
    values = tend_arena_take(pretend->scratch, ((size_t)kind->field_count + 1) * sizeof *values);
    keys = tend_arena_take(pretend->scratch, ((size_t)kind->field_count + 1) * sizeof *keys);
    if (!values || !keys)
        return pretend_no_memory(reterr);
    *ret_answer = (tend_tree){ .tag = TEND_TREE_MAP, .items = values, .keys = keys };
    for (const char *last = ""; ret_answer->length < (size_t)kind->field_count;) { /* in byte order */
        int next = -1;

        for (int i = 0; i < kind->field_count; i++)
            if (row.values[i].type != TEND_NULL && strcmp(kind->fields[i].name, last) > 0 &&
                (next < 0 || strcmp(kind->fields[i].name, kind->fields[next].name) < 0))
                next = i;
        if (next < 0)
            break;
        last = kind->fields[next].name;
        keys[ret_answer->length] = last;
        values[ret_answer->length++] = tend_value_tree(&row.values[next], pretend->scratch);
    }
    return TEND_OK;
}

/* world:all("task", { status = "open" }): rows that match, as handles. */
tend_status pretend_all(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const tend_tree *wanted = call->count > 1 ? &call->arguments[1] : NULL;
    pretend_candidates list;
    const pretend_candidate *first;
    tend_tree *items;
    size_t matched;
    tend_status status = pretend_settle(pretend, reterr);

    if (status >= 0 && (call->count == 0 || call->arguments[0].tag != TEND_TREE_TEXT))
        status = tend_fail(reterr, TEND_EINVAL, "world:all: write the kind of rows, world:all(\"task\")");
    if (status >= 0)
        status = pretend_gather(pretend, call->arguments[0].text, wanted, &list, reterr);
    if (status < 0)
        return status;
    items = tend_arena_take(pretend->scratch, (list.count + 1) * sizeof *items);
    if (!items)
        return pretend_no_memory(reterr);
    *ret_answer = (tend_tree){ .tag = TEND_TREE_LIST, .items = items };
    for (pretend_candidate *candidate = list.first; candidate && status >= 0; candidate = candidate->next) {
        pretend_candidates one = { .noun = list.noun, .keys = list.keys, .first = candidate, .count = 1 };
        pretend_candidate alone = *candidate;

        alone.next = NULL;
        one.first = &alone;
        status = pretend_match(pretend, &one, wanted, &first, &matched, reterr);
        if (status >= 0 && matched == 1)
            status = pretend_handle(pretend, candidate->kind, candidate->id, &items[ret_answer->length++], reterr);
    }
    return status;
}
