/* needs.c: what the engine cannot settle by itself, each with how many and the command that goes on from there. */
#include "query/inside.h"
#include <libgen.h>
#include <string.h>
#include <sys/statvfs.h>

typedef struct needing {
    const tend_query *query;
    tend_need_told told;
    void *self;
    int64_t count;
} needing;

static tend_status tell(needing *needs, const char *topic, const char *what, int64_t count, const char *see, tend_error *reterr)
{
    needs->count++;
    if (!what || !see)
        return tend_fail(reterr, TEND_ENOMEM, "status: no memory for what needs somebody");
    return needs->told ? needs->told(needs->self, &(tend_need){ .topic = topic, .what = what, .see = see, .count = count }, reterr)
                       : TEND_OK;
}

static const struct {
    const char *topic, *table, *sql; /* rows of what, count, see */
} asked[] = {
    { "engine", "meta",
      "SELECT text, 1, 'mend or switch off what it did last, then let it read its configuration again (SIGHUP, systemctl reload "
      "tend) or start it with tend serve --normal' FROM meta WHERE name = 'engine.safe' AND text <> ''" },
    { "runs", "runs",
      "SELECT 'runs are held', count(*), 'tend playbook runs --state held' FROM runs WHERE state = 'held' HAVING count(*) > 0" },
    { "messages", "outbox",
      "SELECT 'messages could not be delivered', count(*), 'tend outbox list' FROM outbox WHERE state = 'dead' HAVING count(*) > "
      "0" },
    { "sink", "sinks_stopped",
      "SELECT 'sink ' || s.sink || ' is stopped: ' || s.why, (SELECT count(*) FROM outbox o WHERE o.channel = s.channel AND "
      "o.state "
      "= 'waiting'), 'messages wait; mend [sink.' || s.sink || '], then let the engine read it (systemctl reload tend, or tend "
      "once)' "
      "FROM sinks_stopped s WHERE {sinks} ORDER BY s.sink" },
    { "source", "syncs",
      "SELECT 'source ' || source || ' ended badly: ' || coalesce(why, 'no reason was given'), 1, 'tend sync ' || source FROM "
      "syncs "
      "WHERE is_good = 0 AND {sources} ORDER BY source" },
    { "rejects", "owed_records",
      "SELECT 'records of source ' || source || ' were rejected', count(*), 'tend rejects list ' || source FROM owed_records GROUP "
      "BY source ORDER BY source" },
    { "import", "batches",
      "SELECT 'batches were cut off', count(*), 'tend batches; start the same import again' FROM batches WHERE closed_at IS NULL "
      "HAVING count(*) > 0" },
    { "playbook", "playbook_faults",
      "SELECT 'playbook ' || name || CASE WHEN is_left_out THEN ' is left out' ELSE ' works on with its last good script' END, 1, "
      "why FROM playbook_faults ORDER BY name" },
    { "playbook", "held_effects",
      "SELECT 'runs of ' || h.playbook || ' wait for approval: it did more than it may in a while', count(*), 'tend playbook "
      "release ' "
      "|| h.playbook || ' lets them go on, tend playbook drop ' || h.playbook || ' ends them' FROM held_effects h JOIN runs r ON "
      "r.id "
      "= h.run WHERE r.state = 'held' GROUP BY h.playbook ORDER BY h.playbook" },
    { "playbook", "playbook_cycles", "SELECT 'playbooks start each other, ' || chain, 1, why FROM playbook_cycles ORDER BY chain" },
};

const char *query_configured(const tend_query *query, const char *column, const char *section)
{
    const char *list = "", *name;

    if (!query->config)
        return "1";
    for (size_t i = 0; list && (name = tend_config_instance(query->config, section, i)); i++) {
        const char *quoted = query_quoted(query, name);

        list = quoted ? tend_arena_print(query->arena, "%s%s%s", list, i > 0 ? ", " : "", quoted) : NULL;
    }
    return list ? tend_arena_print(query->arena, "%s IN (%s)", column, list) : NULL;
}

/* `sql` with {sinks} and {sources}: those that are configured still. */
static const char *fill(const tend_query *query, const char *sql)
{
    static const struct {
        const char *word, *column, *section;
    } words[] = { { "{sinks}", "s.sink", "sink" }, { "{sources}", "source", "source" } };

    for (int i = 0; i < QUERY_COUNT(words); i++) {
        const char *at = strstr(sql, words[i].word), *condition;

        if (!at)
            continue;
        condition = query_configured(query, words[i].column, words[i].section);
        sql = condition ? tend_arena_print(query->arena, "%.*s%s%s", (int)(at - sql), sql, condition, at + strlen(words[i].word))
                        : NULL;
        if (!sql)
            return NULL;
    }
    return sql;
}

static tend_status ask(needing *needs, const char *topic, const char *sql, tend_error *reterr)
{
    const tend_query *query = needs->query;
    const char *filled = fill(query, sql);
    tend_statement *statement;
    bool has_row = false;
    tend_status status = filled ? tend_store_prepare(query->world.store, filled, &statement, reterr)
                                : tend_fail(reterr, TEND_ENOMEM, "status: no memory for what needs somebody");

    if (status < 0)
        return status;
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        status = tell(needs, topic, query_text(query, statement, 0), tend_statement_int(statement, 1),
                      query_text(query, statement, 2), reterr);
        if (status < 0)
            break;
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status ask_disk(needing *needs, tend_error *reterr)
{
    char *path = tend_arena_string(needs->query->arena, tend_store_path(needs->query->world.store));
    const char *folder = path ? dirname(path) : NULL;
    struct statvfs disk;
    int64_t room;

    if (!folder || statvfs(folder, &disk) != 0)
        return TEND_OK; /* doctor says why not */
    room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    if (room >= TEND_DISK_NEARLY_FULL)
        return TEND_OK;
    return tell(
        needs, "disk",
        tend_arena_print(needs->query->arena, "the disk of %s is nearly full: %lld KiB are free", folder, (long long)(room / 1024)),
        1, "free some space; without it nothing can be stored", reterr);
}

tend_status tend_query_needs(const tend_query *query, tend_need_told told, void *self, int64_t *ret_count, tend_error *reterr)
{
    needing needs = { query, told, self, 0 };
    tend_status status = ask_disk(&needs, reterr);

    for (int i = 0; status >= 0 && i < QUERY_COUNT(asked); i++)
        if (tend_store_has_table(query->world.store, asked[i].table))
            status = ask(&needs, asked[i].topic, asked[i].sql, reterr);
    *ret_count = needs.count;
    return status;
}
