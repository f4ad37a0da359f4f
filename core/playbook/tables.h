/* tables.h: what playbooks keep. These tables are read by `playbook runs|why` and by lists; only this layer writes them.
 *
 *   bundles(id, hash, name, path, api, script, settings, stored_at) — what a run is pinned to, stored once by content
 *       settings: packed tree; bundle_libraries(bundle, name, text)
 *   playbooks(name, bundle, is_active, starts_at, delivered, since)
 *       starts_at: the starting line, events after it are decided; delivered: event rows put before it, each has one decision
 *   playbook_faults(name, why, is_left_out, since, is_current)
 *       why a script or its settings cannot be used as they stand. is_left_out 0: the last good bundle works on. is_current is of
 *       use only while all are loaded
 *   triggers(playbook, number, since, starts_at, bundle, is_active, kind, topic, anchor, days, condition, unit)
 *       what started the playbook from `since` on, a row for every change: events after starts_at were decided by it. is_active 0:
 *       it was switched off. topic: of the event; anchor and days: the date and how long before it (below zero: after), in
 *       business days when unit says so; unit cadence: again and again; neither: when the condition becomes true. Settings are
 * filled in runs(id, playbook, bundle, kind, row, account, shard, state, outcome, reason, cause, moved_by, version, started_at,
 * ended_at) state: running | waiting | ended | stopped | held; reason: why it stopped, failed or is held, in words cause: the event
 * that started it, moved_by: the one that moved it last; version grows with every move steps(run, position, name, verb, state,
 * arguments, answer, packed, kind, row, at, answered_at, topic, event) verb read: a field the script touched. state: done | waiting
 * | answered | timed_out. arguments and answer are JSON for people, packed the answer as the script gets it. kind and row: what the
 * step made (task, approval), 0: nothing. topic: what an event wait waits for, event: the one that answered it waits(run, step,
 * topic, kind, row, account, due_at, rule, is_part) — what a run waits for: one row, or one for each part of a step that waits for
 * several, whose step is STEP/PART topic '' means any event of the row; due_at null: no end; rule: packed arguments when the end
 * follows a field parts(run, step, part, sort, state, answer, packed, kind, row, topic, event, answered_at, needed) — of steps that
 * wait for several state: waiting | answered | timed_out | closed (another one was enough); the others as in steps dues(playbook,
 * kind, row, account, at, anchor, state, fired_at) state: waiting | unmet (the instant came, the condition did not hold) | fired |
 * late (left out) anchor: the date it hangs on decisions(id, playbook, event, topic, kind, row, account, what, why, at, run) what:
 * ran | deduplicated | late | failed | stopped, one for each row of an event that was not merely filtered decision_counts(playbook,
 * topic, batch, what, n) what: filtered | suppressed (it would have matched, but came as history) events_told(sequence, teller,
 * acting_for, reason) — events that somebody told by hand starts(sequence, playbook, parent, step, args, if_stopped, why, run) —
 * what somebody or a run asked to start, by its event parent: the run that asked, 0: none; if_stopped: cancel | leave, when the
 * parent is stopped; run: what began, 0: nothing yet edges(playbook, kind, row) — rows whose condition held when last looked at,
 * and with again_when has not met that since
 *
 * For each playbook delivered = its decisions other than `stopped` + the sum of its decision_counts. */
#ifndef TEND_PLAYBOOK_TABLES_H
#define TEND_PLAYBOOK_TABLES_H

#include "store/store.h"

/* As the index of those at work says it, word for word, or it is not used. Not with IN: SQLite would make a table of the three
 * words for every row that is written. */
#define TEND_RUN_AT_WORK "(state = 'running' OR state = 'waiting' OR state = 'held')"

tend_status tend_playbook_tables(tend_store *store, tend_error *reterr);

#endif
