/* doctor.c: whether everything a workspace needs is there and whole. */
#include "engine/doctor.h"
#include "base/process.h"
#include "engine/check.h"
#include "engine/data.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

typedef struct tend_visit {
    tend_workspace *workspace; /* NULL: it cannot be opened */
    const tend_query *query;
    const char *folder;
    int64_t store_bytes;
    tend_status (*found)(void *self, const char *what, tend_finding finding, const char *text, tend_error *reterr);
    void *self;
    tend_error *reterr;
} tend_visit;

TEND_PRINTF(4, 5)
static tend_status say(const tend_visit *visit, const char *what, tend_finding finding, const char *format, ...)
{
    char text[2048];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return visit->found(visit->self, what, finding, text, visit->reterr);
}

static const char *bytes_text(int64_t bytes, char room[static 32])
{
    static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
    int unit = 0;

    while (bytes >= 10240 && unit < 4) {
        bytes /= 1024;
        unit++;
    }
    (void)snprintf(room, 32, "%lld %s", (long long)bytes, units[unit]);
    return room;
}

static tend_status look_at_store(const tend_visit *visit)
{
    tend_store *store = tend_workspace_store(visit->workspace);
    tend_error error = { 0 };
    char size[32];

    if (tend_store_check(store, &error) < 0)
        return say(visit, "store", TEND_FINDING_FAULT, "%s; restore a backup into an empty workspace (tend restore)", error.text);
    return say(visit, "store", TEND_FINDING_OK, "%s is whole, %s", tend_store_path(store),
               bytes_text(tend_store_bytes(store), size));
}

static tend_status look_at_disk(const tend_visit *visit)
{
    struct statvfs disk;
    char free_text[32], needed_text[32];
    const char *folder = visit->folder;
    int64_t needed = visit->store_bytes * 2;
    int64_t room;

    if (statvfs(folder, &disk) != 0)
        return say(visit, "disk", TEND_FINDING_WARN, "%s: cannot ask for free space: %s", folder, strerror(errno));
    room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    if (room < TEND_DISK_NEARLY_FULL)
        return say(visit, "disk", TEND_FINDING_FAULT, "%s are free: nothing more can be stored soon; free some space",
                   bytes_text(room, free_text));
    if (room < needed)
        return say(visit, "disk", TEND_FINDING_WARN,
                   "%s are free, twice the store would be %s: a dry run or a backup may not fit; free some space",
                   bytes_text(room, free_text), bytes_text(needed, needed_text));
    return say(visit, "disk", TEND_FINDING_OK, "%s are free", bytes_text(room, free_text));
}

static tend_status look_at_folder(const tend_visit *visit)
{
    const char *folder = visit->folder;
    struct stat about;

    if (access(folder, W_OK) != 0)
        return say(visit, "folder", TEND_FINDING_FAULT, "%s: cannot be written by this user; give it to the engine's user", folder);
    if (visit->workspace && stat(tend_store_path(tend_workspace_store(visit->workspace)), &about) == 0 && (about.st_mode & S_IWOTH))
        return say(visit, "folder", TEND_FINDING_FAULT, "%s: everybody may write it; chmod o-w it",
                   tend_store_path(tend_workspace_store(visit->workspace)));
    return say(visit, "folder", TEND_FINDING_OK, "%s can be written", folder);
}

static tend_status look_at_programs(const tend_visit *visit)
{
    static const char *const names[] = { "tend-host", "tend-sandbox" };
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < sizeof names / sizeof *names; i++) {
        char path[PATH_MAX];
        tend_error error = { 0 };

        if (tend_process_find_helper(names[i], path, sizeof path, &error) < 0)
            status = say(visit, names[i], TEND_FINDING_FAULT, "%s", error.text);
        else
            status = say(visit, names[i], TEND_FINDING_OK, "%s", path);
    }
    return status;
}

