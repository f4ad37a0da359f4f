/* profile.h: what the head of a file says about itself: encoding, delimiter, columns and what stands in them. Inside sync only. */
#ifndef TEND_SYNC_PROFILE_H
#define TEND_SYNC_PROFILE_H

#include "plugin/plugins.h"
#include "sync/keys.h"

#define TEND_PROFILE_ROWS 1000
#define TEND_PROFILE_EXAMPLES 6

typedef struct tend_column_profile {
    const char *name, *bare;                                   /* bare: tend_heading_bare of the name */
    size_t filled;                                             /* records where it is not blank */
    size_t distinct;                                           /* different values among them */
    size_t whole, decimal_point, decimal_comma, bools, emails; /* how many values read as that */
    size_t iso_dates, iso_times;
    size_t slash_day_first, slash_month_first, dots; /* 31/12/2024, 12/31/2024, 31.12.2024 */
    size_t point_zero;                               /* "17850.0" */
    const char *odd_date, *odd_number, *odd_email;   /* the first value that is none; from the arena, NULL: there is none */
    const char *examples[TEND_PROFILE_EXAMPLES];     /* different ones; from the arena */
    size_t example_count;
    tend_keys values;
} tend_column_profile;

typedef struct tend_profile {
    const char *path;
    const char *encoding, *encoding_why;
    char delimiter;
    const char *delimiter_why;
    tend_column_profile *columns; /* from the arena */
    size_t column_count;
    size_t rows, bad_rows;
} tend_profile;

/* Reads up to a thousand records through connector/csv. Texts are from the arena; clear frees the rest. */
tend_status tend_profile_read(tend_plugins *plugins, const char *path, tend_arena *arena, tend_profile *ret_profile,
                              tend_error *reterr);
void tend_profile_clear(tend_profile *profile);

#endif
