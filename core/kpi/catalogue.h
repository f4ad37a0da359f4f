/* catalogue.h: the KPIs there are, from every usable plugin of that kind, each behind a host of its own. */
#ifndef TEND_KPI_CATALOGUE_H
#define TEND_KPI_CATALOGUE_H

#include "kpi/columns.h"
#include "plugin/plugins.h"

typedef struct tend_kpi {
    const char *id, *summary, *plugin, *formula, *source;
    uint32_t version;
    tend_unit unit;
    bool is_money, higher_is_better, has_explain, has_interval;
    const tend_input *inputs; /* ended by a NULL column */
    tend_hosted *hosted;      /* borrowed from the catalogue */
    size_t place;             /* among the capabilities of its plugin */
    const char *settings;     /* that [plugin.NAME] gave its plugin, "floor = 7, scale = 10"; NULL: none. No secrets */
} tend_kpi;

typedef struct tend_kpis tend_kpis;

/* [kpi] report_currency, period, publish. */
extern const tend_section tend_kpi_sections[];

/* Starts a host for every usable plugin with KPIs, with the settings that [plugin.NAME] has for it. One that cannot be used is listed with the reason, not a failure. `config` may
 * be NULL (defaults); everything is borrowed until close. */
tend_status tend_kpis_open(const tend_config *config, tend_plugins *plugins, const tend_schema *schema, tend_kpis **ret_kpis,
                           tend_error *reterr);
void tend_kpis_close(tend_kpis *kpis);                         /* ends the hosts; accepts NULL */
const tend_kpi *tend_kpis_at(const tend_kpis *kpis, size_t i); /* sorted by id; NULL past the end */

/* A plugin, or a KPI of it, that cannot be used. */
typedef struct tend_kpi_left_out {
    const char *plugin, *kpi; /* kpi NULL: all of the plugin's */
    const char *state; /* a word of tend_plugin_state_name, or: failed (to start), taken (by another plugin), unknown_input */
    const char *why;   /* the sentence */
} tend_kpi_left_out;
const tend_kpi_left_out *tend_kpis_left_out(const tend_kpis *kpis, size_t i); /* NULL past the end */
const char *tend_kpis_published(const tend_kpis *kpis, size_t i);             /* ids that [kpi] publish names; NULL past the end */
/* TEND_ENOTFOUND names the nearest id. */
tend_status tend_kpis_find(const tend_kpis *kpis, const char *id, const tend_kpi **ret_kpi, tend_error *reterr);
/* Keeps the columns that these KPIs read in `folder` (copied; see cache.h), in which they are written by tend_kpi_refresh alone. */
tend_status tend_kpis_keep_columns(tend_kpis *kpis, const char *folder, size_t least_accounts, tend_error *reterr);
tend_cache *tend_kpis_cache(const tend_kpis *kpis); /* NULL: none */
/* Bits: the kinds of which no KPI and no source of health reads rows: what happens to those changes no figure. */
tend_status tend_kpis_unread(const tend_kpis *kpis, uint64_t *ret_kinds, tend_error *reterr);
const char *tend_unit_name(tend_unit unit);         /* "ratio", "money", "count", "score", "days" */

/* The world's day (UTC), and the period of [kpi] period that ends on it. */
tend_date tend_world_day(const tend_world *world);
tend_period tend_kpis_period(const tend_kpis *kpis, tend_date last_day);
/* The company's own currency, for when [kpi] report_currency is not set. Copied; "" takes it back. */
void tend_kpis_set_currency(tend_kpis *kpis, const char currency[4]);
/* [kpi] report_currency; when it is not set the company's; when that is not set the currency that most contracts have, else most
 * accounts, else USD. */
tend_status tend_kpis_currency(const tend_kpis *kpis, const tend_world *world, char ret_currency[4], tend_error *reterr);

#endif
