/* calendar.c: the calendars there are, the days on which nobody works and why, and counting working days in the open. */
#include "query/inside.h"
#include <string.h>

#define SHOWN_MAX 1000

static const char *weekday_of(const tend_query *query, tend_date date)
{
    static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

    return query_say(query, names[tend_date_weekday(date) - 1]);
}

/* A holiday's name as the reader says it: in English, or that of the country where it is the reader's language. */
static const char *say_name(const tend_query *query, const tend_special_day *special)
{
    bool is_korean = query->language && strcmp(query->language, "ko") == 0;
    const char *local = special->local_name;

    /* Hangul syllables begin with these bytes. */
    if (is_korean && local && (unsigned char)local[0] >= 0xea && (unsigned char)local[0] <= 0xed)
        return local;
    return special->name ? special->name : local ? local : query_say(query, "closed");
}

/* Why nobody works on a day; NULL when somebody does. */
static const char *say_closed(const tend_query *query, const tend_calendar *calendar, tend_date date)
{
    const tend_special_day *special;

    if (tend_calendar_hours(calendar, date, &special)->count > 0)
        return NULL;
    return special ? say_name(query, special) : query_say(query, tend_date_weekday(date) > 5 ? "weekend" : "no working day");
}

static const char *say_hours(const tend_query *query, const tend_calendar *calendar, tend_date date)
{
    char text[TEND_WEEK_ROOM];

    return tend_arena_string(query->arena, tend_hours_show(tend_calendar_hours(calendar, date, NULL), text));
}

static tend_status none(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ERROR, "calendar: the workspace was opened without calendars");
}

static const tend_heading calendar_headings[] = {
    { "name", NULL, TEND_TEXT, false },        { "company", "the company's", TEND_BOOL, true },
    { "week", NULL, TEND_TEXT, false },        { "zone", NULL, TEND_TEXT, false },
    { "holidays", NULL, TEND_TEXT, true },     { "teams", NULL, TEND_TEXT, true },
    { "countries", NULL, TEND_TEXT, true },    { "known_until", "holidays known until", TEND_DATE, true },
    { "help", "what it is", TEND_TEXT, true },
};

static tend_status show_calendar(const tend_query *query, const tend_calendars *calendars, const tend_calendar *calendar,
                                 tend_result *result, tend_error *reterr)
{
    char week[TEND_WEEK_ROOM];
    const char *texts[4];
    static const char *const keys[] = { "holidays", "teams", "countries", "help" };

    for (int i = 0; i < 4; i++) {
        texts[i] = tend_calendars_written(calendars, calendar->name, keys[i], query->arena);
        texts[i] = texts[i][0] ? texts[i] : NULL;
    }
    return result->row(result,
                       (tend_value[]){ tend_value_of(calendar->name),
                                       calendar == tend_calendars_company(calendars) ? tend_value_bool(true) : tend_value_none(),
                                       tend_value_of(tend_week_show(calendar->week, week)),
                                       tend_value_of(tend_zone_name(calendar->zone)), tend_value_of(texts[0]),
                                       tend_value_of(texts[1]), tend_value_of(texts[2]), tend_value_date(calendar->known_until),
                                       tend_value_of(texts[3]) },
                       reterr);
}

static tend_status show_lists(const tend_query *query, tend_calendars *calendars, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "name", NULL, TEND_TEXT, false }, { "title", NULL, TEND_TEXT, true }, { "days", NULL, TEND_INT, false },
        { "from", NULL, TEND_DATE, true },  { "until", NULL, TEND_DATE, true },
    };
    const query_section section = { "holidays", "Lists of holidays", headings, QUERY_COUNT(headings), false, NULL };
    bool is_korean = query->language && strcmp(query->language, "ko") == 0;
    const tend_holidays *const *lists;
    size_t count;
    tend_status status = tend_calendars_holidays(calendars, &lists, &count, reterr);

    if (status >= 0)
        status = query_announce(query, &section, result, reterr);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        const tend_holidays *list = lists[i];
        bool has_korean = is_korean && strncmp(list->name, "kr", 2) == 0 && list->local_title;

        status = result->row(result,
                             (tend_value[]){ tend_value_of(list->name), tend_value_of(has_korean ? list->local_title : list->title),
                                             tend_value_int((int64_t)list->count), tend_value_date(list->from),
                                             tend_value_date(list->until) },
                             reterr);
    }
    return status;
}

