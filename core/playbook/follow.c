/* follow.c: open tasks of a role follow its holder, however the role changed: by hand, by an import, by a merge, on a day. */
#include "base/date.h"
#include "model/merge.h"
#include "playbook/inside.h"

#include <string.h>

#define DAYS_BACK 400 /* looked at when the engine starts: so long may it have been off */
/* begins what this file adds to a reason, in English and in Korean */
#define MOVED "; moved from "
#define MOVED_KO "; 옮김: "

typedef struct task {
    int64_t id, account, contract, opportunity, ticket, assignee;
    const char *role, *reason;
    bool is_by_hand; /* somebody chose the person: it stays with that person */
} task;

static tend_status read_task(tend_playbooks *playbooks, int64_t id, task *ret_task, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_sql_ask(
        playbooks->store, &statement, reterr,
        "SELECT t.account, t.contract, t.opportunity, t.ticket, t.assignee, t.role, t.reason, coalesce((SELECT b.what IN"
        " ('set', 'task', 'import', 'sync') FROM changes c LEFT JOIN batches b ON b.id = c.batch WHERE c.kind = ?2 AND c.row = t.id"
        " AND c.field = 'assignee' ORDER BY c.effective_at DESC, c.id DESC LIMIT 1), 0) FROM tasks t WHERE t.id = ?1",
        "ii", id, (int64_t)TEND_KIND_TASK);

    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        const char *reason = tend_statement_text(statement, 6, NULL);

        *ret_task = (task){ .id = id,
                            .account = tend_statement_int(statement, 0),
                            .contract = tend_statement_int(statement, 1),
                            .opportunity = tend_statement_int(statement, 2),
                            .ticket = tend_statement_int(statement, 3),
                            .assignee = tend_statement_int(statement, 4),
                            .role = tend_arena_string(playbooks->arena, tend_statement_text(statement, 5, NULL)),
                            .reason = tend_arena_string(playbooks->arena, reason ? reason : ""),
                            .is_by_hand = tend_statement_int(statement, 7) != 0 };
        if (!ret_task->role || !ret_task->reason)
            status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    }
    tend_statement_end(statement);
    return status;
}

/* What the task is about, as the playbook that made it saw it. */
static tend_status find_subject(tend_playbooks *playbooks, const tend_principal *principal, const task *about,
                                tend_subject *ret_subject, tend_error *reterr)
{
    const struct {
        tend_kind kind;
        int64_t row;
    } subjects[] = { { TEND_KIND_CONTRACT, about->contract },
                     { TEND_KIND_OPPORTUNITY, about->opportunity },
                     { TEND_KIND_TICKET, about->ticket },
                     { TEND_KIND_ACCOUNT, about->account } };
    size_t i = 0;
    tend_status status;

    while (i < 3 && subjects[i].row == 0)
        i++;
    *ret_subject = tend_subject_of(playbooks, principal, tend_schema_kind(playbooks->schema, subjects[i].kind), subjects[i].row,
                                   playbooks->arena);
    if (subjects[i].kind == TEND_KIND_ACCOUNT)
        status = tend_merge_resolve(&ret_subject->world, subjects[i].row, &ret_subject->row, reterr);
    else
        status = TEND_OK;
    return status < 0 ? status : tend_subject_account(ret_subject, reterr);
}

/* The reason as it was, and why the task moved; only the last move is told. */
static const char *why_moved(const tend_subject *subject, const task *about, int64_t holder, const char *why)
{
    const char *moved = strstr(about->reason, MOVED), *before = moved ? moved : strstr(about->reason, MOVED_KO);
    const char *absence = strchr(why, ';');
    int kept = before ? (int)(before - about->reason) : (int)strlen(about->reason);
    const char *from = about->assignee ? tend_row_name(&subject->world, TEND_KIND_USER, about->assignee, subject->arena) : "nobody";

    if (subject->in_korean)
        return tend_arena_print(subject->arena, "%.*s" MOVED_KO "%s에서, 이제 %s %s%s", kept, about->reason, from,
                                tend_role_say(subject, about->role),
                                tend_row_name(&subject->world, TEND_KIND_USER, holder, subject->arena), absence ? absence : "");
    return tend_arena_print(subject->arena, "%.*s" MOVED "%s: %s is %s now%s", kept, about->reason, from,
                            tend_row_name(&subject->world, TEND_KIND_USER, holder, subject->arena),
                            tend_role_say(subject, about->role), absence ? absence : "");
}

