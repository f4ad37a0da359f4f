#include "store/inside.h"

#include "base/failpoint.h"
#include <stdlib.h>
#include <string.h>

static tend_status read_mark(tend_store *store, tend_error *reterr)
{
    int64_t is_simulated;
    tend_status status = tend_store_number(store, "SELECT count(*) FROM meta WHERE name = 'simulated'", 0, &is_simulated, reterr);

    if (status >= 0)
        store->is_simulated = is_simulated != 0;
    return status;
}

tend_status tend_store_open(const char *path, tend_store_mode mode, tend_store **ret_store, tend_error *reterr)
{
    tend_store *store = calloc(1, sizeof *store);
    tend_status status;

    if (!store)
        return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
    store->driver = &tend_sqlite_driver;
    store->mode = mode;
    tend_statements_init(store);
    store->path = strdup(path);
    if (!store->path) {
        status = tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", path);
        goto out;
    }
    status = store->driver->open(path, mode, &store->connection, reterr);
    if (status < 0)
        goto out;
    status = read_mark(store, reterr);
    if (status < 0)
        goto out;
    *ret_store = store;
    store = NULL;
out:
    tend_store_close(store);
    return status;
}

void tend_store_close(tend_store *store)
{
    if (!store)
        return;
    if (store->connection) {
        tend_store_rollback(store);
        tend_store_let_go(store);
        (void)tend_store_settle(store, NULL);
        tend_behind_close(store);
        tend_statements_clear(store);
        store->driver->close(tend_store_own(store));
    }
    tend_ids_clear(store);
    while (store->definitions) {
        tend_definition *next = store->definitions->next;

        free(store->definitions);
        store->definitions = next;
    }
    free(store->path);
    free(store);
}

const char *tend_store_path(const tend_store *store)
{
    return store->path;
}

bool tend_store_can_write(const tend_store *store)
{
    return store->mode != TEND_STORE_READ;
}

tend_status tend_store_copy(tend_store *from, const char *path, bool is_simulated, tend_error *reterr)
{
    if (from->in_transaction && tend_store_can_write(from))
        return tend_fail(reterr, TEND_ERROR, "%s: cannot be copied inside a transaction; commit it first", from->path);
    return from->driver->copy(tend_store_own(from), path, is_simulated, reterr);
}

void tend_store_remove_copy(const char *path)
{
    tend_sqlite_driver.remove_copy(path);
}

bool tend_store_is_simulated(const tend_store *store)
{
    return store->is_simulated;
}

tend_status tend_store_mark_simulated(tend_store *store, tend_error *reterr)
{
    tend_status status = tend_store_run(store, "INSERT OR IGNORE INTO meta (name, text) VALUES ('simulated', 'yes')", reterr);

    if (status >= 0)
        store->is_simulated = true;
    return status;
}

tend_status tend_store_set_durable(tend_store *store, bool is_durable, tend_error *reterr)
{
    if (store->in_transaction)
        return tend_fail(reterr, TEND_ERROR, "%s: how it commits cannot change inside a transaction; commit it first", store->path);
    tend_store_let_go(store);
    store->is_soft = false; /* set_durable says for all that follow */
    store->is_loose = !is_durable;
    store->is_unsettled = store->is_unsettled && !is_durable;
    return store->driver->set_durable(tend_store_own(store), is_durable, reterr);
}

static tend_status end_bulk(tend_store *store, tend_error *reterr)
{
    tend_status status = store->driver->end_bulk(tend_store_own(store), !store->is_loose, reterr), settled;

    tend_behind_close(store);
    store->is_behind = false;
    settled = tend_store_settle(store, status < 0 ? NULL : reterr);
    return status < 0 ? status : settled;
}

tend_status tend_store_set_bulk(tend_store *store, bool is_bulk, tend_error *reterr)
{
    bool waits = true;
    tend_status status;

    if (store->in_transaction)
        return tend_fail(reterr, TEND_ERROR, "%s: a load neither begins nor ends inside a transaction; commit it first",
                         store->path);
    tend_store_let_go(store);
    if (!is_bulk)
        return end_bulk(store, reterr);
    status = store->driver->begin_bulk(tend_store_own(store), &waits, reterr);
    if (status < 0)
        return status;
    store->is_behind = !waits;
    tend_behind_open(store);
    return TEND_OK;
}

tend_status tend_store_usable(const tend_store *store, tend_error *reterr)
{
    const char *why;

    (void)tend_store_own(store);
    why = store->lost == TEND_ENOMEM  ? " (memory was used up)"
          : store->lost == TEND_EFULL ? " (the disk is full)"
          : store->lost == TEND_EIO   ? " (reading or writing failed)"
                                      : "";
    if (store->lost == TEND_OK)
        return TEND_OK;
    if (tend_behind_failed(store, reterr) < 0)
        return store->lost;
    return tend_fail(reterr, store->lost, "%s: the transaction was rolled back by an earlier failure%s; begin it again",
                     store->path, why);
}

