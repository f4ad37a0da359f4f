/* sieve_build.c: filters become tables: what of them hangs on one value alone says for each class of that value which filters are
 * ruled out; the rest becomes branches, the same ones for all filters that say the same. */
#include "model/sieve_internal.h"

#include <stdlib.h>
#include <string.h>

#define SLOT_NONE (-1)
#define SLOT_SEVERAL (-2)

typedef struct builder {
    tend_sieve *sieve;
    const tend_world *world;
    const tend_filter *filter; /* the one that is taken up */
    size_t number;             /* its */
    tend_status status;
} builder;

static void *take(builder *build, size_t bytes)
{
    void *taken = build->status < 0 ? NULL : tend_arena_take(build->sieve->tables, bytes);

    if (!taken && build->status >= 0)
        build->status = TEND_ENOMEM;
    return taken;
}

static void put_bit(uint64_t *set, size_t bit)
{
    set[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* ---- slots ----------------------------------------------------------------------------------------------------------------- */

static void gather(builder *build, const filter_node *node)
{
    tend_sieve *sieve = build->sieve;
    sieve_slot slot;
    int found;

    for (size_t i = 0; node->kind != NODE_TEST && i < node->count && build->status >= 0; i++)
        gather(build, node->children[i]);
    if (node->kind != NODE_TEST || build->status < 0)
        return;
    build->status = sieve_slot_describe(sieve, build->filter, node->test, &slot);
    found = build->status < 0 ? 0 : sieve_slot_find(sieve, &slot);
    if (found < 0) {
        build->status = sieve_grow(sieve->tables, &sieve->slots, sieve->slot_count, &sieve->slot_room, sizeof *sieve->slots);
        if (build->status < 0)
            return;
        found = (int)sieve->slot_count;
        sieve->slots[sieve->slot_count++] = slot;
    }
    if (build->status >= 0)
        build->status = sieve_slot_add(sieve, &sieve->slots[found], node->test, build->world);
}

/* What costs least comes first: the subject's own values, those behind references, what needs more than a row. */
static int compare_slots(const void *a, const void *b)
{
    const sieve_slot *first = a, *second = b;
    bool is_dear = first->sort == SLOT_TRUTH;

    if (is_dear != (second->sort == SLOT_TRUTH))
        return is_dear ? 1 : -1;
    if (first->cell != second->cell)
        return first->cell < second->cell ? -1 : 1;
    return (int)first->sort - (int)second->sort;
}

static int slot_of(const builder *build, const filter_test *test)
{
    sieve_slot slot;

    /* Its cell is there already: nothing can fail. */
    if (sieve_slot_describe(build->sieve, build->filter, test, &slot) < 0)
        return SLOT_NONE;
    return sieve_slot_find(build->sieve, &slot);
}

/* The slot that all of the node hangs on. */
static int only_slot(const builder *build, const filter_node *node)
{
    int only = SLOT_NONE;

    if (node->kind == NODE_TEST)
        return slot_of(build, node->test);
    for (size_t i = 0; i < node->count && only != SLOT_SEVERAL; i++) {
        int one = only_slot(build, node->children[i]);

        only = only == SLOT_NONE || only == one ? one : SLOT_SEVERAL;
    }
    return only;
}

static filter_truth truth_in(const builder *build, const filter_node *node, const sieve_slot *slot, size_t class)
{
    filter_truth result = node->kind == NODE_AND ? IS_TRUE : IS_FALSE;

    if (node->kind == NODE_TEST)
        return sieve_slot_truth(slot, class, node->test, build->world);
    if (node->kind == NODE_NOT)
        return filter_opposite(truth_in(build, node->children[0], slot, class));
    for (size_t i = 0; i < node->count; i++) {
        filter_truth one = truth_in(build, node->children[i], slot, class);

        result = node->kind == NODE_AND ? filter_least(result, one) : filter_most(result, one);
    }
    return result;
}

static bool holds(const builder *build, const filter_node *node, bool is_negated, const sieve_slot *slot, size_t class)
{
    return truth_in(build, node, slot, class) == (is_negated ? IS_FALSE : IS_TRUE);
}

/* ---- branches -------------------------------------------------------------------------------------------------------------- */

/* The same branch as one that is there, or a new one. */
static int32_t add_branch(builder *build, size_t slot, const uint64_t *set, int32_t on_true, int32_t on_false)
{
    tend_sieve *sieve = build->sieve;
    size_t bytes = TEND_SIEVE_WORDS(sieve->slots[slot].classes) * sizeof *set;

    for (size_t i = 0; i < sieve->branch_count; i++) {
        const sieve_branch *branch = &sieve->branches[i];

        if (branch->slot == slot && branch->on_true == on_true && branch->on_false == on_false &&
            memcmp(branch->set, set, bytes) == 0)
            return (int32_t)i;
    }
    build->status = sieve_grow(sieve->tables, &sieve->branches, sieve->branch_count, &sieve->branch_room, sizeof *sieve->branches);
    if (build->status < 0)
        return BRANCH_UNMET;
    sieve->branches[sieve->branch_count] = (sieve_branch){ .slot = slot, .set = set, .on_true = on_true, .on_false = on_false };
    return (int32_t)sieve->branch_count++;
}

/* Where to begin so that what holds leads to on_true. A negation goes down to the comparisons: of what is left only what holds
 * counts, so that unknown and false need not be told apart. */
static int32_t branches_of(builder *build, const filter_node *node, bool is_negated, int32_t on_true, int32_t on_false)
{
    int slot = only_slot(build, node);
    bool is_and = (node->kind == NODE_AND) != is_negated;
    int32_t entry = is_and ? on_true : on_false;

    if (slot >= 0) {
        const sieve_slot *one = &build->sieve->slots[slot];
        uint64_t *set = take(build, TEND_SIEVE_WORDS(one->classes) * sizeof *set);

        for (size_t class = 0; set && class < one->classes; class ++)
            if (holds(build, node, is_negated, one, class))
                put_bit(set, class);
        return set ? add_branch(build, (size_t)slot, set, on_true, on_false) : on_false;
    }
    if (node->kind == NODE_NOT)
        return branches_of(build, node->children[0], !is_negated, on_true, on_false);
    for (size_t i = node->count; i > 0 && build->status >= 0; i--)
        entry = is_and ? branches_of(build, node->children[i - 1], is_negated, entry, on_false)
                       : branches_of(build, node->children[i - 1], is_negated, on_true, entry);
    return entry;
}

/* ---- clauses --------------------------------------------------------------------------------------------------------------- */

static void rule_out(builder *build, const filter_node *node, bool is_negated, sieve_slot *slot)
{
    size_t words = build->sieve->words;

    put_bit(slot->users, build->number);
    for (size_t class = 0; class < slot->classes; class ++)
        if (!holds(build, node, is_negated, slot, class))
            slot->kept[class * words + build->number / 64] &= ~(UINT64_C(1) << (build->number % 64));
}

/* All clauses have to hold. */
static void split(builder *build, const filter_node *node, bool is_negated)
{
    int slot = only_slot(build, node);
    int32_t *entry = &build->sieve->entries[build->number];

    if (slot >= 0) {
        rule_out(build, node, is_negated, &build->sieve->slots[slot]);
    } else if (node->kind == NODE_NOT) {
        split(build, node->children[0], !is_negated);
    } else if ((node->kind == NODE_AND) != is_negated) {
        for (size_t i = 0; i < node->count && build->status >= 0; i++)
            split(build, node->children[i], is_negated);
    } else {
        *entry = branches_of(build, node, is_negated, *entry, BRANCH_UNMET);
    }
}

static void make_room(builder *build)
{
    tend_sieve *sieve = build->sieve;

    sieve->entries = take(build, sieve->count * sizeof *sieve->entries);
    sieve->classes = take(build, sieve->slot_count * sizeof *sieve->classes);
    sieve->all = take(build, sieve->words * sizeof *sieve->all);
    sieve->rest = take(build, sieve->words * sizeof *sieve->rest);
    for (size_t i = 0; i < sieve->count && build->status >= 0; i++) {
        sieve->entries[i] = BRANCH_MET;
        put_bit(sieve->all, i);
    }
    for (size_t i = 0; i < sieve->slot_count && build->status >= 0; i++) {
        sieve_slot *slot = &sieve->slots[i];

        sieve_slot_close(slot);
        slot->users = take(build, sieve->words * sizeof *slot->users);
        slot->kept = take(build, slot->classes * sieve->words * sizeof *slot->kept);
        for (size_t class = 0; slot->kept && class < slot->classes; class ++)
            memcpy(&slot->kept[class * sieve->words], sieve->all, sieve->words * sizeof *slot->kept);
    }
}

tend_status sieve_build(tend_sieve *sieve, const tend_world *world, tend_error *reterr)
{
    builder build = { .sieve = sieve, .world = world };

    tend_arena_reset(sieve->tables);
    sieve->is_built = sieve->is_relative = false;
    sieve->slot_count = sieve->slot_room = sieve->cell_room = sieve->branch_count = sieve->branch_room = 0;
    sieve->cell_count = 0;
    build.status = sieve_grow(sieve->tables, &sieve->cells, 0, &sieve->cell_room, sizeof *sieve->cells);
    if (build.status >= 0)
        sieve->cells[sieve->cell_count++] = (sieve_cell){ .ref = -1, .kind = tend_schema_kind(sieve->schema, sieve->subject) };
    for (size_t i = 0; i < sieve->count && build.status >= 0; i++) {
        build.filter = sieve->filters[i];
        if (build.filter)
            gather(&build, build.filter->root);
    }
    if (build.status >= 0 && sieve->slot_count > 0)
        qsort(sieve->slots, sieve->slot_count, sizeof *sieve->slots, compare_slots);
    make_room(&build);
    for (size_t i = 0; i < sieve->count && build.status >= 0; i++) {
        build.filter = sieve->filters[i];
        build.number = i;
        if (build.filter)
            split(&build, build.filter->root, false);
        if (sieve->entries[i] != BRANCH_MET)
            put_bit(sieve->rest, i);
    }
    if (build.status < 0)
        return tend_fail(reterr, TEND_ENOMEM, "filters: memory is used up");
    sieve->today = filter_day_of(world->now);
    sieve->is_built = true;
    return TEND_OK;
}
