/* inside.h: what the files of this layer share. */
#ifndef TEND_PLAYBOOK_INSIDE_H
#define TEND_PLAYBOOK_INSIDE_H

#include "base/hash.h"
#include "model/sieve.h"
#include "playbook/playbooks.h"
#include "playbook/script.h"
#include "playbook/script_value.h"
#include "playbook/spec.h"
#include "playbook/sql.h"

#define TEND_LIBRARIES 32

/* bundle.c: what a run is pinned to. */
struct tend_bundle {
    int64_t id; /* row of bundles, and the sandbox's slot; 0: not stored yet */
    char hash[65];
    const char *path; /* as messages show it */
    tend_script script;
    tend_script libraries[TEND_LIBRARIES + 1]; /* a NULL file ends them */
    tend_tree settings;
    tend_spec spec;
    tend_arena *arena; /* owned: everything above */
};

typedef struct tend_playbook {
    char name[64];
    tend_principal principal;
    tend_bundle *bundle;                     /* borrowed from the list of bundles */
    tend_filter *where;                      /* owned; NULL: always */
    tend_filter *stop;                       /* owned; exit criteria; NULL: none */
    tend_filter *rhythms[TEND_SPEC_RHYTHMS]; /* owned; who is in the segment of that rhythm, NULL where it has none */
    tend_filter *again;                      /* owned; NULL: it starts again once `where` did not hold */
    int64_t starts_at;
    struct tend_listeners *listeners; /* its group; NULL: nothing starts it but people and other playbooks */
    size_t bit;                       /* its place in there */
    char heard[TEND_TOPIC_ROOM];      /* the topic asked about last by tend_hears_*, and the answers */
    bool stop_hears, due_hears;
} tend_playbook;

/* listen.c: rows that may have come to meet a condition by what happened to something that they refer to. */
typedef struct tend_reach {
    char topic[TEND_TOPIC_ROOM]; /* "account.updated", "measure.nrr" */
    const tend_filter_way *way;  /* from the subject to what happened */
    uint64_t *set;               /* whose conditions */
} tend_reach;

typedef struct tend_listened {
    char topic[TEND_TOPIC_ROOM];
    uint64_t *set; /* whom an event of this topic could start */
} tend_listened;

/* The playbooks of one kind of subject, a bit for each; sets have `words`. */
typedef struct tend_listeners {
    const tend_kind_schema *subject;
    size_t *numbers; /* in the list of playbooks */
    size_t count, words;
    tend_sieve *sieve;       /* owned: their conditions */
    uint64_t *plain, *edges; /* those without a condition that is still to be asked; those that start once while it holds */
    tend_listened *topics;   /* sorted */
    size_t topic_count;
    tend_reach *reaches;
    size_t reach_count;
    uint64_t *live, *among, *met, *held; /* of the row that is decided */
} tend_listeners;

/* tally.c: what is merely counted, for all events of one topic and batch. */
typedef struct tend_tally {
    struct tend_tally *next;
    const char *topic;
    int64_t batch;
    int64_t *delivered, *filtered, *suppressed; /* for each playbook of the list */
} tend_tally;

struct tend_playbooks {
    const tend_config *config; /* borrowed, as all of these */
    tend_model *model;
    tend_store *store;
    const tend_schema *schema;
    const tend_segments *segments;
    tend_playbook_options options;
    const tend_zone *zone;
    char scripts[8192];

    tend_rates *rates; /* owned */
    tend_sandbox *sandbox;
    tend_playbook *list; /* active ones, by name */
    size_t count, faulty;
    tend_bundle **bundles; /* owned, and each of them */
    size_t bundle_count;
    tend_arena *arena;         /* of one step */
    tend_filter_rows *rows;    /* owned; read for the event that is decided */
    tend_listeners *listeners; /* owned with all of theirs, by `listening` and tend_listen_close */
    size_t listener_count;
    tend_arena *listening;
    tend_tally *tallies;   /* of this transaction, from `arena` */
    bool keeps_rows;       /* between playbooks that decide one event nothing of the model is written */
    tend_date pruned_on;   /* the day on which counts of causes were dropped last; 0: not yet */
    tend_date followed_on; /* the day up to which dated roles have been followed; 0: not yet */
};

