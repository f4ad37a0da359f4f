/* commands_plugin.c: which plugins there are, and what one of them is. */
#include "base/near.h"
#include "base/note.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "engine/conform.h"
#include "engine/quarantine.h"
#include "engine/template.h"
#include <string.h>

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

static const char *rights(uint32_t bits, tend_arena *arena)
{
    return tend_arena_print(arena, "%s%s%s", bits & TEND_NEEDS_NETWORK ? "network " : "", bits & TEND_NEEDS_FILES ? "files " : "",
                            bits & TEND_NEEDS_PROGRAMS ? "programs " : "");
}

static const char *kind_name(int32_t kind)
{
    static const char *const names[] = { "", "connector", "price", "kpi", "sink", "report", "service" };

    return kind > 0 && kind < COUNT(names) ? names[kind] : "";
}

static const char *kinds(uint32_t bits, tend_arena *arena)
{
    const char *text = "";

    for (int32_t kind = TEND_CONNECTOR; kind <= TEND_SERVICE; kind++)
        if (bits & (1u << kind))
            text = tend_arena_print(arena, "%s%s ", text, kind_name(kind));
    return text;
}

tend_status tend_cli_plugin_list(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "name", NULL, TEND_TEXT, false },        { "version", NULL, TEND_TEXT, false },
        { "provides", NULL, TEND_TEXT, false },    { "needs", NULL, TEND_TEXT, true },
        { "granted", NULL, TEND_TEXT, true },      { "usable", NULL, TEND_BOOL, false },
        { "why_not", "why not", TEND_TEXT, true }, { "signed_by", "signed by", TEND_TEXT, true },
        { "file", NULL, TEND_TEXT, false },        { "state", NULL, TEND_TEXT, false },
    };
    tend_plugins *plugins;
    tend_result *result = tend_session_result(session);
    tend_status status = tend_workspace_plugins(session->workspace, &plugins, reterr);

    if (status >= 0)
        status = tend_plugins_look_at_signatures(plugins, reterr);

    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (status >= 0)
        status = result->section(result, "plugins", NULL, headings, COUNT(headings), false, reterr);
    for (size_t i = 0; status >= 0; i++) {
        const tend_plugin_info *info = tend_plugins_info(plugins, i);

        if (!info)
            break;
        status = result->row(result,
                             (tend_value[]){ tend_value_of(info->name), tend_value_of(info->version),
                                             tend_value_of(kinds(info->provides, session->arena)),
                                             tend_value_of(rights(info->needs, session->arena)),
                                             tend_value_of(rights(info->granted, session->arena)), tend_value_bool(info->is_usable),
                                             tend_value_of(info->why_not), tend_value_of(info->signed_by),
                                             tend_value_of(info->path), tend_value_of(tend_plugin_state_name(info->state)) },
                             reterr);
    }
    return status;
}

/* ---- one plugin -------------------------------------------------------------------------------------------------------- */

static const char *option_type(tend_option_type type)
{
    static const char *const names[] = { "",     "text", "integer", "yes or no", "duration",
                                         "path", "list", "URL",     "paths",     "NAME=value, several" };

    return names[type];
}

static const char *unit_name(tend_unit unit)
{
    static const char *const names[] = { "", "ratio", "money", "count", "score", "days" };

    return names[unit];
}

