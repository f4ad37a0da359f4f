#include "price/pricing.h"

#include "base/near.h"
#include "price/inside.h"
#include <stdlib.h>
#include <string.h>

static const char *const roundings[] = { "half_away", "half_even", NULL };

static const tend_setting pricing_settings[] = {
    { .key = "order",
      .type = TEND_SETTING_LIST,
      .help = "names of [price.NAME] sections in the order they change a price; the others follow as they are written" },
    { .key = "rounding",
      .type = TEND_SETTING_CHOICE,
      .fallback = "half_away",
      .choices = roundings,
      .help = "how half a minor unit is rounded, once per line and step: away from zero, or to the even neighbour" },
    { .key = "allow_negative",
      .type = TEND_SETTING_BOOL,
      .fallback = "no",
      .help = "yes: adjustments may bring a line or a quote below zero" },
    { 0 },
};

static const tend_setting price_settings[] = {
    { .key = "plugin",
      .type = TEND_SETTING_TEXT,
      .help = "the price plugin: volume, partner_tiers, rebate …",
      .is_required = true },
    { .key = "capability", .type = TEND_SETTING_TEXT, .help = "which price of the plugin; its first when not given" },
    { .key = "where", .type = TEND_SETTING_EXPRESSION, .help = "accounts it is for, as in kind = channel; empty: all" },
    { .key = "enabled", .type = TEND_SETTING_BOOL, .fallback = "yes", .help = "no: it changes no price" },
    { .key = "publish",
      .type = TEND_SETTING_BOOL,
      .fallback = "no",
      .help = "yes: each account's tier is published daily as price.NAME, for filters and segments" },
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "any other key is a setting of the plugin" },
    { 0 },
};

static const tend_setting rule_settings[] = {
    { .key = "price", .type = TEND_SETTING_TEXT, .help = "the [price.NAME] it is a rule of", .is_required = true },
    { .key = "product", .type = TEND_SETTING_LIST, .help = "codes or names of products; empty: all" },
    { .key = "family", .type = TEND_SETTING_TEXT, .help = "products of this family; empty: all" },
    { .key = "unit", .type = TEND_SETTING_TEXT, .help = "quantities in this unit; empty: the product's own" },
    { .key = "where", .type = TEND_SETTING_EXPRESSION, .help = "accounts it is for, as in tier = gold; empty: all" },
    { .key = "from", .type = TEND_SETTING_DATE, .help = "first day" },
    { .key = "until", .type = TEND_SETTING_DATE, .help = "last day" },
    { .key = "term_at_least",
      .type = TEND_SETTING_INT,
      .fallback = "0",
      .max = 1200,
      .help = "months that the offered contract runs at least" },
    { .key = "priority",
      .type = TEND_SETTING_INT,
      .fallback = "0",
      .min = -1000,
      .max = 1000,
      .help = "of the rules that fit, the highest counts; then the one with the later from; then the first" },
    { .key = "currency", .type = TEND_SETTING_CURRENCY, .help = "currency of the money in the rule" },
    { .key = "help", .type = TEND_SETTING_TEXT, .help = "what it is for, one line" },
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "any other key is a setting of the plugin's rules: see docs/pricing.md" },
    { 0 },
};

const tend_section tend_pricing_sections[] = {
    { "pricing", false, "How prices are made: list price, then each price plugin, step by step.", pricing_settings },
    { "price", true, "[price.NAME]: a price plugin at work.", price_settings },
    { "rule", true, "[rule.NAME]: one rule of a price; its name stands in every quote that it changed.", rule_settings },
    { 0 },
};

struct tend_pricing {
    const tend_config *config; /* borrowed */
    tend_arena *arena;
    tend_price_section sections[PRICE_SECTIONS_MAX];
    size_t count;
    tend_rounding rounding;
    bool allows_negative;
};

void price_fault_line(price_reading *reading, const tend_error *error)
{
    if (reading->tell)
        reading->tell(reading->self, error->text);
    if (reading->count++ == 0)
        reading->first = *error;
}

