#include "folder.h"
#include "store/store.h"
#include "tests.h"

static test_folder folder;
static tend_error error;

static void set_up(void)
{
    test_folder_make(&folder);
    memset(&error, 0, sizeof error);
}

static void tear_down(void)
{
    test_folder_remove(&folder);
}

static tend_store *opened(tend_store_mode mode)
{
    tend_store *store = NULL;

    ck_assert_msg(tend_store_open(test_folder_path(&folder, "a.db"), mode, &store, &error) >= 0, "%s", error.text);
    return store;
}

static void run(tend_store *store, const char *sql)
{
    ck_assert_msg(tend_store_run(store, sql, &error) >= 0, "%s", error.text);
}

static int64_t number(tend_store *store, const char *sql)
{
    int64_t value = -1;

    ck_assert_msg(tend_store_number(store, sql, -2, &value, &error) >= 0, "%s", error.text);
    return value;
}

static void begin(tend_store *store)
{
    ck_assert_msg(tend_store_begin(store, &error) >= 0, "%s", error.text);
}

static void commit(tend_store *store)
{
    ck_assert_msg(tend_store_commit(store, &error) >= 0, "%s", error.text);
}

static tend_store *with_table(void)
{
    tend_store *store = opened(TEND_STORE_CREATE);

    run(store, "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)");
    return store;
}

START_TEST(what_does_not_wait_for_the_disk_is_a_transaction_like_others)
{
    tend_store *store = with_table(), *reader;

    ck_assert_int_eq(tend_store_begin_soft(store, &error), TEND_OK);
    run(store, "INSERT INTO t VALUES (1, 'a')");
    commit(store);
    ck_assert_int_eq(number(store, "PRAGMA synchronous"), 2); /* the next one waits */
    reader = opened(TEND_STORE_READ);
    ck_assert_int_eq(number(reader, "SELECT count(*) FROM t"), 1);
    tend_store_close(reader);
    ck_assert_int_eq(tend_store_begin_soft(store, &error), TEND_OK);
    run(store, "INSERT INTO t VALUES (2, 'b')");
    tend_store_rollback(store);
    begin(store);
    ck_assert_int_eq(tend_store_settle(store, &error), TEND_ERROR);
    ck_assert_str_eq(strrchr(error.text, '/'), "/a.db: a transaction is open; commit it first");
    ck_assert_int_eq(tend_store_begin_soft(store, &error), TEND_ERROR);
    commit(store);
    ck_assert_int_eq(tend_store_settle(store, &error), TEND_OK);
    ck_assert_int_eq(tend_store_begin_soft(store, &error), TEND_OK);
    run(store, "INSERT INTO t VALUES (3, 'c')");
    commit(store);
    tend_store_close(store);
    store = opened(TEND_STORE_WRITE);
    ck_assert_int_eq(number(store, "SELECT sum(id) FROM t"), 4);
    tend_store_close(store);
}
END_TEST

START_TEST(what_was_committed_is_there_after_reopening_and_what_was_not_is_not)
{
    tend_store *store = with_table();

    begin(store);
    run(store, "INSERT INTO t VALUES (1, 'kept')");
    commit(store);
    begin(store);
    run(store, "INSERT INTO t VALUES (2, 'dropped')");
    tend_store_close(store);

    store = opened(TEND_STORE_WRITE);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t"), 1);
    ck_assert_int_eq(number(store, "SELECT id FROM t WHERE text = 'kept'"), 1);
    tend_store_close(store);
}
END_TEST

START_TEST(closing_the_last_handle_leaves_the_database_and_its_lock_file_alone)
{
    tend_store *store = with_table();

    begin(store);
    run(store, "INSERT INTO t VALUES (1, 'kept')");
    commit(store);
    tend_store_close(store);
    ck_assert_int_ne(access(test_folder_path(&folder, "a.db-wal"), F_OK), 0);
    ck_assert_int_ne(access(test_folder_path(&folder, "a.db-shm"), F_OK), 0);
    ck_assert_int_ne(access(test_folder_path(&folder, "a.db.making"), F_OK), 0);
}
END_TEST

