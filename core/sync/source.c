#include "sync/source.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/log.h"
#include "sync/gather.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const tend_setting source_settings[] = {
    { .key = "plugin", .type = TEND_SETTING_TEXT, .help = "the connector's plugin: csv, command …", .is_required = true },
    { .key = "capability", .type = TEND_SETTING_TEXT, .help = "which connector of the plugin; the one of its name when not given" },
    { .key = "mapping", .type = TEND_SETTING_TEXT, .help = "name or path of the mapping", .is_required = true },
    { .key = "every",
      .type = TEND_SETTING_DURATION,
      .fallback = "1 h",
      .min = 1000,
      .max = INT64_C(31) * 86400000,
      .help = "how often serve reads it" },
    { .key = "enabled", .type = TEND_SETTING_BOOL, .fallback = "yes", .help = "no: it is not read" },
    { .key = "keep_good", .type = TEND_SETTING_BOOL, .fallback = "yes", .help = "no: one rejected record and nothing is stored" },
    { .key = "history", .type = TEND_SETTING_BOOL, .fallback = "no", .help = "yes: what comes is the past and starts no playbook" },
    { .key = "token", .type = TEND_SETTING_SECRET, .help = "a secret of the plugin: @file:PATH or @env:NAME" },
    { .key = "password", .type = TEND_SETTING_SECRET, .help = "a secret of the plugin: @file:PATH or @env:NAME" },
    { .key = "*",
      .type = TEND_SETTING_TEXT,
      .help = "any other key is a setting of the plugin; relative paths are below the workspace" },
    { .key = NULL },
};

const tend_section tend_sync_sections[] = {
    { "source", true, "[source.NAME]: a connector that is read again and again, and the mapping of its records.", source_settings },
    { .name = NULL },
};

const char *tend_sync_source(const tend_config *config, size_t i)
{
    return tend_config_instance(config, "source", i);
}

const char *tend_sync_mapping(const tend_config *config, const char *name)
{
    return tend_config_text(config, "source", name, "mapping");
}

bool tend_sync_takes_last(const tend_config *config, const char *name)
{
    return strcmp(tend_config_text(config, "source", name, "plugin"), "csv") != 0;
}

bool tend_sync_is_source(const tend_config *config, const char *name)
{
    const char *known;

    for (size_t i = 0; (known = tend_config_instance(config, "source", i)); i++) {
        if (strcmp(known, name) == 0)
            return true;
    }
    return false;
}

tend_status tend_sync_next(tend_store *store, const tend_config *config, const char *name, tend_time now, tend_time *ret_at,
                           tend_error *reterr)
{
    tend_sync_state state;
    tend_arena *arena;
    tend_status status;

    *ret_at = TEND_NO_TIME;
    if (!tend_sync_is_source(config, name))
        return tend_fail(reterr, TEND_ENOTFOUND, "source %s: is not configured; add a section [source.%s]", name, name);
    if (!tend_config_bool(config, "source", name, "enabled"))
        return TEND_OK;
    arena = tend_arena_new();
    if (!arena)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    status = tend_sync_state_get(store, name, arena, &state, reterr);
    if (status == TEND_OK)
        *ret_at = state.started_at + tend_config_int(config, "source", name, "every");
    else if (status == TEND_ENOTFOUND)
        *ret_at = now;
    tend_arena_free(arena);
    return status == TEND_ENOTFOUND ? TEND_OK : status;
}

