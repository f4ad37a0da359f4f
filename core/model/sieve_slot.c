/* sieve_slot.c: what a comparison looks at, and which values are alike to all comparisons that look at the same. */
#include "model/sieve_internal.h"

#include <stdlib.h>
#include <string.h>

tend_status sieve_grow(tend_arena *arena, void *list, size_t count, size_t *room, size_t size)
{
    void *old, *more;

    if (count < *room)
        return TEND_OK;
    *room = *room * 2 + 8;
    more = tend_arena_take(arena, *room * size);
    if (!more)
        return TEND_ENOMEM;
    memcpy(&old, list, sizeof old);
    if (count > 0)
        memcpy(more, old, count * size);
    memcpy(list, &more, sizeof more);
    return TEND_OK;
}

/* The row that a path ends at. */
static tend_status find_cell(tend_sieve *sieve, const filter_path *path, size_t *ret_cell)
{
    size_t cell = 0;

    for (size_t i = 0; i < path->ref_count; i++) {
        size_t next = 1;
        tend_status status;

        while (next < sieve->cell_count && (sieve->cells[next].parent != cell || sieve->cells[next].ref != path->refs[i]))
            next++;
        if (next == sieve->cell_count) {
            status = sieve_grow(sieve->tables, &sieve->cells, sieve->cell_count, &sieve->cell_room, sizeof *sieve->cells);
            if (status < 0)
                return status;
            sieve->cells[sieve->cell_count++] = (sieve_cell){ .parent = cell, .ref = path->refs[i], .kind = path->kinds[i + 1] };
        }
        cell = next;
    }
    *ret_cell = cell;
    return TEND_OK;
}

/* How values of a type are told apart by this literal; SLOT_TRUTH: they are not. */
static sieve_sort sort_of(tend_type type, filter_op op, const filter_literal *literal)
{
    switch (literal->kind) {
    case LITERAL_NUMBER:
    case LITERAL_ID:
        return SLOT_NUMBER;
    case LITERAL_DAY:
        return type == TEND_TIME ? SLOT_DAY : SLOT_NUMBER;
    case LITERAL_MONEY:
        return SLOT_MONEY;
    case LITERAL_TEXT:
        return type != TEND_TEXT ? SLOT_TRUTH : op == OP_CONTAINS || op == OP_STARTS ? SLOT_FITS : SLOT_TEXT;
    case LITERAL_SEGMENT:
        break;
    }
    return SLOT_TRUTH;
}

/* One sort for all its literals, and one currency. */
static sieve_sort sort_of_test(const filter_test *test)
{
    tend_type type = filter_path_type(&test->path);
    sieve_sort sort;

    if (test->path.final == FINAL_MEASURE || test->path.final == FINAL_SEGMENT)
        return SLOT_TRUTH;
    if (test->count == 0)
        return type == TEND_TEXT ? SLOT_TEXT : SLOT_NUMBER;
    sort = sort_of(type, test->op, &test->literals[0]);
    for (size_t i = 1; i < test->count; i++)
        if (sort_of(type, test->op, &test->literals[i]) != sort ||
            strcmp(test->literals[i].value.currency, test->literals[0].value.currency) != 0)
            return SLOT_TRUTH;
    return sort;
}

tend_status sieve_slot_describe(tend_sieve *sieve, const tend_filter *filter, const filter_test *test, sieve_slot *ret_slot)
{
    sieve_slot slot = { .sort = sort_of_test(test), .field = -1, .path = &test->path };

    *ret_slot = slot;
    if (slot.sort == SLOT_TRUTH) {
        ret_slot->filter = filter;
        ret_slot->test = test;
        return TEND_OK;
    }
    if (test->path.final == FINAL_FIELD)
        ret_slot->field = test->path.field;
    if (slot.sort == SLOT_MONEY)
        memcpy(ret_slot->currency, test->literals[0].value.currency, sizeof ret_slot->currency);
    if (slot.sort == SLOT_FITS) {
        ret_slot->literal = &test->literals[0];
        ret_slot->op = test->op;
    }
    return find_cell(sieve, &test->path, &ret_slot->cell);
}

static bool is_same_literal(const filter_literal *a, const filter_literal *b)
{
    return a->value.length == b->value.length && memcmp(a->value.text, b->value.text, a->value.length) == 0;
}

int sieve_slot_find(const tend_sieve *sieve, const sieve_slot *like)
{
    for (size_t i = 0; i < sieve->slot_count; i++) {
        const sieve_slot *slot = &sieve->slots[i];

        if (slot->sort != like->sort || slot->cell != like->cell || slot->field != like->field || slot->op != like->op ||
            strcmp(slot->currency, like->currency) != 0)
            continue;
        if (slot->sort == SLOT_FITS && !is_same_literal(slot->literal, like->literal))
            continue;
        /* Of one subject and with one set of segments the same words mean the same. */
        if (slot->sort == SLOT_TRUTH &&
            (slot->filter->segments != like->filter->segments || strcmp(slot->test->text, like->test->text) != 0))
            continue;
        return (int)i;
    }
    return -1;
}

/* ---- values ---------------------------------------------------------------------------------------------------------------- */

static uint64_t head_of(const char *text, size_t length)
{
    uint64_t head = 0;

    memcpy(&head, text, length < sizeof head ? length : sizeof head);
    return head;
}

static int order_words(const sieve_word *a, const sieve_word *b)
{
    if (a->head != b->head)
        return a->head < b->head ? -1 : 1;
    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    return memcmp(a->text, b->text, a->length);
}

static int compare_words(const void *a, const void *b)
{
    return order_words(a, b);
}

