#include "playbook/diff.h"

#include "playbook/graph.h"
#include "playbook/inside.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 1000, DETAIL = 300 };

struct tend_version {
    tend_bundle *bundle;   /* owned */
    tend_sandbox *sandbox; /* owned */
    tend_arena *arena;     /* owned */
    const tend_outline *outline;
    char hash[65];
};

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbook diff: memory is used up");
}

void tend_version_close(tend_version *version)
{
    if (!version)
        return;
    tend_sandbox_close(version->sandbox);
    tend_bundle_free(version->bundle);
    tend_arena_free(version->arena);
    free(version);
}

const char *tend_version_name(const tend_version *version)
{
    return version->bundle->spec.name;
}

const char *tend_version_hash(const tend_version *version)
{
    return version->hash[0] ? version->hash : NULL;
}

static tend_status new_version(const char *sandbox, tend_version **ret_version, tend_error *reterr)
{
    tend_version *version = calloc(1, sizeof *version);
    tend_status status = TEND_OK;

    if (version)
        version->arena = tend_arena_new();
    if (!version || !version->arena)
        status = out_of_memory(reterr);
    else
        status = tend_sandbox_open(sandbox, NULL, &version->sandbox, reterr);
    if (status < 0) {
        tend_version_close(version);
        return status;
    }
    *ret_version = version;
    return TEND_OK;
}

/* What is wrong first, not only that something is. */
static void take_fault(void *self, const char *key, const char *inner, const char *sentence)
{
    tend_error *first = self;

    (void)key;
    (void)inner;
    if (!first->text[0])
        (void)tend_fail(first, TEND_EINVAL, "%s", sentence);
}

static tend_status open_version(tend_version *version, const tend_schema *schema,
                                const char *(*written)(void *self, const char *name), void *self, tend_error *reterr)
{
    tend_error first = { 0 };
    tend_spec_faults faults = { .fault = take_fault, .self = &first };
    tend_status status = tend_bundle_open(version->bundle, 1, version->sandbox, schema, written, self, &faults, reterr);

    if (status == TEND_EINVAL && first.text[0])
        return tend_fail(reterr, status, "%s: %s; tend playbook check says all", version->bundle->path, first.text);
    return status < 0 ? status : tend_outline_read(&version->bundle->script, version->arena, &version->outline, reterr);
}

tend_status tend_version_read(const char *path, const char *folders, const tend_config *config, const tend_schema *schema,
                              const char *sandbox, tend_version **ret_version, tend_error *reterr)
{
    tend_version *version;
    tend_playbook_section section = { .config = config };
    const char *base = strrchr(path, '/');
    char name[64];
    tend_status status = new_version(sandbox, &version, reterr);

    if (status < 0)
        return status;
    (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(base ? base + 1 : path, "."), base ? base + 1 : path);
    section.name = name;
    status = tend_bundle_read(folders, path, &version->bundle, reterr);
    if (status >= 0)
        status = open_version(version, schema, config ? tend_section_written : NULL, &section, reterr);
    if (status < 0) {
        tend_version_close(version);
        return status;
    }
    *ret_version = version;
    return TEND_OK;
}

/* The row of bundles that is meant. */
static tend_status find_stored(tend_store *store, const char *playbook, const char *hash, int64_t *ret_id, tend_error *reterr)
{
    int64_t count = 0;
    tend_status status;

    *ret_id = 0;
    if (!hash[0]) {
        status = tend_sql_number(store, 0, ret_id, reterr, "SELECT bundle FROM playbooks WHERE name = ?1", "s", playbook);
        return status < 0 || *ret_id != 0
                   ? status
                   : tend_fail(reterr, TEND_ENOTFOUND, "playbook %s: has not worked yet; name two files, or run tend once",
                               playbook);
    }
    status =
        tend_sql_number(store, 0, &count, reterr,
                        "SELECT count(*) FROM bundles WHERE name = ?1 AND substr(hash, 1, length(?2)) = ?2", "ss", playbook, hash);
    if (status >= 0 && count != 1)
        status = tend_fail(reterr, TEND_ENOTFOUND,
                           "--against: %s of %s begin%s with '%.64s'; tend playbook show RUN names the version of a run",
                           count == 0 ? "no version" : "several versions", playbook, count == 0 ? "s" : "", hash);
    return status < 0 ? status
                      : tend_sql_number(store, 0, ret_id, reterr,
                                        "SELECT id FROM bundles WHERE name = ?1 AND substr(hash, 1, length(?2)) = ?2", "ss",
                                        playbook, hash);
}

