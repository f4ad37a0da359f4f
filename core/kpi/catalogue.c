#include "kpi/catalogue.h"
#include "base/buffer.h"
#include "base/date.h"
#include "base/log.h"
#include "base/near.h"
#include "kpi/source.h"
#include <stdlib.h>
#include <string.h>

static const tend_setting kpi_settings[] = {
    { .key = "report_currency",
      .type = TEND_SETTING_CURRENCY,
      .help = "currency of figures over several accounts; empty: the company's, or the one that most contracts have" },
    { .key = "period",
      .type = TEND_SETTING_PERIOD,
      .fallback = "12 months",
      .help = "how far back a KPI looks when no period is asked for: months or days" },
    { .key = "publish",
      .type = TEND_SETTING_LIST,
      .fallback = "arr, mrr, grr, nrr, nps, csat.top2, health",
      .help = "KPIs that are kept up to date per account and for the portfolio, for filters, playbooks and lists" },
    { .key = "keep_columns",
      .type = TEND_SETTING_BOOL,
      .fallback = "yes",
      .help =
          "keep what KPIs read of 1,000 accounts and more as columns in columns/, from which figures come faster; may be deleted" },
    { 0 },
};

const tend_section tend_kpi_sections[] = {
    { "kpi", false, "How KPIs are computed, and which are published per account.", kpi_settings },
    { 0 },
};

static const tend_section *const only_kpi_sections[] = { tend_kpi_sections, NULL };

struct tend_kpis {
    const tend_config *config; /* borrowed, or `own` */
    tend_config *own;
    const tend_schema *schema;
    tend_arena *arena;
    tend_hosted **hosts; /* owned */
    size_t host_count;
    tend_kpi *list; /* owned; sorted by id */
    size_t count, room;
    tend_kpi_left_out *left_out; /* owned */
    size_t left_out_count;
    int months;
    int days;
    char currency[4];  /* the company's; "" when it is not set */
    tend_cache *cache; /* owned; NULL: none */
};

/* `kpi` NULL: the whole plugin. */
static tend_status leave_out(tend_kpis *kpis, const char *plugin, const char *kpi, const char *state, const char *sentence)
{
    tend_kpi_left_out *list = realloc(kpis->left_out, (kpis->left_out_count + 1) * sizeof *list);
    const char *copy = tend_arena_string(kpis->arena, sentence), *name = tend_arena_string(kpis->arena, kpi);

    if (list)
        kpis->left_out = list;
    if (!list || !copy || (kpi && !name))
        return TEND_ENOMEM;
    list[kpis->left_out_count++] = (tend_kpi_left_out){ .plugin = plugin, .kpi = name, .state = state, .why = copy };
    tend_log(TEND_LOG_WARN, "kpi", "left out", "why", copy, NULL);
    return TEND_OK;
}

static const tend_kpi *find(const tend_kpis *kpis, const char *id)
{
    for (size_t i = 0; i < kpis->count; i++)
        if (strcmp(kpis->list[i].id, id) == 0)
            return &kpis->list[i];
    return NULL;
}

static tend_status add_kpi(tend_kpis *kpis, const char *plugin, tend_hosted *hosted, const tend_declared *declared, size_t place,
                           const char *settings)
{
    const tend_kpi *other = find(kpis, declared->name);
    tend_error error;

    if (other) {
        (void)tend_fail(&error, TEND_EEXISTS, "plugin %s: kpi %s is in plugin %s already; switch one of them off", plugin,
                        declared->name, other->plugin);
        return leave_out(kpis, plugin, declared->name, "taken", error.text);
    }
    if (tend_columns_check(kpis->schema, declared->inputs, &error) < 0) {
        tend_error why;

        (void)tend_fail(&why, TEND_EINVAL, "plugin %s: kpi %s: %.900s", plugin, declared->name, error.text);
        return leave_out(kpis, plugin, declared->name, "unknown_input", why.text);
    }
    if (kpis->count == kpis->room) {
        const size_t room = kpis->room ? 2 * kpis->room : 32;
        tend_kpi *list = realloc(kpis->list, room * sizeof *list);

        if (!list)
            return TEND_ENOMEM;
        kpis->list = list;
        kpis->room = room;
    }
    kpis->list[kpis->count++] = (tend_kpi){
        .id = declared->name,
        .summary = declared->summary,
        .plugin = plugin,
        .formula = declared->formula,
        .source = declared->source,
        .version = declared->version,
        .unit = declared->unit,
        .is_money = declared->is_money,
        .higher_is_better = declared->higher_is_better,
        .has_explain = declared->has_explain,
        .has_interval = declared->has_interval,
        .inputs = declared->inputs,
        .hosted = hosted,
        .place = place,
        .settings = settings,
    };
    return TEND_OK;
}

