/* backtest.h: a backtest as people and programs read it. */
#ifndef TEND_QUERY_BACKTEST_H
#define TEND_QUERY_BACKTEST_H

#include "playbook/outcome.h"
#include "query/query.h"

typedef struct tend_backtest_report {
    const char *playbook;
    tend_backtest_span span;
    const char *wanted; /* the outcome, as it was asked for */
    const tend_outcomes *outcomes;
    tend_assumption assumption;
    const tend_backtest *versions;
    size_t version_count; /* 1, or 2 that are compared */
} tend_backtest_report;

/* Sections: results (version, days), versions, lead_times, load, weeks, accounts, and with two versions differences. `limit` is
 * that of the lists of weeks and accounts, 0: all. */
tend_status tend_query_backtest(const tend_query *query, const tend_backtest_report *report, int64_t limit, tend_result *result,
                                tend_error *reterr);

#endif
