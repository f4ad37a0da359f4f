/* Texts in several languages: who gets it decides which. */
#include "playbook_fixture.h"

#define SCRIPT                                                                                                          \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'x' }, start_when = {" \
    " event = 'contract.created' }, steps = function(run) %s return 'x' end }"

static void write_steps(const char *steps)
{
    char script[2000];

    (void)snprintf(script, sizeof script, SCRIPT, steps);
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
}

static void begin_with(const char *steps)
{
    write_steps(steps);
    open_playbooks("[playbook.test]\n");
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
    (void)add_contract(today() + 100);
    work();
}

static void speaks(int64_t user, const char *language)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = user, .fields = { { "language", text(language) } });
}

#define TASK                                                                                                            \
    "run:task('t', { title = { en = 'Call {account.name}', ko = '{account.name}에 전화' }, to = 'owner', reason = {" \
    " en = 'signed {signed_on}', ko = '서명일 {signed_on}' } })"

START_TEST(a_task_is_written_in_the_language_of_who_gets_it)
{
    speaks(owner, "ko");
    begin_with(TASK);
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Acme에 전화");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE reason LIKE '서명일 알 수 없음%'"), 1);
}
END_TEST

START_TEST(who_named_no_language_reads_that_of_the_workspace)
{
    options.language = "ko";
    begin_with(TASK);
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Acme에 전화");
}
END_TEST

START_TEST(without_any_it_is_english)
{
    begin_with(TASK);
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Call Acme");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE reason LIKE 'signed not known%'"), 1);
}
END_TEST

START_TEST(a_language_that_the_text_does_not_have_reads_the_one_it_has)
{
    begin_with("run:task('t', { title = { ko = '전화' }, to = 'owner' })");
    ck_assert_str_eq(word("SELECT title FROM tasks"), "전화");
}
END_TEST

START_TEST(each_reads_messages_and_decisions_in_their_own)
{
    speaks(manager, "ko");
    begin_with("run:notify('n', { to = 'owner', text = { en = 'late', ko = '늦음' }, subject = { en = 'News', ko = '소식' } })"
               " run:escalate('e', { to = 'owner.manager', text = { en = 'late', ko = '늦음' } })"
               " run:ask('q', { question = { en = 'Well?', ko = '어때요?' }, choices = { 'a', 'b' }, of = 'owner.manager',"
               " within = { days = 1 } })"
               " run:approve('a', { title = { en = 'May we?', ko = '괜찮습니까?' }, to = { 'owner', 'owner.manager' },"
               " within = { days = 9 } })");
    ck_assert_str_eq(word("SELECT subject || ' ' || text FROM outbox WHERE user = (SELECT id FROM users WHERE name = 'Kim')"),
                     "News late");
    ck_assert_str_eq(word("SELECT subject || ' ' || text FROM outbox WHERE user = (SELECT id FROM users WHERE name = 'Han')"),
                     "늦음 늦음");
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE step = 'e'"), "늦음");
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE step = 'q'"), "어때요?");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE step = 'e' AND reason LIKE '상위 보고; %'"), 1);
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE step = 'q' AND reason LIKE '다음 중 하나로 답하세요: a | b; %'"), 1);
    f.now += 3 * INT64_C(86400000);
    work();
    ck_assert_str_eq(word("SELECT group_concat(title) FROM (SELECT title FROM approvals ORDER BY id)"), "May we?,괜찮습니까?");
}
END_TEST

#define ROLE                                                                                                                \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'handover', outcomes = { 'x' }, start_when = {"     \
    " event = 'handover.created' }, steps = function(run) run:task('t', { title = 'T', to = '{to_user}' })"                 \
    " run:task('m', { title = 'M', to = '{handover.to_user}.manager' }) run:task('g', { title = 'G', to = '{from_user}' })" \
    " return 'x' end }"

START_TEST(work_goes_to_whoever_a_field_names)
{
    int64_t lead = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Park") } }).id;
    int64_t taker = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Lee") }, { "manager", ref(lead) } }).id;

    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", ROLE);
    open_playbooks("[playbook.test]\n");
    (void)TEST_PUT(&f, .kind = TEND_KIND_HANDOVER,
                   .fields = { { "account", ref(account) }, { "to_user", ref(taker) }, { "status", text("proposed") } });
    work();
    ck_assert_str_eq(word("SELECT group_concat(n) FROM (SELECT t.title || ' ' || u.name AS n FROM tasks t JOIN users u ON u.id = "
                          "t.assignee ORDER BY t.id)"),
                     "T Lee,M Park,G Kim");
    ck_assert_str_eq(word("SELECT reason FROM tasks WHERE title = 'T'"), "s; to to_user");
    ck_assert_str_eq(word("SELECT reason FROM tasks WHERE title = 'G'"), "s; to the owner, as from_user is not known");
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "owner", ref(lead) } });
    work(); /* tasks of another role stay where they are */
    ck_assert_int_eq(count("SELECT count(*) FROM tasks t JOIN users u ON u.id = t.assignee WHERE t.title = 'T' AND u.name = 'Lee'"),
                     1);
}
END_TEST

