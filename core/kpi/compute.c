#include "kpi/compute.h"
#include "base/date.h"
#include "base/money.h"
#include "kpi/view.h"
#include <stdlib.h>
#include <string.h>

#define NOTES_MAX 5 /* and the NULL */

bool tend_unit_has_divisor(tend_unit unit)
{
    return unit == TEND_UNIT_MONEY || unit == TEND_UNIT_COUNT;
}

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "kpi: memory is used up");
}

tend_status tend_kpi_view_open(tend_kpis *kpis, const tend_world *world, const tend_period *period, const tend_scope *scope,
                               tend_kpi_view **ret_view, tend_error *reterr)
{
    tend_kpi_view *view = calloc(1, sizeof *view);
    tend_status status = TEND_ENOMEM;
    char from[TEND_DATE_ROOM], to[TEND_DATE_ROOM];

    if (!view)
        return out_of_memory(reterr);
    view->kpis = kpis;
    view->world = world;
    view->period = period ? *period : tend_kpis_period(kpis, tend_world_day(world));
    view->arena = tend_arena_new();
    if (!view->arena)
        status = out_of_memory(reterr);
    else if (view->period.from > view->period.to)
        status = tend_fail(reterr, TEND_EINVAL, "kpi: the period %s to %s ends before it begins; turn its days round",
                           tend_date_format(view->period.from, from), tend_date_format(view->period.to, to));
    else
        status = tend_kpis_currency(kpis, world, view->currency, reterr);
    if (status >= 0)
        status = tend_rates_load(world, &view->rates, reterr);
    if (status >= 0)
        status = tend_columns_new(world, tend_kpis_cache(kpis), scope, view->period, view->currency, &view->columns, reterr);
    if (status < 0) {
        tend_kpi_view_close(view);
        return status;
    }
    *ret_view = view;
    return TEND_OK;
}

void tend_kpi_view_close(tend_kpi_view *view)
{
    if (!view)
        return;
    tend_prepared_clear(view);
    tend_columns_free(view->columns);
    tend_rates_free(view->rates);
    tend_arena_free(view->arena);
    free(view);
}

tend_period tend_kpi_view_period(const tend_kpi_view *view)
{
    return view->period;
}

const char *tend_kpi_view_currency(const tend_kpi_view *view)
{
    return view->currency;
}

tend_columns *tend_kpi_view_columns(tend_kpi_view *view)
{
    return view->columns;
}

const tend_rates *tend_kpi_view_rates(const tend_kpi_view *view)
{
    return view->rates;
}

tend_status tend_kpi_view_convert(const tend_kpi_view *view, const tend_kpi *kpi, const char currency[4], tend_ratio *ratio,
                                  tend_error *reterr)
{
    tend_status status;

    if (!kpi->is_money || strcmp(currency, view->currency) == 0)
        return TEND_OK;
    status =
        tend_rates_convert(view->rates, ratio->numerator, currency, view->currency, view->period.from, &ratio->numerator, reterr);
    if (status >= 0 && !tend_unit_has_divisor(kpi->unit))
        status = tend_rates_convert(view->rates, ratio->denominator, currency, view->currency, view->period.from,
                                    &ratio->denominator, reterr);
    return status;
}

/* ---- one KPI ----------------------------------------------------------------------------------------------------------- */

static tend_status past_64_bits(const tend_kpi *kpi, tend_error *reterr)
{
    return tend_fail(reterr, TEND_ELIMIT, "kpi %s: the sum is past 64 bits; look for a wrong amount, or ask for fewer accounts",
                     kpi->id);
}

static tend_status add_up(const tend_kpi *kpi, int64_t *sum, int64_t more, tend_error *reterr)
{
    return __builtin_add_overflow(*sum, more, sum) ? past_64_bits(kpi, reterr) : TEND_OK;
}

