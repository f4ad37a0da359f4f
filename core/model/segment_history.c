/* segment_history.c: how a segment was defined, and since when: who was in it on a day is computed, its definition is not. */
#include "model/segment_history.h"
#include "model/inside.h"
#include <string.h>

static tend_status newest(tend_store *store, const char *name, tend_time until, tend_arena *arena, const char **ret_text,
                          tend_time *ret_since, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        store, "SELECT definition, since FROM segment_definitions WHERE segment=?1 AND since<=?2 ORDER BY since DESC LIMIT 1",
        &statement, reterr);

    *ret_text = NULL;
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, name);
    tend_statement_bind_int(statement, 2, until);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        *ret_text = tend_arena_string(arena, tend_statement_text(statement, 0, NULL));
        *ret_since = tend_statement_int(statement, 1);
        if (!*ret_text)
            status = tend_fail(reterr, TEND_ENOMEM, "segments: no memory is left for them");
    }
    tend_statement_end(statement);
    return status;
}

static tend_status write_down(tend_model *model, const char *name, const char *text, tend_error *reterr)
{
    tend_statement *insert = NULL;
    tend_status status = tend_store_prepare(
        model->store, "INSERT OR REPLACE INTO segment_definitions (segment, since, definition) VALUES (?1, ?2, ?3)", &insert,
        reterr);

    if (status < 0)
        return status;
    tend_statement_bind_string(insert, 1, name);
    tend_statement_bind_int(insert, 2, tend_model_now(model));
    tend_statement_bind_string(insert, 3, text);
    status = tend_statement_run(insert, reterr);
    tend_statement_end(insert);
    return status;
}

tend_status tend_segments_remember(const tend_segments *segments, tend_model *model, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    bool has_begun = false;
    const char *name, *text;
    tend_time since;
    tend_status status = arena ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "segments: no memory is left for them");

    for (size_t i = 0; status >= 0 && (name = tend_segments_name(segments, i)) != NULL; i++) {
        const char *now = tend_filter_text(tend_segments_filter(segments, name));

        status = newest(model->store, name, INT64_MAX, arena, &text, &since, reterr);
        if (status < 0 || (text && strcmp(text, now) == 0))
            continue;
        if (!has_begun)
            status = tend_model_begin(model, reterr);
        has_begun = has_begun || status >= 0;
        if (status >= 0)
            status = write_down(model, name, now, reterr);
    }
    if (has_begun && status >= 0)
        status = tend_model_commit(model, reterr);
    else if (has_begun)
        tend_model_rollback(model);
    tend_arena_free(arena);
    return status;
}

tend_status tend_segment_defined(const tend_world *world, const char *name, tend_arena *arena, const char **ret_text,
                                 tend_time *ret_since, tend_error *reterr)
{
    *ret_text = NULL;
    if (!tend_store_has_table(world->store, "segment_definitions"))
        return TEND_OK;
    return newest(world->store, name, world->effective == TEND_NO_TIME ? INT64_MAX : world->effective, arena, ret_text, ret_since,
                  reterr);
}
