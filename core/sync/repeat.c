#include "sync/repeat.h"
#include "base/hash.h"
#include "base/zone.h"
#include "sync/intake.h"
#include "sync/owed.h"
#include "sync/record.h"
#include <stdlib.h>
#include <string.h>

#define EXTERNAL_MAX 500

/* ---- what hashes are worth only with ------------------------------------------------------------------------------------- */

static void add_text(tend_sha256 *sha, const char *text)
{
    size_t length = text ? strlen(text) + 1 : 0;

    tend_sha256_add(sha, &length, sizeof length);
    if (text)
        tend_sha256_add(sha, text, length);
}

static void add_number(tend_sha256 *sha, int64_t number)
{
    tend_sha256_add(sha, &number, sizeof number);
}

static void add_schema(tend_sha256 *sha, const tend_schema *schema)
{
    for (int k = 1; k < TEND_KIND_COUNT; k++) {
        const tend_kind_schema *kind = tend_schema_kind(schema, (tend_kind)k);

        add_text(sha, kind->name);
        add_number(sha, kind->is_fact);
        add_number(sha, kind->currency_field);
        add_number(sha, kind->effective_field);
        for (int f = 0; f < kind->field_count; f++) {
            const tend_field *field = &kind->fields[f];

            add_text(sha, field->name);
            add_number(sha, field->type);
            add_number(sha, field->scale);
            add_number(sha, field->target);
            add_number(sha, field->flags);
            add_text(sha, field->choices);
            add_text(sha, field->unit);
        }
    }
}

/* The rules of a zone change with the system's tables of zones. */
static void add_zone(tend_sha256 *sha, const tend_zone *zone)
{
    for (tend_date day = 0; zone && day < 30000; day += 15) /* 1970 to 2052 */
        add_number(sha, tend_zone_midnight(zone, day));
}

tend_status tend_repeat_identify(tend_model *model, const tend_mapping *mapping, const char *source,
                                 const tend_principal *principal, tend_arena *arena, tend_repeat_id *ret_id, tend_error *reterr)
{
    const char *key;
    uint8_t digest[32];
    tend_sha256 sha;
    tend_status status = tend_store_meta_get(tend_model_store(model), arena, "key", &key, reterr);

    if (status < 0)
        return status;
    tend_sha256_init(&sha);
    add_text(&sha, "again 1 " TEND_VERSION);
    add_text(&sha, key);
    add_text(&sha, mapping->digest);
    add_text(&sha, source);
    add_text(&sha, principal ? principal->name : NULL);
    add_number(&sha, principal ? (int64_t)principal->kind : TEND_PRINCIPAL_ADMINISTRATOR);
    add_number(&sha, principal ? principal->user : 0);
    add_schema(&sha, tend_model_schema(model));
    for (size_t s = 0; s < mapping->stream_count; s++)
        add_zone(&sha, mapping->streams[s].format.zone);
    tend_sha256_end(&sha, digest);
    memcpy(ret_id->validity, digest, sizeof ret_id->validity);
    memcpy(ret_id->secret, digest + 16, sizeof ret_id->secret);
    return TEND_OK;
}

bool tend_repeat_path(const char *folder, const char *source, const char *kind, char *ret_path, size_t room)
{
    char name[65];

    tend_sha256_hex(source, strlen(source), name);
    return (size_t)snprintf(ret_path, room, "%s/again-%.16s-%s", folder, name, kind) < room;
}

void tend_repeat_kind_secret(const uint8_t secret[16], tend_kind kind, tend_quick_key *ret_secret)
{
    uint8_t number = (uint8_t)kind, own[16];

    tend_siphash128(secret, &number, 1, own);
    tend_quick_key_of(own, ret_secret);
}

static tend_again_hash hash(const tend_quick_key *secret, const void *bytes, size_t length)
{
    tend_again_hash hash;

    tend_quick128(secret, bytes, length, hash.word);
    return hash;
}

tend_again_hash tend_repeat_key(const tend_quick_key *secret, const char *external, size_t length)
{
    return hash(secret, external, length);
}

