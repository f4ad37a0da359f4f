/* conform_batch.h: batches of accounts made up for trying out a KPI. The same seed gives the same batch. */
#ifndef TEND_ENGINE_CONFORM_BATCH_H
#define TEND_ENGINE_CONFORM_BATCH_H

#include "engine/conform_inside.h"
#include "model/schema.h"

typedef enum batch_mood {
    BATCH_USUAL = 1, /* values as they are in a company, a tenth of them not known */
    BATCH_KNOWN,     /* like the usual one, and every value is known */
    BATCH_UNKNOWN,   /* not one value is known */
    BATCH_BARE,      /* no account has a row */
    BATCH_HUGE       /* numbers and money near the end of 64 bits */
} batch_mood;

enum { BATCH_VALUE_MOST = 1000000 }; /* of numbers and money in a usual batch */

/* From the arena; columns as the inputs want them, with words where the schema has them. */
tend_status batch_make(conform *trial, const tend_schema *schema, const tend_input *inputs, uint32_t accounts, batch_mood mood,
                       tend_batch *ret_batch, tend_error *reterr);
/* The same batch with the words of every column `shift` places on, behind one that no value has; NULL when memory is used up. */
const tend_batch *batch_shift_words(conform *trial, const tend_batch *batch, uint32_t shift);
/* The same batch with all money `times` what it was; NULL when memory is used up. */
const tend_batch *batch_times_money(conform *trial, const tend_schema *schema, const tend_input *inputs, const tend_batch *batch,
                                    int64_t times);
/* The accounts `picked` of `batch`, in that order. NULL when memory is used up. */
const tend_batch *batch_pick(conform *trial, const tend_batch *batch, const uint32_t *picked, uint32_t count);

#endif
