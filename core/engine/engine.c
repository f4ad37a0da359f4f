/* engine.c: everything that is due, a bounded piece at a time. */
#include "engine/engine.h"
#include "base/log.h"
#include "engine/digest.h"
#include "engine/handover.h"
#include "engine/quarantine.h"
#include "engine/sources.h"
#include "engine/tiers.h"
#include "kpi/refresh.h"

enum { ROUNDS_MAX = 1000000, MESSAGES = 100 };

/* One kind of work: whether it did something, and what it counts. */
typedef tend_status (*part)(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_did, tend_error *reterr);

static tend_status hand_over(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_did, tend_error *reterr)
{
    int64_t done = 0;
    tend_date today = tend_zone_date(tend_workspace_zone(workspace), tend_clock_now(tend_workspace_clock(workspace)));
    tend_status status = tend_handover_due(tend_workspace_model(workspace), today, &done, reterr);

    counts->handovers += done;
    *ret_did = done > 0;
    return status;
}

static tend_status sync_sources(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_did, tend_error *reterr)
{
    int64_t synced = 0;
    tend_status status = tend_workspace_sync_due(workspace, &synced, reterr);

    counts->sources += synced;
    *ret_did = synced > 0;
    return status;
}

static tend_status play(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_did, tend_error *reterr)
{
    tend_playbooks *playbooks;
    const tend_rates *rates;
    tend_status status = tend_workspace_rates(workspace, &rates, reterr);

    (void)counts;
    if (status >= 0)
        status = tend_workspace_playbooks(workspace, &playbooks, reterr);
    return status < 0 ? status : tend_playbooks_step(playbooks, ret_did, reterr);
}

static tend_status measure(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_did, tend_error *reterr)
{
    tend_kpis *kpis;
    tend_refresh_report report = { 0 };
    tend_status status = tend_workspace_kpis(workspace, &kpis, reterr);

    if (status >= 0)
        status =
            tend_kpi_refresh(tend_workspace_model(workspace), kpis, tend_workspace_scorecard(workspace), false, &report, reterr);
    counts->accounts += report.accounts;
    *ret_did = report.published > 0;
    return status;
}

static tend_status publish_tiers(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_did, tend_error *reterr)
{
    (void)counts;
    return tend_tiers_publish(workspace, ret_did, reterr);
}

/* What digests read: zone, language and principal are set for each reader. */
static tend_status digest_query(tend_workspace *workspace, const tend_principal *principal, tend_query *ret_query,
                                tend_error *reterr)
{
    const tend_config *config = tend_workspace_config(workspace);
    tend_query query = { .model = tend_workspace_model(workspace),
                         .world = tend_world_live(tend_workspace_model(workspace)),
                         .principal = principal,
                         .segments = tend_workspace_segments(workspace),
                         .currency = tend_config_text(config, "tend", NULL, "currency"),
                         .company = tend_config_text(config, "tend", NULL, "name"),
                         .language = tend_config_text(config, "tend", NULL, "language"),
                         .zone = tend_workspace_zone(workspace) };
    tend_status status = tend_workspace_rates(workspace, &query.rates, reterr);

    if (status >= 0)
        *ret_query = query;
    return status;
}

static tend_status write_digests(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_did, tend_error *reterr)
{
    const tend_principal engine = tend_principal_administrator();
    tend_query query;
    int mails = 0;
    tend_status status = digest_query(workspace, &engine, &query, reterr);

    if (status >= 0)
        status = tend_digest_due(query.model, &query, tend_clock_now(tend_workspace_clock(workspace)), &mails, reterr);
    counts->digests += mails;
    *ret_did = mails > 0;
    return status;
}

static tend_status deliver(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_did, tend_error *reterr)
{
    tend_outbox *outbox;
    int delivered = 0, failed = 0;
    tend_status status = TEND_OK;

    if (!tend_store_is_simulated(tend_workspace_store(workspace))) {
        status = tend_workspace_outbox(workspace, &outbox, reterr);
        if (status >= 0)
            status = tend_outbox_step(outbox, MESSAGES, &delivered, &failed, reterr);
    }
    counts->delivered += delivered;
    counts->failed += failed;
    *ret_did = delivered > 0;
    return status;
}

