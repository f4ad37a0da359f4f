/* workspace.c: opening a folder in the right order, and closing it in the other. */
#include "base/file.h"
#include "base/log.h"
#include "engine/check.h"
#include "engine/data.h"
#include "engine/digest.h"
#include "engine/quarantine.h"
#include "engine/workspace_inside.h"
#include "model/segment_history.h"
#include "playbook/tables.h"
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_settings(const char *folder)
{
    char path[PATH_MAX];

    return snprintf(path, sizeof path, "%s/tend.ini", folder) < (int)sizeof path && access(path, F_OK) == 0;
}

/* A folder that this login may not look into is not a folder without a workspace. */
static tend_status fail_unreadable(const char *named, const char *folder, tend_error *reterr)
{
    const struct passwd *owner, *login = getpwuid(geteuid());
    const struct group *group;
    struct stat about;
    char name[64];

    (void)snprintf(name, sizeof name, "%s", login ? login->pw_name : "this login");
    if (stat(folder, &about) != 0)
        return tend_fail(reterr, TEND_EDENIED, "%s: a folder on the way to it may not be entered by %s; ask its owner", named,
                         name);
    owner = getpwuid(about.st_uid);
    group = getgrgid(about.st_gid);
    return tend_fail(
        reterr, TEND_EDENIED,
        "%s: may not be entered by %s; it belongs to %s and the group %s, mode %04o. With mode 0751 the running engine "
        "answers logins that have a section [login.NAME]",
        named, name, owner ? owner->pw_name : "nobody we know", group ? group->gr_name : "nobody we know",
        (unsigned)about.st_mode & 07777);
}

