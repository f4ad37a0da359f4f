#include "base/spin.h"
#include "base/wire.h"
#include "tests.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* One end is a wire, the other a wire or, for lies, the bare socket. */
static tend_wire *here, *there;
static int bare = -1;
static tend_error error;

static void open_pair(bool is_bare)
{
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ck_assert_int_eq(tend_wire_open(ends[0], "tend-host demo", &here, &error), TEND_OK);
    if (is_bare)
        bare = ends[1];
    else
        ck_assert_int_eq(tend_wire_open(ends[1], "tend", &there, &error), TEND_OK);
}

static void close_pair(void)
{
    tend_wire_close(here);
    tend_wire_close(there);
    if (bare >= 0)
        close(bare);
    here = there = NULL;
    bare = -1;
}

static int open_fds(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* In place of the library's: each time somebody gives up the processor to wait a moment awake. */
static int yields;

int sched_yield(void)
{
    yields++;
    return 0;
}

START_TEST(every_kind_of_value_arrives_as_it_was_sent)
{
    const tend_value sent[] = {
        { .type = TEND_NULL },
        { .type = TEND_BOOL, .integer = 1 },
        { .type = TEND_INT, .integer = INT64_MIN + 1 },
        { .type = TEND_DECIMAL, .integer = -12345, .scale = 3 },
        { .type = TEND_MONEY, .integer = 990000, .currency = "KRW" },
        { .type = TEND_DATE, .integer = -1 },
        { .type = TEND_TIME, .integer = INT64_C(1772446504131) },
        { .type = TEND_TEXT, .text = "한빛\0소프트", .length = 16 },
        { .type = TEND_REF, .integer = 42 },
    };
    uint16_t type;

    open_pair(false);
    tend_wire_start(here, 513);
    tend_wire_put_u8(here, 255);
    tend_wire_put_u32(here, 0xfedcba98);
    tend_wire_put_i64(here, -2);
    tend_wire_put_string(here, NULL);
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++)
        tend_wire_put_value(here, &sent[i]);
    ck_assert_int_eq(tend_wire_send(here, -1, &error), TEND_OK);

    ck_assert_int_eq(tend_wire_receive(there, 1000, &type, NULL, &error), TEND_OK);
    ck_assert_uint_eq(type, 513);
    ck_assert_uint_eq(tend_wire_get_u8(there), 255);
    ck_assert_uint_eq(tend_wire_get_u32(there), 0xfedcba98);
    ck_assert_int_eq(tend_wire_get_i64(there), -2);
    ck_assert_str_eq(tend_wire_get_text(there, NULL), "");
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        tend_value got = tend_wire_get_value(there);

        ck_assert_uint_eq(got.type, sent[i].type);
        ck_assert_int_eq(got.integer, sent[i].integer);
        ck_assert_uint_eq(got.scale, sent[i].scale);
        ck_assert_str_eq(got.currency, sent[i].currency);
        ck_assert_uint_eq(got.length, sent[i].length);
        if (got.type == TEND_TEXT)
            ck_assert_mem_eq(got.text, sent[i].text, got.length + 1);
    }
    ck_assert_int_eq(tend_wire_done(there, &error), TEND_OK);
    close_pair();
}
END_TEST

static void *send_large(void *unused)
{
    static char large[5 << 20];
    tend_error ignored;

    (void)unused;
    memset(large, 'x', sizeof large);
    for (uint16_t i = 1; i <= 3; i++) {
        tend_wire_start(there, i);
        tend_wire_put_text(there, large, sizeof large - i);
        if (tend_wire_send(there, -1, &ignored) < 0)
            return "send failed";
    }
    return NULL;
}

static void on_alarm(int number)
{
    (void)number;
}

