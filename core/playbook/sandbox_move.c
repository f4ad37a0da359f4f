/* sandbox_move.c: moves of runs. Several may be under way, so that the sandbox is at work while the next ones are read: it makes
 * them one after the other and answers in order. When it dies or hangs while it has several, none of them is to blame yet. */
#include "playbook/sandbox_inside.h"

#include <string.h>

#define TOGETHER_BYTES ((size_t)8 << 10)    /* so much goes out at once: each time somebody is woken up for it */
#define UNDER_WAY_BYTES ((size_t)256 << 10) /* so much may be with the sandbox; it keeps what it has not come to */

static void put_move(const tend_move *move, tend_wire *wire)
{
    tend_wire_start(wire, TEND_SANDBOX_MOVE);
    tend_wire_put_u32(wire, move->slot);
    tend_wire_put_i64(wire, move->run);
    tend_wire_put_string(wire, move->subject);
    tend_tree_write(move->settings, wire);
    tend_tree_write(move->event, wire);
    tend_wire_put_u32(wire, (uint32_t)move->count);
    for (size_t i = 0; i < move->count; i++) {
        tend_wire_put_string(wire, move->journal[i].name);
        tend_wire_put_string(wire, move->journal[i].verb);
        tend_wire_put_u8(wire, move->journal[i].answer != NULL);
        if (move->journal[i].answer)
            tend_tree_write(move->journal[i].answer, wire);
    }
}

static tend_status take_request(tend_wire *wire, uint16_t type, tend_arena *arena, tend_request *ret_request, tend_error *reterr)
{
    const char *first = tend_arena_string(arena, tend_wire_get_text(wire, NULL));
    const char *second = tend_arena_string(arena, tend_wire_get_text(wire, NULL));
    const char **fields;
    uint32_t count;

    *ret_request = (tend_request){ .verb = type == TEND_SANDBOX_REQUEST ? first : second,
                                   .name = type == TEND_SANDBOX_REQUEST ? second : first,
                                   .line = tend_wire_get_u32(wire) };
    if (!first || !second)
        return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
    if (type == TEND_SANDBOX_REQUEST) {
        tend_status status = tend_tree_read(wire, arena, &ret_request->arguments, reterr);

        return status < 0 ? status : tend_wire_done(wire, reterr);
    }
    ret_request->path = tend_arena_string(arena, tend_wire_get_text(wire, NULL));
    count = tend_wire_get_u32(wire);
    if (count > 100)
        return tend_fail(reterr, TEND_ECORRUPT, "tend-sandbox: a read asks for %u fields", count);
    fields = tend_arena_take(arena, (count + 1) * sizeof *fields);
    if (!fields)
        return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
    for (uint32_t i = 0; i < count; i++)
        fields[i] = tend_arena_string(arena, tend_wire_get_text(wire, NULL));
    ret_request->fields = fields;
    if (strcmp(second, "count") == 0 && tend_tree_read(wire, arena, &ret_request->arguments, reterr) < 0)
        return TEND_ECORRUPT;
    return tend_wire_done(wire, reterr);
}

static tend_status answer_read(tend_wire *wire, const tend_move_handler *handler, const tend_request *request, tend_error *reterr)
{
    tend_tree answer = { 0 };
    tend_error why = { 0 };
    tend_status status = handler->read(handler->self, request, &answer, &why);

    if (status < 0 && status != TEND_EINVAL && status != TEND_EDENIED && status != TEND_ENOTFOUND)
        return tend_fail(reterr, status, "%s", why.text);
    tend_wire_start(wire, TEND_SANDBOX_ANSWER);
    tend_wire_put_u8(wire, status < 0);
    if (status < 0)
        tend_wire_put_string(wire, why.text);
    else
        tend_tree_write(&answer, wire);
    return tend_wire_send(wire, -1, reterr);
}

static void take_missed(tend_wire *wire, const tend_move_handler *handler, tend_arena *arena)
{
    tend_missed missed = { 0 };
    const char **const texts[] = { &missed.verb, &missed.name, &missed.part, &missed.file };
    bool is_whole = true;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = tend_arena_string(arena, tend_wire_get_text(wire, NULL));
        is_whole &= *texts[i] != NULL;
    }
    missed.line = tend_wire_get_u32(wire);
    missed.field = tend_arena_string(arena, tend_wire_get_text(wire, NULL));
    if (handler->missed && is_whole && missed.field)
        handler->missed(handler->self, &missed);
}

/* One frame of a move; *ret_ended when it was the last. */
static tend_status take_frame(tend_sandbox *sandbox, uint16_t type, tend_flight *flight, bool *ret_ended, tend_error *reterr)
{
    const tend_move_handler *handler = &flight->handler;
    tend_wire *wire = sandbox->process.wire;
    tend_request request;
    tend_status status;
    uint32_t line;

    switch (type) {
    case TEND_SANDBOX_REQUEST:
    case TEND_SANDBOX_READ:
        status = take_request(wire, type, flight->arena, &request, reterr);
        if (status < 0)
            return status;
        return type == TEND_SANDBOX_READ ? answer_read(wire, handler, &request, reterr)
                                         : handler->request(handler->self, &request, reterr);
    case TEND_SANDBOX_LOG:
        line = tend_wire_get_u32(wire);
        if (handler->log)
            handler->log(handler->self, line, tend_wire_get_text(wire, NULL));
        return TEND_OK;
    case TEND_SANDBOX_COVERED:
        tend_coverage_meet(sandbox->coverage, tend_wire_get_u32(wire));
        return TEND_OK;
    case TEND_SANDBOX_MISSED:
        take_missed(wire, handler, flight->arena);
        return tend_wire_done(wire, reterr);
    case TEND_SANDBOX_FAULT:
    case TEND_SANDBOX_WAITING:
    case TEND_SANDBOX_ENDED:
        *ret_ended = true;
        return sandbox_take_end(wire, type, flight->arena, &flight->result, reterr);
    default:
        return tend_fail(reterr, TEND_ECORRUPT, "tend-sandbox: message %u is not known here", type);
    }
}

