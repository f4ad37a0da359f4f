#include "engine/template.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/near.h"
#include "engine/data.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_LENGTH = 39, FILE_BYTES = 1 << 20, FILES_MAX = 64 };

/* What the templates are called wherever NAME has to stand. */
static const char own_name[] = "example";

const char *const tend_template_kinds[] = { "connector", "kpi", "price", "sink", NULL };

static tend_status check_kind(const char *kind, tend_error *reterr)
{
    const char *near = tend_near(kind, tend_template_kinds);

    for (const char *const *known = tend_template_kinds; *known; known++)
        if (strcmp(kind, *known) == 0)
            return TEND_OK;
    return tend_fail(reterr, TEND_EINVAL, "%s: no kind of plugin with a template; %s%s%s", kind,
                     near ? "did you mean " : "there are connector, kpi, price and sink", near ? near : "", near ? "?" : "");
}

static tend_status check_name(const char *name, tend_error *reterr)
{
    const size_t length = strlen(name);

    if (length == 0 || length > NAME_MAX_LENGTH || name[0] < 'a' || name[0] > 'z' ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
        return tend_fail(reterr, TEND_EINVAL,
                         "%s: not a name for a plugin; begin with a small letter and go on with small letters, digits and '_', at "
                         "most %d in all",
                         name, NAME_MAX_LENGTH);
    return TEND_OK;
}

static tend_status check_folder(const char *folder, tend_error *reterr)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    bool is_empty = true;

    if (!entries && errno == ENOENT)
        return TEND_OK;
    if (!entries)
        return tend_fail(reterr, TEND_EIO, "%s: %s; name another folder", folder, strerrordesc_np(errno));
    while ((entry = readdir(entries)))
        is_empty = is_empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    (void)closedir(entries);
    return is_empty ? TEND_OK : tend_fail(reterr, TEND_EEXISTS, "%s: something is there already; name another folder", folder);
}

static void fill(const char *text, const char *name, tend_buffer *out)
{
    for (const char *at; (at = strstr(text, own_name)); text = at + strlen(own_name)) {
        tend_buffer_append(out, text, (size_t)(at - text));
        tend_buffer_text(out, name);
    }
    tend_buffer_text(out, text);
}

tend_status tend_template_copy(const char *from, const char *file, const char *path, const char *name, tend_error *reterr)
{
    tend_buffer filled = { 0 };
    char source[PATH_MAX];
    char *text = NULL;
    size_t length;
    tend_status status = tend_path_join(from, file, source, sizeof source, reterr);

    if (status >= 0)
        status = tend_file_read(source, FILE_BYTES, &text, &length, reterr);
    if (status >= 0)
        fill(text, name, &filled);
    if (status >= 0 && filled.failed)
        status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory to copy it", file);
    if (status >= 0)
        status = tend_file_write_atomic(path, filled.bytes, filled.length, 0644, reterr);
    free(text);
    tend_buffer_clear(&filled);
    return status;
}

static tend_status copy_file(const char *from, const char *file, const char *folder, const char *name, char *ret_path,
                             tend_error *reterr)
{
    tend_buffer filled_name = { 0 };
    tend_status status = TEND_OK;

    fill(file, name, &filled_name);
    if (filled_name.failed)
        status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory to copy it", file);
    if (status >= 0)
        status = tend_path_join(folder, filled_name.bytes, ret_path, PATH_MAX, reterr);
    if (status >= 0)
        status = tend_template_copy(from, file, ret_path, name, reterr);
    tend_buffer_clear(&filled_name);
    return status;
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

tend_status tend_template_make(const char *kind, const char *name, const char *folder, void (*put)(void *self, const char *file),
                               void *self, tend_error *reterr)
{
    char wanted[80], from[PATH_MAX], *made[FILES_MAX];
    struct dirent **entries = NULL;
    int count = 0, made_count = 0;
    tend_status status = check_kind(kind, reterr);

    if (status >= 0)
        status = check_name(name, reterr);
    if (status >= 0)
        status = check_folder(folder, reterr);
    (void)snprintf(wanted, sizeof wanted, "template/%.20s", kind);
    if (status >= 0)
        status = tend_data_path(wanted, from, sizeof from, reterr);
    if (status >= 0)
        status = tend_folder_make(folder, 0755, reterr);
    if (status < 0)
        return status;
    count = scandir(from, &entries, is_file, alphasort);
    if (count <= 0 || count > FILES_MAX)
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be read; install tend's shared files again", from);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];

        if (status >= 0)
            status = copy_file(from, entries[i]->d_name, folder, name, path, reterr);
        if (status >= 0 && !(made[made_count++] = strdup(path))) {
            (void)unlink(path);
            made_count--;
            status = tend_fail(reterr, TEND_ENOMEM, "%s: no memory to copy the template", folder);
        }
        free(entries[i]);
    }
    free(entries);
    for (int i = 0; i < made_count; i++) {
        if (status >= 0 && put)
            put(self, strrchr(made[i], '/') + 1);
        if (status < 0)
            (void)unlink(made[i]);
        free(made[i]);
    }
    return status;
}
