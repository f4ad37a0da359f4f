/* calendars.h: the calendars there are, and whose is which.
 *
 * [calendar.NAME] says days, hours, zone, holidays and exceptions. [holidays.NAME] is a list of holidays; those that come with the
 * program are files, NAME.ini or the part of the name before its first '-' (gb-sct stands in gb.ini), read when they are asked for;
 * lists of the configuration come first. A person has the calendar named in their row, else their team's, else the company's; an
 * account has the one named in its row, else that of its country, else the holidays of its country with usual hours. */
#ifndef TEND_MODEL_CALENDARS_H
#define TEND_MODEL_CALENDARS_H

#include "base/arena.h"
#include "base/calendar.h"
#include "config/config.h"
#include "store/store.h"
#include <stdio.h>

extern const tend_section tend_calendar_sections[]; /* [calendar.NAME] and [holidays.NAME] */

typedef struct tend_calendars tend_calendars;

typedef struct tend_calendar_options {
    const char *folders;   /* of holiday lists, between colons; the first that has a list wins; NULL: none */
    const char *company;   /* the company's calendar; NULL or "": Monday to Friday, 09:00 to 18:00, no holidays */
    const char *place;     /* where `company` is written, for faults; NULL: "calendar" */
    const tend_zone *zone; /* of calendars that name none; NULL: UTC */
} tend_calendar_options;

/* Borrows config. Every fault is a line in `faults` (may be NULL); TEND_EINVAL with the first. */
tend_status tend_calendars_load(const tend_config *config, const tend_calendar_options *options, FILE *faults,
                                tend_calendars **ret_calendars, tend_error *reterr);
void tend_calendars_free(tend_calendars *calendars); /* accepts NULL */

/* Borrowed until free, as what the others give. */
const tend_calendar *tend_calendars_company(const tend_calendars *calendars);
const tend_calendar *tend_calendars_at(const tend_calendars *calendars, size_t i); /* of the configuration; NULL past the end */
const tend_calendar *tend_calendars_find(const tend_calendars *calendars, const char *name); /* NULL: there is none */
/* TEND_EINVAL: "there is no calendar 'koera'; did you mean korea?" */
tend_status tend_calendars_check(const tend_calendars *calendars, const char *name, tend_error *reterr);
/* [calendar.NAME]'s line of help, holidays, teams and countries as they are written, "" when they are not. */
const char *tend_calendars_written(const tend_calendars *calendars, const char *name, const char *key, tend_arena *arena);

tend_status tend_calendars_of_user(tend_calendars *calendars, tend_store *store, int64_t user, const tend_calendar **ret_calendar,
                                   tend_error *reterr);
tend_status tend_calendars_of_account(tend_calendars *calendars, tend_store *store, int64_t account,
                                      const tend_calendar **ret_calendar, tend_error *reterr);

/* A list of holidays as it was read. */
typedef struct tend_holidays {
    const char *name, *title, *local_title, *source; /* NULL: not said */
    const char *file;
    tend_date from, until;
    const tend_special_day *days; /* ascending, those of the lists it includes among them */
    size_t count;
} tend_holidays;
/* Reads all there are, in name order; *ret_lists is borrowed. */
tend_status tend_calendars_holidays(tend_calendars *calendars, const tend_holidays *const **ret_lists, size_t *ret_count,
                                    tend_error *reterr);

#endif