START_TEST(savepoints_are_a_stack)
{
    tend_store *store = with_table();

    begin(store);
    run(store, "INSERT INTO t VALUES (1, 'outside')");
    ck_assert_int_ge(tend_store_savepoint(store, &error), 0);
    run(store, "INSERT INTO t VALUES (2, 'kept')");
    ck_assert_int_ge(tend_store_savepoint(store, &error), 0);
    run(store, "INSERT INTO t VALUES (3, 'dropped')");
    tend_store_rollback_savepoint(store);
    ck_assert_int_ge(tend_store_release(store, &error), 0);
    commit(store);
    ck_assert_int_eq(number(store, "SELECT sum(id) FROM t"), 3);
    tend_store_close(store);
}
END_TEST

START_TEST(a_savepoint_needs_a_transaction)
{
    tend_store *store = with_table();
    char expected[1024];

    ck_assert_int_eq(tend_store_savepoint(store, &error), TEND_ERROR);
    (void)snprintf(expected, sizeof expected, "%s: a savepoint needs an open transaction", tend_store_path(store));
    ck_assert_str_eq(error.text, expected);
    ck_assert_int_eq(tend_store_release(store, &error), TEND_ERROR);
    ck_assert_int_eq(tend_store_commit(store, &error), TEND_ERROR);
    begin(store);
    ck_assert_int_eq(tend_store_begin(store, &error), TEND_ERROR);
    tend_store_close(store);
}
END_TEST

START_TEST(a_reader_sees_one_snapshot_until_it_lets_go)
{
    tend_store *writer = with_table();
    tend_store *reader = opened(TEND_STORE_READ);

    begin(reader);
    run(writer, "INSERT INTO t VALUES (1, 'later')");
    ck_assert_int_eq(number(reader, "SELECT count(*) FROM t"), 0);
    tend_store_rollback(reader);
    ck_assert_int_eq(number(reader, "SELECT count(*) FROM t"), 1);
    tend_store_close(reader);
    tend_store_close(writer);
}
END_TEST

START_TEST(a_snapshot_that_is_held_ends_where_a_transaction_begins)
{
    tend_store *store = with_table();

    tend_store_hold(store);
    tend_store_hold(store);
    ck_assert(!tend_store_in_transaction(store));
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t"), 0);
    begin(store);
    tend_store_hold(store);
    run(store, "INSERT INTO t VALUES (1, 'one')");
    tend_store_let_go(store);
    ck_assert_msg(tend_store_commit(store, &error) >= 0, "%s", error.text);
    tend_store_hold(store);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t"), 1);
    tend_store_let_go(store);
    tend_store_let_go(store);
    tend_store_hold(store);
    tend_store_close(store);
    store = opened(TEND_STORE_READ);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t"), 1);
    tend_store_close(store);
}
END_TEST

START_TEST(a_reader_cannot_write)
{
    tend_store *writer = with_table();
    tend_store *reader = opened(TEND_STORE_READ);

    ck_assert(!tend_store_can_write(reader));
    ck_assert(tend_store_can_write(writer));
    ck_assert_int_eq(tend_store_run(reader, "INSERT INTO t VALUES (1, 'no')", &error), TEND_EDENIED);
    tend_store_close(reader);
    ck_assert_int_eq(number(writer, "SELECT count(*) FROM t"), 0);
    tend_store_close(writer);
}
END_TEST

START_TEST(a_writer_that_closes_leaves_readers_their_data)
{
    tend_store *writer = with_table();
    tend_store *reader = opened(TEND_STORE_READ);

    begin(reader);
    run(writer, "INSERT INTO t VALUES (1, 'x')");
    tend_store_close(writer);
    ck_assert_int_eq(number(reader, "SELECT count(*) FROM t"), 0);
    tend_store_rollback(reader);
    ck_assert_int_eq(number(reader, "SELECT count(*) FROM t"), 1);
    tend_store_close(reader);
}
END_TEST

