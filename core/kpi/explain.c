#include "kpi/explain.h"
#include "kpi/view.h"
#include <string.h>

typedef struct part_gathering {
    tend_kpi_view *view;
    const tend_kpi *kpi;
    const tend_frame *frame;
    uint32_t entry;
    tend_arena *arena;
    tend_kpi_part *parts; /* from the arena */
    size_t count, room;
    tend_ratio sum, converted; /* of the entry so far, in its currency and in the view's */
    tend_error *reterr;
} part_gathering;

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "kpi: memory is used up");
}

static tend_kpi_part *new_part(part_gathering *gathering)
{
    if (gathering->count == gathering->room) {
        const size_t room = gathering->room ? 2 * gathering->room : 64;
        tend_kpi_part *parts = tend_arena_take(gathering->arena, room * sizeof *parts);

        if (!parts)
            return NULL;
        if (gathering->count > 0)
            memcpy(parts, gathering->parts, gathering->count * sizeof *parts);
        gathering->parts = parts;
        gathering->room = room;
    }
    tend_kpi_part *part = &gathering->parts[gathering->count++];

    *part = (tend_kpi_part){ .at = TEND_NO_TIME };
    return part;
}

static tend_status find_fact(part_gathering *gathering, const tend_part *from, tend_kpi_part *part)
{
    const tend_frame *frame = gathering->frame;
    const tend_principal reader = tend_principal_administrator();
    const tend_change *changes;
    size_t count;

    if (from->row == UINT32_MAX)
        return TEND_OK;
    if (from->input >= frame->batch.inputs ||
        (frame->batch.columns[from->input].starts && (from->row < frame->batch.columns[from->input].starts[gathering->entry] ||
                                                      from->row >= frame->batch.columns[from->input].starts[gathering->entry + 1])))
        return tend_fail(gathering->reterr, TEND_ERROR, "plugin %s: kpi %s: explains by a fact that it was not given; report it",
                         gathering->kpi->plugin, gathering->kpi->id);
    part->kind = frame->kinds[from->input];
    /* One value per entry: whatever row was named, it is the entry's own. */
    const uint32_t row = frame->batch.columns[from->input].starts ? from->row : gathering->entry;

    part->row = frame->rows[from->input][row];
    part->at = frame->at[from->input][row];
    if (part->row == 0) {
        part->kind = TEND_KIND_NONE;
        return TEND_OK;
    }
    const tend_status status =
        tend_history(gathering->view->world, &reader, part->kind, part->row, gathering->arena, &changes, &count, gathering->reterr);

    part->source = status >= 0 && count > 0 ? changes[0].source : NULL;
    return status;
}

/* Converts running sums, so that the parts add up to the converted whole. */
static tend_status convert_part(part_gathering *gathering, const tend_part *from, tend_kpi_part *part)
{
    tend_ratio sum, converted;
    tend_status status = TEND_OK;

    if (__builtin_add_overflow(gathering->sum.numerator, from->numerator, &sum.numerator) ||
        __builtin_add_overflow(gathering->sum.denominator, from->denominator, &sum.denominator))
        return tend_fail(gathering->reterr, TEND_ELIMIT,
                         "kpi %s: the parts add up to more than 64 bits hold; look for a wrong amount", gathering->kpi->id);
    gathering->sum = sum;
    if (gathering->frame->currencies)
        status = tend_kpi_view_convert(gathering->view, gathering->kpi, gathering->frame->currencies[gathering->entry], &sum,
                                       gathering->reterr);
    if (status < 0)
        return status;
    converted = gathering->converted;
    part->numerator = sum.numerator - converted.numerator;
    part->denominator = sum.denominator - converted.denominator;
    gathering->converted = sum;
    return TEND_OK;
}

static tend_status put_part(void *self, const tend_part *from)
{
    part_gathering *gathering = self;
    tend_kpi_part *part = new_part(gathering);
    tend_status status;

    if (!part)
        return out_of_memory(gathering->reterr);
    part->account = gathering->frame->accounts[gathering->entry];
    part->why = tend_arena_string(gathering->arena, from->why ? from->why : "");
    status = part->why ? find_fact(gathering, from, part) : out_of_memory(gathering->reterr);
    return status < 0 ? status : convert_part(gathering, from, part);
}

