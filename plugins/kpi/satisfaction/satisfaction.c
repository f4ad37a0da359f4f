/* satisfaction: what customers answer: NPS, CSAT and CES, with the names of their variants.
 *
 * Every capability looks at one answer at a time: what it adds to the numerator, and that it is one more in the denominator. So a
 * value and its explanation cannot differ. nps.promoters, nps.passives and nps.detractors are the shares behind nps; their
 * numerators are the parts that the interval of nps needs. */
#include "answers.h"
#include <math.h>

typedef struct asked_question {
    const asked_survey *survey;
    int64_t (*points)(int64_t score); /* what an answer adds to the numerator */
} asked_question;

static int64_t is_promoter(int64_t score)
{
    return score >= 9;
}
static int64_t is_passive(int64_t score)
{
    return score == 7 || score == 8;
}
static int64_t is_detractor(int64_t score)
{
    return score <= 6;
}
static int64_t nps_points(int64_t score)
{
    return 100 * (is_promoter(score) - is_detractor(score));
}
static int64_t is_top_two_of_five(int64_t score)
{
    return score >= 4;
}
static int64_t is_top_three_of_seven(int64_t score)
{
    return score >= 5;
}
static int64_t as_it_is(int64_t score)
{
    return score;
}

static const asked_question ask_nps = { &survey_nps, nps_points };
static const asked_question ask_promoters = { &survey_nps, is_promoter };
static const asked_question ask_passives = { &survey_nps, is_passive };
static const asked_question ask_detractors = { &survey_nps, is_detractor };
static const asked_question ask_csat_top2 = { &survey_csat, is_top_two_of_five };
static const asked_question ask_csat_mean = { &survey_csat, as_it_is };
static const asked_question ask_ces_top3 = { &survey_ces, is_top_three_of_seven };
static const asked_question ask_ces_mean7 = { &survey_ces, as_it_is };

static tend_status compute(const asked_question *question, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr)
{
    asked_answers answers;
    char why[ANSWERS_WHY_ROOM];
    const tend_status status = answers_of(batch, question->survey, &answers, reterr);

    for (uint32_t account = 0; status >= 0 && account < batch->accounts; account++) {
        tend_ratio value = { 0 };

        for (uint32_t row = answers.starts[account]; row < answers.starts[account + 1]; row++) {
            int64_t score;

            if (answer_counts(&answers, row, &score, why)) {
                value.numerator += question->points(score);
                value.denominator++;
            }
        }
        ret_values[account] = value;
    }
    return status;
}

#define QUESTIONS_MAX 64

/* Which question a capability is. */
static const asked_question *question_of(const tend_kpi_ops *ops);

/* Accounts without an answer stay at nothing; each answer is looked at once for every survey that is asked about. */
static tend_status compute_many(void *self, const tend_kpi_ops *const *ops, uint32_t count, const tend_batch *batch,
                                tend_ratio *const *ret_values, tend_error *reterr)
{
    const asked_survey *const surveys[] = { &survey_nps, &survey_csat, &survey_ces };
    const asked_question *questions[QUESTIONS_MAX];
    char why[ANSWERS_WHY_ROOM];

    (void)self;
    if (count > QUESTIONS_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "kpi satisfaction: %u capabilities at once; %d are the most", count, QUESTIONS_MAX);
    for (uint32_t n = 0; n < count; n++)
        questions[n] = question_of(ops[n]);
    for (size_t s = 0; s < sizeof surveys / sizeof *surveys; s++) {
        asked_answers answers;
        const tend_status status = answers_of(batch, surveys[s], &answers, reterr);

        if (status < 0)
            return status;
        for (uint32_t account = 0; answers.word >= 0 && account < batch->accounts; account++)
            for (uint32_t row = answers.starts[account]; row < answers.starts[account + 1]; row++) {
                int64_t score;

                if (!answer_counts(&answers, row, &score, why))
                    continue;
                for (uint32_t n = 0; n < count; n++) {
                    if (questions[n]->survey != surveys[s])
                        continue;
                    ret_values[n][account].numerator += questions[n]->points(score);
                    ret_values[n][account].denominator++;
                }
            }
    }
    return TEND_OK;
}

