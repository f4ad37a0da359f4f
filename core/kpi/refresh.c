#include "kpi/refresh.h"
#include "base/buffer.h"
#include "base/date.h"
#include "base/failpoint.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/money.h"
#include "bus/since.h"
#include "kpi/dirty.h"
#include "kpi/health.h"
#include "model/measure.h"
#include <inttypes.h>
#include <string.h>

#define SUBSCRIBER "kpi"
#define HEALTH "health"
#define ACCOUNTS_PER_COMMIT 1000
#define ACCOUNTS_PER_RANGE 65536
#define PUBLISHED_MAX 128
#define DAY_MS INT64_C(86400000)

typedef struct tend_refreshing {
    tend_model *model;
    tend_kpis *kpis;
    const tend_scorecard *card;
    tend_world world;
    tend_date day;
    tend_principal principal;
    tend_dirty dirty;
    tend_kpi_view *view;
    tend_health *health;
    tend_arena *arena;
    tend_arena *scratch;            /* reset by each value */
    tend_arena *range;              /* reset by each range of accounts */
    const char *ids[PUBLISHED_MAX]; /* health is not among them */
    bool is_failed[PUBLISHED_MAX];  /* could not be computed */
    size_t id_count;
    bool has_health;
    char currency[4];
    tend_measure *before[PUBLISHED_MAX + 1]; /* what was published, by the place in `ids` (health last) and account */
    int64_t position;                        /* the last event that an earlier refresh has seen */
    int64_t *present;                        /* the accounts that the world has, in their order; NULL: not asked for yet */
    size_t present_count;
    tend_refresh_report report;
    tend_error *reterr;
} tend_refreshing;

static tend_status out_of_memory(const tend_refreshing *r)
{
    return tend_fail(r->reterr, TEND_ENOMEM, "kpi: memory is used up");
}

/* ---- what has to be computed ------------------------------------------------------------------------------------------- */

/* Of a KPI the version of its formula and what its plugin is set to. */
static void write_kpi_shape(const tend_refreshing *r, const char *id, tend_buffer *text)
{
    const tend_kpi *kpi = NULL;
    tend_error error;

    (void)tend_kpis_find(r->kpis, id, &kpi, &error);
    tend_buffer_print(text, " %s@%u %s", id, kpi ? kpi->version : 0u, kpi && kpi->settings ? kpi->settings : "");
}

/* What published values depend on besides facts: when it differs, every value may. */
static tend_status write_shape(tend_refreshing *r, char shape[static 32])
{
    tend_buffer text = { 0 };
    char currency[4];
    const char *id;
    const tend_period period = tend_kpis_period(r->kpis, 0);
    tend_status status = tend_kpis_currency(r->kpis, &r->world, currency, r->reterr);

    if (status < 0)
        return status;
    tend_buffer_print(&text, "%s %d", currency, (int)period.from);
    for (size_t i = 0; (id = tend_kpis_published(r->kpis, i)) != NULL; i++)
        write_kpi_shape(r, id, &text);
    tend_buffer_print(&text, " %" PRId64, r->card->minimum_coverage);
    for (size_t i = 0; i < r->card->measure_count; i++) {
        const tend_score_measure *m = &r->card->measures[i];

        tend_buffer_print(&text, " %s %s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, m->group, m->value, m->weight, m->low,
                          m->high, m->stale_ms);
        write_kpi_shape(r, m->value, &text);
    }
    for (size_t i = 0; i < r->card->band_count; i++)
        tend_buffer_print(&text, " %s %" PRId64, r->card->bands[i].name, r->card->bands[i].up_to);
    (void)snprintf(shape, 32, "%016" PRIx64, tend_hash64(tend_buffer_string(&text), text.length));
    status = text.failed ? out_of_memory(r) : TEND_OK;
    tend_buffer_clear(&text);
    return status;
}

/* True when the note of that name reads otherwise, or is not there. */
static tend_status has_changed(tend_refreshing *r, const char *name, const char *text, bool *ret_changed)
{
    const char *before = NULL;
    tend_error why;
    tend_status status = tend_store_meta_get(tend_model_store(r->model), r->arena, name, &before, &why);

    if (status == TEND_ENOTFOUND) /* never refreshed; that is no fault, and its sentence is nobody's */
        status = TEND_OK;
    else if (status < 0)
        *r->reterr = why;
    *ret_changed = !before || strcmp(before, text) != 0;
    return status;
}

