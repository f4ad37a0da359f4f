/* declared.c: what a plugin's descriptor says, copied out of its host's first message. */
#include "plugin/hosted.h"

#include <string.h>

#define MOST_OPTIONS 256u
#define MOST_CAPABILITIES 256u
#define MOST_INPUTS 256u
#define MOST_RULE_KEYS 256u

static char *take_string(tend_hosted *hosted)
{
    return tend_arena_string(hosted->arena, tend_wire_get_text(hosted->process.wire, NULL));
}

static bool take_options(tend_hosted *hosted)
{
    tend_wire *wire = hosted->process.wire;
    uint32_t count = tend_wire_get_u32(wire);

    if (count > MOST_OPTIONS)
        return false;
    hosted->options = tend_arena_take(hosted->arena, (count + 1) * sizeof *hosted->options);
    for (uint32_t i = 0; hosted->options && i < count; i++) {
        tend_option *option = &hosted->options[i];
        bool has_fallback;

        option->key = take_string(hosted);
        option->type = (tend_option_type)tend_wire_get_u8(wire);
        has_fallback = tend_wire_get_u8(wire) != 0;
        option->fallback = take_string(hosted);
        if (!has_fallback)
            option->fallback = NULL;
        option->help = take_string(hosted);
        option->is_secret = tend_wire_get_u8(wire) != 0;
        option->is_required = tend_wire_get_u8(wire) != 0;
        if (!option->key || option->key[0] == '\0' || !option->help || option->type < TEND_OPTION_TEXT ||
            option->type > TEND_OPTION_ENVIRONMENT)
            return false;
    }
    return hosted->options != NULL;
}

static bool take_kpi(tend_hosted *hosted, size_t place, tend_declared *kpi)
{
    tend_wire *wire = hosted->process.wire;
    tend_input *inputs;
    uint32_t count;

    kpi->unit = (tend_unit)tend_wire_get_u8(wire);
    kpi->is_money = tend_wire_get_u8(wire) != 0;
    kpi->higher_is_better = tend_wire_get_u8(wire) != 0;
    kpi->has_explain = tend_wire_get_u8(wire) != 0;
    kpi->has_interval = tend_wire_get_u8(wire) != 0;
    kpi->twin = tend_wire_get_u32(wire);
    kpi->version = tend_wire_get_u32(wire);
    kpi->formula = take_string(hosted);
    kpi->source = take_string(hosted);
    count = tend_wire_get_u32(wire);
    if (kpi->unit < TEND_UNIT_RATIO || kpi->unit > TEND_UNIT_DAYS || count > MOST_INPUTS || kpi->twin > place ||
        (kpi->twin < place && (hosted->declared[kpi->twin].kind != TEND_KPI || hosted->declared[kpi->twin].unit != kpi->unit)))
        return false;
    inputs = tend_arena_take(hosted->arena, (count + 1) * sizeof *inputs);
    kpi->inputs = inputs;
    for (uint32_t i = 0; inputs && i < count; i++) {
        inputs[i].column = take_string(hosted);
        inputs[i].take = (tend_take)tend_wire_get_u8(wire);
        if (!inputs[i].column || (inputs[i].take != TEND_LATEST && inputs[i].take != TEND_ALL))
            return false;
    }
    return inputs != NULL;
}

static bool take_price(tend_hosted *hosted, tend_declared *price)
{
    tend_wire *wire = hosted->process.wire;
    tend_rule_key *keys;
    uint32_t count;

    price->has_check = tend_wire_get_u8(wire) != 0;
    price->only_first = tend_wire_get_u8(wire) != 0;
    count = tend_wire_get_u32(wire);
    if (count > MOST_RULE_KEYS)
        return false;
    keys = tend_arena_take(hosted->arena, (count + 1) * sizeof *keys);
    price->rule_keys = keys;
    for (uint32_t i = 0; keys && i < count; i++) {
        keys[i].key = take_string(hosted);
        keys[i].type = (tend_rule_value)tend_wire_get_u8(wire);
        keys[i].choices = take_string(hosted);
        keys[i].help = take_string(hosted);
        keys[i].is_required = tend_wire_get_u8(wire) != 0;
        if (!keys[i].key || keys[i].key[0] == '\0' || !keys[i].choices || !keys[i].help || keys[i].type < TEND_RULE_TEXT ||
            keys[i].type > TEND_RULE_BAND)
            return false;
    }
    return keys != NULL;
}

static bool take_capabilities(tend_hosted *hosted)
{
    tend_wire *wire = hosted->process.wire;
    uint32_t count = tend_wire_get_u32(wire);

    if (count > MOST_CAPABILITIES)
        return false;
    hosted->declared = tend_arena_take(hosted->arena, (count + 1) * sizeof *hosted->declared);
    for (uint32_t i = 0; hosted->declared && i < count; i++) {
        tend_declared *declared = &hosted->declared[i];

        declared->kind = tend_wire_get_u8(wire);
        declared->name = take_string(hosted);
        declared->summary = take_string(hosted);
        if (!declared->name || !declared->summary || declared->kind < TEND_CONNECTOR || declared->kind > TEND_SERVICE)
            return false;
        if (declared->kind == TEND_KPI && !take_kpi(hosted, i, declared))
            return false;
        if (declared->kind == TEND_PRICE && !take_price(hosted, declared))
            return false;
        hosted->declared_count = i + 1;
    }
    return hosted->declared != NULL;
}

/* The host is foreign once it runs a plugin: nothing it says is believed unchecked. What was declared first stays valid until stop,
 * so a new start must find the same plugin. */
tend_status tend_hosted_take_declared(tend_hosted *hosted, tend_error *reterr)
{
    tend_wire *wire = hosted->process.wire;
    const tend_plugin_info *info = hosted->use.info;
    uint32_t needs = tend_wire_get_u32(wire);
    const char *name = tend_wire_get_text(wire, NULL);
    const char *version = tend_wire_get_text(wire, NULL);
    const char *summary = tend_wire_get_text(wire, NULL);

    if (strcmp(name, info->name) != 0 || strcmp(version, info->version) != 0 || needs != info->needs)
        return tend_fail(reterr, TEND_EVERSION, "plugin %s: its file has changed since tend started; restart tend", hosted->name);
    if (hosted->is_declared)
        return TEND_OK;
    hosted->summary = tend_arena_string(hosted->arena, summary);
    if (!hosted->summary || !take_options(hosted) || !take_capabilities(hosted) || tend_wire_done(wire, NULL) < 0)
        return tend_hosted_lied(hosted, "its start", "its descriptor breaks the rules", reterr);
    hosted->is_declared = true;
    return TEND_OK;
}

const tend_declared *tend_hosted_declared(const tend_hosted *hosted, size_t i)
{
    return i < hosted->declared_count ? &hosted->declared[i] : NULL;
}

const tend_option *tend_hosted_options(const tend_hosted *hosted)
{
    return hosted->options;
}

const char *tend_hosted_summary(const tend_hosted *hosted)
{
    return hosted->summary;
}
