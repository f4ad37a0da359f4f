#include "price/check.h"

#include "price/examine.h"
#include <string.h>

const char *tend_price_finding_word(tend_price_finding_kind kind)
{
    static const char *const words[] = { "", "cliff", "contradiction", "shadowed", "unused", "gap" };

    return words[kind];
}

const tend_rule *price_rule_called(const tend_price_section *section, const char *name)
{
    for (uint32_t i = 0; i < section->rule_count; i++)
        if (strcmp(section->rules[i].name, name) == 0)
            return &section->rules[i];
    return NULL;
}

bool price_is_open(const examining *check, const tend_rule *rule)
{
    return rule->until == TEND_NO_DATE || rule->until >= check->date;
}

/* Room for one more; NULL when memory is used up. */
static void *grow(examining *check, void *items, size_t count, size_t *room, size_t size)
{
    const size_t wanted = *room ? *room * 2 : 32;
    void *larger;

    if (count < *room)
        return items;
    larger = tend_arena_take(check->arena, wanted * size);
    if (larger && count > 0)
        memcpy(larger, items, count * size);
    if (larger)
        *room = wanted;
    return larger;
}

tend_status price_found(examining *check, tend_price_finding_kind kind, const tend_rule *rule, const char *other,
                        const char *product, const char *format, ...)
{
    tend_price_fault *faults = grow(check, check->faults, check->fault_count, &check->fault_room, sizeof *check->faults);
    char text[900];
    va_list arguments;

    if (!faults)
        return TEND_ENOMEM;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    check->faults = faults;
    faults[check->fault_count] = (tend_price_fault){
        .kind = kind,
        .price = check->section ? check->section->name : NULL,
        .rule = rule ? rule->name : NULL,
        .other = tend_arena_string(check->arena, other),
        .product = tend_arena_string(check->arena, product),
        .text = tend_arena_string(check->arena, text),
        .file = rule ? rule->file : NULL,
        .line = rule ? rule->line : 0,
    };
    return faults[check->fault_count++].text ? TEND_OK : TEND_ENOMEM;
}

static tend_status take_break(void *self, const tend_price_break *where)
{
    examining *check = self;
    const tend_rule *rule = price_rule_called(check->section, where->rule);
    price_break *breaks = grow(check, check->breaks, check->break_count, &check->break_room, sizeof *check->breaks);

    if (!breaks)
        return TEND_ENOMEM;
    check->breaks = breaks;
    if (rule)
        breaks[check->break_count++] = (price_break){ rule->name, where->at };
    return TEND_OK;
}

static tend_status take_finding(void *self, const tend_price_finding *finding)
{
    examining *check = self;
    const tend_rule *rule = price_rule_called(check->section, finding->rule);

    if (rule && !price_is_open(check, rule))
        return TEND_OK;
    return price_found(check, finding->kind, rule, finding->other, NULL, "%s", finding->text);
}

static tend_status read_sets(examining *check, tend_error *reterr)
{
    const tend_price_section *section = check->section;
    tend_status status = TEND_OK;

    check->sets = tend_arena_take(check->arena, (section->rule_count + 1) * sizeof *check->sets);
    check->is_shadowed = tend_arena_take(check->arena, section->rule_count + 1);
    if (!check->sets || !check->is_shadowed)
        return TEND_ENOMEM;
    for (uint32_t i = 0; i < section->rule_count && status >= 0; i++)
        status =
            price_reach_accounts(&check->reach, check->world, section->where, section->rules[i].where, &check->sets[i], reterr);
    return status;
}

static tend_status examine_section(examining *check, tend_error *reterr)
{
    tend_status status = read_sets(check, reterr);

    check->break_count = 0;
    if (status >= 0 && check->section->has_check)
        status = tend_hosted_examine(check->section->hosted, check->section->capability, take_break, take_finding, check, reterr);
    if (status >= 0)
        status = price_examine_cover(check);
    return status < 0 ? status : price_examine_cliffs(check, reterr);
}

tend_status tend_pricing_check(const tend_pricing *pricing, const tend_price_world *world, tend_date date, tend_arena *arena,
                               const tend_price_fault **ret_faults, size_t *ret_count, tend_error *reterr)
{
    examining check = { .pricing = pricing, .world = world, .date = date, .arena = arena };
    tend_error error = { 0 };
    tend_status status = price_reach_open(world, arena, &check.reach, &error);

    if (status >= 0)
        status = price_set_new(&check.reach, &check.left, &error);
    if (status >= 0)
        status = price_examine_lists(&check, &error);
    for (size_t i = 0; status >= 0 && (check.section = tend_pricing_at(pricing, i)); i++)
        status = examine_section(&check, &error);
    if (status < 0)
        return tend_fail(reterr, status, "%s", error.text[0] ? error.text : "price check: memory is used up");
    *ret_faults = check.faults;
    *ret_count = check.fault_count;
    return TEND_OK;
}