static tend_status add_event(void *self, const tend_event *event)
{
    tend_refreshing *r = self;

    return tend_dirty_add(&r->dirty, &r->world, event, r->reterr);
}

static tend_status read_events(tend_refreshing *r)
{
    tend_error error;
    tend_status status = tend_bus_position(tend_model_bus(r->model), SUBSCRIBER, &r->position, &error);

    if (status == TEND_ENOTFOUND)
        status = TEND_OK;
    else if (status < 0)
        *r->reterr = error;
    if (status >= 0)
        status = tend_kpis_unread(r->kpis, &r->dirty.unread, r->reterr);
    if (status >= 0)
        status = tend_events_since(tend_model_store(r->model), r->position, "measure.", add_event, r, r->reterr);
    tend_dirty_sort(&r->dirty);
    return status;
}

/* ---- publishing -------------------------------------------------------------------------------------------------------- */

static tend_status publish(tend_refreshing *r, const tend_measure *measure)
{
    const tend_dirty_account *touched = measure->account ? tend_dirty_find(&r->dirty, measure->account) : NULL;
    const tend_origin origin = { .principal = &r->principal,
                                 .cause = touched ? touched->cause : 0,
                                 .is_history = touched && touched->is_history };
    bool differs = false;
    const tend_status status = tend_measure_publish(r->model, &origin, measure, &differs, r->reterr);

    r->report.published += differs;
    return status;
}

/* What is not defined is told only when it was. What stays as it is needs no row of its own to be written: when everything is
 * computed the days of all are moved at the end. */
static tend_status publish_if_new(tend_refreshing *r, const tend_measure *measure, const tend_measure *before)
{
    if (measure->denominator == 0 && !measure->text && !before->kpi)
        return TEND_OK;
    if (before->kpi && tend_measure_is_same(before, measure) && (r->report.is_all || before->day == measure->day))
        return TEND_OK;
    return publish(r, measure);
}

static tend_status publish_kpi(tend_refreshing *r, const tend_kpi_value *value, size_t k, size_t i)
{
    const tend_kpi_account account = tend_kpi_view_at(r->view, value, i);
    tend_measure measure = { .kpi = value->kpi->id,
                             .account = account.account,
                             .day = r->day,
                             .numerator = account.numerator,
                             .denominator = account.denominator,
                             .published_at = TEND_NO_TIME };

    memcpy(measure.currency, value->currency, sizeof measure.currency);
    return publish_if_new(r, &measure, &r->before[k][i]);
}

/* The score in millionths over 10^6; an unknown one has no denominator. */
static tend_measure health_measure(const tend_refreshing *r, const tend_health_score *score)
{
    return (tend_measure){ .kpi = HEALTH,
                           .account = score->account,
                           .day = r->day,
                           .numerator = score->is_known ? score->score : 0,
                           .denominator = score->is_known ? TEND_MICRO : 0,
                           .text = score->band,
                           .published_at = TEND_NO_TIME };
}

static tend_status publish_account(tend_refreshing *r, size_t i)
{
    const tend_kpi_value *value;
    tend_health_score score;
    tend_status status = TEND_OK;

    for (size_t k = 0; status >= 0 && k < r->id_count; k++) {
        if (r->is_failed[k])
            continue;
        status = tend_kpi_view_figure(r->view, r->ids[k], &value, r->reterr);
        if (status >= 0)
            status = publish_kpi(r, value, k, i);
    }
    if (status >= 0 && r->health && tend_health_at(r->health, i, &score)) {
        const tend_measure measure = health_measure(r, &score);

        status = publish_if_new(r, &measure, &r->before[r->id_count][i]);
    }
    return status;
}

/* Once for all KPIs: to look for the account of each published figure would take longer than to read the figure. */
static tend_status find_present(tend_refreshing *r)
{
    const char *source, *sql = NULL;
    tend_statement *statement = NULL;
    int64_t most = 0;
    bool has_row = false;
    tend_status status;

    if (r->present)
        return TEND_OK;
    status = tend_world_source(&r->world, TEND_KIND_ACCOUNT, r->arena, &source, r->reterr);
    if (status >= 0)
        status = tend_store_number(r->world.store, "SELECT count(*) FROM accounts", 0, &most, r->reterr);
    if (status < 0)
        return status;
    r->present = tend_arena_take(r->arena, ((size_t)most + 1) * sizeof *r->present);
    sql = tend_arena_print(r->arena, "SELECT s.id FROM %s s ORDER BY s.id", source);
    status = r->present && sql ? tend_store_prepare(r->world.store, sql, &statement, r->reterr) : out_of_memory(r);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, r->reterr)) >= 0 && has_row &&
           r->present_count < (size_t)most)
        r->present[r->present_count++] = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status;
}

