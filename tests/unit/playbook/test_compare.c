/* Comparisons that never hold are named with what there is instead; whatever is not certain is left alone. */
#include "playbook_fixture.h"

#include "playbook/domain.h"

#define HEAD                                                                                                                  \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'a', 'b' },\n"               \
    " settings = { n = { type = 'integer', default = 1, help = 'h' }, mode = { type = 'text', default = 'x', help = 'h' },\n" \
    "  on = { type = 'boolean', default = true, help = 'h' } }, steps = function(run)\n"
#define TAIL "  return 'a' end }\n"
#define ASK ASK_AS("q")
#define ASK_AS(name) "run:ask('" name "', { question = 'q', choices = { 'yes', 'no' }, within = { days = 1 } })"
#define WAIT "{ event = 'contract.updated', within = { days = 1 } }"
#define APPROVE "run:approve('ok', { title = 't', by = 'owner', within = { days = 1 } })"

static const struct {
    const char *script, *lines;
} compared[] = {
    /* answers */
    { HEAD "  local said = " ASK "\n  if said.choice == 'maybe' then return 'b' end\n"
           "  if 'yes' == said.choice or said.choice ~= 'noo' then return 'b' end\n"
           "  local f = run:first('f', { one = " WAIT ", two = { sleep = { days = 1 } } })\n"
           "  if f.which == 'three' or f.one.timed_out == 'no' then return 'b' end\n"
           "  local ok = " APPROVE "\n  if ok.approved == 'yes' or ok.comment == true or ok.approvals == '1' then return 'b' end\n"
           "  local came = run:child('c', 'kid', { within = { days = 1 } })\n  if came.outcome == 'wno' then return 'b' end\n"
           "  local own = run:child('d', 'test', { within = { days = 1 } })\n  if own.outcome == 'won' then return 'b' end\n" TAIL,
      "test.lua:5: said.choice is never 'maybe'; it is yes or no\n"
      "test.lua:6: said.choice is never 'noo'; did you mean no?\n"
      "test.lua:8: f.which is never 'three'; it is one or two\n"
      "test.lua:8: f.one.timed_out is never 'no'; it is true or false\n"
      "test.lua:10: ok.approved is never 'yes'; it is true or false\n"
      "test.lua:10: ok.comment is never true; it is a text\n"
      "test.lua:10: ok.approvals is never '1'; it is a number\n"
      "test.lua:12: came.outcome is never 'wno'; did you mean won?\n"
      "test.lua:14: own.outcome is never 'won'; it is a or b\n" },
    /* fields, settings, the language; directly and through variables, with what and, or and not make of them */
    { HEAD "  if run.account.stage == 'actve' then return 'b' end\n  local contract, n = run.contract, 3\n"
           "  local deal, settings = nil, nil\n  local row = run.contract\n"
           "  if row.status == 'singed' or row.auto_renew == 'yes' or row.seats == '5' then return 'b' end\n"
           "  local choice = (" ASK ").choice or 'nothing'\n  if choice == 'maybe' then return 'b' end\n"
           "  if run.language == 'de' then return 'b' end\n"
           "  if run.settings.n == '1' or run.settings.on == 'yes' or not run.settings.mode == 'x' then return 'b' end\n"
           "  local who = run:account('who', { 'stage' })\n  if who.stage == 'gone' then return 'b' end\n"
           "  local word = run.settings.on and 'on' or 'off'\n  if word == 'of' then return 'b' end\n" TAIL,
      "test.lua:4: run.account.stage is never 'actve'; did you mean active?\n"
      "test.lua:8: row.status is never 'singed'; did you mean signed?\n"
      "test.lua:8: row.auto_renew is never 'yes'; it is true or false\n"
      "test.lua:8: row.seats is never '5'; it is a number\n"
      "test.lua:10: choice is never 'maybe'; it is yes, no or nothing\n"
      "test.lua:11: run.language is never 'de'; it is en or ko\n"
      "test.lua:12: run.settings.n is never '1'; it is a number\n"
      "test.lua:12: run.settings.on is never 'yes'; it is true or false\n"
      "test.lua:12: not run.settings.mode is never 'x'; it is true or false, for not comes before ==: write run.settings.mode ~= "
      "'x'\n"
      "test.lua:14: who.stage is never 'gone'; it is prospect, onboarding, active, leaving, former or archived\n"
      "test.lua:16: word is never 'of'; did you mean off?\n" },
    /* what can be */
    { HEAD
      "  local said = " ASK "\n  if said.choice == 'no' or said.choice == nil or said.cancelled == true then return 'b' end\n"
      "  if said.choice == run.settings.mode or run.settings.mode == 'y' or run.settings.n == 7 then return 'b' end\n"
      "  if run.account.stage == 'active' or run.account.name == 'Acme' or run.contract.ends_on == '2026-01-01' then return 'b' "
      "end\n"
      "  local came = run:child('c', 'kid', { within = { days = 1 } })\n  if came.outcome == 'won' or came.why == 'x' then return "
      "'b' end\n"
      "  local both = run:child('f', 'twice', { within = { days = 1 } })\n  if both.outcome == 'maybe' then return 'b' end\n"
      "  local far = run:child('e', 'nobody knows', { within = { days = 1 } })\n  if far.outcome == 'x' then return 'b' end\n" TAIL,
      "" },
    /* a list of steps says it with keys */
    { "return playbook { name = 'test', summary = 's', api = 1, subject = 'contract', outcomes = { 'a', 'b' }, steps = {\n"
      "  { child = 'c', playbook = 'kid', within = { days = 1 }, if_outcome = { wno = 'b', lost = 'b', undecided = 'b' } },\n"
      "  { child = 'd', playbook = 'twice', within = { days = 1 }, if_outcome = { maybe = 'b' } },\n"
      "  { ask = 'q', question = 'q', choices = { 'yes', 'no' }, within = { days = 1 }, if_choice = { perhaps = 'b' } },\n"
      "  { outcome = 'a' } } }\n",
      "test.lua:2: if_outcome: 'wno' is none of the child's outcomes; did you mean won?\n"
      "test.lua:2: if_outcome: 'undecided' is none of the child's outcomes; these are won and lost\n"
      "test.lua:4: if_choice: 'perhaps' is none of the choices; these are yes and no\n" },
    /* what is not certain: computed choices, variables that also hold something else, parameters, text that is joined */
    { "local function is(word, wanted) return word == wanted or word == 'x' end\n" HEAD
      "  local words = { 'yes', 'no' }\n  local said = run:ask('q', { question = 'q', choices = words, within = { days = 1 } })\n"
      "  if said.choice == 'maybe' or is(said.choice, 'z') then return 'b' end\n"
      "  local say = function(w) return w .. '!' end\n"
      "  local more = run:ask('r', { question = 'q', choices = { 'yes', say('no') }, within = { days = 1 } })\n"
      "  if more.choice == 'no!' then return 'b' end\n"
      "  local stage = run.account.stage\n  if not stage then stage = 'unknown' end\n  if stage == 'unknown' then return 'b' end\n"
      "  if 'x' .. run.account.stage == 'xactive' or run.account.stage .. 'x' == 'y' then return 'b' end\n"
      "  local own = " ASK_AS("own") "\n  own.choice = 'mine'\n  if own.choice == 'mine' then return 'b' end\n"
                                     "  for _, stage in ipairs({ 'one' }) do if stage == 'one' then return 'b' end end\n"
                                     "  local ok = { approved = 'yes' }\n  if ok.approved == 'yes' or (ok or run.account).stage == "
                                     "'one' then return 'b' end\n"
                                     "  local one, two = " ASK_AS(
                                         "one") ", " APPROVE
                                                "\n  if one.choice == 'three' or two.approved == 'yes' then return 'b' end\n"
                                                "  if (run.settings.on == true) == run.settings.on and run.settings.n < 3 == true "
                                                "then return 'b' end\n" TAIL,
      "" },
};

