/* volume: the price of a line by its quantity: graduated, volume or package.
 *
 *   graduated  each part of the quantity at the price of the band it lies in
 *   volume     the whole quantity at the price of the band it ends in
 *   package    whole packages, of what is beyond the free quantity, at the price of the band the quantity ends in
 *
 * Bands are prices of one unit (or of one package), each maybe with a fee, or per cent off what the line costs so far. Of the rules
 * that fit a line the first counts, alone. Prices replace what was there; per cent take something off it. */
#include <tend/rules.h>

typedef enum volume_mode { MODE_GRADUATED = 1, MODE_VOLUME, MODE_PACKAGE } volume_mode;

typedef struct volume_rule {
    const char *name; /* borrowed: rules stay until new ones come */
    volume_mode mode;
    char currency[4]; /* of its prices; "" for per cent */
    tend_bands bands;
    tend_decimal package, free;
    bool is_good;
} volume_rule;

typedef struct volume_rules {
    volume_rule *list; /* owned */
    uint32_t count;
} volume_rules;

enum { REASON_ROOM = 480, SENTENCE_ROOM = 200 };

static tend_status volume_open(const tend_host *host, void **ret_self, tend_error *reterr)
{
    volume_rules *rules = calloc(1, sizeof *rules);

    (void)host;
    *ret_self = rules;
    return rules ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "volume: no memory");
}

static void volume_close(void *self)
{
    free(((volume_rules *)self)->list);
    free(self);
}

/* ---- rules ------------------------------------------------------------------------------------------------------------- */

static void read_rule(volume_rule *ret_rule, const tend_price_rule *rule, tend_rule_faults *faults)
{
    static const char *const modes[] = { "", "graduated", "volume", "package" };
    const char *mode = tend_rule_text(rule, "mode"), *key = NULL;
    char why[SENTENCE_ROOM];

    *ret_rule = (volume_rule){ .name = rule->name };
    memcpy(ret_rule->currency, rule->currency, sizeof ret_rule->currency);
    (void)tend_rule_decimal(rule, "package", &ret_rule->package);
    (void)tend_rule_decimal(rule, "free", &ret_rule->free);
    for (int i = MODE_GRADUATED; i <= MODE_PACKAGE; i++)
        if (mode && strcmp(mode, modes[i]) == 0)
            ret_rule->mode = (volume_mode)i;
    if (!tend_bands_read(rule->settings, &ret_rule->bands, &key, why, sizeof why))
        faults->fault(faults, rule->name, key, why);
    else if (ret_rule->bands.count == 0)
        faults->fault(faults, rule->name, NULL, "no band says what a quantity costs; add up_to.100 = … and above = …, or each = …");
    else if (!ret_rule->bands.is_percent && rule->currency[0] == '\0')
        faults->fault(faults, rule->name, "currency", "is missing: prices are in a currency; add currency = USD or the like");
    else if (!ret_rule->bands.is_percent && ret_rule->bands.starts_at_edge && !ret_rule->bands.list[0].is_open &&
             ret_rule->bands.list[0].to.mantissa > 0 && ret_rule->bands.list[0].key == ret_rule->bands.list[1].key)
        faults->fault(faults, rule->name, ret_rule->bands.list[0].key, "what is below it has no price; begin with at_least.0 = …");
    else if (ret_rule->mode == MODE_PACKAGE && ret_rule->package.mantissa == 0)
        faults->fault(faults, rule->name, "package", "is missing: mode = package needs the size of a package; add package = 100");
    else if (ret_rule->mode == MODE_PACKAGE && ret_rule->bands.is_percent)
        faults->fault(faults, rule->name, "mode", "a package has a price, not per cent; write prices, or mode = volume");
    else if (ret_rule->mode != MODE_PACKAGE && (ret_rule->package.mantissa > 0 || ret_rule->free.mantissa > 0))
        faults->fault(faults, rule->name, ret_rule->package.mantissa > 0 ? "package" : "free", "is for mode = package only");
    else
        ret_rule->is_good = ret_rule->mode != 0;
}

