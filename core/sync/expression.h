/* expression.h: what a mapping writes on the right of a field: columns, constants, and what is made of them.
 *
 *     Company or (FirstName + " " + LastName)      the first that is not empty; + puts texts together
 *     mrr_amount * 12      UnitPrice * Quantity * (1 - Discount)       exact; a minus stands between blanks
 *     [Amount (converted)]          a column whose name has signs in it
 *     "company"                     a constant
 *     without(CustomerID, ".0")     the text without this ending
 *     months_before("2020-01-31", tenure)      a day so many months earlier
 *
 * Texts in, text out; immutable after parsing. */
#ifndef TEND_SYNC_EXPRESSION_H
#define TEND_SYNC_EXPRESSION_H

#include "base/arena.h"
#include "base/money.h"
#include <tend/plugin.h>

typedef struct tend_expression tend_expression;

/* The columns that a stream's expressions read: each name once, known by its number. */
typedef struct tend_columns {
    const char **names; /* from the arena */
    size_t count, room;
} tend_columns;

#define TEND_NO_COLUMN SIZE_MAX
size_t tend_columns_add(tend_columns *columns, const char *name, size_t length, tend_arena *arena); /* TEND_NO_COLUMN: no memory */

/* Parses up to a ',' or '->' outside parentheses, or the end; *ret_rest points there. Everything is taken from `arena`. The
 * sentence has no place: "a column or a \"constant\" is missing after '+'". */
tend_status tend_expression_parse(const char *text, tend_columns *columns, tend_arena *arena,
                                  const tend_expression **ret_expression, const char **ret_rest, tend_error *reterr);

typedef struct tend_expressed {
    const char *text; /* borrowed from the cells or the scratch arena */
    size_t length;
    bool is_named; /* false: the record does not have the column, the field keeps what is known */
    bool is_plain; /* a constant or computed: written as tend writes it, not as the file does */
} tend_expressed;

/* `cells` by column number (text NULL: not named). `format` is how the file writes numbers. TEND_EINVAL when a number or date is
 * not one: the sentence begins with what was read. */
tend_status tend_expression_say(const tend_expression *expression, const tend_cell *cells, const tend_number_format *format,
                                tend_arena *scratch, tend_expressed *ret_said, tend_error *reterr);
/* The first column it reads, for messages; TEND_NO_COLUMN: none. */
size_t tend_expression_column(const tend_expression *expression);
bool tend_expression_is_column(const tend_expression *expression); /* nothing but a column */
/* Whether all the columns it needs are there: an `or` needs one side. `is_there` by column number. On false *ret_missing is the
 * first that is not. */
bool tend_expression_can(const tend_expression *expression, const bool *is_there, size_t *ret_missing);

#endif
