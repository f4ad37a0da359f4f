/* record.c: one record of a connector into one row of the spool. */
#include "sync/record.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "sync/reading.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY(reterr) tend_fail((reterr), TEND_ENOMEM, "memory is used up")

/* One fault of the record; it is rejected, the others are still looked for. */
tend_status tend_record_refuse(tend_record *r, const tend_expression *value, const char *text, size_t length, const char *reason)
{
    size_t column = value ? tend_expression_column(value) : TEND_NO_COLUMN;

    r->is_bad = true;
    return tend_intake_note(r->intake, true, r->line, column == TEND_NO_COLUMN ? NULL : r->stream->columns.names[column], text,
                            length, reason);
}

static uint64_t hash_cells(const tend_record *r)
{
    uint64_t hash = tend_hash64("", 0);

    for (uint32_t i = 0; i < r->count; i++) {
        uint64_t sum = r->cells[i].text ? tend_hash64(r->cells[i].text, r->cells[i].length) : 7;

        hash = (hash ^ sum) * UINT64_C(0x9e3779b97f4a7c15) + i + 1;
    }
    return hash;
}

static tend_status read_cells(tend_record *r)
{
    tend_intake *intake = r->intake;

    /* Those that come again are told from the bytes that were hashed already; times of change are no part of them. */
    r->raw = intake->repeats.record && r->known_at == TEND_NO_TIME ? intake->repeats.record->word[1] : hash_cells(r);
    for (size_t c = 0; c < r->stream->columns.count && !intake->ready; c++) {
        tend_cell *cell = &intake->cells[c];

        *cell = intake->bind[c] < r->count ? r->cells[intake->bind[c]] : (tend_cell){ NULL, 0 };
        if (!cell->text || tend_utf8_is_plain(cell->text, cell->length))
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

static tend_status parse_plain(tend_record *r, const tend_mapping_field *field, tend_expressed *said, tend_value *ret_value)
{
    bool is_rounded;
    tend_error error;
    tend_status status = tend_reading_value(r->stream, &r->part->kind->fields[field->field], said, r->currency, r->intake->scratch,
                                            ret_value, &is_rounded, &error);

    r->part->rounded += is_rounded;
    if (status == TEND_OK || status == TEND_ENOMEM)
        return status;
    return tend_record_refuse(r, field->value, said->text, said->length, error.text);
}

static tend_status parse_reference(tend_record *r, const tend_mapping_field *field, const tend_expressed *said,
                                   tend_value *ret_value)
{
    tend_relation relation = TEND_RELATED_EMPTY;
    tend_error reason;
    const char *text = said->text;
    size_t length = said->length;
    tend_status status = TEND_OK;

    reason.status = TEND_OK; /* an error is large: not cleared for each record */
    *ret_value = (tend_value){ .type = TEND_NULL };
    if (tend_reading_is_blank(text, length))
        return TEND_OK;
    while (field->by_field >= 0 && length > 0 && *text == ' ')
        text++, length--;
    while (field->by_field >= 0 && length > 0 && text[length - 1] == ' ')
        length--;
    status = tend_intake_relate(r->intake, field, r->part->kind, text, length, false, ret_value, &relation, &reason);
    r->part = &r->intake->parts[r->intake->current]; /* a stub may have moved the parts */
    if (status < 0) {
        r->failure = reason;
        return status;
    }
    if (relation == TEND_RELATED_REJECT)
        return tend_record_refuse(r, field->value, text, length, reason.text);
    if (relation == TEND_RELATED_LATER) {
        ret_value->scale = TEND_SPOOL_LATER;
        r->intake->later[r->later_count++] = (tend_later){ (size_t)r->assigned, text, length };
    } else if (relation == TEND_RELATED_EMPTY) {
        return tend_intake_note(r->intake, false, r->line,
                                tend_expression_column(field->value) == TEND_NO_COLUMN
                                    ? NULL
                                    : r->stream->columns.names[tend_expression_column(field->value)],
                                text, length, "is not known; left empty");
    }
    return TEND_OK;
}

/* What the thread ahead has read is taken; false: it is to be read now. */
static bool take_ready(tend_record *r, size_t index)
{
    const tend_ready_field *field = r->intake->ready ? &r->intake->ready->fields[index] : NULL;

    if (!field || field->is == TEND_READY_NOT)
        return false;
    if (field->is == TEND_READY_VALUE) {
        tend_assignment *assignment = &r->intake->assigned[r->assigned];

        r->intake->fits[r->assigned] = field->fits;
        *assignment = (tend_assignment){ .field = r->stream->fields[index].field, .value = field->value };
        tend_reading_currency(r->stream, assignment->field, &assignment->value, r->currency);
        r->assigned++;
    }
    return true;
}

static tend_status read_field(tend_record *r, size_t index)
{
    const tend_mapping_field *field = &r->stream->fields[index];
    const tend_kind_schema *kind = r->part->kind;
    tend_assignment *assignment = &r->intake->assigned[r->assigned];
    tend_expressed said;
    tend_error error;
    tend_status status =
        tend_expression_say(field->value, r->intake->cells, &r->stream->format.number, r->intake->scratch, &said, &error);

    if (status == TEND_EINVAL)
        return tend_record_refuse(r, field->value, NULL, 0, error.text);
    if (status < 0 || !said.is_named)
        return status;
    if (field->translation_count > 0 && !tend_reading_translate(field, r->intake->scratch, &said) &&
        !tend_reading_is_blank(said.text, said.length)) {
        if (field->otherwise == TEND_UNKNOWN_REJECT)
            return tend_record_refuse(r, field->value, said.text, said.length,
                                      "this value has no translation in the mapping; add it");
        if (field->otherwise == TEND_UNKNOWN_EMPTY)
            said = (tend_expressed){ "", 0, true, true };
    }
    r->intake->fits[r->assigned] = false;
    *assignment = (tend_assignment){ .field = field->field }; /* of a value that cannot be read nothing is kept */
    if (kind->fields[field->field].type == TEND_REF || field->via)
        status = parse_reference(r, field, &said, &assignment->value);
    else
        status = parse_plain(r, field, &said, &assignment->value);
    if (status < 0)
        return status;
    tend_reading_currency(r->stream, field->field, &assignment->value, r->currency);
    if (field->list_empty && assignment->value.type == TEND_NULL && tend_reading_is_blank(said.text, said.length)) {
        char reason[160]; /* the same for all records: they are counted */

        (void)snprintf(reason, sizeof reason, "has no %s; kept without", kind->fields[field->field].name);
        status = tend_intake_note(r->intake, false, r->line, NULL, r->external, r->external_length, reason);
    }
    r->assigned++;
    return status;
}

/* The stream's own currency, for a kind with amounts whose mapping names none. */
static void add_currency(tend_record *r)
{
    const tend_kind_schema *kind = r->part->kind;
    tend_assignment *first = &r->intake->assigned[0];

    if (kind->currency_field < 0 || !r->stream->format.currency[0])
        return;
    memcpy(r->currency, r->stream->format.currency, sizeof r->currency);
    if (r->stream->field_count > 0 && r->stream->fields[0].field == kind->currency_field && r->intake->is_used[0])
        return;
    r->intake->fits[0] = false;
    *first = (tend_assignment){ kind->currency_field, { .type = TEND_TEXT, .text = r->stream->format.currency, .length = 3 } };
    r->assigned = 1;
}

static tend_status read_instant(tend_record *r, const tend_expression *value, const char *name, tend_time *ret_at)
{
    tend_expressed said;
    tend_error error;
    tend_status status =
        tend_reading_instant(r->stream, value, name, r->intake->cells, r->currency, r->intake->scratch, ret_at, &said, &error);

    if (status == TEND_OK || status == TEND_ENOMEM || (!said.text && status != TEND_EINVAL))
        return status;
    return tend_record_refuse(r, value, said.text, said.text ? said.length : 0, error.text);
}

static tend_status read_times(tend_record *r, tend_time modified_at)
{
    const tend_kind_schema *kind = r->part->kind;
    tend_time happened = TEND_NO_TIME;
    tend_status status = TEND_OK;

    r->effective_at = TEND_NO_TIME;
    r->known_at = modified_at;
    if (r->stream->known == TEND_KNOWN_IMPORT) { /* it was so since then, and is heard of now */
        r->effective_at = kind->is_fact ? TEND_NO_TIME : modified_at;
        r->known_at = TEND_NO_TIME;
    }
    if (r->intake->ready && r->intake->ready->effective == TEND_READY_VALUE)
        r->effective_at = r->intake->ready->effective_at != TEND_NO_TIME ? r->intake->ready->effective_at : r->effective_at;
    else if (r->stream->effective)
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
    }
    return TEND_OK;
}

/* A record that came before makes its row, although one in between may remove it. */
static bool is_made_before(const tend_record *r)
{
    uint32_t row = r->before;

    while (row != TEND_NO_ROW && r->intake->entries[row].flags & TEND_ENTRY_REMOVED)
        row = r->intake->entries[row].before;
    return row != TEND_NO_ROW;
}

/* What the record assigns, as it is checked: what is copied from another row later may be any value. NULL: no memory. */
static const tend_assignment *to_check(const tend_record *r)
{
    const tend_assignment *assigned = r->intake->assigned;
    tend_assignment *seen = NULL;

    for (int i = 0; i < r->assigned; i++) {
        const tend_field *field = &r->part->kind->fields[assigned[i].field];

        if (assigned[i].value.type != TEND_REF || field->type == TEND_REF)
            continue;
        if (!seen) {
            seen = tend_arena_take(r->intake->scratch, (size_t)r->assigned * sizeof *seen);
            if (!seen)
                return NULL;
            memcpy(seen, assigned, (size_t)r->assigned * sizeof *seen);
        }
        seen[i].value = (tend_value){ .type = field->type, .integer = 1 };
    }
    return seen ? seen : assigned;
}

static tend_status check_record(tend_record *r)
{
    tend_intake *intake = r->intake;
    const tend_assignment *seen = to_check(r);
    tend_put put = { .kind = r->part->kind->kind,
                     .external = r->external,
                     .external_length = r->external_length,
                     .fields = seen,
                     .field_count = r->assigned,
                     .fits = intake->fits,
                     .effective_at = r->effective_at,
                     .known_at = r->known_at };
    tend_put_result result = { .bad_field = -1 };
    tend_error error, other;
    bool is_there;
    int64_t id = 0;
    tend_status status = TEND_ENOMEM;

    error.status = TEND_OK;
    if (!seen)
        return status;
    /* What is good for a new row is good for an old one: the row is looked for only when it is not. */
    status = tend_model_check(intake->model, &put, true, &result, &error);
    if (status == TEND_EINVAL) {
        status = tend_identity_find(intake->model, intake->source, put.kind, r->external, r->external_length, &id, &other);
        if (status < 0) {
            r->failure = other;
            return status;
        }
        is_there = id != 0 || is_made_before(r);
        status = is_there ? tend_model_check(intake->model, &put, false, &result, &error) : TEND_EINVAL;
    }
    if (status == TEND_EINVAL) {
        const tend_mapping_field *by = NULL;

        for (size_t f = 0; f < r->stream->field_count; f++) {
            if (r->stream->fields[f].field == result.bad_field)
                by = &r->stream->fields[f];
        }
        if (by && tend_expression_column(by->value) != TEND_NO_COLUMN) {
            const tend_cell *cell = &intake->cells[tend_expression_column(by->value)];
            const char *place =
                tend_arena_print(intake->scratch, "%s.%s: ", r->part->kind->name, r->part->kind->fields[result.bad_field].name);
            size_t known = place && strncmp(error.text, place, strlen(place)) == 0 ? strlen(place) : 0;

            /* The column says where: once is enough. */
            return tend_record_refuse(r, by->value, cell->text, cell->text ? cell->length : 0, error.text + known);
        }
        return tend_record_refuse(r, NULL, NULL, 0, error.text);
    }
    if (status < 0)
        r->failure = error;
    return status;
}

/* Whether the row that is called so is this record, come before. */
static bool is_own_name(const tend_record *r, uint32_t row)
{
    uint32_t before = r->before;

    while (row != TEND_NO_ROW && before != TEND_NO_ROW && before != row)
        before = r->intake->entries[before].before;
    return row != TEND_NO_ROW && before == row;
}

/* Names by which other records may refer to this one. */
static tend_status add_names(tend_record *r, uint32_t row)
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
        first = tend_keys_find(&intake->names, &key);
        if (first != TEND_NO_ROW && intake->entries[first].flags & TEND_ENTRY_OVERTAKEN) {
            if (tend_keys_set(&intake->names, &key, row) < 0)
                return TEND_ENOMEM;
            continue;
        }
        if (is_own_name(r, first))
            continue;
        if (tend_keys_add(&intake->names, &key, row, &first) < 0)
            return TEND_ENOMEM;
    }
    return TEND_OK;
}

