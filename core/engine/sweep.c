/* sweep.c: words taken out of wherever they stand. */
#include "engine/sweep.h"
#include "base/buffer.h"
#include "model/erase.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHORT = 6 }; /* bytes */

/* As the word stands between quotes in JSON; the same word when nothing in it is written otherwise. */
static const char *in_json(tend_arena *arena, const char *word)
{
    tend_buffer text = { 0 };
    const char *copy;

    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            tend_buffer_byte(&text, '\\');
        tend_buffer_byte(&text, *word);
    }
    copy = text.failed ? NULL : tend_arena_copy(arena, text.bytes, text.length);
    tend_buffer_clear(&text);
    return copy;
}

static tend_status add(tend_sweep *sweep, const char *word, tend_error *reterr)
{
    size_t at = sweep->count;

    for (size_t i = 0; i < sweep->count; i++)
        if (strcmp(sweep->words[i], word) == 0)
            return TEND_OK;
    if (sweep->count == sweep->room) {
        size_t room = sweep->room ? sweep->room * 2 : 32;
        const char **words = tend_arena_take(sweep->arena, room * sizeof *words);

        if (!words)
            return tend_fail(reterr, TEND_ENOMEM, "erase: no memory for %zu words", room);
        if (sweep->count > 0)
            memcpy(words, sweep->words, sweep->count * sizeof *words);
        sweep->words = words;
        sweep->room = room;
    }
    for (; at > 0 && strlen(sweep->words[at - 1]) < strlen(word); at--)
        sweep->words[at] = sweep->words[at - 1];
    sweep->words[at] = word;
    sweep->count++;
    return TEND_OK;
}

tend_status tend_sweep_add(tend_sweep *sweep, const char *word, tend_error *reterr)
{
    const char *copy, *json;
    tend_status status;

    if (strlen(word) < TEND_SWEEP_SHORTEST || strcmp(word, TEND_ERASED) == 0)
        return TEND_OK;
    copy = tend_arena_string(sweep->arena, word);
    json = in_json(sweep->arena, word);
    if (!copy || !json)
        return tend_fail(reterr, TEND_ENOMEM, "erase: no memory for the words");
    status = add(sweep, copy, reterr);
    return status < 0 ? status : add(sweep, json, reterr);
}

static bool is_letter(const char *text, size_t at, size_t length)
{
    return at < length && isalnum((unsigned char)text[at]) && (unsigned char)text[at] < 0x80;
}

/* The length of the longest word that stands at text + at, 0: none. In texts a short word is a word by itself: Lee, but not Leeds.
 */
static size_t word_at(const tend_sweep *sweep, const char *text, size_t at, size_t length, bool is_text)
{
    for (size_t i = 0; i < sweep->count; i++) {
        const char *word = sweep->words[i];
        size_t long_is = strlen(word);

        if (long_is > length - at || strncasecmp(word, text + at, long_is) != 0)
            continue;
        if (is_text && long_is < SHORT && is_letter(word, long_is - 1, long_is) &&
            ((at > 0 && is_letter(text, at - 1, length)) || is_letter(text, at + long_is, length)))
            continue;
        return long_is;
    }
    return 0;
}

const char *tend_sweep_text(const tend_sweep *sweep, const char *text, size_t length)
{
    tend_buffer out = { 0 };
    const char *copy = NULL;
    bool is_found = false;

    for (size_t at = 0; at < length;) {
        size_t word = word_at(sweep, text, at, length, true);

        is_found = is_found || word > 0;
        if (word > 0)
            tend_buffer_text(&out, TEND_ERASED);
        else
            tend_buffer_byte(&out, text[at]);
        at += word > 0 ? word : 1;
    }
    if (is_found && !out.failed)
        copy = tend_arena_copy(sweep->arena, out.bytes, out.length);
    tend_buffer_clear(&out);
    return copy;
}

size_t tend_sweep_bytes(const tend_sweep *sweep, char *bytes, size_t length)
{
    size_t found = 0;

    for (size_t at = 0; at < length;) {
        size_t word = word_at(sweep, bytes, at, length, false);

        memset(bytes + at, '*', word);
        found += word > 0;
        at += word > 0 ? word : 1;
    }
    return found;
}