tend_again_hash tend_repeat_assumed(const tend_again_hash *record)
{
    return (tend_again_hash){ { record->word[0] ^ 2, ~record->word[1] } };
}

static bool is_same(const tend_again_hash *one, const tend_again_hash *two)
{
    return one->word[0] == two->word[0] && one->word[1] == two->word[1];
}

/* ---- which kinds ---------------------------------------------------------------------------------------------------------- */

/* Its key is what stands in plain columns. */
static bool has_plain_key(const tend_mapping_stream *stream)
{
    for (size_t k = 0; k < stream->key_count; k++) {
        if (!tend_expression_is_column(stream->keys[k]))
            return false;
    }
    return stream->key_count > 0 && stream->key_count <= TEND_REPEAT_KEYS && !stream->numbers_repeats;
}

static bool is_plain(const tend_mapping_stream *stream)
{
    for (size_t f = 0; f < stream->field_count; f++) {
        const tend_mapping_field *field = &stream->fields[f];
        const tend_field *into = &stream->kind->fields[field->field];

        if (field->via || (into->type == TEND_REF && (field->by_field >= 0 || tend_intake_rank((tend_kind)into->target) >=
                                                                                  tend_intake_rank(stream->kind->kind))))
            return false;
    }
    return has_plain_key(stream) && stream->kind->kind != TEND_KIND_APPROVAL; /* whose those are depends on the row */
}

/* What is said of a kind that stands later in the order is settled late, and may take back what was good before. */
static bool looks_ahead(const tend_mapping *mapping)
{
    for (size_t s = 0; s < mapping->stream_count; s++) {
        const tend_mapping_stream *stream = &mapping->streams[s];

        for (size_t f = 0; f < stream->field_count; f++) {
            const tend_field *into = &stream->kind->fields[stream->fields[f].field];
            tend_kind target = stream->fields[f].via ? stream->fields[f].via : (tend_kind)into->target;

            if ((into->type == TEND_REF || stream->fields[f].via) &&
                tend_intake_rank(target) > tend_intake_rank(stream->kind->kind))
                return true;
        }
    }
    return false;
}

tend_status tend_repeats_open(tend_intake *intake, tend_error *reterr)
{
    tend_repeats *repeats = &intake->repeats;
    const tend_mapping *mapping = intake->mapping;
    int64_t owed = 0;
    tend_status status;

    if (intake->options->is_history || tend_store_is_simulated(tend_model_store(intake->model)) || looks_ahead(mapping))
        return TEND_OK;
    for (int k = 1; k < TEND_KIND_COUNT; k++) {
        tend_repeat_kind *kind = &repeats->kinds[k];

        kind->is_plain = true;
        for (size_t s = 0; s < mapping->stream_count; s++) {
            if (mapping->streams[s].kind->kind == (tend_kind)k)
                kind->is_plain =
                    kind->is_plain && is_plain(&mapping->streams[s]) && !tend_intake_takes_last(intake, &mapping->streams[s]);
        }
        for (size_t f = 0; f < 64; f++)
            kind->is_plain = kind->is_plain && !intake->is_looked_up[k][f];
    }
    status = tend_repeat_identify(intake->model, mapping, intake->source_name, intake->options->principal, intake->arena,
                                  &repeats->id, reterr);
    if (status == TEND_OK) /* a record that is owed has to be seen to come */
        status = tend_owed_count(tend_model_store(intake->model), intake->source_name, &owed, reterr);
    repeats->is_on = status == TEND_OK;
    repeats->passes = owed == 0;
    return status;
}

void tend_repeats_close(tend_repeats *repeats)
{
    for (int k = 0; k < TEND_KIND_COUNT; k++) {
        tend_again_close(repeats->kinds[k].again);
        tend_came_clear(&repeats->kinds[k].came);
    }
}

