#include "base/wire_inside.h"

#include "base/spin.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOLD_MOST ((size_t)32 << 10)
#define READ_STEP ((size_t)64 << 10)

tend_status tend_wire_open(int fd, const char *peer, tend_wire **ret_wire, tend_error *reterr)
{
    tend_wire *wire = calloc(1, sizeof *wire);

    if (!wire) {
        (void)close(fd);
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory to talk to it", peer);
    }
    wire->fd = fd;
    (void)snprintf(wire->peer, sizeof wire->peer, "%s", peer);
    *ret_wire = wire;
    return TEND_OK;
}

/* Takes those that came with the bytes up to `end`: the first is returned or -1, the others are closed. */
static int take_fd(tend_wire *wire, size_t end)
{
    int taken = -1, kept = 0;

    for (int i = 0; i < wire->in_fd_count; i++) {
        if (wire->in_fds[i].end > end)
            wire->in_fds[kept++] = wire->in_fds[i];
        else if (taken < 0)
            taken = wire->in_fds[i].fd;
        else
            (void)close(wire->in_fds[i].fd);
    }
    wire->in_fd_count = kept;
    return taken;
}

void tend_wire_close(tend_wire *wire)
{
    int unclaimed;

    if (!wire)
        return;
    unclaimed = take_fd(wire, SIZE_MAX);
    if (unclaimed >= 0)
        (void)close(unclaimed);
    (void)close(wire->fd);
    tend_buffer_clear(&wire->out);
    tend_buffer_clear(&wire->aside);
    free(wire->in);
    free(wire);
}

int tend_wire_fd(const tend_wire *wire)
{
    return wire->fd;
}

void tend_wire_start(tend_wire *wire, uint16_t type)
{
    if (wire->held == 0) {
        tend_buffer_reset(&wire->out);
    } else { /* one that was begun and not finished is forgotten */
        wire->out.length = wire->held;
        wire->out.failed = false;
    }
    wire_put_number(wire, 0, 4);
    wire_put_number(wire, type, 2);
}

static tend_status lost(const tend_wire *wire, int code, tend_error *reterr)
{
    if (code == EPIPE || code == ECONNRESET || code == ENOTCONN)
        return tend_fail(reterr, TEND_ECLOSED, "%s: it has ended", wire->peer);
    return tend_fail(reterr, TEND_EIO, "%s: cannot talk to it: %s", wire->peer, strerrordesc_np(code));
}

/* Waits for `events`; *ret_ready is false when the time is up. timeout_ms -1 waits for ever. */
static tend_status wait_for(tend_wire *wire, short events, int timeout_ms, bool *ret_ready, tend_error *reterr)
{
    struct pollfd entry = { .fd = wire->fd, .events = events };
    int count = poll(&entry, 1, timeout_ms);

    if (count < 0 && errno != EINTR)
        return lost(wire, errno, reterr);
    *ret_ready = count > 0;
    return TEND_OK;
}

/* Says in its head how long the frame is that was built. */
static tend_status end_frame(tend_wire *wire, tend_error *reterr)
{
    size_t length = wire->out.length - wire->held;

    if (length > TEND_WIRE_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "%s: a message of %zu bytes; %u are the most", wire->peer, length, TEND_WIRE_MAX);
    if (wire->out.failed || length < HEAD)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory for a message, or longer than %u bytes", wire->peer, TEND_WIRE_MAX);
    wire_store_le((unsigned char *)wire->out.bytes + wire->held, length - 4, 4);
    return TEND_OK;
}

tend_status tend_wire_hold(tend_wire *wire, tend_error *reterr)
{
    tend_status status;

    if (wire->out.length > HOLD_MOST)
        return tend_wire_send(wire, -1, reterr);
    status = end_frame(wire, reterr);
    if (status == TEND_OK)
        wire->held = wire->out.length;
    return status;
}

size_t tend_wire_held(const tend_wire *wire)
{
    return wire->out.length;
}

bool tend_wire_has_room(tend_wire *wire)
{
    bool is_ready = false;

    return wait_for(wire, POLLOUT, 0, &is_ready, NULL) < 0 || is_ready; /* what is wrong is said by sending */
}

/* Length of the frame that begins at in_start, 0 when its head is not there yet; a lying head is TEND_ECORRUPT. */
static tend_status next_frame(const tend_wire *wire, size_t *ret_length, tend_error *reterr)
{
    uint64_t length;

    *ret_length = 0;
    if (wire->in_end - wire->in_start < 4)
        return TEND_OK;
    length = wire_load_le(wire->in + wire->in_start, 4);
    if (length < 2 || length > TEND_WIRE_MAX - 4)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: a message says it has %llu bytes; it does not speak our protocol", wire->peer,
                         (unsigned long long)length);
    *ret_length = (size_t)length + 4;
    return TEND_OK;
}

