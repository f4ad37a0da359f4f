#include "messages.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_COLUMNS 4096u
#define MOST_STREAMS 1000u
#define MOST_NAME ((size_t)1000)

static tend_status reject(message_run *messages, const char *line, size_t length, const char *reason)
{
    if (!messages->out)
        return TEND_OK;
    return messages->out->reject(messages->out, messages->line, NULL, line, length < 200 ? length : 200, reason);
}

static char *copy(const char *text, size_t length)
{
    char *bytes = malloc(length + 1);

    if (bytes) {
        memcpy(bytes, text, length);
        bytes[length] = '\0';
    }
    return bytes;
}

/* ---- columns and cells ------------------------------------------------------------------------------------------------- */

/* Records name their columns in the same order most of the time. TEND_ELIMIT: too many. */
static tend_status find_column(message_run *messages, const char *name, uint32_t *ret_column)
{
    uint32_t count = messages->column_count;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (messages->expected + i) % count;

        if (strcmp(messages->columns[at], name) == 0) {
            messages->expected = at + 1;
            *ret_column = at;
            return TEND_OK;
        }
    }
    if (count == MOST_COLUMNS)
        return TEND_ELIMIT;
    if (count == messages->column_room) {
        uint32_t room = count ? count * 2 : 32;
        char **columns = realloc(messages->columns, room * sizeof *columns);
        tend_cell *cells;

        if (columns)
            messages->columns = columns;
        cells = columns ? realloc(messages->cells, room * sizeof *cells) : NULL;
        if (!cells)
            return TEND_ENOMEM;
        messages->cells = cells;
        messages->column_room = room;
    }
    messages->columns[count] = strdup(name);
    if (!messages->columns[count])
        return TEND_ENOMEM;
    messages->cells[count] = (tend_cell){ .text = NULL };
    messages->column_count++;
    messages->has_new_columns = true;
    messages->expected = 0;
    *ret_column = count;
    return TEND_OK;
}

/* The text of the line is at most as long as the room made for it before: it never moves. */
static const char *keep(message_run *messages, const char *text, size_t length)
{
    char *at = messages->text + messages->text_length;

    memcpy(at, text, length);
    at[length] = '\0';
    messages->text_length += length + 1;
    return at;
}

static tend_cell cell_of(message_run *messages, const json_node *node)
{
    switch (node->type) {
    case JSON_NULL:
        return (tend_cell){ .text = "", .length = 0 };
    case JSON_STRING:
        return (tend_cell){ .text = node->text, .length = node->length };
    default: /* numbers with the digits they came with, true and false, arrays as JSON */
        return (tend_cell){ .text = keep(messages, node->text, node->length), .length = node->length };
    }
}

static tend_status fill_cells(message_run *messages, const json_node *object, size_t prefix, const char **ret_why)
{
    for (const json_node *member = object->first; member; member = member->next) {
        size_t length = prefix + (prefix > 0) + member->key_length;
        uint32_t column;
        tend_status status;

        *ret_why = "a key is empty or longer than 1000 bytes";
        if (member->key_length == 0 || length > MOST_NAME)
            return TEND_EINVAL;
        if (prefix > 0)
            messages->path[prefix] = '.';
        memcpy(messages->path + prefix + (prefix > 0), member->key, member->key_length + 1);
        if (member->type == JSON_OBJECT) {
            status = fill_cells(messages, member, length, ret_why);
            if (status < 0)
                return status;
            continue;
        }
        status = find_column(messages, messages->path, &column);
        if (status == TEND_ELIMIT)
            *ret_why = "the stream has more than 4096 columns";
        if (status < 0)
            return status;
        if (messages->cells[column].text) {
            *ret_why = "it names a key twice";
            return TEND_EINVAL;
        }
        messages->cells[column] = cell_of(messages, member);
    }
    return TEND_OK;
}

static bool make_room(message_run *messages, size_t length)
{
    char *larger;

    messages->text_length = 0;
    if (!messages->path)
        messages->path = malloc(MOST_NAME + 2);
    if (messages->path && messages->text_room >= length * 2 + 2)
        return true;
    larger = realloc(messages->text, length * 2 + 2);
    if (larger) {
        messages->text = larger;
        messages->text_room = length * 2 + 2;
    }
    return larger && messages->path;
}

static tend_status put_columns(message_run *messages)
{
    if (!messages->has_new_columns)
        return TEND_OK;
    messages->has_new_columns = false;
    return messages->out->columns(messages->out, (const char *const *)messages->columns, messages->column_count,
                                  (const char *const *)messages->key);
}

