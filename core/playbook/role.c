/* role.c: who it is that a playbook names by role, on the day the work is made. */
#include "playbook/inside.h"

#include <string.h>

/* Roles as people say them. The owner of an account needs no other word. */
static const struct {
    const char *role, *words, *korean;
} role_words[] = {
    { "owner", "owner", "담당자" },
    { "deputy", "deputy", "대리인" },
    { "spoc", "single point of contact", "단일 창구" },
    { "csm", "customer success manager", "고객 성공 매니저" },
    { "tam", "technical account manager", "기술 담당 매니저" },
    { "executive", "executive sponsor", "임원 스폰서" },
    { "finance", "finance contact", "재무 담당" },
    { "technical", "technical contact", "기술 담당" },
    { "support", "support contact", "지원 담당" },
    { "member", "team member", "팀원" },
};

static const char *say_role(const tend_subject *subject, const char *role)
{
    for (size_t i = 0; i < sizeof role_words / sizeof *role_words; i++)
        if (strcmp(role_words[i].role, role) == 0)
            return subject->in_korean ? role_words[i].korean : role_words[i].words;
    return role;
}

static const char *say_manager(const tend_subject *subject, bool is_wanted)
{
    return !is_wanted ? "" : subject->in_korean ? "의 상사" : "'s manager";
}

/* "{to_user}", "{contract.owner}.manager": a person that a field of the subject names. The path within, NULL: it is no such role.
 */
static const char *path_of(const char *role, char ret_path[128])
{
    const char *end = role[0] == '{' ? strchr(role, '}') : NULL;

    if (!end || end - role < 2 || end - role > 120 || (end[1] != '\0' && strcmp(end + 1, ".manager") != 0))
        return NULL;
    memcpy(ret_path, role + 1, (size_t)(end - role) - 1);
    ret_path[end - role - 1] = '\0';
    return ret_path;
}

tend_status tend_role_check_path(const tend_schema *schema, const tend_kind_schema *subject, const char *role, tend_error *reterr)
{
    char path[128];
    const tend_field *field;
    tend_status status;

    if (!path_of(role, path))
        return TEND_OK;
    status = tend_subject_check(schema, subject, path, &field, reterr);
    if (status == TEND_OK && field->target != TEND_KIND_USER)
        status = tend_fail(reterr, TEND_EINVAL, "to: '%s' is nobody; %s is no field for a person on our side", role, path);
    return status;
}

const char *tend_role_say(const tend_subject *subject, const char *role)
{
    char path[128];
    size_t length = strcspn(role, ".");
    char word[64] = "";
    const char *words;

    if (path_of(role, path)) {
        words = tend_arena_print(subject->arena, "%s%s", path, say_manager(subject, strchr(role, '}')[1] != '\0'));
        return words ? words : role;
    }
    memcpy(word, role, length < sizeof word ? length : sizeof word - 1);
    words = tend_arena_print(subject->arena, "%s%s%s", subject->in_korean ? "" : "the ", say_role(subject, word),
                             say_manager(subject, role[length] != '\0'));
    return words ? words : role;
}

/* "to the technical account manager", "to the owner's manager", "to Kim", "to team support". */
static const char *say_to(const tend_subject *subject, const char *role)
{
    if (subject->in_korean && strncmp(role, "team:", 5) == 0)
        return tend_arena_print(subject->arena, "%s 팀에", role + 5);
    if (subject->in_korean)
        return tend_arena_print(subject->arena, "%s에게", strncmp(role, "user:", 5) == 0 ? role + 5 : tend_role_say(subject, role));
    if (strncmp(role, "user:", 5) == 0)
        return tend_arena_print(subject->arena, "to %s", role + 5);
    if (strncmp(role, "team:", 5) == 0)
        return tend_arena_print(subject->arena, "to team %s", role + 5);
    return tend_arena_print(subject->arena, "to %s", tend_role_say(subject, role));
}

