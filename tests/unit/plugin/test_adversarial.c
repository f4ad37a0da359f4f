/* Misbehaving plugins, collected from other people's accidents: data/adversarial/plugin of the shared folder, each through the real
 * host, with what its index expects. After each of them we are alive, and a good plugin answers as before. */
#include "plugin/plugins.h"

#include "base/log.h"
#include "folder.h"
#include "tests.h"
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static tend_time now = INT64_C(1772446504131);
static test_folder folder;
static tend_plugins *plugins;
static tend_config *config;
static char logged[65536];

static void keep_line(void *self, const char *line)
{
    (void)self;
    if (strlen(logged) + strlen(line) + 1 < sizeof logged)
        strcat(logged, line);
}

static void copy(const char *from, const char *name)
{
    size_t length;
    char path[4096];
    char *bytes;

    (void)snprintf(path, sizeof path, "%s/tests/%s", getenv("TEND_BUILD"), from);
    bytes = test_file_read(path, &length);
    ck_assert_msg(bytes, "%s was not built", path);
    ck_assert_int_eq(chmod(test_folder_write(&folder, name, bytes, length), 0644), 0);
    free(bytes);
}

static void list(void)
{
    static const tend_section *const sections[] = { tend_plugins_sections, NULL };
    static const char ini[] = "[plugins]\ncall_deadline = 1 s\nmemory_limit = 64 MiB\nquarantine_after = 0\n";
    tend_error error = { 0 };

    (void)setenv("TEND_PLUGIN_PATH", folder.path, 1);
    tend_log_level_set(TEND_LOG_INFO);
    tend_log_capture(keep_line, NULL);
    ck_assert_int_eq(tend_config_load_text("tend.ini", ini, sizeof ini - 1, sections, NULL, &config, &error), TEND_OK);
    ck_assert_msg(tend_plugins_open(config, tend_clock_by_hand(&now), &plugins, &error) == TEND_OK, "%s", error.text);
}

/* False when the collection was not there when this was built. */
static bool begin(const char *adversary)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/tests/adversaries/%s.so", getenv("TEND_BUILD"), adversary);
    if (access(path, R_OK) != 0) {
        (void)fprintf(stderr,
                      "SKIPPED plugin/adversarial %s: the shared collection was not there when this was built; set TEND_SHARED\n",
                      adversary);
        return false;
    }
    test_folder_make(&folder);
    (void)snprintf(path, sizeof path, "adversaries/%s.so", adversary);
    copy(path, "sink_adversary.so");
    copy("plugins/connector_odd.so", "connector_odd.so");
    list();
    return true;
}

static tend_delivery deliver(tend_hosted *hosted, const char *capability, const char *text, tend_error *error)
{
    const tend_message message = { .size = sizeof message,
                                   .channel = "chat",
                                   .to = "a",
                                   .subject = "",
                                   .text = text,
                                   .language = "en",
                                   .payload = "{}",
                                   .attempt = 1 };
    int64_t retry_ms = 0;

    error->text[0] = '\0';
    return tend_hosted_deliver(hosted, capability, &message, "k1", &retry_ms, error);
}

static tend_status start(const char *name, tend_hosted **ret_hosted, tend_error *error)
{
    static const tend_given secret[] = { { .key = "secret", .value = "hunter2", .is_secret = true } };

    return tend_hosted_start(plugins, name, secret, 1, ret_hosted, error);
}

/* A good plugin works as if nothing had been. */
static void end(void)
{
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };

    ck_assert_msg(start("odd", &hosted, &error) == TEND_OK, "%s", error.text);
    ck_assert_msg(deliver(hosted, "odd_sink", "hi", &error) == TEND_DELIVERED, "%s", error.text);
    tend_hosted_stop(hosted);
    tend_plugins_close(plugins);
    tend_config_free(config);
    tend_log_capture(NULL, NULL);
    test_folder_remove(&folder);
}