static const struct {
    const char *step, *reason;
} korean[] = {
    { "run:task('t', { title = 'T', reason = 'R', to = 'owner' })", "R; 담당자에게" },
    { "run:task('t', { title = 'T', reason = 'R', to = 'owner.manager' })", "R; 담당자의 상사에게(상사 없음)" },
    { "run:task('t', { title = 'T', reason = 'R', to = 'tam' })", "R; 담당자에게(기술 담당 매니저 없음)" },
    { "run:task('t', { title = 'T', reason = 'R', to = 'user:민준' })", "R; 민준에게" },
    { "run:task('t', { title = 'T', reason = 'R', to = '{contract.owner}' })", "R; 담당자에게(contract.owner 알 수 없음)" },
    { "run:task('t', { title = 'T', reason = 'R', to = 'any:desk' })", "R; 민준에게, 할 일이 가장 적음(desk 팀): 미결 0건" },
};

START_TEST(whoever_reads_korean_is_told_in_korean_why_it_is_theirs)
{
    int64_t user = TEST_PUT(&f, .kind = TEND_KIND_USER,
                            .fields = { { "name", text("민준") }, { "language", text("ko") }, { "team", text("desk") } })
                       .id;
    const char *script =
        tend_arena_print(f.arena,
                         "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = "
                         "{ 'x' }, start_when = { event = 'contract.created' }, steps = function(run) %s return 'x' "
                         "end }",
                         korean[_i].step);

    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[playbook.test]\n");
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "owner", ref(user) } });
    (void)TEST_PUT(&f, .kind = TEND_KIND_CONTRACT, .fields = { { "account", ref(account) }, { "name", text("Gold") } });
    work();
    ck_assert_str_eq(word("SELECT reason FROM tasks"), korean[_i].reason);
}
END_TEST

static const struct {
    const char *steps, *said;
} faults[] = {
    { "run:task('t', { title = { en = 'Call', kr = '전화' }, to = 'owner' })",
      "title: 'kr' is no language; write one text, or one for each of en ko" },
    { "run:task('t', { title = { en = 'Call', ko = '{acount.name}' }, to = 'owner' })", "acount" },
    { "local ko = '{acount.name}' run:task('t', { title = { en = 'Call', ko = ko }, to = 'owner' })", "acount" },
    { "run:notify('t', { text = { en = 'Call', ko = 7 }, to = 'owner' })", "text: ko: must be a text" },
    { "run:ask('t', { question = {}, choices = { 'a', 'b' }, within = { days = 1 } })", "question" },
    { "run:task('t', { title = 'T', to = '{ends_on}' })",
      "to: '{ends_on}' is nobody; ends_on is no field for a person on our side" },
    { "run:task('t', { title = 'T', to = '{ownr}' })", "ownr" },
    { "run:task('t', { title = 'T', to = '{owner}.boss' })", "to: '{owner}.boss' is nobody; write {FIELD} or {FIELD}.manager" },
    { "run:approve('t', { title = 'T', reason = { '' }, within = { days = 1 } })", "reason: must be a text" },
};

START_TEST(every_language_is_checked)
{
    char *said = NULL;
    size_t length;
    FILE *out = open_memstream(&said, &length);
    int found = 0;

    write_steps(faults[_i].steps);
    load_config("[playbook.test]\n");
    TEST_OK(&f, tend_playbook_check(config, test_folder_path(&f.folder, "playbooks/test.lua"), f.folder.path, f.schema, segments,
                                    sandbox_path, out, &found, &f.error));
    (void)fclose(out);
    ck_assert_msg(found >= 1 && strstr(said, faults[_i].said) != NULL, "%s", said);
    free(said);
}
END_TEST

TESTS_WITH("playbook/words", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, whoever_reads_korean_is_told_in_korean_why_it_is_theirs, 0, (int)(sizeof korean / sizeof *korean));
    tcase_add_test(tcase, a_task_is_written_in_the_language_of_who_gets_it);
    tcase_add_test(tcase, who_named_no_language_reads_that_of_the_workspace);
    tcase_add_test(tcase, without_any_it_is_english);
    tcase_add_test(tcase, a_language_that_the_text_does_not_have_reads_the_one_it_has);
    tcase_add_test(tcase, each_reads_messages_and_decisions_in_their_own);
    tcase_add_test(tcase, work_goes_to_whoever_a_field_names);
    tcase_add_loop_test(tcase, every_language_is_checked, 0, (int)(sizeof faults / sizeof *faults));
})
