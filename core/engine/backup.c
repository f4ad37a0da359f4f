/* backup.c: a copy of the store while others write, and back again. */
#include "engine/backup.h"
#include "base/file.h"
#include "engine/workspace.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static tend_status count_tables(tend_store *store, tend_store *other, tend_backup_report *report, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    tend_statement *statement = NULL;
    tend_status status = arena ? tend_store_tables(store, &statement, reterr) : tend_fail(reterr, TEND_ENOMEM, "backup: no memory");

    while (status >= 0) {
        const char *name, *sql;
        int64_t rows, copied;
        bool has_row;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        name = tend_arena_string(arena, tend_statement_text(statement, 0, NULL));
        sql = tend_arena_print(arena, "SELECT count(*) FROM \"%s\"", name);
        status = tend_store_number(store, sql, 0, &rows, reterr);
        if (status >= 0)
            status = tend_store_number(other, sql, -1, &copied, reterr);
        if (status >= 0 && rows != copied)
            status = tend_fail(reterr, TEND_ECORRUPT, "%s: table %s has %lld rows, its copy %lld; try again on another disk",
                               tend_store_path(other), name, (long long)rows, (long long)copied);
        report->tables++;
        report->rows += rows;
    }
    tend_statement_end(statement);
    tend_arena_free(arena);
    return status;
}

/* A reader leaves an empty log and its index beside a store; a backup is one file. */
static void remove_beside(const char *path)
{
    static const char *const tails[] = { "-wal", "-shm" };
    char name[4200];

    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        if (snprintf(name, sizeof name, "%s%s", path, tails[i]) < (int)sizeof name)
            (void)unlink(name);
}

static tend_status copy_and_compare(tend_store *store, const char *path, tend_backup_report *report, tend_error *reterr)
{
    tend_store *copy = NULL;
    tend_status status = tend_store_begin(store, reterr); /* one snapshot for the copy and for the comparison */

    if (status < 0)
        return status;
    status = tend_store_copy(store, path, tend_store_is_simulated(store), reterr);
    if (status >= 0)
        status = tend_store_open(path, TEND_STORE_READ, &copy, reterr);
    if (status >= 0)
        status = tend_store_check(copy, reterr);
    if (status >= 0)
        status = count_tables(store, copy, report, reterr);
    if (status >= 0)
        report->bytes = tend_store_bytes(copy);
    tend_store_rollback(store);
    tend_store_close(copy);
    remove_beside(path);
    return status;
}

tend_status tend_backup(tend_store *store, const char *path, tend_backup_report *ret_report, tend_error *reterr)
{
    tend_backup_report report = { 0 };
    tend_status status;

    if (tend_file_exists(path))
        return tend_fail(reterr, TEND_EEXISTS, "%s: is there already; name a file that is not", path);
    status = copy_and_compare(store, path, &report, reterr);
    if (status < 0) {
        (void)unlink(path);
        return status;
    }
    *ret_report = report;
    return TEND_OK;
}

/* The path that was meant may be in a line that was not understood: then a store is not guessed at. */
static bool may_be_elsewhere(const tend_config *config, char *lines)
{
    const char *file = NULL, *line;
    unsigned number = 0;
    char *rest = lines;

    tend_config_where(config, "store", NULL, &file, &number);
    if (tend_config_has(config, "store", NULL, "path"))
        return !tend_config_path(config, "store", NULL, "path");
    if (file)
        return true;
    while ((line = strsep(&rest, "\n")))
        if (strstr(line, "did you mean store") || strstr(line, "[store") || (strstr(line, "this line") && strstr(line, "section")))
            return true;
    return false;
}

tend_status tend_backup_open(const char *folder, FILE *faults, unsigned *ret_count, tend_store **ret_store, tend_error *reterr)
{
    char *lines = NULL;
    size_t length = 0;
    FILE *heard = open_memstream(&lines, &length);
    tend_config *config = NULL;
    tend_status status;

    if (!heard)
        return tend_fail(reterr, TEND_ENOMEM, "backup: no memory");
    status = tend_config_load_partly(folder, tend_all_sections, heard, ret_count, &config, reterr);
    if (fclose(heard) != 0 && status >= 0)
        status = tend_fail(reterr, TEND_ENOMEM, "backup: no memory");
    if (faults && lines)
        (void)fputs(lines, faults);
    if (status >= 0 && *ret_count > 0 && may_be_elsewhere(config, lines))
        status = tend_fail(reterr, TEND_EINVAL, "%s: where the store is cannot be understood; mend [store] path and back up again",
                           folder);
    if (status >= 0)
        status = tend_store_open(tend_config_path(config, "store", NULL, "path"), TEND_STORE_READ, ret_store, reterr);
    tend_config_free(config);
    free(lines);
    return status;
}

/* What the store says of itself ends with "restore a backup"; here it is the backup. */
static tend_status check_backup(const char *backup, tend_store **ret_store, tend_error *reterr)
{
    struct stat about;
    tend_error why = { 0 };
    tend_status status;

    if (stat(backup, &about) != 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: there is no such file; name one that tend backup wrote", backup);
    if (about.st_size == 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: is empty, and nothing was restored; take an earlier backup", backup);
    status = tend_store_open(backup, TEND_STORE_READ, ret_store, &why);
    if (status >= 0)
        status = tend_store_check(*ret_store, &why);
    if (status == TEND_ECORRUPT)
        return tend_fail(reterr, status, "%s: this backup is damaged, and nothing was restored; take an earlier one", backup);
    return status < 0 ? tend_fail(reterr, status, "%s", why.text) : TEND_OK;
}

tend_status tend_restore(const char *backup, const char *store_path, tend_backup_report *ret_report, tend_error *reterr)
{
    tend_store *store = NULL;
    tend_status status;

    if (tend_file_exists(store_path))
        return tend_fail(reterr, TEND_EEXISTS,
                         "%s: there is a store already, and it stays; restore into a new folder that holds a tend.ini and nothing "
                         "else: mkdir NEW && cp tend.ini NEW/ && tend -C NEW restore %s",
                         store_path, backup);
    status = check_backup(backup, &store, reterr);
    if (status >= 0)
        status = tend_backup(store, store_path, ret_report, reterr);
    tend_store_close(store);
    return status;
}
