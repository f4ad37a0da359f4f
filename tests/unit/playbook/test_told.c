/* Events that somebody tells by hand. */
#include "playbook_fixture.h"

static tend_status try_tell(const char *topic, tend_kind kind, int64_t row, const char **ret_status_now)
{
    tend_principal kim = tend_principal_named(TEND_PRINCIPAL_PERSON, "Kim");
    tend_origin origin = { .principal = &kim };
    tend_told told = { .topic = topic, .kind = kind, .row = row, .reason = "he phoned" };
    int64_t sequence = 0;
    tend_status status;

    *ret_status_now = NULL;
    begin(&f);
    status = tend_event_tell(f.model, &origin, &told, f.arena, &sequence, ret_status_now, &f.error);
    if (status < 0)
        tend_model_rollback(f.model);
    else
        commit(&f);
    ck_assert(status < 0 || sequence > 0);
    return status;
}

static void tell(const char *topic, tend_kind kind, int64_t row)
{
    const char *status_now;

    TEST_OK(&f, try_tell(topic, kind, row, &status_now));
    work();
}

#define SCRIPT(start, steps)                                                                                       \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'done' }, " start \
    " steps = function(run) " steps " return 'done' end }"

static void use_test(const char *script)
{
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

START_TEST(a_custom_event_starts_a_run_on_its_row_and_says_who_told_it)
{
    int64_t contract;

    use_test(SCRIPT("start_when = { event = 'custom.visit' },", ""));
    contract = add_contract(today() + 300);
    work();
    tell("custom.visit", TEND_KIND_ACCOUNT, account); /* not the subject */
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    tell("custom.visit", TEND_KIND_CONTRACT, contract);
    ck_assert_int_eq(count("SELECT row FROM runs"), contract);
    ck_assert_int_eq(count("SELECT account FROM events WHERE topic = 'custom.visit' AND kind = 6"), account);
    ck_assert_str_eq(word("SELECT t.teller || ': ' || t.reason FROM runs r JOIN events_told t ON t.sequence = r.cause"),
                     "Kim: he phoned");
}
END_TEST

START_TEST(a_wait_hears_of_its_row_or_its_account_and_of_no_other)
{
    int64_t first, second;

    use_test(SCRIPT("start_when = { event = 'contract.created' },",
                    "run:wait('w', { event = 'custom.visit', within = { days = 90 } })"));
    first = add_contract(today() + 300);
    second = add_contract(today() + 300);
    work();
    tell("custom.visit", TEND_KIND_CONTRACT, second);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'ended'"), 1);
    ck_assert_int_eq(count("SELECT row FROM runs WHERE state = 'waiting'"), first);
    tell("custom.visit", TEND_KIND_ACCOUNT, account);
    ck_assert_int_eq(count("SELECT count(*) FROM runs WHERE state = 'ended'"), 2);
}
END_TEST

START_TEST(an_event_told_while_the_run_waited_for_something_else_counts)
{
    use_test(SCRIPT("start_when = { event = 'contract.created' },",
                    "run:sleep('s', { days = 1 }) local w = run:wait('w', { event = 'custom.visit', within = { days = 90 } })"
                    " if not w.timed_out then run:log('heard', 'yes') end"));
    (void)add_contract(today() + 300);
    work();
    tell("custom.visit", TEND_KIND_ACCOUNT, account);
    f.now += INT64_C(86400000) * 2;
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM steps WHERE name = 'heard'"), 1);
}
END_TEST

START_TEST(a_status_told_by_hand_acts_and_leaves_the_row_as_it_is)
{
    const char *status_now = NULL;
    int64_t contract;

    use_script("commercial", "renewal");
    open_playbooks(SEGMENTS "[playbook.renewal]\n");
    contract = add_contract(today() + 60);
    work();
    TEST_OK(&f, try_tell("contract.cancelled", TEND_KIND_CONTRACT, contract, &status_now));
    ck_assert_str_eq(status_now, "active");
    work();
    ck_assert_str_eq(word("SELECT state || ': ' || reason FROM runs"), "stopped: contract.cancelled");
    ck_assert_str_eq(word("SELECT status FROM contracts"), "active");
    set_status(TEND_KIND_CONTRACT, contract, "cancelled");
    TEST_OK(&f, try_tell("contract.cancelled", TEND_KIND_CONTRACT, contract, &status_now));
    ck_assert_ptr_null(status_now);
}
END_TEST

static const struct {
    const char *topic;
    tend_kind kind;
    tend_status status;
    const char *sentence;
} refused[] = {
    { "custom.vist", TEND_KIND_ACCOUNT, TEND_EINVAL, "custom.vist: no such event; did you mean custom.visit?" },
    { "custom.something_else", TEND_KIND_ACCOUNT, TEND_EINVAL,
      "custom.something_else: no playbook at work names this event; name it in start_when, stop_when or run:wait, then tend once" },
    { "contract.canceled", TEND_KIND_CONTRACT, TEND_EINVAL, "contract.canceled: no such event; did you mean contract.cancelled?" },
    { "contract.cancelled", TEND_KIND_ACCOUNT, TEND_EINVAL, "contract.cancelled: is about a contract; write contract=ROW" },
    { "contract.created", TEND_KIND_CONTRACT, TEND_EINVAL,
      "contract.created: only the store tells that, when it happens; tend add and tend set change rows" },
    { "bananas", TEND_KIND_ACCOUNT, TEND_EINVAL,
      "bananas: no such event; write KIND.STATUS, such as contract.cancelled, or custom.NAME" },
};

START_TEST(what_cannot_be_told_is_refused_and_leaves_nothing)
{
    const char *status_now;
    int64_t contract, before;

    use_test(SCRIPT("start_when = { event = 'custom.visit' },", ""));
    contract = add_contract(today() + 300);
    before = count("SELECT count(*) FROM events");
    ck_assert_int_eq(
        try_tell(refused[_i].topic, refused[_i].kind, refused[_i].kind == TEND_KIND_CONTRACT ? contract : account, &status_now),
        refused[_i].status);
    ck_assert_str_eq(f.error.text, refused[_i].sentence);
    ck_assert_int_eq(count("SELECT count(*) FROM events"), before);
}
END_TEST

TESTS_WITH("playbook/told", {
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_test(tcase, a_custom_event_starts_a_run_on_its_row_and_says_who_told_it);
    tcase_add_test(tcase, a_wait_hears_of_its_row_or_its_account_and_of_no_other);
    tcase_add_test(tcase, an_event_told_while_the_run_waited_for_something_else_counts);
    tcase_add_test(tcase, a_status_told_by_hand_acts_and_leaves_the_row_as_it_is);
    tcase_add_loop_test(tcase, what_cannot_be_told_is_refused_and_leaves_nothing, 0, (int)(sizeof refused / sizeof *refused));
})
