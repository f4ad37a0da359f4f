/* workspace_inside.h: what the three files of the workspace share: opening (workspace.c), the parts that are opened when they are
 * first asked for (workspace_parts.c), the clock of a simulated workspace (workspace_clock.c). */
#ifndef TEND_ENGINE_WORKSPACE_INSIDE_H
#define TEND_ENGINE_WORKSPACE_INSIDE_H

#include "engine/workspace.h"
#include <limits.h>

#define TEND_COLUMNS_FOLDER "columns" /* chunks of columns, see kpi/cache.h; below the workspace */
#define TEND_COLUMNS_LEAST 1000       /* accounts: fewer are read as quickly from the store */

struct tend_workspace {
    char folder[PATH_MAX];
    tend_config *config;
    const tend_config *lent_config; /* of the workspace this is a copy of; NULL: our own */
    tend_clock clock;
    tend_time own_now; /* what the clock of a simulated workspace reads; TEND_NO_TIME: the clock is somebody else's */
    const tend_zone *zone;
    tend_schema *schema;
    tend_store *store;
    tend_bus *bus;
    tend_model *model;
    tend_segments *segments;
    tend_calendars *calendars;
    tend_rates *rates;
    int64_t rates_seen; /* rows of rates when they were loaded */
    tend_plugins *plugins;
    tend_kpis *kpis;
    tend_pricing *pricing;
    tend_playbooks *playbooks;
    tend_outbox *outbox;
    tend_scorecard *card;
    bool is_safe; /* safe.h: no plugin is started */
    bool (*attend)(void *self, bool is_busy);
    void *attend_self;
};

/* The clock that the store keeps, when it keeps one. */
tend_status workspace_take_own_clock(tend_workspace *workspace, tend_error *reterr);
/* The names of segments, without their conditions. */
tend_status workspace_segment_names(tend_workspace *workspace, tend_error *reterr);
tend_status workspace_calendars(tend_workspace *workspace, FILE *faults, tend_error *reterr);
/* The faults were told one by one; this is the sentence after them. */
tend_status workspace_not_understood(const tend_workspace *workspace, tend_error *reterr);

#endif
