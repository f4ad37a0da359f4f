#include "plugin/plugins.h"

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/near.h"
#include "base/note.h"
#include "plugin/list.h"
#include "plugin/registry.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_PLUGINS ((size_t)1000)

static const tend_setting plugins_settings[] = {
    { .key = "path",
      .type = TEND_SETTING_LIST,
      .help = "folders to look for plugins in, before those that come with tend; absolute" },
    { .key = "call_deadline",
      .type = TEND_SETTING_DURATION,
      .fallback = "60 s",
      .help = "a plugin that gives no sign of life for so long is stopped",
      .min = 100,
      .max = 86400000 },
    { .key = "memory_limit",
      .type = TEND_SETTING_SIZE,
      .fallback = "1 GiB",
      .help = "memory that one plugin may use",
      .min = 64 << 20,
      .max = INT64_C(1) << 46 },
    { .key = "quarantine_after",
      .type = TEND_SETTING_INT,
      .fallback = "5",
      .help = "crashes of a plugin within an hour after which it is not started any more; 0: never",
      .min = 0,
      .max = TEND_CRASHES_KEPT },
    { .key = "require_signature",
      .type = TEND_SETTING_BOOL,
      .fallback = "no",
      .help = "yes: only plugins that tend-sign signed with one of trusted_keys are started" },
    { .key = "trusted_keys",
      .type = TEND_SETTING_PATHS,
      .help = "public keys of those whose plugins are trusted: files, or folders with files *.pub" },
    { 0 },
};

static const char *const rights[] = { "files", "network", "programs", NULL };

static const tend_setting plugin_settings[] = {
    { .key = "grant",
      .type = TEND_SETTING_LIST,
      .choices = rights,
      .help = "rights that the plugin may have, of those it asks for: files, network, programs" },
    { .key = "enabled", .type = TEND_SETTING_BOOL, .fallback = "yes", .help = "no: the plugin is never started" },
    { .key = "call_deadline",
      .type = TEND_SETTING_DURATION,
      .help = "as in [plugins], for this plugin alone",
      .min = 100,
      .max = 86400000 },
    { .key = "memory_limit",
      .type = TEND_SETTING_SIZE,
      .help = "as in [plugins], for this plugin alone",
      .min = 64 << 20,
      .max = INT64_C(1) << 46 },
    { .key = "*",
      .type = TEND_SETTING_TEXT,
      .help =
          "any other key is a setting of a KPI plugin; those of other kinds stand in [source.NAME], [sink.NAME], [price.NAME]" },
    { 0 },
};

const tend_section tend_plugins_sections[] = {
    { "plugins", false, "Where plugins are found, and the limits that each runs under.", plugins_settings },
    { "plugin", true, "One plugin, by its name: what it may do, and the settings of one with KPIs.", plugin_settings },
    { 0 },
};

const char *tend_plugin_state_name(tend_plugin_state state)
{
    static const char *const names[] = { "",         "usable",       "broken",      "other_abi",    "unsafe",
                                         "shadowed", "switched_off", "not_granted", "missing",      "quarantined",
                                         "unsigned", "untrusted",    "held",        "misconfigured" };

    return state > 0 && (size_t)state < sizeof names / sizeof *names ? names[state] : "";
}

static bool is_configured(const tend_plugins *plugins, const char *name)
{
    const char *instance;

    for (size_t i = 0; plugins->config && (instance = tend_config_instance(plugins->config, "plugin", i)); i++)
        if (strcmp(instance, name) == 0)
            return true;
    return false;
}

static uint32_t read_grant(const tend_plugins *plugins, const char *name)
{
    static const uint32_t bits[] = { TEND_NEEDS_FILES, TEND_NEEDS_NETWORK, TEND_NEEDS_PROGRAMS }; /* as `rights` has them */
    const char *word;
    uint32_t granted = 0;

    for (size_t i = 0; (word = tend_config_entry(plugins->config, "plugin", name, "grant", i)); i++)
        for (size_t at = 0; rights[at]; at++)
            if (strcmp(rights[at], word) == 0)
                granted |= bits[at];
    return granted;
}

