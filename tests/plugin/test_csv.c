/* connector/csv against a fake host: what a file becomes. */
#include "folder.h"
#include "plugin_fake_host.h"
#include "tests.h"
#include <string.h>
#include <time.h>

static test_folder folder;
static fake_host host;

static void make(void)
{
    test_folder_make(&folder);
    fake_host_init(&host, "connector_csv");
}

static void drop(void)
{
    fake_host_clear(&host);
    test_folder_remove(&folder);
}

/* Pulls the bytes as the file `name`. */
static tend_status pull_bytes(const char *name, const void *bytes, size_t length)
{
    fake_host_set(&host, "path", test_folder_write(&folder, name, bytes, length));
    ck_assert_msg(fake_host_open(&host) == TEND_OK, "%s", host.error.text);
    return fake_host_pull(&host, name, NULL, 0);
}

static tend_status pull_text(const char *text)
{
    return pull_bytes("a.csv", text, strlen(text));
}

static const struct {
    const char *file, *columns, *seen;
} readings[] = {
    { "a,b\n1,2\n3,4\n", "a|b", "2: 1|2\n3: 3|4\n" },
    { "a,b\r\n1,2\r\n3,4", "a|b", "2: 1|2\n3: 3|4\n" },
    { "\xEF\xBB\xBF"
      "a,b\n1,2\n",
      "a|b", "2: 1|2\n" },
    { "a,b\n\"x\ny\",\"say \"\"hi\"\", now\"\n3,4\n", "a|b", "2: x\ny|say \"hi\", now\n4: 3|4\n" },
    { "a,b\r\n\"x\r\ny\",\"\"\r\n3,4\r\n", "a|b", "2: x\r\ny|\n4: 3|4\n" },
    { "a,b\n\n\r\n1,2\n\n", "a|b", "4: 1|2\n" },
    { "a,b\n,\n", "a|b", "2: |\n" },
    { "a,b\n\"\",\"\"\n", "a|b", "2: |\n" },
    { "a,b\n5\" disk,x\"y\"\n", "a|b", "2: 5\" disk|x\"y\"\n" },
    { "a,b\n1\n1,2,3\n4,5\n", "a|b",
      "reject 2 -: has 1 field, the header has 2\nreject 3 -: has 3 fields, the header has 2\n4: 4|5\n" },
    { "a,b\n\"1\"x,2\n3,4\n", "a|b", "reject 2 a: text stands after the closing quote\n3: 3|4\n" },
    { "a,b\n1,\xFF\xFE\n3,\xED\xA0\x80\n5,\xC0\xAF\n7,\xEA\xB0\x80\n", "a|b",
      "reject 2 b: holds bytes that are not utf-8\nreject 3 b: holds bytes that are not utf-8\n"
      "reject 4 b: holds bytes that are not utf-8\n5: 7|\xEA\xB0\x80\n" },
    { "a,,c\n1,2,3\n", "a|2|c", "2: 1|2|3\n" },
    { "a,b\n\"x\"y\",\"z\"\n\"1\",\"2\"\n", "a|b", "reject 2 a: text stands after the closing quote\n3: 1|2\n" },
    { "a,b\n\"\"\"\",2\n\"1\" ,2\nx\"1,2\"\n\"\",\"\"\r\n\"1\"\r,2\n", "a|b",
      "2: \"|2\nreject 3 a: text stands after the closing quote\n4: x\"1|2\"\n5: |\nreject 6 a: text stands after the closing "
      "quote\n" },
    { "a\n\"\"\n\nx\n", "a", "2: \n4: x\n" },
    { "a,b\n", "a|b", "" },
    { "a\n\"x\"", "a", "2: x\n" },
    { "a\n\"x\"\r", "a", "2: x\n" },
    { "a,b\n1,", "a|b", "2: 1|\n" },
};

START_TEST(records_are_read_as_rfc_4180_says)
{
    make();
    ck_assert_msg(pull_text(readings[_i].file) == TEND_OK, "%s", host.error.text);
    ck_assert_str_eq(host.columns, readings[_i].columns);
    ck_assert_str_eq(host.text, readings[_i].seen);
    drop();
}
END_TEST

