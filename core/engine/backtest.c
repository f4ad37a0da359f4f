#include "engine/backtest.h"
#include "base/file.h"
#include "engine/backtest_answers.h"
#include "kpi/refresh.h"
#include "model/merge.h"
#include "playbook/sql.h"
#include "playbook/tables.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The desk's clock: one at a time in a process. */
static tend_time desk_now;

/* A private store that grows as the company learnt. */
typedef struct replaying {
    tend_workspace *history, *desk;
    const tend_backtest_options *options;
    const tend_backtest_version *version;
    char path[4000];
    char scripts[8192];
    tend_replay *replay;
    tend_playbooks *playbooks;
    tend_answers *answers;
    tend_time ends_at, next_day; /* next_day: numbers are computed anew; TEND_NO_TIME: it names none */
    tend_arena *arena;
    tend_backtest *found;
    tend_error *reterr;
} replaying;

static tend_status no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "backtest: memory is used up");
}

/* -- the copy -- */

static tend_status path_of(const tend_workspace *workspace, const char *name, char *ret_path, size_t room, tend_error *reterr)
{
    char folder[3900];
    tend_status status = tend_workspace_subfolder(workspace, "spool", folder, sizeof folder, reterr);

    if (status < 0)
        return status;
    if (snprintf(ret_path, room, "%s/%s-%ld.db", folder, name, (long)getpid()) >= (int)room)
        return tend_fail(reterr, TEND_EINVAL, "%s: the path is too long", folder);
    tend_store_remove_copy(ret_path);
    return TEND_OK;
}

tend_status tend_backtest_open(tend_workspace *live, tend_workspace **ret_history, tend_error *reterr)
{
    char path[4000];
    tend_status status = path_of(live, "history", path, sizeof path, reterr);

    return status < 0 ? status : tend_workspace_open_copy(live, path, *tend_workspace_clock(live), ret_history, reterr);
}

void tend_backtest_close(tend_workspace *history)
{
    char path[4096];

    if (!history)
        return;
    (void)snprintf(path, sizeof path, "%s", tend_store_path(tend_workspace_store(history)));
    tend_workspace_close(history);
    tend_store_remove_copy(path);
}

tend_status tend_backtest_until(tend_workspace *history, tend_date *ret_day, tend_error *reterr)
{
    tend_time last, now = tend_clock_now(tend_workspace_clock(history));
    tend_status status = tend_replay_last(tend_workspace_store(history), tend_workspace_schema(history), now, &last, reterr);

    if (status >= 0 && last == TEND_NO_TIME)
        return tend_fail(reterr, TEND_ENOTFOUND, "backtest: the store knows nothing yet; import something first");
    if (status >= 0)
        *ret_day = tend_zone_date(tend_workspace_zone(history), last);
    return status;
}

/* -- versions -- */

static tend_status list_versions(tend_workspace *history, const char *playbook, char *ret_list, size_t room, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    size_t length = 0;
    char date[TEND_DATE_ROOM];
    tend_status status =
        tend_sql_ask(tend_workspace_store(history), &statement, reterr,
                     "SELECT substr(hash, 1, 8), stored_at FROM bundles WHERE name = ?1 ORDER BY id DESC LIMIT 5", "s", playbook);

    ret_list[0] = '\0';
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row && length < room)
        length += (size_t)snprintf(
            ret_list + length, room - length, "%s%s of %s", length ? ", " : "", tend_statement_text(statement, 0, NULL),
            tend_date_format(tend_zone_date(tend_workspace_zone(history), tend_statement_int(statement, 1)), date));
    tend_statement_end(statement);
    return status;
}

tend_status tend_backtest_find_version(tend_workspace *history, const char *playbook, const char *hash, int64_t *ret_bundle,
                                       tend_error *reterr)
{
    char list[400];
    int64_t count = 0;
    tend_status status = TEND_OK;

    if (strlen(hash) >= 4 && hash[strspn(hash, "0123456789abcdef")] == '\0')
        status = tend_sql_number(tend_workspace_store(history), 0, &count, reterr,
                                 "SELECT count(*) FROM bundles WHERE name = ?1 AND substr(hash, 1, length(?2)) = ?2", "ss",
                                 playbook, hash);
    if (status >= 0 && count == 1)
        return tend_sql_number(tend_workspace_store(history), 0, ret_bundle, reterr,
                               "SELECT id FROM bundles WHERE name = ?1 AND substr(hash, 1, length(?2)) = ?2", "ss", playbook, hash);
    if (status >= 0)
        status = list_versions(history, playbook, list, sizeof list, reterr);
    if (status < 0)
        return status;
    if (list[0] == '\0')
        return tend_fail(reterr, TEND_ENOTFOUND, "playbook %s: no version of it has worked here yet; name a file", playbook);
    return tend_fail(reterr, TEND_ENOTFOUND, "playbook %s: '%s' is %s; kept are %s", playbook, hash,
                     count > 1 ? "more than one version" : "no version of it", list);
}

