/* model.c: the model as a thing that is open, and its transactions. */
#include "model/model.h"
#include "model/inside.h"
#include "model/measure.h"
#include <stdlib.h>
#include <string.h>

static tend_status load_changed(tend_model *model, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status;
    bool has_row = false;

    if (!tend_store_has_table(model->store, "changed_fields"))
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: no account model in it yet; write to it once, as `tend init` does",
                         tend_store_path(model->store));
    status = tend_store_prepare(model->store, "SELECT kind, field FROM changed_fields", &statement, reterr);

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        tend_kind number = (tend_kind)tend_statement_int(statement, 0);
        const char *name = tend_statement_text(statement, 1, NULL);
        const tend_kind_schema *kind;
        int field;

        if (!tend_schema_has(model->schema, number) || !name)
            continue;
        kind = tend_schema_kind(model->schema, number);
        field = *name ? tend_schema_field(kind, name) : kind->field_count;
        if (field >= 0)
            model->kinds[number].changed[field] = true;
    }
    tend_statement_end(statement);
    return status;
}

static tend_status make_room(tend_model *model)
{
    int widest = 1;

    for (int i = 1; i < TEND_KIND_COUNT; i++) {
        const tend_kind_schema *kind;

        if (!tend_schema_has(model->schema, (tend_kind)i))
            continue;
        kind = tend_schema_kind(model->schema, (tend_kind)i);
        if (kind->field_count > widest)
            widest = kind->field_count;
        model->kinds[i].changed = calloc((size_t)kind->field_count + 1, sizeof(bool));
        if (!model->kinds[i].changed)
            return TEND_ENOMEM;
    }
    model->current = calloc((size_t)widest, sizeof *model->current);
    model->merged = calloc((size_t)widest, sizeof *model->merged);
    model->scratch = tend_arena_new();
    model->checking = tend_arena_new();
    return model->current && model->merged && model->scratch && model->checking ? TEND_OK : TEND_ENOMEM;
}

tend_status tend_model_open(tend_store *store, tend_bus *bus, const tend_schema *schema, tend_clock clock, tend_model **ret_model,
                            tend_error *reterr)
{
    tend_model *model = calloc(1, sizeof *model);
    tend_status status = TEND_ENOMEM;
    int64_t has_roots = 0, has_erased = 0;

    if (!model) {
        status = tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
        goto out;
    }
    model->store = store;
    model->bus = bus;
    model->schema = schema;
    model->clock = clock;
    if (make_room(model) < 0) {
        status = tend_fail(reterr, TEND_ENOMEM, "model: memory is used up");
        goto out;
    }
    status = tend_store_can_write(store) ? tend_schema_apply(schema, store, reterr) : TEND_OK;
    if (status >= 0 && tend_store_can_write(store))
        status = tend_measure_apply(store, reterr);
    if (status >= 0)
        status = load_changed(model, reterr);
    if (status >= 0)
        status = tend_store_number(store, "SELECT EXISTS (SELECT 1 FROM account_roots)", 0, &has_roots, reterr);
    if (status >= 0 && tend_store_has_table(store, "erased_fields"))
        status = tend_store_number(store, "SELECT EXISTS (SELECT 1 FROM erased_fields)", 0, &has_erased, reterr);
    if (status < 0)
        goto out;
    model->has_erased = has_erased != 0;
    model->has_roots = has_roots != 0;
    *ret_model = model;
    model = NULL;
out:
    tend_model_close(model);
    return status;
}

void tend_model_close(tend_model *model)
{
    if (!model)
        return;
    for (int i = 0; i < TEND_KIND_COUNT; i++) {
        tend_statement_end(model->kinds[i].insert);
        tend_statement_end(model->kinds[i].select);
        tend_statement_end(model->kinds[i].find_name);
        tend_statement_end(model->kinds[i].is_named);
        tend_statement_end(model->kinds[i].close);
        tend_lookup_free(model->kinds[i].lookups);
        free(model->kinds[i].changed);
    }
    tend_statement_end(model->identity_bind);
    tend_statement_end(model->change_insert);
    tend_statement_end(model->change_newest);
    tend_statement_end(model->seal_break);
    tend_gather_clear(&model->gather);
    tend_load_free(model);
    tend_arena_free(model->scratch);
    tend_arena_free(model->checking);
    free(model->current);
    free(model->merged);
    free(model);
}

tend_store *tend_model_store(const tend_model *model)
{
    return model->store;
}

tend_bus *tend_model_bus(const tend_model *model)
{
    return model->bus;
}

const tend_schema *tend_model_schema(const tend_model *model)
{
    return model->schema;
}

void tend_model_set_zone(tend_model *model, const tend_zone *zone)
{
    model->zone = zone;
}

void tend_model_set_calendars(tend_model *model, tend_calendars *calendars)
{
    model->calendars = calendars;
}

tend_calendars *tend_model_calendars(const tend_model *model)
{
    return model->calendars;
}

tend_time tend_model_now(const tend_model *model)
{
    return tend_clock_now(&model->clock);
}

tend_status tend_model_group_begin(tend_model *model, tend_error *reterr)
{
    tend_status status = tend_model_begin(model, reterr);

    model->is_grouped = status >= 0;
    return status;
}

