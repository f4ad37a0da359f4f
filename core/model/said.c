/* said.c: what each source said last, so that a source that repeats itself says nothing new.
 *
 * Beside an identity stand only the fields where the row holds something else than what this source said, because a person or
 * another source changed it since. A field without an entry: the source said what the row holds, or nothing yet. So most identities
 * carry nothing, and a source is asked about by the read that finds its row. */
#include "base/hash.h"
#include "model/inside.h"
#include <string.h>

#define ENTRY_BYTES 24 /* field, value, time: little-endian, the same on every machine */

struct tend_said_entry {
    uint64_t field, value; /* hashes of the name and of the value */
    tend_time at;          /* since when the source says so */
};

static uint64_t hash_of(const void *bytes, size_t length)
{
    static const uint8_t key[16] = "tend: said last"; /* not a secret: entries are compared within one store */
    uint8_t hash[16];
    uint64_t number = 0;

    tend_siphash128(key, bytes, length, hash);
    for (int i = 0; i < 8; i++)
        number |= (uint64_t)hash[i] << (8 * i);
    return number;
}

static uint64_t name_hash(const tend_kind_schema *kind, int field)
{
    const char *name = field < 0 ? "" : kind->fields[field].name;

    return hash_of(name, strlen(name));
}

/* Values of one field are compared, so that its type need not be told; amounts count without their currency, a field of its own. */
static uint64_t value_hash(const tend_value *value)
{
    uint8_t bytes[9] = { 1 };

    if (value->type == TEND_NULL)
        return hash_of("", 0);
    if (value->type == TEND_TEXT)
        return hash_of(value->text, value->length);
    for (int i = 0; i < 8; i++)
        bytes[i + 1] = (uint8_t)((uint64_t)value->integer >> (8 * i));
    return hash_of(bytes, sizeof bytes);
}

static uint64_t read_number(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

static void write_number(uint64_t number, uint8_t *bytes)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
}

static tend_status no_memory(const tend_writing *writing)
{
    return tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
}

size_t tend_said_without(const tend_kind_schema *kind, int field, const void *bytes, size_t length, void *ret_bytes)
{
    uint64_t name = name_hash(kind, field);
    uint8_t *to = ret_bytes;
    size_t kept = 0;

    for (size_t at = 0; at + ENTRY_BYTES <= length; at += ENTRY_BYTES) {
        if (read_number((const uint8_t *)bytes + at) == name)
            continue;
        memcpy(to + kept, (const uint8_t *)bytes + at, ENTRY_BYTES);
        kept += ENTRY_BYTES;
    }
    return kept;
}

/* ---- a list of entries --------------------------------------------------------------------------------------------------- */

tend_status tend_said_read(tend_arena *arena, const void *bytes, size_t length, tend_said *ret_said)
{
    size_t count = length / ENTRY_BYTES;

    *ret_said = (tend_said){ .count = count, .room = count + 4 };
    if (count == 0) {
        ret_said->room = 0;
        return TEND_OK;
    }
    ret_said->entries = tend_arena_take(arena, ret_said->room * sizeof *ret_said->entries);
    if (!ret_said->entries)
        return TEND_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = (const uint8_t *)bytes + i * ENTRY_BYTES;

        ret_said->entries[i] =
            (tend_said_entry){ .field = read_number(at), .value = read_number(at + 8), .at = (tend_time)read_number(at + 16) };
    }
    return TEND_OK;
}

static tend_said_entry *find(const tend_said *said, uint64_t field)
{
    for (size_t i = 0; i < said->count; i++) {
        if (said->entries[i].field == field)
            return &said->entries[i];
    }
    return NULL;
}

static void drop(tend_said *said, tend_said_entry *entry)
{
    if (!entry)
        return;
    *entry = said->entries[--said->count];
    said->is_changed = true;
}

static tend_status add(const tend_writing *writing, tend_said *said, uint64_t field, uint64_t value, tend_time at)
{
    if (said->count == said->room) {
        size_t room = said->room ? said->room * 2 : 4;
        tend_said_entry *entries = tend_arena_take(writing->model->scratch, room * sizeof *entries);

        if (!entries)
            return no_memory(writing);
        if (said->count > 0)
            memcpy(entries, said->entries, said->count * sizeof *entries);
        said->entries = entries;
        said->room = room;
    }
    said->entries[said->count++] = (tend_said_entry){ .field = field, .value = value, .at = at };
    said->is_changed = true;
    return TEND_OK;
}

