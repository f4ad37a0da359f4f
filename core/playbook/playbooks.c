#include "playbook/playbooks.h"

#include "base/file.h"
#include "base/log.h"
#include "base/near.h"
#include "playbook/inside.h"
#include "playbook/tables.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const tend_setting playbook_settings[] = {
    { .key = "enabled", .type = TEND_SETTING_BOOL, .fallback = "yes", .help = "whether it works; its runs stay while it does not" },
    { .key = "principal", .type = TEND_SETTING_TEXT, .help = "the name it acts under; playbook:NAME when not written" },
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "the script's own settings; tend playbook check lists them" },
    { .key = NULL },
};

const tend_section tend_playbook_sections[] = {
    { .name = "playbook",
      .is_named = true,
      .summary = "A playbook that works: playbooks/FOLDER/NAME.lua of the workspace, or of those that came with tend. Its own "
                 "settings are further keys.",
      .settings = playbook_settings },
    { .name = NULL },
};

/* Faults of one script, as lines. */
typedef struct fault_writer {
    const tend_bundle *bundle;
    FILE *out;
} fault_writer;

static void write_fault(void *self, const char *key, const char *inner, const char *sentence)
{
    const fault_writer *writer = self;
    const tend_bundle *bundle = writer->bundle;

    if (!writer->out)
        return;
    if (key || inner)
        (void)fprintf(writer->out, "%s:%u: %s\n", bundle->path, tend_spec_line(bundle->script.text, key, inner), sentence);
    else
        (void)fprintf(writer->out, "%s\n", sentence);
}

