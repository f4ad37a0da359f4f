#include "model/measure.h"

#include "base/date.h"
#include "base/log.h"
#include <inttypes.h>
#include <string.h>

#define COLUMNS "kpi, account, day, numerator, denominator, currency, text, published_at"

tend_status tend_measure_apply(tend_store *store, tend_error *reterr)
{
    static const char current[] = "CREATE TABLE IF NOT EXISTS measures("
                                  "kpi TEXT NOT NULL, account INTEGER NOT NULL, day INTEGER NOT NULL, numerator INTEGER NOT NULL, "
                                  "denominator INTEGER NOT NULL, currency TEXT, text TEXT, published_at INTEGER NOT NULL, "
                                  "PRIMARY KEY(kpi, account)) WITHOUT ROWID";
    static const char closed[] = "CREATE TABLE IF NOT EXISTS measure_periods("
                                 "kpi TEXT NOT NULL, account INTEGER NOT NULL, day INTEGER NOT NULL, numerator INTEGER NOT NULL, "
                                 "denominator INTEGER NOT NULL, currency TEXT, text TEXT, published_at INTEGER NOT NULL, "
                                 "PRIMARY KEY(kpi, account, day)) WITHOUT ROWID";
    tend_status status = tend_store_run(store, current, reterr);

    return status < 0 ? status : tend_store_run(store, closed, reterr);
}

static void bind(tend_statement *statement, const tend_measure *measure)
{
    tend_statement_bind_string(statement, 1, measure->kpi);
    tend_statement_bind_int(statement, 2, measure->account);
    tend_statement_bind_int(statement, 3, measure->day);
    tend_statement_bind_int(statement, 4, measure->numerator);
    tend_statement_bind_int(statement, 5, measure->denominator);
    tend_statement_bind_string(statement, 6, measure->currency[0] ? measure->currency : NULL);
    tend_statement_bind_string(statement, 7, measure->text);
    tend_statement_bind_int(statement, 8, measure->published_at);
}

static tend_status write_row(tend_store *store, const char *sql, const tend_measure *measure, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(store, sql, &statement, reterr);

    if (status == TEND_OK) {
        bind(statement, measure);
        status = tend_statement_run(statement, reterr);
    }
    tend_statement_end(statement);
    return status;
}

/* Fills from the columns COLUMNS; texts are copied into the arena. Borrows `kpi`: the name of rows that have it in common. */
static tend_status read_row(tend_statement *statement, const char *kpi, tend_arena *arena, tend_measure *ret_measure)
{
    tend_measure measure = { .account = tend_statement_int(statement, 1),
                             .day = (tend_date)tend_statement_int(statement, 2),
                             .numerator = tend_statement_int(statement, 3),
                             .denominator = tend_statement_int(statement, 4),
                             .published_at = tend_statement_int(statement, 7) };
    size_t length = 0;
    const char *text = tend_statement_text(statement, 5, &length);

    if (text && length == 3)
        memcpy(measure.currency, text, 3);
    measure.kpi = kpi;
    text = tend_statement_text(statement, 6, &length);
    measure.text = text ? tend_arena_copy(arena, text, length) : NULL;
    if (text && !measure.text)
        return TEND_ENOMEM;
    *ret_measure = measure;
    return TEND_OK;
}

