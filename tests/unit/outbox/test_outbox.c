/* Messages through the real tend-host: to a file, to a mail server that answers as it is told, and to nobody. */
#include "mail_server.h"
#include "outbox/outbox.h"
#include "store_fixture.h"
#include <sys/wait.h>

static fixture f;
static tend_config *config;
static tend_plugins *plugins;
static tend_outbox *outbox;
static int sent, unsent;

static void open_with(const char *sink)
{
    static const tend_section *const sections[] = { tend_plugins_sections, tend_outbox_sections, NULL };
    tend_buffer ini = { 0 };

    tend_buffer_print(
        &ini, "[plugins]\npath = %s/lib/tend/plugins\n[plugin.jsonl]\ngrant = files\n[plugin.smtp]\ngrant = network, files\n%s",
        getenv("TEND_BUILD"), sink);
    TEST_OK(&f, tend_config_load_text(test_folder_path(&f.folder, "tend.ini"), ini.bytes, ini.length, sections, stderr, &config,
                                      &f.error));
    TEST_OK(&f, tend_plugins_open(config, tend_clock_by_hand(&f.now), &plugins, &f.error));
    TEST_OK(&f, tend_outbox_open(f.model, plugins, config, &outbox, &f.error));
    tend_buffer_clear(&ini);
}

static void open_file(void)
{
    char sink[600];

    (void)snprintf(sink, sizeof sink, "[sink.file]\nplugin = jsonl\nchannel = mail\npath = %s\n",
                   test_folder_path(&f.folder, "out.jsonl"));
    open_with(sink);
}

static void open_mail(int port)
{
    char sink[600];

    (void)snprintf(
        sink, sizeof sink,
        "[sink.post]\nplugin = smtp\nhost = 127.0.0.1\nport = %d\nsecurity = none\nfrom = tend@example.test\nfrom_name = "
        "고객관리\n",
        port);
    open_with(sink);
}

static void close_outbox(void)
{
    tend_outbox_close(outbox);
    tend_plugins_close(plugins);
    tend_config_free(config);
    outbox = NULL;
    plugins = NULL;
    config = NULL;
}

static void setup(void)
{
    fixture_open(&f);
    TEST_OK(&f, tend_outbox_prepare(f.store, &f.error));
}

static void teardown(void)
{
    close_outbox();
    fixture_close(&f);
}

static int64_t add(const char *once_key, const char *to, const char *subject)
{
    const tend_outbox_draft draft = { .once_key = once_key,
                                      .channel = "mail",
                                      .to = to,
                                      .subject = subject,
                                      .text = "안녕하세요\n.\nline two",
                                      .language = "ko",
                                      .not_before = TEND_NO_TIME };
    int64_t id = 0;

    begin(&f);
    TEST_OK(&f, tend_outbox_add(f.model, &f.origin, &draft, &id, NULL, &f.error));
    commit(&f);
    return id;
}

static void step(void)
{
    TEST_OK(&f, tend_outbox_step(outbox, 10, &sent, &unsent, &f.error));
}

static const char *text_of(const char *sql)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    const char *copy;

    TEST_OK(&f, tend_store_prepare(f.store, sql, &statement, &f.error));
    TEST_OK(&f, tend_statement_step(statement, &has_row, &f.error));
    ck_assert(has_row);
    copy = tend_arena_string(f.arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return copy;
}

static const char *column(int64_t id, const char *name)
{
    char sql[200];

    (void)snprintf(sql, sizeof sql, "SELECT %s || '' FROM outbox WHERE id = %lld", name, (long long)id);
    return text_of(sql);
}