START_TEST(statements_keep_what_was_bound_and_give_it_back)
{
    tend_store *store = with_table();
    tend_statement *insert = NULL, *twin = NULL, *again = NULL;
    const char *sql = "INSERT INTO t VALUES (?1, ?2)";
    tend_value value = { .type = TEND_MONEY, .currency = "KRW", .integer = 7 };

    ck_assert_int_ge(tend_store_prepare(store, sql, &insert, &error), 0);
    ck_assert_int_ge(tend_store_prepare(store, sql, &twin, &error), 0);
    ck_assert_ptr_ne(insert, twin);
    tend_statement_bind_value(insert, 1, &value);
    tend_statement_bind_text(insert, 2, "sevenths", 5);
    ck_assert_msg(tend_statement_run(insert, &error) >= 0, "%s", error.text);
    tend_statement_end(insert);
    ck_assert_int_ge(tend_store_prepare(store, sql, &again, &error), 0);
    ck_assert_ptr_eq(again, insert);
    tend_statement_bind_int(again, 1, 8);
    ck_assert_int_ge(tend_statement_run(again, &error), 0);
    tend_statement_end(again);
    tend_statement_end(twin);
    ck_assert_int_eq(number(store, "SELECT id FROM t WHERE text = 'seven'"), 7);
    ck_assert_int_eq(number(store, "SELECT id FROM t WHERE text IS NULL"), 8);
    tend_store_close(store);
}
END_TEST

START_TEST(cells_come_back_as_they_were_bound)
{
    tend_store *store = opened(TEND_STORE_CREATE);
    tend_statement *statement = NULL;
    bool has_row = false;
    size_t length = 0;

    ck_assert_int_ge(tend_store_prepare(store, "SELECT ?1, ?2, ?3, ?4, ?5", &statement, &error), 0);
    ck_assert_int_eq(tend_statement_columns(statement), 5);
    tend_statement_bind_int(statement, 1, INT64_MIN);
    tend_statement_bind_text(statement, 2, "a\0b", 3);
    tend_statement_bind_bytes(statement, 3, "\xff\x00\xfe", 3);
    tend_statement_bind_null(statement, 4);
    tend_statement_bind_string(statement, 5, "");
    ck_assert_int_ge(tend_statement_step(statement, &has_row, &error), 0);
    ck_assert(has_row);
    ck_assert_int_eq(tend_statement_int(statement, 0), INT64_MIN);
    ck_assert_mem_eq(tend_statement_text(statement, 1, &length), "a\0b", 3);
    ck_assert_uint_eq(length, 3);
    ck_assert_mem_eq(tend_statement_bytes(statement, 2, &length), "\xff\x00\xfe", 3);
    ck_assert_uint_eq(length, 3);
    ck_assert(tend_statement_is_null(statement, 3));
    ck_assert_ptr_null(tend_statement_text(statement, 3, NULL));
    ck_assert(!tend_statement_is_null(statement, 4));
    ck_assert_str_eq(tend_statement_text(statement, 4, NULL), "");
    tend_statement_end(statement);
    tend_store_close(store);
}
END_TEST

START_TEST(a_parameter_that_is_not_there_is_told_by_the_step)
{
    tend_store *store = with_table();
    tend_statement *statement = NULL;
    char expected[1024];

    ck_assert_int_ge(tend_store_prepare(store, "INSERT INTO t VALUES (?1, ?2)", &statement, &error), 0);
    tend_statement_bind_int(statement, 1, 1);
    tend_statement_bind_int(statement, 3, 1);
    ck_assert_int_eq(tend_statement_run(statement, &error), TEND_ERROR);
    (void)snprintf(expected, sizeof expected, "%s: parameter 3 could not be set in: INSERT INTO t VALUES (?1, ?2)",
                   tend_store_path(store));
    ck_assert_str_eq(error.text, expected);
    tend_statement_end(statement);
    tend_store_close(store);
}
END_TEST

