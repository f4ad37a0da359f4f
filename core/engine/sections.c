/* sections.c: every section of tend.ini, from the layers that read them. */
#include "engine/login.h"
#include "engine/workspace.h"
#include "sync/source.h"

static const char *const log_levels[] = { "error", "warn", "info", "debug", NULL };
static const char *const languages[] = { "en", "ko", NULL };

static const tend_setting tend_settings[] = {
    { .key = "name",
      .type = TEND_SETTING_TEXT,
      .fallback = "my company",
      .help = "the company's name, in reports and digests",
      .is_required = true },
    { .key = "zone", .type = TEND_SETTING_ZONE, .fallback = "UTC", .help = "IANA time zone in which days begin" },
    { .key = "currency",
      .type = TEND_SETTING_CURRENCY,
      .fallback = "USD",
      .help = "ISO 4217 currency of sums over several currencies" },
    { .key = "language",
      .type = TEND_SETTING_CHOICE,
      .fallback = "en",
      .choices = languages,
      .help = "language for people who named none" },
    { .key = "calendar",
      .type = TEND_SETTING_NAME,
      .help = "the company's [calendar.NAME]; without one it works Monday to Friday, 09:00 to 18:00, without holidays" },
    { .key = NULL },
};

static const tend_setting store_settings[] = {
    { .key = "path", .type = TEND_SETTING_PATH, .fallback = "tend.db", .help = "the store's file" },
    { .key = NULL },
};

static const tend_setting daemon_settings[] = {
    { .key = "log_level",
      .type = TEND_SETTING_CHOICE,
      .fallback = "info",
      .choices = log_levels,
      .help = "how much serve writes to standard error" },
    { .key = "poll",
      .type = TEND_SETTING_DURATION,
      .fallback = "30 s",
      .min = 100,
      .max = 3600000,
      .help = "serve looks for due work at least this often" },
    { .key = "safe_after",
      .type = TEND_SETTING_INT,
      .fallback = "3",
      .min = 0,
      .max = 50,
      .help = "starts of serve without a clean stop after which it starts in safe mode, without plugins and playbooks; 0: never" },
    { .key = "safe_within",
      .type = TEND_SETTING_DURATION,
      .fallback = "10 min",
      .min = 1000,
      .max = 86400000,
      .help = "so many starts within this time" },
    { .key = NULL },
};

static const tend_section engine_sections[] = {
    { "tend", false, "The company.", tend_settings },
    { "store", false, "Where the data lives.", store_settings },
    { "daemon", false, "The engine in the background: tend serve.", daemon_settings },
    { .name = NULL },
};

const tend_section *const tend_all_sections[] = {
    engine_sections,
    tend_schema_sections,
    tend_segment_sections,
    tend_calendar_sections,
    tend_plugins_sections,
    tend_sync_sections,
    tend_kpi_sections,
    tend_pricing_sections,
    tend_health_sections,
    tend_outbox_sections,
    tend_playbook_sections,
    tend_login_sections,
    NULL,
};
