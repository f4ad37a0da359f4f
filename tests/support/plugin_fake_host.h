/* plugin_fake_host.h: the host as a plugin sees it, in this process: settings from a table, what the plugin says written down. */
#ifndef TEND_TESTS_PLUGIN_FAKE_HOST_H
#define TEND_TESTS_PLUGIN_FAKE_HOST_H

#include <tend/plugin.h>

typedef struct fake_host {
    tend_host table; /* first */
    const tend_plugin *plugin;
    void *self;
    struct {
        const char *key, *value;
    } settings[40];
    size_t setting_count;
    tend_time now;
    bool is_cancelled;
    tend_error error; /* of the last call */

    tend_record_out out;
    uint64_t records, rejects, tombstones, checkpoints;
    uint64_t limit_text; /* records written into `text`; the others are only counted */
    char columns[4096];  /* "a|b|c", then " key a,b" when one was named */
    char *text; /* owned: one line per call: "2: x|y|-", "reject 3 b: why", "gone x", "mark …"; "-" is a cell not named */
    size_t text_length, text_room;
    char bookmark[70000];
    char log[8192]; /* one line per message */
} fake_host;

/* Loads the plugin file `name`. */
void fake_host_init(fake_host *host, const char *name);
void fake_host_clear(fake_host *host);
/* Before open; both borrowed. A key given several times is a list. */
void fake_host_set(fake_host *host, const char *key, const char *value);
tend_status fake_host_open(fake_host *host);
/* "one;two;" */
tend_status fake_host_streams(fake_host *host, char *ret_names, size_t room);
/* Forgets what the pull before wrote down. */
tend_status fake_host_pull(fake_host *host, const char *stream, const char *bookmark, uint64_t limit);

#endif
