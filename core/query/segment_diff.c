/* segment_diff.c: who entered a segment between two days, who left it, and which comparison moved them. */
#include "model/segment_history.h"
#include "query/inside.h"
#include <string.h>

enum { DATED_MAX = 1000 }; /* the day of a move is looked for by halving the period; for more than these it is left out */

typedef struct members {
    int64_t *ids; /* sorted */
    size_t count, room;
} members;

typedef struct comparison {
    const tend_query *query;
    const char *name;
    const tend_filter *filter;
    tend_date from, to;
    tend_world before, after;
    members then, now;
    size_t moves;
    tend_error *reterr;
} comparison;

/* The end of that day in UTC, as --as-of means it. */
static tend_world world_of(const tend_query *query, tend_date day)
{
    tend_world world = query->world;

    world.effective = ((tend_time)day + 1) * 86400000 - 1;
    world.now = world.effective;
    return world;
}

static tend_status gather(const comparison *what, const tend_world *world, members *found)
{
    tend_arena *arena = what->query->arena;
    const char *source, *condition, *sql;
    tend_statement *statement = NULL;
    bool has_row;
    tend_status status = tend_world_source(world, TEND_KIND_ACCOUNT, arena, &source, what->reterr);

    if (status >= 0)
        status = tend_filter_sql(what->filter, world, "a", arena, &condition, what->reterr);
    if (status < 0)
        return status;
    sql = tend_arena_print(arena, "SELECT a.id FROM %s AS a WHERE (%s) AND (%s) ORDER BY a.id", source,
                           tend_access_rows(what->query->principal, TEND_KIND_ACCOUNT), condition);
    status = sql ? tend_store_prepare(world->store, sql, &statement, what->reterr)
                 : tend_fail(what->reterr, TEND_ENOMEM, "segment: no memory for the query");
    while (status >= 0) {
        status = tend_statement_step(statement, &has_row, what->reterr);
        if (status < 0 || !has_row)
            break;
        if (found->count == found->room) {
            size_t room = found->room ? found->room * 2 : 1024;
            int64_t *ids = tend_arena_take(arena, room * sizeof *ids);

            if (!ids) {
                status = tend_fail(what->reterr, TEND_ENOMEM, "segment: no memory for %zu accounts", room);
                break;
            }
            if (found->count > 0)
                memcpy(ids, found->ids, found->count * sizeof *ids);
            found->ids = ids;
            found->room = room;
        }
        found->ids[found->count++] = tend_statement_int(statement, 0);
    }
    tend_statement_end(statement);
    return status;
}

/* Whether the account was in it on that day; *ret_why (may be NULL) is what decided, from the arena. */
static tend_status was_in(const comparison *what, const tend_world *world, int64_t account, bool *ret_in, const char **ret_why)
{
    const char *why = NULL;
    tend_error error;
    tend_status status = tend_filter_match(what->filter, world, what->query->rates, account, ret_in, &why, &error);

    if (status == TEND_ENOTFOUND) {
        *ret_in = false;
        why = NULL;
        status = TEND_OK;
    } else if (status < 0) {
        return tend_fail(what->reterr, status, "%s", error.text);
    }
    if (ret_why)
        *ret_why = why ? tend_arena_string(what->query->arena, why) : NULL;
    return status;
}

/* A day on which it moved: in before and out after, or the other way round. */
static tend_status find_day(const comparison *what, int64_t account, bool was_in_it, tend_date *ret_day)
{
    tend_date last = what->from, first = what->to;
    tend_status status = TEND_OK;

    while (status >= 0 && first - last > 1) {
        tend_date middle = last + (first - last) / 2;
        tend_world world = world_of(what->query, middle);
        bool is_in;

        status = was_in(what, &world, account, &is_in, NULL);
        if (is_in == was_in_it)
            last = middle;
        else
            first = middle;
    }
    *ret_day = first;
    return status;
}

/* Out of the segment it was for a reason: that comparison moved it. Where there was no account, that is the reason. */
static tend_status show_move(const comparison *what, int64_t account, bool has_entered, tend_result *result)
{
    const tend_query *query = what->query;
    const tend_world *outside = has_entered ? &what->before : &what->after, *inside = has_entered ? &what->after : &what->before;
    const char *why = NULL;
    tend_date day = TEND_NO_DATE;
    bool is_in;
    tend_status status = was_in(what, outside, account, &is_in, &why);

    if (status >= 0 && what->moves <= DATED_MAX)
        status = find_day(what, account, !has_entered, &day);
    if (status < 0)
        return status;
    if (!why)
        why = query_say(query, has_entered ? "there was no such account" : "there is no such account any more");
    return result->row(result,
                       (tend_value[]){ tend_value_of(query_say(query, has_entered ? "entered" : "left")), tend_value_int(account),
                                       tend_value_of(tend_row_name(inside, TEND_KIND_ACCOUNT, account, query->arena)),
                                       day == TEND_NO_DATE ? tend_value_none() : tend_value_date(day), tend_value_of(why) },
                       what->reterr);
}

