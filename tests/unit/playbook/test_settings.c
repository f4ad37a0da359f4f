/* What a script declares of its settings, and what an administrator writes for them. */
#include "playbook_fixture.h"

#include "playbook/settings.h"

#define HEAD "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'a' }, settings = {\n"
#define TAIL "},\n steps = function(run) return 'a' end }\n"

static const struct {
    const char *declared, *line;
} declarations[] = {
    { "n = { type = 'integer', default = 0, min = 1, max = 9, help = 'h' }",
      "test.lua:2: settings.n: its default: 0 is less than 1; write 1 to 9" },
    { "n = { type = 'integer', default = 5, min = 9, max = 1, help = 'h' }",
      "test.lua:2: settings.n: its max is less than its min" },
    { "n = { type = 'integer', default = 5, min = 0.5, help = 'h' }",
      "test.lua:2: settings.n: its min must be of type integer, or setting \"NAME\"" },
    { "n = { type = 'text', default = 'x', max = 3, help = 'h' }",
      "test.lua:2: settings.n: max is for numbers; it is of type text" },
    { "n = { type = 'integer', default = 5, max = setting 'm', help = 'h' }",
      "test.lua:2: settings.n: its max: there is no setting 'm' that is a number" },
    { "n = { type = 'integer', default = 5, max = setting 'm', help = 'h' }, m = { type = 'integer', default = 4, help = 'h' }",
      "test.lua:2: settings.n: its default is more than that of m, its max" },
    { "n = { type = 'text', default = 'hgih', choices = { 'low', 'high' }, help = 'h' }",
      "test.lua:2: settings.n: its default: 'hgih' is none of its choices; did you mean high?" },
    { "n = { type = 'text', default = 'x', choices = {}, help = 'h' }",
      "test.lua:2: settings.n: its choices must be a list of 1 to 64 texts" },
    { "n = { type = 'integer', default = 1, choices = { '1' }, help = 'h' }",
      "test.lua:2: settings.n: choices are for texts; it is of type integer" },
    { "n = { type = 'roll', default = 'owner', help = 'h' }",
      "test.lua:2: settings.n: its type must be integer, number, text, boolean, role, segment, team or person" },
    { "n = { type = 'team', default = 1, help = 'h' }", "test.lua:2: settings.n: its default must be there and be of type text" },
    { "n = { type = 'team', default = 'x' }", "test.lua:2: settings.n: it has no help; say in one line what it is" },
    { "n = { type = 'team', default = 'x', help = '' }", "test.lua:2: settings.n: it has no help; say in one line what it is" },
    { "n = { type = 'team', default = 'x', help = { 'h' } }",
      "test.lua:2: settings.n: its help must be a text, or one for each language: { en = \"…\", ko = \"…\" }" },
    { "n = { type = 'team', default = 'x', help = 7 }",
      "test.lua:2: settings.n: its help must be a text, or one for each language: { en = \"…\", ko = \"…\" }" },
    { "n = { type = 'team', default = 'x', help = { en = 'h', kr = '도움' } }",
      "test.lua:2: settings.n: its help: 'kr' is no language; write one text, or one for each of en ko" },
    { "n = { type = 'team', default = 'x', help = { en = 'h', ko = '' } }",
      "test.lua:2: settings.n: its help: ko: must be a text" },
    { "n = { type = 'team', default = 'x', help = { ko = '도움' } }",
      "test.lua:2: settings.n: its help has no en; say it in English too, which is read where a language is lacking" },
    { "n = { type = 'integer', default = 1, mni = 1, help = 'h' }", "test.lua:2: n.mni: no such key; did you mean min?" },
};