/* Only KPIs get their settings there: any other key of another plugin is a slip, of `grant` perhaps. */
static void refuse_strange_key(tend_plugins *plugins, tend_plugin_info *info)
{
    const tend_section *table = &tend_plugins_sections[1];
    const char *key, *value, *file, *near;
    unsigned line;

    if (info->provides & TEND_PROVIDES_KPI)
        return;
    for (size_t i = 0; tend_config_key(plugins->config, "plugin", info->name, i, &key, &value, &file, &line); i++) {
        if (tend_section_setting(table, key))
            continue;
        near = tend_section_near(table, key);
        tend_plugin_refuse(info, TEND_PLUGIN_MISCONFIGURED,
                           near ? tend_arena_print(plugins->arena, "%s:%u: [plugin.%s] %s: no such setting; did you mean %s?", file,
                                                   line, info->name, key, near)
                                : tend_arena_print(plugins->arena, "%s:%u: [plugin.%s] %s: " TEND_PLUGIN_STRANGE_KEY, file, line,
                                                   info->name, key));
        return;
    }
}

/* Rights and limits as configuration has them. */
static void configure(tend_plugins *plugins, plugin_entry *entry)
{
    tend_plugin_info *info = &entry->info;
    bool is_named = is_configured(plugins, info->name);
    char missing[TEND_NEEDS_ROOM], all[TEND_NEEDS_ROOM];

    entry->deadline_ms = 60000;
    entry->memory = INT64_C(1) << 30;
    if (plugins->config) {
        const bool own_deadline = is_named && tend_config_has(plugins->config, "plugin", info->name, "call_deadline");
        const bool own_memory = is_named && tend_config_has(plugins->config, "plugin", info->name, "memory_limit");

        entry->deadline_ms = (int)tend_config_int(plugins->config, own_deadline ? "plugin" : "plugins",
                                                  own_deadline ? info->name : NULL, "call_deadline");
        entry->memory =
            tend_config_int(plugins->config, own_memory ? "plugin" : "plugins", own_memory ? info->name : NULL, "memory_limit");
    }
    if (is_named) {
        info->granted = read_grant(plugins, info->name);
        if (info->is_usable && !tend_config_bool(plugins->config, "plugin", info->name, "enabled")) {
            tend_plugin_refuse(info, TEND_PLUGIN_SWITCHED_OFF,
                               tend_arena_print(plugins->arena, "switched off by [plugin.%s] enabled = no", info->name));
        }
        if (info->is_usable)
            refuse_strange_key(plugins, info);
    }
    if (info->is_usable && (info->needs & TEND_NEEDS_ALL & ~info->granted)) {
        tend_plugin_refuse(info, TEND_PLUGIN_NOT_GRANTED,
                           tend_arena_print(plugins->arena, "asks for %s; grant it with [plugin.%s] grant = %s",
                                            tend_needs_words(info->needs & TEND_NEEDS_ALL & ~info->granted, missing), info->name,
                                            tend_needs_words(info->needs, all)));
    }
}

