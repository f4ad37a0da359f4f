/* timeline.c: everything that happened at an account, newest first. */
#include "base/buffer.h"
#include "query/inside.h"
#include <string.h>

/* Columns: at, kind, what, amount, currency, who, source, known_at, row; then of changes: kind's number, field, before, after. */
#define NO_CHANGE ", NULL, NULL, NULL, NULL "
#define DAY(field) field " * 86400000"

static const char *const parts[] = {
    "SELECT i.happened_at, i.kind, coalesce(i.subject, substr(i.text, 1, 160)), NULL, NULL, (SELECT group_concat(n, ' / ') FROM "
    "(SELECT u.name AS n FROM {user} AS u WHERE u.id = i.user UNION ALL SELECT c.name FROM {contact} AS c WHERE c.id = "
    "i.contact)), {source interaction i}, i.known_at, i.id" NO_CHANGE "FROM {interaction} AS i WHERE i.account = ?1",

    "SELECT s.answered_at, 'answer', s.survey || ' ' || s.score || coalesce(' / ' || s.scale_max, '') || coalesce(': ' || "
    "substr(s.comment, 1, 160), ''), NULL, NULL, (SELECT c.name FROM {contact} AS c WHERE c.id = s.contact), {source answer s}, "
    "s.known_at, s.id" NO_CHANGE "FROM {answer} AS s WHERE s.account = ?1",

    "SELECT " DAY(
        "max(g.used_on)") ", 'usage', strftime('%Y-%m', g.used_on * 86400, 'unixepoch') || ': ' || sum(coalesce(g.uses, "
                          "0)) || ' uses, ' || count(DISTINCT g.used_on) || ' days' || CASE WHEN sum(g.errors) > 0 THEN ', ' || "
                          "sum(g.errors) || ' "
                          "errors' ELSE '' END, NULL, NULL, NULL, {source usage g}, max(g.known_at), NULL" NO_CHANGE
                          "FROM {usage} AS g WHERE g.account = ?1 GROUP BY strftime('%Y-%m', g.used_on * 86400, 'unixepoch')",

    "SELECT " DAY("h.churned_on") ", 'churn', coalesce(h.reason, '') || coalesce(': ' || h.comment, ''), h.refund, {currency h}, "
                                  "NULL, {source churn h}, h.known_at, h.id" NO_CHANGE "FROM {churn} AS h WHERE h.account = ?1",

    "SELECT k.effective_at, 'task opened', k.title, k.at_risk, {currency k}, coalesce((SELECT u.name FROM {user} AS u WHERE u.id = "
    "k.assignee), k.playbook), coalesce('playbook ' || k.playbook, {source task k}), k.known_at, k.id" NO_CHANGE
    "FROM {task} AS k WHERE k.account = ?1",

    "SELECT coalesce(k.done_at, k.known_at), 'task ' || k.status, k.title || coalesce(': ' || k.outcome, ''), NULL, NULL, (SELECT "
    "u.name FROM {user} AS u WHERE u.id = k.done_by), {source task k}, k.known_at, k.id" NO_CHANGE
    "FROM {task} AS k WHERE k.account = ?1 AND k.status IN ('done', 'cancelled')",

    "SELECT coalesce(n.written_at, n.effective_at), 'note', n.text, NULL, NULL, (SELECT u.name FROM {user} AS u WHERE u.id = "
    "n.author), {source note n}, n.known_at, n.id" NO_CHANGE "FROM {note} AS n WHERE n.account = ?1",

    "SELECT coalesce(t.opened_at, t.effective_at), 'ticket opened', coalesce(t.title, t.number, '') || coalesce(' (' || t.priority "
    "|| ')', ''), NULL, NULL, (SELECT c.name FROM {contact} AS c WHERE c.id = t.contact), {source ticket t}, t.known_at, "
    "t.id" NO_CHANGE "FROM {ticket} AS t WHERE t.account = ?1",

    "SELECT t.closed_at, 'ticket closed', coalesce(t.title, t.number, '') || coalesce(': ' || t.root_cause, ''), NULL, NULL, "
    "(SELECT "
    "u.name FROM {user} AS u WHERE u.id = t.owner), {source ticket t}, t.known_at, t.id" NO_CHANGE
    "FROM {ticket} AS t WHERE t.account = ?1 AND t.closed_at IS NOT NULL",

    "SELECT " DAY(
        "r.ordered_on") ", 'order', coalesce(r.number, ''), r.amount, {currency r}, (SELECT u.name FROM {user} AS u WHERE "
                        "u.id = r.owner), {source order r}, r.known_at, r.id" NO_CHANGE
                        "FROM {order} AS r WHERE r.account = ?1 AND r.ordered_on IS NOT NULL",

    "SELECT " DAY(
        "v.issued_on") ", 'invoice', coalesce(v.number, ''), v.amount, {currency v}, NULL, {source invoice v}, v.known_at, "
                       "v.id" NO_CHANGE "FROM {invoice} AS v WHERE v.account = ?1 AND v.issued_on IS NOT NULL",

    "SELECT " DAY("v.paid_on") ", 'invoice paid', coalesce(v.number, ''), v.amount, {currency v}, NULL, {source invoice v}, "
                               "v.known_at, v.id" NO_CHANGE "FROM {invoice} AS v WHERE v.account = ?1 AND v.paid_on IS NOT NULL",

    "SELECT " DAY("coalesce(c.signed_on, c.starts_on)") ", 'contract', coalesce(c.name, c.number, c.plan_name, ''), "
                                                        "c.annual_amount, {currency c}, (SELECT u.name FROM {user} AS u WHERE u.id "
                                                        "= c.owner), {source contract c}, c.known_at, "
                                                        "c.id" NO_CHANGE "FROM {contract} AS c WHERE c.account = ?1 AND "
                                                        "coalesce(c.signed_on, c.starts_on) IS NOT NULL",

    "SELECT " DAY(
        "c.ended_on") ", 'contract ended', coalesce(c.name, c.number, c.plan_name, '') || coalesce(': ' || c.ended_reason, "
                      "''), c.annual_amount, {currency c}, NULL, {source contract c}, c.known_at, c.id" NO_CHANGE
                      "FROM {contract} AS c WHERE c.account = ?1 AND c.ended_on IS NOT NULL",

    "SELECT " DAY(
        "o.closed_on") ", 'opportunity ' || o.stage, coalesce(o.name, '') || coalesce(': ' || o.lost_reason, ''), "
                       "o.amount, {currency o}, (SELECT u.name FROM {user} AS u WHERE u.id = o.owner), {source opportunity o}, "
                       "o.known_at, "
                       "o.id" NO_CHANGE
                       "FROM {opportunity} AS o WHERE o.account = ?1 AND o.closed_on IS NOT NULL AND o.stage IN ('won', 'lost')",

    "SELECT d.effective_at, 'document', d.title || coalesce(' ' || d.version, ''), NULL, NULL, (SELECT u.name FROM {user} AS u "
    "WHERE "
    "u.id = d.added_by), {source document d}, d.known_at, d.id" NO_CHANGE "FROM {document} AS d WHERE d.account = ?1",
};