/* The table of a kind, when it holds. */
static void look(tend_intake *intake, tend_kind number)
{
    tend_repeats *repeats = &intake->repeats;
    tend_repeat_kind *kind = &repeats->kinds[number];
    const char *seal = NULL;
    char path[4096];

    if (kind->is_tried)
        return;
    kind->is_tried = true;
    tend_repeat_kind_secret(repeats->id.secret, number, &kind->secret);
    if (!repeats->passes || tend_seal_get(intake->model, number, intake->arena, &seal, NULL) < 0 ||
        !tend_repeat_path(intake->options->spool_folder, intake->source_name, tend_schema_kind(intake->schema, number)->name, path,
                          sizeof path))
        return;
    kind->again = tend_again_open(path, repeats->id.validity, seal);
    if (kind->again && tend_came_open(&kind->came, intake->options->spool_folder, tend_again_slots(kind->again)) < 0) {
        tend_again_close(kind->again);
        kind->again = NULL;
    }
    if (kind->again)
        kind->shapes = tend_again_common(kind->again) & (TEND_SHAPE_LOWER | TEND_SHAPE_UPPER);
}

void tend_repeats_rest(tend_intake *intake)
{
    tend_again *again = intake->repeats.kinds[intake->parts[intake->current].kind->kind].again;

    if (again)
        tend_again_cool(again);
}

/* Whether a row that this part refers to may have been rejected after all. */
static bool leans_on_dropped(const tend_repeats *repeats, const tend_mapping_stream *stream)
{
    for (size_t f = 0; f < stream->field_count; f++) {
        const tend_field *into = &stream->kind->fields[stream->fields[f].field];

        if (into->type == TEND_REF && repeats->has_dropped[into->target])
            return true;
    }
    return false;
}

void tend_repeats_columns(tend_intake *intake, const char *const *names, uint32_t count, const char *const *key)
{
    tend_repeats *repeats = &intake->repeats;
    const tend_intake_part *part = &intake->parts[intake->current];
    const tend_mapping_stream *stream = part->stream;
    tend_repeat_kind *kind = &repeats->kinds[stream->kind->kind];
    uint8_t digest[32];
    tend_sha256 sha;

    repeats->hashes = repeats->is_passing = false;
    repeats->record = NULL;
    if (!repeats->is_on || !kind->is_plain)
        return;
    repeats->key_count = (uint32_t)stream->key_count;
    for (size_t k = 0; k < stream->key_count; k++) {
        size_t cell = intake->bind[tend_expression_column(stream->keys[k])];

        if (cell == TEND_NO_COLUMN)
            return;
        repeats->key_cells[k] = (uint32_t)cell;
    }
    tend_sha256_init(&sha);
    tend_sha256_add(&sha, repeats->id.secret, sizeof repeats->id.secret);
    add_number(&sha, stream - intake->mapping->streams);
    add_number(&sha, count);
    for (uint32_t i = 0; i < count; i++)
        add_text(&sha, names[i]);
    for (size_t i = 0; key && key[i]; i++)
        add_text(&sha, key[i]);
    tend_sha256_end(&sha, digest);
    tend_quick_key_of(digest, &repeats->record_secret);
    look(intake, stream->kind->kind);
    repeats->hashes = true;
    intake->parts[intake->current].is_hashed = true;
    repeats->is_passing = kind->again && !leans_on_dropped(repeats, stream);
}

/* ---- record by record ------------------------------------------------------------------------------------------------------ */

static bool is_ascii(const char *text, size_t length)
{
    unsigned char all = 0;

    for (size_t i = 0; i < length; i++)
        all |= (unsigned char)text[i];
    return all < 0x80;
}

/* The key as record_key.c puts it together; copied, for a host may still write where the record stands. */
static bool read_key(const tend_repeats *repeats, const tend_raw_record *record, char room[static EXTERNAL_MAX], size_t *ret_length)
{
    size_t used = 0;

    for (uint32_t k = 0; k < repeats->key_count; k++) {
        tend_cell cell = tend_raw_cell(record, repeats->key_cells[k]);

        if (!cell.text || used + cell.length + 1 > EXTERNAL_MAX)
            return false;
        if (k > 0)
            room[used++] = '/';
        memcpy(room + used, cell.text, cell.length);
        used += cell.length;
    }
    *ret_length = used;
    return is_ascii(room, used);
}

