#include "price/quote.h"

#include "base/date.h"
#include "base/money.h"
#include "base/utf8.h"
#include "price/list.h"
#include "price/metric.h"
#include <string.h>
#include <tend/bands.h>

enum { REASON_MAX = 500 };

/* A list that grows in the arena. */
typedef struct grown {
    void *items;
    uint32_t count, room;
} grown;

typedef struct quoting {
    const tend_pricing *pricing;
    const tend_price_world *world;
    const tend_quote_request *request;
    tend_arena *arena;
    tend_quoted *quoted;
    tend_quoted_line *lines;
    tend_quote quote;      /* as plugins see it */
    tend_quote_line *seen; /* its lines */
    grown steps, benefits, thresholds, metrics;
    const tend_price_section *section; /* that is asked now */
    bool *fits;                        /* its rules, for this account and day */
    int64_t whole_net, whole_later;    /* adjustments of the whole quote */
} quoting;

static tend_status no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "price quote: memory is used up");
}

/* Room for one more of `size` bytes; NULL when memory is used up. */
static void *grow(quoting *q, grown *list, size_t size)
{
    if (list->count == list->room) {
        const uint32_t room = list->room ? list->room * 2 : 16;
        void *larger = tend_arena_take(q->arena, room * size);

        if (!larger)
            return NULL;
        if (list->count > 0)
            memcpy(larger, list->items, list->count * size);
        list->items = larger;
        list->room = room;
    }
    return (char *)list->items + list->count++ * size;
}

/* ---- the account and its lines ----------------------------------------------------------------------------------------- */

static tend_status read_account(quoting *q, tend_error *reterr)
{
    const tend_kind_schema *accounts = tend_schema_kind(q->world->world.schema, TEND_KIND_ACCOUNT);
    const tend_value *name, *tier, *currency;
    const char *code = q->request->currency;
    tend_row row;
    tend_status status =
        tend_read(&q->world->world, q->world->principal, TEND_KIND_ACCOUNT, q->request->account, q->arena, &row, reterr);

    if (status < 0)
        return status;
    name = &row.values[accounts->name_field];
    tier = &row.values[tend_schema_field(accounts, "tier")];
    currency = &row.values[tend_schema_field(accounts, "currency")];
    if (!code)
        code = currency->type == TEND_TEXT ? currency->text : q->world->currency;
    if (strlen(code) != 3 || tend_currency_exponent(code) < 0)
        return tend_fail(reterr, TEND_EINVAL, "'%.20s' is not a currency; write a code of ISO 4217 such as USD", code);
    q->quoted->account = q->request->account;
    q->quoted->account_name = name->type == TEND_TEXT ? name->text : "";
    q->quoted->tier = tier->type == TEND_TEXT ? tier->text : "";
    q->quoted->date = q->request->date;
    (void)snprintf(q->quoted->currency, sizeof q->quoted->currency, "%s", code);
    q->quote = (tend_quote){
        .size = sizeof q->quote,
        .account = q->request->account,
        .account_name = q->quoted->account_name,
        .tier = q->quoted->tier,
        .date = q->request->date,
        .term_months = q->request->term_months,
        .exponent = (uint32_t)tend_currency_exponent(code),
        .rounding = tend_pricing_rounding(q->pricing),
        .lines = q->seen,
        .line_count = q->request->item_count,
    };
    memcpy(q->quote.currency, q->quoted->currency, sizeof q->quote.currency);
    return TEND_OK;
}

/* From `currency` to the quote's, on its day. */
static tend_status find_rate(const quoting *q, const char currency[4], tend_price_match *match, tend_error *reterr)
{
    if (currency[0] == '\0' || strcmp(currency, q->quote.currency) == 0) {
        match->rate_numerator = match->rate_denominator = 1;
        return TEND_OK;
    }
    return tend_rates_fraction(q->world->rates, currency, q->quote.currency, q->quote.date, &match->rate_numerator,
                               &match->rate_denominator, reterr);
}

