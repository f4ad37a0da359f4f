/* rule.c: one rule from its section, and whether it fits. */
#include "base/date.h"
#include "base/money.h"
#include "base/near.h"
#include "price/inside.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <tend/bands.h>

#define KEYS_NAMED 64

/* Keys of [rule.NAME] that the core reads itself. */
static const char *const own_keys[] = { "price", "product",       "family",   "unit",     "where", "from",
                                        "until", "term_at_least", "priority", "currency", "help",  NULL };

bool tend_rule_in_force(const tend_rule *rule, tend_date date, uint32_t term)
{
    return (rule->from == TEND_NO_DATE || rule->from <= date) && (rule->until == TEND_NO_DATE || date <= rule->until) &&
           (int64_t)term >= rule->term_at_least;
}

bool tend_rule_speaks_of(const tend_rule *rule, const char *code, const char *name, const char *family, const char *unit)
{
    bool is_named = !rule->products;

    for (size_t i = 0; !is_named && rule->products[i]; i++)
        is_named = strcmp(rule->products[i], code) == 0 || strcmp(rule->products[i], name) == 0;
    return is_named && (!rule->family || strcmp(rule->family, family) == 0) && strcmp(rule->unit ? rule->unit : "", unit) == 0;
}

static bool is_own(const char *key)
{
    for (size_t i = 0; own_keys[i]; i++)
        if (strcmp(own_keys[i], key) == 0)
            return true;
    return false;
}

static const tend_rule_key *find_key(const tend_rule_key *keys, const char *written)
{
    for (; keys && keys->key; keys++) {
        const size_t length = strlen(keys->key);

        if (strcmp(keys->key, written) == 0)
            return keys;
        if (length > 1 && keys->key[length - 1] == '*' && strncmp(keys->key, written, length - 1) == 0 && written[length - 1])
            return keys;
    }
    return NULL;
}

static void unknown_key(price_reading *reading, const char *rule, const char *price, const char *written, const tend_rule_key *keys)
{
    const char *names[KEYS_NAMED + 1], *near;
    size_t count = 0;

    for (; own_keys[count]; count++)
        names[count] = own_keys[count];
    for (; keys && keys->key && count < KEYS_NAMED; keys++)
        names[count++] = keys->key;
    names[count] = NULL;
    near = tend_near(written, names);
    if (near)
        price_fault(reading, "rule", rule, written, "no such setting; did you mean %s?", near);
    else
        price_fault(reading, "rule", rule, written, "no such setting; `tend price rules` shows what rules of price %s may say",
                    price);
}

