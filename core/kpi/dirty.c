#include "kpi/dirty.h"
#include "model/merge.h"
#include <stdlib.h>
#include <string.h>

void tend_dirty_clear(tend_dirty *dirty)
{
    free(dirty->accounts);
    *dirty = (tend_dirty){ .unread = dirty->unread };
}

uint64_t tend_dirty_kinds(const tend_event *event)
{
    if (event->kind <= TEND_KIND_NONE || event->kind >= TEND_KIND_COUNT ||
        (event->kind == TEND_KIND_ACCOUNT && strcmp(event->topic, "account.updated") != 0))
        return UINT64_MAX;
    return UINT64_C(1) << event->kind;
}

static void take_in(tend_dirty_account *known, const tend_dirty_account *more)
{
    known->cause = more->cause > known->cause ? more->cause : known->cause;
    known->is_history &= more->is_history;
    known->kinds |= more->kinds;
}

static tend_status push(tend_dirty *dirty, const tend_dirty_account *touched, tend_error *reterr)
{
    if (dirty->count > 0 &&
        dirty->accounts[dirty->count - 1].account == touched->account) { /* rows of one account often follow each other */
        take_in(&dirty->accounts[dirty->count - 1], touched);
        return TEND_OK;
    }
    if (dirty->count == dirty->room && dirty->count > 0)
        tend_dirty_sort(dirty);
    if (dirty->count > dirty->room / 2 || dirty->room == 0) {
        const size_t room = dirty->room ? 2 * dirty->room : 64;
        tend_dirty_account *accounts = realloc(dirty->accounts, room * sizeof *accounts);

        if (!accounts)
            return tend_fail(reterr, TEND_ENOMEM, "kpi: memory is used up");
        dirty->accounts = accounts;
        dirty->room = room;
    }
    dirty->accounts[dirty->count++] = *touched;
    return TEND_OK;
}

tend_status tend_dirty_put(tend_dirty *dirty, int64_t account, uint64_t kinds, tend_error *reterr)
{
    return push(dirty, &(tend_dirty_account){ .account = account, .kinds = kinds }, reterr);
}

/* Also the account that a merged one is read as; the merged one itself has nothing any more. */
static tend_status touch(tend_dirty *dirty, const tend_world *world, int64_t account, const tend_event *event, tend_error *reterr)
{
    tend_dirty_account touched = { account, event->sequence, event->is_history, tend_dirty_kinds(event) };
    int64_t root = account;
    tend_status status = push(dirty, &touched, reterr);

    if (status >= 0 && dirty->has_roots)
        status = tend_merge_resolve(world, account, &root, reterr);
    touched.account = root;
    if (status >= 0 && root != account)
        status = push(dirty, &touched, reterr);
    return status;
}

/* A row that moved from one account to another touches both. */
static tend_status touch_former(tend_dirty *dirty, const tend_world *world, const tend_kind_schema *kind, const tend_event *event,
                                tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        world->store, "SELECT before FROM changes WHERE kind = ?1 AND row = ?2 AND field = ?3 AND before IS NOT NULL", &statement,
        reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, kind->kind);
    tend_statement_bind_int(statement, 2, event->first);
    tend_statement_bind_string(statement, 3, kind->fields[kind->account_field].name);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        status = touch(dirty, world, tend_statement_int(statement, 0), event, reterr);
    tend_statement_end(statement);
    return status;
}

/* A correction may say that the fact is another account's: every account that a version of it names. */
static tend_status touch_versions(tend_dirty *dirty, const tend_world *world, const tend_kind_schema *kind, const tend_event *event,
                                  tend_error *reterr)
{
    const char *account = kind->fields[kind->account_field].name;
    char sql[320];
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    (void)snprintf(sql, sizeof sql,
                   "SELECT v.\"%s\" FROM \"%s\" f JOIN \"%s\" v ON v.id = f.fact OR (v.fact = f.fact AND v.fact <> v.id)"
                   " WHERE f.id = ?1 AND v.\"%s\" IS NOT NULL",
                   account, kind->table, kind->table, account);
    status = tend_store_prepare(world->store, sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, event->first);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        status = touch(dirty, world, tend_statement_int(statement, 0), event, reterr);
    tend_statement_end(statement);
    return status;
}