/* Changes of the account and of what belongs to it. Tasks, tickets and invoices tell their own story above. */
static const char changes[] =
    "SELECT c.effective_at, 'change', NULL, NULL, NULL, c.principal, coalesce(s.name, 'by hand'), c.known_at, c.row, c.kind, "
    "c.field, c.before, c.after FROM changes AS c LEFT JOIN sources AS s ON s.id = c.source WHERE c.field <> '' AND c.effective_at "
    "<= %lld AND c.known_at <= %lld AND ((c.kind = 2 AND c.row = ?1) OR (c.kind = 3 AND c.row IN (SELECT x.id FROM {owner} AS x "
    "WHERE x.account = ?1)) OR (c.kind = 4 AND c.row IN (SELECT x.id FROM {contact} AS x WHERE x.account = ?1)) OR (c.kind = 6 AND "
    "c.row IN (SELECT x.id FROM {contract} AS x WHERE x.account = ?1)) OR (c.kind = 8 AND c.row IN (SELECT x.id FROM {opportunity} "
    "AS x WHERE x.account = ?1)))";

static const char runs[] =
    "SELECT r.started_at, 'run started', r.playbook, NULL, NULL, NULL, 'playbook ' || r.playbook, r.started_at, r.id" NO_CHANGE
    "FROM runs AS r WHERE r.account = ?1 UNION ALL SELECT r.ended_at, 'run ended', r.playbook || coalesce(': ' || r.outcome, '') "
    "|| "
    "coalesce(': ' || r.reason, ''), NULL, NULL, NULL, 'playbook ' || r.playbook, r.ended_at, r.id" NO_CHANGE
    "FROM runs AS r WHERE r.account = ?1 AND r.ended_at IS NOT NULL";