/* The list price of one unit in the quote's currency, rounded at nine digits. */
static bool shown_price(const quoting *q, const tend_list_price *price, const tend_price_match *rate, tend_decimal *ret_shown)
{
    tend_quote nine = q->quote;

    if (rate->rate_numerator == rate->rate_denominator) {
        *ret_shown = price->price;
        return true;
    }
    nine.exponent = 9;
    if (!tend_exact_minor(tend_exact_of(price->price), &nine, rate, &ret_shown->mantissa))
        return false;
    ret_shown->scale = 9;
    while (ret_shown->scale > 0 && ret_shown->mantissa % 10 == 0) {
        ret_shown->mantissa /= 10;
        ret_shown->scale--;
    }
    return true;
}

static const char *say_where(quoting *q, const tend_list_price *price, const tend_price_match *rate)
{
    char day[TEND_DATE_ROOM], at[TEND_DECIMAL_ROOM];
    int64_t shown = 0;
    const char *place = price->row ? tend_arena_print(q->arena, "price %lld", (long long)price->row) : "the product's list_price";
    const char *since =
        price->from == TEND_NO_DATE ? "" : tend_arena_print(q->arena, ", from %s", tend_date_format(price->from, day));

    if (!place || !since || strcmp(price->currency, q->quote.currency) == 0)
        return place && since ? tend_arena_print(q->arena, "%s%s", place, since) : NULL;
    (void)tend_muldiv(1000000, rate->rate_numerator, rate->rate_denominator, &shown);
    return tend_arena_print(q->arena, "%s%s, %s at %s", place, since, price->currency, tend_decimal_format(shown, 6, at));
}

static tend_status price_line(quoting *q, uint32_t i, tend_error *reterr)
{
    const tend_quote_item *item = &q->request->items[i];
    const char *unit = item->unit ? item->unit : "";
    tend_quoted_line *line = &q->lines[i];
    tend_product product = { 0 };
    tend_list_price price;
    tend_price_match rate = { 0 };
    tend_exact amount;
    tend_status status = tend_product_read(q->world, item->product, q->arena, &product, reterr);

    if (status >= 0 && item->quantity.mantissa <= 0)
        status = tend_fail(reterr, TEND_EINVAL, "product %s: a quantity is more than zero; a return is not quoted", product.name);
    if (status >= 0)
        status = tend_list_price_find(q->world, &product, unit, q->quote.date, q->quote.currency, q->arena, &price, reterr);
    if (status >= 0)
        status = find_rate(q, price.currency, &rate, reterr);
    if (status < 0)
        return status;
    *line = (tend_quoted_line){ .product = item->product,
                                .name = product.name,
                                .code = product.code,
                                .family = product.family,
                                .unit = strcmp(unit, product.unit) == 0 ? "" : unit,
                                .quantity = item->quantity,
                                .from = say_where(q, &price, &rate) };
    if (!line->from)
        return no_memory(reterr);
    if (!tend_exact_multiply(tend_exact_of(item->quantity), tend_exact_of(price.price), &amount) ||
        !tend_exact_minor(amount, &q->quote, &rate, &line->list) || !shown_price(q, &price, &rate, &line->list_price))
        return tend_fail(reterr, TEND_EINVAL, "product %s: the amount does not fit 64 bits; quote less of it", product.name);
    line->net = line->pocket = line->list;
    return TEND_OK;
}

/* ---- which rules fit --------------------------------------------------------------------------------------------------- */

static tend_status meets(const quoting *q, const tend_filter *filter, bool *ret_met, tend_error *reterr)
{
    *ret_met = true;
    return filter ? tend_filter_match(filter, &q->world->world, q->world->rates, q->request->account, ret_met, NULL, reterr)
                  : TEND_OK;
}

