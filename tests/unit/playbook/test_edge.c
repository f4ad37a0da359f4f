/* Conditions that come to hold by what happens elsewhere, and by numbers. */
#include "model/measure.h"
#include "playbook_fixture.h"

#define SCRIPT(subject, start)                                                                                   \
    "return playbook { name = 'test', summary = 's', api = 1, subject = '" subject "', outcomes = { 'done' },\n" \
    " start_when = { " start " },\n steps = function(run) run:log('l', 'x') return 'done' end }"

static void set_up(void)
{
    static const tend_measure_name names[] = { { .name = "health", .choices = "red yellow green" },
                                               { .name = "nrr" },
                                               { .name = NULL } };

    playbook_set_up();
    measure_names = names;
}

static void use(const char *script)
{
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[segment.large]\nwhere = seats > 1000\n[segment.ill]\nwhere = health < 50 or parent.region = APAC\n"
                   "[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

static void check_sums(void)
{
    int64_t delivered, decided;

    TEST_OK(&f, tend_playbook_reconcile(f.store, NULL, &delivered, &decided, &f.error));
    ck_assert_int_gt(delivered, 0);
    ck_assert_int_eq(delivered, decided);
    ck_assert_int_eq(delivered, count("SELECT sum(CASE WHEN first = 0 THEN 1 ELSE last - first + 1 END) FROM events"));
}

static void put_region(int64_t id, const char *region)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "region", text(region) } });
    work();
}

static void put_seats(int64_t id, int64_t seats)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "seats", number(seats) } });
    work();
}

static void publish(const char *kpi, int64_t of, int64_t number)
{
    tend_measure measure = { .kpi = kpi, .account = of, .day = today(), .numerator = number, .denominator = 1 };
    bool differs = false;

    begin(&f);
    TEST_OK(&f, tend_measure_publish(f.model, &f.origin, &measure, &differs, &f.error));
    commit(&f);
    work();
}

START_TEST(a_number_of_a_setting_reads_as_it_was_written)
{
    use("return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'done' },\n"
        " settings = { low = { type = 'number', default = 0.05, help = 'h' }, high = { type = 'number', default = 100.0, help = "
        "'h' },\n"
        "  none = { type = 'number', default = 0.0, help = 'h' } },\n"
        " start_when = { where = 'nrr > {low} and nrr < {high} and nrr != {none}' },\n steps = function(run) return 'done' end }");
    ck_assert_str_eq(word("SELECT condition FROM triggers WHERE playbook = 'test' AND condition LIKE '%nrr%'"),
                     "nrr > 0.05 and nrr < 100 and nrr != 0");
}
END_TEST

static int64_t runs(void)
{
    return count("SELECT count(*) FROM runs");
}

START_TEST(what_happens_to_an_account_starts_its_contracts)
{
    int64_t other = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Other") } }).id;
    int64_t contract;

    use(SCRIPT("contract", "where = 'account.region = EMEA and status = active'"));
    contract = add_contract(today() + 60);
    work();
    put_region(other, "EMEA");
    put_region(account, "APAC");
    ck_assert_int_eq(runs(), 0);
    put_region(account, "EMEA");
    ck_assert_int_eq(runs(), 1);
    ck_assert_int_eq(count("SELECT row FROM runs"), contract);
    ck_assert_str_eq(word("SELECT topic FROM decisions"), "met.test");
    ck_assert_str_eq(word("SELECT why FROM decisions"), "account.region = EMEA (it is EMEA) and status = active (it is active)");
    ck_assert_int_eq(count("SELECT account FROM events WHERE topic = 'met.test'"), account);
    ck_assert_int_eq(count("SELECT count(*) FROM events e JOIN events c ON c.sequence = e.cause WHERE e.topic = 'met.test' AND"
                           " c.topic = 'account.updated' AND e.root = c.root"),
                     1);
    put_seats(account, 5);
    ck_assert_int_eq(runs(), 1);
    put_region(account, "APAC");
    put_region(account, "EMEA");
    ck_assert_int_eq(runs(), 2);
    check_sums();
}
END_TEST

START_TEST(segments_and_what_they_look_at_are_followed)
{
    int64_t parent = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Parent") } }).id;

    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "parent", ref(parent) } });
    use(SCRIPT("contract", "where = 'account.segment in (large, ill)'"));
    (void)add_contract(today() + 60);
    work();
    put_seats(account, 2000);
    ck_assert_int_eq(runs(), 1);
    put_seats(account, 5);
    put_region(parent, "APAC");
    ck_assert_int_eq(runs(), 2);
    put_region(parent, "EMEA");
    publish("health", account, 40);
    ck_assert_int_eq(runs(), 3);
    publish("nrr", account, 40);
    ck_assert_int_eq(runs(), 3);
    check_sums();
}
END_TEST

START_TEST(a_number_that_falls_starts_once_until_it_has_recovered)
{
    static const struct {
        int number, runs;
    } days[] = { { 70, 0 }, { 49, 1 }, { 48, 1 }, { 55, 1 }, { 49, 1 }, { 60, 1 }, { 30, 1 }, { 61, 1 }, { 50, 1 }, { 49, 2 } };

    use(SCRIPT("account", "where = 'health < 50', again_when = 'health > 60'"));
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        publish("health", account, days[i].number);
        ck_assert_msg(runs() == days[i].runs, "%d", days[i].number);
    }
    ck_assert_str_eq(word("SELECT why FROM decisions WHERE what = 'deduplicated' ORDER BY id LIMIT 1"),
                     "the condition was met already, or has not met again_when since: health > 60: health < 50 (it is 48)");
    ck_assert_str_eq(word("SELECT topic FROM decisions WHERE what = 'ran'"), "measure.health");
    check_sums();
}
END_TEST

