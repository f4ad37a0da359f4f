/* identity.c: which row a source's id means, and the sources themselves. */
#include "model/inside.h"
#include <string.h>

tend_status tend_model_source(tend_model *model, const char *name, int64_t *ret_source, tend_error *reterr)
{
    tend_statement *find = NULL, *insert = NULL;
    bool has_row = false;
    int64_t id = 0;
    tend_status status = tend_store_prepare(model->store, "SELECT id FROM sources WHERE name=?1", &find, reterr);

    if (status >= 0) {
        tend_statement_bind_string(find, 1, name);
        status = tend_statement_step(find, &has_row, reterr);
    }
    if (status >= 0 && has_row)
        id = tend_statement_int(find, 0);
    tend_statement_end(find);
    if (status < 0 || has_row)
        goto out;
    status = tend_store_ids(model->store, "sources", 1, &id, reterr);
    if (status >= 0)
        status =
            tend_store_prepare(model->store, "INSERT INTO sources (id, name, first_seen) VALUES (?1, ?2, ?3)", &insert, reterr);
    if (status >= 0) {
        tend_statement_bind_int(insert, 1, id);
        tend_statement_bind_string(insert, 2, name);
        tend_statement_bind_int(insert, 3, tend_model_now(model));
        status = tend_statement_run(insert, reterr);
    }
    tend_statement_end(insert);
out:
    if (status >= 0)
        *ret_source = id;
    return status;
}

/* *ret_said may be NULL; its entries go to the scratch arena. */
static tend_status find_identity(tend_model *model, int64_t source, tend_kind kind, const char *external, size_t length,
                                 int64_t *ret_id, tend_said *ret_said, tend_error *reterr)
{
    tend_statement *find;
    bool has_row = false;
    tend_status status = tend_load_need_names(model, kind, reterr);

    if (status >= 0)
        status = tend_model_keep(model, &model->kinds[kind].find_name, tend_schema_sql_of(model->schema, kind)->find_name, reterr);
    if (status < 0)
        return status;
    find = model->kinds[kind].find_name;
    tend_statement_bind_int(find, 1, source);
    tend_statement_bind_text(find, 2, external, length);
    status = tend_statement_step(find, &has_row, reterr);
    if (status >= 0 && !has_row && model->has_erased) {
        const char *hashed = "";

        status = tend_erased_name(model, source, kind, external, length, &hashed, reterr);
        tend_statement_reset(find);
        tend_statement_bind_string(find, 2, hashed);
        if (status >= 0)
            status = tend_statement_step(find, &has_row, reterr);
    }
    if (status >= 0)
        *ret_id = has_row ? tend_statement_int(find, 0) : 0;
    if (status >= 0 && has_row && ret_said && !tend_statement_is_null(find, 1)) {
        size_t size;
        const void *bytes = tend_statement_bytes(find, 1, &size);

        if (tend_said_read(model->scratch, bytes, size, ret_said) < 0)
            status = tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
    }
    tend_statement_reset(find);
    return status;
}

