/* The journal of a run, as the sandbox replays it: any bytes in its place. A script that waits, reads, writes and decides by the
 * answers either goes on, or ends with a fault in one line; a journal that lies about its own length ends the sandbox. The way out
 * of that process is private to run.c, which is therefore included. */
#include "fuzz.h"
#include <setjmp.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void leave(int status);
#define _exit leave
#include "sandbox/run.c"
#undef _exit

static const char script[] = "return playbook {\n"
                             "  name = 'x', summary = 'x', api = 1, subject = 'account', outcomes = { 'a', 'b' },\n"
                             "  start_when = { event = 'custom.x' },\n"
                             "  steps = function(run)\n"
                             "    for n = 1, 4 do\n"
                             "      local w = run:wait('w' .. n, { event = 'custom.y', within = { days = n } })\n"
                             "      if w.timed_out then run:task('t' .. n, { title = 't', to = 'owner', due = { days = 1 } }) end\n"
                             "      local a = run:account('r' .. n, { 'name', 'region' })\n"
                             "      if a.region == 'EMEA' then run:set('s' .. n, { owner = a.name }) end\n"
                             "      for k, v in pairs(w) do print(k, v) end\n"
                             "      if w.event then return run.account.name or 'b' end\n"
                             "    end\n"
                             "    return 'a'\n"
                             "  end,\n"
                             "}\n";

static sandbox_slot slot;
static jmp_buf away;

static void leave(int status)
{
    (void)status;
    longjmp(away, 1);
}

/* The clock of a move is not what is looked at here: deadline.c would take libFuzzer's own alarm. */
void sandbox_deadline_start(lua_State *lua, uint32_t milliseconds)
{
    (void)lua;
    (void)milliseconds;
}

void sandbox_deadline_switch(lua_State *lua)
{
    (void)lua;
}

bool sandbox_deadline_stop(void)
{
    return false;
}

static void put_nothing(tend_wire *wire)
{
    tend_wire_put_u8(wire, TEND_TREE_MAP);
    tend_wire_put_u32(wire, 0);
}

/* What the sandbox said; the last frame ends the answer. */
static uint16_t last_of(tend_wire *there)
{
    tend_error error = { 0 };
    uint16_t type = 0, last = 0;

    while (tend_wire_receive(there, 0, &type, NULL, &error) == TEND_OK) {
        FUZZ_EXPECT(last == 0 || last == TEND_SANDBOX_REQUEST || last == TEND_SANDBOX_READ || last == TEND_SANDBOX_LOG,
                    "frame %u after %u, which ends an answer", type, last);
        last = type;
        if (type != TEND_SANDBOX_FAULT)
            continue;
        (void)tend_wire_get_u8(there);
        FUZZ_EXPECT(!strchr(tend_wire_get_text(there, NULL), '\n'), "a fault of more than one line");
    }
    return last;
}

static void load(tend_wire *here, tend_wire *there)
{
    tend_error error = { 0 };
    uint16_t type = 0;

    tend_wire_start(there, TEND_SANDBOX_LOAD);
    tend_wire_put_string(there, "x.lua");
    tend_wire_put_string(there, script);
    tend_wire_put_u32(there, 0);
    FUZZ_EXPECT(tend_wire_send(there, -1, &error) == TEND_OK && tend_wire_receive(here, 0, &type, NULL, &error) == TEND_OK, "%s",
                error.text);
    FUZZ_EXPECT(sandbox_slot_load(&slot, 1000, &error) == TEND_OK && last_of(there) == TEND_SANDBOX_LOADED, "%s", error.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tend_wire *here, *there;
    tend_error error = { 0 };
    uint16_t type = 0;
    int ends[2];

    if (size > 16384)
        return 0;
    FUZZ_EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
    FUZZ_EXPECT(tend_wire_open(ends[0], "tend", &here, &error) == TEND_OK, "%s", error.text);
    FUZZ_EXPECT(tend_wire_open(ends[1], "the sandbox", &there, &error) == TEND_OK, "%s", error.text);
    /* A state of its own for each: what one input leaves behind is nothing to the next, and nothing is left to look for leaks in.
     */
    FUZZ_EXPECT(sandbox_slot_open(&slot, 1, (size_t)32 << 20, here, &error) == TEND_OK, "%s", error.text);
    load(here, there);
    tend_wire_start(there, TEND_SANDBOX_MOVE);
    tend_wire_put_i64(there, 42);
    tend_wire_put_string(there, "account");
    put_nothing(there);
    put_nothing(there);
    for (size_t i = 0; i < size; i++)
        tend_wire_put_u8(there, data[i]);
    FUZZ_EXPECT(tend_wire_send(there, -1, &error) == TEND_OK && tend_wire_receive(here, 0, &type, NULL, &error) == TEND_OK, "%s",
                error.text);
    for (int i = 0; i < 8; i++) { /* to whatever it may ask */
        tend_wire_start(there, TEND_SANDBOX_ANSWER);
        tend_wire_put_u8(there, 0);
        put_nothing(there);
        FUZZ_EXPECT(tend_wire_send(there, -1, &error) == TEND_OK, "%s", error.text);
    }
    if (setjmp(away) == 0) {
        FUZZ_EXPECT(sandbox_slot_move(&slot, 1000, &error) == TEND_OK && tend_wire_flush(here, &error) == TEND_OK, "%s",
                    error.text);
        type = last_of(there);
        FUZZ_EXPECT(type == TEND_SANDBOX_ENDED || type == TEND_SANDBOX_WAITING || type == TEND_SANDBOX_FAULT,
                    "frame %u ends no answer", type);
    } /* otherwise the process would be gone, and its states with it */
    sandbox_slot_close(&slot);
    tend_wire_close(here);
    tend_wire_close(there);
    return 0;
}