static tend_status get_row(tend_store *store, const char *sql, const char *kpi, int64_t account, tend_arena *arena, bool *ret_found,
                           tend_measure *ret_measure, tend_error *reterr)
{
    tend_statement *statement = NULL;
    const char *copy = tend_arena_string(arena, kpi);
    tend_status status = copy ? tend_store_prepare(store, sql, &statement, reterr)
                              : tend_fail(reterr, TEND_ENOMEM, "kpi %s: no memory is left to read it", kpi);

    *ret_found = false;
    if (status == TEND_OK) {
        tend_statement_bind_string(statement, 1, kpi);
        tend_statement_bind_int(statement, 2, account);
        status = tend_statement_step(statement, ret_found, reterr);
        if (status == TEND_OK && *ret_found)
            status = read_row(statement, copy, arena, ret_measure);
        if (status == TEND_ENOMEM)
            status = tend_fail(reterr, TEND_ENOMEM, "kpi %s: no memory is left to read it", kpi);
    }
    tend_statement_end(statement);
    return status;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool tend_measure_is_same(const tend_measure *a, const tend_measure *b)
{
    return a->numerator == b->numerator && a->denominator == b->denominator && strcmp(a->currency, b->currency) == 0 &&
           is_same_text(a->text, b->text);
}

static tend_status tell(tend_model *model, const tend_origin *origin, const tend_measure *measure, tend_error *reterr)
{
    tend_event event = { .kind = TEND_KIND_ACCOUNT,
                         .first = measure->account,
                         .last = measure->account,
                         .account = measure->account,
                         .cause = origin->cause,
                         .batch = origin->batch,
                         .is_history = origin->is_history,
                         .recorded_at = tend_model_now(model) };
    int length = snprintf(event.topic, sizeof event.topic, "measure.%s", measure->kpi);
    int64_t sequence = 0;
    tend_status status;

    if (length < 0 || (size_t)length >= sizeof event.topic)
        return tend_fail(reterr, TEND_EINVAL, "kpi %s: its name is too long for a topic; use at most %zu characters", measure->kpi,
                         sizeof event.topic - sizeof "measure.");
    status = tend_bus_publish(tend_model_bus(model), &event, origin->is_held, &sequence, reterr);
    if (status != TEND_ELIMIT)
        return status;
    /* A chain of causes that grew too long ends here; the number itself is right and stays. */
    tend_log(TEND_LOG_WARN, "measure", "not told, the chain of causes is too long", "kpi", measure->kpi, "account",
             tend_logf("%" PRId64, measure->account), NULL);
    return TEND_OK;
}

tend_status tend_measure_publish(tend_model *model, const tend_origin *origin, const tend_measure *measure, bool *ret_differs,
                                 tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_measure row = *measure, before;
    tend_arena *arena = tend_arena_new();
    bool has_before = false;
    tend_status status = TEND_ENOMEM;

    if (!arena)
        goto out;
    if (row.published_at == TEND_NO_TIME || row.published_at == 0)
        row.published_at = tend_model_now(model);
    status = get_row(store, "SELECT " COLUMNS " FROM measures WHERE kpi = ?1 AND account = ?2", row.kpi, row.account, arena,
                     &has_before, &before, reterr);
    if (status < 0)
        goto out;
    *ret_differs = !has_before || !tend_measure_is_same(&before, &row);
    if (!*ret_differs && before.day == row.day)
        goto out;
    /* The same value on a later day moves the day, so that its age can be seen, and tells nobody. */
    if (!*ret_differs)
        row.published_at = before.published_at;
    status = write_row(store, "INSERT OR REPLACE INTO measures(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &row, reterr);
    if (status == TEND_OK && *ret_differs && row.account != 0 && tend_model_bus(model))
        status = tell(model, origin, &row, reterr);
out:
    tend_arena_free(arena);
    return status;
}

tend_status tend_measure_read(tend_store *store, const char *kpi, const int64_t *accounts, size_t count, tend_arena *arena,
                              tend_measure *ret_measures, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = true;
    size_t at = 0;
    const char *copy = tend_arena_string(arena, kpi);
    tend_status status =
        tend_store_prepare(store, "SELECT " COLUMNS " FROM measures WHERE kpi = ?1 AND account BETWEEN ?2 AND ?3 ORDER BY account",
                           &statement, reterr);

    memset(ret_measures, 0, count * sizeof *ret_measures);
    if (status == TEND_OK && count > 0) {
        tend_statement_bind_string(statement, 1, kpi);
        tend_statement_bind_int(statement, 2, accounts[0]);
        tend_statement_bind_int(statement, 3, accounts[count - 1]);
    }
    while (status == TEND_OK && at < count && (status = tend_statement_step(statement, &has_row, reterr)) == TEND_OK && has_row) {
        const int64_t account = tend_statement_int(statement, 1);

        while (at < count && accounts[at] < account)
            at++;
        if (at < count && accounts[at] == account && (!copy || read_row(statement, copy, arena, &ret_measures[at]) < 0))
            status = tend_fail(reterr, TEND_ENOMEM, "kpi %s: no memory is left to read it", kpi);
    }
    tend_statement_end(statement);
    return status;
}

tend_status tend_measure_confirm(tend_model *model, const char *kpi, tend_date day, bool has_strays, tend_error *reterr)
{
    tend_world world = tend_world_live(model);
    tend_arena *arena = tend_arena_new();
    tend_statement *statement = NULL;
    const char *source = NULL, *sql = NULL;
    tend_status status = arena ? tend_world_source(&world, TEND_KIND_ACCOUNT, arena, &source, reterr) : TEND_ENOMEM;

    if (status == TEND_OK) {
        sql = has_strays ? tend_arena_print(
                               arena,
                               "UPDATE measures SET day = ?2 WHERE kpi = ?1 AND day <> ?2 AND EXISTS (SELECT 1 FROM %s AS s WHERE "
                               "s.id = measures.account)",
                               source)
                         : "UPDATE measures SET day = ?2 WHERE kpi = ?1 AND account > 0 AND day <> ?2";
        status = sql ? tend_store_prepare(world.store, sql, &statement, reterr)
                     : tend_fail(reterr, TEND_ENOMEM, "kpi %s: no memory is left to confirm it", kpi);
    }
    if (status == TEND_OK) {
        tend_statement_bind_string(statement, 1, kpi);
        tend_statement_bind_int(statement, 2, day);
        status = tend_statement_run(statement, reterr);
    }
    tend_statement_end(statement);
    tend_arena_free(arena);
    return status;
}

tend_status tend_measure_close(tend_model *model, const tend_measure *measure, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_measure row = *measure;
    char day[TEND_DATE_ROOM];
    tend_status status;

    if (row.published_at == TEND_NO_TIME || row.published_at == 0)
        row.published_at = tend_model_now(model);
    status =
        write_row(store, "INSERT OR IGNORE INTO measure_periods(" COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &row, reterr);
    if (status == TEND_OK && tend_store_changes(store) == 0)
        return tend_fail(reterr, TEND_EEXISTS, "kpi %s: the period that ends on %s is closed already; it stays as first reported",
                         row.kpi, tend_date_format(row.day, day));
    return status;
}

/* Where this world's values stand, and what picks one row of several. */
static const char *source_of(const tend_world *world, tend_arena *arena, const char **ret_pick)
{
    const char *limits = "1";

    *ret_pick = "";
    if (tend_world_is_live(world))
        return "measures";
    *ret_pick = " ORDER BY m.day DESC, m.published_at DESC LIMIT 1";
    if (world->effective != TEND_NO_TIME)
        limits =
            tend_arena_print(arena, "day <= %" PRId64, world->effective / 86400000 - (world->effective % 86400000 < 0 ? 1 : 0));
    if (limits && world->known != TEND_NO_TIME)
        limits = tend_arena_print(arena, "%s AND published_at <= %" PRId64, limits, world->known);
    return limits ? tend_arena_print(arena,
                                     "(SELECT " COLUMNS " FROM measures WHERE %s UNION ALL SELECT " COLUMNS
                                     " FROM measure_periods WHERE %s)",
                                     limits, limits)
                  : NULL;
}

const char *tend_measure_column(const tend_world *world, const char *column, const char *kpi, const char *account,
                                tend_arena *arena)
{
    const char *pick, *source = source_of(world, arena, &pick);

    /* Names of KPIs are small letters, digits, points and _, so that they need no escapes. */
    return source ? tend_arena_print(arena, "(SELECT m.%s FROM %s AS m WHERE m.kpi = '%s' AND m.account = %s%s)", column, source,
                                     kpi, account, pick)
                  : NULL;
}

/* NULL: the world has none of its own. */
static const tend_measure *own_of(const tend_world *world, const char *kpi, int64_t account)
{
    for (size_t i = 0; i < world->measure_count; i++)
        if (world->measures[i].account == account && strcmp(world->measures[i].kpi, kpi) == 0)
            return &world->measures[i];
    return NULL;
}

tend_status tend_measure_get(const tend_world *world, const char *kpi, int64_t account, tend_arena *arena,
                             tend_measure *ret_measure, tend_error *reterr)
{
    const tend_measure *own = own_of(world, kpi, account);
    const char *pick, *source = source_of(world, arena, &pick), *sql;
    bool is_found = false;
    tend_status status;

    if (own && own->published_at != TEND_NO_TIME) {
        *ret_measure = *own;
        return TEND_OK;
    }
    if (own)
        return tend_fail(reterr, TEND_ENOTFOUND, "kpi %s had no value for account %" PRId64 " then", kpi, account);
    sql = source ? tend_arena_print(arena, "SELECT " COLUMNS " FROM %s AS m WHERE m.kpi = ?1 AND m.account = ?2%s", source, pick)
                 : NULL;
    if (!sql)
        return tend_fail(reterr, TEND_ENOMEM, "kpi %s: no memory is left to read it", kpi);
    status = get_row(world->store, sql, kpi, account, arena, &is_found, ret_measure, reterr);
    if (status == TEND_OK && !is_found && account == 0)
        return tend_fail(reterr, TEND_ENOTFOUND, "kpi %s has no value for the portfolio; tend kpi refresh computes it", kpi);
    if (status == TEND_OK && !is_found)
        return tend_fail(reterr, TEND_ENOTFOUND, "kpi %s has no value for account %" PRId64 "; tend kpi refresh computes it", kpi,
                         account);
    return status;
}