tend_status tend_sync_is_due(tend_store *store, const tend_config *config, const char *name, tend_time now, bool *ret_is_due,
                             tend_error *reterr)
{
    tend_time at;
    tend_status status = tend_sync_next(store, config, name, now, &at, reterr);

    *ret_is_due = status == TEND_OK && at != TEND_NO_TIME && at <= now;
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------------- */

typedef struct syncing {
    tend_model *model;
    tend_plugins *plugins;
    const tend_config *config;
    const char *name, *plugin, *capability;
    tend_arena *arena;
    tend_section_given own; /* as the section has them; owned */
    bool takes_encoding, takes_delimiter;
    const char **streams; /* of the connector */
    size_t stream_count;
    tend_error cut; /* why a stream broke off after a bookmark; `why` TEND_OK: none did */
    tend_status why;
    bool has_more;                    /* the leg of a long pull has ended, the next one follows */
    bool is_changed;                  /* the mapping, since the last pull; and it was not said yet */
    const tend_import_report *report; /* of what was stored */
} syncing;

static tend_status add_stream(void *self, const char *name, const char *about)
{
    syncing *s = self;
    const char **streams = tend_arena_take(s->arena, (s->stream_count + 1) * sizeof *streams);

    (void)about;
    if (!streams)
        return TEND_ENOMEM;
    if (s->stream_count > 0)
        memcpy(streams, s->streams, s->stream_count * sizeof *streams);
    streams[s->stream_count] = tend_arena_string(s->arena, name);
    s->streams = streams;
    return streams[s->stream_count++] ? TEND_OK : TEND_ENOMEM;
}

/* What the connector offers, and which of the mapping's writing it takes as settings. */
static tend_status look(syncing *s, tend_error *reterr)
{
    tend_hosted *hosted = NULL;
    tend_status status = tend_hosted_start(s->plugins, s->plugin, s->own.given, s->own.count, &hosted, reterr);

    if (status == TEND_OK) {
        for (const tend_option *option = tend_hosted_options(hosted); option && option->key; option++) {
            s->takes_encoding = s->takes_encoding || strcmp(option->key, "encoding") == 0;
            s->takes_delimiter = s->takes_delimiter || strcmp(option->key, "delimiter") == 0;
        }
        for (size_t i = 0; i < s->own.count; i++) {
            s->takes_encoding = s->takes_encoding && strcmp(s->own.given[i].key, "encoding") != 0;
            s->takes_delimiter = s->takes_delimiter && strcmp(s->own.given[i].key, "delimiter") != 0;
        }
        status = tend_hosted_streams(hosted, s->capability, add_stream, s, reterr);
    }
    tend_hosted_stop(hosted);
    return status;
}

/* Said once: at the first pull after the change that goes on behind what came before. */
static tend_status tell_change(syncing *s, tend_intake *intake, uint32_t part, tend_error *reterr)
{
    const char *name = intake->mapping->name;
    const char *reason = tend_arena_print(s->arena,
                                          "mapping %s was changed since the last pull; what came before is not mapped anew; "
                                          "tend sync %s --anew",
                                          name, s->name);

    if (!s->is_changed)
        return TEND_OK;
    s->is_changed = false;
    tend_log(TEND_LOG_INFO, "sync", "the mapping was changed since the last pull; tend sync SOURCE --anew maps all anew", "source",
             s->name, "mapping", name, NULL);
    intake->current = part;
    return reason && tend_intake_note(intake, false, 0, NULL, NULL, 0, reason) == TEND_OK
               ? TEND_OK
               : tend_fail(reterr, TEND_ENOMEM, "memory is used up");
}

static tend_status pull_stream(tend_intake *intake, uint32_t part, void *self, tend_error *reterr)
{
    syncing *s = self;
    const tend_mapping_stream *stream = intake->parts[part].stream;
    char delimiter[2] = { stream->delimiter, '\0' };
    size_t count = s->own.count;
    const char *bookmark = NULL;
    tend_hosted *hosted = NULL;
    tend_status status = tend_bookmark_get(s->model, s->name, stream->name, s->arena, &bookmark, reterr);

    if (status < 0)
        return status;
    if (s->takes_encoding && stream->encoding)
        s->own.given[count++] = (tend_given){ .key = "encoding", .value = stream->encoding };
    if (s->takes_delimiter && stream->delimiter)
        s->own.given[count++] = (tend_given){ .key = "delimiter", .value = stream->delimiter == '\t' ? "tab" : delimiter };
    intake->parts[part].is_anew = intake->options->is_anew && bookmark;
    if (intake->options->is_anew)
        bookmark = NULL;
    intake->may_grow = true;
    intake->parts[part].is_whole = bookmark == NULL;
    if (bookmark)
        status = tell_change(s, intake, part, reterr);
    if (status == TEND_OK)
        status = tend_hosted_start(s->plugins, s->plugin, s->own.given, count, &hosted, reterr);
    if (status == TEND_OK)
        status = tend_intake_pull(intake, part, hosted, s->capability, bookmark, reterr);
    tend_hosted_stop(hosted);
    /* The lines of a program name what they have: one that is left out may be empty. */
    return status < 0 ? status : tend_intake_columns_end(intake, part, strcmp(s->plugin, "command") == 0, reterr);
}

static tend_status spool_source(syncing *s, const tend_mapping *mapping, const tend_import_options *options, const char *path,
                                tend_error *reterr)
{
    char key[96];
    tend_gathering gathering = { .mapping = mapping,
                                 .options = options,
                                 .label = s->name,
                                 .resume_key = key,
                                 .sync = s->name,
                                 .ret_cut = &s->cut,
                                 .ret_why = &s->why,
                                 .ret_more = options->keeps_good && !options->is_anew ? &s->has_more : NULL };
    tend_intake *intake = NULL;
    tend_status status = s->streams ? TEND_OK : look(s, reterr);

    (void)snprintf(key, sizeof key, "sync:%.80s", s->name);
    if (status == TEND_OK)
        status = tend_intake_open(s->model, mapping, s->name, options, path, &intake, reterr);
    for (size_t i = 0; i < s->stream_count && status == TEND_OK; i++) {
        bool is_read = false;

        for (size_t m = 0; m < mapping->stream_count && status == TEND_OK; m++) {
            if (!tend_mapping_reads(&mapping->streams[m], s->streams[i]))
                continue;
            is_read = true;
            status = tend_intake_part_add(intake, &mapping->streams[m], s->streams[i], s->streams[i], reterr);
        }
        if (!is_read)
            tend_log(TEND_LOG_INFO, "sync", "stream is not in the mapping", "source", s->name, "stream", s->streams[i], NULL);
    }
    if (status == TEND_OK)
        status = tend_intake_gather(intake, &gathering, pull_stream, s, reterr);
    tend_intake_close(intake);
    if (status == TEND_OK)
        tend_failpoint("sync.spool.done");
    return status;
}

static tend_status note_change(syncing *s, const tend_mapping *mapping, tend_error *reterr)
{
    const char *before = NULL;
    tend_status status = tend_sync_meaning_get(tend_model_store(s->model), s->name, s->arena, &before, reterr);

    s->is_changed = status == TEND_OK && before && strcmp(before, mapping->meaning) != 0;
    return status;
}

static tend_status sync_source(syncing *s, const tend_mapping *mapping, const tend_import_options *options, tend_arena *arena,
                               const tend_import_report **ret_report, tend_error *reterr)
{
    char name[128];
    char path[PATH_MAX];
    tend_import_options own = *options;
    bool is_simulated = tend_store_is_simulated(tend_model_store(s->model));
    tend_status status = tend_folder_make(options->spool_folder, 0700, reterr);

    (void)snprintf(name, sizeof name, "sync-%.80s.%s", s->name, is_simulated ? "dry" : "spool");
    if (status == TEND_OK)
        status = tend_path_join(options->spool_folder, name, path, sizeof path, reterr);
    if (status == TEND_OK && !is_simulated && tend_file_exists(path)) { /* cut off: what was read is stored first */
        tend_import_report *resumed = tend_arena_take(arena, sizeof *resumed);

        status = tend_import_apply(s->model, path, options, arena, ret_report, reterr);
        if (status == TEND_OK && resumed) {
            *resumed = **ret_report;
            resumed->is_resumed = true;
            *ret_report = s->report = resumed;
        }
    }
    if (status == TEND_OK)
        status = note_change(s, mapping, reterr);
    own.is_checked = true;
    for (s->has_more = status == TEND_OK; status == TEND_OK && s->has_more;) {
        s->has_more = false;
        status = spool_source(s, mapping, options, path, reterr);
        if (status == TEND_OK)
            status = tend_import_apply(s->model, path, &own, arena, ret_report, reterr);
        if (status == TEND_OK && s->report && tend_import_reports_join(s->report, *ret_report, arena, ret_report) < 0)
            status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
        if (status == TEND_OK)
            s->report = *ret_report;
    }
    if (status == TEND_OK && s->why < 0)
        status = tend_fail(reterr, s->why, "%s (what came before its last bookmark is stored)", s->cut.text);
    return status;
}

/* What was no record is not passed by. */
static const char *unreadable(const tend_import_report *report, tend_arena *arena)
{
    const char *reasons = NULL;

    for (size_t i = 0; report->rejects && report->rejects[i]; i++)
        if (strstr(report->rejects[i], ".reasons"))
            reasons = strrchr(report->rejects[i], '/');
    return tend_arena_print(
        arena, "%lld %s cannot be read%s%s; the bookmark stays before %s; tend rejects drop %s does without",
        (long long)report->faults, report->faults == 1 ? "message" : "messages", reasons ? ", rejects" : "", reasons ? reasons : "",
        report->faults == 1 ? "it, so that it comes again" : "the first, so that they come again", report->source);
}

tend_status tend_sync(tend_model *model, tend_plugins *plugins, const tend_config *config, const char *name,
                      const tend_mapping *mapping, const tend_import_options *options, tend_arena *arena,
                      const tend_import_report **ret_report, tend_error *reterr)
{
    syncing s = { .model = model, .plugins = plugins, .config = config, .name = name, .arena = arena };
    tend_import_options own = *options;
    tend_sync_state state = { .source = name, .started_at = tend_model_now(model) };
    tend_error error, ignored;
    tend_status status;

    if (!tend_sync_is_source(config, name))
        return tend_fail(reterr, TEND_ENOTFOUND, "source %s: is not configured; add a section [source.%s]", name, name);
    s.plugin = tend_config_text(config, "source", name, "plugin");
    s.capability = tend_config_text(config, "source", name, "capability");
    if (!s.capability)
        s.capability = s.plugin;
    own.keeps_good = tend_config_bool(config, "source", name, "keep_good");
    own.takes_last = tend_sync_takes_last(config, name);
    own.is_history = own.is_history || tend_config_bool(config, "source", name, "history");
    status = tend_section_given_read(config, tend_sync_sections, name, NULL, NULL, &s.own, &error);
    if (status == TEND_OK)
        status = sync_source(&s, mapping, &own, arena, ret_report, &error);
    tend_section_given_clear(&s.own);

    state.ended_at = tend_model_now(model);
    state.is_good = status == TEND_OK && (*ret_report)->is_stored && (*ret_report)->faults == 0;
    if (status == TEND_OK && (*ret_report)->is_stored)
        state.meaning = mapping->meaning;
    if (s.report) {
        state.read = s.report->read;
        state.created = s.report->created;
        state.updated = s.report->updated;
        state.unchanged = s.report->unchanged;
        state.rejected = s.report->rejected;
    }
    if (status == TEND_OK) {
        if (!(*ret_report)->is_stored)
            state.why = "records were rejected, so nothing was stored";
        else if (!state.is_good)
            state.why = unreadable(*ret_report, arena);
        return tend_sync_state_set(model, &state, reterr);
    }
    state.why = error.text;
    (void)tend_sync_state_set(model, &state, &ignored); /* the first failure is the one that is told */
    return tend_fail(reterr, status, "source %s: %s", name, error.text);
}
