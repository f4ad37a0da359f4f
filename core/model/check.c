/* check.c: what one record and one row may say. Sentences begin with the field: "contract.ends_on: …". */
#include "base/date.h"
#include "base/money.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "model/inside.h"
#include <string.h>

#define TEXT_MAX (1u << 20)
#define FIRST_DATE (-719162) /* 0001-01-01 */
#define LAST_DATE 2932896    /* 9999-12-31 */

/* Most units are none of those that are asked for. */
static bool is_unit(const tend_field *field, const char *unit)
{
    return field->unit && field->unit[0] == unit[0] && strcmp(field->unit, unit) == 0;
}

static bool text_is(const char *text, size_t length, const char *allowed)
{
    for (size_t i = 0; i < length; i++) {
        if (!text[i] || !strchr(allowed, text[i]))
            return false;
    }
    return true;
}

static bool email_is_sane(const char *text, size_t length)
{
    const char *at = memchr(text, '@', length);
    size_t local = at ? (size_t)(at - text) : 0;
    size_t domain = at ? length - local - 1 : 0;

    if (!at || local == 0 || local > 64 || domain == 0 || domain > 253 || memchr(at + 1, '@', domain))
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte <= ' ' || byte == 0x7f)
            return false;
    }
    if (domain == 9 && !memcmp(at + 1, "localhost", 9))
        return true;
    return memchr(at + 1, '.', domain) && at[1] != '.' && text[length - 1] != '.' && !strstr(at + 1, "..");
}

static tend_status check_unit(const tend_kind_schema *kind, const tend_field *field, const tend_value *value, tend_error *reterr)
{
    char code[4] = { 0 };
    const tend_zone *zone;

    if (is_unit(field, "email") && !email_is_sane(value->text, value->length))
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: '%.100s' is not an e-mail address; write name@domain", kind->name,
                         field->name, value->text);
    if (is_unit(field, "currency")) {
        if (value->length == 3)
            memcpy(code, value->text, 3);
        if (value->length != 3 || tend_currency_exponent(code) < 0)
            return tend_fail(reterr, TEND_EINVAL, "%s.%s: '%.20s' is not a currency; write an ISO 4217 code such as EUR",
                             kind->name, field->name, value->text);
    }
    if (is_unit(field, "zone") && tend_zone_find(value->text, &zone, NULL) < 0)
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: '%.60s' is not a time zone; write an IANA name such as Asia/Seoul",
                         kind->name, field->name, value->text);
    return TEND_OK;
}

static tend_status check_text(const tend_kind_schema *kind, const tend_field *field, tend_value *value, tend_arena *arena,
                              tend_error *reterr)
{
    size_t bad = 0;

    if (value->length > TEXT_MAX)
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: %zu bytes are more than a text may have (1 MiB); keep it as a document",
                         kind->name, field->name, value->length);
    if (!tend_utf8_is_plain(value->text, value->length)) {
        if (!tend_utf8_valid(value->text, value->length, &bad))
            return tend_fail(reterr, TEND_EINVAL, "%s.%s: not UTF-8 at byte %zu; say which encoding the file has", kind->name,
                             field->name, bad);
        if (memchr(value->text, 0, value->length))
            return tend_fail(reterr, TEND_EINVAL, "%s.%s: a NUL character in a text; take it out", kind->name, field->name);
        if (tend_utf8_nfc(arena, value->text, value->length, &value->text, &value->length) < 0)
            return tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
    }
    if (!tend_field_allows(field, value->text, value->length))
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: '%.60s' is not one of its words; write one of: %s", kind->name, field->name,
                         value->text, field->choices);
    return check_unit(kind, field, value, reterr);
}

static const char *type_word(uint8_t type)
{
    static const char *const words[] = { "nothing", "yes or no", "a whole number", "a decimal",  "an amount of money",
                                         "a date",  "a time",    "a text",         "a reference" };

    return type < sizeof words / sizeof *words ? words[type] : "something else";
}

