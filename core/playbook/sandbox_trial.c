/* sandbox_trial.c: files of tests in the sandbox. What a test asks of its world is answered here, call by call. */
#include "playbook/sandbox_inside.h"

#include <stdlib.h>
#include <string.h>

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
}

static tend_status take_list(tend_wire *wire, tend_arena *arena, const tend_listed_test **ret_tests, size_t *ret_count,
                             tend_error *reterr)
{
    uint32_t count = tend_wire_get_u32(wire);
    tend_listed_test *tests;

    if (count > TEND_SANDBOX_TESTS_MAX)
        return tend_fail(reterr, TEND_ECORRUPT, "tend-sandbox: a file has %u tests", count);
    tests = tend_arena_take(arena, ((size_t)count + 1) * sizeof *tests);
    if (!tests)
        return out_of_memory(reterr);
    for (uint32_t i = 0; i < count; i++) {
        tests[i].name = tend_arena_string(arena, tend_wire_get_text(wire, NULL));
        tests[i].line = tend_wire_get_u32(wire);
        if (!tests[i].name)
            return out_of_memory(reterr);
    }
    *ret_tests = tests;
    *ret_count = count;
    return tend_wire_done(wire, reterr);
}

tend_status tend_sandbox_tests(tend_sandbox *sandbox, uint32_t slot, const tend_script *script, const tend_script *libraries,
                               tend_arena *arena, const tend_listed_test **ret_tests, size_t *ret_count,
                               tend_move_result *ret_result, tend_error *reterr)
{
    tend_status status = sandbox_ready(sandbox, reterr);
    tend_wire *wire = sandbox->process.wire;
    uint16_t type = 0;

    *ret_result = (tend_move_result){ 0 };
    if (status < 0)
        return status;
    tend_wire_start(wire, TEND_SANDBOX_TESTS);
    tend_wire_put_u32(wire, slot);
    sandbox_put_script(sandbox, script, libraries);
    status = tend_wire_send(wire, -1, reterr);
    do {
        if (status == TEND_OK)
            status = sandbox_receive(sandbox, &type, reterr);
        if (status == TEND_OK && type == TEND_SANDBOX_COVERED)
            tend_coverage_meet(sandbox->coverage, tend_wire_get_u32(wire));
    } while (status == TEND_OK && (type == TEND_SANDBOX_LOG || type == TEND_SANDBOX_COVERED));
    if (status == TEND_OK && type == TEND_SANDBOX_LISTED)
        status = take_list(wire, arena, ret_tests, ret_count, reterr);
    else if (status == TEND_OK)
        status = type == TEND_SANDBOX_FAULT ? sandbox_take_end(wire, type, arena, ret_result, reterr) : TEND_ECORRUPT;
    return status < 0 ? sandbox_lost(sandbox, status, arena, ret_result, reterr) : TEND_OK;
}

/* Reads a CALL, has it answered and sends the answer. */
static tend_status take_call(tend_wire *wire, const tend_test_handler *handler, tend_arena *arena, tend_error *reterr)
{
    tend_world_call call = { .verb = tend_arena_string(arena, tend_wire_get_text(wire, NULL)), .line = tend_wire_get_u32(wire) };
    uint32_t count = tend_wire_get_u32(wire);
    tend_tree *arguments, answer = { 0 };
    tend_error why = { 0 };
    tend_status status = TEND_OK;

    if (count > 16)
        return tend_fail(reterr, TEND_ECORRUPT, "tend-sandbox: world:%s has %u arguments", call.verb, count);
    arguments = tend_arena_take(arena, ((size_t)count + 1) * sizeof *arguments);
    if (!arguments || !call.verb)
        return out_of_memory(reterr);
    for (uint32_t i = 0; i < count && status == TEND_OK; i++)
        status = tend_tree_read(wire, arena, &arguments[i], reterr);
    if (status == TEND_OK)
        status = tend_wire_done(wire, reterr);
    if (status < 0)
        return status;
    call.arguments = arguments;
    call.count = count;
    status = handler->call(handler->self, &call, arena, &answer, &why);
    if (status == TEND_ENOMEM || status == TEND_ERROR)
        return tend_fail(reterr, status, "%s", why.text);
    tend_wire_start(wire, TEND_SANDBOX_ANSWER);
    tend_wire_put_u8(wire, status < 0);
    if (status < 0)
        tend_wire_put_string(wire, why.text);
    else
        tend_tree_write(&answer, wire);
    return tend_wire_send(wire, -1, reterr);
}

tend_status tend_sandbox_test(tend_sandbox *sandbox, uint32_t slot, uint32_t which, const tend_test_handler *handler,
                              tend_arena *arena, tend_move_result *ret_result, tend_error *reterr)
{
    tend_status status = sandbox_ready(sandbox, reterr);
    tend_wire *wire = sandbox->process.wire;
    bool has_ended = false;
    uint16_t type = 0;
    uint32_t line;

    *ret_result = (tend_move_result){ 0 };
    if (status < 0)
        return status;
    tend_wire_start(wire, TEND_SANDBOX_TEST);
    tend_wire_put_u32(wire, slot);
    tend_wire_put_u32(wire, which);
    status = tend_wire_send(wire, -1, reterr);
    while (status == TEND_OK && !has_ended) {
        status = sandbox_receive(sandbox, &type, reterr);
        if (status < 0)
            break;
        if (type == TEND_SANDBOX_CALL) {
            status = take_call(wire, handler, arena, reterr);
        } else if (type == TEND_SANDBOX_LOG) {
            line = tend_wire_get_u32(wire);
            if (handler->log)
                handler->log(handler->self, line, tend_wire_get_text(wire, NULL));
        } else if (type == TEND_SANDBOX_COVERED) {
            tend_coverage_meet(sandbox->coverage, tend_wire_get_u32(wire));
        } else if (type == TEND_SANDBOX_FAULT || type == TEND_SANDBOX_ENDED) {
            has_ended = true;
            status = sandbox_take_end(wire, type, arena, ret_result, reterr);
        } else {
            status = tend_fail(reterr, TEND_ECORRUPT, "tend-sandbox: message %u is not known here", type);
        }
    }
    return status < 0 ? sandbox_lost(sandbox, status, arena, ret_result, reterr) : TEND_OK;
}
