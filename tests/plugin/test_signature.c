/* With [plugins] require_signature nothing runs that was not signed with a trusted key, byte for byte: no manifest, another key,
 * one byte changed anywhere, before tend looked or after. The plugin's constructor leaves a trace; the unchanged file leaves it.
 *
 *   TEND_LONG=1        10,000 changes instead of 400 */
#include "plugin/plugins.h"

#include "folder.h"
#include "tests.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static tend_time now = INT64_C(1772446504131);
static test_folder folder;
static tend_plugins *plugins;
static tend_config *config;
static char trace[4096], file[4096], manifest[4200], signature[4200];

static void copy(const char *from, const char *name)
{
    size_t length;
    char path[4096];
    char *bytes;

    (void)snprintf(path, sizeof path, "%s/tests/%s", getenv("TEND_BUILD"), from);
    bytes = test_file_read(path, &length);
    ck_assert_msg(bytes, "%s was not built", path);
    ck_assert_int_eq(chmod(test_folder_write(&folder, name, bytes, length), 0644), 0);
    free(bytes);
}

/* tend-sign in the test's folder; what it says is in the file `said`. */
static int sign(const char *words)
{
    char command[9000];
    int status;

    (void)snprintf(command, sizeof command, "cd %s && %s/bin/tend-sign %s >said 2>&1", folder.path, getenv("TEND_BUILD"), words);
    status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const char *said(void)
{
    static char text[4096];
    size_t length;
    char *bytes = test_file_read(test_folder_path(&folder, "said"), &length);

    ck_assert_ptr_nonnull(bytes);
    (void)snprintf(text, sizeof text, "%s", bytes);
    free(bytes);
    return text;
}

/* A plugin and two keys, of which acme is trusted. False where tend-sign is not built. */
static bool begin(void)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/bin/tend-sign", getenv("TEND_BUILD"));
    if (access(path, X_OK) != 0) {
        (void)fprintf(stderr, "SKIPPED plugin/signature: tend-sign was not built, libsodium was not found\n");
        return false;
    }
    test_folder_make(&folder);
    copy("signed/sink_trace.so", "sink_trace.so");
    (void)snprintf(file, sizeof file, "%s", test_folder_path(&folder, "sink_trace.so"));
    (void)snprintf(manifest, sizeof manifest, "%s.manifest", file);
    (void)snprintf(signature, sizeof signature, "%s.sig", file);
    (void)snprintf(trace, sizeof trace, "%s/tests/signed/constructed", getenv("TEND_BUILD"));
    (void)unlink(trace);
    ck_assert_msg(sign("keygen acme") == 0 && sign("keygen other") == 0, "%s", said());
    return true;
}

static tend_status list_with(const char *settings, tend_error *error)
{
    static const tend_section *const sections[] = { tend_plugins_sections, NULL };
    char ini[9000];
    int length = snprintf(ini, sizeof ini, "[plugins]\n%s\n[plugin.trace]\ngrant = files\n", settings);
    tend_status status;

    (void)setenv("TEND_PLUGIN_PATH", folder.path, 1);
    plugins = NULL;
    status = tend_config_load_text("tend.ini", ini, (size_t)length, sections, NULL, &config, error);
    ck_assert_msg(status == TEND_OK, "%s", error->text);
    return tend_plugins_open(config, tend_clock_by_hand(&now), &plugins, error);
}

static void list(void)
{
    char settings[8300];
    tend_error error = { 0 };

    (void)snprintf(settings, sizeof settings, "require_signature = yes\ntrusted_keys = %s/acme.pub\n", folder.path);
    ck_assert_msg(list_with(settings, &error) == TEND_OK, "%s", error.text);
}

static void forget_list(void)
{
    tend_plugins_close(plugins);
    tend_config_free(config);
    plugins = NULL;
    config = NULL;
}

static void end(void)
{
    forget_list();
    test_folder_remove(&folder);
}

static tend_status start(tend_error *error)
{
    tend_hosted *hosted = NULL;
    tend_status status;

    error->text[0] = '\0';
    status = tend_hosted_start(plugins, "trace", NULL, 0, &hosted, error);
    tend_hosted_stop(hosted);
    return status;
}

static bool has_trace(void)
{
    return access(trace, F_OK) == 0;
}

/* The control: what was signed runs. */
static void runs(void)
{
    tend_error error = { 0 };

    (void)unlink(trace);
    ck_assert_msg(start(&error) == TEND_OK, "%s", error.text);
    ck_assert(has_trace());
    (void)unlink(trace);
}

