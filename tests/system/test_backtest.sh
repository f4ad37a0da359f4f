#!/bin/sh
# A backtest knows on each day what was known then: a small company of our own, always; two versions of a churn playbook over
# ravenstack, where the set is there. What became known after the period changes no figure of it; what was known before does.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

# -- a company of our own --
# Accounts A to F. Tickets and ends of contracts are known on the day on which they are written down (seen).
mkdir own
"$tend" -C own init --name Own >log 2>&1
cat >own.ini <<'INI'
[mapping]
source = own
known = seen
[stream.accounts]
file = accounts.csv
kind = account
key = id
effective = seen
[fields.accounts]
name = name
stage = "active"
[stream.contracts]
file = contracts.csv
kind = contract
key = id
effective = seen
[fields.contracts]
account = account -> account
status = status
starts_on = starts
ended_on = ended
annual_amount = amount
currency = "USD"
[stream.tickets]
file = tickets.csv
kind = ticket
key = id
effective = seen
[fields.tickets]
account = account -> account
status = "open"
priority = priority
INI
cat >accounts.csv <<'CSV'
id,name,seen
A,Acme,2024-01-01
B,Bolt,2024-01-01
C,Core,2024-01-01
D,Dune,2024-01-01
E,Echo,2024-01-01
F,Fern,2024-01-01
CSV
cat >contracts.csv <<'CSV'
id,account,status,starts,ended,amount,seen
a,A,active,2024-01-01,,1000,2024-01-01
b,B,active,2024-01-01,,1000,2024-01-01
c,C,active,2024-01-01,,1000,2024-01-01
d,D,active,2024-01-01,,1000,2024-01-01
e,E,active,2024-01-01,,1000,2024-01-01
f,F,active,2024-01-01,,1000,2024-01-01
CSV
# By hand: A is warned of 40 days ahead, B 10 days, E not at all; C and D stay; F goes over to another contract.
cat >ends.csv <<'CSV'
id,account,status,starts,ended,amount,seen
a,A,ended,2024-01-01,2024-04-09,1000,2024-04-09
b,B,ended,2024-01-01,2024-05-10,1000,2024-05-10
e,E,ended,2024-01-01,2024-06-30,1000,2024-06-30
f,F,ended,2024-01-01,2024-06-30,1000,2024-06-30
f2,F,active,2024-07-01,,1200,2024-06-30
CSV
cat >tickets.csv <<'CSV'
id,account,priority,seen
t1,A,urgent,2024-03-01
t2,B,urgent,2024-05-01
t3,C,urgent,2024-03-15
t4,D,high,2024-03-20
t5,F,urgent,2024-06-01
t6,A,normal,2024-02-01
t7,D,normal,2024-12-20
CSV
ok "the company is read" "$tend" -C own import --mapping own.ini accounts.csv contracts.csv tickets.csv
mkdir later
cp ends.csv later/contracts.csv
ok "and what became of its contracts" "$tend" -C own import --mapping own.ini later/contracts.csv
mkdir -p own/playbooks
script() { # WHERE
    cat <<LUA
return playbook {
  name = "risk", summary = "Call when a ticket burns", api = 1, subject = "ticket",
  outcomes = { "called", "not_called" },
  start_when = { event = "ticket.created", where = "$1" },
  steps = function(run)
    run:task("call", { title = "Call {account.name}", to = "owner", due = { days = 5 } })
    local call = run:wait("called", { done = "call", within = { days = 10 } })
    if call.timed_out then return "not_called" end
    return "called"
  end,
}
LUA
}
script "priority = urgent" >own/playbooks/risk.lua
script "priority in (high, urgent)" >wider.lua
backtest() { "$tend" -C own playbook backtest risk --from 2024-01-02 --to 2024-12-31 "$@"; }
dump() { sqlite3 own/tend.db .dump | sort | sha256sum; }
before=$(dump)
ok "a backtest of the year" backtest --csv
# Hits within 30 days: B (11 days: the outcome is the day after the last one). Misses: A, C, F. Within 60: A, too.
equal "true and false are as by hand" "risk,30,1,3,0 risk,60,2,2,0 risk,90,2,2,0 risk,180,2,2,0" \
    "$(tail -n +2 out | cut -d , -f 1-5 | tr '\n' ' ' | sed 's/ $//')"