/* The bundle goes over to the desk under its own id, with its libraries. */
static tend_status lend_bundle(replaying *play)
{
    tend_store *from = tend_workspace_store(play->history), *into = tend_workspace_store(play->desk);
    tend_statement *statement;
    bool has_row = false;
    size_t length;
    const void *bytes;
    tend_buffer settings = { 0 };
    tend_status status = tend_sql_ask(from, &statement, play->reterr,
                                      "SELECT id, hash, name, path, api, script, stored_at, settings FROM bundles WHERE id = ?1",
                                      "i", play->version->bundle);

    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, play->reterr);
    if (status >= 0 && !has_row)
        status = tend_fail(play->reterr, TEND_ENOTFOUND, "bundles: %lld is missing", (long long)play->version->bundle);
    if (status >= 0) {
        bytes = tend_statement_bytes(statement, 7, &length);
        tend_buffer_append(&settings, bytes, length);
        status = tend_sql_run(into, play->reterr,
                              "INSERT INTO bundles (id, hash, name, path, api, script, settings, stored_at)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                              "isssisbi", tend_statement_int(statement, 0), tend_statement_text(statement, 1, NULL),
                              tend_statement_text(statement, 2, NULL), tend_statement_text(statement, 3, NULL),
                              tend_statement_int(statement, 4), tend_statement_text(statement, 5, NULL), &settings,
                              tend_statement_int(statement, 6));
    }
    tend_statement_end(statement);
    tend_buffer_clear(&settings);
    if (status >= 0)
        status = tend_sql_ask(from, &statement, play->reterr, "SELECT name, text FROM bundle_libraries WHERE bundle = ?1", "i",
                              play->version->bundle);
    if (status < 0)
        return status;
    while ((status = tend_statement_step(statement, &has_row, play->reterr)) >= 0 && has_row && status >= 0)
        status =
            tend_sql_run(into, play->reterr, "INSERT INTO bundle_libraries (bundle, name, text) VALUES (?1, ?2, ?3)", "iss",
                         play->version->bundle, tend_statement_text(statement, 0, NULL), tend_statement_text(statement, 1, NULL));
    tend_statement_end(statement);
    return status;
}

/* -- numbers -- */

static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        char before = at == text ? ' ' : at[-1], after = at[length];

        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", before) &&
            (!after || !strchr("abcdefghijklmnopqrstuvwxyz0123456789_", after)))
            return true;
    }
    return false;
}

/* Whether the script or a library of it names a number that is published; a word in a text counts, too, and costs only time. */
static tend_status names_measures(replaying *play, bool *ret_names)
{
    const tend_config *config = tend_workspace_config(play->desk);
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(tend_workspace_store(play->desk), &statement, play->reterr,
                                      "SELECT script FROM bundles UNION ALL SELECT text FROM bundle_libraries", "");

    *ret_names = false;
    if (status < 0)
        return status;
    while ((status = tend_statement_step(statement, &has_row, play->reterr)) >= 0 && has_row && !*ret_names) {
        const char *text = tend_statement_text(statement, 0, NULL), *id;

        *ret_names = has_word(text, "health") || has_word(text, "segment");
        for (size_t i = 0; !*ret_names && (id = tend_config_entry(config, "kpi", NULL, "publish", i)) != NULL; i++)
            *ret_names = has_word(text, id);
    }
    tend_statement_end(statement);
    return status;
}

static tend_status compute_numbers(replaying *play)
{
    tend_kpis *kpis;
    tend_refresh_report report;
    tend_status status = tend_workspace_kpis(play->desk, &kpis, play->reterr);

    return status < 0 ? status
                      : tend_kpi_refresh(tend_workspace_model(play->desk), kpis, tend_workspace_scorecard(play->desk), false,
                                         &report, play->reterr);
}

/* -- a day after the other -- */