static tend_status read_hash(tend_store *store, tend_version *version, int64_t id, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_sql_ask(store, &statement, reterr, "SELECT hash FROM bundles WHERE id = ?1", "i", id);

    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        (void)snprintf(version->hash, sizeof version->hash, "%s", tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_version_stored(tend_store *store, const char *playbook, const char *hash, const tend_schema *schema,
                                const char *sandbox, tend_version **ret_version, tend_error *reterr)
{
    tend_version *version;
    tend_stored_settings stored;
    tend_tree settings;
    int64_t id;
    tend_status status;

    if (!tend_store_has_table(store, "bundles"))
        return tend_fail(reterr, TEND_ENOTFOUND, "playbook %s: has not worked yet; name two files, or run tend once", playbook);
    status = find_stored(store, playbook, hash, &id, reterr);
    if (status >= 0)
        status = new_version(sandbox, &version, reterr);
    if (status < 0)
        return status;
    status = tend_bundle_fetch(store, id, &version->bundle, reterr);
    if (status >= 0)
        status = read_hash(store, version, id, reterr);
    if (status >= 0) {
        settings = version->bundle->settings;
        stored = (tend_stored_settings){ &settings, version->bundle->arena };
        status = open_version(version, schema, tend_stored_written, &stored, reterr);
        version->bundle->settings = settings;
    }
    if (status < 0) {
        tend_version_close(version);
        return status;
    }
    *ret_version = version;
    return TEND_OK;
}

/* ---- comparing --------------------------------------------------------------------------------------------------------- */

typedef struct flat_step {
    const tend_outline *step;
    int other; /* its place in the other version; -1: none */
    bool is_told;
} flat_step;

typedef struct comparison {
    const tend_version *was, *now;
    tend_status (*tell)(void *self, const tend_difference *difference, tend_error *reterr);
    void *self;
    size_t count;
    tend_arena *arena;
    flat_step old[STEPS_MAX], fresh[STEPS_MAX];
    size_t old_count, fresh_count;
    uint16_t common[STEPS_MAX + 1][STEPS_MAX + 1]; /* the longest common way from here on */
} comparison;

static tend_status tell(comparison *comparing, const tend_difference *difference, tend_error *reterr)
{
    comparing->count++;
    return comparing->tell(comparing->self, difference, reterr);
}

static bool same(const char *a, const char *b)
{
    return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static tend_status compare_words(comparison *comparing, const char *part, const char *was, const char *now, tend_error *reterr)
{
    const char *what = !was ? "added" : !now ? "removed" : "changed";

    return same(was, now) ? TEND_OK
                          : tell(comparing, &(tend_difference){ .part = part, .what = what, .was = was, .now = now }, reterr);
}

static bool has_outcome(const tend_spec *spec, const char *outcome)
{
    for (size_t i = 0; i < spec->outcome_count; i++)
        if (strcmp(spec->outcomes[i], outcome) == 0)
            return true;
    return false;
}

static tend_status compare_outcomes(comparison *comparing, tend_error *reterr)
{
    const tend_spec *was = &comparing->was->bundle->spec, *now = &comparing->now->bundle->spec;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < was->outcome_count && status >= 0; i++)
        if (!has_outcome(now, was->outcomes[i]))
            status = tell(comparing, &(tend_difference){ .part = "outcome", .what = "removed", .name = was->outcomes[i] }, reterr);
    for (size_t i = 0; i < now->outcome_count && status >= 0; i++)
        if (!has_outcome(was, now->outcomes[i]))
            status = tell(comparing, &(tend_difference){ .part = "outcome", .what = "added", .name = now->outcomes[i] }, reterr);
    return status;
}

static const tend_spec_setting *setting_of(const tend_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->setting_count; i++)
        if (strcmp(spec->settings[i].name, name) == 0)
            return &spec->settings[i];
    return NULL;
}

static const char *say_setting(const comparison *comparing, const tend_spec_setting *setting)
{
    const char *value = setting ? tend_tree_show(&setting->value, comparing->arena) : NULL;

    const char *allowed = setting ? tend_setting_allowed(setting, comparing->arena) : NULL;
    bool is_limited = allowed && *allowed && strcmp(setting->type, "boolean") != 0;

    return setting ? tend_arena_print(comparing->arena, "%s, %s%s%s", setting->type, value ? value : "", is_limited ? ", " : "",
                                      is_limited ? allowed : "")
                   : NULL;
}

static tend_status compare_setting(comparison *comparing, const tend_spec_setting *was, const tend_spec_setting *now,
                                   tend_error *reterr)
{
    tend_difference difference = { .part = "setting",
                                   .what = !was   ? "added"
                                           : !now ? "removed"
                                                  : "changed",
                                   .name = was ? was->name : now->name,
                                   .was = say_setting(comparing, was),
                                   .now = say_setting(comparing, now) };

    return same(difference.was, difference.now) ? TEND_OK : tell(comparing, &difference, reterr);
}

static tend_status compare_settings(comparison *comparing, tend_error *reterr)
{
    const tend_spec *was = &comparing->was->bundle->spec, *now = &comparing->now->bundle->spec;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < was->setting_count && status >= 0; i++)
        status = compare_setting(comparing, &was->settings[i], setting_of(now, was->settings[i].name), reterr);
    for (size_t i = 0; i < now->setting_count && status >= 0; i++)
        if (!setting_of(was, now->settings[i].name))
            status = compare_setting(comparing, NULL, &now->settings[i], reterr);
    return status;
}

