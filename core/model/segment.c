/* segment.c: named filters over accounts, from [segment.NAME]. */
#include "base/buffer.h"
#include "model/filter_internal.h"

#include <stdlib.h>
#include <string.h>

static const tend_setting segment_settings[] = {
    { .key = "where",
      .type = TEND_SETTING_EXPRESSION,
      .help = "which accounts belong to it, as in region = EMEA and arr >= 500k EUR",
      .is_required = true },
    { .key = "help", .type = TEND_SETTING_TEXT, .help = "what the segment is for, one line" },
    { .key = NULL },
};
const tend_section tend_segment_sections[] = {
    { .name = "segment",
      .is_named = true,
      .summary = "A named set of accounts. Filters and other segments use it as `segment = NAME`.",
      .settings = segment_settings },
    { .name = NULL },
};

/* Where a depth-first walk is with each segment. */
typedef enum visit { VISIT_NEW = 0, VISIT_OPEN, VISIT_DONE } visit;

typedef struct segment_walk {
    tend_segments *segments;
    char *places; /* count texts of PLACE_ROOM */
    visit *visits;
    size_t *path; /* the open ones, outermost first */
    size_t depth;
    FILE *faults;
    tend_status status;
    tend_error *reterr;
} segment_walk;

#define PLACE_ROOM 512
#define NEST_MAX 16

int filter_segment_find(const tend_segments *segments, const char *name, size_t length)
{
    for (size_t i = 0; segments && i < segments->count; i++)
        if (strlen(segments->segments[i].name) == length && memcmp(segments->segments[i].name, name, length) == 0)
            return (int)i;
    return segments && segments->is_any ? 0 : -1;
}

/* Every fault is a line; the first is also the caller's. */
static void report(segment_walk *walk, const tend_error *error)
{
    if (walk->faults)
        (void)fprintf(walk->faults, "%s\n", error->text);
    if (walk->status == TEND_OK) {
        walk->status = error->status;
        if (walk->reterr)
            *walk->reterr = *error;
    }
}

static const char *place_of(const segment_walk *walk, size_t segment)
{
    return walk->places + segment * PLACE_ROOM;
}

/* "a, b, a" */
static void report_circle(segment_walk *walk, size_t segment)
{
    char names[400] = "";
    size_t first = 0, length = 0;
    tend_error error;

    while (walk->path[first] != segment)
        first++;
    for (size_t i = first; i < walk->depth && length < sizeof names; i++)
        length += (size_t)snprintf(names + length, sizeof names - length, "%s, ", walk->segments->segments[walk->path[i]].name);
    if (length < sizeof names)
        (void)snprintf(names + length, sizeof names - length, "%s", walk->segments->segments[segment].name);
    (void)tend_fail(&error, TEND_EINVAL, "%s: the segments go round in a circle: %s; take one of them out",
                    place_of(walk, walk->path[walk->depth - 1]), names);
    report(walk, &error);
}

/* Weighs a segment after those it names. Recurses at most NEST_MAX deep. */
static void visit_segment(segment_walk *walk, size_t segment)
{
    tend_filter *filter = walk->segments->segments[segment].filter;
    tend_error error;

    if (walk->visits[segment] == VISIT_DONE || !filter)
        return;
    if (walk->visits[segment] == VISIT_OPEN) {
        report_circle(walk, segment);
        return;
    }
    if (walk->depth == NEST_MAX) {
        (void)tend_fail(&error, TEND_EINVAL, "%s: segments name segments more than %d levels deep; write some of them out",
                        place_of(walk, segment), NEST_MAX);
        report(walk, &error);
        return;
    }
    walk->visits[segment] = VISIT_OPEN;
    walk->path[walk->depth++] = segment;
    for (size_t i = 0; i < filter->use_count; i++)
        visit_segment(walk, (size_t)filter->uses[i].segment);
    walk->depth--;
    walk->visits[segment] = VISIT_DONE;
    if (walk->status == TEND_OK && filter_weigh(filter, place_of(walk, segment), &error) < 0)
        report(walk, &error);
}

static tend_status copy_measures(tend_segments *segments, const tend_measure_name *measures)
{
    size_t count = 0;
    tend_measure_name *copies;

    while (measures && measures[count].name)
        count++;
    copies = tend_arena_take(segments->arena, (count + 1) * sizeof *copies);
    if (!copies)
        return TEND_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        copies[i] = (tend_measure_name){ tend_arena_string(segments->arena, measures[i].name), measures[i].is_money,
                                         measures[i].choices ? tend_arena_string(segments->arena, measures[i].choices) : NULL };
        if (!copies[i].name || (measures[i].choices && !copies[i].choices))
            return TEND_ENOMEM;
    }
    segments->measures = copies;
    return TEND_OK;
}

static tend_status list_names(const tend_config *config, tend_segments *segments)
{
    size_t count = 0;

    while (config && tend_config_instance(config, "segment", count))
        count++;
    segments->segments = tend_arena_take(segments->arena, (count + 1) * sizeof *segments->segments);
    if (!segments->segments)
        return TEND_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        filter_segment *segment = &segments->segments[i];
        const char *name = tend_config_instance(config, "segment", i);
        const char *help = tend_config_text(config, "segment", name, "help");

        segment->name = tend_arena_string(segments->arena, name);
        segment->help = tend_arena_string(segments->arena, help);
        if (!segment->name || (help && !segment->help))
            return TEND_ENOMEM;
    }
    segments->count = count;
    return TEND_OK;
}

