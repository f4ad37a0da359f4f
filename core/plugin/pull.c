/* pull.c: records out of a connector's host, checked before anybody sees them. */
#include "base/belt.h"
#include "plugin/ahead.h"
#include "plugin/hosted.h"
#include "plugin/items.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CANCEL_WITHIN_MS 5000
static const char broken_rules[] = "its records break the rules";
typedef struct pull_run {
    tend_hosted *hosted;
    const tend_pull_sink *sink;
    char **names; /* owned: the columns, for naming one in a reject */
    uint32_t name_count;
    const char *belt;    /* NULL: there is none */
    uint32_t next_block; /* that the host will name */
    tend_ahead *ahead;   /* owned; NULL: nothing is done ahead */
    bool is_alone;       /* it cannot be had */
    bool is_over;        /* the host has ended the call */
    tend_status failed;  /* of the sink: what is still to come is thrown away */
    tend_error error;
} pull_run;

static void forget_names(pull_run *pull)
{
    for (uint32_t i = 0; i < pull->name_count; i++)
        free(pull->names[i]);
    free(pull->names);
    pull->names = NULL;
    pull->name_count = 0;
}

/* Ours to bear: the host has told no lie. */
static bool out_of_memory(pull_run *pull)
{
    pull->failed = tend_fail(&pull->error, TEND_ENOMEM, "plugin %s: no memory for its records", pull->hosted->name);
    return false;
}

/* `count` cells into the scratch of the hosted. */
static bool read_cells(pull_run *pull, tend_items *reader, uint32_t count)
{
    tend_hosted *hosted = pull->hosted;

    if (reader->has_lied || count > TEND_HOST_CELLS_MAX || count > (size_t)(reader->end - reader->at) / 4)
        return false;
    if (count > hosted->cell_room) {
        tend_cell *larger = realloc(hosted->cells, count * sizeof *larger);

        if (!larger)
            return out_of_memory(pull);
        hosted->cells = larger;
        hosted->cell_room = count;
    }
    for (uint32_t i = 0; i < count; i++)
        hosted->cells[i] = tend_items_cell(reader);
    return !reader->has_lied;
}

/* The first cell that is no text makes the record a reject. */
static bool are_texts(pull_run *pull, const tend_cell *cells, uint32_t count, uint64_t line)
{
    for (uint32_t i = 0; i < count; i++) {
        if (tend_items_is_text(&cells[i]))
            continue;
        pull->failed = pull->sink->reject(pull->sink->self, line, i < pull->name_count ? pull->names[i] : NULL, NULL, 0,
                                          "not valid UTF-8", &pull->error);
        return false;
    }
    return true;
}

static bool take_names(pull_run *pull, uint32_t count)
{
    forget_names(pull);
    pull->names = calloc(count ? count : 1, sizeof *pull->names);
    if (!pull->names)
        return out_of_memory(pull);
    for (uint32_t i = 0; i < count; i++) {
        const tend_cell *cell = &pull->hosted->cells[i];

        if (!cell->text || !tend_items_is_text(cell))
            return false;
        pull->names[i] = strdup(cell->text);
        if (!pull->names[i])
            return out_of_memory(pull);
        pull->name_count = i + 1;
    }
    return true;
}

static bool take_columns(pull_run *pull, tend_items *reader)
{
    uint32_t count = tend_items_u32(reader), key_count;
    const char **key = NULL;

    if (!read_cells(pull, reader, count) || !take_names(pull, count))
        return false;
    key_count = tend_items_u32(reader);
    if (key_count != UINT32_MAX) {
        if (!read_cells(pull, reader, key_count))
            return false;
        key = calloc(key_count + 1, sizeof *key);
        for (uint32_t i = 0; key && i < key_count; i++) {
            key[i] = pull->hosted->cells[i].text;
            if (!key[i] || !tend_items_is_text(&pull->hosted->cells[i])) {
                free(key);
                return false;
            }
        }
        if (!key)
            return out_of_memory(pull);
    }
    if (pull->failed == TEND_OK)
        pull->failed = pull->sink->columns(pull->sink->self, (const char *const *)pull->names, pull->name_count, key, &pull->error);
    free(key);
    return true;
}

static bool take_record(pull_run *pull, tend_items *reader)
{
    uint64_t line = tend_items_u64(reader);
    tend_time modified_at = (tend_time)tend_items_u64(reader);
    uint32_t count = tend_items_u32(reader), bytes = tend_items_u32(reader);
    const char *cells = reader->at;

    if (count > pull->name_count || !read_cells(pull, reader, count) || (size_t)(reader->at - cells) != bytes)
        return false;
    if (are_texts(pull, pull->hosted->cells, count, line))
        pull->failed = pull->sink->record(pull->sink->self, pull->hosted->cells, count, line, modified_at, &pull->error);
    return true;
}

