#!/bin/sh
# Where a command stops, it says what to type next; and what people read says on whose clock and of which accounts it is.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init --zone Asia/Seoul >log 2>&1 || fail "a workspace is made" "$(cat log)"

# The lock of a short command is waited for; that of a long one is named.
flock w/tend.db.lock sleep 0.7 &
holder=$!
children="$children $holder"
until_true 5 sh -c '! flock -n w/tend.db.lock true'
ok "a command waits for a short one to end" "$tend" -C w add account name=Harbour
wait "$holder"
flock w/tend.db.lock sleep 0.7 &
holder=$!
children="$children $holder"
until_true 5 sh -c '! flock -n w/tend.db.lock true'
"$tend" -C w serve 2>serve.log &
engine=$!
children="$children $engine"
ok "serve does as well" until_true 10 grep -q 'serve  up' serve.log
fails "a second serve gives up" 3 "$tend" -C w serve
has "and names the first by its pid and its command" "$(cat said)" "another tend (pid $engine: $tend -C w serve) has"
kill -TERM "$engine"
wait "$engine"

# An answer has one form.
fails "--json and --csv together are refused" 2 "$tend" -C w --json --csv list accounts
equal "in one sentence" "--json and --csv: an answer has one form; write one of the two" "$(cat said)"
fails "in any order" 2 "$tend" -C w list accounts --csv --json
ok "one of them twice is no fault" "$tend" -C w --json list accounts --json

# Restore says what it needs, and what it says works when it is typed.
ok "a backup" "$tend" -C w backup kept.db
fails "restore without settings" 2 "$tend" -C new restore kept.db
line=$(cat said)
has "names the commands" "$line" "mkdir -p new && tend config template > new/tend.ini && tend -C new restore kept.db"
PATH=$(dirname "$tend"):$PATH
export PATH
ok "which work as they stand" sh -c "${line##*; }"
equal "and bring the account back" Harbour "$(sql new 'SELECT name FROM accounts')"
fails "restore over a store" 2 "$tend" -C w restore kept.db
has "names the way round it" "$(cat said)" "mkdir NEW && cp tend.ini NEW/ && tend -C NEW restore $work/kept.db"

# Times are on somebody's clock.
ok "a colleague in New York" "$tend" -C w add user name=Ann zone=America/New_York email=ann@a.example
at_seoul=$("$tend" -C w batches)
has "the company's clock is named" "$at_seoul" "when (Asia/Seoul)"
at_york=$("$tend" -C w --user Ann batches)
has "a colleague's own as well" "$at_york" "when (America/New_York)"
first=$(sql w 'SELECT opened_at / 1000 FROM batches ORDER BY id LIMIT 1')
has "and it is the time there" "$at_york" "$(TZ=America/New_York date -d "@$first" '+%Y-%m-%d %H:%M')"
has "as it is here" "$at_seoul" "$(TZ=Asia/Seoul date -d "@$first" '+%Y-%m-%d %H:%M')"

# What health reads is no KPI.
for id in usage.trend touch; do
    fails "kpi show $id" 2 "$tend" -C w kpi show "$id"
    has "leads to the health" "$(cat said)" "and no KPI; see tend health explain ACCOUNT"
done
fails "kpi show of nothing" 2 "$tend" -C w kpi show nothing_at_all
has "is still no such KPI" "$(cat said)" "kpi nothing_at_all: no such KPI"

# A word that is none, where few are meant.
fails "a state that no run has" 2 "$tend" -C w playbook runs --state wating
equal "is refused with the nearest" "--state: 'wating' is no state of a run; did you mean waiting?" "$(cat said)"
fails "a state that is near none" 2 "$tend" -C w playbook runs --state everything
has "names them all" "$(cat said)" "which are running, waiting, held, stopping, stopped and ended"
fails "a slip behind a group" 2 "$tend" -C w playbook shwo 3
equal "names the command that is near" "tend playbook: 'shwo' is not one of its commands; did you mean tend playbook show?" "$(cat said)"
fails "a word of one's own behind a group" 2 "$tend" -C w task close 3
has "names what there is" "$(cat said)" "tend task: 'close' is not one of its commands, which are add, done, answer, snooze"

# Which accounts are counted.
"$tend" -C w add account name=Gone stage=former >log && "$tend" -C w add account name=Soon stage=prospect >log &&
    "$tend" -C w add account name=Old stage=archived >log && "$tend" -C w add account name=Now stage=active >log
"$tend" -C w status >out
equal "status counts them all" 5 "$(sed -n 's/^  accounts in all  *//p' out)"
equal "and those looked after" 2 "$(sed -n 's/^  of them looked after  *//p' out)"
"$tend" -C w report portfolio >out
equal "the portfolio counts the latter" 2 "$(sed -n 's/^  customers looked after  *//p' out)"
has "and says whom it leaves out" "$(cat out)" "5 accounts in all; not counted here: 1 prospects, 1 former, 1 archived"
finish
