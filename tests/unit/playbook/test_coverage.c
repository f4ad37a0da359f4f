/* Branches of scripts: which there are, which were gone, and that a script with probes does what it did without. */
#include "playbook/coverage.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

static tend_coverage *coverage;
static tend_arena *arena;
static tend_error error;

static void set_up(void)
{
    arena = tend_arena_new();
    ck_assert_int_eq(tend_coverage_new(&coverage, &error), TEND_OK);
}

static void tear_down(void)
{
    tend_coverage_free(coverage);
    tend_arena_free(arena);
}

static void add(const char *shown, const char *text)
{
    ck_assert_msg(tend_coverage_add(coverage, shown, text, strlen(text), &error) == TEND_OK, "%s", error.text);
}

/* "1 if: …;2 else: …": the branches of a text, by the first word of what is said. */
static const char *branches_of(const char *text)
{
    tend_buffer found = { 0 };
    tend_covered_file file;
    const char *kept;

    add("script.lua", text);
    file = tend_coverage_file(coverage, tend_coverage_count(coverage) - 1);
    for (size_t i = 0; i < file.count; i++)
        tend_buffer_print(&found, "%s%u %s", i > 0 ? "; " : "", file.branches[i].line, file.branches[i].what);
    kept = tend_arena_string(arena, tend_buffer_string(&found));
    tend_buffer_clear(&found);
    return kept;
}

#define HELD " if: its condition never held"
#define ALWAYS " if: its condition always held"

static const struct {
    const char *text, *branches;
} texts[] = {
    { "return 1", "" },
    { "if a then\nb()\nend", "1" HELD "; 1" ALWAYS },
    { "if a then b() else\nc() end", "1" HELD "; 1 else: it was never gone to" },
    { "if a then b() elseif c\nthen d() end", "1" HELD "; 2" HELD "; 1" ALWAYS },
    { "while a do b() end do c() end", "1 loop: its body was never run" },
    { "for i = 1, 2 do\nif i then break end end", "1 loop: its body was never run; 2" HELD "; 2" ALWAYS },
    { "repeat a() until b", "" },
    { "x = a and b or c", "1 and: its right side was never asked for; 1 or: its right side was never asked for" },
    { "local function f(a, ...) return a end", "1 function: it was never called" },
    { "return { f = function() end }", "1 function: it was never called" },
    { "-- if a then\nx = 'if a then' .. [[\nor]] x.and_ = 1", "" },
    { "while (function() return a end)() do b() end", "1 function: it was never called; 1 loop: its body was never run" },
};

START_TEST(these_are_its_branches)
{
    ck_assert_str_eq(branches_of(texts[_i].text), texts[_i].branches);
}
END_TEST

START_TEST(a_branch_that_was_gone_counts_once)
{
    tend_covered_file file;

    add("script.lua", "if a then b() end");
    tend_coverage_meet(coverage, 1);
    tend_coverage_meet(coverage, 1);
    tend_coverage_meet(coverage, 99);
    file = tend_coverage_file(coverage, 0);
    ck_assert_uint_eq(file.count, 2);
    ck_assert_uint_eq(file.met, 1);
    ck_assert(!file.branches[0].is_met && file.branches[1].is_met);
}
END_TEST

START_TEST(files_have_probes_of_their_own)
{
    add("one.lua", "if a then b() end");
    add("two.lua", "x = a and b");
    add("one again.lua", "if a then b() end");
    ck_assert_uint_eq(tend_coverage_count(coverage), 2);
    tend_coverage_meet(coverage, 2);
    ck_assert_uint_eq(tend_coverage_file(coverage, 0).met, 0);
    ck_assert_uint_eq(tend_coverage_file(coverage, 1).met, 1);
}
END_TEST

START_TEST(a_script_that_is_not_measured_stays_as_it_is)
{
    const char *text = "if a then b() end";
    tend_script script = tend_coverage_probe(coverage, &(tend_script){ "other.lua", text, strlen(text) });

    ck_assert_ptr_eq(script.text, text);
}
END_TEST

/* What Lua would not read is left to Lua. */
START_TEST(a_text_that_breaks_has_no_branches)
{
    const char *text = "if a then b()";
    tend_script script;

    ck_assert_str_eq(branches_of(text), "");
    script = tend_coverage_probe(coverage, &(tend_script){ "script.lua", text, strlen(text) });
    ck_assert_str_eq(script.text, text);
}
END_TEST

#define PLAYBOOK(body)                                                                                      \
    "return playbook { name = 'one', summary = 's', api = 1, subject = 'account', outcomes = { 'done' },\n" \
    "  steps = function(run)\n" body "\n  end }\n"