static const struct {
    const char *name, *text;
    tend_delivery delivery;
    const char *sentence; /* NULL: none */
} events[] = {
    { "P001", "go", TEND_BROKEN,
      "plugin adversary: its host was killed by signal 11 (Segmentation fault) during a delivery; the next call starts a new one" },
    { "P002", "go", TEND_BROKEN,
      "plugin adversary: no sign of life from a delivery within 1000 ms; its host was stopped, the next call starts a new one" },
    { "P009", "go", TEND_DELIVERED, NULL },
    { "P011", "go", TEND_DELIVERED, NULL },
    { "P013", "abort", TEND_BROKEN,
      "plugin adversary: its host was killed by signal 6 (Aborted) during a delivery; the next call starts a new one" },
    { "P013", "exit", TEND_BROKEN, "plugin adversary: its host exited 0 during a delivery; the next call starts a new one" },
    { "P015", "go", TEND_DELIVERED, NULL },                        /* 0: it could not open the file; 77 otherwise */
    { "P017", "go", TEND_BROKEN, "adversary: adv_event gave -1" }, /* its chdir is refused, and its umask and locale are its own */
    { "P019", "go", TEND_BROKEN,
      "plugin adversary: no sign of life from a delivery within 1000 ms; its host was stopped, the next call starts a new one" },
};

START_TEST(what_happens_in_a_call_stays_in_its_process)
{
    tend_hosted *hosted = NULL;
    const mode_t mask = umask(022);
    char before[4096], after[4096];
    tend_error error = { 0 };

    if (!begin(events[_i].name))
        return;
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_msg(start("adversary", &hosted, &error) == TEND_OK, "%s", error.text);
    ck_assert_int_eq(deliver(hosted, "adversary", events[_i].text, &error), events[_i].delivery);
    if (events[_i].sentence)
        ck_assert_str_eq(error.text, events[_i].sentence);
    now += 2000; /* a hang costs the plugin twice its time */
    /* The next one is tried anew, and ends the same way: nothing of a late answer or a lost process is left. */
    ck_assert_int_eq(deliver(hosted, "adversary", events[_i].text, &error), events[_i].delivery);
    tend_hosted_stop(hosted);
    ck_assert_str_eq(getcwd(after, sizeof after), before);
    ck_assert_int_eq(umask(mask), 022);
    ck_assert_int_eq(fegetround(), FE_TONEAREST);
    ck_assert_str_eq(localeconv()->decimal_point, ".");
    end();
}
END_TEST

START_TEST(what_is_wrong_with_the_file_is_refused_before_it_is_loaded)
{
    static const struct {
        const char *name, *state, *why;
    } cases[] = {
        { "P005", "other_abi", "built for plugin ABI 99.0" },
        { "P025", "unsafe", "everybody may write to it; chmod o-w it" },
    };
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };
    const tend_plugin_info *info;

    if (!begin(cases[_i].name))
        return;
    if (_i == 1) {
        ck_assert_int_eq(chmod(test_folder_path(&folder, "sink_adversary.so"), 0666), 0);
        tend_plugins_close(plugins);
        tend_config_free(config);
        list();
    }
    info = tend_plugins_find(plugins, "adversary");
    ck_assert_str_eq(tend_plugin_state_name(info->state), cases[_i].state);
    ck_assert_msg(strstr(info->why_not, cases[_i].why), "%s", info->why_not);
    ck_assert_int_eq(start("adversary", &hosted, &error), TEND_EDENIED);
    end();
}
END_TEST

