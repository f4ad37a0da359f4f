/* many.c: several KPIs of a plugin in one call, with results in shared memory. */
#include "plugin/hosted.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct tend_many {
    tend_hosted *hosted;
    tend_results *room;
    size_t count, ended;
    uint32_t accounts;
    bool is_open; /* begun and not ended */
    tend_status status[TEND_HOST_MANY_MAX];
    char *why[TEND_HOST_MANY_MAX]; /* owned */
};

static void clear_room(tend_results *room)
{
    if (!room->values)
        return;
    (void)munmap(room->values, room->bytes);
    (void)close(room->fd);
    *room = (tend_results){ 0 };
}

void tend_results_clear(tend_hosted *hosted)
{
    for (size_t i = 0; i < TEND_HOST_SLOTS; i++)
        clear_room(&hosted->results[i]);
}

/* It can neither shrink nor grow: the host cannot make reading it a fault. */
static tend_status make_room(tend_hosted *hosted, tend_results *room, size_t bytes, tend_error *reterr)
{
    const int fd = memfd_create("tend-results", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *values = MAP_FAILED;

    clear_room(room);
    if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) == 0)
        values = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (values == MAP_FAILED) {
        if (fd >= 0)
            (void)close(fd);
        return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for %zu bytes of results", hosted->name, bytes);
    }
    *room = (tend_results){ .values = values, .bytes = bytes, .fd = fd };
    return TEND_OK;
}

static tend_status find_room(tend_hosted *hosted, size_t bytes, tend_results **ret_room, tend_error *reterr)
{
    for (size_t i = 0; i < TEND_HOST_SLOTS; i++) {
        tend_results *room = &hosted->results[i];
        tend_status status = TEND_OK;

        if (room->is_taken)
            continue;
        if (room->bytes < bytes || room->bytes / 4 > bytes + ((size_t)1 << 20))
            status = make_room(hosted, room, bytes, reterr);
        if (status >= 0)
            *ret_room = room;
        return status;
    }
    return tend_fail(reterr, TEND_EBUSY, "plugin %s: all room for results is taken", hosted->name);
}

static tend_status show_room(tend_hosted *hosted, tend_results *room, const char *capability, tend_error *reterr)
{
    tend_status status = tend_hosted_begin(hosted, TEND_HOST_RESULTS, capability, reterr);

    if (status < 0)
        return status;
    tend_wire_put_u32(hosted->process.wire, (uint32_t)(room - hosted->results));
    status = tend_hosted_send(hosted, room->fd, capability, reterr);
    if (status >= 0)
        status = tend_hosted_finish(hosted, capability, reterr);
    if (status >= 0)
        room->known_to = hosted->process.pid;
    return status;
}

static tend_status send_call(tend_many *many, const char *const *capabilities, const tend_sealed *sealed, tend_date from,
                             tend_date to, tend_error *reterr)
{
    tend_hosted *hosted = many->hosted;
    bool is_begun = false, is_held;
    tend_status status = TEND_OK;

    /* A host that does not have the room yet is shown it first; it may end in between, and then the next one is. */
    for (int tries = 0; status >= 0 && !is_begun && tries < 3; tries++) {
        status = tend_hosted_begin(hosted, TEND_HOST_COMPUTE_MANY, capabilities[0], reterr);
        is_begun = status >= 0 && many->room->known_to == hosted->process.pid;
        if (status >= 0 && !is_begun)
            status = show_room(hosted, many->room, capabilities[0], reterr);
    }
    if (status >= 0 && !is_begun)
        status = tend_fail(reterr, TEND_EBUSY, "plugin %s: its host does not stay", hosted->name);
    if (status < 0)
        return status;
    tend_wire_put_u32(hosted->process.wire, (uint32_t)(many->room - hosted->results));
    tend_wire_put_i64(hosted->process.wire, from);
    tend_wire_put_i64(hosted->process.wire, to);
    tend_wire_put_u32(hosted->process.wire, (uint32_t)many->count);
    for (size_t i = 0; i < many->count; i++)
        tend_wire_put_string(hosted->process.wire, capabilities[i]);
    is_held = hosted->batch == sealed->number && hosted->batch_holder == hosted->process.pid;
    hosted->batch = sealed->number;
    hosted->batch_holder = hosted->process.pid;
    return tend_hosted_send(hosted, is_held ? -1 : sealed->fd, capabilities[0], reterr);
}

