#include "model/sieve_internal.h"

#include "base/utf8.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT_TEXT = 64 };

tend_status tend_sieve_new(const tend_schema *schema, tend_kind subject, const tend_filter *const *filters, size_t count,
                           tend_sieve **ret_sieve, tend_error *reterr)
{
    tend_sieve *sieve = calloc(1, sizeof *sieve);

    if (sieve) {
        sieve->schema = schema;
        sieve->subject = subject;
        sieve->count = count;
        sieve->words = TEND_SIEVE_WORDS(count);
        sieve->filters = calloc(count + 1, sizeof(const tend_filter *));
        sieve->tables = tend_arena_new();
        sieve->scratch = tend_arena_new();
    }
    if (!sieve || !sieve->filters || !sieve->tables || !sieve->scratch) {
        tend_sieve_free(sieve);
        return tend_fail(reterr, TEND_ENOMEM, "filters: memory is used up");
    }
    if (count > 0)
        memcpy(sieve->filters, filters, count * sizeof *filters);
    *ret_sieve = sieve;
    return TEND_OK;
}

void tend_sieve_free(tend_sieve *sieve)
{
    if (!sieve)
        return;
    tend_arena_free(sieve->tables);
    tend_arena_free(sieve->scratch);
    free(sieve->filters);
    free(sieve);
}

/* ---- values ---------------------------------------------------------------------------------------------------------------- */

static tend_status read_cell(tend_sieve *sieve, filter_run *run, size_t number)
{
    sieve_cell *cell = &sieve->cells[number];
    const tend_row *row;
    const tend_value *ref;
    tend_status status = TEND_OK;

    if (cell->is_read)
        return TEND_OK;
    status = read_cell(sieve, run, cell->parent);
    if (status < 0)
        return status;
    row = sieve->cells[cell->parent].row;
    ref = row ? &row->values[cell->ref] : NULL;
    cell->id = ref && ref->type != TEND_NULL ? ref->integer : 0;
    cell->row = NULL;
    if (cell->id != 0)
        status = filter_read_row(run, cell->kind->kind, cell->id, &cell->row);
    cell->is_read = status == TEND_OK;
    return status;
}

/* Texts are compared folded. Short ones of ASCII, which are nearly all, take no memory. */
static tend_status class_of_text(tend_sieve *sieve, const sieve_slot *slot, const tend_value *value, int32_t *ret_class)
{
    char room[SHORT_TEXT];
    const char *folded = room;
    size_t length = value->length;
    unsigned char high = 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; length <= sizeof room && i < length; i++) {
        unsigned char byte = (unsigned char)value->text[i];

        high |= byte;
        room[i] = (char)(byte + (((unsigned)byte - 'A' < 26U) ? 'a' - 'A' : 0));
    }
    if (length > sizeof room || high >= 0x80)
        status = tend_utf8_fold(sieve->scratch, value->text, value->length, &folded, &length);
    if (status == TEND_OK)
        *ret_class = sieve_class_of_text(slot, folded, length);
    return status;
}

static tend_status class_of_fits(tend_sieve *sieve, const sieve_slot *slot, const tend_value *value, int32_t *ret_class)
{
    const char *folded;
    size_t length;
    tend_status status = tend_utf8_fold(sieve->scratch, value->text, value->length, &folded, &length);

    if (status == TEND_OK)
        *ret_class = filter_fits_text(folded, length, slot->literal, slot->op) ? CLASS_YES : CLASS_NO;
    return status;
}

static int32_t class_of_money(const filter_run *run, const sieve_slot *slot, const tend_row *row, const tend_value *value)
{
    tend_date day = filter_day_for_rate(run->world, slot->path, row);
    int64_t minor;

    if (value->currency[0] == '\0' ||
        tend_rates_convert(run->rates, value->integer, value->currency, slot->currency, day, &minor, NULL) < 0)
        return CLASS_UNKNOWN;
    return sieve_class_of_number(slot, minor);
}

static tend_status look(tend_sieve *sieve, filter_run *run, const sieve_slot *slot, int32_t *ret_class)
{
    sieve_cell *cell = &sieve->cells[slot->cell];
    tend_value self = { .type = TEND_REF };
    const tend_value *value = &self;
    filter_actual actual = { 0 };
    filter_truth truth = IS_UNKNOWN;
    tend_status status = slot->sort == SLOT_TRUTH ? filter_test_row(run, slot->filter, slot->test, cell->row, &actual, &truth)
                                                  : read_cell(sieve, run, slot->cell);

    *ret_class = slot->sort == SLOT_TRUTH ? (int32_t)truth : CLASS_UNKNOWN;
    if (status < 0 || slot->sort == SLOT_TRUTH || !cell->row)
        return status;
    self.integer = cell->id;
    if (slot->field >= 0)
        value = &cell->row->values[slot->field];
    if (value->type == TEND_NULL)
        return TEND_OK;
    switch (slot->sort) {
    case SLOT_TEXT:
        return class_of_text(sieve, slot, value, ret_class);
    case SLOT_FITS:
        return class_of_fits(sieve, slot, value, ret_class);
    case SLOT_MONEY:
        *ret_class = class_of_money(run, slot, cell->row, value);
        return TEND_OK;
    case SLOT_DAY:
        *ret_class = sieve_class_of_number(slot, filter_day_of(value->integer));
        return TEND_OK;
    default:
        *ret_class = sieve_class_of_number(slot, value->integer);
        return TEND_OK;
    }
}