static tend_status open_playbook(replaying *play, FILE *faults)
{
    tend_workspace *desk = play->desk;
    tend_playbook_options options = { .scripts = play->scripts,
                                      .zone = tend_workspace_zone(desk),
                                      .language = tend_config_text(tend_workspace_config(desk), "tend", NULL, "language"),
                                      .send = tend_outbox_add,
                                      .only = play->options->playbook,
                                      .script = play->version->script,
                                      .bundle = play->version->bundle };
    const tend_rates *rates;
    tend_status status = tend_workspace_rates(desk, &rates, play->reterr);

    return status < 0 ? status
                      : tend_playbooks_open(tend_workspace_config(desk), tend_workspace_model(desk), tend_workspace_segments(desk),
                                            &options, faults, &play->playbooks, play->reterr);
}

/* What came so far is no news for the playbook. */
static tend_status draw_line(replaying *play, const char *sql)
{
    tend_store *store = tend_workspace_store(play->desk);
    tend_bus *bus = tend_workspace_bus(play->desk);
    int64_t last = 0;
    tend_status status = tend_bus_last(bus, &last, play->reterr);

    if (status >= 0)
        status = tend_store_begin(store, play->reterr);
    if (status < 0)
        return status;
    status = sql ? tend_store_run(store, sql, play->reterr) : TEND_OK;
    if (status >= 0 && last > 0)
        status = tend_bus_subscribe(bus, "playbook", last, play->reterr);
    if (status >= 0 && last > 0)
        status = tend_bus_advance(bus, "playbook", last, play->reterr);
    if (status >= 0 && !sql && play->version->bundle != 0)
        status = lend_bundle(play);
    if (status >= 0)
        return tend_store_commit(store, play->reterr);
    tend_store_rollback(store);
    return status;
}

/* The playbook begins on the first day. What it has to know before are numbers, when it names some: which of its conditions hold
 * already is seen with them. */
static tend_status begin_playbook(replaying *play, FILE *faults)
{
    tend_status status = tend_workspace_scripts(play->desk, play->scripts, sizeof play->scripts, play->reterr);

    if (status >= 0)
        status = draw_line(play, NULL);
    if (status >= 0)
        status = open_playbook(play, faults);
    if (status >= 0)
        status = names_measures(play, &play->found->has_measures);
    if (status >= 0 && play->found->has_measures) {
        play->next_day = desk_now + 1;
        tend_playbooks_close(play->playbooks);
        play->playbooks = NULL;
        status = compute_numbers(play);
        if (status >= 0)
            status = draw_line(play, "DELETE FROM playbooks; DELETE FROM triggers; DELETE FROM edges; DELETE FROM dues");
        if (status >= 0)
            status = open_playbook(play, faults);
    }
    if (status >= 0)
        status = tend_sql_number(tend_workspace_store(play->desk), 0, &play->found->held_before, play->reterr,
                                 "SELECT (SELECT count(*) FROM edges WHERE playbook = ?1)"
                                 " + (SELECT count(*) FROM dues WHERE playbook = ?1 AND state = 'late')",
                                 "s", play->options->playbook);
    return status;
}

static tend_status work(replaying *play)
{
    bool did = true;
    tend_status status = TEND_OK;

    while (status >= 0 && did)
        status = tend_playbooks_step(play->playbooks, &did, play->reterr);
    return status < 0 ? status : tend_answers_look(play->answers, play->reterr);
}

static void earlier(tend_time *at, tend_time other)
{
    if (other != TEND_NO_TIME && (*at == TEND_NO_TIME || other < *at))
        *at = other;
}

/* Whatever comes next: something becomes known, something is due, somebody answers, a day begins. */
static tend_status next_instant(const replaying *play, tend_time *ret_at)
{
    tend_time due = TEND_NO_TIME;
    tend_status status = tend_playbooks_next_due(play->playbooks, &due, play->reterr);

    *ret_at = tend_replay_next(play->replay);
    earlier(ret_at, due);
    earlier(ret_at, tend_answers_next(play->answers));
    earlier(ret_at, play->next_day);
    return status;
}

static tend_status one_instant(replaying *play)
{
    const tend_zone *zone = tend_workspace_zone(play->desk);
    tend_status status = tend_replay_to(play->replay, desk_now, false, play->reterr);

    if (status >= 0)
        status = tend_answers_give(play->answers, desk_now, play->reterr);
    if (status >= 0)
        status = work(play);
    if (status < 0 || play->next_day == TEND_NO_TIME || desk_now < play->next_day)
        return status;
    play->next_day = tend_zone_midnight(zone, tend_zone_date(zone, desk_now) + 1);
    status = compute_numbers(play);
    return status < 0 ? status : work(play);
}