static const tend_script *library_of(const tend_bundle *bundle, const char *name)
{
    for (const tend_script *library = bundle->libraries; library->file; library++)
        if (strcmp(library->file, name) == 0)
            return library;
    return NULL;
}

static tend_status compare_libraries(comparison *comparing, tend_error *reterr)
{
    const tend_bundle *was = comparing->was->bundle, *now = comparing->now->bundle;
    tend_status status = TEND_OK;

    for (const tend_script *library = was->libraries; library->file && status >= 0; library++) {
        const tend_script *other = library_of(now, library->file);

        if (!other || strcmp(other->text, library->text) != 0)
            status =
                tell(comparing,
                     &(tend_difference){ .part = "library", .what = other ? "changed" : "removed", .name = library->file }, reterr);
    }
    for (const tend_script *library = now->libraries; library->file && status >= 0; library++)
        if (!library_of(was, library->file))
            status = tell(comparing, &(tend_difference){ .part = "library", .what = "added", .name = library->file }, reterr);
    return status;
}

/* ---- steps ------------------------------------------------------------------------------------------------------------- */

static void flatten(const tend_outline *node, flat_step *steps, size_t *count)
{
    for (; node; node = node->next) {
        if (node->sort == TEND_OUTLINE_STEP && *count < STEPS_MAX)
            steps[(*count)++] = (flat_step){ .step = node, .other = -1 };
        flatten(node->first, steps, count);
    }
}

static bool is_same_step(const tend_outline *a, const tend_outline *b)
{
    return strcmp(a->verb, b->verb) == 0 && strcmp(a->name, b->name) == 0;
}

/* Pairs what stands in both in the same order, as many as there can be. */
static void pair_common(comparison *comparing)
{
    size_t i = 0, k = 0;

    for (size_t a = comparing->old_count; a-- > 0;)
        for (size_t b = comparing->fresh_count; b-- > 0;) {
            uint16_t below = comparing->common[a + 1][b], right = comparing->common[a][b + 1];

            comparing->common[a][b] = is_same_step(comparing->old[a].step, comparing->fresh[b].step)
                                          ? (uint16_t)(comparing->common[a + 1][b + 1] + 1)
                                          : (below > right ? below : right);
        }
    while (i < comparing->old_count && k < comparing->fresh_count) {
        if (is_same_step(comparing->old[i].step, comparing->fresh[k].step)) {
            comparing->old[i].other = (int)k;
            comparing->fresh[k++].other = (int)i++;
        } else if (comparing->common[i + 1][k] >= comparing->common[i][k + 1]) {
            i++;
        } else {
            k++;
        }
    }
}

/* What stands behind the same step, or before it, with the same verb. */
static bool stands_alike(const comparison *comparing, size_t i, size_t k)
{
    bool follows = (i == 0 && k == 0) || (i > 0 && k > 0 && comparing->old[i - 1].other == (int)k - 1);
    bool leads = (i + 1 == comparing->old_count && k + 1 == comparing->fresh_count) ||
                 (i + 1 < comparing->old_count && k + 1 < comparing->fresh_count && comparing->old[i + 1].other == (int)k + 1);

    return follows || leads;
}