static bool take_tombstone(pull_run *pull, tend_items *reader)
{
    tend_time removed_at = (tend_time)tend_items_u64(reader);
    uint32_t count = tend_items_u32(reader);

    if (!read_cells(pull, reader, count))
        return false;
    if (are_texts(pull, pull->hosted->cells, count, 0))
        pull->failed = pull->sink->tombstone(pull->sink->self, pull->hosted->cells, count, removed_at, &pull->error);
    return true;
}

static bool take_checkpoint(pull_run *pull, tend_items *reader)
{
    tend_cell bookmark = tend_items_cell(reader);

    if (reader->has_lied || !bookmark.text || bookmark.length > TEND_HOST_BOOKMARK_MAX || !tend_items_is_text(&bookmark))
        return false;
    pull->failed = pull->sink->checkpoint(pull->sink->self, bookmark.text, bookmark.length, &pull->error);
    return true;
}

static bool take_reject(pull_run *pull, tend_items *reader)
{
    uint64_t line = tend_items_u64(reader);
    tend_cell column = tend_items_cell(reader), value = tend_items_cell(reader), reason = tend_items_cell(reader);

    if (reader->has_lied || !reason.text || !tend_items_is_text(&reason) || !tend_items_is_text(&column))
        return false;
    pull->failed = pull->sink->reject(pull->sink->self, line, column.text, value.text, value.length, reason.text, &pull->error);
    return true;
}

/* Room for what is copied from the belt. */
static char *copies(pull_run *pull)
{
    if (!pull->hosted->items)
        pull->hosted->items = malloc(TEND_BELT_BLOCK);
    if (!pull->hosted->items)
        (void)out_of_memory(pull);
    return pull->hosted->items;
}

/* A record that is handed over; what stands on the belt, where the host may write, is copied first. */
static bool take_item(pull_run *pull, const char *item, const char *end, bool is_on_belt)
{
    const size_t length = (size_t)(end - item);
    tend_items reader = { .at = item, .end = end };

    if (is_on_belt) {
        char *copy = copies(pull);

        if (!copy)
            return false;
        memcpy(copy, item, length);
        reader = (tend_items){ .at = copy, .end = copy + length };
    }
    return take_record(pull, &reader);
}

/* The records that stand next to each other: those that the sink passes over are not looked into. */
static bool take_records(pull_run *pull, tend_items *reader, bool are_on_belt)
{
    tend_raw_record records[TEND_PULL_AHEAD];
    const char *items[TEND_PULL_AHEAD];
    tend_items ahead = *reader;
    size_t count = 0;

    while (count < TEND_PULL_AHEAD) {
        items[count] = ahead.at + 1;
        if (!tend_items_record(&ahead, &records[count]))
            break;
        reader->at = ahead.at;
        count++;
    }
    pull->sink->ahead(pull->sink->self, records, count);
    for (size_t i = 0; i < count && pull->failed == TEND_OK; i++) {
        if (!pull->sink->pass(pull->sink->self, &records[i], i) &&
            !take_item(pull, items[i], records[i].cells + records[i].length, are_on_belt) && pull->failed == TEND_OK)
            return false;
    }
    return count > 0;
}

/* One frame of items, until one cannot be taken; false when it lies. */
static bool take_items(pull_run *pull, const char *bytes, size_t length)
{
    tend_items reader = { .at = bytes, .end = bytes + length };

    while (reader.at < reader.end && pull->failed == TEND_OK) {
        bool is_good = false;

        if (*reader.at == TEND_ITEM_RECORD && pull->sink->ahead) {
            if (!take_records(pull, &reader, false) && pull->failed == TEND_OK)
                return false;
            continue;
        }
        switch (*reader.at++) {
        case TEND_ITEM_COLUMNS:
            is_good = take_columns(pull, &reader);
            break;
        case TEND_ITEM_RECORD:
            is_good = take_record(pull, &reader);
            break;
        case TEND_ITEM_TOMBSTONE:
            is_good = take_tombstone(pull, &reader);
            break;
        case TEND_ITEM_CHECKPOINT:
            is_good = take_checkpoint(pull, &reader);
            break;
        case TEND_ITEM_REJECT:
            is_good = take_reject(pull, &reader);
            break;
        default:
            break;
        }
        if (pull->failed == TEND_OK && (!is_good || reader.has_lied))
            return false;
    }
    return true;
}

