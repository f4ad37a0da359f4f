/* The way through a script, as it is written. */
#include "playbook/outline.h"
#include "tests.h"

#include <stdlib.h>
#include <string.h>

static tend_arena *arena;

static void set_up(void)
{
    arena = tend_arena_new();
}

static void tear_down(void)
{
    tend_arena_free(arena);
}

/* "2 task plan (to = owner); if x { 4 log a } else { return done }": short, and with what matters. */
static void show(const tend_outline *node, tend_buffer *out)
{
    for (; node; node = node->next) {
        tend_buffer_text(out, out->length > 0 && out->bytes[out->length - 1] != ' ' ? "; " : "");
        switch (node->sort) {
        case TEND_OUTLINE_STEP:
            tend_buffer_print(out, "%u %s %s%s", node->line, node->verb, node->is_computed ? "=" : "", node->name);
            if (node->text)
                tend_buffer_print(out, " (%s)", node->text);
            break;
        case TEND_OUTLINE_BRANCH:
            for (const tend_outline *way = node->first; way; way = way->next) {
                tend_buffer_print(out, "%s%s { ",
                                  way == node->first ? "if "
                                  : way->text        ? " elseif "
                                                     : " else",
                                  way->text ? way->text : "");
                show(way->first, out);
                tend_buffer_text(out, " }");
            }
            break;
        case TEND_OUTLINE_LOOP:
            tend_buffer_print(out, "%s { ", node->text);
            show(node->first, out);
            tend_buffer_text(out, " }");
            break;
        case TEND_OUTLINE_RETURN:
            tend_buffer_print(out, "return %s", node->text);
            break;
        case TEND_OUTLINE_BREAK:
            tend_buffer_text(out, "break");
            break;
        case TEND_OUTLINE_WAY:
            break;
        }
    }
}

static const char *outline_of(const char *text, const tend_outline **ret_outline)
{
    tend_script script = { "script.lua", text, strlen(text) };
    tend_buffer out = { 0 };
    tend_error error = { 0 };
    const char *kept;

    ck_assert_msg(tend_outline_read(&script, arena, ret_outline, &error) == TEND_OK, "%s", error.text);
    show(*ret_outline, &out);
    kept = tend_arena_string(arena, tend_buffer_string(&out));
    tend_buffer_clear(&out);
    return kept;
}

#define STEPS(body) "return playbook { steps = function(run)\n" body "\nend }"

static const struct {
    const char *text, *outline;
    bool ends; /* nothing comes behind it */
} scripts[] = {
    { "return { }", "", false },
    { STEPS(""), "", false },
    { STEPS("run:task('plan', { title = 'x', to = 'owner', due = { days = 3 } }) return 'done'"),
      "2 task plan (to = owner, due = { days = 3 }); return done", true },
    { STEPS("run:log('a', 'b')\nrun:sleep('c', { days = 1 })"), "2 log a (b); 3 sleep c (days = 1)", false },
    { STEPS("if a == 1 then run:log('a') elseif b then return 'x' else run:log('c') end"),
      "if a == 1 { 2 log a } elseif b { return x } else { 2 log c }", false },
    { STEPS("if a then return 'x' else return 'y' end"), "if a { return x } else { return y }", true },
    { STEPS("local x = 1 if a then x = 2 end for i = 1, 2 do x = x + i end run:log('a')"), "2 log a", false },
    { STEPS("for i = 1, 2 do run:log('a ' .. i) if i then break end end"), "for i = 1, 2 { 2 log ='a ' .. i; if i { break } }",
      false },
    { STEPS("while a() do run:log('a') end repeat run:log('b') until c"), "while a() { 2 log a }; repeat { 2 log b }", false },
    { STEPS("if run:wait('w', { event = 'contract.signed', within = { days = 1 } }).timed_out then return 'late' end"),
      "2 wait w (event = contract.signed, within = { days = 1 }); if run:wait('w', { event = 'contract.signed', within = { days = "
      "1 } })"
      ".timed_out { return late }",
      false },
    { STEPS("return run:approve('a', { title = 't' }).approved and 'x' or 'y'"),
      "2 approve a; return run:approve('a', { title = 't' }).approved and 'x' or 'y'", true },
    { STEPS("run:wait('w', opts(function() return 1 end, 2)) run:log('l')"), "2 wait w; 2 log l", false },
    { "local function tell(r, n)\nr:log('told ' .. n) return n end\n" STEPS("local n = tell(run, 1) run:log('l')"),
      "2 log ='told ' .. n; 4 log l", false },
    { STEPS("local function tell() run:log('inner') end\ntell() tell()"), "2 log inner; 2 log inner", false },
    { STEPS("pcall(function() run:log('a') end) do run:log('b') end"), "2 log a; 2 log b", false },
    { STEPS("rounds({ task = function() return { 1 } end }) run:log('l')"), "2 log l", false },
    /* what a function inside returns ends no run */
    { STEPS("table.sort(list, function(a, b) return a < b end) run:log('l')"), "2 log l", false },
    { STEPS("local is_late = function(n) return n > 2 end if is_late(3) then run:log('l') end"), "if is_late(3) { 2 log l }",
      false },
    { STEPS("local tell = function() run:log('told') end tell() run:log('l')"), "2 log told; 2 log l", false },
    { "return playbook { steps = function(r) r:log('a') end }", "1 log a", false },
    { STEPS("local function again(n) run:log('a') again(n) end again(1)"), NULL, false }, /* it ends */
    { STEPS("if a then run:log('a'"), NULL, false },
    { STEPS("x = [[ run:log('no') ]] -- run:log('no')"), "", false },
};

START_TEST(the_way_is_read_as_it_is_written)
{
    const tend_outline *outline;
    const char *shown = outline_of(scripts[_i].text, &outline);

    if (scripts[_i].outline)
        ck_assert_str_eq(shown, scripts[_i].outline);
    ck_assert_int_eq(tend_outline_ends(outline), scripts[_i].ends);
}
END_TEST

START_TEST(depth_and_length_have_a_limit)
{
    tend_buffer text = { 0 };
    const tend_outline *outline;

    tend_buffer_text(&text, "return playbook { steps = function(run)\n");
    for (int i = 0; i < 500; i++)
        tend_buffer_text(&text, "if a then run:log('x') ");
    for (int i = 0; i < 500; i++)
        tend_buffer_text(&text, "end ");
    for (int i = 0; i < 20000; i++)
        tend_buffer_text(&text, "run:log('x') ");
    tend_buffer_text(&text, "end }");
    (void)outline_of(tend_buffer_string(&text), &outline);
    ck_assert_ptr_nonnull(outline);
    tend_buffer_clear(&text);
}
END_TEST

TESTS_WITH("playbook/outline", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, the_way_is_read_as_it_is_written, 0, (int)(sizeof scripts / sizeof *scripts));
    tcase_add_test(tcase, depth_and_length_have_a_limit);
})
