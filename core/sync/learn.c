#include "sync/learn.h"
#include "sync/record.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct learned {
    tend_kind kind;
    bool is_settled;
    unsigned common;
    tend_again_hash key, record;
} learned;

typedef struct learned_rows {
    learned *rows;
    size_t count, room;
} learned_rows;

typedef struct learn_kind {
    tend_again *again; /* NULL: none is kept */
    tend_quick_key secret;
    char path[4096];
    char seal[TEND_SEAL_ROOM], next[TEND_SEAL_ROOM]; /* next: set within this transaction, when not empty */
} learn_kind;

struct tend_learn {
    tend_model *model;
    tend_arena *arena;
    learn_kind kinds[TEND_KIND_COUNT];
    learned_rows chunk; /* what is being applied */
    learned_rows sure;  /* what was committed; from `put` on it is still to go into the tables */
    size_t put;
};

static void give_up(learn_kind *kind)
{
    tend_again_close(kind->again);
    kind->again = NULL;
    (void)unlink(kind->path);
}

/* The seal that stands on the kind now; one is set where there is none. */
static tend_status read_seal(tend_learn *learn, tend_kind number, bool sets, char ret_seal[static TEND_SEAL_ROOM],
                             tend_error *reterr)
{
    const char *seal = "";
    tend_status status;

    tend_arena_reset(learn->arena);
    status = tend_seal_get(learn->model, number, learn->arena, &seal, reterr);
    if (status == TEND_ENOTFOUND && sets)
        return tend_seal_set(learn->model, number, ret_seal, reterr);
    if (status < 0 && status != TEND_ENOTFOUND)
        return status;
    (void)snprintf(ret_seal, TEND_SEAL_ROOM, "%s", status == TEND_OK ? seal : "");
    return TEND_OK;
}

/* How many records of the kind the spool may hold; 0 also when none of them were hashed. */
static uint64_t count_of(const tend_spool_meta *meta, const char *kind, uint64_t *ret_all)
{
    uint64_t count = 0;

    *ret_all = 0;
    for (size_t i = 0; i < meta->part_count; i++) {
        const tend_import_part *counts = &meta->parts[i].counts;
        int64_t left = counts->read - counts->rejected - counts->unchanged;

        if (meta->parts[i].is_stub || strcmp(counts->kind, kind) != 0 || left <= 0)
            continue;
        *ret_all += (uint64_t)left;
        count += meta->parts[i].is_hashed ? (uint64_t)left : 0;
    }
    return count;
}

static tend_status open_kind(tend_learn *learn, const tend_spool_meta *meta, const char *folder, const tend_kind_schema *schema,
                             tend_error *reterr)
{
    learn_kind *kind = &learn->kinds[schema->kind];
    uint64_t all, count = count_of(meta, schema->name, &all);
    tend_status status;

    if (all == 0 || !tend_repeat_path(folder, meta->source, schema->name, kind->path, sizeof kind->path))
        return TEND_OK;
    tend_repeat_kind_secret(meta->repeat.secret, schema->kind, &kind->secret);
    status = read_seal(learn, schema->kind, count > 0, kind->seal, reterr);
    if (status < 0)
        return status;
    kind->again = tend_again_open(kind->path, meta->repeat.validity, kind->seal);
    if (kind->again && !tend_again_reserve(kind->again, count))
        give_up(kind);
    if (!kind->again && count > 0)
        kind->again = tend_again_create(kind->path, meta->repeat.validity, count);
    return TEND_OK;
}

tend_status tend_learn_open(tend_model *model, const tend_spool_meta *meta, const char *folder, tend_learn **ret_learn,
                            tend_error *reterr)
{
    tend_learn *learn;
    tend_status status = TEND_OK;

    *ret_learn = NULL;
    if (!meta->has_repeat || !folder)
        return TEND_OK;
    learn = calloc(1, sizeof *learn);
    if (!learn)
        return tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    learn->model = model;
    learn->arena = tend_arena_new();
    if (!learn->arena)
        status = tend_fail(reterr, TEND_ENOMEM, "memory is used up");
    for (int k = 1; k < TEND_KIND_COUNT && status == TEND_OK; k++)
        status = open_kind(learn, meta, folder, tend_schema_kind(tend_model_schema(model), (tend_kind)k), reterr);
    if (status < 0)
        tend_learn_close(learn);
    else
        *ret_learn = learn;
    return status;
}