START_TEST(a_declaration_that_contradicts_itself_is_a_fault_of_the_script)
{
    char lines[2048] = "", wanted[2048];
    const char *path =
        test_folder_write_text(&f.folder, "test.lua", tend_arena_print(f.arena, "%s%s%s", HEAD, declarations[_i].declared, TAIL));
    FILE *out = fmemopen(lines, sizeof lines, "w");
    int faults = -1;

    load_config("");
    TEST_OK(&f, tend_playbook_check(NULL, path, f.folder.path, f.schema, segments, sandbox_path, out, &faults, &f.error));
    (void)fclose(out);
    (void)snprintf(wanted, sizeof wanted, "%s/%s\n", f.folder.path, declarations[_i].line);
    ck_assert_str_eq(lines, wanted);
}
END_TEST

#define SCRIPT                                                                                                    \
    HEAD " days = { type = 'integer', default = 5, min = 1, max = 60, help = 'business days for it' },\n"         \
         " tries = { type = 'integer', default = 2, min = 1, help = 'times' },\n"                                 \
         " low = { type = 'integer', default = 90, min = 0, max = setting 'high', help = 'percent, below' },\n"   \
         " high = { type = 'integer', default = 110, max = 1000, help = 'percent, above' },\n"                    \
         " share = { type = 'number', default = 0.05, min = 0.001, max = 1, help = 'share' },\n"                  \
         " mood = { type = 'text', default = 'calm', choices = { 'calm', 'loud', 'none' }, help = 'mood' },\n"    \
         " who = { type = 'role', default = 'owner', help = 'who' },\n"                                           \
         " team = { type = 'team', default = 'Korea', help = 'which team' },\n"                                   \
         " boss = { type = 'person', default = 'Kim Minjun', help = 'who says yes' },\n"                          \
         " among = { type = 'segment', default = 'key', help = 'of which accounts' } },\n"                        \
         " steps = function(run)\n  run:task('t', { title = 'T', to = run.settings.who, due = { business_days = " \
         "run.settings.days } })\n  return 'a' end }\n"

static const tend_people people = {
    .teams = (const char *const[]){ "Europe", "Korea", NULL },
    .names = (const char *const[]){ "Kim Minjun", "kim@tend.example", "Lee Hana", NULL },
};

static const struct {
    const char *written, *lines; /* one fault a line, "key: reason" */
} sections[] = {
    { "days = 60\ntries = 1000\nlow = 110\nhigh = 110\nshare = 0.5\nmood = loud\nwho = any:Korea skill:x\nteam = Europe\n"
      "boss = KIM@tend.example\namong = growth\n",
      "" },
    { "days = 0\n", "days: 0 is less than 1; write 1 to 60 business days\n" },
    { "days = 61\n", "days: 61 is more than 60; write 1 to 60 business days\n" },
    { "days = five\n", "days: 'five' is not a whole number; write digits, like 90\n" },
    { "days = 99999999999999999999\n", "days: '99999999999999999999' is too large; write a whole number like 90\n" },
    { "tries = 0\n", "tries: 0 is less than 1; write at least 1\n" },
    { "share = 5\n", "share: 5 is more than 1; write 0.001 to 1\n" },
    { "low = 120\n", "low: 120 is more than high, which is 110; write at most 110, or set high as well\n" },
    { "high = 80\n", "high: 80 is less than low, which is 90; write at least 90, or set low as well\n" },
    { "low = 70\nhigh = 60\n", "low: 70 is more than high, which is 60; write at most 60, or set high as well\n" },
    { "mood = clam\n", "mood: 'clam' is none of its choices; did you mean calm?\n" },
    { "mood = cheerful\n", "mood: 'cheerful' is none of its choices; write calm, loud or none\n" },
    { "who = ownr\n", "who: 'ownr' is no role; did you mean owner?\n" },
    { "who = user:Kim Minjn\n", "who: nobody here is called 'Kim Minjn'; did you mean Kim Minjun?\n" },
    { "who = team:Koera\n", "who: nobody is in team Koera; did you mean Korea?\n" },
    { "who = any:support skill:x\n", "who: nobody is in team support; name one of tend user list, or put somebody there: tend set "
                                     "user NAME team=support\n" },
    { "team = Erope\n", "team: nobody is in team Erope; did you mean Europe?\n" },
    { "boss = Anna\n", "boss: nobody here is called 'Anna'; see tend user list\n" },
    { "among = grwth\n", "among: there is no [segment.grwth]; did you mean growth?\n" },
    { "days = 0\nlow = 200\nboss = Anna\n", "days: 0 is less than 1; write 1 to 60 business days\n"
                                            "boss: nobody here is called 'Anna'; see tend user list\n"
                                            "low: 200 is more than high, which is 110; write at most 110, or set high as well\n" },
};

