/* playbook_fixture.h: playbooks at work on a temporary store, through the real sandbox, with an account, its owner and a manager.
 */
#ifndef TEND_TESTS_PLAYBOOK_FIXTURE_H
#define TEND_TESTS_PLAYBOOK_FIXTURE_H

#include "model/filter.h"
#include "playbook/playbooks.h"
#include "store_fixture.h"

#define SEGMENTS "[segment.key]\nwhere = name = Acme\n[segment.growth]\nwhere = seats > 1000\n"

static fixture f;
static tend_config *config;
static tend_segments *segments;
static tend_playbooks *playbooks;
static tend_playbook_options options;
static char sandbox_path[4096];
static const tend_measure_name *measure_names; /* KPIs that conditions may name; NULL: none */
static int64_t account, owner, manager;

static inline void load_config(const char *ini)
{
    static const tend_section *const sections[] = { tend_playbook_sections, tend_segment_sections, NULL };

    TEST_OK(&f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &config, &f.error));
    TEST_OK(&f, tend_segments_load(config, f.schema, measure_names, stderr, &segments, &f.error));
}

static inline void open_playbooks(const char *ini)
{
    load_config(ini);
    TEST_OK(&f, tend_playbooks_open(config, f.model, segments, &options, stderr, &playbooks, &f.error));
}

static inline void close_playbooks(void)
{
    tend_playbooks_close(playbooks);
    tend_segments_free(segments);
    tend_config_free(config);
    playbooks = NULL;
    segments = NULL;
    config = NULL;
}

/* Scripts are those of the test's own folder. */
static inline void playbook_set_up(void)
{
    fixture_open(&f);
    (void)snprintf(sandbox_path, sizeof sandbox_path, "%s/bin/tend-sandbox", getenv("TEND_BUILD"));
    ck_assert_int_eq(mkdir(test_folder_path(&f.folder, "playbooks"), 0700), 0);
    ck_assert_int_eq(mkdir(test_folder_path(&f.folder, "lib"), 0700), 0);
    options = (tend_playbook_options){ .scripts = f.folder.path, .sandbox = sandbox_path, .limits = { .grace_ms = 20000 } };
    manager = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Han") } }).id;
    owner = TEST_PUT(&f, .kind = TEND_KIND_USER, .fields = { { "name", text("Kim") }, { "manager", ref(manager) } }).id;
    account = TEST_PUT(&f, .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("Acme") }, { "owner", ref(owner) } }).id;
}

static inline void playbook_tear_down(void)
{
    close_playbooks();
    fixture_close(&f);
}

/* Until nothing is due. */
static inline void work(void)
{
    bool did = true;

    for (int rounds = 0; did; rounds++) {
        ck_assert_int_lt(rounds, 1000);
        TEST_OK(&f, tend_playbooks_step(playbooks, &did, &f.error));
    }
}

static inline void go_to(const char *iso)
{
    f.now = at(iso);
    work();
}

static inline int64_t count(const char *sql)
{
    int64_t found = -1;

    TEST_OK(&f, tend_store_number(f.store, sql, 0, &found, &f.error));
    return found;
}

/* The first text of the first row; "-" when there is none. */
static inline const char *word(const char *sql)
{
    tend_statement *statement;
    bool has_row;
    const char *found;

    TEST_OK(&f, tend_store_prepare(f.store, sql, &statement, &f.error));
    TEST_OK(&f, tend_statement_step(statement, &has_row, &f.error));
    found = has_row && !tend_statement_is_null(statement, 0) ? tend_arena_string(f.arena, tend_statement_text(statement, 0, NULL))
                                                             : "-";
    tend_statement_end(statement);
    return found;
}

static inline void copy_shipped(const char *shipped, const char *file)
{
    char path[4096], *text_of_file;
    size_t length;

    (void)snprintf(path, sizeof path, "%s/scripts/%s.lua", getenv("TEND_SOURCE"), shipped);
    text_of_file = test_file_read(path, &length);
    ck_assert_ptr_nonnull(text_of_file);
    (void)test_folder_write(&f.folder, file, text_of_file, length);
    free(text_of_file);
}

/* The shipped script, in the test's folder, with the libraries that scripts name. */
static inline void use_script(const char *folder, const char *name)
{
    char shipped[256], file[128];

    (void)snprintf(shipped, sizeof shipped, "playbooks/%s/%s", folder, name);
    (void)snprintf(file, sizeof file, "playbooks/%s.lua", name);
    copy_shipped(shipped, file);
    copy_shipped("lib/dates", "lib/dates.lua");
}

static inline tend_date today(void)
{
    return (tend_date)(f.now / 86400000);
}

static inline int64_t add_contract(tend_date ends_on)
{
    return TEST_PUT(&f, .kind = TEND_KIND_CONTRACT,
                    .fields = { { "account", ref(account) },
                                { "status", text("active") },
                                { "ends_on", { .type = TEND_DATE, .integer = ends_on } },
                                { "annual_amount", money(1200000, "EUR") } })
        .id;
}

static inline void set_status(tend_kind kind, int64_t id, const char *status)
{
    (void)TEST_PUT(&f, .kind = kind, .id = id, .fields = { { "status", text(status) } });
}

#endif