START_TEST(frames_larger_than_the_socket_arrive_whole_under_signals)
{
    struct sigaction action = { .sa_handler = on_alarm };
    struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { 0 };
    pthread_t sender;
    void *fault;

    open_pair(false);
    sigaction(SIGALRM, &action, NULL); /* without SA_RESTART: calls end with EINTR */
    setitimer(ITIMER_REAL, &often, NULL);
    ck_assert_int_eq(pthread_create(&sender, NULL, send_large, NULL), 0);
    for (uint16_t i = 1; i <= 3; i++) {
        uint16_t type;
        size_t length;
        const char *text;

        ck_assert_int_eq(tend_wire_receive(here, 20000, &type, NULL, &error), TEND_OK);
        ck_assert_uint_eq(type, i);
        text = tend_wire_get_text(here, &length);
        ck_assert_uint_eq(length, (5u << 20) - i);
        ck_assert_int_eq(text[length - 1], 'x');
        ck_assert_int_eq(tend_wire_done(here, &error), TEND_OK);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    pthread_join(sender, &fault);
    ck_assert_ptr_null(fault);
    close_pair();
}
END_TEST

START_TEST(a_file_comes_with_its_own_frame)
{
    uint16_t type;
    int before, file = memfd_create("columns", MFD_CLOEXEC), got;
    char text[8] = { 0 };

    open_pair(false);
    ck_assert_int_eq(write(file, "columns", 7), 7);
    before = open_fds();
    for (uint16_t i = 1; i <= 5; i++) {
        tend_wire_start(here, i);
        tend_wire_put_u32(here, i);
        ck_assert_int_eq(tend_wire_send(here, i % 2 == 0 ? file : -1, &error), TEND_OK);
    }
    for (uint16_t i = 1; i <= 5; i++) {
        ck_assert_int_eq(tend_wire_receive(there, 1000, &type, &got, &error), TEND_OK);
        ck_assert_uint_eq(type, i);
        ck_assert_uint_eq(tend_wire_get_u32(there), i);
        ck_assert_int_eq(got >= 0, i % 2 == 0);
        if (got >= 0) {
            ck_assert_int_eq(pread(got, text, 7, 0), 7);
            ck_assert_str_eq(text, "columns");
            ck_assert_int_eq(fcntl(got, F_GETFD), FD_CLOEXEC);
            close(got);
        }
    }
    ck_assert_int_eq(open_fds(), before);
    close(file);
    close_pair();
}
END_TEST

static void send_bare(const void *bytes, size_t length, const int *fds, size_t fd_count)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(16 * sizeof(int))];
    } control = { 0 };
    struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = length };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

    if (fd_count > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        control.head = (struct cmsghdr){ CMSG_LEN(fd_count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
        memcpy(CMSG_DATA(&control.head), fds, fd_count * sizeof(int));
    }
    ck_assert_int_eq(sendmsg(bare, &message, MSG_NOSIGNAL), (ssize_t)length);
}

START_TEST(files_nobody_asked_for_are_closed)
{
    static const unsigned char frame[] = { 2, 0, 0, 0, 7, 0 };
    int fds[12], before, got;
    uint16_t type;

    open_pair(true);
    for (int i = 0; i < 12; i++)
        fds[i] = STDERR_FILENO;
    before = open_fds();
    send_bare(frame, sizeof frame, fds, 1);
    ck_assert_int_eq(tend_wire_receive(here, 1000, &type, NULL, &error), TEND_OK);
    ck_assert_int_eq(open_fds(), before);

    send_bare(frame, sizeof frame, fds, 12);
    ck_assert_int_eq(tend_wire_receive(here, 1000, &type, &got, &error), TEND_OK);
    ck_assert_int_ge(got, 0);
    ck_assert_int_eq(open_fds(), before + 1);
    close(got);

    send_bare(frame, 3, fds, 3); /* never finished */
    ck_assert_int_eq(tend_wire_receive(here, 0, &type, &got, &error), TEND_ELIMIT);
    close_pair();
    ck_assert_int_eq(open_fds(), before - 2);
}
END_TEST

START_TEST(a_length_that_lies_is_refused_at_once)
{
    static const struct {
        unsigned char bytes[6];
        const char *sentence;
    } lies[] = {
        { { 0, 0, 0, 0, 0, 0 }, "tend-host demo: a message says it has 0 bytes; it does not speak our protocol" },
        { { 1, 0, 0, 0, 0, 0 }, "tend-host demo: a message says it has 1 bytes; it does not speak our protocol" },
        { { 255, 255, 255, 255, 0, 0 }, "tend-host demo: a message says it has 4294967295 bytes; it does not speak our protocol" },
        { "HTTP/1", "tend-host demo: a message says it has 1347703880 bytes; it does not speak our protocol" },
    };
    uint16_t type;

    open_pair(true);
    send_bare(lies[_i].bytes, 6, NULL, 0);
    ck_assert_int_eq(tend_wire_receive(here, 1000, &type, NULL, &error), TEND_ECORRUPT);
    ck_assert_str_eq(error.text, lies[_i].sentence);
    ck_assert(tend_wire_has_frame(here));
    close_pair();
}
END_TEST

START_TEST(a_payload_that_lies_gives_zeros_and_is_told)
{
    static const struct {
        unsigned char bytes[16];
        size_t length;
        const char *sentence;
    } lies[] = {
        /* TEXT that is longer than the payload */
        { { 8, 0, 0, 0, 1, 0, TEND_TEXT, 200, 0, 0, 0, 'a' },
          12,
          "tend-host demo: a message is shorter than it says or holds an impossible value" },
        { { 11, 0, 0, 0, 1, 0, TEND_TEXT, 255, 255, 255, 255, 'a', 'b', 'c', 0 },
          15,
          "tend-host demo: a message is shorter than it says or holds an impossible value" },
        /* TEXT without its NUL */
        { { 9, 0, 0, 0, 1, 0, TEND_TEXT, 1, 0, 0, 0, 'a', 'b' },
          13,
          "tend-host demo: a message is shorter than it says or holds an impossible value" },
        /* a type that is none */
        { { 3, 0, 0, 0, 1, 0, 99 }, 7, "tend-host demo: a message is shorter than it says or holds an impossible value" },
        /* a number of 3 bytes */
        { { 6, 0, 0, 0, 1, 0, TEND_INT, 1, 2, 3 },
          10,
          "tend-host demo: a message is shorter than it says or holds an impossible value" },
        /* nothing at all */
        { { 2, 0, 0, 0, 1, 0 }, 6, "tend-host demo: a message is shorter than it says or holds an impossible value" },
        /* more than was read */
        { { 5, 0, 0, 0, 1, 0, TEND_NULL, 1, 2 }, 9, "tend-host demo: a message has 2 bytes too many" },
    };
    uint16_t type;
    tend_value value;

    open_pair(true);
    send_bare(lies[_i].bytes, lies[_i].length, NULL, 0);
    ck_assert_int_eq(tend_wire_receive(here, 1000, &type, NULL, &error), TEND_OK);
    value = tend_wire_get_value(here);
    ck_assert_uint_eq(value.type, TEND_NULL);
    ck_assert_int_eq(tend_wire_done(here, &error), TEND_ECORRUPT);
    ck_assert_str_eq(error.text, lies[_i].sentence);
    if (_i < 6) {
        ck_assert_int_eq(tend_wire_get_i64(here), 0);
        ck_assert_str_eq(tend_wire_get_text(here, NULL), "");
    }
    close_pair();
}
END_TEST

START_TEST(what_is_held_comes_first_and_what_was_not_finished_never)
{
    uint16_t type;

    open_pair(false);
    for (uint32_t i = 1; i <= 3; i++) {
        tend_wire_start(here, 1);
        tend_wire_put_u32(here, i);
        ck_assert_int_eq(tend_wire_hold(here, &error), TEND_OK);
    }
    ck_assert_int_eq(tend_wire_receive(there, 0, &type, NULL, &error), TEND_ELIMIT);
    tend_wire_start(here, 2);
    tend_wire_put_string(here, "begun and given up");
    tend_wire_start(here, 3);
    ck_assert_int_eq(tend_wire_send(here, -1, &error), TEND_OK);
    for (uint32_t i = 1; i <= 3; i++) {
        ck_assert_int_eq(tend_wire_receive(there, 1000, &type, NULL, &error), TEND_OK);
        ck_assert_uint_eq(type, 1);
        ck_assert_uint_eq(tend_wire_get_u32(there), i);
        ck_assert_int_eq(tend_wire_done(there, &error), TEND_OK);
    }
    ck_assert_int_eq(tend_wire_receive(there, 1000, &type, NULL, &error), TEND_OK);
    ck_assert_uint_eq(type, 3);
    ck_assert_int_eq(tend_wire_done(there, &error), TEND_OK);
    ck_assert_int_eq(tend_wire_receive(there, 0, &type, NULL, &error), TEND_ELIMIT);
    close_pair();
}
END_TEST

static void say(tend_wire *wire, uint16_t type, uint32_t number)
{
    tend_wire_start(wire, type);
    tend_wire_put_u32(wire, number);
    ck_assert_int_eq(tend_wire_hold(wire, &error), TEND_OK);
}

static void hear(uint16_t wanted, uint32_t number)
{
    uint16_t type;

    ck_assert(tend_wire_has_frame(there));
    ck_assert_int_eq(tend_wire_receive(there, 1000, &type, NULL, &error), TEND_OK);
    ck_assert_uint_eq(type, wanted);
    ck_assert_uint_eq(tend_wire_get_u32(there), number);
    ck_assert_int_eq(tend_wire_done(there, &error), TEND_OK);
}

START_TEST(what_came_before_an_answer_is_heard_after_it_in_order)
{
    uint16_t type;

    open_pair(false);
    for (uint32_t i = 0; i < 6; i++)
        say(here, i == 2 || i == 4 ? 9 : 1, i);
    ck_assert_uint_gt(tend_wire_held(here), 0);
    ck_assert_int_eq(tend_wire_flush(here, &error), TEND_OK);
    ck_assert_uint_eq(tend_wire_held(here), 0);
    ck_assert_int_eq(tend_wire_flush(here, &error), TEND_OK);
    ck_assert_int_eq(tend_wire_receive_only(there, 9, &error), TEND_OK);
    ck_assert_uint_eq(tend_wire_get_u32(there), 2);
    hear(1, 0);
    ck_assert_int_eq(tend_wire_receive_only(there, 9, &error), TEND_OK);
    ck_assert_uint_eq(tend_wire_get_u32(there), 4);
    hear(1, 1);
    hear(1, 3);
    hear(1, 5);
    ck_assert(!tend_wire_has_frame(there));
    ck_assert_int_eq(tend_wire_receive(there, 0, &type, NULL, &error), TEND_ELIMIT);
    say(here, 1, 6);
    tend_wire_close(here);
    here = NULL;
    ck_assert_int_eq(tend_wire_receive_only(there, 9, &error), TEND_ECLOSED);
    close_pair();
}
END_TEST

#define MUCH ((size_t)3 << 20)
static char much[MUCH];

static void *send_much_and_then_listen(void *self)
{
    uint16_t type;
    size_t length;

    (void)self;
    tend_wire_start(there, 2);
    tend_wire_put_text(there, much, MUCH);
    ck_assert_int_eq(tend_wire_send(there, -1, NULL), TEND_OK);
    ck_assert_int_eq(tend_wire_receive(there, -1, &type, NULL, NULL), TEND_OK);
    (void)tend_wire_get_text(there, &length);
    return length == MUCH ? there : NULL;
}

START_TEST(two_who_send_more_than_the_socket_holds_both_go_on)
{
    pthread_t thread;
    void *heard;
    uint16_t type;
    size_t length;

    memset(much, 'x', sizeof much);
    open_pair(false);
    tend_wire_read_while_sending(here);
    ck_assert_int_eq(pthread_create(&thread, NULL, send_much_and_then_listen, NULL), 0);
    tend_wire_start(here, 1);
    tend_wire_put_text(here, much, MUCH);
    ck_assert_int_eq(tend_wire_send(here, -1, &error), TEND_OK);
    ck_assert_int_eq(tend_wire_receive(here, -1, &type, NULL, &error), TEND_OK);
    ck_assert_uint_eq(type, 2);
    ck_assert_int_eq(memcmp(tend_wire_get_text(here, &length), much, MUCH), 0);
    ck_assert_uint_eq(length, MUCH);
    ck_assert_int_eq(pthread_join(thread, &heard), 0);
    ck_assert_ptr_eq(heard, there);
    close_pair();
}
END_TEST

START_TEST(byte_by_byte_is_a_frame_too)
{
    static const unsigned char frames[] = { 3, 0, 0, 0, 9, 1, 77, 2, 0, 0, 0, 5, 0 };
    uint16_t type;

    open_pair(true);
    for (size_t i = 0; i < 7; i++) {
        ck_assert(!tend_wire_has_frame(here));
        ck_assert_int_eq(tend_wire_receive(here, 0, &type, NULL, &error), TEND_ELIMIT);
        send_bare(frames + i, 1, NULL, 0);
    }
    ck_assert_int_eq(tend_wire_receive(here, 1000, &type, NULL, &error), TEND_OK);
    ck_assert_uint_eq(type, 265);
    ck_assert_uint_eq(tend_wire_get_u8(here), 77);
    send_bare(frames + 7, 6, NULL, 0);
    ck_assert(!tend_wire_has_frame(here));
    ck_assert_int_eq(tend_wire_receive(here, 1000, &type, NULL, &error), TEND_OK);
    ck_assert_uint_eq(type, 5);
    close_pair();
}
END_TEST

START_TEST(a_peer_that_is_gone_is_named)
{
    uint16_t type;

    open_pair(true);
    send_bare("\7\0\0", 3, NULL, 0);
    close(bare);
    bare = -1;
    ck_assert_int_eq(tend_wire_receive(here, 1000, &type, NULL, &error), TEND_ECLOSED);
    ck_assert_str_eq(error.text, "tend-host demo: it has ended in the middle of a message");
    tend_wire_start(here, 1);
    ck_assert_int_eq(tend_wire_send(here, -1, &error), TEND_ECLOSED); /* and no SIGPIPE */
    ck_assert_str_eq(error.text, "tend-host demo: it has ended");
    close_pair();
}
END_TEST

START_TEST(a_silent_peer_meets_the_deadline)
{
    uint16_t type;

    open_pair(true);
    ck_assert_int_eq(tend_wire_receive(here, 20, &type, NULL, &error), TEND_ELIMIT);
    ck_assert_str_eq(error.text, "tend-host demo: no answer within 20 ms");
    close_pair();
}
END_TEST

/* Otherwise an import waits awake for its connector, on the processor that the connector needs. */
START_TEST(who_receives_waits_awake_where_it_was_told_to_and_only_there)
{
    cpu_set_t set;
    uint16_t type;

    tend_spin_prepare(); /* as another wire of the process has done it */
    open_pair(true);
    yields = 0;
    ck_assert_int_eq(tend_wire_receive(here, 1, &type, NULL, &error), TEND_ELIMIT);
    ck_assert_int_eq(yields, 0);
    tend_wire_wait_awake(here);
    ck_assert_int_eq(tend_wire_receive(here, 1, &type, NULL, &error), TEND_ELIMIT);
    ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
    ck_assert_int_eq(yields > 0, CPU_COUNT(&set) > 1);
    close_pair();
}
END_TEST

START_TEST(a_message_past_the_limit_is_not_sent)
{
    static char large[TEND_WIRE_MAX];
    uint16_t type;

    open_pair(false);
    tend_wire_start(here, 1);
    tend_wire_put_text(here, large, sizeof large);
    ck_assert_int_eq(tend_wire_send(here, -1, &error), TEND_ELIMIT);
    tend_wire_start(here, 2);
    ck_assert_int_eq(tend_wire_send(here, -1, &error), TEND_OK);
    ck_assert_int_eq(tend_wire_receive(there, 1000, &type, NULL, &error), TEND_OK);
    ck_assert_uint_eq(type, 2);
    close_pair();
}
END_TEST

TESTS_WITH("base/wire", {
    tcase_add_test(tcase, every_kind_of_value_arrives_as_it_was_sent);
    tcase_add_test(tcase, frames_larger_than_the_socket_arrive_whole_under_signals);
    tcase_add_test(tcase, a_file_comes_with_its_own_frame);
    tcase_add_test(tcase, files_nobody_asked_for_are_closed);
    tcase_add_loop_test(tcase, a_length_that_lies_is_refused_at_once, 0, 4);
    tcase_add_loop_test(tcase, a_payload_that_lies_gives_zeros_and_is_told, 0, 7);
    tcase_add_test(tcase, what_is_held_comes_first_and_what_was_not_finished_never);
    tcase_add_test(tcase, what_came_before_an_answer_is_heard_after_it_in_order);
    tcase_add_test(tcase, two_who_send_more_than_the_socket_holds_both_go_on);
    tcase_add_test(tcase, byte_by_byte_is_a_frame_too);
    tcase_add_test(tcase, a_peer_that_is_gone_is_named);
    tcase_add_test(tcase, a_silent_peer_meets_the_deadline);
    tcase_add_test(tcase, who_receives_waits_awake_where_it_was_told_to_and_only_there);
    tcase_add_test(tcase, a_message_past_the_limit_is_not_sent);
})
