#include "playbook/backtest.h"
#include <math.h>
#include <stdlib.h>

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_account(const void *one, const void *two)
{
    const tend_alert *a = one, *b = two;
    int order = compare(a->account, b->account);

    if (order == 0)
        order = compare(a->day, b->day);
    return order ? order : compare(a->run, b->run);
}

static int by_account_and_day(const void *one, const void *two)
{
    const tend_outcome *a = one, *b = two;
    int order = compare(a->account, b->account);

    return order ? order : compare(a->day, b->day);
}

static int by_user(const void *one, const void *two)
{
    const tend_tasked *a = one, *b = two;
    int order = compare(a->user, b->user);

    return order ? order : compare(a->day, b->day);
}

void tend_alerts_sort(tend_alert *alerts, size_t count)
{
    if (count > 1)
        qsort(alerts, count, sizeof *alerts, by_account);
}

void tend_tasked_sort(tend_tasked *tasked, size_t count)
{
    if (count > 1)
        qsort(tasked, count, sizeof *tasked, by_user);
}

size_t tend_outcomes_sort(tend_outcome *outcomes, size_t count)
{
    size_t kept = 0;

    if (count > 1)
        qsort(outcomes, count, sizeof *outcomes, by_account_and_day);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || by_account_and_day(&outcomes[kept - 1], &outcomes[i]) != 0)
            outcomes[kept++] = outcomes[i];
    return kept;
}

size_t tend_alert_outcome(const tend_alert *alert, const tend_outcome *outcomes, size_t outcome_count)
{
    size_t low = 0, high = outcome_count; /* the first of the account after the day */

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const tend_outcome *at = &outcomes[middle];

        if (at->account < alert->account || (at->account == alert->account && at->day <= alert->day))
            low = middle + 1;
        else
            high = middle;
    }
    return alert->account != 0 && low < outcome_count && outcomes[low].account == alert->account ? low : outcome_count;
}

static bool is_judged(const tend_alert *alert, const tend_backtest_span *span)
{
    return alert->account != 0 && alert->day >= span->from && alert->day <= span->to;
}

/* How many days the first run that warned of this outcome came before it, and the last; -1: none did within the year. `*at` goes
 * over the alerts once. */
static void look_back(const tend_alert *alerts, size_t alert_count, const tend_outcome *outcomes, size_t which,
                      const tend_backtest_span *span, size_t *at, int *ret_first, int *ret_last)
{
    const tend_outcome *outcome = &outcomes[which];
    bool has_earlier = which > 0 && outcomes[which - 1].account == outcome->account;

    *ret_first = *ret_last = -1;
    while (*at < alert_count && (alerts[*at].account < outcome->account ||
                                 (alerts[*at].account == outcome->account && alerts[*at].day < outcome->day))) {
        const tend_alert *alert = &alerts[(*at)++];
        int ahead = (int)(outcome->day - alert->day);

        if (alert->account != outcome->account || ahead > TEND_BACKTEST_YEAR || !is_judged(alert, span) ||
            (has_earlier && alert->day < outcomes[which - 1].day))
            continue;
        if (*ret_first < 0)
            *ret_first = ahead;
        *ret_last = ahead;
    }
}

static bool is_of_span(const tend_outcome *outcome, const tend_backtest_span *span)
{
    return outcome->day > span->from && outcome->day <= span->to;
}

void tend_backtest_judge(const tend_alert *alerts, size_t alert_count, const tend_outcome *outcomes, size_t outcome_count,
                         const tend_backtest_span *span, int days, tend_backtest_score *ret_score)
{
    tend_backtest_score score = { .days = days };
    size_t at = 0;

    for (size_t i = 0; i < alert_count; i++) {
        size_t found = tend_alert_outcome(&alerts[i], outcomes, outcome_count);

        if (!is_judged(&alerts[i], span))
            continue;
        if (found < outcome_count && outcomes[found].day - alerts[i].day <= days)
            score.hits++;
        else if (alerts[i].day + days <= span->until)
            score.misses++;
        else
            score.open++;
    }
    for (size_t i = 0; i < outcome_count; i++) {
        int first, last;

        look_back(alerts, alert_count, outcomes, i, span, &at, &first, &last);
        if (!is_of_span(&outcomes[i], span))
            continue;
        score.outcomes++;
        score.warned += last >= 0 && last <= days;
        score.in_time += first >= days;
    }
    *ret_score = score;
}

static int by_number(const void *one, const void *two)
{
    return compare(*(const int *)one, *(const int *)two);
}

size_t tend_backtest_leads(const tend_alert *alerts, size_t alert_count, const tend_outcome *outcomes, size_t outcome_count,
                           const tend_backtest_span *span, int *ret_leads)
{
    size_t at = 0, count = 0;

    for (size_t i = 0; i < outcome_count; i++) {
        int first, last;

        look_back(alerts, alert_count, outcomes, i, span, &at, &first, &last);
        if (first >= 0 && is_of_span(&outcomes[i], span))
            ret_leads[count++] = first;
    }
    if (count > 1)
        qsort(ret_leads, count, sizeof *ret_leads, by_number);
    return count;
}

int64_t tend_quartile(const int *sorted, size_t count, int which)
{
    size_t quarters = (count - 1) * (size_t)which, low = quarters / 4, rest = quarters % 4;
    int64_t value = (int64_t)sorted[low] * 100;

    return rest == 0 ? value : value + ((int64_t)sorted[low + 1] - sorted[low]) * 25 * (int64_t)rest;
}

void tend_wilson(int64_t part, int64_t of, int64_t *ret_low, int64_t *ret_high)
{
    const double z = 1.959963984540054, n = (double)of, p = (double)part / n;
    double middle = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)), scale = 1 + z * z / n;
    double low = (middle - half) / scale, high = (middle + half) / scale;

    *ret_low = part == 0 ? 0 : (int64_t)llround(low * 1e6);
    *ret_high = part == of ? 1000000 : (int64_t)llround(high * 1e6);
}

tend_date tend_monday_of(tend_date day)
{
    return day - (day % 7 + 7 + 3) % 7; /* day 0 was a Thursday */
}

size_t tend_backtest_loads(const tend_tasked *tasked, size_t count, tend_load_of *ret_loads)
{
    size_t loads = 0;

    for (size_t i = 0; i < count;) {
        tend_load_of *load = &ret_loads[loads];
        tend_date week = tend_monday_of(tasked[i].day);
        int64_t in_week = 0;

        if (i == 0 || tasked[i - 1].user != tasked[i].user) {
            load = &ret_loads[loads];
            *load = (tend_load_of){ .user = tasked[i].user };
        }
        for (; i < count && tasked[i].user == load->user && tend_monday_of(tasked[i].day) == week; i++)
            in_week++;
        load->tasks += in_week;
        load->weeks++;
        if (in_week > load->most) {
            load->most = in_week;
            load->most_week = week;
        }
        loads += i == count || tasked[i].user != load->user;
    }
    return loads;
}