static void take_section(void *self, const char *key, const char *reason)
{
    (void)fprintf(self, "%s: %s\n", key, reason);
}

static void take_script(void *self, const char *line)
{
    (void)fprintf(self, "%s\n", line);
}

static void check_section(const char *ini, const tend_people *known, char *ret_lines, size_t room)
{
    FILE *out = fmemopen(ret_lines, room, "w");
    const tend_playbook_faults faults = { take_section, take_script, out };

    load_config(ini);
    TEST_OK(&f,
            tend_playbook_check_section(config, "test", f.folder.path, f.schema, segments, known, sandbox_path, &faults, &f.error));
    (void)fclose(out);
}

START_TEST(a_setting_that_makes_no_sense_is_said_in_one_sentence)
{
    char lines[2048] = "";

    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", SCRIPT);
    check_section(tend_arena_print(f.arena, "%s[playbook.test]\n%s", SEGMENTS, sections[_i].written), &people, lines, sizeof lines);
    ck_assert_str_eq(lines, sections[_i].lines);
}
END_TEST

/* A store without people is one that nobody has filled yet. */
START_TEST(where_nobody_is_written_down_nobody_is_missed)
{
    static const char *const none[] = { NULL };
    char lines[2048] = "";

    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", SCRIPT);
    check_section(SEGMENTS "[playbook.test]\nwho = team:Koera\nboss = Anna\n", &(tend_people){ none, none }, lines, sizeof lines);
    ck_assert_str_eq(lines, "");
}
END_TEST

START_TEST(a_default_and_a_call_that_give_work_to_nobody_are_faults_as_well)
{
    char lines[2048] = "", wanted[2048];

    (void)test_folder_write_text(&f.folder, "playbooks/test.lua",
                                 HEAD " who = { type = 'role', default = 'team:media', help = 'who' } },\n steps = function(run)\n"
                                      "  run:task('t', { title = 'T', to = 'team:creative' })\n  return 'a' end }\n");
    check_section("[playbook.test]\n", &people, lines, sizeof lines);
    (void)snprintf(
        wanted, sizeof wanted,
        "who: nobody is in team media, as the script has it while nothing is written; name one of tend user list, or put "
        "somebody there: tend set user NAME team=media\n%s",
        "");
    ck_assert_str_eq(lines, wanted);
    close_playbooks();
    check_section("[playbook.test]\nwho = team:Korea\n", &people, lines, sizeof lines);
    (void)snprintf(wanted, sizeof wanted,
                   "playbooks/test.lua:4: task 't': to: nobody is in team creative; name one of tend user list, or put somebody "
                   "there: tend set user NAME team=creative\n");
    ck_assert_str_eq(lines, wanted);
}
END_TEST

/* A name that is not known before the run is nobody's slip. */
START_TEST(a_person_whom_a_script_finds_out_is_not_looked_for)
{
    char lines[2048] = "";

    (void)test_folder_write_text(&f.folder, "playbooks/test.lua",
                                 HEAD
                                 "},\n steps = function(run)\n  run:task('t', { title = 'T', to = 'user:' .. run.account.name })\n"
                                 "  return 'a' end }\n");
    check_section("[playbook.test]\n", &people, lines, sizeof lines);
    ck_assert_str_eq(lines, "");
}
END_TEST