static void sweep_cell(void *self, const tend_value *arguments, tend_value *ret_value)
{
    const char *text = arguments[0].type == TEND_TEXT ? tend_sweep_text(self, arguments[0].text, arguments[0].length) : NULL;

    if (text)
        *ret_value = (tend_value){ .type = TEND_TEXT, .text = text, .length = strlen(text) };
}

/* Nothing is left behind that would call a sweep which is gone. */
static void sweep_nothing(void *self, const tend_value *arguments, tend_value *ret_value)
{
    (void)self;
    (void)arguments;
    (void)ret_value;
}

tend_status tend_sweep_run(const tend_sweep *sweep, tend_store *store, const char *sql, int64_t *ret_changes, tend_error *reterr)
{
    tend_sweep copy = *sweep;
    tend_status status = sql ? tend_store_define(store, "tend_sweep", 1, sweep_cell, &copy, reterr)
                             : tend_fail(reterr, TEND_ENOMEM, "erase: no memory");

    if (status < 0)
        return status;
    status = tend_store_run(store, sql, reterr);
    if (status >= 0)
        *ret_changes += tend_store_changes(store);
    (void)tend_store_define(store, "tend_sweep", 1, sweep_nothing, NULL, NULL);
    return status;
}

tend_status tend_sweep_column(const tend_sweep *sweep, tend_store *store, const char *table, const char *column, const char *where,
                              int64_t *ret_values, tend_error *reterr)
{
    return tend_sweep_run(
        sweep, store,
        tend_arena_print(sweep->arena,
                         "UPDATE \"%s\" AS t SET \"%s\" = tend_sweep(t.\"%s\") WHERE typeof(t.\"%s\") = 'text' AND "
                         "(%s) AND tend_sweep(t.\"%s\") IS NOT NULL",
                         table, column, column, column, where, column),
        ret_values, reterr);
}

/* Bytes that were packed keep their length. The key of the row is asked for by its columns, whatever they are. */
static tend_status sweep_blobs(const tend_sweep *sweep, tend_store *store, const char *table, const char *column, const char *keys,
                               const char *key_match, const char *where, int64_t *ret_values, tend_error *reterr)
{
    const char *find_sql =
                   tend_arena_print(sweep->arena, "SELECT \"%s\", %s FROM \"%s\" AS t WHERE typeof(t.\"%s\") = 'blob' AND (%s)",
                                    column, keys, table, column, where),
               *update_sql = tend_arena_print(sweep->arena, "UPDATE \"%s\" SET \"%s\" = ?1 WHERE %s", table, column, key_match);
    tend_statement *find = NULL, *update = NULL;
    bool has_row = false;
    tend_status status = find_sql && update_sql ? tend_store_prepare(store, find_sql, &find, reterr)
                                                : tend_fail(reterr, TEND_ENOMEM, "erase: no memory");

    if (status >= 0)
        status = tend_store_prepare(store, update_sql, &update, reterr);
    while (status >= 0 && (status = tend_statement_step(find, &has_row, reterr)) >= 0 && has_row) {
        size_t length;
        const void *bytes = tend_statement_bytes(find, 0, &length);
        char *copy = tend_arena_take(sweep->arena, length + 1);
        size_t found;

        if (!copy) {
            status = tend_fail(reterr, TEND_ENOMEM, "erase: no memory for %zu bytes", length);
            break;
        }
        memcpy(copy, bytes, length);
        found = tend_sweep_bytes(sweep, copy, length);
        if (found == 0)
            continue;
        *ret_values += (int64_t)found;
        tend_statement_bind_bytes(update, 1, copy, length);
        for (int i = 1; i < tend_statement_columns(find); i++) {
            size_t key_length;
            const char *key = tend_statement_text(find, i, &key_length);

            tend_statement_bind_text(update, i + 1, tend_arena_copy(sweep->arena, key, key_length), key_length);
        }
        status = tend_statement_run(update, reterr);
    }
    tend_statement_end(find);
    tend_statement_end(update);
    return status;
}