/* A fault of a setting, "plugin seats: floor: what is wrong", at the line where it is written. */
static void place_fault(const tend_kpis *kpis, const char *plugin, tend_error *error)
{
    const char *key, *value, *file;
    unsigned line;
    char begin[200];
    tend_error placed;

    for (size_t i = 0; tend_config_key(kpis->config, "plugin", plugin, i, &key, &value, &file, &line); i++) {
        int length = snprintf(begin, sizeof begin, "plugin %s: %s: ", plugin, key);

        if (length < 0 || (size_t)length >= sizeof begin || strncmp(error->text, begin, (size_t)length) != 0)
            continue;
        (void)tend_fail(&placed, TEND_EINVAL, "%s:%u: [plugin.%s] %s: %.700s", file, line, plugin, key, error->text + length);
        *error = placed;
        return;
    }
}

/* As tend_kpi.settings has them. */
static tend_status write_settings(tend_kpis *kpis, const tend_section_given *given, const char **ret_settings)
{
    tend_buffer text = { 0 };
    bool failed;

    for (size_t i = 0; i < given->count; i++) {
        const tend_given *one = &given->given[i];

        tend_buffer_print(&text, "%s%s = %s", i > 0 ? ", " : "", one->key, one->is_secret ? "(a secret)" : one->value);
    }
    *ret_settings = text.length > 0 ? tend_arena_copy(kpis->arena, tend_buffer_string(&text), text.length) : NULL;
    failed = text.failed || (text.length > 0 && !*ret_settings);
    tend_buffer_clear(&text);
    return failed ? TEND_ENOMEM : TEND_OK;
}

/* With what [plugin.NAME] has for it. *ret_settings is as in tend_kpi. */
static tend_status start_plugin(tend_kpis *kpis, tend_plugins *plugins, const char *name, tend_hosted **ret_hosted,
                                const char **ret_settings, tend_error *reterr)
{
    tend_section_given given;
    tend_status status = tend_section_given_read(kpis->config, &tend_plugins_sections[1], name, NULL, NULL, &given, reterr);

    if (status >= 0)
        status = write_settings(kpis, &given, ret_settings);
    if (status >= 0)
        status = tend_hosted_start(plugins, name, given.given, given.count, ret_hosted, reterr);
    tend_section_given_clear(&given);
    if (status == TEND_EINVAL)
        place_fault(kpis, name, reterr);
    return status;
}

static tend_status add_plugin(tend_kpis *kpis, tend_plugins *plugins, const tend_plugin_info *info)
{
    tend_hosted *hosted = NULL;
    const char *settings = NULL;
    tend_error error = { 0 };
    const tend_declared *declared;
    tend_status status;

    if (!info->is_usable) {
        const tend_plugin_info *other = tend_plugins_find(plugins, info->name);

        if (other && other != info && other->is_usable)
            return TEND_OK; /* a second copy of the same */
        (void)tend_fail(&error, TEND_EINVAL, "plugin %s: %s", info->name, info->why_not);
        return leave_out(kpis, info->name, NULL, tend_plugin_state_name(info->state), error.text);
    }
    tend_hosted **hosts = realloc((void *)kpis->hosts, (kpis->host_count + 1) * sizeof *hosts);

    if (!hosts)
        return TEND_ENOMEM;
    kpis->hosts = hosts;
    status = start_plugin(kpis, plugins, info->name, &hosted, &settings, &error);
    if (status == TEND_ENOMEM)
        return status;
    if (status < 0)
        return leave_out(kpis, info->name, NULL, "failed", error.text);
    hosts[kpis->host_count++] = hosted;
    for (size_t i = 0; status >= 0 && (declared = tend_hosted_declared(hosted, i)) != NULL; i++)
        if (declared->kind == TEND_KPI)
            status = add_kpi(kpis, info->name, hosted, declared, i, settings);
    return status;
}

static int compare_kpis(const void *a, const void *b)
{
    return strcmp(((const tend_kpi *)a)->id, ((const tend_kpi *)b)->id);
}

