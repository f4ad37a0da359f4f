#!/bin/sh
# What keeps playbooks from doing more than was meant: cycles are named before they work, and stop when they do.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

# playbook NAME START STEPS: a script of an account in w.
playbook() {
    cat >"w/playbooks/$1.lua" <<END
return playbook {
  name = "$1", summary = "Test $1", api = 1, subject = "account", outcomes = { "done" },
  start_when = { $2 },
  steps = function(run)
    $3
    return "done"
  end,
}
END
}

# reconciled FOLDER: for each playbook, what it was told is what it decided.
reconciled() {
    sql "$1" "SELECT count(*) FROM playbooks p WHERE p.delivered <> coalesce((SELECT sum(n) FROM decision_counts c WHERE
        c.playbook = p.name), 0) + (SELECT count(*) FROM decisions d WHERE d.playbook = p.name AND d.what <> 'stopped')"
}

ok "a workspace" "$tend" -C w init
mkdir -p w/playbooks
playbook down 'where = "tier = gold"' 'run:set("move", { tier = "silver" })'
playbook up 'where = "tier = silver"' 'run:set("move", { tier = "gold" })'
printf '\n[playbook.down]\nenabled = yes\n' >>w/tend.ini
ok "one of two is no cycle" "$tend" -C w config check
fails "the other is told that it would close one" 1 "$tend" -C w playbook check w/playbooks/up.lua
equal "with the chain, its lines and what to do" "w/playbooks/up.lua:5: playbooks start each other: up sets account.tier = gold, \
which starts down (w/playbooks/up.lua:5); down sets account.tier = silver, which starts up (playbooks/down.lua:5); end it in one of \
them, or write loops = yes into [playbook.up] if it is meant" "$(cat out)"
printf '\n[playbook.up]\nenabled = yes\n' >w/tend.d/up.ini
fails "config check refuses both" 2 "$tend" -C w config check
has "with the same chain" "$(cat said)" "playbooks/down.lua:5: playbooks start each other: down sets account.tier = silver"
ok "the engine starts over it" "$tend" -C w once
has "and says so" "$(cat said)" 'chain="down -> up -> down"'
fails "status needs somebody" 1 "$tend" -C w status
has "for the chain" "$(cat out)" "playbooks start each other, down -> up -> down"
printf 'loops = yes\n' >>w/tend.d/up.ini
ok "a cycle that is meant is no fault" "$tend" -C w config check

# A → B → A stops at the limit.
printf '[playbooks]\ndepth = 4\n' >w/tend.d/limits.ini
ok "an account that moves" "$tend" -C w add account name=Acme tier=gold
ok "the two move it to and fro" "$tend" -C w once
equal "until the limit" "ended|4 held|1" "$(sql w "SELECT state, count(*) FROM runs GROUP BY state ORDER BY state" | paste -sd' ')"
equal "with the chain printed" "is the end of a chain of 4 causes that began with event 1: account.created (event 1) -> down -> up \
-> down -> up -> down; look for playbooks that start each other" "$(sql w "SELECT reason FROM runs WHERE state = 'held'")"
has "also where runs are listed" "$("$tend" -C w playbook runs --state held)" "account.created (event 1) -> down -> up -> down"
equal "every event was decided once" 0 "$(reconciled w)"

# More than so many effects in a while wait for approval.
ok "a second workspace" "$tend" -C v init
cp -r w/playbooks v && rm v/playbooks/*.lua
printf '\n[playbooks]\nmost_effects = 3\neffects_within = 1 h\n[playbook.flood]\nenabled = yes\n' >>v/tend.ini
sed 's/"down"/"flood"/; s/run:set.*/run:task("hello", { title = "Say hello to {account.name}", to = "owner" })/' \
    w/playbooks/down.lua >v/playbooks/flood.lua
