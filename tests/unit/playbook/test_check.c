/* What the check of a script says beyond its words: fields of answers, ways that end, steps as a list, and what the workspace has.
 */
#include "playbook_fixture.h"

#define HEAD                                                                                                   \
    "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'a', 'b' },\n" \
    " settings = { n = { type = 'integer', default = 1, help = 'h' } }, steps = function(run)\n"
#define LIST "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'a', 'b' }, steps = {\n"
#define WAIT "{ event = 'account.updated', within = { days = 1 } }"

static const struct {
    const char *script, *lines;
} faulty[] = {
    /* fields of answers: where they are written, whether or not a walk comes by */
    { HEAD "  local look = run:wait('look', " WAIT ")\n  if not look.timedout then return 'a' end\n"
           "  local said = run:ask('ask', { question = 'q', choices = { 'x', 'y' }, within = { days = 1 } })\n"
           "  if said.choise == 'x' then return 'b' end\n"
           "  local ok = run:approve('ok', { title = 't', by = 'owner', within = { days = 1 } })\n"
           "  return ok.aproved and 'a' or ok.approved and ok.comment and 'b' or 'a' end }\n",
      "test.lua:4: the answer of run:wait has no 'timedout'; did you mean timed_out?\n"
      "test.lua:6: the answer of run:ask has no 'choise'; did you mean choice?\n"
      "test.lua:8: the answer of run:approve has no 'aproved'; did you mean approved?\n" },
    { HEAD "  local m = run:measure('m', 'nps')\n  if m.defined and m.value == m.denom then return 'a' end\n"
           "  local all = run:all('both', { one = " WAIT ", two = { sleep = { days = 1 } } })\n"
           "  if all.one.evnt or all.tow or all.two.closed then return 'b' end\n"
           "  local row = run:account('row', { 'name', 'tier' })\n  return row.tiers and 'b' or 'a' end }\n",
      "test.lua:4: the answer of run:measure has no 'denom'; it has currency, day, defined, denominator, numerator, text and "
      "value\n"
      "test.lua:6: a part of the answer of run:all and run:first has no 'evnt'; did you mean event?\n"
      "test.lua:6: the answer of run:all has no 'tow'; did you mean two?\n"
      "test.lua:8: the answer of run:account has no 'tiers'; did you mean tier?\n" },
    /* in functions of the script's own, whatever they call run, and in what a stopped run left open */
    { "local function again(r, n)\n  local held = r:wait('held ' .. n, " WAIT ")\n  if held.timed_out and n < 3 then return "
      "again(r, n + 1) end\n  return held.outcom\nend\n" HEAD "  local settings = run.settings\n  local last = again(run, 1)\n"
      "  return (last or settings.m) and 'b' or 'a' end,\n on_stop = function(run, left)\n"
      "  for _, it in ipairs(left) do run:log('left ' .. it.step, it.titel or 'x') end end }\n",
      "test.lua:4: the answer of run:wait has no 'outcom'; did you mean outcome?\n"
      "test.lua:10: run.settings.m: the script declares no such setting; it declares n\n"
      "test.lua:12: what a stopped run left open has no 'titel'; did you mean title?\n" },
    /* a variable that holds something else, or gets fields of its own, is no answer; nor is a key of a table */
    { HEAD "  local got = run.settings.n > 3 and run:wait('w', " WAIT ") or { mine = 1 }\n  local own = run:wait('o', " WAIT ")\n"
           "  own.count = 1\n  local said = { own = own.count, got = got.mine }\n  for own in pairs(said) do run:log('l ' .. own, "
           "own.x or 'x') end\n  return 'a' end }\n",
      "" },
    /* ways that end, in functions too; what is used twice by them */
    { "local function remind(run)\n  run:task('reminder', { title = 'T' })\nend\nlocal function lost(run)\n  do return end\n  "
      "run:log('lost', 'x')\nend\n" HEAD "  lost(run)\n  remind(run)\n  if run.settings.n > 5 then\n   remind(run)\n  end\n  if "
      "run.settings.n == 1 then return 'a' else return "
      "'b' "
      "end\n  run:log('never', 'x') end }\n",
      "test.lua:2: step 'reminder' is used twice in one run; give each step its own name\n"
      "test.lua:6: log 'lost': no run comes here, every way before it has ended\n"
      "test.lua:16: log 'never': no run comes here, every way before it has ended\n" },
    /* waits that do not end: who decides is no day; expires is one */
    { "local function ask(r, name)\n  return r:wait('w ' .. name, { event = 'account.updated' })\nend\n" HEAD
      "  if run.settings.n > 5 then\n   ask(run, 'x')\n   run:ask('q ' .. 1, { question = 'q', choices = { 'x', 'y' } })\n"
      "   run:approve('who', { title = 't', by = { 'owner', 'csm' } })\n"
      "   run:approve('day', { title = 't', to = 'owner', expires = { days = 1 } })\n  end\n  ask(run, 'y')\n  return 'a' end }\n",
      "test.lua:2: wait: waits without end; give it within or by\n"
      "test.lua:8: ask: waits without end; give it within or by\n"
      "test.lua:9: approve 'who': waits without end; give it within or by\n" },
    /* a list says where */
    { LIST " { task = 'plan', title = 'T' },\n { wait = 'planned', done = 'plan', within = { days = 1 }, if_timedout = 'b' },\n"
           " { ask = 'q', question = 'Q', choices = { 'yes', 'no' }, within = { days = 1 }, if_choice = { yess = 'b' } },\n"
           " { first = 'f', waits = { one = " WAIT ", two = " WAIT " }, if_which = { tow = 'b' } },\n"
           " { task = 'plan', title = 'T' },\n { approve = 'ok', title = 'T', to = 'owner' },\n { outcome = 'a' },\n"
           " { log = 'after', text = 'x' } } }\n",
      "test.lua:3: steps: if_timedout: no such key; did you mean if_timed_out?\n"
      "test.lua:4: if_choice: 'yess' is none of the choices; did you mean yes?\n"
      "test.lua:5: if_which: 'tow' is none of the waits; did you mean two?\n"
      "test.lua:6: step 'plan' is used twice in one run; give each step its own name\n"
      "test.lua:7: approve 'ok': waits without end; give it within or by\n"
      "test.lua:9: log 'after': no run comes here, every way before it has ended\n" },
    { LIST " { task = 'plan', title = 'T' },\n { wait = 'planned', done = 'plan', within = { days = 1 }, if_timed_out = 'b' },\n"
           " { task = 'b', title = 'T', to = 'onwer' },\n { outcome = 'a' } } }\n",
      "test.lua:4: task 'b': to: 'onwer' is no role; did you mean owner?\n" },
    /* conditions, all of them */
    { "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'a' },\n start_when = {\n"
      "  where = 'tier = gold and tier is empty',\n  again_when = 'teir = gold' },\n stop_when = {\n  where = 'stage = active and "
      "stage = former' },\n steps = function(run) return 'a' end }\n",
      "test.lua:3: start_when.where: can never hold: 'tier = gold' and 'tier is empty' exclude each other\n"
      "test.lua:4: start_when.again_when: at 'teir': accounts have no field teir; did you mean tier?\n"
      "test.lua:6: stop_when.where: can never hold: 'stage = active' and 'stage = former' exclude each other\n" },
    /* what the workspace has */
    { "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'a' },\n start_when = { event = "
      "'measure.nrrr' },\n stop_when = { event = 'measure.sales' },\n steps = function(run)\n  run:measure('m', 'npss')\n"
      "  run:measure('n', 'n' .. 'pss')\n  run:wait('w', { event = 'measure.healht', within = { days = 1 } })\n"
      "  run:bulk('b', 'keyy', 'test')\n  return 'a' end }\n",
      "test.lua:2: start_when.event: the event 'measure.nrrr' never happens: [kpi] publish names no KPI nrrr; did you mean nrr?\n"
      "test.lua:3: stop_when.event: the event 'measure.sales' never happens: [kpi] publish names no KPI sales; write it there, or "
      "name another one; see tend kpi list\n"
      "test.lua:5: measure 'm': [kpi] publish names no KPI npss; did you mean nps?\n"
      "test.lua:6: measure 'n': [kpi] publish names no KPI npss; did you mean nps?\n"
      "test.lua:7: wait 'w': the event 'measure.healht' never happens: [kpi] publish names no KPI healht; did you mean health?\n"
      "test.lua:8: bulk 'b': segment: there is no [segment.keyy]; did you mean key?\n" },
    /* what is counted: the kind, whose rows, the condition with what stands in its braces */
    { HEAD
      "  run:count('a', 'tiket')\n  run:count('b', 'ticket', {\n   where = 'statsu = open' })\n"
      "  run:count('c', 'ticket', { distinct = 'categry', of = 'all' })\n  run:count('d', 'ticket', { of = 'owner' })\n"
      "  run:count('e', 'user', { of = 'account' })\n  run:count('f', 'ticket', { were = 'status = open' })\n"
      "  run:count('g', 'ticket', { where = 'status = open and status = closed' })\n"
      "  run:count('h', 'ticket', { where = 'category = {teir}' })\n  run:count('i', 'ticket', { where = 'severity < {tier}' })\n"
      "  run:count('j', 'ticket', { where = 'account.health < 200 and opened_at within last {settings.m} days' })\n"
      "  run:count('k', 'ticket', { where = 'status = {tier' })\n  run:count('l', 'ticket', { where = 3 })\n"
      "  run:count('m', 'task', { where = 'account.segment = keyy' })\n  if run.id == 7 then run:count('n', 'tikcet') end\n"
      "  local n = run:count('o', 'task', { where = 'status = open and assignee = {account.owner} and due_on < today' })\n"
      "  if n.cuont == 7 or n.count > 1 then return 'a' end\n  return 'a' end }\n",
      "test.lua:3: count 'a': kind: there is no kind of row 'tiket'; did you mean ticket?\n"
      "test.lua:5: count 'b': where: at 'statsu': tickets have no field statsu; did you mean status?\n"
      "test.lua:6: count 'c': distinct: ticket has no field 'categry'; did you mean category?\n"
      "test.lua:7: count 'd': of: 'owner' says nothing here; write account or all\n"
      "test.lua:8: count 'e': of: a row of kind user belongs to no account; write all\n"
      "test.lua:9: count 'f': 'were' is no argument of it; did you mean where?\n"
      "test.lua:10: count 'g': where: can never hold: 'status = open' and 'status = closed' exclude each other\n"
      "test.lua:11: count 'h': where: account has no field 'teir'; did you mean tier?\n"
      "test.lua:12: count 'i': where: at '\"platinum\"': severity is a number; write it like 1234.50 or 500k\n"
      "test.lua:13: count 'j': where: {settings.m}: the script declares no such setting; it declares n\n"
      "test.lua:14: count 'k': where: '{tier': a { without its }\n"
      "test.lua:15: count 'l': where: must be a text\n"
      "test.lua:16: count 'm': where: at 'keyy': no such segment; did you mean key?\n"
      "test.lua:17: count 'n': kind: there is no kind of row 'tikcet'; did you mean ticket?\n"
      "test.lua:19: the answer of run:count has no 'cuont'; did you mean count?\n" },
    { "return playbook { name = 'test', summary = 's', api = 1, subject = 'programme', outcomes = { 'a' },\n"
      " steps = function(run)\n  run:count('a', 'ticket')\n  run:count('b', 'ticket', { of = 'all' })\n  return 'a' end }\n",
      "test.lua:3: count 'a': of: the run is about a programme, which has no account; write all\n" },
    /* what nothing opens cannot be closed; what a verb that there is not was to make, nobody knows */
    { HEAD "  run:task('plan', { title = 'T' })\n  run:close('c', { step = 'pln' })\n  run:close('d', { step = 'plan' })\n"
           "  if run.id == 7 then run:close('e', { step = 'nothing like it' }) end\n  return 'a' end }\n",
      "test.lua:4: close 'c': step = 'pln' names nothing that this script opens; did you mean plan?\n"
      "test.lua:6: close 'e': step = 'nothing like it' names nothing that this script opens; it opens 'plan'\n" },
    { HEAD "  run:task('plan', { title = 'T' })\n  run:wait('w', { done = 'pln', within = { days = 1 } })\n  return 'a' end }\n",
      "test.lua:4: wait 'w': done = 'pln' names no task of this script; did you mean plan?\n" },
    { HEAD "  run:tsk('plan', { title = 'T' })\n  run:wait('w', { done = 'plan', within = { days = 1 } })\n"
           "  run:close('plan', { step = 'plan' })\n  run:plan('plan')\n  return 'a' end }\n",
      "test.lua:3: run has no 'tsk'; did you mean task?\n"
      "test.lua:6: run has no 'plan'; its verbs are account, all, approve, ask, bulk, call, child, close, count, escalate, first, "
      "log, "
      "measure, notify, set, sleep, task and wait\n" },
    /* a setting in braces, wherever its text stands */
    { "local texts = { en = 'for {settings.m} days', ko = '{settings.n}, {{settings.x}' }\n" HEAD
      "  if run.id == 7 then run:task('t', { title = texts }) end\n  run:task('u', { title = '{settings.m}' })\n"
      "  run:task('v', { title = texts })\n  return 'a' end }\n",
      "test.lua:1: {settings.m}: the script declares no such setting; it declares n\n"
      "test.lua:5: task 'u': {settings.m}: the script declares no such setting; it declares n\n" },
    /* a fault of the declaration hides none of the steps, nor one argument another */
    { "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'a' },\n start_when = { event = "
      "'account.updatd', days = 3 },\n steps = {\n  { task = 't', title = 'T', to = 'onwer' },\n"
      "  { bulk = 'b', segment = 'keyy', playbook = 'test', cap = 0 },\n  { tsak = 'x', title = 'T' },\n"
      "  { wait = 'w', done = 'x', within = { days = -1 } },\n  { close = 'c', step = 'tt' },\n  { outcome = 'a' } } }\n",
      "test.lua:2: start_when.event: 'account.updatd' never happens; did you mean account.updated?\n"
      "test.lua:2: start_when: has both event and days; a playbook starts by one of them\n"
      "test.lua:2: start_when: days needs one of before and after, with a date of the subject\n"
      "test.lua:4: task 't': to: 'onwer' is no role; did you mean owner?\n"
      "test.lua:5: bulk 'b': cap: must be a whole number from 1 to 1000\n"
      "test.lua:5: bulk 'b': segment: there is no [segment.keyy]; did you mean key?\n"
      "test.lua:6: steps: entry 3 names no verb; did you mean task = \"…\"?\n"
      "test.lua:7: wait 'w': within.days: must be a whole number from 0 to 36500\n"
      "test.lua:8: close 'c': step = 'tt' names nothing that was opened before; write the name of a task, a "
      "question or an approval\n" },
    /* what is written of a setting that is declared wrongly is no second fault */
    { "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'a' },\n"
      " settings = { n = { type = 'integer', help = 'h' } },\n start_when = { event = 'account.merged', where = 'seats > {nn}' },\n"
      " steps = function(run)\n  run:task('t', { title = '{settings.n}', due = { days = run.settings.n } })\n  return 'a' end }\n",
      "test.lua:2: settings.n: its default must be there and be of type integer\n"
      "test.lua:3: start_when.where: there is no setting 'nn'; declare it in settings, or name another one\n" },
    /* events */
    { HEAD "  run:wait('v', { event = 'contrct.signed', within = { days = 1 } })\n"
           "  run:wait('w', { event = 'task.exploded', within = { days = 1 } })\n"
           "  run:wait('x', { event = 'nonsense', within = { days = 1 } })\n  return 'a' end }\n",
      "test.lua:3: wait 'v': the event 'contrct.signed' never happens; did you mean contract.signed?\n"
      "test.lua:4: wait 'w': the event 'task.exploded' never happens; what happens to tasks is created, updated, removed, merged, "
      "unmerged, erased, open, done or cancelled\n"
      "test.lua:5: wait 'x': the event 'nonsense' never happens; write KIND.created, KIND.updated, KIND.removed, KIND.STATUS, "
      "measure.KPI or custom.NAME\n" },
};