bool tend_wire_has_frame(const tend_wire *wire)
{
    size_t length;

    if (wire->aside_at < wire->aside.length || next_frame(wire, &length, NULL) < 0)
        return true; /* receive will say what is wrong, without waiting */
    return length > 0 && wire->in_end - wire->in_start >= length;
}

/* Room behind in_end for at least the frame that is coming. */
static tend_status make_room(tend_wire *wire, size_t frame_length, tend_error *reterr)
{
    size_t wanted = frame_length > READ_STEP ? frame_length : READ_STEP;
    unsigned char *larger;

    if (wire->in_start > 0) {
        memmove(wire->in, wire->in + wire->in_start, wire->in_end - wire->in_start);
        wire->in_end -= wire->in_start;
        for (int i = 0; i < wire->in_fd_count; i++)
            wire->in_fds[i].end -= wire->in_start; /* take_fd left only those that end behind it */
        wire->in_start = 0;
    }
    if (wire->in_room >= wanted && wire->in_end < wire->in_room)
        return TEND_OK;
    larger = realloc(wire->in, wanted);
    if (!larger)
        return tend_fail(reterr, TEND_ENOMEM, "%s: no memory for its message of %zu bytes", wire->peer, frame_length);
    wire->in = larger;
    wire->in_room = wanted;
    return TEND_OK;
}

/* Keeps what the kernel handed us; past our room they are closed. */
static void keep_fds(tend_wire *wire, struct msghdr *message, size_t end)
{
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
        size_t count;

        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
            continue;
        count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
            if (wire->in_fd_count == MOST_FDS) {
                (void)close(fd);
                continue;
            }
            wire->in_fds[wire->in_fd_count].fd = fd;
            wire->in_fds[wire->in_fd_count++].end = end;
        }
    }
}

static tend_status read_more(tend_wire *wire, tend_error *reterr)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(MOST_FDS * sizeof(int))];
    } control;
    struct iovec part = { .iov_base = wire->in + wire->in_end, .iov_len = wire->in_room - wire->in_end };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room };
    ssize_t count = recvmsg(wire->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (count < 0) {
        if (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)
            return TEND_OK;
        return lost(wire, errno, reterr);
    }
    keep_fds(wire, &message, wire->in_end + (size_t)count);
    if (count == 0)
        return tend_fail(reterr, TEND_ECLOSED, "%s: it has ended%s", wire->peer,
                         wire->in_end > wire->in_start ? " in the middle of a message" : "");
    wire->in_end += (size_t)count;
    return TEND_OK;
}

/* Until some of what we send is taken. A peer that waits itself until we take something is listened to meanwhile. */
static tend_status wait_to_send(tend_wire *wire, tend_error *reterr)
{
    struct pollfd entry = { .fd = wire->fd, .events = POLLOUT };
    bool has_room = wire->reads_while_sending && wire->in_end - wire->in_start < TEND_WIRE_MAX;
    tend_status status = has_room ? make_room(wire, wire->in_end - wire->in_start + READ_STEP, reterr) : TEND_OK;

    if (status < 0)
        return status;
    if (has_room)
        entry.events |= POLLIN;
    if (poll(&entry, 1, -1) < 0 && errno != EINTR)
        return lost(wire, errno, reterr);
    return has_room && (entry.revents & POLLIN) != 0 ? read_more(wire, reterr) : TEND_OK;
}

/* The first `length` bytes of `out`; nothing is held any more. */
static tend_status push(tend_wire *wire, size_t length, int fd_to_pass, tend_error *reterr)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    size_t sent = 0;
    tend_status status = TEND_OK;

    wire->held = 0;
    while (sent < length && status == TEND_OK) {
        struct iovec part = { .iov_base = wire->out.bytes + sent, .iov_len = length - sent };
        struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
        ssize_t count;

        if (sent == 0 && fd_to_pass >= 0) {
            message.msg_control = &control;
            message.msg_controllen = sizeof control.room;
            control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
            memcpy(CMSG_DATA(&control.head), &fd_to_pass, sizeof fd_to_pass);
        }
        count = sendmsg(wire->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count >= 0)
            sent += (size_t)count;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            status = wait_to_send(wire, reterr);
        else if (errno != EINTR)
            status = lost(wire, errno, reterr);
    }
    tend_buffer_reset(&wire->out);
    return status;
}

tend_status tend_wire_send(tend_wire *wire, int fd_to_pass, tend_error *reterr)
{
    tend_status built = end_frame(wire, reterr);

    return built < 0 ? built : push(wire, wire->out.length, fd_to_pass, reterr);
}

