/* window.c: when a sink's messages may go out, on the clock of whoever gets them. */
#include "model/calendars.h"
#include "outbox/inside.h"
#include <string.h>

/* "tend.ini:12: [sink.mail] send: " and what is wrong. */
static tend_status refuse(const tend_config *config, const char *sink, const char *key, const char *why, tend_error *reterr)
{
    const char *file;
    unsigned line;

    tend_config_origin(config, "sink", sink, key, &file, &line);
    return tend_fail(reterr, TEND_EINVAL, "%s:%u: [sink.%s] %s: %s", file ? file : "configuration", line, sink, key, why);
}

tend_status tend_outbox_window_read(const tend_config *config, const char *sink, tend_outbox_window *ret_window, tend_error *reterr)
{
    const char *send = tend_config_text(config, "sink", sink, "send"), *quiet = tend_config_text(config, "sink", sink, "quiet");
    tend_outbox_window window = { .is_given = send || quiet, .is_working = send && strcmp(send, "working hours") == 0 };
    tend_error why = { 0 };

    if (window.is_working)
        send = NULL;
    if (tend_week_parse(send ? send : "daily 00:00-24:00", 0x7f, window.week, &why) < 0)
        return refuse(config, sink, "send", why.text, reterr);
    if (quiet && tend_week_quiet(quiet, window.week, &why) < 0)
        return refuse(config, sink, "quiet", why.text, reterr);
    for (int day = 0; day < 7; day++)
        if (window.week[day].count > 0) {
            *ret_window = window;
            return TEND_OK;
        }
    return refuse(config, sink, quiet ? "quiet" : "send", "leaves no time in which a message could go out; make it shorter",
                  reterr);
}

/* The zone of a person's row; NULL: it names none. */
static tend_status zone_of(tend_store *store, int64_t user, const tend_zone **ret_zone, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(store, "SELECT zone FROM users WHERE id = ?1", &statement, reterr);

    *ret_zone = NULL;
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, user);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row && !tend_statement_is_null(statement, 0))
        (void)tend_zone_find(tend_statement_text(statement, 0, NULL), ret_zone, NULL); /* a zone that went away: the calendar's */
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status outbox_window_opens(const tend_outbox_window *window, tend_model *model, int64_t user, tend_time *ret_at,
                                tend_error *reterr)
{
    tend_calendars *calendars = tend_model_calendars(model);
    const tend_zone *zone = NULL;
    tend_calendar theirs, allowed;
    const tend_calendar *all[2] = { &allowed, &theirs };
    const tend_time now = tend_model_now(model);
    tend_status status = TEND_OK;

    *ret_at = now;
    if (!window->is_given)
        return TEND_OK;
    if (calendars) {
        const tend_calendar *calendar;

        status = tend_calendars_of_user(calendars, tend_model_store(model), user, &calendar, reterr);
        if (status < 0)
            return status;
        theirs = *calendar;
    } else {
        status = tend_zone_find("UTC", &zone, reterr);
        theirs = tend_calendar_standard("standard", zone);
    }
    if (status >= 0 && user != 0)
        status = zone_of(tend_model_store(model), user, &zone, reterr);
    if (status < 0)
        return status;
    if (zone)
        theirs.zone = zone;
    allowed = tend_calendar_standard("send", theirs.zone);
    memcpy(allowed.week, window->week, sizeof allowed.week);
    *ret_at = tend_calendars_add_time(all, window->is_working ? 2 : 1, now, 0);
    if (*ret_at == TEND_NO_TIME) /* nobody is there within a year: rather late than never */
        *ret_at = now;
    return TEND_OK;
}
