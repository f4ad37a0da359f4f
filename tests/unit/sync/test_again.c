/* Records that come again: whatever becomes of what is remembered of them, answers and stores are the same. */
#include "model/batch.h"
#include "model/erase.h"
#include "model/merge.h"
#include "sync/repeat.h"
#include "sync_fixture.h"
#include <dirent.h>

enum { KEPT, DELETED, SPOILED, WORLDS, ACCOUNTS = 12, CONTACTS = 10, INVOICES = 30, USES = 30 };

static sync_fixture kept, deleted, spoiled;
static sync_fixture *const worlds[WORLDS] = { &kept, &deleted, &spoiled };

static const char mapping[] = "[mapping]\nsource = demo\ncurrency = EUR\n"
                              "[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                              "[fields.accounts]\nname = name\nseats = seats\nrevenue = revenue\n"
                              "[stream.contacts]\nfile = contacts.csv\nkind = contact\nkey = id\n"
                              "[fields.contacts]\naccount = account -> account\nname = name\nemail = email\n"
                              "[stream.invoices]\nfile = invoices.csv\nkind = invoice\nkey = id\nknown = effective\n"
                              "effective = issued_on\n"
                              "[fields.invoices]\naccount = account -> account, else create\nnumber = number\namount = amount\n"
                              "issued_on = issued_on\n"
                              "[stream.uses]\nfile = uses.csv\nkind = usage\nkey = account, day\nknown = effective\n"
                              "[fields.uses]\naccount = account -> account\nused_on = day\nuses = uses\n";

static unsigned state;

static unsigned pick(unsigned below)
{
    state = state * 1103515245u + 12345u;
    return (state >> 16) % below;
}

/* ---- files that come again and again ----------------------------------------------------------------------------------- */

typedef struct content {
    unsigned seats[ACCOUNTS], mails[CONTACTS], amounts[INVOICES], uses[USES];
} content;

static content content_now;

static void cell(tend_buffer *out, const char *end, bool is_quoted, const char *text)
{
    tend_buffer_print(out, is_quoted ? "\"%s\"%s" : "%s%s", text, end);
}

/* One record, with what may be wrong with it. */
static void line(tend_buffer *out, const char *file, unsigned i)
{
    bool q = pick(2);
    char a[64], b[64];

    if (strcmp(file, "accounts.csv") == 0) {
        (void)snprintf(a, sizeof a, pick(40) == 0 ? "a%u" : "A%u", i);
        cell(out, ",", q, a);
        (void)snprintf(a, sizeof a, "Account %u", i);
        cell(out, ",", q, a);
        (void)snprintf(a, sizeof a, pick(60) == 0 ? "many" : "%u", content_now.seats[i]);
        cell(out, ",", q, a);
        cell(out, "\n", q, content_now.seats[i] % 7 == 0 ? "" : "1000.50");
    } else if (strcmp(file, "contacts.csv") == 0) {
        (void)snprintf(a, sizeof a, "C%u", i);
        cell(out, ",", q, a);
        (void)snprintf(b, sizeof b, "A%u", pick(50) == 0 ? 99 : i % ACCOUNTS);
        cell(out, ",", q, b);
        cell(out, ",", q, "Jos\xc3\xa9");
        (void)snprintf(a, sizeof a, "c%u@%u.example", i, content_now.mails[i]);
        cell(out, "\n", q, a);
    } else if (strcmp(file, "invoices.csv") == 0) {
        (void)snprintf(a, sizeof a, pick(60) == 0 ? " I%u" : "I%u", i);
        cell(out, ",", q, a);
        (void)snprintf(b, sizeof b, pick(40) == 0 ? "N%u" : "A%u", i % ACCOUNTS);
        cell(out, ",", q, b);
        cell(out, ",", q, "R1");
        (void)snprintf(b, sizeof b, "%u.%02u", content_now.amounts[i], pick(50) == 0 ? 999 : 25);
        cell(out, ",", q, b);
        cell(out, "\n", q, "2025-02-03");
    } else {
        (void)snprintf(a, sizeof a, "A%u", i % ACCOUNTS);
        cell(out, ",", q, a);
        (void)snprintf(a, sizeof a, pick(60) == 0 ? "2025-13-%02u" : "2025-01-%02u", 1 + i / ACCOUNTS);
        cell(out, ",", q, a);
        (void)snprintf(a, sizeof a, "%u", content_now.uses[i]);
        cell(out, "\n", q, a);
    }
}

