/* kpi.c: KPIs and what they are made of. */
#include "kpi/explain.h"
#include "kpi/health.h"
#include "query/inside.h"
#include <stdlib.h>

/* What a KPI is missing for, when any is. */
static tend_status show_left_out(const tend_query *query, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = { { "plugin", NULL, TEND_TEXT, false },
                                             { "kpi", NULL, TEND_TEXT, true },
                                             { "state", NULL, TEND_TEXT, false },
                                             { "why", NULL, TEND_TEXT, false } };
    const tend_kpi_left_out *out = tend_kpis_left_out(query->kpis, 0);
    tend_status status = TEND_OK;

    if (out)
        status = query_announce(query, &(query_section){ "left_out", "Left out", headings, QUERY_COUNT(headings), false, NULL },
                                result, reterr);
    for (size_t i = 0; status >= 0 && (out = tend_kpis_left_out(query->kpis, i)); i++)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(out->plugin), tend_value_of(out->kpi), tend_value_of(out->state),
                                             tend_value_of(out->why) },
                             reterr);
    return status;
}

tend_status tend_query_kpis(const tend_query *query, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = {
        { "kpi", NULL, TEND_TEXT, false },    { "summary", NULL, TEND_TEXT, false }, { "unit", NULL, TEND_TEXT, false },
        { "version", NULL, TEND_INT, false }, { "formula", NULL, TEND_TEXT, false }, { "plugin", NULL, TEND_TEXT, false },
        { "source", NULL, TEND_TEXT, false },
    };
    tend_status status =
        query_announce(query, &(query_section){ "kpis", NULL, headings, QUERY_COUNT(headings), false, NULL }, result, reterr);

    for (size_t i = 0; status >= 0; i++) {
        const tend_kpi *kpi = tend_kpis_at(query->kpis, i);

        if (!kpi)
            break;
        status = result->row(result,
                             (tend_value[]){ tend_value_of(kpi->id), tend_value_of(kpi->summary),
                                             tend_value_of(tend_unit_name(kpi->unit)), tend_value_int(kpi->version),
                                             tend_value_of(kpi->formula), tend_value_of(kpi->plugin), tend_value_of(kpi->source) },
                             reterr);
    }
    return status < 0 ? status : show_left_out(query, result, reterr);
}

/* In major units, rounded once: what a person quotes. */
static tend_value shown(const tend_kpi_value *value, int64_t numerator, int64_t denominator)
{
    int64_t micro;

    if (tend_kpi_micro(value, numerator, denominator, &micro) < 0)
        return tend_value_none();
    return tend_value_decimal(micro, 6);
}

static tend_value in_percent(const tend_kpi_value *value, int64_t numerator, int64_t denominator)
{
    int64_t micro;

    if (value->kpi->unit != TEND_UNIT_RATIO || tend_kpi_micro(value, numerator, denominator, &micro) < 0 ||
        __builtin_mul_overflow(micro, INT64_C(100), &micro))
        return tend_value_none();
    return tend_value_decimal(micro, 6);
}

static tend_value amount(const tend_kpi_value *value, const char *currency, int64_t number)
{
    return value->kpi->is_money && *currency ? tend_value_money(number, currency) : tend_value_int(number);
}

/* Why this money differs from that of the account's page and of the portfolio. */
static tend_status note_rates(const tend_query *query, const tend_kpi_value *value, tend_result *result, tend_error *reterr)
{
    return result->note(
        result,
        query_fill(query,
                   "money of other currencies is converted by the rates of {opening}, the first day of the period, so "
                   "that no rate moves it; report portfolio and account show take those of {day}",
                   "opening", query_date(query, value->period.from), "day", query_date(query, query->today), NULL),
        reterr);
}

