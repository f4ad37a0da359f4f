#!/bin/sh
# What a playbook asks of people, as they meet it: a question with choices, a decision of two, passed on, answered twice and too late;
# a playbook that is started by hand, and what a stopped run leaves open.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
export TEND_WORKSPACE="$work/w"
mkdir -p w/playbooks/own
cat >w/playbooks/own/budget.lua <<'E'
return playbook {
  name     = "budget",
  summary  = "Find out about the budget",
  api      = 1,
  subject  = "account",
  outcomes = { "yes", "no" },
  on_stop  = "close",

  steps = function(run)
    local both = run:approve("spend", { title = "Spend on {account.name}", by = { "owner", "owner.manager" }, expires = { days = 9 } })
    if not both.approved then return "no" end
    local said = run:ask("budget", {
      question = "Is there a budget at {account.name}?", choices = { "yes", "not yet" }, within = { days = 5 },
    })
    if said.choice == "yes" then return "yes" end
    return "no"
  end,
}
E
printf '\n[playbook.budget]\n' >>w/tend.ini
for who in Vera "Theo manager=Vera" Luc; do
    "$tend" user add $who >>log 2>&1 || fail "colleagues are added" "$(cat log)"
done
"$tend" add account name=Acme owner=Theo >>log 2>&1
"$tend" add account name=Bolt owner=Theo >>log 2>&1
"$tend" once >>log 2>&1
state() {
    "$tend" once >>log 2>&1
    sql w "SELECT state || ' ' || coalesce(outcome, reason, '') FROM runs WHERE id = $1"
}

fails "what is not at work cannot be started" 2 "$tend" playbook start budgt Acme
has "with the name that is near" "$(cat said)" "did you mean budget?"
ok "a playbook is started by hand" "$tend" playbook start budget Acme --reason "they asked"
equal "it begins when the engine works" "waiting " "$(state 1)"
has "with the reason" "$(sql w "SELECT why FROM decisions WHERE what = 'ran'")" "started by root: they asked"
ok "a dry run starts nothing" "$tend" --dry-run playbook start budget Bolt
equal "and one run is there" "1" "$(sql w "SELECT count(*) FROM runs")"

equal "two are asked" "Theo Vera" "$(sql w "SELECT group_concat(name, ' ') FROM (SELECT u.name FROM approvals p JOIN users u ON u.id = p.asked_of ORDER BY p.id)")"
ok "one of them agrees" "$tend" --user Theo approve 1
equal "which is not enough" "waiting " "$(state 1)"
fails "the other cannot have the first decide again" 2 "$tend" --user Vera delegate 2 Theo
has "with a sentence" "$(cat said)" "approval 2: Theo is in it already with approval 1, and several have to agree; it takes somebody else"
fails "who is not asked cannot pass it on" 2 "$tend" --user Luc delegate 2 Luc
ok "but somebody else" "$tend" --user Vera delegate 2 Luc
has "it is said who decides, and who no longer" "$(cat out)" "approval 2 updated: Luc decides now, in place of Vera (batch "
has "which the reason says" "$(sql w "SELECT reason FROM approvals WHERE id = 2")" "delegated by Vera"
ok "who agrees" "$tend" --user Luc approve 2
equal "and the run goes on to its question" "waiting " "$(state 1)"
has "which its owner sees" "$("$tend" --user Theo today)" "Is there a budget at Acme?"
fails "it takes no other answer" 2 "$tend" --user Theo task answer 1 perhaps
has "and names its choices" "$(cat said)" "answer it with one of yes | not yet"
fails "nor none" 2 "$tend" --user Theo task done 1
ok "it is answered" "$tend" --user Theo task answer 1 yes
fails "once" 2 "$tend" --user Theo task answer 1 "not yet"
has "and says what stands" "$(cat said)" "question 1: was answered already by Theo on "
equal "the run ends" "ended yes" "$(state 1)"
fails "the answer cannot be taken back: a run has it" 1 "$tend" undo "$(sql w "SELECT max(batch) FROM changes WHERE kind = (SELECT kind FROM steps WHERE name = 'budget') AND row = 1")"
has "which is said" "$(cat out)" "run 1 has taken this answer (yes); tend playbook cancel 1 stops the run"
equal "so the question stays answered" "done yes" "$(sql w "SELECT status || ' ' || outcome FROM tasks WHERE id = 1")"
has "its parts stand in the timeline" "$("$tend" playbook show 1)" "spend/owner.manager"


# In Korean each column has a heading of its own, and none is left in English.
headings() { # of a table that the command shows as its last one
    "$tend" --language ko "$@" 2>>log | sed -n '1{/^ /p;};/^[^ ]/{n;p;}' | tail -1 | sed 's/ ([A-Za-z/]*)//g; s/^  *//; s/   */\n/g; s/  /\n/g' | sed '/^$/d'
}
for command in "playbook list" "playbook runs" "playbook show 1" "playbook why budget Acme" "playbook start budget Bolt --dry-run"; do
    # shellcheck disable=SC2086
    headings $command >found
    ok "$command has headings" test -s found
    equal "which are Korean" "" "$(grep '[a-z]' found)"
    equal "and differ" "" "$(sort found | uniq -d)"
done
"$tend" --language ko playbook start budget Bolt --dry-run >out 2>>log
has "what ended is not what begins" "$(cat out)" "끝난 실행"
has "an answer is no survey's" "$("$tend" --language ko playbook show 1)" "  응답  "
ok "another run is started" "$tend" playbook start budget Bolt
equal "and waits" "waiting " "$(state 2)"
ok "and is stopped by hand" "$tend" playbook cancel 2 --reason "no use"
equal "with its reason" "stopped no use" "$(state 2)"
equal "what it asked is withdrawn" "withdrawn withdrawn" "$(sql w "SELECT group_concat(status, ' ') FROM approvals WHERE run = 2")"
has "and was listed" "$("$tend" playbook show 2)" "left_open"
fails "a closed decision cannot be given" 2 "$tend" --user Theo approve "$(sql w "SELECT min(id) FROM approvals WHERE run = 2")"
finish
