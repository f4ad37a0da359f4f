#include "sync/import.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/hash.h"
#include "sync/gather.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The same files, mapping and options give the same key: so the same command goes on where it was cut off. */
static tend_status make_key(const tend_mapping *mapping, const char *const *files, size_t count, const tend_import_options *options,
                            char ret_key[65], tend_error *reterr)
{
    tend_buffer text = { 0 };
    tend_status status = TEND_OK;

    tend_buffer_print(&text, "%s %d %d %s", mapping->digest, options->keeps_good, options->is_history,
                      options->principal ? options->principal->name : "");
    if (options->source)
        tend_buffer_print(&text, "\n%s", options->source);
    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        char real[PATH_MAX];
        struct stat about;

        if (!realpath(files[i], real) || stat(real, &about) < 0)
            status = tend_fail(reterr, TEND_ENOTFOUND, "%s: cannot be read: %s", files[i], strerror(errno));
        else
            tend_buffer_print(&text, "\n%s %lld %lld.%09ld", real, (long long)about.st_size, (long long)about.st_mtim.tv_sec,
                              about.st_mtim.tv_nsec);
    }
    if (status == TEND_OK && text.failed)
        status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    if (status == TEND_OK)
        tend_sha256_hex(tend_buffer_string(&text), text.length, ret_key);
    tend_buffer_clear(&text);
    return status;
}

static tend_status check_files(const tend_mapping *mapping, const char *const *files, size_t count, tend_error *reterr)
{
    for (size_t i = 0; i < count; i++) {
        tend_buffer known = { 0 };
        bool is_read = false;
        tend_status status;

        if (access(files[i], F_OK) != 0)
            return tend_fail(reterr, TEND_ENOTFOUND, "%s: cannot be read: %s", files[i], strerror(errno));
        for (size_t s = 0; s < mapping->stream_count; s++) {
            is_read = is_read || tend_mapping_reads(&mapping->streams[s], files[i]);
            for (size_t p = 0; mapping->streams[s].patterns[p]; p++)
                tend_buffer_print(&known, "%s%s", known.length ? ", " : "", mapping->streams[s].patterns[p]);
        }
        status = is_read ? TEND_OK
                         : tend_fail(reterr, TEND_EINVAL,
                                     "%s: no stream of mapping %s reads a file of this name; its streams read %.500s", files[i],
                                     mapping->name, tend_buffer_string(&known));
        tend_buffer_clear(&known);
        if (status < 0)
            return status;
    }
    return TEND_OK;
}

/* One tend-host for each stream of each file: its encoding and delimiter are settings of the connector. */
static tend_status pull_part(tend_intake *intake, uint32_t part, tend_plugins *plugins, const char *path, tend_error *reterr)
{
    const tend_mapping_stream *stream = intake->parts[part].stream;
    const char *slash = strrchr(path, '/');
    char delimiter[2] = { stream->delimiter, '\0' };
    char real[PATH_MAX];
    tend_given given[3];
    size_t count = 0;
    tend_hosted *hosted = NULL;
    tend_status status;

    if (!realpath(path, real))
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: cannot be read: %s", path, strerror(errno));
    given[count++] = (tend_given){ .key = "path", .value = real };
    if (stream->encoding)
        given[count++] = (tend_given){ .key = "encoding", .value = stream->encoding };
    if (stream->delimiter)
        given[count++] = (tend_given){ .key = "delimiter", .value = stream->delimiter == '\t' ? "tab" : delimiter };
    status = tend_hosted_start(plugins, "csv", given, count, &hosted, reterr);
    intake->parts[part].name = slash ? slash + 1 : path;
    if (status == TEND_OK)
        status = tend_intake_pull(intake, part, hosted, "csv", NULL, reterr);
    tend_hosted_stop(hosted);
    return status;
}

typedef struct file_puller {
    tend_plugins *plugins;
} file_puller;

static tend_status pull_file(tend_intake *intake, uint32_t part, void *self, tend_error *reterr)
{
    file_puller *puller = self;

    return pull_part(intake, part, puller->plugins, intake->parts[part].file, reterr);
}

