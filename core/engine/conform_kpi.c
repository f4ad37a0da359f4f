/* conform_kpi.c: what a KPI owes: each account by itself, the same facts the same value, parts that add up. */
#include "engine/conform_batch.h"
#include "kpi/compute.h"

#include <stdlib.h>
#include <string.h>

enum { ACCOUNTS = 120 };

__extension__ typedef __int128 wide;

typedef struct kpi_trial {
    conform *trial;
    tend_schema *schema; /* owned */
    const tend_declared *kpi;
    tend_batch batch; /* the usual one */
    tend_ratio values[ACCOUNTS];
} kpi_trial;

/* True when it went well; otherwise that was put. */
static bool compute(kpi_trial *try, const char *check, const char *doing, const tend_batch *batch, tend_ratio *ret_values)
{
    tend_error why = { 0 };

    if (tend_hosted_compute(try->trial->hosted, try->kpi->name, batch, ret_values, &why) >= 0)
        return true;
    if (!conform_is_rude(try->trial, check, doing, &why))
        conform_put(try->trial, TEND_CONFORM_FAILED, check, "%s failed: %s", doing, why.text);
    return false;
}

static bool is_same(tend_ratio a, tend_ratio b)
{
    return a.numerator == b.numerator && a.denominator == b.denominator;
}

/* The accounts of the usual batch, picked anew; the values must be those they had. */
static bool keeps_values(kpi_trial *try, const char *check, const char *doing, const uint32_t *picked, uint32_t count)
{
    const tend_batch *batch = batch_pick(try->trial, &try->batch, picked, count);
    tend_ratio values[ACCOUNTS];

    if (!batch || !compute(try, check, doing, batch, values))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!is_same(values[i], try->values[picked[i]])) {
            conform_put(try->trial, TEND_CONFORM_FAILED, check,
                        "%s an account has %lld/%lld where it had %lld/%lld; a value depends on nothing but the account's own rows",
                        doing, (long long)values[i].numerator, (long long)values[i].denominator,
                        (long long)try->values[picked[i]].numerator, (long long)try->values[picked[i]].denominator);
            return false;
        }
    return true;
}

static void check_same(kpi_trial *try)
{
    uint32_t all[ACCOUNTS];
    tend_hosted *second = NULL, *first = try->trial->hosted;
    const tend_conform_request *request = try->trial->request;
    bool is_good;
    tend_error why = { 0 };

    for (uint32_t i = 0; i < ACCOUNTS; i++)
        all[i] = i;
    if (!keeps_values(try, "same again", "computed a second time", all, ACCOUNTS))
        return;
    if (tend_hosted_start(request->plugins, request->name, request->given, request->count, &second, &why) < 0) {
        conform_put(try->trial, TEND_CONFORM_FAILED, "same again", "a second host of it does not start: %s", why.text);
        return;
    }
    try->trial->hosted = second;
    is_good = keeps_values(try, "same again", "computed in a new host", all, ACCOUNTS);
    try->trial->hosted = first;
    tend_hosted_stop(second);
    if (is_good)
        conform_put(try->trial, TEND_CONFORM_OK, "same again", "%d accounts have the same values a second time, and in a new host",
                    ACCOUNTS);
}

static void check_order(kpi_trial *try)
{
    uint32_t turned[ACCOUNTS], mixed[ACCOUNTS];

    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        turned[i] = ACCOUNTS - 1 - i;
        mixed[i] = i * 7 % ACCOUNTS; /* 7 and 120 have no divisor in common */
    }
    if (keeps_values(try, "order of accounts", "with the accounts turned round", turned, ACCOUNTS) &&
        keeps_values(try, "order of accounts", "with the accounts mixed", mixed, ACCOUNTS))
        conform_put(try->trial, TEND_CONFORM_OK, "order of accounts", "in another order every account has the value it had");
}

