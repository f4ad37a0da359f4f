/* record.c: one record of a connector into one row of the spool. */
#include "base/hash.h"
#include "base/near.h"
#include "base/utf8.h"
#include "sync/intake.h"
#include <stdlib.h>
#include <string.h>

#define MEMORY(reterr) tend_fail((reterr), TEND_ENOMEM, "memory is used up")

/* ---- columns ----------------------------------------------------------------------------------------------------------- */

static tend_status refuse_column(tend_intake *intake, size_t column, const char *where, const char *const *names, uint32_t count,
                                 tend_error *reterr)
{
    const tend_intake_part *part = &intake->parts[intake->current];
    const char **known = tend_arena_take(intake->arena, (count + 1) * sizeof *known);
    const char *near;

    if (!known)
        return MEMORY(reterr);
    for (uint32_t i = 0; i < count; i++)
        known[i] = names[i];
    near = tend_near(part->stream->columns.names[column], known);
    return tend_fail(reterr, TEND_EINVAL, "%s:1: there is no column '%s', which %s of mapping %s reads%s%s%s", part->file,
                     part->stream->columns.names[column], where, intake->mapping->name, near ? "; did you mean '" : "",
                     near ? near : "", near ? "'?" : "");
}

tend_status tend_intake_columns(tend_intake *intake, const char *const *names, uint32_t count, const char *const *key,
                                tend_error *reterr)
{
    tend_intake_part *part = &intake->parts[intake->current];
    const tend_mapping_stream *stream = part->stream;
    const char **header = tend_arena_take(intake->arena, (count + 1) * sizeof *header);
    bool *is_there = tend_arena_take(intake->arena, (stream->columns.count + 1) * sizeof *is_there);
    size_t missing = 0;
    char where[128];

    if (!header || !is_there)
        return MEMORY(reterr);
    for (uint32_t i = 0; i < count; i++) {
        header[i] = tend_arena_string(intake->arena, names[i]);
        if (!header[i])
            return MEMORY(reterr);
    }
    part->header = header;
    part->header_count = count;
    for (size_t c = 0; c < stream->columns.count; c++) {
        intake->bind[c] = TEND_NO_COLUMN;
        for (uint32_t i = count; i > 0; i--) {
            if (strcmp(names[i - 1], stream->columns.names[c]) == 0)
                intake->bind[c] = i - 1;
        }
        is_there[c] = intake->bind[c] != TEND_NO_COLUMN;
    }
    intake->key_cells = 0;
    while (key && key[intake->key_cells])
        intake->key_cells++;
    for (size_t f = 0; f < stream->field_count; f++) {
        intake->is_used[f] = intake->may_grow || tend_expression_can(stream->fields[f].value, is_there, &missing);
        if (!intake->is_used[f] && !stream->skips_missing) {
            (void)snprintf(where, sizeof where, "[fields.%s] %s", stream->name, part->kind->fields[stream->fields[f].field].name);
            return refuse_column(intake, missing, where, names, count, reterr);
        }
    }
    if (intake->may_grow)
        return TEND_OK;
    (void)snprintf(where, sizeof where, "[stream.%s]", stream->name);
    for (size_t k = 0; k < stream->key_count; k++) {
        if (!tend_expression_can(stream->keys[k], is_there, &missing))
            return refuse_column(intake, missing, where, names, count, reterr);
    }
    if ((stream->effective && !tend_expression_can(stream->effective, is_there, &missing)) ||
        (stream->known_at && !tend_expression_can(stream->known_at, is_there, &missing)))
        return refuse_column(intake, missing, where, names, count, reterr);
    return TEND_OK;
}

/* ---- one record -------------------------------------------------------------------------------------------------------- */

typedef struct record {
    tend_intake *intake;
    tend_intake_part *part;
    const tend_mapping_stream *stream;
    const tend_cell *cells; /* as they came */
    uint32_t count;
    uint64_t line;
    uint64_t raw;
    const char *external;
    size_t external_length;
    int assigned;
    char currency[4];
    tend_time effective_at, known_at;
    bool is_assumed;
    bool is_bad;
    size_t deferred[4];
    const char *deferred_text[4];
    size_t deferred_length[4], deferred_count;
} record;