/* Records that are known by their bytes are read where they stand, all else is copied. */
static bool take_from_belt(pull_run *pull, const char *from, size_t length)
{
    tend_items reader = { .at = from, .end = from + length };
    char *copy;

    while (pull->sink->ahead && reader.at < reader.end && *reader.at == TEND_ITEM_RECORD && pull->failed == TEND_OK) {
        reader.has_lied = false;
        if (!take_records(pull, &reader, true))
            return pull->failed < 0;
    }
    if (reader.at == reader.end || pull->failed < 0)
        return true;
    copy = copies(pull);
    if (!copy)
        return false;
    memcpy(copy, reader.at, (size_t)(reader.end - reader.at));
    return take_items(pull, copy, (size_t)(reader.end - reader.at));
}

/* The block that was given to the thread first. */
static bool take_ready(pull_run *pull)
{
    unsigned slot;
    const tend_block *block = tend_ahead_take(pull->ahead, &slot);
    bool is_good = block->status == TEND_OK || out_of_memory(pull);

    for (size_t i = 0; is_good && i < block->count && pull->failed == TEND_OK; i++) {
        const tend_ready_record *record = &block->records[i];

        if (!record->are_texts && !are_texts(pull, record->cells, record->raw.count, record->raw.line))
            continue;
        pull->sink->ready(pull->sink->self, slot, i);
        pull->failed = pull->sink->record(pull->sink->self, record->cells, record->raw.count, record->raw.line,
                                          record->raw.modified_at, &pull->error);
    }
    is_good = is_good && (!block->has_lied || pull->failed < 0);
    if (is_good && pull->failed == TEND_OK && block->used < block->length) {
        tend_ahead_wait(pull->ahead);
        is_good = take_items(pull, block->bytes + block->used, block->length - block->used);
    }
    tend_ahead_drop(pull->ahead);
    return is_good;
}

/* The host may fill the block anew. One that does not listen is no reason to wait. */
static tend_status give_back(tend_hosted *hosted, const char *doing, tend_error *reterr)
{
    if (!tend_wire_has_room(hosted->process.wire))
        return tend_hosted_lied(hosted, doing, "it does not read what it is sent", reterr);
    tend_wire_start(hosted->process.wire, TEND_HOST_GO);
    return tend_hosted_send(hosted, -1, doing, reterr);
}

/* Until no more than `most` blocks are with the thread. A host that has ended the call gets none of them back. */
static tend_status take_given(pull_run *pull, unsigned most, const char *doing, tend_error *reterr)
{
    tend_status status = TEND_OK;

    while (pull->ahead && tend_ahead_given(pull->ahead) > most && status == TEND_OK && pull->failed == TEND_OK) {
        if (!take_ready(pull) && pull->failed == TEND_OK)
            return tend_hosted_lied(pull->hosted, doing, broken_rules, reterr);
        if (!pull->is_over && pull->failed == TEND_OK)
            status = give_back(pull->hosted, doing, reterr);
    }
    return status;
}

/* What the host sent before it ended the call, well or not. */
static tend_status take_rest(pull_run *pull, tend_status ended, const char *doing, tend_error *reterr)
{
    tend_status status;

    pull->is_over = true;
    status = take_given(pull, 0, doing, ended < 0 ? NULL : reterr);
    if (ended < 0 || status < 0)
        return ended < 0 ? ended : status;
    return pull->failed < 0 ? tend_fail(reterr, pull->failed, "%s", pull->error.text) : TEND_OK;
}

/* Whether the thread is to have the next block. */
static bool goes_ahead(pull_run *pull)
{
    if (!pull->sink->prepare || pull->is_alone || !pull->sink->prepares(pull->sink->self))
        return false;
    if (!pull->ahead)
        pull->ahead = tend_ahead_new(pull->sink);
    pull->is_alone = !pull->ahead;
    return pull->ahead != NULL;
}

/* The next block of the belt. */
static tend_status take_block(pull_run *pull, const char *doing, tend_error *reterr)
{
    tend_wire *wire = pull->hosted->process.wire;
    const uint32_t length = tend_wire_get_u32(wire);
    const char *from;
    tend_status status;

    if (tend_wire_done(wire, NULL) < 0 || !pull->belt || length > TEND_BELT_BLOCK)
        return tend_hosted_lied(pull->hosted, doing, broken_rules, reterr);
    from = pull->belt + pull->next_block * TEND_BELT_BLOCK;
    pull->next_block = (pull->next_block + 1) % TEND_BELT_BLOCKS;
    if (goes_ahead(pull)) {
        tend_ahead_give(pull->ahead, from, length, pull->name_count);
        return take_given(pull, TEND_PULL_SLOTS - 1, doing, reterr);
    }
    status = take_given(pull, 0, doing, reterr);
    if (status < 0 || pull->failed < 0)
        return status;
    if (!take_from_belt(pull, from, length) && pull->failed == TEND_OK)
        return tend_hosted_lied(pull->hosted, doing, broken_rules, reterr);
    return pull->failed < 0 ? TEND_OK : give_back(pull->hosted, doing, reterr);
}

