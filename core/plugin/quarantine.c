/* quarantine.c: plugins that crash: counted, started later, and in the end not at all. */
#include "base/date.h"
#include "base/log.h"
#include "plugin/list.h"
#include "plugin/registry.h"

#include <string.h>

static plugin_entry *entry_of(const tend_plugins *plugins, const char *name)
{
    for (size_t i = 0; i < plugins->count; i++)
        if (strcmp(plugins->entries[i].info.name, name) == 0)
            return &plugins->entries[i];
    return NULL;
}

static void put_into_quarantine(tend_plugins *plugins, plugin_entry *entry)
{
    char since[TEND_TIME_ROOM];

    if (!entry->info.is_usable)
        return;
    (void)tend_time_format(entry->crashes.at[entry->crashes.count - 1], since);
    tend_plugin_refuse(&entry->info, TEND_PLUGIN_QUARANTINED,
                       tend_arena_print(plugins->arena,
                                        "in quarantine since %s, after %u crashes within an hour (%s); mend it, then tend plugin "
                                        "release %s",
                                        since, entry->crashes.count, entry->crashes.why, entry->info.name));
    if (!entry->info.why_not)
        entry->info.why_not = "in quarantine";
}

tend_status tend_plugins_may_call(const tend_plugins *plugins, const char *name, bool is_running, tend_error *reterr)
{
    const plugin_entry *entry = entry_of(plugins, name);
    const tend_time now = tend_plugins_now(plugins);
    tend_time ready;

    if (!is_running && !entry->info.is_usable)
        return tend_fail(reterr, TEND_EDENIED, "plugin %s: %s", name, entry->info.why_not);
    ready = tend_crashes_ready(&entry->crashes, now);
    if (ready > now)
        return tend_fail(reterr, TEND_EBUSY, "plugin %s: it %s %u time%s within an hour; it is started again in %lld s", name,
                         ready == entry->crashes.not_before ? "failed" : "crashed", tend_crashes_lately(&entry->crashes, now),
                         tend_crashes_lately(&entry->crashes, now) == 1 ? "" : "s", (long long)((ready - now + 999) / 1000));
    return TEND_OK;
}

void tend_plugins_crashed(tend_plugins *plugins, const char *name, int hung_ms, const char *how)
{
    plugin_entry *entry = entry_of(plugins, name);
    const int64_t limit = plugins->config ? tend_config_int(plugins->config, "plugins", NULL, "quarantine_after") : 5;

    if (!entry || entry->sends_each)
        return;
    entry->has_new_record = true;
    if (!tend_crashes_add(&entry->crashes, tend_plugins_now(plugins), (unsigned)limit, hung_ms, how))
        return;
    put_into_quarantine(plugins, entry);
    tend_log(TEND_LOG_ERROR, "plugins", "a plugin is in quarantine", "plugin", name, "why", entry->info.why_not, NULL);
}

bool tend_plugins_record(tend_plugins *plugins, size_t i, char ret_text[static TEND_PLUGIN_RECORD_ROOM])
{
    if (i >= plugins->count || !plugins->entries[i].has_new_record)
        return false;
    plugins->entries[i].has_new_record = false;
    tend_crashes_write(&plugins->entries[i].crashes, ret_text);
    return true;
}

void tend_plugins_recall(tend_plugins *plugins, const char *name, const char *record)
{
    plugin_entry *entry = entry_of(plugins, name);

    if (!entry || !tend_crashes_read(record, &entry->crashes))
        return;
    if (entry->crashes.is_quarantined && entry->crashes.count > 0)
        put_into_quarantine(plugins, entry);
}

tend_status tend_plugins_release(tend_plugins *plugins, const char *name, tend_error *reterr)
{
    plugin_entry *entry = entry_of(plugins, name);

    if (!entry)
        return tend_fail(reterr, TEND_ENOTFOUND, "plugin %s: there is none of that name; tend plugin list shows those there are",
                         name);
    if (entry->info.state != TEND_PLUGIN_QUARANTINED)
        return tend_fail(reterr, TEND_ENOTFOUND, "plugin %s: it is in no quarantine%s%s", name, entry->info.why_not ? "; " : "",
                         entry->info.why_not ? entry->info.why_not : "");
    entry->crashes = (tend_crashes){ 0 };
    entry->has_new_record = true;
    entry->info.is_usable = true;
    entry->info.state = TEND_PLUGIN_USABLE;
    entry->info.why_not = NULL;
    return TEND_OK;
}

void tend_plugins_hold(tend_plugins *plugins)
{
    for (size_t i = 0; i < plugins->count; i++)
        if (plugins->entries[i].info.is_usable)
            tend_plugin_refuse(&plugins->entries[i].info, TEND_PLUGIN_HELD,
                               "held back while the engine is in safe mode; tend doctor says why and what to do");
}