tend_status tend_workspace_find(const char *wanted, const char *from, char *ret_folder, size_t room, tend_error *reterr)
{
    const char *named = wanted ? wanted : getenv("TEND_WORKSPACE");
    char path[PATH_MAX], resolved[PATH_MAX];

    if (named && *named) {
        if (*named == '/')
            (void)snprintf(path, sizeof path, "%s", named);
        else if (snprintf(path, sizeof path, "%s/%s", from, named) >= (int)sizeof path)
            return tend_fail(reterr, TEND_EINVAL, "%s: the path is too long", named);
        errno = 0;
        if (!realpath(path, resolved) || !has_settings(resolved)) {
            if (errno == EACCES)
                return fail_unreadable(named, path, reterr);
            return tend_fail(reterr, TEND_ENOTFOUND, "%s: no workspace here (no tend.ini); make one with tend -C %s init", named,
                             named);
        }
        (void)snprintf(ret_folder, room, "%s", resolved);
        return TEND_OK;
    }
    (void)snprintf(path, sizeof path, "%s", from);
    while (*path) {
        char *slash;

        if (has_settings(path)) {
            (void)snprintf(ret_folder, room, "%s", path);
            return TEND_OK;
        }
        slash = strrchr(path, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return tend_fail(reterr, TEND_ENOTFOUND,
                     "%s: no workspace here or above (no tend.ini); make one with tend init, or name one with -C FOLDER", from);
}

/* A reader brings the store up to date first when it lacks what this version or a new [field.…] has. */
static tend_status bring_up(tend_workspace *workspace, const char *path, tend_error *reterr)
{
    char what[TEND_SCHEMA_LACKS];
    tend_error error;
    tend_status status;

    if (!tend_schema_lacks(workspace->schema, workspace->store, what))
        return TEND_OK;
    tend_store_close(workspace->store);
    workspace->store = NULL;
    status = tend_store_open(path, TEND_STORE_WRITE, &workspace->store, &error);
    if (status >= 0)
        status = tend_schema_apply(workspace->schema, workspace->store, &error);
    tend_store_close(workspace->store);
    workspace->store = NULL;
    if (status < 0)
        return tend_fail(reterr, status,
                         "%s: the store has no %s yet, and cannot be given it now (%.700s); reload the engine, or try again", path,
                         what, error.text);
    return tend_store_open(path, TEND_STORE_READ, &workspace->store, reterr);
}

static tend_status open_store(tend_workspace *workspace, const char *path, tend_store_mode mode, tend_error *reterr)
{
    tend_status status = tend_store_open(path, mode, &workspace->store, reterr);

    if (status == TEND_ENOTFOUND)
        return tend_fail(reterr, status, "%s: there is no store yet; make one with tend -C %s init", path, workspace->folder);
    if (status >= 0 && mode == TEND_STORE_READ)
        status = bring_up(workspace, path, reterr);
    if (status >= 0)
        status = workspace_take_own_clock(workspace, reterr);
    if (status >= 0)
        status = tend_bus_open(workspace->store, &workspace->bus, reterr);
    if (status >= 0)
        status = tend_model_open(workspace->store, workspace->bus, workspace->schema, workspace->clock, &workspace->model, reterr);
    if (status >= 0) {
        tend_model_set_zone(workspace->model, workspace->zone);
        tend_model_set_calendars(workspace->model, workspace->calendars);
    }
    if (status >= 0 && mode != TEND_STORE_READ)
        status = tend_outbox_prepare(workspace->store, reterr);
    if (status >= 0 && mode != TEND_STORE_READ)
        status = tend_digest_prepare(workspace->store, reterr);
    if (status >= 0 && mode != TEND_STORE_READ)
        status = tend_playbook_tables(workspace->store, reterr);
    if (status >= 0 && mode != TEND_STORE_READ)
        status = tend_segments_remember(workspace->segments, workspace->model, reterr);
    return status;
}

/* What is said after the faults have been written, each with its place: it need not repeat the first. */
tend_status workspace_not_understood(const tend_workspace *workspace, tend_error *reterr)
{
    return tend_fail(reterr, TEND_EINVAL, "%s: the configuration is not understood, see above; nothing was changed",
                     workspace->folder);
}

static tend_status load(tend_workspace *workspace, FILE *faults, tend_error *reterr)
{
    tend_status status = tend_config_load_folder(workspace->folder, tend_all_sections, faults, &workspace->config, reterr);

    return status == TEND_EINVAL && faults ? workspace_not_understood(workspace, reterr) : status;
}

/* The bands of health, between blanks, so that a filter knows them; NULL when there are too many to say. */
static const char *list_bands(const tend_config *config, char *buffer, size_t room)
{
    const char *name;
    size_t length = 0;

    (void)snprintf(buffer, room, "red yellow green");
    for (size_t i = 0; (name = tend_config_instance(config, "band", i)) != NULL && length < room; i++)
        length += (size_t)snprintf(buffer + length, room - length, "%s%s", i == 0 ? "" : " ", name);
    return length < room ? buffer : NULL;
}

typedef enum segment_sort { SEGMENTS_AS_WRITTEN = 1, SEGMENTS_NAMES, SEGMENTS_ANY } segment_sort;

/* Filters know the measures that are published. Ids of money begin with arr or mrr (plugins/kpi/retention); the health is a score.
 */
static tend_status load_segments(const tend_config *config, const tend_schema *schema, segment_sort sort, FILE *faults,
                                 tend_segments **ret_segments, tend_error *reterr)
{
    enum { MEASURES = 64 };
    char bands[1100];
    tend_measure_name names[MEASURES + 2] = { { "health", false, list_bands(config, bands, sizeof bands) } };
    char prices[MEASURES + 1][72];
    const char *price;
    size_t count = 1;

    for (size_t i = 0; count <= MEASURES; i++) {
        const char *id = tend_config_entry(config, "kpi", NULL, "publish", i);

        if (!id)
            break;
        if (strcmp(id, "health") != 0)
            names[count++] =
                (tend_measure_name){ .name = id, .is_money = strncmp(id, "arr", 3) == 0 || strncmp(id, "mrr", 3) == 0 };
    }
    for (size_t i = 0; count <= MEASURES && (price = tend_config_instance(config, "price", i)); i++)
        if (tend_config_bool(config, "price", price, "publish")) {
            (void)snprintf(prices[count], sizeof prices[count], "price.%.64s", price);
            names[count] = (tend_measure_name){ .name = prices[count] };
            count++;
        }
    if (sort == SEGMENTS_ANY)
        return tend_segments_any(schema, names, ret_segments, reterr);
    if (sort == SEGMENTS_NAMES)
        return tend_segments_names(config, schema, names, ret_segments, reterr);
    return tend_segments_load(config, schema, names, faults, ret_segments, reterr);
}

tend_status tend_workspace_segments_of(const tend_config *config, const tend_schema *schema, FILE *faults,
                                       tend_segments **ret_segments, tend_error *reterr)
{
    return load_segments(config, schema, SEGMENTS_AS_WRITTEN, faults, ret_segments, reterr);
}

tend_status workspace_segment_names(tend_workspace *workspace, tend_error *reterr)
{
    return load_segments(workspace->config, workspace->schema, SEGMENTS_NAMES, NULL, &workspace->segments, reterr);
}

tend_status tend_workspace_no_segments(const tend_schema *schema, tend_segments **ret_segments, tend_error *reterr)
{
    tend_config *defaults = NULL;
    tend_status status = tend_config_load_text("no workspace", "", 0, tend_all_sections, NULL, &defaults, reterr);

    if (status >= 0)
        status = load_segments(defaults, schema, SEGMENTS_ANY, NULL, ret_segments, reterr);
    tend_config_free(defaults);
    return status;
}

/* Holiday lists of the workspace stand before those that came with the program. */
tend_status workspace_calendars(tend_workspace *workspace, FILE *faults, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(workspace);
    char shipped[PATH_MAX] = "", folders[2 * PATH_MAX + 20], place[PATH_MAX + 40];
    tend_calendar_options options = {
        .folders = folders, .company = tend_config_text(config, "tend", NULL, "calendar"), .place = place, .zone = workspace->zone
    };
    const char *file = NULL;
    unsigned line = 0;

    (void)tend_data_path("calendars", shipped, sizeof shipped, NULL); /* without it there are those of the workspace */
    (void)snprintf(folders, sizeof folders, "%s/calendars%s%s", workspace->folder, shipped[0] ? ":" : "", shipped);
    tend_config_origin(config, "tend", NULL, "calendar", &file, &line);
    (void)snprintf(place, sizeof place, "%s:%u: [tend] calendar", file ? file : "tend.ini", line);
    return tend_calendars_load(config, &options, faults, &workspace->calendars, reterr);
}

/* What follows from the configuration alone. */
static tend_status settle(tend_workspace *workspace, FILE *faults, tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(workspace);
    tend_status status = tend_zone_find(tend_config_text(config, "tend", NULL, "zone"), &workspace->zone, reterr);

    if (status >= 0)
        status = tend_schema_new(config, &workspace->schema, reterr);
    if (status >= 0) { /* the faults of all are named in one go */
        tend_status calendars = workspace_calendars(workspace, faults, reterr);
        tend_status segments = load_segments(config, workspace->schema, SEGMENTS_AS_WRITTEN, faults, &workspace->segments,
                                             calendars < 0 ? NULL : reterr);

        segments = calendars < 0 ? calendars : segments;
        status = tend_scorecard_load(config, faults, &workspace->card, segments < 0 ? NULL : reterr);
        status = segments < 0 ? segments : status;
        if (status == TEND_EINVAL && faults)
            status = workspace_not_understood(workspace, reterr);
    }
    return status;
}

/* The folder with its configuration, no store opened yet. Owned by the caller also after a failure. */
static tend_status read_folder(const char *folder, tend_clock clock, FILE *faults, tend_workspace **ret_workspace,
                               tend_error *reterr)
{
    tend_workspace *workspace = calloc(1, sizeof *workspace);
    tend_status status;

    *ret_workspace = workspace;
    if (!workspace)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to open the workspace", folder);
    workspace->clock = clock;
    workspace->own_now = TEND_NO_TIME;
    (void)snprintf(workspace->folder, sizeof workspace->folder, "%s", folder);
    status = load(workspace, faults, reterr);
    return status < 0 ? status : settle(workspace, faults, reterr);
}

tend_status tend_workspace_open(const char *folder, tend_store_mode mode, tend_clock clock, FILE *faults,
                                tend_workspace **ret_workspace, tend_error *reterr)
{
    tend_workspace *workspace;
    tend_status status = read_folder(folder, clock, faults, &workspace, reterr);

    if (status >= 0)
        status = open_store(workspace, tend_config_path(workspace->config, "store", NULL, "path"), mode, reterr);
    if (status < 0) {
        tend_workspace_close(workspace);
        return status;
    }
    *ret_workspace = workspace;
    return TEND_OK;
}

/* Another store for the same folder: as `make` leaves it at the path. */
static tend_status open_beside(const tend_workspace *live, const char *store_path, tend_clock clock,
                               tend_status (*make)(const tend_workspace *live, const char *store_path, tend_error *reterr),
                               tend_workspace **ret_workspace, tend_error *reterr)
{
    tend_workspace *workspace = calloc(1, sizeof *workspace);
    tend_status status;

    if (!workspace)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to open the copy", store_path);
    workspace->clock = clock;
    workspace->own_now = TEND_NO_TIME;
    workspace->lent_config = tend_workspace_config(live);
    (void)snprintf(workspace->folder, sizeof workspace->folder, "%s", live->folder);
    status = make(live, store_path, reterr);
    if (status >= 0)
        status = settle(workspace, NULL, reterr);
    if (status >= 0)
        status = open_store(workspace, store_path, TEND_STORE_WRITE, reterr);
    if (status < 0) {
        tend_workspace_close(workspace);
        return status;
    }
    *ret_workspace = workspace;
    return TEND_OK;
}

static tend_status make_copy(const tend_workspace *live, const char *store_path, tend_error *reterr)
{
    return tend_store_copy(live->store, store_path, true, reterr);
}

static tend_status make_empty(const tend_workspace *live, const char *store_path, tend_error *reterr)
{
    tend_store *store;
    tend_status status = tend_store_open(store_path, TEND_STORE_CREATE, &store, reterr);

    if (status < 0)
        return status;
    status = tend_schema_apply(live->schema, store, reterr);
    if (status >= 0)
        status = tend_store_begin(store, reterr);
    if (status >= 0) {
        status = tend_store_mark_simulated(store, reterr);
        if (status >= 0)
            status = tend_store_commit(store, reterr);
        else
            tend_store_rollback(store);
    }
    tend_store_close(store);
    return status;
}

tend_status tend_workspace_open_copy(const tend_workspace *live, const char *store_path, tend_clock clock,
                                     tend_workspace **ret_workspace, tend_error *reterr)
{
    return open_beside(live, store_path, clock, make_copy, ret_workspace, reterr);
}

tend_status tend_workspace_open_empty(const tend_workspace *live, const char *store_path, tend_clock clock,
                                      tend_workspace **ret_workspace, tend_error *reterr)
{
    return open_beside(live, store_path, clock, make_empty, ret_workspace, reterr);
}

static void close_parts(tend_workspace *workspace)
{
    tend_playbooks_close(workspace->playbooks);
    tend_outbox_close(workspace->outbox);
    tend_kpis_close(workspace->kpis);
    tend_pricing_close(workspace->pricing);
    workspace->playbooks = NULL;
    workspace->outbox = NULL;
    workspace->kpis = NULL;
    workspace->pricing = NULL;
    if (workspace->plugins && workspace->store)
        (void)tend_quarantine_keep(workspace->store, workspace->plugins, NULL); /* else their crashes are forgotten, no more */
    tend_plugins_close(workspace->plugins);
    workspace->plugins = NULL;
}

void tend_workspace_close(tend_workspace *workspace)
{
    if (!workspace)
        return;
    close_parts(workspace);
    tend_scorecard_free(workspace->card);
    tend_segments_free(workspace->segments);
    tend_model_close(workspace->model);
    tend_calendars_free(workspace->calendars);
    tend_bus_close(workspace->bus);
    tend_store_close(workspace->store);
    tend_rates_free(workspace->rates);
    tend_schema_free(workspace->schema);
    tend_config_free(workspace->config);
    free(workspace);
}

tend_status tend_workspace_reload(tend_workspace *workspace, FILE *faults, tend_error *reterr)
{
    tend_workspace *fresh = calloc(1, sizeof *fresh);
    tend_workspace kept;
    tend_status status;

    if (!fresh)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to read the configuration", workspace->folder);
    fresh->clock = workspace->clock;
    (void)snprintf(fresh->folder, sizeof fresh->folder, "%s", workspace->folder);
    status = load(fresh, faults, reterr);
    if (status >= 0)
        status = settle(fresh, faults, reterr);
    if (status >= 0)
        status = tend_workspace_check_parts(fresh, TEND_CHECK_ALL, faults, reterr);
    if (status >= 0 && strcmp(tend_config_path(fresh->config, "store", NULL, "path"), tend_store_path(workspace->store)) != 0)
        status = tend_fail(reterr, TEND_EINVAL, "%s: [store] path has changed; start the engine anew to open another store",
                           workspace->folder);
    if (status >= 0)
        status = tend_schema_apply(fresh->schema, workspace->store, reterr);
    if (status >= 0) {
        tend_model *model;

        status = tend_model_open(workspace->store, workspace->bus, fresh->schema, workspace->clock, &model, reterr);
        if (status >= 0 && tend_segments_remember(fresh->segments, model, reterr) < 0) {
            tend_model_close(model);
            status = TEND_EIO;
        }
        if (status >= 0) {
            tend_model_set_zone(model, fresh->zone);
            tend_model_set_calendars(model, fresh->calendars);
            fresh->store = workspace->store; /* the store, its lock and its bus stay open */
            fresh->bus = workspace->bus;
            fresh->model = model;
            fresh->own_now = workspace->own_now;
            fresh->is_safe = workspace->is_safe;
            fresh->attend = workspace->attend;
            fresh->attend_self = workspace->attend_self;
            kept = *fresh;
            close_parts(workspace);
            *fresh = *workspace;
            *workspace = kept;
            fresh->store = NULL;
            fresh->bus = NULL;
        }
    }
    tend_workspace_close(fresh);
    return status;
}

const char *tend_workspace_folder(const tend_workspace *workspace)
{
    return workspace->folder;
}

const tend_config *tend_workspace_config(const tend_workspace *workspace)
{
    return workspace->lent_config ? workspace->lent_config : workspace->config;
}

const tend_schema *tend_workspace_schema(const tend_workspace *workspace)
{
    return workspace->schema;
}

tend_store *tend_workspace_store(tend_workspace *workspace)
{
    return workspace->store;
}

tend_bus *tend_workspace_bus(tend_workspace *workspace)
{
    return workspace->bus;
}

tend_model *tend_workspace_model(tend_workspace *workspace)
{
    return workspace->model;
}

const tend_segments *tend_workspace_segments(const tend_workspace *workspace)
{
    return workspace->segments;
}

const tend_zone *tend_workspace_zone(const tend_workspace *workspace)
{
    return workspace->zone;
}

const tend_clock *tend_workspace_clock(const tend_workspace *workspace)
{
    return &workspace->clock;
}

tend_status tend_workspace_subfolder(const tend_workspace *workspace, const char *name, char *ret_path, size_t room,
                                     tend_error *reterr)
{
    if (snprintf(ret_path, room, "%s/%s", workspace->folder, name) >= (int)room)
        return tend_fail(reterr, TEND_EINVAL, "%s/%s: the path is too long", workspace->folder, name);
    return tend_folder_make(ret_path, 0700, reterr);
}
