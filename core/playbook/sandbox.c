#include "playbook/sandbox_inside.h"

#include <stdlib.h>
#include <string.h>

tend_status tend_sandbox_open(const char *path, const tend_sandbox_options *options, tend_sandbox **ret_sandbox, tend_error *reterr)
{
    tend_sandbox *sandbox = calloc(1, sizeof *sandbox);
    tend_status status = TEND_OK;

    if (!sandbox)
        return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
    STAILQ_INIT(&sandbox->flights);
    if (options)
        sandbox->options = *options;
    if (sandbox->options.memory_bytes <= 0)
        sandbox->options.memory_bytes = (int64_t)32 << 20;
    if (sandbox->options.deadline_ms <= 0)
        sandbox->options.deadline_ms = 1000;
    if (sandbox->options.grace_ms <= 0)
        sandbox->options.grace_ms = 1000;
    if (!path)
        status = tend_process_find_helper("tend-sandbox", sandbox->path, sizeof sandbox->path, reterr);
    else if ((size_t)snprintf(sandbox->path, sizeof sandbox->path, "%s", path) >= sizeof sandbox->path)
        status = tend_fail(reterr, TEND_EINVAL, "%.80s…: the path is too long", path);
    if (status < 0) {
        free(sandbox);
        return status;
    }
    *ret_sandbox = sandbox;
    return TEND_OK;
}

static void forget(tend_sandbox *sandbox, int grace_ms, char *ret_how, size_t room)
{
    sandbox_flights_drop(sandbox);
    tend_process_stop(&sandbox->process, grace_ms, ret_how, room);
    if (sandbox->loaded)
        memset(sandbox->loaded, 0, sandbox->loaded_bytes);
}

void tend_sandbox_close(tend_sandbox *sandbox)
{
    if (!sandbox)
        return;
    forget(sandbox, 200, NULL, 0);
    free(sandbox->loaded);
    free(sandbox);
}

bool tend_sandbox_has(const tend_sandbox *sandbox, uint32_t slot)
{
    return sandbox->process.pid > 0 && slot / 8 < sandbox->loaded_bytes && (sandbox->loaded[slot / 8] >> (slot % 8) & 1) != 0;
}

tend_status sandbox_note_loaded(tend_sandbox *sandbox, uint32_t slot, bool is_loaded, tend_error *reterr)
{
    if (slot / 8 >= sandbox->loaded_bytes) {
        size_t bytes = (size_t)slot / 8 + 64;
        uint8_t *larger = realloc(sandbox->loaded, bytes);

        if (!larger)
            return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
        memset(larger + sandbox->loaded_bytes, 0, bytes - sandbox->loaded_bytes);
        sandbox->loaded = larger;
        sandbox->loaded_bytes = bytes;
    }
    if (is_loaded)
        sandbox->loaded[slot / 8] |= (uint8_t)(1u << (slot % 8));
    else
        sandbox->loaded[slot / 8] &= (uint8_t) ~(1u << (slot % 8));
    return TEND_OK;
}

tend_status sandbox_start(tend_sandbox *sandbox, tend_error *reterr)
{
    const char *const arguments[] = { sandbox->path, NULL };
    tend_status status;

    if (sandbox->process.pid > 0)
        return TEND_OK;
    status = tend_process_start(arguments, NULL, &sandbox->process, reterr);
    if (status < 0)
        return status;
    tend_wire_read_while_sending(sandbox->process.wire);
    tend_wire_wait_awake(sandbox->process.wire);
    tend_wire_start(sandbox->process.wire, TEND_SANDBOX_CONFIGURE);
    tend_wire_put_i64(sandbox->process.wire, sandbox->options.memory_bytes);
    tend_wire_put_u32(sandbox->process.wire, (uint32_t)sandbox->options.deadline_ms);
    status = tend_wire_send(sandbox->process.wire, -1, reterr);
    if (status == TEND_OK && sandbox->coverage) {
        tend_wire_start(sandbox->process.wire, TEND_SANDBOX_WATCH);
        status = tend_wire_send(sandbox->process.wire, -1, reterr);
    }
    if (status == TEND_OK && sandbox->is_strict) {
        tend_wire_start(sandbox->process.wire, TEND_SANDBOX_STRICT);
        status = tend_wire_send(sandbox->process.wire, -1, reterr);
    }
    if (status < 0)
        forget(sandbox, 0, NULL, 0);
    return status;
}

void tend_sandbox_watch(tend_sandbox *sandbox, tend_coverage *coverage)
{
    forget(sandbox, 200, NULL, 0); /* the next one knows of it from the beginning */
    sandbox->coverage = coverage;
}

void tend_sandbox_set_strict(tend_sandbox *sandbox)
{
    forget(sandbox, 200, NULL, 0);
    sandbox->is_strict = true;
}

void tend_sandbox_set_forgetful(tend_sandbox *sandbox)
{
    sandbox->is_forgetful = true;
}

