/* form.h: field=value words of a command line as a record, and writing it the way an imported record is written. */
#ifndef TEND_CLI_FORM_H
#define TEND_CLI_FORM_H

#include "cli/session.h"

enum { TEND_FORM_MAX = 64 };

typedef struct tend_form {
    const tend_kind_schema *kind;
    tend_assignment fields[TEND_FORM_MAX];
    int count;
    const char *says; /* what it comes to, for people; NULL: nothing more than that it is done */
} tend_form;

void tend_form_init(tend_form *form, const tend_session *session, tend_kind kind);
/* "field=value": references by name, id or external id; dates may be today or +30d. `currency` of a sibling field is used for
 * money; `row` (0: new) lends its own currency otherwise. */
tend_status tend_form_word(tend_form *form, tend_session *session, int64_t row, const char *word, tend_error *reterr);
/* All of the words; a currency=… among them is read first. */
tend_status tend_form_words(tend_form *form, tend_session *session, int64_t row, const char *const *words, int count,
                            tend_error *reterr);
/* By name; a programming error when the kind has no such field. */
void tend_form_set(tend_form *form, const char *field, tend_value value);
bool tend_form_has(const tend_form *form, const char *field);

/* Opens a batch, for one command's writes. Ends with tend_form_end, which commits, or tend_form_abandon. */
tend_status tend_form_begin(tend_session *session, const char *what, const char *label, tend_origin *ret_origin,
                            tend_error *reterr);
tend_status tend_form_put(tend_form *form, tend_session *session, const tend_origin *origin, int64_t row,
                          tend_put_result *ret_result, tend_error *reterr);
/* When nothing was written there is no batch: origin->batch becomes 0. */
tend_status tend_form_end(tend_session *session, tend_origin *origin, tend_error *reterr);
/* What an answer ends with: "(batch 7; tend undo 7 takes it back)"; that nothing was new; that it was a dry run. */
const char *tend_form_says(const tend_session *session, int64_t batch);
void tend_form_abandon(tend_session *session);
/* One row written in a batch of its own, and told: "task 12 created (batch 7)". */
tend_status tend_form_write(tend_form *form, tend_session *session, const char *what, int64_t row, int64_t *ret_row,
                            tend_error *reterr);

#endif
