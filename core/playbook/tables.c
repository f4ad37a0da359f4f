#include "playbook/tables.h"
#include "playbook/guard.h"

static const char first[] =
    "CREATE TABLE IF NOT EXISTS bundles (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " path TEXT NOT NULL, api INTEGER NOT NULL, script TEXT NOT NULL, settings BLOB NOT NULL, stored_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS bundle_libraries (bundle INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (bundle, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS playbooks (name TEXT PRIMARY KEY, bundle INTEGER NOT NULL, is_active INTEGER NOT NULL,"
    " starts_at INTEGER NOT NULL, delivered INTEGER NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    /* why a script is not used as it stands; is_left_out: there is no earlier one that works on */
    "CREATE TABLE IF NOT EXISTS playbook_faults (name TEXT PRIMARY KEY, why TEXT NOT NULL, is_left_out INTEGER NOT NULL,"
    " since INTEGER NOT NULL, is_current INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS triggers (playbook TEXT NOT NULL, number INTEGER NOT NULL, since INTEGER NOT NULL,"
    " starts_at INTEGER NOT NULL, bundle INTEGER NOT NULL, is_active INTEGER NOT NULL, kind INTEGER NOT NULL, topic TEXT,"
    " anchor TEXT, days INTEGER NOT NULL, condition TEXT, PRIMARY KEY (playbook, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, playbook TEXT NOT NULL, bundle INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, row INTEGER NOT NULL, account INTEGER NOT NULL, shard INTEGER NOT NULL, state TEXT NOT NULL,"
    " outcome TEXT, reason TEXT, cause INTEGER NOT NULL, moved_by INTEGER NOT NULL, version INTEGER NOT NULL,"
    " started_at INTEGER NOT NULL, ended_at INTEGER) STRICT;"
    "DROP INDEX IF EXISTS runs_active;" /* of stores of earlier versions */
    "CREATE INDEX IF NOT EXISTS runs_at_work ON runs (playbook, row) WHERE " TEND_RUN_AT_WORK ";"
    "CREATE INDEX IF NOT EXISTS runs_ready ON runs (id) WHERE state = 'running';"
    "CREATE INDEX IF NOT EXISTS runs_stopping ON runs (id) WHERE state = 'stopping';"
    "CREATE INDEX IF NOT EXISTS runs_subject ON runs (kind, row) WHERE state = 'waiting';"
    "CREATE INDEX IF NOT EXISTS runs_account ON runs (account, playbook);"
    "CREATE TABLE IF NOT EXISTS steps (run INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, verb TEXT NOT NULL,"
    " state TEXT NOT NULL, arguments TEXT, answer TEXT, packed BLOB, kind INTEGER NOT NULL, row INTEGER NOT NULL,"
    " at INTEGER NOT NULL, answered_at INTEGER, topic TEXT, event INTEGER, PRIMARY KEY (run, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS waits (run INTEGER NOT NULL, step TEXT NOT NULL, topic TEXT NOT NULL, kind INTEGER NOT NULL,"
    " row INTEGER NOT NULL, account INTEGER NOT NULL, due_at INTEGER, rule BLOB, is_part INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (run, step)) STRICT, WITHOUT ROWID;";

static const char second[] =
    "CREATE INDEX IF NOT EXISTS waits_row ON waits (kind, row);"
    "CREATE INDEX IF NOT EXISTS waits_due ON waits (due_at) WHERE due_at IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS waits_account ON waits (topic, account) WHERE account <> 0;"
    "CREATE TABLE IF NOT EXISTS parts (run INTEGER NOT NULL, step TEXT NOT NULL, part TEXT NOT NULL, sort TEXT NOT NULL,"
    " state TEXT NOT NULL, answer TEXT, packed BLOB, kind INTEGER NOT NULL, row INTEGER NOT NULL, topic TEXT, event INTEGER,"
    " answered_at INTEGER, needed INTEGER NOT NULL, PRIMARY KEY (run, step, part)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS dues (playbook TEXT NOT NULL, kind INTEGER NOT NULL, row INTEGER NOT NULL,"
    " account INTEGER NOT NULL, at INTEGER NOT NULL, anchor INTEGER NOT NULL, state TEXT NOT NULL, fired_at INTEGER,"
    " PRIMARY KEY (playbook, kind, row)) STRICT, WITHOUT ROWID;"
    "DROP INDEX IF EXISTS dues_waiting;" /* of stores of earlier versions */
    "CREATE INDEX IF NOT EXISTS dues_next ON dues (playbook, at) WHERE state = 'waiting';"
    "CREATE INDEX IF NOT EXISTS dues_unmet ON dues (account) WHERE state = 'unmet';"
    "CREATE TABLE IF NOT EXISTS decisions (id INTEGER PRIMARY KEY, playbook TEXT NOT NULL, event INTEGER NOT NULL,"
    " topic TEXT NOT NULL, kind INTEGER NOT NULL, row INTEGER NOT NULL, account INTEGER NOT NULL, what TEXT NOT NULL,"
    " why TEXT NOT NULL, at INTEGER NOT NULL, run INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS decisions_account ON decisions (playbook, account, at);"
    "CREATE TABLE IF NOT EXISTS decision_counts (playbook TEXT NOT NULL, topic TEXT NOT NULL, batch INTEGER NOT NULL,"
    " what TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (playbook, topic, batch, what)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS edges (playbook TEXT NOT NULL, kind INTEGER NOT NULL, row INTEGER NOT NULL,"
    " PRIMARY KEY (playbook, kind, row)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS edges_row ON edges (kind, row);"
    "CREATE TABLE IF NOT EXISTS events_told (sequence INTEGER PRIMARY KEY, teller TEXT NOT NULL, acting_for TEXT, reason TEXT)"
    " STRICT;"
    "CREATE TABLE IF NOT EXISTS starts (sequence INTEGER PRIMARY KEY, playbook TEXT NOT NULL, parent INTEGER NOT NULL, step TEXT,"
    " args BLOB, if_stopped TEXT NOT NULL, why TEXT, run INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS starts_parent ON starts (parent, step) WHERE parent <> 0;"
    "CREATE INDEX IF NOT EXISTS events_topic ON events (topic, sequence);";

/* A run had one wait in stores of earlier versions. */
static tend_status widen_waits(tend_store *store, tend_error *reterr)
{
    bool is_there = false, is_wide = false;
    tend_status status = tend_store_look_for(store, "waits", NULL, &is_there, reterr);

    if (status >= 0 && is_there)
        status = tend_store_look_for(store, "waits", "is_part", &is_wide, reterr);
    if (status >= 0 && is_there && !is_wide)
        status = tend_store_run(store, "ALTER TABLE waits RENAME TO narrow_waits", reterr);
    if (status >= 0)
        status = tend_store_run(store, first, reterr);
    if (status < 0 || !is_there || is_wide)
        return status;
    return tend_store_run(store,
                          "INSERT INTO waits (run, step, topic, kind, row, account, due_at, rule)"
                          " SELECT run, step, topic, kind, row, account, due_at, rule FROM narrow_waits;"
                          "DROP TABLE narrow_waits;",
                          reterr);
}

tend_status tend_playbook_tables(tend_store *store, tend_error *reterr)
{
    bool has_unit = false;
    tend_status status = widen_waits(store, reterr);

    if (status >= 0)
        status = tend_store_run(store, second, reterr);
    if (status >= 0)
        status = tend_store_look_for(store, "triggers", "unit", &has_unit, reterr);
    if (status >= 0 && !has_unit)
        status = tend_store_run(store, "ALTER TABLE triggers ADD COLUMN unit TEXT", reterr);
    if (status >= 0)
        status = tend_guard_tables(store, reterr);
    return status;
}