static tend_status move_task(const tend_subject *subject, const tend_origin *origin, const task *about, int64_t user,
                             const char *reason, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(subject->world.schema, TEND_KIND_TASK);
    const tend_assignment fields[] = {
        { tend_schema_field(kind, "assignee"), { .type = TEND_REF, .integer = user } },
        { tend_schema_field(kind, "reason"), { .type = TEND_TEXT, .text = reason, .length = strlen(reason) } },
    };
    const tend_put put = { .kind = TEND_KIND_TASK,
                           .id = about->id,
                           .fields = fields,
                           .field_count = 2,
                           .effective_at = TEND_NO_TIME,
                           .known_at = TEND_NO_TIME };
    tend_put_result result;

    return tend_model_put(subject->playbooks->model, origin, &put, &result, reterr);
}

static tend_status follow_task(tend_playbooks *playbooks, const tend_origin *origin, int64_t id, tend_error *reterr)
{
    task about = { 0 };
    tend_subject subject;
    const char *why = NULL, *reason;
    int64_t holder = 0, user = 0;
    bool stands_in = false;
    tend_status status = read_task(playbooks, id, &about, reterr);

    if (status < 0 || about.is_by_hand)
        return status;
    status = find_subject(playbooks, origin->principal, &about, &subject, reterr);
    if (status == TEND_ENOTFOUND)
        return TEND_OK; /* what it is about is gone */
    if (status >= 0)
        status = tend_role_holder(&subject, about.role, &holder, reterr);
    if (status >= 0)
        status = tend_role_stands_in(&subject, holder, about.assignee, &stands_in, reterr);
    if (status < 0 || holder == 0 || stands_in)
        return status;
    status = tend_role_find(&subject, about.role, &user, &why, reterr);
    if (status < 0 || user == 0 || user == about.assignee)
        return status;
    status = tend_words_korean(&subject, user, &subject.in_korean, reterr);
    if (status < 0)
        return status;
    reason = why_moved(&subject, &about, holder, why);
    return reason ? move_task(&subject, origin, &about, user, reason, reterr)
                  : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

/* Every open task of a role for which `condition` over t, ?1 and ?2 holds. Where the condition names rows, their tasks are looked
 * at, and not all that are open. */
static tend_status follow_where(tend_playbooks *playbooks, const char *condition, bool is_found_by_row, int64_t one, int64_t two,
                                int64_t cause, tend_error *reterr)
{
    tend_principal engine = tend_principal_administrator();
    tend_origin origin = { .principal = &engine, .cause = cause };
    const char *sql =
        tend_arena_print(playbooks->arena,
                         "SELECT t.id FROM tasks t WHERE %st.status = 'open' AND t.removed_at IS NULL AND t.role <> ''"
                         " AND t.role NOT LIKE 'user:%%' AND t.role NOT LIKE 'team:%%' AND (%s) ORDER BY t.id",
                         is_found_by_row ? "+" : "", condition);
    tend_statement *statement = NULL;
    int64_t *ids = NULL;
    size_t count = 0, room = 0;
    bool has_row = false;
    tend_status status = sql ? tend_sql_ask(playbooks->store, &statement, reterr, sql, "ii", one, two)
                             : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");

    (void)snprintf(engine.name, sizeof engine.name, "engine");
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        if (count == room) {
            int64_t *more = tend_arena_take(playbooks->arena, (room ? room * 2 : 16) * sizeof *more);

            if (!more) {
                status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
                break;
            }
            if (count > 0)
                memcpy(more, ids, count * sizeof *more);
            ids = more;
            room = room ? room * 2 : 16;
        }
        ids[count++] = tend_statement_int(statement, 0);
    }
    tend_statement_end(statement);
    for (size_t i = 0; i < count && status >= 0; i++)
        status = follow_task(playbooks, &origin, ids[i], reterr);
    return status;
}

