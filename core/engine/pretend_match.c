/* pretend_match.c: whether something is what a test expects, and the sentence that says how it is not. */
#include "engine/pretend_inside.h"

#include "base/near.h"
#include <string.h>

enum { NEAREST = 5, SENTENCE = 950 };

void pretend_candidates_add(pretend_candidates *list, pretend_candidate *candidate)
{
    *list->end = candidate;
    list->end = &candidate->next;
    list->count++;
}

const char *pretend_show(tend_pretend *pretend, const tend_tree *value)
{
    const char *shown = NULL;

    if (value->tag == TEND_TREE_NIL)
        shown = "not known";
    else if (value->tag == TEND_TREE_TEXT)
        shown = tend_arena_print(pretend->scratch, "'%.300s'", value->text);
    else if (value->tag == TEND_TREE_MAP && tend_tree_string(value, "has"))
        shown = tend_arena_print(pretend->scratch, "one with '%.200s'", tend_tree_string(value, "has"));
    else if (value->tag == TEND_TREE_MAP && tend_tree_string(value, "kind"))
        shown = tend_arena_print(pretend->scratch, "%s %lld", tend_tree_string(value, "kind"),
                                 (long long)tend_tree_number(value, "id", 0));
    else
        shown = tend_tree_show(value, pretend->scratch);
    return shown ? shown : "?";
}

static bool is_number(const tend_tree *tree)
{
    return tree->tag == TEND_TREE_INT || tree->tag == TEND_TREE_NUMBER;
}

static double number_of(const tend_tree *tree)
{
    return tree->tag == TEND_TREE_INT ? (double)tree->integer : tree->number;
}

bool pretend_same(const tend_tree *wanted, const tend_tree *value, const char *name)
{
    const char *part = tend_tree_string(wanted, "has");

    if (wanted->tag == TEND_TREE_FALSE && value->tag == TEND_TREE_NIL)
        return true;
    if (part && wanted->length == 1)
        return (value->tag == TEND_TREE_TEXT && strstr(value->text, part)) || (name && strstr(name, part));
    if (wanted->tag == TEND_TREE_TEXT && name)
        return strcmp(wanted->text, name) == 0;
    if (wanted->tag == TEND_TREE_MAP && tend_tree_string(wanted, "kind") && value->tag == TEND_TREE_INT)
        return tend_tree_number(wanted, "id", 0) == value->integer;
    if (is_number(wanted) && is_number(value))
        return wanted->tag == TEND_TREE_INT && value->tag == TEND_TREE_INT ? wanted->integer == value->integer
                                                                           : number_of(wanted) == number_of(value);
    if (wanted->tag != value->tag || wanted->length != value->length)
        return false;
    if (wanted->tag == TEND_TREE_TEXT)
        return strcmp(wanted->text, value->text) == 0;
    for (size_t i = 0; (wanted->tag == TEND_TREE_LIST || wanted->tag == TEND_TREE_MAP) && i < wanted->length; i++)
        if ((wanted->keys && strcmp(wanted->keys[i], value->keys[i]) != 0) ||
            !pretend_same(&wanted->items[i], &value->items[i], NULL))
            return false;
    return true;
}

static size_t key_of(const pretend_candidate *candidate, const char *key)
{
    size_t k = 0;

    while (k < candidate->count && strcmp(candidate->keys[k], key) != 0)
        k++;
    return k;
}

/* How many of the wanted keys it has otherwise. */
static size_t count_differences(const pretend_candidate *candidate, const tend_tree *wanted)
{
    size_t differences = 0;

    for (size_t i = 0; wanted && i < wanted->length; i++) {
        size_t k = key_of(candidate, wanted->keys[i]);

        differences += k == candidate->count ||
                       !pretend_same(&wanted->items[i], &candidate->values[k], candidate->names ? candidate->names[k] : NULL);
    }
    return differences;
}

static tend_status check_keys(const pretend_candidates *list, const tend_tree *wanted, tend_error *reterr)
{
    for (size_t i = 0; wanted && i < wanted->length; i++) {
        size_t k = 0;
        const char *near;

        while (list->keys[k] && strcmp(list->keys[k], wanted->keys[i]) != 0)
            k++;
        if (list->keys[k])
            continue;
        near = tend_near(wanted->keys[i], list->keys);
        return tend_fail(reterr, TEND_EINVAL, "%s has nothing called '%s'%s%s%s", list->noun, wanted->keys[i],
                         near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return TEND_OK;
}

tend_status pretend_match(tend_pretend *pretend, const pretend_candidates *list, const tend_tree *wanted,
                          const pretend_candidate **ret_first, size_t *ret_count, tend_error *reterr)
{
    tend_status status = check_keys(list, wanted, reterr);

    (void)pretend;
    *ret_first = NULL;
    *ret_count = 0;
    for (const pretend_candidate *candidate = list->first; candidate && status >= 0; candidate = candidate->next)
        if (count_differences(candidate, wanted) == 0) {
            *ret_count += 1;
            *ret_first = *ret_first ? *ret_first : candidate;
        }
    return status;
}

static void say_wanted(tend_pretend *pretend, const tend_tree *wanted, tend_buffer *out)
{
    for (size_t i = 0; wanted && i < wanted->length; i++)
        tend_buffer_print(out, "%s%s %s",
                          i == 0                    ? " with "
                          : i + 1 == wanted->length ? " and "
                                                    : ", ",
                          wanted->keys[i], pretend_show(pretend, &wanted->items[i]));
}

/* "task 3 'Call Acme' (due_on '2026-03-12')" */
static void say_candidate(tend_pretend *pretend, const pretend_candidate *candidate, const tend_tree *wanted, tend_buffer *out)
{
    size_t said = 0;

    tend_buffer_text(out, candidate->label);
    for (size_t i = 0; wanted && i < wanted->length; i++) {
        size_t k = key_of(candidate, wanted->keys[i]);
        const tend_tree *value = k < candidate->count ? &candidate->values[k] : &tend_tree_nil;
        const char *name = candidate->names && k < candidate->count ? candidate->names[k] : NULL;

        if (pretend_same(&wanted->items[i], value, name))
            continue;
        tend_buffer_print(out, "%s%s ", said++ == 0 ? " (" : ", ", wanted->keys[i]);
        if (name)
            tend_buffer_print(out, "'%.100s'", name);
        else
            tend_buffer_text(out, pretend_show(pretend, value));
    }
    tend_buffer_text(out, said > 0 ? ")" : "");
}

tend_status pretend_mismatch(tend_pretend *pretend, const pretend_candidates *list, const tend_tree *wanted, const char *expected,
                             tend_error *reterr)
{
    tend_buffer out = { 0 };
    size_t said = 0, most = wanted ? wanted->length : 0;
    tend_status status;

    tend_buffer_print(&out, "expected %s", expected);
    say_wanted(pretend, wanted, &out);
    tend_buffer_text(&out, list->count == 0 ? "; there is none" : "; there is ");
    for (size_t differences = 0; differences <= most; differences++)
        for (const pretend_candidate *candidate = list->first; candidate; candidate = candidate->next) {
            if (count_differences(candidate, wanted) != differences || said == NEAREST || out.length > SENTENCE)
                continue;
            tend_buffer_text(&out, said++ == 0 ? "" : "; ");
            say_candidate(pretend, candidate, wanted, &out);
        }
    if (list->count > said)
        tend_buffer_print(&out, "; and %zu more", list->count - said);
    status = tend_fail(reterr, TEND_EINVAL, "%s", tend_buffer_string(&out));
    tend_buffer_clear(&out);
    return status;
}