static bool is_named(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

tend_status tend_sweep_table(const tend_sweep *sweep, tend_store *store, const char *table, const char *where,
                             const char *const *except,
                             void (*told)(void *self, const char *table, const char *column, int64_t values), void *self,
                             tend_error *reterr)
{
    struct column {
        const char *name;
        struct column *next;
    } *columns = NULL;
    const char *keys = NULL, *match = NULL;
    int key_count = 0;
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(store, "SELECT name, type, pk FROM pragma_table_info(?1)", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, table);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *name = tend_arena_string(sweep->arena, tend_statement_text(statement, 0, NULL)),
                   *type = tend_statement_text(statement, 1, NULL);

        if (tend_statement_int(statement, 2) > 0) {
            keys = tend_arena_print(sweep->arena, "%s%st.\"%s\"", keys ? keys : "", keys ? ", " : "", name);
            match =
                tend_arena_print(sweep->arena, "%s%s\"%s\" = ?%d", match ? match : "", match ? " AND " : "", name, ++key_count + 1);
        } else if (strcmp(type, "INTEGER") != 0 && !is_named(except, name)) {
            struct column *column = tend_arena_take(sweep->arena, sizeof *column);

            if (!column)
                break;
            *column = (struct column){ name, columns };
            columns = column;
        }
    }
    tend_statement_end(statement);
    for (; status >= 0 && columns; columns = columns->next) {
        int64_t values = 0;

        status = tend_sweep_column(sweep, store, table, columns->name, where, &values, reterr);
        if (status >= 0 && keys)
            status = sweep_blobs(sweep, store, table, columns->name, keys, match, where, &values, reterr);
        if (status >= 0 && values > 0)
            told(self, table, columns->name, values);
    }
    return status;
}

/* Its bytes first, then its name: what stood there is not to be found by its place either. */
static tend_status destroy(const char *path, int fd, size_t length, tend_error *reterr)
{
    static const char zeros[65536];
    size_t at = 0;

    while (at < length) {
        ssize_t written = pwrite(fd, zeros, length - at < sizeof zeros ? length - at : sizeof zeros, (off_t)at);

        if (written <= 0)
            return tend_fail(reterr, TEND_EIO, "%s: cannot be overwritten (%s); remove it by hand", path, strerror(errno));
        at += (size_t)written;
    }
    if (fsync(fd) != 0 || unlink(path) != 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be removed (%s); remove it by hand", path, strerror(errno));
    return TEND_OK;
}

static tend_status sweep_file(const tend_sweep *sweep, const char *path, bool is_meant, int64_t *ret_values, tend_error *reterr)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    struct stat found;
    char *bytes;
    tend_status status = TEND_OK;

    *ret_values = 0;
    if (fd < 0 || fstat(fd, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size == 0) {
        if (fd >= 0)
            close(fd);
        return TEND_OK;
    }
    bytes = mmap(NULL, (size_t)found.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0); /* ours alone: the file is not written */
    if (bytes == MAP_FAILED) {
        status = tend_fail(reterr, TEND_EIO, "%s: cannot be read (%s); look into it by hand", path, strerror(errno));
    } else {
        *ret_values = (int64_t)tend_sweep_bytes(sweep, bytes, (size_t)found.st_size);
        (void)munmap(bytes, (size_t)found.st_size);
    }
    if (status >= 0 && is_meant && *ret_values > 0)
        status = destroy(path, fd, (size_t)found.st_size, reterr);
    close(fd);
    return status;
}

tend_status tend_sweep_folder(const tend_sweep *sweep, const char *folder, bool is_meant,
                              void (*told)(void *self, const char *path, const char *what, int64_t values), void *self,
                              tend_error *reterr)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;
    tend_status status = TEND_OK;

    if (!entries)
        return TEND_OK; /* nothing was ever put there */
    while (status >= 0 && (entry = readdir(entries)) != NULL) {
        const char *path = tend_arena_print(sweep->arena, "%s/%s", folder, entry->d_name);
        int64_t values = 0;

        if (entry->d_name[0] == '.' || (!is_meant && strncmp(entry->d_name, "dry-run-", 8) == 0))
            continue; /* a dry run does not meet itself */
        status = path ? sweep_file(sweep, path, is_meant, &values, reterr) : tend_fail(reterr, TEND_ENOMEM, "erase: no memory");
        if (status >= 0 && values > 0)
            told(self, path, NULL, values);
    }
    closedir(entries);
    return status;
}