void price_fault(price_reading *reading, const char *section, const char *instance, const char *key, const char *format, ...)
{
    const char *file = NULL, *any_key, *any_value;
    char sentence[700];
    tend_error error;
    unsigned line = 0;
    va_list arguments;

    if (key && tend_config_has(reading->config, section, instance, key))
        tend_config_origin(reading->config, section, instance, key, &file, &line);
    if (!file)
        (void)tend_config_key(reading->config, section, instance, 0, &any_key, &any_value, &file, &line);
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    (void)tend_fail(&error, TEND_EINVAL, "%s:%u: [%s%s%s]%s%s: %s", file ? file : "tend.ini", line, section, instance ? "." : "",
                    instance ? instance : "", key ? " " : "", key ? key : "", sentence);
    price_fault_line(reading, &error);
}

/* ---- sections ---------------------------------------------------------------------------------------------------------- */

static void unknown_plugin(price_reading *reading, const tend_plugins *plugins, const char *name, const char *wanted)
{
    const char *names[PRICE_SECTIONS_MAX + 1], *near;
    const tend_plugin_info *info;
    size_t count = 0;

    for (size_t i = 0; count < PRICE_SECTIONS_MAX && (info = tend_plugins_info(plugins, i)); i++)
        if (info->is_usable && (info->provides & TEND_PROVIDES_PRICE))
            names[count++] = info->name;
    names[count] = NULL;
    near = tend_near(wanted, names);
    if (near)
        price_fault(reading, "price", name, "plugin", "there is no plugin %s; did you mean %s?", wanted, near);
    else
        price_fault(reading, "price", name, "plugin", "there is no plugin %s; tend plugin list shows what there is", wanted);
}

typedef struct section_fault {
    price_reading *reading;
    const char *name;
} section_fault;

static void take_setting_fault(void *self, const char *key, const char *reason)
{
    const section_fault *told = self;

    price_fault(told->reading, "price", told->name, key, "%s", reason);
}

static void take_capability_fault(void *self, const char *plugin)
{
    const section_fault *told = self;

    price_fault(told->reading, "price", told->name, "capability", "plugin %s has no such price", plugin);
}

static void take_plugin_fault(void *self, const char *reason)
{
    const section_fault *told = self;

    price_fault(told->reading, "price", told->name, "plugin", "%s", reason);
}

/* *ret_keys NULL: a fault was told. */
static tend_status start(price_reading *reading, tend_plugins *plugins, tend_price_section *section, const tend_rule_key **ret_keys)
{
    const tend_plugin_info *info = tend_plugins_find(plugins, section->plugin);
    const char *wanted = tend_config_text(reading->config, "price", section->name, "capability");
    section_fault told = { reading, section->name };
    const tend_try_faults faults = { take_setting_fault, take_capability_fault, take_plugin_fault, &told };
    tend_section_given given;
    const tend_declared *declared;
    tend_error error;
    tend_status status;

    *ret_keys = NULL;
    if (!info) {
        unknown_plugin(reading, plugins, section->name, section->plugin);
        return TEND_OK;
    }
    if (!info->is_usable) {
        price_fault(reading, "price", section->name, "plugin", "%s cannot be used: %s", section->plugin, info->why_not);
        return TEND_OK;
    }
    status = tend_section_given_read(reading->config, &tend_pricing_sections[1], section->name, NULL, NULL, &given, &error);
    if (status == TEND_OK)
        status = tend_hosted_start(plugins, section->plugin, given.given, given.count, &section->hosted, &error);
    if (status < 0) { /* once more for every fault and not only the first */
        const unsigned before = reading->count;

        (void)tend_hosted_try(plugins, section->plugin, TEND_PRICE, wanted, given.given, given.count, true, &faults, &error);
        if (reading->count == before)
            price_fault(reading, "price", section->name, "plugin", "%s", error.text);
        tend_section_given_clear(&given);
        return status == TEND_ENOMEM ? status : TEND_OK;
    }
    tend_section_given_clear(&given);
    for (size_t i = 0; (declared = tend_hosted_declared(section->hosted, i)); i++) {
        if (declared->kind != TEND_PRICE || (wanted && *wanted && strcmp(wanted, declared->name) != 0))
            continue;
        section->capability = declared->name;
        section->has_check = declared->has_check;
        section->only_first = declared->only_first;
        *ret_keys = declared->rule_keys;
        return TEND_OK;
    }
    price_fault(reading, "price", section->name, wanted && *wanted ? "capability" : "plugin", "plugin %s has no such price",
                section->plugin);
    return TEND_OK;
}