static const struct {
    const char *file, *sentence;
} refusals[] = {
    { "a,b\n1,2\n3,\"x\n4,5\n",
      "a.csv:3: the quote that opens here is never closed; close it, or fetch the file again if its end is missing" },
    { "a,b,a\n1,2,3\n", "a.csv:1: the header names 'a' twice; give each column its own name" },
    { "a,\xFF\n1,2\n",
      "a.csv:1: the header is not in the encoding utf-8; write the one it is in, such as encoding = cp949, beside its file" },
    { "PK\003\004and so on", "a.csv: this is a ZIP or XLSX file, not CSV; save it as CSV first" },
    { "\xD0\xCF\x11\xE0 and so on", "a.csv: this is an old Excel file (XLS), not CSV; save it as CSV first" },
    { "\xEF\xBB\xBF"
      "a,\xFF\n1,2\n",
      "a.csv:1: the header is not in the encoding utf-8, though the file begins with its mark; save it anew" },
    { "a,b\r1,2\r", "a.csv: its lines end with CR alone; save it with LF or CR LF" },
    { "", "a.csv: it is empty; not even a header stands in it" },
};

START_TEST(a_file_that_cannot_be_right_is_refused_whole)
{
    const char *name;

    make();
    ck_assert_int_eq(pull_text(refusals[_i].file), TEND_EINVAL);
    name = strstr(host.error.text, "a.csv");
    ck_assert_msg(name && strcmp(name, refusals[_i].sentence) == 0, "%s", host.error.text);
    drop();
}
END_TEST

START_TEST(settings_change_the_reading)
{
    static const struct {
        const char *key, *value, *name, *file, *columns, *seen;
    } cases[] = {
        { "delimiter", ";", "a.csv", "a;b\n1,5;2\n", "a|b", "2: 1,5|2\n" },
        { "delimiter", "tab", "a.csv", "a\tb\n1\t2\n", "a|b", "2: 1|2\n" },
        { "header", "yes", "a.tsv", "a\tb\n1\t2\n", "a|b", "2: 1|2\n" },
        { "header", "no", "a.csv", "1,2\n3,4\n", "1|2", "1: 1|2\n2: 3|4\n" },
        { "skip_lines", "2", "a.csv", "Report\n,,,\"\na,b\n1,2\n", "a|b", "4: 1|2\n" },
        { "quote", "'", "a.csv", "a,b\n'1,2',\"3\n", "a|b", "2: 1,2|\"3\n" },
        { "quote", "none", "a.csv", "a,b\n\"1,2\"\n", "a|b", "2: \"1|2\"\n" },
        { "null_text", "NULL", "a.csv", "a,b\nNULL,NULLS\n", "a|b", "2: |NULLS\n" },
        { "max_field", "3", "a.csv", "a,b\n123,1234\n\"1234\",1\n123,\"123\"\n", "a|b",
          "reject 2 b: longer than max_field allows\nreject 3 a: longer than max_field allows\n4: 123|123\n" },
        { "encoding", "windows-1252", "a.csv", "a\n\x80\xE9\n", "a", "2: \xE2\x82\xAC\xC3\xA9\n" },
        { "encoding", "iso-8859-1", "a.csv", "\xE9\n\xFC\n", "\xC3\xA9", "2: \xC3\xBC\n" },
        { "encoding", "cp949", "a.csv", "a,b\n\xB0\xA1,\"\xB0\xA2\n\xFF\xFF\"\n\xB0\xA1,x\n", "a|b",
          "reject 2 b: holds bytes that are not cp949\n4: \xEA\xB0\x80|x\n" },
    };

    make();
    fake_host_set(&host, cases[_i].key, cases[_i].value);
    ck_assert_msg(pull_bytes(cases[_i].name, cases[_i].file, strlen(cases[_i].file)) == TEND_OK, "%s", host.error.text);
    ck_assert_str_eq(host.columns, cases[_i].columns);
    ck_assert_str_eq(host.text, cases[_i].seen);
    drop();
}
END_TEST

