/* access_approval.c: who decides what was asked of somebody: that person, the deputy during an absence, the manager of one who has
 * left, or an administrator. */
#include "model/inside.h"
#include <string.h>

#define DAY_MS INT64_C(86400000)

typedef struct asked_person {
    char name[128];
    bool is_absent, has_left;
    int64_t deputy, manager;
} asked_person;

static tend_date day_of(const tend_model *model)
{
    tend_time now = tend_model_now(model);

    return model->zone ? tend_zone_date(model->zone, now) : (tend_date)((now >= 0 ? now : now - (DAY_MS - 1)) / DAY_MS);
}

static tend_status find_asked(tend_model *model, int64_t approval, int64_t *ret_user, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_store_prepare(model->store, "SELECT asked_of FROM approvals WHERE id = ?1", &statement, reterr);

    *ret_user = 0;
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, approval);
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_user = tend_statement_int(statement, 0);
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status find_person(tend_model *model, int64_t user, asked_person *ret_person, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = tend_store_prepare(model->store,
                                            "SELECT name, active = 0, absent_from <= ?2 AND (absent_to IS NULL OR absent_to >= ?2),"
                                            " deputy, manager FROM users WHERE id = ?1",
                                            &statement, reterr);

    *ret_person = (asked_person){ .name = "somebody who is not there any more" };
    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, user);
    tend_statement_bind_int(statement, 2, day_of(model));
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row) {
        (void)snprintf(ret_person->name, sizeof ret_person->name, "%s", tend_statement_text(statement, 0, NULL));
        ret_person->has_left = tend_statement_int(statement, 1) != 0;
        ret_person->is_absent = tend_statement_int(statement, 2) != 0;
        ret_person->deputy = tend_statement_int(statement, 3);
        ret_person->manager = tend_statement_int(statement, 4);
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

tend_status tend_access_may_decide(tend_model *model, const tend_principal *principal, int64_t approval, tend_error *reterr)
{
    asked_person asked, other;
    int64_t first = 0, user = 0;
    tend_status status;

    if (principal->kind != TEND_PRINCIPAL_PERSON)
        return TEND_OK; /* a playbook closes what it asked, a source tells what was decided elsewhere */
    status = find_asked(model, approval, &first, reterr);
    if (status == TEND_OK && first == 0)
        return tend_fail(reterr, TEND_EDENIED, "approval %lld: is asked of nobody; an administrator decides it, or sets asked_of",
                         (long long)approval);
    if (status == TEND_OK)
        status = find_person(model, first, &asked, reterr);
    user = first;
    other = asked;
    for (int hops = 0; status == TEND_OK && hops < 5 && user != 0; hops++) {
        if (user == principal->user)
            return TEND_OK;
        user = other.has_left ? other.manager : other.is_absent ? other.deputy : 0;
        if (user != 0)
            status = find_person(model, user, &other, reterr);
    }
    if (status < 0)
        return status;
    return tend_fail(
        reterr, TEND_EDENIED,
        "approval %lld: is asked of %s, not of %s; %s decides it, the deputy during an absence, or an administrator in "
        "their own name",
        (long long)approval, asked.name, principal->name, asked.name);
}