START_TEST(a_message_goes_out_once_and_only_once)
{
    int64_t id = add("k1", "kim@example.test", "Hello \"you\"");
    char *lines;

    ck_assert_int_eq(add("k1", "lee@example.test", "Another"), id);
    open_file();
    step();
    ck_assert_int_eq(sent, 1);
    ck_assert_str_eq(column(id, "state"), "sent");
    step();
    ck_assert_int_eq(sent, 0);
    /* The outcome was lost with the power: the same once-key comes again, the file has it already. */
    begin(&f);
    TEST_OK(&f, tend_store_run(f.store, "UPDATE outbox SET state = 'sending'", &f.error));
    commit(&f);
    close_outbox();
    open_file();
    step();
    ck_assert_int_eq(sent, 1);
    lines = test_file_read(test_folder_path(&f.folder, "out.jsonl"), NULL);
    ck_assert_str_eq(lines,
                     "{\"once_key\":\"k1\",\"channel\":\"mail\",\"to\":\"kim@example.test\",\"subject\":\"Hello \\\"you\\\"\","
                     "\"text\":\"안녕하세요\\u000a.\\u000aline two\",\"language\":\"ko\",\"created_at_ms\":1772409600000,"
                     "\"attempt\":1,\"payload\":{}}\n");
    free(lines);
}
END_TEST

START_TEST(a_simulated_store_delivers_nothing)
{
    int64_t id = add("k1", "kim@example.test", "Hello");
    tend_time at_time = 0;

    TEST_OK(&f, tend_store_mark_simulated(f.store, &f.error));
    open_file();
    step();
    ck_assert_int_eq(sent + unsent, 0);
    ck_assert_str_eq(column(id, "state"), "waiting");
    TEST_OK(&f, tend_outbox_next(outbox, &at_time, &f.error));
    ck_assert_int_eq(at_time, TEND_NO_TIME);
    ck_assert_ptr_null(test_file_read(test_folder_path(&f.folder, "out.jsonl"), NULL));
}
END_TEST

START_TEST(a_user_without_an_address_is_listed_not_lost)
{
    const tend_outbox_draft draft = { .once_key = "k",
                                      .channel = "mail",
                                      .user = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("kim") } }).id,
                                      .not_before = TEND_NO_TIME };
    int64_t id = 0;

    begin(&f);
    TEST_OK(&f, tend_outbox_add(f.model, &f.origin, &draft, &id, NULL, &f.error));
    commit(&f);
    ck_assert_str_eq(column(id, "state"), "dead");
    ck_assert_str_eq(column(id, "last_error"), "user kim has no e-mail; tend set user '#1' email=… and tend outbox release 1");
    TEST_PUT(&f, .kind = TEND_KIND_USER, .id = 1, .fields = { { "email", text("kim@example.test") } });
    open_file();
    TEST_OK(&f, tend_outbox_release(outbox, id, &f.error));
    step();
    ck_assert_str_eq(column(id, "state"), "sent");
    ck_assert_str_eq(column(id, "recipient"), "kim@example.test");
}
END_TEST

START_TEST(a_busy_server_is_tried_again_later_and_given_up_after_eight)
{
    mail_server server = mail_server_start("RCPT", "451 4.7.1 come back later");
    int64_t id = add("k1", "kim@example.test", "Hello");
    tend_time next = 0;

    open_mail(server.port);
    for (int attempt = 1; attempt <= 8; attempt++) {
        step();
        ck_assert_int_eq(unsent, 1);
        if (attempt == 8)
            break;
        ck_assert_str_eq(column(id, "state"), "waiting");
        TEST_OK(&f, tend_outbox_next(outbox, &next, &f.error));
        ck_assert_int_eq(next - f.now, INT64_C(60000) << (attempt - 1));
        f.now = next;
    }
    ck_assert_str_eq(column(id, "state"), "dead");
    mail_server_stop(&server);
}
END_TEST

START_TEST(a_message_that_the_server_refuses_is_dead_at_once)
{
    mail_server server = mail_server_start("RCPT", "550 5.1.1 no such person");
    int64_t id = add("k1", "nobody@example.test", "Hello");

    open_mail(server.port);
    step();
    ck_assert_str_eq(column(id, "state"), "dead");
    ck_assert_ptr_nonnull(strstr(column(id, "last_error"), "sink smtp: smtp://127.0.0.1:"));
    mail_server_stop(&server);
}
END_TEST

