/* merge.h: two accounts are one: a dated link, reversible. Rows keep the account id they came with; readers resolve it. */
#ifndef TEND_MODEL_MERGE_H
#define TEND_MODEL_MERGE_H

#include "model/world.h"

/* From now on `account` is read as `into`. Refuses itself, cycles, removed rows. Publishes account.merged. */
tend_status tend_merge(tend_model *model, const tend_origin *origin, int64_t account, int64_t into, tend_error *reterr);
/* Closes the link; *ret_stays counts rows added by hand to `into` since, which stay there. Publishes account.unmerged. */
tend_status tend_unmerge(tend_model *model, const tend_origin *origin, int64_t account, int64_t *ret_stays, tend_error *reterr);
/* The account that `account` is read as (itself when not merged). */
tend_status tend_merge_resolve(const tend_world *world, int64_t account, int64_t *ret_account, tend_error *reterr);
/* Pairs that look alike (folded name, domain of the e-mail or website, phone digits): calls `pair` for each, best first. */
tend_status tend_merge_candidates(const tend_world *world, const tend_principal *principal, tend_arena *arena,
                                  tend_status (*pair)(void *self, int64_t a, int64_t b, const char *why), void *self,
                                  tend_error *reterr);

#endif
