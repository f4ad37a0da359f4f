/* Files through the real host into a store. */
#include "sync/files.h"
#include "sync_fixture.h"
#include <sys/stat.h>

static sync_fixture s;

static void set_up(void)
{
    sync_fixture_open(&s);
}

static void tear_down(void)
{
    sync_fixture_close(&s);
}

static const char accounts[] = "[mapping]\n"
                               "source = demo\n"
                               "currency = EUR\n"
                               "[stream.accounts]\n"
                               "file = accounts.csv\n"
                               "kind = account\n"
                               "key = id\n"
                               "[fields.accounts]\n"
                               "name = name\n"
                               "kind = \"company\"\n"
                               "parent = parent -> account\n"
                               "seats = seats\n"
                               "revenue = revenue\n";

static void tell_left(void *self, const char *path)
{
    tend_buffer_print(self, "%s ", strrchr(path, '/') + 1);
}

START_TEST(a_folder_stands_for_the_files_that_the_mapping_reads)
{
    static const char text[] = "[mapping]\nsource = x\n[stream.a]\nfile = accounts.csv\nkind = account\nkey = id\n"
                               "[fields.a]\nname = name\n[stream.u]\nfile = users*.csv\nkind = user\nkey = id\n"
                               "[fields.u]\nname = name\n";
    const char *folder, *const *files;
    tend_buffer left = { 0 };
    tend_mapping *mapping;
    size_t count;

    TEST_OK(&s.f, tend_mapping_load_text("m", text, strlen(text), s.f.schema, stderr, &mapping, &s.f.error));
    (void)test_folder_write_text(&s.f.folder, "users2.csv", "id,name\n");
    (void)test_folder_write_text(&s.f.folder, "accounts.csv", "id,name\n");
    (void)test_folder_write_text(&s.f.folder, "accounts.rejected.csv", "id,name\n");
    (void)test_folder_write_text(&s.f.folder, "users1.csv.gz", "");
    (void)test_folder_write_text(&s.f.folder, "readme.txt", "");
    folder = s.f.folder.path;
    TEST_OK(&s.f, tend_import_files(mapping, &folder, 1, s.f.arena, tell_left, &left, &files, &count, &s.f.error));
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(strrchr(files[0], '/'), "/accounts.csv");
    ck_assert_str_eq(strrchr(files[1], '/'), "/users1.csv.gz");
    ck_assert_str_eq(strrchr(files[2], '/'), "/users2.csv");
    ck_assert_ptr_nonnull(strstr(tend_buffer_string(&left), "readme.txt "));
    ck_assert_ptr_nonnull(strstr(tend_buffer_string(&left), "accounts.rejected.csv "));
    tend_buffer_clear(&left);
    ck_assert_int_eq(mkdir(test_folder_path(&s.f.folder, "above"), 0700), 0);
    ck_assert_int_eq(mkdir(test_folder_path(&s.f.folder, "above/iso"), 0700), 0);
    (void)test_folder_write_text(&s.f.folder, "above/iso/accounts.csv", "id,name\n");
    folder = tend_arena_print(s.f.arena, "%s/above", s.f.folder.path);
    ck_assert_int_eq(tend_import_files(mapping, &folder, 1, s.f.arena, tell_left, &left, &files, &count, &s.f.error),
                     TEND_ENOTFOUND);
    ck_assert_str_eq(s.f.error.text, tend_arena_print(s.f.arena,
                                                      "%s: no stream of mapping m reads a file of this folder; name %s/iso, "
                                                      "which has some",
                                                      folder, folder));
    tend_mapping_free(mapping);
}
END_TEST

START_TEST(a_file_becomes_accounts)
{
    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv",
                "id,name,parent,seats,revenue\n"
                "A1,Acme,,12,1000.50\n"
                "A2,\"Acme, Korea\",A1,,\n");
    ck_assert_str_eq(counts(&s), "2 2 0 0 0");
    ck_assert(s.report->is_stored);
    ck_assert_int_eq(sql_number(&s, "SELECT revenue FROM accounts WHERE name='Acme'"), 100050);
    ck_assert_str_eq(sql_text(&s, "SELECT currency FROM accounts WHERE name='Acme'"), "EUR");
    ck_assert_str_eq(sql_text(&s, "SELECT p.name FROM accounts a JOIN accounts p ON p.id=a.parent WHERE a.name='Acme, Korea'"),
                     "Acme");
}
END_TEST

