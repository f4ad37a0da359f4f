/* Keys that come in order, of which no table is kept until one does not: what is told of them is the same. */
#include "sync_fixture.h"

#define ROWS 600

static sync_fixture s;
static tend_buffer file;

static const char several[] = "[mapping]\nsource = demo\n[stream.accounts]\nfile = accounts*.csv\nkind = account\nkey = id\n"
                              "[fields.accounts]\nname = name\n";

static void set_up(void)
{
    sync_fixture_open(&s);
    use_mapping_text(&s, "[mapping]\nsource = demo\n[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                         "[fields.accounts]\nname = name\n");
    s.options.keeps_good = true;
    file = (tend_buffer){ 0 };
    tend_buffer_text(&file, "id,name\n");
}

static void tear_down(void)
{
    tend_buffer_clear(&file);
    sync_fixture_close(&s);
}

/* Lines 2 to ROWS + 1. */
static void write_rising(const char *form)
{
    for (int i = 1; i <= ROWS; i++) {
        tend_buffer_print(&file, form, i);
        tend_buffer_print(&file, ",name %d\n", i);
    }
}

static void import_all(void)
{
    import_text(&s, "accounts.csv", tend_buffer_string(&file));
}

START_TEST(a_key_that_comes_again_is_found_behind_any_number_in_order)
{
    write_rising("C%04d");
    tend_buffer_text(&file, "C0300,name 300\nC0400,another\nC9999,last\n");
    import_all();
    ck_assert_str_eq(counts(&s), "603 601 0 1 1");
    ck_assert_str_eq(note(&s, false, 0), "602 -: the same record stands at line 301; counted as unchanged");
    ck_assert_str_eq(note(&s, true, 0),
                     "603 id: the key 'C0400' was already read at line 401; give each record its own, or write in the mapping "
                     "repeats = last (the later one counts) or number (each is kept)");
    ck_assert_int_eq(sql_number(&s, "SELECT count(DISTINCT external) FROM accounts"), 601);
}
END_TEST

START_TEST(a_key_below_the_highest_that_nobody_has_is_new)
{
    write_rising("C%04d0");
    tend_buffer_text(&file, "C00015,between\nC00015,again\nC00025,between\n");
    import_all();
    ck_assert_str_eq(counts(&s), "603 602 0 0 1");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE name='between'"), 2);
    ck_assert_ptr_nonnull(strstr(note(&s, true, 0), "603 id: the key 'C00015' was already read at line 602;"));
}
END_TEST

START_TEST(shorter_keys_first_is_an_order_too)
{
    write_rising("c%d");
    tend_buffer_text(&file, "c10,ten\n");
    import_all();
    ck_assert_str_eq(counts(&s), "601 600 0 0 1");
    ck_assert_ptr_nonnull(strstr(note(&s, true, 0), "602 id: the key 'c10' was already read at line 11;"));
}
END_TEST

START_TEST(the_two_orders_are_not_mixed)
{
    /* Each key stands above the one before it in one of the orders, and the last is the first. */
    tend_buffer_text(&file, "b,1\naa,2\nab,3\nb,4\n");
    import_all();
    ck_assert_str_eq(counts(&s), "4 3 0 0 1");
    ck_assert_ptr_nonnull(strstr(note(&s, true, 0), "5 id: the key 'b' was already read at line 2;"));
}
END_TEST

START_TEST(keys_that_look_alike_are_said_behind_any_number_in_order)
{
    write_rising("c%03d");
    tend_buffer_text(&file, "cC5,one\nd1,two\nd2,three\ndD,four\nda,five\ndd,six\n");
    import_all();
    ck_assert_str_eq(counts(&s), "606 606 0 0 0");
    ck_assert_str_eq(note(&s, false, 0),
                     "607 id: the key differs from that of line 605 only by case, blanks, zeros or an exponent; both are kept, "
                     "check that they are not one");
}
END_TEST

START_TEST(a_key_of_the_file_before_is_found)
{
    const char *paths[2];

    use_mapping_text(&s, several);
    write_rising("c%03d");
    paths[0] = test_folder_write_text(&s.f.folder, "accounts1.csv", tend_buffer_string(&file));
    paths[1] = test_folder_write_text(&s.f.folder, "accounts2.csv", "id,name\nd1,new\nc007,again\nC008,alike\n");
    import_files(&s, paths, 2);
    ck_assert_int_eq(s.report->rejected, 1);
    ck_assert_ptr_nonnull(strstr(note(&s, true, 0), "3 id: the key 'c007' was already read at"));
    ck_assert_ptr_nonnull(strstr(note(&s, true, 0), "accounts1.csv:8;"));
    ck_assert_ptr_nonnull(strstr(note(&s, false, 0), "4 id: the key differs from that of "));
    ck_assert_ptr_nonnull(strstr(note(&s, false, 0), "accounts1.csv:9 only by case"));
}
END_TEST

TESTS_WITH("sync/rising", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_key_that_comes_again_is_found_behind_any_number_in_order);
    tcase_add_test(tcase, a_key_below_the_highest_that_nobody_has_is_new);
    tcase_add_test(tcase, shorter_keys_first_is_an_order_too);
    tcase_add_test(tcase, the_two_orders_are_not_mixed);
    tcase_add_test(tcase, keys_that_look_alike_are_said_behind_any_number_in_order);
    tcase_add_test(tcase, a_key_of_the_file_before_is_found);
})