static tend_status show_value(const tend_query *query, const tend_kpi_view *view, const tend_kpi_value *value,
                              const tend_kpi_account *only, tend_result *result, tend_error *reterr)
{
    const char *currency = tend_kpi_view_currency(view);
    bool has_divisor = tend_unit_has_divisor(value->kpi->unit), is_money = value->kpi->is_money;
    int64_t numerator = only ? only->numerator : value->numerator, denominator = only ? only->denominator : value->denominator;
    const tend_heading headings[] = {
        { "kpi", NULL, TEND_TEXT, false },
        { "summary", NULL, TEND_TEXT, false },
        { "from", NULL, TEND_DATE, false },
        { "to", NULL, TEND_DATE, false },
        { "numerator", NULL, is_money ? TEND_MONEY : TEND_INT, false },
        { "denominator", has_divisor ? "divided by" : NULL, is_money && !has_divisor ? TEND_MONEY : TEND_INT, false },
        { "value", NULL, TEND_DECIMAL, false },
        { "percent", "in per cent", TEND_DECIMAL, true },
        { "currency", NULL, TEND_TEXT, false },
        { "rate_day", "rates of", TEND_DATE, true },
        { "unit", NULL, TEND_TEXT, false },
        { "low", "95 % from", TEND_DECIMAL, false },
        { "high", "95 % to", TEND_DECIMAL, false },
        { "accounts", "accounts with a value, former ones too", TEND_INT, false },
        { "version", NULL, TEND_INT, false },
        { "formula", NULL, TEND_TEXT, false },
        { "settings", NULL, TEND_TEXT, true },
        { "source", NULL, TEND_TEXT, false },
    };
    tend_status status =
        query_announce(query, &(query_section){ "", NULL, headings, QUERY_COUNT(headings), true, NULL }, result, reterr);

    if (status >= 0)
        status = result->row(
            result,
            (tend_value[]){
                tend_value_of(value->kpi->id), tend_value_of(value->kpi->summary), tend_value_date(value->period.from),
                tend_value_date(value->period.to), amount(value, currency, numerator),
                has_divisor ? tend_value_int(denominator) : amount(value, currency, denominator),
                shown(value, numerator, denominator), in_percent(value, numerator, denominator),
                is_money ? tend_value_of(currency) : tend_value_none(),
                is_money ? tend_value_date(value->period.from) : tend_value_none(), tend_value_of(tend_unit_name(value->kpi->unit)),
                value->has_interval && !only ? tend_value_decimal(value->low, 6) : tend_value_none(),
                value->has_interval && !only ? tend_value_decimal(value->high, 6) : tend_value_none(),
                tend_value_int(only ? 1 : (int64_t)value->defined), tend_value_int(value->kpi->version),
                tend_value_of(value->kpi->formula), value->kpi->settings ? tend_value_of(value->kpi->settings) : tend_value_none(),
                tend_value_of(value->kpi->source) },
            reterr);
    if (status >= 0 && denominator == 0)
        status = result->note(result, query_say(query, "not defined: the denominator is empty"), reterr);
    if (status >= 0 && is_money)
        status = note_rates(query, value, result, reterr);
    if (status >= 0)
        status = query_stale_note(query, result, reterr);
    for (size_t i = 0; status >= 0 && !only && value->notes && value->notes[i]; i++)
        status = result->note(result, value->notes[i], reterr);
    return status;
}

static tend_status open_view(const tend_query *query, const tend_period *period, tend_kpi_view **ret_view, tend_error *reterr)
{
    return tend_kpi_view_open(query->kpis, &query->world, period, NULL, ret_view, reterr);
}

static const tend_kpi_account *account_of(const tend_kpi_value *value, int64_t account)
{
    for (size_t i = 0; i < value->account_count; i++)
        if (value->accounts[i].account == account)
            return &value->accounts[i];
    return NULL;
}

tend_status tend_query_kpi(const tend_query *query, const char *id, const tend_period *period, int64_t account, tend_result *result,
                           tend_error *reterr)
{
    static const tend_kpi_account none = { 0 };
    tend_kpi_view *view = NULL;
    const tend_kpi_value *value;
    tend_status status = open_view(query, period, &view, reterr);

    if (status >= 0)
        status = tend_kpi_view_value(view, id, &value, reterr);
    if (status >= 0) {
        const tend_kpi_account *only = account ? account_of(value, account) : NULL;

        status = show_value(query, view, value, account && !only ? &none : only, result, reterr);
    }
    tend_kpi_view_close(view);
    return status;
}

/* Where the fact came from: the source that knows it, as on the account's page; whoever wrote it last where none does. */
static const char *source_of(const tend_query *query, const tend_kpi_part *part)
{
    tend_statement *statement = NULL;
    const char *source = part->source, *sql;
    bool has_row = false;

    if (part->kind == TEND_KIND_NONE || part->kind == TEND_KIND_ACCOUNT)
        return source;
    sql = tend_arena_print(query->arena,
                           "SELECT s.name FROM %s i JOIN sources s ON s.id = i.source WHERE i.row = ?1 ORDER BY s.name LIMIT 1",
                           tend_schema_names_of(query->world.schema, part->kind));
    if (!sql || tend_store_prepare(query->world.store, sql, &statement, NULL) < 0)
        return source;
    tend_statement_bind_int(statement, 1, part->row);
    if (tend_statement_step(statement, &has_row, NULL) >= 0 && has_row)
        source = query_text(query, statement, 0);
    tend_statement_end(statement);
    return source;
}