/* The sum of what is published for the accounts that the world has now, in the order of accounts. *ret_strays: some is of others.
 */
static tend_status sum_published(tend_refreshing *r, const char *id, bool has_divisor, tend_measure *ret_sum, bool *ret_strays)
{
    tend_int128 above = 0, below = 0;
    tend_statement *statement = NULL;
    bool has_row = false;
    size_t at = 0;
    tend_status status = find_present(r);

    *ret_strays = false;
    if (status < 0)
        return status;
    status = tend_store_prepare(
        r->world.store, "SELECT account, numerator, denominator FROM measures WHERE kpi = ?1 AND account > 0 ORDER BY account",
        &statement, r->reterr);
    if (status >= 0)
        tend_statement_bind_string(statement, 1, id);
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, r->reterr)) >= 0 && has_row) {
        const int64_t account = tend_statement_int(statement, 0), part = tend_statement_int(statement, 2);

        while (at < r->present_count && r->present[at] < account)
            at++;
        if (at == r->present_count || r->present[at] != account) {
            *ret_strays = true;
            continue;
        }
        above += tend_statement_int(statement, 1);
        below = has_divisor ? (part ? part : below) : below + part;
    }
    tend_statement_end(statement);
    if (status >= 0 && (above > INT64_MAX || above < INT64_MIN || below > INT64_MAX || below < INT64_MIN))
        status = tend_fail(r->reterr, TEND_ELIMIT, "kpi %s: the portfolio's sum is past 64 bits; look for a wrong amount", id);
    *ret_sum = (tend_measure){
        .kpi = id, .day = r->day, .numerator = (int64_t)above, .denominator = (int64_t)below, .published_at = TEND_NO_TIME
    };
    return status;
}

static tend_status publish_sum(tend_refreshing *r, const tend_measure *sum)
{
    tend_measure before = { 0 };
    tend_error error;
    tend_status status;

    tend_arena_reset(r->scratch);
    status = tend_measure_get(&r->world, sum->kpi, 0, r->scratch, &before, &error);
    if (status < 0 && status != TEND_ENOTFOUND) { /* not known is not the same as none */
        *r->reterr = error;
        return status;
    }
    if (status < 0)
        before.kpi = NULL;
    if (sum->denominator == 0 && !before.kpi)
        return TEND_OK;
    return publish(r, sum);
}

/* Whatever was computed and stayed the same is of this day, too; then the sum. */
static tend_status publish_total(tend_refreshing *r, const char *id, bool has_divisor, const char *currency)
{
    tend_measure sum;
    bool has_strays;
    tend_status status = sum_published(r, id, has_divisor, &sum, &has_strays);

    if (status >= 0 && r->report.is_all)
        status = tend_measure_confirm(r->model, id, r->day, has_strays, r->reterr);
    if (status < 0)
        return status;
    (void)snprintf(sum.currency, sizeof sum.currency, "%s", currency);
    return publish_sum(r, &sum);
}

static tend_status publish_portfolio(tend_refreshing *r)
{
    const tend_kpi *kpi;
    tend_status status = TEND_OK;

    for (size_t k = 0; status >= 0 && k < r->id_count; k++) {
        if (r->is_failed[k])
            continue;
        status = tend_kpis_find(r->kpis, r->ids[k], &kpi, r->reterr);
        if (status >= 0)
            status = publish_total(r, r->ids[k], tend_unit_has_divisor(kpi->unit), kpi->unit == TEND_UNIT_MONEY ? r->currency : "");
    }
    return status >= 0 && r->has_health ? publish_total(r, HEALTH, false, "") : status;
}

/* Sentences of the store begin with its path. */
static bool is_of_store(const tend_refreshing *r)
{
    const char *path = tend_store_path(tend_model_store(r->model));
    const size_t length = strlen(path);

    return strncmp(r->reterr->text, path, length) == 0 && r->reterr->text[length] == ':';
}

