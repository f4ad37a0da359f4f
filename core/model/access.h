/* access.h: who may do what. The one place where permissions stand.
 *
 * A principal is borrowed by every call that reads or writes the model. */
#ifndef TEND_MODEL_ACCESS_H
#define TEND_MODEL_ACCESS_H

#include "model/schema.h"

typedef enum tend_principal_kind {
    TEND_PRINCIPAL_ADMINISTRATOR = 1, /* everything */
    TEND_PRINCIPAL_PERSON,            /* a row of users: reads all but restricted fields, writes by hand */
    TEND_PRINCIPAL_PLAYBOOK,          /* the named account that an administrator gave a playbook in INI */
    TEND_PRINCIPAL_SOURCE             /* a connector's sync */
} tend_principal_kind;

typedef struct tend_principal {
    tend_principal_kind kind;
    int64_t user;        /* row of users, 0 when none */
    char name[64];       /* for the record: "kim", "playbook:renewal", "source:sf-korea" */
    char acting_for[64]; /* --user: who really asked; empty when the same */
} tend_principal;

typedef enum tend_verb {
    TEND_VERB_READ = 1,
    TEND_VERB_CREATE,
    TEND_VERB_UPDATE,
    TEND_VERB_REMOVE,
    TEND_VERB_MERGE,
    TEND_VERB_UNDO,
    TEND_VERB_ADMINISTER
} tend_verb;

/* `row` 0: any row of the kind. TEND_OK or TEND_EDENIED with a sentence. */
tend_status tend_access_may(const tend_principal *principal, tend_verb verb, tend_kind kind, int64_t row, tend_error *reterr);
/* Whether this principal sees this field at all. */
bool tend_access_field(const tend_principal *principal, const tend_kind_schema *kind, int field);
/* The row condition for lists, as SQL over the kind's columns ("1" when all rows may be seen). Borrowed constant. */
const char *tend_access_rows(const tend_principal *principal, tend_kind kind);

tend_principal tend_principal_administrator(void);
tend_principal tend_principal_named(tend_principal_kind kind, const char *name);

#endif