/* The roles of the schema's owners, less the word owner itself. */
static bool is_role_word(const tend_schema *schema, const char *word, size_t length)
{
    const tend_kind_schema *owners = tend_schema_kind(schema, TEND_KIND_OWNER);

    return tend_field_allows(&owners->fields[tend_schema_field(owners, "role")], word, length);
}

tend_status tend_role_check(const char *role, tend_error *reterr)
{
    size_t length = strcspn(role, ".");
    char path[128];

    if (tend_choice_is(role))
        return tend_choice_check(role, reterr);
    if (role[0] == '{')
        return path_of(role, path) ? TEND_OK
                                   : tend_fail(reterr, TEND_EINVAL, "to: '%s' is nobody; write {FIELD} or {FIELD}.manager", role);
    if (strncmp(role, "user:", 5) == 0 || strncmp(role, "team:", 5) == 0)
        return role[5] ? TEND_OK : tend_fail(reterr, TEND_EINVAL, "to: '%s' names nobody", role);
    if (length == 0 || (role[length] == '.' && strcmp(role + length, ".manager") != 0))
        return tend_fail(reterr, TEND_EINVAL, "to: '%s' is nobody; write a role, ROLE.manager, user:NAME or team:NAME", role);
    return TEND_OK;
}

static tend_status read_user(const tend_subject *subject, int64_t user, tend_row *ret_row, tend_error *reterr)
{
    return tend_read(&subject->world, subject->principal, TEND_KIND_USER, user, subject->arena, ret_row, reterr);
}

static const tend_value *user_field(const tend_row *row, const char *name)
{
    return &row->values[tend_schema_field(row->kind, name)];
}

/* The holder of a role by the dated rows, those of merged accounts last; among several the one that began last. */
static tend_status find_dated(const tend_subject *subject, const char *role, int64_t *ret_user, tend_error *reterr)
{
    int64_t today = tend_playbooks_today(subject->playbooks);

    return tend_sql_number(subject->world.store, 0, ret_user, reterr,
                           "SELECT \"user\" FROM owners WHERE account IN (SELECT ?1 UNION ALL SELECT account FROM account_roots"
                           " WHERE root = ?1 AND until_at IS NULL) AND role = ?2 AND removed_at IS NULL"
                           " AND (starts_on IS NULL OR starts_on <= ?3) AND (ends_on IS NULL OR ends_on >= ?3)"
                           " ORDER BY account = ?1 DESC, starts_on DESC, id DESC LIMIT 1",
                           "isi", subject->account, role, today);
}

/* The field `owner` of the subject, else of its account, else the dated role. */
static tend_status find_owner(const tend_subject *subject, int64_t *ret_user, tend_error *reterr)
{
    static const char *const paths[] = { "owner", "account.owner" };
    tend_status status = TEND_OK;

    for (size_t i = 0; i < 2 && *ret_user == 0 && status == TEND_OK; i++) {
        const tend_field *field;
        tend_value value;

        if (tend_subject_check(subject->world.schema, subject->kind, paths[i], &field, NULL) < 0 || field->target != TEND_KIND_USER)
            continue;
        status = tend_subject_value(subject, paths[i], &value, &field, reterr);
        if (status == TEND_OK && value.type == TEND_REF)
            *ret_user = value.integer;
    }
    if (status == TEND_OK && *ret_user == 0)
        status = find_dated(subject, "owner", ret_user, reterr);
    return status;
}

/* "to the owner; Kim is absent, so Lee" */
static const char *say_instead(const tend_subject *subject, const char *why, int64_t user, int64_t next, bool has_left)
{
    const char *name = tend_row_name(&subject->world, TEND_KIND_USER, user, subject->arena);
    const char *other = tend_row_name(&subject->world, TEND_KIND_USER, next, subject->arena);

    return subject->in_korean
               ? tend_arena_print(subject->arena, "%s; %s %s, 대신 %s", why, name, has_left ? "퇴사" : "부재", other)
               : tend_arena_print(subject->arena, "%s; %s %s, so %s", why, name, has_left ? "has left" : "is absent", other);
}

