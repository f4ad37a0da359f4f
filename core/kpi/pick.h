/* pick.h: naming some accounts in a statement, so that its text is one of few and stays prepared. */
#ifndef TEND_KPI_PICK_H
#define TEND_KPI_PICK_H

#include "base/buffer.h"
#include "store/store.h"

#define TEND_PICK_MOST 256 /* a longer list is picked from all rows by the reader */

/* " AND ACCOUNT IN (?F, …)" for parameters from `first`; nothing when the list is too long. */
void tend_pick_write(const char *account, size_t count, int first, tend_buffer *sql);
/* The accounts into those parameters. */
void tend_pick_bind(tend_statement *statement, const int64_t *accounts, size_t count, int first);

#endif