/* The row of this import above it in its tree. */
static uint32_t row_above(const tend_record *r)
{
    uint32_t above = TEND_NO_ROW;

    for (int i = 0; i < r->assigned; i++) {
        const tend_assignment *assigned = &r->intake->assigned[i];
        const tend_field *field = &r->part->kind->fields[assigned->field];

        if (field->type == TEND_REF && field->target == r->part->kind->kind && assigned->value.type == TEND_REF &&
            assigned->value.scale == TEND_SPOOL_REF_ROW)
            above = (uint32_t)assigned->value.integer - 1;
    }
    return above;
}

/* What others have to say may still reject it; only then its cells are needed again. */
static bool may_be_dropped(const tend_record *r, const tend_entry *entry)
{
    return r->later_count > 0 || entry->up != TEND_NO_ROW;
}

/* Grows with each remark, and with what is counted for one about the whole part. */
static size_t remarks(const tend_record *r)
{
    return r->intake->note_count + (size_t)(r->intake->notes_left + r->part->rounded + r->part->numbered);
}

static tend_status spool_record(tend_record *r, unsigned flags, tend_error *reterr)
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
    tend_entry entry = { .line = r->line,
                         .part = intake->current,
                         .raw = r->raw,
                         .rank = tend_intake_rank(r->part->kind->kind),
                         .flags = flags & TEND_SPOOL_REMOVED ? TEND_ENTRY_REMOVED : 0,
                         .before = r->before };
    uint64_t offset;
    uint32_t number;
    tend_status status;

    entry.up = row_above(r);
    status = r->before == TEND_NO_ROW ? TEND_OK : tend_record_overtake(r, &entry, (uint32_t)intake->entry_count, reterr);
    if (status < 0)
        return status;
    row.flags |= entry.flags & TEND_ENTRY_SECOND ? TEND_SPOOL_AGAIN : 0u;
    if (r->before == TEND_NO_ROW)
        status = tend_record_similar(r);
    if (status < 0 && r->failure.status == status)
        return tend_fail(reterr, status, "%s", r->failure.text);
    if (intake->repeats.record && !(flags & TEND_SPOOL_REMOVED) && r->later_count == 0 && remarks(r) == r->noted) {
        row.flags |= TEND_SPOOL_HASHED;
        memcpy(row.hash, intake->repeats.record->word, sizeof row.hash);
    }
    tend_repeats_claim(intake, r->external, r->external_length);
    if (status == TEND_OK)
        status = tend_spool_add(intake->spool, &row, may_be_dropped(r, &entry) ? r->cells : NULL, r->count, &offset,
                                intake->value_offsets, reterr);
    if (status == TEND_OK)
        status = tend_intake_entry(intake, &entry, offset, &number);
    if (status == TEND_OK)
        status = tend_record_follow(r, number);
    if (status == TEND_OK)
        status = add_names(r, number);
    for (int i = 0; status == TEND_OK && i < r->assigned; i++)
        status = tend_intake_lean(intake, number, &intake->assigned[i].value);
    for (size_t d = 0; status == TEND_OK && d < r->later_count; d++) {
        const tend_later *later = &intake->later[d];
        const size_t a = later->assigned;
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
        list[intake->deferred_count] = (tend_deferred){
            number, field, by, intake->value_offsets[a], tend_arena_copy(intake->arena, later->text, later->length), later->length
        };
        status = list[intake->deferred_count++].text ? TEND_OK : TEND_ENOMEM;
    }
    return status;
}