static void check_split(kpi_trial *try)
{
    static const uint32_t sizes[] = { ACCOUNTS / 2, 7, 1 };
    uint32_t picked[ACCOUNTS];

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (uint32_t first = 0; first < ACCOUNTS; first += sizes[s]) {
            uint32_t count = 0;

            for (uint32_t i = first; i < ACCOUNTS && i < first + sizes[s]; i++)
                picked[count++] = i;
            if (!keeps_values(try, "split batches", "in a smaller batch", picked, count))
                return;
        }
    conform_put(try->trial, TEND_CONFORM_OK, "split batches", "in batches of %u, %u and %u every account has the value it had",
                sizes[0], sizes[1], sizes[2]);
}

static void check_empty(kpi_trial *try)
{
    static const struct {
        batch_mood mood;
        uint32_t accounts;
        const char *doing;
    } cases[] = { { BATCH_USUAL, 0, "a batch without accounts" },
                  { BATCH_BARE, 5, "accounts without any row" },
                  { BATCH_UNKNOWN, 5, "accounts of which nothing is known" } };
    tend_ratio values[5];
    tend_error why = { 0 };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tend_batch batch;

        if (batch_make(try->trial, try->schema, try->kpi->inputs, cases[i].accounts, cases[i].mood, &batch, &why) < 0 ||
            !compute(try, "empty batches", cases[i].doing, &batch, values))
            return;
        for (uint32_t account = 0; cases[i].mood == BATCH_BARE && account < cases[i].accounts; account++)
            if (values[account].numerator != 0) {
                conform_put(try->trial, TEND_CONFORM_FAILED, "empty batches",
                            "an account without any row has %lld/%lld; where there is no row nothing is counted",
                            (long long)values[account].numerator, (long long)values[account].denominator);
                return;
            }
    }
    conform_put(try->trial, TEND_CONFORM_OK, "empty batches", "no accounts, accounts without rows, and rows without values");
}

/* A tenth of the values of the usual batch are not known: had they been added up, the sums would be near the end of 64 bits. */
static void check_unknown(kpi_trial *try)
{
    const int64_t beyond = INT64_MAX / 2;

    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        const tend_ratio value = try->values[i];

        if (value.numerator > beyond || value.numerator < -beyond || value.denominator > beyond || value.denominator < -beyond) {
            conform_put(try->trial, TEND_CONFORM_FAILED, "unknown values",
                        "an account has %lld/%lld although no value that is known is over %d: TEND_UNKNOWN is counted as a number",
                        (long long)value.numerator, (long long)value.denominator, BATCH_VALUE_MOST);
            return;
        }
    }
    conform_put(try->trial, TEND_CONFORM_OK, "unknown values",
                "a tenth of the values is not known, and none of them is added up; what a date means that is not known cannot be "
                "tried");
}

static uint32_t most_words(const tend_batch *batch)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < batch->inputs; i++)
        most = batch->columns[i].word_count > most ? batch->columns[i].word_count : most;
    return most;
}

/* A word is found by its text. Its number differs from batch to batch, and one that is not known has none. Each word takes each
 * place once. */
static void check_words(kpi_trial *try)
{
    enum { ORDERS_MOST = 12 };
    const uint32_t most = most_words(&try->batch), orders = most < ORDERS_MOST ? most : ORDERS_MOST;
    tend_ratio values[ACCOUNTS];

    for (uint32_t shift = 0; shift < orders; shift++) {
        const tend_batch *shifted = batch_shift_words(try->trial, &try->batch, shift);

        if (!shifted || !compute(try, "words", "computed with the words in another order", shifted, values))
            return;
        for (uint32_t i = 0; i < ACCOUNTS; i++)
            if (!is_same(values[i], try->values[i])) {
                conform_put(
                    try->trial, TEND_CONFORM_FAILED, "words",
                    "with the words in another order an account has %lld/%lld where it had %lld/%lld; compare words by their "
                    "text, and take no word for TEND_UNKNOWN",
                    (long long)values[i].numerator, (long long)values[i].denominator, (long long)try->values[i].numerator,
                    (long long)try->values[i].denominator);
                return;
            }
    }
    if (orders > 0)
        conform_put(try->trial, TEND_CONFORM_OK, "words", "with the words in %u other orders every account has the value it had",
                    orders);
}