static tend_status touch_rows(tend_dirty *dirty, const tend_world *world, const tend_kind_schema *kind, const tend_event *event,
                              tend_error *reterr)
{
    char sql[256];
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    if (kind->kind == TEND_KIND_ACCOUNT) {
        status = TEND_OK;
        for (int64_t id = event->first; status >= 0 && id <= event->last; id++)
            status = touch(dirty, world, id, event, reterr);
        return status;
    }
    (void)snprintf(sql, sizeof sql, "SELECT \"%s\" FROM \"%s\" WHERE id BETWEEN ?1 AND ?2", kind->fields[kind->account_field].name,
                   kind->table);
    status = tend_store_prepare(world->store, sql, &statement, reterr);
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, event->first);
    tend_statement_bind_int(statement, 2, event->last);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        if (!tend_statement_is_null(statement, 0))
            status = touch(dirty, world, tend_statement_int(statement, 0), event, reterr);
    tend_statement_end(statement);
    return status;
}

tend_status tend_dirty_add(tend_dirty *dirty, const tend_world *world, const tend_event *event, tend_error *reterr)
{
    const tend_kind_schema *kind;
    int64_t has_roots = 0;
    tend_status status;

    if (strncmp(event->topic, "measure.", 8) == 0)
        return TEND_OK;
    if ((tend_dirty_kinds(event) & ~dirty->unread) == 0 || !tend_event_changes_rows(event)) {
        dirty->events += tend_event_rows(event);
        return TEND_OK;
    }
    status = tend_store_number(world->store, "SELECT EXISTS (SELECT 1 FROM account_roots)", 0, &has_roots, reterr);
    dirty->has_roots = has_roots != 0;
    dirty->events += tend_event_rows(event);
    /* What a parting account leaves with the other one is not in the event. */
    if (event->kind == TEND_KIND_RATE || strcmp(event->topic, "account.unmerged") == 0)
        dirty->is_all = true;
    dirty->has_accounts |= event->kind == TEND_KIND_ACCOUNT;
    if (status >= 0 && event->account != 0)
        status = touch(dirty, world, event->account, event, reterr);
    if (status < 0 || event->kind <= TEND_KIND_NONE || event->kind >= TEND_KIND_COUNT || event->first == 0)
        return status;
    kind = tend_schema_kind(world->schema, (tend_kind)event->kind);
    if (kind->kind != TEND_KIND_ACCOUNT && kind->account_field < 0)
        return TEND_OK;
    /* An account's own event carries the account it is read as; the row is the account itself. */
    if (event->account == 0 || kind->kind == TEND_KIND_ACCOUNT)
        status = touch_rows(dirty, world, kind, event, reterr);
    if (status >= 0 && kind->kind != TEND_KIND_ACCOUNT && event->first == event->last && strstr(event->topic, ".updated"))
        status =
            kind->is_fact ? touch_versions(dirty, world, kind, event, reterr) : touch_former(dirty, world, kind, event, reterr);
    return status;
}

static int compare_accounts(const void *a, const void *b)
{
    const tend_dirty_account *left = a, *right = b;

    if (left->account != right->account)
        return left->account < right->account ? -1 : 1;
    return left->cause < right->cause ? -1 : left->cause > right->cause;
}

void tend_dirty_sort(tend_dirty *dirty)
{
    size_t unique = 0;

    if (dirty->count == 0)
        return;
    qsort(dirty->accounts, dirty->count, sizeof *dirty->accounts, compare_accounts);
    for (size_t i = 1; i < dirty->count; i++) {
        tend_dirty_account *last = &dirty->accounts[unique], *next = &dirty->accounts[i];

        if (last->account != next->account) {
            dirty->accounts[++unique] = *next;
            continue;
        }
        take_in(last, next);
    }
    dirty->count = unique + 1;
}

static int compare_to_account(const void *key, const void *item)
{
    const int64_t account = *(const int64_t *)key, other = ((const tend_dirty_account *)item)->account;

    return account < other ? -1 : account > other;
}

const tend_dirty_account *tend_dirty_find(const tend_dirty *dirty, int64_t account)
{
    return dirty->count == 0 ? NULL : bsearch(&account, dirty->accounts, dirty->count, sizeof *dirty->accounts, compare_to_account);
}