START_TEST(a_second_import_changes_nothing)
{
    const char *path;

    use_mapping_text(&s, accounts);
    path = test_folder_write_text(&s.f.folder, "accounts.csv", "id,name,parent,seats,revenue\nA1,Acme,,12,1000.50\n");
    import_files(&s, &path, 1);
    import_files(&s, &path, 1);
    ck_assert_str_eq(counts(&s), "1 0 0 1 0");
    ck_assert_int_eq(s.report->events, 0);
}
END_TEST

START_TEST(an_import_that_says_nothing_new_leaves_no_trace)
{
    tend_buffer before, after, file = { 0 };
    const char *path;

    use_mapping_text(&s, accounts);
    tend_buffer_text(&file, "id,name,parent,seats,revenue\n");
    for (int i = 0; i < 25; i++)
        tend_buffer_print(&file, "A%d,Acme %d,,%d,1\n", i, i, i);
    path = test_folder_write_text(&s.f.folder, "accounts.csv", tend_buffer_string(&file));
    s.options.chunk = 10;
    import_files(&s, &path, 1);
    ck_assert_int_eq(s.report->batch, 1);
    before = dump(&s.f);
    s.f.now += 86400000;
    import_files(&s, &path, 1);
    after = dump(&s.f);
    ck_assert_str_eq(counts(&s), "25 0 0 25 0");
    ck_assert(s.report->is_stored);
    ck_assert_int_eq(s.report->batch, 0);
    ck_assert_str_eq(tend_buffer_string(&after), tend_buffer_string(&before));
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
    /* What comes in the last chunk alone gets its batch there, and the counts tell of all. */
    tend_buffer_text(&file, "A99,Zeta,,1,1\n");
    path = test_folder_write_text(&s.f.folder, "accounts.csv", tend_buffer_string(&file));
    import_files(&s, &path, 1);
    ck_assert_str_eq(counts(&s), "26 1 0 25 0");
    ck_assert_int_gt(s.report->batch, 1);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM batches WHERE closed_at IS NOT NULL"), 2);
    ck_assert_int_eq(s.report->events, 1);
    tend_buffer_clear(&file);
}
END_TEST

START_TEST(a_correction_by_hand_outlives_the_next_import_of_the_same_file)
{
    const char *path;
    int64_t id, batch;
    tend_undo_report undone;

    use_mapping_text(&s, accounts);
    path = test_folder_write_text(&s.f.folder, "accounts.csv", "id,name,parent,seats,revenue\nA1,Acme,,12,1\n");
    import_files(&s, &path, 1);
    s.f.now += 60000;
    id = sql_number(&s, "SELECT id FROM accounts");
    TEST_PUT(&s.f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "seats", number(15) } });
    s.f.now += 60000;
    import_files(&s, &path, 1);
    ck_assert_str_eq(counts(&s), "1 0 0 1 0");
    ck_assert_int_eq(sql_number(&s, "SELECT seats FROM accounts"), 15);
    path = test_folder_write_text(&s.f.folder, "accounts.csv", "id,name,parent,seats,revenue\nA1,Acme,,20,1\n");
    s.f.now += 60000;
    import_files(&s, &path, 1);
    ck_assert_str_eq(counts(&s), "1 0 1 0 0");
    batch = s.report->batch;
    begin(&s.f);
    TEST_OK(&s.f, tend_batch_undo(s.f.model, &s.f.origin, batch, s.f.arena, &undone, &s.f.error));
    commit(&s.f);
    ck_assert_int_eq(sql_number(&s, "SELECT seats FROM accounts"), 15);
    s.f.now += 60000;
    import_files(&s, &path, 1);
    ck_assert_str_eq(counts(&s), "1 0 1 0 0");
    ck_assert_int_eq(sql_number(&s, "SELECT seats FROM accounts"), 20);
}
END_TEST

START_TEST(one_bad_record_and_nothing_is_stored)
{
    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv", "id,name,parent,seats,revenue\nA1,Acme,,12,\nA2,Beta,,many,\n");
    ck_assert_str_eq(counts(&s), "2 0 0 1 1");
    ck_assert(!s.report->is_stored);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 0);
    ck_assert_ptr_nonnull(strstr(note(&s, true, 0), "3 seats: 'many' is not a"));
}
END_TEST

