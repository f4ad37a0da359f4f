/* account.c: an account as a person wants to see it. */
#include "query/book.h"

/* Days since we could have known what the row says. */
#define AGE(alias) QUERY_DAYS_SINCE(alias ".known_at")
#define AGE_HEADING                               \
    {                                             \
        "age_days", "age (days)", TEND_INT, false \
    }
#define SOURCE_HEADING                   \
    {                                    \
        "source", NULL, TEND_TEXT, false \
    }

static const tend_heading account_headings[] = {
    { "id", NULL, TEND_INT, false },
    { "name", NULL, TEND_TEXT, false },
    { "kind", NULL, TEND_TEXT, true },
    { "stage", NULL, TEND_TEXT, false },
    { "stage_since", "stage since", TEND_DATE, true },
    { "owner", NULL, TEND_TEXT, false },
    { "tier", NULL, TEND_TEXT, true },
    { "region", NULL, TEND_TEXT, true },
    { "industry", NULL, TEND_TEXT, true },
    { "country", NULL, TEND_TEXT, true },
    { "parent", "part of", TEND_TEXT, true },
    { "children", "accounts below", TEND_INT, true },
    { "customer_since", "customer since", TEND_DATE, true },
    { "coverage", NULL, TEND_TEXT, true },
    { "last_touch", "last touch", TEND_TIME, true },
    { "touch_days_since", "days since touch", TEND_INT, true },
    { "touch_days", "touch every (days)", TEND_INT, true },
    { "goals", NULL, TEND_TEXT, true },
    { "source", NULL, TEND_TEXT, false },
    AGE_HEADING,
};
static const tend_heading owner_headings[] = {
    { "role", NULL, TEND_TEXT, false },
    { "user", "who", TEND_TEXT, false },
    { "starts_on", "since", TEND_DATE, true },
    { "share", "share of time", TEND_DECIMAL, true },
};
static const tend_heading money_headings[] = {
    { "arr", "recurring a year", TEND_MONEY, false },
    { "contracts", "contracts running", TEND_INT, false },
    { "at_risk", "at risk", TEND_MONEY, false },
    { "at_risk_why", "at risk because", TEND_TEXT, true },
    { "open_invoices", "invoices open", TEND_MONEY, false },
    { "overdue", "of that overdue", TEND_MONEY, false },
    { "pipeline", "open opportunities", TEND_MONEY, false },
};
static const tend_heading contact_headings[] = {
    { "id", NULL, TEND_INT, false },
    { "name", NULL, TEND_TEXT, false },
    { "title", "job title", TEND_TEXT, true },
    { "role", NULL, TEND_TEXT, true },
    { "email", "e-mail", TEND_TEXT, true },
    { "phone", NULL, TEND_TEXT, true },
    { "power", NULL, TEND_TEXT, true },
    { "stance", NULL, TEND_TEXT, true },
    { "last_touch", "last touch", TEND_TIME, false },
    { "touch_days_since", "days since touch", TEND_INT, true },
    { "touch_days", "touch every (days)", TEND_INT, true },
    SOURCE_HEADING,
    AGE_HEADING,
};
static const tend_heading contract_headings[] = {
    { "id", NULL, TEND_INT, false },
    { "name", NULL, TEND_TEXT, false },
    { "status", NULL, TEND_TEXT, false },
    { "starts_on", "from", TEND_DATE, false },
    { "ends_on", "to", TEND_DATE, false },
    { "notice_on", "notice by", TEND_DATE, true },
    { "days_left", "days left", TEND_INT, true },
    { "auto_renew", "renews itself", TEND_BOOL, true },
    { "annual_amount", "a year", TEND_MONEY, false },
    { "owner", NULL, TEND_TEXT, true },
    SOURCE_HEADING,
    AGE_HEADING,
};
static const tend_heading opportunity_headings[] = {
    { "id", NULL, TEND_INT, false },
    { "name", NULL, TEND_TEXT, false },
    { "stage", NULL, TEND_TEXT, false },
    { "type", NULL, TEND_TEXT, true },
    { "amount", NULL, TEND_MONEY, false },
    { "close_on", "close expected", TEND_DATE, false },
    { "owner", NULL, TEND_TEXT, true },
    SOURCE_HEADING,
    AGE_HEADING,
};
static const tend_heading ticket_headings[] = {
    { "id", NULL, TEND_INT, false },
    { "title", NULL, TEND_TEXT, false },
    { "status", NULL, TEND_TEXT, false },
    { "priority", NULL, TEND_TEXT, true },
    { "opened_at", "opened", TEND_TIME, true },
    { "owner", NULL, TEND_TEXT, true },
    SOURCE_HEADING,
    AGE_HEADING,
};
static const tend_heading task_headings[] = {
    { "id", NULL, TEND_INT, false },
    { "title", NULL, TEND_TEXT, false },
    { "due_on", "due", TEND_DATE, false },
    { "assignee", "who", TEND_TEXT, false },
    { "priority", NULL, TEND_TEXT, true },
    { "reason", NULL, TEND_TEXT, true },
    { "playbook", NULL, TEND_TEXT, true },
    { "at_risk", "at stake", TEND_MONEY, true },
    SOURCE_HEADING,
    AGE_HEADING,
};
static const tend_heading document_headings[] = {
    { "id", NULL, TEND_INT, false },
    { "title", NULL, TEND_TEXT, false },
    { "kind", NULL, TEND_TEXT, true },
    { "version", NULL, TEND_TEXT, true },
    { "link", NULL, TEND_TEXT, false },
    SOURCE_HEADING,
    AGE_HEADING,
};