static tend_status show_head(tend_result *result, tend_arena *arena, const tend_plugin_info *info, const char *summary,
                             const char *why_silent, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "name", NULL, TEND_TEXT, false },
        { "version", NULL, TEND_TEXT, false },
        { "summary", NULL, TEND_TEXT, true },
        { "state", NULL, TEND_TEXT, false },
        { "usable", NULL, TEND_BOOL, false },
        { "why_not", "why not", TEND_TEXT, true },
        { "file", NULL, TEND_TEXT, false },
        { "abi", "ABI", TEND_TEXT, true },
        { "provides", NULL, TEND_TEXT, false },
        { "needs", NULL, TEND_TEXT, true },
        { "wants", NULL, TEND_TEXT, true },
        { "granted", NULL, TEND_TEXT, true },
        { "failed", NULL, TEND_TEXT, true },
        { "signed_by", "signed by", TEND_TEXT, true },
        { "why_unsigned", "signature", TEND_TEXT, true },
    };
    const tend_value row[] = {
        tend_value_of(info->name),
        tend_value_of(info->version),
        tend_value_of(summary),
        tend_value_of(tend_plugin_state_name(why_silent && info->is_usable ? TEND_PLUGIN_BROKEN : info->state)),
        tend_value_bool(info->is_usable && !why_silent),
        tend_value_of(info->why_not),
        tend_value_of(info->path),
        tend_value_of(info->abi ? tend_arena_print(arena, "%u.%u", info->abi >> 16, info->abi & 0xFFFFu) : NULL),
        tend_value_of(kinds(info->provides, arena)),
        tend_value_of(rights(info->needs, arena)),
        tend_value_of(info->needs & TEND_WANTS_NETWORK ? "network" : ""),
        tend_value_of(rights(info->granted, arena)),
        tend_value_of(why_silent),
        tend_value_of(info->signed_by),
        tend_value_of(info->why_not == info->why_unsigned ? NULL : info->why_unsigned), /* once is enough */
    };
    tend_status status = result->section(result, "", NULL, headings, COUNT(headings), true, reterr);

    return status < 0 ? status : result->row(result, row, reterr);
}

static tend_status show_settings(tend_result *result, const tend_option *options, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "key", NULL, TEND_TEXT, false },      { "type", NULL, TEND_TEXT, false },  { "default", NULL, TEND_TEXT, true },
        { "required", NULL, TEND_BOOL, false }, { "secret", NULL, TEND_BOOL, true }, { "help", NULL, TEND_TEXT, false },
    };
    tend_status status = result->section(result, "settings", "Settings", headings, COUNT(headings), false, reterr);

    for (const tend_option *option = options; status >= 0 && option && option->key; option++)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(option->key), tend_value_of(option_type(option->type)),
                                             tend_value_of(option->fallback), tend_value_bool(option->is_required),
                                             tend_value_bool(option->is_secret), tend_value_of(option->help) },
                             reterr);
    return status;
}

static tend_status show_capabilities(tend_result *result, const tend_hosted *hosted, tend_error *reterr)
{
    static const tend_heading headings[] = { { "kind", NULL, TEND_TEXT, false },    { "name", NULL, TEND_TEXT, false },
                                             { "summary", NULL, TEND_TEXT, false }, { "unit", NULL, TEND_TEXT, true },
                                             { "version", NULL, TEND_INT, true },   { "formula", NULL, TEND_TEXT, true },
                                             { "source", NULL, TEND_TEXT, true },   { "explains", NULL, TEND_BOOL, true } };
    const tend_declared *declared;
    tend_status status = result->section(result, "capabilities", "Provides", headings, COUNT(headings), false, reterr);

    for (size_t i = 0; status >= 0 && (declared = tend_hosted_declared(hosted, i)); i++) {
        const bool is_kpi = declared->kind == TEND_KPI;

        status = result->row(
            result,
            (tend_value[]){ tend_value_of(kind_name(declared->kind)), tend_value_of(declared->name),
                            tend_value_of(declared->summary), is_kpi ? tend_value_of(unit_name(declared->unit)) : tend_value_none(),
                            is_kpi ? tend_value_int(declared->version) : tend_value_none(), tend_value_of(declared->formula),
                            tend_value_of(declared->source), is_kpi ? tend_value_bool(declared->has_explain) : tend_value_none() },
            reterr);
    }
    return status;
}

static bool reads(const tend_declared *kpi, const tend_input *wanted)
{
    for (const tend_input *input = kpi->inputs; input && input->column; input++)
        if (strcmp(input->column, wanted->column) == 0 && input->take == wanted->take)
            return true;
    return false;
}

