/* data.c: finding what came with the program. */
#include "engine/data.h"
#include "base/file.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

tend_status tend_data_path(const char *name, char *ret_path, size_t room, tend_error *reterr)
{
    const char *wanted = getenv("TEND_DATA");
    char folder[PATH_MAX];
    char path[PATH_MAX * 2];

    if (wanted && *wanted)
        (void)snprintf(folder, sizeof folder, "%s", wanted);
    else {
        ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
        char *slash;

        if (length <= 0)
            return tend_fail(reterr, TEND_EIO, "%s: cannot find the program's own folder; set TEND_DATA", name);
        folder[length] = '\0';
        slash = strrchr(folder, '/');
        for (int up = 0; slash && up < 2; up++) { /* the program, and its folder */
            *slash = '\0';
            slash = strrchr(folder, '/');
        }
        (void)strncat(folder, "/share/tend", sizeof folder - strlen(folder) - 1);
    }
    (void)snprintf(path, sizeof path, "%s%s%s", folder, strcmp(name, ".") == 0 ? "" : "/", strcmp(name, ".") == 0 ? "" : name);
    if (strlen(path) >= room)
        return tend_fail(reterr, TEND_EINVAL, "%s: the path is too long", folder);
    if (!tend_file_exists(path))
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: not there; install tend's shared files or set TEND_DATA", path);
    (void)snprintf(ret_path, room, "%s", path);
    return TEND_OK;
}
