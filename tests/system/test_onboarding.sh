#!/bin/sh
# Onboarding of many accounts at once, over five months, killed again and again: the engine is called until it ends by itself, and in
# the end every effect is there once, every run has ended or waits, and the store is that of an undisturbed story.
#
#   TEND_LONG=1        1,000 accounts and 200 kills at random instants, instead of 60 and 6; every named place of the playbooks
#   TEND_SEED=N        the random instants of an earlier test
. "$(dirname "$0")/lib.sh"
. "$tests/system/state.sh"
cd "$work" || exit 1
long=${TEND_LONG:-}
seed=${TEND_SEED:-$$}
accounts=60 random=6
[ -z "$long" ] || { accounts=1000 random=200; }

at "2026-03-02 09:00"
"$tend" -C new init >log 2>&1 || fail "a workspace is made" "$(cat log)"
cat >>new/tend.ini <<'INI'
[playbook.onboarding]
enabled = yes
[sink.file]
plugin = jsonl
channel = mail
path = messages.jsonl
INI
"$tend" -C new user add "김 하늘" email=haneul@our.test >log 2>&1
"$tend" -C new user add "Tom Becker" email=tom@our.test >>log 2>&1
awk -v n="$accounts" 'BEGIN { print "id,name,stage,owner"
    for (i = 1; i <= n; i++) printf "C%04d,%s %d,onboarding,%s\n", i, i % 3 ? "Acme" : "한빛", i, i % 2 ? "김 하늘" : "Tom Becker" }' >accounts.csv
mkdir -p new/mappings
"$tend" -C new mapping new accounts.csv >new/mappings/crm.ini 2>log || fail "the file has a mapping" "$(cat log)"
ok "accounts are imported" "$tend" -C new import --mapping crm accounts.csv
equal "as many as there are" "$accounts" "$(sqlite3 -readonly new/tend.db "SELECT count(*) FROM accounts WHERE stage = 'onboarding'")"

# What people do in the meantime, the same in every story.
days="2026-03-02 2026-03-10 2026-03-24 2026-04-20 2026-06-01 2026-08-03"
people() { # DAY
    case $1 in
    2026-03-10) "$tend" -C w set task --where 'step = "kick-off" and status = open and account.name contains "1"' status=done ;;
    2026-03-24) "$tend" -C w set task --where 'status = open and account.name contains "Acme"' status=done ;;
    2026-04-20) "$tend" -C w set account --where 'name contains "7"' stage=leaving ;;
    2026-06-01) "$tend" -C w set task --where 'status = open and account.name contains "3"' status=done ;;
    esac
}

# story KILLER: one story; before each call of the engine that has to succeed, KILLER DAY may kill some.
kills=0
nobody() { :; }
story() {
    rm -rf w
    cp -r new w
    for day in $days; do
        at "$day 09:00"
        people "$day" >said_by_people 2>&1 || { fail "people work on $day" "$(cat said_by_people)"; return 1; }
        "$1" "$day"
        "$tend" -C w once >log 2>&1 || { fail "the engine works on $day" "$(cat log)"; return 1; }
    done
    # An id that is lost with a kill leaves a gap, and what rows with ids in a row were told in one event is told in two.
    state w | sed 's/"id":[0-9]*/"id":-/g' | awk '$1 == "effects" { effects[$3] += $NF; next } { print }
        END { for (topic in effects) print "effects of all", topic, effects[topic] }' | LC_ALL=C sort >now
}
whole() { # WHAT
    cmp -s wanted now || { fail "$1: the end is that of the undisturbed story" "$(diff wanted now | head -n 30 | cut -c1-200)"; return 1; }
    [ "$(sql w "SELECT count(*) FROM runs WHERE state NOT IN ('ended', 'stopped', 'waiting')")" = 0 ] ||
        { fail "$1: every run has ended or waits" "$(sql w "SELECT state, reason, count(*) FROM runs GROUP BY 1, 2")"; return 1; }
    sql w "SELECT once_key FROM outbox WHERE state = 'sent' ORDER BY 1" | LC_ALL=C sort >sent
    sed 's/^{"once_key":"\([^"]*\)".*/\1/' w/messages.jsonl 2>/dev/null | LC_ALL=C sort >lines
    cmp -s sent lines || { fail "$1: every message left once" "$(diff sent lines | head)"; return 1; }
    [ "$(sql w 'PRAGMA integrity_check')" = ok ] || { fail "$1: the store is whole"; return 1; }
}

story nobody || finish
cp now wanted
whole "undisturbed"
ok "every account has its run" test "$(grep -c '^run ' wanted)" -ge "$accounts"
ok "some reached value, some stalled, some left, some wait" test "$(sql w "SELECT count(DISTINCT state || coalesce(outcome, '')) FROM runs")" -ge 3
ok "what stalled was told" test "$(sql w "SELECT count(*) FROM outbox WHERE state = 'sent'")" -gt 10

# Killed at a place: on each day at its first pass there, then at one further on.
kill_here() {
    for pass in 1 7; do
        status=0
        TEND_KILL_AT=$place:$pass "$tend" -C w once >killed 2>&1 || status=$?
        [ "$status" != 137 ] || kills=$((kills + 1))
    done
}
places="run.move.before run.move.after bus.deliver.before bus.deliver.after"
[ -z "$long" ] || places="$places store.commit.before store.commit.after store.soft.before store.soft.after \
outbox.claim.after outbox.sent.before"
for place in $places; do
    before=$kills
    story kill_here && whole "killed at $place" && pass "killed at $place, $((kills - before)) times: the story ends as if undisturbed"
    ok "it passes $place" test "$kills" -gt "$before"
done

# At random instants of each day's work: an instant is a share of what that day took undisturbed, for the days differ tenfold.
awk -v seed="$seed" 'BEGIN { srand(seed); for (i = 0; i < 20000; i++) print rand() }' >instants
now_ns() { env -u LD_PRELOAD date +%s%N; }
take_time() { # DAY
    began=$(now_ns)
    "$tend" -C w once >log 2>&1
    echo "$began $(now_ns)" | awk '{ print ($2 - $1) / 1e9 }' >"takes.$1"
}
kill_now() { # DAY
    for try in 1 2 3 4 5 6; do
        [ "$landed" -lt "$random" ] || return 0
        share=$(sed -n "$((at_instant = at_instant + 1))p" instants)
        "$tend" -C w once >killed 2>&1 &
        (unset LD_PRELOAD; sleep "$(awk -v share="$share" -v whole="$(cat "takes.$1")" 'BEGIN { print share * whole }')")
        kill -KILL $! 2>/dev/null
        status=0
        wait $! 2>/dev/null || status=$?
        [ "$status" = 137 ] || return 0
        landed=$((landed + 1))
    done
}
landed=0 at_instant=0 bad=0 idle=0
story take_time && whole "while it is timed"
while [ "$landed" -lt "$random" ] && [ "$idle" -lt 20 ]; do # twenty stories in a row that no kill hit are a fault
    before=$landed
    story kill_now && whole "killed at random instants of seed $seed, $before kills before this story" || bad=$((bad + 1))
    if [ "$landed" -gt "$before" ]; then idle=0; else idle=$((idle + 1)); fi
done
ok "$landed kills at random instants (seed $seed), $random were wanted" test "$landed" -ge "$random"
[ "$bad" != 0 ] || pass "$landed kills at random instants (seed $seed): each story ends as if undisturbed"
finish
