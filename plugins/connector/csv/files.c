#include "csv.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), tail = strlen(end);

    return length > tail && strcmp(name + length - tail, end) == 0;
}

static int is_data(const struct dirent *item)
{
    return item->d_name[0] != '.' && (ends_with(item->d_name, ".csv") || ends_with(item->d_name, ".csv.gz") ||
                                      ends_with(item->d_name, ".tsv") || ends_with(item->d_name, ".tsv.gz"));
}

static int by_bytes(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static tend_status add(csv_files *files, const char *folder, const char *name, tend_error *reterr)
{
    size_t length = (folder ? strlen(folder) + 1 : 0) + strlen(name) + 1;
    char *path = malloc(length), *slash;

    if (files->count == files->room) {
        size_t room = files->room ? files->room * 2 : 16;
        csv_file *larger = realloc(files->files, room * sizeof *larger);

        if (larger) {
            files->files = larger;
            files->room = room;
        }
    }
    if (!path || files->count == files->room) {
        free(path);
        return tend_fail(reterr, TEND_ENOMEM, "csv: no memory for the list of files");
    }
    (void)snprintf(path, length, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
    slash = strrchr(path, '/');
    files->files[files->count++] = (csv_file){ .path = path, .name = slash ? slash + 1 : path };
    return TEND_OK;
}

static tend_status add_folder(csv_files *files, const char *folder, tend_error *reterr)
{
    struct dirent **items = NULL;
    int count = scandir(folder, &items, is_data, by_bytes);
    tend_status status = TEND_OK;

    if (count < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be listed: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (status == TEND_OK)
            status = add(files, folder, items[i]->d_name, reterr);
        free(items[i]);
    }
    free(items);
    return status;
}

tend_status csv_files_list(const tend_host *host, csv_files *ret_files, tend_error *reterr)
{
    csv_files files = { 0 };
    tend_status status = TEND_OK;
    const char *path;

    for (uint32_t i = 0; status == TEND_OK && (path = host->setting_at(host, "path", i)); i++) {
        struct stat about;

        if (stat(path, &about) < 0)
            status =
                tend_fail(reterr, errno == ENOENT ? TEND_ENOTFOUND : TEND_EIO, "%s: cannot be read: %s", path, strerror(errno));
        else if (S_ISDIR(about.st_mode))
            status = add_folder(&files, path, reterr);
        else if (S_ISREG(about.st_mode))
            status = add(&files, NULL, path, reterr);
        else
            status = tend_fail(reterr, TEND_EINVAL, "%s: neither a file nor a folder", path);
    }
    for (size_t i = 0; status == TEND_OK && i < files.count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(files.files[i].name, files.files[j].name) == 0)
                status = tend_fail(reterr, TEND_EINVAL, "%s: %s has the same name; give them to two sources", files.files[i].path,
                                   files.files[j].path);
    if (status < 0) {
        csv_files_clear(&files);
        return status;
    }
    *ret_files = files;
    return TEND_OK;
}

void csv_files_clear(csv_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->files[i].path);
    free(files->files);
    *files = (csv_files){ 0 };
}