/* Who reads the column; "all" when every KPI does. NULL: one that was shown already reads it, too. */
static const char *readers(const tend_hosted *hosted, size_t first, const tend_input *input, tend_arena *arena)
{
    const tend_declared *declared;
    const char *names = "";
    bool is_all = true;

    for (size_t i = 0; (declared = tend_hosted_declared(hosted, i)); i++) {
        if (declared->kind != TEND_KPI)
            continue;
        if (!reads(declared, input)) {
            is_all = false;
            continue;
        }
        if (i < first)
            return NULL;
        names = tend_arena_print(arena, "%s%s%s", names, *names ? " " : "", declared->name);
    }
    return is_all ? "all" : names;
}

/* Each column once. */
static tend_status show_inputs(tend_result *result, const tend_hosted *hosted, tend_arena *arena, tend_error *reterr)
{
    static const tend_heading headings[] = { { "column", NULL, TEND_TEXT, false },
                                             { "take", NULL, TEND_TEXT, false },
                                             { "kpis", "KPIs", TEND_TEXT, false } };
    const tend_declared *declared;
    tend_status status = result->section(result, "inputs", "Reads", headings, COUNT(headings), false, reterr);

    for (size_t i = 0; (declared = tend_hosted_declared(hosted, i)); i++)
        for (const tend_input *input = declared->inputs; status >= 0 && input && input->column; input++) {
            const char *names = readers(hosted, i, input, arena);

            if (names)
                status = result->row(result,
                                     (tend_value[]){ tend_value_of(input->column),
                                                     tend_value_of(input->take == TEND_LATEST ? "latest" : "all"),
                                                     tend_value_of(names) },
                                     reterr);
        }
    return status;
}

static tend_status show_rule_keys(tend_result *result, const tend_hosted *hosted, tend_error *reterr)
{
    static const char *const types[] = { "",           "text",   "word",      "whole number", "decimal",
                                         "percentage", "months", "yes or no", "rule",         "price" };
    static const tend_heading headings[] = { { "price", NULL, TEND_TEXT, false },    { "key", NULL, TEND_TEXT, false },
                                             { "type", NULL, TEND_TEXT, false },     { "choices", NULL, TEND_TEXT, true },
                                             { "required", NULL, TEND_BOOL, false }, { "help", NULL, TEND_TEXT, false } };
    const tend_declared *declared;
    tend_status status = result->section(result, "rule_keys", "Keys of its rules", headings, COUNT(headings), false, reterr);

    for (size_t i = 0; (declared = tend_hosted_declared(hosted, i)); i++)
        for (const tend_rule_key *key = declared->rule_keys; status >= 0 && key && key->key; key++)
            status = result->row(result,
                                 (tend_value[]){ tend_value_of(declared->name), tend_value_of(key->key),
                                                 tend_value_of(types[key->type]), tend_value_of(key->choices),
                                                 tend_value_bool(key->is_required), tend_value_of(key->help) },
                                 reterr);
    return status;
}

static tend_status find(const tend_plugins *plugins, const char *name, const tend_plugin_info **ret_info, tend_error *reterr)
{
    enum { NAMES = 200 };
    const char *names[NAMES + 1], *near;
    size_t count = 0;

    *ret_info = tend_plugins_find(plugins, name);
    if (*ret_info)
        return TEND_OK;
    for (const tend_plugin_info *info; count < NAMES && (info = tend_plugins_info(plugins, count));)
        names[count++] = info->name;
    names[count] = NULL;
    near = tend_near(name, names);
    return near ? tend_fail(reterr, TEND_ENOTFOUND, "plugin %s: there is none of that name; did you mean %s?", name, near)
                : tend_fail(reterr, TEND_ENOTFOUND, "plugin %s: there is none of that name; tend plugin list shows those there are",
                            name);
}

