#include "playbook/outcome.h"
#include "base/buffer.h"
#include "base/zone.h"
#include "playbook/spec.h"
#include <string.h>

#define DAY_MS INT64_C(86400000)

typedef struct finding {
    const tend_world *world;
    const tend_zone *zone;
    tend_date from, until;
    tend_arena *arena;
    tend_outcomes *found;
    size_t room;
    tend_error *reterr;
} finding;

static tend_status no_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "backtest: memory is used up");
}

static tend_status add(finding *find, int64_t account, tend_date day)
{
    tend_outcomes *found = find->found;

    if (account == 0 || day < find->from || day > find->until)
        return TEND_OK;
    if (found->count == find->room) {
        size_t room = find->room ? find->room * 2 : 256;
        tend_outcome *larger = tend_arena_take(find->arena, room * sizeof *larger);

        if (!larger)
            return no_memory(find->reterr);
        if (found->count > 0)
            memcpy(larger, found->list, found->count * sizeof *larger);
        found->list = larger;
        find->room = room;
    }
    found->list[found->count++] = (tend_outcome){ .account = account, .day = day };
    return TEND_OK;
}

/* `sql` with the rows of up to three kinds for its "%s", in the world as it is known. */
static tend_status ask(finding *find, const tend_world *world, const char *sql, const tend_kind kinds[3],
                       tend_statement **ret_statement)
{
    const char *sources[3] = { "", "", "" }, *text;
    tend_status status = TEND_OK;

    for (int i = 0; i < 3 && kinds[i] != TEND_KIND_NONE && status >= 0; i++)
        status = tend_world_source(world, kinds[i], find->arena, &sources[i], find->reterr);
    if (status < 0)
        return status;
    text = tend_arena_print(find->arena, sql, sources[0], sources[1], sources[2]);
    return text ? tend_store_prepare(world->store, text, ret_statement, find->reterr) : no_memory(find->reterr);
}

/* -- churned -- */

/* Spans of recurring money, by account in the order of their first days: an account leaves on the day after one that nothing
 * follows. The last day is that of the retention KPIs (kpi/input.c). */
static tend_status find_by_contract(finding *find)
{
    static const char sql[] =
        "SELECT account, starts_on, active_until FROM (SELECT s.account AS account, s.starts_on AS starts_on,"
        " CASE WHEN s.ended_on IS NULL AND s.ends_on IS NULL AND s.status IN ('ended', 'cancelled') THEN s.effective_at / 86400000 "
        "- 1"
        " WHEN s.ends_on IS NULL OR (s.auto_renew = 1 AND s.status = 'active') THEN s.ended_on"
        " WHEN s.ended_on IS NULL THEN s.ends_on ELSE min(s.ended_on, s.ends_on) END AS active_until"
        " FROM %s s WHERE s.account IS NOT NULL AND s.starts_on IS NOT NULL AND s.annual_amount > 0 AND coalesce(s.is_trial, 0) = 0"
        " AND coalesce(s.status, '') NOT IN ('offered', 'agreed')%s%s)"
        " WHERE active_until IS NULL OR active_until >= starts_on ORDER BY account, starts_on";
    tend_statement *statement = NULL;
    int64_t account = 0;
    tend_date last = TEND_NO_DATE;
    bool is_open = false, has_row = true;
    tend_status status = ask(find, find->world, sql, (const tend_kind[3]){ TEND_KIND_CONTRACT }, &statement);

    while (status >= 0 && has_row && (status = tend_statement_step(statement, &has_row, find->reterr)) >= 0) {
        int64_t next = has_row ? tend_statement_int(statement, 0) : 0;
        tend_date starts = has_row ? (tend_date)tend_statement_int(statement, 1) : 0;

        if (account != 0 && !is_open && (next != account || starts > last + 1))
            status = add(find, account, last + 1);
        if (!has_row || status < 0)
            break;
        if (next != account) {
            account = next;
            is_open = false;
            last = TEND_NO_DATE;
        }
        if (tend_statement_is_null(statement, 2))
            is_open = true;
        else if (last == TEND_NO_DATE || tend_statement_int(statement, 2) > last)
            last = (tend_date)tend_statement_int(statement, 2);
    }
    tend_statement_end(statement);
    find->found->by_contract = (int64_t)find->found->count;
    return status;
}

