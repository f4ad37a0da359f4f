/* The border, through the real tend-host: what comes back, and what a bad plugin costs. */
#include "plugin/plugins.h"

#include "base/log.h"
#include "tests.h"
#include <string.h>
#include <unistd.h>

static tend_time now = INT64_C(1772446504131);
static tend_plugins *plugins;
static tend_config *config;
static char logged[4096];
static const char all[] = "files, network, programs";

static void keep_line(void *self, const char *line)
{
    (void)self;
    if (strlen(logged) + strlen(line) + 1 < sizeof logged)
        strcat(logged, line);
}

/* Plugins that stand in the folder of the tests, beside those that are shipped; `rights` are granted to odd_mighty. */
static tend_status list(const char *rights, tend_error *error)
{
    static const tend_section *const sections[] = { tend_plugins_sections, NULL };
    char text[600], path[4096];
    int length =
        snprintf(text, sizeof text,
                 "[plugins]\ncall_deadline = 1 s\n\n[plugin.odd_mighty]\ngrant = %s\n\n[plugin.csv]\ngrant = files\n", rights);
    tend_status status;

    (void)snprintf(path, sizeof path, "%s/tests/plugins", getenv("TEND_BUILD"));
    (void)setenv("TEND_PLUGIN_PATH", path, 1);
    status = tend_config_load_text("tend.ini", text, (size_t)length, sections, NULL, &config, error);
    if (status == TEND_OK)
        status = tend_plugins_open(config, tend_clock_by_hand(&now), &plugins, error);
    return status;
}

static void close_list(void)
{
    tend_plugins_close(plugins);
    tend_config_free(config);
}

static tend_hosted *start(const char *name, const tend_given *settings, size_t count)
{
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };

    tend_log_capture(keep_line, NULL);
    ck_assert_msg(list(all, &error) == TEND_OK, "%s", error.text);
    ck_assert_msg(tend_hosted_start(plugins, name, settings, count, &hosted, &error) == TEND_OK, "%s", error.text);
    return hosted;
}

static void end(tend_hosted *hosted)
{
    tend_hosted_stop(hosted);
    close_list();
    tend_log_capture(NULL, NULL);
}

#define READY_MAX 6000 /* more than a block has room for */

typedef struct sightings {
    uint64_t records, sum, tombstones, rejects, first;
    uint64_t stop_after; /* 0: never */
    bool is_tired;
    char bookmark[40], columns[80], text[2000];
    bool is_ready; /* the record that comes next was looked into ahead */
    size_t ready_count[TEND_PULL_SLOTS], readied;
    uint64_t ready_lines[TEND_PULL_SLOTS][READY_MAX], ready_line;
} sightings;

static tend_status see_columns(void *self, const char *const *names, uint32_t count, const char *const *key, tend_error *reterr)
{
    sightings *seen = self;

    (void)reterr;
    for (uint32_t i = 0; i < count; i++)
        (void)snprintf(seen->columns + strlen(seen->columns), 40, "%s,", names[i]);
    if (key)
        (void)snprintf(seen->columns + strlen(seen->columns), 40, "key %s", key[0]);
    return TEND_OK;
}

static tend_status see_record(void *self, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at,
                              tend_error *reterr)
{
    sightings *seen = self;

    if (seen->is_ready)
        ck_assert_uint_eq(seen->ready_line, line);
    seen->is_ready = false;
    if (seen->records == 0)
        seen->first = line;
    seen->records++;
    if (strcmp(seen->columns, "a,b,key a") == 0) {
        uint64_t number = strtoull(cells[0].text, NULL, 10);

        ck_assert_uint_eq(number + 1, line);
        ck_assert_int_eq(modified_at, (tend_time)(1000 + number));
        ck_assert(number % 2 ? strcmp(cells[1].text, "odd") == 0 : cells[1].text == NULL);
        seen->sum += number;
    } else {
        (void)snprintf(seen->text + strlen(seen->text), 40, "%s=%s ", cells[0].text, count > 1 ? cells[1].text : "");
    }
    if (seen->stop_after > 0 && seen->records >= seen->stop_after)
        return tend_fail(reterr, TEND_EFULL, "the disk is full");
    return TEND_OK;
}