START_TEST(the_check_says_what_can_never_be_with_file_and_line)
{
    static const tend_measure_name published[] = { { .name = "health" }, { .name = "nps" }, { .name = "nrr" }, { NULL } };
    char lines[4096] = "", wanted[4096] = "", copy[4096];
    const char *path = test_folder_write_text(&f.folder, "test.lua", faulty[_i].script);
    const char *folder = f.folder.path;
    FILE *out = fmemopen(lines, sizeof lines, "w");
    char *left, *line;
    int faults = -1;

    measure_names = published;
    load_config(SEGMENTS);
    TEST_OK(&f, tend_playbook_check(NULL, path, f.folder.path, f.schema, segments, sandbox_path, out, &faults, &f.error));
    (void)fclose(out);
    (void)snprintf(copy, sizeof copy, "%s", faulty[_i].lines);
    for (line = strtok_r(copy, "\n", &left); line; line = strtok_r(NULL, "\n", &left))
        (void)snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted), "%s/%s\n", folder, line);
    ck_assert_str_eq(lines, wanted);
}
END_TEST

/* A part that is behind the yes of another one, under a name that stands in a variable. */
START_TEST(every_child_that_is_missing_is_named)
{
    static const char *const kids[] = { "brief", "plan", "media" };
    char lines[4096] = "", wanted[4096] = "";
    const char *path = test_folder_write_text(
        &f.folder, "test.lua",
        "local names = { 'brief', 'plan', 'media' }\nlocal wanted = { brief = 'agreed', plan = 'agreed', media = 'agreed' }\n"
        "return playbook { name = 'test', summary = 's', api = 1, subject = 'account', outcomes = { 'a', 'b' }, steps = "
        "function(run)\n"
        "  for _, name in ipairs(names) do\n    local came = run:child(name, name, { within = { days = 9 } })\n"
        "    if came.outcome ~= wanted[name] then return 'b' end\n  end\n  return 'a' end }\n");
    const char *folder = f.folder.path;
    FILE *out = fmemopen(lines, sizeof lines, "w");
    int faults = -1;

    for (size_t i = 0; i < sizeof kids / sizeof *kids; i++) {
        char file[64], script[300];

        (void)snprintf(file, sizeof file, "playbooks/%s.lua", kids[i]);
        (void)snprintf(
            script, sizeof script,
            "return playbook { name = '%s', summary = 's', api = 1, subject = 'account', outcomes = { 'late', 'agreed' }, "
            "steps = function(run) return 'late' end }\n",
            kids[i]);
        (void)test_folder_write_text(&f.folder, file, script);
        (void)snprintf(wanted + strlen(wanted), sizeof wanted - strlen(wanted),
                       "%s/test.lua:5: child '%s': playbook: there is no [playbook.%s]; write the section, or name another one\n",
                       folder, kids[i], kids[i]);
    }
    load_config("[playbook.test]\n");
    TEST_OK(&f, tend_playbook_check(config, path, f.folder.path, f.schema, segments, sandbox_path, out, &faults, &f.error));
    (void)fclose(out);
    ck_assert_str_eq(lines, wanted);
    ck_assert_int_eq(faults, 3);
}
END_TEST

TESTS_WITH("playbook/check", {
    tcase_add_checked_fixture(tcase, playbook_set_up, playbook_tear_down);
    tcase_add_loop_test(tcase, the_check_says_what_can_never_be_with_file_and_line, 0, (int)(sizeof faulty / sizeof *faulty));
    tcase_add_test(tcase, every_child_that_is_missing_is_named);
})
