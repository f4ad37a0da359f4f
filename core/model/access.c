/* access.c: who may do what. Every rule stands here and nowhere else, but whose an approval is: access_approval.c. */
#include "model/access.h"
#include <assert.h>
#include <string.h>

static const char *verb_name(tend_verb verb)
{
    switch (verb) {
    case TEND_VERB_READ:
        return "read";
    case TEND_VERB_CREATE:
        return "create";
    case TEND_VERB_UPDATE:
        return "change";
    case TEND_VERB_REMOVE:
        return "remove";
    case TEND_VERB_MERGE:
        return "merge";
    case TEND_VERB_UNDO:
        return "undo";
    case TEND_VERB_ADMINISTER:
        return "administer";
    }
    return "do that with";
}

/* The built-in names of kinds, for the sentence: access knows no schema. */
static const char *const kind_words[TEND_KIND_COUNT] = {
    [TEND_KIND_NONE] = "this",
    [TEND_KIND_USER] = "users",
    [TEND_KIND_ACCOUNT] = "accounts",
    [TEND_KIND_OWNER] = "owners",
    [TEND_KIND_CONTACT] = "contacts",
    [TEND_KIND_PRODUCT] = "products",
    [TEND_KIND_CONTRACT] = "contracts",
    [TEND_KIND_CONTRACT_LINE] = "contract lines",
    [TEND_KIND_OPPORTUNITY] = "opportunities",
    [TEND_KIND_TICKET] = "tickets",
    [TEND_KIND_TASK] = "tasks",
    [TEND_KIND_ORDER] = "orders",
    [TEND_KIND_ORDER_LINE] = "order lines",
    [TEND_KIND_INVOICE] = "invoices",
    [TEND_KIND_INVOICE_LINE] = "invoice lines",
    [TEND_KIND_USAGE] = "usage samples",
    [TEND_KIND_INTERACTION] = "interactions",
    [TEND_KIND_ANSWER] = "answers",
    [TEND_KIND_NOTE] = "notes",
    [TEND_KIND_MENTION] = "mentions",
    [TEND_KIND_DOCUMENT] = "documents",
    [TEND_KIND_PROGRAMME] = "programmes",
    [TEND_KIND_PARTICIPATION] = "participations",
    [TEND_KIND_BUDGET] = "budgets",
    [TEND_KIND_PLAN] = "plans",
    [TEND_KIND_OBJECTIVE] = "objectives",
    [TEND_KIND_ACTION] = "actions",
    [TEND_KIND_HANDOVER] = "handovers",
    [TEND_KIND_QUOTA] = "quotas",
    [TEND_KIND_COMPETITOR] = "competitors",
    [TEND_KIND_NEED] = "needs",
    [TEND_KIND_VOICE] = "voices",
    [TEND_KIND_CHURN] = "churns",
    [TEND_KIND_RATE] = "rates",
    [TEND_KIND_APPROVAL] = "approvals",
    [TEND_KIND_MEDIA] = "media flights",
    [TEND_KIND_PROFILE] = "profiles",
    [TEND_KIND_ENVIRONMENT] = "environments",
    [TEND_KIND_PRICE] = "prices",
    [TEND_KIND_TENDER] = "tenders",
    [TEND_KIND_CONCESSION] = "concessions",
    [TEND_KIND_EXPECTATION] = "expectations",
};

static bool person_may(tend_verb verb, tend_kind kind)
{
    switch (verb) {
    case TEND_VERB_CREATE:
    case TEND_VERB_UPDATE:
    case TEND_VERB_REMOVE:
        return kind != TEND_KIND_USER && kind != TEND_KIND_RATE;
    case TEND_VERB_READ:
    case TEND_VERB_MERGE:
    case TEND_VERB_UNDO: /* its own batches: undo looks at who made them */
        return true;
    case TEND_VERB_ADMINISTER:
        break;
    }
    return false;
}

static bool playbook_may(tend_verb verb, tend_kind kind)
{
    if (verb == TEND_VERB_READ)
        return true;
    if (verb != TEND_VERB_CREATE && verb != TEND_VERB_UPDATE)
        return false;
    return kind == TEND_KIND_TASK || kind == TEND_KIND_NOTE || kind == TEND_KIND_PLAN || kind == TEND_KIND_ACTION ||
           kind == TEND_KIND_APPROVAL || kind == TEND_KIND_ACCOUNT;
}

static bool may(const tend_principal *principal, tend_verb verb, tend_kind kind)
{
    switch (principal->kind) {
    case TEND_PRINCIPAL_ADMINISTRATOR:
        return true;
    case TEND_PRINCIPAL_PERSON:
        return person_may(verb, kind);
    case TEND_PRINCIPAL_PLAYBOOK:
        return playbook_may(verb, kind);
    case TEND_PRINCIPAL_SOURCE:
        return verb == TEND_VERB_READ || verb == TEND_VERB_CREATE || verb == TEND_VERB_UPDATE || verb == TEND_VERB_REMOVE;
    }
    return false;
}

tend_status tend_access_may(const tend_principal *principal, tend_verb verb, tend_kind kind, int64_t row, tend_error *reterr)
{
    bool is_known = (int)kind > 0 && (int)kind < TEND_KIND_COUNT;

    (void)row; /* no rule looks at single rows yet; tend_access_rows is the same rule as SQL */
    assert(principal);
    if (may(principal, verb, kind))
        return TEND_OK;
    return tend_fail(reterr, TEND_EDENIED, "%s: may not %s %s; ask an administrator", principal->name, verb_name(verb),
                     kind_words[is_known ? kind : TEND_KIND_NONE]);
}

bool tend_access_field(const tend_principal *principal, const tend_kind_schema *kind, int field)
{
    assert(principal && field >= 0 && field < kind->field_count);
    return kind->fields[field].sensitivity != TEND_RESTRICTED || principal->kind == TEND_PRINCIPAL_ADMINISTRATOR ||
           principal->kind == TEND_PRINCIPAL_SOURCE;
}

const char *tend_access_rows(const tend_principal *principal, tend_kind kind)
{
    assert(principal);
    return may(principal, TEND_VERB_READ, kind) ? "1" : "0";
}

tend_principal tend_principal_administrator(void)
{
    return tend_principal_named(TEND_PRINCIPAL_ADMINISTRATOR, "administrator");
}

tend_principal tend_principal_named(tend_principal_kind kind, const char *name)
{
    tend_principal principal = { .kind = kind };

    (void)snprintf(principal.name, sizeof principal.name, "%s", name);
    return principal;
}
