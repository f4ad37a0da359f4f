/* level.c: a KPI that has settings: the part of answers that reach a floor, for the tests of how [plugin.NAME] sets them. */
#include <tend/plugin.h>

#include <stdlib.h>

enum { SCORE };
static const tend_input inputs[] = { { "answer.score", TEND_ALL }, { NULL, TEND_ALL } };

static long floor_of_scale; /* one plugin, one process, one setting */

static tend_status compute(void *self, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr)
{
    const uint32_t *starts = tend_column_starts(batch, SCORE);
    const int64_t *scores = tend_column_int(batch, SCORE);

    (void)self;
    (void)reterr;
    for (uint32_t account = 0; account < batch->accounts; account++) {
        tend_ratio value = { 0, 0 };

        for (uint32_t row = starts[account]; row < starts[account + 1]; row++) {
            value.numerator += scores[row] != TEND_UNKNOWN && scores[row] >= floor_of_scale;
            value.denominator += scores[row] != TEND_UNKNOWN;
        }
        ret_values[account] = value;
    }
    return TEND_OK;
}

static tend_status open_level(const tend_host *host, void **ret_self, tend_error *reterr)
{
    const char *written = host->setting(host, "floor");

    floor_of_scale = strtol(written, NULL, 10);
    if (floor_of_scale > 10)
        return tend_fail(reterr, TEND_EINVAL, "level: floor: %s is above the scale; write 10 or less", written);
    *ret_self = NULL;
    return TEND_OK;
}

static const tend_option settings[] = {
    { "floor", TEND_OPTION_INT, "9", "the least score that counts", false, false },
    { "token", TEND_OPTION_TEXT, NULL, "a secret that nothing depends on", true, false },
    { NULL, 0, NULL, NULL, false, false },
};

static const tend_kpi_ops ops = {
    .size = sizeof ops,
    .unit = TEND_UNIT_RATIO,
    .higher_is_better = true,
    .version = 1,
    .inputs = inputs,
    .formula = "answers of at least [plugin.level] floor / answers",
    .source = "tests",
    .compute = compute,
};

static const tend_capability capabilities[] = {
    { TEND_KPI, "level", "part of the answers that reach the floor", &ops },
    { 0, NULL, NULL, NULL },
};

TEND_PLUGIN(level, "1.0.0", TEND_PROVIDES_KPI, TEND_NEEDS_NOTHING, .summary = "Answers that reach a floor", .settings = settings,
            .capabilities = capabilities, .open = open_level)