static tend_status match_rules(quoting *q, tend_error *reterr)
{
    const tend_price_section *section = q->section;
    tend_price_match *all = tend_arena_take(q->arena, (section->rule_count + 1) * sizeof *all);
    tend_status status = TEND_OK;

    q->fits = tend_arena_take(q->arena, section->rule_count + 1);
    if (!all || !q->fits)
        return no_memory(reterr);
    q->quote.matches = all;
    q->quote.match_count = 0;
    for (uint32_t r = 0; r < section->rule_count && status >= 0; r++) {
        const tend_rule *rule = &section->rules[r];

        if (!tend_rule_in_force(rule, q->quote.date, q->quote.term_months))
            continue;
        status = meets(q, rule->where, &q->fits[r], reterr);
        if (status < 0 || !q->fits[r])
            continue;
        all[q->quote.match_count] = (tend_price_match){ .rule = r };
        status = find_rate(q, rule->currency, &all[q->quote.match_count++], reterr);
        if (status == TEND_ENOTFOUND && q->quote.line_count == 0)
            status = TEND_OK; /* nothing to be priced */
    }
    for (uint32_t i = 0; i < q->quote.line_count && status >= 0; i++) {
        tend_price_match *own = tend_arena_take(q->arena, (q->quote.match_count + 1) * sizeof *own);
        uint32_t count = 0;

        if (!own)
            return no_memory(reterr);
        for (uint32_t m = 0; m < q->quote.match_count; m++)
            if (tend_rule_speaks_of(&section->rules[all[m].rule], q->lines[i].code, q->lines[i].name, q->lines[i].family,
                                    q->lines[i].unit))
                own[count++] = all[m];
        q->seen[i] = (tend_quote_line){ .product = q->lines[i].name,
                                        .code = q->lines[i].code,
                                        .family = q->lines[i].family,
                                        .unit = q->lines[i].unit,
                                        .quantity = q->lines[i].quantity,
                                        .list_price = q->lines[i].list_price,
                                        .list = q->lines[i].list,
                                        .net = q->lines[i].net,
                                        .matches = own,
                                        .match_count = count };
    }
    return status < 0 ? status : TEND_OK;
}

/* ---- what a plugin says ------------------------------------------------------------------------------------------------ */

/* The rule that fits, by its name. */
static const tend_rule *fitting(const quoting *q, const char *name, uint32_t line)
{
    for (uint32_t r = 0; r < q->section->rule_count; r++) {
        const tend_rule *rule = &q->section->rules[r];

        if (strcmp(rule->name, name) != 0)
            continue;
        if (!q->fits[r])
            return NULL;
        return line == TEND_WHOLE_QUOTE || tend_rule_speaks_of(rule, q->lines[line].code, q->lines[line].name,
                                                               q->lines[line].family, q->lines[line].unit)
                   ? rule
                   : NULL;
    }
    return NULL;
}

