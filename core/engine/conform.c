#include "engine/conform_inside.h"

#include "base/date.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *tend_conform_state_name(tend_conform_state state)
{
    static const char *const names[] = { "", "ok", "FAILED", "not tried" };

    return state > 0 && state <= TEND_CONFORM_NOT_TRIED ? names[state] : "";
}

void conform_put(conform *trial, tend_conform_state state, const char *check, const char *format, ...)
{
    tend_error text;
    va_list arguments;
    const tend_conform_finding finding = {
        .state = state,
        .capability = trial->capability ? trial->capability->name : "",
        .part = trial->part ? trial->part : "",
        .check = check,
        .text = text.text,
    };

    va_start(arguments, format);
    (void)tend_vfail(&text, TEND_OK, format, arguments);
    va_end(arguments);
    trial->failed += state == TEND_CONFORM_FAILED;
    if (trial->status >= 0)
        trial->status = trial->request->put(trial->request->self, &finding, &trial->error);
}

const char *conform_name(const conform *trial)
{
    return trial->capability->name;
}

bool conform_is_rude(conform *trial, const char *check, const char *doing, const tend_error *why)
{
    if (!tend_hosted_runs(trial->hosted)) {
        conform_put(trial, TEND_CONFORM_FAILED, check, "%s ended its process: %s", doing, why->text);
        return true;
    }
    if (strstr(why->text, "and gave no reason")) {
        conform_put(trial, TEND_CONFORM_FAILED, check, "%s failed without a reason; fill reterr with tend_fail", doing);
        return true;
    }
    return false;
}

void *conform_take(conform *trial, size_t bytes)
{
    void *memory = tend_arena_take(trial->arena, bytes ? bytes : 1);

    if (!memory && trial->status >= 0)
        trial->status = tend_fail(&trial->error, TEND_ENOMEM, "plugin check: no memory for %zu bytes", bytes);
    return memory;
}

/* ---- what it says of itself -------------------------------------------------------------------------------------------- */

static bool is_version(const char *text)
{
    unsigned dots = 0;

    for (const char *at = text; *at; at++) {
        if (*at == '.' && isdigit((unsigned char)at[1]))
            dots++;
        else if (!isdigit((unsigned char)*at) && dots < 2)
            return false;
    }
    return dots >= 2 && isdigit((unsigned char)*text);
}

static bool is_blank(const char *text)
{
    return !text || text[strspn(text, " \t")] == '\0';
}

static bool is_name(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(text);
}

/* The first thing that is missing; NULL when nothing is. */
static const char *fault_of_settings(conform *trial)
{
    for (const tend_option *option = tend_hosted_options(trial->hosted); option->key; option++) {
        if (is_blank(option->help))
            return tend_arena_print(trial->arena, "setting %s has no help; write one line", option->key);
        if (option->is_secret && !is_blank(option->fallback))
            return tend_arena_print(trial->arena, "setting %s is a secret and has a default; leave it out", option->key);
        if (option->is_required && option->fallback)
            return tend_arena_print(trial->arena, "setting %s is required and has a default; it can be one of both", option->key);
        for (const tend_option *other = option + 1; other->key; other++)
            if (strcmp(other->key, option->key) == 0)
                return tend_arena_print(trial->arena, "setting %s stands in the table twice", option->key);
    }
    return NULL;
}

static const char *fault_of_capabilities(conform *trial)
{
    const tend_declared *one, *other;

    for (size_t i = 0; (one = tend_hosted_declared(trial->hosted, i)); i++) {
        if (!is_name(one->name))
            return tend_arena_print(trial->arena, "capability '%s': a name has small letters, digits, '_' and '.'", one->name);
        if (is_blank(one->summary))
            return tend_arena_print(trial->arena, "capability %s has no summary; write one line", one->name);
        for (size_t j = i + 1; (other = tend_hosted_declared(trial->hosted, j)); j++)
            if (other->kind == one->kind && strcmp(other->name, one->name) == 0)
                return tend_arena_print(trial->arena, "capability %s stands in the table twice", one->name);
        if (one->kind == TEND_KPI && (is_blank(one->formula) || is_blank(one->source) || one->version == 0))
            return tend_arena_print(trial->arena, "KPI %s lacks its formula, its source or its version (1 and more)", one->name);
    }
    return NULL;
}

static void check_description(conform *trial)
{
    const tend_plugin_info *info = tend_plugins_find(trial->request->plugins, trial->request->name);
    const char *fault = NULL;

    if (!is_version(info->version))
        fault = tend_arena_print(trial->arena, "its version '%s' is not like 1.2.3", info->version);
    if (!fault && is_blank(tend_hosted_summary(trial->hosted)))
        fault = "it has no summary; write one line";
    if (!fault)
        fault = fault_of_settings(trial);
    if (!fault)
        fault = fault_of_capabilities(trial);
    if (fault)
        conform_put(trial, TEND_CONFORM_FAILED, "description", "%s", fault);
    else
        conform_put(trial, TEND_CONFORM_OK, "description", "%s %s: names, settings and capabilities say what they are", info->name,
                    info->version);
}

/* ---- all of it --------------------------------------------------------------------------------------------------------- */

static void check_capability(conform *trial)
{
    switch (trial->capability->kind) {
    case TEND_CONNECTOR:
        conform_connector(trial);
        break;
    case TEND_KPI:
        conform_kpi(trial);
        break;
    case TEND_SINK:
        conform_sink(trial);
        break;
    case TEND_PRICE:
        conform_price(trial);
        break;
    default:
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "kind", "nothing here calls capabilities of this kind");
    }
}

tend_status tend_conform(const tend_conform_request *request, unsigned *ret_failed, tend_error *reterr)
{
    conform trial = { .request = request, .arena = tend_arena_new() };
    tend_hosted *described = NULL;
    tend_error why = { 0 };

    if (!trial.arena)
        return tend_fail(reterr, TEND_ENOMEM, "plugin check: no memory");
    if (tend_hosted_describe(request->plugins, request->name, &described, &why) < 0) {
        conform_put(&trial, TEND_CONFORM_FAILED, "start", "%s", why.text);
        goto out;
    }
    trial.hosted = described;
    check_description(&trial);
    trial.hosted = NULL;
    if (tend_hosted_start(request->plugins, request->name, request->given, request->count, &trial.hosted, &why) < 0) {
        conform_put(&trial, TEND_CONFORM_FAILED, "open", "%s", why.text);
        goto out;
    }
    conform_put(&trial, TEND_CONFORM_OK, "open", "it opens with the settings that were given");
    for (size_t i = 0; trial.status >= 0 && (trial.capability = tend_hosted_declared(trial.hosted, i)); i++) {
        check_capability(&trial);
        tend_arena_reset(trial.arena);
    }
out:
    tend_hosted_stop(trial.hosted);
    tend_hosted_stop(described);
    tend_arena_free(trial.arena);
    *ret_failed = trial.failed;
    return trial.status < 0 ? tend_fail(reterr, trial.status, "%s", trial.error.text) : TEND_OK;
}
