/* merge.c: dated links between accounts, and what each account is read as. */
#include "model/merge.h"
#include "model/inside.h"

tend_status tend_merge_resolve(const tend_world *world, int64_t account, int64_t *ret_account, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool is_live = world->effective == TEND_NO_TIME, has_row = false;
    tend_status status = tend_store_prepare(world->store,
                                            is_live ? "SELECT root FROM account_roots WHERE account=?1 AND until_at IS NULL"
                                                    : "SELECT root FROM account_roots WHERE account=?1 AND from_at<=?2 AND"
                                                      " (until_at IS NULL OR until_at>?2)",
                                            &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, account);
    if (!is_live)
        tend_statement_bind_int(statement, 2, world->effective);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_account = has_row ? tend_statement_int(statement, 0) : account;
    tend_statement_end(statement);
    return status;
}

static tend_status run3(tend_model *model, const char *sql, int64_t one, int64_t two, int64_t three, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(model->store, sql, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, one);
    tend_statement_bind_int(statement, 2, two);
    tend_statement_bind_int(statement, 3, three);
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

static tend_status number2(tend_model *model, const char *sql, int64_t one, int64_t two, int64_t *ret_number, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(model->store, sql, &statement, reterr);

    *ret_number = 0;
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, one);
    tend_statement_bind_int(statement, 2, two);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row && !tend_statement_is_null(statement, 0))
        *ret_number = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

/* Follows the open links anew for every account that was ever read as `account`, or is it. Past spans stay as they were. */
static tend_status follow_again(tend_model *model, int64_t account, tend_time now, tend_error *reterr)
{
    /* Everybody below `account` by open links, and itself; each with its new end. */
    static const char affected[] =
        "WITH RECURSIVE below (id) AS (SELECT ?1 UNION SELECT l.account FROM links l JOIN below b ON l.into_account=b.id"
        " WHERE l.until_at IS NULL), up (id, at) AS (SELECT id, id FROM below UNION SELECT u.id, l.into_account FROM up u"
        " JOIN links l ON l.account=u.at AND l.until_at IS NULL), ends (id, root) AS (SELECT id, at FROM up WHERE NOT EXISTS"
        " (SELECT 1 FROM links l WHERE l.account=up.at AND l.until_at IS NULL)) ";
    char sql[1200];
    tend_status status;

    (void)snprintf(sql, sizeof sql,
                   "%sUPDATE account_roots SET until_at=?2 WHERE until_at IS NULL AND ?3=?3 AND EXISTS (SELECT 1 FROM ends WHERE"
                   " ends.id=account_roots.account AND ends.root<>account_roots.root)",
                   affected);
    status = run3(model, sql, account, now, 0, reterr);
    if (status < 0)
        return status;
    (void)snprintf(sql, sizeof sql,
                   "%sINSERT OR REPLACE INTO account_roots (account, from_at, until_at, root) SELECT id, ?2, NULL, root FROM ends"
                   " WHERE ?3=?3 AND root<>id AND NOT EXISTS (SELECT 1 FROM account_roots r WHERE r.account=ends.id AND"
                   " r.until_at IS NULL)",
                   affected);
    status = run3(model, sql, account, now, 0, reterr);
    model->has_roots = true;
    return status;
}

static tend_status refuse_merge(tend_model *model, int64_t account, int64_t into, tend_error *reterr)
{
    tend_world world = tend_world_live(model);
    int64_t ids[2] = { account, into }, found = 0, root = 0, at = into;
    tend_status status = TEND_OK;
    int steps = 0;

    if (account == into)
        return tend_fail(reterr, TEND_EINVAL, "account %lld: cannot be merged into itself; name two accounts", (long long)account);
    for (int i = 0; i < 2; i++) {
        status = number2(model, "SELECT 1 FROM accounts WHERE id=?1 AND removed_at IS NULL AND ?2=?2", ids[i], 0, &found, reterr);
        if (status < 0)
            return status;
        if (!found)
            return tend_fail(reterr, TEND_ENOTFOUND, "account %lld: no such account; `tend list accounts` shows those that exist",
                             (long long)ids[i]);
    }
    status = tend_model_root(model, account, &root, reterr);
    if (status >= 0 && root != account)
        return tend_fail(reterr, TEND_EEXISTS, "%s: is merged into %s already; unmerge it first",
                         tend_row_name(&world, TEND_KIND_ACCOUNT, account, model->scratch),
                         tend_row_name(&world, TEND_KIND_ACCOUNT, root, model->scratch));
    if (status >= 0)
        status = tend_model_root(model, into, &root, reterr);
    if (status >= 0 && root == account)
        return tend_fail(reterr, TEND_EINVAL, "%s: is merged into %s itself; unmerge that first",
                         tend_row_name(&world, TEND_KIND_ACCOUNT, into, model->scratch),
                         tend_row_name(&world, TEND_KIND_ACCOUNT, account, model->scratch));
    while (status >= 0 && at != 0 && steps++ < 10000) {
        status = number2(model, "SELECT parent FROM accounts WHERE id=?1 AND ?2=?2", at, 0, &at, reterr);
        if (status >= 0)
            status = tend_model_root(model, at, &at, reterr);
        if (status >= 0 && at == account)
            return tend_fail(reterr, TEND_EINVAL, "%s: stands below %s in the tree; give it another parent first",
                             tend_row_name(&world, TEND_KIND_ACCOUNT, into, model->scratch),
                             tend_row_name(&world, TEND_KIND_ACCOUNT, account, model->scratch));
    }
    return status;
}

