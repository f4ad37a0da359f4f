/* Mappings are understood or refused, all faults at once. */
#include "base/buffer.h"
#include "sync/mapping.h"
#include "tests.h"
#include <string.h>

static tend_schema *schema;
static tend_mapping *mapping;
static tend_error error;
static char told[8192];

static void set_up(void)
{
    mapping = NULL;
    ck_assert_int_eq(tend_schema_new(NULL, &schema, &error), TEND_OK);
}

static void tear_down(void)
{
    tend_mapping_free(mapping);
    tend_schema_free(schema);
}

/* All faults, a line each; "" when it loads. */
static const char *load(const char *text)
{
    FILE *faults = fmemopen(told, sizeof told, "w");
    tend_status status;

    memset(told, 0, sizeof told);
    tend_mapping_free(mapping);
    mapping = NULL;
    status = tend_mapping_load_text("m.ini", text, strlen(text), schema, faults, &mapping, &error);
    (void)fclose(faults);
    ck_assert((status == TEND_OK) == (told[0] == '\0'));
    return told;
}

#define HEAD "[mapping]\nsource = crm\n[stream.a]\nfile = a.csv\nkind = account\nkey = id\n"

static const char *const faults[][2] = {
    { HEAD "qqqq = x\n[fields.a]\nname = x\n", "m.ini:7: [stream.a] qqqq: no such setting; docs/mapping.md lists them all\n" },
    { HEAD "[fields.a]\nnmae = x\n", "m.ini:8: [fields.a] nmae: no such field of account; did you mean name?\n" },
    { HEAD "[fields.a]\nname = x +\n", "m.ini:8: [fields.a] name: a column or a \"constant\" is missing after '+'\n" },
    { HEAD "[fields.a]\nparent = x\n",
      "m.ini:8: [fields.a] parent: refers to another record; write column -> account, or column -> account.name\n" },
    { HEAD "[fields.a]\nparent = x -> user\n", "m.ini:8: [fields.a] parent: refers to the kind account, not user\n" },
    { HEAD "[fields.a]\nparent = x -> account.city\n", "m.ini:8: [fields.a] parent: account cannot be looked up by 'city'\n" },
    { HEAD "[fields.a]\nname = x -> account\n", "m.ini:8: [fields.a] name: is no reference; leave out the ->\n" },
    { HEAD "[fields.a]\nparent = x -> account, else ask\n",
      "m.ini:8: [fields.a] parent: ', else ask' is not understood; write else reject, else empty, else create or list empty\n" },
    { HEAD "[fields.b]\nname = x\n[fields.a]\nname = x\n", "m.ini:8: [fields.b]: there is no [stream.b]\n" },
    { HEAD "[fields.a]\nname = x\n[values.a.city]\nx = y\n",
      "m.ini:10: [values.a.city]: no stream maps a field of this name; write [values.STREAM.FIELD]\n" },
    { HEAD "[fields.a]\nname = x\n[values.a.name]\n* = maybe\n",
      "m.ini:10: [values.a.name] *: 'maybe' is not understood; write keep, reject or empty\n" },
    { HEAD, "m.ini:5: [stream.a] has no fields; add a section [fields.a]\n" },
    { "[mapping]\nsource = crm\n[stream.a]\nfile = a.csv\nkind = acount\nkey = id\n[fields.a]\nname = x\n",
      "m.ini:5: [stream.a] kind: no kind is called acount; did you mean account?\n" },
    { "[mapping]\nsource = crm\ndates = XX\n[stream.a]\nfile = a.csv\nkind = account\nkey = id\n[fields.a]\nname = x\n",
      "m.ini:3: [mapping] dates: 'XX' is not a pattern; write it with YYYY MM DD HH mm ss\n" },
    { "[mapping]\nsource = crm\nencoding = klingon\n[stream.a]\nfile = a.csv\nkind = account\nkey = id\n[fields.a]\nname = x\n",
      "m.ini:6: [stream.a] encoding: 'klingon' is not known; write utf-8, cp949, windows-1252, iso-8859-1, utf-16le or "
      "utf-16be\n" },
};