static tend_status add(const tend_kpi *kpi, int64_t *numerator, int64_t *denominator, int64_t more, int64_t below,
                       tend_error *reterr)
{
    tend_status status = add_up(kpi, numerator, more, reterr);

    if (!tend_unit_has_divisor(kpi->unit))
        return status < 0 ? status : add_up(kpi, denominator, below, reterr);
    if (status >= 0 && below != 0 && *denominator != 0 && *denominator != below)
        return tend_fail(reterr, TEND_EINVAL,
                         "kpi %s: one account divides by %lld and another by %lld, so they cannot be added up; its plugin has to "
                         "declare it as a ratio, a score or days, or to divide by one number",
                         kpi->id, (long long)*denominator, (long long)below);
    if (below != 0)
        *denominator = below;
    return status;
}

/* What went wrong at accounts that were left out: how many, and the first sentence. */
typedef struct no_rate {
    size_t count;
    tend_error first;
} no_rate;

static tend_status sum_entry(tend_kpi_view *view, const tend_kpi *kpi, const tend_frame *frame, uint32_t entry, tend_ratio ratio,
                             tend_kpi_account *account, no_rate *left_out, tend_error *reterr)
{
    tend_error error;

    if (frame->newest[entry] > account->newest)
        account->newest = frame->newest[entry];
    if (account->is_left_out)
        return TEND_OK;
    /* Nothing is nothing in every currency. */
    if (frame->currencies && (ratio.numerator != 0 || (ratio.denominator != 0 && !tend_unit_has_divisor(kpi->unit)))) {
        const tend_status status = tend_kpi_view_convert(view, kpi, frame->currencies[entry], &ratio, &error);

        if (status == TEND_ENOTFOUND || status == TEND_ELIMIT || status == TEND_EINVAL) {
            if (left_out->count++ == 0)
                left_out->first = error;
            account->is_left_out = true;
            account->numerator = account->denominator = 0;
            return TEND_OK;
        }
        if (status < 0) {
            *reterr = error;
            return status;
        }
    }
    return add(kpi, &account->numerator, &account->denominator, ratio.numerator, ratio.denominator, reterr);
}

/* What every account comes to, its currencies added up. */
static tend_status fill_accounts(tend_kpi_view *view, const tend_kept_value *kept, tend_kpi_value *value, no_rate *left_out,
                                 tend_error *reterr)
{
    const tend_frame *frame = kept->frame;
    const tend_kpi *kpi = value->kpi;
    size_t count;
    const int64_t *ids = tend_columns_accounts(view->columns, &count);
    tend_kpi_account *accounts = tend_arena_take(view->arena, (count + 1) * sizeof *accounts);
    tend_status status = TEND_OK;
    uint32_t entry = 0;

    if (!accounts)
        return out_of_memory(reterr);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        accounts[i] = (tend_kpi_account){ .account = ids[i], .newest = TEND_NO_TIME };
        for (; status >= 0 && entry < frame->batch.accounts && frame->accounts[entry] == ids[i]; entry++)
            status = sum_entry(view, kpi, frame, entry, kept->ratios[entry], &accounts[i], left_out, reterr);
    }
    value->accounts = accounts;
    return status;
}

bool tend_kpi_view_is_plain(const tend_kpi_view *view, const tend_frame *frame)
{
    size_t count;

    (void)tend_columns_accounts(view->columns, &count);
    return frame->batch.accounts == count && (!frame->currencies || frame->is_one_currency);
}