/* A file that others may change, or that leads elsewhere, is not read at all. */
static tend_status check_file(int folder, const char *path, int fd, tend_error *reterr)
{
    struct stat file, home;

    if (fstat(fd, &file) < 0 || fstat(folder, &home) < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be read: %s", path, strerrordesc_np(errno));
    if (!S_ISREG(file.st_mode))
        return tend_fail(reterr, TEND_EINVAL, "%s: not a file", path);
    if (file.st_mode & S_IWOTH)
        return tend_fail(reterr, TEND_EDENIED, "%s: everybody may write to it; chmod o-w it", path);
    if (home.st_mode & S_IWOTH)
        return tend_fail(reterr, TEND_EDENIED, "%s: everybody may write to its folder; chmod o-w the folder", path);
    if (file.st_uid != 0 && file.st_uid != geteuid())
        return tend_fail(reterr, TEND_EDENIED, "%s: it belongs to another user; chown it to root or to the user that runs tend",
                         path);
    return TEND_OK;
}

static tend_status read_note(int folder, const char *name, const char *path, tend_plugin_note *ret_note, int64_t *ret_identity,
                             tend_error *reterr)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
    struct stat file = { 0 };
    tend_status status;

    if (fd < 0 && errno == ELOOP)
        return tend_fail(reterr, TEND_EDENIED, "%s: it is a symbolic link; put the file itself there", path);
    if (fd < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be opened: %s", path, strerrordesc_np(errno));
    status = check_file(folder, path, fd, reterr);
    if (status == TEND_OK)
        status = tend_note_read(fd, path, ret_note, reterr);
    if (fstat(fd, &file) == 0)
        tend_note_identity(&file, ret_identity);
    (void)close(fd);
    return status;
}

/* For a file whose note is of no use: "sink_smtp.so" is called smtp. */
static char *name_of_file(tend_plugins *plugins, const char *file)
{
    const char *under = strchr(file, '_');
    const char *start = under ? under + 1 : file;

    return tend_arena_copy(plugins->arena, start, strlen(start) - strlen(".so"));
}

static tend_status add_entry(tend_plugins *plugins, const tend_plugin_info *info, tend_error *reterr)
{
    if (!info->name || !info->version || (!info->is_usable && !info->why_not))
        return tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for the list of plugins");
    if (plugins->count == plugins->room) {
        size_t room = plugins->room ? plugins->room * 2 : 32;
        plugin_entry *larger;

        if (plugins->count >= MOST_PLUGINS)
            return tend_fail(reterr, TEND_ELIMIT, "%s: more than %zu plugins", info->path, MOST_PLUGINS);
        larger = realloc(plugins->entries, room * sizeof *larger);
        if (!larger)
            return tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for the list of plugins");
        plugins->entries = larger;
        plugins->room = room;
    }
    plugins->entries[plugins->count++] = (plugin_entry){ .info = *info };
    return TEND_OK;
}

static tend_plugin_state state_of(tend_status status)
{
    return status == TEND_OK         ? TEND_PLUGIN_USABLE
           : status == TEND_EVERSION ? TEND_PLUGIN_OTHER_ABI
           : status == TEND_EDENIED  ? TEND_PLUGIN_UNSAFE
                                     : TEND_PLUGIN_BROKEN;
}

static tend_status add_file(tend_plugins *plugins, int folder, const char *folder_path, const char *file, tend_error *reterr)
{
    tend_plugin_note note = { 0 };
    tend_error why = { 0 };
    tend_plugin_info info = { .path = tend_arena_print(plugins->arena, "%s/%s", folder_path, file) };
    const tend_plugin_info *first;
    tend_status status;

    if (!info.path)
        return tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for the list of plugins");
    status = read_note(folder, file, info.path, &note, info.identity, &why);
    if (status == TEND_ENOMEM) /* says nothing about the plugin, and would stand in the list for as long as the engine runs */
        return tend_fail(reterr, status, "%s", why.text);
    info.abi = note.abi;
    info.is_usable = status == TEND_OK;
    info.state = state_of(status);
    if (status == TEND_OK) {
        info.name = tend_arena_string(plugins->arena, note.name);
        info.version = tend_arena_string(plugins->arena, note.version);
        info.provides = note.provides;
        info.needs = note.needs;
        first = info.name ? tend_plugins_find(plugins, info.name) : NULL;
        if (first && first->is_usable)
            tend_plugin_refuse(&info, TEND_PLUGIN_SHADOWED, tend_arena_print(plugins->arena, "%s was found first", first->path));
    } else {
        info.name = name_of_file(plugins, file);
        info.version = "";
        info.why_not = tend_arena_string(plugins->arena, why.text);
    }
    return add_entry(plugins, &info, reterr);
}

/* [plugin.NAME] is written, and there is none. */
static tend_status add_missing(tend_plugins *plugins, const char *name, tend_error *reterr)
{
    tend_plugin_info info = { .name = name, .version = "", .path = "" };
    const char *key, *value, *file = NULL;
    unsigned line = 0;

    if (tend_config_key(plugins->config, "plugin", name, 0, &key, &value, &file, &line))
        tend_plugin_refuse(
            &info, TEND_PLUGIN_MISSING,
            tend_arena_print(plugins->arena, "not installed, but [plugin.%s] is written at %s:%u", name, file, line));
    else
        tend_plugin_refuse(&info, TEND_PLUGIN_MISSING,
                           tend_arena_print(plugins->arena, "not installed, but [plugin.%s] is written", name));
    return add_entry(plugins, &info, reterr);
}

static int is_plugin_file(const struct dirent *item)
{
    size_t length = strlen(item->d_name);

    return item->d_name[0] != '.' && length > 3 && strcmp(item->d_name + length - 3, ".so") == 0;
}

/* One that does not exist holds no plugins, unless configuration named it. */
static tend_status add_folder(tend_plugins *plugins, const char *path, bool is_named, tend_error *reterr)
{
    struct dirent **items = NULL;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), count;
    tend_status status = TEND_OK;

    if (folder < 0) {
        if (is_named)
            tend_log(TEND_LOG_WARN, "plugins", "folder cannot be read", "path", path, "why", strerrordesc_np(errno), NULL);
        return TEND_OK;
    }
    count = scandir(path, &items, is_plugin_file, alphasort);
    for (int i = 0; i < count; i++) {
        if (status == TEND_OK)
            status = add_file(plugins, folder, path, items[i]->d_name, reterr);
        free(items[i]);
    }
    free(items);
    (void)close(folder);
    return status;
}

