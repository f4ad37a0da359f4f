/* choose.c: work that goes to one of several: to whoever of a team, or of all, has the skill and the certificate, is there, has
 * room, and has the least to do. The reason says who it is and why it is none of the others. */
#include "playbook/inside.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define PEOPLE_MAX 500
#define WHY_MAX 4 /* of those who were passed by, so many are named */

/* "any:support skill:korean certificate:aws" */
typedef struct wanted {
    char team[64], skill[64], certificate[64];
} wanted;

static const struct {
    const char *word;
    size_t at;
} qualities[] = {
    { "any:", offsetof(wanted, team) },
    { "skill:", offsetof(wanted, skill) },
    { "certificate:", offsetof(wanted, certificate) },
};

bool tend_choice_is(const char *role)
{
    for (size_t i = 0; i < sizeof qualities / sizeof *qualities; i++)
        if (strncmp(role, qualities[i].word, strlen(qualities[i].word)) == 0)
            return true;
    return false;
}

static tend_status read_wanted(const char *role, wanted *ret_wanted, tend_error *reterr)
{
    const char *at = role;

    *ret_wanted = (wanted){ .team = "" };
    while (*at) {
        size_t length = strcspn(at, " "), i = 0;

        while (i < 3 && strncmp(at, qualities[i].word, strlen(qualities[i].word)) != 0)
            i++;
        if (i < 3 && length > strlen(qualities[i].word) && length - strlen(qualities[i].word) < 64) {
            char *place = (char *)ret_wanted + qualities[i].at;

            (void)snprintf(place, 64, "%.*s", (int)(length - strlen(qualities[i].word)), at + strlen(qualities[i].word));
        } else {
            return tend_fail(reterr, TEND_EINVAL,
                             "to: '%s' is nobody; write any:TEAM, skill:WORD and certificate:WORD with blanks between", role);
        }
        at += length + strspn(at + length, " ");
    }
    return TEND_OK;
}

tend_status tend_choice_check(const char *role, tend_error *reterr)
{
    wanted ignored;

    return read_wanted(role, &ignored, reterr);
}

/* Whether `list`, "korean, english" or "aws 2027-03-01, azure", has the word; *ret_ran_out when its day has passed. */
static bool has_word(const char *list, const char *word, tend_date today, bool *ret_ran_out)
{
    size_t length = strlen(word);

    *ret_ran_out = false;
    for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        size_t item;
        tend_date until;

        at += strspn(at, " ");
        item = strcspn(at, " ,");
        if (item != length || strncasecmp(at, word, length) != 0)
            continue;
        at += item + strspn(at + item, " ");
        item = strcspn(at, " ,");
        if (item > 0 && tend_date_parse(at, item, &until) == TEND_OK && until < today) {
            *ret_ran_out = true;
            continue;
        }
        *ret_ran_out = false;
        return true;
    }
    return false;
}

typedef struct person {
    int64_t id, open, capacity; /* capacity -1: no limit */
    const char *name, *against; /* against: why not, NULL: it could be */
} person;

static const char *copy(const tend_subject *subject, tend_statement *statement, int column)
{
    const char *text = tend_statement_text(statement, column, NULL);

    return text ? tend_arena_string(subject->arena, text) : NULL;
}

static const char *say_lack(const tend_subject *subject, const char *name, const char *what)
{
    return tend_arena_print(subject->arena, subject->in_korean ? "%s %s 없음" : "%s has no %s", name, what);
}

/* What is against the person of the row, in words. */
static const char *find_against(const tend_subject *subject, const wanted *want, tend_statement *statement, const person *one)
{
    const char *skills = tend_statement_text(statement, 4, NULL), *certificates = tend_statement_text(statement, 5, NULL);
    tend_date today = tend_playbooks_today(subject->playbooks);
    bool ran_out;

    if (want->skill[0] && !has_word(skills, want->skill, today, &ran_out))
        return say_lack(subject, one->name, want->skill);
    if (want->certificate[0] && !has_word(certificates, want->certificate, today, &ran_out))
        return !ran_out             ? say_lack(subject, one->name, want->certificate)
               : subject->in_korean ? tend_arena_print(subject->arena, "%s %s 만료", one->name, want->certificate)
                                    : tend_arena_print(subject->arena, "the %s of %s has run out", want->certificate, one->name);
    if (tend_statement_int(statement, 2) != 0)
        return tend_arena_print(subject->arena, subject->in_korean ? "%s 부재" : "%s is absent", one->name);
    if (one->capacity >= 0 && one->open >= one->capacity)
        return tend_arena_print(subject->arena, subject->in_korean ? "%s 미결 %lld건/%lld건" : "%s has %lld open of %lld",
                                one->name, (long long)one->open, (long long)one->capacity);
    return NULL;
}

