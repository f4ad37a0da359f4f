/* footprint.h: what a playbook's calls write, as they stand in the script. Inside playbook only. */
#ifndef TEND_PLAYBOOK_FOOTPRINT_H
#define TEND_PLAYBOOK_FOOTPRINT_H

#include "playbook/inside.h"

#define TEND_FOOTPRINT_WRITES 128

typedef struct tend_footprint_write {
    const tend_kind_schema *kind;
    int field;               /* -1: which one is computed, or a row is made */
    bool is_new;             /* a row is made: a task, an approval */
    const tend_value *value; /* NULL: computed */
    const char *shown;       /* the value as written; NULL: computed */
    const char *child;       /* a playbook that is started; the other members are not set */
    const char *file;
    unsigned line;
} tend_footprint_write;

typedef struct tend_footprint {
    tend_footprint_write writes[TEND_FOOTPRINT_WRITES];
    size_t count;
} tend_footprint;

/* Of a bundle that was opened; texts and values are from the arena. */
tend_status tend_footprint_read(const tend_bundle *bundle, const tend_schema *schema, tend_arena *arena,
                                tend_footprint **ret_footprint, tend_error *reterr);

#endif
