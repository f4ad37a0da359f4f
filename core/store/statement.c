#include "store/inside.h"

#include "base/hash.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_MAX 512

void tend_statements_init(tend_store *store)
{
    TAILQ_INIT(&store->cache.all);
    TAILQ_INIT(&store->cache.idle);
    for (size_t i = 0; i < TEND_STATEMENT_BUCKETS; i++)
        TAILQ_INIT(&store->cache.buckets[i]);
    store->cache.idle_count = 0;
}

static struct tend_statement_list *bucket_of(tend_store *store, uint64_t hash)
{
    return &store->cache.buckets[hash % TEND_STATEMENT_BUCKETS];
}

static void take_out(tend_store *store, tend_statement *statement)
{
    TAILQ_REMOVE(&store->cache.idle, statement, idle);
    TAILQ_REMOVE(bucket_of(store, statement->hash), statement, bucket);
    store->cache.idle_count--;
    statement->is_out = true;
}

static tend_prepared *own(const tend_statement *statement)
{
    (void)tend_store_own(statement->store);
    return statement->prepared;
}

static void drop(tend_store *store, tend_statement *statement)
{
    TAILQ_REMOVE(&store->cache.all, statement, all);
    store->driver->end(own(statement));
    free(statement->sql);
    free(statement);
}

void tend_statements_clear(tend_store *store)
{
    tend_statement *statement;

    while ((statement = TAILQ_FIRST(&store->cache.all)) != NULL) {
        if (!statement->is_out)
            take_out(store, statement);
        drop(store, statement);
    }
}

