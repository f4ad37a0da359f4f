/* person.h: the rows of an account or a contact, for handing its data over and for erasing it. */
#ifndef TEND_QUERY_PERSON_H
#define TEND_QUERY_PERSON_H

#include "model/world.h"

typedef struct tend_person {
    tend_kind kind;       /* account or contact */
    int64_t id;           /* accounts: what a merged one is read as */
    const char *accounts; /* "17, 40": the account with those merged into it, or the contact's */
} tend_person;

/* TEND_EINVAL for other kinds. Texts from the arena. */
tend_status tend_person_find(tend_store *store, tend_kind kind, int64_t id, tend_arena *arena, tend_person *ret_person,
                             tend_error *reterr);
/* The rows of `kind` that are about it, as an SQL condition over `alias`; NULL: none can be. From the arena. */
const char *tend_person_rows(const tend_schema *schema, const tend_person *person, tend_kind kind, const char *alias,
                             tend_arena *arena);
/* The rows of `kind` at its account or accounts: where its name may stand in a text. */
const char *tend_person_around(const tend_schema *schema, const tend_person *person, tend_kind kind, const char *alias,
                               tend_arena *arena);
/* Whether a field of these rows is a word about the person: erased with it. */
bool tend_person_field(const tend_person *person, const tend_kind_schema *kind, int field);
/* Whether the texts of a field are looked for elsewhere: names and addresses, not words of the language. */
bool tend_person_names(const tend_kind_schema *kind, int field);

#endif
