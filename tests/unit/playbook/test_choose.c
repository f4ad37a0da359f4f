/* Work that goes to one of several. */
#include "playbook_fixture.h"

#define SCRIPT                                                                                                                 \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'x' }, start_when = { event =" \
    " 'account.updated' }, steps = function(run) run:task('t', { title = 'T', to = '%s' }) return 'x' end }"

static int64_t add_user(const char *name, const char *team, const char *skills, const char *certificates, int capacity)
{
    return TEST_PUT(&f, .kind = TEND_KIND_USER,
                    .fields = { { "name", text(name) },
                                { "team", team ? text(team) : nothing() },
                                { "skills", skills ? text(skills) : nothing() },
                                { "certificates", certificates ? text(certificates) : nothing() },
                                { "capacity", capacity < 0 ? nothing() : (tend_value){ .type = TEND_INT, .integer = capacity } } })
        .id;
}

static void add_tasks(int64_t user, int number)
{
    for (int i = 0; i < number; i++)
        (void)TEST_PUT(&f, .kind = TEND_KIND_TASK,
                       .fields = { { "title", text("other") }, { "status", text("open") }, { "assignee", ref(user) } });
}

/* Ann has three open tasks, Bob one, Cho two and no room for more, Dee is absent, Eve has none and is of another team. */
static void team(void)
{
    int64_t ann = add_user("Ann", "support", "korean, english", "aws 2027-03-01", -1);
    int64_t bob = add_user("Bob", "support", "english", "aws 2025-01-01", 9);
    int64_t cho = add_user("Cho", "support", "Korean", NULL, 2);
    int64_t dee = add_user("Dee", "support", "korean", "aws", -1);

    (void)add_user("Eve", "sales", "korean", NULL, -1);
    add_tasks(ann, 3);
    add_tasks(bob, 1);
    add_tasks(cho, 2);
    (void)TEST_PUT(&f, .kind = TEND_KIND_USER, .id = dee,
                   .fields = { { "absent_from", day("2026-03-01") }, { "absent_to", day("2026-03-31") } });
}

static const struct {
    const char *to, *who, *why;
} choices[] = {
    { "any:support", "Bob", "s; to Bob, who has the least to do in team support: 1 open; Dee is absent; Cho has 2 open of 2" },
    { "any:support skill:korean", "Ann",
      "s; to Ann, who has the least to do in team support with korean: 3 open; Dee is absent; Bob has no korean; Cho has 2 open of "
      "2" },
    { "any:support certificate:aws", "Ann",
      "s; to Ann, who has the least to do in team support with aws: 3 open; Dee is absent; the aws of Bob has run out; Cho has no "
      "aws" },
    { "skill:korean", "Eve",
      "s; to Eve, who has the least to do of all with korean: 0 open; Han has no korean; Kim has no korean; Dee is absent" },
    { "any:support skill:thai", "-",
      "s; for anybody in team support with thai, but nobody is free; Dee has no thai; Bob has no thai; Cho has no thai; Ann has no "
      "thai" },
    { "team:support", "-", "s; to team support; anybody there may take it" },
};

START_TEST(it_goes_to_whoever_can_and_has_the_least_to_do)
{
    char script[600];

    (void)snprintf(script, sizeof script, SCRIPT, choices[_i].to);
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    team();
    open_playbooks("[playbook.test]\n");
    ck_assert_str_eq(word("SELECT why FROM playbook_faults"), "-");
    (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = account, .fields = { { "city", text("Seoul") } });
    work();
    ck_assert_str_eq(word("SELECT u.name FROM tasks t LEFT JOIN users u ON u.id = t.assignee WHERE t.title = 'T'"),
                     choices[_i].who);
    ck_assert_str_eq(word("SELECT reason FROM tasks WHERE title = 'T'"), choices[_i].why);
}
END_TEST

START_TEST(each_further_task_finds_who_is_next)
{
    char script[600], city[20];

    (void)snprintf(script, sizeof script, SCRIPT, "any:support");
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    (void)add_user("Ann", "support", NULL, NULL, 2);
    (void)add_user("Bob", "support", NULL, NULL, 1);
    open_playbooks("[playbook.test]\n");
    for (int i = 0; i < 4; i++) {
        int64_t id = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Other") } }).id;

        work();
        (void)snprintf(city, sizeof city, "city %d", i);
        (void)TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .id = id, .fields = { { "city", text(city) } });
        work();
    }
    ck_assert_str_eq(
        word("SELECT group_concat(coalesce(u.name, 'nobody')) FROM (SELECT assignee FROM tasks ORDER BY id) t LEFT JOIN"
             " users u ON u.id = t.assignee"),
        "Ann,Bob,Ann,nobody");
}
END_TEST

START_TEST(what_names_nobody_is_refused)
{
    char script[600];

    (void)snprintf(script, sizeof script, SCRIPT, "any:support skil:korean");
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", script);
    open_playbooks("[playbook.test]\n");
    ck_assert_ptr_nonnull(strstr(word("SELECT why FROM playbook_faults"),
                                 "to: 'any:support skil:korean' is nobody; write any:TEAM, skill:WORD and certificate:WORD with "
                                 "blanks between"));
}
END_TEST

TESTS_WITH("playbook/choose", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, it_goes_to_whoever_can_and_has_the_least_to_do, 0, (int)(sizeof choices / sizeof *choices));
    tcase_add_test(tcase, each_further_task_finds_who_is_next);
    tcase_add_test(tcase, what_names_nobody_is_refused);
})
