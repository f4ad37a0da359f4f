#include "config/inside.h"

#include "base/date.h"
#include "base/money.h"
#include "base/near.h"
#include "base/zone.h"
#include <string.h>

typedef struct check_state {
    const tend_setting *setting;
    const char *value, *folder;
    tend_arena *arena;
    tend_checked *to;
    char *reason;
} check_state;

TEND_PRINTF(2, 3) static bool refuse(const check_state *check, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(check->reason, TEND_CONFIG_REASON, format, arguments);
    va_end(arguments);
    return false;
}

/* As the setting would be written: "5 s" and not 5000. */
static void limit_text(const tend_setting *setting, int64_t limit, char *buffer, size_t room)
{
    if (setting->type == TEND_SETTING_DURATION)
        (void)snprintf(buffer, room, limit % 1000 ? "%lld ms" : "%lld s", (long long)(limit % 1000 ? limit : limit / 1000));
    else if (setting->type == TEND_SETTING_SIZE)
        (void)snprintf(buffer, room, limit % (1 << 20) ? "%lld B" : "%lld MiB",
                       (long long)(limit % (1 << 20) ? limit : limit >> 20));
    else
        (void)snprintf(buffer, room, "%lld", (long long)limit);
}

static bool within(const check_state *check)
{
    const tend_setting *setting = check->setting;
    const int64_t max = setting->max ? setting->max : INT64_MAX;
    char least[40], most[40];

    if (check->to->number >= setting->min && check->to->number <= max)
        return true;
    limit_text(setting, setting->min, least, sizeof least);
    limit_text(setting, max, most, sizeof most);
    if (max == INT64_MAX)
        return refuse(check, "%.60s is too small; write %s or more", check->value, least);
    return refuse(check, "%.60s is out of range; write %s to %s", check->value, least, most);
}

static bool check_int(const check_state *check)
{
    const char *digits = check->value + (check->value[0] == '-');
    const size_t length = strlen(digits);
    int64_t number = 0;

    if (length == 0 || strspn(digits, "0123456789") != length || (length > 1 && digits[0] == '0'))
        return refuse(check, "\"%.60s\" is not a whole number; write digits only, like 8080", check->value);
    for (; *digits; digits++) {
        const int digit = check->value[0] == '-' ? '0' - *digits : *digits - '0';

        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number))
            return refuse(check, "%.60s is larger than any number here; write a smaller one", check->value);
    }
    check->to->number = number;
    return within(check);
}

static bool check_bool(const check_state *check)
{
    static const char *const words[] = { "no", "yes", "false", "true", "off", "on" };

    for (int i = 0; i < 6; i++) {
        if (strcasecmp(check->value, words[i]) == 0) {
            check->to->number = i % 2;
            return true;
        }
    }
    return refuse(check, "\"%.60s\" is neither yes nor no; write yes or no", check->value);
}

static bool is_zero(const char *value)
{
    const size_t zeros = strspn(value, "0");

    return zeros > 0 && !(value[zeros] >= '0' && value[zeros] <= '9');
}

static bool check_duration(const check_state *check)
{
    int months = 0;
    tend_status status = tend_duration_parse(check->value, strlen(check->value), &check->to->number, &months);

    if (status == TEND_ELIMIT)
        return refuse(check, "\"%.60s\" is longer than any time here; write a shorter one", check->value);
    if (status < 0 && is_zero(check->value))
        return refuse(check, "\"%.60s\" is no time at all; write one that is longer, like 30 s", check->value);
    if (status < 0)
        return refuse(check, "\"%.60s\" is not a duration; write a whole number and ms, s, min, h or d, like 30 s", check->value);
    if (months != 0)
        return refuse(check, "\"%.60s\" has no fixed length; write it in days", check->value);
    return within(check);
}