/* section.c: [playbook.NAME] of the configuration. */
typedef struct tend_playbook_section {
    const tend_config *config;
    const char *name;
} tend_playbook_section;
/* What is written for a setting, NULL when nothing; `self` is a tend_playbook_section. */
const char *tend_section_written(void *self, const char *key);
/* What settings may name, as far as it is known: each may be NULL. */
typedef struct tend_section_names {
    const tend_schema *schema;
    const tend_segments *segments;
    const tend_people *people;
} tend_section_names;
/* Keys that the script does not declare, values that are not of their type or outside of their bounds, names of what is not there;
 * returns how many. `key` need not be written where a default names nobody. */
int tend_section_check(const tend_playbook_section *section, const tend_spec *spec, const tend_section_names *names,
                       void (*fault)(void *self, const char *key, const char *reason), void *self);
/* The settings of a stored bundle as they would be written; `self` is a tend_stored_settings. */
typedef struct tend_stored_settings {
    const tend_tree *settings;
    tend_arena *arena;
} tend_stored_settings;
const char *tend_stored_written(void *self, const char *key);

/* The i-th folder of a list between colons; false past the end. */
bool tend_script_folder(const char *scripts, size_t i, char *ret_folder, size_t room);
/* Loads it into the sandbox and reads the spec. Faults go to `faults`; TEND_EINVAL when there were any. */
tend_status tend_bundle_open(tend_bundle *bundle, uint32_t slot, tend_sandbox *sandbox, const tend_schema *schema,
                             const char *(*written)(void *self, const char *name), void *self, tend_spec_faults *faults,
                             tend_error *reterr);
/* The line of a request; of one from a list of steps, where its name stands. */
unsigned tend_bundle_line(const tend_bundle *bundle, const tend_request *request);
/* Its hash, and its row when the same content was stored before; id 0 otherwise. */
tend_status tend_bundle_find(tend_bundle *bundle, tend_store *store, tend_error *reterr);
/* Every fault that can be found in a bundle that was opened, as lines; *ret_faults counts them. */
tend_status tend_bundle_check(const tend_playbooks *playbooks, tend_bundle *bundle, void (*tell)(void *self, const char *line),
                              void *self, int *ret_faults, tend_error *reterr);
/* Gives it its row, the earlier one when the same content was stored before. Needs a transaction. */
tend_status tend_bundle_store(tend_bundle *bundle, tend_model *model, tend_error *reterr);
/* One that was stored: script, libraries and settings, not loaded. Owned. */
tend_status tend_bundle_fetch(tend_store *store, int64_t id, tend_bundle **ret_bundle, tend_error *reterr);
/* One that was stored, loaded in the sandbox, with its settings as they were and what follows from them. A fault is TEND_EINVAL. */
tend_status tend_bundle_stored(tend_playbooks *playbooks, int64_t id, tend_bundle **ret_bundle, tend_error *reterr);
/* The bundle of a run, loaded in the sandbox; a fault is TEND_EINVAL. */
tend_status tend_bundle_of_run(tend_playbooks *playbooks, int64_t id, tend_bundle **ret_bundle, tend_error *reterr);
/* Puts it into the list, which owns it from now on. */
tend_status tend_bundle_keep(tend_playbooks *playbooks, tend_bundle *bundle, tend_error *reterr);
/* Makes sure that the sandbox has it. */
tend_status tend_bundle_reload(tend_playbooks *playbooks, tend_bundle *bundle, tend_error *reterr);

/* subject.c: the row that a run is about, and what can be named from there. */
typedef struct tend_subject {
    tend_playbooks *playbooks;
    const tend_principal *principal;
    const tend_kind_schema *kind;
    int64_t row, account;
    int64_t user; /* whom the work is for: "us" are the days of their calendar; 0: the holder of the account */
    tend_world world;
    tend_arena *arena;
    bool in_korean; /* what the engine itself says beside the script's words */
} tend_subject;
tend_subject tend_subject_of(tend_playbooks *playbooks, const tend_principal *principal, const tend_kind_schema *kind, int64_t row,
                             tend_arena *arena);
/* The account of a row, 0 when none. */
tend_status tend_subject_account(tend_subject *subject, tend_error *reterr);
/* "contract.ends_on", "account.owner.name", "ends_on". TEND_EINVAL names what is unknown. */
tend_status tend_subject_value(const tend_subject *subject, const char *path, tend_value *ret_value, const tend_field **ret_field,
                               tend_error *reterr);