static tend_status show_moves(const comparison *what, bool has_entered, tend_result *result)
{
    const members *in = has_entered ? &what->now : &what->then, *out = has_entered ? &what->then : &what->now;
    tend_status status = TEND_OK;

    for (size_t i = 0, j = 0; status >= 0 && i < in->count; i++) {
        while (j < out->count && out->ids[j] < in->ids[i])
            j++;
        if (j == out->count || out->ids[j] != in->ids[i])
            status = show_move(what, in->ids[i], has_entered, result);
    }
    return status;
}

static size_t count_common(const comparison *what)
{
    size_t common = 0;

    for (size_t i = 0, j = 0; i < what->now.count; i++) {
        while (j < what->then.count && what->then.ids[j] < what->now.ids[i])
            j++;
        common += j < what->then.count && what->then.ids[j] == what->now.ids[i];
    }
    return common;
}

tend_status tend_query_segment_note(const tend_query *query, const char *name, tend_result *result, tend_error *reterr)
{
    const char *now = tend_filter_text(tend_segments_filter(query->segments, name)), *then;
    tend_time since;
    tend_status status;

    if (query->world.effective == TEND_NO_TIME)
        return TEND_OK;
    status = tend_segment_defined(&query->world, name, query->arena, &then, &since, reterr);
    if (status < 0 || (then && strcmp(then, now) == 0))
        return status;
    return result->note(
        result,
        then ? query_fill(query, "by the definition of today ({now}); on that day it was: {then}", "now", now, "then", then, NULL)
             : query_fill(query, "by the definition of today ({now}); that of that day was not written down", "now", now, NULL),
        reterr);
}

tend_status tend_query_segment_diff(const tend_query *query, const char *name, tend_date from, tend_date to, tend_result *result,
                                    tend_error *reterr)
{
    static const tend_heading about[] = {
        { "segment", NULL, TEND_TEXT, false }, { "where", NULL, TEND_TEXT, false }, { "from", NULL, TEND_DATE, false },
        { "to", NULL, TEND_DATE, false },      { "before", NULL, TEND_INT, false }, { "entered", NULL, TEND_INT, false },
        { "left", NULL, TEND_INT, false },     { "after", NULL, TEND_INT, false },
    };
    static const tend_heading headings[] = {
        { "move", NULL, TEND_TEXT, false }, { "id", NULL, TEND_INT, false },   { "account", NULL, TEND_TEXT, false },
        { "on", NULL, TEND_DATE, true },    { "why", NULL, TEND_TEXT, false },
    };
    const query_section summary = { "segment", "Segment", about, QUERY_COUNT(about), true, NULL },
                        moves = { "moves", "Moved", headings, QUERY_COUNT(headings), false, NULL };
    comparison what = { .query = query,
                        .name = name,
                        .filter = tend_segments_filter(query->segments, name),
                        .from = from,
                        .to = to,
                        .before = world_of(query, from),
                        .after = world_of(query, to),
                        .reterr = reterr };
    tend_query past = *query;
    size_t common;
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_ACCOUNT, 0, reterr);

    past.world = what.before;
    if (status >= 0)
        status = query_begin(query, reterr);
    if (status >= 0)
        status = gather(&what, &what.before, &what.then);
    if (status >= 0)
        status = gather(&what, &what.after, &what.now);
    if (status < 0)
        return status;
    common = count_common(&what);
    what.moves = what.now.count + what.then.count - 2 * common;
    status = query_announce(query, &summary, result, reterr);
    if (status >= 0)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(name), tend_value_of(tend_filter_text(what.filter)),
                                             tend_value_date(from), tend_value_date(to), tend_value_int((int64_t)what.then.count),
                                             tend_value_int((int64_t)(what.now.count - common)),
                                             tend_value_int((int64_t)(what.then.count - common)),
                                             tend_value_int((int64_t)what.now.count) },
                             reterr);
    if (status >= 0)
        status = tend_query_segment_note(&past, name, result, reterr);
    if (status >= 0)
        status = query_announce(query, &moves, result, reterr);
    if (status >= 0)
        status = show_moves(&what, true, result);
    return status < 0 ? status : show_moves(&what, false, result);
}