/* Neither started nor described, and what is said begins with `sentence` behind the plugin's name and, where it is named, the file.
 */
static void is_refused(tend_plugin_state state, const char *sentence)
{
    const tend_plugin_info *info;
    tend_hosted *hosted = NULL;
    char wanted[9000];
    tend_error error = { 0 };

    list();
    info = tend_plugins_find(plugins, "trace");
    ck_assert_int_eq(info->state, state);
    ck_assert(!info->is_usable);
    ck_assert_ptr_null(info->signed_by);
    ck_assert_int_eq(tend_hosted_describe(plugins, "trace", &hosted, &error), TEND_EDENIED);
    ck_assert_int_eq(start(&error), TEND_EDENIED);
    if (strncmp(sentence, ": ", 2) == 0)
        (void)snprintf(wanted, sizeof wanted, "plugin trace: %s%s", file, sentence);
    else
        (void)snprintf(wanted, sizeof wanted, "plugin trace: %s", sentence);
    ck_assert_str_eq(error.text, wanted);
    ck_assert(!has_trace());
    forget_list();
}

START_TEST(what_was_signed_with_a_trusted_key_runs)
{
    const tend_plugin_info *info;
    char id[40] = "", wanted[80];
    char *text;
    size_t length;

    if (!begin())
        return;
    ck_assert_msg(sign("sign acme.key sink_trace.so") == 0, "%s", said());
    list();
    runs();
    info = tend_plugins_find(plugins, "trace");
    text = test_file_read(test_folder_path(&folder, "acme.pub"), &length);
    ck_assert_int_eq(sscanf(strstr(text, "id = "), "id = %39s", id), 1);
    (void)snprintf(wanted, sizeof wanted, "acme (%s)", id);
    ck_assert_str_eq(info->signed_by, wanted);
    ck_assert_ptr_null(info->why_unsigned);
    free(text);
    end();
}
END_TEST