#define LAST_TOUCH "(SELECT max(i.happened_at) FROM {interaction} AS i WHERE i.account = a.id)"
#define OVERDUE "(v.status = 'overdue' OR v.due_on < {today})"

static const query_section sections_above[] = {
    { "account", NULL, account_headings, QUERY_COUNT(account_headings), true,
      "SELECT a.id, a.name, a.kind, a.stage, a.stage_since, u.name, a.tier, a.region, a.industry, a.country, p.name, "
      "(SELECT nullif(count(*), 0) FROM {account} AS d WHERE d.parent = a.id), a.customer_since, a.coverage, " LAST_TOUCH
      ", " QUERY_DAYS_SINCE(LAST_TOUCH) ", a.touch_days, a.goals, {source account a}, " AGE(
          "a") " FROM {account} AS a LEFT JOIN {user} AS u ON u.id = a.owner LEFT JOIN {account} AS p ON p.id = a.parent WHERE "
               "a.id = ?1" },
    { "owners", "Who looks after it", owner_headings, QUERY_COUNT(owner_headings), false,
      "SELECT o.role, u.name, o.starts_on, o.share, 10000 FROM {owner} AS o JOIN {user} AS u ON u.id = o.user WHERE o.account = ?1 "
      "AND (o.starts_on IS NULL OR o.starts_on <= {today}) AND (o.ends_on IS NULL OR o.ends_on >= {today}) "
      "ORDER BY o.role <> 'owner', o.role, o.starts_on, o.id" },
};
static const query_section sections_below[] = {
    { "contacts", "People", contact_headings, QUERY_COUNT(contact_headings), false,
      "SELECT c.id, c.name, c.title, c.role, c.email, c.phone, c.power, c.stance, t.last, " QUERY_DAYS_SINCE(
          "t.last") ", c.touch_days, {source contact "
                    "c}, " AGE("c") " FROM {contact} AS c LEFT JOIN (SELECT i.contact, max(i.happened_at) AS last FROM "
                                    "{interaction} AS i WHERE "
                                    "i.account = ?1 GROUP BY i.contact) AS t ON t.contact = c.id WHERE c.account = ?1 AND "
                                    "(c.left_on IS NULL OR "
                                    "c.left_on > {today}) ORDER BY c.power <> 'high', c.role IS NULL, c.role, c.name, c.id" },
    { "contracts", "Contracts", contract_headings, QUERY_COUNT(contract_headings), false,
      "SELECT c.id, coalesce(c.name, c.number, c.plan_name), c.status, c.starts_on, c.ends_on, c.notice_on, CASE WHEN c.ends_on >= "
      "{today} THEN c.ends_on - {today} END, c.auto_renew, c.annual_amount, {currency c}, u.name, {source contract c}, " AGE(
          "c") " FROM {contract} AS c LEFT JOIN {user} AS u ON u.id = c.owner WHERE c.account = ?1 ORDER BY {active c} DESC, "
               "c.ends_on, "
               "c.id" },
    { "opportunities", "Open opportunities", opportunity_headings, QUERY_COUNT(opportunity_headings), false,
      "SELECT o.id, coalesce(o.name, (SELECT p.name FROM {product} AS p WHERE p.id = o.product)), o.stage, o.type, o.amount, "
      "{currency o}, o.close_on, u.name, {source opportunity o}, " AGE(
          "o") " FROM {opportunity} AS o LEFT JOIN {user} AS u ON u.id = o.owner WHERE o.account = ?1 AND coalesce(o.stage, '') "
               "NOT IN "
               "('won', 'lost') ORDER BY o.close_on, o.id" },
    { "tickets", "Open tickets", ticket_headings, QUERY_COUNT(ticket_headings), false,
      "SELECT k.id, coalesce(k.title, k.number), k.status, k.priority, k.opened_at, u.name, {source ticket k}, " AGE(
          "k") " FROM {ticket} AS k LEFT JOIN {user} AS u ON u.id = k.owner WHERE k.account = ?1 AND k.closed_at IS NULL AND "
               "coalesce(k.status, '') NOT IN ('solved', 'closed') ORDER BY k.opened_at, k.id" },
    { "tasks", "Open tasks", task_headings, QUERY_COUNT(task_headings), false,
      "SELECT k.id, k.title, k.due_on, u.name, k.priority, k.reason, k.playbook, k.at_risk, {currency k}, CASE WHEN k.playbook IS "
      "NOT NULL THEN 'playbook' ELSE {source task k} END, " AGE("k") " FROM {task} AS k LEFT JOIN {user} AS u ON u.id = k.assignee "
                                                                     "WHERE k.account = ?1 AND k.status = 'open' ORDER BY k.due_on "
                                                                     "IS NULL, k.due_on, k.id" },
    { "documents", "Documents", document_headings, QUERY_COUNT(document_headings), false,
      "SELECT d.id, d.title, d.kind, d.version, d.link, {source document d}, " AGE(
          "d") " FROM {document} AS d WHERE d.account = ?1 ORDER BY d.title, d.id" },
};