/* Who stands in today: the deputy while somebody is absent, the manager of somebody who has left. */
static tend_status find_present(const tend_subject *subject, int64_t *user, const char **why, tend_error *reterr)
{
    int64_t today = tend_playbooks_today(subject->playbooks);

    for (int hops = 0; hops < 5 && *user != 0; hops++) {
        const tend_value *from, *to, *active, *next;
        tend_row row;
        bool is_absent, has_left;
        tend_status status = read_user(subject, *user, &row, reterr);

        if (status < 0)
            return status == TEND_ENOTFOUND ? TEND_OK : status;
        from = user_field(&row, "absent_from");
        to = user_field(&row, "absent_to");
        active = user_field(&row, "active");
        is_absent = from->type == TEND_DATE && from->integer <= today && (to->type != TEND_DATE || to->integer >= today);
        has_left = active->type == TEND_BOOL && active->integer == 0;
        next = has_left ? user_field(&row, "manager") : user_field(&row, "deputy");
        if ((!is_absent && !has_left) || next->type != TEND_REF || next->integer == *user)
            return TEND_OK;
        *why = say_instead(subject, *why, *user, next->integer, has_left);
        *user = next->integer;
    }
    return TEND_OK;
}

static tend_status find_manager(const tend_subject *subject, int64_t *user, const char **why, tend_error *reterr)
{
    tend_row row;
    tend_status status = *user ? read_user(subject, *user, &row, reterr) : TEND_ENOTFOUND;

    if (status == TEND_ENOTFOUND)
        return TEND_OK;
    if (status < 0)
        return status;
    if (user_field(&row, "manager")->type == TEND_REF)
        *user = user_field(&row, "manager")->integer;
    else
        *why = tend_arena_print(subject->arena, subject->in_korean ? "%s(상사 없음)" : "%s, who has no manager", *why);
    return TEND_OK;
}

static tend_status find_named(const tend_subject *subject, const char *name, int64_t *ret_user, tend_error *reterr)
{
    const tend_kind_schema *users = tend_schema_kind(subject->world.schema, TEND_KIND_USER);
    const char *field = strchr(name, '@') ? "email" : "name";
    tend_status status = tend_model_lookup(subject->playbooks->model, TEND_KIND_USER, tend_schema_field(users, field), name,
                                           strlen(name), ret_user, reterr);

    return status == TEND_ENOTFOUND || status == TEND_EINVAL ? TEND_OK : status;
}

/* Who stands in the field; the owner while nobody does. */
static tend_status find_written(const tend_subject *subject, const char *path, bool wants_manager, int64_t *user, const char **why,
                                tend_error *reterr)
{
    const tend_field *field;
    tend_value value = { 0 };
    tend_status status = TEND_OK;

    if (tend_subject_check(subject->world.schema, subject->kind, path, &field, NULL) < 0 || field->target != TEND_KIND_USER)
        return TEND_OK; /* of another subject */
    status = tend_subject_value(subject, path, &value, &field, reterr);
    if (status == TEND_OK && value.type == TEND_REF)
        *user = value.integer;
    if (status == TEND_OK && *user == 0) {
        *why = tend_arena_print(subject->arena,
                                subject->in_korean ? "담당자%s에게(%s 알 수 없음)" : "to the owner%s, as %s is not known",
                                say_manager(subject, wants_manager), path);
        status = find_owner(subject, user, reterr);
    }
    if (status == TEND_OK && wants_manager)
        status = find_manager(subject, user, why, reterr);
    return status;
}

