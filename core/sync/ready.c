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

static bool make_room(tend_ready_slot *slot, size_t count, size_t columns, size_t fields)
{
    if (!slot->arena)
        slot->arena = tend_arena_new();
    return slot->arena && has_room((void **)&slot->records, &slot->record_room, count, sizeof *slot->records) &&
           has_room((void **)&slot->cells, &slot->cell_room, count * columns, sizeof *slot->cells) &&
           has_room((void **)&slot->fields, &slot->field_room, count * fields, sizeof *slot->fields);
}

void tend_readies_clear(tend_readies *readies)
{
    for (unsigned i = 0; i < TEND_PULL_SLOTS; i++) {
        tend_arena_free(readies->slots[i].arena);
        free(readies->slots[i].records);
        free(readies->slots[i].cells);
        free(readies->slots[i].fields);
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

    slot->count = 0;
    slot->columns = intake->readies.columns;
    if (!make_room(slot, count, columns, fields))
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
}

void tend_ready_take(void *self, unsigned number, size_t i)
{
    tend_intake *intake = self;
    const tend_ready_slot *slot = &intake->readies.slots[number];
    const tend_ready *ready = i < slot->count && slot->columns == intake->readies.columns ? &slot->records[i] : NULL;

    intake->repeats.record = ready && ready->has_hash ? &ready->hash : NULL;
    intake->ready = ready && ready->is_good ? ready : NULL;
}
