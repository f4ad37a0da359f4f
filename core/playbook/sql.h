/* sql.h: one line for one statement. Formats name the parameters in order: i int64_t, s const char * (NULL binds null),
 * t tend_time (TEND_NO_TIME binds null), b const tend_buffer * (NULL binds null). */
#ifndef TEND_PLAYBOOK_SQL_H
#define TEND_PLAYBOOK_SQL_H

#include "base/buffer.h"
#include "store/store.h"

tend_status tend_sql_run(tend_store *store, tend_error *reterr, const char *sql, const char *format, ...);
/* The caller steps and ends it. Texts stay borrowed. */
tend_status tend_sql_ask(tend_store *store, tend_statement **ret_statement, tend_error *reterr, const char *sql, const char *format,
                         ...);
/* The integer of the first row, `otherwise` when there is none. */
tend_status tend_sql_number(tend_store *store, int64_t otherwise, int64_t *ret_number, tend_error *reterr, const char *sql,
                            const char *format, ...);

#endif
