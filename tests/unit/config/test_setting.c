#include "config/config.h"
#include "tests.h"
#include <string.h>

static const char *const schemes[] = { "https", "smtps://", NULL };
static const char *const choices[] = { "one", "two", "three", NULL };
static const tend_setting settings[] = {
    { .key = "int", .type = TEND_SETTING_INT, .min = 1, .max = 65535 },
    { .key = "anyint", .type = TEND_SETTING_INT },
    { .key = "deep", .type = TEND_SETTING_INT, .min = -10, .max = 10 },
    { .key = "bool", .type = TEND_SETTING_BOOL },
    { .key = "duration", .type = TEND_SETTING_DURATION, .min = 100, .max = 60000 },
    { .key = "size", .type = TEND_SETTING_SIZE, .min = 1024, .max = INT64_C(1) << 30 },
    { .key = "decimal", .type = TEND_SETTING_DECIMAL },
    { .key = "date", .type = TEND_SETTING_DATE },
    { .key = "time", .type = TEND_SETTING_TIME_OF_DAY },
    { .key = "zone", .type = TEND_SETTING_ZONE },
    { .key = "currency", .type = TEND_SETTING_CURRENCY },
    { .key = "path", .type = TEND_SETTING_PATH },
    { .key = "paths", .type = TEND_SETTING_PATHS },
    { .key = "name", .type = TEND_SETTING_NAME },
    { .key = "choice", .type = TEND_SETTING_CHOICE, .choices = choices },
    { .key = "list", .type = TEND_SETTING_LIST },
    { .key = "secret", .type = TEND_SETTING_SECRET },
    { .key = "url", .type = TEND_SETTING_URL, .choices = schemes },
    { .key = "email", .type = TEND_SETTING_EMAIL },
    { .key = "listen", .type = TEND_SETTING_LISTEN },
    { 0 },
};
static const tend_section table[] = { { "s", false, NULL, settings }, { 0 } };
static const tend_section *const sections[] = { table, NULL };

static tend_error error;

static tend_config *load(const char *line)
{
    char text[512];
    tend_config *config = NULL;

    memset(&error, 0, sizeof error);
    (void)snprintf(text, sizeof text, "[s]\n%s\n", line);
    (void)tend_config_load_text("/etc/x.ini", text, strlen(text), sections, NULL, &config, &error);
    return config;
}

static const struct {
    const char *line;
    int64_t number;
} numbers[] = {
    { "int = 1", 1 },
    { "int = 65535", 65535 },
    { "anyint = 0", 0 },
    { "anyint = 9223372036854775807", INT64_MAX },
    { "deep = -10", -10 },
    { "duration = 100 ms", 100 },
    { "duration = 1min", 60000 },
    { "size = 1 KiB", 1024 },
    { "size = 2 kB", 2000 },
    { "size = 1GiB", INT64_C(1) << 30 },
    { "date = 1970-01-02", 1 },
    { "date = 2024-02-29", 19782 },
    { "time = 00:00", 0 },
    { "time = 23:59", 1439 },
};

START_TEST(a_number_is_read_in_its_unit)
{
    tend_config *config = load(numbers[_i].line);
    char key[16] = { 0 };

    memcpy(key, numbers[_i].line, strcspn(numbers[_i].line, " "));
    ck_assert_msg(config != NULL, "%s", error.text);
    ck_assert_int_eq(tend_config_int(config, "s", NULL, key), numbers[_i].number);
    tend_config_free(config);
}
END_TEST

static const char *const good[] = {
    "bool = TRUE",
    "decimal = -0.000000000001",
    "decimal = 123456789012.5",
    "zone = Asia/Seoul",
    "zone = UTC",
    "currency = KRW",
    "path = /a/b..c/d",
    "path = a.b/c",
    "paths = /a, b/c.so",
    "name = sf-korea_2",
    "choice = three",
    "list =",
    "list = a,b",
    "secret = @file:/run/secrets/x",
    "secret = @env:A_1",
    "url = https://crm.example.test",
    "url = https://[::1]:8443/a?b=c",
    "url = smtps://mail.example.com:465",
    "email = kim.min-su+a@mail.example.co.kr",
    "email = root@localhost",
    "listen = 127.0.0.1:8080",
    "listen = [::1]:1",
    "listen = 127.9.9.9:65535",
};

START_TEST(a_proper_value_is_taken)
{
    tend_config *config = load(good[_i]);

    ck_assert_msg(config != NULL, "%s", error.text);
    tend_config_free(config);
}
END_TEST

