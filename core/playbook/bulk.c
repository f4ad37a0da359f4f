/* bulk.c: run:bulk: another playbook on each account of a segment, up to a number; or only how many that would be. */
#include "playbook/inside.h"
#include "playbook/tables.h"

#include <string.h>

#define BULK_MAX 1000

int64_t tend_bulk_most(void)
{
    return BULK_MAX;
}

typedef struct bulk_count {
    int64_t matched, at_work, started;
} bulk_count;

static tend_status is_at_work(tend_playbooks *playbooks, const char *playbook, int64_t row, bool *ret_is, tend_error *reterr)
{
    int64_t run = 0;
    tend_status status =
        tend_sql_number(playbooks->store, 0, &run, reterr,
                        "SELECT id FROM runs WHERE playbook = ?1 AND row = ?2 AND " TEND_RUN_AT_WORK, "si", playbook, row);

    *ret_is = run != 0;
    return status;
}

/* One account of the segment. */
static tend_status take(const tend_subject *subject, const tend_run *run, const tend_step *step, const tend_playbook *playbook,
                        int64_t account, int64_t cap, bulk_count *count, tend_error *reterr)
{
    tend_start start = {
        .row = account, .cause = run->moved_by, .parent = run->id, .args = tend_tree_get(&step->arguments, "args"), .leaves = true
    };
    int64_t sequence;
    bool is_busy = false;
    tend_status status = is_at_work(subject->playbooks, playbook->name, account, &is_busy, reterr);

    count->matched++;
    count->at_work += is_busy;
    if (status < 0 || is_busy || count->started >= cap)
        return status;
    count->started++;
    if (tend_tree_is(&step->arguments, "preview"))
        return TEND_OK;
    start.step = tend_arena_print(subject->arena, "%s/%lld", step->name, (long long)account);
    start.why =
        tend_arena_print(subject->arena, "asked for by run %lld of %s, step '%s'", (long long)run->id, run->playbook, step->name);
    return tend_start_tell(subject->playbooks, playbook, &start, &sequence, reterr);
}

static tend_status take_all(const tend_subject *subject, const tend_run *run, const tend_step *step, const tend_playbook *playbook,
                            const tend_filter *segment, bulk_count *count, tend_error *reterr)
{
    int64_t cap = tend_tree_number(&step->arguments, "cap", 100), id = 0;
    tend_status status = TEND_OK;

    for (;;) {
        int64_t last = id;
        bool is_in = false;

        status =
            tend_sql_number(subject->world.store, 0, &id, reterr,
                            "SELECT id FROM accounts WHERE id > ?1 AND removed_at IS NULL AND coalesce(stage, '') <> 'archived'"
                            " ORDER BY id LIMIT 1",
                            "i", last);
        if (status < 0 || id == 0)
            return status;
        status = tend_filter_match_rows(segment, &subject->world, subject->playbooks->rates, NULL, id, &is_in, NULL, reterr);
        if (status == TEND_ENOTFOUND)
            continue;
        if (status == TEND_OK && is_in)
            status = take(subject, run, step, playbook, id, cap, count, reterr);
        if (status < 0)
            return status;
    }
}

tend_status tend_bulk_ask(const tend_subject *subject, const tend_run *run, const tend_step *step, tend_error *reterr)
{
    const char *name = tend_tree_string(&step->arguments, "playbook"), *segment = tend_tree_string(&step->arguments, "segment");
    const tend_playbook *playbook = tend_playbook_at_work(subject->playbooks, name);
    const tend_filter *filter = subject->playbooks->segments ? tend_segments_filter(subject->playbooks->segments, segment) : NULL;
    bulk_count count = { .matched = 0 };
    tend_tree_map map = { 0 };
    tend_tree answer;
    tend_status status;

    if (!playbook)
        return tend_fail(reterr, TEND_ENOTFOUND, "bulk '%s': playbook %s is not at work; enable [playbook.%s], then retry",
                         step->name, name, name);
    if (playbook->bundle->spec.subject->kind != TEND_KIND_ACCOUNT)
        return tend_fail(reterr, TEND_EINVAL, "bulk '%s': playbook %s is about a %s; segments hold accounts", step->name, name,
                         playbook->bundle->spec.subject->name);
    if (!filter)
        return tend_fail(reterr, TEND_ENOTFOUND, "bulk '%s': there is no [segment.%s]; write it, then retry", step->name, segment);
    status = take_all(subject, run, step, playbook, filter, &count, reterr);
    if (status < 0)
        return status;
    tend_tree_add(&map, "at_work", tend_tree_int(count.at_work));
    tend_tree_add(&map, "left", tend_tree_int(count.matched - count.at_work - count.started));
    tend_tree_add(&map, "matched", tend_tree_int(count.matched));
    tend_tree_add(&map, "started", tend_tree_int(count.started));
    tend_tree_add(&map, "timed_out", tend_tree_bool(false));
    if (tend_tree_end(&map, subject->arena, &answer) < 0)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return tend_wait_answer(subject->playbooks, run->id, step->name, "answered", &answer, run->moved_by, reterr);
}
