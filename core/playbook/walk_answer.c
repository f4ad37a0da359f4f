/* walk_answer.c: the made-up answers of a walk. */
#include "playbook/checker.h"

#include <string.h>

static const int plain_answers[] = {
    [WAIT_SLEEP] = 1, [WAIT_EVENT] = 2, [WAIT_TASK] = 3, [WAIT_APPROVAL] = 3, [WAIT_CALL] = 3, [WAIT_BULK] = 1
};

/* What the child that is waited for can come to; where its script is not there, any text. */
static size_t child_outcomes(script_checker *checker, const char *const **ret_outcomes)
{
    static const char *const unknown[] = { "text", NULL };
    const char *playbook = tend_tree_string(&checker->asked, "playbook");
    const char *const *outcomes = playbook ? checker_outcomes(checker, playbook) : NULL;
    size_t count = 0;

    *ret_outcomes = outcomes ? outcomes : unknown;
    while ((*ret_outcomes)[count])
        count++;
    return count;
}

int checker_answer_count(script_checker *checker)
{
    const char *const *outcomes;
    const tend_tree *choices = tend_tree_get(&checker->asked, "choices");

    switch (checker->waits_for) {
    case WAIT_ASK:
        return choices && choices->tag == TEND_TREE_LIST ? (int)choices->length + 2 : 2;
    case WAIT_FIRST:
        return checker->asked.tag == TEND_TREE_MAP ? (int)checker->asked.length + 1 : 1;
    case WAIT_ALL:
        return 2;
    case WAIT_CHILD: /* each outcome, stopped, not started, too late */
        return (int)child_outcomes(checker, &outcomes) + 3;
    default:
        return plain_answers[checker->waits_for];
    }
}

static tend_tree small_answer(script_checker *checker, const char *key, bool is_true)
{
    tend_tree_map map = { 0 };
    tend_tree tree = tend_tree_nil;

    tend_tree_add(&map, key, tend_tree_bool(is_true));
    return tend_tree_end(&map, checker->arena, &tree) < 0 ? tend_tree_nil : tree;
}

/* Of all and first: the part number `which` came; past the last nothing did. */
static tend_status make_parts(script_checker *checker, int which, bool is_late, tend_tree *ret_answer)
{
    const tend_tree *parts = &checker->asked;
    bool is_first = checker->waits_for == WAIT_FIRST;
    tend_tree_map map = { 0 };
    size_t i = 0;

    for (int part = 0; part < 3; part++) {
        static const char *const own[] = { "timed_out", "which", NULL };

        for (; parts->tag == TEND_TREE_MAP && i < parts->length && (!own[part] || strcmp(parts->keys[i], own[part]) < 0); i++)
            tend_tree_add(&map, parts->keys[i],
                          is_first && !is_late && (int)i != which ? small_answer(checker, "closed", true)
                                                                  : small_answer(checker, "timed_out", is_late));
        if (part == 0)
            tend_tree_add(&map, "timed_out", tend_tree_bool(is_late));
        if (part == 1 && is_first && !is_late)
            tend_tree_add(&map, "which", tend_tree_text(parts->keys[which]));
    }
    return tend_tree_end(&map, checker->arena, ret_answer);
}

static tend_status make_choice(script_checker *checker, int which, bool is_late, tend_tree *ret_answer)
{
    const tend_tree *choices = tend_tree_get(&checker->asked, "choices");
    bool is_choice = choices && choices->tag == TEND_TREE_LIST && which < (int)choices->length;
    tend_tree_map map = { 0 };

    tend_tree_add(&map, "cancelled", tend_tree_bool(!is_choice && !is_late));
    if (is_choice)
        tend_tree_add(&map, "choice", choices->items[which]);
    tend_tree_add(&map, "timed_out", tend_tree_bool(is_late));
    return tend_tree_end(&map, checker->arena, ret_answer);
}

static tend_status make_child(script_checker *checker, int which, tend_tree *ret_answer)
{
    const char *const *outcomes;
    int count = (int)child_outcomes(checker, &outcomes);
    bool is_stopped = which == count, is_refused = which == count + 1;
    tend_tree_map map = { 0 };

    if (which < count)
        tend_tree_add(&map, "outcome", tend_tree_text(outcomes[which]));
    if (which <= count)
        tend_tree_add(&map, "run", tend_tree_int(2));
    tend_tree_add(&map, "started", tend_tree_bool(!is_refused));
    tend_tree_add(&map, "stopped", tend_tree_bool(is_stopped));
    tend_tree_add(&map, "timed_out", tend_tree_bool(which == count + 2));
    if (is_stopped || is_refused)
        tend_tree_add(&map, "why", tend_tree_text("text"));
    return tend_tree_end(&map, checker->arena, ret_answer);
}

tend_status checker_answer(script_checker *checker, int which, const tend_tree **ret_answer)
{
    tend_tree *answer = tend_arena_take(checker->arena, sizeof *answer);
    wait_sort sort = checker->waits_for;
    bool is_late = sort != WAIT_SLEEP && sort != WAIT_BULK && which == checker_answer_count(checker) - 1;
    tend_tree_map map = { 0 };

    *ret_answer = answer;
    if (answer && (sort == WAIT_FIRST || sort == WAIT_ALL))
        return make_parts(checker, which, is_late, answer);
    if (answer && sort == WAIT_ASK)
        return make_choice(checker, which, is_late, answer);
    if (answer && sort == WAIT_CHILD)
        return make_child(checker, which, answer);

    if (sort == WAIT_APPROVAL)
        tend_tree_add(&map, "approvals", tend_tree_int(which == 0));
    if (sort == WAIT_APPROVAL)
        tend_tree_add(&map, "approved", tend_tree_bool(which == 0));
    if (sort == WAIT_BULK)
        tend_tree_add(&map, "at_work", tend_tree_int(1));
    if (sort == WAIT_TASK && !is_late)
        tend_tree_add(&map, "cancelled", tend_tree_bool(which == 1));
    if (sort == WAIT_APPROVAL && !is_late)
        tend_tree_add(&map, "comment", tend_tree_text("text"));
    if (sort == WAIT_CALL && !is_late)
        tend_tree_add(&map, "done", tend_tree_bool(which == 0));
    if (sort == WAIT_CALL && which == 1)
        tend_tree_add(&map, "error", tend_tree_text("text"));
    if (sort == WAIT_EVENT && !is_late)
        tend_tree_add(&map, "event", tend_tree_text("check"));
    if (sort == WAIT_BULK)
        tend_tree_add(&map, "left", tend_tree_int(1));
    if (sort == WAIT_BULK)
        tend_tree_add(&map, "matched", tend_tree_int(3));
    if (sort == WAIT_TASK && !is_late)
        tend_tree_add(&map, "outcome", tend_tree_text("text"));
    if (sort == WAIT_EVENT && !is_late)
        tend_tree_add(&map, "sequence", tend_tree_int(1));
    if (sort == WAIT_BULK)
        tend_tree_add(&map, "started", tend_tree_int(1));
    tend_tree_add(&map, "timed_out", tend_tree_bool(is_late));
    return answer ? tend_tree_end(&map, checker->arena, answer) : TEND_ENOMEM;
}
