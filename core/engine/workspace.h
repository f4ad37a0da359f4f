/* workspace.h: one company's folder: tend.ini, the store, and everything opened over them.
 *
 *     tend.ini, tend.d/, mappings/, calendars/, playbooks/<industry>/, tend.db, run/tend.sock, spool/, rejects/, columns/
 *
 * Parts that a command may not need (plugins, KPIs, playbooks, outbox) are opened when first asked for. One thread. */
#ifndef TEND_ENGINE_WORKSPACE_H
#define TEND_ENGINE_WORKSPACE_H

#include "base/zone.h"
#include "kpi/catalogue.h"
#include "kpi/scorecard.h"
#include "model/batch.h"
#include "model/filter.h"
#include "model/measure.h"
#include "outbox/outbox.h"
#include "playbook/playbooks.h"
#include "plugin/plugins.h"
#include "price/pricing.h"

typedef struct tend_workspace tend_workspace;

/* Every section table of the program, NULL-terminated: for config check, show, template. */
extern const tend_section *const tend_all_sections[];

/* `wanted` (from -C, may be NULL), else $TEND_WORKSPACE, else the nearest folder upward from `from` that holds tend.ini. */
tend_status tend_workspace_find(const char *wanted, const char *from, char *ret_folder, size_t room, tend_error *reterr);

/* Reads and checks the configuration; every fault goes to `faults` (may be NULL). `mode` as for the store. Owned. */
tend_status tend_workspace_open(const char *folder, tend_store_mode mode, tend_clock clock, FILE *faults,
                                tend_workspace **ret_workspace, tend_error *reterr);
/* The configuration alone, with what it names and hands on (engine/check.h): every fault to `faults`, the first into reterr. */
tend_status tend_workspace_check(const char *folder, tend_clock clock, FILE *faults, tend_error *reterr);
/* The same folder and configuration over a private copy of its store at `store_path`, marked simulated, opened for writing, with
 * its own clock: what a dry run or a simulation works on. Nothing it does can reach the live store or a sink. */
tend_status tend_workspace_open_copy(const tend_workspace *live, const char *store_path, tend_clock clock,
                                     tend_workspace **ret_workspace, tend_error *reterr);
/* The same folder and configuration over a new and empty store at `store_path`, marked simulated, with its own clock. */
tend_status tend_workspace_open_empty(const tend_workspace *live, const char *store_path, tend_clock clock,
                                      tend_workspace **ret_workspace, tend_error *reterr);
void tend_workspace_close(tend_workspace *workspace); /* accepts NULL */
/* SIGHUP: reads the configuration again; when it has a fault the old one stays and the faults are written to `faults`. */
tend_status tend_workspace_reload(tend_workspace *workspace, FILE *faults, tend_error *reterr);

bool tend_workspace_is_safe(const tend_workspace *workspace); /* engine/safe.h */

/* What long work of this workspace asks now and then, with no transaction open: see tend_import_options. `attend` NULL: nobody. */
void tend_workspace_set_attend(tend_workspace *workspace, bool (*attend)(void *self, bool is_busy), void *self);
bool tend_workspace_attend(void *workspace, bool is_busy); /* for tend_import_options: attend, attend_self = the workspace */

const char *tend_workspace_folder(const tend_workspace *workspace);
const tend_config *tend_workspace_config(const tend_workspace *workspace);
const tend_schema *tend_workspace_schema(const tend_workspace *workspace);
tend_store *tend_workspace_store(tend_workspace *workspace);
tend_bus *tend_workspace_bus(tend_workspace *workspace);
tend_model *tend_workspace_model(tend_workspace *workspace);
const tend_segments *tend_workspace_segments(const tend_workspace *workspace);
/* Those of a configuration, with the KPIs that it publishes: for scripts that are read without opening a store. Owned. */
tend_status tend_workspace_segments_of(const tend_config *config, const tend_schema *schema, FILE *faults,
                                       tend_segments **ret_segments, tend_error *reterr);
/* For scripts that are read without a workspace: any name is a segment, KPIs are those that are published by default. Owned. */
tend_status tend_workspace_no_segments(const tend_schema *schema, tend_segments **ret_segments, tend_error *reterr);
const tend_zone *tend_workspace_zone(const tend_workspace *workspace);
const tend_clock *tend_workspace_clock(const tend_workspace *workspace);
/* A workspace made with `init --simulated` has a clock of its own, kept in its store: every command reads it, whatever clock it was
 * opened with, and only tend_workspace_move_clock moves it. It stays so for ever, in backups too; sources are not asked and
 * nothing is delivered. A private copy of a live workspace has none. */
bool tend_workspace_has_own_clock(const tend_workspace *workspace);
tend_status tend_workspace_make_simulated(tend_workspace *workspace, tend_time at, tend_error *reterr);
/* Forward only; kept before anything is done at the new instant. */
tend_status tend_workspace_move_clock(tend_workspace *workspace, tend_time at, tend_error *reterr);
/* Loaded anew when a rate was written since. */
tend_status tend_workspace_rates(tend_workspace *workspace, const tend_rates **ret_rates, tend_error *reterr);
tend_status tend_workspace_plugins(tend_workspace *workspace, tend_plugins **ret_plugins, tend_error *reterr);

tend_status tend_workspace_kpis(tend_workspace *workspace, tend_kpis **ret_kpis, tend_error *reterr);
/* Every fault of its sections goes to `faults` (may be NULL). */
tend_status tend_workspace_pricing(tend_workspace *workspace, FILE *faults, tend_pricing **ret_pricing, tend_error *reterr);
tend_status tend_workspace_playbooks(tend_workspace *workspace, tend_playbooks **ret_playbooks, tend_error *reterr);
tend_status tend_workspace_outbox(tend_workspace *workspace, tend_outbox **ret_outbox, tend_error *reterr);
const tend_scorecard *tend_workspace_scorecard(const tend_workspace *workspace);

/* Where scripts are looked for, between colons: the workspace's own playbooks/ and lib/, then those that came with tend. */
tend_status tend_workspace_scripts(const tend_workspace *workspace, char *ret_folders, size_t room, tend_error *reterr);
/* A folder below the workspace, made when missing. */
tend_status tend_workspace_subfolder(const tend_workspace *workspace, const char *name, char *ret_path, size_t room,
                                     tend_error *reterr);
/* mappings/NAME.ini in the workspace, else among those that came with the program; a path is taken as it is. */
tend_status tend_workspace_mapping(const tend_workspace *workspace, const char *name, const char *from, char *ret_path, size_t room,
                                   tend_error *reterr);

#endif
