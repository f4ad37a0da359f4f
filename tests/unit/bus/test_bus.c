#include "base/hash.h"
#include "bus/bus.h"
#include "folder.h"
#include "tests.h"

static test_folder folder;
static tend_error error;
static tend_store *store;
static tend_bus *bus;

static void open_all(void)
{
    ck_assert_msg(tend_store_open(test_folder_path(&folder, "a.db"), TEND_STORE_CREATE, &store, &error) >= 0, "%s", error.text);
    ck_assert_msg(tend_bus_open(store, &bus, &error) >= 0, "%s", error.text);
}

static void close_all(void)
{
    tend_bus_close(bus);
    tend_store_close(store);
}

static void set_up(void)
{
    test_folder_make(&folder);
    memset(&error, 0, sizeof error);
    open_all();
}

static void tear_down(void)
{
    close_all();
    test_folder_remove(&folder);
}

static void begin(void)
{
    ck_assert_msg(tend_store_begin(store, &error) >= 0, "%s", error.text);
}

static void commit(void)
{
    ck_assert_msg(tend_store_commit(store, &error) >= 0, "%s", error.text);
}

static tend_event event_of(const char *topic, int64_t first, int64_t last)
{
    tend_event event = { .kind = 3, .first = first, .last = last, .recorded_at = 1000 };

    strcpy(event.topic, topic);
    return event;
}

static int64_t publish(tend_event event, bool is_held)
{
    int64_t sequence = -1;

    ck_assert_msg(tend_bus_publish(bus, &event, is_held, &sequence, &error) >= 0, "%s", error.text);
    return sequence;
}

/* The topics after the position of `subscriber`, with a blank after each. */
static const char *topics(const char *subscriber)
{
    static char text[1024];
    tend_event events[32];
    size_t count = 99;

    text[0] = '\0';
    ck_assert_msg(tend_bus_read(bus, subscriber, events, 32, &count, &error) >= 0, "%s", error.text);
    for (size_t i = 0; i < count; i++)
        strcat(strcat(text, events[i].topic), " ");
    return text;
}

START_TEST(events_are_read_in_the_order_they_were_committed_also_after_a_restart)
{
    begin();
    publish(event_of("a", 1, 1), false);
    publish(event_of("b", 1, 1), false);
    commit();
    close_all();
    open_all();
    begin();
    publish(event_of("c", 1, 1), false);
    commit();
    ck_assert_str_eq(topics("one"), "a b c ");
}
END_TEST

START_TEST(an_event_comes_back_as_it_was_published)
{
    tend_event event = event_of("contract.created", 10, 12), read = { 0 };
    size_t count = 0;

    event.account = 77;
    event.is_history = true;
    event.batch = 5;
    begin();
    event.sequence = publish(event, false);
    commit();
    ck_assert_int_ge(tend_bus_read(bus, "one", &read, 1, &count, &error), 0);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(read.sequence, event.sequence);
    ck_assert_str_eq(read.topic, "contract.created");
    ck_assert_int_eq(read.kind, 3);
    ck_assert_int_eq(read.first, 10);
    ck_assert_int_eq(read.last, 12);
    ck_assert_int_eq(read.account, 77);
    ck_assert_int_eq(read.shard, tend_shard_of(77));
    ck_assert_int_eq(read.cause, 0);
    ck_assert_int_eq(read.root, event.sequence);
    ck_assert_int_eq(read.depth, 0);
    ck_assert_int_eq(read.batch, 5);
    ck_assert(read.is_history);
    ck_assert_int_eq(read.recorded_at, 1000);
}
END_TEST

START_TEST(what_was_not_advanced_is_read_again)
{
    int64_t first, position = -1;

    begin();
    first = publish(event_of("a", 1, 1), false);
    publish(event_of("b", 1, 1), false);
    commit();
    begin();
    ck_assert_int_ge(tend_bus_advance(bus, "one", first, &error), 0);
    tend_store_rollback(store);
    ck_assert_str_eq(topics("one"), "a b ");
    begin();
    ck_assert_int_ge(tend_bus_advance(bus, "one", first, &error), 0);
    commit();
    ck_assert_str_eq(topics("one"), "b ");
    ck_assert_str_eq(topics("other"), "a b ");
    ck_assert_int_ge(tend_bus_position(bus, "one", &position, &error), 0);
    ck_assert_int_eq(position, first);
}
END_TEST