tend_status tend_query_kpi_explain(const tend_query *query, const char *id, const tend_period *period, int64_t account,
                                   tend_result *result, tend_error *reterr)
{
    static const tend_kpi_account none = { 0 };
    tend_kpi_view *view = NULL;
    const tend_kpi_value *value;
    const tend_kpi_part *parts = NULL;
    size_t count = 0;
    tend_status status = open_view(query, period, &view, reterr);

    if (status >= 0)
        status = tend_kpi_view_value(view, id, &value, reterr);
    if (status >= 0) {
        const tend_kpi_account *only = account ? account_of(value, account) : NULL;

        status = show_value(query, view, value, account && !only ? &none : only, result, reterr);
    }
    if (status >= 0)
        status = tend_kpi_explain(view, id, account, query->arena, &parts, &count, reterr);
    if (status >= 0) {
        const char *currency = tend_kpi_view_currency(view);
        bool has_divisor = tend_unit_has_divisor(value->kpi->unit), is_money = value->kpi->is_money;
        const tend_heading headings[] = {
            { "account", NULL, TEND_TEXT, false },
            { "kind", NULL, TEND_TEXT, false },
            { "id", NULL, TEND_INT, false },
            { "numerator", NULL, is_money ? TEND_MONEY : TEND_INT, false },
            { "denominator", has_divisor ? "divided by" : NULL, is_money && !has_divisor ? TEND_MONEY : TEND_INT, false },
            { "why", NULL, TEND_TEXT, true },
            { "at", "true since", TEND_TIME, true },
            { "source", NULL, TEND_TEXT, true },
            { "currency", NULL, TEND_TEXT, true },
        };

        status = query_announce(query,
                                &(query_section){ "parts", account ? "Made of" : "Made of, account by account", headings,
                                                  QUERY_COUNT(headings), false, NULL },
                                result, reterr);
        for (size_t i = 0; status >= 0 && i < count; i++) {
            const tend_kpi_part *part = &parts[i];
            const char *kind = part->kind == TEND_KIND_NONE ? NULL : tend_schema_kind(query->world.schema, part->kind)->name;

            status = result->row(
                result,
                (tend_value[]){ part->account
                                    ? tend_value_of(tend_row_name(&query->world, TEND_KIND_ACCOUNT, part->account, query->arena))
                                    : tend_value_none(),
                                tend_value_of(kind), part->row ? tend_value_int(part->row) : tend_value_none(),
                                amount(value, currency, part->numerator),
                                has_divisor ? tend_value_int(part->denominator) : amount(value, currency, part->denominator),
                                tend_value_of(part->why), tend_value_time(part->at), tend_value_of(source_of(query, part)),
                                is_money ? tend_value_of(currency) : tend_value_none() },
                reterr);
        }
    }
    if (status >= 0 && account == 0 && count > 0)
        status = result->note(
            result, query_fill(query, "the facts of an account: tend kpi explain {kpi} --account ACCOUNT", "kpi", id, NULL),
            reterr);
    tend_kpi_view_close(view);
    return status;
}

static tend_value micro(bool has, int64_t value)
{
    return has ? tend_value_decimal(value, 6) : tend_value_none();
}

static int by_score(const void *a, const void *b)
{
    const tend_health_score *left = a, *right = b;

    if (left->is_known != right->is_known)
        return left->is_known ? -1 : 1;
    if (left->score != right->score)
        return left->score < right->score ? -1 : 1;
    return left->account < right->account ? -1 : 1;
}

