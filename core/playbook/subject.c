/* subject.c: the row a run is about, and everything that can be named from there. */
#include "model/parse.h"
#include "playbook/inside.h"

#include "base/near.h"
#include <stdlib.h>
#include <string.h>

tend_subject tend_subject_of(tend_playbooks *playbooks, const tend_principal *principal, const tend_kind_schema *kind, int64_t row,
                             tend_arena *arena)
{
    return (tend_subject){ .playbooks = playbooks,
                           .principal = principal,
                           .kind = kind,
                           .row = row,
                           .world = tend_world_live(playbooks->model),
                           .arena = arena };
}

tend_status tend_subject_account(tend_subject *subject, tend_error *reterr)
{
    tend_row row;
    tend_status status;

    subject->account = subject->kind->kind == TEND_KIND_ACCOUNT ? subject->row : 0;
    if (subject->kind->account_field < 0)
        return TEND_OK;
    status = tend_read(&subject->world, subject->principal, subject->kind->kind, subject->row, subject->arena, &row, reterr);
    if (status < 0)
        return status;
    if (row.values[subject->kind->account_field].type == TEND_REF)
        subject->account = row.values[subject->kind->account_field].integer;
    return TEND_OK;
}

/* One name of a path: the field of `kind`, with a sentence when there is none. */
static tend_status find_field(const tend_kind_schema *kind, const char *name, int *ret_field, tend_error *reterr)
{
    const char *names[256];
    const char *near;
    size_t count = 0;

    *ret_field = tend_schema_field(kind, name);
    if (*ret_field >= 0)
        return TEND_OK;
    for (int i = 0; i < kind->field_count && count < 255; i++)
        names[count++] = kind->fields[i].name;
    names[count] = NULL;
    near = tend_near(name, names);
    return tend_fail(reterr, TEND_EINVAL, "%s has no field '%s'%s%s%s", kind->name, name, near ? "; did you mean " : "",
                     near ? near : "", near ? "?" : "");
}

/* Takes the next name of a path; false at its end or when it is malformed. */
static bool next_name(const char **at, char ret_name[65])
{
    size_t length = strcspn(*at, ".");

    if (length == 0 || length > 64)
        return false;
    memcpy(ret_name, *at, length);
    ret_name[length] = '\0';
    *at += length;
    if (**at == '.')
        *at += 1;
    return true;
}

/* Where a path begins: at the subject (its kind's name may be left out) or at its account. */
static const tend_kind_schema *begin_path(const tend_schema *schema, const tend_kind_schema *kind, const char **path)
{
    size_t length = strlen(kind->name);

    if (strncmp(*path, kind->name, length) == 0 && (*path)[length] == '.') {
        *path += length + 1;
        return kind;
    }
    if (strncmp(*path, "account.", 8) == 0 && kind->account_field >= 0) {
        *path += 8;
        return tend_schema_kind(schema, TEND_KIND_ACCOUNT);
    }
    return kind;
}

tend_status tend_subject_check(const tend_schema *schema, const tend_kind_schema *kind, const char *path,
                               const tend_field **ret_field, tend_error *reterr)
{
    const char *at = path;
    const tend_kind_schema *stands = begin_path(schema, kind, &at);
    char name[65];
    int field;

    while (next_name(&at, name)) {
        tend_status status = find_field(stands, name, &field, reterr);

        if (status < 0)
            return status;
        if (*at == '\0') {
            *ret_field = &stands->fields[field];
            return TEND_OK;
        }
        if (stands->fields[field].type != TEND_REF)
            return tend_fail(reterr, TEND_EINVAL, "%s.%s is no reference; nothing follows it", stands->name, name);
        stands = tend_schema_kind(schema, stands->fields[field].target);
    }
    return tend_fail(reterr, TEND_EINVAL, "'%s' names no field", path);
}

tend_status tend_subject_value(const tend_subject *subject, const char *path, tend_value *ret_value, const tend_field **ret_field,
                               tend_error *reterr)
{
    const char *at = path;
    const tend_kind_schema *stands = begin_path(subject->world.schema, subject->kind, &at);
    int64_t id = stands == subject->kind ? subject->row : subject->account;
    tend_status status = tend_subject_check(subject->world.schema, subject->kind, path, ret_field, reterr);
    char name[65];
    tend_row row;

    *ret_value = (tend_value){ 0 };
    while (status == TEND_OK && id != 0 && next_name(&at, name)) {
        const tend_value *value;

        status = tend_read(&subject->world, subject->principal, stands->kind, id, subject->arena, &row, reterr);
        if (status < 0)
            return status == TEND_ENOTFOUND ? TEND_OK : status; /* it is gone: nothing is known of it */
        value = &row.values[tend_schema_field(stands, name)];
        if (*at == '\0') {
            *ret_value = *value;
            return TEND_OK;
        }
        id = value->type == TEND_REF ? value->integer : 0;
        stands = tend_schema_kind(subject->world.schema, stands->fields[tend_schema_field(stands, name)].target);
    }
    return status;
}

