#include "sync/intake.h"
#include "base/hash.h"
#include "sync/owed.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REMARKS_MAX 20000
#define REJECTS_MAX 500000 /* all of them stand in the file of reasons */
#define VALUE_SHOWN 200
#define LEG_MS (5 * 60000) /* after so long what came is stored at the next bookmark: a kill costs no more */

/* Referred kinds stand before those that refer to them: the place of each in this list. */
enum { PLACES_FROM = __COUNTER__ + 1 };
#define NEXT(kind) [TEND_KIND_##kind] = __COUNTER__ - PLACES_FROM
static const uint8_t ranks[TEND_KIND_COUNT] = {
    [0] = UINT8_MAX,     NEXT(RATE),        NEXT(USER),          NEXT(PRODUCT),     NEXT(PRICE),      NEXT(PROGRAMME),
    NEXT(ACCOUNT),       NEXT(OWNER),       NEXT(CONTACT),       NEXT(ENVIRONMENT), NEXT(PROFILE),    NEXT(MEDIA),
    NEXT(COMPETITOR),    NEXT(CONTRACT),    NEXT(CONTRACT_LINE), NEXT(OPPORTUNITY), NEXT(NEED),       NEXT(VOICE),
    NEXT(TICKET),        NEXT(TASK),        NEXT(ORDER),         NEXT(ORDER_LINE),  NEXT(INVOICE),    NEXT(INVOICE_LINE),
    NEXT(USAGE),         NEXT(INTERACTION), NEXT(ANSWER),        NEXT(NOTE),        NEXT(MENTION),    NEXT(DOCUMENT),
    NEXT(PARTICIPATION), NEXT(PLAN),        NEXT(OBJECTIVE),     NEXT(ACTION),      NEXT(BUDGET),     NEXT(HANDOVER),
    NEXT(QUOTA),         NEXT(CHURN),       NEXT(APPROVAL),      NEXT(TENDER),      NEXT(CONCESSION), NEXT(EXPECTATION),
};
_Static_assert(__COUNTER__ - PLACES_FROM == TEND_KIND_COUNT - 1, "every kind has its place");

uint8_t tend_intake_rank(tend_kind kind)
{
    return ranks[kind];
}

/* Room for one more; the pointer may move. */
static bool make_room(void **list, size_t *room, size_t count, size_t item)
{
    size_t more = *room == 0 ? 64 : *room * 2;
    void *bigger;

    if (count < *room)
        return true;
    bigger = realloc(*list, more * item);
    if (!bigger)
        return false;
    *list = bigger;
    *room = more;
    return true;
}
#define MAKE_ROOM(list, room, count) make_room((void **)&(list), &(room), (count), sizeof *(list))

tend_status tend_intake_note(tend_intake *intake, bool is_reject, uint64_t line, const char *column, const char *value,
                             size_t length, const char *reason)
{
    tend_import_note *note;

    if (intake->note_count >= (is_reject ? REJECTS_MAX : REMARKS_MAX)) {
        intake->notes_left++;
        return TEND_OK;
    }
    if (!MAKE_ROOM(intake->notes, intake->note_room, intake->note_count))
        return TEND_ENOMEM;
    if (length > VALUE_SHOWN) {
        length = VALUE_SHOWN;
        while (length > 0 && ((unsigned char)value[length] & 0xc0) == 0x80)
            length--;
    }
    note = &intake->notes[intake->note_count++];
    *note = (tend_import_note){ .is_reject = is_reject,
                                .part = intake->current,
                                .line = line,
                                .column = tend_arena_string(intake->arena, column),
                                .value = value ? tend_arena_copy(intake->arena, value, length) : NULL,
                                .reason = tend_arena_string(intake->arena, reason) };
    return note->reason ? TEND_OK : TEND_ENOMEM;
}

tend_status tend_intake_reject(tend_intake *intake, uint32_t part, uint64_t line, uint64_t offset)
{
    size_t note = intake->note_count;

    if (!MAKE_ROOM(intake->rejected, intake->rejected_room, intake->rejected_count))
        return TEND_ENOMEM;
    while (note > 0 && intake->notes[note - 1].is_reject && intake->notes[note - 1].part == part &&
           intake->notes[note - 1].line == line)
        note--;
    intake->rejected[intake->rejected_count++] = (tend_rejected){ .part = part, .line = line, .offset = offset, .note = note };
    intake->parts[part].rejected++;
    return TEND_OK;
}

