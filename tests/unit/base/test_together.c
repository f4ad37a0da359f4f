#include "base/together.h"
#include "tests.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* The threads stay with the parent; the child does without them. */
START_TEST(a_child_of_fork_works_too)
{
    tally *all = calloc(1, sizeof *all);
    pid_t child;
    int status;

    ck_assert_ptr_nonnull(all);
    tend_together(PARTS, count, all);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        bool is_done = true;

        for (int times = 0; times < 100; times++)
            tend_together(PARTS, count, all);
        for (int i = 0; i < PARTS; i++)
            is_done &= atomic_load(&all->seen[i]) == 101;
        _exit(is_done ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    free(all);
}
END_TEST

static void *count_all(void *self)
{
    for (int times = 0; times < 50; times++)
        tend_together(PARTS, count, self);
    return NULL;
}

/* Work within work, and from two threads at once: nobody waits for the other. */
static void count_within(void *self, size_t part)
{
    if (part == 0)
        (void)count_all(self);
}

START_TEST(several_pieces_of_work_at_once_are_all_done)
{
    tally *all = calloc(1, sizeof *all), *other = calloc(1, sizeof *other), *within = calloc(1, sizeof *within);
    pthread_t thread;

    ck_assert(all && other && within);
    ck_assert_int_eq(pthread_create(&thread, NULL, count_all, other), 0);
    tend_together(2, count_within, within);
    (void)count_all(all);
    (void)pthread_join(thread, NULL);
    for (int i = 0; i < PARTS; i++) {
        ck_assert_int_eq(atomic_load(&all->seen[i]), 50);
        ck_assert_int_eq(atomic_load(&other->seen[i]), 50);
        ck_assert_int_eq(atomic_load(&within->seen[i]), 50);
    }
    free(all);
    free(other);
    free(within);
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
    tcase_add_test(tcase, a_child_of_fork_works_too);
    tcase_add_test(tcase, several_pieces_of_work_at_once_are_all_done);
    tcase_add_test(tcase, no_part_is_no_work);
    tcase_add_test(tcase, somebody_always_works);
})
