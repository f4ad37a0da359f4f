#include "bus/held.h"

#include "bus/packed.h"
#include <stdlib.h>
#include <string.h>

/* An import tells of each row that begins in a state of its own: many events, which are written once here and once when they are
 * told. So they wait in packs, a row for all that were published together. */
static const char table[] = "CREATE TABLE IF NOT EXISTS held_events (held INTEGER PRIMARY KEY, batch INTEGER NOT NULL,"
                            " count INTEGER NOT NULL, packed BLOB NOT NULL) STRICT";
static const char add_sql[] = "INSERT INTO held_events (batch, count, packed) VALUES (?1, ?2, ?3)";
static const char next_sql[] = "SELECT held, count, packed FROM held_events WHERE batch = ?1 AND held > ?2 ORDER BY held LIMIT 1";
static const char forget_sql[] = "DELETE FROM held_events WHERE batch = ?1";
/* One row for each event, until 2026-11-24. */
static const char older_sql[] = "SELECT topic, kind, first, last, account, cause, root, depth, batch, is_history, recorded_at"
                                " FROM events_held ORDER BY held";

#define TAKEN 512 /* events at a time */

static tend_status no_memory(const tend_store *store, tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", tend_store_path(store));
}

/* ---- in ------------------------------------------------------------------------------------------------------------------- */