static void leave_queue(tend_sandbox *sandbox)
{
    sandbox->under_way -= STAILQ_FIRST(&sandbox->flights)->bytes;
    STAILQ_REMOVE_HEAD(&sandbox->flights, next);
}

void sandbox_flights_drop(tend_sandbox *sandbox)
{
    while (!STAILQ_EMPTY(&sandbox->flights))
        leave_queue(sandbox);
}

/* The process is gone. A move that was alone is what it died of; of several none is said to have ended. */
static tend_status lose(tend_sandbox *sandbox, tend_status why, tend_error *reterr)
{
    tend_flight *first = STAILQ_FIRST(&sandbox->flights);
    bool is_alone = STAILQ_NEXT(first, next) == NULL;
    tend_move_result result = { 0 };
    tend_status status = sandbox_lost(sandbox, why, first->arena, &result, reterr);

    if (is_alone)
        first->result = result;
    return status;
}

/* Until the first move has ended. */
static tend_status take_first(tend_sandbox *sandbox, tend_error *reterr)
{
    tend_flight *flight = STAILQ_FIRST(&sandbox->flights);
    bool has_ended = false;
    uint16_t type;
    tend_status status = tend_wire_flush(sandbox->process.wire, reterr);

    if (status == TEND_ECLOSED) /* what it said before is there to be read */
        status = TEND_OK;
    while (status == TEND_OK && !has_ended) {
        status = sandbox_receive(sandbox, &type, reterr);
        if (status == TEND_OK)
            status = take_frame(sandbox, type, flight, &has_ended, reterr);
    }
    if (status < 0) {
        flight->result = (tend_move_result){ 0 };
        return lose(sandbox, status, reterr);
    }
    leave_queue(sandbox);
    return TEND_OK;
}

tend_status tend_sandbox_land(tend_sandbox *sandbox, tend_error *reterr)
{
    tend_status status = TEND_OK;

    while (status == TEND_OK && !STAILQ_EMPTY(&sandbox->flights))
        status = take_first(sandbox, reterr);
    return status;
}

tend_status sandbox_ready(tend_sandbox *sandbox, tend_error *reterr)
{
    tend_status status = tend_sandbox_land(sandbox, reterr);

    return status < 0 ? status : sandbox_start(sandbox, reterr);
}

/* Nothing is kept between two moves: the next one finds the sandbox as after a restart. */
static tend_status drop_slot(tend_sandbox *sandbox, uint32_t slot, tend_error *reterr)
{
    tend_status status = tend_sandbox_land(sandbox, reterr);

    if (status < 0 || sandbox->process.pid == 0)
        return status;
    tend_wire_start(sandbox->process.wire, TEND_SANDBOX_DROP);
    tend_wire_put_u32(sandbox->process.wire, slot);
    status = tend_wire_send(sandbox->process.wire, -1, reterr);
    return status < 0 && status != TEND_ECLOSED ? status : sandbox_note_loaded(sandbox, slot, false, reterr);
}

tend_status tend_sandbox_hand(tend_sandbox *sandbox, const tend_move *move, tend_flight *flight, tend_error *reterr)
{
    const bool is_first = STAILQ_EMPTY(&sandbox->flights);
    tend_status status = TEND_OK;
    size_t before;

    flight->result = (tend_move_result){ 0 };
    while (status == TEND_OK && sandbox->under_way > UNDER_WAY_BYTES)
        status = take_first(sandbox, reterr);
    if (status == TEND_OK && sandbox->process.pid == 0 && !is_first)
        return TEND_OK; /* it was lost meanwhile, with all that it had loaded */
    if (status == TEND_OK)
        status = sandbox_start(sandbox, reterr);
    if (status < 0)
        return status;
    before = tend_wire_held(sandbox->process.wire);
    put_move(move, sandbox->process.wire);
    flight->bytes = tend_wire_held(sandbox->process.wire) - before;
    status = tend_wire_held(sandbox->process.wire) > TOGETHER_BYTES ? tend_wire_send(sandbox->process.wire, -1, reterr)
                                                                    : tend_wire_hold(sandbox->process.wire, reterr);
    STAILQ_INSERT_TAIL(&sandbox->flights, flight, next);
    sandbox->under_way += flight->bytes;
    if (status < 0 && status != TEND_ECLOSED)
        return lose(sandbox, status, reterr);
    return sandbox->is_forgetful ? drop_slot(sandbox, move->slot, reterr) : TEND_OK;
}

tend_status tend_sandbox_move(tend_sandbox *sandbox, const tend_move *move, const tend_move_handler *handler, tend_arena *arena,
                              tend_move_result *ret_result, tend_error *reterr)
{
    tend_flight flight = { .handler = *handler, .arena = arena };
    tend_status status = tend_sandbox_land(sandbox, reterr);

    if (status == TEND_OK)
        status = tend_sandbox_hand(sandbox, move, &flight, reterr);
    if (status == TEND_OK)
        status = tend_sandbox_land(sandbox, reterr);
    *ret_result = flight.result;
    return status;
}