static tend_status show_segments(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr)
{
    static const tend_heading headings[] = { { "name", NULL, TEND_TEXT, false }, { "help", "what it is", TEND_TEXT, true } };
    const query_section section = { "segments", "Segments", headings, QUERY_COUNT(headings), false, NULL };
    tend_status status = query_announce(query, &section, result, reterr);

    for (size_t i = 0; status >= 0 && query->segments && tend_segments_name(query->segments, i); i++) {
        const char *name = tend_segments_name(query->segments, i);
        bool is_met = false;

        status = tend_filter_match(tend_segments_filter(query->segments, name), &query->world, query->rates, account, &is_met, NULL,
                                   reterr);
        if (status >= 0 && is_met)
            status = result->row(
                result, (tend_value[]){ tend_value_of(name), tend_value_of(tend_segments_help(query->segments, name)) }, reterr);
    }
    return status;
}

static tend_status show_money(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr)
{
    static const char sql[] =
        "SELECT coalesce(" BOOK_ARR ", 0), (SELECT count(*) FROM {contract} AS c WHERE c.account = a.id AND {active c}), "
        "coalesce((SELECT sum({money v.amount v}) FROM {invoice} AS v WHERE v.account = a.id AND v.status IN ('open', 'overdue')), "
        "0), coalesce((SELECT sum({money v.amount v}) FROM {invoice} AS v WHERE v.account = a.id AND v.status IN ('open', "
        "'overdue') AND " OVERDUE "), 0), coalesce((SELECT sum({money o.amount o}) FROM {opportunity} AS o WHERE o.account = a.id "
        "AND coalesce(o.stage, '') NOT IN ('won', 'lost')), 0) FROM {account} AS a WHERE a.id = ?1";
    const query_section section = { "money", "Money", money_headings, QUERY_COUNT(money_headings), true, NULL };
    tend_statement *statement = NULL;
    const char *reasons = NULL;
    int64_t at_risk = 0;
    bool has_row = false;
    tend_status status = query_account_at_risk(query, account, &at_risk, &reasons, reterr);

    if (status >= 0)
        status = query_announce(query, &section, result, reterr);
    if (status >= 0)
        status = query_prepare(query, sql, &statement, reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, account);
        status = tend_statement_step(statement, &has_row, reterr);
    }
    if (status >= 0 && has_row)
        status = result->row(result,
                             (tend_value[]){ tend_value_money(tend_statement_int(statement, 0), query->currency),
                                             tend_value_int(tend_statement_int(statement, 1)),
                                             tend_value_money(at_risk, query->currency), tend_value_of(reasons),
                                             tend_value_money(tend_statement_int(statement, 2), query->currency),
                                             tend_value_money(tend_statement_int(statement, 3), query->currency),
                                             tend_value_money(tend_statement_int(statement, 4), query->currency) },
                             reterr);
    tend_statement_end(statement);
    return status;
}

tend_status tend_query_account(const tend_query *query, int64_t account, tend_result *result, tend_error *reterr)
{
    tend_status status = query_begin_account(query, &account, reterr);

    for (int i = 0; status >= 0 && i < QUERY_COUNT(sections_above); i++)
        status = query_show(query, &sections_above[i], &account, 1, result, NULL, reterr);
    if (status >= 0)
        status = show_segments(query, account, result, reterr);
    if (status >= 0)
        status = query_health(query, account, result, reterr);
    if (status >= 0)
        status = show_money(query, account, result, reterr);
    for (int i = 0; status >= 0 && i < QUERY_COUNT(sections_below); i++)
        status = query_show(query, &sections_below[i], &account, 1, result, NULL, reterr);
    return status < 0 ? status : tend_query_timeline(query, account, 20, result, reterr);
}
