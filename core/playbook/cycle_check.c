/* cycle_check.c: the playbooks of a configuration, looked at together before they work; and those at work. */
#include "playbook/cycle.h"
#include "playbook/guard.h"

#include "base/log.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct cycle_check {
    const tend_config *config;
    const char *scripts;
    const tend_schema *schema;
    const tend_segments *segments;
    tend_sandbox *sandbox;
    tend_arena *arena;
    tend_bundle **bundles;
    tend_filter **filters;
    tend_cycle_node *nodes;
    size_t count;
    void (*tell)(void *self, const char *line);
    void *self;
    int found;
} cycle_check;

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
}

/* One that cannot be read has faults of its own, and is left out here. */
static tend_status add(cycle_check *check, const char *path, const char *name, bool is_given, tend_error *reterr)
{
    tend_playbook_section section = { .config = check->config, .name = name };
    tend_principal principal = tend_principal_named(TEND_PRINCIPAL_PLAYBOOK, "playbook");
    tend_spec_faults faults = { 0 };
    tend_filter *again = NULL, **where = &check->filters[check->count];
    tend_bundle **bundle = &check->bundles[check->count];
    tend_footprint *footprint = NULL;
    tend_error why = { 0 };
    tend_status status = tend_bundle_read(check->scripts, path, bundle, &why);

    if (status == TEND_OK && is_given)
        (*bundle)->path = path; /* as it was named */
    if (status == TEND_OK)
        status = tend_bundle_open(*bundle, 1, check->sandbox, check->schema, check->config ? tend_section_written : NULL, &section,
                                  &faults, &why);
    if (status == TEND_OK)
        status = tend_condition_parse(*bundle, check->schema, check->segments, &principal, where, &again, &why);
    tend_filter_free(again);
    if (status == TEND_OK)
        status = tend_footprint_read(*bundle, check->schema, check->arena, &footprint, &why);
    if (status < 0) {
        tend_filter_free(*where);
        tend_bundle_free(*bundle);
        *where = NULL;
        *bundle = NULL;
        return status == TEND_ENOMEM ? tend_fail(reterr, status, "%s", why.text) : TEND_OK;
    }
    check->nodes[check->count++] =
        (tend_cycle_node){ .name = (*bundle)->spec.name,
                           .bundle = *bundle,
                           .where = *where,
                           .footprint = footprint,
                           .is_meant = check->config && tend_config_bool(check->config, "playbook", name, "loops") };
    return TEND_OK;
}

static int compare_nodes(const void *a, const void *b)
{
    return strcmp(((const tend_cycle_node *)a)->name, ((const tend_cycle_node *)b)->name);
}

static void take_cycle(void *self, const char *chain, const char *line)
{
    cycle_check *check = self;

    (void)chain;
    check->found++;
    check->tell(check->self, line);
}

/* The script at `path`, if any, in the place of the section of its name. */
static tend_status add_all(cycle_check *check, const char *path, tend_error *reterr)
{
    const char *name, *only = NULL;
    char found[PATH_MAX];
    tend_error why;
    tend_status status = TEND_OK;

    if (path) {
        const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;

        only = tend_arena_copy(check->arena, file, strcspn(file, "."));
        status = only ? add(check, path, only, true, reterr) : out_of_memory(reterr);
        if (status < 0 || check->count == 0)
            return status;
    }
    for (size_t i = 0; status == TEND_OK && check->config && (name = tend_config_instance(check->config, "playbook", i)); i++) {
        if (!tend_config_bool(check->config, "playbook", name, "enabled") || (only && strcmp(name, only) == 0))
            continue;
        if (tend_playbook_find(check->scripts, name, found, sizeof found, &why) == TEND_OK)
            status = add(check, found, name, false, reterr);
    }
    return status;
}

