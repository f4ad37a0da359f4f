/* The list of plugins: found by their notes, judged by their files, never loaded. */
#include "plugin/plugins.h"

#include "folder.h"
#include "tests.h"

static test_folder folder;
static tend_time now = 1000;
static tend_plugins *plugins;
static tend_config *config;

/* The bytes of the test's plugin, as `name` in the folder. `from` is replaced by `to` wherever it stands. */
static const char *copy_plugin(const char *name, const char *from, const char *to)
{
    char path[4096];
    size_t length, wanted = from ? strlen(from) : 0;
    char *bytes, *at;
    const char *made;

    (void)snprintf(path, sizeof path, "%s/tests/plugins/connector_odd.so", getenv("TEND_BUILD"));
    bytes = test_file_read(path, &length);
    ck_assert_msg(bytes, "%s was not built", path);
    for (at = bytes; wanted > 0 && (at = memmem(at, length - (size_t)(at - bytes), from, wanted)); at += wanted)
        memcpy(at, to, wanted);
    made = test_folder_write(&folder, name, bytes, length);
    free(bytes);
    ck_assert_int_eq(chmod(made, 0644), 0);
    return made;
}

static void list(const char *ini)
{
    static const tend_section *const sections[] = { tend_plugins_sections, NULL };
    tend_error error = { 0 };

    (void)setenv("TEND_PLUGIN_PATH", folder.path, 1);
    ck_assert_msg(tend_config_load_text("tend.ini", ini, strlen(ini), sections, NULL, &config, &error) == TEND_OK, "%s",
                  error.text);
    ck_assert_msg(tend_plugins_open(config, tend_clock_by_hand(&now), &plugins, &error) == TEND_OK, "%s", error.text);
}

static void drop(void)
{
    tend_plugins_close(plugins);
    tend_config_free(config);
    test_folder_remove(&folder);
}

/* Why the file is not usable, without its folder; "" when it is. */
static const char *why_not(const char *file)
{
    const tend_plugin_info *info;

    for (size_t i = 0; (info = tend_plugins_info(plugins, i)); i++)
        if (strcmp(info->path, test_folder_path(&folder, file)) == 0) {
            size_t head = strlen(folder.path) + 1;

            if (info->is_usable)
                return "";
            return strncmp(info->why_not, folder.path, head - 1) == 0 ? info->why_not + head : info->why_not;
        }
    return "not listed";
}

START_TEST(each_file_is_listed_and_a_bad_one_with_its_reason)
{
    test_folder_make(&folder);
    (void)copy_plugin("connector_odd.so", NULL, NULL);
    (void)test_folder_write_text(&folder, "sink_text.so", "this is no library");
    (void)test_folder_write_text(&folder, "readme.txt", "not a plugin at all");
    ck_assert_int_eq(chmod(copy_plugin("kpi_open.so", "1.2.3", "1.2.4"), 0666), 0);
    ck_assert_int_eq(symlink("connector_odd.so", test_folder_path(&folder, "sink_link.so")), 0);
    (void)copy_plugin("zzz_second.so", NULL, NULL);
    list("");
    ck_assert_str_eq(why_not("connector_odd.so"), "");
    ck_assert_str_eq(why_not("sink_text.so"), "sink_text.so: not a shared object");
    ck_assert_str_eq(why_not("readme.txt"), "not listed");
    ck_assert_str_eq(why_not("kpi_open.so"), "kpi_open.so: everybody may write to it; chmod o-w it");
    ck_assert_str_eq(why_not("sink_link.so"), "sink_link.so: it is a symbolic link; put the file itself there");
    ck_assert_str_eq(why_not("zzz_second.so"), "connector_odd.so was found first");
    ck_assert_str_eq(tend_plugins_find(plugins, "odd")->version, "1.2.3");
    ck_assert_ptr_nonnull(tend_plugins_find(plugins, "text"));
    drop();
}
END_TEST

START_TEST(nothing_is_taken_from_a_folder_that_everybody_may_write_to)
{
    test_folder_make(&folder);
    (void)copy_plugin("connector_odd.so", NULL, NULL);
    ck_assert_int_eq(chmod(folder.path, 0777), 0);
    list("");
    ck_assert_str_eq(why_not("connector_odd.so"), "connector_odd.so: everybody may write to its folder; chmod o-w the folder");
    drop();
}
END_TEST

START_TEST(a_plugin_can_be_switched_off)
{
    test_folder_make(&folder);
    (void)copy_plugin("connector_odd.so", NULL, NULL);
    list("[plugin.odd]\nenabled = no\n");
    ck_assert_str_eq(why_not("connector_odd.so"), "switched off by [plugin.odd] enabled = no");
    drop();
}
END_TEST

