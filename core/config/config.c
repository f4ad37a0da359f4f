#include "config/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1u << 20)

static tend_config *new_config(const tend_section *const *sections)
{
    tend_config *config = calloc(1, sizeof *config);

    if (!config)
        return NULL;
    config->sections = sections;
    config->arena = tend_arena_new();
    if (!config->arena) {
        free(config);
        return NULL;
    }
    return config;
}

void tend_config_free(tend_config *config)
{
    if (!config)
        return;
    for (tend_place *place = config->first; place; place = place->later)
        free(place->entries);
    tend_arena_free(config->arena);
    free(config);
}

static bool is_missing(const tend_config *config, const tend_place *place, const tend_setting *setting)
{
    return setting->is_required && !setting->fallback && !(place && tend_config_find_entry(config, place, setting->key));
}

static void check_required(tend_config *config, const char *file, tend_faults *faults)
{
    char where[TEND_PLACE_ROOM];
    bool lacks = false;

    for (const tend_section *const *list = config->sections; *list; list++) {
        for (const tend_section *section = *list; section->name; section++) {
            if (section->is_named || tend_config_find_place(config, section->name, NULL))
                continue;
            for (const tend_setting *setting = section->settings; setting->key; setting++) {
                if (is_missing(config, NULL, setting))
                    tend_config_fault(faults, "%s:1: [%s] %s: is missing; add it", file, section->name, setting->key);
            }
        }
    }
    for (tend_place *place = config->first; place; place = place->later) {
        for (const tend_setting *setting = place->section->settings; setting->key; setting++) {
            if (!is_missing(config, place, setting))
                continue;
            if (!place->has_bad_line && (!place->is_broken || !faults->are_dropped)) /* a line that was dropped is not missing */
                tend_config_fault(faults, "%s:%u: %s %s: is missing; add it", place->file, place->line,
                                  tend_place_name(place, where), setting->key);
            lacks = true;
        }
        place->is_broken |= lacks;
        lacks = false;
    }
}

/* Defaults are read once, as if they were written in the folder of the first file. */
static void read_defaults(tend_config *config, tend_faults *faults)
{
    char reason[TEND_CONFIG_REASON];

    for (const tend_section *const *list = config->sections; *list; list++) {
        for (const tend_section *section = *list; section->name; section++) {
            for (const tend_setting *setting = section->settings; setting->key; setting++) {
                tend_entry *entry = setting->fallback ? tend_arena_take(config->arena, sizeof *entry) : NULL;

                if (!entry)
                    continue;
                entry->setting = setting;
                entry->key = setting->key;
                entry->value = setting->fallback;
                entry->following = config->defaults[tend_setting_hash(setting)];
                config->defaults[tend_setting_hash(setting)] = entry;
                if (!tend_config_check(setting, setting->fallback, config->folder, config->arena, &entry->checked, reason))
                    tend_config_fault(faults, "default: [%s] %s: %s", section->name, setting->key, reason);
            }
        }
    }
}

static tend_status finish(tend_config *config, tend_status status, const char *file, tend_faults *faults, tend_config **ret_config)
{
    if (status >= 0) {
        read_defaults(config, faults);
        check_required(config, file, faults);
        tend_faults_end(faults);
        if (faults->count > 0 && !faults->are_forgiven)
            status = TEND_EINVAL;
    }
    if (status < 0)
        tend_config_free(config);
    else
        *ret_config = config;
    return status;
}

/* The whole file, or a fault; *ret_text is owned, NULL after a fault. */
static tend_status read_file(const char *file, char **ret_text, size_t *ret_length, tend_faults *faults)
{
    const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found;
    size_t length = 0;
    ssize_t count = 0;
    char *text = NULL;

    *ret_text = NULL;
    if (fd < 0) {
        tend_config_fault(faults, "%s: cannot be read (%s); check its name and mode", file, strerror(errno));
        return TEND_OK;
    }
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode))
        tend_config_fault(faults, "%s: is not a plain file; name one", file);
    else if (found.st_size > FILE_MAX)
        tend_config_fault(faults, "%s: is larger than 1 MiB; split it", file);
    else if (!(text = malloc(FILE_MAX + 1)))
        (void)tend_fail(faults->reterr, TEND_ENOMEM, "%s: memory is used up", file);
    while (text && length <= FILE_MAX && (count = read(fd, text + length, FILE_MAX + 1 - length)) > 0)
        length += (size_t)count;
    if (text && (count < 0 || length > FILE_MAX)) {
        tend_config_fault(faults, count < 0 ? "%s: cannot be read; check the disk" : "%s: is larger than 1 MiB; split it", file);
        free(text);
        text = NULL;
    }
    (void)close(fd);
    *ret_text = text;
    *ret_length = length;
    return text || faults->count > 0 ? TEND_OK : TEND_ENOMEM;
}