static const char told[] =
    "SELECT e.recorded_at, 'event told', e.topic || coalesce(': ' || d.reason, ''), NULL, NULL, d.teller, 'by "
    "hand', e.recorded_at, e.sequence" NO_CHANGE
    "FROM events_told AS d JOIN events AS e ON e.sequence = d.sequence WHERE e.account = ?1";

static const tend_heading headings[] = {
    { "at", NULL, TEND_TIME, false },
    { "kind", NULL, TEND_TEXT, false },
    { "what", NULL, TEND_TEXT, false },
    { "amount", NULL, TEND_MONEY, true },
    { "who", NULL, TEND_TEXT, true },
    { "source", NULL, TEND_TEXT, false },
    { "age_days", "age (days)", TEND_INT, false },
    { "row", NULL, TEND_INT, true },
};
static const query_section section = { "timeline", "What happened, newest first", headings, QUERY_COUNT(headings), false, NULL };

static const char *one_side(const tend_query *query, const tend_field *field, tend_statement *statement, int column)
{
    tend_value value = { .type = field->type, .scale = field->scale };

    if (tend_statement_is_null(statement, column))
        return "–";
    if (field->type == TEND_TEXT)
        return query_text(query, statement, column);
    value.integer = tend_statement_int(statement, column);
    if (field->type == TEND_REF)
        return tend_row_name(&query->world, (tend_kind)field->target, value.integer, query->arena);
    if (field->type == TEND_MONEY)
        (void)snprintf(value.currency, sizeof value.currency, "%.3s", query->currency);
    return field->type == TEND_MONEY ? tend_value_text(&value, query->arena) : tend_value_show(&value, query->zone, query->arena);
}

/* "contract Pro 2026: ends_on 2026-02-28 → 2026-03-31"; NULL when the principal may not see it. */
static const char *tell_change(const tend_query *query, tend_statement *statement, int64_t row)
{
    const tend_kind_schema *kind = tend_schema_kind(query->world.schema, (tend_kind)tend_statement_int(statement, 9));
    const char *name = query_text(query, statement, 10), *before, *after;
    int field = tend_schema_field(kind, name);

    if (field < 0 || !tend_access_field(query->principal, kind, field))
        return NULL;
    before = one_side(query, &kind->fields[field], statement, 11);
    after = one_side(query, &kind->fields[field], statement, 12);
    return kind->kind == TEND_KIND_ACCOUNT
               ? tend_arena_print(query->arena, "%s %s → %s", name, before, after)
               : tend_arena_print(query->arena, "%s %s: %s %s → %s", kind->name,
                                  tend_row_name(&query->world, kind->kind, row, query->arena), name, before, after);
}