/* Whether the path could be read, without a row. */
tend_status tend_subject_check(const tend_schema *schema, const tend_kind_schema *kind, const char *path,
                               const tend_field **ret_field, tend_error *reterr);
/* Whether an argument of a verb is filled in so. */
bool tend_subject_fills(const char *verb, const char *key);
/* "{account.name} is late" with every {…} filled in, from the arena; {{ is a brace. What is not known reads so in `language` (NULL:
 * en). */
tend_status tend_subject_fill(const tend_subject *subject, const tend_tree *settings, const char *language, const char *text,
                              const char **ret_text, tend_error *reterr);
tend_status tend_subject_check_text(const tend_schema *schema, const tend_kind_schema *kind, const tend_tree *settings,
                                    const char *text, tend_error *reterr);

/* words.c: a text of the arguments, or a table with one for each language. */
tend_status tend_words_check(const tend_schema *schema, const tend_tree *words, const char *key, tend_error *reterr);
/* NULL: there is none. Borrowed from the arguments. */
const char *tend_words_in(const tend_tree *arguments, const char *key, const char *language);
/* That of the user, 0 or without one: of the workspace. */
tend_status tend_words_language(const tend_subject *subject, int64_t user, const char **ret_language, tend_error *reterr);
tend_status tend_words_korean(const tend_subject *subject, int64_t user, bool *ret_is_korean, tend_error *reterr);
/* In the language of whoever gets it (0: nobody yet), filled in; NULL: there is none. */
tend_status tend_words_fill(const tend_subject *subject, const tend_tree *settings, const tend_tree *arguments, const char *key,
                            int64_t user, const char **ret_text, tend_error *reterr);

/* condition.c: whether the event could make its exit criteria hold; whether its due rows are looked at again for it. Most news is
 * of KPIs, and most conditions read none of them. */
bool tend_hears_stop(tend_playbook *playbook, const tend_event *event);
bool tend_hears_due(tend_playbook *playbook, const tend_event *event);
/* condition.c: start_when.where and start_when.again_when; NULL where there is none. What the principal may not read is refused. */
/* One of them: "where", "again_when", "per_segment" or "stop_when.where"; `text` may be NULL. */
tend_status tend_condition_read(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                                const tend_principal *principal, const char *key, const char *text, tend_filter **ret_filter,
                                tend_error *reterr);
/* That an account is in the segment of a rhythm. */
void tend_condition_of_rhythm(const tend_spec *spec, size_t i, char ret_text[200]);
tend_status tend_condition_parse(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                                 const tend_principal *principal, tend_filter **ret_where, tend_filter **ret_again,
                                 tend_error *reterr);
/* Who is in the segment of each rhythm; NULL where a rhythm has none. */
tend_status tend_condition_rhythms(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                                   const tend_principal *principal, tend_filter *ret_rhythms[TEND_SPEC_RHYTHMS],
                                   tend_error *reterr);
/* stop_when.where; NULL where there is none. */
tend_status tend_condition_stop(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                                const tend_principal *principal, tend_filter **ret_stop, tend_error *reterr);
void tend_condition_free(tend_playbook *playbook);

/* rule.c: { business_days = 5, of = "both" }, { business_hours = 8 }, { days = 7, before = "contract.ends_on" }, { on = … },
 * { hours = 4 }; each with at_latest = { … }, of the two the day that comes first. Working days and hours are those of the
 * calendars that hold when it is asked: of us, of the customer, or both; their end is where the day ends last. */
typedef enum tend_rule_use { TEND_RULE_DUE = 1, TEND_RULE_DEADLINE, TEND_RULE_WAKE } tend_rule_use;
/* DUE: *ret_date is the day. DEADLINE: *ret_at is the end of that day, or the beginning when it is named as "before". WAKE: its
 * beginning. An unknown date gives TEND_NO_DATE and TEND_NO_TIME. *ret_follows: it hangs on a field. */
tend_status tend_rule_find(const tend_subject *subject, const tend_tree *rule, tend_rule_use use, tend_time now,
                           tend_date *ret_date, tend_time *ret_at, bool *ret_follows, tend_error *reterr);
tend_status tend_rule_check(const tend_schema *schema, const tend_kind_schema *kind, const tend_tree *rule, const char *place,
                            tend_error *reterr);