tend_status tend_learn_begin(tend_learn *learn, tend_error *reterr)
{
    for (int k = 1; learn && k < TEND_KIND_COUNT; k++) {
        char seal[TEND_SEAL_ROOM];
        tend_status status;

        if (!learn->kinds[k].again)
            continue;
        status = read_seal(learn, (tend_kind)k, false, seal, reterr);
        if (status < 0)
            return status;
        learn->kinds[k].next[0] = '\0';
        if (strcmp(seal, learn->kinds[k].seal) != 0)
            give_up(&learn->kinds[k]); /* somebody else changed rows */
    }
    return TEND_OK;
}

static tend_status add(learned_rows *list, const learned *row)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 1024 : 2 * list->room;
        learned *rows = realloc(list->rows, room * sizeof *rows);

        if (!rows)
            return TEND_ENOMEM;
        list->rows = rows;
        list->room = room;
    }
    list->rows[list->count++] = *row;
    return TEND_OK;
}

/* The next of what is sure goes into its table. It is done row by row beside the next chunk, for nothing else is done while all of
 * it is waited for. */
static void put_next(tend_learn *learn)
{
    const learned *row = &learn->sure.rows[learn->put++];

    if (learn->put + 15 < learn->sure.count && learn->kinds[row[16].kind].again)
        tend_again_fetch(learn->kinds[row[16].kind].again, &row[16].key);
    if (learn->kinds[row->kind].again)
        tend_again_put(learn->kinds[row->kind].again, &row->key, row->is_settled ? &row->record : NULL, row->common);
}

static void put_all(tend_learn *learn)
{
    while (learn->put < learn->sure.count)
        put_next(learn);
}

tend_status tend_learn_row(tend_learn *learn, const tend_spool_row *row, const tend_put_result *result)
{
    learn_kind *kind = learn ? &learn->kinds[row->kind] : NULL;
    learned one = { .kind = row->kind,
                    .is_settled = result->is_settled && (row->flags & TEND_SPOOL_HASHED) != 0,
                    .record = { { row->hash[0], row->hash[1] } } };

    if (!kind || !kind->again)
        return TEND_OK;
    if (result->is_shared) { /* what was learned of another record may be about the same row */
        give_up(kind);
        return TEND_OK;
    }
    one.key = tend_repeat_hash(&kind->secret, row->external, row->external_length);
    one.common = tend_record_shape(row->external, row->external_length);
    if (row->flags & TEND_SPOOL_ASSUMED)
        one.record = tend_repeat_assumed(&one.record);
    if (learn->put < learn->sure.count)
        put_next(learn);
    return add(&learn->chunk, &one);
}

void tend_learn_refused(tend_learn *learn, const tend_spool_row *row)
{
    static const tend_put_result none;

    if (tend_learn_row(learn, row, &none) < 0)
        give_up(&learn->kinds[row->kind]);
}

tend_status tend_learn_commit(tend_learn *learn, tend_error *reterr)
{
    for (int k = 1; learn && k < TEND_KIND_COUNT; k++) {
        tend_status status;

        if (!learn->kinds[k].again || !tend_seal_is_broken(learn->model, (tend_kind)k))
            continue;
        status = tend_seal_set(learn->model, (tend_kind)k, learn->kinds[k].next, reterr);
        if (status < 0)
            return status;
    }
    return TEND_OK;
}

void tend_learn_committed(tend_learn *learn)
{
    learned_rows done;

    if (!learn)
        return;
    for (int k = 1; k < TEND_KIND_COUNT; k++) {
        if (learn->kinds[k].next[0])
            memcpy(learn->kinds[k].seal, learn->kinds[k].next, TEND_SEAL_ROOM);
    }
    put_all(learn);
    for (size_t i = 0; i < learn->chunk.count; i++) {
        learn_kind *kind = &learn->kinds[learn->chunk.rows[i].kind];

        if (kind->again && !tend_again_doubt(kind->again))
            give_up(kind);
    }
    done = learn->sure;
    learn->sure = learn->chunk;
    learn->chunk = done;
    learn->chunk.count = learn->put = 0;
}

void tend_learn_end(tend_learn *learn)
{
    if (learn)
        put_all(learn);
    for (int k = 1; learn && k < TEND_KIND_COUNT; k++) {
        if (learn->kinds[k].again && !tend_again_keep(learn->kinds[k].again, learn->kinds[k].seal))
            give_up(&learn->kinds[k]);
    }
}

void tend_learn_close(tend_learn *learn)
{
    if (!learn)
        return;
    for (int k = 1; k < TEND_KIND_COUNT; k++)
        tend_again_close(learn->kinds[k].again);
    tend_arena_free(learn->arena);
    free(learn->chunk.rows);
    free(learn->sure.rows);
    free(learn);
}
