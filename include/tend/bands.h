/* bands.h: what depends on how much: the arithmetic of tiers, shared by prices, rebates and commissions.
 *
 * Header-only, for plugins. A list of bands is written as "up_to.100 = …", "above = …" (a bound belongs to the band below it) or as
 * "at_least.100 = …" (a bound belongs to the band above it, below the first there is nothing), or as one "each = …". Each band has
 * a value for each one (a price, or per cent) and maybe a fee for having reached it.
 *
 *   graduated  each part of the quantity at the value of the band it lies in (marginal); the fee of every band that is reached
 *   volume     the whole quantity at the value of the band it ends in; the fee of that band
 *
 * Everything is exact: 128 bits between, one division at the end. Functions return false on overflow, never a wrong number. */
#ifndef TEND_BANDS_H
#define TEND_BANDS_H

#include <stdlib.h>
#include <string.h>
#include <tend/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

__extension__ typedef __int128 tend_wide;

/* mantissa / 10^scale with room for products. */
typedef struct tend_exact {
    tend_wide mantissa;
    uint32_t scale;
} tend_exact;

#define TEND_DECIMAL_SCALE_MAX 12u
#define TEND_BANDS_MAX 100u

static inline bool tend_exact_rescale(tend_exact *number, uint32_t scale)
{
    for (; number->scale < scale; number->scale++)
        if (__builtin_mul_overflow(number->mantissa, (tend_wide)10, &number->mantissa))
            return false;
    return number->scale == scale;
}

static inline tend_exact tend_exact_of(tend_decimal decimal)
{
    tend_exact number = { decimal.mantissa, decimal.scale };

    return number;
}

static inline bool tend_exact_add(tend_exact *sum, tend_exact more)
{
    const uint32_t scale = sum->scale > more.scale ? sum->scale : more.scale;

    return tend_exact_rescale(sum, scale) && tend_exact_rescale(&more, scale) &&
           !__builtin_add_overflow(sum->mantissa, more.mantissa, &sum->mantissa);
}

static inline bool tend_exact_multiply(tend_exact a, tend_exact b, tend_exact *ret_product)
{
    ret_product->scale = a.scale + b.scale;
    return !__builtin_mul_overflow(a.mantissa, b.mantissa, &ret_product->mantissa);
}

/* -1, 0 or 1. Exact for all decimals of at most 12 digits after the point. */
static inline int tend_decimal_compare(tend_decimal a, tend_decimal b)
{
    tend_wide left = a.mantissa, right = b.mantissa;

    for (uint32_t scale = a.scale; scale < b.scale; scale++)
        left *= 10;
    for (uint32_t scale = b.scale; scale < a.scale; scale++)
        right *= 10;
    return left < right ? -1 : left > right;
}

/* digits[.digits], nothing before or after; at most 12 digits after the point, trailing zeros dropped. */
static inline bool tend_decimal_read(const char *text, size_t length, tend_decimal *ret_decimal)
{
    tend_decimal decimal = { 0, 0 };
    bool has_point = false, has_digit = false;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' && !has_point && has_digit) {
            has_point = true;
            continue;
        }
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(decimal.mantissa, (int64_t)10, &decimal.mantissa) ||
            __builtin_add_overflow(decimal.mantissa, (int64_t)(text[i] - '0'), &decimal.mantissa))
            return false;
        decimal.scale += has_point;
        has_digit = true;
    }
    if (!has_digit || text[length - 1] == '.')
        return false;
    while (decimal.scale > 0 && decimal.mantissa % 10 == 0) {
        decimal.mantissa /= 10;
        decimal.scale--;
    }
    if (decimal.scale > TEND_DECIMAL_SCALE_MAX)
        return false;
    *ret_decimal = decimal;
    return true;
}

