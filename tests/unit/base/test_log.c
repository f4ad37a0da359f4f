#include "base/log.h"
#include "tests.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char line[1024];
static int lines;

static void keep(void *self, const char *text)
{
    (void)self;
    lines++;
    snprintf(line, sizeof line, "%s", text);
}

START_TEST(a_line_is_time_level_origin_message_and_pairs)
{
    tend_log_capture(keep, NULL);
    tend_log_level_set(TEND_LOG_INFO);
    tend_log(TEND_LOG_INFO, "playbook.renewal-90", "task made", "run", tend_logf("%d", 1042), "gone", NULL, "step", "plan", NULL);
    /* 2026-03-02T10:15:04.131Z, or without milliseconds in one of a thousand */
    ck_assert_str_eq(strchr(line, 'Z'), "Z info   playbook.renewal-90  task made  run=1042 step=plan");
    ck_assert_int_eq(line[10], 'T');
    tend_log_capture(NULL, NULL);
}
END_TEST

START_TEST(nothing_can_add_a_line_of_its_own)
{
    tend_log_capture(keep, NULL);
    tend_log(TEND_LOG_ERROR, "a\nb", "c\rd", "key", "two words", "quote", "a\"b\\", "line", "x\n2026 error", "empty", "", "bell",
             "\a", NULL);
    ck_assert_str_eq(strchr(line, 'Z'),
                     "Z error  a\\nb  c\\rd  key=\"two words\" quote=\"a\\\"b\\\\\" line=\"x\\n2026 error\" empty=\"\" "
                     "bell=\"\\x07\"");
    tend_log_capture(NULL, NULL);
}
END_TEST

START_TEST(levels_below_the_set_one_are_silent)
{
    tend_log_level level = TEND_LOG_ERROR;

    tend_log_capture(keep, NULL);
    lines = 0;
    tend_log(TEND_LOG_INFO, "x", "by default unseen", NULL);
    ck_assert_int_eq(lines, 0);
    tend_log(TEND_LOG_WARN, "x", "by default seen", NULL);
    ck_assert_int_eq(lines, 1);
    ck_assert_int_eq(tend_log_level_parse("debug", &level), TEND_OK);
    ck_assert_int_eq(level, TEND_LOG_DEBUG);
    ck_assert_int_eq(tend_log_level_parse("verbose", &level), TEND_EINVAL);
    ck_assert_int_eq(tend_log_level_parse("", &level), TEND_EINVAL);
    tend_log_capture(NULL, NULL);
}
END_TEST

static void *log_much(void *name)
{
    for (int i = 0; i < 200; i++)
        tend_log(TEND_LOG_ERROR, name, "at work", "n", tend_logf("%d", i), NULL);
    return NULL;
}

START_TEST(lines_of_several_threads_do_not_mix)
{
    FILE *file = tmpfile();
    pthread_t threads[4];
    char text[256];
    int read = 0, before = dup(STDERR_FILENO);

    dup2(fileno(file), STDERR_FILENO);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, log_much, (void *)"worker");
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    dup2(before, STDERR_FILENO);
    rewind(file);
    while (fgets(text, sizeof text, file)) {
        int n;
        const char *rest = strchr(text, 'Z');

        if (!rest || sscanf(rest, "Z error  worker  at work  n=%d\n", &n) != 1)
            ck_abort_msg("%s", text);
        read++;
    }
    ck_assert_int_eq(read, 800);
    fclose(file);
    close(before);
}
END_TEST

TESTS_WITH("base/log", {
    tcase_add_test(tcase, a_line_is_time_level_origin_message_and_pairs);
    tcase_add_test(tcase, nothing_can_add_a_line_of_its_own);
    tcase_add_test(tcase, levels_below_the_set_one_are_silent);
    tcase_add_test(tcase, lines_of_several_threads_do_not_mix);
})
