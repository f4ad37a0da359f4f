#include "kpi/scorecard.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const tend_setting health_settings[] = {
    { .key = "minimum_coverage",
      .type = TEND_SETTING_DECIMAL,
      .fallback = "0.5",
      .help = "part of the weight that must have values, 0 to 1; below it the health is unknown, not green" },
    { 0 },
};

static const tend_setting measure_settings[] = {
    { .key = "value",
      .type = TEND_SETTING_TEXT,
      .help = "a KPI id, usage.trend, ticket.open_urgent, touch.days, contract.days_left, invoice.overdue_days, or account.FIELD",
      .is_required = true },
    { .key = "group", .type = TEND_SETTING_NAME, .fallback = "all", .help = "measures of a group stand in for each other" },
    { .key = "weight", .type = TEND_SETTING_DECIMAL, .fallback = "1", .help = "any positive number; weights are normalised" },
    { .key = "low", .type = TEND_SETTING_DECIMAL, .help = "the value that gives 0 points", .is_required = true },
    { .key = "high",
      .type = TEND_SETTING_DECIMAL,
      .help = "the value that gives 100 points; may be below low",
      .is_required = true },
    { .key = "stale_after", .type = TEND_SETTING_DURATION, .help = "a value with no newer fact than this counts as missing" },
    { 0 },
};

static const tend_setting band_settings[] = {
    { .key = "up_to",
      .type = TEND_SETTING_DECIMAL,
      .help = "highest score of the band, which belongs to it; the highest band reaches 100",
      .is_required = true },
    { 0 },
};

const tend_section tend_health_sections[] = {
    { "health", false, "The health of an account: measures weighted and added up to a score from 0 to 100.", health_settings },
    { "measure", true, "One measure of health. When none is written, the scorecard that comes with tend counts.",
      measure_settings },
    { "band", true, "A named stretch of the score. When none is written: red up to 50, yellow up to 75, green up to 100.",
      band_settings },
    { 0 },
};

/* What counts when nothing is written. */
static const char default_measures[] = "[measure.usage]\nvalue = usage.trend\ngroup = product\nweight = 30\nlow = 0.5\nhigh = 1.1\n"
                                       "[measure.urgent]\nvalue = ticket.open_urgent\ngroup = support\nweight = 20\nlow = 3\n"
                                       "high = 0\n"
                                       "[measure.voice]\nvalue = nps\ngroup = voice\nweight = 15\nlow = -50\nhigh = 60\n"
                                       "stale_after = 365 d\n"
                                       "[measure.touch]\nvalue = touch.days\ngroup = relation\nweight = 15\nlow = 90\nhigh = 14\n"
                                       "[measure.paying]\nvalue = invoice.overdue_days\ngroup = money\nweight = 20\nlow = 60\n"
                                       "high = 0\n";

static const tend_section *const only_health_sections[] = { tend_health_sections, NULL };

typedef struct card_reading {
    const tend_config *config;
    FILE *faults;
    tend_error *reterr;
    int fault_count;
} card_reading;

TEND_PRINTF(5, 6)
static void fault(card_reading *reading, const char *section, const char *instance, const char *key, const char *format, ...)
{
    const char *file = NULL;
    unsigned line = 0;
    tend_error error;
    char what[512];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    tend_config_origin(reading->config, section, instance, key, &file, &line);
    (void)tend_fail(&error, TEND_EINVAL, "%s:%u: [%s%s%s] %s: %s", file ? file : "tend.ini", line, section, instance ? "." : "",
                    instance ? instance : "", key, what);
    if (reading->faults)
        (void)fprintf(reading->faults, "%s\n", error.text);
    if (reading->fault_count++ == 0 && reading->reterr)
        *reading->reterr = error;
}

static int64_t read_decimal(card_reading *reading, const char *section, const char *instance, const char *key)
{
    int64_t micro = 0;

    if (tend_config_decimal(reading->config, section, instance, key, 6, &micro) < 0 || micro > 1000000000000000 ||
        micro < -1000000000000000)
        fault(reading, section, instance, key, "not a number of at most six digits after the point below 1,000,000,000; write 0.5");
    return micro;
}

