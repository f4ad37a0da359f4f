/* measure.h: published numbers of accounts and roll-ups, as KPIs left them: (numerator, denominator), never a mean of ratios.
 *
 * The current value per (kpi, subject) is replaced when it differs; the value of a closed period is written once. */
#ifndef TEND_MODEL_MEASURE_H
#define TEND_MODEL_MEASURE_H

#include "model/world.h"

typedef struct tend_measure {
    const char *kpi;     /* "nrr", "health" */
    int64_t account;     /* 0: the whole portfolio */
    tend_date day;       /* the day the value is of */
    int64_t numerator;   /* money: minor units of `currency` */
    int64_t denominator; /* 0: not defined */
    char currency[4];
    const char *text;       /* a word beside the number (the health band); NULL */
    tend_time published_at; /* TEND_NO_TIME in a world's own: there was none */
} tend_measure;

/* Makes the tables `measures` (current) and `measure_periods` (closed) where they are missing. */
tend_status tend_measure_apply(tend_store *store, tend_error *reterr);

/* Current value; publishes "measure.KPI" on the bus for accounts when it differs. Needs an open transaction of the model. */
tend_status tend_measure_publish(tend_model *model, const tend_origin *origin, const tend_measure *measure, bool *ret_differs,
                                 tend_error *reterr);
/* What a reader would see is the same; a value that stays the same on a later day is. */
bool tend_measure_is_same(const tend_measure *a, const tend_measure *b);
/* The current values of `accounts` (sorted), one each in `ret_measures`; kpi NULL where there is none. Texts are from the arena. */
tend_status tend_measure_read(tend_store *store, const char *kpi, const int64_t *accounts, size_t count, tend_arena *arena,
                              tend_measure *ret_measures, tend_error *reterr);
/* The values of all accounts there are now stand on `day` as well, unchanged. `has_strays`: some are of accounts that are gone; the
 * caller who knows of none spares a look for each. Needs an open transaction of the model. */
tend_status tend_measure_confirm(tend_model *model, const char *kpi, tend_date day, bool has_strays, tend_error *reterr);
/* The value of a closed period, once: TEND_EEXISTS when there is one. */
tend_status tend_measure_close(tend_model *model, const tend_measure *measure, tend_error *reterr);
/* The world's own where it has one; else the current value; in a world as of a day the latest one of that day or before it.
 * TEND_ENOTFOUND when there is none. */
tend_status tend_measure_get(const tend_world *world, const char *kpi, int64_t account, tend_arena *arena,
                             tend_measure *ret_measure, tend_error *reterr);
/* The same as an SQL expression: `column` of the measure of the account whose id is the expression `account`. From the arena. */
const char *tend_measure_column(const tend_world *world, const char *column, const char *kpi, const char *account,
                                tend_arena *arena);

#endif
