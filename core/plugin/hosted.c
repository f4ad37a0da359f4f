/* hosted.c: the life of one tend-host. */
#include "plugin/hosted.h"

#include "base/log.h"
#include "base/note.h"
#include "plugin/given.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START_WITHIN_MS 20000
#define LEAVE_WITHIN_MS 1000

/* How it ended goes into the sentence; the next call starts a new one. */
static tend_status stopped(tend_hosted *hosted, const char *doing, tend_status status, int deadline_ms, const char *what,
                           tend_error *reterr)
{
    char how[80] = "gone", short_of_it[200];

    tend_process_stop(&hosted->process, status == TEND_ECLOSED ? LEAVE_WITHIN_MS : 0, how, sizeof how);
    if (status == TEND_ENOMEM) /* ours: the plugin did nothing wrong */
        return tend_fail(reterr, TEND_ENOMEM,
                         "plugin %s: memory is used up during %s; its host was stopped, the next call starts a new one",
                         hosted->name, doing);
    (void)snprintf(short_of_it, sizeof short_of_it, "%s during %s",
                   status == TEND_ELIMIT                          ? "no sign of life"
                   : status == TEND_ECLOSED || status == TEND_EIO ? how
                                                                  : "it broke the protocol",
                   doing);
    tend_plugins_crashed(hosted->plugins, hosted->name, status == TEND_ELIMIT ? deadline_ms : 0, short_of_it);
    if (status == TEND_ELIMIT)
        return tend_fail(reterr, TEND_ELIMIT,
                         "plugin %s: no sign of life from %s within %d ms; its host was stopped, the next call starts a new one",
                         hosted->name, doing, deadline_ms);
    if (status == TEND_ECLOSED || status == TEND_EIO)
        return tend_fail(reterr, TEND_ERROR, "plugin %s: its host %s%s during %s; %s", hosted->name,
                         strncmp(how, "killed", 6) == 0 ? "was " : "", how, doing,
                         hosted->is_declared ? "the next call starts a new one"
                                             : "the file is broken, or what it does while it is loaded is");
    return tend_fail(reterr, TEND_ERROR, "plugin %s: its host broke the protocol during %s: %s; it was stopped", hosted->name,
                     doing, what);
}

tend_status tend_hosted_lied(tend_hosted *hosted, const char *doing, const char *what, tend_error *reterr)
{
    return stopped(hosted, doing, TEND_ECORRUPT, 0, what, reterr);
}

static tend_status take_log(tend_hosted *hosted)
{
    unsigned level = tend_wire_get_u8(hosted->process.wire);
    const char *text = tend_wire_get_text(hosted->process.wire, NULL);

    if (tend_wire_done(hosted->process.wire, NULL) < 0 || level < TEND_LOG_ERROR || level > TEND_LOG_DEBUG)
        return TEND_ECORRUPT;
    tend_log((tend_log_level)level, hosted->origin, text, NULL);
    return TEND_OK;
}

static tend_status take_done(tend_hosted *hosted, const char *doing, tend_error *reterr)
{
    int64_t status = tend_wire_get_i64(hosted->process.wire);
    const char *text = tend_wire_get_text(hosted->process.wire, NULL);

    if (tend_wire_done(hosted->process.wire, NULL) < 0 || status > TEND_OK || status < TEND_EAUTH)
        return tend_hosted_lied(hosted, doing, "an end that is none", reterr);
    return status < 0 ? tend_fail(reterr, (tend_status)status, "%s", text) : TEND_OK;
}

tend_status tend_hosted_next(tend_hosted *hosted, const char *doing, int deadline_ms, uint16_t *ret_type, bool *ret_is_done,
                             tend_error *reterr)
{
    tend_error why = { 0 };

    *ret_is_done = false;
    for (;;) {
        tend_status status = tend_wire_receive(hosted->process.wire, deadline_ms, ret_type, NULL, &why);

        if (status == TEND_OK && *ret_type == TEND_HOST_LOG)
            status = take_log(hosted);
        else if (status == TEND_OK && *ret_type == TEND_HOST_DONE) {
            *ret_is_done = true;
            return take_done(hosted, doing, reterr);
        } else if (status == TEND_OK)
            return TEND_OK;
        if (status < 0) {
            *ret_is_done = true;
            return stopped(hosted, doing, status, deadline_ms, why.text[0] ? why.text : "a broken line of log", reterr);
        }
    }
}

tend_status tend_hosted_finish(tend_hosted *hosted, const char *doing, tend_error *reterr)
{
    uint16_t type;
    bool is_done;
    tend_status status;

    do
        status = tend_hosted_next(hosted, doing, hosted->use.deadline_ms, &type, &is_done, reterr);
    while (status == TEND_OK && !is_done && type == TEND_HOST_ALIVE);
    if (status == TEND_OK && !is_done)
        return tend_hosted_lied(hosted, doing, "a message that does not belong there", reterr);
    return status;
}

