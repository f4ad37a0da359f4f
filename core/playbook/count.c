/* count.c: run:count: how many rows of a kind meet a condition: those of the run's account, or of all. What the run knows stands in
 * braces in the condition and becomes a value of the filter language there, so that a text of a customer is never read as a
 * condition. */
#include "base/date.h"
#include "base/money.h"
#include "base/near.h"
#include "playbook/inside.h"

#include <inttypes.h>
#include <string.h>

enum { PATH_ROOM = 200 };

/* ---- braces ----------------------------------------------------------------------------------------------------------------- */

/* Whose fields stand in the braces. */
typedef struct filling {
    const tend_schema *schema;
    const tend_kind_schema *kind; /* of the run's subject */
    const tend_tree *settings;
    const tend_subject *subject; /* NULL: a value is made up for each */
    tend_buffer *out;
    bool has_fields, has_unknown;
} filling;

static void put_quoted(tend_buffer *out, const char *text, size_t length)
{
    tend_buffer_byte(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\')
            tend_buffer_byte(out, '\\');
        tend_buffer_byte(out, text[i]);
    }
    tend_buffer_byte(out, '"');
}

static void put_value(tend_buffer *out, const tend_value *value)
{
    char room[TEND_DECIMAL_ROOM > TEND_TIME_ROOM ? TEND_DECIMAL_ROOM : TEND_TIME_ROOM];

    switch ((tend_type)value->type) {
    case TEND_NULL:
        break;
    case TEND_BOOL:
        tend_buffer_text(out, value->integer ? "yes" : "no");
        break;
    case TEND_INT:
        tend_buffer_print(out, "%" PRId64, value->integer);
        break;
    case TEND_DECIMAL:
        tend_buffer_text(out, tend_decimal_format(value->integer, value->scale, room));
        break;
    case TEND_MONEY:
        tend_buffer_print(out, "%s %s", tend_decimal_format(value->integer, tend_currency_exponent(value->currency), room),
                          value->currency);
        break;
    case TEND_DATE:
        tend_buffer_text(out, tend_date_format((tend_date)value->integer, room));
        break;
    case TEND_TIME:
        tend_buffer_print(out, "\"%s\"", tend_time_format(value->integer, room));
        break;
    case TEND_TEXT:
        put_quoted(out, value->text, value->length);
        break;
    case TEND_REF:
        tend_buffer_print(out, "#%" PRId64, value->integer);
        break;
    }
}

/* One that the field could have; which one is all the same. */
static tend_value made_up(const tend_field *field)
{
    tend_value value = { .type = field->type, .integer = 1, .scale = field->scale, .currency = "EUR" };

    if (field->type == TEND_DATE)
        value.integer = 20600;
    else if (field->type == TEND_TIME)
        value.integer = INT64_C(20600) * 86400000;
    value.text = field->choices ? field->choices : "text";
    value.length = strcspn(value.text, " ");
    return value;
}

static void put_setting(tend_buffer *out, const tend_tree *value)
{
    if (value->tag == TEND_TREE_TEXT)
        put_quoted(out, value->text, strlen(value->text));
    else if (value->tag == TEND_TREE_INT)
        tend_buffer_print(out, "%" PRId64, value->integer);
    else if (value->tag == TEND_TREE_NUMBER)
        tend_buffer_print(out, "%.6f", value->number);
    else
        tend_buffer_text(out, value->tag == TEND_TREE_TRUE ? "yes" : "no");
}

/* {settings.days} */
static tend_status fill_setting(filling *fill, const char *path, tend_error *reterr)
{
    const char *name = path + strlen("settings.");
    const tend_tree *value = tend_tree_get(fill->settings, name);
    char place[PATH_ROOM + 4];

    (void)snprintf(place, sizeof place, "{%s}", path);
    if (!value)
        return tend_settings_check_name(fill->settings, place, name, reterr);
    put_setting(fill->out, value);
    return TEND_OK;
}

/* {category}, {account.owner}, and {ticket}, the row itself. */
static tend_status fill_field(filling *fill, const char *path, tend_error *reterr)
{
    const tend_field *field = NULL;
    tend_value value = { .type = TEND_REF, .integer = fill->subject ? fill->subject->row : 1 };
    bool is_self = strcmp(path, fill->kind->name) == 0 && tend_schema_field(fill->kind, path) < 0;
    tend_status status = is_self ? TEND_OK : tend_subject_check(fill->schema, fill->kind, path, &field, reterr);

    fill->has_fields = true;
    if (status == TEND_OK && field && fill->subject)
        status = tend_subject_value(fill->subject, path, &value, &field, reterr);
    else if (status == TEND_OK && field)
        value = made_up(field);
    if (status < 0)
        return status;
    fill->has_unknown |= value.type == TEND_NULL;
    put_value(fill->out, &value);
    return TEND_OK;
}