/* The rejected record's cells go into the spool too, for the file to mend. */
static tend_status reject_record(tend_record *r, tend_error *reterr)
{
    char unnamed[20]; /* without a key it is known by its bytes */
    tend_spool_row row = {
        .part = r->intake->current, .line = r->line, .external = r->external, .external_length = r->external_length
    };
    uint64_t offset = 0;
    tend_status status;

    if (row.external_length == 0) {
        (void)snprintf(unnamed, sizeof unnamed, "?%016llx", (unsigned long long)hash_cells(r));
        row.external = unnamed;
        row.external_length = strlen(unnamed);
    }
    status = tend_spool_add(r->intake->spool, &row, r->cells, r->count, &offset, NULL, reterr);

    return status < 0 ? status : tend_intake_reject(r->intake, r->intake->current, r->line, offset);
}

/* A record with this key that was passed over; from now on it counts as read. */
static tend_status find_passed(tend_record *r, uint32_t *ret_row)
{
    tend_status status = tend_repeats_first(r->intake, r->external, r->external_length, r->raw, ret_row);

    if (status < 0 || *ret_row == TEND_NO_ROW)
        return status;
    r->is_new = false;
    status = tend_rising_fill(r->intake, r->part->kind->kind, &r->failure);
    return status < 0 ? status : tend_record_follow(r, *ret_row);
}