/* Each slot is looked at once. */
static tend_status class_of(tend_sieve *sieve, filter_run *run, size_t slot, size_t *ret_class)
{
    tend_status status = TEND_OK;

    if (sieve->classes[slot] == CLASS_UNSET)
        status = look(sieve, run, &sieve->slots[slot], &sieve->classes[slot]);
    *ret_class = (size_t)sieve->classes[slot];
    return status;
}

/* ---- the match ------------------------------------------------------------------------------------------------------------- */

static bool is_any(const uint64_t *a, const uint64_t *b, size_t words)
{
    uint64_t both = 0;

    for (size_t i = 0; i < words; i++)
        both |= a[i] & b[i];
    return both != 0;
}

static tend_status walk(tend_sieve *sieve, filter_run *run, int32_t at, bool *ret_met)
{
    tend_status status = TEND_OK;

    while (at >= 0 && status == TEND_OK) {
        const sieve_branch *branch = &sieve->branches[at];
        size_t class = 0;

        status = class_of(sieve, run, branch->slot, &class);
        at = (branch->set[class / 64] >> (class % 64) & 1) != 0 ? branch->on_true : branch->on_false;
    }
    *ret_met = at == BRANCH_MET;
    return status;
}

/* What single values rule out, as long as anybody is left who asks for them. */
static tend_status rule_out(tend_sieve *sieve, filter_run *run, uint64_t *met)
{
    tend_status status = TEND_OK;

    for (size_t i = 0; i < sieve->slot_count && status == TEND_OK; i++) {
        const sieve_slot *slot = &sieve->slots[i];
        size_t class = 0;

        if (!is_any(slot->users, met, sieve->words))
            continue;
        status = class_of(sieve, run, i, &class);
        for (size_t word = 0; word < sieve->words; word++)
            met[word] &= slot->kept[class * sieve->words + word];
    }
    return status;
}

static tend_status begin(tend_sieve *sieve, filter_run *run, int64_t row)
{
    const tend_kind_schema *kind = sieve->cells[0].kind;
    sieve_cell *subject = &sieve->cells[0];
    tend_status status;

    tend_arena_reset(sieve->scratch);
    filter_rows_limit(run->kept);
    for (size_t i = 0; i < sieve->cell_count; i++)
        sieve->cells[i].is_read = false;
    for (size_t i = 0; i < sieve->slot_count; i++)
        sieve->classes[i] = CLASS_UNSET;
    status = filter_read_row(run, sieve->subject, row, &subject->row);
    if (status < 0)
        return status;
    if (!subject->row)
        return tend_fail(run->reterr, TEND_ENOTFOUND, "there is no %s %" PRId64 "; look at `tend list %s`", kind->name, row,
                         kind->table);
    subject->id = subject->row->id;
    subject->is_read = true;
    return TEND_OK;
}

tend_status tend_sieve_match(tend_sieve *sieve, const tend_world *world, const tend_rates *rates, tend_filter_rows *rows,
                             int64_t row, const uint64_t *among, uint64_t *ret_met, tend_error *reterr)
{
    filter_run run = { .arena = sieve->scratch,
                       .world = world,
                       .rates = rates,
                       .kept = rows,
                       .reader = tend_principal_administrator(),
                       .reterr = reterr };
    tend_status status = TEND_OK;

    if (!sieve->is_built || (sieve->is_relative && sieve->today != filter_day_of(world->now)))
        status = sieve_build(sieve, world, reterr);
    if (status == TEND_OK)
        status = begin(sieve, &run, row);
    if (status < 0)
        return status;
    for (size_t i = 0; i < sieve->words; i++)
        ret_met[i] = sieve->all[i] & (among ? among[i] : UINT64_MAX);
    status = rule_out(sieve, &run, ret_met);
    for (size_t i = 0; i < sieve->words && status == TEND_OK; i++) {
        for (uint64_t left = ret_met[i] & sieve->rest[i]; left != 0 && status == TEND_OK; left &= left - 1) {
            unsigned bit = (unsigned)__builtin_ctzll(left);
            bool is_met = false;

            status = walk(sieve, &run, sieve->entries[i * 64 + bit], &is_met);
            if (!is_met)
                ret_met[i] &= ~(UINT64_C(1) << bit);
        }
    }
    return status;
}
