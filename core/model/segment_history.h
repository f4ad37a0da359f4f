/* segment_history.h: how a segment was defined, and since when.
 *
 * Who was in a segment on a day is computed, by today's definition, from the history of the accounts; nothing about membership is
 * stored. The definitions are written down when a configuration is first met, so that a list of a past day can say that the
 * segment meant something else then. */
#ifndef TEND_MODEL_SEGMENT_HISTORY_H
#define TEND_MODEL_SEGMENT_HISTORY_H

#include "model/filter.h"

/* Writes down the definitions that differ from the last ones, in a transaction of its own. */
tend_status tend_segments_remember(const tend_segments *segments, tend_model *model, tend_error *reterr);
/* The definition at the world's instant and since when it stood; *ret_text NULL when none was written down by then. */
tend_status tend_segment_defined(const tend_world *world, const char *name, tend_arena *arena, const char **ret_text,
                                 tend_time *ret_since, tend_error *reterr);

#endif
