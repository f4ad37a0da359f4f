/* A plugin that crashes again and again: started later and later, then not at all, until it is let out. */
#include "plugin/plugins.h"

#include "base/log.h"
#include "tests.h"
#include <string.h>

static tend_time now = INT64_C(1772446504131);
static tend_plugins *plugins;
static tend_config *config;
static unsigned said;

static void count_line(void *self, const char *line)
{
    (void)self;
    said += strstr(line, "a plugin is in quarantine") != NULL;
}

static void begin(const char *ini)
{
    static const tend_section *const sections[] = { tend_plugins_sections, NULL };
    char path[4096];
    tend_error error = { 0 };

    (void)snprintf(path, sizeof path, "%s/tests/plugins", getenv("TEND_BUILD"));
    (void)setenv("TEND_PLUGIN_PATH", path, 1);
    tend_log_capture(count_line, NULL);
    ck_assert_msg(tend_config_load_text("tend.ini", ini, strlen(ini), sections, NULL, &config, &error) == TEND_OK, "%s",
                  error.text);
    ck_assert_msg(tend_plugins_open(config, tend_clock_by_hand(&now), &plugins, &error) == TEND_OK, "%s", error.text);
}

static void end(void)
{
    tend_plugins_close(plugins);
    tend_config_free(config);
    tend_log_capture(NULL, NULL);
}

static tend_status keep_nothing(void *self, const char *const *names, uint32_t count, const char *const *key, tend_error *reterr)
{
    (void)self, (void)names, (void)count, (void)key, (void)reterr;
    return TEND_OK;
}

static tend_status pull(tend_hosted *hosted, const char *stream, tend_error *error)
{
    const tend_pull_sink sink = { .columns = keep_nothing };
    const tend_pull request = { .size = sizeof request, .stream = stream };

    error->text[0] = '\0';
    return tend_hosted_pull(hosted, "odd", &request, &sink, error);
}

static tend_status crash(tend_hosted *hosted, tend_error *error)
{
    return pull(hosted, "crash", error);
}

static tend_hosted *start(void)
{
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };

    ck_assert_msg(tend_hosted_start(plugins, "odd", NULL, 0, &hosted, &error) == TEND_OK, "%s", error.text);
    return hosted;
}

START_TEST(it_waits_longer_and_longer_and_then_stays_out)
{
    tend_hosted *hosted, *second = NULL;
    tend_error error = { 0 };

    begin("");
    hosted = start();
    for (int i = 0; i < 3; i++) /* the first crashes cost nothing but the call */
        ck_assert_int_eq(crash(hosted, &error), TEND_ERROR);
    ck_assert_int_eq(crash(hosted, &error), TEND_EBUSY);
    ck_assert_str_eq(error.text, "plugin odd: it crashed 3 times within an hour; it is started again in 1 s");
    now += 999;
    ck_assert_int_eq(crash(hosted, &error), TEND_EBUSY);
    now += 1;
    ck_assert_int_eq(crash(hosted, &error), TEND_ERROR);
    ck_assert_int_eq(crash(hosted, &error), TEND_EBUSY);
    ck_assert_str_eq(error.text, "plugin odd: it crashed 4 times within an hour; it is started again in 4 s");
    now += 4000;
    ck_assert_uint_eq(said, 0);
    ck_assert_int_eq(crash(hosted, &error), TEND_ERROR);
    ck_assert_uint_eq(said, 1);
    now += 7 * 86400000; /* time alone does not mend it */
    ck_assert_int_eq(crash(hosted, &error), TEND_EDENIED);
    ck_assert_ptr_nonnull(strstr(error.text, "plugin odd: in quarantine since "));
    ck_assert_ptr_nonnull(strstr(
        error.text, "(killed by signal 11 (Segmentation fault) during the pull of crash); mend it, then tend plugin release odd"));
    ck_assert_int_eq(tend_hosted_start(plugins, "odd", NULL, 0, &second, &error), TEND_EDENIED);
    ck_assert_str_eq(tend_plugin_state_name(tend_plugins_find(plugins, "odd")->state), "quarantined");
    ck_assert_uint_eq(said, 1);
    tend_hosted_stop(hosted);
    end();
}
END_TEST