START_TEST(each_fault_has_its_line)
{
    ck_assert_str_eq(load(faults[_i][0]), faults[_i][1]);
}
END_TEST

START_TEST(all_faults_are_told_at_once)
{
    (void)load(HEAD "[fields.a]\nnmae = x\ncity = y +\nparent = z\n");
    ck_assert_ptr_nonnull(strstr(told, "m.ini:8: "));
    ck_assert_ptr_nonnull(strstr(told, "m.ini:9: "));
    ck_assert_ptr_nonnull(strstr(told, "m.ini:10: "));
}
END_TEST

START_TEST(a_stream_overrides_the_mapping)
{
    ck_assert_str_eq(load("[mapping]\nsource = crm\ndates = D/M/YYYY\ncurrency = EUR\ndelimiter = semicolon\n"
                          "[stream.a]\nfile = a.csv\nkind = account\nkey = id, sub\ncurrency = KRW\n"
                          "[fields.a]\nname = x\ncurrency = c\n[values.a.name]\nGTXPro = GTX Pro\n* = reject\n"),
                     "");
    ck_assert_str_eq(mapping->streams[0].format.currency, "KRW");
    ck_assert_str_eq(mapping->streams[0].format.dates[0], "D/M/YYYY");
    ck_assert_int_eq(mapping->streams[0].delimiter, ';');
    ck_assert_uint_eq(mapping->streams[0].key_count, 2);
    ck_assert_str_eq(mapping->streams[0].kind->fields[mapping->streams[0].fields[0].field].name, "currency");
    ck_assert_uint_eq(mapping->streams[0].fields[1].translation_count, 1);
    ck_assert_int_eq(mapping->streams[0].fields[1].otherwise, TEND_UNKNOWN_REJECT);
}
END_TEST

START_TEST(files_are_known_by_name)
{
    ck_assert_str_eq(load(HEAD "[fields.a]\nname = x\n"), "");
    ck_assert(tend_mapping_reads(&mapping->streams[0], "/tmp/x/a.csv"));
    ck_assert(tend_mapping_reads(&mapping->streams[0], "A.CSV"));
    ck_assert(tend_mapping_reads(&mapping->streams[0], "a.csv.gz"));
    ck_assert(tend_mapping_reads(&mapping->streams[0], "a.rejected.csv"));
    ck_assert(tend_mapping_reads(&mapping->streams[0], "a.rejected-2.csv"));
    ck_assert(!tend_mapping_reads(&mapping->streams[0], "b.rejected.csv"));
    ck_assert_str_eq(load("[mapping]\nsource = crm\n[stream.a]\nfile = accounts, kunden.txt\nkind = account\nkey = id\n"
                          "[fields.a]\nname = x\n"),
                     "");
    ck_assert(tend_mapping_reads(&mapping->streams[0], "accounts.rejected.csv")); /* rejects are always .csv */
    ck_assert(tend_mapping_reads(&mapping->streams[0], "kunden.rejected-3.csv"));
    ck_assert(!tend_mapping_reads(&mapping->streams[0], "accounts.csv"));
    ck_assert_str_eq(load(HEAD "[fields.a]\nname = x\n"), "");
    ck_assert(!tend_mapping_reads(&mapping->streams[0], "b.csv"));
    ck_assert(!tend_mapping_reads(&mapping->streams[0], "a.csv.txt"));
}
END_TEST

TESTS_WITH("sync/mapping", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, each_fault_has_its_line, 0, sizeof faults / sizeof faults[0]);
    tcase_add_test(tcase, all_faults_are_told_at_once);
    tcase_add_test(tcase, a_stream_overrides_the_mapping);
    tcase_add_test(tcase, files_are_known_by_name);
})