/* What fails is said and left as it was; the other values still come. When the store fails it is no fault of the KPI: then nothing
 * is published, the position stays, and the next refresh does it all. */
static tend_status leave_out(tend_refreshing *r, const char *id, tend_status status)
{
    if (status == TEND_ENOMEM || is_of_store(r))
        return status;
    tend_log(TEND_LOG_ERROR, "kpi", "not published", "kpi", id, "why", r->reterr->text, NULL);
    r->report.failed++;
    return TEND_OK;
}

/* What [kpi] publish names. */
static void take_published(tend_refreshing *r)
{
    const char *id;

    for (size_t i = 0; r->id_count < PUBLISHED_MAX && (id = tend_kpis_published(r->kpis, i)) != NULL; i++) {
        size_t k = 0;

        while (k < r->id_count && strcmp(r->ids[k], id) != 0)
            k++;
        if (strcmp(id, HEALTH) == 0)
            r->has_health = true;
        else if (k == r->id_count)
            r->ids[r->id_count++] = id;
    }
}

/* Computes everything before the first transaction of the range: none is open while a host works. */
static tend_status compute(tend_refreshing *r, const tend_scope *scope)
{
    const tend_kpi_value *value;
    tend_status status = tend_kpi_view_open(r->kpis, &r->world, NULL, scope, &r->view, r->reterr);

    if (status >= 0)
        memcpy(r->currency, tend_kpi_view_currency(r->view), sizeof r->currency);
    if (status >= 0)
        status = tend_kpi_view_prepare(r->view, r->ids, r->id_count, r->reterr);
    if (status >= 0 && r->has_health) {
        status = tend_health_open(r->view, r->card, &r->health, r->reterr);
        if (status < 0) {
            r->has_health = false;
            status = leave_out(r, HEALTH, status);
        }
    }
    for (size_t k = 0; status >= 0 && k < r->id_count; k++) {
        if (r->is_failed[k])
            continue;
        status = tend_kpi_view_figure(r->view, r->ids[k], &value, r->reterr);
        if (status >= 0)
            continue;
        r->is_failed[k] = true;
        status = leave_out(r, r->ids[k], status);
    }
    return status;
}

static tend_status commit(tend_refreshing *r, tend_status status)
{
    if (status < 0) {
        tend_model_rollback(r->model);
        return status;
    }
    tend_failpoint("kpi.publish.before");
    return tend_model_commit(r->model, r->reterr);
}

static tend_status read_before(tend_refreshing *r)
{
    size_t count;
    const int64_t *accounts = tend_columns_accounts(tend_kpi_view_columns(r->view), &count);
    tend_status status = TEND_OK;

    for (size_t k = 0; status >= 0 && k < r->id_count + (r->health != NULL); k++) {
        r->before[k] = tend_arena_take(r->range, (count + 1) * sizeof *r->before[k]);
        status = r->before[k] ? tend_measure_read(r->world.store, k < r->id_count ? r->ids[k] : HEALTH, accounts, count, r->range,
                                                  r->before[k], r->reterr)
                              : out_of_memory(r);
    }
    return status;
}

static void close_range(tend_refreshing *r)
{
    tend_health_close(r->health);
    tend_kpi_view_close(r->view);
    r->health = NULL;
    r->view = NULL;
    tend_arena_reset(r->range);
}

static tend_status publish_range(tend_refreshing *r, const tend_scope *scope)
{
    size_t count = 0;
    tend_status status = compute(r, scope);

    if (status >= 0) {
        (void)tend_columns_accounts(tend_kpi_view_columns(r->view), &count);
        status = read_before(r);
    }
    for (size_t i = 0; status >= 0 && i < count; i += ACCOUNTS_PER_COMMIT) {
        status = tend_model_begin(r->model, r->reterr);
        if (status < 0)
            break;
        for (size_t j = i; status >= 0 && j < count && j < i + ACCOUNTS_PER_COMMIT; j++)
            status = publish_account(r, j);
        status = commit(r, status);
    }
    r->report.accounts += (int64_t)count;
    close_range(r);
    return status;
}

/* In ranges of accounts, so that memory does not grow with their number, where columns are kept; rows of a range that has to be
 * found in the store are found no quicker than all. */