tend_status tend_merge(tend_model *model, const tend_origin *origin, int64_t account, int64_t into, tend_error *reterr)
{
    tend_time now = tend_model_now(model);
    tend_statement *insert = NULL;
    int64_t id = 0;
    tend_status status = tend_model_refuse_outside(model, reterr);

    tend_arena_reset(model->scratch);
    if (status >= 0)
        status = tend_access_may(origin->principal, TEND_VERB_MERGE, TEND_KIND_ACCOUNT, account, reterr);
    if (status >= 0)
        status = refuse_merge(model, account, into, reterr);
    if (status >= 0)
        status = tend_store_ids(model->store, "links", 1, &id, reterr);
    if (status >= 0)
        status = tend_store_prepare(model->store,
                                    "INSERT INTO links (id, account, into_account, from_at, recorded_at, principal)"
                                    " VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                                    &insert, reterr);
    if (status >= 0) {
        tend_statement_bind_int(insert, 1, id);
        tend_statement_bind_int(insert, 2, account);
        tend_statement_bind_int(insert, 3, into);
        tend_statement_bind_int(insert, 4, now);
        tend_statement_bind_string(insert, 5, origin->principal->name);
        status = tend_statement_run(insert, reterr);
    }
    tend_statement_end(insert);
    if (status >= 0)
        status = follow_again(model, account, now, reterr);
    if (status >= 0)
        status = tend_model_root(model, into, &into, reterr);
    if (status >= 0)
        status = tend_gather_event(&model->gather, origin, TEND_KIND_ACCOUNT, account, into, "merged", reterr);
    return status;
}

/* Rows that somebody wrote by hand for `into` while the link stood. */
static tend_status count_by_hand(tend_model *model, int64_t into, tend_time from, int64_t *ret_count, tend_error *reterr)
{
    tend_status status = TEND_OK;

    *ret_count = 0;
    for (int i = 1; i < TEND_KIND_COUNT && status >= 0; i++) {
        const tend_kind_schema *kind;
        char sql[400];
        int64_t count = 0;

        if (!tend_schema_has(model->schema, (tend_kind)i))
            continue;
        kind = tend_schema_kind(model->schema, (tend_kind)i);
        if (kind->account_field < 0)
            continue;
        (void)snprintf(sql, sizeof sql,
                       "SELECT count(*) FROM \"%s\" r WHERE r.\"%s\"=?1 AND r.recorded_at>=?2 AND r.%s IS NULL AND NOT EXISTS"
                       " (SELECT 1 FROM batches b WHERE b.id=r.batch AND b.source<>0) AND coalesce(r.source, 0)=0 AND NOT EXISTS"
                       " (SELECT 1 FROM aliases i WHERE i.kind=%d AND i.row=r.id AND i.source<>0)",
                       kind->table, kind->fields[kind->account_field].name, kind->is_fact ? "closed_at" : "removed_at", i);
        status = number2(model, sql, into, from, &count, reterr);
        *ret_count += count;
    }
    return status;
}

tend_status tend_unmerge(tend_model *model, const tend_origin *origin, int64_t account, int64_t *ret_stays, tend_error *reterr)
{
    tend_time now = tend_model_now(model);
    int64_t into = 0, from = 0, stays = 0;
    tend_status status = tend_model_refuse_outside(model, reterr);

    tend_arena_reset(model->scratch);
    if (status >= 0)
        status = tend_access_may(origin->principal, TEND_VERB_MERGE, TEND_KIND_ACCOUNT, account, reterr);
    if (status >= 0)
        status = number2(model, "SELECT into_account FROM links WHERE account=?1 AND until_at IS NULL AND ?2=?2", account, 0, &into,
                         reterr);
    if (status >= 0)
        status =
            number2(model, "SELECT from_at FROM links WHERE account=?1 AND until_at IS NULL AND ?2=?2", account, 0, &from, reterr);
    if (status >= 0 && into == 0)
        status =
            tend_fail(reterr, TEND_ENOTFOUND, "account %lld: is not merged into another; nothing to unmerge", (long long)account);
    if (status >= 0)
        status = count_by_hand(model, into, from, &stays, reterr);
    if (status >= 0)
        status =
            run3(model, "UPDATE links SET until_at=?2 WHERE account=?1 AND until_at IS NULL AND ?3=?3", account, now, 0, reterr);
    if (status >= 0)
        status = follow_again(model, account, now, reterr);
    if (status >= 0)
        status = tend_gather_event(&model->gather, origin, TEND_KIND_ACCOUNT, account, account, "unmerged", reterr);
    if (status >= 0 && ret_stays)
        *ret_stays = stays;
    return status;
}