static void read_measure(card_reading *reading, const char *name, tend_scorecard *card)
{
    tend_score_measure *measure = &card->measures[card->measure_count];

    if (card->measure_count == TEND_MEASURES_MAX) {
        fault(reading, "measure", name, "value", "more than %d measures; take some away", TEND_MEASURES_MAX);
        return;
    }
    *measure = (tend_score_measure){
        .name = name,
        .group = tend_config_text(reading->config, "measure", name, "group"),
        .value = tend_config_text(reading->config, "measure", name, "value"),
        .weight = read_decimal(reading, "measure", name, "weight"),
        .low = read_decimal(reading, "measure", name, "low"),
        .high = read_decimal(reading, "measure", name, "high"),
        .stale_ms = tend_config_int(reading->config, "measure", name, "stale_after"),
    };
    if (measure->weight <= 0 || measure->weight > 1000000 * TEND_MICRO)
        fault(reading, "measure", name, "weight", "a weight is above 0 and at most 1,000,000; write 1");
    if (measure->low == measure->high)
        fault(reading, "measure", name, "high", "the same as low, so that no value lies between; make them differ");
    card->measure_count++;
}

static int compare_bands(const void *a, const void *b)
{
    const tend_score_band *left = a, *right = b;

    return left->up_to < right->up_to ? -1 : left->up_to > right->up_to;
}

static void read_bands(card_reading *reading, tend_scorecard *card)
{
    const size_t room = sizeof card->bands / sizeof *card->bands;
    const char *name;

    for (size_t i = 0; (name = tend_config_instance(reading->config, "band", i)) != NULL; i++) {
        const int64_t up_to = read_decimal(reading, "band", name, "up_to");

        if (card->band_count == room) {
            fault(reading, "band", name, "up_to", "more than %zu bands; take some away", room);
            return;
        }
        if (up_to <= 0 || up_to > 100 * TEND_MICRO)
            fault(reading, "band", name, "up_to", "a band ends above 0 and at most at 100; write a score");
        card->bands[card->band_count++] = (tend_score_band){ name, up_to };
    }
    if (card->band_count == 0) {
        static const tend_score_band usual[] = { { "red", 50 * TEND_MICRO },
                                                 { "yellow", 75 * TEND_MICRO },
                                                 { "green", 100 * TEND_MICRO } };

        memcpy(card->bands, usual, sizeof usual);
        card->band_count = sizeof usual / sizeof *usual;
    }
    qsort(card->bands, card->band_count, sizeof *card->bands, compare_bands);
    for (size_t i = 1; i < card->band_count; i++)
        if (card->bands[i].up_to == card->bands[i - 1].up_to)
            fault(reading, "band", card->bands[i].name, "up_to", "the same as of band %s; make them differ",
                  card->bands[i - 1].name);
    if (reading->fault_count == 0 && card->bands[card->band_count - 1].up_to != 100 * TEND_MICRO)
        fault(reading, "band", card->bands[card->band_count - 1].name, "up_to",
              "the highest band must reach 100; write up_to = 100");
}

tend_status tend_scorecard_load(const tend_config *config, FILE *faults, tend_scorecard **ret_card, tend_error *reterr)
{
    tend_scorecard *card = calloc(1, sizeof *card);
    card_reading reading = { config, faults, reterr, 0 };
    tend_status status = TEND_OK;
    const char *name;

    if (!card)
        return tend_fail(reterr, TEND_ENOMEM, "health: memory is used up");
    card->is_default = !config || !tend_config_instance(config, "measure", 0);
    if (card->is_default)
        status = tend_config_load_text("the scorecard that comes with tend", default_measures, sizeof default_measures - 1,
                                       only_health_sections, faults, &card->own, reterr);
    if (status < 0)
        goto out;
    if (!config)
        reading.config = card->own;
    read_bands(&reading, card);
    card->minimum_coverage = read_decimal(&reading, "health", NULL, "minimum_coverage");
    if (card->minimum_coverage < 0 || card->minimum_coverage > TEND_MICRO)
        fault(&reading, "health", NULL, "minimum_coverage", "a part of the weight lies between 0 and 1; write 0.5");
    if (card->is_default)
        reading.config = card->own;
    for (size_t i = 0; (name = tend_config_instance(reading.config, "measure", i)) != NULL; i++)
        read_measure(&reading, name, card);
    if (reading.fault_count > 0)
        status = TEND_EINVAL;
out:
    if (status < 0) {
        tend_scorecard_free(card);
        return status;
    }
    *ret_card = card;
    return TEND_OK;
}

void tend_scorecard_free(tend_scorecard *card)
{
    if (!card)
        return;
    tend_config_free(card->own);
    free(card);
}
