#include "model/parse.h"

#include "base/date.h"
#include "base/near.h"
#include "base/utf8.h"
#include <string.h>

#define SHOWN_BYTES 60
#define DAY_MS INT64_C(86400000)

/* What is being read, for the readers and their sentences. */
typedef struct reading {
    const tend_field *field;
    const char *text;
    size_t length;
    const tend_format *format;
    tend_number_format number;
    tend_arena *arena;
    tend_error *reterr;
} reading;

static const tend_format plain_format = { 0 };

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* How much of the text a sentence repeats: whole characters only. */
static int shown(const reading *in)
{
    size_t length = in->length > SHOWN_BYTES ? SHOWN_BYTES : in->length;

    while (length < in->length && length > 0 && ((unsigned char)in->text[length] & 0xC0) == 0x80)
        length--;
    return (int)length;
}

#define REFUSE(in, status, format, ...) tend_fail((in)->reterr, (status), "'%.*s' " format, shown(in), (in)->text, __VA_ARGS__)

/* The choices between blanks as "a, b, c". */
static const char *list_choices(const reading *in)
{
    size_t length = strlen(in->field->choices);
    char *list = tend_arena_take(in->arena, 2 * length + 1);
    size_t at = 0;

    if (!list)
        return in->field->choices;
    for (size_t i = 0; i < length; i++) {
        if (in->field->choices[i] == ' ')
            list[at++] = ',';
        list[at++] = in->field->choices[i];
    }
    return list;
}

static const char *near_choice(const reading *in)
{
    const char *names[65];
    size_t count = 0;
    char *written = tend_arena_copy(in->arena, in->text, in->length);
    char *words = tend_arena_string(in->arena, in->field->choices);
    char *rest = NULL;

    if (!written || !words)
        return NULL;
    for (char *word = strtok_r(words, " ", &rest); word && count < 64; word = strtok_r(NULL, " ", &rest))
        names[count++] = word;
    names[count] = NULL;
    return tend_near(written, names);
}

static tend_status copy_text(const reading *in, const char *text, size_t length, tend_value *value)
{
    value->text = tend_arena_copy(in->arena, text, length);
    value->length = length;
    value->type = TEND_TEXT;
    return value->text ? TEND_OK : TEND_ENOMEM;
}

static tend_status read_choice(const reading *in, tend_value *value)
{
    const char *folded, *near;
    size_t length;
    tend_status status;

    if (tend_field_allows(in->field, in->text, in->length)) /* as it is written, mostly */
        return copy_text(in, in->text, in->length, value);
    status = tend_utf8_fold(in->arena, in->text, in->length, &folded, &length);
    if (status < 0)
        return status;
    for (const char *word = in->field->choices; *word;) {
        size_t bytes = strcspn(word, " ");
        const char *folded_word;
        size_t folded_length;

        status = tend_utf8_fold(in->arena, word, bytes, &folded_word, &folded_length);
        if (status < 0)
            return status;
        if (bytes > 0 && folded_length == length && memcmp(folded_word, folded, length) == 0)
            return copy_text(in, word, bytes, value);
        word += bytes + (word[bytes] == ' ' ? 1 : 0);
    }
    near = near_choice(in);
    if (near)
        return REFUSE(in, TEND_EINVAL, "is not one of %s; did you mean %s?", list_choices(in), near);
    return REFUSE(in, TEND_EINVAL, "is not one of %s; write one of them", list_choices(in));
}

static tend_status read_text(const reading *in, tend_value *value)
{
    return in->field->choices ? read_choice(in, value) : copy_text(in, in->text, in->length, value);
}

static bool is_one_of(const reading *in, const char *const *words, tend_status *status)
{
    const char *folded, *word;
    size_t length, word_length;

    *status = tend_utf8_fold(in->arena, in->text, in->length, &folded, &length);
    for (; *status == TEND_OK && *words; words++) {
        *status = tend_utf8_fold(in->arena, *words, strlen(*words), &word, &word_length);
        if (*status == TEND_OK && word_length == length && memcmp(word, folded, length) == 0)
            return true;
    }
    return false;
}

