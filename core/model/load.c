/* load.c: a first import. Rows that cannot be there yet need not be looked for: they are gathered and inserted many at a time, and
 * the indexes of a table that was empty are built when all of them are in. */
#include "model/inside.h"
#include <stdlib.h>
#include <string.h>

#define PENDING_MAX 500 /* what stands in the processor's cache */
#define COMMON_MAX 16   /* columns besides the fields, and room for more */
#define EFFECTIVE_AT 1  /* the column of tend_load_room */
#define EXTERNAL_AT 7
#define PARTS (TEND_STORE_BEHIND + 1)

/* What is known of a kind since its first record of the load. */
typedef enum state { UNDECIDED = 0, FRESH, KNOWN } state;

struct tend_load {
    int64_t source;
    state states[TEND_KIND_COUNT]; /* FRESH: no id of the source leads to a row of the kind but those that this load wrote */
    struct {
        int64_t first, last; /* every id between is a row of this load; 0: none yet */
    } made[TEND_KIND_COUNT];
    int64_t expected[TEND_KIND_COUNT];         /* rows that are still to be made */
    bool was_empty[TEND_KIND_COUNT];           /* the load began without rows: indexes stand or go as their keys come */
    tend_load_index *indexes[TEND_KIND_COUNT]; /* owned; by column, where it was empty */
    bool lacks_indexes[TEND_KIND_COUNT], lacks_names[TEND_KIND_COUNT];
    bool has_indexes_now[TEND_KIND_COUNT]; /* built before the end, for a look by name */
    tend_kind kind;                        /* of the rows that wait */
    int width;
    size_t count;
    tend_value *cells; /* PENDING_MAX rows of `width` values; in one part of `room`, while the others are being inserted */
    tend_value *room;
    const char *columns[TEND_ROWS_WIDTH];
    tend_arena *arena, *arenas[PARTS]; /* texts of what waits */
    int part;
};

tend_status tend_model_load_begin(tend_model *model, int64_t source, tend_error *reterr)
{
    tend_load *load = calloc(1, sizeof *load);
    bool has_room = false;
    tend_status status;

    if (load) {
        load->source = source;
        load->room = calloc((size_t)PARTS * PENDING_MAX * TEND_ROWS_WIDTH, sizeof *load->cells);
        has_room = load->room;
        for (int i = 0; i < PARTS; i++)
            has_room = (load->arenas[i] = tend_arena_new()) && has_room;
        load->cells = load->room;
        load->arena = load->arenas[0];
    }
    model->load = load;
    if (has_room)
        status = tend_store_set_bulk(model->store, true, reterr);
    else
        status = tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
    if (status < 0)
        tend_load_free(model);
    return status;
}

void tend_model_load_expect(tend_model *model, tend_kind kind, int64_t count)
{
    if (model->load)
        model->load->expected[kind] = count;
}

void tend_load_free(tend_model *model)
{
    tend_load *load = model->load;

    if (!load)
        return;
    tend_store_wait(model->store); /* it may still read from here */
    for (int i = 0; i < PARTS; i++)
        tend_arena_free(load->arenas[i]);
    for (int k = 0; k < TEND_KIND_COUNT; k++)
        free(load->indexes[k]);
    free(load->room);
    free(load);
    model->load = NULL;
}

/* The next part was inserted before this one could be handed over. */
static void change_part(tend_load *load)
{
    load->part = (load->part + 1) % PARTS;
    load->cells = load->room + (size_t)load->part * PENDING_MAX * TEND_ROWS_WIDTH;
    load->arena = load->arenas[load->part];
}

static void forget_pending(tend_load *load)
{
    load->count = 0;
    tend_arena_reset(load->arena);
}

void tend_load_forget(tend_model *model)
{
    if (!model->load)
        return;
    forget_pending(model->load);
    memset(model->load->states, 0, sizeof model->load->states);
    memset(model->load->made, 0, sizeof model->load->made);
    memset(model->load->has_indexes_now, 0, sizeof model->load->has_indexes_now);
}

/* One that is built when all rows are in has full pages, but is sorted. What no row has a value for stands: to build it would read
 * the whole table and find nothing. */
static tend_status drop_indexes(tend_model *model, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_load *load = model->load;
    tend_load_index *indexes = load->indexes[kind->kind];
    tend_load_rows rows = { .cells = load->cells, .count = load->count, .width = load->width };
    int fields_at = load->width - kind->field_count;
    tend_buffer sql = { 0 };
    tend_status status = TEND_OK;

    for (int field = -1; field < kind->field_count; field++) {
        const bool is_account = kind->is_fact && field == kind->account_field;
        const char *name = field < 0 ? "external" : kind->fields[field].name;

        if ((field >= 0 && !tend_schema_is_indexed(kind, field)) || indexes[field + 1].is_gone)
            continue;
        rows.column = field < 0 ? EXTERNAL_AT : fields_at + field;
        rows.second = is_account ? EFFECTIVE_AT : -1;
        if (tend_load_index_stands(&indexes[field + 1], &rows))
            continue;
        load->lacks_names[kind->kind] = load->lacks_names[kind->kind] || field < 0;
        tend_buffer_print(&sql, "DROP INDEX IF EXISTS \"%s.%s\";", kind->table, name);
    }
    load->lacks_indexes[kind->kind] = load->lacks_indexes[kind->kind] || sql.length > 0;
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
    if (load->was_empty[load->kind])
        status = drop_indexes(model, kind, reterr);
    if (status >= 0)
        status = tend_store_insert_behind(model->store, kind->table, load->columns, load->width, load->cells, load->count, reterr);
    if (status >= 0)
        change_part(load);
    forget_pending(load);
    return status;
}