/* Told to end, the plugin has a few seconds to come to one. Whoever tries it out hears how it took that. */
static tend_status cancel(pull_run *pull, const char *doing, tend_error *reterr)
{
    tend_hosted *hosted = pull->hosted;
    tend_status status;
    tend_error ended = { 0 };
    uint16_t type;
    bool is_done = false;

    status = pull->sink->kills ? TEND_ECLOSED : TEND_OK;
    if (status == TEND_OK) {
        tend_wire_start(hosted->process.wire, TEND_HOST_CANCEL);
        status = tend_hosted_send(hosted, -1, doing, NULL);
    }
    for (int i = 0; status == TEND_OK && !is_done && i < 10000; i++)
        status = tend_hosted_next(hosted, doing, CANCEL_WITHIN_MS, &type, &is_done, &ended);
    if (!is_done)
        tend_process_stop(&hosted->process, 0, NULL, 0);
    if (hosted->use.sends_each && is_done && status == TEND_EINVAL)
        pull->failed = tend_fail(&pull->error, status, "%s", ended.text);
    if (reterr)
        *reterr = pull->error;
    return pull->failed;
}

static tend_status ask(pull_run *pull, const char *capability, const tend_pull *request, const char *doing, tend_error *reterr)
{
    tend_hosted *hosted = pull->hosted;
    int belt = -1;
    tend_status status = tend_hosted_begin(hosted, TEND_HOST_PULL, capability, reterr);

    if (status < 0)
        return status;
    if (!hosted->use.sends_each && tend_belt_make(&belt, &pull->belt, NULL) < 0)
        belt = -1; /* then all of it goes by the wire */
    tend_wire_put_string(hosted->process.wire, request->stream);
    tend_wire_put_u8(hosted->process.wire, request->bookmark != NULL);
    tend_wire_put_string(hosted->process.wire, request->bookmark);
    tend_wire_put_i64(hosted->process.wire, (int64_t)request->limit);
    status = tend_hosted_send(hosted, belt, doing, reterr);
    if (belt >= 0)
        (void)close(belt);
    return status;
}

/* One message of the host during a pull, ALIVE included. */
static tend_status take_message(pull_run *pull, uint16_t type, const char *doing, tend_error *reterr)
{
    tend_hosted *hosted = pull->hosted;
    const char *bytes;
    size_t length;
    tend_status status;

    switch (type) {
    case TEND_HOST_ALIVE:
        return TEND_OK;
    case TEND_HOST_BLOCK:
        return take_block(pull, doing, reterr);
    case TEND_HOST_ITEMS:
        status = take_given(pull, 0, doing, reterr);
        if (status < 0 || pull->failed < 0)
            return status;
        bytes = tend_wire_get_text(hosted->process.wire, &length);
        if (tend_wire_done(hosted->process.wire, NULL) == TEND_OK && take_items(pull, bytes, length))
            return TEND_OK;
        return tend_hosted_lied(hosted, doing, broken_rules, reterr);
    default:
        return tend_hosted_lied(hosted, doing, "a message that does not belong there", reterr);
    }
}

tend_status tend_hosted_pull(tend_hosted *hosted, const char *capability, const tend_pull *request, const tend_pull_sink *sink,
                             tend_error *reterr)
{
    pull_run pull = { .hosted = hosted, .sink = sink };
    char doing[120];
    uint16_t type;
    bool is_done = false;
    tend_status status;

    (void)snprintf(doing, sizeof doing, "the pull of %s", request->stream);
    status = ask(&pull, capability, request, doing, reterr);
    while (status == TEND_OK) {
        status = tend_hosted_next(hosted, doing, hosted->use.deadline_ms, &type, &is_done, reterr);
        if (status < 0 || is_done) {
            status = take_rest(&pull, status, doing, reterr);
            break;
        }
        status = take_message(&pull, type, doing, reterr);
        if (status == TEND_OK && pull.failed == TEND_OK && sink->is_cancelled && sink->is_cancelled(sink->self))
            pull.failed = tend_fail(&pull.error, TEND_ECLOSED, "plugin %s: %s was broken off", hosted->name, doing);
        if (status == TEND_OK && pull.failed < 0) {
            status = cancel(&pull, doing, reterr);
            break;
        }
        if (status == TEND_OK && hosted->use.sends_each && type == TEND_HOST_ITEMS) {
            tend_wire_start(hosted->process.wire, TEND_HOST_GO);
            status = tend_hosted_send(hosted, -1, doing, reterr);
        }
    }
    tend_ahead_free(pull.ahead);
    tend_belt_unmap(pull.belt);
    forget_names(&pull);
    return status;
}
