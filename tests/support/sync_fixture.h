/* sync_fixture.h: a temporary store, the real tend-host with connector/csv, mappings and files written inline. */
#ifndef TEND_SYNC_FIXTURE_H
#define TEND_SYNC_FIXTURE_H

#include "store_fixture.h"
#include "sync/import.h"

typedef struct sync_fixture {
    fixture f;
    tend_config *config;
    tend_plugins *plugins;
    tend_mapping *mapping;
    tend_import_options options;
    const tend_import_report *report;
    char spool[600], rejects[600];
} sync_fixture;

static inline void sync_fixture_plugins(sync_fixture *s)
{
    static const tend_section *const sections[] = { tend_plugins_sections, NULL };
    static const char ini[] = "[plugin.csv]\ngrant = files\n";
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/lib/tend/plugins", getenv("TEND_BUILD"));
    (void)setenv("TEND_PLUGIN_PATH", path, 1);
    TEST_OK(&s->f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &s->config, &s->f.error));
    TEST_OK(&s->f, tend_plugins_open(s->config, tend_clock_by_hand(&s->f.now), &s->plugins, &s->f.error));
}

static inline void sync_fixture_open(sync_fixture *s)
{
    memset(s, 0, sizeof *s);
    fixture_open(&s->f);
    sync_fixture_plugins(s);
    (void)snprintf(s->spool, sizeof s->spool, "%s/spool", s->f.folder.path);
    (void)snprintf(s->rejects, sizeof s->rejects, "%s/rejects", s->f.folder.path);
    s->options = (tend_import_options){ .spool_folder = s->spool, .reject_folder = s->rejects, .principal = &s->f.principal };
}

static inline void sync_fixture_close(sync_fixture *s)
{
    tend_mapping_free(s->mapping);
    tend_plugins_close(s->plugins);
    tend_config_free(s->config);
    fixture_close(&s->f);
}

static inline void use_mapping_text(sync_fixture *s, const char *text)
{
    tend_mapping_free(s->mapping);
    s->mapping = NULL;
    TEST_OK(&s->f, tend_mapping_load_text("test.ini", text, strlen(text), s->f.schema, stderr, &s->mapping, &s->f.error));
}

/* One of etc/mappings. */
static inline void use_mapping(sync_fixture *s, const char *name)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/etc/mappings/%s.ini", getenv("TEND_SOURCE"), name);
    tend_mapping_free(s->mapping);
    s->mapping = NULL;
    TEST_OK(&s->f, tend_mapping_load(path, s->f.schema, stderr, &s->mapping, &s->f.error));
}

static inline tend_status try_import(sync_fixture *s, const char *const *files, size_t count)
{
    return tend_import(s->f.model, s->plugins, s->mapping, files, count, &s->options, s->f.arena, &s->report, &s->f.error);
}

static inline void import_files(sync_fixture *s, const char *const *files, size_t count)
{
    TEST_OK(&s->f, try_import(s, files, count));
    ck_assert_int_eq(s->report->read, s->report->created + s->report->updated + s->report->unchanged + s->report->rejected);
}

/* Writes `content` as the file `name` and imports it. */
static inline void import_text(sync_fixture *s, const char *name, const char *content)
{
    const char *path = test_folder_write_text(&s->f.folder, name, content);

    import_files(s, &path, 1);
}

/* "read created updated unchanged rejected" */
static inline const char *counts(const sync_fixture *s)
{
    const tend_import_report *r = s->report;

    return tend_arena_print(s->f.arena, "%lld %lld %lld %lld %lld", (long long)r->read, (long long)r->created,
                            (long long)r->updated, (long long)r->unchanged, (long long)r->rejected);
}

/* "line column: reason" of the i-th reject or remark; "" past the end. */
static inline const char *note(const sync_fixture *s, bool is_reject, size_t i)
{
    for (size_t n = 0; n < s->report->note_count; n++) {
        const tend_import_note *one = &s->report->notes[n];

        if (one->is_reject == is_reject && i-- == 0)
            return tend_arena_print(s->f.arena, "%llu %s: %s", (unsigned long long)one->line, one->column ? one->column : "-",
                                    one->reason);
    }
    return "";
}

static inline int64_t sql_number(sync_fixture *s, const char *sql)
{
    int64_t number = -1;

    TEST_OK(&s->f, tend_store_number(s->f.store, sql, -1, &number, &s->f.error));
    return number;
}

static inline const char *sql_text(sync_fixture *s, const char *sql)
{
    tend_statement *statement;
    bool has_row = false;
    size_t length;
    const char *text = "-";

    TEST_OK(&s->f, tend_store_prepare(s->f.store, sql, &statement, &s->f.error));
    TEST_OK(&s->f, tend_statement_step(statement, &has_row, &s->f.error));
    if (has_row && !tend_statement_is_null(statement, 0)) {
        text = tend_statement_text(statement, 0, &length);
        text = tend_arena_copy(s->f.arena, text, length);
    }
    tend_statement_end(statement);
    return text;
}

/* ../shared of the project, or $TEND_SHARED; NULL (said on standard error) when it is not there. */
static inline const char *shared_file(sync_fixture *s, const char *name)
{
    const char *shared = getenv("TEND_SHARED");
    const char *path = shared ? tend_arena_print(s->f.arena, "%s/%s", shared, name)
                              : tend_arena_print(s->f.arena, "%s/../shared/%s", getenv("TEND_SOURCE"), name);

    if (access(path, R_OK) == 0)
        return path;
    fprintf(stderr, "skipped: %s is not there\n", path);
    return NULL;
}

#endif