ok "its configuration is well" "$tend" -C v config check
ok "the engine has met it" "$tend" -C v once
ok "a colleague" "$tend" -C v add user name="Kim Minjun"
for n in 1 2 3 4 5 6 7 8; do "$tend" -C v add account name="A$n" tier=gold owner="Kim Minjun" >log 2>&1 || cat log; done
ok "the engine works" "$tend" -C v once
equal "three tasks are made" 3 "$(sql v "SELECT count(*) FROM tasks")"
fails "status needs somebody" 1 "$tend" -C v status
has "to approve the rest" "$(cat out)" "runs of flood wait for approval: it did more than it may in a while      5  tend playbook release flood"
fails "doctor says so, too" 1 "$tend" -C v doctor
has "with what to do" "$(cat out)" "flood: 5 runs wait for approval, as it did more than it may in a while; tend playbook release flood lets"
has "two of them are released" "$("$tend" -C v playbook release flood --limit 2)" "2 held runs will go on when the engine works next (tend once); 3 more are held"
ok "the engine works" "$tend" -C v once
equal "and makes what they asked for" 5 "$(sql v "SELECT count(*) FROM tasks")"
has "the others are dropped" "$("$tend" -C v playbook drop flood --reason "a slip")" "3 held runs are ended without doing what they asked for; 0 more are held"
ok "the engine works" "$tend" -C v once
equal "nothing more is made" 5 "$(sql v "SELECT count(*) FROM tasks")"
equal "their reason is kept" "a slip" "$(sql v "SELECT DISTINCT reason FROM runs WHERE state = 'stopped'")"
equal "every event was decided once" 0 "$(reconciled v)"

# The starting line of a condition that is new: what meets it already waits until somebody says so.
sed 's/"flood"/"late"/' v/playbooks/flood.lua >v/playbooks/late.lua
printf '\n[playbook.late]\nmost_effects = 0\n' >v/tend.d/late.ini
ok "a playbook is added" "$tend" -C v once
has "how many meet it is said" "$(cat said)" "rows that meet the condition already are left out; tend playbook release starts them"
has "and how many" "$(cat said)" "playbook=late rows=8"
has "it is listed" "$("$tend" -C v playbook list)" "left out"
equal "none is started" 0 "$(sql v "SELECT count(*) FROM runs WHERE playbook = 'late'")"
has "a dry run counts them" "$("$tend" -C v --dry-run playbook release late)" "8 rows that were left out would start"
has "a batch of them is" "$("$tend" -C v playbook release late --limit 3)" "3 rows that were left out will start when the engine works next (tend once); 5 more are left out"
"$tend" -C v --dry-run playbook release late --limit 2 --csv >out
has "a dry run of the next batch shows what that would bring about" "$(cat out)" "late,2,"
ok "the engine works" "$tend" -C v once
equal "they have run" 3 "$(sql v "SELECT count(*) FROM runs WHERE playbook = 'late' AND state = 'ended'")"
has "the rest stays out" "$("$tend" -C v playbook drop late)" "5 rows are left out for good"
equal "every event was decided once" 0 "$(reconciled v)"

# One recipient gets so many messages in a time.
cat >v/tend.d/sink.ini <<END
[plugin.jsonl]
grant = files
[sink.file]
plugin = jsonl
channel = chat
path = $work/out.jsonl
most = 1
most_within = 1 d
[playbook.news]
enabled = yes
END
sed 's/"late"/"news"/; s/where = .*/event = "account.created" },/; s/run:task.*/for n = 1, 3 do run:notify("n " .. n, { to = "owner", text = "news " .. n, channel = "chat" }) end/' \
    v/playbooks/late.lua >v/playbooks/news.lua
ok "a colleague with an address" "$tend" -C v set user '#1' email=kim@example.test
ok "the engine meets it" "$tend" -C v once
ok "an account comes" "$tend" -C v add account name=News owner="Kim Minjun"
ok "the engine works" "$tend" -C v once
equal "one message leaves" 1 "$(grep -c '"news ' out.jsonl)"
has "two wait, and the list says why" "$("$tend" -C v outbox list)" "waits: kim@example.test has had 1 message within 1 d ([sink.file] most)"
ok "one is released" "$tend" -C v outbox release "$(sql v "SELECT max(id) FROM outbox WHERE state = 'waiting'")"
ok "the engine works" "$tend" -C v once
equal "and leaves" 2 "$(grep -c '"news ' out.jsonl)"
ok "the other is dropped" "$tend" -C v outbox drop "$(sql v "SELECT max(id) FROM outbox WHERE state = 'waiting'")"

finish