/* A part of a whole: 4.25 is meant for 4.25 % and would count a hundred times. */
static tend_status check_fraction(const tend_kind_schema *kind, const tend_field *field, const tend_value *value,
                                  tend_error *reterr)
{
    char written[TEND_DECIMAL_ROOM], meant[TEND_DECIMAL_ROOM];
    int64_t whole = 1;

    for (int i = 0; i < field->scale; i++)
        whole *= 10;
    if (value->integer >= -whole && value->integer <= whole)
        return TEND_OK;
    (void)tend_decimal_format(value->integer, field->scale, written);
    (void)tend_decimal_format(value->integer / 100, field->scale, meant);
    return tend_fail(reterr, TEND_EINVAL, "%s.%s: %s is more than the whole, which is 1; write %s for %s per cent", kind->name,
                     field->name, written, meant, written);
}

static tend_status check_decimal(const tend_kind_schema *kind, const tend_field *field, tend_value *value, tend_error *reterr)
{
    while (value->scale > field->scale && value->integer % 10 == 0) {
        value->integer /= 10;
        value->scale--;
    }
    while (value->scale < field->scale && !__builtin_mul_overflow(value->integer, 10, &value->integer))
        value->scale++;
    if (value->scale != field->scale)
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: more digits than it keeps (%d after the point); round it", kind->name,
                         field->name, field->scale);
    return is_unit(field, "fraction") ? check_fraction(kind, field, value, reterr) : TEND_OK;
}

/* Whole numbers that mean a place on a scale, or count what is there or not, by their unit. */
static const struct {
    const char *unit;
    int64_t least, most;
} scales[] = { { "hour", 0, 23 },    { "1 to 5", 1, 5 },        { "tier", 1, 4 },
               { "severity", 1, 5 }, { "seats", 0, INT64_MAX }, { "people", 0, INT64_MAX } };

static tend_status check_scale(const tend_kind_schema *kind, const tend_field *field, int64_t number, tend_error *reterr)
{
    for (size_t i = 0; field->unit && i < sizeof scales / sizeof *scales; i++) {
        if (!is_unit(field, scales[i].unit) || (number >= scales[i].least && number <= scales[i].most))
            continue;
        if (scales[i].most == INT64_MAX)
            return tend_fail(reterr, TEND_EINVAL, "%s.%s: %lld is below %lld; correct it", kind->name, field->name,
                             (long long)number, (long long)scales[i].least);
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: %lld is outside %lld to %lld; correct it", kind->name, field->name,
                         (long long)number, (long long)scales[i].least, (long long)scales[i].most);
    }
    return TEND_OK;
}

tend_status tend_check_value(const tend_kind_schema *kind, int index, const tend_value *given, tend_value *ret_value,
                             tend_arena *arena, tend_error *reterr)
{
    const tend_field *field = &kind->fields[index];
    tend_value value = *given;
    tend_status status = TEND_OK;

    if (value.type == TEND_TEXT && value.length == 0)
        value = (tend_value){ .type = TEND_NULL };
    if (value.type == TEND_NULL) {
        *ret_value = value;
        return TEND_OK;
    }
    if (value.type != field->type)
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: holds %s, not %s", kind->name, field->name, type_word(field->type),
                         type_word(value.type));
    switch ((tend_type)value.type) {
    case TEND_TEXT:
        status = check_text(kind, field, &value, arena, reterr);
        break;
    case TEND_DECIMAL:
        status = check_decimal(kind, field, &value, reterr);
        break;
    case TEND_BOOL:
        if (value.integer != 0 && value.integer != 1)
            status = tend_fail(reterr, TEND_EINVAL, "%s.%s: %lld is neither yes nor no", kind->name, field->name,
                               (long long)value.integer);
        break;
    case TEND_DATE:
        if (value.integer < FIRST_DATE || value.integer > LAST_DATE)
            status = tend_fail(reterr, TEND_EINVAL, "%s.%s: not a day of the years 1 to 9999", kind->name, field->name);
        break;
    case TEND_TIME:
        if (value.integer < FIRST_DATE * INT64_C(86400000) || value.integer >= (LAST_DATE + 1) * INT64_C(86400000))
            status = tend_fail(reterr, TEND_EINVAL, "%s.%s: not an instant of the years 1 to 9999", kind->name, field->name);
        break;
    case TEND_REF:
        if (value.integer <= 0)
            status = tend_fail(reterr, TEND_EINVAL, "%s.%s: %lld is not the id of a row", kind->name, field->name,
                               (long long)value.integer);
        break;
    case TEND_MONEY:
        if (value.currency[0] && (!text_is(value.currency, strlen(value.currency), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ||
                                  tend_currency_exponent(value.currency) < 0))
            status = tend_fail(reterr, TEND_EINVAL, "%s.%s: '%.3s' is not a currency; write an ISO 4217 code such as EUR",
                               kind->name, field->name, value.currency);
        break;
    case TEND_INT:
        status = check_scale(kind, field, value.integer, reterr);
        break;
    case TEND_NULL:
        break;
    }
    if (status >= 0)
        *ret_value = value;
    return status;
}

