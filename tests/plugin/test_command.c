/* connector/command against a fake host: what a program's lines become, and how a program ends. */
#include "folder.h"
#include "plugin_fake_host.h"
#include "tests.h"
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static test_folder folder;
static fake_host host;
static char script[512];

/* A shell script as the program. */
static void make(const char *text)
{
    test_folder_make(&folder);
    fake_host_init(&host, "connector_command");
    (void)snprintf(script, sizeof script, "%s", test_folder_write_text(&folder, "program", text));
    ck_assert_int_eq(chmod(script, 0700), 0);
    fake_host_set(&host, "program", script);
    fake_host_set(&host, "timeout", "20000");
}

static void drop(void)
{
    fake_host_clear(&host);
    test_folder_remove(&folder);
}

static tend_status pull(const char *stream, const char *bookmark)
{
    ck_assert_msg(fake_host_open(&host) == TEND_OK, "%s", host.error.text);
    return fake_host_pull(&host, stream, bookmark, 0);
}

#define R(record) "{\"type\":\"record\",\"stream\":\"s\",\"record\":" record "}\n"

static const struct {
    const char *lines, *columns, *seen, *bookmark;
} readings[] = {
    { R("{\"a\":\"x\",\"b\":2}") R("{\"b\":null}"), "a|b", "1: x|2\n2: -|\n", "" },
    { R("{\"a\":1}") R("{\"c\":true,\"a\":false}"), "a|c", "1: 1\n2: false|true\n", "" },
    { R("{\"n\":12345678901234567890.123456789012345,\"m\":-0.10,\"e\":1E400}"), "n|m|e",
      "1: 12345678901234567890.123456789012345|-0.10|1E400\n", "" },
    { R("{\"a\":{\"b\":{\"c\":1},\"d\":[1, {\"x\":\"]\"}]},\"e\":{}}"), "a.b.c|a.d", "1: 1|[1, {\"x\":\"]\"}]\n", "" },
    { R("{\"a\":\"\\u00e9\\ud83d\\ude00\\n\\\"\\/\"}"), "a", "1: \xC3\xA9\xF0\x9F\x98\x80\n\"/\n", "" },
    { "{\"type\":\"record\",\"stream\":\"s\",\"record\":{\"a\":1},\"modified_at\":\"2026-03-02T10:15:04.131+09:00\"}\n", "a",
      "1 @1772414104131: 1\n", "" },
    { "{\"type\":\"record\",\"stream\":\"other\",\"record\":{\"z\":1}}\n\n" R("{\"a\":1}"), "a", "3: 1\n", "" },
    { "{\"type\":\"tombstone\",\"stream\":\"s\",\"key\":[\"x\",7]}\n", "", "gone x|7\n", "" },
    { R("{\"a\":1}") "{\"type\":\"bookmark\",\"value\":\"page 2\"}\n", "a", "1: 1\n", "page 2" },
    { "{\"type\":\"schema\",\"stream\":\"s\",\"key\":[\"id\"]}\n" R("{\"a\":1,\"id\":9}"), "id|a key id", "2: 9|1\n", "" },
    { "{\"type\":\"SCHEMA\",\"stream\":\"s\",\"schema\":{\"properties\":{}},\"key_properties\":[\"id\"]}\n"
      "{\"type\":\"RECORD\",\"stream\":\"s\",\"record\":{\"id\":1,\"_sdc_deleted_at\":null},\"time_extracted\":\"1970-01-01T00:00:"
      "01Z\"}\n"
      "{\"type\":\"RECORD\",\"stream\":\"s\",\"record\":{\"id\":2,\"_sdc_deleted_at\":\"2026-01-01T00:00:00Z\"}}\n"
      "{\"type\":\"ACTIVATE_VERSION\",\"stream\":\"s\",\"version\":3}\n"
      "{\"type\":\"STATE\",\"value\":{\"s\": {\"since\":7}}}\n",
      "id|_sdc_deleted_at key id", "2 @1000: 1|\ngone 2\n", "{\"s\": {\"since\":7}}" },
    { "nonsense\n{\"type\":\"record\"}\n{\"type\":\"recrod\"}\n[1]\n" R("{\"a\":1,\"a\":2}") R("{\"a\":3}"), "a",
      "reject 1 -: not JSON: something that is no JSON value\nreject 2 -: it names no 'stream'\n"
      "reject 3 -: its type is none of record, tombstone, schema, bookmark, RECORD, SCHEMA, STATE and ACTIVATE_VERSION\n"
      "reject 4 -: it is no object with a text 'type'\nreject 5 -: it names a key twice\n6: 3\n",
      "" },
    { R("{\"a\":1}") "{\"type\":\"RECORD\",\"stream\":\"s\",\"record\":{\"a\":2,\"_sdc_deleted_at\":\"2026-01-01T00:00:00Z\"}}\n",
      "a", "1: 1\nreject 2 -: a removed record, but the stream's schema names no key\n", "" },
    { "{\"type\":\"record\",\"stream\":\"s\",\"record\":{\"a\":1},\"modified_at\":\"2026-02-30T00:00:00Z\"}\n", "",
      "reject 1 -: its time is not written as 2026-03-02T10:15:04Z\n", "" },
};