START_TEST(without_a_manifest_or_a_signature_it_is_unsigned)
{
    char sentence[9000];

    if (!begin())
        return;
    (void)snprintf(sentence, sizeof sentence,
                   "not signed: there is no sink_trace.so.manifest beside it; tend-sign sign KEY %s makes it", file);
    is_refused(TEND_PLUGIN_UNSIGNED, sentence);
    ck_assert_int_eq(sign("sign acme.key sink_trace.so"), 0);
    ck_assert_int_eq(unlink(signature), 0);
    (void)snprintf(sentence, sizeof sentence, "not signed: there is no sink_trace.so.sig beside it; tend-sign sign KEY %s makes it",
                   file);
    is_refused(TEND_PLUGIN_UNSIGNED, sentence);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(another_key_is_named_and_refused)
{
    char id[40] = "", sentence[200];
    char *text;
    size_t length;

    if (!begin())
        return;
    ck_assert_int_eq(sign("sign other.key sink_trace.so"), 0);
    text = test_file_read(test_folder_path(&folder, "other.pub"), &length);
    ck_assert_int_eq(sscanf(strstr(text, "id = "), "id = %39s", id), 1);
    free(text);
    (void)snprintf(sentence, sizeof sentence, ": signed with key %s, which is none of the trusted keys", id);
    is_refused(TEND_PLUGIN_UNTRUSTED, sentence);
    test_folder_remove(&folder);
}
END_TEST

/* The last character of `line` of the manifest becomes another. */
static void change_line(const char *line)
{
    size_t length;
    char *text = test_file_read(manifest, &length), *at = strstr(text, line);
    FILE *to = fopen(manifest, "wb");

    ck_assert_ptr_nonnull(at);
    at += strcspn(at, "\n") - 1;
    *at = *at == '1' ? '2' : '1';
    ck_assert_ptr_nonnull(to);
    ck_assert_uint_eq(fwrite(text, 1, length, to), length);
    ck_assert_int_eq(fclose(to), 0);
    free(text);
}

START_TEST(what_changed_is_named)
{
    static const char apart[] = ": its manifest and its signature do not belong together: one of them has changed; put the signed "
                                "files back, or sign the plugin anew";
    char sentence[300];
    char *text;
    size_t length;
    char at[40] = "";
    FILE *more;

    if (!begin())
        return;
    ck_assert_int_eq(sign("sign acme.key sink_trace.so"), 0);
    text = test_file_read(manifest, &length);
    ck_assert_int_eq(sscanf(strstr(text, "signed = "), "signed = %39s", at), 1);
    free(text);
    more = fopen(file, "ab");
    ck_assert_ptr_nonnull(more);
    ck_assert_int_eq(fputc(0, more), 0);
    ck_assert_int_eq(fclose(more), 0);
    (void)snprintf(sentence, sizeof sentence,
                   ": it is not the file that was signed (%s): its bytes have changed; put the signed file back, or sign this one",
                   at);
    is_refused(TEND_PLUGIN_UNTRUSTED, sentence);
    copy("signed/sink_trace.so", "sink_trace.so");
    list();
    runs();
    forget_list();
    change_line("\nneeds = ");
    is_refused(TEND_PLUGIN_UNTRUSTED, apart);
    test_folder_remove(&folder);
}
END_TEST

/* Papers of one plugin beside another of the same signer say nothing about it. */
START_TEST(papers_of_another_file_do_not_serve)
{
    char wanted[600];

    if (!begin())
        return;
    copy("plugins/connector_odd.so", "connector_odd.so");
    ck_assert_int_eq(sign("sign acme.key connector_odd.so"), 0);
    (void)snprintf(wanted, sizeof wanted, "%s/connector_odd.so.manifest", folder.path);
    ck_assert_int_eq(rename(wanted, manifest), 0);
    (void)snprintf(wanted, sizeof wanted, "%s/connector_odd.so.sig", folder.path);
    ck_assert_int_eq(rename(wanted, signature), 0);
    is_refused(TEND_PLUGIN_UNTRUSTED, ": its manifest says file = connector_odd.so, the file says sink_trace.so; sign it anew");
    test_folder_remove(&folder);
}
END_TEST

/* ---- one byte, anywhere ------------------------------------------------------------------------------------------------ */

static uint64_t dice = 20261123;

static size_t throw_dice(size_t sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(dice >> 33) % sides;
}

typedef struct whole_file {
    const char *path;
    char *bytes;
    size_t length;
} whole_file;

static void put_byte(const whole_file *whole, size_t at, char byte)
{
    FILE *to = fopen(whole->path, "r+b");

    ck_assert_ptr_nonnull(to);
    ck_assert_int_eq(fseek(to, (long)at, SEEK_SET), 0);
    ck_assert_int_eq(fputc((unsigned char)byte, to), (unsigned char)byte);
    ck_assert_int_eq(fclose(to), 0);
}

/* One byte of `whole` becomes another; it is tried, and put back. `is_late`: the list was made before, and time and size stay. */
static void try_a_change(const whole_file *whole, bool is_late)
{
    const size_t at = throw_dice(whole->length);
    tend_error error = { 0 };

    put_byte(whole, at, (char)(whole->bytes[at] ^ (char)(1 + throw_dice(255))));
    if (!is_late)
        list();
    ck_assert_msg(start(&error) < 0, "byte %zu of %s was changed, and it started", at, whole->path);
    ck_assert_msg(!has_trace(), "byte %zu of %s was changed, and its constructor ran: %s", at, whole->path, error.text);
    if (!is_late)
        forget_list();
    put_byte(whole, at, whole->bytes[at]);
}

START_TEST(one_byte_changed_anywhere_and_nothing_of_it_runs)
{
    const int changes = getenv("TEND_LONG") ? 10000 : 400;
    whole_file files[3] = { { .path = file }, { .path = manifest }, { .path = signature } };

    if (!begin())
        return;
    ck_assert_int_eq(sign("sign acme.key sink_trace.so"), 0);
    for (int i = 0; i < 3; i++)
        files[i].bytes = test_file_read(files[i].path, &files[i].length);
    list();
    runs();
    for (int i = 0; i < changes / 4; i++)
        try_a_change(&files[0], true);
    runs();
    forget_list();
    for (int i = 0; i < changes / 4 * 3; i++) {
        try_a_change(&files[i % 3], false);
        if (i % 100 == 99) {
            list();
            runs();
            forget_list();
        }
    }
    printf("%d one-byte changes, a quarter each of the plugin, of its manifest, of its signature, and of the plugin after it was "
           "looked "
           "at: all refused, no constructor ran\n",
           changes);
    for (int i = 0; i < 3; i++)
        free(files[i].bytes);
    test_folder_remove(&folder);
}
END_TEST

START_TEST(a_file_put_in_its_place_after_the_look_is_refused)
{
    char wanted[4300], aside[4200];
    tend_error error = { 0 };

    if (!begin())
        return;
    ck_assert_int_eq(sign("sign acme.key sink_trace.so"), 0);
    list();
    copy("plugins/connector_odd.so", "put");
    (void)snprintf(aside, sizeof aside, "%s", test_folder_path(&folder, "put"));
    ck_assert_int_eq(rename(aside, file), 0);
    ck_assert_int_eq(start(&error), TEND_EVERSION);
    (void)snprintf(wanted, sizeof wanted, "%s: this file has changed since its signature was checked; restart tend", file);
    ck_assert_str_eq(error.text, wanted);
    ck_assert(!has_trace());
    end();
}
END_TEST

static tend_delivery deliver(tend_hosted *hosted, tend_error *error)
{
    const tend_message message = {
        .size = sizeof message, .channel = "", .to = "a", .subject = "", .text = "", .language = "en", .payload = "{}", .attempt = 1
    };
    int64_t retry_ms = 0;

    return tend_hosted_deliver(hosted, "trace", &message, "k1", &retry_ms, error);
}

/* It runs on a copy that nobody can change: what is written over the file meanwhile is not what runs. */
START_TEST(once_started_it_does_not_see_its_file_change)
{
    tend_hosted *hosted = NULL;
    size_t length;
    char *bytes;
    tend_error error = { 0 };

    if (!begin())
        return;
    ck_assert_int_eq(sign("sign acme.key sink_trace.so"), 0);
    list();
    ck_assert_msg(tend_hosted_start(plugins, "trace", NULL, 0, &hosted, &error) == TEND_OK, "%s", error.text);
    bytes = test_file_read(file, &length);
    memset(bytes, 0xCC, length); /* a breakpoint of x86 in every byte */
    {
        FILE *to = fopen(file, "r+b");

        ck_assert_ptr_nonnull(to);
        ck_assert_uint_eq(fwrite(bytes, 1, length, to), length);
        ck_assert_int_eq(fclose(to), 0);
    }
    ck_assert_msg(deliver(hosted, &error) == TEND_DELIVERED, "%s", error.text);
    tend_hosted_stop(hosted);
    ck_assert_int_eq(start(&error), TEND_EVERSION);
    free(bytes);
    end();
}
END_TEST

/* ---- not required, or not possible ------------------------------------------------------------------------------------- */

START_TEST(not_required_is_said_and_hinders_nobody)
{
    char settings[8300], wanted[9000];
    const tend_plugin_info *info;
    tend_error error = { 0 };

    if (!begin())
        return;
    (void)snprintf(settings, sizeof settings, "trusted_keys = %s\n", folder.path); /* a folder: both keys */
    ck_assert_int_eq(list_with(settings, &error), TEND_OK);
    info = tend_plugins_find(plugins, "trace");
    ck_assert(!info->why_unsigned && !info->signed_by);
    ck_assert_int_eq(tend_plugins_look_at_signatures(plugins, &error), TEND_OK);
    (void)snprintf(wanted, sizeof wanted,
                   "not signed: there is no sink_trace.so.manifest beside it; tend-sign sign KEY %s makes it", file);
    ck_assert_str_eq(info->why_unsigned, wanted);
    ck_assert(info->is_usable);
    runs();
    forget_list();

    ck_assert_int_eq(sign("sign other.key sink_trace.so"), 0);
    ck_assert_int_eq(list_with(settings, &error), TEND_OK);
    ck_assert_int_eq(tend_plugins_look_at_signatures(plugins, &error), TEND_OK);
    info = tend_plugins_find(plugins, "trace");
    ck_assert_msg(info->signed_by && strncmp(info->signed_by, "other (", 7) == 0, "%s", info->why_unsigned);
    end();
}
END_TEST

static const struct {
    const char *settings, *sentence; /* the sentence with the folder for its %s */
} unusable[] = {
    { "require_signature = yes\n", "tend.ini:2: [plugins] require_signature: no key is trusted, so no plugin could be started; "
                                   "name the *.pub files of tend-sign "
                                   "keygen in trusted_keys" },
    { "require_signature = yes\ntrusted_keys = %s/nobody.pub\n",
      "tend.ini:3: [plugins] trusted_keys: %s/nobody.pub: cannot be read: No such file or directory" },
    { "require_signature = yes\ntrusted_keys = %s/acme.key\n",
      "tend.ini:3: [plugins] trusted_keys: %s/acme.key: it is a secret key; name the public one" },
    { "require_signature = yes\ntrusted_keys = %s/empty\n", "tend.ini:3: [plugins] trusted_keys: no key is trusted, so no plugin "
                                                            "could be started; name the *.pub files of tend-sign keygen "
                                                            "in trusted_keys" },
};

START_TEST(keys_that_cannot_be_used_are_a_fault_of_the_configuration)
{
    char settings[8300], wanted[9000];
    tend_error error = { 0 };

    if (!begin())
        return;
    ck_assert_int_eq(mkdir(test_folder_path(&folder, "empty"), 0700), 0);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(settings, sizeof settings, unusable[_i].settings, folder.path);
    (void)snprintf(wanted, sizeof wanted, unusable[_i].sentence, folder.path);
#pragma GCC diagnostic pop
    ck_assert_int_eq(list_with(settings, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, wanted);
    end();
}
END_TEST

START_TEST(a_key_file_that_everybody_may_write_is_not_trusted)
{
    char settings[8300], wanted[9000];
    tend_error error = { 0 };

    if (!begin())
        return;
    ck_assert_int_eq(chmod(test_folder_path(&folder, "acme.pub"), 0666), 0);
    (void)snprintf(settings, sizeof settings, "require_signature = yes\ntrusted_keys = %s/acme.pub\n", folder.path);
    ck_assert_int_eq(list_with(settings, &error), TEND_EINVAL);
    (void)snprintf(wanted, sizeof wanted,
                   "tend.ini:3: [plugins] trusted_keys: %s/acme.pub: everybody may write to it; chmod o-w it", folder.path);
    ck_assert_str_eq(error.text, wanted);
    end();
}
END_TEST

/* ---- tend-sign by hand ------------------------------------------------------------------------------------------------- */

START_TEST(the_tool_says_by_hand_what_it_says_to_tend)
{
    if (!begin())
        return;
    ck_assert_int_eq(sign("verify acme.pub sink_trace.so"), 1);
    ck_assert_str_eq(said(), "tend-sign: sink_trace.so: not signed: there is no sink_trace.so.manifest; tend-sign sign KEY "
                             "sink_trace.so makes it\n");
    ck_assert_int_eq(sign("sign acme.key sink_trace.so"), 0);
    ck_assert_int_eq(sign("verify acme.pub sink_trace.so"), 0);
    ck_assert_ptr_nonnull(strstr(said(), "sink_trace.so: trace 1.0.0 (sink, needs files), signed by acme ("));
    ck_assert_int_eq(sign("verify other.pub sink_trace.so"), 1);
    ck_assert_ptr_nonnull(strstr(said(), "which is none of the trusted keys"));
    ck_assert_int_eq(sign("keygen acme"), 3);
    ck_assert_str_eq(said(), "tend-sign: acme.pub: it is there already; choose another name, keys are never written over\n");
    ck_assert_int_eq(sign("keygen ../up"), 2);
    ck_assert_int_eq(sign("sign acme.pub sink_trace.so"), 3);
    ck_assert_int_eq(chmod(test_folder_path(&folder, "acme.key"), 0644), 0);
    ck_assert_int_eq(sign("sign acme.key sink_trace.so"), 3);
    ck_assert_str_eq(said(), "tend-sign: acme.key: others may read it; chmod 600 it, and think about a new key\n");
    ck_assert_int_eq(sign("sign acme.key"), 2);
    test_folder_remove(&folder);
}
END_TEST

TESTS_WITH("plugin/signature", {
    tcase_set_timeout(tcase, getenv("TEND_LONG") ? 1700 : 170);
    tcase_add_test(tcase, what_was_signed_with_a_trusted_key_runs);
    tcase_add_test(tcase, without_a_manifest_or_a_signature_it_is_unsigned);
    tcase_add_test(tcase, another_key_is_named_and_refused);
    tcase_add_test(tcase, what_changed_is_named);
    tcase_add_test(tcase, papers_of_another_file_do_not_serve);
    tcase_add_test(tcase, one_byte_changed_anywhere_and_nothing_of_it_runs);
    tcase_add_test(tcase, a_file_put_in_its_place_after_the_look_is_refused);
    tcase_add_test(tcase, once_started_it_does_not_see_its_file_change);
    tcase_add_test(tcase, not_required_is_said_and_hinders_nobody);
    tcase_add_loop_test(tcase, keys_that_cannot_be_used_are_a_fault_of_the_configuration, 0, 4);
    tcase_add_test(tcase, a_key_file_that_everybody_may_write_is_not_trusted);
    tcase_add_test(tcase, the_tool_says_by_hand_what_it_says_to_tend);
})
