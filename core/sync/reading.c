#include "sync/reading.h"
#include "base/utf8.h"
#include <string.h>

bool tend_reading_is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    }
    return true;
}

bool tend_reading_translate(const tend_mapping_field *field, tend_arena *scratch, tend_expressed *said)
{
    const char *folded = NULL;
    size_t length = 0;

    for (size_t i = 0; i < field->translation_count; i++) {
        const tend_translation *to = &field->translations[i];

        if (to->from_length == said->length && memcmp(to->from, said->text, said->length) == 0) {
            *said = (tend_expressed){ to->to, to->to_length, true, true };
            return true;
        }
    }
    if (tend_utf8_fold(scratch, said->text, said->length, &folded, &length) < 0)
        return false;
    for (size_t i = 0; i < field->translation_count; i++) {
        const tend_translation *to = &field->translations[i];

        if (to->folded_length == length && memcmp(to->folded, folded, length) == 0) {
            *said = (tend_expressed){ to->to, to->to_length, true, true };
            return true;
        }
    }
    return false;
}

/* What is computed is written as tend writes it. */
static tend_format plain_of(const tend_mapping_stream *stream)
{
    return (tend_format){ .number = tend_number_plain, .zone = stream->format.zone, .round_money = stream->format.round_money };
}

tend_status tend_reading_value(const tend_mapping_stream *stream, const tend_field *field, tend_expressed *said,
                               const char currency[4], tend_arena *scratch, tend_value *ret_value, bool *ret_is_rounded,
                               tend_error *reterr)
{
    tend_format plain, strict;
    const tend_format *format = &stream->format;
    tend_status status;

    if (said->is_plain) {
        plain = plain_of(stream);
        format = &plain;
    }
    *ret_is_rounded = false;
    if (tend_reading_is_blank(said->text, said->length)) {
        *ret_value = (tend_value){ .type = TEND_NULL };
        return TEND_OK;
    }
    while (field->type != TEND_TEXT && said->length > 0 && *said->text == ' ')
        said->text++, said->length--;
    while (field->type != TEND_TEXT && said->length > 0 && said->text[said->length - 1] == ' ')
        said->length--;
    if (field->type != TEND_MONEY || !format->round_money)
        return tend_field_parse(field, said->text, said->length, currency, format, scratch, ret_value, reterr);
    strict = *format;
    strict.round_money = false;
    status = tend_field_parse(field, said->text, said->length, currency, &strict, scratch, ret_value, reterr);
    if (status == TEND_OK)
        return TEND_OK;
    status = tend_field_parse(field, said->text, said->length, currency, format, scratch, ret_value, reterr);
    *ret_is_rounded = status == TEND_OK;
    return status;
}

void tend_reading_currency(const tend_mapping_stream *stream, int field, tend_value *value, char currency[static 4])
{
    if (field != stream->kind->currency_field)
        return;
    if (value->type == TEND_NULL && stream->format.currency[0])
        *value = (tend_value){ .type = TEND_TEXT, .text = stream->format.currency, .length = 3 };
    if (value->type == TEND_TEXT && value->length == 3)
        memcpy(currency, value->text, 4);
}

tend_status tend_reading_instant(const tend_mapping_stream *stream, const tend_expression *value, const char *name,
                                 const tend_cell *cells, const char currency[4], tend_arena *scratch, tend_time *ret_at,
                                 tend_expressed *ret_said, tend_error *reterr)
{
    const tend_field field = { .name = name, .type = TEND_TIME };
    tend_format plain = plain_of(stream);
    tend_value at;
    tend_status status = tend_expression_say(value, cells, &stream->format.number, scratch, ret_said, reterr);

    if (status < 0)
        ret_said->text = NULL;
    if (status < 0 || !ret_said->is_named || tend_reading_is_blank(ret_said->text, ret_said->length))
        return status;
    status = tend_field_parse(&field, ret_said->text, ret_said->length, currency, ret_said->is_plain ? &plain : &stream->format,
                              scratch, &at, reterr);
    if (status == TEND_OK && at.type == TEND_TIME)
        *ret_at = at.integer;
    return status;
}
