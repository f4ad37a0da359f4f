/* The rule by itself: a quote made by hand, and what has to come out. `tend plugin check` tries the rest. */
#include <stdio.h>
#include <string.h>
#include <tend/plugin.h>

static int failed;
static int64_t amounts[4];
static char reasons[4][200];

static void expect(const char *what, int64_t wanted, int64_t got)
{
    if (wanted == got)
        return;
    (void)printf("FAILED: %s: %lld instead of %lld\n", what, (long long)got, (long long)wanted);
    failed = 1;
}

static void fault(tend_rule_faults *faults, const char *rule, const char *key, const char *sentence)
{
    (void)faults;
    expect("the rule that is wrong is named", 0, strcmp(rule, "all"));
    (void)key;
    (void)sentence;
    amounts[3]++;
}

static tend_status adjust(tend_price_out *out, const tend_adjustment *adjustment)
{
    (void)out;
    amounts[adjustment->line] += adjustment->amount;
    (void)snprintf(reasons[adjustment->line], sizeof reasons[0], "%s", adjustment->reason);
    return TEND_OK;
}

int main(void)
{
    const tend_rule_setting bulk[] = { { "percent", "12.5" }, { "at_least", "100" }, { NULL, NULL } };
    const tend_rule_setting all[] = { { "percent", "101" }, { NULL, NULL } };
    const tend_price_rule rules[] = {
        { .name = "bulk", .from = TEND_NO_DATE, .until = TEND_NO_DATE, .settings = bulk },
        { .name = "all", .from = TEND_NO_DATE, .until = TEND_NO_DATE, .settings = all },
    };
    const tend_price_match match = { .rule = 0, .rate_numerator = 1, .rate_denominator = 1 };
    const tend_quote_line lines[] = {
        { .product = "A",
          .code = "",
          .family = "",
          .unit = "",
          .quantity = { 100, 0 },
          .net = 1234,
          .matches = &match,
          .match_count = 1 },
        { .product = "A",
          .code = "",
          .family = "",
          .unit = "",
          .quantity = { 99, 0 },
          .net = 1234,
          .matches = &match,
          .match_count = 1 },
        { .product = "B", .code = "", .family = "", .unit = "", .quantity = { 100, 0 }, .net = 1234 },
    };
    const tend_quote quote = {
        .size = sizeof quote, .currency = "USD", .exponent = 2, .rounding = TEND_ROUND_HALF_AWAY, .lines = lines, .line_count = 3
    };
    tend_rule_faults faults = { .size = sizeof faults, .fault = fault };
    tend_price_out out = { .size = sizeof out, .adjust = adjust };
    const tend_plugin *plugin = tend_plugin_entry();
    const tend_price_ops *ops = plugin->capabilities[0].ops;
    tend_error error = { 0 };
    void *self = NULL;

    expect("it opens", TEND_OK, plugin->open(NULL, &self, &error));
    expect("it takes rules", TEND_OK, ops->rules(self, rules, 2, &faults, &error));
    expect("more than all of it is a fault", 1, amounts[3]);
    expect("it prices", TEND_OK, ops->apply(self, &quote, &out, &error));
    expect("12.5 % of 12.34 are 1.5425, rounded once", -154, amounts[0]);
    expect("and that is said", 0, strcmp(reasons[0], "12.5 % off from 100 on"));
    expect("99 get nothing", 0, amounts[1]);
    expect("a line without a rule stays as it is", 0, amounts[2]);
    plugin->close(self);
    return failed;
}