START_TEST(a_subscriber_does_not_go_back)
{
    int64_t first, second;
    char expected[1024];

    begin();
    first = publish(event_of("a", 1, 1), false);
    second = publish(event_of("b", 1, 1), false);
    ck_assert_int_ge(tend_bus_advance(bus, "one", second, &error), 0);
    ck_assert_int_ge(tend_bus_advance(bus, "one", second, &error), 0);
    ck_assert_int_eq(tend_bus_advance(bus, "one", first, &error), TEND_ECONFLICT);
    (void)snprintf(expected, sizeof expected, "%s: subscriber one: is past event %lld already", tend_store_path(store),
                   (long long)first);
    ck_assert_str_eq(error.text, expected);
    commit();
}
END_TEST

START_TEST(nothing_is_delivered_before_the_commit)
{
    int64_t rows = -1;

    begin();
    publish(event_of("a", 1, 5), false);
    commit();
    begin();
    publish(event_of("b", 1, 1), false);
    publish(event_of("c", 1, 1), false);
    ck_assert_str_eq(topics("one"), "a ");
    ck_assert_int_ge(tend_bus_backlog(bus, "one", &rows, &error), 0);
    ck_assert_int_eq(rows, 5);
    tend_store_rollback(store);
    ck_assert_str_eq(topics("one"), "a ");
    begin();
    publish(event_of("d", 1, 1), false);
    commit();
    begin();
    ck_assert_str_eq(topics("one"), "a d ");
    tend_store_rollback(store);
}
END_TEST

START_TEST(a_new_subscriber_starts_at_its_line)
{
    int64_t line = 0;

    begin();
    publish(event_of("old", 1, 1), false);
    commit();
    ck_assert_int_ge(tend_bus_last(bus, &line, &error), 0);
    begin();
    ck_assert_int_ge(tend_bus_subscribe(bus, "late", line, &error), 0);
    publish(event_of("new", 1, 1), false);
    ck_assert_int_ge(tend_bus_subscribe(bus, "late", 0, &error), 0);
    commit();
    ck_assert_str_eq(topics("late"), "new ");
}
END_TEST

START_TEST(held_events_come_after_what_was_committed_in_between)
{
    tend_event held = event_of("held1", 1, 10);
    int64_t released = -1;

    held.batch = 9;
    begin();
    ck_assert_int_eq(publish(held, true), 0);
    strcpy(held.topic, "held2");
    publish(held, true);
    held.batch = 10;
    strcpy(held.topic, "other");
    publish(held, true);
    commit();
    begin();
    publish(event_of("between", 1, 1), false);
    commit();
    ck_assert_str_eq(topics("one"), "between ");
    begin();
    ck_assert_int_ge(tend_bus_release(bus, 9, &released, &error), 0);
    commit();
    ck_assert_int_eq(released, 2);
    ck_assert_str_eq(topics("one"), "between held1 held2 ");
    begin();
    ck_assert_int_ge(tend_bus_release(bus, 9, &released, &error), 0);
    commit();
    ck_assert_int_eq(released, 0);
    ck_assert_str_eq(topics("one"), "between held1 held2 ");
    begin();
    ck_assert_int_ge(tend_bus_release(bus, 10, &released, &error), 0); /* now the only one */
    commit();
    ck_assert_int_eq(released, 1);
    ck_assert_str_eq(topics("one"), "between held1 held2 other ");
    begin();
    ck_assert_int_ge(tend_bus_release(bus, 10, &released, &error), 0);
    commit();
    ck_assert_int_eq(released, 0);
}
END_TEST

START_TEST(many_at_once_are_what_one_after_the_other_is)
{
    tend_event events[3] = { event_of("a", 1, 4), event_of("b", 5, 5), event_of("c", 0, 0) }, read[8];
    size_t count = 0;

    begin();
    events[1].cause = publish(event_of("cause", 1, 1), false);
    events[1].account = 17;
    ck_assert_int_ge(tend_bus_publish_many(bus, events, 3, false, &error), 0);
    ck_assert_int_ge(tend_bus_publish_many(bus, events, 0, false, &error), 0);
    ck_assert_str_eq(topics("one"), "");
    commit();
    ck_assert_str_eq(topics("one"), "cause a b c ");
    ck_assert_int_ge(tend_bus_read(bus, "one", read, 8, &count, &error), 0);
    ck_assert_uint_eq(count, 4);
    ck_assert_int_eq(read[1].last, 4);
    ck_assert_int_eq(read[1].root, read[1].sequence);
    ck_assert_int_eq(read[2].root, read[0].sequence);
    ck_assert_int_eq(read[2].depth, 1);
    ck_assert_uint_eq(read[2].shard, tend_shard_of(17));
    ck_assert_int_eq(read[3].recorded_at, 1000);
    begin();
    ck_assert_int_eq(tend_bus_publish_many(bus, events, 3, true, &error), TEND_EINVAL);
    ck_assert_ptr_nonnull(strstr(error.text, "event a: only an event of a batch can be held"));
    tend_store_rollback(store);
}
END_TEST