#define WITHOUT_CONTRACTS                                                                                             \
    " NOT EXISTS (SELECT 1 FROM %s c WHERE c.account = a.id AND c.starts_on IS NOT NULL AND c.annual_amount > 0 AND " \
    "coalesce(c.is_trial, 0) = 0 AND coalesce(c.status, '') NOT IN ('offered', 'agreed'))"

/* Accounts that never had a contract with recurring money: what sources say of them. */
static tend_status find_by_source(finding *find)
{
    static const char sql[] = "SELECT h.account, h.churned_on FROM %s h JOIN %s a ON a.id = h.account"
                              " WHERE h.churned_on IS NOT NULL AND" WITHOUT_CONTRACTS;
    static const char field[] = "SELECT a.id, a.churned_on FROM %s a WHERE a.churned_on IS NOT NULL AND NOT EXISTS"
                                " (SELECT 1 FROM %s h WHERE h.account = a.id AND h.churned_on IS NOT NULL) AND" WITHOUT_CONTRACTS;
    size_t before = find->found->count;
    tend_status status = TEND_OK;

    for (int i = 0; i < 2 && status >= 0; i++) {
        tend_statement *statement = NULL;
        bool has_row = false;

        status = ask(find, find->world, i == 0 ? sql : field,
                     i == 0 ? (const tend_kind[3]){ TEND_KIND_CHURN, TEND_KIND_ACCOUNT, TEND_KIND_CONTRACT }
                            : (const tend_kind[3]){ TEND_KIND_ACCOUNT, TEND_KIND_CHURN, TEND_KIND_CONTRACT },
                     &statement);
        while (status >= 0 && (status = tend_statement_step(statement, &has_row, find->reterr)) >= 0 && has_row)
            status = add(find, tend_statement_int(statement, 0), (tend_date)tend_statement_int(statement, 1));
        tend_statement_end(statement);
    }
    find->found->by_source = (int64_t)(find->found->count - before);
    return status;
}

static tend_status find_churned(finding *find)
{
    tend_status status = find_by_contract(find);

    find->found->what = "the day after the last day of recurring money, with no contract that goes on; of accounts that never had "
                        "such a contract the day a source says they left";
    return status < 0 ? status : find_by_source(find);
}

/* -- rows that came, or came to a status -- */

static tend_status find_rows(finding *find, const tend_kind_schema *kind, const char *word)
{
    bool is_created = strcmp(word, "created") == 0;
    const char *account = kind->kind == TEND_KIND_ACCOUNT ? "id" : kind->fields[kind->account_field].name;
    const char *sql =
        is_created ? tend_arena_print(find->arena, "SELECT r.\"%s\", r.effective_at FROM %%s r", account)
                   : tend_arena_print(find->arena,
                                      "SELECT r.\"%s\", coalesce((SELECT max(c.effective_at) FROM changes c WHERE c.kind = %d AND"
                                      " c.row = r.id AND c.field = '%s' AND c.after = r.\"%s\"), r.effective_at) FROM %%s r"
                                      " WHERE r.\"%s\" = '%s'",
                                      account, (int)kind->kind, kind->fields[kind->status_field].name,
                                      kind->fields[kind->status_field].name, kind->fields[kind->status_field].name, word);
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status =
        sql ? ask(find, find->world, sql, (const tend_kind[3]){ kind->kind }, &statement) : no_memory(find->reterr);

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, find->reterr)) >= 0 && has_row)
        status = add(find, tend_statement_int(statement, 0), tend_zone_date(find->zone, tend_statement_int(statement, 1)));
    tend_statement_end(statement);
    find->found->what = tend_arena_print(find->arena, is_created ? "a %s is there from that day on" : "a %s is %s from that day on",
                                         kind->name, word);
    return status < 0 || find->found->what ? status : no_memory(find->reterr);
}

/* -- a filter -- */

typedef struct met_set {
    int64_t *ids;
    size_t count, room;
} met_set;

