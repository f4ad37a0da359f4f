#include "plugin_price.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <tend/bands.h>
#include <tend/days.h>

static tend_date date_of(const char *iso)
{
    int year, month, day;

    ck_assert_int_eq(sscanf(iso, "%d-%d-%d", &year, &month, &day), 3);
    return tend_day_of(year, month, day);
}

TEND_PRINTF(2, 3) static void write_down(price_fake *fake, const char *format, ...)
{
    const size_t length = strlen(fake->text);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(fake->text + length, sizeof fake->text - length, format, arguments);
    va_end(arguments);
}

static price_fake *of_out(tend_price_out *out)
{
    return (price_fake *)(void *)((char *)out - offsetof(price_fake, out));
}

static tend_status put_adjustment(tend_price_out *out, const tend_adjustment *adjustment)
{
    price_fake *fake = of_out(out);

    write_down(fake, "%s %u %lld %s %s: %s\n", adjustment->kind == TEND_ADJUST_LATER ? "later" : "adjust", adjustment->line,
               (long long)adjustment->amount, adjustment->currency, adjustment->rule, adjustment->reason);
    if (adjustment->kind == TEND_ADJUST_INVOICE)
        fake->net += adjustment->amount;
    return TEND_OK;
}

static tend_status put_benefit(tend_price_out *out, const tend_benefit *benefit)
{
    char number[24];

    (void)snprintf(number, sizeof number, "%lld", (long long)benefit->value.integer);
    write_down(of_out(out), "benefit %s %s = %s (%s)\n", benefit->rule, benefit->name,
               benefit->value.type == TEND_TEXT ? benefit->value.text : number, benefit->why);
    return TEND_OK;
}

static tend_status put_next(tend_price_out *out, const tend_threshold *threshold)
{
    write_down(of_out(out), "next %s %s %lld -> %lld: %s\n", threshold->rule, threshold->what, (long long)threshold->now.integer,
               (long long)threshold->at.integer, threshold->then);
    return TEND_OK;
}

static tend_status answer(tend_price_out *out, const tend_price_metric *metric, tend_value *ret_value)
{
    price_fake *fake = of_out(out);

    *ret_value = (tend_value){ .type = TEND_MONEY };
    memcpy(ret_value->currency, metric->currency, sizeof ret_value->currency);
    for (size_t i = 0; i < fake->purchase_count; i++)
        if (fake->purchases[i].on >= metric->from && fake->purchases[i].on <= metric->to)
            ret_value->integer += fake->purchases[i].minor;
    return TEND_OK;
}

static void put_fault(tend_rule_faults *faults, const char *rule, const char *key, const char *sentence)
{
    price_fake *fake = (price_fake *)(void *)((char *)faults - offsetof(price_fake, faults));

    write_down(fake, "fault %s %s: %s\n", rule, key ? key : "-", sentence);
}

static tend_status put_break(tend_check_out *out, const tend_price_break *where)
{
    price_fake *fake = (price_fake *)(void *)((char *)out - offsetof(price_fake, check));
    char at[TEND_DECIMAL_TEXT];

    write_down(fake, "break %s %s\n", where->rule, tend_decimal_write(where->at, 0, at));
    return TEND_OK;
}

static tend_status put_finding(tend_check_out *out, const tend_price_finding *finding)
{
    price_fake *fake = (price_fake *)(void *)((char *)out - offsetof(price_fake, check));

    write_down(fake, "found %d %s %s: %s\n", finding->kind, finding->rule, finding->other ? finding->other : "-", finding->text);
    return TEND_OK;
}

void price_fake_init(price_fake *fake, const char *plugin)
{
    memset(fake, 0, sizeof *fake);
    fake_host_init(&fake->host, plugin);
    for (const tend_capability *capability = fake->host.plugin->capabilities; capability->kind && !fake->ops; capability++)
        if (capability->kind == TEND_PRICE)
            fake->ops = capability->ops;
    ck_assert(fake->ops != NULL);
    fake->out = (tend_price_out){ sizeof fake->out, put_adjustment, put_benefit, put_next, answer };
    fake->faults = (tend_rule_faults){ sizeof fake->faults, put_fault };
    fake->check = (tend_check_out){ sizeof fake->check, put_break, put_finding };
    fake->quote = (tend_quote){ .size = sizeof fake->quote,
                                .account = 1,
                                .account_name = "Acme",
                                .tier = "",
                                .currency = "USD",
                                .exponent = 2,
                                .rounding = TEND_ROUND_HALF_AWAY };
}