START_TEST(many_different_statements_do_not_fill_the_memory)
{
    tend_store *store = with_table();
    tend_statement *statement = NULL;
    char sql[64];

    for (int i = 0; i < 2000; i++) {
        bool has_row = false;

        (void)snprintf(sql, sizeof sql, "SELECT %d", i);
        ck_assert_int_ge(tend_store_prepare(store, sql, &statement, &error), 0);
        ck_assert_int_ge(tend_statement_step(statement, &has_row, &error), 0);
        ck_assert_int_eq(tend_statement_int(statement, 0), i);
        tend_statement_end(statement);
    }
    tend_store_close(store);
}
END_TEST

START_TEST(a_row_that_is_there_already_and_a_broken_rule_differ)
{
    tend_store *store = opened(TEND_STORE_CREATE);

    run(store, "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);"
               "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a);"
               "INSERT INTO a VALUES (1, 1)");
    ck_assert_int_eq(tend_store_run(store, "INSERT INTO a VALUES (1, 1)", &error), TEND_EEXISTS);
    ck_assert_int_eq(tend_store_run(store, "INSERT INTO a VALUES (2, NULL)", &error), TEND_EINVAL);
    ck_assert_int_eq(tend_store_run(store, "INSERT INTO b VALUES (1, 99)", &error), TEND_EINVAL);
    ck_assert_int_eq(tend_store_run(store, "SELECT nothing FROM a", &error), TEND_ERROR);
    ck_assert_int_eq(tend_store_run(store, "INSERT INTO a SELECT 5, \"n_typo\" FROM a", &error), TEND_ERROR);
    tend_store_close(store);
}
END_TEST

