#include "model/rate.h"

#include "base/date.h"
#include "base/money.h"
#include <stdlib.h>
#include <string.h>

#define ONE INT64_C(1000000000) /* a rate of 1 at TEND_RATE_SCALE */

typedef struct rate_row {
    uint32_t from, to; /* the three letters as one number, so that they sort */
    tend_date day;
    int64_t rate;
} rate_row;

struct tend_rates {
    rate_row *rows; /* sorted by from, to, day; one per day */
    size_t count, room;
    uint32_t *codes; /* every currency there is, sorted */
    size_t code_count;
};

/* A rate as a fraction: units of the second currency for one of the first. */
typedef struct rate_leg {
    int64_t numerator, denominator;
    tend_date day;
} rate_leg;

static uint32_t pack(const char code[4])
{
    return ((uint32_t)(unsigned char)code[0] << 16) | ((uint32_t)(unsigned char)code[1] << 8) | (uint32_t)(unsigned char)code[2];
}

static int compare_rows(const void *a, const void *b)
{
    const rate_row *left = a, *right = b;

    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    if (left->to != right->to)
        return left->to < right->to ? -1 : 1;
    return left->day < right->day ? -1 : left->day > right->day;
}

static int compare_codes(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

static tend_status add(tend_rates *rates, const char *from, const char *to, int64_t day, int64_t rate)
{
    if (!from || !to || strlen(from) != 3 || strlen(to) != 3 || rate <= 0)
        return TEND_OK; /* the schema's checks let no such row in; nothing could be computed with it */
    if (rates->count == rates->room) {
        size_t room = rates->room * 2 + 64;
        rate_row *more = realloc(rates->rows, room * sizeof *more);

        if (!more)
            return TEND_ENOMEM;
        rates->rows = more;
        rates->room = room;
    }
    rates->rows[rates->count++] = (rate_row){ .from = pack(from), .to = pack(to), .day = (tend_date)day, .rate = rate };
    return TEND_OK;
}

static tend_status read_rows(const tend_world *world, tend_rates *rates, tend_arena *arena, tend_error *reterr)
{
    tend_statement *statement = NULL;
    const char *source, *sql;
    bool has_row = false;
    tend_status status = tend_world_source(world, TEND_KIND_RATE, arena, &source, reterr);

    if (status < 0)
        return status;
    /* Of several rows for one day the one that came last counts; it is read first. */
    sql = tend_arena_print(arena,
                           "SELECT from_currency, to_currency, on_date, rate FROM %s AS r ORDER BY from_currency, to_currency, "
                           "on_date, id DESC",
                           source);
    if (!sql)
        return TEND_ENOMEM;
    status = tend_store_prepare(world->store, sql, &statement, reterr);
    while (status == TEND_OK) {
        const char *from, *to;
        size_t length = 0;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        from = tend_statement_text(statement, 0, &length);
        to = tend_statement_text(statement, 1, &length);
        status = add(rates, from, to, tend_statement_int(statement, 2), tend_statement_int(statement, 3));
    }
    tend_statement_end(statement);
    return status;
}

/* Sorts, keeps the first of each day, and lists the currencies. */
static tend_status settle(tend_rates *rates)
{
    size_t kept = 0;

    /* SQL ordered the rows by bytes, as the numbers compare, so that equals stand together, the newest first. */
    for (size_t i = 0; i < rates->count; i++)
        if (kept == 0 || compare_rows(&rates->rows[kept - 1], &rates->rows[i]) != 0)
            rates->rows[kept++] = rates->rows[i];
    rates->count = kept;
    if (kept == 0)
        return TEND_OK;
    qsort(rates->rows, kept, sizeof *rates->rows, compare_rows);
    rates->codes = calloc(2 * kept, sizeof *rates->codes);
    if (!rates->codes)
        return TEND_ENOMEM;
    for (size_t i = 0; i < kept; i++) {
        rates->codes[2 * i] = rates->rows[i].from;
        rates->codes[2 * i + 1] = rates->rows[i].to;
    }
    qsort(rates->codes, 2 * kept, sizeof *rates->codes, compare_codes);
    for (size_t i = 0; i < 2 * kept; i++)
        if (rates->code_count == 0 || rates->codes[rates->code_count - 1] != rates->codes[i])
            rates->codes[rates->code_count++] = rates->codes[i];
    return TEND_OK;
}

tend_status tend_rates_load(const tend_world *world, tend_rates **ret_rates, tend_error *reterr)
{
    tend_rates *rates = calloc(1, sizeof *rates);
    tend_arena *arena = tend_arena_new();
    tend_status status = rates && arena ? TEND_OK : TEND_ENOMEM;

    if (status == TEND_OK)
        status = read_rows(world, rates, arena, reterr);
    if (status == TEND_OK)
        status = settle(rates);
    if (status == TEND_ENOMEM)
        (void)tend_fail(reterr, status, "exchange rates: no memory is left for them");
    if (status == TEND_OK) {
        *ret_rates = rates;
        rates = NULL;
    }
    tend_rates_free(rates);
    tend_arena_free(arena);
    return status;
}

void tend_rates_free(tend_rates *rates)
{
    if (!rates)
        return;
    free(rates->rows);
    free(rates->codes);
    free(rates);
}

/* The row of this pair on `on` or the last day before it. */
static const rate_row *find_row(const tend_rates *rates, uint32_t from, uint32_t to, tend_date on)
{
    const rate_row wanted = { .from = from, .to = to, .day = on };
    size_t low = 0, high = rates->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_rows(&rates->rows[middle], &wanted) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || rates->rows[low - 1].from != from || rates->rows[low - 1].to != to)
        return NULL;
    return &rates->rows[low - 1];
}

