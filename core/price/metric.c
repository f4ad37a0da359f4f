#include "price/metric.h"

#include "base/money.h"
#include "base/near.h"
#include "model/measure.h"
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* {kind} is the rows of a kind in the world. Columns: day, minor units, currency. ?1 account, ?2 first and ?3 last day. */
static const char invoiced[] =
    "SELECT i.issued_on, i.amount, i.currency FROM {invoice} i WHERE i.account = ?1 AND i.issued_on BETWEEN ?2 AND ?3 AND i.amount "
    "IS NOT NULL AND coalesce(i.status, 'open') NOT IN ('draft', 'void')";
/* Lines of orders; an order without lines counts with its own amount. */
static const char ordered[] =
    "SELECT l.ordered_at / 86400000, l.amount, l.currency FROM {order_line} l WHERE l.account = ?1 AND l.ordered_at >= ?2 * "
    "86400000 "
    "AND l.ordered_at < (?3 + 1) * 86400000 AND l.amount IS NOT NULL UNION ALL SELECT o.ordered_on, o.amount, o.currency FROM "
    "{order} o WHERE o.account = ?1 AND o.ordered_on BETWEEN ?2 AND ?3 AND o.amount IS NOT NULL AND coalesce(o.status, 'open') NOT "
    "IN ('cancelled', 'returned') AND NOT EXISTS (SELECT 1 FROM {order_line} x WHERE x.\"order\" = o.id)";
static const char units[] = "SELECT coalesce(sum(l.quantity), 0) FROM {order_line} l WHERE l.account = ?1 AND l.ordered_at >= ?2 * "
                            "86400000 AND l.ordered_at < (?3 + 1) * 86400000";

static tend_status prepare(const tend_price_world *world, const char *sql, tend_arena *arena, tend_statement **ret_statement,
                           tend_error *reterr)
{
    char *text = tend_arena_string(arena, "");
    const char *brace;

    for (; text && (brace = strchr(sql, '{')); sql = strchr(brace, '}') + 1) {
        const tend_kind_schema *kind;
        const char *source;
        char name[40];
        tend_status status;

        (void)snprintf(name, sizeof name, "%.*s", (int)(strchr(brace, '}') - brace - 1), brace + 1);
        kind = tend_schema_find(world->world.schema, name);
        status = tend_world_source(&world->world, kind->kind, arena, &source, reterr);
        if (status < 0)
            return status;
        text = tend_arena_print(arena, "%s%.*s%s", text, (int)(brace - sql), sql, source);
    }
    if (text)
        text = tend_arena_print(arena, "%s%s", text, sql);
    return text ? tend_store_prepare(world->world.store, text, ret_statement, reterr)
                : tend_fail(reterr, TEND_ENOMEM, "prices: memory is used up");
}

static void bind(tend_statement *statement, int64_t account, tend_date from, tend_date to)
{
    tend_statement_bind_int(statement, 1, account);
    tend_statement_bind_int(statement, 2, from);
    tend_statement_bind_int(statement, 3, to);
}

