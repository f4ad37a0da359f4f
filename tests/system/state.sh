# state.sh: what a store says, in words that do not depend on row ids. An id lost with the power leaves a gap, and everything after it
# another number; so rows are named here by what their source or their playbook calls them.
#
#     state FOLDER        every row of every kind, runs, steps, waits, due dates, decisions, events, measures, messages; sorted
#     at DATE_TIME        stops the clock of the programs there (tests/support/clock.c)
stopped_clock=$build/tests/clock.so

at() {
    [ -f "$stopped_clock" ] || { fail "the clock can be stopped" "$stopped_clock is missing; build the target test_clock" && finish; }
    TEND_TEST_TIME=$(date -u -d "$1" +%s)
    LD_PRELOAD=$stopped_clock
    export TEND_TEST_TIME LD_PRELOAD
}

# One SELECT for each table that the schema made: its own columns, references by their names.
state_of_kinds() {
    sqlite3 -readonly -batch "$1" "
    WITH refs(field, topic) AS (VALUES ('account', 'account'), ('parent', 'account'), ('contact', 'contact'), ('reports_to', 'contact'),
            ('contract', 'contract'), ('predecessor', 'contract'), ('product', 'product'), ('ticket', 'ticket'),
            ('opportunity', 'opportunity'), ('user', 'user'), ('owner', 'user'), ('manager', 'user'), ('deputy', 'user'),
            ('assignee', 'user'), ('counterpart', 'user'), ('done_by', 'user'), ('author', 'user'), ('asked_of', 'user')),
        kinds AS (SELECT s.name AS kind FROM sqlite_schema s WHERE s.type = 'table' AND s.name <> 'changes'
            AND EXISTS (SELECT 1 FROM pragma_table_info(s.name) WHERE name = 'known_assumed'))
    SELECT 'SELECT ''' || kind || ' '' || ' || group_concat(
            CASE WHEN c.name = 'run' THEN 'coalesce((SELECT name FROM temp.run_names n WHERE n.id = t.run), ''-'')'
                 WHEN r.topic IS NULL THEN 'quote(t.\"' || c.name || '\")'
                 ELSE 'coalesce((SELECT n.name FROM temp.names n WHERE n.topic = ''' || r.topic || ''' AND n.id = t.\"' || c.name ||
                     '\"), ''-'')' END, ' || '' '' || ') || ' FROM \"' || kind || '\" t;'
    FROM kinds, pragma_table_info(kind) c LEFT JOIN refs r ON r.field = c.name
    WHERE c.name NOT IN ('id', 'fact', 'batch', 'source', 'external') GROUP BY kind"
}

# Tables that `state` says nothing of, although they are no kinds: a table that is new has to be put into one of the two.
tables_left_out() {
    for table in $(sql "$1" "SELECT s.name FROM sqlite_schema s WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\_%' ESCAPE '\'
            AND NOT EXISTS (SELECT 1 FROM pragma_table_info(s.name) c WHERE c.name = 'known_assumed') ORDER BY 1"); do
        grep -qE "(FROM|JOIN) $table( |;)" "$tests/system/state.sh" || printf '%s ' "$table"
    done
}

state() {
    {
        cat <<'SQL'
CREATE TEMP TABLE topics AS SELECT DISTINCT substr(topic, 1, instr(topic, '.') - 1) AS topic, kind FROM events WHERE topic LIKE '%.created';
CREATE TEMP TABLE names AS SELECT t.topic AS topic, i.kind AS kind, i.row AS id, t.topic || ':' || i.external AS name
    FROM identities i JOIN topics t ON t.kind = i.kind WHERE i.kind NOT IN (SELECT kind FROM topics WHERE topic IN ('usage', 'answer', 'interaction', 'rate'));
CREATE INDEX temp.by_kind ON names (kind, id);
CREATE INDEX temp.by_topic ON names (topic, id);
CREATE TEMP TABLE run_names AS SELECT r.id AS id, r.playbook || '/' || n.name || '/' || (SELECT count(*) FROM runs o
    WHERE o.playbook = r.playbook AND o.kind = r.kind AND o.row = r.row AND o.id <= r.id) AS name
    FROM runs r JOIN names n ON n.kind = r.kind AND n.id = r.row;
CREATE INDEX temp.by_run ON run_names (id);
INSERT INTO names SELECT 'task', (SELECT kind FROM topics WHERE topic = 'task'), t.id, 'task:' || coalesce(n.name, '-') || '/' || t.step
    FROM tasks t JOIN run_names n ON n.id = t.run;
SQL
        state_of_kinds "$1/tend.db"
        cat <<'SQL'
SELECT 'run ' || n.name || ' ' || r.state || ' ' || coalesce(r.outcome, '-') || ' ' || coalesce(r.reason, '-') || ' ' || r.version
    || ' ' || r.started_at || ' ' || coalesce(r.ended_at, '-') FROM runs r LEFT JOIN run_names n ON n.id = r.id;
SELECT 'step ' || n.name || ' ' || s.position || ' ' || s.name || ' ' || s.verb || ' ' || s.state || ' ' || coalesce(s.arguments, '-')
    || ' ' || s.at || ' ' || coalesce(s.answered_at, '-') || ' ' || coalesce(s.topic, '-') || ' '
    || coalesce((SELECT name FROM names m WHERE m.kind = s.kind AND m.id = s.row), '-') FROM steps s LEFT JOIN run_names n ON n.id = s.run;
SELECT 'wait ' || n.name || ' ' || w.step || ' ' || w.topic || ' ' || coalesce(w.due_at, '-') FROM waits w LEFT JOIN run_names n ON n.id = w.run;
SELECT 'due ' || d.playbook || ' ' || n.name || ' ' || d.at || ' ' || d.anchor || ' ' || d.state || ' ' || coalesce(d.fired_at, '-')
    FROM dues d LEFT JOIN names n ON n.kind = d.kind AND n.id = d.row;
SELECT 'decision ' || d.playbook || ' ' || d.topic || ' ' || coalesce(n.name, '-') || ' ' || d.what || ' ' || d.why || ' ' || d.at || ' '
    || coalesce(r.name, '-') FROM decisions d LEFT JOIN names n ON n.kind = d.kind AND n.id = d.row LEFT JOIN run_names r ON r.id = d.run;
SELECT 'decided ' || playbook || ' ' || topic || ' ' || what || ' ' || sum(n) FROM decision_counts GROUP BY playbook, topic, what;
SELECT 'edge ' || e.playbook || ' ' || n.name FROM edges e LEFT JOIN names n ON n.kind = e.kind AND n.id = e.row;
SELECT 'events ' || topic || ' ' || sum(last - first + 1) FROM events GROUP BY topic;
SELECT 'told ' || e.topic || ' ' || coalesce(n.name, '-') || ' ' || t.teller || ' ' || coalesce(t.reason, '-') FROM events_told t
    JOIN events e ON e.sequence = t.sequence LEFT JOIN names n ON n.kind = e.kind AND n.id = e.first;
SELECT 'trigger ' || playbook || ' ' || coalesce(topic, '-') || ' ' || coalesce(condition, '-') FROM triggers;
SELECT 'broken ' || name FROM playbook_faults;
SELECT 'part ' || n.name || ' ' || p.step || ' ' || p.part || ' ' || p.sort || ' ' || p.state || ' ' || coalesce(p.answer, '-') || ' '
    || coalesce(p.topic, '-') || ' ' || coalesce(p.answered_at, '-') || ' ' || p.needed FROM parts p LEFT JOIN run_names n ON n.id = p.run;
SELECT 'start ' || s.playbook || ' ' || coalesce(m.name, '-') || ' ' || coalesce(s.step, '-') || ' ' || s.if_stopped || ' '
    || coalesce(s.why, '-') || ' ' || coalesce(n.name, '-') FROM starts s LEFT JOIN run_names m ON m.id = s.parent
    LEFT JOIN run_names n ON n.id = s.run;
SELECT 'cycle ' || chain || ' ' || why FROM playbook_cycles;
SELECT 'effects ' || playbook || ' ' || since || ' ' || effects FROM playbook_effects;
SELECT 'effects of ' || coalesce(e.topic, '-') || ' ' || coalesce(n.name, '-') || ' ' || c.effects FROM cause_effects c
    LEFT JOIN events e ON e.sequence = c.root LEFT JOIN names n ON n.kind = e.kind AND n.id = e.first;
SELECT 'held effects ' || h.playbook || ' ' || n.name || ' ' || h.effects FROM held_effects h LEFT JOIN run_names n ON n.id = h.run;
SELECT 'left out ' || l.playbook || ' ' || coalesce(n.name, '-') FROM left_out l LEFT JOIN names n ON n.kind = l.kind AND n.id = l.row;
SELECT 'digest ' || coalesce(n.name, '-') || ' ' || d.day FROM digests d LEFT JOIN names n ON n.topic = 'user' AND n.id = d.user;
SELECT 'held ' || sum(count) FROM held_events HAVING sum(count) > 0;
SELECT 'change ' || coalesce(n.name, c.kind) || ' ' || field || ' ' || quote(before) || ' ' || quote(after) || ' ' || effective_at || ' '
    || known_at || ' ' || known_assumed || ' ' || recorded_at || ' ' || principal FROM changes c LEFT JOIN names n ON n.kind = c.kind AND n.id = c.row;
SELECT 'identity ' || s.name || ' ' || i.kind || ' ' || i.external || ' ' || quote(i.said) FROM identities i JOIN sources s ON s.id = i.source;
SELECT 'measure ' || kpi || ' ' || coalesce(n.name, '-') || ' ' || day || ' ' || numerator || ' ' || denominator || ' '
    || coalesce(currency, '-') || ' ' || coalesce(m.text, '-') FROM measures m LEFT JOIN names n ON n.topic = 'account' AND n.id = m.account;
SELECT 'month ' || kpi || ' ' || coalesce(n.name, '-') || ' ' || day || ' ' || numerator || ' ' || denominator || ' '
    || coalesce(currency, '-') || ' ' || coalesce(m.text, '-') FROM measure_periods m LEFT JOIN names n ON n.topic = 'account' AND n.id = m.account;
SELECT 'message ' || coalesce(r.name || substr(once_key, instr(once_key, '/')), once_key) || ' ' || channel || ' ' || recipient || ' '
    || subject || ' ' || o.state || ' ' || coalesce(sink, '-') FROM outbox o LEFT JOIN run_names r ON r.id = o.run;
SELECT 'batch ' || what || ' ' || label || ' ' || principal || ' ' || coalesce(closed_at, 'open') FROM batches b
    WHERE closed_at IS NULL OR EXISTS (SELECT 1 FROM batch_rows r WHERE r.batch = b.id);
SQL
    } >"$work/state.sql"
    sqlite3 -readonly -batch "$1/tend.db" <"$work/state.sql" | LC_ALL=C sort
}