static tend_status publish_ranges(tend_refreshing *r, const tend_scope *scope)
{
    tend_cache *cache = tend_kpis_cache(r->kpis);
    tend_members *members = NULL;
    const tend_cached *cached = NULL;
    const int64_t *accounts;
    size_t count = 0;
    tend_status status = tend_cache_take(cache, &r->world, &cached, r->reterr);

    tend_cache_give(cached);
    if (status < 0 || !cached)
        return status < 0 ? status : publish_range(r, scope);
    status = tend_members_new(&r->world, cache, scope, r->currency, &members, r->reterr);
    if (status < 0)
        return status;
    accounts = tend_members_list(members, &count);
    for (size_t i = 0; status >= 0 && (i < count || i == 0); i += ACCOUNTS_PER_RANGE) {
        const size_t left = count - i;

        status = publish_range(
            r, &(tend_scope){ .accounts = accounts + i, .count = left < ACCOUNTS_PER_RANGE ? left : ACCOUNTS_PER_RANGE });
    }
    tend_members_free(members);
    return status;
}

/* The last commit moves the position, so that a refresh that was broken off begins again. */
static tend_status publish_all(tend_refreshing *r, const tend_scope *scope, int64_t last, const char *day, const char *shape)
{
    tend_status status = publish_ranges(r, scope);

    if (status >= 0)
        status = tend_model_begin(r->model, r->reterr);
    if (status < 0)
        return status;
    if (r->report.is_all || r->report.published > 0 || r->dirty.has_accounts)
        status = publish_portfolio(r);
    if (status >= 0)
        status = tend_bus_subscribe(tend_model_bus(r->model), SUBSCRIBER, 0, r->reterr);
    if (status >= 0)
        status = tend_bus_advance(tend_model_bus(r->model), SUBSCRIBER, last, r->reterr);
    if (status >= 0)
        status = tend_store_meta_set(tend_model_store(r->model), "kpi.day", day, r->reterr);
    if (status >= 0)
        status = tend_store_meta_set(tend_model_store(r->model), "kpi.shape", shape, r->reterr);
    return commit(r, status);
}

/* ---- months that have ended -------------------------------------------------------------------------------------------- */

static tend_date end_of_month_before(tend_date day)
{
    int year, month, of_month;

    tend_date_split(day, &year, &month, &of_month);
    return day - of_month;
}

/* The portfolio's values of a month, as known now. */
static tend_status close_value(tend_refreshing *r, const tend_kpi_value *value, tend_date last_day)
{
    tend_measure measure = { .kpi = value->kpi->id,
                             .day = last_day,
                             .numerator = value->numerator,
                             .denominator = value->denominator,
                             .published_at = TEND_NO_TIME };
    tend_error error;
    tend_status status;

    memcpy(measure.currency, value->currency, sizeof measure.currency);
    status = tend_measure_close(r->model, &measure, &error);
    if (status == TEND_EEXISTS)
        return TEND_OK;
    if (status < 0)
        *r->reterr = error;
    else
        r->report.closed++;
    return status;
}

/* The portfolio's values of a month, as known now. */
static tend_status close_month(tend_refreshing *r, tend_date last_day)
{
    tend_world then = r->world;
    tend_kpi_view *view = NULL;
    const tend_kpi_value *values[PUBLISHED_MAX];
    char text[TEND_DATE_ROOM];
    tend_status status;

    then.effective = ((tend_time)last_day + 1) * DAY_MS - 1;
    status = tend_kpi_view_open(r->kpis, &then, NULL, NULL, &view, r->reterr);
    if (status >= 0)
        status = tend_kpi_view_prepare(view, r->ids, r->id_count, r->reterr);
    for (size_t k = 0; status >= 0 && k < r->id_count; k++)
        if (!r->is_failed[k])
            status = tend_kpi_view_figure(view, r->ids[k], &values[k], r->reterr);
    if (status >= 0)
        status = tend_model_begin(r->model, r->reterr);
    if (status < 0)
        goto out;
    for (size_t k = 0; status >= 0 && k < r->id_count; k++)
        if (!r->is_failed[k])
            status = close_value(r, values[k], last_day);
    if (status >= 0)
        status = tend_store_meta_set(tend_model_store(r->model), "kpi.closed", tend_date_format(last_day, text), r->reterr);
    status = commit(r, status);
out:
    tend_kpi_view_close(view);
    return status;
}

