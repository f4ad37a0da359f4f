/* load.c: a first import. Rows that cannot be there yet need not be looked for: they are gathered and inserted many at a time, and
 * the indexes of a table that was empty are built when all of them are in. */
#include "model/inside.h"
#include <stdlib.h>
#include <string.h>

#define PENDING_MAX 2000
#define COMMON_MAX 16 /* columns besides the fields, and room for more */
#define EFFECTIVE 1   /* the column of effective_at */
#define NAME_WIDTH 4
static const char *const name_columns[NAME_WIDTH] = { "source", "kind", "external", "row" };

/* What is known of a kind since its first record of the load. */
typedef enum state { UNDECIDED = 0, FRESH, KNOWN } state;

struct tend_load {
    int64_t source;
    state states[TEND_KIND_COUNT]; /* FRESH: no id of the source leads to a row of the kind but those that this load wrote */
    struct {
        int64_t first, last; /* every id between is a row of this load; 0: none yet */
    } made[TEND_KIND_COUNT];
    bool is_empty[TEND_KIND_COUNT]; /* the table has no rows, and all its indexes yet */
    bool lacks_indexes[TEND_KIND_COUNT], lacks_name_index;
    tend_kind kind; /* of the rows that wait */
    int width;
    size_t count, name_count;
    tend_value *cells, *names; /* PENDING_MAX rows of `width` and of NAME_WIDTH values */
    const char *columns[TEND_ROWS_WIDTH];
    tend_arena *arena; /* texts of what waits */
};

tend_status tend_model_load_begin(tend_model *model, int64_t source, tend_error *reterr)
{
    tend_load *load = calloc(1, sizeof *load);
    tend_status status;

    if (load) {
        load->source = source;
        load->cells = calloc(PENDING_MAX * TEND_ROWS_WIDTH, sizeof *load->cells);
        load->names = calloc(PENDING_MAX * NAME_WIDTH, sizeof *load->names);
        load->arena = tend_arena_new();
    }
    model->load = load;
    if (load && load->cells && load->names && load->arena)
        status = tend_store_set_bulk(model->store, true, reterr);
    else
        status = tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
    if (status < 0)
        tend_load_free(model);
    return status;
}

void tend_load_free(tend_model *model)
{
    tend_load *load = model->load;

    if (!load)
        return;
    tend_arena_free(load->arena);
    free(load->cells);
    free(load->names);
    free(load);
    model->load = NULL;
}

static void forget_pending(tend_load *load)
{
    load->count = load->name_count = 0;
    tend_arena_reset(load->arena);
}

void tend_load_forget(tend_model *model)
{
    if (!model->load)
        return;
    forget_pending(model->load);
    memset(model->load->states, 0, sizeof model->load->states);
    memset(model->load->made, 0, sizeof model->load->made);
}

/* Before the first rows of an empty table. An index that is built when all rows are in has full pages, too. */
static tend_status drop_indexes(tend_model *model, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_load *load = model->load;
    tend_buffer sql = { 0 };
    tend_status status = TEND_OK;

    for (int i = 0; i < kind->field_count; i++) {
        if (tend_schema_is_indexed(kind, i))
            tend_buffer_print(&sql, "DROP INDEX IF EXISTS \"%s.%s\";", kind->table, kind->fields[i].name);
    }
    load->lacks_indexes[kind->kind] = load->lacks_indexes[kind->kind] || sql.length > 0;
    load->is_empty[kind->kind] = false;
    if (sql.failed)
        status = tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
    else if (sql.length > 0)
        status = tend_store_run(model->store, tend_buffer_string(&sql), reterr);
    tend_buffer_clear(&sql);
    return status;
}

tend_status tend_model_load_flush(tend_model *model, tend_error *reterr)
{
    tend_load *load = model->load;
    const tend_kind_schema *kind;
    tend_status status = TEND_OK;

    if (!load || load->count == 0)
        return TEND_OK;
    kind = tend_schema_kind(model->schema, load->kind);
    if (load->is_empty[load->kind])
        status = drop_indexes(model, kind, reterr);
    if (status >= 0)
        status = tend_store_insert(model->store, kind->table, load->columns, load->width, load->cells, load->count, reterr);
    if (status >= 0)
        status = tend_store_insert(model->store, "identities", name_columns, NAME_WIDTH, load->names, load->name_count, reterr);
    forget_pending(load);
    return status;
}

/* ---- what is fresh ------------------------------------------------------------------------------------------------------- */

static tend_status has_any(tend_model *model, const char *sql, int64_t source, tend_kind kind, bool *ret_any, tend_error *reterr)
{
    tend_statement *find = NULL;
    tend_status status = tend_store_prepare(model->store, sql, &find, reterr);

    if (status < 0)
        return status;
    if (kind != TEND_KIND_NONE) {
        tend_statement_bind_int(find, 1, source);
        tend_statement_bind_int(find, 2, kind);
    }
    status = tend_statement_step(find, ret_any, reterr);
    tend_statement_end(find);
    return status;
}

static tend_status drop_name_index(tend_model *model, tend_error *reterr)
{
    bool has_rows = true;
    tend_status status = has_any(model, "SELECT 1 FROM identities LIMIT 1", 0, TEND_KIND_NONE, &has_rows, reterr);

    if (status < 0 || has_rows)
        return status;
    model->load->lacks_name_index = true;
    return tend_store_run(model->store, "DROP INDEX IF EXISTS identities_row", reterr);
}