/* The condition with values for all that stands in braces; {{ is a brace. */
static tend_status fill_where(filling *fill, const char *where, tend_error *reterr)
{
    tend_status status = TEND_OK;

    while (*where && status == TEND_OK) {
        size_t plain = strcspn(where, "{");
        char path[PATH_ROOM];
        const char *close;

        tend_buffer_append(fill->out, where, plain);
        where += plain;
        if (*where == '\0')
            break;
        if (where[1] == '{') {
            tend_buffer_byte(fill->out, '{');
            where += 2;
            continue;
        }
        close = strchr(where, '}');
        if (!close || close - where < 2 || close - where >= PATH_ROOM)
            return tend_fail(reterr, TEND_EINVAL, "'%.40s': a { without its }", where);
        (void)snprintf(path, sizeof path, "%.*s", (int)(close - where) - 1, where + 1);
        status = strncmp(path, "settings.", 9) == 0 ? fill_setting(fill, path, reterr) : fill_field(fill, path, reterr);
        where = close + 1;
    }
    return status == TEND_OK && fill->out->failed ? tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up") : status;
}

/* ---- arguments -------------------------------------------------------------------------------------------------------------- */

/* What is counted. */
typedef struct counted {
    const tend_kind_schema *kind;
    int distinct; /* a field of it; -1: the rows */
    bool of_account;
    tend_filter *where; /* owned; NULL: each row */
    bool has_unknown;   /* something in its braces is not known */
    bool has_fields;
} counted;

static tend_status find_kind(const tend_schema *schema, const char *written, const tend_kind_schema **ret_kind, tend_error *reterr)
{
    const char *near;

    *ret_kind = tend_schema_find(schema, written);
    if (*ret_kind)
        return TEND_OK;
    near = tend_near(written, tend_schema_names(schema));
    return tend_fail(reterr, TEND_EINVAL, "kind: there is no kind of row '%.60s'; %s%s%s", written,
                     near ? "did you mean " : "write one that tend list knows, such as ticket or task", near ? near : "",
                     near ? "?" : "");
}

static tend_status find_distinct(const tend_kind_schema *kind, const tend_principal *principal, const char *written, int *ret_field,
                                 tend_error *reterr)
{
    const char *names[256] = { NULL }, *near;

    *ret_field = tend_schema_field(kind, written);
    if (*ret_field >= 0 && tend_access_field(principal, kind, *ret_field))
        return TEND_OK;
    if (*ret_field >= 0)
        return tend_fail(reterr, TEND_EDENIED, "distinct: %s may not read %s of a %s; leave it out", principal->name, written,
                         kind->name);
    for (int i = 0; i < kind->field_count && i < 255; i++)
        names[i] = kind->fields[i].name;
    near = tend_near(written, names);
    return tend_fail(reterr, TEND_EINVAL, "distinct: %s has no field '%.60s'; %s%s%s", kind->name, written,
                     near ? "did you mean " : "write a field of it", near ? near : "", near ? "?" : "");
}

/* Whose rows: without a word those of the run's account, where they belong to one. */
static tend_status find_scope(const tend_kind_schema *subject, const tend_kind_schema *kind, const char *of, bool *ret_of_account,
                              tend_error *reterr)
{
    bool has_account = subject->kind == TEND_KIND_ACCOUNT || subject->account_field >= 0;

    *ret_of_account = false;
    if (of && strcmp(of, "all") == 0)
        return TEND_OK;
    if (of && strcmp(of, "account") != 0)
        return tend_fail(reterr, TEND_EINVAL, "of: '%.40s' says nothing here; write account or all", of);
    if (kind->account_field < 0)
        return of ? tend_fail(reterr, TEND_EINVAL, "of: a row of kind %s belongs to no account; write all", kind->name) : TEND_OK;
    if (!has_account)
        return tend_fail(reterr, TEND_EINVAL, "of: the run is about a %s, which has no account; write all", subject->name);
    *ret_of_account = true;
    return TEND_OK;
}

static tend_status read_where(filling *fill, const tend_segments *segments, const tend_principal *principal, const char *where,
                              counted *count, tend_error *reterr)
{
    tend_buffer out = { 0 };
    tend_error why = { 0 };
    tend_status status;

    fill->out = &out;
    status = fill_where(fill, where, &why);
    if (status < 0)
        (void)tend_fail(reterr, status, "where: %s", why.text);
    else if (!fill->has_unknown)
        status =
            tend_filter_parse(fill->schema, segments, count->kind->kind, tend_buffer_string(&out), "where", &count->where, reterr);
    if (status == TEND_OK && count->where)
        status = tend_filter_may(count->where, principal, "where", reterr);
    count->has_fields = fill->has_fields;
    count->has_unknown = fill->has_unknown;
    tend_buffer_clear(&out);
    return status;
}