/* As with any fault of a section: what worked goes on as it was. */
START_TEST(a_playbook_does_not_begin_with_a_setting_outside_of_its_bounds)
{
    (void)test_folder_write_text(&f.folder, "playbooks/test.lua", SCRIPT);
    load_config(SEGMENTS "[playbook.test]\ndays = 0\n");
    TEST_OK(&f, tend_playbooks_open(config, f.model, segments, &options, NULL, &playbooks, &f.error));
    ck_assert_uint_eq(tend_playbooks_faulty(playbooks), 1);
    ck_assert_str_eq(word("SELECT why FROM playbook_faults"),
                     "tend.ini:6: [playbook.test] days: 0 is less than 1; write 1 to 60 business days");
}
END_TEST

START_TEST(what_a_setting_may_be_is_listed)
{
    tend_listed_setting *list;
    const char *name;
    char allowed[1000] = "";
    size_t length = 0;

    const char *path = test_folder_write_text(&f.folder, "playbooks/test.lua", SCRIPT);
    load_config("[playbook.test]\ndays = 0\nshare = 0.1\n");
    TEST_OK(&f, tend_settings_list(path, f.folder.path, f.schema, config, sandbox_path, f.arena, &name, &list, &length, &f.error));
    for (size_t i = 0; i < 10; i++)
        (void)snprintf(allowed + strlen(allowed), sizeof allowed - strlen(allowed), "%s: %s=%s [%s]\n", list[i].name, list[i].type,
                       list[i].in_force, list[i].allowed);
    ck_assert_str_eq(allowed,
                     "among: segment=key []\nboss: person=Kim Minjun []\ndays: integer=5 [1 to 60]\n"
                     "high: integer=110 [at most 1000]\nlow: integer=90 [0 to high]\nmood: text=calm [calm, loud or none]\n"
                     "share: number=0.1 [0.001 to 1]\nteam: team=Korea []\ntries: integer=2 [at least 1]\nwho: role=owner []\n");
}
END_TEST

/* From the script through the sandbox; what stands for English says the unit as well. */
START_TEST(what_a_setting_means_is_said_in_each_language)
{
    tend_listed_setting *list;
    const char *name;
    char means[1000] = "";
    size_t length = 0;

    const char *path = test_folder_write_text(
        &f.folder, "playbooks/test.lua",
        HEAD " a = { type = 'integer', default = 5, help = 'business days for it' },\n"
             " b = { type = 'integer', default = 5, help = { en = 'business days for it', ko = '기한(영업일)' } },\n"
             " c = { type = 'integer', default = 5, help = { en = 'business days for it' } },\n" TAIL);
    load_config("");
    TEST_OK(&f, tend_settings_list(path, f.folder.path, f.schema, config, sandbox_path, f.arena, &name, &list, &length, &f.error));
    for (size_t i = 0; i < 4; i++)
        (void)snprintf(means + strlen(means), sizeof means - strlen(means), "%s: %s [%s] ko=%s\n", list[i].name, list[i].help,
                       list[i].unit, list[i].help_ko ? list[i].help_ko : "none");
    ck_assert_str_eq(means, "a: business days for it [business days] ko=none\n"
                            "b: business days for it [business days] ko=기한(영업일)\n"
                            "c: business days for it [business days] ko=none\n"
                            "enabled: whether it works; its runs stay while it does not [] ko=none\n");
}
END_TEST

TESTS_WITH("playbook/settings", {
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, a_declaration_that_contradicts_itself_is_a_fault_of_the_script, 0,
                        (int)(sizeof declarations / sizeof *declarations));
    tcase_add_loop_test(tcase, a_setting_that_makes_no_sense_is_said_in_one_sentence, 0, (int)(sizeof sections / sizeof *sections));
    tcase_add_test(tcase, where_nobody_is_written_down_nobody_is_missed);
    tcase_add_test(tcase, a_default_and_a_call_that_give_work_to_nobody_are_faults_as_well);
    tcase_add_test(tcase, a_person_whom_a_script_finds_out_is_not_looked_for);
    tcase_add_test(tcase, a_playbook_does_not_begin_with_a_setting_outside_of_its_bounds);
    tcase_add_test(tcase, what_a_setting_may_be_is_listed);
    tcase_add_test(tcase, what_a_setting_means_is_said_in_each_language);
})
