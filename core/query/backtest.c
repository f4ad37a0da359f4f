#include "query/backtest.h"
#include "query/inside.h"
#include <stdlib.h>
#include <string.h>

static const int horizons[] = { 30, 60, 90, 180 };
enum { HORIZONS = sizeof horizons / sizeof *horizons };

/* What is shown, and of what. */
typedef struct showing {
    const tend_query *query;
    const tend_backtest_report *report;
    int64_t limit;
    tend_result *result;
    tend_error *reterr;
} showing;

static tend_status no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "query: no memory");
}

static tend_status begin(const showing *show, const char *key, const char *title, const tend_heading *headings, int count)
{
    const query_section section = { key, title, headings, count, false, NULL };

    return query_announce(show->query, &section, show->result, show->reterr);
}

static tend_status note(const showing *show, const char *text)
{
    return text ? show->result->note(show->result, text, show->reterr) : no_memory(show->reterr);
}

static const char *number(const showing *show, int64_t value)
{
    return query_number(show->query, value);
}

static tend_value hundredths(int64_t value)
{
    return tend_value_decimal(value, 2);
}

/* -- precision and recall -- */

static void put_share(tend_value *cells, int64_t part, int64_t of)
{
    int64_t low, high;

    cells[0] = tend_value_ratio(part, of);
    cells[1] = cells[2] = tend_value_none();
    if (of == 0)
        return;
    tend_wilson(part, of, &low, &high);
    cells[1] = tend_value_decimal(low, 6);
    cells[2] = tend_value_decimal(high, 6);
}

static tend_status show_results(const showing *show)
{
    static const tend_heading headings[] = {
        { "version", NULL, TEND_TEXT, false },
        { "days", "days ahead", TEND_INT, false },
        { "true_positives", "true positives", TEND_INT, false },
        { "false_positives", "false positives", TEND_INT, false },
        { "open", "not known yet", TEND_INT, false },
        { "precision", NULL, TEND_DECIMAL, true },
        { "precision_low", "at least", TEND_DECIMAL, true },
        { "precision_high", "at most", TEND_DECIMAL, true },
        { "outcomes", NULL, TEND_INT, false },
        { "warned", NULL, TEND_INT, false },
        { "recall", NULL, TEND_DECIMAL, true },
        { "recall_low", "at least", TEND_DECIMAL, true },
        { "recall_high", "at most", TEND_DECIMAL, true },
        { "in_time", "warned by then", TEND_INT, false },
    };
    const tend_backtest_report *report = show->report;
    tend_status status = begin(show, "results", "Runs and what became of their accounts", headings, QUERY_COUNT(headings));

    for (size_t i = 0; i < report->version_count; i++)
        for (size_t k = 0; k < HORIZONS && status >= 0; k++) {
            const tend_backtest *version = &report->versions[i];
            tend_backtest_score score;
            tend_value cells[QUERY_COUNT(headings)];

            tend_backtest_judge(version->alerts, version->alert_count, report->outcomes->list, report->outcomes->count,
                                &report->span, horizons[k], &score);
            cells[0] = tend_value_of(version->label);
            cells[1] = tend_value_int(score.days);
            cells[2] = tend_value_int(score.hits);
            cells[3] = tend_value_int(score.misses);
            cells[4] = tend_value_int(score.open);
            put_share(&cells[5], score.hits, score.hits + score.misses);
            cells[8] = tend_value_int(score.outcomes);
            cells[9] = tend_value_int(score.warned);
            put_share(&cells[10], score.warned, score.outcomes);
            cells[13] = tend_value_int(score.in_time);
            status = show->result->row(show->result, cells, show->reterr);
        }
    return status;
}

/* What the figures mean, in words. */
static tend_status explain_results(const showing *show)
{
    const tend_backtest_report *report = show->report;
    const tend_query *query = show->query;
    int64_t in_period = 0;
    tend_status status;

    for (size_t i = 0; i < report->outcomes->count; i++)
        in_period += report->outcomes->list[i].day > report->span.from && report->outcomes->list[i].day <= report->span.to;
    status = note(show, query_fill(query, "Outcome {outcome}: {what}. {n} in the period, as known now, up to {until}.", "outcome",
                                   report->wanted, "what", query_say(query, report->outcomes->what), "n", number(show, in_period),
                                   "until", query_date(query, report->span.until), NULL));
    if (status >= 0 && report->outcomes->by_source > 0)
        status = note(show, query_fill(query, "{n} of all outcomes follow from contracts, {m} from what a source says.", "n",
                                       number(show, report->outcomes->by_contract), "m", number(show, report->outcomes->by_source),
                                       NULL));
    if (status >= 0)
        status =
            note(show, query_say(query, "True: the outcome came within so many days after the run began; false: those days have "
                                        "passed without it. warned: outcomes with a run at most so many days before; warned by "
                                        "then: with a first run, in the year before, at least so many days ahead. at least and "
                                        "at most: 95 % (Wilson). Empty: not defined, there is nothing to divide by."));
    return status;
}

