#include "base/file.h"
#include "playbook/sandbox.h"
#include "tests.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static tend_arena *arena;
static tend_sandbox *sandbox;
static char requests[4096];

static tend_status note_request(void *self, const tend_request *request, tend_error *reterr)
{
    size_t used = strlen(requests);

    (void)self;
    (void)reterr;
    (void)snprintf(requests + used, sizeof requests - used, "%s %s %s\n", request->verb, request->name,
                   tend_tree_show(&request->arguments, arena));
    return TEND_OK;
}

static tend_status answer_read(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr)
{
    tend_tree_map map = { 0 };
    size_t used = strlen(requests);

    (void)self;
    if (strcmp(request->fields[0], "nonsense") == 0)
        return tend_fail(reterr, TEND_EINVAL, "contract has no field 'nonsense'");
    (void)snprintf(requests + used, sizeof requests - used, "%s %s %s\n", request->verb, request->name, request->path);
    for (size_t i = 0; request->fields[i]; i++)
        tend_tree_add(&map, request->fields[i], tend_tree_text("value"));
    return tend_tree_end(&map, arena, ret_answer);
}

static const tend_move_handler handler = { .request = note_request, .read = answer_read };

static void open_sandbox(void)
{
    char path[4096];
    tend_error error;
    tend_sandbox_options options = { .deadline_ms = 1000, .grace_ms = 3000 };

    (void)snprintf(path, sizeof path, "%s/bin/tend-sandbox", getenv("TEND_BUILD"));
    arena = tend_arena_new();
    ck_assert_msg(tend_sandbox_open(path, &options, &sandbox, &error) == TEND_OK, "%s", error.text);
    requests[0] = '\0';
}

static void close_sandbox(void)
{
    tend_sandbox_close(sandbox);
    tend_arena_free(arena);
}

static tend_move_result load(const char *text, tend_tree *ret_spec)
{
    tend_script script = { .file = "test.lua", .text = text, .length = strlen(text) };
    tend_move_result result;
    tend_error error;

    ck_assert_msg(tend_sandbox_load(sandbox, 1, &script, NULL, arena, ret_spec, &result, &error) == TEND_OK, "%s", error.text);
    return result;
}

static tend_move_result move(const tend_journal_step *journal, size_t count)
{
    tend_tree_map map = { 0 };
    tend_tree settings, event;
    tend_move_result result;
    tend_error error;
    tend_move at = { .slot = 1, .run = 7, .subject = "contract", .journal = journal, .count = count };

    requests[0] = '\0';
    ck_assert_int_eq(tend_tree_end(&map, arena, &event), TEND_OK);
    tend_tree_add(&map, "lead_days", tend_tree_int(90));
    tend_tree_add(&map, "plan_days", tend_tree_int(10));
    ck_assert_int_eq(tend_tree_end(&map, arena, &settings), TEND_OK);
    at.settings = &settings;
    at.event = &event;
    ck_assert_msg(tend_sandbox_move(sandbox, &at, &handler, arena, &result, &error) == TEND_OK, "%s", error.text);
    return result;
}

#define HEAD "return playbook { name = 'x', subject = 'contract', steps = function(run) "
#define TAIL " end }"

static tend_move_result load_and_move(const char *steps)
{
    tend_tree spec;
    tend_move_result result;

    result = load(tend_arena_print(arena, HEAD "%s" TAIL, steps), &spec);
    ck_assert_msg(result.end == 0, "%s", result.text);
    return move(NULL, 0);
}

static void load_renewal(void)
{
    char path[4096], *text;
    size_t length;
    tend_tree spec;
    tend_move_result result;
    tend_error error;

    (void)snprintf(path, sizeof path, "%s/tests/data/playbooks/renewal.lua", getenv("TEND_SOURCE"));
    ck_assert_msg(tend_file_read(path, 1 << 20, &text, &length, &error) == TEND_OK, "%s", error.text);
    result = load(text, &spec);
    free(text);
    ck_assert_msg(result.end == 0, "%s", result.text);
    ck_assert_str_eq(tend_tree_string(&spec, "subject"), "contract");
    ck_assert_str_eq(tend_tree_string(tend_tree_get(tend_tree_get(&spec, "start_when"), "days"), "setting"), "lead_days");
    ck_assert_int_eq(tend_tree_get(&spec, "steps")->tag, TEND_TREE_FUNCTION);
}

