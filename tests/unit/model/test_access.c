/* Who may decide what was asked of somebody. */
#include "store_fixture.h"

static fixture f;
static int64_t kim, han, dan, approval;
static tend_principal person;

static void set_up(void)
{
    fixture_open(&f);
    han = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Han") } }).id;
    dan = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Dan") } }).id;
    kim =
        TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Kim") }, { "manager", ref(han) }, { "deputy", ref(dan) } })
            .id;
    approval = TEST_PUT(&f, .kind = TEND_KIND_APPROVAL,
                        .fields = { { "title", text("May we?") }, { "status", text("open") }, { "asked_of", ref(kim) } })
                   .id;
}

static void tear_down(void)
{
    fixture_close(&f);
}

static void become(int64_t user, const char *name)
{
    person = tend_principal_named(TEND_PRINCIPAL_PERSON, name);
    person.user = user;
    f.origin.principal = &person;
}

static const char *denied(const fixture_record *record)
{
    tend_put_result result;

    ck_assert_int_eq(fixture_try(&f, record, &result), TEND_EDENIED);
    return f.error.text;
}

static const char *refused(const char *status)
{
    fixture_record record = { .kind = TEND_KIND_APPROVAL, .id = approval, .fields = { { "status", text(status) } } };

    return denied(&record);
}

static void decide(void)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_APPROVAL, .id = approval, .fields = { { "status", text("approved") } });
}

#define REFUSED(name)                           \
    "approval 1: is asked of Kim, not of " name \
    "; Kim decides it, the deputy during an absence, or an administrator in their own name"

START_TEST(the_one_who_is_asked_decides)
{
    become(kim, "Kim");
    decide();
}
END_TEST

START_TEST(nobody_else_decides)
{
    become(han, "Han");
    ck_assert_str_eq(refused("approved"), REFUSED("Han"));
    ck_assert_str_eq(refused("declined"), REFUSED("Han"));
    become(dan, "Dan");
    ck_assert_str_eq(refused("approved"), REFUSED("Dan"));
    become(0, "root");
    ck_assert_str_eq(refused("approved"), REFUSED("root"));
}
END_TEST

START_TEST(nor_takes_it_over_or_away)
{
    fixture_record taken = { .kind = TEND_KIND_APPROVAL, .id = approval, .fields = { { "asked_of", ref(dan) } } };
    fixture_record removed = { .kind = TEND_KIND_APPROVAL, .id = approval, .removed = true };

    become(dan, "Dan");
    ck_assert_str_eq(denied(&taken), REFUSED("Dan"));
    ck_assert_str_eq(denied(&removed), REFUSED("Dan"));
    become(kim, "Kim");
    fixture_put(&f, &taken);
    become(dan, "Dan");
    decide();
}
END_TEST

/* Absent from and to, and whether the deputy decides on 2026-03-02. */
static const struct {
    const char *from, *to;
    bool decides;
} absences[] = { { "2026-03-02", "2026-03-02", true },
                 { "2026-02-01", NULL, true },
                 { "2026-03-03", "2026-03-09", false },
                 { "2026-02-01", "2026-03-01", false } };

START_TEST(the_deputy_decides_during_an_absence)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = kim,
                   .fields = { { "absent_from", day(absences[_i].from) },
                               { "absent_to", absences[_i].to ? day(absences[_i].to) : nothing() } });
    become(dan, "Dan");
    if (absences[_i].decides)
        decide();
    else
        ck_assert_str_eq(refused("approved"), REFUSED("Dan"));
    become(han, "Han");
    ck_assert_str_eq(refused("declined"), REFUSED("Han"));
}
END_TEST

START_TEST(an_absence_begins_where_the_company_is)
{
    const tend_zone *seoul;

    TEST_OK(&f, tend_zone_find("Asia/Seoul", &seoul, &f.error));
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = kim, .fields = { { "absent_from", day("2026-03-03") } });
    become(dan, "Dan");
    f.now = at("2026-03-03") - INT64_C(3600000); /* 23:00 UTC is 08:00 of the next day there */
    ck_assert_str_eq(refused("approved"), REFUSED("Dan"));
    tend_model_set_zone(f.model, seoul);
    decide();
}
END_TEST

START_TEST(the_manager_of_one_who_has_left_decides)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = kim, .fields = { { "active", { .type = TEND_BOOL, .integer = 0 } } });
    become(dan, "Dan");
    ck_assert_str_eq(refused("approved"), REFUSED("Dan"));
    become(han, "Han");
    decide();
}
END_TEST

START_TEST(what_is_asked_of_nobody_is_the_administrators)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_APPROVAL, .id = approval, .fields = { { "asked_of", nothing() } });
    become(kim, "Kim");
    ck_assert_str_eq(refused("approved"), "approval 1: is asked of nobody; an administrator decides it, or sets asked_of");
    f.origin.principal = &f.principal;
    decide();
}
END_TEST

TESTS_WITH("model/access", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_one_who_is_asked_decides);
    tcase_add_test(tcase, nobody_else_decides);
    tcase_add_test(tcase, nor_takes_it_over_or_away);
    tcase_add_loop_test(tcase, the_deputy_decides_during_an_absence, 0, (int)(sizeof absences / sizeof *absences));
    tcase_add_test(tcase, an_absence_begins_where_the_company_is);
    tcase_add_test(tcase, the_manager_of_one_who_has_left_decides);
    tcase_add_test(tcase, what_is_asked_of_nobody_is_the_administrators);
})
