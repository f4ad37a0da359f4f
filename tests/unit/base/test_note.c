/* The note of a plugin's file, whatever the file is. */
#include "base/note.h"

#include "folder.h"
#include "tests.h"
#include <elf.h>
#include <fcntl.h>

static test_folder folder;
static char *plugin; /* the bytes of a good one */
static size_t plugin_length;

static void make(void)
{
    char path[4096];

    test_folder_make(&folder);
    (void)snprintf(path, sizeof path, "%s/tests/plugins/connector_odd.so", getenv("TEND_BUILD"));
    plugin = test_file_read(path, &plugin_length);
    ck_assert_msg(plugin, "%s was not built", path);
}

static void drop(void)
{
    free(plugin);
    test_folder_remove(&folder);
}

static tend_status read_bytes(const char *bytes, size_t length, tend_plugin_note *note, tend_error *error)
{
    int fd = open(test_folder_write(&folder, "x.so", bytes, length), O_RDONLY | O_CLOEXEC);
    tend_status status;

    ck_assert_int_ge(fd, 0);
    *note = (tend_plugin_note){ 0 };
    *error = (tend_error){ 0 };
    status = tend_note_read(fd, "x.so", note, error);
    (void)close(fd);
    return status;
}

/* The note in the bytes of the plugin: it begins with the sizes and the owner. */
static tend_plugin_note *find_note(void)
{
    static const char head[] = "\x05\0\0\0\x48\0\0\0\x01\0\0\0tend";
    char *at = memmem(plugin, plugin_length, head, sizeof head);

    ck_assert_ptr_nonnull(at);
    return (tend_plugin_note *)(void *)at;
}

START_TEST(a_plugin_tells_what_it_is)
{
    tend_plugin_note note;
    tend_error error;

    make();
    ck_assert_msg(read_bytes(plugin, plugin_length, &note, &error) == TEND_OK, "%s", error.text);
    ck_assert_str_eq(note.name, "odd");
    ck_assert_str_eq(note.version, "1.2.3");
    ck_assert_uint_eq(note.abi, TEND_ABI);
    ck_assert_uint_eq(note.provides, TEND_PROVIDES_CONNECTOR | TEND_PROVIDES_KPI | TEND_PROVIDES_SINK);
    ck_assert_uint_eq(note.needs, TEND_NEEDS_NOTHING);
    drop();
}
END_TEST

START_TEST(a_plugin_of_another_abi_is_refused_in_one_line)
{
    tend_plugin_note note;
    tend_error error;
    uint32_t abi = 99u << 16 | 7;

    make();
    memcpy((char *)find_note() + offsetof(tend_plugin_note, abi), &abi, sizeof abi);
    ck_assert_int_eq(read_bytes(plugin, plugin_length, &note, &error), TEND_EVERSION);
    ck_assert_str_eq(error.text, "x.so: built for plugin ABI 99.7, this host speaks 0.3; rebuild it against include/tend");
    ck_assert_uint_eq(note.abi, abi);
    drop();
}
END_TEST

START_TEST(what_is_no_plugin_is_said_to_be_none)
{
    static const struct {
        const char *bytes;
        size_t length;
        tend_status status;
        const char *sentence;
    } cases[] = {
        { "", 0, TEND_EINVAL, "x.so: not a shared object" },
        { "#!/bin/sh\nexit 0\n", 17, TEND_EINVAL, "x.so: not a shared object" },
        { "\x7F"
          "ELF",
          4, TEND_EINVAL, "x.so: not a shared object" },
    };
    tend_plugin_note note;
    tend_error error;

    make();
    ck_assert_int_eq(read_bytes(cases[_i].bytes, cases[_i].length, &note, &error), cases[_i].status);
    ck_assert_str_eq(error.text, cases[_i].sentence);
    drop();
}
END_TEST

START_TEST(a_library_without_a_note_is_no_plugin)
{
    tend_plugin_note note;
    tend_error error;

    make();
    memcpy((char *)find_note() + offsetof(tend_plugin_note, owner), "text", 4);
    ck_assert_int_eq(read_bytes(plugin, plugin_length, &note, &error), TEND_ENOTFOUND);
    ck_assert_str_eq(error.text, "x.so: not a plugin of tend: it has no note; build it with TEND_PLUGIN of <tend/plugin.h>");
    drop();
}
END_TEST

