/* walk.c: ways through a script. It is run in the sandbox with made-up answers: every wait with each of those that it can have, in
 * every combination as far as a few hundred moves reach; once with one value for all that is read, once with another. */
#include "base/near.h"
#include "playbook/checker.h"

#include <string.h>

#define WALK_WAITS 40   /* of one walk */
#define WALK_CHOICES 12 /* the first waits of a walk, whose answers are tried in every combination */
#define WALK_MOVES 400  /* of the combinations, for each way of reading */

/* A value that a field could have: the first of its choices, true and 1, or the last, false and many. */
static tend_tree likely(const tend_field *field, bool is_other, tend_arena *arena)
{
    tend_value value = { .type = field->type, .integer = 1, .scale = field->scale };

    if (field->type == TEND_DATE)
        value.integer = 20600;
    else if (field->type == TEND_TIME)
        value.integer = INT64_C(20600) * 86400000;
    else if (field->type == TEND_TEXT) {
        const char *word = field->choices ? field->choices : "text";

        if (is_other && strrchr(word, ' '))
            word = strrchr(word, ' ') + 1;
        value.length = strcspn(word, " ");
        value.text = tend_arena_copy(arena, word, value.length);
    } else if (is_other && field->type != TEND_REF) {
        value.integer = field->type == TEND_BOOL ? 0 : 1000000;
    }
    return tend_value_tree(&value, arena);
}

static void check_measure(script_checker *checker, const tend_request *request)
{
    tend_error why = { 0 };
    char sentence[1000];

    if (!request->fields[0] || tend_argument_check_measure(&checker->context, request->fields[0], &why) >= 0)
        return;
    (void)snprintf(sentence, sizeof sentence, "measure '%.100s': %.800s", request->name, why.text);
    checker_say_of_request(checker, request, sentence);
}

static void check_count(script_checker *checker, const tend_request *request)
{
    const tend_argument_context *context = &checker->context;
    tend_error why = { 0 };
    char sentence[1000];
    const char *key;

    if (tend_effect_check(context->schema, context->subject, context->settings, request, &why) < 0) {
        checker_say_of_request(checker, request, why.text);
    } else if (tend_count_check(context, &request->arguments, checker->arena, &key, &why) < 0) {
        (void)snprintf(sentence, sizeof sentence, "count '%.100s': %.800s", request->name, why.text);
        checker_say_of_request(checker, request, sentence);
    }
}

static tend_status answer_read(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr)
{
    script_checker *checker = self;
    tend_tree_map map = { 0 };
    tend_tree *kept = tend_arena_take(checker->arena, sizeof *kept);

    checker->has_read |= request->path[0] != '\0';
    if (strcmp(request->verb, "measure") == 0) {
        check_measure(checker, request);
        tend_tree_add(&map, "defined", tend_tree_bool(true));
        tend_tree_add(&map, "denominator", tend_tree_int(1));
        tend_tree_add(&map, "numerator", tend_tree_int(checker->reads_other ? 1000000 : 1));
        tend_tree_add(&map, "value", (tend_tree){ .tag = TEND_TREE_NUMBER, .number = checker->reads_other ? 1000000 : 1 });
    }
    if (strcmp(request->verb, "count") == 0) {
        check_count(checker, request);
        tend_tree_add(&map, "count", tend_tree_int(checker->reads_other ? 1000000 : 0));
        tend_tree_add(&map, "defined", tend_tree_bool(true));
    }
    for (size_t i = 0; kept && request->fields[i] && strcmp(request->verb, "measure") != 0; i++) {
        const tend_field *field;
        const char *path;
        tend_status status;

        if (request->path[0] == '\0') {
            bool is_language = strcmp(request->fields[i], "language") == 0;

            checker->has_language |= is_language;
            tend_tree_add(&map, request->fields[i],
                          tend_tree_text(!is_language            ? "2026-03-02"
                                         : checker->reads_korean ? "ko"
                                                                 : "en"));
            continue;
        }
        path = tend_arena_print(checker->arena, "%s.%s", request->path, request->fields[i]);
        status = path ? tend_subject_check(checker->schema, checker->bundle->spec.subject, path, &field, reterr) : TEND_ENOMEM;
        if (status < 0)
            return status;
        tend_tree_add(&map, request->fields[i], likely(field, checker->reads_other, checker->arena));
    }
    if (!kept || tend_tree_end(&map, checker->arena, ret_answer) < 0 || checker->count == TEND_SANDBOX_JOURNAL_MAX)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    *kept = *ret_answer;
    checker->journal[checker->count++] = (tend_journal_step){ request->name, request->verb, kept };
    return TEND_OK;
}

