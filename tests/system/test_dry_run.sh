#!/bin/sh
# A dry run acts on nothing: with a source and sinks that end their process whenever they are called, every playbook that ships is
# tried over the sample, says what it would ask for, and leaves the store as it was.
. "$(dirname "$0")/lib.sh"
. "$tests/system/state.sh"
cd "$work" || exit 1
at "2026-03-02 09:00"
TEND_PLUGIN_PATH=$work/alarm
export TEND_PLUGIN_PATH
mkdir alarm
cp "$build/tests/plugins/connector_alarm.so" alarm/
"$tend" -C w init --sample >log 2>&1 || fail "a workspace is made" "$(cat log)"
"$tend" -C w import --mapping sample w/sample/*.csv >log 2>&1 || fail "the sample is imported" "$(cat log)"

# Everything that ships is at work, with what it says of itself as its settings.
for script in "$source"/scripts/playbooks/*/*.lua; do
    name=$(basename "$script" .lua)
    case $name in *_test) continue ;; esac
    grep -qs "^\[playbook\.$name\]" w/tend.ini w/tend.d/*.ini || printf '[playbook.%s]\nenabled = yes\n' "$name" >>w/tend.d/all.ini
    echo "$name" >>names
done
printf '[segment.low_usage]\nwhere = health < 50\n' >>w/tend.d/all.ini # training_campaign invites it (docs/packs.md)
cat >w/tend.d/alarm.ini <<'INI'
[sink.alarm]
plugin = alarm
channel = mail
[sink.other]
plugin = alarm
channel = chat
[source.alarm]
plugin = alarm
mapping = sample
every = 1h
INI
mkdir -p w/playbooks
cat >w/playbooks/ring.lua <<'LUA'
return playbook { name = "ring", summary = "tells the owner", api = 1, subject = "account", start_when = { event = "custom.ring" },
  outcomes = { "told" }, steps = function(run) run:notify("tell", { text = "{account.name}", to = "owner", channel = "mail" }) return "told" end }
LUA
printf '[playbook.ring]\nenabled = yes\n' >>w/tend.d/all.ini
echo ring >>names
ok "all of it is configured" "$tend" -C w config check

# What the store holds, and what else lies in the workspace.
everything() {
    sqlite3 -readonly w/tend.db .dump | sort
    find w -type f ! -name 'tend.db*' ! -path 'w/spool/*' -exec cksum {} + | sort
}
everything >before
alarmed() { grep -c 'plugin alarm: its host was killed by signal 6' "$1"; }

"$tend" -C w --json once --dry-run --limit 0 >tried 2>log
equal "a dry run of everything succeeds" 0 $?
equal "it calls neither source nor sink" 0 "$(alarmed log)"
everything >after
files_equal "it leaves the store as it was" before after
ok "it says what they would ask for" test "$(grep -c '"verb": "task"' tried)" -gt 50
hasnt "what is counted is nothing that is asked for" "$(cat tried)" '"verb": "count"'
hasnt "nothing is held in it" "$(sed -n '/"playbooks"/,/"requests"/p' tried | grep '"held"' | grep -v '"held": 0' || true)" held

# One by one, by hand, when nothing else is left to be done: on a row of its subject that no run is at work on.
mv w/tend.d/alarm.ini .
"$tend" -C w once >log 2>&1 || fail "what is due is done" "$(cat log)"
sql w "SELECT max(id) FROM runs WHERE playbook = 'pacing_watch' AND state = 'waiting'" | # one on every row of its subject
    while read -r run; do "$tend" -C w playbook cancel "$run"; done >log 2>&1
mv alarm.ini w/tend.d/
everything >before
row_of() { # PLAYBOOK KIND
    sql w "SELECT row FROM runs WHERE playbook = '$1' AND state IN ('running', 'waiting', 'held') ORDER BY row" >busy
    "$tend" -C w --csv list "$2" 2>/dev/null | sed -n '2,$s/,.*//p' | grep -vxF -f busy | head -1
}
begun() { # PLAYBOOK: of its line in "Playbooks at work"
    sed -n "/^Playbooks at work/,/^\$/s/^ *$1  *\([0-9]*\) .*/\1/p" tried
}
while read -r name; do
    subject=$(sed -n "s/.*subject *= *[\"']\\([a-z]*\\)[\"'].*/\\1/p" w/playbooks/"$name".lua "$source"/scripts/playbooks/*/"$name".lua \
        2>/dev/null | head -1)
    row=$(row_of "$name" "$subject")
    if [ -z "$row" ]; then
        fail "$name is tried by hand" "the sample has no $subject that no run of it is at work on"
        continue
    fi
    "$tend" -C w playbook start --dry-run "$name" "#$row" >tried 2>log
    equal "$name is tried on $subject $row" 0 $?
    equal "$name calls nobody" 0 "$(alarmed log)"
    equal "a run of $name would begin" 1 "$(begun "$name")"
    if [ -s busy ]; then
        fails "and none where one is at work" 2 "$tend" -C w playbook start --dry-run "$name" "#$(head -1 busy)"
        has "which is named" "$(cat said)" "is at work on $subject $(head -1 busy), "
    fi
done <names
everything >after
files_equal "and the store is as it was after all of them" before after

# The alarm does go off when somebody means it.
"$tend" -C w playbook start ring '#1' >out 2>log
"$tend" -C w once >out 2>log
equal "without --dry-run the source is called" 1 "$(alarmed log)"
ok "and the sink" test "$(sqlite3 -readonly w/tend.db "SELECT count(*) FROM outbox WHERE last_error LIKE 'plugin alarm: %'")" -gt 1
everything >after
ok "and the store changes" test "$(diff before after | wc -l)" -gt 100
finish
