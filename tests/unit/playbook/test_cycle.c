/* Playbooks that start each other, found in their scripts. */
#include "playbook_fixture.h"

static char said[4000];

static void set_up(void)
{
    playbook_set_up();
    said[0] = '\0';
}

static void take_line(void *self, const char *line)
{
    (void)self;
    (void)strncat(said, line, sizeof said - strlen(said) - 1);
    (void)strncat(said, "\n", sizeof said - strlen(said) - 1);
}

static void write_script(const char *name, const char *subject, const char *start, const char *steps)
{
    char path[128], script[2000];

    (void)snprintf(path, sizeof path, "playbooks/%s.lua", name);
    (void)snprintf(script, sizeof script,
                   "return playbook {\n  name = '%s', summary = 's', api = 1, subject = '%s', outcomes = { 'x' },\n"
                   "  start_when = { %s },\n  steps = function(run)\n    %s\n    return 'x'\n  end,\n}\n",
                   name, subject, start, steps);
    (void)test_folder_write_text(&f.folder, path, script);
}

static int check(const char *ini, const char *path)
{
    int found = -1;

    load_config(ini);
    TEST_OK(&f, tend_playbook_check_cycles(config, path, f.folder.path, f.schema, segments, sandbox_path, take_line, NULL, &found,
                                           &f.error));
    return found;
}

/* What starts a and what it does, the same of b; the cycles there are. */
static const struct {
    const char *a_starts, *a_does, *b_starts, *b_does;
    int cycles;
} pairs[] = {
    { "where = 'tier = gold'", "run:set('s', { tier = 'silver' })", "where = 'tier = silver'", "run:set('s', { tier = 'gold' })",
      1 },
    { "where = 'tier = gold'", "run:set('s', { tier = 'silver' })", "where = 'tier = silver'", "run:set('s', { tier = 'bronze' })",
      0 },
    { "where = 'tier = gold'", "run:set('s', { tier = 'silver' })", "where = 'tier = silver and stage = active'",
      "run:set('s', { tier = run.account.tier })", 1 },
    { "where = 'seats > 10'", "run:set('s', { seats = 5 })", "where = 'seats < 10'", "run:set('s', { seats = 20 })", 1 },
    { "where = 'seats > 10'", "run:set('s', { seats = 5 })", "where = 'seats < 10'", "run:set('s', { seats = 7 })", 0 },
    { "event = 'account.leaving'", "run:set('s', { stage = 'active' })", "event = 'account.active'",
      "run:set('s', { stage = 'leaving' })", 1 },
    { "event = 'account.leaving'", "run:set('s', { stage = 'active' })", "event = 'account.active', where = 'stage = former'",
      "run:set('s', { stage = 'leaving' })", 0 },
    { "event = 'account.updated'", "run:set('s', { city = 'Seoul' })", "event = 'account.created'", "run:log('l', 'x')", 1 },
    { "event = 'account.created'", "run:set('s', { city = 'Seoul' })", "where = 'region = EMEA'", "run:set('s', { city = 'Bonn' })",
      0 },
    /* what stays true starts nobody again */
    { "where = 'tier = gold'", "run:set('s', { city = 'Seoul' })", "where = 'city = Seoul'", "run:set('s', { tier = 'gold' })", 0 },
    { "where = 'stage = leaving'", "run:set('s', { tier = 'bronze' })", "where = 'tier is empty'", "run:log('l', 'x')", 0 },
    { "where = 'tier = gold'", "run:set('s', { tier = 'silver' })\n    run:set('t', { tier = 'gold' })",
      "event = 'account.created'", "run:log('l', 'x')", 1 },
    { "where = 'tier = gold'", "run:set('s', { ['ti' .. 'er'] = 'silver' })", "where = 'tier = silver'",
      "run:set('s', { tier = 'gold' })", 1 },
    { "where = 'account.segment = best'", "run:set('s', { tier = 'silver' })", "where = 'tier = silver'",
      "run:set('s', { tier = 'gold' })", 1 },
};