/* role.c: "owner", "owner.manager", "csm", "{to_user}" (whoever a field of the subject names), "user:NAME", "team:NAME" (its queue:
 * nobody yet), or a choice. *ret_user 0 when nobody is found; *ret_why says who and why.
 */
tend_status tend_role_find(const tend_subject *subject, const char *role, int64_t *ret_user, const char **ret_why,
                           tend_error *reterr);
tend_status tend_role_check(const char *role, tend_error *reterr);
/* Of "{FIELD}": whether the subject has it and it is for a person on our side. */
tend_status tend_role_check_path(const tend_schema *schema, const tend_kind_schema *subject, const char *role, tend_error *reterr);
/* choose.c: "any:TEAM skill:WORD certificate:WORD", one of several: whoever is there, has room and the least to do. */
bool tend_choice_is(const char *role);
tend_status tend_choice_check(const char *role, tend_error *reterr);
tend_status tend_choice_find(const tend_subject *subject, const char *role, int64_t *ret_user, const char **ret_why,
                             tend_error *reterr);
/* "the owner's manager": a role for people, not user:… or team:…. From the arena of the subject. */
const char *tend_role_say(const tend_subject *subject, const char *role);
/* Who holds it, absent or not; 0: nobody. */
tend_status tend_role_holder(const tend_subject *subject, const char *role, int64_t *ret_user, tend_error *reterr);
/* Whether `user` is the holder, or one who may stand in for the holder. */
tend_status tend_role_stands_in(const tend_subject *subject, int64_t holder, int64_t user, bool *ret_stands_in, tend_error *reterr);

/* follow.c: open tasks of a role go where the role goes, unless somebody chose the person by hand. Needs a transaction. */
tend_status tend_roles_follow(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr);
/* Once a day: roles that begin or end by their dates. */
tend_status tend_roles_day(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr);

/* trigger.c: `playbook why` looks at a day with the trigger of that day. */
/* What starts it from now on, kept when it is news. In a transaction, as the next. */
tend_status tend_trigger_keep(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t starts_at, tend_error *reterr);
/* Those whose is_active is -1 start no more. */
tend_status tend_trigger_off(tend_playbooks *playbooks, int64_t position, tend_error *reterr);

/* due.c */
tend_status tend_due_update(tend_playbooks *playbooks, tend_playbook *playbook, const tend_event *event, int64_t row,
                            bool *ret_decided, tend_error *reterr);
tend_status tend_due_account(tend_playbooks *playbooks, tend_playbook *playbook, int64_t account, tend_error *reterr);
tend_status tend_due_scan(tend_playbooks *playbooks, tend_playbook *playbook, tend_error *reterr); /* in a transaction */
tend_status tend_due_fire(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr);
tend_status tend_due_why(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, const char **ret_why,
                         tend_error *reterr);

/* cadence.c: as due.c, for what begins again and again. */
tend_status tend_cadence_update(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, tend_error *reterr);
/* Its day has come: *ret_is_met whether it begins. The next day is noted. */
tend_status tend_cadence_fire(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool *ret_is_met,
                              tend_error *reterr);
tend_status tend_cadence_why(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, const char **ret_why,
                             tend_error *reterr);
/* The first day of the row after `after`. */
tend_date tend_rhythm_next(const tend_rhythm *rhythm, const char *playbook, int64_t row, tend_date after);

/* decide.c */
tend_status tend_decide_events(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr);
tend_status tend_decide_note(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, int64_t row,
                             int64_t account, const char *what, const char *why, int64_t run, tend_error *reterr);
tend_status tend_decide_count(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, const char *what,
                              int64_t n, tend_error *reterr);
tend_status tend_decide_met(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool *ret_met,
                            const char **ret_by, tend_error *reterr);

/* enter.c: a row that matched, and what it comes to: a decision, and a run when it may begin. */
typedef struct tend_entry {
    int64_t row;
    const char *why;     /* what matched, in words; NULL: the topic says it */
    const char *refused; /* why it must not begin, whatever else; NULL: nothing is against it */
    bool was_held;       /* its condition held already */
    bool is_by_hand;     /* somebody asked for it: it may begin oftener than the playbook would by itself */
} tend_entry;
/* *ret_run 0: none began, and *ret_why says why. */
tend_status tend_enter(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_event *event, const tend_entry *entry,
                       int64_t *ret_run, const char **ret_why, tend_error *reterr);