START_TEST(good_records_are_kept_when_that_is_asked_and_the_bad_ones_can_be_mended_alone)
{
    char *text;

    use_mapping_text(&s, accounts);
    s.options.keeps_good = true;
    import_text(&s, "accounts.csv",
                "id,name,parent,seats,revenue\nA1,Acme,,12,\nA2,\"Beta \"\"B\"\", Inc\",,many,\nA3,Gamma,,1,2\n");
    ck_assert_str_eq(counts(&s), "3 2 0 0 1");
    text = test_file_read(s.report->rejects[0], NULL);
    ck_assert_str_eq(text, "\xef\xbb\xbfid,name,parent,seats,revenue\r\nA2,\"Beta \"\"B\"\", Inc\",,many,\r\n");
    free(text);
    text = test_file_read(s.report->rejects[1], NULL);
    ck_assert_ptr_nonnull(strstr(text, "accounts.csv,3,seats,many,"));
    memcpy(strstr(text, "many"), "0007", 4);
    free(text);
    import_text(&s, "accounts.rejected.csv", "\xef\xbb\xbfid,name,parent,seats,revenue\r\nA2,\"Beta \"\"B\"\", Inc\",,7,\r\n");
    ck_assert_str_eq(counts(&s), "1 1 0 0 0");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 3);
}
END_TEST

/* Ours is UTF-8 whatever the original was; its mark says so. */
START_TEST(mended_rejects_of_a_file_in_another_encoding_are_read_as_they_were_mended)
{
    static const char text[] = "[mapping]\nsource = x\nencoding = windows-1252\n[stream.a]\nfile = kunden.csv\nkind = account\n"
                               "key = id\n[fields.a]\nname = Bezeichnung gr\xc3\xb6\xc3\x9f\x65r\nseats = Pl\xc3\xa4tze\n";
    char *rejects;

    use_mapping_text(&s, text);
    import_text(&s, "kunden.csv", "id,Bezeichnung gr\xf6\xdf\x65r,Pl\xe4tze\nA1,\xd6ko-Energie AG,viele\n");
    ck_assert_str_eq(counts(&s), "1 0 0 0 1");
    rejects = test_file_read(s.report->rejects[0], NULL);
    memcpy(strstr(rejects, "viele"), "00012", 5);
    import_text(&s, "kunden.rejected.csv", rejects);
    free(rejects);
    ck_assert_str_eq(counts(&s), "1 1 0 0 0");
    ck_assert_str_eq(sql_text(&s, "SELECT name FROM accounts"), "\xc3\x96ko-Energie AG");
}
END_TEST

START_TEST(remarks_of_one_reason_are_counted)
{
    static const char text[] = "[mapping]\nsource = x\n[stream.a]\nfile = a.csv\nkind = account\nkey = id\n"
                               "[fields.a]\nname = name\nseats = seats, list empty\ncity = city, list empty\n";
    const tend_import_remark *remarks;
    size_t count;
    int64_t left;

    use_mapping_text(&s, text);
    import_text(&s, "a.csv", "id,name,seats,city\nA1,Acme,,Bonn\nA2,Beta,,\nA3,Gamma,,Kiel\nA4,Delta,,Ulm\n");
    ck_assert_uint_eq(s.report->note_count, 5);
    TEST_OK(&s.f, tend_import_remarks(s.report, 9, s.f.arena, &remarks, &count, &left));
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(left, 0);
    ck_assert_int_eq(remarks[0].count, 4);
    ck_assert_str_eq(remarks[0].reason, "has no seats; kept without");
    ck_assert_str_eq(remarks[0].value, "A1");
    ck_assert_str_eq(remarks[0].lines, "2, 3, 4 …");
    ck_assert_int_eq(remarks[1].count, 1);
    ck_assert_str_eq(remarks[1].lines, "3");
    TEST_OK(&s.f, tend_import_remarks(s.report, 1, s.f.arena, &remarks, &count, &left));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(left, 1);
}
END_TEST