/* What Excel saves, and our own files of rejects, whatever the mapping says of the original. */
static const struct {
    const char *encoding;
    enum { MARKED_UTF8, MARKED_LE, MARKED_BE } written;
} marked[] = {
    { "windows-1252", MARKED_UTF8 }, { "cp949", MARKED_UTF8 },  { "utf-16le", MARKED_UTF8 }, { "utf-8", MARKED_LE },
    { "windows-1252", MARKED_LE },   { "utf-16be", MARKED_LE }, { "cp949", MARKED_BE },      { "utf-16le", MARKED_BE },
};

START_TEST(a_byte_order_mark_wins_over_the_encoding_that_is_set)
{
    static const uint16_t text[] = { 0xFEFF, 'W', 0xE4, 'h', 'r', ',', 'b', '\n', 0xD6, 'k', 'o', ',', 0xD55C, '\n' };
    static const char utf8[] = "\xEF\xBB\xBFW\xC3\xA4hr,b\n\xC3\x96ko,\xED\x95\x9C\n";
    unsigned char wide[sizeof text];

    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        wide[2 * i + (marked[_i].written == MARKED_BE)] = (unsigned char)(text[i] & 0xFF);
        wide[2 * i + (marked[_i].written == MARKED_LE)] = (unsigned char)(text[i] >> 8);
    }
    make();
    fake_host_set(&host, "encoding", marked[_i].encoding);
    ck_assert_msg((marked[_i].written == MARKED_UTF8 ? pull_bytes("a.csv", utf8, sizeof utf8 - 1)
                                                     : pull_bytes("a.csv", wide, sizeof wide)) == TEND_OK,
                  "%s", host.error.text);
    ck_assert_str_eq(host.columns, "W\xC3\xA4hr|b");
    ck_assert_str_eq(host.text, "2: \xC3\x96ko|\xED\x95\x9C\n");
    drop();
}
END_TEST

START_TEST(utf_16_is_decoded_and_half_a_pair_is_a_reject)
{
    static const char file[] = "\xFF\xFE"
                               "a\0,\0b\0\n\0"
                               "\x00\xAC,\0x\0\n\0"
                               "\x00\xD8,\0y\0\n\0";

    make();
    fake_host_set(&host, "encoding", "utf-16le");
    ck_assert_msg(pull_bytes("a.csv", file, sizeof file - 1) == TEND_OK, "%s", host.error.text);
    ck_assert_str_eq(host.columns, "a|b");
    ck_assert_str_eq(host.text, "2: \xEA\xB0\x80|x\nreject 3 a: holds bytes that are not utf-16le\n");
    drop();
}
END_TEST

START_TEST(a_nul_byte_is_a_reject_and_cuts_nothing)
{
    static const char file[] = "a,b\n1,x\0y\n\"x\0y\",2\n3,4\n";

    make();
    ck_assert_int_eq(pull_bytes("a.csv", file, sizeof file - 1), TEND_OK);
    ck_assert_str_eq(host.text, "reject 2 a: holds a NUL byte\nreject 3 a: holds a NUL byte\n4: 3|4\n");
    drop();
}
END_TEST

START_TEST(a_folder_is_its_files_in_name_order)
{
    char names[200];

    make();
    (void)test_folder_write_text(&folder, "b.csv", "a\n1\n");
    (void)test_folder_write_text(&folder, "a.tsv", "a\n1\n");
    (void)test_folder_write_text(&folder, "c.csv.gz", "a\n1\n");
    (void)test_folder_write_text(&folder, ".d.csv", "a\n1\n");
    (void)test_folder_write_text(&folder, "e.txt", "a\n1\n");
    fake_host_set(&host, "path", folder.path);
    ck_assert_int_eq(fake_host_open(&host), TEND_OK);
    ck_assert_int_eq(fake_host_streams(&host, names, sizeof names), TEND_OK);
    ck_assert_str_eq(names, "a.tsv;b.csv;c.csv.gz;");
    ck_assert_int_eq(fake_host_pull(&host, "e.txt", NULL, 0), TEND_ENOTFOUND);
    ck_assert_str_eq(host.error.text, "csv: there is no file e.txt in what `path` names");
    drop();
}
END_TEST