static const char *write_file(const char *file, const char *head, unsigned count)
{
    tend_buffer out = { 0 };
    unsigned order[40], chosen = 0;
    const char *text;

    for (unsigned i = 0; i < count; i++) {
        unsigned at = pick(i + 1);

        order[i] = order[at];
        order[at] = i;
    }
    tend_buffer_text(&out, head);
    for (unsigned i = 0; i < count; i++) {
        if (pick(25) == 0)
            continue; /* left out this time */
        line(&out, file, order[i]);
        if (pick(40) == 0)
            line(&out, file, order[i]);
        chosen++;
    }
    ck_assert_uint_gt(chosen, 0);
    text = tend_arena_copy(worlds[0]->f.arena, tend_buffer_string(&out), out.length);
    tend_buffer_clear(&out);
    return text;
}

/* ---- what is remembered ------------------------------------------------------------------------------------------------- */

static void spoil(const char *path)
{
    FILE *file = fopen(path, "r+");
    long size;

    ck_assert_ptr_nonnull(file);
    (void)fseek(file, 0, SEEK_END);
    size = ftell(file);
    for (unsigned i = 0, count = pick(4); i < count; i++) {
        (void)fseek(file, (long)pick(i % 2 ? 200 : (unsigned)size), SEEK_SET);
        (void)fputc((int)pick(256), file);
    }
    (void)fclose(file);
    if (pick(6) == 0)
        ck_assert_int_eq(truncate(path, pick((unsigned)size)), 0);
}

/* An older state of a table comes back in place of the present one. */
static void copy(const char *from, const char *to)
{
    FILE *in = fopen(from, "r"), *out = in ? fopen(to, "w") : NULL;
    int byte;

    while (out && (byte = fgetc(in)) != EOF)
        (void)fputc(byte, out);
    if (out)
        (void)fclose(out);
    if (in)
        (void)fclose(in);
}

static unsigned meddle(sync_fixture *s, int world)
{
    static const char *const kinds[] = { "account", "contact", "invoice", "usage" };
    char path[4096], old[4200];
    unsigned found = 0;

    for (size_t k = 0; k < 4; k++) {
        if (!tend_repeat_path(s->spool, "demo", kinds[k], path, sizeof path) || access(path, F_OK) != 0)
            continue;
        found++;
        (void)snprintf(old, sizeof old, "%s/old-%s", s->f.folder.path, kinds[k]);
        if (world == DELETED)
            ck_assert_int_eq(unlink(path), 0);
        if (world != SPOILED)
            continue;
        switch (pick(4)) {
        case 0:
            spoil(path);
            break;
        case 1:
            copy(path, old);
            break;
        case 2:
            copy(old, path);
            break;
        default:
            break;
        }
    }
    return found;
}

/* ---- what is done, in all worlds alike ------------------------------------------------------------------------------------ */

/* The whole dumps are longer than a message may be. */
static void lines_are_the_same(const char *one, const char *two)
{
    while (*one || *two) {
        size_t first = strcspn(one, "\n"), second = strcspn(two, "\n");

        ck_assert_msg(first == second && memcmp(one, two, first) == 0, "%.*s, elsewhere %.*s", (int)first, one, (int)second, two);
        one += first + (one[first] != '\0');
        two += second + (two[second] != '\0');
    }
}