/* playbooks/NAME.lua or playbooks/FOLDER/NAME.lua. */
static bool find_below(const char *scripts, const char *name, char ret_path[PATH_MAX])
{
    char folder[PATH_MAX];
    struct dirent *entry;
    DIR *open;
    bool is_found = false;

    (void)snprintf(folder, sizeof folder, "%.4000s/playbooks", scripts);
    (void)snprintf(ret_path, PATH_MAX, "%.4010s/%s.lua", folder, name);
    if (tend_file_exists(ret_path))
        return true;
    open = opendir(folder);
    while (open && !is_found && (entry = readdir(open)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        is_found =
            snprintf(ret_path, PATH_MAX, "%.3700s/%s/%s.lua", folder, entry->d_name, name) < PATH_MAX && tend_file_exists(ret_path);
    }
    if (open)
        (void)closedir(open);
    return is_found;
}

tend_status tend_playbook_find(const char *scripts, const char *name, char *ret_path, size_t room, tend_error *reterr)
{
    char folder[3600], path[PATH_MAX];

    for (size_t i = 0; tend_script_folder(scripts, i, folder, sizeof folder); i++)
        if (find_below(folder, name, path) && snprintf(ret_path, room, "%s", path) < (int)room)
            return TEND_OK;
    return tend_fail(reterr, TEND_ENOTFOUND, "[playbook.%s]: there is no %s.lua below playbooks/ in %s", name, name, scripts);
}

/* Which section settings are read from. */
typedef struct section_reader {
    const tend_config *config;
    const char *name;
} section_reader;

static const char *written_setting(void *self, const char *key)
{
    const section_reader *reader = self;

    if (!tend_config_has(reader->config, "playbook", reader->name, key))
        return NULL;
    return tend_config_text(reader->config, "playbook", reader->name, key);
}

/* Keys of the section that are no settings of the script. */
static tend_status check_keys(const tend_config *config, const tend_spec *spec, const char *name, tend_error *reterr)
{
    const char *names[TEND_SPEC_SETTINGS + 3] = { "enabled", "principal" };
    const char *key, *value, *file, *near;
    unsigned line;

    for (size_t i = 0; i < spec->setting_count; i++)
        names[2 + i] = spec->settings[i].name;
    for (size_t i = 0; tend_config_key(config, "playbook", name, i, &key, &value, &file, &line); i++) {
        size_t k = 0;

        while (names[k] && strcmp(names[k], key) != 0)
            k++;
        if (names[k])
            continue;
        near = tend_near(key, names);
        return tend_fail(reterr, TEND_EINVAL, "%s:%u: [playbook.%s] %s: no such setting%s%s%s", file, line, name, key,
                         near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return TEND_OK;
}

static tend_status parse_where(tend_playbooks *playbooks, const tend_bundle *bundle, tend_filter **ret_filter, tend_error *reterr)
{
    char place[PATH_MAX];

    *ret_filter = NULL;
    if (!bundle->spec.where)
        return TEND_OK;
    (void)snprintf(place, sizeof place, "%s:%u: start_when.where", bundle->path,
                   tend_spec_line(bundle->script.text, "start_when", "where"));
    return tend_filter_parse(playbooks->schema, playbooks->segments, bundle->spec.subject->kind, bundle->spec.where, place,
                             ret_filter, reterr);
}

/* Reads, checks and stores one playbook; TEND_EINVAL and TEND_ENOTFOUND leave it out. */
static tend_status load_one(tend_playbooks *playbooks, const char *name, FILE *faults, tend_playbook *ret_playbook,
                            tend_error *reterr)
{
    section_reader reader = { .config = playbooks->config, .name = name };
    fault_writer writer = { .out = faults };
    tend_spec_faults sink = { .fault = write_fault, .self = &writer };
    const char *principal = tend_config_text(playbooks->config, "playbook", name, "principal");
    char path[PATH_MAX], own[80];
    tend_bundle *bundle = NULL;
    tend_filter *where = NULL;
    tend_status status = tend_playbook_find(playbooks->scripts, name, path, sizeof path, reterr);

    if (status == TEND_OK)
        status = tend_bundle_read(playbooks->scripts, path, &bundle, reterr);
    if (status < 0)
        return status;
    writer.bundle = bundle;
    status = tend_bundle_open(bundle, 0, playbooks->sandbox, playbooks->schema, written_setting, &reader, &sink, reterr);
    if (status == TEND_OK && strcmp(bundle->spec.name, name) != 0)
        status = tend_fail(reterr, TEND_EINVAL, "%s:%u: name is '%s'; it must be that of the file, '%s'", bundle->path,
                           tend_spec_line(bundle->script.text, "name", NULL), bundle->spec.name, name);
    if (status == TEND_OK)
        status = check_keys(playbooks->config, &bundle->spec, name, reterr);
    if (status == TEND_OK)
        status = parse_where(playbooks, bundle, &where, reterr);
    if (status == TEND_OK)
        status = tend_bundle_store(bundle, playbooks->model, reterr);
    if (status == TEND_OK)
        status = tend_bundle_keep(playbooks, bundle, reterr);
    if (status < 0) {
        tend_filter_free(where);
        tend_bundle_free(bundle);
        return status;
    }
    (void)snprintf(own, sizeof own, "playbook:%s", name);
    *ret_playbook =
        (tend_playbook){ .bundle = bundle,
                         .where = where,
                         .principal = tend_principal_named(TEND_PRINCIPAL_PLAYBOOK, principal && principal[0] ? principal : own) };
    (void)snprintf(ret_playbook->name, sizeof ret_playbook->name, "%s", name);
    return TEND_OK;
}

/* Its row: the starting line of a new one, the bundle of a changed one. */
static tend_status register_one(tend_playbooks *playbooks, tend_playbook *playbook, bool is_fresh, tend_error *reterr)
{
    int64_t bundle = 0, last = 0, was_active = 0;
    tend_status status =
        tend_sql_number(playbooks->store, 0, &bundle, reterr, "SELECT bundle FROM playbooks WHERE name = ?1", "s", playbook->name);

    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &was_active, reterr, "SELECT is_active FROM playbooks WHERE name = ?1", "s",
                                 playbook->name);
    if (status == TEND_OK && !is_fresh)
        status = tend_bus_last(tend_model_bus(playbooks->model), &last, reterr);
    if (status == TEND_OK && !was_active)
        status = tend_sql_run(
            playbooks->store, reterr,
            "INSERT INTO playbooks (name, bundle, is_active, starts_at, delivered, since) VALUES (?1, ?2, 1, ?3, 0, ?4)"
            " ON CONFLICT (name) DO UPDATE SET bundle = excluded.bundle, is_active = 1, starts_at = excluded.starts_at,"
            " since = excluded.since",
            "siii", playbook->name, playbook->bundle->id, last, tend_playbooks_now(playbooks));
    else if (status == TEND_OK && bundle != playbook->bundle->id)
        status = tend_sql_run(playbooks->store, reterr, "UPDATE playbooks SET bundle = ?2 WHERE name = ?1", "si", playbook->name,
                              playbook->bundle->id);
    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &playbook->starts_at, reterr,
                                 "SELECT starts_at FROM playbooks WHERE name = ?1", "s", playbook->name);
    if (status < 0 || is_fresh || (was_active && bundle == playbook->bundle->id))
        return status;
    return playbook->bundle->spec.is_due ? tend_due_scan(playbooks, playbook, reterr) : tend_edge_scan(playbooks, playbook, reterr);
}

/* In one transaction, so that a reader never sees half of a change. */
static tend_status load_all(tend_playbooks *playbooks, FILE *faults, tend_error *reterr)
{
    int64_t known = 0, position = 0;
    const char *name;
    bool is_fresh;
    tend_status status = tend_sql_number(playbooks->store, 0, &known, reterr, "SELECT count(*) FROM playbooks", "");

    if (status == TEND_OK)
        status = tend_bus_position(tend_model_bus(playbooks->model), "playbook", &position, reterr);
    is_fresh = known == 0 && position == 0;
    if (status == TEND_OK)
        status = tend_bus_subscribe(tend_model_bus(playbooks->model), "playbook", 0, reterr);
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "UPDATE playbooks SET is_active = -is_active WHERE is_active = 1", "");
    for (size_t i = 0; status == TEND_OK && (name = tend_config_instance(playbooks->config, "playbook", i)) != NULL; i++) {
        tend_playbook *larger;
        tend_error why = { 0 };
        tend_playbook loaded;

        if (!tend_config_bool(playbooks->config, "playbook", name, "enabled"))
            continue;
        status = load_one(playbooks, name, faults, &loaded, &why);
        if (status == TEND_EINVAL || status == TEND_ENOTFOUND) {
            tend_log(TEND_LOG_ERROR, "playbooks", "left out", "playbook", name, "why", why.text, NULL);
            if (faults)
                (void)fprintf(faults, "%s\n", why.text);
            playbooks->faulty++;
            status = TEND_OK;
            continue;
        }
        if (status < 0)
            return tend_fail(reterr, status, "%s", why.text);
        larger = realloc(playbooks->list, (playbooks->count + 1) * sizeof *larger);
        if (!larger) {
            tend_filter_free(loaded.where);
            return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
        }
        playbooks->list = larger;
        playbooks->list[playbooks->count++] = loaded;
        status = tend_sql_run(playbooks->store, reterr, "UPDATE playbooks SET is_active = 1 WHERE name = ?1 AND is_active = -1",
                              "s", name);
        if (status == TEND_OK)
            status = register_one(playbooks, &playbooks->list[playbooks->count - 1], is_fresh, reterr);
    }
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "UPDATE playbooks SET is_active = 0 WHERE is_active = -1", "");
    return status;
}

