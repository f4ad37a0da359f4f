#include "sync/spool_row.h"

#include <assert.h>
#include <string.h>

/* A row: head, when it was known (only with KNOWN_APART), external id + NUL, fields, cells (u32 length + bytes; UINT32_MAX: not
 * named), the hash of a TEND_SPOOL_HASHED. It is kept small: a first import writes and reads all rows, and memory that nobody
 * touched before costs more than to pack them. */
typedef struct row_head {
    uint32_t bytes; /* of the whole row */
    uint32_t line, part, external_length;
    int64_t effective_at;
    uint16_t field_count, cell_count;
    uint8_t line_high, kind, flags, more;
} row_head;
static_assert(sizeof(row_head) == TEND_SPOOL_LEAST, "");
enum { KNOWN_APART = 1 }; /* in `more` */

/* Before each field: its number and, in the low four bits, its type. Behind it the scale of decimals, references and nulls; then of
 * a text its length, bytes and NUL, of others their number. */
typedef uint16_t value_head;
#define LONG_TEXT 0xffff /* a length of two bytes that says: the next four are it */
#define CURRENCY_BYTES 3
#define VIA_BYTES 2
static_assert(TEND_SPOOL_PATCH == sizeof(value_head) + 1 + sizeof(int64_t) + VIA_BYTES, "");

static bool has_scale(uint8_t type)
{
    return type == TEND_NULL || type == TEND_DECIMAL || type == TEND_REF;
}

/* Of a value that is no text, behind its head and scale. A reference that is still to come has its room. */
static size_t value_bytes(uint8_t type, uint8_t scale)
{
    switch (type) {
    case TEND_NULL:
        return scale == TEND_SPOOL_LATER ? sizeof(int64_t) + VIA_BYTES : 0;
    case TEND_REF:
        return sizeof(int64_t) + VIA_BYTES;
    case TEND_MONEY:
        return sizeof(int64_t) + CURRENCY_BYTES;
    case TEND_DATE:
        return sizeof(tend_date);
    default:
        return sizeof(int64_t);
    }
}