static tend_status load(const char *const *files, const tend_section *const *sections, tend_faults *faults,
                        tend_config **ret_config)
{
    tend_config *config = new_config(sections);
    tend_status status = TEND_OK;
    char *text;
    size_t length;

    if (!config)
        return tend_fail(faults->reterr, TEND_ENOMEM, "configuration: memory is used up");
    for (size_t i = 0; files[i] && status >= 0; i++) {
        status = read_file(files[i], &text, &length, faults);
        if (status >= 0 && text)
            status = tend_config_read(config, files[i], text, length, faults);
        free(text);
    }
    if (!config->folder)
        config->folder = "/";
    return finish(config, status, files[0] ? files[0] : "configuration", faults, ret_config);
}

tend_status tend_config_load(const char *const *files, const tend_section *const *sections, FILE *faults, tend_config **ret_config,
                             tend_error *reterr)
{
    tend_faults found = { .out = faults, .reterr = reterr };

    return load(files, sections, &found, ret_config);
}

tend_status tend_config_load_text(const char *name, const char *text, size_t length, const tend_section *const *sections,
                                  FILE *faults, tend_config **ret_config, tend_error *reterr)
{
    tend_faults found = { .out = faults, .reterr = reterr };
    tend_config *config = new_config(sections);
    tend_status status = TEND_OK;

    if (!config)
        return tend_fail(reterr, TEND_ENOMEM, "configuration: memory is used up");
    if (length > FILE_MAX) {
        config->folder = "/";
        tend_config_fault(&found, "%s: is larger than 1 MiB; split it", name);
    } else {
        status = tend_config_read(config, name, text, length, &found);
    }
    return finish(config, status, name, &found, ret_config);
}

static int is_ini(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);

    return entry->d_name[0] != '.' && length > 4 && strcmp(entry->d_name + length - 4, ".ini") == 0;
}

static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

/* tend.ini and what was dropped in. */
static tend_status load_folder(const char *folder, const tend_section *const *sections, tend_faults *faults,
                               tend_config **ret_config)
{
    tend_error *reterr = faults->reterr;
    tend_arena *arena = tend_arena_new();
    const char *drop_ins = arena ? tend_arena_print(arena, "%s/tend.d", folder) : NULL;
    struct dirent **names = NULL;
    const char **files = NULL;
    int count = 0;
    tend_status status = TEND_ENOMEM;
    bool is_complete = true;

    if (!drop_ins)
        goto out;
    count = scandir(drop_ins, &names, is_ini, by_name);
    if (count < 0 && errno != ENOENT) {
        status = tend_fail(reterr, TEND_EDENIED, "%s: cannot be read (%s); check its mode", drop_ins, strerror(errno));
        goto out;
    }
    files = tend_arena_take(arena, ((size_t)(count < 0 ? 0 : count) + 2) * sizeof *files);
    if (!files)
        goto out;
    files[0] = tend_arena_print(arena, "%s/tend.ini", folder);
    is_complete = files[0] != NULL;
    for (int i = 0; i < count; i++) {
        files[i + 1] = tend_arena_print(arena, "%s/%s", drop_ins, names[i]->d_name);
        is_complete = is_complete && files[i + 1];
    }
    if (is_complete)
        status = load(files, sections, faults, ret_config);
out:
    if (status == TEND_ENOMEM)
        (void)tend_fail(reterr, status, "%s: memory is used up", folder);
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    tend_arena_free(arena);
    return status;
}

tend_status tend_config_load_folder(const char *folder, const tend_section *const *sections, FILE *faults, tend_config **ret_config,
                                    tend_error *reterr)
{
    tend_faults found = { .out = faults, .reterr = reterr };

    return load_folder(folder, sections, &found, ret_config);
}

tend_status tend_config_load_partly(const char *folder, const tend_section *const *sections, FILE *faults, unsigned *ret_count,
                                    tend_config **ret_config, tend_error *reterr)
{
    tend_faults found = { .out = faults, .reterr = reterr, .are_forgiven = true };
    tend_status status = load_folder(folder, sections, &found, ret_config);

    *ret_count = found.count;
    return status;
}

tend_status tend_config_load_rest(const char *folder, const tend_section *const *sections, FILE *faults, unsigned *ret_count,
                                  tend_config **ret_config, tend_error *reterr)
{
    tend_faults found = { .out = faults, .reterr = reterr, .are_forgiven = true, .are_dropped = true };
    tend_status status = load_folder(folder, sections, &found, ret_config);

    *ret_count = found.count;
    return status;
}
