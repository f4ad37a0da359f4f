/* enter.c: what a match comes to: one run at work on a row, no oftener than the playbook lets it begin, and what becomes of the
 * task that is open already. */
#include "playbook/inside.h"
#include "playbook/tables.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)
#define OPEN_MAX 64

static tend_status begin_run(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t row,
                             int64_t account, int64_t *ret_run, tend_error *reterr)
{
    tend_status status = tend_store_ids(playbooks->store, "runs", 1, ret_run, reterr);

    if (status < 0)
        return status;
    return tend_sql_run(
        playbooks->store, reterr,
        "INSERT INTO runs (id, playbook, bundle, kind, row, account, shard, state, cause, moved_by, version, started_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, ?8, 0, ?9)",
        "isiiiiiii", *ret_run, playbook->name, playbook->bundle->id, (int64_t)playbook->bundle->spec.subject->kind, row, account,
        (int64_t)tend_shard_of(account), event->sequence, tend_playbooks_now(playbooks));
}

static const char *met_words(const tend_playbooks *playbooks, const tend_playbook *playbook, const char *by)
{
    const char *again = playbook->bundle->spec.again;

    return tend_arena_print(playbooks->arena, "the condition was met already%s%s%s%s",
                            again ? ", or has not met again_when since: " : "", again ? again : "", by ? ": " : "", by ? by : "");
}

static const char *count_words(const tend_playbooks *playbooks, int64_t count, const char *noun)
{
    return tend_arena_print(playbooks->arena, "%lld %s%s", (long long)count, noun, count == 1 ? "" : "s");
}

