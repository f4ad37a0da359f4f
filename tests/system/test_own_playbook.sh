#!/bin/sh
# A team's own playbook: a script and a library in the workspace, switched on in tend.ini, checked, at work.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
ok "a workspace" "$tend" -C w init
mkdir -p w/playbooks/own w/lib
cat >w/lib/greet.lua <<'END'
return { hello = function(name) return "Say hello to " .. name end }
END
cat >w/playbooks/own/welcome.lua <<'END'
local greet = lib "greet"

return playbook {
  name       = "welcome",
  summary    = "Say hello to a new account",
  api        = 1,
  subject    = "account",
  outcomes   = { "said" },
  start_when = { event = "account.created" },

  steps = function(run)
    run:task("hello", { title = greet.hello("{account.name}"), to = "owner", due = { days = 2 } })
    return "said"
  end,
}
END
printf '\n[playbook.welcome]\nenabled = yes\n' >>w/tend.ini
ok "the script has no fault" "$tend" -C w playbook check w/playbooks/own/welcome.lua
sed 's/run:task/run:tsak/' w/playbooks/own/welcome.lua >w/playbooks/own/broken.lua
fails "a script with a wrong verb is found faulty" 1 "$tend" -C w playbook check w/playbooks/own/broken.lua
has "with its line" "$(cat "$work/out")" "broken.lua:12:"
sed 's/return "said"/if run.account.name == "nobody" then run:escalate("late", { to = "owner.mangr", text = "x" }) end\n    &/' \
    w/playbooks/own/welcome.lua >w/playbooks/own/broken.lua
fails "what can never work is found where no run has come by" 1 "$tend" -C w playbook check w/playbooks/own/broken.lua
has "with its line and what to do" "$(cat "$work/out")" \
    "broken.lua:13: escalate 'late': to: 'owner.mangr' is nobody; all that may follow a role is .manager: owner.manager"
rm w/playbooks/own/broken.lua
ok "the engine takes it" "$tend" -C w once
ok "a colleague" "$tend" -C w add user name="Kim Minjun"
ok "an account comes" "$tend" -C w add account name="한빛상사" owner="Kim Minjun"
ok "what is due is done" "$tend" -C w once
equal "one run ended as declared" "ended|said" "$(sql w "SELECT state, outcome FROM runs WHERE playbook = 'welcome'")"
equal "the library made the title, the owner has the task" "Say hello to 한빛상사|Kim Minjun" \
    "$(sql w "SELECT t.title, u.name FROM tasks t JOIN users u ON u.id = t.assignee")"
ok "once more" "$tend" -C w once
equal "changes nothing" 1 "$(sql w "SELECT count(*) FROM tasks")"
has "why says what was decided" "$("$tend" -C w --csv playbook why welcome 한빛상사)" "ran"
fails "a playbook that is not there" 2 "$tend" -C w playbook why welcoem 한빛상사
has "is refused with the nearest name" "$(cat "$work/said")" "playbook 'welcoem': there is none; did you mean welcome?"
fails "an account that is not there" 2 "$tend" -C w playbook why welcome 한빛상시
has "likewise" "$(cat "$work/said")" "no account is called '한빛상시'; did you mean 한빛상사?"

# A script that breaks leaves the last good one at work, and what is wrong is said.
printf '\n[playbook.welcom]\nenabled = yes\n' >w/tend.d/slip.ini
cp w/playbooks/own/welcome.lua good.lua
sed -i 's/^  api .*/  api = ,/' w/playbooks/own/welcome.lua
fails "config check names both" 2 "$tend" -C w config check
said=$(cat "$work/said")
has "the script's own fault, with its line" "$said" "own/welcome.lua:6: unexpected symbol near ','"
has "the section without a script" "$said" "tend.d/slip.ini:3: [playbook.welcom] enabled: there is no script welcom.lua below playbooks/"
ok "the engine works on" "$tend" -C w once
has "and has said so in its log" "$(cat "$work/said")" "works on with its last good script"
ok "a second account comes" "$tend" -C w add account name="Hanul" owner="Kim Minjun"
ok "what is due is done" "$tend" -C w once
hasnt "it is not logged again" "$(cat "$work/said")" "works on with its last good script"
equal "by the last good script" 2 "$(sql w "SELECT count(*) FROM runs WHERE playbook = 'welcome' AND outcome = 'said'")"
fails "status says that somebody is needed" 1 "$tend" -C w status
has "for the broken one" "$(cat "$work/out")" "playbook welcome works on with its last good script      1  own/welcome.lua:6: unexpected symbol near ','"
has "and for the one that is left out" "$(cat "$work/out")" "playbook welcom is left out                              1  [playbook.welcom]: there is no welcom.lua"
fails "doctor says it too" 1 "$tend" -C w --csv doctor
has "of the broken one" "$(cat "$work/out")" "welcome: works on with its last good script: own/welcome.lua:6: unexpected symbol near ','"
has "of the one that is left out" "$(cat "$work/out")" "welcom: is left out: "
has "playbook list has the reason" "$("$tend" -C w --csv playbook list)" "its last good script works on: own/welcome.lua:6: "
sed 's/run:task/run:tsak/' good.lua >w/playbooks/own/welcome.lua
ok "a fault that only the check finds" "$tend" -C w once
has "is logged" "$(cat "$work/said")" "works on with its last good script"
fails "status names it" 1 "$tend" -C w status
has "with its line" "$(cat "$work/out")" "own/welcome.lua:12: run has no 'tsak'; did you mean task?"
has "playbook list, too" "$("$tend" -C w --csv playbook list)" "its last good script works on: own/welcome.lua:12: "
cp good.lua w/playbooks/own/welcome.lua
rm w/tend.d/slip.ini
ok "mended" "$tend" -C w config check
ok "and read again" "$tend" -C w once
ok "nobody is needed any more" "$tend" -C w status

# The engine keeps what it has when SIGHUP finds a fault in a plugin's or a script's setting.
"$tend" -C w serve 2>serve.log &
engine=$!
children="$children $engine"
ok "the engine is up" until_true 10 grep -q 'serve  up' serve.log
printf '\n[playbook.renewal]\nlead_days = soon\n' >w/tend.d/lead.ini
kill -HUP "$engine"
ok "a setting that does not fit is refused on SIGHUP" until_true 10 grep -q 'configuration kept as it was' serve.log
has "with file and line" "$(cat serve.log)" "tend.d/lead.ini:3: [playbook.renewal] lead_days: 'soon' is not a whole number; write digits, like 90"
rm w/tend.d/lead.ini
kill -HUP "$engine"
ok "without it the configuration is taken" until_true 10 grep -q 'configuration read again' serve.log
kill -TERM "$engine"
wait "$engine"
finish
