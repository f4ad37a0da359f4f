/* erase.c: a field's values gone for good, and kept from coming back. */
#include "model/erase.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "model/inside.h"
#include <string.h>

static tend_status run(tend_model *model, const char *sql, const int64_t *numbers, int count, const char *text,
                       int64_t *ret_changes, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(model->store, sql, &statement, reterr);

    if (status < 0)
        return status;
    for (int i = 0; i < count; i++)
        tend_statement_bind_int(statement, i + 1, numbers[i]);
    if (text)
        tend_statement_bind_string(statement, count + 1, text);
    status = tend_statement_run(statement, reterr);
    if (status >= 0 && ret_changes)
        *ret_changes += tend_store_changes(model->store);
    tend_statement_end(statement);
    return status;
}

/* What a source said last about the field stands there as a hash, beside its name for the row. */
static tend_status forget_said(tend_model *model, tend_kind kind, int64_t row, int field, tend_error *reterr)
{
    tend_statement *find = NULL, *update = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        model->store, "SELECT source, external, said FROM aliases WHERE kind=?1 AND row=?2 AND said NOT NULL", &find, reterr);

    if (status >= 0)
        status = tend_store_prepare(model->store, "UPDATE aliases SET said=?4 WHERE source=?1 AND kind=?2 AND external=?3", &update,
                                    reterr);
    if (status >= 0) {
        tend_statement_bind_int(find, 1, kind);
        tend_statement_bind_int(find, 2, row);
    }
    while (status >= 0 && (status = tend_statement_step(find, &has_row, reterr)) >= 0 && has_row) {
        size_t length, name_length, left;
        const void *bytes = tend_statement_bytes(find, 2, &length);
        const char *name = tend_statement_text(find, 1, &name_length);
        void *kept = tend_arena_take(model->scratch, length + 1);

        if (!kept) {
            status = tend_fail(reterr, TEND_ENOMEM, "erase: memory is used up");
            break;
        }
        left = tend_said_without(tend_schema_kind(model->schema, kind), field, bytes, length, kept);
        if (left == length)
            continue;
        tend_statement_bind_int(update, 1, tend_statement_int(find, 0));
        tend_statement_bind_int(update, 2, kind);
        tend_statement_bind_text(update, 3, name, name_length);
        if (left > 0)
            tend_statement_bind_bytes(update, 4, kept, left);
        else
            tend_statement_bind_null(update, 4);
        status = tend_statement_run(update, reterr);
    }
    tend_statement_end(find);
    tend_statement_end(update);
    return status;
}

tend_status tend_erase_field(tend_model *model, const tend_origin *origin, tend_kind kind, int64_t row, int field,
                             int64_t *ret_values, tend_error *reterr)
{
    const tend_kind_schema *schema = tend_schema_kind(model->schema, kind);
    const tend_field *described = &schema->fields[field];
    bool is_needed = described->flags & TEND_FIELD_REQUIRED;
    tend_buffer sql = { 0 };
    tend_status status = tend_model_refuse_outside(model, reterr);

    tend_arena_reset(model->scratch);
    tend_buffer_print(&sql, "UPDATE \"%s\" SET \"%s\"=%s WHERE %s AND \"%s\" IS NOT NULL AND \"%s\" IS NOT '" TEND_ERASED "'",
                      schema->table, described->name, is_needed ? "'" TEND_ERASED "'" : "NULL",
                      schema->is_fact ? "(id=?1 OR fact=?1 AND fact<>id)" : "id=?1", described->name, described->name);
    if (status >= 0 && sql.failed)
        status = tend_fail(reterr, TEND_ENOMEM, "erase: memory is used up");
    if (status >= 0)
        status = run(model, tend_buffer_string(&sql), &row, 1, NULL, ret_values, reterr);
    if (status >= 0)
        status = run(model, "DELETE FROM changes WHERE kind=?1 AND row=?2 AND field=?3", (int64_t[]){ kind, row }, 2,
                     described->name, ret_values, reterr);
    if (status >= 0)
        status = forget_said(model, kind, row, field, reterr);
    if (status >= 0)
        status = run(model, "INSERT OR IGNORE INTO erased_fields (kind, row, at, batch, field) VALUES (?1, ?2, ?3, ?4, ?5)",
                     (int64_t[]){ kind, row, tend_model_now(model), origin->batch }, 4, described->name, NULL, reterr);
    tend_buffer_clear(&sql);
    tend_model_touched(model, kind);
    model->has_erased = true;
    model->writes++;
    return status;
}

/* "erased:" and 32 hexadecimal digits under the store's own key. */
tend_status tend_erased_name(tend_model *model, int64_t source, tend_kind kind, const char *external, size_t length,
                             const char **ret_name, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    const char *hex;
    uint8_t key[16] = { 0 }, hash[16];
    char *name = tend_arena_take(model->scratch, 48), *at;
    tend_buffer text = { 0 };
    tend_status status = arena && name ? tend_store_meta_get(model->store, arena, "key", &hex, reterr)
                                       : tend_fail(reterr, TEND_ENOMEM, "erase: memory is used up");

    if (status < 0)
        goto out;
    for (size_t i = 0; i < sizeof key && hex[2 * i] && hex[2 * i + 1]; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *high = strchr(digits, hex[2 * i]), *low = strchr(digits, hex[2 * i + 1]);

        key[i] = (uint8_t)(high && low ? (high - digits) << 4 | (low - digits) : 0);
    }
    tend_buffer_print(&text, "%lld %d ", (long long)source, (int)kind);
    tend_buffer_append(&text, external, length);
    if (text.failed) {
        status = tend_fail(reterr, TEND_ENOMEM, "erase: memory is used up");
        goto out;
    }
    tend_siphash128(key, text.bytes, text.length, hash);
    at = stpcpy(name, "erased:");
    for (size_t i = 0; i < sizeof hash; i++)
        at += sprintf(at, "%02x", hash[i]);
    *ret_name = name;
out:
    tend_buffer_clear(&text);
    tend_arena_free(arena);
    return status;
}