void tend_repeats_ahead(void *self, const tend_raw_record *records, size_t count)
{
    tend_intake *intake = self;
    tend_repeats *repeats = &intake->repeats;
    const tend_intake_part *part = &intake->parts[intake->current];
    const tend_repeat_kind *kind = &repeats->kinds[part->kind->kind];

    if (repeats->is_passing && (uint64_t)part->passed > tend_again_slots(kind->again) / 16)
        tend_again_warm(kind->again);
    for (size_t i = 0; i < count && repeats->hashes; i++) {
        char text[EXTERNAL_MAX];
        size_t length;

        repeats->has_hash[i] = read_key(repeats, &records[i], text, &length);
        if (!repeats->has_hash[i])
            continue;
        if (repeats->is_passing) {
            repeats->keys[i] = tend_repeat_key(&kind->secret, text, length);
            tend_again_fetch(kind->again, &repeats->keys[i]);
        }
        repeats->records[i] = hash(&repeats->record_secret, records[i].cells, records[i].length);
        if (records[i].modified_at != TEND_NO_TIME) {
            repeats->records[i].word[0] ^= (uint64_t)records[i].modified_at;
            repeats->records[i] = hash(&repeats->record_secret, &repeats->records[i], sizeof repeats->records[i]);
        }
        repeats->records[i].word[0] |= 1; /* none is zero */
    }
    for (size_t i = 0; i < count && repeats->is_passing; i++) {
        repeats->guesses[i] = repeats->has_hash[i] ? tend_again_guess(kind->again, &repeats->keys[i]) : TEND_AGAIN_NONE;
        if (repeats->guesses[i] == TEND_AGAIN_NONE)
            continue;
        __builtin_prefetch(tend_again_at(kind->again, repeats->guesses[i]));
    }
}

/* Keys of its records may look like each other. */
static bool may_be_alike(const tend_kind_schema *kind, const tend_repeat_kind *repeated)
{
    return !kind->is_fact && !repeated->shapes;
}

/* An entity's key may look like that of another; so it is looked at, though the rest is not. */
static bool remember(tend_intake *intake, const tend_raw_record *record)
{
    tend_repeats *repeats = &intake->repeats;
    tend_record r = { .intake = intake, .part = &intake->parts[intake->current], .line = record->line };
    tend_entry entry = { .line = record->line,
                         .part = intake->current,
                         .up = TEND_NO_ROW,
                         .before = TEND_NO_ROW,
                         .rank = tend_intake_rank(r.part->kind->kind),
                         .flags = TEND_ENTRY_REJECTED | TEND_ENTRY_PASSED };
    char room[EXTERNAL_MAX];
    uint32_t row;

    r.stream = r.part->stream;
    r.external = room;
    return read_key(repeats, record, room, &r.external_length) && tend_record_similar(&r) == TEND_OK &&
           tend_intake_entry(intake, &entry, 0, &row) == TEND_OK;
}

bool tend_repeats_pass(void *self, const tend_raw_record *record, size_t i)
{
    tend_intake *intake = self;
    tend_repeats *repeats = &intake->repeats;
    tend_intake_part *part = &intake->parts[intake->current];
    tend_repeat_kind *kind = &repeats->kinds[part->kind->kind];
    const tend_again_hash *said = &repeats->records[i];
    const tend_again_slot *slot;
    uint64_t place;
    tend_again_hash assumed;
    bool is_assumed;

    repeats->record = repeats->hashes && repeats->has_hash[i] ? said : NULL;
    if (!repeats->is_passing || !repeats->record)
        return false;
    place = tend_again_confirm(kind->again, &repeats->keys[i], repeats->guesses[i]);
    repeats->met = repeats->keys[i];
    repeats->met_at = place;
    if (place == TEND_AGAIN_NONE || tend_came_has(&kind->came, place))
        return false;
    slot = tend_again_at(kind->again, place);
    assumed = tend_repeat_assumed(said);
    is_assumed = is_same(&slot->record, &assumed);
    if ((!is_assumed && !is_same(&slot->record, said)) || (may_be_alike(part->kind, kind) && !remember(intake, record)) ||
        !tend_came_add(&kind->came, place, intake->current, record->line))
        return false;
    part->passed++;
    part->assumed += is_assumed;
    tend_intake_count(intake);
    return true;
}

