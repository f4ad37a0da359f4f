/* What a script says word for word: read whatever the file is like. */
#include "playbook/inside.h"
#include "store_fixture.h"

static fixture f;
static int faults_told;

static void set_up(void)
{
    fixture_open(&f);
}

static void tear_down(void)
{
    fixture_close(&f);
}

static void count_fault(void *self, const char *file, unsigned line, unsigned call, const char *sentence)
{
    (void)self;
    ck_assert_uint_le(call, line);
    ck_assert_str_eq(file, "test.lua");
    ck_assert_uint_gt(line, 0);
    ck_assert_int_ne(sentence[0], '\0');
    faults_told++;
}

static int check(const char *text)
{
    static const tend_script none[1] = { { 0 } };
    const tend_argument_context context = { .schema = f.schema,
                                            .subject = tend_schema_kind(f.schema, TEND_KIND_CONTRACT),
                                            .settings = &tend_tree_nil };
    tend_arena *arena = tend_arena_new();
    const tend_literal_check check = { &context, arena, count_fault, NULL, NULL };
    const tend_script script = { .file = "test.lua", .text = text, .length = strlen(text) };

    faults_told = 0;
    TEST_OK(&f, tend_literals_check(&check, &script, none, &f.error));
    tend_arena_free(arena);
    return faults_told;
}

static char *read_renewal(size_t *length)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/scripts/playbooks/commercial/renewal.lua", getenv("TEND_SOURCE"));
    return test_file_read(path, length);
}

START_TEST(a_file_that_ends_anywhere_is_read_to_there)
{
    size_t length;
    char *text = read_renewal(&length), *copy = malloc(length + 1);

    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(copy);
    for (size_t end = 0; end < length; end += 7) {
        memcpy(copy, text, end); /* a block of its own, so that a step too far is seen */
        copy[end] = '\0';
        (void)check(copy);
    }
    free(copy);
    free(text);
}
END_TEST

START_TEST(a_file_with_any_wrong_byte_is_read)
{
    static const char bytes[] = "\"'[]{}()-=,;.:\\\n\x01\xff";
    size_t length;
    char *text = read_renewal(&length);

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < length; i += 11) {
        char was = text[i];

        text[i] = bytes[i / 11 % (sizeof bytes - 1)];
        (void)check(text);
        text[i] = was;
    }
    free(text);
}
END_TEST

START_TEST(what_is_nested_without_end_ends)
{
    const size_t count = 60000;
    tend_buffer text = { 0 };

    for (size_t i = 0; i < count; i++)
        tend_buffer_text(&text, i % 2 ? "run:log('a',{" : "run:task(");
    (void)check(tend_buffer_string(&text));
    tend_buffer_clear(&text);
}
END_TEST

/* The words around the one that is wrong; how many faults. */
static const struct {
    const char *text;
    int faults;
} texts[] = {
    { "run:task('a', { title = 'x', to = 'onwer' })", 1 },
    { "run:task(\"a\", { title = 'x'; ['to'] = 'onwer'; })", 1 },
    { "run:task('a', { title = 'x', to = [[onwer]] })", 1 },
    { "run:task('a', { title = 'x', to = 'on' .. 'wer' })", 0 },
    { "run:task('a', { title = 'x', to = is_late and 'onwer' or 'owner' })", 0 },
    { "other:task('a', { title = 'x', to = 'onwer' })", 0 },
    { "self.run:task('a', { title = 'x', to = 'onwer' })", 0 },
    { "-- run:task('a', { title = 'x', to = 'onwer' })", 0 },
    { "--[==[ ]] run:task('a', { to = 'onwer' }) ]==] run:task('b', { title = 'x', to = 'onwer' })", 1 },
    { "return { steps = function(r) r:task('a', { title = 'x', to = 'onwer' }) end }", 1 },
    { "run:task('a', { title = 'x', due = { days = -1 } })", 1 },
    { "run:task('a', { title = 'x', due = { days = n, hours = 3, weeks = 2 } })", 1 },
    { "run:task('a', { title = 'x', due = { days = n, before = d } })", 0 },
    { "run:task('a', { titel = 'x', to = f(function() if a then return 'b', 'c' end end), dew = 1 })", 2 },
};

START_TEST(only_what_is_written_out_is_judged)
{
    ck_assert_msg(check(texts[_i].text) == texts[_i].faults, "%s: %d", texts[_i].text, faults_told);
}
END_TEST

TESTS_WITH("playbook/literal", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_file_that_ends_anywhere_is_read_to_there);
    tcase_add_test(tcase, a_file_with_any_wrong_byte_is_read);
    tcase_add_test(tcase, what_is_nested_without_end_ends);
    tcase_add_loop_test(tcase, only_what_is_written_out_is_judged, 0, (int)(sizeof texts / sizeof *texts));
})
