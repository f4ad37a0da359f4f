/* query.h: what can be asked: a name, arguments, a principal; sections of rows come back.
 *
 * The CLI, --json, the HTML report and later the API use these same functions, so they cannot disagree. Reading only. */
#ifndef TEND_QUERY_QUERY_H
#define TEND_QUERY_QUERY_H

#include "kpi/catalogue.h"
#include "kpi/scorecard.h"
#include "model/filter.h"
#include "price/compare.h"
#include "query/result.h"

/* What a query reads. Everything is borrowed; `kpis` may be NULL where a query does not need them. */
typedef struct tend_query {
    tend_model *model;
    tend_world world;
    const tend_principal *principal;
    const tend_segments *segments;
    const tend_rates *rates;
    tend_kpis *kpis;
    const tend_scorecard *card; /* with kpis: an account's health comes with its reasons; NULL: without */
    const char *currency;       /* the company's own: sums over several currencies are in it */
    const tend_zone *zone;
    tend_date today;
    tend_arena *arena;         /* of the whole query */
    const char *language;      /* of titles and reasons: "en", "ko"; NULL is "en" */
    const char *company;       /* its name, in reports; NULL: none */
    const tend_config *config; /* what it still names; NULL: everything counts as named */
} tend_query;

/* A note when the query is of a day to come. */
tend_status tend_query_day_note(const tend_query *query, tend_result *result, tend_error *reterr);

typedef struct tend_list_options {
    const char *where;  /* filter text, NULL: all */
    const char *sort;   /* field, "-field" for descending; NULL: by id */
    const char *fields; /* names between commas; NULL: those people ask for most; "all" */
    int64_t limit;      /* 0: all */
    int64_t offset;
} tend_list_options;

/* Rows of a kind. Section key: the kind's plural. First column "id". */
tend_status tend_query_list(const tend_query *query, tend_kind kind, const tend_list_options *options, tend_result *result,
                            tend_error *reterr);
/* One row with every field, its sources and its changes. Sections: the kind's name, "identities", "changes". */
tend_status tend_query_row(const tend_query *query, tend_kind kind, int64_t id, tend_result *result, tend_error *reterr);

/* An account as a person wants to see it: stage, owners, health with reasons, money, contacts, contracts, tasks, timeline. */
tend_status tend_query_account(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr);
/* Everything that happened, newest first: facts, changes, tasks, notes, runs; each with source and when it was known. */
tend_status tend_query_timeline(const tend_query *query, int64_t account, int64_t limit, tend_result *result, tend_error *reterr);
tend_status tend_query_tree(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr);
tend_status tend_query_duplicates(const tend_query *query, tend_result *result, tend_error *reterr);
/* One ranked list for a user (0: everybody), with `is_team` for all who report to him as well: tasks, renewals, touches overdue,
 * red flags, approvals, mentions; each with the reason and the money at stake in the company's currency. */
tend_status tend_query_today(const tend_query *query, int64_t user, bool is_team, int64_t limit, tend_result *result,
                             tend_error *reterr);
/* Records that sources owe; `source` NULL: of all. */
tend_status tend_query_rejects(const tend_query *query, const char *source, int64_t limit, tend_result *result, tend_error *reterr);
/* Messages that leave the house, newest first; `all` false: those that have not left. */
tend_status tend_query_outbox(const tend_query *query, bool all, int64_t limit, tend_result *result, tend_error *reterr);
/* Remembers how far runs are, until the store is closed; then what they have asked for since: section "playbooks" (runs that began,
 * moved on, ended, are held) and "requests", the first `limit` (0: all); of one playbook (NULL: all). For stores that are private
 * copies. */
tend_status tend_query_requests_mark(const tend_query *query, tend_error *reterr);
tend_status tend_query_requests(const tend_query *query, const char *playbook, int64_t limit, tend_result *result,
                                tend_error *reterr);
tend_status tend_query_batches(const tend_query *query, int64_t limit, tend_result *result, tend_error *reterr);
tend_status tend_query_segments(const tend_query *query, tend_result *result, tend_error *reterr);
/* When the query is of a past day and the segment was defined otherwise then, or that is not known: a note that says so. */
tend_status tend_query_segment_note(const tend_query *query, const char *name, tend_result *result, tend_error *reterr);
/* Who entered it and who left between the ends of two days, which comparison moved them, and when. */
tend_status tend_query_segment_diff(const tend_query *query, const char *name, tend_date from, tend_date to, tend_result *result,
                                    tend_error *reterr);
/* What is kept about one account or contact: every kind's rows that refer to it with all versions, their history, what sources call
 * it, what playbooks recorded and what was sent. Internal fields only when asked for. For administrators. */
tend_status tend_query_export(const tend_query *query, tend_kind kind, int64_t id, bool has_internal, tend_result *result,
                              tend_error *reterr);
/* The book: accounts by health band, the ten most at risk with reasons, renewals of the next `days` days, open tasks by person; of
 * the accounts that one person looks after (0: of all). Needs kpis and card for health that was not published. */
tend_status tend_query_portfolio(const tend_query *query, int days, int64_t owner, tend_result *result, tend_error *reterr);

/* Calendars of the configuration, and the lists of holidays there are. */
tend_status tend_query_calendars(const tend_query *query, tend_result *result, tend_error *reterr);
/* A calendar, or a list of holidays: the days between two that are not as their weekday. TEND_ENOTFOUND: no such name. */
tend_status tend_query_calendar(const tend_query *query, const char *name, tend_date from, tend_date to, tend_result *result,
                                tend_error *reterr);
/* Who works on a day, and why not: the company, each calendar, these accounts and users. */
tend_status tend_query_calendar_day(const tend_query *query, tend_date date, const int64_t *accounts, size_t account_count,
                                    const int64_t *users, size_t user_count, tend_result *result, tend_error *reterr);
