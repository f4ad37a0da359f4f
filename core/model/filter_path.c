/* filter_path.c: "contract.account.region": which field of which row a filter speaks of. */
#include "model/filter_internal.h"

#include "base/near.h"
#include <string.h>

#define NAMES_MAX (FILTER_STEPS_MAX + 3)

tend_type filter_path_type(const filter_path *path)
{
    if (path->final == FINAL_SELF)
        return TEND_REF;
    return path->final == FINAL_FIELD ? (tend_type)path->kind->fields[path->field].type : TEND_NULL;
}

size_t filter_naming_fields(const tend_kind_schema *kind, int ret_fields[static FILTER_NAMING_MAX])
{
    size_t count = 0;

    for (int field = 0; field < kind->field_count && count < FILTER_NAMING_MAX; field++)
        if (kind->fields[field].type == TEND_TEXT && (field == kind->name_field || (kind->fields[field].flags & TEND_FIELD_KEY)))
            ret_fields[count++] = field;
    return count;
}

/* Whether the measure is known by this name; case does not matter elsewhere, but names of KPIs are small letters. */
static const tend_measure_name *find_measure(const filter_parser *parser, const char *name)
{
    const tend_segments *segments = parser->filter->segments;

    for (const tend_measure_name *measure = segments ? segments->measures : NULL; measure && measure->name; measure++)
        if (strcmp(measure->name, name) == 0)
            return measure;
    return NULL;
}

/* The name of a field or measure of `kind` that is nearest to what was written. */
static const char *near_field(const filter_parser *parser, const tend_kind_schema *kind, const char *written)
{
    const tend_segments *segments = parser->filter->segments;
    const tend_measure_name *measures = kind->kind == TEND_KIND_ACCOUNT && segments ? segments->measures : NULL;
    size_t count = 0, room = (size_t)kind->field_count + 3;
    const char **names;

    for (const tend_measure_name *measure = measures; measure && measure->name; measure++)
        room++;
    names = tend_arena_take(parser->filter->arena, room * sizeof *names);
    if (!names)
        return NULL;
    for (int field = 0; field < kind->field_count; field++)
        if (!(kind->fields[field].flags & TEND_FIELD_RETIRED))
            names[count++] = kind->fields[field].name;
    for (const tend_measure_name *measure = measures; measure && measure->name; measure++)
        names[count++] = measure->name;
    if (kind->kind == TEND_KIND_ACCOUNT)
        names[count++] = "segment";
    if (kind->account_field >= 0)
        names[count++] = "account";
    return tend_near(written, names);
}

static tend_status no_such_field(filter_parser *parser, const filter_token *token, const tend_kind_schema *kind,
                                 const char *written)
{
    const tend_kind_schema *account = tend_schema_kind(parser->filter->schema, TEND_KIND_ACCOUNT);
    const char *near = near_field(parser, kind, written);
    char table[64];

    (void)snprintf(table, sizeof table, "%s", kind->table);
    for (char *at = table; *at; at++)
        if (*at == '_')
            *at = ' ';
    if (near)
        return filter_fail(&parser->lexer, token, parser->reterr, "%s have no field %s; did you mean %s?", table, written, near);
    if (kind->account_field >= 0 && (tend_schema_field(account, written) >= 0 || find_measure(parser, written)))
        return filter_fail(&parser->lexer, token, parser->reterr, "%s have no field %s; did you mean account.%s?", table, written,
                           written);
    if (kind->kind == TEND_KIND_ACCOUNT)
        return filter_fail(
            &parser->lexer, token, parser->reterr,
            "%s have no field %s, and [kpi] publish names no KPI %s; `tend list` shows the fields, `tend kpi list` the "
            "KPIs",
            table, written, written);
    return filter_fail(&parser->lexer, token, parser->reterr, "%s have no field %s; `tend list` shows those it has", table,
                       written);
}