static tend_tree answer_of(bool has_timed_out)
{
    tend_tree_map map = { 0 };
    tend_tree answer;

    tend_tree_add(&map, "timed_out", tend_tree_bool(has_timed_out));
    ck_assert_int_eq(tend_tree_end(&map, arena, &answer), TEND_OK);
    return answer;
}

START_TEST(a_run_asks_for_what_its_journal_lacks_and_waits)
{
    tend_move_result result;

    load_renewal();
    result = move(NULL, 0);
    ck_assert_int_eq(result.end, TEND_MOVE_WAITING);
    ck_assert_str_eq(result.text, "plan written");
    ck_assert_str_eq(
        requests,
        "task plan {\"due\":{\"business_days\":10},\"title\":\"Write the renewal plan for {account.name}\",\"to\":\"owner\"}\n"
        "wait plan written {\"done\":\"plan\",\"within\":{\"business_days\":15}}\n");
}
END_TEST

START_TEST(replay_goes_on_where_the_journal_ends)
{
    tend_tree in_time = answer_of(false), late = answer_of(true);
    tend_journal_step journal[] = {
        { "plan", "task", &tend_tree_nil },      { "plan written", "wait", &in_time }, { "renewed", "wait", &late },
        { "last call", "task", &tend_tree_nil }, { "renewed late", "wait", &in_time },
    };
    tend_move_result result;

    load_renewal();
    result = move(journal, 2);
    ck_assert_str_eq(result.text, "renewed");
    ck_assert_str_eq(requests,
                     "wait renewed {\"by\":{\"before\":\"contract.ends_on\",\"days\":7},\"event\":\"contract.renewed\"}\n");
    result = move(journal, 5);
    ck_assert_int_eq(result.end, TEND_MOVE_ENDED);
    ck_assert_str_eq(result.text, "renewed");
    ck_assert_str_eq(requests, "");
}
END_TEST

START_TEST(a_journal_of_another_script_is_refused)
{
    tend_journal_step journal[] = { { "plans", "task", &tend_tree_nil } };
    tend_journal_step longer[] = { { "plan", "task", &tend_tree_nil }, { "plan written", "wait", NULL }, { "more", "task", NULL } };
    tend_move_result result;

    load_renewal();
    result = move(journal, 1);
    ck_assert_int_eq(result.end, TEND_MOVE_FAULT);
    ck_assert_str_eq(result.text,
                     "test.lua:18: task 'plan' is asked for where the journal has task 'plans'; a script must decide only "
                     "by what run gives it");
    (void)load_and_move("return 'done'");
    result = move(longer, 3);
    ck_assert_str_eq(result.text, "the script ended, and its journal still has task 'plan'; a script must decide only by what run "
                                  "gives it");
}
END_TEST

START_TEST(a_field_is_read_once_between_two_steps_and_recorded)
{
    tend_move_result result;

    result = load_and_move("local a = run.contract.ends_on .. run.contract.ends_on .. run.account.name .. run.today "
                           "run:log('note', a) return run.contract.ends_on");
    ck_assert_int_eq(result.end, TEND_MOVE_ENDED);
    ck_assert_str_eq(result.text, "value");
    ck_assert_str_eq(requests, "read /contract.ends_on contract\nread /account.name account\nread /today \n"
                               "log note {\"text\":\"valuevaluevaluevalue\"}\nread note/contract.ends_on contract\n");
}
END_TEST

