/* init.h: a new workspace. */
#ifndef TEND_ENGINE_INIT_H
#define TEND_ENGINE_INIT_H

#include "engine/workspace.h"

typedef struct tend_init_options {
    const char *name, *zone, *currency; /* NULL: a default */
    bool with_sample;                   /* files of the sample company in sample/, and their settings */
    tend_date anchor;                   /* the sample's today */
    bool is_simulated;                  /* a store that can never be made live, with a clock of its own … */
    tend_date starts_on;                /* … that begins with this day; TEND_NO_DATE: now */
} tend_init_options;

/* Makes the folder where it is missing, tend.ini from the starter, and the empty store. A tend.ini that is there stays as it is and
 * gets the store that it has none of yet (*ret_had_settings); with a store the folder is left alone: TEND_EEXISTS. When a later
 * part fails a tend.ini that was made is removed, so that init can be tried again. */
tend_status tend_init(const char *folder, const tend_init_options *options, tend_clock clock, FILE *faults, bool *ret_had_settings,
                      tend_error *reterr);

#endif
