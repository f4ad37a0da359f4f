/* condition.c: the conditions that a script declares, as filters. */
#include "playbook/inside.h"

static tend_status parse_one(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                             const tend_principal *principal, const char *key, const char *text, tend_filter **ret_filter,
                             tend_error *reterr)
{
    tend_filter *filter = NULL;
    char place[4200];
    tend_status status;

    if (!text)
        return TEND_OK;
    (void)snprintf(place, sizeof place, "%s:%u: start_when.%s", bundle->path,
                   tend_spec_line(bundle->script.text, "start_when", key), key);
    status = tend_filter_parse(schema, segments, bundle->spec.subject->kind, text, place, &filter, reterr);
    if (status == TEND_OK)
        status = tend_filter_may(filter, principal, place, reterr);
    if (status < 0) {
        tend_filter_free(filter);
        return status;
    }
    *ret_filter = filter;
    return TEND_OK;
}

tend_status tend_condition_parse(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                                 const tend_principal *principal, tend_filter **ret_where, tend_filter **ret_again,
                                 tend_error *reterr)
{
    tend_status status;

    *ret_where = *ret_again = NULL;
    status = parse_one(bundle, schema, segments, principal, "where", bundle->spec.where, ret_where, reterr);
    if (status == TEND_OK)
        status = parse_one(bundle, schema, segments, principal, "again_when", bundle->spec.again, ret_again, reterr);
    if (status < 0) {
        tend_filter_free(*ret_where);
        *ret_where = NULL;
    }
    return status;
}
