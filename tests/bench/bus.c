/* bus.c: events published and delivered in batches of 100, each durable when it is told and when it is dealt with, beside the same
 * by bare SQLite, by a Redis stream and by a NATS JetStream.
 *
 *   bench_bus FOLDER BATCHES [redis SOCKET] [jetstream… PORT]…
 *
 * Ours, step by step: tend_bus_publish_many as a transaction of the model calls it, a commit that waits for the disk;
 * tend_bus_read, tend_bus_advance, a commit that does not: what is done for events stands in the same transaction as the position,
 * so that both are there or both are done again, and the next batch brings them to the disk. Together: what was read is advanced
 * past in the transaction that tells the next batch, as an engine does that has both to do; one commit a batch. Bare SQLite: a
 * prepared INSERT of the same columns for each event, a commit; a SELECT of what is new, an UPDATE of the position, a commit. Same
 * library, page size, WAL and synchronous=FULL. redis.c and jetstream.c say what they do.
 *
 * Engines run for months: what is measured begins when the write-ahead log has been through once and is written over, which a disk
 * does faster than growing a file. The disk that all wait for has good and bad moments, so they take turns, a few batches each.
 * Prints a line for each: name, events, events/s, bytes (0: not known here). */
#include "bus/bus.h"
#include "peer.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { TURN = 20, RIVALS = 8, WARM_LOG = 700 };

/* One who does the work. */
typedef struct rival {
    const char *name;
    void (*round)(struct rival *self);
    char path[4096]; /* of its file; empty: it keeps its own */
    double seconds;

    tend_store *store;
    tend_bus *bus;
    int64_t read_to; /* together: what the next transaction advances past */

    sqlite3 *db;
    sqlite3_stmt *insert, *read, *advance;
    sqlite3_int64 position;

    peer *peer;
} rival;

static double now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static long long bytes_of(const char *path)
{
    struct stat about;

    return path[0] && stat(path, &about) == 0 ? (long long)about.st_size : 0;
}

static void need(tend_status status, const tend_error *error)
{
    if (status >= 0)
        return;
    (void)fprintf(stderr, "bench_bus: %s\n", error->text);
    exit(1);
}

static void tell_batch(rival *self, tend_error *error)
{
    tend_event told[BATCH];

    for (int i = 0; i < BATCH; i++)
        told[i] = (tend_event){
            .topic = "ticket.opened", .kind = 9, .first = 17, .last = 17, .account = 4, .recorded_at = 1767225600000
        };
    need(tend_store_begin(self->store, error), error);
    need(tend_bus_publish_many(self->bus, told, BATCH, false, error), error);
}

static int64_t read_batch(rival *self, tend_error *error)
{
    tend_event read[BATCH];
    size_t count = 0;

    need(tend_bus_read(self->bus, "bench", read, BATCH, &count, error), error);
    if (count == BATCH)
        return read[BATCH - 1].sequence;
    (void)fprintf(stderr, "bench_bus: %zu events came of %d\n", count, BATCH);
    exit(1);
}

static void our_round(rival *self)
{
    tend_error error = { 0 };
    int64_t last;

    tell_batch(self, &error);
    need(tend_store_commit(self->store, &error), &error);
    last = read_batch(self, &error);
    need(tend_store_begin_soft(self->store, &error), &error);
    need(tend_bus_advance(self->bus, "bench", last, &error), &error);
    need(tend_store_commit(self->store, &error), &error);
}

static void our_round_together(rival *self)
{
    tend_error error = { 0 };

    tell_batch(self, &error);
    if (self->read_to != 0)
        need(tend_bus_advance(self->bus, "bench", self->read_to, &error), &error);
    need(tend_store_commit(self->store, &error), &error);
    self->read_to = read_batch(self, &error);
}

static void open_ours(rival *self, const char *folder, const char *name, void (*round)(rival *))
{
    tend_error error = { 0 };

    self->name = name;
    self->round = round;
    (void)snprintf(self->path, sizeof self->path, "%s/%s.db", folder, name);
    need(tend_store_open(self->path, TEND_STORE_CREATE, &self->store, &error), &error);
    need(tend_bus_open(self->store, &self->bus, &error), &error);
}

