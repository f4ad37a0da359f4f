#!/bin/sh
# What a playbook asks of somebody is decided by that person, the deputy during an absence, the manager of one who has left, or an
# administrator in their own name. Everybody else is refused with a sentence, and the run waits on.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
export TEND_WORKSPACE="$work/w"
mkdir -p w/playbooks/own
cat >w/playbooks/own/rebate.lua <<'E'
return playbook {
  name       = "rebate",
  summary    = "Ask the owner's manager for a rebate",
  api        = 1,
  subject    = "account",
  outcomes   = { "granted", "refused" },
  start_when = { event = "account.created" },

  steps = function(run)
    local said = run:approve("rebate", { title = "A rebate for {account.name}", to = "owner.manager", within = { days = 30 } })
    if said.approved then return "granted" end
    return "refused"
  end,
}
E
printf '\n[playbook.rebate]\nenabled = yes\n' >>w/tend.ini
for who in Vera "Theo manager=Vera" "Dana" "Anna manager=Theo" "Luc manager=Theo"; do
    "$tend" user add $who >>log 2>&1 || fail "colleagues are added" "$(cat log)"
done
ask() { # ACCOUNT: an approval is asked of Theo; its number in $approval, its run in $run
    "$tend" add account name="$1" owner=Anna >>log 2>&1 && "$tend" once >>log 2>&1
    approval=$(sql w "SELECT p.id FROM approvals p JOIN accounts a ON a.id = p.account WHERE a.name = '$1'")
    run=$(sql w "SELECT id FROM runs ORDER BY id DESC LIMIT 1")
}
outcome() {
    "$tend" once >>log 2>&1
    sql w "SELECT state || ' ' || coalesce(outcome, '') FROM runs WHERE id = $run"
}
refused_to() { # WHO COMMAND…
    who=$1
    shift
    fails "$who may not: $*" 2 "$tend" --user "$who" "$@"
}

ask Acme
equal "it is asked of the owner's manager" "Theo" "$(sql w "SELECT u.name FROM approvals p JOIN users u ON u.id = p.asked_of WHERE p.id = $approval")"
has "who sees it today" "$("$tend" --user Theo today)" "A rebate for Acme"
hasnt "and who is not asked does not" "$("$tend" --user Anna today)" "A rebate for Acme"
for who in Anna Luc Dana Vera; do
    refused_to "$who" approve "$approval"
    equal "with a sentence" "approval $approval: is asked of Theo, not of $who; Theo decides it, the deputy during an absence, or an administrator in their own name" "$(cat said)"
    refused_to "$who" decline "$approval"
    refused_to "$who" set approval "$approval" status=approved
done
equal "nothing of it is stored" "open|" "$(sql w "SELECT status, decided_by FROM approvals WHERE id = $approval")"
equal "and the run waits" "waiting " "$(outcome)"
ok "the person asked approves" "$tend" --user Theo approve "$approval" --comment "within budget"
equal "under their name" "approved|Theo|within budget" "$(sql w "SELECT p.status, u.name, p.comment FROM approvals p JOIN users u ON u.id = p.decided_by WHERE p.id = $approval")"
equal "and the run goes on" "ended granted" "$(outcome)"
refused_to Theo approve "$approval"
has "what is decided is decided" "$(cat said)" "approval $approval is approved already"

ask Delta
delta="$approval $run"
ask Gamma
gamma="$approval $run"
ask Beta
ok "the manager goes on holiday" "$tend" user set Theo absent_from=today absent_to=+7d deputy=Dana
refused_to Vera approve "$approval"
refused_to Luc approve "$approval"
ok "the deputy declines meanwhile" "$tend" --user Dana decline "$approval"
equal "and the run takes the other way" "ended refused" "$(outcome)"
set -- $gamma
approval=$1 run=$2
ok "an absent person may still decide" "$tend" --user Theo approve "$approval"
equal "and that counts" "ended granted" "$(outcome)"
set -- $delta
approval=$1 run=$2
ok "back from holiday" "$tend" user set Theo absent_from=-9d absent_to=-1d
refused_to Dana approve "$approval"
has "the deputy is one no longer" "$(cat said)" "is asked of Theo, not of Dana"
"$tend" user retire Theo >out 2>&1
has "the manager leaves the company, and what was asked is named" "$(cat out)" "A rebate for Delta"
refused_to Dana approve "$approval"
ok "whose manager decides" "$tend" --user Vera approve "$approval"
equal "in their place" "ended granted" "$(outcome)"

"$tend" undo "$(sql w "SELECT id FROM batches WHERE label = 'tend user retire' ORDER BY id DESC LIMIT 1")" >>log 2>&1
ask Echo
ok "an administrator decides in their own name" "$tend" approve "$approval"
equal "which is what is written down" "$(id -un)" "$(sql w "SELECT b.principal FROM changes c JOIN batches b ON b.id = c.batch WHERE c.row = $approval AND c.field = 'status' ORDER BY c.rowid DESC LIMIT 1")"
equal "and the run goes on as well" "ended granted" "$(outcome)"
finish