START_TEST(lines_become_records)
{
    char path[600];

    make("#!/bin/sh\nexec cat \"$FILE\"\n");
    (void)snprintf(path, sizeof path, "FILE=%s", test_folder_write_text(&folder, "lines", readings[_i].lines));
    fake_host_set(&host, "environment", path);
    ck_assert_msg(pull("s", NULL) == TEND_OK, "%s", host.error.text);
    ck_assert_str_eq(host.text, readings[_i].seen);
    ck_assert_str_eq(host.columns, readings[_i].columns);
    ck_assert_str_eq(host.bookmark, readings[_i].bookmark);
    drop();
}
END_TEST

static const char *const bad_json[] = {
    "{",
    "{\"a\":01}",
    "{\"a\":1.}",
    "{\"a\":+1}",
    "{\"a\":NaN}",
    "{\"a\":\"\t\"}",
    "{\"a\":\"\\x\"}",
    "{\"a\" 1}",
    "{\"a\":1,}",
    "[1,]",
    "{} {}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\u0000\"}",
    "\"open",
    "{\"a\":tru}",
    "{\"a\":\"\\u12",
    "{\"a\":\"\\udc00\"}",
    "{a:1}",
    "-",
    "\xFF",
};

START_TEST(what_is_not_json_is_a_reject)
{
    char path[600];

    make("#!/bin/sh\nexec cat \"$FILE\"\n");
    (void)snprintf(path, sizeof path, "FILE=%s", test_folder_write_text(&folder, "lines", bad_json[_i]));
    fake_host_set(&host, "environment", path);
    ck_assert_msg(pull("s", NULL) == TEND_OK, "%s", host.error.text);
    ck_assert_msg(strncmp(host.text, "reject 1 -: not JSON: ", 22) == 0, "%s", host.text);
    ck_assert_uint_eq(host.rejects, 1);
    drop();
}
END_TEST

START_TEST(a_hundred_thousand_brackets_are_a_reject)
{
    char path[600], *text = malloc(100001);

    memset(text, '[', 100000);
    text[100000] = '\0';
    make("#!/bin/sh\nexec cat \"$FILE\"\n");
    (void)snprintf(path, sizeof path, "FILE=%s", test_folder_write_text(&folder, "lines", text));
    fake_host_set(&host, "environment", path);
    ck_assert_int_eq(pull("s", NULL), TEND_OK);
    ck_assert_str_eq(host.text, "reject 1 -: not JSON: more than 64 levels deep\n");
    free(text);
    drop();
}
END_TEST

START_TEST(a_failure_names_the_status_and_the_messages_are_logged)
{
    char sentence[700];

    make("#!/bin/sh\necho '"
         "{\"type\":\"record\",\"stream\":\"s\",\"record\":{\"a\":1}}"
         "'\necho 'the token is too old' >&2\nexit 3\n");
    ck_assert_int_eq(pull("s", NULL), TEND_ERROR);
    (void)snprintf(sentence, sizeof sentence, "program %s ended with exit status 3 after 1 records; see its messages above",
                   script);
    ck_assert_str_eq(host.error.text, sentence);
    ck_assert_str_eq(host.log, "2 the token is too old\n");
    drop();
}
END_TEST

