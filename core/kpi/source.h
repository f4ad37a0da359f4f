/* source.h: what health measures read that is no KPI: numbers per account from its rows.
 *
 *   usage.trend           uses of the last 30 days over uses of the 30 days before; unknown when there were none before
 *   ticket.open_urgent    urgent tickets that are not solved or closed
 *   touch.days            days since the last interaction; unknown when there never was one
 *   contract.days_left    days until the first of the active contracts ends; unknown when none has a last day
 *   invoice.overdue_days  days that the oldest unpaid invoice is overdue; unknown when there never was an invoice
 *   account.FIELD         a whole or decimal number of the account itself */
#ifndef TEND_KPI_SOURCE_H
#define TEND_KPI_SOURCE_H

#include "kpi/members.h"

#define TEND_NO_VALUE INT64_MIN

typedef struct tend_source_value {
    int64_t micro;    /* the value times 10^6; TEND_NO_VALUE: not known */
    tend_time newest; /* effective time of the newest fact behind it; TEND_NO_TIME: it is of the world's day */
} tend_source_value;

/* Whether there is such a source. */
bool tend_source_exists(const tend_schema *schema, const char *name);
/* NULL past the end; for help and messages. account.FIELD is not among them. */
const char *tend_source_name(size_t i);

/* The columns that the i-th of them reads, ended by a NULL column. */
const tend_input *tend_source_inputs(size_t i);

/* The values of the members, one each in `ret_values`. `today` is the world's day. */
tend_status tend_source_read(tend_members *members, const char *name, tend_date today, tend_source_value *ret_values,
                             tend_error *reterr);

#endif