static const char *kind_of(const asked_question *question, int64_t score)
{
    if (question->survey != &survey_nps)
        return "answer";
    return is_promoter(score) ? "promoter" : is_passive(score) ? "passive" : "detractor";
}

static tend_status explain(const asked_question *question, const tend_batch *batch, uint32_t account,
                           tend_status (*put)(void *out, const tend_part *part), void *out, tend_error *reterr)
{
    asked_answers answers;
    char why[ANSWERS_WHY_ROOM];
    tend_status status = answers_of(batch, question->survey, &answers, reterr);

    if (status < 0)
        return status;
    for (uint32_t row = answers.starts[account]; status >= 0 && row < answers.starts[account + 1]; row++) {
        tend_part part = { .row = row, .why = why };
        int64_t score;

        if (answer_counts(&answers, row, &score, why)) {
            (void)snprintf(why, sizeof why, "%s: %lld", kind_of(question, score), (long long)score);
            part.numerator = question->points(score);
            part.denominator = 1;
        }
        if (why[0] != '\0')
            status = put(out, &part);
    }
    return status;
}

/* ---- intervals --------------------------------------------------------------------------------------------------------- */

static const double z = 1.96; /* 95 % */

/* NPS +- 1.96 sqrt((p + d - (p - d)^2) / n): in points, times 10^6. parts: promoters, passives, detractors. */
static tend_status nps_interval(void *self, const tend_ratio *sum, const int64_t *parts, uint32_t part_count, int64_t *ret_low,
                                int64_t *ret_high, tend_error *reterr)
{
    (void)self;
    if (part_count != 3 || sum->denominator <= 0 || parts[0] + parts[1] + parts[2] != sum->denominator)
        return tend_fail(reterr, TEND_EINVAL, "kpi nps: its interval needs the promoters, passives and detractors of the sum");
    const double n = (double)sum->denominator;
    const double p = (double)parts[0] / n, d = (double)parts[2] / n;
    const double margin = 100 * z * sqrt((p + d - (p - d) * (p - d)) / n), value = (double)sum->numerator / n;

    *ret_low = llround((value - margin) * 1e6);
    *ret_high = llround((value + margin) * 1e6);
    return TEND_OK;
}

/* Wilson's interval without continuity correction, within [0, 1], times 10^6. */
static tend_status share_interval(void *self, const tend_ratio *sum, const int64_t *parts, uint32_t part_count, int64_t *ret_low,
                                  int64_t *ret_high, tend_error *reterr)
{
    (void)self;
    (void)parts;
    (void)part_count;
    if (sum->denominator <= 0 || sum->numerator < 0 || sum->numerator > sum->denominator)
        return tend_fail(reterr, TEND_EINVAL, "kpi satisfaction: the interval of a share needs a share between 0 and 1");
    const double n = (double)sum->denominator, p = (double)sum->numerator / n, z2n = z * z / n;
    const double middle = (p + z2n / 2) / (1 + z2n);
    const double margin = z * sqrt(p * (1 - p) / n + z2n / (4 * n)) / (1 + z2n);

    *ret_low = llround(fmax(0, middle - margin) * 1e6);
    *ret_high = llround(fmin(1, middle + margin) * 1e6);
    return TEND_OK;
}

/* ---- the plugin -------------------------------------------------------------------------------------------------------- */