static tend_status last_closed(tend_refreshing *r, tend_date *ret_closed)
{
    const char *text = NULL;
    tend_status status = tend_store_meta_get(tend_model_store(r->model), r->arena, "kpi.closed", &text, r->reterr);

    if (status == TEND_ENOTFOUND)
        status = TEND_OK;
    if (status >= 0 && (!text || tend_date_parse(text, strlen(text), ret_closed) < 0))
        *ret_closed = end_of_month_before(end_of_month_before(r->day));
    return status;
}

/* From the month after the last closed one; the first time only the month that ended last. */
static tend_status close_months(tend_refreshing *r)
{
    const tend_date newest = end_of_month_before(r->day);
    tend_date closed = TEND_NO_DATE;
    tend_status status = last_closed(r, &closed);

    while (status >= 0 && closed < newest) {
        /* The first of the month after next, and one day back. */
        closed = end_of_month_before(tend_date_add_months(closed + 1, 1));
        status = close_month(r, closed);
    }
    return status;
}

/* ---- all of it --------------------------------------------------------------------------------------------------------- */

/* Nobody was touched: only the events are seen. Nothing waits for the disk: with the power lost they are looked at once more. */
static tend_status pass_over(tend_refreshing *r, int64_t last)
{
    tend_status status = TEND_OK;

    if (last <= r->position)
        return TEND_OK;
    status = tend_model_begin_soft(r->model, r->reterr);
    if (status < 0)
        return status;
    status = tend_bus_advance(tend_model_bus(r->model), SUBSCRIBER, last, r->reterr);
    return commit(r, status);
}

static tend_status refresh(tend_refreshing *r, bool everything)
{
    char day[TEND_DATE_ROOM], shape[32];
    int64_t last = 0, *accounts = NULL;
    bool is_new_day = false, is_new_shape = false;
    tend_scope scope = { 0 };
    tend_date closed = TEND_NO_DATE;
    tend_status status = tend_bus_last(tend_model_bus(r->model), &last, r->reterr);

    if (status >= 0)
        status = write_shape(r, shape);
    if (status >= 0)
        status = has_changed(r, "kpi.shape", shape, &is_new_shape);
    if (status >= 0)
        status = has_changed(r, "kpi.day", tend_date_format(r->day, day), &is_new_day);
    if (status >= 0)
        status = read_events(r);
    if (status < 0)
        return status;
    r->report.events = r->dirty.events;
    r->report.is_all = everything || is_new_day || is_new_shape || r->dirty.is_all;
    if (!r->report.is_all && r->dirty.count == 0) {
        status = last_closed(r, &closed);
        if (status < 0 || closed >= end_of_month_before(r->day))
            return status < 0 ? status : pass_over(r, last);
    }
    if (!r->report.is_all) {
        accounts = tend_arena_take(r->arena, (r->dirty.count + 1) * sizeof *accounts);
        if (!accounts)
            return out_of_memory(r);
        for (size_t i = 0; i < r->dirty.count; i++)
            accounts[i] = r->dirty.accounts[i].account;
        scope = (tend_scope){ .accounts = accounts, .count = r->dirty.count };
    }
    status = tend_cache_keep(tend_kpis_cache(r->kpis), &r->world, r->reterr);
    take_published(r);
    if (status >= 0)
        status = publish_all(r, &scope, last, day, shape);
    if (status >= 0)
        status = close_months(r); /* on any day: the power may have gone after the last commit of the new day */
    return status;
}

tend_status tend_kpi_refresh(tend_model *model, tend_kpis *kpis, const tend_scorecard *card, bool everything,
                             tend_refresh_report *ret_report, tend_error *reterr)
{
    tend_error said = { 0 };
    tend_refreshing r = { .model = model, .kpis = kpis, .card = card, .reterr = &said };
    tend_status status;

    r.world = tend_world_live(model);
    r.day = tend_world_day(&r.world);
    r.principal = tend_principal_administrator();
    r.arena = tend_arena_new();
    r.scratch = tend_arena_new();
    r.range = tend_arena_new();
    status = r.arena && r.scratch && r.range ? refresh(&r, everything) : out_of_memory(&r);
    if (r.range)
        close_range(&r);
    tend_dirty_clear(&r.dirty);
    tend_arena_free(r.range);
    tend_arena_free(r.scratch);
    tend_arena_free(r.arena);
    if (status >= 0)
        *ret_report = r.report;
    else if (!said.text[0])
        (void)tend_fail(&said, status, "kpi: memory is used up");
    if (status < 0 && reterr)
        *reterr = said;
    return status;
}
