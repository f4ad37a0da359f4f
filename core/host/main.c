/* tend-host: opens one plugin and serves its capabilities over fd 3, one call at a time.
 *
 *     tend-host PLUGIN_FILE GRANTED
 *
 * GRANTED is the sum of the TEND_NEEDS_… that the administrator grants, or TEND_HOST_DESCRIBES. So it is started by tend; a person
 * writes --by-hand (by_hand.h). */
#include "host/by_hand.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define HELLO_WITHIN_MS 10000

/* In ps and top: "tend-host: csv". The arguments stand one behind the other; what they leave is cleared. */
static void set_title(int count, char **arguments, const char *name)
{
    char title[80];
    char *end = arguments[count - 1] + strlen(arguments[count - 1]);
    size_t room = (size_t)(end - arguments[0]);

    (void)snprintf(title, sizeof title, "tend-host: %s", name);
    (void)prctl(PR_SET_NAME, title, 0, 0, 0);
    memset(arguments[0], 0, room);
    (void)snprintf(arguments[0], room, "%s", title);
}

static tend_status greet(host_state *host, int64_t *ret_memory, tend_error *reterr)
{
    uint16_t type;
    uint32_t protocol;
    int sealed = -1;
    bool has_sealed;
    tend_status status = tend_wire_receive(host->wire, HELLO_WITHIN_MS, &type, &sealed, reterr);

    if (status < 0)
        return status;
    protocol = tend_wire_get_u32(host->wire);
    if (type != TEND_HOST_HELLO || protocol != TEND_HOST_PROTOCOL)
        return tend_fail(reterr, TEND_EVERSION, "tend-host: it is of another version than tend; install both from one package");
    *ret_memory = tend_wire_get_i64(host->wire);
    host->is_stepped = tend_wire_get_u8(host->wire) != 0;
    for (int i = 0; i < 4; i++)
        host->identity[i] = tend_wire_get_i64(host->wire);
    has_sealed = tend_wire_get_u8(host->wire) != 0;
    if (has_sealed != (sealed >= 0))
        return tend_fail(reterr, TEND_ECORRUPT, "tend-host: the signed bytes did not arrive");
    host->sealed = has_sealed ? sealed : 0;
    return tend_wire_done(host->wire, reterr);
}

int main(int count, char **arguments)
{
    host_state host = { 0 };
    tend_error error = { 0 };
    char *path;
    unsigned granted;
    int64_t memory = 0;
    tend_status status;

    if (count > 1 && strcmp(arguments[1], "--by-hand") == 0)
        return host_by_hand(&host, arguments + 2);
    if (count != 3) {
        (void)fprintf(stderr,
                      "tend-host: it is started by tend; to try a plugin write: tend-host --by-hand FILE [setting=value…]\n");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    granted = (unsigned)strtoul(arguments[2], NULL, 10);
    path = strdup(arguments[1]); /* the title is written over the arguments */
    if (!path || tend_wire_open(3, "tend", &host.wire, &error) < 0) {
        (void)fprintf(stderr, "tend-host: %s\n", path ? error.text : "no memory");
        return 3;
    }
    host_table_init(&host);
    host.is_described = (granted & TEND_HOST_DESCRIBES) != 0;
    status = greet(&host, &memory, &error);
    if (status == TEND_OK)
        status = host_prints_catch(&host, &error);
    if (status == TEND_OK)
        status = host_load(&host, path, host.is_described ? 0 : granted, memory, &error);
    if (status == TEND_OK) {
        set_title(count, arguments, host.note.name);
        host_declare(&host);
    }
    host_done(&host, status, &error);
    if (status == TEND_OK)
        host_serve(&host);
    tend_wire_close(host.wire);
    tend_buffer_clear(&host.items);
    host_let_go(&host);
    tend_arena_free(host.rules);
    free(path);
    _exit(0); /* no destructor of a plugin gets a say in how a host ends */
}
