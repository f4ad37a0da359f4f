/* filter.h: the expression language: playbook `where`, segments, --where, exports.
 *
 *     region = EMEA and tier in (gold, premier) and arr >= 500k EUR
 *     contract.status = active and account.segment in (key, growth) and ends_on within 90 days
 *
 * Parsed and type-checked once against the schema; then asked row by row in C, or turned into an SQL condition for lists. Both give
 * the same answer. An unknown value makes a comparison unknown, and an unknown condition is not met (`is empty` asks for it). */
#ifndef TEND_MODEL_FILTER_H
#define TEND_MODEL_FILTER_H

#include "model/rate.h"
#include "model/world.h"

typedef struct tend_filter tend_filter;
typedef struct tend_segments tend_segments;

/* A KPI that filters may name as a field of account. */
typedef struct tend_measure_name {
    const char *name;    /* "nrr", "nrr.with_reactivation" */
    bool is_money;       /* compared with amounts; otherwise with numbers, and with words (the band) */
    const char *choices; /* the words that there are, between blanks; NULL: any */
} tend_measure_name;

/* `place` begins the message ("tend.ini:12: [segment.key] where"). Fields without a kind are of `subject`; "account.…" follows the
 * row's account; other references follow by name, up to three steps. Names of segments and of measures (fields of account that the
 * schema lacks: health, arr, nrr …) come from `segments` (may be NULL). Owned; borrows the schema and segments. */
tend_status tend_filter_parse(const tend_schema *schema, const tend_segments *segments, tend_kind subject, const char *text,
                              const char *place, tend_filter **ret_filter, tend_error *reterr);
void tend_filter_free(tend_filter *filter); /* accepts NULL */
/* Why no row can ever meet it, by what is written alone: "'status = live' and 'status = retired' exclude each other". NULL: nothing
 * says so. From the arena. */
const char *tend_filter_never(const tend_filter *filter, tend_arena *arena);
/* A comparison with a number that the field never has: "'health < 200': health is a number from 0 to 100". NULL: there is none. */
const char *tend_filter_beyond(const tend_filter *filter, tend_arena *arena);
const char *tend_filter_text(const tend_filter *filter);

/* A filter is asked for whoever wrote it, and answers yes or no for rows that the caller may see: what a person types is looked at
 * by this before it is asked, so that nobody learns by asking what he may not read. Segments are the administrator's; what stands
 * in them is not looked at. TEND_EDENIED names the field. */
tend_status tend_filter_may(const tend_filter *filter, const tend_principal *principal, const char *place, tend_error *reterr);
/* Whether the row meets it, and the first comparison that decided, with what the row has: "account.region = EMEA (it is APAC)"; of
 * `and` that holds all of them. Borrowed until the next match of this filter; may be NULL. Money of another currency is converted
 * with the rate of the world's today, in facts with the rate of the fact's day. `rates` may be NULL: then such a comparison is
 * unknown. TEND_ENOTFOUND: no such row. One thread per filter. */
tend_status tend_filter_match(const tend_filter *filter, const tend_world *world, const tend_rates *rates, int64_t row,
                              bool *ret_met, const char **ret_decided_by, tend_error *reterr);
/* Rows that several filters of one world look at are read once. They are kept until they are forgotten: whoever writes, or lets the
 * world become another one, forgets them first. Owned; NULL when memory is used up. */
typedef struct tend_filter_rows tend_filter_rows;
tend_filter_rows *tend_filter_rows_new(void);
void tend_filter_rows_free(tend_filter_rows *rows); /* accepts NULL */
void tend_filter_rows_forget(tend_filter_rows *rows);
/* As tend_filter_match. `rows` may be NULL. */
tend_status tend_filter_match_rows(const tend_filter *filter, const tend_world *world, const tend_rates *rates,
                                   tend_filter_rows *rows, int64_t row, bool *ret_met, const char **ret_decided_by,
                                   tend_error *reterr);
/* One comparison that decided. */
typedef struct tend_filter_reason {
    const char *segment; /* whose condition it belongs to; NULL: the filter's own */
    const char *field;   /* as written: "account.segment" */
    const char *value;   /* what the row has; NULL: it is not known */
    const char *wanted;  /* "in (key, growth)" */
    const char *why;     /* why they cannot be compared; NULL: they can */
} tend_filter_reason;
/* The same with all comparisons that decided: of a condition that is not met those that kept it from being so, and for a segment
 * that was wanted, what keeps the account out of it. The value of a field that `reader` may not see is "hidden". From the arena. */