static tend_status take_record(tend_record *r, tend_time modified_at, tend_error *reterr)
{
    tend_intake *intake = r->intake;
    bool is_done = false;
    uint32_t first;
    tend_status status = read_cells(r);

    if (status == TEND_OK && !r->is_bad)
        status = tend_record_key(r);
    if (status == TEND_OK && !r->is_bad) {
        status = tend_record_first(r, &first, &r->failure);
        if (status == TEND_OK && first == TEND_NO_ROW)
            status = find_passed(r, &first);
        if (status == TEND_OK && first != TEND_NO_ROW) {
            if (r->stream->numbers_repeats) { /* counted here, so that each repeat gets its own number */
                uint32_t ignored;

                status = tend_keys_add(&intake->identities, &r->key, first, &ignored);
                r->has_key = false; /* it gets another name */
            }
            if (status == TEND_OK)
                status = tend_record_again(r, first, &is_done);
        }
    }
    if (status == TEND_OK && !r->is_bad && is_done)
        return TEND_OK;
    if (status == TEND_OK && !r->is_bad) {
        add_currency(r);
        for (size_t f = 0; f < r->stream->field_count && status == TEND_OK; f++) {
            if (intake->is_used[f] && !take_ready(r, f))
                status = read_field(r, f);
        }
        if (status == TEND_OK)
            status = read_times(r, modified_at);
        if (status == TEND_OK && !r->is_bad)
            status = check_record(r);
        r->part->assumed += status == TEND_OK && !r->is_bad && r->is_assumed;
    }
    if (status < 0 && status != TEND_ENOMEM && r->failure.status == status)
        return tend_fail(reterr, status, "%s", r->failure.text);
    if (status < 0)
        return status == TEND_ENOMEM
                   ? MEMORY(reterr)
                   : tend_fail(reterr, status, "%s:%llu: the record cannot be checked", r->part->file, (unsigned long long)r->line);
    status = r->is_bad ? reject_record(r, reterr) : spool_record(r, 0, reterr);
    return status == TEND_ENOMEM ? MEMORY(reterr) : status;
}