static int compare_points(const void *a, const void *b)
{
    int64_t first, second;

    memcpy(&first, a, sizeof first);
    memcpy(&second, b, sizeof second);
    return first < second ? -1 : first > second;
}

tend_status sieve_slot_add(tend_sieve *sieve, sieve_slot *slot, const filter_test *test, const tend_world *world)
{
    tend_status status = TEND_OK;

    if (slot->sort == SLOT_FITS || slot->sort == SLOT_TRUTH)
        return TEND_OK;
    for (size_t i = 0; i < test->count && status == TEND_OK; i++) {
        const filter_literal *literal = &test->literals[i];

        if (slot->sort == SLOT_TEXT) {
            status = sieve_grow(sieve->tables, &slot->words, slot->count, &slot->room, sizeof *slot->words);
            if (status == TEND_OK)
                slot->words[slot->count++] = (sieve_word){ .head = head_of(literal->value.text, literal->value.length),
                                                           .length = literal->value.length,
                                                           .text = literal->value.text };
            continue;
        }
        status = sieve_grow(sieve->tables, &slot->points, slot->count, &slot->room, sizeof *slot->points);
        if (status == TEND_OK)
            slot->points[slot->count++] = filter_literal_integer(literal, world);
        sieve->is_relative = sieve->is_relative || literal->is_relative;
    }
    return status;
}

void sieve_slot_close(sieve_slot *slot)
{
    size_t kept = 0;

    if (slot->sort == SLOT_FITS || slot->sort == SLOT_TRUTH) {
        slot->classes = 3;
        return;
    }
    if (slot->sort == SLOT_TEXT && slot->count > 0)
        qsort(slot->words, slot->count, sizeof *slot->words, compare_words);
    else if (slot->count > 0)
        qsort(slot->points, slot->count, sizeof *slot->points, compare_points);
    for (size_t i = 0; i < slot->count; i++) {
        if (slot->sort == SLOT_TEXT && (kept == 0 || order_words(&slot->words[kept - 1], &slot->words[i]) != 0))
            slot->words[kept++] = slot->words[i];
        else if (slot->sort != SLOT_TEXT && (kept == 0 || slot->points[kept - 1] != slot->points[i]))
            slot->points[kept++] = slot->points[i];
    }
    slot->count = kept;
    slot->classes = slot->sort == SLOT_TEXT ? CLASS_OTHER + 1 + kept : CLASS_POINTS + 1 + 2 * kept;
}

int32_t sieve_class_of_number(const sieve_slot *slot, int64_t number)
{
    const int64_t *points = slot->points;
    size_t below = 0;

    for (size_t left = slot->count; left > 0;) {
        size_t half = left / 2;

        if (points[below + half] < number) {
            below += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    return (int32_t)(CLASS_POINTS + 2 * below + (below < slot->count && points[below] == number));
}

int32_t sieve_class_of_text(const sieve_slot *slot, const char *text, size_t length)
{
    sieve_word word = { .length = length, .text = text };
    size_t first = 0;

    if (length == 0)
        return CLASS_EMPTY;
    word.head = head_of(text, length);
    for (size_t left = slot->count; left > 0;) {
        size_t half = left / 2;
        int order = order_words(&slot->words[first + half], &word);

        if (order == 0)
            return (int32_t)(CLASS_OTHER + 1 + first + half);
        if (order < 0) {
            first += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    return CLASS_OTHER;
}

/* ---- what a comparison says of a class ------------------------------------------------------------------------------------- */

static filter_truth truth(bool is_true)
{
    return is_true ? IS_TRUE : IS_FALSE;
}

/* The sign of (values of the class - the literal). */
static int sign_to(const sieve_slot *slot, size_t class, const filter_literal *literal, const tend_world *world)
{
    size_t of_literal = (size_t)sieve_class_of_number(slot, filter_literal_integer(literal, world));

    return class < of_literal ? -1 : class > of_literal;
}

static bool is_word(const sieve_slot *slot, size_t class, const filter_literal *literal)
{
    return class == (size_t)sieve_class_of_text(slot, literal->value.text, literal->value.length);
}

static bool equals(const sieve_slot *slot, size_t class, const filter_literal *literal, const tend_world *world)
{
    return slot->sort == SLOT_TEXT ? is_word(slot, class, literal) : sign_to(slot, class, literal, world) == 0;
}

filter_truth sieve_slot_truth(const sieve_slot *slot, size_t class, const filter_test *test, const tend_world *world)
{
    bool is_any = false;

    if (slot->sort == SLOT_TRUTH)
        return (filter_truth) class;
    if (test->op == OP_EMPTY || test->op == OP_NOT_EMPTY)
        return truth((class == CLASS_UNKNOWN || (slot->sort == SLOT_TEXT && class == CLASS_EMPTY)) == (test->op == OP_EMPTY));
    if (class == CLASS_UNKNOWN)
        return IS_UNKNOWN;
    if (slot->sort == SLOT_FITS)
        return truth(class == CLASS_YES);
    switch (test->op) {
    case OP_IN:
    case OP_NOT_IN:
        for (size_t i = 0; i < test->count; i++)
            is_any = is_any || equals(slot, class, &test->literals[i], world);
        return truth(is_any == (test->op == OP_IN));
    case OP_BETWEEN:
        return truth(sign_to(slot, class, &test->literals[0], world) >= 0 && sign_to(slot, class, &test->literals[1], world) <= 0);
    case OP_EQ:
    case OP_NE:
        return truth(equals(slot, class, &test->literals[0], world) == (test->op == OP_EQ));
    default:
        return filter_ordered(sign_to(slot, class, &test->literals[0], world), test->op);
    }
}