/* A name that stands in the row of the record becomes one of `aliases`, where there is room for what was said. */
static tend_status move_name(const tend_writing *writing, int64_t source, const char *external, size_t length)
{
    static const char *const forms[] = {
        "INSERT INTO aliases (source, kind, external, row) SELECT source, %2$d, external, id FROM \"%1$s\""
        " WHERE source=?1 AND external=?2",
        "UPDATE \"%1$s\" SET source=NULL, external=NULL WHERE source=?1 AND external=?2",
    };
    tend_status status = tend_load_need_names(writing->model, writing->kind->kind, writing->reterr);

    writing->model->kinds[writing->kind->kind].aliases = TEND_ALIASES_SOME;
    for (size_t i = 0; i < sizeof forms / sizeof *forms && status >= 0; i++) {
        tend_statement *move = NULL;
        char sql[240];

        (void)snprintf(sql, sizeof sql, forms[i], writing->kind->table, (int)writing->kind->kind);
        status = tend_store_prepare(writing->model->store, sql, &move, writing->reterr);
        if (status >= 0) {
            tend_statement_bind_int(move, 1, source);
            tend_statement_bind_text(move, 2, external, length);
            status = tend_statement_run(move, writing->reterr);
        }
        tend_statement_end(move);
    }
    return status;
}