/* One fault of the record; it is rejected, the others are still looked for. */
static tend_status refuse(record *r, const tend_expression *value, const char *text, size_t length, const char *reason)
{
    size_t column = value ? tend_expression_column(value) : TEND_NO_COLUMN;

    r->is_bad = true;
    return tend_intake_note(r->intake, true, r->line, column == TEND_NO_COLUMN ? NULL : r->stream->columns.names[column], text,
                            length, reason);
}

static tend_status read_cells(record *r)
{
    tend_intake *intake = r->intake;

    r->raw = tend_hash64("", 0);
    for (uint32_t i = 0; i < r->count; i++) {
        uint64_t sum = r->cells[i].text ? tend_hash64(r->cells[i].text, r->cells[i].length) : 7;

        r->raw = (r->raw ^ sum) * UINT64_C(0x9e3779b97f4a7c15) + i + 1;
    }
    for (size_t c = 0; c < r->stream->columns.count; c++) {
        tend_cell *cell = &intake->cells[c];

        *cell = intake->bind[c] < r->count ? r->cells[intake->bind[c]] : (tend_cell){ NULL, 0 };
        if (!cell->text)
            continue;
        if (!tend_utf8_valid(cell->text, cell->length, NULL)) {
            tend_status status = tend_intake_note(intake, true, r->line, r->stream->columns.names[c], NULL, 0,
                                                  "the text is not valid UTF-8; say in the mapping which encoding the file has");

            r->is_bad = true;
            cell->text = "";
            cell->length = 0;
            if (status < 0)
                return status;
        } else if (tend_utf8_nfc(intake->scratch, cell->text, cell->length, &cell->text, &cell->length) < 0) {
            return TEND_ENOMEM;
        }
    }
    return TEND_OK;
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] != ' ' && text[i] != '\t')
            return false;
    }
    return true;
}