/* Who holds the role, absent or not. */
static tend_status find_holder(const tend_subject *subject, const char *role, int64_t *user, const char **why, tend_error *reterr)
{
    size_t length = strcspn(role, ".");
    char word[64] = "", path[128];
    tend_status status = TEND_OK;

    if (path_of(role, path))
        return find_written(subject, path, strchr(role, '}')[1] != '\0', user, why, reterr);
    if (strncmp(role, "user:", 5) == 0)
        return find_named(subject, role + 5, user, reterr);
    if (strncmp(role, "team:", 5) == 0 || tend_choice_is(role))
        return TEND_OK;
    memcpy(word, role, length < sizeof word ? length : sizeof word - 1);
    if (strcmp(word, "owner") != 0 && is_role_word(subject->world.schema, word, strlen(word)))
        status = find_dated(subject, word, user, reterr);
    if (status == TEND_OK && *user == 0) {
        if (strcmp(word, "owner") != 0)
            *why =
                tend_arena_print(subject->arena, subject->in_korean ? "담당자%s에게(%s 없음)" : "to the owner%s, as there is no %s",
                                 say_manager(subject, role[length] != '\0'), say_role(subject, word));
        status = find_owner(subject, user, reterr);
    }
    if (status == TEND_OK && strcmp(role + length, ".manager") == 0)
        status = find_manager(subject, user, why, reterr);
    return status;
}

static tend_status find_role(const tend_subject *subject, const char *role, int64_t *ret_user, const char **ret_why,
                             tend_error *reterr)
{
    int64_t user = 0;
    const char *why;
    tend_status status;

    if (tend_choice_is(role))
        return tend_choice_find(subject, role, ret_user, ret_why, reterr);
    why = say_to(subject, role);
    status = find_holder(subject, role, &user, &why, reterr);

    if (status == TEND_OK && why)
        status = find_present(subject, &user, &why, reterr);
    if (status == TEND_OK && user == 0 && strncmp(role, "team:", 5) != 0)
        why = tend_arena_print(subject->arena, subject->in_korean ? "%s, 해당자 없음" : "%s, but nobody is", why);
    if (status == TEND_OK && strncmp(role, "team:", 5) == 0)
        why =
            tend_arena_print(subject->arena, subject->in_korean ? "%s; 누구나 맡을 수 있음" : "%s; anybody there may take it", why);
    if (status == TEND_OK && !why)
        status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    if (status < 0)
        return status;
    *ret_user = user;
    *ret_why = why;
    return TEND_OK;
}

/* Who it is decides in which words it is said. */
tend_status tend_role_find(const tend_subject *subject, const char *role, int64_t *ret_user, const char **ret_why,
                           tend_error *reterr)
{
    tend_subject theirs = *subject;
    tend_status status = find_role(subject, role, ret_user, ret_why, reterr);

    if (status == TEND_OK)
        status = tend_words_korean(subject, *ret_user, &theirs.in_korean, reterr);
    if (status == TEND_OK && theirs.in_korean != subject->in_korean)
        status = find_role(&theirs, role, ret_user, ret_why, reterr);
    return status;
}

tend_status tend_role_holder(const tend_subject *subject, const char *role, int64_t *ret_user, tend_error *reterr)
{
    const char *why = "";

    *ret_user = 0;
    return find_holder(subject, role, ret_user, &why, reterr);
}

tend_status tend_role_stands_in(const tend_subject *subject, int64_t holder, int64_t user, bool *ret_stands_in, tend_error *reterr)
{
    int64_t at = holder;
    tend_status status = TEND_OK;

    *ret_stands_in = false;
    for (int hops = 0; hops < 5 && at != 0 && user != 0 && !*ret_stands_in && status == TEND_OK; hops++) {
        const tend_value *active, *next;
        tend_row row;

        *ret_stands_in = at == user;
        status = read_user(subject, at, &row, reterr);
        if (status < 0)
            break;
        active = user_field(&row, "active");
        next = user_field(&row, active->type == TEND_BOOL && active->integer == 0 ? "manager" : "deputy");
        at = next->type == TEND_REF && next->integer != at ? next->integer : 0;
    }
    return status == TEND_ENOTFOUND ? TEND_OK : status;
}
