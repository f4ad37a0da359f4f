/* retention: recurring revenue and what became of it, by contracts.
 *
 * Every capability is one reading of the same two numbers per account: S, the yearly money at the end of the opening day, and E,
 * at the end of the last day. new, reactivation, expansion, contraction and churn split E - S without rest, so that
 * mrr = mrr.start + mrr.new + mrr.reactivation + mrr.expansion - mrr.contraction - mrr.churn for every account and any sum. */
#include "contracts.h"

typedef enum retention_measure {
    MRR,
    ARR,
    MRR_START,
    MRR_NEW,
    MRR_REACTIVATION,
    MRR_EXPANSION,
    MRR_CONTRACTION,
    MRR_CHURN,
    GRR,
    NRR,
    NRR_WITH_REACTIVATION,
    LOGO_RETENTION,
    LOGO_CHURN
} retention_measure;

static inline tend_ratio value_of(retention_measure measure, const retention_movement *m)
{
    const bool is_kept = (m->start > 0) & (m->end > 0);

    switch (measure) {
    case MRR:
        return (tend_ratio){ m->end, 12 };
    case ARR:
        return (tend_ratio){ m->end, 1 };
    case MRR_START:
        return (tend_ratio){ m->start, 12 };
    case MRR_NEW:
        return (tend_ratio){ ((m->start == 0) & !m->paid_before) ? m->end : 0, 12 };
    case MRR_REACTIVATION:
        return (tend_ratio){ ((m->start == 0) & (m->paid_before != 0)) ? m->end : 0, 12 };
    case MRR_EXPANSION:
        return (tend_ratio){ (is_kept & (m->end > m->start)) ? m->end - m->start : 0, 12 };
    case MRR_CONTRACTION:
        return (tend_ratio){ (is_kept & (m->start > m->end)) ? m->start - m->end : 0, 12 };
    case MRR_CHURN:
        return (tend_ratio){ m->end == 0 ? m->start : 0, 12 };
    case GRR:
        return (tend_ratio){ m->start < m->end ? m->start : m->end, m->start };
    case NRR:
        return (tend_ratio){ m->start > 0 ? m->end : 0, m->start };
    case NRR_WITH_REACTIVATION:
        return (tend_ratio){ ((m->start > 0) | (m->paid_before != 0)) ? m->end : 0, m->start };
    case LOGO_RETENTION:
        return (tend_ratio){ m->paid_at_start & m->paid_at_end, m->paid_at_start };
    case LOGO_CHURN:
        return (tend_ratio){ m->paid_at_start & ~m->paid_at_end, m->paid_at_start };
    }
    return (tend_ratio){ 0 };
}

static tend_status compute(retention_measure measure, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr)
{
    retention_contracts contracts;
    tend_status status = contracts_of(batch, &contracts, reterr);

    for (uint32_t account = 0; status >= 0 && account < batch->accounts; account++) {
        retention_movement movement;

        status = movement_of(&contracts, account, &movement, reterr);
        if (status >= 0)
            ret_values[account] = value_of(measure, &movement);
    }
    return status;
}

#define MEASURES_MAX 64

/* Which measure a capability is. */
static retention_measure measure_of(const tend_kpi_ops *ops);

/* One measure of many accounts: a loop of its own for each, so that none asks which it is. */
RETENTION_WIDE
static void values_of(retention_measure measure, const retention_movements *movements, uint32_t count,
                      tend_ratio *restrict ret_values)
{
#define EACH(measure_)                                                                                          \
    case measure_:                                                                                              \
        for (uint32_t i = 0; i < count; i++) {                                                                  \
            const retention_movement m = { movements->start[i], movements->end[i], movements->paid_at_start[i], \
                                           movements->paid_at_end[i], movements->paid_before[i] };              \
            ret_values[i] = value_of(measure_, &m);                                                             \
        }                                                                                                       \
        break

    switch (measure) {
        EACH(MRR);
        EACH(ARR);
        EACH(MRR_START);
        EACH(MRR_NEW);
        EACH(MRR_REACTIVATION);
        EACH(MRR_EXPANSION);
        EACH(MRR_CONTRACTION);
        EACH(MRR_CHURN);
        EACH(GRR);
        EACH(NRR);
        EACH(NRR_WITH_REACTIVATION);
        EACH(LOGO_RETENTION);
        EACH(LOGO_CHURN);
    }
#undef EACH
}