typedef struct tend_count_options {
    tend_date from;
    int days;
    const char *of;        /* "us", "customer", "both" */
    int64_t user, account; /* 0: the company; none */
} tend_count_options;
/* The day that is so many working days after another, and every day in between with what it counts for. */
tend_status tend_query_calendar_count(const tend_query *query, const tend_count_options *options, tend_result *result,
                                      tend_error *reterr);

/* The KPIs there are: id, unit, formula, version, where it comes from. */
tend_status tend_query_kpis(const tend_query *query, tend_result *result, tend_error *reterr);
/* One value with numerator and denominator, of the portfolio or of one account; `period` NULL: [kpi] period up to the world's day.
 */
tend_status tend_query_kpi(const tend_query *query, const char *id, const tend_period *period, int64_t account, tend_result *result,
                           tend_error *reterr);
/* The same, and the facts it is made of: parts that add up to the last unit. */
tend_status tend_query_kpi_explain(const tend_query *query, const char *id, const tend_period *period, int64_t account,
                                   tend_result *result, tend_error *reterr);
/* Health of every account, worst first, or of one with the measures that make it. */
tend_status tend_query_health(const tend_query *query, const tend_scorecard *card, int64_t limit, tend_result *result,
                              tend_error *reterr);
tend_status tend_query_health_explain(const tend_query *query, const tend_scorecard *card, int64_t account, tend_result *result,
                                      tend_error *reterr);

/* A quote: what it comes to, its lines, and the waterfall, each step with its rule and reason. `explains`: besides what the account
 * is entitled to, where the next steps are and what a line would cost there, and the numbers that rules asked for. */
tend_status tend_query_quote(const tend_query *query, const tend_pricing *pricing, const tend_quote_request *request, bool explains,
                             tend_result *result, tend_error *reterr);

/* The same lines under contracts of each of `terms` (months), over the same years: what it costs the customer, present values at
 * both sides' rates, cost and margin; differences are to the first. */
tend_status tend_query_compare(const tend_query *query, const tend_pricing *pricing, const tend_compare_request *request,
                               const uint32_t *terms, size_t term_count, tend_result *result, tend_error *reterr);
/* What is wrong with the rules as of `date`; *ret_found counts it. */
tend_status tend_query_price_check(const tend_query *query, const tend_pricing *pricing, tend_date date, tend_result *result,
                                   int64_t *ret_found, tend_error *reterr);
/* Every rule in order of precedence, with whom, what and when it fits. */
tend_status tend_query_price_rules(const tend_query *query, const tend_pricing *pricing, tend_date date, tend_result *result,
                                   tend_error *reterr);
/* What accounts are entitled to on a day; `then` another day: only what differs between the two (TEND_NO_DATE: none). Amounts that
 * grow day by day, such as accrued rebates, are left to the explanation of one account. */
tend_status tend_query_standing(const tend_query *query, const tend_pricing *pricing, const int64_t *accounts, size_t count,
                                tend_date on, tend_date then, tend_result *result, tend_error *reterr);

/* Playbooks at work: what each has done so far. */
tend_status tend_query_playbooks(const tend_query *query, tend_result *result, tend_error *reterr);
/* Runs, newest first; NULL and 0: of any playbook, account or state. */
tend_status tend_query_runs(const tend_query *query, const char *playbook, int64_t account, const char *state, int64_t limit,
                            tend_result *result, tend_error *reterr);
/* One run with every step, its answer and what it is pinned to. */
/* Runs that events of a batch started or moved on, and the tasks that they made after that. */
tend_status tend_query_came_of(const tend_query *query, int64_t batch, tend_result *result, tend_error *reterr);
tend_status tend_query_run(const tend_query *query, int64_t run, tend_result *result, tend_error *reterr);
/* What became of this account's rows at this playbook, on `day` (TEND_NO_DATE: ever), with the fields that decided; at most `limit`
 * events (0: all). Counted decisions are found again with the condition that was in force, on the row as it was known then.
 * TEND_ENOTFOUND: no playbook of this name ever worked here. */
tend_status tend_query_why(const tend_query *query, const char *playbook, int64_t account, tend_date day, int64_t limit,
                           tend_result *result, tend_error *reterr);
/* What a simulation did between two instants: tasks and for whom, decisions, messages that would have gone out. */
tend_status tend_query_simulation(const tend_query *query, tend_time began_at, tend_time ended_at, int64_t limit,
                                  tend_result *result, tend_error *reterr);

#define TEND_DISK_NEARLY_FULL (INT64_C(64) << 20) /* bytes free */
/* What the engine cannot settle by itself; texts live as long as the query's arena. */
typedef struct tend_need {
    const char *topic; /* "runs", "messages", "sink", "source", "rejects", "import", "playbook", "disk" */
    const char *what;
    int64_t count;
    const char *see; /* what to do or to type */
} tend_need;
typedef tend_status (*tend_need_told)(void *self, const tend_need *need, tend_error *reterr);
/* `told` may be NULL: then they are only counted. */
tend_status tend_query_needs(const tend_query *query, tend_need_told told, void *self, int64_t *ret_count, tend_error *reterr);

/* Queues, the oldest that is due, sources; *ret_faults counts what needs somebody. */
tend_status tend_query_status(const tend_query *query, tend_result *result, int64_t *ret_faults, tend_error *reterr);

/* The same as one self-contained HTML page with charts (inline SVG), safe whatever the texts hold. */
tend_status tend_report_portfolio(const tend_query *query, int days, int64_t owner, FILE *out, tend_error *reterr);
tend_status tend_report_account(const tend_query *query, int64_t account, FILE *out, tend_error *reterr);

#endif