tend_status tend_store_failed(tend_store *store, tend_status status)
{
    if (store->in_transaction && !store->driver->in_transaction(tend_store_own(store)))
        store->lost = status;
    return status;
}

/* The next transaction waits for the disk again. Where that cannot be (no memory) it stays to be done by whatever begins next. */
static tend_status harden(tend_store *store, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (store->is_soft)
        status = store->driver->set_waits(tend_store_own(store), true, reterr);
    store->is_soft = store->is_soft && status < 0;
    return status;
}

static tend_status begin(tend_store *store, tend_error *reterr)
{
    tend_status status = store->driver->begin(tend_store_own(store), tend_store_can_write(store), reterr);

    if (status < 0)
        return status;
    store->in_transaction = true;
    store->changes_before = store->driver->all_changes(tend_store_own(store));
    store->transaction++;
    return TEND_OK;
}

tend_status tend_store_begin(tend_store *store, tend_error *reterr)
{
    tend_status status;

    if (store->in_transaction)
        return tend_fail(reterr, TEND_ERROR, "%s: a transaction is open already; commit it first", store->path);
    tend_store_let_go(store);
    status = harden(store, reterr);
    return status < 0 ? status : begin(store, reterr);
}

tend_status tend_store_begin_soft(tend_store *store, tend_error *reterr)
{
    tend_status status;

    if (store->in_transaction || store->is_loose || !tend_store_can_write(store))
        return tend_store_begin(store, reterr);
    tend_store_let_go(store);
    status = store->driver->set_waits(tend_store_own(store), false, reterr);
    if (status < 0)
        return status;
    store->is_soft = true;
    status = begin(store, reterr);
    if (status < 0)
        (void)harden(store, NULL);
    return status;
}

tend_status tend_store_settle(tend_store *store, tend_error *reterr)
{
    tend_status status;

    if (store->in_transaction)
        return tend_fail(reterr, TEND_ERROR, "%s: a transaction is open; commit it first", store->path);
    if (!store->is_unsettled || store->is_loose)
        return TEND_OK;
    tend_failpoint("store.settle.before");
    status = store->driver->settle(tend_store_own(store), reterr);
    if (status < 0)
        return status;
    store->is_unsettled = false;
    tend_failpoint("store.settle.after");
    return TEND_OK;
}

static void forget_transaction(tend_store *store)
{
    (void)harden(store, NULL);
    store->in_transaction = false;
    store->lost = TEND_OK;
    store->savepoints = 0;
    tend_behind_forget(store);
}

/* The open transaction does not wait for the disk. */
static bool is_soft(const tend_store *store)
{
    return store->is_soft || store->is_behind;
}

/* A commit that waits brings all before it to the disk; one that changed nothing writes nothing and would not. */
static tend_status settle_with(tend_store *store, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (is_soft(store)) {
        store->is_unsettled = true;
        return TEND_OK;
    }
    if (store->is_unsettled && !store->is_loose && store->driver->all_changes(tend_store_own(store)) == store->changes_before)
        status = store->driver->settle(tend_store_own(store), reterr);
    store->is_unsettled = store->is_unsettled && status < 0;
    return status;
}

tend_status tend_store_commit(tend_store *store, tend_error *reterr)
{
    tend_status status = TEND_OK;

    if (!store->in_transaction)
        return tend_fail(reterr, TEND_ERROR, "%s: no transaction is open", store->path);
    status = tend_store_usable(store, reterr);
    if (status >= 0) {
        tend_failpoint(is_soft(store) ? "store.soft.before" : "store.commit.before");
        status = store->driver->run(tend_store_own(store), "COMMIT", reterr);
    }
    if (status < 0) {
        tend_store_rollback(store);
        return status;
    }
    status = settle_with(store, reterr);
    if (status >= 0)
        tend_failpoint(is_soft(store) ? "store.soft.after" : "store.commit.after");
    tend_ids_committed(store);
    forget_transaction(store);
    return status;
}

void tend_store_rollback(tend_store *store)
{
    if (!store->in_transaction)
        return;
    if (store->driver->in_transaction(tend_store_own(store)))
        store->driver->rollback(tend_store_own(store));
    tend_ids_rolled_back(store, 1);
    forget_transaction(store);
    if (tend_store_can_write(store) && store->is_simulated)
        (void)read_mark(store, NULL);
}

void tend_store_hold(tend_store *store)
{
    if (!store->in_transaction && !store->is_held)
        store->is_held = store->driver->begin(tend_store_own(store), false, NULL) >= 0;
}

void tend_store_let_go(tend_store *store)
{
    if (store->is_held)
        store->driver->rollback(tend_store_own(store));
    store->is_held = false;
}

bool tend_store_in_transaction(const tend_store *store)
{
    return store->in_transaction;
}

int64_t tend_store_transaction(const tend_store *store)
{
    return store->in_transaction ? store->transaction : 0;
}