/* The accounts of the owner rows that `which` picks, and those that are read as one with them. */
#define ACCOUNTS_OF_OWNERS(which)                                                                                               \
    "t.account IN (WITH a (id) AS (SELECT account FROM owners WHERE " which "), r (id) AS (SELECT id FROM a UNION SELECT"       \
    " x.root FROM account_roots x JOIN a ON a.id = x.account WHERE x.until_at IS NULL) SELECT id FROM r UNION SELECT x.account" \
    " FROM account_roots x JOIN r ON r.id = x.root WHERE x.until_at IS NULL)"

tend_status tend_roles_follow(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr)
{
    const char *condition = NULL;
    const char *word = strchr(event->topic, '.');
    bool is_created = word && strcmp(word, ".created") == 0;
    int64_t first = event->first, last = event->last;

    if (!tend_event_changes_rows(event))
        return TEND_OK;
    switch (event->kind) {
    case TEND_KIND_OWNER:
        condition = ACCOUNTS_OF_OWNERS("id BETWEEN ?1 AND ?2");
        break;
    case TEND_KIND_ACCOUNT:
        condition =
            is_created
                ? NULL
                : "t.account BETWEEN ?1 AND ?2 OR t.account IN (SELECT x.account FROM account_roots x WHERE x.until_at IS NULL AND"
                  " x.root BETWEEN ?1 AND ?2)";
        break;
    case TEND_KIND_CONTRACT:
        condition = is_created ? NULL : "t.contract BETWEEN ?1 AND ?2";
        break;
    case TEND_KIND_OPPORTUNITY:
        condition = is_created ? NULL : "t.opportunity BETWEEN ?1 AND ?2";
        break;
    case TEND_KIND_TICKET:
        condition = is_created ? NULL : "t.ticket BETWEEN ?1 AND ?2";
        break;
    case TEND_KIND_USER:
        condition = is_created ? NULL : "t.role LIKE '%.manager' AND ?1 <= ?2";
        break;
    default:
        break;
    }
    return condition && first != 0
               ? follow_where(playbooks, condition, event->kind != TEND_KIND_USER, first, last, event->sequence, reterr)
               : TEND_OK;
}

/* Dated roles that began or ended since the last look. */
static tend_status follow_days(tend_playbooks *playbooks, tend_date since, tend_date today, tend_error *reterr)
{
    tend_status status = tend_model_begin_soft(playbooks->model, reterr);

    if (status < 0)
        return status;
    status = follow_where(playbooks,
                          ACCOUNTS_OF_OWNERS("removed_at IS NULL AND ((starts_on > ?1 AND starts_on <= ?2) OR (ends_on >= ?1 AND"
                                             " ends_on < ?2))"),
                          true, since, today, 0, reterr);
    if (status < 0) {
        tend_model_rollback(playbooks->model);
        return status;
    }
    return tend_model_commit(playbooks->model, reterr);
}

tend_status tend_roles_day(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    const tend_date today = tend_playbooks_today(playbooks);
    const tend_date since = playbooks->followed_on ? playbooks->followed_on : today - DAYS_BACK;
    tend_status status;

    (void)ret_did; /* what it moves is told by events */
    if (since == today)
        return TEND_OK;
    status = follow_days(playbooks, since, today, reterr);
    if (status >= 0)
        playbooks->followed_on = today;
    return status;
}