/* All but the text of the failure, which is large. */
static void begin_record(tend_record *r, tend_intake *intake, const tend_cell *cells, uint32_t count)
{
    memset(r, 0, offsetof(tend_record, failure));
    r->failure.status = TEND_OK;
    r->intake = intake;
    r->part = &intake->parts[intake->current];
    r->stream = r->part->stream;
    r->before = TEND_NO_ROW;
    r->known_at = TEND_NO_TIME;
    r->cells = cells;
    r->count = count;
    tend_arena_reset(intake->scratch);
}

/* Nobody keeps customers since then in a system that tells times of change: it counts in seconds, or not at all. */
#define ANCIENT INT64_C(631152000000) /* 1990-01-01 */
static void look_at_time(tend_intake_part *part, tend_time at)
{
    if (at == TEND_NO_TIME || at >= ANCIENT)
        return;
    if (part->ancient++ == 0)
        part->oldest = at;
}

tend_status tend_intake_record(tend_intake *intake, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at,
                               tend_error *reterr)
{
    tend_record r;

    begin_record(&r, intake, cells, count);
    r.line = line;
    r.known_at = modified_at;
    look_at_time(r.part, modified_at);
    r.noted = remarks(&r);
    return take_record(&r, modified_at, reterr);
}

tend_status tend_intake_tombstone(tend_intake *intake, const tend_cell *key, uint32_t count, tend_time removed_at,
                                  tend_error *reterr)
{
    tend_record r;
    tend_buffer all = { 0 };
    uint32_t first;
    tend_status status;

    begin_record(&r, intake, key, count);
    r.effective_at = removed_at;
    r.known_at = r.stream->known == TEND_KNOWN_IMPORT ? TEND_NO_TIME : removed_at;
    r.part->removals++;
    look_at_time(r.part, removed_at);
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
    status = tend_record_first(&r, &first, reterr);
    if (status < 0)
        return status;
    r.before = first == TEND_NO_ROW ? TEND_NO_ROW : tend_record_before(&r);
    status = spool_record(&r, TEND_SPOOL_REMOVED, reterr);
    return status == TEND_ENOMEM ? MEMORY(reterr) : status;
}