static tend_status tell_step(comparison *comparing, const char *what, const tend_outline *was, const tend_outline *now,
                             tend_error *reterr)
{
    const tend_outline *shown = now ? now : was;
    tend_difference difference = { .part = "step",
                                   .what = what,
                                   .name = tend_outline_title(shown, comparing->arena),
                                   .was = was ? was->text : NULL,
                                   .now = now ? now->text : NULL,
                                   .line = shown->line };

    if (strcmp(what, "renamed") == 0) {
        difference.was = tend_outline_title(was, comparing->arena);
        difference.now = difference.name;
    } else if (strcmp(what, "moved") == 0) {
        difference.was = tend_arena_print(comparing->arena, "line %u", was->line);
        difference.now = tend_arena_print(comparing->arena, "line %u", now->line);
    }
    return difference.name ? tell(comparing, &difference, reterr) : out_of_memory(reterr);
}

/* Steps without a pair: those that stand elsewhere now, and those that only have another name. */
static tend_status pair_rest(comparison *comparing, tend_error *reterr)
{
    tend_status status = TEND_OK;

    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < comparing->old_count; i++)
            for (size_t k = 0; k < comparing->fresh_count && status >= 0 && comparing->old[i].other < 0; k++) {
                const tend_outline *was = comparing->old[i].step, *now = comparing->fresh[k].step;
                bool is_pair =
                    pass == 0 ? is_same_step(was, now) : strcmp(was->verb, now->verb) == 0 && stands_alike(comparing, i, k);

                if (comparing->fresh[k].other >= 0 || !is_pair)
                    continue;
                comparing->old[i].other = (int)k;
                comparing->fresh[k].other = (int)i;
                comparing->fresh[k].is_told = true;
                status = tell_step(comparing, pass == 0 ? "moved" : "renamed", was, now, reterr);
            }
    return status;
}

static tend_status compare_steps(comparison *comparing, tend_error *reterr)
{
    tend_status status;

    flatten(comparing->was->outline, comparing->old, &comparing->old_count);
    flatten(comparing->now->outline, comparing->fresh, &comparing->fresh_count);
    pair_common(comparing);
    status = pair_rest(comparing, reterr);
    for (size_t i = 0; i < comparing->old_count && status >= 0; i++)
        if (comparing->old[i].other < 0)
            status = tell_step(comparing, "removed", comparing->old[i].step, NULL, reterr);
    for (size_t k = 0; k < comparing->fresh_count && status >= 0; k++) {
        const flat_step *fresh = &comparing->fresh[k];

        if (fresh->other < 0)
            status = tell_step(comparing, "added", NULL, fresh->step, reterr);
        else if (!same(comparing->old[fresh->other].step->text, fresh->step->text))
            status = tell_step(comparing, "changed", comparing->old[fresh->other].step, fresh->step, reterr);
    }
    return status;
}

tend_status tend_version_compare(const tend_version *was, const tend_version *now,
                                 tend_status (*tell_one)(void *self, const tend_difference *difference, tend_error *reterr),
                                 void *self, size_t *ret_count, tend_error *reterr)
{
    comparison *comparing = calloc(1, sizeof *comparing);
    tend_status status;

    if (!comparing)
        return out_of_memory(reterr);
    comparing->was = was;
    comparing->now = now;
    comparing->tell = tell_one;
    comparing->self = self;
    comparing->arena = now->arena;
    status = compare_words(comparing, "subject", was->bundle->spec.subject->name, now->bundle->spec.subject->name, reterr);
    if (status >= 0)
        status = compare_words(comparing, "start", tend_spec_say_start(&was->bundle->spec, comparing->arena),
                               tend_spec_say_start(&now->bundle->spec, comparing->arena), reterr);
    if (status >= 0)
        status = compare_words(comparing, "stop", was->bundle->spec.stop_event, now->bundle->spec.stop_event, reterr);
    if (status >= 0)
        status = compare_outcomes(comparing, reterr);
    if (status >= 0)
        status = compare_settings(comparing, reterr);
    if (status >= 0)
        status = compare_steps(comparing, reterr);
    if (status >= 0)
        status = compare_libraries(comparing, reterr);
    *ret_count = comparing->count;
    free(comparing);
    return status;
}

/* ---- journals ---------------------------------------------------------------------------------------------------------- */

/* A replay that may go no further than its journal: the first thing that is new says that it fits. */
typedef struct replay {
    bool went_on;
} replay;

static tend_status take_request(void *self, const tend_request *request, tend_error *reterr)
{
    replay *replaying = self;

    (void)request;
    (void)reterr;
    replaying->went_on = true;
    return TEND_OK;
}

static tend_status take_read(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr)
{
    replay *replaying = self;

    (void)request;
    (void)ret_answer;
    replaying->went_on = true;
    return tend_fail(reterr, TEND_EINVAL, "that is new");
}

