/* fork.c: a run that goes on from one of its steps anew: another answer, or the script as it is now. For private copies only, where
 * it shows what would have come of it. */
#include "base/near.h"
#include "playbook/inside.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_MOST = 16 };

/* What may stand in an answer, in byte order. */
static const char *const answer_keys[] = { "approved", "cancelled", "choice",    "comment", "done",
                                           "event",    "outcome",   "timed_out", "which",   NULL };

typedef struct fork_point {
    int64_t bundle, position;
    char playbook[64], verb[32];
    tend_tree answer;    /* as it was recorded */
    const char *choices; /* "yes | no": what the question can be answered with; NULL: it is none */
} fork_point;

static tend_status no_such_step(tend_playbooks *playbooks, int64_t run, const char *step, tend_error *reterr)
{
    const char *names[200] = { NULL }, *near;
    tend_statement *statement;
    bool has_row = false;
    size_t count = 0;
    tend_status status = tend_sql_ask(playbooks->store, &statement, reterr,
                                      "SELECT name FROM steps WHERE run = ?1 AND verb <> 'read' ORDER BY position", "i", run);

    while (status >= 0 && count < 199 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        names[count++] = tend_arena_string(playbooks->arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    if (status < 0)
        return status;
    near = tend_near(step, names);
    return tend_fail(reterr, TEND_ENOTFOUND, "run %lld: has done no step '%s'%s%s; see tend playbook show %lld", (long long)run,
                     step, near ? "; did you mean " : "", near ? near : "", (long long)run);
}

static tend_status find_point(tend_playbooks *playbooks, int64_t run, const char *step, fork_point *ret_point, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(playbooks->store, &statement, reterr,
                                      "SELECT r.playbook, r.bundle, s.position, s.verb, s.packed, t.choices FROM runs r LEFT JOIN "
                                      "steps s ON s.run = r.id AND s.name = ?2 LEFT JOIN tasks t ON s.kind = ?3 AND t.id = s.row "
                                      "WHERE r.id = ?1",
                                      "isi", run, step, (int64_t)TEND_KIND_TASK);

    *ret_point = (fork_point){ .position = -1 };
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        const void *packed;
        size_t length;

        (void)snprintf(ret_point->playbook, sizeof ret_point->playbook, "%s", tend_statement_text(statement, 0, NULL));
        ret_point->bundle = tend_statement_int(statement, 1);
        ret_point->position = tend_statement_is_null(statement, 2) ? -1 : tend_statement_int(statement, 2);
        if (ret_point->position >= 0)
            (void)snprintf(ret_point->verb, sizeof ret_point->verb, "%s", tend_statement_text(statement, 3, NULL));
        ret_point->choices = tend_arena_string(playbooks->arena, tend_statement_text(statement, 5, NULL));
        packed = tend_statement_bytes(statement, 4, &length);
        if (packed)
            status = tend_tree_unpack(packed, length, playbooks->arena, &ret_point->answer, reterr);
    }
    tend_statement_end(statement);
    if (status < 0)
        return status;
    if (!has_row)
        return tend_fail(reterr, TEND_ENOTFOUND, "run %lld: there is none; see tend playbook runs", (long long)run);
    return ret_point->position < 0 ? no_such_step(playbooks, run, step, reterr) : TEND_OK;
}

/* What the answers of each verb hold. */
static const char *const answers[][8] = {
    { "all", "timed_out", NULL },
    { "approve", "approved", "comment", "timed_out", NULL },
    { "ask", "cancelled", "choice", "timed_out", NULL },
    { "call", "done", "timed_out", NULL },
    { "child", "outcome", "timed_out", NULL },
    { "first", "timed_out", "which", NULL },
    { "sleep", "timed_out", NULL },
    { "wait", "approved", "cancelled", "comment", "event", "outcome", "timed_out", NULL },
};

static const char *const *answer_of(const char *verb)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
        if (strcmp(answers[i][0], verb) == 0)
            return answers[i] + 1;
    return NULL;
}

static const char *const yes_or_no[] = { "approved", "cancelled", "done", "timed_out", NULL };

static bool is_yes(const char *text)
{
    return strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
}

static tend_tree value_of(const char *key, const char *text)
{
    return tend_is_among(key, yes_or_no) ? tend_tree_bool(is_yes(text)) : tend_tree_text(text);
}