equal "precision and recall, too" "0.250000 3 1 0.333333|0.500000 3 2 0.666667|0.500000 3 2 0.666667|0.500000 3 2 0.666667" \
    "$(tail -n +2 out | cut -d , -f 6,9,10,11 | tr ',' ' ' | tr '\n' '|' | sed 's/|$//')"
equal "the store is as it was" "$before" "$(dump)"
equal "nothing is left in the spool" "" "$(ls own/spool 2>/dev/null | grep -v '^again')"
ok "as JSON" backtest --json
cp out first.json
equal "lead times are 10 and 40 days" 25.00 "$(sed -n 's/.*"median": "\{0,1\}\([0-9.]*\).*/\1/p' first.json)"
has "what people did is said to be assumed" "$(cat first.json)" '"assumed": 4'
hasnt "without an outcome there is no precision of 0" "$(backtest --json --outcome "stage = former")" '"recall": 0'

# -- what a script counts is what was known on that day: of four urgent tickets the third (B) and the fourth (F) find three or more --
cat >own/playbooks/risk.lua <<'LUA'
return playbook {
  name = "risk", summary = "Call when a third ticket burns", api = 1, subject = "ticket",
  outcomes = { "called", "not_called" },
  start_when = { event = "ticket.created", where = "priority = urgent" },
  steps = function(run)
    local urgent = run:count("urgent", "ticket", { of = "all", where = "priority = urgent" })
    if urgent.count < 3 then return "not_called" end
    run:task("call", { title = "Call {account.name}", to = "owner", due = { days = 5 } })
    return "called"
  end,
}
LUA
ok "a backtest of a script that counts" backtest --json
equal "four runs, two tasks" "4 2" "$(sed -n 's/^ *"runs": \([0-9]*\),*/\1/p; s/^ *"tasks": \([0-9]*\),*/\1/p' out | head -2 | tr '\n' ' ' | sed 's/ $//')"
equal "the store is as it was after counting" "$before" "$(dump)"
script "priority = urgent" >own/playbooks/risk.lua

# -- what became known later has no influence; what was known before has --
first_half() { "$tend" -C own playbook backtest risk --from 2024-01-02 --to 2024-06-30 --limit 0 --json "$@"; }
first_half >half.json 2>said || fail "a backtest of half the year" "$(cat said)"
cat >later/tickets.csv <<'CSV'
id,account,priority,seen
t8,C,urgent,2024-08-01
t4,D,urgent,2024-08-02
t1,A,normal,2024-08-03
CSV
ok "an urgent ticket and two corrections, all known in August" "$tend" -C own import --mapping own.ini later/tickets.csv
first_half >again.json 2>said
files_equal "change nothing in the figures up to June" half.json again.json
backtest --csv >whole.csv 2>said
hasnt "but those of the year" "$(cat whole.csv)" "risk,30,1,3,0"
cat >later/tickets.csv <<'CSV'
id,account,priority,seen
t9,E,urgent,2024-06-10
CSV
ok "an urgent ticket that was known in June" "$tend" -C own import --mapping own.ini later/tickets.csv
first_half >third.json 2>said
if cmp -s half.json third.json; then fail "changes them: the test can fail"; else pass "changes them: the test can fail"; fi

# -- versions --
ok "two versions" backtest --against wider.lua --json
has "the account that changes is named" "$(cat out)" '"account": "Dune"'
has "and counted" "$(cat out)" 'only wider.lua: 1; both, on another day: 0'
fails "days to come" 2 "$tend" -C own playbook backtest risk --from 2024-01-01 --to 2999-01-01
fails "no days" 2 "$tend" -C own playbook backtest risk
fails "a script with a fault" 2 "$tend" -C own playbook backtest nowhere.lua --from 2024-01-01 --to 2024-02-01