static tend_status see_tombstone(void *self, const tend_cell *key, uint32_t count, tend_time removed_at, tend_error *reterr)
{
    (void)reterr;
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(key[0].text, "7");
    ck_assert_int_eq(removed_at, 42);
    ((sightings *)self)->tombstones++;
    return TEND_OK;
}

static tend_status see_checkpoint(void *self, const char *bookmark, size_t length, tend_error *reterr)
{
    (void)reterr;
    ck_assert_uint_eq(length, strlen(bookmark));
    (void)snprintf(((sightings *)self)->bookmark, sizeof((sightings *)self)->bookmark, "%s", bookmark);
    return TEND_OK;
}

static tend_status see_reject(void *self, uint64_t line, const char *column, const char *value, size_t length, const char *reason,
                              tend_error *reterr)
{
    sightings *seen = self;

    (void)reterr;
    seen->rejects++;
    (void)snprintf(seen->text + strlen(seen->text), 200, "%llu %s %.*s: %s", (unsigned long long)line, column ? column : "-",
                   (int)length, value ? value : "", reason);
    return TEND_OK;
}

static bool is_tired(void *self)
{
    return ((sightings *)self)->is_tired;
}

/* Whether records are looked into ahead (tend_pull_sink): what comes of a pull is the same. */
static bool goes_ahead;

static bool prepares(void *self)
{
    return goes_ahead && ((sightings *)self)->columns[0];
}

static void prepare(void *self, unsigned slot, const tend_ready_record *records, size_t count)
{
    sightings *seen = self;

    seen->ready_count[slot] = count;
    for (size_t i = 0; i < count && i < READY_MAX; i++)
        seen->ready_lines[slot][i] = records[i].raw.line;
}

static void ready(void *self, unsigned slot, size_t i)
{
    sightings *seen = self;

    ck_assert_uint_lt(i, seen->ready_count[slot]);
    ck_assert_uint_lt(i, READY_MAX);
    seen->ready_line = seen->ready_lines[slot][i];
    seen->is_ready = true;
    seen->readied++;
}

static tend_status pull(tend_hosted *hosted, const char *stream, const char *bookmark, uint64_t limit, sightings *seen,
                        tend_error *error)
{
    const tend_pull_sink sink = { .columns = see_columns,
                                  .record = see_record,
                                  .tombstone = see_tombstone,
                                  .checkpoint = see_checkpoint,
                                  .reject = see_reject,
                                  .self = seen,
                                  .is_cancelled = is_tired,
                                  .prepares = prepares,
                                  .prepare = prepare,
                                  .ready = ready };
    const tend_pull request = { .size = sizeof request, .stream = stream, .bookmark = bookmark, .limit = limit };

    error->text[0] = '\0';
    return tend_hosted_pull(hosted, "odd", &request, &sink, error);
}