START_TEST(a_comparison_that_never_holds_is_named_and_nothing_else)
{
    char lines[4096] = "", wanted[4096] = "", copy[4096];
    const char *path = test_folder_write_text(&f.folder, "test.lua", compared[_i].script);
    const char *folder = f.folder.path;
    FILE *out = fmemopen(lines, sizeof lines, "w");
    char *left, *line;
    int faults = -1;

    (void)test_folder_write_text(
        &f.folder, "playbooks/kid.lua",
        "return playbook { name = 'kid', summary = 's', api = 1, subject = 'contract', outcomes = { 'won', "
        "\"lost\" }, steps = function(run) return 'won' end }\n");
    (void)test_folder_write_text(&f.folder, "playbooks/twice.lua",
                                 "local outcomes = { 'x' }\nreturn playbook { name = 'twice', summary = 's', api = 1, subject = "
                                 "'contract', outcomes = { 'maybe' }, steps = function(run) return 'maybe' end }\n");
    load_config(SEGMENTS);
    TEST_OK(&f, tend_playbook_check(NULL, path, f.folder.path, f.schema, segments, sandbox_path, out, &faults, &f.error));
    (void)fclose(out);
    (void)snprintf(copy, sizeof copy, "%s", compared[_i].lines);
    for (line = strtok_r(copy, "\n", &left); line; line = strtok_r(NULL, "\n", &left))
        (void)snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s/%s\n", folder, line);
    ck_assert_str_eq(lines, wanted);
}
END_TEST

/* Whatever stands there, also where a file breaks off. */
START_TEST(an_expression_can_be_read_from_anywhere_up_to_any_end)
{
    static const tend_spec nothing = { .name = "test" };

    for (size_t end = 0; end <= strlen(compared[4].script); end += 3) {
        char *text_of_file = strndup(compared[4].script, end);
        tend_arena *arena = tend_arena_new();
        domain_reader reader = {
            .tokens = tend_lua_tokens(text_of_file, arena), .schema = f.schema, .spec = &nothing, .arena = arena
        };

        ck_assert(tend_lua_variables(reader.tokens, arena, &reader.variables));
        for (const tend_lua_token *token = reader.tokens; token->sort != TEND_LUA_END; token++) {
            domain values = { .is_any = false };

            reader.at = token;
            reader.budget = 0;
            domain_read(&reader, &values);
            ck_assert(reader.at >= token);
        }
        tend_arena_free(arena);
        free(text_of_file);
    }
}
END_TEST

TESTS_WITH("playbook/compare", {
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, a_comparison_that_never_holds_is_named_and_nothing_else, 0,
                        (int)(sizeof compared / sizeof *compared));
    tcase_add_test(tcase, an_expression_can_be_read_from_anywhere_up_to_any_end);
})
