/* broken_kpi.c: the sum of what was invoiced, with one rule broken by a definition: BREAKS_RUNNING, BREAKS_UNKNOWN … */
#include <tend/plugin.h>

#include <stdlib.h>

static const tend_input inputs[] = { { "invoice.amount", TEND_ALL }, { "invoice.status", TEND_ALL }, { NULL, TEND_ALL } };

static bool add(int64_t value, int64_t *sum)
{
#if !defined(BREAKS_UNKNOWN)
    if (value == TEND_UNKNOWN)
        return true;
#endif
#if defined(BREAKS_WRAPPING) || defined(BREAKS_UNKNOWN)
    *sum = (int64_t)((uint64_t)*sum + (uint64_t)value);
    return true;
#else
    return !__builtin_add_overflow(*sum, value, sum);
#endif
}

static tend_status compute(void *self, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr)
{
    const int64_t *values = tend_column_int(batch, 0);
    const uint32_t *starts = tend_column_starts(batch, 0);
    int64_t sum = 0;

    (void)self;
#if defined(BREAKS_EMPTY)
    if (batch->accounts == 0)
        abort();
#endif
    for (uint32_t account = 0; account < batch->accounts; account++) {
#if !defined(BREAKS_RUNNING)
        sum = 0;
#endif
        for (uint32_t row = starts[account]; row < starts[account + 1]; row++)
            if (!add(values[row], &sum))
                return tend_fail(reterr, TEND_ELIMIT, "broken: a sum does not fit 64 bits");
#if defined(BREAKS_WORDS)
        for (uint32_t row = starts[account]; row < starts[account + 1]; row++)
            sum += tend_column_int(batch, 1)[row] < 1; /* the first word, or none that is known */
#endif
#if defined(BREAKS_MIDDLE)
        for (uint32_t row = starts[account]; row < starts[account + 1]; row++)
            sum += tend_column_int(batch, 1)[row] == 2; /* the middle word of five: in the opposite order as well */
#endif
#if defined(BREAKS_DIVISOR)
        ret_values[account] = (tend_ratio){ sum, starts[account + 1] - starts[account] };
#else
        ret_values[account] = (tend_ratio){ sum, 1 };
#endif
    }
    return TEND_OK;
}

static tend_status explain(void *self, const tend_batch *batch, uint32_t account,
                           tend_status (*put)(void *out, const tend_part *part), void *out, tend_error *reterr)
{
    const int64_t *values = tend_column_int(batch, 0);
    const uint32_t *starts = tend_column_starts(batch, 0);
    tend_status status = put(out, &(tend_part){ .row = UINT32_MAX, .denominator = 1, .why = "money" });

    (void)self;
    (void)reterr;
    for (uint32_t row = starts[account]; status >= 0 && row < starts[account + 1]; row++) {
        int64_t part = 0;

        (void)add(values[row], &part);
#if defined(BREAKS_PARTS)
        part += row == starts[account]; /* a cent too much */
#endif
#if defined(BREAKS_STRANGER)
        status = put(out, &(tend_part){ .row = row - starts[account], .numerator = part, .why = "an invoice" });
        continue;
#endif
        status = put(out, &(tend_part){ .row = row, .numerator = part, .why = "an invoice" });
    }
    return status;
}

static const tend_kpi_ops ops = {
    .size = sizeof ops,
    .unit = TEND_UNIT_MONEY,
#if !defined(BREAKS_CURRENCY)
    .is_money = true,
#endif
    .version = 1,
    .inputs = inputs,
    .formula = "sum of invoices",
    .source = "a test",
    .compute = compute,
    .explain = explain,
};
static const tend_capability capabilities[] = {
    { TEND_KPI, "broken", "what was invoiced", &ops },
    { 0, NULL, NULL, NULL },
};
TEND_PLUGIN(broken, "1.0.0", TEND_PROVIDES_KPI, TEND_NEEDS_NOTHING, .summary = "Breaks one rule", .capabilities = capabilities)