static tend_status read_bool(const reading *in, tend_value *value)
{
    static const char *const default_yes[] = { "yes", "true", "1", "y", "t", NULL };
    static const char *const default_no[] = { "no", "false", "0", "n", "f", NULL };
    const char *const *yes = in->format->yes ? in->format->yes : default_yes;
    const char *const *no = in->format->no ? in->format->no : default_no;
    tend_status status = TEND_OK;

    value->type = TEND_BOOL;
    value->integer = is_one_of(in, yes, &status);
    if (status < 0 || value->integer || is_one_of(in, no, &status) || status < 0)
        return status;
    if (!yes[0] || !no[0])
        return REFUSE(in, TEND_EINVAL, "is neither yes nor no; name the words for both in the mapping%s", "");
    return REFUSE(in, TEND_EINVAL, "is neither yes nor no; write %s or %s", yes[0], no[0]);
}

/* "1234.50" as this file writes it. */
static const char *number_example(const reading *in)
{
    if (in->number.grouping != 0)
        return tend_arena_print(in->arena, "1%c234%c50", in->number.grouping, in->number.decimal);
    return tend_arena_print(in->arena, "1234%c50", in->number.decimal);
}

static tend_status read_int(const reading *in, tend_value *value)
{
    tend_status status = TEND_EINVAL;

    value->type = TEND_INT;
    if (!memchr(in->text, in->number.decimal, in->length))
        status = tend_decimal_parse(in->text, in->length, &in->number, 0, &value->integer);
    if (status == TEND_ELIMIT)
        return REFUSE(in, TEND_EINVAL, "is too large; whole numbers go up to %lld", (long long)INT64_MAX);
    if (status < 0)
        return REFUSE(in, TEND_EINVAL, "is not a whole number; write digits only, as in %s", "1234");
    return TEND_OK;
}

/* A number with `scale` digits after the point; `keeper` says in messages who keeps them. */
static tend_status read_digits(const reading *in, int scale, const char *keeper, bool may_round, tend_value *value)
{
    bool has_more = false;
    tend_status status = tend_decimal_parse_rounded(in->text, in->length, &in->number, scale, &value->integer, &has_more);

    if (status == TEND_ELIMIT)
        return REFUSE(in, TEND_EINVAL, "is too large; %s has room for 64 bits", keeper);
    if (status < 0)
        return REFUSE(in, TEND_EINVAL, "is not a number; write it like %s", number_example(in));
    if (has_more && !may_round)
        return REFUSE(in, TEND_EINVAL, "has more digits after the point than %s keeps; write at most %d", keeper, scale);
    return TEND_OK;
}

static tend_status read_decimal(const reading *in, tend_value *value)
{
    value->type = TEND_DECIMAL;
    value->scale = in->field->scale;
    return read_digits(in, in->field->scale, in->field->name, false, value);
}

static tend_status read_money(const reading *in, const char *currency, tend_value *value)
{
    char code[4] = "";
    int exponent;

    if (currency && currency[0])
        memcpy(code, currency, 3);
    else
        memcpy(code, in->format->currency, 3);
    if (code[0] == '\0')
        return REFUSE(in, TEND_EINVAL, "has no currency; name one beside %s", in->field->name);
    exponent = tend_currency_exponent(code);
    if (exponent < 0)
        return tend_fail(in->reterr, TEND_EINVAL, "'%s' is not a currency; write a code of ISO 4217 such as USD", code);
    value->type = TEND_MONEY;
    memcpy(value->currency, code, sizeof code);
    return read_digits(in, exponent, code, in->format->round_money, value);
}

/* "DD/MM/YYYY or YYYY-MM-DD". */
static const char *date_example(const reading *in, const char *otherwise)
{
    const char *list = otherwise;

    if (!in->format->dates || !in->format->dates[0])
        return otherwise;
    list = in->format->dates[0];
    for (size_t i = 1; list && in->format->dates[i]; i++)
        list = tend_arena_print(in->arena, "%s or %s", list, in->format->dates[i]);
    return list;
}

