/* why.h: what the files of `playbook why` share. */
#ifndef TEND_QUERY_WHY_H
#define TEND_QUERY_WHY_H

#include "model/measure.h"
#include "query/inside.h"

/* What started the playbook in a span of its life. */
typedef struct why_trigger {
    bool exists, is_active;
    tend_time since;
    const tend_kind_schema *kind; /* of the subject */
    const char *topic;            /* the event; NULL: none */
    const char *anchor;           /* the date; NULL: none. Without both it is the condition alone */
    int64_t days;                 /* before the anchor; below zero: after it */
    const char *condition;        /* NULL: always */
    const char *unit;             /* "business_days" of the date, "cadence": in a rhythm; NULL: neither */
} why_trigger;

/* What became of one event of one row, or of a row as a whole. Texts from the arena. */
typedef struct why_answer {
    int64_t row;
    tend_time at;     /* TEND_NO_TIME: no moment of its own */
    const char *what; /* see docs/answers.md */
    const char *why, *topic;
    int64_t event, run;
    tend_date due_on;
    const tend_filter_reason *reasons;
    size_t reason_count;
} why_answer;

typedef struct why_list {
    why_answer *answers;
    size_t count, room;
} why_list;

/* The published numbers of the account that a condition looks at, as they stood. */
enum { WHY_MEASURES_MAX = 16 };
typedef struct why_measures {
    tend_measure measures[WHY_MEASURES_MAX];
    const char *notes[WHY_MEASURES_MAX]; /* why there is no number; NULL: there is */
    size_t count;
} why_measures;
typedef struct why_published why_published;

typedef struct why_question {
    const tend_query *query;
    const char *playbook;
    int64_t account;
    tend_date day;       /* TEND_NO_DATE: ever */
    tend_time from, to;  /* closed; `to` is the instant the answer is of */
    int64_t position;    /* events up to here were put before the playbooks */
    why_trigger trigger; /* at `to` */
    const char *filter_text;
    tend_filter *filter;      /* of filter_text; NULL: none, or it cannot be read */
    const char *filter_fault; /* why it cannot be read */
    why_list decisions,       /* recorded about the account up to `to`, newest first */
        events;               /* and those of its events that have no record, in the window, newest first */
    why_published *published; /* why_measure.c: what is known of numbers already */
    int computed;
} why_question;

tend_status why_add(why_question *question, why_list *list, const why_answer *answer, tend_error *reterr);
/* Reads the trigger that an event was decided by (`sequence` 0: the one at `to`). */
tend_status why_read_trigger(const why_question *question, int64_t sequence, why_trigger *ret_trigger, tend_error *reterr);
/* Topics that are put before the trigger, as SQL: its event, or whatever may make its condition true, published numbers too. */
tend_status why_topics(const why_question *question, const char **ret_topics, tend_error *reterr);
/* Fills `decisions`; the events of a row are added to `events`. */
tend_status why_read_decisions(why_question *question, tend_error *reterr);
tend_status why_read_events(why_question *question, int64_t row, tend_error *reterr);
/* Whether the row met the condition of `filter` as it was known at an instant, with words and reasons into `answer`; published
 * numbers as they stood at the event (0: at the instant). */
tend_status why_evaluate(why_question *question, int64_t row, int64_t sequence, tend_time at, why_answer *answer, bool *ret_met,
                         tend_error *reterr);
/* The numbers that `filter` looks at, at the event (0: at the instant); `is_live`: now. */
tend_status why_measures_at(why_question *question, int64_t sequence, tend_time at, bool is_live, why_measures *ret_measures,
                            tend_error *reterr);
/* Where there was no number the reasons of the answer say why. */
tend_status why_measures_say(const why_question *question, const why_measures *measures, why_answer *answer, tend_error *reterr);
/* The condition that is asked from now on. */
void why_use_condition(why_question *question, const char *condition);
/* What became of the row by `to`. */
tend_status why_row(why_question *question, int64_t row, why_answer *ret_answer, tend_error *reterr);
/* "2026-03-02" of an instant, where the workspace is. */
const char *why_day(const why_question *question, tend_time at);
tend_time why_midnight(const why_question *question, tend_date day);
/* "90 days before contract.ends_on" */
const char *why_span(const why_question *question, const why_trigger *trigger);

#endif
