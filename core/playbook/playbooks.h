/* playbooks.h: playbooks at work: events are decided, due dates fire, runs are moved, effects are made.
 *
 * serve, once, simulate and dry runs use the same calls; the latter two on a private copy of the store, whose outbox delivers
 * nothing. What is kept stands in tables.h. */
#ifndef TEND_PLAYBOOK_PLAYBOOKS_H
#define TEND_PLAYBOOK_PLAYBOOKS_H

#include "base/zone.h"
#include "model/filter.h"
#include "outbox/outbox.h"
#include "playbook/people.h"
#include "playbook/sandbox.h"

/* [playbook.NAME] enabled, principal, and the script's own settings as further keys. A playbook works when it has a section. */
extern const tend_section tend_playbook_sections[];

typedef struct tend_playbooks tend_playbooks;

typedef struct tend_playbook_options {
    const char *scripts;         /* folders that hold playbooks/ and lib/, between colons; the first that has a script wins */
    const char *sandbox;         /* path of tend-sandbox; NULL: beside the running program */
    tend_sandbox_options limits; /* zeroed: the usual ones */
    const tend_zone *zone;       /* in which days begin; NULL: UTC */
    /* Where notify and escalate send their messages; NULL: the outbox. */
    tend_status (*send)(tend_model *model, const tend_origin *origin, const tend_outbox_draft *draft, int64_t *ret_id,
                        bool *ret_is_new, tend_error *reterr);
    /* To try one out: this playbook alone starts by itself (those it names are its children), whether its section says so or there
     * is none; NULL: those of the sections. With `script` it is that file, whatever its name; with `bundle` that row of the store's
     * bundles. Else its script as it stands. */
    const char *only, *script;
    int64_t bundle;
    const char *language; /* of people who named none; NULL: en */
} tend_playbook_options;

/* Borrows everything until close. Loads and checks the scripts of all sections. One that cannot be used as it stands (missing,
 * faulty, or a setting that does not fit) works on with its last good bundle, script and settings; without one it is left out. Its
 * faults are written to `faults` (may be NULL), kept in playbook_faults and logged when they are new; the others work. On a store
 * that knew no playbooks the starting line is its beginning: events not yet delivered count. A playbook that is added or changed
 * later starts at the events to come. What scripts count is asked in SQL: the store must know the functions of tend_filter_define.
 */
tend_status tend_playbooks_open(const tend_config *config, tend_model *model, const tend_segments *segments,
                                const tend_playbook_options *options, FILE *faults, tend_playbooks **ret_playbooks,
                                tend_error *reterr);
void tend_playbooks_close(tend_playbooks *playbooks); /* accepts NULL */

/* One round of work, each part in transactions of its own: events first, then dues that have passed, then waits that are over; some
 * runs move when none of these is left. *ret_did says whether there was anything; call until it is false. What it did follows from
 * what is stored and would be done again: it is on the disk after the next commit of somebody else, and after a round with nothing
 * to do. */
tend_status tend_playbooks_step(tend_playbooks *playbooks, bool *ret_did, tend_error *reterr);
/* The next instant at which something is due; TEND_NO_TIME when nothing is. */
tend_status tend_playbooks_next_due(tend_playbooks *playbooks, tend_time *ret_at, tend_error *reterr);

/* The i-th active playbook's name, NULL past the end; its summary; scripts that cannot be used as they stand. */
const char *tend_playbooks_name(const tend_playbooks *playbooks, size_t i);
const char *tend_playbooks_summary(const tend_playbooks *playbooks, size_t i);
size_t tend_playbooks_faulty(const tend_playbooks *playbooks);
/* What moves their runs; borrowed. For tests of playbooks, which watch it. */
tend_sandbox *tend_playbooks_sandbox(tend_playbooks *playbooks);

/* What became of a playbook's script and settings when the engine read them last. */
typedef enum tend_playbook_trouble {
    TEND_TROUBLE_NONE = 0,
    TEND_TROUBLE_KEPT,    /* they cannot be used; the last good bundle works on */
    TEND_TROUBLE_LEFT_OUT /* they cannot be used, and never could */
} tend_playbook_trouble;
tend_status tend_playbook_trouble_of(tend_store *store, const char *playbook, tend_playbook_trouble *ret_trouble,
                                     tend_error *reterr);