/* The two numbers of an account once, whatever is asked about them. */
static tend_status compute_many(void *self, const tend_kpi_ops *const *ops, uint32_t count, const tend_batch *batch,
                                tend_ratio *const *ret_values, tend_error *reterr)
{
    retention_measure measures[MEASURES_MAX];
    retention_contracts contracts;
    retention_movements movements;
    tend_status status = contracts_of(batch, &contracts, reterr);

    (void)self;
    if (count > MEASURES_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "kpi retention: %u capabilities at once; %d are the most", count, MEASURES_MAX);
    for (uint32_t n = 0; n < count; n++)
        measures[n] = measure_of(ops[n]);
    for (uint32_t first = 0; status >= 0 && first < batch->accounts; first += RETENTION_ACCOUNTS) {
        const uint32_t left = batch->accounts - first, some = left < RETENTION_ACCOUNTS ? left : RETENTION_ACCOUNTS;

        status = movements_of(&contracts, first, some, &movements, reterr);
        for (uint32_t n = 0; status >= 0 && n < count; n++)
            values_of(measures[n], &movements, some, ret_values[n] + first);
    }
    return status;
}

/* ---- explaining -------------------------------------------------------------------------------------------------------- */

typedef struct part_list {
    tend_status (*put)(void *out, const tend_part *part);
    void *out;
    tend_ratio left; /* what the parts so far have not accounted for */
} part_list;

static tend_status put_part(part_list *parts, uint32_t row, int64_t numerator, int64_t denominator, const char *why)
{
    const tend_part part = { .row = row, .numerator = numerator, .denominator = denominator, .why = why };

    parts->left.numerator -= numerator;
    parts->left.denominator -= denominator;
    return parts->put(parts->out, &part);
}

#define DATED_ROOM 96
/* "ended 2024-03-01", in `text`. */
static const char *dated(const char *what, int64_t date, char text[static DATED_ROOM])
{
    /* Days since 1970-01-01 to year, month and day: eras of 400 years that begin on 1 March. */
    const int64_t shifted = date + 719468;
    const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const int64_t day_of_era = shifted - era * 146097;
    const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t from_march = (5 * day_of_year + 2) / 153;
    const int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;

    (void)snprintf(text, DATED_ROOM, "%s %04lld-%02lld-%02lld", what, (long long)(year_of_era + era * 400 + (month <= 2)),
                   (long long)month, (long long)(day_of_year - (153 * from_march + 2) / 5 + 1));
    return text;
}

static const char *what_happened(const retention_contracts *contracts, uint32_t row, int64_t start, int64_t end,
                                 char text[static DATED_ROOM])
{
    if (start != 0 && end != 0)
        return "active at start and end";
    if (end != 0)
        return dated("began", contracts->starts_on[row], text);
    return dated("ended", contracts->active_until[row], text);
}

/* What a contract with `start` and `end` adds to an account whose value is `value`. */
static tend_ratio share_of(retention_measure measure, const retention_movement *m, tend_ratio value, int64_t start, int64_t end)
{
    switch (measure) {
    case MRR:
    case ARR:
        return (tend_ratio){ end, 0 };
    case MRR_START:
        return (tend_ratio){ start, 0 };
    case MRR_NEW:
    case MRR_REACTIVATION:
    case MRR_EXPANSION:
        return (tend_ratio){ value.numerator ? end - start : 0, 0 };
    case MRR_CONTRACTION:
    case MRR_CHURN:
        return (tend_ratio){ value.numerator ? start - end : 0, 0 };
    case GRR:
        return (tend_ratio){ m->start < m->end ? start : end, start };
    case NRR:
    case NRR_WITH_REACTIVATION:
        return (tend_ratio){ value.numerator || m->start > 0 ? end : 0, start };
    case LOGO_RETENTION:
    case LOGO_CHURN:
        break;
    }
    return (tend_ratio){ 0 };
}

static tend_status explain_money(retention_measure measure, const retention_contracts *contracts, uint32_t account,
                                 const retention_movement *movement, part_list *parts)
{
    const tend_ratio value = parts->left;
    const bool is_ratio = measure == GRR || measure == NRR || measure == NRR_WITH_REACTIVATION;
    tend_status status = TEND_OK;

    if (!is_ratio)
        status = put_part(parts, UINT32_MAX, 0, value.denominator,
                          value.denominator == 12 ? "yearly money, divided by 12 when shown" : "yearly money");
    for (uint32_t row = contracts->starts[account]; status >= 0 && row < contracts->starts[account + 1]; row++) {
        const char *why = contract_left_out(contracts, row);
        const int64_t start = why ? 0 : contract_amount_on(contracts, row, contracts->from);
        const int64_t end = why ? 0 : contract_amount_on(contracts, row, contracts->to);
        const tend_ratio share = share_of(measure, movement, value, start, end);
        char text[DATED_ROOM];

        if (share.numerator != 0 || share.denominator != 0)
            status = put_part(parts, row, share.numerator, share.denominator, what_happened(contracts, row, start, end, text));
        else if (why)
            status = put_part(parts, row, 0, 0, why);
    }
    if (status >= 0 && (parts->left.numerator != 0 || parts->left.denominator != 0))
        status = put_part(parts, UINT32_MAX, parts->left.numerator, parts->left.denominator,
                          "contracts that add up to less than nothing count as nothing");
    return status;
}