static bool check_period(const check_state *check)
{
    enum { MONTHS_MAX = 1200, DAYS_MAX = 36600 };
    const int64_t day_ms = INT64_C(86400000);
    int64_t ms = 0;
    int months = 0;
    tend_status status = tend_duration_parse(check->value, strlen(check->value), &ms, &months);

    if (status == TEND_ELIMIT || months > MONTHS_MAX || ms / day_ms > DAYS_MAX)
        return refuse(check, "\"%.60s\" is too long; write 100 years or less", check->value);
    if (status < 0 || ms % day_ms != 0)
        return refuse(check, "\"%.60s\" is not a number of months or days; write it like 12 months", check->value);
    return true;
}

static bool check_size(const check_state *check)
{
    if (!tend_form_size(check->value, &check->to->number))
        return refuse(check, "\"%.60s\" is not a size; write a whole number and B, kB, MB, GB, KiB, MiB or GiB, like 64 MiB",
                      check->value);
    return within(check);
}

static bool check_decimal(const check_state *check)
{
    int64_t mantissa;

    if (tend_decimal_parse(check->value, strlen(check->value), &tend_number_plain, 12, &mantissa) >= 0 ||
        tend_decimal_parse(check->value, strlen(check->value), &tend_number_plain, 4, &mantissa) >= 0)
        return true;
    return refuse(check, "\"%.60s\" is not a decimal number; write it like 12.5", check->value);
}

static bool check_date(const check_state *check)
{
    tend_date date;

    if (tend_date_parse(check->value, strlen(check->value), &date) < 0)
        return refuse(check, "\"%.60s\" is not a date; write YYYY-MM-DD", check->value);
    check->to->number = date;
    return true;
}

static bool check_zone(const check_state *check)
{
    const tend_zone *zone;

    if (tend_zone_find(check->value, &zone, NULL) < 0)
        return refuse(check, "\"%.60s\" is not a time zone of this machine; write one like Asia/Seoul", check->value);
    return true;
}

static bool check_currency(const check_state *check)
{
    char code[4] = { 0 };

    if (strlen(check->value) == 3)
        memcpy(code, check->value, 3);
    if (code[0] && tend_currency_exponent(code) < 0) {
        char capitals[4] = { 0 };

        for (int i = 0; i < 3; i++)
            capitals[i] = (char)(code[i] >= 'a' && code[i] <= 'z' ? code[i] - 'a' + 'A' : code[i]);
        if (tend_currency_exponent(capitals) >= 0)
            return refuse(check, "\"%.60s\" is not a currency; did you mean %s, in capitals?", check->value, capitals);
    }
    if (!code[0] || tend_currency_exponent(code) < 0)
        return refuse(check, "\"%.60s\" is not a currency; write an ISO 4217 code like KRW", check->value);
    return true;
}

static bool check_word(const check_state *check, const char *word)
{
    char words[256] = "";
    size_t length = 0;
    const char *near;

    for (const char *const *choice = check->setting->choices; *choice; choice++) {
        if (strcmp(word, *choice) == 0)
            return true;
        if (length < sizeof words)
            length += (size_t)snprintf(words + length, sizeof words - length, "%s%s",
                                       length == 0 ? ""
                                       : choice[1] ? ", "
                                                   : " or ",
                                       *choice);
    }
    near = check->setting->type == TEND_SETTING_LIST ? tend_near(word, check->setting->choices) : NULL;
    if (near)
        return refuse(check, "\"%.60s\" is none of the choices; did you mean %s?", word, near);
    return refuse(check, "\"%.60s\" is none of the choices; write %s", word, words);
}

/* `text` as an absolute path below the folder; NULL when memory is used up. */
static const char *absolute(const check_state *check, const char *text)
{
    while (text[0] == '.' && text[1] == '/')
        text += 2;
    if (text[0] == '/')
        return tend_arena_string(check->arena, text);
    return tend_arena_print(check->arena, "%s%s%s", check->folder, strcmp(check->folder, "/") == 0 ? "" : "/", text);
}

static bool check_path(const check_state *check, const char *text, const char **ret_path)
{
    if (!tend_form_path(text, check->reason))
        return false;
    *ret_path = absolute(check, text);
    return *ret_path || refuse(check, "memory is used up");
}