static bool read_civil(const reading *in, tend_civil *civil, bool *has_zone)
{
    const char *const *pattern = in->format->dates;

    *has_zone = false;
    if (!pattern || !*pattern)
        return tend_civil_parse(in->text, in->length, civil, has_zone) == TEND_OK;
    for (; *pattern; pattern++)
        if (tend_civil_parse_as(in->text, in->length, *pattern, civil) == TEND_OK)
            return true;
    return false;
}

/* Written as it should be: another way to write it would not help. */
static bool is_missing_day(const reading *in)
{
    static const char *const iso[] = { "YYYY-MM-DD", NULL };
    const char *const *pattern = in->format->dates && in->format->dates[0] ? in->format->dates : iso;

    for (; *pattern; pattern++)
        if (tend_date_is_missing(in->text, in->length, *pattern))
            return true;
    return false;
}

static tend_status refuse_date(const reading *in, const char *what, const char *otherwise)
{
    if (is_missing_day(in))
        return REFUSE(in, TEND_EINVAL, "is not a %s: there is no such day", what);
    return REFUSE(in, TEND_EINVAL, "is not a %s; write %s", what, date_example(in, otherwise));
}

static tend_status read_date(const reading *in, tend_value *value)
{
    bool has_pattern = in->format->dates && in->format->dates[0];
    bool has_zone = false;
    tend_civil civil = { 0 };

    if (!read_civil(in, &civil, &has_zone))
        return refuse_date(in, "date", "YYYY-MM-DD");
    if (has_zone && in->format->zone)
        tend_zone_to_local(in->format->zone, tend_time_of_utc(&civil), &civil);
    if (!has_pattern && (civil.hour || civil.minute || civil.second || civil.millisecond))
        return REFUSE(in, TEND_EINVAL, "is a time and %s is a date; write YYYY-MM-DD", in->field->name);
    value->type = TEND_DATE;
    value->integer = tend_date_of(civil.year, civil.month, civil.day);
    return TEND_OK;
}

static tend_status read_time(const reading *in, tend_value *value)
{
    bool has_zone = false;
    tend_civil civil = { 0 };

    if (!read_civil(in, &civil, &has_zone))
        return refuse_date(in, "time", "YYYY-MM-DDTHH:MM:SSZ");
    value->type = TEND_TIME;
    value->integer = has_zone || !in->format->zone ? tend_time_of_utc(&civil) : tend_zone_to_utc(in->format->zone, &civil);
    return TEND_OK;
}

tend_status tend_field_parse(const tend_field *field, const char *text, size_t length, const char currency[4],
                             const tend_format *format, tend_arena *arena, tend_value *ret_value, tend_error *reterr)
{
    reading in = { .field = field, .format = format ? format : &plain_format, .arena = arena, .reterr = reterr };
    tend_value value = { 0 };
    size_t first = 0, end = length;
    tend_status status = TEND_OK;

    in.number = in.format->number.decimal ? in.format->number : tend_number_plain;
    if (in.format->number.decimal == 0)
        in.number.grouping = in.format->number.grouping;
    while (first < end && is_blank(text[first]))
        first++;
    while (end > first && is_blank(text[end - 1]))
        end--;
    /* A free text is kept as it was written. */
    in.text = text + first;
    in.length = end - first;
    if (in.length > 0 && field->type == TEND_TEXT && !field->choices) {
        in.text = text;
        in.length = length;
    }
    if (in.length > 0) {
        switch ((tend_type)field->type) {
        case TEND_BOOL:
            status = read_bool(&in, &value);
            break;
        case TEND_INT:
            status = read_int(&in, &value);
            break;
        case TEND_DECIMAL:
            status = read_decimal(&in, &value);
            break;
        case TEND_MONEY:
            status = read_money(&in, currency, &value);
            break;
        case TEND_DATE:
            status = read_date(&in, &value);
            break;
        case TEND_TIME:
            status = read_time(&in, &value);
            break;
        case TEND_TEXT:
            status = read_text(&in, &value);
            break;
        case TEND_REF:
        case TEND_NULL:
            status = REFUSE(&in, TEND_EINVAL, "names a row of another kind; %s is looked up, not read", field->name);
            break;
        }
    }
    if (status == TEND_OK)
        *ret_value = value;
    return status;
}
