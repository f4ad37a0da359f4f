/* filter_explain.c: every comparison that made a filter come out as it did: field, value, what was wanted. */
#include "model/filter_internal.h"

#include <string.h>

typedef struct collector {
    filter_run *run;
    const tend_principal *reader; /* who is told */
    tend_arena *arena;
    const char *segment; /* whose condition is being looked at; NULL: the filter's own */
    tend_filter_reason *reasons;
    size_t count, room;
} collector;

static tend_status add(collector *list, const tend_filter_reason *reason)
{
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 8;
        tend_filter_reason *more = tend_arena_take(list->arena, room * sizeof *more);

        if (!more)
            return tend_fail(list->run->reterr, TEND_ENOMEM, "filter: memory is used up");
        if (list->count > 0)
            memcpy(more, list->reasons, list->count * sizeof *more);
        list->reasons = more;
        list->room = room;
    }
    list->reasons[list->count++] = *reason;
    return TEND_OK;
}

/* "key, growth": the segments that the account is in. */
static tend_status name_segments(collector *list, const tend_filter *filter, int64_t account, const char **ret_names)
{
    tend_status status = TEND_OK;

    *ret_names = NULL;
    for (size_t i = 0; status == TEND_OK && i < filter->segments->count; i++) {
        const char *name = filter->segments->segments[i].name;
        filter_truth is_in = IS_FALSE;

        status = filter_in_segment(list->run, filter, account, (int)i, &is_in);
        if (status == TEND_OK && is_in == IS_TRUE)
            *ret_names = *ret_names ? tend_arena_print(list->arena, "%s, %s", *ret_names, name) : name;
    }
    if (!*ret_names)
        *ret_names = "none";
    return status;
}

static tend_status collect(collector *list, const tend_filter *filter, const filter_node *node, const tend_row *subject,
                           bool is_negated);

/* Why the account is in none of the segments that were wanted. */
static tend_status open_segments(collector *list, const tend_filter *filter, const filter_test *test, int64_t account)
{
    const char *outer = list->segment;
    const tend_row *row = NULL;
    tend_status status = filter_read_row(list->run, TEND_KIND_ACCOUNT, account, &row);

    for (size_t i = 0; status == TEND_OK && row && i < test->count; i++) {
        const filter_segment *segment = &filter->segments->segments[test->literals[i].value.integer];

        list->segment = segment->name;
        status = collect(list, segment->filter, segment->filter->root, row, false);
    }
    list->segment = outer;
    return status;
}

static tend_status collect_test(collector *list, const tend_filter *filter, const filter_test *test, const tend_row *subject,
                                bool is_negated)
{
    bool is_segment = test->path.final == FINAL_SEGMENT;
    size_t length = strcspn(test->text, " \t\n\r=<>!");
    const char *rest = test->text + length + strspn(test->text + length, " \t\n\r");
    tend_filter_reason reason = { .segment = list->segment, .field = tend_arena_copy(list->arena, test->text, length) };
    filter_actual actual = { 0 };
    filter_truth truth = IS_UNKNOWN;
    const char *words;
    tend_status status = filter_test_row(list->run, filter, test, subject, &actual, &truth);

    if (status < 0)
        return status;
    reason.wanted = is_negated ? tend_arena_print(list->arena, "not %s", rest) : tend_arena_string(list->arena, rest);
    if (is_segment && actual.value.type != TEND_NULL)
        status = name_segments(list, filter, actual.value.integer, &reason.value);
    else if (test->path.final == FINAL_FIELD && !tend_access_field(list->reader, test->path.kind, test->path.field))
        reason.value = "hidden";
    else if ((words = filter_actual_words(list->run, test, &actual)) != NULL)
        reason.value = tend_arena_string(list->arena, words);
    if (actual.why && truth == IS_UNKNOWN)
        reason.why = tend_arena_string(list->arena, actual.why);
    if (status == TEND_OK)
        status = add(list, &reason);
    if (status == TEND_OK && is_segment && !is_negated && truth == IS_FALSE && (test->op == OP_IN || test->op == OP_EQ))
        status = open_segments(list, filter, test, actual.value.integer);
    return status;
}

/* Of `and` that fails those decide that do not hold, of `or` that holds those that do; otherwise all of them. */
static tend_status collect(collector *list, const tend_filter *filter, const filter_node *node, const tend_row *subject,
                           bool is_negated)
{
    filter_truth whole = IS_UNKNOWN;
    tend_status status;

    if (node->kind == NODE_TEST)
        return collect_test(list, filter, node->test, subject, is_negated);
    if (node->kind == NODE_NOT)
        return collect(list, filter, node->children[0], subject, !is_negated);
    status = filter_evaluate(list->run, filter, node, subject, &whole, NULL);
    for (size_t i = 0; status == TEND_OK && i < node->count; i++) {
        bool some = (node->kind == NODE_AND) == (whole != IS_TRUE);
        filter_truth one = IS_UNKNOWN;

        status = filter_evaluate(list->run, filter, node->children[i], subject, &one, NULL);
        if (status == TEND_OK && (!some || (one == IS_TRUE) == (whole == IS_TRUE)))
            status = collect(list, filter, node->children[i], subject, is_negated);
    }
    return status;
}

tend_status tend_filter_explain(const tend_filter *filter, const tend_world *world, const tend_principal *reader,
                                const tend_rates *rates, int64_t row, tend_arena *arena, bool *ret_met,
                                const tend_filter_reason **ret_reasons, size_t *ret_count, tend_error *reterr)
{
    filter_truth result = IS_UNKNOWN;
    const tend_row *subject;
    filter_run run;
    collector list = { .run = &run, .reader = reader, .arena = arena };
    tend_status status = filter_begin(filter, world, rates, NULL, row, &run, &subject, reterr);

    if (status == TEND_OK)
        status = filter_evaluate(&run, filter, filter->root, subject, &result, NULL);
    if (status == TEND_OK)
        status = collect(&list, filter, filter->root, subject, false);
    if (status < 0)
        return status;
    *ret_met = result == IS_TRUE;
    *ret_reasons = list.reasons;
    *ret_count = list.count;
    return TEND_OK;
}

const char *tend_filter_reason_words(const tend_filter_reason *reason, tend_arena *arena)
{
    const char *segment = reason->segment ? tend_arena_print(arena, "segment %s: ", reason->segment) : "";

    if (reason->why)
        return tend_arena_print(arena, "%s%s, wanted %s, cannot be compared: %s", segment ? segment : "", reason->field,
                                reason->wanted, reason->why);
    return tend_arena_print(arena, "%s%s is %s, wanted %s", segment ? segment : "", reason->field,
                            reason->value ? reason->value : "not known", reason->wanted);
}