static tend_status spool_files(tend_model *model, tend_plugins *plugins, const tend_mapping *mapping, const char *const *files,
                               size_t count, const tend_import_options *options, const char *key, const char *spool_path,
                               tend_error *reterr)
{
    tend_gathering gathering = { .mapping = mapping, .options = options, .resume_key = key, .sync = "" };
    file_puller puller = { plugins };
    char label[128];
    tend_intake *intake = NULL;
    tend_status status =
        tend_intake_open(model, mapping, options->source ? options->source : mapping->source, options, spool_path, &intake, reterr);

    (void)snprintf(label, sizeof label, "%.80s, %zu file%s", mapping->name, count, count == 1 ? "" : "s");
    gathering.label = label;
    for (size_t s = 0; s < mapping->stream_count && status == TEND_OK; s++) {
        for (size_t i = 0; i < count && status == TEND_OK; i++) {
            if (tend_mapping_reads(&mapping->streams[s], files[i]))
                status = tend_intake_part_add(intake, &mapping->streams[s], files[i], NULL, reterr);
        }
    }
    if (status == TEND_OK)
        status = tend_intake_gather(intake, &gathering, pull_file, &puller, reterr);
    tend_intake_close(intake);
    return status;
}

tend_status tend_import(tend_model *model, tend_plugins *plugins, const tend_mapping *mapping, const char *const *files,
                        size_t count, const tend_import_options *options, tend_arena *arena, const tend_import_report **ret_report,
                        tend_error *reterr)
{
    bool is_simulated = tend_store_is_simulated(tend_model_store(model));
    char key[65];
    char name[64];
    char path[PATH_MAX];
    tend_import_options own = *options;
    tend_status status = check_files(mapping, files, count, reterr);

    if (status == TEND_OK)
        status = make_key(mapping, files, count, options, key, reterr);
    if (status == TEND_OK)
        status = tend_folder_make(options->spool_folder, 0700, reterr);
    if (status < 0)
        return status;
    /* A dry run's spool has another name: what is cut off there is never ended here. */
    (void)snprintf(name, sizeof name, "import-%.24s.%s", key, is_simulated ? "dry" : "spool");
    status = tend_path_join(options->spool_folder, name, path, sizeof path, reterr);
    if (status == TEND_OK && (is_simulated || !tend_file_exists(path))) {
        status = spool_files(model, plugins, mapping, files, count, options, key, path, reterr);
        own.is_checked = true;
        if (status == TEND_OK)
            tend_failpoint("sync.spool.done");
    }
    return status < 0 ? status : tend_import_apply(model, path, &own, arena, ret_report, reterr);
}

tend_status tend_import_finish(tend_model *model, const tend_import_options *options, tend_arena *arena,
                               void (*told)(void *self, const tend_import_report *report), void *self, tend_error *reterr)
{
    DIR *folder = opendir(options->spool_folder);
    tend_import_options own = *options;
    struct dirent *entry;
    tend_status status = TEND_OK;

    if (!folder)
        return errno == ENOENT ? TEND_OK
                               : tend_fail(reterr, TEND_EIO, "%s: cannot be read: %s", options->spool_folder, strerror(errno));
    own.principal = NULL; /* whoever began it */
    own.is_checked = false;
    while ((entry = readdir(folder))) {
        const tend_import_report *report;
        tend_error error;
        tend_status one;
        char path[PATH_MAX];
        size_t length = strlen(entry->d_name);

        if (length > 11 && strcmp(entry->d_name + length - 11, ".spool.part") == 0) { /* nothing of it is stored */
            if (tend_path_join(options->spool_folder, entry->d_name, path, sizeof path, NULL) == TEND_OK)
                (void)unlink(path);
            continue;
        }
        if (length <= 6 || strcmp(entry->d_name + length - 6, ".spool") != 0)
            continue;
        one = tend_path_join(options->spool_folder, entry->d_name, path, sizeof path, &error);
        if (one == TEND_OK)
            one = tend_import_apply(model, path, &own, arena, &report, &error);
        if (one == TEND_OK && told)
            told(self, report);
        if (one < 0 && status == TEND_OK) /* the others are ended all the same */
            status = tend_fail(reterr, one, "%s", error.text);
    }
    (void)closedir(folder);
    return status;
}