tend_status tend_query_calendars(const tend_query *query, tend_result *result, tend_error *reterr)
{
    const query_section section = { "calendars", "Calendars", calendar_headings, QUERY_COUNT(calendar_headings), false, NULL };
    tend_calendars *calendars = tend_model_calendars(query->model);
    tend_status status = calendars ? query_announce(query, &section, result, reterr) : none(reterr);
    const tend_calendar *calendar;

    if (status >= 0 && !tend_calendars_find(calendars, tend_calendars_company(calendars)->name))
        status = show_calendar(query, calendars, tend_calendars_company(calendars), result, reterr);
    for (size_t i = 0; status >= 0 && (calendar = tend_calendars_at(calendars, i)); i++)
        status = show_calendar(query, calendars, calendar, result, reterr);
    return status < 0 ? status : show_lists(query, calendars, result, reterr);
}

static const tend_heading day_headings[] = {
    { "date", NULL, TEND_DATE, false },
    { "weekday", NULL, TEND_TEXT, false },
    { "hours", NULL, TEND_TEXT, true },
    { "why", NULL, TEND_TEXT, true },
};

static tend_status show_special(const tend_query *query, const tend_special_day *special, tend_result *result, tend_error *reterr)
{
    char hours[TEND_WEEK_ROOM];

    return result->row(
        result,
        (tend_value[]){ tend_value_date(special->date), tend_value_of(weekday_of(query, special->date)),
                        special->hours.count > 0 ? tend_value_of(tend_hours_show(&special->hours, hours)) : tend_value_none(),
                        tend_value_of(say_name(query, special)) },
        reterr);
}

static tend_status find_list(tend_calendars *calendars, const char *name, const tend_holidays **ret_list, tend_error *reterr)
{
    const tend_holidays *const *lists;
    size_t count;
    tend_status status = tend_calendars_holidays(calendars, &lists, &count, reterr);

    *ret_list = NULL;
    for (size_t i = 0; status >= 0 && i < count; i++)
        if (strcmp(lists[i]->name, name) == 0)
            *ret_list = lists[i];
    return status;
}

tend_status tend_query_calendar(const tend_query *query, const char *name, tend_date from, tend_date to, tend_result *result,
                                tend_error *reterr)
{
    const query_section about = { "calendar", "Calendar", calendar_headings, QUERY_COUNT(calendar_headings), true, NULL };
    const query_section section = { "days", "Days that are not as their weekday", day_headings, QUERY_COUNT(day_headings), false,
                                    NULL };
    tend_calendars *calendars = tend_model_calendars(query->model);
    const tend_calendar *calendar = calendars ? tend_calendars_find(calendars, name) : NULL;
    const tend_special_day *days = calendar ? calendar->days : NULL;
    size_t count = calendar ? calendar->count : 0;
    const tend_holidays *list = NULL;
    tend_status status = calendars ? TEND_OK : none(reterr);

    if (status >= 0 && !calendar && strcmp(tend_calendars_company(calendars)->name, name) == 0)
        calendar = tend_calendars_company(calendars);
    if (status >= 0 && !calendar) {
        status = find_list(calendars, name, &list, reterr);
        if (status >= 0 && !list)
            status = tend_calendars_check(calendars, name, reterr) < 0 ? TEND_ENOTFOUND : TEND_OK;
        days = list ? list->days : NULL;
        count = list ? list->count : 0;
    }
    if (status >= 0 && calendar)
        status = query_announce(query, &about, result, reterr);
    if (status >= 0 && calendar)
        status = show_calendar(query, calendars, calendar, result, reterr);
    if (status >= 0)
        status = query_announce(query, &section, result, reterr);
    for (size_t i = 0; status >= 0 && i < count; i++)
        if (days[i].date >= from && days[i].date <= to)
            status = show_special(query, &days[i], result, reterr);
    if (status >= 0 && list && list->source)
        status = result->note(result, query_fill(query, "Source: {source}", "source", list->source, NULL), reterr);
    return status;
}