/* An event that somebody tells by hand: KIND.STATUS about a row of the kind, or custom.NAME, which a script at work names, about
 * any row. */
typedef struct tend_told {
    const char *topic;
    tend_kind kind;
    int64_t row;
    const char *reason; /* NULL: none given */
} tend_told;
/* Delivered like any other; who told it stands in events_told. *ret_status_now (may become NULL): what the row says of itself where
 * the topic says something else. The row is not changed. Needs tend_model_begin. */
tend_status tend_event_tell(tend_model *model, const tend_origin *origin, const tend_told *told, tend_arena *arena,
                            int64_t *ret_sequence, const char **ret_status_now, tend_error *reterr);

/* The script that a run is tried again with, and its settings: by content and by the time it was first met. */
typedef struct tend_retried {
    char script[256], hash[16];
    tend_time stored_at;
    bool is_current; /* as it stands now */
} tend_retried;
/* By hand: a held run is tried again, with the script it began with, or with the present one where what it has done fits: the same
 * names and verbs in the same order (TEND_EINVAL otherwise). An active run is ended with a reason. Need no open transaction. */
tend_status tend_run_retry(tend_playbooks *playbooks, int64_t run, bool takes_current, tend_retried *ret_retried,
                           tend_error *reterr);
/* Whether a run has taken what this row answers (a question, an approval) and gone on: *ret_why says which, NULL: none has. To open
 * it again would lead nowhere. From the arena. */
tend_status tend_answer_taken(tend_store *store, tend_kind kind, int64_t row, tend_arena *arena, const char **ret_why,
                              tend_error *reterr);
/* For a store that is a private copy: the run, in whatever state, stands again where it was before `step`, or right behind it with
 * `answer` ("choice=yes, comment=fine"; keys that are not named keep what was recorded). TEND_ENOTFOUND: it did no such step. What
 * it does next is for tend_playbooks_step. Needs no open transaction. */
typedef struct tend_fork {
    const char *step, *answer; /* answer may be NULL */
    bool takes_current;        /* the script as it is now, where what came before fits: TEND_EINVAL otherwise */
} tend_fork;
tend_status tend_run_fork(tend_playbooks *playbooks, int64_t run, const tend_fork *fork, tend_error *reterr);
/* A run that waits or is held takes another version of its script and settings, by the beginning of its hash (NULL: the one at
 * work), where its journal fits: otherwise it keeps its own, and `why` says so. Unless it is meant, it is only tried. Needs no open
 * transaction. */
typedef struct tend_upgraded {
    bool fits;
    char from[16], to[16];
    char why[600];
} tend_upgraded;
tend_status tend_run_upgrade(tend_playbooks *playbooks, int64_t run, const char *version, bool is_meant,
                             tend_upgraded *ret_upgraded, tend_error *reterr);
/* Those of a playbook that wait or are held, the first `most`. */
tend_status tend_runs_waiting(tend_playbooks *playbooks, const char *playbook, int64_t *ret_runs, size_t most, size_t *ret_count,
                              tend_error *reterr);
tend_status tend_run_cancel(tend_playbooks *playbooks, int64_t run, const char *why, tend_error *reterr);

/* The kind of row that a playbook at work is about; TEND_ENOTFOUND. */
tend_status tend_playbook_subject(const tend_playbooks *playbooks, const char *name, const tend_kind_schema **ret_kind,
                                  tend_error *reterr);
/* Somebody has it begin on a row at the next step, whatever its condition says. TEND_ECONFLICT: a run is at work on it, which
 * is named, or will be. Needs tend_model_begin. */
tend_status tend_playbook_start(tend_playbooks *playbooks, const tend_origin *origin, const char *name, int64_t row,
                                const char *reason, int64_t *ret_sequence, tend_error *reterr);

/* Rows that were left out start at the next step, the nearest dates first: of a condition those that met it when it was new; of a
 * date those whose day to start had passed, while at least half of the days up to the date are left, or with a day behind the date
 * as many have passed again at most. Needs no open transaction, as the next two. */
