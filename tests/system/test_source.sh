#!/bin/sh
# A source as its administrator meets it: what came twice, what was removed, what was rejected; a changed mapping, undo, and SIGTERM.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
export TEND_WORKSPACE="$work/w"
mkdir -p w/mappings
mapping() { # CITY
    cat >w/mappings/erp.ini <<E
[mapping]
source = erp
[stream.accounts]
file = public.accounts
kind = account
key  = id
[fields.accounts]
name  = name
seats = seats
$1
E
}
mapping ""
cat >w/tend.d/erp.ini <<E
[plugin.command]
grant = files, programs
[source.korea]
plugin  = command
mapping = erp
program = $work/korea
streams = public.accounts
environment = PULL=$work/pull
E
cat >korea <<'E'
#!/bin/sh
cat "$PULL${TEND_BOOKMARK:+.$TEND_BOOKMARK}" 2>/dev/null
[ -e "$PULL.waits" ] && : >"$PULL.told" && while :; do sleep 0.1; done
exit 0
E
chmod +x korea
record() { printf '{"type":"record","stream":"public.accounts","record":{"id":"%s","name":"%s","seats":%s,"town":"Seoul"}}\n' "$1" "$2" "$3"; }
gone() { printf '{"type":"tombstone","stream":"public.accounts","key":["%s"]}\n' "$1"; }
bookmark() { printf '{"type":"bookmark","value":"%s"}\n' "$1"; }
said() { tr -s ' ' <out; }

past() { printf '{"type":"record","stream":"public.accounts","record":{"id":"9","name":"%s","seats":1,"town":"Busan"},"modified_at":"%sT08:00:00Z"}\n' "$1" "$2"; }
{ past Past 2026-01-05; past "Past Ltd" 2026-02-02; }  >pull
printf '{"type":"tombstone","stream":"public.accounts","key":["9"],"removed_at":"2026-02-09T08:00:00Z"}\n' >>pull
{ record 1 Acme 3; record 2 Borg 4; record 3 Cobb 5; record 2 "Borg AG" 4; bookmark a; } >>pull
ok "a journal is read" "$tend" sync
equal "the later word counts" "Acme,Borg AG,Cobb" "$(sql w "SELECT name FROM accounts WHERE removed_at IS NULL ORDER BY name" | paste -sd,)"
id=$(sql w "SELECT id FROM accounts WHERE removed_at IS NOT NULL")
fails "one that is gone" 2 "$tend" show account 9
has "is said to be gone" "$(cat said)" "was removed on 2026-02-09; with --as-of and a day before it is shown as it was"
ok "it is there on a day before" "$tend" account show "#$id" --as-of 2026-02-05
ok "for both commands" "$tend" show account 9 --as-of 2026-01-10
equal "under the name of that day" "Past" "$(head -n 1 out)"

{ gone 3; gone 33; record 4 Dorn '"many"'; record 1 "Acme Ltd" 3; bookmark b; } >pull.a
fails "a pull with a record that cannot be taken" 1 "$tend" sync
has "tells removals apart" "$(said)" " korea 4 0 1 1 1 1 yes "
has "tells the reason" "$(said)" " korea public.accounts 3 seats many 'many' is not a whole number"
has "and the file to mend" "$(said)" "rejects/public.accounts.rejected.csv holds what was rejected: mend it and import it alone"
has "and what nobody knows" "$(said)" "removals of records that nobody knows: 1; do they name the key as the records do?"

sed -i s/many/8/ w/rejects/public.accounts.rejected.csv
ok "the mended file alone is enough" "$tend" import w/rejects/public.accounts.rejected.csv
has "tend knows whose it is" "$(cat said)" "records that source korea owes: imported as --source korea"
equal "it is there" "8" "$(sql w "SELECT seats FROM accounts WHERE name = 'Dorn'")"
ok "and nothing is owed" "$tend" status

mapping "city = town"
bookmark c >pull.b
ok "the mapping has a new field" "$tend" sync
has "that is said" "$(said)" "mapping erp was changed since the last pull; what came before is not mapped anew; tend sync korea --anew"
equal "the field is empty" "0" "$(sql w "SELECT count(*) FROM accounts WHERE city IS NOT NULL")"
{ cat pull pull.a pull.b | grep -v -e many -e '"9"'; record 4 Dorn 8; bookmark c; } >all
mv all pull
ok "the source is read anew" "$tend" sync korea --anew
equal "the field is there" "Acme Ltd,Borg AG,Dorn" "$(sql w "SELECT name FROM accounts WHERE city = 'Seoul' AND removed_at IS NULL ORDER BY name" | paste -sd,)"
ok "once more" "$tend" --json sync korea --anew
has "what has not changed stays" "$(tr -d '\n ' <out)" '"created":0,"updated":0,"removed":0'
fails "anew is for sources that are named" 2 "$tend" sync --anew
ok "undo of a sync" "$tend" undo "$(sql w "SELECT max(id) FROM batches WHERE what = 'sync'")"
has "says that the bookmark stays" "$(said)" "The bookmark of source korea stays where it is: what was undone does not come again by itself. When it shall: tend sync korea --anew"

{ record 7 Late 1; bookmark d; record 8 Later 1; } >pull.c
: >pull.waits
"$tend" sync >out 2>said &
child=$!
children=$child
for try in $(seq 300); do
    [ -e pull.told ] && break
    sleep 0.1
done
kill -TERM $child
wait $child
equal "told to end it ends" 1 $?
children=
has "and says so" "$(said)" "was broken off (what came before its last bookmark is stored)"
equal "which is so" "Late" "$(sql w "SELECT name FROM accounts WHERE name LIKE 'Late%'")"
finish