#define TEND_DECIMAL_TEXT 40
/* Returns its buffer: "0.0006", "-12.5", "100". With at least `least` digits after the point. */
static inline char *tend_decimal_write(tend_decimal decimal, uint32_t least, char buffer[TEND_DECIMAL_TEXT])
{
    uint64_t left = decimal.mantissa < 0 ? 0 - (uint64_t)decimal.mantissa : (uint64_t)decimal.mantissa;
    char digits[TEND_DECIMAL_TEXT];
    size_t at = sizeof digits - 1;
    uint32_t scale = decimal.scale;

    while (scale > least && left % 10 == 0 && scale > 0) {
        left /= 10;
        scale--;
    }
    digits[at] = '\0';
    for (uint32_t missing = scale; missing < least; missing++)
        digits[--at] = '0';
    if (least > scale && scale == 0)
        digits[--at] = '.';
    for (uint32_t written = 0; left > 0 || written <= scale; written++) {
        if (written == scale && scale > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    }
    if (decimal.mantissa < 0)
        digits[--at] = '-';
    memcpy(buffer, digits + at, sizeof digits - at);
    return buffer;
}

/* numerator / denominator (more than zero), rounded as asked. */
static inline bool tend_round(tend_wide numerator, tend_wide denominator, tend_rounding rounding, int64_t *ret_result)
{
    tend_wide result = numerator / denominator, rest = numerator % denominator, away = numerator < 0 ? -1 : 1;
    const tend_wide distance = rest < 0 ? -rest : rest;
    const tend_wide other = denominator - distance;

    if (distance > other || (distance == other && (rounding == TEND_ROUND_HALF_AWAY || result % 2 != 0)))
        result += away;
    if (result > INT64_MAX || result < INT64_MIN)
        return false;
    *ret_result = (int64_t)result;
    return true;
}

/* An amount in major units of the rule's currency as minor units of the quote's, rounded once. */
static inline bool tend_exact_minor(tend_exact amount, const tend_quote *quote, const tend_price_match *match, int64_t *ret_minor)
{
    tend_wide numerator, denominator = match->rate_denominator;

    if (denominator <= 0)
        return false;
    for (uint32_t i = 0; i < quote->exponent; i++) {
        if (amount.scale > 0)
            amount.scale--;
        else if (__builtin_mul_overflow(amount.mantissa, (tend_wide)10, &amount.mantissa))
            return false;
    }
    if (__builtin_mul_overflow(amount.mantissa, (tend_wide)match->rate_numerator, &numerator))
        return false;
    for (; amount.scale > 0; amount.scale--)
        if (__builtin_mul_overflow(denominator, (tend_wide)10, &denominator))
            return false;
    return tend_round(numerator, denominator, quote->rounding, ret_minor);
}

/* ---- lists of bands ---------------------------------------------------------------------------------------------------- */

typedef struct tend_band {
    tend_decimal from; /* the lower bound; 0 for the first */
    tend_decimal to;   /* the upper bound, unless it is open */
    bool is_open;
    tend_decimal each, fee;
    const char *key; /* as it was written */
} tend_band;

typedef struct tend_bands {
    tend_band list[TEND_BANDS_MAX];
    uint32_t count;
    bool is_percent;     /* `each` is per cent */
    bool starts_at_edge; /* a bound belongs to the band above it: "at_least" */
} tend_bands;

/* "0.40", "0.40 + 10.00", "5 %". False: it is none of them. */
static inline bool tend_band_read(const char *value, tend_decimal *ret_each, tend_decimal *ret_fee, bool *ret_percent)
{
    const size_t length = strcspn(value, " +%");
    const char *rest = value + length + strspn(value + length, " ");

    ret_fee->mantissa = 0;
    ret_fee->scale = 0;
    *ret_percent = *rest == '%';
    if (!tend_decimal_read(value, length, ret_each))
        return false;
    if (*ret_percent)
        return rest[1] == '\0';
    if (*rest == '+') {
        rest += 1 + strspn(rest + 1, " ");
        return tend_decimal_read(rest, strlen(rest), ret_fee);
    }
    return *rest == '\0';
}

static inline int tend_band_compare(const void *a, const void *b)
{
    const tend_band *left = (const tend_band *)a, *right = (const tend_band *)b;

    if (left->is_open != right->is_open)
        return left->is_open ? 1 : -1;
    return tend_decimal_compare(left->to, right->to);
}

/* Reads the bands of a rule. False: what is wrong stands in `why` and the key in *ret_key. A rule without bands gives none. */
static inline bool tend_bands_read(const tend_rule_setting *settings, tend_bands *ret_bands, const char **ret_key, char *why,
                                   size_t room)
{
    enum { UP_TO, ABOVE, AT_LEAST, EACH, FORMS };
    static const char *const forms[] = { "up_to.", "above", "at_least.", "each" };
    uint32_t seen[FORMS] = { 0 };
    tend_bands *bands = ret_bands;

    memset(bands, 0, sizeof *bands);
    for (; settings->key; settings++) {
        tend_band band;
        bool is_percent = false;
        int form = 0;

        memset(&band, 0, sizeof band);
        band.key = settings->key;
        while (form < FORMS && (form % 2 == 0 ? strncmp(settings->key, forms[form], strlen(forms[form])) != 0
                                              : strcmp(settings->key, forms[form]) != 0))
            form++;
        if (form == FORMS)
            continue;
        *ret_key = settings->key;
        if (bands->count == TEND_BANDS_MAX - 1) { /* one more may come below the first at_least */
            (void)snprintf(why, room, "more than %u bands", TEND_BANDS_MAX - 1);
            return false;
        }
        band.is_open = form == ABOVE || form == EACH;
        if (!band.is_open &&
            !tend_decimal_read(settings->key + strlen(forms[form]), strlen(settings->key) - strlen(forms[form]), &band.to)) {
            (void)snprintf(why, room, "what follows the dot is not a number; write it like up_to.100");
            return false;
        }
        if (!tend_band_read(settings->value, &band.each, &band.fee, &is_percent)) {
            (void)snprintf(why, room, "'%.60s' is no band; write 0.40, 0.40 + 10.00 or 5 %%", settings->value);
            return false;
        }
        if (bands->count > 0 && is_percent != bands->is_percent) {
            (void)snprintf(why, room, "prices and per cent do not mix; write one or the other");
            return false;
        }
        bands->is_percent = is_percent;
        seen[form]++;
        bands->list[bands->count++] = band;
    }
    if (bands->count == 0)
        return true;
    if ((seen[AT_LEAST] > 0) + (seen[EACH] > 0) + (seen[UP_TO] + seen[ABOVE] > 0) > 1) {
        (void)snprintf(why, room, "%s and another form of bands; write up_to and above, or at_least alone, or each alone",
                       *ret_key);
        return false;
    }
    if (seen[ABOVE] > 1 || seen[EACH] > 1) {
        (void)snprintf(why, room, "is written twice; keep one");
        return false;
    }
    if (seen[UP_TO] > 0 && seen[ABOVE] == 0) {
        *ret_key = "above";
        (void)snprintf(why, room, "is missing: what is over the last up_to has no value; add above = …");
        return false;
    }
    qsort(bands->list, bands->count, sizeof *bands->list, tend_band_compare);
    for (uint32_t i = 1; i < bands->count; i++)
        if (!bands->list[i].is_open && tend_decimal_compare(bands->list[i - 1].to, bands->list[i].to) == 0) {
            *ret_key = bands->list[i].key;
            (void)snprintf(why, room, "the same bound is written twice");
            return false;
        }
    bands->starts_at_edge = seen[AT_LEAST] > 0;
    if (bands->starts_at_edge) { /* each was read with its lower bound */
        for (uint32_t i = 0; i < bands->count; i++) {
            bands->list[i].from = bands->list[i].to;
            bands->list[i].is_open = i + 1 == bands->count;
            if (!bands->list[i].is_open)
                bands->list[i].to = bands->list[i + 1].to;
        }
        if (bands->list[0].from.mantissa > 0) { /* below the first there is nothing */
            memmove(bands->list + 1, bands->list, bands->count * sizeof *bands->list);
            bands->count++;
            memset(&bands->list[0], 0, sizeof bands->list[0]);
            bands->list[0].to = bands->list[1].from;
            bands->list[0].key = bands->list[1].key;
        }
    } else {
        for (uint32_t i = 1; i < bands->count; i++)
            bands->list[i].from = bands->list[i - 1].to;
    }
    return true;
}

/* The band that `quantity` ends in. */
static inline uint32_t tend_bands_at(const tend_bands *bands, tend_decimal quantity)
{
    uint32_t i = 0;

    while (i + 1 < bands->count) {
        const int order = tend_decimal_compare(quantity, bands->list[i].to);

        if (order < 0 || (order == 0 && !bands->starts_at_edge))
            break;
        i++;
    }
    return i;
}

/* quantity × value of the band it ends in, and that band's fee. Per cent: divide by 100 besides. */
static inline bool tend_bands_volume(const tend_bands *bands, tend_decimal quantity, tend_exact *ret_sum)
{
    const tend_band *band = &bands->list[tend_bands_at(bands, quantity)];

    return tend_exact_multiply(tend_exact_of(quantity), tend_exact_of(band->each), ret_sum) &&
           tend_exact_add(ret_sum, tend_exact_of(band->fee));
}

/* Each part at the value of its band, and the fees of all bands that are reached. */
static inline bool tend_bands_graduated(const tend_bands *bands, tend_decimal quantity, tend_exact *ret_sum)
{
    const uint32_t last = tend_bands_at(bands, quantity);
    tend_exact sum = { 0, 0 };

    for (uint32_t i = 0; i <= last; i++) {
        const tend_band *band = &bands->list[i];
        tend_exact part = tend_exact_of(i == last ? quantity : band->to), below = tend_exact_of(band->from), product;

        below.mantissa = -below.mantissa;
        if (!tend_exact_add(&part, below) || !tend_exact_multiply(part, tend_exact_of(band->each), &product) ||
            !tend_exact_add(&sum, product) || !tend_exact_add(&sum, tend_exact_of(band->fee)))
            return false;
    }
    *ret_sum = sum;
    return true;
}

#ifdef __cplusplus
}
#endif
#endif