static tend_status volume_take_rules(void *self, const tend_price_rule *rules, uint32_t count, tend_rule_faults *faults,
                                     tend_error *reterr)
{
    volume_rules *ours = self;
    volume_rule *list = calloc(count + 1, sizeof *list);

    if (!list)
        return tend_fail(reterr, TEND_ENOMEM, "volume: no memory for %u rules", count);
    for (uint32_t i = 0; i < count; i++)
        read_rule(&list[i], &rules[i], faults);
    free(ours->list);
    ours->list = list;
    ours->count = count;
    return TEND_OK;
}

/* ---- amounts ----------------------------------------------------------------------------------------------------------- */

/* Whole packages that hold what is beyond the free quantity. */
static bool count_packages(const volume_rule *rule, tend_decimal quantity, int64_t *ret_count)
{
    tend_exact beyond = tend_exact_of(quantity), free_part = tend_exact_of(rule->free), package = tend_exact_of(rule->package);
    uint32_t scale;
    tend_wide count;

    free_part.mantissa = -free_part.mantissa;
    if (!tend_exact_add(&beyond, free_part))
        return false;
    scale = beyond.scale > package.scale ? beyond.scale : package.scale;
    if (!tend_exact_rescale(&beyond, scale) || !tend_exact_rescale(&package, scale))
        return false;
    count = beyond.mantissa <= 0 ? 0 : (beyond.mantissa - 1) / package.mantissa + 1;
    *ret_count = (int64_t)count;
    return count <= INT64_MAX;
}

/* Per cent off what the line costs so far: each part of the quantity has its share of it. */
static bool percent_amount(const volume_rule *rule, const tend_quote *quote, const tend_quote_line *line, int64_t *ret_amount)
{
    tend_wide numerator, denominator = (tend_wide)line->quantity.mantissa * 100;
    tend_exact parts;
    int64_t off;

    if (!(rule->mode == MODE_GRADUATED ? tend_bands_graduated(&rule->bands, line->quantity, &parts)
                                       : tend_bands_volume(&rule->bands, line->quantity, &parts)))
        return false;
    for (; parts.scale > line->quantity.scale; parts.scale--)
        if (__builtin_mul_overflow(denominator, (tend_wide)10, &denominator))
            return false;
    if (!tend_exact_rescale(&parts, line->quantity.scale) ||
        __builtin_mul_overflow(parts.mantissa, (tend_wide)line->net, &numerator) ||
        !tend_round(numerator, denominator, quote->rounding, &off))
        return false;
    *ret_amount = -off;
    return true;
}

static bool amount_of(const volume_rule *rule, const tend_quote *quote, const tend_quote_line *line, const tend_price_match *match,
                      int64_t *ret_amount)
{
    tend_exact sum = { 0, 0 };
    int64_t packages = 0, price;

    if (rule->bands.is_percent)
        return percent_amount(rule, quote, line, ret_amount);
    if (rule->mode == MODE_GRADUATED) {
        if (!tend_bands_graduated(&rule->bands, line->quantity, &sum))
            return false;
    } else if (rule->mode == MODE_VOLUME) {
        if (!tend_bands_volume(&rule->bands, line->quantity, &sum))
            return false;
    } else {
        const tend_band *band = &rule->bands.list[tend_bands_at(&rule->bands, line->quantity)];

        if (!count_packages(rule, line->quantity, &packages) ||
            !tend_exact_multiply((tend_exact){ packages, 0 }, tend_exact_of(band->each), &sum) ||
            !tend_exact_add(&sum, tend_exact_of(band->fee)))
            return false;
    }
    return tend_exact_minor(sum, quote, match, &price) && !__builtin_sub_overflow(price, line->net, ret_amount);
}

/* ---- words ------------------------------------------------------------------------------------------------------------- */

TEND_PRINTF(2, 3) static void say(char *text, const char *format, ...)
{
    const size_t length = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text + length, REASON_ROOM - length, format, arguments);
    va_end(arguments);
}

