/* inside.h: what the files of query share: SQL with the world filled in, and sections that are one statement each. */
#ifndef TEND_QUERY_INSIDE_H
#define TEND_QUERY_INSIDE_H

#include "kpi/health.h"
#include "query/query.h"

/* Gives the store the functions that the SQL below calls. Every query begins with it. */
tend_status query_begin(const tend_query *query, tend_error *reterr);

/* The same for a query about one account: it is there, the principal may read it, *inout_account is the one it was merged into. */
tend_status query_begin_account(const tend_query *query, int64_t *inout_account, tend_error *reterr);

/* `sql` with what stands in braces filled in:
 *   {task}             the rows of this kind that the principal may see, in the query's world; an alias must follow
 *   {source task t}    the name of the source that row t came from, or "by hand"
 *   {currency c}       the currency of row c: its own, its account's, the company's
 *   {money c.amount c} that amount of row c in the company's currency by the rate of today; null without a rate
 *   {active c}         whether contract c brings recurring money today
 *   {measure text health a.id}  a column of a published measure
 *   {today} {now}      numbers; parameters ?8 and ?9, bound here, so that a text is prepared once for all days
 *   {company}          the company's currency, quoted */
tend_status query_prepare(const tend_query *query, const char *sql, tend_statement **ret_statement, tend_error *reterr);
/* The same, {where} being a condition that was written elsewhere and may hold braces of its own. */
tend_status query_prepare_where(const tend_query *query, const char *sql, const char *condition, tend_statement **ret_statement,
                                tend_error *reterr);

/* A section that one statement fills. Columns stand in the order of the headings; money takes two (minor units, currency), a
 * decimal takes two (numerator, denominator). */
typedef struct query_section {
    const char *key, *title;
    const tend_heading *headings;
    int count;
    bool is_single;
    const char *sql;
} query_section;
enum { QUERY_COLUMNS = 40 };

/* Binds `numbers` to ?1, ?2 …; *ret_rows (may be NULL) says how many there were. */
tend_status query_show(const tend_query *query, const query_section *section, const int64_t *numbers, int number_count,
                       tend_result *result, int64_t *ret_rows, tend_error *reterr);
/* Announces a section, its words in the query's language. */
tend_status query_announce(const tend_query *query, const query_section *section, tend_result *result, tend_error *reterr);

/* In the query's language. Both from the arena or borrowed constants. */
const char *query_say(const tend_query *query, const char *english);
/* "{date} in {days} days" with pairs of (const char *name, const char *text), ended by NULL; in the query's language. */
const char *query_fill(const tend_query *query, const char *english, ...) __attribute__((sentinel));
/* As an SQL text; NULL when memory is used up. */
const char *query_quoted(const tend_query *query, const char *text);
const char *query_date(const tend_query *query, tend_date date);
const char *query_money(const tend_query *query, int64_t minor, const char *currency); /* with the code */
const char *query_number(const tend_query *query, int64_t number);
/* A statement's text, copied; NULL for null. */
const char *query_text(const tend_query *query, tend_statement *statement, int column);
/* As tend_statement_int, `otherwise` for null. */
int64_t query_int(tend_statement *statement, int column, int64_t otherwise);

/* Calendar days from a time to now, in UTC: as the measure touch.days counts them, so that a page and the health agree. */
#define QUERY_DAYS_SINCE(at) "({now} / 86400000 - " at " / 86400000)"
static inline int64_t query_days_since(const tend_query *query, int64_t at)
{
    return query->world.now / 86400000 - at / 86400000;
}

/* "COLUMN IN (the instances of [SECTION.NAME])", "1" without a configuration; NULL when memory is used up. */
const char *query_configured(const tend_query *query, const char *column, const char *section);

/* The section "health"; and "health_reasons" where the scorecard explains itself. */
tend_status query_health(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr);

/* "5 of 66 shown; --limit shows more." */
tend_status query_shown_note(const tend_query *query, int64_t shown, int64_t all, tend_result *result, tend_error *reterr);
/* A note when the newest fact is more than a year older than the query's day. */
tend_status query_stale_note(const tend_query *query, tend_result *result, tend_error *reterr);

/* Why a part of a score is what it is, in the query's language. */
const char *query_health_why(const tend_query *query, const tend_scorecard *card, const tend_health_part *parts, size_t count,
                             size_t which);
/* Why an account has no score: too little of the weight has values. */
const char *query_no_score(const tend_query *query, const tend_scorecard *card, int64_t coverage);

/* Each segment with those of its accounts that meet `condition` on account a, and their recurring money, as section `key`; `who` is
 * ?2 of the condition. */
tend_status query_segments(const tend_query *query, const char *key, const char *condition, int64_t who, tend_result *result,
                           tend_error *reterr);

#define QUERY_COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

#endif
