/* backtest.h: runs that history would have started, held against what became of the accounts.
 *
 * A run warns of the first outcome of its account that comes after the day on which it started. Within `days`:
 *   hit      an outcome came on one of the days after the run's own, up to `days` later
 *   miss     those days have passed and none came
 *   open     neither: what is known ends before
 *   precision = hits / (hits + misses)
 *   recall = outcomes of the period that a run warned of at most `days` ahead / outcomes of the period
 * What has nothing to divide by is not defined. Nothing here reads a store. */
#ifndef TEND_PLAYBOOK_BACKTEST_H
#define TEND_PLAYBOOK_BACKTEST_H

#include "base/date.h"
#include "model/replay.h"
#include <stddef.h>

#define TEND_BACKTEST_YEAR 365 /* a run that is older than this warned of nothing */

typedef struct tend_alert {
    int64_t run, account; /* account 0: of none, warns of nothing */
    tend_date day;
} tend_alert;

typedef struct tend_outcome {
    int64_t account;
    tend_date day;
} tend_outcome;

/* Work that a run gave to somebody. */
typedef struct tend_tasked {
    int64_t user; /* 0: nobody */
    tend_date day;
} tend_tasked;

typedef struct tend_backtest_score {
    int days;
    int64_t hits, misses, open;
    int64_t outcomes, warned; /* warned: by a run at most `days` before */
    int64_t in_time;          /* outcomes whose first run, in the year before, came at least `days` ahead */
} tend_backtest_score;

/* What of all this is judged: runs that began on `from` to `to`, outcomes of the days after `from` up to `to`. Outcomes are known
 * up to `until`, which is not before `to`. */
typedef struct tend_backtest_span {
    tend_date from, to, until;
} tend_backtest_span;

/* What people answer where history has no answer of theirs. */
typedef enum tend_assumption {
    TEND_ASSUME_ON_TIME = 1, /* a task is done on the day it is due, an approval given on the day after it was asked, a question
                                answered with its first choice */
    TEND_ASSUME_NEVER        /* nobody answers: waits run out */
} tend_assumption;

/* What one version of a playbook did; lists are sorted and borrowed. */
typedef struct tend_backtest {
    const char *label;  /* as it was asked for */
    char hash[17];      /* of its bundle, as far as people write it */
    const char *script; /* as messages name it */
    const tend_alert *alerts;
    size_t alert_count;
    const tend_tasked *tasks;
    size_t task_count;
    int64_t runs, accounts;                /* started; the accounts of these */
    int64_t ended, stopped, held, at_work; /* what became of the runs by the last day */
    const char *held_why;                  /* of the first that is held; NULL */
    int64_t held_before;                   /* rows whose condition held, or whose day had come, before the first day */
    int64_t events, decisions;             /* rows told to the playbook in the period; decisions, as many */
    int64_t answered, assumed, unanswered; /* what people were asked: answered in history, by assumption, not */
    int64_t messages;                      /* that would have gone out */
    tend_replay_counts replayed;           /* of the whole history up to the last day */
    bool has_measures;                     /* KPIs were computed day by day, for it names some */
} tend_backtest;

/* By account, then day; outcomes of one account and day once. Scores need them so. */
void tend_alerts_sort(tend_alert *alerts, size_t count);
size_t tend_outcomes_sort(tend_outcome *outcomes, size_t count);
void tend_tasked_sort(tend_tasked *tasked, size_t count); /* by user, then day */
void tend_backtest_judge(const tend_alert *alerts, size_t alert_count, const tend_outcome *outcomes, size_t outcome_count,
                         const tend_backtest_span *span, int days, tend_backtest_score *ret_score);
/* The outcome that each alert warns of: its index, or `outcome_count` when there is none. */
size_t tend_alert_outcome(const tend_alert *alert, const tend_outcome *outcomes, size_t outcome_count);
/* Days from the first run in the year before an outcome of the period to the outcome, sorted; room for `outcome_count`. */
size_t tend_backtest_leads(const tend_alert *alerts, size_t alert_count, const tend_outcome *outcomes, size_t outcome_count,
                           const tend_backtest_span *span, int *ret_leads);
/* The quartile `which` (0 least to 4 most) of sorted numbers, in hundredths, between neighbours in proportion; count is not 0. */
int64_t tend_quartile(const int *sorted, size_t count, int which);
/* Wilson's interval at 95 %, without continuity correction, in millionths; `of` is not 0. */
void tend_wilson(int64_t part, int64_t of, int64_t *ret_low, int64_t *ret_high);

/* The work of one person: in all, in how many of the weeks (Monday to Sunday), and the week that had most. */
typedef struct tend_load_of {
    int64_t user;
    int64_t tasks, weeks, most;
    tend_date most_week; /* its Monday, the first of them */
} tend_load_of;
/* Of sorted work; room for `count`. */
size_t tend_backtest_loads(const tend_tasked *tasked, size_t count, tend_load_of *ret_loads);
tend_date tend_monday_of(tend_date day);

#endif