/* start.c: what somebody or another run asks for. */
typedef struct tend_start {
    int64_t row, cause;    /* cause: the event that led to it; 0: none */
    int64_t parent;        /* the run that asks; 0: none */
    const char *step;      /* of the parent */
    const tend_tree *args; /* run.args; NULL: none */
    const char *why;       /* in words; NULL: the topic says it */
    bool leaves;           /* the run goes on when its parent is stopped */
} tend_start;
tend_playbook *tend_playbook_at_work(const tend_playbooks *playbooks, const char *name);
/* Why it is not at work, and what to do; always a failure. */
tend_status tend_playbook_refuse(const tend_playbooks *playbooks, const char *name, tend_error *reterr);
const char *tend_playbook_near(const tend_playbooks *playbooks, const char *name, tend_arena *arena); /* NULL: none is near */
tend_status tend_start_tell(tend_playbooks *playbooks, const tend_playbook *playbook, const tend_start *start,
                            int64_t *ret_sequence, tend_error *reterr);
bool tend_start_is_for(const tend_playbook *playbook, const tend_event *event);
tend_status tend_start_decide(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr);
/* What the run that the event started was given; nil when nothing. */
tend_status tend_start_args(tend_playbooks *playbooks, const tend_event *event, tend_tree *ret_args, tend_error *reterr);
/* The run that began by the event `cause` has ended or was stopped: whoever waits for it hears so. */
tend_status tend_child_over(tend_playbooks *playbooks, int64_t run, int64_t cause, const char *word, const char *text,
                            int64_t moved_by, tend_error *reterr);
/* Children at work that end with their parent; `event` NULL: by hand. */
tend_status tend_children_stop(tend_playbooks *playbooks, int64_t parent, const tend_event *event, tend_error *reterr);

/* stop.c: a run whose playbook has an on_stop is "stopping" until that has been run. `event` NULL: by hand. TEND_ENOTFOUND: it is
 * not at work. In a transaction. */
tend_status tend_run_stop(tend_playbooks *playbooks, int64_t run, const char *why, const tend_event *event, tend_error *reterr);