/* What cannot be added up is found quickly, and said by the one that adds one by one. */
static tend_status sum_plain(const tend_kpi_view *view, const tend_kept_value *kept, tend_kpi_value *value, tend_error *reterr)
{
    const tend_ratio *ratios = kept->ratios;
    const size_t count = value->account_count;
    const tend_kpi *kpi = value->kpi;
    tend_ratio_sum sum;
    tend_status status = TEND_OK;

    if (!tend_prepared_sum(view, kpi, &sum))
        sum = tend_sum_ratios(ratios, count, tend_unit_has_divisor(kpi->unit));
    for (size_t i = 0; sum.is_wrong && status >= 0 && i < count; i++)
        status = add(kpi, &sum.ratio.numerator, &sum.ratio.denominator, ratios[i].numerator, ratios[i].denominator, reterr);
    value->numerator = sum.ratio.numerator;
    value->denominator = sum.ratio.denominator;
    value->defined = sum.defined;
    return status;
}

static tend_status sum_accounts(tend_kpi_view *view, tend_kept_value *kept, no_rate *left_out, tend_error *reterr)
{
    tend_kpi_value *value = &kept->value;
    const tend_kpi *kpi = value->kpi;
    tend_status status;

    (void)tend_columns_accounts(view->columns, &value->account_count);
    if (tend_kpi_view_is_plain(view, kept->frame))
        return sum_plain(view, kept, value, reterr);
    status = fill_accounts(view, kept, value, left_out, reterr);
    for (size_t i = 0; status >= 0 && i < value->account_count; i++) {
        const tend_kpi_account *account = &value->accounts[i];

        status = add(kpi, &value->numerator, &value->denominator, account->numerator, account->denominator, reterr);
        value->defined += account->denominator != 0;
    }
    return status;
}

tend_kpi_account tend_kpi_view_at(const tend_kpi_view *view, const tend_kpi_value *value, size_t i)
{
    const tend_kept_value *kept = (const tend_kept_value *)(const void *)value;
    size_t count;

    if (value->accounts)
        return value->accounts[i];
    return (tend_kpi_account){ .account = tend_columns_accounts(view->columns, &count)[i],
                               .numerator = kept->ratios[i].numerator,
                               .denominator = kept->ratios[i].denominator,
                               .newest = kept->frame->newest[i] };
}

static tend_status compute_alone(tend_kpi_view *view, const tend_kpi *kpi, const tend_frame *frame, const tend_ratio **ret_ratios,
                                 tend_error *reterr)
{
    tend_ratio *ratios = tend_arena_take(view->arena, ((size_t)frame->batch.accounts + 1) * sizeof *ratios);
    tend_status status = ratios ? TEND_OK : out_of_memory(reterr);

    if (status >= 0 && frame->batch.accounts > 0)
        status = tend_hosted_compute(kpi->hosted, kpi->id, &frame->batch, ratios, reterr);
    *ret_ratios = ratios;
    return status;
}

/* The summed numerator of a capability of the same plugin, as it is there already or computed for this. */
static tend_status sum_part(tend_kpi_view *view, const tend_kpi *kpi, const char *name, const tend_frame *frame, int64_t *ret_sum,
                            tend_error *reterr)
{
    tend_kpi part = *kpi;
    const tend_kpi *known;
    const tend_frame *other = NULL;
    const tend_ratio *ratios = NULL;
    tend_error unwanted;
    tend_status status = TEND_OK;

    part.id = name;
    if (tend_kpis_find(view->kpis, name, &known, &unwanted) >= 0 && known->hosted == kpi->hosted &&
        tend_columns_frame(view->columns, known->inputs, known->is_money, &other, &unwanted) >= 0 && other == frame)
        ratios = tend_prepared_find(view, known);
    if (!ratios)
        status = compute_alone(view, &part, frame, &ratios, reterr);
    for (uint32_t entry = 0; status >= 0 && entry < frame->batch.accounts; entry++)
        status = add_up(kpi, ret_sum, ratios[entry].numerator, reterr);
    return status;
}