START_TEST(a_program_killed_by_a_signal_is_a_failure)
{
    char sentence[700];

    make("#!/bin/sh\nkill -TERM $$\n");
    ck_assert_int_eq(pull("s", NULL), TEND_ERROR);
    (void)snprintf(sentence, sizeof sentence, "program %s was killed by signal 15 (Terminated) after 0 records", script);
    ck_assert_str_eq(host.error.text, sentence);
    drop();
}
END_TEST

/* Neither gone nor a zombie that waits to be reaped. */
static bool is_running(pid_t pid)
{
    char path[64], line[200] = "";
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
    file = fopen(path, "r");
    if (!file)
        return false;
    if (!fgets(line, sizeof line, file))
        line[0] = '\0';
    (void)fclose(file);
    return line[0] != '\0' && !strstr(line, ") Z ");
}

START_TEST(at_the_deadline_the_whole_group_is_ended)
{
    char sentence[700], *pid_text;
    const char *path;
    pid_t child;

    make("#!/bin/sh\nsleep 300 &\necho $! >\"$0.pid\"\nwait\n");
    host.settings[1].value = "1000";
    ck_assert_int_eq(pull("s", NULL), TEND_ELIMIT);
    (void)snprintf(sentence, sizeof sentence, "program %s did not end within 1 s; it was stopped", script);
    ck_assert_str_eq(host.error.text, sentence);
    path = test_folder_path(&folder, "program.pid");
    pid_text = test_file_read(path, NULL);
    ck_assert_ptr_nonnull(pid_text);
    child = (pid_t)atoi(pid_text);
    for (int i = 0; is_running(child); i++) {
        ck_assert_int_lt(i, 200); /* the signal was sent; the kernel gets two seconds to deliver it */
        (void)nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    }
    free(pid_text);
    drop();
}
END_TEST

START_TEST(a_program_that_cannot_be_started_is_said)
{
    test_folder_make(&folder);
    fake_host_init(&host, "connector_command");
    fake_host_set(&host, "program", "/nowhere/at-all");
    fake_host_set(&host, "timeout", "1000");
    ck_assert_int_eq(pull("s", NULL), TEND_ENOTFOUND);
    ck_assert_str_eq(host.error.text, "program /nowhere/at-all cannot be started: No such file or directory");
    drop();
}
END_TEST

START_TEST(the_environment_is_what_was_listed_and_no_more)
{
    char seen[600];

    (void)setenv("TEND_TEST_LEAK", "1", 1);
    make("#!/bin/sh\nprintf "
         "'{\"type\":\"record\",\"stream\":\"s\",\"record\":{\"leak\":\"%s\",\"mine\":\"%s\",\"mark\":\"%s\",\"stream\":\"%s\","
         "\"arguments\":\"%s\","
         "\"here\":\"%s\"}}\\n' \"$TEND_TEST_LEAK\" \"$MINE\" \"$TEND_BOOKMARK\" \"$TEND_STREAM\" \"$*\" \"$(pwd)\"\n");
    fake_host_set(&host, "environment", "MINE=a b");
    fake_host_set(&host, "arguments", "$HOME;x");
    fake_host_set(&host, "arguments", "two");
    fake_host_set(&host, "directory", folder.path);
    ck_assert_msg(pull("s", "mark 7") == TEND_OK, "%s", host.error.text);
    (void)snprintf(seen, sizeof seen, "1: |a b|mark 7|s|$HOME;x two|%s\n", folder.path);
    ck_assert_str_eq(host.text, seen);
    drop();
}
END_TEST

START_TEST(a_singer_tap_gets_its_state_as_a_file)
{
    make("#!/bin/sh\nprintf '{\"type\":\"RECORD\",\"stream\":\"s\",\"record\":{\"option\":\"%s\",\"state\":%s}}\\n' \"$1\" \"$(cat "
         "\"$2\")\"\n");
    fake_host_set(&host, "state_option", "--state");
    ck_assert_msg(pull("s", "{\"since\":7}") == TEND_OK, "%s", host.error.text);
    ck_assert_str_eq(host.columns, "option|state.since");
    ck_assert_str_eq(host.text, "1: --state|7\n");
    drop();
}
END_TEST

