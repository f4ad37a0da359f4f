#!/bin/sh
# Many clients at one engine: what was acknowledged is there, also when the engine is killed while they write; a backup taken while
# they write answers like the store of that moment.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
rounds=${TEND_LONG:+20}
rounds=${rounds:-4}
"$tend" -C w init >log 2>&1
printf "\n[daemon]\nsafe_after = 0\n" >>w/tend.ini # what is killed here is meant to work on
"$tend" -C w add account name=Acme >>log 2>&1 || fail "an account is made" "$(cat log)"

serve() {
    TEND_KILL_AT=${1:-} "$tend" -C w serve >serve.log 2>&1 &
    engine=$!
    children="$children $engine"
    until_true 20 up_or_gone || fail "serve comes up" "$(cat serve.log)"
}
up_or_gone() { grep -q ' up ' serve.log || ! kill -0 "$engine" 2>/dev/null; }

all_kept() {
    told >told
    kept >kept
    [ -z "$(comm -23 told kept)" ]
}

# clients FIRST LAST: each writes a note of its own, all at the same time; those that were told "done" are listed in acknowledged.
clients() {
    started=
    for i in $(seq "$1" "$2"); do
        { "$tend" -C w log note Acme "note number $i." >"said.$i" 2>&1 && echo "note number $i." >>acknowledged; } &
        started="$started $!"
    done
}
: >acknowledged
told() { LC_ALL=C sort acknowledged; }
kept() { sql w "SELECT text FROM notes WHERE removed_at IS NULL" | LC_ALL=C sort; }

serve
clients 1 20
wait $started
equal "20 clients at once are all answered" 20 "$(wc -l <acknowledged)"
told >told
kept >kept
files_equal "and what they wrote is there, once" told kept
equal "each is a batch of its own that can be undone" 20 "$(sql w "SELECT count(DISTINCT batch) FROM notes")"

# Killed while they write.
number=100
round=0
lost=0
while [ $((round += 1)) -le "$rounds" ]; do
    [ "$round" = 1 ] || serve
    clients "$number" $((number + 19))
    until_true 20 grep -q "number $number\|number $((number + 10))" acknowledged
    kill -KILL "$engine"
    wait "$engine" 2>/dev/null
    wait $started
    all_kept || { lost=$((lost + 1)) && fail "killed while 20 clients write: nothing acknowledged is lost" "$(comm -23 told kept)"; }
    number=$((number + 20))
done
[ "$lost" != 0 ] || pass "killed $rounds times while 20 clients write: nothing acknowledged is lost"
reached=0
for place in store.commit.before store.commit.after; do
    for pass in 1 2 3; do
        serve "$place:$pass"
        clients "$number" $((number + 9))
        wait $started
        kill -TERM "$engine" 2>/dev/null # it may never have come to that commit
        status=0
        wait "$engine" 2>/dev/null || status=$?
        [ "$status" != 137 ] || reached=$((reached + 1))
        ok "killed at $place:$pass of shared commits: nothing acknowledged is lost" all_kept
        number=$((number + 10))
    done
done
equal "and each time it was killed there" 6 "$reached"
equal "nothing is there twice" "" "$(kept | uniq -d)"
equal "the store is whole" ok "$(sql w 'PRAGMA integrity_check')"
serve
ok "the next engine starts on the socket that was left behind" "$tend" -C w log note Acme "after the kills."

# A backup while they write: a store of its own, with every acknowledged note of before, and no half of any other.
told >before
clients 1000 1039
ok "a backup is taken while 40 clients write" "$tend" -C w backup "$work/copy.db"
wait $started
kept >after
kill -TERM "$engine"
status=0
wait "$engine" || status=$?
equal "TERM ends the engine" 0 "$status"
mkdir r
cp w/tend.ini r/
ok "the backup restores into an empty workspace" "$tend" -C r restore "$work/copy.db"
sql r "SELECT text FROM notes WHERE removed_at IS NULL" | LC_ALL=C sort >restored
equal "it has all that was acknowledged before" "" "$(comm -23 before restored)"
equal "and nothing that the store does not have" "" "$(comm -13 after restored)"
ok "an engine works on it" "$tend" -C r once

# A source that takes its time holds up nobody: it waits for a line that nobody writes.
mkfifo line
cat >slow.sh <<END
#!/bin/sh
read -r word <"$work/line"
END
chmod +x slow.sh
"$tend" -C slow init >log 2>&1
mkdir -p slow/mappings
printf '[mapping]\nsource = slow\n[stream.accounts]\nfile = accounts\nkind = account\nkey = id\n[fields.accounts]\nname = name\n' >slow/mappings/slow.ini
printf '[plugin.command]\ngrant = files, network, programs\n[source.slow]\nplugin = command\nmapping = slow\nprogram = %s\nstreams = accounts\ntimeout = 10 min\nevery = 1 h\n' \
    "$work/slow.sh" >slow/tend.d/slow.ini
"$tend" -C slow add account name=Acme >>log 2>&1
"$tend" -C slow serve >slow.log 2>&1 &
engine=$!
children="$children $engine"
until_true 20 pgrep -f "$work/slow.sh" || fail "the slow source is asked" "$(cat log slow.log)"
ok "a note is written while a source is waited for" timeout 30 "$tend" -C slow log note Acme "while it waits."

# A configuration that changes meanwhile is read at the next turn: not in the middle of the pull, and not lost.
printf '[segment.named]\nwhere = name = Acme\n' >slow/tend.d/segment.ini
kill -HUP "$engine"
ok "and another one after a SIGHUP" timeout 30 "$tend" -C slow log note Acme "before it is read."
hasnt "which waits for the end of the pull" "$(cat slow.log)" "configuration read again"
sed -i 's/^every = 1 h/every = 1 s/' slow/tend.d/slow.ini
: >line # the source ends, with nothing
ok "and is taken then" until_true 30 grep -q 'configuration read again' slow.log
ok "with what it says" "$tend" -C slow segment show named
until_true 30 pgrep -f "$work/slow.sh" || fail "the slow source is asked again" "$(cat slow.log)"
kill -TERM "$engine"
until_true 20 eval '! kill -0 "$engine" 2>/dev/null' || fail "TERM ends the engine while a source is waited for" "$(cat slow.log)"
status=0
wait "$engine" || status=$?
equal "which it does well" 0 "$status"
has "and says so" "$(cat slow.log)" "broken off; it goes on when the engine is back"

# With nobody writing, store and backup answer alike.
rm -rf r
mkdir r
cp w/tend.ini r/
ok "a second backup" "$tend" -C w backup "$work/quiet.db"
ok "is restored" "$tend" -C r restore "$work/quiet.db"
for query in "list account" "list note" "list task" "list user" "batches" "today" "account show Acme" "account timeline Acme" \
    "kpi list" "playbook list" "playbook runs" "outbox list" "segment list" "report portfolio"; do
    "$tend" -C w --json $query >w.json 2>w.said
    "$tend" -C r --json $query >r.json 2>r.said
    if [ -s w.json ]; then
        files_equal "restored, it answers alike: $query" w.json r.json
    else
        fail "restored, it answers alike: $query" "$(cat w.said)"
    fi
done
finish