static const struct {
    const char *steps, *sentence;
} faults[] = {
    { "run:tsk('a')", "test.lua:1: run has no 'tsk'; did you mean task?" },
    { "run:task('a', {}) run:task('a', {})", "test.lua:1: step 'a' is used twice in one run; give each step its own name" },
    { "run:task('', {})", "test.lua:1: run:task: a step's name has 1 to 100 bytes of text" },
    { "run:task(1, {})", "test.lua:1: run:task needs the step's name first, a text; it got a number" },
    { "run:task('a', { title = print })",
      "test.lua:1: a: a function cannot be told; use texts, numbers, booleans and tables of them" },
    { "run:task('a', { n = 0/0 })", "test.lua:1: a: a number is not finite" },
    { "run.x = 1", "test.lua:1: this table cannot be changed; write with run:set" },
    { "return 5", "steps returned a number; return one of the outcomes, a text" },
    { "return run.contract.nonsense", "test.lua:1: contract has no field 'nonsense'" },
    { "error({})", "raised an error that is not a text but a table" },
    { "for i = 1, 2000 do run:log('l' .. i, 'x') end",
      "test.lua:1: more than 1000 steps in one run; what repeats for ever is a trigger of its own" },
    { "io.open('x')", "test.lua:1: there is no 'io' here; a script has no files; run gives it what it needs" },
    { "return os.time()", "test.lua:1: there is no 'os' here; a script has no clock and no system; run.today is the day" },
    { "require 'dates'", "test.lua:1: there is no 'require' here; write lib \"NAME\" for lib/NAME.lua" },
    { "nothing()", "test.lua:1: attempt to call a nil value (global 'nothing')" },
    { "lib 'nowhere'", "test.lua:1: lib 'nowhere' is not there; libraries are files of scripts/lib, named by a plain text" },
};

START_TEST(a_script_mistake_is_one_sentence_with_its_line)
{
    tend_move_result result = load_and_move(faults[_i].steps);

    ck_assert_int_eq(result.end, TEND_MOVE_FAULT);
    ck_assert_int_eq(result.fault, TEND_FAULT_SCRIPT);
    ck_assert_str_eq(result.text, faults[_i].sentence);
}
END_TEST

START_TEST(an_endless_loop_ends_at_the_deadline_and_the_next_move_works)
{
    tend_move_result result = load_and_move("while true do pcall(function() while true do end end) end");

    ck_assert_int_eq(result.end, TEND_MOVE_FAULT);
    ck_assert_int_eq(result.fault, TEND_FAULT_TIME);
    result = load_and_move("return 'done'");
    ck_assert_str_eq(result.text, "done");
}
END_TEST

START_TEST(what_cannot_be_interrupted_is_killed)
{
    tend_move_result result = load_and_move("local s = ('a'):rep(100000) return s:find(('.-'):rep(60) .. 'b')");

    ck_assert_int_eq(result.end, TEND_MOVE_FAULT);
    ck_assert_int_eq(result.fault, TEND_FAULT_TIME);
    ck_assert_str_eq(result.text, "ran longer than 1000 ms and could not be interrupted; its sandbox was ended");
    ck_assert(!tend_sandbox_has(sandbox, 1));
}
END_TEST

#define TOGETHER 40

/* Reads, asks, and says which run it is; the run `hanging` never comes back. */
static void hand_many(tend_flight flights[TOGETHER], int64_t hanging)
{
    tend_tree_map map = { 0 };
    static tend_tree settings, event;
    tend_tree spec;
    tend_error error;
    tend_move_result result = load(
        HEAD "local of = run.contract.status run:log('n', 'run ' .. run.id .. ' ' .. of) if run.id == run.settings.hanging then "
             "return (('a'):rep(100000)):find(('.-'):rep(60) .. 'b') end return 'run ' .. run.id" TAIL,
        &spec);

    ck_assert_int_eq(result.end, 0);
    ck_assert_int_eq(tend_tree_end(&map, arena, &event), TEND_OK);
    tend_tree_add(&map, "hanging", tend_tree_int(hanging));
    ck_assert_int_eq(tend_tree_end(&map, arena, &settings), TEND_OK);
    requests[0] = '\0';
    for (int i = 0; i < TOGETHER; i++) {
        tend_move one = { .slot = 1, .run = i, .subject = "contract", .settings = &settings, .event = &event };

        flights[i] = (tend_flight){ .handler = handler, .arena = arena };
        ck_assert_msg(tend_sandbox_hand(sandbox, &one, &flights[i], &error) == TEND_OK, "%s", error.text);
    }
    ck_assert_msg(tend_sandbox_land(sandbox, &error) == TEND_OK, "%s", error.text);
}

