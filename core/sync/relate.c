/* relate.c: references between records, whichever comes first. */
#include "base/utf8.h"
#include "sync/intake.h"
#include <stdlib.h>
#include <string.h>

static bool has_part(const tend_intake *intake, tend_kind kind)
{
    for (size_t i = 0; i < intake->part_count; i++) {
        if (intake->parts[i].stream && intake->parts[i].kind->kind == kind)
            return true;
    }
    return false;
}

/* The part that holds rows made from names alone. */
static tend_status stub_part(tend_intake *intake, const tend_kind_schema *kind, uint32_t *ret_part)
{
    for (size_t i = 0; i < intake->part_count; i++) {
        if (!intake->parts[i].stream && intake->parts[i].kind == kind) {
            *ret_part = (uint32_t)i;
            return TEND_OK;
        }
    }
    if (intake->part_count == intake->part_room) {
        tend_intake_part *parts = realloc(intake->parts, (intake->part_room + 16) * sizeof *parts);

        if (!parts)
            return TEND_ENOMEM;
        intake->parts = parts;
        intake->part_room += 16;
    }
    intake->parts[intake->part_count] = (tend_intake_part){ .kind = kind, .file = "names" };
    *ret_part = (uint32_t)intake->part_count++;
    return TEND_OK;
}

static tend_status make_stub(tend_intake *intake, const tend_mapping_field *by, const tend_kind_schema *target, const char *text,
                             size_t length, uint32_t *ret_row, tend_relation *ret_relation, tend_error *ret_reason)
{
    int field = by->by_field >= 0 ? by->by_field : target->name_field;
    tend_assignment assignments[2] = { { field, { .type = TEND_TEXT, .text = text, .length = length } } };
    tend_put put = { .kind = target->kind,
                     .external = text,
                     .external_length = length,
                     .fields = assignments,
                     .field_count = 1,
                     .effective_at = TEND_NO_TIME,
                     .known_at = TEND_NO_TIME };
    tend_put_result result;
    tend_entry entry = {
        .up = TEND_NO_ROW, .before = TEND_NO_ROW, .rank = tend_intake_rank(target->kind), .flags = TEND_ENTRY_STUB
    };
    tend_key key;
    uint64_t offset;
    uint32_t part = 0, first;
    tend_status status;

    if (by->by_field >= 0 && by->by_field != target->name_field && target->name_field >= 0) {
        assignments[1] = (tend_assignment){ target->name_field, assignments[0].value };
        put.field_count = 2;
    }
    status = tend_model_check(intake->model, &put, true, &result, ret_reason);
    if (status == TEND_EINVAL) {
        *ret_relation = TEND_RELATED_REJECT;
        return TEND_OK;
    }
    if (status == TEND_OK)
        status = stub_part(intake, target, &part);
    if (status < 0)
        return status;
    entry.part = part;
    tend_spool_row row = { .part = part,
                           .kind = target->kind,
                           .effective_at = TEND_NO_TIME,
                           .known_at = TEND_NO_TIME,
                           .external = text,
                           .external_length = length,
                           .fields = assignments,
                           .field_count = put.field_count };
    status = tend_spool_add(intake->spool, &row, NULL, 0, &offset, NULL, ret_reason);
    if (status == TEND_OK)
        status = tend_intake_entry(intake, &entry, offset, ret_row);
    key = tend_key_of((int)target->kind, -1, text, length);
    if (status == TEND_OK)
        status = tend_keys_add(&intake->identities, &key, *ret_row, &first);
    if (status == TEND_OK && field < 64) {
        const char *folded;
        size_t folded_length;

        status = tend_utf8_fold(intake->scratch, text, length, &folded, &folded_length);
        if (status == TEND_OK) {
            key = tend_key_of((int)target->kind, field, folded, folded_length);
            status = tend_keys_add(&intake->names, &key, *ret_row, &first);
        }
    }
    *ret_relation = TEND_RELATED;
    return status;
}