/* Where the key stands in the table of the kind; a record that goes the whole way is asked for more than once. */
static uint64_t find(tend_repeats *repeats, const tend_repeat_kind *kind, const char *external, size_t length)
{
    const tend_again_hash key = tend_repeat_key(&kind->secret, external, length);

    if (!is_same(&repeats->met, &key)) {
        repeats->met = key;
        repeats->met_at = tend_again_find(kind->again, &key);
    }
    return repeats->met_at;
}

void tend_repeats_claim(tend_intake *intake, const char *external, size_t length)
{
    tend_repeat_kind *kind = &intake->repeats.kinds[intake->parts[intake->current].kind->kind];
    uint64_t place;

    if (!kind->again)
        return;
    place = find(&intake->repeats, kind, external, length);
    if (place != TEND_AGAIN_NONE)
        tend_came_add_other(&kind->came, place);
}

/* The row of the record that was passed over and stands at this place, if there is one. */
static tend_status make_row(tend_intake *intake, tend_repeat_kind *kind, uint64_t place, uint64_t raw, uint32_t *ret_row)
{
    const tend_repeats *repeats = &intake->repeats;
    const tend_again_slot *slot = tend_again_at(kind->again, place);
    tend_again_hash assumed = { { 0, 0 } };
    tend_entry entry = { .up = TEND_NO_ROW,
                         .before = TEND_NO_ROW,
                         .rank = tend_intake_rank(intake->parts[intake->current].kind->kind),
                         .flags = TEND_ENTRY_REJECTED | TEND_ENTRY_PASSED };
    bool is_known;
    tend_status status = tend_came_who(&kind->came, place, &is_known, &entry.part, &entry.line);

    if (status < 0 || !is_known)
        return status;
    if (repeats->record)
        assumed = tend_repeat_assumed(repeats->record);
    entry.raw = repeats->record && (is_same(&slot->record, repeats->record) || is_same(&slot->record, &assumed)) ? raw : ~raw;
    return tend_intake_entry(intake, &entry, 0, ret_row);
}

tend_status tend_repeats_first(tend_intake *intake, const char *external, size_t length, uint64_t raw, uint32_t *ret_row)
{
    tend_repeat_kind *kind = &intake->repeats.kinds[intake->parts[intake->current].kind->kind];
    uint64_t place;

    *ret_row = TEND_NO_ROW;
    if (!kind->again)
        return TEND_OK;
    place = find(&intake->repeats, kind, external, length);
    return place == TEND_AGAIN_NONE ? TEND_OK : make_row(intake, kind, place, raw, ret_row);
}

tend_status tend_repeats_alike(tend_intake *intake, const char *bare, size_t length, const char *external, size_t external_length,
                               uint32_t *ret_row)
{
    tend_repeat_kind *kind = &intake->repeats.kinds[intake->parts[intake->current].kind->kind];
    char written[EXTERNAL_MAX];
    tend_again_hash key;
    uint64_t place;

    *ret_row = TEND_NO_ROW;
    if (!kind->again || !kind->shapes || length > sizeof written)
        return TEND_OK;
    for (size_t i = 0; i < length; i++)
        written[i] = !(kind->shapes & TEND_SHAPE_LOWER) && bare[i] >= 'a' && bare[i] <= 'z' ? (char)(bare[i] - 32) : bare[i];
    if (length == external_length && memcmp(written, external, length) == 0)
        return TEND_OK;
    key = tend_repeat_key(&kind->secret, written, length);
    place = tend_again_find(kind->again, &key);
    if (place == TEND_AGAIN_NONE)
        return TEND_OK;
    if (tend_came_has(&kind->came, place))
        return make_row(intake, kind, place, 0, ret_row);
    tend_came_add_other(&kind->came, place);
    return TEND_OK;
}