tend_tree tend_value_tree(const tend_value *value, tend_arena *arena)
{
    tend_tree tree = { 0 };
    double scale = 1;
    char room[TEND_TIME_ROOM];

    switch ((tend_type)value->type) {
    case TEND_NULL:
        return tree;
    case TEND_BOOL:
        return tend_tree_bool(value->integer != 0);
    case TEND_DECIMAL:
        for (int i = 0; i < value->scale; i++)
            scale *= 10;
        return (tend_tree){ .tag = TEND_TREE_NUMBER, .number = (double)value->integer / scale };
    case TEND_DATE:
        return tend_tree_text(tend_arena_string(arena, tend_date_format((tend_date)value->integer, room)));
    case TEND_TIME:
        return tend_tree_text(tend_arena_string(arena, tend_time_format(value->integer, room)));
    case TEND_TEXT:
        return (tend_tree){ .tag = TEND_TREE_TEXT, .text = value->text, .length = value->length };
    case TEND_INT:
    case TEND_MONEY:
    case TEND_REF:
        break;
    }
    return tend_tree_int(value->integer);
}

bool tend_subject_fills(const char *verb, const char *key)
{
    static const char *const verbs[] = { "approve", "ask", "close", "escalate", "notify", "task", NULL };
    static const char *const keys[] = { "outcome", "question", "reason", "subject", "text", "title", NULL };

    return tend_is_among(verb, verbs) && tend_is_among(key, keys);
}

/* What stands between the braces, from `open` (the brace) on. */
static tend_status take_braced(const char *open, char ret_path[200], const char **ret_after, tend_error *reterr)
{
    const char *close = strchr(open, '}');

    if (!close || close - open < 2 || close - open > 190)
        return tend_fail(reterr, TEND_EINVAL, "'%.40s': a { without its }", open);
    memcpy(ret_path, open + 1, (size_t)(close - open) - 1);
    ret_path[close - open - 1] = '\0';
    *ret_after = close + 1;
    return TEND_OK;
}

static const tend_tree *setting_of(const tend_tree *settings, const char *path)
{
    return strncmp(path, "settings.", 9) == 0 ? tend_tree_get(settings, path + 9) : NULL;
}

static tend_status check_setting(const tend_tree *settings, const char *path, tend_error *reterr)
{
    char place[204];

    (void)snprintf(place, sizeof place, "{%s}", path);
    return tend_settings_check_name(settings, place, path + strlen("settings."), reterr);
}

tend_status tend_subject_check_text(const tend_schema *schema, const tend_kind_schema *kind, const tend_tree *settings,
                                    const char *text, tend_error *reterr)
{
    const tend_field *field;
    char path[200];
    tend_status status = TEND_OK;

    for (const char *at = strchr(text, '{'); at && status == TEND_OK; at = strchr(at, '{')) {
        if (at[1] == '{') {
            at += 2;
            continue;
        }
        status = take_braced(at, path, &at, reterr);
        if (status == TEND_OK && strncmp(path, "settings.", 9) == 0)
            status = check_setting(settings, path, reterr);
        else if (status == TEND_OK)
            status = tend_subject_check(schema, kind, path, &field, reterr);
    }
    return status;
}

static void add_tree(const tend_tree *tree, tend_buffer *buffer)
{
    if (tree->tag == TEND_TREE_TEXT)
        tend_buffer_text(buffer, tree->text);
    else if (tree->tag == TEND_TREE_NUMBER)
        tend_buffer_print(buffer, "%g", tree->number);
    else if (tree->tag == TEND_TREE_INT)
        tend_buffer_print(buffer, "%lld", (long long)tree->integer);
    else
        tend_buffer_text(buffer, tree->tag == TEND_TREE_TRUE ? "yes" : "no");
}

/* References are shown by the name of their row. */
static tend_status add_value(const tend_subject *subject, const char *path, const char *language, tend_buffer *buffer,
                             tend_error *reterr)
{
    const char *unknown = language && strcmp(language, "ko") == 0 ? "알 수 없음" : "not known";
    const tend_field *field;
    tend_value value;
    tend_status status = tend_subject_value(subject, path, &value, &field, reterr);
    const char *shown;

    if (status < 0)
        return status;
    if (value.type == TEND_NULL)
        shown = unknown;
    else if (value.type == TEND_REF)
        shown = tend_row_name(&subject->world, field->target, value.integer, subject->arena);
    else
        shown = tend_value_show(&value, subject->playbooks->zone, subject->arena);
    tend_buffer_text(buffer, shown ? shown : unknown);
    return TEND_OK;
}

tend_status tend_subject_fill(const tend_subject *subject, const tend_tree *settings, const char *language, const char *text,
                              const char **ret_text, tend_error *reterr)
{
    tend_buffer buffer = { 0 };
    char path[200];
    tend_status status = TEND_OK;

    while (*text && status == TEND_OK) {
        size_t plain = strcspn(text, "{");

        tend_buffer_append(&buffer, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        if (text[1] == '{') {
            tend_buffer_append(&buffer, text, 1);
            text += 2;
            continue;
        }
        status = take_braced(text, path, &text, reterr);
        if (status < 0)
            break;
        if (setting_of(settings, path))
            add_tree(setting_of(settings, path), &buffer);
        else
            status = add_value(subject, path, language, &buffer, reterr);
    }
    if (status == TEND_OK) {
        *ret_text = buffer.failed ? NULL : tend_arena_string(subject->arena, tend_buffer_string(&buffer));
        status = *ret_text ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    }
    tend_buffer_clear(&buffer);
    return status;
}