static tend_status store(const tend_writing *writing, const tend_said *said, int64_t source, const char *external, size_t length)
{
    tend_statement *update = NULL;
    uint8_t *bytes = tend_arena_take(writing->model->scratch, said->count * ENTRY_BYTES + 1);
    tend_status status;

    if (!bytes)
        return no_memory(writing);
    for (size_t i = 0; i < said->count; i++) {
        write_number(said->entries[i].field, bytes + i * ENTRY_BYTES);
        write_number(said->entries[i].value, bytes + i * ENTRY_BYTES + 8);
        write_number((uint64_t)said->entries[i].at, bytes + i * ENTRY_BYTES + 16);
    }
    status = move_name(writing, source, external, length);
    if (status >= 0)
        status = tend_store_prepare(writing->model->store, "UPDATE aliases SET said=?4 WHERE source=?1 AND kind=?2 AND external=?3",
                                    &update, writing->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(update, 1, source);
    tend_statement_bind_int(update, 2, writing->kind->kind);
    tend_statement_bind_text(update, 3, external, length);
    if (said->count > 0)
        tend_statement_bind_bytes(update, 4, bytes, said->count * ENTRY_BYTES);
    else
        tend_statement_bind_null(update, 4);
    status = tend_statement_run(update, writing->reterr);
    tend_statement_end(update);
    tend_put_wrote(writing);
    return status;
}

/* ---- what the record's own source says ----------------------------------------------------------------------------------- */

static bool is_money(const tend_kind_schema *kind, int field)
{
    return field == kind->currency_field || (kind->currency_field >= 0 && kind->fields[field].type == TEND_MONEY);
}

/* Amounts and their currency are one statement: when one of them is new, all of them are said anew. */
static bool says_new_money(const tend_writing *writing, const tend_value *now, const tend_value *said)
{
    for (int i = 0; i < writing->put->field_count; i++) {
        int field = writing->put->fields[i].field;
        const tend_said_entry *entry;

        if (!is_money(writing->kind, field) || tend_stored_equal(&now[field], &said[field]))
            continue;
        entry = find(writing->said, name_hash(writing->kind, field));
        if (!entry || entry->value != value_hash(&said[field]))
            return true;
    }
    return false;
}

void tend_said_leave(const tend_writing *writing, const tend_value *now, tend_value *values, tend_time at)
{
    tend_said *said = writing->said;
    bool has_new_money;

    if (said->count == 0)
        return;
    has_new_money = says_new_money(writing, now, values);
    for (int i = 0; i < writing->put->field_count; i++) {
        int field = writing->put->fields[i].field;
        uint64_t value = value_hash(&values[field]);
        tend_said_entry *entry = find(said, name_hash(writing->kind, field));

        if (!entry || at < entry->at)
            continue;
        if (tend_stored_equal(&now[field], &values[field])) {
            drop(said, entry); /* it agrees with the row again */
        } else if (entry->value != value) {
            if (!writing->origin->is_history) { /* what is told of the past is not its last word */
                *entry = (tend_said_entry){ .field = entry->field, .value = value, .at = at };
                said->is_changed = true;
            }
        } else if (!(has_new_money && is_money(writing->kind, field))) {
            values[field] = now[field];
        }
    }
}

static uint64_t presence(bool is_removed)
{
    return value_hash(&(tend_value){ .type = TEND_BOOL, .integer = is_removed });
}

bool tend_said_repeats_presence(const tend_writing *writing, bool is_removed)
{
    const tend_said_entry *entry = find(writing->said, name_hash(writing->kind, -1));

    return entry && entry->value == presence(is_removed);
}

void tend_said_agrees_on_presence(const tend_writing *writing)
{
    drop(writing->said, find(writing->said, name_hash(writing->kind, -1)));
}

/* The source that wrote what a field, or a fact's version, holds now. */
static tend_status written_by(const tend_writing *writing, int64_t row, const char *field, int64_t *ret_source)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    char sql[480];
    tend_status status;

    /* What is older than the row itself never became its value. */
    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce((SELECT c.source FROM changes c WHERE c.kind=?1 AND c.row=?2 AND c.field=?3 AND ?3<>'' AND"
                   " c.effective_at>=r.effective_at ORDER BY c.effective_at DESC, c.id DESC LIMIT 1), (SELECT source FROM batches"
                   " WHERE id=r.batch), (SELECT source FROM changes WHERE kind=?1 AND row=?2 AND field='' ORDER BY id LIMIT 1))"
                   " FROM \"%s\" r WHERE r.id=?2",
                   writing->kind->table);
    status = tend_store_prepare(writing->model->store, sql, &statement, writing->reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, writing->kind->kind);
    tend_statement_bind_int(statement, 2, row);
    tend_statement_bind_string(statement, 3, field);
    status = tend_statement_step(statement, &has_row, writing->reterr);
    if (status >= 0)
        *ret_source = has_row && !tend_statement_is_null(statement, 0) ? tend_statement_int(statement, 0) : 0;
    tend_statement_end(statement);
    return status;
}

tend_status tend_said_outvoted(const tend_writing *writing, int64_t row, int field, const tend_value *value, tend_time at)
{
    const char *name = writing->kind->is_fact ? "" : writing->kind->fields[field].name;
    uint64_t hash = name_hash(writing->kind, field);
    int64_t source = 0;
    tend_status status;

    if (!writing->put->external || writing->origin->is_history || find(writing->said, hash))
        return TEND_OK;
    status = written_by(writing, row, name, &source);
    if (status < 0 || source == writing->origin->source)
        return status; /* the newer value is its own */
    return add(writing, writing->said, hash, value_hash(value), at);
}

/* ---- what others said of the row ----------------------------------------------------------------------------------------- */

struct tend_said_change {
    uint64_t field, before, after;
    tend_time since;
};

static tend_status note(const tend_writing *writing, int64_t row, const tend_said_change *change)
{
    tend_said *said = writing->said;

    if (!said->changes)
        said->changes = tend_arena_take(writing->model->scratch, ((size_t)writing->kind->field_count + 1) * sizeof *said->changes);
    if (!said->changes)
        return no_memory(writing);
    said->row = row;
    said->changes[said->change_count++] = *change;
    return TEND_OK;
}

tend_status tend_said_changed(const tend_writing *writing, int64_t row, int field, const tend_value *before,
                              const tend_value *after, tend_time since)
{
    return note(
        writing, row,
        &(tend_said_change){
            .field = name_hash(writing->kind, field), .before = value_hash(before), .after = value_hash(after), .since = since });
}

tend_status tend_said_presence(const tend_writing *writing, int64_t row, bool is_removed, tend_time since)
{
    return note(writing, row,
                &(tend_said_change){ .field = name_hash(writing->kind, -1),
                                     .before = presence(!is_removed),
                                     .after = presence(is_removed),
                                     .since = since });
}

/* Another identity of the row: what its source said before stays known, unless it is what is undone. */
static tend_status tell_other(const tend_writing *writing, int64_t source, tend_said *other)
{
    const tend_said *said = writing->said;
    bool is_forgotten =
        source != 0 && (source == writing->origin->forgets || (source == writing->origin->source && !writing->put->external));
    tend_status status = TEND_OK;

    for (size_t i = 0; i < said->change_count && status >= 0; i++) {
        const tend_said_change *change = &said->changes[i];
        tend_said_entry *entry = find(other, change->field);

        if (is_forgotten || (entry && entry->value == change->after))
            drop(other, entry);
        else if (!entry && change->before != change->after)
            status = add(writing, other, change->field, change->before, change->since);
    }
    return status;
}

static bool is_own(const tend_writing *writing, int64_t source, const char *external, size_t length)
{
    const tend_put *put = writing->put;

    if (source != writing->origin->source)
        return false;
    return put->external ? put->external_length == length && !memcmp(put->external, external, length) : source == 0;
}

/* Another name of the row, and what was said by it. */
typedef struct other_name {
    int64_t source;
    const char *external;
    size_t length;
    tend_said said;
    struct other_name *next;
} other_name;

/* All of them before any is written: a name may move. */
static tend_status read_others(const tend_writing *writing, other_name **ret_others)
{
    tend_model *model = writing->model;
    tend_statement *names = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(model->store, tend_schema_sql_of(model->schema, writing->kind->kind)->row_names, &names,
                                            writing->reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(names, 1, writing->said->row);
    while ((status = tend_statement_step(names, &has_row, writing->reterr)) >= 0 && has_row) {
        other_name *other = tend_arena_take(model->scratch, sizeof *other);
        size_t length, said_length;
        const char *external = tend_statement_text(names, 1, &length);
        const void *said = tend_statement_bytes(names, 2, &said_length);

        if (is_own(writing, tend_statement_int(names, 0), external, length))
            continue;
        writing->result->is_shared = writing->result->is_shared || tend_statement_int(names, 0) == writing->origin->source;
        if (other)
            *other = (other_name){ .source = tend_statement_int(names, 0),
                                   .external = tend_arena_copy(model->scratch, external, length),
                                   .length = length,
                                   .next = *ret_others };
        if (!other || !other->external || tend_said_read(model->scratch, said, said ? said_length : 0, &other->said) < 0) {
            status = no_memory(writing);
            break;
        }
        *ret_others = other;
    }
    tend_statement_end(names);
    return status;
}

/* Whether the row can be called otherwise: it bears the record's own name, and others stand in a table that may hold none. */
static tend_status may_have_others(const tend_writing *writing, bool *ret_may)
{
    tend_model_kind *kind = &writing->model->kinds[writing->kind->kind];
    char sql[80];
    int64_t has_any = 0;
    tend_status status = TEND_OK;

    *ret_may = true;
    if (!writing->is_named)
        return TEND_OK;
    if (kind->aliases == TEND_ALIASES_UNKNOWN) {
        (void)snprintf(sql, sizeof sql, "SELECT EXISTS (SELECT 1 FROM aliases WHERE kind=%d)", (int)writing->kind->kind);
        status = tend_store_number(writing->model->store, sql, 0, &has_any, writing->reterr);
        if (status >= 0)
            kind->aliases = has_any ? TEND_ALIASES_SOME : TEND_ALIASES_NONE;
    }
    *ret_may = kind->aliases != TEND_ALIASES_NONE;
    return status;
}

static tend_status tell_others(const tend_writing *writing)
{
    other_name *others = NULL;
    bool may = false;
    tend_status status = may_have_others(writing, &may);

    if (status >= 0 && may)
        status = read_others(writing, &others);
    for (; status >= 0 && others; others = others->next) {
        status = tell_other(writing, others->source, &others->said);
        if (status >= 0 && others->said.is_changed)
            status = store(writing, &others->said, others->source, others->external, others->length);
    }
    return status;
}

tend_status tend_said_end(const tend_writing *writing)
{
    tend_said *said = writing->said;
    tend_status status = said->change_count > 0 ? tell_others(writing) : TEND_OK;

    for (size_t i = 0; i < said->change_count && writing->put->external; i++)
        drop(said, find(said, said->changes[i].field)); /* the row holds what it says */
    if (status >= 0 && said->is_changed)
        status = store(writing, said, writing->origin->source, writing->put->external, writing->put->external_length);
    return status;
}