tend_status tend_hosted_send(tend_hosted *hosted, int fd, const char *doing, tend_error *reterr)
{
    tend_error why;
    tend_status status = tend_wire_send(hosted->process.wire, fd, &why);

    if (status == TEND_ELIMIT || status == TEND_ENOMEM)
        return tend_fail(reterr, status, "plugin %s: %s: %s", hosted->name, doing, why.text);
    return status < 0 ? stopped(hosted, doing, status, 0, why.text, reterr) : TEND_OK;
}

static tend_status start_process(tend_hosted *hosted, tend_error *reterr)
{
    static const char *const environment[] = {
        "PATH=/usr/local/bin:/usr/bin:/bin",
        /* Of use only to a build with sanitizers: a crash stays a crash, and the host leaves without looking for leaks. */
        "ASAN_OPTIONS=detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0",
        NULL,
    };
    char program[PATH_MAX], granted[16];
    const char *arguments[] = { program, hosted->use.info->path, granted, NULL };
    tend_status status = tend_process_find_helper("tend-host", program, sizeof program, reterr);

    if (status < 0)
        return status;
    (void)snprintf(granted, sizeof granted, "%u",
                   hosted->is_described ? TEND_HOST_DESCRIBES
                                        : tend_note_rights(hosted->use.info->needs, hosted->use.info->granted));
    status = tend_process_start(arguments, environment, &hosted->process, reterr);
    if (status >= 0)
        tend_log(TEND_LOG_DEBUG, "plugins", "a host is started", "plugin", hosted->name, "file", hosted->use.info->path, "pid",
                 tend_logf("%d", (int)hosted->process.pid), NULL);
    return status;
}

static tend_status greet(tend_hosted *hosted, tend_error *reterr)
{
    uint16_t type;
    bool is_done;
    int sealed = -1;
    tend_status status = tend_plugins_sealed(&hosted->use, &sealed, reterr);

    if (status < 0)
        return status;
    tend_wire_start(hosted->process.wire, TEND_HOST_HELLO);
    tend_wire_put_u32(hosted->process.wire, TEND_HOST_PROTOCOL);
    tend_wire_put_i64(hosted->process.wire, hosted->use.memory);
    tend_wire_put_u8(hosted->process.wire, hosted->use.sends_each);
    for (int i = 0; i < 4; i++)
        tend_wire_put_i64(hosted->process.wire, hosted->use.info->identity[i]);
    tend_wire_put_u8(hosted->process.wire, sealed >= 0);
    status = tend_hosted_send(hosted, sealed, "its start", reterr);
    if (sealed >= 0)
        (void)close(sealed);
    if (status == TEND_OK)
        status = tend_hosted_next(hosted, "its start", START_WITHIN_MS, &type, &is_done, reterr);
    if (status < 0)
        return status;
    if (is_done || type != TEND_HOST_DECLARED)
        return tend_hosted_lied(hosted, "its start", "it declared nothing", reterr);
    status = tend_hosted_take_declared(hosted, reterr);
    return status < 0 ? status : tend_hosted_finish(hosted, "its start", reterr);
}

static tend_status open_plugin(tend_hosted *hosted, tend_error *reterr)
{
    tend_wire *wire = hosted->process.wire;
    tend_status status;

    tend_wire_start(wire, TEND_HOST_OPEN);
    tend_wire_put_i64(wire, tend_plugins_now(hosted->plugins));
    tend_wire_put_u32(wire, (uint32_t)hosted->given_count);
    for (size_t i = 0; i < hosted->given_count; i++) {
        tend_wire_put_string(wire, hosted->given[i].key);
        tend_wire_put_string(wire, hosted->given[i].value);
        tend_wire_put_u8(wire, hosted->given[i].is_secret);
    }
    status = tend_hosted_send(hosted, -1, "its opening", reterr);
    return status < 0 ? status : tend_hosted_finish(hosted, "its opening", reterr);
}

tend_status tend_hosted_begin(tend_hosted *hosted, uint16_t type, const char *capability, tend_error *reterr)
{
    bool is_running = hosted->process.pid != 0 && tend_process_alive(&hosted->process, NULL, 0);
    tend_status status = tend_plugins_may_call(hosted->plugins, hosted->name, is_running, reterr);

    if (status < 0)
        return status;
    if (!is_running) {
        tend_process_stop(&hosted->process, 0, NULL, 0);
        status = start_process(hosted, reterr);
        if (status == TEND_OK)
            status = greet(hosted, reterr);
        if (status == TEND_OK)
            status = open_plugin(hosted, reterr);
        if (status == TEND_OK)
            status = tend_hosted_give_rules(hosted, reterr);
        if (status < 0) {
            tend_process_stop(&hosted->process, 0, NULL, 0);
            return status;
        }
    }
    tend_wire_start(hosted->process.wire, type);
    tend_wire_put_i64(hosted->process.wire, tend_plugins_now(hosted->plugins));
    tend_wire_put_string(hosted->process.wire, capability);
    return TEND_OK;
}

