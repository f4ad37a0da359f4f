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
finish