/* A customer at the start is shown by the first contract active then; the end by the first active, or the last to end. */
static tend_status explain_logo(const retention_contracts *contracts, uint32_t account, part_list *parts)
{
    uint32_t at_start = UINT32_MAX, at_end = UINT32_MAX, last = UINT32_MAX;
    char text[DATED_ROOM];

    for (uint32_t row = contracts->starts[account]; row < contracts->starts[account + 1]; row++) {
        if (contract_left_out(contracts, row))
            continue;
        if (contract_amount_on(contracts, row, contracts->to) > 0 && at_end == UINT32_MAX)
            at_end = row;
        if (contract_amount_on(contracts, row, contracts->from) > 0) {
            if (at_start == UINT32_MAX)
                at_start = row;
        }
        if (contracts->starts_on[row] <= contracts->to && contracts->active_until[row] != TEND_UNKNOWN &&
            (last == UINT32_MAX || contracts->active_until[row] > contracts->active_until[last]))
            last = row;
    }
    if (parts->left.denominator == 0)
        return TEND_OK;
    const int64_t numerator = parts->left.numerator;
    tend_status status = put_part(parts, at_start, 0, 1, "a customer at the start");

    if (status < 0)
        return status;
    if (at_end != UINT32_MAX)
        return put_part(parts, at_end, numerator, 0, "a customer at the end");
    return put_part(parts, last, numerator, 0, dated("churned", contracts->active_until[last], text));
}

static tend_status explain(retention_measure measure, const tend_batch *batch, uint32_t account,
                           tend_status (*put)(void *out, const tend_part *part), void *out, tend_error *reterr)
{
    retention_contracts contracts;
    retention_movement movement;
    tend_status status = contracts_of(batch, &contracts, reterr);

    if (status >= 0)
        status = movement_of(&contracts, account, &movement, reterr);
    if (status < 0)
        return status;
    part_list parts = { put, out, value_of(measure, &movement) };

    if (measure == LOGO_RETENTION || measure == LOGO_CHURN)
        return explain_logo(&contracts, account, &parts);
    return explain_money(measure, &contracts, account, &movement, &parts);
}

/* ---- the plugin -------------------------------------------------------------------------------------------------------- */

/* Ends the formulas that name them. */
#define S_AND_E "; S, E: an account's yearly money on the first and on the last day"
#define SOURCE_MOVEMENTS "five categories as ChartMogul counts them (help 203299912, 4416682609426)"

/* One capability: its two functions and its table. */
#define CAPABILITY(id, measure_, unit_, is_money_, is_better_, formula_, source_)                                        \
    static tend_status compute_##id(void *self, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr)     \
    {                                                                                                                    \
        (void)self;                                                                                                      \
        return compute(measure_, batch, ret_values, reterr);                                                             \
    }                                                                                                                    \
    static tend_status explain_##id(void *self, const tend_batch *batch, uint32_t account,                               \
                                    tend_status (*put)(void *out, const tend_part *part), void *out, tend_error *reterr) \
    {                                                                                                                    \
        (void)self;                                                                                                      \
        return explain(measure_, batch, account, put, out, reterr);                                                      \
    }                                                                                                                    \
    static const tend_kpi_ops id = {                                                                                     \
        .size = sizeof(tend_kpi_ops),                                                                                    \
        .unit = unit_,                                                                                                   \
        .is_money = is_money_,                                                                                           \
        .higher_is_better = is_better_,                                                                                  \
        .version = 1,                                                                                                    \
        .inputs = contracts_inputs,                                                                                      \
        .formula = formula_,                                                                                             \
        .source = source_,                                                                                               \
        .compute = compute_##id,                                                                                         \
        .explain = explain_##id,                                                                                         \
        .compute_many = compute_many,                                                                                    \
    };

CAPABILITY(mrr, MRR, TEND_UNIT_MONEY, true, true, "yearly money of the contracts active at the end / 12", SOURCE_MOVEMENTS)
CAPABILITY(arr, ARR, TEND_UNIT_MONEY, true, true, "yearly money of the contracts active at the end", SOURCE_MOVEMENTS)
CAPABILITY(mrr_start, MRR_START, TEND_UNIT_MONEY, true, true, "yearly money of the contracts active at the start / 12",
           SOURCE_MOVEMENTS)