/* Papers that are wrong are worth a look even where nothing asks for them; to have none is not. */
static tend_status look_at_plugin(const tend_visit *visit, const tend_plugin_info *info)
{
    const bool has_keys = tend_config_has(tend_workspace_config(visit->workspace), "plugins", NULL, "trusted_keys");

    if (!info->is_usable)
        return say(visit, "plugin", TEND_FINDING_WARN, "%s: %s", info->name ? info->name : info->path, info->why_not);
    if (info->signed_by)
        return say(visit, "plugin", TEND_FINDING_OK, "%s %s, signed by %s", info->name, info->version, info->signed_by);
    if (has_keys && info->why_unsigned && strncmp(info->why_unsigned, "not signed", 10) != 0)
        return say(visit, "plugin", TEND_FINDING_WARN, "%s: %s; it is used all the same without [plugins] require_signature",
                   info->name, info->why_unsigned);
    return say(visit, "plugin", TEND_FINDING_OK, "%s %s", info->name, info->version);
}

static tend_status look_at_plugins(const tend_visit *visit)
{
    tend_plugins *plugins;
    const tend_plugin_info *info;
    tend_error error = { 0 };
    tend_status status = tend_workspace_plugins(visit->workspace, &plugins, &error);

    if (status >= 0)
        status = tend_plugins_look_at_signatures(plugins, &error);
    if (status < 0)
        return say(visit, "plugin", TEND_FINDING_FAULT, "%s", error.text);
    for (size_t i = 0; status >= 0 && (info = tend_plugins_info(plugins, i)); i++)
        status = look_at_plugin(visit, info);
    return status;
}

/* KPIs that their plugin has and nobody can ask for: of two with one id the second, inputs that are not there. What is wrong with
 * a whole plugin is said of the plugin; that it does not start, here. */
static tend_status look_at_kpis(const tend_visit *visit)
{
    tend_kpis *kpis;
    const tend_kpi_left_out *out;
    tend_error error = { 0 };
    tend_status status = tend_workspace_kpis(visit->workspace, &kpis, &error);

    if (status < 0)
        return say(visit, "kpi", TEND_FINDING_FAULT, "%s", error.text);
    for (size_t i = 0; status >= 0 && (out = tend_kpis_left_out(kpis, i)); i++)
        if (out->kpi || strcmp(out->state, "failed") == 0)
            status = say(visit, "kpi", TEND_FINDING_WARN, "%s", out->why);
    return status;
}

/* Sources, sinks and prices, as their plugins see them. */
static tend_status look_at_sections(const tend_visit *visit)
{
    char *lines = NULL, *line, *rest;
    size_t length = 0;
    FILE *faults = open_memstream(&lines, &length);
    tend_error error = { 0 };
    tend_status checked, status = TEND_OK;

    if (!faults)
        return tend_fail(visit->reterr, TEND_ENOMEM, "doctor: memory is used up");
    checked = visit->workspace
                  ? tend_workspace_check_parts(visit->workspace,
                                               (TEND_CHECK_ALL & ~TEND_CHECK_PLAYBOOKS) | TEND_CHECK_AROUND | TEND_CHECK_PEOPLE,
                                               faults, &error)
                  : tend_workspace_check(visit->folder, tend_clock_system(), faults, &error);
    if (fclose(faults) != 0 || !lines)
        status = tend_fail(visit->reterr, TEND_ENOMEM, "doctor: memory is used up");
    else if (checked >= 0)
        status = say(visit, "configuration", TEND_FINDING_OK, "what it names is there, and plugins understand what they are given");
    else if (length == 0)
        status = say(visit, "configuration", TEND_FINDING_FAULT, "%s", error.text);
    for (line = lines; status >= 0 && line && *line; line = rest) {
        rest = line + strcspn(line, "\n");
        if (*rest)
            *rest++ = '\0';
        status = say(visit, "configuration", TEND_FINDING_FAULT, "%s", line);
    }
    free(lines);
    return status;
}

