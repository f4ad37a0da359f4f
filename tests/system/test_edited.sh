#!/bin/sh
# A script is edited while 200 of its runs wait: a step is added, one is moved, one renamed. What began before ends as it began, what
# begins later takes the new one, and who wants to move a run first sees whether its journal fits.
. "$(dirname "$0")/lib.sh"
. "$tests/system/state.sh"
cd "$work" || exit 1
at "2026-03-02 09:00"
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
"$tend" -C w user add "김 하늘" email=haneul@our.test >log 2>&1
mkdir -p w/playbooks w/mappings
accounts() { # FROM TO
    awk -v from="$1" -v to="$2" 'BEGIN { print "id,name,stage,owner"
        for (i = from; i <= to; i++) printf "C%04d,%s %d,active,김 하늘\n", i, i % 2 ? "Acme" : "한빛", i }'
}
accounts 1 200 >accounts.csv
"$tend" -C w mapping new accounts.csv >w/mappings/crm.ini 2>log
printf '[playbook.visit]\nenabled = yes\n' >>w/tend.ini
script() { # STEPS OUTCOME
    printf 'return playbook { name = "visit", summary = "visits", api = 1, subject = "account", outcomes = { "old", "new" },
  start_when = { where = "stage = active" }, stop_when = { where = "stage = former" }, steps = function(run)
  run:task("call", { title = "Call {name}", to = "owner" })
  run:wait("called", { done = "call", within = { days = 200 } })
  %s
  return "%s" end }\n' "$1" "$2" >w/playbooks/visit.lua
}
script 'run:task("visit", { title = "Visit {name}", to = "owner" })
  run:wait("visited", { done = "visit", within = { days = 200 } })' old
"$tend" -C w import --mapping crm accounts.csv >log 2>&1 || fail "accounts are imported" "$(cat log)"
"$tend" -C w once >log 2>&1
equal "200 runs wait" 200 "$(sql w "SELECT count(*) FROM runs WHERE state = 'waiting'")"
"$tend" -C w set task --where 'step = call and account.name contains "Acme"' status=done >log 2>&1
"$tend" -C w once >log 2>&1
equal "half of them are a step further" 100 "$(sql w "SELECT count(*) FROM waits WHERE step = 'visited'")"

# Added: plan. Moved: a note before the visit. Renamed: visit.
script 'run:task("plan", { title = "Plan {name}", to = "owner" })
  run:wait("planned", { done = "plan", within = { days = 200 } })
  run:task("see", { title = "See {name}", to = "owner" })
  run:wait("seen", { done = "see", within = { days = 200 } })' new
ok "the edited script is checked" "$tend" -C w playbook check w/playbooks/visit.lua
"$tend" -C w once >log 2>&1
equal "nothing moved by the edit" "100 100" "$(sql w "SELECT group_concat(n, ' ') FROM (SELECT count(*) AS n FROM waits GROUP BY step)")"
accounts 201 205 >accounts.csv
"$tend" -C w import --mapping crm accounts.csv >log 2>&1
"$tend" -C w once >log 2>&1
equal "new runs take the new script" 5 "$(sql w "SELECT count(*) FROM runs WHERE bundle = (SELECT max(id) FROM bundles)")"

"$tend" -C w playbook upgrade visit >tried 2>log
equal "some do not fit: exit status 1" 1 $?
equal "it names those that fit" 100 "$(grep -c 'could go' tried)"
equal "and those that do not, each with the reason" 100 \
    "$(grep -c "task .plan. is asked for where the journal has task .visit.; a script must decide only by what run gives it" tried log | awk -F: "{ n += \$2 } END { print n }")"

equal "without --yes it says how many it would move" "No run was moved. Do it with --yes: 100 of 205." "$(tail -1 tried)"
equal "and moves none" "200 5" "$(sql w "SELECT group_concat(n, ' ') FROM (SELECT count(*) AS n FROM runs GROUP BY bundle ORDER BY bundle)")"

# One that fits is moved; the others end as they began, on their own script.
run=$(sql w "SELECT r.id FROM runs r JOIN waits w ON w.run = r.id WHERE w.step = 'called' ORDER BY 1 LIMIT 1")
"$tend" -C w playbook upgrade "$run" --yes --dry-run >tried 2>log
equal "what is tried on a copy moves nothing" "Tried on a private copy; no run was moved." "$(tail -1 tried)"
equal "and it is where it was" 200 "$(sql w "SELECT count(*) FROM runs WHERE bundle = (SELECT min(bundle) FROM runs)")"
ok "one that fits is moved" "$tend" -C w playbook upgrade "$run" --yes
equal "and it has the new version" 6 "$(sql w "SELECT count(*) FROM runs WHERE bundle = (SELECT max(id) FROM bundles)")"
for day in 2026-03-09 2026-03-16 2026-03-23; do
    at "$day 09:00"
    "$tend" -C w set task --where 'status = open' status=done >log 2>&1
    "$tend" -C w once >log 2>&1
done
equal "199 end by the old script, 6 by the new one" "new 6, old 199" \
    "$(sql w "SELECT group_concat(outcome || ' ' || n, ', ') FROM (SELECT outcome, count(*) AS n FROM runs WHERE state = 'ended' GROUP BY 1)")"
equal "no old run was planned" 6 "$(sql w "SELECT count(*) FROM steps WHERE name = 'plan'")"
equal "no task was made twice" 0 "$(sql w "SELECT count(*) - count(DISTINCT dedupe_key) FROM tasks")"

# A run that waits is not held up by a script that is broken, renamed or gone.
at "2026-04-01 09:00"
accounts 206 206 >accounts.csv
"$tend" -C w import --mapping crm accounts.csv >log 2>&1
"$tend" -C w once >log 2>&1
echo 'return playbook {' >w/playbooks/visit.lua
"$tend" -C w set task --where 'status = open' status=done >log 2>&1
"$tend" -C w once >log 2>&1
equal "with a syntax error in the script the run goes on" "planned" "$(sql w "SELECT group_concat(step) FROM waits")"
has "and doctor names the error" "$("$tend" -C w doctor 2>&1)" "visit.lua:"
rm w/playbooks/visit.lua
"$tend" -C w set task --where 'status = open' status=done >log 2>&1
"$tend" -C w once >log 2>&1
equal "with the script gone it goes on" "seen" "$(sql w "SELECT group_concat(step) FROM waits")"
finish
