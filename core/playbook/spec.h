/* spec.h: what a playbook declares, checked against the schema. */
#ifndef TEND_PLAYBOOK_SPEC_H
#define TEND_PLAYBOOK_SPEC_H

#include "model/filter.h"
#include "playbook/sandbox.h"

#define TEND_SPEC_SETTINGS 32
#define TEND_SPEC_OUTCOMES 16
#define TEND_SPEC_RHYTHMS 12

typedef struct tend_spec_setting {
    const char *name, *type; /* integer, number, boolean; text, role, segment, team, person: all of these hold texts */
    const char *help;        /* in English */
    const char *help_ko;     /* in Korean; NULL: not said */
    const char *unit;        /* of its value, for people; NULL: not said */
    tend_tree value;         /* the default, or what the administrator set */
    bool is_broken;          /* it is declared wrongly: the value is one that could stand there */
    tend_tree fallback;
    tend_tree min, max;          /* nil: any number */
    const char *min_of, *max_of; /* the setting whose value is the bound; NULL: none is */
    const tend_tree *choices;    /* a list of texts; NULL: any */
} tend_spec_setting;

/* How often a playbook begins on rows of a segment: every so many weeks, or months; neither: not at all. */
typedef struct tend_rhythm {
    const char *segment; /* NULL: of none of the others */
    int64_t weeks, months;
} tend_rhythm;

/* What a match does to the open tasks of the run that is at work on the row already. */
typedef enum tend_if_open { TEND_OPEN_IGNORE = 0, TEND_OPEN_RAISE, TEND_OPEN_COMMENT } tend_if_open;

/* How often it may begin on one row. */
typedef struct tend_re_entry {
    int64_t at_most;        /* 0: as often as it matches */
    int64_t in_days;        /* 0: ever */
    int64_t cool_down_days; /* after the last run ended */
    tend_if_open if_open;
} tend_re_entry;

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
    bool is_due;             /* at an instant that a row of dues holds */
    bool is_cadence;         /* again and again, in its rhythms; otherwise on one date */
    int64_t days;            /* before the date; below zero: after it */
    tend_tree due;           /* in business days: the whole rule; nil: calendar days */
    const char *path;        /* of the date, "contract.ends_on" */
    int anchor;              /* field of the subject, or of its account */
    bool is_of_account;
    tend_rhythm rhythms[TEND_SPEC_RHYTHMS];
    size_t rhythm_count;
    bool starts_late;
    const char *where; /* settings filled in; NULL: always */
    const char *again; /* of a condition: what has to be met after a start before it starts again; NULL: that it does not hold */
    const char *stop_event, *stop_where; /* NULL: none */
    bool has_on_stop;                    /* a function that is run when the run is stopped */
    bool closes_left;                    /* what it leaves open is closed */
    bool is_list;                        /* steps are a list of tables: */
    const tend_tree *steps;              /* as it is declared; NULL: a function */
    tend_re_entry re_entry;
} tend_spec;

/* Where faults go: `key` and `inner` (may be NULL) name the place for finding its line. */
typedef struct tend_spec_faults {
    void (*fault)(void *self, const char *key, const char *inner, const char *sentence);
    void *self;
    int count;
} tend_spec_faults;

/* setting.c: values of settings. What an administrator wrote, as a value of that type; false when it is none. */
bool tend_spec_parse(const char *type, const char *text, tend_tree *ret_value);
/* As an administrator would write it: 0.05 and not 0.050000000000000003. */
const char *tend_setting_say(const tend_tree *value, tend_arena *arena);
void tend_setting_print(const tend_tree *value, char *buffer, size_t room);
/* "business days"; "" where it has none. */
const char *tend_setting_unit(const tend_spec_setting *setting);
/* "1 to 30", "at most high", "a, b or c"; "": anything of its type. */
const char *tend_setting_allowed(const tend_spec_setting *setting, tend_arena *arena);
/* Whether the value is outside of what the setting declares by itself; `reason` says how and what to do, without a place. */
bool tend_setting_refuses(const tend_spec_setting *setting, const tend_tree *value, char *reason, size_t room);
/* The same for a bound that is the value of another setting. */
bool tend_setting_is_beyond(const tend_tree *value, const tend_tree *bound, bool is_max);

/* Reads the declared tree. `written` gives what the administrator wrote for a setting, or NULL (may itself be NULL); what does not
 * fit its type or its bounds leaves the default, and is told by tend_section_check.
 * TEND_EINVAL when there was a fault; the others were told too. */
tend_status tend_spec_read(const tend_tree *tree, const tend_schema *schema, const char *(*written)(void *self, const char *name),
                           void *self, tend_spec_faults *faults, tend_arena *arena, tend_spec *ret_spec);
/* The verb of one step of a list, the one key that names a verb; its value is the step's name. NULL: there is none. */
const char *tend_spec_verb(const tend_tree *step, const char **ret_name);
/* The settings as run.settings. */
tend_status tend_spec_settings(const tend_spec *spec, tend_arena *arena, tend_tree *ret_tree);
bool tend_spec_has_outcome(const tend_spec *spec, const char *outcome);
/* The line of `key` (and then of `inner`) in the script, 1 when not found. */
unsigned tend_spec_line(const char *script, const char *key, const char *inner);
/* "measure.nrr": a KPI of an account has another value. */
bool tend_topic_is_measure(const char *topic);
/* Finds "<kind>.<what>": the kind, or NULL. A measure is about an account. */
const tend_kind_schema *tend_topic_kind(const tend_schema *schema, const char *topic);
/* "custom.visit": an event that only people and programs tell, about any row (tend event send). */
bool tend_topic_is_custom(const char *topic);
/* Whether events can have this topic: it is a custom one, a measure, or the word is created, updated, removed, merged, unmerged or
 * a status of the kind. */
bool tend_topic_known(const tend_schema *schema, const char *topic);
/* What to write instead of one that is not known. */
void tend_topic_instead(const tend_schema *schema, const char *topic, char *ret_advice, size_t room);

#endif
