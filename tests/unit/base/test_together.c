#include "base/together.h"
#include "tests.h"
#include <stdatomic.h>

enum { PARTS = 10000 };

typedef struct tally {
    atomic_int seen[PARTS];
    int own[PARTS]; /* by part, without any lock */
} tally;

static void count(void *self, size_t part)
{
    tally *all = self;

    atomic_fetch_add(&all->seen[part], 1);
    all->own[part] = (int)part + 1;
}

START_TEST(every_part_is_done_once)
{
    tally *all = calloc(1, sizeof *all);

    ck_assert_ptr_nonnull(all);
    tend_together(PARTS, count, all);
    for (int i = 0; i < PARTS; i++) {
        ck_assert_int_eq(atomic_load(&all->seen[i]), 1);
        ck_assert_int_eq(all->own[i], i + 1);
    }
    free(all);
}
END_TEST

START_TEST(no_part_is_no_work)
{
    tend_together(0, count, NULL);
}
END_TEST

START_TEST(somebody_always_works)
{
    ck_assert_uint_ge(tend_together_hands(), 1);
}
END_TEST

TESTS_WITH("base/together", {
    tcase_add_test(tcase, every_part_is_done_once);
    tcase_add_test(tcase, no_part_is_no_work);
    tcase_add_test(tcase, somebody_always_works);
})