static tend_status decide(tend_model *model, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_load *load = model->load;
    char find[160];
    bool is_known = false, has_rows = true;
    tend_status status =
        has_any(model, "SELECT 1 FROM identities WHERE source=?1 AND kind=?2 LIMIT 1", load->source, kind->kind, &is_known, reterr);

    if (status < 0)
        return status;
    /* Rules that look at other rows of their kind must find all of them. */
    load->states[kind->kind] =
        is_known || tend_rules_look(kind->kind) || kind->field_count + COMMON_MAX > TEND_ROWS_WIDTH ? KNOWN : FRESH;
    if (load->states[kind->kind] == KNOWN)
        return TEND_OK;
    status = drop_name_index(model, reterr);
    (void)snprintf(find, sizeof find, "SELECT 1 FROM \"%s\" LIMIT 1", kind->table);
    if (status >= 0)
        status = has_any(model, find, 0, TEND_KIND_NONE, &has_rows, reterr);
    load->is_empty[kind->kind] = !has_rows && !load->lacks_indexes[kind->kind];
    return status;
}

tend_status tend_load_choose(tend_writing *writing)
{
    tend_model *model = writing->model;
    tend_load *load = model->load;
    const tend_put *put = writing->put;
    tend_kind kind = put->kind;
    tend_status status = TEND_OK;

    if (!load)
        return TEND_OK;
    writing->is_loading =
        put->external && put->id == 0 && !put->is_removed && writing->origin->source == load->source && writing->origin->batch != 0;
    if (!writing->is_loading || load->kind != kind || load->count == PENDING_MAX)
        status = tend_model_load_flush(model, writing->reterr);
    if (!writing->is_loading)
        load->made[kind].first = load->made[kind].last = 0; /* it may take a row away */
    if (status >= 0 && writing->is_loading && load->states[kind] == UNDECIDED)
        status = decide(model, writing->kind, writing->reterr);
    if (writing->is_loading && load->states[kind] != FRESH) {
        writing->is_loading = false;
        if (status >= 0)
            status = tend_model_load_flush(model, writing->reterr);
    }
    return status;
}

/* ---- what waits ---------------------------------------------------------------------------------------------------------- */

/* Rows of a load are never removed by it, so that what it made is still there. */
bool tend_load_has(const tend_model *model, tend_kind kind, int64_t id)
{
    const tend_load *load = model->load;

    return load && load->made[kind].first > 0 && id >= load->made[kind].first && id <= load->made[kind].last;
}

static void note_made(tend_load *load, tend_kind kind, int64_t id)
{
    if (load->made[kind].last == 0 || load->made[kind].last + 1 != id) /* with a gap before it a new range begins */
        load->made[kind].first = id;
    load->made[kind].last = id;
}

tend_value *tend_load_row(const tend_writing *writing, int64_t id, const char *const *columns, int width)
{
    tend_load *load = writing->model->load;

    note_made(load, writing->kind->kind, id);
    if (load->count == 0) {
        load->kind = writing->kind->kind;
        load->width = width;
        memcpy(load->columns, columns, (size_t)width * sizeof *columns);
    }
    return &load->cells[load->count++ * (size_t)load->width];
}

tend_status tend_load_keep(const tend_writing *writing, tend_value *value)
{
    if (value->type == TEND_TEXT)
        value->text = tend_arena_copy(writing->model->load->arena, value->text, value->length);
    return value->type != TEND_TEXT || value->text ? TEND_OK : tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
}

tend_status tend_load_name(const tend_writing *writing, int64_t id)
{
    tend_load *load = writing->model->load;
    tend_value *names = &load->names[load->name_count++ * NAME_WIDTH];

    names[0] = (tend_value){ .type = TEND_INT, .integer = load->source };
    names[1] = (tend_value){ .type = TEND_INT, .integer = writing->kind->kind };
    names[2] = (tend_value){ .type = TEND_TEXT, .text = writing->put->external, .length = writing->put->external_length };
    names[3] = (tend_value){ .type = TEND_INT, .integer = id };
    return tend_load_keep(writing, &names[2]);
}

/* ---- the end ------------------------------------------------------------------------------------------------------------- */

static tend_status build(tend_model *model, const char *sql, tend_error *reterr)
{
    tend_status status = tend_model_begin(model, reterr);

    if (status < 0)
        return status;
    status = tend_store_run(model->store, sql, reterr);
    if (status >= 0)
        return tend_model_commit(model, reterr);
    tend_model_rollback(model);
    return status;
}

tend_status tend_model_load_end(tend_model *model, tend_error *reterr)
{
    tend_load *load = model->load;
    tend_buffer sql = { 0 };
    tend_status status = TEND_OK, ended;

    if (!load)
        return TEND_OK;
    forget_pending(load);
    if (load->lacks_name_index)
        status = build(model, tend_schema_name_index, reterr);
    for (int k = 1; k < TEND_KIND_COUNT && status >= 0; k++) {
        if (!load->lacks_indexes[k])
            continue;
        tend_buffer_reset(&sql);
        tend_schema_write_indexes(tend_schema_kind(model->schema, (tend_kind)k), &sql);
        status = sql.failed ? tend_fail(reterr, TEND_ENOMEM, "model: memory is used up")
                            : build(model, tend_buffer_string(&sql), reterr);
    }
    tend_buffer_clear(&sql);
    tend_load_free(model);
    ended = tend_store_set_bulk(model->store, false, status < 0 ? NULL : reterr);
    return status < 0 ? status : ended;
}