START_TEST(tables_columns_and_changes_are_known)
{
    tend_store *store = with_table();
    bool is_there;

    ck_assert(tend_store_has_table(store, "t"));
    ck_assert(!tend_store_has_table(store, "u"));
    ck_assert_int_eq(tend_store_look_for(store, "t", "text", &is_there, &error), TEND_OK);
    ck_assert(is_there);
    ck_assert_int_eq(tend_store_look_for(store, "t", "nothing", &is_there, &error), TEND_OK);
    ck_assert(!is_there);
    run(store, "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    ck_assert_int_eq(tend_store_changes(store), 3);
    ck_assert_int_eq(number(store, "SELECT id FROM t WHERE text = 'z'"), -2);
    ck_assert_int_gt(tend_store_bytes(store), 4096);
    ck_assert_int_ge(tend_store_check(store, &error), 0);
    tend_store_close(store);
}
END_TEST

static void add_one(void *self, const tend_value *arguments, tend_value *ret_value)
{
    const int64_t *by = self;

    if (arguments[0].type != TEND_INT)
        return;
    ret_value->type = TEND_INT;
    ret_value->integer = arguments[0].integer + *by + (int64_t)arguments[1].length;
}

START_TEST(a_defined_function_gets_and_gives_values)
{
    tend_store *store = opened(TEND_STORE_CREATE);
    int64_t by = 40;

    ck_assert_int_ge(tend_store_define(store, "more", 2, add_one, &by, &error), 0);
    ck_assert_int_eq(number(store, "SELECT more(1, 'x')"), 42);
    ck_assert_int_eq(number(store, "SELECT more(NULL, 'x')"), -2);
    tend_store_close(store);
}
END_TEST

START_TEST(a_function_defined_again_is_the_new_one_also_in_statements_that_are_kept)
{
    tend_store *store = opened(TEND_STORE_CREATE);
    int64_t by = 40, other = 50;

    ck_assert_int_ge(tend_store_define(store, "more", 2, add_one, &by, &error), 0);
    ck_assert_int_eq(number(store, "SELECT more(1, 'x')"), 42);
    ck_assert_int_ge(tend_store_define(store, "more", 2, add_one, &by, &error), 0);
    ck_assert_int_eq(number(store, "SELECT more(1, 'x')"), 42);
    ck_assert_int_ge(tend_store_define(store, "more", 2, add_one, &other, &error), 0);
    ck_assert_int_eq(number(store, "SELECT more(1, 'x')"), 52);
    tend_store_close(store);
}
END_TEST

START_TEST(small_settings_survive_and_the_key_is_the_stores_own)
{
    tend_store *store = opened(TEND_STORE_CREATE);
    tend_store *other = NULL;
    tend_arena *arena = tend_arena_new();
    const char *text = NULL, *key = NULL, *other_key = NULL;

    ck_assert_int_ge(tend_store_meta_get(store, arena, "key", &key, &error), 0);
    ck_assert_uint_eq(strspn(key, "0123456789abcdef"), 32);
    ck_assert_uint_eq(strlen(key), 32);
    ck_assert_int_eq(tend_store_meta_get(store, arena, "created_at", &text, &error), TEND_ENOTFOUND);
    ck_assert_int_ge(tend_store_meta_set(store, "created_at", "first", &error), 0);
    ck_assert_int_ge(tend_store_meta_set(store, "created_at", "second", &error), 0);
    tend_store_close(store);
    store = opened(TEND_STORE_READ);
    ck_assert_int_ge(tend_store_meta_get(store, arena, "created_at", &text, &error), 0);
    ck_assert_str_eq(text, "second");
    ck_assert_int_ge(tend_store_open(test_folder_path(&folder, "b.db"), TEND_STORE_CREATE, &other, &error), 0);
    ck_assert_int_ge(tend_store_meta_get(other, arena, "key", &other_key, &error), 0);
    ck_assert_str_ne(key, other_key);
    tend_store_close(other);
    tend_store_close(store);
    tend_arena_free(arena);
}
END_TEST

static tend_status collect(void *self, const char *text, size_t length)
{
    char *all = self;

    ck_assert_uint_eq(strlen(text), length);
    strcat(strcat(all, text), "\n");
    return TEND_OK;
}

START_TEST(equal_contents_give_equal_dumps)
{
    static const char *const except[] = { "meta", "sequences", NULL };
    tend_store *one = opened(TEND_STORE_CREATE), *two = NULL;
    char first[1024] = "", second[1024] = "";

    ck_assert_int_ge(tend_store_open(test_folder_path(&folder, "b.db"), TEND_STORE_CREATE, &two, &error), 0);
    run(one, "CREATE TABLE z (id INTEGER PRIMARY KEY, b TEXT, a INTEGER); CREATE TABLE y (k TEXT, v BLOB, PRIMARY KEY (k));"
             "CREATE TABLE x (n INTEGER);"
             "INSERT INTO z VALUES (2, 'say \"hi\"\n', 5), (1, NULL, -1); INSERT INTO y VALUES ('b', x'00ff'), ('a', NULL);"
             "INSERT INTO x VALUES (10), (9)");
    run(two, "CREATE TABLE x (n INTEGER); INSERT INTO x VALUES (9), (10);"
             "CREATE TABLE y (k TEXT, v BLOB, PRIMARY KEY (k)); CREATE TABLE z (id INTEGER PRIMARY KEY, a INTEGER);"
             "INSERT INTO y VALUES ('a', NULL), ('gone', NULL), ('b', x'00ff'); DELETE FROM y WHERE k = 'gone';"
             "ALTER TABLE z ADD COLUMN b TEXT; INSERT INTO z VALUES (1, -1, NULL), (2, 5, 'say \"hi\"\n')");
    ck_assert_msg(tend_store_dump(one, except, collect, first, &error) >= 0, "%s", error.text);
    ck_assert_int_ge(tend_store_dump(two, except, collect, second, &error), 0);
    ck_assert_str_eq(first, "x n=9\n"
                            "x n=10\n"
                            "y k=\"a\" v=null\n"
                            "y k=\"b\" v=x'00ff'\n"
                            "z a=-1 b=null id=1\n"
                            "z a=5 b=\"say \\\"hi\\\"\\x0a\" id=2\n");
    ck_assert_str_eq(first, second);
    tend_store_close(one);
    tend_store_close(two);
}
END_TEST

START_TEST(a_copy_holds_what_is_committed_and_its_mark_stays)
{
    tend_store *store = with_table();
    tend_store *reader = opened(TEND_STORE_READ), *copy = NULL;
    const char *path = test_folder_path(&folder, "copy.db");

    run(store, "INSERT INTO t VALUES (1, 'x')");
    begin(store);
    run(store, "INSERT INTO t VALUES (2, 'y')");
    ck_assert_int_eq(tend_store_copy(store, path, true, &error), TEND_ERROR);
    ck_assert_msg(tend_store_copy(reader, path, true, &error) >= 0, "%s", error.text);
    commit(store);
    ck_assert_int_ne(access(test_folder_path(&folder, "copy.db-wal"), F_OK), 0);
    ck_assert_int_ne(access(test_folder_path(&folder, "copy.db.copying"), F_OK), 0);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_WRITE, &copy, &error), 0);
    ck_assert(tend_store_is_simulated(copy));
    ck_assert(!tend_store_is_simulated(store));
    ck_assert_int_eq(number(copy, "SELECT count(*) FROM t"), 1);
    ck_assert_int_ge(tend_store_check(copy, &error), 0);
    tend_store_close(copy);
    ck_assert_int_eq(tend_store_copy(store, path, false, &error), TEND_EEXISTS);
    path = test_folder_path(&folder, "plain.db");
    ck_assert_int_ge(tend_store_copy(store, path, false, &error), 0);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_READ, &copy, &error), 0);
    ck_assert(!tend_store_is_simulated(copy));
    ck_assert_int_eq(number(copy, "SELECT count(*) FROM t"), 2);
    tend_store_close(copy);
    tend_store_close(reader);
    tend_store_close(store);
}
END_TEST

