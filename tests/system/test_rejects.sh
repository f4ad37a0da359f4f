#!/bin/sh
# What a source sends and nobody can take is neither lost nor forgotten: status counts it, the mended file settles it.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
export TEND_WORKSPACE="$work/w"
mkdir -p w/mappings
cat >w/mappings/crm.ini <<'E'
[mapping]
source = crm
[stream.accounts]
file = accounts
kind = account
key  = id
[fields.accounts]
name  = name
seats = seats
E
cat >w/tend.d/crm.ini <<E
[plugin.command]
grant = files, programs
[source.korea]
plugin  = command
mapping = crm
program = $work/korea
streams = accounts
environment = PULL=$work/pull
E
cat >korea <<'E'
#!/bin/sh
cat "$PULL${TEND_BOOKMARK:+.$TEND_BOOKMARK}"
E
chmod +x korea
record() { printf '{"type":"record","stream":"accounts","record":{"id":"%s","name":"%s","seats":%s}}\n' "$1" "$2" "$3"; }
bookmark() { printf '{"type":"bookmark","value":"%s"}\n' "$1"; }
{ record 1 Acme 3; record 2 Beta '"many"'; bookmark a; } >pull
{ record 3 Gamma '"few"'; bookmark b; } >pull.a
bookmark c >pull.b

fails "a pull with a record that cannot be taken" 1 "$tend" sync korea
has "says where it is shown" "$(cat out)" "see tend rejects list korea"
"$tend" sync >out 2>&1
"$tend" sync >out 2>&1
equal "the source went on" "c" "$(sql w "SELECT bookmark FROM bookmarks")"
fails "two pulls later status still needs somebody" 1 "$tend" status
has "with the number and the command" "$(tr -s ' ' <out)" " records of source korea were rejected 2 tend rejects list korea"
ok "the list" "$tend" rejects list korea
list=$(tr -s ' ' <out)
has "has record, place, reason and file" "$list" " korea accounts 2 2 seats 'many' is not a whole number; write digits only, as in 1234"
has "for each" "$list" "rejects/accounts.rejected-2.csv"
has "and the command that takes the mended file" "$list" "Mend rejects/accounts.rejected.csv (1), then: tend import --source korea rejects/accounts.rejected.csv"
sed -i s/many/8/ w/rejects/accounts.rejected.csv
ok "it takes it" "$tend" import --source korea w/rejects/accounts.rejected.csv
equal "one is left" "3" "$("$tend" --csv rejects list | tail -n +2 | cut -d, -f3)"
{ record 3 Gamma 5; record 2 Beta 9; bookmark d; } >pull.c
ok "the source corrects the other, and goes on with the mended one" "$tend" sync korea
equal "as the row it was" "Acme|3 Beta|9 Gamma|5" "$(sql w "SELECT name, seats FROM accounts ORDER BY name" | tr '\n' ' ' | sed 's/ $//')"
ok "nothing needs somebody any more" "$tend" status

{ echo 'Loading 3 records …'; record 4 Delta 1; bookmark e; } >pull.d
fails "a line that is no message" 1 "$tend" sync korea
has "is said" "$(cat out)" "1 message cannot be read, rejects/accounts.reasons"
equal "the rest is stored" 1 "$(sql w "SELECT count(*) FROM accounts WHERE name = 'Delta'")"
equal "and the bookmark stays before it" "d" "$(sql w "SELECT bookmark FROM bookmarks")"
fails "status says so" 1 "$tend" status
has "the list shows what it is" "$("$tend" rejects list korea | tr -s ' ')" " korea accounts ?unread"
{ record 5 Epsilon 1; record 4 Delta 1; bookmark e; } >pull.d
ok "mended, it comes again" "$tend" sync korea
equal "with what the line was" 1 "$(sql w "SELECT count(*) FROM accounts WHERE name = 'Epsilon'")"

{ record 6 Zeta '"x"'; record Epsilon-2 Eta '"y"'; bookmark f; } >pull.e
"$tend" sync korea >out 2>&1
ok "a person's data go" "$tend" account erase Epsilon --yes
equal "also where a source owes them" 6 "$(sql w "SELECT key FROM owed_records")"
fails "an unknown record cannot be done without" 2 "$tend" rejects drop korea 99
equal "and is named" "source korea: owes no record '99'; tend rejects list shows them" "$(cat said)"
ok "another can" "$tend" rejects drop korea 6
ok "and nothing needs somebody" "$tend" status
{ echo 'Loading 1 record …'; record 7 Theta 1; bookmark g; } >pull.f
fails "another line that is no message" 1 "$tend" sync korea
ok "can be done without" "$tend" rejects drop korea
fails "then the source goes on, and still says what was rejected" 1 "$tend" sync korea
equal "behind it" "g" "$(sql w "SELECT bookmark FROM bookmarks")"
ok "and nobody has to look" "$tend" status
fails "files of a source that is none" 2 "$tend" import --source kroea w/rejects/accounts.rejected.csv
equal "are refused" "tend import: there is no section [source.kroea]; tend status lists the sources" "$(cat said)"
finish