/* The row of an external id. Records that follow each other often refer to the same ones. */
static uint32_t find_named(tend_intake *intake, tend_kind kind, const char *text, size_t length)
{
    uint32_t place = ((uint32_t)kind * 7u + (length > 0 ? (unsigned char)text[length - 1] : 0u)) % TEND_RECENT;
    tend_recent *recent = &intake->recent[place];
    tend_key key;
    uint32_t row;

    if (recent->kind == kind && recent->length == length && memcmp(recent->text, text, length) == 0)
        return recent->row;
    key = tend_key_of((int)kind, -1, text, length);
    row = tend_keys_find(&intake->identities, &key);
    if (row != TEND_NO_ROW && length > 0 && length <= sizeof recent->text) {
        *recent = (tend_recent){ .kind = kind, .row = row, .length = (uint32_t)length };
        memcpy(recent->text, text, length);
    }
    return row;
}

/* Among the records of this import. */
static tend_status find_here(tend_intake *intake, const tend_mapping_field *by, const tend_kind_schema *target, const char *text,
                             size_t length, uint32_t *ret_row, bool *ret_several)
{
    tend_key key;

    *ret_several = false;
    if (by->by_field < 0) {
        *ret_row = find_named(intake, target->kind, text, length);
    } else {
        const char *folded;
        size_t folded_length;

        if (tend_utf8_fold(intake->scratch, text, length, &folded, &folded_length) < 0)
            return TEND_ENOMEM;
        key = tend_key_of((int)target->kind, by->by_field, folded, folded_length);
        *ret_row = tend_keys_find(&intake->names, &key);
        *ret_several = *ret_row != TEND_NO_ROW && tend_keys_repeats(&intake->names, &key) > 0;
    }
    return TEND_OK;
}

/* The kind that the text names a row of. */
static const tend_kind_schema *target_of(const tend_intake *intake, const tend_kind_schema *kind, const tend_mapping_field *by)
{
    return tend_schema_kind(intake->schema, by->via ? by->via : (tend_kind)kind->fields[by->field].target);
}

static tend_value reference(const tend_mapping_field *by, uint8_t what, int64_t integer)
{
    tend_value value = { .type = TEND_REF, .scale = what, .integer = integer };

    if (by->via) {
        value.scale |= TEND_SPOOL_VIA;
        value.currency[0] = (char)by->via;
        value.currency[1] = (char)by->via_field;
    }
    return value;
}

