/* pull.c: what a connector reads, packed into frames. */
#include "base/belt.h"
#include "host/host.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct pull_out {
    tend_record_out table; /* first: what the plugin gets points here */
    host_state *host;
    uint32_t count;
    uint64_t limit, records;
    tend_status refused; /* how a function of `out` first failed: from then on all of them do, and put nothing */
    tend_error why;
    uint64_t ignored; /* calls after that */
} pull_out;

static char *reserve_items(tend_buffer *items, size_t bytes)
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

/* As memcpy; most texts are short, and two words that overlap are copied sooner than a call is made. */
static void copy(char *to, const char *from, size_t length)
{
    uint64_t words[2];
    uint32_t halves[2];

    if (length > 2 * sizeof *words) {
        memcpy(to, from, length);
    } else if (length >= sizeof *words) {
        memcpy(&words[0], from, sizeof *words);
        memcpy(&words[1], from + length - sizeof *words, sizeof *words);
        memcpy(to, &words[0], sizeof *words);
        memcpy(to + length - sizeof *words, &words[1], sizeof *words);
    } else if (length >= sizeof *halves) {
        memcpy(&halves[0], from, sizeof *halves);
        memcpy(&halves[1], from + length - sizeof *halves, sizeof *halves);
        memcpy(to, &halves[0], sizeof *halves);
        memcpy(to + length - sizeof *halves, &halves[1], sizeof *halves);
    } else if (length > 0) {
        to[0] = from[0];
        to[length / 2] = from[length / 2];
        to[length - 1] = from[length - 1];
    }
}

static char *pack_cell(char *at, const char *text, size_t length)
{
    if (!text)
        return pack_u32(at, 0);
    at = pack_u32(at, (uint32_t)length + 1);
    copy(at, text, length);
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
    else if (host->blocks_out > 0)
        host->blocks_out--;
}

/* The block of the belt that was being filled; the next one is filled when it has come back. */
static void send_block(host_state *host)
{
    tend_wire_start(host->wire, TEND_HOST_BLOCK);
    tend_wire_put_u32(host->wire, (uint32_t)host->block_used);
    host_send(host);
    host->block = (host->block + 1) % TEND_BELT_BLOCKS;
    host->block_used = 0;
    host->blocks_out++;
    (void)host_is_cancelled(host); /* what came back meanwhile */
    while (host->blocks_out == TEND_BELT_BLOCKS && host->lost >= 0 && !host->is_cancelled)
        wait_for_go(host);
}

static tend_status send_items(host_state *host)
{
    if (host->block_used > 0 && host->lost >= 0)
        send_block(host);
    if (host->items.length > 0 && host->lost >= 0) {
        tend_wire_start(host->wire, TEND_HOST_ITEMS);
        tend_wire_put_text(host->wire, host->items.bytes, host->items.length);
        host_send(host);
        if (host->is_stepped)
            wait_for_go(host);
    }
    host->block_used = host->items.length = 0;
    return host_is_cancelled(host) ? TEND_ECLOSED : TEND_OK;
}

/* Room for an item of that many bytes, or NULL: on the belt, unless it is too large for a block. */
static char *reserve(host_state *host, size_t bytes)
{
    if (!host->belt || bytes > TEND_BELT_BLOCK)
        return reserve_items(&host->items, bytes);
    if (bytes > TEND_BELT_BLOCK - host->block_used)
        (void)send_items(host);
    return host->belt + host->block * TEND_BELT_BLOCK + host->block_used;
}

/* The item that has its room there ends before `end`. */
static tend_status ended_at(host_state *host, char *end)
{
    const char *block = host->belt + host->block * TEND_BELT_BLOCK;

    if (host->belt && end > block && end <= block + TEND_BELT_BLOCK) {
        host->block_used = (size_t)(end - block);
        return host->is_cancelled || host->lost < 0 ? TEND_ECLOSED : TEND_OK;
    }
    host->items.length = (size_t)(end - host->items.bytes);
    return host->belt || host->is_stepped || host->items.length >= TEND_HOST_FLUSH ? send_items(host) : TEND_OK;
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
    at = reserve(host, 64 + column_length + length + reason_length);
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
    size_t bytes = 32 + (size_t)count * 5, all = 0;

    for (uint32_t i = 0; i < count; i++) {
        const size_t length = cells[i].text ? cells[i].length : 0;

        all |= length;
        bytes += length;
    }
    return all <= 2 * TEND_HOST_ITEM_MAX && bytes <= TEND_HOST_ITEM_MAX ? bytes : 0;
}

static char *pack_cells(char *at, const tend_cell *cells, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        at = pack_cell(at, cells[i].text, cells[i].length);
    return at;
}

static tend_status put_record(pull_out *out, uint64_t line, tend_time modified_at, const tend_cell *cells, uint32_t count,
                              size_t bytes)
{
    char *at = reserve(out->host, bytes), *end;

    if (!at)
        return answer(out, TEND_ENOMEM, "no memory for a record");
    *at++ = TEND_ITEM_RECORD;
    at = pack_u64(at, line);
    at = pack_u64(at, (uint64_t)modified_at);
    at = pack_u32(at, count);
    end = pack_cells(at + sizeof(uint32_t), cells, count);
    (void)pack_u32(at, (uint32_t)((size_t)(end - at) - sizeof(uint32_t)));
    return answer(out, ended_at(out->host, end), NULL);
}

static tend_status out_record(tend_record_out *table, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at)
{
    pull_out *out = out_of(table);
    size_t bytes = size_of_cells(cells, count);
    tend_status status;

    if (goes_on(out))
        return out->refused;
    if (count > out->count)
        return put_reject(out, line, NULL, NULL, 0, "it has more cells than columns were named");
    if (bytes == 0)
        return put_reject(out, line, NULL, NULL, 0, "it is larger than 8 MiB");
    status = put_record(out, line, modified_at, cells, count, bytes);
    out->records++;
    if (status == TEND_OK && out->limit > 0 && out->records >= out->limit)
        return answer(out, TEND_ECLOSED, NULL);
    return status;
}

static tend_status out_tombstone(tend_record_out *table, const tend_cell *key, uint32_t count, tend_time removed_at)
{
    pull_out *out = out_of(table);
    size_t bytes = size_of_cells(key, count);
    char *at;

    if (goes_on(out))
        return out->refused;
    if (bytes == 0 || count == 0 || count > TEND_HOST_CELLS_MAX)
        return put_reject(out, 0, NULL, NULL, 0, "a removal without a key, or with one larger than 8 MiB");
    at = reserve(out->host, bytes);
    if (!at)
        return answer(out, TEND_ENOMEM, "no memory for a removal");
    *at++ = TEND_ITEM_TOMBSTONE;
    at = pack_u64(at, (uint64_t)removed_at);
    at = pack_u32(at, count);
    return answer(out, ended_at(out->host, pack_cells(at, key, count)), NULL);
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
    at = reserve(host, length + 16);
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
    at = reserve(host, bytes);
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

tend_status host_pull(host_state *host, int fd, tend_error *reterr)
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
        host->items.length = host->block_used = 0;
        host->block = host->blocks_out = 0;
        host->belt = fd >= 0 && !host->is_stepped ? tend_belt_map(fd) : NULL;
        status = ops->pull(host->self, &request, &out.table, reterr);
        (void)send_items(host);
        status = judge(&out, status, reterr);
        tend_belt_unmap(host->belt);
        host->belt = NULL;
    } else if (status == TEND_OK) {
        status = TEND_ENOTFOUND;
    }
    if (fd >= 0)
        (void)close(fd);
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