/* How many files there are of a store. */
static int names_with(const char *name)
{
    static const char *const tails[] = { "", "-journal", "-wal", "-shm", ".lock" };
    int found = 0;

    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        char whole[64];

        (void)snprintf(whole, sizeof whole, "%s%s", name, tails[i]);
        found += access(test_folder_path(&folder, whole), F_OK) == 0;
    }
    return found;
}

START_TEST(a_copy_is_removed_with_all_that_stands_beside_it)
{
    tend_store *store = with_table(), *copy = NULL;
    const char *path = test_folder_path(&folder, "copy.db");
    int others;

    ck_assert_int_ge(tend_store_copy(store, path, true, &error), 0);
    ck_assert_int_ge(tend_store_open(path, TEND_STORE_WRITE, &copy, &error), 0);
    run(copy, "INSERT INTO t VALUES (1, 'x')");
    ck_assert_int_ge(names_with("copy.db"), 3); /* itself, what was written ahead, the lock */
    tend_store_close(copy);
    tend_store_close(store);
    test_folder_write_text(&folder, "copy.db-wal", "left behind");
    test_folder_write_text(&folder, "copy.db-shm", "left behind");
    others = names_with("a.db");
    ck_assert_int_gt(others, 0);
    tend_store_remove_copy(test_folder_path(&folder, "copy.db"));
    ck_assert_int_eq(names_with("copy.db"), 0);
    ck_assert_int_eq(names_with("a.db"), others);
    tend_store_remove_copy(test_folder_path(&folder, "copy.db"));
}
END_TEST

