/* erase.h: values that are gone for good: from the row, from its history, and from what sources may bring again.
 *
 * Whose values they are and where else they stand is decided above (engine/erase.h). What was erased is remembered as (kind, row,
 * field): a record of a source keeps the row it is known by and may say everything else, but not these fields again. */
#ifndef TEND_MODEL_ERASE_H
#define TEND_MODEL_ERASE_H

#include "model/model.h"

#define TEND_ERASED "(erased)" /* stands where a row must say something */

/* One field of one entity, or of every version of one fact. Needs an open transaction. *ret_values counts the values that went, in
 * the row, its versions and its history. An empty field is remembered too. */
tend_status tend_erase_field(tend_model *model, const tend_origin *origin, tend_kind kind, int64_t row, int field,
                             int64_t *ret_values, tend_error *reterr);
/* The names that sources have for this row become keyed hashes, which the same names find again. */
tend_status tend_erase_names(tend_model *model, tend_kind kind, int64_t row, int64_t *ret_names, tend_error *reterr);
/* Tells the bus "<kind>.erased". */
tend_status tend_erase_tell(tend_model *model, const tend_origin *origin, tend_kind kind, int64_t row, tend_error *reterr);
/* Caches of rows no longer hold: call when rows were rewritten past the model. */
void tend_erase_forget(tend_model *model);

#endif
