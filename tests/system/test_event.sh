#!/bin/sh
# An event told by hand: checked, recorded under who told it, delivered like any other; a dry run tells nothing.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
ok "a workspace" "$tend" -C w init
mkdir -p w/playbooks
cat >w/playbooks/visit.lua <<'END'
return playbook {
  name       = "visit",
  summary    = "Write up a visit",
  api        = 1,
  subject    = "account",
  outcomes   = { "done" },
  start_when = { event = "custom.visit" },

  steps = function(run)
    run:task("minutes", { title = "Write the minutes of the visit at {account.name}", to = "owner", due = { days = 2 } })
    return "done"
  end,
}
END
printf '\n[playbook.visit]\nenabled = yes\n' >>w/tend.ini
ok "the script has no fault" "$tend" -C w playbook check w/playbooks/visit.lua
ok "a colleague" "$tend" -C w add user name="Kim Minjun"
ok "an account" "$tend" -C w add account name="Hanul" owner="Kim Minjun"
fails "before a playbook at work names it, nobody would hear it" 2 "$tend" -C w event send custom.visit account=Hanul
ok "the engine takes the script" "$tend" -C w once
ok "a dry run" "$tend" -C w --dry-run event send custom.visit account=Hanul
has "says so" "$(cat "$work/out")" "A dry run: nothing was told."
equal "and tells nothing" 0 "$(sql w "SELECT count(*) FROM events WHERE topic LIKE 'custom.%'")"
ok "told" "$tend" -C w --json --user "Kim Minjun" event send custom.visit account=Hanul reason="they came to us"
has "with its sequence" "$(cat "$work/out")" "\"sequence\": $(sql w "SELECT sequence FROM events WHERE topic = 'custom.visit'"),"
equal "kept under who told it" "Kim Minjun|they came to us" "$(sql w "SELECT teller, reason FROM events_told")"
ok "delivered" "$tend" -C w once
equal "as any other" "Write the minutes of the visit at Hanul" "$(sql w "SELECT title FROM tasks")"
has "the timeline shows it" "$("$tend" -C w --csv account timeline Hanul)" "event told,custom.visit: they came to us"
fails "a topic nobody knows" 2 "$tend" -C w event send custom.vist account=Hanul
has "is refused with the nearest" "$(cat "$work/said")" "custom.vist: no such event; did you mean custom.visit?"
fails "a row that is not there" 2 "$tend" -C w event send custom.visit account=Hanal
has "likewise" "$(cat "$work/said")" "no account is called 'Hanal'; did you mean Hanul?"
fails "a field that no event has" 2 "$tend" -C w event send custom.visit acount=Hanul
has "is named" "$(cat "$work/said")" "an event has no field 'acount'; did you mean account?"
fails "two rows" 2 "$tend" -C w event send custom.visit account=Hanul user=1
finish