START_TEST(moves_that_are_handed_over_together_answer_each_for_itself_in_order)
{
    tend_flight flights[TOGETHER];
    const char *at = requests;

    hand_many(flights, -1);
    for (int i = 0; i < TOGETHER; i++) {
        const char *line = tend_arena_print(arena, "log n {\"text\":\"run %d value\"}\n", i);

        ck_assert_int_eq(flights[i].result.end, TEND_MOVE_ENDED);
        ck_assert_str_eq(flights[i].result.text, tend_arena_print(arena, "run %d", i));
        at = strstr(at, line);
        ck_assert_msg(at != NULL, "%s", line);
    }
}
END_TEST

START_TEST(of_several_moves_none_is_to_blame_until_it_was_alone)
{
    tend_flight flights[TOGETHER];
    tend_tree settings, event;
    tend_tree_map map = { 0 };
    tend_move again = { .slot = 1, .run = 5, .subject = "contract", .settings = &settings, .event = &event };
    tend_error error;

    hand_many(flights, 5);
    ck_assert(!tend_sandbox_has(sandbox, 1));
    for (int i = 5; i < TOGETHER; i++)
        ck_assert_int_eq(flights[i].result.end, 0);
    ck_assert_int_eq(tend_tree_end(&map, arena, &event), TEND_OK);
    tend_tree_add(&map, "hanging", tend_tree_int(5));
    ck_assert_int_eq(tend_tree_end(&map, arena, &settings), TEND_OK);
    ck_assert_str_eq(load_and_move("return 'done'").text, "done");
    ck_assert_int_eq(tend_sandbox_hand(sandbox, &again, &flights[5], &error), TEND_OK);
    ck_assert_int_eq(tend_sandbox_land(sandbox, &error), TEND_OK);
    ck_assert_str_eq(flights[5].result.text, "done");
}
END_TEST

START_TEST(memory_has_an_end)
{
    tend_move_result result = load_and_move("local s, t = ('x'):rep(1 << 20), {} for i = 1, 1000 do t[i] = s .. i end");

    ck_assert_int_eq(result.end, TEND_MOVE_FAULT);
    ck_assert_int_eq(result.fault, TEND_FAULT_MEMORY);
    ck_assert_str_eq(result.text, "used more than 32768 KiB of memory");
}
END_TEST

START_TEST(nothing_one_move_leaves_is_seen_by_the_next)
{
    tend_tree spec;
    tend_move_result result =
        load(HEAD "local seen = mark or string.mark or ('').mark mark = 1 string.mark = 1 return tostring(seen)" TAIL, &spec);

    ck_assert_int_eq(result.end, 0);
    ck_assert_str_eq(move(NULL, 0).text, "nil");
    ck_assert_str_eq(move(NULL, 0).text, "nil");
}
END_TEST

/* The outcome in the words of index.csv. */
static const char *outcome_of(const tend_move_result *result)
{
    if (result->end != TEND_MOVE_FAULT)
        return "SAFE";
    if (strstr(result->text, "returned 'SAFE"))
        return "SAFE";
    switch (result->fault) {
    case TEND_FAULT_TIME:
        return "CPU";
    case TEND_FAULT_MEMORY:
        return "MEM";
    case TEND_FAULT_DIED:
        return "CRASH-CONTAINED";
    default:
        return "ERROR";
    }
}