static const char *write_sql(const tend_query *query, tend_buffer *sql)
{
    const tend_world *world = &query->world;
    char text[sizeof changes + 64];

    tend_buffer_text(
        sql, "WITH happened(at, kind, what, amount, currency, who, source, known_at, row, of_kind, field, before, after) AS (");
    for (int i = 0; i < QUERY_COUNT(parts); i++) {
        tend_buffer_text(sql, parts[i]);
        tend_buffer_text(sql, " UNION ALL ");
    }
    (void)snprintf(text, sizeof text, changes, (long long)(world->effective == TEND_NO_TIME ? INT64_MAX : world->effective),
                   (long long)(world->known == TEND_NO_TIME ? INT64_MAX : world->known));
    tend_buffer_text(sql, text);
    if (tend_store_has_table(world->store, "runs")) {
        tend_buffer_text(sql, " UNION ALL ");
        tend_buffer_text(sql, runs);
    }
    if (tend_store_has_table(world->store, "events_told")) {
        tend_buffer_text(sql, " UNION ALL ");
        tend_buffer_text(sql, told);
    }
    /* What is dated in the future has not happened yet. */
    tend_buffer_text(
        sql,
        ") SELECT * FROM happened WHERE at IS NOT NULL AND at <= max({now}, {today} * 86400000) ORDER BY at DESC, kind, row DESC");
    return sql->failed ? NULL : tend_buffer_string(sql);
}

/* What is known by its day stands at the first instant of that day where the company is. */
static tend_time instant_of(const tend_query *query, const char *kind, tend_time at)
{
    static const char *const by_day[] = { "usage",    "churn",          "order",           "invoice",         "invoice paid",
                                          "contract", "contract ended", "opportunity won", "opportunity lost" };

    for (int i = 0; query->zone && kind && i < QUERY_COUNT(by_day); i++)
        if (strcmp(kind, by_day[i]) == 0)
            return tend_zone_midnight(query->zone, (tend_date)(at / 86400000));
    return at;
}

static tend_status show_row(const tend_query *query, tend_statement *statement, tend_result *result, bool *ret_shown,
                            tend_error *reterr)
{
    int64_t row = query_int(statement, 8, 0);
    const char *what = tend_statement_is_null(statement, 9) ? query_text(query, statement, 2) : tell_change(query, statement, row);
    tend_value values[8];

    *ret_shown = tend_statement_is_null(statement, 9) || what;
    if (!*ret_shown)
        return TEND_OK;
    values[1] = tend_value_of(query_text(query, statement, 1));
    values[0] = tend_value_time(instant_of(query, values[1].text, tend_statement_int(statement, 0)));
    values[2] = tend_value_of(what);
    values[3] = tend_statement_is_null(statement, 3)
                    ? tend_value_none()
                    : tend_value_money(tend_statement_int(statement, 3), tend_statement_text(statement, 4, NULL));
    values[4] = tend_value_of(query_text(query, statement, 5));
    values[5] = tend_value_of(query_text(query, statement, 6));
    values[6] = tend_value_int(query_days_since(query, tend_statement_int(statement, 7)));
    values[7] = row ? tend_value_int(row) : tend_value_none();
    return result->row(result, values, reterr);
}

tend_status tend_query_timeline(const tend_query *query, int64_t account, int64_t limit, tend_result *result, tend_error *reterr)
{
    tend_buffer sql = { 0 };
    tend_statement *statement = NULL;
    int64_t shown = 0;
    bool has_row = true;
    tend_status status = query_begin_account(query, &account, reterr);

    if (status >= 0)
        status = write_sql(query, &sql) ? query_prepare(query, tend_buffer_string(&sql), &statement, reterr)
                                        : tend_fail(reterr, TEND_ENOMEM, "timeline: memory is used up");
    if (status < 0)
        goto out;
    tend_statement_bind_int(statement, 1, account);
    status = query_announce(query, &section, result, reterr);
    while (status >= 0 && (limit <= 0 || shown < limit)) {
        bool is_shown = false;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        status = show_row(query, statement, result, &is_shown, reterr);
        shown += is_shown;
    }
out:
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    return status;
}
