#!/bin/sh
# kill -9 wherever the programs write: at every pass of every named place, and at random instants. The same command again, and the
# store is what it would have been without: nothing acknowledged is lost, nothing is there twice.
#
#   TEND_LONG=1        every pass of every place, and random instants until there were 1,000 kills, instead of 20
#   TEND_SEED=N        the random instants of an earlier test
. "$(dirname "$0")/lib.sh"
. "$tests/system/state.sh"
cd "$work" || exit 1
at "2026-03-02 09:00"
long=${TEND_LONG:-}
seed=${TEND_SEED:-$$}

# A workspace to begin each try with: nothing in it, imported, with messages to send.
"$tend" -C empty init --sample >log 2>&1 || fail "a workspace is made" "$(cat log)"
cat >>empty/tend.ini <<'INI'
[sink.file]
plugin = jsonl
channel = mail
path = messages.jsonl
[source.crm]
plugin = csv
mapping = sample
path = sample
enabled = no
INI
copy() {
    rm -rf "$2"
    cp -r "$1" "$2"
}

import() { "$tend" -C w import --mapping sample w/sample/*.csv; }
sync() { "$tend" -C w sync crm; }
once() { "$tend" -C w once; }
unsent() { "$tend" -C w once; } # without a sink: no commit that waits for the disk comes after what does not
backup() {
    rm -f w/copy.db
    "$tend" -C w backup w/copy.db
}

# What each command makes of its beginning when nobody disturbs it.
copy empty w
ok "undisturbed: import" import
state w >import.state
copy empty w
ok "undisturbed: sync" sync
state w >sync.state
copy empty w
rm w/sample/usage.csv w/sample/interactions.csv w/sample/answers.csv w/sample/tickets.csv # nothing that moves a run
import >log 2>&1
copy w imported
sed -i '/^\[sink.file\]/,/^path/d' w/tend.ini
copy w unsendable
ok "undisturbed: once, without a sink" unsent
state w >unsent.state
copy imported w
ok "undisturbed: once" once
state w >once.state
ok "once had something to do" test "$(grep -c '^run ' once.state)" -gt 50 -a "$(grep -c '^message .* sent' once.state)" -gt 5
ok "undisturbed: backup" backup
state w >backup.state
copy w played
# Worked out from others (account_roots, changed_fields, positions), told by the runs (bundles) or by the view over them (aliases, in
# identities), different on every try (bookmarks and syncs, which hold times of files and what the last call had left to do), or never
# written by what is killed here.
equal "no table is left out of the comparison" \
    "account_roots aliases bookmarks bundle_libraries bundles changed_fields erased_fields links meta playbooks positions segment_definitions sequences sinks_stopped syncs " \
    "$(tables_left_out w)"
begins_with() { case $1 in import | sync) echo empty ;; once) echo imported ;; unsent) echo unsendable ;; backup) echo played ;; esac; }

# Every message of the store is one line of the file, under its once-key, and no line is of anything else.
messages_agree() {
    sql w "SELECT once_key FROM outbox WHERE state = 'sent' ORDER BY 1" >sent
    [ ! -f w/messages.jsonl ] || sed 's/^{"once_key":"\([^"]*\)".*/\1/' w/messages.jsonl | sort >lines
    [ -f w/messages.jsonl ] || : >lines
    LC_ALL=C sort -o sent sent
    LC_ALL=C sort -o lines lines
    cmp sent lines
}

# same COMMAND WHERE: after the kill, the same again; then all is as undisturbed.
same() {
    "$1" >again 2>&1 || { fail "$1, killed at $2, works when called again" "$(cat again)"; return 1; }
    state w >now
    cmp -s "$1.state" now || { fail "$1, killed at $2, ends as if undisturbed" "$(diff "$1.state" now | head -n 30 | cut -c1-200)"; return 1; }
    messages_agree >differ 2>&1 || { fail "$1, killed at $2: a message once in the file" "$(cat differ; diff sent lines | head)"; return 1; }
    [ "$(sql w 'PRAGMA integrity_check')" = ok ] || { fail "$1, killed at $2: the store is whole"; return 1; }
    left=$(ls w/spool 2>/dev/null | grep -v '^again-') # what is remembered of records is to stay
    [ -z "$left" ] || { fail "$1, killed at $2: no spool is left behind" "$left"; return 1; }
}