/* The plugin's word is not taken: what it put must be what it computed. */
static tend_status check_sum(const part_gathering *gathering, tend_ratio computed)
{
    if (gathering->sum.numerator == computed.numerator && gathering->sum.denominator == computed.denominator)
        return TEND_OK;
    return tend_fail(gathering->reterr, TEND_ERROR,
                     "plugin %s: kpi %s: its parts add up to %lld/%lld, but its value is %lld/%lld; report it",
                     gathering->kpi->plugin, gathering->kpi->id, (long long)gathering->sum.numerator,
                     (long long)gathering->sum.denominator, (long long)computed.numerator, (long long)computed.denominator);
}

static tend_status explain_account(part_gathering *gathering, int64_t account)
{
    const tend_frame *frame = gathering->frame;
    tend_ratio *ratios = tend_arena_take(gathering->arena, ((size_t)frame->batch.accounts + 1) * sizeof *ratios);
    bool has_entry = false, has_divisor = false;
    tend_status status = ratios ? TEND_OK : out_of_memory(gathering->reterr);

    if (status >= 0 && frame->batch.accounts > 0)
        status = tend_hosted_compute(gathering->kpi->hosted, gathering->kpi->id, &frame->batch, ratios, gathering->reterr);
    for (uint32_t entry = 0; status >= 0 && entry < frame->batch.accounts; entry++) {
        const size_t before = gathering->count;

        if (frame->accounts[entry] != account)
            continue;
        has_entry = true;
        gathering->entry = entry;
        gathering->sum = gathering->converted = (tend_ratio){ 0 };
        status = tend_hosted_explain(gathering->kpi->hosted, gathering->kpi->id, &frame->batch, entry, put_part, gathering,
                                     gathering->reterr);
        if (status >= 0)
            status = check_sum(gathering, ratios[entry]);
        /* A divisor counts once, however many currencies the account has. */
        for (size_t i = before; has_divisor && tend_unit_has_divisor(gathering->kpi->unit) && i < gathering->count; i++)
            gathering->parts[i].denominator = 0;
        has_divisor = true;
    }
    if (status >= 0 && !has_entry)
        status = tend_fail(gathering->reterr, TEND_ENOTFOUND, "kpi %s: account %lld is not among those computed; name another one",
                           gathering->kpi->id, (long long)account);
    return status;
}

static tend_status list_accounts(part_gathering *gathering, const tend_kpi_value *value)
{
    for (size_t i = 0; i < value->account_count; i++) {
        const tend_kpi_account *account = &value->accounts[i];
        tend_kpi_part *part;

        if (account->numerator == 0 && (account->denominator == 0 || tend_unit_has_divisor(value->kpi->unit)))
            continue;
        if (!(part = new_part(gathering)))
            return out_of_memory(gathering->reterr);
        *part = (tend_kpi_part){ .account = account->account,
                                 .kind = TEND_KIND_ACCOUNT,
                                 .row = account->account,
                                 .at = account->newest,
                                 .numerator = account->numerator,
                                 .denominator = account->denominator };
    }
    return TEND_OK;
}

tend_status tend_kpi_explain(tend_kpi_view *view, const char *id, int64_t account, tend_arena *arena,
                             const tend_kpi_part **ret_parts, size_t *ret_count, tend_error *reterr)
{
    part_gathering gathering = { .view = view, .arena = arena, .reterr = reterr };
    const tend_kpi_value *value;
    tend_status status = tend_kpi_view_value(view, id, &value, reterr);

    if (status < 0)
        return status;
    gathering.kpi = value->kpi;
    if (account == 0)
        status = list_accounts(&gathering, value);
    else if (!value->kpi->has_explain)
        status =
            tend_fail(reterr, TEND_ENOTFOUND, "kpi %s: plugin %s gives no parts for it; see `tend kpi show %s` for the formula", id,
                      value->kpi->plugin, id);
    else
        status = tend_columns_frame(view->columns, value->kpi->inputs, value->kpi->is_money, &gathering.frame, reterr);
    if (status >= 0 && account != 0)
        status = explain_account(&gathering, account);
    if (status < 0)
        return status;
    *ret_parts = gathering.parts;
    *ret_count = gathering.count;
    return TEND_OK;
}