bool tend_field_fits(const tend_kind_schema *kind, int index, const tend_value *value, tend_arena *arena)
{
    const tend_field *field = &kind->fields[index];
    tend_value checked;

    if (field->type == TEND_REF || is_unit(field, "calendar") || is_unit(field, "zone"))
        return false;
    return tend_check_value(kind, index, value, &checked, arena, NULL) >= 0;
}

tend_status tend_check_calendar(const tend_model *model, const tend_kind_schema *kind, int field, const tend_value *value,
                                tend_error *reterr)
{
    const tend_field *wanted = &kind->fields[field];
    tend_error why;

    if (value->type != TEND_TEXT || value->length == 0 || !is_unit(wanted, "calendar") || !model->calendars ||
        tend_calendars_check(model->calendars, value->text, &why) >= 0)
        return TEND_OK;
    return tend_fail(reterr, TEND_EINVAL, "%s.%s: %s", kind->name, wanted->name, why.text);
}

static bool is_assigned(const tend_put *put, int field)
{
    for (int i = 0; i < put->field_count; i++) {
        if (put->fields[i].field == field)
            return true;
    }
    return false;
}

/* Amounts agree with the row's currency, and keep it: an amount never silently becomes one of another currency. */
static tend_status check_money(const tend_kind_schema *kind, const tend_value *values, const tend_value *before,
                               const tend_put *put, int *ret_field, tend_error *reterr)
{
    const tend_value *currency, *was;

    if (kind->currency_field < 0)
        return TEND_OK;
    currency = &values[kind->currency_field];
    was = before ? &before[kind->currency_field] : NULL;
    for (int i = 0; i < kind->field_count; i++) {
        const tend_value *value = &values[i];

        if (kind->fields[i].type != TEND_MONEY || value->type == TEND_NULL)
            continue;
        *ret_field = i;
        if (value->currency[0] && (currency->type == TEND_NULL || strncmp(value->currency, currency->text, 3) != 0))
            return tend_fail(reterr, TEND_EINVAL, "%s.%s: an amount in %s in a row whose currency is %s; a row has one currency",
                             kind->name, kind->fields[i].name, value->currency,
                             currency->type == TEND_NULL ? "empty" : currency->text);
        if (was && was->type != TEND_NULL && !tend_stored_equal(was, currency) && !is_assigned(put, i))
            return tend_fail(reterr, TEND_EINVAL, "%s.currency: changes from %s while %s stays; give %s in the new currency too",
                             kind->name, was->text, kind->fields[i].name, kind->fields[i].name);
    }
    *ret_field = -1;
    return TEND_OK;
}

static void show_instant(const tend_value *value, char room[static TEND_TIME_ROOM])
{
    if (value->type == TEND_DATE)
        (void)tend_date_format((tend_date)value->integer, room);
    else
        (void)tend_time_format(value->integer, room);
}

