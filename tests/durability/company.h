/* company.h: a small workspace at work, as the engine works: imports in chunks, sets, undo, runs of a playbook, messages, measures,
 * a copy. Every commit and every answer to the caller is a promise (images.h). */
#ifndef TEND_TESTS_COMPANY_H
#define TEND_TESTS_COMPANY_H

#include "engine/workspace.h"
#include "folder.h"
#include "images.h"

#define PROMISES_MAX 4096

typedef struct company {
    test_folder folder;
    tend_time now;
    tend_workspace *workspace;
    tend_principal principal;
    tend_arena *arena;
    tend_error error;
    bool keeps_promises; /* write them down */
    bool trusts_soft;    /* those of commits that do not wait as well: a check that was removed */
    long soft;           /* of those */
    bool stops_syncing;  /* after opening: as with synchronous = off */
    image_promise promises[PROMISES_MAX];
    size_t promise_count;
    image_promise copied;
    size_t asked; /* where the commit that is under way began */
} company;

#define COMPANY_OK(c, call) ck_assert_msg((call) >= 0, "%s", (c)->error.text)

/* tend.ini, the files to import, and the folder watched; no store yet. */
void company_found(company *c);
void company_open(company *c, tend_store_mode mode);
void company_close(company *c);
void company_dissolve(company *c); /* closes, removes the folder */

const char *company_file(company *c, const char *name);
tend_model *company_model(company *c);

/* Each ends acknowledged. */
tend_status company_import(company *c, const char *const *names, size_t count, size_t chunk);
tend_status company_engine(company *c); /* everything that is due */
/* One batch: `count` accounts from the first on get a text; *ret_batch may be NULL. */
tend_status company_set(company *c, int first, int count, const char *text, int64_t *ret_batch);
tend_status company_undo(company *c, int64_t batch);
tend_status company_group(company *c, int first, int sets, const char *text); /* several sets, one commit */
tend_status company_copy(company *c, const char *name);
/* A quarter of a year of all that. */
void company_work(company *c);

/* Writes down that what the store says now was acknowledged. */
void company_promise(company *c);
uint64_t company_says(company *c);

#endif