static tend_status run_savepoint(tend_store *store, const char *verb, int level, tend_error *reterr)
{
    tend_statement *statement = NULL;
    char sql[64];
    tend_status status = tend_store_usable(store, reterr);

    if (status < 0)
        return status;
    (void)snprintf(sql, sizeof sql, "%s tend_%d", verb, level);
    status = tend_store_prepare(store, sql, &statement, reterr);
    if (status >= 0)
        status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

tend_status tend_store_savepoint(tend_store *store, tend_error *reterr)
{
    tend_status status;

    if (!store->in_transaction)
        return tend_fail(reterr, TEND_ERROR, "%s: a savepoint needs an open transaction", store->path);
    status = run_savepoint(store, "SAVEPOINT", store->savepoints + 1, reterr);
    if (status >= 0)
        store->savepoints++;
    return status;
}

tend_status tend_store_release(tend_store *store, tend_error *reterr)
{
    tend_status status;

    if (store->savepoints == 0)
        return tend_fail(reterr, TEND_ERROR, "%s: no savepoint is open", store->path);
    status = run_savepoint(store, "RELEASE", store->savepoints, reterr);
    if (status < 0)
        return status;
    tend_ids_released(store, store->savepoints + 1);
    store->savepoints--;
    return TEND_OK;
}

void tend_store_rollback_savepoint(tend_store *store)
{
    if (store->savepoints == 0)
        return;
    (void)run_savepoint(store, "ROLLBACK TO", store->savepoints, NULL);
    (void)run_savepoint(store, "RELEASE", store->savepoints, NULL);
    tend_ids_rolled_back(store, store->savepoints + 1);
    store->savepoints--;
}

tend_status tend_store_run(tend_store *store, const char *sql, tend_error *reterr)
{
    tend_status status = tend_store_usable(store, reterr);

    if (status < 0)
        return status;
    status = store->driver->run(tend_store_own(store), sql, reterr);
    return status < 0 ? tend_store_failed(store, status) : status;
}

tend_status tend_store_number(tend_store *store, const char *sql, int64_t otherwise, int64_t *ret_number, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(store, sql, &statement, reterr);

    if (status >= 0)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_number = has_row && !tend_statement_is_null(statement, 0) ? tend_statement_int(statement, 0) : otherwise;
    tend_statement_end(statement);
    return status;
}

int64_t tend_store_changes(tend_store *store)
{
    return store->driver->changes(tend_store_own(store));
}

tend_status tend_store_look_for(tend_store *store, const char *table, const char *column, bool *ret_is_there, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status =
        tend_store_prepare(store, column ? store->driver->has_column_sql : store->driver->has_table_sql, &statement, reterr);

    *ret_is_there = false;
    if (status < 0)
        return status;
    tend_statement_bind_string(statement, 1, table);
    if (column)
        tend_statement_bind_string(statement, 2, column);
    status = tend_statement_step(statement, ret_is_there, reterr);
    tend_statement_end(statement);
    return status;
}

bool tend_store_has_table(tend_store *store, const char *table)
{
    bool is_there = false;

    return tend_store_look_for(store, table, NULL, &is_there, NULL) >= 0 && is_there;
}

/* To define a function anew makes every prepared statement be prepared again: what is defined already is left alone. */
tend_status tend_store_define(tend_store *store, const char *name, int arity,
                              void (*call)(void *self, const tend_value *arguments, tend_value *ret_value), void *self,
                              tend_error *reterr)
{
    tend_definition *known = store->definitions;
    tend_status status;

    while (known && (known->arity != arity || strcmp(known->name, name) != 0))
        known = known->next;
    if (known && known->call == call && known->self == self)
        return TEND_OK;
    if (!known) {
        known = calloc(1, sizeof *known + strlen(name) + 1);
        if (!known)
            return tend_fail(reterr, TEND_ENOMEM, "%s: memory is used up", store->path);
        (void)strcpy(known->name, name);
        known->arity = arity;
        known->next = store->definitions;
        store->definitions = known;
    }
    known->call = NULL; /* when it fails nobody knows what is defined */
    status = store->driver->define(tend_store_own(store), name, arity, call, self, reterr);
    if (status >= 0) {
        known->call = call;
        known->self = self;
    }
    return status;
}

tend_status tend_store_check(tend_store *store, tend_error *reterr)
{
    return store->driver->check(tend_store_own(store), reterr);
}

tend_status tend_store_scrub(tend_store *store, bool *ret_whole, tend_error *reterr)
{
    if (store->in_transaction)
        return tend_fail(reterr, TEND_ERROR, "%s: cannot be written anew inside a transaction; commit it first", store->path);
    tend_store_let_go(store);
    return store->driver->scrub(tend_store_own(store), ret_whole, reterr);
}

int64_t tend_store_bytes(const tend_store *store)
{
    return store->driver->bytes(tend_store_own(store));
}
