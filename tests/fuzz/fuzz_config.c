/* INI against a table with every type of setting: understood or refused with file and line. */
#include "config/config.h"
#include "fuzz.h"

static const char *const words[] = { "red", "green", NULL };
static const char *const schemes[] = { "https://", "smtp://", NULL };
static const tend_setting every[] = {
    { "text", TEND_SETTING_TEXT, "some", "a text", 0, 0, NULL, false },
    { "int", TEND_SETTING_INT, "3", "a number", -5, 100, NULL, false },
    { "bool", TEND_SETTING_BOOL, "no", "a fact", 0, 0, NULL, false },
    { "wait", TEND_SETTING_DURATION, "5 min", "a duration", 0, 0, NULL, false },
    { "size", TEND_SETTING_SIZE, "1 MiB", "a size", 0, 0, NULL, false },
    { "decimal", TEND_SETTING_DECIMAL, NULL, "a decimal", 0, 0, NULL, false },
    { "date", TEND_SETTING_DATE, NULL, "a date", 0, 0, NULL, false },
    { "time", TEND_SETTING_TIME_OF_DAY, NULL, "a time", 0, 0, NULL, false },
    { "zone", TEND_SETTING_ZONE, "UTC", "a zone", 0, 0, NULL, false },
    { "currency", TEND_SETTING_CURRENCY, NULL, "a currency", 0, 0, NULL, false },
    { "path", TEND_SETTING_PATH, NULL, "a path", 0, 0, NULL, false },
    { "name", TEND_SETTING_NAME, NULL, "a name", 0, 0, NULL, false },
    { "choice", TEND_SETTING_CHOICE, "red", "a choice", 0, 0, words, false },
    { "list", TEND_SETTING_LIST, NULL, "a list", 0, 0, NULL, false },
    { "secret", TEND_SETTING_SECRET, NULL, "a secret", 0, 0, NULL, false },
    { "url", TEND_SETTING_URL, NULL, "an address", 0, 0, schemes, false },
    { "email", TEND_SETTING_EMAIL, NULL, "a mail address", 0, 0, NULL, false },
    { "where", TEND_SETTING_EXPRESSION, NULL, "an expression", 0, 0, NULL, false },
    { "paths", TEND_SETTING_PATHS, NULL, "paths", 0, 0, NULL, false },
    { "listen", TEND_SETTING_LISTEN, NULL, "an address of this machine", 0, 0, NULL, false },
    { NULL, 0, NULL, NULL, 0, 0, NULL, false },
};
static const tend_setting any[] = {
    { "needed", TEND_SETTING_NAME, NULL, "must be there", 0, 0, NULL, true },
    { "*", TEND_SETTING_TEXT, NULL, "any key", 0, 0, NULL, false },
    { NULL, 0, NULL, NULL, 0, 0, NULL, false },
};
static const tend_section table[] = {
    { "every", false, "one of each", every },
    { "any", true, "any keys", any },
    { NULL, false, NULL, NULL },
};
static const tend_section *const sections[] = { table, NULL };

/* Each fault is a line that begins with the place; nothing from the input breaks out of it. */
static void look_at_faults(const char *faults, size_t length)
{
    FUZZ_EXPECT(length > 0 && faults[length - 1] == '\n', "faults without a line end");
    for (const char *at = faults; *at; at = strchr(at, '\n') + 1)
        FUZZ_EXPECT(strncmp(at, "x.ini", 5) == 0 || strstr(at, "more") != NULL, "a fault without its place: %s", at);
}

/* Every value of the plain section can be asked for in its type. */
static void ask(const tend_config *config)
{
    char *secret = NULL;
    int64_t mantissa;
    tend_error error = { 0 };

    for (const tend_setting *setting = every; setting->key; setting++)
        (void)tend_config_text(config, "every", NULL, setting->key);
    FUZZ_EXPECT(tend_config_int(config, "every", NULL, "int") >= -5, "below its least");
    FUZZ_EXPECT(tend_config_int(config, "every", NULL, "int") <= 100, "above its most");
    FUZZ_EXPECT(tend_config_int(config, "every", NULL, "wait") >= 0, "a duration below nothing");
    FUZZ_EXPECT(tend_config_int(config, "every", NULL, "size") >= 0, "a size below nothing");
    FUZZ_EXPECT(tend_config_int(config, "every", NULL, "time") < 24 * 60, "a time past midnight");
    (void)tend_config_bool(config, "every", NULL, "bool");
    (void)tend_config_decimal(config, "every", NULL, "decimal", 6, &mantissa);
    if (tend_config_path(config, "every", NULL, "path"))
        FUZZ_EXPECT(tend_config_path(config, "every", NULL, "path")[0] == '/', "a path that is not absolute");
    for (size_t i = 0; tend_config_entry(config, "every", NULL, "list", i); i++)
        continue;
    for (size_t i = 0; tend_config_entry(config, "every", NULL, "paths", i); i++)
        FUZZ_EXPECT(tend_config_entry(config, "every", NULL, "paths", i)[0] == '/', "a path that is not absolute");
    if (tend_config_has(config, "every", NULL, "secret") &&
        strncmp(tend_config_text(config, "every", NULL, "secret"), "@env:", 5) == 0 &&
        tend_config_secret(config, "every", NULL, "secret", &secret, &error) == TEND_OK)
        tend_secret_free(secret);
}

static void ask_instances(const tend_config *config)
{
    const char *instance, *key, *value, *file;
    unsigned line;

    for (size_t i = 0; (instance = tend_config_instance(config, "any", i)); i++) {
        FUZZ_EXPECT(tend_config_text(config, "any", instance, "needed"), "[any.%s] lacks what is required", instance);
        for (size_t j = 0; tend_config_key(config, "any", instance, j, &key, &value, &file, &line); j++)
            FUZZ_EXPECT(line > 0 && strcmp(tend_config_text(config, "any", instance, key), value) == 0, "[any.%s] %s", instance,
                        key);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tend_config *config = NULL;
    tend_error error = { 0 };
    char *faults = NULL, *shown = NULL;
    size_t fault_length = 0, shown_length = 0;
    FILE *out = open_memstream(&faults, &fault_length);
    tend_status status;

    FUZZ_EXPECT(out, "no memory");
    status = tend_config_load_text("x.ini", (const char *)data, size, sections, out, &config, &error);
    (void)fclose(out);
    if (status == TEND_OK) {
        FUZZ_EXPECT(fault_length == 0, "taken in spite of a fault: %s", faults);
        ask(config);
        ask_instances(config);
        out = open_memstream(&shown, &shown_length);
        FUZZ_EXPECT(out, "no memory");
        tend_config_show(config, out);
        (void)fclose(out);
        free(shown);
    } else {
        FUZZ_EXPECT(status == TEND_EINVAL, "status %d: %s", status, error.text);
        fuzz_sentence(&error);
        look_at_faults(faults, fault_length);
    }
    tend_config_free(config);
    free(faults);
    return 0;
}