START_TEST(a_note_that_breaks_the_rules_is_refused)
{
    static const struct {
        size_t at;
        const char *bytes;
        size_t length;
        const char *sentence;
    } cases[] = {
        { offsetof(tend_plugin_note, name), "../../x", 8,
          "x.so: the name in its note is not made of a-z, 0-9 and _; rebuild the plugin" },
        { offsetof(tend_plugin_note, name), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 40,
          "x.so: the name in its note is not made of a-z, 0-9 and _; rebuild the plugin" },
        { offsetof(tend_plugin_note, version), "1\n2", 4, "x.so: the version in its note is not a text; rebuild the plugin" },
        { offsetof(tend_plugin_note, needs), "\xFF", 1,
          "x.so: its note provides or needs what does not exist; rebuild the plugin" },
        { offsetof(tend_plugin_note, provides), "\0\0", 2,
          "x.so: its note provides or needs what does not exist; rebuild the plugin" },
        { offsetof(tend_plugin_note, descriptor_size), "\x30", 1, "x.so: its note has 48 bytes, 72 are right; rebuild the plugin" },
        { offsetof(tend_plugin_note, descriptor_size), "\xFF\xFF\xFF\xFF", 4, "x.so: its notes are broken; rebuild the plugin" },
    };
    tend_plugin_note note;
    tend_error error;

    make();
    memcpy((char *)find_note() + cases[_i].at, cases[_i].bytes, cases[_i].length);
    ck_assert_int_lt(read_bytes(plugin, plugin_length, &note, &error), 0);
    ck_assert_str_eq(error.text, cases[_i].sentence);
    drop();
}
END_TEST

/* Cut anywhere in its first pages, and with any byte of its tables changed: an answer every time, and never a crash. */
START_TEST(a_damaged_file_is_never_more_than_a_failure)
{
    tend_plugin_note note;
    tend_error error;
    size_t tables = sizeof(Elf64_Ehdr) + 12 * sizeof(Elf64_Phdr), failures = 0;

    make();
    for (size_t length = 0; length < 1400; length += 7)
        failures += read_bytes(plugin, length, &note, &error) < 0;
    ck_assert_uint_ge(failures, 100);
    for (size_t at = 16; at < tables; at++) {
        char before = plugin[at];

        for (int bit = 0; bit < 8; bit += 7) {
            plugin[at] = (char)(before ^ (1 << bit));
            if (read_bytes(plugin, plugin_length < 8192 ? plugin_length : 8192, &note, &error) < 0)
                ck_assert_msg(strncmp(error.text, "x.so: ", 6) == 0, "%s", error.text);
        }
        plugin[at] = (char)0xFF;
        (void)read_bytes(plugin, plugin_length < 8192 ? plugin_length : 8192, &note, &error);
        plugin[at] = before;
    }
    drop();
}
END_TEST

START_TEST(needs_are_said_in_the_words_of_a_grant)
{
    char words[TEND_NEEDS_ROOM];

    ck_assert_str_eq(tend_needs_words(0, words), "nothing");
    ck_assert_str_eq(tend_needs_words(TEND_NEEDS_NETWORK | TEND_NEEDS_FILES, words), "files, network");
    ck_assert_uint_eq(tend_note_rights(TEND_NEEDS_FILES | TEND_WANTS_NETWORK, TEND_NEEDS_ALL),
                      TEND_NEEDS_FILES | TEND_NEEDS_NETWORK);
    ck_assert_uint_eq(tend_note_rights(TEND_NEEDS_FILES | TEND_WANTS_NETWORK, TEND_NEEDS_FILES), TEND_NEEDS_FILES);
}
END_TEST

TESTS_WITH("base/note", {
    tcase_add_test(tcase, a_plugin_tells_what_it_is);
    tcase_add_test(tcase, a_plugin_of_another_abi_is_refused_in_one_line);
    tcase_add_loop_test(tcase, what_is_no_plugin_is_said_to_be_none, 0, 3);
    tcase_add_test(tcase, a_library_without_a_note_is_no_plugin);
    tcase_add_loop_test(tcase, a_note_that_breaks_the_rules_is_refused, 0, 7);
    tcase_add_test(tcase, a_damaged_file_is_never_more_than_a_failure);
    tcase_add_test(tcase, needs_are_said_in_the_words_of_a_grant);
})