static tend_status read_whole_key(record *r)
{
    tend_sha256 sha;
    uint8_t digest[32];
    char *hex = tend_arena_take(r->intake->scratch, 40);

    if (!hex)
        return TEND_ENOMEM;
    tend_sha256_init(&sha);
    for (uint32_t i = 0; i < r->count; i++) {
        tend_sha256_add(&sha, &r->cells[i].length, sizeof r->cells[i].length);
        if (r->cells[i].text)
            tend_sha256_add(&sha, r->cells[i].text, r->cells[i].length);
    }
    tend_sha256_end(&sha, digest);
    for (size_t i = 0; i < 16; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    r->external = hex;
    r->external_length = 32;
    return TEND_OK;
}

static tend_status read_key(record *r)
{
    tend_buffer all = { 0 };
    bool has_any = false;
    tend_status status = TEND_OK;

    if (r->stream->key_count == 0)
        return read_whole_key(r);
    for (size_t k = 0; k < r->stream->key_count && status == TEND_OK; k++) {
        tend_said said;
        tend_error error;

        status =
            tend_expression_say(r->stream->keys[k], r->intake->cells, &r->stream->format.number, r->intake->scratch, &said, &error);
        if (status == TEND_EINVAL) {
            status = refuse(r, r->stream->keys[k], NULL, 0, error.text);
            break;
        }
        if (status < 0)
            break;
        has_any = has_any || !is_blank(said.text, said.length);
        if (r->stream->key_count == 1) {
            r->external = said.text;
            r->external_length = said.length;
        } else {
            if (k > 0)
                tend_buffer_byte(&all, '/');
            tend_buffer_append(&all, said.text, said.length);
        }
    }
    if (status == TEND_OK && r->stream->key_count > 1) {
        r->external = tend_arena_copy(r->intake->scratch, tend_buffer_string(&all), all.length);
        r->external_length = all.length;
        if (!r->external || all.failed)
            status = TEND_ENOMEM;
    }
    tend_buffer_clear(&all);
    if (status == TEND_OK && !has_any && !r->is_bad)
        status = refuse(r, r->stream->keys[0], NULL, 0, "the key is empty; each record needs one");
    if (status == TEND_OK && r->external_length > 500)
        status = refuse(r, r->stream->keys[0], r->external, r->external_length, "the key is longer than 500 bytes");
    return status;
}

/* False: no translation names it. */
static bool translate(const tend_mapping_field *field, tend_arena *scratch, tend_said *said)
{
    const char *folded = NULL;
    size_t length = 0;

    for (size_t i = 0; i < field->translation_count; i++) {
        const tend_translation *to = &field->translations[i];

        if (to->from_length == said->length && memcmp(to->from, said->text, said->length) == 0) {
            *said = (tend_said){ to->to, to->to_length, true, true };
            return true;
        }
    }
    if (tend_utf8_fold(scratch, said->text, said->length, &folded, &length) < 0)
        return false;
    for (size_t i = 0; i < field->translation_count; i++) {
        const tend_translation *to = &field->translations[i];

        if (to->folded_length == length && memcmp(to->folded, folded, length) == 0) {
            *said = (tend_said){ to->to, to->to_length, true, true };
            return true;
        }
    }
    return false;
}

static tend_status parse_plain(record *r, const tend_mapping_field *field, const tend_said *said, tend_value *ret_value)
{
    const tend_field *schema = &r->part->kind->fields[field->field];
    tend_format plain = { .number = tend_number_plain,
                          .zone = r->stream->format.zone,
                          .round_money = r->stream->format.round_money };
    const tend_format *format = said->is_plain ? &plain : &r->stream->format;
    const char *text = said->text;
    size_t length = said->length;
    tend_error error;
    tend_status status;

    if (is_blank(text, length)) {
        *ret_value = (tend_value){ .type = TEND_NULL };
        return TEND_OK;
    }
    while (schema->type != TEND_TEXT && length > 0 && *text == ' ')
        text++, length--;
    while (schema->type != TEND_TEXT && length > 0 && text[length - 1] == ' ')
        length--;
    if (schema->type == TEND_MONEY && format->round_money) {
        tend_format strict = *format;

        strict.round_money = false;
        status = tend_field_parse(schema, text, length, r->currency, &strict, r->intake->scratch, ret_value, &error);
        if (status == TEND_OK)
            return TEND_OK;
        status = tend_field_parse(schema, text, length, r->currency, format, r->intake->scratch, ret_value, &error);
        r->part->rounded += status == TEND_OK;
    } else {
        status = tend_field_parse(schema, text, length, r->currency, format, r->intake->scratch, ret_value, &error);
    }
    if (status < 0 && status != TEND_ENOMEM)
        return refuse(r, field->value, text, length, error.text);
    return status;
}

static tend_status parse_reference(record *r, const tend_mapping_field *field, const tend_said *said, tend_value *ret_value)
{
    tend_relation relation = TEND_RELATED_EMPTY;
    tend_error reason;
    const char *text = said->text;
    size_t length = said->length;
    tend_status status = TEND_OK;

    *ret_value = (tend_value){ .type = TEND_NULL };
    if (is_blank(text, length))
        return TEND_OK;
    while (field->by_field >= 0 && length > 0 && *text == ' ')
        text++, length--;
    while (field->by_field >= 0 && length > 0 && text[length - 1] == ' ')
        length--;
    status = tend_intake_relate(r->intake, field, r->part->kind, text, length, false, ret_value, &relation, &reason);
    r->part = &r->intake->parts[r->intake->current]; /* a stub may have moved the parts */
    if (status < 0)
        return status;
    if (relation == TEND_RELATED_REJECT)
        return refuse(r, field->value, text, length, reason.text);
    if (relation == TEND_RELATED_LATER && r->deferred_count < 4) {
        r->deferred[r->deferred_count] = (size_t)r->assigned;
        r->deferred_text[r->deferred_count] = text;
        r->deferred_length[r->deferred_count++] = length;
    } else if (relation == TEND_RELATED_EMPTY) {
        return tend_intake_note(r->intake, false, r->line,
                                tend_expression_column(field->value) == TEND_NO_COLUMN
                                    ? NULL
                                    : r->stream->columns.names[tend_expression_column(field->value)],
                                text, length, "is not known; left empty");
    }
    return TEND_OK;
}

static tend_status read_field(record *r, size_t index)
{
    const tend_mapping_field *field = &r->stream->fields[index];
    const tend_kind_schema *kind = r->part->kind;
    tend_assignment *assignment = &r->intake->assigned[r->assigned];
    tend_said said;
    tend_error error;
    tend_status status =
        tend_expression_say(field->value, r->intake->cells, &r->stream->format.number, r->intake->scratch, &said, &error);

    if (status == TEND_EINVAL)
        return refuse(r, field->value, NULL, 0, error.text);
    if (status < 0 || !said.is_named)
        return status;
    if (field->translation_count > 0 && !translate(field, r->intake->scratch, &said) && !is_blank(said.text, said.length)) {
        if (field->otherwise == TEND_UNKNOWN_REJECT)
            return refuse(r, field->value, said.text, said.length, "this value has no translation in the mapping; add it");
        if (field->otherwise == TEND_UNKNOWN_EMPTY)
            said = (tend_said){ "", 0, true, true };
    }
    assignment->field = field->field;
    if (kind->fields[field->field].type == TEND_REF || field->via)
        status = parse_reference(r, field, &said, &assignment->value);
    else
        status = parse_plain(r, field, &said, &assignment->value);
    if (status < 0)
        return status;
    if (field->field == kind->currency_field && assignment->value.type == TEND_NULL && r->stream->format.currency[0])
        assignment->value = (tend_value){ .type = TEND_TEXT, .text = r->stream->format.currency, .length = 3 };
    if (field->field == kind->currency_field && assignment->value.type == TEND_TEXT && assignment->value.length == 3)
        memcpy(r->currency, assignment->value.text, 4);
    if (field->list_empty && assignment->value.type == TEND_NULL && is_blank(said.text, said.length)) {
        char reason[160];

        (void)snprintf(reason, sizeof reason, "'%.100s' has no %s; kept without", r->external, kind->fields[field->field].name);
        status = tend_intake_note(r->intake, false, r->line, NULL, NULL, 0, reason);
    }
    r->assigned++;
    return status;
}

/* The stream's own currency, for a kind with amounts whose mapping names none. */
static void add_currency(record *r)
{
    const tend_kind_schema *kind = r->part->kind;
    tend_assignment *first = &r->intake->assigned[0];

    if (kind->currency_field < 0 || !r->stream->format.currency[0])
        return;
    memcpy(r->currency, r->stream->format.currency, sizeof r->currency);
    if (r->stream->field_count > 0 && r->stream->fields[0].field == kind->currency_field && r->intake->is_used[0])
        return;
    *first = (tend_assignment){ kind->currency_field, { .type = TEND_TEXT, .text = r->stream->format.currency, .length = 3 } };
    r->assigned = 1;
}

/* An instant from an expression: a date is its first instant in the stream's zone. */
static tend_status read_instant(record *r, const tend_expression *value, const char *name, tend_time *ret_at)
{
    tend_field field = { .name = name, .type = TEND_TIME };
    tend_format plain = { .number = tend_number_plain, .zone = r->stream->format.zone };
    tend_said said;
    tend_error error;
    tend_value at;
    tend_status status = tend_expression_say(value, r->intake->cells, &r->stream->format.number, r->intake->scratch, &said, &error);

    if (status == TEND_EINVAL)
        return refuse(r, value, NULL, 0, error.text);
    if (status < 0 || !said.is_named || is_blank(said.text, said.length))
        return status;
    status = tend_field_parse(&field, said.text, said.length, r->currency, said.is_plain ? &plain : &r->stream->format,
                              r->intake->scratch, &at, &error);
    if (status < 0 && status != TEND_ENOMEM)
        return refuse(r, value, said.text, said.length, error.text);
    if (status == TEND_OK && at.type == TEND_TIME)
        *ret_at = at.integer;
    return status;
}

static tend_status read_times(record *r, tend_time modified_at)
{
    const tend_kind_schema *kind = r->part->kind;
    tend_time happened = TEND_NO_TIME;
    tend_status status = TEND_OK;

    r->effective_at = TEND_NO_TIME;
    r->known_at = modified_at;
    if (r->stream->effective)
        status = read_instant(r, r->stream->effective, "effective", &r->effective_at);
    if (status == TEND_OK && r->stream->known == TEND_KNOWN_COLUMN)
        status = read_instant(r, r->stream->known_at, "known", &r->known_at);
    if (status < 0 || r->stream->known != TEND_KNOWN_EFFECTIVE)
        return status;
    happened = r->effective_at;
    for (int i = 0; kind->is_fact && i < r->assigned; i++) {
        const tend_value *value = &r->intake->assigned[i].value;

        if (r->intake->assigned[i].field != kind->effective_field)
            continue;
        if (value->type == TEND_TIME)
            happened = value->integer;
        else if (value->type == TEND_DATE)
            happened = r->stream->format.zone ? tend_zone_midnight(r->stream->format.zone, (tend_date)value->integer)
                                              : value->integer * INT64_C(86400000);
    }
    if (happened != TEND_NO_TIME) {
        r->known_at = happened < r->intake->now ? happened : r->intake->now;
        r->is_assumed = true;
        r->part->assumed++;
    }
    return TEND_OK;
}

static tend_status check_record(record *r)
{
    tend_intake *intake = r->intake;
    tend_assignment *seen = tend_arena_take(intake->scratch, ((size_t)r->assigned + 1) * sizeof *seen);
    tend_put put = { .kind = r->part->kind->kind,
                     .external = r->external,
                     .external_length = r->external_length,
                     .fields = seen,
                     .field_count = r->assigned,
                     .effective_at = r->effective_at,
                     .known_at = r->known_at };
    tend_put_result result = { .bad_field = -1 };
    tend_error error;
    int64_t id = 0;
    tend_status status = TEND_ENOMEM;

    if (!seen)
        return status;
    for (int i = 0; i < r->assigned; i++) {
        const tend_field *field = &r->part->kind->fields[intake->assigned[i].field];

        seen[i] = intake->assigned[i];
        if (seen[i].value.type == TEND_REF && field->type != TEND_REF) /* copied from another row later: any value will do */
            seen[i].value = (tend_value){ .type = field->type, .integer = 1 };
    }
    status = tend_identity_find(intake->model, intake->source, put.kind, r->external, r->external_length, &id, &error);
    if (status == TEND_OK)
        status = tend_model_check(intake->model, &put, id == 0, &result, &error);
    if (status == TEND_EINVAL) {
        const tend_mapping_field *by = NULL;

        for (size_t f = 0; f < r->stream->field_count; f++) {
            if (r->stream->fields[f].field == result.bad_field)
                by = &r->stream->fields[f];
        }
        if (by && tend_expression_column(by->value) != TEND_NO_COLUMN) {
            const tend_cell *cell = &intake->cells[tend_expression_column(by->value)];

            return refuse(r, by->value, cell->text, cell->text ? cell->length : 0, error.text);
        }
        return refuse(r, NULL, NULL, 0, error.text);
    }
    return status;
}

/* What remains of an id when case, blanks, leading zeros and a spreadsheet's exponents are taken away. */
static size_t bare_id(const char *text, size_t length, char *ret_bare, size_t room)
{
    size_t used = 0, digits = 0, zeros = 0;
    long exponent = 0;
    bool is_number = false;

    while (length > 0 && (*text == ' ' || *text == '\t'))
        text++, length--;
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    for (size_t i = 0, point = 0; i < length && used < room - 1; i++) {
        char c = text[i];

        if ((c == 'E' || c == 'e') && digits > 0 && digits + point == i && i + 1 < length) {
            size_t j = i + 1 + (text[i + 1] == '+');

            for (; j < length && text[j] >= '0' && text[j] <= '9' && exponent < 100; j++)
                exponent = exponent * 10 + (text[j] - '0');
            is_number = j == length;
            break;
        }
        if (c == '.' && point == 0)
            point = 1;
        else if (c >= '0' && c <= '9')
            digits++;
        else
            break;
    }
    if (is_number) { /* 1.0E+05 → 100000 */
        bool is_after = false;

        for (size_t i = 0; i < length && text[i] != 'E' && text[i] != 'e' && used + 1 < room; i++) {
            if (text[i] == '.')
                is_after = true;
            else if (!is_after || exponent > 0) {
                ret_bare[used++] = text[i];
                exponent -= is_after;
            }
        }
        for (; exponent > 0 && used + 1 < room; exponent--)
            ret_bare[used++] = '0';
    } else {
        for (size_t i = 0; i < length && used + 1 < room; i++)
            ret_bare[used++] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
    }
    while (zeros + 1 < used && ret_bare[zeros] == '0')
        zeros++;
    memmove(ret_bare, ret_bare + zeros, used - zeros);
    return used - zeros;
}

static tend_status look_for_similar(record *r, uint32_t row)
{
    char bare[256], reason[400];
    size_t length = bare_id(r->external, r->external_length, bare, sizeof bare);
    tend_key key = tend_key_of((int)r->part->kind->kind, -2, bare, length);
    uint32_t first;
    tend_status status;

    if (r->part->kind->is_fact || r->stream->key_count == 0)
        return TEND_OK;
    status = tend_keys_add(&r->intake->similar, &key, row, &first);
    if (status < 0)
        return status;
    if (first != TEND_NO_ROW)
        (void)snprintf(
            reason, sizeof reason,
            "the key differs from that of %s only by case, blanks, zeros or an exponent; both are kept, check that they are "
            "not one",
            tend_intake_place(r->intake, first));
    else if (r->external[0] == ' ' || r->external[r->external_length - 1] == ' ')
        (void)snprintf(reason, sizeof reason, "the key begins or ends with a blank; it is kept as it is written");
    else
        return TEND_OK;
    return tend_intake_note(r->intake, false, r->line, r->stream->columns.names[tend_expression_column(r->stream->keys[0])],
                            r->external, r->external_length, reason);
}

/* A key that was read before. *ret_done: the record ends here. */
static tend_status meet_again(record *r, uint32_t first, bool *ret_done)
{
    tend_intake *intake = r->intake;
    const tend_entry *before = &intake->entries[first];
    char reason[600];
    tend_key key;
    const char *numbered;

    *ret_done = true;
    if (r->stream->numbers_repeats) {
        key = tend_key_of((int)r->part->kind->kind, -1, r->external, r->external_length);
        numbered = tend_arena_print(intake->scratch, "%.*s#%u", (int)r->external_length, r->external,
                                    tend_keys_repeats(&intake->identities, &key) + 1);
        if (!numbered)
            return TEND_ENOMEM;
        (void)snprintf(reason, sizeof reason, "the key '%.*s' was already read at %s; kept as '%.200s'",
                       (int)(r->external_length > 200 ? 200 : r->external_length), r->external, tend_intake_place(intake, first),
                       numbered);
        r->external = numbered;
        r->external_length = strlen(numbered);
        r->part->numbered++;
        *ret_done = false;
        return r->stream->key_count == 0 ? TEND_OK : tend_intake_note(intake, false, r->line, NULL, NULL, 0, reason);
    }
    if (before->raw == r->raw && before->part == intake->current) {
        r->part->same++;
        (void)snprintf(reason, sizeof reason, "the same record stands at %s; counted as unchanged",
                       tend_intake_place(intake, first));
        return tend_intake_note(intake, false, r->line, NULL, r->external, r->external_length, reason);
    }
    (void)snprintf(reason, sizeof reason,
                   "the key '%.*s' was already read at %s; give each record its own, or write repeats = number in the mapping",
                   (int)(r->external_length > 200 ? 200 : r->external_length), r->external, tend_intake_place(intake, first));
    return refuse(r, r->stream->key_count > 0 ? r->stream->keys[0] : NULL, r->external, r->external_length, reason);
}

/* Names by which other records may refer to this one. */
static tend_status add_names(record *r, uint32_t row)
{
    tend_intake *intake = r->intake;

    for (int i = 0; i < r->assigned; i++) {
        const tend_assignment *a = &intake->assigned[i];
        const char *folded;
        size_t length;
        uint32_t first;
        tend_key key;

        if (a->field >= 64 || !intake->is_looked_up[r->part->kind->kind][a->field] || a->value.type != TEND_TEXT)
            continue;
        if (tend_utf8_fold(intake->scratch, a->value.text, a->value.length, &folded, &length) < 0)
            return TEND_ENOMEM;
        key = tend_key_of((int)r->part->kind->kind, a->field, folded, length);
        if (tend_keys_add(&intake->names, &key, row, &first) < 0)
            return TEND_ENOMEM;
    }
    return TEND_OK;
}

static tend_status spool_record(record *r, unsigned flags, tend_error *reterr)
{
    tend_intake *intake = r->intake;
    tend_spool_row row = { .part = intake->current,
                           .line = r->line,
                           .kind = r->part->kind->kind,
                           .effective_at = r->effective_at,
                           .known_at = r->known_at,
                           .flags = flags | (r->is_assumed ? TEND_SPOOL_ASSUMED : 0u),
                           .external = r->external,
                           .external_length = r->external_length,
                           .fields = intake->assigned,
                           .field_count = r->assigned };
    tend_entry entry = {
        .line = r->line, .part = intake->current, .up = TEND_NO_ROW, .raw = r->raw, .rank = tend_intake_rank(r->part->kind->kind)
    };
    tend_key key = tend_key_of((int)row.kind, -1, r->external, r->external_length);
    uint64_t offset;
    uint32_t number, first;
    tend_status status = tend_spool_add(intake->spool, &row, r->cells, r->count, &offset, intake->value_offsets, reterr);

    if (status == TEND_OK)
        status = tend_intake_entry(intake, &entry, offset, &number);
    if (status == TEND_OK)
        status = tend_keys_add(&intake->identities, &key, number, &first);
    if (status == TEND_OK)
        status = add_names(r, number);
    if (status == TEND_OK)
        status = look_for_similar(r, number);
    for (int i = 0; status == TEND_OK && i < r->assigned; i++) {
        const tend_field *field = &r->part->kind->fields[intake->assigned[i].field];

        if (field->type == TEND_REF && field->target == r->part->kind->kind && intake->assigned[i].value.type == TEND_REF &&
            intake->assigned[i].value.scale == TEND_SPOOL_REF_ROW)
            intake->entries[number].up = (uint32_t)intake->assigned[i].value.integer - 1;
    }
    for (size_t d = 0; status == TEND_OK && d < r->deferred_count; d++) {
        size_t a = r->deferred[d];
        int field = intake->assigned[a].field;
        const tend_mapping_field *by = NULL;
        tend_deferred *list = intake->deferred;

        for (size_t f = 0; f < r->stream->field_count; f++) {
            if (r->stream->fields[f].field == field)
                by = &r->stream->fields[f];
        }
        if (intake->deferred_count == intake->deferred_room) {
            size_t room = intake->deferred_room == 0 ? 64 : intake->deferred_room * 2;

            list = realloc(list, room * sizeof *list);
            if (!list)
                return TEND_ENOMEM;
            intake->deferred = list;
            intake->deferred_room = room;
        }
        list[intake->deferred_count] = (tend_deferred){ number,
                                                        field,
                                                        by,
                                                        intake->value_offsets[a],
                                                        tend_arena_copy(intake->arena, r->deferred_text[d], r->deferred_length[d]),
                                                        r->deferred_length[d] };
        status = list[intake->deferred_count++].text ? TEND_OK : TEND_ENOMEM;
    }
    return status;
}

/* The rejected record's cells go into the spool too, for the file to mend. */
static tend_status reject_record(record *r, tend_error *reterr)
{
    tend_spool_row row = { .part = r->intake->current, .line = r->line, .external = "" };
    uint64_t offset = 0;
    tend_status status = tend_spool_add(r->intake->spool, &row, r->cells, r->count, &offset, NULL, reterr);

    return status < 0 ? status : tend_intake_reject(r->intake, r->intake->current, r->line, offset);
}

static tend_status take_record(record *r, tend_time modified_at, tend_error *reterr)
{
    tend_intake *intake = r->intake;
    bool is_done = false;
    tend_key key;
    uint32_t first;
    tend_status status = read_cells(r);

    if (status == TEND_OK && !r->is_bad)
        status = read_key(r);
    if (status == TEND_OK && !r->is_bad) {
        key = tend_key_of((int)r->part->kind->kind, -1, r->external, r->external_length);
        first = tend_keys_find(&intake->identities, &key);
        if (first != TEND_NO_ROW) {
            if (r->stream->numbers_repeats) { /* counted here, so that each repeat gets its own number */
                uint32_t ignored;

                status = tend_keys_add(&intake->identities, &key, first, &ignored);
            }
            if (status == TEND_OK)
                status = meet_again(r, first, &is_done);
        }
    }
    if (status == TEND_OK && !r->is_bad && is_done)
        return TEND_OK;
    if (status == TEND_OK && !r->is_bad) {
        add_currency(r);
        for (size_t f = 0; f < r->stream->field_count && status == TEND_OK; f++) {
            if (intake->is_used[f])
                status = read_field(r, f);
        }
        if (status == TEND_OK)
            status = read_times(r, modified_at);
        if (status == TEND_OK && !r->is_bad)
            status = check_record(r);
    }
    if (status < 0)
        return status == TEND_ENOMEM
                   ? MEMORY(reterr)
                   : tend_fail(reterr, status, "%s:%llu: the record cannot be checked", r->part->file, (unsigned long long)r->line);
    status = r->is_bad ? reject_record(r, reterr) : spool_record(r, 0, reterr);
    return status == TEND_ENOMEM ? MEMORY(reterr) : status;
}

tend_status tend_intake_record(tend_intake *intake, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at,
                               tend_error *reterr)
{
    record r = { .intake = intake, .part = &intake->parts[intake->current], .cells = cells, .count = count, .line = line };

    r.stream = r.part->stream;
    tend_arena_reset(intake->scratch);
    return take_record(&r, modified_at, reterr);
}

tend_status tend_intake_tombstone(tend_intake *intake, const tend_cell *key, uint32_t count, tend_time removed_at,
                                  tend_error *reterr)
{
    record r = { .intake = intake,
                 .part = &intake->parts[intake->current],
                 .cells = key,
                 .count = count,
                 .effective_at = removed_at,
                 .known_at = removed_at };
    tend_buffer all = { 0 };
    tend_status status;

    r.stream = r.part->stream;
    tend_arena_reset(intake->scratch);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            tend_buffer_byte(&all, '/');
        if (key[i].text)
            tend_buffer_append(&all, key[i].text, key[i].length);
    }
    r.external = tend_arena_copy(intake->scratch, tend_buffer_string(&all), all.length);
    r.external_length = all.length;
    tend_buffer_clear(&all);
    if (!r.external)
        return MEMORY(reterr);
    status = spool_record(&r, TEND_SPOOL_REMOVED, reterr);
    return status == TEND_ENOMEM ? MEMORY(reterr) : status;
}
