/* What a section hands to its plugin: the keys that are not the section's own, secrets read. */
#include "plugin/plugins.h"

#include "tests.h"
#include <string.h>

static const tend_setting settings[] = {
    { .key = "plugin", .type = TEND_SETTING_TEXT, .help = "whose settings these are" },
    { .key = "token", .type = TEND_SETTING_SECRET, .help = "a secret" },
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "of the plugin" },
    { .key = NULL },
};
static const tend_section table[] = { { "thing", true, "A thing.", settings }, { .name = NULL } };
static tend_config *config;
static tend_section_given given;
static tend_error error;
static char unread_key[64], unread_why[512];

static void load(const char *text)
{
    static const tend_section *const sections[] = { table, NULL };

    ck_assert_msg(tend_config_load_text("/srv/w/tend.ini", text, strlen(text), sections, stderr, &config, &error) == TEND_OK, "%s",
                  error.text);
}

static void tear_down(void)
{
    tend_section_given_clear(&given);
    tend_config_free(config);
    config = NULL;
}

static void set_up(void)
{
    memset(&given, 0, sizeof given);
    (void)setenv("TEND_TEST_SECRET", "hunter2", 1);
}

static void take_unread(void *self, const char *key, tend_status status, const char *why)
{
    (void)self;
    ck_assert_int_eq(status, TEND_ENOTFOUND);
    (void)snprintf(unread_key, sizeof unread_key, "%s", key);
    (void)snprintf(unread_why, sizeof unread_why, "%s", why);
}

START_TEST(the_plugins_keys_come_as_written_and_below_the_workspace)
{
    load("[thing.a]\nplugin = x\npath = data\nlimit = 3\n");
    ck_assert_int_eq(tend_section_given_read(config, table, "a", NULL, NULL, &given, &error), TEND_OK);
    ck_assert_uint_eq(given.count, 2);
    ck_assert_str_eq(given.given[0].key, "path");
    ck_assert_str_eq(given.given[0].value, "data");
    ck_assert_str_eq(given.given[0].folder, "/srv/w");
    ck_assert(given.given[0].is_written && !given.given[0].is_secret);
    ck_assert_str_eq(given.given[1].value, "3");
}
END_TEST

START_TEST(a_secret_may_stand_under_any_key_of_the_plugin)
{
    load("[thing.a]\nplugin = x\ntoken = @env:TEND_TEST_SECRET\napi_key = @env:TEND_TEST_SECRET\n");
    ck_assert_int_eq(tend_section_given_read(config, table, "a", NULL, NULL, &given, &error), TEND_OK);
    ck_assert_uint_eq(given.count, 2);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_str_eq(given.given[i].value, "hunter2");
        ck_assert(given.given[i].is_secret);
    }
    ck_assert_str_eq(given.given[1].key, "api_key");
}
END_TEST

START_TEST(a_secret_that_is_not_there_is_the_end_or_is_told)
{
    load("[thing.a]\nplugin = x\napi_key = @file:secrets/none\nlimit = 3\n");
    ck_assert_int_eq(tend_section_given_read(config, table, "a", NULL, NULL, &given, &error), TEND_ENOTFOUND);
    ck_assert_str_eq(error.text,
                     "/srv/w/tend.ini:3: [thing.a] api_key: /srv/w/secrets/none: the secret cannot be read (No such file or "
                     "directory)");
    ck_assert_int_eq(tend_section_given_read(config, table, "a", take_unread, NULL, &given, &error), TEND_OK);
    ck_assert_str_eq(unread_key, "api_key");
    ck_assert_str_eq(unread_why, "/srv/w/secrets/none: the secret cannot be read (No such file or directory)");
    ck_assert_uint_eq(given.count, 2);
    ck_assert(given.given[0].is_secret);
}
END_TEST

TESTS_WITH("plugin/section", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_plugins_keys_come_as_written_and_below_the_workspace);
    tcase_add_test(tcase, a_secret_may_stand_under_any_key_of_the_plugin);
    tcase_add_test(tcase, a_secret_that_is_not_there_is_the_end_or_is_told);
})