START_TEST(why_a_plugin_is_absent_is_data)
{
    static const struct {
        const char *name, *state;
    } states[] = { { "odd", "usable" },  { "text", "broken" },   { "open", "unsafe" },
                   { "link", "unsafe" }, { "ghost", "missing" }, { "odd_mighty", "switched_off" } };
    char path[4096];
    char *bytes;
    size_t length;

    test_folder_make(&folder);
    (void)copy_plugin("connector_odd.so", NULL, NULL);
    (void)test_folder_write_text(&folder, "sink_text.so", "this is no library");
    ck_assert_int_eq(chmod(copy_plugin("kpi_open.so", NULL, NULL), 0666), 0);
    ck_assert_int_eq(symlink("connector_odd.so", test_folder_path(&folder, "sink_link.so")), 0);
    (void)snprintf(path, sizeof path, "%s/tests/plugins/connector_odd_mighty.so", getenv("TEND_BUILD"));
    bytes = test_file_read(path, &length);
    ck_assert_int_eq(chmod(test_folder_write(&folder, "connector_odd_mighty.so", bytes, length), 0644), 0);
    free(bytes);
    list("[plugin.odd_mighty]\nenabled = no\n\n[plugin.ghost]\ngrant = files\n");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        const tend_plugin_info *info = tend_plugins_find(plugins, states[i].name);

        ck_assert_msg(info, "%s is not listed", states[i].name);
        ck_assert_str_eq(tend_plugin_state_name(info->state), states[i].state);
        ck_assert_int_eq(info->is_usable, info->why_not == NULL);
    }
    ck_assert_str_eq(tend_plugins_find(plugins, "ghost")->why_not, "not installed, but [plugin.ghost] is written at tend.ini:5");
    drop();
}
END_TEST

START_TEST(one_file_is_looked_at_with_the_rights_that_it_asks_for)
{
    char path[4096];
    const tend_plugin_info *info;
    tend_error error = { 0 };

    (void)snprintf(path, sizeof path, "%s/tests/plugins/connector_odd_mighty.so", getenv("TEND_BUILD"));
    ck_assert_msg(tend_plugins_open_file(path, tend_clock_by_hand(&now), &plugins, &error) == TEND_OK, "%s", error.text);
    info = tend_plugins_info(plugins, 0);
    ck_assert_str_eq(info->name, "odd_mighty");
    ck_assert(info->is_usable);
    ck_assert_uint_eq(info->granted, TEND_NEEDS_FILES | TEND_NEEDS_NETWORK | TEND_NEEDS_PROGRAMS);
    ck_assert_ptr_null(tend_plugins_info(plugins, 1));
    tend_plugins_close(plugins);
}
END_TEST

START_TEST(a_plugin_without_its_entry_is_refused_when_it_starts)
{
    tend_hosted *hosted = NULL;
    tend_error error = { 0 };
    char sentence[800];

    test_folder_make(&folder);
    (void)copy_plugin("connector_odd.so", "tend_plugin_entry", "tend_plugin_other");
    list("");
    ck_assert_int_eq(tend_hosted_start(plugins, "odd", NULL, 0, &hosted, &error), TEND_EINVAL);
    (void)snprintf(sentence, sizeof sentence,
                   "%s/connector_odd.so: has no function tend_plugin_entry; build it with TEND_PLUGIN of <tend/plugin.h>",
                   folder.path);
    ck_assert_str_eq(error.text, sentence);
    drop();
}
END_TEST

START_TEST(a_file_swapped_after_it_was_listed_is_refused)
{
    tend_hosted *hosted = NULL;
    char sentence[800];
    tend_error error = { 0 };

    test_folder_make(&folder);
    (void)copy_plugin("connector_odd.so", NULL, NULL);
    list("");
    ck_assert_int_eq(unlink(test_folder_path(&folder, "connector_odd.so")), 0);
    (void)copy_plugin("connector_odd.so", "1.2.3", "6.6.6");
    ck_assert_int_eq(tend_hosted_start(plugins, "odd", NULL, 0, &hosted, &error), TEND_EVERSION);
    (void)snprintf(sentence, sizeof sentence, "%s/connector_odd.so: this file has changed since tend started; restart tend",
                   folder.path);
    ck_assert_str_eq(error.text, sentence);
    drop();
}
END_TEST

START_TEST(a_path_that_is_not_whole_is_refused)
{
    static const tend_section *const sections[] = { tend_plugins_sections, NULL };
    static const char ini[] = "[plugins]\npath = /usr/lib/engine/../../tmp\n";
    tend_error error = { 0 };

    ck_assert_int_eq(tend_config_load_text("tend.ini", ini, sizeof ini - 1, sections, NULL, &config, &error), TEND_OK);
    ck_assert_int_eq(tend_plugins_open(config, tend_clock_by_hand(&now), &plugins, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text,
                     "tend.ini:2: [plugins] path: /usr/lib/engine/../../tmp: write the whole path of the folder, without '..'");
    tend_config_free(config);
}
END_TEST

TESTS_WITH("plugin/plugins", {
    tcase_add_test(tcase, each_file_is_listed_and_a_bad_one_with_its_reason);
    tcase_add_test(tcase, nothing_is_taken_from_a_folder_that_everybody_may_write_to);
    tcase_add_test(tcase, a_plugin_can_be_switched_off);
    tcase_add_test(tcase, why_a_plugin_is_absent_is_data);
    tcase_add_test(tcase, one_file_is_looked_at_with_the_rights_that_it_asks_for);
    tcase_add_test(tcase, a_plugin_without_its_entry_is_refused_when_it_starts);
    tcase_add_test(tcase, a_file_swapped_after_it_was_listed_is_refused);
    tcase_add_test(tcase, a_path_that_is_not_whole_is_refused);
})