static void say_value(char *text, const volume_rule *rule, const tend_band *band)
{
    char each[TEND_DECIMAL_TEXT], fee[TEND_DECIMAL_TEXT];
    const bool is_coins = !rule->bands.is_percent && band->each.scale > 0;

    say(text, "%s%s", tend_decimal_write(band->each, is_coins ? 2 : 0, each), rule->bands.is_percent ? " % off" : "");
    if (band->fee.mantissa > 0)
        say(text, " and %s besides", tend_decimal_write(band->fee, band->fee.scale > 0 ? 2 : 0, fee));
}

static void say_graduated(char *text, const volume_rule *rule, const tend_quote_line *line)
{
    const uint32_t last = tend_bands_at(&rule->bands, line->quantity);

    say(text, "graduated:");
    for (uint32_t i = 0; i <= last && strlen(text) + 120 < REASON_ROOM; i++) {
        const tend_band *band = &rule->bands.list[i];
        tend_exact part = tend_exact_of(i == last ? line->quantity : band->to), below = tend_exact_of(band->from);
        char quantity[TEND_DECIMAL_TEXT];

        below.mantissa = -below.mantissa;
        (void)tend_exact_add(&part, below);
        say(text, "%s %s at ", i > 0 ? "," : "",
            tend_decimal_write((tend_decimal){ (int64_t)part.mantissa, part.scale }, 0, quantity));
        say_value(text, rule, band);
    }
}

/* Prices in another currency than the quote's: which, and what one of it is worth on the quote's day, to six digits. */
static void say_rate(char *text, const volume_rule *rule, const tend_quote *quote, const tend_price_match *match)
{
    char rate[TEND_DECIMAL_TEXT];
    int64_t millionths;

    if (rule->bands.is_percent || strcmp(rule->currency, quote->currency) == 0 || match->rate_denominator <= 0 ||
        !tend_round((tend_wide)match->rate_numerator * 1000000, match->rate_denominator, quote->rounding, &millionths))
        return;
    say(text, "; in %s, 1 %s = %s %s", rule->currency, rule->currency, tend_decimal_write((tend_decimal){ millionths, 6 }, 0, rate),
        quote->currency);
}

static void say_reason(char *text, const volume_rule *rule, const tend_quote *quote, const tend_quote_line *line)
{
    const tend_band *band = &rule->bands.list[tend_bands_at(&rule->bands, line->quantity)];
    char quantity[TEND_DECIMAL_TEXT], size[TEND_DECIMAL_TEXT];
    int64_t packages = 0;

    text[0] = '\0';
    if (rule->mode == MODE_GRADUATED) {
        say_graduated(text, rule, line);
    } else if (rule->mode == MODE_VOLUME) {
        say(text, "volume: all %s at ", tend_decimal_write(line->quantity, 0, quantity));
        say_value(text, rule, band);
    } else {
        (void)count_packages(rule, line->quantity, &packages);
        say(text, "package: %lld of %s at ", (long long)packages, tend_decimal_write(rule->package, 0, size));
        say_value(text, rule, band);
    }
    say_rate(text, rule, quote, &line->matches[0]);
}

/* The first quantity beyond the band: the bound, or one more of the smallest whole step. */
static tend_decimal beyond(const tend_bands *bands, const tend_band *band, tend_decimal quantity)
{
    tend_decimal at = band->to;

    if (bands->starts_at_edge)
        return at;
    while (at.scale < quantity.scale && at.mantissa < INT64_MAX / 10) {
        at.mantissa *= 10;
        at.scale++;
    }
    at.mantissa += at.mantissa < INT64_MAX;
    return at;
}

static tend_value value_of(tend_decimal decimal)
{
    return (tend_value){ .type = TEND_DECIMAL, .scale = (uint8_t)decimal.scale, .integer = decimal.mantissa };
}

static tend_status tell_next(const volume_rule *rule, const tend_quote_line *line, uint32_t index, tend_price_out *out)
{
    const uint32_t place = tend_bands_at(&rule->bands, line->quantity);
    char then[REASON_ROOM] = "";

    if (rule->bands.list[place].is_open || place + 1 >= rule->bands.count)
        return TEND_OK;
    say(then, rule->mode == MODE_GRADUATED ? "what is beyond: " : rule->mode == MODE_VOLUME ? "each: " : "each package: ");
    say_value(then, rule, &rule->bands.list[place + 1]);
    say(then, " instead of ");
    say_value(then, rule, &rule->bands.list[place]);
    return out->next(out, &(tend_threshold){ .size = sizeof(tend_threshold),
                                             .line = index,
                                             .rule = rule->name,
                                             .what = "quantity",
                                             .now = value_of(line->quantity),
                                             .at = value_of(beyond(&rule->bands, &rule->bands.list[place], line->quantity)),
                                             .then = then });
}