void price_fake_clear(price_fake *fake)
{
    fake_host_clear(&fake->host);
    for (uint32_t i = 0; i < fake->rule_count; i++)
        free(fake->texts[i]);
}

void price_fake_rule(price_fake *fake, const char *name, const char *from, const char *until, const char *currency,
                     const char *settings)
{
    const uint32_t r = fake->rule_count++;
    tend_price_rule *rule = &fake->rules[r];
    char *text = strdup(settings), *save = NULL;
    size_t count = 0;

    fake->texts[r] = text;
    for (char *part = strtok_r(text, ";", &save); part; part = strtok_r(NULL, ";", &save)) {
        char *equals = strchr(part, '=');

        ck_assert(equals && count + 1 < 20);
        *equals = '\0';
        fake->settings[r][count++] = (tend_rule_setting){ part, equals + 1 };
    }
    *rule = (tend_price_rule){ .name = name,
                               .from = from ? date_of(from) : TEND_NO_DATE,
                               .until = until ? date_of(until) : TEND_NO_DATE,
                               .settings = fake->settings[r],
                               .exponent = strcmp(currency, "KRW") == 0 || !*currency ? 0 : 2 };
    (void)snprintf(rule->currency, sizeof rule->currency, "%s", currency);
}

void price_fake_open(price_fake *fake)
{
    ck_assert_msg(fake_host_open(&fake->host) == TEND_OK, "%s", fake->host.error.text);
    ck_assert_int_eq(fake->ops->rules(fake->host.self, fake->rules, fake->rule_count, &fake->faults, &fake->host.error), TEND_OK);
}

void price_fake_bought(price_fake *fake, const char *on, int64_t minor)
{
    fake->purchases[fake->purchase_count++] = (price_purchase){ date_of(on), minor };
}

static tend_status apply(price_fake *fake, const char *on)
{
    fake->quote.date = date_of(on);
    fake->quote.matches = fake->matches;
    fake->quote.match_count = 0;
    for (uint32_t i = 0; i < fake->rule_count; i++) {
        const tend_price_rule *rule = &fake->rules[i];

        if ((rule->from == TEND_NO_DATE || rule->from <= fake->quote.date) &&
            (rule->until == TEND_NO_DATE || fake->quote.date <= rule->until)) {
            tend_price_match *match = &fake->matches[fake->quote.match_count++];

            match->rule = i;
            if (match->rate_numerator == 0)
                match->rate_numerator = match->rate_denominator = 1;
        }
    }
    fake->line.matches = fake->matches;
    fake->line.match_count = fake->quote.match_count;
    fake->text[0] = '\0';
    return fake->ops->apply(fake->host.self, &fake->quote, &fake->out, &fake->host.error);
}

tend_status price_fake_apply(price_fake *fake, const char *on, const char *quantity, int64_t net)
{
    fake->line = (tend_quote_line){ .product = "Widget", .code = "W", .family = "", .unit = "", .list = net, .net = net };
    ck_assert(tend_decimal_read(quantity, strlen(quantity), &fake->line.quantity));
    fake->quote.lines = &fake->line;
    fake->quote.line_count = 1;
    fake->net = net;
    return apply(fake, on);
}

tend_status price_fake_stand(price_fake *fake, const char *on)
{
    fake->quote.line_count = 0;
    return apply(fake, on);
}

tend_status price_fake_check(price_fake *fake)
{
    fake->text[0] = '\0';
    return fake->ops->check(fake->host.self, &fake->check, &fake->host.error);
}

bool price_fake_said(const price_fake *fake, const char *words)
{
    return strstr(fake->text, words) != NULL;
}