/* -- what each version did -- */

static tend_status show_versions(const showing *show)
{
    static const tend_heading headings[] = {
        { "version", NULL, TEND_TEXT, false },
        { "hash", NULL, TEND_TEXT, false },
        { "runs", NULL, TEND_INT, false },
        { "accounts", NULL, TEND_INT, false },
        { "held_before", "met before", TEND_INT, false },
        { "ended", NULL, TEND_INT, false },
        { "stopped", NULL, TEND_INT, false },
        { "held", NULL, TEND_INT, true },
        { "at_work", "at work", TEND_INT, false },
        { "tasks", NULL, TEND_INT, false },
        { "messages", NULL, TEND_INT, false },
        { "answered", "answered in history", TEND_INT, false },
        { "assumed", "answers assumed", TEND_INT, false },
        { "unanswered", NULL, TEND_INT, false },
        { "events", NULL, TEND_INT, false },
        { "decisions", NULL, TEND_INT, false },
        { "script", NULL, TEND_TEXT, false },
    };
    tend_status status = begin(show, "versions", "What was done", headings, QUERY_COUNT(headings));

    for (size_t i = 0; i < show->report->version_count && status >= 0; i++) {
        const tend_backtest *version = &show->report->versions[i];

        status = show->result->row(
            show->result,
            (tend_value[]){ tend_value_of(version->label), tend_value_of(version->hash), tend_value_int(version->runs),
                            tend_value_int(version->accounts), tend_value_int(version->held_before), tend_value_int(version->ended),
                            tend_value_int(version->stopped), tend_value_int(version->held), tend_value_int(version->at_work),
                            tend_value_int((int64_t)version->task_count), tend_value_int(version->messages),
                            tend_value_int(version->answered), tend_value_int(version->assumed),
                            tend_value_int(version->unanswered), tend_value_int(version->events),
                            tend_value_int(version->decisions), tend_value_of(version->script) },
            show->reterr);
    }
    return status;
}

static tend_status explain_history(const showing *show)
{
    const tend_query *query = show->query;
    const tend_replay_counts *counts = &show->report->versions[0].replayed;
    tend_status status =
        note(show,
             query_say(query, show->report->assumption == TEND_ASSUME_ON_TIME
                                  ? "People: as they answered in history, to the same step about the same row. Where they did not, "
                                    "it is assumed that a task is done on the day it is due, an approval given on the next day and "
                                    "a question answered with its first choice."
                                  : "People: as they answered in history, to the same step about the same row. Where they did not, "
                                    "it is assumed that nobody answers."));

    if (status >= 0 && counts->assumed > 0)
        status =
            note(show, query_fill(query,
                                  "{n} of {all} things that became known have a known time that is assumed: what their records "
                                  "say of later days counts as known from the beginning.",
                                  "n", number(show, counts->assumed), "all", number(show, counts->rows), NULL));
    if (status >= 0 && counts->waiting > 0)
        status =
            note(show, query_fill(query, "{n} things refer to something that was never known by the last day; they were left out.",
                                  "n", number(show, counts->waiting), NULL));
    if (status >= 0 && counts->refused > 0)
        status = note(show, query_fill(query, "{n} things are not let in by the rules of today, the first: {why}", "n",
                                       number(show, counts->refused), "why", counts->why, NULL));
    for (size_t i = 0; i < show->report->version_count && status >= 0; i++)
        if (show->report->versions[i].held > 0)
            status = note(show, query_fill(query, "{version}: a run is held: {why}", "version", show->report->versions[i].label,
                                           "why", show->report->versions[i].held_why, NULL));
    return status;
}

/* -- lead time -- */

static tend_status show_leads(const showing *show)
{
    static const tend_heading headings[] = {
        { "version", NULL, TEND_TEXT, false },  { "outcomes", "warned of", TEND_INT, false },
        { "least", NULL, TEND_DECIMAL, true },  { "quarter", "a quarter below", TEND_DECIMAL, true },
        { "median", NULL, TEND_DECIMAL, true }, { "three_quarters", "a quarter above", TEND_DECIMAL, true },
        { "most", NULL, TEND_DECIMAL, true },
    };
    const tend_backtest_report *report = show->report;
    int *leads = tend_arena_take(show->query->arena, (report->outcomes->count + 1) * sizeof *leads);
    tend_status status = leads
                             ? begin(show, "lead_times", "Days from the first run to the outcome", headings, QUERY_COUNT(headings))
                             : no_memory(show->reterr);

    for (size_t i = 0; i < report->version_count && status >= 0; i++) {
        const tend_backtest *version = &report->versions[i];
        size_t count = tend_backtest_leads(version->alerts, version->alert_count, report->outcomes->list, report->outcomes->count,
                                           &report->span, leads);
        tend_value cells[QUERY_COUNT(headings)] = { tend_value_of(version->label), tend_value_int((int64_t)count) };

        for (int which = 0; which < 5; which++)
            cells[2 + which] = count > 0 ? hundredths(tend_quartile(leads, count, which)) : tend_value_none();
        status = show->result->row(show->result, cells, show->reterr);
    }
    return status;
}