/* ---- the calls --------------------------------------------------------------------------------------------------------- */

static tend_status volume_apply(void *self, const tend_quote *quote, tend_price_out *out, tend_error *reterr)
{
    const volume_rules *rules = self;
    char reason[REASON_ROOM];
    tend_status status = TEND_OK;

    for (uint32_t i = 0; i < quote->line_count && status >= 0; i++) {
        const tend_quote_line *line = &quote->lines[i];
        tend_adjustment adjustment = { .size = sizeof adjustment, .line = i, .kind = TEND_ADJUST_INVOICE, .reason = reason };
        const volume_rule *rule;

        if (line->match_count == 0)
            continue;
        rule = &rules->list[line->matches[0].rule];
        if (!rule->is_good)
            return tend_fail(reterr, TEND_EINVAL, "volume: rule %s has faults", rule->name);
        if (!amount_of(rule, quote, line, &line->matches[0], &adjustment.amount))
            return tend_fail(reterr, TEND_EINVAL, "volume: rule %s: the amount does not fit 64 bits", rule->name);
        memcpy(adjustment.currency, quote->currency, sizeof adjustment.currency);
        adjustment.rule = rule->name;
        say_reason(reason, rule, quote, line);
        status = out->adjust(out, &adjustment);
        if (status >= 0)
            status = tell_next(rule, line, i, out);
    }
    return status;
}

static tend_status volume_check(void *self, tend_check_out *out, tend_error *reterr)
{
    const volume_rules *rules = self;
    tend_status status = TEND_OK;

    (void)reterr;
    for (uint32_t r = 0; r < rules->count; r++) {
        const volume_rule *rule = &rules->list[r];
        tend_price_break where = { .size = sizeof where, .rule = rule->name };

        for (uint32_t i = 0; i < rule->bands.count && status >= 0; i++) {
            where.at = rule->bands.list[i].to;
            if (!rule->bands.list[i].is_open)
                status = out->break_at(out, &where);
        }
        where.at = rule->free;
        if (rule->mode == MODE_PACKAGE && rule->free.mantissa > 0 && status >= 0)
            status = out->break_at(out, &where);
    }
    return status;
}

static const tend_rule_key rule_keys[] = {
    { "mode", TEND_RULE_WORD, "graduated volume package", "how quantities become money", true },
    { "up_to.*", TEND_RULE_BAND, NULL, "up_to.100 = 0.45: up to 100, which belongs to it; also 0.45 + 10.00, or 5 %", false },
    { "above", TEND_RULE_BAND, NULL, "what is over the last up_to", false },
    { "at_least.*", TEND_RULE_BAND, NULL, "at_least.100 = 0.45: from 100 on; below the first there is nothing", false },
    { "each", TEND_RULE_BAND, NULL, "one band for every quantity: each = 5.00", false },
    { "package", TEND_RULE_DECIMAL, NULL, "units in a package; a begun one counts whole", false },
    { "free", TEND_RULE_DECIMAL, NULL, "units that cost nothing, before packages are counted", false },
    { NULL, TEND_RULE_TEXT, NULL, NULL, false },
};

static const tend_price_ops volume = { .size = sizeof volume,
                                       .rule_keys = rule_keys,
                                       .only_first = true,
                                       .rules = volume_take_rules,
                                       .apply = volume_apply,
                                       .check = volume_check };

static const tend_capability capabilities[] = {
    { TEND_PRICE, "volume", "the price of a line by its quantity: graduated, volume, package", &volume },
    { 0, NULL, NULL, NULL },
};

TEND_PLUGIN(volume, "1.0.0", TEND_PROVIDES_PRICE, TEND_NEEDS_NOTHING, .summary = "Prices by quantity", .capabilities = capabilities,
            .open = volume_open, .close = volume_close)