START_TEST(a_number_of_the_account_starts_its_contracts)
{
    use(SCRIPT("contract", "where = 'account.health < 50'"));
    (void)add_contract(today() + 60);
    (void)add_contract(today() + 90);
    publish("health", account, 70);
    ck_assert_int_eq(runs(), 0);
    publish("health", account, 20);
    ck_assert_int_eq(runs(), 2);
    publish("health", account, 10);
    ck_assert_int_eq(runs(), 2);
    check_sums();
}
END_TEST

#define WAITS(stop)                                                                                                              \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'done' }, start_when = { event" \
    " = 'contract.created' }, stop_when = { where = '" stop "' }, steps = function(run) run:sleep('s', { days = 90 }) return"    \
    " 'done' end }"

/* What ends a run, and which figure of the account it hears of. */
static const struct {
    const char *script;
    bool by_nrr, by_health;
} exits[] = {
    { WAITS("account.health < 50"), false, true },
    { WAITS("account.segment = ill"), false, true },
    { WAITS("seats is empty and not account.health >= 50"), false, true },
    { WAITS("seats > 1000"), false, false },
};

START_TEST(exit_criteria_hear_of_the_figures_that_they_read)
{
    use(exits[_i].script);
    (void)add_contract(today() + 60);
    publish("nrr", account, 20);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'stopped'"), exits[_i].by_nrr);
    publish("health", account, 20);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'stopped'"), exits[_i].by_health);
    check_sums();
}
END_TEST

/* Time alone brings no news; what hangs on the day is looked at whenever there is some. */
START_TEST(exit_criteria_that_hang_on_the_day_hear_of_any_figure)
{
    use(WAITS("ends_on < today"));
    (void)add_contract(today() + 60);
    publish("nrr", account, 20);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'stopped'"), 0);
    f.now += 61 * INT64_C(86400000);
    publish("nrr", account, 30);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'stopped'"), 1);
    check_sums();
}
END_TEST

START_TEST(a_day_that_came_while_its_condition_did_not_hold_waits_for_the_figure_that_it_reads)
{
    use(SCRIPT("contract", "days = 30, before = 'contract.ends_on', where = 'account.health < 50'"));
    publish("health", account, 80);
    (void)add_contract(today() + 40);
    work();
    f.now += 15 * INT64_C(86400000);
    work();
    ck_assert_str_eq(word("SELECT state FROM dues"), "unmet");
    publish("nrr", account, 20);
    ck_assert_str_eq(word("SELECT state FROM dues"), "unmet");
    publish("health", account, 20);
    ck_assert_int_eq(runs() + count("SELECT count(*) FROM dues WHERE state = 'late'"), 1);
    check_sums();
}
END_TEST

START_TEST(a_person_that_is_renamed_is_looked_at_again)
{
    use(SCRIPT("contract", "where = 'account.owner = \"New Name\"'"));
    (void)add_contract(today() + 60);
    work();
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = owner, .fields = { { "name", text("New Name") } });
    work();
    ck_assert_int_eq(runs(), 1);
    check_sums();
}
END_TEST

START_TEST(history_of_an_account_starts_nothing)
{
    use(SCRIPT("contract", "where = 'account.region = EMEA'"));
    (void)add_contract(today() + 60);
    work();
    f.origin.is_history = true;
    put_region(account, "EMEA");
    f.origin.is_history = false;
    ck_assert_int_eq(runs(), 0);
    put_seats(account, 7);
    ck_assert_int_eq(runs(), 0);
    check_sums();
}
END_TEST

/* What the store says of a script that is left out. */
static const struct {
    const char *script, *sentence;
} refused[] = {
    { SCRIPT("profile", "where = 'risk_tolerance = low'"),
      "playbooks/test.lua:2: start_when.where: profile.risk_tolerance: playbook:test may not see it; leave it out" },
    { SCRIPT("contract", "event = 'contract.signed', where = 'seats > 1', again_when = 'seats < 1'"),
      "playbooks/test.lua:2: start_when.again_when: says when a condition starts again; write where, and neither event nor days" },
    { SCRIPT("contract", "where = 'seats > 1', again_when = 'seets < 1'"),
      "playbooks/test.lua:2: start_when.again_when: at 'seets': contracts have no field seets; did you mean seats?" },
};

START_TEST(conditions_that_cannot_be_asked_are_refused)
{
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", refused[_i].script);
    open_playbooks("[playbook.test]\n");
    ck_assert_str_eq(word("SELECT why FROM playbook_faults"), refused[_i].sentence);
}
END_TEST

TESTS_WITH("playbook/edge", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, playbook_tear_down);
    tcase_add_test(tcase, a_number_of_a_setting_reads_as_it_was_written);
    tcase_add_test(tcase, what_happens_to_an_account_starts_its_contracts);
    tcase_add_test(tcase, segments_and_what_they_look_at_are_followed);
    tcase_add_test(tcase, a_number_that_falls_starts_once_until_it_has_recovered);
    tcase_add_test(tcase, a_number_of_the_account_starts_its_contracts);
    tcase_add_loop_test(tcase, exit_criteria_hear_of_the_figures_that_they_read, 0, (int)(sizeof exits / sizeof *exits));
    tcase_add_test(tcase, exit_criteria_that_hang_on_the_day_hear_of_any_figure);
    tcase_add_test(tcase, a_day_that_came_while_its_condition_did_not_hold_waits_for_the_figure_that_it_reads);
    tcase_add_test(tcase, a_person_that_is_renamed_is_looked_at_again);
    tcase_add_test(tcase, history_of_an_account_starts_nothing);
    tcase_add_loop_test(tcase, conditions_that_cannot_be_asked_are_refused, 0, (int)(sizeof refused / sizeof *refused));
})
