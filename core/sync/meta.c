#include "sync/meta.h"
#include <string.h>

static void put_number(tend_buffer *out, int64_t number)
{
    tend_buffer_append(out, &number, sizeof number);
}

static void put_text(tend_buffer *out, const char *text)
{
    int64_t length = text ? (int64_t)strlen(text) : -1;

    put_number(out, length);
    if (text)
        tend_buffer_append(out, text, (size_t)length);
}

void tend_spool_meta_write(const tend_spool_meta *meta, tend_buffer *out)
{
    int64_t rejects = 0;

    put_text(out, meta->mapping);
    put_text(out, meta->source);
    put_text(out, meta->label);
    put_text(out, meta->resume_key);
    put_text(out, meta->sync);
    put_text(out, meta->principal);
    put_number(out, meta->principal_kind);
    put_number(out, meta->principal_user);
    put_number(out, meta->keeps_good);
    put_number(out, meta->is_history);
    put_number(out, (int64_t)meta->part_count);
    for (size_t i = 0; i < meta->part_count; i++) {
        const tend_spool_part *part = &meta->parts[i];

        put_text(out, part->counts.file);
        put_text(out, part->counts.stream);
        put_text(out, part->counts.kind);
        put_number(out, part->counts.read);
        put_number(out, part->counts.unchanged);
        put_number(out, part->counts.rejected);
        put_number(out, part->counts.repeated);
        put_text(out, part->bookmark);
        put_text(out, part->name);
        put_number(out, part->faults);
        put_number(out, (part->is_whole ? 1 : 0) | (part->is_anew ? 2 : 0));
        put_number(out, part->is_stub);
        put_number(out, part->is_hashed);
    }
    put_number(out, (int64_t)meta->note_count);
    for (size_t i = 0; i < meta->note_count; i++) {
        const tend_import_note *note = &meta->notes[i];

        put_number(out, note->is_reject);
        put_number(out, note->part);
        put_number(out, (int64_t)note->line);
        put_text(out, note->column);
        put_text(out, note->value);
        put_text(out, note->reason);
    }
    put_number(out, meta->notes_left);
    put_number(out, meta->stubs);
    while (meta->rejects && meta->rejects[rejects])
        rejects++;
    put_number(out, rejects);
    for (int64_t i = 0; i < rejects; i++)
        put_text(out, meta->rejects[i]);
    put_number(out, meta->has_repeat);
    tend_buffer_append(out, &meta->repeat, sizeof meta->repeat);
    put_number(out, (int64_t)meta->owed_count);
    for (size_t i = 0; i < meta->owed_count; i++) {
        const tend_owed *owed = &meta->owed[i];

        put_text(out, owed->stream);
        put_text(out, owed->key);
        put_text(out, owed->file);
        put_number(out, (int64_t)owed->line);
        put_text(out, owed->column);
        put_text(out, owed->reason);
    }
}

typedef struct cursor {
    const char *at, *end;
    tend_arena *arena;
    bool is_bad;
} cursor;

static int64_t get_number(cursor *c)
{
    int64_t number;

    if (c->is_bad || (size_t)(c->end - c->at) < sizeof number) {
        c->is_bad = true;
        return 0;
    }
    memcpy(&number, c->at, sizeof number);
    c->at += sizeof number;
    return number;
}

static void get_bytes(cursor *c, void *ret_bytes, size_t length)
{
    if (c->is_bad || (size_t)(c->end - c->at) < length) {
        c->is_bad = true;
        return;
    }
    memcpy(ret_bytes, c->at, length);
    c->at += length;
}

static const char *get_text(cursor *c)
{
    int64_t length = get_number(c);
    const char *text;

    if (c->is_bad || length < 0)
        return NULL;
    if (length > c->end - c->at) {
        c->is_bad = true;
        return NULL;
    }
    text = tend_arena_copy(c->arena, c->at, (size_t)length);
    c->at += length;
    c->is_bad = c->is_bad || !text;
    return text;
}

/* Room for as many items as the bytes that are left could hold. */
static void *get_list(cursor *c, size_t item, size_t *ret_count)
{
    int64_t count = get_number(c);
    void *list;

    if (c->is_bad || count < 0 || count > c->end - c->at) {
        c->is_bad = true;
        *ret_count = 0;
        return NULL;
    }
    list = tend_arena_take(c->arena, ((size_t)count + 1) * item);
    c->is_bad = !list;
    *ret_count = list ? (size_t)count : 0;
    return list;
}

tend_status tend_spool_meta_read(const void *bytes, size_t length, tend_arena *arena, tend_spool_meta *ret_meta)
{
    cursor c = { bytes, (const char *)bytes + length, arena, false };
    tend_spool_meta meta = { .mapping = get_text(&c) };
    const char **rejects;
    size_t count = 0;

    meta.source = get_text(&c);
    meta.label = get_text(&c);
    meta.resume_key = get_text(&c);
    meta.sync = get_text(&c);
    meta.principal = get_text(&c);
    meta.principal_kind = get_number(&c);
    meta.principal_user = get_number(&c);
    meta.keeps_good = get_number(&c) != 0;
    meta.is_history = get_number(&c) != 0;
    meta.parts = get_list(&c, sizeof *meta.parts, &meta.part_count);
    for (size_t i = 0; i < meta.part_count; i++) {
        tend_spool_part *part = &meta.parts[i];

        int64_t how;

        part->counts.file = get_text(&c);
        part->counts.stream = get_text(&c);
        part->counts.kind = get_text(&c);
        part->counts.read = get_number(&c);
        part->counts.unchanged = get_number(&c);
        part->counts.rejected = get_number(&c);
        part->counts.repeated = get_number(&c);
        part->bookmark = get_text(&c);
        part->name = get_text(&c);
        part->faults = get_number(&c);
        how = get_number(&c);
        part->is_whole = (how & 1) != 0;
        part->is_anew = (how & 2) != 0;
        part->is_stub = get_number(&c) != 0;
        part->is_hashed = get_number(&c) != 0;
    }
    meta.notes = get_list(&c, sizeof *meta.notes, &meta.note_count);
    for (size_t i = 0; i < meta.note_count; i++) {
        tend_import_note *note = &meta.notes[i];

        note->is_reject = get_number(&c) != 0;
        note->part = (uint32_t)get_number(&c);
        note->line = (uint64_t)get_number(&c);
        note->column = get_text(&c);
        note->value = get_text(&c);
        note->reason = get_text(&c);
        c.is_bad = c.is_bad || note->part >= meta.part_count;
    }
    meta.notes_left = get_number(&c);
    meta.stubs = get_number(&c);
    rejects = get_list(&c, sizeof *rejects, &count);
    for (size_t i = 0; i < count; i++)
        rejects[i] = get_text(&c);
    meta.rejects = rejects;
    meta.has_repeat = get_number(&c) != 0;
    get_bytes(&c, &meta.repeat, sizeof meta.repeat);
    meta.owed = get_list(&c, sizeof *meta.owed, &meta.owed_count);
    for (size_t i = 0; i < meta.owed_count; i++) {
        tend_owed *owed = &meta.owed[i];

        owed->stream = get_text(&c);
        owed->key = get_text(&c);
        owed->file = get_text(&c);
        owed->line = (uint64_t)get_number(&c);
        owed->column = get_text(&c);
        owed->reason = get_text(&c);
        c.is_bad = c.is_bad || !owed->stream || !owed->key;
    }
    if (c.is_bad || !meta.source || !meta.mapping || !meta.resume_key)
        return TEND_ECORRUPT;
    *ret_meta = meta;
    return TEND_OK;
}
