/* calendar_inside.h: what calendars.c and holidays.c share. */
#ifndef TEND_MODEL_CALENDAR_INSIDE_H
#define TEND_MODEL_CALENDAR_INSIDE_H

#include "model/calendars.h"

typedef struct holiday_list {
    tend_holidays list; /* what others see */
    struct holiday_list *next;
    const tend_config *config; /* borrowed */
    const tend_zone *zone;     /* NULL: not said */
    bool is_open;              /* being read: whoever includes it now goes round in a circle */
} holiday_list;

typedef struct holiday_file {
    struct holiday_file *next;
    char *path;
    tend_config *config; /* owned; NULL: it has faults */
} holiday_file;

/* A calendar and who has it. */
typedef struct known_calendar {
    tend_calendar calendar;
    struct known_calendar *next;
    const char *country; /* made for accounts of this country and zone; NULL: [calendar.NAME] */
    const tend_zone *own_zone;
} known_calendar;

struct tend_calendars {
    tend_arena *arena;
    const tend_config *config;
    tend_calendar_options options;
    char *folders;
    const tend_zone *zone;
    known_calendar *known, **end; /* those of the configuration first, in its order */
    const tend_calendar *company;
    holiday_list *lists;
    holiday_file *files;
    const tend_holidays **all; /* by name, once all were read */
    size_t all_count;
    bool has_read_all;
    FILE *faults; /* while loading */
    tend_status status;
    tend_error first; /* fault */
};

extern const tend_setting holidays_settings[]; /* of [holidays.NAME] */

/* Says it in faults, and keeps the first. */
TEND_PRINTF(2, 3) void calendars_fault(tend_calendars *calendars, const char *format, ...);
/* "tend.ini:12: [calendar.korea] hours" */
const char *calendars_place(tend_calendars *calendars, const tend_config *config, const char *section, const char *instance,
                            const char *key);

/* The list of this name, read now if it was not; NULL when there is none, or it has faults, which were told. */
const holiday_list *holidays_find(tend_calendars *calendars, const char *name);
/* Reads every list there is. */
void holidays_read_all(tend_calendars *calendars);
/* The list whose countries have this one in it; of the files, too. */
const holiday_list *holidays_of_country(tend_calendars *calendars, const char *country);
void holidays_free(tend_calendars *calendars);
/* One list of days from several, ascending; of two for one date the first stands. Room is from the arena. */
const tend_special_day *holidays_merge(tend_calendars *calendars, const tend_special_day *const *days, const size_t *counts,
                                       size_t lists, size_t *ret_count);
/* Whether a comma-separated LIST setting has the word; ASCII letters of either case. */
bool calendars_names(const tend_config *config, const char *section, const char *instance, const char *key, const char *word);

#endif