static tend_status refuse(const quoting *q, tend_status status, tend_error *reterr, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static tend_status refuse(const quoting *q, tend_status status, tend_error *reterr, const char *format, ...)
{
    char sentence[600];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return tend_fail(reterr, status, "price %s: plugin %s: %s", q->section->name, q->section->plugin, sentence);
}

static tend_status check_adjustment(const quoting *q, const tend_adjustment *adjustment, tend_error *reterr)
{
    const size_t length = strlen(adjustment->reason);
    const tend_quoted_step *steps = q->steps.items;

    if (adjustment->rule[0] == '\0')
        return refuse(q, TEND_EINVAL, reterr, "an adjustment without a rule; each names the rule that made it");
    if (!fitting(q, adjustment->rule, adjustment->line))
        return refuse(q, TEND_EINVAL, reterr, "an adjustment by rule '%.60s', which does not fit here", adjustment->rule);
    if (strcmp(adjustment->currency, q->quote.currency) != 0)
        return refuse(q, TEND_EINVAL, reterr, "an adjustment in '%s' to a quote in %s by rule %s", adjustment->currency,
                      q->quote.currency, adjustment->rule);
    if (length == 0 || length > REASON_MAX)
        return refuse(q, TEND_EINVAL, reterr, "an adjustment by rule %s %s", adjustment->rule,
                      length == 0 ? "without a reason" : "with a reason of more than 500 bytes");
    for (uint32_t i = 0; i < q->steps.count; i++)
        if (steps[i].line == adjustment->line && steps[i].price == q->section->name && steps[i].kind == adjustment->kind &&
            strcmp(steps[i].rule, adjustment->rule) == 0)
            return refuse(q, TEND_EINVAL, reterr, "rule %s changes the same line twice", adjustment->rule);
    return TEND_OK;
}

static tend_status take_adjustment(void *self, const tend_adjustment *adjustment, tend_error *reterr)
{
    quoting *q = self;
    const bool is_whole = adjustment->line == TEND_WHOLE_QUOTE, is_later = adjustment->kind == TEND_ADJUST_LATER;
    int64_t *net = is_whole ? &q->whole_net : &q->lines[adjustment->line].net;
    int64_t *pocket = is_whole ? &q->whole_later : &q->lines[adjustment->line].pocket;
    int64_t after_net = *net, after_pocket = *pocket;
    tend_quoted_step *step;
    tend_status status = check_adjustment(q, adjustment, reterr);

    if (status < 0)
        return status;
    if ((!is_later && __builtin_add_overflow(after_net, adjustment->amount, &after_net)) ||
        ((is_later || !is_whole) && __builtin_add_overflow(after_pocket, adjustment->amount, &after_pocket)))
        return refuse(q, TEND_EINVAL, reterr, "an adjustment by rule %s that does not fit 64 bits", adjustment->rule);
    if (!is_whole && !tend_pricing_allows_negative(q->pricing) && (after_net < 0 || after_pocket < 0))
        return refuse(q, TEND_EINVAL, reterr,
                      "rule %s brings %s below zero; mend the rule, or allow it with [pricing] allow_negative = yes",
                      adjustment->rule, q->lines[adjustment->line].name);
    step = grow(q, &q->steps, sizeof *step);
    if (!step)
        return no_memory(reterr);
    *step = (tend_quoted_step){ .price = q->section->name,
                                .rule = fitting(q, adjustment->rule, adjustment->line)->name,
                                .reason = tend_arena_string(q->arena, adjustment->reason),
                                .line = adjustment->line,
                                .kind = adjustment->kind,
                                .amount = adjustment->amount,
                                .after = is_later ? after_pocket : after_net };
    *net = after_net;
    *pocket = after_pocket;
    return step->reason ? TEND_OK : no_memory(reterr);
}

/* A rule of the section, whether it fits or not (a tier that is reached next does not fit yet). */
static const char *known_rule(const quoting *q, const char *name)
{
    for (uint32_t r = 0; r < q->section->rule_count; r++)
        if (strcmp(q->section->rules[r].name, name) == 0)
            return q->section->rules[r].name;
    return NULL;
}

static bool is_plain_name(const char *name)
{
    return name[0] != '\0' && strlen(name) < 64 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(name);
}

static tend_status take_benefit(void *self, const tend_benefit *benefit, tend_error *reterr)
{
    quoting *q = self;
    const char *rule = known_rule(q, benefit->rule);
    tend_quoted_benefit *kept;

    if (!rule || !is_plain_name(benefit->name))
        return refuse(q, TEND_EINVAL, reterr, "a benefit '%.60s' by rule '%.60s': %s", benefit->name, benefit->rule,
                      rule ? "a name has small letters and _ only" : "there is no such rule");
    kept = grow(q, &q->benefits, sizeof *kept);
    if (!kept)
        return no_memory(reterr);
    *kept = (tend_quoted_benefit){ .price = q->section->name,
                                   .rule = rule,
                                   .name = tend_arena_string(q->arena, benefit->name),
                                   .why = tend_arena_string(q->arena, benefit->why) };
    if (!kept->name || !kept->why || tend_arena_value(q->arena, &benefit->value, &kept->value) < 0)
        return no_memory(reterr);
    return TEND_OK;
}

static tend_status take_threshold(void *self, const tend_threshold *threshold, tend_error *reterr)
{
    quoting *q = self;
    const char *rule = known_rule(q, threshold->rule);
    tend_quoted_threshold *kept;

    if (!rule || threshold->now.type != threshold->at.type)
        return refuse(q, TEND_EINVAL, reterr, "a threshold by rule '%.60s': %s", threshold->rule,
                      rule ? "its two values differ in type" : "there is no such rule");
    kept = grow(q, &q->thresholds, sizeof *kept);
    if (!kept)
        return no_memory(reterr);
    *kept = (tend_quoted_threshold){ .price = q->section->name,
                                     .rule = rule,
                                     .what = tend_arena_string(q->arena, threshold->what),
                                     .then = tend_arena_string(q->arena, threshold->then),
                                     .line = threshold->line };
    if (!kept->what || !kept->then || tend_arena_value(q->arena, &threshold->now, &kept->now) < 0 ||
        tend_arena_value(q->arena, &threshold->at, &kept->at) < 0)
        return no_memory(reterr);
    return TEND_OK;
}

static tend_status take_metric(void *self, const tend_price_metric *metric, tend_value *ret_value, tend_error *reterr)
{
    quoting *q = self;
    const char *currency = metric->currency[0] ? metric->currency : q->quote.currency;
    tend_quoted_metric *kept;
    tend_status status = tend_price_metric_read(q->world, q->request->account, metric->name, metric->from, metric->to, currency,
                                                q->arena, ret_value, reterr);

    if (status < 0)
        return refuse(q, status, reterr, "%s", tend_arena_string(q->arena, reterr->text));
    kept = grow(q, &q->metrics, sizeof *kept);
    if (!kept)
        return no_memory(reterr);
    *kept = (tend_quoted_metric){ .price = q->section->name,
                                  .name = tend_arena_string(q->arena, metric->name),
                                  .from = metric->from,
                                  .to = metric->to,
                                  .value = *ret_value };
    return kept->name ? TEND_OK : no_memory(reterr);
}

/* ---- the waterfall ----------------------------------------------------------------------------------------------------- */

static tend_status ask_section(quoting *q, tend_error *reterr)
{
    const tend_price_sink sink = { take_adjustment, take_benefit, take_threshold, take_metric, q };
    bool is_for = false;
    tend_status status = meets(q, q->section->where, &is_for, reterr);

    if (status < 0 || !is_for)
        return status;
    status = match_rules(q, reterr);
    if (status < 0)
        return status;
    status = tend_hosted_apply(q->section->hosted, q->section->capability, &q->quote, &sink, reterr);
    return status < 0 ? status : TEND_OK;
}

static tend_status add_up(quoting *q, tend_error *reterr)
{
    tend_quoted *quoted = q->quoted;

    quoted->net = quoted->pocket = q->whole_net;
    if (__builtin_add_overflow(quoted->pocket, q->whole_later, &quoted->pocket))
        return tend_fail(reterr, TEND_EINVAL, "price quote: the total does not fit 64 bits; make several quotes of it");
    for (uint32_t i = 0; i < quoted->line_count; i++)
        if (__builtin_add_overflow(quoted->list, q->lines[i].list, &quoted->list) ||
            __builtin_add_overflow(quoted->net, q->lines[i].net, &quoted->net) ||
            __builtin_add_overflow(quoted->pocket, q->lines[i].pocket, &quoted->pocket))
            return tend_fail(reterr, TEND_EINVAL, "price quote: the total does not fit 64 bits; make several quotes of it");
    if (quoted->line_count > 0 && !tend_pricing_allows_negative(q->pricing) && (quoted->net < 0 || quoted->pocket < 0))
        return tend_fail(reterr, TEND_EINVAL,
                         "price quote: the total is below zero; mend the rules, or allow it with [pricing] allow_negative = yes");
    return TEND_OK;
}

tend_status tend_quote_make(const tend_pricing *pricing, const tend_price_world *world, const tend_quote_request *request,
                            tend_arena *arena, tend_quoted *ret_quoted, tend_error *reterr)
{
    tend_quoted quoted = { .line_count = request->item_count };
    quoting q = { .pricing = pricing, .world = world, .request = request, .arena = arena, .quoted = &quoted };
    tend_status status = TEND_OK;

    q.lines = tend_arena_take(arena, (request->item_count + 1) * sizeof *q.lines);
    q.seen = tend_arena_take(arena, (request->item_count + 1) * sizeof *q.seen);
    if (!q.lines || !q.seen)
        return no_memory(reterr);
    status = read_account(&q, reterr);
    for (uint32_t i = 0; i < request->item_count && status >= 0; i++)
        status = price_line(&q, i, reterr);
    for (size_t i = 0; status >= 0 && (q.section = tend_pricing_at(pricing, i)); i++)
        if (!request->only || strcmp(request->only, q.section->name) == 0)
            status = ask_section(&q, reterr);
    quoted.lines = q.lines;
    if (status >= 0)
        status = add_up(&q, reterr);
    if (status < 0)
        return status;
    quoted.steps = q.steps.items;
    quoted.step_count = q.steps.count;
    quoted.benefits = q.benefits.items;
    quoted.benefit_count = q.benefits.count;
    quoted.thresholds = q.thresholds.items;
    quoted.threshold_count = q.thresholds.count;
    quoted.metrics = q.metrics.items;
    quoted.metric_count = q.metrics.count;
    *ret_quoted = quoted;
    return TEND_OK;
}