static void parse_all(segment_walk *walk, const tend_config *config, const tend_schema *schema)
{
    for (size_t i = 0; i < walk->segments->count; i++) {
        filter_segment *segment = &walk->segments->segments[i];
        const char *where = tend_config_text(config, "segment", segment->name, "where");
        char *place = walk->places + i * PLACE_ROOM;
        const char *file = NULL;
        unsigned line = 0;
        tend_error error;

        if (!where) { /* the configuration has said so */
            if (walk->status == TEND_OK)
                walk->status = tend_fail(walk->reterr, TEND_EINVAL, "[segment.%s] where: is missing; add it", segment->name);
            continue;
        }
        tend_config_origin(config, "segment", segment->name, "where", &file, &line);
        (void)snprintf(place, PLACE_ROOM, "%s:%u: [segment.%s] where", file ? file : "configuration", line, segment->name);
        if (filter_parse(schema, walk->segments, TEND_KIND_ACCOUNT, where, place, &segment->filter, &error) < 0)
            report(walk, &error);
    }
}

tend_status tend_segments_load(const tend_config *config, const tend_schema *schema, const tend_measure_name *measures,
                               FILE *faults, tend_segments **ret_segments, tend_error *reterr)
{
    tend_segments *segments = calloc(1, sizeof *segments);
    segment_walk walk = { .segments = segments, .faults = faults, .reterr = reterr };
    tend_status status = TEND_ENOMEM;

    if (!segments)
        goto out;
    segments->arena = tend_arena_new();
    if (!segments->arena)
        goto out;
    status = copy_measures(segments, measures);
    if (status == TEND_OK)
        status = list_names(config, segments);
    if (status < 0)
        goto out;
    walk.places = calloc(segments->count + 1, PLACE_ROOM);
    walk.visits = calloc(segments->count + 1, sizeof *walk.visits);
    walk.path = calloc(segments->count + 1, sizeof *walk.path);
    status = TEND_ENOMEM;
    if (!walk.places || !walk.visits || !walk.path)
        goto out;
    parse_all(&walk, config, schema);
    for (size_t i = 0; i < segments->count; i++)
        visit_segment(&walk, i);
    status = walk.status;
    if (status < 0)
        goto out;

    *ret_segments = segments;
    segments = NULL;
out:
    free(walk.places);
    free(walk.visits);
    free(walk.path);
    tend_segments_free(segments);
    if (status == TEND_ENOMEM)
        (void)tend_fail(reterr, status, "segments: no memory is left for them");
    return status;
}

static tend_status load_neutral(const char *text, const tend_schema *schema, const tend_measure_name *measures,
                                tend_segments **ret_segments, tend_error *reterr)
{
    static const tend_section *const sections[] = { tend_segment_sections, NULL };
    tend_config *config = NULL;
    tend_status status = tend_config_load_text("segments", text, strlen(text), sections, NULL, &config, reterr);

    if (status >= 0)
        status = tend_segments_load(config, schema, measures, NULL, ret_segments, reterr);
    tend_config_free(config);
    return status;
}

tend_status tend_segments_any(const tend_schema *schema, const tend_measure_name *measures, tend_segments **ret_segments,
                              tend_error *reterr)
{
    tend_status status = load_neutral("[segment.any]\nwhere = name is not empty\n", schema, measures, ret_segments, reterr);

    if (status >= 0)
        (*ret_segments)->is_any = true;
    return status;
}

tend_status tend_segments_names(const tend_config *config, const tend_schema *schema, const tend_measure_name *measures,
                                tend_segments **ret_segments, tend_error *reterr)
{
    tend_buffer text = { 0 };
    const char *name;
    tend_status status;

    for (size_t i = 0; (name = tend_config_instance(config, "segment", i)) != NULL; i++)
        tend_buffer_print(&text, "[segment.%s]\nwhere = name is not empty\n", name);
    status = text.failed ? tend_fail(reterr, TEND_ENOMEM, "segments: no memory is left for them")
                         : load_neutral(tend_buffer_string(&text), schema, measures, ret_segments, reterr);
    tend_buffer_clear(&text);
    return status;
}

bool tend_segments_is_any(const tend_segments *segments)
{
    return segments && segments->is_any;
}

void tend_segments_free(tend_segments *segments)
{
    if (!segments)
        return;
    for (size_t i = 0; i < segments->count; i++)
        tend_filter_free(segments->segments[i].filter);
    tend_arena_free(segments->arena);
    free(segments);
}

const char *tend_segments_name(const tend_segments *segments, size_t i)
{
    return i < segments->count ? segments->segments[i].name : NULL;
}

const char *tend_segments_measure(const tend_segments *segments, size_t i)
{
    for (size_t at = 0; at < i; at++)
        if (!segments->measures[at].name)
            return NULL;
    return segments->measures[i].name;
}

const tend_filter *tend_segments_filter(const tend_segments *segments, const char *name)
{
    int index = filter_segment_find(segments, name, strlen(name));

    return index < 0 ? NULL : segments->segments[index].filter;
}

const char *tend_segments_help(const tend_segments *segments, const char *name)
{
    int index = filter_segment_find(segments, name, strlen(name));

    return index < 0 ? NULL : segments->segments[index].help;
}
