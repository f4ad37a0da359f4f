/* pull.c: what a connector reads, packed into frames. */
#include "host/host.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

typedef struct pull_out {
    tend_record_out table; /* first: what the plugin gets points here */
    host_state *host;
    uint32_t count;
    uint64_t limit, records;
    tend_status refused; /* how a function of `out` first failed: from then on all of them do, and put nothing */
    tend_error why;
    uint64_t ignored; /* calls after that */
} pull_out;

/* Room for `bytes` more at the end of the items, or NULL. */
static char *reserve(tend_buffer *items, size_t bytes)
{
    if (items->room - items->length < bytes + 1) {
        size_t room = items->room ? items->room : TEND_HOST_FLUSH + 4096;
        char *larger;

        while (room - items->length < bytes + 1)
            room *= 2;
        larger = realloc(items->bytes, room);
        if (!larger)
            return NULL;
        items->bytes = larger;
        items->room = room;
    }
    return items->bytes + items->length;
}

static char *pack_u32(char *at, uint32_t number)
{
    number = htole32(number);
    memcpy(at, &number, sizeof number);
    return at + sizeof number;
}

static char *pack_u64(char *at, uint64_t number)
{
    number = htole64(number);
    memcpy(at, &number, sizeof number);
    return at + sizeof number;
}

static char *pack_cell(char *at, const char *text, size_t length)
{
    if (!text)
        return pack_u32(at, 0);
    at = pack_u32(at, (uint32_t)length + 1);
    if (length > 0)
        memcpy(at, text, length);
    at[length] = '\0';
    return at + length + 1;
}

/* The engine has taken what was sent, or has had enough. */
static void wait_for_go(host_state *host)
{
    uint16_t type = 0;

    if (host->lost < 0 || host->is_cancelled)
        return;
    if (tend_wire_receive(host->wire, -1, &type, NULL, NULL) < 0)
        host->lost = TEND_ECLOSED;
    else if (type == TEND_HOST_CANCEL)
        host->is_cancelled = true;
    else if (type != TEND_HOST_GO)
        host->lost = TEND_ECORRUPT;
}

static tend_status send_items(host_state *host)
{
    if (host->items.length > 0 && host->lost >= 0) {
        tend_wire_start(host->wire, TEND_HOST_ITEMS);
        tend_wire_put_text(host->wire, host->items.bytes, host->items.length);
        host_send(host);
        if (host->is_stepped)
            wait_for_go(host);
    }
    host->items.length = 0;
    return host_is_cancelled(host) ? TEND_ECLOSED : TEND_OK;
}

static tend_status ended_at(host_state *host, char *end)
{
    host->items.length = (size_t)(end - host->items.bytes);
    return host->is_stepped || host->items.length >= TEND_HOST_FLUSH ? send_items(host) : TEND_OK;
}

static pull_out *out_of(tend_record_out *table)
{
    return (pull_out *)table;
}

/* True when the plugin was told of a failure and calls all the same. */
static bool goes_on(pull_out *out)
{
    out->ignored += out->refused < 0;
    return out->refused < 0;
}

/* What a function of `out` answers: the first failure stays. `why` NULL: the engine wants no more. */
static tend_status answer(pull_out *out, tend_status status, const char *why)
{
    if (status < 0)
        out->refused = tend_fail(&out->why, status, "plugin %s: %s", out->host->note.name, why ? why : "the engine wants no more");
    return status;
}

static tend_status put_reject(pull_out *out, uint64_t line, const char *column, const char *value, size_t length,
                              const char *reason)
{
    host_state *host = out->host;
    size_t most = 4096; /* of the value: a reject is for reading */
    size_t column_length = column ? strlen(column) : 0, reason_length = reason ? strlen(reason) : 0;
    char *at;

    length = value && length < most ? length : most;
    column_length = column_length < most ? column_length : most;
    reason_length = reason_length < most ? reason_length : most;
    at = reserve(&host->items, 64 + column_length + length + reason_length);
    if (!at)
        return answer(out, TEND_ENOMEM, "no memory for a reject");
    *at++ = TEND_ITEM_REJECT;
    at = pack_u64(at, line);
    at = pack_cell(at, column, column_length);
    at = pack_cell(at, value, length);
    at = pack_cell(at, reason ? reason : "", reason_length);
    return answer(out, ended_at(host, at), NULL);
}