START_TEST(rejects_that_somebody_has_edited_are_left_alone)
{
    static const char original[] = "id,name,parent,seats,revenue\nA1,Acme,,12,\nA2,Beta,,many,\n";
    static const char mended[] = "id,name,parent,seats,revenue\nA2,Beta,,7,\nA3,Ce,,x,\n";
    const char *edited, *beside;
    char *text;

    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv", original);
    edited = tend_arena_string(s.f.arena, s.report->rejects[0]);
    import_text(&s, "accounts.csv", original);
    ck_assert_str_eq(s.report->rejects[0], edited); /* nobody has touched it */
    (void)test_folder_write_text(&s.f.folder, "rejects/accounts.rejected.csv", mended);
    import_text(&s, "accounts.csv", original);
    beside = s.report->rejects[0];
    ck_assert_str_eq(strrchr(beside, '/'), "/accounts.rejected-2.csv");
    ck_assert_str_eq(strrchr(s.report->rejects[1], '/'), "/accounts.reasons-2.csv");
    ck_assert_str_eq(note(&s, false, 0), "0 -: accounts.rejected.csv was edited after it was written: it is left alone, "
                                         "this time's rejects are in accounts.rejected-2.csv");
    import_files(&s, &edited, 1); /* mended in part: what is still wrong does not take the place of what was mended */
    ck_assert_str_eq(counts(&s), "2 0 0 1 1");
    ck_assert_str_eq(strrchr(s.report->rejects[0], '/'), "/accounts.rejected-2.csv");
    text = test_file_read(edited, NULL);
    ck_assert_str_eq(text, mended);
    free(text);
    beside = s.report->rejects[0];
    import_files(&s, &beside, 1);
    ck_assert_str_eq(counts(&s), "1 0 0 0 1");
}
END_TEST

START_TEST(reasons_have_the_delimiter_of_the_file)
{
    static const char text[] = "[mapping]\nsource = x\ndelimiter = semicolon\n[stream.a]\nfile = a.csv\nkind = account\n"
                               "key = id\n[fields.a]\nname = name\nseats = seats\n";
    char *reasons;

    use_mapping_text(&s, text);
    import_text(&s, "a.csv", "id;name;seats\nA1;Acme;1;5\nA2;Beta;x\n");
    reasons = test_file_read(s.report->rejects[1], NULL);
    ck_assert_msg(strncmp(reasons, "file;line;column;value;reason\r\n", 31) == 0, "%s", reasons);
    ck_assert_ptr_nonnull(strstr(reasons, "/a.csv;2;;;has 4 fields, the header has 3\r\n"));
    free(reasons);
}
END_TEST

START_TEST(a_name_that_only_rejected_records_mention_makes_no_row)
{
    static const char text[] = "[mapping]\nsource = x\n[stream.c]\nfile = contacts.csv\nkind = contact\nkey = id\n"
                               "[fields.c]\nname = name\nemail = mail\naccount = company -> account.name, else create\n";

    use_mapping_text(&s, text);
    s.options.keeps_good = true;
    import_text(&s, "contacts.csv",
                "id,name,mail,company\nC1,Ann,not-a-mail,Onlybad\nC2,Bob,,Shared\nC3,Cy,not-a-mail,Shared\n"
                "C4,Di,not-a-mail,Later\nC5,Ed,,Later\n");
    ck_assert_int_eq(s.report->rejected, 3);
    ck_assert_int_eq(s.report->stubs, 2);
    ck_assert_str_eq(note(&s, true, 0), "2 mail: 'not-a-mail' is not an e-mail address; write name@domain");
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(name) FROM (SELECT name FROM accounts ORDER BY name)"), "Later,Shared");
}
END_TEST

START_TEST(lines_that_were_no_records_are_kept_as_they_stood)
{
    char *text;

    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv", "id,name,parent,seats,revenue\nA1,Acme,,12,\nA2,Beta\nA3,Gamma,,x,\n");
    ck_assert_str_eq(counts(&s), "3 0 0 1 2");
    text = test_file_read(s.report->rejects[0], NULL);
    ck_assert_str_eq(text, "\xef\xbb\xbfid,name,parent,seats,revenue\r\nA2,Beta\r\nA3,Gamma,,x,\r\n");
    free(text);
}
END_TEST

