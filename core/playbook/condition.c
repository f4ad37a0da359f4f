/* condition.c: the conditions that a script declares, as filters. */
#include "playbook/inside.h"

#include <string.h>

tend_status tend_condition_read(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                                const tend_principal *principal, const char *key, const char *text, tend_filter **ret_filter,
                                tend_error *reterr)
{
    tend_filter *filter = NULL;
    bool is_stop = strncmp(key, "stop_when.", 10) == 0;
    char place[4200];
    tend_status status;

    if (!text)
        return TEND_OK;
    (void)snprintf(place, sizeof place, "%s:%u: %s%s", bundle->path,
                   tend_spec_line(bundle->script.text, is_stop ? "stop_when" : "start_when", is_stop ? key + 10 : key),
                   is_stop ? "" : "start_when.", key);
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
    status = tend_condition_read(bundle, schema, segments, principal, "where", bundle->spec.where, ret_where, reterr);
    if (status == TEND_OK)
        status = tend_condition_read(bundle, schema, segments, principal, "again_when", bundle->spec.again, ret_again, reterr);
    if (status < 0) {
        tend_filter_free(*ret_where);
        *ret_where = NULL;
    }
    return status;
}

void tend_condition_of_rhythm(const tend_spec *spec, size_t i, char ret_text[200])
{
    (void)snprintf(ret_text, 200, "%ssegment = %.150s", spec->subject->kind == TEND_KIND_ACCOUNT ? "" : "account.",
                   spec->rhythms[i].segment);
}

tend_status tend_condition_rhythms(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                                   const tend_principal *principal, tend_filter *ret_rhythms[TEND_SPEC_RHYTHMS], tend_error *reterr)
{
    const tend_spec *spec = &bundle->spec;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < TEND_SPEC_RHYTHMS; i++)
        ret_rhythms[i] = NULL;
    for (size_t i = 0; i < spec->rhythm_count && status == TEND_OK; i++) {
        char text[200];

        if (!spec->rhythms[i].segment)
            continue;
        tend_condition_of_rhythm(spec, i, text);
        status = tend_condition_read(bundle, schema, segments, principal, "per_segment", text, &ret_rhythms[i], reterr);
    }
    for (size_t i = 0; i < TEND_SPEC_RHYTHMS && status < 0; i++) {
        tend_filter_free(ret_rhythms[i]);
        ret_rhythms[i] = NULL;
    }
    return status;
}

tend_status tend_condition_stop(const tend_bundle *bundle, const tend_schema *schema, const tend_segments *segments,
                                const tend_principal *principal, tend_filter **ret_stop, tend_error *reterr)
{
    *ret_stop = NULL;
    return tend_condition_read(bundle, schema, segments, principal, "stop_when.where", bundle->spec.stop_where, ret_stop, reterr);
}

void tend_condition_free(tend_playbook *playbook)
{
    tend_filter_free(playbook->stop);
    playbook->stop = NULL;
    tend_filter_free(playbook->where);
    tend_filter_free(playbook->again);
    playbook->where = playbook->again = NULL;
    for (size_t i = 0; i < TEND_SPEC_RHYTHMS; i++) {
        tend_filter_free(playbook->rhythms[i]);
        playbook->rhythms[i] = NULL;
    }
}

static void hear(tend_playbook *playbook, const tend_event *event)
{
    /* The KPI that it is news of; of what changes no row either no condition hears but those that hang on the day. */
    const char *measure = strncmp(event->topic, "measure.", 8) == 0 ? event->topic + 8 : "";
    bool changes = tend_event_changes_rows(event);

    if (strcmp(playbook->heard, event->topic) == 0)
        return;
    (void)snprintf(playbook->heard, sizeof playbook->heard, "%s", event->topic);
    playbook->stop_hears = playbook->stop && (changes || tend_filter_hears(playbook->stop, measure));
    playbook->due_hears = changes || tend_filter_hears(playbook->where, measure);
    for (size_t i = 0; i < TEND_SPEC_RHYTHMS && !playbook->due_hears; i++)
        playbook->due_hears = tend_filter_hears(playbook->rhythms[i], measure);
}

bool tend_hears_stop(tend_playbook *playbook, const tend_event *event)
{
    hear(playbook, event);
    return playbook->stop_hears;
}

bool tend_hears_due(tend_playbook *playbook, const tend_event *event)
{
    hear(playbook, event);
    return playbook->due_hears;
}