/* The currency of amounts that name none: the account's, else the company's. */
static tend_status account_currency(const tend_price_world *world, int64_t account, tend_arena *arena, char ret_currency[4],
                                    tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = prepare(world, "SELECT a.currency FROM {account} a WHERE a.id = ?1", arena, &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, account);
    status = tend_statement_step(statement, &has_row, reterr);
    (void)snprintf(ret_currency, 4, "%.3s",
                   status >= 0 && has_row && !tend_statement_is_null(statement, 0) ? tend_statement_text(statement, 0, NULL)
                                                                                   : world->currency);
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status sum_money(const tend_price_world *world, const char *sql, int64_t account, tend_date from, tend_date to,
                             const char *currency, tend_arena *arena, tend_value *ret_value, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_int128 sum = 0;
    char own[4];
    bool has_row = false;
    tend_status status = account_currency(world, account, arena, own, reterr);

    if (status >= 0)
        status = prepare(world, sql, arena, &statement, reterr);
    if (status < 0)
        return status;
    bind(statement, account, from, to);
    for (;;) {
        char of[4];
        int64_t minor = 0;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        (void)snprintf(of, sizeof of, "%.3s", tend_statement_is_null(statement, 2) ? own : tend_statement_text(statement, 2, NULL));
        status = tend_rates_convert(world->rates, tend_statement_int(statement, 1), of, currency,
                                    (tend_date)tend_statement_int(statement, 0), &minor, reterr);
        if (status < 0)
            break;
        sum += minor;
    }
    tend_statement_end(statement);
    if (status < 0)
        return status;
    if (sum > INT64_MAX || sum < INT64_MIN)
        return tend_fail(reterr, TEND_ELIMIT, "the money of account %lld does not fit 64 bits", (long long)account);
    *ret_value = (tend_value){ .type = TEND_MONEY, .integer = (int64_t)sum };
    (void)snprintf(ret_value->currency, sizeof ret_value->currency, "%.3s", currency);
    return TEND_OK;
}

static tend_status sum_units(const tend_price_world *world, int64_t account, tend_date from, tend_date to, tend_arena *arena,
                             tend_value *ret_value, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = prepare(world, units, arena, &statement, reterr);

    if (status < 0)
        return status;
    bind(statement, account, from, to);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0)
        *ret_value = (tend_value){ .type = TEND_DECIMAL, .scale = 6, .integer = tend_statement_int(statement, 0) };
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

/* As it was published last on or before the day; not known when it never was. */
static tend_status read_kpi(const tend_price_world *world, int64_t account, const char *id, tend_date on, tend_arena *arena,
                            tend_value *ret_value, tend_error *reterr)
{
    tend_world then = world->world;
    tend_measure measure;
    tend_time end = ((tend_time)on + 1) * DAY_MS - 1;
    tend_status status;

    if (end < then.now && (then.effective == TEND_NO_TIME || end < then.effective))
        then.effective = end;
    *ret_value = (tend_value){ .type = TEND_NULL };
    status = tend_measure_get(&then, id, account, arena, &measure, reterr);
    if (status == TEND_ENOTFOUND || (status >= 0 && measure.denominator == 0))
        return TEND_OK;
    if (status < 0)
        return status;
    if (measure.currency[0]) {
        ret_value->type = TEND_MONEY;
        memcpy(ret_value->currency, measure.currency, sizeof ret_value->currency);
        return tend_muldiv(measure.numerator, 1, measure.denominator, &ret_value->integer);
    }
    ret_value->type = TEND_DECIMAL;
    ret_value->scale = 6;
    return tend_muldiv(measure.numerator, 1000000, measure.denominator, &ret_value->integer);
}

static tend_status read_field(const tend_price_world *world, int64_t account, const char *name, tend_arena *arena,
                              tend_value *ret_value, tend_error *reterr)
{
    const tend_kind_schema *accounts = tend_schema_kind(world->world.schema, TEND_KIND_ACCOUNT);
    const int field = tend_schema_field(accounts, name);
    tend_row row;
    tend_status status;

    if (field < 0 || (accounts->fields[field].type != TEND_INT && accounts->fields[field].type != TEND_DECIMAL &&
                      accounts->fields[field].type != TEND_BOOL))
        return tend_fail(reterr, TEND_EINVAL,
                         "account.%s: an account has no number of that name; see tend list accounts --fields all", name);
    status = tend_read(&world->world, world->principal, TEND_KIND_ACCOUNT, account, arena, &row, reterr);
    if (status < 0)
        return status;
    *ret_value = row.values[field];
    if (ret_value->type == TEND_INT || ret_value->type == TEND_BOOL)
        *ret_value = (tend_value){ .type = TEND_DECIMAL, .integer = ret_value->integer };
    return TEND_OK;
}

tend_status tend_price_metric_read(const tend_price_world *world, int64_t account, const char *name, tend_date from, tend_date to,
                                   const char *currency, tend_arena *arena, tend_value *ret_value, tend_error *reterr)
{
    static const char *const names[] = { "invoiced", "ordered", "units", "kpi.ID", "account.FIELD", NULL };
    const char *near;

    if (strcmp(name, "invoiced") == 0)
        return sum_money(world, invoiced, account, from, to, currency, arena, ret_value, reterr);
    if (strcmp(name, "ordered") == 0)
        return sum_money(world, ordered, account, from, to, currency, arena, ret_value, reterr);
    if (strcmp(name, "units") == 0)
        return sum_units(world, account, from, to, arena, ret_value, reterr);
    if (strncmp(name, "kpi.", 4) == 0 && name[4])
        return read_kpi(world, account, name + 4, to, arena, ret_value, reterr);
    if (strncmp(name, "account.", 8) == 0 && name[8])
        return read_field(world, account, name + 8, arena, ret_value, reterr);
    near = tend_near(name, names);
    return tend_fail(reterr, TEND_EINVAL, "'%.60s' is no metric; %s%s%s", name,
                     near ? "did you mean " : "there are invoiced, ordered, units, kpi.ID and account.FIELD", near ? near : "",
                     near ? "?" : "");
}