static tend_status take_request(void *self, const tend_request *request, tend_error *reterr)
{
    tend_buffer *log = self;

    (void)reterr;
    tend_buffer_print(log, "%s %s:%u %s; ", request->verb, request->name, request->line,
                      tend_tree_show(&request->arguments, arena));
    return TEND_OK;
}

static tend_status refuse_read(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr)
{
    (void)self;
    (void)request;
    (void)ret_answer;
    return tend_fail(reterr, TEND_EINVAL, "nothing is read here");
}

/* What a move of the script asks for and ends with. */
static const char *move(const char *text, bool is_watched)
{
    char path[4096];
    const tend_script script = { "one.lua", text, strlen(text) };
    const tend_tree nothing = { .tag = TEND_TREE_MAP };
    tend_sandbox *sandbox;
    tend_move_result result;
    tend_tree spec;
    tend_buffer log = { 0 };
    const tend_move_handler handler = { .request = take_request, .read = refuse_read, .self = &log };
    const tend_move wanted = { .slot = 1, .run = 1, .subject = "account", .settings = &nothing, .event = &nothing };
    const char *kept;

    (void)snprintf(path, sizeof path, "%s/bin/tend-sandbox", getenv("TEND_BUILD"));
    ck_assert_int_eq(tend_sandbox_open(path, &(tend_sandbox_options){ .grace_ms = 20000 }, &sandbox, &error), TEND_OK);
    if (is_watched)
        tend_sandbox_watch(sandbox, coverage);
    ck_assert_int_eq(tend_sandbox_load(sandbox, 1, &script, NULL, arena, &spec, &result, &error), TEND_OK);
    if (result.end == 0)
        ck_assert_int_eq(tend_sandbox_move(sandbox, &wanted, &handler, arena, &result, &error), TEND_OK);
    tend_buffer_print(&log, "%d %s", (int)result.end, result.text);
    kept = tend_arena_string(arena, tend_buffer_string(&log));
    tend_buffer_clear(&log);
    tend_sandbox_close(sandbox);
    return kept;
}

static const char *const bodies[] = {
    "local a = nil and 1 or 2 run:log('x', 'a' .. a .. tostring(false or nil) .. tostring(1 and nil)) return 'done'",
    "if run.id == 1 then (function() run:log('first', 'here') end)() end return 'done'",
    "for i = 1, 3 do if i == 2 then goto next end run:log('n ' .. i, { text = 't', due = i > 1 and { days = i } or nil })\n"
    "::next:: end return 'done'",
    "local n = 0 while n < 2 do n = n + 1 repeat local x = n until x > 0 end run:log('n', tostring(n)) return 'done'",
    "local function f(...) local a, b = ... return a or b, b and a end\n"
    "local a, b = f(nil, 2) run:log('f', tostring(a) .. tostring(b)) return 'done'",
    "local t = setmetatable({}, { __index = function(_, k) return k and k .. '!' end }) run:log('t', t.x) return 'done'",
    "if true then\nerror('on line four') end",
    "local x = nil\nreturn x.y and 1",
};

START_TEST(probes_change_nothing_that_a_script_does)
{
    char text[2000];
    const char *plain;

    (void)snprintf(text, sizeof text, PLAYBOOK("%s"), bodies[_i]);
    add("one.lua", text);
    plain = move(text, false);
    ck_assert_str_eq(move(text, true), plain);
    ck_assert_uint_gt(tend_coverage_file(coverage, 0).met, 0);
}
END_TEST

START_TEST(what_was_gone_is_told)
{
    const char *text =
        PLAYBOOK("if run.id == 1 then\nrun:log('x', 'y') else\nrun:log('z', 'y') end\nreturn run.id == 2 and 'no' or 'done'");
    tend_covered_file file;

    add("one.lua", text);
    ck_assert_str_eq(move(text, true), "log x:4 {\"text\":\"y\"}; 3 done");
    file = tend_coverage_file(coverage, 0);
    ck_assert_uint_eq(file.count, 5);
    ck_assert_uint_eq(file.met, 3);
    ck_assert(!file.branches[2].is_met && file.branches[2].line == 4);
    ck_assert(!file.branches[3].is_met && file.branches[3].line == 6);
}
END_TEST

TESTS_WITH("playbook/coverage", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, these_are_its_branches, 0, (int)(sizeof texts / sizeof *texts));
    tcase_add_test(tcase, a_branch_that_was_gone_counts_once);
    tcase_add_test(tcase, files_have_probes_of_their_own);
    tcase_add_test(tcase, a_script_that_is_not_measured_stays_as_it_is);
    tcase_add_test(tcase, a_text_that_breaks_has_no_branches);
    tcase_add_loop_test(tcase, probes_change_nothing_that_a_script_does, 0, (int)(sizeof bodies / sizeof *bodies));
    tcase_add_test(tcase, what_was_gone_is_told);
})
