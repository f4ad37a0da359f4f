#include "sync/files.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct file_list {
    tend_arena *arena;
    const char **files; /* from the arena */
    size_t count, room;
} file_list;

static bool add(file_list *list, const char *path)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 32;
        const char **files = tend_arena_take(list->arena, room * sizeof *files);

        if (!files)
            return false;
        if (list->count > 0)
            memcpy(files, list->files, list->count * sizeof *files);
        list->files = files;
        list->room = room;
    }
    list->files[list->count++] = path;
    return path != NULL;
}

static bool is_read(const tend_mapping *mapping, const char *path)
{
    for (size_t s = 0; s < mapping->stream_count; s++) {
        if (tend_mapping_reads(&mapping->streams[s], path))
            return !strstr(strrchr(path, '/'), ".rejected");
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The first folder below that has files which the mapping reads; NULL: none. */
static const char *find_below(const tend_mapping *mapping, const char *folder, tend_arena *arena)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    const char *found = NULL;

    for (int i = 0; i < count; i++) {
        const char *below = tend_arena_print(arena, "%s/%s", folder, entries[i]->d_name);
        const struct dirent *entry;
        DIR *open = below && !found && entries[i]->d_name[0] != '.' ? opendir(below) : NULL;

        while (open && !found && (entry = readdir(open))) {
            const char *path = tend_arena_print(arena, "%s/%s", below, entry->d_name);

            if (path && entry->d_name[0] != '.' && is_read(mapping, path))
                found = below;
        }
        if (open)
            (void)closedir(open);
        free(entries[i]);
    }
    free(entries);
    return found;
}

static tend_status add_folder(file_list *list, const tend_mapping *mapping, const char *folder,
                              void (*left)(void *self, const char *path), void *self, tend_error *reterr)
{
    size_t before = list->count, length = strlen(folder);
    const struct dirent *entry;
    tend_status status = TEND_OK;
    DIR *open = opendir(folder);

    if (!open)
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: cannot be read: %s", folder, strerror(errno));
    while (length > 1 && folder[length - 1] == '/')
        length--;
    while (status == TEND_OK && (entry = readdir(open))) {
        const char *path = tend_arena_print(list->arena, "%.*s/%s", (int)length, folder, entry->d_name);
        struct stat about;

        if (!path)
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
        else if (entry->d_name[0] == '.' || stat(path, &about) < 0 || !S_ISREG(about.st_mode))
            continue;
        else if (is_read(mapping, path))
            status = add(list, path) ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "memory is used up");
        else if (left)
            left(self, path);
    }
    (void)closedir(open);
    if (status == TEND_OK && list->count == before) {
        const char *below = find_below(mapping, folder, list->arena);

        return tend_fail(reterr, TEND_ENOTFOUND, "%s: no stream of mapping %s reads a file of this folder%s%s%s", folder,
                         mapping->name, below ? "; name " : "", below ? below : "", below ? ", which has some" : "");
    }
    if (status == TEND_OK)
        qsort(list->files + before, list->count - before, sizeof *list->files, by_name);
    return status;
}

tend_status tend_import_files(const tend_mapping *mapping, const char *const *names, size_t count, tend_arena *arena,
                              void (*left)(void *self, const char *path), void *self, const char *const **ret_files,
                              size_t *ret_count, tend_error *reterr)
{
    file_list list = { .arena = arena };
    tend_status status = TEND_OK;

    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        struct stat about;

        if (stat(names[i], &about) == 0 && S_ISDIR(about.st_mode))
            status = add_folder(&list, mapping, names[i], left, self, reterr);
        else if (!add(&list, names[i]))
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    }
    *ret_files = list.files;
    *ret_count = list.count;
    return status;
}
