#include "playbook/playbooks.h"

#include "base/file.h"
#include "base/log.h"
#include "playbook/guard.h"
#include "playbook/inside.h"
#include "playbook/tables.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const tend_setting playbook_settings[] = {
    { .key = "enabled", .type = TEND_SETTING_BOOL, .fallback = "yes", .help = "whether it works; its runs stay while it does not" },
    { .key = "principal", .type = TEND_SETTING_TEXT, .help = "the name it acts under; playbook:NAME when not written" },
    { .key = "loops",
      .type = TEND_SETTING_BOOL,
      .fallback = "no",
      .help = "yes: that it starts itself, or others that start it, is meant, and no fault of the check" },
    { .key = "most_effects",
      .type = TEND_SETTING_INT,
      .min = 0,
      .max = 1000000000,
      .help = "instead of that of [playbooks]: effects after which its runs are held for approval; 0: any number" },
    { .key = "effects_within",
      .type = TEND_SETTING_DURATION,
      .min = 1000,
      .max = INT64_C(366) * 86400000,
      .help = "instead of that of [playbooks]: the time in which they are counted" },
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "the script's own settings; tend playbook settings NAME lists them" },
    { .key = NULL },
};

const tend_section tend_playbook_sections[] = {
    { .name = "playbook",
      .is_named = true,
      .summary = "A playbook that works: playbooks/FOLDER/NAME.lua of the workspace, or of those that came with tend. Its own "
                 "settings are further keys.",
      .settings = playbook_settings },
    { .name = "playbooks", .summary = "What keeps playbooks from doing more than was meant.", .settings = tend_guard_settings },
    { .name = NULL },
};

/* Faults of one script and its section, as lines; the first is why it is not used. */
typedef struct fault_writer {
    const tend_playbook_section *section;
    const tend_bundle *bundle;
    FILE *out;
    int count;
    tend_error *first;
} fault_writer;

TEND_PRINTF(2, 3) static void write_line(fault_writer *writer, const char *format, ...)
{
    tend_error line;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line.text, sizeof line.text, format, arguments);
    va_end(arguments);
    if (writer->out)
        (void)fprintf(writer->out, "%s\n", line.text);
    if (writer->count++ == 0)
        (void)tend_fail(writer->first, TEND_EINVAL, "%s", line.text);
}

static void write_fault(void *self, const char *key, const char *inner, const char *sentence)
{
    fault_writer *writer = self;

    if (key || inner)
        write_line(writer, "%s:%u: %s", writer->bundle->path, tend_spec_line(writer->bundle->script.text, key, inner), sentence);
    else
        write_line(writer, "%s", sentence);
}