/* -- work -- */

/* The name of a user; of nobody a dash. */
static const char *user_name(const showing *show, int64_t user)
{
    return user == 0 ? query_say(show->query, "nobody")
                     : tend_row_name(&show->query->world, TEND_KIND_USER, user, show->query->arena);
}

static tend_status show_load(const showing *show)
{
    static const tend_heading headings[] = {
        { "version", NULL, TEND_TEXT, false },
        { "owner", NULL, TEND_TEXT, false },
        { "tasks", NULL, TEND_INT, false },
        { "per_week", "a week", TEND_DECIMAL, false },
        { "most", "most in a week", TEND_INT, false },
        { "most_week", "week of", TEND_DATE, false },
    };
    const tend_backtest_span *span = &show->report->span;
    int64_t weeks = (tend_monday_of(span->to) - tend_monday_of(span->from)) / 7 + 1;
    tend_status status = begin(show, "load", "Tasks by owner and week", headings, QUERY_COUNT(headings));

    for (size_t i = 0; i < show->report->version_count && status >= 0; i++) {
        const tend_backtest *version = &show->report->versions[i];
        tend_load_of *loads = tend_arena_take(show->query->arena, (version->task_count + 1) * sizeof *loads);
        size_t count = loads ? tend_backtest_loads(version->tasks, version->task_count, loads) : 0;

        if (!loads)
            return no_memory(show->reterr);
        for (size_t k = 0; k < count && status >= 0; k++)
            status = show->result->row(show->result,
                                       (tend_value[]){ tend_value_of(version->label), tend_value_of(user_name(show, loads[k].user)),
                                                       tend_value_int(loads[k].tasks), tend_value_ratio(loads[k].tasks, weeks),
                                                       tend_value_int(loads[k].most), tend_value_date(loads[k].most_week) },
                                       show->reterr);
    }
    return status;
}

static tend_status show_weeks(const showing *show)
{
    static const tend_heading headings[] = {
        { "version", NULL, TEND_TEXT, false },
        { "owner", NULL, TEND_TEXT, false },
        { "week", "week of", TEND_DATE, false },
        { "tasks", NULL, TEND_INT, false },
    };
    int64_t all = 0, shown = 0;
    tend_status status = begin(show, "weeks", "Week by week", headings, QUERY_COUNT(headings));

    for (size_t i = 0; i < show->report->version_count && status >= 0; i++) {
        const tend_backtest *version = &show->report->versions[i];

        for (size_t k = 0, next; k < version->task_count && status >= 0; k = next) {
            const tend_tasked *first = &version->tasks[k];

            for (next = k; next < version->task_count && version->tasks[next].user == first->user &&
                           tend_monday_of(version->tasks[next].day) == tend_monday_of(first->day);)
                next++;
            all++;
            if (show->limit > 0 && all > show->limit)
                continue;
            shown++;
            status = show->result->row(show->result,
                                       (tend_value[]){ tend_value_of(version->label), tend_value_of(user_name(show, first->user)),
                                                       tend_value_date(tend_monday_of(first->day)),
                                                       tend_value_int((int64_t)(next - k)) },
                                       show->reterr);
        }
    }
    return status < 0 ? status : query_shown_note(show->query, shown, all, show->result, show->reterr);
}

/* -- accounts -- */

static const char *account_name(const showing *show, int64_t account)
{
    return tend_row_name(&show->query->world, TEND_KIND_ACCOUNT, account, show->query->arena);
}

/* The outcome that the account's first run warned of, none when there is none. */
static tend_value outcome_of(const showing *show, const tend_alert *alert)
{
    const tend_outcomes *outcomes = show->report->outcomes;
    size_t found = tend_alert_outcome(alert, outcomes->list, outcomes->count);

    return found < outcomes->count ? tend_value_date(outcomes->list[found].day) : tend_value_none();
}

