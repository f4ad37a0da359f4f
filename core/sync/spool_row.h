/* spool_row.h: how a row stands in a spool. */
#ifndef TEND_SYNC_SPOOL_ROW_H
#define TEND_SYNC_SPOOL_ROW_H

#include "sync/spool.h"

#define TEND_SPOOL_LEAST 32 /* bytes of the shortest part that says how long a row is; no row is shorter */
#define TEND_SPOOL_PATCH 13 /* bytes of a reference, also of one that is still to come */

size_t tend_spool_row_bytes(const tend_spool_row *row, const tend_cell *cells, uint32_t count);
/* Writes tend_spool_row_bytes bytes to `at`, which stands at `offset` of the file; *ret_fields (may be NULL) as in tend_spool_add.
 */
void tend_spool_row_put(const tend_spool_row *row, const tend_cell *cells, uint32_t count, char *at, uint64_t offset,
                        uint64_t *ret_fields);
/* A field of TEND_SPOOL_PATCH bytes gets another value: a reference, or null. */
void tend_spool_row_patch(char *field, const tend_value *value);

/* How long the row is whose first TEND_SPOOL_LEAST bytes are these. */
size_t tend_spool_row_length(const char *row);
/* Its external id, without a NUL when the row was cut behind `length` bytes; NULL: it is not there. */
const char *tend_spool_row_external(const char *row, size_t length, size_t *ret_length);
/* All of it, of `length` bytes as the row says. Texts are borrowed. TEND_ECORRUPT: it lies about itself, or has more fields than
 * `room`. */
tend_status tend_spool_row_read(const char *row, size_t length, tend_assignment *fields, int room, tend_spool_row *ret_row);
tend_status tend_spool_row_cells(const char *row, size_t length, tend_arena *arena, const tend_cell **ret_cells,
                                 uint32_t *ret_count);

#endif
