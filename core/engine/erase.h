/* erase.h: the personal data of an account or a contact, gone for good.
 *
 * The words about it go from its rows, their history and what other rows, journals, messages and files of the workspace repeat of
 * them; figures, ties and runs stay. What is erased is remembered, so that no source brings it back unsaid (model/erase.h). */
#ifndef TEND_ENGINE_ERASE_H
#define TEND_ENGINE_ERASE_H

#include "engine/workspace.h"
#include "query/person.h"

typedef struct tend_erase_line {
    const char *where; /* a table, or a file of the workspace */
    const char *what;  /* a field or column; NULL: the whole */
    int64_t values;
} tend_erase_line;

typedef struct tend_erase_report {
    tend_person person;
    const tend_erase_line *lines; /* from the arena */
    size_t count;
    int64_t batch;
    bool is_whole; /* nothing is left in the store's files; false: somebody still reads an older state */
} tend_erase_report;

/* `is_meant` false: everything is tried and taken back, files are only named. A transaction of its own. */
tend_status tend_erase(tend_workspace *workspace, const tend_origin *origin, tend_kind kind, int64_t id, bool is_meant,
                       tend_arena *arena, tend_erase_report *ret_report, tend_error *reterr);

#endif