static wait_sort sort_of(const tend_request *request)
{
    if (strcmp(request->verb, "approve") == 0)
        return WAIT_APPROVAL;
    if (strcmp(request->verb, "sleep") == 0)
        return WAIT_SLEEP;
    if (strcmp(request->verb, "child") == 0)
        return WAIT_CHILD;
    if (strcmp(request->verb, "ask") == 0)
        return WAIT_ASK;
    if (strcmp(request->verb, "call") == 0)
        return WAIT_CALL;
    if (strcmp(request->verb, "bulk") == 0)
        return WAIT_BULK;
    if (strcmp(request->verb, "first") == 0)
        return WAIT_FIRST;
    if (strcmp(request->verb, "all") == 0)
        return WAIT_ALL;
    return tend_tree_string(&request->arguments, "done") ? WAIT_TASK : WAIT_EVENT;
}

/* done = "plan" needs a task of that name in this walk. */
static void check_done(script_checker *checker, const tend_request *request)
{
    const char *done = tend_tree_string(&request->arguments, "done"), *names[TEND_SANDBOX_JOURNAL_MAX + 1] = { NULL }, *near;
    char sentence[500];
    size_t count = 0, length;

    for (size_t i = 0; i < checker->count; i++)
        if (strcmp(checker->journal[i].verb, "task") == 0 || strcmp(checker->journal[i].verb, "escalate") == 0)
            names[count++] = checker->journal[i].name;
    if (!done || tend_is_among(done, names))
        return;
    length = (size_t)snprintf(sentence, sizeof sentence, "%s '%.100s': done = '%.100s' names no task", request->verb, request->name,
                              done);
    if (checker_has_said(checker, sentence)) /* of the whole script, as it is written */
        return;
    near = tend_near(done, names);
    (void)snprintf(sentence + length, sizeof sentence - length, " of this run; %s%.100s%s",
                   near ? "did you mean " : "make the task before it, or name another one", near ? near : "", near ? "?" : "");
    checker_say_of_request(checker, request, sentence);
}

/* Of an entry of a list, without what check_list.c says more about. */
static const tend_request *without_ends(script_checker *checker, const tend_request *request)
{
    const tend_tree *map = &request->arguments;
    tend_request *copy = tend_arena_take(checker->arena, sizeof *copy);
    tend_tree_map kept = { 0 };

    if (!copy || !checker->bundle->spec.is_list || map->tag != TEND_TREE_MAP)
        return request;
    for (size_t i = 0; i < map->length; i++)
        if (strncmp(map->keys[i], "if_", 3) != 0 || strcmp(map->keys[i], "if_stopped") == 0)
            tend_tree_add(&kept, map->keys[i], map->items[i]);
    *copy = *request;
    return tend_tree_end(&kept, checker->arena, &copy->arguments) < 0 ? request : copy;
}

/* Of a list, each entry is made once that stands before it. */
static void check_closed(script_checker *checker, const tend_request *request)
{
    static const char *const opening[] = { "approve", "ask", "escalate", "task", NULL };
    const char *step = tend_tree_string(&request->arguments, "step"), *names[TEND_SANDBOX_JOURNAL_MAX + 1] = { NULL }, *near;
    char sentence[400];
    size_t count = 0;

    for (size_t i = 0; i < checker->count; i++)
        if (tend_is_among(checker->journal[i].verb, opening))
            names[count++] = checker->journal[i].name;
    if (!step || tend_is_among(step, names))
        return;
    near = tend_near(step, names);
    (void)snprintf(sentence, sizeof sentence, "close '%.100s': step = '%.100s' names nothing that was opened before; %s%.100s%s",
                   request->name, step, near ? "did you mean " : "write the name of a task, a question or an approval",
                   near ? near : "", near ? "?" : "");
    checker_say_of_request(checker, request, sentence);
}