tend_status tend_filter_explain(const tend_filter *filter, const tend_world *world, const tend_principal *reader,
                                const tend_rates *rates, int64_t row, tend_arena *arena, bool *ret_met,
                                const tend_filter_reason **ret_reasons, size_t *ret_count, tend_error *reterr);
/* "account.segment is growth, wanted in (key)". From the arena. */
const char *tend_filter_reason_words(const tend_filter_reason *reason, tend_arena *arena);
/* What a filter looks at beyond the fields of its subject: a row that references lead to, or a KPI of the account there. */
#define TEND_WAY_STEPS 8
typedef struct tend_filter_way {
    const tend_kind_schema *kinds[TEND_WAY_STEPS + 1]; /* [0] the subject, [ref_count] what is looked at */
    int refs[TEND_WAY_STEPS];                          /* fields of those kinds */
    size_t ref_count;                                  /* 0: a KPI of the subject itself */
    const char *measure;                               /* NULL: the row */
} tend_filter_way;
/* All of them, each once; what the segments it names look at is in it. From the arena. */
tend_status tend_filter_ways(const tend_filter *filter, tend_arena *arena, const tend_filter_way **ret_ways, size_t *ret_count,
                             tend_error *reterr);
/* Whether news of a KPI ("nrr") may change what it answers: it reads the KPI, there, behind a reference or in a segment, or it hangs
 * on the day (`within 30 days`, an amount in another currency), so that any news is worth a look. NULL filter: false. */
bool tend_filter_hears(const tend_filter *filter, const char *measure);
/* What one field alone can do to a filter: whether it is looked at (there, behind a reference or in a segment), and whether the
 * filter could hold with this value in it, whatever all else is. `value` NULL: any. Texts that are compared come from the arena. */
void tend_filter_field(const tend_filter *filter, tend_kind kind, int field, const tend_value *value, tend_arena *arena,
                       bool *ret_reads, bool *ret_could);
/* The same as an SQL condition over `alias` (the subject's row); texts are quoted into it. From the arena. The store must know the
 * functions of tend_filter_define. */
tend_status tend_filter_sql(const tend_filter *filter, const tend_world *world, const char *alias, tend_arena *arena,
                            const char **ret_sql, tend_error *reterr);
/* Gives the store what filters in SQL need: tend_fold(text), tend_convert(minor, from, to, day) and tend_ratio(numerator,
 * denominator, mantissa, scale), which is -1, 0 or 1. `rates` (may be NULL) is borrowed for the store's life. */
tend_status tend_filter_define(tend_store *store, const tend_rates *rates, tend_error *reterr);

/* Segments: [segment.NAME] where = …, help = … over accounts. */
extern const tend_section tend_segment_sections[];
/* Every fault is a line to `faults` (may be NULL), the first stands in reterr. `measures` (a NULL name ends them; may be NULL) are
 * copied. Owned; borrows the schema. Without [segment.…] sections it is empty and still knows the measures. */
tend_status tend_segments_load(const tend_config *config, const tend_schema *schema, const tend_measure_name *measures,
                               FILE *faults, tend_segments **ret_segments, tend_error *reterr);
/* Where there is no configuration to look into: every name is taken for a segment's. For reading conditions, not for asking them.
 */
tend_status tend_segments_any(const tend_schema *schema, const tend_measure_name *measures, tend_segments **ret_segments,
                              tend_error *reterr);
/* Where a condition has a fault: their names alone; each is taken for one that all are in. */
tend_status tend_segments_names(const tend_config *config, const tend_schema *schema, const tend_measure_name *measures,
                                tend_segments **ret_segments, tend_error *reterr);
bool tend_segments_is_any(const tend_segments *segments);
void tend_segments_free(tend_segments *segments);                           /* accepts NULL */
const char *tend_segments_name(const tend_segments *segments, size_t i);    /* NULL past the end */
const char *tend_segments_measure(const tend_segments *segments, size_t i); /* a KPI that filters know; NULL past the end */
const tend_filter *tend_segments_filter(const tend_segments *segments, const char *name);
const char *tend_segments_help(const tend_segments *segments, const char *name);

#endif
