/* pretend_answer.c: what a run asked for is answered: tasks, questions, decisions, calls of a connector; and a run is stopped. */
#include "engine/pretend_inside.h"

#include "outbox/outbox.h"
#include <string.h>

/* One field as a table of fields. */
static tend_status as_fields(tend_pretend *pretend, const char *key, const char *text, tend_tree *ret_map, tend_error *reterr)
{
    tend_tree_map map = { 0 };

    tend_tree_add(&map, key, tend_tree_text(text));
    return tend_tree_end(&map, pretend->scratch, ret_map) < 0 ? pretend_no_memory(reterr) : TEND_OK;
}

/* What a question may be answered with, "yes | no"; NULL: the task is none. */
static tend_status read_choices(tend_pretend *pretend, int64_t task, const char **ret_choices, tend_error *reterr)
{
    tend_world world = tend_world_live(tend_workspace_model(pretend->workspace));
    const tend_value *choices;
    tend_row row;
    tend_status status = tend_read(&world, &pretend->principal, TEND_KIND_TASK, task, pretend->scratch, &row, reterr);

    *ret_choices = NULL;
    if (status < 0)
        return status;
    choices = &row.values[tend_schema_field(row.kind, "choices")];
    if (choices->type == TEND_TEXT)
        *ret_choices = choices->text;
    return TEND_OK;
}

static bool is_choice(const char *choices, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = choices; at; at = strchr(at, '|')) {
        at += strspn(at, "| ");
        if (strncmp(at, word, length) == 0 && (at[length] == '\0' || strncmp(at + length, " |", 2) == 0))
            return true;
    }
    return false;
}

/* world:answer(question, "yes"), world:answer(task), world:answer(task, "cancelled"), world:answer(approval, { comment = "…" }):
 * a word is the choice of a question, else the status; fields may stand in its place. */
static tend_status answer_row(tend_pretend *pretend, const tend_kind_schema *kind, int64_t id, const tend_tree *said,
                              tend_error *reterr)
{
    const char *word = said->tag == TEND_TREE_TEXT ? said->text : NULL, *choices = NULL, *outcome;
    tend_tree first = tend_tree_nil, second = *said;
    bool is_task = kind->kind == TEND_KIND_TASK;
    tend_status status = is_task ? read_choices(pretend, id, &choices, reterr) : TEND_OK;

    if (status < 0)
        return status;
    outcome = word && choices && !tend_field_allows(&kind->fields[kind->status_field], word, strlen(word))
                  ? word
                  : tend_tree_string(said, "outcome");
    if (choices && (said->tag == TEND_TREE_NIL || (outcome && !is_choice(choices, outcome))))
        return tend_fail(reterr, TEND_EINVAL, "world:answer: '%s' is none of the choices; write one of %s", outcome ? outcome : "",
                         choices);
    if (outcome && outcome == word)
        status = as_fields(pretend, "outcome", word, &second, reterr);
    if (status >= 0 && !(said->tag == TEND_TREE_MAP && tend_tree_get(said, "status")))
        status = as_fields(pretend, "status", word && outcome != word ? word : is_task ? "done" : "approved", &first, reterr);
    return status < 0 ? status : pretend_change(pretend, kind, id, &first, &second, reterr);
}

/* world:answer(call): the sink has taken it; world:answer(call, "why"): it is refused for good. */
static tend_status answer_call(tend_pretend *pretend, int64_t id, const tend_tree *said, tend_error *reterr)
{
    if (said->tag != TEND_TREE_NIL && said->tag != TEND_TREE_TEXT)
        return tend_fail(reterr, TEND_EINVAL,
                         "world:answer: a call is taken, world:answer(call), or refused with a reason, "
                         "world:answer(call, \"no such case\")");
    return tend_outbox_settle(tend_workspace_model(pretend->workspace), id, said->tag == TEND_TREE_TEXT ? said->text : NULL,
                              reterr);
}

tend_status pretend_answer(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const tend_tree *said = call->count > 1 ? &call->arguments[1] : &tend_tree_nil;
    const char *noun = call->count > 0 ? tend_tree_string(&call->arguments[0], "kind") : NULL;
    const tend_kind_schema *kind;
    int64_t id;
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    if (status >= 0 && noun && strcmp(noun, "call") == 0) {
        status = answer_call(pretend, tend_tree_number(&call->arguments[0], "id", 0), said, reterr);
        return status < 0 ? status : pretend_settle(pretend, reterr);
    }
    if (status >= 0)
        status = pretend_take_row(pretend, call, 0, &kind, &id, reterr);
    if (status < 0)
        return status;
    if (kind->kind != TEND_KIND_TASK && kind->kind != TEND_KIND_APPROVAL)
        return tend_fail(reterr, TEND_EINVAL, "world:answer: answers a task, an approval or a call; a %s is changed by world:set",
                         kind->name);
    status = answer_row(pretend, kind, id, said, reterr);
    return status < 0 ? status : pretend_settle(pretend, reterr);
}

/* world:stop(run, "why"): somebody cancels it. */
tend_status pretend_stop(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const char *noun = call->count > 0 ? tend_tree_string(&call->arguments[0], "kind") : NULL;
    const char *why = call->count > 1 && call->arguments[1].tag == TEND_TREE_TEXT ? call->arguments[1].text : "somebody stopped it";
    tend_playbooks *playbooks;
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    if (status >= 0 && (!noun || strcmp(noun, "run") != 0))
        status = tend_fail(reterr, TEND_EINVAL, "world:stop: stops a run, world:stop(world:expect_run { … }, \"why\")");
    if (status >= 0)
        status = tend_workspace_playbooks(pretend->workspace, &playbooks, reterr);
    if (status >= 0)
        status = tend_run_cancel(playbooks, tend_tree_number(&call->arguments[0], "id", 0), why, reterr);
    return status < 0 ? status : pretend_settle(pretend, reterr);
}