static const char *tell_report(sync_fixture *s)
{
    tend_buffer out = { 0 };
    const char *text;

    tend_buffer_print(&out, "%s stored %d batch %lld events %lld stubs %lld\n", counts(s), s->report->is_stored,
                      (long long)s->report->batch, (long long)s->report->events, (long long)s->report->stubs);
    for (size_t i = 0; i < s->report->part_count; i++) {
        const tend_import_part *p = &s->report->parts[i];

        tend_buffer_print(&out, "%s: %lld %lld %lld %lld %lld\n", p->stream, (long long)p->read, (long long)p->created,
                          (long long)p->updated, (long long)p->unchanged, (long long)p->rejected);
    }
    for (size_t i = 0; i < s->report->note_count; i++) {
        const tend_import_note *n = &s->report->notes[i];

        tend_buffer_print(&out, "%d %u %llu %s '%s': %s\n", n->is_reject, n->part, (unsigned long long)n->line,
                          n->column ? n->column : "-", n->value ? n->value : "-", n->reason);
    }
    text = tend_arena_copy(s->f.arena, tend_buffer_string(&out), out.length);
    tend_buffer_clear(&out);
    return text;
}

static int64_t known[WORLDS];

static void bring(bool keeps_good)
{
    const char *names[] = { "accounts.csv", "contacts.csv", "invoices.csv", "uses.csv" };
    const char *texts[] = { write_file(names[0], "id,name,seats,revenue\n", ACCOUNTS),
                            write_file(names[1], "id,account,name,email\n", CONTACTS),
                            write_file(names[2], "id,account,number,amount,issued_on\n", INVOICES),
                            write_file(names[3], "account,day,uses\n", USES) };
    unsigned first = pick(3) ? 0 : pick(4), here = state;
    const char *told = NULL;

    for (int w = 0; w < WORLDS; w++) {
        sync_fixture *s = worlds[w];
        const char *files[4];

        state = here + (unsigned)w; /* each is meddled with in its own way */
        (void)meddle(s, w);
        for (size_t i = first; i < 4; i++)
            files[i] = test_folder_write_text(&s->f.folder, names[i], texts[i]);
        s->options.keeps_good = keeps_good;
        import_files(s, files + first, 4 - first);
        known[w] += s->report->repeated;
        if (w == 0)
            told = tell_report(s);
        else
            lines_are_the_same(told, tell_report(s));
    }
    state = here * 69069u + 1;
}

static void by_hand(unsigned what, unsigned which)
{
    for (int w = 0; w < WORLDS; w++) {
        sync_fixture *s = worlds[w];
        int64_t account =
            sql_number(s, tend_arena_print(s->f.arena, "SELECT id FROM accounts ORDER BY id LIMIT 1 OFFSET %u", which % 5));
        int64_t invoice =
            sql_number(s, tend_arena_print(s->f.arena, "SELECT id FROM invoices ORDER BY id LIMIT 1 OFFSET %u", which));
        int64_t batch = sql_number(s, "SELECT coalesce(max(id), -1) FROM batches WHERE what='import' AND closed_at IS NOT NULL");
        tend_origin origin = { .principal = &s->f.principal };
        tend_undo_report undone;
        int64_t values;

        if (account < 0)
            continue;
        switch (what) {
        case 0:
            (void)TEST_PUT(&s->f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "seats", number(which + 100) } });
            break;
        case 1:
            if (invoice > 0)
                (void)TEST_PUT(&s->f, .kind = TEND_KIND_INVOICE, .id = invoice, .fields = { { "number", text("by hand") } });
            break;
        case 2:
            begin(&s->f);
            if (tend_merge(s->f.model, &origin, account, account + 1, &s->f.error) < 0)
                tend_model_rollback(s->f.model);
            else
                commit(&s->f);
            break;
        case 3:
            if (batch < 0)
                break;
            begin(&s->f);
            if (tend_batch_undo(s->f.model, &origin, batch, s->f.arena, &undone, &s->f.error) < 0)
                tend_model_rollback(s->f.model);
            else
                commit(&s->f);
            break;
        case 4:
            begin(&s->f);
            TEST_OK(&s->f, tend_erase_field(s->f.model, &origin, TEND_KIND_ACCOUNT, account,
                                            field_of(&s->f, TEND_KIND_ACCOUNT, "seats"), &values, &s->f.error));
            commit(&s->f);
            break;
        default:
            if (invoice > 0)
                (void)TEST_PUT(&s->f, .kind = TEND_KIND_INVOICE, .id = invoice, .removed = true);
            break;
        }
    }
}