/* Whether it began too often, or a moment ago: *ret_why says so, NULL when it may begin. */
static tend_status too_often(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, int64_t account,
                             const char **ret_why, tend_error *reterr)
{
    const tend_re_entry *rule = &playbook->bundle->spec.re_entry;
    tend_time now = tend_playbooks_now(playbooks);
    int64_t begun = 0, last = TEND_NO_TIME;
    char date[TEND_DATE_ROOM];
    tend_status status = TEND_OK;

    *ret_why = NULL;
    if (rule->cool_down_days > 0)
        status = tend_sql_number(playbooks->store, TEND_NO_TIME, &last, reterr,
                                 "SELECT max(coalesce(ended_at, started_at)) FROM runs WHERE account = ?1 AND playbook = ?2"
                                 " AND row = ?3",
                                 "isi", account, playbook->name, row);
    if (status == TEND_OK && last != TEND_NO_TIME && now < last + rule->cool_down_days * DAY_MS) {
        *ret_why = tend_arena_print(playbooks->arena, "the last run on it ended on %s; it begins again %s later",
                                    tend_date_format(tend_playbooks_date(playbooks, last), date),
                                    count_words(playbooks, rule->cool_down_days, "day"));
        return *ret_why ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    }
    if (status < 0 || rule->at_most == 0)
        return status;
    status =
        tend_sql_number(playbooks->store, 0, &begun, reterr,
                        "SELECT count(*) FROM runs WHERE account = ?1 AND playbook = ?2 AND row = ?3 AND started_at > ?4", "isii",
                        account, playbook->name, row, rule->in_days > 0 ? now - rule->in_days * DAY_MS : (tend_time)INT64_MIN);
    if (status < 0 || begun < rule->at_most)
        return status;
    *ret_why = tend_arena_print(playbooks->arena, "%s began on it%s%s; it may not oftener", count_words(playbooks, begun, "run"),
                                rule->in_days > 0 ? " within " : "",
                                rule->in_days > 0 ? count_words(playbooks, rule->in_days, "day") : "");
    return *ret_why ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

/* ---- what a match does to the open work of the run that is there ----------------------------------------------------------- */

static tend_status put_one(tend_playbooks *playbooks, const tend_event *event, tend_kind kind, int64_t row,
                           const tend_assignment *fields, int count, tend_error *reterr)
{
    tend_principal engine = tend_principal_administrator();
    tend_origin origin = { .principal = &engine, .cause = event->sequence };
    const tend_put put = {
        .kind = kind, .id = row, .fields = fields, .field_count = count, .effective_at = TEND_NO_TIME, .known_at = TEND_NO_TIME
    };
    tend_put_result result;
    tend_status status;

    (void)snprintf(engine.name, sizeof engine.name, "engine");
    status = tend_model_put(playbooks->model, &origin, &put, &result, reterr);
    return status < 0 ? status : TEND_OK;
}

static tend_value words(const char *text)
{
    return (tend_value){ .type = TEND_TEXT, .text = text, .length = strlen(text) };
}

static tend_status raise_task(tend_playbooks *playbooks, const tend_event *event, int64_t task, const char *priority,
                              const char **ret_did, tend_error *reterr)
{
    static const char *const levels[] = { "low", "normal", "high", "urgent" };
    const tend_kind_schema *kind = tend_schema_kind(playbooks->schema, TEND_KIND_TASK);
    tend_assignment field = { .field = tend_schema_field(kind, "priority") };
    size_t level = 1;

    for (size_t i = 0; i < 4; i++)
        if (priority && strcmp(priority, levels[i]) == 0)
            level = i;
    if (level == 3) {
        *ret_did = tend_arena_print(playbooks->arena, "task %lld is urgent already", (long long)task);
        return TEND_OK;
    }
    field.value = words(levels[level + 1]);
    *ret_did = tend_arena_print(playbooks->arena, "task %lld is raised to %s", (long long)task, levels[level + 1]);
    return put_one(playbooks, event, TEND_KIND_TASK, task, &field, 1, reterr);
}

static tend_status comment_task(tend_playbooks *playbooks, const tend_event *event, const tend_subject *subject, int64_t task,
                                const char *why, const char **ret_did, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(playbooks->schema, TEND_KIND_NOTE);
    const char *said = tend_arena_print(playbooks->arena, "Again: %s", why ? why : event->topic);
    const tend_assignment fields[] = {
        { .field = tend_schema_field(kind, "text"), .value = words(said ? said : event->topic) },
        { .field = tend_schema_field(kind, "about_kind"), .value = words("task") },
        { .field = tend_schema_field(kind, "about_row"), .value = { .type = TEND_INT, .integer = task } },
        { .field = tend_schema_field(kind, "written_at"),
          .value = { .type = TEND_TIME, .integer = tend_playbooks_now(playbooks) } },
        { .field = tend_schema_field(kind, "account"), .value = { .type = TEND_REF, .integer = subject->account } },
    };

    *ret_did = tend_arena_print(playbooks->arena, "task %lld has a note of it", (long long)task);
    return put_one(playbooks, event, TEND_KIND_NOTE, 0, fields, subject->account ? 5 : 4, reterr);
}

/* The open tasks of the run are raised or get a note; *ret_did gets what was done, after `*ret_did`. */
static tend_status touch_open(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event,
                              const tend_subject *subject, int64_t run, const char *why, const char **ret_did, tend_error *reterr)
{
    struct {
        int64_t id;
        const char *priority;
    } open[OPEN_MAX];
    tend_statement *statement;
    size_t count = 0;
    bool has_row = true;
    tend_status status;

    if (playbook->bundle->spec.re_entry.if_open == TEND_OPEN_IGNORE)
        return TEND_OK;
    status = tend_sql_ask(playbooks->store, &statement, reterr,
                          "SELECT id, priority FROM tasks WHERE run = ?1 AND status = 'open' AND removed_at IS NULL ORDER BY id",
                          "i", run);
    while (status >= 0 && count < OPEN_MAX && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        open[count].priority = tend_arena_string(playbooks->arena, tend_statement_text(statement, 1, NULL));
        open[count++].id = tend_statement_int(statement, 0);
    }
    tend_statement_end(statement);
    for (size_t i = 0; i < count && status >= 0; i++) {
        const char *did = "";

        status = playbook->bundle->spec.re_entry.if_open == TEND_OPEN_RAISE
                     ? raise_task(playbooks, event, open[i].id, open[i].priority, &did, reterr)
                     : comment_task(playbooks, event, subject, open[i].id, why, &did, reterr);
        *ret_did = tend_arena_print(playbooks->arena, "%s; %s", *ret_did, did);
    }
    if (count > 0)
        tend_filter_rows_forget(playbooks->rows);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_enter(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, const tend_entry *entry,
                       int64_t *ret_run, const char **ret_why, tend_error *reterr)
{
    tend_subject subject =
        tend_subject_of(playbooks, &playbook->principal, playbook->bundle->spec.subject, entry->row, playbooks->arena);
    const char *what = "deduplicated", *why = entry->why ? entry->why : event->topic;
    int64_t active = 0;
    tend_status status = tend_subject_account(&subject, reterr);

    *ret_run = 0;
    *ret_why = "the row is gone";
    if (status == TEND_ENOTFOUND)
        return tend_decide_note(playbooks, playbook, event, entry->row, 0, "failed", *ret_why, 0, reterr);
    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &active, reterr,
                                 "SELECT id FROM runs WHERE playbook = ?1 AND row = ?2 AND " TEND_RUN_AT_WORK, "si", playbook->name,
                                 entry->row);
    if (status < 0)
        return status;
    *ret_why = entry->refused;
    if (!*ret_why && active != 0) {
        *ret_why = tend_arena_print(playbooks->arena, "run %lld is at work on it", (long long)active);
        status = touch_open(playbooks, playbook, event, &subject, active, why, ret_why, reterr);
    } else if (!*ret_why && entry->was_held) {
        *ret_why = met_words(playbooks, playbook, entry->why);
    } else if (!*ret_why && !entry->is_by_hand) {
        status = too_often(playbooks, playbook, entry->row, subject.account, ret_why, reterr);
    }
    if (status == TEND_OK && !*ret_why) {
        what = "ran";
        *ret_why = why;
        status = begin_run(playbooks, playbook, event, entry->row, subject.account, ret_run, reterr);
    }
    return status < 0 ? status
                      : tend_decide_note(playbooks, playbook, event, entry->row, subject.account, what, *ret_why,
                                         *ret_run ? *ret_run : active, reterr);
}