static tend_status show_accounts(const showing *show)
{
    static const tend_heading headings[] = {
        { "version", NULL, TEND_TEXT, false },      { "id", NULL, TEND_INT, false },
        { "account", NULL, TEND_TEXT, false },      { "runs", NULL, TEND_INT, false },
        { "first", "first run", TEND_DATE, false }, { "outcome", "outcome on", TEND_DATE, true },
        { "ahead", "days ahead", TEND_INT, true },
    };
    int64_t all = 0, shown = 0;
    tend_status status = begin(show, "accounts", "Accounts that it would have begun with", headings, QUERY_COUNT(headings));

    for (size_t i = 0; i < show->report->version_count && status >= 0; i++) {
        const tend_backtest *version = &show->report->versions[i];

        for (size_t k = 0, next; k < version->alert_count && status >= 0; k = next) {
            const tend_alert *first = &version->alerts[k];
            tend_value day = outcome_of(show, first);

            for (next = k; next < version->alert_count && version->alerts[next].account == first->account;)
                next++;
            all++;
            if (show->limit > 0 && shown >= show->limit * (int64_t)(i + 1))
                continue;
            shown++;
            status = show->result->row(
                show->result,
                (tend_value[]){ tend_value_of(version->label), tend_value_int(first->account),
                                tend_value_of(first->account ? account_name(show, first->account) : NULL),
                                tend_value_int((int64_t)(next - k)), tend_value_date(first->day), day,
                                day.type == TEND_NULL ? tend_value_none() : tend_value_int(day.integer - first->day) },
                show->reterr);
        }
    }
    return status < 0 ? status : query_shown_note(show->query, shown, all, show->result, show->reterr);
}

/* One account of a version: from `*at` on, which goes behind it. NULL past the end. */
static const tend_alert *next_account(const tend_backtest *version, size_t *at)
{
    while (*at < version->alert_count && version->alerts[*at].account == 0)
        (*at)++;
    return *at < version->alert_count ? &version->alerts[*at] : NULL;
}

static void skip_account(const tend_backtest *version, size_t *at)
{
    int64_t account = version->alerts[*at].account;

    while (*at < version->alert_count && version->alerts[*at].account == account)
        (*at)++;
}

static tend_status show_differences(const showing *show)
{
    static const tend_heading headings[] = {
        { "id", NULL, TEND_INT, false },
        { "account", NULL, TEND_TEXT, false },
        { "first", "first run", TEND_DATE, true },
        { "against", "first run against it", TEND_DATE, true },
        { "outcome", "outcome on", TEND_DATE, true },
    };
    const tend_backtest *one = &show->report->versions[0], *two = &show->report->versions[1];
    size_t a = 0, b = 0;
    int64_t only_one = 0, only_two = 0, moved = 0, same = 0;
    tend_status status = begin(show, "differences", "Accounts that change between the two", headings, QUERY_COUNT(headings));

    while (status >= 0) {
        const tend_alert *left = next_account(one, &a), *right = next_account(two, &b), *any;

        if (!left && !right)
            break;
        if (left && right && left->account != right->account) {
            if (left->account < right->account)
                right = NULL;
            else
                left = NULL;
        }
        any = left ? left : right;
        if (left && right && left->day == right->day)
            same++;
        else
            status =
                show->result->row(show->result,
                                  (tend_value[]){ tend_value_int(any->account), tend_value_of(account_name(show, any->account)),
                                                  left ? tend_value_date(left->day) : tend_value_none(),
                                                  right ? tend_value_date(right->day) : tend_value_none(), outcome_of(show, any) },
                                  show->reterr);
        only_one += left && !right;
        only_two += right && !left;
        moved += left && right && left->day != right->day;
        if (left)
            skip_account(one, &a);
        if (right)
            skip_account(two, &b);
    }
    return status < 0
               ? status
               : note(show, query_fill(show->query,
                                       "Only {one}: {n}; only {two}: {m}; both, on another day: {k}; both, on the same day: {j}.",
                                       "one", one->label, "two", two->label, "n", number(show, only_one), "m",
                                       number(show, only_two), "k", number(show, moved), "j", number(show, same), NULL));
}

tend_status tend_query_backtest(const tend_query *query, const tend_backtest_report *report, int64_t limit, tend_result *result,
                                tend_error *reterr)
{
    const showing show = { .query = query, .report = report, .limit = limit, .result = result, .reterr = reterr };
    tend_status (*const parts[])(const showing *) = { show_results, explain_results, show_versions, explain_history,
                                                      show_leads,   show_load,       show_weeks,    show_accounts };
    tend_status status = query_begin(query, reterr);

    for (size_t i = 0; i < sizeof parts / sizeof *parts && status >= 0; i++)
        status = parts[i](&show);
    if (status >= 0 && report->version_count > 1)
        status = show_differences(&show);
    return status;
}
