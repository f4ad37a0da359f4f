/* repeat_pass.c: record by record: what is known by its bytes is passed over, what goes the whole way claims its key. */
#include "sync/intake.h"
#include "sync/record.h"
#include "sync/repeat.h"
#include <string.h>

#define EXTERNAL_MAX 500

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

static tend_again_hash hash(const tend_repeats *repeats, const tend_raw_record *record)
{
    tend_again_hash made = tend_repeat_hash(&repeats->record_secret, record->cells, record->length);

    if (record->modified_at != TEND_NO_TIME) {
        made.word[0] ^= (uint64_t)record->modified_at;
        made = tend_repeat_hash(&repeats->record_secret, &made, sizeof made);
    }
    made.word[0] |= 1; /* none is zero */
    return made;
}

bool tend_repeats_hash(const tend_repeats *repeats, const tend_raw_record *record, tend_again_hash *ret_hash)
{
    char text[EXTERNAL_MAX];
    size_t length;
    bool has_one = read_key(repeats, record, text, &length);

    if (has_one)
        *ret_hash = hash(repeats, record);
    return has_one;
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
            repeats->keys[i] = tend_repeat_hash(&kind->secret, text, length);
            tend_again_fetch(kind->again, &repeats->keys[i]);
        }
        repeats->records[i] = hash(repeats, &records[i]);
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
    is_assumed = tend_again_same(&slot->record, &assumed);
    if ((!is_assumed && !tend_again_same(&slot->record, said)) || (may_be_alike(part->kind, kind) && !remember(intake, record)) ||
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
    const tend_again_hash key = tend_repeat_hash(&kind->secret, external, length);

    if (!tend_again_same(&repeats->met, &key)) {
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
    entry.raw = repeats->record && (tend_again_same(&slot->record, repeats->record) || tend_again_same(&slot->record, &assumed))
                    ? raw
                    : ~raw;
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
    key = tend_repeat_hash(&kind->secret, written, length);
    place = tend_again_find(kind->again, &key);
    if (place == TEND_AGAIN_NONE)
        return TEND_OK;
    if (tend_came_has(&kind->came, place))
        return make_row(intake, kind, place, 0, ret_row);
    tend_came_add_other(&kind->came, place);
    return TEND_OK;
}