/* listen.c: once all playbooks are loaded; again after a change. */
tend_status tend_listen_open(tend_playbooks *playbooks, tend_error *reterr);
void tend_listen_close(tend_playbooks *playbooks);
/* Those that an event of this topic about this kind could start; NULL: nobody. */
tend_listeners *tend_listen_to(const tend_playbooks *playbooks, const tend_event *event, const uint64_t **ret_set);
static inline bool tend_bit_has(const uint64_t *set, size_t bit)
{
    return (set[bit / 64] >> (bit % 64) & 1) != 0;
}
static inline void tend_bit_put(uint64_t *set, size_t bit)
{
    set[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* tally.c: of the event's topic and batch. Written before the commit. */
tend_status tend_tally_of(tend_playbooks *playbooks, const tend_event *event, tend_tally **ret_tally, tend_error *reterr);
tend_status tend_tally_write(tend_playbooks *playbooks, tend_error *reterr);

/* edge.c: conditions that start once while they hold. */
/* The starting line: rows that meet it now are not news. In a transaction. */
tend_status tend_edge_scan(tend_playbooks *playbooks, tend_playbook *playbook, tend_error *reterr);
/* Who of the group is known to hold for the row. */
tend_status tend_edge_read(tend_playbooks *playbooks, const tend_listeners *group, int64_t row, uint64_t *ret_held,
                           tend_error *reterr);
/* It holds from now on, or no longer. */
tend_status tend_edge_turn(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, bool is_met, tend_error *reterr);
/* Rows of other kinds whose conditions the event may have changed: those that came to hold are told as met.PLAYBOOK. */
tend_status tend_edge_reach(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr);

/* wait.c */
tend_status tend_wait_event(tend_playbooks *playbooks, const tend_event *event, tend_error *reterr); /* in a transaction */
/* The event is the answer. */
tend_status tend_wait_tell(tend_playbooks *playbooks, int64_t run, const char *step, const char *topic, int64_t sequence,
                           tend_error *reterr);
/* A task or an approval: its status is the answer, unless it is still open. */
tend_status tend_wait_row(tend_playbooks *playbooks, int64_t run, const char *step, int64_t kind, int64_t row, int64_t moved_by,
                          bool *ret_answered, tend_error *reterr);
tend_status tend_wait_due(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr);
/* The step's answer is written and the run is ready to move on. */
tend_status tend_wait_answer(tend_playbooks *playbooks, int64_t run, const char *step, const char *state, const tend_tree *answer,
                             int64_t moved_by, tend_error *reterr);

/* argument.c: as tend_role_check, but for the roles that there are alone. */
tend_status tend_role_check_word(const tend_schema *schema, const tend_kind_schema *subject, const char *role, tend_error *reterr);

/* effect_check.c: which verbs have named arguments, and which. */
bool tend_verb_known(const char *verb);
/* The i-th argument that stands before the table; NULL past the last. */
const char *tend_verb_before(const char *verb, size_t i);
tend_status tend_verb_check_key(const char *verb, const char *key, tend_error *reterr);

/* A value that needs no look at anything else; the sentence names the key alone. */
tend_status tend_verb_check_value(const char *verb, const char *key, const tend_tree *value, tend_error *reterr);

/* argument.c: one argument alone; `value` NULL: it is computed. TEND_EINVAL with what is wrong, without the verb. */
typedef struct tend_argument_context {
    const tend_schema *schema;
    const tend_kind_schema *subject;
    const tend_tree *settings;
    const char *const *channels;     /* that a sink takes, NULL-terminated; NULL: not known */
    const char *const *playbooks;    /* that have a section, likewise */
    const tend_segments *segments;   /* and the KPIs that are published; NULL: not known */
    const tend_segments *conditions; /* the same for reading conditions, with any name where they are not known */
    const tend_people *people;       /* NULL: not known */
} tend_argument_context;
tend_status tend_argument_check(const tend_argument_context *context, const char *verb, const char *key, const tend_tree *value,
                                tend_error *reterr);
/* A KPI that run:measure reads, and one that an event is named after: "measure.nrr". */
tend_status tend_argument_check_segment(const tend_segments *segments, const char *name, tend_error *reterr);
tend_status tend_argument_check_measure(const tend_argument_context *context, const char *kpi, tend_error *reterr);
tend_status tend_argument_check_topic(const tend_argument_context *context, const char *topic, tend_error *reterr);
/* What `set` writes into the field, of a value that stands in the script. */
tend_status tend_argument_check_value(const tend_argument_context *context, const char *key, const tend_tree *value,
                                      tend_error *reterr);

/* answer.c: what the answer of a verb holds, NULL-terminated; NULL: it has none. */
const char *const *tend_answer_fields(const char *verb);
/* Whether it has no such field, and none of the keys of `more` (may be NULL) either: then the sentence says so, without a place. */
bool tend_answer_lacks(const char *verb, const char *field, const tend_tree *more, char *ret_sentence, size_t room);

/* count.c: what the arguments of run:count are, as far as they are there: the sentence without the verb, and in *ret_key which of
 * them it is about. Without a kind nothing is said. */
tend_status tend_count_check(const tend_argument_context *context, const tend_tree *arguments, tend_arena *arena,
                             const char **ret_key, tend_error *reterr);
/* The answer, into `map`. The store must know the functions of tend_filter_define. */
tend_status tend_count_read(const tend_subject *subject, const tend_tree *settings, const tend_tree *arguments, tend_tree_map *map,
                            tend_error *reterr);

/* settings.c: whether the script declares it; `place`: how it is named there, "run.settings.days" or "{settings.days}". */
tend_status tend_settings_check_name(const tend_tree *settings, const char *place, const char *name, tend_error *reterr);

/* literal.c: every fault of what a script's calls say word for word. Sentences read "task 'plan': what is wrong", without a name
 * where the step's is computed. */
typedef struct tend_literal_check {
    const tend_argument_context *context;
    tend_arena *arena;
    /* `call`: the line on which the call begins; that of the fault may be below. */
    void (*fault)(void *self, const char *file, unsigned line, unsigned call, const char *sentence);
    void *self;
    /* What each call is given, well or not; `value` NULL: computed; `key` NULL: no argument (more) is written out. May be NULL. */
    void (*given)(void *self, const char *file, unsigned line, const char *verb, const char *key, const tend_tree *value);
} tend_literal_check;
tend_status tend_literals_check(const tend_literal_check *check, const tend_script *script, const tend_script *libraries,
                                tend_error *reterr);

/* effect.c */
typedef struct tend_step {
    const char *name, *verb, *state;
    tend_tree arguments, answer;
    bool has_answer;
    int64_t kind, row;
} tend_step;
typedef struct tend_run {
    int64_t id, bundle, kind, row, account, cause, moved_by, version;
    char playbook[64];
} tend_run;
/* Checks a request's keys and texts without acting. */
tend_status tend_effect_check(const tend_schema *schema, const tend_kind_schema *subject, const tend_tree *settings,
                              const tend_request *request, tend_error *reterr);
/* Carries out a step that is none of waiting; fills kind and row. In a transaction. */
tend_status tend_effect_make(const tend_subject *subject, const tend_run *run, const tend_spec *spec, const tend_tree *settings,
                             const tend_origin *origin, tend_step *step, tend_error *reterr);
/* Whose task or approval it is; 0: nobody's. */
tend_status tend_work_holder(const tend_subject *subject, int64_t kind, int64_t row, int64_t *ret_user, tend_error *reterr);
/* child.c: a run of another playbook. *ret_answered: it is not waited for. */
tend_status tend_child_ask(const tend_subject *subject, const tend_run *run, const tend_step *step, bool *ret_answered,
                           tend_error *reterr);
/* await.c */
/* Until when a step waits; NULL: no end. */
const tend_tree *tend_wait_rule(const char *verb, const tend_tree *arguments);
/* Writes the wait of a step, or of a part of one under the name STEP/PART; `role`: who decides or answers, NULL: nobody. What has
 * come already is its answer. Fills kind and row. */
tend_status tend_wait_begin(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                            tend_step *step, const char *role, tend_error *reterr);
/* A step that waits, for one thing or for several. */
tend_status tend_effect_wait(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                             tend_step *step, tend_error *reterr);

/* bulk.c */
int64_t tend_bulk_most(void);
tend_status tend_bulk_ask(const tend_subject *subject, const tend_run *run, const tend_step *step, tend_error *reterr);
/* call.c: *ret_message: the row of the outbox. */
tend_status tend_call_ask(const tend_subject *subject, const tend_run *run, const tend_origin *origin, const tend_step *step,
                          int64_t *ret_message, tend_error *reterr);
int64_t tend_call_kind(void); /* of waits that hang on a message */
tend_status tend_wait_calls(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr);
/* exit.c: *ret_why NULL: the exit criteria do not hold. */
tend_status tend_exit_met(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t row, const char **ret_why,
                          tend_error *reterr);
tend_status tend_exit_event(tend_playbooks *playbooks, tend_playbook *playbook, const tend_event *event, tend_error *reterr);
/* left.c: a list of { id, kind, step, title }; nil when nothing is open. */
tend_status tend_left_tree(tend_playbooks *playbooks, int64_t run, tend_tree *ret_list, tend_error *reterr);
/* Closes what the run has open, or what it opened in `step` (NULL: all). */
tend_status tend_left_close(tend_playbooks *playbooks, const char *playbook, int64_t run, const char *step, const char *why,
                            int64_t *ret_closed, tend_error *reterr);

/* parts.c: steps that wait for several things. */
tend_status tend_parts_begin(const tend_subject *subject, const tend_run *run, const tend_tree *settings, const tend_origin *origin,
                             const tend_step *step, tend_error *reterr);
/* The part STEP/PART has its answer; the step as well when that is enough. */
tend_status tend_part_answer(tend_playbooks *playbooks, int64_t run, const char *name, const char *state, const tend_tree *answer,
                             int64_t moved_by, tend_error *reterr);

/* move.c */
tend_status tend_move_runs(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr);
/* What the next move of a run would come to with another bundle; nothing is written. *ret_fault NULL: it can go on. */
tend_status tend_move_try(tend_playbooks *playbooks, int64_t run, int64_t bundle, const char **ret_fault, tend_error *reterr);
tend_principal tend_principal_of(const tend_playbooks *playbooks, const char *playbook);

tend_time tend_playbooks_now(const tend_playbooks *playbooks);
tend_date tend_playbooks_date(const tend_playbooks *playbooks, tend_time at); /* where the workspace is */
tend_date tend_playbooks_today(const tend_playbooks *playbooks);

#endif