static tend_status open_parts(tend_playbooks *playbooks, FILE *faults, tend_error *reterr)
{
    tend_world world = tend_world_live(playbooks->model);
    tend_status status = tend_rates_load(&world, &playbooks->rates, reterr);

    if (status == TEND_OK)
        status = tend_sandbox_open(playbooks->options.sandbox, &playbooks->options.limits, &playbooks->sandbox, reterr);
    if (status == TEND_OK)
        status = tend_outbox_prepare(playbooks->store, reterr);
    if (status == TEND_OK)
        status = tend_model_begin(playbooks->model, reterr);
    if (status < 0)
        return status;
    status = tend_playbook_tables(playbooks->store, reterr);
    if (status == TEND_OK)
        status = load_all(playbooks, faults, reterr);
    if (status == TEND_OK)
        return tend_model_commit(playbooks->model, reterr);
    tend_model_rollback(playbooks->model);
    return status;
}

tend_status tend_playbooks_open(const tend_config *config, tend_model *model, const tend_segments *segments,
                                const tend_playbook_options *options, FILE *faults, tend_playbooks **ret_playbooks,
                                tend_error *reterr)
{
    tend_playbooks *playbooks = calloc(1, sizeof *playbooks);
    tend_status status;

    if (!playbooks)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    playbooks->config = config;
    playbooks->model = model;
    playbooks->store = tend_model_store(model);
    playbooks->schema = tend_model_schema(model);
    playbooks->segments = segments;
    playbooks->options = *options;
    playbooks->zone = options->zone;
    (void)snprintf(playbooks->scripts, sizeof playbooks->scripts, "%s", options->scripts ? options->scripts : "scripts");
    playbooks->arena = tend_arena_new();
    status =
        playbooks->arena ? open_parts(playbooks, faults, reterr) : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    if (status < 0) {
        tend_playbooks_close(playbooks);
        return status;
    }
    *ret_playbooks = playbooks;
    return TEND_OK;
}

