/* rising.h: keys that come in order need no table. Inside sync only.
 *
 * Exports are mostly sorted by their keys. As long as each key of a kind stands above the one before it, none of them came before
 * and none looks like another; so nothing is kept of them but the highest. With the first that does not, the tables are made of
 * what is in the spool, and from then on they are asked. Kinds that records refer to have their table from the beginning. */
#ifndef TEND_SYNC_RISING_H
#define TEND_SYNC_RISING_H

#include "model/schema.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <tend/status.h>

#define TEND_RISING_MAX 500 /* a key's bytes */

/* Of one kind. */
typedef struct tend_rising {
    bool has_table;    /* its keys are in `identities` */
    bool has_similars; /* what looks like them is in `similar` */
    bool is_started;
    bool by_bytes, by_length; /* the orders that they all came in: as texts, or shorter ones first */
    unsigned shapes;          /* of all of them (tend_record_shape) */
    size_t length;
    char highest[TEND_RISING_MAX]; /* the last one */
} tend_rising;

struct tend_intake;

/* Which kinds have their table from the beginning. */
void tend_rising_begin(struct tend_intake *intake);
/* Whether no row of the kind can have this key. False: only the table knows, see below. */
bool tend_rising_is_new(const struct tend_intake *intake, tend_kind kind, const char *key, size_t length);
/* A row that tend_rising_is_new said nobody has was spooled under it. */
void tend_rising_note(struct tend_intake *intake, tend_kind kind, const char *key, size_t length);
/* From now on `identities` has all keys of the kind; nothing to do when it has them. */
tend_status tend_rising_fill(struct tend_intake *intake, tend_kind kind, tend_error *reterr);
/* Whether no key of the kind can look like this one; it is remembered. False: `similar` has all of them now. */
tend_status tend_rising_stands_out(struct tend_intake *intake, tend_kind kind, const char *key, size_t length, bool *ret_does,
                                   tend_error *reterr);

#endif
