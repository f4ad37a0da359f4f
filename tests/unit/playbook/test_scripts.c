/* The shipped playbooks and the checker. */
#include "playbook_fixture.h"

#include "playbook/settings.h"

#include <glob.h>

static char scripts[4096];
static int64_t tam;

static void open_playbook(const char *name)
{
    open_playbooks(tend_arena_print(f.arena, "%s[playbook.%s]\n", SEGMENTS, name));
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 0);
}

static void set_up(void)
{
    playbook_set_up();
    (void)snprintf(scripts, sizeof scripts, "%s/scripts", getenv("TEND_SOURCE"));
    options.scripts = scripts;
    tam = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Lee") } }).id;
}

static void finish_task(const char *step)
{
    (void)TEST_PUT(&f, .kind = TEND_KIND_TASK,
                   .id = count(tend_arena_print(f.arena, "SELECT id FROM tasks WHERE step = '%s'", step)),
                   .fields = { { "status", text("done") } });
    work();
}

static int64_t add_environment(int behind)
{
    return TEST_PUT(&f, .kind = TEND_KIND_ENVIRONMENT,
                    .fields = { { "account", ref(account) },
                                { "name", text("production") },
                                { "version", text("3.1") },
                                { "versions_behind", number(behind) },
                                { "status", text("live") } })
        .id;
}

START_TEST(an_installation_that_falls_behind_is_reviewed_by_the_technical_manager)
{
    int64_t environment;

    (void)TEST_PUT(&f, .kind = TEND_KIND_OWNER,
                   .fields = { { "account", ref(account) }, { "user", ref(tam) }, { "role", text("tam") } });
    open_playbook("version_lag");
    environment = add_environment(1);
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 0);
    (void)TEST_PUT(&f, .kind = TEND_KIND_ENVIRONMENT, .id = environment, .fields = { { "versions_behind", number(2) } });
    work();
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Review production of Acme: 2 releases behind");
    ck_assert_int_eq(count("SELECT assignee FROM tasks"), tam);
    ck_assert_str_eq(word("SELECT reason FROM tasks"), "production runs 3.1; to the technical account manager");
    finish_task("review");
    go_to("2026-03-31");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    go_to("2026-04-01"); /* thirty days later */
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "still_behind");
    ck_assert_int_eq(count("SELECT assignee FROM tasks WHERE step = 'decide'"), owner);
}
END_TEST

START_TEST(an_installation_that_caught_up_needs_nothing_more)
{
    int64_t environment;

    open_playbook("version_lag");
    environment = add_environment(4);
    work();
    ck_assert_str_eq(word("SELECT reason FROM tasks"), "production runs 3.1; to the owner, as there is no "
                                                       "technical account manager");
    finish_task("review");
    (void)TEST_PUT(&f, .kind = TEND_KIND_ENVIRONMENT, .id = environment, .fields = { { "versions_behind", number(0) } });
    go_to("2026-04-01");
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "caught_up");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
}
END_TEST

/* A flight of 100 days and 1,000.00 that is 20 days old: 200.00 is its plan. */
static int64_t add_flight(int64_t spent)
{
    return TEST_PUT(&f, .kind = TEND_KIND_MEDIA,
                    .fields = { { "account", ref(account) },
                                { "name", text("spring") },
                                { "status", text("running") },
                                { "starts_on", day("2026-02-11") },
                                { "ends_on", day("2026-05-21") },
                                { "budget", money(100000, "EUR") },
                                { "spent", money(spent, "EUR") },
                                { "spent_as_of", day("2026-03-02") } })
        .id;
}

static const struct {
    int64_t spent;
    const char *title; /* NULL: nothing happens */
    bool is_escalated;
} paces[] = {
    { 20000, NULL, false },
    { 18000, NULL, false },
    { 17999, "Acme: spring has spent 90% of its plan", false },
    { 22000, NULL, false },
    { 22001, "Acme: spring has spent 110% of its plan", false },
    { 14000, "Acme: spring has spent 70% of its plan", false },
    { 13999, "Acme: spring has spent 70% of its plan", true },
    { 26000, "Acme: spring has spent 130% of its plan", false },
    { 26001, "Acme: spring has spent 130% of its plan", true },
    { 0, "Acme: spring has spent 0% of its plan", true },
};

