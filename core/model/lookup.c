/* lookup.c: the row that people mean by a name. */
#include "base/buffer.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "model/inside.h"
#include <stdlib.h>
#include <string.h>

/* Every live row's folded text as a hash, sorted; made when first asked for and again after the kind was written. */
typedef struct entry {
    uint64_t hash;
    int64_t id;
} entry;

struct tend_lookup {
    tend_lookup *next;
    int field;
    int64_t version;
    entry *entries; /* owned */
    size_t count, room;
};

void tend_lookup_free(tend_lookup *lookups)
{
    while (lookups) {
        tend_lookup *next = lookups->next;

        free(lookups->entries);
        free(lookups);
        lookups = next;
    }
}

static int by_hash(const void *one, const void *two)
{
    const entry *a = one, *b = two;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static tend_status fold(tend_arena *arena, const char *text, size_t length, const char **ret_text, size_t *ret_length)
{
    const char *composed = text;
    tend_status status = tend_utf8_nfc(arena, text, length, &composed, &length);

    return status < 0 ? status : tend_utf8_fold(arena, composed, length, ret_text, ret_length);
}

static tend_status add(tend_lookup *lookup, uint64_t hash, int64_t id)
{
    if (lookup->count == lookup->room) {
        size_t room = lookup->room ? lookup->room * 2 : 256;
        entry *entries = realloc(lookup->entries, room * sizeof *entries);

        if (!entries)
            return TEND_ENOMEM;
        lookup->entries = entries;
        lookup->room = room;
    }
    lookup->entries[lookup->count++] = (entry){ .hash = hash, .id = id };
    return TEND_OK;
}

static tend_status fill(tend_model *model, const tend_kind_schema *kind, tend_lookup *lookup, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_arena *arena = tend_arena_new();
    const char *name = kind->fields[lookup->field].name;
    char sql[240];
    bool has_row = false;
    tend_status status = arena ? TEND_OK : TEND_ENOMEM;

    lookup->count = 0;
    (void)snprintf(sql, sizeof sql, "SELECT id, \"%s\" FROM \"%s\" WHERE %s IS NULL AND \"%s\" IS NOT NULL", name, kind->table,
                   kind->is_fact ? "closed_at" : "removed_at", name);
    if (status >= 0)
        status = tend_store_prepare(model->store, sql, &statement, reterr);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        size_t length = 0;
        const char *text = tend_statement_text(statement, 1, &length);

        tend_arena_reset(arena);
        status = fold(arena, text, length, &text, &length);
        if (status >= 0)
            status = add(lookup, tend_hash64(text, length), tend_statement_int(statement, 0));
    }
    tend_statement_end(statement);
    tend_arena_free(arena);
    if (status == TEND_ENOMEM)
        (void)tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
    if (status >= 0 && lookup->count > 0)
        qsort(lookup->entries, lookup->count, sizeof *lookup->entries, by_hash);
    lookup->version = model->kinds[kind->kind].version;
    return status;
}

static tend_status find_lookup(tend_model *model, const tend_kind_schema *kind, int field, tend_lookup **ret_lookup,
                               tend_error *reterr)
{
    tend_model_kind *state = &model->kinds[kind->kind];
    tend_lookup *lookup = state->lookups;

    while (lookup && lookup->field != field)
        lookup = lookup->next;
    if (!lookup) {
        lookup = calloc(1, sizeof *lookup);
        if (!lookup)
            return tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
        lookup->field = field;
        lookup->version = -1;
        lookup->next = state->lookups;
        state->lookups = lookup;
    }
    *ret_lookup = lookup;
    return lookup->version == state->version ? TEND_OK : fill(model, kind, lookup, reterr);
}

