/* A company at work on a disk that remembers, and the images that a power cut could leave of it: nothing acknowledged is lost,
 * nothing is half or twice, nothing is damaged. And what happens when the store promised less: then the same look finds it.
 *
 *   TEND_LONG=1        40,000 images instead of 400
 *   TEND_SEED=N        those of an earlier test */
#include "company.h"
#include "tests.h"

#define CONTROL_IMAGES 300

static company c;

static long seed(void)
{
    const char *given = getenv("TEND_SEED");

    return given ? atol(given) : 20261123;
}

static long wanted(void)
{
    return getenv("TEND_LONG") ? 40000 : 400;
}

static bool trusts_soft; /* a removed check: commits that do not wait are taken for promises */

static void work(bool syncs)
{
    disk_install();
    disk_checkpoint_after(48);
    company_found(&c);
    c.keeps_promises = true;
    c.trusts_soft = trusts_soft;
    if (!syncs)
        c.stops_syncing = true;
    company_work(&c);
    disk_uninstall();
}

static images_report cut(images_options options, const char *what)
{
    images_report report;

    options.store = "tend.db";
    options.workers = 2;
    options.seed = (uint64_t)seed();
    options.promises = c.promises;
    options.promise_count = c.promise_count;
    report = images_check(&options);
    printf("%s: %ld images of %zu entries, %zu promises: %ld lost, %ld half or twice, %ld corrupt%s%s\n", what, report.images,
           disk_length(), c.promise_count, report.lost, report.twice, report.corrupt, report.first[0] ? "; " : "", report.first);
    (void)fflush(stdout);
    company_dissolve(&c);
    return report;
}

START_TEST(what_was_acknowledged_survives_any_power_cut)
{
    work(true);
    ck_assert_int_gt(c.soft, 0);
    const images_report report = cut((images_options){ .count = wanted(), .copy = "copy.db", .copied = c.copied }, "power cuts");

    ck_assert_int_ge(report.images, wanted() * 99 / 100);
    ck_assert_int_eq(report.lost, 0);
    ck_assert_int_eq(report.twice, 0);
    ck_assert_int_eq(report.corrupt, 0);
}
END_TEST

START_TEST(without_syncs_the_same_look_finds_losses)
{
    work(false);
    const images_report report = cut((images_options){ .count = CONTROL_IMAGES }, "synchronous = off");

    ck_assert_int_gt(report.lost, 0);
    ck_assert_int_gt(report.corrupt, 0);
}
END_TEST

START_TEST(acknowledged_before_the_commit_the_same_look_finds_losses)
{
    work(true);
    const images_report report = cut((images_options){ .count = CONTROL_IMAGES, .tells_too_soon = true }, "acknowledged too soon");

    ck_assert_int_gt(report.lost, 0);
    ck_assert_int_eq(report.twice + report.corrupt, 0);
}
END_TEST

START_TEST(what_does_not_wait_is_no_promise)
{
    trusts_soft = true;
    work(true);
    const images_report report = cut((images_options){ .count = CONTROL_IMAGES }, "commits that do not wait taken for promises");

    ck_assert_int_gt(report.lost, 0);
    ck_assert_int_eq(report.twice + report.corrupt, 0);
}
END_TEST

START_TEST(on_a_disk_that_forgets_syncs_of_the_database_the_same_look_finds_damage)
{
    work(true);
    const images_report report = cut((images_options){ .count = CONTROL_IMAGES, .skips_database = true }, "database not synced");

    ck_assert_int_gt(report.corrupt + report.twice, 0);
}
END_TEST

TESTS_WITH("durability/power_loss", {
    tcase_set_timeout(tcase, 3000);
    tcase_add_test(tcase, what_was_acknowledged_survives_any_power_cut);
    tcase_add_test(tcase, without_syncs_the_same_look_finds_losses);
    tcase_add_test(tcase, acknowledged_before_the_commit_the_same_look_finds_losses);
    tcase_add_test(tcase, what_does_not_wait_is_no_promise);
    tcase_add_test(tcase, on_a_disk_that_forgets_syncs_of_the_database_the_same_look_finds_damage);
})
