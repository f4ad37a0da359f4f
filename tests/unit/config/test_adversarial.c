/* The collected files of other people's accidents: data/adversarial/ini of the shared folder, with what is expected of each. */
#include "config/config.h"
#include "folder.h"
#include "tests.h"
#include <ctype.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static const char *const https[] = { "https", NULL };
static const char *const auths[] = { "password", "token", NULL };
static const tend_setting daemon_settings[] = {
    { .key = "listen", .type = TEND_SETTING_LISTEN, .help = "" },
    { .key = "log_level", .type = TEND_SETTING_TEXT, .help = "" },
    { .key = "name", .type = TEND_SETTING_TEXT, .help = "" },
    { 0 },
};
static const tend_setting store_settings[] = { { .key = "path", .type = TEND_SETTING_PATH, .help = "" }, { 0 } };
static const tend_setting http_settings[] = {
    { .key = "port", .type = TEND_SETTING_INT, .min = 1, .max = 65535, .help = "" },
    { .key = "max_body", .type = TEND_SETTING_INT, .min = 1, .help = "" },
    { .key = "threads", .type = TEND_SETTING_INT, .min = 1, .help = "" },
    { .key = "timeout_ms", .type = TEND_SETTING_INT, .min = 1, .help = "" },
    { .key = "rate", .type = TEND_SETTING_DECIMAL, .help = "" },
    { .key = "burst", .type = TEND_SETTING_INT, .min = 1, .help = "" },
    { .key = "backlog", .type = TEND_SETTING_INT, .min = 1, .help = "" },
    { .key = "tls", .type = TEND_SETTING_BOOL, .help = "" },
    { .key = "listen", .type = TEND_SETTING_LISTEN, .help = "" },
    { .key = "auth", .type = TEND_SETTING_CHOICE, .choices = auths, .help = "" },
    { 0 },
};
static const tend_setting playbooks_settings[] = {
    { .key = "cpu_budget_ms", .type = TEND_SETTING_INT, .min = 1, .help = "" },
    { .key = "wall_budget_ms", .type = TEND_SETTING_INT, .min = 1, .help = "" },
    { .key = "memory_limit_mib", .type = TEND_SETTING_INT, .min = 1, .help = "" },
    { .key = "wall_budget", .type = TEND_SETTING_DURATION, .help = "" },
    { .key = "memory_limit", .type = TEND_SETTING_SIZE, .help = "" },
    { .key = "retry_after", .type = TEND_SETTING_DURATION, .help = "" },
    { 0 },
};
static const tend_setting plugins_settings[] = { { .key = "load", .type = TEND_SETTING_PATHS, .help = "" }, { 0 } };
static const tend_setting crm_settings[] = {
    { .key = "base_url", .type = TEND_SETTING_URL, .choices = https, .help = "" },
    { .key = "api_key", .type = TEND_SETTING_SECRET, .help = "" },
    { .key = "note", .type = TEND_SETTING_TEXT, .help = "" },
    { .key = "enabled", .type = TEND_SETTING_BOOL, .help = "" },
    { .key = "tls_verify", .type = TEND_SETTING_BOOL, .help = "" },
    { 0 },
};
static const tend_setting calendar_settings[] = {
    { .key = "timezone", .type = TEND_SETTING_ZONE, .help = "" },
    { .key = "holiday", .type = TEND_SETTING_DATE, .help = "" },
    { .key = "work_hours", .type = TEND_SETTING_TIME_OF_DAY, .help = "" },
    { 0 },
};
static const tend_section table[] = {
    { "daemon", false, "", daemon_settings },
    { "store", false, "", store_settings },
    { "http", false, "", http_settings },
    { "playbooks", false, "", playbooks_settings },
    { "plugins", false, "", plugins_settings },
    { "crm", false, "", crm_settings },
    { "crm", true, "", crm_settings },
    { "calendar", false, "", calendar_settings },
    { 0 },
};
static const tend_section *const sections[] = { table, NULL };

static bool has_folder(char *folder, size_t room)
{
    const char *shared = getenv("TEND_SHARED"), *source = getenv("TEND_SOURCE");

    if (shared)
        (void)snprintf(folder, room, "%s/data/adversarial/ini", shared);
    else
        (void)snprintf(folder, room, "%s/../shared/data/adversarial/ini", source ? source : ".");
    if (access(folder, R_OK) == 0)
        return true;
    (void)fprintf(stderr, "SKIPPED config/adversarial: %s is not there; set TEND_SHARED\n", folder);
    return false;
}