/* One capability: its two functions and its table. */
#define CAPABILITY(id, unit_, is_better_, interval_, formula_, source_)                                                  \
    static tend_status compute_##id(void *self, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr)     \
    {                                                                                                                    \
        (void)self;                                                                                                      \
        return compute(&ask_##id, batch, ret_values, reterr);                                                            \
    }                                                                                                                    \
    static tend_status explain_##id(void *self, const tend_batch *batch, uint32_t account,                               \
                                    tend_status (*put)(void *out, const tend_part *part), void *out, tend_error *reterr) \
    {                                                                                                                    \
        (void)self;                                                                                                      \
        return explain(&ask_##id, batch, account, put, out, reterr);                                                     \
    }                                                                                                                    \
    static const tend_kpi_ops id = {                                                                                     \
        .size = sizeof(tend_kpi_ops),                                                                                    \
        .unit = unit_,                                                                                                   \
        .higher_is_better = is_better_,                                                                                  \
        .version = 1,                                                                                                    \
        .inputs = answers_inputs,                                                                                        \
        .formula = formula_,                                                                                             \
        .source = source_,                                                                                               \
        .compute = compute_##id,                                                                                         \
        .explain = explain_##id,                                                                                         \
        .interval = interval_,                                                                                           \
        .compute_many = compute_many,                                                                                    \
    };

CAPABILITY(nps, TEND_UNIT_SCORE, true, nps_interval,
           "100 * (promoters 9 to 10 - detractors 0 to 6) / answers, on 0 to 10; interval 1.96 * sqrt((p + d - (p - d)^2) / n)",
           "standard; scales without 0 are left out")
CAPABILITY(promoters, TEND_UNIT_RATIO, true, share_interval, "answers of 9 and 10 / answers", "standard")
CAPABILITY(passives, TEND_UNIT_RATIO, true, share_interval, "answers of 7 and 8 / answers", "standard")
CAPABILITY(detractors, TEND_UNIT_RATIO, false, share_interval, "answers of 0 to 6 / answers", "standard")
CAPABILITY(csat_top2, TEND_UNIT_RATIO, true, share_interval, "answers of 4 and 5 / answers, on 1 to 5", "standard top-two box")
CAPABILITY(csat_mean, TEND_UNIT_SCORE, true, NULL, "mean answer, on 1 to 5", "standard; another number than csat.top2")
CAPABILITY(ces_mean7, TEND_UNIT_SCORE, true, NULL, "mean answer, on 1 to 7 with 7 = easy", "standard; high_is_bad is turned round")
CAPABILITY(ces_top3, TEND_UNIT_RATIO, true, share_interval, "answers of 5 to 7 / answers, on 1 to 7 with 7 = easy",
           "standard top-three box; high_is_bad is turned round")

static const asked_question *question_of(const tend_kpi_ops *ops)
{
    static const struct known {
        const tend_kpi_ops *ops;
        const asked_question *question;
    } known[] = {
        { &nps, &ask_nps },
        { &promoters, &ask_promoters },
        { &passives, &ask_passives },
        { &detractors, &ask_detractors },
        { &csat_top2, &ask_csat_top2 },
        { &csat_mean, &ask_csat_mean },
        { &ces_mean7, &ask_ces_mean7 },
        { &ces_top3, &ask_ces_top3 },
    };

    for (size_t i = 1; i < sizeof known / sizeof *known; i++)
        if (known[i].ops == ops)
            return known[i].question;
    return known[0].question;
}

static const tend_capability capabilities[] = {
    { TEND_KPI, "nps", "net promoter score", &nps },
    { TEND_KPI, "nps.promoters", "share of promoters", &promoters },
    { TEND_KPI, "nps.passives", "share of passives", &passives },
    { TEND_KPI, "nps.detractors", "share of detractors", &detractors },
    { TEND_KPI, "csat.top2", "share of satisfied answers", &csat_top2 },
    { TEND_KPI, "csat.mean", "mean satisfaction", &csat_mean },
    { TEND_KPI, "ces.mean7", "mean ease", &ces_mean7 },
    { TEND_KPI, "ces.top3", "share of easy answers", &ces_top3 },
    { 0 },
};

TEND_PLUGIN(satisfaction, "1.0.0", TEND_PROVIDES_KPI, TEND_NEEDS_NOTHING, .summary = "What customers answer: NPS, CSAT, CES",
            .capabilities = capabilities)
