#include "kpi/source.h"
#include "base/buffer.h"
#include "base/money.h"
#include "kpi/input.h"
#include "kpi/pick.h"
#include <string.h>

/* `sql` follows the kind's source, whose alias is s, and gives account, numerator, denominator, newest. ?1 is the day. */
typedef struct derived_source {
    const char *name;
    tend_kind kind;
    const char *select;
    const char *where;
    bool none_is_zero; /* an account without rows has 0 */
} derived_source;

#define DAY_OF(column) "(s." column " / 86400000)"

static const derived_source sources[] = {
    { "usage.trend", TEND_KIND_USAGE,
      "s.account, sum(CASE WHEN s.used_on > ?1 - 30 THEN s.uses ELSE 0 END), sum(CASE WHEN s.used_on <= ?1 - 30 THEN s.uses ELSE 0 "
      "END), max(s.effective_at)",
      "s.used_on > ?1 - 60 AND s.used_on <= ?1 AND s.uses IS NOT NULL", false },
    { "ticket.open_urgent", TEND_KIND_TICKET, "s.account, count(*), 1, NULL",
      "s.priority = 'urgent' AND coalesce(s.status, 'open') NOT IN ('solved', 'closed') AND s.closed_at IS NULL AND "
      "(s.opened_at IS NULL OR " DAY_OF("opened_at") " <= ?1)",
      true },
    { "touch.days", TEND_KIND_INTERACTION, "s.account, ?1 - max(" DAY_OF("happened_at") "), 1, max(s.effective_at)",
      DAY_OF("happened_at") " <= ?1", false },
    { "contract.days_left", TEND_KIND_CONTRACT, "s.account, min({until}) - ?1, 1, NULL",
      "s.starts_on <= ?1 AND {until} >= ?1 AND coalesce(s.status, 'active') NOT IN ('offered', 'agreed')", false },
    { "invoice.overdue_days", TEND_KIND_INVOICE,
      "s.account, max(CASE WHEN coalesce(s.status, 'open') NOT IN ('draft', 'paid', 'void') AND (s.paid_on IS NULL OR s.paid_on > "
      "?1) AND s.due_on < ?1 THEN ?1 - s.due_on ELSE 0 END), 1, NULL",
      "1", false },
};
#define SOURCE_COUNT (sizeof sources / sizeof *sources)

static const derived_source *find_source(const char *name)
{
    for (size_t i = 0; i < SOURCE_COUNT; i++)
        if (strcmp(sources[i].name, name) == 0)
            return &sources[i];
    return NULL;
}

/* "account.seats": the field, or NULL when it is no number of an account. */
static const tend_field *find_field(const tend_schema *schema, const char *name)
{
    const tend_kind_schema *kind = tend_schema_kind(schema, TEND_KIND_ACCOUNT);
    const int field = strncmp(name, "account.", 8) == 0 ? tend_schema_field(kind, name + 8) : -1;

    if (field < 0 || (kind->fields[field].type != TEND_INT && kind->fields[field].type != TEND_DECIMAL))
        return NULL;
    return &kind->fields[field];
}

bool tend_source_exists(const tend_schema *schema, const char *name)
{
    return find_source(name) || find_field(schema, name);
}

const char *tend_source_name(size_t i)
{
    return i < SOURCE_COUNT ? sources[i].name : NULL;
}

/* {until} is the derived column contract.active_until. */
static tend_status write_filled(const tend_schema *schema, const char *text, tend_buffer *sql, tend_error *reterr)
{
    static const tend_input until = { "contract.active_until", TEND_ALL };
    tend_found_input found;
    const tend_status status = tend_input_find(schema, &until, &found, reterr);

    for (const char *mark; status >= 0 && (mark = strstr(text, "{until}")) != NULL; text = mark + strlen("{until}")) {
        tend_buffer_append(sql, text, (size_t)(mark - text));
        tend_buffer_print(sql, "(%s)", found.sql);
    }
    tend_buffer_text(sql, text);
    return status;
}

/* ?1 is the day, ?2 and on the accounts, when they are few. */
static tend_status write_sql(const tend_world *world, const char *name, size_t count, tend_arena *arena, tend_buffer *sql,
                             tend_error *reterr)
{
    const derived_source *source = find_source(name);
    const tend_field *field = source ? NULL : find_field(world->schema, name);
    const char *from;
    int64_t one = 1;
    tend_status status;

    if (!source && !field)
        return tend_fail(reterr, TEND_ENOTFOUND, "%s: neither a KPI nor a source of health; see `tend kpi list`", name);
    status = tend_world_source(world, source ? source->kind : TEND_KIND_ACCOUNT, arena, &from, reterr);
    if (status < 0)
        return status;
    tend_buffer_text(sql, "SELECT ");
    if (field) {
        for (int i = 0; i < (field->type == TEND_DECIMAL ? field->scale : 0); i++)
            one *= 10;
        tend_buffer_print(sql, "s.id, s.\"%s\", %lld, s.effective_at FROM %s s WHERE s.\"%s\" IS NOT NULL AND ?1 = ?1", field->name,
                          (long long)one, from, field->name);
        tend_pick_write("s.id", count, 2, sql);
        tend_buffer_text(sql, " ORDER BY 1");
        return TEND_OK;
    }
    status = write_filled(world->schema, source->select, sql, reterr);
    tend_buffer_print(sql, " FROM %s s WHERE s.account IS NOT NULL AND ", from);
    if (status >= 0)
        status = write_filled(world->schema, source->where, sql, reterr);
    tend_pick_write("s.account", count, 2, sql);
    tend_buffer_text(sql, " GROUP BY 1 ORDER BY 1");
    return status;
}

static void read_row(tend_statement *statement, tend_source_value *value)
{
    const int64_t below = tend_statement_int(statement, 2);

    if (tend_statement_is_null(statement, 1) || below == 0)
        return;
    value->has_value = tend_muldiv(tend_statement_int(statement, 1), 1000000, below, &value->micro) >= 0;
    if (!tend_statement_is_null(statement, 3))
        value->newest = tend_statement_int(statement, 3);
}

tend_status tend_source_read(const tend_world *world, const char *name, tend_date today, const int64_t *accounts, size_t count,
                             tend_source_value *ret_values, tend_error *reterr)
{
    const derived_source *source = find_source(name);
    tend_arena *arena = tend_arena_new();
    tend_buffer sql = { 0 };
    tend_statement *statement = NULL;
    bool has_row = false;
    size_t at = 0;
    tend_status status = arena ? write_sql(world, name, count, arena, &sql, reterr) : TEND_ENOMEM;

    for (size_t i = 0; i < count; i++)
        ret_values[i] = (tend_source_value){ .has_value = source && source->none_is_zero, .newest = TEND_NO_TIME };
    if (status >= 0)
        status = tend_store_prepare(world->store, tend_buffer_string(&sql), &statement, reterr);
    if (status >= 0) {
        tend_statement_bind_int(statement, 1, today);
        tend_pick_bind(statement, accounts, count, 2);
    }
    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const int64_t account = tend_statement_int(statement, 0);

        while (at < count && accounts[at] < account)
            at++;
        if (at < count && accounts[at] == account)
            read_row(statement, &ret_values[at]);
    }
    tend_statement_end(statement);
    tend_buffer_clear(&sql);
    tend_arena_free(arena);
    return status;
}