/* ---- messages ---------------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_node *object, const char *key)
{
    const json_node *member = json_member(object, key);

    return member && member->type == JSON_STRING ? member->text : NULL;
}

static tend_status meet_stream(message_run *messages, const char *name)
{
    char **larger;

    for (size_t i = 0; i < messages->stream_count; i++)
        if (strcmp(messages->streams[i], name) == 0)
            return TEND_OK;
    if (messages->stream_count == MOST_STREAMS)
        return TEND_ELIMIT;
    larger = realloc(messages->streams, (messages->stream_count + 1) * sizeof *larger);
    if (!larger)
        return TEND_ENOMEM;
    messages->streams = larger;
    larger[messages->stream_count] = strdup(name);
    return larger[messages->stream_count] ? (messages->stream_count++, TEND_OK) : TEND_ENOMEM;
}

static void forget_key(message_run *messages)
{
    for (size_t i = 0; messages->key && messages->key[i]; i++)
        free(messages->key[i]);
    free(messages->key);
    messages->key = NULL;
}

/* The key's columns stand in the list from now on, whether a record has come or not. */
static tend_status take_key(message_run *messages, const json_node *names, const char **ret_why)
{
    size_t count = 0;

    *ret_why = "the key is not a list of column names";
    if (names && names->type != JSON_ARRAY)
        return TEND_EINVAL;
    for (const json_node *name = names ? names->first : NULL; name; name = name->next, count++)
        if (name->type != JSON_STRING || name->length == 0 || name->length > MOST_NAME)
            return TEND_EINVAL;
    forget_key(messages);
    messages->has_new_columns = true;
    if (count == 0)
        return TEND_OK;
    messages->key = calloc(count + 1, sizeof *messages->key);
    if (!messages->key)
        return TEND_ENOMEM;
    count = 0;
    for (const json_node *name = names->first; name; name = name->next) {
        uint32_t column;
        tend_status status = find_column(messages, name->text, &column);

        if (status < 0)
            return status;
        messages->key[count] = copy(name->text, name->length);
        if (!messages->key[count++])
            return TEND_ENOMEM;
    }
    return TEND_OK;
}

static tend_status put_removed(message_run *messages, tend_time at, const char **ret_why)
{
    tend_cell cells[64];
    uint32_t count = 0;
    tend_status status;

    *ret_why = "a removed record, but the stream's schema names no key";
    for (; messages->key && messages->key[count] && count < 64; count++) {
        uint32_t column;

        status = find_column(messages, messages->key[count], &column);
        if (status < 0)
            return status;
        *ret_why = "a removed record without its key";
        if (!messages->cells[column].text)
            return TEND_EINVAL;
        cells[count] = messages->cells[column];
    }
    if (count == 0)
        return TEND_EINVAL;
    status = put_columns(messages);
    return status < 0 ? status : messages->out->tombstone(messages->out, cells, count, at);
}

static tend_status take_record(message_run *messages, const json_node *message, const char *time_key, const char **ret_why)
{
    const json_node *record = json_member(message, "record"), *time = json_member(message, time_key);
    const json_node *deleted = json_member(record, "_sdc_deleted_at");
    tend_time at = TEND_NO_TIME;
    tend_status status;

    *ret_why = "it has no object 'record'";
    if (!record || record->type != JSON_OBJECT)
        return TEND_EINVAL;
    *ret_why = "its time is not written as 2026-03-02T10:15:04Z";
    if (time && time->type != JSON_NULL && (time->type != JSON_STRING || !messages_time(time->text, time->length, &at)))
        return TEND_EINVAL;
    for (uint32_t i = 0; i < messages->column_count; i++)
        messages->cells[i] = (tend_cell){ .text = NULL };
    status = fill_cells(messages, record, 0, ret_why);
    if (status < 0)
        return status;
    if (deleted && deleted->type == JSON_STRING) {
        (void)messages_time(deleted->text, deleted->length, &at);
        return put_removed(messages, at, ret_why);
    }
    status = put_columns(messages);
    if (status < 0)
        return status;
    messages->records++;
    status = messages->out->record(messages->out, messages->cells, messages->column_count, messages->line, at);
    messages->has_enough = messages->limit > 0 && messages->records >= messages->limit;
    return status == TEND_OK && messages->has_enough ? TEND_ECLOSED : status;
}

