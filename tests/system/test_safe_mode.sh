#!/bin/sh
# An engine that dies again and again at the same work comes up without it: people are served, nothing is lost, and what was left is
# done when somebody has looked.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init >log 2>&1
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
printf '\n[playbook.visit]\nenabled = yes\n[daemon]\npoll = 1 s\n' >>w/tend.ini
"$tend" -C w add user name=Kim >>log 2>&1
"$tend" -C w add account name=Hanul owner=Kim >>log 2>&1
ok "the engine takes the script" "$tend" -C w once
ok "something is told that the playbook waits for" "$tend" -C w event send custom.visit account=Hanul

# serve [FAILPOINT [OPTION]]: until it is up, or gone.
serve() {
    TEND_KILL_AT=${1:-} "$tend" -C w serve ${2:-} >serve.log 2>&1 &
    engine=$!
    children="$children $engine"
    until_true 20 up_or_gone || fail "serve comes up or ends" "$(cat serve.log)"
}
up_or_gone() { grep -q ' up ' serve.log || ! kill -0 "$engine" 2>/dev/null; }
gone() { ! kill -0 "$engine" 2>/dev/null; }
crash() { # FAILPOINT
    serve "$1"
    until_true 20 gone
    wait "$engine"
    equal "the engine dies at $1" 137 $?
}
stop() {
    kill -TERM "$engine"
    wait "$engine"
}
runs() { sql w "SELECT count(*) FROM runs WHERE state = 'ended'"; }
done_now() { [ "$(runs)" = "$1" ]; }

# Twice, then a clean stop, then twice: that is not three times in a row.
crash bus.deliver.before
crash bus.deliver.before
serve no.such.place
until_true 20 done_now 1 || fail "the playbook works" "$(cat serve.log)"
hasnt "two deaths are no reason for safe mode" "$(cat serve.log)" "safe mode"
ok "a clean stop" stop
ok "told again" "$tend" -C w event send custom.visit account=Hanul
crash bus.deliver.before
crash bus.deliver.before
crash bus.deliver.before
hasnt "so the third death after it comes in the usual way" "$(cat serve.log)" "safe mode"

serve bus.deliver.before
has "the next start is in safe mode" "$(cat serve.log)" "the engine started 3 times within 10 min and never ended as it should"
equal "which the log says once" 1 "$(grep -c 'safe mode since' serve.log)"
ok "people are served" "$tend" -C w add account name=Duri owner=Kim
equal "and what they write is there" Duri "$(sql w "SELECT name FROM accounts WHERE name = 'Duri'")"
"$tend" -C w status >status 2>&1
equal "status finds something to report" 1 $?
has "and names it" "$(cat status)" "safe mode since "
"$tend" -C w doctor >doctor 2>&1
has "doctor says what to do" "$(cat doctor)" "start it with tend serve --normal"
fails "nothing that is due is done by hand either" 3 "$tend" -C w once
has "with the reason" "$(cat said)" "the engine is in safe mode and leaves what is due; tend doctor says why and what to do"
ok "and the engine lives" kill -0 "$engine"
equal "the run was not started" 1 "$(sql w "SELECT count(*) FROM runs")"
ok "a clean stop" stop

serve bus.deliver.before
has "a restart alone does not end it" "$(cat serve.log)" "safe mode since"
kill -KILL "$engine"
wait "$engine" 2>/dev/null
serve bus.deliver.before
has "nor does another death" "$(cat serve.log)" "safe mode since"
stop

serve "" --normal
until_true 20 done_now 2 || fail "what was left is done" "$(cat serve.log)"
pass "serve --normal ends it, and what was left is done, once"
hasnt "without a word of safe mode" "$(cat serve.log)" "safe mode since"
"$tend" -C w status >status 2>&1
hasnt "nor does status have one" "$(cat status)" "safe mode"
ok "a clean stop" stop
equal "each event was decided once" 2 "$(sql w "SELECT count(*) FROM runs")"

# The engine that runs is let out by a signal.
ok "told once more" "$tend" -C w event send custom.visit account=Duri
for i in 1 2 3; do crash bus.deliver.before; done
serve
has "in safe mode again" "$(cat serve.log)" "safe mode since"
kill -HUP "$engine"
until_true 20 done_now 3 || fail "SIGHUP ends it" "$(cat serve.log)"
has "SIGHUP ends it" "$(cat serve.log)" "safe mode has ended"
ok "a clean stop" stop

# Not wanted.
printf '\n[daemon]\nsafe_after = 0\n' >w/tend.d/never.ini
ok "told a last time" "$tend" -C w event send custom.visit account=Hanul
for i in 1 2 3 4; do crash bus.deliver.before; done
serve
hasnt "safe_after = 0 never comes to it" "$(cat serve.log)" "safe mode"
until_true 20 done_now 4 || fail "and works on" "$(cat serve.log)"
ok "a clean stop" stop
finish