tend_status tend_intake_entry(tend_intake *intake, const tend_entry *entry, uint64_t offset, uint32_t *ret_row)
{
    tend_status status;

    if (intake->entry_count >= TEND_NO_ROW - 1)
        return TEND_ELIMIT;
    status = tend_shelf_room_for(&intake->entry_shelf, intake->entry_count, sizeof *intake->entries);
    if (status == TEND_OK)
        status = tend_shelf_room_for(&intake->offset_shelf, intake->entry_count, sizeof *intake->offsets);
    if (status < 0)
        return status;
    intake->entries = intake->entry_shelf.bytes;
    intake->offsets = intake->offset_shelf.bytes;
    intake->entries[intake->entry_count] = *entry;
    intake->offsets[intake->entry_count] = offset;
    *ret_row = (uint32_t)intake->entry_count++;
    return TEND_OK;
}

bool tend_intake_takes_last(const tend_intake *intake, const tend_mapping_stream *stream)
{
    return stream->takes_last || (intake->options->takes_last && !stream->numbers_repeats && !stream->rejects_repeats);
}

const char *tend_intake_place(const tend_intake *intake, uint32_t row)
{
    const tend_entry *entry = &intake->entries[row];
    const char *text;

    if (entry->part == intake->current)
        text =
            entry->line > 0 ? tend_arena_print(intake->scratch, "line %llu", (unsigned long long)entry->line) : "an earlier record";
    else
        text = tend_arena_print(intake->scratch, "%s:%llu", intake->parts[entry->part].file, (unsigned long long)entry->line);
    return text ? text : "an earlier record";
}

/* ---- the connector's side ---------------------------------------------------------------------------------------------- */

static tend_status on_columns(void *self, const char *const *names, uint32_t count, const char *const *key, tend_error *reterr)
{
    tend_intake *intake = self;
    tend_status status = tend_intake_columns(intake, names, count, key, reterr);

    intake->readies.columns++;
    if (status == TEND_OK)
        tend_repeats_columns(self, names, count, key);
    return status;
}

void tend_intake_count(tend_intake *intake)
{
    tend_intake_part *part = &intake->parts[intake->current];

    part->read++;
    if (intake->options->progress && part->read % 10000 == 0)
        intake->options->progress(intake->options->self, part->file, part->read, 0);
}

static tend_status on_record(void *self, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at,
                             tend_error *reterr)
{
    tend_intake *intake = self;
    tend_cell *bound = intake->cells;
    tend_status status;

    tend_intake_count(intake);
    tend_store_hold(tend_model_store(intake->model)); /* what it refers to is read, record by record */
    if (intake->ready)
        intake->cells = intake->ready->cells;
    status = tend_intake_record(intake, cells, count, line, modified_at, reterr);
    intake->cells = bound;
    intake->ready = NULL;
    return status;
}

static tend_status on_tombstone(void *self, const tend_cell *key, uint32_t count, tend_time removed_at, tend_error *reterr)
{
    tend_intake *intake = self;

    intake->parts[intake->current].read++;
    intake->repeats.record = NULL;
    return tend_intake_tombstone(intake, key, count, removed_at, reterr);
}

static tend_status on_checkpoint(void *self, const char *bookmark, size_t length, tend_error *reterr)
{
    tend_intake *intake = self;

    if (intake->parts[intake->current].faults > 0)
        return TEND_OK; /* what could not be read comes again */
    intake->parts[intake->current].bookmark = tend_arena_copy(intake->arena, bookmark, length);
    if (!intake->parts[intake->current].bookmark)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    intake->mark = (tend_intake_mark){ .part = intake->parts[intake->current],
                                       .entry_count = intake->entry_count,
                                       .deferred_count = intake->deferred_count,
                                       .rejected_count = intake->rejected_count,
                                       .note_count = intake->note_count,
                                       .notes_left = intake->notes_left };
    intake->has_leg_ended = intake->has_legs && tend_model_now(intake->model) - intake->now >= LEG_MS;
    return intake->has_leg_ended ? tend_fail(reterr, TEND_ECLOSED, "a leg of the pull has ended") : TEND_OK;
}

bool tend_intake_cut(tend_intake *intake, uint32_t part)
{
    if (!intake->parts[part].bookmark)
        return false;
    intake->parts[part] = intake->mark.part;
    for (size_t i = intake->mark.entry_count; i < intake->entry_count; i++) {
        uint32_t before = intake->entries[i].before;

        intake->entries[i].flags |= TEND_ENTRY_REJECTED; /* in the spool, but not in its order */
        if (before < intake->mark.entry_count && intake->entries[before].flags & TEND_ENTRY_OVERTAKEN) {
            intake->entries[before].flags &= (uint8_t)~TEND_ENTRY_OVERTAKEN; /* it counts after all */
            intake->entries[before].up = TEND_NO_ROW;
        }
    }
    intake->deferred_count = intake->mark.deferred_count;
    intake->rejected_count = intake->mark.rejected_count;
    intake->note_count = intake->mark.note_count;
    intake->notes_left = intake->mark.notes_left;
    intake->parts[part].is_whole = false;
    return true;
}