static tend_status read_journal(tend_store *store, int64_t run, tend_arena *arena, tend_journal_step **ret_journal,
                                size_t *ret_count, tend_error *reterr)
{
    tend_statement *statement;
    tend_journal_step *journal;
    int64_t count = 0;
    bool has_row = false;
    tend_status status = tend_sql_number(store, 0, &count, reterr, "SELECT count(*) FROM steps WHERE run = ?1", "i", run);

    *ret_count = 0;
    journal = tend_arena_take(arena, ((size_t)count + 1) * sizeof *journal);
    if (status >= 0 && !journal)
        status = out_of_memory(reterr);
    if (status >= 0)
        status = tend_sql_ask(store, &statement, reterr,
                              "SELECT name, verb, packed, state FROM steps WHERE run = ?1 ORDER BY position", "i", run);
    if (status < 0)
        return status;
    while (status >= 0 && (int64_t)*ret_count < count && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 &&
           has_row) {
        tend_tree *answer = tend_arena_take(arena, sizeof *answer);
        tend_journal_step *step = &journal[(*ret_count)++];
        size_t length;
        const void *packed = tend_statement_bytes(statement, 2, &length);

        *step = (tend_journal_step){ .name = tend_arena_string(arena, tend_statement_text(statement, 0, NULL)),
                                     .verb = tend_arena_string(arena, tend_statement_text(statement, 1, NULL)) };
        if (!answer || !step->name || !step->verb)
            status = out_of_memory(reterr);
        else if (packed)
            status = tend_tree_unpack(packed, length, arena, answer, reterr);
        if (strcmp(tend_statement_text(statement, 3, NULL), "waiting") != 0)
            step->answer = answer;
    }
    tend_statement_end(statement);
    *ret_journal = journal;
    return status < 0 ? status : TEND_OK;
}

/* What run.event was when it began. */
static tend_status read_event(tend_store *store, int64_t run, tend_arena *arena, tend_tree *ret_event, tend_error *reterr)
{
    tend_statement *statement;
    tend_tree_map map = { 0 };
    tend_tree args = { 0 };
    bool has_row = false;
    const void *packed;
    size_t length;
    tend_status status =
        tend_sql_ask(store, &statement, reterr,
                     "SELECT e.sequence, e.topic, s.args FROM runs r JOIN events e ON e.sequence = r.cause LEFT JOIN "
                     "starts s ON s.sequence = e.sequence WHERE r.id = ?1",
                     "i", run);

    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        packed = tend_statement_bytes(statement, 2, &length);
        if (packed)
            status = tend_tree_unpack(packed, length, arena, &args, reterr);
        tend_tree_add(&map, "args", args);
        tend_tree_add(&map, "sequence", tend_tree_int(tend_statement_int(statement, 0)));
        tend_tree_add(&map, "topic", tend_tree_text(tend_arena_string(arena, tend_statement_text(statement, 1, NULL))));
    }
    tend_statement_end(statement);
    if (status < 0)
        return status;
    return tend_tree_end(&map, arena, ret_event) < 0 ? out_of_memory(reterr) : TEND_OK;
}

tend_status tend_version_fits(tend_version *version, tend_store *store, int64_t run, tend_arena *arena, const char **ret_why,
                              tend_error *reterr)
{
    replay replaying = { .went_on = false };
    const tend_move_handler handler = { .request = take_request, .read = take_read, .self = &replaying };
    tend_bundle *bundle = version->bundle;
    tend_journal_step *journal;
    tend_move_result result;
    tend_tree event, spec;
    size_t count;
    tend_status status = read_journal(store, run, arena, &journal, &count, reterr);

    *ret_why = NULL;
    if (status >= 0)
        status = read_event(store, run, arena, &event, reterr);
    if (status >= 0 && !tend_sandbox_has(version->sandbox, 1)) /* it ended with an earlier run */
        status = tend_sandbox_load(version->sandbox, 1, &bundle->script, bundle->libraries, arena, &spec, &result, reterr);
    if (status >= 0)
        status = tend_sandbox_move(version->sandbox,
                                   &(tend_move){ .slot = 1,
                                                 .run = run,
                                                 .subject = bundle->spec.subject->name,
                                                 .settings = &bundle->settings,
                                                 .event = &event,
                                                 .journal = journal,
                                                 .count = count },
                                   &handler, arena, &result, reterr);
    if (status >= 0 && !replaying.went_on && result.end == TEND_MOVE_FAULT)
        *ret_why = result.text;
    return status;
}
