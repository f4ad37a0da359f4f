/* The hostile and broken files of adversarial/csv, through the mapping for plain lists: each ends as index.csv says. */
#include "sync_fixture.h"

static sync_fixture s;

static void set_up(void)
{
    sync_fixture_open(&s);
}

static void tear_down(void)
{
    sync_fixture_close(&s);
}

/* A record of index.csv: file, expected, bad_lines, rest; quotes around lists. */
typedef struct expected {
    char file[128], outcome[32], lines[64];
} expected;

static bool read_expected(char *line, expected *ret)
{
    char *fields[3];

    for (int i = 0; i < 3; i++) {
        fields[i] = line;
        if (*line == '"') {
            fields[i]++;
            line = strchr(line + 1, '"');
            if (!line)
                return false;
            *line++ = '\0';
        }
        line = strchr(line, ',');
        if (!line)
            return false;
        *line++ = '\0';
    }
    (void)snprintf(ret->file, sizeof ret->file, "%s", fields[0]);
    (void)snprintf(ret->outcome, sizeof ret->outcome, "%s", fields[1]);
    (void)snprintf(ret->lines, sizeof ret->lines, "%s", fields[2]);
    return true;
}

/* The number of the file's record that begins on this line, the header being 1: index.csv counts records. */
static unsigned long record_at(const char *path, uint64_t line)
{
    size_t length = 0;
    char *text = test_file_read(path, &length);
    unsigned long record = 1;
    uint64_t at = 1;
    bool is_quoted = false;

    for (size_t i = 0; i < length && at < line; i++) {
        if (text[i] == '"')
            is_quoted = !is_quoted;
        if (text[i] != '\n')
            continue;
        at++;
        record += !is_quoted;
    }
    free(text);
    return record;
}

static bool is_named(const char *path, unsigned long line)
{
    for (size_t i = 0; i < s.report->note_count; i++) {
        if (record_at(path, s.report->notes[i].line) == line)
            return true;
    }
    return false;
}

static void check_file(const char *path, const expected *want)
{
    tend_status status = try_import(&s, &path, 1);
    bool is_rejected = status < 0 || !s.report->is_stored;
    int64_t stored = sql_number(&s, "SELECT count(*) FROM accounts");

    fprintf(stderr, "%-60s %-14s %s\n", want->file, want->outcome,
            status < 0 ? s.f.error.text : tend_arena_print(s.f.arena, "%s %s", counts(&s), note(&s, true, 0)));
    if (status >= 0)
        ck_assert_int_eq(s.report->read, s.report->created + s.report->updated + s.report->unchanged + s.report->rejected);
    if (is_rejected)
        ck_assert_int_eq(stored, 0);
    if (strstr(want->outcome, "rows") && status >= 0 && *want->lines) {
        char *rest = NULL;
        char lines[64];

        (void)snprintf(lines, sizeof lines, "%s", want->lines);
        for (char *line = strtok_r(lines, ",", &rest); line; line = strtok_r(NULL, ",", &rest))
            ck_assert_msg(is_named(path, strtoul(line, NULL, 10)), "%s: line %s is not named", want->file, line);
        return;
    }
    if (strstr(want->outcome, "accept") && !is_rejected)
        return;
    if (strstr(want->outcome, "rows") && !*want->lines)
        return;
    ck_assert_msg(is_rejected == (strstr(want->outcome, "reject") != NULL), "%s: wanted %s", want->file, want->outcome);
    if (is_rejected && status < 0 && *want->lines && !strchr(want->lines, ','))
        ck_assert_msg(strstr(s.f.error.text, tend_arena_print(s.f.arena, ":%s:", want->lines)) != NULL ||
                          strstr(s.f.error.text, want->file) != NULL,
                      "%s: %s", want->file, s.f.error.text);
}

START_TEST(each_file_ends_as_it_should)
{
    const char *index = shared_file(&s, "data/adversarial/csv/index.csv");
    FILE *file;
    char line[1024];
    int at = 0;
    bool is_found = false;

    if (!index)
        return;
    file = fopen(index, "r");
    ck_assert_ptr_nonnull(file);
    while (!is_found && fgets(line, sizeof line, file)) {
        expected want;
        const char *path;

        if (at++ != _i + 1 || !read_expected(line, &want))
            continue;
        is_found = true;
        path = shared_file(&s, tend_arena_print(s.f.arena, "data/adversarial/csv/%s", want.file));
        if (!path)
            continue;
        use_mapping(&s, "tend_csv");
        check_file(path, &want);
    }
    (void)fclose(file);
}
END_TEST

TESTS_WITH("sync/adversarial", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, each_file_ends_as_it_should, 0, 31);
})
