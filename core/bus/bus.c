#include "bus/bus.h"

#include "base/hash.h"
#include "bus/held.h"
#include <stdlib.h>
#include <string.h>

#define WIDTH 13        /* columns of an event */
#define ALL_SHARDS "-1" /* one engine holds every shard */
#define COLUMNS "topic, kind, first, last, account, shard, cause, root, depth, batch, is_history, recorded_at"

/* Events are appended by sequence. */
static const char tables[] =
    "CREATE TABLE IF NOT EXISTS events (sequence INTEGER PRIMARY KEY, topic TEXT NOT NULL, kind INTEGER NOT NULL,"
    " first INTEGER NOT NULL, last INTEGER NOT NULL, account INTEGER NOT NULL, shard INTEGER NOT NULL, cause INTEGER NOT NULL,"
    " root INTEGER NOT NULL, depth INTEGER NOT NULL, batch INTEGER NOT NULL, is_history INTEGER NOT NULL,"
    " recorded_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS positions (subscriber TEXT NOT NULL, shard INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    " PRIMARY KEY (subscriber, shard)) STRICT, WITHOUT ROWID;";

static const char read_sql[] = "SELECT sequence, " COLUMNS " FROM events WHERE sequence > ?1 AND sequence < ?2"
                               " ORDER BY sequence LIMIT ?3";
static const char get_sql[] = "SELECT sequence, " COLUMNS " FROM events WHERE sequence = ?1";
static const char insert_sql[] = "INSERT INTO events (sequence, " COLUMNS ")"
                                 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
static const char position_sql[] = "SELECT sequence FROM positions WHERE subscriber = ?1 AND shard = " ALL_SHARDS;
static const char advance_sql[] = "INSERT INTO positions (subscriber, shard, sequence) VALUES (?1, " ALL_SHARDS ", ?2)"
                                  " ON CONFLICT (subscriber, shard) DO UPDATE SET sequence = excluded.sequence"
                                  " WHERE excluded.sequence >= positions.sequence";
static const char subscribe_sql[] = "INSERT INTO positions (subscriber, shard, sequence) VALUES (?1, " ALL_SHARDS ", ?2)"
                                    " ON CONFLICT (subscriber, shard) DO NOTHING";
static const char backlog_sql[] = "SELECT sum(CASE WHEN first = 0 AND last = 0 THEN 1 ELSE last - first + 1 END)"
                                  " FROM events WHERE sequence > ?1 AND sequence < ?2";

struct tend_bus {
    tend_store *store;   /* borrowed */
    int64_t transaction; /* the one that `fresh` belongs to */
    int64_t fresh;       /* the first sequence given out in it: from here on nothing is committed yet */
};

tend_status tend_bus_open(tend_store *store, tend_bus **ret_bus, tend_error *reterr)
{
    tend_bus *bus = calloc(1, sizeof *bus);
    tend_status status = TEND_OK;

    if (!bus)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", tend_store_path(store));
    bus->store = store;
    if (tend_store_can_write(store)) {
        status = tend_store_run(store, tables, reterr);
        if (status >= 0)
            status = tend_held_open(store, reterr);
    } else if (!tend_store_has_table(store, "events") || !tend_store_has_table(store, "positions")) {
        status = tend_fail(reterr, TEND_ENOTFOUND, "%s: has no events yet; let tend write to it once", tend_store_path(store));
    }
    if (status < 0) {
        free(bus);
        return status;
    }
    *ret_bus = bus;
    return TEND_OK;
}

void tend_bus_close(tend_bus *bus)
{
    free(bus);
}

static void read_row(tend_statement *statement, tend_event *ret_event)
{
    size_t length;
    const char *topic = tend_statement_text(statement, 1, &length);

    memset(ret_event, 0, sizeof *ret_event);
    ret_event->sequence = tend_statement_int(statement, 0);
    if (topic)
        memcpy(ret_event->topic, topic, length < TEND_TOPIC_ROOM ? length : TEND_TOPIC_ROOM - 1);
    ret_event->kind = (int32_t)tend_statement_int(statement, 2);
    ret_event->first = tend_statement_int(statement, 3);
    ret_event->last = tend_statement_int(statement, 4);
    ret_event->account = tend_statement_int(statement, 5);
    ret_event->shard = (uint8_t)tend_statement_int(statement, 6);
    ret_event->cause = tend_statement_int(statement, 7);
    ret_event->root = tend_statement_int(statement, 8);
    ret_event->depth = (int32_t)tend_statement_int(statement, 9);
    ret_event->batch = tend_statement_int(statement, 10);
    ret_event->is_history = tend_statement_int(statement, 11) != 0;
    ret_event->recorded_at = tend_statement_int(statement, 12);
}

