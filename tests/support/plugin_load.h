/* plugin_load.h: a built plugin in this process, for tests of what it computes; the real host has tests of its own. */
#ifndef TEND_TESTS_PLUGIN_LOAD_H
#define TEND_TESTS_PLUGIN_LOAD_H

#include <tend/plugin.h>

/* "kpi_retention": from $TEND_BUILD/lib/tend/plugins. Fails the test when it is not there. Stays loaded. */
const tend_plugin *plugin_load(const char *name);
/* The ops of a capability; fails the test when there is none of that name. */
const tend_kpi_ops *plugin_kpi(const tend_plugin *plugin, const char *name);

/* Parts that explain() gave: their sum and their words, one "numerator/denominator row why" a line. */
typedef struct plugin_parts {
    int64_t numerator, denominator;
    uint32_t count;
    char text[4096];
} plugin_parts;
tend_status plugin_parts_put(void *parts, const tend_part *part);

#endif