START_TEST(credentials_that_are_not_accepted_stop_the_sink_and_keep_the_messages)
{
    mail_server server = mail_server_start("MAIL", "530 5.7.0 authentication required");
    int64_t first = add("k1", "kim@example.test", "One"), second = add("k2", "kim@example.test", "Two");
    tend_time next = 0;

    open_mail(server.port);
    step();
    ck_assert_int_eq(unsent, 1);
    ck_assert_str_eq(column(first, "state"), "waiting");
    ck_assert_str_eq(column(first, "attempts"), "0");
    ck_assert_str_eq(column(second, "attempts"), "0");
    TEST_OK(&f, tend_outbox_next(outbox, &next, &f.error));
    ck_assert_int_eq(next, TEND_NO_TIME);
    mail_server_stop(&server);
    ck_assert_str_eq(text_of("SELECT sink || ' ' || channel || ' ' || (why LIKE '%530%') FROM sinks_stopped"), "post mail 1");
    close_outbox();
    server = mail_server_start(NULL, NULL); /* mended: the engine reads its configuration anew */
    open_mail(server.port);
    step();
    ck_assert_int_eq(sent, 2);
    mail_server_stop(&server);
    ck_assert_str_eq(text_of("SELECT count(*) || '' FROM sinks_stopped"), "0");
}
END_TEST