START_TEST(a_flight_off_its_plan_is_told_by_how_much)
{
    open_playbook("pacing_watch");
    (void)add_flight(paces[_i].spent);
    work();
    ck_assert_str_eq(word("SELECT state FROM runs"), "waiting");
    if (!paces[_i].title) {
        ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 0);
        return;
    }
    ck_assert_str_eq(word("SELECT title FROM tasks"), paces[_i].title);
    ck_assert_str_eq(word("SELECT type FROM tasks"), paces[_i].is_escalated ? "escalation" : "pacing");
    ck_assert_int_eq(count("SELECT assignee FROM tasks"), paces[_i].is_escalated ? manager : owner);
}
END_TEST

START_TEST(a_flight_is_watched_until_it_ends_and_told_again_only_when_worse)
{
    int64_t flight;

    open_playbook("pacing_watch");
    flight = add_flight(17000);
    work();
    for (int64_t spent = 16500; spent > 15000; spent -= 500) {
        (void)TEST_PUT(&f, .kind = TEND_KIND_MEDIA, .id = flight, .fields = { { "spent", money(spent, "EUR") } });
        work();
    }
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    (void)TEST_PUT(&f, .kind = TEND_KIND_MEDIA, .id = flight, .fields = { { "spent", money(9000, "EUR") } });
    work();
    ck_assert_int_eq(count("SELECT count(*) FROM tasks WHERE type = 'escalation'"), 1);
    (void)TEST_PUT(&f, .kind = TEND_KIND_MEDIA, .id = flight, .fields = { { "status", text("ended") } });
    work();
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "ended");
}
END_TEST

static int64_t add_profile(const char *expires_on)
{
    return TEST_PUT(&f, .kind = TEND_KIND_PROFILE,
                    .fields = { { "account", ref(account) },
                                { "kind", text("suitability") },
                                { "status", text("valid") },
                                { "expires_on", day(expires_on) } })
        .id;
}

START_TEST(a_profile_is_renewed_before_it_expires)
{
    int64_t profile;

    open_playbook("profile_expiry");
    profile = add_profile("2026-04-15");
    go_to("2026-03-15");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 0);
    go_to("2026-03-16");
    ck_assert_str_eq(word("SELECT title FROM tasks"), "Renew the suitability profile of Acme");
    (void)TEST_PUT(&f, .kind = TEND_KIND_PROFILE, .id = profile, .fields = { { "expires_on", day("2027-04-15") } });
    work();
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "renewed");
    go_to("2027-03-16");
    ck_assert_int_eq(count("SELECT count(*) FROM runs"), 2);
}
END_TEST

START_TEST(an_expired_profile_blocks_proposals)
{
    open_playbook("profile_expiry");
    (void)add_profile("2026-03-10");
    work();
    go_to("2026-03-10");
    ck_assert_int_eq(count("SELECT count(*) FROM tasks"), 1);
    go_to("2026-03-11");
    ck_assert_str_eq(word("SELECT title FROM tasks WHERE type = 'block'"),
                     "Acme: no proposals until the suitability profile is renewed");
    ck_assert_int_eq(count("SELECT assignee FROM tasks WHERE type = 'escalation'"), manager);
    ck_assert_str_eq(word("SELECT outcome FROM runs"), "expired");
}
END_TEST

static int check_with(const tend_config *with, const char *path, char *ret_lines, size_t room)
{
    FILE *out = fmemopen(ret_lines, room, "w");
    int faults = -1;

    TEST_OK(&f, tend_playbook_check(with, path, scripts, f.schema, segments, sandbox_path, out, &faults, &f.error));
    (void)fclose(out);
    return faults;
}

static int check(const char *path, char *ret_lines, size_t room)
{
    return check_with(NULL, path, ret_lines, room);
}

/* The texts of a pack are in English and Korean, and so is what can be set of it. */
static size_t find_setting_without_korean(const char *path, char *said, size_t room)
{
    tend_listed_setting *list;
    const char *name;
    size_t count = 0, own = 0;

    TEST_OK(&f, tend_settings_list(path, scripts, f.schema, NULL, sandbox_path, f.arena, &name, &list, &count, &f.error));
    while (own < count && strcmp(list[own].name, "enabled") != 0) { /* the first of those that every playbook has */
        bool is_korean = list[own].help_ko && strcmp(list[own].help_ko, list[own].help) != 0;
        bool has_hangul = false;

        for (const char *at = list[own].help_ko; is_korean && *at; at++)
            has_hangul = has_hangul || (((unsigned char)*at & 0xf0) == 0xe0 && (unsigned char)*at >= 0xea);
        if (!has_hangul)
            (void)snprintf(said + strlen(said), room - strlen(said), "%s: settings.%s has no Korean help\n", path, list[own].name);
        own++;
    }
    return own;
}