/* Amounts of several currencies meet in one account unless is_money keeps them apart: in another currency they are other numbers.
 */
static void check_money(kpi_trial *try)
{
    const tend_batch *other;
    tend_ratio values[ACCOUNTS];

    if (try->kpi->is_money)
        return;
    other = batch_times_money(try->trial, try->schema, try->kpi->inputs, &try->batch, 7);
    if (!other || !compute(try, "money", "computed in another currency", other, values))
        return;
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        if (!is_same(values[i], try->values[i])) {
            conform_put(try->trial, TEND_CONFORM_FAILED, "money",
                        "with every amount times 7, as in another currency, an account has %lld/%lld where it had %lld/%lld: "
                        "amounts of several currencies are taken together; set is_money",
                        (long long)values[i].numerator, (long long)values[i].denominator, (long long)try->values[i].numerator,
                        (long long)try->values[i].denominator);
            return;
        }
}

/* Money and counts are added up over accounts and divided once: the divisor is the formula's, not the account's. */
static void check_divisor(kpi_trial *try)
{
    int64_t divisor = 0;

    if (!tend_unit_has_divisor(try->kpi->unit))
        return;
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        const int64_t own = try->values[i].denominator;

        if (own != 0 && divisor != 0 && own != divisor) {
            conform_put(try->trial, TEND_CONFORM_FAILED, "one divisor",
                        "one account divides by %lld and another by %lld; money and counts have one divisor for all; what is a sum "
                        "over a sum has unit TEND_UNIT_RATIO, TEND_UNIT_SCORE or TEND_UNIT_DAYS",
                        (long long)divisor, (long long)own);
            return;
        }
        divisor = own != 0 ? own : divisor;
    }
    conform_put(try->trial, TEND_CONFORM_OK, "one divisor", "every account divides by the same number");
}

/* The usual batch could not be computed: with all its values known, can it? */
static void check_known(kpi_trial *try)
{
    tend_batch batch;
    tend_ratio values[ACCOUNTS];
    tend_error why = { 0 };

    if (batch_make(try->trial, try->schema, try->kpi->inputs, ACCOUNTS, BATCH_KNOWN, &batch, &why) >= 0 &&
        tend_hosted_compute(try->trial->hosted, try->kpi->name, &batch, values, &why) >= 0)
        conform_put(try->trial, TEND_CONFORM_FAILED, "unknown values",
                    "with every value known the batch can be computed: look for TEND_UNKNOWN before you count");
}

/* ---- parts ------------------------------------------------------------------------------------------------------------- */

typedef struct part_sum {
    wide numerator, denominator;
    size_t count;
} part_sum;

static tend_status add_part(void *self, const tend_part *part)
{
    part_sum *sum = self;

    sum->numerator += part->numerator;
    sum->denominator += part->denominator;
    sum->count++;
    return TEND_OK;
}

typedef enum parts_end { PARTS_GOOD, PARTS_DIFFER, PARTS_FAILED } parts_end;

static parts_end add_parts(kpi_trial *try, const char *check, const tend_batch *batch, uint32_t account, tend_ratio value,
                           part_sum *ret_sum, tend_error *why)
{
    *ret_sum = (part_sum){ .count = 0 };
    if (tend_hosted_explain(try->trial->hosted, try->kpi->name, batch, account, add_part, ret_sum, why) < 0) {
        if (!conform_is_rude(try->trial, check, "explaining an account", why))
            conform_put(try->trial, TEND_CONFORM_FAILED, check, "explaining an account failed: %s", why->text);
        return PARTS_FAILED;
    }
    return ret_sum->numerator == value.numerator && ret_sum->denominator == value.denominator ? PARTS_GOOD : PARTS_DIFFER;
}