/* Its constructor writes a file where it is. Changed notes are refused before it runs; a good note lets it run without rights. */
START_TEST(a_constructor_can_do_nothing)
{
    tend_hosted *hosted = NULL;
    char here[4096], *bytes, *at;
    size_t length;
    tend_error error = { 0 };

    if (!begin("P004"))
        return;
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    ck_assert_int_eq(chdir(folder.path), 0);
    ck_assert_msg(start("adversary", &hosted, &error) == TEND_OK, "%s", error.text);
    tend_hosted_stop(hosted);
    ck_assert_int_ne(access("adv_plugin_ctor", F_OK), 0);
    bytes = test_file_read("sink_adversary.so", &length);
    at = memmem(bytes, length, "tend\0\0\0\0", 8);
    ck_assert_ptr_nonnull(at);
    at[8] ^= 1; /* of its ABI, after it was listed */
    (void)test_folder_write(&folder, "sink_adversary.so", bytes, length);
    free(bytes);
    ck_assert_int_eq(start("adversary", &hosted, &error), TEND_EVERSION);
    ck_assert_int_ne(access("adv_plugin_ctor", F_OK), 0);
    copy("adversaries/P004.so", "sink_adversary.so");
    ck_assert_int_eq(chdir(here), 0);
    end();
}
END_TEST

START_TEST(a_missing_entry_is_named)
{
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };

    if (!begin("P007"))
        return;
    ck_assert_int_eq(start("adversary", &hosted, &error), TEND_EINVAL);
    ck_assert_ptr_nonnull(strstr(error.text, "has no function tend_plugin_entry"));
    end();
}
END_TEST

/* Another file of the very same name, version and rights, renamed over the one that was listed. */
START_TEST(a_file_that_is_swapped_is_refused)
{
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };
    char from[4096];

    if (!begin("P009"))
        return;
    copy("adversaries/P023.so", "other");
    (void)snprintf(from, sizeof from, "%s", test_folder_path(&folder, "other"));
    ck_assert_int_eq(rename(from, test_folder_path(&folder, "sink_adversary.so")), 0);
    ck_assert_int_eq(start("adversary", &hosted, &error), TEND_EVERSION);
    ck_assert_msg(strstr(error.text, "sink_adversary.so: this file has changed since tend started; restart tend"), "%s",
                  error.text);
    end();
}
END_TEST

START_TEST(a_secret_that_a_plugin_prints_is_masked)
{
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };

    if (!begin("P021"))
        return;
    ck_assert_int_eq(start("adversary", &hosted, &error), TEND_OK);
    ck_assert_int_eq(deliver(hosted, "adversary", "secret, please", &error), TEND_DELIVERED);
    tend_hosted_stop(hosted);
    ck_assert_msg(strstr(logged, "debug: ***"), "%s", logged);
    ck_assert_ptr_null(strstr(logged, "hunter2"));
    end();
}
END_TEST

START_TEST(a_leak_is_the_leak_of_its_process)
{
    struct rusage before, after;
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };

#if defined(__SANITIZE_ADDRESS__)
    (void)fprintf(stderr, "SKIPPED plugin/adversarial P016: a host with sanitizers has no limit of memory\n");
    (void)before, (void)after, (void)hosted, (void)error;
    return;
#endif
    if (!begin("P016"))
        return;
    (void)getrusage(RUSAGE_SELF, &before);
    ck_assert_int_eq(start("adversary", &hosted, &error), TEND_OK);
    (void)deliver(hosted, "adversary", "go", &error);
    tend_hosted_stop(hosted);
    (void)getrusage(RUSAGE_SELF, &after);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 8 << 10);
    end();
}
END_TEST

TESTS_WITH("plugin/adversarial", {
    tcase_add_loop_test(tcase, what_happens_in_a_call_stays_in_its_process, 0, (int)(sizeof events / sizeof *events));
    tcase_add_loop_test(tcase, what_is_wrong_with_the_file_is_refused_before_it_is_loaded, 0, 2);
    tcase_add_test(tcase, a_constructor_can_do_nothing);
    tcase_add_test(tcase, a_missing_entry_is_named);
    tcase_add_test(tcase, a_file_that_is_swapped_is_refused);
    tcase_add_test(tcase, a_secret_that_a_plugin_prints_is_masked);
    tcase_add_test(tcase, a_leak_is_the_leak_of_its_process);
})