START_TEST(parents_may_stand_below_their_children)
{
    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv", "id,name,parent,seats,revenue\nA3,Leaf,A2,,\nA2,Branch,A1,,\nA1,Root,,,\n");
    ck_assert_str_eq(counts(&s), "3 3 0 0 0");
    ck_assert_str_eq(sql_text(&s, "SELECT p.name FROM accounts a JOIN accounts p ON p.id=a.parent WHERE a.name='Leaf'"), "Branch");
}
END_TEST

/* Six references of one record to rows of its own kind that come below it. */
START_TEST(however_many_references_may_stand_below_their_record)
{
    static const char fields[] = "[field.account.x_a]\ntype = ref\ntarget = account\n[field.account.x_b]\ntype = ref\ntarget = "
                                 "account\n[field.account.x_c]\ntype = ref\ntarget = account\n[field.account.x_d]\ntype = "
                                 "ref\ntarget = account\n[field.account.x_e]\ntype = ref\ntarget = account\n";
    static const char mapping[] = "[mapping]\nsource = demo\n[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                                  "[fields.accounts]\nname = name\nkind = \"company\"\nparent = p -> account\nx_a = a -> account\n"
                                  "x_b = b -> account\nx_c = c -> account\nx_d = d -> account\nx_e = e -> account\n";

    fixture_close_store(&s.f);
    fixture_schema(&s.f, fields);
    fixture_open_again(&s.f);
    use_mapping_text(&s, mapping);
    import_text(&s, "accounts.csv",
                "id,name,p,a,b,c,d,e\nA1,First,A2,A2,A3,A4,A5,A6\nA2,Two,,,,,,\nA3,Three,,,,,,\nA4,Four,,,,,,\nA5,Five,,,,,,\nA6,"
                "Six,,,,,,\n");
    ck_assert_str_eq(counts(&s), "6 6 0 0 0");
    ck_assert_int_eq(
        sql_number(&s, "SELECT count(*) FROM accounts a JOIN accounts p ON p.id=a.parent JOIN accounts x ON x.id=a.x_a JOIN "
                       "accounts b ON b.id=a.x_b JOIN accounts c ON c.id=a.x_c JOIN accounts d ON d.id=a.x_d JOIN accounts "
                       "e ON e.id=a.x_e WHERE a.name='First' AND p.name='Two' AND x.name='Two' AND b.name='Three' AND "
                       "c.name='Four' AND d.name='Five' AND e.name='Six'"),
        1);
}
END_TEST

START_TEST(a_parent_that_never_comes_is_said)
{
    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv", "id,name,parent,seats,revenue\nA3,Leaf,A2,,\n");
    ck_assert_str_eq(counts(&s), "1 0 0 0 1");
    ck_assert_str_eq(note(&s, true, 0),
                     "2 parent: there is no account 'A2' in this import or in the store; import it first or beside this file");
}
END_TEST

START_TEST(a_circle_of_parents_is_named_and_refused)
{
    use_mapping_text(&s, accounts);
    s.options.keeps_good = true;
    import_text(&s, "accounts.csv",
                "id,name,parent,seats,revenue\nA1,a,A3,,\nA2,b,A1,,\nA3,c,A2,,\nA4,d,A4,,\nA5,e,A1,,\nA6,f,,,\n");
    ck_assert_str_eq(counts(&s), "6 1 0 0 5");
    ck_assert_str_eq(note(&s, true, 0), "2 parent: the records stand above each other in a circle: line 2 line 4 line 3, line 2");
    ck_assert_str_eq(note(&s, true, 3), "5 parent: the record names itself as the one above it");
    ck_assert_str_eq(note(&s, true, 4), "6 -: the record above it was itself rejected (line 2)");
}
END_TEST

START_TEST(a_key_that_comes_again_is_refused_unless_the_record_is_the_same)
{
    use_mapping_text(&s, accounts);
    s.options.keeps_good = true;
    import_text(&s, "accounts.csv", "id,name,parent,seats,revenue\nA1,Acme,,,\nA1,Acme,,,\nA1,Other,,,\n");
    ck_assert_str_eq(counts(&s), "3 1 0 1 1");
    ck_assert_str_eq(note(&s, false, 0), "3 -: the same record stands at line 2; counted as unchanged");
    ck_assert_str_eq(note(&s, true, 0),
                     "4 id: the key 'A1' was already read at line 2; give each record its own, or write in the mapping "
                     "repeats = last (the later one counts) or number (each is kept)");
    ck_assert_str_eq(sql_text(&s, "SELECT name FROM accounts"), "Acme");
}
END_TEST