/* A hang costs its deadline: from the first on, the plugin is left out for a multiple of that. */
START_TEST(one_that_hangs_waits_from_the_first_time_on)
{
    char record[TEND_PLUGIN_RECORD_ROOM];
    size_t place = 0;
    tend_hosted *hosted;
    tend_error error = { 0 };

    begin("[plugins]\ncall_deadline = 1 s\n");
    hosted = start();
    ck_assert_int_eq(pull(hosted, "hang", &error), TEND_ELIMIT);
    ck_assert_int_eq(pull(hosted, "hang", &error), TEND_EBUSY);
    ck_assert_str_eq(error.text, "plugin odd: it failed 1 time within an hour; it is started again in 2 s");
    now += 2000;
    ck_assert_int_eq(pull(hosted, "hang", &error), TEND_ELIMIT);
    ck_assert_int_eq(pull(hosted, "echo", &error), TEND_EBUSY);
    ck_assert_str_eq(error.text, "plugin odd: it failed 2 times within an hour; it is started again in 4 s");
    while (strcmp(tend_plugins_info(plugins, place)->name, "odd") != 0)
        place++;
    ck_assert(tend_plugins_record(plugins, place, record));
    tend_hosted_stop(hosted);
    end();

    begin(""); /* the engine is started anew */
    tend_plugins_recall(plugins, "odd", record);
    hosted = start(); /* it may be looked at, and is not called */
    ck_assert_int_eq(pull(hosted, "echo", &error), TEND_EBUSY);
    ck_assert_str_eq(error.text, "plugin odd: it failed 2 times within an hour; it is started again in 4 s");
    now += 4000;
    ck_assert_int_eq(crash(hosted, &error), TEND_ERROR);
    tend_hosted_stop(hosted);
    end();
}
END_TEST

START_TEST(what_it_did_is_kept_and_somebody_lets_it_out)
{
    char record[TEND_PLUGIN_RECORD_ROOM] = "";
    size_t place = 0;
    tend_hosted *hosted;
    tend_error error = { 0 };

    begin("[plugins]\nquarantine_after = 2\n");
    hosted = start();
    while (strcmp(tend_plugins_info(plugins, place)->name, "odd") != 0)
        place++;
    ck_assert(!tend_plugins_record(plugins, place, record));
    (void)crash(hosted, &error);
    (void)crash(hosted, &error);
    ck_assert(tend_plugins_record(plugins, place, record));
    ck_assert(!tend_plugins_record(plugins, place, (char[TEND_PLUGIN_RECORD_ROOM]){ 0 }));
    tend_hosted_stop(hosted);
    end();

    begin("");
    tend_plugins_recall(plugins, "odd", "no record at all");
    ck_assert(tend_plugins_find(plugins, "odd")->is_usable);
    tend_plugins_recall(plugins, "odd", record);
    ck_assert(!tend_plugins_find(plugins, "odd")->is_usable);
    ck_assert_int_eq(tend_plugins_release(plugins, "csv", &error), TEND_ENOTFOUND);
    ck_assert_int_eq(tend_plugins_release(plugins, "odd", &error), TEND_OK);
    ck_assert(tend_plugins_find(plugins, "odd")->is_usable);
    hosted = start();
    ck_assert_int_eq(crash(hosted, &error), TEND_ERROR); /* counted anew */
    ck_assert_int_eq(crash(hosted, &error), TEND_ERROR);
    tend_hosted_stop(hosted);
    end();
}
END_TEST

START_TEST(crashes_of_other_hours_do_not_count)
{
    tend_hosted *hosted;
    tend_error error = { 0 };

    begin("");
    hosted = start();
    for (int i = 0; i < 12; i++) {
        ck_assert_int_eq(crash(hosted, &error), TEND_ERROR);
        now += 1860000; /* 31 minutes: two in any hour */
    }
    ck_assert(tend_plugins_find(plugins, "odd")->is_usable);
    tend_hosted_stop(hosted);
    end();
}
END_TEST

START_TEST(a_sink_in_quarantine_tries_no_message)
{
    tend_message message = { .size = sizeof message,
                             .channel = "chat",
                             .to = "crash",
                             .subject = "",
                             .text = "hi",
                             .language = "en",
                             .payload = "{}",
                             .attempt = 1 };
    tend_hosted *hosted;
    int64_t retry_ms = -1;
    tend_error error = { 0 };

    begin("[plugins]\nquarantine_after = 2\n");
    hosted = start();
    ck_assert_int_eq(tend_hosted_deliver(hosted, "odd_sink", &message, "k", &retry_ms, &error), TEND_BROKEN);
    ck_assert_int_eq(tend_hosted_deliver(hosted, "odd_sink", &message, "k", &retry_ms, &error), TEND_BROKEN);
    ck_assert_int_eq(tend_hosted_deliver(hosted, "odd_sink", &message, "k", &retry_ms, &error), TEND_UNAUTHORISED);
    tend_hosted_stop(hosted);
    end();
}
END_TEST

TESTS_WITH("plugin/crashes", {
    tcase_add_test(tcase, it_waits_longer_and_longer_and_then_stays_out);
    tcase_add_test(tcase, one_that_hangs_waits_from_the_first_time_on);
    tcase_add_test(tcase, what_it_did_is_kept_and_somebody_lets_it_out);
    tcase_add_test(tcase, crashes_of_other_hours_do_not_count);
    tcase_add_test(tcase, a_sink_in_quarantine_tries_no_message);
})
