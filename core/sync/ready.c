#include "sync/ready.h"
#include "base/utf8.h"
#include "sync/intake.h"
#include "sync/reading.h"
#include <stdlib.h>
#include <string.h>

/* What the thread sees: nothing of it changes while it is at work. */
typedef struct preparing {
    const tend_mapping_stream *stream;
    const size_t *bind;
    const bool *is_used;
    tend_arena *arena;
} preparing;

static bool has_room(void **list, size_t *room, size_t count, size_t item)
{
    void *bigger;

    if (count <= *room)
        return true;
    bigger = realloc(*list, count * item);
    if (!bigger)
        return false;
    *list = bigger;
    *room = count;
    return true;
}

/* `seeking`: fields that refer. */
static bool make_room(tend_ready_slot *slot, size_t count, size_t columns, size_t fields, size_t seeking)
{
    if (!slot->arena)
        slot->arena = tend_arena_new();
    return slot->arena && has_room((void **)&slot->records, &slot->record_room, count, sizeof *slot->records) &&
           has_room((void **)&slot->cells, &slot->cell_room, count * columns, sizeof *slot->cells) &&
           has_room((void **)&slot->fields, &slot->field_room, count * fields, sizeof *slot->fields) &&
           has_room((void **)&slot->sought, &slot->sought_room, count * seeking, sizeof *slot->sought);
}

void tend_readies_clear(tend_readies *readies)
{
    for (unsigned i = 0; i < TEND_PULL_SLOTS; i++) {
        tend_arena_free(readies->slots[i].arena);
        free(readies->slots[i].records);
        free(readies->slots[i].cells);
        free(readies->slots[i].fields);
        free(readies->slots[i].sought);
    }
}

static bool bind_cells(const preparing *p, const tend_ready_record *record, tend_cell *cells)
{
    for (size_t c = 0; c < p->stream->columns.count; c++) {
        cells[c] = p->bind[c] < record->raw.count ? record->cells[p->bind[c]] : (tend_cell){ NULL, 0 };
        if (!record->are_plain && cells[c].text && !tend_utf8_is_plain(cells[c].text, cells[c].length) &&
            (!tend_utf8_valid(cells[c].text, cells[c].length, NULL) ||
             tend_utf8_nfc(p->arena, cells[c].text, cells[c].length, &cells[c].text, &cells[c].length) < 0))
            return false;
    }
    return true;
}

/* False: the record has to be looked at by who can say what is wrong. */
static bool read_field(const preparing *p, const tend_mapping_field *field, const tend_cell *cells, char currency[4],
                       tend_ready_field *ret_field)
{
    const tend_field *into = &p->stream->kind->fields[field->field];
    tend_expressed said;
    bool is_rounded;

    ret_field->is = TEND_READY_NOT;
    if (into->type == TEND_REF || field->via || field->list_empty)
        return true;
    if (tend_expression_say(field->value, cells, &p->stream->format.number, p->arena, &said, NULL) < 0)
        return false;
    if (!said.is_named) {
        ret_field->is = TEND_READY_UNNAMED;
        return true;
    }
    if (field->translation_count > 0 && !tend_reading_translate(field, p->arena, &said) &&
        !tend_reading_is_blank(said.text, said.length) && field->otherwise != TEND_UNKNOWN_KEEP)
        return false;
    if (tend_reading_value(p->stream, into, &said, currency, p->arena, &ret_field->value, &is_rounded, NULL) < 0 || is_rounded)
        return false;
    ret_field->is = TEND_READY_VALUE;
    tend_reading_currency(p->stream, field->field, &ret_field->value, currency);
    ret_field->fits = tend_field_fits(p->stream->kind, field->field, &ret_field->value, p->arena);
    return true;
}

static void prepare_record(const preparing *p, const tend_ready_record *record, tend_ready *ready)
{
    char currency[4] = "";
    tend_expressed said;

    ready->is_good = record->are_texts && bind_cells(p, record, ready->cells);
    ready->effective = TEND_READY_NOT;
    if (p->stream->kind->currency_field >= 0)
        memcpy(currency, p->stream->format.currency, sizeof currency);
    for (size_t f = 0; f < p->stream->field_count && ready->is_good; f++)
        ready->is_good = !p->is_used[f] || read_field(p, &p->stream->fields[f], ready->cells, currency, &ready->fields[f]);
    if (!ready->is_good || !p->stream->effective)
        return;
    ready->effective_at = TEND_NO_TIME;
    if (tend_reading_instant(p->stream, p->stream->effective, "effective", ready->cells, currency, p->arena, &ready->effective_at,
                             &said, NULL) == TEND_OK)
        ready->effective = TEND_READY_VALUE;
}