static void write_section_fault(void *self, const char *key, const char *reason)
{
    fault_writer *writer = self;
    const char *file = NULL;
    unsigned line = 0;

    tend_config_origin(writer->section->config, "playbook", writer->section->name, key, &file, &line);
    write_line(writer, "%s:%u: [playbook.%s] %s: %s", file, line, writer->section->name, key, reason);
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

static tend_status parse_conditions(tend_playbooks *playbooks, const char *name, const tend_bundle *bundle,
                                    tend_playbook *ret_playbook, tend_error *reterr)
{
    tend_status status;

    ret_playbook->principal = tend_principal_of(playbooks, name);
    status = tend_condition_parse(bundle, playbooks->schema, playbooks->segments, &ret_playbook->principal, &ret_playbook->where,
                                  &ret_playbook->again, reterr);

    if (status == TEND_OK)
        status = tend_condition_rhythms(bundle, playbooks->schema, playbooks->segments, &ret_playbook->principal,
                                        ret_playbook->rhythms, reterr);
    if (status == TEND_OK)
        status = tend_condition_stop(bundle, playbooks->schema, playbooks->segments, &ret_playbook->principal, &ret_playbook->stop,
                                     reterr);
    if (status < 0)
        tend_condition_free(ret_playbook);
    return status;
}

static void write_found(void *self, const char *line)
{
    write_line(self, "%s", line);
}

/* A bundle that never worked is checked as `playbook check` does; what has worked is known to. */
static tend_status check_new(tend_playbooks *playbooks, tend_bundle *bundle, fault_writer *writer, tend_error *reterr)
{
    int faults = 0;
    tend_status status = tend_bundle_find(bundle, playbooks->store, reterr);

    if (status == TEND_OK && bundle->id == 0)
        status = tend_bundle_check(playbooks, bundle, write_found, writer, &faults, reterr);
    return status == TEND_OK && faults > 0 ? TEND_EINVAL : status;
}

/* The script as it stands, with the settings as they stand: read, checked and stored. TEND_EINVAL and TEND_ENOTFOUND say why it
 * cannot be used. */
static tend_status load_current(tend_playbooks *playbooks, const char *name, FILE *faults, tend_playbook *playbook,
                                tend_error *reterr)
{
    tend_playbook_section section = { .config = playbooks->config, .name = name };
    const tend_section_names names = { .schema = playbooks->schema, /* people come and go while it works */
                                       .segments = tend_segments_is_any(playbooks->segments) ? NULL : playbooks->segments };
    fault_writer writer = { .section = &section, .out = faults, .first = reterr };
    tend_spec_faults sink = { .fault = write_fault, .self = &writer };
    char path[PATH_MAX];
    tend_error why = { 0 };
    tend_bundle *bundle = NULL;
    bool is_tried = playbooks->options.only && strcmp(playbooks->options.only, name) == 0;
    const char *script = is_tried ? playbooks->options.script : NULL;
    tend_status status = TEND_OK;

    if (script && snprintf(path, sizeof path, "%s", script) >= (int)sizeof path)
        status = tend_fail(&why, TEND_EINVAL, "%s: the path is too long", script);
    else if (!script)
        status = tend_playbook_find(playbooks->scripts, name, path, sizeof path, &why);
    if (status == TEND_OK)
        status = tend_bundle_read(playbooks->scripts, path, &bundle, &why);
    writer.bundle = bundle;
    if (status == TEND_OK)
        status = tend_bundle_open(bundle, 0, playbooks->sandbox, playbooks->schema, tend_section_written, &section, &sink, &why);
    if (status == TEND_OK && !script && strcmp(bundle->spec.name, name) != 0)
        status = tend_fail(&why, TEND_EINVAL, "%s:%u: name is '%s'; it must be that of the file, '%s'", bundle->path,
                           tend_spec_line(bundle->script.text, "name", NULL), bundle->spec.name, name);
    if (status == TEND_OK && tend_section_check(&section, &bundle->spec, &names, write_section_fault, &writer) > 0)
        status = TEND_EINVAL;
    if (status == TEND_OK)
        status = parse_conditions(playbooks, name, bundle, playbook, &why);
    if (status == TEND_OK)
        status = check_new(playbooks, bundle, &writer, &why);
    if (status == TEND_OK)
        status = tend_bundle_store(bundle, playbooks->model, &why);
    if (status == TEND_OK)
        status = tend_bundle_keep(playbooks, bundle, &why);
    if (status < 0) {
        if (writer.count == 0)
            write_line(&writer, "%s", why.text);
        tend_condition_free(playbook);
        tend_bundle_free(bundle);
        return status;
    }
    playbook->bundle = bundle;
    return TEND_OK;
}

/* The bundle that the playbook worked with last; TEND_ENOTFOUND when it never did. */
static tend_status load_last(tend_playbooks *playbooks, const char *name, tend_playbook *playbook, tend_error *reterr)
{
    int64_t id = 0;
    tend_status status =
        tend_sql_number(playbooks->store, 0, &id, reterr, "SELECT bundle FROM playbooks WHERE name = ?1", "s", name);

    if (status == TEND_OK && id == 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "[playbook.%s]: has never worked", name);
    if (status == TEND_OK)
        status = tend_bundle_stored(playbooks, id, &playbook->bundle, reterr);
    return status < 0 ? status : parse_conditions(playbooks, name, playbook->bundle, playbook, reterr);
}

static bool is_of_script(tend_status status)
{
    return status == TEND_EINVAL || status == TEND_ENOTFOUND || status == TEND_EDENIED || status == TEND_ELIMIT;
}

/* One playbook at work: by its script, or by its last good bundle while the script cannot be used. *ret_why is empty when it can;
 * TEND_EINVAL and TEND_ENOTFOUND leave the playbook out. */
static tend_status load_one(tend_playbooks *playbooks, const char *name, FILE *faults, tend_playbook *ret_playbook,
                            tend_error *ret_why, tend_error *reterr)
{
    tend_playbook playbook = { .bundle = NULL };
    tend_error ignored;
    tend_status status = load_current(playbooks, name, faults, &playbook, ret_why);

    if (is_of_script(status)) {
        status = load_last(playbooks, name, &playbook, &ignored);
        if (status < 0 && !is_of_script(status))
            return tend_fail(reterr, status, "%s", ignored.text);
    } else if (status < 0) {
        return tend_fail(reterr, status, "%s", ret_why->text);
    } else {
        ret_why->text[0] = '\0';
    }
    if (status < 0)
        return status;
    (void)snprintf(playbook.name, sizeof playbook.name, "%s", name);
    *ret_playbook = playbook;
    return TEND_OK;
}

/* What is wrong with a script is logged when it is new, and kept for status and list. */
static tend_status note_fault(tend_playbooks *playbooks, const char *name, const char *why, bool is_left_out, tend_error *reterr)
{
    int64_t is_said = 0;
    tend_status status = tend_sql_number(playbooks->store, 0, &is_said, reterr,
                                         "SELECT count(*) FROM playbook_faults WHERE name = ?1 AND why = ?2 AND is_left_out = ?3",
                                         "ssi", name, why, (int64_t)is_left_out);

    playbooks->faulty++;
    if (status < 0)
        return status;
    if (is_said == 0)
        tend_log(TEND_LOG_ERROR, "playbooks", is_left_out ? "left out" : "works on with its last good script", "playbook", name,
                 "why", why, NULL);
    return tend_sql_run(playbooks->store, reterr,
                        "INSERT INTO playbook_faults (name, why, is_left_out, since, is_current) VALUES (?1, ?2, ?3, ?4, 1)"
                        " ON CONFLICT (name) DO UPDATE SET since = CASE WHEN why = excluded.why AND is_left_out ="
                        " excluded.is_left_out THEN since ELSE excluded.since END, why = excluded.why,"
                        " is_left_out = excluded.is_left_out, is_current = 1",
                        "ssii", name, why, (int64_t)is_left_out, tend_playbooks_now(playbooks));
}

/* Its row: the starting line of a new one, the bundle of a changed one. */
static tend_status register_one(tend_playbooks *playbooks, tend_playbook *playbook, bool is_fresh, int64_t position,
                                tend_error *reterr)
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
    if (status == TEND_OK)
        status = tend_trigger_keep(playbooks, playbook, was_active ? position : playbook->starts_at, reterr);
    if (status < 0 || is_fresh || (was_active && bundle == playbook->bundle->id))
        return status;
    return playbook->bundle->spec.is_due ? tend_due_scan(playbooks, playbook, reterr) : tend_edge_scan(playbooks, playbook, reterr);
}