START_TEST(streams_are_those_given_or_those_that_come)
{
    char names[100];

    make("#!/bin/sh\necho '{\"type\":\"SCHEMA\",\"stream\":\"b\",\"key_properties\":[]}'\n"
         "echo '{\"type\":\"record\",\"stream\":\"a\",\"record\":{}}'\necho "
         "'{\"type\":\"record\",\"stream\":\"b\",\"record\":{}}'\n");
    ck_assert_int_eq(fake_host_open(&host), TEND_OK);
    ck_assert_int_eq(fake_host_streams(&host, names, sizeof names), TEND_OK);
    ck_assert_str_eq(names, "b;a;");
    fake_host_set(&host, "streams", "only");
    ck_assert_int_eq(fake_host_streams(&host, names, sizeof names), TEND_OK);
    ck_assert_str_eq(names, "only;");
    drop();
}
END_TEST

START_TEST(a_limit_stops_the_program_without_a_failure)
{
    make("#!/bin/sh\nwhile :; do echo '{\"type\":\"record\",\"stream\":\"s\",\"record\":{\"a\":1}}'; done\n");
    ck_assert_int_eq(fake_host_open(&host), TEND_OK);
    ck_assert_msg(fake_host_pull(&host, "s", NULL, 100) == TEND_OK, "%s", host.error.text);
    ck_assert_uint_eq(host.records, 100);
    drop();
}
END_TEST

/* The page's own example: its first block of shell, run as it stands. */
START_TEST(the_example_of_the_documentation_works)
{
    char path[4096], *page, *start, *end, accounts[600];

    (void)snprintf(path, sizeof path, "%s/docs/connector-command.md", getenv("TEND_SOURCE"));
    page = test_file_read(path, NULL);
    ck_assert_ptr_nonnull(page);
    start = strstr(page, "```sh\n") + 6;
    end = strstr(start, "```");
    *end = '\0';
    make(start);
    (void)snprintf(accounts, sizeof accounts, "ACCOUNTS_FILE=%s",
                   test_folder_write_text(&folder, "accounts.txt",
                                          "A1;Hansol;1200.50;2026-01-05\nA2;Blue Ocean;7;2026-02-01\nA3;-;;2026-02-03\n"));
    fake_host_set(&host, "environment", accounts);
    ck_assert_msg(pull("accounts", NULL) == TEND_OK, "%s %s", host.error.text, host.log);
    ck_assert_str_eq(host.columns, "id|name|amount key id");
    ck_assert_str_eq(host.text, "2 @1767571200000: A1|Hansol|1200.50\n3 @1769904000000: A2|Blue Ocean|7\ngone A3\n");
    ck_assert_str_eq(host.bookmark, "2026-02-03");
    ck_assert_int_eq(fake_host_pull(&host, "accounts", "2026-01-05", 0), TEND_OK);
    ck_assert_uint_eq(host.records, 1);
    ck_assert_int_eq(fake_host_pull(&host, "accounts", "2026-02-03", 0), TEND_OK);
    ck_assert_uint_eq(host.records + host.tombstones, 0);
    ck_assert_str_eq(host.bookmark, "2026-02-03");
    free(page);
    drop();
}
END_TEST

TESTS_WITH("plugin/command", {
    tcase_add_loop_test(tcase, lines_become_records, 0, sizeof readings / sizeof *readings);
    tcase_add_loop_test(tcase, what_is_not_json_is_a_reject, 0, sizeof bad_json / sizeof *bad_json);
    tcase_add_test(tcase, a_hundred_thousand_brackets_are_a_reject);
    tcase_add_test(tcase, a_failure_names_the_status_and_the_messages_are_logged);
    tcase_add_test(tcase, a_program_killed_by_a_signal_is_a_failure);
    tcase_add_test(tcase, at_the_deadline_the_whole_group_is_ended);
    tcase_add_test(tcase, a_program_that_cannot_be_started_is_said);
    tcase_add_test(tcase, the_environment_is_what_was_listed_and_no_more);
    tcase_add_test(tcase, a_singer_tap_gets_its_state_as_a_file);
    tcase_add_test(tcase, streams_are_those_given_or_those_that_come);
    tcase_add_test(tcase, a_limit_stops_the_program_without_a_failure);
    tcase_add_test(tcase, the_example_of_the_documentation_works);
})
