/* spec.h: what a playbook declares, checked against the schema. */
#ifndef TEND_PLAYBOOK_SPEC_H
#define TEND_PLAYBOOK_SPEC_H

#include "model/filter.h"
#include "playbook/sandbox.h"

#define TEND_SPEC_SETTINGS 32
#define TEND_SPEC_OUTCOMES 16

typedef struct tend_spec_setting {
    const char *name, *type; /* integer, number, text, boolean */
    const char *help;
    tend_tree value; /* the default, or what the administrator set */
} tend_spec_setting;

/* Texts live in the arena it was read with. */
typedef struct tend_spec {
    const char *name, *summary;
    int64_t api;
    const tend_kind_schema *subject;
    const char *outcomes[TEND_SPEC_OUTCOMES];
    size_t outcome_count;
    tend_spec_setting settings[TEND_SPEC_SETTINGS];
    size_t setting_count;

    bool has_start;
    const char *start_event; /* NULL: when the condition becomes true, or at a date */
    bool is_due;
    int64_t days; /* before the date; below zero: after it */
    int anchor;   /* field of the subject */
    bool starts_late;
    const char *where; /* settings filled in; NULL: always */
    const char *again; /* of a condition: what has to be met after a start before it starts again; NULL: that it does not hold */
    const char *stop_event;
} tend_spec;

/* Where faults go: `key` and `inner` (may be NULL) name the place for finding its line. */
typedef struct tend_spec_faults {
    void (*fault)(void *self, const char *key, const char *inner, const char *sentence);
    void *self;
    int count;
} tend_spec_faults;

/* What an administrator wrote, as a value of that type; false when it is none. */
bool tend_spec_parse(const char *type, const char *text, tend_tree *ret_value);
/* Reads the declared tree. `written` gives what the administrator wrote for a setting, or NULL (may itself be NULL); what does not
 * fit its type leaves the default, and is told by tend_section_check.
 * TEND_EINVAL when there was a fault; the others were told too. */
tend_status tend_spec_read(const tend_tree *tree, const tend_schema *schema, const char *(*written)(void *self, const char *name),
                           void *self, tend_spec_faults *faults, tend_arena *arena, tend_spec *ret_spec);
/* The settings as run.settings. */
tend_status tend_spec_settings(const tend_spec *spec, tend_arena *arena, tend_tree *ret_tree);
bool tend_spec_has_outcome(const tend_spec *spec, const char *outcome);
/* The line of `key` (and then of `inner`) in the script, 1 when not found. */
unsigned tend_spec_line(const char *script, const char *key, const char *inner);
/* Finds "<kind>.<what>": the kind, or NULL. */
const tend_kind_schema *tend_topic_kind(const tend_schema *schema, const char *topic);
/* "custom.visit": an event that only people and programs tell, about any row (tend event send). */
bool tend_topic_is_custom(const char *topic);
/* Whether events can have this topic: it is a custom one, or the word is created, updated, removed, merged, unmerged or a status of
 * the kind. */
bool tend_topic_known(const tend_schema *schema, const char *topic);

#endif