/* The parts of an interval: the summed numerators of the plugin's capabilities below this one. */
static tend_status compute_interval(tend_kpi_view *view, const tend_frame *frame, tend_kpi_value *value, tend_error *reterr)
{
    const tend_kpi *kpi = value->kpi;
    const size_t length = strlen(kpi->id);
    const tend_ratio sum = { value->numerator, value->denominator };
    const tend_declared *declared;
    int64_t parts[16] = { 0 };
    uint32_t part_count = 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && part_count < 16 && (declared = tend_hosted_declared(kpi->hosted, i)) != NULL; i++)
        if (declared->kind == TEND_KPI && strncmp(declared->name, kpi->id, length) == 0 && declared->name[length] == '.')
            status = sum_part(view, kpi, declared->name, frame, &parts[part_count++], reterr);
    if (status < 0)
        return status;
    /* A value without an interval is still a value. */
    value->has_interval = tend_hosted_interval(kpi->hosted, kpi->id, &sum, parts, part_count, &value->low, &value->high, NULL) >= 0;
    return TEND_OK;
}

/* ---- notes ------------------------------------------------------------------------------------------------------------- */

static const tend_column *column_named(const tend_kpi *kpi, const tend_frame *frame, const char *name)
{
    for (size_t i = 0; kpi->inputs[i].column; i++)
        if (kpi->inputs[i].take == TEND_ALL && strcmp(kpi->inputs[i].column, name) == 0)
            return &frame->batch.columns[i];
    return NULL;
}

/* Why a retention far above 200 % comes out: accounts whose contracts overlap. */
static const char *note_on_overlaps(tend_kpi_view *view, const tend_kpi_value *value, const tend_frame *frame)
{
    const tend_column *starts_on = column_named(value->kpi, frame, "contract.starts_on");
    const tend_column *until = column_named(value->kpi, frame, "contract.active_until");
    const tend_date day = view->period.to;
    char date[TEND_DATE_ROOM];
    size_t customers = 0, overlapping = 0, contracts = 0;

    for (uint32_t entry = 0; starts_on && until && entry < frame->batch.accounts; entry++) {
        size_t active = 0;

        for (uint32_t row = starts_on->starts[entry]; row < starts_on->starts[entry + 1]; row++)
            active += starts_on->values[row] != TEND_UNKNOWN && starts_on->values[row] <= day &&
                      (until->values[row] == TEND_UNKNOWN || until->values[row] >= day);
        customers += active > 0;
        overlapping += active > 1;
        contracts += active > 1 ? active : 0;
    }
    if (overlapping == 0)
        return tend_arena_print(view->arena, "%s is above 200 %%, which is hardly plausible; look for wrong amounts or days",
                                value->kpi->id);
    return tend_arena_print(view->arena,
                            "%s is above 200 %%, which is hardly plausible: %zu of %zu customers have several contracts active on "
                            "%s (%zu.%zu each), and all of them are added up; look for overlapping subscriptions in the source",
                            value->kpi->id, overlapping, customers, tend_date_format(day, date), contracts / overlapping,
                            contracts * 10 / overlapping % 10);
}