static tend_status load_section(tend_playbooks *playbooks, const char *name, bool is_fresh, int64_t position, FILE *faults,
                                tend_error *reterr)
{
    tend_playbook *larger, loaded;
    tend_error why = { 0 };
    tend_status status = load_one(playbooks, name, faults, &loaded, &why, reterr);

    if (is_of_script(status))
        return note_fault(playbooks, name, why.text, true, reterr);
    if (status < 0)
        return status;
    larger = realloc(playbooks->list, (playbooks->count + 1) * sizeof *larger);
    if (!larger) {
        tend_condition_free(&loaded);
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    }
    playbooks->list = larger;
    playbooks->list[playbooks->count++] = loaded;
    if (playbooks->options.only) { /* a child of the one that is tried out: nothing else starts it */
        loaded.bundle->spec.has_start = loaded.bundle->spec.is_due = false;
        loaded.bundle->spec.start_event = NULL;
    }
    if (why.text[0])
        status = note_fault(playbooks, name, why.text, false, reterr);
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "UPDATE playbooks SET is_active = 1 WHERE name = ?1 AND is_active = -1",
                              "s", name);
    return status < 0 ? status : register_one(playbooks, &playbooks->list[playbooks->count - 1], is_fresh, position, reterr);
}

/* Whether the bundle has the name as a text. */
static bool names_playbook(const tend_bundle *bundle, const char *name)
{
    char quoted[2][80];

    (void)snprintf(quoted[0], sizeof quoted[0], "\"%.64s\"", name);
    (void)snprintf(quoted[1], sizeof quoted[1], "'%.64s'", name);
    for (int i = 0; i < 2; i++) {
        if (strstr(bundle->script.text, quoted[i]))
            return true;
        for (const tend_script *library = bundle->libraries; library->file; library++)
            if (strstr(library->text, quoted[i]))
                return true;
    }
    return false;
}

/* Playbooks with a section of their own that those loaded so far name: they can be started as children. */
static tend_status load_children(tend_playbooks *playbooks, bool is_fresh, int64_t position, FILE *faults, tend_error *reterr)
{
    const char *name;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < playbooks->count && status == TEND_OK; i++)
        for (size_t k = 0; status == TEND_OK && (name = tend_config_instance(playbooks->config, "playbook", k)) != NULL; k++)
            if (tend_config_bool(playbooks->config, "playbook", name, "enabled") && !tend_playbook_at_work(playbooks, name) &&
                names_playbook(playbooks->list[i].bundle, name))
                status = load_section(playbooks, name, is_fresh, position, faults, reterr);
    return status;
}