typedef struct fault_sink {
    price_reading *reading;
    const tend_price_section *section;
} fault_sink;

static tend_status take_fault(void *self, const char *rule, const char *key, const char *sentence)
{
    fault_sink *sink = self;
    bool is_ours = false;

    for (uint32_t i = 0; i < sink->section->rule_count; i++)
        is_ours = is_ours || strcmp(sink->section->rules[i].name, rule) == 0;
    if (is_ours)
        price_fault(sink->reading, "rule", rule, *key ? key : NULL, "%s", sentence);
    else
        price_fault(sink->reading, "price", sink->section->name, NULL, "%s", sentence);
    return TEND_OK;
}

static tend_status give_rules(price_reading *reading, tend_price_section *section, const read_rule *read, uint32_t count)
{
    tend_rule *rules = tend_arena_take(reading->arena, (count + 1) * sizeof *rules);
    tend_price_rule *given = tend_arena_take(reading->arena, (count + 1) * sizeof *given);
    fault_sink sink = { reading, section };
    tend_error error;
    tend_status status;

    if (!rules || !given)
        return TEND_ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        rules[i] = read[i].rule;
        given[i] = read[i].given;
    }
    section->rules = rules;
    section->rule_count = count;
    if (reading->count > 0) /* the plugin is spared rules that are not understood */
        return TEND_OK;
    status = tend_hosted_rules(section->hosted, section->capability, given, count, take_fault, &sink, &error);
    if (status < 0)
        price_fault(reading, "price", section->name, NULL, "%s", error.text);
    return status == TEND_ENOMEM ? status : TEND_OK;
}

static tend_status open_section(tend_pricing *pricing, price_reading *reading, tend_plugins *plugins, const char *name)
{
    const unsigned before = reading->count;
    const tend_rule_key *keys = NULL;
    tend_price_section *section;
    read_rule *rules = NULL;
    uint32_t count = 0;
    tend_status status;

    for (size_t i = 0; i < pricing->count; i++)
        if (strcmp(pricing->sections[i].name, name) == 0)
            return TEND_OK; /* [pricing] order named it already */
    if (!tend_config_bool(pricing->config, "price", name, "enabled"))
        return TEND_OK;
    if (pricing->count == PRICE_SECTIONS_MAX) {
        price_fault(reading, "price", name, NULL, "more than %d prices", PRICE_SECTIONS_MAX);
        return TEND_OK;
    }
    section = &pricing->sections[pricing->count++];
    section->name = name;
    section->plugin = tend_config_text(pricing->config, "price", name, "plugin");
    section->where = price_read_where(reading, "price", name);
    section->publishes = tend_config_bool(pricing->config, "price", name, "publish");
    status = start(reading, plugins, section, &keys);
    if (status == TEND_OK && keys)
        status = price_read_rules(reading, name, keys, &rules, &count);
    if (status == TEND_OK && keys) {
        price_reading own = *reading;

        own.count -= before; /* faults of other sections do not keep this one from its plugin's */
        status = give_rules(&own, section, rules, count);
        if (reading->count == 0)
            reading->first = own.first;
        reading->count = own.count + before;
    }
    return status;
}

static bool is_price(const tend_config *config, const char *name)
{
    const char *instance;

    for (size_t i = 0; (instance = tend_config_instance(config, "price", i)); i++)
        if (strcmp(instance, name) == 0)
            return true;
    return false;
}

