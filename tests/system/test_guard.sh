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
equal "with the chain, its lines and what to do" "playbooks/up.lua:5: playbooks start each other: up sets account.tier = gold, \
which starts down (playbooks/up.lua:5); down sets account.tier = silver, which starts up (playbooks/down.lua:5); end it in one of \
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

finish