tend_status tend_intake_relate(tend_intake *intake, const tend_mapping_field *by, const tend_kind_schema *kind, const char *text,
                               size_t length, bool is_last_word, tend_value *ret_value, tend_relation *ret_relation,
                               tend_error *ret_reason)
{
    const tend_kind_schema *target = target_of(intake, kind, by);
    bool is_self = target == kind;
    bool may_come = is_self || (tend_intake_rank(target->kind) > tend_intake_rank(kind->kind) && has_part(intake, target->kind));
    int shown = (int)(length > 100 ? 100 : length);
    uint32_t row = TEND_NO_ROW;
    bool is_several = false;
    int64_t id = 0;
    tend_error error;
    tend_status status = find_here(intake, by, target, text, length, &row, &is_several);

    error.status = TEND_OK;
    if (status < 0)
        return status;
    *ret_relation = TEND_RELATED_REJECT;
    if (is_several && (is_last_word || !may_come))
        return tend_fail(ret_reason, TEND_OK, "several records of %s are called '%.*s'; refer to them by their key", target->table,
                         shown, text);
    if (row != TEND_NO_ROW && (intake->entries[row].flags & TEND_ENTRY_PASSED))
        row = TEND_NO_ROW; /* its row is in the store */
    if (row != TEND_NO_ROW && !is_several) {
        if (intake->entries[row].flags & TEND_ENTRY_REJECTED)
            return by->if_missing == TEND_MISSING_EMPTY ? (*ret_relation = TEND_RELATED_EMPTY, TEND_OK)
                                                        : tend_fail(ret_reason, TEND_OK, "%s '%.*s' was itself rejected (%s)",
                                                                    target->name, shown, text, tend_intake_place(intake, row));
        *ret_value = reference(by, TEND_SPOOL_REF_ROW, (int64_t)row + 1);
        *ret_relation = TEND_RELATED;
        return TEND_OK;
    }
    if (may_come && !is_last_word) {
        *ret_relation = TEND_RELATED_LATER;
        return TEND_OK;
    }
    if (by->by_field < 0)
        status = tend_identity_find(intake->model, intake->source, target->kind, text, length, &id, &error);
    else
        status = tend_model_lookup(intake->model, target->kind, by->by_field, text, length, &id, &error);
    if (status == TEND_EINVAL) {
        *ret_reason = error;
        return TEND_OK;
    }
    if (status < 0 && status != TEND_ENOTFOUND) {
        *ret_reason = error;
        return status;
    }
    if (status == TEND_OK && id > 0) {
        *ret_value = reference(by, TEND_SPOOL_REF_ID, id);
        *ret_relation = TEND_RELATED;
        return TEND_OK;
    }
    if (by->if_missing == TEND_MISSING_EMPTY) {
        *ret_relation = TEND_RELATED_EMPTY;
        return TEND_OK;
    }
    if (by->if_missing == TEND_MISSING_CREATE) {
        status = make_stub(intake, by, target, text, length, &row, ret_relation, ret_reason);
        *ret_value = reference(by, TEND_SPOOL_REF_ROW, (int64_t)row + 1);
        return status;
    }
    return tend_fail(ret_reason, TEND_OK,
                     "there is no %s '%.*s' in this import or in the store; import it first or beside this file", target->name,
                     shown, text);
}

/* A row that was good is so no longer. */
static tend_status drop(tend_intake *intake, uint32_t row, const tend_mapping_field *by, const char *text, size_t length,
                        const char *reason)
{
    tend_entry *entry = &intake->entries[row];
    const tend_intake_part *part = &intake->parts[entry->part];
    size_t column = by ? tend_expression_column(by->value) : TEND_NO_COLUMN;
    uint32_t current = intake->current;
    tend_status status;

    if (entry->flags & TEND_ENTRY_REJECTED)
        return TEND_OK;
    entry->flags |= TEND_ENTRY_REJECTED;
    if (entry->flags & TEND_ENTRY_OVERTAKEN)
        return TEND_OK; /* it is counted already */
    intake->repeats.has_dropped[part->kind->kind] = true;
    intake->current = entry->part;
    status = tend_intake_note(intake, true, entry->line, column == TEND_NO_COLUMN ? NULL : part->stream->columns.names[column],
                              text, length, reason);
    intake->current = current;
    return status < 0 ? status : tend_intake_reject(intake, entry->part, entry->line, intake->offsets[row]);
}

static tend_status settle_one(tend_intake *intake, const tend_deferred *later, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_value value = { .type = TEND_NULL };
    tend_relation relation = TEND_RELATED_EMPTY;
    tend_error reason = { 0 };
    uint32_t part = intake->entries[later->row].part;
    const tend_kind_schema *of = intake->parts[part].kind;
    tend_status status;

    if (intake->entries[later->row].flags & TEND_ENTRY_OVERTAKEN)
        return TEND_OK;
    tend_arena_reset(intake->scratch);
    intake->current = part;
    status = tend_intake_relate(intake, later->by, of, later->text, later->length, true, &value, &relation, &reason);
    if (status < 0)
        return reason.status == status ? tend_fail(reterr, status, "%s", reason.text) : status;
    if (relation == TEND_RELATED_REJECT)
        return drop(intake, later->row, later->by, later->text, later->length, reason.text);
    if (relation == TEND_RELATED_EMPTY)
        return tend_intake_note(intake, false, intake->entries[later->row].line, NULL, later->text, later->length,
                                "is not known; left empty");
    if (of == kind && value.scale == TEND_SPOOL_REF_ROW)
        intake->entries[later->row].up = (uint32_t)(value.integer - 1);
    if (tend_intake_lean(intake, later->row, &value) < 0)
        return TEND_ENOMEM;
    return tend_spool_patch(intake->spool, later->value_at, &value, reterr);
}

