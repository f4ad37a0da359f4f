#!/bin/sh
# What an administrator relies on: one engine at a time, signals, configuration kept or taken, a folder that cannot be written, a
# store from the future, a copy taken under load that answers like the original.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
sample w

serve() { # FOLDER: $engine is its pid
    "$tend" -C "$1" serve >"$work/serve.out" 2>"$work/serve.log" &
    engine=$!
    children="$children $engine"
    until_true 10 grep -q 'serve  up' "$work/serve.log" || fail "serve comes up" "$(cat "$work/serve.log")"
}
gone() { ! kill -0 "$1" 2>/dev/null; }

# One engine; commands go through it.
serve w
fails "a second engine is refused" 3 "$tend" -C w serve
equal "in one sentence that names the first" \
    "$work/w/tend.db: another tend (pid $engine: $tend -C w serve) has this workspace open for writing; stop it or let it do the work (tend serve)" \
    "$(cat said)"
ok "a command that writes is carried out by the engine" "$tend" -C w log call '#1' 'through the engine'
equal "and is in the store" 1 "$(sql w "SELECT count(*) FROM interactions WHERE text = 'through the engine' OR subject = 'through the engine'")"
fails "its refusals come back with their status" 2 "$tend" -C w set account '#999999' tier=gold

# SIGHUP takes a good configuration and keeps the old one when the new has a fault.
cp w/tend.ini good.ini
printf '\n[tend]\nnaem = Wrong\n' >>w/tend.ini
kill -HUP "$engine"
ok "a faulty configuration is refused on SIGHUP" until_true 10 grep -q 'configuration kept as it was' serve.log
has "with file and line" "$(cat serve.log)" "$work/w/tend.ini:$(wc -l <w/tend.ini): [tend] naem: "
ok "the engine goes on" "$tend" -C w log call '#1' 'after the fault' || cp good.ini w/tend.ini
cp good.ini w/tend.ini
kill -HUP "$engine"
ok "a good one is taken" until_true 10 grep -q 'configuration read again' serve.log

# A copy under load.
before=0
while [ "$before" -lt 20 ]; do
    before=$((before + 1))
    "$tend" -C w log note '#2' "before $before" >/dev/null 2>&1 || fail "note $before is taken" ""
done
(
    during=0
    while [ ! -e stop ]; do
        during=$((during + 1))
        "$tend" -C w log note '#3' "during $during" >/dev/null 2>&1 && echo "$during" >>acknowledged
    done
) &
load=$!
children="$children $load"
until_true 30 sh -c 'test "$(wc -l <acknowledged)" -ge 10'
earlier=$(wc -l <acknowledged)
ok "a backup is taken while others write" "$tend" -C w backup loaded.db
touch stop
wait "$load"
fails "a backup never overwrites" 2 "$tend" -C w backup loaded.db
equal "the copy is whole" ok "$(sqlite3 -readonly loaded.db 'PRAGMA integrity_check')"
equal "what was acknowledged before is in it" 20 \
    "$(sqlite3 -readonly loaded.db "SELECT count(*) FROM notes WHERE text LIKE 'before %'")"
held=$(sqlite3 -readonly loaded.db "SELECT count(*) FROM notes WHERE text LIKE 'during %'")
ok "and of what came meanwhile a beginning without holes ($held, $earlier before it)" test "$held" -ge "$earlier" -a \
    "$(sqlite3 -readonly loaded.db "SELECT count(*) FROM notes WHERE text LIKE 'during %' AND
        CAST(substr(text, 8) AS INTEGER) <= $held")" = "$held"
equal "all that was acknowledged is in the store" "$(wc -l <acknowledged)" \
    "$(sql w "SELECT count(*) FROM notes WHERE text LIKE 'during %'")"

# SIGTERM.
kill -TERM "$engine"
ok "SIGTERM ends the engine within 10 seconds" until_true 10 gone "$engine"
wait "$engine"
equal "with status 0" 0 $?
equal "the socket is gone" "" "$(ls w/run 2>/dev/null)"

# Restore: only into nothing, and then every query is answered alike.
ok "a second backup, at rest" "$tend" -C w backup rest.db
fails "restore never overwrites a store" 2 "$tend" -C w restore rest.db
mkdir r && cp w/tend.ini r/
ok "restore into a workspace without a store" "$tend" -C r restore rest.db
sqlite3 -readonly rest.db .dump >rest.sql
dump r >r.sql
files_equal "the store is the copy" rest.sql r.sql
different=
asked=0
for question in "list account" "list contact" "list contract" "list task" "list ticket" "list opportunity" "list interaction" \
    "today --limit 1000" "health show" "kpi show nrr" "kpi show nps" "report portfolio" "account show #1" "account timeline #1" \
    "batches" "playbook runs" "segment list" "--as-of -30d kpi show mrr" "--known-at -30d list contract"; do
    set -f
    "$tend" -C w --json $question >one 2>&1
    "$tend" -C r --json $question >other 2>&1
    set +f
    asked=$((asked + 1))
    cmp -s one other || different="$different; $question"
done
equal "the $asked questions that were asked have the same answers" "" "$different"
printf 'not a database, but long enough to look at: %02000d' 0 >garbage.db
mkdir g && cp w/tend.ini g/
fails "a file that is no store is not restored" 2 "$tend" -C g restore garbage.db
ok "and nothing is left behind" test ! -e g/tend.db