/* Rows that read exactly so, by the index: up to `limit` ids. */
static tend_status find_exact(tend_model *model, const tend_kind_schema *kind, int field, const char *text, size_t length,
                              int64_t *ids, size_t limit, size_t *ret_count, tend_error *reterr)
{
    tend_statement *statement = NULL;
    char sql[240];
    bool has_row = false;
    tend_status status;

    (void)snprintf(sql, sizeof sql, "SELECT id FROM \"%s\" WHERE \"%s\"=?1 AND %s IS NULL ORDER BY id LIMIT %zu", kind->table,
                   kind->fields[field].name, kind->is_fact ? "closed_at" : "removed_at", limit);
    status = tend_store_prepare(model->store, sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_text(statement, 1, text, length);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        ids[(*ret_count)++] = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

/* Whether the row really reads like that: a hash alone is no proof. */
static tend_status reads_like(tend_model *model, const tend_kind_schema *kind, int field, int64_t id, const char *folded,
                              size_t length, bool *ret_same, tend_error *reterr)
{
    tend_statement *statement = NULL;
    char sql[200];
    bool has_row = false;
    tend_status status;

    *ret_same = false;
    (void)snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE id=?1", kind->fields[field].name, kind->table);
    status = tend_store_prepare(model->store, sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, id);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row && !tend_statement_is_null(statement, 0)) {
        size_t size = 0;
        const char *text = tend_statement_text(statement, 0, &size);

        status = fold(model->scratch, text, size, &text, &size);
        *ret_same = status >= 0 && size == length && !memcmp(text, folded, length);
    }
    tend_statement_end(statement);
    return status;
}

static tend_status find_folded(tend_model *model, const tend_kind_schema *kind, int field, const char *text, size_t length,
                               int64_t *ids, size_t limit, size_t *ret_count, tend_error *reterr)
{
    tend_lookup *lookup = NULL;
    size_t low = 0, high;
    uint64_t hash;
    tend_status status = fold(model->scratch, text, length, &text, &length);

    if (status >= 0)
        status = find_lookup(model, kind, field, &lookup, reterr);
    if (status < 0)
        return status;
    hash = tend_hash64(text, length);
    high = lookup->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (lookup->entries[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < lookup->count && lookup->entries[low].hash == hash && *ret_count < limit && status >= 0; low++) {
        bool is_same = false;

        status = reads_like(model, kind, field, lookup->entries[low].id, text, length, &is_same, reterr);
        if (is_same)
            ids[(*ret_count)++] = lookup->entries[low].id;
    }
    return status;
}

static tend_status find_number(tend_model *model, const tend_kind_schema *kind, const char *text, size_t length, int64_t *ret_id,
                               tend_error *reterr)
{
    int64_t id = 0;
    char sql[160];
    int64_t found = 0;
    tend_status status;

    for (size_t i = 1; i < length && id >= 0; i++) {
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(id, 10, &id) || __builtin_add_overflow(id, text[i] - '0', &id))
            id = -1;
    }
    (void)snprintf(sql, sizeof sql, "SELECT 1 FROM \"%s\" WHERE id=%lld AND %s IS NULL", kind->table, (long long)id,
                   kind->is_fact ? "closed_at" : "removed_at");
    status = id > 0 ? tend_store_number(model->store, sql, 0, &found, reterr) : TEND_OK;
    if (status >= 0 && !found)
        status = tend_fail(reterr, TEND_ENOTFOUND, "%.*s: there is no such %s; `tend list %s` shows those that exist", (int)length,
                           text, kind->name, kind->table);
    if (status >= 0)
        *ret_id = id;
    return status;
}

/* What tells rows of one name apart: their account, an address, a region; NULL: nothing that is known. */
static const char *tell_apart(tend_model *model, const tend_kind_schema *kind, int64_t id)
{
    static const char *const names[] = { "account", "email", "region", "city", "country" };
    char sql[300];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int field = tend_schema_field(kind, names[i]);
        tend_statement *find;
        bool has_row = false;
        const char *found = NULL;

        if (field < 0)
            continue;
        if (kind->fields[field].type == TEND_REF)
            (void)snprintf(sql, sizeof sql, "SELECT a.name FROM accounts a JOIN \"%s\" t ON t.\"%s\"=a.id WHERE t.id=?1",
                           kind->table, names[i]);
        else
            (void)snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE id=?1", names[i], kind->table);
        if (tend_store_prepare(model->store, sql, &find, NULL) < 0)
            continue;
        tend_statement_bind_int(find, 1, id);
        if (tend_statement_step(find, &has_row, NULL) >= 0 && has_row && !tend_statement_is_null(find, 0))
            found = tend_arena_string(model->scratch, tend_statement_text(find, 0, NULL));
        tend_statement_end(find);
        if (found)
            return found;
    }
    return NULL;
}

static tend_status refuse_several(tend_model *model, const tend_kind_schema *kind, const char *text, size_t length,
                                  const int64_t *ids, size_t count, tend_error *reterr)
{
    tend_world world = tend_world_live(model);
    tend_buffer list = { 0 };

    for (size_t i = 0; i < count && i < 5; i++) {
        const char *apart = tell_apart(model, kind, ids[i]);

        tend_buffer_print(&list, "%s#%lld %s%s%s%s", i ? ", " : "", (long long)ids[i],
                          tend_row_name(&world, kind->kind, ids[i], model->scratch), apart ? " (" : "", apart ? apart : "",
                          apart ? ")" : "");
    }
    if (count > 5)
        tend_buffer_text(&list, ", …");
    (void)tend_fail(reterr, TEND_EINVAL, "%.*s: several %s are called so: %s; name one by its #id", (int)length, text, kind->table,
                    tend_buffer_string(&list));
    tend_buffer_clear(&list);
    return TEND_EINVAL;
}

tend_status tend_model_lookup(tend_model *model, tend_kind number, int field, const char *text, size_t length, int64_t *ret_id,
                              tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(model->schema, number);
    int64_t ids[6];
    size_t count = 0;
    tend_status status;

    tend_arena_reset(model->scratch);
    if (length > 1 && text[0] == '#')
        return find_number(model, kind, text, length, ret_id, reterr);
    if (field < 0 || kind->fields[field].type != TEND_TEXT)
        return tend_fail(reterr, TEND_EINVAL, "%.*s: a %s has no name to look it up by; write its #id", (int)length, text,
                         kind->name);
    status = find_exact(model, kind, field, text, length, ids, 6, &count, reterr);
    if (status >= 0 && count == 0)
        status = find_folded(model, kind, field, text, length, ids, 6, &count, reterr);
    if (status < 0)
        return status;
    if (count == 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "%.*s: no %s is called so; `tend list %s` shows those that exist", (int)length,
                         text, kind->name, kind->table);
    if (count > 1)
        return refuse_several(model, kind, text, length, ids, count, reterr);
    *ret_id = ids[0];
    return TEND_OK;
}
