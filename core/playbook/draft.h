/* draft.h: a row that a playbook writes, field by field. Inside playbook only. */
#ifndef TEND_PLAYBOOK_DRAFT_H
#define TEND_PLAYBOOK_DRAFT_H

#include "playbook/inside.h"

typedef struct draft_row {
    const tend_kind_schema *kind;
    tend_assignment fields[40];
    int count;
} draft_row;

/* Fields that the kind does not have, and texts that are NULL, are left out. Texts stay borrowed. */
void draft_value(draft_row *writer, const char *name, tend_value value);
void draft_text(draft_row *writer, const char *name, const char *text);
void draft_number(draft_row *writer, const char *name, uint8_t type, int64_t number);
/* The subject's reference in a task or approval: tasks name contracts, opportunities and tickets. */
void draft_subject(draft_row *writer, const tend_subject *subject);
/* `id` 0: a new row. */
tend_status draft_put(const tend_subject *subject, const tend_origin *origin, draft_row *writer, int64_t id, int64_t *ret_id,
                      tend_error *reterr);

#endif
