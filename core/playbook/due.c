/* due.c: triggers that hang on a date: a row with the instant for each subject, which fires once when it has passed. */
#include "playbook/inside.h"

#include "base/log.h"
#include <stdlib.h>
#include <string.h>

#define FIRE_AT_ONCE 200
#define DAY_MS ((tend_time)86400000)

typedef struct due_row {
    bool exists;
    char state[16];
    tend_date anchor;
    tend_time at;
    int64_t account;
} due_row;

static tend_status read_due(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, due_row *ret_due,
                            tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(playbooks->store, &statement, reterr,
                                      "SELECT state, anchor, at, account FROM dues WHERE playbook = ?1 AND kind = ?2 AND row = ?3",
                                      "sii", playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row);

    *ret_due = (due_row){ 0 };
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        ret_due->exists = true;
        (void)snprintf(ret_due->state, sizeof ret_due->state, "%s", tend_statement_text(statement, 0, NULL));
        ret_due->anchor = (tend_date)tend_statement_int(statement, 1);
        ret_due->at = tend_statement_int(statement, 2);
        ret_due->account = tend_statement_int(statement, 3);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status write_due(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, int64_t account, tend_time at,
                             tend_date anchor, const char *state, tend_error *reterr)
{
    return tend_sql_run(playbooks->store, reterr,
                        "INSERT INTO dues (playbook, kind, row, account, at, anchor, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                        " ON CONFLICT (playbook, kind, row) DO UPDATE SET account = excluded.account, at = excluded.at,"
                        " anchor = excluded.anchor, state = excluded.state",
                        "siiiiis", playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row, account, at, (int64_t)anchor,
                        state);
}

/* Working days are counted once for a date: what was counted stands. `known`: the row as it is; NULL: count anew. */
static tend_status instant_of(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, int64_t account,
                              tend_date anchor, const due_row *known, tend_time *ret_at, tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    tend_date day = anchor - (tend_date)spec->days;
    tend_subject subject;
    bool follows;

    if (spec->due.tag == TEND_TREE_NIL) {
        *ret_at = playbooks->zone ? tend_zone_midnight(playbooks->zone, day) : (tend_time)day * DAY_MS;
        return TEND_OK;
    }
    if (known && known->exists && known->anchor == anchor) {
        *ret_at = known->at;
        return TEND_OK;
    }
    subject = tend_subject_of(playbooks, &playbook->principal, spec->subject, row, playbooks->arena);
    subject.account = account;
    return tend_rule_find(&subject, &spec->due, TEND_RULE_WAKE, tend_playbooks_now(playbooks), &day, ret_at, &follows, reterr);
}

/* What a row that enters comes to. A late one starts when the playbook wants it and the date itself has not passed. */
static tend_status choose_state(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_time at,
                                tend_date anchor, bool is_line, const char **ret_state, tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    int64_t late_days = (tend_playbooks_now(playbooks) - at) / DAY_MS;
    int64_t most = spec->days < 0 ? -spec->days : spec->days;
    const char *by;
    bool is_working = spec->due.tag != TEND_TREE_NIL;
    bool is_met = false;
    tend_status status;

    *ret_state = "waiting";
    if (at > tend_playbooks_now(playbooks))
        return TEND_OK;
    if (is_working) /* in days of the calendar: up to the date, or as long again after it */
        most = spec->days < 0 ? tend_playbooks_date(playbooks, at) - anchor : anchor - tend_playbooks_date(playbooks, at);
    status = tend_decide_met(playbooks, playbook, row, &is_met, &by, reterr);
    if (status < 0)
        return status;
    if (!is_met)
        *ret_state = "unmet";
    else if (is_line || !spec->starts_late || late_days > most)
        *ret_state = "late";
    return TEND_OK;
}

/* The subject's date and account; *ret_anchor TEND_NO_DATE when it has none or is gone. */
static tend_status read_anchor(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t id, tend_date *ret_anchor,
                               int64_t *ret_account, tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    const tend_kind_schema *kind = spec->subject;
    tend_world world = tend_world_live(playbooks->model);
    const tend_value *value;
    tend_row row;
    tend_status status = tend_read(&world, &playbook->principal, kind->kind, id, playbooks->arena, &row, reterr);

    *ret_anchor = TEND_NO_DATE;
    *ret_account = kind->kind == TEND_KIND_ACCOUNT ? id : 0;
    if (status < 0)
        return status == TEND_ENOTFOUND ? TEND_OK : status;
    if (kind->account_field >= 0 && row.values[kind->account_field].type == TEND_REF)
        *ret_account = row.values[kind->account_field].integer;
    if (spec->is_of_account) {
        status = *ret_account == 0
                     ? TEND_ENOTFOUND
                     : tend_read(&world, &playbook->principal, TEND_KIND_ACCOUNT, *ret_account, playbooks->arena, &row, reterr);
        if (status < 0)
            return status == TEND_ENOTFOUND ? TEND_OK : status;
    }
    value = &row.values[spec->anchor];
    if (value->type == TEND_DATE)
        *ret_anchor = (tend_date)value->integer;
    else if (value->type == TEND_TIME)
        *ret_anchor = tend_playbooks_date(playbooks, value->integer);
    return TEND_OK;
}

/* "1 day", "90 days". */
static const char *days_words(const tend_playbooks *playbooks, int64_t days)
{
    long long count = days < 0 ? -days : days;

    return tend_arena_print(playbooks->arena, "%lld day%s", count, count == 1 ? "" : "s");
}

/* "90 days", "5 business days" of the trigger. */
static const char *span_words(const tend_playbooks *playbooks, const tend_spec *spec)
{
    return spec->due.tag == TEND_TREE_NIL
               ? days_words(playbooks, spec->days)
               : tend_arena_print(playbooks->arena, "%s %s",
                                  spec->days == 1 || spec->days == -1
                                      ? "1 business"
                                      : tend_arena_print(playbooks->arena, "%lld business",
                                                         (long long)(spec->days < 0 ? -spec->days : spec->days)),
                                  spec->days == 1 || spec->days == -1 ? "day" : "days");
}

/* "ends_on", "account.customer_since" */
static const char *date_name(const tend_spec *spec)
{
    return spec->is_of_account ? spec->path : spec->subject->fields[spec->anchor].name;
}

static const char *late_words(tend_playbooks *playbooks, const tend_playbook *playbook, tend_date anchor, tend_time at)
{
    const tend_spec *spec = &playbook->bundle->spec;
    char date[TEND_DATE_ROOM];
    int64_t late_days = (tend_playbooks_now(playbooks) - at) / DAY_MS;

    return tend_arena_print(playbooks->arena, "%s is %s; the start, %s %s it, was %s; left out", date_name(spec),
                            tend_date_format(anchor, date), span_words(playbooks, spec), spec->days < 0 ? "after" : "before",
                            late_days == 0 ? "today"
                                           : tend_arena_print(playbooks->arena, "%s ago", days_words(playbooks, late_days)));
}

/* `event` NULL: the starting line. *ret_decided: the event's decision was written here. */
static tend_status update(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t row,
                          const char **ret_state, bool *ret_decided, tend_error *reterr)
{
    tend_date anchor;
    tend_time at;
    int64_t account;
    due_row due;
    bool is_late_history;
    tend_status status = read_anchor(playbooks, playbook, row, &anchor, &account, reterr);

    *ret_state = NULL;
    if (status == TEND_OK)
        status = read_due(playbooks, playbook, row, &due, reterr);
    if (status < 0)
        return status;
    if (anchor == TEND_NO_DATE) {
        if (!due.exists || strcmp(due.state, "fired") == 0)
            return TEND_OK;
        return tend_sql_run(playbooks->store, reterr, "DELETE FROM dues WHERE playbook = ?1 AND kind = ?2 AND row = ?3", "sii",
                            playbook->name, (int64_t)playbook->bundle->spec.subject->kind, row);
    }
    status = instant_of(playbooks, playbook, row, account, anchor, event ? &due : NULL, &at, reterr);
    if (status < 0)
        return status;
    if (due.exists && at == due.at && strcmp(due.state, "unmet") != 0)
        return TEND_OK;
    if (due.exists && strcmp(due.state, "fired") == 0 && at <= tend_playbooks_now(playbooks))
        return write_due(playbooks, playbook, row, account, at, anchor, "fired", reterr);
    is_late_history = event && event->is_history;
    status = choose_state(playbooks, playbook, row, at, anchor, !event || is_late_history, ret_state, reterr);
    if (status == TEND_OK &&
        (!due.exists || at != due.at || anchor != due.anchor || account != due.account || strcmp(*ret_state, due.state) != 0))
        status = write_due(playbooks, playbook, row, account, at, anchor, *ret_state, reterr);
    if (status < 0 || !event || strcmp(*ret_state, "late") != 0 || *ret_decided)
        return status;
    *ret_decided = true;
    if (is_late_history)
        return tend_decide_count(playbooks, playbook, event, "suppressed", 1, reterr);
    return tend_decide_note(playbooks, playbook, event, row, account, "late", late_words(playbooks, playbook, anchor, at), 0,
                            reterr);
}

tend_status tend_due_update(tend_playbooks *playbooks, tend_playbook *playbook, const tend_event *event, int64_t row,
                            bool *ret_decided, tend_error *reterr)
{
    const char *state;

    if (playbook->bundle->spec.is_cadence)
        return tend_cadence_update(playbooks, playbook, row, reterr);
    return update(playbooks, playbook, event, row, &state, ret_decided, reterr);
}

/* Rows of an account that did not meet the condition when their day came, looked at again; all of them where their day or their
 * rhythm hangs on the account. */
tend_status tend_due_account(tend_playbooks *playbooks, tend_playbook *playbook, int64_t account, tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    tend_event none = { 0 };
    tend_statement *statement;
    int64_t rows[256];
    size_t count = 0;
    bool has_row = false, is_decided = true, is_all = spec->is_cadence || spec->is_of_account;
    const char *sql = is_all && spec->subject->account_field >= 0
                          ? tend_arena_print(playbooks->arena,
                                             "SELECT id FROM \"%s\" WHERE \"%s\" = ?1 AND removed_at IS NULL AND ?2 <> '' LIMIT"
                                             " 256",
                                             spec->subject->table, spec->subject->fields[spec->subject->account_field].name)
                          : "SELECT row FROM dues WHERE account = ?1 AND state = 'unmet' AND playbook = ?2 LIMIT 256";
    tend_status status = sql ? tend_sql_ask(playbooks->store, &statement, reterr, sql, "is", account, playbook->name)
                             : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");

    if (status < 0)
        return status;

    while (status >= 0 && count < 256 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        rows[count++] = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    for (size_t i = 0; i < count && status >= 0; i++)
        status = tend_due_update(playbooks, playbook, &none, rows[i], &is_decided, reterr);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_due_scan(tend_playbooks *playbooks, tend_playbook *playbook, tend_error *reterr)
{
    const tend_kind_schema *kind = playbook->bundle->spec.subject;
    char sql[256];
    int64_t last = 0, left_out = 0, count = 0;
    bool is_decided = true, has_row = true;
    tend_status status = TEND_OK;

    (void)snprintf(sql, sizeof sql, "SELECT id FROM \"%s\" WHERE id > ?1 AND %s IS NULL ORDER BY id LIMIT 1", kind->table,
                   kind->is_fact ? "closed_at" : "removed_at");
    while (status == TEND_OK && has_row) {
        const char *state = NULL;
        int64_t id = 0;

        status = tend_sql_number(playbooks->store, 0, &id, reterr, sql, "i", last);
        has_row = id != 0;
        if (status < 0 || !has_row)
            break;
        status = playbook->bundle->spec.is_cadence ? tend_cadence_update(playbooks, playbook, id, reterr)
                                                   : update(playbooks, playbook, NULL, id, &state, &is_decided, reterr);
        left_out += state && strcmp(state, "late") == 0;
        last = id;
        if (++count % 1000 == 0)
            tend_arena_reset(playbooks->arena);
    }
    if (status == TEND_OK && left_out > 0)
        tend_log(TEND_LOG_WARN, "playbooks", "rows whose day to start had passed are left out; tend playbook release starts them",
                 "playbook", playbook->name, "rows", tend_logf("%lld", (long long)left_out), NULL);
    return status;
}

static tend_status fire_one(tend_playbooks *playbooks, tend_playbook *playbook, int64_t row, int64_t account, tend_error *reterr)
{
    const tend_kind_schema *kind = playbook->bundle->spec.subject;
    tend_event event = { .kind = (int32_t)kind->kind, .first = row, .last = row, .account = account };
    const char *by;
    bool is_met = false;
    int64_t sequence;
    bool is_cadence = playbook->bundle->spec.is_cadence;
    tend_status status = is_cadence ? tend_cadence_fire(playbooks, playbook, row, &is_met, reterr)
                                    : tend_decide_met(playbooks, playbook, row, &is_met, &by, reterr);

    if (status == TEND_OK && !is_cadence)
        status = tend_sql_run(playbooks->store, reterr,
                              "UPDATE dues SET state = ?4, fired_at = ?5 WHERE playbook = ?1 AND kind = ?2 AND row = ?3", "siisi",
                              playbook->name, (int64_t)kind->kind, row, is_met ? "fired" : "unmet", tend_playbooks_now(playbooks));
    if (status < 0 || !is_met)
        return status;
    (void)snprintf(event.topic, sizeof event.topic, "due.%.50s", playbook->name);
    event.shard = tend_shard_of(account);
    event.recorded_at = tend_playbooks_now(playbooks);
    return tend_bus_publish(tend_model_bus(playbooks->model), &event, false, &sequence, reterr);
}

static tend_status fire_playbook(tend_playbooks *playbooks, tend_playbook *playbook, bool *ret_did, tend_error *reterr)
{
    int64_t rows[FIRE_AT_ONCE], accounts[FIRE_AT_ONCE];
    tend_statement *statement;
    size_t count = 0;
    bool has_row = false;
    tend_status status =
        tend_sql_ask(playbooks->store, &statement, reterr,
                     "SELECT row, account FROM dues WHERE state = 'waiting' AND at <= ?1 AND playbook = ?2 AND kind = ?3"
                     " ORDER BY at, row LIMIT 200",
                     "isi", tend_playbooks_now(playbooks), playbook->name, (int64_t)playbook->bundle->spec.subject->kind);

    while (status >= 0 && count < FIRE_AT_ONCE && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        rows[count] = tend_statement_int(statement, 0);
        accounts[count++] = tend_statement_int(statement, 1);
    }
    tend_statement_end(statement);
    if (status < 0 || count == 0)
        return status < 0 ? status : TEND_OK;
    *ret_did = true;
    status = tend_model_begin_soft(playbooks->model, reterr);
    if (status < 0)
        return status;
    for (size_t i = 0; i < count && status == TEND_OK; i++)
        status = fire_one(playbooks, playbook, rows[i], accounts[i], reterr);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}

tend_status tend_due_fire(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++)
        if (playbooks->list[i].bundle->spec.is_due)
            status = fire_playbook(playbooks, &playbooks->list[i], ret_did, reterr);
    return status;
}

tend_status tend_due_why(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, const char **ret_why,
                         tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    char date[TEND_DATE_ROOM];
    int64_t late_days;
    due_row due;
    tend_status status;

    if (spec->is_cadence)
        return tend_cadence_why(playbooks, playbook, row, ret_why, reterr);
    status = read_due(playbooks, playbook, row, &due, reterr);

    if (status < 0)
        return status;
    late_days = (tend_playbooks_now(playbooks) - due.at) / DAY_MS;
    *ret_why = tend_arena_print(playbooks->arena, "%s %s %s, %s", span_words(playbooks, spec), spec->days < 0 ? "after" : "before",
                                date_name(spec), tend_date_format(due.anchor, date));
    if (*ret_why && late_days > 0)
        *ret_why = tend_arena_print(playbooks->arena, "%s; %s late", *ret_why, days_words(playbooks, late_days));
    return *ret_why ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}