START_TEST(a_mail_arrives_with_its_texts_and_nothing_smuggled_in)
{
    mail_server server = mail_server_start(NULL, NULL);
    int64_t id = add("k1", "kim@example.test", "갱신 계획\r\nBcc: thief@example.test");
    const char *mail;

    open_mail(server.port);
    step();
    ck_assert_int_eq(sent, 1);
    ck_assert_str_eq(column(id, "state"), "sent");
    mail = mail_server_stop(&server);
    ck_assert_ptr_nonnull(strstr(mail, "RCPT TO:<kim@example.test>"));
    ck_assert_ptr_null(strstr(mail, "thief"));
    ck_assert_ptr_nonnull(strstr(mail, "\r\nTo: <kim@example.test>\r\n"));
    ck_assert_ptr_nonnull(strstr(mail, "\r\nDate: Mon, 02 Mar 2026 00:00:00 +0000\r\n"));
    ck_assert_ptr_nonnull(strstr(mail, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
    /* printf '갱신 계획  Bcc: thief@example.test' | base64, cut at 45 bytes */
    ck_assert_ptr_nonnull(strstr(mail, "\r\nSubject: =?UTF-8?B?6rCx7IugIOqzhO2ajSAgQmNjOiB0aGllZkBleGFtcGxlLnRlc3Q=?=\r\n"));
    /* printf '안녕하세요\n.\nline two' | base64 */
    ck_assert_ptr_nonnull(strstr(mail, "\r\n\r\n7JWI64WV7ZWY7IS47JqUCi4KbGluZSB0d28=\r\n"));
}
END_TEST

static void open_secure(int port, const char *security, const char *ca_file)
{
    char sink[900];

    (void)snprintf(sink, sizeof sink,
                   "[sink.post]\nplugin = smtp\nhost = 127.0.0.1\nport = %d\nsecurity = %s\nfrom = tend@example.test\n%s%s\n", port,
                   security, ca_file ? "ca_file = " : "", ca_file ? ca_file : "");
    open_with(sink);
}

START_TEST(a_mail_goes_through_tls_to_a_server_that_a_trusted_authority_vouches_for)
{
    mail_server server;
    int64_t id = add("k1", "kim@example.test", "Hello");

    ck_assert(mail_server_certify(f.folder.path));
    server = mail_server_start_tls(f.folder.path);
    open_secure(server.port, "tls", test_folder_path(&f.folder, "certificate.pem"));
    step();
    ck_assert_str_eq(column(id, "last_error") ? column(id, "last_error") : "", "");
    ck_assert_str_eq(column(id, "state"), "sent");
    ck_assert_ptr_nonnull(strstr(mail_server_stop(&server), "RCPT TO:<kim@example.test>"));
}
END_TEST

START_TEST(a_server_that_nobody_vouches_for_hears_nothing)
{
    mail_server server;
    int64_t id = add("k1", "kim@example.test", "Hello");

    ck_assert(mail_server_certify(f.folder.path));
    server = mail_server_start_tls(f.folder.path);
    open_secure(server.port, "tls", NULL);
    step();
    ck_assert_str_eq(column(id, "state"), "waiting");
    ck_assert_ptr_nonnull(strstr(column(id, "last_error"), "; name its authority's certificate with ca_file"));
    ck_assert_str_eq(mail_server_stop(&server), "");
}
END_TEST

START_TEST(a_server_without_starttls_gets_no_mail_in_the_open)
{
    mail_server server = mail_server_start(NULL, NULL);
    int64_t id = add("k1", "kim@example.test", "Hello");
    const char *heard;

    open_secure(server.port, "starttls", NULL);
    step();
    ck_assert_str_eq(column(id, "state"), "waiting");
    heard = mail_server_stop(&server);
    ck_assert_ptr_nonnull(strstr(heard, "EHLO"));
    ck_assert_ptr_null(strstr(heard, "MAIL FROM"));
}
END_TEST

START_TEST(a_wrong_setting_is_said_and_costs_no_message)
{
    int64_t id = add("k1", "kim@example.test", "Hello");

    open_with("[sink.post]\nplugin = smtp\nhost = mail.example.test\nfrom = tend@example.test\nsecurty = none\n");
    step();
    ck_assert_str_eq(column(id, "state"), "waiting");
    ck_assert_str_eq(column(id, "last_error"), "plugin smtp: securty: no such setting; did you mean security?");
    ck_assert_int_eq(tend_outbox_drop(outbox, 99, "test", &f.error), TEND_ENOTFOUND);
    TEST_OK(&f, tend_outbox_drop(outbox, id, "not wanted", &f.error));
    ck_assert_str_eq(column(id, "state"), "dropped");
}
END_TEST

static bool has_smtp(void)
{
    char path[4096];
    bool is_there;

    (void)snprintf(path, sizeof path, "%s/lib/tend/plugins/sink_smtp.so", getenv("TEND_BUILD") ? getenv("TEND_BUILD") : "");
    is_there = access(path, F_OK) == 0;
    if (!is_there)
        puts("skipped: mail through sink/smtp, which was not built (libcurl)");
    return is_there;
}

TESTS_WITH("outbox", {
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_message_goes_out_once_and_only_once);
    tcase_add_test(tcase, a_simulated_store_delivers_nothing);
    tcase_add_test(tcase, a_user_without_an_address_is_listed_not_lost);
    if (has_smtp()) {
        tcase_add_test(tcase, a_wrong_setting_is_said_and_costs_no_message);
        tcase_add_test(tcase, a_busy_server_is_tried_again_later_and_given_up_after_eight);
        tcase_add_test(tcase, a_message_that_the_server_refuses_is_dead_at_once);
        tcase_add_test(tcase, credentials_that_are_not_accepted_stop_the_sink_and_keep_the_messages);
        tcase_add_test(tcase, a_server_without_starttls_gets_no_mail_in_the_open);
        if (system("command -v openssl >/dev/null") == 0) {
            tcase_add_test(tcase, a_mail_goes_through_tls_to_a_server_that_a_trusted_authority_vouches_for);
            tcase_add_test(tcase, a_server_that_nobody_vouches_for_hears_nothing);
        } else {
            puts("skipped: mail through TLS; the program openssl is not there");
        }
        tcase_add_test(tcase, a_mail_arrives_with_its_texts_and_nothing_smuggled_in);
    }
})