static void stores_are_the_same(void)
{
    static const char *const except[] = { "meta", "sequences", "batches", NULL }; /* batches know of paths and of spools */
    static const char batches[] = "SELECT group_concat(id || what || label || opened_at || coalesce(closed_at, 0)) FROM batches";
    tend_buffer first = { 0 };

    for (int w = 0; w < WORLDS; w++) {
        tend_buffer out = { 0 };

        TEST_OK(&worlds[w]->f, tend_store_dump(worlds[w]->f.store, except, fixture_line, &out, &worlds[w]->f.error));
        tend_buffer_text(&out, sql_text(worlds[w], batches));
        if (w == 0)
            first = out;
        else {
            lines_are_the_same(tend_buffer_string(&first), tend_buffer_string(&out));
            tend_buffer_clear(&out);
        }
    }
    tend_buffer_clear(&first);
}

static void change_content(void)
{
    for (unsigned i = 0, count = pick(4); i < count; i++) {
        content_now.seats[pick(ACCOUNTS)] = pick(3);
        content_now.mails[pick(CONTACTS)] = pick(3);
        content_now.amounts[pick(INVOICES)] = pick(3);
        content_now.uses[pick(USES)] = pick(3);
    }
}

static void open_worlds(void)
{
    for (int w = 0; w < WORLDS; w++) {
        sync_fixture_open(worlds[w]);
        use_mapping_text(worlds[w], mapping);
        known[w] = 0;
    }
}

static void close_worlds(void)
{
    for (int w = 0; w < WORLDS; w++)
        sync_fixture_close(worlds[w]);
}

START_TEST(what_is_remembered_of_records_changes_no_answer_and_no_row)
{
    state = 77u + (unsigned)_i * 7919u;
    memset(&content_now, 0, sizeof content_now);
    open_worlds();
    for (int step = 0; step < 10; step++) {
        change_content();
        bring(pick(6) != 0);
        stores_are_the_same();
        if (pick(3) == 0) {
            by_hand(pick(6), pick(20));
            stores_are_the_same();
        }
        for (int w = 0; w < WORLDS; w++)
            worlds[w]->f.now += 3600000;
    }
    ck_assert_int_gt(known[KEPT], 0);
    ck_assert_int_eq(known[DELETED], 0);
    close_worlds();
}
END_TEST

/* ---- one claim each ------------------------------------------------------------------------------------------------------- */

static sync_fixture s;

static const char rows[] = "id,name,seats,revenue\nA1,Acme,5,10.00\nA2,Bolt,6,\nA3,Cog,7,12.00\n";

static void set_up_one(void)
{
    sync_fixture_open(&s);
    use_mapping_text(&s, mapping);
    import_text(&s, "accounts.csv", rows);
    ck_assert_str_eq(counts(&s), "3 3 0 0 0");
}

static void tear_down_one(void)
{
    sync_fixture_close(&s);
}

START_TEST(records_in_another_order_and_quoting_are_known)
{
    import_text(&s, "accounts.csv",
                "id,name,seats,revenue\r\n\"A3\",\"Cog\",\"7\",\"12.00\"\r\nA1,\"Acme\",5,10.00\r\nA2,Bolt,6,\"\"\r\n");
    ck_assert_str_eq(counts(&s), "3 0 0 3 0");
    ck_assert_int_eq(s.report->repeated, 3);
}
END_TEST

