/* digest.h: the mail in the morning: what `tend today` has for a person, at his hour and in his language.
 *
 * Once a local day at most, whatever the clocks do and however often the engine starts: the day is a row, and the once-key of the
 * message is its name. Nothing to do gives no mail. */
#ifndef TEND_ENGINE_DIGEST_H
#define TEND_ENGINE_DIGEST_H

#include "outbox/outbox.h"
#include "query/query.h"

/* The table of days; needs the outbox's. Call once when the store can write. */
tend_status tend_digest_prepare(tend_store *store, tend_error *reterr);
/* For each user whose local hour has come and who had none today. `query` gives world, rates, currency, and the zone and language
 * of those who named none; principal, zone, language, today and arena are set for each user. Opens transactions of its own.
 * *ret_mails counts messages put into the outbox. */
tend_status tend_digest_due(tend_model *model, const tend_query *query, tend_time now, int *ret_mails, tend_error *reterr);
/* When the next user's hour comes; `now` when one is due; TEND_NO_TIME when nobody wants a digest. */
tend_status tend_digest_next(const tend_query *query, tend_time now, tend_time *ret_at, tend_error *reterr);

#endif