/* A question is answered with one of its choices, what is true or not with yes or no. */
static tend_status check_value(tend_arena *arena, const fork_point *point, const char *step, const char *key, const char *value,
                               tend_error *reterr)
{
    const char *choices[32] = { NULL }, *near;
    char *copy = tend_arena_string(arena, point->choices);
    size_t count = 0;

    if (tend_is_among(key, yes_or_no) && !is_yes(value) && strcmp(value, "no") != 0 && strcmp(value, "false") != 0)
        return tend_fail(reterr, TEND_EINVAL, "--answer: %s=%s: write %s=yes or %s=no", key, value, key, key);
    if (!copy || (strcmp(key, "choice") != 0 && strcmp(key, "outcome") != 0) || *value == '\0')
        return TEND_OK;
    for (char *bar = copy; bar && count < 31; count++) {
        choices[count] = bar;
        bar = strstr(bar, " | ");
        if (bar) {
            *bar = '\0';
            bar += 3;
        }
    }
    if (tend_is_among(value, choices))
        return TEND_OK;
    near = tend_near(value, choices);
    return tend_fail(reterr, TEND_EINVAL, "--answer: %s=%s: '%s' is answered with one of %s%s%s%s", key, value, step,
                     point->choices, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static char *trimmed(char *text)
{
    size_t length;

    text += strspn(text, " ");
    for (length = strlen(text); length > 0 && text[length - 1] == ' '; length--)
        text[length - 1] = '\0';
    return text;
}

/* "choice=yes, comment=fine": the pairs, in byte order of the keys of an answer. */
static tend_status read_pairs(tend_arena *arena, const fork_point *point, const char *step, const char *written,
                              const char *ret_values[PAIRS_MOST], tend_error *reterr)
{
    const char *verb = point->verb, *const *own = answer_of(verb);
    size_t last = 0;
    char *copy = tend_arena_string(arena, written), *rest = NULL;

    if (!own)
        return tend_fail(reterr, TEND_EINVAL, "--answer: a step of the verb %s has none; name one that waits", verb);
    if (!copy)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    for (char *pair = strtok_r(copy, ",", &rest); pair; pair = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(pair, '=');
        const char *near;
        size_t at = 0;

        if (!equals && last > 0) { /* a comma of the value's own */
            ret_values[last - 1] = tend_arena_print(arena, "%s,%s", ret_values[last - 1], pair);
            if (!ret_values[last - 1])
                return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
            continue;
        }
        if (!equals || equals == pair)
            return tend_fail(reterr, TEND_EINVAL, "--answer: '%s': write KEY=VALUE, such as choice=yes or approved=no", pair);
        *equals = '\0';
        pair = trimmed(pair);
        near = tend_is_among(pair, own) ? NULL : tend_near(pair, own);
        if (!tend_is_among(pair, own))
            return tend_fail(reterr, TEND_EINVAL, "--answer: the answer of %s has no '%s'%s%s%s", verb, pair,
                             near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        while (strcmp(answer_keys[at], pair) != 0)
            at++;
        ret_values[at] = trimmed(equals + 1);
        last = at + 1;
    }
    for (size_t i = 0; answer_keys[i]; i++) {
        tend_status status = ret_values[i] ? check_value(arena, point, step, answer_keys[i], ret_values[i], reterr) : TEND_OK;

        if (status < 0)
            return status;
    }
    return TEND_OK;
}

/* What was recorded, with the pairs in place of what they name; without a record an answer that came in time. */
static tend_status make_answer(tend_playbooks *playbooks, const fork_point *point, const tend_fork *fork, tend_tree *ret_answer,
                               tend_error *reterr)
{
    const char *values[PAIRS_MOST] = { NULL };
    const bool is_approval = strcmp(point->verb, "approve") == 0;
    tend_tree_map map = { 0 };
    tend_status status = read_pairs(playbooks->arena, point, fork->step, fork->answer, values, reterr);

    for (size_t i = 0; status == TEND_OK && answer_keys[i]; i++) {
        const tend_tree *recorded = tend_tree_get(&point->answer, answer_keys[i]);
        const bool is_usual = strcmp(answer_keys[i], "timed_out") == 0 ||
                              (is_approval ? strcmp(answer_keys[i], "approved") == 0 : strcmp(answer_keys[i], "cancelled") == 0);

        if (strcmp(answer_keys[i], "outcome") == 0 && strcmp(point->verb, "ask") == 0)
            continue; /* the choice again */
        if (values[i] && *values[i] == '\0')
            continue; /* written as "choice=": none */
        if (values[i])
            tend_tree_add(&map, answer_keys[i], value_of(answer_keys[i], values[i]));
        else if (recorded)
            tend_tree_add(&map, answer_keys[i], *recorded);
        else if (is_usual)
            tend_tree_add(&map, answer_keys[i], tend_tree_bool(false));
    }
    if (status == TEND_OK && tend_tree_end(&map, playbooks->arena, ret_answer) < 0)
        status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return status;
}

static tend_status put_answer(tend_playbooks *playbooks, int64_t run, int64_t position, const tend_tree *answer, tend_error *reterr)
{
    tend_buffer packed = { 0 };
    tend_status status;

    tend_tree_pack(answer, &packed);
    status = tend_sql_run(playbooks->store, reterr,
                          "UPDATE steps SET state = 'answered', answer = ?3, packed = ?4, answered_at = ?5 WHERE run = ?1 AND "
                          "position = ?2",
                          "iisbi", run, position, tend_tree_show(answer, playbooks->arena), &packed, tend_playbooks_now(playbooks));
    tend_buffer_clear(&packed);
    return status;
}

/* The run stands where it stood before the step, or right behind it with its answer. */
static tend_status cut(tend_playbooks *playbooks, int64_t run, const fork_point *point, const tend_tree *answer, int64_t bundle,
                       tend_error *reterr)
{
    static const char *const forget[] = {
        "DELETE FROM waits WHERE run = ?1",
        "DELETE FROM parts WHERE run = ?1 AND step NOT IN (SELECT name FROM steps WHERE run = ?1)",
        "DELETE FROM starts WHERE parent = ?1 AND step NOT IN (SELECT name FROM steps WHERE run = ?1)",
    };
    tend_status status = tend_sql_run(playbooks->store, reterr, "DELETE FROM steps WHERE run = ?1 AND position >= ?2", "ii", run,
                                      point->position + (answer != NULL));

    if (status == TEND_OK && answer)
        status = put_answer(playbooks, run, point->position, answer, reterr);
    for (size_t i = 0; i < sizeof forget / sizeof *forget && status == TEND_OK; i++)
        status = tend_sql_run(playbooks->store, reterr, forget[i], "i", run);
    return status < 0 ? status
                      : tend_sql_run(playbooks->store, reterr,
                                     "UPDATE runs SET state = 'running', outcome = NULL, reason = NULL, ended_at = NULL, bundle = "
                                     "?2, version = version + 1 WHERE id = ?1",
                                     "ii", run, bundle);
}

tend_status tend_run_fork(tend_playbooks *playbooks, int64_t run, const tend_fork *fork, tend_error *reterr)
{
    const tend_playbook *playbook;
    const char *fault = NULL;
    fork_point point;
    tend_tree answer;
    tend_status status = find_point(playbooks, run, fork->step, &point, reterr);

    if (status == TEND_OK && fork->answer)
        status = make_answer(playbooks, &point, fork, &answer, reterr);
    if (status < 0)
        return status;
    playbook = tend_playbook_at_work(playbooks, point.playbook);
    if (fork->takes_current && !playbook)
        return tend_fail(reterr, TEND_ENOTFOUND, "run %lld: playbook %s is not at work, so it has no current script",
                         (long long)run, point.playbook);
    status = tend_model_begin(playbooks->model, reterr);
    if (status < 0)
        return status;
    status = cut(playbooks, run, &point, fork->answer ? &answer : NULL, fork->takes_current ? playbook->bundle->id : point.bundle,
                 reterr);
    if (status < 0) {
        tend_model_rollback(playbooks->model);
        return status;
    }
    status = tend_model_commit(playbooks->model, reterr);
    if (status == TEND_OK && fork->takes_current)
        status = tend_move_try(playbooks, run, playbook->bundle->id, &fault, reterr);
    if (status == TEND_OK && fault)
        return tend_fail(reterr, TEND_EINVAL, "run %lld: what it did before '%s' does not fit the script as it is now: %s",
                         (long long)run, fork->step, fault);
    return status;
}