static void need_row(sqlite3 *db, int is_good)
{
    if (is_good)
        return;
    (void)fprintf(stderr, "bench_bus: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    need_row(db, sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void bare_round(rival *self)
{
    int count = 0, code;

    run(self->db, "BEGIN IMMEDIATE");
    for (int i = 0; i < BATCH; i++) {
        for (int k = 1; k <= 12; k++)
            (void)sqlite3_bind_int64(self->insert, k, k == 12 ? 1767225600000 : k);
        (void)sqlite3_bind_text(self->insert, 1, "ticket.opened", 13, SQLITE_STATIC);
        need_row(self->db, sqlite3_step(self->insert) == SQLITE_DONE && sqlite3_reset(self->insert) == SQLITE_OK);
    }
    run(self->db, "COMMIT");
    (void)sqlite3_bind_int64(self->read, 1, self->position);
    while ((code = sqlite3_step(self->read)) == SQLITE_ROW) {
        self->position = sqlite3_column_int64(self->read, 0);
        count++;
    }
    need_row(self->db, code == SQLITE_DONE && count == BATCH && sqlite3_reset(self->read) == SQLITE_OK);
    run(self->db, "BEGIN IMMEDIATE");
    (void)sqlite3_bind_int64(self->advance, 1, self->position);
    need_row(self->db, sqlite3_step(self->advance) == SQLITE_DONE && sqlite3_reset(self->advance) == SQLITE_OK);
    run(self->db, "COMMIT");
}

static void open_bare(rival *self, const char *folder)
{
    static const char *const texts[] = { "INSERT INTO events VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                                         "SELECT * FROM events WHERE sequence > ?1 ORDER BY sequence LIMIT 100",
                                         "UPDATE positions SET sequence = ?1" };
    sqlite3_stmt **const statements[] = { &self->insert, &self->read, &self->advance };

    self->name = "bare";
    self->round = bare_round;
    (void)snprintf(self->path, sizeof self->path, "%s/bare.db", folder);
    need_row(self->db, sqlite3_open(self->path, &self->db) == SQLITE_OK);
    run(self->db,
        "PRAGMA page_size = 8192; PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA cache_size = -65536;"
        "CREATE TABLE events (sequence INTEGER PRIMARY KEY, topic, kind, first, last, account, shard, cause, root, depth, batch,"
        " is_history, recorded_at); CREATE TABLE positions (sequence INTEGER); INSERT INTO positions VALUES (0)");
    for (int i = 0; i < 3; i++)
        need_row(self->db, sqlite3_prepare_v2(self->db, texts[i], -1, statements[i], NULL) == SQLITE_OK);
}

static void their_round(rival *self)
{
    if (strcmp(self->name, "redis") == 0)
        redis_round(self->peer);
    else if (strcmp(self->name, "redis_together") == 0)
        redis_round_together(self->peer);
    else
        jetstream_round(self->peer);
}

static void end(rival *self)
{
    (void)sqlite3_finalize(self->insert);
    (void)sqlite3_finalize(self->read);
    (void)sqlite3_finalize(self->advance);
    (void)sqlite3_close(self->db);
    tend_bus_close(self->bus);
    tend_store_close(self->store);
}

int main(int argc, char **argv)
{
    static peer peers[RIVALS];
    static rival rivals[RIVALS];
    int batches = argc >= 3 ? atoi(argv[2]) : 0, count = 3;

    if (batches < TURN || argc % 2 == 0) {
        (void)fprintf(stderr, "usage: bench_bus FOLDER BATCHES [redis SOCKET] [jetstream… PORT]…\n");
        return 2;
    }
    open_ours(&rivals[0], argv[1], "ours", our_round);
    open_ours(&rivals[1], argv[1], "ours_together", our_round_together);
    open_bare(&rivals[2], argv[1]);
    for (int i = 3; i < argc && count + 2 <= RIVALS; i += 2) {
        bool is_redis = strcmp(argv[i], "redis") == 0;
        peer *with = &peers[count];

        if (is_redis)
            redis_open(with, argv[i + 1]);
        else
            jetstream_open(with, argv[i + 1]);
        rivals[count++] = (rival){ .name = argv[i], .round = their_round, .peer = with };
        if (is_redis)
            rivals[count++] = (rival){ .name = "redis_together", .round = their_round, .peer = with };
    }
    for (int i = 0; i < count; i++)
        for (int round = 0; round < (rivals[i].db || rivals[i].store ? WARM_LOG : TURN); round++)
            rivals[i].round(&rivals[i]);
    for (int done = 0; done + TURN <= batches; done += TURN) {
        for (int i = 0; i < count; i++) {
            double begun = now();

            for (int round = 0; round < TURN; round++)
                rivals[i].round(&rivals[i]);
            rivals[i].seconds += now() - begun;
        }
    }
    batches -= batches % TURN;
    for (int i = 0; i < count; i++) {
        end(&rivals[i]);
        (void)printf("%s %d %.0f %lld\n", rivals[i].name, batches * BATCH, batches * BATCH / rivals[i].seconds,
                     bytes_of(rivals[i].path));
    }
    return 0;
}