static size_t text_bytes(size_t length)
{
    return sizeof(uint16_t) + (length < LONG_TEXT ? 0 : sizeof(uint32_t)) + length + 1;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------- */

size_t tend_spool_row_bytes(const tend_spool_row *row, const tend_cell *cells, uint32_t count)
{
    size_t bytes = sizeof(row_head) + row->external_length + 1;

    if (row->known_at != row->effective_at)
        bytes += sizeof row->known_at;
    for (int i = 0; i < row->field_count; i++) {
        const tend_value *value = &row->fields[i].value;

        bytes += sizeof(value_head) + has_scale(value->type) +
                 (value->type == TEND_TEXT ? text_bytes(value->length) : value_bytes(value->type, value->scale));
    }
    for (uint32_t i = 0; i < count; i++)
        bytes += sizeof(uint32_t) + (cells[i].text ? cells[i].length : 0);
    if (row->flags & TEND_SPOOL_HASHED)
        bytes += sizeof row->hash;
    return bytes;
}

static char *put(char *at, const void *bytes, size_t length)
{
    return length > 0 ? (char *)mempcpy(at, bytes, length) : at;
}

static char *put_text(char *at, const tend_value *value)
{
    uint16_t brief = value->length < LONG_TEXT ? (uint16_t)value->length : LONG_TEXT;
    uint32_t length = (uint32_t)value->length;

    at = put(at, &brief, sizeof brief);
    if (brief == LONG_TEXT)
        at = put(at, &length, sizeof length);
    at = put(at, value->text, value->length);
    *at++ = '\0';
    return at;
}

static char *put_field(char *at, int number, const tend_value *value)
{
    value_head head = (value_head)((unsigned)number << 4 | value->type);
    tend_date day = (tend_date)value->integer;

    at = put(at, &head, sizeof head);
    if (has_scale(value->type))
        *at++ = (char)value->scale;
    if (value->type == TEND_TEXT)
        return put_text(at, value);
    if (value->type == TEND_DATE)
        return put(at, &day, sizeof day);
    if (value->type == TEND_NULL && value->scale != TEND_SPOOL_LATER)
        return at;
    at = put(at, &value->integer, sizeof value->integer);
    return put(at, value->currency, value_bytes(value->type, value->scale) - sizeof value->integer);
}

void tend_spool_row_put(const tend_spool_row *row, const tend_cell *cells, uint32_t count, char *at, uint64_t offset,
                        uint64_t *ret_fields)
{
    const row_head head = { .bytes = (uint32_t)tend_spool_row_bytes(row, cells, count),
                            .part = row->part,
                            .line = (uint32_t)row->line,
                            .line_high = (uint8_t)(row->line >> 32),
                            .effective_at = row->effective_at,
                            .external_length = (uint32_t)row->external_length,
                            .kind = (uint8_t)row->kind,
                            .field_count = (uint16_t)row->field_count,
                            .cell_count = (uint16_t)count,
                            .flags = (uint8_t)row->flags,
                            .more = row->known_at != row->effective_at ? KNOWN_APART : 0 };
    const char *begin = at;

    at = put(at, &head, sizeof head);
    if (head.more & KNOWN_APART)
        at = put(at, &row->known_at, sizeof row->known_at);
    at = put(at, row->external, row->external_length);
    *at++ = '\0';
    for (int i = 0; i < row->field_count; i++) {
        if (ret_fields)
            ret_fields[i] = offset + (uint64_t)(at - begin);
        at = put_field(at, row->fields[i].field, &row->fields[i].value);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = cells[i].text ? (uint32_t)cells[i].length : UINT32_MAX;

        at = put(at, &length, sizeof length);
        if (cells[i].text)
            at = put(at, cells[i].text, cells[i].length);
    }
    if (row->flags & TEND_SPOOL_HASHED)
        (void)put(at, row->hash, sizeof row->hash);
}

void tend_spool_row_patch(char *field, const tend_value *value)
{
    tend_value now = *value;
    value_head head;

    memcpy(&head, field, sizeof head);
    if (now.type == TEND_NULL)
        now.scale = TEND_SPOOL_LATER; /* its room stays */
    (void)put_field(field, head >> 4, &now);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

size_t tend_spool_row_length(const char *row)
{
    row_head head;

    memcpy(&head, row, sizeof head);
    return head.bytes;
}

/* Its external id; the byte behind its NUL, or NULL when it does not fit into `length` bytes. */
static const char *after_external(const char *row, size_t length, const row_head *head, const char **ret_external)
{
    const size_t before = sizeof *head + (head->more & KNOWN_APART ? sizeof(int64_t) : 0);

    if (length < before || length - before <= head->external_length)
        return NULL;
    *ret_external = row + before;
    return row + before + head->external_length + 1;
}

const char *tend_spool_row_external(const char *row, size_t length, size_t *ret_length)
{
    const char *external = NULL;
    row_head head;

    if (length < sizeof head)
        return NULL;
    memcpy(&head, row, sizeof head);
    *ret_length = head.external_length;
    return after_external(row, length, &head, &external) ? external : NULL;
}

static const char *read_text(const char *at, const char *end, tend_value *value)
{
    uint16_t brief;
    uint32_t length;

    if ((size_t)(end - at) < sizeof brief)
        return NULL;
    memcpy(&brief, at, sizeof brief);
    at += sizeof brief;
    length = brief;
    if (brief == LONG_TEXT) {
        if ((size_t)(end - at) < sizeof length)
            return NULL;
        memcpy(&length, at, sizeof length);
        at += sizeof length;
    }
    if (length >= (size_t)(end - at) || at[length] != '\0')
        return NULL;
    value->text = at;
    value->length = length;
    return at + length + 1;
}

/* One field; the byte behind it, or NULL when the row lies about it. */
static const char *read_field(const char *at, const char *end, tend_assignment *ret_field)
{
    tend_value *value = &ret_field->value;
    value_head head;
    tend_date day;
    size_t bytes;

    if ((size_t)(end - at) < sizeof head + 1)
        return NULL;
    memcpy(&head, at, sizeof head);
    at += sizeof head;
    ret_field->field = head >> 4;
    *value = (tend_value){ .type = head & 15 };
    if (value->type > TEND_REF)
        return NULL;
    if (has_scale(value->type))
        value->scale = (uint8_t)*at++;
    if (value->type == TEND_TEXT)
        return read_text(at, end, value);
    bytes = value_bytes(value->type, value->scale);
    if ((size_t)(end - at) < bytes)
        return NULL;
    if (value->type == TEND_DATE) {
        memcpy(&day, at, sizeof day);
        value->integer = day;
    } else if (value->type == TEND_NULL) {
        value->scale = 0;
    } else {
        memcpy(&value->integer, at, sizeof value->integer);
        memcpy(value->currency, at + sizeof value->integer, bytes - sizeof value->integer);
    }
    return at + bytes;
}

/* Where its hash begins, or would; NULL when the row lies about its length. */
static const char *end_of(const char *row, size_t length, const row_head *head)
{
    const size_t behind = head->flags & TEND_SPOOL_HASHED ? sizeof((tend_spool_row *)NULL)->hash : 0;

    return head->bytes != length || length < sizeof *head + behind ? NULL : row + length - behind;
}

tend_status tend_spool_row_read(const char *row, size_t length, tend_assignment *fields, int room, tend_spool_row *ret_row)
{
    row_head head;
    const char *external, *at, *end;

    if (length < sizeof head)
        return TEND_ECORRUPT;
    memcpy(&head, row, sizeof head);
    at = after_external(row, length, &head, &external);
    end = end_of(row, length, &head);
    if (!at || !end || at > end || head.field_count > room)
        return TEND_ECORRUPT;
    for (int i = 0; i < head.field_count; i++) {
        at = read_field(at, end, &fields[i]);
        if (!at)
            return TEND_ECORRUPT;
    }
    *ret_row = (tend_spool_row){ .part = head.part,
                                 .line = (uint64_t)head.line_high << 32 | head.line,
                                 .kind = (tend_kind)head.kind,
                                 .effective_at = head.effective_at,
                                 .known_at = head.effective_at,
                                 .flags = head.flags,
                                 .external = external,
                                 .external_length = head.external_length,
                                 .fields = fields,
                                 .field_count = head.field_count };
    if (head.more & KNOWN_APART)
        memcpy(&ret_row->known_at, row + sizeof head, sizeof ret_row->known_at);
    if (head.flags & TEND_SPOOL_HASHED)
        memcpy(ret_row->hash, end, sizeof ret_row->hash);
    return TEND_OK;
}

tend_status tend_spool_row_cells(const char *row, size_t length, tend_arena *arena, const tend_cell **ret_cells,
                                 uint32_t *ret_count)
{
    row_head head;
    tend_assignment field;
    tend_cell *cells;
    const char *external, *at, *end;

    if (length < sizeof head)
        return TEND_ECORRUPT;
    memcpy(&head, row, sizeof head);
    at = after_external(row, length, &head, &external);
    end = end_of(row, length, &head);
    if (!at || !end || at > end)
        return TEND_ECORRUPT;
    for (int i = 0; i < head.field_count; i++) {
        at = read_field(at, end, &field);
        if (!at)
            return TEND_ECORRUPT;
    }
    cells = tend_arena_take(arena, (size_t)(head.cell_count + 1u) * sizeof *cells);
    if (!cells)
        return TEND_ENOMEM;
    for (uint32_t i = 0; i < head.cell_count; i++) {
        uint32_t bytes;

        if ((size_t)(end - at) < sizeof bytes)
            return TEND_ECORRUPT;
        memcpy(&bytes, at, sizeof bytes);
        at += sizeof bytes;
        if (bytes == UINT32_MAX)
            continue;
        if ((size_t)(end - at) < bytes)
            return TEND_ECORRUPT;
        cells[i] = (tend_cell){ tend_arena_copy(arena, at, bytes), bytes };
        if (!cells[i].text)
            return TEND_ENOMEM;
        at += bytes;
    }
    *ret_cells = cells;
    *ret_count = head.cell_count;
    return TEND_OK;
}
