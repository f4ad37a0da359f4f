/* Every call to the disk failing, once and from then on, with an error of the device and with a full disk. */
#include "failing.h"
#include "tests.h"
#include <errno.h>

static void device_once(long at)
{
    disk_fail(DISK_ON_ANY, at, false, EIO);
}

static void device_for_good(long at)
{
    disk_fail(DISK_ON_ANY, at, true, EIO);
}

static const unsigned wants_space = DISK_ON_OPEN | DISK_ON_WRITE | DISK_ON_SYNC | DISK_ON_MAP | DISK_ON_RENAME;

static void full_once(long at)
{
    disk_fail(wants_space, at, false, ENOSPC);
}

static void full_for_good(long at)
{
    disk_fail(wants_space, at, true, ENOSPC);
}

static bool is_about_device(const tend_error *error)
{
    return (error->status == TEND_EIO || error->status == TEND_EDENIED) &&
           (strstr(error->text, "; check the ") || strstr(error->text, "Input/output error"));
}

static bool is_about_space(const tend_error *error)
{
    return error->status == TEND_EFULL && (strstr(error->text, ": the disk is full; free some space, nothing was lost") ||
                                           strstr(error->text, "No space left on device"));
}

static const failing_kind kinds[] = {
    { "a broken device, once", device_once, disk_calls, disk_mend, disk_failures, is_about_device },
    { "a broken device, for good", device_for_good, disk_calls, disk_mend, disk_failures, is_about_device },
    { "a full disk, once", full_once, disk_calls, disk_mend, disk_failures, is_about_space },
    { "a full disk, for good", full_for_good, disk_calls, disk_mend, disk_failures, is_about_space },
};

START_TEST(the_disk_may_fail_anywhere)
{
    disk_install();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        ck_assert_int_gt(failing_try(_i, &kinds[i]), 0);
}
END_TEST

TESTS_WITH("durability/failing_disk", {
    int works = 0;

    while (failing_work(works))
        works++;
    tcase_set_timeout(tcase, 3000);
    tcase_add_loop_test(tcase, the_disk_may_fail_anywhere, 0, works);
})
