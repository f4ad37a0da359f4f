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
hasnt "nothing is held in it" "$(sed -n '/"playbooks"/,/"requests"/p' tried | grep '"held"' | grep -v '"held": 0' || true)" held

# One by one, by hand: on the first row of its subject that there is, or that can be made.
row_of() { # KIND
    "$tend" -C w --csv list "$1" --limit 1 2>/dev/null | sed -n "2s/,.*//p"
}
while read -r name; do
    subject=$(sed -n "s/.*subject *= *[\"']\\([a-z]*\\)[\"'].*/\\1/p" w/playbooks/"$name".lua "$source"/scripts/playbooks/*/"$name".lua \
        2>/dev/null | head -1)
    row=$(row_of "$subject")
    if [ -z "$row" ]; then
        skip "$name by hand" "the sample has no $subject"
        continue
    fi
    "$tend" -C w playbook start --dry-run "$name" "#$row" >tried 2>log
    equal "$name is tried on $subject $row" 0 $?
    equal "$name calls nobody" 0 "$(alarmed log)"
    has "$name says what would come of it" "$(cat tried)" "$name "
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
