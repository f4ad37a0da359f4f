/* tests.h: the main program of a Check test file.
 *
 *     TESTS_WITH("base/date", { tcase_add_test(tcase, leap_years); tcase_add_loop_test(tcase, bad_dates, 0, 12); })
 * stands at the end of the file.
 *
 * Exit status 0 only when every check passed. CK_FORK=no runs under a debugger. */
#ifndef TEND_TESTS_H
#define TEND_TESTS_H

#include <check.h>
#include <stdlib.h>

#define TESTS_WITH(suite_name, ...)                                                                                                \
    int main(void)                                                                                                                 \
    {                                                                                                                              \
        Suite *suite = suite_create(suite_name);                                                                                   \
        TCase *tcase = tcase_create(suite_name);                                                                                   \
        tcase_set_timeout(tcase, 60);                                                                                              \
        __VA_ARGS__                                                                                                                \
        suite_add_tcase(suite, tcase);                                                                                             \
        SRunner *runner = srunner_create(suite);                                                                                   \
        srunner_run_all(runner, CK_NORMAL);                                                                                        \
        int failed = srunner_ntests_failed(runner);                                                                                \
        srunner_free(runner);                                                                                                      \
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                                                          \
    }

#endif
