/* calendar_whose.c: the calendar of a person, and of an account. */
#include "base/log.h"
#include "model/calendar_inside.h"

#include <string.h>

/* The calendar that a row names; NULL when it names none, or one that is no longer there, which is said. */
static const tend_calendar *named(const tend_calendars *calendars, const char *name, const char *whose, int64_t id)
{
    const tend_calendar *calendar = name && *name ? tend_calendars_find(calendars, name) : NULL;

    if (name && *name && !calendar)
        tend_log(TEND_LOG_WARN, "calendars", "a calendar that is not there is left out", whose, tend_logf("%lld", (long long)id),
                 "calendar", name, NULL);
    return calendar;
}

/* The calendar of the configuration that names the word in `key`. */
static const tend_calendar *claimed(const tend_calendars *calendars, const char *key, const char *word)
{
    for (const known_calendar *known = calendars->known; word && *word && known; known = known->next)
        if (!known->country && calendars_names(calendars->config, "calendar", known->calendar.name, key, word))
            return &known->calendar;
    return NULL;
}

tend_status tend_calendars_of_user(tend_calendars *calendars, tend_store *store, int64_t user, const tend_calendar **ret_calendar,
                                   tend_error *reterr)
{
    const tend_calendar *calendar = NULL;
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = TEND_OK;

    if (user != 0 && calendars->known)
        status = tend_store_prepare(store, "SELECT calendar, team FROM users WHERE id = ?1", &statement, reterr);
    if (statement) {
        tend_statement_bind_int(statement, 1, user);
        status = tend_statement_step(statement, &has_row, reterr);
    }
    if (status >= 0 && has_row) {
        calendar = named(calendars, tend_statement_text(statement, 0, NULL), "user", user);
        if (!calendar)
            calendar = claimed(calendars, "teams", tend_statement_text(statement, 1, NULL));
    }
    tend_statement_end(statement);
    if (status < 0)
        return status;
    *ret_calendar = calendar ? calendar : calendars->company;
    return TEND_OK;
}

/* `base`, in the customer's own zone; or usual hours with the holidays of the country. Made once for each. */
static const tend_calendar *made_for(tend_calendars *calendars, const tend_calendar *base, const char *country,
                                     const tend_zone *zone)
{
    const holiday_list *list = base || !*country ? NULL : holidays_of_country(calendars, country);
    const char *name = base ? base->name : list ? list->list.name : "standard";
    tend_calendar calendar;
    known_calendar *known;

    for (known = calendars->known; known; known = known->next)
        if (known->country && strcmp(known->country, country) == 0 && known->own_zone == zone &&
            strcmp(known->calendar.name, name) == 0)
            return &known->calendar;
    calendar = base ? *base : tend_calendar_standard(name, calendars->zone);
    if (list) {
        calendar.days = list->list.days;
        calendar.count = list->list.count;
        calendar.known_from = list->list.from;
        calendar.known_until = list->list.until;
        if (list->zone)
            calendar.zone = list->zone;
    }
    if (zone)
        calendar.zone = zone;
    known = tend_arena_take(calendars->arena, sizeof *known);
    if (!known)
        return NULL;
    *known = (known_calendar){ .calendar = calendar, .country = tend_arena_string(calendars->arena, country), .own_zone = zone };
    if (!known->country)
        return NULL;
    *calendars->end = known;
    calendars->end = &known->next;
    return &known->calendar;
}

tend_status tend_calendars_of_account(tend_calendars *calendars, tend_store *store, int64_t account,
                                      const tend_calendar **ret_calendar, tend_error *reterr)
{
    const tend_calendar *calendar = NULL;
    const tend_zone *zone = NULL;
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status =
        tend_store_prepare(store,
                           "SELECT calendar, trim(coalesce(country, '')), zone FROM accounts WHERE id = coalesce((SELECT root FROM"
                           " account_roots WHERE account = ?1 AND until_at IS NULL), ?1)",
                           &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, account);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0) {
        const char *country = has_row ? tend_statement_text(statement, 1, NULL) : "";
        const char *own = has_row ? tend_statement_text(statement, 2, NULL) : NULL;

        if (has_row)
            calendar = named(calendars, tend_statement_text(statement, 0, NULL), "account", account);
        if (!calendar)
            calendar = claimed(calendars, "countries", country);
        if (own && *own)
            (void)tend_zone_find(own, &zone, NULL);
        if (!calendar || (zone && zone != calendar->zone))
            calendar = made_for(calendars, calendar, country ? country : "", zone);
        if (!calendar)
            status = tend_fail(reterr, TEND_ENOMEM, "calendars: no memory is left for them");
    }
    tend_statement_end(statement);
    if (status >= 0)
        *ret_calendar = calendar;
    return status < 0 ? status : TEND_OK;
}