/* ---- what references will look for ----------------------------------------------------------------------------------------- */

/* By an external id, as it stands in the record. */
static bool is_sought(const preparing *p, size_t field)
{
    const tend_mapping_field *by = &p->stream->fields[field];
    const bool refers = p->stream->kind->fields[by->field].type == TEND_REF || by->via;

    return p->is_used[field] && refers && by->by_field < 0 && by->translation_count == 0;
}

static size_t count_sought(const preparing *p)
{
    size_t count = 0;

    for (size_t f = 0; f < p->stream->field_count; f++)
        count += is_sought(p, f);
    return count;
}

static bool says(const preparing *p, const tend_mapping_field *by, const tend_ready *ready, tend_expressed *ret_said)
{
    return ready->is_good &&
           tend_expression_say(by->value, ready->cells, &p->stream->format.number, p->arena, ret_said, NULL) == TEND_OK &&
           ret_said->is_named && ret_said->length > 0;
}

static void seek(const preparing *p, tend_ready_slot *slot, size_t record, size_t field)
{
    const tend_mapping_field *by = &p->stream->fields[field];
    const tend_kind kind = by->via ? by->via : (tend_kind)p->stream->kind->fields[by->field].target;
    const tend_ready *ready = &slot->records[record];
    tend_expressed said, before;

    if (!says(p, by, ready, &said) || (record > 0 && says(p, by, ready - 1, &before) && said.length == before.length &&
                                       memcmp(said.text, before.text, said.length) == 0))
        return;
    slot->sought[slot->sought_count++] = (tend_sought){ record, tend_key_of((int)kind, -1, said.text, said.length) };
}

#define SLOTS_AHEAD 16 /* records between a look into the table and its need: a few hundred ns each */
#define ROWS_AHEAD 8

/* The tables are larger than any cache, and a look at a place that nobody was at lasts longer than all else that a record needs. */
static void bring_near(tend_intake *intake, tend_ready_slot *slot, size_t record)
{
    for (; slot->slots_near < slot->sought_count && slot->sought[slot->slots_near].record <= record + SLOTS_AHEAD;
         slot->slots_near++)
        tend_keys_bring_near(&intake->identities, &slot->sought[slot->slots_near].key);
    for (; slot->rows_near < slot->sought_count && slot->sought[slot->rows_near].record <= record + ROWS_AHEAD; slot->rows_near++) {
        const uint32_t row = tend_keys_find(&intake->identities, &slot->sought[slot->rows_near].key);

        if (row != TEND_NO_ROW)
            __builtin_prefetch(&intake->entries[row]);
    }
}

/* ---- the records of a block ------------------------------------------------------------------------------------------------ */

bool tend_ready_prepares(void *self)
{
    const tend_intake *intake = self;

    return intake->repeats.hashes && !intake->repeats.is_passing;
}

void tend_ready_prepare(void *self, unsigned number, const tend_ready_record *records, size_t count)
{
    tend_intake *intake = self;
    tend_ready_slot *slot = &intake->readies.slots[number];
    preparing p = { .stream = intake->readies.stream, .bind = intake->bind, .is_used = intake->is_used };
    const size_t columns = p.stream->columns.count + 1, fields = p.stream->field_count + 1;

    slot->count = slot->sought_count = slot->slots_near = slot->rows_near = 0;
    slot->columns = intake->readies.columns;
    if (!make_room(slot, count, columns, fields, count_sought(&p)))
        return; /* the way without it needs less */
    tend_arena_reset(slot->arena);
    p.arena = slot->arena;
    for (size_t i = 0; i < count; i++) {
        tend_ready *ready = &slot->records[i];

        ready->cells = slot->cells + i * columns;
        ready->fields = slot->fields + i * fields;
        ready->has_hash = tend_repeats_hash(&intake->repeats, &records[i].raw, &ready->hash);
        prepare_record(&p, &records[i], ready);
    }
    slot->count = count;
    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < p.stream->field_count; f++) {
            if (is_sought(&p, f))
                seek(&p, slot, i, f);
        }
    }
}

void tend_ready_take(void *self, unsigned number, size_t i)
{
    tend_intake *intake = self;
    tend_ready_slot *slot = &intake->readies.slots[number];
    const tend_ready *ready = i < slot->count && slot->columns == intake->readies.columns ? &slot->records[i] : NULL;

    intake->repeats.record = ready && ready->has_hash ? &ready->hash : NULL;
    intake->ready = ready && ready->is_good ? ready : NULL;
    bring_near(intake, slot, i);
}