typedef struct tend_release {
    int64_t limit;   /* at most so many; 0: all */
    bool takes_late; /* those, too, with less than half of the days up to their date */
} tend_release;
typedef struct tend_released {
    int64_t rows; /* that start */
    int64_t left; /* more that can */
    int64_t late; /* that start with takes_late only */
} tend_released;
tend_status tend_playbook_release(tend_playbooks *playbooks, const char *name, const tend_release *release,
                                  tend_released *ret_released, tend_error *reterr);
/* Of a row `d` of dues that is late, in SQL. Its days up to the date that starts it, below zero behind it; whether it can start at
 * all (TODAY is a day's number, in SQL); whether at its usual pace. */
#define TEND_DUE_SPAN "((d.anchor * 86400000 - d.at + 8640043200000) / 86400000 - 100000)"
#define TEND_DUE_OPEN(TODAY) "(d.anchor >= " TODAY " OR (" TEND_DUE_SPAN " < 0 AND " TODAY " - d.anchor <= -2 * " TEND_DUE_SPAN "))"
#define TEND_DUE_TIMELY(TODAY) "(" TEND_DUE_SPAN " < 0 OR 2 * (d.anchor - " TODAY ") >= " TEND_DUE_SPAN ")"

/* Runs that are held because their playbook did more than [playbooks] most_effects. */
tend_status tend_playbook_held(tend_store *store, const char *name, int64_t *ret_runs, tend_error *reterr);
/* They go on, the oldest first. */
tend_status tend_playbook_release_held(tend_playbooks *playbooks, const char *name, int64_t limit, int64_t *ret_released,
                                       int64_t *ret_left, tend_error *reterr);
/* They are ended instead; where there are none, what was left out stays left out and is not listed any more. */
typedef struct tend_dropped {
    int64_t runs, runs_left, rows, rows_left;
    bool is_by_date; /* the rows: until their date moves, otherwise until the condition begins to hold anew */
} tend_dropped;
tend_status tend_playbook_drop(tend_playbooks *playbooks, const char *name, int64_t limit, const char *why,
                               tend_dropped *ret_dropped, tend_error *reterr);

/* Whether every event row that was put before a playbook has exactly one decision: the two sums over `playbook` (NULL: all). */
tend_status tend_playbook_reconcile(tend_store *store, const char *playbook, int64_t *ret_delivered, int64_t *ret_decided,
                                    tend_error *reterr);

/* The path of NAME.lua below playbooks/ of the first of the folders (between colons) that has it; TEND_ENOTFOUND. */
tend_status tend_playbook_find(const char *scripts, const char *name, char *ret_path, size_t room, tend_error *reterr);

/* Where a check of a section tells its faults: of the section, by key (NULL: of the whole), and of the script, as a line
 * "file:line: what is wrong". */
typedef struct tend_playbook_faults {
    void (*section)(void *self, const char *key, const char *reason);
    void (*script)(void *self, const char *line);
    void *self;
} tend_playbook_faults;
/* Everything that can be said of [playbook.NAME] before it works: its script is there and without faults, the settings are those
 * that the script declares, and the script has no fault with them. TEND_OK whatever was found. `people` NULL: not known. */
tend_status tend_playbook_check_section(const tend_config *config, const char *name, const char *scripts, const tend_schema *schema,
                                        const tend_segments *segments, const tend_people *people, const char *sandbox,
                                        const tend_playbook_faults *faults, tend_error *reterr);

/* Playbooks that would start each other without end, each cycle as a line "file:line: …": among those of the configuration, or
 * with `path` those that the script there would be a part of. *ret_count counts them. */
tend_status tend_playbook_check_cycles(const tend_config *config, const char *path, const char *scripts, const tend_schema *schema,
                                       const tend_segments *segments, const char *sandbox,
                                       void (*tell)(void *self, const char *line), void *self, int *ret_count, tend_error *reterr);

/* Every fault of the script as a line "file:line: what is wrong" to `out`, the file named as in `path`; *ret_faults counts them.
 * Runs the script in the sandbox with made-up answers, so that verbs and their arguments are looked at too. `scripts` holds lib/;
 * `config` (may be NULL) says which channels there are. */
tend_status tend_playbook_check(const tend_config *config, const char *path, const char *scripts, const tend_schema *schema,
                                const tend_segments *segments, const char *sandbox, FILE *out, int *ret_faults, tend_error *reterr);

#endif