static tend_status go_through(replaying *play)
{
    tend_time at = TEND_NO_TIME;
    tend_status status = work(play);

    while (status >= 0) {
        status = next_instant(play, &at);
        if (status < 0 || at == TEND_NO_TIME || at > play->ends_at)
            break;
        desk_now = at > desk_now ? at : desk_now + 1; /* what is due but cannot be done is met again */
        status = one_instant(play);
    }
    return status;
}

/* -- what came of it -- */

static tend_status read_alerts(replaying *play)
{
    const tend_zone *zone = tend_workspace_zone(play->desk);
    tend_world world = tend_world_live(tend_workspace_model(play->history));
    tend_statement *statement;
    bool has_row = false;
    size_t count = 0;
    tend_alert *alerts = tend_arena_take(play->arena, ((size_t)play->found->runs + 1) * sizeof *alerts);
    tend_status status = alerts ? tend_sql_ask(tend_workspace_store(play->desk), &statement, play->reterr,
                                               "SELECT id, account, started_at FROM runs WHERE playbook = ?1 ORDER BY id", "s",
                                               play->options->playbook)
                                : no_memory(play->reterr);

    if (status < 0)
        return status;
    while (status >= 0 && count < (size_t)play->found->runs &&
           (status = tend_statement_step(statement, &has_row, play->reterr)) >= 0 && has_row) {
        tend_alert *alert = &alerts[count++];

        alert->run = tend_statement_int(statement, 0);
        alert->account = tend_statement_int(statement, 1);
        alert->day = tend_zone_date(zone, tend_statement_int(statement, 2));
        if (alert->account != 0) /* as merged in the end, so that it meets its outcome */
            status = tend_merge_resolve(&world, alert->account, &alert->account, play->reterr);
    }
    tend_statement_end(statement);
    tend_alerts_sort(alerts, count);
    for (size_t i = 0; i < count; i++)
        play->found->accounts += alerts[i].account != 0 && (i == 0 || alerts[i - 1].account != alerts[i].account);
    play->found->alerts = alerts;
    play->found->alert_count = count;
    return status;
}

static tend_status read_tasks(replaying *play)
{
    const tend_zone *zone = tend_workspace_zone(play->desk);
    tend_statement *statement;
    bool has_row = false;
    int64_t room = 0;
    size_t count = 0;
    tend_tasked *tasks = NULL;
    tend_status status = tend_sql_number(tend_workspace_store(play->desk), 0, &room, play->reterr,
                                         "SELECT count(*) FROM tasks WHERE run IN (SELECT id FROM runs)", "");

    if (status >= 0 && !(tasks = tend_arena_take(play->arena, ((size_t)room + 1) * sizeof *tasks)))
        status = no_memory(play->reterr);
    if (status >= 0)
        status = tend_sql_ask(tend_workspace_store(play->desk), &statement, play->reterr,
                              "SELECT coalesce(assignee, 0), recorded_at FROM tasks WHERE run IN (SELECT id FROM runs)", "");
    if (status < 0)
        return status;
    while (count < (size_t)room && (status = tend_statement_step(statement, &has_row, play->reterr)) >= 0 && has_row)
        tasks[count++] = (tend_tasked){ .user = tend_statement_int(statement, 0),
                                        .day = tend_zone_date(zone, tend_statement_int(statement, 1)) };
    tend_statement_end(statement);
    tend_tasked_sort(tasks, count);
    play->found->tasks = tasks;
    play->found->task_count = count;
    return status;
}

static tend_status read_version(replaying *play)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(tend_workspace_store(play->desk), &statement, play->reterr,
                                      "SELECT b.hash, b.path FROM bundles b JOIN playbooks p ON p.bundle = b.id"
                                      " WHERE p.name = ?1",
                                      "s", play->options->playbook);

    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, play->reterr);
    if (status >= 0 && has_row) {
        (void)snprintf(play->found->hash, sizeof play->found->hash, "%.8s", tend_statement_text(statement, 0, NULL));
        play->found->script = tend_arena_string(play->arena, tend_statement_text(statement, 1, NULL));
    }
    tend_statement_end(statement);
    return status;
}