/* The deferred reference of a row to its own kind, for messages. */
static const tend_deferred *find_deferred(const tend_intake *intake, uint32_t row)
{
    for (size_t i = 0; i < intake->deferred_count; i++) {
        if (intake->deferred[i].row == row)
            return &intake->deferred[i];
    }
    return NULL;
}

static tend_status drop_for(tend_intake *intake, uint32_t row, const char *reason)
{
    const tend_deferred *later = find_deferred(intake, row);

    return drop(intake, row, later ? later->by : NULL, later ? later->text : NULL, later ? later->length : 0, reason);
}

/* Rejects all rows of the cycle that `row` stands in. */
static tend_status drop_cycle(tend_intake *intake, uint32_t row)
{
    char reason[900];
    size_t used;
    uint32_t at = row;
    int shown = 0;

    if (intake->entries[row].up == row)
        return drop_for(intake, row, "the record names itself as the one above it");
    used = (size_t)snprintf(reason, sizeof reason, "the records stand above each other in a circle:");
    do {
        if (shown++ < 10)
            used += (size_t)snprintf(reason + used, sizeof reason - used, " %s", tend_intake_place(intake, at));
        at = intake->entries[at].up;
    } while (at != row && used < sizeof reason - 100);
    (void)snprintf(reason + used, sizeof reason - used, ", %s", tend_intake_place(intake, row));
    do {
        tend_status status = drop_for(intake, at, reason);

        if (status < 0)
            return status;
        at = intake->entries[at].up;
    } while (at != row);
    return TEND_OK;
}

/* Depths from the tops down, without recursion: each chain is walked once. */
static tend_status settle_depths(tend_intake *intake, uint8_t rank)
{
    size_t count = intake->entry_count;
    uint32_t *path = malloc((count + 1) * sizeof *path);
    uint8_t *state = calloc(count + 1, 1); /* 1: on the path, 2: settled */
    tend_status status = path && state ? TEND_OK : TEND_ENOMEM;

    for (size_t i = 0; i < count && status == TEND_OK; i++) {
        size_t steps = 0;
        uint32_t at = (uint32_t)i;

        if (intake->entries[i].rank != rank || state[i] == 2)
            continue;
        while (at != TEND_NO_ROW && state[at] == 0) {
            state[at] = 1;
            path[steps++] = at;
            at = intake->entries[at].up;
        }
        if (at != TEND_NO_ROW && state[at] == 1)
            status = drop_cycle(intake, at);
        while (steps > 0 && status == TEND_OK) {
            uint32_t row = path[--steps];
            tend_entry *entry = &intake->entries[row];
            const tend_entry *above = entry->up == TEND_NO_ROW ? NULL : &intake->entries[entry->up];

            state[row] = 2;
            if (!above || (entry->flags & TEND_ENTRY_REJECTED))
                continue;
            intake->current = entry->part;
            entry->depth = (uint16_t)(above->depth + (entry->flags & TEND_ENTRY_OVERTAKEN ? 0 : 1));
            if (above->flags & TEND_ENTRY_REJECTED) {
                char reason[200];

                (void)snprintf(reason, sizeof reason, "the record above it was itself rejected (%s)",
                               tend_intake_place(intake, entry->up));
                status = drop_for(intake, row, reason);
            } else if (entry->depth > TEND_TREE_MAX) {
                status = drop_for(intake, row, "the tree is more than 100 levels deep here; check what stands above what");
            }
        }
    }
    for (size_t i = 0; i < count && status == TEND_OK; i++) { /* what came again is applied behind what came before */
        tend_entry *entry = &intake->entries[i];

        if (entry->rank == rank && entry->before != TEND_NO_ROW && entry->depth < intake->entries[entry->before].depth)
            entry->depth = intake->entries[entry->before].depth;
    }
    free(path);
    free(state);
    return status;
}