/* The process did not answer or is gone: that is the script's fault, said in words. Anything else is an error of ours. */
tend_status sandbox_lost(tend_sandbox *sandbox, tend_status why, tend_arena *arena, tend_move_result *ret_result,
                         tend_error *reterr)
{
    char how[128] = "";

    if (why != TEND_ELIMIT && why != TEND_ECLOSED && why != TEND_ECORRUPT) {
        forget(sandbox, 0, NULL, 0);
        return why;
    }
    forget(sandbox, why == TEND_ECLOSED ? 500 : 0, how, sizeof how);
    ret_result->end = TEND_MOVE_FAULT;
    ret_result->fault = why == TEND_ELIMIT ? TEND_FAULT_TIME : TEND_FAULT_DIED;
    if (why == TEND_ELIMIT)
        ret_result->text = tend_arena_print(arena, "ran longer than %d ms and could not be interrupted; its sandbox was ended",
                                            sandbox->options.deadline_ms);
    else if (why == TEND_ECLOSED)
        ret_result->text = tend_arena_print(arena, "its sandbox died: %s", how);
    else
        ret_result->text = tend_arena_string(arena, "its sandbox broke the protocol and was ended");
    return ret_result->text ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
}

tend_status sandbox_receive(tend_sandbox *sandbox, uint16_t *ret_type, tend_error *reterr)
{
    return tend_wire_receive(sandbox->process.wire, sandbox->options.deadline_ms + sandbox->options.grace_ms, ret_type, NULL,
                             reterr);
}

/* FAULT, WAITING and ENDED. */
tend_status sandbox_take_end(tend_wire *wire, uint16_t type, tend_arena *arena, tend_move_result *ret_result, tend_error *reterr)
{
    ret_result->end = type == TEND_SANDBOX_FAULT     ? TEND_MOVE_FAULT
                      : type == TEND_SANDBOX_WAITING ? TEND_MOVE_WAITING
                                                     : TEND_MOVE_ENDED;
    if (type == TEND_SANDBOX_FAULT)
        ret_result->fault = tend_wire_get_u8(wire);
    ret_result->text = tend_arena_string(arena, tend_wire_get_text(wire, NULL));
    if (!ret_result->text)
        return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
    return tend_wire_done(wire, reterr);
}

static void put_text(tend_sandbox *sandbox, const tend_script *script)
{
    tend_script probed = sandbox->coverage ? tend_coverage_probe(sandbox->coverage, script) : *script;

    tend_wire_put_string(sandbox->process.wire, script->file);
    tend_wire_put_text(sandbox->process.wire, probed.text, probed.length);
}

void sandbox_put_script(tend_sandbox *sandbox, const tend_script *script, const tend_script *libraries)
{
    uint32_t count = 0;

    put_text(sandbox, script);
    while (libraries && libraries[count].file)
        count++;
    tend_wire_put_u32(sandbox->process.wire, count);
    for (uint32_t i = 0; i < count; i++)
        put_text(sandbox, &libraries[i]);
}

tend_status tend_sandbox_load(tend_sandbox *sandbox, uint32_t slot, const tend_script *script, const tend_script *libraries,
                              tend_arena *arena, tend_tree *ret_spec, tend_move_result *ret_result, tend_error *reterr)
{
    tend_status status = sandbox_ready(sandbox, reterr);
    tend_wire *wire = sandbox->process.wire;
    uint16_t type = 0;

    *ret_result = (tend_move_result){ 0 };
    if (status == TEND_OK)
        status = sandbox_note_loaded(sandbox, slot, false, reterr);
    if (status < 0)
        return status;
    tend_wire_start(wire, TEND_SANDBOX_LOAD);
    tend_wire_put_u32(wire, slot);
    sandbox_put_script(sandbox, script, libraries);
    status = tend_wire_send(wire, -1, reterr);
    do {
        if (status == TEND_OK)
            status = sandbox_receive(sandbox, &type, reterr);
        if (status == TEND_OK && type == TEND_SANDBOX_COVERED)
            tend_coverage_meet(sandbox->coverage, tend_wire_get_u32(wire));
    } while (status == TEND_OK && (type == TEND_SANDBOX_LOG || type == TEND_SANDBOX_COVERED));
    if (status == TEND_OK && type == TEND_SANDBOX_LOADED) {
        status = tend_tree_read(wire, arena, ret_spec, reterr);
        if (status == TEND_OK)
            status = tend_wire_done(wire, reterr);
        if (status == TEND_OK)
            return sandbox_note_loaded(sandbox, slot, true, reterr);
    } else if (status == TEND_OK) {
        status = type == TEND_SANDBOX_FAULT ? sandbox_take_end(wire, type, arena, ret_result, reterr) : TEND_ECORRUPT;
    }
    return status < 0 ? sandbox_lost(sandbox, status, arena, ret_result, reterr) : TEND_OK;
}