tend_status tend_playbook_check_cycles(const tend_config *config, const char *path, const char *scripts, const tend_schema *schema,
                                       const tend_segments *segments, const char *sandbox,
                                       void (*tell)(void *self, const char *line), void *self, int *ret_count, tend_error *reterr)
{
    cycle_check check = {
        .config = config, .scripts = scripts, .schema = schema, .segments = segments, .tell = tell, .self = self
    };
    const tend_cycle_listener listener = { take_cycle, &check };
    const char *only;
    size_t room = 2;
    tend_status status = TEND_OK;

    while (config && tend_config_instance(config, "playbook", room - 2))
        room++;
    check.arena = tend_arena_new();
    if (check.arena) {
        check.bundles = tend_arena_take(check.arena, room * sizeof(tend_bundle *));
        check.filters = tend_arena_take(check.arena, room * sizeof(tend_filter *));
        check.nodes = tend_arena_take(check.arena, room * sizeof *check.nodes);
    }
    if (!check.bundles || !check.filters || !check.nodes)
        status = out_of_memory(reterr);
    if (status == TEND_OK)
        status = tend_sandbox_open(sandbox, NULL, &check.sandbox, reterr);
    if (status == TEND_OK)
        status = add_all(&check, path, reterr);
    if (status == TEND_OK && check.count > 0) {
        only = path ? check.nodes[0].name : NULL;
        qsort(check.nodes, check.count, sizeof *check.nodes, compare_nodes);
        status = tend_cycles_find(schema, check.nodes, check.count, only, &listener, check.arena, reterr);
    }
    if (status == TEND_OK)
        *ret_count = check.found;
    for (size_t i = 0; i < room && check.bundles && check.filters; i++) {
        tend_filter_free(check.filters[i]);
        tend_bundle_free(check.bundles[i]);
    }
    tend_sandbox_close(check.sandbox);
    tend_arena_free(check.arena);
    return status;
}

/* ---- those at work --------------------------------------------------------------------------------------------------- */

typedef struct cycle_keeper {
    tend_playbooks *playbooks;
    tend_status status;
    tend_error *reterr;
} cycle_keeper;

static void keep_cycle(void *self, const char *chain, const char *line)
{
    cycle_keeper *keeper = self;
    tend_store *store = keeper->playbooks->store;
    int64_t is_known = 0;

    if (keeper->status < 0)
        return;
    keeper->status =
        tend_sql_number(store, 0, &is_known, keeper->reterr, "SELECT count(*) FROM playbook_cycles WHERE chain = ?1", "s", chain);
    if (keeper->status == TEND_OK && is_known == 0)
        tend_log(TEND_LOG_WARN, "playbooks", "playbooks start each other", "chain", chain, "why", line, NULL);
    if (keeper->status == TEND_OK)
        keeper->status = tend_sql_run(store, keeper->reterr,
                                      "INSERT INTO playbook_cycles (chain, why, since, is_current) VALUES (?1, ?2, ?3, 1)"
                                      " ON CONFLICT (chain) DO UPDATE SET why = excluded.why, is_current = 1",
                                      "ssi", chain, line, tend_playbooks_now(keeper->playbooks));
}

tend_status tend_cycles_keep(tend_playbooks *playbooks, tend_error *reterr)
{
    cycle_keeper keeper = { playbooks, TEND_OK, reterr };
    const tend_cycle_listener listener = { keep_cycle, &keeper };
    tend_arena *arena = tend_arena_new();
    tend_cycle_node *nodes = arena ? tend_arena_take(arena, (playbooks->count + 1) * sizeof *nodes) : NULL;
    tend_status status =
        nodes ? tend_sql_run(playbooks->store, reterr, "UPDATE playbook_cycles SET is_current = 0", "") : out_of_memory(reterr);

    for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++) {
        const tend_playbook *playbook = &playbooks->list[i];
        tend_footprint *footprint = NULL;

        status = tend_footprint_read(playbook->bundle, playbooks->schema, arena, &footprint, reterr);
        nodes[i] = (tend_cycle_node){ .name = playbook->name,
                                      .bundle = playbook->bundle,
                                      .where = playbook->where,
                                      .footprint = footprint,
                                      .is_meant = playbooks->config &&
                                                  tend_config_bool(playbooks->config, "playbook", playbook->name, "loops") };
    }
    if (status == TEND_OK)
        status = tend_cycles_find(playbooks->schema, nodes, playbooks->count, NULL, &listener, arena, reterr);
    if (status == TEND_OK)
        status = keeper.status;
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "DELETE FROM playbook_cycles WHERE is_current = 0", "");
    tend_arena_free(arena);
    return status;
}