static tend_status out_reject(tend_record_out *table, uint64_t line, const char *column, const char *value, size_t length,
                              const char *reason)
{
    pull_out *out = out_of(table);

    return goes_on(out) ? out->refused : put_reject(out, line, column, value, length, reason);
}

/* Bytes that the cells take, or 0 when they are more than an item may hold. */
static size_t size_of_cells(const tend_cell *cells, uint32_t count)
{
    size_t bytes = 32 + (size_t)count * 5;

    for (uint32_t i = 0; i < count; i++) {
        if (cells[i].text && cells[i].length > TEND_HOST_ITEM_MAX)
            return 0;
        bytes += cells[i].text ? cells[i].length : 0;
    }
    return bytes <= TEND_HOST_ITEM_MAX ? bytes : 0;
}

static tend_status put_cells(pull_out *out, char item, uint64_t first, const uint64_t *second, const tend_cell *cells,
                             uint32_t count, size_t bytes)
{
    char *at = reserve(&out->host->items, bytes);

    if (!at)
        return answer(out, TEND_ENOMEM, "no memory for a record");
    *at++ = item;
    at = pack_u64(at, first);
    if (second)
        at = pack_u64(at, *second);
    at = pack_u32(at, count);
    for (uint32_t i = 0; i < count; i++)
        at = pack_cell(at, cells[i].text, cells[i].length);
    return answer(out, ended_at(out->host, at), NULL);
}

static tend_status out_record(tend_record_out *table, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at)
{
    pull_out *out = out_of(table);
    const uint64_t modified = (uint64_t)modified_at;
    size_t bytes = size_of_cells(cells, count);
    tend_status status;

    if (goes_on(out))
        return out->refused;
    if (count > out->count)
        return put_reject(out, line, NULL, NULL, 0, "it has more cells than columns were named");
    if (bytes == 0)
        return put_reject(out, line, NULL, NULL, 0, "it is larger than 8 MiB");
    status = put_cells(out, TEND_ITEM_RECORD, line, &modified, cells, count, bytes);
    out->records++;
    if (status == TEND_OK && out->limit > 0 && out->records >= out->limit)
        return answer(out, TEND_ECLOSED, NULL);
    return status;
}

static tend_status out_tombstone(tend_record_out *table, const tend_cell *key, uint32_t count, tend_time removed_at)
{
    pull_out *out = out_of(table);
    size_t bytes = size_of_cells(key, count);

    if (goes_on(out))
        return out->refused;
    if (bytes == 0 || count == 0 || count > TEND_HOST_CELLS_MAX)
        return put_reject(out, 0, NULL, NULL, 0, "a removal without a key, or with one larger than 8 MiB");
    return put_cells(out, TEND_ITEM_TOMBSTONE, (uint64_t)removed_at, NULL, key, count, bytes);
}

static tend_status out_checkpoint(tend_record_out *table, const char *bookmark, size_t length)
{
    pull_out *out = out_of(table);
    host_state *host = out->host;
    char *at;
    tend_status status;

    if (goes_on(out))
        return out->refused;
    if (!bookmark || length > TEND_HOST_BOOKMARK_MAX)
        return answer(out, TEND_ELIMIT, bookmark ? "a bookmark is over 64 KiB; make it shorter" : "a bookmark is NULL");
    at = reserve(&host->items, length + 16);
    if (!at)
        return answer(out, TEND_ENOMEM, "no memory for a bookmark");
    *at++ = TEND_ITEM_CHECKPOINT;
    at = pack_cell(at, bookmark, length);
    status = ended_at(host, at);
    return answer(out, status < 0 ? status : send_items(host), NULL);
}

static size_t count_names(const char *const *names)
{
    size_t count = 0;

    while (names && names[count])
        count++;
    return count;
}

