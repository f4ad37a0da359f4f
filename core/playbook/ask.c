/* ask.c: what is asked of people: decisions are approvals, questions are tasks with choices. */
#include "playbook/ask.h"
#include "playbook/draft.h"

#include <string.h>

size_t ask_roles(const tend_tree *arguments, const char *ret_roles[ASKED_MAX])
{
    static const char *const keys[] = { "by", "to" };
    size_t count = 0;

    for (size_t i = 0; i < 2 && count == 0; i++) {
        const tend_tree *named = tend_tree_get(arguments, keys[i]);

        if (named && named->tag == TEND_TREE_TEXT)
            ret_roles[count++] = named->text;
        for (size_t k = 0; named && named->tag == TEND_TREE_LIST && k < named->length && count < ASKED_MAX; k++)
            if (named->items[k].tag == TEND_TREE_TEXT)
                ret_roles[count++] = named->items[k].text;
    }
    if (count == 0)
        ret_roles[count++] = "owner.manager";
    return count;
}

int64_t ask_needed(const tend_tree *arguments)
{
    const char *roles[ASKED_MAX];

    return tend_tree_number(arguments, "n_of", (int64_t)ask_roles(arguments, roles));
}

const tend_tree *ask_rule(const tend_tree *arguments)
{
    static const char *const keys[] = { "within", "expires", "by" };

    for (size_t i = 0; i < 3; i++) {
        const tend_tree *rule = tend_tree_get(arguments, keys[i]);

        if (rule && rule->tag == TEND_TREE_MAP)
            return rule;
    }
    return NULL;
}

/* The name of the step that asks, without the part. */
static const char *step_name(const tend_subject *subject, const tend_step *step)
{
    return tend_arena_copy(subject->arena, step->name, strcspn(step->name, "/"));
}

tend_status ask_approval(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                         const tend_step *step, const char *role, tend_date by, int64_t *ret_row, tend_error *reterr)
{
    draft_row writer = { .kind = tend_schema_kind(subject->world.schema, TEND_KIND_APPROVAL) };
    const char *title = NULL, *reason = NULL, *why = "";
    int64_t user = 0;
    tend_status status = tend_role_find(subject, role, &user, &why, reterr);

    if (status == TEND_OK)
        status = tend_words_fill(subject, settings, &step->arguments, "title", user, &title, reterr);
    if (status == TEND_OK)
        status = tend_words_fill(subject, settings, &step->arguments, "reason", user, &reason, reterr);
    if (status < 0)
        return status;
    draft_subject(&writer, subject);
    draft_text(&writer, "title", title);
    draft_text(&writer, "reason", tend_arena_print(subject->arena, "%s%s%s", reason ? reason : "", reason ? "; " : "", why));
    draft_text(&writer, "status", "open");
    draft_text(&writer, "step", step_name(subject, step));
    draft_number(&writer, "run", TEND_INT, run->id);
    if (user != 0)
        draft_number(&writer, "asked_of", TEND_REF, user);
    if (by != TEND_NO_DATE)
        draft_number(&writer, "due_on", TEND_DATE, by);
    return draft_put(subject, origin, &writer, 0, ret_row, reterr);
}

/* "yes | no" */
static const char *join_choices(tend_arena *arena, const tend_tree *choices)
{
    const char *joined = "";

    for (size_t i = 0; joined && i < choices->length; i++)
        joined = tend_arena_print(arena, "%s%s%s", joined, i > 0 ? " | " : "", choices->items[i].text);
    return joined;
}

tend_status ask_question(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                         const tend_step *step, tend_date by, int64_t *ret_row, tend_error *reterr)
{
    draft_row writer = { .kind = tend_schema_kind(subject->world.schema, TEND_KIND_TASK) };
    const char *role = tend_tree_string(&step->arguments, "of"), *title = NULL, *why = "", *key, *language = "en";
    const char *choices = join_choices(subject->arena, tend_tree_get(&step->arguments, "choices"));
    int64_t user = 0;
    tend_status status = tend_role_find(subject, role ? role : "owner", &user, &why, reterr);

    if (!role)
        role = "owner";
    if (status == TEND_OK)
        status = tend_words_language(subject, user, &language, reterr);
    if (status == TEND_OK)
        status = tend_words_fill(subject, settings, &step->arguments, "question", user, &title, reterr);
    if (status < 0)
        return status;
    key =
        tend_arena_print(subject->arena, "%s/%s %lld/%s", run->playbook, subject->kind->name, (long long)subject->row, step->name);
    draft_subject(&writer, subject);
    draft_text(&writer, "title", title);
    draft_text(&writer, "reason",
               tend_arena_print(subject->arena,
                                strcmp(language, "ko") == 0 ? "다음 중 하나로 답하세요: %s; %s" : "answer with one of %s; %s",
                                choices, why));
    draft_text(&writer, "status", "open");
    draft_text(&writer, "role", role);
    draft_text(&writer, "priority", "normal");
    draft_text(&writer, "type", "question");
    draft_text(&writer, "choices", choices);
    draft_text(&writer, "playbook", run->playbook);
    draft_text(&writer, "step", step_name(subject, step));
    draft_text(&writer, "dedupe_key", key);
    draft_number(&writer, "run", TEND_INT, run->id);
    if (user != 0)
        draft_number(&writer, "assignee", TEND_REF, user);
    if (by != TEND_NO_DATE)
        draft_number(&writer, "due_on", TEND_DATE, by);
    return draft_put(subject, origin, &writer, 0, ret_row, reterr);
}

tend_status ask_close(tend_playbooks *playbooks, const char *playbook, int64_t kind, int64_t row, const char *status_word,
                      const char *why, tend_error *reterr)
{
    draft_row writer = { .kind = tend_schema_kind(playbooks->schema, (tend_kind)kind) };
    tend_principal principal = tend_principal_of(playbooks, playbook);
    tend_origin origin = { .principal = &principal };
    tend_subject subject = { .playbooks = playbooks, .principal = &principal };

    draft_text(&writer, "status", status_word);
    if (kind == TEND_KIND_TASK)
        draft_text(&writer, "outcome", why);
    return draft_put(&subject, &origin, &writer, row, &row, reterr);
}