tend_status tend_wire_flush(tend_wire *wire, tend_error *reterr)
{
    return wire->held > 0 ? push(wire, wire->held, -1, reterr) : TEND_OK;
}

void tend_wire_read_while_sending(tend_wire *wire)
{
    wire->reads_while_sending = true;
}

void tend_wire_wait_awake(tend_wire *wire)
{
    tend_spin_prepare();
    wire->waits_awake = true;
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Takes what is there. When nothing is, a wire that waits awake looks again for a moment, for to sleep and to be woken costs more
 * than most answers; *ret_came is false when that did not help. */
static tend_status look(tend_wire *wire, bool *ret_came, tend_error *reterr)
{
    size_t had = wire->in_end;
    tend_spin spin = { 0 };
    tend_status status;

    do
        status = read_more(wire, reterr);
    while (status == TEND_OK && wire->in_end == had && wire->waits_awake && tend_spin_again(&spin));
    *ret_came = wire->in_end > had;
    return status;
}

/* Until a whole frame is buffered. */
static tend_status fill(tend_wire *wire, int deadline_ms, size_t *ret_length, tend_error *reterr)
{
    int64_t end = deadline_ms < 0 ? -1 : now_ms() + deadline_ms;
    int64_t left = -1;
    size_t length;
    bool is_ready = false;
    tend_status status;

    for (;;) {
        status = next_frame(wire, &length, reterr);
        if (status < 0)
            return status;
        if (length > 0 && wire->in_end - wire->in_start >= length)
            break;
        status = make_room(wire, length, reterr);
        if (status == TEND_OK)
            status = look(wire, &is_ready, reterr);
        if (status < 0)
            return status;
        if (is_ready)
            continue;
        if (end >= 0) {
            left = end - now_ms();
            left = left > 0 ? left : 0;
        }
        status = wait_for(wire, POLLIN, (int)left, &is_ready, reterr);
        if (status < 0)
            return status;
        if (!is_ready && left == 0)
            return tend_fail(reterr, TEND_ELIMIT, "%s: no answer within %d ms", wire->peer, deadline_ms);
    }
    *ret_length = length;
    return TEND_OK;
}

/* What is read next is the payload of the frame. */
static void open_frame(tend_wire *wire, const unsigned char *frame, size_t length, uint16_t *ret_type)
{
    wire->payload = frame + HEAD;
    wire->payload_left = length - HEAD;
    *ret_type = (uint16_t)wire_load_le(frame + 4, 2);
}

static void close_frame(tend_wire *wire)
{
    wire->payload = NULL;
    wire->payload_left = 0;
    wire->has_lied = false;
}

tend_status tend_wire_receive_only(tend_wire *wire, uint16_t type, tend_error *reterr)
{
    uint16_t came;
    size_t length;
    tend_status status;
    int fd;

    close_frame(wire);
    if (wire->aside_at > 0) {
        memmove(wire->aside.bytes, wire->aside.bytes + wire->aside_at, wire->aside.length - wire->aside_at);
        wire->aside.length -= wire->aside_at;
        wire->aside_at = 0;
    }
    while ((status = fill(wire, -1, &length, reterr)) == TEND_OK) {
        const unsigned char *frame = wire->in + wire->in_start;

        wire->in_start += length;
        fd = take_fd(wire, wire->in_start);
        if (fd >= 0)
            (void)close(fd);
        open_frame(wire, frame, length, &came);
        if (came == type)
            return TEND_OK;
        close_frame(wire);
        tend_buffer_append(&wire->aside, frame, length);
        if (wire->aside.failed)
            return tend_fail(reterr, TEND_ENOMEM, "%s: no memory for its message of %zu bytes", wire->peer, length);
    }
    return status;
}

tend_status tend_wire_receive(tend_wire *wire, int deadline_ms, uint16_t *ret_type, int *ret_fd, tend_error *reterr)
{
    size_t length;
    tend_status status;
    int fd = -1;

    close_frame(wire);
    if (wire->aside_at < wire->aside.length) {
        const unsigned char *frame = (const unsigned char *)wire->aside.bytes + wire->aside_at;

        length = wire_load_le(frame, 4) + 4;
        wire->aside_at += length;
        open_frame(wire, frame, length, ret_type);
    } else {
        wire->aside_at = 0;
        tend_buffer_reset(&wire->aside);
        status = fill(wire, deadline_ms, &length, reterr);
        if (status < 0)
            return status;
        open_frame(wire, wire->in + wire->in_start, length, ret_type);
        wire->in_start += length;
        fd = take_fd(wire, wire->in_start);
    }
    if (ret_fd)
        *ret_fd = fd;
    else if (fd >= 0)
        (void)close(fd);
    return TEND_OK;
}