START_TEST(what_can_be_set_of_a_shipped_playbook_is_said_in_korean_as_well)
{
    char pattern[4200], said[65536] = "";
    glob_t found;
    size_t settings = 0;

    (void)snprintf(pattern, sizeof pattern, "%s/playbooks/*/*.lua", scripts);
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (!strstr(found.gl_pathv[i], "_test.lua"))
            settings += find_setting_without_korean(found.gl_pathv[i], said, sizeof said);
    globfree(&found);
    ck_assert_str_eq(said, "");
    ck_assert_uint_ge(settings, 200);
}
END_TEST

START_TEST(every_shipped_playbook_passes_its_check)
{
    char pattern[4200], lines[16384] = "";
    glob_t found;
    static const tend_measure_name published[] = { { .name = "arr" }, { .name = "health" }, { .name = "nps" }, { NULL } };
    size_t checked = 0;

    measure_names = published;
    load_config(SEGMENTS "[segment.low_usage]\nwhere = seats > 0\n"); /* training_campaign invites one that is named so */
    (void)snprintf(pattern, sizeof pattern, "%s/playbooks/*/*.lua", scripts);
    ck_assert_int_eq(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        if (strstr(found.gl_pathv[i], "_test.lua"))
            continue;
        ck_assert_msg(check(found.gl_pathv[i], lines, sizeof lines) == 0, "%s", lines);
        checked++;
    }
    globfree(&found);
    ck_assert_uint_ge(checked, 4);
}
END_TEST

#define HEAD                                                                                               \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'a' },\n" \
    " steps = function(run)\n"

