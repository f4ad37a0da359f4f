#include "config/config.h"
#include "folder.h"
#include "tests.h"
#include <time.h>

static const char *const schemes[] = { "https", NULL };
static const char *const levels[] = { "error", "warn", "info", NULL };

static const tend_setting http_settings[] = {
    { .key = "port", .type = TEND_SETTING_INT, .fallback = "8080", .help = "where it listens", .min = 1, .max = 65535 },
    { .key = "timeout", .type = TEND_SETTING_DURATION, .fallback = "30 s", .help = "how long a call may take", .min = 1000 },
    { .key = "body", .type = TEND_SETTING_SIZE, .fallback = "1 MiB", .help = "largest request" },
    { .key = "tls", .type = TEND_SETTING_BOOL, .fallback = "on", .help = "encrypt" },
    { .key = "level", .type = TEND_SETTING_CHOICE, .choices = levels, .fallback = "warn", .help = "how much is logged" },
    { .key = "rate", .type = TEND_SETTING_DECIMAL, .help = "share" },
    { .key = "file", .type = TEND_SETTING_PATH, .fallback = "log.txt", .help = "where it is written" },
    { .key = "hosts", .type = TEND_SETTING_LIST, .help = "who may call" },
    { .key = "folders", .type = TEND_SETTING_PATHS, .help = "where to look" },
    { .key = "note", .type = TEND_SETTING_TEXT, .help = "for people" },
    { 0 },
};
static const tend_setting source_settings[] = {
    { .key = "url", .type = TEND_SETTING_URL, .choices = schemes, .help = "address", .is_required = true },
    { .key = "token", .type = TEND_SETTING_SECRET, .help = "secret" },
    { .key = "owner", .type = TEND_SETTING_NAME, .fallback = "kim", .help = "whose" },
    { 0 },
};
static const tend_setting any_settings[] = {
    { .key = "*", .type = TEND_SETTING_TEXT, .help = "any word" },
    { 0 },
};
static const tend_section base_sections[] = {
    { "http", false, "The console.", http_settings },
    { 0 },
};
static const tend_section more_sections[] = {
    { "source", true, "A connection.", source_settings },
    { "values", true, "Translations.", any_settings },
    { 0 },
};
static const tend_section *const sections[] = { base_sections, more_sections, NULL };

static test_folder folder;
static tend_error error;
static char *faults;
static size_t faults_length;

static void set_up(void)
{
    test_folder_make(&folder);
    memset(&error, 0, sizeof error);
}

static void tear_down(void)
{
    free(faults);
    faults = NULL;
    test_folder_remove(&folder);
}

static tend_config *loaded(const char *text)
{
    tend_config *config = NULL;

    ck_assert_msg(tend_config_load_text("x.ini", text, strlen(text), sections, NULL, &config, &error) >= 0, "%s", error.text);
    return config;
}

/* Every fault of `text`, a line each. */
static const char *faults_of(const char *text, size_t length)
{
    tend_config *config = NULL;
    FILE *out;

    free(faults);
    out = open_memstream(&faults, &faults_length);
    ck_assert_int_eq(tend_config_load_text("x.ini", text, length, sections, out, &config, &error), TEND_EINVAL);
    ck_assert_ptr_null(config);
    (void)fclose(out);
    ck_assert_msg(strncmp(faults, error.text, strlen(error.text)) == 0, "the first fault is not in reterr: %s", error.text);
    return faults;
}

START_TEST(an_empty_file_gives_the_defaults)
{
    tend_config *config = loaded("");
    const char *file = "?";
    unsigned line = 9;

    ck_assert_int_eq(tend_config_int(config, "http", NULL, "port"), 8080);
    ck_assert_int_eq(tend_config_int(config, "http", NULL, "timeout"), 30000);
    ck_assert_int_eq(tend_config_int(config, "http", NULL, "body"), 1048576);
    ck_assert(tend_config_bool(config, "http", NULL, "tls"));
    ck_assert_str_eq(tend_config_text(config, "http", NULL, "level"), "warn");
    ck_assert_ptr_null(tend_config_text(config, "http", NULL, "note"));
    ck_assert_ptr_null(tend_config_entry(config, "http", NULL, "hosts", 0));
    ck_assert(!tend_config_has(config, "http", NULL, "port"));
    tend_config_origin(config, "http", NULL, "port", &file, &line);
    ck_assert_ptr_null(file);
    ck_assert_uint_eq(line, 0);
    ck_assert_ptr_null(tend_config_instance(config, "source", 0));
    tend_config_free(config);
}
END_TEST