START_TEST(a_store_marked_as_simulated_stays_so)
{
    tend_store *store = opened(TEND_STORE_CREATE);

    begin(store);
    ck_assert_int_ge(tend_store_mark_simulated(store, &error), 0);
    tend_store_rollback(store);
    ck_assert(!tend_store_is_simulated(store));
    ck_assert_int_ge(tend_store_mark_simulated(store, &error), 0);
    tend_store_close(store);
    store = opened(TEND_STORE_WRITE);
    ck_assert(tend_store_is_simulated(store));
    tend_store_close(store);
}
END_TEST

START_TEST(rows_that_are_given_at_once_stand_as_they_were_given)
{
    static const char *const columns[] = { "id", "a", "b" };
    tend_value values[] = {
        { .type = TEND_INT, .integer = 3 },
        { .type = TEND_TEXT, .text = "xyz", .length = 2 },
        { .type = TEND_NULL },
        { .type = TEND_INT, .integer = 1 },
        { .type = TEND_NULL },
        { .type = TEND_NULL },
        { .type = TEND_REF, .integer = 1000 },
        { .type = TEND_BOOL, .integer = 1 },
        { .type = TEND_NULL },
    };
    tend_store *store = opened(TEND_STORE_CREATE);

    run(store, "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b DEFAULT 'own')");
    begin(store);
    ck_assert_int_eq(tend_store_insert(store, "t", columns, 3, values, 3, &error), TEND_OK);
    ck_assert_int_eq(tend_store_insert(store, "t", columns, 3, values, 0, &error), TEND_OK);
    ck_assert_int_eq(tend_store_insert(store, "t", columns, 3, values + 3, 1, &error), TEND_EEXISTS);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t"), 3);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t WHERE a='xy' AND id=3"), 1);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t WHERE a IS NULL AND id=1"), 1);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t WHERE a=1 AND id=1000"), 1);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM t WHERE b='own'"), 3);
    ck_assert_int_eq(number(store, "SELECT count(*) FROM tend_rows"), 0);
    tend_store_rollback(store);
    tend_store_close(store);
}
END_TEST

TESTS_WITH("store/store", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_does_not_wait_for_the_disk_is_a_transaction_like_others);
    tcase_add_test(tcase, what_was_committed_is_there_after_reopening_and_what_was_not_is_not);
    tcase_add_test(tcase, closing_the_last_handle_leaves_the_database_and_its_lock_file_alone);
    tcase_add_test(tcase, savepoints_are_a_stack);
    tcase_add_test(tcase, a_savepoint_needs_a_transaction);
    tcase_add_test(tcase, a_reader_sees_one_snapshot_until_it_lets_go);
    tcase_add_test(tcase, a_snapshot_that_is_held_ends_where_a_transaction_begins);
    tcase_add_test(tcase, a_reader_cannot_write);
    tcase_add_test(tcase, a_writer_that_closes_leaves_readers_their_data);
    tcase_add_test(tcase, statements_keep_what_was_bound_and_give_it_back);
    tcase_add_test(tcase, cells_come_back_as_they_were_bound);
    tcase_add_test(tcase, a_parameter_that_is_not_there_is_told_by_the_step);
    tcase_add_test(tcase, many_different_statements_do_not_fill_the_memory);
    tcase_add_test(tcase, a_row_that_is_there_already_and_a_broken_rule_differ);
    tcase_add_test(tcase, tables_columns_and_changes_are_known);
    tcase_add_test(tcase, a_defined_function_gets_and_gives_values);
    tcase_add_test(tcase, a_function_defined_again_is_the_new_one_also_in_statements_that_are_kept);
    tcase_add_test(tcase, small_settings_survive_and_the_key_is_the_stores_own);
    tcase_add_test(tcase, equal_contents_give_equal_dumps);
    tcase_add_test(tcase, a_copy_holds_what_is_committed_and_its_mark_stays);
    tcase_add_test(tcase, a_copy_is_removed_with_all_that_stands_beside_it);
    tcase_add_test(tcase, a_store_marked_as_simulated_stays_so);
    tcase_add_test(tcase, rows_that_are_given_at_once_stand_as_they_were_given);
})