static bool check_list(const check_state *check)
{
    const bool is_paths = check->setting->type == TEND_SETTING_PATHS;
    const char *at = check->value;
    size_t commas = 0;

    for (const char *comma = at; (comma = strchr(comma, ',')) != NULL; comma++)
        commas++;
    check->to->list = tend_arena_take(check->arena, (commas + 2) * sizeof *check->to->list);
    if (!check->to->list)
        return refuse(check, "memory is used up");
    if (*at == '\0')
        return true;
    for (size_t i = 0; i <= commas; i++) {
        size_t length = strcspn(at, ","), first = strspn(at, " \t"), last = length;
        const char *text;

        while (last > first && strchr(" \t", at[last - 1]))
            last--;
        if (last <= first)
            return refuse(check, "has an empty place between two commas; remove one");
        text = tend_arena_copy(check->arena, at + first, last - first);
        if (!text)
            return refuse(check, "memory is used up");
        if (is_paths && !check_path(check, text, &text))
            return false;
        if (check->setting->choices && !check_word(check, text))
            return false;
        check->to->list[check->to->list_length++] = text;
        at += length + 1;
    }
    return true;
}

static bool check_secret(const check_state *check)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    const char *name = check->value + 5;

    if (strncmp(check->value, "@file:", 6) == 0)
        return check_path(check, check->value + 6, &check->to->path);
    if (strncmp(check->value, "@env:", 5) == 0 && *name && strspn(name, letters) == strlen(name) && !strchr("0123456789", *name))
        return true;
    /* What is written there may be the secret itself: it is not repeated. */
    return refuse(check, "a secret is named and not written here; write @file:PATH or @env:NAME");
}

bool tend_config_check(const tend_setting *setting, const char *value, const char *folder, tend_arena *arena,
                       tend_checked *ret_checked, char reason[static TEND_CONFIG_REASON])
{
    const check_state check = { setting, value, folder, arena, ret_checked, reason };

    memset(ret_checked, 0, sizeof *ret_checked);
    if (*value == '\0' && setting->type != TEND_SETTING_LIST && setting->type != TEND_SETTING_PATHS &&
        (setting->type != TEND_SETTING_TEXT || setting->is_required))
        return refuse(&check, "is empty; write a value or remove the line");
    switch (setting->type) {
    case TEND_SETTING_TEXT:
    case TEND_SETTING_EXPRESSION:
        return true;
    case TEND_SETTING_INT:
        return check_int(&check);
    case TEND_SETTING_BOOL:
        return check_bool(&check);
    case TEND_SETTING_DURATION:
        return check_duration(&check);
    case TEND_SETTING_PERIOD:
        return check_period(&check);
    case TEND_SETTING_SIZE:
        return check_size(&check);
    case TEND_SETTING_DECIMAL:
        return check_decimal(&check);
    case TEND_SETTING_DATE:
        return check_date(&check);
    case TEND_SETTING_TIME_OF_DAY:
        return tend_form_time_of_day(value, &ret_checked->number) ||
               refuse(&check, "\"%.60s\" is not a time of day; write HH:MM, 00:00 to 23:59", value);
    case TEND_SETTING_ZONE:
        return check_zone(&check);
    case TEND_SETTING_CURRENCY:
        return check_currency(&check);
    case TEND_SETTING_PATH:
        return check_path(&check, value, &ret_checked->path);
    case TEND_SETTING_NAME:
        return tend_form_name(value) ||
               refuse(&check, "\"%.60s\" is not a name; write small letters, digits, '_' and '-', a letter first", value);
    case TEND_SETTING_CHOICE:
        return check_word(&check, value);
    case TEND_SETTING_LIST:
    case TEND_SETTING_PATHS:
        return check_list(&check);
    case TEND_SETTING_SECRET:
        return check_secret(&check);
    case TEND_SETTING_URL:
        return tend_form_url(value, setting->choices, reason);
    case TEND_SETTING_EMAIL:
        return tend_form_email(value) ||
               refuse(&check, "\"%.60s\" is not an e-mail address; write it like name@example.com", value);
    case TEND_SETTING_LISTEN:
        return tend_form_listen(value, reason);
    }
    return refuse(&check, "has no known type");
}