/* A note when a day lies where no holidays are listed yet. */
static tend_status note_unknown(const tend_query *query, const tend_calendar *calendar, tend_date date, tend_result *result,
                                tend_error *reterr)
{
    if (calendar->known_until == TEND_NO_DATE || (date <= calendar->known_until && date >= calendar->known_from))
        return TEND_OK;
    return result->note(result,
                        query_fill(query, "{calendar}: holidays are listed from {from} to {until}; other years count without them",
                                   "calendar", calendar->name, "from", query_date(query, calendar->known_from), "until",
                                   query_date(query, calendar->known_until), NULL),
                        reterr);
}

static tend_status show_of(const tend_query *query, const char *who, const tend_calendar *calendar, tend_date date,
                           tend_result *result, tend_error *reterr)
{
    bool works = tend_calendar_works(calendar, date);
    const tend_special_day *special;
    const char *why = say_closed(query, calendar, date);

    (void)tend_calendar_hours(calendar, date, &special);
    if (works && special)
        why = say_name(query, special);
    return result->row(result,
                       (tend_value[]){ tend_value_of(who), tend_value_of(calendar->name), tend_value_bool(works),
                                       works ? tend_value_of(say_hours(query, calendar, date)) : tend_value_none(),
                                       tend_value_of(tend_zone_name(calendar->zone)), tend_value_of(why) },
                       reterr);
}

static const char *name_of(const tend_query *query, tend_kind kind, int64_t row)
{
    return tend_row_name(&query->world, kind, row, query->arena);
}

tend_status tend_query_calendar_day(const tend_query *query, tend_date date, const int64_t *accounts, size_t account_count,
                                    const int64_t *users, size_t user_count, tend_result *result, tend_error *reterr)
{
    static const tend_heading about[] = { { "date", NULL, TEND_DATE, false }, { "weekday", NULL, TEND_TEXT, false } };
    static const tend_heading headings[] = {
        { "who", NULL, TEND_TEXT, true },   { "calendar", NULL, TEND_TEXT, false }, { "works", NULL, TEND_BOOL, false },
        { "hours", NULL, TEND_TEXT, true }, { "zone", NULL, TEND_TEXT, false },     { "why", NULL, TEND_TEXT, true },
    };
    const query_section day = { "day", "Day", about, QUERY_COUNT(about), true, NULL };
    const query_section section = { "calendars", "Who works", headings, QUERY_COUNT(headings), false, NULL };
    tend_calendars *calendars = tend_model_calendars(query->model);
    const tend_calendar *calendar;
    tend_status status = calendars ? query_announce(query, &day, result, reterr) : none(reterr);

    if (status >= 0)
        status = result->row(result, (tend_value[]){ tend_value_date(date), tend_value_of(weekday_of(query, date)) }, reterr);
    if (status >= 0)
        status = query_announce(query, &section, result, reterr);
    if (status >= 0)
        status = show_of(query, query_say(query, "the company"), tend_calendars_company(calendars), date, result, reterr);
    for (size_t i = 0; status >= 0 && (calendar = tend_calendars_at(calendars, i)); i++)
        if (calendar != tend_calendars_company(calendars))
            status = show_of(query, NULL, calendar, date, result, reterr);
    for (size_t i = 0; status >= 0 && i < user_count; i++) {
        status = tend_calendars_of_user(calendars, query->world.store, users[i], &calendar, reterr);
        if (status >= 0)
            status = show_of(query, name_of(query, TEND_KIND_USER, users[i]), calendar, date, result, reterr);
    }
    for (size_t i = 0; status >= 0 && i < account_count; i++) {
        status = tend_calendars_of_account(calendars, query->world.store, accounts[i], &calendar, reterr);
        if (status >= 0)
            status = show_of(query, name_of(query, TEND_KIND_ACCOUNT, accounts[i]), calendar, date, result, reterr);
    }
    return status < 0 ? status : note_unknown(query, tend_calendars_company(calendars), date, result, reterr);
}