tend_status tend_engine_step(tend_workspace *workspace, tend_engine_counts *counts, bool *ret_more, tend_error *reterr)
{
    static const struct {
        const char *name;
        part work;
    } parts[] = {
        { "sync", sync_sources }, { "handover", hand_over },   { "price", publish_tiers }, { "playbook", play },
        { "kpi", measure },       { "digest", write_digests }, { "outbox", deliver },
    };
    tend_plugins *plugins;
    tend_status first = TEND_OK;

    *ret_more = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        tend_error error = { 0 };
        bool did = false;
        tend_status status = parts[i].work(workspace, counts, &did, &error);

        *ret_more = *ret_more || did;
        tend_log(TEND_LOG_DEBUG, "engine", "a part of a step", "part", parts[i].name, "did", did ? "something" : "nothing", NULL);
        if (status >= 0)
            continue;
        tend_log(TEND_LOG_ERROR, "engine", "a part of the work failed", "part", parts[i].name, "reason", error.text, NULL);
        if (first >= 0) {
            first = status;
            if (reterr)
                *reterr = error;
        }
    }
    if (tend_workspace_plugins(workspace, &plugins, NULL) >= 0)
        (void)tend_quarantine_keep(tend_workspace_store(workspace), plugins, NULL); /* else with the next step */
    return first;
}

tend_status tend_engine_once(tend_workspace *workspace, tend_engine_counts *ret_counts, tend_error *reterr)
{
    tend_engine_counts counts = { 0 };
    tend_status status = TEND_OK;
    bool more = true;

    if (tend_workspace_is_safe(workspace))
        return tend_fail(reterr, TEND_EBUSY,
                         "the engine is in safe mode and leaves what is due; tend doctor says why and what to do");
    status = tend_workspace_finish_imports(workspace, reterr);
    while (status >= 0 && more && counts.rounds < ROUNDS_MAX) {
        status = tend_engine_step(workspace, &counts, &more, reterr);
        counts.rounds++;
    }
    *ret_counts = counts;
    return status;
}

/* The first day to come on which an accepted handover takes effect, or goes back. */
static tend_status next_handover(tend_workspace *workspace, tend_time *ret_at, tend_error *reterr)
{
    int64_t day;
    tend_status status =
        tend_store_number(tend_workspace_store(workspace),
                          "SELECT min(CASE status WHEN 'accepted' THEN on_date ELSE until_on END) FROM handovers WHERE "
                          "status IN ('accepted', 'done') AND removed_at IS NULL AND (status = 'accepted' OR passed_in "
                          "IS NOT NULL)",
                          TEND_NO_DATE, &day, reterr);

    *ret_at =
        status >= 0 && day != TEND_NO_DATE ? tend_zone_midnight(tend_workspace_zone(workspace), (tend_date)day) : TEND_NO_TIME;
    return status;
}

static void earlier(tend_time *at, tend_time other)
{
    if (other != TEND_NO_TIME && (*at == TEND_NO_TIME || other < *at))
        *at = other;
}

tend_status tend_engine_next(tend_workspace *workspace, tend_time *ret_at, tend_error *reterr)
{
    const tend_principal engine = tend_principal_administrator();
    const tend_time day_ms = 86400000;
    tend_playbooks *playbooks;
    tend_outbox *outbox;
    tend_query query;
    tend_time at = TEND_NO_TIME, next = TEND_NO_TIME;
    tend_status status = tend_workspace_playbooks(workspace, &playbooks, reterr);

    if (status >= 0)
        status = tend_playbooks_next_due(playbooks, &at, reterr);
    if (status >= 0)
        status = next_handover(workspace, &next, reterr);
    if (status >= 0)
        earlier(&at, next);
    if (status >= 0)
        status = digest_query(workspace, &engine, &query, reterr);
    if (status >= 0)
        status = tend_digest_next(&query, tend_clock_now(tend_workspace_clock(workspace)), &next, reterr);
    if (status >= 0)
        earlier(&at, next);
    if (status >= 0)
        status = tend_workspace_sync_next(workspace, &next, reterr);
    if (status >= 0)
        earlier(&at, next);
    /* Numbers move with the days alone, and are published for each. */
    earlier(&at, (tend_clock_now(tend_workspace_clock(workspace)) / day_ms + 1) * day_ms);
    if (status >= 0 && !tend_store_is_simulated(tend_workspace_store(workspace))) {
        status = tend_workspace_outbox(workspace, &outbox, reterr);
        if (status >= 0)
            status = tend_outbox_next(outbox, &next, reterr);
        if (status >= 0)
            earlier(&at, next);
    }
    if (status >= 0)
        *ret_at = at;
    return status;
}