START_TEST(a_repeat_never_gets_a_name_that_a_record_has)
{
    use_mapping_text(&s, "[mapping]\nsource = crm\n[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\nrepeats = "
                         "number\n[fields.accounts]\nname = name\n");
    s.options.chunk = 2;
    import_text(&s, "accounts.csv", "id,name\nA,one\nA#2,two\nA,three\nA,four\n");
    ck_assert_str_eq(counts(&s), "4 4 0 0 0");
    ck_assert_str_eq(sql_text(&s, "SELECT name FROM accounts a JOIN identities i ON i.row=a.id WHERE i.external='A#2'"), "two");
    ck_assert_int_eq(sql_number(&s, "SELECT count(DISTINCT external) FROM identities WHERE external LIKE 'A%'"), 4);
}
END_TEST

START_TEST(a_missing_column_is_named_with_the_nearest)
{
    const char *path;

    use_mapping_text(&s, accounts);
    path = test_folder_write_text(&s.f.folder, "accounts.csv", "id,nmae,parent,seats,revenue\nA1,x,,,\n");
    ck_assert_int_eq(try_import(&s, &path, 1), TEND_EINVAL);
    ck_assert_ptr_nonnull(strstr(
        s.f.error.text, "accounts.csv:1: there is no column 'name', which [fields.accounts] name of mapping test reads; did you "
                        "mean 'nmae'?"));
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 0);
}
END_TEST

START_TEST(a_file_with_another_delimiter_is_named)
{
    const char *path;

    use_mapping_text(&s, accounts);
    path = test_folder_write_text(&s.f.folder, "accounts.csv", "id;name;parent;seats;revenue\nA1;x;;;\n");
    ck_assert_int_eq(try_import(&s, &path, 1), TEND_EINVAL);
    ck_assert_ptr_nonnull(strstr(s.f.error.text, "accounts.csv:1: has one column alone, 'id;name;parent;seats;revenue'; write what "
                                                 "stands between its columns, such as delimiter = semicolon, in mapping test"));
}
END_TEST

START_TEST(chunks_hold_their_events_until_the_last_is_in)
{
    tend_buffer text = { 0 };

    use_mapping_text(&s, accounts);
    s.options.chunk = 7;
    tend_buffer_text(&text, "id,name,parent,seats,revenue\n");
    for (int i = 0; i < 50; i++)
        tend_buffer_print(&text, "A%d,Account %d,,,\n", i, i);
    import_text(&s, "accounts.csv", tend_buffer_string(&text));
    tend_buffer_clear(&text);
    ck_assert_str_eq(counts(&s), "50 50 0 0 0");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts"), 50);
    ck_assert_int_gt(s.report->events, 0);
}
END_TEST

/* The store knows what the file does not: B stands below A already, so A cannot be put below B. */
START_TEST(what_only_the_store_can_refuse_takes_back_the_chunks_before)
{
    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv", "id,name,parent,seats,revenue\nA,a,,,\nB,b,A,,\n");
    s.options.chunk = 2;
    import_text(&s, "accounts.csv", "id,name,parent,seats,revenue\nX1,x,,,\nX2,x,,,\nX3,x,,,\nA,a,B,,\n");
    ck_assert(!s.report->is_stored);
    ck_assert_str_eq(counts(&s), "4 0 0 3 1");
    ck_assert_ptr_nonnull(strstr(note(&s, true, 0), "account.parent"));
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE removed_at IS NULL"), 2);
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE name='a' AND parent IS NULL"), 1);
}
END_TEST