static tend_status read_met(finding *find, const tend_filter *filter, tend_date day, tend_arena *arena, met_set *ret_set)
{
    tend_world world = *find->world;
    const char *source, *condition, *sql;
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status;

    world.now = world.effective = tend_zone_midnight(find->zone, day + 1) - 1;
    status = tend_world_source(&world, TEND_KIND_ACCOUNT, arena, &source, find->reterr);
    if (status >= 0)
        status = tend_filter_sql(filter, &world, "a", arena, &condition, find->reterr);
    if (status < 0)
        return status;
    sql = tend_arena_print(arena, "SELECT a.id FROM %s a WHERE %s ORDER BY a.id", source, condition);
    status = sql ? tend_store_prepare(world.store, sql, &statement, find->reterr) : no_memory(find->reterr);
    ret_set->count = 0;
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, find->reterr)) >= 0 && has_row) {
        if (ret_set->count == ret_set->room) {
            size_t room = ret_set->room ? ret_set->room * 2 : 1024;
            int64_t *larger = tend_arena_take(find->arena, room * sizeof *larger);

            if (!larger)
                status = no_memory(find->reterr);
            if (larger && ret_set->count > 0)
                memcpy(larger, ret_set->ids, ret_set->count * sizeof *larger);
            if (larger) {
                ret_set->ids = larger;
                ret_set->room = room;
            }
        }
        if (status >= 0)
            ret_set->ids[ret_set->count++] = tend_statement_int(statement, 0);
    }
    tend_statement_end(statement);
    return status;
}

static tend_status add_new(finding *find, const met_set *before, const met_set *now, tend_date day)
{
    size_t at = 0;
    tend_status status = TEND_OK;

    for (size_t i = 0; i < now->count && status >= 0; i++) {
        while (at < before->count && before->ids[at] < now->ids[i])
            at++;
        if (at == before->count || before->ids[at] != now->ids[i])
            status = add(find, now->ids[i], day);
    }
    return status;
}

static tend_status find_met(finding *find, const tend_segments *segments, const tend_rates *rates, const char *wanted)
{
    tend_filter *filter = NULL;
    tend_arena *arena = tend_arena_new();
    met_set sets[2] = { 0 };
    tend_status status =
        arena ? tend_filter_parse(find->world->schema, segments, TEND_KIND_ACCOUNT, wanted, "--outcome", &filter, find->reterr)
              : no_memory(find->reterr);

    if (status >= 0)
        status = tend_filter_define(find->world->store, rates, find->reterr);
    if (status >= 0)
        status = read_met(find, filter, find->from - 1, arena, &sets[0]);
    for (tend_date day = find->from; day <= find->until && status >= 0; day++) {
        int which = (int)(day - find->from + 1) % 2;

        tend_arena_reset(arena);
        status = read_met(find, filter, day, arena, &sets[which]);
        if (status >= 0)
            status = add_new(find, &sets[1 - which], &sets[which], day);
    }
    if (status >= 0)
        find->found->what = tend_arena_print(find->arena, "the account comes to meet: %s", wanted);
    tend_filter_free(filter);
    tend_arena_free(arena);
    return status < 0 || find->found->what ? status : no_memory(find->reterr);
}

/* "churn.created", "contract.cancelled": a kind of accounts' rows, and a word that it can have. */
static const tend_kind_schema *topic_kind(const tend_schema *schema, const char *wanted, const char **ret_word)
{
    const char *dot = strchr(wanted, '.');
    const tend_kind_schema *kind =
        dot && wanted[strspn(wanted, "abcdefghijklmnopqrstuvwxyz_.")] == '\0' ? tend_topic_kind(schema, wanted) : NULL;

    if (!kind || !tend_topic_known(schema, wanted) || (kind->account_field < 0 && kind->kind != TEND_KIND_ACCOUNT))
        return NULL;
    *ret_word = dot + 1;
    if (strcmp(*ret_word, "created") != 0 &&
        (kind->status_field < 0 || !tend_field_allows(&kind->fields[kind->status_field], *ret_word, strlen(*ret_word))))
        return NULL;
    return kind;
}

tend_status tend_outcomes_find(const tend_world *world, const tend_segments *segments, const tend_rates *rates, const char *wanted,
                               const tend_zone *zone, tend_date from, tend_date until, tend_arena *arena,
                               tend_outcomes *ret_outcomes, tend_error *reterr)
{
    finding find = {
        .world = world, .zone = zone, .from = from, .until = until, .arena = arena, .found = ret_outcomes, .reterr = reterr
    };
    const tend_kind_schema *kind;
    const char *word = NULL;
    tend_status status;

    *ret_outcomes = (tend_outcomes){ 0 };
    if (strcmp(wanted, "churned") == 0)
        status = find_churned(&find);
    else if ((kind = topic_kind(world->schema, wanted, &word)) != NULL)
        status = find_rows(&find, kind, word);
    else
        status = find_met(&find, segments, rates, wanted);
    if (status >= 0)
        ret_outcomes->count = tend_outcomes_sort(ret_outcomes->list, ret_outcomes->count);
    return status;
}
