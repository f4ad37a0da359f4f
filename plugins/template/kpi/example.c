/* example: what customers answered last, as points of ten.
 *
 * The numerator is what was reached, the denominator what could have been reached; the engine divides, and adds up over accounts
 * as sum over sum. Replace the inputs, `part_of` and the texts; the rest stays. */
#include <tend/plugin.h>

enum { SCORE, SCALE_MAX, INPUT_COUNT };

/* Columns of the schema, `tend plugin columns` shows them. TEND_ALL: every row of the account; TEND_LATEST: the newest value. */
static const tend_input inputs[] = {
    [SCORE] = { "answer.score", TEND_ALL },
    [SCALE_MAX] = { "answer.scale_max", TEND_ALL },
    { NULL, TEND_ALL },
};

/* What one row adds: 0/0 is nothing. A value that is not known is TEND_UNKNOWN, and never a number. */
static tend_ratio part_of(const tend_batch *batch, uint32_t row)
{
    const int64_t score = tend_column_int(batch, SCORE)[row], most = tend_column_int(batch, SCALE_MAX)[row];

    if (score == TEND_UNKNOWN || most == TEND_UNKNOWN || score < 0 || most <= 0 || score > most)
        return (tend_ratio){ 0, 0 };
    return (tend_ratio){ score, most };
}

/* Each account by itself: what stands beside it in the batch is chance. */
static tend_status compute(void *self, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr)
{
    const uint32_t *starts = tend_column_starts(batch, SCORE);

    (void)self;
    for (uint32_t account = 0; account < batch->accounts; account++) {
        tend_ratio value = { 0, 0 };

        for (uint32_t row = starts[account]; row < starts[account + 1]; row++) {
            const tend_ratio part = part_of(batch, row);

            if (__builtin_add_overflow(value.numerator, part.numerator, &value.numerator) ||
                __builtin_add_overflow(value.denominator, part.denominator, &value.denominator))
                return tend_fail(reterr, TEND_ELIMIT, "example: a sum does not fit 64 bits; look at answer.scale_max");
        }
        ret_values[account] = value; /* a denominator of 0 is "not defined" */
    }
    return TEND_OK;
}

/* The same rows, one by one: they add up to the value, because both come from part_of. */
static tend_status explain(void *self, const tend_batch *batch, uint32_t account,
                           tend_status (*put)(void *out, const tend_part *part), void *out, tend_error *reterr)
{
    const uint32_t *starts = tend_column_starts(batch, SCORE);
    tend_status status = TEND_OK;

    (void)self;
    (void)reterr;
    for (uint32_t row = starts[account]; status >= 0 && row < starts[account + 1]; row++) {
        const tend_ratio value = part_of(batch, row);
        const tend_part part = { .input = SCORE,
                                 .row = row,
                                 .numerator = value.numerator,
                                 .denominator = value.denominator,
                                 .why = value.denominator == 0 ? "left out: no score on its scale" : "an answer" };

        status = put(out, &part);
    }
    return status;
}

static const tend_kpi_ops ops = {
    .size = sizeof ops,
    .unit = TEND_UNIT_RATIO,
    .higher_is_better = true,
    .version = 1, /* of the formula: one more whenever the same facts give another value */
    .inputs = inputs,
    .formula = "sum of scores / sum of the highest scores of their scales",
    .source = "example",
    .compute = compute,
    .explain = explain,
};

static const tend_capability capabilities[] = {
    { TEND_KPI, "example", "answers, as part of the highest that could have been given", &ops },
    { 0, NULL, NULL, NULL },
};

TEND_PLUGIN(example, "0.1.0", TEND_PROVIDES_KPI, TEND_NEEDS_NOTHING, .summary = "Answers as part of the highest possible",
            .capabilities = capabilities)