static tend_status look_at_decisions(const tend_visit *visit, const char *name)
{
    int64_t delivered = 0, decided = 0;
    tend_error error = { 0 };

    if (tend_playbook_reconcile(tend_workspace_store(visit->workspace), name, &delivered, &decided, &error) < 0)
        return say(visit, "playbook", TEND_FINDING_WARN, "%s: %s", name, error.text);
    if (delivered != decided)
        return say(visit, "playbook", TEND_FINDING_FAULT,
                   "%s: %lld events were put before it, %lld were decided; please report this", name, (long long)delivered,
                   (long long)decided);
    return say(visit, "playbook", TEND_FINDING_OK, "%s: %lld events, each decided once", name, (long long)decided);
}

/* What a limit holds is a person's to decide. */
static tend_status look_at_held(const tend_visit *visit, const char *name)
{
    int64_t held = 0;
    tend_error error = { 0 };

    if (tend_playbook_held(tend_workspace_store(visit->workspace), name, &held, &error) < 0)
        return say(visit, "playbook", TEND_FINDING_WARN, "%s: %s", name, error.text);
    if (held == 0)
        return TEND_OK;
    return say(visit, "playbook", TEND_FINDING_WARN,
               "%s: %lld run%s for approval, as it did more than it may in a while; tend playbook release %s lets them go on, tend "
               "playbook drop %s ends them",
               name, (long long)held, held == 1 ? " waits" : "s wait", name, name);
}

static void keep_first(void *self, const char *line)
{
    tend_error *first = self;

    if (first->text[0] == '\0')
        (void)tend_fail(first, TEND_EINVAL, "%s", line);
}

/* The script as it stands now, and what the engine made of it when it read it last. */
static tend_status look_at_script(const tend_visit *visit, const char *name)
{
    tend_error first = { 0 }, error = { 0 };
    tend_playbook_trouble trouble = TEND_TROUBLE_NONE;
    int faults = 0;
    tend_status status = tend_workspace_check_playbook(visit->workspace, name, keep_first, &first, &faults, &error);

    if (status >= 0)
        status = tend_playbook_trouble_of(tend_workspace_store(visit->workspace), name, &trouble, &error);
    if (status < 0)
        return say(visit, "playbook", TEND_FINDING_WARN, "%s: %s", name, error.text);
    if (faults == 0 && trouble == TEND_TROUBLE_NONE)
        return TEND_OK;
    if (faults == 0)
        return say(visit, "playbook", TEND_FINDING_WARN,
                   "%s: %s when the engine read it last; it is well now, so let the engine read it again (SIGHUP)", name,
                   trouble == TEND_TROUBLE_LEFT_OUT ? "was left out" : "was faulty");
    return say(visit, "playbook", TEND_FINDING_FAULT, "%s: %s%s%s", name,
               trouble == TEND_TROUBLE_LEFT_OUT ? "is left out: "
               : trouble == TEND_TROUBLE_KEPT   ? "works on with its last good script: "
                                                : "",
               first.text, faults > 1 ? "; tend config check names the other faults" : "");
}

static tend_status look_at_playbooks(const tend_visit *visit)
{
    const tend_config *config = tend_workspace_config(visit->workspace);
    const char *name;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && (name = tend_config_instance(config, "playbook", i)); i++) {
        if (tend_config_bool(config, "playbook", name, "enabled"))
            status = look_at_script(visit, name);
        if (status >= 0)
            status = look_at_decisions(visit, name);
        if (status >= 0)
            status = look_at_held(visit, name);
    }
    return status;
}

static tend_status look_at_zones(const tend_visit *visit)
{
    const tend_zone *zone;
    tend_error error = { 0 };

    if (tend_zone_find("Asia/Seoul", &zone, &error) < 0)
        return say(visit, "time zones", TEND_FINDING_FAULT, "%s; install the package tzdata", error.text);
    if (!visit->workspace)
        return say(visit, "time zones", TEND_FINDING_OK, "are there");
    return say(visit, "time zones", TEND_FINDING_OK, "days begin in %s", tend_zone_name(tend_workspace_zone(visit->workspace)));
}