/* Every day from the first to the one that is looked for: its number, or whom it is closed for. */
static tend_status show_count(const tend_query *query, const tend_calendar *const *all, size_t count, tend_date from, tend_date to,
                              tend_result *result, tend_error *reterr)
{
    int step = to < from ? -1 : 1;
    int64_t number = 0;
    tend_status status = TEND_OK;

    for (tend_date date = from; status >= 0; date += step) {
        const char *why = NULL;

        for (size_t i = 0; i < count; i++) {
            const char *closed = say_closed(query, all[i], date);

            if (closed)
                why = tend_arena_print(query->arena, "%s%s%s%s%s", why ? why : "", why ? "; " : "", count > 1 ? all[i]->name : "",
                                       count > 1 ? ": " : "", closed);
        }
        if (!why && (date != from || from == to))
            number += from == to ? 0 : step;
        status = result->row(result,
                             (tend_value[]){ tend_value_date(date), tend_value_of(weekday_of(query, date)),
                                             why || date == from ? tend_value_none() : tend_value_int(number), tend_value_of(why) },
                             reterr);
        if (date == to)
            break;
    }
    return status;
}

tend_status tend_query_calendar_count(const tend_query *query, const tend_count_options *options, tend_result *result,
                                      tend_error *reterr)
{
    static const tend_heading about[] = {
        { "from", NULL, TEND_DATE, false },    { "days", "working days", TEND_INT, false }, { "of", NULL, TEND_TEXT, false },
        { "ours", NULL, TEND_TEXT, true },     { "theirs", NULL, TEND_TEXT, true },         { "date", NULL, TEND_DATE, false },
        { "weekday", NULL, TEND_TEXT, false },
    };
    static const tend_heading headings[] = { { "date", NULL, TEND_DATE, false },
                                             { "weekday", NULL, TEND_TEXT, false },
                                             { "day", "working day", TEND_INT, true },
                                             { "why", NULL, TEND_TEXT, true } };
    const query_section summary = { "count", "Working days", about, QUERY_COUNT(about), true, NULL };
    const query_section section = { "days", "Day by day", headings, QUERY_COUNT(headings), false, NULL };
    tend_calendars *calendars = tend_model_calendars(query->model);
    const tend_calendar *ours = NULL, *theirs = NULL, *all[2];
    size_t count = 0;
    tend_date date = TEND_NO_DATE;
    tend_status status = calendars ? TEND_OK : none(reterr);

    if (status >= 0 && strcmp(options->of, "customer") != 0)
        status = tend_calendars_of_user(calendars, query->world.store, options->user, &ours, reterr);
    if (status >= 0 && strcmp(options->of, "us") != 0)
        status = tend_calendars_of_account(calendars, query->world.store, options->account, &theirs, reterr);
    if (ours)
        all[count++] = ours;
    if (theirs)
        all[count++] = theirs;
    if (status >= 0)
        date = tend_calendars_add_days(all, count, options->from, options->days);
    if (status >= 0 && date == TEND_NO_DATE)
        status = tend_fail(reterr, TEND_EINVAL, "calendar count: the calendars %s%s%s have no working day in common", all[0]->name,
                           count > 1 ? " and " : "", count > 1 ? all[1]->name : "");
    if (status >= 0)
        status = query_announce(query, &summary, result, reterr);
    if (status >= 0)
        status =
            result->row(result,
                        (tend_value[]){ tend_value_date(options->from), tend_value_int(options->days), tend_value_of(options->of),
                                        tend_value_of(ours ? ours->name : NULL), tend_value_of(theirs ? theirs->name : NULL),
                                        tend_value_date(date), tend_value_of(weekday_of(query, date)) },
                        reterr);
    if (status >= 0 && (date - options->from > SHOWN_MAX || options->from - date > SHOWN_MAX))
        return result->note(result, query_say(query, "too far away to be shown day by day"), reterr);
    if (status >= 0)
        status = query_announce(query, &section, result, reterr);
    if (status >= 0)
        status = show_count(query, all, count, options->from, date, result, reterr);
    for (size_t i = 0; status >= 0 && i < count; i++)
        status = note_unknown(query, all[i], date, result, reterr);
    return status;
}