START_TEST(a_released_event_keeps_its_chain)
{
    tend_event event = event_of("held", 1, 1), read[4];
    size_t count = 0;
    int64_t cause;

    begin();
    cause = publish(event_of("cause", 1, 1), false);
    event.batch = 1;
    event.cause = cause;
    publish(event, true);
    event.cause = 0;
    publish(event, true);
    ck_assert_int_ge(tend_bus_release(bus, 1, NULL, &error), 0);
    commit();
    ck_assert_int_ge(tend_bus_read(bus, "one", read, 4, &count, &error), 0);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(read[1].root, cause);
    ck_assert_int_eq(read[1].depth, 1);
    ck_assert_int_eq(read[2].root, read[2].sequence);
    ck_assert_int_eq(read[2].depth, 0);
}
END_TEST

START_TEST(a_chain_of_causes_ends_at_its_limit)
{
    tend_event event = event_of("loop", 1, 1), read;
    char expected[1024];
    int64_t root, last;

    begin();
    root = last = publish(event, false);
    for (int depth = 1; depth <= TEND_DEPTH_MAX; depth++) {
        event.cause = last;
        last = publish(event, false);
        ck_assert_int_ge(tend_bus_get(bus, last, &read, &error), 0);
        ck_assert_int_eq(read.depth, depth);
        ck_assert_int_eq(read.root, root);
    }
    event.cause = last;
    ck_assert_int_eq(tend_bus_publish(bus, &event, false, &last, &error), TEND_ELIMIT);
    (void)snprintf(expected, sizeof expected,
                   "%s: event loop: is the end of a chain of 16 causes that began with event %lld; look for playbooks that start "
                   "each other",
                   tend_store_path(store), (long long)root);
    ck_assert_str_eq(error.text, expected);
    commit();
    ck_assert_int_eq(tend_bus_get(bus, event.cause + 1, &read, &error), TEND_ENOTFOUND);
}
END_TEST

START_TEST(a_backlog_counts_expanded_rows)
{
    int64_t rows = -1, sequence;

    begin();
    sequence = publish(event_of("a", 100, 199), false);
    publish(event_of("b", 7, 7), false);
    publish(event_of("tick", 0, 0), false);
    commit();
    ck_assert_int_ge(tend_bus_backlog(bus, "one", &rows, &error), 0);
    ck_assert_int_eq(rows, 102);
    begin();
    ck_assert_int_ge(tend_bus_advance(bus, "one", sequence, &error), 0);
    commit();
    ck_assert_int_ge(tend_bus_backlog(bus, "one", &rows, &error), 0);
    ck_assert_int_eq(rows, 2);
}
END_TEST

START_TEST(publishing_needs_a_transaction_a_topic_and_a_range)
{
    tend_event event = event_of("a", 1, 1);
    int64_t sequence = -1;

    ck_assert_int_eq(tend_bus_publish(bus, &event, false, &sequence, &error), TEND_ERROR);
    ck_assert_int_eq(tend_bus_advance(bus, "one", 1, &error), TEND_ERROR);
    ck_assert_int_eq(tend_bus_release(bus, 1, NULL, &error), TEND_ERROR);
    begin();
    event = event_of("a", 5, 4);
    ck_assert_int_eq(tend_bus_publish(bus, &event, false, &sequence, &error), TEND_EINVAL);
    event = event_of("", 1, 1);
    ck_assert_int_eq(tend_bus_publish(bus, &event, false, &sequence, &error), TEND_EINVAL);
    event = event_of("a", 1, 1);
    ck_assert_int_eq(tend_bus_publish(bus, &event, true, &sequence, &error), TEND_EINVAL);
    event.cause = 12345;
    ck_assert_int_eq(tend_bus_publish(bus, &event, false, &sequence, &error), TEND_ENOTFOUND);
    ck_assert_int_eq(sequence, -1);
    commit();
    ck_assert_str_eq(topics("one"), "");
}
END_TEST

START_TEST(a_reader_sees_what_the_writer_committed)
{
    tend_store *reader = NULL;
    tend_bus *reading = NULL;
    tend_event event;
    size_t count = 0;

    begin();
    publish(event_of("a", 1, 1), false);
    commit();
    ck_assert_int_ge(tend_store_open(tend_store_path(store), TEND_STORE_READ, &reader, &error), 0);
    ck_assert_int_ge(tend_bus_open(reader, &reading, &error), 0);
    ck_assert_int_ge(tend_bus_read(reading, "one", &event, 1, &count, &error), 0);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(event.topic, "a");
    tend_bus_close(reading);
    tend_store_close(reader);
}
END_TEST