static const struct {
    const char *script, *lines;
} faulty[] = {
    { "return playbook {\n name = 'test'\n summary = 'x' }\n",
      "test.lua:3: '}' expected (to close '{' at line 1) near 'summary'\n" },
    { "return playbook {\n name = 'test', summary = 's', api = 1, subject = 'contractt', outcomes = { 'a' },\n"
      " steps = function(run) return 'a' end }\n",
      "test.lua:2: subject: 'contractt' is no kind of row; did you mean contract?\n" },
    { "return playbook {\n name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'a' },\n"
      " start_when = { event = 'contract.created',\n   where = 'sets > 3' },\n steps = function(run)\n"
      "  run:task('t', { title = 'x', too = 'owner' })\n  local w = run:wait('w', { done = 't', within = { days = 2 } })\n"
      "  if w.timed_out then run:tsk('u', {}) end\n  return 'b'\n end }\n",
      "test.lua:4: start_when.where: at 'sets': contracts have no field sets; did you mean seats?\n"
      "test.lua:5: steps can return 'b', which is none of the outcomes; return one of: a\n"
      "test.lua:6: task 't': 'too' is no argument of it; did you mean to?\n"
      "test.lua:8: run has no 'tsk'; did you mean task?\n" },
    { "return playbook {\n name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'a' },\n settings = {\n"
      "  days = { type = 'integer', default = 'ten', help = 'h' },\n },\n steps = function(run) return 'a' end }\n",
      "test.lua:4: settings.days: its default must be there and be of type integer\n" },
    { "return playbook {\n name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'a' },\n steps = "
      "function(run)\n"
      "  run:log('l', 'x')\n  run:log('l', 'y')\n  return 'a'\n end }\n",
      "test.lua:5: step 'l' is used twice in one run; give each step its own name\n" },
    /* words that can never work, in a branch that no walk enters; each at its own line */
    { HEAD
      "  if run.id == 7 then\n"
      "   run:task('a', {\n    title = 'x',\n    to = 'owner.mangr',\n    priority = 'hihg',\n    due = { busines_days = 3 } })\n"
      "   run:task('b ' .. 1, { title = 'x', to = 'onwer', due = { days = run.settings.n, before = 'contract.end_on' } })\n"
      "   run:wait('c', { done = 'aa', within = { days = 1 } })\n   run:wait('d', { event = 'contract.renewd', by = { days = -1 } "
      "})\n"
      "   run:sleep('e', { weeks = 1 })\n   run:set('f', { status = 'activ' })\n   run:notify('g', { to = 'csm' })\n"
      "   run:log('h', run.contract.seat .. run.settings.days)\n   run:escalate('i', { to = 'nobody', text = '{acount.name}' })\n"
      "  end\n  return 'a' end }\n",
      "test.lua:6: task 'a': to: 'owner.mangr' is nobody; all that may follow a role is .manager: owner.manager\n"
      "test.lua:7: task 'a': priority: 'hihg' is no priority; did you mean high?\n"
      "test.lua:8: task 'a': due.busines_days: no such key; did you mean business_days?\n"
      "test.lua:9: task: to: 'onwer' is no role; did you mean owner?\n"
      "test.lua:9: task: due: contract has no field 'end_on'; did you mean ends_on?\n"
      "test.lua:9: run.settings.n: the script declares no such setting; it declares none\n"
      "test.lua:11: wait 'd': the event 'contract.renewd' never happens; did you mean contract.renewed?\n"
      "test.lua:11: wait 'd': by.days: must be a whole number from 0 to 36500\n"
      "test.lua:12: sleep 'e': 'weeks' is no argument of it\n"
      "test.lua:13: set 'f': status: 'activ' is no value of it; did you mean active?\n"
      "test.lua:14: notify 'g': needs text, a text\n"
      "test.lua:15: run.contract.seat: contract has no field 'seat'; did you mean seats?\n"
      "test.lua:15: run.settings.days: the script declares no such setting; it declares none\n"
      "test.lua:16: escalate 'i': to: 'nobody' is no role; write owner, deputy, spoc, csm, tam, executive, finance, technical, "
      "support or member\n"
      "test.lua:16: escalate 'i': contract has no field 'acount'; did you mean account?\n" },
    /* what set writes has to fit its field; what the words of a call have said is not said again by a walk */
    { HEAD "  run:task('t', { title = 'x', to = 'manager' })\n"
           "  run:set('s', { statsu = 'active', ends_on = 12, auto_renew = 'perhaps', seats = '7', name = 'Core' })\n"
           "  return 'a' end }\n",
      "test.lua:3: task 't': to: 'manager' is no role; did you mean owner.manager?\n"
      "test.lua:4: set 's': contract has no field 'statsu'; did you mean status?\n"
      "test.lua:4: set 's': ends_on: '12' is not a date; write YYYY-MM-DD\n"
      "test.lua:4: set 's': auto_renew: 'perhaps' is neither yes nor no; write yes or no\n" },
    /* what is computed, found behind the third answer of two waits */
    { HEAD "  run:task('t', { title = 'x', to = 'own' .. 'er' })\n"
           "  local done = run:wait('w', { done = 't', within = { days = 1 } })\n"
           "  local asked = run:approve('q', { title = 'x', within = { days = 1 } })\n"
           "  if done.cancelled and not asked.approved and not asked.timed_out then\n"
           "   run:task('u', { title = 'x', to = 'ow' .. 'nr' })\n  end\n  return 'a' end }\n",
      "test.lua:7: task 'u': to: 'ownr' is no role; did you mean owner?\n" },
    { HEAD "  run:task('plan', { title = 'x' })\n  if run.id == 7 then\n"
           "   run:wait('w', { done = 'plna', within = { days = 1 } })\n  end\n  return 'a' end }\n",
      "test.lua:5: wait 'w': done = 'plna' names no task of this script; did you mean plan?\n" },
    /* what hangs on a value that is read */
    { HEAD "  if run.contract.auto_renew then return 'a' end\n  return 'b' end }\n",
      "test.lua:2: steps can return 'b', which is none of the outcomes; return one of: a\n" },
    { "return playbook {\n name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'a', 'b' },\n"
      " steps = function(run)\n  if run.contract.auto_renew then return 'a' end\n end }\n",
      "test.lua:3: steps can end without an outcome; return one of: a, b\n" },
    /* what is written in the other language, whatever is read beside it */
    { HEAD "  if run.language == 'ko' and run.contract.auto_renew then return 'b' end\n"
           "  if run.language == 'ko' and not run.contract.auto_renew then\n"
           "   run:task('t', { title = '{' .. 'acount.name}', to = 'owner' })\n  end\n  return 'a' end }\n",
      "test.lua:2: steps can return 'b', which is none of the outcomes; return one of: a\n"
      "test.lua:5: task 't': contract has no field 'acount'; did you mean account?\n" },
    /* comments, long texts and functions are no calls */
    { HEAD "  -- run:task('a', { to = 'onwer' })\n  --[[ run:task('b', { to = 'onwer' }) ]]\n"
           "  local text = [[run:task('c', { to = 'onwer' })]]\n"
           "  run:log('l', #text .. \"run:task('d', to = 'onwer')\")\n"
           "  run:task('e', { title = (function() return 'x', 'y' end)(), to = 'owner', [\"due\"] = { days = 1 }, })\n"
           "  return 'a' end }\n",
      "" },
};