/* "a.b.c" as names; the copy is cut in place. *ret_whole keeps the offsets, so that measures may have points in their names. */
static size_t split_names(char *copy, const char *names[static NAMES_MAX + 1])
{
    size_t count = 0;

    for (char *at = copy; at && count <= NAMES_MAX;) {
        char *point = strchr(at, '.');

        names[count++] = at;
        if (point)
            *point++ = '\0';
        at = point;
    }
    return count;
}

static tend_status follow(filter_parser *parser, const filter_token *token, filter_path *path, int field)
{
    const tend_field *ref = &path->kind->fields[field];

    if (ref->type != TEND_REF)
        return filter_fail(&parser->lexer, token, parser->reterr,
                           "%s is not a reference, so nothing stands behind its point; write %s", ref->name, ref->name);
    if (path->ref_count == FILTER_STEPS_MAX)
        return filter_fail(&parser->lexer, token, parser->reterr, "follows more than %d references; write a shorter way",
                           FILTER_STEPS_MAX);
    path->refs[path->ref_count++] = field;
    path->kind = tend_schema_kind(parser->filter->schema, (tend_kind)ref->target);
    path->kinds[path->ref_count] = path->kind;
    return TEND_OK;
}

/* The last name of an account's path: a field, its segments, or a measure, whose name is all of the rest. */
static tend_status finish(filter_parser *parser, const filter_token *token, const char *rest, filter_path *path)
{
    const tend_measure_name *measure = NULL;

    path->name = rest;
    path->field = tend_schema_field(path->kind, rest);
    path->final = FINAL_FIELD;
    if (path->field >= 0)
        return TEND_OK;
    if (path->kind->kind == TEND_KIND_ACCOUNT) {
        if (strcmp(rest, "segment") == 0) {
            path->final = FINAL_SEGMENT;
            return TEND_OK;
        }
        measure = find_measure(parser, rest);
    }
    if (!measure)
        return no_such_field(parser, token, path->kind, rest);
    path->final = FINAL_MEASURE;
    path->measure = measure->name;
    path->is_money = measure->is_money;
    path->choices = measure->choices;
    return TEND_OK;
}

tend_status filter_path_read(filter_parser *parser, const filter_token *token, filter_path *ret_path)
{
    tend_arena *arena = parser->filter->arena;
    const tend_kind_schema *subject = tend_schema_kind(parser->filter->schema, parser->filter->subject);
    char *copy = tend_arena_copy(arena, token->text, token->length);
    const char *whole = tend_arena_copy(arena, token->text, token->length);
    const char *names[NAMES_MAX + 1] = { NULL };
    filter_path path = { .kind = subject, .field = -1 };
    size_t count, at = 0;
    tend_status status = TEND_OK;

    if (!copy || !whole)
        return TEND_ENOMEM;
    path.kinds[0] = subject;
    count = split_names(copy, names);
    /* A kind may have a field of its own name; otherwise its name is the row itself. */
    if (strcmp(names[0], subject->name) == 0 && tend_schema_field(subject, names[0]) < 0) {
        if (count == 1) {
            path.final = FINAL_SELF;
            path.name = whole;
            *ret_path = path;
            return TEND_OK;
        }
        at = 1;
    }
    for (; status == TEND_OK; at++) {
        const char *rest = whole + (names[at] - copy);
        int field = tend_schema_field(path.kind, names[at]);

        if (field < 0 && at + 1 < count && strcmp(names[at], "account") == 0)
            field = path.kind->account_field;
        if (at + 1 == count || field < 0 || at == NAMES_MAX) {
            bool is_name = path.kind->kind != TEND_KIND_ACCOUNT || !find_measure(parser, rest);

            status = finish(parser, token, is_name ? names[at] : rest, &path);
            if (status == TEND_OK && is_name && at + 1 < count)
                status = filter_fail(&parser->lexer, token, parser->reterr,
                                     "%s is not a reference, so nothing stands behind its point; write %s", path.name, path.name);
            break;
        }
        status = follow(parser, token, &path, field);
    }
    if (status == TEND_OK)
        *ret_path = path;
    return status;
}
