/* main.c: tend-sandbox: moves playbook runs for tend. It is started by tend, with a socket as its fd 3. */
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_ASAN 1
#endif
#endif

#ifdef HAS_ASAN
static const size_t address_bytes = 0; /* shadow memory is far larger than any limit */
#else
static const size_t address_bytes = (size_t)1 << 30;
#endif

typedef struct sandbox {
    tend_wire *wire;
    size_t memory;
    uint32_t deadline_ms;
    bool is_watched; /* what is loaded has probes */
    bool is_strict;
    sandbox_slot **slots; /* owned, and each of them */
    size_t count;
} sandbox;

static sandbox_slot *find_slot(const sandbox *box, uint32_t number)
{
    for (size_t i = 0; i < box->count; i++)
        if (box->slots[i]->number == number)
            return box->slots[i];
    return NULL;
}

static void drop_slot(sandbox *box, uint32_t number)
{
    for (size_t i = 0; i < box->count; i++) {
        if (box->slots[i]->number != number)
            continue;
        sandbox_slot_close(box->slots[i]);
        free(box->slots[i]);
        box->slots[i] = box->slots[--box->count];
        return;
    }
}

static tend_status new_slot(sandbox *box, uint32_t number, sandbox_slot **ret_slot, tend_error *reterr)
{
    sandbox_slot **larger;
    sandbox_slot *slot;
    tend_status status;

    drop_slot(box, number);
    larger = realloc(box->slots, (box->count + 1) * sizeof *larger);
    if (!larger)
        return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
    box->slots = larger;
    slot = calloc(1, sizeof *slot);
    if (!slot)
        return tend_fail(reterr, TEND_ENOMEM, "tend-sandbox: memory is used up");
    status = sandbox_slot_open(slot, number, box->memory, box->wire, reterr);
    if (status < 0) {
        free(slot);
        return status;
    }
    slot->is_watched = box->is_watched;
    slot->is_strict = box->is_strict;
    box->slots[box->count++] = slot;
    *ret_slot = slot;
    return TEND_OK;
}

static tend_status send_fault(tend_wire *wire, const char *text, tend_error *reterr)
{
    tend_wire_start(wire, TEND_SANDBOX_FAULT);
    tend_wire_put_u8(wire, TEND_FAULT_SCRIPT);
    tend_wire_put_string(wire, text);
    return sandbox_tell_end(wire, reterr);
}

static tend_status serve_one(sandbox *box, uint16_t type, tend_error *reterr)
{
    sandbox_slot *slot = NULL;
    tend_status status;

    switch (type) {
    case TEND_SANDBOX_CONFIGURE:
        box->memory = (size_t)tend_wire_get_i64(box->wire);
        box->deadline_ms = tend_wire_get_u32(box->wire);
        return tend_wire_done(box->wire, reterr);
    case TEND_SANDBOX_LOAD:
        status = new_slot(box, tend_wire_get_u32(box->wire), &slot, reterr);
        return status < 0 ? status : sandbox_slot_load(slot, box->deadline_ms, reterr);
    case TEND_SANDBOX_MOVE:
        slot = find_slot(box, tend_wire_get_u32(box->wire));
        if (!slot)
            return send_fault(box->wire, "the playbook is not loaded", reterr);
        return sandbox_slot_move(slot, box->deadline_ms, reterr);
    case TEND_SANDBOX_WATCH:
        box->is_watched = true;
        return tend_wire_done(box->wire, reterr);
    case TEND_SANDBOX_STRICT:
        box->is_strict = true;
        return tend_wire_done(box->wire, reterr);
    case TEND_SANDBOX_TESTS:
        status = new_slot(box, tend_wire_get_u32(box->wire), &slot, reterr);
        return status < 0 ? status : sandbox_tests_load(slot, box->deadline_ms, reterr);
    case TEND_SANDBOX_TEST:
        slot = find_slot(box, tend_wire_get_u32(box->wire));
        if (!slot)
            return send_fault(box->wire, "the tests are not loaded", reterr);
        return sandbox_test_run(slot, box->deadline_ms, reterr);
    case TEND_SANDBOX_DROP:
        drop_slot(box, tend_wire_get_u32(box->wire));
        return tend_wire_done(box->wire, reterr);
    default:
        return tend_fail(reterr, TEND_ECORRUPT, "tend-sandbox: message %u is not known here", type);
    }
}

int main(int count, char **arguments)
{
    sandbox box = { .memory = (size_t)32 << 20, .deadline_ms = 1000 };
    tend_error error = { 0 };
    tend_status status;
    socklen_t size = sizeof(int);
    uint16_t type;
    int kind = 0;

    (void)arguments;
    if (count > 1 || getsockopt(3, SOL_SOCKET, SO_TYPE, &kind, &size) < 0) {
        (void)fprintf(stderr, "tend-sandbox is started by tend, which talks to it; it takes no arguments\n");
        return 2;
    }
    status = tend_wire_open(3, "tend", &box.wire, &error);
    if (status == TEND_OK) {
        tend_wire_wait_awake(box.wire);
        status = sandbox_deadline_prepare(&error);
    }
    if (status == TEND_OK)
        status = sandbox_confine(address_bytes, &error);
    while (status == TEND_OK) {
        bool waits = !tend_wire_has_frame(box.wire);

        if (waits) /* what was held for an answer that did not come */
            status = tend_wire_flush(box.wire, &error);
        if (status == TEND_OK)
            status = tend_wire_receive(box.wire, -1, &type, NULL, &error);
        if (waits)
            sandbox_asked();
        if (status == TEND_OK)
            status = serve_one(&box, type, &error);
    }
    if (status != TEND_ECLOSED) {
        size_t length = strnlen(error.text, sizeof error.text - 1);

        error.text[length] = '\n';
        (void)!write(STDERR_FILENO, error.text, length + 1);
    }
    /* No clean-up: the system calls for it are gone, and the process ends here. */
    _exit(status == TEND_ECLOSED ? 0 : 1);
}
