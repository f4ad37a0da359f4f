/* scan.h: the rows of one kind, account after account, from the chunks where they hold and from the store where they do not.
 *
 * Rows come in blocks of whole accounts, in the order of the scope; within an account by currency when it is asked for, then
 * effective time, then row id, unless any order will do. Accounts without rows are in no block. Memory is that of a block and of
 * the accounts that are read from the store. */
#ifndef TEND_KPI_SCAN_H
#define TEND_KPI_SCAN_H

#include "kpi/cache.h"
#include "kpi/words.h"

typedef struct tend_block {
    size_t accounts;
    const uint32_t *places; /* of each account among those of the scope, growing */
    const uint32_t *starts; /* where its rows begin; accounts + 1 */
    size_t rows;
    const int64_t *ids;           /* NULL when not asked for */
    const tend_time *at;          /* NULL when not asked for */
    const uint32_t *currencies;   /* packed; NULL when not asked for */
    const int64_t *const *values; /* by input */
    size_t assumed;               /* rows whose known time is assumed; counted when the world is one "as known then" */
} tend_block;

typedef struct tend_scan_input {
    const char *name;
    const tend_found_input *found;
    tend_words *words; /* of a text; NULL otherwise */
    /* Rows whose value is outside may be left out of loose blocks; the account stays, if need be without rows. NULL: all are
     * wanted. Not for texts. */
    const tend_chunk_range *range;
} tend_scan_input;

typedef struct tend_scan {
    const tend_world *world;
    const tend_cached *cached; /* may be NULL */
    const int64_t *accounts;   /* of the scope, sorted */
    size_t account_count;
    const bool *is_direct; /* by account: its rows are in the store alone; NULL when nothing is cached */
    const tend_kind_schema *kind;
    const tend_scan_input *inputs; /* all of this kind */
    size_t input_count;
    bool has_ids, has_at;
    bool is_loose; /* blocks in any order, and several at the same time: `visit` is called by several threads */
    /* Of loose scans, may be NULL: said of places from … to end - 1 before any block of them, by the same thread when it comes from
     * a chunk; of every place once. */
    void (*begin)(void *self, size_t from, size_t end);
    bool is_split; /* by currency: the row's, else the account's, else this one */
    char currency[4];
    const uint32_t *currencies; /* packed, by account of the scope: its own, 0 for none; for splitting what is cached */
} tend_scan;

/* A failure of `visit` ends it. TEND_ECORRUPT: a chunk is broken, some blocks may have been visited. */
tend_status tend_scan_run(const tend_scan *scan, tend_status (*visit)(void *self, const tend_block *block), void *self,
                          tend_error *reterr);
/* Whether the chunks hold everything that is asked for. */
bool tend_scan_is_cached(const tend_scan *scan);

uint32_t tend_currency_pack(const char *code); /* NULL and "" are 0 */
void tend_currency_unpack(uint32_t packed, char ret_code[4]);

#endif