static bool is_word(const char *choices, const char *word)
{
    const size_t length = strlen(word);

    for (const char *at = choices; length > 0 && (at = strstr(at, word)); at += length)
        if ((at == choices || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

static bool is_rule_of(const tend_config *config, const char *name, const char *price)
{
    const char *instance;

    for (size_t i = 0; (instance = tend_config_instance(config, "rule", i)); i++)
        if (strcmp(instance, name) == 0) {
            const char *of = tend_config_text(config, "rule", instance, "price");

            return of && strcmp(of, price) == 0;
        }
    return false;
}

/* The value as the plugin gets it; NULL: a fault was told. `out of memory` is a fault, too. */
static const char *take_value(price_reading *reading, const char *rule, const char *price, const tend_rule_key *key,
                              const char *written, const char *value)
{
    static const char *const yes[] = { "yes", "true", "on" }, *const no[] = { "no", "false", "off" };
    tend_decimal each, fee;
    int64_t number = 0, ms = 0;
    bool is_percent = false;
    int months = 0;

    switch (key->type) {
    case TEND_RULE_WORD:
        if (is_word(key->choices, value))
            return value;
        price_fault(reading, "rule", rule, written, "\"%.60s\" is none of: %s", value, key->choices);
        return NULL;
    case TEND_RULE_INT:
        if (tend_decimal_parse(value, strlen(value), &tend_number_plain, 0, &number) == TEND_OK)
            return value;
        price_fault(reading, "rule", rule, written, "\"%.60s\" is not a whole number; write digits only", value);
        return NULL;
    case TEND_RULE_DECIMAL:
        if (tend_decimal_read(value, strlen(value), &each))
            return value;
        price_fault(reading, "rule", rule, written, "\"%.60s\" is not a number; write it like 1250.50", value);
        return NULL;
    case TEND_RULE_PERCENT:
        if (tend_band_read(value, &each, &fee, &is_percent) && is_percent)
            return tend_arena_copy(reading->arena, value, strcspn(value, " %"));
        price_fault(reading, "rule", rule, written, "\"%.60s\" is not per cent; write it like 12.5 %%", value);
        return NULL;
    case TEND_RULE_MONTHS:
        if (tend_duration_parse(value, strlen(value), &ms, &months) == TEND_OK && months > 0)
            return tend_arena_print(reading->arena, "%d", months);
        price_fault(reading, "rule", rule, written, "\"%.60s\" is not a number of months; write it like 3 months", value);
        return NULL;
    case TEND_RULE_BOOL:
        for (size_t i = 0; i < 3; i++) {
            if (strcasecmp(value, yes[i]) == 0)
                return "yes";
            if (strcasecmp(value, no[i]) == 0)
                return "no";
        }
        price_fault(reading, "rule", rule, written, "\"%.60s\" is neither yes nor no; write yes or no", value);
        return NULL;
    case TEND_RULE_RULE:
        if (is_rule_of(reading->config, value, price))
            return value;
        price_fault(reading, "rule", rule, written, "there is no rule %.60s of price %s; write the name of one", value, price);
        return NULL;
    case TEND_RULE_BAND:
        if (tend_band_read(value, &each, &fee, &is_percent))
            return value;
        price_fault(reading, "rule", rule, written, "\"%.60s\" is no band; write 0.40, 0.40 + 10.00 or 5 %%", value);
        return NULL;
    default:
        return value;
    }
}

static tend_status take_settings(price_reading *reading, const char *name, const char *price, const tend_rule_key *keys,
                                 tend_price_rule *ret_given)
{
    const char *key, *value, *file;
    tend_rule_setting *settings;
    unsigned line;
    size_t count = 0, room = 0;

    while (tend_config_key(reading->config, "rule", name, room, &key, &value, &file, &line))
        room++;
    settings = tend_arena_take(reading->arena, (room + 1) * sizeof *settings);
    if (!settings)
        return TEND_ENOMEM;
    for (size_t i = 0; tend_config_key(reading->config, "rule", name, i, &key, &value, &file, &line); i++) {
        const tend_rule_key *known;
        const char *taken;

        if (is_own(key))
            continue;
        known = find_key(keys, key);
        if (!known) {
            unknown_key(reading, name, price, key, keys);
            continue;
        }
        taken = take_value(reading, name, price, known, key, value);
        if (taken)
            settings[count++] = (tend_rule_setting){ key, taken };
    }
    for (; keys && keys->key; keys++)
        if (keys->is_required && !tend_config_has(reading->config, "rule", name, keys->key))
            price_fault(reading, "rule", name, keys->key, "is missing: %s", keys->help);
    ret_given->settings = settings;
    return TEND_OK;
}

tend_filter *price_read_where(price_reading *reading, const char *section, const char *instance)
{
    const char *text = tend_config_text(reading->config, section, instance, "where"), *file = NULL;
    tend_filter *filter = NULL;
    tend_error error;
    unsigned line = 0;
    char *place;

    if (!text || !*text)
        return NULL;
    tend_config_origin(reading->config, section, instance, "where", &file, &line);
    place = tend_arena_print(reading->arena, "%s:%u: [%s.%s] where", file ? file : "tend.ini", line, section, instance);
    if (place && tend_filter_parse(reading->schema, reading->segments, TEND_KIND_ACCOUNT, text, place, &filter, &error) == TEND_OK)
        return filter;
    if (!place)
        (void)tend_fail(&error, TEND_ENOMEM, "prices: memory is used up");
    price_fault_line(reading, &error);
    return NULL;
}

static tend_date date_of(const price_reading *reading, const char *name, const char *key)
{
    return tend_config_has(reading->config, "rule", name, key) ? (tend_date)tend_config_int(reading->config, "rule", name, key)
                                                               : TEND_NO_DATE;
}

static const char *text_of(const price_reading *reading, const char *name, const char *key)
{
    const char *text = tend_config_text(reading->config, "rule", name, key);

    return text && *text ? text : NULL;
}

static tend_status read_rule_section(price_reading *reading, const char *name, const char *price, const tend_rule_key *keys,
                                     size_t place, read_rule *ret_rule)
{
    tend_rule *rule = &ret_rule->rule;
    const char *currency = text_of(reading, name, "currency"), *key, *value, **products;
    size_t count = 0;

    while (tend_config_entry(reading->config, "rule", name, "product", count))
        count++;
    products = tend_arena_take(reading->arena, (count + 1) * sizeof *products);
    if (!products)
        return TEND_ENOMEM;
    for (size_t i = 0; i < count; i++)
        products[i] = tend_config_entry(reading->config, "rule", name, "product", i);
    *rule = (tend_rule){
        .name = name,
        .help = text_of(reading, name, "help"),
        .products = count > 0 ? products : NULL,
        .family = text_of(reading, name, "family"),
        .unit = text_of(reading, name, "unit"),
        .where = price_read_where(reading, "rule", name),
        .from = date_of(reading, name, "from"),
        .until = date_of(reading, name, "until"),
        .term_at_least = tend_config_int(reading->config, "rule", name, "term_at_least"),
        .priority = tend_config_int(reading->config, "rule", name, "priority"),
        .place = place,
    };
    (void)tend_config_key(reading->config, "rule", name, 0, &key, &value, &rule->file, &rule->line);
    if (currency)
        (void)snprintf(rule->currency, sizeof rule->currency, "%.3s", currency);
    if (rule->from != TEND_NO_DATE && rule->until != TEND_NO_DATE && rule->until < rule->from)
        price_fault(reading, "rule", name, "until", "is before from, so that the rule is never in force; write a later day");
    ret_rule->given = (tend_price_rule){ .name = name, .from = rule->from, .until = rule->until };
    memcpy(ret_rule->given.currency, rule->currency, sizeof rule->currency);
    ret_rule->given.exponent = currency ? (uint32_t)tend_currency_exponent(rule->currency) : 0;
    return take_settings(reading, name, price, keys, &ret_rule->given);
}

static int by_precedence(const void *a, const void *b)
{
    const tend_rule *left = &((const read_rule *)a)->rule, *right = &((const read_rule *)b)->rule;

    if (left->priority != right->priority)
        return left->priority > right->priority ? -1 : 1;
    if (left->from != right->from)
        return left->from > right->from ? -1 : 1; /* an open beginning is the smallest number */
    return left->place < right->place ? -1 : 1;
}

tend_status price_read_rules(price_reading *reading, const char *price, const tend_rule_key *keys, read_rule **ret_rules,
                             uint32_t *ret_count)
{
    const char *name, *of;
    read_rule *rules;
    uint32_t count = 0;
    size_t room = 0;
    tend_status status = TEND_OK;

    while (tend_config_instance(reading->config, "rule", room))
        room++;
    rules = tend_arena_take(reading->arena, (room + 1) * sizeof *rules);
    if (!rules)
        return TEND_ENOMEM;
    for (size_t i = 0; status == TEND_OK && (name = tend_config_instance(reading->config, "rule", i)); i++) {
        of = tend_config_text(reading->config, "rule", name, "price");
        if (of && strcmp(of, price) == 0)
            status = read_rule_section(reading, name, price, keys, i, &rules[count++]);
    }
    if (count > 1)
        qsort(rules, count, sizeof *rules, by_precedence);
    *ret_rules = rules;
    *ret_count = count;
    return status;
}
