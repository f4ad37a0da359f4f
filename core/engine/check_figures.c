/* check_figures.c: the numbers that the configuration asks for: that there are such KPIs and measures. */
#include "base/near.h"
#include "engine/checking.h"
#include "kpi/source.h"
#include <string.h>

enum { NAMES = 256 };

/* What a measure may read, as far as it has a name of its own. */
static const char *near_value(const tend_kpis *kpis, const char *written)
{
    const char *names[NAMES + 1], *name;
    const tend_kpi *kpi;
    size_t count = 0;

    for (size_t i = 0; count < NAMES && (name = tend_source_name(i)); i++)
        names[count++] = name;
    for (size_t i = 0; count < NAMES && (kpi = tend_kpis_at(kpis, i)); i++)
        names[count++] = kpi->id;
    names[count] = NULL;
    return tend_near(written, names);
}

static void check_measures(tend_check *check, const tend_kpis *kpis)
{
    const tend_schema *schema = tend_workspace_schema(check->workspace);
    const tend_kpi *kpi;

    check->section = "measure";
    for (size_t i = 0; (check->instance = tend_config_instance(check->config, "measure", i)); i++) {
        const char *written = tend_config_text(check->config, "measure", check->instance, "value"), *near;

        if (!written || tend_kpis_find(kpis, written, &kpi, NULL) >= 0 || tend_source_exists(schema, written))
            continue;
        near = near_value(kpis, written);
        if (near)
            tend_check_fault(check, "value", "%s is neither a KPI nor a number of accounts; did you mean %s?", written, near);
        else if (strncmp(written, "account.", 8) == 0)
            tend_check_fault(check, "value", "accounts have no number %s; name a field that holds a whole or decimal number",
                             written + 8);
        else
            tend_check_fault(check, "value",
                             "%s is neither a KPI nor a number of accounts; see tend kpi list and tend config template", written);
    }
}

/* What is published when nothing is written came with tend. */
static void check_published(tend_check *check, const tend_kpis *kpis)
{
    const char *id;
    const tend_kpi *kpi;

    check->section = "kpi";
    check->instance = NULL;
    if (!tend_config_has(check->config, "kpi", NULL, "publish"))
        return;
    for (size_t i = 0; (id = tend_config_entry(check->config, "kpi", NULL, "publish", i)); i++) {
        tend_error why = { 0 };

        if (strcmp(id, "health") != 0 && tend_kpis_find(kpis, id, &kpi, &why) < 0)
            tend_check_fault(check, "publish", "%s", why.text);
    }
}

tend_status tend_check_figures(tend_check *check, tend_error *reterr)
{
    tend_kpis *kpis;
    tend_status status;

    if (!tend_config_has(check->config, "kpi", NULL, "publish") && !tend_config_instance(check->config, "measure", 0))
        return TEND_OK; /* no host need be started */
    status = tend_workspace_kpis(check->workspace, &kpis, reterr);
    if (status >= 0) {
        check_published(check, kpis);
        check_measures(check, kpis);
    }
    return status;
}