START_TEST(the_check_names_file_line_and_what_to_do)
{
    char lines[4096] = "", wanted[4096] = "";
    const char *path = test_folder_write_text(&f.folder, "test.lua", faulty[_i].script);
    const char *folder = f.folder.path;
    char *text_left, *line, copy[4096];

    load_config(SEGMENTS);
    (void)check(path, lines, sizeof lines);
    (void)snprintf(copy, sizeof copy, "%s", faulty[_i].lines);
    for (line = strtok_r(copy, "\n", &text_left); line; line = strtok_r(NULL, "\n", &text_left))
        (void)snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s/%s\n", folder, line);
    ck_assert_str_eq(lines, wanted);
}
END_TEST

START_TEST(a_channel_that_no_sink_takes_is_a_fault)
{
    static const char script[] = HEAD "  run:notify('n', { to = 'owner', text = 'x', channel = 'caht' })\n"
                                      "  run:notify('m', { to = 'owner', text = 'x', channel = 'mail' })\n"
                                      "  run:notify('o', { to = 'owner', text = 'x', channel = 'pager' })\n  return 'a' end }\n";
    static const tend_section *const sections[] = { tend_playbook_sections, tend_segment_sections, tend_outbox_sections, NULL };
    static const char ini[] = "[sink.talk]\nplugin = jsonl\nchannel = chat\n";
    const char *path = test_folder_write_text(&f.folder, "test.lua", script);
    const char *folder = f.folder.path;
    char lines[4096] = "";

    TEST_OK(&f, tend_config_load_text("tend.ini", ini, sizeof ini - 1, sections, stderr, &config, &f.error));
    TEST_OK(&f, tend_segments_load(config, f.schema, NULL, stderr, &segments, &f.error));
    ck_assert_int_eq(check_with(config, path, lines, sizeof lines), 2);
    ck_assert_str_eq(lines,
                     tend_arena_print(f.arena,
                                      "%s/test.lua:3: notify 'n': channel: no sink takes 'caht'; did you mean chat?\n"
                                      "%s/test.lua:5: notify 'o': channel: no sink takes 'pager'; give one [sink.NAME] channel = "
                                      "pager\n",
                                      folder, folder));
}
END_TEST

TESTS_WITH("playbook/scripts", {
    tcase_add_checked_fixture(tcase, set_up, playbook_tear_down);
    tcase_add_test(tcase, an_installation_that_falls_behind_is_reviewed_by_the_technical_manager);
    tcase_add_test(tcase, an_installation_that_caught_up_needs_nothing_more);
    tcase_add_loop_test(tcase, a_flight_off_its_plan_is_told_by_how_much, 0, (int)(sizeof paces / sizeof *paces));
    tcase_add_test(tcase, a_flight_is_watched_until_it_ends_and_told_again_only_when_worse);
    tcase_add_test(tcase, a_profile_is_renewed_before_it_expires);
    tcase_add_test(tcase, an_expired_profile_blocks_proposals);
    tcase_add_test(tcase, every_shipped_playbook_passes_its_check);
    tcase_add_test(tcase, what_can_be_set_of_a_shipped_playbook_is_said_in_korean_as_well);
    tcase_add_loop_test(tcase, the_check_names_file_line_and_what_to_do, 0, (int)(sizeof faulty / sizeof *faulty));
    tcase_add_test(tcase, a_channel_that_no_sink_takes_is_a_fault);
})
