#include "bus/since.h"

#include "base/hash.h"
#include <string.h>

#define COLUMNS "sequence, topic, kind, first, last, account, cause, batch, is_history, recorded_at"

static void read_event(tend_statement *statement, tend_event *event)
{
    const char *topic = tend_statement_text(statement, 1, NULL);

    memset(event, 0, sizeof *event);
    event->sequence = tend_statement_int(statement, 0);
    (void)stpncpy(event->topic, topic ? topic : "", sizeof event->topic - 1);
    event->kind = (int32_t)tend_statement_int(statement, 2);
    event->first = tend_statement_int(statement, 3);
    event->last = tend_statement_int(statement, 4);
    event->account = tend_statement_int(statement, 5);
    event->shard = tend_shard_of(event->account);
    event->cause = tend_statement_int(statement, 6);
    event->batch = tend_statement_int(statement, 7);
    event->is_history = tend_statement_int(statement, 8) != 0;
    event->recorded_at = tend_statement_int(statement, 9);
}

tend_status tend_events_since(tend_store *store, int64_t sequence, const char *except,
                              tend_status (*visit)(void *self, const tend_event *event), void *self, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_event event;
    bool has_row = false;
    tend_status status = tend_store_prepare(store,
                                            "SELECT " COLUMNS " FROM events WHERE sequence > ?1 AND (?2 IS NULL OR"
                                            " substr(topic, 1, length(?2)) <> ?2) ORDER BY sequence",
                                            &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, sequence);
    if (except)
        tend_statement_bind_string(statement, 2, except);
    else
        tend_statement_bind_null(statement, 2);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        read_event(statement, &event);
        status = visit(self, &event);
    }
    tend_statement_end(statement);
    return status;
}

tend_status tend_events_last(tend_store *store, int64_t *ret_sequence, tend_error *reterr)
{
    return tend_store_number(store, "SELECT max(sequence) FROM events", 0, ret_sequence, reterr);
}

tend_status tend_events_held(tend_store *store, bool *ret_held, tend_error *reterr)
{
    int64_t is_held = 1;
    tend_status status = TEND_OK;

    /* A store that an older tend wrote last, read only: it says nothing of it, so nobody relies on its rows. */
    if (tend_store_has_table(store, "held_events"))
        status = tend_store_number(store, "SELECT EXISTS (SELECT 1 FROM held_events)", 0, &is_held, reterr);

    *ret_held = is_held != 0;
    return status;
}

tend_status tend_events_mark(tend_store *store, int64_t sequence, uint64_t *ret_mark, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_event event;
    bool has_row = false;
    tend_status status = tend_store_prepare(store, "SELECT " COLUMNS " FROM events WHERE sequence = ?1", &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, sequence);
    status = tend_statement_step(statement, &has_row, reterr);
    *ret_mark = 0;
    if (status >= 0 && has_row) {
        read_event(statement, &event); /* zeroed in between, so that all of it can be hashed */
        *ret_mark = tend_hash64(&event, sizeof event) | 1;
    }
    tend_statement_end(statement);
    return status;
}