/* Texts of some hundred bytes are asked for at every statement: eight at a time. */
static uint64_t hash_of(const char *sql, size_t length)
{
    uint64_t hash = length, word;

    for (; length >= sizeof word; length -= sizeof word, sql += sizeof word) {
        memcpy(&word, sql, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, sql, length);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static tend_statement *find_idle(tend_store *store, const char *sql, uint64_t hash)
{
    tend_statement *statement;

    TAILQ_FOREACH(statement, bucket_of(store, hash), bucket)
    {
        if (statement->hash == hash && strcmp(statement->sql, sql) == 0)
            return statement;
    }
    return NULL;
}

tend_status tend_store_prepare(tend_store *store, const char *sql, tend_statement **ret_statement, tend_error *reterr)
{
    const uint64_t hash = hash_of(sql, strlen(sql));
    tend_statement *statement = find_idle(store, sql, hash);
    tend_status status;

    if (statement) {
        take_out(store, statement);
        *ret_statement = statement;
        return TEND_OK;
    }
    statement = calloc(1, sizeof *statement);
    if (!statement)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", store->path);
    statement->store = store;
    statement->hash = hash;
    statement->is_out = true;
    statement->sql = strdup(sql);
    if (!statement->sql) {
        status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", store->path);
        goto failed;
    }
    status = store->driver->prepare(tend_store_own(store), sql, &statement->prepared, reterr);
    if (status < 0)
        goto failed;
    TAILQ_INSERT_TAIL(&store->cache.all, statement, all);
    *ret_statement = statement;
    return TEND_OK;
failed:
    free(statement->sql);
    free(statement);
    return status;
}

void tend_statement_end(tend_statement *statement)
{
    tend_store *store;
    tend_statement *oldest;

    if (!statement)
        return;
    assert(statement->is_out);
    store = statement->store;
    tend_statement_reset(statement);
    store->driver->unbind(own(statement));
    statement->bad_parameter = 0;
    statement->is_out = false;
    TAILQ_INSERT_TAIL(&store->cache.idle, statement, idle);
    TAILQ_INSERT_HEAD(bucket_of(store, statement->hash), statement, bucket);
    if (++store->cache.idle_count > IDLE_MAX) {
        oldest = TAILQ_FIRST(&store->cache.idle);
        take_out(store, oldest);
        drop(store, oldest);
    }
}

static void bound(tend_statement *statement, int parameter, bool is_bound)
{
    if (!is_bound && !statement->bad_parameter)
        statement->bad_parameter = parameter == 0 ? -1 : parameter;
}

void tend_statement_bind_int(tend_statement *statement, int parameter, int64_t number)
{
    bound(statement, parameter, statement->store->driver->bind_int(own(statement), parameter, number));
}

void tend_statement_bind_text(tend_statement *statement, int parameter, const char *text, size_t length)
{
    if (text)
        bound(statement, parameter, statement->store->driver->bind_text(own(statement), parameter, text, length));
    else
        tend_statement_bind_null(statement, parameter);
}

void tend_statement_bind_string(tend_statement *statement, int parameter, const char *text)
{
    tend_statement_bind_text(statement, parameter, text, text ? strlen(text) : 0);
}

void tend_statement_bind_bytes(tend_statement *statement, int parameter, const void *bytes, size_t length)
{
    if (bytes)
        bound(statement, parameter, statement->store->driver->bind_bytes(own(statement), parameter, bytes, length));
    else
        tend_statement_bind_null(statement, parameter);
}

void tend_statement_bind_null(tend_statement *statement, int parameter)
{
    bound(statement, parameter, statement->store->driver->bind_null(own(statement), parameter));
}

void tend_statement_bind_value(tend_statement *statement, int parameter, const tend_value *value)
{
    switch ((tend_type)value->type) {
    case TEND_BOOL:
    case TEND_INT:
    case TEND_DECIMAL:
    case TEND_MONEY:
    case TEND_DATE:
    case TEND_TIME:
    case TEND_REF:
        tend_statement_bind_int(statement, parameter, value->integer);
        return;
    case TEND_TEXT:
        tend_statement_bind_text(statement, parameter, value->text, value->length);
        return;
    case TEND_NULL:
        break;
    }
    tend_statement_bind_null(statement, parameter);
}

tend_status tend_statement_step(tend_statement *statement, bool *ret_has_row, tend_error *reterr)
{
    tend_store *store = statement->store;
    tend_status status = tend_store_usable(store, reterr);

    *ret_has_row = false;
    if (status < 0)
        return status;
    if (statement->bad_parameter)
        return tend_fail(reterr, TEND_ERROR, "%s: parameter %d could not be set in: %s", store->path, statement->bad_parameter,
                         statement->sql);
    status = store->driver->step(tend_store_own(store), statement->prepared, ret_has_row, reterr);
    return status < 0 ? tend_store_failed(store, status) : status;
}

tend_status tend_statement_finish(tend_statement *statement, tend_error *reterr)
{
    const tend_store *store = statement->store;
    bool has_row = true;
    tend_status status = TEND_OK;

    while (status >= 0 && has_row)
        status = store->driver->step(store->connection, statement->prepared, &has_row, reterr);
    return status;
}

tend_status tend_statement_run(tend_statement *statement, tend_error *reterr)
{
    bool has_row = true;
    tend_status status = TEND_OK;

    while (status >= 0 && has_row)
        status = tend_statement_step(statement, &has_row, reterr);
    statement->store->driver->reset(own(statement));
    return status;
}

void tend_statement_reset(tend_statement *statement)
{
    statement->store->driver->reset(own(statement));
}

bool tend_statement_is_null(tend_statement *statement, int column)
{
    return statement->store->driver->cell(own(statement), column) == TEND_CELL_NULL;
}

int64_t tend_statement_int(tend_statement *statement, int column)
{
    return statement->store->driver->get_int(own(statement), column);
}

const char *tend_statement_text(tend_statement *statement, int column, size_t *ret_length)
{
    size_t length;
    const char *text = statement->store->driver->get_text(own(statement), column, &length);

    if (ret_length)
        *ret_length = length;
    return text;
}

const void *tend_statement_bytes(tend_statement *statement, int column, size_t *ret_length)
{
    size_t length;
    const void *bytes = statement->store->driver->get_bytes(own(statement), column, &length);

    if (ret_length)
        *ret_length = length;
    return bytes;
}

int tend_statement_columns(tend_statement *statement)
{
    return statement->store->driver->columns(own(statement));
}