void checker_request(script_checker *checker, const tend_request *asked)
{
    const tend_request *request = without_ends(checker, asked);
    const tend_tree *map = &request->arguments;
    tend_error why = { 0 };
    bool is_well = true;
    char sentence[1000];

    for (size_t i = 0; tend_verb_known(request->verb) && map->tag == TEND_TREE_MAP && i < map->length; i++) {
        if (tend_argument_check(&checker->context, request->verb, map->keys[i], &map->items[i], &why) >= 0)
            continue;
        (void)snprintf(sentence, sizeof sentence, "%s '%.100s': %.800s", request->verb, request->name, why.text);
        checker_say_of_request(checker, request, sentence);
        is_well = false;
    }
    if (is_well &&
        tend_effect_check(checker->schema, checker->bundle->spec.subject, &checker->bundle->settings, request, &why) < 0) {
        checker_say_of_request(checker, request, why.text);
        return;
    }
    if (strcmp(request->verb, "wait") == 0)
        check_done(checker, request);
    if (strcmp(request->verb, "close") == 0 && checker->bundle->spec.is_list)
        check_closed(checker, request);
    /* Runs of earlier scripts may: what is checked is what begins from now on. */
    if (strcmp(request->verb, "approve") == 0 && !tend_wait_rule(request->verb, map)) {
        (void)snprintf(sentence, sizeof sentence, "approve '%.100s': waits without end; give it within or by", request->name);
        checker_say_of_request(checker, request, sentence);
    }
}

static tend_status take_request(void *self, const tend_request *request, tend_error *reterr)
{
    script_checker *checker = self;

    checker_request(checker, request);
    if (checker->count == TEND_SANDBOX_JOURNAL_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "playbook check: the journal is full");
    checker->waits_for = sort_of(request);
    checker->asked = request->arguments;
    checker->journal[checker->count++] = (tend_journal_step){ request->name, request->verb, &tend_tree_nil };
    return TEND_OK;
}

/* The answer that the script got in this step, or the part of it. */
static const tend_tree *given_answer(const script_checker *checker, const tend_missed *missed)
{
    for (size_t i = 0; i < checker->count; i++) {
        const tend_journal_step *step = &checker->journal[i];

        if (strcmp(step->name, missed->name) != 0 || strcmp(step->verb, missed->verb) != 0)
            continue;
        return missed->part[0] != '\0' ? tend_tree_get(step->answer, missed->part) : step->answer;
    }
    return NULL;
}

/* A made-up answer need not have all that one could have: what no answer of the verb has is a slip. */
static void take_missed(void *self, const tend_missed *missed)
{
    script_checker *checker = self;
    bool is_settings = strcmp(missed->verb, "settings") == 0;
    bool is_part = missed->part[0] != '\0' && (strcmp(missed->verb, "all") == 0 || strcmp(missed->verb, "first") == 0);
    char sentence[1100], line[1200], place[200];
    tend_error why = { 0 };

    (void)snprintf(place, sizeof place, "run.settings.%.150s", missed->field);
    if (is_settings && (strcmp(missed->file, checker->bundle->script.file) != 0 || /* a library serves several scripts */
                        tend_settings_check_name(&checker->bundle->settings, place, missed->field, &why) == TEND_OK))
        return;
    if (is_settings)
        (void)snprintf(sentence, sizeof sentence, "%s", why.text);
    else if (!tend_answer_lacks(is_part ? "part" : missed->verb, missed->field, given_answer(checker, missed), sentence,
                                sizeof sentence))
        return;
    (void)snprintf(line, sizeof line, "%s:%u: %s", missed->file, missed->line, sentence);
    checker_say(checker, line);
}

