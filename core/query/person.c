/* person.c: which rows and fields belong to an account or a contact, by the schema. */
#include "query/person.h"
#include "base/buffer.h"
#include "base/near.h"
#include <string.h>

/* Every account that is read as this one. */
static tend_status list_accounts(tend_store *store, int64_t account, tend_arena *arena, tend_person *person, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        store,
        "WITH top(id) AS (SELECT coalesce((SELECT root FROM account_roots WHERE account=?1 AND until_at IS NULL), ?1)) SELECT id "
        "FROM top UNION ALL SELECT r.account FROM account_roots r JOIN top ON r.root=top.id WHERE r.until_at IS NULL AND "
        "r.account<>top.id",
        &statement, reterr);

    person->accounts = NULL;
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, account);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        long long id = (long long)tend_statement_int(statement, 0);

        if (!person->accounts && person->kind == TEND_KIND_ACCOUNT)
            person->id = id;
        person->accounts =
            person->accounts ? tend_arena_print(arena, "%s, %lld", person->accounts, id) : tend_arena_print(arena, "%lld", id);
        if (!person->accounts) {
            status = tend_fail(reterr, TEND_ENOMEM, "no memory for the accounts");
            break;
        }
    }
    tend_statement_end(statement);
    return status;
}

tend_status tend_person_find(tend_store *store, tend_kind kind, int64_t id, tend_arena *arena, tend_person *ret_person,
                             tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_person person = { .kind = kind, .id = id };
    int64_t account = id;
    bool has_row = false;
    tend_status status = TEND_OK;

    if (kind == TEND_KIND_CONTACT) {
        status = tend_store_prepare(store, "SELECT account FROM contacts WHERE id=?1", &statement, reterr);
        if (status >= 0) {
            tend_statement_bind_int(statement, 1, id);
            status = tend_statement_step(statement, &has_row, reterr);
        }
        account = status >= 0 && has_row ? tend_statement_int(statement, 0) : 0;
        tend_statement_end(statement);
        if (status >= 0 && !has_row)
            status = tend_fail(reterr, TEND_ENOTFOUND, "contact %lld: no such row; see tend list contacts", (long long)id);
    } else if (kind != TEND_KIND_ACCOUNT) {
        status = tend_fail(reterr, TEND_EINVAL, "only accounts and contacts have personal data of their own to hand over or erase");
    }
    if (status >= 0)
        status = list_accounts(store, account, arena, &person, reterr);
    if (status >= 0)
        *ret_person = person;
    return status;
}

static bool is_owner_by(const tend_field *field)
{
    return field->type == TEND_REF && (field->target == TEND_KIND_CONTRACT || field->target == TEND_KIND_ORDER ||
                                       field->target == TEND_KIND_INVOICE || field->target == TEND_KIND_PLAN);
}

const char *tend_person_around(const tend_schema *schema, const tend_person *person, tend_kind number, const char *alias,
                               tend_arena *arena)
{
    const tend_kind_schema *kind = tend_schema_kind(schema, number);
    const char *account, *sql;

    if (number == TEND_KIND_ACCOUNT)
        return tend_arena_print(arena, "%s.id IN (%s)", alias, person->accounts);
    if (kind->account_field < 0)
        return NULL;
    account = kind->fields[kind->account_field].name;
    sql = tend_arena_print(arena, "%s.\"%s\" IN (%s)", alias, account, person->accounts);
    /* Lines that name no account are those of their order, invoice, contract or plan. */
    for (int i = 0; sql && i < kind->field_count; i++)
        if (is_owner_by(&kind->fields[i]) && !(kind->fields[kind->account_field].flags & TEND_FIELD_REQUIRED))
            sql = tend_arena_print(arena, "%s OR %s.\"%s\" IS NULL AND %s.\"%s\" IN (SELECT id FROM \"%s\" WHERE account IN (%s))",
                                   sql, alias, account, alias, kind->fields[i].name,
                                   tend_schema_kind(schema, (tend_kind)kind->fields[i].target)->table, person->accounts);
    return sql ? tend_arena_print(arena, "(%s)", sql) : NULL;
}

const char *tend_person_rows(const tend_schema *schema, const tend_person *person, tend_kind number, const char *alias,
                             tend_arena *arena)
{
    const tend_kind_schema *kind = tend_schema_kind(schema, number);
    const char *sql = NULL;

    if (person->kind == TEND_KIND_ACCOUNT)
        return tend_person_around(schema, person, number, alias, arena);
    if (number == TEND_KIND_CONTACT)
        return tend_arena_print(arena, "%s.id = %lld", alias, (long long)person->id);
    for (int i = 0; i < kind->field_count; i++)
        if (kind->fields[i].type == TEND_REF && kind->fields[i].target == TEND_KIND_CONTACT)
            sql = tend_arena_print(arena, "%s%s%s.\"%s\" = %lld", sql ? sql : "", sql ? " OR " : "", alias, kind->fields[i].name,
                                   (long long)person->id);
    if (number == TEND_KIND_NOTE)
        sql = tend_arena_print(arena, "%s.about_kind = 'contact' AND %s.about_row = %lld", alias, alias, (long long)person->id);
    return sql ? tend_arena_print(arena, "(%s)", sql) : NULL;
}

static bool is_free_text(const tend_field *field)
{
    return field->type == TEND_TEXT && !field->choices && !field->unit;
}

bool tend_person_field(const tend_person *person, const tend_kind_schema *kind, int number)
{
    static const char *const said[] = { "text", "comment", "subject", "answer", NULL };
    static const char *const own[] = { "name", "website", "description", NULL };
    const tend_field *field = &kind->fields[number];

    if (field->type == TEND_REF || field->type == TEND_MONEY)
        return false; /* figures and ties between rows stay */
    if (field->sensitivity == TEND_PERSONAL || field->sensitivity == TEND_RESTRICTED)
        return true;
    if (field->sensitivity == TEND_INTERNAL)
        return kind->kind == TEND_KIND_CONTACT || is_free_text(field);
    if (kind->kind == TEND_KIND_ACCOUNT && person->kind == TEND_KIND_ACCOUNT)
        return tend_is_among(field->name, own);
    return is_free_text(field) && tend_is_among(field->name, said);
}

bool tend_person_names(const tend_kind_schema *kind, int number)
{
    const tend_field *field = &kind->fields[number];

    if (kind->kind != TEND_KIND_ACCOUNT && kind->kind != TEND_KIND_CONTACT)
        return false;
    return field->type == TEND_TEXT && !field->choices &&
           (number == kind->name_field || (field->sensitivity == TEND_PERSONAL && strcmp(field->name, "title") != 0));
}
