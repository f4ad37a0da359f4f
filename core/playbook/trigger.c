/* trigger.c: what started a playbook, and since when. */
#include "playbook/inside.h"

#define TRIGGER_COLUMNS "playbook, number, since, starts_at, bundle, is_active, kind, topic, anchor, days, condition, unit"

tend_status tend_trigger_keep(tend_playbooks *playbooks, const tend_playbook *playbook, int64_t starts_at, tend_error *reterr)
{
    const tend_spec *spec = &playbook->bundle->spec;
    const char *anchor = !spec->is_due || spec->is_cadence ? NULL
                         : spec->is_of_account             ? spec->path
                                                           : spec->subject->fields[spec->anchor].name;
    const char *unit = spec->is_cadence ? "cadence" : spec->due.tag != TEND_TREE_NIL ? "business_days" : NULL;

    return tend_sql_run(
        playbooks->store, reterr,
        "INSERT INTO triggers (" TRIGGER_COLUMNS ")"
        " SELECT ?1, coalesce((SELECT max(number) FROM triggers WHERE playbook = ?1), 0) + 1, ?2, ?3, ?4, 1, ?5, ?6,"
        " ?7, ?8, ?9, ?10 WHERE NOT EXISTS (SELECT 1 FROM triggers t WHERE t.playbook = ?1 AND t.bundle = ?4"
        " AND t.is_active = 1 AND t.number = (SELECT max(number) FROM triggers WHERE playbook = ?1))",
        "siiiississ", playbook->name, tend_playbooks_now(playbooks), starts_at, playbook->bundle->id, (int64_t)spec->subject->kind,
        spec->start_event, anchor, spec->days, spec->where, unit);
}

tend_status tend_trigger_off(tend_playbooks *playbooks, int64_t position, tend_error *reterr)
{
    return tend_sql_run(
        playbooks->store, reterr,
        "INSERT INTO triggers (" TRIGGER_COLUMNS ")"
        " SELECT t.playbook, t.number + 1, ?1, ?2, t.bundle, 0, t.kind, t.topic, t.anchor, t.days, t.condition, t.unit"
        " FROM triggers t JOIN playbooks p ON p.name = t.playbook WHERE p.is_active = -1"
        " AND t.number = (SELECT max(u.number) FROM triggers u WHERE u.playbook = t.playbook)",
        "ii", tend_playbooks_now(playbooks), position);
}