/* ---- what is fresh ------------------------------------------------------------------------------------------------------- */

static tend_status decide(tend_model *model, const tend_kind_schema *kind, tend_error *reterr)
{
    tend_load *load = model->load;
    char find[120];
    bool is_known = false;
    int64_t has_rows = 0;
    tend_status status;

    (void)snprintf(find, sizeof find, "SELECT EXISTS (SELECT 1 FROM \"%s\")", kind->table);
    status = tend_store_number(model->store, find, 0, &has_rows, reterr);
    if (status >= 0 && has_rows)
        status = tend_load_need_names(model, kind->kind, reterr);
    if (status >= 0)
        status = tend_identity_has_any(model, load->source, kind->kind, &is_known, reterr);
    if (status < 0)
        return status;
    /* Rules that look at other rows of their kind must find all of them. */
    load->states[kind->kind] =
        is_known || tend_rules_look(kind->kind) || kind->field_count + COMMON_MAX > TEND_ROWS_WIDTH ? KNOWN : FRESH;
    load->was_empty[kind->kind] = !has_rows && load->states[kind->kind] == FRESH;
    if (load->states[kind->kind] == FRESH)
        status = tend_store_ids_expect(model->store, kind->table, load->expected[kind->kind], reterr);
    if (status < 0)
        return status;
    free(load->indexes[kind->kind]);
    load->indexes[kind->kind] =
        load->was_empty[kind->kind] ? calloc((size_t)kind->field_count + 1, sizeof *load->indexes[kind->kind]) : NULL;
    if (!load->was_empty[kind->kind])
        return TEND_OK;
    load->has_indexes_now[kind->kind] = load->lacks_names[kind->kind] = false;
    return load->indexes[kind->kind] ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
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
    writing->is_loading = put->external && put->id == 0 && !put->is_removed && !put->is_again &&
                          writing->origin->source == load->source && writing->origin->batch != 0;
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

tend_value *tend_load_room(const tend_writing *writing, int *ret_fields_at)
{
    static const char *const common[] = { "id",    "effective_at", "known_at", "known_assumed", "recorded_at",
                                          "batch", "source",       "external", "fact" };
    tend_load *load = writing->model->load;
    const tend_kind_schema *kind = writing->kind;
    int at = kind->is_fact ? 9 : 8;

    if (load->count == 0) {
        load->kind = kind->kind;
        load->width = at + kind->field_count;
        memcpy(load->columns, common, sizeof common);
        for (int i = 0; i < kind->field_count; i++)
            load->columns[at + i] = kind->fields[i].name;
    }
    *ret_fields_at = at;
    return &load->cells[load->count * (size_t)load->width];
}

void tend_load_add(const tend_writing *writing, int64_t id)
{
    note_made(writing->model->load, writing->kind->kind, id);
    writing->model->load->count++;
}

tend_status tend_load_keep(const tend_writing *writing, tend_value *value)
{
    if (value->type == TEND_TEXT)
        value->text = tend_arena_copy(writing->model->load->arena, value->text, value->length);
    return value->type != TEND_TEXT || value->text ? TEND_OK : tend_fail(writing->reterr, TEND_ENOMEM, "model: memory is used up");
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

static tend_status write_indexes(tend_model *model, tend_kind kind, tend_buffer *sql, tend_error *reterr)
{
    tend_buffer_reset(sql);
    tend_schema_write_indexes(tend_schema_kind(model->schema, kind), sql);
    return sql->failed ? tend_fail(reterr, TEND_ENOMEM, "model: memory is used up") : TEND_OK;
}

/* With a rollback they are gone again, and tend_load_forget knows. */
tend_status tend_load_need_names(tend_model *model, tend_kind kind, tend_error *reterr)
{
    tend_load *load = model->load;
    tend_buffer sql = { 0 };
    tend_status status;

    if (!load || load->has_indexes_now[kind] || (!load->lacks_indexes[kind] && !load->was_empty[kind]))
        return TEND_OK;
    status = load->kind == kind ? tend_model_load_flush(model, reterr) : TEND_OK; /* which may take them away */
    if (status < 0 || !load->lacks_names[kind])
        return status;
    if (status >= 0)
        status = write_indexes(model, kind, &sql, reterr);
    if (status >= 0)
        status = tend_store_run(model->store, tend_buffer_string(&sql), reterr);
    load->has_indexes_now[kind] = status >= 0;
    load->was_empty[kind] = false; /* they stay */
    tend_buffer_clear(&sql);
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
    for (int k = 1; k < TEND_KIND_COUNT && status >= 0; k++) {
        if (!load->lacks_indexes[k])
            continue;
        status = write_indexes(model, (tend_kind)k, &sql, reterr);
        if (status >= 0)
            status = build(model, tend_buffer_string(&sql), reterr);
    }
    tend_buffer_clear(&sql);
    tend_load_free(model);
    ended = tend_store_set_bulk(model->store, false, status < 0 ? NULL : reterr);
    return status < 0 ? status : ended;
}