/* Raised while a list of steps was gone through, it has no line of the script: what was said with one is not said again. */
static void say_raised(script_checker *checker, const char *text)
{
    const char *sentence = strncmp(text, "steps:", 6) == 0 ? strchr(text + 6, ' ') : NULL;
    char line[1200];

    if (!sentence) {
        checker_say(checker, text);
        return;
    }
    for (size_t i = 0; i < SAID_MAX && checker->said[i]; i++)
        if (strlen(checker->said[i]) > strlen(sentence) &&
            strcmp(checker->said[i] + strlen(checker->said[i]) - strlen(sentence), sentence) == 0)
            return;
    (void)snprintf(line, sizeof line, "%s:%u:%s", checker->bundle->path,
                   tend_spec_line(checker->bundle->script.text, "steps", NULL), sentence);
    checker_say(checker, line);
}

static void take_end(script_checker *checker, const tend_move_result *result)
{
    const tend_spec *spec = &checker->bundle->spec;
    char all[400] = "";
    unsigned line;

    if (result->end == TEND_MOVE_FAULT) {
        if (result->fault == TEND_FAULT_SCRIPT || result->fault == TEND_FAULT_TIME)
            say_raised(checker, result->text);
        checker->is_endless |= result->fault == TEND_FAULT_TIME;
        return;
    }
    if (tend_spec_has_outcome(spec, result->text) || (result->text[0] == '\0' && spec->outcome_count == 1))
        return;
    line = tend_spec_line(checker->bundle->script.text, "steps", NULL);
    for (size_t i = 0, used = 0; i < spec->outcome_count && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", spec->outcomes[i]);
    if (result->text[0] == '\0')
        checker_say_at(checker, line, "steps can end without an outcome; return one of: %s", all);
    else
        checker_say_at(checker, line, "steps can return '%s', which is none of the outcomes; return one of: %s", result->text, all);
}

/* Which answer each wait of a walk gets. */
typedef struct walk_plan {
    int pattern; /* 0: the first answer, 1: too late, 2 and 3: by turns; for the waits behind the choices */
    int taken[WALK_CHOICES], possible[WALK_CHOICES];
    int choices; /* how many of them count; 0: the pattern alone */
    int moves;   /* made so far */
} walk_plan;

static int next_answer(walk_plan *plan, int wait, int possible)
{
    bool is_late = plan->pattern == 1 || (plan->pattern == 2 && wait % 2 == 0) || (plan->pattern == 3 && wait % 2 == 1);

    if (wait < WALK_CHOICES && plan->choices >= 0) {
        if (wait >= plan->choices) {
            plan->taken[wait] = 0;
            plan->choices = wait + 1;
        }
        plan->possible[wait] = possible;
        return plan->taken[wait];
    }
    return is_late ? possible - 1 : 0;
}

/* The next combination; false when all have been tried. */
static bool next_combination(walk_plan *plan)
{
    while (plan->choices > 0 && plan->taken[plan->choices - 1] + 1 >= plan->possible[plan->choices - 1])
        plan->choices--;
    if (plan->choices == 0)
        return false;
    plan->taken[plan->choices - 1]++;
    return true;
}

/* One way through the script. */
static tend_status walk(script_checker *checker, tend_sandbox *sandbox, uint32_t slot, walk_plan *plan, tend_error *reterr)
{
    tend_move_handler handler = { .request = take_request, .read = answer_read, .missed = take_missed, .self = checker };
    tend_tree_map map = { 0 };
    tend_move_result result = { 0 };
    tend_tree event;
    tend_status status = TEND_OK;

    tend_tree_add(&map, "sequence", tend_tree_int(1));
    tend_tree_add(&map, "topic", tend_tree_text("check"));
    if (tend_tree_end(&map, checker->arena, &event) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    checker->count = 0;
    for (int wait = 0; wait < WALK_WAITS && status == TEND_OK; wait++) {
        tend_move move = { .slot = slot,
                           .run = 1,
                           .subject = checker->bundle->spec.subject->name,
                           .settings = &checker->bundle->settings,
                           .event = &event,
                           .journal = checker->journal,
                           .count = checker->count };

        plan->moves++;
        status = tend_sandbox_move(sandbox, &move, &handler, checker->arena, &result, reterr);
        if (status < 0)
            break;
        if (result.end != TEND_MOVE_WAITING) {
            take_end(checker, &result);
            break;
        }
        status = checker_answer(checker, next_answer(plan, wait, checker_answer_count(checker)),
                                &checker->journal[checker->count - 1].answer);
    }
    return status;
}

static bool can_go_on(const script_checker *checker, const tend_sandbox *sandbox)
{
    return !checker->is_endless && tend_sandbox_has(sandbox, 1);
}

/* A few patterns to the very end, then the combinations of answers to the first waits as far as the moves reach. */
static tend_status walk_all(script_checker *checker, tend_sandbox *sandbox, tend_error *reterr)
{
    walk_plan plan = { .pattern = 0 };
    tend_status status = TEND_OK;

    for (int which = 0; which < 4 && status == TEND_OK && can_go_on(checker, sandbox); which++) {
        plan = (walk_plan){ .pattern = which, .choices = -1 };
        status = walk(checker, sandbox, 1, &plan, reterr);
    }
    plan = (walk_plan){ .pattern = 1 };
    do
        if (status == TEND_OK && can_go_on(checker, sandbox))
            status = walk(checker, sandbox, 1, &plan, reterr);
    while (status == TEND_OK && can_go_on(checker, sandbox) && plan.moves < WALK_MOVES && next_combination(&plan));
    return status;
}

/* on_stop, with something left open and with nothing. */
static tend_status walk_stop(script_checker *checker, tend_sandbox *sandbox, bool has_left, tend_error *reterr)
{
    tend_move_handler handler = { .request = take_request, .read = answer_read, .missed = take_missed, .self = checker };
    tend_tree_map map = { 0 }, row = { 0 };
    tend_move_result result = { 0 };
    tend_tree event, item = tend_tree_nil, left = tend_tree_nil;
    tend_move move = { .slot = 1,
                       .run = 1,
                       .subject = checker->bundle->spec.subject->name,
                       .settings = &checker->bundle->settings,
                       .event = &event,
                       .journal = checker->journal };
    tend_status status;

    tend_tree_add(&row, "id", tend_tree_int(1));
    tend_tree_add(&row, "kind", tend_tree_text("task"));
    tend_tree_add(&row, "step", tend_tree_text("text"));
    tend_tree_add(&row, "title", tend_tree_text("text"));
    if (has_left && tend_tree_end(&row, checker->arena, &item) == TEND_OK)
        left = (tend_tree){ .tag = TEND_TREE_LIST, .length = 1, .items = &item };
    tend_tree_add(&map, "left", left);
    tend_tree_add(&map, "stop", tend_tree_bool(true));
    if (tend_tree_end(&map, checker->arena, &event) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    checker->count = 0;
    status = tend_sandbox_move(sandbox, &move, &handler, checker->arena, &result, reterr);
    if (status == TEND_OK && result.end == TEND_MOVE_FAULT && result.fault == TEND_FAULT_SCRIPT)
        checker_say(checker, result.text);
    return status;
}

/* With the settings as they stand in the bundle; what is read has one value, then another, and so in each language that is asked
 * for. */
tend_status checker_walk(script_checker *checker, tend_sandbox *sandbox, tend_error *reterr)
{
    tend_status status = walk_all(checker, sandbox, reterr);

    checker->reads_other = true;
    if (status == TEND_OK && checker->has_read)
        status = walk_all(checker, sandbox, reterr);
    checker->reads_korean = true;
    for (int is_other = 0; is_other < 2 && checker->has_language; is_other++) {
        checker->reads_other = is_other != 0;
        if (status == TEND_OK && (is_other == 0 || checker->has_read))
            status = walk_all(checker, sandbox, reterr);
    }
    for (int has_left = 0; has_left < 2 && checker->bundle->spec.has_on_stop; has_left++)
        if (status == TEND_OK && can_go_on(checker, sandbox))
            status = walk_stop(checker, sandbox, has_left != 0, reterr);
    return status;
}
