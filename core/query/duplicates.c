/* duplicates.c: pairs of accounts that look alike, best first. */
#include "model/merge.h"
#include "query/inside.h"

static const tend_heading headings[] = {
    { "account", NULL, TEND_INT, false },     { "name", NULL, TEND_TEXT, false }, { "other", NULL, TEND_INT, false },
    { "other_name", NULL, TEND_TEXT, false }, { "why", NULL, TEND_TEXT, false },
};
static const query_section section = { "duplicates", "Accounts that look alike", headings, QUERY_COUNT(headings), false, NULL };

typedef struct telling {
    const tend_query *query;
    tend_result *result;
    int64_t pairs;
    tend_error *reterr;
} telling;

static tend_status tell(void *self, int64_t a, int64_t b, const char *why)
{
    telling *told = self;
    const tend_world *world = &told->query->world;

    told->pairs++;
    return told->result->row(
        told->result,
        (tend_value[]){ tend_value_int(a), tend_value_of(tend_row_name(world, TEND_KIND_ACCOUNT, a, told->query->arena)),
                        tend_value_int(b), tend_value_of(tend_row_name(world, TEND_KIND_ACCOUNT, b, told->query->arena)),
                        tend_value_of(why) },
        told->reterr);
}

tend_status tend_query_duplicates(const tend_query *query, tend_result *result, tend_error *reterr)
{
    telling told = { query, result, 0, reterr };
    tend_status status = tend_access_may(query->principal, TEND_VERB_READ, TEND_KIND_ACCOUNT, 0, reterr);

    if (status >= 0)
        status = query_announce(query, &section, result, reterr);
    if (status >= 0)
        status = tend_merge_candidates(&query->world, query->principal, query->arena, tell, &told, reterr);
    if (status >= 0 && told.pairs > 0)
        status = result->note(
            result, query_say(query, "tend account merge #ACCOUNT #OTHER makes one of two; it can be taken back."), reterr);
    return status;
}