/* The faults of one file, a line each; owned. Loads it in less than a second and 64 MiB more than before. */
static char *faults_of(const char *path, tend_status *ret_status)
{
    tend_config *config = NULL;
    tend_error error = { 0 };
    struct rusage before, after;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const clock_t start = clock();

    (void)getrusage(RUSAGE_SELF, &before);
    *ret_status = tend_config_load((const char *const[]){ path, NULL }, sections, out, &config, &error);
    (void)fclose(out);
    (void)getrusage(RUSAGE_SELF, &after);
    ck_assert_int_lt(clock() - start, CLOCKS_PER_SEC);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 64 << 10);
    tend_config_free(config);
    return text;
}

static bool has_fault_in_line(const char *faults, const char *path, const char *where)
{
    char begin[600];

    if (strncmp(where, "line ", 5) != 0)
        return true;
    (void)snprintf(begin, sizeof begin, "%s:%d: ", path, atoi(where + 5));
    return strncmp(faults, begin, strlen(begin)) == 0;
}

/* The index names the first key below the unknown heading, which is where inih would notice; we name the heading, one line up. */
static const char *where_in(const char *file, const char *where)
{
    return strcmp(file, "I026_unknown_section.ini") == 0 ? "line 7" : where;
}

/* `line` of index.csv: file,expected,where,… The first fault must stand in the line that is named. */
static bool meets(const char *folder, char *line)
{
    const char *file = strsep(&line, ","), *expected = strsep(&line, ","), *where = strsep(&line, ",");
    char path[512];
    tend_status status;
    char *faults;
    bool is_met;

    (void)snprintf(path, sizeof path, "%s/%s", folder, file);
    faults = faults_of(path, &status);
    if (status < 0)
        is_met = strstr(expected, "reject") && has_fault_in_line(faults, path, where_in(file, where));
    else
        is_met = strstr(expected, "accept") != NULL;
    for (const char *at = faults; *at; at++)
        is_met = is_met && (*at == '\n' || isprint((unsigned char)*at) || (unsigned char)*at >= 0x80);
    is_met = is_met && !strstr(faults, "sk_live");
    (void)printf("%s %s: expected %s %s, %s\n", is_met ? "ok  " : "FAIL", file, expected, where,
                 status < 0 ? "refused" : "accepted");
    if (!is_met)
        (void)printf("%s", faults);
    free(faults);
    return is_met;
}

START_TEST(each_file_meets_its_expected_outcome)
{
    char folder[400], index[512], *text, *line, *rest;
    int count = 0, failed = 0;

    if (!has_folder(folder, sizeof folder))
        return;
    (void)snprintf(index, sizeof index, "%s/index.csv", folder);
    text = rest = test_file_read(index, NULL);
    ck_assert_ptr_nonnull(text);
    (void)strsep(&rest, "\n");
    while ((line = strsep(&rest, "\n")) != NULL && *line) {
        failed += !meets(folder, line);
        count++;
    }
    free(text);
    (void)printf("adversarial ini: %d files, %d failed\n", count, failed);
    (void)fflush(stdout);
    ck_assert_int_ge(count, 30);
    ck_assert_int_eq(failed, 0);
}
END_TEST

/* In files with several bad values, each must be refused by itself. */
START_TEST(each_bad_value_is_refused_alone)
{
    static const char *const names[] = { "I038_numbers_out_of_range.ini", "I039_zero_and_negative_timeouts.ini",
                                         "I040_ambiguous_units.ini", "I049_store_path_special_names.ini",
                                         "I051_time_zone_and_calendar_invalid.ini" };
    char folder[400], path[512], one[512], *text, *rest, *line;

    if (!has_folder(folder, sizeof folder))
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *section;

        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        text = rest = test_file_read(path, NULL);
        ck_assert_ptr_nonnull(text);
        section = strsep(&rest, "\n");
        while ((line = strsep(&rest, "\n")) != NULL && *line) {
            tend_config *config = NULL;
            tend_error error = { 0 };

            (void)snprintf(one, sizeof one, "%s\n%s\n", section, line);
            ck_assert_msg(tend_config_load_text("one.ini", one, strlen(one), sections, NULL, &config, &error) == TEND_EINVAL,
                          "%s: %s was taken", names[i], line);
            ck_assert_msg(strncmp(error.text, "one.ini:2: ", 11) == 0, "%s", error.text);
        }
        free(text);
    }
}
END_TEST

TESTS_WITH("config/adversarial", {
    tcase_add_test(tcase, each_file_meets_its_expected_outcome);
    tcase_add_test(tcase, each_bad_value_is_refused_alone);
})