/* $TEND_PLUGIN_PATH, [plugins] path, the build's or prefix's own folder, the folder of the package. */
static tend_status add_folders(tend_plugins *plugins, tend_error *reterr)
{
    const char *named = getenv("TEND_PLUGIN_PATH"), *entry;
    char own[PATH_MAX], beside[PATH_MAX + 32];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    struct stat one, other;
    tend_status status = TEND_OK;

    while (status == TEND_OK && named && *named) {
        size_t part = strcspn(named, ":");
        char *folder = tend_arena_copy(plugins->arena, named, part);

        if (folder && part > 0)
            status = add_folder(plugins, folder, true, reterr);
        named += part + (named[part] == ':');
    }
    for (size_t i = 0;
         status == TEND_OK && plugins->config && (entry = tend_config_entry(plugins->config, "plugins", NULL, "path", i)); i++) {
        const char *file = NULL;
        unsigned line = 0;

        tend_config_origin(plugins->config, "plugins", NULL, "path", &file, &line);
        if (entry[0] != '/' || strstr(entry, "/../"))
            return tend_fail(reterr, TEND_EINVAL, "%s:%u: [plugins] path: %s: write the whole path of the folder, without '..'",
                             file ? file : "configuration", line, entry);
        status = add_folder(plugins, entry, true, reterr);
    }
    if (status < 0 || length < 0)
        return status;
    own[length] = '\0';
    *strrchr(own, '/') = '\0';
    (void)snprintf(beside, sizeof beside, "%s/../lib/tend/plugins", own);
    status = add_folder(plugins, beside, false, reterr);
    if (status < 0 || (stat(beside, &one) == 0 && stat(TEND_PLUGIN_FOLDER, &other) == 0 && one.st_ino == other.st_ino &&
                       one.st_dev == other.st_dev))
        return status;
    return add_folder(plugins, TEND_PLUGIN_FOLDER, false, reterr);
}

static int by_name(const void *left, const void *right)
{
    const plugin_entry *a = left, *b = right;
    int order = strcmp(a->info.name, b->info.name);

    if (order == 0)
        order = (int)b->info.is_usable - (int)a->info.is_usable;
    return order != 0 ? order : strcmp(a->info.path, b->info.path);
}

tend_status tend_plugins_open(const tend_config *config, tend_clock clock, tend_plugins **ret_plugins, tend_error *reterr)
{
    tend_plugins *plugins = calloc(1, sizeof *plugins);
    const char *instance;
    tend_status status;

    if (!plugins || !(plugins->arena = tend_arena_new())) {
        status = tend_fail(reterr, TEND_ENOMEM, "plugins: no memory for the list of plugins");
        goto out;
    }
    plugins->config = config;
    plugins->clock = clock;
    status = add_folders(plugins, reterr);
    for (size_t i = 0; status == TEND_OK && config && (instance = tend_config_instance(config, "plugin", i)); i++)
        if (!tend_plugins_find(plugins, instance))
            status = add_missing(plugins, instance, reterr);
    if (status < 0)
        goto out;
    if (plugins->count > 0)
        qsort(plugins->entries, plugins->count, sizeof *plugins->entries, by_name);
    for (size_t i = 0; i < plugins->count && status == TEND_OK; i++)
        configure(plugins, &plugins->entries[i]);
    if (status >= 0 && config && tend_config_bool(config, "plugins", NULL, "require_signature"))
        status = tend_plugins_require_signatures(plugins, reterr);
    if (status < 0)
        goto out;
    *ret_plugins = plugins;
    plugins = NULL;
out:
    tend_plugins_close(plugins);
    return status;
}

