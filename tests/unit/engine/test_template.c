/* A new plugin from a template: its name everywhere, and refusals that leave nothing behind. */
#include "engine/template.h"

#include "folder.h"
#include "tests.h"
#include <string.h>
#include <unistd.h>

static test_folder folder;
static unsigned files;

/* What came with the program, as it stands in the build folder. */
static void begin(void)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/share/tend", getenv("TEND_BUILD"));
    (void)setenv("TEND_DATA", path, 1);
    test_folder_make(&folder);
}

static void count_file(void *self, const char *file)
{
    (void)self;
    (void)file;
    files++;
}

START_TEST(every_kind_becomes_a_plugin_of_that_name)
{
    char path[4096], file[5000], made[60];
    char *text;
    size_t length;
    tend_error error = { 0 };

    begin();
    (void)snprintf(path, sizeof path, "%s/seats", folder.path);
    files = 0;
    ck_assert_msg(tend_template_make(tend_template_kinds[_i], "seats", path, count_file, NULL, &error) == TEND_OK, "%s",
                  error.text);
    ck_assert_uint_ge(files, 4);
    for (int i = 0; i < 4; i++) {
        static const char *const names[] = { "seats.c", "test_seats.c", "CMakeLists.txt", "README.md" };

        (void)snprintf(file, sizeof file, "%s/%s", path, names[i]);
        text = test_file_read(file, &length);
        ck_assert_msg(text, "%s is missing", file);
        ck_assert_msg(!strstr(text, "example"), "%s still has the template's name", file);
        ck_assert_msg(i == 1 || strstr(text, "seats"), "%s does not have its name", file);
        free(text);
    }
    (void)snprintf(made, sizeof made, "%s_seats MODULE seats.c", tend_template_kinds[_i]);
    (void)snprintf(file, sizeof file, "%s/CMakeLists.txt", path);
    text = test_file_read(file, &length);
    ck_assert_ptr_nonnull(strstr(text, made));
    free(text);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(what_cannot_be_made_is_refused_and_leaves_nothing)
{
    const struct {
        const char *kind, *name, *in, *sentence;
    } cases[] = {
        { "conector", "seats", "new", "conector: no kind of plugin with a template; did you mean connector?" },
        { "widget", "seats", "new", "widget: no kind of plugin with a template; there are connector, kpi, price and sink" },
        { "kpi", "Seats", "new",
          "Seats: not a name for a plugin; begin with a small letter and go on with small letters, digits and '_', at most 39 in "
          "all" },
        { "kpi", "../up", "new",
          "../up: not a name for a plugin; begin with a small letter and go on with small letters, digits and '_', at most 39 in "
          "all" },
    };
    char path[4096];
    tend_error error = { 0 };

    begin();
    (void)snprintf(path, sizeof path, "%s/%s", folder.path, cases[_i].in);
    ck_assert_int_eq(tend_template_make(cases[_i].kind, cases[_i].name, path, NULL, NULL, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, cases[_i].sentence);
    ck_assert_int_ne(access(path, F_OK), 0);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(a_folder_with_something_in_it_stays_as_it_is)
{
    char sentence[4200], *text;
    size_t length;
    tend_error error = { 0 };

    begin();
    (void)test_folder_write_text(&folder, "seats.c", "mine");
    ck_assert_int_eq(tend_template_make("kpi", "seats", folder.path, NULL, NULL, &error), TEND_EEXISTS);
    (void)snprintf(sentence, sizeof sentence, "%s: something is there already; name another folder", folder.path);
    ck_assert_str_eq(error.text, sentence);
    text = test_file_read(test_folder_path(&folder, "seats.c"), &length);
    ck_assert_str_eq(text, "mine");
    free(text);
    ck_assert_int_ne(access(test_folder_path(&folder, "README.md"), F_OK), 0);
    test_folder_remove(&folder);
}
END_TEST

TESTS_WITH("engine/template", {
    tcase_add_loop_test(tcase, every_kind_becomes_a_plugin_of_that_name, 0, 4);
    tcase_add_loop_test(tcase, what_cannot_be_made_is_refused_and_leaves_nothing, 0, 4);
    tcase_add_test(tcase, a_folder_with_something_in_it_stays_as_it_is);
})