# Backups and their dead ends.
fails "a backup that is not there" 2 "$tend" -C g restore "$work/nofile"
equal "is asked for" "$work/nofile: there is no such file; name one that tend backup wrote" "$(cat said)"
head -c 100000 rest.db >cut.db
fails "a backup that was cut off" 2 "$tend" -C g restore cut.db
equal "is not restored" "$work/cut.db: this backup is damaged, and nothing was restored; take an earlier one" "$(cat said)"
mkdir typo && cp r/tend.ini typo/ && cp r/tend.db typo/
printf '\n[playbook.renewal]\nenabld = yes\n[daemon]\npol = 3 s\n' >>typo/tend.ini
fails "a slip in tend.ini stops other commands" 2 "$tend" -C typo list account
ok "and no backup" "$tend" -C typo backup typo.db
has "which names it" "$(cat said)" "[daemon] pol: no such setting; did you mean poll?"
has "and says what it does" "$(cat said)" "$work/typo: the configuration has 1 fault, and $work/typo/tend.db is backed up all the same"
ok "the copy is one of the store" test "$(sqlite3 -readonly typo.db 'SELECT count(*) FROM accounts')" -gt 100
rm typo.db
printf '[stroe]\npath = other.db\n' >typo/tend.ini
fails "where the store is, is not guessed at" 2 "$tend" -C typo backup typo.db
has "and it is said" "$(cat said)" "where the store is cannot be understood; mend [store] path and back up again"
printf '[store]\npath other.db\n' >typo/tend.ini
fails "nor in a line that is none" 2 "$tend" -C typo backup typo.db
ok "no file is left" test ! -e typo.db

# A workspace from a tend.ini of one's own.
mkdir own && "$tend" config template >own/tend.ini && cp own/tend.ini own.ini
fails "there is no store yet" 2 "$tend" -C own once
has "and it is said how to make one" "$(cat said)" "make one with tend -C $work/own init"
fails "which says no name again" 2 "$tend" -C own init --name Other
ok "and does it" "$tend" -C own init
files_equal "tend.ini stays as it was" own.ini own/tend.ini
ok "and has its store" "$tend" -C own once
fails "a second time nothing is done" 2 "$tend" -C own init
rm own/tend.db* && : >own/tend.db
ok "an empty file is no store" "$tend" -C own init
fails "a zone that is none is the option's" 2 "$tend" -C zone init --zone x
equal "and no file's" "--zone: 'x' is not a time zone of this machine; write one like Asia/Seoul" "$(cat said)"

# A folder that cannot be written: read, yes; write, one sentence.
run_as=
if [ "$(id -u)" = 0 ]; then
    if command -v setpriv >/dev/null && chmod 755 "$work" && setpriv --reuid=65534 --clear-groups test -x "$tend"; then
        run_as="setpriv --reuid=65534 --regid=65534 --clear-groups"
    fi
fi
if [ "$(id -u)" != 0 ] || [ -n "$run_as" ]; then
    cp -R r readonly
    rm -f readonly/tend.db.lock readonly/tend.db-shm readonly/tend.db-wal
    chmod -R a+rX readonly
    chmod 555 readonly
    chmod 444 readonly/tend.db
    cp readonly/tend.db untouched.db
    $run_as "$tend" -C readonly set account '#1' tier=gold >out 2>said </dev/null
    status=$?
    equal "in a read-only folder a change is refused" 2 "$status"
    equal "in one sentence" 1 "$(wc -l <said)"
    has "that names the place" "$(cat said)" "readonly/"
    files_equal "and nothing was touched" untouched.db readonly/tend.db
else
    skip "a read-only folder" "run as root without setpriv"
fi

# What configuration has just added can be asked for at once, also by who only reads.
"$tend" -C h init >log 2>&1 && "$tend" -C h add account name=Acme >>log 2>&1 || fail "a workspace is made" "$(cat log)"
printf '[field.account.x_code]\ntype = text\n' >>h/tend.ini
ok "a field that was just added is read, unknown as it is" "$tend" -C h --json list accounts --fields name,x_code
has "it is there" "$(cat out)" '"x_code": null'

# A store from the future, and a file of somebody else.
cp -R r future
sqlite3 future/tend.db 'PRAGMA user_version = 99'
cp future/tend.db untouched.db
fails "a store from the future is refused for reading" 2 "$tend" -C future list account
fails "and for writing" 2 "$tend" -C future set account '#1' tier=gold
has "with what to do" "$(cat said)" "install that version, nothing was touched"
files_equal "and nothing was touched" untouched.db future/tend.db
rm -rf g/tend.db*
sqlite3 g/tend.db 'CREATE TABLE theirs(a); INSERT INTO theirs VALUES (1)'
cp g/tend.db untouched.db
fails "a database of another program is refused" 2 "$tend" -C g set account '#1' tier=gold
files_equal "and left as it was" untouched.db g/tend.db

# Configuration: all faults at once.
mkdir c && cp r/tend.ini c/
printf '[tend]\nnaem = A\nzone = Mars/Olympus\n[stoer]\npath = x\n' >>c/tend.ini
fails "a faulty configuration is wrong usage" 2 "$tend" -C c config check
equal "each of its three faults is a line with file and line" 3 "$(grep -c "^$work/c/tend.ini:[0-9]*: \[" said)"
has "with what was meant" "$(cat said)" "did you mean name?"
ok "a sound one is understood" "$tend" -C r config check
"$tend" config template >template.ini
mkdir t && cp template.ini t/tend.ini
for example in "$source"/etc/tend.d/*.example; do
    mkdir -p x/tend.d && cp r/tend.ini x/ && cp "$example" "x/tend.d/$(basename "$example" .example)"
    ok "the example $(basename "$example") is sound" "$tend" -C x config check
    rm -rf x
done
ok "the template is itself sound" "$tend" -C t config check
finish