START_TEST(a_correction_by_hand_is_left_alone_as_ever)
{
    int64_t id = sql_number(&s, "SELECT id FROM accounts WHERE name='Acme'");

    TEST_PUT(&s.f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "seats", number(50) } });
    import_text(&s, "accounts.csv", rows);
    ck_assert_str_eq(counts(&s), "3 0 0 3 0");
    ck_assert_int_eq(s.report->repeated, 0); /* somebody changed an account: all of them are looked at */
    ck_assert_int_eq(sql_number(&s, "SELECT seats FROM accounts WHERE name='Acme'"), 50);
    import_text(&s, "accounts.csv", rows);
    ck_assert_int_eq(s.report->repeated, 2); /* but the one that holds something else than its source says */
}
END_TEST

START_TEST(what_came_back_from_an_undo_is_applied_again)
{
    tend_origin origin = { .principal = &s.f.principal };
    tend_undo_report undone;

    begin(&s.f);
    TEST_OK(&s.f, tend_batch_undo(s.f.model, &origin, s.report->batch, s.f.arena, &undone, &s.f.error));
    commit(&s.f);
    import_text(&s, "accounts.csv", rows);
    ck_assert_str_eq(counts(&s), "3 0 3 0 0");
    ck_assert_int_eq(sql_number(&s, "SELECT count(*) FROM accounts WHERE removed_at IS NULL"), 3);
}
END_TEST

START_TEST(an_older_file_brings_its_values_back)
{
    import_text(&s, "accounts.csv", "id,name,seats,revenue\nA1,Acme,9,10.00\nA2,Bolt,6,\nA3,Cog,7,12.00\n");
    ck_assert_str_eq(counts(&s), "3 0 1 2 0");
    ck_assert_int_eq(s.report->repeated, 2);
    import_text(&s, "accounts.csv", rows);
    ck_assert_str_eq(counts(&s), "3 0 1 2 0");
    ck_assert_int_eq(sql_number(&s, "SELECT seats FROM accounts WHERE name='Acme'"), 5);
}
END_TEST

START_TEST(a_known_record_that_stands_twice_is_told_as_ever)
{
    import_text(&s, "accounts.csv", "id,name,seats,revenue\nA1,Acme,5,10.00\nA1,Acme,5,10.00\nA2,Bolt,6,\n");
    ck_assert_str_eq(counts(&s), "3 0 0 3 0");
    ck_assert_str_eq(note(&s, false, 0), "3 -: the same record stands at line 2; counted as unchanged");
    s.options.keeps_good = true;
    import_text(&s, "accounts.csv", "id,name,seats,revenue\nA1,Acme,5,10.00\nA1,Acme,8,10.00\nA2,Bolt,6,\n");
    ck_assert_str_eq(counts(&s), "3 0 0 2 1");
    ck_assert_str_eq(note(&s, true, 0),
                     "3 id: the key 'A1' was already read at line 2; give each record its own, or write in the mapping repeats ="
                     " last (the later one counts) or number (each is kept)");
}
END_TEST

START_TEST(a_key_that_looks_like_a_known_one_is_remarked_on)
{
    import_text(&s, "accounts.csv", "id,name,seats,revenue\nA1,Acme,5,10.00\na1,Other,5,10.00\n");
    ck_assert_str_eq(counts(&s), "2 1 0 1 0");
    ck_assert_int_eq(s.report->repeated, 1);
    ck_assert_str_eq(note(&s, false, 0),
                     "3 id: the key differs from that of line 2 only by case, blanks, zeros or an exponent; both"
                     " are kept, check that they are not one");
    import_text(&s, "accounts.csv", "id,name,seats,revenue\na1,Other,5,10.00\nA1,Acme,5,10.00\n");
    ck_assert_str_eq(note(&s, false, 0),
                     "3 id: the key differs from that of line 2 only by case, blanks, zeros or an exponent; both"
                     " are kept, check that they are not one");
}
END_TEST

