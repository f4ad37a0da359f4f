#!/bin/sh
# A contract near its end, through import and the engine: its renewal starts once, on its day or late, and the run's waits follow the
# date when the contract changes. The clock is moved by hand; the engine is off whenever it is not called.
. "$(dirname "$0")/lib.sh"
. "$tests/system/state.sh"
cd "$work" || exit 1

day() { date -u -d "2026-03-02 +$1 days" +%F; } # the day so many days after the first
on() { at "$(day "$1") 09:00"; }

# contracts "ID DAYS"…: as the CRM has them now, DAYS after the first day being their end.
contracts() {
    echo 'id,account,status,starts,ends' >contracts.csv
    for contract in "$@"; do
        echo "${contract% *},1,active,2025-01-01,$(day "${contract#* }")" >>contracts.csv
    done
    "$tend" -C w import --mapping crm.ini accounts.csv contracts.csv >log 2>&1 || fail "the contracts are read" "$(cat log)"
}
once() { "$tend" -C w once >log 2>&1 || fail "once" "$(cat log)"; }

echo 'id,name,tier
1,Acme,platinum' >accounts.csv
cat >crm.ini <<'INI'
[mapping]
source = crm
[stream.accounts]
file = accounts.csv
kind = account
key = id
[fields.accounts]
name = name
tier = tier
[stream.contracts]
file = contracts.csv
kind = contract
key = id
[fields.contracts]
account = account -> account
number = id
status = status
starts_on = starts
ends_on = ends
INI
workspace() {
    rm -rf w
    "$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
    mkdir -p w/tend.d
    printf '[playbook.renewal]\nenabled = yes\n' >w/tend.d/due.ini
}
by_number="FROM runs r JOIN contracts c ON c.id = r.row"
runs() { sql w "SELECT group_concat(number, ' ') FROM (SELECT c.number $by_number ORDER BY c.number, r.id)"; }
why() { sql w "SELECT d.why FROM decisions d JOIN contracts c ON c.id = d.row WHERE c.number = '$1' AND d.what = 'ran'"; }

# Imported 120, 90, 89, 60 and 1 day before the end; then a day at a time.
on 0
workspace
contracts "120 120" "90 90" "89 89" "60 60" "1 1"
once
equal "started on the day they came: those 90 days or less before their end" "1 60 89 90" "$(runs)"
equal "on its day: the decision says so" "90 days before ends_on, $(day 90)" "$(why 90)"
equal "a day late: the decision says so" "90 days before ends_on, $(day 89); 1 day late" "$(why 89)"
equal "30 days late: the decision says so" "90 days before ends_on, $(day 60); 30 days late" "$(why 60)"
equal "89 days late: the decision says so" "90 days before ends_on, $(day 1); 89 days late" "$(why 1)"
on 29
once
equal "the day before its day nothing starts" "1 60 89 90" "$(runs)"
on 30
once
equal "on its day the fifth starts" "1 120 60 89 90" "$(runs)"
equal "and is not late" "90 days before ends_on, $(day 120)" "$(why 120)"
once
contracts "120 120" "90 90" "89 89" "60 60" "1 1"
once
on 400
once
equal "importing them again, calling again, a year later: each started once" "1 120 60 89 90" "$(runs)"
equal "and all have ended" "5 ended" "$(sql w "SELECT count(*) || ' ' || state FROM runs GROUP BY state")"

# The engine is off on the day.
on 0
workspace
contracts "a 120"
once
on 75
once
equal "the engine was off on the day: started when it is back" "a" "$(runs)"
equal "late, and it says by how much" "90 days before ends_on, $(day 120); 45 days late" "$(why a)"

# The date moves before the start.
on 0
workspace
contracts "later 100" "earlier 200"
once
contracts "later 130" "earlier 110"
on 10
once
equal "moved later: not on the old day" "" "$(runs | grep later)"
on 20
once
equal "moved earlier: on the new day" "earlier" "$(runs)"
equal "and that is not late" "90 days before ends_on, $(day 110)" "$(why earlier)"
on 39
once
equal "moved later: not before the new day" "earlier" "$(runs)"
on 40
once
equal "moved later: on the new day" "earlier later" "$(runs)"

# The date moves while the run waits: 7 days before the end it asks for a last call.
last_calls() { sql w "SELECT group_concat(number, ' ') FROM (SELECT c.number FROM tasks t JOIN contracts c ON c.id = t.contract
    WHERE t.step = 'last call' ORDER BY c.number)"; }
on 0
workspace
contracts "still 60" "later 60" "earlier 60"
once
on 25
once
contracts "still 60" "later 80" "earlier 40"
once
on 32
once
equal "7 days before the old end nothing is asked" "" "$(last_calls)"
on 33
once
equal "moved earlier: asked 7 days before the new end" "earlier" "$(last_calls)"
on 53
once
equal "moved later: not asked 7 days before the old end" "earlier still" "$(last_calls)"
on 73
once
equal "but 7 days before the new one" "earlier later still" "$(last_calls)"
equal "and nobody was started twice" "earlier later still" "$(runs)"
on 100
once
equal "each ended as not renewed" "3 not_renewed" "$(sql w "SELECT count(*) || ' ' || outcome FROM runs GROUP BY outcome")"

# What a simulation from the first day tells is what then happens.
on 0
workspace
contracts "x 120" "y 30"
"$tend" -C w --json simulate --until "$(day 200)" >simulated.json 2>log || fail "simulate" "$(cat log)"
equal "a simulation starts nothing" "" "$(runs)"
for after in 0 7 14 21 23 24 30 31 40 44 51 52 100 113 114 120 121 200; do
    on "$after"
    once
done
equal "a simulation counts the runs that then start" "$(sql w 'SELECT count(*) FROM runs')" \
    "$(sed -n 's/^ *"runs_started": \([0-9]*\).*/\1/p' simulated.json | head -n 1)"
finish
