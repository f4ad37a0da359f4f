/* Records that were read ahead in another thread become the same rows, remarks and files to mend as those that were
 * not. */
#include "sync_fixture.h"
#include <dirent.h>
#include <sys/stat.h>

enum { AHEAD, ALONE, WORLDS, ROWS = 6000, ACCOUNTS = 7, BLOCK = 128 << 10 };

static sync_fixture ahead, alone;
static sync_fixture *const worlds[WORLDS] = { &ahead, &alone };
static unsigned state;

static const char mapping[] =
    "[mapping]\nsource = demo\ncurrency = EUR\ndates = D.M.YYYY, YYYY-MM-DD\ndecimal = comma\ngrouping = point\n"
    "[stream.accounts]\nfile = accounts.csv\nkind = account\nkey = id\n"
    "[fields.accounts]\nname = name\n"
    "[stream.invoices]\nfile = invoices.csv\nkind = invoice\nkey = id\nknown = effective\n"
    "effective = issued\nrounding = yes\n"
    "[fields.invoices]\naccount = account -> account\nnumber = number or (\"N-\" + id)\ncurrency = currency\n"
    "amount = amount\nissued_on = issued\ndue_on = due\nstatus = state\n"
    "[values.invoices.status]\nbezahlt = paid\noffen = open\n* = reject\n";

static unsigned pick(unsigned below)
{
    state = state * 1103515245u + 12345u;
    return (state >> 16) % below;
}

/* Mostly what is expected, sometimes one of the others. */
static const char *either(const char *usual, const char *const *others, unsigned count)
{
    return pick(12) ? usual : others[pick(count)];
}
#define EITHER(usual, ...) \
    either((usual), (const char *const[]){ __VA_ARGS__ }, (unsigned)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)))

static char *write_invoices(void)
{
    tend_buffer out = { 0 };
    char *text;

    tend_buffer_text(&out, "id,account,number,currency,amount,issued,due,state\n");
    for (unsigned i = 0; i < ROWS; i++) {
        char account[20], number[40], amount[40];

        (void)snprintf(account, sizeof account, "A%u", i % ACCOUNTS);
        (void)snprintf(number, sizeof number, "2025-%u of a long name", i);
        (void)snprintf(amount, sizeof amount, "\"%u.%03u,%02u\"", 1 + i % 9, i % 1000, i % 100);
        tend_buffer_print(
            &out, "I%u,%s,%s,", i, EITHER(account, "", " ", "A99", "a1"),
            EITHER(number, "", "  ", "\"two\nlines\"", "Jose\xcc\x81", "\xea\xb0\x80\xeb\x82\x98", "\xff\xfe", " x "));
        tend_buffer_print(&out, "%s,%s,", EITHER("USD", "", "KRW", "usd", "XXXX"),
                          EITHER(amount, "", "-3", "\"1,239\"", "many", "1.5", "99999999999999999999", " 7 "));
        tend_buffer_print(&out, "%s,%s,%s\n", EITHER("03.02.2025", "2025-02-04", "31.02.2025", "", "soon"),
                          EITHER("2025-03-01", "", "1.3.25"), EITHER("bezahlt", "offen", "Offen", "void", "paid", ""));
    }
    ck_assert_uint_gt(out.length, 3 * BLOCK);
    text = strdup(tend_buffer_string(&out));
    tend_buffer_clear(&out);
    return text;
}

static void set_up(void)
{
    for (int w = 0; w < WORLDS; w++) {
        sync_fixture_open(worlds[w]);
        use_mapping_text(worlds[w], mapping);
        worlds[w]->options.keeps_good = true;
    }
    alone.options.takes_last = true; /* no key comes twice; but such records may not be known by their bytes, and go alone */
}

static void tear_down(void)
{
    for (int w = 0; w < WORLDS; w++)
        sync_fixture_close(worlds[w]);
}

static bool knows_bytes(const sync_fixture *s, const char *kind)
{
    DIR *folder = opendir(s->spool);
    struct dirent *entry;
    bool is_there = false;

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)))
        is_there = is_there || (strncmp(entry->d_name, "again-", 6) == 0 && strstr(entry->d_name, kind));
    (void)closedir(folder);
    return is_there;
}

static char *everything(sync_fixture *s)
{
    static const char *const except[] = { "meta", "sequences", "batches", NULL }; /* those know of paths, and of how it went */
    const tend_import_report *r = s->report;
    tend_buffer out = { 0 };
    char *text;

    tend_buffer_print(&out, "%s, left %lld\n", counts(s), (long long)r->notes_left);
    for (size_t n = 0; n < r->note_count; n++) {
        const tend_import_note *note = &r->notes[n];

        tend_buffer_print(&out, "%d %zu:%llu %s '%s' %s\n", note->is_reject, (size_t)note->part, (unsigned long long)note->line,
                          note->column ? note->column : "-", note->value ? note->value : "-", note->reason);
    }
    for (size_t i = 0; r->rejects[i]; i++) {
        FILE *file = fopen(r->rejects[i], "r");
        const size_t folder = strlen(s->f.folder.path);
        char line[1000];

        ck_assert_ptr_nonnull(file);
        while (fgets(line, sizeof line, file))
            tend_buffer_text(&out, line + (strncmp(line, s->f.folder.path, folder) == 0 ? folder : 0));
        (void)fclose(file);
    }
    TEST_OK(&s->f, tend_store_dump(s->f.store, except, fixture_line, &out, &s->f.error));
    ck_assert(!out.failed);
    text = strdup(tend_buffer_string(&out));
    tend_buffer_clear(&out);
    return text;
}

/* The first line that differs is shown. */
static void are_the_same(const char *a, const char *b)
{
    while (*a && *b) {
        size_t x = strcspn(a, "\n"), y = strcspn(b, "\n");

        ck_assert_msg(x == y && memcmp(a, b, x) == 0, "ahead: %.*s\nalone: %.*s", (int)x, a, (int)y, b);
        a += x + (a[x] == '\n');
        b += y + (b[y] == '\n');
    }
    ck_assert_str_eq(a, b);
}

START_TEST(what_is_read_ahead_is_read_as_ever)
{
    char *texts[WORLDS], *invoices;

    state = (unsigned)_i * 977 + 1;
    invoices = write_invoices();
    for (int w = 0; w < WORLDS; w++) {
        sync_fixture *s = worlds[w];
        const char *files[] = { test_folder_write_text(&s->f.folder, "accounts.csv",
                                                       "id,name\nA0,a\nA1,b\nA2,c\nA3,d\nA4,e\nA5,f\nA6,g\n"),
                                test_folder_write_text(&s->f.folder, "invoices.csv", invoices) };

        import_files(s, files, 2);
        ck_assert_int_gt(s->report->created, ROWS / 4);
        ck_assert_int_gt(s->report->rejected, ROWS / 8);
        ck_assert(knows_bytes(s, "invoice") == (w == AHEAD));
        texts[w] = everything(s);
    }
    are_the_same(texts[AHEAD], texts[ALONE]);
    free(invoices);
    free(texts[AHEAD]);
    free(texts[ALONE]);
}
END_TEST

TESTS_WITH("sync/ready", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, what_is_read_ahead_is_read_as_ever, 0, 3);
})