/* 25,000 records of which the first has a line feed in a quoted field. */
static char *make_long(size_t *ret_length)
{
    char *text = malloc((size_t)1 << 20), *at = text;

    at += sprintf(at, "id,name\n\"0\",\"first\nrecord\"\n");
    for (int i = 1; i < 25000; i++)
        at += sprintf(at, "%d,name %d\n", i, i);
    *ret_length = (size_t)(at - text);
    return text;
}

START_TEST(a_bookmark_goes_on_where_the_checkpoint_was)
{
    size_t length;
    char *text = make_long(&length), path[600], *second;
    bool is_packed = _i == 1;

    make();
    host.limit_text = 1;
    (void)snprintf(path, sizeof path, "%s", test_folder_write(&folder, "a.csv", text, length));
    if (is_packed) {
        char command[2000];

        (void)snprintf(command, sizeof command, "gzip '%s' && mv '%s.gz' '%s'", path, path, path);
        ck_assert_int_eq(system(command), 0);
    }
    fake_host_set(&host, "path", path);
    ck_assert_int_eq(fake_host_open(&host), TEND_OK);
    ck_assert_int_eq(fake_host_pull(&host, "a.csv", NULL, 20000), TEND_OK);
    ck_assert_uint_eq(host.records, 20000);
    ck_assert_uint_eq(host.checkpoints, 2);
    second = strdup(host.bookmark);
    ck_assert_msg(fake_host_pull(&host, "a.csv", second, 0) == TEND_OK, "%s", host.error.text);
    ck_assert_uint_eq(host.records, 5000);
    ck_assert_str_eq(host.text, "20003: 20000|name 20000\n");
    ck_assert_int_eq(fake_host_pull(&host, "a.csv", host.bookmark, 0), TEND_OK);
    ck_assert_uint_eq(host.records, 0);

    (void)test_folder_write(&folder, "a.csv", text, length - 10);
    ck_assert_int_eq(fake_host_pull(&host, "a.csv", second, 0), TEND_OK);
    ck_assert_uint_eq(host.records + host.rejects, 25000);
    ck_assert_str_eq(host.log, "3 the file has changed since the last pull: it is read from its start\n");
    free(second);
    free(text);
    drop();
}
END_TEST

START_TEST(a_gzip_file_that_is_cut_short_is_a_failure)
{
    char command[2000], path[600];
    size_t length;
    char *text = make_long(&length);

    make();
    (void)snprintf(path, sizeof path, "%s", test_folder_write(&folder, "a.csv", text, length));
    (void)snprintf(command, sizeof command, "gzip '%s' && head -c 5000 '%s.gz' > '%s'", path, path, path);
    ck_assert_int_eq(system(command), 0);
    fake_host_set(&host, "path", path);
    ck_assert_int_eq(fake_host_open(&host), TEND_OK);
    ck_assert_int_eq(fake_host_pull(&host, "a.csv", NULL, 0), TEND_EIO);
    ck_assert_ptr_nonnull(strstr(host.error.text, "a.csv: the gzip file is cut short; fetch it again"));
    free(text);
    drop();
}
END_TEST

/* Quoted fields of every length around the window's edge must come out whole. */
START_TEST(nothing_happens_at_the_edge_of_the_window)
{
    const size_t window = (size_t)1 << 20;
    char *text = malloc(window + 200), *at;

    for (size_t shift = 0; shift < 12; shift++) {
        make();
        host.limit_text = 0;
        at = stpcpy(text, "a,b\n");
        while ((size_t)(at - text) + 20 < window)
            at = stpcpy(at, "1234567,abcdefghij\n");
        for (size_t i = 0; i < shift; i++)
            at = stpcpy(at, "\n");
        at = stpcpy(at, "\"x\"\"y\",\"\xEA\xB0\x80\"\r\nlast,one\r\n");
        ck_assert_msg(pull_bytes("a.csv", text, (size_t)(at - text)) == TEND_OK, "%s", host.error.text);
        host.limit_text = UINT64_MAX;
        ck_assert_int_eq(fake_host_pull(&host, "a.csv", NULL, 0), TEND_OK);
        ck_assert_uint_eq(host.rejects, 0);
        at = strstr(host.text, "x\"y|\xEA\xB0\x80\n");
        ck_assert_ptr_nonnull(at);
        ck_assert_ptr_nonnull(strstr(at, ": last|one\n"));
        drop();
    }
    free(text);
}
END_TEST

