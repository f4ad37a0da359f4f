/* bare.c: what an import costs at least: a loop of prepared SQLite upserts over the same files, and nothing else.
 *
 *   bench_bare DATABASE FOLDER
 *
 * One table for each file with the file's own columns; whole numbers are INTEGER, amounts REAL, the rest TEXT, and the file's key
 * is the primary key. A row that is there and equal is left alone. Nothing is checked, related, kept as history or told, and there
 * is no other index. Settings and durability are those of the engine's store while it loads: one thread, pages of 8 KiB, WAL that
 * is written back each 4000 pages, synchronous=FULL, a cache of 128 MiB, one commit for 10,000 rows. Prints the rows and the version
 * of SQLite. */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 16, CHUNK = 10000, LINE = 4096 };

static const char settings[] =
    "PRAGMA page_size = 8192; PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA journal_size_limit = 67108864;"
    "PRAGMA cache_size = -131072; PRAGMA temp_store = memory; PRAGMA mmap_size = 0; PRAGMA trusted_schema = off;"
    "PRAGMA cell_size_check = on; PRAGMA wal_autocheckpoint = 4000;";

/* The types of the columns by name: those that are not text. */
static const char *const whole[] = { "employees", "seats", "uses", "seconds", "active_users", "minutes", "satisfaction" };
static const char *const amounts[] = { "revenue", "annual_amount", "amount" };
static const char *const files[] = { "accounts", "contacts", "contracts", "invoices", "usage", "interactions", "tickets" };

typedef struct record {
    char *cells[COLUMNS];
    int lengths[COLUMNS];
    int count;
    char line[LINE];
} record;

static int stop(sqlite3 *db, const char *what)
{
    (void)fprintf(stderr, "bench_bare: %s: %s\n", what, db ? sqlite3_errmsg(db) : "cannot be read");
    return 1;
}

/* RFC 4180 in one pass; records of the benchmark have no line breaks in cells. */
static bool read_row(FILE *file, record *ret_row)
{
    char *at;

    if (!fgets(ret_row->line, sizeof ret_row->line, file))
        return false;
    ret_row->count = 0;
    for (at = ret_row->line; ret_row->count < COLUMNS;) {
        char *begin = at, *to = at;

        if (*at == '"') {
            for (at++; *at; at++) {
                if (*at == '"' && *++at != '"')
                    break;
                *to++ = *at;
            }
        } else {
            at += strcspn(at, ",\r\n");
            to = at;
        }
        ret_row->cells[ret_row->count] = begin;
        ret_row->lengths[ret_row->count++] = (int)(to - begin);
        if (*at != ',')
            return true;
        at++;
    }
    return true;
}

static bool is_among(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, list[i]) == 0)
            return true;
    }
    return false;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *table, record *head)
{
    char create[2048] = "", insert[2048] = "", set[1024] = "", old[1024] = "", new[1024] = "";
    sqlite3_stmt *statement = NULL;
    size_t c = 0, i = 0, s = 0, o = 0, n = 0;

    c += (size_t)snprintf(create, sizeof create, "CREATE TABLE IF NOT EXISTS \"%s\" (", table);
    i += (size_t)snprintf(insert, sizeof insert, "INSERT INTO \"%s\" VALUES (", table);
    for (int k = 0; k < head->count; k++) {
        const char *name = head->cells[k];
        const char *comma = k > 0 ? ", " : "", *next = k > 1 ? ", " : "";

        head->cells[k][head->lengths[k]] = '\0';
        c += (size_t)snprintf(create + c, sizeof create - c, "%s\"%s\" %s", comma, name,
                              is_among(name, whole, sizeof whole / sizeof *whole)         ? "INTEGER"
                              : is_among(name, amounts, sizeof amounts / sizeof *amounts) ? "REAL"
                              : k == 0                                                    ? "TEXT PRIMARY KEY"
                                                                                          : "TEXT");
        i += (size_t)snprintf(insert + i, sizeof insert - i, "%s?%d", comma, k + 1);
        if (k > 0) {
            s += (size_t)snprintf(set + s, sizeof set - s, "%s\"%s\"=excluded.\"%s\"", next, name, name);
            o += (size_t)snprintf(old + o, sizeof old - o, "%s\"%s\".\"%s\"", next, table, name);
            n += (size_t)snprintf(new + n, sizeof new - n, "%sexcluded.\"%s\"", next, name);
        }
    }
    (void)snprintf(create + c, sizeof create - c, ")");
    (void)snprintf(insert + i, sizeof insert - i, ") ON CONFLICT (\"%s\") DO UPDATE SET %s WHERE (%s) IS NOT (%s)", head->cells[0],
                   set, old, new);
    if (sqlite3_exec(db, create, NULL, NULL, NULL) == SQLITE_OK)
        (void)sqlite3_prepare_v2(db, insert, -1, &statement, NULL);
    return statement;
}

static int take_file(sqlite3 *db, const char *folder, const char *table, long long *rows)
{
    char path[4096];
    sqlite3_stmt *insert;
    FILE *file;
    record row;
    int count;

    (void)snprintf(path, sizeof path, "%s/%s.csv", folder, table);
    file = fopen(path, "r");
    if (!file || !read_row(file, &row))
        return stop(NULL, path);
    insert = prepare(db, table, &row);
    if (!insert || sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return stop(db, table);
    count = row.count;
    while (read_row(file, &row)) {
        for (int k = 0; k < count; k++) {
            if (row.lengths[k] == 0)
                (void)sqlite3_bind_null(insert, k + 1);
            else
                (void)sqlite3_bind_text(insert, k + 1, row.cells[k], row.lengths[k], SQLITE_STATIC);
        }
        if (sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
            return stop(db, table);
        if (++*rows % CHUNK == 0 && sqlite3_exec(db, "COMMIT; BEGIN", NULL, NULL, NULL) != SQLITE_OK)
            return stop(db, table);
    }
    (void)sqlite3_finalize(insert);
    (void)fclose(file);
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : stop(db, table);
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    long long rows = 0;

    if (argc != 3) {
        (void)fprintf(stderr, "usage: bench_bare DATABASE FOLDER\n");
        return 2;
    }
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK ||
        sqlite3_exec(db, settings, NULL, NULL, NULL) != SQLITE_OK)
        return stop(db, argv[1]);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (take_file(db, argv[2], files[i], &rows))
            return 1;
    }
    (void)printf("%lld %s\n", rows, sqlite3_libversion());
    return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