tend_status tend_query_health(const tend_query *query, const tend_scorecard *card, int64_t limit, tend_result *result,
                              tend_error *reterr)
{
    static const tend_heading headings[] = { { "account", NULL, TEND_TEXT, false },
                                             { "id", NULL, TEND_INT, false },
                                             { "score", NULL, TEND_DECIMAL, false },
                                             { "band", NULL, TEND_TEXT, false },
                                             { "coverage", "weight with values", TEND_DECIMAL, false } };
    tend_kpi_view *view = NULL;
    tend_health *health = NULL;
    tend_health_score *all = NULL;
    size_t count = 0;
    tend_status status = open_view(query, NULL, &view, reterr);

    if (status >= 0)
        status = tend_health_open(view, card, &health, reterr);
    if (status >= 0) {
        tend_health_score score;

        while (tend_health_at(health, count, &score))
            count++;
        all = tend_arena_take(query->arena, (count + 1) * sizeof *all);
        if (!all)
            status = tend_fail(reterr, TEND_ENOMEM, "health: no memory for %zu accounts", count);
        for (size_t i = 0; status >= 0 && i < count; i++)
            (void)tend_health_at(health, i, &all[i]);
    }
    if (status >= 0) {
        qsort(all, count, sizeof *all, by_score);
        status =
            query_announce(query, &(query_section){ "health", NULL, headings, QUERY_COUNT(headings), false, NULL }, result, reterr);
    }
    for (size_t i = 0; status >= 0 && i < count && (limit <= 0 || (int64_t)i < limit); i++) {
        const tend_health_score *score = &all[i];

        status = result->row(
            result,
            (tend_value[]){ tend_value_of(tend_row_name(&query->world, TEND_KIND_ACCOUNT, score->account, query->arena)),
                            tend_value_int(score->account), micro(score->is_known, score->score), tend_value_of(score->band),
                            tend_value_decimal(score->coverage, 6) },
            reterr);
    }
    if (status >= 0)
        status = query_stale_note(query, result, reterr);
    if (status >= 0 && limit > 0 && count > (size_t)limit)
        status = query_shown_note(query, limit, (int64_t)count, result, reterr);
    tend_health_close(health);
    tend_kpi_view_close(view);
    return status;
}

tend_status tend_query_health_explain(const tend_query *query, const tend_scorecard *card, int64_t account, tend_result *result,
                                      tend_error *reterr)
{
    static const tend_heading about[] = { { "account", NULL, TEND_TEXT, false },
                                          { "id", NULL, TEND_INT, false },
                                          { "score", NULL, TEND_DECIMAL, false },
                                          { "band", NULL, TEND_TEXT, false },
                                          { "coverage", "weight with values", TEND_DECIMAL, false } };
    static const tend_heading headings[] = {
        { "measure", NULL, TEND_TEXT, false },         { "group", NULL, TEND_TEXT, false },
        { "value", NULL, TEND_DECIMAL, false },        { "points", NULL, TEND_DECIMAL, false },
        { "weight", NULL, TEND_DECIMAL, false },       { "used", "weight used", TEND_DECIMAL, false },
        { "contribution", NULL, TEND_DECIMAL, false }, { "why", NULL, TEND_TEXT, false },
        { "newest", "newest fact", TEND_TIME, true },
    };
    tend_kpi_view *view = NULL;
    tend_health *health = NULL;
    const tend_health_part *parts;
    tend_health_score score;
    size_t count = 0;
    tend_status status = open_view(query, NULL, &view, reterr);

    if (status >= 0)
        status = tend_health_open(view, card, &health, reterr);
    if (status >= 0)
        status = tend_health_explain(health, account, query->arena, &score, &parts, &count, reterr);
    if (status >= 0)
        status = query_announce(query, &(query_section){ "", NULL, about, QUERY_COUNT(about), true, NULL }, result, reterr);
    if (status >= 0)
        status = result->row(result,
                             (tend_value[]){ tend_value_of(tend_row_name(&query->world, TEND_KIND_ACCOUNT, account, query->arena)),
                                             tend_value_int(account), micro(score.is_known, score.score), tend_value_of(score.band),
                                             tend_value_decimal(score.coverage, 6) },
                             reterr);
    if (status >= 0)
        status = query_announce(query, &(query_section){ "measures", "Made of", headings, QUERY_COUNT(headings), false, NULL },
                                result, reterr);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        const tend_health_part *part = &parts[i];

        status = result->row(
            result,
            (tend_value[]){ tend_value_of(part->measure), tend_value_of(part->group), micro(part->has_value, part->micro),
                            micro(part->has_points, part->points), tend_value_decimal(part->part.weight / TEND_MICRO, 6),
                            micro(score.is_known, part->part.used / TEND_MICRO), micro(score.is_known, part->part.contribution),
                            tend_value_of(query_health_why(query, card, parts, count, i)), tend_value_time(part->newest) },
            reterr);
    }
    if (status >= 0 && !score.is_known)
        status = result->note(result, query_no_score(query, card, score.coverage), reterr);
    tend_health_close(health);
    tend_kpi_view_close(view);
    return status;
}