static tend_status write_pack(tend_store *store, int64_t batch, int64_t count, const tend_buffer *packed, tend_error *reterr)
{
    tend_statement *insert = NULL;
    tend_status status = packed->failed ? no_memory(store, reterr) : tend_store_prepare(store, add_sql, &insert, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(insert, 1, batch);
    tend_statement_bind_int(insert, 2, count);
    tend_statement_bind_bytes(insert, 3, packed->bytes, packed->length);
    status = tend_statement_run(insert, reterr);
    tend_statement_end(insert);
    return status;
}

tend_status tend_held_add(tend_store *store, const tend_event *events, size_t count, tend_error *reterr)
{
    tend_pack *pack = malloc(sizeof *pack);
    tend_buffer packed = { 0 };
    tend_status status = pack ? TEND_OK : no_memory(store, reterr);

    for (size_t i = 0; i < count && status >= 0;) {
        const size_t first = i;

        pack->topic_count = 0;
        tend_buffer_reset(&packed);
        while (i < count && events[i].batch == events[first].batch && tend_pack_add(pack, &packed, &events[i]))
            i++;
        status = write_pack(store, events[first].batch, (int64_t)(i - first), &packed, reterr);
    }
    tend_buffer_clear(&packed);
    free(pack);
    return status;
}

/* ---- out ------------------------------------------------------------------------------------------------------------------ */

tend_status tend_held_count(tend_store *store, int64_t batch, int64_t *ret_count, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status =
        tend_store_prepare(store, "SELECT coalesce(sum(count), 0) FROM held_events WHERE batch = ?1", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, batch);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_count = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

typedef struct taking {
    tend_store *store;
    int64_t batch, held; /* of the last pack that was taken */
    tend_buffer packed;
    int64_t count; /* in `packed` */
    tend_pack pack;
    tend_event events[TAKEN];
} taking;

static tend_status read_pack(taking *t, bool *ret_has_one, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(t->store, next_sql, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, t->batch);
    tend_statement_bind_int(statement, 2, t->held);
    status = tend_statement_step(statement, ret_has_one, reterr);
    if (status >= 0 && *ret_has_one) {
        size_t length = 0;
        const void *bytes = tend_statement_bytes(statement, 2, &length);

        t->held = tend_statement_int(statement, 0);
        t->count = tend_statement_int(statement, 1);
        tend_buffer_reset(&t->packed);
        tend_buffer_append(&t->packed, bytes, length);
        if (t->packed.failed)
            status = no_memory(t->store, reterr);
    }
    tend_statement_end(statement);
    return status;
}

static tend_status take_pack(taking *t, tend_status (*take)(void *self, tend_event *events, size_t count, tend_error *reterr),
                             void *self, tend_error *reterr)
{
    const uint8_t *at = (const uint8_t *)t->packed.bytes, *end = at + t->packed.length;
    tend_status status = TEND_OK;

    t->pack.topic_count = 0;
    while (t->count > 0 && status >= 0) {
        size_t count = 0;

        for (; count < TAKEN && t->count > 0 && status >= 0; t->count--) {
            status = tend_pack_next(&t->pack, &at, end, &t->events[count]);
            t->events[count++].batch = t->batch;
        }
        if (status < 0 || (t->count == 0 && at != end))
            return tend_fail(reterr, TEND_ECORRUPT,
                             "%s: events held back for batch %lld are damaged; import again into a copy from before it",
                             tend_store_path(t->store), (long long)t->batch);
        status = take(self, t->events, count, reterr);
    }
    return status;
}

tend_status tend_held_take(tend_store *store, int64_t batch,
                           tend_status (*take)(void *self, tend_event *events, size_t count, tend_error *reterr), void *self,
                           tend_error *reterr)
{
    taking *t = calloc(1, sizeof *t);
    tend_statement *forget = NULL;
    bool has_one = true;
    tend_status status = t ? TEND_OK : no_memory(store, reterr);

    if (t) {
        t->store = store;
        t->batch = batch;
    }
    while (status >= 0 && (status = read_pack(t, &has_one, reterr)) >= 0 && has_one)
        status = take_pack(t, take, self, reterr);
    if (t)
        tend_buffer_clear(&t->packed);
    free(t);
    if (status >= 0)
        status = tend_store_prepare(store, forget_sql, &forget, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(forget, 1, batch);
    status = tend_statement_run(forget, reterr);
    tend_statement_end(forget);
    return status;
}

/* ---- of older stores ------------------------------------------------------------------------------------------------------ */

static void read_older(tend_statement *statement, tend_event *ret_event)
{
    size_t length = 0;
    const char *topic = tend_statement_text(statement, 0, &length);

    *ret_event = (tend_event){ .kind = (int32_t)tend_statement_int(statement, 1),
                               .first = tend_statement_int(statement, 2),
                               .last = tend_statement_int(statement, 3),
                               .account = tend_statement_int(statement, 4),
                               .cause = tend_statement_int(statement, 5),
                               .root = tend_statement_int(statement, 6),
                               .depth = (int32_t)tend_statement_int(statement, 7),
                               .batch = tend_statement_int(statement, 8),
                               .is_history = tend_statement_int(statement, 9) != 0,
                               .recorded_at = tend_statement_int(statement, 10) };
    if (topic)
        memcpy(ret_event->topic, topic, length < TEND_TOPIC_ROOM ? length : TEND_TOPIC_ROOM - 1);
}

static tend_status take_older(tend_store *store, tend_error *reterr)
{
    tend_event *events = malloc(TAKEN * sizeof *events);
    tend_statement *statement = NULL;
    bool has_row = true;
    tend_status status = events ? tend_store_prepare(store, older_sql, &statement, reterr) : no_memory(store, reterr);

    while (status >= 0 && has_row) {
        size_t count = 0;

        while (count < TAKEN && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
            read_older(statement, &events[count++]);
        if (status >= 0)
            status = tend_held_add(store, events, count, reterr);
    }
    tend_statement_end(statement);
    free(events);
    return status < 0 ? status : tend_store_run(store, "DROP TABLE events_held", reterr);
}

tend_status tend_held_open(tend_store *store, tend_error *reterr)
{
    tend_status status = tend_store_run(store, table, reterr);

    if (status < 0 || !tend_store_has_table(store, "events_held"))
        return status;
    status = tend_store_begin(store, reterr);
    if (status < 0)
        return status;
    status = take_older(store, reterr);
    if (status >= 0)
        return tend_store_commit(store, reterr);
    tend_store_rollback(store);
    return status;
}