/* The same message, refused for the same, has the same key. */
static const char *unread_key(tend_intake *intake, uint64_t line, const char *column, const char *value, size_t length,
                              const char *reason)
{
    const uint64_t parts[] = { line, tend_hash64(column ? column : "", column ? strlen(column) : 0),
                               tend_hash64(value ? value : "", value ? length : 0), tend_hash64(reason, strlen(reason)) };

    return tend_arena_print(intake->arena, TEND_OWED_UNREAD "%016" PRIx64, tend_hash64(parts, sizeof parts));
}

/* The connector could not make a record of it: the bookmark stays before it, unless somebody has decided to do without. */
static tend_status on_reject(void *self, uint64_t line, const char *column, const char *value, size_t length, const char *reason,
                             tend_error *reterr)
{
    tend_intake *intake = self;
    tend_intake_part *part = &intake->parts[intake->current];
    const char *key = unread_key(intake, line, column, value, length, reason);
    bool is_given_up = false;
    tend_status status = key ? tend_intake_note(intake, true, line, column, value, length, reason) : TEND_ENOMEM;

    if (status == TEND_OK)
        status = tend_intake_reject(intake, intake->current, line, 0);
    if (status < 0)
        return tend_fail(reterr, status, "memory is used up");
    status =
        tend_owed_is_given_up(tend_model_store(intake->model), intake->source_name, part->stream->name, key, &is_given_up, reterr);
    intake->rejected[intake->rejected_count - 1].key = is_given_up ? NULL : key;
    part->read++;
    part->faults += !is_given_up;
    return status;
}

static bool attend(void *self)
{
    const tend_import_options *options = ((tend_intake *)self)->options;

    return options->attend && options->attend(options->attend_self, false);
}

tend_status tend_intake_pull(tend_intake *intake, uint32_t part, tend_hosted *hosted, const char *capability, const char *bookmark,
                             tend_error *reterr)
{
    const tend_mapping_stream *stream = intake->parts[part].stream;
    tend_pull request = { .size = sizeof request, .stream = intake->parts[part].name, .bookmark = bookmark };
    tend_pull_sink sink = { .columns = on_columns,
                            .record = on_record,
                            .tombstone = on_tombstone,
                            .checkpoint = on_checkpoint,
                            .reject = on_reject,
                            .self = intake,
                            .is_cancelled = attend,
                            .ahead = tend_repeats_ahead,
                            .pass = tend_repeats_pass,
                            .prepares = tend_ready_prepares,
                            .prepare = tend_ready_prepare,
                            .ready = tend_ready_take };
    size_t columns = stream->columns.count + 1;
    tend_status status;

    intake->current = part;
    intake->readies.stream = stream;
    intake->ready = NULL;
    intake->parts[part].header = NULL;
    intake->parts[part].header_count = 0;
    intake->repeats.hashes = intake->repeats.is_passing = false;
    intake->repeats.record = NULL;
    intake->bind = tend_arena_take(intake->arena, columns * sizeof *intake->bind);
    intake->cells = tend_arena_take(intake->arena, columns * sizeof *intake->cells);
    intake->is_used = tend_arena_take(intake->arena, (stream->field_count + 1) * sizeof *intake->is_used);
    intake->assigned = tend_arena_take(intake->arena, (stream->field_count + 1) * sizeof *intake->assigned);
    intake->fits = tend_arena_take(intake->arena, (stream->field_count + 1) * sizeof *intake->fits);
    intake->value_offsets = tend_arena_take(intake->arena, (stream->field_count + 1) * sizeof *intake->value_offsets);
    intake->later = tend_arena_take(intake->arena, (stream->field_count + 1) * sizeof *intake->later);
    if (!intake->bind || !intake->cells || !intake->is_used || !intake->assigned || !intake->fits || !intake->value_offsets ||
        !intake->later)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    for (size_t i = 0; i < columns; i++)
        intake->bind[i] = TEND_NO_COLUMN;
    status = tend_hosted_pull(hosted, capability, &request, &sink, reterr);
    tend_repeats_rest(intake);
    tend_store_let_go(tend_model_store(intake->model));
    return status;
}
