/* guard.c: whether a move may act: not at the end of a long chain of causes, not beyond what one cause may lead to, and not beyond
 * what a playbook does in a while unless somebody has looked. */
#include "playbook/guard.h"

#include "base/log.h"
#include <string.h>

/* Runs that wait go on charging the cause that moved them last: a window shorter than a month would forget them too soon. */
#define CAUSE_LEAST_MS (INT64_C(31) * 86400000)

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS playbook_cycles (chain TEXT PRIMARY KEY, why TEXT NOT NULL, since INTEGER NOT NULL,"
    " is_current INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* effects that one cause has led to, the last of them at the instant */
    "CREATE TABLE IF NOT EXISTS cause_effects (root INTEGER PRIMARY KEY, effects INTEGER NOT NULL, last_at INTEGER NOT NULL "
    "DEFAULT 0)"
    " STRICT;"
    /* effects of a playbook since the instant */
    "CREATE TABLE IF NOT EXISTS playbook_effects (playbook TEXT PRIMARY KEY, since INTEGER NOT NULL, effects INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    /* runs that wait for approval of what they would do; one that was put to work again is approved */
    "CREATE TABLE IF NOT EXISTS held_effects (run INTEGER PRIMARY KEY, playbook TEXT NOT NULL, effects INTEGER NOT NULL) STRICT;"
    /* rows that met a condition when it was new */
    "CREATE TABLE IF NOT EXISTS left_out (playbook TEXT NOT NULL, kind INTEGER NOT NULL, row INTEGER NOT NULL,"
    " PRIMARY KEY (playbook, kind, row)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS held_effects_playbook ON held_effects (playbook);";

const tend_setting tend_guard_settings[] = {
    { .key = "depth",
      .type = TEND_SETTING_INT,
      .fallback = "16",
      .min = 1,
      .max = TEND_DEPTH_MAX,
      .help = "how many causes may follow each other before a run of a playbook is held" },
    { .key = "budget",
      .type = TEND_SETTING_INT,
      .fallback = "10000",
      .min = 0,
      .max = 1000000000,
      .help = "how many effects one cause may lead to, for each row that it is about; 0: any number" },
    { .key = "most_effects",
      .type = TEND_SETTING_INT,
      .fallback = "10000",
      .min = 0,
      .max = 1000000000,
      .help = "effects of one playbook within the time below, after which its runs are held for approval; 0: any number" },
    { .key = "effects_within",
      .type = TEND_SETTING_DURATION,
      .fallback = "1 h",
      .min = 1000,
      .max = INT64_C(366) * 86400000,
      .help = "the time in which they are counted" },
    { .key = NULL },
};

tend_status tend_guard_tables(tend_store *store, tend_error *reterr)
{
    bool has_last = false;
    tend_status status = tend_store_run(store, tables, reterr);

    if (status >= 0)
        status = tend_store_look_for(store, "cause_effects", "last_at", &has_last, reterr);
    if (status >= 0 && !has_last)
        status = tend_store_run(store,
                                "ALTER TABLE cause_effects ADD COLUMN last_at INTEGER NOT NULL DEFAULT 0;"
                                "UPDATE cause_effects SET last_at = coalesce((SELECT recorded_at FROM events"
                                " WHERE sequence = root), 0);",
                                reterr);
    return status;
}

bool tend_guard_counts(const char *verb)
{
    static const char *const effects[] = { "task", "notify", "escalate", "set", "approve", "ask", "call", "child", "bulk" };

    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
        if (strcmp(effects[i], verb) == 0)
            return true;
    return false;
}

static int64_t setting(const tend_playbooks *playbooks, const char *playbook, const char *key)
{
    const tend_config *config = playbooks->config;

    if (!config)
        return 0;
    if (playbook && tend_config_has(config, "playbook", playbook, key))
        return tend_config_int(config, "playbook", playbook, key);
    return tend_config_int(config, "playbooks", NULL, key);
}

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

/* Whose move the event came from, of those that its cause moved; "" when nobody knows. */
static tend_status find_maker(tend_playbooks *playbooks, const tend_event *event, int64_t account, const char **ret_name,
                              tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(
        playbooks->store, &statement, reterr,
        "SELECT playbook FROM runs r WHERE account = ?1 AND (cause = ?2 OR moved_by = ?2) ORDER BY EXISTS (SELECT 1 FROM steps s"
        " WHERE s.run = r.id AND s.kind = ?3 AND s.row BETWEEN ?4 AND ?5) DESC, id LIMIT 1",
        "iiiii", account, event->cause, (int64_t)event->kind, event->first, event->last);

    *ret_name = "";
    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_name = tend_arena_string(playbooks->arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return status < 0 ? status : *ret_name ? TEND_OK : out_of_memory(reterr);
}

tend_status tend_guard_chain(tend_playbooks *playbooks, const tend_run *run, const char **ret_chain, tend_error *reterr)
{
    tend_bus *bus = tend_model_bus(playbooks->model);
    const char *chain = run->playbook, *maker;
    tend_event event = { .cause = run->moved_by };
    tend_status status = TEND_OK;

    for (int i = 0; i <= TEND_DEPTH_MAX + 1 && event.cause != 0 && status == TEND_OK; i++) {
        status = tend_bus_get(bus, event.cause, &event, reterr);
        if (status < 0)
            return status == TEND_ENOTFOUND ? TEND_OK : status;
        if (event.cause == 0) {
            chain = tend_arena_print(playbooks->arena, "%s (event %lld) -> %s", event.topic, (long long)event.sequence, chain);
        } else {
            status = find_maker(playbooks, &event, run->account, &maker, reterr);
            if (status == TEND_OK) /* what no playbook did is named by its topic: a KPI, a role that followed */
                chain = tend_arena_print(playbooks->arena, "%s -> %s", maker[0] ? maker : event.topic, chain);
        }
        if (status == TEND_OK && !chain)
            status = out_of_memory(reterr);
    }
    *ret_chain = chain;
    return status;
}

/* *ret_why when the chain is at its end, or its first cause has led to enough. */
static tend_status ask_cause(tend_playbooks *playbooks, const tend_run *run, int64_t effects, const char **ret_why,
                             tend_error *reterr)
{
    int64_t depth = setting(playbooks, NULL, "depth"), budget = setting(playbooks, NULL, "budget"), before = 0;
    const char *chain = "";
    tend_event cause, root;
    tend_status status = tend_bus_get(tend_model_bus(playbooks->model), run->moved_by, &cause, reterr);

    if (status < 0)
        return status == TEND_ENOTFOUND ? TEND_OK : status;
    if (cause.depth >= (depth > 0 ? depth : TEND_DEPTH_MAX)) {
        status = tend_guard_chain(playbooks, run, &chain, reterr);
        *ret_why =
            tend_arena_print(playbooks->arena,
                             "is the end of a chain of %d causes that began with event %lld: %s; look for playbooks that start "
                             "each other",
                             (int)cause.depth, (long long)cause.root, chain);
        return status < 0 || *ret_why ? status : out_of_memory(reterr);
    }
    if (budget == 0 || cause.root == 0)
        return TEND_OK;
    status =
        tend_sql_number(playbooks->store, 0, &before, reterr, "SELECT effects FROM cause_effects WHERE root = ?1", "i", cause.root);
    if (status == TEND_OK && before + effects > budget) {
        status = tend_bus_get(tend_model_bus(playbooks->model), cause.root, &root, reterr);
        if (status == TEND_OK && before + effects > budget * tend_event_rows(&root)) {
            status = tend_guard_chain(playbooks, run, &chain, reterr);
            *ret_why =
                tend_arena_print(playbooks->arena,
                                 "one cause has led to %lld effects, and [playbooks] budget allows no more: %s; look for what "
                                 "multiplies, or raise the budget, then tend playbook retry %lld",
                                 (long long)before, chain, (long long)run->id);
            return status < 0 || *ret_why ? status : out_of_memory(reterr);
        }
        if (status == TEND_ENOTFOUND)
            status = TEND_OK;
    }
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr,
                              "INSERT INTO cause_effects (root, effects, last_at) VALUES (?1, ?2, ?3) ON CONFLICT (root)"
                              " DO UPDATE SET effects = effects + excluded.effects, last_at = excluded.last_at",
                              "iii", cause.root, effects, tend_playbooks_now(playbooks));
    return status;
}

/* What the playbook has done since the count began; 0 when that is too long ago. */
static tend_status read_count(tend_playbooks *playbooks, const char *playbook, int64_t within_ms, int64_t *ret_since,
                              int64_t *ret_effects, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_time now = tend_playbooks_now(playbooks);
    tend_status status = tend_sql_ask(playbooks->store, &statement, reterr,
                                      "SELECT since, effects FROM playbook_effects WHERE playbook = ?1", "s", playbook);

    *ret_since = now;
    *ret_effects = 0;
    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row && tend_statement_int(statement, 0) <= now && now - tend_statement_int(statement, 0) < within_ms) {
        *ret_since = tend_statement_int(statement, 0);
        *ret_effects = tend_statement_int(statement, 1);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_playbook_held(tend_store *store, const char *name, int64_t *ret_runs, tend_error *reterr)
{
    *ret_runs = 0;
    if (!tend_store_has_table(store, "held_effects"))
        return TEND_OK;
    return tend_sql_number(store, 0, ret_runs, reterr,
                           "SELECT count(*) FROM held_effects h JOIN runs r ON r.id = h.run WHERE h.playbook = ?1"
                           " AND r.state = 'held'",
                           "s", name);
}

static const char *within_words(const tend_config *config, const char *playbook)
{
    return tend_config_has(config, "playbook", playbook, "effects_within")
               ? tend_config_text(config, "playbook", playbook, "effects_within")
               : tend_config_text(config, "playbooks", NULL, "effects_within");
}

/* *ret_why when the playbook has done enough for a while; the run is noted as one that waits for approval. */
static tend_status ask_playbook(tend_playbooks *playbooks, const tend_run *run, int64_t effects, const char **ret_why,
                                tend_error *reterr)
{
    int64_t most = setting(playbooks, run->playbook, "most_effects");
    int64_t within = setting(playbooks, run->playbook, "effects_within"), since = 0, before = 0, is_noted = 0, held = 0;
    const tend_config *config = playbooks->config;
    tend_status status = TEND_OK;

    if (most == 0)
        return TEND_OK;
    status =
        tend_sql_number(playbooks->store, 0, &is_noted, reterr, "SELECT count(*) FROM held_effects WHERE run = ?1", "i", run->id);
    if (status == TEND_OK && is_noted) /* somebody let it go on */
        return tend_sql_run(playbooks->store, reterr, "DELETE FROM held_effects WHERE run = ?1", "i", run->id);
    if (status == TEND_OK)
        status = read_count(playbooks, run->playbook, within, &since, &before, reterr);
    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &held, reterr,
                                 "SELECT 1 FROM held_effects h JOIN runs r ON r.id = h.run WHERE h.playbook = ?1"
                                 " AND r.state = 'held' LIMIT 1",
                                 "s", run->playbook);
    if (status < 0)
        return status;
    if (before + effects <= most && held == 0)
        return tend_sql_run(playbooks->store, reterr,
                            "INSERT INTO playbook_effects (playbook, since, effects) VALUES (?1, ?2, ?3) ON CONFLICT (playbook)"
                            " DO UPDATE SET since = excluded.since, effects = excluded.effects",
                            "sii", run->playbook, since, before + effects);
    *ret_why =
        tend_arena_print(playbooks->arena,
                         "waits for approval: %s reached its %lld effects within %s; tend playbook release %s lets it go on, "
                         "tend playbook drop %s ends it",
                         run->playbook, (long long)most, within_words(config, run->playbook), run->playbook, run->playbook);
    if (!*ret_why)
        return out_of_memory(reterr);
    return tend_sql_run(playbooks->store, reterr, "INSERT INTO held_effects (run, playbook, effects) VALUES (?1, ?2, ?3)", "isi",
                        run->id, run->playbook, effects);
}

tend_status tend_guard_ask(tend_playbooks *playbooks, const tend_run *run, int64_t effects, const char **ret_why,
                           tend_error *reterr)
{
    tend_status status = TEND_OK;

    *ret_why = NULL;
    if (effects > 0)
        status = ask_playbook(playbooks, run, effects, ret_why, reterr);
    if (effects > 0 && status == TEND_OK && !*ret_why)
        status = ask_cause(playbooks, run, effects, ret_why, reterr);
    return status;
}

tend_status tend_guard_day(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    const tend_date today = tend_playbooks_today(playbooks);
    int64_t within = setting(playbooks, NULL, "effects_within");
    tend_status status;

    (void)ret_did; /* nothing that anybody waits for */
    if (playbooks->pruned_on == today)
        return TEND_OK;
    if (within < CAUSE_LEAST_MS)
        within = CAUSE_LEAST_MS;
    status = tend_model_begin(playbooks->model, reterr);
    if (status == TEND_OK) {
        status = tend_sql_run(playbooks->store, reterr, "DELETE FROM cause_effects WHERE last_at < ?1", "i",
                              tend_playbooks_now(playbooks) - within);
        if (status == TEND_OK)
            status = tend_model_commit(playbooks->model, reterr);
        else
            tend_model_rollback(playbooks->model);
    }
    if (status == TEND_OK)
        playbooks->pruned_on = today;
    return status;
}