/* A name stands in the row or beside it. */
static tend_status rename_to(tend_model *model, tend_kind kind, int64_t row, int64_t source, const char *external, size_t length,
                             const char *hashed, tend_error *reterr)
{
    static const char *const forms[] = {
        "UPDATE \"%s\" SET external=?4 WHERE id=?1 AND source=?2 AND external=?3",
        "UPDATE aliases SET external=?4 WHERE row=?1 AND source=?2 AND external=?3 AND kind=?5",
    };
    tend_status status = TEND_OK;

    for (size_t i = 0; i < sizeof forms / sizeof *forms && status >= 0; i++) {
        tend_statement *update = NULL;
        char sql[200];

        (void)snprintf(sql, sizeof sql, forms[i], tend_schema_kind(model->schema, kind)->table);
        status = tend_store_prepare(model->store, sql, &update, reterr);
        if (status >= 0) {
            tend_statement_bind_int(update, 1, row);
            tend_statement_bind_int(update, 2, source);
            tend_statement_bind_text(update, 3, external, length);
            tend_statement_bind_string(update, 4, hashed);
            if (i == 1)
                tend_statement_bind_int(update, 5, kind);
            status = tend_statement_run(update, reterr);
        }
        tend_statement_end(update);
    }
    return status;
}

tend_status tend_erase_names(tend_model *model, tend_kind kind, int64_t row, int64_t *ret_names, tend_error *reterr)
{
    tend_statement *find = NULL;
    struct name {
        int64_t source;
        const char *external;
        size_t length;
        struct name *next;
    } *names = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(model->store, tend_schema_sql_of(model->schema, kind)->row_names, &find, reterr);

    tend_arena_reset(model->scratch);
    if (status >= 0)
        tend_statement_bind_int(find, 1, row);
    while (status >= 0 && (status = tend_statement_step(find, &has_row, reterr)) >= 0 && has_row) {
        struct name *name = tend_arena_take(model->scratch, sizeof *name);
        const char *external;

        if (!name) {
            status = tend_fail(reterr, TEND_ENOMEM, "erase: memory is used up");
            break;
        }
        external = tend_statement_text(find, 1, &name->length);
        if (name->length >= 7 && !memcmp(external, "erased:", 7))
            continue;
        name->source = tend_statement_int(find, 0);
        name->external = tend_arena_copy(model->scratch, external, name->length);
        name->next = names;
        names = name;
    }
    tend_statement_end(find);
    for (; status >= 0 && names; names = names->next) {
        const char *hashed;

        status = tend_erased_name(model, names->source, kind, names->external, names->length, &hashed, reterr);
        if (status < 0)
            break;
        status = rename_to(model, kind, row, names->source, names->external, names->length, hashed, reterr);
        (*ret_names)++;
    }
    model->has_erased = true;
    model->writes++;
    return status;
}

tend_status tend_erase_tell(tend_model *model, const tend_origin *origin, tend_kind kind, int64_t row, tend_error *reterr)
{
    const tend_kind_schema *schema = tend_schema_kind(model->schema, kind);
    const tend_principal *principal = origin->principal;
    tend_world world = tend_world_live(model);
    tend_arena *arena = tend_arena_new();
    int64_t account = 0;
    tend_row read;
    tend_status status = arena ? tend_read(&world, principal, kind, row, arena, &read, reterr)
                               : tend_fail(reterr, TEND_ENOMEM, "erase: memory is used up");

    if (status >= 0)
        status = tend_model_account(model, schema, row, read.values, &account, reterr);
    if (status == TEND_ENOTFOUND) /* a row that was removed before tells nobody */
        status = TEND_OK;
    else if (status >= 0)
        status = tend_gather_event(&model->gather, origin, kind, row, account, "erased", reterr);
    tend_arena_free(arena);
    return status;
}

void tend_erase_forget(tend_model *model)
{
    for (int kind = 1; kind < TEND_KIND_COUNT; kind++)
        tend_model_touched(model, (tend_kind)kind);
}

tend_status tend_erased_leave(tend_writing *writing, int64_t row, tend_put *kept)
{
    tend_model *model = writing->model;
    const tend_put *put = writing->put;
    tend_assignment *fields;
    tend_statement *find = NULL;
    bool has_row = false;
    tend_status status;

    if (!model->has_erased || row == 0 || !put->external)
        return TEND_OK;
    fields = tend_arena_take(model->scratch, (size_t)(put->field_count + 1) * sizeof *fields);
    if (!fields)
        return tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
    *kept = *put;
    kept->fields = fields;
    kept->field_count = 0;
    status = tend_store_prepare(model->store, "SELECT 1 FROM erased_fields WHERE kind=?1 AND row=?2 AND field=?3", &find,
                                writing->reterr);
    for (int i = 0; status >= 0 && i < put->field_count; i++) {
        tend_statement_reset(find);
        tend_statement_bind_int(find, 1, put->kind);
        tend_statement_bind_int(find, 2, row);
        tend_statement_bind_string(find, 3, writing->kind->fields[put->fields[i].field].name);
        status = tend_statement_step(find, &has_row, writing->reterr);
        if (status >= 0 && !has_row)
            fields[kept->field_count++] = put->fields[i];
        else if (status >= 0)
            writing->result->erased_count += put->fields[i].value.type != TEND_NULL;
    }
    tend_statement_end(find);
    if (status >= 0)
        writing->put = kept;
    return status;
}