static const struct {
    const char *line, *fault;
} bad[] = {
    { "int = 0", "int: 0 is out of range; write 1 to 65535" },
    { "int = 70000", "int: 70000 is out of range; write 1 to 65535" },
    { "int = -5", "int: -5 is out of range; write 1 to 65535" },
    { "anyint = -1", "anyint: -1 is too small; write 0 or more" },
    { "anyint = 99999999999999999999", "anyint: 99999999999999999999 is larger than any number here; write a smaller one" },
    { "int = 0x1F", "int: \"0x1F\" is not a whole number; write digits only, like 8080" },
    { "int = 1e9", "int: \"1e9\" is not a whole number; write digits only, like 8080" },
    { "int = 08", "int: \"08\" is not a whole number; write digits only, like 8080" },
    { "int = NaN", "int: \"NaN\" is not a whole number; write digits only, like 8080" },
    { "int = +1", "int: \"+1\" is not a whole number; write digits only, like 8080" },
    { "int = 1 000", "int: \"1 000\" is not a whole number; write digits only, like 8080" },
    { "int = 10.0", "int: \"10.0\" is not a whole number; write digits only, like 8080" },
    { "deep = -11", "deep: -11 is out of range; write -10 to 10" },
    { "bool = 2", "bool: \"2\" is neither yes nor no; write yes or no" },
    { "duration = 5 M", "duration: \"5 M\" is not a duration; write a whole number and ms, s, min, h or d, like 30 s" },
    { "duration = 1,5s", "duration: \"1,5s\" is not a duration; write a whole number and ms, s, min, h or d, like 30 s" },
    { "duration = 30", "duration: \"30\" is not a duration; write a whole number and ms, s, min, h or d, like 30 s" },
    { "duration = -5 s", "duration: \"-5 s\" is not a duration; write a whole number and ms, s, min, h or d, like 30 s" },
    { "duration = 3 months", "duration: \"3 months\" has no fixed length; write it in days" },
    { "duration = 99 ms", "duration: 99 ms is out of range; write 100 ms to 60 s" },
    { "duration = 1 h", "duration: 1 h is out of range; write 100 ms to 60 s" },
    { "size = 10 000", "size: \"10 000\" is not a size; write a whole number and B, kB, MB, GB, KiB, MiB or GiB, like 64 MiB" },
    { "size = 4096", "size: \"4096\" is not a size; write a whole number and B, kB, MB, GB, KiB, MiB or GiB, like 64 MiB" },
    { "size = 1.5 MiB", "size: \"1.5 MiB\" is not a size; write a whole number and B, kB, MB, GB, KiB, MiB or GiB, like 64 MiB" },
    { "size = 9999999999 TiB",
      "size: \"9999999999 TiB\" is not a size; write a whole number and B, kB, MB, GB, KiB, MiB or GiB, like 64 MiB" },
    { "size = 2 GiB", "size: 2 GiB is out of range; write 1024 B to 1024 MiB" },
    { "decimal = 1,5", "decimal: \"1,5\" is not a decimal number; write it like 12.5" },
    { "decimal = 1e3", "decimal: \"1e3\" is not a decimal number; write it like 12.5" },
    { "date = 2026-02-30", "date: \"2026-02-30\" is not a date; write YYYY-MM-DD" },
    { "date = 30.01.2026", "date: \"30.01.2026\" is not a date; write YYYY-MM-DD" },
    { "time = 25:00", "time: \"25:00\" is not a time of day; write HH:MM, 00:00 to 23:59" },
    { "time = 24:00", "time: \"24:00\" is not a time of day; write HH:MM, 00:00 to 23:59" },
    { "time = 9:00", "time: \"9:00\" is not a time of day; write HH:MM, 00:00 to 23:59" },
    { "zone = Asia/Seoull", "zone: \"Asia/Seoull\" is not a time zone of this machine; write one like Asia/Seoul" },
    { "zone = ../../etc/passwd", "zone: \"../../etc/passwd\" is not a time zone of this machine; write one like Asia/Seoul" },
    { "duration = 0 s", "duration: \"0 s\" is no time at all; write one that is longer, like 30 s" },
    { "duration = 99999999 d", "duration: \"99999999 d\" is longer than any time here; write a shorter one" },
    { "currency = usd", "currency: \"usd\" is not a currency; did you mean USD, in capitals?" },
    { "currency = KRX", "currency: \"KRX\" is not a currency; write an ISO 4217 code like KRW" },
    { "currency = won", "currency: \"won\" is not a currency; write an ISO 4217 code like KRW" },
    { "path = ../x", "path: leaves its folder by \"..\"; write the whole path from /" },
    { "path = /a/../b", "path: leaves its folder by \"..\"; write the whole path from /" },
    { "path = a/..", "path: leaves its folder by \"..\"; write the whole path from /" },
    { "path = file:x.db?mode=memory", "path: is a URI; write a plain path" },
    { "path = https://a.example/x", "path: is a URI; write a plain path" },
    { "path = :memory:", "path: \":memory:\" keeps nothing; name a file" },
    { "path = ~/x", "path: begins with \"~\", which only a shell understands; write the whole path from /" },
    { "path =", "path: is empty; write a value or remove the line" },
    { "paths = a.so, ../b.so", "paths: leaves its folder by \"..\"; write the whole path from /" },
    { "paths = a.so,,b.so", "paths: has an empty place between two commas; remove one" },
    { "list = a,", "list: has an empty place between two commas; remove one" },
    { "name = Kim", "name: \"Kim\" is not a name; write small letters, digits, '_' and '-', a letter first" },
    { "name = 1a", "name: \"1a\" is not a name; write small letters, digits, '_' and '-', a letter first" },
    { "choice = four", "choice: \"four\" is none of the choices; write one, two or three" },
    { "secret = sk_live_0123", "secret: a secret is named and not written here; write @file:PATH or @env:NAME" },
    { "secret = @env:", "secret: a secret is named and not written here; write @file:PATH or @env:NAME" },
    { "secret = @env:A B", "secret: a secret is named and not written here; write @file:PATH or @env:NAME" },
    { "secret = @file:../x", "secret: leaves its folder by \"..\"; write the whole path from /" },
    { "url = http://a.example", "url: is not an address that is taken here; begin it with https:// or smtps://" },
    { "url = file:///etc/passwd", "url: is not an address that is taken here; begin it with https:// or smtps://" },
    { "url = gopher://127.0.0.1:6379/_FLUSHALL", "url: is not an address that is taken here; begin it with https:// or smtps://" },
    { "url = https:a.example", "url: is not an address that is taken here; begin it with https:// or smtps://" },
    { "url = https://user:word@a.example", "url: carries a user or password; name them in settings of their own" },
    { "url = https://", "url: \"https://\" has no proper host and port; write https:// or smtps://host/path" },
    { "url = https://a_b!.example",
      "url: \"https://a_b!.example\" has no proper host and port; write https:// or smtps://host/path" },
    { "url = https://a.example:99999",
      "url: \"https://a.example:99999\" has no proper host and port; write https:// or smtps://host/path" },
    { "email = kim", "email: \"kim\" is not an e-mail address; write it like name@example.com" },
    { "email = kim@@a.example", "email: \"kim@@a.example\" is not an e-mail address; write it like name@example.com" },
    { "email = .kim@a.example", "email: \".kim@a.example\" is not an e-mail address; write it like name@example.com" },
    { "email = kim@-a.example", "email: \"kim@-a.example\" is not an e-mail address; write it like name@example.com" },
    { "email = Kim <kim@a.example>", "email: \"Kim <kim@a.example>\" is not an e-mail address; write it like name@example.com" },
    { "listen = 0.0.0.0:80",
      "listen: \"0.0.0.0:80\" can be reached from outside without TLS; listen on 127.0.0.1 behind a proxy that has it" },
    { "listen = [::]:80",
      "listen: \"[::]:80\" can be reached from outside without TLS; listen on 127.0.0.1 behind a proxy that has it" },
    { "listen = 8080", "listen: \"8080\" is not an address and port; write it like 127.0.0.1:8080" },
    { "listen = localhost:8080", "listen: \"localhost:8080\" is not an address and port; write it like 127.0.0.1:8080" },
    { "listen = 127.0.0.1:0", "listen: \"127.0.0.1:0\" is not an address and port; write it like 127.0.0.1:8080" },
};

START_TEST(an_improper_value_is_refused_and_told_how_to_write_it)
{
    tend_config *config = load(bad[_i].line);
    char expected[512];

    (void)snprintf(expected, sizeof expected, "/etc/x.ini:2: [s] %s", bad[_i].fault);
    ck_assert_ptr_null(config);
    ck_assert_str_eq(error.text, expected);
}
END_TEST

TESTS_WITH("config/setting", {
    tcase_add_loop_test(tcase, a_number_is_read_in_its_unit, 0, (int)(sizeof numbers / sizeof *numbers));
    tcase_add_loop_test(tcase, a_proper_value_is_taken, 0, (int)(sizeof good / sizeof *good));
    tcase_add_loop_test(tcase, an_improper_value_is_refused_and_told_how_to_write_it, 0, (int)(sizeof bad / sizeof *bad));
})