tend_status tend_cli_plugin_show(tend_session *session, tend_error *reterr)
{
    const char *wanted = session->words[0];
    const bool is_file = strchr(wanted, '/') != NULL; /* then no workspace is needed */
    tend_plugins *plugins = NULL, *own = NULL;
    tend_result *result = NULL;
    const tend_plugin_info *info = NULL;
    tend_hosted *hosted = NULL;
    tend_error silent = { 0 };
    bool has_prices = false, has_kpis = false;
    tend_status status = is_file ? TEND_OK : tend_session_open(session, reterr);

    if (status >= 0 && !(result = tend_session_result(session)))
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    if (status >= 0 && is_file) {
        status = tend_plugins_open_file(tend_session_path(session, wanted), session->clock, &own, reterr);
        plugins = own;
        if (status >= 0)
            info = tend_plugins_info(plugins, 0);
    } else if (status >= 0) {
        status = tend_workspace_plugins(session->workspace, &plugins, reterr);
        if (status >= 0)
            status = find(plugins, wanted, &info, reterr);
    }
    if (status >= 0)
        status = tend_plugins_look_at_signatures(plugins, reterr);
    if (status < 0)
        goto out;
    if (info->is_usable || info->state == TEND_PLUGIN_NOT_GRANTED)
        (void)tend_hosted_describe(plugins, info->name, &hosted, &silent);
    status = show_head(result, session->arena, info, hosted ? tend_hosted_summary(hosted) : NULL,
                       silent.text[0] ? silent.text : NULL, reterr);
    if (silent.text[0] || info->state == TEND_PLUGIN_BROKEN)
        session->exit_code = 1;
    if (status < 0 || !hosted)
        goto out;
    has_kpis = (info->provides & TEND_PROVIDES_KPI) != 0;
    has_prices = (info->provides & TEND_PROVIDES_PRICE) != 0;
    status = show_settings(result, tend_hosted_options(hosted), reterr);
    if (status >= 0)
        status = show_capabilities(result, hosted, reterr);
    if (status >= 0 && has_kpis)
        status = show_inputs(result, hosted, session->arena, reterr);
    if (status >= 0 && has_prices)
        status = show_rule_keys(result, hosted, reterr);
out:
    tend_hosted_stop(hosted);
    tend_plugins_close(own);
    return status;
}

tend_status tend_cli_plugin_release(tend_session *session, tend_error *reterr)
{
    tend_status status = tend_quarantine_release(session->workspace, session->words[0], reterr);

    if (status >= 0)
        fprintf(session->out, "%s: out of quarantine; it is started when it is needed\n", session->words[0]);
    return status;
}

/* ---- one of one's own ------------------------------------------------------------------------------------------------- */

static void tell_file(void *self, const char *file)
{
    fprintf(((tend_session *)self)->out, "  %s\n", file);
}

tend_status tend_cli_plugin_new(tend_session *session, tend_error *reterr)
{
    const char *kind = session->words[0], *name = session->words[1];
    const char *folder = session->word_count > 2 ? session->words[2] : name;
    const tend_plugin_info *taken;
    tend_plugins *plugins = NULL;
    tend_status status = tend_plugins_open(NULL, session->clock, &plugins, reterr);

    taken = status >= 0 ? tend_plugins_find(plugins, name) : NULL;
    if (taken)
        status =
            tend_fail(reterr, TEND_EEXISTS, "%s: there is a plugin of that name in %s; choose another name", name, taken->path);
    if (status >= 0)
        status = tend_template_make(kind, name, tend_session_path(session, folder), tell_file, session, reterr);
    if (status >= 0)
        fprintf(session->out,
                "%s: a %s of your own; it works as it is\n"
                "  next: cmake -S %s -B %s/build && cmake --build %s/build && ctest --test-dir %s/build\n"
                "  then: what %s.c says at its top, and docs/plugins.md\n",
                folder, kind, folder, folder, folder, folder, name);
    tend_plugins_close(plugins);
    return status;
}

/* ---- does it keep the rules ------------------------------------------------------------------------------------------- */

typedef struct check_words {
    tend_given given[64], rules[64];
    size_t given_count, rule_count;
} check_words;