# -- numbers are computed day by day, of what was known that day --
cat >shrinks.lua <<'LUA'
return playbook {
  name = "shrinks", summary = "Ask why the money went", api = 1, subject = "account", outcomes = { "asked" },
  start_when = { where = "arr < 500 USD" },
  steps = function(run)
    run:task("ask", { title = "Ask {account.name}", to = "owner", due = { days = 5 } })
    return "asked"
  end,
}
LUA
ok "a playbook that starts when a KPI falls" "$tend" -C own playbook backtest shrinks.lua --from 2024-01-10 --to 2024-12-31 --json
equal "begins the day after the contracts ended, with those that have no other" "Acme 2024-04-10 Bolt 2024-05-11 Echo 2024-07-01" \
    "$(sed -n '/"accounts": \[/,/\]/s/.*"\(account\|first\)": "\(.*\)".*/\2/p' out | tr '\n' ' ' | sed 's/ $//')"

# -- a playbook that starts another --
cat >own/playbooks/follow.lua <<'LUA'
return playbook {
  name = "follow", summary = "Follow up", api = 1, subject = "account", outcomes = { "followed" },
  start_when = { event = "account.created" },
  steps = function(run)
    run:task("write", { title = "Write to {account.name}", to = "owner", due = { days = 2 } })
    run:wait("written", { done = "write", within = { days = 9 } })
    return "followed"
  end,
}
LUA
cat >parent.lua <<'LUA'
return playbook {
  name = "parent", summary = "Have it followed up", api = 1, subject = "account", outcomes = { "done" },
  start_when = { event = "account.updated", where = "seats > 10" },
  steps = function(run)
    run:child("follow up", "follow", { wait = true })
    return "done"
  end,
}
LUA
printf '[playbook.follow]\n' >own/tend.d/follow.ini
printf 'id,account,seats,seen\nA,Acme,20,2024-02-02\n' >later/accounts.csv
sed 's/^name = name/name = account\nseats = seats/' own.ini >seats.ini
ok "an account grows" "$tend" -C own import --mapping seats.ini later/accounts.csv
ok "a playbook that starts another" "$tend" -C own playbook backtest parent.lua --from 2024-01-01 --to 2024-12-31 --json
has "one run that ended, of the one account" "$(cat out | tr -d ' \n')" '"runs":1,"accounts":1,"held_before":0,"ended":1,"stopped":0,"held":0'
has "its child's task was done" "$(cat out)" '"assumed": 1'
has "the child does not start by itself" "$(cat out)" '"tasks": 1'

# -- a question that nobody answered in history --
cat >asks.lua <<'LUA'
return playbook {
  name = "asks", summary = "Ask", api = 1, subject = "ticket", outcomes = { "stays", "goes", "unknown" },
  start_when = { event = "ticket.created", where = "priority = urgent" },
  steps = function(run)
    local said = run:ask("stay", { question = "Does {account.name} stay?", choices = { "stays", "goes" }, of = "owner", within = { days = 9 } })
    return said.choice or "unknown"
  end,
}
LUA
ok "a playbook that asks a question" "$tend" -C own playbook backtest asks.lua --from 2024-02-20 --to 2024-03-31 --json
has "it is answered by the assumption" "$(cat out)" '"assumed": 2'
has "and its runs end" "$(cat out)" '"ended": 2'

# -- what people answered in history, and versions that were at work --
"$tend" -C sim init --simulated --anchor 2024-01-01 >log 2>&1
mkdir -p sim/playbooks
script "priority = urgent" >sim/playbooks/risk.lua
printf '[playbook.risk]\n' >>sim/tend.ini
ok "in a company with a clock of its own" "$tend" -C sim add account name=Acme customer_since=2024-01-01
ok "the playbook is at work" "$tend" -C sim simulate --until 2024-01-03
for n in 1 2 3; do "$tend" -C sim add ticket account=Acme number=t$n status=open priority=urgent >log 2>&1 || fail "ticket $n" "$(cat log)"; done
ok "three tickets burn" "$tend" -C sim simulate --until 2024-01-08
ok "somebody calls about the first" "$tend" -C sim task done 1 --outcome "they are angry"
ok "and a month goes by" "$tend" -C sim simulate --until 2024-02-05
equal "the one was called in time, the others were not" "called|not_called|not_called" \
    "$(sql sim "SELECT group_concat(outcome, '|') FROM (SELECT outcome FROM runs ORDER BY id)")"