/* The columns of one row; the event's topic is borrowed. */
static void write_cells(const tend_event *event, tend_value *cells)
{
    const int64_t numbers[WIDTH] = {
        event->sequence, 0,           event->kind,  event->first, event->last,       event->account,    event->shard,
        event->cause,    event->root, event->depth, event->batch, event->is_history, event->recorded_at
    };

    for (int i = 0; i < WIDTH; i++)
        cells[i] = (tend_value){ .type = TEND_INT, .integer = numbers[i] };
    cells[1] = (tend_value){ .type = TEND_TEXT, .text = event->topic, .length = strlen(event->topic) };
}

static tend_status write_row(tend_bus *bus, const char *sql, const tend_event *event, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(bus->store, sql, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, event->sequence);
    tend_statement_bind_string(statement, 2, event->topic);
    tend_statement_bind_int(statement, 3, event->kind);
    tend_statement_bind_int(statement, 4, event->first);
    tend_statement_bind_int(statement, 5, event->last);
    tend_statement_bind_int(statement, 6, event->account);
    tend_statement_bind_int(statement, 7, event->shard);
    tend_statement_bind_int(statement, 8, event->cause);
    tend_statement_bind_int(statement, 9, event->root);
    tend_statement_bind_int(statement, 10, event->depth);
    tend_statement_bind_int(statement, 11, event->batch);
    tend_statement_bind_int(statement, 12, event->is_history);
    tend_statement_bind_int(statement, 13, event->recorded_at);
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

static tend_status needs_transaction(const tend_bus *bus, const char *what, tend_error *reterr)
{
    if (tend_store_in_transaction(bus->store))
        return TEND_OK;
    return tend_fail(reterr, TEND_ERROR, "%s: %s needs an open transaction", tend_store_path(bus->store), what);
}

static tend_status check_event(const tend_bus *bus, const tend_event *event, tend_error *reterr)
{
    const char *path = tend_store_path(bus->store);

    if (event->topic[0] == '\0' || !memchr(event->topic, '\0', TEND_TOPIC_ROOM))
        return tend_fail(reterr, TEND_EINVAL, "%s: event: the topic is empty or longer than %d bytes", path, TEND_TOPIC_ROOM - 1);
    if (event->first > event->last || (event->first == 0) != (event->last == 0) || event->first < 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: event %s: rows %lld to %lld are not a range", path, event->topic,
                         (long long)event->first, (long long)event->last);
    return TEND_OK;
}

static tend_status check_held(const tend_bus *bus, const tend_event *event, bool is_held, tend_error *reterr)
{
    tend_status status = check_event(bus, event, reterr);

    if (status >= 0 && is_held && event->batch == 0)
        status = tend_fail(reterr, TEND_EINVAL, "%s: event %s: only an event of a batch can be held", tend_store_path(bus->store),
                           event->topic);
    return status;
}

/* root and depth follow from the cause. */
static tend_status follow_cause(tend_bus *bus, tend_event *event, tend_error *reterr)
{
    tend_event cause;
    tend_status status;

    event->root = 0;
    event->depth = 0;
    if (event->cause == 0)
        return TEND_OK;
    status = tend_bus_get(bus, event->cause, &cause, reterr);
    if (status < 0)
        return status;
    if (cause.depth >= TEND_DEPTH_MAX)
        return tend_fail(reterr, TEND_ELIMIT,
                         "%s: event %s: is the end of a chain of %d causes that began with event %lld; look for playbooks that "
                         "start each other",
                         tend_store_path(bus->store), event->topic, TEND_DEPTH_MAX, (long long)cause.root);
    event->root = cause.root;
    event->depth = cause.depth + 1;
    return TEND_OK;
}

/* From this number on nothing is committed yet. */
static void note_fresh(tend_bus *bus, int64_t sequence)
{
    if (bus->transaction == tend_store_transaction(bus->store))
        return;
    bus->transaction = tend_store_transaction(bus->store);
    bus->fresh = sequence;
}

/* Gives the event its sequence, which makes it visible to subscribers after the commit. */
static tend_status append(tend_bus *bus, tend_event *event, tend_error *reterr)
{
    tend_status status = tend_store_ids(bus->store, "events", 1, &event->sequence, reterr);

    if (status < 0)
        return status;
    if (event->root == 0)
        event->root = event->sequence;
    note_fresh(bus, event->sequence);
    return write_row(bus, insert_sql, event, reterr);
}

tend_status tend_bus_publish(tend_bus *bus, const tend_event *event, bool is_held, int64_t *ret_sequence, tend_error *reterr)
{
    tend_event copy = *event;
    tend_status status = needs_transaction(bus, "publishing an event", reterr);

    if (status >= 0)
        status = check_held(bus, event, is_held, reterr);
    if (status >= 0)
        status = follow_cause(bus, &copy, reterr);
    if (status < 0)
        return status;
    copy.shard = tend_shard_of(copy.account);
    if (!is_held) {
        status = append(bus, &copy, reterr);
    } else {
        copy.sequence = 0;
        status = tend_held_add(bus->store, &copy, 1, reterr);
    }
    if (status >= 0 && ret_sequence)
        *ret_sequence = copy.sequence;
    return status;
}

/* Their sequences from `number` on; those without a cause are roots of their own. */
static tend_status append_many(tend_bus *bus, tend_event *events, size_t count, int64_t number, tend_error *reterr)
{
    static const char *const columns[WIDTH] = { "sequence", "topic", "kind",  "first", "last",       "account",    "shard",
                                                "cause",    "root",  "depth", "batch", "is_history", "recorded_at" };
    tend_value *cells = calloc(count * WIDTH, sizeof *cells);
    tend_status status;

    if (!cells)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", tend_store_path(bus->store));
    for (size_t i = 0; i < count; i++) {
        events[i].sequence = number + (int64_t)i;
        if (events[i].root == 0)
            events[i].root = events[i].sequence;
        write_cells(&events[i], &cells[i * WIDTH]);
    }
    status = tend_store_insert(bus->store, "events", columns, WIDTH, cells, count, reterr);
    free(cells);
    return status;
}

tend_status tend_bus_publish_many(tend_bus *bus, const tend_event *events, size_t count, bool is_held, tend_error *reterr)
{
    tend_event *copies;
    int64_t number = 0;
    tend_status status = needs_transaction(bus, "publishing events", reterr);

    if (status < 0 || count == 0)
        return status;
    copies = malloc(count * sizeof *copies);
    if (!copies)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", tend_store_path(bus->store));
    memcpy(copies, events, count * sizeof *copies);
    for (size_t i = 0; i < count && status >= 0; i++) {
        status = check_held(bus, &copies[i], is_held, reterr);
        if (status >= 0)
            status = follow_cause(bus, &copies[i], reterr);
        copies[i].shard = tend_shard_of(copies[i].account);
    }
    if (status >= 0 && is_held)
        status = tend_held_add(bus->store, copies, count, reterr);
    else if (status >= 0 && (status = tend_store_ids(bus->store, "events", (int64_t)count, &number, reterr)) >= 0) {
        note_fresh(bus, number);
        status = append_many(bus, copies, count, number, reterr);
    }
    free(copies);
    return status;
}

typedef struct releasing {
    tend_bus *bus;
    int64_t number; /* of the next */
} releasing;

static tend_status release_some(void *self, tend_event *events, size_t count, tend_error *reterr)
{
    releasing *r = self;
    const int64_t number = r->number;

    r->number += (int64_t)count;
    return append_many(r->bus, events, count, number, reterr);
}

tend_status tend_bus_release(tend_bus *bus, int64_t batch, int64_t *ret_events, tend_error *reterr)
{
    releasing r = { .bus = bus };
    int64_t count = 0;
    tend_status status = needs_transaction(bus, "releasing held events", reterr);

    if (status >= 0)
        status = tend_held_count(bus->store, batch, &count, reterr);
    if (status >= 0 && count > 0)
        status = tend_store_ids(bus->store, "events", count, &r.number, reterr);
    if (status >= 0 && count > 0) {
        note_fresh(bus, r.number);
        status = tend_held_take(bus->store, batch, release_some, &r, reterr);
    }
    if (status >= 0 && ret_events)
        *ret_events = count;
    return status;
}

/* What this handle has published in a transaction that is still open is not delivered. */
static int64_t end_of_committed(const tend_bus *bus)
{
    return bus->transaction != 0 && bus->transaction == tend_store_transaction(bus->store) ? bus->fresh : INT64_MAX;
}

tend_status tend_bus_read(tend_bus *bus, const char *subscriber, tend_event *ret_events, size_t limit, size_t *ret_count,
                          tend_error *reterr)
{
    tend_statement *statement = NULL;
    int64_t position = 0;
    size_t count = 0;
    bool has_row = true;
    tend_status status = tend_bus_position(bus, subscriber, &position, reterr);

    if (status >= 0)
        status = tend_store_prepare(bus->store, read_sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, position);
    tend_statement_bind_int(statement, 2, end_of_committed(bus));
    tend_statement_bind_int(statement, 3, (int64_t)limit);
    while (count < limit && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        read_row(statement, &ret_events[count++]);
    tend_statement_end(statement);
    if (status >= 0)
        *ret_count = count;
    return status;
}

tend_status tend_bus_advance(tend_bus *bus, const char *subscriber, int64_t sequence, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = needs_transaction(bus, "advancing a subscriber", reterr);

    if (status >= 0)
        status = tend_store_prepare(bus->store, advance_sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, subscriber);
    tend_statement_bind_int(statement, 2, sequence);
    status = tend_statement_run(statement, reterr);
    if (status >= 0 && tend_store_changes(bus->store) == 0)
        status = tend_fail(reterr, TEND_ECONFLICT, "%s: subscriber %s: is past event %lld already", tend_store_path(bus->store),
                           subscriber, (long long)sequence);
    tend_statement_end(statement);
    return status;
}

tend_status tend_bus_subscribe(tend_bus *bus, const char *subscriber, int64_t sequence, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(bus->store, subscribe_sql, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, subscriber);
    tend_statement_bind_int(statement, 2, sequence);
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

tend_status tend_bus_position(tend_bus *bus, const char *subscriber, int64_t *ret_sequence, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(bus->store, position_sql, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, subscriber);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_sequence = has_row ? tend_statement_int(statement, 0) : 0;
    tend_statement_end(statement);
    return status;
}

tend_status tend_bus_last(tend_bus *bus, int64_t *ret_sequence, tend_error *reterr)
{
    return tend_store_number(bus->store, "SELECT max(sequence) FROM events", 0, ret_sequence, reterr);
}

tend_status tend_bus_get(tend_bus *bus, int64_t sequence, tend_event *ret_event, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(bus->store, get_sql, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, sequence);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        read_row(statement, ret_event);
    else if (status >= 0)
        status =
            tend_fail(reterr, TEND_ENOTFOUND, "%s: event %lld: no such event", tend_store_path(bus->store), (long long)sequence);
    tend_statement_end(statement);
    return status;
}

tend_status tend_bus_backlog(tend_bus *bus, const char *subscriber, int64_t *ret_rows, tend_error *reterr)
{
    tend_statement *statement = NULL;
    int64_t position = 0;
    bool has_row = false;
    tend_status status = tend_bus_position(bus, subscriber, &position, reterr);

    if (status >= 0)
        status = tend_store_prepare(bus->store, backlog_sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, position);
    tend_statement_bind_int(statement, 2, end_of_committed(bus));
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_rows = has_row && !tend_statement_is_null(statement, 0) ? tend_statement_int(statement, 0) : 0;
    tend_statement_end(statement);
    return status;
}

int64_t tend_event_rows(const tend_event *event)
{
    return event->first == 0 && event->last == 0 ? 1 : event->last - event->first + 1;
}

bool tend_event_changes_rows(const tend_event *event)
{
    static const char *const words[] = { "measure.", "due.", "met.", "start.", "custom." };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(event->topic, words[i], strlen(words[i])) == 0)
            return false;
    return true;
}

tend_status tend_bus_delivered(tend_bus *bus, int64_t batch, int64_t *ret_events, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(bus->store,
                                            "SELECT count(*) FROM events WHERE batch = ?1 AND sequence <="
                                            " (SELECT coalesce(max(sequence), 0) FROM positions)",
                                            &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, batch);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_events = has_row ? tend_statement_int(statement, 0) : 0;
    tend_statement_end(statement);
    return status;
}
