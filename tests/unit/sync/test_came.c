/* Which slots were met and by whom, and the index that is copied for who looks for many. */
#include "folder.h"
#include "sync/again.h"
#include "sync/came.h"
#include "tests.h"
#include <string.h>

#define SLOTS 200000u
#define FAR (UINT64_C(1) << 34) /* a line that takes more bits than stand in the list */

static uint64_t line_of(uint64_t slot)
{
    return (slot % 7 ? 0 : FAR) + slot + 1;
}

/* Even slots by a record of part slot / 50000, every fifth by somebody else, all others by nobody. */
static void meet(tend_came *came, uint64_t from, uint64_t to)
{
    size_t wrong = 0;

    for (uint64_t slot = from; slot < to; slot++) {
        if (slot % 2 == 0)
            wrong += !tend_came_add(came, slot, (uint32_t)(slot / 50000), line_of(slot));
        else if (slot % 5 == 0)
            tend_came_add_other(came, slot);
    }
    ck_assert_uint_eq(wrong, 0);
}

static void check(tend_came *came, uint64_t upto)
{
    size_t wrong = 0;

    for (uint64_t slot = 0; slot < SLOTS; slot++) {
        uint32_t part = 0;
        uint64_t line = 0;
        bool is_known, is_met = slot < upto && (slot % 2 == 0 || slot % 5 == 0);

        wrong += tend_came_has(came, slot) != is_met;
        wrong += tend_came_who(came, slot, &is_known, &part, &line) < 0 || is_known != (is_met && slot % 2 == 0);
        wrong += is_known && (part != slot / 50000 || line != line_of(slot));
    }
    ck_assert_uint_eq(wrong, 0);
}

START_TEST(who_came_is_known_before_and_after_somebody_asks)
{
    test_folder folder;
    tend_came came;

    test_folder_make(&folder);
    ck_assert_int_eq(tend_came_open(&came, folder.path, SLOTS), TEND_OK);
    meet(&came, 0, 120000);
    check(&came, 120000);
    meet(&came, 120000, SLOTS); /* now there is a table */
    check(&came, SLOTS);
    tend_came_clear(&came);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(a_line_that_cannot_be_kept_is_not_met)
{
    tend_came came;

    ck_assert_int_eq(tend_came_open(&came, NULL, 10), TEND_OK);
    ck_assert(!tend_came_add(&came, 3, 0, UINT64_C(1) << 40));
    ck_assert(!tend_came_has(&came, 3));
    ck_assert(tend_came_add(&came, 3, 0, (UINT64_C(1) << 40) - 1));
    ck_assert(tend_came_has(&came, 3));
    tend_came_clear(&came);
    ck_assert_int_eq(tend_came_open(&came, NULL, UINT64_C(1) << 40), TEND_ELIMIT);
}
END_TEST

static tend_again_hash key_of(uint64_t number)
{
    return (tend_again_hash){ { number * UINT64_C(0x9e3779b97f4a7c15), number * UINT64_C(0xc2b2ae3d27d4eb4f) + 1 } };
}

START_TEST(a_copied_index_leads_where_the_file_does)
{
    static const uint8_t validity[16] = "this one";
    const uint64_t count = 500000;
    test_folder folder;
    tend_again *again;
    char path[4096];
    size_t wrong = 0;

    test_folder_make(&folder);
    (void)snprintf(path, sizeof path, "%s/again-x", folder.path);
    again = tend_again_create(path, validity, count);
    ck_assert_ptr_nonnull(again);
    for (uint64_t i = 0; i < count; i++) {
        tend_again_hash key = key_of(i);

        tend_again_put(again, &key, &key, 0);
    }
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 2 * count; i++) {
            tend_again_hash key = key_of(i);
            uint64_t at;

            tend_again_fetch(again, &key);
            at = tend_again_confirm(again, &key, tend_again_guess(again, &key));
            wrong += at != (i < count ? i : TEND_AGAIN_NONE);
        }
        if (round == 0)
            tend_again_warm(again);
        else
            tend_again_cool(again);
    }
    ck_assert_uint_eq(wrong, 0);
    tend_again_close(again);
    test_folder_remove(&folder);
}
END_TEST

TESTS_WITH("sync/came", {
    tcase_add_test(tcase, who_came_is_known_before_and_after_somebody_asks);
    tcase_add_test(tcase, a_line_that_cannot_be_kept_is_not_met);
    tcase_add_test(tcase, a_copied_index_leads_where_the_file_does);
})