CAPABILITY(mrr_new, MRR_NEW, TEND_UNIT_MONEY, true, true, "E / 12 of accounts that never paid before" S_AND_E, SOURCE_MOVEMENTS)
CAPABILITY(mrr_reactivation, MRR_REACTIVATION, TEND_UNIT_MONEY, true, true,
           "E / 12 of accounts with S = 0 that had paid before" S_AND_E, SOURCE_MOVEMENTS)
CAPABILITY(mrr_expansion, MRR_EXPANSION, TEND_UNIT_MONEY, true, true, "(E - S) / 12 of accounts with E > S > 0" S_AND_E,
           SOURCE_MOVEMENTS)
CAPABILITY(mrr_contraction, MRR_CONTRACTION, TEND_UNIT_MONEY, true, false, "(S - E) / 12 of accounts with S > E > 0" S_AND_E,
           SOURCE_MOVEMENTS)
CAPABILITY(mrr_churn, MRR_CHURN, TEND_UNIT_MONEY, true, false, "S / 12 of accounts with E = 0" S_AND_E, SOURCE_MOVEMENTS)
CAPABILITY(grr, GRR, TEND_UNIT_RATIO, true, true, "sum of min(S, E) / sum of S" S_AND_E, "standard; never above 100 %")
CAPABILITY(nrr, NRR, TEND_UNIT_RATIO, true, true, "sum of E of accounts with S > 0 / sum of S; reactivation left out" S_AND_E,
           "(S + expansion - contraction - churn) / S; reactivation left out as in Baremetrics")
CAPABILITY(nrr_with_reactivation, NRR_WITH_REACTIVATION, TEND_UNIT_RATIO, true, true,
           "sum of E of accounts that had paid by the start / sum of S" S_AND_E,
           "net MRR churn with reactivation, ChartMogul (help 4414075567250)")
CAPABILITY(logo_retention, LOGO_RETENTION, TEND_UNIT_RATIO, false, true, "customers at start and end / customers at start",
           "standard; one account is one logo")
CAPABILITY(logo_churn, LOGO_CHURN, TEND_UNIT_RATIO, false, false,
           "customers at start that are none at the end / customers at start", "1 - logo_retention")

static retention_measure measure_of(const tend_kpi_ops *ops)
{
    static const struct known {
        const tend_kpi_ops *ops;
        retention_measure measure;
    } known[] = {
        { &mrr, MRR },
        { &arr, ARR },
        { &mrr_start, MRR_START },
        { &mrr_new, MRR_NEW },
        { &mrr_reactivation, MRR_REACTIVATION },
        { &mrr_expansion, MRR_EXPANSION },
        { &mrr_contraction, MRR_CONTRACTION },
        { &mrr_churn, MRR_CHURN },
        { &grr, GRR },
        { &nrr, NRR },
        { &nrr_with_reactivation, NRR_WITH_REACTIVATION },
        { &logo_retention, LOGO_RETENTION },
        { &logo_churn, LOGO_CHURN },
    };
    size_t i = 0;

    while (known[i].ops != ops)
        i++;
    return known[i].measure;
}

static const tend_capability capabilities[] = {
    { TEND_KPI, "mrr", "recurring revenue per month on the last day, by the rates of the first", &mrr },
    { TEND_KPI, "arr", "recurring revenue per year on the last day, by the rates of the first", &arr },
    { TEND_KPI, "mrr.start", "recurring revenue per month at the start", &mrr_start },
    { TEND_KPI, "mrr.new", "per month, from customers that never paid before", &mrr_new },
    { TEND_KPI, "mrr.reactivation", "per month, from customers that had left and came back", &mrr_reactivation },
    { TEND_KPI, "mrr.expansion", "per month more from customers of the start", &mrr_expansion },
    { TEND_KPI, "mrr.contraction", "per month less from customers that stayed", &mrr_contraction },
    { TEND_KPI, "mrr.churn", "per month lost with customers that left", &mrr_churn },
    { TEND_KPI, "grr", "gross revenue retention, whole base", &grr },
    { TEND_KPI, "grr.base", "the same as grr", &grr },
    { TEND_KPI, "nrr", "net revenue retention, reactivation left out", &nrr },
    { TEND_KPI, "nrr.excl_react", "the same as nrr", &nrr },
    { TEND_KPI, "nrr.with_reactivation", "net revenue retention, reactivation counted", &nrr_with_reactivation },
    { TEND_KPI, "nrr.incl_react", "the same as nrr.with_reactivation", &nrr_with_reactivation },
    { TEND_KPI, "logo_retention", "customers of the start that are customers at the end", &logo_retention },
    { TEND_KPI, "logo_churn", "customers of the start that are none at the end", &logo_churn },
    { 0 },
};

TEND_PLUGIN(retention, "1.0.0", TEND_PROVIDES_KPI, TEND_NEEDS_NOTHING, .summary = "Recurring revenue, its movements and retention",
            .capabilities = capabilities)
