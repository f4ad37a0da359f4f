/* child.c: run:child: a run of another playbook that this one asks for, and waits for or not. */
#include "playbook/inside.h"

#include <string.h>

/* The row that the child is about: the same one, its account, or the one that the script names, which must be of the same account.
 */
static tend_status find_row(const tend_subject *subject, const tend_playbook *child, const tend_step *step, int64_t *ret_row,
                            tend_error *reterr)
{
    const tend_kind_schema *kind = child->bundle->spec.subject;
    tend_subject other = *subject;
    int64_t named = tend_tree_number(&step->arguments, "row", 0);
    tend_status status;

    *ret_row = named;
    if (named == 0 && kind->kind == subject->kind->kind)
        *ret_row = subject->row;
    else if (named == 0 && kind->kind == TEND_KIND_ACCOUNT)
        *ret_row = subject->account;
    if (*ret_row == 0)
        return tend_fail(reterr, TEND_EINVAL, "child '%s': playbook %s is about a %s; name one: row = run.… ", step->name,
                         child->name, kind->name);
    if (named == 0)
        return TEND_OK;
    other.kind = kind;
    other.row = named;
    other.account = 0;
    status = tend_subject_account(&other, reterr);
    if (status == TEND_OK && other.account != subject->account)
        return tend_fail(reterr, TEND_EINVAL, "child '%s': %s %lld is of another account", step->name, kind->name,
                         (long long)named);
    return status;
}

tend_status tend_child_ask(const tend_subject *subject, const tend_run *run, const tend_step *step, bool *ret_answered,
                           tend_error *reterr)
{
    const char *name = tend_tree_string(&step->arguments, "playbook");
    const char *if_stopped = tend_tree_string(&step->arguments, "if_stopped");
    const tend_tree *wait = tend_tree_get(&step->arguments, "wait");
    const tend_playbook *child = tend_playbook_at_work(subject->playbooks, name);
    tend_start start = {
        .cause = run->moved_by, .parent = run->id, .step = step->name, .args = tend_tree_get(&step->arguments, "args")
    };
    tend_tree_map map = { 0 };
    tend_tree answer;
    int64_t sequence;
    tend_status status;

    *ret_answered = wait && wait->tag == TEND_TREE_FALSE;
    if (!child)
        return tend_fail(reterr, TEND_ENOTFOUND, "child '%s': playbook %s is not at work; enable [playbook.%s], then retry",
                         step->name, name, name);
    start.leaves = if_stopped ? strcmp(if_stopped, "leave") == 0 : *ret_answered;
    start.why =
        tend_arena_print(subject->arena, "asked for by run %lld of %s, step '%s'", (long long)run->id, run->playbook, step->name);
    status = find_row(subject, child, step, &start.row, reterr);
    if (status == TEND_OK)
        status = tend_start_tell(subject->playbooks, child, &start, &sequence, reterr);
    if (status < 0 || !*ret_answered)
        return status;
    tend_tree_add(&map, "event", tend_tree_text(tend_arena_print(subject->arena, "start.%s", name)));
    tend_tree_add(&map, "sequence", tend_tree_int(sequence));
    tend_tree_add(&map, "timed_out", tend_tree_bool(false));
    if (tend_tree_end(&map, subject->arena, &answer) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return tend_wait_answer(subject->playbooks, run->id, step->name, "answered", &answer, sequence, reterr);
}