/* Holidays that end soon. */
static tend_status look_at_calendars(const tend_visit *visit)
{
    const tend_calendars *calendars = tend_model_calendars(tend_workspace_model(visit->workspace));
    const tend_calendar *calendar;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && calendars && (calendar = tend_calendars_at(calendars, i)); i++) {
        char until[TEND_DATE_ROOM];

        if (calendar->known_until == TEND_NO_DATE || calendar->known_until >= visit->query->today + 180)
            continue;
        status = say(visit, "calendar", TEND_FINDING_WARN,
                     "%s: its holidays are listed until %s; add those that follow to [calendar.%s]", calendar->name,
                     tend_date_format(calendar->known_until, until), calendar->name);
    }
    if (status >= 0 && calendars)
        status = say(visit, "calendar", TEND_FINDING_OK, "the company works by %s", tend_calendars_company(calendars)->name);
    return status;
}

static tend_status look_at_clock(const tend_visit *visit)
{
    char at[TEND_TIME_ROOM];

    if (!tend_workspace_has_own_clock(visit->workspace))
        return TEND_OK;
    return say(
        visit, "clock", TEND_FINDING_OK,
        "this workspace is simulated, for ever: its clock stands at %s, no source is asked, messages stay in tend outbox list",
        tend_time_format(tend_clock_now(tend_workspace_clock(visit->workspace)), at));
}

static tend_status look_at_data(const tend_visit *visit)
{
    char path[PATH_MAX];
    tend_error error = { 0 };

    if (tend_data_path("mappings", path, sizeof path, &error) < 0)
        return say(visit, "shared files", TEND_FINDING_FAULT, "%s", error.text);
    return say(visit, "shared files", TEND_FINDING_OK, "%s", path);
}

static tend_status say_need(void *self, const tend_need *need, tend_error *reterr)
{
    const tend_visit *visit = self;

    (void)reterr;
    if (strcmp(need->topic, "playbook") == 0 || strcmp(need->topic, "disk") == 0)
        return TEND_OK; /* looked at by themselves */
    return say(visit, need->topic, TEND_FINDING_WARN, "%s (%lld): %s", need->what, (long long)need->count, need->see);
}

/* What the engine waits for, as status has it. */
static tend_status look_at_needs(const tend_visit *visit)
{
    int64_t needs;

    return tend_query_needs(visit->query, say_need, (void *)(uintptr_t)visit, &needs, visit->reterr);
}

tend_status tend_doctor(tend_workspace *workspace, const tend_query *query,
                        tend_status (*found)(void *self, const char *what, tend_finding finding, const char *text,
                                             tend_error *reterr),
                        void *self, tend_error *reterr)
{
    static tend_status (*const looks[])(const tend_visit *visit) = {
        look_at_folder,    look_at_disk,  look_at_store, look_at_programs,  look_at_plugins, look_at_kpis, look_at_sections,
        look_at_playbooks, look_at_needs, look_at_zones, look_at_calendars, look_at_clock,   look_at_data
    };
    const tend_visit visit = { .workspace = workspace,
                               .query = query,
                               .folder = tend_workspace_folder(workspace),
                               .store_bytes = tend_store_bytes(tend_workspace_store(workspace)),
                               .found = found,
                               .self = self,
                               .reterr = reterr };
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < sizeof looks / sizeof *looks; i++)
        status = looks[i](&visit);
    return status;
}

tend_status tend_doctor_closed(const char *folder, const char *why,
                               tend_status (*found)(void *self, const char *what, tend_finding finding, const char *text,
                                                    tend_error *reterr),
                               void *self, tend_error *reterr)
{
    static tend_status (*const looks[])(const tend_visit *visit) = { look_at_folder,   look_at_disk,  look_at_programs,
                                                                     look_at_sections, look_at_zones, look_at_data };
    const tend_visit visit = { .folder = folder, .found = found, .self = self, .reterr = reterr };
    tend_status status = say(&visit, "store", TEND_FINDING_FAULT, "%s", why);

    for (size_t i = 0; status >= 0 && i < sizeof looks / sizeof *looks; i++)
        status = looks[i](&visit);
    return status;
}