static tend_status read_counts(replaying *play)
{
    tend_store *store = tend_workspace_store(play->desk);
    tend_backtest *found = play->found;
    const struct {
        const char *sql;
        int64_t *number;
    } numbers[] = {
        { "SELECT count(*) FROM runs WHERE playbook = ?1", &found->runs },
        { "SELECT count(*) FROM runs WHERE playbook = ?1 AND state = 'ended'", &found->ended },
        { "SELECT count(*) FROM runs WHERE playbook = ?1 AND state = 'stopped'", &found->stopped },
        { "SELECT count(*) FROM runs WHERE playbook = ?1 AND state = 'held'", &found->held },
        { "SELECT count(*) FROM runs WHERE playbook = ?1 AND state IN ('running', 'waiting')", &found->at_work },
        { "SELECT count(*) FROM outbox", &found->messages },
    };
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_playbook_reconcile(store, play->options->playbook, &found->events, &found->decisions, play->reterr);

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && status >= 0; i++)
        status = tend_sql_number(store, 0, numbers[i].number, play->reterr, numbers[i].sql, strchr(numbers[i].sql, '?') ? "s" : "",
                                 play->options->playbook);
    if (status >= 0 && found->held > 0)
        status =
            tend_sql_ask(store, &statement, play->reterr, "SELECT reason FROM runs WHERE state = 'held' ORDER BY id LIMIT 1", "");
    if (status < 0 || found->held == 0)
        return status;
    status = tend_statement_step(statement, &has_row, play->reterr);
    if (status >= 0 && has_row)
        found->held_why = tend_arena_string(play->arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return status;
}

static tend_status read_all(replaying *play)
{
    tend_status status = read_counts(play);

    play->found->replayed = *tend_replay_counted(play->replay);
    tend_answers_count(play->answers, &play->found->answered, &play->found->assumed, &play->found->unanswered);
    if (status >= 0)
        status = read_version(play);
    if (status >= 0)
        status = read_alerts(play);
    return status < 0 ? status : read_tasks(play);
}

/* -- all of it -- */

static tend_status prepare(replaying *play, FILE *faults)
{
    const tend_backtest_options *options = play->options;
    const tend_zone *zone = tend_workspace_zone(play->history);
    const char *written = tend_config_text(tend_workspace_config(play->history), "playbook", options->playbook, "principal");
    char principal[80];
    const tend_rates *rates;
    tend_status status = path_of(play->history, "backtest", play->path, sizeof play->path, play->reterr);

    desk_now = tend_zone_midnight(zone, options->from) - 1;
    play->ends_at = tend_zone_midnight(zone, options->to + 1) - 1;
    (void)snprintf(principal, sizeof principal, written && *written ? "%.70s" : "playbook:%.50s",
                   written && *written ? written : options->playbook);
    if (status >= 0)
        status = tend_workspace_open_empty(play->history, play->path, tend_clock_by_hand(&desk_now), &play->desk, play->reterr);
    if (status >= 0) /* nobody needs it after power loss */
        status = tend_store_set_durable(tend_workspace_store(play->desk), false, play->reterr);
    if (status >= 0)
        status = tend_replay_open(tend_workspace_store(play->history), tend_workspace_model(play->desk), options->playbook,
                                  principal, &play->replay, play->reterr);
    if (status >= 0)
        status = tend_replay_to(play->replay, desk_now, true, play->reterr);
    if (status >= 0)
        status = tend_workspace_rates(play->desk, &rates, play->reterr);
    if (status >= 0)
        status = begin_playbook(play, faults);
    if (status >= 0)
        status = tend_answers_open(tend_workspace_store(play->history), play->desk, options, &play->answers, play->reterr);
    return status;
}

tend_status tend_backtest_run(tend_workspace *history, const tend_backtest_options *options, const tend_backtest_version *version,
                              FILE *faults, tend_arena *arena, tend_backtest *ret_backtest, tend_error *reterr)
{
    replaying *play = calloc(1, sizeof *play);
    tend_backtest found = { 0 };
    tend_status status;

    if (!play)
        return no_memory(reterr);
    *play = (replaying){ .history = history,
                         .options = options,
                         .version = version,
                         .next_day = TEND_NO_TIME,
                         .arena = arena,
                         .found = &found,
                         .reterr = reterr };
    status = prepare(play, faults);
    if (status >= 0)
        status = go_through(play);
    if (status >= 0)
        status = read_all(play);
    tend_answers_close(play->answers);
    tend_playbooks_close(play->playbooks);
    tend_replay_close(play->replay);
    tend_workspace_close(play->desk);
    if (play->path[0])
        tend_store_remove_copy(play->path);
    free(play);
    if (status >= 0)
        *ret_backtest = found;
    return status;
}