static tend_status open_sections(tend_pricing *pricing, price_reading *reading, tend_plugins *plugins)
{
    const tend_config *config = pricing->config;
    const char *names[PRICE_SECTIONS_MAX + 1], *name, *of;
    size_t count = 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; count < PRICE_SECTIONS_MAX && (name = tend_config_instance(config, "price", i)); i++)
        names[count++] = name;
    names[count] = NULL;
    for (size_t i = 0; status == TEND_OK && (name = tend_config_entry(config, "pricing", NULL, "order", i)); i++) {
        const char *near = tend_near(name, names);

        if (is_price(config, name))
            status = open_section(pricing, reading, plugins, name);
        else
            price_fault(reading, "pricing", NULL, "order", "there is no [price.%s]; %s%s%s", name,
                        near ? "did you mean " : "write the names of [price.NAME] sections", near ? near : "", near ? "?" : "");
    }
    for (size_t i = 0; status == TEND_OK && i < count; i++)
        status = open_section(pricing, reading, plugins, names[i]);
    for (size_t i = 0; status == TEND_OK && (name = tend_config_instance(config, "rule", i)); i++) {
        of = tend_config_text(config, "rule", name, "price");
        if (of && !is_price(config, of)) {
            const char *near = tend_near(of, names);

            price_fault(reading, "rule", name, "price", "there is no [price.%s]; %s%s%s", of,
                        near ? "did you mean " : "write the name of one", near ? near : "", near ? "?" : "");
        }
    }
    return status;
}

tend_status tend_pricing_open(const tend_config *config, tend_plugins *plugins, const tend_schema *schema,
                              const tend_segments *segments, void (*tell)(void *self, const char *line), void *self,
                              tend_pricing **ret_pricing, tend_error *reterr)
{
    tend_pricing *pricing = calloc(1, sizeof *pricing);
    price_reading reading = { .config = config, .schema = schema, .segments = segments, .tell = tell, .self = self };
    tend_status status = TEND_ENOMEM;

    if (!pricing || !(pricing->arena = tend_arena_new()))
        goto out;
    reading.arena = pricing->arena;
    pricing->config = config;
    pricing->rounding = strcmp(tend_config_text(config, "pricing", NULL, "rounding"), "half_even") == 0 ? TEND_ROUND_HALF_EVEN
                                                                                                        : TEND_ROUND_HALF_AWAY;
    pricing->allows_negative = tend_config_bool(config, "pricing", NULL, "allow_negative");
    status = open_sections(pricing, &reading, plugins);
    if (status == TEND_OK && reading.count > 0) {
        status = TEND_EINVAL;
        if (reterr)
            *reterr = reading.first;
    }
    if (status == TEND_OK) {
        *ret_pricing = pricing;
        pricing = NULL;
    }
out:
    tend_pricing_close(pricing);
    return status == TEND_ENOMEM ? tend_fail(reterr, status, "prices: memory is used up") : status;
}

void tend_pricing_close(tend_pricing *pricing)
{
    if (!pricing)
        return;
    for (size_t i = 0; i < pricing->count; i++) {
        const tend_price_section *section = &pricing->sections[i];

        tend_hosted_stop(section->hosted);
        tend_filter_free((tend_filter *)(uintptr_t)section->where);
        for (uint32_t r = 0; r < section->rule_count; r++)
            tend_filter_free((tend_filter *)(uintptr_t)section->rules[r].where);
    }
    tend_arena_free(pricing->arena);
    free(pricing);
}

const tend_price_section *tend_pricing_at(const tend_pricing *pricing, size_t i)
{
    return i < pricing->count ? &pricing->sections[i] : NULL;
}

tend_rounding tend_pricing_rounding(const tend_pricing *pricing)
{
    return pricing->rounding;
}

bool tend_pricing_allows_negative(const tend_pricing *pricing)
{
    return pricing->allows_negative;
}