START_TEST(values_are_read_by_their_type)
{
    tend_config *config = loaded("\xef\xbb\xbf# first\r\n[http]\r\nport=9000\r\ntimeout = 5 min\r\nbody=10 kB\r\ntls = No\r\n"
                                 "rate = -12.50\r\nhosts = a , b c,d\r\nfolders = /a, b\r\nnote = x = y: \"z\" #1; \xea\xb0\x80\r\n"
                                 "file = logs/a.txt");
    char here[512], path[1024];
    int64_t mantissa = 0;
    const char *file = NULL;
    unsigned line = 0;

    ck_assert_int_eq(tend_config_int(config, "http", NULL, "port"), 9000);
    ck_assert_int_eq(tend_config_int(config, "http", NULL, "timeout"), 300000);
    ck_assert_int_eq(tend_config_int(config, "http", NULL, "body"), 10000);
    ck_assert(!tend_config_bool(config, "http", NULL, "tls"));
    ck_assert_int_ge(tend_config_decimal(config, "http", NULL, "rate", 2, &mantissa), 0);
    ck_assert_int_eq(mantissa, -1250);
    ck_assert_str_eq(tend_config_entry(config, "http", NULL, "hosts", 0), "a");
    ck_assert_str_eq(tend_config_entry(config, "http", NULL, "hosts", 1), "b c");
    ck_assert_str_eq(tend_config_entry(config, "http", NULL, "hosts", 2), "d");
    ck_assert_ptr_null(tend_config_entry(config, "http", NULL, "hosts", 3));
    ck_assert_str_eq(tend_config_text(config, "http", NULL, "note"), "x = y: \"z\" #1; \xea\xb0\x80");
    tend_config_origin(config, "http", NULL, "port", &file, &line);
    ck_assert_str_eq(file, "x.ini");
    ck_assert_uint_eq(line, 3);
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    (void)snprintf(path, sizeof path, "%s/logs/a.txt", here);
    ck_assert_str_eq(tend_config_path(config, "http", NULL, "file"), path);
    ck_assert_str_eq(tend_config_entry(config, "http", NULL, "folders", 0), "/a");
    (void)snprintf(path, sizeof path, "%s/b", here);
    ck_assert_str_eq(tend_config_entry(config, "http", NULL, "folders", 1), path);
    tend_config_free(config);
}
END_TEST

START_TEST(later_files_win_key_by_key_and_each_value_knows_its_line)
{
    tend_config *config = NULL;
    const char *file = NULL;
    unsigned line = 0;

    test_folder_write_text(&folder, "tend.ini",
                           "[http]\nport = 1000\nnote = first\nfile = a.log\n[source.b]\nurl = https://b.example\n");
    ck_assert_int_eq(mkdir(test_folder_path(&folder, "tend.d"), 0700), 0);
    test_folder_write_text(&folder, "tend.d/20.ini", "[http]\n\nport = 2000\n");
    test_folder_write_text(&folder, "tend.d/10.ini", "[http]\nport = 3000\nfile = b.log\n[source.a]\nurl = https://a.example\n");
    test_folder_write_text(&folder, "tend.d/.hidden.ini", "[http]\nport = 4000\n");
    test_folder_write_text(&folder, "tend.d/30.ini.example", "[http]\nport = 5000\n");
    ck_assert_msg(tend_config_load_folder(folder.path, sections, NULL, &config, &error) >= 0, "%s", error.text);
    ck_assert_int_eq(tend_config_int(config, "http", NULL, "port"), 2000);
    tend_config_origin(config, "http", NULL, "port", &file, &line);
    ck_assert_str_eq(file, test_folder_path(&folder, "tend.d/20.ini"));
    ck_assert_uint_eq(line, 3);
    ck_assert_str_eq(tend_config_text(config, "http", NULL, "note"), "first");
    ck_assert_str_eq(tend_config_path(config, "http", NULL, "file"), test_folder_path(&folder, "b.log"));
    ck_assert_str_eq(tend_config_instance(config, "source", 0), "b");
    ck_assert_str_eq(tend_config_instance(config, "source", 1), "a");
    ck_assert_ptr_null(tend_config_instance(config, "source", 2));
    tend_config_free(config);
}
END_TEST