START_TEST(another_mapping_knows_nothing)
{
    static const char other[] = "[mapping]\nsource = demo\ncurrency = EUR\n"
                                "[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
                                "[fields.accounts]\nname = name + \"!\"\nseats = seats\n";

    use_mapping_text(&s, other);
    import_text(&s, "accounts.csv", rows);
    ck_assert_str_eq(counts(&s), "3 0 3 0 0");
}
END_TEST

START_TEST(a_store_that_was_restored_knows_only_what_it_knew)
{
    char path[4096], old[4200];

    ck_assert(tend_repeat_path(s.spool, "demo", "account", path, sizeof path));
    (void)snprintf(old, sizeof old, "%s/old", s.f.folder.path);
    import_text(&s, "accounts.csv", "id,name,seats,revenue\nA1,Acme,9,10.00\nA2,Bolt,6,\nA3,Cog,7,12.00\n");
    import_text(&s, "accounts.csv", "id,name,seats,revenue\nA1,Acme,9,10.00\nA2,Bolt,6,\nA3,Cog,7,12.00\n");
    copy(path, old);
    import_text(&s, "accounts.csv", rows); /* seats go back to 5; the table that says 9 comes back as if from a backup */
    copy(old, path);
    import_text(&s, "accounts.csv", "id,name,seats,revenue\nA1,Acme,9,10.00\nA2,Bolt,6,\nA3,Cog,7,12.00\n");
    ck_assert_str_eq(counts(&s), "3 0 1 2 0");
    ck_assert_int_eq(s.report->repeated, 0);
    ck_assert_int_eq(sql_number(&s, "SELECT seats FROM accounts WHERE name='Acme'"), 9);
}
END_TEST

START_TEST(what_changed_is_applied_in_the_order_of_its_rows_and_what_is_new_behind_it)
{
    static const char next[] = "id,name,seats,revenue\nA9,Nine,1,\nA3,Cog,70,12.00\nA8,Eight,1,\nA1,Acme,50,10.00\nA2,Bolt,60,\n";
    static const char order[] = "SELECT group_concat(after) FROM (SELECT after FROM changes WHERE field='seats' ORDER BY id)";
    char path[4096];

    import_text(&s, "accounts.csv", next);
    ck_assert_str_eq(sql_text(&s, order), "50,60,70");
    ck_assert_str_eq(sql_text(&s, "SELECT group_concat(name) FROM (SELECT name FROM accounts WHERE id>3 ORDER BY id)"),
                     "Nine,Eight");
    ck_assert(tend_repeat_path(s.spool, "demo", "account", path, sizeof path));
    ck_assert_int_eq(unlink(path), 0);
    import_text(&s, "accounts.csv", rows); /* the same order when nothing is remembered */
    ck_assert_str_eq(sql_text(&s, order), "50,60,70,5,6,7");
}
END_TEST

TESTS_WITH("sync/again", {
    TCase *one = tcase_create("one claim each");

    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, what_is_remembered_of_records_changes_no_answer_and_no_row, 0, 3);
    tcase_add_checked_fixture(one, set_up_one, tear_down_one);
    tcase_add_test(one, records_in_another_order_and_quoting_are_known);
    tcase_add_test(one, a_correction_by_hand_is_left_alone_as_ever);
    tcase_add_test(one, what_came_back_from_an_undo_is_applied_again);
    tcase_add_test(one, an_older_file_brings_its_values_back);
    tcase_add_test(one, a_known_record_that_stands_twice_is_told_as_ever);
    tcase_add_test(one, a_key_that_looks_like_a_known_one_is_remarked_on);
    tcase_add_test(one, another_mapping_knows_nothing);
    tcase_add_test(one, a_store_that_was_restored_knows_only_what_it_knew);
    tcase_add_test(one, what_changed_is_applied_in_the_order_of_its_rows_and_what_is_new_behind_it);
    tcase_set_timeout(one, 120);
    suite_add_tcase(suite, one);
})
