/* Remarks on files, in the order in which people read them. */
#include "base/remarks.h"
#include "tests.h"

#include <stdio.h>
#include <string.h>

static char told[2000];

static void take(void *self, const char *line)
{
    (void)self;
    (void)snprintf(told + strlen(told), sizeof told - strlen(told), "%s\n", line);
}

START_TEST(remarks_are_told_by_file_and_line_and_of_one_line_as_they_came)
{
    tend_remarks *remarks = tend_remarks_new();

    told[0] = '\0';
    tend_remarks_add(remarks, "no place yet");
    tend_remarks_add(remarks, "b.lua:12: first of twelve");
    tend_remarks_add(remarks, "a.lua:3: three");
    tend_remarks_add(remarks, "b.lua:2: two: 1:2: more");
    tend_remarks_add(remarks, "b.lua:12: second of twelve");
    tend_remarks_add(remarks, "see above");
    tend_remarks_add(remarks, "b.lu:1: another file");
    tend_remarks_add(remarks, "b.lua:100: last");
    ck_assert(tend_remarks_tell(remarks, take, NULL));
    ck_assert_str_eq(told, "no place yet\nb.lua:2: two: 1:2: more\nb.lua:12: first of twelve\nb.lua:12: second of twelve\n"
                           "see above\nb.lua:100: last\na.lua:3: three\nb.lu:1: another file\n");
    tend_remarks_free(remarks);
}
END_TEST

START_TEST(many_remarks_are_told_and_none_is_told_of_nothing)
{
    tend_remarks *remarks = tend_remarks_new();
    char line[40];

    told[0] = '\0';
    ck_assert(tend_remarks_tell(remarks, take, NULL));
    ck_assert_str_eq(told, "");
    for (int i = 99; i > 0; i--) {
        (void)snprintf(line, sizeof line, "f:%d: x", i);
        tend_remarks_add(remarks, line);
    }
    ck_assert(tend_remarks_tell(remarks, take, NULL));
    ck_assert_int_eq(strncmp(told, "f:1: x\nf:2: x\nf:3: x\n", 21), 0);
    ck_assert_uint_eq(strlen(told), 9 * 7 + 90 * 8);
    tend_remarks_free(remarks);
}
END_TEST

TESTS_WITH("base/remarks", {
    tcase_add_test(tcase, remarks_are_told_by_file_and_line_and_of_one_line_as_they_came);
    tcase_add_test(tcase, many_remarks_are_told_and_none_is_told_of_nothing);
})