/* Directly or inverted, whichever is newer. */
static bool find_leg(const tend_rates *rates, uint32_t from, uint32_t to, tend_date on, rate_leg *ret_leg)
{
    const rate_row *direct = find_row(rates, from, to, on), *inverse = find_row(rates, to, from, on);

    if (direct && (!inverse || direct->day >= inverse->day))
        *ret_leg = (rate_leg){ direct->rate, ONE, direct->day };
    else if (inverse)
        *ret_leg = (rate_leg){ ONE, inverse->rate, inverse->day };
    return direct || inverse;
}

/* Fits a fraction into 62 bits on either side; what is cut off is below 2^-61 of it. */
static void reduce(tend_int128 *numerator, tend_int128 *denominator)
{
    tend_int128 a = *numerator, b = *denominator;

    while (b != 0) {
        tend_int128 rest = a % b;

        a = b;
        b = rest;
    }
    *numerator /= a;
    *denominator /= a;
    while (*numerator > ((tend_int128)1 << 62) || *denominator > ((tend_int128)1 << 62)) {
        *numerator >>= 1;
        *denominator >>= 1;
    }
    if (*numerator == 0)
        *numerator = 1;
    if (*denominator == 0)
        *denominator = 1;
}

/* Through the common third currency whose older leg is the newest; of several the first by name. */
static bool find_through(const tend_rates *rates, uint32_t from, uint32_t to, tend_date on, rate_leg *ret_leg)
{
    rate_leg first, second, best_first = { 0 }, best_second = { 0 };
    tend_date best = 0;
    bool is_found = false;

    for (size_t i = 0; i < rates->code_count; i++) {
        tend_date older;

        if (!find_leg(rates, from, rates->codes[i], on, &first) || !find_leg(rates, rates->codes[i], to, on, &second))
            continue;
        older = first.day < second.day ? first.day : second.day;
        if (is_found && older <= best)
            continue;
        is_found = true;
        best = older;
        best_first = first;
        best_second = second;
    }
    if (is_found) {
        tend_int128 numerator = (tend_int128)best_first.numerator * best_second.numerator;
        tend_int128 denominator = (tend_int128)best_first.denominator * best_second.denominator;

        reduce(&numerator, &denominator);
        *ret_leg = (rate_leg){ (int64_t)numerator, (int64_t)denominator, best };
    }
    return is_found;
}

static tend_status find(const tend_rates *rates, const char from[4], const char to[4], tend_date on, rate_leg *ret_leg,
                        tend_error *reterr)
{
    uint32_t source = pack(from), target = pack(to);
    char day[TEND_DATE_ROOM];

    *ret_leg = (rate_leg){ 1, 1, on };
    if (source == target)
        return TEND_OK;
    if (rates && (find_leg(rates, source, target, on, ret_leg) || find_through(rates, source, target, on, ret_leg)))
        return TEND_OK;
    return tend_fail(reterr, TEND_ENOTFOUND, "no rate from %s to %s on %s; import one with kind rate", from, to,
                     tend_date_format(on, day));
}

tend_status tend_rates_find(const tend_rates *rates, const char from[4], const char to[4], tend_date on, int64_t *ret_rate,
                            tend_error *reterr)
{
    rate_leg leg;
    tend_status status = find(rates, from, to, on, &leg, reterr);

    if (status < 0)
        return status;
    status = tend_muldiv(ONE, leg.numerator, leg.denominator, ret_rate);
    return status < 0
               ? tend_fail(reterr, status, "the rate from %s to %s does not fit 64 bits; look at the rates of kind rate", from, to)
               : status;
}

tend_status tend_rates_fraction(const tend_rates *rates, const char from[4], const char to[4], tend_date on, int64_t *ret_numerator,
                                int64_t *ret_denominator, tend_error *reterr)
{
    tend_int128 numerator, denominator;
    rate_leg leg;
    tend_status status = find(rates, from, to, on, &leg, reterr);

    if (status < 0)
        return status;
    numerator = leg.numerator;
    denominator = leg.denominator;
    reduce(&numerator, &denominator);
    *ret_numerator = (int64_t)numerator;
    *ret_denominator = (int64_t)denominator;
    return TEND_OK;
}

tend_status tend_rates_convert(const tend_rates *rates, int64_t minor, const char from[4], const char to[4], tend_date on,
                               int64_t *ret_minor, tend_error *reterr)
{
    int from_digits = tend_currency_exponent(from), to_digits = tend_currency_exponent(to);
    tend_int128 numerator, denominator;
    rate_leg leg;
    tend_status status;

    if (from_digits < 0 || to_digits < 0)
        return tend_fail(reterr, TEND_EINVAL, "'%.3s' is not a currency; write a code of ISO 4217 such as USD",
                         from_digits < 0 ? from : to);
    status = find(rates, from, to, on, &leg, reterr);
    if (status < 0)
        return status;
    if (pack(from) == pack(to)) {
        *ret_minor = minor;
        return TEND_OK;
    }
    numerator = leg.numerator;
    denominator = leg.denominator;
    for (; to_digits > 0; to_digits--)
        numerator *= 10;
    for (; from_digits > 0; from_digits--)
        denominator *= 10;
    reduce(&numerator, &denominator);
    status = tend_muldiv(minor, (int64_t)numerator, (int64_t)denominator, ret_minor);
    return status < 0
               ? tend_fail(reterr, status, "an amount in %s does not fit 64 bits in %s; look at the rates of kind rate", from, to)
               : status;
}