static uint32_t chance(uint32_t below)
{
    static uint64_t state = 7;

    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % below;
}

/* A field as somebody wrote it, and as it is meant. Returns how many line feeds stand in it. */
static unsigned write_field(char **text, char **meant, bool has_quotes)
{
    static const char plain[] = "abcdefghij 0123456789.-", special[] = "\",\n\r\xEA\xB0\x80xyz";
    const bool is_special = has_quotes && chance(8) == 0, is_quoted = has_quotes && (is_special || chance(2));
    const uint32_t length = chance(10) == 0 ? chance(200) : chance(14);
    unsigned feeds = 0;

    *text = is_quoted ? stpcpy(*text, "\"") : *text;
    for (uint32_t i = 0; i < length; i++) {
        const char *piece = is_special ? special + chance(8) : plain + chance(sizeof plain - 1);
        const size_t bytes = *piece == '\xEA' ? 3 : (*piece & 0xC0) == 0x80 ? 0 : 1;

        memcpy(*meant, piece, bytes);
        memcpy(*text, piece, bytes);
        *meant += bytes;
        *text += bytes;
        feeds += *piece == '\n';
        if (*piece == '"')
            *(*text)++ = '"';
    }
    *text = is_quoted ? stpcpy(*text, "\"") : *text;
    return feeds;
}

/* Short and long fields, in quotes or not, with everything that quotes are for now and then. */
START_TEST(records_of_any_shape_come_out_as_they_were_meant)
{
    char *text = malloc((size_t)4 << 20), *meant = malloc((size_t)4 << 20), *at = stpcpy(text, "a,b,c\n"), *to = meant;
    unsigned line = 2;

    for (uint32_t i = 0; i < 3000; i++) {
        const unsigned first = line++;
        const bool has_quotes = _i > 0;

        to += sprintf(to, "%u: ", first);
        for (int field = 0; field < 3; field++) {
            line += write_field(&at, &to, has_quotes);
            if (field < 2)
                *at++ = ',', *to++ = '|';
        }
        at = stpcpy(at, chance(2) ? "\n" : "\r\n");
        *to++ = '\n';
    }
    *at = *to = '\0';
    make();
    host.limit_text = UINT64_MAX;
    fake_host_set(&host, "quote", _i == 0 ? "none" : "\"");
    ck_assert_msg(pull_text(text) == TEND_OK, "%s", host.error.text);
    ck_assert_uint_eq(host.rejects, 0);
    ck_assert_str_eq(host.text, meant);
    drop();
    free(text);
    free(meant);
}
END_TEST

START_TEST(a_record_longer_than_the_window_is_read)
{
    size_t length = (size_t)3 << 20;
    char *text = malloc(length + 100), *at = stpcpy(text, "a,b\n");

    make();
    fake_host_set(&host, "max_field", "7000000");
    memset(at, 'x', length);
    at = stpcpy(at + length, ",1\r\ny,2\n");
    host.limit_text = UINT64_MAX;
    ck_assert_msg(pull_bytes("a.csv", text, (size_t)(at - text)) == TEND_OK, "%s", host.error.text);
    ck_assert_uint_eq(host.text_length, 3 + length + 3 + 7);
    ck_assert_str_eq(host.text + 3 + length, "|1\n3: y|2\n");
    free(text);
    drop();
}
END_TEST

/* ---- the adversarial files whose outcome is decided here ---- */