START_TEST(a_cycle_is_one_where_what_is_written_can_start_the_next)
{
    write_script("a", "account", pairs[_i].a_starts, pairs[_i].a_does);
    write_script("b", "account", pairs[_i].b_starts, pairs[_i].b_does);
    ck_assert_int_eq(check("[segment.best]\nwhere = tier = gold\n[playbook.a]\n[playbook.b]\n", NULL), pairs[_i].cycles);
}
END_TEST

START_TEST(the_chain_is_named_with_its_lines)
{
    write_script("down", "account", "where = 'tier = gold'", "run:set('s', { tier = 'silver' })");
    write_script("up", "account", "where = 'tier = silver'", "run:log('l', 'x')\n    run:set('s', { tier = 'gold' })");
    ck_assert_int_eq(check("[playbook.down]\n[playbook.up]\n", NULL), 1);
    ck_assert_str_eq(said, "playbooks/down.lua:5: playbooks start each other: down sets account.tier = silver, which starts up "
                           "(playbooks/down.lua:5); up sets account.tier = gold, which starts down (playbooks/up.lua:6); end it in "
                           "one of them, or write loops = yes into [playbook.down] if it is meant\n");
}
END_TEST

START_TEST(a_script_is_checked_against_those_at_work_before_it_has_a_section)
{
    write_script("down", "account", "where = 'tier = gold'", "run:set('s', { tier = 'silver' })");
    write_script("up", "account", "where = 'tier = silver'", "run:set('s', { tier = 'gold' })");
    ck_assert_int_eq(check("[playbook.down]\n", NULL), 0);
    close_playbooks();
    ck_assert_int_eq(check("[playbook.down]\n", test_folder_path(&f.folder, "playbooks/up.lua")), 1);
    ck_assert_ptr_eq(strstr(said, test_folder_path(&f.folder, "playbooks/up.lua:5: playbooks start each other: up sets")), said);
}
END_TEST

START_TEST(a_cycle_that_is_meant_is_no_fault)
{
    write_script("down", "account", "where = 'tier = gold'", "run:set('s', { tier = 'silver' })");
    write_script("up", "account", "where = 'tier = silver'", "run:set('s', { tier = 'gold' })");
    ck_assert_int_eq(check("[playbook.down]\n[playbook.up]\nloops = yes\n", NULL), 0);
}
END_TEST

START_TEST(tasks_and_kinds_that_refer_close_a_cycle_too)
{
    write_script("a", "task", "event = 'task.created'", "run:task('t', { title = 'x', to = 'owner' })");
    write_script("b", "contract", "where = 'account.tier = gold'", "run:set('s', { seats = 3 })");
    ck_assert_int_eq(check("[playbook.a]\n[playbook.b]\n", NULL), 1);
    ck_assert_ptr_eq(strstr(said, "playbooks/a.lua:5: the playbook starts itself: a makes a task, which starts a "), said);
}
END_TEST

START_TEST(the_engine_keeps_the_chain_until_it_is_gone)
{
    write_script("down", "account", "where = 'tier = gold'", "run:set('s', { tier = 'silver' })");
    write_script("up", "account", "where = 'tier = silver'", "run:set('s', { tier = 'gold' })");
    open_playbooks("[playbook.down]\n[playbook.up]\n");
    ck_assert_str_eq(word("SELECT chain FROM playbook_cycles"), "down -> up -> down");
    close_playbooks();
    open_playbooks("[playbook.down]\n");
    ck_assert_int_eq(count("SELECT count(*) FROM playbook_cycles"), 0);
}
END_TEST

TESTS_WITH("playbook/cycle", {
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, a_cycle_is_one_where_what_is_written_can_start_the_next, 0, (int)(sizeof pairs / sizeof *pairs));
    tcase_add_test(tcase, the_chain_is_named_with_its_lines);
    tcase_add_test(tcase, a_script_is_checked_against_those_at_work_before_it_has_a_section);
    tcase_add_test(tcase, a_cycle_that_is_meant_is_no_fault);
    tcase_add_test(tcase, tasks_and_kinds_that_refer_close_a_cycle_too);
    tcase_add_test(tcase, the_engine_keeps_the_chain_until_it_is_gone);
})