/* "key=value" is a setting, "rule.NAME.key=value" belongs to a rule. */
static tend_status read_words(tend_session *session, check_words *words, tend_error *reterr)
{
    for (int i = 1; i < session->word_count; i++) {
        const char *word = session->words[i], *equals = strchr(word, '=');
        const bool is_rule = strncmp(word, "rule.", 5) == 0;
        size_t *count = is_rule ? &words->rule_count : &words->given_count;
        tend_given *given = is_rule ? &words->rules[*count] : &words->given[*count];

        if (!equals || equals == word || (is_rule && !memchr(word + 5, '.', (size_t)(equals - word) - 5)))
            return tend_fail(reterr, TEND_EINVAL, "%s: write KEY=VALUE for a setting, rule.NAME.KEY=VALUE for a rule", word);
        if (*count == COUNT(words->given))
            return tend_fail(reterr, TEND_ELIMIT, "%s: more than %d settings", word, COUNT(words->given));
        word += is_rule ? 5 : 0;
        *given = (tend_given){ .key = tend_arena_copy(session->arena, word, (size_t)(equals - word)),
                               .value = equals + 1,
                               .is_written = true,
                               .folder = session->cwd };
        if (!given->key)
            return tend_fail(reterr, TEND_ENOMEM, "no memory for the settings");
        ++*count;
    }
    return TEND_OK;
}

typedef struct check_report {
    tend_result *result;
    unsigned counts[TEND_CONFORM_NOT_TRIED + 1];
} check_report;

static tend_status put_finding(void *self, const tend_conform_finding *finding, tend_error *reterr)
{
    check_report *report = self;

    report->counts[finding->state]++;
    return report->result->row(report->result,
                               (tend_value[]){ tend_value_of(tend_conform_state_name(finding->state)),
                                               tend_value_of(finding->capability), tend_value_of(finding->part),
                                               tend_value_of(finding->check), tend_value_of(finding->text) },
                               reterr);
}

tend_status tend_cli_plugin_check(tend_session *session, tend_error *reterr)
{
    static const tend_heading headings[] = { { "result", NULL, TEND_TEXT, false },
                                             { "capability", "of", TEND_TEXT, true },
                                             { "part", NULL, TEND_TEXT, true },
                                             { "check", NULL, TEND_TEXT, false },
                                             { "text", "what was seen", TEND_TEXT, false } };
    check_report report = { .result = tend_session_result(session) };
    check_words words = { .given_count = 0 };
    int64_t records = 0, removals = 0;
    const tend_plugin_info *info = NULL;
    tend_plugins *plugins = NULL;
    unsigned failed = 0;
    tend_status status = report.result ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");

    if (status >= 0)
        status = read_words(session, &words, reterr);
    if (status >= 0)
        status = tend_session_number(session, "records", 0, &records, reterr);
    if (status >= 0)
        status = tend_session_number(session, "removals", 0, &removals, reterr);
    if (status >= 0)
        status = tend_plugins_open_file(tend_session_path(session, session->words[0]), session->clock, &plugins, reterr);
    if (status >= 0)
        info = tend_plugins_info(plugins, 0);
    if (status >= 0 && !info->is_usable)
        status = tend_fail(reterr, TEND_EINVAL, "%s", info->why_not);
    if (status >= 0)
        status = report.result->section(report.result, "checks", NULL, headings, COUNT(headings), false, reterr);
    if (status >= 0) {
        const tend_conform_request request = { .plugins = plugins,
                                               .name = info->name,
                                               .given = words.given,
                                               .count = words.given_count,
                                               .rules = words.rules,
                                               .rule_count = words.rule_count,
                                               .records = records,
                                               .says_records = tend_session_option(session, "records") != NULL,
                                               .removals = removals,
                                               .says_removals = tend_session_option(session, "removals") != NULL,
                                               .to = tend_session_option(session, "to"),
                                               .now = tend_clock_now(&session->clock),
                                               .put = put_finding,
                                               .self = &report };

        status = tend_conform(&request, &failed, reterr);
    }
    if (status >= 0)
        status =
            report.result->note(report.result,
                                tend_arena_print(session->arena, "%u ok, %u failed, %u not tried", report.counts[TEND_CONFORM_OK],
                                                 failed, report.counts[TEND_CONFORM_NOT_TRIED]),
                                reterr);
    if (status >= 0)
        status = tend_plugins_look_at_signatures(plugins, reterr);
    if (status >= 0 && info->why_unsigned)
        status = report.result->note(report.result, info->why_unsigned, reterr);
    if (failed > 0 || (tend_session_option(session, "strict") && report.counts[TEND_CONFORM_NOT_TRIED] > 0))
        session->exit_code = 1;
    tend_plugins_close(plugins);
    return status;
}