static const struct {
    const char *file;
    tend_status status;
    uint64_t records, rejects;
    const char *says; /* in what was written down or in the sentence */
} hostile[] = {
    { "C002_utf_8_with_bom.csv", TEND_OK, 3, 0, "" },
    { "C006_half_utf_8_half_cp949.csv", TEND_OK, 2, 1, "reject 4 name: holds bytes that are not utf-8" },
    { "C007_invalid_utf_8_bytes.csv", TEND_OK, 0, 1, "reject 2 name: holds bytes that are not utf-8" },
    { "C008_overlong_and_surrogate_encodings.csv", TEND_OK, 0, 2, "reject 3 " },
    { "C011_nul_byte_inside_a_field.csv", TEND_OK, 0, 1, "reject 2 id: holds a NUL byte" },
    { "C012_unclosed_quote_swallows_the_file.csv", TEND_EINVAL, 0, 0, "C012_unclosed_quote_swallows_the_file.csv:2: the quote" },
    { "C014_quoted_newlines_doubled_quotes_quoted_commas.csv", TEND_OK, 1, 0, "2: A1|line1\nline2 \"q\", x||a@example.test|" },
    { "C018_field_of_2_mib.csv", TEND_OK, 0, 1, "reject 2 name: longer than max_field allows" },
    { "C020_500_000_empty_lines.csv", TEND_OK, 1, 0, "" },
    { "C021_short_and_long_rows.csv", TEND_OK, 1, 2, "reject 3 -: has 11 fields, the header has 9" },
    { "C047_binary_file_named_csv_zip_xlsx_magic.csv", TEND_EINVAL, 0, 0, "this is a ZIP or XLSX file, not CSV" },
    { "C051_header_only.csv", TEND_OK, 0, 0, "" },
};

START_TEST(hostile_files_have_their_expected_outcome)
{
    const char *shared = getenv("TEND_SHARED"), *source = getenv("TEND_SOURCE");
    char path[4096];
    struct timespec began, ended;
    tend_status status;

    (void)snprintf(path, sizeof path, "%s%s/data/adversarial/csv/%s", shared ? shared : source, shared ? "" : "/../shared",
                   hostile[_i].file);
    if (access(path, R_OK) < 0) {
        (void)printf("SKIPPED: %s is not there\n", path);
        return;
    }
    make();
    fake_host_set(&host, "path", path);
    ck_assert_int_eq(fake_host_open(&host), TEND_OK);
    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    status = fake_host_pull(&host, hostile[_i].file, NULL, 0);
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    ck_assert_int_eq(status, hostile[_i].status);
    ck_assert_uint_eq(host.records, hostile[_i].records);
    ck_assert_uint_eq(host.rejects, hostile[_i].rejects);
    ck_assert_msg(strstr(host.text, hostile[_i].says) || strstr(host.error.text, hostile[_i].says), "%s%s", host.text,
                  host.error.text);
    if (host.columns[0])
        ck_assert_str_eq(host.columns, "id|name|parent_id|owner_email|amount|currency|start|end|phone");
    ck_assert_int_lt(ended.tv_sec - began.tv_sec, 3);
    drop();
}
END_TEST

TESTS_WITH("plugin/csv", {
    tcase_add_loop_test(tcase, records_are_read_as_rfc_4180_says, 0, sizeof readings / sizeof *readings);
    tcase_add_loop_test(tcase, a_file_that_cannot_be_right_is_refused_whole, 0, sizeof refusals / sizeof *refusals);
    tcase_add_loop_test(tcase, settings_change_the_reading, 0, 12);
    tcase_add_loop_test(tcase, a_byte_order_mark_wins_over_the_encoding_that_is_set, 0, sizeof marked / sizeof *marked);
    tcase_add_test(tcase, utf_16_is_decoded_and_half_a_pair_is_a_reject);
    tcase_add_test(tcase, a_nul_byte_is_a_reject_and_cuts_nothing);
    tcase_add_test(tcase, a_folder_is_its_files_in_name_order);
    tcase_add_loop_test(tcase, a_bookmark_goes_on_where_the_checkpoint_was, 0, 2);
    tcase_add_test(tcase, a_gzip_file_that_is_cut_short_is_a_failure);
    tcase_add_test(tcase, nothing_happens_at_the_edge_of_the_window);
    tcase_add_loop_test(tcase, records_of_any_shape_come_out_as_they_were_meant, 0, 2);
    tcase_add_test(tcase, a_record_longer_than_the_window_is_read);
    tcase_add_loop_test(tcase, hostile_files_have_their_expected_outcome, 0, sizeof hostile / sizeof *hostile);
})
