#include "plugin_fake_host.h"

#include "plugin_load.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fake_host *of_table(const tend_host *table)
{
    return (fake_host *)(uintptr_t)table;
}

static void fake_log(const tend_host *table, tend_level level, const char *message)
{
    fake_host *host = of_table(table);
    size_t length = strlen(host->log);

    (void)snprintf(host->log + length, sizeof host->log - length, "%d %s\n", level, message);
}

static const char *fake_setting_at(const tend_host *table, const char *key, uint32_t index)
{
    fake_host *host = of_table(table);

    for (size_t i = 0; i < host->setting_count; i++)
        if (strcmp(host->settings[i].key, key) == 0 && index-- == 0)
            return host->settings[i].value;
    return NULL;
}

/* The default stands in for what was not set. Durations must be set: the real host turns them into milliseconds. */
static const char *fake_setting(const tend_host *table, const char *key)
{
    const char *given = fake_setting_at(table, key, 0);

    for (const tend_option *option = of_table(table)->plugin->settings; option && option->key; option++)
        if (strcmp(option->key, key) == 0)
            return given ? given : option->fallback;
    ck_abort_msg("the plugin asks for the setting '%s', which its table lacks", key);
    return NULL;
}

static tend_time fake_now(const tend_host *table)
{
    return of_table(table)->now;
}

static bool fake_is_cancelled(const tend_host *table)
{
    return of_table(table)->is_cancelled;
}

static fake_host *of_out(tend_record_out *out)
{
    return (fake_host *)(void *)((char *)out - offsetof(fake_host, out));
}

static void write_text(fake_host *host, const char *text, size_t length)
{
    if (host->text_length + length + 1 > host->text_room) {
        host->text_room = (host->text_length + length + 1) * 2;
        host->text = realloc(host->text, host->text_room);
        ck_assert_ptr_nonnull(host->text);
    }
    memcpy(host->text + host->text_length, text, length);
    host->text_length += length;
    host->text[host->text_length] = '\0';
}

static void write_cells(fake_host *host, const tend_cell *cells, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (cells[i].text) {
            ck_assert_int_eq(cells[i].text[cells[i].length], '\0');
            write_text(host, cells[i].text, cells[i].length);
        } else {
            write_text(host, "-", 1);
        }
        write_text(host, i + 1 < count ? "|" : "\n", 1);
    }
}

static tend_status fake_columns(tend_record_out *out, const char *const *names, uint32_t count, const char *const *key)
{
    fake_host *host = of_out(out);
    char *at = host->columns, *end = at + sizeof host->columns;

    for (uint32_t i = 0; i < count; i++)
        at += snprintf(at, (size_t)(end - at), "%s%s", i ? "|" : "", names[i]);
    for (uint32_t i = 0; key && key[i]; i++)
        at += snprintf(at, (size_t)(end - at), "%s%s", i ? "," : " key ", key[i]);
    return TEND_OK;
}

static tend_status fake_record(tend_record_out *out, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at)
{
    fake_host *host = of_out(out);
    char head[60];

    if (host->records++ >= host->limit_text)
        return TEND_OK;
    if (modified_at == TEND_NO_TIME)
        (void)snprintf(head, sizeof head, "%llu: ", (unsigned long long)line);
    else
        (void)snprintf(head, sizeof head, "%llu @%lld: ", (unsigned long long)line, (long long)modified_at);
    write_text(host, head, strlen(head));
    write_cells(host, cells, count);
    return TEND_OK;
}

static tend_status fake_tombstone(tend_record_out *out, const tend_cell *key, uint32_t count, tend_time removed_at)
{
    fake_host *host = of_out(out);

    (void)removed_at;
    host->tombstones++;
    write_text(host, "gone ", 5);
    write_cells(host, key, count);
    return TEND_OK;
}

static tend_status fake_checkpoint(tend_record_out *out, const char *bookmark, size_t length)
{
    fake_host *host = of_out(out);

    ck_assert_uint_lt(length, sizeof host->bookmark);
    host->checkpoints++;
    memcpy(host->bookmark, bookmark, length);
    host->bookmark[length] = '\0';
    return TEND_OK;
}

static tend_status fake_reject(tend_record_out *out, uint64_t line, const char *column, const char *value, size_t length,
                               const char *reason)
{
    fake_host *host = of_out(out);
    char text[600];

    (void)value;
    (void)length;
    host->rejects++;
    (void)snprintf(text, sizeof text, "reject %llu %s: %s\n", (unsigned long long)line, column ? column : "-", reason);
    write_text(host, text, strlen(text));
    return TEND_OK;
}

void fake_host_init(fake_host *host, const char *name)
{
    *host = (fake_host){
        .table = { sizeof(tend_host), TEND_ABI, fake_log, fake_setting, fake_setting_at, fake_now, fake_is_cancelled },
        .out = { sizeof(tend_record_out), fake_columns, fake_record, fake_tombstone, fake_checkpoint, fake_reject },
        .plugin = plugin_load(name),
        .limit_text = 1000,
    };
}

void fake_host_clear(fake_host *host)
{
    if (host->self && host->plugin->close)
        host->plugin->close(host->self);
    free(host->text);
    *host = (fake_host){ 0 };
}

void fake_host_set(fake_host *host, const char *key, const char *value)
{
    ck_assert_uint_lt(host->setting_count, sizeof host->settings / sizeof *host->settings);
    host->settings[host->setting_count].key = key;
    host->settings[host->setting_count++].value = value;
}

tend_status fake_host_open(fake_host *host)
{
    host->error = (tend_error){ 0 };
    return host->plugin->open(&host->table, &host->self, &host->error);
}

static const tend_connector_ops *connector(const fake_host *host)
{
    for (const tend_capability *capability = host->plugin->capabilities; capability->kind; capability++)
        if (capability->kind == TEND_CONNECTOR)
            return capability->ops;
    ck_abort_msg("plugin %s is no connector", host->plugin->name);
    return NULL;
}

typedef struct name_list {
    char *at, *end;
} name_list;

static tend_status put_name(void *out, const tend_stream *stream)
{
    name_list *list = out;

    list->at += snprintf(list->at, (size_t)(list->end - list->at), "%s;", stream->name);
    return TEND_OK;
}

tend_status fake_host_streams(fake_host *host, char *ret_names, size_t room)
{
    name_list list = { ret_names, ret_names + room };

    *ret_names = '\0';
    host->error = (tend_error){ 0 };
    return connector(host)->streams(host->self, put_name, &list, &host->error);
}

tend_status fake_host_pull(fake_host *host, const char *stream, const char *bookmark, uint64_t limit)
{
    char *from = bookmark ? strdup(bookmark) : NULL; /* it may be the one that is about to be forgotten */
    const tend_pull request = { sizeof request, stream, from, limit };
    tend_status status;

    host->records = host->rejects = host->tombstones = host->checkpoints = 0;
    host->text_length = 0;
    write_text(host, "", 0);
    host->columns[0] = host->bookmark[0] = host->log[0] = '\0';
    host->error = (tend_error){ 0 };
    status = connector(host)->pull(host->self, &request, &host->out, &host->error);
    free(from);
    return status;
}
