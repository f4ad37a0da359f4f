#include "playbook/guard.h"

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS playbook_cycles (chain TEXT PRIMARY KEY, why TEXT NOT NULL, since INTEGER NOT NULL,"
    " is_current INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

tend_status tend_guard_tables(tend_store *store, tend_error *reterr)
{
    return tend_store_run(store, tables, reterr);
}
