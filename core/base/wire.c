#include "base/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD ((size_t)6) /* u32 length, u16 type; the length counts the type */
#define HOLD_MOST ((size_t)32 << 10)
#define READ_STEP ((size_t)64 << 10)
#define MOST_FDS 8 /* that the kernel may hand us in one call; more are closed by it */

struct tend_wire {
    int fd;
    char peer[64];

    tend_buffer out; /* frames that are held, and the one being built, heads included */
    size_t held;     /* bytes of the former */

    unsigned char *in; /* owned; read but not yet consumed bytes */
    size_t in_room;
    size_t in_start; /* of the frame that comes next */
    size_t in_end;
    struct {
        int fd;     /* owned */
        size_t end; /* of the bytes it came with, as an offset into `in`: it belongs to the last frame that begins before */
    } in_fds[MOST_FDS];
    int in_fd_count;

    const unsigned char *payload; /* of the received frame; points into `in` */
    size_t payload_left;
    bool has_lied;
};

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
    free(wire->in);
    free(wire);
}

int tend_wire_fd(const tend_wire *wire)
{
    return wire->fd;
}

static void store_le(unsigned char *at, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)(number >> (8 * i));
}

static uint64_t load_le(const unsigned char *at, size_t bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes; i++)
        number |= (uint64_t)at[i] << (8 * i);
    return number;
}

static void put_number(tend_wire *wire, uint64_t number, size_t bytes)
{
    unsigned char le[8];

    store_le(le, number, bytes);
    tend_buffer_append(&wire->out, le, bytes);
}

void tend_wire_start(tend_wire *wire, uint16_t type)
{
    if (wire->held == 0) {
        tend_buffer_reset(&wire->out);
    } else { /* one that was begun and not finished is forgotten */
        wire->out.length = wire->held;
        wire->out.failed = false;
    }
    put_number(wire, 0, 4);
    put_number(wire, type, 2);
}

void tend_wire_put_u8(tend_wire *wire, uint8_t number)
{
    put_number(wire, number, 1);
}

void tend_wire_put_u32(tend_wire *wire, uint32_t number)
{
    put_number(wire, number, 4);
}

void tend_wire_put_i64(tend_wire *wire, int64_t number)
{
    put_number(wire, (uint64_t)number, 8);
}

void tend_wire_put_text(tend_wire *wire, const char *text, size_t length)
{
    if (length > TEND_WIRE_MAX) {
        wire->out.failed = true;
        return;
    }
    put_number(wire, length, 4);
    tend_buffer_append(&wire->out, text, length);
    tend_buffer_byte(&wire->out, '\0');
}

void tend_wire_put_string(tend_wire *wire, const char *text)
{
    tend_wire_put_text(wire, text ? text : "", text ? strlen(text) : 0);
}

/* u8 type; then what the type needs: TEXT its text, MONEY 3 bytes of currency and i64, DECIMAL u8 scale and i64, others i64. */
void tend_wire_put_value(tend_wire *wire, const tend_value *value)
{
    tend_wire_put_u8(wire, value->type);
    switch ((tend_type)value->type) {
    case TEND_NULL:
        return;
    case TEND_TEXT:
        tend_wire_put_text(wire, value->text, value->length);
        return;
    case TEND_MONEY:
        tend_buffer_append(&wire->out, value->currency, 3);
        break;
    case TEND_DECIMAL:
        tend_wire_put_u8(wire, value->scale);
        break;
    default:
        break;
    }
    tend_wire_put_i64(wire, value->integer);
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
    store_le((unsigned char *)wire->out.bytes + wire->held, length - 4, 4);
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

tend_status tend_wire_send(tend_wire *wire, int fd_to_pass, tend_error *reterr)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    size_t sent = 0, length = wire->out.length;
    bool is_ready;
    tend_status built = end_frame(wire, reterr);

    if (built < 0)
        return built;
    wire->held = 0;
    while (sent < length) {
        struct iovec part = { .iov_base = wire->out.bytes + sent, .iov_len = length - sent };
        struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
        ssize_t count;

        if (sent == 0 && fd_to_pass >= 0) {
            message.msg_control = &control;
            message.msg_controllen = sizeof control.room;
            control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
            memcpy(CMSG_DATA(&control.head), &fd_to_pass, sizeof fd_to_pass);
        }
        count = sendmsg(wire->fd, &message, MSG_NOSIGNAL);
        if (count >= 0) {
            sent += (size_t)count;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            tend_status status = wait_for(wire, POLLOUT, -1, &is_ready, reterr);

            if (status < 0)
                return status;
        } else if (errno != EINTR) {
            return lost(wire, errno, reterr);
        }
    }
    return TEND_OK;
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
    length = load_le(wire->in + wire->in_start, 4);
    if (length < 2 || length > TEND_WIRE_MAX - 4)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: a message says it has %llu bytes; it does not speak our protocol", wire->peer,
                         (unsigned long long)length);
    *ret_length = (size_t)length + 4;
    return TEND_OK;
}