tend_status tend_model_group_commit(tend_model *model, tend_error *reterr)
{
    model->is_grouped = false;
    return tend_model_commit(model, reterr);
}

static tend_status begin(tend_model *model, tend_status (*begins)(tend_store *store, tend_error *reterr), tend_error *reterr)
{
    if (model->is_grouped)
        return tend_model_savepoint(model, reterr);
    memset(model->is_touched, 0, sizeof model->is_touched);
    for (int i = 0; i < TEND_KIND_COUNT; i++)
        model->kinds[i].aliases = TEND_ALIASES_UNKNOWN;
    tend_gather_reset(&model->gather);
    model->mark_count = 0;
    model->opened = 0;
    return begins(model->store, reterr);
}

tend_status tend_model_begin(tend_model *model, tend_error *reterr)
{
    return begin(model, tend_store_begin, reterr);
}

tend_status tend_model_begin_soft(tend_model *model, tend_error *reterr)
{
    return begin(model, tend_store_begin_soft, reterr);
}

tend_status tend_model_commit(tend_model *model, tend_error *reterr)
{
    tend_status status = tend_gather_flush(model, reterr);

    model->opened = 0;
    if (status < 0) {
        tend_model_rollback(model);
        return status;
    }
    if (model->is_grouped) {
        tend_gather_reset(&model->gather); /* told already, inside the savepoint */
        return tend_model_release(model, reterr);
    }
    status = tend_seals_break(model, reterr);
    if (status >= 0)
        status = tend_store_commit(model->store, reterr);
    if (status < 0)
        tend_model_rollback(model);
    tend_gather_reset(&model->gather);
    return status;
}

static void forget_kind(tend_model *model, tend_kind kind)
{
    model->kinds[kind].version++;
    memset(model->kinds[kind].known_refs, 0, sizeof model->kinds[kind].known_refs);
}

/* What the model believed about rows that may be gone now. */
static void forget(tend_model *model)
{
    tend_load_forget(model);
    for (int i = 1; i < TEND_KIND_COUNT; i++) {
        if (!tend_schema_has(model->schema, (tend_kind)i))
            continue;
        forget_kind(model, (tend_kind)i);
        memset(model->kinds[i].changed, 0, (size_t)tend_schema_kind(model->schema, (tend_kind)i)->field_count + 1);
    }
    (void)load_changed(model, NULL);
}

void tend_model_rollback(tend_model *model)
{
    if (model->is_grouped) {
        tend_model_rollback_savepoint(model);
        return;
    }
    tend_store_rollback(model->store);
    tend_gather_reset(&model->gather);
    model->mark_count = 0;
    forget(model);
}

tend_status tend_model_savepoint(tend_model *model, tend_error *reterr)
{
    tend_status status;

    if (model->mark_count == TEND_SAVEPOINTS)
        return tend_fail(reterr, TEND_ELIMIT, "model: more than %d savepoints at once; release some first", TEND_SAVEPOINTS);
    status = tend_model_load_flush(model, reterr);
    if (status >= 0)
        status = tend_store_savepoint(model->store, reterr);
    if (status >= 0)
        model->marks[model->mark_count++] = tend_gather_here(&model->gather);
    return status;
}

tend_status tend_model_release(tend_model *model, tend_error *reterr)
{
    tend_status status = tend_model_load_flush(model, reterr);

    if (status >= 0)
        status = tend_store_release(model->store, reterr);
    if (status >= 0)
        model->mark_count--;
    return status;
}

void tend_model_rollback_savepoint(tend_model *model)
{
    tend_store_rollback_savepoint(model->store);
    tend_gather_back(&model->gather, &model->marks[--model->mark_count]);
    forget(model);
}

tend_status tend_model_keep(tend_model *model, tend_statement **kept, const char *sql, tend_error *reterr)
{
    return *kept ? TEND_OK : tend_store_prepare(model->store, sql, kept, reterr);
}

void tend_model_touched(tend_model *model, tend_kind kind)
{
    forget_kind(model, kind);
    model->is_touched[kind] = true;
}

tend_status tend_model_refuse_outside(const tend_model *model, tend_error *reterr)
{
    if (tend_store_in_transaction(model->store))
        return TEND_OK;
    return tend_fail(reterr, TEND_ERROR, "model: a write outside a transaction; call tend_model_begin first");
}

tend_status tend_model_root(tend_model *model, int64_t account, int64_t *ret_root, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status;
    bool has_row = false;

    *ret_root = account;
    if (!model->has_roots || account == 0)
        return TEND_OK;
    status = tend_store_prepare(model->store, "SELECT root FROM account_roots WHERE account=?1 AND until_at IS NULL", &statement,
                                reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, account);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_root = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

tend_status tend_model_account(tend_model *model, const tend_kind_schema *kind, int64_t id, const tend_value *values,
                               int64_t *ret_account, tend_error *reterr)
{
    int64_t account = 0;

    if (kind->kind == TEND_KIND_ACCOUNT)
        account = id;
    else if (kind->account_field >= 0 && values[kind->account_field].type != TEND_NULL)
        account = values[kind->account_field].integer;
    return tend_model_root(model, account, ret_account, reterr);
}