START_TEST(a_pull_brings_everything_in_order)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { 0 };
    tend_error error;

    goes_ahead = _i;
    ck_assert_msg(pull(hosted, "echo", NULL, 0, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_uint_eq(seen.records, 25000);
    ck_assert_uint_eq(seen.sum, UINT64_C(25000) * 24999 / 2);
    ck_assert_uint_eq(seen.tombstones, 1);
    ck_assert_uint_ge(seen.readied, goes_ahead ? 20000 : 0); /* behind an item that is no record it goes on without */
    ck_assert(goes_ahead || seen.readied == 0);
    ck_assert_str_eq(seen.text, "9 b x: told to");
    ck_assert_str_eq(seen.bookmark, "20000");

    memset(&seen, 0, sizeof seen);
    ck_assert_int_eq(pull(hosted, "echo", "20000", 0, &seen, &error), TEND_OK);
    ck_assert_uint_eq(seen.records, 5000);
    ck_assert_uint_eq(seen.first, 20001);
    end(hosted);
}
END_TEST

START_TEST(a_limit_ends_a_pull_without_a_failure)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { 0 };
    tend_error error;

    goes_ahead = _i;
    ck_assert_msg(pull(hosted, "echo", NULL, 10, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_uint_eq(seen.records, 10);
    end(hosted);
}
END_TEST

START_TEST(what_the_sink_fails_with_ends_the_pull_and_the_host_stays)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { .stop_after = 5 };
    tend_error error;

    goes_ahead = _i;
    ck_assert_int_eq(pull(hosted, "echo", NULL, 0, &seen, &error), TEND_EFULL);
    ck_assert_str_eq(error.text, "the disk is full");
    ck_assert_uint_eq(seen.records, 5);
    memset(&seen, 0, sizeof seen);
    ck_assert_int_eq(pull(hosted, "echo", NULL, 0, &seen, &error), TEND_OK);
    ck_assert_uint_eq(seen.records, 25000);
    end(hosted);
}
END_TEST

static const struct {
    const char *stream;
    tend_status status;
    const char *sentence;
} ends[] = {
    { "crash", TEND_ERROR,
      "plugin odd: its host was killed by signal 11 (Segmentation fault) during the pull of crash; the next call starts a new "
      "one" },
    { "leave", TEND_ERROR, "plugin odd: its host exited 0 during the pull of leave; the next call starts a new one" },
    { "hang", TEND_ELIMIT,
      "plugin odd: no sign of life from the pull of hang within 1000 ms; its host was stopped, the next call starts a new one" },
    { "elsewhere", TEND_EAUTH, "odd: the stream elsewhere is not for us" },
};

START_TEST(a_bad_end_costs_the_call_and_is_said)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { 0 };
    tend_error error;

    goes_ahead = _i % 2;
    ck_assert_int_eq(pull(hosted, ends[_i / 2].stream, NULL, 0, &seen, &error), ends[_i / 2].status);
    ck_assert_str_eq(error.text, ends[_i / 2].sentence);
    now += ends[_i / 2].status == TEND_ELIMIT ? 2000 : 0; /* a hang costs the plugin twice its time */
    ck_assert_msg(pull(hosted, "echo", NULL, 0, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_uint_eq(seen.records, 25000);
    end(hosted);
}
END_TEST

START_TEST(a_host_that_does_not_speak_the_protocol_is_stopped)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { 0 };
    tend_error error;

    goes_ahead = _i;
    ck_assert_int_eq(pull(hosted, "lie", NULL, 0, &seen, &error), TEND_ERROR);
    ck_assert_msg(strncmp(error.text, "plugin odd: its host broke the protocol during the pull of lie: ", 63) == 0, "%s",
                  error.text);
    ck_assert_int_eq(pull(hosted, "echo", NULL, 0, &seen, &error), TEND_OK);
    end(hosted);
}
END_TEST

static const struct {
    const char *stream, *what;
} liars[] = {
    { "nothing in it", "its records break the rules" },
    { "too long", "its records break the rules" },
    { "deaf", "it does not read what it is sent" },
};

START_TEST(shared_memory_is_believed_no_more_than_the_wire)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { 0 };
    char sentence[300];
    tend_error error;

    goes_ahead = _i % 2;
    ck_assert_int_eq(pull(hosted, liars[_i / 2].stream, NULL, 0, &seen, &error), TEND_ERROR);
    (void)snprintf(sentence, sizeof sentence, "plugin odd: its host broke the protocol during the pull of %s: %s; it was stopped",
                   liars[_i / 2].stream, liars[_i / 2].what);
    ck_assert_str_eq(error.text, sentence);
    ck_assert_msg(pull(hosted, "echo", NULL, 0, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_uint_eq(seen.records, 25000);
    end(hosted);
}
END_TEST

START_TEST(records_too_large_for_a_block_keep_their_place)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { 0 };
    char expected[2000] = "", text[100];
    tend_error error;

    goes_ahead = _i;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (int i = 0; i < 20; i++)
        (void)snprintf(expected + strlen(expected), 50, "%d=%.*s%s", i, i % 2 ? (i < 10 ? 37 : 36) : 1, text, i % 2 ? "" : " ");
    ck_assert_msg(pull(hosted, "alternate", NULL, 0, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_uint_eq(seen.records, 20);
    ck_assert_str_eq(seen.text, expected);
    end(hosted);
}
END_TEST

START_TEST(a_plugin_that_says_it_is_at_work_is_not_stopped_until_we_are_tired)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { .is_tired = true };
    tend_error error;

    goes_ahead = _i;
    ck_assert_int_eq(pull(hosted, "work", NULL, 0, &seen, &error), TEND_ECLOSED);
    ck_assert_str_eq(error.text, "plugin odd: the pull of work was broken off");
    end(hosted);
}
END_TEST

START_TEST(a_record_too_large_or_no_text_is_a_reject)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { 0 };
    tend_error error;

    goes_ahead = _i;
    ck_assert_msg(pull(hosted, "huge", NULL, 0, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_msg(pull(hosted, "garbled", NULL, 0, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_str_eq(seen.text, "3 - : it is larger than 8 MiB5 a : not valid UTF-8");
    ck_assert_uint_eq(seen.records, 0);
    end(hosted);
}
END_TEST

START_TEST(a_plugin_that_asked_for_nothing_can_do_nothing)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    sightings seen = { 0 };
    tend_error error;

    ck_assert_msg(pull(hosted, "rights", NULL, 0, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_str_eq(seen.text, "files=no network=no programs=no ptrace=no ");
    end(hosted);
}
END_TEST

START_TEST(granted_rights_work)
{
    tend_hosted *hosted = start("odd_mighty", NULL, 0);
    sightings seen = { 0 };
    tend_error error;

    ck_assert_msg(pull(hosted, "rights", NULL, 0, &seen, &error) == TEND_OK, "%s", error.text);
    ck_assert_str_eq(seen.text, "files=yes network=yes programs=yes ptrace=no ");
    end(hosted);
}
END_TEST

START_TEST(what_was_not_granted_makes_a_plugin_unusable)
{
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };

    ck_assert_int_eq(list("files", &error), TEND_OK);
    ck_assert(!tend_plugins_find(plugins, "odd_mighty")->is_usable);
    ck_assert_str_eq(tend_plugins_find(plugins, "odd_mighty")->why_not,
                     "asks for network, programs; grant it with [plugin.odd_mighty] grant = files, network, programs");
    ck_assert_int_eq(tend_hosted_start(plugins, "odd_mighty", NULL, 0, &hosted, &error), TEND_EDENIED);
    ck_assert_str_eq(error.text, "plugin odd_mighty: asks for network, programs; grant it with [plugin.odd_mighty] grant = files, "
                                 "network, programs");
    ck_assert_int_eq(tend_hosted_start(plugins, "nobody", NULL, 0, &hosted, &error), TEND_ENOTFOUND);
    close_list();
}
END_TEST

START_TEST(a_plugin_without_its_rights_can_be_looked_at_and_not_opened)
{
    tend_hosted *hosted = NULL;
    int64_t low, high;
    tend_error error = { 0 };

    ck_assert_int_eq(list("files", &error), TEND_OK);
    ck_assert_int_eq(tend_plugins_find(plugins, "odd_mighty")->state, TEND_PLUGIN_NOT_GRANTED);
    ck_assert_msg(tend_hosted_describe(plugins, "odd_mighty", &hosted, &error) == TEND_OK, "%s", error.text);
    ck_assert_str_eq(tend_hosted_summary(hosted), "Does what it is told");
    ck_assert_str_eq(tend_hosted_options(hosted)[0].key, "mood");
    ck_assert_str_eq(tend_hosted_declared(hosted, 1)->name, "odd_sum");
    ck_assert_int_eq(tend_hosted_interval(hosted, "odd_sum", &(tend_ratio){ 10, 4 }, NULL, 0, &low, &high, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, "plugin odd_mighty: it is not open");
    tend_hosted_stop(hosted);
    close_list();
}
END_TEST

START_TEST(a_right_that_does_not_exist_is_refused_with_its_place)
{
    tend_error error = { 0 };

    ck_assert_int_eq(list("netwrk", &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, "tend.ini:5: [plugin.odd_mighty] grant: \"netwrk\" is none of the choices; did you mean network?");
}
END_TEST

START_TEST(secrets_are_masked_in_the_log_and_in_failures)
{
    const tend_given calm[] = { { .key = "secret", .value = "hunter2", .is_secret = true } };
    const tend_given sulking[] = { { .key = "secret", .value = "hunter2", .is_secret = true }, { .key = "mood", .value = "sulk" } };
    tend_hosted *hosted = start("odd", calm, 1), *second = NULL;
    sightings seen = { 0 };
    tend_error error;

    (void)pull(hosted, "tell", NULL, 0, &seen, &error);
    ck_assert_ptr_nonnull(strstr(logged, "plugin.odd  ***"));
    ck_assert_ptr_null(strstr(logged, "hunter2"));
    ck_assert_int_eq(tend_hosted_start(plugins, "odd", sulking, 2, &second, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, "odd: mood: it will not open with the secret ***");
    end(hosted);
}
END_TEST

static tend_status see_stream(void *self, const char *name, const char *about)
{
    (void)about;
    strcat(strcat(self, name), ";");
    return TEND_OK;
}

START_TEST(lists_are_split_only_where_a_person_wrote_them)
{
    static const struct {
        tend_given given[2];
        size_t count;
        const char *streams;
    } cases[] = {
        { { { 0 } }, 0, "one;two;" },
        { { { .key = "names", .value = " a , b,,c", .is_written = true } }, 1, "a;b;c;" },
        { { { .key = "names", .value = "a, b" }, { .key = "names", .value = "c" } }, 2, "a, b;c;" },
    };
    char streams[100] = "";
    tend_hosted *hosted = start("odd", cases[_i].given, cases[_i].count);
    tend_error error;

    ck_assert_int_eq(tend_hosted_streams(hosted, "odd", see_stream, streams, &error), TEND_OK);
    ck_assert_str_eq(streams, cases[_i].streams);
    end(hosted);
}
END_TEST

static void hear_setting(void *self, const char *key, const char *reason)
{
    char *heard = self;

    (void)snprintf(heard + strlen(heard), 1000 - strlen(heard), "%s: %s\n", key, reason);
}

static void hear_capability(void *self, const char *plugin)
{
    hear_setting(self, "capability", plugin);
}

static void hear_plugin(void *self, const char *reason)
{
    hear_setting(self, "plugin", reason);
}

START_TEST(a_try_names_every_fault_of_the_settings)
{
    static const tend_given wrong[] = { { .key = "pth", .value = "x" },
                                        { .key = "header", .value = "maybe" },
                                        { .key = "skip_lines", .value = "many" } };
    static const tend_given odd[] = { { .key = "path", .value = "/tmp" }, { .key = "encoding", .value = "latin9" } };
    char heard[1000] = "";
    const tend_try_faults faults = { hear_setting, hear_capability, hear_plugin, heard };
    tend_error error = { 0 };
    const char *line;

    ck_assert_int_eq(list(all, &error), TEND_OK);
    ck_assert_int_eq(tend_hosted_try(plugins, "csv", TEND_CONNECTOR, "cvs", wrong, 3, true, &faults, &error), TEND_OK);
    ck_assert_str_eq(heard,
                     "capability: csv\n"
                     "pth: no such setting; did you mean path?\n"
                     "path: not given, but needed: files or folders; a folder means its *.csv, *.csv.gz, *.tsv and *.tsv.gz in "
                     "name order\n"
                     "header: 'maybe' is neither yes nor no; write yes or no\n"
                     "skip_lines: 'many' is not a whole number; write digits, like 100\n");
    heard[0] = '\0';
    ck_assert_int_eq(tend_hosted_try(plugins, "csv", TEND_CONNECTOR, "csv", odd, 2, true, &faults, &error), TEND_OK);
    line = strstr(heard, "encoding: ");
    ck_assert_msg(line == heard && strstr(heard, "latin9"), "%s", heard); /* what only the plugin itself can know, at its key */
    heard[0] = '\0';
    ck_assert_int_eq(tend_hosted_try(plugins, "csv", TEND_SINK, NULL, wrong, 3, true, &faults, &error), TEND_OK);
    ck_assert_str_eq(heard, "capability: csv\n");
    close_list();
}
END_TEST

START_TEST(settings_are_checked_against_the_plugins_own_table)
{
    static const struct {
        tend_given given[2];
        size_t count;
        const char *sentence;
    } cases[] = {
        { { { .key = "moood", .value = "x" } }, 1, "plugin odd: moood: no such setting; did you mean mood?" },
        { { { .key = "secret", .value = "hunter2", .is_written = true } },
          1,
          "plugin odd: secret: a secret is named and not written here; write @file:PATH or @env:NAME" },
        { { { .key = "mood", .value = "x" }, { .key = "mood", .value = "y" } },
          2,
          "plugin odd: mood: given twice; it takes one value" },
        { { { .key = "patience", .value = "soon" } },
          1,
          "plugin odd: patience: 'soon' is not a duration; write it like \"30 s\", \"5 min\" or \"2 h\"" },
    };
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };

    ck_assert_int_eq(list(all, &error), TEND_OK);
    ck_assert_int_eq(tend_hosted_start(plugins, "odd", cases[_i].given, cases[_i].count, &hosted, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, cases[_i].sentence);
    close_list();
}
END_TEST

START_TEST(declarations_cross_whole)
{
    tend_hosted *hosted = start("odd", NULL, 0);
    const tend_declared *kpi = tend_hosted_declared(hosted, 1);

    ck_assert_str_eq(tend_hosted_declared(hosted, 0)->name, "odd");
    ck_assert_int_eq(kpi->kind, TEND_KPI);
    ck_assert_str_eq(kpi->name, "odd_sum");
    ck_assert_int_eq(kpi->unit, TEND_UNIT_COUNT);
    ck_assert(!kpi->is_money && kpi->higher_is_better && kpi->has_explain && kpi->has_interval);
    ck_assert_uint_eq(kpi->twin, 1);
    ck_assert_uint_eq(kpi->version, 3);
    ck_assert_str_eq(kpi->formula, "sum of seats");
    ck_assert_str_eq(kpi->inputs[0].column, "usage.seats");
    ck_assert_int_eq(kpi->inputs[0].take, TEND_ALL);
    ck_assert_int_eq(kpi->inputs[1].take, TEND_LATEST);
    ck_assert_ptr_null(kpi->inputs[2].column);
    ck_assert_ptr_null(tend_hosted_declared(hosted, 3));
    ck_assert_str_eq(tend_hosted_options(hosted)[3].fallback, "2 s");
    ck_assert(tend_hosted_options(hosted)[1].is_secret);
    ck_assert_ptr_null(tend_hosted_options(hosted)[4].key);
    end(hosted);
}
END_TEST

static tend_status see_part(void *self, const tend_part *part)
{
    char *text = self;

    (void)snprintf(text + strlen(text), 60, "%u:%u %lld/%lld %s;", part->input, part->row, (long long)part->numerator,
                   (long long)part->denominator, part->why);
    return TEND_OK;
}

START_TEST(a_batch_is_computed_and_explained)
{
    static const int64_t seats[] = { 5, 6, 7, 100, -3 }, marks[] = { 1, 0, 1 };
    static const uint32_t starts[] = { 0, 3, 4, 5 };
    static const char *const words[] = { "skipped", "counted" };
    const tend_column columns[] = { { .values = seats, .starts = starts }, { .values = marks, .words = words, .word_count = 2 } };
    const tend_batch batch = { sizeof batch, 3, 2, 19000, 19030, columns };
    tend_hosted *hosted = start("odd", NULL, 0);
    tend_ratio values[3];
    char parts[300] = "";
    int64_t low = 0, high = 0;
    tend_error error = { 0 };

    ck_assert_msg(tend_hosted_compute(hosted, "odd_sum", &batch, values, &error) == TEND_OK, "%s", error.text);
    ck_assert_int_eq(values[0].numerator, 18);
    ck_assert_int_eq(values[0].denominator, 3);
    ck_assert_int_eq(values[1].denominator, 0);
    ck_assert_int_eq(values[2].numerator, -3);
    ck_assert_int_eq(tend_hosted_explain(hosted, "odd_sum", &batch, 0, see_part, parts, &error), TEND_OK);
    ck_assert_str_eq(parts, "0:0 5/1 a value;0:1 6/1 a value;0:2 7/1 a value;");
    ck_assert_int_eq(tend_hosted_explain(hosted, "odd_sum", &batch, 3, see_part, parts, &error), TEND_EINVAL);
    ck_assert_int_eq(
        tend_hosted_interval(hosted, "odd_sum", &(tend_ratio){ 10, 4 }, (const int64_t[]){ 1, 9 }, 2, &low, &high, &error),
        TEND_OK);
    ck_assert_int_eq(low, 6);
    ck_assert_int_eq(high, 19);
    ck_assert_int_eq(tend_hosted_compute(hosted, "odd_some", &batch, values, &error), TEND_ENOTFOUND);
    ck_assert_str_eq(error.text, "plugin odd: it has no capability 'odd_some' of that kind");
    end(hosted);
}
END_TEST

START_TEST(a_large_batch_comes_back_whole)
{
    enum { ACCOUNTS = 200001 };
    int64_t *seats = calloc(ACCOUNTS, sizeof *seats), *marks = calloc(ACCOUNTS, sizeof *marks);
    uint32_t *starts = calloc(ACCOUNTS + 1, sizeof *starts);
    tend_ratio *values = calloc(ACCOUNTS, sizeof *values);
    static const char *const words[] = { "counted" };
    const tend_column columns[] = { { .values = seats, .starts = starts }, { .values = marks, .words = words, .word_count = 1 } };
    const tend_batch batch = { sizeof batch, ACCOUNTS, 2, 0, 1, columns };
    tend_hosted *hosted = start("odd", NULL, 0);
    tend_error error = { 0 };

    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        seats[i] = (int64_t)i * 3 - 7;
        starts[i + 1] = i + 1;
    }
    ck_assert_msg(tend_hosted_compute(hosted, "odd_sum", &batch, values, &error) == TEND_OK, "%s", error.text);
    for (uint32_t i = 0; i < ACCOUNTS; i++)
        ck_assert_int_eq(values[i].numerator, (int64_t)i * 3 - 7);
    end(hosted);
    free(seats);
    free(marks);
    free(starts);
    free(values);
}
END_TEST

START_TEST(a_delivery_says_how_it_went)
{
    tend_message message = { .size = sizeof message,
                             .channel = "chat",
                             .to = "a",
                             .subject = "",
                             .text = "hi",
                             .language = "en",
                             .payload = "{}",
                             .attempt = 1 };
    tend_hosted *hosted = start("odd", NULL, 0);
    int64_t retry_ms = -1;
    tend_error error = { 0 };

    ck_assert_int_eq(tend_hosted_deliver(hosted, "odd_sink", &message, "k1", &retry_ms, &error), TEND_DELIVERED);
    message.to = "later";
    ck_assert_int_eq(tend_hosted_deliver(hosted, "odd_sink", &message, "k2", &retry_ms, &error), TEND_RETRY_LATER);
    ck_assert_int_eq(retry_ms, 1500);
    ck_assert_str_eq(error.text, "odd: later is busy with k2");
    message.to = "crash";
    ck_assert_int_eq(tend_hosted_deliver(hosted, "odd_sink", &message, "k3", &retry_ms, &error), TEND_BROKEN);
    ck_assert_str_eq(error.text,
                     "plugin odd: its host was killed by signal 6 (Aborted) during a delivery; the next call starts a new one");
    message.to = "a";
    ck_assert_int_eq(tend_hosted_deliver(hosted, "odd_sink", &message, "k3", &retry_ms, &error), TEND_DELIVERED);
    end(hosted);
}
END_TEST

/* The whole way: a file, the confined plugin, records here. 64 MiB are the least that may be given. */
START_TEST(a_csv_file_comes_through_the_real_host)
{
    char path[] = "/tmp/tend-hosted-XXXXXX.csv", names[100] = "";
    int fd = mkstemps(path, 4);
    FILE *file = fdopen(fd, "w");
    const tend_given given[] = { { .key = "path", .value = path }, { .key = "delimiter", .value = ";" } };
    tend_pull_sink mine = {
        .columns = see_columns, .record = see_record, .tombstone = see_tombstone, .checkpoint = see_checkpoint, .reject = see_reject
    };
    tend_pull request = { .size = sizeof request };
    sightings seen = { 0 };
    tend_hosted *hosted;
    tend_error error = { 0 };

    ck_assert_ptr_nonnull(file);
    (void)fputs("id;name\nA1;\xEA\xB0\x80\nA2\nA3;x\n", file);
    (void)fclose(file);
    hosted = start("csv", given, 2);
    ck_assert_int_eq(tend_hosted_streams(hosted, "csv", see_stream, names, &error), TEND_OK);
    names[strlen(names) - 1] = '\0';
    ck_assert_str_eq(names, strrchr(path, '/') + 1);
    mine.self = &seen;
    request.stream = names;
    ck_assert_msg(tend_hosted_pull(hosted, "csv", &request, &mine, &error) == TEND_OK, "%s", error.text);
    ck_assert_str_eq(seen.columns, "id,name,");
    ck_assert_str_eq(seen.text, "A1=\xEA\xB0\x80 3 - : has 1 field, the header has 2A3=x ");
    ck_assert_ptr_nonnull(strchr(seen.bookmark, ' '));
    end(hosted);
    (void)unlink(path);
}
END_TEST

TESTS_WITH("plugin/hosted", {
    tcase_add_test(tcase, a_csv_file_comes_through_the_real_host);
    tcase_add_loop_test(tcase, a_pull_brings_everything_in_order, 0, 2);
    tcase_add_loop_test(tcase, a_limit_ends_a_pull_without_a_failure, 0, 2);
    tcase_add_loop_test(tcase, what_the_sink_fails_with_ends_the_pull_and_the_host_stays, 0, 2);
    tcase_add_loop_test(tcase, a_bad_end_costs_the_call_and_is_said, 0, 8);
    tcase_add_loop_test(tcase, a_host_that_does_not_speak_the_protocol_is_stopped, 0, 2);
    tcase_add_loop_test(tcase, shared_memory_is_believed_no_more_than_the_wire, 0, 6);
    tcase_add_loop_test(tcase, records_too_large_for_a_block_keep_their_place, 0, 2);
    tcase_add_loop_test(tcase, a_plugin_that_says_it_is_at_work_is_not_stopped_until_we_are_tired, 0, 2);
    tcase_add_loop_test(tcase, a_record_too_large_or_no_text_is_a_reject, 0, 2);
    tcase_add_test(tcase, a_plugin_that_asked_for_nothing_can_do_nothing);
    tcase_add_test(tcase, granted_rights_work);
    tcase_add_test(tcase, what_was_not_granted_makes_a_plugin_unusable);
    tcase_add_test(tcase, a_plugin_without_its_rights_can_be_looked_at_and_not_opened);
    tcase_add_test(tcase, a_right_that_does_not_exist_is_refused_with_its_place);
    tcase_add_test(tcase, secrets_are_masked_in_the_log_and_in_failures);
    tcase_add_loop_test(tcase, lists_are_split_only_where_a_person_wrote_them, 0, 3);
    tcase_add_loop_test(tcase, settings_are_checked_against_the_plugins_own_table, 0, 4);
    tcase_add_test(tcase, a_try_names_every_fault_of_the_settings);
    tcase_add_test(tcase, declarations_cross_whole);
    tcase_add_test(tcase, a_batch_is_computed_and_explained);
    tcase_add_test(tcase, a_large_batch_comes_back_whole);
    tcase_add_test(tcase, a_delivery_says_how_it_went);
})
