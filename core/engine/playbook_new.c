#include "engine/playbook_new.h"

#include "base/file.h"
#include "engine/data.h"
#include "engine/template.h"
#include "playbook/playbooks.h"
#include <limits.h>
#include <string.h>
#include <unistd.h>

static tend_status check_word(const char *what, const char *word, tend_error *reterr)
{
    size_t length = strlen(word);

    if (length == 0 || length > 40 || word[0] < 'a' || word[0] > 'z' ||
        strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
        return tend_fail(
            reterr, TEND_EINVAL,
            "%s: not a name for a %s; begin with a small letter and go on with small letters, digits and '_', at most 40 "
            "in all",
            word, what);
    return TEND_OK;
}

tend_status tend_playbook_new(const char *folder, bool is_workspace, const char *pack, const char *name, const char *scripts,
                              void (*put)(void *self, const char *file), void *self, tend_error *reterr)
{
    static const char *const sources[] = { "example.lua", "example_test.lua", "example.ini" };
    char files[3][200], paths[3][PATH_MAX], from[PATH_MAX], taken[PATH_MAX];
    size_t count = is_workspace ? 3 : 2, made = 0;
    tend_status status = check_word("playbook", name, reterr);

    if (status >= 0)
        status = check_word("pack", pack, reterr);
    if (status >= 0 && tend_playbook_find(scripts, name, taken, sizeof taken, NULL) >= 0)
        status = tend_fail(reterr, TEND_EEXISTS, "%s: there is a playbook of that name in %s; choose another name", name, taken);
    if (status < 0)
        return status;
    (void)snprintf(files[0], sizeof files[0], "playbooks/%s/%s.lua", pack, name);
    (void)snprintf(files[1], sizeof files[1], "playbooks/%s/%s_test.lua", pack, name);
    (void)snprintf(files[2], sizeof files[2], "tend.d/playbook-%s.ini", name);
    status = tend_data_path("template/playbook", from, sizeof from, reterr);
    for (size_t i = 0; i < count && status >= 0; i++) {
        char inside[PATH_MAX];

        status = tend_path_join(folder, files[i], paths[i], sizeof paths[i], reterr);
        if (status >= 0 && tend_file_exists(paths[i]))
            status = tend_fail(reterr, TEND_EEXISTS, "%s: is there already; choose another name", paths[i]);
        if (status >= 0)
            status = tend_path_folder(paths[i], inside, sizeof inside, reterr);
        if (status >= 0)
            status = tend_folder_make(inside, 0755, reterr);
    }
    for (; made < count && status >= 0; made += status >= 0)
        status = tend_template_copy(from, sources[made], paths[made], name, reterr);
    for (size_t i = 0; i < made; i++)
        if (status >= 0)
            put(self, files[i]);
        else
            (void)unlink(paths[i]);
    return status;
}