tend_status tend_identity_has_any(tend_model *model, int64_t source, tend_kind kind, bool *ret_has, tend_error *reterr)
{
    tend_statement *find = NULL;
    tend_status status = tend_store_prepare(model->store, tend_schema_sql_of(model->schema, kind)->any_name, &find, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(find, 1, source);
    status = tend_statement_step(find, ret_has, reterr);
    tend_statement_end(find);
    return status;
}

tend_status tend_identity_find(tend_model *model, int64_t source, tend_kind kind, const char *external, size_t length,
                               int64_t *ret_id, tend_error *reterr)
{
    return find_identity(model, source, kind, external, length, ret_id, NULL, reterr);
}

/* The row that was found when the record was read, as it stands, where it says itself that it is still called so; it stays in the
 * kind's `select` for whoever needs its values next. */
static tend_status read_named(tend_writing *writing, bool *ret_is)
{
    tend_model *model = writing->model;
    const tend_put *put = writing->put;
    const tend_schema_sql *sql = tend_schema_sql_of(model->schema, put->kind);
    const int behind = TEND_ROW_FIELDS + writing->kind->field_count;
    tend_statement **select = &model->kinds[put->kind].select;
    bool has_row = false;
    tend_status status = tend_model_keep(model, select, writing->kind->is_fact ? sql->read_live : sql->read_any, writing->reterr);

    *ret_is = false;
    if (status < 0)
        return status;
    tend_statement_reset(*select);
    tend_statement_bind_int(*select, 1, put->found);
    status = tend_statement_step(*select, &has_row, writing->reterr);
    if (status >= 0 && has_row && tend_statement_int(*select, TEND_ROW_ID) == put->found &&
        !tend_statement_is_null(*select, behind + TEND_ROW_EXTERNAL) &&
        tend_statement_int(*select, behind + TEND_ROW_SOURCE) == writing->origin->source) {
        size_t length = 0;
        const char *external = tend_statement_text(*select, behind + TEND_ROW_EXTERNAL, &length);

        *ret_is = external && length == put->external_length && memcmp(external, put->external, length) == 0;
    }
    if (!*ret_is)
        tend_statement_reset(*select);
    writing->is_read = *ret_is;
    return status;
}

/* The same without its values: the first version of a fact that has a later one. */
static tend_status is_still_named(const tend_writing *writing, bool *ret_is)
{
    tend_model *model = writing->model;
    const tend_put *put = writing->put;
    tend_statement **kept = &model->kinds[put->kind].is_named;
    tend_status status = tend_model_keep(model, kept, tend_schema_sql_of(model->schema, put->kind)->is_named, writing->reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(*kept, 1, put->found);
    tend_statement_bind_int(*kept, 2, writing->origin->source);
    tend_statement_bind_text(*kept, 3, put->external, put->external_length);
    status = tend_statement_step(*kept, ret_is, writing->reterr);
    tend_statement_reset(*kept);
    return status;
}

tend_status tend_put_find(tend_writing *writing, int64_t *ret_id)
{
    const tend_put *put = writing->put;
    bool is_named = false;
    tend_status status = put->found ? read_named(writing, &is_named) : TEND_OK;

    *ret_id = put->found;
    if (status >= 0 && put->found && !is_named)
        status = is_still_named(writing, &is_named);
    writing->is_named = is_named;
    if (status < 0 || is_named)
        return status;
    return find_identity(writing->model, writing->origin->source, put->kind, put->external, put->external_length, ret_id,
                         writing->said, writing->reterr);
}

/* Writes what is known not to be there. */
static tend_status add(tend_model *model, int64_t source, tend_kind kind, const char *external, size_t length, int64_t id,
                       tend_error *reterr)
{
    tend_statement *bind;
    tend_status status = tend_model_keep(model, &model->identity_bind,
                                         "INSERT INTO aliases (source, kind, external, row) VALUES (?1, ?2, ?3, ?4)", reterr);

    if (status < 0)
        return status;
    model->kinds[kind].aliases = TEND_ALIASES_SOME;
    bind = model->identity_bind;
    tend_statement_bind_int(bind, 1, source);
    tend_statement_bind_int(bind, 2, kind);
    tend_statement_bind_text(bind, 3, external, length);
    tend_statement_bind_int(bind, 4, id);
    return tend_statement_run(bind, reterr);
}

tend_status tend_put_bind(const tend_writing *writing, int64_t id)
{
    if (!writing->put->external || writing->is_bound)
        return TEND_OK;
    tend_put_wrote(writing);
    return add(writing->model, writing->origin->source, writing->kind->kind, writing->put->external, writing->put->external_length,
               id, writing->reterr);
}

tend_status tend_identity_bind(tend_model *model, int64_t source, tend_kind kind, const char *external, size_t length, int64_t id,
                               tend_error *reterr)
{
    const char *name = tend_schema_kind(model->schema, kind)->name;
    int64_t bound = 0;
    tend_status status = tend_identity_find(model, source, kind, external, length, &bound, reterr);

    if (status < 0 || bound == id)
        return status;
    if (bound != 0)
        return tend_fail(reterr, TEND_EEXISTS, "%s %lld: the id %.*s of this source belongs to %s %lld; merge the two", name,
                         (long long)id, (int)length, external, name, (long long)bound);
    return add(model, source, kind, external, length, id, reterr);
}

tend_status tend_identity_any(tend_model *model, tend_kind kind, const char *external, size_t length, int64_t *ret_id,
                              tend_error *reterr)
{
    const tend_kind_schema *schema = tend_schema_kind(model->schema, kind);
    tend_statement *find = NULL;
    int64_t ids[2] = { 0, 0 };
    size_t count = 0;
    bool has_row = false;
    tend_buffer sql = { 0 };
    tend_status status = tend_load_need_names(model, kind, reterr);

    tend_buffer_print(&sql,
                      "SELECT DISTINCT row FROM %s WHERE source IN (SELECT id FROM sources UNION SELECT 0) AND external=?1"
                      " ORDER BY row LIMIT 2",
                      tend_schema_names_of(model->schema, kind));
    if (status >= 0)
        status = sql.failed ? tend_fail(reterr, TEND_ENOMEM, "model: memory is used up")
                            : tend_store_prepare(model->store, tend_buffer_string(&sql), &find, reterr);
    tend_buffer_clear(&sql);
    if (status < 0)
        return status;
    tend_statement_bind_text(find, 1, external, length);
    while ((status = tend_statement_step(find, &has_row, reterr)) >= 0 && has_row)
        ids[count++] = tend_statement_int(find, 0);
    tend_statement_end(find);
    if (status < 0)
        return status;
    if (count == 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "%.*s: no source has a %s of this id; import it first", (int)length, external,
                         schema->name);
    if (count > 1)
        return tend_fail(reterr, TEND_EINVAL, "%.*s: sources mean different rows by this id (%s %lld and %lld); name the source",
                         (int)length, external, schema->name, (long long)ids[0], (long long)ids[1]);
    *ret_id = ids[0];
    return TEND_OK;
}
