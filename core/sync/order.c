/* order.c: in which order what was read is applied. Kinds that others refer to come first, trees from the top down. Within, records
 * about rows that are there stand in the order of those rows, so that a page of the store is touched once and not for each of its
 * rows anew; behind them what is new, as it was read. What is remembered of records (repeat.h) has no say in it: the order is the
 * same without. */
#include "sync/intake.h"
#include <stdlib.h>
#include <string.h>

#define PREFIX 16 /* bytes of an external id that names are sorted by */
#define NEW INT64_MAX

typedef struct ordering {
    tend_intake *intake;
    tend_shelf *found;   /* by row, NEW while they are sorted */
    tend_shelf prefixes; /* PREFIX bytes by row */
    tend_shelf named, other;
    int8_t finds[TEND_KIND_COUNT]; /* 1: its rows are looked for, -1: they are not, 0: not decided */
    tend_error *reterr;
} ordering;

/* Not where the outcome depends on the order: a rule that looks at other rows, or a value that is copied from another of the kind.
 */
static bool may_be_sorted(const tend_mapping *mapping, tend_kind kind)
{
    for (size_t s = 0; s < mapping->stream_count; s++) {
        const tend_mapping_stream *stream = &mapping->streams[s];

        for (size_t f = 0; f < stream->field_count && stream->kind->kind == kind; f++) {
            if (stream->fields[f].via == kind)
                return false;
        }
    }
    return !tend_rules_look(kind);
}

static tend_status decide(ordering *o, tend_kind kind)
{
    bool has_any = false;
    tend_status status = TEND_OK;

    if (o->finds[kind] != 0)
        return TEND_OK;
    if (may_be_sorted(o->intake->mapping, kind))
        status = tend_identity_has_any(o->intake->model, o->intake->source, kind, &has_any, o->reterr);
    o->finds[kind] = has_any ? 1 : -1;
    return status;
}

/* ---- sorting by bytes ----------------------------------------------------------------------------------------------------- */

/* Byte `at` of what a row is sorted by, 0: the most significant. */
typedef uint8_t byte_of(const void *keys, uint32_t row, unsigned at);

static uint8_t byte_of_name(const void *prefixes, uint32_t row, unsigned at)
{
    return ((const uint8_t *)prefixes)[(size_t)row * PREFIX + at];
}

static uint8_t byte_of_found(const void *found, uint32_t row, unsigned at)
{
    return (uint8_t)((uint64_t)((const int64_t *)found)[row] >> (56 - 8 * at));
}

/* Those that are alike keep their order. False when all are alike. */
static bool sort_by_byte(const uint32_t *from, uint32_t *to, size_t count, byte_of *byte, const void *keys, unsigned at)
{
    size_t starts[256] = { 0 }, sum = 0;

    for (size_t i = 0; i < count; i++)
        starts[byte(keys, from[i], at)]++;
    for (size_t d = 0; d < 256; d++) {
        size_t here = starts[d];

        if (here == count)
            return false;
        starts[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[byte(keys, from[i], at)]++] = from[i];
    return true;
}

static void sort(uint32_t *order, uint32_t *other, size_t count, byte_of *byte, const void *keys, unsigned width)
{
    uint32_t *from = order, *to = other;

    for (unsigned at = width; at-- > 0;) {
        if (sort_by_byte(from, to, count, byte, keys, at)) {
            uint32_t *sorted = to;

            to = from;
            from = sorted;
        }
    }
    if (from != order)
        memcpy(order, from, count * sizeof *order);
}

/* ---- by the rows of the store --------------------------------------------------------------------------------------------- */

static tend_status read_names(const ordering *o, const uint32_t *order, size_t count)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        size_t length = 0;
        const char *name = "";

        status = tend_spool_key(o->intake->spool, o->intake->offsets[order[i]], &name, &length, o->reterr);
        memcpy((uint8_t *)o->prefixes.bytes + (size_t)order[i] * PREFIX, name, length < PREFIX ? length : PREFIX);
    }
    return status;
}

static tend_status find(const ordering *o, tend_kind kind, const uint32_t *order, size_t count)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        int64_t id = 0;
        size_t length = 0;
        const char *name = "";

        status = tend_spool_key(o->intake->spool, o->intake->offsets[order[i]], &name, &length, o->reterr);
        if (status == TEND_OK)
            status = tend_identity_find(o->intake->model, o->intake->source, kind, name, length, &id, o->reterr);
        ((int64_t *)o->found->bytes)[order[i]] = id == 0 ? NEW : id;
    }
    return status;
}