ok "with nobody answering where history does not say" \
    "$tend" -C sim playbook backtest risk --from 2024-01-02 --to 2024-02-04 --answers never --json
has "the answer of history is the one that is given" "$(cat out)" '"answered": 1'
has "nothing is assumed" "$(cat out)" '"assumed": 0'
has "and two stay open" "$(cat out)" '"unanswered": 2'
has "its own tasks of then are not there twice" "$(cat out)" '"tasks": 3'
first=$(sql sim "SELECT substr(hash, 1, 8) FROM bundles WHERE name = 'risk'")
script "priority = high" >sim/playbooks/risk.lua
ok "the script is changed" "$tend" -C sim simulate --until 2024-02-06
ok "against the version that was at work" "$tend" -C sim playbook backtest risk --from 2024-01-02 --to 2024-02-04 --against "$first" --json
has "which found the account" "$(cat out)" "only $first: 1; both"
fails "a version that never was" 2 "$tend" -C sim playbook backtest risk --from 2024-01-02 --to 2024-02-04 --against 00000000
has "names those there are" "$(cat said)" "kept are"

raven="$shared/data/sets/ravenstack/iso_mixed"
if [ -d "$raven" ]; then
    "$tend" -C r init >log 2>&1
    # The end of a subscription becomes known when it comes, and not with its first line.
    mkdir starts ends
    awk -F , -v OFS=, 'NR > 1 { $4 = ""; $12 = "False" } 1' "$raven/ravenstack_subscriptions.csv" >starts/ravenstack_subscriptions.csv
    awk -F , -v OFS=, 'NR == 1 || $4 != ""' "$raven/ravenstack_subscriptions.csv" >ends/ravenstack_subscriptions.csv
    sed '/^\[stream.subscriptions\]/,/^$/s/start_date/end_date/' "$source/etc/mappings/ravenstack.ini" >ends.ini
    ok "ravenstack is read" "$tend" -C r import --mapping ravenstack --notes 0 "$raven"/ravenstack_accounts.csv \
        starts/ravenstack_subscriptions.csv "$raven"/ravenstack_[cf]*.csv "$raven"/ravenstack_support_tickets.csv
    ok "and the ends of its subscriptions" "$tend" -C r import --mapping ends.ini --notes 0 ends/ravenstack_subscriptions.csv
    equal "each end is known on its day" 0 "$(sql r "SELECT count(*) FROM changes WHERE kind = 6 AND field = 'ended_on'
        AND known_at <> after * 86400000")"
    mkdir -p r/playbooks
    script "escalated = yes" >r/playbooks/risk.lua
    script "escalated = yes or priority = urgent" >wide.lua
    raven_test() { "$tend" -C r playbook backtest risk --from 2023-07-01 --to 2024-10-31 --outcome churn.created "$@"; }
    ok "two versions of a churn playbook" raven_test --against wide.lua --limit 0 --json
    cp out raven.json
    raven_test --against wide.lua --csv >raven.csv 2>said || fail "as CSV" "$(cat said)"

    # The same by SQL over the files: a run a ticket, which is known when its account is; a run warns of the next day on which the
    # account churned.
    cat >by_hand.sql <<'SQL'
CREATE TABLE out AS SELECT DISTINCT account_id AS a, julianday(printf('%04d-%02d-%02d', substr(churn_date, -4),
    substr(churn_date, instr(churn_date, '/') + 1), churn_date)) AS d FROM churn;
CREATE TABLE came AS SELECT t.*, max(julianday(submitted_at), julianday(printf('%04d-%02d-%02d', substr(signup_date, -4),
    substr(signup_date, instr(signup_date, '/') + 1), signup_date))) AS d FROM ticket t JOIN account a USING (account_id);
CREATE TABLE run AS SELECT 'risk' AS v, account_id AS a, d FROM came WHERE escalation_flag = 'True'
    UNION ALL SELECT 'wide.lua', account_id, d FROM came WHERE escalation_flag = 'True' OR priority = 'urgent';
