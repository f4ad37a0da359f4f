/* commands_calendar.c: calendars to look at, and working days to count. */
#include "base/near.h"
#include "cli/commands.h"
#include <stdlib.h>
#include <string.h>

enum { WHO_MAX = 100 };

tend_status tend_cli_calendar_list(tend_session *session, tend_error *reterr)
{
    tend_query query;
    tend_result *result;
    tend_status status = tend_cli_begin(session, &query, &result, reterr);

    return status < 0 ? status : tend_query_calendars(&query, result, reterr);
}

tend_status tend_cli_calendar_show(tend_session *session, tend_error *reterr)
{
    const char *from = tend_session_option(session, "from"), *to = tend_session_option(session, "to");
    tend_query query;
    tend_result *result;
    tend_date first = TEND_NO_DATE, last = TEND_NO_DATE;
    tend_status status = tend_session_date(session, from ? from : "today", &first, reterr);

    if (status >= 0 && to)
        status = tend_session_date(session, to, &last, reterr);
    if (status >= 0 && !to)
        last = tend_date_add_months(first, 12) - 1;
    if (status >= 0 && last < first)
        status = tend_fail(reterr, TEND_EINVAL, "tend calendar show: --to is before --from; write the earlier day as --from");
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_calendar(&query, session->words[0], first, last, result, reterr);
}

/* Each word is an account, or a person when there is no such account. */
tend_status tend_cli_calendar_day(tend_session *session, tend_error *reterr)
{
    int64_t accounts[WHO_MAX], users[WHO_MAX];
    size_t account_count = 0, user_count = 0;
    const char *person;
    tend_query query;
    tend_result *result;
    tend_date date = TEND_NO_DATE;
    tend_status status = tend_session_date(session, session->words[0], &date, reterr);

    for (int i = 1; status >= 0 && i < session->word_count && account_count < WHO_MAX; i++)
        status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[i], &accounts[account_count++], reterr);
    for (int i = 0; status >= 0 && (person = tend_session_option_at(session, "for", i)) && user_count < WHO_MAX; i++)
        status = tend_session_row(session, TEND_KIND_USER, person, &users[user_count++], reterr);
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_calendar_day(&query, date, accounts, account_count, users, user_count, result, reterr);
}

tend_status tend_cli_calendar_count(tend_session *session, tend_error *reterr)
{
    static const char *const words[] = { "us", "customer", "both", NULL };
    const char *account = tend_session_option(session, "account"), *person = tend_session_option(session, "for");
    const char *of = tend_session_option(session, "of"), *near;
    tend_count_options options = { .of = of ? of : account ? "both" : "us" };
    tend_query query;
    tend_result *result;
    char *end;
    tend_status status = tend_session_date(session, session->words[0], &options.from, reterr);
    size_t known = 0;

    if (status < 0)
        return status;
    options.days = (int)strtol(session->words[1], &end, 10);
    if (*end || end == session->words[1] || options.days < -36500 || options.days > 36500)
        return tend_fail(reterr, TEND_EINVAL, "tend calendar count: '%s' is no number of days from -36500 to 36500",
                         session->words[1]);
    while (words[known] && strcmp(words[known], options.of) != 0)
        known++;
    near = words[known] ? NULL : tend_near(options.of, words);
    if (!words[known])
        return tend_fail(reterr, TEND_EINVAL, "tend calendar count: --of is us, customer or both%s%s%s",
                         near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    if (!account && strcmp(options.of, "us") != 0)
        return tend_fail(reterr, TEND_EINVAL, "tend calendar count: --of %s needs a customer; add --account ACCOUNT", options.of);
    if (account)
        status = tend_session_row(session, TEND_KIND_ACCOUNT, account, &options.account, reterr);
    if (status >= 0 && person)
        status = tend_session_row(session, TEND_KIND_USER, person, &options.user, reterr);
    if (status >= 0)
        status = tend_cli_begin(session, &query, &result, reterr);
    return status < 0 ? status : tend_query_calendar_count(&query, &options, result, reterr);
}
