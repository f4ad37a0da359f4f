#!/bin/sh
# A condition that stays true, a webhook that is replayed, playbooks that start each other, years of history: each does what was
# meant once, and each event is decided once.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
times=${TEND_REPLAYS:-500}

# playbook NAME SUBJECT START STEPS
playbook() {
    cat >"w/playbooks/$1.lua" <<END
return playbook {
  name = "$1", summary = "Test $1", api = 1, subject = "$2", outcomes = { "done" },
  start_when = { $3 },
  steps = function(run)
    $4
    return "done"
  end,
}
END
    printf '[playbook.%s]\n' "$1" >>"w/tend.ini"
}

# events × active triggers = sum of decisions: of every playbook, and of all of them since they are at work.
reconciled() {
    equal "$1: every event was decided once by each playbook" 0 "$(sql w "SELECT count(*) FROM playbooks p WHERE p.delivered <>
        coalesce((SELECT sum(n) FROM decision_counts c WHERE c.playbook = p.name), 0) + (SELECT count(*) FROM decisions d WHERE
        d.playbook = p.name AND d.what <> 'stopped')"
    )"
    equal "$1: events x active triggers = sum of decisions" "$(sql w "SELECT sum(CASE WHEN e.first = 0 THEN 1 ELSE e.last - e.first + 1
        END) FROM events e JOIN playbooks p ON p.is_active = 1 AND e.sequence > p.starts_at")" "$(sql w "SELECT (SELECT sum(n) FROM
        decision_counts) + (SELECT count(*) FROM decisions WHERE what <> 'stopped')")"
}

ok "a workspace" "$tend" -C w init
mkdir -p w/playbooks w/mappings
sed -i '/^\[playbook/,$d' w/tend.ini
ok "a colleague" "$tend" -C w add user name="Kim Minjun"
ok "an account" "$tend" -C w add account name=Acme owner="Kim Minjun" tier=silver

# A condition that is true all day.
playbook gold account 'where = "tier = gold"' 'run:task("hello", { title = "Say hello", to = "owner" })'
ok "the engine meets the playbook" "$tend" -C w once
ok "the condition comes to hold" "$tend" -C w set account Acme tier=gold
for hour in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do
    { "$tend" -C w set account Acme "city=hour $hour" && "$tend" -C w once; } >log 2>&1 || fail "hour $hour" "$(cat log)"
done
equal "a condition that is true all day acts once" 1 "$(sql w "SELECT count(*) FROM tasks")"
equal "the other hours are counted as deduplicated" 24 "$(sql w "SELECT count(*) FROM decisions WHERE playbook = 'gold' AND what = 'deduplicated'")"
has "and say why" "$("$tend" -C w playbook why gold Acme)" "the condition was met already"
reconciled "a condition that stays true"

# A webhook that comes again and again.
playbook hook account 'event = "custom.hook"' 'run:task("call", { title = "Call them", to = "owner" })
    run:wait("called", { done = "call", within = { days = 5 } })'
ok "the engine meets it" "$tend" -C w once
i=0
while [ "$i" -lt "$times" ]; do
    "$tend" -C w event send custom.hook account=Acme >log 2>&1 || fail "event $i" "$(cat log)"
    i=$((i + 1))
done
ok "the engine works" "$tend" -C w once
equal "an event that is told $times times makes one task" 1 "$(sql w "SELECT count(*) FROM tasks WHERE playbook = 'hook'")"
equal "$((times - 1)) are counted as deduplicated" "ran|1 deduplicated|$((times - 1))" \
    "$(sql w "SELECT what, count(*) FROM decisions WHERE playbook = 'hook' GROUP BY what ORDER BY what DESC" | paste -sd' ')"
playbook ticket ticket 'event = "ticket.created"' 'run:task("look", { title = "Look at it", to = "owner" })'
ok "the engine meets one for tickets" "$tend" -C w once
cat >w/hook.sh <<'END'
#!/bin/sh
echo '{"type":"schema","stream":"tickets","key":["id"]}'
i=0
while [ "$i" -lt 500 ]; do
    echo '{"type":"record","stream":"tickets","record":{"id":"7","account":"Acme","title":"Broken"}}'
    i=$((i + 1))
