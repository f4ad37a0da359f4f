/* table.c: what the plugin may ask of its host. */
#include "host/host.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ALIVE_EVERY_MS 500

static host_state *host_of(const tend_host *table)
{
    return (host_state *)(uintptr_t)table; /* the table is the first member */
}

int64_t host_clock_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void host_send(host_state *host)
{
    if (host->lost >= 0)
        host->lost = tend_wire_send(host->wire, -1, NULL);
    host->alive_ms = host_clock_ms();
}

void host_mask(host_state *host, const char *text, char *ret_text, size_t room)
{
    size_t written = 0;

    while (*text && written + 4 < room) {
        size_t hidden = 0;

        for (uint32_t i = 0; i < host->given_count; i++) {
            size_t length = strlen(host->given[i].value);

            if (host->given[i].is_secret && length > hidden && strncmp(text, host->given[i].value, length) == 0)
                hidden = length;
        }
        if (hidden > 0) {
            memcpy(ret_text + written, "***", 3);
            written += 3;
            text += hidden;
        } else {
            ret_text[written++] = *text++;
        }
    }
    ret_text[written] = '\0';
}

static void table_log(const tend_host *table, tend_level level, const char *message)
{
    host_state *host = host_of(table);
    char text[2048];

    host_mask(host, message ? message : "", text, sizeof text);
    if (level < TEND_LEVEL_ERROR || level > TEND_LEVEL_DEBUG)
        level = TEND_LEVEL_INFO;
    tend_wire_start(host->wire, TEND_HOST_LOG);
    tend_wire_put_u8(host->wire, (uint8_t)level);
    tend_wire_put_string(host->wire, text);
    host_send(host);
}

static const char *table_setting_at(const tend_host *table, const char *key, uint32_t index)
{
    host_state *host = host_of(table);
    bool is_known = false;

    for (const tend_option *option = host->plugin->settings; option && option->key; option++)
        is_known = is_known || strcmp(option->key, key) == 0;
    if (!is_known) {
        char line[200];

        (void)snprintf(line, sizeof line, "asks for the setting '%s', which its settings table lacks", key);
        table->log(table, TEND_LEVEL_WARN, line);
        return NULL;
    }
    for (uint32_t i = 0; i < host->given_count; i++)
        if (strcmp(host->given[i].key, key) == 0 && index-- == 0)
            return host->given[i].value;
    return NULL;
}

static const char *table_setting(const tend_host *table, const char *key)
{
    return table_setting_at(table, key, 0);
}

static tend_time table_now(const tend_host *table)
{
    return host_of(table)->now;
}

bool host_is_cancelled(host_state *host)
{
    uint16_t type;

    while (!host->is_cancelled && host->lost >= 0) {
        tend_status status = tend_wire_receive(host->wire, 0, &type, NULL, NULL);

        if (status == TEND_ELIMIT)
            break;
        if (status < 0)
            host->lost = status;
        else if (type == TEND_HOST_CANCEL)
            host->is_cancelled = true;
        else if (type == TEND_HOST_GO && host->blocks_out > 0)
            host->blocks_out--;
        else
            host->lost = TEND_ECORRUPT; /* a second call during the first */
    }
    return host->is_cancelled || host->lost < 0;
}

/* Whoever asks is still at work: the engine is told, twice a second at most. */
static bool table_is_cancelled(const tend_host *table)
{
    host_state *host = host_of(table);

    if (host_clock_ms() - host->alive_ms >= ALIVE_EVERY_MS) {
        tend_wire_start(host->wire, TEND_HOST_ALIVE);
        host_send(host);
    }
    return host_is_cancelled(host);
}

void host_table_init(host_state *host)
{
    host->table = (tend_host){
        .size = sizeof(tend_host),
        .abi = TEND_ABI,
        .log = table_log,
        .setting = table_setting,
        .setting_at = table_setting_at,
        .now = table_now,
        .is_cancelled = table_is_cancelled,
    };
}