static tend_status out_columns(tend_record_out *table, const char *const *names, uint32_t count, const char *const *key)
{
    pull_out *out = out_of(table);
    host_state *host = out->host;
    size_t key_count = count_names(key), bytes = 32;
    char *at;

    if (goes_on(out))
        return out->refused;
    if (count > TEND_HOST_CELLS_MAX || key_count > count)
        return answer(out, TEND_ELIMIT, "more than 65536 columns were named, or more in the key than there are");
    for (uint32_t i = 0; i < count; i++)
        bytes += 5 + strlen(names[i]);
    for (size_t i = 0; i < key_count; i++)
        bytes += 5 + strlen(key[i]);
    if (bytes > TEND_HOST_ITEM_MAX)
        return answer(out, TEND_ELIMIT, "the names of the columns are over 8 MiB");
    at = reserve(&host->items, bytes);
    if (!at)
        return answer(out, TEND_ENOMEM, "no memory for the columns");
    *at++ = TEND_ITEM_COLUMNS;
    at = pack_u32(at, count);
    for (uint32_t i = 0; i < count; i++)
        at = pack_cell(at, names[i], strlen(names[i]));
    at = pack_u32(at, key ? (uint32_t)key_count : UINT32_MAX);
    for (size_t i = 0; i < key_count; i++)
        at = pack_cell(at, key[i], strlen(key[i]));
    out->count = count;
    return answer(out, ended_at(host, at), NULL);
}

/* How the pull ended, by what the plugin returned and by what it had been told. */
static tend_status judge(const pull_out *out, tend_status status, tend_error *reterr)
{
    if (out->refused == TEND_OK)
        return status;
    if (out->ignored > 0 && out->host->is_stepped) /* somebody tries it out, and wants to hear of it */
        return tend_fail(reterr, TEND_EINVAL,
                         "plugin %s: a function of `out` had failed, and it called %llu more; return that failure at once",
                         out->host->note.name, (unsigned long long)out->ignored);
    if (out->limit > 0 && out->records >= out->limit && out->refused == TEND_ECLOSED && (status == TEND_ECLOSED || status >= 0))
        return TEND_OK;                          /* it was us who said that this is enough */
    if (status >= 0 || status == out->refused) { /* what was not taken is not all there is */
        *reterr = out->why;
        return out->refused;
    }
    return status;
}

tend_status host_pull(host_state *host, tend_error *reterr)
{
    pull_out out = {
        .table = { sizeof(tend_record_out), out_columns, out_record, out_tombstone, out_checkpoint, out_reject },
        .host = host,
    };
    char *capability = strdup(tend_wire_get_text(host->wire, NULL));
    char *stream = strdup(tend_wire_get_text(host->wire, NULL));
    bool has_bookmark = tend_wire_get_u8(host->wire) != 0;
    char *bookmark = strdup(tend_wire_get_text(host->wire, NULL));
    const tend_connector_ops *ops;
    tend_pull request = { .size = sizeof request, .stream = stream, .bookmark = has_bookmark ? bookmark : NULL };
    tend_status status;

    out.limit = request.limit = (uint64_t)tend_wire_get_i64(host->wire);
    status = capability && stream && bookmark ? tend_wire_done(host->wire, reterr)
                                              : tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory to pull", host->note.name);
    ops = status == TEND_OK ? host_capability(host, capability, TEND_CONNECTOR, reterr) : NULL;
    if (ops) {
        host->items.length = 0;
        status = ops->pull(host->self, &request, &out.table, reterr);
        (void)send_items(host);
        status = judge(&out, status, reterr);
    } else if (status == TEND_OK) {
        status = TEND_ENOTFOUND;
    }
    free(capability);
    free(stream);
    free(bookmark);
    return status;
}

static tend_status put_stream(void *out, const tend_stream *stream)
{
    host_state *host = out;

    tend_wire_start(host->wire, TEND_HOST_STREAM);
    tend_wire_put_string(host->wire, stream->name);
    tend_wire_put_string(host->wire, stream->about);
    host_send(host);
    return host_is_cancelled(host) ? TEND_ECLOSED : TEND_OK;
}

tend_status host_streams(host_state *host, tend_error *reterr)
{
    const tend_connector_ops *ops = host_capability(host, tend_wire_get_text(host->wire, NULL), TEND_CONNECTOR, reterr);

    return ops ? ops->streams(host->self, put_stream, host, reterr) : TEND_ENOTFOUND;
}