/* The table has checked it. */
static void read_period(tend_kpis *kpis)
{
    const char *text = tend_config_text(kpis->config, "kpi", NULL, "period");
    const int64_t day_ms = INT64_C(86400000);
    int64_t ms = 0;

    (void)tend_duration_parse(text, strlen(text), &ms, &kpis->months);
    kpis->days = (int)(ms / day_ms);
}

tend_status tend_kpis_open(const tend_config *config, tend_plugins *plugins, const tend_schema *schema, tend_kpis **ret_kpis,
                           tend_error *reterr)
{
    tend_kpis *kpis = calloc(1, sizeof *kpis);
    const tend_plugin_info *info;
    tend_status status = TEND_ENOMEM;

    if (!kpis)
        return tend_fail(reterr, TEND_ENOMEM, "kpi: memory is used up");
    kpis->config = config;
    kpis->schema = schema;
    kpis->arena = tend_arena_new();
    if (kpis->arena)
        status = TEND_OK;
    if (status >= 0 && !config) {
        status = tend_config_load_text("kpi defaults", "", 0, only_kpi_sections, NULL, &kpis->own, reterr);
        kpis->config = kpis->own;
    }
    if (status >= 0)
        read_period(kpis);
    for (size_t i = 0; status >= 0 && (info = tend_plugins_info(plugins, i)) != NULL; i++)
        if (info->provides & TEND_PROVIDES_KPI)
            status = add_plugin(kpis, plugins, info);
    if (status < 0) {
        tend_kpis_close(kpis);
        return status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "kpi: memory is used up") : status;
    }
    if (kpis->count > 1)
        qsort(kpis->list, kpis->count, sizeof *kpis->list, compare_kpis);
    *ret_kpis = kpis;
    return TEND_OK;
}

void tend_kpis_close(tend_kpis *kpis)
{
    if (!kpis)
        return;
    for (size_t i = 0; i < kpis->host_count; i++)
        tend_hosted_stop(kpis->hosts[i]);
    tend_cache_free(kpis->cache);
    free((void *)kpis->hosts);
    free(kpis->list);
    free(kpis->left_out);
    tend_arena_free(kpis->arena);
    tend_config_free(kpis->own);
    free(kpis);
}

const tend_kpi *tend_kpis_at(const tend_kpis *kpis, size_t i)
{
    return i < kpis->count ? &kpis->list[i] : NULL;
}

const tend_kpi_left_out *tend_kpis_left_out(const tend_kpis *kpis, size_t i)
{
    return i < kpis->left_out_count ? &kpis->left_out[i] : NULL;
}

const char *tend_kpis_published(const tend_kpis *kpis, size_t i)
{
    return tend_config_entry(kpis->config, "kpi", NULL, "publish", i);
}

tend_status tend_kpis_find(const tend_kpis *kpis, const char *id, const tend_kpi **ret_kpi, tend_error *reterr)
{
    const tend_kpi *kpi = find(kpis, id);
    const char **names;
    const char *near = NULL;

    if (kpi) {
        *ret_kpi = kpi;
        return TEND_OK;
    }
    names = calloc(kpis->count + 1, sizeof *names);
    for (size_t i = 0; names && i < kpis->count; i++)
        names[i] = kpis->list[i].id;
    if (names)
        near = tend_near(id, names);
    (void)tend_fail(reterr, TEND_ENOTFOUND,
                    near ? "kpi %s: no such KPI; did you mean %s?" : "kpi %s: no such KPI; see `tend kpi list`", id, near);
    free((void *)names);
    return TEND_ENOTFOUND;
}

static tend_status take_kinds(const tend_kpis *kpis, const tend_input *inputs, uint64_t *unread, tend_error *reterr)
{
    tend_found_input found;
    tend_status status = TEND_OK;

    for (; status >= 0 && inputs->column; inputs++) {
        status = tend_input_find(kpis->schema, inputs, &found, reterr);
        if (status >= 0)
            *unread &= ~(UINT64_C(1) << found.kind->kind);
    }
    return status;
}