# every_pass COMMAND PLACE: killed at its first pass there, its second, …, until it ends by itself.
all_kills=0
every_pass() {
    pass=1 step=1 kills=0 bad=0
    while :; do
        copy "$(begins_with "$1")" w
        status=0
        TEND_KILL_AT=$2:$pass "$1" >killed 2>&1 || status=$?
        [ "$status" = 137 ] || break
        kills=$((kills + 1)) all_kills=$((all_kills + 1))
        same "$1" "$2:$pass" || bad=$((bad + 1))
        [ -n "$long" ] || step=$((step * 2))
        pass=$((pass + step))
    done
    if [ "$status" != 0 ]; then
        fail "$1 past its last $2 ends by itself" "status $status" "$(cat killed)"
    elif [ "$kills" = 0 ]; then
        fail "$1 passes $2"
    elif [ "$bad" = 0 ]; then
        pass "$1 killed at $2 ($kills times): the same again ends as if undisturbed"
    fi
}

pairs="
import store.commit.before   import store.commit.after   import sync.spool.done      import sync.chunk.before
import sync.chunk.after      import sync.report.before   sync sync.spool.done        sync sync.chunk.before
sync sync.chunk.after        sync sync.report.before     sync store.commit.after
once store.commit.before     once store.commit.after     once store.soft.before      once store.soft.after
unsent store.settle.before   unsent store.settle.after   once bus.deliver.before     once bus.deliver.after
once run.move.before         once run.move.after         once outbox.claim.after     once outbox.sent.before
once kpi.publish.before      backup backup.copied"
set -- $pairs
while [ $# -ge 2 ]; do
    every_pass "$1" "$2"
    shift 2
done

# What an import left half done the next engine ends, without the command.
copy empty w
import >log 2>&1
once >log 2>&1
state w >finished.state
for place in sync.spool.done:1 sync.chunk.after:1 sync.chunk.before:2 sync.report.before:1; do
    copy empty w
    TEND_KILL_AT=$place import >killed 2>&1
    once >log 2>&1 || fail "the next engine ends an import killed at $place" "$(cat log)"
    state w >now
    files_equal "an import killed at $place is ended by the next engine" finished.state now
done

# No place is left out.
sed -n '/^static const char \*const names/,/NULL/s/[^"]*"\([^"]*\)"[^"]*/\1\n/gp' "$source/core/base/failpoint.c" | grep . | LC_ALL=C sort >places
printf '%s\n' $pairs | grep '\.' | LC_ALL=C sort -u >tried
files_equal "every named place was killed at" places tried

# At random: up to the time the command takes, twice in a row.
random_kills() { # TRIES KILLS: so many tries, and more until all kills of this test are KILLS
    tries=$1 wanted=$2 landed=0 bad=0 try=0
    awk -v seed="$seed" 'BEGIN { srand(seed); for (i = 0; i < 4000; i++) print rand(), rand() }' >instants
    while read -r first second; do
        [ "$try" -lt "$tries" ] || [ "$((all_kills + landed))" -lt "$wanted" ] || break
        try=$((try + 1))
        case $((try % 3)) in 0) command="sync crm" name=sync ;; 1) command="once" name=once ;; 2) command= name=import ;; esac
        copy "$(begins_with $name)" w
        set -- $command
        [ -n "$command" ] || set -- import --mapping sample w/sample/*.csv
        for share in "$first" "$second"; do
            "$tend" -C w "$@" >killed 2>&1 &
            sleep "$(awk -v share="$share" -v whole="$(cat "$name.takes")" 'BEGIN { print share * whole }')"
            kill -KILL $! 2>/dev/null
            status=0
            wait $! 2>/dev/null || status=$?
            [ "$status" = 137 ] || break
            landed=$((landed + 1))
        done
        same "$name" "the random instants $first $second of seed $seed" || bad=$((bad + 1))
    done <instants
    ok "some of the random instants were in time" test "$landed" -gt "$((try / 4))"
    [ "$bad" != 0 ] || pass "$landed kills at random instants (seed $seed): the same again ends as if undisturbed"
    all_kills=$((all_kills + landed))
    ok "$all_kills kills in all, $wanted were wanted" test "$all_kills" -ge "$wanted"
}
for name in import sync once; do
    copy "$(begins_with $name)" w
    began=$(env -u TEND_TEST_TIME date +%s%N)
    "$name" >log 2>&1
    echo "$began $(env -u TEND_TEST_TIME date +%s%N)" | awk '{ print ($2 - $1) / 1e9 }' >"$name.takes"
done
if [ -n "$long" ]; then random_kills 200 1000; else random_kills 20 0; fi
finish