tend_status tend_plugins_open_file(const char *path, tend_clock clock, tend_plugins **ret_plugins, tend_error *reterr)
{
    tend_plugins *plugins = calloc(1, sizeof *plugins);
    char folder_path[PATH_MAX];
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    int folder = -1;
    tend_status status = tend_path_folder(path, folder_path, sizeof folder_path, reterr);

    if (status == TEND_OK && (!plugins || !(plugins->arena = tend_arena_new())))
        status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory to look at it", path);
    if (status < 0)
        goto out;
    plugins->clock = clock;
    folder = open(folder_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be opened: %s", path, strerrordesc_np(errno));
        goto out;
    }
    status = add_file(plugins, folder, folder_path, file, reterr);
    if (status < 0)
        goto out;
    plugins->entries[0].sends_each = true;
    plugins->entries[0].info.granted = tend_note_rights(plugins->entries[0].info.needs, TEND_NEEDS_ALL);
    configure(plugins, &plugins->entries[0]);
    *ret_plugins = plugins;
    plugins = NULL;
out:
    if (folder >= 0)
        (void)close(folder);
    tend_plugins_close(plugins);
    return status;
}

void tend_plugins_close(tend_plugins *plugins)
{
    if (!plugins)
        return;
    tend_arena_free(plugins->arena);
    free(plugins->entries);
    free(plugins);
}

const tend_plugin_info *tend_plugins_info(const tend_plugins *plugins, size_t i)
{
    return i < plugins->count ? &plugins->entries[i].info : NULL;
}

const tend_plugin_info *tend_plugins_find(const tend_plugins *plugins, const char *name)
{
    for (size_t i = 0; i < plugins->count; i++)
        if (strcmp(plugins->entries[i].info.name, name) == 0)
            return &plugins->entries[i].info;
    return NULL;
}

tend_time tend_plugins_now(const tend_plugins *plugins)
{
    return tend_clock_now(&plugins->clock);
}

static tend_plugin_use use_of(const tend_plugins *plugins, const plugin_entry *entry)
{
    return (tend_plugin_use){ .info = &entry->info,
                              .deadline_ms = entry->deadline_ms,
                              .memory = entry->memory,
                              .sends_each = entry->sends_each,
                              .sha256 = plugins->needs_signatures ? entry->sha256 : NULL };
}

tend_status tend_plugins_use(const tend_plugins *plugins, const char *name, tend_plugin_use *ret_use, tend_error *reterr)
{
    for (size_t i = 0; i < plugins->count; i++) {
        const plugin_entry *entry = &plugins->entries[i];

        if (strcmp(entry->info.name, name) != 0)
            continue;
        if (!entry->info.is_usable)
            return tend_fail(reterr, TEND_EDENIED, "plugin %s: %s", name, entry->info.why_not);
        *ret_use = use_of(plugins, entry);
        return TEND_OK;
    }
    return tend_fail(reterr, TEND_ENOTFOUND, "plugin %s: it is not installed; `tend plugin list` shows those that are", name);
}

tend_status tend_plugins_use_to_describe(const tend_plugins *plugins, const char *name, tend_plugin_use *ret_use,
                                         tend_error *reterr)
{
    for (size_t i = 0; i < plugins->count; i++)
        if (strcmp(plugins->entries[i].info.name, name) == 0 && plugins->entries[i].info.state == TEND_PLUGIN_NOT_GRANTED) {
            *ret_use = use_of(plugins, &plugins->entries[i]);
            return TEND_OK;
        }
    return tend_plugins_use(plugins, name, ret_use, reterr);
}