/* `segments`: for conditions. *ret_key: the argument that the sentence is about. What is read has to be cleared in any case. */
static tend_status read_arguments(filling *fill, const tend_segments *segments, const tend_principal *principal,
                                  const tend_tree *arguments, const char **ret_key, counted *count, tend_error *reterr)
{
    const char *kind = tend_tree_string(arguments, "kind"), *distinct = tend_tree_string(arguments, "distinct");
    const char *where = tend_tree_string(arguments, "where");
    tend_status status;

    *count = (counted){ .distinct = -1 };
    *ret_key = "kind";
    status = find_kind(fill->schema, kind ? kind : "", &count->kind, reterr);
    if (status == TEND_OK) {
        *ret_key = "of";
        status = find_scope(fill->kind, count->kind, tend_tree_string(arguments, "of"), &count->of_account, reterr);
    }
    if (status == TEND_OK && distinct) {
        *ret_key = "distinct";
        status = find_distinct(count->kind, principal, distinct, &count->distinct, reterr);
    }
    if (status == TEND_OK && where) {
        *ret_key = "where";
        status = read_where(fill, segments, principal, where, count, reterr);
    }
    return status;
}

tend_status tend_count_check(const tend_argument_context *context, const tend_tree *arguments, tend_arena *arena,
                             const char **ret_key, tend_error *reterr)
{
    const tend_principal principal = tend_principal_named(TEND_PRINCIPAL_PLAYBOOK, "playbook");
    filling fill = { .schema = context->schema, .kind = context->subject, .settings = context->settings };
    const char *never = NULL, *beyond = NULL;
    counted count;
    tend_status status;

    *ret_key = "kind";
    if (arguments->tag != TEND_TREE_MAP || !tend_tree_string(arguments, "kind"))
        return TEND_OK;
    status = read_arguments(&fill, context->conditions, &principal, arguments, ret_key, &count, reterr);
    if (status == TEND_OK && count.where && !count.has_fields) /* made-up values exclude each other by chance */
        never = tend_filter_never(count.where, arena);
    if (status == TEND_OK && count.where && !count.has_fields && !never)
        beyond = tend_filter_beyond(count.where, arena);
    if (never || beyond)
        status = tend_fail(reterr, TEND_EINVAL, "where: %s%s", never ? "can never hold: " : "", never ? never : beyond);
    tend_filter_free(count.where);
    return status;
}

/* ---- counting --------------------------------------------------------------------------------------------------------------- */

static tend_status ask(const tend_subject *subject, const counted *count, int64_t *ret_number, tend_error *reterr)
{
    const tend_kind_schema *kind = count->kind;
    const tend_field *distinct = count->distinct < 0 ? NULL : &kind->fields[count->distinct];
    const char *source, *condition = "1", *what = "*", *whose = "?1 = ?1", *sql;
    tend_status status = tend_world_source(&subject->world, kind->kind, subject->arena, &source, reterr);

    if (status == TEND_OK && count->where)
        status = tend_filter_sql(count->where, &subject->world, "counted", subject->arena, &condition, reterr);
    if (status < 0)
        return status;
    if (distinct) /* as in the filter language: letters without their case */
        what = tend_arena_print(subject->arena,
                                distinct->type == TEND_TEXT ? "DISTINCT tend_fold(counted.\"%s\")" : "DISTINCT counted.\"%s\"",
                                distinct->name);
    if (count->of_account)
        whose = tend_arena_print(subject->arena, "counted.\"%s\" = ?1", kind->fields[kind->account_field].name);
    sql = what && whose ? tend_arena_print(subject->arena, "SELECT count(%s) FROM %s AS counted WHERE %s AND %s AND %s", what,
                                           source, whose, tend_access_rows(subject->principal, kind->kind), condition)
                        : NULL;
    if (!sql)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return tend_sql_number(subject->world.store, 0, ret_number, reterr, sql, "i", subject->account);
}

tend_status tend_count_read(const tend_subject *subject, const tend_tree *settings, const tend_tree *arguments, tend_tree_map *map,
                            tend_error *reterr)
{
    filling fill = { .schema = subject->world.schema, .kind = subject->kind, .settings = settings, .subject = subject };
    const char *key;
    int64_t number = 0;
    bool is_defined;
    counted count;
    tend_status status = read_arguments(&fill, subject->playbooks->segments, subject->principal, arguments, &key, &count, reterr);

    is_defined = !count.has_unknown && (!count.of_account || subject->account != 0);
    if (status == TEND_OK)
        status = tend_access_may(subject->principal, TEND_VERB_READ, count.kind->kind, 0, reterr);
    if (status == TEND_OK && is_defined)
        status = ask(subject, &count, &number, reterr);
    tend_filter_free(count.where);
    tend_tree_add(map, "count", tend_tree_int(number));
    tend_tree_add(map, "defined", tend_tree_bool(is_defined));
    return status;
}