bool tend_wire_has_frame(const tend_wire *wire)
{
    size_t length;

    if (next_frame(wire, &length, NULL) < 0)
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

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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
        if (status < 0)
            return status;
        if (end >= 0) {
            left = end - now_ms();
            left = left > 0 ? left : 0;
        }
        status = wait_for(wire, POLLIN, (int)left, &is_ready, reterr);
        if (status < 0)
            return status;
        if (is_ready)
            status = read_more(wire, reterr);
        else if (left == 0)
            status = tend_fail(reterr, TEND_ELIMIT, "%s: no answer within %d ms", wire->peer, deadline_ms);
        if (status < 0)
            return status;
    }
    *ret_length = length;
    return TEND_OK;
}

tend_status tend_wire_receive(tend_wire *wire, int deadline_ms, uint16_t *ret_type, int *ret_fd, tend_error *reterr)
{
    const unsigned char *frame;
    size_t length;
    tend_status status;
    int fd;

    wire->payload = NULL;
    wire->payload_left = 0;
    wire->has_lied = false;
    status = fill(wire, deadline_ms, &length, reterr);
    if (status < 0)
        return status;
    frame = wire->in + wire->in_start;
    wire->payload = frame + HEAD;
    wire->payload_left = length - HEAD;
    wire->in_start += length;
    fd = take_fd(wire, wire->in_start);
    *ret_type = (uint16_t)load_le(frame + 4, 2);
    if (ret_fd)
        *ret_fd = fd;
    else if (fd >= 0)
        (void)close(fd);
    return TEND_OK;
}

/* The next `bytes` of the payload, or NULL from the first lie on. */
static const unsigned char *take_bytes(tend_wire *wire, size_t bytes)
{
    const unsigned char *taken = wire->payload;

    if (wire->has_lied || bytes > wire->payload_left) {
        wire->has_lied = true;
        return NULL;
    }
    wire->payload += bytes;
    wire->payload_left -= bytes;
    return taken;
}

static uint64_t get_number(tend_wire *wire, size_t bytes)
{
    const unsigned char *at = take_bytes(wire, bytes);

    return at ? load_le(at, bytes) : 0;
}

uint8_t tend_wire_get_u8(tend_wire *wire)
{
    return (uint8_t)get_number(wire, 1);
}

uint32_t tend_wire_get_u32(tend_wire *wire)
{
    return (uint32_t)get_number(wire, 4);
}

int64_t tend_wire_get_i64(tend_wire *wire)
{
    return (int64_t)get_number(wire, 8);
}

const char *tend_wire_get_text(tend_wire *wire, size_t *ret_length)
{
    size_t length = tend_wire_get_u32(wire);
    const unsigned char *text = take_bytes(wire, length + 1);

    if (text && text[length] != '\0') {
        wire->has_lied = true;
        text = NULL;
    }
    if (ret_length)
        *ret_length = text ? length : 0;
    return text ? (const char *)text : "";
}

tend_value tend_wire_get_value(tend_wire *wire)
{
    tend_value value = { .type = tend_wire_get_u8(wire) };
    const unsigned char *currency;

    switch ((tend_type)value.type) {
    case TEND_NULL:
        return value;
    case TEND_TEXT:
        value.text = tend_wire_get_text(wire, &value.length);
        break;
    case TEND_MONEY:
        currency = take_bytes(wire, 3);
        if (currency)
            memcpy(value.currency, currency, 3);
        value.integer = tend_wire_get_i64(wire);
        break;
    case TEND_DECIMAL:
        value.scale = tend_wire_get_u8(wire);
        value.integer = tend_wire_get_i64(wire);
        wire->has_lied |= value.scale > 12;
        break;
    case TEND_BOOL:
        value.integer = tend_wire_get_i64(wire);
        wire->has_lied |= value.integer != 0 && value.integer != 1;
        break;
    case TEND_DATE:
        value.integer = tend_wire_get_i64(wire);
        wire->has_lied |= value.integer < INT32_MIN || value.integer > INT32_MAX;
        break;
    case TEND_INT:
    case TEND_TIME:
    case TEND_REF:
        value.integer = tend_wire_get_i64(wire);
        break;
    default:
        wire->has_lied = true;
        break;
    }
    return wire->has_lied ? (tend_value){ 0 } : value;
}

tend_status tend_wire_done(tend_wire *wire, tend_error *reterr)
{
    if (wire->has_lied)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: a message is shorter than it says or holds an impossible value", wire->peer);
    if (wire->payload_left > 0)
        return tend_fail(reterr, TEND_ECORRUPT, "%s: a message has %zu bytes too many", wire->peer, wire->payload_left);
    return TEND_OK;
}