static bool make_room(ordering *o)
{
    size_t rows = o->intake->entry_count;

    return o->found->room > 0 || (tend_shelf_grow(&o->prefixes, rows * PREFIX) == TEND_OK &&
                                  tend_shelf_grow(&o->named, rows * sizeof(uint32_t)) == TEND_OK &&
                                  tend_shelf_grow(&o->other, rows * sizeof(uint32_t)) == TEND_OK &&
                                  tend_shelf_grow(o->found, rows * sizeof(int64_t)) == TEND_OK);
}

/* Rows of one kind between which no other stands. They are looked for in the order of their names, as the index of names has them.
 */
static tend_status sort_rows(ordering *o, tend_kind kind, uint32_t *order, size_t count)
{
    uint32_t *named, *other;
    int64_t *found;
    tend_status status = decide(o, kind);

    if (status < 0 || o->finds[kind] < 0)
        return status;
    if (!make_room(o))
        return tend_fail(o->reterr, TEND_ENOMEM, "memory is used up");
    named = o->named.bytes;
    other = o->other.bytes;
    found = o->found->bytes;
    status = read_names(o, order, count);
    memcpy(named, order, count * sizeof *order);
    sort(named, other, count, byte_of_name, o->prefixes.bytes, PREFIX);
    if (status == TEND_OK)
        status = find(o, kind, named, count);
    if (status == TEND_OK)
        sort(order, other, count, byte_of_found, found, sizeof *found);
    for (size_t i = count; status == TEND_OK && i > 0 && found[order[i - 1]] == NEW; i--)
        found[order[i - 1]] = 0;
    return status;
}

/* ---- by kind and depth ---------------------------------------------------------------------------------------------------- */

static bool is_applied(const tend_entry *entry)
{
    return !(entry->flags & (TEND_ENTRY_REJECTED | TEND_ENTRY_OVERTAKEN));
}

#define BUCKETS ((size_t)TEND_KIND_COUNT * (TEND_TREE_MAX + 2))
static size_t bucket_of(const tend_entry *entry)
{
    return (size_t)entry->rank * (TEND_TREE_MAX + 2) + entry->depth;
}

/* Rows keep the order in which they were read. ret_ends: where each bucket ends. */
static size_t sort_by_kind(const tend_intake *intake, uint32_t *order, size_t *ret_ends)
{
    size_t sum = 0;

    for (size_t i = 0; i < intake->entry_count; i++) {
        if (is_applied(&intake->entries[i]))
            ret_ends[bucket_of(&intake->entries[i])]++;
    }
    for (size_t b = 0; b < BUCKETS; b++) {
        size_t here = ret_ends[b];

        ret_ends[b] = sum;
        sum += here;
    }
    for (size_t i = 0; i < intake->entry_count; i++) {
        if (is_applied(&intake->entries[i]))
            order[ret_ends[bucket_of(&intake->entries[i])]++] = (uint32_t)i;
    }
    return sum;
}

static tend_status sort_all(ordering *o, uint32_t *order, const size_t *ends)
{
    tend_status status = TEND_OK;

    for (size_t b = 0, begin = 0; status == TEND_OK && b < BUCKETS; begin = ends[b++]) {
        if (ends[b] > begin)
            status =
                sort_rows(o, o->intake->parts[o->intake->entries[order[begin]].part].kind->kind, order + begin, ends[b] - begin);
    }
    return status;
}

tend_status tend_intake_order(tend_intake *intake, tend_shelf *ret_order, size_t *ret_count, tend_shelf *ret_found,
                              tend_error *reterr)
{
    const char *folder = ret_order->folder;
    ordering o = { .intake = intake,
                   .found = ret_found,
                   .prefixes.folder = folder,
                   .named.folder = folder,
                   .other.folder = folder,
                   .reterr = reterr };
    size_t *ends = calloc(BUCKETS, sizeof *ends);
    tend_status status = TEND_OK;

    if (!ends || tend_shelf_grow(ret_order, (intake->entry_count + 1) * sizeof(uint32_t)) < 0)
        status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    if (status == TEND_OK) {
        *ret_count = sort_by_kind(intake, ret_order->bytes, ends);
        tend_store_hold(tend_model_store(intake->model));
        status = sort_all(&o, ret_order->bytes, ends);
        tend_store_let_go(tend_model_store(intake->model));
        tend_spool_keys_end(intake->spool);
    }
    free(ends);
    tend_shelf_clear(&o.prefixes);
    tend_shelf_clear(&o.named);
    tend_shelf_clear(&o.other);
    return status;
}