START_TEST(a_folder_without_a_configuration_says_which_file_is_missing)
{
    tend_config *config = NULL;
    char expected[600];

    (void)snprintf(expected, sizeof expected, "%s/tend.ini: cannot be read (No such file or directory); check its name and mode",
                   folder.path);
    ck_assert_int_eq(tend_config_load_folder(folder.path, sections, NULL, &config, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, expected);
}
END_TEST

START_TEST(keys_of_an_open_section_come_in_file_order)
{
    tend_config *config = loaded("[values.deals.stage]\nGTX Pro = gtx\n\xec\x98\x88 = yes\ngtx pro = other\n");
    const char *key, *value, *file;
    unsigned line;

    ck_assert(tend_config_key(config, "values", "deals.stage", 1, &key, &value, &file, &line));
    ck_assert_str_eq(key, "\xec\x98\x88");
    ck_assert_str_eq(value, "yes");
    ck_assert_uint_eq(line, 3);
    ck_assert_str_eq(tend_config_text(config, "values", "deals.stage", "GTX Pro"), "gtx");
    ck_assert_str_eq(tend_config_text(config, "values", "deals.stage", "gtx pro"), "other");
    ck_assert(!tend_config_key(config, "values", "deals.stage", 3, &key, &value, &file, &line));
    ck_assert(!tend_config_key(config, "values", "other", 0, &key, &value, &file, &line));
    tend_config_free(config);
}
END_TEST

START_TEST(all_faults_are_told_in_one_go)
{
    const char *text =
        "[http]\nprot = 1\nport = 70000\nport = 2\n[htpp]\nport = nothing is asked here\n[source]\n[http.x]\n[source.a]\n"
        "token = x\n[source.A]\n";

    ck_assert_str_eq(faults_of(text, strlen(text)),
                     "x.ini:2: [http] prot: no such setting; did you mean port?\n"
                     "x.ini:3: [http] port: 70000 is out of range; write 1 to 65535\n"
                     "x.ini:4: [http] port: is written twice, first in line 3; keep one\n"
                     "x.ini:5: [htpp]: no such section; did you mean http?\n"
                     "x.ini:7: [source]: this section needs a name; write [source.NAME]\n"
                     "x.ini:8: [http.x]: this section takes no name; write [http]\n"
                     "x.ini:10: [source.a] token: a secret is named and not written here; write @file:PATH or @env:NAME\n"
                     "x.ini:11: [source.A]: differs from [source.a] (x.ini:9) in letter case alone; write both alike\n"
                     "x.ini:9: [source.a] url: is missing; add it\n");
}
END_TEST

static const struct {
    const char *text;
    size_t length; /* 0: all of the text */
    const char *fault;
} bad_lines[] = {
    { "[http]\nnote = a\0b\n", 18, "x.ini:2: this line holds a NUL byte; save the file as plain text in UTF-8\n" },
    { "[http]\nnote = \xb0\xe8\xc1\xa4\n", 0, "x.ini:2: this line is not UTF-8; save the file as UTF-8\n" },
    { "[http]\nfile = a\xc0\xaf"
      "b\n",
      0, "x.ini:2: this line is not UTF-8; save the file as UTF-8\n" },
    { "[http]\nnote = \x1b[2J\n", 0, "x.ini:2: this line holds a control character; remove it\n" },
    { "[http]\nnote = a\xe2\x80\xae"
      "b\n",
      0, "x.ini:2: this line holds an invisible character that changes how the line looks; remove it\n" },
    { "[http]\rport = 80\r", 0,
      "x.ini:1: this line has a carriage return that ends no line; save the file with line ends LF or CRLF\n" },
    { "port = 80\n", 0, "x.ini:1: this line stands before any section; write a [section] above it\n" },
    { "[http] port=80\n", 0, "x.ini:1: this line has text after the ]; put it on a line of its own\n" },
    { "[http\n", 0, "x.ini:1: this line has no ] after the section's name; write [name]\n" },
    { "[]\n", 0, "x.ini:1: this line names no section; write [name]\n" },
    { "[ht tp]\n", 0,
      "x.ini:1: this line has a section name with a blank or sign in it; use letters, digits, '.', '_', '-' and '@'\n" },
    { "[htt\xd1\x80]\n", 0,
      "x.ini:1: this line has a section name with a letter beyond ASCII, which may only look like the one you mean; type it "
      "again\n" },
    { "[http]\nport\n", 0, "x.ini:2: this line has no '='; write key = value, or # before a comment\n" },
    { "[http]\n= 80\n", 0, "x.ini:2: this line has no key before the '='; write key = value\n" },
    { "[http]\nport: 80\n", 0, "x.ini:2: this line has ':' where '=' is expected; write key = value\n" },
    { "[http]\npo:rt = 80\n", 0, "x.ini:2: this line has a ':' before the '=', where the key would be cut; write key = value\n" },
    { "[http]\nnote = a\n  port = 80\n", 0,
      "x.ini:3: this line begins with a blank, which would join it to the line before; begin it at the left edge\n" },
    { "[http]\nport = 80 ; the port\n", 0,
      "x.ini:2: this line has a ';' after a blank, where the value would be cut; put a comment on a line of its own\n" },
    { "[http]\nport =\n", 0, "x.ini:2: [http] port: is empty; write a value or remove the line\n" },
    { "[http]\nTLS = off\n", 0, "x.ini:2: [http] TLS: no such setting; did you mean tls?\n" },
    { "[http]\nzzzzzzz = off\n", 0, "x.ini:2: [http] zzzzzzz: no such setting; tend config template lists them all\n" },
    { "[zzzzzzz]\n", 0, "x.ini:1: [zzzzzzz]: no such section; tend config template lists them all\n" },
};

START_TEST(a_line_that_could_be_misread_is_refused)
{
    const size_t length = bad_lines[_i].length ? bad_lines[_i].length : strlen(bad_lines[_i].text);

    ck_assert_str_eq(faults_of(bad_lines[_i].text, length), bad_lines[_i].fault);
}
END_TEST

/* A line may be as long as what inih reads whole, and not a byte longer: with one more it would be read as two. */
START_TEST(a_line_longer_than_the_buffer_is_refused_and_one_that_fits_is_kept_whole)
{
    char text[512] = "[http]\n";
    tend_config *config;

    for (int length = 150; length < 260; length++) {
        (void)snprintf(text, sizeof text, "[http]\nnote=%0*d\nport = 80\n", length - 5, 7);
        if (length <= 197) {
            config = loaded(text);
            ck_assert_uint_eq(strlen(tend_config_text(config, "http", NULL, "note")), (size_t)length - 5);
            ck_assert_int_eq(tend_config_int(config, "http", NULL, "port"), 80);
            tend_config_free(config);
        } else {
            char expected[200];

            (void)snprintf(
                expected, sizeof expected,
                "x.ini:2: this line is %d bytes long; at most 197 are read: end it earlier with \\ and go on in the next line\n",
                length);
            ck_assert_str_eq(faults_of(text, strlen(text)), expected);
            memcpy(text + 7, "#", 1);
            ck_assert_str_eq(faults_of(text, strlen(text)), expected);
        }
    }
}
END_TEST

START_TEST(what_stood_in_a_line_that_was_refused_is_not_missing_too)
{
    char text[512], expected[200];

    (void)snprintf(text, sizeof text, "[source.a]\nurl = https://a.example/%0*d\n", 300, 7);
    (void)snprintf(expected, sizeof expected,
                   "x.ini:2: this line is %d bytes long; at most 197 are read: end it earlier with \\ and go on in the next line\n",
                   324);
    ck_assert_str_eq(faults_of(text, strlen(text)), expected);
}
END_TEST

START_TEST(a_section_name_that_would_be_cut_is_refused)
{
    char name[64] = "source.", text[128];
    tend_config *config;

    for (size_t length = 40; length < 56; length++) {
        memset(name + 7, 's', length - 7);
        name[length] = '\0';
        (void)snprintf(text, sizeof text, "[%s]\nurl=https://a.example\n", name);
        if (length <= 49) {
            config = loaded(text);
            ck_assert_str_eq(tend_config_instance(config, "source", 0), name + 7);
            tend_config_free(config);
        } else {
            char expected[200];

            (void)snprintf(expected, sizeof expected, "x.ini:1: this line has a section name of %zu bytes; at most 49 are read\n",
                           length);
            ck_assert_str_eq(faults_of(text, strlen(text)), expected);
        }
    }
}
END_TEST

START_TEST(what_follows_a_refused_section_is_not_taken_for_the_one_before)
{
    const char *text = "[http]\n[http] x\nport = 1\n[nothing]\nport = 2\nnote: bad\n[http]\nport = 3\n";

    ck_assert_str_eq(faults_of(text, strlen(text)), "x.ini:2: this line has text after the ]; put it on a line of its own\n"
                                                    "x.ini:4: [nothing]: no such section; tend config template lists them all\n"
                                                    "x.ini:6: this line has ':' where '=' is expected; write key = value\n");
}
END_TEST

START_TEST(a_million_settings_are_refused_at_once)
{
    const size_t room = 24u << 20;
    char *text = malloc(room);
    size_t length = (size_t)sprintf(text, "[values.a]\n"), small;
    tend_config *config = NULL;
    const char *path;
    char expected[600];
    clock_t start;

    for (int i = 0; i < 9999; i++)
        length += (size_t)sprintf(text + length, "k%d=%d\n", i, i);
    ck_assert_int_ge(tend_config_load_text("x.ini", text, length, sections, NULL, &config, &error), 0);
    ck_assert_str_eq(tend_config_text(config, "values", "a", "k9998"), "9998");
    tend_config_free(config);
    small = length;
    for (int i = 9999; i < 1000000; i++) {
        length += (size_t)sprintf(text + length, "k%d=%d\n", i, i);
        if (i < 20000)
            small = length;
    }
    start = clock();
    ck_assert_str_eq(faults_of(text, small), "x.ini:10002: has more than 10000 settings and sections; split it\n");
    ck_assert_str_eq(faults_of(text, length), "x.ini: is larger than 1 MiB; split it\n");
    path = test_folder_write(&folder, "a.ini", text, length);
    ck_assert_int_eq(tend_config_load((const char *const[]){ path, NULL }, sections, NULL, &config, &error), TEND_EINVAL);
    ck_assert_int_lt(clock() - start, CLOCKS_PER_SEC);
    (void)snprintf(expected, sizeof expected, "%s: is larger than 1 MiB; split it", path);
    ck_assert_str_eq(error.text, expected);
    free(text);
}
END_TEST

START_TEST(a_flood_of_sections_is_refused_at_once)
{
    char *text = malloc(1 << 20);
    size_t length = 0;
    const clock_t start = clock();

    for (int i = 0; length < (1 << 20) - 32; i++)
        length += (size_t)sprintf(text + length, "[values.a%d]\n", i);
    ck_assert_str_eq(faults_of(text, length), "x.ini:10002: has more than 10000 settings and sections; split it\n");
    ck_assert_int_lt(clock() - start, 3 * CLOCKS_PER_SEC);
    free(text);
}
END_TEST

/* Pieces that mean something, in any order and place: each text is either understood or refused with a sentence. */
START_TEST(no_text_is_neither_understood_nor_refused)
{
    static const char *const pieces[] = { "[http]\n",
                                          "[source.a]\n",
                                          "[values.b]\n",
                                          "port",
                                          "=",
                                          " = ",
                                          "8080",
                                          "\n",
                                          "\r\n",
                                          "\r",
                                          "[",
                                          "]",
                                          ";",
                                          "#",
                                          " ",
                                          "\t",
                                          ":",
                                          "url=https://a.example\n",
                                          "\xea\xb0\x80",
                                          "\xea\xb0",
                                          "@file:",
                                          "\x1b",
                                          ".",
                                          "..",
                                          ",",
                                          "hosts = a,b\n",
                                          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" };
    unsigned state = (unsigned)_i * 2654435761u + 1;
    int understood = 0;

    for (int round = 0; round < 2000; round++) {
        char text[2048];
        size_t length = 0;
        tend_config *config = NULL;
        FILE *out;
        tend_status status;

        for (unsigned n = (state >> 8) % 40; n > 0; n--) {
            const char *piece = pieces[(state = state * 1103515245u + 12345u) / 65536 % (sizeof pieces / sizeof *pieces)];

            length = (size_t)(stpcpy(text + length, piece) - text);
        }
        state = state * 1103515245u + 12345u;
        out = open_memstream(&faults, &faults_length);
        status = tend_config_load_text("x.ini", text, length, sections, out, &config, &error);
        (void)fclose(out);
        ck_assert(status == TEND_OK ? config && faults_length == 0 : status == TEND_EINVAL && !config && faults_length > 0);
        understood += status == TEND_OK;
        tend_config_free(config);
        free(faults);
        faults = NULL;
    }
    ck_assert_int_gt(understood, 0);
}
END_TEST

START_TEST(many_faults_are_counted_and_not_all_shown)
{
    char text[8192] = "[http]\n";
    size_t lines = 0;
    const char *shown;

    for (int i = 0; i < 250; i++)
        strcat(text, "=\n");
    shown = faults_of(text, strlen(text));
    for (const char *at = shown; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    ck_assert_uint_eq(lines, 201);
    ck_assert_ptr_nonnull(strstr(shown, "\nand 50 more faults; mend these first\n"));
}
END_TEST

static char *printed(void (*print)(const tend_config *config, FILE *out), const tend_config *config)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    print(config, out);
    (void)fclose(out);
    return text;
}

START_TEST(a_setting_goes_on_after_a_backslash)
{
    static const char text[] =
        "[http]\nnote = one \\\n   two\\\t\nthree\nport = 81\nhosts = \\\r\n a,\\\r\n b\r\n# no comment goes on \\\n"
        "level = wran\n";
    tend_config *config = NULL;

    ck_assert_int_eq(tend_config_load_text("tend.ini", text, strlen(text), sections, NULL, &config, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text, "tend.ini:10: [http] level: \"wran\" is none of the choices; write error, warn or info");
    ck_assert_msg(
        tend_config_load_text("tend.ini", text, strlen(text) - strlen("level = wran\n"), sections, NULL, &config, &error) >= 0,
        "%s", error.text);
    ck_assert_str_eq(tend_config_text(config, "http", NULL, "note"), "one two three");
    ck_assert_int_eq(tend_config_int(config, "http", NULL, "port"), 81);
    ck_assert_str_eq(tend_config_entry(config, "http", NULL, "hosts", 0), "a");
    ck_assert_str_eq(tend_config_entry(config, "http", NULL, "hosts", 1), "b");
    tend_config_free(config);
}
END_TEST

static const struct {
    const char *text, *sentence;
} endless[] = {
    { "[http]\nnote = one \\\n\nport = 81\n",
      "tend.ini:3: this line is empty, and the one before ends with \\; write the rest here, or take the \\ away" },
    { "[http]\nnote = one \\",
      "tend.ini:3: this line is empty, and the one before ends with \\; write the rest here, or take the \\ away" },
    { "[http]\nnote = one \\\n# two\n", "tend.ini:3: this line goes on with the one before, which ends with \\; put comments and "
                                        "sections before or after the whole setting" },
    { "[http]\nnote = one \\\n[source.a]\nurl = https://a.example\n",
      "tend.ini:3: this line goes on with the one before, which ends with \\; put comments and sections before or after the whole "
      "setting" },
    { "[http]\nnote = one \\\n two ; three\n",
      "tend.ini:3: this line has a ';' after a blank, where the value would be cut; put a comment on a line of its own" },
};

START_TEST(what_goes_on_is_looked_at_as_closely)
{
    tend_config *config = NULL;

    ck_assert_int_eq(tend_config_load_text("tend.ini", endless[_i].text, strlen(endless[_i].text), sections, NULL, &config, &error),
                     TEND_EINVAL);
    ck_assert_str_eq(error.text, endless[_i].sentence);
}
END_TEST

START_TEST(a_long_line_is_told_how_to_go_on)
{
    char text[400];
    tend_config *config = NULL;

    (void)snprintf(text, sizeof text, "[http]\nnote = %0191d\n", 0);
    ck_assert_int_eq(tend_config_load_text("tend.ini", text, strlen(text), sections, NULL, &config, &error), TEND_EINVAL);
    ck_assert_str_eq(error.text,
                     "tend.ini:2: this line is 198 bytes long; at most 197 are read: end it earlier with \\ and go on in the "
                     "next line");
    (void)snprintf(text, sizeof text, "[http]\nnote = %0180d \\\n%0190d\n", 0, 0);
    ck_assert_msg(tend_config_load_text("tend.ini", text, strlen(text), sections, NULL, &config, &error) >= 0, "%s", error.text);
    ck_assert_uint_eq(strlen(tend_config_text(config, "http", NULL, "note")), 371);
    tend_config_free(config);
}
END_TEST

START_TEST(what_can_be_understood_is_read_where_it_is_asked_for)
{
    tend_config *config = NULL;
    unsigned count = 0;

    test_folder_write_text(&folder, "tend.ini", "[http]\nport = 81\nfile = ../x\nprt = 82\n[sourc.a]\nurl = x\n");
    ck_assert_msg(tend_config_load_partly(folder.path, sections, NULL, &count, &config, &error) >= 0, "%s", error.text);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(tend_config_int(config, "http", NULL, "port"), 81);
    ck_assert_ptr_null(tend_config_path(config, "http", NULL, "file"));
    tend_config_free(config);
}
END_TEST

START_TEST(show_prints_each_value_with_its_origin_and_no_secret)
{
    tend_config *config;
    char *shown;

    ck_assert_int_eq(setenv("TEND_TEST_TOKEN", "hidden words", 1), 0);
    config = loaded("[http]\nport = 90\n[source.a]\nurl = https://a.example\ntoken = @env:TEND_TEST_TOKEN\n");
    shown = printed(tend_config_show, config);
    ck_assert_ptr_nonnull(strstr(shown, "[http]\nport = 90                               ; x.ini:2\n"));
    ck_assert_ptr_nonnull(strstr(shown, "\nlevel = warn                            ; default\n"));
    ck_assert_ptr_nonnull(strstr(shown, "[source.a]\n"));
    ck_assert_ptr_nonnull(strstr(shown, "token = @env:TEND_TEST_TOKEN"));
    ck_assert_ptr_null(strstr(shown, "hidden words"));
    free(shown);
    tend_config_free(config);
}
END_TEST

static const tend_setting hard_settings[] = {
    { .key = "a", .type = TEND_SETTING_URL, .choices = schemes, .is_required = true, .help = "address" },
    { .key = "b", .type = TEND_SETTING_INT, .min = 5, .max = 6, .is_required = true, .help = "number" },
    { .key = "c", .type = TEND_SETTING_ZONE, .is_required = true, .help = "zone" },
    { .key = "d", .type = TEND_SETTING_SECRET, .is_required = true, .help = "secret" },
    { .key = "e", .type = TEND_SETTING_DURATION, .is_required = true, .help = "time" },
    { .key = "f",
      .type = TEND_SETTING_EXPRESSION,
      .help = "a line of help that is much longer than a line of the file may be, so that it has to be broken into several lines, "
              "each of them a comment of its own, and each short enough to be read back by the same reader that reads the rest" },
    { 0 },
};
static const tend_section hard_sections[] = {
    { "hard", false, "What must be given.\nA second line.", hard_settings },
    { "soft", true, "The same by name.", hard_settings },
    { 0 },
};

START_TEST(the_template_loads_back_without_faults)
{
    static const tend_section *const all[] = { base_sections, more_sections, hard_sections, NULL };
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    tend_config *config = NULL;

    tend_config_template(all, out);
    (void)fclose(out);
    ck_assert_msg(tend_config_load_text("template", text, length, all, stderr, &config, &error) >= 0, "%s\n%s", error.text, text);
    ck_assert_ptr_nonnull(strstr(text, "# The console.\n[http]\n# where it listens\nport = 8080\n"));
    ck_assert_ptr_nonnull(strstr(text, "# A connection.\n#[source.NAME]\n"));
    ck_assert_int_eq(tend_config_int(config, "hard", NULL, "b"), 5);
    tend_config_free(config);
    free(text);
}
END_TEST

START_TEST(a_secret_comes_from_a_private_file_or_the_environment)
{
    tend_config *config = NULL;
    char *secret = NULL;
    char expected[600];
    const char *path = test_folder_path(&folder, "token");

    test_folder_write_text(&folder, "token", "from the file\n");
    test_folder_write_text(&folder, "tend.ini",
                           "[source.a]\nurl=https://a.example\ntoken=@file:token\n[source.b]\nurl=https://a.example\n"
                           "token=@env:TEND_TEST_TOKEN\n[source.c]\nurl=https://a.example\n");
    ck_assert_msg(tend_config_load_folder(folder.path, sections, NULL, &config, &error) >= 0, "%s", error.text);
    ck_assert_int_eq(chmod(path, 0640), 0);
    ck_assert_int_eq(tend_config_secret(config, "source", "a", "token", &secret, &error), TEND_EINVAL);
    (void)snprintf(expected, sizeof expected, "%s: others may read this secret (mode 0640); chmod 600 it", path);
    ck_assert_str_eq(error.text, expected);
    ck_assert_int_eq(chmod(path, 0600), 0);
    ck_assert_msg(tend_config_secret(config, "source", "a", "token", &secret, &error) >= 0, "%s", error.text);
    ck_assert_str_eq(secret, "from the file");
    tend_secret_free(secret);
    test_folder_write_text(&folder, "token", "one\ntwo\n");
    ck_assert_int_eq(tend_config_secret(config, "source", "a", "token", &secret, &error), TEND_EINVAL);
    (void)snprintf(expected, sizeof expected, "%s: has more than one line; write the secret there, as one line of text", path);
    ck_assert_str_eq(error.text, expected);
    test_folder_write_text(&folder, "token", "\n");
    ck_assert_int_eq(tend_config_secret(config, "source", "a", "token", &secret, &error), TEND_EINVAL);
    (void)snprintf(expected, sizeof expected, "%s: is empty; write the secret there, as one line of text", path);
    ck_assert_str_eq(error.text, expected);
    ck_assert_int_eq(setenv("TEND_TEST_TOKEN", "from outside", 1), 0);
    ck_assert_int_ge(tend_config_secret(config, "source", "b", "token", &secret, &error), 0);
    ck_assert_str_eq(secret, "from outside");
    tend_secret_free(secret);
    ck_assert_int_eq(unsetenv("TEND_TEST_TOKEN"), 0);
    ck_assert_int_eq(tend_config_secret(config, "source", "b", "token", &secret, &error), TEND_ENOTFOUND);
    ck_assert_str_eq(error.text, "@env:TEND_TEST_TOKEN: no such variable in the environment; set it or write @file:PATH");
    ck_assert_int_eq(tend_config_secret(config, "source", "c", "token", &secret, &error), TEND_ENOTFOUND);
    ck_assert_str_eq(error.text, "[source.c] token: names no secret; write @file:PATH or @env:NAME");
    tend_config_free(config);
}
END_TEST

TESTS_WITH("config/config", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, an_empty_file_gives_the_defaults);
    tcase_add_test(tcase, values_are_read_by_their_type);
    tcase_add_test(tcase, later_files_win_key_by_key_and_each_value_knows_its_line);
    tcase_add_test(tcase, a_folder_without_a_configuration_says_which_file_is_missing);
    tcase_add_test(tcase, keys_of_an_open_section_come_in_file_order);
    tcase_add_test(tcase, all_faults_are_told_in_one_go);
    tcase_add_loop_test(tcase, a_line_that_could_be_misread_is_refused, 0, (int)(sizeof bad_lines / sizeof *bad_lines));
    tcase_add_test(tcase, a_line_longer_than_the_buffer_is_refused_and_one_that_fits_is_kept_whole);
    tcase_add_test(tcase, what_stood_in_a_line_that_was_refused_is_not_missing_too);
    tcase_add_test(tcase, a_section_name_that_would_be_cut_is_refused);
    tcase_add_test(tcase, what_follows_a_refused_section_is_not_taken_for_the_one_before);
    tcase_add_test(tcase, a_million_settings_are_refused_at_once);
    tcase_add_test(tcase, a_flood_of_sections_is_refused_at_once);
    tcase_add_loop_test(tcase, no_text_is_neither_understood_nor_refused, 0, 4);
    tcase_add_test(tcase, many_faults_are_counted_and_not_all_shown);
    tcase_add_test(tcase, a_setting_goes_on_after_a_backslash);
    tcase_add_loop_test(tcase, what_goes_on_is_looked_at_as_closely, 0, (int)(sizeof endless / sizeof *endless));
    tcase_add_test(tcase, a_long_line_is_told_how_to_go_on);
    tcase_add_test(tcase, what_can_be_understood_is_read_where_it_is_asked_for);
    tcase_add_test(tcase, show_prints_each_value_with_its_origin_and_no_secret);
    tcase_add_test(tcase, the_template_loads_back_without_faults);
    tcase_add_test(tcase, a_secret_comes_from_a_private_file_or_the_environment);
})