DELETE FROM run WHERE d < julianday('2023-07-01') OR d > julianday('2024-10-31');
CREATE TABLE next AS SELECT v, a, d, (SELECT min(o.d) FROM out o WHERE o.a = run.a AND o.d > run.d) - d AS ahead FROM run;
CREATE TABLE days (n); INSERT INTO days VALUES (30), (60), (90), (180);
SELECT v || ',' || n || ',' || sum(coalesce(ahead <= n, 0)) || ',' || sum(coalesce(ahead > n, 1) AND d + n <= julianday('2024-12-31'))
    || ',' || sum(coalesce(ahead > n, 1) AND d + n > julianday('2024-12-31')) || ',' ||
    (SELECT count(*) FROM out o WHERE o.d > julianday('2023-07-01') AND o.d <= julianday('2024-10-31')) || ',' ||
    (SELECT count(DISTINCT o.a || o.d) FROM out o JOIN next x ON x.v = next.v AND x.a = o.a AND x.d + x.ahead = o.d AND x.ahead <= n
     WHERE o.d > julianday('2023-07-01') AND o.d <= julianday('2024-10-31'))
    FROM next, days GROUP BY v, n ORDER BY v, n;
SQL
    sqlite3 :memory: -cmd ".import --csv $raven/ravenstack_churn_events.csv churn" \
        -cmd ".import --csv $raven/ravenstack_support_tickets.csv ticket" -cmd ".import --csv $raven/ravenstack_accounts.csv account" \
        ".read by_hand.sql" >by_hand
    equal "true, false, open, outcomes and warned are what SQL over the files says" "$(cat by_hand)" \
        "$(tail -n +2 raven.csv | cut -d , -f 1-5,9,10)"
    equal "eight lines were compared" 8 "$(wc -l <by_hand)"
    equal "the accounts that differ are those of SQL over the files" "$(sqlite3 :memory: \
        -cmd ".import --csv $raven/ravenstack_churn_events.csv churn" -cmd ".import --csv $raven/ravenstack_support_tickets.csv ticket" \
        -cmd ".import --csv $raven/ravenstack_accounts.csv account" -cmd '.output /dev/null' -cmd '.read by_hand.sql' -cmd '.output stdout' "SELECT count(*) FROM (SELECT a, min(d) AS d FROM run
        WHERE v = 'wide.lua' GROUP BY a EXCEPT SELECT a, min(d) FROM run WHERE v = 'risk' GROUP BY a)")" \
        "$(sed -n '/"differences": \[/,/^  \]/p' raven.json | grep -c '"account"')"

    cat >known.ini <<'INI'
[mapping]
source = ravenstack
known = seen
[stream.tickets]
file = late.csv
kind = ticket
key = id
effective = at
[fields.tickets]
account = account -> account
status = "closed"
priority = "urgent"
opened_at = at
escalated = escalated
INI
    raven_test --limit 0 --json >before.json 2>said
    ticket=$(sqlite3 :memory: -cmd ".import --csv $raven/ravenstack_support_tickets.csv t" \
        "SELECT ticket_id || ',' || account_id || ',' || submitted_at FROM t WHERE escalation_flag = 'True' AND submitted_at LIKE '2024-03%' LIMIT 1")
    printf 'id,account,at,escalated,seen\nT-late,A-2e4581,2024-03-03,True,2024-11-15\n%s,False,2024-11-16\n' "$ticket" >late.csv
    ok "a ticket of March that was written down in November, and a correction" "$tend" -C r import --mapping known.ini late.csv
    raven_test --limit 0 --json >after.json 2>said
    files_equal "change nothing up to October" before.json after.json
    printf 'id,account,at,escalated,seen\nT-early,A-2e4581,2024-03-03,True,2024-03-04\n' >late.csv
    ok "the same ticket, written down in March" "$tend" -C r import --mapping known.ini late.csv
    raven_test --csv >early.csv 2>said
    if [ "$(sed -n 2p early.csv)" = "$(sed -n 2p raven.csv)" ]; then
        fail "changes the figures: the test can fail"
    else
        pass "changes the figures: the test can fail"
    fi
else
    skip "ravenstack" "$raven is not there; \$TEND_SHARED names another place"
fi
finish