/* One playbook that is tried out: it works, or its faults are the answer. */
static tend_status load_only(tend_playbooks *playbooks, bool is_fresh, int64_t position, FILE *faults, tend_error *reterr)
{
    const char *name = playbooks->options.only;
    tend_playbook *loaded = calloc(1, sizeof *loaded);
    tend_status status;

    if (!loaded)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    playbooks->list = loaded;
    if (playbooks->options.bundle != 0)
        status = tend_bundle_stored(playbooks, playbooks->options.bundle, &loaded->bundle, reterr);
    else
        status = load_current(playbooks, name, faults, loaded, reterr);
    if (status == TEND_OK && playbooks->options.bundle != 0)
        status = parse_conditions(playbooks, name, loaded->bundle, loaded, reterr);
    if (status < 0)
        return status;
    (void)snprintf(loaded->name, sizeof loaded->name, "%s", name);
    playbooks->count = 1;
    status = register_one(playbooks, loaded, is_fresh, position, reterr);
    return status < 0 ? status : load_children(playbooks, is_fresh, position, faults, reterr);
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
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "UPDATE playbook_faults SET is_current = 0", "");
    if (status == TEND_OK && playbooks->options.only)
        return load_only(playbooks, is_fresh, position, faults, reterr);
    for (size_t i = 0; status == TEND_OK && (name = tend_config_instance(playbooks->config, "playbook", i)) != NULL; i++) {
        if (tend_config_bool(playbooks->config, "playbook", name, "enabled"))
            status = load_section(playbooks, name, is_fresh, position, faults, reterr);
    }
    if (status == TEND_OK)
        status = tend_trigger_off(playbooks, position, reterr);
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "UPDATE playbooks SET is_active = 0 WHERE is_active = -1", "");
    if (status == TEND_OK)
        status = tend_sql_run(playbooks->store, reterr, "DELETE FROM playbook_faults WHERE is_current = 0", "");
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
        status = tend_cycles_keep(playbooks, reterr);
    if (status == TEND_OK)
        status = tend_listen_open(playbooks, reterr);
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
    playbooks->rows = tend_filter_rows_new();
    status = playbooks->arena && playbooks->rows ? open_parts(playbooks, faults, reterr)
                                                 : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
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
    tend_listen_close(playbooks);
    for (size_t i = 0; i < playbooks->count; i++)
        tend_condition_free(&playbooks->list[i]);
    for (size_t i = 0; i < playbooks->bundle_count; i++)
        tend_bundle_free(playbooks->bundles[i]);
    tend_sandbox_close(playbooks->sandbox);
    tend_rates_free(playbooks->rates);
    tend_arena_free(playbooks->arena);
    tend_filter_rows_free(playbooks->rows);
    free(playbooks->list);
    free(playbooks->bundles);
    free(playbooks);
}

/* The first of them that has something to do; a run moves when nothing else is left. So an answer that is there counts before a
 * time that has run out, and what comes next follows from the store alone: after a kill it is what it would have been. */
static tend_status do_first(tend_playbooks *playbooks, bool *ret_did, bool *ret_moved, tend_error *reterr)
{
    tend_status (*const parts[])(tend_playbooks *, bool *, tend_error *) = { tend_roles_day, tend_guard_day, tend_decide_events,
                                                                             tend_due_fire,  tend_wait_due,  tend_wait_calls,
                                                                             tend_move_runs };
    const size_t count = sizeof parts / sizeof *parts;
    tend_status status = TEND_OK;

    *ret_did = false;
    for (size_t i = 0; i < count && status == TEND_OK && !*ret_did; i++) {
        tend_arena_reset(playbooks->arena);
        status = parts[i](playbooks, ret_did, reterr);
        *ret_moved = *ret_did && i + 1 == count;
    }
    return status;
}

tend_status tend_playbooks_step(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr)
{
    enum { TURNS = 16 };
    tend_status status = TEND_OK;
    bool did = true, moved = false;

    *ret_did = false;
    for (int turn = 0; turn < TURNS && did && !moved && status == TEND_OK; turn++) {
        status = do_first(playbooks, &did, &moved, reterr);
        *ret_did = *ret_did || did;
    }
    return status < 0 || *ret_did ? status : tend_store_settle(playbooks->store, reterr);
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

tend_sandbox *tend_playbooks_sandbox(tend_playbooks *playbooks)
{
    return playbooks->sandbox;
}

size_t tend_playbooks_faulty(const tend_playbooks *playbooks)
{
    return playbooks->faulty;
}

tend_status tend_playbook_trouble_of(tend_store *store, const char *playbook, tend_playbook_trouble *ret_trouble,
                                     tend_error *reterr)
{
    int64_t is_left_out = -1;
    tend_status status = TEND_OK;

    if (tend_store_has_table(store, "playbook_faults"))
        status = tend_sql_number(store, -1, &is_left_out, reterr, "SELECT is_left_out FROM playbook_faults WHERE name = ?1", "s",
                                 playbook);
    if (status >= 0)
        *ret_trouble = is_left_out < 0 ? TEND_TROUBLE_NONE : is_left_out ? TEND_TROUBLE_LEFT_OUT : TEND_TROUBLE_KEPT;
    return status;
}