static const char older_store[] =
    "DROP TABLE held_events;"
    "CREATE TABLE events_held (held INTEGER PRIMARY KEY, topic TEXT NOT NULL, kind INTEGER NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, account INTEGER NOT NULL, shard INTEGER NOT NULL, cause INTEGER NOT NULL, root INTEGER NOT NULL,"
    " depth INTEGER NOT NULL, batch INTEGER NOT NULL, is_history INTEGER NOT NULL, recorded_at INTEGER NOT NULL) STRICT;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)"
    " INSERT INTO events_held SELECT 2 * i, 'invoice.paid', 3, i, i + 1, i % 7, 0, 0, 0, 0, 9, i % 2, 1000 + i FROM n;"
    "INSERT INTO events_held VALUES (4000, 'other', 3, 1, 1, 0, 0, 0, 0, 0, 10, 0, 5)";

START_TEST(what_an_older_store_holds_back_is_released)
{
    tend_event events[16];
    size_t count = 16, told = 0;
    int64_t released = 0, position = 0;

    ck_assert_int_ge(tend_store_run(store, older_store, &error), 0);
    close_all();
    open_all();
    ck_assert(!tend_store_has_table(store, "events_held"));
    begin();
    ck_assert_int_ge(tend_bus_release(bus, 9, &released, &error), 0);
    commit();
    ck_assert_int_eq(released, 1500);
    while (count == 16) {
        ck_assert_int_ge(tend_bus_read(bus, "one", events, 16, &count, &error), 0);
        for (size_t i = 0; i < count; i++) {
            const int64_t number = (int64_t)++told;

            ck_assert_str_eq(events[i].topic, "invoice.paid");
            ck_assert_int_eq(events[i].kind, 3);
            ck_assert_int_eq(events[i].first, number);
            ck_assert_int_eq(events[i].last, number + 1);
            ck_assert_int_eq(events[i].account, number % 7);
            ck_assert_int_eq(events[i].batch, 9);
            ck_assert_int_eq(events[i].root, events[i].sequence);
            ck_assert_int_eq(events[i].is_history, number % 2);
            ck_assert_int_eq(events[i].recorded_at, 1000 + number);
            position = events[i].sequence;
        }
        begin();
        ck_assert_int_ge(tend_bus_advance(bus, "one", position, &error), 0);
        commit();
    }
    ck_assert_uint_eq(told, 1500);
    begin();
    ck_assert_int_ge(tend_bus_release(bus, 10, &released, &error), 0);
    commit();
    ck_assert_int_eq(released, 1);
    ck_assert_str_eq(topics("one"), "other ");
}
END_TEST

START_TEST(damaged_held_events_are_told_and_not_invented)
{
    tend_event held = event_of("held", 1, 1);

    held.batch = 9;
    begin();
    publish(held, true);
    commit();
    ck_assert_int_ge(tend_store_run(store, "UPDATE held_events SET packed = CAST(packed || x'00' AS BLOB)", &error), 0);
    begin();
    ck_assert_int_eq(tend_bus_release(bus, 9, NULL, &error), TEND_ECORRUPT);
    tend_store_rollback(store);
    ck_assert_ptr_nonnull(strstr(error.text, "events held back for batch 9 are damaged"));
    ck_assert_str_eq(topics("one"), "");
}
END_TEST

TESTS_WITH("bus/bus", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, events_are_read_in_the_order_they_were_committed_also_after_a_restart);
    tcase_add_test(tcase, an_event_comes_back_as_it_was_published);
    tcase_add_test(tcase, what_was_not_advanced_is_read_again);
    tcase_add_test(tcase, a_subscriber_does_not_go_back);
    tcase_add_test(tcase, nothing_is_delivered_before_the_commit);
    tcase_add_test(tcase, a_new_subscriber_starts_at_its_line);
    tcase_add_test(tcase, held_events_come_after_what_was_committed_in_between);
    tcase_add_test(tcase, what_an_older_store_holds_back_is_released);
    tcase_add_test(tcase, damaged_held_events_are_told_and_not_invented);
    tcase_add_test(tcase, many_at_once_are_what_one_after_the_other_is);
    tcase_add_test(tcase, a_released_event_keeps_its_chain);
    tcase_add_test(tcase, a_chain_of_causes_ends_at_its_limit);
    tcase_add_test(tcase, a_backlog_counts_expanded_rows);
    tcase_add_test(tcase, publishing_needs_a_transaction_a_topic_and_a_range);
    tcase_add_test(tcase, a_reader_sees_what_the_writer_committed);
})