done
END
chmod +x w/hook.sh
cat >w/mappings/hook.ini <<'END'
[mapping]
source = hook
[stream.tickets]
file = tickets
kind = ticket
key = id
[fields.tickets]
account = account -> account.name
title = title
END
cat >w/tend.d/hook.ini <<END
[plugin.command]
grant = files, programs
[source.hook]
plugin = command
mapping = hook
program = $work/w/hook.sh
streams = tickets
END
has "a connector replays one record" "$("$tend" -C w --csv sync hook)" "hook,500,1,0,0,499,0"
has "and all of it once more" "$("$tend" -C w --csv sync hook --anew)" "hook,500,0,0,0,500,0"
ok "the engine works" "$tend" -C w once
equal "1000 deliveries of one record make one task" 1 "$(sql w "SELECT count(*) FROM tasks WHERE playbook = 'ticket'")"
reconciled "a webhook that is replayed"

# A → B → A.
printf '[playbooks]\ndepth = 5\n' >w/tend.d/depth.ini
playbook down account 'where = "tier = platinum"' 'run:set("move", { tier = "bronze" })'
playbook up account 'where = "tier = bronze"' 'run:set("move", { tier = "platinum" })'
fails "the cycle is named before it works" 2 "$tend" -C w config check
has "with its chain" "$(cat said)" "playbooks start each other: down sets account.tier = bronze, which starts up"
ok "the engine meets them all the same" "$tend" -C w once
ok "the first starts" "$tend" -C w set account Acme tier=platinum
ok "the engine works" "$tend" -C w once
equal "A, B, A stops at the limit" "ended|5 held|1" \
    "$(sql w "SELECT state, count(*) FROM runs WHERE playbook IN ('down', 'up') GROUP BY state ORDER BY state" | paste -sd' ')"
has "with the chain printed" "$("$tend" -C w playbook runs --state held)" \
    "is the end of a chain of 5 causes that began with event $(sql w "SELECT min(cause) FROM runs WHERE playbook = 'down'"): account.updated"
has "to its end" "$("$tend" -C w playbook runs --state held)" "-> down -> up -> down -> up -> down -> up; look for playbooks that start each other"
reconciled "playbooks that start each other"

# 100,000 facts of the past, three playbooks that listen to them.
playbook all interaction 'event = "interaction.created"' 'run:task("t", { title = "x", to = "owner" })'
playbook visits interaction 'event = "interaction.created", where = "kind = visit"' 'run:task("t", { title = "x", to = "owner" })'
playbook meetings interaction 'where = "kind = meeting"' 'run:task("t", { title = "x", to = "owner" })'
cat >w/mappings/past.ini <<'END'
[mapping]
source = past
[stream.calls]
file = calls.csv
kind = interaction
key = id
[fields.calls]
account = account -> account.name
kind = kind
happened_at = at
END
awk 'BEGIN { print "id,account,kind,at"; split("call visit meeting", kind, " ")
    for (i = 0; i < 100000; i++) printf "%d,Acme,%s,2025-%02d-%02dT10:00:00Z\n", i, kind[i % 3 + 1], i % 12 + 1, i % 28 + 1 }' >calls.csv
before=$(sql w "SELECT (SELECT count(*) FROM tasks) || '|' || (SELECT count(*) FROM runs)")
ok "the engine meets the three" "$tend" -C w once
ok "the past is imported" "$tend" -C w import --mapping past --history calls.csv
has "and says what it holds back: all of them, the visits and the meetings" "$(cat out)" "triggers held back (history)  166666"
ok "the engine works" "$tend" -C w once
equal "nothing is opened and nothing runs" "$before" "$(sql w "SELECT (SELECT count(*) FROM tasks) || '|' || (SELECT count(*) FROM runs)")"
equal "what was held back is counted by playbook" "all|100000 meetings|33333 visits|33333" \
    "$(sql w "SELECT playbook, sum(n) FROM decision_counts WHERE what = 'suppressed' GROUP BY playbook ORDER BY playbook" | paste -sd' ')"
has "and why says so of each" "$("$tend" -C w playbook why visits Acme --limit 3)" "it came as history, which starts nothing"
reconciled "history"
finish