/* A host that has said what its plugin declares, and has not opened it. */
static tend_status start_described(tend_plugins *plugins, const char *name, bool has_rights, tend_hosted **ret_hosted,
                                   tend_error *reterr)
{
    tend_hosted *hosted = calloc(1, sizeof *hosted);
    tend_status status;

    if (!hosted || !(hosted->arena = tend_arena_new())) {
        status = tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory to start it", name);
        goto out;
    }
    hosted->plugins = plugins;
    hosted->is_described = !has_rights;
    status = has_rights ? tend_plugins_use(plugins, name, &hosted->use, reterr)
                        : tend_plugins_use_to_describe(plugins, name, &hosted->use, reterr);
    if (status < 0)
        goto out;
    hosted->name = hosted->use.info->name;
    hosted->origin = tend_arena_print(hosted->arena, "plugin.%s", name);
    if (!hosted->origin) {
        status = tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory to start it", name);
        goto out;
    }
    status = start_process(hosted, reterr);
    if (status == TEND_OK)
        status = greet(hosted, reterr);
    if (status < 0)
        goto out;
    *ret_hosted = hosted;
    hosted = NULL;
out:
    tend_hosted_stop(hosted);
    return status;
}

tend_status tend_hosted_describe(tend_plugins *plugins, const char *name, tend_hosted **ret_hosted, tend_error *reterr)
{
    return start_described(plugins, name, false, ret_hosted, reterr);
}

tend_status tend_hosted_start(tend_plugins *plugins, const char *name, const tend_given *settings, size_t count,
                              tend_hosted **ret_hosted, tend_error *reterr)
{
    tend_hosted *hosted = NULL;
    tend_status status = start_described(plugins, name, true, &hosted, reterr);

    if (status == TEND_OK)
        status = tend_given_check(hosted->name, hosted->options, settings, count, NULL, hosted->arena, &hosted->given,
                                  &hosted->given_count, reterr);
    if (status == TEND_OK)
        status = open_plugin(hosted, reterr);
    if (status < 0) {
        tend_hosted_stop(hosted);
        return status;
    }
    *ret_hosted = hosted;
    return TEND_OK;
}

/* "sink smtp: security: none would …" is about the setting security: what comes after its name. */
static const char *find_key_in(const tend_hosted *hosted, const char *sentence, const char **ret_reason)
{
    for (const tend_option *option = hosted->options; option->key; option++) {
        size_t length = strlen(option->key);

        for (const char *at = strstr(sentence, option->key); at; at = strstr(at + 1, option->key)) {
            if (at < sentence + 2 || at[-1] != ' ' || at[-2] != ':' || strncmp(at + length, ": ", 2) != 0)
                continue;
            *ret_reason = at + length + 2;
            return option->key;
        }
    }
    *ret_reason = sentence;
    return NULL;
}

tend_status tend_hosted_try(tend_plugins *plugins, const char *name, int32_t kind, const char *capability,
                            const tend_given *settings, size_t count, bool opens, const tend_try_faults *faults, tend_error *reterr)
{
    tend_given_faults given = { .fault = faults->setting, .self = faults->self };
    const tend_declared *declared = NULL;
    bool provides = false;
    tend_hosted *hosted = NULL;
    tend_error why = { 0 };
    const char *key, *reason;
    tend_status status = start_described(plugins, name, true, &hosted, &why);

    if (status < 0) {
        faults->plugin(faults->self, why.text);
        return status == TEND_ENOMEM ? tend_fail(reterr, status, "%s", why.text) : TEND_OK;
    }
    for (size_t i = 0; (declared = tend_hosted_declared(hosted, i)); i++) {
        provides |= declared->kind == kind;
        if (declared->kind == kind && (!capability || strcmp(declared->name, capability) == 0))
            break;
    }
    if (!declared)
        faults->capability(faults->self, name);
    if (provides) /* the settings of what was not meant are of no interest */
        status = tend_given_check(hosted->name, hosted->options, settings, count, &given, hosted->arena, &hosted->given,
                                  &hosted->given_count, &why);
    if (status == TEND_OK && provides && opens && open_plugin(hosted, &why) < 0) {
        key = find_key_in(hosted, why.text, &reason);
        if (key)
            faults->setting(faults->self, key, reason);
        else
            faults->plugin(faults->self, reason);
    }
    tend_hosted_stop(hosted);
    return status == TEND_ENOMEM ? tend_fail(reterr, status, "%s", why.text) : TEND_OK;
}

bool tend_hosted_runs(tend_hosted *hosted)
{
    return hosted->process.pid > 0 && tend_process_alive(&hosted->process, NULL, 0);
}

void tend_hosted_stop(tend_hosted *hosted)
{
    if (!hosted)
        return;
    if (hosted->process.pid > 0 && hosted->process.wire) {
        tend_wire_start(hosted->process.wire, TEND_HOST_CLOSE);
        (void)tend_wire_send(hosted->process.wire, -1, NULL);
    }
    tend_process_stop(&hosted->process, LEAVE_WITHIN_MS, NULL, 0);
    for (size_t i = 0; i < hosted->given_count; i++)
        if (hosted->given[i].is_secret)
            explicit_bzero((char *)(uintptr_t)hosted->given[i].value, strlen(hosted->given[i].value));
    tend_results_clear(hosted);
    tend_arena_free(hosted->rules_arena);
    tend_arena_free(hosted->arena);
    free(hosted->cells);
    free(hosted->items);
    free(hosted);
}
