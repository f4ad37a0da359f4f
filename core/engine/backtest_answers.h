/* backtest_answers.h: what people answer in a backtest: as they did in history, or as is assumed. */
#ifndef TEND_ENGINE_BACKTEST_ANSWERS_H
#define TEND_ENGINE_BACKTEST_ANSWERS_H

#include "engine/backtest.h"

typedef struct tend_answers tend_answers;

/* Borrows everything until close. */
tend_status tend_answers_open(tend_store *history, tend_workspace *desk, const tend_backtest_options *options,
                              tend_answers **ret_answers, tend_error *reterr);
void tend_answers_close(tend_answers *answers); /* accepts NULL */
/* Looks at what the runs have asked of people since the last look. */
tend_status tend_answers_look(tend_answers *answers, tend_error *reterr);
tend_time tend_answers_next(const tend_answers *answers); /* TEND_NO_TIME: none is to come */
/* Gives all answers that come by `until`. Needs no open transaction. */
tend_status tend_answers_give(tend_answers *answers, tend_time until, tend_error *reterr);
void tend_answers_count(const tend_answers *answers, int64_t *ret_answered, int64_t *ret_assumed, int64_t *ret_unanswered);

#endif
