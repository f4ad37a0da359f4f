#!/bin/sh
# Small things that made people stumble: each says what it did, what is wrong, and what to type.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
export TEND_WORKSPACE="$work/w"
fails "a file that is not there" 2 "$tend" import --mapping sample nofile.csv
equal "is called that, whatever its name" "$work/nofile.csv: cannot be read: No such file or directory" "$(cat said)"
ok "a colleague" "$tend" user add "Kim Lee" email=a@a.example
ok "another of the same name" "$tend" user add "Kim Lee" email=b@a.example
equal "is added, and it is said" "user #1 is called Kim Lee, too: in commands name both by e-mail address or #ID" "$(cat said)"
ok "an account" "$tend" add account name=Acme
ok "an export" "$tend" account export Acme --out a.json
fails "a second one" 2 "$tend" account export Acme --out a.json
equal "leaves the first alone" "a.json: is there already and is left alone; name another file" "$(cat said)"
ok "more accounts" "$tend" add account name=Bolt region=EMEA tier=gold
ok "and one" "$tend" add account name=Cork region=EMEA
ok "a dry run of set --where" "$tend" --dry-run set account --where 'region = EMEA' tier=gold
has "says how many" "$(cat out)" "1 of 2 accounts written (dry run: nothing was written)"
has "which would be changed, and what stood there" "$(tr -s ' ' <out)" " Cork would be updated tier nothing"
has "and which not" "$(tr -s ' ' <out)" " Bolt stays as it is tier gold"
ok "two contacts" "$tend" add contact account=Acme name="Julia Meyer"
ok "of one name" "$tend" add contact account=Bolt name="Julia Meyer"
fails "cannot be told apart by it" 2 "$tend" show contact "Julia Meyer"
equal "but by their accounts" "Julia Meyer: several contacts are called so: #1 Julia Meyer (Acme), #2 Julia Meyer (Bolt); name one by its #id" "$(cat said)"
sqlite3 w/tend.db "INSERT INTO outbox (id, once_key, channel, recipient, user, subject, text, language, payload, account, run, cause, batch, principal, created_at, state, attempts, next_at) VALUES (7, 'k', 'mail', 'x@y.example', 0, 's', 't', 'en', '{}', 0, 0, 0, 0, 'root', 0, 'dead', 8, 0)"
ok "a message is tried again" "$tend" outbox release 7
has "and that is said" "$(cat out)" "Message 7 waits again; the engine tries it with its next step."
has "with what it still waits for" "$(cat out)" "no sink takes channel mail"
ok "or it is not to leave" "$tend" outbox drop 7
has "and that is said, too" "$(cat out)" "Message 7 will not leave."
ok "it can be let go again, by the older name of the command" "$tend" outbox retry 7
has "which says the same" "$(cat out)" "Message 7 waits again; the engine tries it with its next step."
ok "help is a word as well" "$tend" help account show
has "and explains" "$(cat out)" "tend account show"
fails "of nothing" 2 "$tend" help accuont
ok "so is version" "$tend" version
mkdir "a b"
ok "a folder with a blank" "$tend" -C "a b" init
has "is quoted where it is to be typed" "$(cat out)" "tend -C '$work/a b' mapping new FILE.csv"
"$tend" --log debug once >out 2>said
has "--log debug says what the engine does" "$(cat said)" "debug  engine  a part of a step"
has "and which hosts it starts" "$(cat said)" "debug  plugins  a host is started"
mkdir foreign && cp w/tend.ini foreign/ && sqlite3 foreign/tend.db 'PRAGMA application_id = 1; CREATE TABLE x (a)'
fails "doctor on a store of another program" 1 "$tend" -C foreign doctor
has "names that" "$(tr -s ' ' <out)" " store fault $work/foreign/tend.db: is a database of another program"
has "and looks at the rest" "$(tr -s ' ' <out)" " tend-sandbox ok "
has "the configuration as well" "$(tr -s ' ' <out)" " configuration ok "
finish
