/* Every call for memory failing, once and from then on. */
#include "failing.h"
#include "memory.h"
#include "tests.h"

static void once(long at)
{
    memory_fail(at, false);
}

static void for_good(long at)
{
    memory_fail(at, true);
}

static bool is_about_memory(const tend_error *error)
{
    const bool is_of_file =
        error->status == TEND_EINVAL || error->status == TEND_EDENIED; /* one fault of many that a file can have */

    return (error->status == TEND_ENOMEM || is_of_file) && strstr(error->text, "memory");
}

static const failing_kind kinds[] = {
    { "no memory, once", once, memory_calls, memory_mend, memory_failures, is_about_memory },
    { "no memory, for good", for_good, memory_calls, memory_mend, memory_failures, is_about_memory },
};

START_TEST(memory_may_be_used_up_anywhere)
{
    static bool is_installed; /* with CK_FORK=no all works run in one process */

    if (!is_installed) {
        memory_install();
        disk_install();
    }
    is_installed = true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        ck_assert_int_gt(failing_try(_i, &kinds[i]), 0);
}
END_TEST

/* A case for each work that takes long (CK_RUN_CASE chooses one), and one for all others. */
TESTS_WITH("others", {
    for (int work = 0; failing_work(work); work++) {
        bool is_long = strcmp(failing_work(work), "engine") == 0 || strcmp(failing_work(work), "group") == 0;
        TCase *of = is_long ? tcase_create(failing_work(work)) : tcase;

        tcase_set_timeout(of, 3500);
        tcase_add_loop_test(of, memory_may_be_used_up_anywhere, work, work + 1);
        if (is_long)
            suite_add_tcase(suite, of);
    }
})
