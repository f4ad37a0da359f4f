/* result.h: what a query gives: sections of rows, streamed. The CLI's tables, --json, --csv and the HTML report are all sinks of
 * it, so they cannot disagree.
 *
 * A query announces a section with its headings, then its rows; keys are stable and documented, titles may change. A section that
 * is_single has one row and reads as key: value for people and as an object in JSON; others are lists. A single section whose key
 * is "" puts its members into the outermost JSON object. */
#ifndef TEND_QUERY_RESULT_H
#define TEND_QUERY_RESULT_H

#include "base/json.h"
#include "base/zone.h"
#include "model/parse.h"

typedef struct tend_heading {
    const char *key;   /* in JSON and CSV */
    const char *title; /* for people; NULL: the key */
    uint8_t type;      /* tend_type; money is followed by KEY_currency in JSON and CSV unless the section has a key "currency" */
    bool is_optional; /* left out of tables for people when no row has it, always in JSON and CSV; so is a section of these alone */
} tend_heading;

typedef struct tend_result tend_result;
struct tend_result {
    tend_status (*section)(tend_result *self, const char *key, const char *title, const tend_heading *headings, int count,
                           bool is_single, tend_error *reterr);
    tend_status (*row)(tend_result *self, const tend_value *values, tend_error *reterr); /* values are borrowed for the call */
    /* A sentence for people under the section ("3 of 12 shown; use --limit"). JSON has it in "notes". */
    tend_status (*note)(tend_result *self, const char *text, tend_error *reterr);
    tend_status (*end)(tend_result *self, tend_error *reterr); /* after the last section */
    void (*free)(tend_result *self);
};

/* JSON: one object with a key per section. */
tend_result *tend_result_json(FILE *out);
/* CSV of the first section; others are left out. Cells that a spreadsheet would run (= + - @ TAB CR LF or their full-width forms at
 * the start of a text) get a leading apostrophe. */
tend_result *tend_result_csv(FILE *out);
/* Tables and key: value lists; `width` columns of terminal (0: no limit). Words and sentences of the program are said in `language`
 * (NULL: English), which JSON and CSV have as they are. */
tend_result *tend_result_text(FILE *out, const tend_zone *zone, const char *language, int width);

/* Values for rows. */
tend_value tend_value_none(void);
tend_value tend_value_int(int64_t number);
tend_value tend_value_of(const char *text); /* NULL gives TEND_NULL; borrowed */
tend_value tend_value_bool(bool is_true);
tend_value tend_value_date(tend_date date);
tend_value tend_value_time(tend_time at);
tend_value tend_value_money(int64_t minor, const char *currency);
tend_value tend_value_decimal(int64_t mantissa, int scale);
/* numerator/denominator as a decimal of scale 6, half away from zero; null when the denominator is 0. */
tend_value tend_value_ratio(int64_t numerator, int64_t denominator);

#endif
