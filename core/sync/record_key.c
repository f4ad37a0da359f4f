/* record_key.c: what identifies a record, and records that say it again. */
#include "base/buffer.h"
#include "base/hash.h"
#include "sync/reading.h"
#include "sync/record.h"
#include <string.h>

static tend_status read_whole_key(tend_record *r)
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
    for (size_t i = 0; i < 16; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    r->external = hex;
    r->external_length = 32;
    return TEND_OK;
}

tend_status tend_record_key(tend_record *r)
{
    tend_buffer all = { 0 };
    bool has_any = false;
    tend_status status = TEND_OK;

    if (r->stream->key_count == 0)
        return read_whole_key(r);
    for (size_t k = 0; k < r->stream->key_count && status == TEND_OK; k++) {
        tend_expressed said;
        tend_error error;

        status =
            tend_expression_say(r->stream->keys[k], r->intake->cells, &r->stream->format.number, r->intake->scratch, &said, &error);
        if (status == TEND_EINVAL) {
            status = tend_record_refuse(r, r->stream->keys[k], NULL, 0, error.text);
            break;
        }
        if (status < 0)
            break;
        has_any = has_any || !tend_reading_is_blank(said.text, said.length);
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
        status = tend_record_refuse(r, r->stream->keys[0], NULL, 0, "the key is empty; each record needs one");
    if (status == TEND_OK && r->external_length > 500)
        status = tend_record_refuse(r, r->stream->keys[0], r->external, r->external_length, "the key is longer than 500 bytes");
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

/* The key is what remains of it, with all letters small or all of them large. */
unsigned tend_record_shape(const char *external, size_t length)
{
    char bare[256];
    unsigned shapes = TEND_SHAPE_LOWER | TEND_SHAPE_UPPER;

    if (length >= sizeof bare - 1 || bare_id(external, length, bare, sizeof bare) != length)
        return 0;
    for (size_t i = 0; i < length; i++) {
        if (external[i] != bare[i])
            shapes &= ~(unsigned)TEND_SHAPE_LOWER;
        if (external[i] != (bare[i] >= 'a' && bare[i] <= 'z' ? bare[i] - 32 : bare[i]))
            shapes &= ~(unsigned)TEND_SHAPE_UPPER;
    }
    return shapes;
}

tend_key tend_record_bare_key(tend_kind kind, const char *external, size_t length)
{
    char bare[256];

    return tend_key_of((int)kind, -2, bare, bare_id(external, length, bare, sizeof bare));
}

tend_status tend_record_similar(tend_record *r)
{
    char bare[256], reason[400];
    tend_key key;
    uint32_t first, passed;
    size_t length;
    bool stands_out;
    tend_status status;

    if (r->part->kind->is_fact || r->stream->key_count == 0)
        return TEND_OK;
    status = tend_rising_stands_out(r->intake, r->part->kind->kind, r->external, r->external_length, &stands_out, &r->failure);
    if (status < 0 || stands_out)
        return status;
    length = bare_id(r->external, r->external_length, bare, sizeof bare);
    key = tend_key_of((int)r->part->kind->kind, -2, bare, length);
    status = tend_repeats_alike(r->intake, bare, length, r->external, r->external_length, &passed);
    if (status == TEND_OK && passed != TEND_NO_ROW)
        status = tend_keys_add(&r->intake->similar, &key, passed, &first);
    if (status == TEND_OK)
        status = tend_keys_add(&r->intake->similar, &key, (uint32_t)r->intake->entry_count, &first);
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

uint32_t tend_record_before(const tend_record *r)
{
    uint32_t first = tend_keys_find(&r->intake->identities, &r->key);
    uint32_t last = first == TEND_NO_ROW ? TEND_NO_ROW : tend_keys_find(&r->intake->latest, &r->key);

    return last == TEND_NO_ROW ? first : last;
}

static void make_key(tend_record *r)
{
    if (!r->has_key)
        r->key = tend_key_of((int)r->part->kind->kind, -1, r->external, r->external_length);
    r->has_key = true;
}

tend_status tend_record_first(tend_record *r, uint32_t *ret_row, tend_error *reterr)
{
    const tend_kind kind = r->part->kind->kind;
    tend_status status;

    *ret_row = TEND_NO_ROW;
    r->is_new = tend_rising_is_new(r->intake, kind, r->external, r->external_length);
    if (r->is_new)
        return TEND_OK;
    status = tend_rising_fill(r->intake, kind, reterr);
    make_key(r);
    if (status == TEND_OK)
        *ret_row = tend_keys_find(&r->intake->identities, &r->key);
    return status;
}

tend_status tend_record_follow(tend_record *r, uint32_t row)
{
    uint32_t first;
    tend_status status;

    if (r->is_new) {
        tend_rising_note(r->intake, r->part->kind->kind, r->external, r->external_length);
        return TEND_OK;
    }
    make_key(r);
    status = tend_keys_add(&r->intake->identities, &r->key, row, &first);

    return status == TEND_OK && first != TEND_NO_ROW ? tend_keys_set(&r->intake->latest, &r->key, row) : status;
}

/* Other rows of the kind may stand above or below it in a tree. */
static bool has_tree(const tend_mapping_stream *stream)
{
    for (size_t f = 0; f < stream->field_count; f++) {
        const tend_field *into = &stream->kind->fields[stream->fields[f].field];

        if (into->type == TEND_REF && (tend_kind)into->target == stream->kind->kind)
            return true;
    }
    return false;
}

/* It says something of every field that its stream says anything of. */
static bool names_all(const tend_record *r)
{
    size_t used = 0;

    for (size_t f = 0; f < r->stream->field_count; f++)
        used += r->intake->is_used[f];
    return (size_t)r->assigned >= used;
}

/* The record takes back a removal and says less than the one that was removed: what that one said holds again where it is silent.
 */
static void revive(tend_record *r, tend_entry *entry)
{
    tend_intake *intake = r->intake;
    uint32_t row = r->before;

    while (row != TEND_NO_ROW && intake->entries[row].flags & TEND_ENTRY_REMOVED)
        row = intake->entries[row].before;
    if (row == TEND_NO_ROW || !(intake->entries[row].flags & TEND_ENTRY_OVERTAKEN))
        return;
    intake->entries[row].flags &= (uint8_t)~TEND_ENTRY_OVERTAKEN;
    intake->entries[row].up = TEND_NO_ROW;
    intake->parts[intake->entries[row].part].same--;
    entry->flags |= TEND_ENTRY_SECOND;
}

/* Whether nothing of the row before is left to say. Records with times of their own are history: none overtakes another. One that
 * is new is made, although it is removed at once, for others refer to it. */
static tend_status says_it_all(tend_record *r, bool is_removed, bool *ret_does, tend_error *reterr)
{
    tend_intake *intake = r->intake;
    const tend_entry *before = &intake->entries[r->before];
    int64_t id = 0;
    tend_status status;

    *ret_does = false;
    if (r->known_at != TEND_NO_TIME || r->effective_at != TEND_NO_TIME || before->part != intake->current ||
        (r->before < intake->mark.entry_count && before->up != TEND_NO_ROW))
        return TEND_OK;
    if (before->flags & TEND_ENTRY_REMOVED || !is_removed) {
        *ret_does = before->flags & TEND_ENTRY_REMOVED || names_all(r);
        return TEND_OK;
    }
    status = tend_identity_find(intake->model, intake->source, r->part->kind->kind, r->external, r->external_length, &id, reterr);
    *ret_does = status == TEND_OK && id != 0;
    return status;
}

tend_status tend_record_overtake(tend_record *r, tend_entry *entry, uint32_t row, tend_error *reterr)
{
    tend_intake *intake = r->intake;
    tend_entry *before = &intake->entries[r->before];
    bool does = false;
    tend_status status = says_it_all(r, (entry->flags & TEND_ENTRY_REMOVED) != 0, &does, reterr);

    if (status < 0)
        return status;
    if (!does || before->flags & TEND_ENTRY_SECOND)
        entry->flags |= TEND_ENTRY_SECOND;
    if (!does)
        return TEND_OK;
    before->flags |= TEND_ENTRY_OVERTAKEN;
    if (has_tree(r->stream))
        before->up = row;
    intake->parts[before->part].same++;
    if (before->flags & TEND_ENTRY_REMOVED && !(entry->flags & TEND_ENTRY_REMOVED) && !names_all(r))
        revive(r, entry);
    return TEND_OK;
}

/* A key that was read before. *ret_done: the record ends here. */
tend_status tend_record_again(tend_record *r, uint32_t first, bool *ret_done)
{
    tend_intake *intake = r->intake;
    const tend_entry *before = &intake->entries[first];
    char reason[600];
    tend_key key;
    uint32_t repeats;
    const char *numbered;

    *ret_done = true;
    r->before = tend_record_before(r);
    if (tend_intake_takes_last(intake, r->stream) || (intake->entries[r->before].flags & TEND_ENTRY_REMOVED)) {
        const tend_entry *last = &intake->entries[r->before];

        *ret_done = !(last->flags & TEND_ENTRY_REMOVED) && last->raw == r->raw && last->part == intake->current;
        r->part->same += *ret_done; /* the very same is nothing new */
        return TEND_OK;
    }
    if (r->stream->numbers_repeats) {
        r->before = TEND_NO_ROW;
        key = tend_key_of((int)r->part->kind->kind, -1, r->external, r->external_length);
        repeats = tend_keys_repeats(&intake->identities, &key);
        do { /* a record may be called so by itself */
            numbered = tend_arena_print(intake->scratch, "%.*s#%u", (int)r->external_length, r->external, ++repeats);
            if (!numbered)
                return TEND_ENOMEM;
            key = tend_key_of((int)r->part->kind->kind, -1, numbered, strlen(numbered));
        } while (tend_keys_find(&intake->identities, &key) != TEND_NO_ROW);
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
    (void)snprintf(
        reason, sizeof reason,
        "the key '%.*s' was already read at %s; give each record its own, or write in the mapping repeats = last (the later one "
        "counts) or number (each is kept)",
        (int)(r->external_length > 200 ? 200 : r->external_length), r->external, tend_intake_place(intake, first));
    return tend_record_refuse(r, r->stream->key_count > 0 ? r->stream->keys[0] : NULL, r->external, r->external_length, reason);
}