static tend_status take_tombstone(message_run *messages, const json_node *message, const char **ret_why)
{
    const json_node *key = json_member(message, "key"), *time = json_member(message, "removed_at");
    tend_time at = TEND_NO_TIME;
    tend_cell cells[64];
    uint32_t count = 0;
    tend_status status;

    *ret_why = "it has no list 'key' with the values of the key";
    if (!key || key->type != JSON_ARRAY || !key->first)
        return TEND_EINVAL;
    for (const json_node *part = key->first; part; part = part->next) {
        if (part->type == JSON_NULL || part->type == JSON_OBJECT || part->type == JSON_ARRAY || count == 64)
            return TEND_EINVAL;
        cells[count++] = cell_of(messages, part);
    }
    *ret_why = "its time is not written as 2026-03-02T10:15:04Z";
    if (time && time->type != JSON_NULL && (time->type != JSON_STRING || !messages_time(time->text, time->length, &at)))
        return TEND_EINVAL;
    status = put_columns(messages);
    return status < 0 ? status : messages->out->tombstone(messages->out, cells, count, at);
}

static tend_status take_bookmark(message_run *messages, const json_node *message, const char **ret_why)
{
    const json_node *value = json_member(message, "value");

    *ret_why = "it has no 'value', or one longer than 64 KiB";
    if (!value || value->type == JSON_NULL || value->length > (size_t)64 << 10)
        return TEND_EINVAL;
    return messages->out ? messages->out->checkpoint(messages->out, value->text, value->length) : TEND_OK;
}

/* Of a stream: ours are written small, Singer's large. TEND_EINVAL with *ret_why is a reject, other failures end the pull. */
static tend_status take_message(message_run *messages, const json_node *message, const char **ret_why)
{
    const char *type = text_of(message, "type"), *stream = text_of(message, "stream");
    tend_status status;

    *ret_why = "it is no object with a text 'type'";
    if (!type)
        return TEND_EINVAL;
    if (strcmp(type, "bookmark") == 0 || strcmp(type, "STATE") == 0)
        return take_bookmark(messages, message, ret_why);
    if (strcmp(type, "ACTIVATE_VERSION") == 0) {
        messages->host->log(messages->host, TEND_LEVEL_INFO,
                            "ACTIVATE_VERSION is passed over: what is gone must be said record by record");
        return TEND_OK;
    }
    *ret_why = "its type is none of record, tombstone, schema, bookmark, RECORD, SCHEMA, STATE and ACTIVATE_VERSION";
    if (strcmp(type, "record") != 0 && strcmp(type, "RECORD") != 0 && strcmp(type, "schema") != 0 && strcmp(type, "SCHEMA") != 0 &&
        strcmp(type, "tombstone") != 0)
        return TEND_EINVAL;
    *ret_why = "it names no 'stream'";
    if (!stream || *stream == '\0')
        return TEND_EINVAL;
    status = meet_stream(messages, stream);
    if (status < 0 || !messages->stream)
        return status;
    if (strcmp(stream, messages->stream) != 0) {
        messages->others += strcasecmp(type, "record") == 0;
        return TEND_OK;
    }
    switch (*type) {
    case 'r':
        return take_record(messages, message, "modified_at", ret_why);
    case 'R':
        return take_record(messages, message, "time_extracted", ret_why);
    case 's':
        return take_key(messages, json_member(message, "key"), ret_why);
    case 'S':
        return take_key(messages, json_member(message, "key_properties"), ret_why);
    default:
        return take_tombstone(messages, message, ret_why);
    }
}

tend_status messages_take(void *self, const char *line, size_t length, bool is_too_long)
{
    message_run *messages = self;
    const json_node *message;
    const char *why;
    char reason[200];
    tend_status status;

    messages->line++;
    if (is_too_long)
        return reject(messages, line, length, "the line is longer than 8 MiB");
    if (strspn(line, " \t\r") == length)
        return TEND_OK;
    if (!make_room(messages, length))
        return TEND_ENOMEM;
    message = json_read(&messages->reader, line, length, &why);
    if (!message) {
        (void)snprintf(reason, sizeof reason, "not JSON: %s", why);
        return reject(messages, line, length, reason);
    }
    status = take_message(messages, message, &why);
    return status == TEND_EINVAL ? reject(messages, line, length, why) : status;
}

void messages_clear(message_run *messages)
{
    json_reader_clear(&messages->reader);
    for (uint32_t i = 0; i < messages->column_count; i++)
        free(messages->columns[i]);
    for (size_t i = 0; i < messages->stream_count; i++)
        free(messages->streams[i]);
    forget_key(messages);
    free(messages->columns);
    free(messages->streams);
    free(messages->cells);
    free(messages->text);
    free(messages->path);
}
