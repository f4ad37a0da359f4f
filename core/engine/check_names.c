/* check_names.c: what the configuration names outside of tend: folders, files, logins. */
#include "base/file.h"
#include "base/near.h"
#include "engine/checking.h"
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>

/* The folder that `path` stands in. */
static void folder_of(const char *path, char *ret_folder, size_t room)
{
    const char *slash = strrchr(path, '/');

    (void)snprintf(ret_folder, room, "%.*s", !slash ? 1 : slash == path ? 1 : (int)(slash - path), slash ? path : ".");
}

void tend_check_store(tend_check *check)
{
    const char *path = tend_config_path(check->config, "store", NULL, "path");
    char folder[PATH_MAX];

    check->section = "store";
    check->instance = NULL;
    folder_of(path, folder, sizeof folder);
    if (!tend_file_exists(folder))
        tend_check_fault(check, "path", "there is no folder %s; make it, or name another file", folder);
}

void tend_check_logins(tend_check *check)
{
    check->section = "login";
    for (size_t i = 0; (check->instance = tend_config_instance(check->config, "login", i)); i++) {
        errno = 0;
        /* When the list of logins cannot be asked, nothing is known. */
        if (!getpwnam(check->instance) && (errno == 0 || errno == ENOENT))
            tend_check_fault(check, NULL, "this machine has no login %s; see getent passwd", check->instance);
    }
}

/* Channels are named freely: a slip is one that nearly is a usual one which no sink takes. "mail-kr" is meant as it is. */
void tend_check_channel(tend_check *check)
{
    static const char *const usual[] = { "mail", "chat", "record", NULL };
    const char *written = tend_config_text(check->config, "sink", check->instance, "channel");
    const char *near = tend_near(written, usual), *other;

    if (!near || strncmp(written, near, strlen(near)) == 0)
        return;
    for (size_t i = 0; (other = tend_config_instance(check->config, "sink", i)); i++)
        if (strcmp(tend_config_text(check->config, "sink", other, "channel"), near) == 0)
            return;
    tend_check_fault(check, "channel", "no sink takes %s then; did you mean %s?", near, near);
}

static const tend_option *option_of(const tend_option *options, const char *key)
{
    while (options->key && strcmp(options->key, key) != 0)
        options++;
    return options->key ? options : NULL;
}

static void check_path(tend_check *check, const char *key, const char *written)
{
    char path[PATH_MAX], folder[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s%s%s", *written == '/' ? "" : tend_config_folder(check->config),
                   *written == '/' ? "" : "/", written);
    if (strcmp(check->section, "source") == 0) {
        if (!tend_file_exists(path))
            tend_check_fault(check, key, "%s is not there; put it there, or name another place", path);
        return;
    }
    folder_of(path, folder, sizeof folder);
    if (!tend_file_exists(folder))
        tend_check_fault(check, key, "there is no folder %s; make it, or name another place", folder);
}

/* Each between two commas. */
static void check_each_path(tend_check *check, const char *key, const char *written)
{
    char path[PATH_MAX];

    for (;;) {
        size_t length = strcspn(written, ","), start = strspn(written, " \t"), end = length;

        while (end > start && (written[end - 1] == ' ' || written[end - 1] == '\t'))
            end--;
        if (end > start && end - start < sizeof path) {
            (void)snprintf(path, sizeof path, "%.*s", (int)(end - start), written + start);
            check_path(check, key, path);
        }
        if (written[length] == '\0')
            return;
        written += length + 1;
    }
}

tend_status tend_check_paths(tend_check *check, tend_plugins *plugins, const char *plugin, const tend_section_given *given,
                             tend_error *reterr)
{
    tend_hosted *hosted = NULL;
    tend_error why = { 0 };
    tend_status status = tend_hosted_describe(plugins, plugin, &hosted, &why);

    if (status == TEND_ENOMEM)
        return tend_fail(reterr, status, "%s", why.text);
    for (size_t i = 0; status >= 0 && i < given->count; i++) {
        const tend_option *option = option_of(tend_hosted_options(hosted), given->given[i].key);

        if (option && option->type == TEND_OPTION_PATH)
            check_path(check, option->key, given->given[i].value);
        else if (option && option->type == TEND_OPTION_PATHS)
            check_each_path(check, option->key, given->given[i].value);
    }
    tend_hosted_stop(hosted);
    return TEND_OK;
}