tend_status tend_many_begin(tend_hosted *hosted, const char *const *capabilities, size_t count, const tend_sealed *sealed,
                            tend_date from, tend_date to, tend_many **ret_many, tend_error *reterr)
{
    const size_t bytes = count * sealed->batch.accounts * sizeof(tend_ratio);
    tend_many *many;
    tend_status status;

    if (count == 0 || count > TEND_HOST_MANY_MAX || bytes == 0)
        return tend_fail(reterr, TEND_EBUSY, "plugin %s: nothing to compute at once", hosted->name);
    many = calloc(1, sizeof *many);
    if (!many)
        return tend_fail(reterr, TEND_ENOMEM, "plugin %s: no memory for a call", hosted->name);
    many->hosted = hosted;
    many->count = count;
    many->accounts = sealed->batch.accounts;
    status = find_room(hosted, bytes, &many->room, reterr);
    if (status >= 0)
        status = send_call(many, capabilities, sealed, from, to, reterr);
    if (status < 0) {
        many->room = NULL;
        tend_many_free(many);
        return status;
    }
    many->room->is_taken = many->is_open = true;
    *ret_many = many;
    return TEND_OK;
}

static bool take_computed(tend_many *many)
{
    tend_wire *wire = many->hosted->process.wire;
    const int64_t status = tend_wire_get_i64(wire);
    const char *why = tend_wire_get_text(wire, NULL);

    if (tend_wire_done(wire, NULL) < 0 || many->ended == many->count || status > TEND_OK || status < TEND_EAUTH)
        return false;
    many->status[many->ended] = (tend_status)status;
    if (status < 0)
        many->why[many->ended] = strdup(why);
    many->ended++;
    return true;
}

tend_status tend_many_end(tend_many *many, tend_error *reterr)
{
    tend_hosted *hosted = many->hosted;
    tend_status status = TEND_OK;
    bool is_done = false;
    uint16_t type;

    many->is_open = false;
    while (status == TEND_OK) {
        status = tend_hosted_next(hosted, "several KPIs", hosted->use.deadline_ms, &type, &is_done, reterr);
        if (status < 0 || is_done)
            break;
        if (type != TEND_HOST_ALIVE && (type != TEND_HOST_COMPUTED || !take_computed(many)))
            status = tend_hosted_lied(hosted, "several KPIs", "results that are none", reterr);
    }
    if (status == TEND_OK && many->ended != many->count)
        status = tend_hosted_lied(hosted, "several KPIs", "fewer results than KPIs", reterr);
    if (status < 0)
        hosted->batch = 0; /* who knows whether it has it */
    return status;
}

tend_status tend_many_at(const tend_many *many, size_t n, const tend_ratio **ret_values, tend_error *reterr)
{
    if (many->status[n] < 0)
        return tend_fail(reterr, many->status[n], "%s",
                         many->why[n] && many->why[n][0] ? many->why[n] : "kpi: it failed and gave no reason");
    *ret_values = many->room->values + n * many->accounts;
    return TEND_OK;
}

void tend_many_free(tend_many *many)
{
    tend_error unwanted;

    if (!many)
        return;
    if (many->is_open)
        (void)tend_many_end(many, &unwanted);
    if (many->room)
        many->room->is_taken = false;
    for (size_t i = 0; i < many->count; i++)
        free(many->why[i]);
    free(many);
}