static void check_parts(kpi_trial *try)
{
    part_sum sum;
    tend_error why = { 0 };

    if (!try->kpi->has_explain) {
        conform_put(try->trial, TEND_CONFORM_NOT_TRIED, "parts", "it has no explain: its values cannot be traced to facts");
        return;
    }
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        parts_end end = add_parts(try, "parts", &try->batch, i, try->values[i], &sum, &why);

        if (end == PARTS_FAILED)
            return;
        if (end == PARTS_DIFFER) {
            conform_put(try->trial, TEND_CONFORM_FAILED, "parts", "an account has %lld/%lld, and its %zu parts add up to %lld/%lld",
                        (long long)try->values[i].numerator, (long long)try->values[i].denominator, sum.count,
                        (long long)sum.numerator, (long long)sum.denominator);
            return;
        }
    }
    conform_put(try->trial, TEND_CONFORM_OK, "parts", "those of each of %d accounts add up to its value", ACCOUNTS);
}

/* Sums beyond 64 bits are refused; a sum that was wrapped is not what its parts add up to. */
static void check_overflow(kpi_trial *try)
{
    enum { HUGE_ACCOUNTS = 40 };
    tend_batch batch;
    tend_ratio value;
    part_sum sum;
    size_t refused = 0;
    tend_error why = { 0 };

    if (batch_make(try->trial, try->schema, try->kpi->inputs, HUGE_ACCOUNTS, BATCH_HUGE, &batch, &why) < 0)
        return;
    for (uint32_t i = 0; i < HUGE_ACCOUNTS; i++) { /* one by one: a refusal is for the whole batch */
        const tend_batch *one = batch_pick(try->trial, &batch, &i, 1);
        parts_end end;

        if (!one)
            return;
        if (tend_hosted_compute(try->trial->hosted, try->kpi->name, one, &value, &why) < 0) {
            if (conform_is_rude(try->trial, "overflow", "an account with numbers near the end of 64 bits", &why))
                return;
            refused++;
            continue;
        }
        if (!try->kpi->has_explain)
            continue;
        end = add_parts(try, "overflow", one, 0, value, &sum, &why);
        if (end == PARTS_FAILED)
            return;
        if (end == PARTS_DIFFER) {
            conform_put(try->trial, TEND_CONFORM_FAILED, "overflow",
                        "numbers near the end of 64 bits give %lld/%lld, which is not what the parts add up to; add with "
                        "__builtin_add_overflow and refuse",
                        (long long)value.numerator, (long long)value.denominator);
            return;
        }
    }
    conform_put(try->trial, TEND_CONFORM_OK, "overflow", "of %d accounts with numbers near the end of 64 bits %zu are refused%s",
                HUGE_ACCOUNTS, refused, try->kpi->has_explain ? ", the others add up" : "");
}

void conform_kpi(conform *trial)
{
    kpi_trial try = { .trial = trial, .kpi = trial->capability };
    tend_error why = { 0 };
    tend_status status = tend_schema_new(NULL, &try.schema, &why);

    if (status < 0) {
        trial->status = tend_fail(&trial->error, status, "%s", why.text);
        return;
    }
    status = batch_make(trial, try.schema, try.kpi->inputs, ACCOUNTS, BATCH_USUAL, &try.batch, &why);
    if (status < 0 && trial->status >= 0)
        conform_put(trial, TEND_CONFORM_FAILED, "inputs", "%s", why.text);
    if (status >= 0)
        conform_put(trial, TEND_CONFORM_OK, "inputs", "%u columns, all of them known", try.batch.inputs);
    if (status >= 0 && !compute(&try, "compute", "computing a batch", &try.batch, try.values)) {
        check_known(&try);
    } else if (status >= 0) {
        check_empty(&try);
        check_same(&try);
        check_order(&try);
        check_split(&try);
        check_unknown(&try);
        check_words(&try);
        check_money(&try);
        check_divisor(&try);
        check_parts(&try);
        check_overflow(&try);
    }
    tend_schema_free(try.schema);
}