static bool is_accepted(const char *accept, const tend_move_result *result)
{
    const char *outcome = outcome_of(result);

    if (strstr(accept, "SAME-TWICE"))
        return true; /* looked at by the caller */
    if (strstr(accept, outcome))
        return true;
    /* There is no coroutine library to try it with. */
    if (result->text && strstr(result->text, "there is no 'coroutine' here"))
        return true;
    /* A refusal before it ran is an ordinary error here. */
    return strstr(accept, "LOADERR") && strcmp(outcome, "ERROR") == 0;
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Loads one file; returns 1 when its outcome is not one that may be. */
static int meet_hostile_file(const char *folder, const char *name, const char *accept)
{
    char path[4096], *text = NULL;
    size_t length;
    tend_move_result result, again;
    tend_tree spec;
    tend_error error;
    tend_script script = { .file = name };
    int64_t began;
    int wrong = 0;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(tend_file_read(path, 64 << 20, &text, &length, &error) == TEND_OK, "%s", error.text);
    script.text = text;
    script.length = length;
    began = now_ms();
    ck_assert_msg(tend_sandbox_load(sandbox, 1, &script, NULL, arena, &spec, &result, &error) == TEND_OK, "%s: %s", name,
                  error.text);
    ck_assert_msg(now_ms() - began < 9000, "%s: took %lld ms", name, (long long)(now_ms() - began));
    if (!is_accepted(accept, &result) ||
        (result.text && (strstr(result.text, "ESCAPE") || strlen(result.text) > 600 || strchr(result.text, '\n')))) {
        (void)printf("%s: %s, wanted %s: %s\n", name, outcome_of(&result), accept, result.text ? result.text : "");
        wrong = 1;
    }
    if (strstr(accept, "SAME-TWICE")) {
        ck_assert_int_eq(tend_sandbox_load(sandbox, 2, &script, NULL, arena, &spec, &again, &error), TEND_OK);
        ck_assert_str_eq(result.text, again.text);
    }
    free(text);
    result = load_and_move("return 'usual'");
    ck_assert_str_eq(result.text, "usual");
    return wrong;
}

START_TEST(hostile_files_end_as_they_may_and_the_next_script_works)
{
    const char *shared = getenv("TEND_SHARED");
    char folder[2048], path[4096], line[1024];
    int wrong = 0, met = 0;
    FILE *index;

    (void)snprintf(folder, sizeof folder, "%s%s/data/adversarial/lua", shared ? shared : getenv("TEND_SOURCE"),
                   shared ? "" : "/../shared");
    (void)snprintf(path, sizeof path, "%s/index.csv", folder);
    index = fopen(path, "r");
    if (!index) {
        (void)printf("SKIPPED: %s is not there; hostile scripts were not tried\n", path);
        return;
    }
    while (fgets(line, sizeof line, index)) {
        char *name = line, *accept;
        bool in_quotes = false;
        int commas = 0;

        if (line[0] != 'L')
            continue;
        for (accept = line; *accept && commas < 3; accept++) {
            in_quotes ^= *accept == '"';
            if (*accept == ',' && !in_quotes) {
                *accept = '\0';
                commas++;
            }
        }
        accept[strcspn(accept, ",\r\n")] = '\0';
        wrong += meet_hostile_file(folder, name, accept);
        met++;
    }
    (void)fclose(index);
    ck_assert_int_gt(met, 0);
    ck_assert_int_eq(wrong, 0);
}
END_TEST

TESTS_WITH("playbook/sandbox", {
    tcase_set_timeout(tcase, 115);
    tcase_add_checked_fixture(tcase, open_sandbox, close_sandbox);
    tcase_add_test(tcase, a_run_asks_for_what_its_journal_lacks_and_waits);
    tcase_add_test(tcase, replay_goes_on_where_the_journal_ends);
    tcase_add_test(tcase, a_journal_of_another_script_is_refused);
    tcase_add_test(tcase, a_field_is_read_once_between_two_steps_and_recorded);
    tcase_add_loop_test(tcase, a_script_mistake_is_one_sentence_with_its_line, 0, (int)(sizeof faults / sizeof *faults));
    tcase_add_test(tcase, an_endless_loop_ends_at_the_deadline_and_the_next_move_works);
    tcase_add_test(tcase, what_cannot_be_interrupted_is_killed);
    tcase_add_test(tcase, moves_that_are_handed_over_together_answer_each_for_itself_in_order);
    tcase_add_test(tcase, of_several_moves_none_is_to_blame_until_it_was_alone);
    tcase_add_test(tcase, memory_has_an_end);
    tcase_add_test(tcase, nothing_one_move_leaves_is_seen_by_the_next);
    tcase_add_test(tcase, hostile_files_end_as_they_may_and_the_next_script_works);
})