void tend_playbooks_close(tend_playbooks *playbooks)
{
    if (!playbooks)
        return;
    for (size_t i = 0; i < playbooks->count; i++)
        tend_filter_free(playbooks->list[i].where);
    for (size_t i = 0; i < playbooks->bundle_count; i++)
        tend_bundle_free(playbooks->bundles[i]);
    tend_sandbox_close(playbooks->sandbox);
    tend_rates_free(playbooks->rates);
    tend_arena_free(playbooks->arena);
    free(playbooks->list);
    free(playbooks->bundles);
    free(playbooks);
}

tend_status tend_playbooks_step(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    tend_status (*const parts[])(tend_playbooks *, bool *, tend_error *) = { tend_decide_events, tend_due_fire, tend_wait_due,
                                                                             tend_move_runs };
    tend_status status = TEND_OK;

    *ret_did = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && status == TEND_OK; i++) {
        tend_arena_reset(playbooks->arena);
        status = parts[i](playbooks, ret_did, reterr);
    }
    return status;
}

tend_status tend_playbooks_next_due(tend_playbooks *playbooks, tend_time *ret_at, tend_error *reterr)
{
    int64_t earliest = TEND_NO_TIME, found = 0;
    tend_status status = tend_sql_number(playbooks->store, TEND_NO_TIME, &earliest, reterr,
                                         "SELECT min(w.due_at) FROM waits w WHERE w.due_at IS NOT NULL", "");

    for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++) {
        status =
            tend_sql_number(playbooks->store, TEND_NO_TIME, &found, reterr,
                            "SELECT min(at) FROM dues WHERE state = 'waiting' AND playbook = ?1", "s", playbooks->list[i].name);
        if (status == TEND_OK && found != TEND_NO_TIME && (earliest == TEND_NO_TIME || found < earliest))
            earliest = found;
    }
    if (status == TEND_OK)
        *ret_at = earliest;
    return status;
}

const char *tend_playbooks_name(const tend_playbooks *playbooks, size_t i)
{
    return i < playbooks->count ? playbooks->list[i].name : NULL;
}

const char *tend_playbooks_summary(const tend_playbooks *playbooks, size_t i)
{
    return i < playbooks->count ? playbooks->list[i].bundle->spec.summary : NULL;
}

size_t tend_playbooks_faulty(const tend_playbooks *playbooks)
{
    return playbooks->faulty;
}
