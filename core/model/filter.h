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

/* `place` begins the message ("tend.ini:12: [segment.key] where"). Fields without a kind are of `subject`; "account.…" follows the
 * row's account; other references follow by name, up to three steps. Names of segments come from `segments` (may be NULL), and
 * fields of account that the schema lacks are published measures (health, arr, nrr …). Owned; borrows the schema and segments. */
tend_status tend_filter_parse(const tend_schema *schema, const tend_segments *segments, tend_kind subject, const char *text,
                              const char *place, tend_filter **ret_filter, tend_error *reterr);
void tend_filter_free(tend_filter *filter);
const char *tend_filter_text(const tend_filter *filter);

/* Whether the row meets it, and the text of the first comparison that decided ("account.region = EMEA": borrowed, may be NULL). */
tend_status tend_filter_match(const tend_filter *filter, const tend_world *world, const tend_rates *rates, int64_t row,
                              bool *ret_met, const char **ret_decided_by, tend_error *reterr);
/* The same as an SQL condition over `alias` (the subject's row); texts are quoted into it. From the arena. The store must know the
 * functions of tend_filter_define. */
tend_status tend_filter_sql(const tend_filter *filter, const tend_world *world, const char *alias, tend_arena *arena,
                            const char **ret_sql, tend_error *reterr);
/* Gives the store what filters in SQL need (folding, conversion of money). `rates` is borrowed for the store's life. */
tend_status tend_filter_define(tend_store *store, const tend_rates *rates, tend_error *reterr);

/* Segments: [segment.NAME] where = …, help = … over accounts. */
extern const tend_section tend_segment_sections[];
tend_status tend_segments_load(const tend_config *config, const tend_schema *schema, FILE *faults, tend_segments **ret_segments,
                               tend_error *reterr);
void tend_segments_free(tend_segments *segments);
const char *tend_segments_name(const tend_segments *segments, size_t i); /* NULL past the end */
const tend_filter *tend_segments_filter(const tend_segments *segments, const char *name);
const char *tend_segments_help(const tend_segments *segments, const char *name);

#endif