START_TEST(a_dry_run_leaves_the_store_and_the_spool_folder_alone)
{
    const char *copy_path = test_folder_path(&s.f.folder, "copy.db");
    tend_store *copy = NULL;
    tend_bus *bus = NULL;
    tend_model *model = NULL, *live = s.f.model;
    tend_buffer before = dump(&s.f), after;

    TEST_OK(&s.f, tend_store_copy(s.f.store, copy_path, true, &s.f.error));
    TEST_OK(&s.f, tend_store_open(copy_path, TEND_STORE_WRITE, &copy, &s.f.error));
    TEST_OK(&s.f, tend_bus_open(copy, &bus, &s.f.error));
    TEST_OK(&s.f, tend_model_open(copy, bus, s.f.schema, tend_clock_by_hand(&s.f.now), &model, &s.f.error));
    s.f.model = model;
    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv", "id,name,parent,seats,revenue\nA1,Acme,,12,\n");
    ck_assert_str_eq(counts(&s), "1 1 0 0 0");
    s.f.model = live;
    tend_model_close(model);
    tend_bus_close(bus);
    tend_store_close(copy);
    after = dump(&s.f);
    ck_assert_str_eq(tend_buffer_string(&before), tend_buffer_string(&after));
    ck_assert_int_eq(rmdir(s.spool), 0); /* nothing is left in it */
    tend_buffer_clear(&before);
    tend_buffer_clear(&after);
}
END_TEST

START_TEST(ids_that_differ_by_little_are_both_kept_and_said)
{
    use_mapping_text(&s, accounts);
    import_text(&s, "accounts.csv",
                "id,name,parent,seats,revenue\n00123,a,,,\n123,b,,,\n1E5,c,,,\n1.0E+05,d,,,\nA1,e,,,\n\"A1 \",f,,,\na1,g,,,\n");
    ck_assert_str_eq(counts(&s), "7 7 0 0 0");
    ck_assert_ptr_nonnull(strstr(note(&s, false, 0), "3 id: the key differs from that of line 2 only by"));
    ck_assert_ptr_nonnull(strstr(note(&s, false, 1), "5 id: the key differs from that of line 4 only by"));
    ck_assert_ptr_nonnull(strstr(note(&s, false, 2), "7 id: the key differs from that of line 6 only by"));
    ck_assert_ptr_nonnull(strstr(note(&s, false, 3), "8 id: the key differs from that of line 6 only by"));
}
END_TEST

TESTS_WITH("sync/import", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_folder_stands_for_the_files_that_the_mapping_reads);
    tcase_add_test(tcase, a_file_becomes_accounts);
    tcase_add_test(tcase, a_second_import_changes_nothing);
    tcase_add_test(tcase, an_import_that_says_nothing_new_leaves_no_trace);
    tcase_add_test(tcase, a_correction_by_hand_outlives_the_next_import_of_the_same_file);
    tcase_add_test(tcase, one_bad_record_and_nothing_is_stored);
    tcase_add_test(tcase, good_records_are_kept_when_that_is_asked_and_the_bad_ones_can_be_mended_alone);
    tcase_add_test(tcase, mended_rejects_of_a_file_in_another_encoding_are_read_as_they_were_mended);
    tcase_add_test(tcase, remarks_of_one_reason_are_counted);
    tcase_add_test(tcase, rejects_that_somebody_has_edited_are_left_alone);
    tcase_add_test(tcase, reasons_have_the_delimiter_of_the_file);
    tcase_add_test(tcase, a_name_that_only_rejected_records_mention_makes_no_row);
    tcase_add_test(tcase, lines_that_were_no_records_are_kept_as_they_stood);
    tcase_add_test(tcase, parents_may_stand_below_their_children);
    tcase_add_test(tcase, however_many_references_may_stand_below_their_record);
    tcase_add_test(tcase, a_parent_that_never_comes_is_said);
    tcase_add_test(tcase, a_circle_of_parents_is_named_and_refused);
    tcase_add_test(tcase, a_key_that_comes_again_is_refused_unless_the_record_is_the_same);
    tcase_add_test(tcase, a_repeat_never_gets_a_name_that_a_record_has);
    tcase_add_test(tcase, a_missing_column_is_named_with_the_nearest);
    tcase_add_test(tcase, a_file_with_another_delimiter_is_named);
    tcase_add_test(tcase, chunks_hold_their_events_until_the_last_is_in);
    tcase_add_test(tcase, what_only_the_store_can_refuse_takes_back_the_chunks_before);
    tcase_add_test(tcase, a_dry_run_leaves_the_store_and_the_spool_folder_alone);
    tcase_add_test(tcase, ids_that_differ_by_little_are_both_kept_and_said);
})