static tend_status read_people(const tend_subject *subject, const wanted *want, person *people, size_t *ret_count,
                               tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = true;
    tend_status status = tend_sql_ask(
        subject->world.store, &statement, reterr,
        "SELECT u.id, u.name, coalesce(u.absent_from <= ?2 AND (u.absent_to IS NULL OR u.absent_to >= ?2), 0), u.capacity, "
        "u.skills,"
        " u.certificates, (SELECT count(*) FROM tasks t WHERE t.assignee = u.id AND t.status = 'open' AND t.removed_at IS NULL)"
        " FROM users u WHERE u.removed_at IS NULL AND coalesce(u.active, 1) <> 0 AND (?1 = '' OR u.team = ?1) ORDER BY 7, u.id"
        " LIMIT 500",
        "si", want->team, (int64_t)tend_playbooks_today(subject->playbooks));

    *ret_count = 0;
    while (status >= 0 && *ret_count < PEOPLE_MAX && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        person *one = &people[(*ret_count)++];

        *one = (person){ .id = tend_statement_int(statement, 0),
                         .name = copy(subject, statement, 1),
                         .capacity = tend_statement_is_null(statement, 3) ? -1 : tend_statement_int(statement, 3),
                         .open = tend_statement_int(statement, 6) };
        one->against = find_against(subject, want, statement, one);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* "in team support with korean": whom it was looked for among. */
static const char *say_among(const tend_subject *subject, const wanted *want)
{
    bool has_both_words = want->skill[0] && want->certificate[0];
    const char *has_both = has_both_words ? " and " : "";

    if (subject->in_korean)
        return tend_arena_print(subject->arena, "%s%s%s%s%s%s", want->team[0] ? want->team : "전체", want->team[0] ? " 팀" : "",
                                want->skill[0] || want->certificate[0] ? " " : "", want->skill, has_both_words ? ", " : "",
                                want->certificate);
    return tend_arena_print(subject->arena, "%s%s%s%s%s%s", want->team[0] ? "in team " : "of all", want->team,
                            want->skill[0] || want->certificate[0] ? " with " : "", want->skill, has_both, want->certificate);
}

tend_status tend_choice_find(const tend_subject *subject, const char *role, int64_t *ret_user, const char **ret_why,
                             tend_error *reterr)
{
    person *people = tend_arena_take(subject->arena, PEOPLE_MAX * sizeof *people);
    const person *chosen = NULL;
    const char *others = "", *among;
    size_t count = 0, told = 0;
    wanted want;
    tend_status status = people ? read_wanted(role, &want, reterr) : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");

    if (status == TEND_OK)
        status = read_people(subject, &want, people, &count, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; i < count && !chosen; i++)
        chosen = people[i].against ? NULL : &people[i];
    for (size_t i = 0; i < count && told < WHY_MAX; i++)
        if (people[i].against && (!chosen || people[i].open <= chosen->open || want.team[0])) {
            others = tend_arena_print(subject->arena, "%s; %s", others, people[i].against);
            told++;
        }
    among = say_among(subject, &want);
    *ret_user = chosen ? chosen->id : 0;
    if (chosen)
        *ret_why = tend_arena_print(subject->arena,
                                    subject->in_korean ? "%s에게, 할 일이 가장 적음(%s): 미결 %lld건%s"
                                                       : "to %s, who has the least to do %s: %lld open%s",
                                    chosen->name, among, (long long)chosen->open, others);
    else
        *ret_why = tend_arena_print(
            subject->arena, subject->in_korean ? "누구나(%s), 맡을 수 있는 사람 없음%s" : "for anybody %s, but nobody is free%s",
            among, others);
    return *ret_why ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}
