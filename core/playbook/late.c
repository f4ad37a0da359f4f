/* late.c: rows of a date that were left out, for their day to start had passed: they start when somebody says so, while it makes
 * sense. */
#include "playbook/guard.h"

#define TIMELY TEND_DUE_OPEN("?2") " AND " TEND_DUE_TIMELY("?2")
#define LATE "SELECT count(*) FROM dues d WHERE d.playbook = ?1 AND d.state = 'late' AND "

tend_status tend_late_release(tend_playbooks *playbooks, const char *name, const tend_release *release, tend_released *ret_released,
                              tend_error *reterr)
{
    int64_t today = tend_playbooks_today(playbooks), open = 0;
    tend_status status = tend_sql_run(
        playbooks->store, reterr,
        "UPDATE dues SET state = 'waiting' WHERE playbook = ?1 AND state = 'late' AND row IN (SELECT d.row FROM dues d WHERE "
        "d.playbook = ?1 AND d.state = 'late' AND " TEND_DUE_OPEN("?2") " AND (?4 OR " TEND_DUE_TIMELY(
            "?2") ") ORDER BY d.anchor, d.row LIMIT ?3)",
        "siii", name, today, release->limit > 0 ? release->limit : -1, (int64_t)release->takes_late);

    if (status == TEND_OK) {
        ret_released->rows = tend_store_changes(playbooks->store);
        status = tend_sql_number(playbooks->store, 0, &open, reterr, LATE TEND_DUE_OPEN("?2"), "si", name, today);
    }
    if (status == TEND_OK)
        status = tend_sql_number(playbooks->store, 0, &ret_released->left, reterr, LATE TIMELY, "si", name, today);
    ret_released->late = open - ret_released->left;
    if (release->takes_late) {
        ret_released->left = open;
        ret_released->late = 0;
    }
    return status;
}

tend_status tend_late_drop(tend_playbooks *playbooks, const char *name, int64_t limit, tend_dropped *ret_dropped,
                           tend_error *reterr)
{
    int64_t today = tend_playbooks_today(playbooks);
    tend_status status = tend_sql_run(
        playbooks->store, reterr,
        "UPDATE dues SET state = 'dropped' WHERE playbook = ?1 AND state = 'late' AND row IN (SELECT d.row FROM dues d WHERE "
        "d.playbook = ?1 AND d.state = 'late' AND " TEND_DUE_OPEN("?2") " ORDER BY d.anchor, d.row LIMIT ?3)",
        "sii", name, today, limit > 0 ? limit : -1);

    if (status < 0)
        return status;
    ret_dropped->rows = tend_store_changes(playbooks->store);
    ret_dropped->is_by_date = ret_dropped->rows > 0;
    return tend_sql_number(playbooks->store, 0, &ret_dropped->rows_left, reterr, LATE TEND_DUE_OPEN("?2"), "si", name, today);
}