static tend_status write_notes(tend_kpi_view *view, tend_kpi_value *value, const tend_frame *frame, const no_rate *left_out,
                               tend_error *reterr)
{
    const char **notes = tend_arena_take(view->arena, NOTES_MAX * sizeof *notes);
    size_t count = 0;

    if (!notes)
        return out_of_memory(reterr);
    if (left_out->count > 0)
        notes[count++] = tend_arena_print(view->arena, "%zu of %zu accounts are left out: %s", left_out->count,
                                          value->account_count, left_out->first.text);
    if (value->kpi->unit == TEND_UNIT_RATIO && value->kpi->is_money && value->denominator > 0 &&
        value->numerator / 2 > value->denominator)
        notes[count++] = note_on_overlaps(view, value, frame);
    if (view->world->known != TEND_NO_TIME && frame->facts > 0)
        notes[count++] = tend_arena_print(view->arena,
                                          "as known then: %zu of %zu facts (%zu.%zu %%) came without the time at which"
                                          " they were known; it is assumed",
                                          frame->assumed, frame->facts, frame->assumed * 100 / frame->facts,
                                          frame->assumed * 1000 / frame->facts % 10);
    if (value->denominator == 0)
        notes[count++] = tend_arena_print(view->arena, "%s is not defined: there is nothing to divide by", value->kpi->id);
    for (size_t i = 0; i < count; i++)
        if (!notes[i])
            return out_of_memory(reterr);
    value->notes = notes;
    return TEND_OK;
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

static tend_status compute(tend_kpi_view *view, const tend_kpi *kpi, tend_kept_value *kept, tend_error *reterr)
{
    tend_kpi_value *value = &kept->value;
    no_rate left_out = { 0 };
    tend_status status = tend_columns_frame(view->columns, kpi->inputs, kpi->is_money, &kept->frame, reterr);

    if (status >= 0)
        kept->ratios = tend_prepared_find(view, kpi);
    if (status >= 0 && !kept->ratios)
        status = compute_alone(view, kpi, kept->frame, &kept->ratios, reterr);
    if (status >= 0) {
        value->kpi = kpi;
        value->period = view->period;
        if (kpi->unit == TEND_UNIT_MONEY)
            memcpy(value->currency, view->currency, 4);
        status = sum_accounts(view, kept, &left_out, reterr);
    }
    if (status >= 0 && kpi->has_interval && value->denominator > 0)
        status = compute_interval(view, kept->frame, value, reterr);
    if (status >= 0)
        status = write_notes(view, value, kept->frame, &left_out, reterr);
    return status;
}

static tend_status find_kept(tend_kpi_view *view, const char *id, tend_kept_value **ret_kept, tend_error *reterr)
{
    const tend_kpi *kpi;
    tend_kept_value *kept = view->values;
    tend_status status = tend_kpis_find(view->kpis, id, &kpi, reterr);

    if (status < 0)
        return status;
    while (kept && kept->value.kpi != kpi)
        kept = kept->next;
    if (!kept) {
        kept = tend_arena_take(view->arena, sizeof *kept);
        status = kept ? compute(view, kpi, kept, reterr) : out_of_memory(reterr);
        if (status < 0)
            return status;
        kept->next = view->values;
        view->values = kept;
    }
    *ret_kept = kept;
    return TEND_OK;
}

tend_status tend_kpi_view_figure(tend_kpi_view *view, const char *id, const tend_kpi_value **ret_value, tend_error *reterr)
{
    tend_kept_value *kept = NULL;
    const tend_status status = find_kept(view, id, &kept, reterr);

    if (status >= 0)
        *ret_value = &kept->value;
    return status;
}

tend_status tend_kpi_view_value(tend_kpi_view *view, const char *id, const tend_kpi_value **ret_value, tend_error *reterr)
{
    tend_kept_value *kept = NULL;
    no_rate left_out = { 0 };
    tend_status status = find_kept(view, id, &kept, reterr);

    if (status >= 0 && !kept->value.accounts)
        status = fill_accounts(view, kept, &kept->value, &left_out, reterr);
    if (status >= 0)
        *ret_value = &kept->value;
    return status;
}

tend_status tend_kpi_micro(const tend_kpi_value *value, int64_t numerator, int64_t denominator, int64_t *ret_micro)
{
    tend_int128 below = denominator, above = (tend_int128)numerator * 1000000;
    const int digits = value->kpi->unit == TEND_UNIT_MONEY ? tend_currency_exponent(value->currency) : 0;

    if (denominator == 0)
        return TEND_ENOTFOUND;
    for (int i = 0; i < digits; i++)
        below *= 10;
    if (below < 0) {
        below = -below;
        above = -above;
    }
    above = above >= 0 ? (above + below / 2) / below : -((-above + below / 2) / below);
    if (above > INT64_MAX || above < INT64_MIN)
        return TEND_ELIMIT;
    *ret_micro = (int64_t)above;
    return TEND_OK;
}