/* Rates and accounts are read by everything that has money and members. */
tend_status tend_kpis_unread(const tend_kpis *kpis, uint64_t *ret_kinds, tend_error *reterr)
{
    uint64_t unread = ~(UINT64_C(1) << TEND_KIND_ACCOUNT | UINT64_C(1) << TEND_KIND_RATE);
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < kpis->count; i++)
        status = take_kinds(kpis, kpis->list[i].inputs, &unread, reterr);
    for (size_t i = 0; status >= 0 && tend_source_name(i); i++)
        status = take_kinds(kpis, tend_source_inputs(i), &unread, reterr);
    *ret_kinds = unread;
    return status;
}

tend_status tend_kpis_keep_columns(tend_kpis *kpis, const char *folder, size_t least_accounts, tend_error *reterr)
{
    uint64_t unread = 0;
    tend_status status = tend_cache_new(folder, least_accounts, &kpis->cache, reterr);

    for (size_t i = 0; status >= 0 && i < kpis->count; i++)
        status = tend_cache_want(kpis->cache, kpis->schema, kpis->list[i].inputs, reterr);
    for (size_t i = 0; status >= 0 && tend_source_name(i); i++)
        status = tend_cache_want(kpis->cache, kpis->schema, tend_source_inputs(i), reterr);
    if (status >= 0)
        status = tend_kpis_unread(kpis, &unread, reterr);
    if (status >= 0)
        tend_cache_pass_by(kpis->cache, unread);
    return status;
}

tend_cache *tend_kpis_cache(const tend_kpis *kpis)
{
    return kpis->cache;
}

const char *tend_unit_name(tend_unit unit)
{
    switch (unit) {
    case TEND_UNIT_RATIO:
        return "ratio";
    case TEND_UNIT_MONEY:
        return "money";
    case TEND_UNIT_COUNT:
        return "count";
    case TEND_UNIT_SCORE:
        return "score";
    case TEND_UNIT_DAYS:
        return "days";
    }
    return "unknown";
}

tend_date tend_world_day(const tend_world *world)
{
    const tend_time at = world->effective == TEND_NO_TIME ? world->now : world->effective;
    const int64_t day_ms = INT64_C(86400000);

    return (tend_date)(at / day_ms - (at % day_ms < 0));
}

tend_period tend_kpis_period(const tend_kpis *kpis, tend_date last_day)
{
    return (tend_period){ .from = kpis->days ? last_day - kpis->days : tend_date_add_months(last_day, -kpis->months),
                          .to = last_day };
}

/* The commonest currency of a kind; leaves `currency` alone when no row has one. */
static tend_status commonest(const tend_world *world, tend_kind kind, tend_arena *arena, char currency[4], tend_error *reterr)
{
    const char *source, *sql;
    tend_statement *statement = NULL;
    bool has_row = false;
    size_t length = 0;
    tend_status status = tend_world_source(world, kind, arena, &source, reterr);

    if (status < 0)
        return status;
    sql = tend_arena_print(arena, "SELECT s.currency FROM %s s WHERE s.currency <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
                           source);
    status = sql ? tend_store_prepare(world->store, sql, &statement, reterr) : TEND_ENOMEM;
    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        const char *code = tend_statement_text(statement, 0, &length);

        if (code && length == 3)
            memcpy(currency, code, 4);
    }
    tend_statement_end(statement);
    return status;
}

void tend_kpis_set_currency(tend_kpis *kpis, const char currency[4])
{
    memcpy(kpis->currency, currency, sizeof kpis->currency);
}

tend_status tend_kpis_currency(const tend_kpis *kpis, const tend_world *world, char ret_currency[4], tend_error *reterr)
{
    const char *written = tend_config_text(kpis->config, "kpi", NULL, "report_currency");
    tend_arena *arena;
    char currency[4] = "";
    tend_status status;

    if (written && strlen(written) == 3) {
        memcpy(ret_currency, written, 4);
        return TEND_OK;
    }
    if (kpis->currency[0]) {
        memcpy(ret_currency, kpis->currency, 4);
        return TEND_OK;
    }
    arena = tend_arena_new();
    status = arena ? commonest(world, TEND_KIND_CONTRACT, arena, currency, reterr) : TEND_ENOMEM;
    if (status >= 0 && !currency[0])
        status = commonest(world, TEND_KIND_ACCOUNT, arena, currency, reterr);
    if (status >= 0)
        memcpy(ret_currency, currency[0] ? currency : "USD", 4);
    tend_arena_free(arena);
    return status == TEND_ENOMEM ? tend_fail(reterr, TEND_ENOMEM, "kpi: memory is used up") : status;
}