/* Some record of the kind may stand above another one. */
static bool refers_to_itself(const tend_intake *intake, const tend_kind_schema *kind)
{
    for (size_t p = 0; p < intake->part_count; p++) {
        const tend_mapping_stream *stream = intake->parts[p].stream;

        for (size_t f = 0; stream && stream->kind == kind && f < stream->field_count; f++) {
            const tend_field *into = &kind->fields[stream->fields[f].field];

            if (into->type == TEND_REF && (tend_kind)into->target == kind->kind)
                return true;
        }
    }
    return false;
}

tend_status tend_intake_settle(tend_intake *intake, tend_kind kind, tend_error *reterr)
{
    const tend_kind_schema *schema = tend_schema_kind(intake->schema, kind);
    const bool may_have_tree = refers_to_itself(intake, schema);
    bool has_tree = false;
    size_t kept = 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < intake->deferred_count && status == TEND_OK; i++) {
        const tend_deferred *later = &intake->deferred[i];
        const tend_kind_schema *of = intake->parts[intake->entries[later->row].part].kind;

        if (target_of(intake, of, later->by)->kind == kind)
            status = settle_one(intake, later, schema, reterr);
    }
    for (size_t i = 0; i < intake->entry_count && may_have_tree && !has_tree; i++)
        has_tree = intake->entries[i].rank == tend_intake_rank(kind) && intake->entries[i].up != TEND_NO_ROW;
    if (status == TEND_OK && has_tree)
        status = settle_depths(intake, tend_intake_rank(kind));
    for (size_t i = 0; i < intake->deferred_count; i++) {
        const tend_deferred *later = &intake->deferred[i];

        if (target_of(intake, intake->parts[intake->entries[later->row].part].kind, later->by)->kind != kind)
            intake->deferred[kept++] = *later;
    }
    intake->deferred_count = kept;
    return status == TEND_ENOMEM ? tend_fail(reterr, status, "memory is used up") : status;
}

tend_status tend_intake_lean(tend_intake *intake, uint32_t row, const tend_value *value)
{
    if (value->type != TEND_REF || (value->scale & ~TEND_SPOOL_VIA) != TEND_SPOOL_REF_ROW ||
        !(intake->entries[value->integer - 1].flags & TEND_ENTRY_STUB))
        return TEND_OK;
    if (intake->leaning_count == intake->leaning_room) {
        size_t room = intake->leaning_room == 0 ? 64 : intake->leaning_room * 2;
        tend_leaning *list = realloc(intake->leaning, room * sizeof *list);

        if (!list)
            return TEND_ENOMEM;
        intake->leaning = list;
        intake->leaning_room = room;
    }
    intake->leaning[intake->leaning_count++] = (tend_leaning){ row, (uint32_t)(value->integer - 1) };
    return TEND_OK;
}

void tend_intake_prune(tend_intake *intake)
{
    for (size_t i = 0; i < intake->leaning_count; i++) {
        const tend_leaning *leaning = &intake->leaning[i];

        if (!(intake->entries[leaning->row].flags & (TEND_ENTRY_REJECTED | TEND_ENTRY_OVERTAKEN)))
            intake->entries[leaning->stub].flags |= TEND_ENTRY_WANTED;
    }
    intake->stubs = 0;
    for (size_t i = 0; i < intake->entry_count; i++) {
        tend_entry *entry = &intake->entries[i];

        if (!(entry->flags & TEND_ENTRY_STUB) || (entry->flags & TEND_ENTRY_REJECTED))
            continue;
        if (entry->flags & TEND_ENTRY_WANTED)
            intake->stubs++;
        else
            entry->flags |= TEND_ENTRY_REJECTED;
    }
}
