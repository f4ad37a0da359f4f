#include "base/hash.h"
#include "bus/packed.h"
#include "tests.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS 400

static tend_event events[EVENTS];
static tend_pack pack;
static tend_buffer bytes;

static void set_up(void)
{
    pack = (tend_pack){ 0 };
    bytes = (tend_buffer){ 0 };
}

static void tear_down(void)
{
    tend_buffer_clear(&bytes);
}

/* Rows that begin in one of two states, some alone and some side by side; every number at its ends, too. */
static void make_events(void)
{
    for (int i = 0; i < EVENTS; i++) {
        tend_event *event = &events[i];

        *event = (tend_event){ .kind = 7, .first = 1000 + 3 * i, .last = 1000 + 3 * i + i % 3, .recorded_at = 1700000000000 };
        (void)strcpy(event->topic, i % 5 ? "invoice.paid" : "invoice.open");
        if (event->first == event->last)
            event->account = 50 + i;
        event->shard = tend_shard_of(event->account);
    }
    events[7] = (tend_event){ .topic = "a",
                              .kind = INT32_MIN,
                              .first = INT64_MAX,
                              .last = INT64_MAX,
                              .account = INT64_MIN,
                              .cause = INT64_MAX,
                              .root = INT64_MIN,
                              .depth = INT32_MAX,
                              .is_history = true,
                              .recorded_at = INT64_MIN };
    events[7].shard = tend_shard_of(INT64_MIN);
    events[8] = (tend_event){ .topic = "a", .first = 1, .last = 1, .shard = tend_shard_of(0) };
    (void)memset(events[9].topic, 'x', TEND_TOPIC_ROOM - 1);
    events[9].topic[TEND_TOPIC_ROOM - 1] = '\0';
}

static void add_all(void)
{
    make_events();
    for (int i = 0; i < EVENTS; i++)
        ck_assert(tend_pack_add(&pack, &bytes, &events[i]));
    ck_assert(!bytes.failed);
}

static void check_same(const tend_event *a, const tend_event *b)
{
    ck_assert_str_eq(a->topic, b->topic);
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_int_eq(a->first, b->first);
    ck_assert_int_eq(a->last, b->last);
    ck_assert_int_eq(a->account, b->account);
    ck_assert_int_eq(a->shard, b->shard);
    ck_assert_int_eq(a->cause, b->cause);
    ck_assert_int_eq(a->root, b->root);
    ck_assert_int_eq(a->depth, b->depth);
    ck_assert_int_eq(a->is_history, b->is_history);
    ck_assert_int_eq(a->recorded_at, b->recorded_at);
}

START_TEST(events_come_out_as_they_went_in)
{
    const uint8_t *at, *end;
    tend_event event;

    add_all();
    pack = (tend_pack){ 0 };
    at = (const uint8_t *)bytes.bytes;
    end = at + bytes.length;
    for (int i = 0; i < EVENTS; i++) {
        ck_assert_int_eq(tend_pack_next(&pack, &at, end, &event), TEND_OK);
        check_same(&event, &events[i]);
    }
    ck_assert_ptr_eq(at, end);
    ck_assert_int_eq(tend_pack_next(&pack, &at, end, &event), TEND_ECORRUPT);
}
END_TEST

START_TEST(neighbours_take_a_few_bytes_each)
{
    add_all();
    ck_assert_uint_lt(bytes.length, EVENTS * 6);
}
END_TEST

START_TEST(a_pack_whose_topics_are_used_up_takes_those_that_it_has)
{
    tend_event event = { .first = 1, .last = 1 };
    size_t length;

    for (int i = 0; i < TEND_PACK_TOPICS; i++) {
        (void)snprintf(event.topic, sizeof event.topic, "t%d", i);
        ck_assert(tend_pack_add(&pack, &bytes, &event));
    }
    length = bytes.length;
    ck_assert(tend_pack_add(&pack, &bytes, &event));
    ck_assert_uint_gt(bytes.length, length);
    length = bytes.length;
    (void)strcpy(event.topic, "one more");
    ck_assert(!tend_pack_add(&pack, &bytes, &event));
    ck_assert_uint_eq(bytes.length, length);
}
END_TEST

/* Whatever stands there: events or a refusal, and never a byte beyond the end. */
static bool is_read_well(const uint8_t *at, const uint8_t *end)
{
    tend_event event;
    tend_status status = TEND_OK;
    bool is_good = true;

    pack.topic_count = 0;
    while (at < end && status == TEND_OK && is_good) {
        const uint8_t *before = at;

        status = tend_pack_next(&pack, &at, end, &event);
        is_good = at <= end && (status < 0 || (at > before && memchr(event.topic, '\0', TEND_TOPIC_ROOM)));
    }
    return is_good;
}

START_TEST(damaged_bytes_are_refused_or_other_events)
{
    char *copy;

    add_all();
    for (size_t length = 0; length < bytes.length; length += length < 400 ? 1 : 97) {
        copy = malloc(length > 0 ? length : 1); /* of this very size, so that a read beyond it is seen */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, bytes.bytes, length);
        ck_assert(is_read_well((const uint8_t *)copy, (const uint8_t *)copy + length));
        free(copy);
    }
    for (size_t i = 0; i < bytes.length; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes.bytes[i] ^= (char)(1 << bit);
            ck_assert(is_read_well((const uint8_t *)bytes.bytes, (const uint8_t *)bytes.bytes + bytes.length));
            bytes.bytes[i] ^= (char)(1 << bit);
        }
    }
}
END_TEST

TESTS_WITH("bus/packed", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, events_come_out_as_they_went_in);
    tcase_add_test(tcase, neighbours_take_a_few_bytes_each);
    tcase_add_test(tcase, a_pack_whose_topics_are_used_up_takes_those_that_it_has);
    tcase_add_test(tcase, damaged_bytes_are_refused_or_other_events);
})