static tend_status check_order(const tend_kind_schema *kind, const tend_value *values, const tend_value *before, int *ret_field,
                               tend_error *reterr)
{
    for (int i = 0; i < kind->span_count; i++) {
        int start = kind->spans[i].first, end = kind->spans[i].last;
        char first[TEND_TIME_ROOM], last[TEND_TIME_ROOM];

        if (values[start].type == TEND_NULL || values[end].type == TEND_NULL || values[start].type != values[end].type ||
            values[end].integer >= values[start].integer)
            continue;
        if (before && tend_stored_equal(&before[start], &values[start]) && tend_stored_equal(&before[end], &values[end]))
            continue; /* it was so already, and this record is about something else */
        show_instant(&values[start], first);
        show_instant(&values[end], last);
        *ret_field = end;
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: %s is before %s %s; correct one of them", kind->name, kind->fields[end].name,
                         last, kind->fields[start].name, first);
    }
    return TEND_OK;
}

/* An answer stands on the scale that was asked. */
static tend_status check_answer(const tend_kind_schema *kind, const tend_value *values, int *ret_field, tend_error *reterr)
{
    int score = tend_schema_field(kind, "score"), least = tend_schema_field(kind, "scale_min"),
        most = tend_schema_field(kind, "scale_max");

    if (score < 0 || least < 0 || most < 0 || values[score].type == TEND_NULL || values[least].type == TEND_NULL ||
        values[most].type == TEND_NULL)
        return TEND_OK;
    if (values[score].integer >= values[least].integer && values[score].integer <= values[most].integer)
        return TEND_OK;
    *ret_field = score;
    return tend_fail(reterr, TEND_EINVAL, "%s.score: %lld is not on the scale %lld to %lld; correct the answer or the scale",
                     kind->name, (long long)values[score].integer, (long long)values[least].integer,
                     (long long)values[most].integer);
}

tend_status tend_check_row(const tend_kind_schema *kind, const tend_value *values, const tend_value *before, const tend_put *put,
                           int *ret_field, tend_error *reterr)
{
    tend_status status;

    for (int i = 0; i < kind->field_count; i++) {
        if (!(kind->fields[i].flags & TEND_FIELD_REQUIRED) || values[i].type != TEND_NULL)
            continue;
        if (before && before[i].type == TEND_NULL)
            continue;
        *ret_field = i;
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: empty, but required; give it a value", kind->name, kind->fields[i].name);
    }
    status = check_money(kind, values, before, put, ret_field, reterr);
    if (status >= 0)
        status = check_order(kind, values, before, ret_field, reterr);
    if (status >= 0 && kind->kind == TEND_KIND_ANSWER)
        status = check_answer(kind, values, ret_field, reterr);
    return status;
}

/* Whether the row that a field refers to exists. */
static tend_status check_reference(tend_model *model, const tend_kind_schema *kind, const tend_field *field, int64_t id,
                                   tend_error *reterr)
{
    const tend_kind_schema *target = tend_schema_kind(model->schema, (tend_kind)field->target);
    int64_t *known = &model->kinds[target->kind].known_refs[(uint64_t)id % TEND_KNOWN_REFS];
    tend_statement *statement = NULL;
    char sql[200];
    bool has_row = false;
    tend_status status;

    if (*known == id || tend_load_has(model, target->kind, id))
        return TEND_OK;
    (void)snprintf(sql, sizeof sql, "SELECT 1 FROM \"%s\" WHERE id=?1%s", target->table,
                   target->is_fact ? "" : " AND removed_at IS NULL");
    status = tend_store_prepare(model->store, sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, id);
    status = tend_statement_step(statement, &has_row, reterr);
    tend_statement_end(statement);
    if (status < 0)
        return status;
    if (!has_row)
        return tend_fail(reterr, TEND_EINVAL, "%s.%s: there is no %s %lld; import or add it first", kind->name, field->name,
                         target->name, (long long)id);
    *known = id;
    return TEND_OK;
}

tend_status tend_check_others(tend_model *model, const tend_kind_schema *kind, int64_t id, const tend_value *values,
                              const tend_value *before, int *ret_field, tend_error *reterr)
{
    for (int i = 0; i < kind->field_count; i++) {
        tend_status status;

        if (values[i].type != TEND_REF || (before && tend_stored_equal(&before[i], &values[i])))
            continue;
        status = check_reference(model, kind, &kind->fields[i], values[i].integer, reterr);
        if (status < 0) {
            *ret_field = i;
            return status;
        }
    }
    return tend_rules_check(model, kind, id, values, before, ret_field, reterr);
}
